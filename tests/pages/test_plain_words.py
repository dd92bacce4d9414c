"""The field's words stand in the technical note, the manual and the workbook; elsewhere, leaders' words."""

from __future__ import annotations

import pytest

from evalkit import publication
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Paper
from tests.pages import published
from tests.pages.conftest import pages_of
from tests.pages.reading import read

FIELD = (
    "显著", "置信", "信度", "标准误", "收缩", "多重比较", "校正", "名次区间", "倾向", "p 值", "p值", "方差",
    "Holm", "Benjamini", "置信区间", "效度", "贝叶斯",
)  # fmt: skip
"""What only a statistician reads as it is meant."""
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
