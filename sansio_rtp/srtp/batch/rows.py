"""Packets as rows of one array: their fields, and octets at places that differ from row to row."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from .hot_state import Numbers, Octets2d

HEADER_OCTETS = 12


class RtpFields(NamedTuple):
    """The fields that SRTP reads before a packet is authentic, arrays of shape (n,).

    Attributes:
        valid: Whether the row holds an RTP header that fits.
        ssrc: The source.
        sequence: The sequence number.
        body: Where the payload begins.
    """

    valid: npt.NDArray[np.bool_]
    ssrc: Numbers
    sequence: Numbers
    body: Numbers


def rtp_fields_untrusted(rows: Octets2d, picked: Numbers, ends: Numbers) -> RtpFields:
    """Read the headers of the `picked` rows; `ends` is where each payload ends, before what SRTP adds."""
    header = np.ascontiguousarray(rows[picked, :HEADER_OCTETS])
    first = header[:, 0].astype(np.int64)
    sequence = header.view(">u2")[:, 1].astype(np.int64)
    ssrc = header.view(">u4")[:, 2].astype(np.int64)
    body = np.full(picked.size, HEADER_OCTETS, np.int64)
    valid = (first >> 6 == 2) & (ends >= HEADER_OCTETS)
    unusual = np.flatnonzero((first != 0x80) & valid)
    if unusual.size:
        _read_extensions(rows, picked, ends, first, body, valid, unusual)
    return RtpFields(valid, ssrc, sequence, body)


def _read_extensions(
    rows: Octets2d,
    picked: Numbers,
    ends: Numbers,
    first: Numbers,
    body: Numbers,
    valid: npt.NDArray[np.bool_],
    unusual: Numbers,
) -> None:
    body[unusual] += 4 * (first[unusual] & 0x0F)
    extended = unusual[first[unusual] & 0x10 != 0]
    fits = body[extended] + 4 <= ends[extended]
    valid[extended[~fits]] = False
    extended = extended[fits]
    words = take(rows, picked[extended], body[extended] + 2, 2)
    body[extended] += 4 + 4 * (words[:, 0].astype(np.int64) << 8 | words[:, 1])
    valid &= body <= ends


def take(rows: Octets2d, picked: Numbers, at: Numbers, count: int) -> Octets2d:
    """Return `count` octets of each picked row from column `at` on, shape (n, count)."""
    if at.size and (at == at[0]).all():
        octets: Octets2d = rows[picked, at[0] : at[0] + count]
    else:
        octets = rows[picked[:, None], at[:, None] + np.arange(count)]
    return octets


def put(rows: Octets2d, picked: Numbers, at: Numbers, octets: Octets2d) -> None:
    """Write `octets`, shape (n, count), into each picked row from column `at` on."""
    count = octets.shape[1]
    if at.size and (at == at[0]).all():
        rows[picked, at[0] : at[0] + count] = octets
    else:
        rows[picked[:, None], at[:, None] + np.arange(count)] = octets


def cut(rows: Octets2d, picked: Numbers, begin: int, ends: Numbers) -> list[bytes]:
    """Return the octets of each picked row from column `begin` to its end."""
    first = int(ends[0])
    if first > begin and (ends == first).all():
        block = np.ascontiguousarray(rows[picked, begin:first])
        # A column of opaque items turns into a list of bytes in one call.
        return list(block.view(f"V{first - begin}").ravel().tolist())
    data, starts = rows.tobytes(), picked * rows.shape[1]
    spans = zip((starts + begin).tolist(), (starts + ends).tolist(), strict=True)
    return [data[start:end] for start, end in spans]


def paste(rows: Octets2d, picked: Numbers, begin: int, pieces: list[bytes]) -> None:
    """Write each of `pieces` into its picked row from column `begin` on."""
    first = len(pieces[0])
    if all(len(piece) == first for piece in pieces):
        block = np.frombuffer(b"".join(pieces), np.uint8)
        rows[picked, begin : begin + first] = block.reshape(len(pieces), first)
        return
    for row, piece in zip(picked.tolist(), pieces, strict=True):
        rows[row, begin : begin + len(piece)] = np.frombuffer(piece, np.uint8)


def estimate_indices(highest: Numbers, sequence: Numbers) -> Numbers:
    """Return the index of each packet, as `estimate_index` does; both arrays have shape (n,)."""
    step = sequence - (highest & 0xFFFF)
    step[(step > 0x8000) & (highest > 0xFFFF)] -= 0x10000
    step[step < -0x8000] += 0x10000
    return highest + step


def rounds(contexts: Numbers, fewest: int) -> Iterator[tuple[Numbers, bool]]:
    """Divide the rows into rounds in which no context comes twice, so that each sees what the last has left.

    Args:
        contexts: The context of each row, negative for none; shape (n,).
        fewest: Rows that are worth a round.

    Yields:
        Numbers of rows and True; at the end what is left, in its order, and False.
    """
    left = np.flatnonzero(contexts >= 0)
    if left.size >= fewest and _distinct(contexts[left]):
        yield left, True
        return
    while left.size >= fewest:
        _, first = np.unique(contexts[left], return_index=True)
        if first.size < fewest:
            break
        first.sort()
        yield left[first], True
        left = np.delete(left, first)
    if left.size:
        yield left, False


def _distinct(contexts: Numbers) -> bool:
    # Nearly always: one packet of each stream. Cheaper than sorting, as the numbers are those of a table.
    return int(np.bincount(contexts).max()) == 1
