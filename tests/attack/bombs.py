"""Files that are meant to hurt: refused within ten seconds and 500 MB, with what to do."""

from __future__ import annotations

import random
import tempfile
from pathlib import Path

from tests.attack.tally import Progress, Tally, Wrong, quiet
from tests.files.caging import MOST_MEGABYTES, MOST_SECONDS, Outcome, caged
from tests.files.hostile import CASES


def attack(size: int, seed: int, progress: Progress = quiet) -> Tally:
    """Read so many of them, all at most, each in a process of its own."""
    tally = Tally()
    chosen = random.Random(f"bombs {seed}").sample(sorted(CASES), min(size, len(CASES)))
    with tempfile.TemporaryDirectory() as folder:
        for number, name in enumerate(chosen, start=1):
            file, make, codes = CASES[name]
            path = Path(folder) / file
            path.write_bytes(make())
            tally.attempt(name, lambda path=path, codes=codes: judged(path, codes))
            path.unlink()
            progress(number)
    return tally


def judged(path: Path, codes: tuple[str, ...]) -> str:
    """Read a file in the cage; say whether it was read or refused."""
    try:
        (outcome,) = caged([path]).values()
    except AssertionError as error:
        raise Wrong(f"the reader died: {error}") from None
    return _held(outcome, codes)


def _held(outcome: Outcome, codes: tuple[str, ...]) -> str:
    if outcome["seconds"] >= MOST_SECONDS or outcome["peak"] >= MOST_MEGABYTES:
        raise Wrong(f"{outcome['seconds']:.1f} s, {outcome['peak']:.0f} MB")
    found = [problem["code"] for problem in outcome["problems"]]
    if not codes:
        if found or not outcome["read"]:
            raise Wrong(f"harmless, and refused: {found}")
        return "read"
    if len(found) != 1 or found[0] not in codes or not outcome["problems"][0]["remedy"]:
        raise Wrong(f"told {found}, not one of {codes}")
    return "refused"
