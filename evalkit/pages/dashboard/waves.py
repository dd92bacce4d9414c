"""Every wave as the league table shows it: scores, grades, ranks, satisfaction."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from typing import Any

import pandas as pd

from evalkit.codes import ChangeVerdict
from evalkit.pages.dashboard import voices
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage
from evalkit.pages.telling.facts import Common, Row
from evalkit.tables import ALL_GROUPS, OVERALL, Evaluation

ABSENT, INCOMPLETE, UNRANKED = "未参评", "不完整", "不排名"

DIRECTION: Mapping[str, str] = {ChangeVerdict.RISEN: "▲", ChangeVerdict.FALLEN: "▼"}
"""Marks of a change; none where the data show none."""

LABEL_ROOM = 0.12
"""Share of the table's score axis that the name of a cut-off needs to itself."""

Past = Mapping[str, Mapping[str, Row]]
"""By wave and subject: what frames ``scores``, ``ranking`` and ``changes`` hold of it."""


def past(shared: Common) -> dict[str, dict[str, Row]]:
    """Return the rows of scores, ranking, changes and satisfaction of all waves."""
    evaluation = shared.evaluation
    found: dict[str, dict[str, Row]] = {}
    for wave in evaluation.waves:
        rows: dict[str, dict[str, Any]] = {}
        changes = evaluation.waves[wave].changes
        tables = [
            evaluation.waves[wave].scores.table,
            evaluation.waves[wave].ranking.table,
            *([] if changes is None else [changes.table]),
        ]
        for table in tables:
            for row in known.records(table):
                rows.setdefault(str(row["subject"]), {}).update(row)
        for subject, row in _satisfied(evaluation, wave).items():
            if subject in rows:
                rows[subject]["satisfied"] = row
        held = Counter(evaluation.waves[wave].ranking.table["rank"])
        for own in rows.values():
            own["shared"] = "rank" in own and held[own["rank"]] > 1
        found[wave] = dict(rows)
    return found


def _satisfied(evaluation: Evaluation, wave: str) -> dict[str, Row]:
    """Return the rows of the overall question in one wave, by committee."""
    table = pd.concat(
        [part for part in (evaluation.earlier_satisfaction, evaluation.satisfaction) if len(part)]
        or [evaluation.satisfaction]
    )
    own = table[(table["wave"] == wave) & (table["role"] == OVERALL) & (table["by"] == ALL_GROUPS)]
    return {str(row["subject"]): row for row in known.records(own)}


def standing(evaluation: Evaluation, wave: str, row: Row) -> dict[str, Any]:
    """Return what the league table shows of a ranked committee: numbers to sort by, and texts."""
    return {
        "rank": int(row["rank"]),
        "joint": [int(row["rank_low_joint"]), int(row["rank_high_joint"])],
        "rank_text": ("并列" if row["shared"] else "") + say.place(row["rank"]),
        "set_text": say.places(row["rank_low_joint"], row["rank_high_joint"]),
        "score": say.coarse(row["score"]),
        "low": say.coarse(row["low"]),
        "high": say.coarse(row["high"]),
        "score_text": say.score(row["score"], known.cutoffs(evaluation)),
        "interval_text": say.interval(row["low"], row["high"]),
        "grade": str(row["grade"]),
        "chance": say.chance(row["grade_probability"]),
        "satisfied": voices.satisfied(row.get("satisfied")),
        "change": _change(evaluation, wave, row),
    }


def _change(evaluation: Evaluation, wave: str, row: Row) -> dict[str, Any] | None:
    changes = evaluation.waves[wave].changes
    if changes is None or say.missing(row.get("relative_change")):
        return None
    found, margin = str(row["verdict"]), float(changes.margin[str(row["subject"])])
    return {
        "value": say.coarse(row["relative_change"]),
        "verdict": say.plainly(found),
        "mark": DIRECTION.get(found, ""),
        "text": f"{say.signed(row['relative_change'])} ± {say.fixed(margin)} 分"
        + (f"{lineage.MARK}名次{lineage.NOT_COMPARABLE}" if say.missing(row["rank_from"]) else ""),
    }


def earlier(shared: Common, rows: Past) -> list[dict[str, Any]]:
    """Return the waves before the current one, latest first, with whom they ranked."""
    evaluation = shared.evaluation
    return [
        {
            "id": wave,
            "name": evaluation.order.wave_name(wave),
            "axis": axis(evaluation, wave),
            "committees": [
                _listed(evaluation, wave, row)
                for row in sorted(rows[wave].values(), key=lambda r: r.get("rank", math.inf))
            ],
        }
        for wave in reversed(list(evaluation.waves)[:-1])
    ]


def _listed(evaluation: Evaluation, wave: str, row: Row) -> dict[str, Any]:
    subject = str(row["subject"])
    member = evaluation.roster.subject(subject)
    entry = {
        "id": subject,
        "name": member.name,
        "zone": member.zone or "",
        "housing": member.housing or "",
        "complete": "rank" in row,
    }
    if "rank" in row:
        return entry | standing(evaluation, wave, row)
    if not row["complete"]:
        return entry | {"tag": apart(row), "why": apart(row), "grade_text": "不定等第"}
    score = say.score(row["score"], known.cutoffs(evaluation))
    return entry | {"tag": f"{score} 分", "why": known.UNSURE, "grade_text": str(row["grade"])}


def apart(row: Row) -> str:
    """Say why a committee is listed and not ranked: what it lacks, or that it is being set up."""
    return INCOMPLETE if say.missing(row["score"]) else known.PROVISIONAL


def axis(evaluation: Evaluation, wave: str) -> dict[str, Any]:
    """Return the axis of a wave's bars: its ends, the street's mean and the cut-offs."""
    scores = evaluation.waves[wave].scores
    low, high = known.axis(scores.table)
    mean = float(scores.composite.mean()) if len(scores.composite) else None
    cutoffs: list[dict[str, Any]] = []
    named = math.inf
    for name, cutoff in known.bands(evaluation):
        if low < cutoff < high:
            roomy = named - cutoff >= LABEL_ROOM * (high - low)
            named = cutoff if roomy else named
            cutoffs.append({"name": name if roomy else "", "at": cutoff})
    return {
        "low": low,
        "high": high,
        "mean": None if mean is None else say.coarse(mean),
        "cutoffs": cutoffs,
    }
