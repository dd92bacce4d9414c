"""Ledgers of counts: a row a unit and month, whose parts add up and whose shares are the true ones."""

from __future__ import annotations

import numpy as np

from evalkit.definitions.ledger import Ledger, LedgerMeasure
from evalkit.simulation import naming
from evalkit.simulation.book import BLOTTED, Book, Setting, texts
from evalkit.simulation.respondents import option_probabilities
from evalkit.simulation.truth import Floats, Integers

MONTHS = 12
"""Rows of a unit, where the table has a time; one without."""


def counts(ledger: Ledger, setting: Setting) -> Book:
    """Make up a table of counts."""
    k = len(setting.subjects)
    timed = bool(ledger.holding("time"))
    at = np.repeat(np.arange(k), MONTHS if timed else 1)
    own: dict[str, Integers] = {}
    expected = np.maximum(setting.volume[at] / (MONTHS if timed else 1), 2.0)
    for measure in ledger.measures:
        _measured(measure, ledger, setting, own, at, expected)
    for balance in ledger.balances:
        _balanced(balance.total, balance.parts, own, expected, setting.rng)
    rated = {m.stated: _rate(m, own) for m in ledger.measures if m.stated is not None}
    columns: dict[str, list[str]] = {}
    for column in ledger.columns:
        code = column.code
        if code in rated:
            columns[code] = rated[code]
        elif column.holds == "unit":
            columns[code] = [naming.written(setting.subjects[u])[0] for u in at.tolist()]
        elif column.holds == "number":
            whole = own[code] if code in own else setting.rng.poisson(0.05 * expected)
            columns[code] = texts(whole.tolist())
        elif column.holds == "time":
            year = setting.start.year
            columns[code] = [f"{year}-{1 + row % MONTHS:02d}-28" for row in range(len(at))]
        elif column.holds == "option":
            choices = list(ledger.values.get(code, {})) or list(setting.kinds)
            columns[code] = [choices[row % len(choices)] for row in range(len(at))]
        elif column.holds == "code":
            columns[code] = [f"{ledger.id[:2].upper()}{row:05d}" for row in range(1, len(at) + 1)]
        else:
            columns[code] = [BLOTTED] * len(at)
    return Book(ledger, columns, at)


def _measured(
    measure: LedgerMeasure,
    ledger: Ledger,
    setting: Setting,
    own: dict[str, Integers],
    at: Integers,
    expected: Floats,
) -> None:
    """Draw the counts that a measure is made of."""
    true, rng = setting.truth.get(measure.code), setting.rng
    if true is None:
        return
    if measure.how == "share" and measure.numerator and measure.denominator:
        if measure.denominator not in own:
            own[measure.denominator] = np.maximum(rng.poisson(expected), 1)
        whole = own[measure.denominator]
        own[measure.numerator] = rng.binomial(whole, true[at] / 100.0)
    elif measure.how == "score" and measure.parts:
        total = str(measure.denominator)
        whole = own[total] if total in own else np.maximum(rng.poisson(expected), 1)
        if measure.denominator:
            own[total] = whole
        chances = option_probabilities(list(measure.parts.values()), np.clip(true, 1.0, 99.0))
        drawn = np.array([rng.multinomial(n, chances[u]) for n, u in zip(whole, at, strict=True)])
        own.update(zip(measure.parts, drawn.T, strict=True))
    elif measure.how == "level" and measure.column:
        low, high = float(measure.worst or 0.0), float(measure.best or 0.0)
        own[measure.column] = np.round(low + true[at] / 100.0 * (high - low)).astype(np.int64)


def _balanced(
    total: str,
    parts: list[str],
    own: dict[str, Integers],
    expected: Floats,
    rng: np.random.Generator,
) -> None:
    """Make parts add up to their total: what is not counted yet shares what is left."""
    known = [part for part in parts if part in own]
    free = [part for part in parts if part not in own]
    if total not in own:
        own[total] = rng.poisson(expected) + np.sum([own[p] for p in known], axis=0, dtype=np.int64)
    left = own[total] - np.sum([own[p] for p in known], axis=0, dtype=np.int64)
    if not free:
        own[total] = own[total] - left
    for place, part in enumerate(free):
        last = place == len(free) - 1
        own[part] = left if last else rng.binomial(np.maximum(left, 0), 0.6)
        left = left - own[part]


def _rate(measure: LedgerMeasure, own: dict[str, Integers]) -> list[str]:
    """Return a share as a sheet states it, per cent."""
    if measure.numerator not in own or measure.denominator not in own:
        return []
    shares = 100.0 * own[measure.numerator] / np.maximum(own[measure.denominator], 1)
    return [f"{share:.2f}" for share in shares.tolist()]
