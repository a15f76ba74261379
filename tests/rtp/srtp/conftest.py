"""Ciphers, keys and packets for the tests of SRTP."""

from __future__ import annotations

import struct
from collections.abc import Callable
from typing import Any

import pytest

from sansio_rtp.srtp import CipherBackend, MasterKey, SrtpConfig, get_suite
from trio_runtime.media.srtp_backend import open_srtp_backend


@pytest.fixture(scope="session")
def backend() -> CipherBackend:
    return open_srtp_backend()


@pytest.fixture(scope="session")
def make_config(backend: CipherBackend) -> Callable[..., SrtpConfig]:
    """A configuration whose keys follow from a number; several `mkis` give as many keys."""

    def make(
        suite: str = "AES_CM_128_HMAC_SHA1_80",
        number: int = 1,
        *,
        mkis: tuple[bytes, ...] = (b"",),
        lifetime: int | None = None,
        **changes: Any,
    ) -> SrtpConfig:
        octets = get_suite(suite).master_octets
        keys = tuple(
            MasterKey(
                bytes((number * 31 + place * 7 + octet) & 0xFF for octet in range(octets)), lifetime, mki
            )
            for place, mki in enumerate(mkis)
        )
        return SrtpConfig(suite=suite, keys=keys, backend=backend, **changes)

    return make


@pytest.fixture(scope="session")
def rtp() -> Callable[..., bytes]:
    """An RTP packet; the payload tells which one it is."""

    def make(sequence: int, ssrc: int = 7, *, octets: int = 20, header: bytes = b"") -> bytes:
        first = 0x80 | (0x10 if header else 0)
        payload = (struct.pack("!HI", sequence & 0xFFFF, ssrc) * 100)[:octets]
        return (
            struct.pack("!BBHII", first, 0, sequence & 0xFFFF, sequence * 160 % 2**32, ssrc)
            + header
            + payload
        )

    return make


@pytest.fixture(scope="session")
def rtcp() -> Callable[..., bytes]:
    """A receiver report with a description."""
    return lambda ssrc=7: struct.pack("!BBHIBBHIBB2sxx", 0x80, 201, 1, ssrc, 0x81, 202, 3, ssrc, 1, 2, b"ab")
