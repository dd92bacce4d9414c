"""The tiny workspace with levels: two zones, four committees of which one is being set up, compounds."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from tests import tiny

UNITS = """\
units:
  levels:
    - {code: zone, name: 片区}
    - {code: committee, name: 居民区}
    - {code: compound, name: 小区}
  evaluated: committee
  weights: population
"""

ROSTER = """\
代码,名称,别名,层级,上级,状态,分组：网格站,住房类型
east,东片,,片区,,,,
west,西片,,片区,,,,
s1,甲居民区,甲社区,,east,,一站,商品房
s2,乙居民区,乙社区,居民区,east,正式,一站,售后公房
s3,丙居民区,丙社区,committee,west,,二站,商品房
s4,丁居民区,丁社区,,西片,筹备,二站,商品房
s1a,甲园小区,,小区,s1,,,
s1b,甲苑小区,,小区,s1,,,
s2a,乙园小区,,小区,s2,,,
s2b,乙苑小区,,小区,s2,,,
s2c,乙庭小区,,小区,s2,,,
s3a,丙小区,,小区,s3,,,
"""

PEOPLE = {"s1": (1000, 1000), "s2": (3000, 3100), "s3": (2000, 2200), "s4": (500, 786)}
"""By committee, how many people it had in 2015 and in 2016."""

COUNTS = "单位,批次,人口,户数\n" + "".join(
    f"{unit},{wave},{people[at]},{people[at] // 2}\n"
    for unit, people in PEOPLE.items()
    for at, wave in enumerate(("2015", "2016"))
)

COMPOUNDS: Mapping[str, tuple[tuple[str, int], ...]] = {
    "甲居民区": (("甲园小区", 12), ("甲苑小区", 12)),
    "乙居民区": (("乙園小區", 12), ("乙苑小区", 4), ("乙庭小区", 8)),
    "丙居民区": (("丙小区", 16),),
}
"""What residents write for where they live, and how many; the rest name the committee."""


def residents(year: int) -> list[list[str]]:
    """The tiny street's residents, who name their compound."""
    rows = tiny.residents(year)
    for name, parts in COMPOUNDS.items():
        own = [row for row in rows if row[5] == name]
        written = [part for part, n in parts for _ in range(n)]
        for row, part in zip(own, written, strict=False):
            row[5] = part
    return rows


def write(root: Path, *, weights: str = "population") -> Path:
    """Write the whole workspace."""
    tiny.write(root)
    order = tiny.ORDER.replace("waves:", UNITS.replace("population", weights) + "waves:")
    (root / "evaluation.yaml").write_text(order, encoding="utf-8")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (root / "counts.csv").write_text(COUNTS, encoding="utf-8")
    for year in (2015, 2016):
        path = root / f"responses/{year}/resident.csv"
        tiny.write_csv(path, tiny.RESIDENT_HEADER, residents(year))
    return root
