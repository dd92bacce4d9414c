"""What the dashboard tells of each committee, as plain data with every number already in words."""

from __future__ import annotations

from typing import Any

import pandas as pd

from evalkit.pages.dashboard import waves
from evalkit.pages.dashboard.charting import Charts, packed
from evalkit.pages.dashboard.spelling import spellings
from evalkit.pages.dashboard.voices import voices
from evalkit.pages.dashboard.waves import ABSENT, DIRECTION, INCOMPLETE, UNRANKED, Past
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import Chart
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import (
    lineage,
    maps,
    method,
    movement,
    profile,
    satisfaction,
    verdict,
    weights,
    years,
)
from evalkit.pages.telling.facts import Common, Facts
from evalkit.pages.telling.opinions import opinions


def all_of(shared: Common, rows: Past, charts: Charts, *, papers: bool) -> list[dict[str, Any]]:
    """Return every committee of the current wave: the ranked ones first, best first."""
    listed = [str(s) for s in shared.evaluation.current.scores.table["subject"]]
    order = [*shared.places, *(subject for subject in listed if subject not in shared.places)]
    return [_committee(known.gather(shared, s), rows, charts, papers) for s in order]


def _committee(facts: Facts, past: Past, charts: Charts, papers: bool) -> dict[str, Any]:
    subject, evaluation = facts.subject, facts.evaluation
    entry: dict[str, Any] = {
        "id": subject.id,
        "name": subject.name,
        "aliases": list(subject.aliases),
        "spelt": spellings([subject.name, *subject.aliases]),
        "zone": subject.zone or "",
        "housing": subject.housing or "",
        "complete": facts.place is not None,
        "pdf": f"diagnosis/{subject.id}.pdf" if papers else "",
        "takeaway": verdict.takeaway(facts),
        "groups": _groups(facts),
        "history": _history(facts, past),
        **voices(facts),
        "notes": method.notes(
            tuple(n for n in facts.notes if n.where == subject.id), evaluation.order
        ),
    }
    if len(evaluation.waves) > 1 and (chart := _trend(facts, past)) is not None:
        entry["trend"] = charts.add(chart)
    if facts.place is None:
        return {**entry, **_apart(facts)}
    return {
        **entry,
        **waves.standing(evaluation, evaluation.wave, past[evaluation.wave][subject.id]),
        "group": maps.group(facts.composite),
        "headlines": verdict.headlines(facts),
        "strengths": verdict.strengths(facts),
        "weaknesses": verdict.weaknesses(facts),
        **_profile(facts, charts),
        **_movement(facts),
    }


def _apart(facts: Facts) -> dict[str, Any]:
    """Return why a committee is listed apart, and what it scored if that is known."""
    if facts.provisional:
        return {
            "lacking": [],
            "tag": f"{verdict.own_score(facts)} 分",
            "why": f"尚在{known.PROVISIONAL}：照常计分，不排名，不计入平均",
            "grade_text": "不定等第",
        }
    if facts.incomplete is None:
        score = f"{verdict.own_score(facts)} 分"
        return {
            "lacking": [],
            "tag": score,
            "why": known.UNSURE,
            "grade_text": str(facts.score["grade"]),
        }
    lacking = verdict.lacking(facts)
    return {
        "lacking": lacking,
        "tag": INCOMPLETE,
        "why": f"缺少{'、'.join(lacking)}",
        "grade_text": "不定等第",
    }


def _profile(facts: Facts, charts: Charts) -> dict[str, Any]:
    if not profile.known_of(facts):
        return {"profile": None}
    return {
        "profile": {
            "takeaway": profile.takeaway(facts),
            "chart": charts.add(profile.chart(facts)),
            "rows": packed(profile.rows(facts)),
            "last": profile.last_wave(facts) or "",
        }
    }


def _movement(facts: Facts) -> dict[str, Any]:
    said = (
        *(movement.movement(facts), movement.luck(facts), movement.parts(facts)),
        years.of_committee(facts)[0],
    )
    return {"place": movement.standing(facts), "movement": [text for text in said if text]}


def _groups(facts: Facts) -> list[dict[str, str]]:
    """Return what each rater group says; no number where too few answered."""
    weighing = weights.of_groups(facts.evaluation.scheme)
    return [
        {
            "name": group.name,
            "weight": weighing[group.code],
            "n": row["n"],
            "estimate": say.fixed(row["estimate"]),
            "interval": say.interval(row["low"], row["high"]),
        }
        for group, row in zip(facts.evaluation.scheme.groups, opinions(facts), strict=True)
    ]


# --- history --------------------------------------------------------------------------------


def _history(facts: Facts, past: Past) -> list[dict[str, str]]:
    """Return one row a wave, latest first, all scored under today's scheme."""
    evaluation = facts.evaluation
    rows = []
    for wave in reversed(list(evaluation.waves)):
        row = past[wave].get(facts.subject.id)
        satisfied = None if row is None else row.get("satisfied")
        line = {
            "wave": _wave(facts, wave),
            "satisfied": say.MISSING if satisfied is None else satisfaction.share(satisfied),
        }
        if row is None or not row["complete"]:
            rows.append({**line, "state": ABSENT if row is None else waves.apart(row)})
            continue
        rows.append(
            {
                **line,
                "state": "",
                "score": say.score(row["score"], known.cutoffs(evaluation)),
                "interval": say.interval(row["low"], row["high"]),
                "grade": str(row["grade"]),
                "chance": say.chance(row["grade_probability"]),
                "rank": say.place(row["rank"]) if "rank" in row else UNRANKED,
                "set": say.places(row["rank_low_joint"], row["rank_high_joint"])
                if "rank" in row
                else "",
                "of": str(len(evaluation.waves[wave].ranking.table)),
                "change": DIRECTION.get(str(row.get("verdict")), "")
                + say.plainly(row.get("verdict", "")),
            }
        )
    return rows


def _wave(facts: Facts, wave: str) -> str:
    """Return how a wave is called, and whether the committee was another one then."""
    name = facts.evaluation.order.wave_name(wave)
    other = lineage.other_ground(facts.evaluation, facts.subject.id, wave)
    return f"{name}（范围不同，{lineage.NOT_COMPARABLE}）" if other else name


def _trend(facts: Facts, past: Past) -> Chart | None:
    evaluation = facts.evaluation
    rows = []
    for wave in evaluation.waves:
        row = past[wave].get(facts.subject.id, {})
        if lineage.other_ground(evaluation, facts.subject.id, wave):
            row = {}
        composite = evaluation.waves[wave].scores.composite
        rows.append(
            {
                "wave": evaluation.order.wave_name(wave),
                "score": row.get("score"),
                "low": row.get("low"),
                "high": row.get("high"),
                "street": float(composite.mean()) if len(composite) else None,
                "label": say.score(row.get("score"), known.cutoffs(evaluation)),
            }
        )
    frame = pd.DataFrame(rows).astype({"score": float, "low": float, "high": float})
    if not frame["score"].notna().any():
        return None
    every = evaluation.scores
    return Chart(
        "trend",
        frame,
        f"{facts.name}历次得分及误差范围，与{facts.street_word}平均对照；数字见下表",
        {
            "bands": known.bands(evaluation),
            "subject": f"本{facts.word}",
            "street": f"{facts.street_word}平均",
            "domain": (float(every["low"].min()), float(every["high"].max())),
        },
    )
