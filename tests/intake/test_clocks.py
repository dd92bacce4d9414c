"""Times taken apart as bytes say what they say one by one."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pytest

from evalkit.intake import clocks
from evalkit.intake.clocks import Clocks, parts_of

CELLS = ["2026/11/1 9:05:07", "2026-11-02 23:59:59", "2026/11/1 0:00:00", "2026.1.1 09:05:07"]


def seconds(text: str) -> int:
    hours, minutes, *rest = map(int, text.split(":"))
    return (hours * 60 + minutes) * 60 + sum(rest)


@pytest.mark.parametrize("block", [1, 3, 2**15])
@pytest.mark.parametrize("cells", [CELLS, [*CELLS, "2026/11/1 9:05", "2026/11/3 10:41"]])
def test_days_and_clocks_are_those_of_every_cell(
    cells: list[str], block: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clocks, "_BLOCK", block)
    found = parts_of(cells)
    assert found is not None
    assert [found.days[at] for at in found.day] == [cell.split()[0] for cell in cells]
    told = Clocks.usual(found.clocks, None)
    own = [cell.split()[1] for cell in cells]
    assert (told.micro[found.clock] // 10**6).tolist() == list(map(seconds, own))
    exact = told.of_grain("second", found.clock)
    assert exact.tolist() == [text.count(":") == 2 for text in own]


@pytest.mark.parametrize("clock", ["24:00:00", "9:60:00", "9:05:60", "24:00", "9:60"])
def test_what_is_no_time_of_the_day_has_no_clock(clock: str) -> None:
    found = parts_of(["2026/11/1 9:05:07", f"2026/11/1 {clock}"])
    assert found is not None
    assert found.clock.tolist() == [0, -1]


@pytest.mark.parametrize(
    "cell",
    [
        "2026/11/1", "2026/11/1  9:05", "2026/11/1 9:5", "2026/11/1 9:05:7", "2026年11月1日 9:05",
        "2026/11/1\n9:05", "2026/11/1 9:05\n", "2026/11-1 9:05", "1/11/2026 9:05", " 9:05:07", "",
        "2026/11/1 9:05:07 ", "2026/11/1 -9:05:07", "2026/11/1 9.05.07", "2026/11/1 9:05:07\0",
    ],
)  # fmt: skip
def test_a_cell_written_otherwise_leaves_the_column_to_who_reads_one_by_one(cell: str) -> None:
    assert parts_of([*CELLS, cell]) is None


def test_clocks_of_another_zone_are_told_by_the_one_at_home() -> None:
    told = Clocks.usual(np.array([3_600], dtype=np.int32), dt.timedelta(hours=7))
    assert told.micro.tolist() == [2 * 3_600 * 10**6]
    assert told.zones(np.array([0, 0, -1], dtype=np.int32)) == (2, 2, 0)
    assert Clocks.of([(dt.time(1), "second", dt.timedelta(hours=7))]).micro.tolist() == (
        told.micro.tolist()
    )
