"""Make the demo street's truth: questionnaires/changshou/demo/truth.csv.

    python benchmarks/calibrate_demo.py            # write it
    python benchmarks/calibrate_demo.py --check    # exit 1 where the shipped file differs

Published about Changshou Road are a handful of figures: 18 committees graded 优秀 or 良好 in 2015
and 28 in 2016, of 35; 玉佛城 20th and then 7th; 1,790 key and 511 random questionnaires in 2016.
The demo is to show just these once it has been evaluated, answers, noise and all. So:

1. Invent a street at random: committees' levels, profiles by housing, changes, two events.
2. Simulate its answers with the demo's seed and compute every committee's observed composite.
3. Choose targets as near to the observed composites as the published figures allow: move the whole
   street so that the cut-off of 良好 falls between the right two committees, push committees out of
   a margin around it, give 玉佛城 its rank, keep a margin to its neighbours.
4. Shift each committee's truth until its observed composite meets its target, simulating again with
   the same random draws every time. With those, the observed composite rises with the shift in
   small steps, so that the shift is bracketed and found as a root is.

The truth is therefore neither random nor anybody's: it was calibrated so that the observed table
shows the published figures for this one seed, and everything about it is synthetic. 玉佛城 itself had
to be moved far, because chance had not meant it to rise. The spread of the answers was chosen so that
residents of one committee differ by about 18 points, and the committees and sizes of the two events
so that the comparison of the years has something to report in both directions.
"""

from __future__ import annotations

import argparse
import io
import sys
from dataclasses import replace

import numpy as np

from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.simulation.demo import (
    demo_data,
    demo_documents,
    demo_roster,
    demo_sample,
    truth_from,
    truth_table,
)
from evalkit.simulation.truth import Floats, Integers, Truth, combine, shift, street

STREET_SEED = 2014
"""Seed of the invented street; the year the evaluation began. No other was tried for looks."""

WAVES = ("2015", "2016")
GOOD = {"2015": 18, "2016": 28}
RANK = {"2015": 20, "2016": 7}
PLACED = "cs01"  # 玉佛城
CUT_OFF = 85.0

MARGIN = 0.4
"""Points aimed at between any committee and the cut-off, and between 玉佛城 and its neighbours."""
TOLERANCE = 0.1
"""Points by which a target may be missed: one answer of four partners moves a composite by 0.08."""
ROUNDS = 30
DECIMALS = 3

KEY = {"2015": 1655, "2016": 1790}
RANDOM = {"2015": 476, "2016": 511}
"""Questionnaires issued. Those of 2016 are published, those of 2015 are not: somewhat fewer."""
RETURNED = {"key": 0.96, "random": 0.88, "department": 0.98, "partner": 0.97, "peer": 1.0}

MEAN, BETWEEN_SD, STREET_CHANGE, CHANGE_SD = 85.0, 3.4, 2.6, 1.6
PROFILE_SD, CELL_SD = 2.2, 1.0
GROUP_OFFSETS = {"key": 1.2, "random": -2.4, "department": 0.8, "partner": 0.4, "peer": 1.5}

HOUSING = {
    "商品房": {"E": 2.5, "D": -1.0, "A": -0.5},
    "售后公房": {"E": -0.5, "A": 0.5},
    "老公房": {"E": -2.0, "C": -0.5, "A": 1.0, "D": 0.5},
    "老式里弄": {"E": -3.5, "A": 1.0, "B": 1.0, "D": 1.5},
}
EVENTS = {
    "cs17": {"A": -9.0, "B": -10.0, "C": -24.0, "D": -15.0, "E": -30.0},  # the property firm left
    "cs06": {"A": 5.0, "B": 9.0, "C": 9.0, "D": 7.0, "E": 2.0},  # a new team
}
"""What happened to two committees in 2016, points by dimension: enough for a verdict each way."""


def invented(scheme: Scheme, subjects: tuple[Subject, ...]) -> Truth:
    """Return the street before calibration."""
    truth = street(
        scheme,
        subjects,
        between_sd=BETWEEN_SD,
        mean=MEAN,
        profile_sd=PROFILE_SD,
        cell_sd=CELL_SD,
        group_offsets=GROUP_OFFSETS,
        waves=WAVES,
        change_sd=CHANGE_SD,
        street_change=STREET_CHANGE,
        returned=RETURNED,
        seed=STREET_SEED,
    )
    dimension = {i.code: d.code for d in scheme.dimensions for i in d.indicators}
    mean = truth.mean.copy()
    for k, subject in enumerate(subjects):
        local = HOUSING[subject.housing or ""]
        profile = np.array([local.get(dimension[code], 0.0) for code in truth.indicators])
        mean[:, k] += profile - combine(profile, scheme.weights())
        event = EVENTS.get(subject.id, {})
        mean[1, k] += [event.get(dimension[code], 0.0) for code in truth.indicators]
    return replace(truth, mean=shift(mean, np.zeros(mean.shape[:2])), issued=issued(truth))


def issued(truth: Truth) -> Integers:
    """Return questionnaires by wave, committee and group: residents' by population, unevenly."""
    rng = np.random.Generator(np.random.PCG64([STREET_SEED, 1]))
    people = np.array([float(subject.population or 1) for subject in truth.subjects])
    result = truth.issued.copy()
    for w, wave in enumerate(truth.waves):
        for group, total, power in (("key", KEY[wave], 0.8), ("random", RANDOM[wave], 0.35)):
            share = people**power * np.exp(0.06 * rng.standard_normal(len(people)))
            result[w, :, truth.groups.index(group)] = apportioned(total, share)
        for group in ("partner", "peer"):
            place = truth.groups.index(group)
            result[w, :, place] = rng.integers(4, 8, size=len(people)) if group == "partner" else 5
    return result


def apportioned(total: int, share: Floats) -> Integers:
    """Split a total in proportion, by largest remainders."""
    exact = total * share / share.sum()
    whole = np.floor(exact).astype(np.int64)
    left = np.argsort(whole - exact, kind="stable")[: total - int(whole.sum())]
    whole[left] += 1
    return np.asarray(whole, dtype=np.int64)


def targets(observed: Floats, wave: str, placed: int) -> Floats:
    """Return composites as near to the observed ones as the published figures allow."""
    good, rank = GOOD[wave], RANK[wave]
    order = [k for k in np.argsort(-observed, kind="stable") if k != placed]
    order.insert(rank - 1, placed)
    ladder = np.sort(observed)[::-1].copy()
    ladder += CUT_OFF - (ladder[good - 1] + ladder[good]) / 2.0
    ladder[:good] = np.maximum(ladder[:good], CUT_OFF + MARGIN)
    ladder[good:] = np.minimum(ladder[good:], CUT_OFF - MARGIN)
    beside = {rank - 2, rank - 1}  # steps between 玉佛城 and its neighbours
    for step in range(good, len(ladder) - 1):
        ladder[step + 1] = min(ladder[step + 1], ladder[step] - MARGIN * (step in beside))
    for step in range(good - 2, -1, -1):
        ladder[step] = max(ladder[step], ladder[step + 1] + MARGIN * (step in beside))
    result = np.empty_like(observed)
    result[order] = ladder
    return result


def calibrated() -> Truth:
    """Return the truth whose observed table shows the published figures."""
    scheme, _ = demo_documents()
    subjects = demo_roster()
    placed = [subject.id for subject in subjects].index(PLACED)
    start = invented(scheme, subjects)
    observed = observe(start)
    goal = np.stack([targets(observed[w], wave, placed) for w, wave in enumerate(WAVES)])
    points = goal - observed
    best, missed = points, np.full(goal.shape, np.inf)
    low, high = np.full(goal.shape, -np.inf), np.full(goal.shape, np.inf)
    for _ in range(ROUNDS):
        miss = goal - observe(shifted(start, points))
        best = np.where(np.abs(miss) < missed, points, best)
        missed = np.minimum(np.abs(miss), missed)
        if missed.max() <= TOLERANCE:
            return shifted(start, best)
        low, high = np.where(miss > 0, points, low), np.where(miss < 0, points, high)
        bracketed = np.isfinite(low) & np.isfinite(high)
        middle = (np.where(bracketed, low, 0.0) + np.where(bracketed, high, 0.0)) / 2.0
        points = np.where(bracketed, middle, points + miss)
    raise RuntimeError(f"not calibrated: missed by {missed.max():.3f} points")


def shifted(truth: Truth, points: Floats) -> Truth:
    """Return the truth moved by points (W, K), as it will be read back from the file."""
    return replace(truth, mean=np.round(shift(truth.mean, points), DECIMALS))


def observe(truth: Truth) -> Floats:
    """Return the composites that the demo's answers yield, shape (W, K)."""
    sample = demo_sample(truth)
    return np.stack([sample.composites(wave) for wave in truth.waves])


def as_csv(truth: Truth) -> str:
    """Return the file's text."""
    buffer = io.StringIO()
    truth_table(truth).to_csv(
        buffer, index=False, lineterminator="\n", float_format=f"%.{DECIMALS}f"
    )
    return buffer.getvalue()


def report(truth: Truth) -> str:
    """Return what the calibrated street looks like once it is evaluated."""
    scheme, _ = demo_documents()
    true, observed = truth.composites(scheme), observe(truth)
    moved = true - invented(scheme, truth.subjects).composites(scheme)
    placed = [subject.id for subject in truth.subjects].index(PLACED)
    lines = []
    for w, wave in enumerate(truth.waves):
        ranks = 1 + (observed[w][:, None] < observed[w][None, :]).sum(axis=1)
        lines.append(
            f"{wave}: above {CUT_OFF:g}: {(observed[w] >= CUT_OFF).sum()} of {len(ranks)}, "
            f"rank of {PLACED}: {ranks[placed]}, nearest to the cut-off: "
            f"{np.abs(observed[w] - CUT_OFF).min():.3f}; true SD {true[w].std(ddof=1):.2f}, "
            f"observed SD {observed[w].std(ddof=1):.2f}, noise SD "
            f"{(observed[w] - true[w]).std(ddof=1):.2f}; moved: {PLACED} by {moved[w, placed]:+.2f}, "
            f"the others by {np.delete(moved[w], placed).min():+.2f} to "
            f"{np.delete(moved[w], placed).max():+.2f} points"
        )
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the shipped file")
    check = parser.parse_args().check
    path = demo_data() / "truth.csv"
    truth = calibrated()
    text = as_csv(truth)
    print(report(truth_from(truth_table(truth), truth.subjects, demo_documents()[0])))
    if not check:
        path.write_text(text, encoding="utf-8")
        return 0
    same = path.read_text(encoding="utf-8") == text
    print("truth.csv is what this script makes" if same else "truth.csv differs", file=sys.stderr)
    return 0 if same else 1


if __name__ == "__main__":
    sys.exit(main())
