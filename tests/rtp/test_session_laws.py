"""The laws that every machine keeps, for the RTP session."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from sansio_rtp import Address, LocalProtocolError, RtpIds, RtpSession, RtpSessionConfig
from sansio_rtp.dtmf import TelephoneEvent
from sansio_rtp.packet import RtpPacket
from sansio_rtp.rtcp import Goodbye, ReceiverReport, ReportBlock, RtcpPacket, SenderReport, build_compound

Make = Callable[..., RtpSession]
PEER: Address = ("192.0.2.2", 5000)
SOURCES = [PEER, ("192.0.2.2", 5001), ("198.51.100.7", 9), ("203.0.113.66", 1)]
SILENCE = np.zeros(160, np.int16)


def config(**changes: Any) -> RtpSessionConfig:
    base: dict[str, Any] = {
        "formats": {0: "PCMU", 8: "PCMA"},
        "send_payload_type": 0,
        "dtmf_send_payload_type": 101,
        "dtmf_receive_payload_type": 101,
        "remote": PEER,
        "max_sources": 4,
    }
    return RtpSessionConfig(**(base | changes))


def counting_ids(seed: int) -> RtpIds:
    state = [seed]

    def random_bytes(count: int) -> bytes:
        state[0] = (state[0] * 6_364_136_223_846_793_005 + 1_442_695_040_888_963_407) % 2**64
        return (state[0] >> 16).to_bytes(8, "big")[:count].ljust(count, b"\x55")

    return RtpIds(random_bytes)


def observe(session: RtpSession) -> tuple[Any, ...]:
    return session.deadline, session.closed, session.statistics(), session.ssrc, session.destination


@pytest.mark.parametrize("early", [0.0, 1.0, 1e-6])
def test_law_1_before_the_deadline_nothing_changes(make_session: Make, early: float) -> None:
    """Law 1."""
    session = make_session()
    deadline = session.deadline
    assert deadline is not None
    before = observe(session)
    session.handle_timeout(deadline - early if early else 0.0)
    assert observe(session) == before
    assert session.next_transmit() is None
    assert session.next_event() is None


def test_law_2_at_the_deadline_it_makes_progress(make_session: Make) -> None:
    """Law 2: for reports, and for a digit whose end never comes."""
    session = make_session()
    event = TelephoneEvent(5, False, 10, 800).to_bytes()
    session.receive_packet(RtpPacket(101, 1, 0, 9, event, True).to_bytes(), PEER, 0.0)
    for _ in range(200):
        deadline = session.deadline
        assert deadline is not None
        session.handle_timeout(deadline)
        assert session.deadline is None or session.deadline > deadline


def test_law_3_a_clock_that_goes_back_stands_still() -> None:
    """Law 3."""
    honest, broken = (RtpSession(config(), now=0.0, ids=counting_ids(1)) for _ in range(2))
    for step in range(100):
        now = step * 0.02
        for session, at in ((honest, now), (broken, now if step % 2 == 0 else now - 5)):
            at = max(at, 0.0) if session is honest else at
            session.receive_packet(RtpPacket(0, step, step * 160, 9, bytes(160)).to_bytes(), PEER, now)
            session.receive_rtcp(build_compound([ReceiverReport(9)]), PEER, at)
            session.send_frame(SILENCE, at)
            session.handle_timeout(at)
            session.playout(at)
        assert honest.next_transmit() == broken.next_transmit()
    assert observe(honest) == observe(broken)


steps = st.lists(
    st.tuples(
        st.sampled_from(
            ["rtp", "bytes", "rtcp", "send", "skip", "digit", "play", "timeout", "update", "close"]
        ),
        st.integers(0, 3),
        st.integers(0, 40) | st.integers(0, 0xFFFF),
        st.sampled_from([0.0, 0.001, 0.02, 0.02, 0.3, 6.0]),
        st.binary(max_size=40),
    ),
    max_size=80,
)


def run(script: list[tuple[str, int, int, float, bytes]], seed: int) -> tuple[list[Any], RtpSession]:
    session = RtpSession(config(), now=0.0, ids=counting_ids(seed))
    now = 0.0
    out: list[Any] = []
    for action, which, number, wait, data in script:
        now += wait
        try:
            act(session, action, which, number, data, now)
        except LocalProtocolError as error:
            out.append(str(error))
        out += [*iter(session.next_transmit, None), *iter(session.next_event, None)]
    return out, session


def act(session: RtpSession, action: str, which: int, number: int, data: bytes, now: float) -> None:
    source = SOURCES[which]
    if action == "rtp":
        payload_type = (0, 8, 101, 33)[number % 4]
        ssrc = session.ssrc if number == 7 else 1 + number % 2
        packet = RtpPacket(payload_type, number, number * 160, ssrc, data or bytes(160))
        session.receive_packet(packet.to_bytes(), source, now)
    elif action == "bytes":
        session.receive_packet(data, source, now)
        session.receive_packet(b"\x80" + data, source, now)
        session.receive_rtcp(b"\x81\xc8" + data, source, now)
    elif action == "rtcp":
        block = ReportBlock(session.ssrc, number & 0xFF, number, number, number, number, number)
        parts: list[RtcpPacket] = [
            SenderReport(number, number, 0, 0, 0, (block,)),
            Goodbye((number, session.ssrc), "x"),
        ]
        session.receive_rtcp(build_compound(parts[: 1 + number % 2]), source, now)
    elif action == "send":
        session.send_frame(SILENCE, now)
    elif action == "skip":
        session.skip_frame(number, now)
    elif action == "digit":
        session.send_digit("0123456789*#ABCDx"[number % 17], now, duration_ms=40 + number % 100)
    elif action == "play":
        assert session.playout(now).shape == (160,)
    elif action == "timeout":
        session.handle_timeout(now)
    elif action == "update":
        session.update(config(send=number % 2 == 0, receive=number % 3 > 0, remote=SOURCES[which]), now)
    elif number < 3:
        session.close(now)


@given(steps, st.integers(0, 9))
@settings(max_examples=60)
def test_laws_4_and_5_any_input_is_taken_and_gives_the_same_bytes(
    script: list[tuple[str, int, int, float, bytes]], seed: int
) -> None:
    """Laws 4, 5."""
    out, session = run(script, seed)
    again, other = run(script, seed)
    assert out == again
    assert observe(session) == observe(other)


@given(st.lists(st.binary(max_size=60), max_size=30))
@settings(max_examples=60)
def test_law_5_bytes_on_either_port(datagrams: list[bytes]) -> None:
    """Law 5: counted, never raised."""
    session = RtpSession(config(), now=0.0, ids=counting_ids(1))
    for data in datagrams:
        for head in (b"", b"\x80", b"\x80\xc8", b"\x80\x65", b"\x90\x00"):
            session.receive_packet(head + data, PEER, 0.0)
            session.receive_rtcp(head + data, PEER, 0.0)
    session.playout(0.1)
    session.statistics()


def test_law_7_without_a_deadline_nothing_is_owed() -> None:
    """Law 7: without RTCP, and once closed, the session only answers its media clock."""
    session = RtpSession(config(rtcp=False), now=0.0, ids=counting_ids(1))
    assert session.deadline is None
    session.handle_timeout(1e9)
    assert session.next_transmit() is None
    session = RtpSession(config(), now=0.0, ids=counting_ids(1))
    session.close(0.0)
    assert session.deadline is None
    assert not session.playout(1.0).any()
    session.receive_packet(RtpPacket(0, 1, 1, 1, bytes(160)).to_bytes(), PEER, 2.0)
    session.receive_rtcp(build_compound([ReceiverReport(9)]), PEER, 2.0)
    assert session.statistics().packets_received == 0


def test_law_8_queues_are_bounded_and_losses_counted() -> None:
    """Law 8: a runtime that fetches nothing."""
    session = RtpSession(config(), now=0.0, ids=counting_ids(1))
    report = build_compound([ReceiverReport(9, (ReportBlock(session.ssrc, 0, 0, 0, 0),))])
    for step in range(3000):
        session.send_frame(SILENCE, step * 0.02)
        session.receive_rtcp(report, PEER, step * 0.02)
    statistics = session.statistics()
    assert statistics.dropped_transmits > 2000
    assert statistics.dropped_events > 1000
    assert len(list(iter(session.next_transmit, None))) + statistics.dropped_transmits == 3000


class SessionMachine(RuleBasedStateMachine):
    """Any order of verbs and packets: the counters fit and the deadline never stands in the past."""

    def __init__(self) -> None:
        super().__init__()
        self.session = RtpSession(config(), now=0.0, ids=counting_ids(3))
        self.now = 0.0
        self.fetched = 0

    @rule(
        action=st.sampled_from(["rtp", "bytes", "rtcp", "play"]),
        which=st.integers(0, 3),
        number=st.integers(0, 60),
    )
    def network(self, action: str, which: int, number: int) -> None:
        act(self.session, action, which, number, bytes([number]) * (number % 5), self.now)

    @precondition(lambda self: self.session.deadline is not None)
    @rule(action=st.sampled_from(["send", "skip", "digit", "update"]), number=st.integers(1, 60))
    def caller(self, action: str, number: int) -> None:
        try:
            act(self.session, action, number % 2, number, b"", self.now)
        except LocalProtocolError:
            if action != "digit":
                raise

    @rule(seconds=st.sampled_from([0.02, 0.1, 3.0, 20.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        for _ in range(100):
            if self.session.deadline is None or self.session.deadline > self.now:
                return
            self.session.handle_timeout(self.now)
        raise AssertionError("the deadline stays in the past")

    @rule()
    def fetch(self) -> None:
        while (transmit := self.session.next_transmit()) is not None:
            self.fetched += not 192 <= transmit.data[1] <= 223
        while self.session.next_event() is not None:
            continue

    @rule()
    def close(self) -> None:
        if self.now > 20:
            self.session.close(self.now)

    @invariant()
    def counters_fit(self) -> None:
        statistics = self.session.statistics()
        assert statistics.packets_sent >= self.fetched
        assert statistics.lost >= 0
        assert 0 <= statistics.fraction_lost <= 1
        received = statistics.packets_received - statistics.duplicates
        assert statistics.expected == received + statistics.lost
        assert statistics.mos is None or 1 <= statistics.mos <= 4.41


TestSessionMachine = SessionMachine.TestCase
TestSessionMachine.settings = settings(max_examples=30, stateful_step_count=40)
