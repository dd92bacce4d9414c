"""Cells looked at all at once are seen as they are one by one."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from evalkit.files import guard_cells, guard_zip
from evalkit.files.extent import Extent
from evalkit.files.guard_cells import Seen

ROW = '<row r="{r}">{cells}</row>'
USUAL = [
    '<c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>12</v></c>',
    '<c r="A2"><v>1.5</v></c><c r="C2" s="3"/><c r="D2" s="4"></c><c r="AA2" t="b"><v>1</v></c>',
    '<c r="XFD1048576" s="1" t="str"><f>A1/B1</f><v>a/b</v></c>',
    '<c r="A3" t="inlineStr"><is><t>a &lt; b</t></is></c>',
    '<c r="B4" t="e"><v>#N/A</v></c><c r="C4"><f>1+1</f></c>',
    '<c r="A9" s="2"/>',
    "",
]
ODD = [
    '<c s="1" r="A1"><v>1</v></c>',
    "<c r='A1'><v>1</v></c>",
    '<c r="a1"><v>1</v></c>',
    '<c r="AAAA1"><v>1</v></c>',
    '<c r="A12345678"><v>1</v></c>',
    '<c r="A"><v>1</v></c>',
    '<c r="A1" t="s"> <v>1</v></c>',
    '<c r="A1" t="s"><v>x</v></c>',
    '<c r="A1" t="s"><v>1234567890</v></c>',
    '<c r="A1"',
    "<c><v>1</v></c>",
]


def one_by_one(
    data: bytes, glance: Callable[[bytes], Seen | None] | None = None
) -> tuple[bool, Extent]:
    extent = Extent()
    return guard_zip._measure(data, extent, None, None, glance), extent


@pytest.mark.parametrize("cells", [*USUAL, "".join(USUAL)])
def test_usual_cells_reach_as_far_and_use_the_same_texts(cells: str) -> None:
    data = ROW.format(r=1, cells=cells).encode()
    assert guard_cells.look(data) is not None
    assert one_by_one(data, guard_cells.look) == one_by_one(data)


@pytest.mark.parametrize("cells", ODD)
def test_odd_cells_are_left_to_who_looks_at_them_one_by_one(cells: str) -> None:
    for usual in (USUAL[0], "".join(USUAL[:2]), USUAL[0] * 20):
        assert guard_cells.look(ROW.format(r=1, cells=usual + cells).encode()) is None
