"""Streets that changed are evaluated, each in a process; the others are not touched."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass, replace

from evalkit import keeping
from evalkit.city import receipts, working
from evalkit.city.receipts import Receipt
from evalkit.city.town import Town
from evalkit.city.working import Task, begin, work
from evalkit.codes import StreetState
from evalkit.keeping.lock import locked
from evalkit.pages.press import coats
from evalkit.problems import city as problems_of
from evalkit.version import __version__

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
    if jobs < 2 or len(tasks) < 2:
        yield from map(work, tasks)
        return
    left = {task.begun.street: task for task in tasks}
    try:
        with _pool(min(jobs, len(tasks)), tasks[0].begun.pdf) as pool:
            waiting = [pool.submit(work, task) for task in tasks]
            for future in as_completed(waiting):
                receipt = future.result()
                del left[receipt.street]
                yield receipt
    except BrokenProcessPool:  # whoever is left is tried again, each in a process of its own
        for task in left.values():
            yield _alone(task)


def _alone(task: Task) -> Receipt:
    try:
        with _pool(1, task.begun.pdf) as pool:
            return pool.submit(work, task).result()
    except BrokenProcessPool:
        problem = problems_of.worker_died(task.begun.street)
        receipt = replace(task.begun, problems=[problem.as_dict()])
        receipts.write(task.root, receipt)
        return receipt


@contextmanager
def _pool(jobs: int, pdf: bool) -> Iterator[ProcessPoolExecutor]:
    """Give processes that start from one in which everything is imported."""
    server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if server else "spawn")
    if server:
        context.set_forkserver_preload(
            [working.__name__, "scipy.stats", *(coats.TAILORS if pdf else ())]
        )
    pool = ProcessPoolExecutor(
        jobs, mp_context=context, initializer=begin, max_tasks_per_child=STREETS_A_PROCESS
    )
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)
