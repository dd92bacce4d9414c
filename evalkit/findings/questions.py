"""Which questions residents were asked whose answers are told as shares, and what each is part of."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Scheme
from evalkit.tables import OVERALL, WaveResult


@dataclass(frozen=True, slots=True)
class Question:
    """A question that residents were asked, perhaps in several questionnaires.

    Attributes
    ----------
    asked : dict of questionnaire id to (Questionnaire, Item)
    indicators : tuple of str
        Codes of the indicators it is part of; ``overall`` of the overall question.
    """

    id: str
    text: str
    role: str
    asked: dict[str, tuple[Questionnaire, Item]] = field(default_factory=dict)
    indicators: tuple[str, ...] = ()

    def judges(self, group: RaterGroup, scheme: Scheme) -> bool:
        """Tell whether a group's answers count: of residents who were asked, and who judge it."""
        if not group.residents or group.source not in self.asked:
            return False
        return self.role == OVERALL or not set(self.indicators).isdisjoint(scheme.covered(group))

    def alike(self, now: WaveResult, before: WaveResult) -> bool:
        """Tell whether both waves asked it with the same options and scores."""
        marks, earlier = now.cells.definitions, before.cells.definitions
        return all(code in marks and marks[code] == earlier.get(code) for code in self.indicators)


def questions(decided: Decided) -> list[Question]:
    """Return the overall question, then the scored ones that count, in the questionnaires' order.

    Scored questions are one where id, text and option scores agree: questionnaires may use an id
    for questions of their own. Rows of a matrix with the same text have its stem before it.
    """
    names = dict.fromkeys(g.source for g in decided.scheme.residents)
    own = [(name, decided.questionnaires[name]) for name in names]
    found: dict[tuple[object, ...], Question] = {}
    for name, questionnaire in own:
        for item in questionnaire.of_role("overall"):
            if _tells(questionnaire, item, decided):
                first = Question(item.id, item.text, OVERALL, {}, (OVERALL,))
                found.setdefault((OVERALL,), first).asked[name] = (questionnaire, item)
    for name, questionnaire in own:
        for item in questionnaire.of_role("scored"):
            if _used(decided, [name], item.id) and _tells(questionnaire, item, decided):
                options = tuple((o.code, o.score) for o in questionnaire.options_of(item))
                first = Question(item.id, item.text, "scored")
                key = (item.id, item.stem, item.text, options)
                found.setdefault(key, first).asked[name] = (questionnaire, item)
    texts = Counter(question.text for question in found.values())
    return [_named(question, texts, decided) for question in found.values()]


def _named(question: Question, texts: Counter[str], decided: Decided) -> Question:
    """Return a question with the indicators it is part of, and a text that tells it apart."""
    stem = next(iter(question.asked.values()))[1].stem
    text = f"{stem}: {question.text}" if stem and texts[question.text] > 1 else question.text
    used = question.indicators or _used(decided, question.asked, question.id)
    return replace(question, text=text, indicators=used)


def _tells(questionnaire: Questionnaire, item: Item, decided: Decided) -> bool:
    """Tell whether some of an item's options count as satisfied, and some do not."""
    least = decided.scheme.satisfied_from
    scores = [o.score for o in questionnaire.options_of(item) if o.score is not None]
    return item.kind == "single" and bool(scores) and min(scores) < least <= max(scores)


def _used(decided: Decided, questionnaires: Iterable[str], item: str) -> tuple[str, ...]:
    """Return the indicators that an item of any of these questionnaires is part of."""
    return tuple(
        one.code
        for one in decided.scheme.indicators
        if any(item in one.items.get(name, ()) for name in questionnaires)
    )
