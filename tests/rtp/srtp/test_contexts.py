"""Cryptographic contexts: roll-over counters, replay, keys that change and end, sources, hand-over."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from sansio_rtp.errors import LocalProtocolError, PacketError
from sansio_rtp.srtp import (
    SUITES,
    AuthenticationFailed,
    ContextSnapshot,
    IndexReused,
    KeySpent,
    MasterKey,
    PacketReplayed,
    SourceSnapshot,
    SrtpConfig,
    SrtpReceiver,
    SrtpSender,
    TooManySources,
    UnknownMasterKey,
    estimate_index,
    get_suite,
)

Make = Callable[..., SrtpConfig]
Packet = Callable[..., bytes]
EXTENSION = bytes.fromhex("bede000110ff0000")


def pair(config: SrtpConfig) -> tuple[SrtpSender, SrtpReceiver]:
    return SrtpSender(config), SrtpReceiver(config)


# The transforms


@pytest.mark.parametrize("suite", SUITES)
@pytest.mark.parametrize("mki", [b"", b"\x00\x00\x00\x01"])
@pytest.mark.parametrize("encrypt", [True, False])
def test_every_suite_both_ways(
    make_config: Make, rtp: Packet, rtcp: Packet, suite: str, mki: bytes, encrypt: bool
) -> None:
    """MED-24: with and without MKI and encryption; empty and odd payloads, and a header extension."""
    config = make_config(suite, mkis=(mki,), encrypt_rtp=encrypt, encrypt_rtcp=encrypt)
    sender, receiver = pair(config)
    for sequence, octets in enumerate((0, 1, 15, 16, 17, 160, 1400)):
        clear = rtp(sequence, octets=octets, header=EXTENSION)
        secured = sender.protect(clear)
        assert len(secured) == len(clear) + SUITES[suite].rtp_tag_octets + len(mki)
        hidden = encrypt and octets > 4 and not suite.startswith("NULL")
        assert (clear[20:] not in secured) is hidden
        assert receiver.unprotect(secured) == clear
    clear = rtcp()
    secured = sender.protect_rtcp(clear)
    assert len(secured) == len(clear) + config.rtcp_overhead
    assert (clear[8:] not in secured) is (encrypt and not suite.startswith("NULL"))
    assert receiver.unprotect_rtcp(secured) == clear
    assert receiver.statistics().packets == 8


@pytest.mark.parametrize("suite", SUITES)
def test_no_bit_can_be_changed(make_config: Make, rtp: Packet, rtcp: Packet, suite: str) -> None:
    """MED-24: every single bit of a packet, RTP and RTCP; and then the packet itself still comes through."""
    sender, receiver = pair(make_config(suite, mkis=(b"\x09",)))
    secured, report = sender.protect(rtp(5)), sender.protect_rtcp(rtcp())
    before = receiver.snapshot()
    for packet, read in ((secured, receiver.unprotect), (report, receiver.unprotect_rtcp)):
        for bit in range(8 * len(packet)):
            changed = bytearray(packet)
            changed[bit // 8] ^= 1 << bit % 8
            with pytest.raises((AuthenticationFailed, UnknownMasterKey, PacketError)):
                read(bytes(changed))
    assert receiver.snapshot() == before
    assert receiver.unprotect(secured) == rtp(5)
    assert receiver.unprotect_rtcp(report) == rtcp()


# Index, roll-over and replay


@pytest.mark.parametrize(
    ("highest", "sequence", "index"),
    [
        (5, 6, 6),
        (0xFFFF, 0, 0x10000),
        (0x10000, 0xFFFF, 0xFFFF),
        (0x1FFF0, 3, 0x20003),
        (0x20003, 0xFFF0, 0x1FFF0),
        (0x10000, 0x8000, 0x18000),
        (0x18000, 0, 0x10000),
        (0x18001, 0, 0x20000),
        (0x10000, 0x8001, 0x8001),
        (0, 0x8001, 0x8001),  # no packet is older than the first roll-over counter
        (5, 0xFFFF, 0xFFFF),
    ],
)
def test_index_of_a_packet_is_the_nearest(highest: int, sequence: int, index: int) -> None:
    """MED-24: RFC 3711 appendix A."""
    assert estimate_index(highest, sequence) == index


def test_packets_out_of_order_around_the_roll_over(make_config: Make, rtp: Packet) -> None:
    """MED-24: late packets of before the roll-over do not set the counter back."""
    sender, receiver = pair(make_config())
    sent = [sender.protect(rtp(sequence)) for sequence in range(65_500, 65_600)]
    order = [*range(40), 60, 40, 41, 59, 42, *range(61, 100), *range(43, 59)]
    for place in order:
        assert receiver.unprotect(sent[place]) == rtp(65_500 + place)
    assert receiver.roc(7) == sender.roc(7) == 1


def test_roll_over_counter_follows_a_long_stream(make_config: Make, rtp: Packet) -> None:
    """MED-24: three roll-overs with a loss of 30,000 packets in each."""
    sender, receiver = pair(make_config(replay_window=64))
    for index in range(0, 4 << 16, 30_000):
        assert receiver.unprotect(sender.protect(rtp(index))) == rtp(index)
    assert receiver.roc(7) == sender.roc(7) == 3


@pytest.mark.parametrize("window", [64, 128, 1024])
def test_window_of_replay(make_config: Make, rtp: Packet, window: int) -> None:
    """MED-24: RFC 3711 §3.3.2: the oldest packet in the window is taken once, one older never."""
    sender, receiver = pair(make_config(replay_window=window))
    sent = [sender.protect(rtp(sequence)) for sequence in range(window + 2)]
    receiver.unprotect(sent[0])
    receiver.unprotect(sent[window + 1])
    receiver.unprotect(sent[2])
    for place in (0, 1, 2, window + 1):
        with pytest.raises(PacketReplayed):
            receiver.unprotect(sent[place])
    assert receiver.statistics().replayed == 4


def test_reports_are_not_replayed(make_config: Make, rtcp: Packet) -> None:
    """MED-24: SRTCP has a replay list of its own; indices count from 0 (RFC 3711 §3.4)."""
    sender, receiver = pair(make_config())
    sent = [sender.protect_rtcp(rtcp()) for _ in range(3)]
    assert [int.from_bytes(packet[-14:-10], "big") for packet in sent] == [1 << 31, 1 << 31 | 1, 1 << 31 | 2]
    for place in (2, 0, 1):
        assert receiver.unprotect_rtcp(sent[place]) == rtcp()
    with pytest.raises(PacketReplayed):
        receiver.unprotect_rtcp(sent[1])


def test_who_joins_late_is_told_the_roll_over_counter(make_config: Make, rtp: Packet) -> None:
    """MED-24: RFC 3711 §3.3.1."""
    sender = SrtpSender(make_config())
    sender.set_roc(7, 41)
    packet = sender.protect(rtp(9))
    deaf, told = SrtpReceiver(make_config()), SrtpReceiver(make_config())
    with pytest.raises(AuthenticationFailed):
        deaf.unprotect(packet)
    assert deaf.roc(7) is None
    told.set_roc(7, 40)
    assert told.roc(7) == 40
    told.set_roc(7, 41)
    assert told.unprotect(packet) == rtp(9)
    with pytest.raises(LocalProtocolError, match="came already"):
        told.set_roc(7, 1)
    for roc in (-1, 1 << 32):
        with pytest.raises(LocalProtocolError, match="roc"):
            told.set_roc(8, roc)


def test_a_stream_whose_first_packets_were_lost_before_the_roll_over(make_config: Make, rtp: Packet) -> None:
    """MED-24: it began at 65,530; the first packet to come is one roll-over ahead."""
    sender, receiver = pair(make_config())
    sent = [sender.protect(rtp(sequence)) for sequence in range(65_530, 65_540)]
    assert receiver.unprotect(sent[8]) == rtp(65_538)
    assert receiver.unprotect(sent[2]) == rtp(65_532)
    assert receiver.roc(7) == 1


# Sources


def test_sources_have_their_own_counters(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: SSRC change, and a report that comes before the first packet."""
    sender, receiver = pair(make_config())
    for ssrc in (7, 8):
        assert receiver.unprotect_rtcp(sender.protect_rtcp(rtcp(ssrc))) == rtcp(ssrc)
        for sequence in (65_535, 65_536):
            assert receiver.unprotect(sender.protect(rtp(sequence, ssrc))) == rtp(sequence, ssrc)
    sender.protect(rtp(1, 9))
    assert [receiver.roc(ssrc) for ssrc in (7, 8, 9)] == [1, 1, None]
    assert receiver.last_ssrc == 8


def test_strangers_leave_nothing_behind(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: 100,000 SSRCs of a stranger cost no memory; state comes with authenticity only."""
    receiver = SrtpReceiver(make_config())
    tag = bytes(10)
    for ssrc in range(50_000):
        with pytest.raises(AuthenticationFailed):
            receiver.unprotect(rtp(ssrc | 0x8000, ssrc) + tag)
        with pytest.raises(AuthenticationFailed):
            receiver.unprotect_rtcp(rtcp(ssrc) + bytes(4) + tag)
    statistics = receiver.statistics()
    assert (statistics.sources, statistics.authentication_failed, statistics.packets) == (0, 100_000, 0)
    assert receiver.snapshot().sources == ()


def test_even_the_peer_adds_a_bounded_number_of_sources(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: and a sender never forgets one, since its indices would begin anew."""
    sender, receiver = SrtpSender(make_config()), SrtpReceiver(make_config(max_sources=2))
    for ssrc in (1, 2):
        receiver.unprotect(sender.protect(rtp(1, ssrc)))
    with pytest.raises(TooManySources):
        receiver.unprotect(sender.protect(rtp(1, 3)))
    with pytest.raises(TooManySources):
        receiver.unprotect_rtcp(sender.protect_rtcp(rtcp(3)))
    with pytest.raises(TooManySources):
        receiver.set_roc(3, 1)
    assert receiver.statistics().too_many_sources == 2
    narrow = SrtpSender(make_config(max_sources=1))
    narrow.protect(rtp(1, 1))
    for secure, packet in ((narrow.protect, rtp(1, 2)), (narrow.protect_rtcp, rtcp(2))):
        with pytest.raises(TooManySources):
            secure(packet)


# What we send


def test_a_key_stream_is_never_used_twice(make_config: Make, rtp: Packet) -> None:
    """MED-24: RFC 3711 §9.1, RFC 7714 §8.4: the same sequence number again is refused."""
    sender = SrtpSender(make_config("AEAD_AES_128_GCM"))
    sender.protect(rtp(200))
    sender.protect(rtp(199))
    for sequence in (200, 199, 1):
        with pytest.raises(IndexReused):
            sender.protect(rtp(sequence))
    assert sender.statistics().index_reused == 3


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_32", "AEAD_AES_256_GCM"])
def test_what_is_no_rtp_is_refused(make_config: Make, rtp: Packet, rtcp: Packet, suite: str) -> None:
    """MED-24: short, of another version, or with a header that does not fit; both ways, and counted."""
    sender, receiver = pair(make_config(suite))
    overhead = SUITES[suite].rtp_tag_octets
    bad = [b"", rtp(1)[:11], b"\x40" + rtp(1)[1:], b"\x8f" + rtp(1)[1:], b"\x90" + rtp(1, octets=2)[1:],
           b"\x90" + rtp(1, octets=3)[1:], b"\x90" + rtp(1)[1:12] + b"\xbe\xde\xff\xff" + bytes(9),
           ]  # fmt: skip
    for packet in bad:
        with pytest.raises(PacketError):
            sender.protect(packet)
        with pytest.raises(PacketError):
            receiver.unprotect(packet + bytes(overhead))
    for report in (b"", rtcp()[:7], b"\x01" + rtcp()[1:]):
        with pytest.raises(PacketError):
            sender.protect_rtcp(report)
        with pytest.raises(PacketError):
            receiver.unprotect_rtcp(report + bytes(4 + SUITES[suite].rtcp_tag_octets))
    assert sender.statistics().malformed == receiver.statistics().malformed == len(bad) + 3


# Lifetimes


def test_a_spent_key_secures_nothing(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: RFC 3711 §9.2, RFC 4568 §6.1; counted for RTP and RTCP each, at both ends."""
    sender, receiver = pair(make_config(lifetime=3))
    longer = SrtpSender(make_config())
    for sequence in range(3):
        longer.protect(rtp(sequence))
        longer.protect_rtcp(rtcp())
        assert sender.statistics().remaining == 3 - sequence
        receiver.unprotect(sender.protect(rtp(sequence)))
        receiver.unprotect_rtcp(sender.protect_rtcp(rtcp()))
    for call, packet in (
        (sender.protect, rtp(3)),
        (sender.protect_rtcp, rtcp()),
        (receiver.unprotect, longer.protect(rtp(3))),
        (receiver.unprotect_rtcp, longer.protect_rtcp(rtcp())),
        (receiver.unprotect, longer.protect(rtp(3, 99))),
    ):
        with pytest.raises(KeySpent):
            call(packet)
    assert (sender.statistics().key_spent, receiver.statistics().key_spent) == (2, 3)
    sender.rekey(make_config(number=2, lifetime=3))
    receiver.rekey(make_config(number=2, lifetime=3))
    assert receiver.unprotect(sender.protect(rtp(3))) == rtp(3)


def test_a_key_that_is_signalled_again_goes_on_counting(make_config: Make, rtp: Packet) -> None:
    """MED-24: a re-INVITE with the same key does not make it young."""
    sender = SrtpSender(make_config(lifetime=2))
    sender.protect(rtp(0))
    sender.rekey(make_config(lifetime=2, max_sources=9))
    sender.protect(rtp(1))
    with pytest.raises(KeySpent):
        sender.protect(rtp(2))


def test_the_last_index_is_the_last(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: 2**48 packets of RTP and 2**31 of RTCP; the counters never wrap under a key."""
    sender, receiver = pair(make_config())
    before = ContextSnapshot((SourceSnapshot(7, (1 << 48) - 2, (1 << 31) - 2),))
    sender.restore(before)
    receiver.restore(before)
    assert receiver.unprotect(sender.protect(rtp(0xFFFF))) == rtp(0xFFFF)
    assert receiver.unprotect_rtcp(sender.protect_rtcp(rtcp())) == rtcp()
    for call, packet in (
        (sender.protect, rtp(0)),
        (sender.protect_rtcp, rtcp()),
        (receiver.unprotect, rtp(0) + bytes(10)),
    ):
        with pytest.raises(KeySpent):
            call(packet)
    late = SrtpReceiver(make_config())
    late.set_roc(7, (1 << 32) - 1)
    with pytest.raises(KeySpent):
        late.unprotect(rtp(0) + bytes(10))


# Keys that change


@pytest.mark.parametrize("after", ["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_256_GCM"])
def test_rekeying_keeps_the_roll_over_counter(
    make_config: Make, rtp: Packet, rtcp: Packet, after: str
) -> None:
    """MED-24: new key or suite by re-INVITE; late packets of the old key come through for a while."""
    sender, receiver = pair(make_config(replay_window=64))
    for sequence in (65_530, 65_540):
        receiver.unprotect(sender.protect(rtp(sequence)))
    report = sender.protect_rtcp(rtcp())
    late = [sender.protect(rtp(sequence)) for sequence in (65_541, 65_542)]
    new = make_config(after, 2, replay_window=64)
    receiver.rekey(new)
    overlapping = receiver.retiring
    assert overlapping
    sender.rekey(new)
    assert receiver.unprotect(sender.protect(rtp(65_543))) == rtp(65_543)
    assert receiver.unprotect(late[0]) == rtp(65_541)
    assert receiver.unprotect_rtcp(report) == rtcp()
    with pytest.raises((AuthenticationFailed, PacketReplayed)):
        receiver.unprotect(late[0])
    for sequence in range(65_544, 65_544 + 63):
        receiver.unprotect(sender.protect(rtp(sequence)))
    assert not receiver.retiring
    with pytest.raises((AuthenticationFailed, PacketReplayed)):
        receiver.unprotect(late[1])
    assert receiver.roc(7) == sender.roc(7) == 1
    second = sender.protect_rtcp(rtcp())
    assert receiver.unprotect_rtcp(second) == rtcp()
    word = second[-14:-10] if after.startswith("AES") else second[-4:]
    assert int.from_bytes(word, "big") == 1 << 31 | 1  # the SRTCP index went on (RFC 3711 §3.4)


def test_terms_that_stay_retire_no_key(make_config: Make, rtp: Packet) -> None:
    """MED-24: a refresh with the same keys is no re-keying."""
    sender, receiver = pair(make_config())
    receiver.rekey(make_config(max_sources=3))
    assert not receiver.retiring
    assert receiver.unprotect(sender.protect(rtp(1))) == rtp(1)
    with pytest.raises(LocalProtocolError, match="replay_window"):
        receiver.rekey(make_config(replay_window=64))


def test_keys_are_told_apart_by_their_identifier(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: MKI (RFC 3711 §3.1): the sender changes keys, the receiver follows without signalling."""
    config = make_config(mkis=(b"\0\1", b"\0\2"))
    sender, receiver = pair(config)
    assert receiver.unprotect(sender.protect(rtp(1))) == rtp(1)
    sender.select_key(b"\0\2")
    assert receiver.unprotect(sender.protect(rtp(2))) == rtp(2)
    assert receiver.unprotect_rtcp(sender.protect_rtcp(rtcp())) == rtcp()
    assert receiver.key.master.mki == sender.key.master.mki == b"\0\2"
    with pytest.raises(LocalProtocolError, match="0003"):
        sender.select_key(b"\0\3")
    stranger = SrtpSender(make_config(number=5, mkis=(b"\0\3",)))
    for call, packet in (
        (receiver.unprotect, stranger.protect(rtp(3))),
        (receiver.unprotect_rtcp, stranger.protect_rtcp(rtcp())),
    ):
        with pytest.raises(UnknownMasterKey, match="0003"):
            call(packet)
    assert receiver.statistics().unknown_master_key == 2


def test_an_old_key_is_not_taken_for_the_new_one(make_config: Make, rtp: Packet) -> None:
    """MED-24: the key in use is one of the present agreement, whatever still comes of the last."""
    sender, receiver = pair(make_config())
    receiver.rekey(make_config(number=2))
    receiver.unprotect(sender.protect(rtp(1)))
    assert receiver.key.master == make_config(number=2).keys[0]
    with pytest.raises(AuthenticationFailed):
        receiver.unprotect(SrtpSender(make_config(number=3)).protect(rtp(2)))


# Hand-over, configuration, secrecy


def test_state_is_handed_over(make_config: Make, rtp: Packet, rtcp: Packet) -> None:
    """MED-24: a snapshot goes on elsewhere: counters, replay lists and the use of keys; it holds no key."""
    sender, receiver = pair(make_config(lifetime=300))
    sent = [sender.protect(rtp(sequence)) for sequence in range(65_400, 65_600)]
    for packet in sent[:150]:
        receiver.unprotect(packet)
    receiver.unprotect_rtcp(sender.protect_rtcp(rtcp()))
    heir, successor = SrtpReceiver(make_config(lifetime=300)), SrtpSender(make_config(lifetime=300))
    heir.restore(receiver.snapshot())
    successor.restore(sender.snapshot())
    assert heir.snapshot() == receiver.snapshot()
    assert (heir.roc(7), successor.roc(7)) == (1, 1)
    assert heir.unprotect(sent[150]) == rtp(65_550)
    for packet in (sent[149], sent[40]):
        with pytest.raises(PacketReplayed):
            heir.unprotect(packet)
    with pytest.raises(IndexReused):
        successor.protect(rtp(65_599))
    for sequence in range(65_600, 65_700):
        successor.protect(rtp(sequence))
    with pytest.raises(KeySpent):
        successor.protect(rtp(65_700))
    with pytest.raises(LocalProtocolError, match="new cryptographic context"):
        heir.restore(receiver.snapshot())
    with pytest.raises(TooManySources):
        SrtpReceiver(make_config(max_sources=1)).restore(
            ContextSnapshot((SourceSnapshot(1, 1, 1), SourceSnapshot(2, 1, 1)))
        )
    other = SrtpReceiver(make_config(mkis=(b"\1",)))
    other.restore(receiver.snapshot())  # keys of another agreement: only the sources count
    assert other.snapshot().sources == receiver.snapshot().sources


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"suite": "F8_128_HMAC_SHA1_80"}, "F8_128_HMAC_SHA1_80"),
        ({"keys": ()}, "keys"),
        ({"keys": (MasterKey(bytes(29)),)}, "keys"),
        ({"keys": (MasterKey(bytes(30)), MasterKey(bytes(30)))}, "mki"),
        ({"keys": (MasterKey(bytes(30), None, b"1"), MasterKey(bytes(30), None, b"22"))}, "mki"),
        ({"key_derivation_rate": 16}, "key_derivation_rate"),
        ({"replay_window": 63}, "replay_window"),
        ({"replay_window": 40_000}, "replay_window"),
        ({"max_sources": 0}, "max_sources"),
    ],
)
def test_bad_configuration_names_the_field(make_config: Make, changes: dict[str, Any], field: str) -> None:
    """MED-24."""
    good = make_config()
    base: dict[str, Any] = {"suite": good.suite, "keys": good.keys, "backend": good.backend}
    with pytest.raises(LocalProtocolError, match=field):
        SrtpConfig(**(base | changes))


@pytest.mark.parametrize(
    ("values", "field"),
    [((bytes(30), 0), "lifetime"), ((bytes(30), 2**48 + 1), "lifetime"), ((bytes(30), 1, bytes(129)), "mki")],
)
def test_bad_master_key_names_the_field(values: tuple[Any, ...], field: str) -> None:
    """MED-24."""
    with pytest.raises(LocalProtocolError, match=field):
        MasterKey(*values)


def test_lifetime_of_a_key_is_bounded_by_the_suite() -> None:
    """MED-24: 2**48 packets of RTP, 2**31 of RTCP, or what signalling says."""
    assert (MasterKey(b"").rtp_packets, MasterKey(b"").rtcp_packets) == (2**48, 2**31)
    assert (MasterKey(b"", 2**40).rtp_packets, MasterKey(b"", 2**40).rtcp_packets) == (2**40, 2**31)
    assert (MasterKey(b"", 2**20).rtp_packets, MasterKey(b"", 2**20).rtcp_packets) == (2**20, 2**20)


def test_no_text_shows_a_key(make_config: Make, rtp: Packet) -> None:
    """MED-24: neither octets nor hex nor base64 of a key stand in any repr or error."""
    config = make_config("AEAD_AES_128_GCM")
    sender, receiver = pair(config)
    sender.protect(rtp(1))
    texts = [repr(thing) for thing in (
        config, config.keys[0], sender, receiver, sender.key, sender.key.rtp, sender.snapshot(),
        sender.statistics(), get_suite(config.suite),
    )]  # fmt: skip
    with pytest.raises(AuthenticationFailed) as caught:
        receiver.unprotect(rtp(2) + bytes(16))
    texts += [str(caught.value), repr(caught.value)]
    key = config.keys[0].key_salt
    for text in texts:
        for secret in (repr(key)[2:20], key.hex()[:12], str(list(key[:4]))[1:-1]):
            assert secret not in text
    assert "AEAD_AES_128_GCM" in repr(sender)
