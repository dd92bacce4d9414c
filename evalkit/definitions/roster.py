"""A roster: every subject that is evaluated, and all the names it goes by."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, Field, StringConstraints
from pydantic_core import PydanticCustomError

from evalkit.definitions.documents import (
    MAXIMUM_TITLE,
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeTitle,
    Part,
    Title,
    not_blank,
)
from evalkit.definitions.faults import Fault, duplicates, placeholders, reversed_waves
from evalkit.definitions.messages import JOINED
from evalkit.definitions.places import Steps
from evalkit.definitions.text import committee_key, simplified
from evalkit.errors import UnknownId

RESERVED = "all"
"""What tables call all committees together; no committee can have this id."""
ALIAS_SEPARATORS = ";；|"
JOINING = "、，,/／"
"""What people write between names, and what some names contain: never guessed, always asked."""
SEVERAL = re.compile(rf"[{JOINING};；]|\s+")
"""What stands between several names in one cell."""


def _one_alias(value: str) -> str:
    if not value.strip() or any(separator in value for separator in ALIAS_SEPARATORS):
        raise ValueError("一个别名，不含分号和竖线")
    if any(sign in value for sign in JOINING):
        raise PydanticCustomError(
            JOINED,
            "一个别名：几个别名之间用分号（；）隔开，不用顿号、逗号和斜线；"
            "答卷里真有带这些符号的写法时，从别名中删去，写进对照表的 subjects",
        )
    return value


Alias = Annotated[
    str,
    StringConstraints(strip_whitespace=True, max_length=MAXIMUM_TITLE),
    AfterValidator(_one_alias),
]
"""One name; several are separated by ``;``, ``；`` or ``|`` in tables."""

ShortName = Annotated[
    str, StringConstraints(strip_whitespace=True, max_length=40), AfterValidator(not_blank)
]
"""A name that fits the tables and charts of the pages."""


def _unset(value: object) -> bool:
    """Leave a field that is not used out of what is written and out of fingerprints."""
    return not value or value == "formal"


class Subject(Part):
    """One row of the roster: a committee, or a unit that lies above committees or inside one.

    Attributes
    ----------
    id : str
        Safe in file names; names of files come from ids only.
    listed : int or None
        People on the list that rater groups with ``sample: list`` are asked from.
    since, until : str or None
        First and last wave in which it existed, where that is not all of them.
    level : str or None
        Code or name of one of the order's levels; None for the one that is evaluated.
    parent : str or None
        Id or name of the unit that it lies in.
    status : {"formal", "provisional"}
        A provisional committee (筹备) is scored and diagnosed, and counts for nobody else.
    partitions : dict of name to str
        Which part of a named partition it belongs to, such as a grid station.
    """

    id: Identifier = Field(
        title="代码", description="评估对象的代码，各不相同；文件名用它，如 yufocheng 或 007"
    )
    name: ShortName = Field(title="名称", description="评估对象的名称，不超过 40 个字")
    aliases: list[Alias] = Field(
        default_factory=list, title="别名", description="答卷里可能出现的其他名称，用分号隔开"
    )
    zone: MaybeTitle = Field(default=None, title="片区", description="所属片区")
    kind: Title = Field(default="居民区", title="类别", description="居民区、村……")
    housing: MaybeTitle = Field(default=None, title="住房类型", description="商品房、售后公房……")
    population: int | None = Field(
        default=None, ge=1, title="常住人口", description="常住人口或户数，全部口径一致"
    )
    listed: int | None = Field(
        default=None,
        ge=1,
        title="名单人数",
        description="约请名单（楼组长、居民代表等）共有多少人；都答了就没有抽样误差",
    )
    since: MaybeIdentifier = Field(
        default=None, title="首个批次", description="新设的：从哪个批次起参评；留空为一直"
    )
    until: MaybeIdentifier = Field(
        default=None, title="最后批次", description="撤并的：到哪个批次为止；留空为至今"
    )

    level: MaybeTitle = Field(
        default=None,
        title="层级",
        description="evaluation.yaml 里 units 的层级（代码或名称）；留空为被评的一级",
        exclude_if=_unset,
    )
    parent: MaybeTitle = Field(
        default=None,
        title="上级",
        description="所在的上一级单位（代码或名称），只有一个；没有则留空",
        exclude_if=_unset,
    )
    status: Literal["formal", "provisional"] = Field(
        default="formal",
        title="状态",
        description="正式，或筹备：筹备的照常计分、诊断，不排名，也不计入平均；留空为正式",
        exclude_if=_unset,
    )
    partitions: dict[Title, Title] = Field(
        default_factory=dict,
        title="分组",
        description="另外的分法，每种一列，如“分组：网格站”；填这一行属于其中哪一个",
        exclude_if=_unset,
    )

    @property
    def provisional(self) -> bool:
        """Whether the committee is still being set up (筹备)."""
        return self.status == "provisional"

    def exists_in(self, wave: str) -> bool:
        """Tell whether the committee existed in a wave (waves compare as text, e.g. years)."""
        return (self.since is None or self.since <= wave) and (
            self.until is None or wave <= self.until
        )


def keys_of(subjects: Iterable[Subject]) -> dict[str, str]:
    """Return every comparable name and alias of some rows, with the id it stands for."""
    return {
        committee_key(name): subject.id
        for subject in subjects
        for name in (subject.name, *subject.aliases)
    }


def parents_of(subjects: Sequence[Subject]) -> list[tuple[int, ...]]:
    """Return, row by row, the places of the rows that its `parent` may mean; none without one.

    An id is meant before a name. One place is the parent; none or several are a fault.
    """
    ids: dict[str, list[int]] = defaultdict(list)
    names: dict[str, list[int]] = defaultdict(list)
    for place, subject in enumerate(subjects):
        ids[subject.id.casefold()].append(place)
        for name in dict.fromkeys(map(simplified, (subject.name, *subject.aliases))):
            names[name].append(place)
    found: list[tuple[int, ...]] = []
    for subject in subjects:
        said = subject.parent or ""
        meant = ids.get(said.strip().casefold()) or names.get(simplified(said)) or ()
        found.append(tuple(meant) if said else ())
    return found


def ancestors_of(
    subjects: Sequence[Subject], place: int, parents: Sequence[tuple[int, ...]] | None = None
) -> tuple[int, ...]:
    """Return the places of the rows that a row lies in, the nearest first; a circle ends it."""
    parents = parents_of(subjects) if parents is None else parents
    found: list[int] = []
    while len(parents[place]) == 1:
        (place,) = parents[place]
        if place in found:
            break
        found.append(place)
    return tuple(found)


class Roster(Document):
    """All subjects, in the order the street lists them."""

    subjects: list[Subject] = Field(
        min_length=1, title="名册", description="全部评估对象，按街道（镇、市）的顺序"
    )

    def keys(self) -> dict[str, str]:
        """Return every comparable name and alias, with the id it stands for."""
        return keys_of(self.subjects)

    def subject(self, subject_id: str) -> Subject:
        """Return the subject of that id; `UnknownId` if there is none."""
        for subject in self.subjects:
            if subject.id == subject_id:
                return subject
        raise UnknownId("subject", subject_id, [subject.id for subject in self.subjects])

    def faults(self) -> Iterator[Fault]:
        """Yield placeholders, duplicate ids, colliding names, and reversed periods."""
        for place, subject in enumerate(self.subjects):
            named = [*self._names(place), (("subjects", place, "id"), subject.id)]
            yield from list(placeholders(named))[:1]
        yield from duplicates(
            "评估对象代码（不分大小写）",
            [
                (("subjects", place, "id"), subject.id.casefold())
                for place, subject in enumerate(self.subjects)
            ],
        )
        yield from self._collisions()
        for place, subject in enumerate(self.subjects):
            if subject.id == RESERVED:
                yield Fault(
                    ("subjects", place, "id"),
                    "reserved_code",
                    "代码是保留字",
                    expected=f"不是 {RESERVED}",
                    found=subject.id,
                    remedy="换一个代码",
                )
        yield from reversed_waves(
            (("subjects", at), one.since, one.until) for at, one in enumerate(self.subjects)
        )

    def _names(self, place: int) -> Iterator[tuple[Steps, str]]:
        here: Steps = ("subjects", place)
        yield (*here, "name"), self.subjects[place].name
        for at, alias in enumerate(self.subjects[place].aliases):
            yield (*here, "aliases", at), alias

    def _collisions(self) -> Iterator[Fault]:
        """Yield names that mean several rows, of which none lies in another."""
        rows = range(len(self.subjects))
        parents = parents_of(self.subjects) if any(s.parent for s in self.subjects) else None
        inside: list[set[int]] = [
            set(ancestors_of(self.subjects, at, parents)) if parents else set() for at in rows
        ]
        owners: dict[str, list[tuple[int, Steps, str]]] = defaultdict(list)
        for place in range(len(self.subjects)):
            for steps, name in self._names(place):
                owners[committee_key(name)].append((place, steps, name))
        for key, names in owners.items():
            places = {place for place, _, _ in names}
            if any(a not in inside[b] and b not in inside[a] for a in places for b in places - {a}):
                yield Fault(
                    names[-1][1],
                    "colliding_names",
                    "去掉后缀、空格和繁简差别后，几个评估对象同名",
                    expected="每个名称只属于一个评估对象",
                    found=f"{key}: "
                    + "、".join(f"{name}（{self.subjects[place].id}）" for place, _, name in names),
                    remedy="改名称或别名，使其能够区分",
                    involved=tuple(steps for _, steps, _ in names),
                )
