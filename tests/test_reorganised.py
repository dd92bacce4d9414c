"""Committees that merged, were renamed and split: numbers from their rows, and what every page says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit import archive, bookkeeping
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import evaluate, rank_waves, recall
from evalkit.findings import lineage as findings
from evalkit.folder.inputs import Folder
from evalkit.inputs import Inputs
from evalkit.pages import english
from evalkit.pages.dashboard import dossier, waves
from evalkit.pages.street import grades, league, movers
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage, movement, overall, verdict, years
from evalkit.pages.telling.facts import Facts
from evalkit.tables import Evaluation
from tests import reorganised, tiny

SCORES = dict(zip(tiny.LABELS, (100.0, 80.0, 60.0, 30.0, 0.0), strict=False))


@pytest.fixture(scope="module")
def evaluation(tmp_path_factory: pytest.TempPathFactory) -> Evaluation:
    folder = reorganised.write(tmp_path_factory.mktemp("reorganised") / "ws")
    problems = Problems()
    loaded = Folder(folder).load(problems)
    problems.raise_if_any()
    assert loaded.inputs is not None
    return evaluate(loaded.inputs)


@pytest.fixture(scope="module")
def facts(evaluation: Evaluation) -> Iterator[dict[str, Facts]]:
    shared = known.common(evaluation)
    return {code: known.gather(shared, code) for code in ("s4", "s5", "s6", "s7")}  # type: ignore[return-value]


def composite(year: int, name: str) -> float:
    """A committee's composite from its rows: indicators, groups and weights of tiny's scheme."""
    rows = np.array(
        [[SCORES[cell] for cell in row[6:10]] for row in tiny.residents(year) if row[5] == name]
    )
    judged = np.array(
        [[SCORES[cell] for cell in row[6:8]] for row in tiny.offices(year) if row[5] == name]
    )
    mean, office = rows.mean(axis=0), judged.mean(axis=0)
    residents = {"A1": mean[:2].mean(), "A2": mean[2], "B1": mean[3]}
    offices = {"A1": office[0], "B1": office[1]}
    own = (
        sum(residents[code] * weight for code, weight in (("A1", 40), ("A2", 20), ("B1", 40))) / 100
    )
    theirs = sum(offices[code] * weight for code, weight in (("A1", 40), ("B1", 40))) / 80
    return float(0.7 * own + 0.3 * theirs)


def change(evaluation: Evaluation, subject: str, wave: str) -> pd.Series:
    table = evaluation.waves[wave].changes.table.set_index("subject")  # type: ignore[union-attr]
    return table.loc[subject]


def test_the_past_of_a_merged_committee_is_that_of_the_rows_of_both(evaluation: Evaluation) -> None:
    """3000 and 1000 people: three quarters and one quarter of what their rows say."""
    expected = 0.75 * composite(2014, "甲居民区") + 0.25 * composite(2014, "乙居民区")
    assert change(evaluation, "s5", "2015")["score_from"] == pytest.approx(expected)


def test_a_renamed_committees_past_is_that_of_its_rows(evaluation: Evaluation) -> None:
    own = change(evaluation, "s6", "2016")
    assert own["score_from"] == pytest.approx(composite(2015, "丙居民区"))
    assert own["rank_from"] == 1


def test_halves_of_a_split_are_weighed_by_their_people(evaluation: Evaluation) -> None:
    scores = evaluation.current.scores
    now = [scores.composite[scores.subjects.index(code)] for code in ("s4", "s7")]
    own = change(evaluation, "s4", "2016")
    assert own["score_to"] == pytest.approx(0.8 * now[0] + 0.2 * now[1])
    assert own["score_from"] == pytest.approx(composite(2015, "丁居民区"))
    assert change(evaluation, "s7", "2016")["change"] == own["change"]


def test_lines_pass_through_the_merge_and_the_new_name(evaluation: Evaluation) -> None:
    series = evaluation.history.series
    own = series[series["code"] == "composite"].groupby("subject")["wave"].apply(list)
    assert own["s5"] == own["s6"] == ["2014", "2015", "2016"]
    assert "s4" not in own.index


def test_dimensions_and_satisfaction_follow_who_has_a_past(evaluation: Evaluation) -> None:
    assert set(evaluation.history.dimension_changes["subject"]) == {"s5", "s6"}
    table = evaluation.satisfaction
    own = table[table["change"].notna() & (table["subject"] != "all")]
    assert set(own["subject"]) == {"s5", "s6"}


def test_the_frame_accounts_for_every_committee_of_every_wave(evaluation: Evaluation) -> None:
    table = evaluation.history.lineage
    for (before, after), part in table.groupby(["from_wave", "to_wave"]):
        for side, wave in (("before", before), ("after", after)):
            codes = [code for cell in part[side] for code in cell.split(";") if code]
            assert sorted(codes) == sorted(evaluation.waves[wave].cells.subjects)
    own = table.set_index(["to_wave", "component"])
    assert own.loc[("2015", "s5"), "kind"] == "merged"
    assert own.loc[("2015", "s5"), "documents"] == "测民〔2015〕3号"
    assert own.loc[("2016", "s6"), "reason"] == "itself"
    assert own.loc[("2016", "s4"), "weights"] == "population"


def test_a_split_committees_paper_says_what_happened_and_why_ranks_do_not_compare(
    facts: dict[str, Facts],
) -> None:
    for own in (facts["s4"], facts["s7"]):
        told = movement.movement(own)
        assert told.startswith(
            "2016年度起，丁居民区拆分为丁居民区、庚居民区（测民〔2016〕8号），丁居民区到庚居民区 124 户。"
            "下面的变化是本次的丁居民区、庚居民区合起来与上次的丁居民区相比（按人口加权）；名次不可比。"
        )
        assert movement.luck(own) == "名次不可比：拆分过，上次不是同一个居民区。"
        assert "名次不可比" in verdict.takeaway(own)
        *_, moved = verdict.headlines(own)
        assert moved["details"][-1] == "名次不可比"  # type: ignore[index]
        grade = next(one for one in verdict.headlines(own) if one["label"] == "等第")
        assert not any("年度为" in text for text in grade["details"])  # type: ignore[union-attr]


def test_a_renamed_committee_reads_its_story_and_its_ranks(facts: dict[str, Facts]) -> None:
    told = movement.movement(facts["s6"])
    assert told.startswith("2016年度起，由丙居民区更名为己居民区。仍是同一个居民区，照常比较。")
    assert movement.luck(facts["s6"]).startswith("名次由第")


def test_who_is_what_it_was_reads_nothing_of_it(facts: dict[str, Facts]) -> None:
    assert lineage.happened(facts["s5"]) == ""
    assert "在可比的 3 个居民区中" in movement.movement(facts["s5"])


def test_a_line_says_what_it_passes_through(facts: dict[str, Facts]) -> None:
    said, chart = years.of_committee(facts["s5"])
    assert said.endswith(
        "2015年度起，甲居民区、乙居民区合并为戊居民区（测民〔2015〕3号），甲居民区到戊居民区 1200 户，"
        "乙居民区到戊居民区 400 户。在此之前的得分是合起来算的。"
    )
    assert chart is not None
    assert lineage.earlier(facts["s6"]) == ""


def test_the_report_names_unions_and_tells_every_event(evaluation: Evaluation) -> None:
    section = movers.section(evaluation)
    assert section is not None
    assert [text.split("。")[0] for text in section.lineage] == [
        "2016年度起，丁居民区拆分为丁居民区、庚居民区（测民〔2016〕8号），丁居民区到庚居民区 124 户",
        "2016年度起，由丙居民区更名为己居民区",
    ]
    assert section.lineage[0].endswith("合起来比较，名次不可比（按人口加权）。")
    assert "其中丁居民区、庚居民区合并、拆分或划转过" in overall.change_sentences(evaluation)[0]
    for row in section.rows:
        assert (row["ranks"] == "不可比") == (row["name"] in ("丁居民区", "庚居民区"))
    table = league._rows(evaluation)
    marked = [row["name"] for row in table if str(row["change"]).endswith(lineage.MARK)]
    assert sorted(marked) == ["丁居民区", "庚居民区"]
    assert league._joined(evaluation).startswith("※ 丁居民区、庚居民区")


def test_grades_are_looked_back_on_where_committees_are_what_they_were(
    evaluation: Evaluation,
) -> None:
    assert int(grades.transitions(evaluation).to_numpy().sum()) == 2  # s5, and s6 as s3


def test_the_dashboard_says_so_where_it_prints_changes(
    evaluation: Evaluation, facts: dict[str, Facts]
) -> None:
    shared = known.common(evaluation)
    past = waves.past(shared)
    standing = waves.standing(evaluation, "2016", past["2016"]["s4"])
    assert standing["change"]["text"].endswith("※名次不可比")
    assert "不可比" not in waves.standing(evaluation, "2016", past["2016"]["s6"])["change"]["text"]
    names = [row["wave"] for row in dossier._history(facts["s4"], past)]
    assert names == [
        "2016年度", "2015年度（范围不同，不可比）", "2014年度（范围不同，不可比）"
    ]  # fmt: skip
    chart = dossier._trend(facts["s4"], past)
    assert chart is not None
    assert chart.frame["score"].notna().tolist() == [False, False, True]


def test_the_english_summary_tells_researchers(evaluation: Evaluation) -> None:
    text = english.summary(evaluation).decode()
    assert "2 of them merged, were split or exchanged households (丁居民区, 庚居民区)" in text
    assert "`lineage.csv`" in text


def test_archived_waves_stay_usable(evaluation: Evaluation, tmp_path: Path) -> None:
    """From the database alone, codes as they were then: the same changes to the last digit."""
    database = tmp_path / "evaluation.duckdb"
    archive.store(database, evaluation)
    problems = Problems()
    cells = archive.read_cells(database, problems)
    problems.raise_if_any()
    assert cells["2014"].subjects == ("s1", "s2", "s3", "s4")
    decided = evaluation.decided
    anew = rank_waves(cells, {}, decided, bookkeeping.keep(decided, {}, list(cells)))
    for wave in ("2015", "2016"):
        again, first = anew.results[wave].changes, evaluation.waves[wave].changes
        assert again is not None
        assert first is not None
        pd.testing.assert_frame_equal(again.table, first.table)
    pd.testing.assert_frame_equal(anew.history.trends, evaluation.history.trends)


def test_an_answer_about_a_committee_that_is_gone_is_a_problem_with_its_row(tmp_path: Path) -> None:
    folder = reorganised.write(tmp_path / "ws")
    path = folder / "responses/2016/resident.csv"
    text = path.read_text(encoding="utf-8-sig").replace("己居民区", "丙居民区", 1)
    path.write_text(text, encoding="utf-8-sig")
    problems = Problems()
    loaded = Folder(folder).load(problems)
    Folder(folder).import_too(loaded, problems)
    with pytest.raises(InputErrors) as refused:
        problems.raise_if_any()
    (problem,) = refused.value.problems
    assert (problem.code, problem.file) == ("subject_not_in_wave", "responses/2016/resident.csv")
    assert problem.row == 50


def test_shares_of_a_union_are_told_only_where_those_of_both_halves_were(
    evaluation: Evaluation,
) -> None:
    """Of 24 and 24 residents nothing is told where 30 are needed: of 48 together neither."""
    before, now = evaluation.waves["2014"], evaluation.waves["2015"]
    for least, told in ((10, True), (30, False)):
        groups = [
            group.model_copy(update={"minimum_n": least}) if group.residents else group
            for group in evaluation.scheme.groups
        ]
        decided = evaluation.decided.under(evaluation.scheme.model_copy(update={"groups": groups}))
        past = findings.seen_from(before, now, decided)
        assert "s5" in past.cells.subjects
        kept = findings.told_in_full(past, before, now, decided)
        assert ("s5" in kept.cells.subjects) is told


def test_an_archived_code_that_did_not_exist_then_is_a_problem(evaluation: Evaluation) -> None:
    cells = evaluation.waves["2014"].cells
    archived = {"2014": replace(cells, subjects=("s1", "s2", "s3", "s5"))}
    with pytest.raises(InputErrors) as refused:
        recall(Inputs(evaluation.decided, {}, archived), "2014")
    (problem,) = refused.value.problems
    assert (problem.code, problem.found) == ("archive_subject_not_in_wave", "s5")
