"""Committees that merge or are split between two waves, where nothing truly changes.

Of two committees with these shares of people one is made in the other wave: its residents are drawn
from both in proportion to their people, and every department's view of it is its view of the one or
the other with that chance. So its truth is the weighted mean of theirs, whatever they are.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from evalkit.answers.measuring import measure
from evalkit.definitions.lineage import Lineage, Succession
from evalkit.definitions.roster import Roster, Subject
from evalkit.findings import comparing, lineage, panel, scoring
from evalkit.simulation.respondents import simulate
from evalkit.tables import Answers, WaveResult
from tests.coverage.streets import (
    WAVES,
    InMemory,
    answers_of,
    documents,
    invent_few,
    of_three_groups,
)
from tests.deciding import decided, order

PAIRS = 5
"""Pairs of neighbouring committees that become one, or come out of one."""
PEOPLE = (3000, 1000)
RATERS, WEIGHT = 12, 30
DRAWS = 2_000


def of_unions(between_sd: float, split: float, seed: int) -> dict[str, float]:
    """Whether unions are told to have changed, and how often their intervals hold no change."""
    scheme, (_, questionnaires) = of_three_groups(WEIGHT), documents()
    truth = invent_few(between_sd, RATERS, WEIGHT, seed)
    steady = np.repeat(truth.mean[:1], len(truth.mean), axis=0)
    truth = replace(truth, mean=steady)
    sample = simulate(truth, scheme, questionnaires, seed=seed, waves=WAVES)
    halves = [(truth.subjects[2 * k].id, truth.subjects[2 * k + 1].id) for k in range(PAIRS)]
    roster, events = _documents(truth.subjects, halves, bool(split))
    known = decided(scheme, questionnaires, roster, order=order(WAVES), lineage=events)
    results = []
    for wave, joined in zip(WAVES, (bool(split), not split), strict=True):
        answers = answers_of(sample, wave)
        if joined:
            answers = _joined(answers, halves, np.random.Generator(np.random.PCG64([seed, 23])))
        cells = measure(answers, known, InMemory())
        scores = scoring.score(cells, scheme, roster)
        results.append(WaveResult(None, cells, scores, None, None))  # type: ignore[arg-type]
    pair = lineage.pair(*results, known)
    changes = lineage.told(
        comparing.compare(
            pair.before.scores, pair.after.scores, scheme, roster, draws=DRAWS, seed=seed,
            between=panel.Between(pair.before.cells, pair.after.cells, scheme),
        ),
        pair,
        known,
    )  # fmt: skip
    table = changes.table[changes.table["rank_from"].isna()]
    table = table[~table["subject"].isin(set(changes.stands_for))]
    moved = table["relative_change"].abs().to_numpy()
    margin = changes.margin[table["subject"]].to_numpy()
    return {
        "union_alarm": float((table["verdict"] != comparing.SAME).any()),
        "change_alarm": float((changes.table["verdict"] != comparing.SAME).any()),
        "union_interval": float((moved <= margin).mean()),
        "union_margin": float(margin.mean()),
    }


def _documents(
    subjects: tuple[Subject, ...], halves: list[tuple[str, str]], split: bool
) -> tuple[Roster, Lineage]:
    first, second = WAVES
    people = {code: n for pair in halves for code, n in zip(pair, PEOPLE, strict=True)}
    rows, events = [], []
    for subject in subjects:
        period = {"since": second} if split else {"until": first}
        changed = {**period, "population": people[subject.id]} if subject.id in people else {}
        rows.append(subject.model_copy(update=changed))
    for k, pair in enumerate(halves):
        period = {"until": first} if split else {"since": second}
        whole = subjects[0].model_copy(
            update={
                "id": f"u{k}",
                "name": f"合{k}",
                "aliases": [],
                "population": sum(PEOPLE),
                **period,
            }
        )
        rows.append(whole)
        for code in pair:
            ends = (f"u{k}", code) if split else (code, f"u{k}")
            kind = "split" if split else "merge"
            events.append(Succession(wave=second, event=kind, origin=ends[0], target=ends[1]))
    return Roster(subjects=rows), Lineage(events=events)


def _joined(answers: Answers, halves: list[tuple[str, str]], rng: np.random.Generator) -> Answers:
    """Return the answers of a wave in which every pair is one committee."""
    rows, share = answers.respondents, PEOPLE[0] / sum(PEOPLE)
    drop: list[object] = []
    called = rows["subject"].copy()
    for k, (one, other) in enumerate(halves):
        for _, own in rows[rows["subject"].isin((one, other))].groupby("group"):
            parts = [own.index[own["subject"] == code].to_numpy() for code in (one, other)]
            n = min(map(len, parts))
            if (own["rater"] != "").all():  # one view of each rater, of the one half or the other
                keep = _views(own, one, share, rng)
            else:
                first = int(rng.binomial(n, share))
                keep = [
                    *rng.choice(parts[0], first, replace=False),
                    *rng.choice(parts[1], n - first, replace=False),
                ]
            drop += [index for part in parts for index in part if index not in set(keep)]
        called[rows["subject"].isin((one, other))] = f"u{k}"
    kept = rows.index.difference(pd.Index(drop), sort=False)
    return Answers(
        answers.wave,
        rows.assign(subject=called).loc[kept],
        {name: table.loc[table.index.isin(kept)] for name, table in answers.codes.items()},
        {name: table.loc[table.index.isin(kept)] for name, table in answers.states.items()},
        {name: who for name, who in answers.who.items() if name in set(kept)},
    )


def _views(own: pd.DataFrame, one: str, share: float, rng: np.random.Generator) -> list[object]:
    keep: list[object] = []
    for _, views in own.groupby("rater"):
        wanted = rng.random() < share
        found = views.index[(views["subject"] == one) == wanted]
        keep += list(found[:1])
    return keep
