"""Numbers of documents: digits as people write them, and nothing that only Python takes for one."""

from __future__ import annotations

import types
from functools import cache
from typing import Annotated, Any, Union, get_args, get_origin

from evalkit import numerals

_NOT_WITH = {"percent": "数，不带百分号", "thousands": "数，不带千分位逗号"}


@cache
def holds_numbers(annotation: Any) -> bool:
    """Tell whether nothing but numbers (or nothing) stands in a field, or in its values."""
    if get_origin(annotation) is Annotated:
        return holds_numbers(get_args(annotation)[0])
    if get_origin(annotation) is dict:
        return holds_numbers(get_args(annotation)[1])
    if get_origin(annotation) in (list, Union, types.UnionType):
        kinds = [kind for kind in get_args(annotation) if kind is not type(None)]
        return bool(kinds) and all(map(holds_numbers, kinds))
    return annotation in (int, float)


def plain_numbers(value: object) -> object:
    """Return texts that are numbers in plain digits; what is no number stays as it is.

    Raises
    ------
    ValueError
        For what a reader would take for a number and is not written as one: ``1_0``, ``1e1``,
        ``70%``, ``7,000``.
    """
    if isinstance(value, dict):
        return {key: plain_numbers(one) for key, one in value.items()}
    if isinstance(value, list):
        return [plain_numbers(one) for one in value]
    if not isinstance(value, str):
        return value
    plain, mark = numerals.plain(value), numerals.mark(value)
    if plain is not None:
        return plain
    if mark is not None:
        raise ValueError(_NOT_WITH[mark])
    try:
        float(value)
    except ValueError:
        return value
    raise ValueError("数")
