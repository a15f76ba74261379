"""The subscriber's side of the dialog that a NOTIFY opens (RFC 6665 §4.4.1)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..dialog import Dialog
from ..dialog.flow import flow_of
from ..dialog.route import as_request_uri, checked_routes
from ..errors import RemoteProtocolError
from .sendable import require_sendable_dialog

if TYPE_CHECKING:
    from ..message import Request

__all__ = ["dialog_from_notify"]


def dialog_from_notify(subscribe: Request, notify: Request) -> Dialog:
    """Make the dialog; its route set is that of the NOTIFY, not that of the 2xx.

    Args:
        subscribe: The SUBSCRIBE that it answers to.
        notify: The first NOTIFY of one notifier.

    Raises:
        RemoteProtocolError: The NOTIFY has no Contact, or one or a Record-Route that cannot be read.
    """
    contacts = notify.contacts
    if not contacts:
        raise RemoteProtocolError("the NOTIFY has no Contact to answer to")
    target, routes = as_request_uri(contacts[0].uri), checked_routes(notify.record_routes)
    dialog = Dialog(
        call_id=subscribe.call_id,
        local=subscribe.get("from") or "",
        local_tag=subscribe.from_tag,
        remote=notify.get("from") or "",
        remote_tag=notify.from_tag,
        local_cseq=subscribe.cseq.number,
        remote_cseq=notify.cseq.number,
        remote_target=target,
        route_set=routes,
        secure=subscribe.uri.startswith("sips:"),
        flow=flow_of(notify, target, routes),
    )
    return require_sendable_dialog(dialog)
