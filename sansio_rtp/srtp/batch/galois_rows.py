"""AES-GCM for a group of rows (RFC 7714 §8)."""

from __future__ import annotations

import numpy as np

from ..galois_mode import TAG_OCTETS
from .group import Group
from .hot_state import HotState, Numbers
from .rows import put

# Octets of the two 64-bit halves, each filled up with zeros, that make the nonce of 12.
_NONCE = np.r_[2:8, 10:16]


class GaloisRows:
    """Secures groups in place. The cipher is called once a row, all else once a group."""

    def __init__(self, state: HotState) -> None:
        """Work with the keys of `state`."""
        self._state = state

    def seal(self, group: Group) -> None:
        """Encrypt the payloads, and append tag and MKI."""
        data, nonces = group.rows.data.cast("B"), self._nonces(group)
        gcm, body = self._state.gcm, group.body
        for row, (context, start, end) in enumerate(_spans(group)):
            payload = start + body
            header = data[start:payload]
            sealed = gcm[context].encrypt(nonces[12 * row : 12 * row + 12], data[payload:end], header)
            data[payload : end + TAG_OCTETS] = sealed
        mki = group.profile.mki_octets
        if mki:
            put(group.rows, group.picked, group.ends + TAG_OCTETS, self._state.mki[group.contexts, :mki])

    def open(self, group: Group) -> Numbers:
        """Decrypt the payloads of the authentic rows; return which rows of the group those are."""
        data, nonces = group.rows.data.cast("B"), self._nonces(group)
        gcm, body = self._state.gcm, group.body
        authentic: list[int] = []
        for row, (context, start, end) in enumerate(_spans(group)):
            payload = start + body
            sealed = data[payload : end + TAG_OCTETS]
            plain = gcm[context].decrypt(nonces[12 * row : 12 * row + 12], sealed, data[start:payload])
            if plain is not None:
                data[payload:end] = plain
                authentic.append(row)
        return np.array(authentic, np.int64)

    def _nonces(self, group: Group) -> bytes:
        halves = np.empty((group.contexts.size, 2), ">u8")
        halves[:, 0] = self._state.high[group.contexts]
        halves[:, 1] = self._state.low[group.contexts] ^ group.index.astype(np.uint64)
        return halves.view(np.uint8)[:, _NONCE].tobytes()


def _spans(group: Group) -> zip[tuple[int, int, int]]:
    starts = group.picked * group.rows.shape[1]
    return zip(group.contexts.tolist(), starts.tolist(), (starts + group.ends).tolist(), strict=True)
