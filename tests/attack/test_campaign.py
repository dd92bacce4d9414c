"""Small versions of every part of the campaign, and that a failure would be seen."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest

from evalkit.errors import Problem, Problems
from tests.attack import __main__ as campaign
from tests.attack import bombs, documents, page, responses, strings
from tests.attack.reader import Read
from tests.attack.tally import Tally, Wrong

SEED = 11


def test_changed_exports_are_read_as_an_independent_reader_reads_them_or_refused() -> None:
    found = responses.attack(20, SEED)
    assert found.failures == []
    assert found.tried == 20
    assert found.outcomes["right"] > 5
    assert found.outcomes["told"] > 3


def test_changed_documents_are_refused_with_a_place_or_evaluate() -> None:
    found = documents.attack(5, SEED)
    assert found.failures == []
    assert set(found.outcomes) == {"told", "evaluated"}


def test_bombs_are_refused_in_a_process_of_their_own() -> None:
    found = bombs.attack(2, SEED)
    assert (found.failures, found.tried) == ([], 2)


def test_hostile_strings_reach_the_results_as_text(tmp_path: Path) -> None:
    several = [
        strings.Hostile(0, "<img src=x onerror=window.hit=1>", "committee"),
        strings.Hostile(1, '=HYPERLINK("http://192.0.2.1/")', "indicator"),
        strings.Hostile(2, "{{7*7}}", "action"),
        strings.Hostile(3, "@SUM(A1)", "answer"),
    ]
    assert strings.looked_at(several, False, None) == "published, no browser"


def test_a_string_that_reached_a_result_is_seen(tmp_path: Path) -> None:
    for name, text, said in (
        ("a.csv", "甲,=1+1\n", "formula"),
        ("a.html", "<p onclick=x>", "onclick"),
        ("a.svg", "<svg><script/></svg>", "script"),
        ("b.html", "<img src=//192.0.2.1/a>", "192.0.2.1"),
    ):
        (tmp_path / name).write_text(text, encoding="utf-8")
        with pytest.raises(Wrong, match=said):
            strings.look(tmp_path)
        (tmp_path / name).unlink()


def test_a_silent_import_and_a_lost_row_are_seen() -> None:
    wrong = Read(doubts={"no column r1": "r1"})
    with pytest.raises(Wrong, match="no word of no column r1"):
        responses.judged(wrong, None, None, Problems(), "x")
    problems = Problems()
    problems.collect(Problem("x", "说不出在哪里"))
    with pytest.raises(Wrong, match="without a place"):
        responses.judged(Read(), None, None, problems, "x")


def test_what_is_raised_is_a_failure_and_names_its_try() -> None:
    tally = Tally()
    tally.attempt(7, lambda: str(1 // 0))
    tally.attempt(8, lambda: "fine")
    assert (tally.tried, tally.survived, tally.failed) == (2, 1, 1)
    assert tally.failures[0][0] == "7"
    assert "ZeroDivisionError" in tally.failures[0][1]


TEXT = f"before\n\n{page.BEGIN}\n\nNot run yet.\n\n{page.END}\nafter\n"


def test_the_page_keeps_other_parts_and_replaces_one_s_own() -> None:
    order = list(campaign.PARTS)
    bad = Tally(Counter({"old": 3}), failures=[("3:14", "torn <b>|`")])
    first = page.section([page.Row("kills", "runs", 1, bad, 12.3)], order, TEXT)
    assert "| kills | runs | 4 | 3 | 1 | 3 old | 12 |" in first
    assert "* `kills` seed 1, 3:14: torn ‹b›¦'" in first
    second = page.section([page.Row("files", "bits", 1, None, 0)], order, first)
    assert second.index("| files | bits |  |  |  | not there |") < second.index("| kills |")
    third = page.section([page.Row("kills", "runs", 2, Tally(Counter(new=1)), 1)], order, second)
    assert "* `kills`" not in third
    assert third.count("| kills |") == 1
    assert third.startswith("before\n")
    assert third.endswith("after\n")


def test_a_part_that_is_not_there_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    part = campaign.Part("nothing", 1, ("tests.attack.nowhere", "scripts.attack.nowhere"))
    assert campaign.run("nothing", part, 1, 1, lambda done: None, None) is None


def test_every_part_has_a_function() -> None:
    there = [name for name, part in campaign.PARTS.items() if campaign.function_of(part)]
    assert set(there) == set(campaign.PARTS)


def test_the_command_exits_1_where_something_failed(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(bombs, "attack", lambda *_: Tally(failures=[("a", "died")]))
    assert campaign.main(["bombs", "--scale", "0.01", "--no-page"]) == 1
    assert "bombs seed 1, a: died" in capsys.readouterr().out
    monkeypatch.setattr(bombs, "attack", lambda *_: Tally(Counter(refused=1)))
    assert campaign.main(["bombs", "--scale", "0.01", "--no-page"]) == 0
