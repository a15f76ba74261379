"""The ciphers of SRTP from `cryptography`."""

from __future__ import annotations

import sys

import pytest

from trio_runtime.base.errors import UnsupportedError
from trio_runtime.media.srtp_backend import open_srtp_backend


def test_aes_block_of_the_standard() -> None:
    """MED-24: FIPS 197 appendix C.1 and C.3; many blocks at once are each encrypted on their own."""
    backend = open_srtp_backend()
    block = bytes.fromhex("00112233445566778899aabbccddeeff")
    short = backend.ecb(bytes(range(16)))
    assert short(block).hex() == "69c4e0d86a7b0430d8cdb78070b4c55a"
    assert short(block * 3) == short(block) * 3
    assert short(memoryview(block)) == short(block)
    assert backend.ecb(bytes(range(32)))(block).hex() == "8ea2b7ca516745bfeafc49904b496089"
    assert repr(backend) == "<SRTP ciphers of cryptography>"


def test_gcm_tells_a_wrong_tag_by_a_value() -> None:
    """MED-24: also one that is cut."""
    cipher = open_srtp_backend().gcm(bytes(16))
    sealed = cipher.encrypt(bytes(12), b"", b"")
    assert sealed.hex() == "58e2fccefa7e3061367f1d57a4e7455a"  # test case 1 of the GCM specification
    assert cipher.decrypt(bytes(12), sealed, b"") == b""
    for wrong in (sealed[:-1], sealed[:-1] + b"\0", b""):
        assert cipher.decrypt(bytes(12), wrong, b"") is None
    assert cipher.decrypt(bytes(12), sealed, b"other") is None


def test_a_missing_library_is_named_with_its_install_line(monkeypatch: pytest.MonkeyPatch) -> None:
    """MED-24, INST-1."""
    monkeypatch.setitem(sys.modules, "cryptography.hazmat.primitives.ciphers", None)
    with pytest.raises(UnsupportedError, match=r"pip install 'sansio-voip\[srtp\]'"):
        open_srtp_backend()
