"""Reading hostile files in another process, under limits, and what that may cost."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[2]
MOST_SECONDS = 8.0
"""Of processor time; `read_in_a_cage` gives a reader of a small file one."""
MOST_MEGABYTES = 500

Outcome = dict[str, Any]


def caged(paths: list[Path]) -> dict[str, Outcome]:
    """Read files in another process under limits; its death is a failure of the test.

    The peak of each is that of the process or of the dearest child for any of the files: the child
    is started once, as in a run, and the system accounts for it when it ends.
    """
    done = subprocess.run(
        [sys.executable, "-m", "tests.files.read_in_a_cage", *map(str, paths)],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )
    outcomes = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0, f"died after {len(outcomes)} files: {done.stderr[-500:]}"
    assert done.stderr == ""
    dearest = outcomes.pop()["children"]
    for outcome in outcomes:
        outcome["peak"] = max(outcome["peak"], dearest)
    return {Path(outcome["file"]).stem: outcome for outcome in outcomes}
