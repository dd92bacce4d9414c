"""What one committee's residents say, and what it is asked to do, as the papers tell it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from evalkit.definitions.checklist import Task
from evalkit.pages.dashboard.charting import packed
from evalkit.pages.press import wording as say
from evalkit.pages.telling import needs as asked
from evalkit.pages.telling import satisfaction, tasks, verdict
from evalkit.pages.telling.facts import ARROWS, UNSURE, Facts, Row
from evalkit.tables import OVERALL


def voices(facts: Facts) -> dict[str, Any]:
    """Return what the dashboard tells of residents and of what is to be done."""
    return {
        "satisfied": satisfied(satisfaction.overall(facts.evaluation, facts.subject.id)),
        "questions": questions(facts),
        "needs": needs(facts),
        "tasks": todo(facts),
    }


def satisfied(row: Row | None) -> dict[str, Any] | None:
    """Return the share of satisfied residents, to sort and to read; None where it is not told."""
    if row is None:
        return None
    return {
        "value": say.coarse(100 * float(row["share"]), satisfaction.places(row)),
        "text": satisfaction.share(row),
        "reach": satisfaction.reach(row),
        "mark": ARROWS.get(str(row["verdict"]), ""),
        "change": satisfaction.changed(row),
    }


def questions(facts: Facts) -> list[dict[str, Any]]:
    """Return every question's share beside the street's, in the order of the diagnosis."""
    rows = satisfaction.in_order(satisfaction.rows(facts.evaluation, subject=facts.subject.id))
    return packed([_question(facts, row) for row in rows])


def _question(facts: Facts, row: Row) -> dict[str, Any]:
    exact = satisfaction.places(row)

    def at(name: str) -> float:
        return say.coarse(100 * float(row[name]), exact)

    return {
        "name": satisfaction.label(facts.evaluation, row),
        "overall": int(row["role"] == OVERALL),
        "at": at("share"),
        "low": at("low"),
        "high": at("high"),
        "mean": at("street"),
        "share": satisfaction.share(row),
        "interval": satisfaction.reach(row),
        "street": satisfaction.share(row, float(row["street"])),
        "n": say.count(row["n"]),
        "mark": ARROWS.get(str(row["verdict"]), ""),
    }


def needs(facts: Facts) -> dict[str, Any] | None:
    """Return what residents tick as urgent; None where they were not asked, or answers are gone."""
    found = asked.needs_of(facts)
    if found is None:
        return None
    return {
        "rows": packed([asked.line(facts, row) for row in found.rows]),
        "of": say.count(found.of),
        "nothing": say.percent(found.nothing["share"]) if found.nothing else "",
        "street": say.joined(found.street),
    }


def todo(facts: Facts) -> dict[str, Any]:
    """Return the tasks of the committee's diagnosis, or why it has none."""
    listed = tasks.of_committee(facts)
    return {"rows": packed([_task(one) for one in listed]), "none": "" if listed else _none(facts)}


def _task(task: Task) -> dict[str, str]:
    shown: Sequence[str] = ("id", "kind", "problem", "evidence", "what", "who", "by", "shown_by")
    return {name: str(getattr(task, name)) for name in shown}


def _none(facts: Facts) -> str:
    if facts.scored:
        return "没有哪一项需要优先处理：保持现有做法。"
    if facts.incomplete is None:
        return f"{UNSURE}，分不出哪一项做得好、哪一项做得差，不开处方。"
    return f"缺少{say.joined(verdict.lacking(facts))}：补齐之前不开处方。"
