"""A stream whose packets pass to another one: what it says itself, and who listens to it."""

from __future__ import annotations

from sansio_rtp.machine import Component
from sansio_rtp.relay import RelayPath, RelayPlane
from sansio_rtp.session import RtpSession
from trio_runtime.base.types import Address
from trio_runtime.media.clocked import ClockedStream
from trio_runtime.media.types import AudioFrame

__all__ = ["RelayLeg"]


class RelayLeg:
    """One of the two streams of a relay.

    Attributes:
        stream: The stream.
        session: Its RTP session.
        path: The way from it to the other leg.
        row: The row of that way in the plane of relays.
        other: The other leg.
        link: Its way to the network.
        due: When its session has something to do next, in seconds.
    """

    __slots__ = ("_plane", "due", "link", "other", "path", "row", "session", "stream")

    def __init__(
        self, stream: ClockedStream, session: RtpSession, path: RelayPath, plane: RelayPlane
    ) -> None:
        """Put the way from a stream into the plane; `other` is set by whoever makes both."""
        self.stream = stream
        self.session = session
        self.path = path
        self.link = stream.link
        self.other = self
        self._plane = plane
        self.row = plane.add(path)
        self.due = 0.0

    # What the stream sees: see `Borrower`.

    def settle(self) -> None:
        """Give back what was lent of both ways: the session receives on the one and sends on the other."""
        self._plane.path(self.row)
        self._plane.path(self.other.row)

    def heard_at(self) -> float:
        """Return when the peer was heard last, in seconds; minus infinity when it never was."""
        return self._plane.heard_at(self.row)

    # What the media clock does.

    def receive(self, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of the RTP port that needs thought, and send what it leads to."""
        self.stream.receive(Component.RTP, data, source, now)
        self.other.link.send_all(self.other.session)
        self.flush(now)

    def tick(self, now: float) -> None:
        """Say what sounds into the call, in place of what the other leg says, and do what is due."""
        stream, speaks = self.stream, False
        if stream.outgoing.sources or stream.muted or stream.sending_digits:
            speaks = self._speak(now)
        incoming = self.other.path
        if incoming.paused and not speaks:
            incoming.pause(False)
            stream.path.cut_off()
        if self.due <= now:
            self.settle()
            self.flush(now)

    def listen(self, listened: bool, now: float) -> AudioFrame | None:
        """Return the next 20 ms that its phone said, for who listens to either leg; None when nobody does."""
        if listened != self.path.listened:
            self.settle()
            self.path.listen(listened)
        return self.session.playout(now) if listened else None

    def flush(self, now: float) -> None:
        """Send what the session has to send, tell what has happened, and ask what is due next."""
        self.stream.flush(now)
        deadline = self.session.deadline
        self.due = float("inf") if deadline is None else deadline

    def remove(self) -> None:
        """Take the way out of the plane."""
        self._plane.remove(self.row)

    def _speak(self, now: float) -> bool:
        """Send a frame of what sounds into the call; return False when nothing does just now."""
        stream = self.stream
        frame = stream.next_frame()
        if frame is stream.outgoing.silence and not stream.muted and not stream.sending_digits:
            return False
        self.settle()
        self.other.path.pause(True)
        stream.path.send(self.session, frame, now)
        self.flush(now)
        return True
