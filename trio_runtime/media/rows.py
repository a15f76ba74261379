"""Room that many datagrams are read into, a row each."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["rows_and_views"]


def rows_and_views(n_rows: int, row_octets: int) -> tuple[npt.NDArray[np.uint8], list[memoryview]]:
    """Make room for datagrams.

    Args:
        n_rows: Datagrams that are read at once.
        row_octets: The longest of them, in octets.

    Returns:
        The octets, uint8, shape (n_rows, row_octets), and a view of each row.
    """
    octets = np.zeros(n_rows * row_octets, np.uint8)
    # Slices of one view: views of rows of an array are three times as dear, and every phone that opens pays.
    whole = octets.data
    views = [whole[start : start + row_octets] for start in range(0, n_rows * row_octets, row_octets)]
    return octets.reshape(n_rows, row_octets), views
