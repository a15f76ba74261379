"""AES-GCM for a group of rows (RFC 7714 §8)."""

from __future__ import annotations

import numpy as np

from ..galois_mode import TAG_OCTETS
from .group import Group
from .hot_state import HotState, Numbers
from .rows import cut, paste, put

# Octets of the two 64-bit halves, each filled up with zeros, that make the nonce of 12.
_NONCE = np.r_[2:8, 10:16]


class GaloisRows:
    """Secures groups in place. The cipher is called once a row, all else once a group."""

    def __init__(self, state: HotState) -> None:
        """Work with the keys of `state`."""
        self._state = state

    def seal(self, group: Group) -> None:
        """Encrypt the payloads, and append tag and MKI."""
        gcm = self._state.gcm
        sealed = [
            gcm[context].encrypt(nonce, payload, header)
            for context, nonce, payload, header in self._inputs(group, group.ends)
        ]
        paste(group.rows, group.picked, group.body, sealed)
        mki = group.profile.mki_octets
        if mki:
            put(group.rows, group.picked, group.ends + TAG_OCTETS, self._state.mki[group.contexts, :mki])

    def open(self, group: Group) -> Numbers:
        """Decrypt the payloads of the authentic rows; return which rows of the group those are."""
        gcm = self._state.gcm
        authentic: list[int] = []
        plain: list[bytes] = []
        inputs = self._inputs(group, group.ends + TAG_OCTETS)
        for row, (context, nonce, payload, header) in enumerate(inputs):
            opened = gcm[context].decrypt(nonce, payload, header)
            if opened is not None:
                authentic.append(row)
                plain.append(opened)
        chosen = np.array(authentic, np.int64)
        if authentic:
            paste(group.rows, group.picked[chosen], group.body, plain)
        return chosen

    def _inputs(self, group: Group, ends: Numbers) -> zip[tuple[int, bytes, bytes, bytes]]:
        size = group.contexts.size
        halves = np.empty((size, 2), ">u8")
        halves[:, 0] = self._state.high[group.contexts]
        halves[:, 1] = self._state.low[group.contexts] ^ group.index.astype(np.uint64)
        nonces = np.ascontiguousarray(halves.view(np.uint8)[:, _NONCE]).view("V12").ravel().tolist()
        headers = cut(group.rows, group.picked, 0, np.full(size, group.body))
        payloads = cut(group.rows, group.picked, group.body, ends)
        return zip(group.contexts.tolist(), nonces, payloads, headers, strict=True)
