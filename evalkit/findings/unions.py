"""Committees of one wave taken together as one: their cells, and their scores with all errors.

A union is a row of weights A over committees, as every sum over committees is (`rolling_up`): its
score is A x, its variance A C A', what raters of several of them share included. Committees that
are in no union keep their numbers to the last digit.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.definitions.scheme import Scheme
from evalkit.findings.combining import NO_INFLUENCE, apportion, weigh
from evalkit.findings.rolling_up import Sum, roll_up
from evalkit.findings.sources import by_group
from evalkit.tables import (
    ALL_GROUPS,
    FRAMES,
    Cells,
    Floats,
    GroupCells,
    Incomplete,
    Overlap,
    Scores,
    WaveResult,
    frame,
)

Members = Mapping[str, Mapping[str, float]]
"""By code of the union: what each of its committees weighs in it; adds up to 1."""


def united(result: WaveResult, members: Members, scheme: Scheme) -> WaveResult:
    """Return a wave in which unions stand for their committees.

    Parameters
    ----------
    members : dict of code to dict of committee to float
        A union goes by the code; its committees are those of this wave, in no other union.

    Returns
    -------
    WaveResult
        For comparing with another wave. Its ranking and changes are still those of the committees.
    """
    used = {code: own for code, own in members.items() if set(own) != {code}}
    if not used:
        return result
    cells = _cells(result.cells, used)
    return replace(result, cells=cells, scores=_scores(result.scores, result.cells, used, scheme))


def _codes(subjects: Iterable[str], members: Members) -> tuple[str, ...]:
    """Return the subjects with unions in the place of their first committee."""
    of = {subject: code for code, own in members.items() for subject in own}
    return tuple(dict.fromkeys(of.get(subject, subject) for subject in subjects))


def _matrix(subjects: Sequence[str], codes: Sequence[str], members: Members) -> Floats:
    """Return A, shape (codes, subjects)."""
    place = {subject: k for k, subject in enumerate(subjects)}
    matrix = np.zeros((len(codes), len(subjects)))
    for row, code in enumerate(codes):
        for subject, weight in members.get(code, {code: 1.0}).items():
            matrix[row, place[subject]] = weight
    return matrix


# --- scores ---------------------------------------------------------------------------------


def _scores(scores: Scores, cells: Cells, members: Members, scheme: Scheme) -> Scores:
    lacking = {entry.subject: entry.missing for entry in scores.incomplete}
    known = set(scores.subjects)
    lost = {
        code: tuple(dict.fromkeys(g for s in own for g in lacking.get(s, ())))
        for code, own in members.items()
        if not set(own) <= known
    }
    whole = {code: own for code, own in members.items() if code not in lost}
    gone = {subject for code in lost for subject in members[code]}
    subjects = _codes([s for s in scores.subjects if s not in gone], whole)
    kept = [entry for entry in scores.incomplete if entry.subject not in gone]
    a = _matrix(scores.subjects, subjects, whole)
    sums = _sums(scores, cells, whole, scheme)
    estimate, variance, df = (
        np.stack([_of(code, values, scores, sums, what) for code in subjects], axis=1)
        if subjects
        else np.zeros((len(scores.measures), 0))
        for what, values in enumerate((scores.estimate, scores.variance, scores.df))
    )
    weights = np.einsum("uk,kgi->ugi", a, scores.cell_weights)
    points = np.where(scores.cell_weights > 0, scores.cell_weights * scores.cell_means, 0.0)
    means = np.full_like(weights, np.nan)
    np.divide(np.einsum("uk,kgi->ugi", a, points), weights, out=means, where=weights > 0)
    return replace(
        scores,
        subjects=subjects,
        incomplete=(*kept, *(Incomplete(code, missing) for code, missing in lost.items())),
        estimate=estimate,
        variance=variance,
        df=df,
        covariance=a @ scores.covariance @ a.T,
        pair_df=_pair_df(scores, cells, a, [code in whole for code in subjects], scheme),
        difference_variance=np.full_like(estimate, np.nan),
        cell_weights=weights,
        cell_means=means,
        table=scores.table[scores.table["subject"].isin(set(subjects) - set(whole))],
        indicators=_indicators(scores, members, sums),
    )


def _of(
    code: str,
    values: Floats,
    scores: Scores,
    sums: Mapping[str, Sequence[tuple[float, float, float]]],
    what: int,
) -> Floats:
    """Return a row's estimate, variance or degrees of freedom, shape (M,)."""
    if code in sums:
        return np.array([one[what] for one in sums[code]])
    return np.asarray(values[:, scores.subjects.index(code)])


def _sums(
    scores: Scores, cells: Cells, members: Members, scheme: Scheme
) -> dict[str, list[tuple[float, float, float]]]:
    """Return estimate, variance and degrees of freedom of every union, measure by measure.

    What is not told of one of its committees is not known of a union: with the others' numbers it
    would give it away.
    """
    all_of_them = [subject for own in members.values() for subject in own]
    if not all_of_them:
        return {}
    at = np.array([cells.subjects.index(subject) for subject in all_of_them])
    groups = [group.code for group in scheme.groups]
    weights = apportion(weigh(scheme), scheme, cells)
    found: dict[str, list[tuple[float, float, float]]] = {code: [] for code in members}
    hidden = scores.untold
    for m, measure in enumerate(scores.measures):
        sources = list(by_group(cells, groups, weights[m], at))
        for code, own in members.items():
            row = np.array([own.get(subject, 0.0) for subject in all_of_them])
            there = [scores.subjects.index(subject) for subject in own]
            sum_: Sum = roll_up(row, sources)
            known = bool(np.isfinite(scores.estimate[m, there]).all())
            known = known and not any((subject, measure.code) in hidden for subject in own)
            value = sum_.value if known else np.nan
            sure = known and np.isfinite(scores.variance[m, there]).all()
            found[code].append(
                (value, sum_.variance if sure else np.nan, sum_.df if sure else np.nan)
            )
    return found


def _pair_df(
    scores: Scores, cells: Cells, a: Floats, united_ones: Sequence[bool], scheme: Scheme
) -> Floats:
    """Return the degrees of freedom of differences; those of unions by Satterthwaite over all."""
    first = a.argmax(axis=1) if len(a) else np.zeros(0, dtype=np.intp)
    df = scores.pair_df[np.ix_(first, first)].copy()
    if any(united_ones):
        at = np.array([cells.subjects.index(subject) for subject in scores.subjects])
        weights = apportion(weigh(scheme), scheme, cells)[0]
        sources = list(by_group(cells, [group.code for group in scheme.groups], weights, at))
        for i in np.flatnonzero(united_ones):
            for j in range(len(a)):
                if i != j:
                    df[i, j] = df[j, i] = max(roll_up(a[i] - a[j], sources).df, 1.0)
    np.fill_diagonal(df, np.inf)
    return np.asarray(df)


def _indicators(
    scores: Scores,
    members: Members,
    sums: Mapping[str, Sequence[tuple[float, float, float]]],
) -> pd.DataFrame:
    """Return the measures; of a union nothing is told that is not told of each of its committees."""
    table = scores.indicators
    inside = {subject for own in members.values() for subject in own}
    parts = [table[~table["subject"].isin(inside)]]
    place = {measure.code: m for m, measure in enumerate(scores.measures)}
    for code, own in members.items():
        each = [(w, table[table["subject"] == s].reset_index(drop=True)) for s, w in own.items()]
        whole = each[0][1].copy()
        whole["subject"] = code
        whole["estimate"] = sum(w * rows["estimate"] for w, rows in each)
        whole["n"] = sum(rows["n"] for _, rows in each)
        errors = [one[1] for one in sums.get(code, ())]
        whole["se"] = [
            np.sqrt(errors[place[measure]]) if errors and group == ALL_GROUPS else np.nan
            for measure, group in zip(whole["code"], whole["group"], strict=True)
        ]
        whole.loc[whole["estimate"].isna(), "se"] = np.nan
        parts.append(whole)
    if not len(table):
        return table
    return frame("indicators", pd.concat(parts, ignore_index=True))


# --- cells ----------------------------------------------------------------------------------


def _cells(cells: Cells, members: Members) -> Cells:
    """Return the cells; where some committee is not in them its union is of the others."""
    there = set(cells.subjects)
    members = {code: {s: w for s, w in own.items() if s in there} for code, own in members.items()}
    members = {code: own for code, own in members.items() if own}
    codes = _codes(cells.subjects, members)
    a = _matrix(cells.subjects, codes, members)
    return replace(
        cells,
        subjects=codes,
        groups={code: _group(group, a) for code, group in cells.groups.items()},
        distributions=_distributions(cells.distributions, members),
    )


def _group(group: GroupCells, a: Floats) -> GroupCells:
    """Return a group's cells under weights (U, K): a measure's weights are of those it is known of."""
    known = np.isfinite(group.mean)
    own = a[:, :, None] * known[None]
    total = own.sum(axis=1, keepdims=True)
    own = np.divide(own, total, out=np.zeros_like(own), where=total > 0)
    mean = np.einsum("ukm,km->um", own, np.where(known, group.mean, 0.0))
    mean[total[:, 0] == 0] = np.nan
    plain = group.covariance
    covariance = np.full((len(a), *plain.shape[1:]), np.nan)
    influence = None
    if group.influence is not None:
        influence = np.einsum("ukm,rkm->rum", own, np.nan_to_num(group.influence))
    n, n_measure = a.astype(bool) @ group.n, a.astype(bool) @ group.n_measure
    n_effective, df = np.zeros(len(a)), np.zeros(len(a))
    for row, weights in enumerate(a):
        at = np.flatnonzero(weights)
        if len(at) == 1:
            covariance[row], df[row] = plain[at[0]], group.df[at[0]]
            n_effective[row] = group.n_effective[at[0]]
            continue
        one = own[row, at]
        pairs = one[:, :, None] * one[:, None, :]
        covariance[row] = np.where(pairs > 0, pairs * plain[at], 0.0).sum(axis=0)
        w = weights[at]
        with np.errstate(divide="ignore", invalid="ignore"):
            n_effective[row] = 1.0 / (w**2 / group.n_effective[at]).sum()
        if group.influence is None or influence is None:
            df[row] = _df(w, plain[at], group.df[at])
            continue
        each = np.nan_to_num(group.influence[:, at]) * one[None]
        apart = np.einsum("rkm,rkl->ml", each, each)
        covariance[row] += np.einsum("rm,rl->ml", influence[:, row], influence[:, row]) - apart
        who = np.abs(np.nan_to_num(group.influence[:, at])) > NO_INFLUENCE
        raters = int(who.any(axis=(1, 2)).sum())
        n[row], n_measure[row] = raters, who.any(axis=1).sum(axis=0)
        n_effective[row] = min(n_effective[row], float(raters))
        df[row] = max(raters - 1.0, 0.0)
    untold = np.isnan(mean)
    covariance[untold[:, :, None] | untold[:, None, :]] = np.nan
    again = {wave: _again(overlap, a) for wave, overlap in group.again.items()}
    return GroupCells(n, n_effective, n_measure, mean, covariance, influence, df, group.who, again)


def _df(weights: Floats, covariance: Floats, df: Floats) -> float:
    """Return Satterthwaite's degrees of freedom of independent committees' sum."""
    variance = np.array([np.nanmean(np.append(np.diagonal(one), 0.0)) for one in covariance])
    part = weights**2 * variance
    spread = float((part[df > 0] ** 2 / df[df > 0]).sum())
    return float(part.sum() ** 2 / spread) if spread > 0 else float(df.sum())


def _again(overlap: Overlap, a: Floats) -> Overlap:
    """Return who answered twice; of a union nobody, so that its waves count as independent."""
    single = (a > 0).sum(axis=1) == 1
    first = a.argmax(axis=1)
    return replace(
        overlap,
        pairs=np.where(single, overlap.pairs[first], 0),
        share=np.where(single, overlap.share[first], 0.0),
        covariance=np.where(single[:, None, None], overlap.covariance[first], 0.0),
    )


def _distributions(table: pd.DataFrame, members: Members) -> pd.DataFrame:
    """Return what was answered, a union's as the weighted shares of its committees."""
    if not len(table):
        return table
    inside = {subject for own in members.values() for subject in own}
    parts = [table[~table["subject"].isin(inside)]]
    for code, own in members.items():
        rows = table[table["subject"].isin(set(own))].copy()
        if rows.empty:
            continue
        rows["weight"] = rows["subject"].map(dict(own)).astype(float)
        asked = rows.drop_duplicates(["subject", "group", "item"])
        total = asked.groupby(["group", "item"], sort=False)["weight"].sum().rename("total")
        rows = rows.join(total, on=["group", "item"])
        rows["share"] = rows["share"] * rows["weight"] / rows["total"]
        whole = rows.groupby(["group", "item", "option"], sort=False, as_index=False)[
            ["n", "share"]
        ].sum()
        whole["subject"] = code
        parts.append(whole[[column.name for column in FRAMES["distributions"]]])
    return frame("distributions", pd.concat(parts, ignore_index=True))
