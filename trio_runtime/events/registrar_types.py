"""What a coordinator publishes of the phones that register with it."""

from __future__ import annotations

import attrs

__all__ = ["ContactRegistered", "ContactRemoved", "RegisterRefused", "StoreFailed"]


@attrs.frozen
class ContactRegistered:
    """A phone has registered, or registered again.

    Attributes:
        address: Address of record.
        contact: URI of the phone.
        expires: Seconds for which it holds.
        refreshed: Whether it was there before.
        source: Where it came from, as ``transport:host:port``.
        user_agent: What it calls itself.
        username: Whose password it knows, empty when nobody asked.
    """

    address: str
    contact: str
    expires: int
    refreshed: bool
    source: str
    user_agent: str
    username: str


@attrs.frozen
class ContactRemoved:
    """A phone is registered no more.

    Attributes:
        address: Address of record.
        contact: URI of the phone.
        cause: ``unregistered``, ``expired``, or ``flow-failed`` for a connection that broke.
        left: How many phones the address has left.
    """

    address: str
    contact: str
    cause: str
    left: int


@attrs.frozen
class RegisterRefused:
    """A phone could not register.

    Attributes:
        address: Value of its To header.
        status_code: Status of the answer.
        reason: Why.
        username: The name that it gave, empty without one.
    """

    address: str
    status_code: int
    reason: str
    username: str


@attrs.frozen
class StoreFailed:
    """The store of the registrar could not be read or written; it is tried again.

    Attributes:
        error: What happened.
        waiting: Addresses whose bindings are not in it yet.
    """

    error: str
    waiting: int
