"""Nothing is translated before the page: rooms that compute hold codes and facts, no Chinese."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest

import evalkit
from scripts import sources

PACKAGE = Path(evalkit.__file__).parent
ROOMS = ("answers", "intake", "findings", "methods", "tables", "archive")
ALONE = ("evaluation.py", "assurance.py", "supposing.py")
CHINESE = re.compile("[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]")
STAGES = "progress"
"""What `evaluate` calls to say which stage it is at: for whoever waits, not for a page."""


def literals(nodes: Sequence[ast.AST]) -> Iterator[ast.Constant]:
    """Every text of a module but those that stand alone, as docstrings do."""
    alone = {id(node.value) for node in nodes if isinstance(node, ast.Expr)}
    for node in nodes:
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in alone:
            yield node


def chinese(path: Path) -> list[str]:
    nodes = sources.nodes(path)
    stages = {
        id(argument)
        for call in nodes
        if isinstance(call, ast.Call) and ast.unparse(call.func) == STAGES
        for argument in call.args
    }
    return [
        f"{path.relative_to(PACKAGE)}:{node.lineno} {node.value}"
        for node in literals(nodes)
        if CHINESE.search(str(node.value)) and id(node) not in stages
    ]


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_that_computes_holds_no_chinese(room: str) -> None:
    files = sorted((PACKAGE / room).rglob("*.py"))
    assert len(files) > 3
    assert [text for path in files for text in chinese(path)] == []


@pytest.mark.parametrize("name", ALONE)
def test_the_stories_hold_no_chinese(name: str) -> None:
    assert chinese(PACKAGE / name) == []


def test_a_literal_would_be_found() -> None:
    source = '"""文档"""\nA = "word"\nB = f"{A}，{1}"\n\n\ndef f() -> str:\n    """说明"""\n    return "高于"\n'
    found = [str(node.value) for node in literals([*ast.walk(ast.parse(source))])]
    assert [text for text in found if CHINESE.search(text)] == ["，", "高于"]
