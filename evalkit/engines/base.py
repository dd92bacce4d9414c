"""Where rows live. An engine hands out cells one by one; it knows no statistics."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Protocol

import pandas as pd


class Engine(Protocol):
    """Hands a frame's rows out in cells."""

    def cells(
        self, frame: pd.DataFrame, keys: Sequence[str], order: str
    ) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        """Yield the rows of every distinct combination of `keys`.

        Parameters
        ----------
        frame : DataFrame
            With the key columns (text), the order column and any others.
        keys : sequence of str
            Columns that make a cell.
        order : str
            Column by which rows are sorted inside a cell, so that sums never depend on the order
            of the files.

        Yields
        ------
        key : tuple of str
            Ascending.
        rows : DataFrame
            The cell's rows, all columns.
        """
        ...
