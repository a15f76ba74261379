"""From where users are registered to targets (RFC 3261 §16.5, RFC 5626 §7)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import ParseError
from ..message import Uri
from ..register import leads_nowhere, way_to
from .record_route import FlowUse
from .targets import Target

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..machine import Endpoint
    from ..message import Request
    from ..register import Binding

__all__ = ["flow_back", "flow_to", "phone_targets"]


def phone_targets(bindings: Iterable[Binding]) -> list[Target]:
    """Return the targets that lead to phones, one for each, with its other ways as spares.

    Each is called by the way that it registered by; those of the same q are called together.

    Args:
        bindings: Those of one user, the preferred first.
    """
    phones: dict[str, list[Binding]] = {}
    for number, binding in enumerate(bindings):
        phones.setdefault(binding.instance or f"#{number}", []).append(binding)
    return [_target(first, tuple(map(_target, others))) for first, *others in phones.values()]


def _target(binding: Binding, spares: tuple[Target, ...] = ()) -> Target:
    way = way_to(binding)
    return Target(
        uri=way.uri,
        q=way.q,
        routes=way.routes,
        flow=way.flow,
        usual_flow=way.usual_flow,
        params=binding.params,
        spares=spares,
    )


def flow_to(target: Target) -> FlowUse:
    """Return how what follows in a dialog reaches a target: by the flow that the first request took."""
    if target.flow is not None:
        return FlowUse.ONLY
    return FlowUse.NONE if target.usual_flow is None else FlowUse.USUAL


def flow_back(request: Request, source: Endpoint) -> FlowUse:
    """Return how requests reach who sent one: by its flow, if it says so or its Contact leads nowhere.

    A connection is used while it lasts: nobody knows whether anybody listens where its Contact leads.

    Args:
        request: A request as it was received, from its sender or from another proxy, which has its own ways.
        source: Where it came from.
    """
    try:
        contacts = request.contacts if len(request.vias) == 1 else []
    except ParseError:
        return FlowUse.NONE  # the phone that gets it may complain
    uri = contacts[0].uri if len(contacts) == 1 else None
    if not isinstance(uri, Uri):
        return FlowUse.NONE
    if uri.param("ob") is not None or leads_nowhere(request, uri, source):  # RFC 5626 §4.3, §5.1
        return FlowUse.ONLY
    return FlowUse.USUAL if source.reliable else FlowUse.NONE
