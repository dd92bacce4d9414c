"""The first story on a workspace small enough to check by hand, and its invariants."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit.codes import NoteCode
from evalkit.tables import FRAMES
from tests import tiny

SCORES = {"非常满意": 100, "满意": 80, "基本满意": 60, "不满意": 30, "非常不满意": 0}


@pytest.fixture(scope="module")
def evaluation(tiny_evaluation: ek.Evaluation) -> ek.Evaluation:
    return tiny_evaluation


def test_frames_have_the_declared_columns(evaluation: ek.Evaluation) -> None:
    for name in ("scores", "indicators", "ranking", "changes", "contributions"):
        frame = getattr(evaluation, name)
        assert list(frame.columns) == [column.name for column in FRAMES[name]]
        assert len(frame)


def test_a_composite_by_hand(workspace: Path, evaluation: ek.Evaluation) -> None:
    """Residents 70: A1 40, A2 20, B1 40; offices 30, which judge A1 and B1 only: 50 and 50."""
    with (workspace / "responses/2016/resident.csv").open(encoding="utf-8-sig") as file:
        residents = [r for r in csv.DictReader(file) if r["所在居民区"] == "甲居民区"]
    with (workspace / "responses/2016/office.csv").open(encoding="utf-8-sig") as file:
        offices = [r for r in csv.DictReader(file) if r["评价的居民区"] == "甲居民区"]

    def mean(rows: list[dict[str, str]], *items: str) -> float:
        return statistics.fmean(statistics.fmean(SCORES[r[i]] for i in items) for r in rows)

    own = 0.4 * mean(residents, "办事方便", "办事耐心") + 0.2 * mean(residents, "经常走访")
    own += 0.4 * mean(residents, "环境整洁")
    theirs = 0.5 * mean(offices, "办事规范") + 0.5 * mean(offices, "环境整洁")
    scores = evaluation.scores.set_index(["wave", "subject"])["score"]
    assert scores["2016", "s1"] == pytest.approx(0.7 * own + 0.3 * theirs, abs=1e-9)


def test_ranks_are_competition_ranks_of_unrounded_scores(evaluation: ek.Evaluation) -> None:
    for _, table in evaluation.ranking.groupby("wave"):
        expected = table["score"].rank(method="min", ascending=False).astype(int)
        assert list(table["rank"]) == list(expected)
        assert (table["rank_low_joint"] <= table["rank_low"]).all()
        assert (table["rank_low"] <= table["rank"]).all()
        assert (table["rank"] <= table["rank_high"]).all()
        assert (table["rank_high"] <= table["rank_high_joint"]).all()


def test_contributions_add_up_to_the_change(evaluation: ek.Evaluation) -> None:
    total = evaluation.contributions.groupby("subject")["points"].sum()
    change = evaluation.changes.set_index("subject")["change"]
    assert np.abs(total - change).max() < 1e-9


def test_own_and_field_effects_add_up_to_the_rank_change(evaluation: ek.Evaluation) -> None:
    changes = evaluation.waves[evaluation.wave].changes
    moved = changes.table.set_index("subject")["rank_change"]
    assert len(moved)
    np.testing.assert_allclose(changes.rank_own + changes.rank_field, moved, atol=1e-12)


def test_findings_never_contradict_the_mean(workspace: Path) -> None:
    """甲 is praised and 乙 is not, so that there are findings of every kind."""
    rows = tiny.residents(2016)
    for row in rows:
        if row[5] == "甲居民区":
            row[6:9] = ["非常满意"] * 3
        if row[5] == "乙居民区":
            row[6:9] = ["不满意"] * 3
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    evaluation = ek.open(workspace).evaluate()
    findings = [f for diagnosis in evaluation.diagnoses.values() for f in diagnosis.findings]
    assert {finding.kind for finding in findings} == {
        "strength",
        "weakness",
        "tendency_high",
        "tendency_low",
    }
    for diagnosis in evaluation.diagnoses.values():
        for finding in diagnosis.findings:
            sure = finding.p_adjusted < evaluation.scheme.false_discovery_rate
            assert finding.difference == pytest.approx(finding.estimate - finding.street)
            assert (finding.kind in ("strength", "weakness")) == sure
            assert (finding.kind in ("strength", "tendency_high")) == (finding.difference > 0)


def test_row_order_does_not_matter(workspace: Path, evaluation: ek.Evaluation) -> None:
    rows = tiny.residents(2016)
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows[::-1])
    again = ek.open(workspace).evaluate()
    for column in ("score", "se", "low", "high"):
        assert np.allclose(again.scores[column], evaluation.scores[column], rtol=1e-12, atol=0)
    pd.testing.assert_series_equal(again.ranking["rank_high"], evaluation.ranking["rank_high"])


def test_another_committees_answers_never_change_mine(
    workspace: Path, evaluation: ek.Evaluation
) -> None:
    rows = tiny.residents(2016)
    for row in rows:
        if row[5] == "丁居民区":
            row[6:11] = ["非常不满意"] * 5
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    again = ek.open(workspace).evaluate().scores.set_index(["wave", "subject"])["score"]
    before = evaluation.scores.set_index(["wave", "subject"])["score"]
    assert again["2016", "s4"] < before["2016", "s4"]
    for subject in ("s1", "s2", "s3"):
        assert again["2016", subject] == before["2016", subject]


def test_better_answers_never_lower_a_score(workspace: Path, evaluation: ek.Evaluation) -> None:
    rows = tiny.residents(2016)
    for row in rows[:8]:
        row[6] = "非常满意"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    again = ek.open(workspace).evaluate().scores.set_index(["wave", "subject"])["score"]
    before = evaluation.scores.set_index(["wave", "subject"])["score"]
    assert (again >= before).all()
    assert again["2016", "s1"] > before["2016", "s1"]


def test_an_empty_cell_is_incomplete_and_not_ranked(workspace: Path) -> None:
    rows = [row for row in tiny.offices(2016) if row[5] != "乙居民区"]
    tiny.write_csv(workspace / "responses/2016/office.csv", tiny.OFFICE_HEADER, rows)
    evaluation = ek.open(workspace).evaluate()
    scores = evaluation.waves["2016"].scores
    assert [(e.subject, e.missing) for e in scores.incomplete] == [("s2", ("office",))]
    row = scores.table.set_index("subject").loc["s2"]
    assert not row["complete"]
    assert row[["score", "se", "low", "high", "grade"]].isna().all()
    assert "s2" not in set(evaluation.waves["2016"].ranking.table["subject"])
    assert "s2" not in set(evaluation.changes["subject"])
    assert evaluation.waves["2016"].changes.not_compared == {"s2": ("2016", "incomplete")}
    assert not evaluation.diagnosis("s2").complete


def test_an_indicator_nobody_could_judge_is_told_and_its_weight_stays_in_the_group(
    workspace: Path,
) -> None:
    rows = tiny.residents(2016)
    for row in rows:
        if row[5] == "乙居民区":
            row[8] = "不了解"
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    evaluation = ek.open(workspace).evaluate()
    scores = evaluation.waves["2016"].scores
    assert not scores.incomplete
    [note] = [n for n in evaluation.notes if n.code == NoteCode.NO_ANSWER_IN_CELL]
    assert (note.facts["subject"], note.facts["group"]) == ("s2", "居民")
    assert (note.facts["indicators"], note.facts["n"]) == (("走访",), 0)
    scheme = evaluation.scheme
    at = scores.subjects.index("s2")
    group = [g.code for g in scheme.groups].index("resident")
    others = next(i for i in range(len(scores.subjects)) if i != at)
    own, usual = scores.cell_weights[at, group], scores.cell_weights[others, group]
    assert own.sum() == pytest.approx(usual.sum())
    assert own[[i.code for i in scheme.indicators].index("A2")] == 0


def test_cells_below_the_minimum_are_not_published(workspace: Path) -> None:
    rows = tiny.residents(2016)
    kept = [row for row in rows if row[5] != "乙居民区"]
    kept += [row for row in rows if row[5] == "乙居民区"][:9]
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, kept)
    evaluation = ek.open(workspace).evaluate()
    table = evaluation.indicators
    cell = table[(table["wave"] == "2016") & (table["subject"] == "s2")]
    assert cell.loc[cell["group"] == "resident", ["estimate", "se", "n"]].isna().all(axis=None)
    whole = cell[cell["group"] == "all"].set_index("code")
    assert whole.loc["composite", ["estimate", "se"]].notna().all()
    assert cell.loc[cell["group"] == "all", "n"].isna().any()
    # What is told of others may leave out more, so that nothing follows by subtraction; not their scores.
    others = table[(table["wave"] == "2016") & (table["subject"] != "s2")]
    scores = others[(others["group"] == "all") & (others["code"] == "composite")]
    assert len(scores) == 3
    assert scores["estimate"].notna().all()


def test_identical_answers_are_no_certainty(workspace: Path) -> None:
    rows = tiny.residents(2016)
    for row in rows:
        if row[5] == "乙居民区":
            row[6:11] = ["非常满意"] * 5
    tiny.write_csv(workspace / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    evaluation = ek.open(workspace).evaluate()
    # A2 is one question to residents: the usual variance of an answer, the flat cell's 0 included.
    answers = [[SCORES[r[8]] for r in rows if r[5] == name] for name in tiny.SUBJECTS]
    own = [statistics.variance(one) for one in answers]
    assert own[1] == 0.0
    cells = evaluation.indicators.set_index(["wave", "group", "code", "subject"])
    flat = cells.loc[("2016", "resident", "A2", "s2")]
    assert flat["estimate"] == 100.0
    assert flat["se"] ** 2 == pytest.approx(statistics.fmean(own) / 24, rel=1e-9)
    notes = [n for n in evaluation.notes if n.code == "identical_answers" and n.where == "2016"]
    assert len(notes) == 1


def test_past_waves_are_scored_under_todays_scheme(
    workspace: Path, evaluation: ek.Evaluation
) -> None:
    text = (workspace / "scheme.yaml").read_text(encoding="utf-8")
    changed = text.replace("name: 居民, weight: 70", "name: 居民, weight: 60")
    changed = changed.replace("name: 科室, weight: 30", "name: 科室, weight: 40")
    changed = changed.replace("residents_weight: 70", "residents_weight: 60")
    (workspace / "scheme.yaml").write_text(changed, encoding="utf-8")
    again = ek.open(workspace).evaluate()
    assert not np.allclose(again.scores["score"], evaluation.scores["score"])
    codes = again.contributions.groupby(["subject", "code", "group"])["points"].sum()
    assert (
        np.abs(codes.groupby("subject").sum() - again.changes.set_index("subject")["change"]).max()
        < 1e-9
    )


def test_a_past_wave_comes_back_from_the_database(
    published: Path, evaluation: ek.Evaluation
) -> None:
    """With its files gone and out of evaluation.yaml, 2015 is re-scored from archived cells."""
    workspace, space = published, ek.open(published)
    order = (workspace / "evaluation.yaml").read_text(encoding="utf-8")
    start, end = order.index("  - id: '2015'"), order.index("  - id: '2016'")
    (workspace / "evaluation.yaml").write_text(order[:start] + order[end:], encoding="utf-8")
    for name in ("resident", "office"):
        (workspace / f"responses/2015/{name}.csv").unlink()
    again = space.evaluate()
    assert list(again.waves) == ["2015", "2016"]
    pd.testing.assert_frame_equal(again.scores, evaluation.scores)
    pd.testing.assert_frame_equal(again.changes, evaluation.changes)


def test_an_earlier_wave_can_be_asked_for(workspace: Path) -> None:
    evaluation = ek.open(workspace).evaluate("2015")
    assert (evaluation.wave, list(evaluation.waves)) == ("2015", ["2015"])
    assert evaluation.changes.empty
    with pytest.raises(ek.InputErrors, match="没有这个批次"):
        ek.open(workspace).evaluate("2017")


def test_personal_data_stay_behind(evaluation: ek.Evaluation) -> None:
    for report in evaluation.reports:
        assert any("来自IP" in column for column in report.dropped_columns)
    assert "10.0.0.1" not in repr(evaluation)


def test_same_input_same_numbers(workspace: Path, evaluation: ek.Evaluation) -> None:
    again = ek.open(workspace).evaluate()
    assert again.fingerprint == evaluation.fingerprint
    for name in ("scores", "indicators", "ranking", "changes", "contributions"):
        pd.testing.assert_frame_equal(getattr(again, name), getattr(evaluation, name))


def test_few_draws_are_told_by_check_by_run_and_on_paper(
    workspace: Path, evaluation: ek.Evaluation
) -> None:
    from typer.testing import CliRunner

    from evalkit.cli import app
    from evalkit.pages.telling.fieldwork import notes

    told = "模拟次数少于20,000，名次范围的边界不稳，只宜试算"
    for command in (["check", str(workspace)], ["run", str(workspace), "--no-pdf"]):
        outcome = CliRunner().invoke(app, command)
        assert outcome.exit_code == 0, outcome.output
        assert told in outcome.output
    assert told in "".join(notes(evaluation))
    text = (workspace / "evaluation.yaml").read_text(encoding="utf-8")
    (workspace / "evaluation.yaml").write_text(text.replace("1000", "20000"), encoding="utf-8")
    assert told not in CliRunner().invoke(app, ["check", str(workspace)]).output
