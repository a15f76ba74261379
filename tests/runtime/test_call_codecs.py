"""Whole calls in virtual time, with every codec that this machine has."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneMeasurement, ToneSource, find_tone, sine, trim_silence
from sansio_rtp.codec import BUILT_IN, CodecRegistry, complete_registry, g722_codec, opus_codec
from sansio_rtp.packet import parse_rtp
from sansio_sip.sdp import build_sdp, make_answer, make_offer, parse_sdp
from trio_runtime import Call, ConfigurationError, IncomingCall, MediaConfig
from trio_runtime.media import NoMedia
from trio_runtime.media.codecs import codecs_for, find_codecs
from trio_runtime.media.config import local_media, rtp_config
from trio_runtime.media.offer import audio_rate, local_formats
from trio_runtime.testing import Simulation

BOB = "sip:bob@10.0.0.2"
Frame = npt.NDArray[np.int16]

CODECS = ("PCMU", "PCMA", "G722", "opus", "L16/8000", "L16/16000", "L16/44100", "L16/48000", "L16/44100/2")
WIDE = {"G722", "opus", "L16/16000", "L16/44100", "L16/48000", "L16/44100/2"}


async def hear(call: Call, frames: int) -> Frame:
    """Return the next frames of a call."""
    heard: list[Frame] = []
    async for frame in call.audio:
        heard.append(frame)
        if len(heard) == frames:
            break
    return np.concatenate(heard)


async def sing(call: Call, hz: float, seconds: float = 2.0) -> None:
    await call.play(ToneSource(sine(hz), call.audio.rate).read(int(call.audio.rate * seconds)))


def measure(samples: Frame, rate: int) -> ToneMeasurement:
    """Measure the tone, without the edges where it begins and ends."""
    heard = trim_silence(samples, rate)
    return find_tone(heard[rate // 10 : -(rate // 10)], rate)


async def converse(
    sim: Simulation, ours: MediaConfig, theirs: MediaConfig, **wire: float
) -> tuple[ToneMeasurement, ToneMeasurement, Call]:
    """Let alice call bob, each sing to the other, and measure what each heard: alice first."""
    network = sim.wire(5, **wire)  # type: ignore[arg-type]
    alice = sim.phone(network, "alice", "10.0.0.1", media=ours)
    bob = sim.phone(network, "bob", "10.0.0.2", media=theirs)
    by_bob: list[ToneMeasurement] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sing, call, 440.0)
            by_bob.append(measure(await hear(call, 130), call.audio.rate))
        await call.ended()

    async with network, alice, bob, trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
            async with trio.open_nursery() as both:
                both.start_soon(sing, call, 1000.0)
                by_alice = measure(await hear(call, 130), call.audio.rate)
            await trio.sleep(0.5)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    return by_alice, by_bob[0], call


@pytest.mark.parametrize("codec", CODECS)
async def test_tones_cross_with_every_codec(
    sim: Simulation, autojump_clock: trio.testing.MockClock, codec: str
) -> None:
    """MED-7, MED-8, MED-9, MED-18: each hears the other's tone, in the codec that was agreed on."""
    config = MediaConfig(codecs=(codec,))
    by_alice, by_bob, call = await converse(sim, config, config)
    least = 38.0 if codec in WIDE else 33.0
    assert abs(by_alice.frequency_hz - 440) < 1
    assert abs(by_bob.frequency_hz - 1000) < 1
    assert min(by_alice.sndr_db, by_bob.sndr_db) >= least
    statistics = call.statistics()
    assert statistics is not None
    assert statistics.rtp is not None
    assert statistics.rtp.codec == codec
    assert (statistics.rtp.lost, statistics.rtp.undecodable, statistics.rtp.unknown_payload) == (0, 0, 0)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (MediaConfig(codecs=("opus",), sample_rate=8_000), MediaConfig(codecs=("opus",))),
        (MediaConfig(codecs=("G722",), sample_rate=48_000), MediaConfig(codecs=("G722",), sample_rate=8_000)),
        (
            MediaConfig(codecs=("PCMU",), sample_rate=44_100),
            MediaConfig(codecs=("PCMU",), sample_rate=32_000),
        ),
        (MediaConfig(codecs=("opus", "PCMA")), MediaConfig(codecs=("PCMA", "PCMU"))),
    ],
    ids=["opus at 8 kHz", "G.722 at 48 and 8 kHz", "PCMU at odd rates", "fallback to PCMA"],
)
async def test_each_side_has_audio_of_its_own_rate(
    sim: Simulation, autojump_clock: trio.testing.MockClock, ours: MediaConfig, theirs: MediaConfig
) -> None:
    """MED-18, MED-19: whatever the codec that both have."""
    by_alice, by_bob, call = await converse(sim, ours, theirs)
    assert abs(by_alice.frequency_hz - 440) < 1
    assert abs(by_bob.frequency_hz - 1000) < 1
    assert min(by_alice.sndr_db, by_bob.sndr_db) >= 30
    assert call.audio.rate == audio_rate(ours, codecs_for(ours.codecs))


@pytest.mark.parametrize("codec", ["PCMU", "G722", "opus", "L16/16000"])
@pytest.mark.parametrize("ptime", [10, 20, 30, 40, 60])
async def test_each_side_sends_packets_of_the_length_that_the_other_wants(
    sim: Simulation, autojump_clock: trio.testing.MockClock, codec: str, ptime: int
) -> None:
    """MED-19, SDP-6: as far as the codec can; and both hear each other."""
    ours, theirs = MediaConfig(codecs=(codec,), ptime_ms=ptime), MediaConfig(codecs=(codec,))
    by_alice, by_bob, _ = await converse(sim, ours, theirs)
    assert min(by_alice.sndr_db, by_bob.sndr_db) >= 33
    found = codecs_for((codec,)).get(codec)
    for host, wanted in (("10.0.0.1", 20), ("10.0.0.2", ptime)):
        sent = [entry.data for entry in sim.wires[0].datagrams if entry.sender[0] == host]
        voice = [parse_rtp(data) for data in sent if data[0] >> 6 == 2 and not 192 <= data[1] <= 223]
        lasting = {found.measure(packet.payload) * 1000 // found.clock_rate for packet in voice}
        assert lasting == {found.ptime_for(wanted)}


async def test_losses_on_the_way_are_bridged_by_opus(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-9, MED-15: 5 % are lost; the tone is as loud as with the other 95, which silence would not be."""
    config = MediaConfig(codecs=("opus",), sample_rate=16_000)
    by_alice, by_bob, call = await converse(sim, config, config, loss=0.05)
    assert abs(by_alice.frequency_hz - 440) < 1
    assert abs(by_bob.frequency_hz - 1000) < 1
    assert min(by_alice.sndr_db, by_bob.sndr_db) > 6
    assert max(abs(each.level_dbov - by_alice.level_dbov) for each in (by_alice, by_bob)) < 1
    statistics = call.statistics()
    assert statistics is not None
    assert statistics.rtp is not None
    assert statistics.rtp.lost > 2


async def test_digits_cross_in_an_opus_call(sim: Simulation, autojump_clock: trio.testing.MockClock) -> None:
    """MED-13, MED-9: telephone-events in the clock of Opus."""
    heard: list[tuple[str, float]] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        async for digit in call.digits:
            heard.append((digit.digit, digit.duration_ms))

    async with sim.pair(phones={"media": MediaConfig(codecs=("opus", "PCMU"))}) as (alice, bob):
        async with trio.open_nursery() as nursery:
            await nursery.start(bob.serve, answer)
            async with alice.make_call(BOB) as call:
                await call.answered()
                await call.send_dtmf("12#")
                await trio.sleep(1)
            nursery.cancel_scope.cancel()
    assert heard == [("1", 160), ("2", 160), ("#", 160)]


def test_the_offer_has_the_codecs_in_the_configured_order() -> None:
    """MED-9, MED-19, SDP-6: static types, dynamic ones from 96, parameters, events of every clock."""
    config = MediaConfig(codecs=("opus", "G722", "l16/16000", "PCMA"), sample_rate=16_000, comfort_noise=True)
    formats = local_formats(config, find_codecs())
    assert [(item.rtpmap, item.fmtp) for item in formats] == [
        ("96 opus/48000/2", "useinbandfec=1;maxplaybackrate=16000;sprop-maxcapturerate=16000"),
        ("9 G722/8000", None),
        ("97 L16/16000", None),
        ("8 PCMA/8000", None),
        ("98 CN/48000", None),
        ("13 CN/8000", None),
        ("99 CN/16000", None),
        ("100 telephone-event/48000", "0-16"),
        ("101 telephone-event/8000", "0-16"),
        ("102 telephone-event/16000", "0-16"),
    ]


def lacking() -> CodecRegistry:
    return complete_registry(g722=g722_codec(None), opus=opus_codec(None))


def test_what_this_machine_lacks_is_not_offered() -> None:
    """MED-8, MED-9, MED-19: absence is forced."""
    names = [
        item.name
        for item in local_formats(MediaConfig(codecs=("opus", "G722", "PCMU"), dtmf=False), lacking())
    ]
    assert names == ["PCMU"]
    assert audio_rate(MediaConfig(codecs=("opus", "PCMU")), lacking()) == 8_000


@pytest.mark.parametrize(
    ("names", "words"),
    [
        (("opus", "G722"), "opus is not available: .* apt-get install libopus0.*; G722 is not available"),
        (("PCMU", "pcmu/8000"), "names a codec twice"),
        (("L16/16000", "G729"), "unknown codec 'G729'"),
    ],
)
def test_codecs_that_cannot_be_offered_are_refused_with_the_reason(
    names: tuple[str, ...], words: str
) -> None:
    """MED-27."""
    with pytest.raises(ConfigurationError, match=f"codecs: {words}"):
        local_formats(MediaConfig(codecs=names), lacking())


@pytest.mark.parametrize("rate", [0, 11_025, True, "8000"])
def test_a_rate_that_no_call_can_have_is_refused(rate: object) -> None:
    """MED-27."""
    with pytest.raises(ConfigurationError, match="sample_rate: must be one of 8000"):
        MediaConfig(sample_rate=rate)  # type: ignore[arg-type]


def test_a_coordinator_without_media_offers_the_same_codecs() -> None:
    """MED-9: and refuses what cannot be offered."""
    media = NoMedia(MediaConfig(codecs=("opus", "PCMU")), advertised_host="10.0.0.1", random_bytes=bytes)
    assert [item.name for item in media.open("x").formats][:2] == ["opus", "PCMU"]
    assert media.audio("x").rate == 48_000


def test_a_format_that_only_has_the_name_of_ours_is_not_sent() -> None:
    """MED-19: L16 with pre-emphasis would be heard as distortion."""
    config = MediaConfig(codecs=("L16/16000", "PCMU"), dtmf=False, comfort_noise=True)
    local = local_media(config, BUILT_IN, "10.0.0.1", 10_000)
    offer = make_offer(local_media(config, BUILT_IN, "10.0.0.2", 20_000), session_id=1, version=1)
    text = build_sdp(offer).replace(
        b"a=rtpmap:96 L16/16000", b"a=rtpmap:96 L16/16000\r\na=fmtp:96 emphasis=50-15"
    )
    _, agreed = make_answer(parse_sdp(text), local, session_id=2, version=1)
    session = rtp_config(agreed, config, BUILT_IN, cname="x", epoch=0)
    assert (session.send_codec, session.sample_rate) == ("PCMU", 16_000)
    assert (session.noise_send_payload_type, session.clock_rate) == (13, 8_000)
