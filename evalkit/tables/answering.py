"""Frames on who answered."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.tables.columns import Column, columns

ANSWERING: Mapping[str, tuple[Column, ...]] = {
    "composition": columns(
        ("wave", "text", "wave id"),
        ("group", "text", "a group of residents"),
        ("item", "text", "profile item id"),
        ("name", "text", "its text"),
        ("option", "text", "option code; of several that a margin takes together, joined by ;"),
        ("label", "text", "what the option says"),
        ("n", "integer?", "residents who chose it, unweighted; empty where too few"),
        ("of", "integer?", "residents of the group who answered the item; empty where too few"),
        ("share", "number?", "n / of"),
        ("known", "number?", "its share among those whom the group stands for, by the margins"),
    ),
}
"""By name; part of `frames.FRAMES`."""
