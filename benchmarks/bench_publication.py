"""Publishing the demo street: the pool on two processes against the same papers in one.

Times the whole second story (charts, layout, checks, files) with ``jobs=2`` and with ``jobs=1``, in
the same run on the same evaluation, and says what each paper costs by step.
"""

from __future__ import annotations

import tempfile
import time
from collections import defaultdict
from pathlib import Path

import evalkit as ek
from evalkit import publication, simulation


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "demo"
        simulation.write_demo(root)
        start = time.perf_counter()
        evaluation = ek.open(root).evaluate()
        print(f"evaluate: {time.perf_counter() - start:.1f} s")
        seconds = {}
        for jobs in (2, 1):
            out = Path(folder) / f"out-{jobs}"
            out.mkdir()
            start = time.perf_counter()
            published = publication.publish(evaluation, out, jobs=jobs)
            seconds[jobs] = time.perf_counter() - start
            size = sum(p.stat().st_size for p in out.rglob("*.pdf"))
            papers = len(published.papers)
            print(
                f"publish, jobs={jobs}: {seconds[jobs]:.1f} s for {papers} papers, "
                f"{seconds[jobs] / papers:.2f} s and {size / papers / 1024:.0f} KB each"
            )
        steps: dict[str, float] = defaultdict(float)
        for _, spent in published.papers.values():
            for step, value in spent.items():
                steps[step] += value
        total = sum(steps.values())
        for step, value in steps.items():
            print(f"  {step}: {value:.1f} s, {value / total:.0%}")
        print(f"jobs=2 / jobs=1: {seconds[2] / seconds[1]:.2f}")


if __name__ == "__main__":
    main()
