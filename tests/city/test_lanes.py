"""Processes that streets are handed to: one that dies, one that makes way, more streets than both may serve."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from evalkit.city import receipts, running
from evalkit.city.working import Task
from tests.city.test_folders import codes


class Executors:
    """Makes executors that work at once, in this process; they die of a street as often as it is said."""

    def __init__(self, **deaths: int) -> None:
        self.deaths = deaths
        self.made: list[Executor] = []

    def __call__(self, pdf: bool) -> Executor:
        self.made.append(Executor(self.deaths))
        return self.made[-1]


class Executor:
    """One of them; `before` it dies without having taken a street called so."""

    before = "none"

    def __init__(self, deaths: dict[str, int]) -> None:
        self.deaths, self.served, self.ended = deaths, list[str](), False

    def submit(self, work: Callable[[Task], receipts.Receipt], task: Task) -> Future[Any]:
        street, future = task.begun.street, Future[Any]()
        dies = self.deaths.get(street, 0) > 0
        self.deaths[street] = self.deaths.get(street, 0) - 1
        if dies and street == self.before:
            raise BrokenProcessPool("gone before")
        self.served.append(street)
        if dies:
            future.set_exception(BrokenProcessPool(street))
        else:
            future.set_result(task.begun)
        return future

    def shutdown(self, *, cancel_futures: bool) -> None:
        self.ended = cancel_futures


def begun(root: Path, streets: int) -> list[Task]:
    """Streets of which nobody has made a folder."""
    blank = receipts.Receipt("", "2016", "", "", 1, False)
    return [Task(root, replace(blank, street=f"s{n:03d}")) for n in range(1, streets + 1)]


def names(streets: int) -> list[str]:
    return [f"s{n:03d}" for n in range(1, streets + 1)]


def test_a_process_that_dies_is_told_of_its_street_when_it_dies_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(running, "_pool", pools := Executors(s002=1, s003=2))
    found = {r.street: codes(r.told) for r in running._worked(begun(tmp_path, 5), jobs=2)}
    assert found == {"s001": [], "s002": [], "s003": ["worker_died"], "s004": [], "s005": []}
    served = [street for executor in pools.made for street in executor.served]
    assert sorted(served) == sorted([*names(5), "s002", "s003"])
    assert all(executor.ended for executor in pools.made)
    assert [path.name for path in (tmp_path / "receipts").iterdir()] == ["s003.json"]


def test_a_process_that_died_between_two_streets_costs_neither(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Executor, "before", "s003")
    monkeypatch.setattr(running, "_pool", Executors(s003=1))
    found = {r.street: codes(r.told) for r in running._worked(begun(tmp_path, 4), jobs=2)}
    assert found == {street: [] for street in names(4)}


@pytest.mark.parametrize(("streets", "processes"), [(1, 0), (2, 2), (4, 2), (5, 3), (9, 5)])
def test_a_process_makes_way_after_so_many_streets(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, streets: int, processes: int
) -> None:
    monkeypatch.setattr(running, "STREETS_A_PROCESS", 2)
    monkeypatch.setattr(running, "_pool", pools := Executors())
    assert len([*running._worked(begun(tmp_path, streets), jobs=2)]) == streets
    assert len(pools.made) == processes
    assert max((len(executor.served) for executor in pools.made), default=0) <= 2


def test_more_streets_than_two_processes_may_serve_come_to_an_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Real processes. An executor that renews its own stopped for ever after the first two."""
    monkeypatch.setattr(running, "STREETS_A_PROCESS", 3)
    found = [*running._worked(begun(tmp_path, 13), jobs=2)]
    assert sorted(receipt.street for receipt in found) == names(13)
    assert all(receipt.problems for receipt in found)
    assert len([*(tmp_path / "receipts").iterdir()]) == 13
