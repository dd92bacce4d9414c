"""What several findings ask of the same cells under the same weights is worked out once."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import fields, is_dataclass
from functools import wraps
from typing import Any, Concatenate, ParamSpec, TypeVar, cast

import numpy as np

from evalkit.tables import GroupCells

P = ParamSpec("P")
T = TypeVar("T")

_KNOWN: ContextVar[dict[tuple[object, ...], tuple[GroupCells, object]] | None] = ContextVar(
    "known of cells", default=None
)


@contextmanager
def combined_once() -> Iterator[None]:
    """Remember, for everything inside, what was worked out of rater groups' cells."""
    token = _KNOWN.set({})
    try:
        yield
    finally:
        _KNOWN.reset(token)


def worked_out_once(
    function: Callable[Concatenate[GroupCells, P], T],
) -> Callable[Concatenate[GroupCells, P], T]:
    """Work out once, inside `combined_once`, what arrays make of a rater group's cells.

    Arrays are the same if they also lie alike in memory, on which the last digit of a sum depends.
    Nobody can change what is remembered: its arrays are only read.
    """

    @wraps(function)
    def found(group: GroupCells, *args: P.args, **kwargs: P.kwargs) -> T:
        known = _KNOWN.get()
        if known is None:
            return function(group, *args, **kwargs)
        key = (function, id(group), tuple(kwargs), _mark((*args, *kwargs.values())))
        if key not in known:
            known[key] = group, _fixed(function(group, *args, **kwargs))
        return cast(T, known[key][1])

    return cast(Callable[Concatenate[GroupCells, P], T], found)


def _mark(arrays: tuple[Any, ...]) -> bytes:
    mark = hashlib.blake2b(digest_size=16)
    for array in arrays:
        own = np.asarray(array)
        mark.update(repr((own.shape, own.strides, own.dtype.str)).encode())
        mark.update(own.tobytes())
    return mark.digest()


def _fixed(value: Any) -> Any:
    """Return a value, a tuple or a dataclass of arrays, which can only be read from now on."""
    if isinstance(value, np.ndarray):
        value.setflags(write=False)
    elif isinstance(value, tuple):
        for part in value:
            _fixed(part)
    elif is_dataclass(value):
        for part in fields(value):
            _fixed(getattr(value, part.name))
    return value
