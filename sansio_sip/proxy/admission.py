"""Everything up to the targets of a request: RFC 3261 §16.3 to §16.5."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from .branch_id import loop_mark
from .phones import flow_back
from .preprocessing import preprocess
from .record_route import FlowUse
from .rewriting import without_credentials
from .targets import Later, Reply, Target
from .validation import incoming_breadth, inspect

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..machine import Endpoint
    from ..message import Request
    from .shared import Shared
    from .targets import Routing

__all__ = ["Admitted", "admit"]


def _goes_on(request: Request) -> bool:
    """Whether a request belongs to something that was let through before."""
    return bool(request.to_tag) or request.method in ("ACK", "CANCEL")


class Admitted(NamedTuple):
    """A request that may be forwarded.

    Attributes:
        request: The request without what was meant for this proxy.
        mark: Its `loop_mark`.
        breadth: How many branches at once it may have.
        routing: Its targets.
        registers: Whether it is for our registrar, which needs no targets.
        flow_back: How requests in a dialog reach its sender.
    """

    request: Request
    mark: str
    breadth: int
    routing: Sequence[Target] | Later
    registers: bool = False
    flow_back: FlowUse = FlowUse.NONE


def admit(request: Request, source: Endpoint, shared: Shared) -> Admitted | Reply:
    """Validate a request, preprocess its routes and find its targets.

    Args:
        request: The request as it was received; it is not changed.
        source: Where it came from.
        shared: What the parts of the proxy share.

    Returns:
        The request with its targets, or what refuses it.

    Raises:
        ParseError: A header field that matters here cannot be read.
    """
    mark = loop_mark(request, source)
    reply = inspect(request, source, mark, shared.config, shared.identity, shared.authorize)
    if reply is not None:
        return reply
    routed, flow, reply = preprocess(request, source, shared.identity, shared.flows)
    if reply is not None:
        return reply
    if shared.config.authentication is not None:
        routed = without_credentials(routed, shared.config.authentication.digest.realm)
    routing: Routing | Later = [Target(uri=routed.uri, flow=flow)]
    is_ours = shared.is_responsible(routed)
    if not (is_ours or flow is not None or shared.config.relay_foreign or _goes_on(routed)):
        return Reply(403)
    registers = flow is None and is_ours and shared.registers(routed)
    if flow is None and is_ours and not registers:
        found = shared.targets(routed, source)
        routing = found if isinstance(found, Later) else shared.prefer(routed, found)
    back = FlowUse.NONE if shared.registrations is None else flow_back(request, source)
    return (
        routing
        if isinstance(routing, Reply)
        else Admitted(routed, mark, incoming_breadth(request, shared.config), routing, registers, back)
    )
