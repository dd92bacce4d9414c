"""Python sources as trees, parsed once a process: several scripts and tests look at all of them."""

from __future__ import annotations

import ast
from functools import cache
from pathlib import Path


@cache
def tree(path: Path) -> ast.Module:
    """Return the tree of a module, for everybody who asks: nobody changes it."""
    return ast.parse(path.read_text(encoding="utf-8"))


@cache
def nodes(path: Path) -> tuple[ast.AST, ...]:
    """Return every node of a module's tree, as `ast.walk` finds them."""
    return tuple(ast.walk(tree(path)))


@cache
def texts(path: Path) -> frozenset[str]:
    """Return every text that stands in a module, also as a part of a longer one; keeps no tree."""
    return frozenset(
        node.value
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    )
