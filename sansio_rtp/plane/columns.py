"""Numbers of many streams as columns: row i is stream i."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

Column = npt.NDArray[Any]


class Columns:
    """Named arrays of one length, whose rows come from records with attributes of the same names.

    Args:
        kinds: Name and dtype of each column.
        n_rows: Rows to begin with, all zero.
    """

    __slots__ = ("_columns",)

    def __init__(self, kinds: Mapping[str, str], n_rows: int) -> None:
        self._columns: dict[str, Column] = {name: np.zeros(n_rows, kind) for name, kind in kinds.items()}

    def __getitem__(self, name: str) -> Column:
        return self._columns[name]

    def resize(self, n_rows: int) -> None:
        """Have `n_rows` rows; what there was stays, as far as there is room."""
        self._columns = {name: resized(column, n_rows) for name, column in self._columns.items()}

    def put(self, row: int, record: object) -> None:
        """Copy the attributes of a record into a row."""
        for name, column in self._columns.items():
            column[row] = getattr(record, name)

    def take(self, row: int) -> dict[str, Any]:
        """Return the numbers of a row by name, as plain Python numbers."""
        return {name: column[row].item() for name, column in self._columns.items()}


def resized(array: Column, n_rows: int) -> Column:
    """Return a copy of an array with `n_rows` rows, the new ones zero."""
    new = np.zeros((n_rows, *array.shape[1:]), array.dtype)
    kept = min(n_rows, array.shape[0])
    new[:kept] = array[:kept]
    return new
