"""Every kind of figure, as it is specified: sizes, places, colours, texts."""

from __future__ import annotations

import pytest

from evalkit.figures import style
from tests.approved import approving
from tests.figures import gallery

LARGE = ("-120", "-35", "tiles-narrow", "tiles-zones", "map-awkward")
"""Of these nobody reads the specification; the same code draws smaller ones."""
CASES = [c for c in gallery.by_name().values() if not c.name.endswith(LARGE) and c.name != "map"]


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_figure_is_specified_as_approved(case: gallery.Case) -> None:
    spec = approving.as_lines(case.figure.spec(*case.arguments, **case.options))
    approving.compare(f"figures/{case.name}", spec)


def test_what_is_drawn_of_many_is_as_approved() -> None:
    read = {case.name for case in CASES}
    large = [case for case in gallery.by_name().values() if case.name not in read]
    told = {
        case.name: approving.digest(case.figure.spec(*case.arguments, **case.options))
        for case in large
    }
    assert len(told) > 10
    approving.compare("figures/large", approving.as_lines(told))


def test_what_every_chart_carries_is_as_approved() -> None:
    approving.compare("figures/config", approving.as_lines(style.config()))


def test_every_kind_of_figure_is_there() -> None:
    every = {id(case.figure) for case in gallery.by_name().values()}
    assert every == {id(case.figure) for case in CASES}
