"""How far a table can be trusted, once more: scores, bands, shrinkage, reliability, gaps.

Plain formulas after docs/method.md; K subjects, G rater groups, I indicators. Nothing here is
taken from the package, and nothing is optimised: where there is a textbook formula it stands as
the textbook has it.

References
----------
Smyth (2004), Stat. Appl. Genet. Mol. Biol. 3 (moderated variances); Satterthwaite (1946);
Patterson & Thompson (1971), Biometrika 58 (REML); Fay & Herriot (1979), JASA 74, and Datta & Lahiri
(2000), Statistica Sinica 10 (shrunken scores and their error); Spiegelhalter (2005), Qual. Saf.
Health Care 14 (bands).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, special, stats

from tests.recomputation import cases, documents, scores, thin
from tests.recomputation import cells as cells_of
from tests.recomputation.raters import correlations
from tests.recomputation.shrinking import q_profile, reml, share

OVERALL = "overall"
BANDS = ("远低于平均", "低于平均", "与平均分不出", "高于平均", "远高于平均")


# --- a workspace, and the files it published -------------------------------------------------


@dataclass(frozen=True)
class Wave:
    """The last wave of a workspace, from its raw files; `subjects` are those of the cells."""

    id: str
    street: Any
    rows: Any
    cells: Mapping[str, Any]
    subjects: list[str]
    scored: Table
    tau2: float
    seed: int
    out: Path

    @property
    def names(self) -> dict[str, str]:
        return {subject["id"]: subject["name"] for subject in self.street.roster}

    def published(self, name: str) -> pd.DataFrame:
        """A file under out/, every number to its last digit."""
        path = self.out / f"{name}.csv"
        text = {"wave": str, "subject": str, "code": str, "scenario": str, "group": str}
        return pd.read_csv(path, encoding="utf-8-sig", dtype=text)


@cache
def last_wave(folder: Path) -> Wave:
    """Read the last wave of a workspace and score it; once for all the tests that ask."""
    street = documents.read(folder)
    wave = street.order["waves"][-1]["id"]
    rows, cells = cases.rows_of(folder)[wave], cases.cells_of(folder)[wave]
    subjects = list(cells_of.subjects(street, wave))
    scored = table(street.scheme, cells, subjects)
    tau2 = reml(scored.composite, scored.covariance) if len(scored.subjects) > 1 else 0.0
    seed = int(street.order["settings"]["seed"])
    return Wave(wave, street, rows, cells, subjects, scored, tau2, seed, folder / "out" / wave)


def assert_same(found: pd.DataFrame, published: pd.DataFrame, tolerance: float = 1e-9) -> None:
    """Every column that was recomputed, row by row: numbers to the tolerance, texts exactly."""
    assert len(found) == len(published)
    assert len(found.columns)
    for column in found:
        ours, theirs = found[column], published[column]
        if pd.api.types.is_numeric_dtype(ours) or ours.isna().all():
            np.testing.assert_allclose(
                theirs.to_numpy(dtype=float),
                ours.to_numpy(dtype=float),
                rtol=tolerance,
                atol=tolerance,
                err_msg=str(column),
            )
        else:
            assert theirs.where(theirs.notna(), None).tolist() == [
                None if pd.isna(value) else value for value in ours
            ], column


# --- what the documents say -----------------------------------------------------------------


def indicators_of(scheme: Mapping[str, Any]) -> list[dict[str, Any]]:
    """All indicators, in the order of their dimensions."""
    return [indicator for d in scheme["dimensions"] for indicator in d["indicators"]]


def covers(scheme: Mapping[str, Any]) -> np.ndarray:
    """1 where a group judges an indicator, shape (G, I)."""
    return np.array(
        [
            [
                bool(i["items"].get(g["questionnaire"]))
                and (g.get("covers") is None or i["code"] in g["covers"])
                for i in indicators_of(scheme)
            ]
            for g in scheme["groups"]
        ],
        dtype=float,
    )


def weights_of(
    scheme: Mapping[str, Any],
    groups: np.ndarray | None = None,
    indicators: np.ndarray | None = None,
) -> np.ndarray:
    """Weights of the (group, indicator) means in the composite, (..., G, I), adding up to 1."""
    if groups is None:
        groups = np.array([g["weight"] for g in scheme["groups"]], dtype=float)
    if indicators is None:
        indicators = np.array([i["weight"] for i in indicators_of(scheme)], dtype=float)
    g, i = groups[..., :, None], indicators[..., None, :]
    judged = covers(scheme)
    if scheme.get("uncovered", "within_group") == "within_group":
        found = g * (i * judged) / (i * judged).sum(axis=-1, keepdims=True)
    else:
        found = i * (g * judged) / (g * judged).sum(axis=-2, keepdims=True)
    return found / found.sum(axis=(-2, -1), keepdims=True)


def residents_of(scheme: Mapping[str, Any]) -> list[dict[str, Any]]:
    return [g for g in scheme["groups"] if g.get("residents")]


# --- from cells to scores -------------------------------------------------------------------


@dataclass(frozen=True)
class Steady:
    """Of one group's weighted mean, (K,) over all subjects of the wave."""

    raw: np.ndarray
    variance: np.ndarray
    df: np.ndarray


@dataclass(frozen=True)
class Table:
    """Scores of the complete subjects, whose places in the cells are `at`.

    `weights` (G, I) are the scheme's, `rows` (K, G, I) those of every subject of the cells.
    """

    subjects: list[str]
    at: np.ndarray
    weights: np.ndarray
    rows: np.ndarray
    means: np.ndarray
    composite: np.ndarray
    variance: np.ndarray
    covariance: np.ndarray


def moderate(variances: np.ndarray, df: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Draw variances of one answer towards their mean, as far as their scatter is chance."""
    known = ~np.isnan(variances)
    usual = variances[known].mean() if known.any() else np.nan
    varies = known & (np.nan_to_num(variances) > 1e-12 * usual)
    if not varies.any():
        return variances.copy(), df.astype(float).copy()
    if varies.sum() == 1:
        one, its = variances[varies][0], df[varies][0]
        return np.where(known, one, np.nan), np.where(known, its, df)
    half = df[varies] / 2
    e = np.log(variances[varies]) - special.digamma(half) + np.log(half)
    excess = e.var(ddof=1) - special.polygamma(1, half).mean()
    if excess > 0:
        log_half = optimize.brentq(
            lambda t: np.log(special.polygamma(1, np.exp(t))) - np.log(excess), -30, 30, xtol=1e-14
        )
        prior = 2 * np.exp(log_half)
        drawn = (prior * usual + df * variances) / (prior + df)
    else:
        prior = np.inf
        drawn = np.full(len(variances), usual)
    drawn = np.where(varies, drawn, usual)
    return (
        np.where(known, drawn, np.nan),
        np.where(known, np.minimum(df + prior, df[known].sum()), df),
    )


def usual(variances: np.ndarray) -> float:
    """What a variance of 0, or none, takes: the mean, or the only one above 0."""
    varies = variances > 1e-12 * variances.mean()
    return float(variances[varies][0] if varies.sum() == 1 else variances.mean())


def steady(cell: Any, rows: np.ndarray) -> Steady:
    """Variance of weighted means of one group's indicators, weights (K, I) or everybody's (I,)."""
    rows = np.broadcast_to(rows, (len(cell.n), rows.shape[-1]))
    filled, unlike, entirely = thin.blocks(cell, rows, usual)
    raw = np.array([v @ block @ v for v, block in zip(rows, filled, strict=True)])
    raw[entirely] = np.nan
    with np.errstate(divide="ignore", invalid="ignore"):
        share = (cell.n_measure[:, : rows.shape[1]] * rows).sum(axis=1) / rows.sum(axis=1) / cell.n
        answers = np.where(np.isnan(unlike), cell.n_effective * share, unlike)
        df = np.minimum(cell.df, np.maximum(cell.n * share - 1, 1))
        known = np.isfinite(raw) & (df > 0)
        scale = rows.sum(axis=1) ** 2
        one = np.where(known, np.maximum(raw, 0) / scale * answers, np.nan)
        drawn, freedom = moderate(one, df)
        if known.any():
            # Nobody's degrees of freedom are borrowed by more than all have together.
            borrowed = scores.lent(one[known], df[known])[1]
            drawn = np.where(entirely, usual(one[known]), drawn)
            freedom = np.where(entirely, max(borrowed, 1.0), freedom)
        variance = np.where(known | entirely, drawn * scale / answers, raw)
    return Steady(raw, variance, freedom)


def table(
    scheme: Mapping[str, Any],
    cells: Mapping[str, Any],
    subjects: Sequence[str],
    groups: np.ndarray | None = None,
) -> Table:
    """Score every complete subject; `groups` are other group weights than the scheme's."""
    w = weights_of(scheme, groups)
    own = [cells[g["code"]] for g in scheme["groups"]]
    indicators = w.shape[1]
    complete = np.ones(len(subjects), dtype=bool)
    for g, cell in enumerate(own):
        needed = np.flatnonzero(w[g] > 0)
        if len(needed):
            complete &= np.isfinite(cell.mean[:, needed]).any(axis=1)
    at = np.flatnonzero(complete)
    rows = thin.shared_out(w, [cell.mean[:, :indicators] for cell in own])
    composite, variance = np.zeros(len(at)), np.zeros(len(at))
    covariance = np.zeros((len(at), len(at)))
    for g, cell in enumerate(own):
        if not (w[g] > 0).any():
            continue
        found = steady(cell, rows[:, g])
        composite += (np.nan_to_num(cell.mean[at, :indicators]) * rows[at, g]).sum(axis=1)
        variance += found.variance[at]
        if cell.joint is not None:
            assert cell.each is not None
            assert cell.judged is not None
            each = np.einsum("uki,ki->uk", cell.each[:, :, :indicators], rows[:, g])
            with np.errstate(divide="ignore", invalid="ignore"):
                grown = np.where(found.raw > 0, np.sqrt(found.variance / found.raw), 0.0)[at]
            error = np.sqrt((each**2).sum(axis=0))[at] * grown
            across = correlations(each, cell.judged)[0][np.ix_(at, at)] * np.outer(error, error)
            covariance += across - np.diag(np.diag(across))
    covariance += np.diag(variance)
    return Table(
        [subjects[k] for k in at],
        at,
        w,
        rows,
        np.stack([cell.mean[at, :indicators] for cell in own], axis=1),
        np.clip(composite, 0, 100),
        variance,
        covariance,
    )


def ranks(scores: np.ndarray) -> np.ndarray:
    """Competition ranks, 1 = best."""
    return np.array([1 + (scores > one).sum() for one in scores], dtype=int)


def grade(scheme: Mapping[str, Any], score: float) -> str:
    earned = [g["name"] for g in scheme["grades"] if score >= g["cutoff"]]
    return str(earned[0] if earned else scheme["grades"][-1]["name"])


# --- what is real in the spread -------------------------------------------------------------


def of_group(
    scheme: Mapping[str, Any], cells: Mapping[str, Any], scored: Table, code: str
) -> Table | None:
    """The complete committees as one group alone sees them; None where it does not tell."""
    g = [x["code"] for x in scheme["groups"]].index(code)
    w = scored.rows[:, g]
    cell = cells[code]
    found = steady(cell, w)
    x = (np.nan_to_num(cell.mean[:, : w.shape[1]]) * w).sum(axis=1) / w.sum(axis=1)
    covariance = np.diag(found.variance / w.sum(axis=1) ** 2)
    if cell.joint is not None:
        v = w / w.sum(axis=1, keepdims=True)
        each = np.einsum("uki,ki->uk", cell.each[:, :, : w.shape[1]], v)
        with np.errstate(divide="ignore", invalid="ignore"):
            grown = np.where(found.raw > 0, np.sqrt(found.variance / found.raw), 0.0)
        error = np.sqrt((each**2).sum(axis=0)) * grown
        across = correlations(each, cell.judged)[0] * np.outer(error, error)
        covariance += across - np.diag(np.diag(across))
    at = scored.at
    own = covariance[np.ix_(at, at)]
    if not (np.isfinite(x[at]).all() and (np.diag(own) > 0).all()):
        return None
    return Table(
        scored.subjects, at, scored.weights, scored.rows, scored.means, x[at], np.diag(own), own
    )


def reliability(
    scheme: Mapping[str, Any], cells: Mapping[str, Any], scored: Table, wave: str
) -> pd.DataFrame:
    """As `reliability.csv`: the table and every group that judged all complete committees."""
    rows = []
    if len(scored.subjects) < 3:
        return pd.DataFrame()
    for code in ("all", *(g["code"] for g in scheme["groups"])):
        own = scored if code == "all" else of_group(scheme, cells, scored, code)
        if own is None:
            continue
        tau2 = reml(own.composite, own.covariance)
        low, high = q_profile(own.composite, own.covariance, scheme["confidence"])
        single = np.nan
        if code != "all" and cells[code].joint is None:
            n = cells[code].n[scored.at].astype(float)
            single = tau2 / (tau2 + (own.variance * n).mean())
        rows.append(
            {
                "wave": wave,
                "group": code,
                "n": len(own.composite),
                **{f"tau{end}": t**0.5 for end, t in (("", tau2), ("_low", low), ("_high", high))},
                **{
                    f"reliability{end}": share(t, own.covariance)
                    for end, t in (("", tau2), ("_low", low), ("_high", high))
                },
                "single": single,
            }
        )
    return pd.DataFrame(rows)


def bands(verdicts: pd.DataFrame, rate: float) -> list[str]:
    """The bands of composites whose difference and adjusted p-value are these."""
    names = []
    for difference, p in zip(verdicts["difference"], verdicts["p_adjusted"], strict=True):
        size = 0 if not p < rate else 1 if not p < 0.002 else 2
        names.append(BANDS[2 + int(np.sign(difference)) * size])
    return names


# --- reliability ----------------------------------------------------------------------------


def overall_mean(scheme: Mapping[str, Any], cells: Mapping[str, Any]) -> np.ndarray:
    """Overall satisfaction by subject, answers of all groups pooled."""
    total, count = 0.0, 0.0
    for group in scheme["groups"]:
        n = cells[group["code"]].n_measure[:, -1].astype(float)
        total = total + n * np.nan_to_num(cells[group["code"]].mean[:, -1])
        count = count + n
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where(count > 0, total / count, np.nan)


def same_form(
    scheme: Mapping[str, Any], cells: Mapping[str, Any], scored: Table
) -> dict[str, float] | None:
    """Pearson's correlation of composite and overall satisfaction, Fisher's interval."""
    overall = overall_mean(scheme, cells)[scored.at]
    known = np.isfinite(overall)
    x, y = overall[known], scored.composite[known]
    if len(x) < 4 or np.ptp(x) == 0 or np.ptp(y) == 0:
        return None
    found = stats.pearsonr(x, y)
    low, high = found.confidence_interval(0.95)
    return {
        "correlation": found.statistic, "low": low, "high": high, "subjects": len(x)
    }  # fmt: skip


def across(
    scheme: Mapping[str, Any], cells: Mapping[str, Any], scored: Table
) -> list[dict[str, Any]]:
    """Each group's composites against the overall satisfaction that other residents told."""
    found = []
    for group in scheme["groups"]:
        own = of_group(scheme, cells, scored, group["code"])
        for other in residents_of(scheme):
            cell = cells[other["code"]]
            y, v = cell.mean[scored.at, -1], cell.covariance[scored.at, -1, -1]
            known = np.isfinite(y) & (v > 0)
            if own is None or other["code"] == group["code"] or known.sum() < 4:
                continue
            x, y, v = own.composite[known], y[known], v[known]
            r = stats.pearsonr(x, y)
            low, high = r.confidence_interval(scheme["confidence"])
            part = own.covariance[np.ix_(known, known)]
            shares = share(reml(x, part), part), share(reml(y, np.diag(v)), np.diag(v))
            root = (shares[0] * shares[1]) ** 0.5
            steady = min(shares) >= 0.2
            found.append(
                {
                    "group": group["code"],
                    "overall": other["code"],
                    "correlation": r.statistic,
                    "low": low,
                    "high": high,
                    "subjects": int(known.sum()),
                    **{
                        name: float(np.clip(value / root, -1, 1)) if steady else None
                        for name, value in (
                            ("corrected", r.statistic),
                            ("corrected_low", low),
                            ("corrected_high", high),
                        )
                    },
                }
            )
    return found


def gaps(
    scheme: Mapping[str, Any], cells: Mapping[str, Any], scored: Table
) -> tuple[pd.DataFrame, dict[str, float]]:
    """Key less random residents, against the random-effects mean of all subjects."""
    residents = residents_of(scheme)
    if len(residents) != 2 or len(scored.subjects) < 3:
        return pd.DataFrame({"gap": [], "statistic": [], "outlier": []}), {}
    codes = [g["code"] for g in scheme["groups"]]
    delta, variance, spread = 0.0, 0.0, 0.0
    for group, sign in zip(residents, (1, -1), strict=True):
        g = codes.index(group["code"])
        w = scored.rows[:, g] / scored.weights[g].sum()
        cell = cells[group["code"]]
        found = steady(cell, w)
        delta = delta + sign * (np.nan_to_num(cell.mean[scored.at, :-1]) * w[scored.at]).sum(axis=1)
        variance = variance + found.variance[scored.at]
        spread = spread + found.variance[scored.at] ** 2 / found.df[scored.at]
    tau2 = reml(delta, np.diag(variance))
    total = variance + tau2
    mean = (delta / total).sum() / (1 / total).sum()
    statistic = np.abs(delta - mean) / np.sqrt(total)
    # Satterthwaite: tau2 is taken as known, the sampling variance has its own degrees of freedom
    df = total**2 / spread
    p = holm(2 * stats.t.sf(statistic, df))
    by_subject = pd.DataFrame(
        {"gap": delta, "statistic": statistic, "outlier": (statistic > 3) & (p < 0.05)},
        index=scored.subjects,
    )
    street = {"mean": mean, "se": np.sqrt(1 / (1 / total).sum()), "tau": np.sqrt(tau2)}
    return by_subject, street


def holm(p: np.ndarray) -> np.ndarray:
    order = np.argsort(p, kind="stable")
    stepped = np.maximum.accumulate((len(p) - np.arange(len(p))) * p[order])
    found = np.empty(len(p))
    found[order] = np.minimum(stepped, 1)
    return found
