"""Whether requests in a dialog may go by the connection that its messages come by (RFC 5626 §4.3)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..message import Request, Uri, parse_uri

if TYPE_CHECKING:
    from ..machine import Endpoint
    from ..message import Message

__all__ = ["flow_of"]


def flow_of(message: Message, remote_target: str, route_set: tuple[str, ...]) -> Endpoint | None:
    """Return the flow of a message where what comes next in the dialog has to go the same way.

    A phone behind a NAT or in a browser can be reached by no other way. But the element at the far end has to
    be the next one of the dialog too: with a route set it is a proxy that stays on the way; without one it is
    the peer itself, or else a proxy that wants to see nothing more (RFC 3261 §16.6 item 4). A request that
    no proxy has touched has one Via; a response shows it only by the address in its Contact.

    Args:
        message: What came.
        remote_target: URI of the peer as it is known now.
        route_set: Routes of the dialog.
    """
    flow = message.source
    if flow is None or flow.flow is None:
        return None
    if route_set:
        return flow
    if isinstance(message, Request):
        return flow if len(message.vias) == 1 else None
    uri = parse_uri(remote_target)
    host = uri.host.lower() if isinstance(uri, Uri) else ""
    # RFC 7118 §5: a client that listens nowhere makes up a name that no DNS knows.
    return flow if host == flow.host or host.endswith(".invalid") else None
