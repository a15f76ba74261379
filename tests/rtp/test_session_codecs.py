"""RTP sessions with codecs of every clock and rate: switches, mismatches, packet lengths, pauses, losses."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import pytest

from sansio_rtp import Address, LocalProtocolError, RtpIds, RtpSession, RtpSessionConfig, Transmit
from sansio_rtp.audio import find_tone, trim_silence
from sansio_rtp.codec import PCMA, PCMU, CodecRegistry, ComfortNoise, EncoderSettings
from sansio_rtp.packet import RtpPacket, parse_rtp
from sansio_rtp.rtcp import Goodbye, ReceiverReport, ReportBlock, build_compound, parse_rtcp
from sansio_rtp.session import (
    CodecChanged,
    CodecFellBack,
    DigitReceived,
    MediaStarted,
    SourceChanged,
    UnknownPayloadReceived,
)
from trio_runtime.media.codecs import find_codecs

Audio = npt.NDArray[np.int16]
PEER: Address = ("192.0.2.2", 5000)
OURS: Address = ("192.0.2.1", 4000)
TICK = 0.02
WIDE = {"formats": {96: "opus", 9: "G722", 0: "PCMU", 8: "PCMA"}, "sample_rate": 16_000}


@pytest.fixture(scope="module")
def codecs() -> CodecRegistry:
    return find_codecs()


@pytest.fixture
def make(codecs: CodecRegistry, make_ids: Callable[[int], RtpIds]) -> Callable[..., RtpSession]:
    def build(seed: int = 1, **changes: Any) -> RtpSession:
        return RtpSession(settings(codecs, **changes), now=0.0, ids=make_ids(seed))

    return build


Make = Callable[..., RtpSession]


def settings(codecs: CodecRegistry, **changes: Any) -> RtpSessionConfig:
    base: dict[str, Any] = {"send_payload_type": 0, "codecs": codecs, "remote": PEER, "cname": "x"}
    return RtpSessionConfig(**(base | WIDE | changes))


def tone(rate: int, seconds: float, hz: float = 1000.0) -> Audio:
    return np.asarray(
        np.rint(8000 * np.sin(2 * np.pi * hz * np.arange(round(rate * seconds)) / rate)), np.int16
    )


def vowel(seconds: float) -> Audio:
    """A vowel on a wandering pitch with the rhythm of syllables, at 16 kHz."""
    time = np.arange(round(16_000 * seconds)) / 16_000
    pitch = 2 * np.pi * 140 * time + 19 * np.sin(2 * np.pi * 1.3 * time)
    wave = sum(np.sin(harmonic * pitch) / harmonic for harmonic in range(1, 20))
    return np.asarray(4000 * (0.6 + 0.4 * np.sin(2 * np.pi * 3 * time)) * wave, np.float64).astype(np.int16)


def packets(session: RtpSession) -> list[RtpPacket]:
    return [parse_rtp(item.data) for item in transmits(session) if item.flow.name == "RTP"]


def transmits(session: RtpSession) -> list[Transmit]:
    return list(iter(session.next_transmit, None))


def events(session: RtpSession, kind: type) -> list[Any]:
    return [event for event in iter(session.next_event, None) if isinstance(event, kind)]


def rtp(payload: bytes, payload_type: int, sequence: int, timestamp: int, ssrc: int = 77) -> bytes:
    return (
        struct.pack("!BBHII", 0x80, payload_type, sequence & 0xFFFF, timestamp & 0xFFFFFFFF, ssrc) + payload
    )


@attrs.define
class Line:
    """One direction of a call: what `sender` says, `receiver` hears, a tick at a time."""

    sender: RtpSession
    receiver: RtpSession
    now: float = 0.0
    sent: list[RtpPacket] = attrs.Factory(list)
    heard: list[Audio] = attrs.Factory(list)
    drop: Callable[[int], bool] = lambda _: False

    def say(self, samples: Audio, size: int = 320) -> Audio:
        """Say samples in frames of `size` while time passes, and return what was heard meanwhile."""
        first = len(self.heard)
        due = 0
        for at in range(0, samples.size, 320):
            while due + size <= at + 320 and due + size <= samples.size:
                self.sender.send_frame(samples[due : due + size], self.now)
                due += size
            self._tick()
        return np.concatenate(self.heard[first:])

    def pause(self, ticks: int) -> Audio:
        first = len(self.heard)
        for _ in range(ticks):
            self.sender.skip_frame(320, self.now)
            self._tick()
        return np.concatenate(self.heard[first:])

    def _tick(self) -> None:
        for item in transmits(self.sender):
            if item.flow.name != "RTP":
                self.receiver.receive_rtcp(item.data, (OURS[0], OURS[1] + 1), self.now)
                continue
            self.sent.append(parse_rtp(item.data))
            if not self.drop(len(self.sent)):
                self.receiver.receive_packet(item.data, OURS, self.now)
        transmits(self.receiver)
        self.heard.append(self.receiver.playout(self.now))
        self.now += TICK


@pytest.fixture
def line(make: Make) -> Callable[..., Line]:
    def build(ours: dict[str, Any] | None = None, theirs: dict[str, Any] | None = None) -> Line:
        return Line(make(1, remote=PEER, **(ours or {})), make(2, remote=OURS, **(theirs or {})))

    return build


def clean(heard: Audio, rate: int = 16_000, hz: float = 1000.0) -> float:
    """Return the SNDR of the tone in what was heard, without its edges."""
    inner = trim_silence(heard, rate)[rate // 10 : -(rate // 10)]
    found = find_tone(inner, rate)
    assert inner.size > rate // 4
    assert abs(found.frequency_hz - hz) < 1
    return found.sndr_db


@pytest.mark.parametrize(
    ("payload_type", "units"), [(96, 960), (9, 160), (0, 160)], ids=["opus", "G722", "PCMU"]
)
def test_timestamps_count_in_the_clock_of_the_codec(make: Make, payload_type: int, units: int) -> None:
    """MED-5, MED-8, MED-9: 20 ms of audio at 16 kHz are 160 units of G.722 and 960 of Opus."""
    session = make(send_payload_type=payload_type)
    for tick in range(4):
        session.send_frame(tone(16_000, TICK), tick * TICK)
    first, *rest = packets(session)
    assert [(each.timestamp - first.timestamp) % 2**32 for each in rest] == [units, 2 * units, 3 * units]
    assert {each.payload_type for each in rest} == {payload_type}


@pytest.mark.parametrize("payload_type", [96, 9, 0, 8])
@pytest.mark.parametrize("ptime", [10, 20, 40, 60])
def test_packets_of_any_length_are_heard(line: Callable[..., Line], payload_type: int, ptime: int) -> None:
    """MED-19: 10, 20, 40 and 60 ms; the receiver needs not be told."""
    talk = line({"send_payload_type": payload_type})
    heard = talk.say(tone(16_000, 1.2), 16 * ptime)
    assert clean(heard) >= (38 if payload_type in (96, 9) else 33)
    statistics = talk.receiver.statistics()
    assert (statistics.lost, statistics.late, statistics.undecodable) == (0, 0, 0)
    assert len(talk.sent) == 1200 // ptime


@pytest.mark.parametrize("payload_type", [9, 0, 8])
def test_packets_of_30_ms_and_changing_lengths_are_heard(
    line: Callable[..., Line], payload_type: int
) -> None:
    """MED-19: what Opus cannot make the others can, and a peer may change its mind."""
    talk = line({"send_payload_type": payload_type})
    sound = tone(16_000, 3.6)
    heard = [talk.say(sound[at : at + 19_200], size) for at, size in ((0, 480), (19_200, 160), (38_400, 960))]
    # The buffer has to grow for 60 ms, once; what comes after that is whole again.
    assert min(clean(each[3200:]) for each in heard) >= 33
    assert talk.receiver.statistics().lost == 0


@pytest.mark.parametrize("other", [8, 9])
def test_a_switch_to_a_codec_of_the_same_clock_goes_on_in_the_stream(
    line: Callable[..., Line], codecs: CodecRegistry, other: int
) -> None:
    """MED-19: SSRC, sequence and timestamps go on; the peer hears the change and tells it once."""
    talk = line()
    sound = tone(16_000, 2)
    before = talk.say(sound[:16_000])
    talk.sender.update(settings(codecs, send_payload_type=other), talk.now)
    after = talk.say(sound[16_000:])
    assert min(clean(before), clean(after)) >= 33
    assert len({each.ssrc for each in talk.sent}) == 1
    steps = [
        ((b.sequence - a.sequence) % 65_536, (b.timestamp - a.timestamp) % 2**32)
        for a, b in zip(talk.sent, talk.sent[1:], strict=False)
    ]
    assert set(steps) == {(1, 160)}
    assert events(talk.receiver, CodecChanged) == [CodecChanged(other, {8: "PCMA", 9: "G722"}[other])]
    assert talk.receiver.statistics().lost == 0


def test_a_switch_to_another_clock_is_another_source(
    line: Callable[..., Line], codecs: CodecRegistry
) -> None:
    """MED-19, MED-6: goodbye for the old SSRC, a new one for Opus, and back again, and nothing is lost."""
    talk = line()
    sound = tone(16_000, 3)
    talk.say(sound[:16_000])
    ssrcs = [talk.sender.ssrc]
    heard = []
    for payload_type, at in ((96, 16_000), (0, 32_000)):
        talk.sender.update(settings(codecs, send_payload_type=payload_type), talk.now)
        ssrcs.append(talk.sender.ssrc)
        heard.append(talk.say(sound[at : at + 16_000]))
    assert len(set(ssrcs)) == 3
    assert [clean(each) >= 33 for each in heard] == [True, True]
    told = list(iter(talk.receiver.next_event, None))
    assert [event.ssrc for event in told if isinstance(event, SourceChanged)] == ssrcs[1:]
    assert [event.codec for event in told if isinstance(event, CodecChanged)] == ["opus", "PCMU"]
    statistics = talk.receiver.statistics()
    assert (statistics.lost, statistics.packets_received) == (0, 150)
    assert statistics.jitter_ms is not None
    assert statistics.jitter_ms < 5


def test_a_session_that_has_sent_nothing_keeps_its_source(make: Make, codecs: CodecRegistry) -> None:
    """MED-19: there is nothing to say goodbye for; without RTCP nobody would hear it."""
    silent, quiet = make(), make(rtcp=False)
    ssrc = silent.ssrc
    silent.update(settings(codecs, send_payload_type=96), 0.0)
    assert (silent.ssrc, transmits(silent)) == (ssrc, [])
    quiet.send_frame(tone(16_000, TICK), 0.0)
    packets(quiet)
    quiet.update(settings(codecs, send_payload_type=96, rtcp=False), 0.1)
    assert transmits(quiet) == []


def test_the_goodbye_of_a_switch_names_the_old_source(make: Make, codecs: CodecRegistry) -> None:
    """MED-6."""
    session = make()
    old = session.ssrc
    session.send_frame(tone(16_000, TICK), 0.0)
    packets(session)
    session.update(settings(codecs, send_payload_type=96), 0.1)
    (item,) = transmits(session)
    goodbye = parse_rtcp(item.data)[-1]
    assert isinstance(goodbye, Goodbye)
    assert goodbye.ssrcs == (old,)


def test_a_peer_that_changes_the_clock_within_one_source_is_heard(make: Make, codecs: CodecRegistry) -> None:
    """MED-19: many do; a straggler of the time before has no place any more, and harms nothing."""
    session = make()
    sound, opus = tone(16_000, 3), codecs.get("opus").encoder(EncoderSettings(16_000))
    narrow = tone(8_000, 3)
    heard: list[Audio] = []
    timestamp, sequence = 2**32 - 9_000, 65_500
    for tick in range(150):
        now = tick * TICK
        if 50 <= tick < 100:
            payload, payload_type, units = opus.encode(sound[tick * 320 : tick * 320 + 320]), 96, 960
        else:
            payload, payload_type, units = PCMU.encode(narrow[tick * 160 : tick * 160 + 160]), 0, 160
        session.receive_packet(rtp(payload, payload_type, sequence + tick, timestamp), PEER, now)
        if tick == 60:
            session.receive_packet(rtp(PCMU.encode(narrow[:160]), 0, sequence + 45, timestamp), PEER, now)
        timestamp += units
        heard.append(session.playout(now))
    for first in (5, 60, 110):
        assert clean(np.concatenate(heard[first : first + 35])) >= 33
    assert [event.codec for event in events(session, CodecChanged)] == ["opus", "PCMU"]
    assert session.statistics().lost == 0


@pytest.mark.parametrize("clock", [44_100, 48_000])
def test_linear_audio_of_another_clock_than_ours_plays_without_a_gap(make: Make, clock: int) -> None:
    """MED-18, MED-19: packets of 10 ms, counted in the units of our own codec."""
    session = make(formats={100: f"L16/{clock}", 0: "PCMU"})
    sound, size = tone(clock, 1.5).astype(">i2"), clock // 100
    heard: list[Audio] = []
    for tick in range(75):
        for half in (2 * tick, 2 * tick + 1):
            payload = sound[half * size : half * size + size].tobytes()
            session.receive_packet(rtp(payload, 100, half, half * size), PEER, tick * TICK)
        heard.append(session.playout(tick * TICK))
    assert clean(np.concatenate(heard)) >= 38
    assert session.statistics().concealed <= 1


def test_a_payload_type_that_was_agreed_on_but_not_expected_is_decoded(make: Make) -> None:
    """MED-19: we send PCMU, the peer PCMA, then PCMU, then PCMA: the decoder follows."""
    session = make(sample_rate=8_000)
    sound = tone(8_000, 1.5)
    for tick in range(75):
        codec, payload_type = (PCMU, 0) if 25 <= tick < 50 else (PCMA, 8)
        payload = codec.encode(sound[tick * 160 : tick * 160 + 160])
        session.receive_packet(rtp(payload, payload_type, tick, tick * 160), PEER, tick * TICK)
        frame = session.playout(tick * TICK)
        if tick > 5:
            assert find_tone(frame, 8_000).sndr_db > 25
    told = list(iter(session.next_event, None))
    assert [event for event in told if isinstance(event, MediaStarted)] == [MediaStarted(77, 8)]
    assert [event for event in told if isinstance(event, CodecChanged)] == [
        CodecChanged(0, "PCMU"),
        CodecChanged(8, "PCMA"),
    ]
    assert session.statistics().codec == "PCMA"


def test_an_unknown_payload_type_is_counted_and_told_once(make: Make) -> None:
    """MED-19: what was agreed on is heard on, without a loss."""
    session = make(sample_rate=8_000)
    payload = PCMU.encode(tone(8_000, TICK))
    for tick in range(60):
        unknown = {1: 18, 2: 3}.get(tick % 3)
        data = rtp(payload, 0 if unknown is None else unknown, tick, tick * 160)
        session.receive_packet(data, PEER, tick * TICK)
        session.playout(tick * TICK)
    assert events(session, UnknownPayloadReceived) == [UnknownPayloadReceived(18), UnknownPayloadReceived(3)]
    statistics = session.statistics()
    assert (statistics.unknown_payload, statistics.lost) == (40, 0)


FALLBACK = {"formats": {0: "PCMU"}, "fallback_formats": {0: "PCMU", 8: "PCMA"}, "sample_rate": 8_000}


def test_a_peer_that_means_another_codec_is_heard(make: Make) -> None:
    """MED-19: PCMA though only PCMU was agreed on; some packets prove that it is meant."""
    session = make(**FALLBACK)
    sound = tone(8_000, 2)
    heard: list[Audio] = []
    for tick in range(100):
        data = rtp(PCMA.encode(sound[tick * 160 : tick * 160 + 160]), 8, tick, tick * 160)
        if tick != 2:
            session.receive_packet(data, PEER, tick * TICK)
        heard.append(session.playout(tick * TICK))
    assert events(session, object) == [UnknownPayloadReceived(8), CodecFellBack(8), MediaStarted(77, 8)]
    assert clean(np.concatenate(heard), 8_000) > 30
    statistics = session.statistics()
    assert (statistics.unknown_payload, statistics.codec) == (5, "PCMA")


def test_stray_packets_of_another_codec_change_nothing(make: Make) -> None:
    """MED-19: nothing else may be what the peer sends; and a codec that is known, but not to fall back to."""
    session, strict = make(**FALLBACK), make(**FALLBACK | {"fallback_formats": {}})
    for tick in range(100):
        payload_type = 8 if tick % 4 == 3 else 0
        data = rtp(PCMU.encode(tone(8_000, TICK)), payload_type, tick, tick * 160)
        session.receive_packet(data, PEER, tick * TICK)
        strict.receive_packet(rtp(bytes(160), 8, tick, tick * 160), PEER, tick * TICK)
    assert session.statistics().unknown_payload == 25
    assert strict.statistics().unknown_payload == 100
    assert not events(strict, CodecFellBack)


def test_what_is_agreed_on_anew_is_what_counts(make: Make, codecs: CodecRegistry) -> None:
    """MED-19: after a renegotiation the peer has to prove itself again."""
    session = make(**FALLBACK)
    for tick in range(20):
        if tick == 10:
            session.update(settings(codecs, **FALLBACK), tick * TICK)
        session.receive_packet(rtp(bytes(160), 8, tick, tick * 160), PEER, tick * TICK)
    assert session.statistics().unknown_payload == 10


def test_payloads_that_are_none_of_their_codec_are_counted(make: Make) -> None:
    """MED-9, MED-19: a bad measure, and one that only the decoder sees."""
    session = make(send_payload_type=96)
    for tick, payload in enumerate((b"\xff\xff", b"\xfb\x43\xff", b"")):
        session.receive_packet(rtp(payload, 96, tick, tick * 960), PEER, tick * TICK)
    for tick in range(3, 20):
        assert session.playout(tick * TICK).shape == (320,)
    assert session.statistics().undecodable == 2


@pytest.mark.parametrize("seconds", [0.5, 2.0])
def test_a_described_pause_is_filled_with_that_noise(line: Callable[..., Line], seconds: float) -> None:
    """MED-12: for as long as it lasts; speech comes back whole, and a digit may come in between."""
    noise = {"noise_send_payload_type": 13, "noise_receive_payload_type": 13}
    talk = line(noise, noise)
    talk.say(tone(16_000, 1))
    talk.sender.send_noise(ComfortNoise(40, (-0.5,)), 320, talk.now)
    heard = talk.pause(round(seconds / TICK))
    pause = heard[3200:].astype(np.float64)
    assert abs(20 * np.log10(pause.std() / 32768) + 40) < 1.0
    assert clean(talk.say(tone(16_000, 1))) >= 33
    kinds = [each.payload_type for each in talk.sent]
    assert (kinds.count(13), set(kinds)) == (1, {0, 13})
    assert not talk.sent[kinds.index(13)].marker
    assert talk.sent[kinds.index(13) + 1].marker
    statistics = talk.receiver.statistics()
    assert (statistics.lost, statistics.unknown_payload, statistics.undecodable) == (0, 0, 0)


def test_noise_follows_its_updates_and_bad_descriptions_are_counted(make: Make) -> None:
    """MED-12: a description a second; one without a level changes nothing."""
    session = make(sample_rate=8_000, noise_receive_payload_type=13)
    levels = []
    for tick in range(150):
        if tick in (0, 50):
            payload = ComfortNoise(30 if tick else 60).to_bytes()
            session.receive_packet(rtp(payload, 13, tick // 50, tick * 160), PEER, tick * TICK)
        if tick == 100:
            session.receive_packet(rtp(b"", 13, 2, tick * 160), PEER, tick * TICK)
        levels.append(20 * np.log10(max(float(session.playout(tick * TICK).std()), 0.1) / 32768))
    assert np.mean(levels[20:45]) == pytest.approx(-60, abs=1.5)
    assert np.mean(levels[70:95]) == pytest.approx(-30, abs=1.0)
    assert np.mean(levels[120:]) == pytest.approx(-30, abs=1.0)
    assert session.statistics().undecodable == 1
    lost_at_once = make(sample_rate=8_000, noise_receive_payload_type=13, receive=False)
    lost_at_once.receive_packet(rtp(b"\x10", 13, 0, 0), PEER, 0.0)
    assert not lost_at_once.playout(0.1).any()


def test_the_same_pause_sounds_the_same_in_every_run(make: Make) -> None:
    """MED-12: law 4: chance comes from the ids alone."""

    def run(seed: int) -> bytes:
        session = make(seed, noise_receive_payload_type=13)
        session.receive_packet(rtp(b"\x20\x50", 13, 0, 0), PEER, 0.0)
        return b"".join(session.playout(tick * TICK).tobytes() for tick in range(10))

    assert run(1) == run(1) != run(2)


def test_noise_is_only_sent_to_whom_takes_it(make: Make) -> None:
    """MED-12: a digit goes first; without an address only time passes."""
    with pytest.raises(LocalProtocolError, match="no comfort noise"):
        make().send_noise(ComfortNoise(40), 320, 0.0)
    session = make(noise_send_payload_type=13, dtmf_send_payload_type=101)
    with pytest.raises(LocalProtocolError, match="n_samples"):
        session.send_noise(ComfortNoise(40), 0, 0.0)
    session.send_digit("1", 0.0)
    session.send_noise(ComfortNoise(40), 320, 0.0)
    assert [each.payload_type for each in packets(session)] == [101]
    nowhere = make(noise_send_payload_type=13, remote=None)
    nowhere.send_noise(ComfortNoise(40), 320, 0.0)
    assert transmits(nowhere) == []
    nowhere.close(1.0)
    with pytest.raises(LocalProtocolError, match="closed"):
        nowhere.send_noise(ComfortNoise(40), 320, 1.0)


def test_silence_that_opus_does_not_send_is_no_loss(line: Callable[..., Line]) -> None:
    """MED-9: DTX: few packets, the marker after each pause, the timestamp goes on."""
    opus = {"send_payload_type": 96, "send_fmtp": "usedtx=1;useinbandfec=1"}
    talk = line(opus)
    talk.say(tone(16_000, 1))
    before = len(talk.sent)
    talk.say(np.zeros(32_000, np.int16))
    assert len(talk.sent) - before < 50
    assert clean(talk.say(tone(16_000, 1))) >= 38
    assert sum(each.marker for each in talk.sent) >= 2
    assert (talk.sent[-1].timestamp - talk.sent[0].timestamp) % 2**32 == 199 * 960
    assert talk.receiver.statistics().lost == 0


def test_lost_packets_of_opus_come_back_out_of_the_next_ones(line: Callable[..., Line], make: Make) -> None:
    """MED-9, MED-15: once the peer has reported losses; without the report there is no copy to use."""
    opus = {"send_payload_type": 96, "send_fmtp": "useinbandfec=1"}
    unaware = line(opus)
    unaware.drop = lambda number: number % 5 == 0
    unaware.say(vowel(4))
    assert (unaware.receiver.statistics().lost, unaware.receiver.statistics().recovered) == (39, 0)
    talk = line(opus)
    report = ReceiverReport(9, (ReportBlock(talk.sender.ssrc, 51, 0, 0, 0, 0, 0),))
    talk.sender.receive_rtcp(build_compound((report,)), (PEER[0], PEER[1] + 1), 0.0)
    talk.drop = lambda number: number % 5 == 0
    talk.say(vowel(4))
    statistics = talk.receiver.statistics()
    assert statistics.lost == 39
    assert statistics.recovered > 15  # what is no speech to the encoder is not copied


def test_losses_of_other_codecs_are_concealed_as_before(line: Callable[..., Line]) -> None:
    """MED-15: G.722 repeats what was heard, at its own rate."""
    talk = line({"send_payload_type": 9})
    talk.drop = lambda number: number == 30
    heard = talk.say(tone(16_000, 1.2))
    assert talk.receiver.statistics().lost == 1
    gap = trim_silence(heard, 16_000)[320:-320]
    assert np.abs(gap.reshape(-1, 320)).max(axis=1).min() > 2000
    assert talk.receiver.statistics().recovered == 0


@pytest.mark.parametrize("event_clock", [None, 8_000])
def test_digits_in_an_opus_stream_have_their_own_clock(
    line: Callable[..., Line], event_clock: int | None
) -> None:
    """MED-13: 48 kHz as it should be, 8 kHz as some phones want it; timestamps are those of the stream."""
    digits = {
        "dtmf_send_payload_type": 101, "dtmf_receive_payload_type": 101,
        "dtmf_clock_rate": event_clock, "send_payload_type": 96,
    }  # fmt: skip
    talk = line(digits, digits)
    talk.say(tone(16_000, 0.2))
    talk.sender.send_digit("5", talk.now, duration_ms=100)
    talk.say(tone(16_000, 0.6))
    (digit,) = events(talk.receiver, DigitReceived)
    assert (digit.digit, digit.duration_ms) == ("5", 100)
    first = next(each for each in talk.sent if each.payload_type == 101)
    assert (first.timestamp - talk.sent[0].timestamp) % 2**32 == 10 * 960
    long = [int.from_bytes(each.payload[2:4], "big") for each in talk.sent if each.payload_type == 101]
    assert max(long) == 100 * (event_clock or 48_000) // 1000


def test_digits_of_every_agreed_clock_are_heard(make: Make) -> None:
    """MED-13, MED-19: the peer falls back to G.711 and to its telephone-events."""
    session = make(
        send_payload_type=96, dtmf_receive_payload_type=110, dtmf_receive_formats={110: 48_000, 101: 8_000}
    )
    for sequence, (payload_type, units) in enumerate(((110, 4800), (101, 800), (110, 4800))):
        payload = struct.pack("!BBH", sequence + 1, 0x80 | 10, units)
        data = rtp(payload, payload_type, sequence, sequence * 48_000)
        session.receive_packet(data, PEER, sequence * 1.0)
    digits = events(session, DigitReceived)
    assert [(digit.digit, digit.duration_ms) for digit in digits] == [("1", 100), ("2", 100), ("3", 100)]
    assert session.statistics().unknown_payload == 0


def test_what_the_codec_cannot_encode_changes_nothing(make: Make) -> None:
    """MED-9: 30 ms of Opus, half a pair of G.722: refused, no time has passed."""
    for payload_type, size, good in ((96, 480, 320), (9, 321, 320)):
        session = make(send_payload_type=payload_type)
        session.send_frame(np.zeros(good, np.int16), 0.0)
        with pytest.raises(LocalProtocolError, match=f"makes no packet of {size} samples"):
            session.send_frame(np.zeros(size, np.int16), 0.02)
        session.send_frame(np.zeros(good, np.int16), 0.02)
        first, second = packets(session)
        assert (second.timestamp - first.timestamp) % 2**32 == (960 if payload_type == 96 else 160)


def test_the_rate_of_frames_can_change_with_the_agreement(make: Make, codecs: CodecRegistry) -> None:
    """MED-18: without a fixed rate it is that of the codec; an encoder lives on through a hold."""
    session = make(sample_rate=None, send_payload_type=9)
    assert session.playout(0.0).shape == (320,)
    encoder = session._parts.sender._encoder._encoder
    session.update(settings(codecs, sample_rate=None, send_payload_type=9, send=False), 0.1)
    assert session._parts.sender._encoder._encoder is encoder
    session.receive_packet(rtp(bytes(160), 9, 0, 0), PEER, 0.1)
    session.receive_packet(rtp(bytes(160), 9, 1, 160), PEER, 0.1)
    for tick in range(6, 9):
        session.playout(tick * TICK)
    session.update(settings(codecs, sample_rate=None, send_payload_type=0), 0.2)
    assert session.playout(0.2).shape == (160,)
    session.send_frame(np.zeros(160, np.int16), 0.2)


def test_a_codec_that_is_taken_away_is_no_longer_played(make: Make, codecs: CodecRegistry) -> None:
    """MED-19: its packets that wait are as good as lost."""
    session = make(sample_rate=8_000)
    for tick in range(5):
        session.receive_packet(rtp(PCMA.encode(tone(8_000, TICK)), 8, tick, tick * 160), PEER, tick * TICK)
        session.playout(tick * TICK)
    session.update(settings(codecs, sample_rate=8_000, formats={0: "PCMU"}), 0.1)
    assert [session.playout(0.1 + tick * TICK).size for tick in range(10)] == [160] * 10
    session.update(settings(codecs, sample_rate=8_000), 0.3)
    assert session.playout(0.3).size == 160


def test_a_copy_that_cannot_be_read_is_concealed(make: Make, codecs: CodecRegistry) -> None:
    """MED-9, MED-15: the packet behind the loss is none, so that nothing helps; the next one does."""
    session = make(send_payload_type=96)
    encoder, sound = codecs.get("opus").encoder(EncoderSettings(16_000)), tone(16_000, 1)
    for tick in range(40):
        payload = encoder.encode(sound[tick * 320 : tick * 320 + 320])
        if tick == 11:
            payload = b"\x0a\xfb\x40\x00"  # a frame with a copy that is said to be longer than the packet
        if tick != 10:
            data = rtp(payload, 96, tick, tick * 960)
            session.receive_packet(data, PEER, tick * TICK)
        session.playout(tick * TICK)
    statistics = session.statistics()
    assert (statistics.lost, statistics.undecodable, statistics.recovered) == (1, 1, 0)


def test_the_same_description_again_changes_nothing(make: Make) -> None:
    """MED-12: a peer may repeat itself."""
    session = make(sample_rate=8_000, noise_receive_payload_type=13)
    for tick in range(20):
        session.receive_packet(rtp(b"\x1e", 13, tick, tick * 160), PEER, tick * TICK)
        session.playout(tick * TICK)
    assert float(session.playout(0.4).std()) == pytest.approx(32768 * 10**-1.5, rel=0.3)


def test_a_report_after_a_switch_has_the_time_of_the_new_clock(make: Make, codecs: CodecRegistry) -> None:
    """MED-6, MED-19: before the first packet of the new source there is no time to compare with."""
    session = make()
    for tick in range(10):
        session.send_frame(tone(16_000, TICK), tick * TICK)
    session.update(settings(codecs, send_payload_type=96), 0.2)
    transmits(session)
    sent: list[Transmit] = []
    while not sent:  # the timer may be set anew (RFC 3550 §6.3.6)
        assert session.deadline is not None
        session.handle_timeout(session.deadline)
        sent = transmits(session)
    assert sent[0].flow.name == "RTCP"
