"""One run at a time: who holds the folder, who may take it over."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from evalkit.errors import InputErrors, Problem
from evalkit.keeping import lock as locking
from evalkit.keeping.lock import Owner, locked
from evalkit.pages.press.sentences import said
from evalkit.workspace import Workspace
from tests.keeping import small

HOLDER = """
import sys
from pathlib import Path
from evalkit.keeping.lock import locked
with locked(Path(sys.argv[1]), "run"):
    print("held", flush=True)
    sys.stdin.read()
"""


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    small.pages(monkeypatch, "good")
    return small.street(tmp_path / "ws")


def refused(space: Workspace) -> Problem:
    with pytest.raises(InputErrors) as caught, space.working("run"):
        pytest.fail("worked")
    (problem,) = caught.value.problems
    return problem


def holder(root: Path) -> subprocess.Popen[bytes]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(root)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdout.readline() == b"held\n"
    return process


def test_a_second_run_is_told_who_is_at_work_and_a_dead_one_is_taken_over(space: Workspace) -> None:
    process = holder(space.root)
    try:
        problem = refused(space)
        assert problem.code == "another_run"
        owner = json.loads((space.root / ".evalkit/lock").read_text(encoding="utf-8"))
        for part in (f"用户 {owner['user']}", f"进程 {process.pid}", owner["since"], "执行 run"):
            assert part in str(problem.found)
        assert "等它结束" in str(problem.remedy)
        with pytest.raises(InputErrors, match="another_run"):
            space.forget("2016")
        assert Workspace(space.root).check().problems == ()
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate()
    with space.working("run") as notes:
        assert [note.code.value for note in notes] == ["taken_over"]
        assert f"进程 {process.pid}" in said(notes[0])
    assert not (space.root / ".evalkit").exists()
    with space.working("run") as notes:
        assert notes == ()


def test_two_holders_in_one_process_do_not_meet(space: Workspace) -> None:
    with space.working("run"):
        assert refused(Workspace(space.root)).code == "another_run"
        with space.working("plan"):
            pass
        assert (space.root / ".evalkit/lock").exists()


def test_a_lock_of_another_machine_is_never_taken_over(space: Workspace) -> None:
    owner = Owner("小王", 1, "", "另一台电脑", "2026-01-01T08:00:00+08:00", "run")
    (space.root / ".evalkit").mkdir()
    (space.root / ".evalkit/lock").write_text(owner.text(), encoding="utf-8")
    problem = refused(space)
    assert problem.code == "another_run"
    assert "机器 另一台电脑" in str(problem.found)
    assert ".evalkit/lock" in str(problem.remedy)
    assert (space.root / ".evalkit/lock").read_text(encoding="utf-8") == owner.text()


def test_without_the_system_s_locks_what_is_written_decides(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locking, "fcntl", None)
    me = Owner.me("run")
    (space.root / ".evalkit").mkdir()
    path = space.root / ".evalkit/lock"
    path.write_text(me.text(), encoding="utf-8")
    assert refused(space).code == "another_run"
    dead = Owner(me.user, 2**22 + 1, me.born, me.machine, me.since, me.doing)
    path.write_text(dead.text(), encoding="utf-8")
    with space.working("run") as notes:
        assert len(notes) == 1


def test_numbers_of_processes_that_are_used_again_do_not_keep_the_lock() -> None:
    me = Owner.me("run")
    assert me.lives()
    other = Owner(me.user, me.process, "another boot/1", me.machine, me.since, me.doing)
    assert not other.lives()


def test_asking_whether_a_process_lives_leaves_it_alive() -> None:
    me = Owner.me("run")
    with subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE) as other:
        alive = Owner(me.user, other.pid, "", me.machine, me.since, me.doing)
        alive.lives()
        with pytest.raises(subprocess.TimeoutExpired):
            other.wait(timeout=0.5)
        other.kill()


@pytest.mark.parametrize("text", ["", "{", "[]", '{"user": 1}', "\x00" * 40])
def test_a_lock_that_names_nobody_is_in_nobody_s_way(space: Workspace, text: str) -> None:
    (space.root / ".evalkit").mkdir()
    (space.root / ".evalkit/lock").write_text(text, encoding="utf-8")
    with space.working("run") as notes:
        assert notes == ()


@pytest.mark.parametrize("what", ["home", "lock", "file"])
def test_links_and_files_in_place_of_the_lock_are_told(
    space: Workspace, tmp_path: Path, what: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    home = space.root / ".evalkit"
    if what == "home":
        home.symlink_to(elsewhere)
    elif what == "file":
        home.write_text("mine", encoding="utf-8")
    else:
        home.mkdir()
        (home / "lock").symlink_to(elsewhere / "target")
    assert refused(space).code == "in_the_way"
    assert list(elsewhere.iterdir()) == []


def test_a_run_whose_lock_was_removed_changes_nothing(space: Workspace) -> None:
    small.run(space)
    before = small.state(space.root)
    with space.working("run"):
        os.unlink(space.root / ".evalkit/lock")
        with pytest.raises(InputErrors, match="lock_lost"):
            small.run(space, seed=2)
    assert small.results(space.root) == {n: v for n, v in before.items() if n.startswith("out/")}
    assert space.verify()[1] == ()


def test_locked_waits_for_nobody_and_leaves_nothing(tmp_path: Path) -> None:
    with locked(tmp_path, "run") as lock:
        assert lock.held()
        assert lock.before is None
    assert list(tmp_path.iterdir()) == []


def test_whoever_takes_over_leaves_nothing_of_a_longer_entry(tmp_path: Path) -> None:
    lock = tmp_path / ".evalkit" / "lock"
    lock.parent.mkdir()
    lock.write_text("x" * 5_000, encoding="utf-8")
    with locked(tmp_path, "run"):
        assert json.loads(lock.read_text(encoding="utf-8"))["doing"] == "run"


@pytest.mark.parametrize(
    ("error", "alive"),
    [
        (ProcessLookupError(), False),
        (PermissionError(), True),  # somebody else's
        (OverflowError(), True),
        (None, True),
    ],
)
def test_of_a_process_that_cannot_be_asked_nobody_says_that_it_is_dead(
    error: Exception | None, alive: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def kill(process: int, number: int) -> None:
        assert (process, number) == (me.process, 0)
        if error is not None:
            raise error

    me = Owner.me("run")
    monkeypatch.setattr(locking.os, "kill", kill)
    assert me.lives() is alive
