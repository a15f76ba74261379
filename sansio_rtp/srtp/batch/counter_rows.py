"""AES in counter mode and HMAC-SHA1 for a group of rows (RFC 3711 §4.1.1, §4.2)."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from .group import Group
from .hot_state import HotState, Mode, Numbers, Octets2d
from .rows import cut, put, take

_ROC_OCTETS = 4


class CounterRows:
    """Secures groups in place. AES and SHA-1 are called once a row, all else once a group."""

    def __init__(self, state: HotState) -> None:
        """Work with the keys of `state`."""
        self._state = state
        self._blocks = np.zeros((0, 0, 2), np.uint64)
        self._views: list[memoryview] = []

    def seal(self, group: Group) -> None:
        """Encrypt the payloads, and append MKI and tag."""
        profile = group.profile
        self._crypt(group)
        tags = self._tags(group)
        if profile.mki_octets:
            put(group.rows, group.picked, group.ends, self._state.mki[group.contexts, : profile.mki_octets])
        put(group.rows, group.picked, group.ends + profile.mki_octets, tags)

    def open(self, group: Group) -> Numbers:
        """Decrypt the payloads of the authentic rows; return which rows of the group those are."""
        profile = group.profile
        received = take(group.rows, group.picked, group.ends + profile.mki_octets, profile.tag_octets)
        hidden = take(group.rows, group.picked, group.ends, _ROC_OCTETS)
        tags = self._tags(group)
        put(group.rows, group.picked, group.ends, hidden)
        # Every octet is looked at, whichever differs: the time tells nothing of the tag.
        wrong = np.bitwise_or.reduce(tags ^ received, axis=1)
        authentic = np.flatnonzero(wrong == 0)
        self._crypt(group if authentic.size == wrong.size else group.only(authentic))
        return authentic

    def _tags(self, group: Group) -> Octets2d:
        # The roll-over counter is authenticated behind the packet, where MKI and tag stand or will stand.
        roc = (group.index >> 16).astype(">u4").view(np.uint8).reshape(-1, _ROC_OCTETS)
        put(group.rows, group.picked, group.ends, roc)
        texts = cut(group.rows, group.picked, 0, group.ends + _ROC_OCTETS)
        inner, outer = self._state.inner, self._state.outer
        digests: list[bytes] = []
        for context, text in zip(group.contexts.tolist(), texts, strict=True):
            hashed, result = inner[context](), outer[context]()
            hashed.update(text)
            result.update(hashed.digest())
            digests.append(result.digest())
        return np.frombuffer(b"".join(digests), np.uint8).reshape(-1, 20)[:, : group.profile.tag_octets]

    def _crypt(self, group: Group) -> None:
        length = group.ends - group.body
        longest = int(length.max(initial=0))
        if group.profile.mode is Mode.NULL or not longest:
            return
        stream = self._key_stream(group, (longest + 15) >> 4)[:, :longest]
        if int(length.min()) < longest:
            stream = np.where(np.arange(longest) < length[:, None], stream, np.uint8(0))
        columns = slice(group.body, group.body + longest)
        if group.picked.size == group.rows.shape[0]:
            group.rows[:, columns] ^= stream  # in place; an index array would copy twice
        else:
            group.rows[group.picked, columns] ^= stream

    def _key_stream(self, group: Group, blocks: int) -> Octets2d:
        count = group.contexts.size
        if self._blocks.shape[0] < count or self._blocks.shape[1] != blocks:
            self._blocks = np.zeros((count, blocks, 2), np.uint64)
            data, size = self._blocks.data.cast("B"), 16 * blocks
            self._views = [data[start : start + size] for start in range(0, count * size, size)]
        state, used = self._state, self._blocks[:count]
        low = state.low[group.contexts] ^ group.index.astype(np.uint64) << np.uint64(16)
        used[:, :, 0] = _network_order(state.high[group.contexts])[:, None]
        used[:, :, 1] = _network_order(low)[:, None] ^ _network_order(np.arange(blocks, dtype=np.uint64))
        ecb = state.ecb
        pieces = [
            ecb[context](view) for context, view in zip(group.contexts.tolist(), self._views, strict=False)
        ]
        return np.frombuffer(b"".join(pieces), np.uint8).reshape(count, 16 * blocks)


def _network_order(numbers: npt.NDArray[np.uint64]) -> npt.NDArray[np.uint64]:
    return numbers.astype(">u8").view(np.uint64)
