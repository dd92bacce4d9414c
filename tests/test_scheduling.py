"""The list of dear tests names tests that are there, and is read as it is written."""

from __future__ import annotations

from pathlib import Path

from tests import scheduling

ROOT = Path(__file__).resolve().parent.parent


def test_every_dear_test_is_there() -> None:
    found = scheduling.dear(scheduling.LIST.read_text(encoding="utf-8"))
    assert len(found) > 100
    lost = []
    for name, seconds in found.items():
        path, *_, function = name.split("::")
        file = ROOT / path
        if not file.is_file() or f"def {function}(" not in file.read_text(encoding="utf-8"):
            lost.append(name)
        assert seconds >= scheduling.LEAST
    assert lost == []


def test_the_list_is_read_as_it_is_written() -> None:
    found = {"tests/b.py::test_two": 12.4, "tests/a.py::Kind::test_one": 1.2}
    text = scheduling.written(found)
    assert text == "1\ttests/a.py::Kind::test_one\n12\ttests/b.py::test_two\n"
    assert scheduling.dear(text) == {"tests/a.py::Kind::test_one": 1, "tests/b.py::test_two": 12}


def test_parameters_are_no_part_of_a_name() -> None:
    assert scheduling.bare("tests/a.py::test_one[x::y-[z]]") == "tests/a.py::test_one"


def test_check_leaves_dear_tests_out_and_test_does_not() -> None:
    """Every test is run by `make test`."""
    text = (ROOT / "Makefile").read_text(encoding="utf-8")
    (slow,) = (line for line in text.splitlines() if line.startswith("SLOW := "))
    assert slow.endswith(" or dear")
    assert text.count("$(SLOW)") == 2, "fast and lowest"
