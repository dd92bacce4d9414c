"""What may be compared between waves: fingerprints of how each indicator was measured."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator

from evalkit.answers.speaking import definition
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Indicator
from evalkit.errors import Note
from evalkit.tables import OVERALL, Answers, State

_OF_THE_WAVE = "/"
"""Between what the documents declare and what the wave's files asked otherwise."""


def definitions(decided: Decided, answers: Answers | None = None) -> dict[str, str]:
    """Return a fingerprint of how each indicator is measured: its items and option scores.

    Two waves whose fingerprints differ did not measure the same thing. The overall question has
    one, too, by which satisfaction is compared; archives made before there was one lack it.

    Parameters
    ----------
    answers : Answers or None
        Of a wave: where its files did not ask a group everything that is declared, the fingerprint
        is of what they asked, with what is declared before it (`declared`). None for the documents
        alone.
    """
    result = {}
    unasked: dict[str, frozenset[str]] = {}
    for indicator in decided.scheme.indicators:
        content: list[object] = [decided.scheme.minimum_answered]
        for questionnaire_id, items in sorted(indicator.items.items()):
            if questionnaire_id in decided.ledgers:
                if questionnaire_id in decided.scheme.ledgers:
                    ledger = decided.ledgers[questionnaire_id]
                    content += [definition(ledger, item) for item in items]
                continue
            questionnaire = decided.questionnaires[questionnaire_id]
            content += [_definition(questionnaire, questionnaire.item(item)) for item in items]
        own = {(name, item) for name, items in indicator.items.items() for item in items}
        result[indicator.code] = _mark(content) + _otherwise(
            _not_asked(indicator, decided, answers, unasked) if answers else [], own, answers
        )
    overall = [
        (questionnaire, item)
        for _, questionnaire in sorted(decided.questionnaires.items())
        for item in questionnaire.of_role("overall")
    ]
    if overall:
        own = {(questionnaire.id, item.id) for questionnaire, item in overall}
        result[OVERALL] = _mark([_definition(*one) for one in overall])
        result[OVERALL] += _otherwise([], own, answers)
    return result


def declared(fingerprint: str) -> str:
    """Return the part of a fingerprint that the documents alone make."""
    return fingerprint.partition(_OF_THE_WAVE)[0]


def by_links(before: Answers, after: Answers, decided: Decided) -> Iterator[Note]:
    """Yield, for every page, that two waves are compared by what crosswalks declare.

    Where both waves had the same other scale nothing is assumed in comparing them.
    """
    where = f"{before.wave}-{after.wave}"
    for one, other in ((before, after), (after, before)):
        for (name, item), own in one.links.items():
            if other.links.get((name, item)) != own:
                facts = {
                    "wave": one.wave,
                    "question": decided.questionnaires[name].item(item).text,
                    "links": tuple(f"{text} → {option}" for text, option in own),
                }
                yield Note(NoteCode.COMPARED_BY_LINK, where, facts=facts)


def _otherwise(
    lacking: list[tuple[str, str, str]], items: set[tuple[str, str]], answers: Answers | None
) -> str:
    """Return what a fingerprint ends with where a wave measured otherwise than declared."""
    links = [] if answers is None else [[*k, v] for k, v in answers.links.items() if k in items]
    return _OF_THE_WAVE + _mark([lacking, links]) if lacking or links else ""


def _not_asked(
    indicator: Indicator,
    decided: Decided,
    answers: Answers,
    unasked: dict[str, frozenset[str]],
) -> list[tuple[str, str, str]]:
    """Return the items of an indicator that no file of the wave asked a group that judges it.

    `unasked` keeps what was found of each rater group.
    """
    found = []
    for group in decided.scheme.groups:
        if indicator.code not in decided.scheme.covered(group):
            continue
        if group.code not in unasked:
            unasked[group.code] = _never_asked(group, answers)
        never = unasked[group.code]
        for item in indicator.items[group.source]:
            if item in never:
                found.append((group.code, group.source, item))
    return sorted(found)


def _never_asked(group: RaterGroup, answers: Answers) -> frozenset[str]:
    """Return the items that no file of the wave asked a group, of which it has answers."""
    states = answers.states.get(group.source)
    if states is None:
        return frozenset()
    inside = (answers.respondents["group"] == group.code).to_numpy(dtype=bool)
    own = answers.respondents.index
    alone = inside.all() and states.index.equals(own)
    of_group = states if alone else states[states.index.isin(own[inside])]
    if not len(of_group):
        return frozenset()
    first = of_group.iloc[0]
    likely = [str(item) for item in first.index[first == State.NOT_ASKED.value]]
    return frozenset(
        item for item in likely if bool((of_group[item] == State.NOT_ASKED.value).all())
    )


def _definition(questionnaire: Questionnaire, item: Item) -> list[object]:
    scores = [[o.label, o.score, o.missing] for o in questionnaire.options_of(item)]
    return [questionnaire.id, item.id, item.minimum, item.maximum, scores]


def _mark(content: list[object]) -> str:
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]
