"""The street over three waves and more: means, dimensions, and whose line is clear."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pandas as pd

from evalkit.codes import OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import years
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation

CLEAR = (OwnChange.RISEN, OwnChange.FALLEN)
SHOWN = 12
"""Committees with a clear line that are listed; the workbook has all."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Years(Section):
    """What several waves say together."""

    template = "street/years.html.j2"
    chart: Chart | None
    waves: Sequence[str]
    measures: Sequence[Mapping[str, object]]
    committees: str
    clear: Sequence[Mapping[str, object]]
    more: str
    left_out: str


def section(evaluation: Evaluation) -> Years | None:
    """Plan the lines through the waves; None where fewer than three can be compared."""
    table = evaluation.history.trends
    if not len(table):
        return None
    rows = known.records(table)
    street = [row for row in rows if row["subject"] == ALL_GROUPS]
    own = [row for row in rows if row["subject"] != ALL_GROUPS and row["code"] == COMPOSITE]
    waves = list(dict.fromkeys(sorted(evaluation.history.series["wave"])))
    clear = [row for row in own if row["verdict"] in CLEAR]
    clear.sort(key=lambda row: -float(row["slope"]))
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    whole = next((row for row in street if row["code"] == COMPOSITE), None)
    committees = _committees(own, word)
    return Years(
        title="历年走势",
        takeaway=committees if whole is None else years.sentence(evaluation, whole, mean),
        chart=years.chart(evaluation, ALL_GROUPS),
        waves=[evaluation.order.wave_name(wave) for wave in waves],
        measures=[_row(evaluation, row, str(row["name"]), waves) for row in street],
        committees="" if whole is None else committees,
        clear=[_row(evaluation, row, _name(evaluation, row), waves) for row in clear[:SHOWN]],
        more=f"另有 {len(clear) - SHOWN} 个见工作簿“历年走势”" if len(clear) > SHOWN else "",
        left_out=years.left_out(evaluation),
    )


def _name(evaluation: Evaluation, row: Row) -> str:
    return evaluation.roster.subject(str(row["subject"])).name


def _committees(own: Sequence[Row], word: str) -> str:
    """Count the committees by what their lines say; nothing where none has one."""
    if not own:
        return ""
    counts = pd.Series([row["verdict"] for row in own]).value_counts()
    parts = [
        f"{counts[verdict]} 个{years.WORDS[verdict]}" for verdict in CLEAR if verdict in counts
    ]
    rest = len(own) - sum(int(counts.get(verdict, 0)) for verdict in CLEAR)
    if not parts:
        return f"{len(own)} 个{word}各自的走势都升降尚看不出。"
    tail = f"，其余 {rest} 个升降尚看不出" if rest else ""
    return f"{len(own)} 个{word}中，{'，'.join(parts)}{tail}。"


def _row(evaluation: Evaluation, row: Row, name: str, waves: Sequence[str]) -> dict[str, object]:
    found = years.scores(evaluation, str(row["subject"]), str(row["code"]))
    return {
        "name": name,
        "kind": row["level"],
        "scores": [
            say.fixed(found[wave]["estimate"]) if wave in found else say.MISSING for wave in waves
        ],
        "slope": years.slope(row),
        "verdict": years.WORDS[str(row["verdict"])],
        "sure": row["verdict"] in CLEAR,
    }
