"""Raters are known again in another wave by a fingerprint, whatever file and order they come in."""

from __future__ import annotations

from tests.intake import exported as files


def marks(*rows: list[str]) -> dict[str, str]:
    found = files.imported(files.source("peer", list(rows), group="office"))
    assert found.problems == []
    return dict(found.answers.who)


def test_a_rater_has_the_same_fingerprint_in_every_file_and_no_name() -> None:
    one = marks(files.answer("peer", 1), files.answer("peer", 2))
    other = marks(files.answer("peer", 7))
    (mark,) = set(other.values())
    assert set(one.values()) == {mark}
    assert len(mark) == 16
    assert int(mark, 16) >= 0


def test_residents_have_none() -> None:
    found = files.imported(files.source("resident", [files.answer("resident", 1)]))
    assert found.answers.who == {}
