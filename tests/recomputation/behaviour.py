"""How residents answered, once more: flags, committees that stand out, the same without them.

References
----------
Curran (2016), J. Exp. Soc. Psychol. 66; Huang et al. (2012), J. Bus. Psychol. 27; Kuriakose &
Robbins (2016), Stat. J. IAOS 32; Meade & Craig (2012), Psychol. Methods 17 (the signs).
DerSimonian & Laird (1986), Control. Clin. Trials 7; Spiegelhalter (2005), Qual. Saf. Health Care
14 (spread of the rates); beta-binomial tails.
"""

from __future__ import annotations

import dataclasses
from collections import Counter
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats

from tests.recomputation import residents, trust

UNSCORED = {"dont_know": -1.0, "refused": -2.0, "not_applicable": -3.0}


def flags(street: Any, rows: Any, seed: int) -> pd.DataFrame:
    """Signs of every resident's questionnaire, True or False, by respondent, with `flagged`."""
    wanted = [g["code"] for g in trust.residents_of(street.scheme)]
    kept = rows.kept[rows.kept["group"].isin(wanted)]
    parts = [
        signs(street.questionnaires[name], own, rows.states.loc[own.index], seed)
        for name, own in kept.groupby("questionnaire", sort=True)
    ]
    found = pd.concat(parts).loc[kept.index]
    strong = found["duplicate"] | found["near_duplicate"] | found["too_fast"]
    batch = found["burst"] & found["shared_device"]
    second = found["straight_line"] | found["uniform"] | found["odd"] | batch
    found["flagged"] = strong | (found["hurried"] & second)
    return found


def signs(form: Any, own: pd.DataFrame, states: pd.DataFrame, seed: int) -> pd.DataFrame:
    """The nine signs of the respondents of one questionnaire."""
    items = [
        item
        for item in form["items"]
        if item.get("role", "scored") == "scored"
        and item["kind"] == "single"
        and item["id"] in own
        and own[item["id"]].notna().any()
    ]
    places, scores = [], []
    for item in items:
        order = {str(o["code"]): float(at) for at, o in enumerate(item["options"])}
        ticked = own[item["id"]].map(order).astype(float)
        places.append(ticked.fillna(states[item["id"]].map(UNSCORED).astype(float)).to_numpy())
        scores.append(residents.item_scores(own[item["id"]], item))
    place, score = np.column_stack(places), np.column_stack(scores)
    subjects = own["subject"].to_numpy(dtype=str)
    n = len(own)

    filled = (~np.isnan(place)).sum(axis=1)
    longest = np.array([longest_run(line) for line in place])
    values = [row[~np.isnan(row)] for row in score]
    uniform = np.array([len(v) > 1 and np.ptp(v) == 0 for v in values])
    p = improbability(score)
    odd = np.array([np.sum(p < one) + 1 <= 0.05 * n if np.isfinite(one) else False for one in p])

    common = np.array(
        [np.unique(v, return_counts=True)[1].max() / len(v) if len(v) else 1.0 for v in values]
    )
    varied = common <= 0.8
    content = pd.Series([tuple(line) for line in np.where(np.isnan(place), -99.0, place)])
    copies = content.map(content.value_counts()).to_numpy()
    few = filled < 6
    chance = np.full(n, np.inf)
    chance[varied] = chance_of(content[varied].tolist())
    near = np.zeros(n, dtype=bool)
    if varied.any():
        near[varied] = near_copies(score[varied], subjects[varied], seed) <= 0.02

    seconds = own["seconds"].to_numpy(dtype=float)
    names = [item["id"] for item in form["items"]]
    asked = int((states[[i for i in names if i in states]] != "not_asked").any(axis=0).sum())
    hurried = (
        seconds < 0.5 * np.nanmedian(seconds) if np.isfinite(seconds).any() else np.zeros(n, bool)
    )

    times = pd.to_datetime(own["submitted"], errors="coerce", format="mixed")
    times = times.mask(times == times.dt.normalize())  # a day is no time of day
    minute = np.zeros(n, dtype=int)
    for subject in set(subjects):
        here = np.flatnonzero((subjects == subject) & times.notna().to_numpy())
        t = times.iloc[here].to_numpy().astype("datetime64[ns]").astype("int64") / 1e9
        minute[here] = (np.abs(t[:, None] - t[None, :]) <= 30).sum(axis=1)
    address = own["device"].fillna("").astype(str)
    together = (address + "\n" + own["subject"].astype(str)).where(address != "")
    device = together.map(together.value_counts()).fillna(0).to_numpy()
    return pd.DataFrame(
        {
            "straight_line": (longest >= 0.9 * filled) & ~few,
            "uniform": uniform & ~few,
            "odd": odd & ~few,
            "duplicate": (copies > 1) & varied & (chance <= 0.001),
            "near_duplicate": near,
            "too_fast": seconds / asked < 2,
            "hurried": hurried,
            "burst": minute >= 3,
            "shared_device": device >= 3,
        },
        index=own.index,
    )


def chance_of(contents: list[tuple[float, ...]]) -> list[float]:
    """Equals that each content would have if every question were answered for itself."""
    different = sorted(set(contents))
    shares = [
        {v: count / len(different) for v, count in Counter(column).items()}
        for column in zip(*different, strict=True)
    ]
    return [
        (len(contents) - 1)
        * float(np.prod([shares[at][v] for at, v in enumerate(one) if v != -99.0]))
        for one in contents
    ]


def longest_run(line: np.ndarray) -> int:
    longest = run = 0
    before = np.nan
    for value in line:
        run = 0 if np.isnan(value) else run + 1 if value == before else 1
        longest, before = max(longest, run), value
    return longest


def improbability(score: np.ndarray) -> np.ndarray:
    """Chi-squared tail (n,) of the squared Mahalanobis distance over the items answered."""
    frame = pd.DataFrame(score)
    frame = frame.loc[:, frame.max() > frame.min()]
    answered = frame.notna().to_numpy()
    together = answered.T.astype(int) @ answered.astype(int)
    if frame.shape[1] == 0 or together.min() < 3:
        return np.full(len(score), np.nan)
    covariance = frame.cov().to_numpy()
    sd = np.sqrt(np.diag(covariance))
    values, vectors = np.linalg.eigh(covariance / np.outer(sd, sd))
    if values[0] < 1e-6 * values[-1]:
        raised = vectors @ np.diag(np.maximum(values, 1e-6 * values[-1])) @ vectors.T
        covariance = raised * np.outer(sd, sd)
    away = (frame - frame.mean()).to_numpy()
    d2 = np.full(len(score), np.nan)
    for r, row in enumerate(away):
        there = answered[r]
        if there.any():
            d2[r] = row[there] @ np.linalg.solve(covariance[np.ix_(there, there)], row[there])
    return stats.chi2.sf(d2, answered.sum(axis=1))


def near_copies(score: np.ndarray, subjects: np.ndarray, seed: int) -> np.ndarray:
    """How often the closest pair of a shuffled committee is as alike as a row and its best match.

    Items are shuffled among the lower and among the upper half of a committee's respondents by the
    mean of their answers; 100 times, PCG64 of the seed, committees in order.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    answered = ~np.isnan(score)
    code = np.unique(score, return_inverse=True, equal_nan=True)[1].reshape(score.shape)
    level = np.where(answered, score, 0.0).sum(axis=1) / np.maximum(answered.sum(axis=1), 1)
    p = np.full(len(score), np.nan)
    for subject in sorted(set(subjects)):
        rows = np.flatnonzero(subjects == subject)
        if len(rows) < 2:
            continue
        rows = rows[np.argsort(level[rows], kind="stable")]
        half = (len(rows) + 1) // 2
        observed = best_match(code[rows])
        highest = np.array(
            [
                best_match(
                    np.concatenate(
                        [rng.permuted(code[part], axis=0) for part in (rows[:half], rows[half:])]
                    )
                ).max()
                for _ in range(100)
            ]
        )
        p[rows] = [(1 + (highest >= one).sum()) / 101 for one in observed]
    return p


def best_match(code: np.ndarray) -> np.ndarray:
    """Items (n,) that a row shares with the most similar other row."""
    marks = (code[:, :, None] == np.arange(code.max() + 1)).reshape(len(code), -1)
    alike = marks.astype(np.float32) @ marks.T.astype(np.float32)  # whole numbers, far below 2^24
    np.fill_diagonal(alike, -1)
    return alike.max(axis=1)


def excess(flagged: np.ndarray, subjects: np.ndarray, copied: np.ndarray) -> pd.DataFrame:
    """Committees' rates against the street's: beta-binomial tails, Holm over committees.

    Copies come in twos, which doubles the binomial variance of their counts.
    """
    names, code = np.unique(subjects.astype(str), return_inverse=True)
    n = np.bincount(code)
    hits = np.bincount(code, flagged).astype(int)
    street = flagged.mean()
    p = np.ones(len(n))
    if 0 < street < 1:
        pairs = np.where(copied[flagged], 2.0, 1.0).mean()
        inside = np.minimum((pairs - 1) / np.maximum(n - 1, 1), 0.99)
        inside = inside + spread_of_rates(hits, n, street, inside) / (street * (1 - street))
        inside = np.minimum(inside, 0.99)
        for j in range(len(n)):
            if inside[j] > 1e-6:
                size = 1 / inside[j] - 1
                p[j] = stats.betabinom.sf(hits[j] - 1, n[j], street * size, (1 - street) * size)
            else:
                p[j] = stats.binom.sf(hits[j] - 1, n[j], street)
    stands_out = (trust.holm(p) < 0.05) & (hits >= 3) & (hits / n > street)
    return pd.DataFrame(
        {"subject": names, "n": n, "flagged": hits, "rate": hits / n, "street_rate": street,
         "p": p, "excess": stands_out}
    )  # fmt: skip


def spread_of_rates(hits: np.ndarray, n: np.ndarray, street: float, inside: np.ndarray) -> float:
    """Moment estimate of the variance of true rates, winsorised; 2,000 simulated streets, seed 0,
    say what the mean square would be without any."""
    if len(n) < 3:
        return 0.0
    rng = np.random.Generator(np.random.PCG64(0))
    size = 1 / np.maximum(inside, 1e-6) - 1
    rates = rng.beta(street * size, (1 - street) * size, (2_000, len(n)))
    rates = np.where(inside > 1e-6, rates, street)
    variance = street * (1 - street) / n * (1 + (n - 1) * inside)

    def square(counts: np.ndarray) -> float:
        z = (counts / n - counts.sum() / n.sum()) / np.sqrt(variance)
        return float((np.clip(z, *np.quantile(z, [0.1, 0.9])) ** 2).mean())

    usual = np.mean([square(counts) for counts in rng.binomial(n, rates)])
    if usual <= 0:
        return 0.0
    w = 1 / variance
    k, phi = len(n), square(hits) / usual
    return max(0.0, (k * phi - (k - 1)) / (w.sum() - (w**2).sum() / w.sum()))


def without(rows: Any, found: pd.DataFrame) -> Any:
    """The same rows less the flagged ones."""
    gone = found.index[found["flagged"]]
    kept = ~rows.kept.index.isin(gone)
    return dataclasses.replace(rows, kept=rows.kept[kept], states=rows.states[kept])
