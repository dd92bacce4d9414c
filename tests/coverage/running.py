"""Which streets are simulated, how often, and the results with their Monte-Carlo errors."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass

import numpy as np

from tests.coverage import records, studies

STREETS = 50
"""Streets a scenario, unless the environment variable REPS says otherwise."""
PROCESSES = 2
_THREADS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Scenario:
    """One kind of street: `times` STREETS of it are simulated."""

    name: str
    study: str
    arguments: tuple[float, ...]
    times: float = 1.0


@dataclass(frozen=True)
class Estimate:
    """Mean over streets, its Monte-Carlo standard error, and the number of streets."""

    mean: float
    error: float
    streets: int


SPREADS, CHANGES, SHARES = (2.0, 4.0, 8.0), (0.0, 3.0), (0.05, 0.1, 0.2)
UNSURE = (0.3, 0.6)
"""Shares of partners' and peers' answers that are 不了解."""
ALIKE, FEW_DIFFERENT = "all alike", "ten differ"
SIZES, ICCS = (4, 8), (0.0, 0.02, 0.05)
"""Residents from one building, and how much of an answer's latent variance they have in common."""
RATERS, WEIGHTS = (4, 6, 8, 12, 30), (10, 15, 30)
"""Departments that judge everybody, and what they weigh beside the residents."""
PANELS, MEMORIES = (6, 12), (0.0, 0.5, 0.9)
"""Departments that judge in both waves, and the share of their moods that stays."""
UNIONS = tuple((way, spread) for way in ("merged", "split") for spread in (2.0, 8.0))
"""What became of pairs of committees, and the spread of the true scores, points."""
REGULARS = ((0.4, 0.8), (0.8, 0.8))
"""Residents who answer in both waves, and the share of their moods that stays."""
ORDERS = ((3, 80), (3, 12), (20, 80))
"""Orders of a committee, the fewest and the most."""
BIASED = 1.5
"""How much likelier the unhappy are to stay silent, in logits."""
ALIKENESS = ((0.0, 0.4), (0.4, 0.4), (0.4, 0.8), (0.8, 0.8))
"""True correlations, and the reliability of both numbers."""
SCENARIOS: tuple[Scenario, ...] = (
    Scenario(ALIKE, "of_sets", (0.0, 0.0), 4),
    *(
        Scenario(
            f"SD {spread:g}, change {change:g}", "of_sets", (spread, change), 1.0 if change else 4.0
        )
        for spread in SPREADS
        for change in CHANGES
    ),
    Scenario(FEW_DIFFERENT, "of_findings", (10,), 2),
    *(Scenario(f"honest, SD {spread:g}", "of_flags", (spread,), 2) for spread in (4.0, 8.0)),
    Scenario("honest, demo", "of_flags", (0.0,), 2),
    *(Scenario(f"copied {share:.0%}", "of_stuffing", (share,), 0.7) for share in SHARES),
    *(Scenario(f"hurried {share:.0%}", "of_haste", (share,), 0.7) for share in SHARES),
    *(
        Scenario(f"thin {share:.0%}, SD {spread:g}", "of_thin", (spread, share), 2)
        for spread in (0.0, 4.0)
        for share in UNSURE
    ),
    *(
        Scenario(f"{raters} raters at {weight}%", "of_few_raters", (0.0, raters, weight), 1)
        for raters in RATERS
        for weight in WEIGHTS
    ),
    *(
        Scenario(f"{raters} raters at 30%, memory {memory:.0%}", "of_panel", (raters, 30, memory))
        for raters in PANELS
        for memory in MEMORIES
    ),
    *(
        Scenario(
            f"{share:.0%} answer twice, memory {memory:.0%}, {told}",
            "of_regulars",
            (share, memory, one),
        )
        for share, memory in REGULARS
        for told, one in (("told", 1.0), ("not told", 0.0))
    ),
    Scenario("6 raters at 30%, SD 4", "of_few_raters", (4.0, 6, 30), 1),
    *(
        Scenario(f"buildings of {size}, ICC {icc:g}", "of_clusters", (size, icc, 1), 1)
        for size in SIZES
        for icc in ICCS
    ),
    Scenario("buildings of 8, ICC 0.05, not told", "of_clusters", (8, 0.05, 0), 1),
    *(
        Scenario(f"{few} to {many} orders", "of_records", (few, many, 0.0), 4)
        for few, many in ORDERS
    ),
    Scenario("3 to 80 orders, the unhappy silent", "of_records", (3, 80, BIASED), 4),
    *(
        Scenario(f"correlation {rho:g}, reliability {part:g}", "of_likeness", (rho, part), 4)
        for rho, part in ALIKENESS
    ),
    *(
        Scenario(f"pairs {way}, SD {spread:g}", "of_unions", (spread, float(way == "split")))
        for way, spread in UNIONS
    ),
    Scenario("draws", "of_draws", (), 0.4),
)

Results = Mapping[tuple[str, str], Estimate]


def run() -> Results:
    """Simulate all streets; results by scenario and tally."""
    base = int(os.environ.get("REPS", STREETS))
    for name in _THREADS:
        os.environ.setdefault(name, "1")
    found: dict[tuple[str, str], Estimate] = {}
    spawn = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(PROCESSES, mp_context=spawn) as pool:
        for number, scenario in enumerate(SCENARIOS):
            streets = max(2, round(base * scenario.times))
            jobs = [(scenario, 100_000 * number + street) for street in range(streets)]
            tallies = list(pool.map(_one, jobs, chunksize=2))
            print(f"{scenario.name}: {streets} streets", flush=True)
            for key in sorted(set().union(*tallies)):
                values = np.array([tally[key] for tally in tallies if key in tally])
                error = float(values.std(ddof=1) / np.sqrt(values.size))
                found[scenario.name, key] = Estimate(float(values.mean()), error, values.size)
                print(f"    {key}: {values.mean():.4f} ± {error:.4f}", flush=True)
    return found


def _one(job: tuple[Scenario, int]) -> studies.Tally:
    scenario, seed = job
    where = records if hasattr(records, scenario.study) else studies
    found: studies.Tally = getattr(where, scenario.study)(*scenario.arguments, seed)
    return found
