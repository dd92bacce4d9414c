"""How notebooks show a value: whoever knows the words says so here."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

VIEWS: dict[type, Callable[[Any], str]] = {}
"""What makes HTML of a value of a type; filled by `evalkit.views`."""


def shown(value: object) -> str | None:
    """Return a value as HTML; None where nobody has said how, and notebooks print it as text.

    The room that has the words is opened when something is shown: scripts that show nothing never
    wait for it.
    """
    import_module("evalkit.views")
    view = VIEWS.get(type(value))
    return None if view is None else view(value)
