"""The state that nearly every packet needs, of many cryptographic contexts as arrays: row i is context i."""

from __future__ import annotations

from array import array
from collections.abc import Callable
from enum import Enum
from typing import TypeAlias

import attrs
import numpy as np
import numpy.typing as npt

from ..backend import EcbCipher, GcmCipher
from ..context import CryptoContext, SourceState
from ..galois_mode import GaloisMode
from ..hmac_sha1 import HashState
from ..key_ring import Protection
from ..replay import MAX_INDEX

Numbers: TypeAlias = npt.NDArray[np.int64]
Octets2d: TypeAlias = npt.NDArray[np.uint8]

_LOW_64 = (1 << 64) - 1
_LOW_48 = (1 << 48) - 1
_MAX_MKI = 128


class Mode(Enum):
    """How a group of rows is secured."""

    NULL = "NULL"
    COUNTER = "AES-CM"
    GALOIS = "AES-GCM"


@attrs.frozen
class Profile:
    """What all rows of one group have in common.

    Attributes:
        mode: The encryption.
        tag_octets: Length of the tag.
        mki_octets: Length of the MKI.
    """

    mode: Mode
    tag_octets: int
    mki_octets: int


class HotState:
    """One source and one key of each context: those that the last packet had.

    Attributes:
        ready: Whether the context is in the arrays; shape (capacity,), as all that follows.
        ssrc: The source.
        highest: Its highest index.
        used: RTP packets secured with the key.
        limit: RTP packets that the key may secure.
        accepted: Packets counted here and not yet in the context.
        profile: Index into `profiles`.
        high: Upper half of the initial value that salt and SSRC give; of the 48 upper bits for AES-GCM.
        low: Lower half that the salt gives; of the 48 lower bits for AES-GCM.
        ring: The replay lists, shape (capacity, window).
        mki: The MKI of the key, shape (capacity, 128).
        profiles: Every profile that was met.
        ecb: AES of counter mode by context, as all that follows.
        gcm: AES-GCM.
        inner: Gives a copy of the inner hash of HMAC-SHA1.
        outer: Gives a copy of the outer hash.
    """

    def __init__(self, capacity: int, window: int) -> None:
        """Make room for `capacity` contexts with replay lists of `window` packets."""
        self.ready = np.zeros(capacity, np.bool_)
        self.ssrc, self.highest, self.used, self.limit, self.accepted, self.profile = (
            np.zeros(capacity, np.int64) for _ in range(6)
        )
        self.high, self.low = (np.zeros(capacity, np.uint64) for _ in range(2))
        self.ring = np.full((capacity, window), -1, np.int64)
        self.mki = np.zeros((capacity, _MAX_MKI), np.uint8)
        self.profiles: list[Profile] = []
        self.ecb: dict[int, EcbCipher] = {}
        self.gcm: dict[int, GcmCipher] = {}
        self.inner: dict[int, Callable[[], HashState]] = {}
        self.outer: dict[int, Callable[[], HashState]] = {}
        self._source: dict[int, SourceState] = {}

    def store(self, row: int, context: CryptoContext) -> None:
        """Give back to the context what has changed here."""
        if not self.ready[row]:
            return
        source = self._source[row]
        source.rtp.highest = int(self.highest[row])
        context.key.rtp_packets = int(self.used[row])
        context.add_accepted(int(self.accepted[row]))
        self.accepted[row] = 0

    def load(self, row: int, context: CryptoContext) -> None:
        """Take the source and the key of the last packet, if a batch can work with them."""
        source = context.source(context.last_ssrc)
        self.ready[row] = False
        # Far from the end of the roll-over counter, which only the scalar way tells exactly.
        if source is None or context.retiring or not 0 <= source.rtp.highest <= MAX_INDEX - 0x10000:
            return
        key = context.key
        mode = self._load_mode(row, key.rtp, context.last_ssrc)
        if mode is None:
            return
        mki = key.master.mki
        self.mki[row, : len(mki)] = np.frombuffer(mki, np.uint8)
        self.profile[row] = self._profile(Profile(mode, key.rtp.tag_octets, len(mki)))
        self._share_ring(row, source)
        self.ssrc[row] = context.last_ssrc
        self.highest[row] = source.rtp.highest
        self.used[row] = key.rtp_packets
        self.limit[row] = key.master.rtp_packets
        self.ready[row] = True

    def seen(self, contexts: Numbers, index: Numbers) -> npt.NDArray[np.bool_]:
        """Tell which packets came before or are too old to tell, as `ReplayList.has` does."""
        highest, window = self.highest[contexts], self.ring.shape[1]
        old: npt.NDArray[np.bool_] = index <= highest - window
        known: npt.NDArray[np.bool_] = self.ring[contexts, index % window] == index
        return (index <= highest) & (old | known)

    def advance(self, contexts: Numbers, index: Numbers) -> None:
        """Note packets that were secured or accepted; no context comes twice."""
        self.highest[contexts] = np.maximum(self.highest[contexts], index)
        self.ring[contexts, index % self.ring.shape[1]] = index
        self.used[contexts] += 1
        self.accepted[contexts] += 1

    def drop(self, row: int) -> None:
        """Forget a context; its source gets a replay list of its own."""
        self._return_ring(row)
        self.ready[row] = False
        for keys in (self.ecb, self.gcm, self.inner, self.outer):
            keys.pop(row, None)

    def _load_mode(self, row: int, protection: Protection, ssrc: int) -> Mode | None:
        if isinstance(protection, GaloisMode):
            if not protection.encrypt:
                return None
            self.gcm[row] = protection.cipher
            self.high[row], self.low[row] = protection.salt >> 48 ^ ssrc, protection.salt & _LOW_48
            return Mode.GALOIS
        if protection.cipher is not None:
            self.ecb[row] = protection.cipher
        mac = protection.mac
        self.inner[row], self.outer[row] = mac.inner.copy, mac.outer.copy
        self.high[row], self.low[row] = protection.salt >> 64 ^ ssrc, protection.salt & _LOW_64
        return Mode.NULL if protection.cipher is None else Mode.COUNTER

    def _profile(self, profile: Profile) -> int:
        if profile not in self.profiles:
            self.profiles.append(profile)
        return self.profiles.index(profile)

    def _share_ring(self, row: int, source: SourceState) -> None:
        if self._source.get(row) is source:
            return
        self._return_ring(row)
        self.ring[row] = np.frombuffer(source.rtp.ring, np.int64)
        source.rtp.ring = memoryview(self.ring[row])  # one list, which both ways write
        self._source[row] = source

    def _return_ring(self, row: int) -> None:
        source = self._source.pop(row, None)
        if source is not None:
            source.rtp.ring = array("q", self.ring[row].tolist())
