"""The technical note on how residents answered, against the frame that is published beside it."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.pages import technical
from evalkit.pages.technical import modes
from evalkit.tables import FRAMES, Evaluation, frame
from tests.pages.reading import Part, percent, read

TITLE = "怎样填的"
NAMES = [column.name for column in FRAMES["modes"]]


def made(evaluation: Evaluation, *rows: tuple[object, ...]) -> Evaluation:
    group = next(g.code for g in evaluation.scheme.groups if g.residents)
    table = [(evaluation.wave, group, *row) for row in rows]
    return replace(evaluation, modes=frame("modes", pd.DataFrame(table, columns=NAMES)))


NOTHING = (None, None, None, None, None, None)
PAPER = ("paper", 300, 500, 0.6, *NOTHING)
ONLINE = ("online", 200, 500, 0.4, "paper", 21, -3.26, 1.0, -5.31, -1.21)


@pytest.fixture(scope="module")
def part(evaluation: Evaluation) -> Part:
    return read(technical.plan(made(evaluation, PAPER, ONLINE))).part(TITLE)


def test_the_table_says_what_the_frame_holds(part: Part) -> None:
    (table,) = part.tables
    assert [row[1:5] for row in table.rows] == [
        ["纸质", "300", percent(0.6), "—"],
        ["网上", "200", percent(0.4), "21"],
    ]
    assert table.rows[1][5] == "比纸质 −3.3（−5.3 至 −1.2）"


def test_it_says_what_a_difference_of_those_who_chose_can_mean(part: Part) -> None:
    assert "网上填答的比纸质的平均低 3.3 分" in part.takeaway
    assert "居民自己选的" in part.text
    assert "没有按它调整" in part.text


def test_it_says_so_where_nothing_is_compared(evaluation: Evaluation) -> None:
    alone = modes.section(made(evaluation, ("paper", 300, 300, 1.0, *NOTHING)))
    assert alone is not None
    assert "都是纸质填的" in alone.takeaway
    few = modes.section(made(evaluation, PAPER, ("online", None, None, None, *NOTHING)))
    assert few is not None
    assert "太少" in few.takeaway
    assert few.untold
    level = modes.section(made(evaluation, PAPER, (*ONLINE[:-1], 1.0)))
    assert level is not None
    assert "看不出哪种方式" in level.takeaway
    assert modes.section(evaluation) is None
