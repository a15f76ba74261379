"""The vectors of RFC 3711, RFC 6188 and RFC 7714, the computed packets and the negative cases."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from sansio_rtp.errors import PacketError
from sansio_rtp.srtp import (
    AuthenticationFailed,
    CipherBackend,
    CounterMode,
    GaloisMode,
    Label,
    MasterKey,
    PacketReplayed,
    SrtpConfig,
    SrtpReceiver,
    SrtpSender,
    counter_blocks,
    derive,
)
from sansio_rtp.srtp import ContextSnapshot as Snapshot
from sansio_rtp.srtp import SourceSnapshot as Source

Case = dict[str, Any]
CASES: list[Case] = json.loads(
    (Path(__file__).parents[2] / "data" / "srtp" / "srtp.json").read_text("utf-8")
)["vectors"]
REFUSED: dict[str, type[Exception]] = {
    "auth-failure": AuthenticationFailed,
    "malformed": PacketError,
    "replay": PacketReplayed,
}


def cases(*kinds: str, negative: bool = False) -> pytest.MarkDecorator:
    chosen = [case for case in CASES if case["kind"] in kinds and ("expect" in case) is negative]
    assert chosen
    return pytest.mark.parametrize("case", chosen, ids=lambda case: str(case["id"]))


def hexed(case: Case, *names: str) -> list[bytes]:
    return [bytes.fromhex(case[name]) for name in names]


@pytest.fixture
def config(backend: CipherBackend) -> Callable[[Case], SrtpConfig]:
    def make(case: Case) -> SrtpConfig:
        key, salt = hexed(case, "master_key", "master_salt")
        return SrtpConfig(suite=case["profile"], keys=(MasterKey(key + salt),), backend=backend)

    return make


def test_every_case_is_used() -> None:
    """MED-24: no vector is left aside but the f8 mode, which no suite here has."""
    kinds = {
        "aes-cm-keystream", "srtp-kdf", "srtp-packet", "srtcp-packet", "srtp-aead-packet", "srtp-replay",
        "srtp-aead-auth-only", "srtcp-aead-packet", "aes-f8",
    }  # fmt: skip
    assert len(CASES) == 32
    assert {case["kind"] for case in CASES} == kinds


@cases("aes-cm-keystream")
def test_key_stream_of_counter_mode(backend: CipherBackend, case: Case) -> None:
    """MED-24: RFC 3711 B.2, RFC 6188 §7.1 and §7.3, far into the key stream too."""
    key, iv = hexed(case, "session_key", "iv")
    stream = backend.ecb(key)(counter_blocks(int.from_bytes(iv, "big"), 16 * (0xFF01 + 1)))
    for number, block in case["blocks"].items():
        start = 16 * int(number, 16)
        assert stream[start : start + 16].hex() == block


@cases("srtp-kdf")
def test_session_keys_of_a_master_key(backend: CipherBackend, case: Case) -> None:
    """MED-24: RFC 3711 B.3, RFC 6188 §7.2 and §7.4."""
    key, salt = hexed(case, "master_key", "master_salt")
    for label, name in (
        (Label.RTP_ENCRYPTION, "cipher_key"),
        (Label.RTP_SALT, "cipher_salt"),
        (Label.RTP_AUTHENTICATION, "auth_key"),
    ):
        (wanted,) = hexed(case, name)
        assert derive(backend, key, salt, label, len(wanted)) == wanted


@cases("srtp-packet")
def test_rtp_packets_are_secured_and_opened(config: Callable[[Case], SrtpConfig], case: Case) -> None:
    """MED-24: bit for bit, at every roll-over counter, with CSRC and header extension."""
    clear, secured = hexed(case, "rtp", "srtp")
    ssrc = int.from_bytes(clear[8:12], "big")
    sender, receiver = SrtpSender(config(case)), SrtpReceiver(config(case))
    for context in (sender, receiver):
        context.set_roc(ssrc, case["roc"])
    assert sender.protect(clear) == secured
    assert receiver.unprotect(secured) == clear
    assert receiver.roc(ssrc) == case["roc"]


@cases("srtcp-packet")
def test_rtcp_packets_are_secured_and_opened(config: Callable[[Case], SrtpConfig], case: Case) -> None:
    """MED-24: encrypted and not, up to the last index."""
    clear, secured = hexed(case, "rtcp", "srtcp")
    ssrc = int.from_bytes(clear[4:8], "big")
    keys = config(case)
    if not case["e"]:
        keys = SrtpConfig(suite=keys.suite, keys=keys.keys, backend=keys.backend, encrypt_rtcp=False)
    sender, receiver = SrtpSender(keys), SrtpReceiver(config(case))
    sender.restore(Snapshot((Source(ssrc, -1, case["index"] - 1),)))
    assert sender.protect_rtcp(clear) == secured
    assert receiver.unprotect_rtcp(secured) == clear


@cases("srtp-aead-packet", "srtp-aead-auth-only")
def test_rtp_packets_of_gcm(backend: CipherBackend, case: Case) -> None:
    """MED-24: RFC 7714 §16."""
    key, salt, clear, secured = hexed(case, "session_key", "session_salt", "rtp", "srtp")
    mode = GaloisMode(backend.gcm(key), salt, encrypt=case["kind"] == "srtp-aead-packet")
    ssrc, index = int.from_bytes(clear[8:12], "big"), case["roc"] << 16 | int.from_bytes(clear[2:4], "big")
    assert mode.seal_rtp(clear, 12, ssrc, index, b"") == secured
    assert mode.open_rtp(secured, 12, ssrc, index, 0) == clear
    assert mode.open_rtp(secured[:-1] + b"\0", 12, ssrc, index, 0) is None


@cases("srtcp-aead-packet")
def test_rtcp_packets_of_gcm(backend: CipherBackend, case: Case) -> None:
    """MED-24: RFC 7714 §17, encrypted and not."""
    key, salt, clear, secured = hexed(case, "session_key", "session_salt", "rtcp", "srtcp")
    mode = GaloisMode(backend.gcm(key), salt)
    ssrc, index = int.from_bytes(clear[4:8], "big"), case["index"]
    assert mode.seal_rtcp(clear, ssrc, index, b"", encrypt=bool(case["e"])) == secured
    assert mode.open_rtcp(secured, ssrc, case["e"] << 31 | index, 0) == clear
    assert mode.open_rtcp(secured, ssrc + 1, case["e"] << 31 | index, 0) is None


@cases("srtp-packet", negative=True)
def test_wrong_packets_are_refused(config: Callable[[Case], SrtpConfig], case: Case) -> None:
    """MED-24: a flipped bit, another roll-over counter, a cut packet; and nothing is remembered of them."""
    (secured,) = hexed(case, "srtp")
    receiver = SrtpReceiver(config(case))
    if case["roc"]:
        receiver.set_roc(int.from_bytes(secured[8:12], "big"), case["roc"])
    before = receiver.snapshot()
    with pytest.raises(REFUSED[case["expect"]]):
        receiver.unprotect(secured)
    assert receiver.snapshot() == before


@cases("srtp-replay", negative=True)
def test_a_packet_that_comes_twice_is_refused(config: Callable[[Case], SrtpConfig], case: Case) -> None:
    """MED-24."""
    receiver = SrtpReceiver(config(case))
    for secured, expect in zip(case["sequence"], case["expect"], strict=True):
        if expect == "ok":
            assert len(receiver.unprotect(bytes.fromhex(secured))) == 28
            continue
        with pytest.raises(REFUSED[expect]):
            receiver.unprotect(bytes.fromhex(secured))


def test_counter_mode_without_cipher_leaves_the_payload(backend: CipherBackend) -> None:
    """MED-24: the NULL cipher of RFC 3711 §4.1.3 still authenticates."""
    mode = CounterMode(None, bytes(14), bytes(20), 10)
    clear = bytes.fromhex("800000010000000000000001") + b"readable"
    secured = mode.seal_rtp(clear, 12, 1, 1, b"")
    assert secured[:-10] == clear
    assert mode.open_rtp(secured, 12, 1, 1, 0) == clear
    assert mode.open_rtp(secured, 12, 1, 1 << 16 | 1, 0) is None
