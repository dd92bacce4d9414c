"""What is told of persons: by hand, against the truth, and what must not change it."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import evalkit as ek
from evalkit.codes import NoteCode, Place
from evalkit.definitions.tracks import without
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.evaluation import persons_apart, read_files
from evalkit.findings import scoring
from evalkit.findings.appraising import enough, raters_of
from evalkit.findings.colleagues import Inside, contrast
from evalkit.findings.summing_up import FEWEST, counted, merged
from evalkit.inputs import Inputs
from evalkit.methods.quotas import best_in_quota, spearman_brown
from evalkit.tables import Cells
from tests import tiny
from tests.tracks import street
from tests.tracks.conftest import Made

POINTS = {label: score for score, label in street.MARKS.items()}
NUMBER = {name: worker for worker, _, name in street.WORKERS}
WEIGHTS = np.array([0.4, 0.3, 0.3])


def by_hand() -> dict[str, float]:
    """60 / 30 / 10 of the means of the three kinds of raters, 40 / 30 / 30 of the indicators."""
    told: dict[str, float] = defaultdict(float)
    for weight, rows in (
        (0.6, street.residents()),
        (0.3, street.colleagues()),
        (0.1, street.offices()),
    ):
        marks: dict[str, list[float]] = defaultdict(list)
        for row in rows:
            marks[NUMBER[row[-4]]].append(float(np.dot([POINTS[m] for m in row[-3:]], WEIGHTS)))
        for worker, values in marks.items():
            told[worker] += weight * float(np.mean(values))
    return told


def cells_of(inputs: Inputs) -> Cells:
    weighed, _, books = read_files(inputs, ["2016"])
    found, _, _ = persons_apart(inputs, "2016", weighed, DuckDBEngine(), books)
    assert found is not None
    return found


def inside(root: Path) -> Inside:
    inputs = ek.open(root).track("workers").inputs()
    track = inputs.decided.track
    assert track is not None
    scores = scoring.score(cells_of(inputs), track.scheme, inputs.decided.roster)
    return Inside.of(scores, track, inputs.decided)


def test_a_score_is_60_30_10(made: Made) -> None:
    told = made.workers.appraisal.persons.set_index("subject")["score"]
    for worker, score in by_hand().items():
        assert told[worker] == pytest.approx(score, abs=1e-9)


def test_what_compares_the_street_is_without_colleagues(made: Made) -> None:
    scheme = made.workers.scheme
    assert [(g.code, round(g.weight, 6)) for g in scheme.groups] == [
        ("resident", round(600 / 7, 6)),
        ("office", round(100 / 7, 6)),
    ]
    assert "colleague" not in made.workers.current.cells.groups
    assert set(made.workers.current.cells.distributions["group"]) == {"resident", "office"}
    # ... and the whole scheme is still known to those who tell of persons
    track = made.workers.decided.track
    assert track is not None
    assert [g.weight for g in track.scheme.groups] == [60, 30, 10]


def test_scores_find_the_truth(made: Made) -> None:
    persons, true = made.workers.appraisal.persons, street.truth()
    truth = persons["subject"].map(true)
    assert np.corrcoef(persons["score"], truth)[0, 1] > 0.8
    within = persons.assign(true=truth)
    place = within.groupby("committee")["true"].rank(ascending=False)
    inside_set = (persons["rank_low"] <= place) & (place <= persons["rank_high"])
    assert inside_set.mean() >= 0.9
    # who is said to be ahead is ahead
    for row in persons.to_dict("records"):
        for other in [x for x in str(row["ahead_of"] or "").split(";") if x]:
            assert true[row["subject"]] > true[other]


def test_lenient_colleagues_change_nothing_within_their_committee(folder: Path) -> None:
    """A leniency of +10 on one committee's colleagues."""
    header = (*street.META, "评价人", "评价的人", *street.TEXTS)
    file = folder / "tracks/workers/responses/colleague.csv"
    between = {mark: min(max(points, 60), 90) for mark, points in POINTS.items()}
    found = []
    for more in (0, 10):
        rows = [
            [*row[:-3], *(street.MARKS[between[m] + more] for m in row[-3:])]
            if row[4].startswith("gh1")
            else row
            for row in street.colleagues()
        ]
        tiny.write_csv(file, header, rows)
        found.append(inside(folder))
    plain, lenient = found
    own = np.array([unit == "s1" for unit in plain.units])
    moved = lenient.scores.composite - plain.scores.composite
    np.testing.assert_allclose(moved, np.where(own, 3.0, 0.0), atol=1e-9)  # 30% of 10
    for unit, sets in plain.sure.items():
        for name in ("rank", "low", "high"):
            assert (getattr(sets, name) == getattr(lenient.sure[unit], name)).all()
        assert (plain.ahead[unit] == lenient.ahead[unit]).all()
    assert plain.spread is not None
    assert lenient.spread is not None
    assert plain.spread.tau2 == pytest.approx(lenient.spread.tau2, rel=1e-6)
    assert contrast(plain, "gh11", "gh12") == pytest.approx(contrast(lenient, "gh11", "gh12"))
    with pytest.raises(ValueError, match="different committees"):
        contrast(plain, "gh11", "gh21")


def test_reliability_of_so_many_raters(made: Made) -> None:
    raters = made.workers.appraisal.raters
    whole = raters[raters["subject"] == "all"].set_index(["group", "scope"])
    assert list(whole.index) == [
        ("all", "unit"),
        ("all", "street"),
        ("resident", "street"),
        ("colleague", "unit"),
        ("office", "street"),
    ]
    for group, n in (("resident", 10), ("colleague", 4), ("office", 4)):
        own = raters[(raters["group"] == group) & (raters["subject"] != "all")]
        assert (own["raters"] == n).all()
        single = float(whole.xs(group, level="group")["single"].iloc[0])
        assert 0 < single < 1
        np.testing.assert_allclose(own["reliability"], spearman_brown(single, [n])[0])
        low, mean, high = whole.xs(group, level="group")[["low", "reliability", "high"]].iloc[0]
        assert low < mean < high


def test_quotas_are_chances_and_no_order(made: Made) -> None:
    quotas = made.workers.appraisal.quotas
    street_wide = quotas[quotas["scope"] == "street"]
    assert set(street_wide["places"]) == {3}  # 15% of 20
    assert street_wide["probability"].sum() == pytest.approx(3.0)
    ranking = made.workers.current.ranking
    assert street_wide["best_inside"].iloc[0] == best_in_quota(ranking.reliability, 20, 3)
    sets = ranking.table.set_index("subject")
    for row in street_wide.to_dict("records"):
        low, high = sets.loc[row["subject"], ["rank_low", "rank_high"]]
        expected = Place.INSIDE if high <= 3 else Place.OUTSIDE if low > 3 else Place.UNDECIDED
        assert row["verdict"] == expected
    in_committees = quotas[quotas["scope"] == "unit"]
    assert set(in_committees["places"]) == {1}  # 20% of 5
    chances = in_committees.groupby("committee")["probability"].sum()
    np.testing.assert_allclose(chances, 1.0)
    noted = [n for n in made.workers.notes if n.code is NoteCode.QUOTA_UNDECIDED]
    assert {n.code for n in noted} == {"quota_undecided"}
    assert [n.count for n in noted] == [
        int((own["verdict"] == Place.UNDECIDED).sum()) for own in (street_wide, in_committees)
    ]
    # rows stand in the roster's order, whoever is likelier
    assert list(street_wide["subject"]) == [worker for worker, _, _ in street.WORKERS]


def test_too_few_raters_give_no_number(made: Made) -> None:
    """Two colleagues of three, nine residents of ten: the person has no score, others keep theirs."""
    inputs = ek.open(made.root).track("workers").inputs()
    track = inputs.decided.track
    assert track is not None
    cells = cells_of(inputs)
    colleague, resident = cells.groups["colleague"], cells.groups["resident"]
    assert raters_of(colleague).tolist() == [4] * 20
    assert raters_of(resident).tolist() == [10] * 20
    thinned = replace(
        cells,
        groups={
            **cells.groups,
            "colleague": replace(colleague, df=np.where(np.arange(20) == 3, 1.0, colleague.df)),
            "resident": replace(resident, n=np.where(np.arange(20) == 7, 9, resident.n)),
        },
    )
    scores = scoring.score(enough(thinned, track.scheme), track.scheme, inputs.decided.roster)
    lacking = {entry.subject: entry.missing for entry in scores.incomplete}
    assert lacking == {
        street.WORKERS[3][0]: ("colleague",),
        street.WORKERS[7][0]: ("resident",),
    }
    full = made.workers.appraisal.persons.set_index("subject")["score"]
    for subject, score in zip(scores.subjects, scores.composite, strict=True):
        assert score == pytest.approx(full[subject])


def test_the_street_is_told_counts_and_no_small_grade(made: Made) -> None:
    table, grades = made.main.tracks.table, made.main.tracks.grades
    assert set(table["persons"]) == {20}
    assert set(table["scored"]) == {20}
    assert grades["persons"].sum() == 20
    assert (grades["persons"] >= FEWEST).all()
    scores = made.workers.current.scores.composite
    assert [tuple(row) for row in grades[["grade", "persons"]].to_numpy()] == merged(
        counted(scores, made.workers.scheme)
    )
    assert counted(np.array([95.0, 90.0, 89.99, 10.0]), made.workers.scheme) == [
        ("优秀", 2), ("良好", 1), ("合格", 0), ("待改进", 1),
    ]  # fmt: skip
    assert merged([("甲", 5), ("乙", 4)]) == [("甲、乙", 9)]
    assert merged([("甲", 4)]) == []


def test_a_scheme_keeps_its_proportions_without_a_group(made: Made) -> None:
    track = made.workers.decided.track
    assert track is not None
    rest = without(track.scheme, ["resident", "office"])
    assert [(g.code, g.weight) for g in rest.groups] == [("colleague", 100.0)]
    assert without(track.scheme, []) is track.scheme
    only = track.scheme.model_copy(deep=True)
    dimension = only.dimensions[0]
    asked = dimension.indicators[0].model_copy(update={"items": {"resident": ["attitude"]}})
    only = only.model_copy(
        update={
            "dimensions": [
                dimension.model_copy(update={"indicators": [asked, *dimension.indicators[1:]]})
            ]
        }
    )
    left = without(only, ["resident"]).dimensions[0]
    assert [(i.code, i.weight) for i in left.indicators] == [("W2", 50.0), ("W3", 50.0)]
    assert left.weight == 100.0
