"""Passwords of users, or the hashes that are kept instead of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Protocol

from sansio_sip.auth import Secret
from trio_runtime.base.errors import ConfigurationError

__all__ = ["UserRegistry", "UserSecret", "read_secret", "read_users"]

UserSecret = str | Mapping[str, str] | Secret
"""A password, or hashes by algorithm: ``{"md5": …, "sha-256": …}``, the H(A1) of RFC 7616 §3.4.2."""


class UserRegistry(Protocol):
    """Knows users that stand in no configuration, as those of a database; it is asked while a request waits.

    It must not block: what is not at hand has to be fetched beforehand.
    """

    def __call__(self, username: str, realm: str) -> UserSecret | None:
        """Return what is known of a user, ``None`` for an unknown one."""
        ...


def read_secret(value: object) -> Secret:
    """Return a secret in its one form.

    Raises:
        ValueError: It is neither a password nor hashes by algorithm; the message shows nothing of it.
    """
    if isinstance(value, Secret):
        return value
    if isinstance(value, str):
        return Secret(value)
    if isinstance(value, Mapping):
        try:
            return Secret(None, {str(name).lower(): str(digest).lower() for name, digest in value.items()})
        except ValueError as error:
            raise ValueError(f"has hashes of another kind than md5, sha-256, sha-512-256: {error}") from error
    raise ValueError("must be passwords by user name, or hashes by algorithm")


def read_users(value: Any) -> tuple[tuple[str, Secret], ...]:
    """Return the users of a configuration, given as a table of secrets by name.

    Raises:
        ConfigurationError: It is none, or a secret is none.
    """
    items = list(value.items()) if isinstance(value, Mapping) else value
    if not isinstance(items, list | tuple) or not all(
        isinstance(each, list | tuple) and len(each) == 2 for each in items
    ):
        raise ConfigurationError("must be passwords by user name", field="users")
    try:
        return tuple([(str(name), read_secret(each)) for name, each in items])
    except ValueError as error:
        raise ConfigurationError(str(error), field="users") from error
