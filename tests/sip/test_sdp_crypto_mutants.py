"""Damaged lines of keys: a typed error or a right reading, and never a call in the clear that must not be."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from random import Random

import pytest

from sansio_sip.ids import Ids
from sansio_sip.sdp import (
    LocalMedia,
    MediaFormat,
    NegotiationError,
    SdpError,
    SrtpPolicy,
    build_sdp,
    make_answer,
    make_crypto,
    make_offer,
    parse_crypto,
    parse_sdp,
)

FULL = 1_000_000
PCMU = MediaFormat("PCMU", 8000, 0)
LINES = (
    "1 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4",
    "2 AES_CM_128_HMAC_SHA1_32 inline:MTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5QUJjZGVm|1066:4",
    "3 AES_CM_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz|2^20|1:4;"
    "inline:QUJjZGVmMTIzNDU2Nzg5QUJDREUwMTIzNDU2Nzg5|2^20|2:4 FEC_ORDER=FEC_SRTP KDR=1 WSH=64",
    "999999999 F8_128_HMAC_SHA1_80 inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz UNENCRYPTED_SRTCP",
)
PIECES = (
    "|",
    ":",
    ";",
    "=",
    " ",
    "2^",
    "2^48",
    "inline:",
    "0",
    "-1",
    "99999999999999999999",
    "é",
    "\0",
    "A" * 70,
)


def mutated(line: str, chance: Random) -> str:
    """Return the line with pieces put in, cut out, said twice or exchanged."""
    for _ in range(chance.randrange(1, 4)):
        at, to = sorted(chance.randrange(len(line) + 1) for _ in range(2))
        match chance.randrange(4):
            case 0:
                line = line[:at] + chance.choice(PIECES) + line[at:]
            case 1:
                line = line[:at] + line[min(to, at + 9) :]
            case 2:
                line = line[:to] + line[at:to] + line[to:]
            case _:
                line = line[:at] + chr(chance.randrange(32, 256)) + line[at + 1 :]
    return line


def side(policy: SrtpPolicy) -> LocalMedia:
    crypto = make_crypto(Ids(Random(1).randbytes).octets)
    return LocalMedia("192.0.2.1", 4000, (PCMU,), srtp=policy, crypto=crypto)


def offer_with(lines: Sequence[str]) -> bytes:
    """Return the offer of a peer whose keys are these lines."""
    text = build_sdp(make_offer(side(SrtpPolicy.REQUIRED), session_id=1, version=1)).decode()
    kept = [line for line in text.split("\r\n") if line and not line.startswith("a=crypto")]
    return "".join(f"{line}\r\n" for line in [*kept, *(f"a=crypto:{line}" for line in lines)]).encode()


@pytest.mark.parametrize("inputs", [10_000, pytest.param(FULL, marks=pytest.mark.long)])
def test_mutated_lines_of_keys_are_read_or_refused_with_an_sdp_error(inputs: int) -> None:
    """SDP-10, MSG-9: 10**6 in the long form; what is read is written and read the same again."""
    chance, read = Random(3), 0
    for _ in range(inputs):
        try:
            attribute = parse_crypto(mutated(chance.choice(LINES), chance))
        except SdpError:
            continue
        read += 1
        assert parse_crypto(attribute.value) == attribute
    assert inputs // 50 < read < inputs


@pytest.mark.parametrize(
    "inputs", [1_000, pytest.param(FULL // 10, marks=(pytest.mark.long, pytest.mark.timeout(1_200)))]
)
def test_an_offer_with_mutated_keys_is_never_answered_in_the_clear(inputs: int) -> None:
    """SDP-10: who requires SRTP answers with keys or refuses, whatever the offer's lines are."""
    chance, secured = Random(4), 0
    ours = side(SrtpPolicy.REQUIRED)
    for _ in range(inputs):
        some = chance.sample(LINES, chance.randrange(1, 4))
        lines = [mutated(line, chance) if chance.random() < 0.8 else line for line in some]
        with contextlib.suppress(SdpError, NegotiationError):
            _, media = make_answer(parse_sdp(offer_with(lines)), ours, session_id=2, version=1)
            if media is not None:
                assert media.srtp is not None
                secured += 1
    assert secured > inputs // 50
