"""Evaluations of persons, as far as a street's report may tell of them: nobody's result."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.tables import ALL_GROUPS, Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Persons(Section):
    """Counts, reliability and distribution of every track."""

    template = "street/tracks.html.j2"
    tracks: Sequence[Mapping[str, Any]]


def section(evaluation: Evaluation) -> Persons | None:
    """Plan the section; None without tracks."""
    rows = known.records(evaluation.tracks.table)
    if not rows:
        return None
    ids = list(dict.fromkeys(str(row["track"]) for row in rows))
    tracks = [_track(evaluation, [row for row in rows if row["track"] == one]) for one in ids]
    told = "；".join(
        f"{track['title']}有 {track['persons']} 名{track['word']}参评，{track['scored']} 人有得分"
        for track in tracks
    )
    return Persons(
        title="个人评价",
        takeaway=f"{told}。这里只列人数、可靠程度和分布，个人的结果另行送达。",
        tracks=tracks,
    )


def _track(evaluation: Evaluation, rows: Sequence[Mapping[str, Any]]) -> Mapping[str, Any]:
    first = rows[0]
    track = next(own for own in evaluation.order.tracks if own.id == first["track"])
    grades = [
        f"{row['grade']} {row['persons']} 人"
        for row in known.records(evaluation.tracks.grades)
        if row["track"] == first["track"]
    ]
    return {
        "title": first["title"],
        "word": track.called,
        "colleagues": bool(track.colleagues),
        "persons": first["persons"],
        "scored": first["scored"],
        "groups": [
            {
                "name": "合计得分" if row["group"] == ALL_GROUPS else row["group"],
                "scope": f"{evaluation.order.subject_word}之内"
                if row["scope"] == "unit"
                else f"全{evaluation.order.street_word}",
                "single": say.fixed(row["single"], 2),
                "reliability": say.fixed(row["reliability"], 2),
                "interval": say.interval(row["low"], row["high"], 2),
            }
            for row in rows
            if not say.missing(row["reliability"])
        ],
        "grades": "，".join(grades),
    }
