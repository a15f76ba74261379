"""Protected calls in virtual time: keys in descriptions, SRTP on the wire, no downgrade."""

from __future__ import annotations

import base64
import hmac
import logging
import re
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import attrs
import numpy as np
import numpy.typing as npt
import pytest
import trio
import trio.testing

from sansio_rtp.audio import ToneMeasurement, ToneSource, find_tone, sine, trim_silence
from sansio_rtp.codec import BUILT_IN
from sansio_rtp.errors import LocalProtocolError
from sansio_rtp.ids import RtpIds
from sansio_rtp.packet import parse_rtp
from sansio_rtp.srtp import Label, SrtpStatistics, derive
from sansio_sip.agent import Agent
from sansio_sip.sdp import CryptoKey, LocalMedia, SrtpKeys, SrtpPolicy, make_crypto
from tests.runtime.media_pair import CALL, Listener, Pair, media_pair
from tests.runtime.media_pair import measure as measure_ear
from trio_runtime import (
    Call,
    CallEnded,
    CallRejected,
    ConfigurationError,
    IncomingCall,
    MediaConfig,
    SessionCoordinator,
)
from trio_runtime.cli.printing.event_records import event_record
from trio_runtime.events.types import CallTerminated, MediaChanged
from trio_runtime.media import MediaStatistics
from trio_runtime.media.config import rtp_config
from trio_runtime.media.protection import IN_THE_CLEAR, StreamKeys
from trio_runtime.media.srtp_backend import open_srtp_backend
from trio_runtime.testing import Simulation
from trio_runtime.testing.wire_media import WireMediaSocket
from trio_runtime.testing.wire_sockets import WireDatagramSocket

BOB = "sip:bob@10.0.0.2"
ALICE_HOST, BOB_HOST = "10.0.0.1", "10.0.0.2"
SUITES = (
    "AES_CM_128_HMAC_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32",
    "AES_256_CM_HMAC_SHA1_80",
    "AES_256_CM_HMAC_SHA1_32",
    "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM",
)
OFF, OPTIONAL, REQUIRED = (MediaConfig(srtp=name) for name in ("off", "optional", "required"))
PCMU_PACKET = 172


@asynccontextmanager
async def phones(
    sim: Simulation, ours: MediaConfig, theirs: MediaConfig
) -> AsyncIterator[tuple[SessionCoordinator, SessionCoordinator]]:
    """Open alice and bob, each with media of its own."""
    wire = sim.wire(11)
    async with (
        wire,
        sim.phone(wire, "alice", ALICE_HOST, media=ours, trace_messages=100) as alice,
        sim.phone(wire, "bob", BOB_HOST, media=theirs) as bob,
    ):
        yield alice, bob


async def hear(call: Call, frames: int = 80) -> ToneMeasurement:
    """Measure the tone in the next frames of a call, without the edges where it begins and ends."""
    heard: list[npt.NDArray[np.int16]] = []
    async for frame in call.audio:
        heard.append(frame)
        if len(heard) == frames:
            break
    rate = call.audio.rate
    return find_tone(trim_silence(np.concatenate(heard), rate)[rate // 10 : -(rate // 10)], rate)


async def sing(call: Call, hz: float) -> None:
    await call.play(ToneSource(sine(hz), call.audio.rate).read(call.audio.rate * 2))


@attrs.frozen
class Talk:
    """What came of a call in which each sang to the other."""

    by_alice: ToneMeasurement
    by_bob: ToneMeasurement
    alice: MediaStatistics
    bob: MediaStatistics


async def converse(sim: Simulation, ours: MediaConfig, theirs: MediaConfig) -> Talk:
    """Let alice call bob: 440 Hz to alice, 1 kHz to bob."""
    by_bob: list[ToneMeasurement] = []
    at_bob: list[IncomingCall] = []

    async def answer(call: IncomingCall) -> None:
        at_bob.append(call)
        await call.answer()
        async with trio.open_nursery() as nursery:
            nursery.start_soon(sing, call, 440.0)
            by_bob.append(await hear(call))
        await call.ended()

    async with phones(sim, ours, theirs) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
            async with trio.open_nursery() as both:
                both.start_soon(sing, call, 1000.0)
                by_alice = await hear(call)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    ours_at_end, theirs_at_end = call.statistics(), at_bob[0].statistics()
    assert ours_at_end is not None
    assert theirs_at_end is not None
    return Talk(by_alice, by_bob[0], ours_at_end, theirs_at_end)


def assert_tones(talk: Talk) -> None:
    assert abs(talk.by_alice.frequency_hz - 440) < 1
    assert abs(talk.by_bob.frequency_hz - 1000) < 1
    assert min(talk.by_alice.sndr_db, talk.by_bob.sndr_db) >= 33


def voice_on_the_wire(sim: Simulation) -> list[bytes]:
    """All RTP datagrams of both phones."""
    media = [entry.data for entry in sim.wires[0].datagrams if entry.sender[1] != 5060]
    return [data for data in media if not 192 <= data[1] <= 223]


def descriptions(sim: Simulation) -> str:
    """All signalling of both phones."""
    return b"".join(entry.data for entry in sim.wires[0].trace).decode()


@pytest.mark.parametrize("suite", SUITES)
async def test_tones_cross_protected_with_every_suite(
    sim: Simulation, autojump_clock: trio.testing.MockClock, suite: str
) -> None:
    """MED-24, MED-25, SDP-10: both hear each other; no packet on the wire carries the voice as it is."""
    config = MediaConfig(srtp="required", srtp_suites=(suite,))
    talk = await converse(sim, config, config)
    assert_tones(talk)
    assert (talk.alice.srtp, talk.bob.srtp) == (suite, suite)
    for side in (talk.alice, talk.bob):
        assert side.rtp is not None
        assert side.rtp.lost == side.rtp.undecodable == 0
        received = side.rtp.srtp_received
        assert received is not None
        assert received.packets >= side.rtp.packets_received > 90
        assert (received.authentication_failed, received.replayed) == (0, 0)
    voice = voice_on_the_wire(sim)
    assert all(len(data) > PCMU_PACKET for data in voice)  # each has its tag
    payloads = [parse_rtp(data).payload[:160] for data in voice]
    assert len(set(payloads)) == len(
        voice
    )  # silence and the tone come again and again, and are never the same
    as_if_plain = np.frombuffer(b"".join(payloads), np.uint8)
    assert np.bincount(as_if_plain, minlength=256).max() < 2 * as_if_plain.size / 256


async def test_silence_in_the_clear_repeats_itself_on_the_wire(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-25: what the test before this one relies on."""
    talk = await converse(sim, OFF, OFF)
    assert_tones(talk)
    assert (talk.alice.srtp, talk.bob.srtp) == (None, None)
    voice = voice_on_the_wire(sim)
    assert {len(data) for data in voice} == {PCMU_PACKET}
    assert len({parse_rtp(data).payload for data in voice}) < len(voice) / 2
    assert "crypto" not in descriptions(sim)


@pytest.mark.parametrize(
    ("ours", "theirs", "suite"),
    [
        (OPTIONAL, OFF, None),
        (OFF, OPTIONAL, None),
        (OPTIONAL, OPTIONAL, SUITES[0]),
        (OPTIONAL, REQUIRED, SUITES[0]),
        (REQUIRED, OPTIONAL, SUITES[0]),
        (REQUIRED, REQUIRED, SUITES[0]),
        (REQUIRED, MediaConfig(srtp="optional", srtp_suites=SUITES[1:]), SUITES[1]),
    ],
    ids=[
        "optional-off",
        "off-optional",
        "both optional",
        "optional-required",
        "required-optional",
        "both required",
        "the common suite",
    ],
)
async def test_a_call_is_as_protected_as_both_want(
    sim: Simulation,
    autojump_clock: trio.testing.MockClock,
    ours: MediaConfig,
    theirs: MediaConfig,
    suite: str | None,
) -> None:
    """MED-25, SDP-10: optional with a phone that has no SRTP is a call in the clear."""
    talk = await converse(sim, ours, theirs)
    assert_tones(talk)
    assert (talk.alice.srtp, talk.bob.srtp) == (suite, suite)


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (REQUIRED, OFF),
        (OFF, REQUIRED),
        (
            MediaConfig(srtp="required", srtp_suites=SUITES[:1]),
            MediaConfig(srtp="required", srtp_suites=SUITES[1:]),
        ),
    ],
    ids=["we require", "they require", "no common suite"],
)
async def test_a_call_without_the_required_keys_is_refused(
    sim: Simulation, autojump_clock: trio.testing.MockClock, ours: MediaConfig, theirs: MediaConfig
) -> None:
    """SDP-10, MED-25: 488 at the caller and not one packet of audio."""

    async def answer(call: IncomingCall) -> None:
        await call.answer()

    async with phones(sim, ours, theirs) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            with pytest.raises(CallRejected) as refused:
                await call.answered()
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert refused.value.status_code == 488
    assert voice_on_the_wire(sim) == []
    sim.assert_quiet()


@pytest.mark.parametrize("policy", ["optional", "required"])
async def test_a_call_whose_keys_are_taken_out_on_the_way_fails_where_they_are_required(
    sim: Simulation, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch, policy: str
) -> None:
    """SDP-10, MED-25: bob answers the cut offer in the clear; alice hangs up, unless she wants no more."""
    deliver = WireDatagramSocket.deliver

    def strip(socket: WireDatagramSocket, data: bytes, source: tuple[str, int]) -> None:
        if data.startswith(b"INVITE"):
            head, _, body = data.partition(b"\r\n\r\n")
            body = re.sub(rb"a=crypto:.*\r\n", b"", body.replace(b"RTP/SAVP", b"RTP/AVP"))
            head = re.sub(rb"(?i)(content-length: *)\d+", rb"\g<1>%d" % len(body), head)
            data = head + b"\r\n\r\n" + body
        deliver(socket, data, source)

    monkeypatch.setattr(WireDatagramSocket, "deliver", strip)

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        await call.ended()

    async with (
        phones(sim, MediaConfig(srtp=policy), OPTIONAL) as (alice, bob),
        trio.open_nursery() as nursery,
    ):
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            if policy == "required":
                with pytest.raises(CallEnded, match="the answer is not protected by SRTP, which is required"):
                    await call.answered()
            else:
                await call.answered()
                await trio.sleep(0.1)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    assert "a=crypto" in descriptions(sim)
    sent = [entry for entry in sim.wires[0].datagrams if entry.sender == (ALICE_HOST, 10_000)]
    assert bool(sent) == (policy == "optional")
    sim.assert_quiet()


def own_lines(sim: Simulation, host: str) -> list[str]:
    """The crypto lines that a phone has written, in order."""
    sent = b"".join(entry.data for entry in sim.wires[0].trace if entry.sender[0] == host)
    return re.findall(r"a=crypto:(\S+ \S+ \S+)\r\n", sent.decode())


def secret_of(line: str) -> str:
    return line.partition("inline:")[2].partition("|")[0]


async def test_hold_and_resume_keep_keys_and_roll_over_counter(
    sim: Simulation, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-25, SDP-10: each re-INVITE has the same keys, so the counter must go on from 1, not from 0."""
    monkeypatch.setattr(RtpIds, "sequence", lambda _: 65_500)
    ears: list[ToneMeasurement] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        async for _ in call.audio:
            if len(sim.wires[0].trace) > 8:  # the second re-INVITE is answered
                break
        ears.append(await hear(call))
        await call.ended()

    async with phones(sim, REQUIRED, REQUIRED) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(2)  # the sequence numbers begin anew after 36 packets
            change_media(alice, call, Agent.hold)
            await trio.sleep(1)
            resumed_at = trio.current_time()
            change_media(alice, call, Agent.resume)
            await sing(call, 1000.0)
        await trio.sleep(1)
        nursery.cancel_scope.cancel()
    sim.assert_quiet()
    assert abs(ears[0].frequency_hz - 1000) < 1
    assert ears[0].sndr_db >= 33
    for host, written in ((ALICE_HOST, 2 * 3), (BOB_HOST, 3)):
        lines = own_lines(sim, host)
        assert len(lines) == written
        assert len(set(lines)) == written // 3
    counters = roll_overs(sim)
    assert [roc for _, roc in counters] == [0] * 36 + [1] * (len(counters) - 36)
    assert len([at for at, _ in counters if at > resumed_at]) > 90


def change_media(phone: SessionCoordinator, call: Call, verb: Callable[[Agent, str, float], None]) -> None:
    """Send a re-INVITE, for which calls have no verb yet."""
    phone._parts.dialogs._do(call.id, lambda agent, now: verb(agent, call.id, now))


def roll_overs(sim: Simulation) -> list[tuple[float, int]]:
    """Return when bob sent each packet of voice, and which roll-over counter its tag is made with.

    Told with Python's own HMAC (RFC 3711 §4.2) from the key in bob's answer.
    """
    master = base64.b64decode(secret_of(own_lines(sim, BOB_HOST)[0]))
    key = derive(open_srtp_backend(), master[:16], master[16:], Label.RTP_AUTHENTICATION, 20)
    found: list[tuple[float, int]] = []
    for entry in sim.wires[0].datagrams:
        if entry.sender[0] == BOB_HOST and entry.sender[1] != 5060 and not 192 <= entry.data[1] <= 223:
            body, tag = entry.data[:-10], entry.data[-10:]
            tags = [hmac.digest(key, body + roc.to_bytes(4, "big"), "sha1")[:10] for roc in range(3)]
            found.append((entry.time, tags.index(tag)))
    return found


async def test_tampered_packets_are_counted_and_the_call_goes_on(
    sim: Simulation, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-24, MED-25: one bit is turned in every tenth packet to bob."""
    deliver, seen, turned = WireMediaSocket.deliver, 0, 0

    def tamper(socket: WireMediaSocket, data: bytes, source: tuple[str, int]) -> None:
        nonlocal seen, turned
        if socket.host == BOB_HOST and not 192 <= data[1] <= 223:
            seen += 1
            if seen % 10 == 0:
                turned += 1
                data = data[:50] + bytes([data[50] ^ 1]) + data[51:]
        deliver(socket, data, source)

    monkeypatch.setattr(WireMediaSocket, "deliver", tamper)
    talk = await converse(sim, REQUIRED, REQUIRED)
    assert abs(talk.by_bob.frequency_hz - 1000) < 5
    assert abs(talk.by_alice.frequency_hz - 440) < 1
    assert talk.by_alice.sndr_db >= 33
    assert talk.bob.rtp is not None
    received = talk.bob.rtp.srtp_received
    assert received is not None
    assert received.authentication_failed == turned > 8
    assert talk.bob.rtp.lost in (turned, turned - 1)  # nobody misses the last one


async def test_packets_of_who_has_no_key_are_not_heard(autojump_clock: trio.testing.MockClock) -> None:
    """MED-24: from the right address, with the right numbers, in the clear."""
    async with media_pair(config=REQUIRED) as pair:
        pair.connect()
        await trio.sleep(0.5)
        stream, source = pair.b.stream(), pair.a.stream()
        before = stream.statistics().rtp
        plain = bytes.fromhex("8000400000004000deadbeef") + bytes(160)
        for _ in range(5):
            source.ports.rtp.send(plain, ("10.0.0.2", stream.ports.port))
        await trio.sleep(0.1)
        after = stream.statistics().rtp
    assert before is not None
    assert after is not None
    assert before.srtp_received is not None
    assert after.srtp_received is not None
    assert after.srtp_received.authentication_failed == before.srtp_received.authentication_failed + 5
    assert after.other_sources == before.other_sources == 0


async def test_keys_are_seen_nowhere_but_in_the_messages(
    sim: Simulation, autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture
) -> None:
    """MED-25: no log, ladder, event, statistics or repr shows one."""
    caplog.set_level(logging.DEBUG)
    shown: list[object] = []

    async def answer(call: IncomingCall) -> None:
        await call.answer()
        await call.ended()

    async with phones(sim, OPTIONAL, REQUIRED) as (alice, bob), trio.open_nursery() as nursery:
        await nursery.start(bob.serve, answer)
        events = alice.subscribe()
        async with alice.make_call(BOB) as call:
            await call.answered()
            await trio.sleep(0.3)
            stream = alice._parts.media.stream(call.id)
            assert stream is not None
            assert stream.keys.own
            assert stream.keys.suite == SUITES[0]
            shown += [stream.keys.own, stream.keys, stream, stream.statistics(), call, alice, call.ladder()]
            shown += [vars(stream.keys), alice._parts.media.open(call.id)]
        await trio.sleep(0.3)
        async for event in events:
            shown += [event, event_record(event, 0.0)]
            if isinstance(event, CallTerminated):
                break
        nursery.cancel_scope.cancel()
    assert any(isinstance(each, MediaChanged) and each.media and each.media.srtp for each in shown)
    secrets = {secret_of(line) for host in (ALICE_HOST, BOB_HOST) for line in own_lines(sim, host)}
    assert len(secrets) == 3
    text = caplog.text + sim.ladder() + repr(shown) + "".join(map(str, shown))
    assert "SrtpKeys(suite='AES_CM_128_HMAC_SHA1_80'" in text
    for secret in secrets:
        assert secret not in text
        assert repr(base64.b64decode(secret))[2:-1] not in text


async def test_each_call_has_keys_of_its_own(autojump_clock: trio.testing.MockClock) -> None:
    """SDP-10: fresh for each stream and so for each port, the same for as long as it lives."""
    async with media_pair(config=REQUIRED) as pair:
        first, again = pair.a.manager.open("1"), pair.a.manager.open("1")
        second = pair.a.manager.open("2")
        pair.a.manager.close("1")
        anew = pair.a.manager.open("1")
    assert first.crypto == again.crypto
    assert first.srtp is SrtpPolicy.REQUIRED
    assert [line.suite for line in first.crypto] == list(SUITES[:2])
    keys = [line.keys[0].octets for local in (first, second, anew) for line in local.crypto]
    assert len(set(keys)) == 6
    assert len({first.port, second.port, anew.port}) == 3


async def test_a_call_becomes_protected_and_changes_its_keys(autojump_clock: trio.testing.MockClock) -> None:
    """MED-25, SDP-10: in the clear first, then with keys, then with other keys and another suite."""
    random_bytes = np.random.default_rng(1).bytes

    def in_the_clear(local: LocalMedia) -> LocalMedia:
        return attrs.evolve(local, srtp=SrtpPolicy.OFF, crypto=())

    def rekeyed(local: LocalMedia) -> LocalMedia:
        return attrs.evolve(local, crypto=make_crypto(random_bytes, SUITES[4:5]))

    async with media_pair(config=OPTIONAL) as pair:
        suites = [await singing(pair, in_the_clear), await singing(pair, lambda local: local)]
        suites.append(await singing(pair, rekeyed))
        statistics = pair.b.stream().statistics()
    assert suites == [None, SUITES[0], SUITES[4]]
    assert statistics.rtp is not None
    received = statistics.rtp.srtp_received
    assert isinstance(received, SrtpStatistics)
    assert received.authentication_failed == 0


async def singing(pair: Pair, change: Callable[[LocalMedia], LocalMedia]) -> str | None:
    """Agree anew, let a tone cross, and return the suite."""
    pair.connect(change=change)
    ear = Listener()
    pair.b.stream().add_sink(ear)
    await pair.a.manager.play(CALL, ToneSource(sine(1000), 8_000).read(8_000))
    await trio.sleep(0.3)
    pair.b.stream().remove_sink(ear)
    measured = measure_ear(ear)
    assert abs(measured.frequency_hz - 1000) < 1
    assert measured.sndr_db >= 33
    return pair.b.stream().statistics().srtp


OURS, THEIRS, OTHER = (CryptoKey.of(bytes([number]) * 30) for number in (1, 2, 3))


def test_only_another_key_begins_a_new_context() -> None:
    """MED-25, SDP-10: in its own direction; a pause in the clear between two agreements changes nothing."""
    keys = StreamKeys(open_srtp_backend())
    generations: list[tuple[int, int]] = []
    suites: list[str | None] = []
    for suite, send, receive in (
        (SUITES[0], OURS, THEIRS),
        (SUITES[0], OURS, THEIRS),
        (SUITES[0], OURS, OTHER),
        (SUITES[1], OURS, attrs.evolve(OTHER, lifetime=1 << 20)),
    ):
        contexts = keys.contexts(SrtpKeys(suite, send, receive))
        assert contexts.send is not None
        assert contexts.receive is not None
        for kept in (contexts, keys.contexts(None)):
            keys.keep(kept)
            suites.append(keys.suite)
        generations.append((contexts.send.generation, contexts.receive.generation))
    assert generations == [(0, 0), (0, 0), (0, 1), (0, 1)]
    assert suites == [SUITES[0], None] * 3 + [SUITES[1], None]


def test_the_identifier_of_a_key_stands_in_its_packets() -> None:
    """MED-25: RFC 4568 §6.1; with the length that the peer has told."""
    theirs = attrs.evolve(THEIRS, mki=5, mki_length=4, lifetime=1 << 31)
    receive = StreamKeys(open_srtp_backend()).contexts(SrtpKeys(SUITES[0], OURS, theirs)).receive
    assert receive is not None
    assert (receive.keys[0].mki, receive.keys[0].lifetime) == (b"\0\0\0\5", 1 << 31)
    assert receive.mki_octets == 4


async def test_a_tone_crosses_with_identified_keys(autojump_clock: trio.testing.MockClock) -> None:
    """MED-25: each packet of a side that names its key is two octets longer, and heard."""

    def identified(local: LocalMedia) -> LocalMedia:
        line = local.crypto[0]
        key = attrs.evolve(line.keys[0], mki=5, mki_length=2)
        return attrs.evolve(local, crypto=(attrs.evolve(line, keys=(key,)),))

    async with media_pair(config=REQUIRED) as pair:
        assert await singing(pair, identified) == SUITES[0]
        received = pair.b.stream().statistics().rtp
    assert received is not None
    assert received.srtp_received is not None
    assert (received.srtp_received.unknown_master_key, received.lost) == (0, 0)
    assert {len(payload) for *_, payload in pair.rtp_from(pair.a)} == {160 + 2 + 10}


async def test_keys_that_do_not_fit_the_stream_are_refused(autojump_clock: trio.testing.MockClock) -> None:
    """SDP-10: an agreement with keys is never carried out without."""
    with pytest.raises(LocalProtocolError, match="SRTP is off"):
        StreamKeys(None).contexts(SrtpKeys(SUITES[0], OURS, THEIRS))
    async with media_pair(config=OPTIONAL) as pair:
        agreed, _ = pair.connect()
        assert agreed.srtp is not None
        with pytest.raises(LocalProtocolError, match="srtp: a stream is protected exactly when keys"):
            rtp_config(agreed, OPTIONAL, BUILT_IN, cname="x", epoch=0, contexts=IN_THE_CLEAR)


async def test_a_missing_library_is_told_when_the_phone_opens(
    sim: Simulation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """MED-25, INST-1: "optional" does not become "off" by that."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    wire = sim.wire(1)
    for config in (OPTIONAL, REQUIRED):
        with pytest.raises(ConfigurationError, match=r"srtp: SRTP needs .*pip install 'sansio-voip\[srtp\]'"):
            async with sim.phone(wire, "alice", ALICE_HOST, media=config):
                pass
    async with sim.phone(wire, "alice", ALICE_HOST, media=OFF):
        pass
    assert wire.open_sockets == []


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (lambda: MediaConfig(srtp="always"), "srtp: must be one of off, optional, required, not 'always'"),
        (lambda: MediaConfig(srtp=""), "srtp: must be one of"),
        (
            lambda: MediaConfig(srtp_suites=("AES_CM_128",)),
            "srtp_suites: must be one of AES_CM_128_HMAC_SHA1_80",
        ),
        (lambda: MediaConfig(srtp_suites=("F8_128_HMAC_SHA1_80",)), "srtp_suites: must be one of"),
        (lambda: MediaConfig(srtp_suites=()), "srtp_suites: must be a non-empty tuple"),
        (lambda: MediaConfig(srtp_suites=SUITES[:1] * 2), "srtp_suites: names a suite twice"),
    ],
)
def test_a_policy_or_suite_that_there_is_not_is_refused(make: Callable[[], MediaConfig], words: str) -> None:
    """MED-27, SDP-10."""
    with pytest.raises(ConfigurationError, match=words):
        make()


async def test_calls_without_media_have_keys_all_the_same(
    sim: Simulation, autojump_clock: trio.testing.MockClock
) -> None:
    """MED-1, SDP-10: a signalling test of a peer that requires them."""
    async with sim.pair(phones={"no_media": True, "media": REQUIRED}) as (alice, bob):
        async with trio.open_nursery() as nursery:
            await nursery.start(bob.serve, lambda call: call.answer())
            async with alice.make_call(BOB) as call:
                await call.answered()
            nursery.cancel_scope.cancel()
    assert len(own_lines(sim, ALICE_HOST)) == 2
    assert len(own_lines(sim, BOB_HOST)) == 1
    sim.assert_quiet()
