"""Who may register with us, and where that is remembered: options of each verb that is a registrar."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

import attrs

from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.registrar_config import RegistrarConfig
from trio_runtime.cli.failures import UsageError
from trio_runtime.cli.flags import values

__all__ = ["PHONE_OPTIONS", "add_phones", "phones_of"]

PHONE_OPTIONS = ("--user", "--users", "--anonymous", "--realm", "--store")
"""What is of no use without a registrar."""


def add_phones(parser: ArgumentParser) -> None:
    """Add who may register, and the store."""
    users = parser.add_argument_group("who may register")
    users.add_argument(
        "--user",
        metavar="NAME:PASSWORD",
        action="append",
        default=[],
        type=values.name_and_password,
        help="a user; again for more",
    )
    users.add_argument("--users", metavar="FILE", type=Path, help="file with NAME:PASSWORD on each line")
    users.add_argument("--anonymous", action="store_true", help="let everybody in, without a password")
    users.add_argument("--realm", metavar="R", help="realm of the challenge (default: the first domain)")
    users.add_argument(
        "--store",
        metavar="WHERE",
        default="memory",
        help="where registrations outlive this program: sqlite:FILE or redis://HOST (default memory)",
    )


def phones_of(options: Namespace, domains: Sequence[str], base: RegistrarConfig | None) -> RegistrarConfig:
    """Return what the flags say, and before them what the configuration says.

    Args:
        options: The command line.
        domains: What stands behind the @ of those who register; none for those of ``base``.
        base: The configuration of a registrar in a file, or ``None``.

    Raises:
        UsageError: Nobody may register, or a value cannot be used.
    """
    try:
        return _phones(options, domains, base)
    except ConfigurationError as error:
        if error.field == "users":
            raise UsageError("nobody may register: --user, --users or --anonymous is needed") from error
        raise UsageError(f"--{error}") from error


def _phones(options: Namespace, domains: Sequence[str], base: RegistrarConfig | None) -> RegistrarConfig:
    changes: dict[str, object] = {"domains": tuple(domains)} if domains else {}
    if users := dict([*_users_in(options.users), *options.user]):
        changes["users"] = users
    for name in ("realm", "anonymous", "store"):
        if f"--{name}" in options.given:
            changes[name] = getattr(options, name)
    if base is None:
        return RegistrarConfig(**changes)  # type: ignore[arg-type]
    return attrs.evolve(base, **changes)  # type: ignore[arg-type]


def _users_in(path: Path | None) -> list[tuple[str, str]]:
    if path is None:
        return []
    try:
        lines = path.read_text(encoding="utf-8").splitlines()
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(f"--users {path} cannot be read: {error}") from error
    found: list[tuple[str, str]] = []
    for number, line in enumerate(lines, 1):
        name, colon, password = line.partition(":")
        if not line.strip() or line.startswith("#"):
            continue
        if not (colon and name):
            raise UsageError(f"--users {path}: line {number} is not of the form NAME:PASSWORD")
        found.append((name, password))
    return found
