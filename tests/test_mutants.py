"""The mutants themselves: what is changed, what is not, and that a seed says which."""

from __future__ import annotations

import ast
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from scripts.mutants import operators, report, rooms, sampling, trying
from scripts.mutants import reach as measuring
from scripts.mutants.reach import Asked, Reach
from scripts.mutants.sampling import Mutant
from scripts.mutants.trying import plan

SIZES = dict.fromkeys(["archive", "forms", "tables"], 100)


def changed(source: str) -> set[str]:
    """Every change of a piece of program, written as the report writes it."""
    tree = ast.parse(source)
    defaulted = {"ours": {"tested"}}
    return {
        f"{change.before} -> {change.after}"
        for node in ast.walk(tree)
        for change in operators.changes(node, defaulted)
    }


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("a < b", {"a < b -> (a <= b)"}),
        ("a not in b", {"a not in b -> (a in b)"}),
        ("a ** b", {"a ** b -> (a * b)"}),
        (
            "a and b and c",
            {
                "a and b and c -> (a or b or c)",
                "a and b and c -> (b and c)",
                "a and b and c -> (a and c)",
                "a and b and c -> (a and b)",
            },
        ),
        ("not a", {"not a -> a"}),
        ("x = 8", {"8 -> 9", "8 -> 4"}),
        ("x = 0.5", {"0.5 -> 0.25"}),
        ("x = 1e9", set()),
        ("x = True", {"True -> False"}),
        ("[x for x in xs if x]", {"[x for x in xs if x] -> ([x for x in xs])"}),
        ("y = max(a, b)", {"max(a, b) -> min(a, b)"}),
        ("y = sorted(a)", {"sorted(a) -> sorted(a, reverse=True)"}),
        ("y = ours(a, tested=b, other=c)", {"ours(a, tested=b, other=c) -> ours(a, other=c)"}),
        ("y = a.sum(axis=b)", {"a.sum(axis=b) -> a.sum()"}),
        ("y = a[-1]", {"a[-1] -> a[0]", "-1 -> 1", "1 -> 2"}),
        ("x += y", {"x += y -> pass", "x += y -> x -= y"}),
        ("tell(x)", {"tell(x) -> pass"}),
        ("y = a if b else c", {"a if b else c -> a", "a if b else c -> c"}),
        ("y = 'text' + a", set()),
    ],
)
def test_every_kind_of_change(source: str, expected: set[str]) -> None:
    assert changed(source) == expected


def test_a_seed_says_which_lines_and_another_takes_others() -> None:
    one, same, other = (sampling.sample(s, 30, SIZES, SIZES) for s in (1, 1, 2))
    assert one == same
    assert len(one) == len({(m.file, m.line) for m in one})
    assert len(set(one) & set(other)) < len(one) / 4
    found = {m.file for m in one}
    assert {rooms.room_of(file) for file in found} == set(SIZES)
    assert all(sampling.valid(m) for m in one)


def test_a_share_follows_the_lines_above_a_least() -> None:
    """Two rooms of six, and the other eighteen of thirty in proportion of 2 to 1."""
    shares = sampling._shares(30, {"methods": 200, "archive": 100})
    assert shares == {"methods": 6 + 12, "archive": 6 + 6}


def test_a_mutant_changes_its_own_place_and_nothing_else() -> None:
    file = "evalkit/findings/scoring.py"
    mutants = [m for many in sampling.mutants_of(file).values() for m in many]
    assert len(mutants) > 100
    source = (rooms.ROOT / file).read_bytes()
    for mutant in mutants[::10]:
        applied = mutant.applied()
        same = next(at for at, (a, b) in enumerate(zip(source, applied, strict=False)) if a != b)
        assert source[:same].count(b"\n") + 1 >= mutant.line
        assert applied[-200:] == source[-200:] or mutant.line > source.count(b"\n") - 8


def test_what_nobody_could_see_is_left_alone() -> None:
    """These files have all of it: docstrings, raises, assertions, progress, keywords of a look."""
    for file in (
        "evalkit/methods/raking.py",
        "evalkit/evaluation.py",
        "evalkit/figures/trend_lines.py",
    ):
        found = [m for mutants in sampling.mutants_of(file).values() for m in mutants]
        assert len(found) > 20
        for mutant in found:
            assert not mutant.text.startswith(("raise ", "assert ", "import ", "@"))
            assert not mutant.change.before.startswith(('"""', "progress(", "f'"))


def reached(lines: dict[int, frozenset[str]]) -> Reach:
    tests = {
        "tests/test_a.py::dear": Asked(9.0, ()),
        "tests/test_a.py::cheap": Asked(0.1, ()),
        "tests/findings/test_scoring.py::own": Asked(0.3, ()),
        "tests/test_b.py::by_fixture": Asked(0.1, ("fixture street",)),
        "tests/test_c.py::elsewhere": Asked(0.1, ()),
    }
    return Reach(tests, {"fixture street": 30.0}, {"evalkit/findings/scoring.py": lines}, {})


def some_mutant() -> tuple[Mutant, int]:
    mutants = sampling.mutants_of("evalkit/findings/scoring.py")
    line = max(mutants)
    return mutants[line][0], line


def test_own_tests_come_first_and_wide_fixtures_last() -> None:
    mutant, line = some_mutant()
    names = frozenset(reached({}).tests) - {
        "tests/test_b.py::by_fixture",
        "tests/test_c.py::elsewhere",
    }
    reach = reached({line: names | {"fixture street"}})
    assert list(plan(mutant, reach).tests) == [
        "tests/findings/test_scoring.py::own",
        "tests/test_a.py::cheap",
        "tests/test_a.py::dear",
        "tests/test_b.py::by_fixture",
    ]
    assert "tests/test_b.py::by_fixture" not in plan(mutant, reach, worth=20.0).tests


def test_shared_work_that_is_too_dear_takes_no_time_from_other_tests() -> None:
    mutant, line = some_mutant()
    tests = {
        "tests/test_a.py::cheap": Asked(0.1, ()),
        "tests/test_b.py::dear": Asked(0.1, ("once demo",)),
        "tests/test_c.py::also": Asked(0.2, ("once demo", "once small")),
        "tests/test_d.py::long": Asked(15.0, ()),
    }
    names = frozenset(tests)
    costs = {"once demo": 30.0, "once small": 4.0}
    reach = Reach(tests, costs, {"evalkit/findings/scoring.py": {line: names}}, {})
    # 0.1 + 15 without the dear ones; 0.1 + 15 + 30.1 + 4.2 with the demo made only once.
    assert list(plan(mutant, reach, worth=20.0).tests) == [
        "tests/test_a.py::cheap",
        "tests/test_d.py::long",
    ]
    assert plan(mutant, reach, worth=50.0).seconds == pytest.approx(49.4)


def test_a_line_run_at_import_has_the_tests_of_its_file_and_a_dead_line_none() -> None:
    mutant, line = some_mutant()
    at_import = reached({line: frozenset({""}), 1: frozenset({"tests/test_c.py::elsewhere"})})
    assert list(plan(mutant, at_import).tests) == ["tests/test_c.py::elsewhere"]
    assert plan(mutant, reached({})).tests == []
    approved = "tests/approved/test_sheets.py::as_approved"
    reach = replace(at_import, tests={**at_import.tests, approved: Asked(5.0, ())})
    assert set(plan(mutant, reach).tests) == {"tests/test_c.py::elsewhere", approved}
    ran = replace(reach, lines={mutant.file: {line: frozenset({"tests/test_c.py::elsewhere"})}})
    assert list(plan(mutant, ran).tests) == ["tests/test_c.py::elsewhere"]


def test_a_file_that_only_declares_has_the_tests_of_the_files_beside_it() -> None:
    lines = {
        "evalkit/archive/content.py": {3: frozenset({""})},
        "evalkit/archive/writing.py": {7: frozenset({"", "tests/test_c.py::elsewhere"})},
        "evalkit/findings/scoring.py": {7: frozenset({"tests/test_a.py::cheap"})},
    }
    reach = replace(reached({}), lines=lines)
    assert reach.tests_of("evalkit/archive/content.py", 3, 3) == ["tests/test_c.py::elsewhere"]


def test_only_files_of_tests_that_changed_are_measured_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list[str]] = []
    files = {"tests/test_a.py": "1", "tests/test_b.py": "1"}

    def measure(within: Sequence[str], workers: int) -> Reach:
        asked.append([*within])
        of = [f"{file}::version {files[file]}" for file in within or files]
        ran = {"evalkit/cli.py": {len(asked): frozenset(of)}}
        return Reach(dict.fromkeys(of, Asked(0.1, ())), {}, ran, {"top": (1, 2, 0, 0)})

    monkeypatch.setattr(measuring, "KEPT", tmp_path)
    monkeypatch.setattr(measuring, "state", lambda: "the program")
    monkeypatch.setattr(measuring, "_measure", measure)
    monkeypatch.setattr(measuring, "_files_of_tests", lambda within: {**files})
    first = measuring.reach()
    assert first == measuring.reach()
    assert asked == [[]]
    files |= {"tests/test_b.py": "2", "tests/test_c.py": "1"}
    second = measuring.reach()
    assert asked == [[], ["tests/test_b.py", "tests/test_c.py"]]
    assert [*second.tests] == [
        "tests/test_a.py::version 1", "tests/test_b.py::version 2", "tests/test_c.py::version 1",
    ]  # fmt: skip
    assert second.tests_of("evalkit/cli.py", 1, 1) == ["tests/test_a.py::version 1"]
    assert len(second.tests_of("evalkit/cli.py", 2, 2)) == 2
    assert second.covered == first.covered
    del files["tests/test_a.py"]
    assert len(measuring.reach().tests) == 2
    assert len(asked) == 2


def test_what_was_killed_of_the_same_program_is_known(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "KEPT", tmp_path)
    assert report.killed_before("seed-1", "a program") == {}
    fates = ("killed", "survived", "loops", "unreached", "stopped")
    results = [
        {"file": "f", "line": at, "change": "a -> b", "fate": f} for at, f in enumerate(fates)
    ]
    report.save(results, "seed-1", state="a program")
    known = report.killed_before("seed-1", "a program")
    assert list(known) == [("f", 0, "a -> b"), ("f", 2, "a -> b")]
    assert report.killed_before("seed-1", "another") == {}


def test_a_mutant_that_leaves_no_test_to_run_is_not_noticed() -> None:
    assert [trying._fate(code) for code in (0, 1, 3, 4, 5, 98)] == [
        "survived", "killed", "killed", "killed", "survived", "killed",
    ]  # fmt: skip
    with pytest.raises(RuntimeError, match="another copy"):
        trying._fate(99)


def test_nets_and_tests_of_its_room_come_before_those_of_other_rooms() -> None:
    near = [
        rooms.nearness("evalkit/findings/scoring.py", f"tests/{name}::t")
        for name in (
            "findings/test_scoring.py", "approved/test_pages.py", "findings/test_ranking.py",
            "test_workspace.py", "pages/test_notice.py",
        )
    ]  # fmt: skip
    assert near == sorted(set(near))


def test_a_line_of_the_child_process_has_the_tests_of_whoever_starts_it() -> None:
    tests = {
        "tests/files/test_cage.py::opens": Asked(0.1, ()),
        "tests/test_a.py::b": Asked(0.1, ()),
    }
    started = {"evalkit/files/cage.py": {70: frozenset(tests)}}
    reach = Reach(tests, {}, started, {})
    assert reach.tests_of("evalkit/files/caged.py", 28, 28) == ["tests/files/test_cage.py::opens"]
    assert reach.tests_of("evalkit/findings/scoring.py", 28, 28) == []


def test_rooms_are_folders_and_the_rest_is_the_top() -> None:
    assert rooms.room_of("evalkit/pages/street/trust.py") == "pages"
    assert rooms.room_of("evalkit/cli.py") == "top"
    assert Path("evalkit/evaluation.py").as_posix() in rooms.files()["top"]
