"""What the papers say of published numbers, compared with the frame of the same evaluation."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

import evalkit as ek
from evalkit.codes import ClaimReason, ClaimVerdict, NoteCode
from evalkit.pages import workbook
from evalkit.pages.press.claim_sentences import REASONS, VERDICTS
from evalkit.pages.press.sentences import said
from evalkit.pages.street import claims as of_the_street
from evalkit.pages.technical import claims as in_the_note
from evalkit.pages.telling import claims as telling
from evalkit.pages.telling import fieldwork
from tests.ledgers import hotline
from tests.ledgers.test_a_hotline_group import evaluation, folder

__all__ = ["evaluation", "folder"]


def street(evaluation: ek.Evaluation) -> of_the_street.Reconciled:
    found = of_the_street.section(evaluation)
    assert found is not None
    return found


def test_records_are_those_of_the_files(evaluation: ek.Evaluation) -> None:
    raw = pd.DataFrame(hotline.orders(2016), columns=list(hotline.HEADER))
    table = evaluation.claims.set_index("claim")
    assert table.loc["orders", "computed"] == len(raw) == 80
    assert table.loc["orders", "verdict"] == "相符"
    assert table.loc["resolved", "computed"] == (raw["是否解决"] == "已解决").sum()


@pytest.mark.parametrize(
    ("printed", "computed", "told"),
    [("13%", 12.5, "13%"), ("6.3%", 6.25, "6.3%"), ("12%", 12.5, "12.5%"), ("2", 2.5, "3")],
)
def test_halves_are_told_as_the_verdict_takes_them(
    printed: str, computed: float, told: str
) -> None:
    agrees = ClaimVerdict.ROUNDING if printed == "12%" else ClaimVerdict.AGREES
    row = {"printed": printed, "computed": computed, "verdict": agrees.value}
    assert telling.number(row, "computed") == told


@pytest.mark.parametrize(
    ("printed", "column", "value", "told"),
    [
        ("96.80", "computed", 82.2417, "82.24"),
        ("96.80", "difference", -14.5583, "−14.56"),
        ("96.80", "computed", 96.7968, "96.797"),  # else it would read as what it contradicts
        ("82%", "computed", 65.7213, "65.7%"),  # a whole number beside what is none
        ("140,700", "computed", 130120.0, "130,120"),
    ],
)
def test_a_number_is_told_no_more_exactly_than_what_it_contradicts(
    printed: str, column: str, value: float, told: str
) -> None:
    row = {"printed": printed, "verdict": "不符", "printed_low": 96.795, "printed_high": 96.805}
    assert telling.number({**row, column: value}, column) == told


def test_what_is_listed_only_in_part_says_what_that_means() -> None:
    row = {
        "printed": "16 条",
        "computed": 9.0,
        "verdict": "只列出部分",
        "needed": None,
        "reason": "",
    }
    assert telling.meant({**row, "difference": None}) == "公布的文字里只点名了 9 条"


def test_the_report_counts_verdicts_and_prints_the_numbers_of_the_frame(
    evaluation: ek.Evaluation,
) -> None:
    table = evaluation.claims
    told = street(evaluation)
    for verdict, n in Counter(table["verdict"]).items():
        assert f"{verdict} {n} 个" in told.takeaway
    assert f"{len(table)} 个数" in told.takeaway
    lines = {row["text"]: row for row in told.rows}
    shown = table[table["text"].isin(lines)].set_index("claim")
    assert (shown["verdict"] != "相符").all()
    assert len(shown) == (table["verdict"] != "相符").sum()
    for row in shown.to_dict("records"):
        line = lines[str(row["text"])]
        assert (line["printed"], line["verdict"]) == (row["printed"], row["verdict"])
    people, per_day = (lines[str(shown.loc[c, "text"])] for c in ("people", "per_day"))
    assert (people["computed"], people["beside"]) == ("31,534", "多 3")
    assert per_day["computed"] == f"{shown.loc['per_day', 'computed']:.1f}" == "508.6"
    assert per_day["beside"] == f"多 63.6；分母要是 {shown.loc['per_day', 'needed']:.1f} 才对得上"
    assert lines[str(shown.loc["funds", "text"])]["computed"] == "86.80（86.70 至 86.90）"
    assert lines[str(shown.loc["workdays", "text"])]["beside"] == "少 1"
    assert lines[str(shown.loc["resolved", "text"])]["beside"] == "“70 余件”按 70 至 80 理解"
    assert lines[str(shown.loc["organisations", "text"])]["beside"] == "社会组织名单不在手头"
    assert lines[str(shown.loc["organisations", "text"])]["computed"] == "—"


def test_the_worst_stands_first(evaluation: ek.Evaluation) -> None:
    order = [ClaimVerdict(row["verdict"]) for row in street(evaluation).rows]
    assert order == sorted(order, key=list(ClaimVerdict).index)


def test_a_short_list_is_told_in_full(evaluation: ek.Evaluation) -> None:
    few = replace(evaluation, claims=evaluation.claims.iloc[1:4])
    told = street(few)
    assert len(told.rows) == 3
    assert told.left == "各数的算法见技术说明。"
    agreeing = replace(evaluation, claims=evaluation.claims.iloc[1:3])
    assert street(agreeing).takeaway == "核对了公布过的 2 个数：相符 2 个。没有不符的。"
    assert [row["computed"] for row in street(agreeing).rows] == ["84%", "16%"]


def test_the_note_says_of_all_what_they_are_made_of(evaluation: ek.Evaluation) -> None:
    told = in_the_note.section(evaluation)
    assert told is not None
    made = {row["text"]: row["made"] for row in told.rows}
    texts = evaluation.claims.set_index("claim")["text"]
    assert len(made) == len(texts)
    assert {code: made[texts[code]] for code in texts.index} == {
        "people": "户籍 26,476 人 + 来沪 5,058 人",
        "residents": "户籍 26,476 ÷（户籍 26,476 + 来沪 5,058）",
        "newcomers": "来沪 5,058 ÷ 实有人口 31,531 人",
        "per_day": "登记 31,531 人 ÷ 天数（2021-06-02 至 2021-08-02）",
        "workdays": "登记（2021-06-02 至 2021-08-02 的工作日）",
        "posts": "指挥 1 + 组长 13 + 队员 30",
        "lines": "点名的有：医、养、食、住、行、学、乐、业、安",
        "needs": "需求 9,742 项 ÷ 居民区 35 个",
        "needs_per_1000": "需求 9,742 ÷ 常住人口 14.07 万 × 1,000",
        "running": "运行 217 ÷ 项目 689",
        "events": "一季度 18 + 二季度 29 + 三季度 13 + 四季度 8 + 寒假 7 + 暑假 156",
        "projects": "现在 24 个 比 原来 10 个 的增幅",
        "satisfied": "（满意 581 + 基本满意 89 × 0.6）÷（满意 581 + 基本满意件数 89）× 100",
        "resolved_share": "解决 663 ÷ 受理 670",
        "maps": "居民区 35 + 街道 1",
        "tried": "试点 7 ÷ 全部 35",
        "funds": "政府 60.4 万元 + 社会 26.4 万元",
        "committees": "居民区（名册）",
        "orders": "工单（《热线工单》的记录）",
        "resolved": "已解决（《热线工单》的记录）",
        "organisations": "社会组织名单不在手头",
    }
    assert told.assumptions == ["“个月”按 30 天计"]
    assert len(told.verdicts) == 5


def test_without_claims_nothing_is_told(evaluation: ek.Evaluation) -> None:
    none = replace(evaluation, claims=evaluation.claims.iloc[:0])
    assert of_the_street.section(none) is None
    assert in_the_note.section(none) is None


def test_shares_are_written_with_their_mark_and_gaps_in_points(evaluation: ek.Evaluation) -> None:
    table = evaluation.claims.copy()
    at = table["claim"] == "residents"
    table.loc[at, ["verdict", "computed", "low", "high", "difference"]] = [
        "不符", 80.06, 80.06, 80.06, -3.94,
    ]  # fmt: skip
    row = telling.rows(replace(evaluation, claims=table[at]))[0]
    line = telling.line(evaluation, row)
    assert (line["computed"], line["beside"]) == ("80.1%", "少 3.9 个百分点")


def test_every_verdict_and_reason_has_words() -> None:
    assert set(VERDICTS) == set(ClaimVerdict)
    assert set(REASONS) == set(ClaimReason)


def test_the_workbook_has_words_for_ways_and_reasons(evaluation: ek.Evaluation) -> None:
    book = openpyxl.load_workbook(io.BytesIO(workbook.results(evaluation)))
    rows = list(book["数据核对"].iter_rows(min_row=2, values_only=True))
    of = {name: at for at, name in enumerate(rows[0])}
    last = rows[-1]
    assert "claim" not in of, "a code; the text beside says it"
    assert last[of["text"]] == evaluation.claims["text"].iloc[-1]
    assert (last[of["way"]], last[of["reason"]]) == ("无从算起", "手头没有材料")


def test_a_note_says_which_are_contradicted(evaluation: ek.Evaluation) -> None:
    (note,) = [n for n in evaluation.notes if n.code == NoteCode.CLAIMS_CONTRADICTED]
    assert note.code.value == "claims_contradicted"
    against = evaluation.claims["verdict"] == "不符"
    assert note.count == against.sum() == 4
    told = said(note)
    assert told.startswith("公布过的数有 4 个与重新算出来的不符（31,531 人")
    assert told in fieldwork.notes(evaluation)


@pytest.mark.parametrize(
    ("reason", "text"),
    [(reason, REASONS[reason]) for reason in ClaimReason if reason != "not_at_hand"],
)
def test_a_reason_stands_beside_its_verdict(
    reason: ClaimReason, text: str, evaluation: ek.Evaluation
) -> None:
    row = evaluation.claims.iloc[:1].assign(reason=reason.value, verdict="无法核对")
    assert telling.meant(telling.rows(replace(evaluation, claims=row))[0]) == text
