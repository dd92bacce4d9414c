"""Every mutant in a process of its own, forked from one that has loaded the libraries already.

Two at a time; a child changes into its copy of the project, imports the changed program for the
first time, and runs the tests of the line, the likeliest first, until one fails.
"""

from __future__ import annotations

import importlib
import json
import os
import signal
import sys
import time
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Sequence
from contextlib import ExitStack
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from scripts.mutants import rooms
from scripts.mutants.copies import Copy
from scripts.mutants.reach import Reach
from scripts.mutants.sampling import Mutant

LIBRARIES = (
    "numpy", "pandas", "scipy.stats", "scipy.optimize", "scipy.linalg", "scipy.sparse",
    "statsmodels.api", "duckdb", "pydantic", "altair", "weasyprint", "openpyxl", "hypothesis",
    "typer.testing", "jinja2", "vl_convert", "python_calamine", "yaml", "rich.progress", "opencc",
    "pypdf", "xlwt", "threadpoolctl", "PIL.Image", "fontTools.ttLib",
)  # fmt: skip
"""Loaded before the first fork; nothing of the project and no test is."""

WORTH = 75.0
"""Seconds of tests, by their own durations, that a mutant is tried with; cheapest first."""
APPEAL = 200.0
"""Seconds of the tests left out, that whoever survives is tried with in a second round."""
SLACK = 90.0
"""Seconds of work beyond what its tests should take, until a mutant is stopped."""
STUCK = 45.0
"""Seconds of work in one test beyond five times its own: the mutant loops."""
PATIENCE = 4.0
"""How many times slower than alone the machine may be, until a mutant is stopped."""

Fate = Literal["killed", "loops", "survived", "unreached", "stopped"]


@dataclass(frozen=True, slots=True)
class Tried:
    """What became of a mutant.

    Attributes
    ----------
    fate : str
        ``loops`` is a kill, too: a test never ends. ``stopped`` ran out of time without that, and
        counts as surviving, as ``unreached`` does.
    by : str
        The test that failed, or was running when it was stopped.
    tests : int
        How many tests it was tried with at most.
    """

    mutant: Mutant | None
    fate: Fate
    by: str
    tests: int
    seconds: float

    @property
    def killed(self) -> bool:
        """Whether a test noticed."""
        return self.fate in ("killed", "loops")

    def as_dict(self) -> dict[str, Any]:
        """Return it for a file."""
        assert self.mutant is not None
        own = asdict(self)
        mutant = own.pop("mutant")
        return {
            "file": mutant["file"], "line": self.mutant.line, "text": mutant["text"],
            "operator": mutant["change"]["operator"], "change": self.mutant.told, **own,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Task:
    """A mutant, or None: the program as it is, to see that no test fails of itself; and the tests to run, in order.

    `whole` names files or folders of tests, which are run whole instead.
    """

    mutant: Mutant | None
    tests: Sequence[str]
    seconds: float
    durations: dict[str, float]
    whole: Sequence[str] = ()

    @property
    def places(self) -> list[str]:
        """Return the files and folders the tests stand in."""
        return list(self.whole) or list(dict.fromkeys(n.split("::")[0] for n in self.tests))


def plan(mutant: Mutant, reach: Reach, worth: float = WORTH, without: Collection[str] = ()) -> Task:
    """Choose and order the tests of a mutant: by cost, its own file's, its room's and the nets first.

    Tests that share work stand together, and it is paid for once. Of a file with many tests each
    counts dearer than the one before: what its first ones miss, those of another file may see.

    Parameters
    ----------
    without : collection of str
        Tests that it was tried with before.
    """
    span = mutant.change.span
    groups: dict[tuple[str, ...], list[str]] = {}
    for name in reach.tests_of(mutant.file, span[0], span[2]):
        if name in without:
            continue
        shared = reach.tests[name].fixtures
        key = (name.split("::")[0], *shared) if shared else (name,)
        groups.setdefault(key, []).append(name)

    def shared(key: tuple[str, ...]) -> dict[str, float]:
        return {name: reach.fixtures.get(name, 0.0) for name in key[1:]}

    def cost(key: tuple[str, ...]) -> float:
        return sum(shared(key).values()) + min(reach.tests[t].seconds for t in groups[key])

    chosen: list[str] = []
    spent, paid = 0.0, set[str]()
    counts = {key: (cost(key) + 0.01) * rooms.nearness(mutant.file, key[0]) for key in groups}
    before: Counter[str] = Counter()
    for key in sorted(groups, key=lambda k: counts[k]):
        where = key[0].split("::")[0]
        counts[key] *= 1 + before[where] / 4
        before[where] += 1
    for key in sorted(groups, key=lambda k: counts[k]):
        due = sum(seconds for name, seconds in shared(key).items() if name not in paid)
        for name in sorted(groups[key], key=lambda t: reach.tests[t].seconds):
            price = due + reach.tests[name].seconds
            if chosen and spent + price > worth:
                break
            chosen.append(name)
            paid |= shared(key).keys()
            spent, due = spent + price, 0.0
    return Task(mutant, chosen, spent, {t: reach.tests[t].seconds for t in chosen})


def run(
    tasks: Iterable[Task], folder: Path, *, workers: int, told: Callable[[Tried], None]
) -> tuple[list[Tried], list[str]]:
    """Try every task, `workers` at a time; tell of each as soon as it is known.

    Returns
    -------
    list of Tried, list of str
        The second names tests that killed a mutant and fail on the program as it is, too.
    """
    for library in LIBRARIES:
        try:
            importlib.import_module(library)
        except ImportError:
            print(f"    without {library}", flush=True)
    waiting = list(tasks)
    first = Copy(folder / "worker0")
    if places := sorted({place for task in waiting for place in task.places}):
        first.compile(places)
    _rehearse(first, waiting)
    copies = [first, *(Copy(folder / f"worker{at}", like=first) for at in range(1, workers))]
    done = _through(waiting, copies, told)
    killers = list(dict.fromkeys(t.by for t in done if t.fate == "killed" and "::" in t.by))
    control = _Child(copies[0], Task(None, killers, 600.0, {})) if killers else None
    while control is not None and control.look() is None:
        time.sleep(0.05)
    failed = copies[0].temporary / "failed"
    return done, failed.read_text(encoding="utf-8").splitlines() if failed.exists() else []


def _rehearse(copy: Copy, tasks: Sequence[Task]) -> None:
    """Run a test on the program as it is: an instrument that cannot do that kills every mutant."""
    asked = next((task for task in tasks if task.tests or task.whole), None)
    if asked is None:
        return
    child = _Child(copy, Task(None, asked.tests[:1], 120.0, {}, asked.whole[:1]))
    while (found := child.look()) is None:
        time.sleep(0.05)
    if found.fate != "survived":
        told = (copy.temporary / "output").read_text(encoding="utf-8", errors="replace")
        raise RuntimeError(f"without any mutant a test does not run or fails:\n{told[-2000:]}")


def _through(
    tasks: Iterable[Task], copies: Sequence[Copy], told: Callable[[Tried], None]
) -> list[Tried]:
    waiting, running, done = list(tasks)[::-1], list[_Child](), list[Tried]()
    while waiting or running:
        free = [c for c in copies if c not in [child.copy for child in running]]
        while free and waiting:
            task = waiting.pop()
            if not (task.tests or task.whole):
                done.append(Tried(task.mutant, "unreached", "", 0, 0.0))
                told(done[-1])
                continue
            running.append(_Child(free.pop(), task))
        time.sleep(0.05)
        for child in [*running]:
            found = child.look()
            if found is not None:
                running.remove(child)
                done.append(found)
                told(found)
    return done


class _Child:
    """One forked process and the mutant it lives with."""

    def __init__(self, copy: Copy, task: Task) -> None:
        self.copy, self.task, self.start = copy, task, time.monotonic()
        copy.clean()
        copy.temporary.mkdir(parents=True)
        self._telling = copy.temporary / "progress"
        self._stack = ExitStack()
        if task.mutant is not None:
            self._stack.enter_context(copy.changed(task.mutant.file, task.mutant.applied()))
        sys.stdout.flush()
        self.pid = os.fork()
        if self.pid == 0:
            _live(copy, task, self._telling)

    def look(self) -> Tried | None:
        """Return what became of it, None while it lives."""
        pid, status = os.waitpid(self.pid, os.WNOHANG)
        spent = time.monotonic() - self.start
        current, before = self._progress()
        if pid:
            return self._end(_fate(os.waitstatus_to_exitcode(status)), current, spent)
        usual = self.task.durations.get(current, 5.0)
        worked, limit = _worked(self.pid), SLACK + 2 * self.task.seconds
        if self.task.mutant is not None and current and worked - before > STUCK + 5 * usual:
            return self._stop("loops", current, spent)
        if worked > limit or spent > PATIENCE * limit:
            return self._stop("stopped", current, spent)
        return None

    def _progress(self) -> tuple[str, float]:
        try:
            told = json.loads(self._telling.read_text(encoding="utf-8"))
        except (OSError, ValueError):
            return "", 0.0
        return str(told[0]), float(told[1])

    def _stop(self, fate: Fate, current: str, spent: float) -> Tried:
        os.killpg(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        return self._end(fate, current, spent)

    def _end(self, fate: Fate, current: str, spent: float) -> Tried:
        self._stack.close()
        by = "" if fate == "survived" else current or "nothing could be imported"
        count = len(self.task.tests)
        return Tried(self.task.mutant, fate, by, count, round(spent, 1))


def _worked(pid: int) -> float:
    """Return the seconds a process and its children that ended have worked."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rsplit(")", 1)[1].split()
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK")


def _fate(code: int) -> Fate:
    """Return what an exit code says, 5: a mutant that leaves no test to run is not noticed."""
    if code == 99:
        raise RuntimeError("a child tested another copy of the program than its own")
    return "survived" if code in (0, 5) else "killed"


def _live(copy: Copy, task: Task, telling: Path) -> None:
    """Be the child: never returns."""
    code = 98
    try:
        os.setsid()
        os.chdir(copy.root)
        out = os.open(copy.temporary / "output", os.O_WRONLY | os.O_CREAT)
        nothing = os.open(os.devnull, os.O_RDONLY)
        for number, target in ((nothing, 0), (out, 1), (out, 2)):
            os.dup2(number, target)
        own = {str(rooms.ROOT), ""}
        sys.path[:] = [str(copy.root), *(p for p in sys.path if p not in own)]
        os.environ["PYTHONPATH"] = str(copy.root)
        os.environ["PYTHONDONTWRITEBYTECODE"] = "1"
        sys.dont_write_bytecode = True
        for name in [n for n in sys.modules if n == "scripts" or n.startswith("scripts.")]:
            del sys.modules[name]
        code = _test(task, copy, telling)
        program = sys.modules.get("evalkit")
        if program is not None and not str(program.__file__).startswith(str(copy.root)):
            code = 99
    finally:
        os._exit(code)


def _test(task: Task, copy: Copy, telling: Path) -> int:
    import pytest

    order = {name: at for at, name in enumerate(task.tests)}

    class Ordered:
        @pytest.hookimpl(trylast=True)
        def pytest_collection_modifyitems(self, items: list[pytest.Item]) -> None:
            if order:
                items[:] = sorted(
                    (item for item in items if item.nodeid in order), key=lambda i: order[i.nodeid]
                )

        @pytest.hookimpl(tryfirst=True)
        def pytest_runtest_protocol(self, item: pytest.Item) -> None:
            told = json.dumps([item.nodeid, sum(os.times()[:4])])
            telling.write_text(told, encoding="utf-8")

        def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
            if report.failed:
                with (copy.temporary / "failed").open("a", encoding="utf-8") as file:
                    print(report.nodeid, file=file)

    arguments = ["-q", *(["-x"] if task.mutant else []), "-p", "no:cacheprovider", "-p", "no:xdist"]
    basetemp = f"--basetemp={copy.temporary / 'pytest'}"
    return int(pytest.main([*arguments, basetemp, *task.places], plugins=[Ordered()]))
