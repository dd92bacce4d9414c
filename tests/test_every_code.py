"""Every code of a problem, a note or a rejection is named by a test; this one lists those that are not."""

from __future__ import annotations

import ast
import re
from enum import StrEnum
from functools import cache
from pathlib import Path

import pytest

from evalkit.codes import Flag, NoteCode, Reason
from scripts import codes as page_of_codes
from scripts import sources

PROJECT = Path(__file__).resolve().parent.parent
PACKAGE = PROJECT / "evalkit"
A_CODE = re.compile(r"[a-z]+(_[a-z]+)*")

PLACES = {
    "add": 0,
    "Problem": 0,
    "Refused": 0,
    "_Refused": 0,
    "Wording": 0,
    "_report_cell": 0,
    "Fault": 1,
}
"""By name of what is called: which argument is the code."""

PASSED_ON = {"code", "self.code", "fault.code", "words.code", "refusal.code", "f'boundary_{code}'"}
"""Arguments that hand on a code which stands elsewhere: in one of the calls above, or in `NoteCode`."""


BOUNDARY = "boundary_"
"""Put before the codes of `figures.boundaries` where a workspace's file has them."""


def called(call: ast.Call) -> str | None:
    """The name of what is called; of `add` only where it is problems that are added to."""
    if isinstance(call.func, ast.Name):
        return call.func.id if call.func.id != "add" else None
    if not isinstance(call.func, ast.Attribute):
        return None
    if call.func.attr == "add":
        return "add" if ast.unparse(call.func.value).lower().endswith("problems") else None
    return call.func.attr


def codes_of(call: ast.Call, place: int) -> tuple[set[str], list[ast.expr]]:
    """The codes that stand in a call, and what stands in the code's place and is no literal."""
    named = [keyword.value for keyword in call.keywords if keyword.arg == "code"]
    given = named or call.args[place : place + 1]
    choices: list[ast.expr] = []
    for expression in given:
        either = isinstance(expression, ast.IfExp)
        choices += [expression.body, expression.orelse] if either else [expression]
    literal = {
        choice.value
        for choice in choices
        if isinstance(choice, ast.Constant) and isinstance(choice.value, str)
    }
    return literal, [choice for choice in choices if not isinstance(choice, ast.Constant)]


def meanings(tree: ast.Module) -> set[str]:
    """The keys of the table `_MEANING` of a module."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_MEANING":
            assert isinstance(node.value, ast.Dict)
            return {str(ast.literal_eval(key)) for key in node.value.keys if key is not None}
    return set()


@cache
def declared() -> tuple[dict[str, set[str]], list[str]]:
    """Codes by module, and what stands in the place of a code that this test cannot follow."""
    found: dict[str, set[str]] = {}
    lost: list[str] = []
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        codes = found.setdefault(module, set())
        if module == "definitions/boundaries.py":
            codes |= {f"{BOUNDARY}{key}" for key in meanings(sources.tree(path))}
        for node in sources.nodes(path):
            name = called(node) if isinstance(node, ast.Call) else None
            if name not in PLACES:
                continue
            assert isinstance(node, ast.Call)
            literal, other = codes_of(node, PLACES[name])
            codes |= literal
            lost += [
                f"{module}:{node.lineno} {ast.unparse(expression)}"
                for expression in other
                if ast.unparse(expression) not in PASSED_ON
            ]
    found["codes.py"] = {code.value for code in NoteCode}
    return {module: codes for module, codes in found.items() if codes}, lost


@cache
def named_in_tests() -> set[str]:
    """Every text that stands for itself in a test: in an assertion, a call, a table of cases."""
    found: set[str] = set()
    for path in sorted((PROJECT / "tests").rglob("*.py")):
        if path != Path(__file__).resolve():
            found |= sources.texts(path)
    return found | {text.removeprefix(BOUNDARY) for text in found}


def test_every_code_is_told_by_this_test() -> None:
    """A code that is computed would hide from the test below."""
    codes, lost = declared()
    assert lost == []
    assert {"files/guard.py", "problems/archive.py", "definitions/scheme.py"} <= set(codes)
    everything = set().union(*codes.values())
    assert len(everything) > 150
    assert all(A_CODE.fullmatch(code) for code in everything), sorted(everything)
    for known in ("folder_not_empty", "archive_damaged", "unsafe_file", "boundary_overlap"):
        assert known in everything


def test_every_code_is_named_by_a_test() -> None:
    codes, _ = declared()
    named = named_in_tests()
    missing = [
        f"{module}: {code}"
        for module, found in codes.items()
        for code in sorted(found)
        if code.removeprefix(BOUNDARY) not in named
    ]
    assert not missing, "no test names\n" + "\n".join(missing)


def test_codes_page_is_what_the_code_says() -> None:
    """Remake it with ``make codes``; every code that tests name one by one is in it."""
    page = (PROJECT / "docs" / "codes.md").read_text(encoding="utf-8")
    assert page == page_of_codes.markdown()
    told = [one for one in page_of_codes.problems() if not one.module.startswith("figures/")]
    assert len({one.code for one in told}) > 100
    assert [one.code for one in told if not one.meaning or not one.remedy] == []
    assert all(page_of_codes.notes().values())


@pytest.mark.parametrize("table", [Reason, Flag], ids=["rejections", "flags"])
def test_every_reason_is_named_by_a_test(table: type[StrEnum]) -> None:
    assert len(table) > 5
    missing = sorted({code.value for code in table} - named_in_tests())
    assert not missing, f"no test names {missing}"
