"""Simulated streets of known truth, run through the code that evaluates real ones; no files.

A street is invented (`evalkit.simulation`), asked, and its answers go the way of
`evalkit.evaluation.evaluate`: measure, score, rank, compare, diagnose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
import pandas as pd

from evalkit.answers import repeating
from evalkit.answers.measuring import measure
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.engines.base import Engine
from evalkit.findings import comparing, diagnosing, panel, ranking, scoring
from evalkit.simulation.alike import Buildings, Regulars
from evalkit.simulation.demo import demo_documents
from evalkit.simulation.respondents import GroupAnswers, Sample, simulate
from evalkit.simulation.truth import Floats, Truth, street
from evalkit.tables import Answers, Cells, Changes, Diagnosis, Ranking, Scores, State
from tests.deciding import decided

COMMITTEES = 35
ISSUED = {"key": 51, "random": 15, "department": 12, "partner": 4, "peer": 5}
WAVES = ("2015", "2016")

_SECONDS_AN_ITEM, _SECONDS_SPREAD = 7.0, 0.35
_FIELDWORK = pd.Timestamp("2016-11-14 08:00")
_DAYS = 30


@dataclass(frozen=True)
class Evaluated:
    """One street: its truth and what the evaluation makes of its answers."""

    truth: Truth
    composites: Floats
    cells: tuple[Cells, ...]
    scores: tuple[Scores, ...]
    rankings: tuple[Ranking, ...]
    changes: Changes | None
    diagnoses: dict[str, Diagnosis]


class InMemory:
    """An `Engine` for streets that fit into memory many times over."""

    def cells(
        self, frame: pd.DataFrame, keys: Sequence[str], order: str
    ) -> Iterator[tuple[tuple[str, ...], pd.DataFrame]]:
        ordered = frame.sort_values([*keys, order], kind="stable")
        for key, part in ordered.groupby(list(keys), sort=False):
            yield tuple(str(value) for value in key), part.reset_index(drop=True)


@cache
def documents() -> tuple[Scheme, dict[str, Questionnaire]]:
    return demo_documents()


def of_three_groups(weight: float) -> Scheme:
    """The preset's scheme with departments of this weight, and residents, alone."""
    scheme, _ = documents()
    weights = {"key": (100 - weight) * 4 / 7, "random": (100 - weight) * 3 / 7}
    weights["department"] = weight
    groups = [
        group.model_copy(update={"weight": weights[group.code]})
        for group in scheme.groups
        if group.code in weights
    ]
    return scheme.model_copy(update={"groups": groups, "residents_weight": None})


def invent_few(between_sd: float, raters: int, weight: float, seed: int) -> Truth:
    """A street of three groups that so many departments judge; alike where the spread is 0."""
    spreads = {} if between_sd else {"profile_sd": 0.0, "cell_sd": 0.0}
    return street(
        of_three_groups(weight), COMMITTEES, between_sd=between_sd, waves=WAVES,
        issued={"key": 51, "random": 15, "department": raters}, seed=seed, **spreads,
    )  # fmt: skip


def invent(between_sd: float, change_sd: float, seed: int) -> Truth:
    """A street with these spreads; every seventh committee is truly tied with its neighbour."""
    scheme, _ = documents()
    truth = street(
        scheme,
        COMMITTEES,
        between_sd=between_sd,
        change_sd=change_sd,
        waves=WAVES,
        issued=ISSUED,
        seed=seed,
    )
    mean = truth.mean.copy()
    mean[:, 1::7] = mean[:, 0::7]
    return replace(truth, mean=mean)


def invent_alike(different: int, seed: int, *, points: float = 5.0) -> Truth:
    """A street where most cells truly equal the street's mean, indicator by indicator.

    `different` committees, an even number, lie above and below it in pairs; all others are the
    same in everything.
    """
    scheme, _ = documents()
    truth = street(
        scheme, COMMITTEES, between_sd=0.0, profile_sd=0.0, cell_sd=0.0, waves=WAVES,
        issued=ISSUED, seed=seed,
    )  # fmt: skip
    rng = np.random.Generator(np.random.PCG64([seed, 7]))
    half = points * rng.standard_normal((different // 2, 1, truth.mean.shape[-1]))
    half = np.clip(half, -12.0, 12.0)
    mean = truth.mean.copy()
    mean[:, :different] += np.concatenate([half, -half])
    return replace(truth, mean=mean)


def evaluate(
    truth: Truth,
    seed: int,
    *,
    draws: int,
    waves: Sequence[str] = WAVES,
    engine: Engine | None = None,
    unsure: float = 0.0,
    scheme: Scheme | None = None,
    buildings: Buildings | None = None,
    recorded: bool = True,
    memory: float = 0.0,
    regulars: Regulars | None = None,
) -> Evaluated:
    """Ask a street and evaluate it as `evalkit.evaluation.evaluate` does.

    So many more of the answers of partners and peers are 不了解 (`unknowing`). The scheme is the
    preset's unless another is given. Residents may live in buildings, which the files tell or not;
    raters are the same in all waves, and of their moods a share may be (`memory`); residents are
    others, but for `regulars`, whom the files tell by a number unless nothing is `recorded`.
    """
    usual, questionnaires = documents()
    scheme = scheme or usual
    sample = simulate(
        truth, scheme, questionnaires, seed=seed, waves=waves, buildings=buildings, memory=memory,
        regulars=regulars,
    )  # fmt: skip
    roster = Roster(subjects=list(truth.subjects))
    engine = engine or InMemory()
    known = decided(scheme, questionnaires, roster)
    rows = {
        wave: without_buildings(unknowing(answers_of(sample, wave), unsure, seed), recorded)
        for wave in waves
    }
    measured = {wave: measure(own, known, engine) for wave, own in rows.items()}
    cells = tuple(repeating.remember(measured, rows if recorded else {}, known).values())
    scores = tuple(scoring.score(own, scheme, roster) for own in cells)
    rankings = tuple(
        ranking.rank(own, roster, confidence=scheme.confidence, draws=draws, seed=seed)
        for own in scores
    )
    changes = None
    if len(waves) > 1:
        between = panel.Between(*cells, scheme)
        changes = comparing.compare(
            *scores, scheme, roster, draws=draws, seed=seed, between=between
        )
    previous = scores[0] if len(waves) > 1 else None
    diagnoses = diagnosing.diagnose(scores[-1], scheme, previous)
    return Evaluated(truth, truth.composites(scheme), cells, scores, rankings, changes, diagnoses)


def answers_of(
    sample: Sample, wave: str, groups: Sequence[str] | None = None, *, behaviour: bool = False
) -> Answers:
    """What the import would return of a sample; with `behaviour`, honest times and addresses."""
    sheets = [sheet for (w, g), sheet in sample.sheets.items() if w == wave]
    sheets = [sheet for sheet in sheets if groups is None or sheet.group in groups]
    rng = np.random.Generator(np.random.PCG64([sample.seed, 11]))
    respondents: list[pd.DataFrame] = []
    codes: dict[str, list[pd.DataFrame]] = {}
    states: dict[str, list[pd.DataFrame]] = {}
    known: list[pd.Series] = []
    for sheet in sheets:
        own = _respondents(sheet, sample.truth)
        if behaviour:
            own = _behaved(own, len(sheet.items), rng)
        respondents.append(own)
        known.append(own["rater"] if sheet.person is None else _people(sheet, own.index))
        code, state = _coded(sheet)
        name = sheet.questionnaire.id
        codes.setdefault(name, []).append(code.set_axis(own.index))
        states.setdefault(name, []).append(state.set_axis(own.index))
    return Answers(
        wave,
        pd.concat(respondents),
        {name: pd.concat(parts) for name, parts in codes.items()},
        {name: pd.concat(parts) for name, parts in states.items()},
        {name: who for own in known for name, who in own.items() if who},
    )


def _people(sheet: GroupAnswers, index: pd.Index) -> pd.Series:
    """Who is known again; one who is not gets no mark."""
    assert sheet.person is not None
    marks = [
        f"{sheet.group}-{s}-{p}" if p >= 0 else ""
        for s, p in zip(sheet.subject, sheet.person, strict=True)
    ]
    return pd.Series(marks, index=index)


def without_buildings(answers: Answers, recorded: bool) -> Answers:
    """What is known where the files do not tell buildings, unless they are recorded."""
    if recorded:
        return answers
    return replace(answers, respondents=answers.respondents.assign(cluster=""))


def unknowing(answers: Answers, share: float, seed: int) -> Answers:
    """Let partners and peers, who are few, say 不了解 to this share of what they answered.

    Whom it meets does not depend on what was answered.
    """
    if not share:
        return answers
    rng = np.random.Generator(np.random.PCG64([seed, 19]))
    few = answers.respondents["group"].isin(("partner", "peer"))
    codes, states = dict(answers.codes), dict(answers.states)
    for name, own in answers.codes.items():
        hit = few.loc[own.index].to_numpy()[:, None] & (rng.random(own.shape) < share)
        codes[name] = own.mask(hit, None)
        states[name] = states[name].mask(hit, State.DONT_KNOW.value)
    return replace(answers, codes=codes, states=states)


def _respondents(sheet: GroupAnswers, truth: Truth) -> pd.DataFrame:
    n = len(sheet.subject)
    ids = np.array([subject.id for subject in truth.subjects], dtype=object)
    index = pd.Index([f"{sheet.group}#{at + 2}" for at in range(n)], name="respondent")
    building = [""] * n
    if sheet.building is not None:
        building = [f"{s}-{b}" for s, b in zip(sheet.subject, sheet.building, strict=True)]
    raters = [f"{sheet.group}-{rater}" if rater >= 0 else "" for rater in sheet.rater]
    return pd.DataFrame(
        {
            "respondent": index,
            "file": sheet.group,
            "row": np.arange(n) + 2,
            "questionnaire": sheet.questionnaire.id,
            "group": sheet.group,
            "subject": ids[sheet.subject],
            "rater": raters,
            "cluster": building,
            "weight": 1.0,
            "submitted": None,
            "seconds": np.nan,
            "device": None,
        },
        index=index,
    )


def _behaved(own: pd.DataFrame, items: int, rng: np.random.Generator) -> pd.DataFrame:
    n = len(own)
    spread = np.exp(_SECONDS_SPREAD * rng.standard_normal(n))
    moments = pd.to_timedelta(rng.uniform(0, _DAYS * 86400, n), unit="s").floor("s")
    return own.assign(
        seconds=items * _SECONDS_AN_ITEM * spread,
        submitted=(_FIELDWORK + moments).astype(str),
        device=[f"{name}@" for name in own.index],
    )


def _coded(sheet: GroupAnswers) -> tuple[pd.DataFrame, pd.DataFrame]:
    codes, states = {}, {}
    for place, item_id in enumerate(sheet.items):
        options = sheet.questionnaire.options_of(sheet.questionnaire.item(item_id))
        code = np.array([*(None if o.missing else o.code for o in options), None], dtype=object)
        state = [o.missing or State.ANSWERED.value for o in options]
        chosen = sheet.choice[:, place]
        codes[item_id] = code[chosen]
        states[item_id] = np.array([*state, State.EMPTY.value], dtype=object)[chosen]
    return pd.DataFrame(codes), pd.DataFrame(states)
