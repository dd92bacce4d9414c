"""Who answered: residents by what they say of themselves, beside what is known of the street.

Only counts over the whole street leave; what fewer than the minimum chose is left empty, with as
much else as it takes to keep it from being had by subtraction.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from evalkit.answers.residents import MINIMUM_N
from evalkit.definitions.decided import Decided
from evalkit.definitions.margins import Margin
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.units import Units
from evalkit.methods.small_counts import tellable
from evalkit.tables import FRAMES, Answers, Integers, frame, no_rows


def compose(answers: Answers | None, decided: Decided) -> pd.DataFrame:
    """Count the residents of every group by every profile question with options.

    Parameters
    ----------
    answers : Answers or None
        Of one wave, without problems; None where only cells are left.

    Returns
    -------
    DataFrame
        Frame ``composition``: unweighted. Options that a margin takes together are one row. An
        option is told of all groups of a questionnaire or of none.
    """
    rows = [] if answers is None else list(_rows(answers, decided))
    if not rows:
        return no_rows("composition")
    columns = [column.name for column in FRAMES["composition"]]
    return frame("composition", pd.DataFrame(rows, columns=columns))


def _rows(answers: Answers, decided: Decided) -> Iterator[tuple[object, ...]]:
    present = {s.id for s in Units.of(decided.roster).present(answers.wave)}
    who = answers.respondents[answers.respondents["subject"].isin(present)]
    asked: dict[str, list[RaterGroup]] = {}
    for group in decided.scheme.residents:
        if group.source in answers.codes:
            asked.setdefault(group.source, []).append(group)
    for name, groups in asked.items():
        questionnaire, codes = decided.questionnaires[name], answers.codes[name]
        codes = codes.reindex(who.index)
        for item in questionnaire.of_role("profile"):
            if item.kind == "single" and item.id in codes:
                given = [codes.loc[who["group"] == group.code, item.id] for group in groups]
                yield from _item(answers.wave, questionnaire, item, groups, given, decided)


def _item(
    wave: str,
    questionnaire: Questionnaire,
    item: Item,
    groups: Sequence[RaterGroup],
    given: Sequence[pd.Series[str]],
    decided: Decided,
) -> Iterator[tuple[object, ...]]:
    known = [_margin(decided, wave, group, item) for group in groups]
    margin = next((m for m in known if m is not None), None)
    kinds = [frozenset({o.code}) for o in questionnaire.options_of(item)]
    kinds = kinds if margin is None else list(margin.categories)
    labels = {o.code: o.label for o in questionnaire.options_of(item)}
    n: Integers = np.array([[own.isin(kind).sum() for kind in kinds] for own in given], np.int64)
    minimum = max([MINIMUM_N, *(group.minimum_n for group in groups)])
    shown = tellable(n, minimum)
    for place, group in enumerate(groups):
        own = known[place]
        shares = None if own is None or list(own.categories) != kinds else own.shares
        of = int(n[place].sum())
        for at, kind in enumerate(kinds):
            codes = [code for code in labels if code in kind]
            told = bool(shown[at])
            yield (
                wave, group.code, item.id, item.text, ";".join(codes),
                " / ".join(labels[code] for code in codes),
                int(n[place, at]) if told else None,
                of if of >= minimum else None,
                n[place, at] / of if told else np.nan,
                np.nan if shares is None else float(shares[at]),
            )  # fmt: skip


def _margin(decided: Decided, wave: str, group: RaterGroup, item: Item) -> Margin | None:
    if decided.margins is None:
        return None
    found = (m for m in decided.margins.of(wave, group.code) if m.item == item.id)
    return next(found, None)
