"""What is promised, in which streets it is tried, and the page that reports it."""

from __future__ import annotations

import json
import math
from dataclasses import dataclass
from pathlib import Path

from tests.coverage.running import (
    ALIKE,
    ALIKENESS,
    CHANGES,
    FEW_DIFFERENT,
    ICCS,
    MEMORIES,
    ORDERS,
    PANELS,
    RATERS,
    REGULARS,
    SHARES,
    SIZES,
    SPREADS,
    UNIONS,
    UNSURE,
    WEIGHTS,
    Estimate,
    Results,
)
from tests.coverage.studies import CLAIMS, DRAWS, TOPS

DOCS = Path(__file__).parents[2] / "docs"
SURE = 3.0
"""Monte-Carlo standard errors by which a promise must be missed to count as broken."""
WHOLE = frozenset(
    {
        "likeness",
        "joint",
        "top_5",
        "top_10",
        "change_alarm",
        "union_alarm",
        "any_accused",
        "gap_alarm",
        "others_accused",
    }
)
"""Tallies that are 0 or 1 in every street."""


@dataclass(frozen=True)
class Promise:
    """A tally that must lie between two bounds in every one of these scenarios."""

    title: str
    tally: str
    scenarios: tuple[str, ...]
    low: float = 0.0
    high: float = 1.0

    @property
    def bound(self) -> str:
        if self.low and self.high < 1.0:
            return f"{self.low:.0%} to {self.high:.0%}"
        if self.low:
            return f"at least {self.low:.0%}"
        return f"at most {self.high:.0%}" if self.high < 1.0 else "reported"

    def kept(self, found: Estimate) -> bool:
        """Whether the estimate agrees with the bounds within Monte-Carlo error.

        The error is that of a street for which the promise just holds, where that is larger: a
        sample without a single miss has no scatter.
        """
        reach = []
        for bound in (self.low, self.high):
            street = math.sqrt(bound * (1.0 - bound) / found.streets)
            within = max(found.error, street / math.sqrt(_WITHIN))
            reach.append(SURE * (street if self.tally in WHOLE else within))
        return self.low - reach[0] <= found.mean <= self.high + reach[1]


_WITHIN = 35.0
"""A street's value is at best the mean of 35 independent verdicts."""

STREETS = tuple(f"SD {s:g}, change {c:g}" for s in SPREADS for c in CHANGES)
UNCHANGED = tuple(f"SD {s:g}, change 0" for s in SPREADS)
HONEST = ("honest, SD 4", "honest, SD 8", "honest, demo")
COPIED = tuple(f"copied {share:.0%}" for share in SHARES)
HURRIED = tuple(f"hurried {share:.0%}" for share in SHARES)
THIN = tuple(f"thin {share:.0%}, SD {s:g}" for s in (0.0, 4.0) for share in UNSURE)
FEW_RATERS = (*(f"{r} raters at {w}%" for r in RATERS for w in WEIGHTS), "6 raters at 30%, SD 4")
_ALL = (ALIKE, *STREETS, *THIN)
CLUSTERED = tuple(f"buildings of {size}, ICC {icc:g}" for size in SIZES for icc in ICCS)
PANEL = tuple(f"{r} raters at 30%, memory {m:.0%}" for r in PANELS for m in MEMORIES)
ANSWER_TWICE = tuple(f"{s:.0%} answer twice, memory {m:.0%}, told" for s, m in REGULARS)
NOT_KNOWN_AGAIN = tuple(name.replace("told", "not told") for name in ANSWER_TWICE)
REORGANISED = tuple(f"pairs {way}, SD {spread:g}" for way, spread in UNIONS)
NOT_TOLD = "buildings of 8, ICC 0.05, not told"
RECORDS = tuple(f"{few} to {many} orders" for few, many in ORDERS)
SILENT = "3 to 80 orders, the unhappy silent"
LIKENESSES = tuple(f"correlation {rho:g}, reliability {part:g}" for rho, part in ALIKENESS)
_SETS = (*_ALL, *FEW_RATERS, *CLUSTERED)

PROMISES: tuple[Promise, ...] = (
    *(
        Promise(f"95% interval, {level}", f"interval_{level}", _SETS, 0.93, 0.97)
        for level in ("composite", "dimension", "indicator")
    ),
    *(
        Promise(
            f"true grades among those claimed at {low:.0%} to {min(high, 1.0):.0%}",
            f"grade_{low:.0%}",
            STREETS,
            low,
            min(high, 1.0),
        )
        for low, high in CLAIMS
    ),
    Promise("marginal rank set, per committee", "marginal", _SETS, 0.95),
    Promise("joint rank sets, all committees at once", "joint", _SETS, 0.95),
    Promise("rank-change set, per committee", "rank_change", _SETS, 0.95),
    *(
        Promise(f"set of the best {top} holds all of them", f"top_{top}", _SETS, 0.95)
        for top in TOPS
    ),
    Promise(
        "95% interval of a change against the street",
        "change_interval",
        (*PANEL, *ANSWER_TWICE),
        0.93,
        0.97,
    ),
    Promise("95% interval of a score made of records", "records_score", RECORDS, 0.93, 0.97),
    Promise("95% interval of a share of records", "records_share", (*RECORDS, SILENT), 0.93, 0.97),
    Promise(
        "bounds of a rating hold what all would say", "records_bounds", (*RECORDS, SILENT), 1.0
    ),
    Promise("95% interval of a corrected correlation", "likeness", LIKENESSES, 0.93, 0.99),
    Promise(
        "any false verdict of change",
        "change_alarm",
        (ALIKE, *UNCHANGED, *THIN, *FEW_RATERS, *CLUSTERED, *PANEL, *ANSWER_TWICE, *REORGANISED),
        high=0.05,
    ),
    Promise("any false verdict of a union's change", "union_alarm", REORGANISED, high=0.05),
    Promise("95% interval of a union's change", "union_interval", REORGANISED, 0.93, 0.97),
    *(
        Promise(
            f"false verdicts among those made, {level}",
            f"false_{level}",
            (ALIKE, FEW_DIFFERENT, *STREETS, *THIN, *CLUSTERED),
            high=0.05,
        )
        for level in ("composite", "dimension", "indicator")
    ),
    Promise("any honest committee accused by its answers", "any_accused", HONEST, high=0.05),
    Promise(
        "any honest committee accused by its key-random gap",
        "gap_alarm",
        (ALIKE, *UNCHANGED, *THIN),
        high=0.05,
    ),
    Promise(
        "another committee accused beside the guilty one",
        "others_accused",
        (*COPIED, *HURRIED),
        high=0.05,
    ),
)
REPORTED: tuple[Promise, ...] = (
    Promise("half-width of the interval of a score made of records", "records_width", RECORDS),
    Promise("95% interval of a score made of records", "records_score", (SILENT,)),
    Promise("orders rated, of those that could be", "records_rated", (*RECORDS, SILENT)),
    Promise("half-width of a score's interval, points", "half_width", _ALL),
    Promise("places in a marginal rank set", "marginal_places", _ALL),
    Promise("places in a joint rank set", "joint_places", _ALL),
    Promise("places in a rank-change set", "rank_change_places", _ALL),
    Promise(
        "mean square of changes that are none, over their variance",
        "change_error",
        (*PANEL, *ANSWER_TWICE, *NOT_KNOWN_AGAIN),
    ),
    Promise(
        "half-width of a change's interval, points",
        "change_margin",
        (*PANEL, *ANSWER_TWICE, *NOT_KNOWN_AGAIN),
    ),
    Promise("half-width of a union's interval, points", "union_margin", REORGANISED),
    Promise("committees complete", "complete", _ALL),
    Promise("cells of partners and peers without an answer", "cells_empty", THIN),
    Promise("cells of partners and peers with a single answer", "cells_single", THIN),
    Promise("real differences found, indicator", "found_indicator", (FEW_DIFFERENT, *STREETS)),
    Promise("real differences found, composite", "found_composite", (FEW_DIFFERENT, *STREETS)),
    Promise("luck reference of the own move at or below 5%", "luck_own", (ALIKE, *UNCHANGED)),
    Promise("luck reference of the furthest move at or below 5%", "luck_any", (ALIKE, *UNCHANGED)),
    *(
        Promise(f"{title}, where buildings are alike and not told", tally, (NOT_TOLD,))
        for title, tally in (
            ("95% interval, composite", "interval_composite"),
            ("joint rank sets", "joint"),
            ("any false verdict of change", "change_alarm"),
        )
    ),
    Promise("honest answers flagged", "flagged", HONEST),
    Promise("guilty committee accused (power)", "caught", (*COPIED, *HURRIED)),
    Promise("false answers flagged (power)", "copies_flagged", (*COPIED, *HURRIED)),
    Promise("places a marginal set is longer at few draws", "draws_marginal", ("draws",)),
    Promise("places a joint set is longer at few draws", "draws_joint", ("draws",)),
)

_HEAD = f"""\
# Coverage on simulated streets

Written by `make coverage`, which simulates every street anew; `REPS=200 make coverage` simulates
more. Nothing is pinned: a run fails where a promise is missed by more than {SURE:g} Monte-Carlo
standard errors. Numbers are means over streets, `±` one such error; the street is the unit.

Streets have 35 committees, each with 51 key and 15 random residents, 12 departments that rate all,
4 partners that rate one to three, 5 peers; answers are five-point and skewed to the top, with gaps
and don't-knows, raters severe or mild in everything they judge. *SD* is the spread of the true
scores between committees, *change* that of their true change between two waves, in points. Every
seventh committee is truly tied with its neighbour; where *{ALIKE}*, all are, the hardest case for
sets. Where *{FEW_DIFFERENT}*, ten committees lie above and below the others, which equal the
street's mean. Where *thin*, so many more of the answers of partners and peers are 不了解, so that
many of their cells have one answer or none; the true composite remains that of all cells at the
scheme's weights. A committee that happens to lack a group is not scored, and true ranks are among
those that are.

Streets of *orders* have so many records a committee, drawn evenly on a log scale, since some report
readily; about a third are not rated. Silence says nothing, or *the unhappy* are silent more often:
then the interval, which knows only who spoke, must miss, and the bounds must hold. *Correlation* is the
true one of two numbers of 35 committees, *reliability* that of both.

A true rank is the interval [1 + number truly better, K - number truly worse], and a set keeps its
promise only if it holds the whole interval (Mogstad, Romano, Shaikh & Wilhelm 2024). The joint
sets must hold all of them at once. Critical values come from {DRAWS:,} draws, not the 20,000 of an
evaluation; the last rows show that this does not make sets longer or shorter.

*Pairs merged*, *pairs split*: five pairs of neighbours, of three quarters and one quarter of the
people, are one committee in one of the two waves and are compared as their union; nothing changes.

*Copied*: so many of one committee's 66 residents' answers are copies of another one, three items
changed. *Hurried*: so many were clicked through on one telephone in one minute, in three tenths of
the time people took.
"""


_SUMMARY = ("<!-- coverage: written by make coverage -->", "<!-- end of coverage -->")


def _summarise(found: Results) -> None:
    """Put each promise's worst scenario and each power into docs/validation.md, between marks."""
    lines = [
        "| what | promised | scenarios | lowest | highest |",
        "| --- | --- | --- | --- | --- |",
    ]
    reported = [promise for promise in REPORTED if "power" in promise.title]
    for promise in (*PROMISES, *reported):
        own = sorted((found[s, promise.tally] for s in promise.scenarios), key=lambda e: e.mean)
        ends = [f"{e.mean:.4f} ± {e.error:.4f} ({e.streets})" for e in (own[0], own[-1])]
        lines.append(f"| {promise.title} | {promise.bound} | {len(own)} | {ends[0]} | {ends[1]} |")
    page = DOCS / "validation.md"
    text = page.read_text(encoding="utf-8")
    before, rest = text.split(_SUMMARY[0])
    _, after = rest.split(_SUMMARY[1])
    table = "\n".join(lines)
    page.write_text(f"{before}{_SUMMARY[0]}\n{table}\n{_SUMMARY[1]}{after}", encoding="utf-8")


def write(found: Results) -> None:
    """Write docs/coverage.md and the same numbers as docs/coverage.json."""
    lines = [_HEAD]
    for heading, promises in (("Promises", PROMISES), ("What they cost and find", REPORTED)):
        lines += [f"## {heading}", "", "| what | promised | streets | found |", "|---|---|---|---|"]
        for promise in promises:
            for scenario in promise.scenarios:
                own = found[scenario, promise.tally]
                value = f"{own.mean:.4f} ± {own.error:.4f}"
                lines.append(
                    f"| {promise.title} | {promise.bound} | {scenario} ({own.streets}) | {value} |"
                )
        lines.append("")
    (DOCS / "coverage.md").write_text("\n".join(lines), encoding="utf-8")
    _summarise(found)
    rows = [
        {
            "tally": promise.tally,
            "scenario": scenario,
            "promised": promise.bound,
            "mean": found[scenario, promise.tally].mean,
            "error": found[scenario, promise.tally].error,
            "streets": found[scenario, promise.tally].streets,
        }
        for promise in (*PROMISES, *REPORTED)
        for scenario in promise.scenarios
    ]
    text = json.dumps(rows, ensure_ascii=False, indent=1)
    (DOCS / "coverage.json").write_text(text + "\n", encoding="utf-8")
