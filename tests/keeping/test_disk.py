"""Whatever a folder or a disk does: one Chinese line, exit 1, the last good results in place."""

from __future__ import annotations

import errno
import os
import re
import shutil
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evalkit import archive, keeping, publication
from evalkit.cli import app
from evalkit.console import starting
from evalkit.errors import InputErrors, Problem, Problems
from evalkit.keeping import committing, disk
from evalkit.problems import keeping as problems
from evalkit.workspace import Workspace
from tests.keeping import small


@pytest.fixture
def space(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    small.pages(monkeypatch, "newer")
    return small.kept(tmp_path / "ws")


def refused(space: Workspace) -> Problem:
    """A run is refused with one problem; what was kept is as before."""
    before = small.results(space.root)
    with pytest.raises(InputErrors) as caught:
        small.run(space, seed=2)
    (problem,) = caught.value.problems
    assert problem.remedy
    assert small.results(space.root) == before
    return problem


# --- before computing -------------------------------------------------------------------------


@pytest.mark.parametrize("place", ["out", "out/2016", "evaluation.duckdb", "history.jsonl"])
@pytest.mark.parametrize("what", ["link", "other"])
def test_a_link_or_something_else_in_the_way_is_told_and_not_followed(
    space: Workspace, tmp_path: Path, place: str, what: str
) -> None:
    target, path = tmp_path / "elsewhere", space.root / place
    path.rename(target)
    is_folder = target.is_dir()
    if what == "link":
        path.symlink_to(target)
    elif is_folder:
        path.write_text("mine", encoding="utf-8")
    else:
        path.mkdir()
    there = small.state(target) if is_folder else target.read_bytes()
    with pytest.raises(InputErrors) as caught, space.working("run"):
        pytest.fail("computed")
    assert {problem.code for problem in caught.value.problems} == {"in_the_way"}
    assert caught.value.problems[0].file == place
    assert (small.state(target) if is_folder else target.read_bytes()) == there
    path.unlink() if not path.is_dir() or path.is_symlink() else path.rmdir()
    target.rename(path)
    assert space.verify()[1] == ()


def test_links_of_the_old_temporary_names_are_not_touched(space: Workspace, tmp_path: Path) -> None:
    (tmp_path / "precious").mkdir()
    (tmp_path / "precious/file").write_text("mine", encoding="utf-8")
    for name in (".2016.new", ".2016.old", ".2014.old"):
        (space.root / "out" / name).symlink_to(tmp_path / "precious")
    small.run(space, seed=2)
    assert (tmp_path / "precious/file").read_text(encoding="utf-8") == "mine"
    assert not (space.root / "out/2014").exists()


def test_a_full_or_closed_disk_is_told_before_computing(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        usage = shutil.disk_usage(space.root)
        patch.setattr(shutil, "disk_usage", lambda _: usage._replace(free=1000))
        assert refused(space).code == "little_room"
    with monkeypatch.context() as patch:
        patch.setattr(os, "access", lambda path, mode: Path(path).name != "out")
        problem = refused(space)
        assert (problem.code, problem.message) == ("disk_failed", "没有读写权限")
    log = space.root / "evaluation.duckdb.wal"
    log.write_bytes(b"x")
    assert refused(space).code == "archive_in_use"


# --- while writing ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("number", "message"),
    [(errno.ENOSPC, "磁盘已满"), (errno.EFBIG, "文件超过了系统允许的大小"), (errno.EROFS, "磁盘是只读的"),
     (errno.EDQUOT, "磁盘配额已用完"), (errno.ENAMETOOLONG, "路径或文件名太长"), (errno.EINTR, "文件无法读写")],
)  # fmt: skip
def test_whatever_the_disk_refuses_is_one_line(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, number: int, message: str
) -> None:
    def publish(made: object, folder: Path, **options: object) -> None:
        (folder / "ranking.csv").write_text("half", encoding="utf-8")
        raise OSError(number, os.strerror(number), str(folder / "scores.csv"))

    monkeypatch.setattr(publication, "publish", publish)
    problem = refused(space)
    assert (problem.code, problem.message) == ("disk_failed", message)
    assert str(problem.file).endswith("scores.csv")
    assert not (space.root / ".evalkit").exists()


@pytest.mark.parametrize("swaps", [True, False])
@pytest.mark.parametrize("limit", [1, 2, 3, 4, 5, 6])
def test_a_disk_that_refuses_a_move_gets_the_old_state_back(
    space: Workspace, monkeypatch: pytest.MonkeyPatch, limit: int, swaps: bool
) -> None:
    real, seen = os.replace, [0]

    def replace(source: Path, target: Path) -> None:
        seen[0] += 1
        if seen[0] == limit:
            raise small.full_disk(Path(target))
        real(source, target)

    before = small.state(space.root)
    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        if not swaps:
            patch.setattr(disk, "exchange", lambda one, other: False)
        moves = 3 if swaps else 5
        if limit <= moves:
            with pytest.raises(InputErrors, match="disk_failed"):
                small.run(space, seed=2)
            assert small.state(space.root) == before
        else:
            small.run(space, seed=2)
            assert seen[0] == moves
    assert space.verify()[1] == ()
    assert not (space.root / ".evalkit").exists()


def test_without_exchange_a_kill_between_two_moves_is_repaired_by_whoever_comes_next(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Killed(BaseException):
        pass

    real = os.replace

    def replace(source: Path, target: Path) -> None:
        if Path(target).name == "2016":
            raise Killed
        real(source, target)

    with monkeypatch.context() as patch:
        patch.setattr(os, "replace", replace)
        patch.setattr(disk, "exchange", lambda one, other: False)
        with pytest.raises(Killed):
            small.run(space, seed=2)
    assert not (space.root / "out/2016").exists()
    history, differences = space.verify()
    assert (len(history.entries), differences) == (2, ())
    assert "newer" in (space.root / "out/2016/ranking.csv").read_text(encoding="utf-8")


def test_files_that_vanish_or_change_while_they_are_written_are_no_success(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = publication.publish

    def publish(made: Any, folder: Path, **options: Any) -> publication.Published:
        found = real(made, folder, **options)
        (folder / "scores.csv").unlink()
        return found

    with monkeypatch.context() as patch:
        patch.setattr(publication, "publish", publish)
        problem = refused(space)
    assert (problem.code, problem.found) == ("not_kept", "scores.csv")

    def carry_out(root: Path, folder: Path, step: Any) -> None:
        carried(root, folder, step)
        if step.target == "out/2016":
            (root / "out/2016/ranking.csv").write_text("other", encoding="utf-8")

    carried = committing._carry_out
    monkeypatch.setattr(committing, "_carry_out", carry_out)
    with pytest.raises(InputErrors, match="not_kept"):
        small.run(space, seed=3)


def test_a_folder_that_is_deleted_during_the_run_is_told(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def publish(made: object, folder: Path, **options: object) -> None:
        shutil.rmtree(space.root)
        (folder / "ranking.csv").write_text("x", encoding="utf-8")

    monkeypatch.setattr(publication, "publish", publish)
    with pytest.raises(InputErrors, match="disk_failed"):
        small.run(space, seed=2)


# --- what a dead run left ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "text", ["", "[]", '{"desk": "..", "steps": []}',
             '{"desk": "desk-%s", "steps": [{"name": "x", "target": "../x", "content": null}]}' % ("0" * 32),
             '{"desk": "desk-%s", "steps": [{"name": "x", "target": "roster.csv", "content": null}]}' % ("0" * 32)],
)  # fmt: skip
def test_an_intent_that_is_none_of_ours_moves_nothing(space: Workspace, text: str) -> None:
    before = small.state(space.root)
    (space.root.parent / "x").write_text("mine", encoding="utf-8")
    (space.root / ".evalkit").mkdir()
    (space.root / ".evalkit/intent.json").write_text(text, encoding="utf-8")
    assert space.verify()[1] == ()
    assert small.state(space.root) == before
    assert (space.root.parent / "x").read_text(encoding="utf-8") == "mine"


def test_only_what_the_dead_left_is_cleared_away(space: Workspace) -> None:
    from evalkit.keeping.lock import Owner

    me = Owner.me("run")
    owners = {
        "a": Owner(me.user, 2**22 + 1, me.born, me.machine, me.since, me.doing),
        "b": me,
        "c": Owner("小王", 1, "", "另一台电脑", me.since, "run"),
    }
    desks = {name: space.root / ".evalkit" / f"desk-{name * 32}" for name in owners}
    for name, owner in owners.items():
        desks[name].mkdir(parents=True)
        (desks[name] / "owner.json").write_text(owner.text(), encoding="utf-8")
    os.utime(desks["b"], (0, 0))
    small.run(space, seed=2)
    assert [name for name in desks if desks[name].exists()] == ["b", "c"]
    os.utime(desks["c"], (0, 0))
    small.run(space, seed=3)
    assert [name for name in desks if desks[name].exists()] == ["b"]


def test_what_an_earlier_version_left_between_two_renames_is_brought_back(space: Workspace) -> None:
    before = small.results(space.root)
    (space.root / "out/2016").rename(space.root / "out/.2016.old")
    (space.root / "out/.2016.new").mkdir()
    with space.working("run"):
        assert small.results(space.root) == before


# --- the command line -------------------------------------------------------------------------


def test_a_path_that_is_too_long_is_one_line() -> None:
    for command in ("check", "run", "verify", "history", "new"):
        outcome = CliRunner().invoke(app, [command, "名" * 300])
        assert outcome.exit_code == 1, outcome.output
        assert "发现 1 个问题" in outcome.output
        assert "[disk_failed]" in outcome.output
        assert "路径或文件名太长" in outcome.output


def test_a_path_that_is_no_text_is_told() -> None:
    outcome = CliRunner().invoke(app, ["check", "ws\udce8\udca1"])
    assert outcome.exit_code == 1
    assert "unwritable_name" in re.findall(r"\[([a-z_]+)\]", outcome.output)


def test_without_chinese_in_the_system_s_encoding_it_begins_again_in_utf8(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    called: list[Any] = []
    monkeypatch.setattr(os, "execve", lambda *arguments: called.append(arguments))
    starting.in_utf8()
    assert called == []
    monkeypatch.setattr("sys.getfilesystemencoding", lambda: "ascii")
    monkeypatch.setattr("sys.orig_argv", ["python", "-m", "evalkit", "check", "街"])
    monkeypatch.setattr("sys.flags", type("Flags", (), {"utf8_mode": 0})())
    starting.in_utf8()
    ((program, arguments, environment),) = called
    assert arguments == [program, "-X", "utf8", "-m", "evalkit", "check", "街"]
    assert environment["PYTHONUTF8"] == "1"


def test_every_refusal_has_a_remedy() -> None:
    known = [number for number in vars(errno).values() if isinstance(number, int)]
    for number in known:
        problem = problems.disk_failed(OSError(number, os.strerror(number), b"a\xff"))
        assert problem.message
        assert problem.remedy
        assert str(problem.file).isprintable()
    assert keeping.OUT == "out"


def test_the_disk_is_waited_for_when_it_has_been_told_everything(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    sizes: list[int] = []
    monkeypatch.setattr(os, "fsync", lambda handle: sizes.append(os.fstat(handle).st_size))
    disk.write(tmp_path / "a", b"twelve bytes")
    disk.flush(tmp_path / "a")
    assert sizes == [12, 12]


def test_files_that_cannot_all_be_placed_leave_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "new/receipts"
    disk.place({"a.json": b"1", "b.json": b"2"}, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.json": b"1", "b.json": b"2",
    }  # fmt: skip
    write = disk.write

    def full(path: Path, data: bytes) -> None:
        write(path, data[:1])
        if path.name == ".b.json.new":
            raise small.full_disk(path)

    monkeypatch.setattr(disk, "write", full)
    with pytest.raises(OSError, match="space"):
        disk.place({"a.json": b"3", "b.json": b"4"}, folder)
    assert {path.name: path.read_bytes() for path in folder.iterdir()} == {
        "a.json": b"1", "b.json": b"2",
    }  # fmt: skip


def test_a_database_that_cannot_be_read_back_is_not_kept(
    space: Workspace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def unreadable(path: Path, found: Problems) -> None:
        found.collect(Problem("archive_damaged", "读不出"))

    before = small.state(space.root)
    monkeypatch.setattr(archive, "fingerprint_of", unreadable)
    with pytest.raises(InputErrors, match="archive_damaged"):
        small.run(space, seed=2)
    assert small.state(space.root) == before
