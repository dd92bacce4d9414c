"""Published numbers worked out again: the numbers of the field, records, and every verdict."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import replace
from fractions import Fraction
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers.counting import count
from evalkit.answers.reducing import reduce_records
from evalkit.codes import ClaimReason, ClaimVerdict, NoteCode
from evalkit.definitions.claims import Claims
from evalkit.definitions.decided import Decided
from evalkit.findings.reconciling import notes, reconcile
from evalkit.tables.records import Counted, TermKey
from tests.ledgers import door, hotline, published

Data = dict[str, Any]


def term(name: str = "项", **given: object) -> Data:
    return {"name": name, **given}


def printed(*numbers: str) -> list[Data]:
    return [term(f"第 {at} 项", printed=text) for at, text in enumerate(numbers, 1)]


def claim(number: str, terms: list[Data], way: str = "sum", **given: object) -> Data:
    told = {"id": "c", "text": "原文", "source": "总结", "printed": number, "way": way}
    return told | {"terms": terms} | given


@cache
def street() -> Decided:
    return door.decided(door.ledger())


def decided(*claims: Data) -> Decided:
    document = Claims.model_validate({"id": "d", "title": "数", "claims": list(claims)})
    assert [fault.code for fault in document.faults()] == []
    return replace(street(), claims=document)


def found(*claims: Data, counted: Mapping[TermKey, Counted] | None = None) -> pd.DataFrame:
    return reconcile(decided(*claims), counted or {}, "2016")


def verdict(number: str, terms: list[Data], way: str = "sum", **given: object) -> str:
    return str(found(claim(number, terms, way, **given))["verdict"][0])


@pytest.fixture(scope="module")
def field() -> pd.DataFrame:
    """The numbers of the field, without records: what needs them cannot be checked."""
    claims = Claims.model_validate(yaml.safe_load(published.CLAIMS))
    of = replace(street(), claims=claims)
    return reconcile(of, {}, "2016").set_index("claim")


@pytest.mark.parametrize(
    ("code", "computed", "told"),
    [
        ("people", 31_534, "不符"),
        ("residents", 83.96, "相符"),
        ("newcomers", 16.04, "相符"),
        ("per_day", 508.56, "不符"),
        ("workdays", 43, "不符"),
        ("posts", 44, "相符"),
        ("lines", 9, "只列出部分"),
        ("needs", 278.34, "相符"),
        ("needs_per_1000", 69.24, "相符"),
        ("running", 31.49, "相符"),
        ("events", 231, "相符"),
        ("projects", 140, "相符"),
        ("satisfied", 94.69, "相符"),
        ("resolved_share", 98.96, "相符"),
        ("committees", 4, "相符"),
        ("maps", 36, "相符"),
        ("tried", 20, "相符"),
        ("funds", 86.8, "可由四舍五入解释"),
    ],
)
def test_the_numbers_of_the_field(
    field: pd.DataFrame, code: str, computed: float, told: str
) -> None:
    assert field.loc[code, "computed"] == pytest.approx(computed, abs=0.005)
    assert field.loc[code, "verdict"] == told


def test_how_far_a_contradicted_number_is_off(field: pd.DataFrame) -> None:
    """31,534 is 3 more; 445 a day would take 70.9 days instead of 62."""
    assert field.loc["people", "difference"] == 3
    assert field.loc["workdays", "difference"] == -1
    assert field.loc["per_day", "needed"] == pytest.approx(70.856, abs=0.001)
    assert field["needed"].notna().sum() == 1
    (note,) = notes(field.reset_index())
    assert (note.code, note.count) == (NoteCode.CLAIMS_CONTRADICTED, 3)
    assert note.facts["numbers"] == ("31,531 人", "445", "44 个")
    assert list(notes(found(claim("3", printed("1", "2"))))) == []


def test_without_claims_there_is_an_empty_frame() -> None:
    none = reconcile(street(), {}, "2016")
    assert len(none) == 0
    assert list(notes(none)) == []


def test_rounding_explains_only_what_it_can() -> None:
    """0.34 and 0.34 are 0.67 to 0.69: 0.67 and 0.69 may be printed, 0.66 and 0.70 may not."""
    parts = printed("0.34 万", "0.34 万")
    told = {text: verdict(f"{text} 万", parts) for text in ("0.66", "0.67", "0.68", "0.69", "0.70")}
    assert list(told.values()) == ["不符", "可由四舍五入解释", "相符", "可由四舍五入解释", "不符"]


def as_printed(value: Fraction, decimals: int, unit: str = " 万") -> str:
    """Print a number as it is done everywhere: halves away from zero."""
    whole = int(value * 10**decimals + Fraction(1, 2))
    return f"{whole // 10**decimals}.{whole % 10**decimals:0{decimals}d}{unit}"


def test_what_was_rounded_truly_is_never_contradicted() -> None:
    """Totals and quotients of any true numbers, each printed with its own decimals."""
    dice = random.Random(14)
    for _ in range(60):
        true = [Fraction(dice.randint(1, 10**6), 7919) for _ in range(dice.randint(2, 6))]
        parts = printed(*(as_printed(x, dice.randint(1, 3)) for x in true))
        total = as_printed(sum(true, Fraction(0)), dice.randint(1, 3))
        assert verdict(total, parts) in ("相符", "可由四舍五入解释")
        sides = [dice.choice(["over", "under", "both"]) for _ in true]
        sides[:2] = ["over", "under"]
        over = sum(x for x, side in zip(true, sides, strict=True) if side != "under")
        under = sum(x for x, side in zip(true, sides, strict=True) if side != "over")
        beside = [part | {"side": side} for part, side in zip(parts, sides, strict=True)]
        quotient = as_printed(Fraction(over) / under, 3, "")
        told = verdict(quotient, beside, "ratio")
        assert told in ("相符", "可由四舍五入解释"), (parts, quotient)


def test_an_end_that_is_not_reached_explains_nothing() -> None:
    """Below 0.345 each, two cannot be 0.69 where 0.69 is counted exactly; rounded they can."""
    parts = printed("0.34 万", "0.34 万")
    assert verdict("6,900", parts) == "不符"
    assert verdict("6,899", parts) == "可由四舍五入解释"
    assert verdict("6,700", parts) == "可由四舍五入解释"
    assert verdict("6,699", parts) == "不符"


def test_whole_numbers_are_exact_unless_they_were_divided_or_it_is_said() -> None:
    assert verdict("31,531", printed("26,476", "5,058")) == "不符"
    assert verdict("101", printed("50", "50")) == "不符"
    assert verdict("101", printed("50", "50"), whole="rounded") == "可由四舍五入解释"
    halves = [*printed("89"), term("天", printed="2", side="under")]
    assert verdict("45", halves, "ratio") == "相符"
    assert verdict("44", halves, "ratio") == "不符"
    assert verdict("45", halves, "ratio", whole="exact") == "不符"


def test_whole_numbers_of_what_is_measured_were_rounded() -> None:
    """Yuan are not counted: 5,058 元 may be 5,058.49; nor is what comes to no whole number."""
    assert verdict("101 元", printed("50 元", "50 元")) == "可由四舍五入解释"
    assert verdict("102 元", printed("50 元", "50 元")) == "不符"
    assert verdict("101 人", printed("50 人", "50 人")) == "不符"
    assert verdict("101", printed("50.4", "50.4")) == "相符"
    one = found(claim("102", printed("50.4", "50.4"))).iloc[0]
    assert (one["verdict"], one["printed_low"], one["printed_high"]) == ("不符", 101.5, 102.5)


@pytest.mark.parametrize(
    ("number", "told"),
    [
        ("约 500", "相符"),
        ("500 余", "相符"),
        ("近 600", "相符"),
        ("500 以上", "相符"),
        ("不足 520", "相符"),
        ("500 至 520", "相符"),
        ("600 余", "不符"),
        ("近 500", "不符"),
        ("超过 512", "不符"),
        ("约 600", "不符"),
        ("520 至 530", "不符"),
    ],
)
def test_a_word_beside_the_number_is_a_bound(number: str, told: str) -> None:
    assert verdict(number, printed("500", "12")) == told


def test_parts_that_are_bounds_prove_nothing_and_may_contradict() -> None:
    parts = printed("500 余", "700 余")
    one = found(claim("1,234", parts)).iloc[0]
    assert (one["verdict"], one["reason"]) == ("无法核对", ClaimReason.ONLY_BOUNDS)
    assert (one["low"], one["high"]) == (1200, 1400)
    assert np.isnan(one["computed"])
    assert verdict("1,500", parts) == "不符"
    assert verdict("1,000 以上", parts) == "相符"


def test_what_is_not_listed_in_full_is_partial_only_below_the_total() -> None:
    parts = printed("20", "30")
    assert verdict("60", parts) == "不符"
    assert verdict("60", parts, complete=False) == "只列出部分"
    assert verdict("50", parts, complete=False) == "相符"
    assert verdict("40", parts, complete=False) == "不符"
    evidently = [*parts, term("其他")]
    assert verdict("60", evidently) == "只列出部分"
    assert verdict("40", evidently) == "不符"
    one = found(claim("60", evidently)).iloc[0]
    assert (one["computed"], one["low"]) == (50, 50)
    assert np.isnan(one["high"])


def test_what_is_listed_is_counted() -> None:
    names = ["医", "养", "食"]
    told = {n: verdict(f"{n} 条", [], "listed", listed=names) for n in (2, 3, 4)}
    assert told == {2: "不符", 3: "相符", 4: "只列出部分"}


def test_what_is_taken_off_and_multiplied() -> None:
    balance = [*printed("50", "200"), term("办结", printed="180", times=-1)]
    assert verdict("70", balance) == "相符"
    assert verdict("20", [term("积分", printed="10", times=2)]) == "相符"


def test_a_number_used_twice_is_one_number() -> None:
    """x of x + y with x from another claim: 25% to 75%, where it were two numbers 16.7% to 150%."""
    whole = claim("1 万", [], "none", reason="无") | {"id": "x"}
    parts = [term("x", claim="x"), term("x", claim="x", side="under")]
    parts += [term("y", printed="1 万", side="under")]
    one = found(whole, claim("50%", parts, "share")).iloc[1]
    assert (one["low"], one["high"], one["verdict"]) == (25, 75, "相符")
    grown = [term("现在", claim="x"), term("原来", claim="x")]
    assert verdict_of(found(whole, claim("0%", grown, "growth")), 1) == "相符"


def test_the_divisor_that_it_would_take_is_told_where_there_is_one() -> None:
    x = claim("9", [], "none", reason="无") | {"id": "x"}
    twice = [term(claim="x"), term(claim="x"), term(printed="2", side="under")]
    assert found(x, claim("4", twice, "ratio"))["needed"][1] == 4.5
    of_itself = [*twice[:2], term(printed="2", side="both")]
    assert np.isnan(found(x, claim("4", of_itself, "ratio"))["needed"][1])
    two = [*twice, term(printed="3", side="under")]
    assert np.isnan(found(x, claim("7", two, "ratio"))["needed"][1])
    assert np.isnan(found(x, claim("-4", twice, "ratio"))["needed"][1])


def verdict_of(table: pd.DataFrame, at: int) -> str:
    return str(table["verdict"][at])


def test_nothing_is_divided_by_nothing() -> None:
    parts = [*printed("5"), term("基数", printed="0", side="under")]
    one = found(claim("5", parts, "ratio")).iloc[0]
    assert (one["verdict"], one["reason"]) == ("无法核对", ClaimReason.NO_QUOTIENT)


def test_two_rates_under_each_others_names_are_told() -> None:
    """解决率 and 满意率 exchanged: each comes to what the other says."""
    a = claim("90.0%", [*printed("80"), term(printed="100", side="under")], "share") | {"id": "a"}
    b = claim("80.0%", [*printed("90"), term(printed="100", side="under")], "share") | {"id": "b"}
    told = found(a, b)
    assert told["verdict"].tolist() == ["不符", "不符"]
    assert told["reason"].tolist() == [ClaimReason.EXCHANGED] * 2
    assert told["other"].tolist() == ["b", "a"]
    elsewhere = found(a, b | {"source": "别处"})
    assert elsewhere["reason"].tolist() == ["", ""]


def test_what_nothing_at_hand_tells_says_why() -> None:
    told = found(claim("98 家", [], "none", reason="名单不在手头"))
    assert told["reason"][0] == ClaimReason.NOT_AT_HAND
    assert told["verdict"][0] == ClaimVerdict.UNVERIFIABLE
    assert np.isnan(told["computed"][0])
    assert told["printed_low"][0] == 98


# --- records ---


@pytest.fixture(scope="module")
def counted(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Terms counted in the hotline's 80 records of 2016."""
    let = door.Let(tmp_path_factory.mktemp("door"), hotline.HEADER, hotline.orders(2016))
    assert let.records is not None
    assert let.report is not None
    assert not let.problems
    records = {"2016": {"hotline": let.records}}

    def counting(*claims: Data) -> tuple[Decided, dict[TermKey, Counted]]:
        of = replace(decided(*claims), ledgers={"hotline": let.ledger})
        reduced = {"2016": {"hotline": reduce_records(let.records, let.ledger, of)}}
        return of, count(of, records, reduced, [let.report], "2016")

    return counting


def of_records(n: int, *, is_told: bool = True, more: int | None = 0) -> Counted:
    """A count of n, beside which so many rows name no unit (None: rows of counts, or of yuan)."""
    upper = None if more is None else Fraction(n + more)
    return Counted(Fraction(n), is_told, 5, True, Fraction(n), upper)


def raw() -> pd.DataFrame:
    return pd.DataFrame(hotline.orders(2016), columns=list(hotline.HEADER))


def test_records_are_counted_under_their_conditions(counted: Any) -> None:
    good = {"resolved": ["已解决"], "satisfied": ["满意", "基本满意"]}
    terms = [term(ledger="hotline"), term(ledger="hotline", where=good)]
    _, told = counted(claim("1", terms))
    table = raw()
    expected = (table["是否解决"] == "已解决") & table["满意度"].isin(["满意", "基本满意"])
    assert told["c", 0].value == 80
    assert told["c", 1].value == int(expected.sum())


def test_measures_are_the_streets_exact_numbers(counted: Any) -> None:
    terms = [
        term(ledger="hotline", measure=measure, side=side)
        for measure, side in (("resolved", "over"), ("satisfied", "under"))
    ]
    _, told = counted(claim("1", terms, "ratio"))
    table = raw()
    solved = int((table["是否解决"] == "已解决").sum())
    assert told["c", 0].value == pytest.approx(solved / 80)
    points = table["满意度"].map({"满意": 100, "基本满意": 80, "一般": 60, "不满意": 0}).dropna()
    assert float(told["c", 1].value) == pytest.approx(points.mean())


def test_counts_of_too_few_are_not_told(counted: Any) -> None:
    """3 of one kind are few; so is what is left of 80 without 77."""
    one = of_records(3, is_told=False)
    few = found(claim("3", [term(ledger="hotline")]), counted={("c", 0): one}).iloc[0]
    assert (few["verdict"], few["reason"]) == ("无法核对", ClaimReason.FEW)
    assert few[["computed", "low", "high", "difference"]].isna().all()
    both = {
        ("c", 0): of_records(80),
        ("c", 1): of_records(77),
    }
    rest = [term(ledger="hotline"), term(ledger="hotline", times=-1)]
    left = found(claim("3", rest), counted=both).iloc[0]
    assert (left["verdict"], left["reason"]) == ("无法核对", ClaimReason.FEW)
    none = of_records(0)
    assert verdict_of(found(claim("0", [term(ledger="hotline")]), counted={("c", 0): none}), 0) == (
        "相符"
    )


def test_what_is_told_of_records_follows_the_rule_of_measures(counted: Any) -> None:
    """Records of one committee alone are few if they are; those of all are not."""
    table = raw()
    kinds = table["满意度"].value_counts()
    few = {"resolved": ["未解决"], "satisfied": ["不满意"]}
    terms = [term(ledger="hotline", where=few), term(ledger="hotline")]
    _, told = counted(claim("1", terms))
    both = table[(table["是否解决"] == "未解决") & (table["满意度"] == "不满意")]
    assert 0 < len(both) < kinds["不满意"]
    assert told["c", 0].value == len(both)
    assert told["c", 0].is_told == (len(both) >= 5)
    assert told["c", 1].is_told


def test_a_count_that_is_another_but_for_a_few_is_not_told(tmp_path: Path) -> None:
    """Of 80 records 3 are open: the 77 beside the 80 would tell them, 40 of a kind do not."""
    place = list(hotline.HEADER).index("是否解决")
    rows = [
        [*row[:place], "未解决" if at < 3 else "已解决", *row[place + 1 :]]
        for at, row in enumerate(hotline.orders(2016))
    ]
    let = door.Let(tmp_path, hotline.HEADER, rows)
    assert let.records is not None
    assert let.report is not None
    content = (raw()["满意度"] == "满意").sum()
    assert 5 <= content <= 75
    of = decided(
        claim("77", [term(ledger="hotline", where={"resolved": ["已解决"]})]),
        claim("1", [term(ledger="hotline", where={"satisfied": ["满意"]})], id="d"),
        claim("80", [term(ledger="hotline")], id="e"),
    )
    of = replace(of, ledgers={"hotline": let.ledger})
    reduced = {"2016": {"hotline": reduce_records(let.records, let.ledger, of)}}
    told = count(of, {"2016": {"hotline": let.records}}, reduced, [let.report], "2016")
    assert [(told[code, 0].value, told[code, 0].is_told) for code in "cde"] == [
        (77, False), (content, True), (80, True),
    ]  # fmt: skip


@pytest.mark.parametrize(("printed", "value"), [("50%", Fraction(1, 2)), ("50 分", Fraction(50))])
def test_points_that_were_published_with_a_percent_sign_are_of_one(
    counted: Any, printed: str, value: Fraction
) -> None:
    _, told = counted(claim(printed, [term(ledger="hotline", measure="satisfied")]))
    _, plain = counted(claim("50", [term(ledger="hotline", measure="satisfied")]))
    assert told["c", 0].value / plain["c", 0].value == value / 50


@pytest.mark.parametrize(
    ("number", "more", "told"),
    [
        ("650", 20, "相符"),
        ("670", 20, "无法核对"),
        ("671", 20, "不符"),
        ("649", 20, "不符"),
        ("9,000", None, "无法核对"),
        ("649", None, "不符"),
        ("700", 0, "不符"),
    ],
)
def test_rows_of_no_unit_may_be_what_was_published(
    number: str, more: int | None, told: str
) -> None:
    counted = {("c", 0): of_records(650, more=more)}
    one = found(claim(number, [term(ledger="hotline")]), counted=counted).iloc[0]
    assert one["verdict"] == told
    assert (one["reason"] == ClaimReason.UNATTRIBUTED) == (told == "无法核对")


def test_rows_of_no_unit_widen_what_records_come_to(tmp_path: Path) -> None:
    """Three of 80 orders name nobody: 77 to 80, and a share with all of them good or bad."""
    rows = hotline.orders(2016)
    rows[:3] = [(row[0], "", *row[2:]) for row in rows[:3]]
    let = door.Let(tmp_path, hotline.HEADER, rows)
    assert let.records is not None
    assert let.report is not None
    terms = [term(ledger="hotline"), term(ledger="hotline", measure="resolved")]
    of = replace(decided(claim("80", terms)), ledgers={"hotline": let.ledger})
    reduced = {"2016": {"hotline": reduce_records(let.records, let.ledger, of)}}
    told = count(of, {"2016": {"hotline": let.records}}, reduced, [let.report], "2016")
    whole, share = told["c", 0], told["c", 1]
    assert (whole.value, whole.lower, whole.upper) == (77, 77, 80)
    solved = sum(row[6] == "已解决" for row in rows[3:])
    assert (share.lower, share.value, share.upper) == (
        Fraction(solved, 80),
        Fraction(solved, 77),
        Fraction(solved + 3, 80),
    )
    assert not share.is_sure


def test_a_blank_among_what_is_added_up_is_not_0() -> None:
    blank = Counted(None, True, 5, is_count=False)
    one = found(claim("80", [term(ledger="hotline", column="n")]), counted={("c", 0): blank})
    assert (one["verdict"][0], one["reason"][0]) == ("无法核对", ClaimReason.BLANKS)


def test_without_records_in_this_run_nothing_is_counted() -> None:
    one = found(claim("80", [term(ledger="hotline")])).iloc[0]
    assert (one["verdict"], one["reason"]) == ("无法核对", ClaimReason.NO_RECORDS)


def test_columns_of_counts_are_added_up_exactly(tmp_path: Path) -> None:
    text = """\
id: month
title: 月报
rows: counts
minimum_n: 5
columns:
  - {code: unit, headers: [单位], holds: unit}
  - {code: all, headers: [受理], holds: number}
  - {code: spent, headers: [经费], holds: number, required: false}
measures: []
"""
    one = door.ledger(text)
    rows = [[name, "10.1", "0.1"] for name in door.NAMES[:3]]
    let = door.Let(tmp_path, ("单位", "受理", "经费"), rows, one)
    assert let.records is not None
    assert not let.problems
    terms = [term(ledger="month", column="all"), term(ledger="month", column="spent")]
    of = replace(decided(claim("30.6", terms)), ledgers={"month": one})
    reduced = {"2016": {"month": reduce_records(let.records, one, of)}}
    told = count(of, {"2016": {"month": let.records}}, reduced, [], "2016")
    assert told["c", 0].value == Fraction("30.3"), "not 30.299999999999997"
    assert told["c", 1].value == Fraction("0.3")
    let.records.table.loc[0, "spent"] = np.nan
    told = count(of, {"2016": {"month": let.records}}, reduced, [], "2016")
    assert told["c", 0].value == Fraction("30.3")
    assert told["c", 1].value is None


def test_people_of_the_roster_are_added_up_or_said_to_lack() -> None:
    terms = [term("需求", printed="276"), term("人口", roster="population", side="under")]
    assert verdict("69.0", terms, "ratio", per=1000) == "相符"
    of = decided(claim("69.0", terms, "ratio", per=1000))
    subjects = [s.model_copy(update={"population": None}) for s in of.roster.subjects]
    nobody = replace(of, roster=of.roster.model_copy(update={"subjects": subjects}))
    assert reconcile(nobody, {}, "2016")["reason"][0] == ClaimReason.NO_POPULATION


def test_half_a_number_is_no_whole_one_and_was_rounded() -> None:
    halves = [term("份", printed="5"), term("天", printed="2", side="under")]
    for number, low, verdict_of_it in (("3", 2.5, "相符"), ("2", 1.5, "不符")):
        one = found(claim(number, halves, "ratio")).iloc[0]
        told = (one["verdict"], one["printed_low"], one["printed_high"])
        assert told == (verdict_of_it, low, low + 1), "half is rounded up"
    assert verdict("2", [term("份", printed="4"), halves[1]], "ratio") == "相符"


def test_the_only_divisor_is_told_where_one_above_nothing_would_do() -> None:
    def needed(number: str, above: str) -> float:
        terms = [term("份", printed=above), term("天", printed="2", side="under")]
        one = found(claim(number, terms, "ratio", whole="exact")).iloc[0]
        assert one["verdict"] == "不符"
        return float(one["needed"])

    assert needed("3", "12") == 4.0
    assert np.isnan(needed("3", "0")), "nothing divided by anything is nothing"
    assert np.isnan(needed("0", "12")), "and what is something never comes to nothing"
