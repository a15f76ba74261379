"""Many relays under a script of packets and verbs, with a plane or without: all that can be seen of them."""

from __future__ import annotations

import contextlib
from typing import Any, NamedTuple, TypeAlias

import attrs
import numpy as np

from sansio_rtp import Address, LocalProtocolError, RtpSession
from sansio_rtp.dtmf import TelephoneEvent
from sansio_rtp.packet import RtpPacket
from sansio_rtp.relay import MediaRelay, RelayPlane
from tests.rtp.relay.legs import leg, leg_config

FRAME = np.full(160, 700, np.int16)
KINDS = (
    "audio", "audio", "audio", "audio", "audio", "loss", "late", "twice", "jump", "source", "other codec",
    "digit", "noise", "unknown", "padded", "extended", "marked", "pause", "clock", "bytes", "stranger", "own",
    "short", "empty",
)  # fmt: skip
VERBS = ("frame", "digit", "report", "hold", "receive", "resume", "listen", "deaf", "keep", "release", "rtcp")


class Step(NamedTuple):
    """A packet of one phone, or a verb of its leg, after some time."""

    leg: int
    action: str
    number: int
    wait: float
    data: bytes


Script: TypeAlias = list[Step]


@attrs.define
class Source:
    """What the phone of a leg sends."""

    ssrc: int
    sequence: int
    timestamp: int


def address(place: int) -> Address:
    return ("192.0.2.9", 4_000 + 2 * place)


class Scene:
    """Relays between legs 0 and 1, 2 and 3, and so on."""

    def __init__(self, n_legs: int, plane: RelayPlane | None) -> None:
        self.legs: list[RtpSession] = [leg(address(place), place) for place in range(n_legs)]
        self.relays = [MediaRelay(*self.legs[place : place + 2]) for place in range(0, n_legs, 2)]
        self.paths = [path for relay in self.relays for path in relay.paths]
        self.plane = plane
        self.rows = [plane.add(path) for path in self.paths] if plane else []
        self.sources = [Source(0x100 + p, 65_500 + 7 * p, 2**32 - 900 * p - 1) for p in range(n_legs)]
        self.now = 0.0
        self.seen: list[Any] = []
        self.buffer = np.zeros((n_legs, 400), np.uint8)

    def run(self, script: Script) -> list[Any]:
        """Do everything: each step goes through all legs, one with the action and the others with audio."""
        for step in script:
            self.now += step.wait
            if step.action in VERBS:
                self.verb(step)
            arrivals = []
            # The odd one comes last, as a plane takes the others first: a collision changes both ways.
            for place in sorted(range(len(self.legs)), key=lambda place: place == step.leg):
                own = place == step.leg and step.action in KINDS
                data = self.datagram(place, step.action if own else "audio", step.number, step.data)
                if data is not None:
                    source = ("203.0.113.66", 9) if own and step.action == "stranger" else address(place)
                    arrivals.append((place, data, source))
            self.receive(arrivals)
        for place in range(len(self.legs)):
            self.settle(place)
        self.seen += [session.statistics() for session in self.legs]
        self.seen += [path.statistics() for path in self.paths]
        self.now += 10
        for place, session in enumerate(self.legs):  # and where they would go on
            session.send_frame(FRAME, self.now)
            session.handle_timeout(self.now)
            self.flush(place)
        return self.seen

    def settle(self, place: int) -> RtpSession:
        """Return the session of a leg, up to date both ways."""
        if self.plane is not None:
            self.plane.path(self.rows[place])
            self.plane.path(self.rows[place ^ 1])
        return self.legs[place]

    def receive(self, arrivals: list[tuple[int, bytes, Address]]) -> None:
        if self.plane is not None:
            arrivals = self.batch(self.plane, arrivals)
        for place, data, source in arrivals:
            self.settle(place).receive_packet(data, source, self.now)
            self.flush(place)
            self.flush(place ^ 1)

    def batch(
        self, plane: RelayPlane, arrivals: list[tuple[int, bytes, Address]]
    ) -> list[tuple[int, bytes, Address]]:
        known = [item for item in arrivals if item[2] == address(item[0])]
        if not known:
            return arrivals
        lengths = np.array([len(data) for _, data, _ in known])
        for index, (_, data, _) in enumerate(known):
            self.buffer[index, : len(data)] = np.frombuffer(data, np.uint8)
        rows = np.array([self.rows[place] for place, _, _ in known])
        taken = plane.receive_batch(rows, self.buffer[: len(known)], lengths, np.full(len(known), self.now))
        for index in np.flatnonzero(taken).tolist():
            place, data, _ = known[index]
            sent = self.buffer[index, : len(data)].tobytes()
            self.seen.append((self.now, place ^ 1, sent, self.legs[place ^ 1].destination))
        done = {known[index][0] for index in np.flatnonzero(taken).tolist()}
        return [item for item in arrivals if item[0] not in done]

    def flush(self, place: int) -> None:
        leg = self.legs[place]
        while (transmit := leg.next_transmit()) is not None:
            self.seen.append((self.now, place, transmit.data, transmit.destination))
        while (event := leg.next_event()) is not None:
            self.seen.append((self.now, place, event))
        self.seen += iter(self.relays[place // 2].next_event, None)

    def verb(self, step: Step) -> None:
        leg, place, path = self.settle(step.leg), step.leg, self.paths[step.leg]
        if step.action == "frame":
            leg.send_frame(FRAME, self.now)
        elif step.action == "digit":
            with contextlib.suppress(LocalProtocolError):
                leg.send_digit("5", self.now)
            leg.send_frame(FRAME, self.now)
        elif step.action == "report":
            leg.handle_timeout(self.now)
        elif step.action in ("hold", "receive", "resume"):
            changes = {"hold": {"send": False}, "receive": {"receive": False}}.get(step.action, {})
            leg.update(leg_config(address(place), **changes), self.now)
            self.relays[place // 2].update()
        elif step.action in ("listen", "deaf"):
            path.listen(step.action == "listen")
        elif step.action in ("keep", "release"):
            path.pause(step.action == "keep")
        else:
            leg.receive_rtcp(b"\x80\xc9\x00\x01" + step.data[:4].ljust(4, b"\0"), address(place), self.now)
        self.flush(place)
        self.flush(place ^ 1)

    def datagram(self, place: int, action: str, number: int, data: bytes) -> bytes | None:
        """What a phone sends now; None for nothing."""
        phone = self.sources[place]
        phone.sequence += 1
        phone.timestamp += 160
        packet = RtpPacket(0, phone.sequence, phone.timestamp, phone.ssrc, bytes([number & 0xFF]) * 160)
        if action in ("loss", "pause"):
            phone.timestamp += 160 * number if action == "pause" else 0
            phone.sequence -= action == "pause"
            return None
        if action == "bytes":
            return data
        if action in ("twice", "late"):
            back = 1 if action == "twice" else 1 + number % 5
            phone.sequence -= 1
            packet.sequence, packet.timestamp = packet.sequence - 1 - back, packet.timestamp - 160 * back
        elif action == "jump":
            phone.sequence += 10_000 * (1 + number % 5)
        elif action == "clock":
            phone.timestamp += 1 << (number % 32)
        elif action == "source":
            phone.ssrc += 0x10000
        elif action == "own":
            packet.ssrc = self.legs[place ^ number % 2].ssrc
        else:
            self._vary(packet, action, number)
        packet.sequence &= 0xFFFF
        packet.timestamp &= 0xFFFFFFFF
        return packet.to_bytes()

    def _vary(self, packet: RtpPacket, action: str, number: int) -> None:
        if action == "digit":
            packet.payload_type, packet.marker = 101, number % 2 == 0
            packet.payload = TelephoneEvent(number % 20, number % 3 == 0, 10, 160).to_bytes()
        elif action in ("other codec", "noise", "unknown"):
            packet.payload_type = {"other codec": 8, "noise": 13, "unknown": 77}[action]
        elif action == "padded":
            packet.padding = 1 + number % 8
        elif action == "extended":
            packet.extension, packet.csrcs = (1, bytes(4)), (1,) * (number % 3)
        elif action == "marked":
            packet.marker = True
        elif action in ("short", "empty"):
            packet.payload = packet.payload[: number % 160 if action == "short" else 0]
