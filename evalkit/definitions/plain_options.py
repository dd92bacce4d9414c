"""Options written as plain words: ``满意: 80`` instead of code, label and score."""

from __future__ import annotations

from collections.abc import Container
from typing import Literal

MissingReason = Literal["dont_know", "refused", "not_applicable"]

_NOT_SCORED = ("不计分", "无分", "—", "-")
_UNSURE = ("不了解", "不清楚", "不知道", "说不清", "记不清")
_REFUSING = ("拒答", "不愿", "不方便")


def spelled_out(value: object, fields: Container[str]) -> object:
    """Return options as the model wants them, where they are written as plain words.

    ``满意`` is an option without a score, ``满意: 80`` one with a score, and ``不了解: 不计分`` one
    that says why it has none; the code is the place in the list, as platforms count.
    """
    if not isinstance(value, list):
        return value
    return [_option(place, one, fields) for place, one in enumerate(value, start=1)]


def _option(place: int, one: object, fields: Container[str]) -> object:
    if isinstance(one, str):
        return {"code": str(place), "label": one}
    if not isinstance(one, dict) or len(one) != 1:
        return one
    ((label, score),) = one.items()
    if label in fields or isinstance(score, dict | list):
        return one
    option: dict[str, object] = {"code": str(place), "label": label}
    if isinstance(score, str) and score.strip() in _NOT_SCORED:
        return option | {"missing": _why(str(label))}
    return option if score is None else option | {"score": score}


def _why(label: str) -> MissingReason:
    if any(word in label for word in _UNSURE):
        return "dont_know"
    return "refused" if any(word in label for word in _REFUSING) else "not_applicable"
