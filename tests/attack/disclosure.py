"""An outsider who wants to know what a handful of people answered.

He has everything that may be handed on (what dashboard, diagnoses and street report print), and
`indicators.csv`, `street_means.csv` and `rollup.csv` beside, of both waves. He knows the scheme, who is on the
roster, and that no mean lies outside 0 to 100. By linear programming over the whole street he computes
between which ends every number must lie that too few stand behind. He succeeds where the ends are
ten points or less apart: he knows the number within five points.

Nothing of the program's own disclosure control is used here. `attack(streets, seed)` is the
campaign; run as a module it prints its figures: ``python -m tests.attack.disclosure 500``.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from scipy.optimize import linprog

import evalkit as ek
from evalkit.answers.comparability import definitions
from evalkit.definitions.levels import Level, UnitsOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.territory import Territory
from evalkit.evaluation import evaluate
from evalkit.inputs import Inputs
from evalkit.pages import street
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import movement, profile
from evalkit.pages.telling.opinions import opinions
from tests import deciding
from tests.findings.small_street import cells_of, group_of, scheme_of

WITHIN = 5.0
PRINTED = 0.05 + 1e-7
"""Half of what one decimal leaves open."""

ALL = "all"
WAVES = ("2015", "2016")


class Figures(NamedTuple):
    """Numbers attacked, those that held, those that did not, and those that scores alone tell."""

    tried: int
    survived: int
    failed: int
    told_by_scores: int


# --- a street -----------------------------------------------------------------------------------


def simulated(rng: np.random.Generator) -> ek.Evaluation:
    """Evaluate a small street of two waves in which some rater groups are hardly there."""
    groups = [f"g{g}" for g in range(rng.integers(1, 5))]
    shares = rng.integers(1, 8, len(groups)).astype(float)
    shares = np.round(100 * shares / shares.sum(), 1)
    shares[0] += 100 - shares.sum()
    dimensions: dict[str, dict[str, float]] = {}
    for d in range(rng.integers(1, 4)):
        name = "ABC"[d]
        dimensions[name] = {
            f"{name}{i + 1}": float(rng.integers(1, 9)) for i in range(rng.integers(1, 5))
        }
    total = sum(w for inside in dimensions.values() for w in inside.values())
    dimensions = {
        d: {i: 100 * w / total for i, w in inside.items()} for d, inside in dimensions.items()
    }
    codes = [i for inside in dimensions.values() for i in inside]
    covers = {g: [c for c in codes if rng.random() < 0.7] or codes[:1] for g in groups[1:]}
    scheme = scheme_of(
        dict(zip(groups, shares, strict=True)), dimensions, covers=covers, minimum_n=10
    )
    k = int(rng.integers(3, 9))
    subjects = [f"s{at}" for at in range(k)]
    first = {s: "2016" if rng.random() < 0.1 else "2015" for s in subjects}
    roster = Roster(
        subjects=[
            Subject(
                id=s, name=f"{s}村", zone="东西"[at % 2], since=first[s], population=50 + 7 * at
            )
            for at, s in enumerate(subjects)
        ]
    )
    levels = UnitsOrder(levels=[Level(code="village", name="村")], weights="population")
    order = deciding.order(WAVES, draws=1000).model_copy(update={"units": levels})
    cells = {
        wave: _cells(rng, scheme, wave, [s for s in subjects if first[s] <= wave], covers, codes)
        for wave in WAVES
    }
    decided = deciding.decided(
        scheme,
        {"q": _questionnaire(codes)},
        Territory.of(roster, order, None),
        order=order,
    )
    marks = dict(definitions(decided))
    archived = {wave: replace(own, definitions=marks) for wave, own in cells.items()}
    return evaluate(Inputs(decided, sources={}, archived=archived))


def _cells(
    rng: np.random.Generator,
    scheme: Any,
    wave: str,
    subjects: list[str],
    covers: dict[str, list[str]],
    codes: list[str],
) -> Any:
    """Means like those of satisfied people; one group in six is small in a committee, some thin."""
    made = {}
    for group in scheme.groups:
        n = np.where(
            rng.random(len(subjects)) < 1 / 6,
            rng.integers(2, 10, len(subjects)),
            rng.integers(12, 60, len(subjects)),
        )
        n[(rng.random(len(subjects)) < 0.02)] = 0
        judged = np.array([group.code not in covers or c in covers[group.code] for c in codes])
        level = rng.choice([50.0, 80.0, 92.0])
        means = np.clip(rng.normal(level, 8.0, (len(subjects), len(codes))), 0.0, 100.0)
        thin = rng.random(means.shape) < 0.1
        counts = np.where(
            thin, np.minimum(n[:, None], rng.integers(0, 12, means.shape)), n[:, None]
        )
        there = judged[None, :] & (counts > 0)
        variances = np.where(there, 300.0 / np.maximum(counts, 1), np.nan)
        made[group.code] = group_of(
            np.where(there, means, np.nan),
            variances,
            [int(x) for x in n],
            n_measure=np.where(there, counts, 0),
        )
    return cells_of(scheme, made, wave=wave, subjects=subjects)


def _questionnaire(codes: list[str]) -> Questionnaire:
    options = [{"code": str(s), "label": f"{s}分", "score": s} for s in (100, 75, 50, 25, 0)]
    return Questionnaire.model_validate(
        {
            "id": "q",
            "title": "问卷",
            "scales": {"s": options},
            "items": [
                {"id": "where", "text": "所在居民区", "role": "subject"},
                *({"id": code, "text": f"对{code}满意吗", "scale": "s"} for code in codes),
            ],
        }
    )


# --- what he knows ------------------------------------------------------------------------------


@dataclass
class Knowledge:
    """Sums of unknown means, each between two ends; one unknown a wave, committee, group, indicator."""

    size: int
    rows: list[dict[int, float]] = field(default_factory=list)
    low: list[float] = field(default_factory=list)
    high: list[float] = field(default_factory=list)

    def learn(self, row: dict[int, float], value: float, error: float = 0.0) -> None:
        self.rows.append(row)
        self.low.append(value - error)
        self.high.append(value + error)

    def ends(self, target: dict[int, float]) -> tuple[float, float]:
        """Between which ends a sum must lie."""
        at = [(r, c, v) for r, row in enumerate(self.rows) for c, v in row.items()]
        r, c, v = zip(*at, strict=True)
        matrix = sparse.csr_array((v, (r, c)), shape=(len(self.rows), self.size))
        low, high = np.array(self.low), np.array(self.high)
        exact = high - low < 1e-12
        aim = np.zeros(self.size)
        for column, weight in target.items():
            aim[column] = weight
        found = []
        for sign in (1.0, -1.0):
            solved = linprog(
                sign * aim,
                A_ub=sparse.vstack([matrix[~exact], -matrix[~exact]]) if (~exact).any() else None,
                b_ub=np.concatenate([high[~exact], -low[~exact]]) if (~exact).any() else None,
                A_eq=matrix[exact] if exact.any() else None,
                b_eq=low[exact] if exact.any() else None,
                bounds=(0.0, 100.0),
                method="highs",
            )
            assert solved.status == 0, solved.message
            found.append(sign * solved.fun)
        return found[0], found[1]


class Outsider:
    """Reads what there is and writes it down as sums of what he does not know."""

    def __init__(self, evaluation: ek.Evaluation) -> None:
        self.ev = evaluation
        scheme = evaluation.scheme
        self.groups = [g.code for g in scheme.groups]
        self.codes = [i.code for i in scheme.indicators]
        self.inside = {d.code: [i.code for i in d.indicators] for d in scheme.dimensions}
        self.inside |= {c: [c] for c in self.codes} | {"composite": self.codes}
        self.weights = self._weights()
        self.subjects = [s.id for s in evaluation.roster.subjects]
        self.size = len(WAVES) * len(self.subjects) * len(self.groups) * len(self.codes)
        tables = evaluation.scores
        self.complete = {
            wave: list(
                tables[(tables["wave"] == wave) & tables["complete"].astype(bool)]["subject"]
            )
            for wave in WAVES
        }

    def _weights(self) -> np.ndarray:
        """The scheme's own words: what a group cannot judge goes to what it can."""
        scheme = self.ev.scheme
        own = np.array([i.weight for i in scheme.indicators])
        rows = []
        for group in scheme.groups:
            judged = np.array([group.covers is None or c in group.covers for c in self.codes])
            rows.append(group.weight * own * judged / (own * judged).sum())
        return np.array(rows) / 100.0

    def own_weights(self, wave: str, subject: str) -> np.ndarray:
        """A committee's own: what nobody of a group answered goes to what the group did answer."""
        result = self.ev.waves[wave].cells
        if subject not in result.subjects:
            return self.weights
        place = result.subjects.index(subject)
        answered = np.array([np.isfinite(result.groups[g].mean[place, :-1]) for g in self.groups])
        kept = self.weights * answered
        mass = kept.sum(axis=1, keepdims=True)
        share = np.divide(kept, mass, out=self.weights.copy(), where=mass > 0)
        return np.where(mass > 0, share * self.weights.sum(axis=1, keepdims=True), self.weights)

    def gaps(self, subject: str) -> bool:
        return any((self.own_weights(w, subject) != self.weights).any() for w in WAVES)

    def judged(self, wave: str, code: str) -> list[str]:
        """The complete committees that have a number for a measure."""
        own = self.complete[wave]
        return [s for s in own if self.sum_of(wave, s, code)]

    def sum_of(self, wave: str, subject: str, code: str, group: str = ALL) -> dict[int, float]:
        """A published number as a sum over unknowns; empty where the group does not judge it."""
        mask = np.zeros_like(self.weights)
        rows = range(len(self.groups)) if group == ALL else [self.groups.index(group)]
        for g in rows:
            for c in self.inside[code]:
                mask[g, self.codes.index(c)] = 1.0
        own = self.own_weights(wave, subject) * mask
        base = (WAVES.index(wave) * len(self.subjects) + self.subjects.index(subject)) * own.size
        flat = own.ravel() / (own.sum() or 1.0)
        return {int(base + at): float(flat[at]) for at in np.flatnonzero(flat)}

    def mean_of(
        self, wave: str, subjects: list[str], code: str, group: str = ALL
    ) -> dict[int, float]:
        return together([(1 / len(subjects), self.sum_of(wave, s, code, group)) for s in subjects])

    def scores_only(self) -> Knowledge:
        """What is told in any case: every score, and the street's means over complete committees."""
        found = Knowledge(self.size)
        for row in self.ev.scores.itertuples():
            if row.complete:
                found.learn(self.sum_of(row.wave, row.subject, "composite"), row.score)
        for wave in WAVES:
            if len(self.complete[wave]) > 1:
                at = self.ev.waves[wave].scores
                for code, values in zip([m.code for m in at.measures], at.estimate, strict=True):
                    judged = self.judged(wave, code)
                    if len(judged) > 1:
                        mean = self.mean_of(wave, judged, code)
                        found.learn(mean, float(np.nanmean(values)))
        return found

    def everything(self) -> Knowledge:
        found = self.scores_only()
        for row in self.ev.indicators.itertuples():
            if not np.isnan(row.estimate):
                found.learn(self.sum_of(row.wave, row.subject, row.code, row.group), row.estimate)
        self._street(found)
        self._levels(found)
        self._pages(found)
        self._papers(found)
        return found

    def _street(self, found: Knowledge) -> None:
        """`street_means.csv`: means over the complete, changes of those complete in both waves."""
        for row in self.ev.street_means.itertuples():
            earlier = set(self.judged("2015", row.code))
            both = [s for s in self.judged("2016", row.code) if s in earlier]
            if row.group == ALL and not np.isnan(row.change):
                before = self.mean_of("2015", both, row.code)
                found.learn(before, row.previous)
                now = self.mean_of("2016", both, row.code)
                found.learn(together([(1.0, now), (-1.0, before)]), row.change)
            elif row.group != ALL:
                table = self.ev.indicators
                own = table[(table["wave"] == "2016") & (table["group"] == row.group)]
                own = own[(own["code"] == row.code) & own["estimate"].notna()]
                shown = [s for s in self.complete["2016"] if s in set(own["subject"])]
                found.learn(self.mean_of("2016", shown, row.code, row.group), row.mean)

    def _levels(self, found: Knowledge) -> None:
        """`rollup.csv`: zones and the street, by people."""
        people = {s.id: float(s.population or 0) for s in self.ev.roster.subjects}
        zones = {s.id: str(s.zone) for s in self.ev.roster.subjects}
        for row in self.ev.rollup.itertuples():
            inside = [s for s in self.judged("2016", row.code) if row.unit in (ALL, zones[s])]
            total = sum(people[s] for s in inside)
            parts = [(people[s] / total, self.sum_of("2016", s, row.code)) for s in inside]
            if not np.isnan(row.mean):
                found.learn(together(parts), row.mean)

    def _pages(self, found: Knowledge) -> None:
        """What dashboard and diagnoses print of every committee: its profile and its groups."""
        shared = known.common(self.ev)
        for subject in self.complete["2016"]:
            facts = known.gather(shared, subject)
            for row in profile.rows(facts):
                printed(found, self.sum_of("2016", subject, row["code"]), row["estimate"])
                printed(found, self.sum_of("2015", subject, row["code"]), row["previous"])
            for row in opinions(facts):
                printed(
                    found,
                    self.sum_of("2016", subject, "composite", row["code"]),
                    say.fixed(row["estimate"]),
                )

    def _papers(self, found: Knowledge) -> None:
        """The street report's table of dimensions, the chart of what a change is made of."""
        shared = known.common(self.ev)
        for subject in self.complete["2016"]:
            facts = known.gather(shared, subject)
            if not movement.told_apart(facts) or self.gaps(subject):
                continue
            names = {i.name: i.code for i in self.ev.scheme.indicators}
            points = movement.points_of(facts)
            left = [c for c in self.codes if c not in {names.get(n) for n in points["name"]}]
            for name, value in zip(points["name"], points["points"], strict=True):
                codes = [names[name]] if name in names else left
                parts = []
                for sign, wave in ((1.0, "2016"), (-1.0, "2015")):
                    for c in codes:
                        share = float(self.weights[:, self.codes.index(c)].sum())
                        parts.append((sign * share, self.sum_of(wave, subject, c)))
                found.learn(together(parts), round(float(value), 1), PRINTED)
        section = street.means.dimensions(self.ev)
        for line in section.rows if section else []:
            subject = next(s.id for s in self.ev.roster.subjects if s.name == line["name"])
            for code, cell in zip(self.ev.scheme.dimensions, line["cells"], strict=True):
                printed(found, self.sum_of("2016", subject, code.code), cell["text"])

    def targets(self) -> Iterator[tuple[str, str, str, str]]:
        """Every number with somebody, and too few, behind it."""
        for wave, result in self.ev.waves.items():
            for group in self.ev.scheme.groups:
                own = result.cells.groups[group.code]
                for place, subject in enumerate(result.cells.subjects):
                    for code, inside in self.inside.items():
                        at = [self.codes.index(c) for c in inside]
                        at = [i for i in at if self.weights[self.groups.index(group.code), i] > 0]
                        if not at or not np.isfinite(own.mean[place, at]).all():
                            continue
                        n = own.n[place] if code == "composite" else own.n_measure[place, at].max()
                        if n < group.minimum_n:
                            yield wave, subject, code, group.code


def together(parts: list[tuple[float, dict[int, float]]]) -> dict[int, float]:
    found: dict[int, float] = {}
    for weight, row in parts:
        for at, value in row.items():
            found[at] = found.get(at, 0.0) + weight * value
    return found


def printed(found: Knowledge, row: dict[int, float], text: str) -> None:
    """Learn a number as a page prints it; a dash says nothing."""
    number = text.replace("\N{MINUS SIGN}", "-")
    if row and re.fullmatch(r"-?\d+\.\d", number):
        found.learn(row, float(number), PRINTED)


def attack_one(evaluation: ek.Evaluation) -> Figures:
    """Attack one street."""
    outsider = Outsider(evaluation)
    knows, told = outsider.everything(), outsider.scores_only()
    table = evaluation.indicators.set_index(["wave", "subject", "code", "group"])["estimate"]
    tried = failed = by_scores = 0
    for target in outsider.targets():
        tried += 1
        assert np.isnan(table[target]), target
        row = outsider.sum_of(*target)
        low, high = knows.ends(row)
        if high - low > 2 * WITHIN:
            continue
        low, high = told.ends(row)
        if high - low > 2 * WITHIN:
            failed += 1
        else:
            by_scores += 1
    return Figures(tried, tried - failed - by_scores, failed, by_scores)


def attack(streets: int, seed: int = 0) -> Figures:
    """Attack so many simulated streets."""
    found = [
        attack_one(simulated(np.random.Generator(np.random.PCG64([seed, number]))))
        for number in range(streets)
    ]
    return Figures(*(sum(numbers) for numbers in zip(*found, strict=True)))


if __name__ == "__main__":
    print(attack(int(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 0)._asdict())
