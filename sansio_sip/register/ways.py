"""From bindings to the ways that requests take to them (RFC 3327 §5.3, RFC 5626 §5.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog.mapped import mapped_hop
from ..message import Uri
from ..outbound import Way

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import AnyUri, Request
    from .binding import Binding

__all__ = ["leads_nowhere", "phones_by_preference", "way_to"]


def leads_nowhere(request: Request, contact: AnyUri, source: Endpoint) -> bool:
    """Return whether a contact cannot be reached by its own address, only by where its REGISTER came from.

    It names a host that no DNS knows, as WebSocket clients do (RFC 7118 §5), or an address behind a NAT.

    Args:
        request: The REGISTER.
        contact: URI of the contact.
        source: Where the request came from.
    """
    if not isinstance(contact, Uri) or request.get("path"):
        return False
    if contact.host.lower().endswith(".invalid"):
        return True
    request.source = source
    return bool(mapped_hop(request, str(contact), ()))


def way_to(binding: Binding) -> Way:
    """Return how a request reaches a binding.

    With a Path it goes to the first element of that. Without one it goes by the flow of the REGISTER where
    that was registered or where nothing else leads there; else to the contact, over the connection
    of the REGISTER while that is there.
    """
    source, fixed = binding.source, binding.outbound or binding.by_source
    direct = not binding.path
    return Way(
        uri=binding.contact,
        routes=binding.path,
        flow=source if direct and fixed else None,
        usual_flow=source if direct and not fixed and source.reliable else None,
        instance=binding.instance,
        q=binding.q,
    )


def phones_by_preference(ways: Iterable[Way]) -> list[list[tuple[Way, ...]]]:
    """Return the phones of a user, each with all ways to it, in groups of the same q, the highest first.

    The phones of one group are tried together, those of the next one when they have failed (RFC 3261 §16.6
    item 4, RFC 5626 §7).
    """
    groups: dict[float, dict[str, list[Way]]] = {}
    for number, way in enumerate(ways):
        phones = groups.setdefault(way.q, {})
        phones.setdefault(way.instance or f"#{number}", []).append(way)
    return [[tuple(phone) for phone in groups[q].values()] for q in sorted(groups, reverse=True)]
