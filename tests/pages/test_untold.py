"""What is not told of a committee, on its pages: 未公布, and nothing from which it follows."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit.findings import diagnosing, street_means
from evalkit.pages import diagnosis
from evalkit.pages.street import drivers, means
from evalkit.pages.telling import answers, maps, movement, profile
from evalkit.pages.telling import facts as known
from evalkit.tables import Evaluation
from tests.deciding import with_wave
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def street() -> Evaluation:
    """A street in which a dimension, and two of its indicators, are not told of one committee."""
    found = made_up(Street(new=(3,)))
    scores = found.current.scores
    subject, scheme = scores.subjects[0], found.scheme
    dimension = scheme.dimensions[0]
    codes = [dimension.code, *(i.code for i in dimension.indicators[:2])]
    table = scores.indicators.copy()
    gone = (
        (table["subject"] == subject) & table["code"].isin(codes) & (table["level"] != "composite")
    )
    table.loc[gone, ["estimate", "se"]] = np.nan
    hidden = with_wave(found, scores=replace(scores, indicators=table))
    before = None if found.previous is None else found.previous.scores
    return replace(hidden, diagnoses=diagnosing.diagnose(hidden.current.scores, scheme, before))


@pytest.fixture(scope="module")
def facts(street: Evaluation) -> known.Facts:
    return known.gather(known.common(street), street.current.scores.subjects[0])


def test_its_profile_has_a_line_without_numbers_and_says_so(facts: known.Facts) -> None:
    dimension = facts.evaluation.scheme.dimensions[0]
    rows = {row["code"]: row for row in profile.rows(facts)}
    for code in (dimension.code, *(i.code for i in dimension.indicators[:2])):
        assert (rows[code]["estimate"], rows[code]["difference"]) == ("—", "—")
        assert (rows[code]["verdict"], rows[code]["sure"]) == ("未公布", False)
    told = [row for row in rows.values() if row["verdict"] != "未公布"]
    assert len(told) == len(rows) - 3
    assert all(row["estimate"] != "—" for row in told)


def test_it_is_no_finding_and_in_no_chart(facts: known.Facts) -> None:
    dimension = facts.evaluation.scheme.dimensions[0]
    hidden = {i.code for i in dimension.indicators[:2]}
    assert not hidden & {finding.code for finding in facts.diagnosis.findings}
    assert dimension.name not in set(profile.chart(facts).frame["name"])


def test_the_parts_of_its_change_are_added_up(facts: known.Facts) -> None:
    points = movement.points_of(facts)
    own = facts.common.contributions[facts.subject.id]
    hidden = [i.code for i in facts.evaluation.scheme.dimensions[0].indicators[:2]]
    both = own.loc[own["code"].isin(hidden), "points"].sum()
    assert points.set_index("name").loc["未公布的各项", "points"] == pytest.approx(both)
    assert points["points"].sum() == pytest.approx(own["points"].sum())
    assert len(points) == len(facts.evaluation.scheme.indicators) - 1


def test_the_map_and_the_streets_table_leave_it_out(street: Evaluation, facts: known.Facts) -> None:
    frame = maps.frame(street, street.scheme.dimensions[0].code).set_index("id")
    row = frame.loc[facts.subject.id]
    assert np.isnan([row["value"], row["kind"]]).all()
    assert (row["note"], row["verdict"], row["mark"]) == ("未公布", "", "")
    section = means.dimensions(street)
    assert section is not None
    line = next(line for line in section.rows if line["name"] == facts.name)
    assert line["cells"][0] == {"text": "—", "mark": "", "tone": ""}


def test_no_question_of_it_is_shown(facts: known.Facts) -> None:
    hidden = {
        item
        for indicator in facts.evaluation.scheme.dimensions[0].indicators[:2]
        for items in indicator.items.values()
        for item in items
    }
    texts = {
        item.text
        for form in facts.evaluation.questionnaires.values()
        for item in form.items
        if item.id in hidden
    }
    assert texts
    assert not texts & {told.text for told in answers.told(facts)}


def test_no_residents_mean_of_it_is_printed(street: Evaluation) -> None:
    hidden = drivers.untold(street)
    dimension = street.scheme.dimensions[0]
    assert hidden >= {dimension.code, *(i.code for i in dimension.indicators[:2])}


def test_no_change_of_it_is_told_where_other_committees_are_compared(street: Evaluation) -> None:
    assert street.previous is not None
    table = street_means.means(street.current, street.previous, street.scheme)
    rows = table[table["group"] == "all"].set_index("code")["change"]
    assert set(street.current.scores.subjects) != set(street.previous.scores.subjects)
    dimension = street.scheme.dimensions[0]
    hidden = {dimension.code, *(i.code for i in dimension.indicators[:2])}
    assert set(rows.index[rows.isna()]) == hidden


def test_its_diagnosis_can_be_planned(street: Evaluation) -> None:
    assert len(diagnosis.plan_all(street)) == len(street.diagnoses)
