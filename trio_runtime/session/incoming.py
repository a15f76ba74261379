"""A call that came in: it can be rung, answered and refused."""

from __future__ import annotations

from collections.abc import Iterable

from sansio_sip.message import TelUri, Uri, escape_user, parse_uri, unescape
from trio_runtime.base.errors import CallStateError
from trio_runtime.base.types import CallState
from trio_runtime.session.call import Call

__all__ = ["IncomingCall"]


class IncomingCall(Call):
    """A call to us. It can be decided about once; left without a decision it is refused with 480.

    Attributes:
        replaces: Name of the call of ours whose place it wants, and gets when it is answered (RFC 3891);
            empty for other calls. Whether the caller may have it is for you to decide.
        called_uri: The URI that was called (the Request-URI), which `local_uri` need not be.
        source_host: Numeric address that it came from.
        username: Whose password the caller knows, where `InboundConfig` asks; empty when nobody asked.
    """

    _decided = False
    replaces = ""
    username = ""
    called_uri = ""
    source_host = ""

    @property
    def called_user(self) -> str:
        """User part of the called URI, such as the number that was dialled; empty when it has none.

        Escaped in one way only, however the caller has written it: so it can be compared, and be put into
        another URI. A number is itself.
        """
        uri = parse_uri(self.called_uri)
        match uri:
            case Uri():
                return escape_user(unescape(uri.user or ""))
            case TelUri():
                return uri.number
            case _:
                return ""

    @property
    def undecided(self) -> bool:
        """Whether the call still waits for `answer` or `reject`."""
        return not self._decided and self.end is None

    def ring(self, status_code: int = 180, *, early_media: bool = False) -> None:
        """Tell the caller that it rings, or how far it is.

        Args:
            status_code: 180, or another provisional status.
            early_media: Whether the audio begins now, before the answer (SDP-9), usually with 183.

        Raises:
            CallStateError: The call was decided about already.
            SdpError: The caller offers nothing that we can take.
            PortsExhaustedError: No media port is left.
        """
        self._check_waiting("rung")
        self._operations.ring(self.id, status_code, early_media=early_media)
        self.change_state(CallState.RINGING)

    async def answer(self, *, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Accept the call and wait for the caller's ACK; media runs from the 200.

        Args:
            headers: More header fields for the 200.

        Raises:
            CallStateError: The call was decided about already.
            SdpError: The caller offers nothing that we can take; the call still waits.
            CallEnded: The caller went away, or no ACK came in time.
        """
        self.accept(headers=headers)
        await self.answered()

    def accept(self, *, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Accept the call without waiting for the ACK; otherwise the same as `answer`."""
        self._check_waiting("answered")
        self._operations.answer(self.id, headers)
        self._decided = True

    def pass_descriptions(self, *, passes: bool = True) -> None:
        """Let the session description of the caller pass as it is, to calls that are made for this one.

        It has no media of ours then; what it is told with `pass_progress` and `accept_as` is what such a call
        was told. This may be changed until something was said.

        Args:
            passes: Whether it does; else it is anchored: we describe media of our own, as by default.

        Raises:
            CallStateError: The caller was told of media already, or the call was decided about.
        """
        self._check_waiting("changed")
        self._operations.pass_bodies(self.id, passes=passes)
        self.passes = passes

    def pass_progress(self, leg: Call, status_code: int) -> None:
        """Tell the caller how far a call is that was made for it, with the description that came with that.

        Args:
            leg: The call, one with ``passes``.
            status_code: 101 to 199.

        Raises:
            CallStateError: The call was decided about already, or cannot be told.
        """
        self._check_waiting("rung")
        self._operations.pass_progress(self.id, leg.id, status_code)
        self.change_state(CallState.RINGING)

    def accept_as(self, leg: Call, *, headers: Iterable[tuple[str, str]] = ()) -> None:
        """Accept the call with the description that a call has that was made for it.

        From now on what either peer offers goes to the other one, and so do the answers.

        Args:
            leg: The call, one with ``passes``, which is answered.
            headers: More header fields for the 200.

        Raises:
            CallStateError: The call was decided about already.
        """
        self._check_waiting("answered")
        self._operations.pass_answer(self.id, leg.id, headers)
        self._decided = True

    def reject(
        self, status_code: int = 486, reason: str = "", *, headers: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Refuse the call.

        Args:
            status_code: 300 to 699.
            reason: Phrase; the registered one when empty.
            headers: More header fields.

        Raises:
            CallStateError: The call was decided about already.
        """
        self._check_waiting("rejected")
        self._operations.reject(self.id, status_code, reason, headers)
        self._decided = True

    def _check_waiting(self, what: str) -> None:
        self._check_alive()
        if self._decided:
            raise CallStateError(
                f"the call cannot be {what}: it was decided about already", session_id=self.id
            )
