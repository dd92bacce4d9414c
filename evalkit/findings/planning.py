"""From this wave's variance components to next wave's sampling plan."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from evalkit.findings.combining import weights_of_group
from evalkit.findings.steadying import steadied
from evalkit.methods import planning
from evalkit.methods.detection import detectable_change, power_of_changes
from evalkit.methods.shrinkage import common_variance
from evalkit.tables import ALL_GROUPS, FRAMES, Cells, Floats, Ranking, Scores, check, no_rows

RELIABILITIES = (0.7, 0.8, 0.9)
HALF_WIDTH = 2.0
POWER, CHANGE = 0.8, 5.0
"""How surely a change is to be found, and the change, in points, whose chance is told."""
_MANY = 1e6
EXTRA = 500


def plan(
    cells: Cells,
    scores: Scores,
    ranking: Ranking,
    scheme: Scheme,
    issued: Mapping[str, int],
) -> pd.DataFrame:
    """Tell how many residents' questionnaires the next wave needs, and what this one's deliver.

    Totals and means are of all committees: one that no number of residents' questionnaires brings
    to a target, because the other groups alone vary too much, stays at this wave's number.

    Only the groups of residents who are asked are planned; the others, ledgers among them, stay as
    they are, and what they leave uncertain sets the limit that no number of residents' questionnaires can pass. A questionnaire
    tells as much as one of this wave does, with what this wave's weights cost it.

    Parameters
    ----------
    issued : dict of rater group to questionnaires handed out
        Gives the return rate; groups without it have no number to issue.

    Returns
    -------
    DataFrame
        Frame ``plan``; empty with fewer than two complete committees, no resident group, or where
        nothing tells how residents' answers scatter. A target that no committee can reach has no
        rows.
    """
    residents = scheme.residents
    if len(scores.subjects) < 2 or not residents or not scores.errors_known:
        return no_rows("plan")
    at = np.array([cells.subjects.index(subject) for subject in scores.subjects])
    shares, variances = _group_variances(cells, scores, at)
    codes = list(cells.groups)
    chosen = [codes.index(group.code) for group in residents]
    present = np.stack([cells.groups[codes[g]].n[at] for g in chosen], axis=1).astype(np.float64)
    within = np.sqrt(variances[chosen].T * present)
    if not (within > 0).any():
        return no_rows("plan")
    within = _usual_where_zero(within)
    components = planning.Components(
        within_sd=within,
        group_weights=shares[chosen],
        between_variance=ranking.tau**2,
        fixed_variance=_fixed(shares, variances, chosen),
        confidence=scheme.confidence,
        common_variance=common_variance(scores.covariance),
    )
    least = max(group.minimum_n for group in residents)
    rates = _return_rates(cells, [group.code for group in residents], issued)
    names = [group.code for group in residents]
    now = _Present(names, rates, present, components, _Change.of(scores, scheme))
    rows = [*_rows("present", planning.deliver(present, components), now)]
    for target in RELIABILITIES:
        if ranking.tau > 0:
            found = planning.needed(components, reliability=target, least=least)
            rows += _rows(f"reliability {target:g}", found, now)
    found = planning.needed(components, half_width=HALF_WIDTH, least=least)
    rows += _rows(f"half-width {HALF_WIDTH:g}", found, now)
    bought = planning.extra(present, components, EXTRA)
    rows += _rows(f"extra {EXTRA}", bought.after, now)
    table = pd.DataFrame(rows, columns=[column.name for column in FRAMES["plan"]])
    for column in ("n_total", "issued_total"):
        table[column] = table[column].astype("Int64")
    return check(table, "plan")


def notes(table: pd.DataFrame, scores: Scores) -> tuple[Note, ...]:
    """Return what a reader must know about the plan."""
    found = []
    if not len(table):
        found.append(Note(NoteCode.NO_PLAN, scores.wave))
    beyond = _beyond(table) if len(table) else 0
    if beyond:
        found.append(Note(NoteCode.UNREACHABLE_TARGET, scores.wave, beyond))
    return tuple(found)


def _beyond(table: pd.DataFrame) -> int:
    """Count the targets that some committee cannot reach, and those that none can (no rows)."""
    partly = table.loc[~table["reachable"].astype(bool), "target"].nunique()
    targets = {f"half-width {HALF_WIDTH:g}"}
    if (table["reliability"] > 0).any():
        targets |= {f"reliability {target:g}" for target in RELIABILITIES}
    return int(partly) + len(targets - set(table["target"]))


def _usual_where_zero(within: Floats) -> Floats:
    """Let identical answers (K, G) vary as the group's other committees do, else as any group."""
    filled = within.copy()
    for own in filled.T:
        varying = own[own > 0] if (own > 0).any() else within[within > 0]
        own[own <= 0] = np.median(varying)
    return filled


def _group_variances(cells: Cells, scores: Scores, at: np.ndarray) -> tuple[Floats, Floats]:
    """Each group's share of the composite (G,) and the variance of its own composite (G, K)."""
    shares = scores.cell_weights[0].sum(axis=1)
    variances = np.zeros((len(cells.groups), len(at)))
    for g, code in enumerate(cells.groups):
        weights = weights_of_group(scores, cells, code)
        used = np.flatnonzero((weights > 0).any(axis=0))
        if len(used):
            rows = weights[:, used] / shares[g]
            variances[g] = steadied(cells.groups[code], used, rows).variance[at]
    return shares, variances


def _fixed(shares: Floats, variances: Floats, chosen: list[int]) -> Floats:
    others = [g for g in range(len(shares)) if g not in chosen]
    return np.asarray((shares[others, None] ** 2 * variances[others]).sum(axis=0))


def _return_rates(cells: Cells, codes: list[str], issued: Mapping[str, int]) -> list[float]:
    return [
        float(cells.groups[code].n.sum()) / issued[code] if issued.get(code) else np.nan
        for code in codes
    ]


@dataclass(frozen=True, slots=True)
class _Change:
    """What the next wave's verdicts on changes rest on, and what they would find.

    Attributes
    ----------
    variance, df : ndarray of shape (K,)
        Of this wave's composites less the street's mean.
    common : float
        What all composites' errors have in common.
    """

    variance: Floats
    df: Floats
    common: float
    confidence: float

    @classmethod
    def of(cls, scores: Scores, scheme: Scheme) -> _Change:
        full = scores.covariance
        plain = np.diag(full) - 2.0 * full.mean(axis=1) + full.mean()
        common = common_variance(full)
        return cls(np.asarray(plain), scores.df[0], common, scheme.confidence)

    def found(self, later: Floats) -> tuple[float, float]:
        """Return what is found next time where the composites then have these variances (K,).

        The change that a verdict finds with probability `POWER`, and the probability that one of
        `CHANGE` points is found; means over the committees. One committee moves and all are tested.
        """
        k = len(later)
        own = np.maximum(later - self.common, 0.0)
        after = own * (1.0 - 2.0 / k) + own.mean() / k
        variance = self.variance + after
        if not (variance > 0).all():
            return np.nan, np.nan
        se = np.sqrt(variance)
        freedom = np.minimum(self.df, _MANY)
        df = variance**2 / (self.variance**2 / freedom + after**2 / freedom)
        level = 1.0 - (1.0 - self.confidence) / k
        own_part = 1.0 - 1.0 / k
        least = [
            detectable_change(float(s), se_next=0.0, df=float(d), confidence=level, power=POWER)
            for s, d in zip(se, df, strict=True)
        ]
        power = power_of_changes(CHANGE * own_part, se, df=df, family=k, confidence=self.confidence)
        return float(np.mean(least)) / own_part, float(power.mean())


@dataclass(frozen=True, slots=True)
class _Present:
    """What the wave has: resident groups, return rates, questionnaires (K, G), components, errors."""

    groups: list[str]
    rates: list[float]
    n: Floats
    components: planning.Components
    change: _Change


def _rows(target: str, found: planning.Delivered, now: _Present) -> list[tuple[object, ...]]:
    possible = np.isfinite(found.n).min(axis=1)
    if not possible.any():
        return []
    n = np.where(possible[:, None], found.n, now.n)
    delivered = planning.deliver(n, now.components)
    reliability = float(delivered.reliability.mean())
    half_width = float(delivered.half_width.mean())
    reachable = bool(possible.all())
    shows = now.change.found(delivered.variance)
    rows: list[tuple[object, ...]] = []
    issued_sum: float = 0.0
    for g, group in enumerate(now.groups):
        total = round(float(n[:, g].sum()))
        issue = int(np.ceil(total / now.rates[g])) if now.rates[g] > 0 else None
        issued_sum = issued_sum + issue if issue is not None else np.nan
        per = float(n[:, g].mean())
        rows.append((target, group, per, total, issue, reliability, half_width, reachable, *shows))
    issue = int(issued_sum) if np.isfinite(issued_sum) else None
    per, total = float(n.sum(axis=1).mean()), round(float(n.sum()))
    whole = (per, total, issue, reliability, half_width, reachable, *shows)
    rows.append((target, ALL_GROUPS, *whole))
    return rows
