"""A fault that documents can report is reported in some test: no message is written unread."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from evalkit.definitions import boundaries, loading
from evalkit.definitions.conversion import Kind, convert
from evalkit.definitions.whole_file import read_bytes
from evalkit.errors import InputErrors, Problems
from scripts import sources
from tests.definitions.small import fresh, load

ROOM = Path(loading.__file__).parent
TESTS = Path(__file__).parents[1]
PLACES = {"Fault": 1, "Wording": 0, "Problem": 0, "add": 0, "Refusal": 0}
"""Where the code stands among the arguments of what makes a problem."""


def constants(node: ast.AST) -> Iterator[str]:
    """All texts inside, so that both sides of a conditional code are found."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.Constant) and isinstance(inner.value, str):
            yield inner.value


def codes_of(path: Path) -> set[str]:
    found: set[str] = set()
    for node in sources.nodes(path):
        if not isinstance(node, ast.Call):
            continue
        name = node.func.attr if isinstance(node.func, ast.Attribute) else ""
        name = node.func.id if isinstance(node.func, ast.Name) else name
        place = PLACES.get(name)
        if place is None or len(node.args) <= place:
            continue
        if name == "add" and len(node.args) + len(node.keywords) < 2:
            continue  # a set's
        argument = node.args[place]
        if isinstance(argument, ast.Constant | ast.IfExp):
            found |= {c for c in constants(argument) if c.isidentifier()}
    return found


def raised_codes() -> set[str]:
    found = {code for path in ROOM.rglob("*.py") for code in codes_of(path)}
    return found | {f"boundary_{code}" for code in boundaries._MEANING}


def texts_of_tests() -> set[str]:
    """Every text that stands in a test file."""
    return set().union(*map(sources.texts, TESTS.rglob("test_*.py")))


def test_every_code_of_this_room_is_expected_by_a_test() -> None:
    raised = raised_codes()
    assert {"weights_do_not_add_up", "file_exists", "missing_sheet", "ambiguous_sheet"} <= raised
    assert len(raised) > 60
    texts = texts_of_tests()
    expected = texts | {f"boundary_{text}" for text in texts if text in boundaries._MEANING}
    assert sorted(raised - expected) == []


# --- two that nobody had met ---


def test_a_document_is_never_written_over_a_file(tmp_path: Path) -> None:
    load("scheme", fresh("scheme"), tmp_path)
    target = tmp_path / "scheme.xlsx"
    target.write_bytes(b"mine")
    with pytest.raises(InputErrors) as refused:
        convert(Kind.SCHEME, tmp_path / "scheme.yaml", target)
    assert [(p.code, p.file) for p in refused.value.problems] == [("file_exists", str(target))]
    assert target.read_bytes() == b"mine"


def test_a_conversion_tells_everything_at_once_and_writes_nothing(tmp_path: Path) -> None:
    data = fresh("scheme")
    data["residents_weight"] = 75
    load("scheme", data, tmp_path)
    target = tmp_path / "scheme.pdf"
    with pytest.raises(InputErrors) as refused:
        convert(Kind.SCHEME, tmp_path / "scheme.yaml", target)
    found = refused.value.problems
    assert [p.code for p in found] == ["weights_do_not_add_up", "unsupported_suffix"]
    assert found[1].found == ".pdf"
    assert not target.exists()


def test_every_kind_of_document_is_converted_by_its_suffix(tmp_path: Path) -> None:
    load("scheme", fresh("scheme"), tmp_path)
    book, text = tmp_path / "a.XLSX", tmp_path / "b.yml"
    convert(Kind.SCHEME, tmp_path / "scheme.yaml", book)
    assert book.read_bytes()[:2] == b"PK"
    convert(Kind.SCHEME, book, text)
    problems = Problems()
    again = loading.load_scheme(text, "b.yml", problems)
    assert not problems
    assert again == loading.load_scheme(tmp_path / "scheme.yaml", "scheme.yaml", problems)


class _Locked(type(Path())):  # type: ignore[misc]
    def read_bytes(self) -> bytes:
        raise PermissionError(13, "Permission denied")


def test_a_file_that_may_not_be_read_is_told_with_what_the_system_says(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_text("id: x", encoding="utf-8")
    problems = Problems()
    assert read_bytes(_Locked(tmp_path / "a.yaml"), "a.yaml", problems, 1000) is None
    (problem,) = problems
    assert (problem.code, problem.file) == ("unreadable_file", "a.yaml")
    assert problem.found == "Permission denied"


def test_a_file_as_large_as_allowed_is_read_and_one_byte_more_is_not(tmp_path: Path) -> None:
    (tmp_path / "a.yaml").write_bytes(b"x" * 100)
    problems = Problems()
    assert read_bytes(tmp_path / "a.yaml", "a.yaml", problems, 100) == b"x" * 100
    assert not problems
    assert read_bytes(tmp_path / "a.yaml", "a.yaml", problems, 99) is None
    assert [p.code for p in problems] == ["document_too_large"]
