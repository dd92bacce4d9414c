"""Made-up streets of every kind and the diagnoses planned for them, made once a process."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from evalkit.pages import diagnosis
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.tables import Evaluation
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

STREETS = {
    "ordinary": Street(count=9, mean=89.0),
    "sharp": Street(count=9, between=8.0, noise=0.2, mean=80.0),
    "alike": Street(count=9, between=0.0, noise=3.0, mean=85.0),
    "three": Street(count=3, mean=89.0),
    "first wave": Street(count=14, waves=("2016",), mean=89.0),
    "three waves": Street(count=9, waves=("2014", "2015", "2016"), mean=88.0),
    "all at 100": Street(count=9, constant=100.0),
    "nothing assured": Street(count=9, mean=89.0, assured=False),
    "gaps": Street(count=9, mean=89.0, incomplete={2: ("random", "department")}, new=(5,)),
    "few": Street(count=9, mean=89.0, few={6: "department"}),
}


VERDICT = "diagnosis/verdict.html.j2"


@functools.cache
def planned(name: str) -> tuple[Evaluation, list[Paper]]:
    street = made_up(STREETS[name])
    return street, diagnosis.plan_all(street)


def section(paper: Paper, template: str) -> Section | None:
    found = [s for s in paper.context["sections"] if s.template == template]
    return found[0] if found else None


def texts(value: Any) -> Iterator[str]:
    """Every text of a plan that a reader sees, outside charts."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, Section):
        yield from texts([getattr(value, field.name) for field in fields(value)])
    elif isinstance(value, dict):
        yield from texts(list(value.values()))
    elif isinstance(value, list | tuple):
        for item in value:
            yield from texts(item)
