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
        transmit: Sends a packet that the plane has turned.
        other: The other leg.
        link: Its sockets.
        way: Its way between audio and network.
        hears: Whether its session listens to what its phone says, for digits in the audio.
        due: When its session may have something to do or to say next, in seconds.
    """

    __slots__ = (
        "_outgoing",
        "_plane",
        "_sinks",
        "_speaking",
        "due",
        "hears",
        "link",
        "other",
        "path",
        "row",
        "session",
        "stream",
        "transmit",
        "way",
    )

    def __init__(
        self, stream: ClockedStream, session: RtpSession, path: RelayPath, plane: RelayPlane
    ) -> None:
        """Put the way from a stream into the plane; `face` makes it complete."""
        self.stream = stream
        self.session = session
        self.path = path
        self.link = stream.link
        self.way = stream.path
        self._outgoing, self._sinks = stream.outgoing, stream.sinks
        self._plane = plane
        self.row = plane.add(path)
        self.due = float("-inf")
        self._speaking = False
        self.agree()
        self.face(self)

    def face(self, other: RelayLeg) -> None:
        """Take another leg for the other one."""
        self.other = other
        self.transmit = other.link.transmit

    def agree(self) -> None:
        """Take note of what was agreed on."""
        self.hears = self.session.config.inband_digits

    # What the stream sees: see `Borrower`.

    def settle(self) -> None:
        """Give back what was lent of both ways: the session receives on the one and sends on the other."""
        self._plane.path(self.row)
        self._plane.path(self.other.row)
        self.due = float("-inf")

    def heard_at(self) -> float:
        """Return when the peer was heard last, in seconds; minus infinity when it never was."""
        return self._plane.heard_at(self.row)

    # What the media clock does.

    def receive(self, data: bytes, source: Address, now: float) -> None:
        """Take one datagram of the RTP port that needs thought, and send what it leads to."""
        self.stream.receive(Component.RTP, data, source, now)
        self.other.link.send_all(self.other.session)
        self.flush(now)
        if self.path.tells:
            self.due = float("-inf")

    def calm(self, now: float) -> bool:
        """Tell whether there is nothing to do, to say or to hear but for the packets that pass."""
        return (
            self.due > now
            and not self._outgoing.sources
            and not self._sinks.listeners
            and not self.stream.muted
            and not self.way.dialling
            and not self._speaking
            and not self.hears
        )

    def tick(self, now: float) -> None:
        """Say what sounds into the call, in place of what the other leg says, and do what is due."""
        speaks = self._speak(now)
        if self._speaking and not speaks:
            self.other.path.pause(False)
            self.way.cut_off()
        self._speaking = speaks
        if self.due <= now:
            self.settle()  # a report tells what was received and sent
            self.flush(now)

    def listen(self, listened: bool, now: float) -> AudioFrame | None:
        """Return the next 20 ms that its phone said, for who listens to either leg; None when nobody does."""
        if listened != self.path.listened:
            self.settle()
            self.path.listen(listened)
        return self.session.playout(now) if listened else None

    def skip(self, ticks: int, now: float) -> None:
        """Let time pass that the clock has missed, if something sounded into the call."""
        if self._speaking:
            self.stream.skip(ticks, now)

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
        stream, way = self.stream, self.way
        way.dialling = way.dialling and self.session.sending_digits
        if not (self._outgoing.sources or stream.muted or way.dialling):
            return False
        frame = stream.next_frame()
        if frame is self._outgoing.silence and not stream.muted and not way.dialling:
            return False
        self.settle()
        self.other.path.pause(True)
        way.send(self.session, frame, now)
        self.flush(now)
        return True
