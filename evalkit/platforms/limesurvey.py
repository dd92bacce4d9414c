"""LimeSurvey: ``frage[SQ001]`` or ``题干 [选项]``, codes or full answers, ``-oth-``, N/A.

Headers are codes, full texts, or both (``q1. 题干``). An empty submission date is an answer that
was broken off; where dates are not kept all of them are the first of January 1980.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import ClassVar

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.files.alike import different, held
from evalkit.files.grid import legible
from evalkit.platforms.base import Metadata, MissingState, RawColumn, Variant
from evalkit.platforms.online import OnlineForm

_CODE_AND_TEXT = re.compile(
    r"(?P<code>[A-Za-z][A-Za-z0-9]*(?:\[[^\]]*\])*)\.\s+(?P<text>.+)", re.DOTALL
)
_NO_DATE = "1980-01-01"
_OTHER = re.compile(r"\s*(?:其他|其它|other)", re.IGNORECASE)


class LimeSurvey(OnlineForm):
    """LimeSurvey."""

    name = "limesurvey"
    title = "LimeSurvey"
    own: ClassVar[Mapping[str, Metadata]] = {
        "id": "id",
        "response id": "id",
        "response_id": "id",
        "submitdate": "submitted",
        "date submitted": "submitted",
        "提交日期": "submitted",
        "lastpage": "own",
        "last page": "own",
        "startlanguage": "own",
        "start language": "own",
        "seed": "own",
        "token": "nickname",
        "access code": "nickname",
        "startdate": "started",
        "date started": "started",
        "datestamp": "own",
        "date last action": "own",
        "ipaddr": "ip",
        "ip address": "ip",
        "refurl": "own",
        "referrer url": "own",
        "interviewtime": "seconds",
        "total time": "seconds",
    }
    telling = frozenset(
        {"submitdate", "date submitted", "lastpage", "last page", "startlanguage", "start language"}
    )

    def column(self, position: int, header: str) -> RawColumn:
        """Take a code and a text apart where the header has both."""
        match = _CODE_AND_TEXT.fullmatch(legible(header))
        column = super().column(position, header)
        if match is None or column.metadata is not None:
            return column
        return replace(
            column, number=None, text=match["text"], names=(match["code"], match["text"])
        )

    def metadata_of(self, header: str) -> Metadata | None:
        """Return what a header names, also behind its code: ``id. Response ID``."""
        code, _, text = legible(header).casefold().partition(". ")
        mine = self.own.get(code)
        return mine if mine is None or not text or text in self.own else None

    def missing_state(self, cell: str, variant: str | None) -> MissingState | None:
        """Read N/A as not shown to this person."""
        return "skipped" if cell == "N/A" else super().missing_state(cell, variant)

    def _found(self, headers: Sequence[str]) -> dict[str, str]:
        return super()._found([legible(header).split(". ")[0] for header in headers])

    def text_chooses(self, option: str) -> bool:
        """Take a text in the column of "other" for a choice of it."""
        return _OTHER.match(option) is not None

    def settled(
        self, columns: tuple[RawColumn, ...], cells: pd.DataFrame, name: str
    ) -> tuple[tuple[RawColumn, ...], Variant | None, tuple[Note, ...]]:
        """Count answers that were broken off; drop dates that were not kept."""
        found = list(columns)
        notes = []
        for column in columns:
            if column.metadata != "submitted":
                continue
            given = held(cells[column.position])
            some = [text for text in different(cells[column.position]) if text]
            if some and all(text.startswith(_NO_DATE) for text in some):
                found[column.position] = replace(column, metadata="own")
            full = np.logical_or.reduce([held(cells[position]) for position in cells])
            blank = int((~given & full).sum())
            if blank and some:
                facts = {"column": column.letters}
                notes.append(Note(NoteCode.NOT_HANDED_IN, name, blank, facts))
        return tuple(found), None, tuple(notes)
