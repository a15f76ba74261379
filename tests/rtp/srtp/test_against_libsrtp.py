"""Both ways against libsrtp, with loss, reordering and roll-overs."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from sansio_rtp.srtp import PacketReplayed, SrtpConfig, SrtpReceiver, SrtpSender

pylibsrtp: Any = pytest.importorskip("pylibsrtp", reason="pip install 'sansio-voip[test]' brings pylibsrtp")

PROFILES = {
    "AES_CM_128_HMAC_SHA1_80": "AES128_CM_SHA1_80",
    "AES_CM_128_HMAC_SHA1_32": "AES128_CM_SHA1_32",
    "AEAD_AES_128_GCM": "AEAD_AES_128_GCM",
    "AEAD_AES_256_GCM": "AEAD_AES_256_GCM",
}
FULL = 100_000
Make = Callable[..., SrtpConfig]
Packet = Callable[..., bytes]


def libsrtp(config: SrtpConfig, direction: str) -> Any:
    policy = pylibsrtp.Policy
    return pylibsrtp.Session(
        policy(
            key=config.keys[0].key_salt,
            ssrc_type=getattr(policy, f"SSRC_ANY_{direction}"),
            srtp_profile=getattr(policy, f"SRTP_PROFILE_{PROFILES[config.suite]}"),
        )
    )


def numbers(packets: int, seed: int) -> Iterator[int]:
    """Indices of a stream with three roll-overs in `packets`: 3 % lost, a tenth out of order, gaps."""
    chance = random.Random(seed)
    gap = 4 * 65_536 // packets
    held: list[int] = []
    index = 30_000
    for _ in range(packets):
        index += chance.randrange(1, 2 * gap) if gap > 1 else 1 + chance.randrange(4)
        if chance.random() < 0.03:
            continue
        if chance.random() < 0.1:
            held.append(index)
            continue
        yield index
        if held and chance.random() < 0.4:
            yield held.pop()
    yield from reversed(held[-20:])


@pytest.mark.parametrize("suite", PROFILES)
@pytest.mark.parametrize("packets", [2_500, pytest.param(FULL, marks=pytest.mark.long)])
def test_both_ways_over_three_roll_overs(make_config: Make, rtp: Packet, suite: str, packets: int) -> None:
    """MED-24: 100,000 packets in the long form; what ours sends theirs opens, and the other way round."""
    config = make_config(suite)
    ours, theirs = SrtpSender(config), libsrtp(config, "OUTBOUND")
    we, they = SrtpReceiver(config), libsrtp(config, "INBOUND")
    indices = list(numbers(packets, 1))
    assert max(indices) >> 16 >= 3
    count = old = 0
    secured: dict[int, bytes] = {}
    for index in sorted(indices):
        clear = rtp(index, octets=20 + index % 150)
        secured[index] = ours.protect(clear)
        assert theirs.protect(clear) == secured[index]
    for index in indices:
        clear = rtp(index, octets=20 + index % 150)
        try:
            assert we.unprotect(secured[index]) == clear
        except PacketReplayed:  # behind the window
            old += 1
            with pytest.raises(pylibsrtp.Error):
                they.unprotect(secured[index])
        else:
            assert they.unprotect(secured[index]) == clear
            count += 1
    assert count + old == len(indices)
    assert count > 0.9 * len(indices)
    assert we.roc(7) == ours.roc(7) == max(indices) >> 16


@pytest.mark.parametrize("suite", PROFILES)
def test_reports_both_ways(make_config: Make, rtcp: Packet, suite: str) -> None:
    """MED-24: SRTCP; libsrtp begins to count its indices at 1, the RFC at 0: both are taken."""
    config = make_config(suite)
    ours, theirs = SrtpSender(config), libsrtp(config, "OUTBOUND")
    we, they = SrtpReceiver(config), libsrtp(config, "INBOUND")
    for _ in range(200):
        assert they.unprotect_rtcp(ours.protect_rtcp(rtcp())) == rtcp()
        assert we.unprotect_rtcp(theirs.protect_rtcp(rtcp())) == rtcp()
