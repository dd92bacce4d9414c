"""A street of two groups of residents and what they ticked, digit by digit, for shares by hand.

Options are 1 satisfied (100), 2 so-so (50), 3 not (0), 4 no opinion.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import pandas as pd
import yaml

from evalkit.answers.measuring import measure
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.findings.satisfying import satisfied
from evalkit.findings.scoring import score
from evalkit.tables import Ranking, ResidentsOfAKind, WaveResult, check, no_rows
from tests.answers import street
from tests.answers.cells import roster
from tests.deciding import decided

LEAST = 4
NO_RANKING = Ranking("2016", no_rows("ranking"), 0.0, 0.0, 0.0, ())
Ticks = Mapping[str, str]
"""Item id -> a digit a resident."""


def scheme(**changes: Any) -> Scheme:
    """Key residents and random ones, four answers at least; other values of a group by its code."""
    document = yaml.safe_load(street.SMALL_SCHEME)
    for group in document["groups"]:
        group.update({"minimum_n": LEAST} | changes.pop(group["code"], {}))
    found = Scheme.model_validate(document | changes)
    assert not list(found.faults())
    return found


def form(text: str = street.SMALL_FORM) -> Questionnaire:
    return Questionnaire.model_validate(yaml.safe_load(text))


def documents(by: Scheme | None = None, *forms: Questionnaire) -> Decided:
    return decided(by or scheme(), {one.id: one for one in forms or (form(),)}, roster())


def wave(
    said: Mapping[tuple[str, str], Ticks],
    under: Decided | None = None,
    *,
    name: str = "2016",
    weight: Sequence[float] | None = None,
) -> WaveResult:
    """What residents of (committee, group) ticked; of items not named everybody is satisfied."""
    under = under or documents()
    rows: dict[str, list[Any]] = {item: [] for item in ("r1", "r2", "r3", "overall")}
    groups, subjects = [], []
    for (subject, group), ticks in said.items():
        n = len(next(iter(ticks.values())))
        groups += [group] * n
        subjects += [subject] * n
        for item, own in rows.items():
            own += list(ticks.get(item, "1" * n))
    (sheet,) = under.questionnaires.values()
    known = {item: own for item, own in rows.items() if any(item == i.id for i in sheet.items)}
    made = street.answers(name, sheet, known, group=groups, subject=subjects, weight=weight)
    return result_of(made, under)


def result_of(made: Any, under: Decided) -> WaveResult:
    cells = measure(made, under, street.InMemory())
    return WaveResult(made, cells, score(cells, under.scheme, under.roster), NO_RANKING, None)


def marked(result: WaveResult, **marks: str | None) -> WaveResult:
    """The same wave with other fingerprints of what was asked; None where there is none."""
    found = {**result.cells.definitions, **marks}
    cells = replace(result.cells, definitions={c: m for c, m in found.items() if m is not None})
    return replace(result, cells=cells)


def table(
    now: WaveResult,
    before: WaveResult | None = None,
    under: Decided | None = None,
    kinds: Sequence[ResidentsOfAKind] = (),
    kinds_before: Sequence[ResidentsOfAKind] = (),
) -> pd.DataFrame:
    return check(satisfied(now, before, under or documents(), kinds, kinds_before), "satisfaction")


def row(found: pd.DataFrame, subject: str, item: str = "overall", value: str = "all") -> Any:
    own = found["subject"].eq(subject) & found["item"].eq(item) & found["value"].eq(value)
    assert own.sum() == 1
    return found[own].iloc[0]
