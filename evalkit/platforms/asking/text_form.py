"""The text from which 问卷星 makes a survey: a title, then ``1. 题干[题型]`` with options below."""

from __future__ import annotations

import re

from evalkit.platforms.asking.asked import Asked, AskedForm, Kind, plain

_HEAD = re.compile(
    r"(?P<number>\d{1,4})\s*[.、．]\s*(?P<text>.+?)\s*[\[【](?P<type>[^\]】]{2,8})[\]】]\s*(?:[(（]选填[)）])?\s*"
)
_TYPES: dict[str, Kind] = {
    "单选题": "single",
    "单选": "single",
    "下拉框": "single",
    "下拉题": "single",
    "判断题": "single",
    "量表题": "single",
    "评分单选题": "single",
    "多选题": "multiple",
    "多选": "multiple",
    "评分多选题": "multiple",
    "排序题": "ranking",
    "填空题": "text",
    "问答题": "text",
    "简答题": "text",
}
_MATRIX: dict[str, Kind] = {
    "矩阵单选题": "single",
    "矩阵量表题": "single",
    "矩阵多选题": "multiple",
}


def is_text_form(text: str) -> bool:
    """Tell a text with at least one question whose type stands in brackets."""
    return any(_known(line) for line in text.splitlines())


def form(text: str, title: str) -> AskedForm:
    """Return what such a text asks; paragraphs and pages are left out."""
    lines = [line.strip() for line in text.splitlines()]
    named = next((line for line in lines if line), title)
    asked: list[Asked] = []
    left_out: list[str] = []
    at = 0
    while at < len(lines):
        match = _HEAD.fullmatch(lines[at])
        at += 1
        if match is None:
            continue
        below: list[str] = []
        while at < len(lines) and lines[at] and not _HEAD.fullmatch(lines[at]):
            below.append(plain(lines[at]))
            at += 1
        number, wording, kind = int(match["number"]), plain(match["text"]), match["type"]
        if kind in _MATRIX and len(below) > 1:
            options = _counted(below[0].split())
            rows = below[1:]
            asked += [
                Asked(f"q{number}_{place}", row, _MATRIX[kind], options, wording, number)
                for place, row in enumerate(rows, start=1)
            ]
        elif kind in _TYPES:
            asked.append(Asked(f"q{number}", wording, _TYPES[kind], _counted(below), None, number))
        else:
            left_out.append(wording)
    return AskedForm(plain(named), tuple(asked), tuple(left_out))


def _known(line: str) -> bool:
    match = _HEAD.fullmatch(line.strip())
    return match is not None and match["type"] in {**_TYPES, **_MATRIX}


def _counted(labels: list[str]) -> tuple[tuple[str, str], ...]:
    return tuple((str(place), label) for place, label in enumerate(labels, start=1))
