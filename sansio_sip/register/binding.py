"""One contact of a user at the registrar (RFC 3261 §10.3, RFC 3327 §5.3, RFC 5626 §6)."""

from __future__ import annotations

from typing import TYPE_CHECKING

import attrs

from ..message import NameAddr, Params, parse_uri, quote_string

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint

__all__ = ["Binding", "by_preference", "one_per_instance"]


@attrs.frozen(kw_only=True)
class Binding:
    """A contact, where it came from and how long it holds.

    Attributes:
        contact: URI of the contact.
        params: Contact parameters as received, but for ``expires`` and the GRUUs, which are the registrar's.
        q: Preference from 0 to 1.
        expires_at: Absolute time in seconds at which it ends.
        updated_at: When it was last registered.
        call_id: Call-ID of that request.
        cseq: CSeq number of that request.
        path: Route values towards the contact, topmost first (RFC 3327 §5.3).
        source: Where that request came from.
        outbound: Whether requests have to use the flow of ``source`` or the path to it (RFC 5626).
        by_source: Whether only ``source`` leads to it: its contact is behind a NAT, or listens nowhere.
        instance: Instance ID of the phone, without brackets, or empty.
        reg_id: Number of the flow, or None.
        user_agent: What the phone calls itself.
    """

    contact: str
    params: Params = ()
    q: float = 1.0
    expires_at: float
    updated_at: float
    call_id: str
    cseq: int
    path: tuple[str, ...] = ()
    source: Endpoint
    outbound: bool = False
    by_source: bool = False
    instance: str = ""
    reg_id: int | None = None
    user_agent: str = ""

    def contact_value(self, now: float, pub_gruu: str = "") -> str:
        """Return the binding as a Contact value with the seconds that remain (RFC 3261 §10.3, step 8)."""
        # A thousandth makes up for the rounding of floats; a live binding never shows zero.
        remaining = max(1, int(self.expires_at - now + 0.001))
        params: Params = (*self.params, ("expires", str(remaining)))
        if pub_gruu and self.instance:
            params = (*params, ("pub-gruu", quote_string(pub_gruu)))
        return str(NameAddr(parse_uri(self.contact), "", params))


def by_preference(bindings: Iterable[Binding]) -> list[Binding]:
    """Return bindings in the order in which to try them: higher ``q`` first, then the newer one."""
    return sorted(bindings, key=lambda binding: (-binding.q, -binding.updated_at))


def one_per_instance(bindings: Iterable[Binding]) -> list[Binding]:
    """Return bindings without the spare flows of a phone that is in the list already (RFC 5626 §7).

    The first flow of each phone stays; when it fails with 430 the next of the same instance is tried.
    """
    seen: set[str] = set()
    chosen: list[Binding] = []
    for binding in bindings:
        if binding.instance not in seen:
            chosen.append(binding)
            if binding.instance:
                seen.add(binding.instance)
    return chosen
