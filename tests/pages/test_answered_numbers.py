"""The appendix on who answered, against the files that were read and the rows that were written."""

from __future__ import annotations

from collections import Counter

import pytest

from evalkit.pages import street
from evalkit.tables import Evaluation
from tests.pages import published, town
from tests.pages.reading import Files, Part, percent, read

TITLE = "附表：谁回答了"


@pytest.fixture(scope="module")
def files(request: pytest.FixtureRequest) -> Files:
    return published.street("town", request)


@pytest.fixture(scope="module")
def part(files: Files) -> Part:
    return read(street.plan(files.evaluation)).part(TITLE)


def test_issued_returned_and_valid_are_those_of_order_and_files(files: Files, part: Part) -> None:
    reports = [r for r in files.json("import-report") if r["wave"] == "2016"]
    issued = {"重点居民": 820, "随机居民": 637, "科室": 90}
    for row, report in zip(part.tables[0].rows, reports, strict=True):
        kept, sent = report["rows_kept"], issued[row[0]]
        assert row[1:5] == [str(sent), str(report["rows_read"]), str(kept), percent(kept / sent)]
    # committees' random answers: 36 less the committee's place, eight of one
    counts = [8 if i == town.FEW_RANDOM else 36 - at for at, i in enumerate(town.COMMITTEES)]
    assert part.tables[0].rows[1][5] == f"<10 至 {max(counts)}"
    assert part.tables[0].rows[1][6] == str(sorted(counts)[len(counts) // 2])


def test_residents_by_age_are_those_who_wrote_it(files: Files, part: Part) -> None:
    (table,) = part.tables[1:]
    rows = table.rows
    assert table.caption == "您的年龄"
    for column, group in ((1, "key"), (3, "random")):
        told = town.residents(2016, group)
        if group == "random":
            told = told[:-2]  # one lives elsewhere, one was pasted twice
        ages = Counter(row[-1] for row in told)
        assert [row[column] for row in rows] == [str(ages[age]) for age in town.AGES]
        shares = [percent(ages[age] / len(told)) for age in town.AGES]
        assert [row[column + 1] for row in rows] == shares
        found = files.where("composition", group=group)
        assert [int(row["n"]) for row in found] == [ages[age] for age in town.AGES]


def test_it_says_what_is_missing_and_why(evaluation: Evaluation, part: Part) -> None:
    assert "人口构成表" in part.text
    bare = read(street.plan(evaluation))
    assert TITLE not in [one.title for one in bare.parts]
    assert "列不出受访者构成" in bare.part("做了什么").text
