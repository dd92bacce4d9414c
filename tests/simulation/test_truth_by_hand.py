"""A simulated street small enough to be worked out by hand: truth, answers, files."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pytest
from python_calamine import CalamineWorkbook

from evalkit.definitions import loading
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problems
from evalkit.simulation import (
    Dirt,
    Export,
    GroupAnswers,
    Sample,
    Truth,
    exports,
    simulate,
    street,
    write_exports,
)
from evalkit.simulation.respondents import option_probabilities
from evalkit.simulation.truth import combine, patterns_of, shift
from tests import tiny
from tests.archive.small import make_scheme

FIVE = (0, 30, 60, 80, 100)
SUBJECTS = tuple(Subject(id=f"s{k}", name=name[0]) for k, name in enumerate(tiny.SUBJECTS, 1))
START, END = dt.date(2016, 11, 14), dt.date(2016, 11, 20)


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> tuple[Scheme, dict[str, Questionnaire]]:
    root = tiny.write(tmp_path_factory.mktemp("documents") / "ws")
    problems = Problems()
    scheme = loading.load_scheme(root / "scheme.yaml", "scheme.yaml", problems)
    found = [
        loading.load_questionnaire(root / f"questionnaires/{name}.yaml", name, problems)
        for name in ("resident", "organisation")
    ]
    assert not problems
    assert scheme is not None
    return scheme, {one.id: one for one in found if one is not None}


@pytest.fixture(scope="module")
def scheme(documents: tuple[Scheme, dict[str, Questionnaire]]) -> Scheme:
    return documents[0]


# --- truth ------------------------------------------------------------------------------------


def test_a_composite_is_the_weighted_mean_of_what_is_judged() -> None:
    """0.5 * 80 + 0.2 * 60 + 0.3 * 90 = 79; what has no weight may be missing, the rest not."""
    weights = np.array([[0.5, 0.2], [0.3, 0.0]])
    mean = np.array([[80.0, 60.0], [90.0, np.nan]])
    assert combine(mean, weights) == pytest.approx(79.0, abs=1e-12)
    mean[0, 1] = np.nan
    assert np.isnan(combine(mean, weights))


def test_a_street_without_scatter_is_at_its_mean_and_moves_by_what_it_is_asked(
    scheme: Scheme,
) -> None:
    made = street(
        scheme, SUBJECTS, between_sd=0, profile_sd=0, cell_sd=0, mean=80.0, street_change=2.5,
        waves=("2014", "2015", "2016"), seed=1,
    )  # fmt: skip
    expected = np.repeat([[80.0], [82.5], [85.0]], 4, axis=1)
    np.testing.assert_allclose(made.composites(scheme), expected, atol=1e-12)
    residents, offices = made.mean[2, :, 0], made.mean[2, :, 1]
    np.testing.assert_allclose(residents, 85.0, atol=1e-12)
    np.testing.assert_allclose(offices[:, [0, 2]], 85.0, atol=1e-12)
    assert np.isnan(offices[:, 1]).all(), "offices do not judge A2"
    assert made.groups == ("resident", "office")
    assert made.indicators == ("A1", "A2", "B1")


def test_a_generous_group_is_so_by_its_offset_and_the_composite_stays(scheme: Scheme) -> None:
    """Weights 0.7 and 0.3: with offices 10 points above residents, 80 is 77 and 87."""
    made = street(
        scheme, SUBJECTS, between_sd=0, profile_sd=0, cell_sd=0, mean=80.0,
        group_offsets={"office": 10.0}, waves=("2016",), seed=1,
    )  # fmt: skip
    np.testing.assert_allclose(made.mean[0, :, 0], 77.0, atol=1e-12)
    np.testing.assert_allclose(made.mean[0, :, 1, [0, 2]], 87.0, atol=1e-12)
    np.testing.assert_allclose(made.composites(scheme), 80.0, atol=1e-12)


def test_scatter_within_a_committee_does_not_move_its_composite(scheme: Scheme) -> None:
    flat = street(scheme, SUBJECTS, profile_sd=0, cell_sd=0, mean=75.0, seed=4)
    rough = street(scheme, SUBJECTS, profile_sd=3, cell_sd=2, mean=75.0, seed=4)
    np.testing.assert_allclose(flat.composites(scheme), rough.composites(scheme), atol=1e-10)
    assert np.ptp(rough.mean[0, 0, 0]) > 1.0
    assert np.ptp(flat.mean[0, 0, 0]) < 1e-10


def test_a_street_has_thirty_five_committees_unless_others_are_asked_for(scheme: Scheme) -> None:
    assert len(street(scheme, waves=("2016",), seed=1).subjects) == 35
    assert len(street(scheme, 4, waves=("2016",), seed=1).subjects) == 4
    usual = street(scheme, 4, seed=1)
    said = street(
        scheme, 4, between_sd=3.5, mean=85.0, profile_sd=2.0, cell_sd=1.0, group_offsets={},
        waves=("2015", "2016"), change_sd=0.0, street_change=0.0, issued={}, returned={}, seed=1,
    )  # fmt: skip
    assert usual.waves == said.waves
    assert np.array_equal(usual.mean, said.mean, equal_nan=True)
    assert np.array_equal(usual.mean[0], usual.mean[1], equal_nan=True)
    assert usual.issued.tolist() == said.issued.tolist()
    assert (usual.returned == 1.0).all()
    assert [subject.id for subject in street(scheme, 10, seed=1).subjects][::9] == ["s01", "s10"]


def test_true_means_end_at_three_and_ninety_eight() -> None:
    mean = np.array([90.0, 96.5, 10.0, 50.0]).reshape(1, 4, 1, 1)
    moved = shift(mean, np.array([[2.0, 2.0, -8.0, 0.0]]))
    assert moved.ravel().tolist() == [92.0, 98.0, 3.0, 50.0]


def test_numbers_issued_and_returned_are_the_default_or_what_is_asked(scheme: Scheme) -> None:
    made = street(scheme, 10, issued={"office": 3}, returned={"resident": 0.5}, seed=1)
    assert made.issued.shape == (2, 10, 2)
    assert np.unique(made.issued[..., 0]).tolist() == [12]
    assert np.unique(made.issued[..., 1]).tolist() == [3]
    assert made.returned.tolist() == [[0.5, 1.0]] * 2
    assert [subject.id for subject in made.subjects][:2] == ["s01", "s02"]
    assert made.subjects[-1].id == "s10"


def test_who_rates_whom_is_told_by_the_scheme() -> None:
    def group(code: str, **more: object) -> RaterGroup:
        return RaterGroup(code=code, name=code, weight=20, questionnaire="q", **more)  # type: ignore[arg-type]

    groups = [
        group("key"),
        group("department", raters="rater"),
        group("partner", raters="rater"),
        group("others", raters="rater"),
        group("peer", raters="rater", rates_itself=False),
    ]
    made = make_scheme().model_copy(update={"groups": groups})
    assert patterns_of(made) == {
        "key": "each", "department": "all", "partner": "some", "others": "all", "peer": "others",
    }  # fmt: skip


# --- answers ----------------------------------------------------------------------------------


def test_an_ordinary_year_is_answered_with_the_ordinary_shares() -> None:
    """0.07 * 30 + 0.1 * 60 + 0.21 * 80 + 0.53 * 100 = 77.9: nothing is tilted there."""
    shares = option_probabilities(FIVE, np.array([77.9]))
    np.testing.assert_allclose(shares, [[0.09, 0.07, 0.10, 0.21, 0.53]], atol=1e-9)


def test_two_options_share_by_the_mean_alone() -> None:
    np.testing.assert_allclose(
        option_probabilities((100, 20), np.array([36.0, 84.0])), [[0.2, 0.8], [0.8, 0.2]], atol=1e-9
    )


def test_a_tilt_keeps_what_lies_between_neighbours_at_one_distance() -> None:
    """p(60) p(100) / p(80)^2 does not depend on the tilt: 0.10 * 0.53 / 0.21^2."""
    for mean in (65.0, 80.0, 96.0):
        low, middle, high = option_probabilities((60, 80, 100), np.array(mean))
        assert low * high / middle**2 == pytest.approx(0.10 * 0.53 / 0.21**2, rel=1e-9)
        assert 60 * low + 80 * middle + 100 * high == pytest.approx(mean, abs=1e-8)


def test_scores_in_between_are_as_frequent_as_their_neighbours_say() -> None:
    """90 lies half way between 80 (0.21) and 100 (0.53): 0.37. p(80) p(100) / p(90)^2 tells."""
    low, middle, high = option_probabilities((80, 90, 100), np.array(92.0))
    assert low * high / middle**2 == pytest.approx(0.21 * 0.53 / 0.37**2, rel=1e-9)


def by_hand(scheme: Scheme, questionnaires: dict[str, Questionnaire]) -> Sample:
    """Three residents of two committees; options are 100, 80, 60, 30, 0, 不了解; -1 is empty."""
    choice = np.array(
        [
            #  r1, r2, r3, r4, overall
            [0, 1, 2, 3, 0],
            [5, 1, 5, 4, 1],
            [-1, -1, 0, 0, 2],
        ]
    )
    sheet = GroupAnswers(
        "2016", "resident", questionnaires["resident"], np.array([0, 0, 1]), np.full(3, -1),
        ("r1", "r2", "r3", "r4", "overall"), choice,
    )  # fmt: skip
    office = GroupAnswers(
        "2016", "office", questionnaires["organisation"], np.array([0]), np.array([0]),
        ("o1", "o2"), np.array([[1, 2]]),
    )  # fmt: skip
    truth = street(scheme, SUBJECTS[:2], waves=("2016",), seed=1)
    sheets = {("2016", "resident"): sheet, ("2016", "office"): office}
    return Sample(truth, scheme, questionnaires, 1, sheets)


def test_choices_become_codes_and_scores(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    sheet = by_hand(*documents).sheets["2016", "resident"]
    assert sheet.codes().to_numpy().tolist() == [
        ["1", "2", "3", "4", "1"], ["6", "2", "6", "5", "2"], ["", "", "1", "1", "3"],
    ]  # fmt: skip
    nan = np.nan
    np.testing.assert_array_equal(
        sheet.scores(),
        [[100, 80, 60, 30, 100], [nan, 80, nan, 0, 80], [nan, nan, 100, 100, 60]],
    )


def test_indicators_cells_and_composites_by_hand(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    """A1 is (r1, r2): 90 and, half of it answered, 80; A2 is r3: 60; B1 is r4: 30 and 0.

    Committee 1: A1 (90 + 80) / 2 = 85, A2 60, B1 15; offices A1 80, B1 60.
    Committee 2 has no A1 and no offices. Residents weigh 0.7 at 40, 20 and 40, offices 0.3 at
    half each: 0.7 (34 + 12 + 6) + 0.3 (40 + 30) = 57.4.
    """
    sample = by_hand(*documents)
    assert sample.scheme.minimum_answered == 0.5
    nan = np.nan
    np.testing.assert_allclose(
        sample.indicator_scores("2016", "resident"),
        [[90, 60, 30], [80, nan, 0], [nan, 100, 100]],
        atol=1e-12,
    )
    np.testing.assert_allclose(
        sample.cell_means("2016"),
        [[[85, 60, 15], [80, nan, 60]], [[nan, 100, 100], [nan, nan, nan]]],
        atol=1e-12,
    )
    found = sample.composites("2016")
    assert found[0] == pytest.approx(57.4, abs=1e-12)
    assert np.isnan(found[1])


@pytest.mark.parametrize(("issued", "returned", "back"), [(4, 0.5, 2), (6, 1.0, 6), (5, 0.0, 0)])
def test_whole_shares_come_back_exactly(
    documents: tuple[Scheme, dict[str, Questionnaire]], issued: int, returned: float, back: int
) -> None:
    scheme, questionnaires = documents
    truth = street(
        scheme, SUBJECTS, issued={"resident": issued, "office": 3}, returned={"resident": returned},
        waves=("2016",), seed=2,
    )  # fmt: skip
    sample = simulate(truth, scheme, questionnaires, seed=3)
    sheet = sample.sheets["2016", "resident"]
    assert np.bincount(sheet.subject, minlength=4).tolist() == [back] * 4
    assert set(sheet.rater.tolist()) <= {-1}
    office = sample.sheets["2016", "office"]
    assert sorted(zip(office.subject.tolist(), office.rater.tolist(), strict=True)) == [
        (subject, rater) for subject in range(4) for rater in range(3)
    ]


def test_parts_of_a_questionnaire_come_back_now_and_then(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    """Of 5 at 0.5, 2 or 3 come back; never 1, never 4."""
    scheme, questionnaires = documents
    truth = street(
        scheme, 40, issued={"resident": 5}, returned={"resident": 0.5}, waves=("2016",), seed=2
    )
    sheet = simulate(truth, scheme, questionnaires, seed=3).sheets["2016", "resident"]
    assert set(np.bincount(sheet.subject, minlength=40).tolist()) == {2, 3}


# --- files ------------------------------------------------------------------------------------


def rows(path: Path) -> list[list[object]]:
    found: list[list[object]] = CalamineWorkbook.from_path(path).get_sheet_by_index(0).to_python()
    return found


@pytest.fixture(scope="module")
def sample(documents: tuple[Scheme, dict[str, Questionnaire]]) -> Sample:
    scheme, questionnaires = documents
    truth: Truth = street(
        scheme, SUBJECTS, issued={"resident": 5, "office": 2}, waves=("2016",), seed=2
    )
    return simulate(truth, scheme, questionnaires, seed=3)


def test_dirt_is_placed_where_and_as_often_as_it_is_asked(sample: Sample, tmp_path: Path) -> None:
    """20 answers, 2 of them twice, 3 who are sent home, 1 try, 2 blank rows, 2 footers."""
    dirt = Dirt(duplicates=2, screened_out=3, tests=1, blanks=2, footers=2)
    assert dirt.rows == 10
    export = Export("2016", ("resident",), 77, "居民", START, END, dirt=dirt)
    (file,) = write_exports(sample, tmp_path, [export])
    assert file.path == tmp_path / "2016/77_按文本_居民_26_23.xlsx"
    assert (file.answers, file.rows, file.questionnaire) == (20, 30, "resident")
    header, *body = rows(file.path)
    assert header == [
        "序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP", "是否住满半年", "所在居民区",
        "办事方便", "办事耐心", "经常走访", "环境整洁", "总体满意",
    ]  # fmt: skip
    assert len(body) == 30
    assert [row[:2] for row in body[-2:]] == [["合计", "26"]] * 2
    blank = [place for place, row in enumerate(body) if not any(row)]
    assert len(blank) == 2
    assert body[0][0] == "1"
    answers = [row for row in body[:-2] if any(row)]
    assert [row[0] for row in answers] == [str(number) for number in range(1, 27)]
    assert len({tuple(row[1:]) for row in answers}) == 24
    home = [row for row in answers if row[6] == "否"]
    assert [row[7:] for row in home] == [["(跳过)"] * 6] * 3
    (tried,) = (row for row in answers if str(row[1]).startswith("2016/11/5 "))
    assert tried is answers[0]
    assert tried[6:] == ["是", "甲居民区", *["非常满意"] * 5]
    days = {int(str(row[1]).split()[0].split("/")[2]) for row in answers[1:]}
    assert days <= set(range(14, 21))


def test_nobody_is_sent_home_where_nobody_is_asked(sample: Sample, tmp_path: Path) -> None:
    dirt = Dirt(duplicates=1, screened_out=3, tests=1, blanks=1, footers=1)
    export = Export("2016", ("office",), 78, "科室", START, END, style="old", dirt=dirt)
    (file,) = write_exports(sample, tmp_path, [export])
    assert file.dirt == Dirt(duplicates=1, screened_out=0, tests=1, blanks=1, footers=1)
    assert file.path.name == "78_按文本_科室_10_10.xlsx"
    header, *body = rows(file.path)
    assert header[:6] == ["序号", "提交答卷时间", "所用时间", "来自IP", "来源", "来源详情"]
    assert len(body) == file.rows == 12


def test_numbers_stand_for_options_and_missing_answers_in_a_file_by_number(
    documents: tuple[Scheme, dict[str, Questionnaire]], tmp_path: Path
) -> None:
    made = by_hand(*documents)
    export = Export(
        "2016", ("resident",), 79, "居民", START, START, variant="number", dirt=Dirt(screened_out=1)
    )
    (file,) = write_exports(made, tmp_path, [export])
    assert file.path.name == "79_按序号_居民_4_3.xlsx"
    found = sorted(row[6:] for row in rows(file.path)[1:])
    assert found == [
        [1, "乙居民区", -2, -2, 1, 1, 3],
        [1, "甲居民区", 1, 2, 3, 4, 1],
        [1, "甲居民区", 6, 2, 6, 5, 2],
        [2, -3, -3, -3, -3, -3, -3],
    ]


def test_a_question_of_several_choices_is_a_column_an_option_by_number() -> None:
    choices = [Option(code=str(at), label=label) for at, label in enumerate("甲乙丙", start=1)]
    questionnaire = Questionnaire(
        id="q",
        title="t",
        items=[
            Item(id="where", number=1, role="subject", text="哪里"),
            Item(id="need", number=2, kind="multiple", role="need", text="哪些", options=choices),
        ],
    )
    for style, expected in (
        ("old", ["1、哪里 ", "第2题(甲)", "第2题(乙)", "第2题(丙)"]),
        ("new", ["1、哪里", "2. 哪些(甲)", "2 (乙)", "2 (丙)"]),
    ):
        export = Export("2016", ("x",), 1, "t", START, START, style=style, variant="number")  # type: ignore[arg-type]
        writer = exports._Writer(
            questionnaire, export, {s.id: s for s in SUBJECTS}, np.random.default_rng(1)
        )
        assert writer.header[6:] == expected
