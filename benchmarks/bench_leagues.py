"""170 streets of 36 committees scored and ranked, beside one of them: memory and processor seconds.

``python benchmarks/bench_leagues.py``: 6,120 committees judged by residents, and by a body of twelve
in every street, whose influence on every mean is kept: 20 indicators and an overall one. Everything
that comes out is held to the end, as a city would. Leagues are within streets, so no array has a
side for each committee of the city.
"""

from __future__ import annotations

import time
import tracemalloc

import numpy as np

from evalkit.findings.ranking import Ranking, rank
from evalkit.findings.scoring import score
from evalkit.tables import Cells, GroupCells, Scores
from tests.findings.small_street import cells_of, roster_of, scheme_of

STREETS, COMMITTEES, INDICATORS, BODY, RESIDENTS = 170, 36, 20, 12, 54
DRAWS = 20_000
MEGABYTES, INFLUENCE = 300, 20
CODES = [f"A{at}" for at in range(INDICATORS)]
SCHEME = scheme_of({"resident": 70, "body": 30}, {"A": dict.fromkeys(CODES, 5.0)})
SUBJECTS = [f"c{at:02d}" for at in range(COMMITTEES)]
ROSTER = roster_of(SUBJECTS)


def _group(rng: np.random.Generator, raters: int, *, shared: bool) -> GroupCells:
    """Cells of a street: `raters` of every committee, or the same of all."""
    true = rng.normal(80, 4, (1, COMMITTEES, 1))
    taste = rng.normal(0, 5, (raters, 1 if shared else COMMITTEES, 1))
    given = np.clip(true + taste + rng.normal(0, 12, (raters, COMMITTEES, INDICATORS + 1)), 0, 100)
    mean = given.mean(axis=0)
    influence = (given - mean) / np.sqrt(raters * (raters - 1))
    return GroupCells(
        n=np.full(COMMITTEES, raters),
        n_effective=np.full(COMMITTEES, float(raters)),
        n_measure=np.full(mean.shape, raters),
        mean=mean,
        covariance=np.einsum("rki,rkj->kij", influence, influence),
        influence=influence if shared else None,
        df=np.full(COMMITTEES, raters - 1.0),
    )


def street(seed: int) -> Cells:
    rng = np.random.default_rng(seed)
    groups = {
        "resident": _group(rng, RESIDENTS, shared=False),
        "body": _group(rng, BODY, shared=True),
    }
    return cells_of(SCHEME, groups, subjects=SUBJECTS)


def league(cells: Cells, seed: int) -> tuple[Scores, Ranking]:
    scores = score(cells, SCHEME, ROSTER)
    return scores, rank(scores, ROSTER, confidence=0.95, draws=DRAWS, seed=seed)


def main() -> None:
    streets = [street(seed) for seed in range(STREETS)]
    influence = [g.influence for s in streets for g in s.groups.values() if g.influence is not None]
    before = time.process_time()
    league(streets[0], 0)  # imports, and what is worked out once
    first, before = time.process_time() - before, time.process_time()
    held = [league(cells, seed) for seed, cells in enumerate(streets)]
    spent = time.process_time() - before
    del held
    tracemalloc.start()
    held = [league(cells, seed) for seed, cells in enumerate(streets)]
    peak = tracemalloc.get_traced_memory()[1] / 2**20
    print(
        f"{STREETS} streets, {STREETS * COMMITTEES:,} committees: influence "
        f"{sum(own.nbytes for own in influence) / 2**20:.0f} MB (at most {INFLUENCE}); scored and ranked "
        f"in {peak:.0f} MB (at most {MEGABYTES}), {spent:.1f} CPU s, "
        f"{spent / STREETS:.3f} a street (the first {first:.3f}); {len(held)} leagues held"
    )


if __name__ == "__main__":
    main()
