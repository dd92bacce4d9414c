"""What a page needs to know about one committee, gathered from an evaluation in one place."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from evalkit.codes import Comparison, OwnChange
from evalkit.definitions.roster import Subject
from evalkit.errors import Note
from evalkit.pages.press import wording
from evalkit.pages.press import wording as say
from evalkit.pages.telling.once import shared
from evalkit.tables import COMPOSITE, Changes, Diagnosis, Evaluation, Incomplete

Row = Mapping[str, Any]

AXIS_STEP = 5.0
"""Score axes end at multiples of this, points."""
FAR = 0.05
"""Share of the dimensions' intervals that may reach beyond the axis of all pages: a page that has
one of them gets a longer axis of its own."""
ALIKE = 0.05
"""Scores that differ by less, points, are one dot on a chart."""

MARKS: Mapping[str, str] = {
    Comparison.ABOVE: "▲ 明显高于",
    Comparison.BELOW: "▼ 明显低于",
    Comparison.LEVEL: say.PLAIN[Comparison.LEVEL],
    Comparison.UNTESTED: Comparison.UNTESTED.value,
}
"""How a verdict of the profile stands in a table; an arrow only where it is significant."""

ARROWS: Mapping[str, str] = {
    Comparison.ABOVE: "▲",
    Comparison.BELOW: "▼",
    OwnChange.RISEN: "▲",
    OwnChange.FALLEN: "▼",
}
"""What marks a number that is beyond doubt higher or lower, or that rose or fell."""

UNDECIDED = "升降尚看不出"
"""Of a change that the data cannot tell from none."""

UNTOLD = "未公布"
"""Instead of a verdict on what too few answered, or what would give that away."""

SURE = (Comparison.ABOVE, Comparison.BELOW)
"""Verdicts that say something for certain."""

PROVISIONAL = "筹备"
"""What a committee is called that is being set up."""

UNSURE = "得分的误差无从估计（各处的评分都完全一致，或都只有一份）"
"""Why scores are listed without ranks."""

STREET_NOTES = frozenset(
    {
        "monte_carlo",
        "not_compared",
        "incomplete",
        "provisional",
        "unreachable_target",
        "gap_outlier",
        "given_away_by_scores",
        "republished_for_few",
    }
)
"""Notes that count committees or targets: they belong into the street report alone."""


@dataclass(frozen=True, slots=True)
class Common:
    """What all committees' pages share, looked up once.

    Attributes
    ----------
    scores, places, moves : dict of subject to row
        Of frames ``scores``, ``ranking`` and ``changes`` (the last wave against this one).
    indicators, contributions : dict of subject to DataFrame
        Each subject's part of those frames.
    distributions, needs, themes : dict of subject to DataFrame
        Each subject's part of those frames; needs and themes of the street under ``all``.
    quality : dict of subject to row
        Of frame ``quality``.
    group_means : dict of rater group to float
        Mean of that group's published composites over the committees, points.
    score_axis, dimension_axis : (float, float)
        Least ends of the axes of composites and dimensions, points.
    untold : dict of subject to set of str
        Measures that are not told of it, of the current wave or of the one before.
    alike : bool
        Whether all complete committees have the same composite, so that no chart tells them apart.
    mean : float
        Mean composite of the complete committees, points.
    gathered : dict of subject to Facts
        Whom `gather` was asked for.
    """

    evaluation: Evaluation
    changes: Changes | None
    scores: Mapping[str, Row]
    places: Mapping[str, Row]
    moves: Mapping[str, Row]
    indicators: Mapping[str, pd.DataFrame]
    contributions: Mapping[str, pd.DataFrame]
    distributions: Mapping[str, pd.DataFrame]
    needs: Mapping[str, pd.DataFrame]
    themes: Mapping[str, pd.DataFrame]
    quality: Mapping[str, Row]
    group_means: Mapping[str, float]
    held: Mapping[int, int]
    score_axis: tuple[float, float]
    dimension_axis: tuple[float, float]
    untold: Mapping[str, frozenset[str]]
    alike: bool
    mean: float
    gathered: dict[str, Facts] = field(default_factory=dict, init=False, repr=False, compare=False)


@dataclass(frozen=True, slots=True)
class Facts:
    """One committee in one evaluation.

    Attributes
    ----------
    score : dict
        Row of frame ``scores``.
    place : dict or None
        Row of frame ``ranking``; None where the committee is incomplete or being set up, or where the scores of
        the street have no errors to rank them by.
    change : dict or None
        Row of frame ``changes`` against the last wave; None where there is nothing to compare.
    rows : tuple of dict
        The profile of its diagnosis, row by row; what is not told has no numbers.
    memory : dict
        What was worked out of these facts; see `once`.
    """

    common: Common
    subject: Subject
    diagnosis: Diagnosis
    score: Row
    place: Row | None
    change: Row | None
    rows: tuple[Row, ...]
    memory: dict[Any, Any] = field(default_factory=dict, init=False, repr=False, compare=False)

    @property
    def evaluation(self) -> Evaluation:
        """The evaluation."""
        return self.common.evaluation

    @property
    def name(self) -> str:
        """Name of the committee."""
        return self.subject.name

    @property
    def word(self) -> str:
        """What pages call a subject, e.g. 居民区."""
        return self.evaluation.order.subject_word

    @property
    def street_word(self) -> str:
        """What pages call all subjects together, e.g. 街道."""
        return self.evaluation.order.street_word

    @property
    def wave(self) -> str:
        """Name of the current wave."""
        return self.evaluation.order.wave_name(self.evaluation.wave)

    @property
    def last_wave(self) -> str | None:
        """Name of the wave before, if there is one."""
        changes = self.common.changes
        return None if changes is None else self.evaluation.order.wave_name(changes.from_wave)

    @property
    def total(self) -> int:
        """Committees that are ranked."""
        return len(self.common.places)

    @property
    def tied(self) -> bool:
        """Whether another committee has the same rank."""
        return self.place is not None and self.common.held[int(self.place["rank"])] > 1

    @property
    def incomplete(self) -> Incomplete | None:
        """What this committee lacks, if it lacks anything."""
        listed = self.evaluation.current.scores.incomplete
        return next((gap for gap in listed if gap.subject == self.subject.id), None)

    @property
    def provisional(self) -> bool:
        """Whether the committee is being set up (筹备): scored, and part of no rank or mean."""
        beside = self.evaluation.current.scores.provisional
        return beside is not None and self.subject.id in beside.subjects

    @property
    def scored(self) -> bool:
        """Whether the committee has a score that can be held against the street's mean."""
        return self.place is not None or self.provisional

    @property
    def notes(self) -> tuple[Note, ...]:
        """Notes that concern this committee or everybody in this wave."""
        everybody = places_of_notes(self.evaluation)
        return tuple(
            note
            for note in self.evaluation.notes
            if note.where == self.subject.id
            or (
                note.where in everybody
                and note.code not in STREET_NOTES
                and note.facts.get("subject", self.subject.id) == self.subject.id
            )
        )

    def standing(self, verdict: str) -> str:
        """Say in a sentence how a verdict of the profile stands against the street's mean."""
        if verdict == Comparison.UNTESTED:
            return f"未与{self.street_word}平均比较"
        if verdict == Comparison.LEVEL:
            return f"与{self.street_word}平均尚看不出差别"
        return f"明显{verdict}{self.street_word}平均"

    @property
    def composite(self) -> Row | None:
        """Profile row of the composite, if the committee has a profile."""
        rows = self.profile(COMPOSITE)
        return rows[0] if rows else None

    def profile(self, level: str) -> list[Row]:
        """Return what is told of one level of the profile, in the scheme's order."""
        return [
            row
            for row in self.rows
            if row["level"] == level and not wording.missing(row["estimate"])
        ]


def margin(facts: Facts) -> float:
    """Return the half-width of the interval of a committee's relative change, points.

    Raises
    ------
    ValueError
        If its change is not known.
    """
    changes = facts.common.changes
    if changes is None or facts.change is None:
        raise ValueError(f"{facts.subject.id} 没有可比的上一次结果")
    return float(changes.margin[facts.subject.id])


def weight(facts: Facts, code: str) -> float:
    """Return the share of the composite that an indicator or dimension has in fact, 0 to 1."""
    scheme = facts.evaluation.scheme
    parts = {d.code: {i.code for i in d.indicators} for d in scheme.dimensions}
    codes = parts.get(code, {code})
    part = np.array([indicator.code in codes for indicator in scheme.indicators])
    scores = facts.evaluation.current.scores
    own, at = scores.of(facts.subject.id)
    return float(own.cell_weights[at][:, part].sum())


def answers_by_group(facts: Facts) -> dict[str, int]:
    """Return the number of valid answers about this committee by rater group."""
    cells = facts.evaluation.current.cells
    if facts.subject.id not in cells.subjects:
        return dict.fromkeys(cells.groups, 0)
    at = cells.subjects.index(facts.subject.id)
    return {code: int(group.n[at]) for code, group in cells.groups.items()}


@shared
def common(evaluation: Evaluation) -> Common:
    """Look up what all committees' pages share, or return what was looked up inside `looked_up_once`."""
    wave = evaluation.wave
    scores, ranking = evaluation.waves[wave].scores, evaluation.waves[wave].ranking.table
    changes = changes_of(evaluation)
    moves = [] if changes is None else records(changes.table)
    parts = {} if changes is None else _parts(changes.contributions)
    profiles = [d.profile for d in evaluation.diagnoses.values() if len(d.profile)]
    dimensions = pd.concat(profiles) if profiles else None
    if dimensions is not None:
        dimensions = dimensions[dimensions["level"] == "dimension"]
    return Common(
        evaluation=evaluation,
        changes=changes,
        scores={str(row["subject"]): row for row in records(scores.table)},
        places={str(row["subject"]): row for row in records(ranking)},
        moves={str(row["subject"]): row for row in moves},
        indicators=_parts(scores.indicators),
        contributions=parts,
        distributions=_parts(evaluation.waves[wave].cells.distributions),
        needs=_parts(evaluation.needs.table),
        themes=_parts(evaluation.needs.themes),
        quality={str(row["subject"]): row for row in records(evaluation.assurance.quality)},
        group_means=_group_means(scores.indicators),
        held=Counter(int(rank) for rank in ranking["rank"]),
        score_axis=axis(scores.table),
        dimension_axis=(0.0, 100.0) if dimensions is None else axis(dimensions, FAR),
        untold=_untold(evaluation),
        alike=alike(evaluation),
        mean=street_mean(evaluation),
    )


def gather(shared: Common, subject: str) -> Facts:
    """Return everything about one subject of the current wave.

    Raises
    ------
    KeyError
        If the subject is not part of the wave.
    """
    if subject in shared.gathered:
        return shared.gathered[subject]
    diagnosis = shared.evaluation.diagnosis(subject)
    shared.gathered[subject] = Facts(
        common=shared,
        subject=shared.evaluation.roster.subject(subject),
        diagnosis=diagnosis,
        score=shared.scores[subject],
        place=shared.places.get(subject),
        change=shared.moves.get(subject),
        rows=tuple(records(diagnosis.profile)),
    )
    return shared.gathered[subject]


def _parts(table: pd.DataFrame) -> dict[str, pd.DataFrame]:
    return {str(subject): part for subject, part in table.groupby("subject", sort=False)}


def _untold(evaluation: Evaluation) -> dict[str, frozenset[str]]:
    """Return what is not told of a committee in either wave, nor of one that it is compared with."""
    found: dict[str, set[str]] = {}
    table = evaluation.history.lineage
    for wave in (evaluation.current, evaluation.previous):
        for subject, code in () if wave is None else wave.scores.untold:
            found.setdefault(subject, set()).add(code)
    for row in records(table[table["to_wave"] == evaluation.wave]):
        together = [code for side in ("before", "after") for code in str(row[side]).split(";")]
        if len(set(together)) > 1:
            hidden = set().union(*(found.get(code, set()) for code in together))
            found |= {code: hidden for code in together if hidden}
    return {subject: frozenset(codes) for subject, codes in found.items()}


def _group_means(indicators: pd.DataFrame) -> dict[str, float]:
    composites = indicators[indicators["level"] == COMPOSITE].dropna(subset=["estimate"])
    means = composites.groupby("group", sort=False)["estimate"].mean()
    return {str(group): float(mean) for group, mean in means.items()}


def axis(table: pd.DataFrame, far: float = 0.0) -> tuple[float, float]:
    """Return the ends of an axis that holds all intervals (columns low, high), or all but a few."""
    if not table["low"].notna().any():
        return (0.0, 100.0)
    low = math.floor(float(table["low"].quantile(far)) / AXIS_STEP) * AXIS_STEP
    high = math.ceil(float(table["high"].quantile(1.0 - far)) / AXIS_STEP) * AXIS_STEP
    low, high = max(0.0, low), min(100.0, high)
    return (low, high) if high > low else (max(0.0, low - AXIS_STEP), high)


def records(table: pd.DataFrame) -> list[Row]:
    """Return a frame's rows as dictionaries."""
    names = list(table.columns)
    columns = [list(column) for _, column in table.items()]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def pairs(table: pd.DataFrame, first: str, second: str) -> list[tuple[Any, Any]]:
    """Return two columns of a frame, row by row."""
    return list(zip(table[first], table[second], strict=True))


def changes_of(evaluation: Evaluation) -> Changes | None:
    """Return the changes of the current wave against the one before, if there is one."""
    return evaluation.current.changes


def lacking(evaluation: Evaluation, gap: Incomplete) -> list[str]:
    """Return in words what an incomplete committee lacks: the judgement of rater groups."""
    return [f"{evaluation.scheme.group(code).name}的评分" for code in gap.missing]


def wave_date(evaluation: Evaluation) -> str:
    """Return the last day of the wave's fieldwork as YYYY-MM-DD, or nothing if unknown."""
    for listed in evaluation.order.waves:
        if listed.id == evaluation.wave:
            day = listed.end or listed.start
            return day.isoformat() if day else ""
    return ""


def cutoffs(evaluation: Evaluation) -> list[float]:
    """Return the grades' cut-offs."""
    return [grade.cutoff for grade in evaluation.scheme.grades]


def bands(evaluation: Evaluation) -> tuple[tuple[str, float], ...]:
    """Return the grades' cut-offs above 0 as charts want them."""
    return tuple((g.name, g.cutoff) for g in evaluation.scheme.grades if g.cutoff > 0)


def street_mean(evaluation: Evaluation) -> float:
    """Return the mean composite of the complete committees, points; NaN without any."""
    composite = evaluation.current.scores.composite
    return float(composite.mean()) if len(composite) else math.nan


def alike(evaluation: Evaluation) -> bool:
    """Tell whether all complete committees have the same composite, as far as a chart can show."""
    composite = evaluation.current.scores.composite
    return len(composite) > 1 and float(np.ptp(composite)) < ALIKE


def places_of_notes(evaluation: Evaluation) -> set[str]:
    """Return what notes about everybody in the current wave are marked with."""
    changes = changes_of(evaluation)
    pair = set() if changes is None else {f"{changes.from_wave}-{changes.to_wave}"}
    return {"", evaluation.wave, *pair}


def confidence(evaluation: Evaluation) -> str:
    """Return the confidence of intervals and sets as a percentage, e.g. ``95%``."""
    return f"{100 * evaluation.scheme.confidence:g}%"
