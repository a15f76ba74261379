"""Many RTP headers at once (RFC 3550 §5.1): the columns of packed rows."""

from __future__ import annotations

from functools import cache
from typing import NamedTuple, TypeAlias

import numpy as np
import numpy.typing as npt

HEADER_OCTETS = 12

Rows: TypeAlias = npt.NDArray[np.intp]
"""Numbers of rows, shape (n_rows,)."""
Bytes2D: TypeAlias = npt.NDArray[np.uint8]
"""Packets, one a row, shape (n_packets, stride)."""
Longs: TypeAlias = npt.NDArray[np.int64]
Floats: TypeAlias = npt.NDArray[np.float64]
Flags: TypeAlias = npt.NDArray[np.bool_]


class HeaderColumns(NamedTuple):
    """The fixed headers of many packets, each of shape (n_packets,).

    Attributes:
        plain: Whether it is RTP version 2 without padding, extension and CSRC, with a payload, and no RTCP
            (RFC 5761 §4). The other columns mean something only where this is true.
        payload_type: 0 to 127.
        marker: The marker bit.
        sequence: 16 bits.
        timestamp: 32 bits.
        ssrc: 32 bits.
    """

    plain: Flags
    payload_type: npt.NDArray[np.uint8]
    marker: Flags
    sequence: Longs
    timestamp: Longs
    ssrc: Longs

    def only(self, chosen: Flags) -> HeaderColumns:
        """Return the headers of some of the packets."""
        return HeaderColumns(
            self.plain[chosen],
            self.payload_type[chosen],
            self.marker[chosen],
            self.sequence[chosen],
            self.timestamp[chosen],
            self.ssrc[chosen],
        )


@cache
def header_dtype(stride: int) -> np.dtype[np.void]:
    """Return the record that lays the fixed header over a row of `stride` octets."""
    return np.dtype(
        {
            "names": ["first", "second", "sequence", "timestamp", "ssrc"],
            "formats": ["u1", "u1", ">u2", ">u4", ">u4"],
            "offsets": [0, 1, 2, 4, 8],
            "itemsize": stride,
        }
    )


def header_view(packets: Bytes2D) -> npt.NDArray[np.void]:
    """Return the headers of contiguous rows as records, shape (n_packets,), over the same memory."""
    return packets.view(header_dtype(packets.shape[1])).reshape(packets.shape[0])


def read_headers(packets: Bytes2D, lengths: Longs) -> HeaderColumns:
    """Read the fixed headers of datagrams; nothing raises, whatever the octets are.

    Args:
        packets: uint8, shape (n_packets, stride), contiguous, the stride a multiple of 4; what is beyond a
            length has no meaning.
        lengths: Octets of each datagram, shape (n_packets,).
    """
    second, words = packets[:, 1], packets.view(">u4")
    is_rtcp = (second >= 192) & (second <= 223)
    return HeaderColumns(
        plain=(packets[:, 0] == 0x80) & (lengths > HEADER_OCTETS) & ~is_rtcp,
        payload_type=second & np.uint8(0x7F),
        marker=second > 0x7F,
        sequence=packets.view(">u2")[:, 1].astype(np.int64),
        timestamp=words[:, 1].astype(np.int64),
        ssrc=words[:, 2].astype(np.int64),
    )
