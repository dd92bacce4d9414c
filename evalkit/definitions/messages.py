"""What a wrong value in a document is called, in words an analyst can act on."""

from __future__ import annotations

import re
import types
from collections.abc import Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel

from evalkit.definitions.places import Place, Steps, printable
from evalkit.definitions.signs import astray
from evalkit.definitions.words import both

JOINED = "joined_names"
"""The error of several names where one is meant."""

SHOWN = 80
"""Characters of a wrong value that a message shows."""

_SIMPLE: dict[str, str] = {
    "string_type": "文字",
    "float_type": "数",
    "float_parsing": "数",
    "finite_number": "数",
    "int_type": "整数",
    "int_parsing": "整数",
    "int_parsing_size": "整数",
    "int_from_float": "整数",
    "bool_type": "true 或 false（工作簿中为 是 或 否）",
    "bool_parsing": "true 或 false（工作簿中为 是 或 否）",
    "list_type": "列表（每项一行，以 - 开头）",
    "dict_type": "一组键和值（键: 值）",
    "model_type": "一组键和值（键: 值）",
    "model_attributes_type": "一组键和值（键: 值）",
}

_PROSE = frozenset({"string_too_long", "string_too_short", "string_type", "too_short", JOINED})
"""Errors of texts in which any sign may stand."""

_GROUPS_OF_KEYS = frozenset({"dict_type", "model_type", "model_attributes_type"})

_BOUNDS: dict[str, tuple[str, str]] = {
    "greater_than": ("大于", "gt"),
    "greater_than_equal": ("不小于", "ge"),
    "less_than": ("小于", "lt"),
    "less_than_equal": ("不大于", "le"),
}


@dataclass(frozen=True, slots=True)
class Wording:
    """The words of one type error."""

    code: str
    message: str
    expected: str | None
    found: str | None
    remedy: str


def wording(entry: Mapping[str, Any], model: type[BaseModel], place: Place) -> Wording:
    """Put one of pydantic's errors into words.

    Parameters
    ----------
    entry : mapping
        One entry of `ValidationError.errors`.
    model : type of BaseModel
        The model that was validated; names the known keys.
    place : Place
        Where the value stands or should stand.
    """
    kind = str(entry["type"])
    steps: Steps = tuple(entry["loc"])
    if kind == "missing":
        if place.column is not None:
            return Wording("missing_key", "必填的单元格是空的", None, None, "填上")
        return Wording("missing_key", "缺少必填的键", None, None, "补上")
    found = shown(entry.get("input"))
    if kind == "extra_forbidden":
        known = _known_keys(model, steps[:-1])
        near = get_close_matches(str(steps[-1]), known, n=1, cutoff=0.6)
        spelling = f"改为 {near[0]}" if near else "删去，或改正拼写"
        remedy = astray(str(steps[-1])) or spelling
        return Wording("unknown_key", "不认识的键", "、".join(known) or None, found, remedy)
    expected = _expected(kind, entry, steps)
    return Wording("wrong_value", "值不合要求", expected, found, _remedy(kind, entry.get("input")))


def _remedy(kind: str, value: object) -> str:
    """Say what to do about a wrong value: often it is one sign of a Chinese keyboard."""
    sign = None if kind in _PROSE else astray(value)
    if sign is not None:
        return sign
    if kind in _GROUPS_OF_KEYS and isinstance(value, str):
        return "冒号后面空一格；下一层的键另起一行，多缩进两格"
    return "改正"


def shown(value: object) -> str:
    """Return a wrong value as a message shows it: on one line, not too long."""
    if value is None or value == "":
        return "（空）"
    return printable(value[: 4 * SHOWN] if isinstance(value, str) else repr(value))[:SHOWN]


def _expected(kind: str, entry: Mapping[str, Any], steps: Steps) -> str:
    context: Mapping[str, Any] = entry.get("ctx") or {}
    if kind in _SIMPLE:
        return _SIMPLE[kind]
    if kind in _BOUNDS:
        words, bound = _BOUNDS[kind]
        return f"{words} {context[bound]:g}"
    if kind == "literal_error":
        field = next((step for step in reversed(steps) if isinstance(step, str)), "")
        return both(field, re.findall(r"'([^']*)'", str(context.get("expected", ""))))
    if kind == "string_too_long":
        return f"不超过 {context['max_length']} 个字"
    if kind == "string_too_short":
        return "不能为空"
    if kind == "too_short":
        return f"至少 {context['min_length']} 项"
    if kind == "string_pattern_mismatch":
        return "只含英文字母、数字、_ 和 -，以字母或数字开头，不超过 64 个字符"
    if kind == "value_error":
        return str(context.get("error") or entry["msg"])
    return str(entry["msg"])


def _known_keys(model: type[BaseModel], steps: Steps) -> list[str]:
    here: Any = model
    for step in steps:
        here = _inside(here, step)
    return list(here.model_fields) if _is_model(here) else []


def _inside(annotation: Any, step: int | str) -> Any:
    if _is_model(annotation):
        field = annotation.model_fields.get(step)
        return _bare(field.annotation) if field is not None else None
    arguments = get_args(annotation)
    return _bare(arguments[-1]) if arguments else None


def _bare(annotation: Any) -> Any:
    """Take ``| None`` and ``Annotated`` off an annotation."""
    if hasattr(annotation, "__metadata__"):
        return _bare(get_args(annotation)[0])
    if get_origin(annotation) in (Union, types.UnionType):
        rest = [a for a in get_args(annotation) if a is not type(None)]
        return _bare(rest[0]) if len(rest) == 1 else annotation
    return annotation


def _is_model(annotation: Any) -> bool:
    return isinstance(annotation, type) and issubclass(annotation, BaseModel)
