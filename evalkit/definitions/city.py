"""city.yaml, its streets and its roster: what many streets have in common, and what is compared."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterator
from typing import Literal

from pydantic import Field

from evalkit.definitions.calendar import Day
from evalkit.definitions.documents import (
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeName,
    MaybeText,
    MaybeTitle,
    Name,
    Part,
    Text,
    Title,
)
from evalkit.definitions.evaluation import COATS, ENOUGH_DRAWS, Coat
from evalkit.definitions.faults import Fault, duplicates, placeholders
from evalkit.definitions.questionnaire import Mode
from evalkit.definitions.roster import Subject
from evalkit.definitions.text import comparable

Likeness = Literal["housing", "kind"]
"""Columns of a roster by which committees of different streets are one another's like."""

_SEEDS = 2**31
"""A street's seed stays below this: every spreadsheet shows it whole."""


class CityFile(Part):
    """One table of the whole city: answers of every street, told apart by a column.

    Attributes
    ----------
    street : str
        Header of the column that says of which street an answer is.
    """

    file: Text = Field(
        title="文件", description="市表的路径，相对于城市文件夹，如 intake/2016/重点居民.xlsx"
    )
    questionnaire: Identifier = Field(title="问卷", description="用的是哪份问卷（问卷代码）")
    street: Name = Field(title="街道列", description="写明是哪条街道的列的表头，须与文件里一字不差")
    group: MaybeIdentifier = Field(
        default=None, title="评价主体", description="文件里全是哪一类主体；问卷里问了主体则不写"
    )
    mode: Mode | None = Field(
        default=None,
        title="填答方式",
        description="文件里全是哪一种：paper 纸质、online 网上、telephone 电话、face_to_face 面访",
    )
    sheet: MaybeText = Field(default=None, title="工作表", description="工作簿中有几张表时写明")
    encoding: MaybeText = Field(default=None, title="编码", description="CSV 出现乱码时写明")
    variant: Literal["text", "number", "score"] | None = Field(
        default=None, title="内容", description="单元格里是选项文字、序号还是分值；能认出则不写"
    )
    platform: MaybeName = Field(
        default=None, title="平台", description="由哪个平台导出（平台代码）；认对了则不写"
    )


class CityWave(Part):
    """One campaign of the whole city."""

    id: Identifier = Field(title="批次", description="如 2016；按文字先后排列")
    title: MaybeTitle = Field(
        default=None, title="名称", description="页面上的叫法，默认“2016年度”"
    )
    start: Day | None = Field(default=None, title="开始", description="调查第一天，如 2016-11-14")
    end: Day | None = Field(default=None, title="结束", description="调查最后一天")
    files: list[CityFile] = Field(
        default_factory=list,
        title="市表",
        description="全市合在一起的答卷文件；各街道自己交来的文件不写在这里",
    )

    @property
    def name(self) -> str:
        """How pages call the wave."""
        return self.title or (f"{self.id}年度" if self.id.isdigit() else self.id)


class City(Document):
    """A city's folder, described: what its streets share, and what is compared across them.

    Attributes
    ----------
    peers : list of str
        A committee's like agree with it in all of these columns of the roster.
    comparable : str
        Whose answers are compared across streets. Other raters differ from street to street, and
        so does how severe they are: only residents answer the same questions everywhere.
    """

    title: Title = Field(title="标题", description="报告的题目")
    city: Title = Field(title="城市", description="市、区的名称")
    subject_word: Title = Field(
        default="居民区", title="对象的叫法", description="页面上怎样称呼评估对象"
    )
    street_word: Title = Field(default="街道", title="街道的叫法", description="街道、镇、乡")
    synthetic: bool = Field(default=False, title="模拟数据", description="是则每页注明")
    scheme: Text = Field(
        default="scheme.yaml",
        title="评估方案",
        description="全市共用的方案：预设名，或城市文件夹里的方案文件",
    )
    streets: Text = Field(default="streets.csv", title="街道名单", description="街道名单的路径")
    roster: MaybeText = Field(
        default=None,
        title="全市名册",
        description="一张有街道一列的名册，由 city split 分到各街道；各街道自备名册则不写",
    )
    peers: list[Likeness] = Field(
        default=["housing", "kind"],
        min_length=1,
        title="同类",
        description="按名册的哪几列算同类：housing 住房类型、kind 类别；几列都相同才算",
    )
    comparable: Literal["residents"] = Field(
        default="residents",
        title="跨街道比较",
        description="跨街道只比居民评分；科室等各街道不同的主体不能跨街道比",
    )
    papers: list[Coat] = Field(
        default=list(COATS), title="文书", description="各街道做哪几种文书：pdf、docx、pptx"
    )
    notice: bool = Field(default=True, title="公示", description="各街道是否做公示")
    seed: int = Field(
        default=20140101, ge=0, title="随机种子", description="各街道的种子由它和街道代码算出"
    )
    draws: int = Field(
        default=ENOUGH_DRAWS, ge=200, title="模拟次数", description="名次区间的模拟次数"
    )
    waves: list[CityWave] = Field(min_length=1, title="批次", description="按先后排列")

    @property
    def last(self) -> CityWave:
        """The wave that is told."""
        return self.waves[-1]

    def seed_of(self, street: str) -> int:
        """Return the seed of a street, so that no two streets draw the same errors."""
        digest = hashlib.sha256(f"{self.seed}/{street}".encode()).digest()
        return int.from_bytes(digest[:8], "big") % _SEEDS

    def faults(self) -> Iterator[Fault]:
        """Yield placeholders, and waves out of order or named twice."""
        yield from placeholders(((("title",), self.title), (("city",), self.city)))
        ids = [wave.id for wave in self.waves]
        if sorted(set(ids)) != ids:
            yield Fault(
                ("waves",),
                "waves_out_of_order",
                "批次要按先后排列，各不相同（id 按文字比较，如 2015、2016）",
                expected="、".join(sorted(set(ids))),
                found="、".join(ids),
                remedy="调整顺序或改 id",
                involved=tuple(("waves", at, "id") for at in range(len(ids))),
            )


class Street(Part):
    """One street of the city.

    Attributes
    ----------
    source : str or None
        What tables of the whole city call it, where that is neither its id nor its name.
    """

    id: Identifier = Field(title="代码", description="街道的代码，各不相同；文件夹用它，如 s001")
    name: Title = Field(title="名称", description="街道、镇的名称")
    district: MaybeTitle = Field(default=None, title="所属区", description="所属的区、县")
    source: MaybeName = Field(
        default=None, title="来源", description="市表里怎样称呼它；与代码或名称相同则不写"
    )

    @property
    def called(self) -> tuple[str, ...]:
        """All names by which a table of the whole city may mean it."""
        names = (self.id, self.name, *(() if self.source is None else (self.source,)))
        return tuple(dict.fromkeys(comparable(name) for name in names))


class Streets(Document):
    """All streets, in the order the city lists them."""

    streets: list[Street] = Field(min_length=1, title="街道", description="全部街道，按市里的顺序")

    def by_name(self) -> dict[str, str]:
        """Return the id of every street by whatever it may be called, as texts are compared."""
        return {name: street.id for street in self.streets for name in street.called}

    def faults(self) -> Iterator[Fault]:
        """Yield placeholders, duplicate ids, and names that mean several streets."""
        for place, street in enumerate(self.streets):
            named = (
                (("streets", place, "name"), street.name),
                (("streets", place, "id"), street.id),
            )
            yield from list(placeholders(named))[:1]
        yield from duplicates(
            "街道代码（不分大小写）",
            [(("streets", at, "id"), s.id.casefold()) for at, s in enumerate(self.streets)],
        )
        owners: dict[str, list[int]] = defaultdict(list)
        for at, street in enumerate(self.streets):
            for name in street.called:
                owners[name].append(at)
        for name, places in owners.items():
            ids = [self.streets[at].id for at in places]
            if len({one.casefold() for one in ids}) > 1:
                yield Fault(
                    ("streets", places[-1], "name"),
                    "colliding_streets",
                    "同一个叫法指几条街道",
                    expected="代码、名称、来源都只指一条街道",
                    found=f"{name}: {'、'.join(ids)}",
                    remedy="改名称或来源，使其能够区分",
                    involved=tuple(("streets", at, "name") for at in places),
                )


class CitySubject(Subject):
    """A committee in a roster of the whole city."""

    street: Name = Field(title="街道", description="属于哪条街道：代码、名称或来源")


class CityRoster(Document):
    """All committees of all streets, in one list."""

    subjects: list[CitySubject] = Field(
        min_length=1, title="名册", description="全市的评估对象，多一列写明街道"
    )

    def faults(self) -> Iterator[Fault]:
        """Yield committees that stand in the list twice; each street's own roster says the rest."""
        owners: dict[str, list[int]] = defaultdict(list)
        for at, subject in enumerate(self.subjects):
            owners[subject.id.casefold()].append(at)
        for places in owners.values():
            if len(places) < 2:
                continue
            named = [f"{self.subjects[at].name}（{self.subjects[at].street}）" for at in places]
            yield Fault(
                ("subjects", places[-1], "id"),
                "subject_in_two_streets",
                "同一个代码的评估对象出现几次",
                expected="每个评估对象只属于一条街道，代码在全市各不相同",
                found=f"{self.subjects[places[0]].id}：{'、'.join(named)}",
                remedy="删去重复的行，或改代码，使其在全市各不相同",
                involved=tuple(("subjects", at, "id") for at in places),
            )
