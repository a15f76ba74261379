"""What a call asks of its coordinator about others: transfers of both sides, and requests in it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from typing import TYPE_CHECKING

from trio_runtime.base.errors import SipFailure
from trio_runtime.coordinator.operations.change_ops import ChangeOps
from trio_runtime.coordinator.outgoing import OutgoingCall

if TYPE_CHECKING:
    from sansio_sip.invite import CallEnd
    from trio_runtime.base.types import SessionId
    from trio_runtime.coordinator.operations.call_starter import CallStarter
    from trio_runtime.coordinator.operations.transfers import Report
    from trio_runtime.session import Call, SipResponse, TransferRequest

__all__ = ["TransferOps"]


class TransferOps(ChangeOps):
    """Asks peers to call others, and does what they ask for; see `ChangeOps` for its arguments.

    Attributes:
        start_call: Makes the calls that peers ask for; set once there is such a thing.
    """

    start_call: CallStarter

    async def transfer(
        self,
        session_id: SessionId,
        target: str,
        *,
        attended: bool,
        headers: Iterable[tuple[str, str]],
        end: Callable[[], CallEnd | None],
        method: str = "",
    ) -> None:
        """Ask the peer to call somebody else, and wait for what becomes of it."""

        def start(sent: Callable[[int], None]) -> None:
            if attended:
                self._dialogs.refer_to_call(session_id, target, sent)
            else:
                self._dialogs.refer(session_id, target, headers, sent, method)

        await self.transfers.transfer(session_id, start, end)

    def accept_transfer(self, request: TransferRequest[Call]) -> OutgoingCall:
        """Call whom the peer wants us to call."""
        return OutgoingCall(lambda: self._follow(request))

    def refuse_transfer(self, request: TransferRequest[Call], status_code: int, reason: str) -> None:
        """Refuse the wish of the peer."""
        self._dialogs.reject_refer(request.call.id, request.refer, status_code, reason)

    async def pass_transfer(self, request: TransferRequest[Call], other: Call) -> None:
        """Let the peer of another call do what the peer of this one wants, and report."""
        session, refer, dialogs = request.call.id, request.refer, self._dialogs
        dialogs.accept_refer(session, refer)
        status = 503
        try:
            await other.transfer(request.target)
            status = 200
        except SipFailure as error:
            status = error.status_code
            raise
        finally:
            if request.call.end is None:
                dialogs.notify_progress(session, refer, status, "")

    def _follow(self, request: TransferRequest[Call]) -> Call:
        session, refer = request.call.id, request.refer
        report = self.reporter(session, refer)
        names: list[SessionId] = []

        def follow(new: SessionId) -> None:
            names.append(new)
            self.transfers.follow(new, report)

        self._dialogs.accept_refer(session, refer)
        try:
            return self.start_call(request.target, request.headers, on_named=follow)
        except BaseException:
            if names:
                self.transfers.report(names[0], 503)
            else:
                report(503, "")
            raise

    def accept_refer(self, session_id: SessionId, refer: int) -> None:
        """Accept a REFER of the peer of a call."""
        self._dialogs.accept_refer(session_id, refer)

    def reject_refer(self, session_id: SessionId, refer: int, status_code: int) -> None:
        """Refuse a REFER of the peer of a call."""
        self._dialogs.reject_refer(session_id, refer, status_code, "")

    def reporter(self, session_id: SessionId, refer: int) -> Report:
        """Return what tells the peer of a call how far we are with its REFER."""
        return partial(self._dialogs.notify_progress, session_id, refer)

    async def request(
        self,
        session_id: SessionId,
        method: str,
        headers: Iterable[tuple[str, str]],
        content_type: str,
        body: bytes,
        package: str,
    ) -> SipResponse:
        """Send a request in the call and wait for its response."""
        return await self._client.response_to(
            lambda sent: self._dialogs.request_in_call(
                session_id, method, headers, content_type, body, package, on_sent=sent
            )
        )
