"""What can be changed about a call that lasts: hold, mute, codecs and direction of its audio."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Literal

from trio_runtime.base.errors import CallStateError, UnsupportedError
from trio_runtime.base.types import CallState, SessionId
from trio_runtime.events.call_types import CallHeld, CallResumed, RemoteHoldChanged
from trio_runtime.session.watching import WatchedCall

if TYPE_CHECKING:
    from sansio_sip.sdp import NegotiatedMedia
    from trio_runtime.media import Playable, Player
    from trio_runtime.session.operations import CallOperations

__all__ = ["CallChanges", "MediaDirection"]

MediaDirection = Literal["sendrecv", "sendonly", "recvonly", "inactive"]
"""What we do: send and receive, or less (RFC 4566 §6)."""
_TALKING = (CallState.ACTIVE, CallState.ON_HOLD)


class CallChanges(WatchedCall):
    """A call whose media can be changed while it lasts.

    Attributes:
        remote_hold: Whether the peer has put us on hold: it does not want to hear us.
        codec: Name of the codec that we send, such as ``PCMU``; empty while there is no audio.
    """

    def __init__(self, session_id: SessionId, operations: CallOperations) -> None:
        super().__init__(session_id, operations)
        self.remote_hold = False
        self.codec = ""
        self._offered: tuple[str, ...] | None = None

    @property
    def on_hold(self) -> bool:
        """Whether we have put the peer on hold."""
        return self._state is CallState.ON_HOLD

    @property
    def muted(self) -> bool:
        """Whether the peer hears silence in place of us."""
        return self._operations.muted(self.id)

    def mute(self) -> None:
        """Send silence in place of our audio, at once and without telling the peer; RTP goes on.

        What is played and sent meanwhile passes unheard.

        Raises:
            MediaError: The call has no media (yet).
            CallEnded: The call is over.
        """
        self._check_alive()
        self._operations.mute(self.id, muted=True)

    def unmute(self) -> None:
        """Be heard again; the errors are those of `mute`."""
        self._check_alive()
        self._operations.mute(self.id, muted=False)

    async def hold(self, *, music: Playable | None = None) -> None:
        """Put the peer on hold and wait until it has agreed; on hold already, only the music is changed.

        The call counts as held from the peer's 2xx on, not before. Until `resume` nothing of us is heard but
        the music, what is played waits, and we hear nothing.

        Args:
            music: What the peer hears, again and again: see `Call.play`. None is silence.

        Raises:
            CallStateError: The call is not answered, or is being transferred.
            SipFailure: The peer refused, with its status; the call goes on as before.
            AudioFileError: The music cannot be read; nothing was changed.
            CallEnded: The call ended first.
        """
        self._check_talking("put on hold")
        player = None if music is None else await self._operations.prepare_music(music)
        self._check_talking("put on hold")
        if self._state is CallState.ON_HOLD:
            self._operations.begin_hold(self.id, player)
        else:
            await self._operations.hold(self.id, lambda _: self._held(player))

    async def resume(self) -> None:
        """Take the peer back from hold and wait until it has agreed; not on hold, nothing happens.

        Raises:
            CallStateError: The call is not answered, or is being transferred.
            SipFailure: The peer refused, with its status; it stays on hold.
            CallEnded: The call ended first.
        """
        self._check_talking("resumed")
        if self._state is CallState.ON_HOLD:
            await self._operations.resume(self.id, self._resumed)

    async def update_media(
        self, *, codecs: Iterable[str] | None = None, direction: MediaDirection | None = None
    ) -> str:
        """Offer other codecs or another direction and wait until the peer has agreed.

        Args:
            codecs: Names of codecs, the preferred one first; None those that were offered last.
            direction: What we want to do; None what we do.

        Returns:
            Name of the codec that is sent now.

        Raises:
            ConfigurationError: A codec is not known, or none can be had.
            MediaError: There is no such direction.
            CallStateError: The call is not answered, or is being transferred.
            SipFailure: The peer refused, with its status; the call goes on as before.
            CallEnded: The call ended first.
        """
        self._check_talking("changed")
        names = None if codecs is None else tuple(codecs)
        await self._operations.update_media(self.id, names, direction, lambda _: self._offered_last(names))
        return self.codec

    async def switch_codec(self, name: str) -> None:
        """Go over to another codec in mid-call (SDP-7); the others stay on offer after it.

        Raises:
            UnsupportedError: The peer does not take it, and the call goes on with one that it does.
            ConfigurationError: It is not known, or its library is missing.
            SipFailure: The peer refused the change, with its status; the call goes on as before.
            CallStateError: The call is not answered, or is being transferred.
            CallEnded: The call ended first.
        """
        before = self._offered or self._operations.codecs()
        wanted = (name, *[other for other in before if other.lower() != name.lower()])
        used = await self.update_media(codecs=wanted)
        if used.lower() != name.partition("/")[0].lower():
            raise UnsupportedError(f"the peer does not take {name}: it is {used} now", session_id=self.id)

    # What the coordinator tells

    def media_changed(self, codec: str, *, remote_hold: bool) -> None:
        """Note what was agreed on, by whoever's wish."""
        self.codec = codec
        if remote_hold is not self.remote_hold:
            self.remote_hold = remote_hold
            self._operations.publish(RemoteHoldChanged, self.id, remote_hold)

    def _offered_last(self, names: tuple[str, ...] | None) -> None:
        self._offered = names or self._offered

    def _held(self, music: Player | None) -> None:
        self._operations.begin_hold(self.id, music)
        if self._state is CallState.ACTIVE:
            self.change_state(CallState.ON_HOLD)
            self._operations.publish(CallHeld, self.id)

    def _resumed(self, _: NegotiatedMedia | None) -> None:
        self._operations.end_hold(self.id)
        if self._state is CallState.ON_HOLD:
            self.change_state(CallState.ACTIVE)
            self._operations.publish(CallResumed, self.id)

    def _check_talking(self, what: str) -> None:
        self._check_alive()
        if self._state not in _TALKING:
            raise CallStateError(f"a call that is {self._state.value} cannot be {what}", session_id=self.id)
