"""What the papers say of records, compared with the frame of the same evaluation."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import openpyxl
import pandas as pd
import pytest

import evalkit as ek
from evalkit.codes import Comparison, NoteCode
from evalkit.findings import by_group, planning
from evalkit.pages import english, workbook
from evalkit.pages.diagnosis import method as of_data
from evalkit.pages.diagnosis import objective as of_a_committee
from evalkit.pages.manual import questions
from evalkit.pages.press.sentences import said
from evalkit.pages.street import answered, fieldwork, loops
from evalkit.pages.street import objective as of_the_street
from evalkit.pages.telling import assumed, objective
from evalkit.pages.telling import facts as known
from evalkit.tables import FRAMES, frame, no_rows
from tests.ledgers import door
from tests.ledgers.test_a_hotline_group import evaluation, folder

__all__ = ["evaluation", "folder"]

FRAMES_OF_COMPOSITION = [column.name for column in FRAMES["composition"]]


def section_of(evaluation: ek.Evaluation, subject: str) -> of_a_committee.Objective:
    found = of_a_committee.section(known.gather(known.common(evaluation), subject))
    assert found is not None
    return found


def test_a_diagnosis_prints_the_numbers_of_the_frame(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective
    for subject in ("s1", "s4"):
        own = table[table["subject"] == subject].to_dict("records")
        for row, line in zip(own, section_of(evaluation, subject).rows, strict=True):
            unit = "" if row["measure"] == "satisfied" else "%"
            assert line["number"] == f"{row['estimate']:.1f}{unit}"
            assert line["interval"] == f"{row['low']:.1f}–{row['high']:.1f}{unit}"
            assert line["records"] == f"{row['denominator']:.0f}"


def test_the_street_names_who_stands_out(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.copy()
    at = table.index[(table["subject"] == "s2") & (table["measure"] == "resolved")][0]
    table.loc[at, "band"] = Comparison.BELOW.value
    told = of_the_street.section(replace(evaluation, objective=table))
    assert told is not None
    assert [row["below"] for row in told.rows] == ["没有", "乙居民区", "没有"]
    assert told.takeaway.startswith("3 项由记录算出的指标中，1 项")
    assert any("读入 80 行，计入 80" in remark for remark in told.remarks)
    own = section_of(replace(evaluation, objective=table), "s2")
    assert own.takeaway == "解决率明显低于街道平均；其余 2 项与街道平均尚看不出差别。"


def test_what_is_not_tested_is_not_said_to_be_alike(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.copy()
    table.loc[table["measure"] == "satisfied", "band"] = Comparison.UNTESTED.value
    made = replace(evaluation, objective=table)
    told = of_the_street.section(made)
    assert told is not None
    assert told.takeaway.startswith("2 项由记录算出的指标，")
    assert [row["above"] for row in told.rows] == ["没有", "没有", "未检验"]
    assert section_of(made, "s1").takeaway == "2 项都与街道平均尚看不出差别。"
    table["band"] = Comparison.UNTESTED.value
    assert section_of(made, "s1").takeaway == "3 项只列出结果，没有与街道平均作检验。"


def test_what_is_beyond_the_usual_but_not_sure_is_to_be_looked_at(
    evaluation: ek.Evaluation,
) -> None:
    table = evaluation.objective.copy()
    at = {row["measure"]: index for index, row in table[table["subject"] == "s1"].iterrows()}
    table.loc[at["resolved"], "z"], table.loc[at["satisfied"], "z"] = -2.6, 1.97
    told = section_of(replace(evaluation, objective=table), "s1").takeaway
    assert told == (
        "满意度单看偏高，一并比较还断不定，先核实；解决率单看偏低，一并比较还断不定，先核实；"
        "其余 1 项与街道平均尚看不出差别。"
    )
    lines = section_of(replace(evaluation, objective=table), "s1").rows
    verdicts = {str(line["name"]).partition("（")[0]: line["verdict"] for line in lines}
    assert (verdicts["解决率"], verdicts["满意度"]) == ("偏低苗头", "偏高苗头")
    table.loc[at["satisfied"], "z"] = 1.95
    assert "满意度" not in section_of(replace(evaluation, objective=table), "s1").takeaway


def test_bounds_and_what_is_not_said_stand_beside_a_rating(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.set_index(["subject", "measure"])
    row = table.loc[("s1", "satisfied")]
    remarks = "".join(section_of(evaluation, "s1").remarks)
    assert f"{row['bound_low']:.1f}–{row['bound_high']:.1f} 之间" in remarks
    assert "在总分中占 20%" in remarks
    assert "到期没有办结的算不按时" in remarks


def test_records_are_told_as_records_and_by_their_noun(evaluation: ek.Evaluation) -> None:
    """20 orders a committee beside 24 residents and 4 departments, nowhere called questionnaires."""
    facts = known.gather(known.common(evaluation), "s1")
    method = of_data.section(facts)
    assert method.takeaway == (
        "以上结论依据关于甲居民区的 28 份有效答卷，其中居民 24 份；还有 20 条工单记录。"
    )
    assert (method.behind, [row["n"] for row in method.groups]) == (
        "有效答卷、记录", ["24", "4", "20 条"]
    )  # fmt: skip
    rows = {row["name"]: row for row in fieldwork.section(evaluation).groups}
    assert (rows["热线"]["n"], rows["热线"]["rate"]) == ("80 条", "—")
    assert rows["热线"]["least"] == "20 条（都一样）"
    assert "；另有台账 1 个文件 80 行，计入 80 行。" in fieldwork.section(evaluation).takeaway
    assert [row["name"] for row in who(evaluation)] == ["居民", "科室"]
    lines = english.summary(evaluation).decode()
    assert "`line` 热线 (ledger 热线工单, weight 20): 80 records." in lines
    assert lines.count("valid questionnaires") == 2
    listed = questions.entry(evaluation.decided).files
    assert [(row["questionnaire"], row["group"]) for row in listed][-1] == (
        "台账《热线工单》", "热线"
    )  # fmt: skip
    said_all = "".join(assumed.sentences(evaluation.decided))
    assert "热线的工单记录不足 5 条时" in said_all
    assert "《热线工单》：列、取值和不计的记录，“解决率”" not in said_all, "on_time comes first"
    assert "《热线工单》：列、取值和不计的记录，“按时办结率”、“解决率”、“满意度”的算法" in said_all


def who(evaluation: ek.Evaluation) -> list[dict[str, str]]:
    """The groups of the appendix on who answered, were there anything of residents to list."""
    row = dict.fromkeys(FRAMES_OF_COMPOSITION, 24) | {
        "wave": "2016", "group": "resident", "item": "age", "name": "年龄", "label": "老",
        "share": 1.0, "known": float("nan"),
    }  # fmt: skip
    made = replace(evaluation, composition=pd.DataFrame([row]))
    section = answered.section(made)
    assert section is not None
    return [dict(group) for group in section.groups]


def test_what_rates_do_not_say_is_said_of_those_that_are_there(evaluation: ek.Evaluation) -> None:
    rate = {"how": "rate", "per": 1000, "scored": False}
    scored = {"scored": True, "worst": 9, "best": 0, "reason": "件数由街道派发"}
    measures = [
        {"code": "volume", "name": "工单数", **rate},
        {"code": "sent", "name": "派单数", **rate, **scored},
        {"code": "spent", "name": "人均支出", **rate, "column": "satisfied", "per": 1},
        {
            "code": "resolved",
            "name": "解决率",
            "how": "share",
            "column": "resolved",
            "hits": ["是"],
        },
    ]
    one = door.ledger(measures=measures)
    made = replace(evaluation, decided=replace(evaluation.decided, ledgers={"hotline": one}))
    expected = {
        "volume": "“工单数”只作参考：各处居民愿不愿意反映、登记差别很大，件数多少不等于工作好坏。",
        "sent": "“派单数”按多少计分，台账写明的理由：件数由街道派发。",
        "spent": "“人均支出”由各条记录的数额相加，不是件数，没有误差范围，也不作检验。",
        "resolved": "",
    }
    names = [
        "工单数（每 1000 人）（只作参考）",
        "派单数（每 1000 人）",
        "人均支出（只作参考）",
        "解决率",
    ]
    for (code, sentence), name in zip(expected.items(), names, strict=True):
        row = {"ledger": "hotline", "measure": code}
        told = objective.unsaid(made, [row])[1:-1]
        assert "".join(told) == sentence
        assert objective.named(made, row) == name


def test_nobody_plans_records_and_no_record_has_a_reliability(evaluation: ek.Evaluation) -> None:
    residents = evaluation.scheme.group("line").model_copy(update={"residents": True})
    groups = [*evaluation.scheme.groups[:2], residents]
    scheme = evaluation.scheme.model_copy(update={"groups": groups})
    wave = evaluation.current
    plan = planning.plan(wave.cells, wave.scores, wave.ranking, scheme, {})
    assert set(plan["group"]) == {"resident", "all"}
    assert plan.loc[plan["target"] == "present", "n_total"].tolist() == [96, 96]
    single = by_group.reliability(wave.cells, wave.scores, scheme).set_index("group")["single"]
    assert single["resident"] > 0
    assert np.isnan(single["line"])


def test_no_record_and_too_few_are_told_as_such(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.copy()
    numbers = ["numerator", "denominator", "estimate", "low", "high", "bound_low", "bound_high"]
    mine = table["subject"] == "s3"
    table.loc[mine, numbers] = np.nan
    table.loc[mine & (table["measure"] == "on_time"), "filled"] = True
    told = section_of(replace(evaluation, objective=table), "s3")
    assert [row["records"] for row in told.rows] == ["没有记录", "—", "—"]
    assert told.takeaway == "本居民区没有可以公布的结果：没有记录，或记录太少。"
    assert objective.UNTOLD in told.remarks
    assert any("不是 0 分，也不是满分" in remark for remark in told.remarks)


def test_without_a_ledger_there_is_no_such_section(evaluation: ek.Evaluation) -> None:
    none = replace(evaluation, objective=evaluation.objective.iloc[:0])
    assert of_the_street.section(none) is None
    assert of_a_committee.section(known.gather(known.common(none), "s1")) is None


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("ledger_unattributed", {"rows": 20}),
        ("ledger_days_only", {"column": "E"}),
        ("ledger_bulk_closings", {"column": "E", "times": 2}),
        ("ledger_one_rating", {"measure": "满意度", "value": "满意"}),
        ("ledger_street_mean", {"ledger": "热线"}),
        ("ledger_at_ceiling", {"ledger": "热线", "measure": "解决率"}),
    ],
)
def test_a_note_on_a_ledger_says_its_number(code: str, facts: dict[str, object]) -> None:
    text = said(ek.errors.Note(NoteCode(code), "w", 7, facts))
    assert "7" in text
    assert "{" not in text


def test_the_street_prints_clocks_and_flows_as_the_frames_have_them(
    evaluation: ek.Evaluation,
) -> None:
    clock = evaluation.clocks.set_index("subject").loc["all"]
    told = loops.section(evaluation)
    assert told is not None
    line = told.clocks[0]
    assert (line["n"], line["open"]) == (str(clock["n"]), str(clock["censored"]))
    assert line["half"] == f"{clock['median']:.1f}\N{NO-BREAK SPACE}天内"
    assert (line["limit"], line["done"]) == ("各有截止时间", "—")
    assert f"本期开始的 {clock['n']} 条" in told.takeaway
    assert not told.flows
    rows = [
        ("派单", "接单", 40, 0.8, 10.0, 26.04, 60.0, True),
        ("派单", "", 10, 0.2, np.nan, np.nan, np.nan, True),
        ("接单", "派单", 6, 0.15, 1.0, 2.0, 72.0, False),
        ("接单", "办结", pd.NA, np.nan, np.nan, np.nan, np.nan, True),
    ]
    names = [column.name for column in FRAMES["flows"]][2:]
    flows = pd.DataFrame(rows, columns=names).assign(wave=evaluation.wave, ledger="hotline")
    flows = frame("flows", flows.astype({"n": "Int64"}))
    told = loops.section(replace(evaluation, flows=flows))
    assert told is not None
    hour, day = "\N{NO-BREAK SPACE}小时", "\N{NO-BREAK SPACE}天"
    assert [tuple(row.values()) for row in told.flows] == [
        ("派单 → 接单", "40", "80%", f"26.0{hour}", f"2.5{day}"),
        ("停在“派单”", "10", "20%", "—", "—"),
        ("接单 → 派单（台账没有规定）", "6", "15%", f"2.0{hour}", f"3.0{day}"),
    ]
    assert "“派单”到“接单”" in told.takeaway
    assert any("不列" in remark for remark in told.remarks)
    assert loops.section(replace(evaluation, clocks=no_rows("clocks"))) is None


def test_the_sheet_of_clocks_holds_the_frame_with_its_units_in_words(
    evaluation: ek.Evaluation,
) -> None:
    sheet = openpyxl.load_workbook(io.BytesIO(workbook.results(evaluation)))["办理时限"]
    header, *rows = list(sheet.iter_rows(min_row=2, values_only=True))
    names = [str(name) for name in header]
    told = pd.DataFrame(rows, columns=names).dropna(subset=["subject"])
    assert set(told["unit"]) == {"天"}
    for name in ("due_n", "on_time", "n", "median"):
        expected = evaluation.clocks[name].astype(float).tolist()
        assert told[name].astype(float).tolist() == pytest.approx(expected)
