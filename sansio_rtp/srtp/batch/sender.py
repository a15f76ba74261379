"""Many packets to send, secured at once."""

from __future__ import annotations

import numpy as np

from ...errors import LocalProtocolError
from ..sender import SrtpSender
from .batch import Batch
from .group import Group
from .hot_state import Numbers, Octets2d


class SrtpSenderBatch(Batch[SrtpSender]):
    """The sending contexts of many streams; packet for packet the same as `SrtpSender.protect`."""

    def protect(self, rows: Octets2d, lengths: Numbers, contexts: Numbers) -> Numbers:
        """Make SRTP packets of RTP packets, in place.

        Rows of one context are taken in their order.

        Args:
            rows: uint8, shape (n, stride), C-contiguous: one packet in each row.
            lengths: int64, shape (n,): octets of each packet; on return those of the SRTP packets.
            contexts: int64, shape (n,): the context of each row, negative for a row to leave alone.

        Returns:
            int64, shape (n,): an `SrtpStatus` for each row. Rows that are not `OK` are as they were.

        Raises:
            LocalProtocolError: The arrays do not fit each other, a context is not in the table, or a row has
                no room for what SRTP adds; nothing was changed.
        """
        self._check(rows, lengths, contexts)
        grown = np.where(contexts >= 0, lengths + self._overhead[contexts], 0)
        if grown.size and grown.max() > rows.shape[1]:
            raise LocalProtocolError(f"rows have {rows.shape[1]} octets, {grown.max()} are needed")
        return self._run(rows, lengths, contexts)

    def _surplus(self, contexts: Numbers) -> Numbers:
        return np.zeros(contexts.size, np.int64)

    def _growth(self, group: Group) -> int:
        return group.profile.tag_octets + group.profile.mki_octets

    def _work(self, group: Group) -> Group:
        self._rows_of(group).seal(group)
        return group

    def _apply(self, context: SrtpSender, packet: bytes) -> bytes:
        return context.protect(packet)
