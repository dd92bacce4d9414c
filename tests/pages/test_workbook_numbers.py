"""results.xlsx and import-report.xlsx cell by cell against the CSV and JSON files beside them."""

from __future__ import annotations

import math
import re
from collections import Counter
from typing import Any

import openpyxl
import pytest
from openpyxl.workbook import Workbook

from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import Words
from tests.pages import published
from tests.pages.reading import Files, Row, exact_score, fixed

SHEETS = {
    "名次": "ranking", "得分": "scores", "分主体得分": "indicators", "变化": "changes",
    "变化构成": "contributions", "维度与指标": "profiles", "受访者构成": "composition",
    "填答方式": "modes",
    "满意率": "satisfaction", "街道平均": "street_means", "同类比较": "peer_groups",
    "与同类相比": "peers", "上年事项": "follow_up", "维度变化": "dimension_changes",
    "历次得分": "series", "历年走势": "trends", "下次可能的得分": "forecasts",
    "收缩与调整": "bands", "前列与末位": "extremes", "按居民构成推算": "multilevel",
    "可靠程度": "reliability", "名单与随机": "samples",
    "敏感性": "sensitivity", "权重影响": "weight_influence", "影响力": "drivers",
    "答卷质量": "quality", "设计效应": "design_effects", "抽样计划": "plan", "居民诉求": "needs", "意见主题": "themes",
}  # fmt: skip
OF_RECORDS = {
    "台账收录": "ledgers", "客观指标": "objective", "办理时限": "clocks", "流转": "flows",
    "需求与供给": "demand", "公开名录": "listed", "清单核对": "integrity", "点位": "points", "记录与评价": "validity",
    "数据核对": "claims",
}  # fmt: skip
ORDER = [
    *("说明", "列说明", "总表", "名次", "得分", "指标矩阵", "维度与指标", "分主体得分", "变化", "变化构成"),
    *("维度变化", "历次得分", "历年走势"),
    *("满意率", "受访者构成", "填答方式", "街道平均", "同类比较", "与同类相比"),
    *("收缩与调整", "前列与末位", "按居民构成推算", "可靠程度", "名单与随机", "下次可能的得分"),
    *("敏感性", "权重影响", "影响力", "答卷质量", "设计效应"),
    *("抽样计划", "居民诉求", "意见主题", "上年事项", *OF_RECORDS, "发现"),
    *( "导入文件", "剔除的行", "未用的列", "不认识的值", "未匹配的名称"),
    *("文件提示", "提示"),
]  # fmt: skip
LEVELS = {"composite": "总分", "dimension": "维度", "indicator": "指标"}
BY = {"zone": "片区", "housing": "住房类型", "kind": "类别"}
KINDS = {
    "strength": "优势", "weakness": "短板",
    "tendency_high": "倾向偏高", "tendency_low": "倾向偏低",
}  # fmt: skip


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def book(files: Files) -> Workbook:
    return openpyxl.load_workbook(files.folder / "results.xlsx")


def rows_of(book: Workbook, title: str) -> list[Row]:
    keys = [cell.value for cell in book[title][2]]
    assert len(set(keys)) == len(keys)
    return [dict(zip(keys, row, strict=True)) for row in book[title].iter_rows(3, values_only=True)]


def same(found: Any, expected: Any) -> bool:
    """A cell and a file's value: numbers to the 16 digits of a workbook, no text and no cell alike."""
    if isinstance(expected, float | int) and not isinstance(expected, bool):
        return isinstance(found, float | int) and math.isclose(found, expected, rel_tol=1e-14)
    return found == (expected or None)


def words(files: Files, name: str) -> dict[str, dict[str, str]]:
    ev = files.evaluation
    scheme = ev.scheme
    codes = {"composite": "总分"}
    codes |= {d.code: d.name for d in scheme.dimensions}
    codes |= {i.code: i.name for i in scheme.indicators}
    plain = {
        "无显著差异": "尚看不出差别", "无显著变化": "尚看不出变化", "无明显变化": "尚看不出变化",
    }  # fmt: skip
    asked = {i.id: i.text for q in ev.questionnaires.values() for i in q.items}
    groups = {g.code: g.name for g in scheme.groups}
    code = {"follow_up": codes, "weight_influence": groups | codes}
    return {
        "subject": {"all": "全部"},
        "code": code.get(name, {"composite": "总分"}),
        "item": asked if name in ("needs", "themes") else {},
        "value": {"all": "全部"},
        "role": {"overall": "总体满意度", "scored": "计分的题"},
        "family": {"scores": "得分", "dimensions": "维度", "subject": "各评估对象的维度"},
        "basis": {"recorded": "答卷中记录", "declared": "方案写明", "assumed": "假定为 1"},
        "verdict": plain,
        "change_verdict": plain,
        "band": plain,
        "subject_name": {"all": ev.order.street, **{s.id: s.name for s in ev.roster.subjects}},
        "code_name": codes,
        "group": {"all": "全部", **{g.code: g.name for g in scheme.groups}},
        "level": LEVELS,
        "by": {"all": "全部", **asked, **BY},
        "kind": {"group": "评价主体", "dimension": "维度"},
    }


def target(text: str) -> str:
    kind, _, number = text.partition(" ")
    forms = {
        "reliability": "可靠程度 {}",
        "half-width": "得分误差范围 ± {} 分",
        "extra": "另加 {} 份",
    }
    return "本次的份数" if kind == "present" else forms[kind].format(number)


def test_sheets_stand_in_their_order_and_only_where_there_is_something(
    files: Files, book: Workbook
) -> None:
    every = {**SHEETS, **OF_RECORDS}
    missing = {title for title, name in every.items() if not files.table(name)}
    assert book.sheetnames == [title for title in ORDER if title not in missing]


@pytest.mark.parametrize("title", SHEETS)
def test_every_cell_of_a_table_is_the_files(files: Files, book: Workbook, title: str) -> None:
    name = SHEETS[title]
    table = files.table(name)
    if not table:
        assert title not in book.sheetnames
        return
    told = words(files, name)
    found = rows_of(book, title)
    assert len(found) == len(table)
    hidden = set(table[0]) - set(found[0])
    assert hidden == UNSEEN.get(name, set())
    extra = set(found[0]) - set(table[0])
    assert extra <= {"subject_name", "code_name", "rank_picture", "score_picture"}
    assert ("subject_name" in extra) == (
        "subject" in table[0] and ("name" not in table[0] or name in NAMELESS)
    )
    for cell_row, row in zip(found, table, strict=True):
        for key, value in row.items():
            expected = value
            if key in hidden:
                continue
            if isinstance(value, bool):
                expected = "是" if value else "否"
            elif key == "target":
                expected = target(value)
            elif key in told and key not in ("subject_name", "code_name"):
                expected = told[key].get(str(value), value)
            elif key == "wave":
                expected = str(value)
            elif key == "option":
                assert str(cell_row[key]) == str(value).removesuffix(".0")
                continue
            assert same(cell_row[key], expected), (title, key, cell_row[key], expected)
        if "subject_name" in cell_row:
            assert cell_row["subject_name"] == told["subject_name"][row["subject"]]
        if "code_name" in cell_row:
            assert cell_row["code_name"] == told["code_name"].get(row["code"])


UNSEEN = {"sensitivity": {"scenario"}, "themes": {"code"}}
"""Codes beside whose words they would say nothing."""

NAMELESS = (
    *("satisfaction", "needs", "themes", "profiles", "composition"),
    *("series", "trends", "dimension_changes", "objective", "clocks"),
)
"""Tables whose name is not the committee's."""

SCORES = {
    *("expected", "expected_low", "expected_high"),
    *("score", "low", "high", "estimate", "score_from", "score_to", "street", "mean", "previous"),
    *("lowest", "highest", "adjusted", "shrunken", "performance", "score_without", "half_width"),
    "n_per_subject",
    *("multilevel", "multilevel_low", "multilevel_high"),
    *("detectable", "listed", "drawn", "blended", "expected_rank", "raw", "raw_low", "raw_high"),
}
SIGNED = {
    *("change", "relative_change", "difference", "difference_low", "difference_high", "gap"),
    *(
        "change_low",
        "change_high",
        "slope",
        "slope_low",
        "slope_high",
        "gap_low",
        "gap_high",
        "shift",
    ),
}
FINE = {
    *("se", "reliability", "change_se", "difference_se", "z", "adjusted_se", "shrunken_se"),
    *("first", "first_low", "first_high", "total", "total_low", "total_high", "performance_se"),
    *("gap_statistic", "design_effect", "icc", "slope_se", "expected_se"),
    *("tau", "tau_low", "tau_high", "reliability_low", "reliability_high"),
    *("listed_se", "drawn_se", "gap_se", "blended_se", "raw_se", "multilevel_se"),
}
WHOLE = {
    *("n", "rank", "rank_low", "rank_high", "rank_low_joint", "rank_high_joint", "rank_from"),
    *("rank_to", "flagged", "rank_without", "n_total", "issued_total", "of", "rows_read"),
    *("rows_kept", "rejected", "count", "clusters", "tests"),
    *("change_rank", "change_rank_low", "change_rank_high"),
    *("listed_rank", "drawn_rank", "blended_rank", "first_of", "last_of"),
}
SHARES = {"same_grade", "same_third", "same_place", "r_squared", "share", "power", "list_share"}
FINE_SHARES = {"importance", "rate", "street_rate"}


def form_of(title: str, key: str) -> str | None:
    if title == "居民诉求":
        forms = {"street": "0%", "se": "0.0%", "low": "0.0%", "high": "0.0%"}
        if key in forms:
            return forms[key]
    if title == "满意率":
        if key in ("share", "low", "high", "acceptable", "street", "previous"):
            return "0.0%"
        if key in ("change", "change_low", "change_high"):
            return "+0.0%;-0.0%;0.0%"
    if title == "影响力" and key in ("low", "high"):
        return "0.0%"
    for keys, form in (
        (SCORES, "0.0"),
        (SIGNED, "+0.0;-0.0;0.0"),
        (FINE, "0.00"),
        (WHOLE, "#,##0"),
        (SHARES, "0%"),
        (FINE_SHARES, "0.0%"),
        ({"rank_change", "rank_change_low", "rank_change_high"}, "+0;-0;0"),
        ({"grade_probability", "among_first", "among_last"}, '[>0.99]">99%";[<0.01]"<1%";0%'),
        ({"p", "p_adjusted", "change_p_adjusted"}, '[<0.001]"<0.001";0.000'),
        ({"single"}, "0.000"),
        ({"points"}, "+0.000;-0.000;0.000"),
    ):
        if key in keys:
            return form
    return None


def test_every_number_is_shown_as_its_kind_asks(files: Files, book: Workbook) -> None:
    seen: Counter[str] = Counter()
    for title in (*SHEETS, "维度与指标", "发现", "导入文件", "提示"):
        if title not in book.sheetnames:
            continue
        keys = [cell.value for cell in book[title][2]]
        for row in book[title].iter_rows(3):
            for key, cell in zip(keys, row, strict=True):
                if cell.value is None or isinstance(cell.value, str):
                    continue
                form = form_of(title, key)
                if (title, key) == ("得分", "score") or key == "score":
                    shown = exact_score(cell.value, files.cutoffs)
                    if "grade" in keys and len(shown.partition(".")[2]) > 1:
                        form = f"0.{'0' * len(shown.partition('.')[2])}"
                if key in ("row", "option"):
                    continue
                assert form is not None, (title, key)
                assert cell.number_format == form, (title, key)
                seen[form] += 1
    assert len(seen) > 9


def test_headings_of_ends_say_which_end(book: Workbook) -> None:
    ends = {
        r"^(low|.*[^k]_low)$": "下限", r"^(high|.*[^k]_high)$": "上限",
        r"^rank_low(_joint)?$": "最好", r"^rank_high(_joint)?$": "最差",
        r"_from$|^from_": "上次", r"_to$|^to_": "本次",
        r"^rank_change_low$": "最好", r"^rank_change_high$": "最差",
    }  # fmt: skip
    seen: Counter[str] = Counter()
    for title in SHEETS:
        if title not in book.sheetnames:
            continue
        for heading, key in zip(book[title][1], book[title][2], strict=True):
            for pattern, word in ends.items():
                if re.search(pattern, key.value) and key.value.startswith(
                    "rank_change"
                ) == pattern.startswith("^rank_change"):
                    if title == "敏感性" and key.value.startswith("rank_"):
                        word = {"rank_low": "5%", "rank_high": "95%"}[key.value]
                    assert word in heading.value, (title, key.value, heading.value)
                    seen[word] += 1
    assert min(seen[w] for w in ("下限", "上限", "最好", "最差", "上次", "本次")) > 1


# --- sheets made for people -----------------------------------------------------------------


def estimate(files: Files, subject: str, code: str) -> float | None:
    complete = files.one("scores", subject=subject)["complete"]
    return (
        files.one("indicators", subject=subject, code=code, group="all")["estimate"]
        if complete
        else None
    )


def test_the_overview_has_one_line_a_committee_best_first(files: Files, book: Workbook) -> None:
    ev = files.evaluation
    found = rows_of(book, "总表")
    ranking, scores = files.by_subject("ranking"), files.by_subject("scores")
    changes = files.by_subject("changes")
    order = [*ranking, *(s for s in scores if s not in ranking)]
    assert [r["subject"] for r in found] == order
    for row in found:
        own, place = scores[row["subject"]], ranking.get(row["subject"], {})
        for key in ("name", "score", "low", "high", "grade", "grade_probability"):
            assert same(row[key], own[key])
        for key in ("rank", "rank_low_joint", "rank_high_joint"):
            assert same(row[key], place.get(key))
        verdict = changes.get(row["subject"], {}).get("verdict")
        assert row["verdict"] == {"无明显变化": "尚看不出变化"}.get(verdict, verdict)
        for d in ev.scheme.dimensions:
            assert same(row[d.code], estimate(files, row["subject"], d.code))
        total = files.one("indicators", subject=row["subject"], code="composite", group="all")
        assert same(row["n"], total["n"])
        for key, kind in (("strengths", "strength"), ("weaknesses", "weakness")):
            names = [f["name"] for f in files.findings(row["subject"], kind)]
            more = f"等 {len(names)} 项" if len(names) > 3 else ""
            assert (row[key] or "") == "、".join(names[:3]) + more


def test_matrix_and_profile_hold_every_measure_of_every_committee(
    files: Files, book: Workbook
) -> None:
    ev = files.evaluation
    codes = [m.code for m in ev.current.scores.measures]
    found = rows_of(book, "指标矩阵")
    assert [r["subject"] for r in found] == [r["subject"] for r in files.table("scores")]
    for row in found:
        for code in codes:
            assert same(row[code], estimate(files, row["subject"], code))
    profile = rows_of(book, "维度与指标")
    complete = [r["subject"] for r in files.table("scores") if r["complete"]]
    told = ["总分" if c == "composite" else c for c in codes]
    assert [(r["subject"], r["code"]) for r in profile] == [(s, c) for s in complete for c in told]
    for row, code in zip(profile, codes * len(complete), strict=True):
        row["code"] = code
    alpha = ev.scheme.false_discovery_rate
    for row in profile:
        own = files.one("indicators", subject=row["subject"], code=row["code"], group="all")
        mean = files.one("street_means", code=row["code"], group="all")
        assert same(row["estimate"], own["estimate"])
        assert same(row["se"], own["se"])
        assert row["level"] == LEVELS[own["level"]]
        assert row["street"] == pytest.approx(mean["mean"], abs=1e-9)
        assert row["difference"] == pytest.approx(own["estimate"] - mean["mean"], abs=1e-9)
        way = "高于" if row["difference"] > 0 else "低于"
        assert row["verdict"] == (way if row["p_adjusted"] <= alpha else "尚看不出差别")
        if own["level"] == "composite":
            score = files.one("scores", subject=row["subject"])
            assert (row["low"], row["high"]) == pytest.approx(
                (score["low"], score["high"]), abs=1e-9
            )


def test_findings_are_those_of_the_json_file(files: Files, book: Workbook) -> None:
    expected = [
        {**f, "subject": e["subject"], "subject_name": e["name"], "kind": KINDS[f["kind"]]}
        for e in files.json("findings")
        for f in e["findings"]
    ]
    found = rows_of(book, "发现")
    assert len(found) == len(expected) > 20
    for row, own in zip(found, expected, strict=True):
        for key, value in row.items():
            assert same(value, own[key]), key


def drawn(text: str) -> tuple[int, int, int]:
    """Where an interval's ends and value stand in its picture."""
    marked = [at for at, sign in enumerate(text) if sign != " "]
    return marked[0], text.index("o"), marked[-1]


@pytest.mark.parametrize("title", ["名次", "总表", "得分"])
def test_pictures_of_intervals_are_to_scale(files: Files, book: Workbook, title: str) -> None:
    rows = [r for r in rows_of(book, title) if r["score"] is not None]
    key = "score_picture" if title == "得分" else "rank_picture"
    names = (
        ("low", "score", "high")
        if title == "得分"
        else ("rank_low_joint", "rank", "rank_high_joint")
    )
    if title == "得分":
        first = 5 * (min(r["low"] for r in rows) // 5)
        last = -5 * (-max(r["high"] for r in rows) // 5)
    else:
        first, last = 1, len(rows)
    for r in rows:
        expected = [round((r[n] - first) / (last - first) * 35) for n in names]
        assert len(r[key]) == 36
        low, middle, high = drawn(r[key])
        assert [low, middle, high] == expected
        inner = set(r[key][low + 1 : high]) - {"o"}
        assert inner <= {"-"}
        assert r[key][low] in "[o"
        assert r[key][high] in "]o"


# --- what was read --------------------------------------------------------------------------

REPORTED = ["导入文件", "剔除的行", "未用的列", "不认识的值", "未匹配的名称", "文件提示"]


@pytest.mark.parametrize("name", ["results.xlsx", "import-report.xlsx"])
def test_what_became_of_every_row_is_the_import_reports(
    files: Files, book: Workbook, name: str
) -> None:
    own = book if name == "results.xlsx" else openpyxl.load_workbook(files.folder / name)
    if name == "import-report.xlsx":
        assert own.sheetnames == ["说明", "列说明", *REPORTED]
    report = files.json("import-report")
    rows = rows_of(own, "导入文件")
    assert len(rows) == len(report) > 5
    rejections = []
    for row, r in zip(rows, report, strict=True):
        for key in ("wave", "file", "sha256"):
            assert same(row[key], r[key])
        assert row["questionnaire"] == files.evaluation.questionnaires[r["questionnaire"]].title
        assert row["platform"] == {"wenjuanxing": "问卷星"}.get(r["platform"], row["platform"])
        assert row["variant"] == {"text": "按文字", "number": "按序号", "score": "按分值"}.get(
            r["variant"]
        )
        assert (row["rows_read"], row["rows_kept"]) == (r["rows_read"], r["rows_kept"])
        assert row["rejected"] == len(r["rejections"]) == r["rows_read"] - r["rows_kept"]
        counted = Counter(x["reason"] for x in r["rejections"])
        parts = (row["why"] or "").split("；") if row["why"] else []
        assert sorted(parts) == sorted(
            f"{meanings.reasons(Words())[c]} {n}" for c, n in counted.items()
        )
        rejections += [
            (
                r["wave"],
                r["file"],
                x["row"],
                meanings.reasons(Words())[x["reason"]],
                x["detail"] or None,
            )
            for x in r["rejections"]
        ]
    found = [tuple(r.values()) for r in rows_of(own, "剔除的行")]
    assert found == rejections
    assert rejections
    columns = [
        (r["wave"], r["file"], what, column)
        for r in report
        for what, key in (("未对应", "unmapped_columns"), ("已丢弃", "dropped_columns"))
        for column in r[key]
    ]
    assert [tuple(r.values()) for r in rows_of(own, "未用的列")] == columns
    values = [(r["wave"], r["file"], *value) for r in report for value in r["unknown_values"]] or [
        ("（没有）", None, None, None, None)
    ]
    assert [tuple(r.values()) for r in rows_of(own, "不认识的值")] == values
    unmatched = [
        (r["wave"], r["file"], value, n, "、".join(near) or None)
        for r in report
        for value, n, near in r["unmatched"]
    ] or [("（没有）", None, None, None, None)]
    assert [tuple(r.values()) for r in rows_of(own, "未匹配的名称")] == unmatched
    noted = [
        (r["wave"], r["file"], n["message"], n["count"]) for r in report for n in r["notes"]
    ] or [("（没有）", None, None, None)]
    assert [tuple(r.values()) for r in rows_of(own, "文件提示")] == noted


def test_the_first_sheet_tells_counts_mean_reliability_and_rows(
    files: Files, book: Workbook
) -> None:
    report, scores = files.json("import-report"), files.table("scores")
    complete = [r for r in scores if r["complete"]]
    mean = files.one("street_means", code="composite", group="all")["mean"]
    told = {row[0]: row[1] for row in book["说明"].iter_rows(values_only=True) if row[0]}
    n_read, kept = sum(r["rows_read"] for r in report), sum(r["rows_kept"] for r in report)
    assert told["答卷"] == (
        f"{len(report)} 个文件，读入 {n_read:,} 行，有效 {kept:,} 行，剔除 {n_read - kept:,} 行（各批次合计）"
    )
    assert told["居民区"] == (
        f"{len(scores)} 个，其中完整、参加排名的 {len(complete)} 个；街道平均 {fixed(mean)} 分"
    )
    reliability = files.json("reliability")["reliability"]
    assert told["得分的可靠程度"].startswith(f"{fixed(reliability, 2)}（")
    assert told["数据指纹"] == files.json("manifest")["fingerprint"]
    for title in book.sheetnames[1:]:
        line = next(r for r in book["说明"].iter_rows(values_only=True) if r[0] == title and r[2])
        empty = book[title]["A3"].value == "（没有）"
        assert line[1] == (0 if empty else book[title].max_row - 2)


def test_notes_travel_with_the_workbook(files: Files, book: Workbook) -> None:
    rows = rows_of(book, "提示")
    notes = files.evaluation.notes
    assert [(r["where"] or "", r["count"]) for r in rows] == [(n.where, n.count) for n in notes]
    assert not {n.code.value for n in notes} & {value for r in rows for value in r.values()}
    assert len(notes) > 3


CODES = re.compile(r"[a-z]+(?:[_-][a-z]+)*")
"""What a code looks like: small letters in one piece."""


def test_no_code_stands_in_a_cell_that_people_read(files: Files, book: Workbook) -> None:
    """Keys that lead to another table, what a street called its questions, and file names are no codes of ours."""
    keys = {
        "subject",
        "item",
        "record",
        "suggestion",
        "file",
        "where",
        "column",
        "value",
        "encoding",
    }
    found, told = set(), set()
    for sheet in book.worksheets[2:]:
        names, *rows = sheet.iter_rows(2, values_only=True)
        told.update(value for row in rows for value in row)
        found |= {
            (sheet.title, name, value)
            for row in rows
            for name, value in zip(names, row, strict=True)
            if name not in keys and isinstance(value, str) and CODES.fullmatch(value)
        }
    assert found == set()
    assert len(told) > 100
    assert not told & {"无显著差异", "无显著变化", "无明显变化"}
