"""From where users are registered to targets (RFC 3261 §16.5, RFC 5626 §7)."""

from __future__ import annotations

import ipaddress
from typing import TYPE_CHECKING

import attrs

from ..errors import ParseError
from ..message import Uri, parse_uri
from ..register import leads_nowhere, way_to
from .targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import AnyUri, Request
    from ..register import Binding

__all__ = ["goes_by_flow_only", "is_behind_its_flow", "phone_targets"]


def phone_targets(bindings: Iterable[Binding]) -> list[Target]:
    """Return the targets that lead to phones, one for each, with its other ways as spares.

    Each is called by the way that it registered by; those of the same q are called together.

    Args:
        bindings: Those of one user, the preferred first.
    """
    phones: dict[str, list[Target]] = {}
    for number, binding in enumerate(bindings):
        phones.setdefault(binding.instance or f"#{number}", []).append(_target(binding))
    return [attrs.evolve(first, spares=tuple(others)) for first, *others in phones.values()]


def _target(binding: Binding) -> Target:
    way = way_to(binding)
    return Target(
        uri=way.uri,
        q=way.q,
        routes=way.routes,
        flow=way.flow,
        usual_flow=way.usual_flow,
        params=binding.params,
    )


def goes_by_flow_only(target: Target) -> bool:
    """Return whether what follows in a dialog has to take the flow to a target as well.

    A phone that was called by a connection it opened is behind a NAT when its Contact names another number.
    """
    if target.flow is not None:
        return True
    return target.usual_flow is not None and _names_another_host(parse_uri(target.uri), target.usual_flow)


def is_behind_its_flow(request: Request, source: Endpoint) -> bool:
    """Return whether who sent a request is reached by nothing but the flow that it came by.

    It says so (RFC 5626 §4.3, §5.1), or its Contact leads nowhere.

    Args:
        request: A request as it was received, from its sender or from another proxy, which has its own ways.
        source: Where it came from.
    """
    try:
        contacts = request.contacts if len(request.vias) == 1 else []
    except ParseError:
        return False  # the phone that gets it may complain
    uri = contacts[0].uri if len(contacts) == 1 else None
    if not isinstance(uri, Uri):
        return False
    if uri.param("ob") is not None or leads_nowhere(request, uri, source):
        return True
    return source.reliable and _names_another_host(uri, source)


def _names_another_host(uri: AnyUri, flow: Endpoint) -> bool:
    """Return whether a URI names a number that is not the one at the end of a flow."""
    try:
        return isinstance(uri, Uri) and ipaddress.ip_address(uri.host) != ipaddress.ip_address(flow.host)
    except ValueError:
        return False
