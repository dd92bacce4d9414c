"""docs/codes.md: every code of a problem or a note, what it means, what to do, where it is raised.

Problems are read from the source, where their code, words and remedy stand together; notes from
the catalogue of sentences. Remake: ``make codes``.
"""

from __future__ import annotations

import ast
import re
import sys
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import NamedTuple

from evalkit.codes import NoteCode
from evalkit.pages.press.sentences import NOTES
from scripts import sources

PACKAGE = Path(__file__).resolve().parent.parent / "evalkit"

MAKERS = {
    "Problem": (0, 1, None),
    "add": (0, 1, None),
    "Fault": (1, 2, None),
    "Refused": (0, 1, 4),
    "_Refused": (0, 1, 3),
    "Wording": (0, 1, 4),
    "_report_cell": (0, 1, None),
}
"""By what makes a problem: where its code, its words and, unless it is named, its remedy stand."""

SOMETHING = "…"
"""What stands in the place of a fact."""


class Told(NamedTuple):
    """One way a problem is told."""

    code: str
    module: str
    meaning: str
    remedy: str


@cache
def problems(package: Path = PACKAGE) -> tuple[Told, ...]:
    """Return every way a problem is told, module by module."""
    return tuple(_problems(package))


def _problems(package: Path) -> Iterator[Told]:
    paths = {path.relative_to(package).as_posix(): path for path in sorted(package.rglob("*.py"))}
    trees = {module: sources.tree(path) for module, path in paths.items()}
    shared = {name: value for tree in trees.values() for name, value in _constants(tree)}
    for module, tree in trees.items():
        if module.startswith("figures/"):  # has shapes of its own; the workspace words them
            continue
        known = {**shared, **dict(_constants(tree))}
        if module == "definitions/boundaries.py":
            yield from _boundaries(tree, module, known)
        for call in (n for n in sources.nodes(paths[module]) if isinstance(n, ast.Call)):
            name = _name(call)
            places = MAKERS.get(name)
            if places is None:
                continue
            named = _remedy_inside(tree, name) | {w.arg: w.value for w in call.keywords}
            code, message, remedy = (
                _argument(call, place, named.get(part))
                for place, part in zip(places, ("code", "message", "remedy"), strict=True)
            )
            for text in _choices(code):
                yield Told(text, module, _text(message, known), _text(remedy, known))


def markdown() -> str:
    """Return the page."""
    told: dict[str, dict[str, list[str]]] = {}
    for one in sorted(set(problems())):
        row = told.setdefault(one.code, {"module": [], "meaning": [], "remedy": []})
        for column, text in one._asdict().items():
            if column in row and text and text not in row[column]:
                row[column].append(text)
    lines = [
        "# Codes",
        "",
        "Every problem stops an evaluation, every note travels with its results. `…` and `{…}` stand",
        "for what is known of the case. Generated from the code: `make codes`.",
        "",
        "## Problems",
        "",
        *_table(
            (code, "；".join(row["meaning"]), "；".join(row["remedy"]), ", ".join(row["module"]))
            for code, row in told.items()
        ),
        "",
        "## Notes",
        "",
        *_table(
            (code.value, NOTES[code].text, NOTES[code].remedy, ", ".join(modules))
            for code, modules in notes().items()
        ),
    ]
    return "\n".join(lines) + "\n"


def notes(package: Path = PACKAGE) -> dict[NoteCode, list[str]]:
    """Return where every note is raised."""
    found: dict[NoteCode, list[str]] = {code: [] for code in NoteCode}
    for path in sorted(package.rglob("*.py")):
        module = path.relative_to(package).as_posix()
        if module == "codes.py" or module.startswith(("pages/", "cli.py")):
            continue
        names = set(re.findall(r"\bNoteCode\.([A-Z_]+)", path.read_text(encoding="utf-8")))
        for name in names:
            found[NoteCode[name]].append(module)
    return found


def _table(rows: Iterable[tuple[str, str, str, str]]) -> list[str]:
    body = [f"| `{code}` | " + " | ".join(map(_cell, rest)) + " |" for code, *rest in rows]
    return ["| code | meaning | remedy | raised in |", "| --- | --- | --- | --- |", *body]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def _name(call: ast.Call) -> str:
    if isinstance(call.func, ast.Name):
        return "" if call.func.id == "add" else call.func.id
    if not isinstance(call.func, ast.Attribute):
        return ""
    if call.func.attr != "add":
        return call.func.attr
    return "add" if ast.unparse(call.func.value).lower().endswith("problems") else ""


def _argument(call: ast.Call, place: int | None, named: ast.expr | None) -> ast.expr | None:
    if named is not None or place is None or place >= len(call.args):
        return named
    return call.args[place]


def _remedy_inside(tree: ast.Module, name: str) -> dict[str | None, ast.expr]:
    """Return the remedy that a function of this module gives to whatever it reports."""
    makers = [f for f in tree.body if isinstance(f, ast.FunctionDef) and f.name == name]
    calls = (node for maker in makers for node in ast.walk(maker) if isinstance(node, ast.Call))
    return {w.arg: w.value for call in calls for w in call.keywords if w.arg == "remedy"}


def _choices(code: ast.expr | None) -> list[str]:
    if isinstance(code, ast.IfExp):
        return _choices(code.body) + _choices(code.orelse)
    return [code.value] if isinstance(code, ast.Constant) and isinstance(code.value, str) else []


def _constants(tree: ast.Module) -> Iterator[tuple[str, ast.expr]]:
    for node in tree.body:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
            yield node.targets[0].id, node.value


def _text(value: ast.expr | None, known: dict[str, ast.expr]) -> str:
    """Return the words of an expression, with `SOMETHING` for what is not known before."""
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return ""
    if isinstance(value, ast.Constant):
        return str(value.value)
    if isinstance(value, ast.JoinedStr):
        return "".join(_text(part, known) for part in value.values)
    if isinstance(value, ast.BinOp) and isinstance(value.op, ast.Add):
        return _text(value.left, known) + _text(value.right, known)
    if isinstance(value, ast.IfExp):
        either = (_text(value.body, known), _text(value.orelse, known))
        return " / ".join(part for part in either if part)
    if isinstance(value, ast.FormattedValue):
        return _text(value.value, known)
    if isinstance(value, ast.Name) and value.id in known:
        return _text(known[value.id], known)
    return SOMETHING


def _boundaries(tree: ast.Module, module: str, known: dict[str, ast.expr]) -> Iterator[Told]:
    """Yield the faults of boundaries, which stand in a table of their own."""
    for node in tree.body:
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.target) == "_MEANING":
            assert isinstance(node.value, ast.Dict)
            for key, value in zip(node.value.keys, node.value.values, strict=True):
                assert isinstance(value, ast.Tuple)
                meaning, _, remedy = (_text(part, known) for part in value.elts)
                yield Told(f"boundary_{ast.literal_eval(key or node)}", module, meaning, remedy)


if __name__ == "__main__":
    sys.stdout.write(markdown())
