"""The levels of a street's units, which of them is evaluated, and what units weigh in sums."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from evalkit.definitions.documents import Identifier, MaybeIdentifier, Name, Part, Title
from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.text import comparable

Weights = Literal["equal", "population", "households"]
"""What a committee weighs in a sum over committees: all alike, or the people or households of the wave."""

WHOLE = "all"
"""What tables call the grouping of all committees together, and its only unit."""

COLUMNS = ("zone", "housing", "kind")
"""Columns of the roster that committees are grouped by whatever the levels are."""

TAKEN = (WHOLE, "housing", "kind")
"""What frames call other groupings: no level can have this code."""


class Level(Part):
    """One level: what tables call it, and what pages do."""

    code: Identifier = Field(title="代码", description="如 zone、committee、compound")
    name: Title = Field(title="名称", description="页面上怎么称呼这一级，如 片区、居民区、小区")


class UnitsOrder(Part):
    """Which levels a street has, and which one is evaluated.

    Attributes
    ----------
    levels : list of Level
        The largest first; what lies in what is told by the roster.
    evaluated : str or None
        Code of the level that is evaluated; needed where there are several.
    weights : {"equal", "population", "households"}
        What committees weigh where they are summed up to zones and to the street.
    """

    levels: list[Level] = Field(min_length=1, title="层级", description="从大到小，每级一行")
    evaluated: MaybeIdentifier = Field(
        default=None, title="被评的一级", description="评的是哪一级（层级的代码）；只有一级时不写"
    )
    weights: Weights = Field(
        default="equal",
        title="汇总的权数",
        description="往上汇总时各单位怎么计：equal 各算一个、population 按当批次人口、households 按户数",
    )

    @property
    def level(self) -> Level:
        """The level that is evaluated."""
        found = (level for level in self.levels if level.code == self.evaluated)
        return next(found, self.levels[0])

    def meant(self, said: str | None) -> Level | None:
        """Return the level of that code or name; the evaluated one for nothing, None if unknown."""
        if said is None:
            return self.level
        key = comparable(said)
        known = {comparable(level.name): level for level in self.levels}
        return (known | {comparable(level.code): level for level in self.levels}).get(key)

    def faults(self, steps: Steps, subject_word: str) -> Iterator[Fault]:
        """Yield levels that are named twice, and an evaluated level that is unknown or called otherwise."""
        for field, what in (("code", "层级的代码"), ("name", "层级的名称")):
            values = [
                ((*steps, "levels", at, field), str(getattr(level, field)).casefold())
                for at, level in enumerate(self.levels)
            ]
            yield from duplicates(what, values)
        for at, level in enumerate(self.levels):
            if level.code in TAKEN:
                yield Fault(
                    (*steps, "levels", at, "code"),
                    "reserved_code",
                    "代码是保留字",
                    expected=f"不是 {'、'.join(TAKEN)}",
                    found=level.code,
                    remedy="换一个代码",
                )
        codes = [level.code for level in self.levels]
        if self.evaluated not in codes and (self.evaluated is not None or len(codes) > 1):
            yield Fault(
                (*steps, "evaluated"),
                "unknown_level",
                "没有写明评的是哪一级，或没有这一级",
                expected="、".join(codes),
                found=self.evaluated or "（没有）",
                remedy="在 evaluated 写上被评的一级的代码",
                needs=((*steps, "levels"),),
            )
        elif self.level.name != subject_word:
            yield Fault(
                (*steps, "levels", codes.index(self.level.code), "name"),
                "level_word",
                "被评的一级有两个叫法",
                expected=f"与 subject_word 相同：{subject_word}",
                found=self.level.name,
                remedy="改成同一个词：页面按 subject_word 称呼评估对象",
                needs=((*steps, "levels"), ("subject_word",)),
            )


class Count(Part):
    """How many people and households a unit had in a wave."""

    unit: Name = Field(title="单位", description="名册里的代码、名称或别名")
    wave: Identifier = Field(title="批次", description="evaluation.yaml 里的批次")
    population: int | None = Field(
        default=None, ge=1, title="人口", description="当批次的常住人口；不是户籍人口"
    )
    households: int | None = Field(default=None, ge=1, title="户数", description="当批次的户数")
