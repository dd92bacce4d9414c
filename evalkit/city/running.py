"""Streets that changed are evaluated, each in a process; the others are not touched."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import ExitStack
from dataclasses import dataclass, replace

from evalkit import keeping
from evalkit.city import receipts, working
from evalkit.city.receipts import Receipt
from evalkit.city.town import Town
from evalkit.city.working import Task, work
from evalkit.codes import StreetState
from evalkit.keeping.lock import locked
from evalkit.pages.press import coats
from evalkit.problems import city as problems_of
from evalkit.version import __version__
from evalkit.worker import begin, startable

Progress = Callable[[int, int, Receipt], None]
"""Called with how many streets are done, of how many, and the receipt of the last one."""

STREETS_A_PROCESS = 16
"""A process makes way for a fresh one after so many streets: what it holds does not grow for ever."""


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run did.

    Attributes
    ----------
    done : tuple of Receipt
        Streets that were evaluated, also those with problems, in the city's order.
    untouched : tuple of str
        Streets whose results are of what lies there now.
    missing : tuple of str
        Streets that have no folder.
    refused : tuple of str
        Of those that have results, the streets whose scheme or questionnaires are not the city's.
    """

    done: tuple[Receipt, ...]
    untouched: tuple[str, ...]
    missing: tuple[str, ...]
    refused: tuple[str, ...] = ()

    @property
    def faulty(self) -> tuple[Receipt, ...]:
        """The streets that have no results now."""
        return tuple(receipt for receipt in self.done if receipt.problems)


def run(
    town: Town,
    wanted: Sequence[str] = (),
    *,
    jobs: int = 1,
    pdf: bool = True,
    progress: Progress | None = None,
) -> Ran:
    """Evaluate and publish every street whose receipt does not fit what lies in its folder.

    Parameters
    ----------
    wanted : sequence of str
        Ids of streets; all of them if empty.
    jobs : int
        Processes; 1 works in this one. What is written does not depend on it.
    pdf : bool
        Whether papers are made; streets whose results lack them are made anew then.

    Raises
    ------
    InputErrors
        If another run is at work on the city. Problems of a street stand in its receipt.
    """
    streets = town.chosen(wanted)
    with keeping.told(), locked(town.root, "city run"):
        states = {s.id: receipts.state_of(town, s.id, pdf=pdf)[0] for s in streets}
        settled = (StreetState.DONE, StreetState.REFUSED, StreetState.NO_FOLDER)
        tasks = [_task(town, one, pdf) for one, state in states.items() if state not in settled]
        found: dict[str, Receipt] = {}
        for receipt in _worked(tasks, jobs):
            found[receipt.street] = receipt
            if progress is not None:
                progress(len(found), len(tasks), receipt)
    others = {r.street for r in found.values() if not r.problems and r.shared != town.shared}
    others |= {one for one, state in states.items() if state is StreetState.REFUSED}
    return Ran(
        tuple(found[s.id] for s in streets if s.id in found),
        tuple(one for one, s in states.items() if s in (StreetState.DONE, StreetState.REFUSED)),
        tuple(one for one, state in states.items() if state is StreetState.NO_FOLDER),
        tuple(street.id for street in streets if street.id in others),
    )


def _task(town: Town, street: str, pdf: bool) -> Task:
    begun = Receipt(
        street=street,
        wave=town.wave,
        inputs=receipts.inputs_of(town, street),
        version=__version__,
        seed=town.city.seed_of(street),
        pdf=pdf,
    )
    return Task(town.root.absolute(), begun)


def _worked(tasks: Sequence[Task], jobs: int) -> Iterator[Receipt]:
    """Yield receipts as they come; a process that dies is told of its street alone."""
    if startable(jobs) < 2 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    left, again = iter(tasks), set[str]()
    with ExitStack() as stack:
        lanes = [_Lane(tasks[0].begun.pdf) for _ in range(min(jobs, len(tasks)))]
        for lane in lanes:
            stack.callback(lane.close)
        running = {lane.submit(task): (lane, task) for lane, task in zip(lanes, left, strict=False)}
        while running:
            for future in wait(running, return_when=FIRST_COMPLETED).done:
                lane, task = running.pop(future)
                try:
                    receipt = future.result()
                except BrokenProcessPool:
                    lane.close()
                    if task.begun.street not in again:
                        again.add(task.begun.street)
                        running[lane.submit(task)] = lane, task
                        continue
                    receipt = _died(task)
                yield receipt
                if (following := next(left, None)) is not None:
                    running[lane.submit(following)] = lane, following


def _died(task: Task) -> Receipt:
    problem = problems_of.worker_died(task.begun.street)
    receipt = replace(task.begun, problems=[problem.as_dict()])
    receipts.write(task.root, receipt)
    return receipt


class _Lane:
    """One process at a time, and a fresh one after `STREETS_A_PROCESS` streets.

    An executor's own ``max_tasks_per_child`` is no way to that: once its processes have all reached
    the number, it may start none for what still waits, and wait for ever (CPython issue 115634).
    """

    def __init__(self, pdf: bool) -> None:
        self._pdf = pdf
        self._pool: ProcessPoolExecutor | None = None
        self._served = 0

    def submit(self, task: Task) -> Future[Receipt]:
        """Begin a street; a process that died before it could begin is an outcome, too."""
        if self._served == STREETS_A_PROCESS:
            self.close()
        self._pool = self._pool or _pool(self._pdf)
        self._served += 1
        try:
            return self._pool.submit(work, task)
        except BrokenProcessPool as error:
            broken = Future[Receipt]()
            broken.set_exception(error)
            return broken

    def close(self) -> None:
        """End the process, if there is one."""
        if self._pool is not None:
            self._pool.shutdown(cancel_futures=True)
        self._pool, self._served = None, 0


def _pool(pdf: bool) -> ProcessPoolExecutor:
    """Give a process that starts from one in which everything is imported."""
    server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if server else "spawn")
    if server:
        context.set_forkserver_preload(
            [working.__name__, "scipy.stats", *(coats.TAILORS if pdf else ())]
        )
    return ProcessPoolExecutor(1, mp_context=context, initializer=begin)
