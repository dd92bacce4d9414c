"""Which tests reach which line: the suite once under `coverage`, kept until the program changes.

Where only tests have changed, only their files are measured anew; what the tests share (`conftest`,
streets in modules of their own) is taken to reach what it reached before.
"""

from __future__ import annotations

import hashlib
import json
import os
import pickle
import shutil
import subprocess
import sys
from collections import defaultdict
from collections.abc import Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path

import coverage

from scripts.mutants import rooms

KEPT = rooms.ROOT / ".mutants"
CAGED, CAGE, OF_CAGE = "files", "evalkit/files/cage.py", "tests/files/"
"""The room whose lines may run in a child process, where nobody counts them; the file that starts
it; and the tests that are asked about such lines."""

LEFT = "not browser and not notebooks"
"""Tests that are not asked: they click and run for long, and reach little that others do not."""


WORTH_KNOWING = 0.5
"""Seconds from which shared work is counted that runs none of the program."""


@dataclass(frozen=True, slots=True)
class Asked:
    """A test that passes: what it costs by itself, and the wider fixtures it uses."""

    seconds: float
    fixtures: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Reach:
    """What one run of the suite told.

    Attributes
    ----------
    lines : file to line to what ran it: names of tests and of fixtures
    covered : room to (lines run, lines, branches run, branches), when all was measured last
    files : file of tests to its digest when it was measured
    """

    tests: dict[str, Asked]
    fixtures: dict[str, float]
    lines: dict[str, dict[int, frozenset[str]]]
    covered: dict[str, tuple[int, int, int, int]]
    files: dict[str, str] = field(default_factory=dict)

    def tests_of(self, file: str, first: int, last: int) -> list[str]:
        """Return the tests that run a line; for one that runs at import, those of its file.

        Of a file that declares and runs nothing later they are those of the files beside it. Approved
        texts tell what is declared, too, without running it: of such lines they are asked, as well.
        """
        by_line = self.lines.get(file, {})
        ran: set[str] = set()
        for line in range(first, last + 1):
            ran |= by_line.get(line, frozenset())
        declared = ran == {""}
        if declared:
            ran = _who(by_line)
        if ran == {""}:
            here = file.rpartition("/")[0] + "/"
            ran = {
                who
                for other in self.lines
                if other.startswith(here)
                for who in _who(self.lines[other])
            }
        if ran - {""}:
            asked = self._asking(ran)
            nets = [name for name in self.tests if declared and name.startswith(rooms.NETS)]
            return [*asked, *(name for name in nets if name not in {*asked})]
        if rooms.room_of(file) == CAGED:
            started = {who for contexts in self.lines.get(CAGE, {}).values() for who in contexts}
            return [name for name in self._asking(started) if name.startswith(OF_CAGE)]
        return []

    def without(self, files: Set[str]) -> Reach:
        """Return the same, without the tests of some files."""
        left = {t: test for t, test in self.tests.items() if t.split("::")[0] not in files}
        return replace(self, tests=left)

    def joined(self, other: Reach) -> Reach:
        """Return both together: other tests, and perhaps the same fixtures."""
        lines = {file: {**by_line} for file, by_line in self.lines.items()}
        for file, by_line in other.lines.items():
            own = lines.setdefault(file, {})
            for line, ran in by_line.items():
                own[line] = own.get(line, frozenset()) | ran
        tests, fixtures = {**self.tests, **other.tests}, {**self.fixtures, **other.fixtures}
        return replace(self, tests=tests, fixtures=fixtures, lines=lines)

    def _asking(self, ran: Set[str]) -> list[str]:
        return [t for t, test in self.tests.items() if t in ran or ran.intersection(test.fixtures)]


def _who(by_line: dict[int, frozenset[str]]) -> set[str]:
    return {context for contexts in by_line.values() for context in contexts}


def reach(within: Sequence[str] = (), *, workers: int = 2) -> Reach:
    """Return what the tests reach, or only those in some places."""
    part = hashlib.sha256(" ".join(sorted(within)).encode()).hexdigest()[:6] if within else "all"
    kept = KEPT / f"reach-{state()}-{part}.pickle"
    KEPT.mkdir(exist_ok=True)
    now = _files_of_tests(within)
    if not kept.exists():
        found = _measure(within, workers)
    else:
        found = pickle.loads(kept.read_bytes())
        assert isinstance(found, Reach)
        changed = sorted(file for file in now if found.files.get(file) != now[file])
        found = found.without({*found.files} - {*now} | {*changed})
        if changed:
            found = found.joined(_measure(changed, workers))
    found = replace(found, files=now)
    kept.write_bytes(pickle.dumps(found))
    return found


def _files_of_tests(within: Sequence[str]) -> dict[str, str]:
    """Return the digest of every file of tests, or of those in some places."""
    places = [rooms.ROOT / place.split("::")[0] for place in within or ("tests",)]
    files = {
        p for place in places for p in ([place] if place.is_file() else place.rglob("test_*.py"))
    }
    return {
        path.relative_to(rooms.ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(files)
    }


def state() -> str:
    """Return a digest of the program, without its tests."""
    digest = hashlib.sha256()
    for folder in (rooms.PACKAGE, "ledgers", "questionnaires", "reports"):
        for path in sorted((rooms.ROOT / folder).rglob("*")):
            if path.is_file() and "__pycache__" not in path.parts:
                digest.update(str(path.relative_to(rooms.ROOT)).encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def environment(root: Path) -> dict[str, str]:
    """Return the environment tests run in: the program of that folder, one thread."""
    return {
        **os.environ,
        "PYTHONPATH": str(root),
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONHASHSEED": "0",
    }


def _measure(within: Sequence[str], workers: int) -> Reach:
    print("==> which tests reach which line (the whole suite once, slower than usual)", flush=True)
    raw = KEPT / "raw"
    shutil.rmtree(raw, ignore_errors=True)
    raw.mkdir(parents=True)
    subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p",
            "scripts.mutants.contexts", "-n", str(workers), "--dist", "loadscope", "-m", LEFT, *within,
        ],
        cwd=rooms.ROOT,
        env={**environment(rooms.ROOT), "EVALKIT_MUTANTS_RAW": str(raw)},
        check=False,
    )  # fmt: skip
    return _read(raw)


def _read(raw: Path) -> Reach:
    tests: dict[str, Asked] = {}
    fixtures: dict[str, float] = {}
    for path in raw.glob("told.*.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        for name, test in told["tests"].items():
            if test["passed"]:
                tests[name] = Asked(test["seconds"], tuple(test["fixtures"]))
        for name, seconds in told["fixtures"].items():
            fixtures[name] = max(seconds, fixtures.get(name, 0.0))
    combined = coverage.Coverage(
        data_file=str(raw / "combined"), branch=True, source=["evalkit"], config_file=False
    )
    parts = [str(path) for path in raw.glob("lines.*")]
    if not parts:
        return Reach({}, {}, {}, {})
    combined.combine(parts, keep=True)
    combined.save()
    data = combined.get_data()
    lines: dict[str, dict[int, frozenset[str]]] = {}
    for name in data.measured_files():
        file = Path(name).resolve().relative_to(rooms.ROOT).as_posix()
        by_line = data.contexts_by_lineno(name)
        lines[file] = {line: frozenset(who) for line, who in by_line.items()}
    ran = {who for by_line in lines.values() for contexts in by_line.values() for who in contexts}
    fixtures = {name: s for name, s in fixtures.items() if name in ran or s > WORTH_KNOWING}
    tests = {
        name: Asked(test.seconds, tuple(f for f in test.fixtures if f in fixtures))
        for name, test in tests.items()
    }
    return Reach(tests, fixtures, lines, _covered(combined, raw))


def _covered(combined: coverage.Coverage, raw: Path) -> dict[str, tuple[int, int, int, int]]:
    out = raw / "covered.json"
    combined.json_report(outfile=str(out), ignore_errors=True)
    sums: dict[str, list[int]] = defaultdict(lambda: [0, 0, 0, 0])
    for name, entry in json.loads(out.read_text(encoding="utf-8"))["files"].items():
        file = Path(name)
        file = file.relative_to(rooms.ROOT) if file.is_absolute() else file
        room, told = rooms.room_of(file.as_posix()), entry["summary"]
        found = (
            told["covered_lines"], told["num_statements"],
            told["covered_branches"], told["num_branches"],
        )  # fmt: skip
        sums[room] = [a + b for a, b in zip(sums[room], found, strict=True)]
    return {room: (a, b, c, d) for room, (a, b, c, d) in sums.items()}
