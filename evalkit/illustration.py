"""An invented committee, evaluated as the real ones are: the worked example of the manual.

Nothing is calculated here that an evaluation does not calculate: answers are invented by a fixed
rule, and `measure` and `score` do the rest. Populations are left aside, since an invented
committee has none.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.answers.measuring import measure
from evalkit.answers.scores import item_scores, score_respondents
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.findings.scoring import score
from evalkit.tables import Answers, GroupCells, Illustration, InventedAnswer, InventedPerson, State

SUBJECT = WAVE = "example"
LEAST = 8
"""Respondents of a group, where its minimum asks for no more."""
MORE = 2
"""Respondents beyond a group's minimum."""
GAP, SURE = 6, 2
"""Every so many answers one is a 不了解, but never of the first two respondents."""
_STEPS = (0.6180339887498949, 0.7548776662466927, 0.5698402909980532)


def illustrate(decided: Decided) -> Illustration:
    """Invent a committee's answers to a scheme's questionnaires, and score them.

    The same documents give the same example.

    Parameters
    ----------
    decided : Decided
        Without faults between scheme and questionnaires.
    """
    groups = [group.model_copy(update={"population": None}) for group in decided.scheme.groups]
    scheme = decided.scheme.model_copy(update={"groups": groups})
    questionnaires = decided.questionnaires
    roster = Roster(subjects=[Subject(id=SUBJECT, name=SUBJECT)])
    decided = replace(decided, scheme=scheme, roster=roster)
    answers = _answers(scheme, questionnaires)
    spoken = {g.code: _spoken(scheme, g) for g in scheme.groups if g.ledger is not None}
    cells = measure(answers, decided, DuckDBEngine(), spoken=spoken)
    if not scheme.asked:
        return Illustration("", "", (), (), 0, cells, score(cells, scheme, roster))
    everything = score_respondents(answers, decided)
    of = answers.respondents["group"]
    group, indicator = _followed(scheme, questionnaires, everything, of)
    values = everything.loc[of == group.code, indicator]
    spread = Counter(float(value) for value in values.dropna())
    return Illustration(
        indicator,
        group.code,
        tuple(_people(answers, scheme, questionnaires[group.source], indicator, values)),
        tuple(sorted(spread.items(), reverse=True)),
        int(values.isna().sum()),
        cells,
        score(cells, scheme, roster),
    )


def _followed(
    scheme: Scheme,
    questionnaires: Mapping[str, Questionnaire],
    values: pd.DataFrame,
    of: pd.Series[str],
) -> tuple[RaterGroup, str]:
    """Choose the cell that teaches most: residents who differ, two items, an option without score.

    Parameters
    ----------
    values : DataFrame
        Indicator scores of all respondents.
    of : Series
        Their groups.
    """
    best: tuple[int, RaterGroup, str] | None = None
    for group in scheme.asked:
        questionnaire = questionnaires[group.source]
        for code in scheme.covered(group):
            items = _items(scheme, questionnaire, code)
            unsure = any(o.missing for item in items for o in questionnaire.options_of(item))
            own = values.loc[of == group.code, code]
            differ = bool(own.max() > own.min())
            worth = (
                16 * differ + 8 * group.residents + 4 * (len(items) == 2) + 2 * (len(items) > 1)
            ) + unsure
            if best is None or worth > best[0]:
                best = worth, group, code
    assert best is not None
    return best[1], best[2]


def _items(scheme: Scheme, questionnaire: Questionnaire, code: str) -> list[Item]:
    indicator = next(i for i in scheme.indicators if i.code == code)
    return [questionnaire.item(item) for item in indicator.items.get(questionnaire.id, [])]


def _spoken(scheme: Scheme, group: RaterGroup) -> GroupCells:
    """Invent what a ledger says, beside answers; nothing where there are none to follow by hand."""
    codes = [indicator.code for indicator in scheme.indicators]
    judged = np.array([*(code in scheme.covered(group) for code in codes), False])
    told = judged & bool(scheme.asked)
    n = max(group.minimum_n + MORE, LEAST)
    mean = np.where(told, 70.0 + 5.0 * (np.arange(len(judged)) % 3), np.nan)
    covariance = np.where(np.outer(told, told), np.diag(np.full(len(judged), 16.0)), np.nan)
    return GroupCells(
        n=np.array([n]),
        n_effective=np.array([np.nan]),
        n_measure=np.where(told, n, 0)[None],
        mean=mean[None],
        covariance=covariance[None],
        influence=None,
        df=np.array([n - 1.0]),
    )


# --- answers --------------------------------------------------------------------------------


def _answers(scheme: Scheme, questionnaires: Mapping[str, Questionnaire]) -> Answers:
    rows = [
        (f"{group.code}-{number:05d}", place, group, number)
        for place, group in enumerate(scheme.asked)
        for number in range(max(group.minimum_n + MORE, LEAST))
    ]
    names = pd.Index([name for name, *_ in rows], name="respondent")
    respondents = pd.DataFrame(
        {
            "respondent": names,
            "file": WAVE,
            "row": range(len(rows)),
            "questionnaire": [group.source for *_, group, _ in rows],
            "group": [group.code for *_, group, _ in rows],
            "subject": SUBJECT,
            "rater": [name if group.raters == "rater" else "" for name, _, group, _ in rows],
            "cluster": "",
            "weight": 1.0,
            "submitted": None,
            "seconds": np.nan,
            "device": None,
        },
        index=names,
    )
    codes, states = {}, {}
    for questionnaire_id in dict.fromkeys(group.source for group in scheme.asked):
        questionnaire = questionnaires[questionnaire_id]
        own = [row for row in rows if row[2].source == questionnaire_id]
        items = questionnaire.of_role("scored", "overall")
        ticked = {
            item.id: [_tick(item, questionnaire, number, at, place) for _, place, _, number in own]
            for at, item in enumerate(items)
        }
        index = pd.Index([name for name, *_ in own], name="respondent")
        codes[questionnaire_id] = pd.DataFrame(
            {item: [code for code, _ in pairs] for item, pairs in ticked.items()}, index=index
        ).astype("object")
        states[questionnaire_id] = pd.DataFrame(
            {item: [state for _, state in pairs] for item, pairs in ticked.items()}, index=index
        ).astype("object")
    return Answers(WAVE, respondents, codes, states)


def _tick(
    item: Item, questionnaire: Questionnaire, number: int, at: int, place: int
) -> tuple[object, str]:
    """Answer one item: mostly one of the better options, now and then none that scores."""
    parts = (number + 1, at + 1, place + 1)
    share = sum(step * part for step, part in zip(_STEPS, parts, strict=True)) % 1.0
    own = (_STEPS[0] * parts[0]) % 1.0
    low = (0.5 * (share + own)) ** 3
    if item.kind == "number":
        assert item.minimum is not None
        assert item.maximum is not None
        return repr(item.maximum - low * (item.maximum - item.minimum)), State.ANSWERED.value
    options = questionnaire.options_of(item)
    scored = sorted((o for o in options if o.score is not None), key=lambda o: -(o.score or 0.0))
    unscored = [o for o in options if o.missing is not None]
    if unscored and (not scored or (number >= SURE and (number + 2 * at) % GAP == 0)):
        return pd.NA, str(unscored[0].missing)
    return scored[int(low * len(scored))].code, State.ANSWERED.value


# --- people ---------------------------------------------------------------------------------


def _people(
    answers: Answers,
    scheme: Scheme,
    questionnaire: Questionnaire,
    code: str,
    values: pd.Series[float],
) -> Iterator[InventedPerson]:
    """Pick the people to look at: answers of different scores; a gap; too few answers."""
    items = _items(scheme, questionnaire, code)
    everybody = [
        InventedPerson(
            tuple(_told(answers, questionnaire, item, str(name)) for item in items),
            None if np.isnan(value) else float(value),
        )
        for name, value in values.items()
    ]
    whole = [person for person in everybody if _complete(person)]
    varied = [person for person in whole if len({a.score for a in person.answers}) > 1]
    gaps = [person for person in everybody if not _complete(person)]
    yield from (varied or whole)[:1]
    yield from [person for person in gaps if person.score is not None][:1]
    yield from [person for person in gaps if person.score is None][:1]


def _complete(person: InventedPerson) -> bool:
    return all(answer.score is not None for answer in person.answers)


def _told(
    answers: Answers, questionnaire: Questionnaire, item: Item, respondent: str
) -> InventedAnswer:
    code = answers.codes[questionnaire.id].loc[[respondent], item.id]
    score = float(item_scores(code, item, questionnaire)[0])
    if item.kind == "number":
        return InventedAnswer(item.id, f"{float(str(code.iloc[0])):.4g}", score)
    state = answers.states[questionnaire.id].at[respondent, item.id]
    chosen = next(
        option
        for option in questionnaire.options_of(item)
        if (option.missing or option.code) in (state, code.iloc[0])
    )
    return InventedAnswer(item.id, chosen.label, None if np.isnan(score) else score)
