"""Three waves and more in words and one chart, for the street and for a committee."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evalkit.codes import NoteCode, OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage, method
from evalkit.pages.telling.behind import heading
from evalkit.pages.telling.facts import Facts, Row
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation

WORDS: Mapping[str, str] = {
    OwnChange.RISEN: "总的看明显上升",
    OwnChange.FALLEN: "总的看明显下降",
    OwnChange.SAME: "升降尚看不出",
    OwnChange.UNTESTED: "未作判断",
}
"""What a line through the waves says."""

ROOM = 0.5
"""Points beyond the intervals that a chart shows, so that a number has its place."""

BESIDE = 365
"""Width of a committee's chart, pixels."""


def line(evaluation: Evaluation, subject: str, code: str = COMPOSITE) -> Row | None:
    """Return the row of frame ``trends``; None where fewer than three waves can be compared."""
    table = evaluation.history.trends
    own = known.records(table[(table["subject"] == subject) & (table["code"] == code)])
    return own[0] if own else None


def scores(evaluation: Evaluation, subject: str, code: str = COMPOSITE) -> dict[str, Row]:
    """Return the rows of frame ``series`` by wave, earliest first."""
    table = evaluation.history.series
    own = table[(table["subject"] == subject) & (table["code"] == code)]
    return {str(row["wave"]): row for row in known.records(own)}


def slope(row: Row) -> str:
    """Write the change from wave to wave with its margin: ``+1.2 ± 0.5``."""
    wide = (float(row["slope_high"]) - float(row["slope_low"])) / 2
    return f"{say.signed(row['slope'])} ± {say.fixed(wide)}"


def sentence(evaluation: Evaluation, row: Row, who: str) -> str:
    """Say how a score moved over the waves, and no more than the test allows."""
    first = evaluation.order.wave_name(str(row["from_wave"]))
    return (
        f"自 {first} 起 {int(row['n'])} 次评估，{who}得分每次平均变化 {slope(row)} 分，"
        f"{WORDS[str(row['verdict'])]}。"
    )


def chart(evaluation: Evaluation, subject: str, **options: object) -> Chart | None:
    """Plan the chart of the composites of the waves; None where there is no line."""
    own = scores(evaluation, subject)
    if not own:
        return None
    whole = subject == ALL_GROUPS
    mean = {} if whole else scores(evaluation, ALL_GROUPS)
    cutoffs = () if whole else known.cutoffs(evaluation)
    frame = pd.DataFrame(
        {
            "wave": [evaluation.order.wave_name(wave) for wave in own],
            "score": [row["estimate"] for row in own.values()],
            "low": [row["low"] for row in own.values()],
            "high": [row["high"] for row in own.values()],
            "street": [mean[wave]["estimate"] if wave in mean else None for wave in own],
            "label": [say.score(row["estimate"], cutoffs) for row in own.values()],
        }
    ).astype({"street": float})
    order = evaluation.order
    street = f"{order.street_word}平均"
    ends = (float(frame["low"].min()) - ROOM, float(frame["high"].max()) + ROOM)
    name = street if whole else evaluation.roster.subject(subject).name
    return Chart(
        "trend",
        frame,
        f"{name}历次得分及误差范围" + ("" if whole else f"，与{street}对照"),
        {
            "bands": known.bands(evaluation),
            "subject": street if whole else f"本{order.subject_word}",
            "street": "" if whole else street,
            "domain": (max(ends[0], 0.0), min(ends[1], 100.0)),
            **options,
        },
    )


def of_committee(facts: Facts) -> tuple[str, Chart | None]:
    """Return a committee's line in a sentence and a small chart; nothing where there is none."""
    row = line(facts.evaluation, facts.subject.id)
    if row is None:
        return "", None
    who = f"本{facts.word}"
    said = sentence(facts.evaluation, row, who)
    street = line(facts.evaluation, ALL_GROUPS)
    beside = "" if street is None else f"{facts.street_word}平均得分每次变化 {slope(street)} 分。"
    return said + beside + lineage.earlier(facts), chart(
        facts.evaluation, facts.subject.id, width=BESIDE
    )


def next_time(facts: Facts) -> str:
    """Say where the next score may lie if nothing changes; nothing where that is not known."""
    table = facts.evaluation.history.forecasts
    own = known.records(table[table["subject"] == facts.subject.id])
    if not own:
        return ""
    (row,) = own
    ends = say.interval(row["expected_low"], row["expected_high"])
    scheme = facts.evaluation.scheme
    alike = f"{heading(scheme)}的数目" if scheme.ledgers else "问卷份数"
    return (
        f"假定实际水平不变、{alike}相当，下次得分大致在 {ends} 分"
        f"（把握 {known.confidence(facts.evaluation)}）；其间的升降不必解释。"
    )


def left_out(evaluation: Evaluation) -> str:
    """Say which waves stand in no line, and why; nothing where all do."""
    own = [note for note in evaluation.notes if note.code == NoteCode.NOT_IN_TREND]
    return f"{method.noted(own[0], evaluation.order)}。" if own else ""
