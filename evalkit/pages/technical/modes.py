"""How residents answered, and how far apart those who answered in different ways are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.definitions.words import WORDS
from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import meaning
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.telling.facts import Row, records
from evalkit.tables import Evaluation

UNSAID = "没有说明"


@dataclass(frozen=True, slots=True, kw_only=True)
class Modes(Section):
    """Answers by mode, and differences within committees."""

    template = "technical/modes.html.j2"
    rows: Sequence[dict[str, str]]
    compared: bool
    meaning: str
    untold: bool


def section(evaluation: Evaluation) -> Modes | None:
    """Plan how residents answered; None where nothing tells it."""
    table = records(evaluation.modes)
    if not table:
        return None
    names = {group.code: group.name for group in evaluation.scheme.groups}
    compared = [row for row in table if not say.missing(row["difference"])]
    return Modes(
        title="怎样填的",
        takeaway=_takeaway(evaluation, table, compared),
        rows=[_row(row, names) for row in table],
        compared=bool(compared),
        meaning=meaning("modes", Words.of(evaluation.order)),
        untold=any(say.missing(row["n"]) for row in table),
    )


def _row(row: Row, names: dict[str, str]) -> dict[str, str]:
    return {
        "group": names[str(row["group"])],
        "mode": word(str(row["mode"])),
        "n": say.count(row["n"]),
        "share": say.percent(row["share"]),
        "committees": say.count(row["committees"]),
        "difference": _apart(row),
    }


def _apart(row: Row) -> str:
    if say.missing(row["difference"]):
        return say.MISSING
    ends = f"{say.signed(row['low'])} 至 {say.signed(row['high'])}"
    return f"比{word(str(row['against']))} {say.signed(row['difference'])}（{ends}）"


def word(mode: str) -> str:
    """Return what pages call a mode."""
    return WORDS["mode"].get(mode, UNSAID)


def _takeaway(evaluation: Evaluation, table: Sequence[Row], compared: Sequence[Row]) -> str:
    names = {group.code: group.name for group in evaluation.scheme.groups}
    if not compared:
        told = {str(row["mode"]) for row in table if not say.missing(row["n"])}
        if len(told) == 1 and all(row["mode"] in told for row in table):
            return f"有登记的居民答卷都是{word(told.pop())}填的，没有别的方式可比。"
        return f"两种方式都有人用的{evaluation.order.subject_word}太少，比不出填答方式的差别。"
    clear = [row for row in compared if float(row["low"]) > 0 or float(row["high"]) < 0]
    if not clear:
        return f"同一{evaluation.order.subject_word}之内，看不出哪种方式的居民打分更高。"
    row = max(clear, key=lambda row: abs(float(row["difference"])))
    higher = "高" if float(row["difference"]) > 0 else "低"
    return (
        f"{names[str(row['group'])]}：同一{evaluation.order.subject_word}之内，{word(str(row['mode']))}填答的比"
        f"{word(str(row['against']))}的平均{higher} {say.fixed(abs(float(row['difference'])))} 分。"
    )
