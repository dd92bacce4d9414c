"""What became of tasks beside what changed: by hand from the scores of both waves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evalkit.codes import OwnChange, TaskState
from evalkit.definitions.checklist import Report, Returned
from evalkit.findings.following_up import follow_up
from evalkit.tables import Evaluation
from tests.pages.looking_back import looked_back, returned
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return looked_back(made_up(Street(count=8, noise=0.3, incomplete={4: ("random",)}, new=(5,))))


def holm(p: list[float]) -> list[float]:
    order, worst, found = np.argsort(p), 0.0, [0.0] * len(p)
    for step, at in enumerate(order):
        worst = max(worst, min(1.0, (len(p) - step) * p[at]))
        found[at] = worst
    return found


def test_a_change_is_the_difference_of_both_waves_with_its_own_error(street: Evaluation) -> None:
    assert street.previous is not None
    now, before = street.current.scores, street.previous.scores
    codes = [measure.code for measure in now.measures]
    told = street.follow_up.dropna(subset=["change"])
    assert len(told) == 2 * len(set(now.subjects) & set(before.subjects)) > 8
    p = []
    for row in told.to_dict("records"):
        m = codes.index(row["code"])
        a, b = before.subjects.index(row["subject"]), now.subjects.index(row["subject"])
        v0, v1 = before.variance[m, a], now.variance[m, b]
        df = (v0 + v1) ** 2 / (v0**2 / before.df[m, a] + v1**2 / now.df[m, b])
        change, se = now.estimate[m, b] - before.estimate[m, a], (v0 + v1) ** 0.5
        assert row["previous"] == before.estimate[m, a]
        assert row["estimate"] == now.estimate[m, b]
        assert row["change"] == pytest.approx(change)
        assert row["change_se"] == pytest.approx(se)
        assert row["change_high"] - row["change"] == pytest.approx(
            se * stats.t.ppf(0.975, min(df, 1e9))
        )
        assert row["change_high"] + row["change_low"] == pytest.approx(2 * change)
        p.append(2 * stats.t.sf(abs(change) / se, min(df, 1e9)))
    assert told["p_adjusted"].tolist() == pytest.approx(holm(p))
    sure = {OwnChange.RISEN, OwnChange.FALLEN}
    assert [v in sure for v in told["verdict"]] == (told["p_adjusted"] < 0.05).tolist()
    assert sure & set(told["verdict"])


def test_who_has_no_score_in_both_waves_and_what_is_wished_is_not_compared(
    street: Evaluation,
) -> None:
    rows = street.follow_up.set_index("task")
    (incomplete,) = (entry.subject for entry in street.current.scores.incomplete)
    assert rows.loc[f"2015-{incomplete}-01", "verdict"] == OwnChange.UNTESTED
    assert np.isnan(rows.loc[f"2015-{incomplete}-01", "change"])
    assert rows.loc["2015-all-01", "verdict"] == OwnChange.UNTESTED
    assert rows.loc["2015-all-01", "state"] == TaskState.UNREPORTED


def test_what_is_not_told_of_a_wave_is_not_compared(street: Evaluation) -> None:
    row = street.follow_up.dropna(subset=["change"]).iloc[0]
    scores = street.current.scores
    own = scores.indicators
    hidden = (own["subject"] == row["subject"]) & (own["code"] == row["code"])
    own = own.assign(estimate=own["estimate"].mask(hidden & (own["group"] == "all")))
    now = replace(street.current, scores=replace(scores, indicators=own))
    found = follow_up(returned(street), now, street.previous, street.scheme).set_index("task")
    assert np.isnan(found.loc[row["task"], ["previous", "estimate", "change"]].astype(float)).all()
    assert found.loc[row["task"], "verdict"] == OwnChange.UNTESTED


def test_an_indicator_that_is_gone_or_was_asked_otherwise_is_not_compared(
    street: Evaluation,
) -> None:
    back = returned(street)
    gone = [r._replace(task=r.task._replace(about="Z9")) for r in back.reports]
    found = follow_up(
        replace(back, reports=tuple(gone)), street.current, street.previous, street.scheme
    )
    assert set(found["verdict"]) == {OwnChange.UNTESTED}


def test_an_indicator_that_was_asked_otherwise_before_is_not_compared(street: Evaluation) -> None:
    assert street.previous is not None
    told = street.follow_up.dropna(subset=["change"])
    code = told["code"].iloc[0]
    cells = street.previous.cells
    other = replace(cells, definitions={**cells.definitions, code: "asked otherwise"})
    before = replace(street.previous, cells=other)
    found = follow_up(returned(street), street.current, before, street.scheme)
    assert set(found.loc[found["change"].notna(), "code"]) == set(told["code"]) - {code}
    assert set(found.loc[found["code"] == code, "verdict"]) == {OwnChange.UNTESTED}


def test_one_indicator_twice_on_a_list_is_tested_once(street: Evaluation) -> None:
    back = returned(street)
    assert street.previous is not None
    one = next(r for r in back.reports if r.task.subject == street.follow_up["subject"].iloc[3])
    twice = [one, Report(one.task._replace(id="2015-x-09"))]
    found = follow_up(
        replace(back, reports=tuple(twice)), street.current, street.previous, street.scheme
    )
    alone = follow_up(replace(back, reports=(one,)), street.current, street.previous, street.scheme)
    assert found["p_adjusted"].tolist() == [alone["p_adjusted"].iloc[0]] * 2


def test_without_a_list_or_a_wave_before_there_is_nothing(street: Evaluation) -> None:
    assert not len(follow_up(None, street.current, street.previous, street.scheme))
    assert not len(follow_up(returned(street), street.current, None, street.scheme))


def test_a_line_says_what_came_back_as_it_came_back(street: Evaluation) -> None:
    first = returned(street).reports[1].task
    task = first._replace(kind="整改", problem="办事慢", by="60 天内", name="甲居")
    day, later = dt.date(2016, 3, 1), dt.date(2017, 5, 4)
    whole = Report(task, TaskState.DONE, done=day, evidence=True, checked=False, until=later)
    bare = Report(task._replace(id="2015-x-02"), checked=True, reason=True)
    back = Returned("2015", ("a.xlsx",), (whole, bare))
    found = follow_up(back, street.current, street.previous, street.scheme)
    named = [
        "wave", "from_wave", "subject", "name", "task", "kind", "problem", "code", "due", "state",
        "done", "evidence", "checked", "until",
    ]  # fmt: skip
    about = ("2016", "2015", first.subject, "甲居")
    what = ("整改", "办事慢", first.about, "60 天内")
    rows = found[named].astype(object).where(found[named].notna(), None)
    assert [tuple(row) for row in rows.itertuples(index=False)] == [
        (*about, first.id, *what, "已完成", "2016-03-01", True, False, "2017-05-04"),
        (*about, "2015-x-02", *what, "未报", None, False, True, None),
    ]
    none = Returned("2015", ("a.xlsx",), ())
    assert not len(follow_up(none, street.current, street.previous, street.scheme))
