"""The finished diagnosis, read back with another library."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
import weasyprint

from evalkit.pages import diagnosis
from evalkit.pages.press import printing
from evalkit.pages.press import wording as say
from evalkit.pages.press.printing import Pressed
from evalkit.tables import Evaluation
from tests.pages.conftest import pages_of, read, text_of, words
from tests.pages.synthetic import NAMES, Street
from tests.pages.synthetic import evaluation as made_up

LONG = "龘㛃里中山北路第二十四居民住宅小区东区"


def test_it_shows_its_own_id_score_and_rank(diagnosed: Pressed, evaluation: Evaluation) -> None:
    text = text_of(diagnosed)
    row = evaluation.waves["2016"].ranking.table.set_index("subject").loc["CS002"]
    assert "编号CS002" in text
    assert f"{say.fixed(row['score'])}分" in text
    assert words(say.place(row["rank"])) in text
    assert words(say.places(row["rank_low_joint"], row["rank_high_joint"])) in text


def test_it_shows_nobody_elses_id_or_interval(diagnosed: Pressed, evaluation: Evaluation) -> None:
    text = text_of(diagnosed)
    assert set(re.findall(r"CS\d{3}", text)) == {"CS002"}
    table = evaluation.waves["2016"].scores.table
    own = table["subject"] == "CS002"
    intervals = [say.interval(a, b) for a, b in zip(table["low"], table["high"], strict=True)]
    for interval in {i for i, mine in zip(intervals, own, strict=True) if not mine}:
        if interval not in {i for i, mine in zip(intervals, own, strict=True) if mine}:
            profile = evaluation.diagnosis("CS002").profile
            elsewhere = {
                say.interval(a, b) for a, b in zip(profile["low"], profile["high"], strict=True)
            }
            assert interval in elsewhere or interval not in text


def test_sections_stand_in_reading_order(diagnosed: Pressed) -> None:
    text = text_of(diagnosed)
    order = ["长寿新村", "总评", "优势", "短板", "先做的几件事"]
    order += ["画像：", "位置与变化", "谁怎么说", "居民盼什么", "处方：", "数据与方法以上结论"]
    places = [text.index(word) for word in order]
    assert places == sorted(places)


def test_it_is_tagged_titled_and_in_chinese(diagnosed: Pressed) -> None:
    reader = read(diagnosed)
    root = reader.trailer["/Root"]
    assert root["/Lang"] == "zh-CN"
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert "pdfuaid:part" in root["/Metadata"].get_data().decode()
    assert reader.metadata.title == "长寿新村诊断书（2016年度）"
    assert str(reader.metadata.creation_date).startswith("2016-10-31")


def test_it_has_bookmarks(diagnosed: Pressed) -> None:
    def titles(outline: list[Any]) -> Iterator[str]:
        for entry in outline:
            if isinstance(entry, list):
                yield from titles(entry)
            else:
                yield entry.title

    found = list(titles(read(diagnosed).outline))
    assert found[0].startswith("长寿新村")
    sections = (
        "总评",
        "画像：与街道平均相比",
        "位置与变化",
        "谁怎么说",
        "居民盼什么",
        "处方：先做什么",
        "数据与方法",
    )
    assert [title for title in found if title in sections] == list(sections)


def test_charts_have_words_for_those_who_do_not_see_them(diagnosed: Pressed) -> None:
    reader = read(diagnosed)
    figures = [
        entry
        for number in range(1, reader.trailer["/Size"])
        if isinstance(entry := reader.get_object(number), dict) and entry.get("/S") == "/Figure"
    ]
    assert len(figures) == 6
    assert all(len(figure["/Alt"]) > 10 for figure in figures)


def test_every_page_says_that_the_data_are_simulated(diagnosed: Pressed) -> None:
    assert all("模拟数据" in page for page in pages_of(diagnosed))


def test_real_data_carry_no_such_mark() -> None:
    pressed = printing.press(diagnosis.plan(made_up(Street(count=3, synthetic=False)), "CS001"))
    assert "模拟数据" not in text_of(pressed)


def test_pages_are_numbered_and_carry_name_and_wave(diagnosed: Pressed) -> None:
    pages = pages_of(diagnosed)
    for number, page in enumerate(pages, start=1):
        text = words(page)
        assert f"第{number}页，共{len(pages)}页" in text
        assert "长寿新村·2016年度诊断书" in text


def test_only_embedded_fonts_are_used_the_systems_or_their_smaller_copies(
    diagnosed: Pressed,
) -> None:
    for page in read(diagnosed).pages:
        for font in page["/Resources"]["/Font"].values():
            own = font["/DescendantFonts"][0].get_object()
            assert re.fullmatch(
                r"/[A-Z]{6}\+(?:Noto-(?:Sans|Serif)-CJK-SC|Papers-(?:Sans|Serif)).*",
                own["/BaseFont"],
            )
            assert "/FontFile3" in own["/FontDescriptor"]


# --- pages as laid out ---

HARD = {
    "ordinary": (Street(mean=89.0), "CS002"),
    "many findings": (Street(between=8.0, noise=0.2, mean=80.0), "CS010"),
    "long name": (Street(mean=89.0, noise=0.5, names=[LONG, *NAMES[1:]]), "CS001"),
    "first wave": (Street(count=12, waves=("2016",), mean=89.0), "CS004"),
    "three": (Street(count=3, mean=89.0), "CS002"),
    "many": (Street(count=120, mean=89.0), "CS050"),
    "few answers": (Street(count=12, mean=89.0, few={3: "random"}), "CS004"),
    "only cells": (Street(count=12, mean=89.0, needs=False, assured=False), "CS004"),
    "all at 100": (Street(count=12, constant=100.0), "CS003"),
    "no overall question": (Street(count=12, mean=89.0, overall=False), "CS003"),
}


def boxes(page: weasyprint.Page) -> Iterator[Any]:
    """Boxes of the page's content that put ink on it; margin boxes left aside."""
    html = page._page_box.children[0]
    for box in html.descendants():
        if getattr(box, "text", "").strip() or type(box).__name__.endswith("ReplacedBox"):
            yield box


@pytest.mark.parametrize("case", HARD)
def test_nothing_overflows_and_no_page_is_half_empty(case: str) -> None:
    street, subject = HARD[case]
    plan = diagnosis.plan(made_up(street), subject)
    document = printing.lay_out(plan, printing.fill(plan))
    assert len(document.pages) <= 6
    second = "".join(getattr(box, "text", "") for box in boxes(document.pages[1]))
    assert words(second).startswith("画像"), "the verdict stands on one page"
    for number, page in enumerate(document.pages):
        area = page._page_box
        right = area.content_box_x() + area.width
        bottom = area.content_box_y() + area.height
        placed = list(boxes(page))
        assert max(b.position_x + b.width for b in placed) <= right + 1
        lowest = max(b.position_y + b.height for b in placed)
        assert lowest <= bottom + 1
        if number < len(document.pages) - 2:  # the slip begins a sheet of its own
            assert lowest - area.content_box_y() >= 0.5 * area.height


def test_an_incomplete_subject_gets_two_pages_without_score_or_rank() -> None:
    street = made_up(Street(mean=89.0, incomplete={4: ("random",)}))
    pressed = printing.press(diagnosis.plan(street, "CS005"))
    text = text_of(pressed)
    assert pressed.pages <= 2
    assert "缺少随机居民的评分，评估不完整" in text
    assert not re.search(r"第\d+名|综合得分\d", text)
