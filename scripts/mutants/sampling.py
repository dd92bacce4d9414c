"""Which lines are changed, and how: a seeded sample over all rooms.

Left out, because no reader can tell the difference: docstrings, annotations, message texts and
f-strings, what stands in a ``raise``, ``assert`` (there for the type checker), ``__repr__``, and
the names in `LEFT_OUT`, each with its reason.
"""

from __future__ import annotations

import ast
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache

from scripts.mutants import operators, rooms
from scripts.mutants.operators import Change

LEAST = 6
"""Mutants a room gets, however small it is."""

LEFT_OUT = {
    "jobs": "how many processes work: the bytes are the same",
    "max_workers": "how many processes work",
    "chunksize": "how rows are streamed",
    "CORES": "how many processes work",
    "ONE_THREAD": "how many threads work",
    "limits": "how many threads work",
    "threads": "how many threads work",
    "maxsize": "of a cache",
    "strict": "zip's guard of ours, which no input can trip",
    "slots": "of a dataclass: memory",
    "frozen": "of a dataclass: guards against ourselves",
    "init": "of a dataclass", "repr": "of a dataclass", "stacklevel": "of a warning",
    "soft_wrap": "of the console", "highlight": "of the console", "markup": "of the console",
    "copy": "memory only", "help": "text", "title": "text", "description": "text",
    "message": "text", "remedy": "text", "expected": "text", "found": "text",
}  # fmt: skip
LOOKS = {
    "strokeWidth", "fontSize", "padding", "dx", "dy", "opacity", "fillOpacity", "strokeOpacity",
    "cornerRadius", "labelFontSize", "titleFontSize", "labelPadding", "titlePadding", "offset",
    "size", "thickness", "labelLimit", "limit", "lineHeight", "tickSize", "symbolSize", "angle",
    "bandPaddingInner", "labelAngle", "columnPadding", "rowPadding", "strokeDash", "spacing",
}  # fmt: skip
"""Keywords that say how a figure looks: judged by eye in docs/figures.md, not by tests."""
SILENT = {"progress", "print", "warn", "debug", "info"}
"""A call of these as a statement tells somebody something and changes nothing."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """One change of one line of one file."""

    file: str
    text: str
    """The line as it stands in the file, without the blanks around it."""
    change: Change

    @property
    def line(self) -> int:
        """Return the line's number."""
        return self.change.line

    @property
    def told(self) -> str:
        """Say what was changed into what, on one line."""
        before, after = (" ".join(t.split()) for t in (self.change.before, self.change.after))
        return f"{before} -> {after}"

    def applied(self) -> bytes:
        """Return the whole file with the change in it."""
        source = (rooms.ROOT / self.file).read_bytes()
        starts = [0]
        for line in source.splitlines(keepends=True):
            starts.append(starts[-1] + len(line))
        first, at, last, end = self.change.span
        head, tail = source[: starts[first - 1] + at], source[starts[last - 1] + end :]
        return head + self.change.after.encode() + tail


@cache
def tree_of(file: str) -> ast.Module:
    """Return the syntax tree of a file."""
    return ast.parse((rooms.ROOT / file).read_bytes())


@cache
def _defaulted() -> dict[str, set[str]]:
    return operators.defaults([tree_of(file) for room in rooms.files().values() for file in room])


@cache
def mutants_of(file: str) -> dict[int, list[Mutant]]:
    """Return every change of a file, by line; the line of each mutant is where the change begins."""
    lines = (rooms.ROOT / file).read_text(encoding="utf-8").splitlines()
    found: dict[int, list[Mutant]] = defaultdict(list)
    for change in _walk(tree_of(file), None, room=rooms.room_of(file)):
        found[change.line].append(Mutant(file, lines[change.line - 1].strip(), change))
    return dict(found)


def _walk(node: ast.AST, parent: ast.AST | None, *, room: str) -> Iterator[Change]:
    if _left_out(node, parent, room):
        return
    yield from operators.changes(node, _defaulted())
    if isinstance(node, ast.If):
        yield from operators.decided(node)
    if isinstance(node, ast.Return) and isinstance(parent, ast.If | ast.For):
        yield from operators.returned(node)
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "decorator_list", "type_params", "bases"):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST):
                yield from _walk(child, node, room=room)


def _left_out(node: ast.AST, parent: ast.AST | None, room: str) -> bool:
    if isinstance(node, ast.JoinedStr | ast.Raise | ast.Assert | ast.Import | ast.ImportFrom):
        return True
    if isinstance(node, ast.FunctionDef) and node.name == "__repr__":
        return True
    if isinstance(node, ast.If) and ast.unparse(node.test) in (
        "TYPE_CHECKING", "__name__ == '__main__'",
    ):  # fmt: skip
        return True
    if isinstance(node, ast.Expr):
        return _silent(node.value)
    if isinstance(node, ast.keyword):
        return node.arg in LEFT_OUT or (room in ("figures", "pages") and node.arg in LOOKS)
    if isinstance(node, ast.Assign | ast.AnnAssign):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        value = ast.unparse(node.value) if node.value else ""
        return (
            any(isinstance(t, ast.Name) and t.id in LEFT_OUT for t in targets)
            or "TypeVar" in value
            or _alias(node)
        )
    return isinstance(parent, ast.Slice) and isinstance(node, ast.Constant) and node.value is None


def _alias(node: ast.Assign | ast.AnnAssign) -> bool:
    """Whether a statement names a type: ``Number = int | float``, ``Array = NDArray[...]``."""
    value = node.value
    if isinstance(value, ast.Subscript):
        return ast.unparse(value.value) in ("Annotated", "NDArray", "Callable", "Literal", "dict")
    return isinstance(value, ast.BinOp) and isinstance(value.op, ast.BitOr) and value.left is not None and all(
        isinstance(side, ast.Name | ast.Subscript) and ast.unparse(side)[0].isupper()
        for side in (value.left, value.right)
    )  # fmt: skip


def _silent(value: ast.expr) -> bool:
    if isinstance(value, ast.Constant):
        return True
    if isinstance(value, ast.Call):
        func = value.func
        name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
        return name in SILENT
    return False


def valid(mutant: Mutant) -> bool:
    """Whether the changed file is a program at all."""
    try:
        ast.parse(mutant.applied())
    except (SyntaxError, ValueError):
        return False
    return True


def sample(seed: int, size: int, wanted: Iterable[str], executable: dict[str, int]) -> list[Mutant]:
    """Draw lines over the rooms, and one change for each.

    Parameters
    ----------
    wanted : names of rooms
    executable : number of executable lines by room; a room's share beyond `LEAST` follows them.
    """
    every = rooms.files()
    chosen: list[Mutant] = []
    shares = _shares(size, {room: executable[room] for room in every if room in set(wanted)})
    for room, count in shares.items():
        rng = random.Random(f"{seed} {room}")
        lines = [(file, line) for file in every[room] for line in sorted(mutants_of(file))]
        rng.shuffle(lines)
        taken = 0
        for file, line in lines:
            if taken == count:
                break
            mutant = _one(rng, mutants_of(file)[line])
            if mutant is not None:
                chosen.append(mutant)
                taken += 1
    return chosen


def _one(rng: random.Random, possible: list[Mutant]) -> Mutant | None:
    """Draw a kind of change first, then one of that kind: a line of constants has other kinds, too."""
    left = [*possible]
    while left:
        kind = rng.choice(sorted({m.change.operator for m in left}))
        mutant = rng.choice([m for m in left if m.change.operator == kind])
        if valid(mutant):
            return mutant
        left.remove(mutant)
    return None


def _shares(size: int, executable: dict[str, int]) -> dict[str, int]:
    least = min(LEAST, size // max(1, len(executable)))
    rest = size - least * len(executable)
    total = sum(executable.values())
    exact = {room: rest * n / total for room, n in executable.items()}
    found = {room: least + int(share) for room, share in exact.items()}
    by_remainder = sorted(exact, key=lambda room: int(exact[room]) - exact[room])
    for room in by_remainder[: size - sum(found.values())]:
        found[room] += 1
    return found
