"""Many packets that came, proven and opened at once."""

from __future__ import annotations

import numpy as np

from ..receiver import SrtpReceiver
from .batch import Batch
from .group import Group
from .hot_state import Mode, Numbers, Octets2d
from .rows import take


class SrtpReceiverBatch(Batch[SrtpReceiver]):
    """The receiving contexts of many streams; packet for packet the same as `SrtpReceiver.unprotect`."""

    def unprotect(self, rows: Octets2d, lengths: Numbers, contexts: Numbers) -> Numbers:
        """Make RTP packets of SRTP packets, in place.

        Rows of one context are taken in their order.

        Args:
            rows: uint8, shape (n, stride), C-contiguous: one packet in each row.
            lengths: int64, shape (n,): octets of each packet; on return those of the RTP packets.
            contexts: int64, shape (n,): the context of each row, negative for a row to leave alone.

        Returns:
            int64, shape (n,): an `SrtpStatus` for each row. Rows that are not `OK` are as they were.

        Raises:
            LocalProtocolError: The arrays do not fit each other, or a context is not in the table; nothing
                was changed.
        """
        self._check(rows, lengths, contexts)
        return self._run(rows, lengths, contexts)

    def _surplus(self, contexts: Numbers) -> Numbers:
        return self._overhead[contexts]

    def _growth(self, group: Group) -> int:
        return 0

    def _work(self, group: Group) -> Group:
        group = self._with_key(group)
        return group.only(self._rows_of(group).open(group)) if group.picked.size else group

    def _with_key(self, group: Group) -> Group:
        """Return the rows whose MKI names the key that the context had last."""
        octets = group.profile.mki_octets
        if not octets:
            return group
        at = group.ends + (group.profile.tag_octets if group.profile.mode is Mode.GALOIS else 0)
        same = take(group.rows, group.picked, at, octets) == self._state.mki[group.contexts, :octets]
        return group.only(np.flatnonzero(same.all(axis=1)))

    def _apply(self, context: SrtpReceiver, packet: bytes) -> bytes:
        return context.unprotect(packet)
