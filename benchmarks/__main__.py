"""``make bench``: every benchmark, each beside what it is compared with in the same run."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SCRIPTS = (
    "bench_leagues.py",
    "bench_methods.py",
    "bench_drivers.py",
    "bench_publication.py",
    "bench_records.py",
    "bench_sums.py",
    "drafting.py",
    "importing.py",
    "sizes.py",
)


def main() -> None:
    for name in SCRIPTS:
        print(f"\n== {name}", flush=True)
        subprocess.run([sys.executable, str(HERE / name)], check=True)


if __name__ == "__main__":
    main()
