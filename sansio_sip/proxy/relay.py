"""Forwarding without state: ACK, a CANCEL for nothing, all of a stateless proxy (RFC 3261 §16.11)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..outbound import next_hop
from .admission import admit
from .branch_id import stateless_branch
from .forwarding import Forwarded, forward
from .record_route import add_record_route
from .targets import Later, Reply, TargetSet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from ..machine import Endpoint
    from ..message import Request
    from .shared import Shared
    from .targets import Target

__all__ = ["relay"]


def relay(request: Request, source: Endpoint, shared: Shared, *, whole: bool = False) -> Reply | None:
    """Forward a request to one target, every copy of it in the same way.

    Args:
        request: The request as it was received.
        source: Where it came from.
        shared: What the parts of the proxy share.
        whole: Whether this is all that happens to the request. One that came over a stream is then not
            sent on over UDP, where somebody would have to repeat it (§16.1).

    Returns:
        What refuses the request, or None when it has been forwarded.

    Raises:
        ParseError: A header field that routing needs cannot be read.
    """
    admitted = admit(request, source, shared)
    if isinstance(admitted, Reply):
        return admitted
    target = _first_target(admitted.routing, shared)
    if isinstance(target, Reply):
        return target
    breadth = 0 if request.method == "CANCEL" else admitted.breadth
    forwarded = forward(admitted.request, target, breadth)
    reply = _check_hop(forwarded, target, source, whole=whole)
    if reply is None:
        _send(request, source, forwarded, target, shared)
    return reply


def _check_hop(forwarded: Forwarded, target: Target, source: Endpoint, *, whole: bool) -> Reply | None:
    if target.flow is not None:
        transport = target.flow.transport
    else:
        try:
            transport = next_hop(forwarded.next_hop).transport
        except LocalProtocolError:
            return Reply(416)
    return Reply(500) if whole and source.reliable and transport == "UDP" else None


def _send(request: Request, source: Endpoint, forwarded: Forwarded, target: Target, shared: Shared) -> None:
    def finish(copy: Request, endpoint: Endpoint) -> str:
        add_record_route(
            copy, source, endpoint, shared.identity, flows=shared.flows, wanted=shared.config.record_route
        )
        return stateless_branch(request)

    shared.counters.relayed += 1
    shared.outbound.send(
        forwarded.request, None, shared.now, forwarded.next_hop, finish=finish, flow=target.flow
    )


def _first_target(routing: Sequence[Target] | Later, shared: Shared) -> Target | Reply:
    """Return the one target that a request without state goes to: the first of the most preferred."""
    if isinstance(routing, Later):
        return Reply(500)
    targets = TargetSet(shared.config.max_targets)
    targets.add(routing)
    group = targets.next_group()
    return group[0] if group else Reply(480)
