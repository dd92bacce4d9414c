"""What a preset's simulated street is like: ``demo/street.yaml`` in the preset's folder."""

from __future__ import annotations

from math import ceil
from typing import Annotated, Literal, Self

from pydantic import Field, StringConstraints

from evalkit.definitions.documents import (
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeTitle,
    Part,
    Text,
    Title,
)
from evalkit.simulation.naming import ENDS, PLAIN
from evalkit.simulation.truth import Pattern

Year = Annotated[str, StringConstraints(pattern=r"^20[0-9]{2}$")]
Count = Annotated[int, Field(ge=1, le=1000)]

USUAL = 12
"""Units where neither a plan nor a roster tells them."""
FEWEST = 4
"""Units of a kind that a thinned street keeps at least, where it has so many."""


class UnitPlan(Part):
    """Units of one level and kind.

    Attributes
    ----------
    level : str or None
        Code of one of the order's levels; None for the one that is evaluated.
    provisional : int
        How many of them are being set up; the last ones.
    named : {"place", "direction", "number"}
        Whether they are called 瑞安苑, 东片 or 第一网格.
    endings : list of str
        What names of places end with, in turn; the first one that of directions and numbers.
    people : list of int
        The fewest and the most inhabitants of one.
    """

    level: MaybeIdentifier = Field(default=None, title="层级")
    count: Count = Field(title="个数")
    kind: Title = Field(default=PLAIN, title="类别")
    provisional: int = Field(default=0, ge=0, title="其中筹备")
    named: Literal["place", "direction", "number"] = Field(default="place", title="取名")
    endings: list[Text] = Field(default=list(ENDS), min_length=1, title="名称结尾")
    people: tuple[int, int] = Field(default=(1000, 6500), title="人口")


class StreetPlan(Document):
    """A street to be made up around a preset's own documents.

    Attributes
    ----------
    waves : list of str
        Years that are simulated, in order.
    units : list of UnitPlan
        None: those of the preset's roster, if that is filled in, else `USUAL` units.
    zones : int
        Zones in the roster's column, where levels have none.
    partitions : dict of name to int
        How many parts every other partition has.
    housing : bool
        Whether units have a kind of housing.
    asked : dict of rater group to int
        Questionnaires handed out a unit; of a group that rates all, or others, its raters a unit.
    returned : dict of rater group to float
        Share that comes back, where it is not the usual one.
    patterns : dict of rater group to Pattern
        Who rates whom, where the scheme does not tell.
    records : dict of ledger to float
        Records of an ordinary unit in a wave; of a track's person.
    persons : dict of track to int
        Persons of an ordinary unit.
    mean, spread : float
        True composites of the first wave: their mean and standard deviation, points.
    leniency : float
        Standard deviation of what the colleagues of one unit all add, points.
    """

    street: MaybeTitle = Field(default=None, title="名称")
    seed: int = Field(default=20250101, ge=0, title="随机种子")
    waves: list[Year] = Field(default=["2025"], min_length=1, title="批次")
    units: list[UnitPlan] = Field(default_factory=list, title="单位")
    zones: int = Field(default=0, ge=0, le=9, title="片区数")
    partitions: dict[Title, Count] = Field(default_factory=dict, title="分组")
    housing: bool = Field(default=False, title="有无住房类型")
    asked: dict[Identifier, Count] = Field(default_factory=dict, title="每个单位发放")
    returned: dict[Identifier, Annotated[float, Field(gt=0, le=1)]] = Field(
        default_factory=dict, title="回收率"
    )
    patterns: dict[Identifier, Pattern] = Field(default_factory=dict, title="谁评谁")
    records: dict[Identifier, Annotated[float, Field(gt=0)]] = Field(
        default_factory=dict, title="每个单位的记录"
    )
    persons: dict[Identifier, Count] = Field(default_factory=dict, title="每个单位的人")
    mean: float = Field(default=84.0, gt=30, lt=95, title="真实得分的平均")
    spread: float = Field(default=3.5, gt=0, le=10, title="真实得分的标准差")
    leniency: float = Field(default=4.0, ge=0, le=15, title="同事宽严的标准差")

    def thinned(self, size: float) -> Self:
        """Return the same street with a share of its units, and of every kind at least some."""
        if size >= 1.0:
            return self
        units = [
            unit.model_copy(update={"count": min(unit.count, max(FEWEST, ceil(unit.count * size)))})
            for unit in self.units
        ]
        return self.model_copy(update={"units": units, "waves": self.waves[-1:]})


def fewer(count: int, size: float) -> int:
    """Return a share of a number of units, `FEWEST` at least where there are so many."""
    return min(count, max(FEWEST, ceil(count * size)))
