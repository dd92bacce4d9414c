"""The survey definition of Qualtrics (``.qsf``): JSON, a question an element, blocks in order."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from evalkit.platforms.asking.asked import Asked, AskedForm, Kind, plain

_SEVERAL = ("MAVR", "MAHR", "MACOL", "MSB")


def is_qsf(text: str) -> bool:
    """Tell a definition by its first keys."""
    return '"SurveyEntry"' in text[:5000]


def form(text: str, title: str) -> AskedForm:
    """Return what the survey asks, in the order of its blocks, without the bin.

    Raises
    ------
    ValueError
        If it is no JSON of this shape.
    """
    data = json.loads(text)
    try:
        elements: list[Mapping[str, Any]] = data["SurveyElements"]
        named = str(data["SurveyEntry"].get("SurveyName") or title)
        payloads = {
            e["PrimaryAttribute"]: e["Payload"] for e in elements if e.get("Element") == "SQ"
        }
        order, gone = _order(elements)
    except (AttributeError, KeyError, TypeError) as error:
        raise ValueError(f"不是这种结构：{error}") from error
    asked: list[Asked] = []
    left_out: list[str] = []
    for key in dict.fromkeys([*order, *payloads]):
        if key not in payloads or key in gone:
            continue
        payload = payloads[key]
        found = _asked(payload)
        asked += found
        if not found and payload.get("QuestionType") not in ("DB", "Timing", "Meta", "Captcha"):
            left_out.append(plain(str(payload.get("QuestionText", ""))))
    return AskedForm(plain(named), tuple(asked), tuple(left_out))


def _order(elements: Iterable[Mapping[str, Any]]) -> tuple[list[str], set[str]]:
    order: list[str] = []
    gone: set[str] = set()
    for element in elements:
        if element.get("Element") != "BL":
            continue
        blocks = element["Payload"]
        for block in blocks.values() if isinstance(blocks, dict) else blocks:
            ids = [
                part["QuestionID"]
                for part in block.get("BlockElements", ())
                if "QuestionID" in part
            ]
            (gone.update if block.get("Type") == "Trash" else order.extend)(ids)
    return order, gone


def _asked(payload: Mapping[str, Any]) -> list[Asked]:
    name = str(payload.get("DataExportTag") or payload.get("QuestionID", ""))
    wording, kind = plain(str(payload.get("QuestionText", ""))), payload.get("QuestionType")
    choices = _listed(payload, "Choices", "ChoiceOrder")
    recoded = payload.get("RecodeValues") or {}
    coded = tuple((str(recoded.get(code, code)), label) for code, label in choices)
    if kind == "MC":
        meant: Kind = "multiple" if payload.get("Selector") in _SEVERAL else "single"
        return [Asked(name, wording, meant, coded)]
    if kind == "Matrix":
        answers = _listed(payload, "Answers", "AnswerOrder")
        scale = tuple((str(recoded.get(code, code)), label) for code, label in answers)
        several: Kind = "multiple" if payload.get("SubSelector") == "MultipleAnswer" else "single"
        return [Asked(f"{name}_{code}", row, several, scale, wording) for code, row in choices]
    if kind == "RO":
        return [Asked(name, wording, "ranking", coded)]
    if kind == "Slider":
        return [Asked(f"{name}_{code}", label, "number", (), wording) for code, label in choices]
    return [Asked(name, wording, "text")] if kind == "TE" else []


def _listed(payload: Mapping[str, Any], key: str, order: str) -> list[tuple[str, str]]:
    given = payload.get(key) or {}
    named = (
        {str(code): one for code, one in given.items()}
        if isinstance(given, dict)
        else {str(code): one for code, one in enumerate(given, start=1)}
    )
    codes = [str(code) for code in payload.get(order) or named]
    return [(c, plain(str(named[c].get("Display", "")))) for c in codes if c in named]
