"""The mutants themselves: what is changed, what is not, and that a seed says which."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

from scripts.mutants import operators, rooms, sampling
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
