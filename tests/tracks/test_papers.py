"""What a person's and a committee's papers of a track say: in plain words, each thing once."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evalkit.pages import persons
from evalkit.pages.persons import committee
from evalkit.pages.persons.known import Known
from evalkit.pages.press.planned import Paper
from tests.pages.reading import Page, fixed, read
from tests.tracks.conftest import Made

FIELD = ("标准误", "区间", "信度", "1 为全部", "方差", "显著")
"""What a worker or a secretary need not know."""
SURE = 1.959964


@pytest.fixture(scope="module")
def papers(made: Made) -> dict[str, Paper]:
    return {paper.path: paper for paper in persons.plan_all(made.workers)}


@pytest.fixture(scope="module")
def own(papers: dict[str, Paper]) -> Page:
    return read(papers["person/gh11.pdf"])


def test_no_paper_of_a_person_or_committee_speaks_the_fields_words(
    papers: dict[str, Paper],
) -> None:
    seen = {path.partition("/")[0] for path in papers}
    assert seen == {"person", "committee"}
    for path, paper in papers.items():
        told = read(paper).whole
        assert [word for word in FIELD if word in told] == [], path
        assert ("可靠程度" in told) == path.startswith("committee/"), (
            "a worker needs the error alone"
        )


def test_a_score_is_high_or_low_only_where_it_is_so_beyond_its_error(made: Made, own: Page) -> None:
    table = made.workers.current.scores.indicators
    table = table[(table["group"] == "all") & (table["level"] == "indicator")]
    mine = table[table["subject"] == "gh11"].set_index("code")
    means = table.groupby("code")["estimate"].mean()
    rows = []
    for indicator in made.workers.scheme.indicators:
        estimate, se = mine.loc[indicator.code, ["estimate", "se"]]
        apart = estimate - means[indicator.code]
        told = "分不出" if abs(apart) <= SURE * se else "高" if apart > 0 else "低"
        rows.append(
            [
                indicator.name,
                fixed(estimate),
                f"± {fixed(SURE * se)}",
                fixed(means[indicator.code]),
                told,
            ]
        )
    assert own.part("各项评分（不计同事互评）").tables[0].rows == rows


def test_head_and_foot_name_the_same_readers(papers: dict[str, Paper]) -> None:
    for paper in papers.values():
        html = read(paper).html
        (head,) = re.findall(r'data-running="[^"]*· 只给([^"]*)"', html)
        (foot,) = re.findall(r"这份结果只给(?:您)?([^，。]*书记和主管科室)", html)
        assert head == foot.replace("、本居民区书记", "、本居民区书记")


@pytest.mark.parametrize(
    ("ahead", "told"),
    [
        ({}, "5 人，数据分不出任何两人的先后。"),
        (
            {"gh11": "gh13;gh14", "gh12": "gh13;gh14"},
            "gh11、gh12 高于 gh13、gh14。其余 6 对分不出先后。",
        ),
        ({"gh11": "gh13;gh14", "gh12": "gh14"}, "gh11 高于 gh13、gh14；gh12 高于 gh14。其余 7 对"),
    ],
)
def test_who_is_ahead_of_the_same_is_told_once(
    made: Made, ahead: dict[str, str], told: str
) -> None:
    known = Known.of(made.workers)
    rows = {p: {**row, "ahead_of": ahead.get(p)} for p, row in known.persons.items()}
    changed = replace(known, persons=rows)
    assert told in committee._apart(changed, changed.of_unit("s1"))
