"""What pages say of three waves and more is what the frames of the same evaluation hold."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evalkit.codes import OwnChange
from evalkit.findings import moving, trending
from evalkit.findings.expecting import expect
from evalkit.pages.diagnosis import movement
from evalkit.pages.press import wording as say
from evalkit.pages.street import years
from evalkit.pages.telling import facts as known
from evalkit.tables import ALL_GROUPS, Evaluation
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

WAVES = ("2013", "2014", "2015", "2016")


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return over_years(made_up(Street(count=8, waves=WAVES, noise=0.6, new=(3,))))


def over_years(made: Evaluation) -> Evaluation:
    found = trending.over_years(made.waves, made.scheme)
    before, current = list(found.results.values())[-2:]
    dimensions = moving.by_dimension(current, before, made.scheme)
    return replace(
        made,
        waves=found.results,
        history=replace(found.history, dimension_changes=dimensions),
        notes=(*made.notes, *found.notes),
    )


def test_two_waves_have_no_lines() -> None:
    street = over_years(made_up(Street(count=4)))
    assert years.section(street) is None
    shown = movement.section(known.gather(known.common(street), "CS001"))
    assert shown is not None
    assert (shown.years, shown.trend) == ("", None)


def test_the_streets_table_has_the_lines_of_the_frame(evaluation: Evaluation) -> None:
    section = years.section(evaluation)
    assert section is not None
    own = evaluation.history.trends[evaluation.history.trends["subject"] == ALL_GROUPS]
    assert [row["name"] for row in section.measures] == own["name"].tolist()
    for row, line in zip(section.measures, own.to_dict("records"), strict=True):
        series = evaluation.history.series.query("subject == 'all' and code == @line['code']")
        assert row["scores"] == [say.fixed(x) for x in series["estimate"]]
        wide = (line["slope_high"] - line["slope_low"]) / 2
        assert row["slope"] == f"{say.signed(line['slope'])} ± {say.fixed(wide)}"
        assert row["sure"] == (line["p_adjusted"] < 0.05)
    assert row["slope"] in section.takeaway or section.measures[0]["slope"] in section.takeaway
    assert section.chart is not None
    assert section.chart.frame["score"].tolist() == pytest.approx(
        evaluation.history.series.query("subject == 'all' and code == 'composite'")[
            "estimate"
        ].tolist()
    )


def test_committees_are_counted_and_named_by_their_verdicts(evaluation: Evaluation) -> None:
    section = years.section(evaluation)
    assert section is not None
    own = evaluation.history.trends.query("subject != 'all' and code == 'composite'")
    assert "CS004" not in set(own["subject"])  # new: not three waves
    clear = own[own["verdict"].isin([OwnChange.RISEN, OwnChange.FALLEN])]
    names = {s.id: s.name for s in evaluation.roster.subjects}
    assert {row["name"] for row in section.clear} == {names[s] for s in clear["subject"]}
    assert section.committees.startswith(f"{len(own)} 个居民区")
    risen = int((own["verdict"] == OwnChange.RISEN).sum())
    assert (f"{risen} 个总的看明显上升" in section.committees) == (risen > 0)


def test_a_diagnosis_has_its_own_line_and_the_streets(evaluation: Evaluation) -> None:
    common = known.common(evaluation)
    for subject in ("CS001", "CS002"):
        shown = movement.section(known.gather(common, subject))
        assert shown is not None
        assert shown.trend is not None
        (line,) = evaluation.history.trends.query(
            "subject == @subject and code == 'composite'"
        ).to_dict("records")
        assert say.signed(line["slope"]) in shown.years
        assert "4 次评估" in shown.years
        means = evaluation.history.series.query("subject == 'all' and code == 'composite'")[
            "estimate"
        ]
        assert shown.trend.frame["street"].tolist() == pytest.approx(means.tolist())
    new = movement.section(known.gather(common, "CS004"))
    assert new is not None
    assert new.years == ""


def test_a_diagnosis_has_every_dimension_against_the_last_wave(evaluation: Evaluation) -> None:
    common = known.common(evaluation)
    for subject in ("CS001", "CS002"):
        shown = movement.section(known.gather(common, subject))
        assert shown is not None
        own = evaluation.history.dimension_changes.query("subject == @subject")
        assert [row["name"] for row in shown.dimensions] == own["name"].tolist()
        for row, frame in zip(shown.dimensions, own.to_dict("records"), strict=True):
            wide = (frame["change_high"] - frame["change_low"]) / 2
            assert row["change"] == f"{say.signed(frame['change'])} ± {say.fixed(wide)}"
            assert row["sure"] == (frame["p_adjusted"] < 0.05)
            assert row["verdict"] == say.plainly(frame["verdict"])
            told = f"{row['name']}" in shown.moved
            assert told == row["sure"] or "都尚看不出" in shown.moved
    new = movement.section(known.gather(common, "CS004"))
    assert new is not None
    assert (new.moved, list(new.dimensions)) == ("", [])


def test_a_diagnosis_says_where_the_next_score_may_lie(evaluation: Evaluation) -> None:
    foreseen = expect(evaluation.assurance.bands, evaluation.current.scores, evaluation.scheme)
    street = replace(evaluation, history=replace(evaluation.history, forecasts=foreseen))
    common = known.common(street)
    for row in foreseen.to_dict("records")[:3]:
        shown = movement.section(known.gather(common, row["subject"]))
        assert shown is not None
        assert say.interval(row["expected_low"], row["expected_high"]) in shown.next_time
        assert shown.next_time.startswith("假定")
    without = movement.section(known.gather(known.common(evaluation), "CS001"))
    assert without is not None
    assert without.next_time == ""


def test_a_wave_that_asked_otherwise_is_said_to_be_left_out(evaluation: Evaluation) -> None:
    first = evaluation.waves["2013"]
    other = dict.fromkeys(first.cells.definitions, "other")
    waves = dict(evaluation.waves) | {
        "2013": replace(first, cells=replace(first.cells, definitions=other))
    }
    section = years.section(over_years(replace(evaluation, waves=waves)))
    assert section is not None
    assert section.waves == [evaluation.order.wave_name(w) for w in WAVES[1:]]
    assert "未列入：2013" in section.left_out
