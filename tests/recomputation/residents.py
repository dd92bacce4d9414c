"""Single residents, once more: what they say, who they are, and whether their scale holds together.

References
----------
O'Malley et al. (2005), Health Serv. Res. 40 (case mix); Cronbach (1951) with the interval of Feldt,
Woodruff & Salih (1987), Appl. Psychol. Meas. 11; McDonald (1999), Test Theory (omega).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
from scipy import optimize, stats

from tests.recomputation.trust import OVERALL, Table, covers, indicators_of, residents_of

# --- single residents -----------------------------------------------------------------------


def item_of(questionnaire: Mapping[str, Any], item_id: str) -> dict[str, Any]:
    return next(item for item in questionnaire["items"] if item["id"] == item_id)


def item_scores(codes: pd.Series, item: Mapping[str, Any]) -> np.ndarray:
    """Score of each option code, NaN where the answer has none."""
    if item["kind"] == "number":
        low, high = item["minimum"], item["maximum"]
        return (100 * (codes.astype(float) - low) / (high - low)).to_numpy(dtype=float)
    score = {str(o["code"]): o["score"] for o in item["options"] if o.get("score") is not None}
    return np.array([score.get(str(code), np.nan) for code in codes], dtype=float)


def opinions(street: Any, rows: Any) -> pd.DataFrame:
    """Every respondent's indicator scores and overall satisfaction, (n, I + 1)."""
    scheme, kept = street.scheme, rows.kept
    codes = [i["code"] for i in indicators_of(scheme)]
    judged = covers(scheme)
    found = pd.DataFrame(np.nan, index=kept.index, columns=[*codes, OVERALL])
    for g, group in enumerate(scheme["groups"]):
        own = kept.index[kept["group"] == group["code"]]
        form = street.questionnaires[group["questionnaire"]]
        for i, indicator in enumerate(indicators_of(scheme)):
            if not judged[g, i]:
                continue
            parts = np.column_stack(
                [
                    item_scores(kept.loc[own, name], item_of(form, name))
                    for name in indicator["items"][group["questionnaire"]]
                ]
            )
            answered = (~np.isnan(parts)).sum(axis=1)
            least = scheme.get("minimum_answered", 0.5) * parts.shape[1]
            total = np.nansum(parts, axis=1)
            enough = (answered > 0) & (answered >= least)
            found.loc[own, indicator["code"]] = np.where(
                enough, total / np.maximum(answered, 1), np.nan
            )
        for item in form["items"]:
            if item.get("role") == "overall":
                found.loc[own, OVERALL] = item_scores(kept.loc[own, item["id"]], item)
    return found


# --- case mix -------------------------------------------------------------------------------


def adjusted(
    street: Any, rows: Any, scored: Table, subjects: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Composites adjusted for who answered, and their standard errors; NaN where impossible."""
    scheme, everybody = street.scheme, opinions(street, rows)
    shift = dict.fromkeys(subjects, 0.0)
    before, after = dict.fromkeys(subjects, 0.0), dict.fromkeys(subjects, 0.0)
    answered: set[str] = set()
    adjusted_groups = 0
    for g, group in enumerate(scheme["groups"]):
        if not group.get("residents"):
            continue
        own = rows.kept[rows.kept["group"] == group["code"]]
        answered |= set(own["subject"])
        values = one_score(
            everybody.loc[own.index].iloc[:, :-1].to_numpy(),
            own["weight"].to_numpy(dtype=float),
            scored.weights[g],
            scheme.get("minimum_answered", 0.5),
        )
        own, values = own[~np.isnan(values)], values[~np.isnan(values)]
        dummies = profile_dummies(street.questionnaires[group["questionnaire"]], own)
        if dummies.shape[1] == 0:
            continue
        found = fixed_effects(values, own["subject"].to_numpy(), dummies, own["weight"].to_numpy())
        if found is None:
            continue
        adjusted_groups += 1
        share = scored.weights[g].sum()
        for subject in subjects:
            if subject in found.index:
                one = found.loc[subject]
                shift[subject] += share * one["shift"]
                before[subject] += share**2 * one["raw_variance"]
                after[subject] += share**2 * one["variance"]
            else:
                shift[subject] = np.nan
    value, se = np.full(len(scored.subjects), np.nan), np.full(len(scored.subjects), np.nan)
    for k, subject in enumerate(scored.subjects):
        if adjusted_groups and subject in answered and np.isfinite(shift[subject]):
            value[k] = scored.composite[k] + shift[subject]
            rest = max(scored.variance[k] - before[subject], 0.0)
            se[k] = np.sqrt(rest + after[subject])
    return value, se


def one_score(
    scores: np.ndarray, weight: np.ndarray, shares: np.ndarray, least: float
) -> np.ndarray:
    """A resident's composite: the group's mean plus the weighted distances that were answered."""
    used = shares > 0
    x, v = scores[:, used], shares[used] / shares.sum()
    w = np.where(np.isnan(x), 0.0, weight[:, None])
    mean = (w * np.nan_to_num(x)).sum(axis=0) / w.sum(axis=0)
    there = (~np.isnan(x)) @ v
    away = np.nan_to_num(x - mean) @ v
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.where((there > 0) & (there >= least - 1e-9), mean @ v + away / there, np.nan)


def profile_dummies(form: Mapping[str, Any], own: pd.DataFrame) -> np.ndarray:
    """Dummies (n, P) of the profile items, the commonest category left out, rare ones unknown."""
    columns = []
    for item in form["items"]:
        if item.get("role") != "profile" or item["kind"] != "single" or item["id"] not in own:
            continue
        counts = own[item["id"]].value_counts()
        order = [str(o["code"]) for o in item["options"] if counts.get(str(o["code"]), 0) >= 10]
        if len(order) < 2:
            continue
        commonest = max(order, key=lambda code: counts[code])
        known = own[item["id"]].isin(order)
        for code in order:
            if code != commonest:
                columns.append(np.where(known, (own[item["id"]] == code).astype(float), np.nan))
    if not columns:
        return np.empty((len(own), 0))
    dummies = pd.DataFrame(np.column_stack(columns))
    within = (dummies - dummies.groupby(own["subject"].to_numpy()).transform("mean")).fillna(0.0)
    kept: list[int] = []
    for p in dummies:
        x, before = within[p].to_numpy(), within[kept].to_numpy()
        left = x - before @ np.linalg.lstsq(before, x, rcond=None)[0] if kept else x
        if np.linalg.norm(left) > max(0.2 * np.linalg.norm(x), 1e-9):
            kept.append(p)
    return dummies[kept].to_numpy()


def fixed_effects(
    y: np.ndarray, subjects: np.ndarray, x: np.ndarray, weight: np.ndarray
) -> pd.DataFrame | None:
    """Weighted least squares on subject indicators and dummies: shift and variances by subject."""
    names, code = np.unique(subjects.astype(str), return_inverse=True)
    k, p, n = len(names), x.shape[1], len(y)
    w = weight.astype(float)
    indicator = np.eye(k)[code]
    x = x.copy()
    for column in x.T:
        gap = np.isnan(column)
        if gap.any():
            known = ~gap
            mass = indicator[known].T @ w[known]
            overall = np.average(column[known], weights=w[known])
            with np.errstate(divide="ignore", invalid="ignore"):
                own = (indicator[known].T @ (w * column)[known]) / mass
            column[gap] = np.where(mass > 0, own, overall)[code[gap]]
    if n - k - p <= 0:
        return None
    design = np.column_stack([indicator, x])
    root = np.sqrt(w)
    beta = np.linalg.lstsq(root[:, None] * design, root * y, rcond=None)[0]
    residual = y - design @ beta
    share = indicator * w[:, None] / (indicator.T @ w)
    mean, centre = share.T @ y, share.T @ x
    target = np.average(x, axis=0, weights=w)
    count = indicator.sum(axis=0)
    plain = np.array([(share[:, j] ** 2 * (y - mean[j]) ** 2).sum() for j in range(k)])
    with np.errstate(divide="ignore", invalid="ignore"):
        plain = plain * count / (count - 1)
        enlarged = residual * np.sqrt(count / (count - 1))[code] * np.sqrt((n - k) / (n - k - p))
    enlarged = np.where(count[code] == 1, residual * np.sqrt((n - k) / (n - k - p)), enlarged)
    inside = x - centre[code]
    bread = np.linalg.inv((inside * w[:, None]).T @ inside)
    slopes = (inside * (w * enlarged)[:, None]) @ bread
    influence = share * enlarged[:, None] - slopes @ (centre - target).T
    variance = np.where(count == 1, np.nan, (influence**2).sum(axis=0))
    shift = -(centre - target) @ beta[k:]
    return pd.DataFrame({"shift": shift, "raw_variance": plain, "variance": variance}, index=names)


# --- agreement ---


def agreement(street: Any, rows: Any) -> dict[str, Any]:
    """Cronbach's alpha and McDonald's omega of the residents' indicators, everybody once."""
    scheme = street.scheme
    codes = [g["code"] for g in residents_of(scheme)]
    own = opinions(street, rows)[rows.kept["group"].isin(codes)]
    judged = covers(scheme)[[bool(g.get("residents")) for g in scheme["groups"]]].any(axis=0)
    names = [i["code"] for i, kept in zip(indicators_of(scheme), judged, strict=True) if kept]
    x = own[names]
    x = x.loc[:, (x.notna().sum() >= 30) & (x.max() > x.min())]
    there = x.notna().astype(float)
    shared = there.T.to_numpy() @ there.to_numpy()
    if x.shape[1] < 3 or shared.min() < 3:
        return {}
    covariance, items = x.cov().to_numpy(), x.shape[1]
    alpha = _alpha(covariance)
    dropped = [_alpha(np.delete(np.delete(covariance, i, 0), i, 1)) for i in range(items)]
    sd = np.sqrt(np.diag(covariance))
    correlation = covariance / np.outer(sd, sd)
    n = int(shared.min())
    freedom = (n - 1, (n - 1) * (items - 1))
    return {
        "alpha": alpha,
        "alpha_low": 1 - (1 - alpha) * stats.f.ppf(0.975, *freedom),
        "alpha_high": 1 - (1 - alpha) * stats.f.ppf(0.025, *freedom),
        "omega": _omega(correlation, sd),
        "mean_correlation": correlation[~np.eye(items, dtype=bool)].mean(),
        "n": n,
        "indicators": items,
        "weakest": str(x.columns[int(np.argmax(dropped))]) if max(dropped) > alpha else "",
    }


def _alpha(covariance: np.ndarray) -> float:
    items = len(covariance)
    return items / (items - 1) * (1 - np.trace(covariance) / covariance.sum())


def _omega(correlation: np.ndarray, sd: np.ndarray) -> float:
    """One-factor maximum likelihood: Sigma = l l' + diag(psi), on loadings and uniquenesses."""
    items = len(correlation)

    def discrepancy(theta: np.ndarray) -> tuple[float, np.ndarray]:
        loading, psi = theta[:items], np.exp(theta[items:])
        sigma = np.outer(loading, loading) + np.diag(psi)
        inverse = np.linalg.inv(sigma)
        value = np.linalg.slogdet(sigma)[1] + np.trace(inverse @ correlation)
        slope = inverse - inverse @ correlation @ inverse
        return value, np.r_[2 * slope @ loading, np.diag(slope) * psi]

    values, vectors = np.linalg.eigh(correlation)
    start = vectors[:, -1] * np.sqrt(values[-1]) * np.sign(vectors[:, -1].sum())
    theta = np.r_[0.9 * start, np.log(np.maximum(1 - 0.81 * start**2, 0.05))]
    fit = optimize.minimize(
        discrepancy, theta, jac=True, method="BFGS", options={"gtol": 1e-10, "maxiter": 5000}
    )
    if np.exp(fit.x[items:]).min() < 0.005:  # a Heywood case: a uniqueness stands at its bound
        fit = optimize.minimize(
            discrepancy,
            np.r_[theta[:items], np.clip(theta[items:], np.log(0.005), 0)],
            jac=True,
            method="L-BFGS-B",
            bounds=[(None, None)] * items + [(np.log(0.005), 0.0)] * items,
            options={"ftol": 1e-16, "gtol": 1e-10, "maxiter": 20_000, "maxfun": 50_000},
        )
    loading, psi = fit.x[:items] * sd, np.exp(fit.x[items:]) * sd**2
    return float(loading.sum() ** 2 / (loading.sum() ** 2 + psi.sum()))
