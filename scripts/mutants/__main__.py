"""The commands: a sample with the tests that reach each line, or any lines with tests of one's choice.

What a whole sample finds is kept as it comes: stopped and begun again, it goes on, and what was killed
is not tried again while the program is the same.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from scripts.mutants import reach as reaching
from scripts.mutants import report, rooms, sampling, trying
from scripts.mutants.sampling import Mutant
from scripts.mutants.trying import Task, Tried

ALL = [*rooms.files()]


def main(arguments: list[str]) -> int:
    """Run a command; return 1 if a room keeps less than it promises."""
    parser = argparse.ArgumentParser(prog="python -m scripts.mutants", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    drawn = commands.add_parser("sample", help="a seeded sample of lines over rooms")
    drawn.add_argument("--seed", type=int, default=1)
    drawn.add_argument("--size", type=int, default=150)
    drawn.add_argument("--rooms", nargs="*", default=None, help=" ".join(ALL))
    drawn.add_argument("--anew", action="store_true", help="try again what was killed before, too")
    aimed = commands.add_parser("try", help="every change of some lines: FILE, FILE:LINE, FILE:A-B")
    aimed.add_argument("where", nargs="+")
    aimed.add_argument(
        "--most", type=int, default=60, help="stop after so many mutants (default 60)"
    )
    commands.add_parser("coverage", help="only lines and branches that the tests run, by room")
    for command in (drawn, aimed):
        command.add_argument("--workers", type=int, default=2)
        command.add_argument(
            "--tests", nargs="+", help="run these files or folders whole; measure no reach"
        )
        command.add_argument("--within", nargs="+", default=[], help="only tests in these places")
        command.add_argument("--list", action="store_true", help="list the mutants, try none")
    given = parser.parse_args(arguments)
    if given.command == "coverage":
        found = reaching.reach()
        for row in report.covered(found):
            print("".join(f"{cell:>18}" for cell in row))
        return 0
    start = time.monotonic()
    whole = given.command == "sample" and not (given.rooms or given.tests or given.within)
    reach = (
        None if given.tests or given.list else reaching.reach(given.within, workers=given.workers)
    )
    mutants = _drawn(given, reach) if given.command == "sample" else _aimed(given)
    if given.list:
        for mutant in mutants:
            print(f"{mutant.file}:{mutant.line}: {mutant.told}  [{mutant.change.operator}]")
        return 0
    name = f"seed-{given.seed}" if whole else "last"
    about = (
        {"seed": given.seed, "state": reaching.state(), "commit": report.commit()} if whole else {}
    )
    before = report.killed_before(name, about["state"]) if whole and not given.anew else {}
    before = {key: before[key] for key in map(_key, mutants) if key in before}
    left = [mutant for mutant in mutants if _key(mutant) not in before]
    print(
        f"==> {len(mutants)} mutants, {len(before)} of them killed before; {given.workers} at a time",
        flush=True,
    )

    def keep(done: Sequence[Tried]) -> list[dict[str, Any]]:
        found = before | {_key(t.mutant): t.as_dict() for t in done if t.mutant is not None}
        results = [found[_key(mutant)] for mutant in mutants if _key(mutant) in found]
        report.save(results, name, **about)
        return results

    tried, unsure = _tried(left, reach, given, keep)
    report.show(keep(tried))
    print(f"{(time.monotonic() - start) / 60:.1f} minutes")
    for name in unsure:
        print(f"not to be relied on, it fails without a mutant, too: {name}")
    if whole:
        assert reach is not None
        report.write_page(str(about["state"]), reach)
        print(f"written: {report.PAGE.relative_to(rooms.ROOT)}")
    return 1 if unsure else 0


def _key(mutant: Mutant) -> tuple[str, int, str]:
    return mutant.file, mutant.line, mutant.told


def _drawn(given: argparse.Namespace, reach: reaching.Reach | None) -> list[Mutant]:
    executable = {
        room: sum(len(sampling.mutants_of(file)) for file in files)
        for room, files in rooms.files().items()
    }
    if reach is not None:
        executable |= {room: counts[1] for room, counts in reach.covered.items()}
    return sampling.sample(given.seed, given.size, given.rooms or ALL, executable)


def _aimed(given: argparse.Namespace) -> list[Mutant]:
    found = []
    for where in given.where:
        file, _, lines = where.partition(":")
        first, _, last = lines.partition("-")
        by_line = sampling.mutants_of(Path(file).as_posix())
        for line in sorted(by_line):
            if not lines or int(first) <= line <= int(last or first):
                found += [mutant for mutant in by_line[line] if sampling.valid(mutant)]
    return found[: given.most]


def _tried(
    mutants: list[Mutant],
    reach: reaching.Reach | None,
    given: argparse.Namespace,
    keep: Callable[[Sequence[Tried]], object],
) -> tuple[list[Tried], list[str]]:
    """Try the mutants, keeping what is known so far; then run the tests that killed one without any."""
    if reach is None:
        tasks = [Task(mutant, (), 300.0, {}, given.tests) for mutant in mutants]
    else:
        tasks = [trying.plan(mutant, reach) for mutant in mutants]
    count, known = 0, dict[Mutant, Tried]()

    def tell(tried: Tried) -> None:
        nonlocal count
        assert tried.mutant is not None
        count += 1
        known[tried.mutant] = tried
        keep([*known.values()])
        where = f"{tried.mutant.file}:{tried.mutant.line}"
        by = f" by {tried.by}" if tried.killed else ""
        print(
            f"{count:4d}/{len(tasks)} {tried.fate:9s} {tried.seconds:5.1f} s  {where}: "
            f"{tried.mutant.told[:100]}{by[:120]}",
            flush=True,
        )

    with tempfile.TemporaryDirectory(prefix="mutants-") as folder:
        done, unsure = trying.run(tasks, Path(folder), workers=given.workers, told=tell)
        if reach is not None:
            again = _appeals(done, tasks, reach)
            print(
                f"==> {len(again)} survivors, tried with the dearer tests that reach them",
                flush=True,
            )
            count, tasks = 0, again
            more, doubts = trying.run(
                again, Path(folder) / "again", workers=given.workers, told=tell
            )
            unsure += doubts
            killed = {t.mutant: t for t in more if t.killed}
            done = [killed.get(t.mutant, t) for t in done]
    order = {mutant: at for at, mutant in enumerate(mutants)}
    return sorted(done, key=lambda t: order[t.mutant]), unsure


def _appeals(done: Sequence[Tried], tasks: Sequence[Task], reach: reaching.Reach) -> list[Task]:
    """Plan the second round: survivors that nobody judged equivalent, and the tests left out."""
    first = {task.mutant: task.tests for task in tasks}
    left = [
        t.mutant
        for t in done
        if t.fate == "survived"
        and t.mutant is not None
        and not report.reasoned([t.as_dict()])[0]["equivalent"]
    ]
    plans = [trying.plan(m, reach, trying.APPEAL, without=set(first[m])) for m in left]
    return [task for task in plans if task.tests]


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
