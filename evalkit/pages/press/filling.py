"""How facts are written in the sentences of the catalogue."""

from __future__ import annotations

import string
from typing import Any

FEW = 8
"""Names that a sentence lists before it only counts them."""


class Facts(string.Formatter):
    """Fills in what stands behind a colon in a sentence; see `sentences`."""

    def format_field(self, value: Any, format_spec: str) -> str:
        """Return a fact in words."""
        if isinstance(value, bool):
            yes, _, no = format_spec.partition("|")
            return yes if value else no
        if isinstance(value, tuple | list):
            return _listed(value, format_spec)
        if isinstance(value, str) and format_spec:
            return dict(part.split("=", 1) for part in format_spec.split("|"))[value]
        return str(super().format_field(value, format_spec))


def _listed(names: tuple[Any, ...] | list[Any], how: str) -> str:
    if how.startswith("pairs="):
        one, other = how.removeprefix("pairs=").split("|")
        shown = [f"{name}（{one} {a:,.0f}，{other} {b:,.0f}）" for name, a, b in names[:FEW]]
        return "、".join(shown) + (f" 等 {len(names)} 个" if len(names) > FEW else "")
    if how == "rows":
        return "、".join(f"{name}（{n} 行）" for name, n in names)
    if how == "answers":
        return "、".join(f"{name}（{n:,} 个回答）" for name, n in names)
    if how == "“”":
        return "、".join(f"“{name}”" for name in names)
    if how == "few" and len(names) > FEW:
        return f"{'、'.join(names[:FEW])} 等 {len(names)} 个"
    return "、".join(names)
