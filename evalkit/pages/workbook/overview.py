"""Sheets made for people: one line a committee, scores side by side, intervals drawn in a cell."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.workbook.dictionary import SCORE, Term, term
from evalkit.pages.workbook.excel import Sheet
from evalkit.tables import ALL_GROUPS, Evaluation

CELLS = 36
"""Characters of an interval drawn in a cell."""
STEP = 5.0
"""A drawn score axis ends at multiples of this, points."""

LEAGUE = (
    *("rank", "subject", "name", "score", "low", "high", "rank_low", "rank_high", "rank_picture"),
    *("grade", "grade_probability", "verdict"),
)


@dataclass(frozen=True, slots=True)
class Picture:
    """An interval drawn in a cell of fixed-width characters: ``[---o-----]``.

    Attributes
    ----------
    column : str
        The picture's own, placed after `high`.
    of, low, high : str
        Columns of the value and of the ends.
    ranks : bool
        Whether the axis begins at 1; else at a round number below all ends.
    """

    column: str
    of: str
    low: str
    high: str
    ranks: bool

    def into(self, columns: Mapping[str, Term], order: EvaluationOrder) -> dict[str, Term]:
        """Return the columns with the picture's placed among them."""
        found: dict[str, Term] = {}
        for name, own in columns.items():
            found[name] = own
            if name == self.high:
                found[self.column] = term("", self.column, order)
        return found

    def drawn(self, rows: Sequence[Mapping[str, Any]]) -> list[dict[str, Any]]:
        """Return the rows with the picture in them; all share one axis."""
        known_rows = [row for row in rows if not say.missing(row[self.low])]
        if not known_rows:
            return [dict(row) for row in rows]
        first, last = self._axis(known_rows)
        return [
            {
                **row,
                self.column: None if say.missing(row[self.low]) else self._one(row, first, last),
            }
            for row in rows
        ]

    def _axis(self, rows: Sequence[Mapping[str, Any]]) -> tuple[float, float]:
        low = min(float(row[self.low]) for row in rows)
        high = max(float(row[self.high]) for row in rows)
        if self.ranks:
            return 1.0, float(max(2, len(rows)))
        low, high = math.floor(low / STEP) * STEP, math.ceil(high / STEP) * STEP
        return low, max(high, low + STEP)

    def _one(self, row: Mapping[str, Any], first: float, last: float) -> str:
        def place(value: Any) -> int:
            return round((float(value) - first) / (last - first) * (CELLS - 1))

        low, middle, high = place(row[self.low]), place(row[self.of]), place(row[self.high])
        marks = [" "] * CELLS
        marks[low : high + 1] = "-" * (high + 1 - low)
        marks[low], marks[high] = "[", "]"
        marks[middle] = "o"
        return "".join(marks)


PICTURES: Mapping[str, Picture] = {
    "ranking": Picture("rank_picture", "rank", "rank_low", "rank_high", ranks=True),
    "scores": Picture("score_picture", "score", "low", "high", ranks=False),
}
"""By frame: which interval is drawn beside its numbers."""


def exact(evaluation: Evaluation, rows: Sequence[Mapping[str, Any]]) -> dict[tuple[int, str], str]:
    """Return formats with more decimals where one would round a score across a cut-off."""
    cutoffs = known.cutoffs(evaluation)
    forms = {}
    for at, row in enumerate(rows):
        value = row.get("score")
        if "grade" not in row or say.missing(value):
            continue
        decimals = len(say.score(value, cutoffs).partition(".")[2])
        if decimals > 1:
            forms[at, "score"] = f"0.{'0' * decimals}"
    return forms


def sheet(evaluation: Evaluation) -> Sheet:
    """Return one line a committee: what it scored, how sure that is, what stands out."""
    facts, order = known.common(evaluation), evaluation.order
    listed = [*facts.places, *(s for s in facts.scores if s not in facts.places)]
    dimensions = [(d.code, d.name) for d in evaluation.scheme.dimensions]
    counted = {
        subject: part.loc[(part["level"] == "composite") & (part["group"] == ALL_GROUPS), "n"]
        for subject, part in facts.indicators.items()
    }
    rows = []
    for subject in listed:
        diagnosis = evaluation.diagnosis(subject)
        row = {**facts.scores[subject], **facts.places.get(subject, {})}
        move = facts.moves.get(subject, {})
        row |= {
            "verdict": say.plainly(move["verdict"]) if "verdict" in move else None,
            "n": next(iter(counted[subject]), None),
            **_estimates(evaluation, subject, [code for code, _ in dimensions]),
            "strengths": say.joined((f.name for f in diagnosis.of_kind("strength")), 3, "项"),
            "weaknesses": say.joined((f.name for f in diagnosis.of_kind("weakness")), 3, "项"),
        }
        rows.append({"rank": None, "rank_low": None, "rank_high": None, **row})
    rows = PICTURES["ranking"].drawn(rows)
    columns = {c: term("overview", c, order) for c in LEAGUE}
    if not facts.moves:
        del columns["verdict"]
    columns |= {code: Term(name, f"维度“{name}”的得分", SCORE) for code, name in dimensions}
    columns |= {c: term("overview", c, order) for c in ("n", "strengths", "weaknesses")}
    note = f"每个{order.subject_word}一行，打印为一页：得分、名次及名次范围、等第、变化、各维度、优势与短板。"
    return Sheet("总表", columns, rows, note, forms=exact(evaluation, rows))


def matrix(evaluation: Evaluation) -> Sheet:
    """Return the scores of every indicator side by side, one line a committee."""
    scores = evaluation.current.scores
    codes = [measure.code for measure in scores.measures]
    rows = [
        {"subject": subject, "name": name, **_estimates(evaluation, str(subject), codes)}
        for subject, name in known.pairs(scores.table, "subject", "name")
    ]
    columns = {c: term("overview", c, evaluation.order) for c in ("subject", "name")} | {
        measure.code: Term(measure.name, f"“{measure.name}”的得分，各主体合计", SCORE)
        for measure in scores.measures
    }
    return Sheet(
        "指标矩阵", columns, rows, "总分、维度与指标的得分横向排开，便于筛选、比较和作图。"
    )


def _estimates(evaluation: Evaluation, subject: str, codes: Sequence[str]) -> dict[str, Any]:
    profile = evaluation.diagnosis(subject).profile
    found = dict(known.pairs(profile, "code", "estimate")) if len(profile) else {}
    return {code: found.get(code) for code in codes}
