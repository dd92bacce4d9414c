"""The campaign: ``python -m tests.attack [PART ...] [--scale 1] [--seed 1] [--only N] [--no-page]``.

Runs all parts, or those that are named, prints what came of each, writes the table in
``docs/assurance.md`` and exits 1 if anything failed. A failure is named by the number of its try:
the same part with the same seed and ``--only`` tries it again.
"""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import warnings
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

from tests.attack import page
from tests.attack.tally import Progress, Tally, told


@dataclass(frozen=True, slots=True)
class Part:
    """One part of the campaign: what is tried, how often at full scale, and by which function."""

    what: str
    size: int
    where: tuple[str, ...]
    function: str = "attack"


PARTS: dict[str, Part] = {
    "files": Part("flipped bits of one file of answers of every kind", 2000, ("tests.attack.files",), "campaign"),
    "responses": Part("changed exports, an independent reader beside", 2000, ("tests.attack.responses",)),
    "documents": Part("changed documents: YAML, workbooks, tables", 700, ("tests.attack.documents",)),
    "bombs": Part("files meant to hurt: 10 s, 500 MB", 60, ("tests.attack.bombs",)),
    "strings": Part("hostile strings through to tables, pages, PDFs and a browser", 300, ("tests.attack.strings",)),
    "kills": Part("runs killed at an operation on a file", 200, ("tests.attack.keeping",), "kills"),
    "city": Part("runs of a city killed at an operation on a file, and taken up again", 60, ("tests.attack.city",), "kills"),
    "pairs": Part("two runs at once", 25, ("tests.attack.keeping",), "pairs"),
    "flips": Part("flipped bits under `verify`", 500, ("tests.attack.keeping",), "flips"),
    "disclosure": Part("withheld cells of simulated streets, bounded from what is handed on", 500,
                       ("tests.attack.disclosure", "scripts.attack.disclosure")),
}  # fmt: skip


def function_of(part: Part) -> Callable[..., object] | None:
    """Return what attacks; None where the part is not there."""
    for name in part.where:
        try:
            return getattr(importlib.import_module(name), part.function, None)
        except ModuleNotFoundError as error:
            if error.name is None or not name.startswith(error.name):
                raise
    return None


def run(
    name: str, part: Part, size: int, seed: int, progress: Progress, only: int | None
) -> Tally | None:
    """Run one part; whatever it raises itself is a failure."""
    attack = function_of(part)
    if attack is None:
        return None
    try:
        if name == "files":
            return _files(attack(max(size // 5, 1), seed))
        if name == "disclosure":
            return _disclosure(attack(size, seed))
        more = {} if only is None else {"only": only}
        found = attack(size, seed, progress, **more)
    except Exception as error:
        return Tally(failures=[("all", told(error))])
    assert isinstance(found, Tally)
    return found


def _files(results: object) -> Tally:
    assert isinstance(results, dict)
    tally = Tally()
    for name, result in results.items():
        tally.outcomes += Counter({k: n for k, n in result.counts.items() if k != "lost"})
        tally.failures += [
            (f"{name} bit {bit}", "cells lost without a word") for bit in result.lost
        ]
    return tally


def _disclosure(found: object) -> Tally:
    tried, survived, failed = (int(getattr(found, k)) for k in ("tried", "survived", "failed"))
    apart = Counter({"told by published scores alone": tried - survived - failed})
    tally = Tally(Counter({"held": survived}), apart)
    tally.failures += [(str(n), "known within 5 points") for n in range(failed)]
    assert tally.tried == tried
    return tally


def cpu() -> float:
    """Return processor seconds of this process and of its children."""
    times = os.times()
    return times.user + times.system + times.children_user + times.children_system


def main(arguments: list[str]) -> int:
    """Run the campaign; return 1 if anything failed."""
    parser = argparse.ArgumentParser(prog="python -m tests.attack", description=__doc__)
    parser.add_argument("parts", nargs="*", metavar="PART", help=" ".join(PARTS))
    parser.add_argument("--scale", type=float, default=1.0, help="share of the full size")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--only", type=int, help="one try of responses or documents again")
    parser.add_argument("--no-page", action="store_true", help="leave docs/assurance.md as it is")
    given = parser.parse_args(arguments)
    unknown = set(given.parts) - PARTS.keys()
    if unknown:
        parser.error(f"no such part: {' '.join(sorted(unknown))}; there are {' '.join(PARTS)}")
    if given.only is not None and not set(given.parts) <= {"responses", "documents"}:
        parser.error("--only goes with responses and documents")
    warnings.simplefilter("ignore")
    rows = []
    for name in given.parts or PARTS:
        part = PARTS[name]
        size = max(1, round(part.size * given.scale))
        start, begun = cpu(), time.monotonic()
        tally = run(name, part, size, given.seed, _telling(name, size), given.only)
        spent = cpu() - start
        rows.append(page.Row(name, part.what, given.seed, tally, spent))
        if tally is None:
            print(f"{name:11s} not there", flush=True)
            continue
        print(
            f"\r{name:11s} tried {tally.tried}, survived {tally.survived}, failed {tally.failed}; "
            f"{dict(tally.outcomes + tally.apart)}; {spent:.0f} s of CPU, {time.monotonic() - begun:.0f} s",
            flush=True,
        )
        for label, what in tally.failures:
            print(f"  {name} seed {given.seed}, {label}: {what}")
    if not given.no_page and given.only is None:
        page.write(rows, list(PARTS))
        print(f"written: {page.PAGE.name}")
    return 1 if any(row.tally is not None and row.tally.failed for row in rows) else 0


def _telling(name: str, size: int) -> Progress:
    step = max(1, size // 20)

    def tell(done: int) -> None:
        if sys.stdout.isatty() and done % step == 0:
            print(f"\r{name:11s} {done}/{size}", end="", flush=True)

    return tell


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
