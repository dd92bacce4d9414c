"""Shares of satisfied residents on the pages, against ``satisfaction.csv``."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from tests.pages import published, shares
from tests.pages.reading import NONE, Files, Page, Row, rows_of


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return published.report(files)


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    return published.diagnoses(files)


# --- the street report ----------------------------------------------------------------------


def test_every_question_stands_with_its_share_interval_and_change(files: Files, page: Page) -> None:
    own = shares.rows_of_all(files)
    assert own[0]["role"] == "overall"
    assert len(own) > 8
    whole, rest = (page.part(name).tables[0] for name in ("居民总体满意率", "各题的满意率"))
    assert [*whole.rows, *rest.rows] == [
        [
            r["name"],
            f"{r['n']:,.0f}",
            shares.share(r),
            shares.reach(r),
            shares.share(r, "acceptable"),
            previous(r),
            shares.change_cell(r, files),
        ]
        for r in own
    ]
    assert (whole.classes, set(rest.classes)) == (["dimension"], {""})
    assert any("▲" in row[-1] for row in rest.rows)
    first = own[0]
    sure = shares.DOWN.get(shares.changed(first, files), "升降尚看不出")
    assert page.part("居民总体满意率").takeaway == (
        f"居民总体满意率 {shares.share(first)}，误差范围 {shares.reach(first)}；{shares.than_before(first)}，{sure}。"
    )


def previous(row: Row) -> str:
    """Marked where it is of other committees than the share."""
    if row["change"] is None:
        return NONE
    return shares.share(row, "previous") + ("" if shares.same(row) else "＊")


def test_the_ends_of_the_questions_are_named_with_their_shares(files: Files, page: Page) -> None:
    own = [r for r in shares.rows_of_all(files) if r["role"] == "scored"]
    high = sorted(own, key=lambda r: -r["share"])
    low = high[::-1]

    def told(rows: list[Row]) -> str:
        return "、".join(f"“{shares.name(r)}”（{shares.share(r)}）" for r in rows[:3])

    assert (
        page.part("各题的满意率").takeaway == f"满意率最高的是{told(high)}；最低的是{told(low)}。"
    )


def test_what_satisfied_means_is_said_with_the_options_own_words(files: Files, page: Page) -> None:
    scheme = files.evaluation.scheme
    sheet = files.evaluation.questionnaires["resident"]
    (item,) = (i for i in sheet.items if i.role == "overall")
    options = [o for o in sheet.options_of(item) if o.score is not None]
    for told, least in (
        (shares.SATISFIED, scheme.satisfied_from),
        (shares.CONTENT, scheme.acceptable_from),
    ):
        assert told == "".join(f"“{o.label}”" for o in options if float(o.score or 0) >= least)
    said = page.part("居民总体满意率").texts[1]
    assert said.startswith(shares.meaning())
    assert f"基本满意及以上同样按分值算，在总体满意度一题是选{shares.CONTENT}的。" in said


def test_kinds_of_residents_stand_under_the_question_that_tells_them_apart(
    files: Files, page: Page
) -> None:
    texts = {i.id: i.text for q in files.evaluation.questionnaires.values() for i in q.items}
    own = [r for r in files.table("satisfaction") if r["by"] != "all"]
    assert own
    mark = {"高于": "明显高于全体", "低于": "明显低于全体"}
    rows = []
    for by in dict.fromkeys(r["by"] for r in own):
        rows.append([texts[by]])
        for r in (r for r in own if r["by"] == by):
            assert min(r["share"], 1 - r["share"]) * r["n"] > 9.5, "nobody is told by so few"
            assert r["acceptable"] is None
            rows.append(
                [
                    r["label"],
                    f"{r['n']:,.0f}",
                    shares.share(r),
                    shares.reach(r),
                    shares.share(r, "previous") if r["change"] is not None else NONE,
                    shares.change_cell(r, files),
                    mark.get(shares.against(r, files), ""),
                ]
            )
    if not any(row[-1] for row in rows if len(row) > 1):
        rows = [row[:-1] or row for row in rows]
    told = page.part("居民总体满意率").tables[1].rows
    assert [[cell.strip("　") for cell in row] for row in told] == rows
    told_apart = {row[-1] for row in rows} & set(mark.values())
    assert told_apart or files.evaluation.scheme.id != "town"


# --- diagnoses ------------------------------------------------------------------------------


def test_the_first_box_of_a_diagnosis_is_how_satisfied_its_residents_are(
    files: Files, pages: Mapping[str, Page]
) -> None:
    said = {
        "高于": "，明显高于",
        "低于": "，明显低于",
        "无显著差异": "，分不出",
        "未检验": "",
    }
    seen = set()
    for row in files.table("ranking"):
        own = shares.overall(files, row["subject"])
        assert own is not None
        verdict, moved = shares.against(own, files), shares.changed(own, files)
        expected = [
            "总体满意率",
            shares.share(own),
            f"误差范围 {shares.reach(own)}",
            f"全街道 {shares.share(own, 'street')}{said[verdict]}",
        ]
        if moved:
            sure = shares.DOWN.get(moved, "升降尚看不出")
            expected += [f"比上次 {shares.points(own)} 个百分点", f"（{sure}）"]
        texts = pages[row["subject"]].part("总评").texts
        assert texts[1 : 1 + len(expected) + 1] == [*expected, "综合得分"]
        seen |= {verdict, moved}
    assert {"高于", "无显著差异", "无显著变化"} <= seen


def test_every_question_stands_beside_the_street_the_lowest_first(
    files: Files, pages: Mapping[str, Page]
) -> None:
    marks: set[str] = set()
    for row in files.table("scores"):
        own = shares.rows_of_all(files, row["subject"])
        if not own:
            continue
        others = [r for r in own if r["role"] == "scored"]
        others.sort(key=lambda r: r["share"] - r["street"])
        ordered = [*(r for r in own if r["role"] == "overall"), *others]
        part = pages[row["subject"]].part("谁怎么说")
        (chart,) = (c for c in part.charts if c.options.get("title") == "满意率（%）")
        assert chart.figure == "groups"
        found = rows_of(chart, ("group", "n", "estimate", "low", "high", "street"))
        for told, r in zip(found, ordered, strict=True):
            mark = {"高于": "▲ ", "低于": "▼ "}.get(shares.against(r, files), "")
            assert told[:2] == (mark + shares.name(r), r["n"])
            expected = [100 * r[c] for c in ("share", "low", "high", "street")]
            assert told[2:] == pytest.approx(expected, abs=1e-9)
            marks.add(mark)
        assert chart.options["unit"] == "人"
        assert chart.options["decimals"] == min(shares.decimals(r) for r in own)
        first = "；".join(
            f"{shares.name(r)} {shares.share(r)}，全街道 {shares.share(r, 'street')}"
            for r in others[:2]
        )
        assert (
            f"{row['name']}各题的满意率及误差范围，与全街道对照，从低得最多的排起：{first}"
            in part.texts
        )
        (said,) = (t for t in part.texts if t.startswith(shares.meaning()))
        assert "总体满意度在前，其余按比全街道低得多少排" in said
    assert marks == {"▲ ", "▼ ", ""}


def test_no_question_shows_another_committees_share(
    files: Files, pages: Mapping[str, Page]
) -> None:
    for row in files.table("scores"):
        own = {r["n"] for r in shares.rows_of_all(files, row["subject"])}
        for chart in pages[row["subject"]].charts:
            if chart.options.get("title") == "满意率（%）":
                assert set(chart.frame["n"]) <= own
