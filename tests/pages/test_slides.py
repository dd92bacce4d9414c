"""Slides for the meeting: the report's sentences, and charts whose numbers are those of the files."""

from __future__ import annotations

import io
import math
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pptx
import pytest
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.util import Emu

from evalkit.definitions.checklist import Task
from evalkit.errors import Problems, RenderError
from evalkit.files.reading import read_sheets
from evalkit.pages import slides, street
from evalkit.pages.press import packaging
from evalkit.pages.press import slides as press
from evalkit.pages.press.deck import Bars, Deck, Floats, Grid, Image, Reach, Series, Slide
from evalkit.pages.press.planned import Paper
from evalkit.pages.slides.numbers import form_of, number
from evalkit.pages.telling import tasks as telling
from evalkit.tables import Evaluation
from tests.deciding import with_decided
from tests.pages.reading import fixed, signed
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

MARK = "evalkit:b57e432c1608a5aad426db2a7cd80dee:2016/slides.pptx"
HOSTILE = ('=HYPERLINK("http://x")', "<a:t>", "]]>", "+1", "@SUM(1)", "响\x07")


@pytest.fixture(scope="module")
def report(evaluation: Evaluation) -> Paper:
    return street.plan(evaluation)


@pytest.fixture(scope="module")
def deck(evaluation: Evaluation, report: Paper) -> Deck:
    return replace(slides.plan(evaluation, report), mark=MARK)


@pytest.fixture(scope="module")
def data(deck: Deck) -> bytes:
    return press.write(deck)


def opened(data: bytes) -> Any:
    return pptx.Presentation(io.BytesIO(data))


def texts(page: Any) -> str:
    return "\n".join(shape.text_frame.text for shape in page.shapes if shape.has_text_frame)


def charts(page: Any) -> list[Any]:
    return [shape.chart for shape in page.shapes if shape.has_chart]


def page_of(data: bytes, deck: Deck, kind: type, at: int = 0) -> tuple[Any, Slide]:
    found = [n for n, slide in enumerate(deck.slides) if isinstance(slide.body, kind)]
    return opened(data).slides[found[at] + 1], deck.slides[found[at]]


def workbook(chart: Any, folder: Any) -> list[list[Any]]:
    """The sheet behind a chart, as the project's own reader finds it."""
    path = folder / "book.xlsx"
    path.write_bytes(chart.part.chart_workbook.xlsx_part.blob)
    sheets = read_sheets(path, path.name, problems := Problems())
    assert not list(problems)
    assert sheets is not None
    return [list(row) for row in sheets["Sheet1"].rows]


def test_there_are_ten_to_twelve_slides_each_with_a_title_one_body_and_notes(
    data: bytes, deck: Deck
) -> None:
    pages = list(opened(data).slides)
    assert 10 <= len(pages) <= 12
    assert [page.shapes.title.text for page in pages] == [
        deck.cover[0], *(slide.title for slide in deck.slides)
    ]  # fmt: skip
    for number_, page in enumerate(pages, start=1):
        assert page.notes_slide.notes_text_frame.text.strip()
        assert f"{number_} / {len(pages)}" in texts(page)
        assert "模拟数据" in texts(page)
        for shape in page.shapes:
            assert shape.left >= 0
            assert shape.left + shape.width <= Emu(12_192_000)
            assert shape.top + shape.height <= Emu(6_858_000)


def test_a_picture_is_where_one_was_planned(data: bytes, deck: Deck) -> None:
    planned = [isinstance(slide.body, Image) for slide in deck.slides]
    found = [
        any(shape.shape_type == MSO_SHAPE_TYPE.PICTURE for shape in page.shapes)
        for page in list(opened(data).slides)[1:]
    ]
    assert found == planned
    assert any(planned)


def test_titles_are_the_takeaways_of_the_report(report: Paper, deck: Deck) -> None:
    sections = report.context["sections"]
    takeaways = "".join(section.takeaway for section in sections)
    borrowed = [slide.title for slide in deck.slides if slide.title in takeaways]
    assert len(borrowed) >= 4
    said = [note for slide in deck.slides for note in slide.notes]
    for slide in deck.slides:
        assert slide.title.count("。") == 1
        assert slide.title.endswith("。")
    assert any(section.takeaway in said for section in sections)


def test_scores_between_their_ends_are_those_of_the_evaluation(
    evaluation: Evaluation, data: bytes, deck: Deck, tmp_path: Any
) -> None:
    page, _ = page_of(data, deck, Floats, at=1)
    table = evaluation.current.scores.table.set_index("name")
    seen: dict[str, tuple[float, float, float]] = {}
    for chart in charts(page):
        rows = workbook(chart, tmp_path)
        assert rows[0][-3:] == ["得分或变化", "误差范围下端", "误差范围上端"]
        plot = chart.plots[0]
        assert [row[0] for row in rows[1:]] == list(plot.categories)
        for at, row in enumerate(rows[1:]):
            parts = [series.values[at] for series in plot.series]
            assert parts == [float(value) for value in row[1 : len(parts) + 1]]
            name, _, printed = str(row[0]).partition("　")
            value, low, high = map(float, row[-3:])
            assert printed == fixed(value)
            if low != high:
                assert math.isclose(parts[0], low)
                assert math.isclose(sum(parts), high, abs_tol=0.15)
            seen[name] = (value, low, high)
    for name, score in table["score"].dropna().items():
        expected = (score, table.at[name, "low"], table.at[name, "high"])
        assert seen.pop(str(name)) == tuple(float(f"{one:.1f}") for one in expected)
    assert list(seen) == ["街道平均"]


def test_changes_below_nothing_are_drawn_to_the_left(
    evaluation: Evaluation, data: bytes, deck: Deck, tmp_path: Any
) -> None:
    page, _ = page_of(data, deck, Floats, at=2)
    (chart,) = charts(page)
    changes = evaluation.current.changes
    assert changes is not None
    own = changes.table.set_index("name")["relative_change"]
    for at, row in enumerate(workbook(chart, tmp_path)[1:]):
        name, _, printed = str(row[0]).partition("　")
        assert printed == signed(own[name])
        value, low, high = map(float, row[-3:])
        assert value == float(f"{own[name]:.1f}")
        parts = [float(series.values[at]) for series in chart.plots[0].series]
        up, down = sum(part for part in parts if part > 0), sum(part for part in parts if part < 0)
        assert math.isclose(up, max(high, 0.0), abs_tol=0.2)
        assert math.isclose(down, min(low, 0.0), abs_tol=0.2)


def test_bars_are_the_shares_means_and_needs_that_the_report_prints(
    evaluation: Evaluation, data: bytes, deck: Deck, tmp_path: Any
) -> None:
    own = evaluation.satisfaction
    whole = own[(own["subject"] == "*") | (own["by"] != "*")]
    shares = {round(100 * share, places) for share in own["share"] for places in (0, 1)}
    means = {round(mean, 1) for mean in evaluation.street_means["mean"].dropna()}
    means |= {round(mean, 1) for mean in evaluation.street_means["previous"].dropna()}
    ticked = {round(100 * share) for share in evaluation.needs.table["share"]}
    shares |= {round(100 * share, 1) for share in own["previous"].dropna()}
    assert len(whole)
    for at in range(sum(isinstance(slide.body, Bars) for slide in deck.slides)):
        page, slide = page_of(data, deck, Bars, at)
        (chart,) = charts(page)
        book = workbook(chart, tmp_path)
        assert isinstance(slide.body, Bars)
        for column, (series, planned) in enumerate(
            zip(chart.plots[0].series, slide.body.series, strict=True), start=1
        ):
            assert series.name == planned.name == book[0][column]
            assert list(series.values) == list(planned.values)
            assert [float(row[column]) for row in book[1:]] == list(planned.values)
            assert {float(value) for value in planned.values if value is not None} <= (
                shares | means | ticked
            )


def test_the_streets_tasks_are_those_of_the_report(report: Paper, data: bytes, deck: Deck) -> None:
    summary = report.context["sections"][0]
    tables = [
        [[cell.text for cell in row.cells] for row in shape.table.rows]
        for page in opened(data).slides
        for shape in page.shapes
        if shape.has_table
    ]
    expected = [[f"{r['need']}（{r['kind']}）" if r["kind"] else r["need"], r["what"] or "由牵头部门提出办法", r["who"], r["by"]]
                for r in summary.tasks.rows]  # fmt: skip
    assert not expected or any(rows[1:] == expected for rows in tables)
    assert isinstance(next(s.body for s in deck.slides if isinstance(s.body, Grid)), Grid)


def test_the_same_deck_gives_the_same_bytes_of_one_date(deck: Deck, data: bytes) -> None:
    assert press.write(deck) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        names = archive.namelist()
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert names[1:] == sorted(names[1:])
        assert not [n for n in names if "printer" in n or "thumbnail" in n]
        books = [archive.read(n) for n in names if n.endswith(".xlsx")]
    for book in books:
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
            assert deck.created.encode() in archive.read("docProps/core.xml")
    assert opened(data).core_properties.identifier == MARK


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str, tmp_path: Any) -> None:
    shown = text.replace("\x07", "\N{REPLACEMENT CHARACTER}")
    bars = Bars([text, "乙"], [Series(text, [1.0, None], "155A8A")], "0", (0.0, 10.0))
    reaches = [Reach(text, 1.0, 2.0, 3.0, "155A8A")]
    body = (bars, Grid((text,), [(text,)], (1,)), Floats(reaches, [(text, "155A8A")], (0.0, 5.0)))
    pages = [Slide(text, one, text, [text]) for one in body]
    found = opened(press.write(Deck("s.pptx", text, text, text, "", "", [text], pages)))
    for page in list(found.slides)[1:]:
        assert page.shapes.title.text == shown
        assert page.notes_slide.notes_text_frame.text == shown
    (chart,) = charts(found.slides[1])
    assert next(iter(chart.plots[0].categories)) == shown
    assert workbook(chart, tmp_path)[1][0] == shown


def test_a_formula_behind_a_chart_is_refused(data: bytes) -> None:
    def with_formula(book: bytes) -> bytes:
        with zipfile.ZipFile(io.BytesIO(book)) as archive:
            parts = {n: archive.read(n) for n in archive.namelist()}
        sheet = parts["xl/worksheets/sheet1.xml"]
        parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"<v>", b"<f>1+1</f><v>", 1)
        return packaging.zipped(parts)

    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts: Mapping[str, bytes] = {
            n: with_formula(archive.read(n)) if n.endswith(".xlsx") else archive.read(n)
            for n in archive.namelist()
        }
    with pytest.raises(RenderError, match=r"sheet1\.xml（f）"):
        packaging.sealed("slides.pptx", packaging.zipped(parts), "")


def test_a_street_of_which_little_is_known_has_slides_of_what_is_known() -> None:
    bare = made_up(Street(count=4, waves=("2016",), needs=False, overall=False, library=False))
    order = bare.order.model_copy(update={"synthetic": False})
    bare = with_decided(bare, order=order)
    made = slides.plan(bare, street.plan(bare))
    found = list(opened(press.write(made)).slides)
    assert len(found) == len(made.slides) + 1
    told = "".join(texts(page) for page in found)
    for never in ("总体满意率", "居民所盼", "比上次", "模拟", "None", "nan"):
        assert never not in told
    assert all(page.shapes.title.text for page in found)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("88.2%", 88.2),
        ("−3.0 ▼", -3.0),
        ("+4", 4.0),
        ("—", None),
        ("<5", None),
        ("1,234 人", 1234.0),
    ],
)
def test_a_printed_number_is_read_back(text: str, read: float | None) -> None:
    assert number(text) == read


def test_one_form_is_given_only_where_it_prints_every_number_as_the_report_does() -> None:
    assert form_of(["88.2%", "—", "90.0%＊"], "%") == '0.0"%"'
    assert form_of(["88%", "90%"], "%") == '0"%"'
    assert form_of(["88.2", "9.0"], "") == "0.0"
    assert form_of(["88.2%", "90%"], "%") == ""
    assert form_of(["—"], "%") == ""


def test_slides_are_ten_to_twelve_and_a_table_stays_above_its_source(
    deck: Deck, data: bytes
) -> None:
    pages = list(opened(data).slides)
    assert len(pages) == len(deck.slides) + 1 <= 12
    tables = [shape for page in pages for shape in page.shapes if shape.has_table]
    assert tables
    for shape in tables:
        assert shape.top + sum(row.height for row in shape.table.rows) <= press.BELOW


@pytest.mark.parametrize(
    ("length", "size", "lines"),
    [(20, 16, 1), (27, 16, 2), (396, 16, 15), (397, 14, 14), (513, 13, 16), (618, 12, 18)],
)
def test_the_type_of_a_table_shrinks_until_its_lines_have_room(
    length: int, size: int, lines: int
) -> None:
    # Half of 11,094,720 EMU less two margins of 91,440 is 422.4 points: 26 signs of 16 points;
    # of 360 points of height the header takes 30.25, a cell's margins 9.45, a line 20.8: 15 lines.
    shape = opened(press.write(table_of("区" * length))).slides[1]
    table = next(one.table for one in shape.shapes if one.has_table)
    assert table.cell(1, 1).text_frame.paragraphs[0].runs[0].font.size.pt == size
    assert table.rows[1].height >= 120_000 + round(1.3 * size * 12_700 * lines)


def table_of(text: str) -> Deck:
    slide = Slide(title="表", body=Grid(("项", "话"), [("甲", text)], (50, 50)), below="", notes=[])
    return Deck(path="s.pptx", title="表", subject="表", author="街", created="2016-01-01",
                synthetic="", cover=["表"], slides=[slide], notes=[])  # fmt: skip


def test_what_must_not_wait_stands_first_on_the_slide_of_tasks(
    evaluation: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [s.name for s in evaluation.roster.subjects]
    urgent = [
        Task(
            "1",
            "a",
            name,
            "同步办",
            "平安有序",
            "",
            "巡查",
            "治保主任",
            "立即动手，30 天内办完",
            "",
        )
        for name in names[:12]
    ]
    own = [task for task in telling.everything(evaluation) if task.kind != telling.AT_ONCE]
    monkeypatch.setattr("evalkit.pages.street.tasks.everything", lambda _: iter([*urgent, *own]))
    planned = street.plan(evaluation)
    first = planned.context["sections"][0].tasks.rows[0]
    assert (first["need"], first["who"], first["by"]) == (
        "平安有序",
        "治保主任",
        "立即动手，30 天内办完",
    )
    shown = first["evidence"].removesuffix("等 12 个（见“要解决什么”）").split("、")
    assert shown == names[: len(shown)]
    assert 3 <= len(shown) < 12
    assert len(shown) == 3 or sum(map(len, shown)) <= 18
    made = slides.plan(evaluation, planned)
    (grid,) = (
        s.body for s in made.slides if isinstance(s.body, Grid) and "谁办" in s.body.headings
    )
    assert grid.rows[0][0] == "平安有序（同步办）"
    told = "".join(line for s in planned.context["sections"] for line in getattr(s, "lines", ()))
    assert f"平安有序（12 个居民区：{'、'.join(names[:12])}）" in told
    assert "同步办" not in "".join(str(row) for row in telling.of_street(evaluation))


def test_shares_of_residents_stand_between_their_ends(deck: Deck, evaluation: Evaluation) -> None:
    floats = next(slide.body for slide in deck.slides if isinstance(slide.body, Floats))
    own = evaluation.satisfaction
    rows = own[(own["role"] == "overall") & (own["subject"] == "all")]
    assert len(floats.reaches) == len(rows)
    for reach, row in zip(floats.reaches, rows.itertuples(), strict=True):
        places = 1 if row.n >= 200 else 0
        ends = [round(100 * end, places) for end in (row.low, row.share, row.high)]
        assert [reach.low, reach.value, reach.high] == ends
