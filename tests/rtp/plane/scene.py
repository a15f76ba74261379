"""Sessions on a bad network, driven by themselves or by a plane: what each hears, sends and tells."""

from __future__ import annotations

import contextlib
import random
from typing import NamedTuple

import attrs
import numpy as np

from sansio_rtp import Address, LocalProtocolError, RtpIds, RtpSession, RtpSessionConfig, RtpStatistics
from sansio_rtp.errors import PacketError
from sansio_rtp.machine import Transmit
from sansio_rtp.plane import MediaPlane
from sansio_rtp.rtcp import (
    ExtendedReport,
    ReceiverReport,
    ReportBlock,
    RtcpPacket,
    VoipMetrics,
    build_compound,
)
from sansio_rtp.session import QualityHistory, RtpEvent
from sansio_rtp.srtp import MasterKey, SrtpConfig, SrtpError, SrtpSender, get_suite
from trio_runtime.media.srtp_backend import open_srtp_backend

POLL = 0.005
_BACKEND = open_srtp_backend()
_SUITES = (
    "AES_CM_128_HMAC_SHA1_80",
    None,
    "AEAD_AES_128_GCM",
    "AES_CM_128_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
    "NULL_HMAC_SHA1_80",
)
FRAME = 160


class Packet(NamedTuple):
    at: float
    stream: int
    data: bytes


@attrs.frozen
class Weather:
    """What the network does to a stream."""

    loss: float = 0.02
    duplication: float = 0.01
    jitter_s: float = 0.015
    spikes: float = 0.005
    oddities: float = 0.003
    drift: float = 0.0


CLEAR = Weather(0.0, 0.0, 0.002, 0.0, 0.0)
STORM = Weather(0.1, 0.05, 0.06, 0.02, 0.02)


def remote(stream: int) -> Address:
    return ("192.0.2.9", 5000 + 2 * stream)


def srtp_of(stream: int, whose: str) -> SrtpConfig | None:
    """Some streams are secured, by suites of each kind."""
    suite = _SUITES[stream % len(_SUITES)]
    if suite is None:
        return None
    need = get_suite(suite)
    key = random.Random(f"{stream} {whose}").randbytes(need.key_octets + need.salt_octets)
    mki = b"mk" if stream % 2 else b""
    return SrtpConfig(suite=suite, keys=(MasterKey(key, mki=mki),), backend=_BACKEND)


def config_of(stream: int, *, secured: bool = False) -> RtpSessionConfig:
    agreed = stream % 5 < 4  # of the others the peer speaks one that was not agreed on
    return RtpSessionConfig(
        srtp_send=srtp_of(stream, "ours") if secured else None,
        srtp_receive=srtp_of(stream, "theirs") if secured else None,
        formats={0: "PCMU", 8: "PCMA"} if agreed else {0: "PCMU"},
        fallback_formats={0: "PCMU", 8: "PCMA"},
        send_payload_type=8 if agreed and not stream % 3 else 0,
        dtmf_send_payload_type=101,
        dtmf_receive_payload_type=101,
        remote=remote(stream),
        rtcp_mux=True,
        rtcp_xr=True,
        quality_interval_ms=1_000,
    )


def sessions(count: int, seed: int, *, secured: bool = False) -> list[RtpSession]:
    return [
        RtpSession(
            config_of(stream, secured=secured),
            now=0.0,
            ids=RtpIds(random.Random(f"{seed} {stream}").randbytes),
        )
        for stream in range(count)
    ]


def traffic(count: int, seconds: float, seed: int, weathers: tuple[Weather, ...]) -> list[Packet]:
    """The packets of all streams as they arrive; among them what no phone should send."""
    packets: list[Packet] = []
    for stream in range(count):
        rng = random.Random(f"{seed} traffic {stream}")
        weather = weathers[stream % len(weathers)]
        packets += _stream(stream, seconds, rng, weather)
    return sorted(packets)


def _stream(stream: int, seconds: float, rng: random.Random, weather: Weather) -> list[Packet]:
    ssrc, sequence, timestamp = rng.getrandbits(32), rng.getrandbits(16), rng.getrandbits(32)
    payload_type, phase = rng.choice((0, 8)), rng.random() * 0.02
    packets: list[Packet] = []
    for number in range(int(seconds * 50)):
        at = phase + number * 0.02 * (1 + weather.drift) + rng.random() * weather.jitter_s
        if rng.random() < weather.spikes:
            at += rng.random() * 0.2
        if rng.random() < weather.oddities:
            payload_type = 8 - payload_type
        if rng.random() < weather.oddities:
            sequence += rng.choice((1, 50, 5_000))
        if rng.random() < weather.oddities:
            ssrc ^= 1
        first, payload = 0x80, bytes([number & 0xFF]) * FRAME
        if rng.random() < weather.oddities:
            first, payload = 0xA0, payload[:-1] + b"\x01"
        if rng.random() < weather.oddities:
            payload = payload[: rng.choice((80, 159))]
        header = bytes([first, payload_type | (rng.random() < 0.05) << 7])
        header += ((sequence + number) & 0xFFFF).to_bytes(2, "big")
        header += ((timestamp + number * FRAME) & 0xFFFFFFFF).to_bytes(4, "big") + ssrc.to_bytes(4, "big")
        if rng.random() < weather.loss:
            continue
        packets.append(Packet(at, stream, header + payload))
        if rng.random() < weather.duplication:
            packets.append(Packet(at + rng.random() * 0.05, stream, header + payload))
        if rng.random() < weather.oddities:
            packets.append(Packet(at, stream, rng.randbytes(rng.randrange(60))))
    return packets


def secure(packets: list[Packet]) -> list[Packet]:
    """The packets as the peers of secured sessions send them; some are forged on the way."""
    rng = random.Random("forger")
    senders: dict[int, SrtpSender] = {}
    secured: list[Packet] = []
    for packet in packets:
        config = srtp_of(packet.stream, "theirs")
        data = packet.data
        if config is not None:
            sender = senders.setdefault(packet.stream, SrtpSender(config))
            with contextlib.suppress(
                SrtpError, PacketError
            ):  # an old packet, or none at all: it goes as it is
                data = sender.protect(data)
            if rng.random() < 0.01:
                data = data[:-1] + bytes([data[-1] ^ 1]) if data else data
        secured.append(Packet(packet.at, packet.stream, data))
    return secured


@attrs.frozen
class Record:
    """All that could be seen of the sessions."""

    frames: list[bytes]
    sent: list[tuple[int, int, bytes]]
    told: list[tuple[int, int, RtpEvent]]
    statistics: list[RtpStatistics]
    history: list[QualityHistory]


class Scene:
    """Runs sessions for some time.

    Args:
        count: Sessions.
        seed: Seed of everything.
        plane: What drives them; None when they drive themselves.
        stalling: How often the runtime misses ticks that are not caught up.
        secured: Whether some of the sessions use SRTP.
    """

    def __init__(
        self,
        count: int,
        seed: int,
        plane: MediaPlane | None,
        stalling: float = 0.0,
        *,
        secured: bool = False,
    ) -> None:
        self.plane = plane
        self.secured = secured
        self.sessions = sessions(count, seed, secured=secured)
        self.rows = np.array([plane.add(session) for session in self.sessions] if plane else range(count))
        self.rng = random.Random(f"{seed} verbs")
        self.stalling, self.missing, self.missed = stalling, 0, 0
        self.record = Record([], [], [], [], [])
        self.in_order = 0
        self.buffer = np.zeros((count, 2_048), np.uint8)

    def session(self, stream: int) -> RtpSession:
        return self.plane.session(int(self.rows[stream])) if self.plane else self.sessions[stream]

    def run(self, packets: list[Packet], seconds: float) -> Record:
        position = tick = 0
        for step in range(int(seconds / POLL)):
            now = step * POLL
            begin = position
            while position < len(packets) and packets[position].at <= now:
                position += 1
            self.receive(packets[begin:position], now)
            if step % 4 == 3:
                tick += 1
                if not self.stalls(now):
                    self.tick(tick, now)
        self.record.statistics.extend(
            self.session(stream).statistics() for stream in range(len(self.sessions))
        )
        self.record.history.extend(session.quality_history() for session in self.sessions)
        return self.record

    def stalls(self, now: float) -> bool:
        """Now and then the runtime misses some ticks; what waited in the meantime is left out."""
        if self.missing:
            self.missing -= 1
            if not self.missing:
                if self.plane is not None:
                    self.plane.skip(self.rows, now)
                    self.plane.skip_frames(self.rows, self.missed, now)
                else:
                    for session in self.sessions:
                        session.skip_playout(now)
                        session.skip_frames(self.missed, FRAME, now)
        elif self.stalling and self.rng.random() < self.stalling:
            self.missed = self.missing = self.rng.randrange(2, 14)
        return self.missing > 0

    def receive(self, packets: list[Packet], now: float) -> None:
        """One datagram a socket, then the next round, as sockets are read."""
        while packets:
            streams: set[int] = set()
            once: list[Packet] = []
            later: list[Packet] = []
            for packet in packets:
                (later if packet.stream in streams else once).append(packet)
                streams.add(packet.stream)
            for packet in self.batch(once, now):
                self.session(packet.stream).receive_packet(packet.data, remote(packet.stream), now)
            packets = later

    def batch(self, packets: list[Packet], now: float) -> list[Packet]:
        if self.plane is None:
            return packets
        for index, packet in enumerate(packets):
            self.buffer[index, : len(packet.data)] = np.frombuffer(packet.data, np.uint8)
        rows = self.rows[[packet.stream for packet in packets]]
        lengths = np.array([len(packet.data) for packet in packets])
        buffer, times = self.buffer[: len(packets)], np.full(len(packets), now)
        taken = self.plane.receive_batch(rows, buffer, lengths, times)
        return [packet for packet, done in zip(packets, taken, strict=True) if not done]

    def tick(self, tick: int, now: float) -> None:
        count = len(self.sessions)
        if self.rng.random() < 0.05:
            session = self.session(self.rng.randrange(count))
            with contextlib.suppress(LocalProtocolError):  # the direction does not allow it
                session.send_digit("5", now)
        levels = [(tick * 7 + stream) * 37 % 3_000 for stream in range(count)]
        spoken = np.repeat(np.array(levels, np.int16)[:, np.newaxis], FRAME, axis=1)
        if self.rng.random() < 0.02:
            stream = self.rng.randrange(count)
            send, receive = self.rng.random() < 0.7, self.rng.random() < 0.7
            config = config_of(stream, secured=self.secured)
            self.session(stream).update(attrs.evolve(config, send=send, receive=receive), now)
        if not self.secured and self.rng.random() < 0.05:
            stream = self.rng.randrange(count)
            report = self.report(self.session(stream))
            self.session(stream).receive_packet(report, remote(stream), now)
        if self.plane is not None:
            frames = self.plane.tick(self.rows, now)
            built = self.plane.send(self.rows, spoken, now)
            self.plane.handle_timeout(self.rows, now)
            for stream in np.flatnonzero(built).tolist():
                self.record.sent.append((tick, stream, self.plane.views[self.rows[stream]].tobytes()))
        else:
            frames = np.array([session.playout(now) for session in self.sessions])
            for session, frame in zip(self.sessions, spoken, strict=True):
                session.send_frame(frame, now)
                session.handle_timeout(now)
        self.record.frames.append(frames.tobytes())
        self.flush(tick)

    def report(self, session: RtpSession) -> bytes:
        """What the peer says of our stream: loss, round trip, and sometimes how it sounds."""
        known = session._parts.peer._sent_reports
        last_sr = known[-1] if known and self.rng.random() < 0.8 else 0
        block = ReportBlock(session.ssrc, self.rng.choice((0, 0, 30, 200)), 3, 9, 80, last_sr, 0)
        packets: list[RtcpPacket] = [ReceiverReport(0xB0B, (block,))]
        if self.rng.random() < 0.5:
            rating = self.rng.choice((None, 40, 90))
            metrics = VoipMetrics(
                session.ssrc, 0.1, 0.05, 0.2, 0.0, 60, 900, 40, 80, None, None, None, 16, rating, None,
                None, None, 0xB0, 60, 200, 200,
            )  # fmt: skip
            packets.append(ExtendedReport(0xB0B, (metrics,)))
        return build_compound(packets)

    def flush(self, tick: int) -> None:
        for stream, session in enumerate(self.sessions):
            transmit: Transmit | None
            while (transmit := session.next_transmit()) is not None:
                self.record.sent.append((tick, stream, transmit.data))
            while (event := session.next_event()) is not None:
                self.record.told.append((tick, stream, event))
        # Packets of a tick come from the batch and from sessions: by stream, whichever sent them.
        sent = self.record.sent
        sent[self.in_order :] = sorted(sent[self.in_order :], key=lambda item: item[:2])
        self.in_order = len(sent)
        if self.plane is not None:
            self.plane.touched.clear()
