"""How the residents of one committee answered the scored questions, as far as it may be told."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.once import once
from evalkit.pages.telling.opinions import reach_of

MIDDLE = 50.0
"""Options that score less are bad answers, points."""
EVEN = 9
"""Decimals of a mean: sums miss by the last bit, which must not part equal means, or turn 82.5."""


def residents(facts: Facts) -> list[RaterGroup]:
    """Return the rater groups of residents."""
    return list(facts.evaluation.scheme.residents)


def published(facts: Facts) -> list[RaterGroup]:
    """Return the resident groups with enough answers: the others' number must not be told."""
    counts = known.answers_by_group(facts)
    return [group for group in residents(facts) if counts.get(group.code, 0) >= group.minimum_n]


def minimum(facts: Facts) -> int:
    """Return below how many residents no answer is shown."""
    return max([facts.evaluation.needs.minimum_n, *(g.minimum_n for g in residents(facts))])


_Answer = tuple[str, str, float, int]
"""Rater group, option, share and number: a row of frame ``distributions`` of one item."""


@dataclass(frozen=True, slots=True)
class Told:
    """How residents answered one scored item.

    Attributes
    ----------
    parts : tuple of (label, share, mean score)
        Best option first; each stands for at least the minimum of residents.
    bad : float
        Share that chose options of less than `MIDDLE`; what is told of it is `ill`.
    ill : (words, share)
        The bad options together; where the parts do not tell them, all that do not count as satisfied.
    mean, low, high : float
        Points.
    """

    item: str
    order: int
    text: str
    stem: str
    parts: tuple[tuple[str, float, float], ...]
    bad: float
    ill: tuple[str, float]
    mean: float
    low: float
    high: float
    n: int

    @property
    def short(self) -> str:
        """The item's wording without its final punctuation."""
        return say.unpunctuated(self.text)


def told(facts: Facts) -> tuple[Told, ...]:
    """Return every scored item of the residents that has at least two parts to be shown."""
    return tuple(item for item in answered(facts) if len(item.parts) > 1)


@once
def answered(facts: Facts) -> tuple[Told, ...]:
    """Return every scored item of the residents that enough have answered.

    None of an indicator that is not told of one of the groups: its answers would tell it.
    """
    return tuple(_all_answered(facts))


def _all_answered(facts: Facts) -> Iterator[Told]:
    own = facts.common.distributions.get(facts.subject.id)
    if own is None:
        return
    groups = published(facts)
    codes = {group.code for group in groups}
    columns = (own[name].tolist() for name in ("item", "group", "option", "share", "n"))
    by_item: dict[str, list[_Answer]] = {}
    for item_id, group, option, share, n in zip(*columns, strict=True):
        if group in codes:
            by_item.setdefault(item_id, []).append((group, option, share, n))
    names = dict.fromkeys(group.source for group in groups)
    order = 0
    for name in names:
        questionnaire = facts.evaluation.questionnaires.get(name)
        if questionnaire is None:
            continue
        untold = _untold_items(facts, name, [group.code for group in groups])
        for item in questionnaire.of_role("scored"):
            order += 1
            part = by_item.get(item.id)
            if part is not None and item.kind == "single" and item.id not in untold:
                found = _told(facts, questionnaire, item, part, order)
                if found is not None:
                    yield found


def asked(facts: Facts) -> int:
    """Return how many scored items the residents were asked whose answers may be told."""
    names = dict.fromkeys(group.source for group in published(facts))
    forms = [facts.evaluation.questionnaires.get(name) for name in names]
    return sum(len(form.of_role("scored")) for form in forms if form is not None)


def _untold_items(facts: Facts, questionnaire: str, groups: Sequence[str]) -> set[str]:
    table = facts.common.indicators[facts.subject.id]
    own = table[table["group"].isin(groups) & (table["level"] == "indicator")]
    hidden = set(own.loc[own["estimate"].isna(), "code"])
    return {
        item
        for indicator in facts.evaluation.scheme.indicators
        if indicator.code in hidden
        for item in indicator.items.get(questionnaire, ())
    }


def _told(
    facts: Facts, questionnaire: Questionnaire, item: Item, cells: Sequence[_Answer], order: int
) -> Told | None:
    options = [o for o in questionnaire.options_of(item) if o.score is not None]
    options.sort(key=lambda option: -float(option.score or 0.0))
    by_group: Counter[str] = Counter()
    counts: Counter[str] = Counter()
    for group, option, _, given in cells:
        by_group[group] += int(given)
        counts[option] += int(given)
    n = sum(counts[o.code] for o in options)
    least = minimum(facts)
    if n < least:
        return None
    masses = dict.fromkeys(counts, 0.0)
    for group, option, share, _ in cells:
        masses[option] += float(share) * by_group[group]
    shares = [masses.get(o.code, 0.0) for o in options]
    shares = [share / sum(shares) for share in shares]
    border = satisfied(options, facts.evaluation.scheme.satisfied_from)
    parts = merged(options, [counts[o.code] for o in options], shares, least, border)
    scores = [float(o.score or 0.0) for o in options]
    mean = round(sum(s * p for s, p in zip(scores, shares, strict=True)), EVEN)
    variance = sum(p * (s - mean) ** 2 for s, p in zip(scores, shares, strict=True))
    effective = n * _efficiency(facts)
    reach = reach_of(facts, math.sqrt(variance / max(effective - 1.0, 1.0)), max(n - 1.0, 1.0))
    low, high = max(mean - reach, 0.0), min(mean + reach, 100.0)
    first = next((at for at, s in enumerate(scores) if s < MIDDLE), len(scores))
    ill = _ill(options, [counts[o.code] for o in options], shares, (least, border, first))
    return Told(
        item.id,
        order,
        item.text,
        item.stem or "",
        parts,
        sum(shares[first:]),
        ill,
        mean,
        low,
        high,
        n,
    )


def _efficiency(facts: Facts) -> float:
    """Return what one resident's answer is worth after weighting: Kish's share, at most 1."""
    cells = facts.evaluation.current.cells
    at = cells.subjects.index(facts.subject.id)
    own = [cells.groups[group.code] for group in published(facts)]
    n = sum(float(group.n[at]) for group in own)
    return min(sum(float(group.n_effective[at]) for group in own) / n, 1.0) if n else 1.0


def merged(
    options: Sequence[Option],
    counts: Sequence[int],
    shares: Sequence[float],
    least: int,
    border: int,
) -> tuple[tuple[str, float, float], ...]:
    """Join neighbouring options, from the worst up, until each part has at least so many answers.

    Parameters
    ----------
    options : sequence of Option
        Best first.
    counts, shares : sequence
        Of each option.
    border : int
        How many of the options count as satisfied, which is told elsewhere.
    """
    scores = [float(option.score or 0.0) for option in options]
    parts = []
    for start, stop in _runs(counts, least, border):
        share = sum(shares[start:stop])
        points = sum(s * p for s, p in zip(scores[start:stop], shares[start:stop], strict=True))
        parts.append((_label(options, start, stop), share, points / share))
    return tuple(parts)


def _runs(counts: Sequence[int], least: int, satisfied: int) -> list[tuple[int, int]]:
    """Return the parts that are shown, as places of options.

    How many are satisfied is told elsewhere, so that a part that reaches over that border would be
    two. Both sides are cut on their own; only a side that is too small as a whole, which the share
    of the satisfied tells in any case, goes into the nearest part of the other.
    """
    good, bad = _cut(counts, 0, satisfied, least), _cut(counts, satisfied, len(counts), least)
    if good and bad:
        return [*good, *bad]
    if good:
        return [*good[:-1], (good[-1][0], len(counts))]
    return [(0, bad[0][1]), *bad[1:]] if bad else []


def _cut(counts: Sequence[int], first: int, end: int, least: int) -> list[tuple[int, int]]:
    """Cut options into runs of so many answers at least, from the worst up; none of too few."""
    runs: list[tuple[int, int]] = []
    stop = end
    for start in range(end - 1, first - 1, -1):
        if sum(counts[start:stop]) >= least:
            runs.insert(0, (start, stop))
            stop = start
    if runs:
        runs[0] = (first, runs[0][1])
    return runs


def satisfied(options: Sequence[Option], least: float) -> int:
    """Return how many of the options, best first, count as satisfied."""
    return sum(float(option.score or 0.0) >= least for option in options)


def _ill(
    options: Sequence[Option],
    counts: Sequence[int],
    shares: Sequence[float],
    places: tuple[int, int, int],
) -> tuple[str, float]:
    """Return the bad options together, where their end is one of a part that is told anyway.

    Else, who does not count as satisfied: that is told beside. Options that nobody chose do not part.
    """
    least, border, first = places
    starts = [run for run, _ in _runs(counts, least, border) if run]
    if any(run <= first and not sum(counts[run:first]) for run in starts):
        return f"选“{_label(options, first, len(options))}”", sum(shares[first:])
    return f"没有选“{_label(options, 0, border)}”", sum(shares[border:])


def _label(options: Sequence[Option], start: int, stop: int) -> str:
    """Name a run of options by its ends."""
    first, last = options[start].label, options[stop - 1].label
    if stop - start == 1:
        return first
    if stop == len(options) and start > 0:
        return f"{first}及以下" if stop - start > 2 else f"{first}、{last}"
    if start == 0 and stop < len(options):
        return f"{last}及以上" if stop - start > 2 else f"{first}、{last}"
    return f"{first}至{last}"
