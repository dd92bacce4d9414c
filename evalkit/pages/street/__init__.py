"""The street report: what was found and what is to be done about it, as a 工作报告 tells it.

What rests on statistics alone is told in the technical note (`pages.technical`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping

from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.street import (
    answered,
    claims,
    closing,
    cover,
    fieldwork,
    grades,
    league,
    levels,
    loops,
    maps,
    matters,
    means,
    movers,
    needs,
    objective,
    peers,
    promises,
    satisfied,
    summary,
    supply,
    tracks,
    views,
    years,
)
from evalkit.pages.telling import whole_street
from evalkit.tables import Evaluation

Build = Callable[[Evaluation], Section | None]

CHAPTERS: Mapping[str, tuple[Build, ...]] = {
    "": (summary.section, league.section),
    "评估概况": (fieldwork.section,),
    "总体结果": (satisfied.section, grades.section, means.section),
    "分项情况": (
        satisfied.questions,
        views.section,
        objective.section,
        loops.section,
        supply.section,
        levels.section,
        peers.section,
        maps.section,
        needs.section,
        tracks.section,
    ),
    "主要成效及上次整改落实情况": (
        matters.achievements,
        movers.section,
        years.section,
        promises.section,
    ),
    "主要问题": (matters.problems,),
    "意见建议": (matters.proposals,),
    "需要说明的事项": (closing.remarks, closing.provisional, closing.incomplete),
    "附件": (claims.section, league.table, means.dimensions, answered.section),
}
"""The report's chapters with their sections, in the order they are printed; the first pages have none.
A section plans itself, or None; a chapter without sections is left out."""

SECTIONS = tuple(build for builds in CHAPTERS.values() for build in builds)

NUMERALS = "一二三四五六七八九十"
APPENDIX = "附件"
LOOKING_BACK = "及上次整改落实情况"
"""Ends the name of a chapter that looks back; without a list that came back it has nothing to look on."""

MAIN, A_SHEET = 12, 38
"""Sheets that are read, and committees that a sheet of the appendix's two tables holds."""
CLOSE, MANY = "close closer flowing", 20
"""How the report of so many committees is set: otherwise it has more sheets than it may."""

PATH = "street-report.pdf"
LONG = 7
"""With this many sections the first page has a table of contents."""


def plan(evaluation: Evaluation) -> Paper:
    """Plan the street report."""
    sections, chapters = planned(evaluation)
    return whole_street.paper(
        evaluation,
        "工作报告",
        path=PATH,
        template="street.html.j2",
        context={
            "cover": cover.plan(evaluation.order),
            "sections": sections,
            "chapters": chapters,
            "long": len(sections) >= LONG,
            "density": CLOSE if len(evaluation.current.scores.table) >= MANY else "",
        },
        editable=True,
        most=MAIN
        + 2 * math.ceil(len(evaluation.current.scores.table) / A_SHEET)
        + levels.sheets(evaluation)
        + (len(evaluation.claims) > 0),  # numbers held against what was published: the appendix's
    )


def planned(evaluation: Evaluation) -> tuple[list[Section], dict[int, str]]:
    """Return the report's sections, and before which of them (from 1) which chapter begins."""
    sections: list[Section] = []
    chapters: dict[int, str] = {}
    for name, builds in CHAPTERS.items():
        own = [section for build in builds if (section := build(evaluation)) is not None]
        if name and own:
            number = NUMERALS[len(chapters)]
            looks_back = promises.section in builds and len(evaluation.follow_up)
            told = name if looks_back else name.removesuffix(LOOKING_BACK)
            chapters[len(sections) + 1] = told if name == APPENDIX else f"{number}、{told}"
        sections += own
    return sections, chapters
