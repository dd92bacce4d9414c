"""Satisfied residents as shares: of the street, of every committee, question and kind of resident.

A share is a mean of answers, and what may be told of it is what may be told of means: of rater
groups with enough answers, of enough residents with an opinion. All shares count answers: what the
committees say adds up to what the street says.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.codes import Comparison, NoteCode, OwnChange
from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.units import Units
from evalkit.errors import Note
from evalkit.findings.questions import Question, questions
from evalkit.methods.multiplicity import benjamini_hochberg, holm
from evalkit.methods.proportions import difference_from_all, difference_of_shares, wilson_interval
from evalkit.methods.small_counts import counted
from evalkit.tables import (
    ALL_GROUPS,
    FRAMES,
    OVERALL,
    Floats,
    Opinions,
    ResidentsOfAKind,
    WaveResult,
    frame,
    no_rows,
)

STREET = ALL_GROUPS
EVERYBODY = ALL_GROUPS

Flags = NDArray[np.bool_]
Row = dict[str, Any]


def satisfied(
    now: WaveResult,
    before: WaveResult | None,
    decided: Decided,
    kinds: Sequence[ResidentsOfAKind] = (),
    kinds_before: Sequence[ResidentsOfAKind] = (),
) -> pd.DataFrame:
    """Return how many residents are satisfied, how surely, and what changed.

    Satisfied is who chose an option of at least ``satisfied_from`` points, content of at least
    ``acceptable_from``, of all who gave an opinion. A committee's share pools its resident groups,
    the street's pools the committees, each by its number of opinions. Its change is that of the
    committees told in both waves, both times at this wave's numbers: more answers from where
    residents are satisfied are no rise.

    Parameters
    ----------
    now, before : WaveResult, WaveResult or None
        This wave and the last one.
    kinds, kinds_before : sequence of ResidentsOfAKind
        The answers to the overall question by what residents say of themselves.

    Returns
    -------
    DataFrame
        Frame ``satisfaction``: by question the street, kinds of residents, the committees in roster
        order. Empty where residents were asked nothing with options.

    Notes
    -----
    Intervals are Wilson's with effective numbers of answers, changes Newcombe's: a committee's n
    times the effective of the actual number of respondents in its groups together; of several
    committees 1 / sum of (their part)^2 / effective. Families
    of tests: committees against the street by Benjamini-Hochberg, the overall question and the
    others apart; kinds of residents against all by Holm within a question; changes by Holm over
    the rows of one family (street, kinds, committees; overall and others apart).
    """
    rows: list[Row] = []
    given, given_before = _by_item(now), _by_item(before)
    for question in questions(decided):
        later = _Shares.of(question, now, given, decided)
        if not later.shown.any():
            continue
        earlier = None
        if before is not None and question.alike(now, before):
            earlier = _Shares.of(question, before, given_before, decided)
        rows += _of_question(question, later, earlier, decided)
        if question.role == OVERALL:
            rows += _of_kinds(question, kinds, kinds_before if earlier else ())
    _bound(rows, decided)
    _adjust(rows, decided)
    return _framed([{**row, "wave": now.scores.wave} for row in rows])


def overall_before(waves: Mapping[str, WaveResult], decided: Decided) -> pd.DataFrame:
    """Return what residents said of the overall question in every wave but the last.

    Parameters
    ----------
    waves : dict of wave id to WaveResult
        Earliest first.

    Returns
    -------
    DataFrame
        Frame ``satisfaction`` without changes; of waves that asked as the last one did.
    """
    overall = [question for question in questions(decided) if question.role == OVERALL]
    *earlier, last = waves.values()
    rows: list[Row] = []
    for wave, question in ((w, q) for w in earlier for q in overall if q.alike(last, w)):
        shares = _Shares.of(question, wave, _by_item(wave), decided)
        if shares.shown.any():
            own = list(_of_question(question, shares, None, decided))
            _bound(own, decided)
            _adjust(own, decided)
            rows += [{**row, "wave": wave.scores.wave} for row in own]
    return _framed(rows)


def _framed(rows: Sequence[Row]) -> pd.DataFrame:
    if not rows:
        return no_rows("satisfaction")
    columns = [column.name for column in FRAMES["satisfaction"]]
    return frame("satisfaction", pd.DataFrame([{c: row[c] for c in columns} for row in rows]))


def notes(decided: Decided) -> tuple[Note, ...]:
    """Say where an overall question is asked, and tells no share of satisfied residents."""
    asked = [q for q in decided.questionnaires.values() if q.of_role("overall")]
    if not asked or any(question.role == OVERALL for question in questions(decided)):
        return ()
    facts = {"least": f"{decided.scheme.satisfied_from:g}"}
    return (Note(NoteCode.NO_SATISFACTION, facts=facts),)


# --- one question in one wave ---------------------------------------------------------------

_Given = Mapping[tuple[str, str], NDArray[np.intp]]
"""By rater group and item, the rows of frame ``distributions``."""


def _by_item(wave: WaveResult | None) -> _Given:
    if wave is None or wave.cells.distributions.empty:
        return {}
    rows = wave.cells.distributions.groupby(["group", "item"], sort=False).indices
    return {
        (str(key[0]), str(key[1])): np.asarray(at)
        for key, at in rows.items()
        if isinstance(key, tuple)
    }


@dataclass(frozen=True, slots=True)
class _Shares:
    """One question in one wave: what the residents of each committee say.

    Attributes
    ----------
    subjects : tuple of str
        K committees that existed in the wave.
    n, effective : ndarray of shape (K,)
        Residents with an opinion, and what their answers are worth after weighting.
    share, acceptable : ndarray of shape (K,)
        NaN where there is nobody.
    shown : ndarray of shape (K,)
        Whose share may be told.
    inside : ndarray of shape (K,)
        Who counts for the street.
    """

    subjects: tuple[str, ...]
    n: Floats
    effective: Floats
    share: Floats
    acceptable: Floats
    shown: Flags
    inside: Flags

    @classmethod
    def of(cls, question: Question, wave: WaveResult, given: _Given, decided: Decided) -> _Shares:
        """Pool the resident groups of every committee."""
        cells, scheme = wave.cells, decided.scheme
        k = len(cells.subjects)
        sums = {name: np.zeros(k) for name in ("n", "satisfied", "acceptable")}
        answers, worth = np.zeros(k), np.zeros(k)
        least = 1
        for group in scheme.groups:
            if not question.judges(group, scheme):
                continue
            own = cells.groups[group.code]
            least = max(least, group.minimum_n)
            found = _given(question, group, wave, given, decided)
            told = (own.n >= group.minimum_n) & (found["n"] > 0)
            for name, values in found.items():
                sums[name] += np.where(told, values, 0.0)
            answers += np.where(told, own.n, 0)
            worth += np.where(told, own.n_effective, 0.0)
        with np.errstate(divide="ignore", invalid="ignore"):
            kept = np.minimum(worth / answers, 1.0)
            share, acceptable = sums["satisfied"] / sums["n"], sums["acceptable"] / sums["n"]
        known = (sums["n"] > 0) & ~_hidden(question, wave, decided)
        inside = np.zeros(k, dtype=bool)
        inside[known] = counted(sums["n"][known].astype(np.int64), least)
        return cls(
            cells.subjects,
            sums["n"],
            sums["n"] * kept,
            share,
            acceptable,
            known & inside & (sums["n"] >= least),
            inside,
        )

    def pooled(self, which: Flags, mix: Floats | None = None) -> Opinions:
        """Return what the residents of several committees say together.

        Parameters
        ----------
        mix : ndarray or None
            What these committees weigh; by their own opinions when left out.
        """
        n = self.n[which]
        part = n / n.sum() if mix is None else mix / mix.sum()
        return Opinions(
            int(n.sum()),
            float(1.0 / (part**2 / self.effective[which]).sum()),
            float(part @ self.share[which]),
            float(part @ self.acceptable[which]),
        )

    def one(self, k: int) -> Opinions:
        """Return what the residents of one committee say."""
        return Opinions(
            int(self.n[k]),
            float(self.effective[k]),
            float(self.share[k]),
            float(self.acceptable[k]),
        )


def _given(
    question: Question, asked: RaterGroup, wave: WaveResult, given: _Given, decided: Decided
) -> Mapping[str, Floats]:
    """Return one rater group's sums of answers by committee, within it weighted."""
    group, questionnaire = asked.code, asked.source
    sheet, item = question.asked[questionnaire]
    scores = {o.code: o.score for o in sheet.options_of(item) if o.score is not None}
    scheme, cells = decided.scheme, wave.cells
    place = {subject: k for k, subject in enumerate(cells.subjects)}
    chosen = given.get((group, item.id), np.zeros(0, dtype=np.intp))
    table = cells.distributions.iloc[chosen]
    subjects, options = table["subject"].tolist(), table["option"].tolist()
    inside = np.array([subject in place for subject in subjects], dtype=bool)
    at = np.array([place[s] for s in subjects if s in place], dtype=np.int64)
    points = np.array([scores.get(option, np.nan) for option in options])[inside]
    opinion = ~np.isnan(points)
    share = table["share"].to_numpy(np.float64)[inside]
    n = table["n"].to_numpy(np.float64)[inside]

    def total(values: Floats) -> Floats:
        return np.asarray(np.bincount(at, weights=values, minlength=len(place)), dtype=np.float64)

    opinions = total(np.where(opinion, share, 0.0))
    scale = np.divide(
        total(np.where(opinion, n, 0.0)), opinions, out=np.zeros(len(place)), where=opinions > 0
    )
    return {
        "n": total(np.where(opinion, n, 0.0)),
        "satisfied": total(np.where(points >= scheme.satisfied_from, share, 0.0)) * scale,
        "acceptable": total(np.where(points >= scheme.acceptable_from, share, 0.0)) * scale,
    }


def _hidden(question: Question, wave: WaveResult, decided: Decided) -> Flags:
    """Tell of which committees an indicator that the question is part of is not told."""
    if question.role == OVERALL:
        return np.zeros(len(wave.cells.subjects), dtype=bool)
    listed, cells = wave.scores.indicators, wave.cells
    least = {
        g.code: g.minimum_n for g in decided.scheme.groups if question.judges(g, decided.scheme)
    }
    own = listed[listed["code"].isin(question.indicators) & listed["estimate"].isna()]
    untold = {subject for subject, code in wave.scores.untold if code in question.indicators}
    for subject, code, group in zip(own["subject"], own["code"], own["group"], strict=True):
        if group in least and subject not in untold:
            place, measure = cells.subjects.index(subject), cells.measures.index(code)
            cell = cells.groups[group]
            if cell.n[place] >= least[group] and cell.n_measure[place, measure] > 0:
                untold.add(subject)
    return np.array([subject in untold for subject in cells.subjects], dtype=bool)


# --- rows -----------------------------------------------------------------------------------


def _of_question(
    question: Question, later: _Shares, earlier: _Shares | None, decided: Decided
) -> Iterator[Row]:
    """Yield the street's row and those of its committees."""
    street = later.pooled(later.inside)
    before = {} if earlier is None else {s: k for k, s in enumerate(earlier.subjects)}
    pairs = [
        (k, before[subject])
        for k, subject in enumerate(later.subjects)
        if later.shown[k] and subject in before and earlier is not None
        if earlier.shown[before[subject]]
    ]
    row = _row(question, STREET, street, street.share)
    if pairs and earlier is not None:
        here, there = np.zeros_like(later.shown), np.zeros_like(earlier.shown)
        here[[k for k, _ in pairs]], there[[j for _, j in pairs]] = True, True
        row |= _change(later.pooled(here), earlier.pooled(there, later.n[here]))
    yield row | {"_family": ("street", question.role)}
    p = _against_all(later)
    set_up = Units.of(decided.roster).provisional  # what is being set up is compared with no wave
    matched = {k: j for k, j in pairs if later.subjects[k] not in set_up}
    for k in np.flatnonzero(later.shown).tolist():
        own = later.one(k)
        row = _row(question, later.subjects[k], own, street.share)
        if k in matched and earlier is not None:
            row |= _change(own, earlier.one(matched[k]))
        yield row | {"_family": ("committees", question.role), "_p": float(p[k])}


def _against_all(shares: _Shares) -> Floats:
    """Return p-values of every committee's share being the street's."""
    inside = np.flatnonzero(shares.inside)
    part = shares.n[inside] / shares.n[inside].sum()
    p = np.full(len(shares.n), np.nan)
    p[inside] = difference_from_all(shares.share[inside], shares.effective[inside], part)
    return p


def _row(question: Question, subject: str, own: Opinions, street: float) -> Row:
    """Return a row without the ends of its intervals: see `_bound`."""
    return {
        "subject": subject,
        "item": question.id,
        "name": question.text,
        "role": question.role,
        "by": EVERYBODY,
        "value": EVERYBODY,
        "label": "",
        "n": own.n,
        "share": own.share,
        "low": np.nan,
        "high": np.nan,
        "_effective": own.effective,
        "acceptable": own.acceptable,
        "street": street,
        "p_adjusted": np.nan,
        "verdict": None,
        "previous": np.nan,
        "change": np.nan,
        "change_low": np.nan,
        "change_high": np.nan,
        "change_p_adjusted": np.nan,
        "change_verdict": OwnChange.UNTESTED.value,
    }


def _change(later: Opinions, earlier: Opinions) -> Row:
    return {
        "previous": earlier.share,
        "change": later.share - earlier.share,
        "_pair": (earlier.share, earlier.effective, later.share, later.effective),
    }


def _bound(rows: Sequence[Row], decided: Decided) -> None:
    """Put the ends of all intervals into the rows, and the p-values of changes."""
    confidence = decided.scheme.confidence
    share, effective = ([row[name] for row in rows] for name in ("share", "_effective"))
    for row, low, high in zip(rows, *wilson_interval(share, effective, confidence), strict=True):
        row |= {"low": float(low), "high": float(high)}
    moved = [row for row in rows if "_pair" in row]
    pairs = np.array([row["_pair"] for row in moved]).reshape(-1, 4)
    earlier, worth_earlier, later, worth_later = pairs.T
    found = difference_of_shares(earlier, worth_earlier, later, worth_later, confidence)
    for row, low, high, p in zip(moved, *found, strict=True):
        row |= {"change_low": float(low), "change_high": float(high), "_change_p": float(p)}


def _of_kinds(
    question: Question,
    now: Sequence[ResidentsOfAKind],
    before: Sequence[ResidentsOfAKind],
) -> Iterator[Row]:
    """Yield the rows of residents that are told apart by what they say of themselves."""
    earlier = {(kind.by, kind.value): kind.opinions for kind in before if kind.shown}
    for by in dict.fromkeys(kind.by for kind in now):
        kinds = [kind for kind in now if kind.by == by]
        n = np.array([kind.opinions.n for kind in kinds], dtype=np.float64)
        p = difference_from_all(
            [kind.opinions.share for kind in kinds],
            [kind.opinions.effective for kind in kinds],
            n / n.sum(),
        )
        street = float(n @ [kind.opinions.share for kind in kinds] / n.sum())
        for kind, own_p in zip(kinds, p, strict=True):
            if not kind.shown:
                continue
            row = _row(question, STREET, kind.opinions, street)
            row |= {"by": by, "value": kind.value, "label": kind.label}
            row |= {"_family": ("kinds", question.role, by), "_p": float(own_p)}
            if (by, kind.value) in earlier:
                row |= _change(kind.opinions, earlier[by, kind.value])
            yield row


# --- families of tests ----------------------------------------------------------------------


def _adjust(rows: Sequence[Row], decided: Decided) -> None:
    """Adjust every family's p-values, and put their verdicts in words."""
    scheme = decided.scheme
    for family in dict.fromkeys(row["_family"] for row in rows):
        own = [row for row in rows if row["_family"] == family]
        tested = [row for row in own if "_p" in row]
        among = benjamini_hochberg if family[0] == "committees" else holm
        rate = scheme.false_discovery_rate if among is benjamini_hochberg else 1 - scheme.confidence
        for row, p in zip(tested, among([row["_p"] for row in tested]), strict=True):
            verdict = Comparison.of(p, row["share"] - row["street"], rate)
            verdict = Comparison.UNTESTED if np.isnan(p) else verdict
            row |= {"p_adjusted": float(p), "verdict": verdict.value}
        moved = [row for row in own if "_change_p" in row]
        for row, p in zip(moved, holm([row["_change_p"] for row in moved]), strict=True):
            change = OwnChange.of(p, row["change"], 1.0 - scheme.confidence)
            row |= {"change_p_adjusted": float(p), "change_verdict": change.value}
