"""What the user of an agent can want of transfers (RFC 3515, RFC 3891)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from ..errors import LocalProtocolError
from ..headers import Replaces
from .passing_verbs import PassingVerbs

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from ..dialog import Dialog
    from ..invite import InviteSession

__all__ = ["TransferVerbs"]


class TransferVerbs(PassingVerbs):
    """The verbs of an `Agent` that transfer a call, or answer the wish of a peer to do so.

    Each raises `LocalProtocolError` when there is no such call or its state does not allow it.
    """

    __slots__ = ()

    def refer(
        self,
        session: str,
        target: str,
        now: float,
        *,
        method: str = "",
        referred_by: bool = True,
        subscribe: bool = True,
        headers: Iterable[tuple[str, str]] = (),
    ) -> int:
        """Ask the peer of a call to contact somebody (blind transfer); events tell how it goes.

        Args:
            session: Name of the call.
            target: URI to contact.
            now: Current time in seconds.
            method: Method to use, INVITE when empty.
            referred_by: Whether the target shall learn that we asked for it (RFC 3892).
            subscribe: Whether the peer shall report how it goes (RFC 4488).
            headers: More header fields.

        Returns:
            Number of the REFER in events.

        Raises:
            LocalProtocolError: There is no such call or no dialog, or a value cannot stand in a message.
        """
        call = self._calls.find(session)
        who = self._core.config.address if referred_by else ""
        number = call.refer(
            target,
            self._core.clock(now),
            method=method,
            referred_by=who,
            subscribe=subscribe,
            headers=headers,
        )
        self._calls.settle(call)
        self._settle()
        return number

    def refer_to_call(self, session: str, other: str, now: float) -> int:
        """Connect the peers of two calls with each other (attended transfer, RFC 3891 §7).

        Args:
            session: The call whose peer shall do it.
            other: The call with whom it shall talk, and which its own call will replace.
            now: Current time in seconds.

        Returns:
            Number of the REFER in events of ``session``.

        Raises:
            LocalProtocolError: A call is missing or has no dialog.
        """
        call, dialog = self._calls.find(session), self._dialog_of(other)
        number = call.refer(
            dialog.remote_target,
            self._core.clock(now),
            replaces=_named(dialog),
            referred_by=self._core.config.address,
        )
        self._calls.settle(call)
        self._settle()
        return number

    def replacing_fields(self, session: str) -> tuple[tuple[str, str], ...]:
        """Return what an INVITE to the peer of a call says that is to take its place (RFC 3891 §3).

        Raises:
            LocalProtocolError: There is no such call, or it has no dialog.
        """
        return (("Replaces", str(_named(self._dialog_of(session)))), ("Require", "replaces"))

    def _dialog_of(self, session: str) -> Dialog:
        dialog = self._calls.find(session).dialog
        if dialog is None:
            raise LocalProtocolError(f"call {session!r} has no dialog")
        return dialog

    def accept_refer(self, session: str, refer: int, now: float) -> None:
        """Accept a `ReferReceived`; what is sent for it is reported by `notify_progress`.

        Like the next two it has no effect when the REFER, or the whole call, is over.
        """
        self._about(session, now, lambda call, at: call.accept_refer(refer, at))

    def reject_refer(
        self, session: str, refer: int, status_code: int, now: float, *, reason: str = ""
    ) -> None:
        """Refuse a `ReferReceived` with a status of 300 or more."""
        self._about(session, now, lambda call, at: call.reject_refer(refer, status_code, at, reason))

    def notify_progress(
        self, session: str, refer: int, status_code: int, now: float, *, reason: str = ""
    ) -> None:
        """Report the status of the request that a REFER made us send; a final one is the last."""
        self._about(session, now, lambda call, at: call.notify_progress(refer, status_code, at, reason))

    def _about(self, session: str, now: float, verb: Callable[[InviteSession, float], None]) -> None:
        if self._calls.get(session) is not None:
            self._with(session, now, verb)


def _named(dialog: Dialog) -> Replaces:
    """Name a dialog as its peer knows it."""
    return Replaces(dialog.call_id, dialog.remote_tag or "0", dialog.local_tag)
