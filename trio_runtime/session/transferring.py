"""Sending the peer of a call to somebody else, and requests of other kinds in a call."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from trio_runtime.base.types import CallState
from trio_runtime.events.call_types import TransferCompleted
from trio_runtime.session.changing import CallChanges

if TYPE_CHECKING:
    from trio_runtime.session.response import SipResponse

__all__ = ["CallTransfers"]


class CallTransfers(CallChanges):
    """A call that can be transferred, and in which requests of other kinds can be sent."""

    async def transfer(self, target: str | CallTransfers, *, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Send the peer to somebody else and wait until the two talk; then this call is hung up.

        Args:
            target: URI of whom the peer shall call (blind transfer); or a call of ours with them, which the
                peer's call then takes the place of (attended transfer, RFC 3891).
            headers: More header fields for the REFER.

        Raises:
            CallStateError: This call, or the other one, is not answered.
            InvalidUriError: The URI is none.
            SipFailure: The peer refused, or its own call failed, with its status; this call goes on.
            CallEnded: This call ended and nobody tells any more how it went.
        """
        self._check_talking("transferred")
        attended = isinstance(target, CallTransfers)
        if isinstance(target, CallTransfers):
            target._check_talking("the target of a transfer")
        before = self._state
        self.change_state(CallState.TRANSFERRING)
        try:
            where = target.id if isinstance(target, CallTransfers) else target
            await self._operations.transfer(
                self.id, where, attended=attended, headers=headers, end=lambda: self.end
            )
        except BaseException:
            if self._state is CallState.TRANSFERRING:
                self.change_state(before)
            raise
        self._operations.publish(TransferCompleted, self.id)
        self.hang_up()

    @property
    def remote_focus(self) -> str | None:
        """URI of the conference that this call leads into, as its peer says now; None when it says nothing.

        Who is in it tells ``phone.subscribe_to(call.remote_focus, event="conference")`` (RFC 4579 §3.4).
        """
        return self._operations.remote_focus(self.id) or None

    async def refer(
        self, target: str, *, method: str = "INVITE", headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Ask the peer to send a request to somebody else, and wait for what becomes of it; the call goes on.

        A focus adds somebody to its conference so, and with ``method="BYE"`` it removes a member (RFC 4579
        §5.5, §5.11).

        Args:
            target: URI of whom it is to be sent to.
            method: Its method.
            headers: More header fields for the REFER.

        Raises:
            CallStateError: The call is not answered.
            InvalidUriError: The URI is none.
            SipFailure: The peer refused, or failed, with its status.
        """
        self._check_talking("asked for anything")
        wanted = "" if method == "INVITE" else method
        await self._operations.transfer(
            self.id, target, attended=False, headers=headers, end=lambda: self.end, method=wanted
        )

    def hang_up(self) -> None:
        """End the call: CANCEL, BYE or a refusal, as its state demands; once it is over, nothing."""
        if self.end is None:
            if self.answered_at is not None:
                self.change_state(CallState.TERMINATING)
            self._operations.hang_up(self.id)

    async def request(
        self,
        method: str,
        *,
        headers: Iterable[tuple[str, str]] = (),
        content_type: str = "",
        body: bytes = b"",
    ) -> SipResponse:
        """Send a request in the call, such as MESSAGE or one of an extension, and return its response.

        Raises:
            CallStateError: The call has no dialog yet, or the method has a verb of its own.
            RequestTimedOutError: There was no response for 64·T1.
            NetworkError: It could not be sent.
            CallEnded: The call is over.
        """
        self._check_alive()
        return await self._operations.request(self.id, method, headers, content_type, body, "")

    async def send_info(self, content_type: str, body: bytes, *, package: str = "") -> SipResponse:
        """Send an INFO and return its response.

        Args:
            content_type: Media type of the body.
            body: Body octets.
            package: Info Package, one that the peer takes (RFC 6086); empty for an INFO of the old kind.

        Raises: as `request` does.
        """
        self._check_alive()
        return await self._operations.request(self.id, "INFO", (), content_type, body, package)

    async def send_message(self, text: str) -> SipResponse:
        """Send a text in the call (MESSAGE, RFC 3428) and return its response; raises as `request` does."""
        self._check_alive()
        return await self._operations.request(
            self.id, "MESSAGE", (), "text/plain;charset=UTF-8", text.encode(), ""
        )
