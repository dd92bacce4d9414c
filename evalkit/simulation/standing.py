"""What is true of a preset's street: how good every unit is to every group, and in every measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from evalkit.definitions.ledger import Ledger, LedgerMeasure
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import RaterGroup, Scheme
from evalkit.simulation.plan import StreetPlan
from evalkit.simulation.respondents import choices
from evalkit.simulation.truth import ISSUED, Floats, Pattern, Truth, street

RESIDENTS, OF_PERSON, DEPARTMENTS, OTHERS = 32, 26, 9, 6
"""Questionnaires a unit where a plan does not say: residents', those of a person, of raters of all, of others."""
RETURNED: Mapping[bool, float] = {True: 0.88, False: 0.96}
"""Share that comes back of residents, and of others."""
CHANGE, STREET_CHANGE = 1.6, 0.8
"""Standard deviation and mean of what becomes of a unit from one wave to the next, points."""
SPREAD_OF_PERSONS = 8.0
MARGIN = 2.0
"""Points by which true means stay within what a group's items can show."""
LIKENESS = 0.6
"""Correlation of what records show, beside the scheme, with what residents think."""


@dataclass(frozen=True, slots=True)
class Documents:
    """What a preset asks and counts, of committees or of the persons of a track."""

    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]
    ledgers: Mapping[str, Ledger]


@dataclass(frozen=True, slots=True)
class Asked:
    """How many are asked, of committees or of a track's persons.

    Attributes
    ----------
    colleagues : tuple of str
        Rater groups whose members rate one another within their unit.
    """

    plan: StreetPlan
    colleagues: tuple[str, ...] = ()
    persons: bool = False

    def pattern(self, group: RaterGroup, usual: Pattern) -> Pattern:
        """Return whom a group's raters rate."""
        if group.code in self.colleagues:
            return "own"
        return usual if self.persons else self.plan.patterns.get(group.code, usual)

    def issued(self, group: RaterGroup, pattern: Pattern, others: int) -> int:
        """Return how many questionnaires a unit gets from a group."""
        if pattern == "each":
            usual = OF_PERSON if self.persons else RESIDENTS
        elif pattern in ("all", "near"):
            usual = DEPARTMENTS
        else:
            usual = ISSUED.get(group.code, OTHERS)
        count = usual if self.persons else self.plan.asked.get(group.code, usual)
        count = max(count, group.minimum_n + (3 if pattern == "each" else 1))
        return min(count, others) if pattern == "others" else count


def street_truth(
    documents: Documents, subjects: Sequence[Subject], waves: Sequence[str], asked: Asked
) -> Truth:
    """Draw what is true of a street, within what its items and measures can show.

    The colleagues of a unit are all as lenient as one another: it is in their means and in nobody
    else's.
    """
    scheme, plan = documents.scheme, asked.plan
    spread = SPREAD_OF_PERSONS if asked.persons else plan.spread
    made = street(
        scheme,
        subjects,
        between_sd=spread,
        mean=plan.mean,
        waves=waves,
        change_sd=CHANGE,
        street_change=STREET_CHANGE,
        group_offsets={g.code: 2.0 for g in scheme.groups if not g.residents},
        returned={g.code: plan.returned.get(g.code, RETURNED[g.residents]) for g in scheme.groups},
        seed=plan.seed + 2 * asked.persons,
    )
    patterns = {g.code: asked.pattern(g, made.patterns[g.code]) for g in scheme.groups}
    issued = made.issued.copy()
    for place, group in enumerate(scheme.groups):
        pattern = patterns[group.code]
        issued[:, :, place] = asked.issued(group, pattern, len(subjects) - 1)
        if pattern == "own":
            units = [s.zone for s in subjects]
            issued[:, :, place] = [units.count(unit) - 1 for unit in units]
    mean = made.mean.copy()
    mean[:, :, [g.code in asked.colleagues for g in scheme.groups], :] += _leniency(subjects, plan)
    low, high = _reach(documents)
    return replace(made, mean=np.clip(mean, low, high), patterns=patterns, issued=issued)


def _leniency(subjects: Sequence[Subject], plan: StreetPlan) -> Floats:
    """Return what the colleagues of every subject's unit add, shape (K, 1, 1)."""
    rng = np.random.Generator(np.random.PCG64([plan.seed, 3]))
    units = list(dict.fromkeys(s.zone for s in subjects))
    added = plan.leniency * rng.standard_normal(len(units))
    return np.asarray([added[units.index(s.zone)] for s in subjects])[:, None, None]


def _reach(documents: Documents) -> tuple[Floats, Floats]:
    """Return the lowest and highest mean that every group can show of every indicator, shape (G, I)."""
    scheme = documents.scheme
    ends = np.full((len(scheme.groups), len(scheme.indicators), 2), (0.0, 100.0))
    for g, group in enumerate(scheme.groups):
        for i, indicator in enumerate(scheme.indicators):
            for code in indicator.items.get(group.source, ()):
                low, high = _ends(documents, group, code)
                ends[g, i] = max(ends[g, i, 0], low), min(ends[g, i, 1], high)
    return ends[..., 0] + MARGIN, ends[..., 1] - MARGIN


def _ends(documents: Documents, group: RaterGroup, code: str) -> tuple[float, float]:
    if group.questionnaire is not None:
        form = documents.questionnaires[group.questionnaire]
        scores = [o.score for o in choices(form, form.item(code))]
        known = [score for score in scores if score is not None]
        return min(known), max(known)
    measure = documents.ledgers[group.source].measure(code)
    if measure.how == "curve":
        known = [score for _, score in measure.lines]
        return min(known), max(known)
    return 0.0, 100.0


def measures_truth(
    ledger: Ledger, scheme: Scheme, truth: Truth, wave: str, seed: int
) -> dict[str, Floats]:
    """Return what is true of every unit in a ledger's measures, shape (K,), by measure.

    Those that the scheme scores are the means of its group; others are drawn beside what residents
    think of the indicators that they are compared with. Rates and coverage are not drawn: of them an
    endless file is what the file is.
    """
    w, k = truth.waves.index(wave), len(truth.subjects)
    rng = np.random.Generator(np.random.PCG64([seed, w, *ledger.id.encode()]))
    found: dict[str, Floats] = {}
    for g, group in enumerate(scheme.groups):
        if group.ledger == ledger.id:
            for i, indicator in enumerate(scheme.indicators):
                for code in indicator.items.get(ledger.id, ()):
                    found[code] = truth.mean[w, :, g, i]
    for measure in ledger.measures:
        if measure.how in ("share", "score", "level", "points") and measure.code not in found:
            noise = rng.standard_normal(k)
            deviate = LIKENESS * _standing(measure, scheme, truth, w) + 0.8 * noise
            found[measure.code] = 100.0 / (1.0 + np.exp(-(1.5 + 0.45 * deviate)))
    for measure in ledger.measures:
        if measure.how == "curve" and measure.of is not None and measure.code in found:
            at, scores = np.array(measure.lines).T
            if (np.diff(scores) >= 0).all():
                found[measure.of] = np.interp(found[measure.code], scores, at)
    return {m.code: found[m.code] for m in ledger.measures if m.code in found}


def _standing(measure: LedgerMeasure, scheme: Scheme, truth: Truth, w: int) -> Floats:
    """Return how far every unit stands from the others in what residents think of the same."""
    residents = [truth.groups.index(g.code) for g in scheme.residents]
    beside = [truth.indicators.index(c) for c in measure.beside if c in truth.indicators]
    if not residents or not beside:
        return np.zeros(len(truth.subjects))
    own = np.nanmean(truth.mean[w][:, residents][:, :, beside], axis=(1, 2))
    return np.asarray((own - own.mean()) / own.std()) if np.ptp(own) > 0 else np.zeros(len(own))
