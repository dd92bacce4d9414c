"""The one-line changes: each takes a node of the syntax tree and yields what could stand there.

A change replaces one expression or one statement; the rest of the file stays as it is written.
"""

from __future__ import annotations

import ast
import copy
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

COMPARED: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq,
    ast.NotEq: ast.Eq, ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
COMPUTED: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.Pow: ast.Mult,
    ast.FloorDiv: ast.Mult, ast.BitAnd: ast.BitOr, ast.BitOr: ast.BitAnd,
}  # fmt: skip
CALLED = {
    "min": "max", "max": "min", "any": "all", "all": "any", "minimum": "maximum",
    "maximum": "minimum", "nanmin": "nanmax", "nanmax": "nanmin", "floor": "ceil", "ceil": "floor",
    "idxmax": "idxmin", "idxmin": "idxmax", "argmax": "argmin", "argmin": "argmax",
    "cumsum": "cumprod", "ffill": "bfill", "union": "intersection", "lower": "upper",
    "startswith": "endswith", "endswith": "startswith",
}  # fmt: skip
OPTIONAL = {
    "axis", "ddof", "ascending", "how", "keepdims", "rowvar", "side", "key", "reverse", "default",
    "min_periods", "na_position", "fill_value", "tested", "weights", "ensure_ascii", "sort_keys",
    "ge", "gt", "le", "lt", "min_length", "max_length", "data_only", "read_only", "alternative",
}  # fmt: skip
"""Keywords of other libraries that may be left out; of our own functions it is looked up."""

INFINITE = 1e6
"""Numbers from here on stand for no limit at all: half of it is none, either."""


@dataclass(frozen=True, slots=True)
class Change:
    """One way to change one node: what stood there, what stands there now."""

    operator: str
    before: str
    after: str
    span: tuple[int, int, int, int]
    """First line and byte, last line and byte, as the syntax tree counts them."""

    @property
    def line(self) -> int:
        """Return the first line it touches."""
        return self.span[0]


def changes(node: ast.AST, defaulted: dict[str, set[str]]) -> Iterator[Change]:
    """Yield every change of this very node, not of what lies inside it."""
    for operator in OPERATORS:
        for name, new in operator(node, defaulted):
            yield _change(name, node, new)


def _change(name: str, node: Any, new: ast.AST) -> Change:
    text = ast.unparse(ast.fix_missing_locations(new))
    if isinstance(new, ast.expr):
        text = (
            f"({text})"
            if not isinstance(new, ast.Constant | ast.Name | ast.Call | ast.Subscript)
            else text
        )
    span = (node.lineno, node.col_offset, node.end_lineno, node.end_col_offset)
    return Change(name, ast.unparse(node), text, span)


Found = Iterator[tuple[str, ast.AST]]


def _with(node: ast.AST, **fields: Any) -> Any:
    new = copy.deepcopy(node)
    for name, value in fields.items():
        setattr(new, name, value)
    return new


def _comparison(node: ast.AST, _: Any) -> Found:
    if isinstance(node, ast.Compare):
        for at, op in enumerate(node.ops):
            ops = [*node.ops]
            ops[at] = COMPARED[type(op)]()
            yield "comparison", _with(node, ops=ops)
        for at, side in enumerate(node.comparators):
            if isinstance(side, ast.Constant) and isinstance(side.value, str):
                sides = [*node.comparators]
                sides[at] = ast.Constant(side.value + "?")
                yield "compared text", _with(node, comparators=sides)


def _text(node: ast.AST) -> bool:
    return isinstance(node, ast.JoinedStr | ast.List | ast.Tuple | ast.ListComp) or (
        isinstance(node, ast.Constant) and isinstance(node.value, str)
    )


def _arithmetic(node: ast.AST, _: Any) -> Found:
    if (
        isinstance(node, ast.BinOp)
        and type(node.op) in COMPUTED
        and not (_text(node.left) or _text(node.right))
    ):
        yield "arithmetic", _with(node, op=COMPUTED[type(node.op)]())


def _logic(node: ast.AST, _: Any) -> Found:
    if isinstance(node, ast.BoolOp):
        other = ast.And() if isinstance(node.op, ast.Or) else ast.Or()
        yield "and/or", _with(node, op=other)
        for at in range(len(node.values)):
            rest = node.values[:at] + node.values[at + 1 :]
            yield "condition dropped", rest[0] if len(rest) == 1 else _with(node, values=rest)
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not | ast.USub | ast.Invert):
        yield "not or minus dropped", node.operand


def _constant(node: ast.AST, _: Any) -> Found:
    if not isinstance(node, ast.Constant):
        return
    value = node.value
    if isinstance(value, bool):
        yield "True/False", ast.Constant(not value)
    elif isinstance(value, int) and value < INFINITE:
        yield "constant", ast.Constant(value + 1)
        if 4 <= value < INFINITE:
            yield "constant", ast.Constant(value // 2)
    elif isinstance(value, float) and value < INFINITE:
        yield "constant", ast.Constant(value / 2 if value else 1.0)


def _branch(node: ast.AST, _: Any) -> Found:
    if isinstance(node, ast.comprehension):
        return
    if isinstance(node, ast.IfExp):
        yield "branch", node.body
        yield "branch", node.orelse
    if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
        for at, part in enumerate(node.generators):
            if part.ifs:
                generators = copy.deepcopy(node.generators)
                generators[at].ifs = generators[at].ifs[:-1]
                yield "filter dropped", _with(node, generators=generators)


def _call(node: ast.AST, defaulted: dict[str, set[str]]) -> Found:
    if not isinstance(node, ast.Call):
        return
    func = node.func
    name = func.attr if isinstance(func, ast.Attribute) else getattr(func, "id", "")
    if name in CALLED:
        field = {"attr": CALLED[name]} if isinstance(func, ast.Attribute) else {"id": CALLED[name]}
        yield "other function", _with(node, func=_with(func, **field))
    if name in ("sorted", "sort"):
        rest = [k for k in node.keywords if k.arg != "reverse"]
        if len(rest) == len(node.keywords):
            rest = [*rest, ast.keyword("reverse", ast.Constant(True))]
        yield "order reversed", _with(node, keywords=rest)
    for keyword in node.keywords:
        own = defaulted.get(name)
        known = keyword.arg in own if own is not None else keyword.arg in OPTIONAL
        if keyword.arg and known:
            rest = [k for k in node.keywords if k is not keyword]
            yield "argument dropped", _with(node, keywords=rest)


def _index(node: ast.AST, _: Any) -> Found:
    if isinstance(node, ast.Subscript) and isinstance(node.ctx, ast.Load):
        index = ast.unparse(node.slice)
        other = {"0": ast.Constant(-1), "-1": ast.Constant(0)}.get(index)
        if other is not None:
            yield "index", _with(node, slice=other)


def _statement(node: ast.AST, _: Any) -> Found:
    if isinstance(node, ast.Continue):
        yield "continue", ast.Break()
        yield "continue", ast.Pass()
    elif isinstance(node, ast.Break):
        yield "break", ast.Continue()
    elif isinstance(node, ast.AugAssign):
        yield "statement dropped", ast.Pass()
        if type(node.op) in COMPUTED and not _text(node.value):
            yield "arithmetic", _with(node, op=COMPUTED[type(node.op)]())
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        yield "statement dropped", ast.Pass()


OPERATORS: tuple[Callable[[ast.AST, Any], Found], ...] = (
    _comparison, _arithmetic, _logic, _constant, _branch, _call, _index, _statement,
)  # fmt: skip


def decided(node: ast.If) -> Iterator[Change]:
    """Yield an ``if`` that always, or never, holds: the change is of its condition alone."""
    for value in (True, False):
        yield _change("branch", node.test, ast.Constant(value))


def returned(node: ast.Return) -> Iterator[Change]:
    """Yield an early return of nothing."""
    if node.value is not None and not isinstance(node.value, ast.Constant):
        yield _change("return", node.value, ast.Constant(None))


def defaults(trees: list[ast.Module]) -> dict[str, set[str]]:
    """Return, by name of a function or class of ours, the keywords that may be left out."""
    found: dict[str, set[str]] = {}
    for tree in trees:
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef):
                given = node.args
                named = given.args[len(given.args) - len(given.defaults) :]
                own = {a.arg for a in named}
                own |= {
                    a.arg
                    for a, d in zip(given.kwonlyargs, given.kw_defaults, strict=True)
                    if d is not None
                }
            elif isinstance(node, ast.ClassDef):
                own = {
                    field.target.id
                    for field in node.body
                    if isinstance(field, ast.AnnAssign)
                    and field.value is not None
                    and isinstance(field.target, ast.Name)
                }
            else:
                continue
            found[node.name] = found.get(node.name, own) & own
    return found
