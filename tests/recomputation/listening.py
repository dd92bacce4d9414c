"""Needs and themes of the residents, counted by committee, as far as they may be published.

Needs: the weighted share of those who answered the question. Committees are strata: the street's
share is the sum of their shares by weight. Standard errors are linearised, over buildings where the
rows tell any, intervals are made on the logit scale, with t of c - 1 where there are
buildings. A committee's difference from the street, which it is a part of, is tested as an
effective binomial (Korn & Graubard 1998): under the common share p the difference has variance
p (1 - p) f, f = (1 - 2 W)/n + sum_j W_j^2/n_j, W the committee's part; the difference from the
others is worth (1 - W)^2/f answers. All committees and options are corrected together
(Benjamini & Hochberg).

What is left out: answers of a group that is too small in its committee; committees of fewer than
ten answers, unless they have ten together; counts below ten, on either side for needs; and where
what is left out would be fewer than ten, the smallest published count as well.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np
import opencc
import pandas as pd
from scipy import stats

from tests.recomputation.documents import Plain, Street
from tests.recomputation.exports import same
from tests.recomputation.rows import Rows

Array = np.ndarray
NOTHING = ("无", "没", "没有", "暂无", "都好", "同上", "不知道", "不清楚", "没意见")
NEEDS = (
    "wave", "subject", "item", "option", "name", "n", "of", "share", "se", "low", "high",
    "street", "p_adjusted", "verdict",
)  # fmt: skip
THEMES = ("wave", "subject", "item", "code", "name", "n", "of", "share")

_SIMPLER = opencc.OpenCC("t2s")


def minimum(street: Street) -> int:
    return int((street.themes or {}).get("minimum_n", 10))


def residents(street: Street, rows: Rows) -> pd.DataFrame:
    """Rows of residents whose group has enough answers in their committee."""
    least = {
        g["code"]: max(g["minimum_n"], minimum(street)) for g in street.groups() if g["residents"]
    }
    kept = rows.kept[rows.kept["group"].isin(list(least))]
    size = kept.groupby(["subject", "group"])["row"].transform("size")
    return kept[size >= kept["group"].map(least)]


def needs(street: Street, rows: Rows) -> pd.DataFrame:
    """Return the table of needs.csv."""
    kept, least = residents(street, rows), minimum(street)
    asked = [
        found
        for item in _items(street, kept, "need")
        if (found := _asked(street, rows.wave, kept, item, least)) is not None
    ]
    tested = np.concatenate([one.p.ravel() for one in asked]) if asked else np.array([])
    adjusted = tested.copy()
    known = ~np.isnan(tested)
    adjusted[known] = stats.false_discovery_control(tested[known]) if known.any() else []
    lines = []
    for one in asked:
        own, adjusted = adjusted[: one.p.size].reshape(one.p.shape), adjusted[one.p.size :]
        lines += _lines(street, rows.wave, one, own, least)
    return pd.DataFrame(lines, columns=list(NEEDS))


@dataclass(frozen=True)
class Asked:
    """One question of needs; arrays over the committees that count, and options."""

    item: Plain
    committees: list[str]
    n: Array
    of: Array
    share: Array
    variance: Array
    df: Array
    part: Array
    p: Array


def _items(street: Street, kept: pd.DataFrame, role: str) -> list[Plain]:
    """The questions of that role that somebody was asked; the same id is the same question."""
    found: dict[str, Plain] = {}
    for name in sorted(set(kept["questionnaire"])):
        for item in street.questionnaires[name]["items"]:
            if item["role"] == role and item["id"] in kept:
                found.setdefault(item["id"], item)
    return list(found.values())


def _asked(street: Street, wave: str, kept: pd.DataFrame, item: Plain, least: int) -> Asked | None:
    answered = kept[kept[item["id"]].notna()]
    committees = _counting(street.subjects(wave), answered["subject"], least)
    if not committees:
        return None
    codes = [option["code"] for option in item["options"]]
    shape = (len(committees), len(codes))
    n, share, variance = np.zeros(shape, dtype=int), np.zeros(shape), np.zeros(shape)
    of, mass, effective = (np.zeros(len(committees)) for _ in range(3))
    df, together, alone = np.full(shape, np.inf), 0.0, 0.0
    buildings = bool((kept["cluster"] != "").any())
    for k, committee in enumerate(committees):
        own = answered[answered["subject"] == committee]
        ticked = np.array([[c in cell.split(";") for c in codes] for cell in own[item["id"]]])
        w = own["weight"].to_numpy(dtype=float)
        n[k], of[k], mass[k] = ticked.sum(axis=0), len(own), w.sum()
        effective[k] = w.sum() ** 2 / (w**2).sum()
        share[k] = w @ ticked / w.sum()
        z = w[:, None] * (ticked - share[k]) / w.sum()
        if len(own) > 1:
            variance[k] = len(own) / (len(own) - 1) * (z**2).sum(axis=0)
        else:
            variance[k] = np.nan
        if buildings:
            apart, variance[k] = variance[k].copy(), np.nan
            names = [own["cluster"].iloc[r] or f"#{r}" for r in range(len(own))]
            sums = pd.DataFrame(z).groupby(names).sum().to_numpy()
            if len(sums) > 1:
                variance[k] = len(sums) / (len(sums) - 1) * (sums**2).sum(axis=0)
                df[k] = len(sums) - 1
                together, alone = together + variance[k].sum(), alone + apart.sum()
    if buildings and alone > 0:
        effective = np.maximum(effective / max(together / alone, 1.0), 1.0)
    part = mass / mass.sum()
    common = part @ share
    # One answer or building alone has no spread of its own: it has the binomial's about the street's
    # share. So have buildings that happen to say the same.
    lacking = np.isnan(variance) | ((variance < 1e-12) & (share > 0) & (share < 1))
    variance = np.where(lacking, common * (1 - common) / effective[:, None], variance)
    df = np.where(lacking, np.inf, df)
    p = np.full(shape, np.nan)
    for k in np.flatnonzero(of >= least):
        f = (1 - 2 * part[k]) / effective[k] + (part**2 / effective).sum()
        for o in np.flatnonzero((common > 0) & (common < 1)):
            p[k, o] = _tails(share[k, o], common[o], part[k], f)
    return Asked(item, committees, n, of.astype(int), share, variance, df, part, p)


def _tails(share: float, common: float, part: float, f: float) -> float:
    """Twice the smaller tail of the binomial, between whole numbers by the beta distribution.

    P(X >= x) for Binomial(t, p) is the beta distribution function with x and t - x + 1 at p.
    """
    if part > 1 - 1e-12:
        return np.nan
    trials = (1 - part) ** 2 / f
    x = np.clip(common + (share - common) / (1 - part), 0, 1) * trials
    at_least = stats.beta.cdf(common, x, trials - x + 1) if x > 0 else 1.0
    at_most = stats.beta.sf(common, x + 1, trials - x) if x < trials else 1.0
    return float(min(2 * min(at_least, at_most), 1.0))


def _lines(
    street: Street, wave: str, one: Asked, adjusted: Array, least: int
) -> list[tuple[object, ...]]:
    common, total = one.part @ one.share, int(one.of.sum())
    se = np.sqrt(one.variance)
    street_se = np.sqrt(one.part**2 @ one.variance)
    shown = [
        published(one.n[:, o], one.of - one.n[:, o], least, one.of) for o in range(one.n.shape[1])
    ]
    options = list(enumerate(one.item["options"]))
    confidence = street.scheme["confidence"]
    lines: list[tuple[object, ...]] = []
    for o, option in options:
        if shown[o][1]:
            ends = logit_interval(common[o], street_se[o], confidence, one.df[:, o].sum())
            count = (int(one.n[:, o].sum()), total, common[o], street_se[o])
            name = ("all", one.item["id"], option["code"], option["label"])
            lines.append((wave, *name, *count, *ends, common[o], np.nan, None))
    for k, committee in enumerate(one.committees):
        for o, option in options:
            if not shown[o][0][k]:
                continue
            ends = logit_interval(one.share[k, o], se[k, o], confidence, one.df[k, o])
            verdict = "无显著差异"
            if adjusted[k, o] < street.scheme["false_discovery_rate"]:
                verdict = "高于" if one.share[k, o] > common[o] else "低于"
            count = (int(one.n[k, o]), int(one.of[k]), one.share[k, o], se[k, o])
            name = (committee, one.item["id"], option["code"], option["label"])
            lines.append((wave, *name, *count, *ends, common[o], adjusted[k, o], verdict))
    return lines


def logit_interval(
    p: float, se: float, confidence: float, df: float = np.inf
) -> tuple[float, float]:
    """logit(p) -+ t se / (p (1 - p)), turned back."""
    middle = np.log(p / (1 - p))
    reach = stats.t.ppf((1 + confidence) / 2, df) * se / (p * (1 - p))
    return tuple(1 / (1 + np.exp(-(middle + side * reach))) for side in (-1, 1))  # type: ignore[return-value]


def _counting(committees: list[str], answered: pd.Series, least: int) -> list[str]:
    """Committees that count for the street: small ones only if they have the minimum together."""
    size = answered.value_counts()
    present = [c for c in committees if c in size.index]
    small = [c for c in present if size[c] < least]
    if sum(size[c] for c in small) >= least:
        return present
    return [c for c in present if c not in small]


def published(n: Array, rest: Array, least: int, of: Array) -> tuple[Array, bool]:
    """Which committees' counts may stand there, and whether the street's.

    What is left out must, together, reach the minimum on both sides: else it could be had by
    subtraction, and the smallest published count is given up, the first in the roster's order.
    Beside the largest committee that is left out there must be as many residents in the others.
    """
    stands = (n >= least) & (rest >= least)
    while stands.any() and not stands.all():
        largest = of[~stands].max()
        beside = of[~stands].sum() - largest
        sums = n[~stands].sum() >= least and rest[~stands].sum() >= least
        if sums and (largest < least or beside >= least):
            break
        size = np.where(stands, np.minimum(n, rest), np.inf)
        stands[int(np.argmin(size))] = False
    return stands, bool(n.sum() >= least and rest.sum() >= least)


def themes(street: Street, rows: Rows) -> pd.DataFrame:
    """Return the table of themes.csv."""
    kept, least = residents(street, rows), minimum(street)
    lines: list[tuple[object, ...]] = []
    for item in _items(street, kept, "open") if street.themes else []:
        lines += _spoken(street, rows.wave, kept, item, least)
    return pd.DataFrame(
        [(rows.wave, *line, line[4] / line[5]) for line in lines], columns=list(THEMES)
    )


def _spoken(street: Street, wave: str, kept: pd.DataFrame, item: Plain, least: int) -> list[tuple]:
    assert street.themes is not None
    texts = kept[item["id"]].dropna().map(simplified)
    texts = texts[[says_something(text) for text in texts]]
    subject = kept["subject"].loc[texts.index]
    committees = _counting(street.subjects(wave), subject, least)
    of = np.array([(subject == c).sum() for c in committees], dtype=int)
    if of.sum() < least:
        return []
    total = int(of.sum())
    columns = []
    for theme in street.themes["themes"]:
        words = [simplified(word) for word in theme["words"]]
        speaks = texts.map(lambda text, words=words: any(word in text for word in words))
        n = np.array([speaks[subject == c].sum() for c in committees], dtype=int)
        # Who wrote of something else is not told, so that only the counts themselves count.
        columns.append((theme, n, *published(n, np.full(len(n), least), least, of)))
    lines: list[tuple] = [("all", item["id"], "*", "写了内容的居民", total, total)]
    for theme, n, _, everywhere in columns:
        if everywhere:
            lines.append(("all", item["id"], theme["code"], theme["name"], int(n.sum()), total))
    for k, committee in enumerate(committees):
        own = int(of[k])
        if own < least:
            continue
        lines.append((committee, item["id"], "*", "写了内容的居民", own, own))
        for theme, n, stands, _ in columns:
            if stands[k]:
                lines.append((committee, item["id"], theme["code"], theme["name"], int(n[k]), own))
    return lines


def simplified(text: object) -> str:
    return same(_SIMPLER.convert(str(text)))


def says_something(text: str) -> bool:
    """Whether there is a word that is not a way of leaving the field empty."""
    word = re.sub(r"[\W_]", "", text)
    return word != "" and word not in NOTHING
