"""Streets are evaluated when they have changed and at no other time, whatever became of others."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import fields, replace
from pathlib import Path

import pytest

import evalkit as ek
from evalkit import archive, city
from evalkit.city import receipts, running, working
from evalkit.city.working import Task
from evalkit.codes import StreetState
from evalkit.errors import InputErrors, Problem, Problems, RenderError
from evalkit.workspace import Workspace
from tests.city import small
from tests.city.small import cheaply
from tests.city.test_folders import change, codes
from tests.city.test_lanes import Executors

__all__ = ["cheaply"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small.ran(tmp_path / "city")


def of(state: dict[str, tuple[bytes, int]], street: str) -> dict[str, tuple[bytes, int]]:
    own = (f"streets/{street}/", f"receipts/{street}.json")
    return {name: found for name, found in state.items() if name.startswith(own)}


def results(root: Path) -> dict[str, object]:
    """What must not depend on what happened on the way: databases by content, logs not at all."""
    found: dict[str, object] = {}
    for name, (content, _) in small.state(root).items():
        if name.endswith("evaluation.duckdb"):
            found[name] = archive.fingerprint_of(root / name, Problems())
        elif name.startswith("receipts/"):
            receipt = receipts.read(small.town(root), Path(name).stem)
            assert receipt is not None
            found[name] = (receipt.inputs, receipt.manifest, receipt.fingerprint, receipt.told)
        elif not name.endswith("history.jsonl"):
            found[name] = content
    return found


def test_where_nothing_changed_nothing_is_done(root: Path, cheaply: None) -> None:
    before = small.state(root)
    ran = city.run(small.town(root))
    assert (ran.done, ran.untouched, ran.missing) == ((), small.STREETS, ())
    assert small.state(root) == before


def test_one_street_changed_and_only_that_one_is_done(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.as_pickled(small.pickled(), monkeypatch)
    before = small.state(root)
    change(root / "streets/s002/roster.csv", "老公房", "商品房")
    ran = city.run(small.town(root))
    assert [receipt.street for receipt in ran.done] == ["s002"]
    after = small.state(root)
    for street in ("s001", "s003"):
        assert of(after, street) == of(before, street)
    assert of(after, "s002") != of(before, "s002")
    assert city.run(small.town(root)).done == ()


def test_what_lacks_or_is_of_another_file_is_made_again(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.as_pickled(small.pickled(), monkeypatch)
    before = results(root)
    (root / "streets/s001/out/2016/scores.csv").unlink()
    lying = (root / "receipts/s003.json").read_bytes()
    (root / "receipts/s003.json").write_text("{", encoding="utf-8")
    town = small.town(root)
    states = [receipts.state_of(town, street)[0] for street in small.STREETS]
    assert states == [StreetState.CHANGED, StreetState.DONE, StreetState.NOT_RUN]
    assert [receipt.street for receipt in city.run(town, ["s001"]).done] == ["s001"]
    (root / "receipts/s003.json").write_bytes(lying)
    assert results(root) == before


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        ("scheme.yaml", "cutoff: 90", "cutoff: 91"),
        ("questionnaires/resident.yaml", "办事方便", "办事很方便"),
        ("city.yaml", "seed: 7", "seed: 8"),
    ],
)
def test_what_all_streets_share_makes_all_of_them_change(
    root: Path, file: str, old: str, new: str
) -> None:
    change(root / file, old, new)
    town = small.town(root)
    assert {receipts.state_of(town, s)[0] for s in small.STREETS} == {StreetState.CHANGED}


def test_a_street_alone_gives_the_bytes_it_gives_in_its_city(root: Path, cheaply: None) -> None:
    out = root / "streets/s003/out/2016"
    before = {path.name: path.read_bytes() for path in out.iterdir()}
    space = ek.open(root / "streets/s003")
    space.publish(space.evaluate())
    assert space.verify()[1] == ()  # what it shares lies outside its folder and is verified, too
    assert {path.name: path.read_bytes() for path in out.iterdir()} == before


def test_a_street_with_problems_does_not_keep_the_others_from_going_on(
    root: Path, cheaply: None
) -> None:
    change(root / "streets/s001/responses/2016/resident.csv", "非常满意", "特别满意")
    (root / "streets/s003/evaluation.yaml").unlink()
    seen: list[str] = []
    ran = city.run(small.town(root), progress=lambda n, of, receipt: seen.append(receipt.street))
    assert seen == ["s001"]
    assert ran.untouched == ("s002",)
    assert [receipt.street for receipt in ran.faulty] == ["s001"]
    assert set(codes(ran.faulty[0].told)) == {"unknown_option"}
    assert ran.missing == ("s003",)
    town = small.town(root)
    states = [receipts.state_of(town, street)[0] for street in small.STREETS]
    assert states == [StreetState.FAULTY, StreetState.DONE, StreetState.NO_FOLDER]


def test_a_street_whose_seed_is_not_its_own_is_not_evaluated(root: Path, cheaply: None) -> None:
    change(root / "streets/s001/evaluation.yaml", "seed: ", "seed: 1")
    ran = city.run(small.town(root), ["s001"])
    assert codes(ran.faulty[0].told) == ["another_seed"]


@pytest.mark.parametrize("error", [RenderError("缺字"), ZeroDivisionError("oh")])
def test_pages_that_cannot_be_made_are_a_problem_of_their_street(
    root: Path, cheaply: None, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def refuse(*args: object, **options: object) -> None:
        raise error

    change(root / "streets/s001/roster.csv", "老公房", "商品房")
    monkeypatch.setattr(Workspace, "evaluate", refuse)
    (receipt,) = city.run(small.town(root)).done
    assert codes(receipt.told) == ["street_failed"]
    assert str(error) in str(receipt.told[0].found)


def test_a_street_whose_process_died_is_faulty(
    root: Path, cheaply: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    for street in ("s001", "s002"):
        change(root / f"streets/{street}/roster.csv", "老公房", "商品房")
    with monkeypatch.context() as patch:
        patch.setattr(running, "_pool", Executors(s001=2, s002=2))
        ran = city.run(small.town(root), jobs=2)
    assert [codes(receipt.told) for receipt in ran.done] == [["worker_died"], ["worker_died"]]
    assert receipts.state_of(small.town(root), "s001")[0] is StreetState.FAULTY


def test_papers_that_lack_are_made_when_they_are_asked_for(root: Path) -> None:
    town = small.town(root)
    receipt = receipts.read(town, "s001")
    assert receipt is not None
    assert receipt.pdf
    plain = receipts.Receipt(**{**receipt_fields(receipt), "pdf": False})
    receipts.write(root, plain)
    assert receipts.state_of(town, "s001")[0] is StreetState.DONE
    assert receipts.state_of(town, "s001", pdf=True)[0] is StreetState.CHANGED


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('"seed": ', '"seed": "x", "was": '),
        ('"pdf": true', '"pdf": 1'),
        ('"problems": []', '"problems": [1]'),
    ],
)
def test_a_receipt_that_nobody_wrote_is_none(root: Path, old: str, new: str) -> None:
    change(root / "receipts/s001.json", old, new)
    assert receipts.read(small.town(root), "s001") is None


def receipt_fields(receipt: receipts.Receipt) -> dict[str, object]:
    return {name: getattr(receipt, name) for name in receipts.Receipt.__dataclass_fields__}


def test_a_street_with_another_scheme_has_results_of_its_own_and_is_told_apart(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = small.town(root).scheme.model_copy(update={"title": "另一个方案"})
    small.as_pickled(small.pickled(), monkeypatch, other)
    change(root / "streets/s001/roster.csv", "老公房", "商品房")
    ran = city.run(small.town(root))
    assert [receipt.street for receipt in ran.done] == ["s001"]
    assert (ran.faulty, ran.refused) == ((), ("s001",))
    assert receipts.state_of(small.town(root), "s001")[0] is StreetState.REFUSED
    again = city.run(small.town(root))
    assert (again.done, again.untouched, again.refused) == ((), small.STREETS, ("s001",))


def test_a_street_in_which_somebody_else_is_at_work_is_waited_for_and_then_told(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.as_pickled(small.pickled(), monkeypatch)
    change(root / "streets/s001/roster.csv", "老公房", "商品房")
    slept: list[float] = []
    monkeypatch.setattr(working.time, "sleep", slept.append)
    with running.locked(root / "streets/s001", "run"):
        (receipt,) = city.run(small.town(root)).done
    assert codes(receipt.told) == ["another_run"]
    assert len(slept) == working._PATIENCE - 1
    assert city.run(small.town(root)).faulty == ()


def test_two_runs_on_one_city_do_not_meet(root: Path) -> None:
    with running.locked(root, "city run"), pytest.raises(InputErrors) as caught:
        city.run(small.town(root))
    assert codes(caught.value.problems) == ["another_run"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_a_run_that_is_killed_anywhere_and_taken_up_again_gives_the_same(
    root: Path, tmp_path: Path, cheaply: None
) -> None:
    """More places in the campaign: ``make attack PARTS=city``."""
    undisturbed = results(root)
    small.unmade(root, "s001")
    place = small.copied(root, tmp_path / "killed")
    pairs = [str(place), "19"]
    command = [
        sys.executable,
        "-W",
        "ignore",
        "-m",
        "tests.city.killing",
        "s001",
        str(small.pickled()),
        *pairs,
    ]
    here = Path(__file__).parents[2]
    done = subprocess.run(command, cwd=here, stdout=subprocess.PIPE, check=True, timeout=120)
    assert done.stdout.split() == [b"-9", b"19"]
    assert results(place) == undisturbed


@pytest.mark.parametrize("held", [1, 19, 20, 99])
def test_a_street_that_a_dying_run_holds_is_tried_twenty_times_a_second_apart(
    root: Path, monkeypatch: pytest.MonkeyPatch, held: int
) -> None:
    rests: list[float] = []
    begun = receipts.read(small.town(root), "s001")
    assert begun is not None

    def evaluated(task: Task) -> receipts.Receipt:
        if len(rests) < held:
            raise InputErrors([Problem("another_run", "另一个进程")])
        return begun

    monkeypatch.setattr(working, "_evaluated", evaluated)
    monkeypatch.setattr(working.time, "sleep", rests.append)
    found = working._worked(Task(root, replace(begun, problems=[])))
    assert rests == [1.0] * min(held, 19)
    assert codes(found.told) == (["another_run"] if held > 19 else [])


def test_a_receipt_is_a_line_a_field_in_the_order_of_their_names(root: Path) -> None:
    receipt = receipts.read(small.town(root), "s002")
    assert receipt is not None
    lines = (root / "receipts/s002.json").read_text(encoding="utf-8").splitlines()
    assert (lines[0], lines[-1], len(lines)) == ("{", "}", 14)
    names = [line.split('"')[1] for line in lines[1:-1]]
    assert names == sorted(one.name for one in fields(receipt))
    assert lines[names.index("seed") + 1] == f' "seed": {receipt.seed},'
    told = replace(receipt, problems=[Problem("x", "街道").as_dict()]).text()
    assert '"message": "街道"' in told


def test_every_file_of_a_street_is_an_input_but_what_runs_and_programs_leave(root: Path) -> None:
    town, folder = small.town(root), root / "streets/s001"
    before = receipts.inputs_of(town, "s001")

    def counts(name: str) -> bool:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x", encoding="utf-8")
        found = receipts.inputs_of(town, "s001")
        path.unlink()
        return found != before

    left = ["out/2016/x.csv", "evaluation.duckdb.wal", ".hidden", ".git/x", "~$roster.xlsx"]
    left += ["responses/.hidden", "responses/~$x.xlsx"]
    ours = ["notes.txt", "responses/out/x.csv", "responses/history.jsonl", "evaluation.duckdb-old"]
    ours += ["responses/evaluation.duckdb", "responses/evaluation.duckdb.wal", "out.csv"]
    assert [name for name in (*left, *ours) if counts(name)] == ours
    for name in ("evaluation.duckdb", "history.jsonl"):
        with (folder / name).open("ab") as file:
            file.write(b"x")
    assert receipts.inputs_of(town, "s001") == before
    (folder / "notes.txt").write_text("x", encoding="utf-8")
    one = receipts.inputs_of(town, "s001")
    (folder / "notes.txt").rename(folder / "note.txt")
    assert len({before, one, receipts.inputs_of(town, "s001")}) == 3, "its name counts, too"


def test_a_receipt_holds_for_its_own_street_and_knows_whole_problems(root: Path) -> None:
    town, path = small.town(root), root / "receipts/s001.json"
    text = path.read_text(encoding="utf-8")

    def told(problems: str) -> list[str] | None:
        path.write_text(text.replace('"problems": []', f'"problems": {problems}'), "utf-8")
        receipt = receipts.read(town, "s001")
        return None if receipt is None else codes(receipt.told)

    assert told("[]") == []
    assert told('[{"code": "x", "message": "y", "file": "z", "row": 3}]') == ["x"]
    for strange in (
        '[{"code": "x"}]', '[{"message": "y"}]', '[{"code": "x", "message": "y", "more": 1}]',
        '{}', '["x"]', '[{"code": "x", "message": "y"}, {}]', "[" * 10**5,
    ):  # fmt: skip
        assert told(strange) is None, strange[:40]
    path.write_text(text.replace('"s001"', '"s002"'), encoding="utf-8")
    assert receipts.read(town, "s001") is None
    path.write_text(text.replace('"manifest"', '"menifest"'), encoding="utf-8")
    assert receipts.read(town, "s001") is None


def test_results_are_whole_where_every_file_has_the_size_and_some_every_bit_they_had(
    root: Path,
) -> None:
    town = small.town(root)
    receipt = receipts.read(town, "s001")
    assert receipt is not None
    assert receipts.whole(town, receipt)
    folder = root / "streets/s001"
    rows = next((root / "rows/2016/s001").iterdir())
    scores = folder / "out/2016/scores.csv"
    for path in (folder / "out/2016/manifest.json", folder / "evaluation.duckdb", rows, scores):
        content = path.read_bytes()
        path.write_bytes(content + b"\n")
        assert not receipts.whole(town, receipt), path.name
        path.write_bytes(content[:-1] + b"?")
        assert receipts.whole(town, receipt) is (path == scores), path.name
        path.write_bytes(content)
    assert receipts.whole(town, receipt)
    scores.unlink()
    scores.mkdir()
    assert not receipts.whole(town, receipt)
