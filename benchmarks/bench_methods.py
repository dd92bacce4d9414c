"""CPU seconds and peak memory of the statistical core, each case in a process of its own.

    python benchmarks/bench_methods.py            # every case, a few minutes
    python benchmarks/bench_methods.py 35 6000    # only the cases of these sizes

Rank sets are measured on simulated streets (true SD 5, standard errors 1 to 3). Shrinkage is
measured from rows to shrunken scores, beside statsmodels' MixedLM on the same rows.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import time
import warnings
from collections.abc import Callable

import numpy as np

SEED = 7
ROWS_PER_SUBJECT = 10
CASES = [
    *[(f"rank_sets {kind} {k}", k) for k in (35, 6_000, 100_000) for kind in ("marginal", "joint")],
    ("rank_sets dependent-marginal 35", 35),
    ("rank_sets dependent-joint 35", 35),
    ("shrinkage evalkit 6000", 6_000),
    ("shrinkage MixedLM 6000", 6_000),
]


def street(k: int) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.Generator(np.random.PCG64(SEED))
    standard_errors = generator.uniform(1.0, 3.0, k)
    return generator.normal(80, 5, k) + generator.normal(size=k) * standard_errors, standard_errors


def answers(k: int) -> np.ndarray:
    generator = np.random.Generator(np.random.PCG64(SEED))
    truth = generator.normal(80, 5, k)
    return truth[:, None] + generator.normal(0, 18, (k, ROWS_PER_SUBJECT))


def rank_case(kind: str, k: int) -> Callable[[], str]:
    from evalkit.methods.rank_sets import rank_sets

    scores, standard_errors = street(k)
    uncertainty = standard_errors**2
    if kind.startswith("dependent-"):
        loading = np.random.Generator(np.random.PCG64(SEED + 1)).normal(size=(k, 3))
        uncertainty = np.diag(uncertainty) + loading @ loading.T
        kind = kind.removeprefix("dependent-")

    def run() -> str:
        sets = rank_sets(scores, uncertainty, kind=kind)  # type: ignore[arg-type]
        width = (sets.high - sets.low + 1).mean() / k
        return f"{sets.method}; mean width {width:.0%} of the table"

    return run


def shrinkage_case(engine: str, k: int) -> Callable[[], str]:
    rows = answers(k)
    if engine == "evalkit":
        from evalkit.methods.shrinkage import shrink

        def run() -> str:
            within = rows.var(axis=1, ddof=1).mean()  # pooled, as MixedLM does
            result = shrink(rows.mean(axis=1), np.full(k, within / ROWS_PER_SUBJECT))
            return f"tau2 {result.tau2:.4f}"

        return run
    from statsmodels.regression.mixed_linear_model import MixedLM

    def peer() -> str:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            fit = MixedLM(
                rows.ravel(),
                np.ones((rows.size, 1)),
                groups=np.repeat(np.arange(k), ROWS_PER_SUBJECT),
            ).fit(reml=True)
        return f"tau2 {np.asarray(fit.cov_re).item():.4f}"

    return peer


def measure(name: str) -> dict[str, object]:
    what, variant, size = name.split()
    k = int(size)
    run = rank_case(variant, k) if what == "rank_sets" else shrinkage_case(variant, k)
    loaded = peak_megabytes()
    start = time.process_time()
    note = run()
    seconds = time.process_time() - start
    peak = peak_megabytes()
    return {"cpu": seconds, "peak": peak, "added": peak - loaded, "note": note}


def peak_megabytes() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(sizes: list[int]) -> None:
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1"}
    cpu: dict[str, float] = {}
    print(f"{'case':<34}{'CPU s':>9}{'peak MB':>9}{'added':>7}  note")
    for name, k in CASES:
        if sizes and k not in sizes:
            continue
        command = [sys.executable, __file__, "--case", name]
        done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
        result = json.loads(done.stdout)
        cpu[name] = result["cpu"]
        numbers = f"{result['cpu']:>9.3f}{result['peak']:>9.0f}{result['added']:>7.0f}"
        print(f"{name:<34}{numbers}  {result['note']}", flush=True)
    ours, theirs = cpu.get("shrinkage evalkit 6000"), cpu.get("shrinkage MixedLM 6000")
    if ours and theirs:
        print(f"shrinkage: MixedLM takes {theirs / ours:,.0f} times the CPU of evalkit")
    print("peak MB: the whole process; added: above what Python, libraries and input had taken")


if __name__ == "__main__":
    if sys.argv[1:2] == ["--case"]:
        print(json.dumps(measure(sys.argv[2])))
    else:
        main([int(size) for size in sys.argv[1:]])
