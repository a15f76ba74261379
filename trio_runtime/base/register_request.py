"""What a function of the application decides about: a REGISTER that would change something."""

from __future__ import annotations

import attrs

__all__ = ["RegisterRefusal", "RegisterRequest"]


@attrs.frozen(kw_only=True)
class RegisterRequest:
    """A REGISTER that was let in by its password, and waits.

    Attributes:
        address: Address of record.
        username: Whose password the phone knows, empty when nobody asked.
        contacts: URIs that the address would have then, the preferred first.
        removed: URIs that would be gone.
        source: Where it came from, as ``transport:host:port``.
        user_agent: What the phone calls itself.
        headers: All header fields as names and values.
    """

    address: str
    username: str
    contacts: tuple[str, ...]
    removed: tuple[str, ...]
    source: str
    user_agent: str
    headers: tuple[tuple[str, str], ...]


@attrs.frozen
class RegisterRefusal:
    """The answer to a REGISTER that is not wanted.

    Attributes:
        status_code: 300 to 699.
        reason: Phrase; the registered one when empty.
        headers: More header fields.
    """

    status_code: int = 403
    reason: str = ""
    headers: tuple[tuple[str, str], ...] = ()
