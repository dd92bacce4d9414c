"""What is needed, of which kind, and what there is for it: frame ``demand``.

Needs are counted by committee and kind. Whoever collects more has more of them: shares of kinds say
what presses, and not how much.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.proposing import KIND, NEEDS, RESOURCES
from evalkit.codes import Comparison
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.units import Units
from evalkit.intake.ledger_links import standing
from evalkit.methods.multiplicity import benjamini_hochberg
from evalkit.methods.proportions import shares_differ, wilson_interval
from evalkit.methods.small_counts import cross_counts
from evalkit.tables import ALL_GROUPS, frame, no_rows
from evalkit.tables.records import Records

PROJECTS = "projects"

Counts = NDArray[np.int64]


def demand(found: Mapping[str, Records], decided: Decided) -> pd.DataFrame:
    """Return frame ``demand`` of one wave; no rows without a list of needs that tells kinds.

    Every committee and kind, then the street. Small counts are left out, and so is what would tell
    them by subtraction from a committee's or a kind's total (`small_counts.cross_counts`). Projects
    and resources are counted where their list may be named.
    """
    if NEEDS not in found or KIND not in found[NEEDS].table:
        return no_rows("demand")
    wave, ledger = found[NEEDS].wave, decided.ledgers[NEEDS]
    subjects = [s.id for s in Units.of(decided.roster).present(wave)]
    needs = _own(found[NEEDS], ledger, subjects)
    kinds = sorted(set(needs[KIND]), key=lambda kind: (-int((needs[KIND] == kind).sum()), kind))
    if not kinds:
        return no_rows("demand")
    n = _counted(needs, subjects, kinds)
    offered: dict[str, Counts] = {}
    for name, source, running in _OFFERED:
        if source in found and KIND in found[source].table and decided.ledgers[source].public:
            own = _own(found[source], decided.ledgers[source], subjects, running)
            offered[name] = _counted(own, subjects, kinds)
    table = _told(n, subjects, kinds, ledger, decided.scheme)
    people = Units.of(decided.roster).populations(wave)
    known = np.array([people.get(subject, np.nan) for subject in subjects])
    exposure = np.repeat(np.append(known, known.sum()), len(kinds))
    with np.errstate(divide="ignore", invalid="ignore"):
        table["per_1000"] = np.where(exposure > 0, 1000.0 * table["n"] / exposure, np.nan)
    for name, _, _ in _OFFERED:
        counts = offered.get(name)
        whole = None if counts is None else np.vstack([counts, counts.sum(axis=0)]).ravel()
        table[name] = pd.array([pd.NA] * len(table) if whole is None else whole, dtype="Int64")
    table["n"] = table["n"].astype("Int64")
    return frame("demand", table.assign(wave=wave))


_OFFERED = (
    ("projects", PROJECTS, False),
    ("running", PROJECTS, True),
    ("resources", RESOURCES, False),
)
"""What there is for needs: its column, its list, and whether only what goes on counts."""


def _told(
    n: Counts, subjects: list[str], kinds: list[str], ledger: Ledger, scheme: Scheme
) -> pd.DataFrame:
    """Return counts and shares of every committee and of the street, small ones left out."""
    whole = np.vstack([n, n.sum(axis=0)])
    of = whole.sum(axis=1, keepdims=True).repeat(len(kinds), axis=1)
    shown = cross_counts(n, ledger.minimum_n)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(of > 0, whole / of, np.nan)
    low, high = wilson_interval(np.nan_to_num(share), np.maximum(of, 1), scheme.confidence)
    street = np.broadcast_to(share[-1], share.shape)
    told = shown & (of > 0)
    rest = of[-1] - of
    tested = told[:-1] & told[-1] & (rest[:-1] > 0)
    p, ahead = np.full(n.shape, np.nan), share[:-1] - share[-1]
    own, others = n[tested], (whole[-1] - n)[tested]
    p[tested] = shares_differ(own, of[:-1][tested], others, rest[:-1][tested])
    band = np.full(whole.shape, Comparison.UNTESTED.value, dtype=object)
    known = np.isfinite(p)
    if known.any():
        adjusted = benjamini_hochberg(p[known])
        verdicts = [
            Comparison.of(a, d, scheme.false_discovery_rate).value
            for a, d in zip(adjusted, ahead[known], strict=True)
        ]
        band[:-1][known] = verdicts

    def hidden(values: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.where(told, values, np.nan).ravel()

    return pd.DataFrame(
        {
            "subject": np.repeat([*subjects, ALL_GROUPS], len(kinds)),
            "category": kinds * len(whole),
            "n": np.where(shown, whole, np.nan).ravel(),
            "share": hidden(share),
            "low": hidden(low),
            "high": hidden(high),
            "street_share": np.where(told[-1], street, np.nan).ravel(),
            "band": band.ravel(),
        }
    )


def _own(
    records: Records, ledger: Ledger, subjects: list[str], running: bool = False
) -> pd.DataFrame:
    """Return the wave's records of a kind that were not withdrawn; those that go on, if asked."""
    table = standing(records.table, ledger)
    table = table[table["belongs"].astype(bool) & table["subject"].isin(subjects)]
    if running and ledger.state in table and ledger.running:
        table = table[table[ledger.state].isin(ledger.running)]
    return table[table[KIND] != ""]


def _counted(table: pd.DataFrame, subjects: list[str], kinds: list[str]) -> Counts:
    at = pd.Index(subjects).get_indexer(pd.Index(table["subject"]))
    of = pd.Index(kinds).get_indexer(pd.Index(table[KIND]))
    found = np.zeros((len(subjects), len(kinds)), dtype=np.int64)
    np.add.at(found, (at[of >= 0], of[of >= 0]), 1)
    return found
