"""Texts of which hardly any repeats, as bytes of one width: a quarter of the room that as many `str` take.

Running numbers and times of a large file: of a million answers each is its own. They become `str`
when somebody reads them, some thousands at a time.
"""

from __future__ import annotations

import builtins
from collections.abc import Iterator, Sequence
from typing import Any, Self, overload

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from pandas.api.extensions import ExtensionArray, ExtensionDtype
from pandas.api.indexers import check_array_indexer

LONGEST = 64
"""Bytes of the longest text that is kept so: one of them makes all as wide."""

UNTOLD = b"\xff"
"""What stands where there is no text: no text of any encoding here begins so."""

_PLAIN = 2**7
"""Bytes below are ASCII."""

FIGURES = 18
"""Of a number that 64 bits hold."""

_BLOCK = 2**14
"""Texts that are made at a time."""

_BLANKS = np.zeros(256, dtype=np.bool_)
_BLANKS[[*b"\t\n\x0b\x0c\r\x1c\x1d\x1e\x1f "]] = True


class TextsDtype(ExtensionDtype):
    """The kind of a column of `Texts`."""

    name = "texts"
    type = str
    na_value = np.nan

    @classmethod
    def construct_array_type(cls) -> builtins.type[Texts]:
        """Return `Texts`."""
        return Texts


class Texts(ExtensionArray):
    """Texts without NUL, or nothing, one beside the other; they cannot be changed.

    Parameters
    ----------
    cells : ndarray of bytes, shape (n,)
        In UTF-8.

    Examples
    --------
    >>> column = pd.Series(Texts.of(["1", "2", "15"]))
    >>> column.tolist(), column[2], (column == "2").tolist()
    (['1', '2', '15'], '15', [False, True, False])
    """

    def __init__(self, cells: NDArray[np.bytes_]) -> None:
        self._cells = cells

    @classmethod
    def of(cls, texts: Sequence[str]) -> Texts | None:
        """Return texts as bytes; None where one is too long, or cannot be kept so."""
        joined = "".join(texts)
        if "\0" in joined:
            return None
        cells = texts if joined.isascii() else [one.encode() for one in texts]
        if max(map(len, cells), default=0) > LONGEST:
            return None
        return cls(np.array(cells, dtype=np.bytes_))

    @property
    def is_plain(self) -> bool:
        """Whether all are there, and ASCII."""
        return int(self.signs.max(initial=0)) < _PLAIN

    @property
    def narrow(self) -> Self:
        """The same texts, as wide as the longest."""
        width = max(int(np.strings.str_len(self._cells).max(initial=0)), 1)
        return (
            self if width == self._cells.itemsize else type(self)(self._cells.astype(f"S{width}"))
        )

    @property
    def cells(self) -> NDArray[np.bytes_]:
        """The bytes, shape (n,)."""
        return self._cells

    @property
    def signs(self) -> NDArray[np.uint8]:
        """The bytes one by one, shape (n, width): 0 behind the end of a text."""
        cells = np.ascontiguousarray(self._cells)
        return cells.view(np.uint8).reshape(len(cells), -1)

    @property
    def held(self) -> NDArray[np.bool_]:
        """Which texts are not empty, shape (n,)."""
        return np.asarray(self.signs[:, 0] != 0)

    @property
    def are_bare(self) -> bool:
        """Whether no text has white space around it."""
        signs, blank = self.signs, _BLANKS
        last = np.maximum(np.strings.str_len(self._cells) - 1, 0)
        return not (blank[signs[:, 0]].any() or blank[signs[np.arange(len(signs)), last]].any())

    @property
    def are_figures(self) -> bool:
        """Whether every text is figures and nothing else."""
        signs = self.signs
        figures = ((signs >= ord("0")) & (signs <= ord("9"))) | (signs == 0)
        return len(signs) > 0 and bool(figures.all() and self.held.all())

    def figures_at(self, place: int) -> NDArray[np.bool_]:
        """Tell which texts have a figure in a place, counted from 0, shape (n,)."""
        if place >= self._cells.itemsize:
            return np.zeros(len(self), dtype=np.bool_)
        sign = self.signs[:, place]
        return np.asarray((sign >= ord("0")) & (sign <= ord("9")))

    def numbers(self) -> NDArray[np.int64] | None:
        """Return the numbers that texts of figures are, shape (n,); None where one is too long."""
        if self._cells.itemsize > FIGURES:
            return None
        found = np.zeros(len(self), dtype=np.int64)
        for sign in self.signs.T:
            found = np.where(sign == 0, found, 10 * found + (sign - np.uint8(ord("0"))))
        return found

    def tolist(self) -> list[Any]:
        """Return the texts as `str`, NaN where there is none."""
        found: list[Any] = []
        for first in range(0, len(self), _BLOCK):
            part = Texts(self._cells[first : first + _BLOCK])
            if part.is_plain:
                found += part._cells.astype(np.str_).tolist()
            else:
                every = part._cells.tolist()
                found += [np.nan if one == UNTOLD else one.decode() for one in every]
        return found

    def __array__(
        self, dtype: np.typing.DTypeLike | None = None, copy: bool | None = None
    ) -> NDArray[Any]:
        """Return the texts as objects."""
        found = np.empty(len(self), dtype=object)
        found[:] = self.tolist()
        return found if dtype is None else found.astype(dtype, copy=False)

    def __len__(self) -> int:
        """Return how many there are."""
        return len(self._cells)

    def __iter__(self) -> Iterator[Any]:
        """Go through the texts, some at a time."""
        for first in range(0, len(self), _BLOCK):
            yield from Texts(self._cells[first : first + _BLOCK]).tolist()

    @overload
    def __getitem__(self, item: int | np.integer[Any], /) -> Any: ...
    @overload
    def __getitem__(
        self, item: slice | list[int] | NDArray[np.integer[Any] | np.bool_], /
    ) -> Self: ...
    def __getitem__(self, item: Any, /) -> Any:
        """Return one text, or some."""
        if isinstance(item, int | np.integer):
            return type(self)(self._cells[[int(item)]]).tolist()[0]
        return type(self)(self._cells[check_array_indexer(self, item)])

    def __eq__(self, other: object) -> Any:
        """Tell which texts are another one, or equal those beside them, shape (n,)."""
        if isinstance(other, pd.Series | pd.Index | pd.DataFrame):
            return NotImplemented
        if isinstance(other, str):
            if "\0" in other:
                return np.zeros(len(self), dtype=np.bool_)
            return np.asarray(self._cells == other.encode("utf-8", "surrogatepass"))
        if isinstance(other, Texts) and len(other) == len(self):
            return np.asarray((self._cells == other._cells) & ~self.isna())
        return np.asarray(np.asarray(self, dtype=object) == np.asarray(other, dtype=object))

    @classmethod
    def _from_sequence(cls, scalars: Any, *, dtype: Any = None, copy: bool = False) -> Self:
        told = [UNTOLD if pd.isna(one) else one.encode() for one in scalars]
        return cls(np.array(told, dtype=np.bytes_))

    def _cast_pointwise_result(self, values: Any) -> Any:
        return pd.Series(np.asarray(values, dtype=object)).infer_objects().array

    @classmethod
    def _from_factorized(cls, values: Any, original: Any) -> Self:
        return cls._from_sequence(values)

    @classmethod
    def joined(cls, parts: Sequence[Texts]) -> Self:
        """Return texts one behind the other."""
        return cls(np.concatenate([one._cells for one in parts]))

    _concat_same_type = joined

    @property
    def dtype(self) -> TextsDtype:
        """`TextsDtype`."""
        return TextsDtype()

    @property
    def nbytes(self) -> int:
        """How many bytes they take."""
        return self._cells.nbytes

    def equals(self, other: object) -> bool:
        """Tell whether other texts are the same."""
        return isinstance(other, Texts) and np.array_equal(self._cells, other._cells)

    def isna(self) -> NDArray[np.bool_]:
        """Tell where there is no text, shape (n,)."""
        return np.asarray(self._cells == UNTOLD)

    def copy(self) -> Self:
        """Return the same texts: nobody can change them."""
        return type(self)(self._cells)

    def take(self, indices: Any, *, allow_fill: bool = False, fill_value: Any = None) -> Self:
        """Return the texts of some places; where told so, none for -1."""
        places = np.asarray(indices, dtype=np.intp)
        if not allow_fill:
            return type(self)(self._cells.take(places))
        if (places < -1).any():
            raise ValueError("places below -1")
        missing = places < 0
        if missing.all():
            return type(self)(np.full(len(places), UNTOLD, dtype=self._cells.dtype))
        cells = self._cells.take(np.where(missing, 0, places))
        cells[missing] = UNTOLD
        return type(self)(cells)
