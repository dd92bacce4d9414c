"""A wave published again: how many answers changed, and what is said where they are few."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.errors import Note
from evalkit.findings.republishing import MadeKnown, changed, notes
from evalkit.tables import Cells
from tests import deciding
from tests.findings.small_street import cells_of, group_of, one_group, roster_of

SCHEME = one_group(minimum_n=10)
DECIDED = deciding.decided(SCHEME, {}, roster_of("ab"))


def cells(*options: dict[str, int], item: str = "A1") -> Cells:
    """Two committees whose residents chose so many times each option of one question."""
    n = [sum(own.values()) for own in options]
    found = cells_of(SCHEME, {"r": group_of([[50.0]] * len(n), [[4.0]] * len(n), n)})
    rows = [
        (subject, "r", item, option, count, count / total)
        for subject, own, total in zip("ab", options, n, strict=True)
        for option, count in own.items()
    ]
    names = ["subject", "group", "item", "option", "n", "share"]
    return replace(found, distributions=pd.DataFrame(rows, columns=names))


BEFORE = cells({"1": 20, "2": 10}, {"1": 20, "2": 20})


@pytest.mark.parametrize(
    ("after", "n"),
    [
        ({"1": 20, "2": 10}, 0),
        ({"1": 21, "2": 10}, 1),
        ({"1": 19, "2": 10}, 1),
        ({"1": 18, "2": 12}, 2),
        ({"1": 20, "2": 10, "3": 4}, 4),
        ({"1": 15, "2": 20}, 10),
    ],
)
def test_new_gone_and_changed_answers_are_counted(after: dict[str, int], n: int) -> None:
    assert changed(BEFORE, cells(after, {"1": 20, "2": 20})) == {("a", "r"): n, ("b", "r"): 0}


def test_answers_to_another_question_are_counted_by_their_number_alone() -> None:
    other = cells({"1": 2, "2": 31}, {"1": 20, "2": 20}, item="A1x")
    assert changed(BEFORE, other) == {("a", "r"): 3, ("b", "r"): 0}


def said(after: Cells, before: MadeKnown) -> list[Note]:
    return list(notes({"2016": before}, {"2016": after}, DECIDED))


def test_fewer_changes_than_may_be_published_are_noted_by_committee_and_group() -> None:
    late = cells({"1": 21, "2": 10}, {"1": 29, "2": 20})
    (note,) = said(late, MadeKnown(BEFORE))
    assert (note.code, note.where, note.count) == ("republished_for_few", "2016", 2)
    assert note.facts == {"cells": ("a村 r", "b村 r")}


def test_as_many_changes_as_the_minimum_are_not_noted() -> None:
    assert said(cells({"1": 30, "2": 10}, {"1": 20, "2": 20}), MadeKnown(BEFORE)) == []


def test_the_note_stays_while_nothing_changes() -> None:
    late = cells({"1": 21, "2": 10}, {"1": 20, "2": 20})
    (note,) = said(late, MadeKnown(BEFORE))
    assert said(late, MadeKnown(late, (note,))) == [note]
    assert said(late, MadeKnown(late)) == []


def test_a_wave_that_was_never_published_has_no_note() -> None:
    assert list(notes({}, {"2016": BEFORE}, DECIDED)) == []
