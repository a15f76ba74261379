"""Who may register with us, and where that is remembered."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

import attrs

from sansio_sip.auth import DigestServerConfig, Secret
from trio_runtime.base.errors import ConfigurationError
from trio_runtime.base.inbound_config import InboundConfig
from trio_runtime.base.register_request import RegisterRefusal, RegisterRequest
from trio_runtime.base.registrar_store import RegistrarStore
from trio_runtime.base.user_secrets import UserRegistry, read_users
from trio_runtime.base.validation import between, each, flag, text

__all__ = ["RegisterHook", "RegistrarConfig"]

_MAX_EXPIRES = 2**32 - 1
RegisterHook = Callable[[RegisterRequest], RegisterRefusal | Awaitable[RegisterRefusal | None] | None]
"""Lets a REGISTER through with ``None``, or refuses it."""


def _users(_: object, attribute: attrs.Attribute[Any], value: tuple[tuple[str, Secret], ...]) -> None:
    names = [name for name, _ in value]
    if not all(names) or len(set(names)) < len(names):
        raise ConfigurationError("has a user without a name, or one twice", field=attribute.name)


def _store(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if isinstance(value, str):
        if value == "memory" or value.startswith(("sqlite:", "redis://", "rediss://")):
            return
        # Not the value: it may hold a password.
        raise ConfigurationError("must be memory, sqlite:FILE, redis://… or a store", field=attribute.name)
    if not hasattr(value, "opened"):
        raise ConfigurationError("must be memory, sqlite:FILE, redis://… or a store", field=attribute.name)


def _function(_: object, attribute: attrs.Attribute[Any], value: object) -> None:
    if value is not None and not callable(value):
        raise ConfigurationError("must be a function", field=attribute.name)


def _realm(_: object, attribute: attrs.Attribute[Any], value: str | None) -> None:
    try:
        DigestServerConfig(realm="x" if value is None else value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"cannot be asked for: {value!r}", field=attribute.name) from error


def _algorithms(_: object, attribute: attrs.Attribute[Any], value: tuple[str, ...]) -> None:
    try:
        DigestServerConfig(realm="x", algorithms=value)
    except (ValueError, TypeError, AttributeError) as error:
        raise ConfigurationError(f"cannot be offered: {value!r}", field=attribute.name) from error


@attrs.frozen(kw_only=True)
class RegistrarConfig:
    """A registrar for the phones of some domains.

    Functions are for programs; a file can have everything else.

    Attributes:
        domains: Hosts behind the @ of the addresses that are registered here; calls to them go to the phones.
        realm: Realm of the challenge; None is the first domain.
        users: Passwords by user name, given as a dict, or hashes: `{"md5": …, "sha-256": …}`; never shown.
        registry: Function that gives the password, or hashes, of a user who is not among `users`.
        anonymous: Whether everybody may register without a password.
        algorithms: Digest algorithms that are offered, the preferred first. Phones that know MD5 only, as
            baresip 1.0, give up where SHA-256 stands before it; where all know it, offer `SHA-256` alone.
        owns: Function that tells whether a user name may register an address of record; None is its own.
        decide: Function, plain or async, that is asked about each change and may refuse it; None asks nobody.
        store: Where registrations outlive the process: `memory`, `sqlite:FILE`, `redis://HOST/…`, or a store.
        store_patience: Seconds that a phone waits for the store, or for `decide`, before it gets 503.
        min_expires: Seconds below which a registration is too brief.
        default_expires: Seconds for a phone that asks for no time.
        max_expires: Seconds that are never exceeded.
        max_contacts: Phones of one address; one more gets 403.
        max_addresses: Addresses with phones; one more gets 503.
    """

    domains: tuple[str, ...] = attrs.field(validator=each(text))
    realm: str | None = attrs.field(default=None, validator=_realm)
    users: tuple[tuple[str, Secret], ...] = attrs.field(
        default=(), converter=read_users, validator=_users, repr=False
    )
    registry: UserRegistry | None = attrs.field(default=None, validator=_function)
    anonymous: bool = attrs.field(default=False, validator=flag)
    algorithms: tuple[str, ...] = attrs.field(default=("MD5",), validator=_algorithms)
    owns: Callable[[str, str], bool] | None = attrs.field(default=None, validator=_function)
    decide: RegisterHook | None = attrs.field(default=None, validator=_function)
    store: str | RegistrarStore = attrs.field(default="memory", validator=_store, repr=False)
    store_patience: float = attrs.field(default=10.0, validator=between(0.1, 31, " s"))
    min_expires: int = attrs.field(default=60, validator=between(1, _MAX_EXPIRES, " s"))
    default_expires: int = attrs.field(default=3_600, validator=between(1, _MAX_EXPIRES, " s"))
    max_expires: int = attrs.field(default=7_200, validator=between(1, _MAX_EXPIRES, " s"))
    max_contacts: int = attrs.field(default=10, validator=between(1))
    max_addresses: int = attrs.field(default=100_000, validator=between(1))

    def __attrs_post_init__(self) -> None:
        """Check what concerns several fields."""
        if not (self.users or self.registry or self.anonymous):
            raise ConfigurationError("there are none, no registry, and not anonymous=True", field="users")
        if not self.min_expires <= self.default_expires <= self.max_expires:
            raise ConfigurationError("must lie between min_expires and max_expires", field="default_expires")
        needed = {name.lower().removesuffix("-sess") for name in self.algorithms}
        for name, secret in self.users:
            if secret.password is None and not needed <= secret.hashes.keys():
                missing = ", ".join(sorted(needed - secret.hashes.keys()))
                raise ConfigurationError(f"{name} has no hash for {missing}, which is offered", field="users")

    def check_with(self, inbound: InboundConfig | None) -> None:
        """Check that phones and callers are asked for the same realm, where both are asked."""
        if inbound is not None and inbound.realm != self.challenge_realm:
            raise ConfigurationError(f"asks for the realm {self.challenge_realm!r}", field="inbound")

    @property
    def challenge_realm(self) -> str:
        """The realm that phones are asked for."""
        return self.realm or self.domains[0]
