"""Requests inside a call that its user sends: INFO of either kind, MESSAGE, extensions (RFC 6086 §4.2.1)."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from .dialog_request import DialogRequest
from .recovering import request_failed

if TYPE_CHECKING:
    from collections.abc import Iterable

    from ..dialog import Dialog
    from ..message import Request, Response
    from .call_base import CallBase
    from .leg import Leg

__all__ = ["Heard", "send_in_call", "send_info"]

Heard = Callable[[int, str, "Response | None"], None]
"""Takes status, reason and response of the end of a request; 408 and 503 without response for no answer."""

_OF_CALLS = frozenset(
    {"INVITE", "ACK", "CANCEL", "BYE", "PRACK", "UPDATE", "REFER", "SUBSCRIBE", "NOTIFY", "INFO"}
)


class _UserRequest(DialogRequest):
    """One such request."""

    __slots__ = ("_heard",)

    def __init__(self, call: CallBase, dialog: Dialog, request: Request, heard: Heard) -> None:
        super().__init__(call, dialog, request)
        self._heard = heard

    def succeeded(self, response: Response, now: float) -> None:
        """Tell the answer."""
        self._heard(response.status_code, response.reason, response)

    def failed(self, status_code: int, reason: str, response: Response | None, now: float) -> None:
        """Tell the failure; the dialog may have ended with it (RFC 3261 §12.2.1.2)."""
        self._heard(status_code, reason, response)
        if not self.owner.over:
            request_failed(self.owner, status_code, reason, response, now)


def send_in_call(
    call: CallBase,
    method: str,
    heard: Heard,
    now: float,
    *,
    fields: Iterable[tuple[str, str]] = (),
    content_type: str = "",
    body: bytes = b"",
) -> None:
    """Send a request of any method that has no verb of its own.

    Args:
        call: The call.
        method: Method.
        heard: Told how it ends, once.
        now: Current time in seconds.
        fields: More header fields.
        content_type: Media type of the body.
        body: Body octets.

    Raises:
        LocalProtocolError: The call has no dialog or is over, the method has a verb, or a value cannot
            stand in a message.
    """
    if method in _OF_CALLS:
        raise LocalProtocolError(f"{method} has a verb of its own")
    leg = _leg_of(call)
    _send(call, leg, lambda: _build(leg, method, fields, content_type, body), heard, now)


def send_info(
    call: CallBase,
    heard: Heard,
    now: float,
    *,
    package: str = "",
    fields: Iterable[tuple[str, str]] = (),
    content_type: str = "",
    body: bytes = b"",
) -> None:
    """Send an INFO of a package, or one of the old kind without.

    Raises:
        LocalProtocolError: The call has no dialog or is over, the peer is not willing to receive the
            package, or a value cannot stand in a message.
    """
    leg = _leg_of(call)

    def build() -> Request:
        if not package:
            return _build(leg, "INFO", fields, content_type, body)
        if leg.info is None:
            raise LocalProtocolError("this agent takes no part in Info Packages")
        request = leg.info.build(leg.dialog, package, content_type, body)
        for name, value in fields:
            request.add(name, value)
        return request

    _send(call, leg, build, heard, now)


def _leg_of(call: CallBase) -> Leg:
    if call.over:
        raise LocalProtocolError(f"a call in {call.state.name} sends nothing more")
    return call.require_leg()


def _build(
    leg: Leg, method: str, fields: Iterable[tuple[str, str]], content_type: str, body: bytes
) -> Request:
    if body and not content_type:
        raise LocalProtocolError("a body needs a content_type (RFC 3261 §20.15)")
    return leg.dialog.request(method, fields, content_type=content_type if body else "", body=body)


def _send(call: CallBase, leg: Leg, build: Callable[[], Request], heard: Heard, now: float) -> None:
    number = leg.dialog.local_cseq
    try:
        request = build()
    except LocalProtocolError:
        leg.dialog.local_cseq = number  # misuse changes nothing
        raise
    _UserRequest(call, leg.dialog, request, heard).send(now)
