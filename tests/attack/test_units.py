"""Nobody works out what a handful of residents of a compound or building said.

The outsider has every number of the committees, and every number of units inside them that is told;
he knows how many people stand behind each and what they weigh. By linear programming he computes
between which ends each number must lie that too few stand behind: of every unit, of those who named
no unit, and of what is left of a unit when all that is told of its parts is taken off. Nothing of
the program's own disclosure control is used.
"""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.optimize import linprog

from evalkit.definitions.levels import Level
from evalkit.definitions.roster import Subject
from evalkit.definitions.units import Units
from evalkit.findings.finer import told_units
from evalkit.tables import Atoms, Cells, Finer, no_rows
from tests.findings.small_street import cells_of, group_of, scheme_of

MINIMUM = 10
WIDE = 10.0


class Street(NamedTuple):
    """One committee k with compounds (p0 ...) and buildings (p0b0 ...), as a group's answers know it."""

    units: Units
    atoms: Atoms
    weights: np.ndarray
    parents: dict[str, str]
    finer: Finer
    scheme: Any
    result: Any


def made(seed: int) -> Street:
    rng = np.random.Generator(np.random.PCG64([seed, 15]))
    indicators = int(rng.integers(1, 4))
    shares = rng.dirichlet(np.ones(indicators)) * 100
    scheme = scheme_of(
        {"r": 100}, {"A": {f"A{i}": float(w) for i, w in enumerate(shares)}}, minimum_n=MINIMUM
    )
    parents: dict[str, str] = {}
    for p in range(rng.integers(1, 5)):
        parents[f"p{p}"] = "k"
        for b in range(rng.integers(0, 3)):
            parents[f"p{p}b{b}"] = f"p{p}"
    names = ["k", *parents]
    n = np.where(
        rng.random(len(names)) < 0.5,
        rng.integers(0, 9, len(names)),
        rng.integers(8, 40, len(names)),
    )
    n[0] = rng.choice([0, 3, 25])
    if n.sum() < MINIMUM:
        n[1] += 30
    kept = np.flatnonzero(n)
    mean = np.clip(rng.normal(rng.choice([50.0, 85.0]), 12, (len(kept), indicators)), 0, 100)
    atoms = Atoms(
        tuple(names[t] for t in kept),
        ("k",) * len(kept),
        n[kept].astype(np.int64),
        np.repeat(n[kept, None].astype(float), indicators, axis=1),
        mean,
    )
    units = Units(
        (Subject(id="k", name="甲居"),),
        tuple(
            Subject(id=u, name=u, parent=up, level="building" if "b" in u else "compound")
            for u, up in parents.items()
        ),
        tuple(Level(code=c, name=c) for c in ("committee", "compound", "building")),
        "committee",
    )
    own = atoms.n @ atoms.mean / atoms.n.sum()
    cells = cells_of(
        scheme, {"r": group_of([own], [[3.0] * indicators], [int(atoms.n.sum())])}, subjects=["k"]
    )
    finer = Finer(
        {level: _cells(scheme, atoms, parents, level) for level in ("compound", "building")},
        {"r": atoms},
    )
    table = pd.DataFrame(
        [
            ("k", "r", code, "indicator", value)
            for code, value in zip(cells.measures, own, strict=False)
        ],
        columns=["subject", "group", "code", "level", "estimate"],
    )
    scores = SimpleNamespace(indicators=table)
    result = SimpleNamespace(cells=cells, scores=scores)
    return Street(units, atoms, scheme.weights()[0], parents, finer, scheme, result)


def inside(street: Street, unit: str) -> list[int]:
    """The atoms of a unit: its own answers, and those of what lies in it."""
    return [
        t
        for t, atom in enumerate(street.atoms.unit)
        if unit in (atom, street.parents.get(atom), "k")
    ]


def _cells(scheme: Any, atoms: Atoms, parents: dict[str, str], level: str) -> Cells:
    rows = [u for u in parents if ("b" in u) == (level == "building")]
    found, counts = [], []
    for unit in rows:
        at = [t for t, atom in enumerate(atoms.unit) if unit in (atom, parents.get(atom))]
        n = int(atoms.n[at].sum())
        counts.append(n)
        nothing = np.full(atoms.mean.shape[1], np.nan)
        found.append(atoms.n[at] @ atoms.mean[at] / n if n else nothing)
    if not rows:
        return Cells("2016", (), (), {}, no_rows("distributions"), {})
    means = np.array(found)
    return cells_of(
        scheme,
        {"r": group_of(means, np.where(np.isnan(means), np.nan, 3.0), counts)},
        subjects=rows,
    )


def line(street: Street, at: list[int]) -> np.ndarray:
    """The composite of some atoms together, as weights over all atoms and indicators."""
    own = np.zeros_like(street.atoms.mean)
    n = street.atoms.n[at]
    own[at] = n[:, None] / n.sum() * street.weights[None, :]
    return own.ravel()


def ends(street: Street, told: list[list[int]], target: np.ndarray) -> float:
    """How wide the interval is that all that is told leaves."""
    mean, n = street.atoms.mean, street.atoms.n
    rows = []
    for i in range(mean.shape[1]):
        own = np.zeros_like(mean)
        own[:, i] = n / n.sum()
        rows.append(own.ravel())
    rows += [line(street, at) for at in told]
    values = np.array(rows) @ mean.ravel()
    found = [
        linprog(
            sign * target, A_eq=np.array(rows), b_eq=values, bounds=(0, 100), method="highs"
        ).fun
        * sign
        for sign in (1.0, -1.0)
    ]
    return float(found[1] - found[0])


def test_nothing_that_too_few_say_is_known_within_five_points() -> None:
    tried = shown = survived = 0
    for seed in range(25):
        street = made(seed)
        if any(not own.subjects for own in street.finer.cells.values()):
            street = street._replace(
                finer=Finer(
                    {k: own for k, own in street.finer.cells.items() if own.subjects},
                    street.finer.atoms,
                )
            )
        names = told_units(street.finer, street.result, street.scheme, street.units)
        told = {unit for _, unit in names}
        shown += len(told)
        knows = [inside(street, unit) for unit in told]
        sizes = {unit: int(street.atoms.n[inside(street, unit)].sum()) for unit in street.parents}
        assert all(sizes[unit] >= MINIMUM for unit in told)
        targets = [inside(street, u) for u, n in sizes.items() if 0 < n < MINIMUM]
        targets += [[t] for t, n in enumerate(street.atoms.n) if n < MINIMUM]
        for parent in ("k", *street.parents):
            parts = [u for u, up in street.parents.items() if up == parent and u in told]
            gone = {t for unit in parts for t in inside(street, unit)}
            left = [t for t in inside(street, parent) if t not in gone]
            if parent == "k" or parent in told:
                targets.append(left)
        for at in targets:
            if not at or street.atoms.n[at].sum() >= MINIMUM:
                continue
            tried += 1
            target = line(street, at)
            survived += ends(street, knows, target) > WIDE or ends(street, [], target) <= WIDE
    assert tried > 60
    assert shown > 20
    assert survived == tried


def test_where_a_number_of_the_committee_is_left_out_nothing_is_told_inside() -> None:
    for seed in range(5):
        street = made(seed)
        street.result.scores.indicators.loc[0, "estimate"] = np.nan
        cells = {k: own for k, own in street.finer.cells.items() if own.subjects}
        finer = Finer(cells, street.finer.atoms)
        assert not told_units(finer, street.result, street.scheme, street.units)


def test_what_is_left_over_of_a_committee_would_be_known_without_the_second_one() -> None:
    """Twelve, twelve and four: told both large ones, the four are known to the last digit."""
    street = made(0)
    atoms = Atoms(
        ("p0", "p1", "p2"),
        ("k",) * 3,
        np.array([12, 14, 4]),
        np.array([[12.0], [14.0], [4.0]]),
        np.array([[80.0], [70.0], [40.0]]),
    )
    street = street._replace(
        atoms=atoms, weights=np.array([1.0]), parents={"p0": "k", "p1": "k", "p2": "k"}
    )
    small = line(street, [2])
    assert ends(street, [[0], [1]], small) < 1e-6
    assert ends(street, [[1]], small) > WIDE
