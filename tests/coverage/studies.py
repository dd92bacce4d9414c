"""What each simulated street says about the promises: one number per promise and street.

A value is the share of a street's committees (or 0 or 1 for the street as a whole) for which the
promise was kept, or an alarm was false; the street is the unit whose scatter gives the Monte-Carlo
error. A true rank is an interval where committees are truly tied, [1 + #better, K - #worse]; a
rank set keeps its promise if it holds the whole interval, as Mogstad et al. (2024) define it.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from evalkit.answers import behaviour
from evalkit.findings import standing
from evalkit.findings.combining import weigh
from evalkit.findings.comparing import SAME
from evalkit.findings.diagnosing import ABOVE, BELOW
from evalkit.methods import rank_sets
from evalkit.simulation.alike import Buildings, Regulars
from evalkit.simulation.demo import demo_truth
from evalkit.simulation.respondents import simulate
from evalkit.simulation.truth import Floats, Truth
from evalkit.tables import Answers, Scores, State
from tests.coverage.streets import (
    COMMITTEES,
    WAVES,
    Evaluated,
    answers_of,
    documents,
    evaluate,
    invent,
    invent_alike,
    invent_few,
    of_three_groups,
)
from tests.coverage.unions import of_unions as of_unions
from tests.deciding import decided

DRAWS = 2_000
"""Simulated errors behind each critical value. The promise does not depend on it: the maximum of
the errors is exchangeable with its draws, so a set at 2,000 draws covers with
ceil(0.95 * 2000) / 2001 = 0.9495 of what one with endless draws would; `of_draws` measures
the same."""
TOPS = (5, 10)
CLAIMS = ((0.5, 0.7), (0.7, 0.9), (0.9, 1.01))
"""Probabilities of a grade, in bands: of those that claim so much, so many are to be true."""
NOTHING = 0.4
"""Points of difference from the street's mean that count as none, so that a verdict is false."""

Tally = dict[str, float]


def of_sets(between_sd: float, change_sd: float, seed: int) -> Tally:
    """Everything that scores, ranks, compares and diagnoses: a street of two waves.

    With a spread of 0 all committees are truly alike in everything: the hardest case for sets,
    which must then reach from the first place to the last.
    """
    truth = invent(between_sd, change_sd, seed) if between_sd else invent_alike(0, seed)
    found = evaluate(truth, seed, draws=DRAWS)
    tally = {**_scores(found), **_ranks(found, DRAWS, seed), **_changes(found), **_findings(found)}
    if not change_sd:
        tally |= _change_alarms(found)
    return tally


def of_thin(between_sd: float, unsure: float, seed: int) -> Tally:
    """As `of_sets`, where partners and peers often do not know: many cells of one answer, or none.

    The truth of a composite stays that of all cells at the scheme's weights, although what a
    silent cell weighs went to its group's others; that of a dimension or indicator is of the cells
    that were answered.
    """
    truth = invent(between_sd, 0.0, seed) if between_sd else invent_alike(0, seed)
    found = evaluate(truth, seed, draws=DRAWS, unsure=unsure)
    tally = {**_scores(found), **_ranks(found, DRAWS, seed), **_changes(found), **_findings(found)}
    return {**tally, **_change_alarms(found), **_thin(found)}


def of_few_raters(between_sd: float, raters: float, weight: float, seed: int) -> Tally:
    """As `of_sets`, where so many departments judge everybody, and weigh so much."""
    scheme = of_three_groups(weight)
    truth = invent_few(between_sd, int(raters), weight, seed)
    found = evaluate(truth, seed, draws=DRAWS, scheme=scheme)
    tally = {**_scores(found), **_ranks(found, DRAWS, seed), **_changes(found)}
    return {**tally, **_change_alarms(found)}


def of_panel(raters: float, weight: float, memory: float, seed: int) -> Tally:
    """As `of_few_raters`, all alike, where raters judge in both waves as they did, to that share.

    What is asked is what a change's error is worth: its interval, and how it compares with what
    truly happens to changes that are none.
    """
    truth = invent_few(0.0, int(raters), weight, seed)
    found = evaluate(truth, seed, draws=DRAWS, scheme=of_three_groups(weight), memory=memory)
    return {**_change_errors(found), **_changes(found), **_change_alarms(found)}


def of_regulars(share: float, memory: float, recorded: float, seed: int) -> Tally:
    """As `of_sets`, all alike, where a share of residents answer in both waves and remember.

    They are that share of a committee's answers, and keep that share of their mood. The files tell
    who answers twice, or they do not.
    """
    found = evaluate(
        invent_alike(0, seed), seed, draws=DRAWS, regulars=Regulars(share, memory),
        recorded=bool(recorded),
    )  # fmt: skip
    return {**_change_errors(found), **_changes(found), **_change_alarms(found)}


def _change_errors(found: Evaluated) -> Tally:
    """How a change's error compares with what truly happens to changes that are none."""
    assert found.changes is not None
    table = found.changes.table
    moved = table["relative_change"].abs().to_numpy()
    margin = found.changes.margin[table["subject"]].to_numpy()
    return {
        "change_interval": float((moved <= margin).mean()),
        "change_error": float((moved**2).mean() / (table["se"] ** 2).mean()),
        "change_margin": float(margin.mean()),
    }


def of_clusters(size: float, icc: float, recorded: float, seed: int) -> Tally:
    """As `of_sets`, where residents come so many from a building and are that much alike.

    All committees are truly alike in everything. The files tell the building, or they do not.
    """
    truth, buildings = invent_alike(0, seed), Buildings(int(size), icc)
    found = evaluate(truth, seed, draws=DRAWS, buildings=buildings, recorded=bool(recorded))
    tally = {**_scores(found), **_ranks(found, DRAWS, seed), **_changes(found), **_findings(found)}
    return {**tally, **_change_alarms(found)}


def _thin(found: Evaluated) -> Tally:
    """Share of the cells of partners and peers that have no answer, or one."""
    scheme = documents()[0]
    none, single = [], []
    for group, weights in zip(scheme.groups, scheme.weights(), strict=True):
        if group.code in ("partner", "peer"):
            for cells in found.cells:
                n = cells.groups[group.code].n_measure[:, :-1][:, weights > 0]
                none.append(float((n == 0).mean()))
                single.append(float((n == 1).mean()))
    return {"cells_empty": float(np.mean(none)), "cells_single": float(np.mean(single))}


def of_findings(different: int, seed: int) -> Tally:
    """Strengths and weaknesses where most cells truly equal the street's mean."""
    return _findings(evaluate(invent_alike(different, seed), seed, draws=DRAWS, waves=WAVES[1:]))


def of_draws(seed: int) -> Tally:
    """What 20,000 draws change against the 2,000 of these studies, in places per set."""
    truth = invent(4.0, 0.0, seed)
    few, many = (
        evaluate(truth, seed, draws=draws, waves=WAVES[1:]).rankings[0].table
        for draws in (DRAWS, 10 * DRAWS)
    )
    found = {}
    for name, low, high in (
        ("marginal", "rank_low", "rank_high"),
        ("joint", "rank_low_joint", "rank_high_joint"),
    ):
        apart = (few[high] - few[low]) - (many[high] - many[low])
        found[f"draws_{name}"] = float(apart.mean())
    return found


def of_flags(between_sd: float, seed: int) -> Tally:
    """An honest street's residents: nobody copies, nobody hurries more than people do.

    A spread of 0 stands for the demo street, whose committees differ in size, too.
    """
    answers = _residents(invent(between_sd, 0.0, seed) if between_sd else demo_truth(), seed)
    flags = behaviour.flag(answers, decided(documents()[0], documents()[1]), seed=seed)
    excess = behaviour.excess(flags, answers)
    return {
        "any_accused": float(excess["excess"].any()),
        "accused": float(excess["excess"].mean()),
        "flagged": float(flags.any.mean()),
    }


def of_stuffing(share: float, seed: int) -> Tally:
    """A street where this share of one committee's answers are copies, three items changed."""
    answers = _residents(invent(4.0, 0.0, seed), seed)
    answers, subject, copies = stuffed(answers, share, 3, seed)
    flags = behaviour.flag(answers, decided(documents()[0], documents()[1]), seed=seed)
    excess = behaviour.excess(flags, answers).set_index("subject")["excess"]
    return {
        "caught": float(excess[subject]),
        "copies_flagged": float(flags.any[copies].mean()),
        "others_accused": float(excess.drop(subject).any()),
    }


def of_haste(share: float, seed: int) -> Tally:
    """A street where this share of one committee's answers was clicked through by one person."""
    answers = _residents(invent(4.0, 0.0, seed), seed)
    rng = np.random.Generator(np.random.PCG64([seed, 17]))
    subject = f"s{1 + rng.integers(COMMITTEES):02d}"
    own = answers.respondents.index[answers.respondents["subject"] == subject]
    rows = rng.choice(own, round(share * len(own)), replace=False)
    respondents = answers.respondents.copy()
    respondents.loc[rows, "seconds"] *= 0.3
    respondents.loc[rows, "device"] = "one"
    respondents.loc[rows, "submitted"] = "2016-12-01 10:00:30"
    answers = Answers(answers.wave, respondents, answers.codes, answers.states)
    flags = behaviour.flag(answers, decided(documents()[0], documents()[1]), seed=seed)
    excess = behaviour.excess(flags, answers).set_index("subject")["excess"]
    return {
        "caught": float(excess[subject]),
        "copies_flagged": float(flags.any[rows].mean()),
        "others_accused": float(excess.drop(subject).any()),
    }


def stuffed(answers: Answers, share: float, changed: int, seed: int) -> tuple[Answers, str, list]:
    """Replace a share of a committee's answers by copies of one that varies."""
    rng = np.random.Generator(np.random.PCG64([seed, 13]))
    codes, states = answers.codes["resident"].copy(), answers.states["resident"].copy()
    scored = [i.id for i in documents()[1]["resident"].of_role("scored")]
    subject = f"s{1 + rng.integers(COMMITTEES):02d}"
    own = answers.respondents.index[answers.respondents["subject"] == subject]
    same = codes.loc[own, scored].apply(lambda row: row.value_counts(normalize=True).max(), axis=1)
    template = rng.choice(own[(same < 0.6).to_numpy()])
    copies = rng.choice(own.drop(template), round(share * len(own)), replace=False).tolist()
    for name in copies:
        codes.loc[name], states.loc[name] = codes.loc[template], states.loc[template]
        for item in rng.choice(scored, changed, replace=False):
            codes.loc[name, item], states.loc[name, item] = "1", State.ANSWERED.value
    return (
        Answers(answers.wave, answers.respondents, {"resident": codes}, {"resident": states}),
        subject,
        copies,
    )


def _residents(truth: Truth, seed: int) -> Answers:
    scheme, questionnaires = documents()
    sample = simulate(truth, scheme, questionnaires, seed=seed, waves=WAVES[1:])
    return answers_of(sample, WAVES[1], ("key", "random"), behaviour=True)


def _findings(found: Evaluated) -> Tally:
    """Share of verdicts against the street's mean that are false, by family."""
    scores = found.scores[-1]
    truth = _true_measures(found.truth, scores, wave=len(found.truth.waves) - 1)
    difference = (truth - truth.mean(axis=1, keepdims=True)).T
    real = np.abs(difference) > NOTHING
    verdicts = np.array([found.diagnoses[s].profile["verdict"] for s in scores.subjects])
    told = np.where(verdicts == ABOVE, 1.0, np.where(verdicts == BELOW, -1.0, 0.0))
    right = real & (told == np.sign(difference))
    levels = np.array([measure.level for measure in scores.measures])
    tally = {}
    for level in ("indicator", "dimension", "composite"):
        own = levels == level
        made = (told[:, own] != 0).sum()
        tally[f"false_{level}"] = float((made - right[:, own].sum()) / max(made, 1))
        if real[:, own].any():
            tally[f"found_{level}"] = float(right[:, own].sum() / real[:, own].sum())
    return tally


def _true_measures(truth: Truth, scores: Scores, wave: int) -> Floats:
    """True value of every measure and committee, shape (M, K)."""
    inside = weigh(documents()[0]).weights.any(axis=1)
    own = truth.mean[wave, _places(truth, scores.subjects)]
    parts = scores.cell_weights[None] * inside[:, None, None, :]
    means = np.where(scores.cell_weights > 0, own, 0.0)
    return np.asarray((parts * means).sum(axis=(2, 3)) / parts.sum(axis=(2, 3)))


def _scores(found: Evaluated) -> Tally:
    kept: dict[str, list[float]] = {"composite": [], "dimension": [], "indicator": []}
    lengths = []
    claims: list[tuple[float, bool]] = []
    for w, scores in enumerate(found.scores):
        table = scores.table
        table = table[table["complete"]]
        truth = found.composites[w, _places(found.truth, scores.subjects)]
        kept["composite"].append(float(((table["low"] <= truth) & (truth <= table["high"])).mean()))
        lengths.append(float((table["high"] - table["low"]).mean()))
        true = [documents()[0].grade_of(one) for one in truth]
        claims += zip(table["grade_probability"], table["grade"] == true, strict=True)
    profiles = [found.diagnoses[s].profile for s in found.scores[-1].subjects]
    truth = _true_measures(found.truth, found.scores[-1], wave=len(found.scores) - 1)
    levels = np.array([m.level for m in found.scores[-1].measures])
    low = np.column_stack([p["low"] for p in profiles])
    high = np.column_stack([p["high"] for p in profiles])
    held = (low <= truth) & (truth <= high)
    for level in ("dimension", "indicator"):
        kept[level].append(float(held[levels == level].mean()))
    tally = {f"interval_{level}": float(np.mean(values)) for level, values in kept.items()}
    complete = float(np.mean([len(scores.subjects) / COMMITTEES for scores in found.scores]))
    for low, high in CLAIMS:
        hits = [hit for p, hit in claims if low <= p < high]
        if hits:
            tally[f"grade_{low:.0%}"] = float(np.mean(hits))
    return {**tally, "half_width": float(np.mean(lengths)) / 2.0, "complete": complete}


def _ranks(found: Evaluated, draws: int, seed: int) -> Tally:
    marginal, joint, lengths, lengths_joint = [], [], [], []
    tops: dict[int, list[float]] = {top: [] for top in TOPS}
    for w, (ranking, scores) in enumerate(zip(found.rankings, found.scores, strict=True)):
        best, worst = _true_ranks(found.composites[w, _places(found.truth, scores.subjects)])
        table = ranking.table.set_index("subject").loc[list(scores.subjects)]
        marginal.append(_holds(table["rank_low"], table["rank_high"], best, worst).mean())
        joint.append(_holds(table["rank_low_joint"], table["rank_high_joint"], best, worst).all())
        lengths.append((table["rank_high"] - table["rank_low"] + 1).mean())
        lengths_joint.append((table["rank_high_joint"] - table["rank_low_joint"] + 1).mean())
        for top in TOPS:
            among = rank_sets.top_set(
                scores.composite, scores.covariance, top=top, draws=draws, seed=seed,
                df=scores.pair_df,
            )  # fmt: skip
            tops[top].append(bool(among[best <= top].all()))
    return {
        "marginal": float(np.mean(marginal)),
        "joint": float(np.mean(joint)),
        **{f"top_{top}": float(np.mean(held)) for top, held in tops.items()},
        "marginal_places": float(np.mean(lengths)),
        "joint_places": float(np.mean(lengths_joint)),
    }


def _changes(found: Evaluated) -> Tally:
    assert found.changes is not None
    table = found.changes.table
    at = _places(found.truth, table["subject"])
    (best_0, worst_0), (best_1, worst_1) = (_true_ranks(c[at]) for c in found.composites)
    held = _holds(
        table["rank_change_low"], table["rank_change_high"], best_1 - worst_0, worst_1 - best_0
    )
    return {
        "rank_change": float(held.mean()),
        "rank_change_places": float(
            (table["rank_change_high"] - table["rank_change_low"] + 1).mean()
        ),
    }


def _change_alarms(found: Evaluated) -> Tally:
    """Verdicts and luck where nothing has truly changed."""
    assert found.changes is not None
    table = found.changes.table
    furthest = table["subject"].iloc[int(table["rank_change"].abs().to_numpy().argmax())]
    residents = tuple(g.code for g in documents()[0].groups if g.residents)
    gaps, _ = standing.gaps(found.cells[1], found.scores[1], residents)
    return {
        "change_alarm": float((table["verdict"] != SAME).any()),
        "luck_own": float((found.changes.luck_own <= 0.05).mean()),
        "luck_any": float(found.changes.luck_any[furthest] <= 0.05),
        "gap_alarm": float(any(outlier for _, _, outlier in gaps.values())),
        "gap_share": float(np.mean([outlier for _, _, outlier in gaps.values()])),
    }


def _places(truth: Truth, subjects: Iterable[str]) -> np.ndarray:
    """Places of the committees that could be scored; true ranks are among them, as published."""
    place = {subject.id: at for at, subject in enumerate(truth.subjects)}
    return np.array([place[subject] for subject in subjects])


def _true_ranks(composites: Floats) -> tuple[np.ndarray, np.ndarray]:
    """Best and worst rank that a truth allows, shape (K,) each; they differ where it ties."""
    apart = composites[:, None] - composites[None, :]
    return 1 + (apart < -1e-9).sum(axis=1), len(composites) - (apart > 1e-9).sum(axis=1)


def _holds(low: object, high: object, best: np.ndarray, worst: np.ndarray) -> np.ndarray:
    return (np.asarray(low) <= best) & (worst <= np.asarray(high))
