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
    "modes": columns(
        ("wave", "text", "wave id"),
        ("group", "text", "a group of residents"),
        ("mode", "text", "paper | online | telephone | face_to_face | unsaid"),
        ("n", "integer?", "residents who answered so, unweighted; empty where too few"),
        ("of", "integer?", "residents of the group who answered; empty where too few"),
        ("share", "number?", "n / of"),
        ("against", "text?", "the mode it is compared with: the group's commonest"),
        ("committees", "integer?", "committees in which both modes occur"),
        (
            "difference",
            "number?",
            "the group's composite by this mode less by the other within committees, points",
        ),
        ("se", "number?", "its standard error, points"),
        ("low", "number?", "lower end of its interval (not adjusted), points"),
        ("high", "number?", "upper end of its interval (not adjusted), points"),
    ),
}
"""By name; part of `frames.FRAMES`."""
