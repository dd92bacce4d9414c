"""What may be said across streets: of residents' scores that streets have published, and of no others.

Departments, partners and peers differ from street to street, and with them how severe they are:
composites of two streets are not compared. Residents answer the same questions everywhere, and
nobody answers in two streets, so their scores are independent between committees. Every number here
is worked out from numbers that the streets publish (frame ``indicators``): what a street keeps back
of a committee is in none of them, and cannot be had by subtraction.

There is no place of a committee among all of a city's: of some thousands hardly any two could be
told apart. A committee is set against others of its like.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.codes import Band, Comparison, StreetState
from evalkit.definitions.scheme import Scheme
from evalkit.findings.peer_groups import FEWEST
from evalkit.findings.rolling_up import MANY
from evalkit.findings.standing import FAR
from evalkit.methods import rank_sets, shrinkage, tails
from evalkit.methods.multiplicity import benjamini_hochberg, holm
from evalkit.tables import Floats, city_frame

BETWEEN = " | "
"""Stands between the values that make a committee's like, where they are several."""


@dataclass(frozen=True, slots=True)
class Findings:
    """Everything that is told of a city.

    Attributes
    ----------
    streets, peers, groups : DataFrame
        Frames ``city_streets``, ``city_peers`` and ``city_groups``.
    scores : DataFrame
        See `residents`.
    """

    streets: pd.DataFrame
    peers: pd.DataFrame
    groups: pd.DataFrame
    scores: pd.DataFrame


def find(
    streets: pd.DataFrame,
    committees: pd.DataFrame,
    indicators: pd.DataFrame,
    freedom: pd.DataFrame,
    scheme: Scheme,
    like: Sequence[str],
    *,
    wave: str,
    draws: int,
    seed: int,
) -> Findings:
    """Work out everything that is told of a city.

    Parameters
    ----------
    streets : DataFrame
        street, name, district, state, committees; a row for every street, in the city's order.
    committees : DataFrame
        street, subject, name, kind, housing; every committee of streets that have results.
    indicators : DataFrame
        street, subject, level, rater_group, estimate, se: what streets publish of composites.
    freedom : DataFrame
        street, subject, rater_group, df.
    like : sequence of str
        Columns of `committees` in which a committee's like agree with it.
    draws, seed : int
        Of the simulated errors behind the sets of ranks.
    """
    scores = residents(committees, indicators, freedom, scheme, like)
    return Findings(
        street_table(streets, scores, scheme, wave=wave, draws=draws, seed=seed),
        against_peers(scores, scheme, wave=wave),
        groups(streets, scores, scheme, wave=wave),
        scores,
    )


def residents(
    committees: pd.DataFrame,
    indicators: pd.DataFrame,
    freedom: pd.DataFrame,
    scheme: Scheme,
    like: Sequence[str],
) -> pd.DataFrame:
    """Return the residents' score of every committee of which all groups of residents are published.

    Returns
    -------
    DataFrame
        street, subject, name, peers, score, variance, df. The score is the mean of the published
        composites of the residents' groups by their weights in the scheme; their errors are
        independent, and the degrees of freedom are Satterthwaite's.
    """
    place = [group.code for group in scheme.groups]
    codes = [group.code for group in scheme.residents]
    weights = scheme.weights().sum(axis=1)[[place.index(code) for code in codes]]
    codes = [code for code, weight in zip(codes, weights, strict=True) if weight > 0]
    weights = weights[weights > 0] / weights[weights > 0].sum()
    keys = ["street", "subject"]
    rows = indicators[(indicators["level"] == "composite") & indicators["rater_group"].isin(codes)]
    told = rows.merge(freedom[[*keys, "rater_group", "df"]], on=[*keys, "rater_group"])
    table = committees[[*keys, "name"]].assign(peers=_like(committees, like))
    score, variance, spread = (np.zeros(len(table)) for _ in range(3))
    for code, weight in zip(codes, weights, strict=True):
        own = table[keys].merge(told[told["rater_group"] == code], on=keys, how="left")
        error = weight**2 * own["se"].to_numpy(dtype=np.float64) ** 2
        score += weight * own["estimate"].to_numpy(dtype=np.float64)
        variance += error
        spread += error**2 / np.clip(own["df"].to_numpy(dtype=np.float64), 1.0, MANY)
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(spread > 0, variance**2 / spread, MANY)
    table = table.assign(score=score, variance=variance, df=df)
    known = np.isfinite(table["score"]) & np.isfinite(table["variance"])
    kept: pd.DataFrame = table[known].reset_index(drop=True)
    return kept


def _like(committees: pd.DataFrame, like: Sequence[str]) -> list[str]:
    """Return what makes every committee's like; empty where one of the values is unknown."""
    return [
        BETWEEN.join(map(str, row)) if all(isinstance(v, str) and v for v in row) else ""
        for row in committees[list(like)].itertuples(index=False)
    ]


# --- streets --------------------------------------------------------------------------------


def street_table(
    streets: pd.DataFrame, scores: pd.DataFrame, scheme: Scheme, *, wave: str, draws: int, seed: int
) -> pd.DataFrame:
    """Set the streets beside one another: the mean of each one's committees by residents' score.

    A street's error is that of the answers about its own committees: it has no others. Marginal
    sets of ranks are those of `methods.rank_sets`; each street's difference from the mean of the
    others is tested, and adjusted over the streets (Holm).

    Returns
    -------
    DataFrame
        Frame ``city_streets``: every street of the list, also those that have no results.
    """
    means = _means(scores, "street").reindex(streets["street"])
    counted = means["n"].notna().to_numpy() & (means["variance"].to_numpy() > 0)
    shown = means[counted]
    x, v, df = (shown[name].to_numpy(dtype=np.float64) for name in ("mean", "variance", "df"))
    ends = _reach(v, df, scheme.confidence)
    places = _places(x, v, df, scheme.confidence, draws, seed)
    difference, error, p = _against_others(x, v, df)
    adjusted = holm(p)
    rate = 1.0 - scheme.confidence
    verdicts = [
        Comparison.UNTESTED if np.isnan(q) else Comparison.of(q, d, rate)
        for q, d in zip(adjusted, difference, strict=True)
    ]
    told = {
        "mean": x,
        "se": np.sqrt(v),
        "low": np.maximum(x - ends, 0.0),
        "high": np.minimum(x + ends, 100.0),
        "rank": places[0],
        "rank_low": places[1],
        "rank_high": places[2],
        "difference": difference,
        "difference_se": error,
        "p_adjusted": adjusted,
    }
    columns: dict[str, object] = {name: _spread(value, counted) for name, value in told.items()}
    for name in ("rank", "rank_low", "rank_high"):
        columns[name] = pd.Series(columns[name]).astype("Int64").array
    known = streets["committees"].astype("Int64").to_numpy()
    all_verdicts = np.full(len(streets), Comparison.UNTESTED.value, dtype=object)
    all_verdicts[counted] = [verdict.value for verdict in verdicts]
    return city_frame(
        "city_streets",
        {
            "wave": [wave] * len(streets),
            **{name: streets[name].tolist() for name in ("street", "name", "district", "state")},
            "committees": pd.array(known, dtype="Int64"),
            "n": means["n"].fillna(0).astype(np.int64).to_numpy(),
            **columns,
            "verdict": all_verdicts,
        },
    )


def _means(scores: pd.DataFrame, by: str) -> pd.DataFrame:
    """Return n, mean, variance and df of groups of committees, each committee counting once."""
    work = pd.DataFrame(
        {
            by: scores[by],
            "x": scores["score"],
            "v": scores["variance"],
            "spread": scores["variance"] ** 2 / scores["df"],
        }
    )
    sums = work.groupby(by, sort=False).agg(
        n=("x", "size"), x=("x", "sum"), v=("v", "sum"), spread=("spread", "sum")
    )
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(sums["spread"] > 0, sums["v"] ** 2 / sums["spread"], MANY)
    return pd.DataFrame(
        {"n": sums["n"], "mean": sums["x"] / sums["n"], "variance": sums["v"] / sums["n"] ** 2},
    ).assign(df=df)


def _reach(variance: Floats, df: Floats, confidence: float) -> Floats:
    quantile = tails.t_quantile(0.5 + confidence / 2.0, np.minimum(df, MANY))
    return np.asarray(np.sqrt(variance) * quantile)


def _places(
    x: Floats, v: Floats, df: Floats, confidence: float, draws: int, seed: int
) -> tuple[Floats, Floats, Floats]:
    """Return ranks and the ends of their marginal sets; nothing of a single street."""
    if len(x) < 2:
        nothing = np.full(len(x), np.nan)
        return nothing, nothing, nothing
    spread = v**2 / df
    with np.errstate(divide="ignore", invalid="ignore"):
        pairs = (v[:, None] + v) ** 2 / (spread[:, None] + spread)
    found = rank_sets.rank_sets(
        x, v, confidence=confidence, draws=draws, seed=seed, df=np.minimum(pairs, MANY)
    )
    return found.rank.astype(float), found.low.astype(float), found.high.astype(float)


def _against_others(x: Floats, v: Floats, df: Floats) -> tuple[Floats, Floats, Floats]:
    """Return each value less the mean of the others, its standard error and its p-value."""
    k = len(x)
    if k < 2:
        nothing = np.full(k, np.nan)
        return nothing, nothing, nothing
    others = k - 1
    difference = x - (x.sum() - x) / others
    variance = v + (v.sum() - v) / others**2
    spread = v**2 / df
    total = spread + (spread.sum() - spread) / others**4
    with np.errstate(divide="ignore", invalid="ignore"):
        freedom = np.where(total > 0, variance**2 / total, MANY)
        p = 2.0 * tails.t_above(np.abs(difference) / np.sqrt(variance), np.minimum(freedom, MANY))
    return difference, np.sqrt(variance), np.where(variance > 0, p, np.nan)


def _spread(values: Floats, where: np.ndarray) -> Floats:
    """Put values into their places among all; nothing elsewhere."""
    found = np.full(len(where), np.nan)
    found[where] = values
    return found


# --- committees among their like ------------------------------------------------------------


def against_peers(scores: pd.DataFrame, scheme: Scheme, *, wave: str) -> pd.DataFrame:
    """Set every committee against the others of its like in the whole city.

    Tested where there are `FEWEST` others and their errors are known. The tests of all committees
    are adjusted together, so that of those said to differ no more than the scheme's rate is
    expected to be wrong. Bands are those of a street's table: the verdict, and whether it is sure
    beyond `standing.FAR`. Scores drawn towards their like are Fay and Herriot's.

    Returns
    -------
    DataFrame
        Frame ``city_peers``, in the order of `scores`.
    """
    k = len(scores)
    n = np.zeros(k, dtype=np.int64)
    found: Mapping[str, Floats] = {
        name: np.full(k, np.nan)
        for name in ("mean", "difference", "difference_se", "p", "shrunken", "shrunken_se")
    }
    x, v, df = (scores[name].to_numpy(dtype=np.float64) for name in ("score", "variance", "df"))
    for peers in dict.fromkeys(scores["peers"]):
        at = np.flatnonzero(scores["peers"].to_numpy() == peers)
        if not peers or len(at) - 1 < FEWEST:
            n[at] = len(at) - 1 if peers else 0
            continue
        n[at] = len(at) - 1
        difference, error, p = _against_others(x[at], v[at], df[at])
        found["mean"][at] = x[at] - difference
        found["difference"][at], found["difference_se"][at], found["p"][at] = difference, error, p
        sure = at[v[at] > 0]
        if len(sure) > FEWEST:
            drawn = shrinkage.shrink(x[sure], v[sure])
            found["shrunken"][sure], found["shrunken_se"][sure] = drawn.estimate, np.sqrt(drawn.mse)
    adjusted = benjamini_hochberg(found["p"])
    judged = [_judged(q, d, scheme) for q, d in zip(adjusted, found["difference"], strict=True)]
    return city_frame(
        "city_peers",
        {
            "wave": [wave] * k,
            **{name: scores[name].tolist() for name in ("street", "subject", "name", "peers")},
            "n": n,
            "score": x,
            "se": np.sqrt(v),
            **{name: values for name, values in found.items() if name != "p"},
            "p_adjusted": adjusted,
            "verdict": [verdict.value for verdict, _ in judged],
            "band": [None if band is None else band.value for _, band in judged],
        },
    )


def _judged(p: float, difference: float, scheme: Scheme) -> tuple[Comparison, Band | None]:
    if np.isnan(p):
        return Comparison.UNTESTED, None
    verdict = Comparison.of(p, difference, scheme.false_discovery_rate)
    if verdict is Comparison.LEVEL:
        return verdict, Band.LEVEL
    return verdict, Band.of((2 if p < FAR else 1) * (1 if difference > 0 else -1))


# --- groups ---------------------------------------------------------------------------------


def groups(
    streets: pd.DataFrame, scores: pd.DataFrame, scheme: Scheme, *, wave: str
) -> pd.DataFrame:
    """Average residents' scores by what makes committees alike, and by district.

    A group is told of if it has `FEWEST` committees. No two classifications are crossed.

    Returns
    -------
    DataFrame
        Frame ``city_groups``.
    """
    district = dict(zip(streets["street"], streets["district"], strict=True))
    classified = {
        "peers": scores["peers"],
        "district": scores["street"].map(lambda street: district.get(street) or ""),
    }
    rows: list[dict[str, object]] = []
    for by, values in classified.items():
        named = scores.assign(value=values)[values.to_numpy() != ""]
        means = _means(named, "value")
        homes = named.groupby("value", sort=False)["street"].nunique()
        for value, one in means[means["n"] >= FEWEST].iterrows():
            reach = float(_reach(np.array(one["variance"]), np.array(one["df"]), scheme.confidence))
            row = {"wave": wave, "by": by, "value": value, "streets": int(homes[value])}
            row |= {"n": int(one["n"]), "mean": one["mean"], "se": float(np.sqrt(one["variance"]))}
            row |= {"low": max(one["mean"] - reach, 0.0), "high": min(one["mean"] + reach, 100.0)}
            rows.append(row)
    names = ("wave", "by", "value", "streets", "n", "mean", "se", "low", "high")
    return city_frame("city_groups", pd.DataFrame(rows, columns=list(names)))


def missing(streets: pd.DataFrame) -> pd.DataFrame:
    """Return the streets of ``city_streets`` that are in no number of the city."""
    return streets[(streets["state"] != StreetState.DONE.value) | streets["mean"].isna()]
