"""RED: what was lost comes back, and nothing comes twice."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sansio_rtp.errors import PacketError
from sansio_rtp.packet import AudioBlock, RedundancyReceiver, parse_redundant


def red(*copies: tuple[int, int, bytes], primary: bytes, payload_type: int = 0) -> bytes:
    """Return a payload with copies (payload type, offset, octets) before the primary block."""
    headers = b"".join(
        struct.pack("!I", 1 << 31 | copy_type << 24 | offset << 10 | len(octets))
        for copy_type, offset, octets in copies
    )
    return headers + bytes((payload_type,)) + b"".join(octets for *_, octets in copies) + primary


def test_blocks_have_their_own_time_and_codec() -> None:
    """MED-5: RFC 2198 §3, across the wrap of the timestamp."""
    payload = red((5, 320, b"old"), (0, 160, b"newer"), primary=b"now", payload_type=8)
    assert parse_redundant(payload, 160) == [
        AudioBlock(5, 2**32 - 160, b"old", True),
        AudioBlock(0, 0, b"newer", True),
        AudioBlock(8, 160, b"now", False),
    ]


@pytest.mark.parametrize(
    "payload",
    [b"", b"\x80", b"\x80\x00\x00\x05", b"\x80\x00\x00\x05\x00abc", b"\x80\x00\x00\x00" * 17 + b"\x00"],
)
def test_what_is_cut_is_a_packet_error_and_a_count(payload: bytes) -> None:
    """MED-5."""
    with pytest.raises(PacketError):
        parse_redundant(payload, 0)
    receiver = RedundancyReceiver()
    assert receiver.receive(payload, 0) == []
    assert receiver.malformed == 1


@given(st.lists(st.booleans(), min_size=1, max_size=60), st.integers(0, 2**32 - 1))
def test_a_copy_is_used_only_when_the_packet_is_missing(lost: list[bool], start: int) -> None:
    """MED-5: each packet copies the two before it; whatever one of three brings is heard once, in order."""
    receiver = RedundancyReceiver()
    heard: list[int] = []
    came = [False, *(not gone for gone in lost)]
    came[0] = True
    for number, here in enumerate(came):
        if here:
            copies = [(0, 160 * back, str(number - back).encode()) for back in (2, 1) if number >= back]
            payload = red(*copies, primary=str(number).encode())
            heard += [
                int(block.payload) for block in receiver.receive(payload, (start + 160 * number) % 2**32)
            ]
    expected = [number for number in range(len(came)) if any(came[number : number + 3])]
    assert heard == expected
    assert receiver.recovered == len(expected) - sum(came)


def test_a_packet_that_comes_after_its_copy_is_not_heard_again() -> None:
    """MED-5: reordering; and an empty copy, which senders use at the beginning, is nothing."""
    receiver = RedundancyReceiver(max_known=2)
    assert len(receiver.receive(red((0, 160, b"x"), primary=b"a"), 1600)) == 1
    assert len(receiver.receive(red((0, 160, b"b"), primary=b"c"), 1920)) == 2
    assert receiver.receive(red(primary=b"b"), 1760) == []
    assert len(receiver.receive(red((0, 320, b""), primary=b"d"), 2080)) == 1
    receiver.reset()
    assert len(receiver.receive(red(primary=b"b"), 1760)) == 1
