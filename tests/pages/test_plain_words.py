"""The field's words stand in the technical note, the manual and the workbook; elsewhere, leaders' words."""

from __future__ import annotations

import re

import pytest

from evalkit import publication
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Paper
from tests.pages import published
from tests.pages.conftest import pages_of
from tests.pages.reading import read

FIELD = (
    "显著", "置信", "信度", "标准误", "收缩", "多重比较", "校正", "名次区间", "倾向", "p 值", "p值", "方差",
    "Holm", "Benjamini", "置信区间", "效度", "贝叶斯", "区间", "错报",
)  # fmt: skip
"""What only a statistician reads as it is meant, or another name of what has one: 误差范围, 误报."""
OF_THE_TRADE = ("SHA-256", "模拟误差", "模拟一次", "偶然：", "表头", "编码")
"""What is of files, seeds and luck, and of no use to whoever leads a street."""
WORDS = (
    "误差范围", "抽样误差", "可靠程度", "名次范围", "稳妥得分", "防误报", "苗头", "加权", "关联", "抽样", "偶然",
)  # fmt: skip
"""Words of the trade that leaders are asked to know."""
MOST = 5
"""Of these, on a sheet."""
TECHNICAL = ("technical-note.pdf",)


@pytest.fixture(scope="module")
def papers(request: pytest.FixtureRequest) -> list[Paper]:
    evaluation = published.street("town", request).evaluation
    return [p for p in publication.plan(evaluation) if p.path not in TECHNICAL]


def test_no_page_for_leaders_speaks_the_fields_words(papers: list[Paper]) -> None:
    assert len(papers) > 20
    for paper in papers:
        told = read(paper).whole
        assert [word for word in FIELD if word in told] == [], paper.path


def test_the_report_leaves_files_seeds_and_luck_to_the_technical_note(papers: list[Paper]) -> None:
    (paper,) = (p for p in papers if p.path == "street-report.pdf")
    told = read(paper).whole
    assert [word for word in OF_THE_TRADE if word in told] == []
    assert not re.search(r"名次\D{0,8}\d+ → \d+", told)


def test_nothing_of_the_report_is_high_or_low_without_saying_against_what(
    papers: list[Paper],
) -> None:
    (paper,) = (p for p in papers if p.path == "street-report.pdf")
    texts = [t for part in read(paper).parts for t in part.texts if not t.startswith("▲")]
    assert len(texts) > 50
    assert [
        t
        for t in texts
        if re.search(r"明显[高低]于[，。；]|比上次 ?[+−]\d[\d.]* (?:分|个百分点)，", t)
    ] == []


def counted(text: str) -> list[str]:
    """The words of the trade on a sheet, the longer first: a part of one is none."""
    left, found = "".join(text.split()), []
    for word in sorted(WORDS, key=len, reverse=True):
        if word in left:
            found.append(word)
            left = left.replace(word, "")
    return found


@pytest.mark.parametrize("path", ["street-report.pdf", "diagnosis/s03.pdf"])
def test_no_sheet_asks_for_more_than_five_words_of_the_trade(
    path: str, papers: list[Paper]
) -> None:
    (paper,) = (p for p in papers if p.path == path)
    for number, text in enumerate(pages_of(printing.press(paper)), start=1):
        assert len(counted(text)) <= MOST, (number, counted(text))
