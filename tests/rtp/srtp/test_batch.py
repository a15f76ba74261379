"""Many packets at once: byte for byte what one by one would give, errors and counters too."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sansio_rtp.errors import LocalProtocolError, PacketError
from sansio_rtp.srtp import (
    CipherBackend,
    MasterKey,
    SrtpConfig,
    SrtpError,
    SrtpReceiver,
    SrtpSender,
    SrtpStatus,
    get_suite,
)
from sansio_rtp.srtp.batch import SrtpReceiverBatch, SrtpSenderBatch

Make = Callable[..., SrtpConfig]
Packet = Callable[..., bytes]
Rows = npt.NDArray[np.uint8]
Numbers = npt.NDArray[np.int64]
STRIDE = 160
COUNT = 24
SUITES_USED = (
    "AES_CM_128_HMAC_SHA1_80", "AES_CM_128_HMAC_SHA1_32", "AES_256_CM_HMAC_SHA1_80", "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM", "NULL_HMAC_SHA1_80",
)  # fmt: skip
KINDS = ("next", "next", "next", "long", "none", "skip", "again", "old", "flip", "cut", "stranger", "source",
         "header", "broken", "key", "garbage")  # fmt: skip


def lay(packets: list[bytes], stride: int = STRIDE) -> tuple[Rows, Numbers]:
    rows = np.zeros((len(packets), stride), np.uint8)
    for row, packet in zip(rows, packets, strict=True):
        row[: len(packet)] = np.frombuffer(packet, np.uint8)
    return rows, np.array([len(packet) for packet in packets], np.int64)


def read(rows: Rows, lengths: Numbers) -> list[bytes]:
    return [row[:length].tobytes() for row, length in zip(rows, lengths, strict=True)]


def one_by_one(work: Callable[[bytes], bytes], packet: bytes) -> tuple[SrtpStatus, bytes]:
    try:
        return SrtpStatus.OK, work(packet)
    except PacketError:
        return SrtpStatus.MALFORMED, packet
    except SrtpError as error:
        return error.status, packet


@pytest.fixture(scope="module")
def configs(backend: CipherBackend) -> list[SrtpConfig]:
    """Every suite with and without MKI, two keys, a short life, room for two sources, no encryption."""
    made: list[SrtpConfig] = []
    for number in range(COUNT):
        suite = SUITES_USED[number % len(SUITES_USED)]
        mkis = [(b"",), (b"\1\2",), (b"\1", b"\2"), (b"",)][number // len(SUITES_USED)]
        octets = get_suite(suite).master_octets
        keys = tuple(
            MasterKey(bytes([number + 1, place]) + bytes(octets - 2), 12 if number >= 20 else None, mki)
            for place, mki in enumerate(mkis)
        )
        made.append(
            SrtpConfig(
                suite=suite, keys=keys, backend=backend, max_sources=2, encrypt_rtp=number not in (18, 21)
            )
        )
    return made


@attrs.define
class Peers:
    """What sends to the contexts under test: honest packets and all kinds of others."""

    configs: list[SrtpConfig]
    rtp: Packet
    senders: list[SrtpSender] = attrs.Factory(list)
    sequence: dict[tuple[int, int], int] = attrs.Factory(dict)
    sent: dict[int, list[bytes]] = attrs.Factory(dict)

    def __attrs_post_init__(self) -> None:
        self.senders = [SrtpSender(attrs.evolve(config, max_sources=256)) for config in self.configs]

    def clear(self, number: int, kind: str, argument: int) -> bytes:
        ssrc = 7 if kind != "source" else 8 + argument % 3
        place = (number, ssrc)
        step = 1 + (argument * 3000 if kind == "skip" else 0)
        self.sequence[place] = sequence = self.sequence.get(place, 65_530) + step
        header = bytes.fromhex("bede000110ff0000") if kind == "header" else b""
        octets = {"long": 100, "none": 0}.get(kind, 17 + argument)
        return self.rtp(sequence, ssrc, octets=octets, header=header)

    def plain(self, number: int, kind: str, argument: int) -> bytes:
        """A packet to protect, not always a good one."""
        sent = self.sent.setdefault(number, [])
        if kind in ("again", "old") and sent:
            return sent[-1 - argument % len(sent)]
        packet = self.clear(number, kind, argument)
        if kind == "broken":
            return bytes([(0x90, 0x8F, 0x10)[argument % 3]]) + packet[1 : 12 + argument]
        if kind in ("cut", "garbage"):
            return packet[:argument]
        sent.append(packet)
        return packet

    def secured(self, number: int, kind: str, argument: int) -> bytes:
        """A packet to unprotect, not always a good one."""
        sent = self.sent.setdefault(number, [])
        if kind in ("again", "old") and sent:
            return sent[-1 - argument % len(sent)]
        sender = self.senders[number]
        if kind == "key":
            keys = self.configs[number].keys
            sender.select_key(keys[argument % len(keys)].mki)
        if kind == "stranger":
            sender = SrtpSender(attrs.evolve(self.configs[number], keys=self._others(number)))
        try:
            packet = sender.protect(self.clear(number, kind, argument))
        except SrtpError:  # the key is spent
            return self.clear(number, kind, argument) + bytes(16)
        if kind == "flip":
            place = argument * 7 % len(packet)
            return packet[:place] + bytes([packet[place] ^ 1 << argument % 8]) + packet[place + 1 :]
        if kind == "cut":
            return packet[: argument * 4]
        if kind in ("garbage", "broken"):
            return bytes([0x9F, argument]) + packet[2 : 12 + argument * 4]
        sent.append(packet)
        return packet

    def _others(self, number: int) -> tuple[MasterKey, ...]:
        return tuple(attrs.evolve(key, key_salt=key.key_salt[::-1]) for key in self.configs[number].keys)


row = st.tuples(st.integers(-1, COUNT - 1), st.sampled_from(KINDS), st.integers(0, 9))
batches = st.lists(st.lists(row, max_size=40) | st.just("all"), max_size=5)
Batches = list[Any]


def numbered(batch: Any) -> list[tuple[int, str, int]]:
    return [(number, "next", 3) for number in range(COUNT)] if batch == "all" else batch


@settings(max_examples=30, deadline=None)
@given(batches=batches)
def test_protecting_many_equals_protecting_one_by_one(
    configs: list[SrtpConfig], rtp: Packet, batches: Batches
) -> None:
    """MED-24, MED-26: whatever the rows are, statuses, octets, counters and state are the same."""
    peers, twins = Peers(configs, rtp), [SrtpSender(config) for config in configs]
    table = SrtpSenderBatch(max_contexts=COUNT)
    numbers = [table.add(SrtpSender(config)) for config in configs]
    for batch in ["all", *batches, "all", "all"]:
        plan = numbered(batch)
        packets = [peers.plain(number, kind, argument) for number, kind, argument in plan]
        rows, lengths = lay(packets)
        contexts = np.array([numbers[n] if n >= 0 else -1 for n, _, _ in plan], np.int64)
        statuses = table.protect(rows, lengths, contexts)
        for (number, _, _), packet, status, came in zip(
            plan, packets, statuses.tolist(), read(rows, lengths), strict=True
        ):
            if number < 0:
                assert (status, came) == (SrtpStatus.NOT_SECURED, packet)
            else:
                assert (status, came) == one_by_one(twins[number].protect, packet)
    _compare(table, numbers, twins)


@settings(max_examples=30, deadline=None)
@given(batches=batches)
def test_unprotecting_many_equals_unprotecting_one_by_one(
    configs: list[SrtpConfig], rtp: Packet, batches: Batches
) -> None:
    """MED-24, MED-26: forged, replayed, cut, of other sources and keys, spent: all as one by one."""
    peers, twins = Peers(configs, rtp), [SrtpReceiver(config) for config in configs]
    table = SrtpReceiverBatch(max_contexts=COUNT)
    numbers = [table.add(SrtpReceiver(config)) for config in configs]
    for batch in ["all", *batches, "all", "all"]:
        plan = numbered(batch)
        packets = [peers.secured(number, kind, argument) for number, kind, argument in plan]
        rows, lengths = lay(packets)
        contexts = np.array([numbers[n] if n >= 0 else -1 for n, _, _ in plan], np.int64)
        statuses = table.unprotect(rows, lengths, contexts)
        for (number, _, _), packet, status, came in zip(
            plan, packets, statuses.tolist(), read(rows, lengths), strict=True
        ):
            if number < 0:
                assert (status, came) == (SrtpStatus.NOT_SECURED, packet)
            else:
                assert (status, came) == one_by_one(twins[number].unprotect, packet)
    _compare(table, numbers, twins)


def _compare(table: Any, numbers: list[int], twins: Any) -> None:
    for number, twin in zip(numbers, twins, strict=True):
        assert table.statistics(number) == twin.statistics()
        context = table.remove(number)
        assert context.snapshot() == twin.snapshot()
        assert context.statistics() == twin.statistics()
    assert len(table) == 0


def test_a_stream_goes_on_when_it_leaves_the_table(make_config: Make, rtp: Packet) -> None:
    """MED-26: roll-over counter and replay list move with the context, in and out."""
    sender = SrtpSender(make_config())
    sent = [sender.protect(rtp(sequence)) for sequence in range(65_500, 65_700)]
    receiver = SrtpReceiver(make_config())
    for packet in sent[:20]:
        receiver.unprotect(packet)
    table = SrtpReceiverBatch(max_contexts=10)
    number = table.add(receiver)
    others = [table.add(SrtpReceiver(make_config())) for _ in range(9)]
    for start in range(20, 120, 10):
        for packet in sent[start : start + 10]:  # ten rows, of ten contexts that hear the same peer
            rows, lengths = lay([packet] * 10)
            assert not table.unprotect(rows, lengths, np.array([number, *others])).any()
    assert table.remove(number) is receiver
    assert receiver.roc(7) == 1
    assert one_by_one(receiver.unprotect, sent[119])[0] is SrtpStatus.REPLAYED
    assert receiver.unprotect(sent[120]) == rtp(65_620)
    assert table.add(SrtpReceiver(make_config())) == number
    rows, lengths = lay([sent[121]] * 10)
    assert table.unprotect(rows, lengths, np.full(10, number)).tolist() == [0, *[SrtpStatus.REPLAYED] * 9]


@pytest.mark.parametrize("suite", ["AES_CM_128_HMAC_SHA1_80", "AEAD_AES_128_GCM"])
def test_forged_rows_are_left_as_they_were(make_config: Make, rtp: Packet, suite: str) -> None:
    """MED-26: every octet of the row, and the others come through."""
    config = make_config(suite)
    sender = SrtpSender(config)
    table = SrtpReceiverBatch(max_contexts=16)
    contexts = np.array([table.add(SrtpReceiver(config)) for _ in range(16)])
    for sequence in range(3):
        packet = sender.protect(rtp(sequence, octets=50))
        rows, lengths = lay([packet] * 16)
        rows[3:9, 20] ^= 1
        if sequence == 2:
            rows[:, 20] ^= 1
        before = rows.copy()
        statuses = table.unprotect(rows, lengths, contexts)
        good = statuses == SrtpStatus.OK
        assert set(statuses[~good].tolist()) == {SrtpStatus.AUTHENTICATION_FAILED}
        np.testing.assert_array_equal(rows[~good], before[~good])
        assert read(rows[good], lengths[good]) == [rtp(sequence, octets=50)] * int(good.sum())
        assert good.sum() == (6 if sequence == 2 else 10)


def test_rekeying_in_the_table(make_config: Make, rtp: Packet) -> None:
    """MED-24, MED-26: old keys retire as they do one by one, and the counter goes on."""
    senders = [SrtpSender(make_config(number=n, replay_window=64)) for n in range(8)]
    table = SrtpReceiverBatch(max_contexts=8, replay_window=64)
    contexts = np.array([table.add(SrtpReceiver(make_config(number=n, replay_window=64))) for n in range(8)])
    for sequence in range(65_530, 65_640):
        if sequence == 65_540:
            late = [sender.protect(rtp(sequence)) for sender in senders]
            for number, sender in enumerate(senders):
                new = make_config("AEAD_AES_128_GCM", 50 + number, replay_window=64)
                table.rekey(number, new)
                sender.rekey(new)
            continue
        rows, lengths = lay([sender.protect(rtp(sequence)) for sender in senders])
        assert not table.unprotect(rows, lengths, contexts).any()
        assert read(rows, lengths) == [rtp(sequence)] * 8
        if sequence == 65_545:
            rows, lengths = lay(late)
            assert not table.unprotect(rows, lengths, contexts).any()
    assert [table.statistics(number).packets for number in range(8)] == [110] * 8
    receiver = table.remove(0)
    assert (receiver.roc(7), receiver.retiring) == (1, False)


def test_bad_arguments_change_nothing(make_config: Make, rtp: Packet) -> None:
    """MED-26."""
    table = SrtpSenderBatch(max_contexts=2)
    number = table.add(SrtpSender(make_config()))
    rows, lengths = lay([rtp(1)] * 2)
    contexts = np.full(2, number)
    bad: list[tuple[Any, Any, Any, str]] = [
        (rows.astype(np.int16), lengths, contexts, "rows"),
        (rows[0], lengths, contexts, "rows"),
        (rows[:, ::2], lengths, contexts, "rows"),
        (rows, lengths[:1], contexts, "lengths"),
        (rows, lengths, contexts[:1], "lengths"),
        (rows, lengths + 1000, contexts, "lengths"),
        (rows, lengths - 1000, contexts, "lengths"),
        (rows, lengths, contexts + 1, "contexts"),
        (rows, lengths, contexts + 2, "contexts"),
        (*lay([rtp(1)] * 2, 40), contexts, "rows have 40"),
    ]
    for *arrays, text in bad:
        with pytest.raises(LocalProtocolError, match=text):
            table.protect(*arrays)
    assert table.statistics(number).packets == 0
    empty = np.zeros(0, np.int64)
    assert table.protect(np.zeros((0, 200), np.uint8), empty, empty).size == 0
    narrow = np.zeros((9, 8), np.uint8)
    receivers = SrtpReceiverBatch(max_contexts=9)
    contexts = np.array([receivers.add(SrtpReceiver(make_config())) for _ in range(9)])
    statuses = receivers.unprotect(narrow, np.full(9, 8), contexts)
    assert set(statuses.tolist()) == {SrtpStatus.MALFORMED}


def test_the_table_has_an_end(make_config: Make) -> None:
    """MED-26: law 8."""
    table = SrtpReceiverBatch(max_contexts=1)
    with pytest.raises(LocalProtocolError, match="max_contexts"):
        SrtpReceiverBatch(max_contexts=0)
    with pytest.raises(LocalProtocolError, match="replay_window"):
        table.add(SrtpReceiver(make_config(replay_window=64)))
    number = table.add(SrtpReceiver(make_config()))
    with pytest.raises(LocalProtocolError, match="holds its 1"):
        table.add(SrtpReceiver(make_config()))
    table.remove(number)
    for call in (table.remove, table.statistics):
        with pytest.raises(LocalProtocolError, match="no cryptographic context"):
            call(number)
    with pytest.raises(LocalProtocolError, match="no cryptographic context"):
        table.rekey(number, make_config())
