"""The measures of the house: no function and no file of the package grows out of sight."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from pathlib import Path

import evalkit
from scripts import sources

PACKAGE = Path(evalkit.__file__).parent
LONGEST_FUNCTION = 70
"""Lines from `def` to the last one, docstring included; as CONTRIBUTING.md says."""

LONGEST_FILE = 450


def modules() -> list[Path]:
    found = sorted(PACKAGE.rglob("*.py"))
    assert len(found) > 200, "the package is not where this test looks for it"
    return found


def functions(nodes: Iterable[ast.AST]) -> Iterator[tuple[str, int]]:
    """Yield the name and the length of every function and method, nested ones too."""
    for node in nodes:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno is not None
            yield node.name, node.end_lineno - node.lineno + 1


def test_a_function_is_measured_from_its_first_to_its_last_line() -> None:
    source = (
        "class A:\n    def one(self):\n        '''Text.'''\n\n        return 1\n\ndef two(): ...\n"
    )
    assert dict(functions(ast.walk(ast.parse(source)))) == {"one": 4, "two": 1}


def test_no_function_of_the_package_has_seventy_lines_or_more() -> None:
    long = [
        f"{path.relative_to(PACKAGE)}: {name} has {lines} lines"
        for path in modules()
        for name, lines in functions(sources.nodes(path))
        if lines >= LONGEST_FUNCTION
    ]
    assert not long, "\n".join(long)


def test_no_file_of_the_package_has_more_than_450_lines() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text(encoding="utf-8").splitlines())
        for path in modules()
    }
    long = {name: lines for name, lines in lengths.items() if lines > LONGEST_FILE}
    assert not long
