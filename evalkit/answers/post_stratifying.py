"""What residents would say of their committee if those who answered were like those who live there.

Shown beside the raw score, never instead of it, and never ranked on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from evalkit.answers.adjusting import one_score
from evalkit.answers.scores import score_respondents
from evalkit.definitions.decided import Decided
from evalkit.definitions.margins import Margin
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster
from evalkit.methods import tails
from evalkit.methods.multilevel import fit
from evalkit.tables import COMPOSITE, FRAMES, Answers, Floats, Integers, Scores, frame, no_rows

FEWEST = 4
"""Committees of a kind of housing from which the kind has a mean of its own."""
LEAST = 3
"""Committees below which nothing tells how much they differ."""


class _Group(NamedTuple):
    """The residents of one rater group who gave a score.

    Attributes
    ----------
    subjects : sequence of str
        K committees they judge, in roster order.
    code : ndarray of shape (n,)
        Place of each one's committee.
    values, weight : ndarray of shape (n,)
    codes : DataFrame
        What they said of themselves.
    """

    subjects: Sequence[str]
    code: Integers
    values: Floats
    weight: Floats
    codes: pd.DataFrame


def post_stratified(
    answers: Answers, decided: Decided, scores: Scores, design_effects: pd.DataFrame
) -> pd.DataFrame:
    """Post-stratify the residents' view of every committee to who lives there.

    Residents' scores (as in `adjusting.adjusted`) are explained by their characteristics, their
    committee's housing and their committee (`methods.multilevel`), and predicted for the people
    that the margins of the committee say there are.

    Parameters
    ----------
    answers : Answers
        Of one wave.
    scores : Scores
        Of the same wave, without what is not told.
    design_effects : DataFrame
        Frame of that name: what clusters do to the variance of a committee's mean.

    Returns
    -------
    DataFrame
        Frame ``multilevel``: a row for every committee whose residents are known by all the items
        that are known of any, and whose raw score is told; by rater group, in roster order.
    """
    margins = decided.margins
    groups = decided.scheme.residents
    found = {g.code: margins.of_subjects(answers.wave, g.code) for g in groups} if margins else {}
    known = {code: of for code, of in found.items() if of}
    if not known:
        return no_rows("multilevel")
    everyone = score_respondents(answers, decided).iloc[:, :-1]
    effects = dict(zip(design_effects["group"], design_effects["design_effect"], strict=True))
    tables = []
    for group in groups:
        if group.code in known:
            own = _residents(answers, everyone, decided, group)
            effect = max(1.0, float(effects.get(group.code, 1.0)))
            tables.append(_of_group(own, known[group.code], decided, scores, group.code, effect))
    told = [table for table in tables if len(table)]
    return (
        frame("multilevel", pd.concat(told, ignore_index=True)) if told else no_rows("multilevel")
    )


def _residents(
    answers: Answers, scores: pd.DataFrame, decided: Decided, group: RaterGroup
) -> _Group:
    scheme, rows = decided.scheme, answers.respondents
    own = rows[rows["group"] == group.code]
    weight = own["weight"].to_numpy(dtype=np.float64)
    at = [g.code for g in scheme.groups].index(group.code)
    table = scores.loc[own.index].to_numpy(dtype=np.float64)
    values = one_score(table, weight, scheme.weights()[at], scheme.minimum_answered)
    gave = ~np.isnan(values) & (weight > 0)
    own = own[gave]
    present = set(own["subject"])
    subjects = [s.id for s in decided.roster.subjects if s.id in present]
    place = {subject: at for at, subject in enumerate(subjects)}
    code = np.array([place[subject] for subject in own["subject"]], dtype=np.int64)
    codes = answers.codes[group.source].loc[own.index]
    return _Group(subjects, code, values[gave], weight[gave], codes)


def _of_group(
    own: _Group,
    margins: Mapping[str, Mapping[str, Margin]],
    decided: Decided,
    scores: Scores,
    group: str,
    effect: float,
) -> pd.DataFrame:
    """Return one group's rows; none where its answers are too few to fit anything to."""
    items = list(dict.fromkeys(item for of in margins.values() for item in of))
    first = {item: next(of[item] for of in margins.values() if item in of) for item in items}
    housing = _housing(own.subjects, decided.roster)
    factors = [_membership(own, first[item]) for item in items]
    if len(own.subjects) < max(LEAST, housing.shape[1] + 2):
        return no_rows("multilevel")
    try:
        fitted = fit(own.values, own.code, factors, fixed=housing[own.code], design_effect=effect)
    except ValueError:
        return no_rows("multilevel")
    shares = [_shares(own.subjects, margins, first[item]) for item in items]
    predicted = fitted.predict(housing, shares)
    table = pd.DataFrame(
        {
            "subject": own.subjects,
            "mean": np.bincount(own.code, own.weight * own.values)
            / np.bincount(own.code, own.weight),
            "multilevel": predicted.estimate,
            "multilevel_se": np.sqrt(predicted.mse),
            "whole": [set(margins.get(s, {})) == set(items) for s in own.subjects],
        }
    )
    names = [*items, *(["housing"] if housing.shape[1] > 1 else [])]
    return _beside(table, scores, decided, group, names, len(own.subjects) - housing.shape[1])


def _beside(
    table: pd.DataFrame, scores: Scores, decided: Decided, group: str, names: list[str], df: int
) -> pd.DataFrame:
    """Set the predictions beside the raw scores that are told, on their level over the street."""
    raw = scores.indicators
    raw = raw[(raw["group"] == group) & (raw["code"] == COMPOSITE)]
    raw = raw[raw["estimate"].notna() & raw["se"].notna() & raw["n"].notna()]
    found = table.merge(raw[["subject", "estimate", "se", "n"]], on="subject")
    found["multilevel"] += (found["estimate"] - found["mean"]).mean()
    found = found[found["whole"]].reset_index(drop=True)
    n = found["n"].to_numpy(dtype=np.float64)
    tail = 0.5 + decided.scheme.confidence / 2.0
    wide = found["se"] * tails.t_quantile(tail, np.maximum(n - 1.0, 1.0))
    reach = found["multilevel_se"] * tails.t_quantile(tail, df)
    shift = found["multilevel"] - found["estimate"]
    columns = {
        "wave": scores.wave,
        "subject": found["subject"],
        "name": [decided.roster.subject(str(s)).name for s in found["subject"]],
        "group": group,
        "n": found["n"],
        "raw": found["estimate"],
        "raw_se": found["se"],
        "raw_low": np.maximum(found["estimate"] - wide, 0.0),
        "raw_high": np.minimum(found["estimate"] + wide, 100.0),
        "multilevel": found["multilevel"],
        "multilevel_se": found["multilevel_se"],
        "multilevel_low": np.maximum(found["multilevel"] - reach, 0.0),
        "multilevel_high": np.minimum(found["multilevel"] + reach, 100.0),
        "shift": shift,
        "beyond": shift.abs() > wide,
        "known_by": ";".join(names),
    }
    order = [column.name for column in FRAMES["multilevel"]]
    return frame("multilevel", pd.DataFrame(columns, columns=order))


def _housing(subjects: Sequence[str], roster: Roster) -> Floats:
    """Return an intercept and, of each common kind of housing but one, who is of it; (K, p)."""
    kinds = pd.Series([roster.subject(subject).housing or "" for subject in subjects])
    counts = kinds[kinds != ""].value_counts()
    common = sorted(str(kind) for kind, number in counts.items() if number >= FEWEST)
    rest = len(kinds) - sum(int(counts[kind]) for kind in common)
    shown = common if rest >= FEWEST else common[1:]
    return np.column_stack(
        [np.ones(len(kinds)), *((kinds == kind).astype(float) for kind in shown)]
    )


def _membership(own: _Group, margin: Margin) -> Floats:
    """Return who is of which category, (n, C); who did not say is taken as the committee's mix."""
    place = {code: at for at, category in enumerate(margin.categories) for code in category}
    at = own.codes[margin.item].map(place) if margin.item in own.codes else None
    known = np.zeros((len(own.code), len(margin.categories)))
    if at is None:
        return known
    said = at.notna().to_numpy()
    known[np.flatnonzero(said), at[said].to_numpy(dtype=np.intp)] = 1.0
    sums = np.zeros((len(own.subjects), known.shape[1]))
    np.add.at(sums, own.code, known)
    total = sums.sum(axis=1, keepdims=True)
    street = sums.sum(axis=0) / max(float(total.sum()), 1.0)
    mix = np.where(total > 0, sums / np.maximum(total, 1.0), street)
    return np.where(said[:, None], known, mix[own.code])


def _shares(
    subjects: Sequence[str], margins: Mapping[str, Mapping[str, Margin]], first: Margin
) -> Floats:
    """Return every committee's shares in the order of the first one's categories; 0 if not known."""
    found = np.zeros((len(subjects), len(first.categories)))
    for place, subject in enumerate(subjects):
        own = margins.get(subject, {}).get(first.item)
        if own is not None:
            found[place] = [own.shares[own.categories.index(c)] for c in first.categories]
    return found
