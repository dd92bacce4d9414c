"""A track's roster: every person, with the committee and the post."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Annotated

from pydantic import BeforeValidator, Field

from evalkit import personal
from evalkit.definitions.documents import (
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeTitle,
    Name,
    Part,
)
from evalkit.definitions.faults import Fault, duplicates, placeholders, reversed_waves
from evalkit.definitions.places import Steps
from evalkit.definitions.roster import RESERVED, Alias, Roster, Subject
from evalkit.definitions.text import committee_key


def _blank_is_none(value: object) -> object:
    return None if isinstance(value, str) and not value.strip() else value


MaybeAlias = Annotated[Alias | None, BeforeValidator(_blank_is_none)]
"""One name, or None where nothing but white space stands."""


class Person(Part):
    """One person of a track.

    Attributes
    ----------
    worker : str
        The number the person goes by in every result; names serve to recognise answers only.
    unit : str
        The committee, by its id, its name or an alias of it in the street's roster.
    """

    worker: Identifier = Field(
        title="工号", description="各不相同；结果里只出现它，不出现姓名，如 w07"
    )
    unit: Name = Field(title="居民区", description="所在居民区：街道名册里的代码、名称或别名")
    post: MaybeTitle = Field(default=None, title="岗位", description="如 书记、主任、条线社工")
    name: MaybeAlias = Field(
        default=None, title="姓名", description="只用来认出答卷里写的是谁；同名的加上居民区区分"
    )
    aliases: list[Alias] = Field(
        default_factory=list, title="别名", description="答卷里可能出现的其他写法，用分号隔开"
    )
    since: MaybeIdentifier = Field(
        default=None, title="首个批次", description="新来的：从哪个批次起参评；留空为一直"
    )
    until: MaybeIdentifier = Field(
        default=None, title="最后批次", description="离开的：到哪个批次为止；留空为至今"
    )

    @property
    def called(self) -> tuple[str, ...]:
        """Every name that answers may call the person by."""
        return (*(() if self.name is None else (self.name,)), *self.aliases)


class Persons(Document):
    """All persons of a track, in the order the street lists them."""

    subjects: list[Person] = Field(min_length=1, title="人员名册", description="全部参评的人")

    def roster(self, names: Mapping[str, str]) -> Roster:
        """Return the persons as subjects of an evaluation: by their numbers, their units as zones.

        Parameters
        ----------
        names : dict of person to name of the unit
        """
        return Roster(
            subjects=[
                Subject(
                    id=person.worker,
                    name=person.worker,
                    aliases=list(dict.fromkeys(person.called)),
                    zone=names.get(person.worker),
                    kind=person.post or "未注明岗位",
                    since=person.since,
                    until=person.until,
                )
                for person in self.subjects
            ]
        )

    def faults(self) -> Iterator[Fault]:
        """Yield placeholders, a person in two committees, doubled numbers and colliding names."""
        numbers: dict[str, list[int]] = defaultdict(list)
        for at, person in enumerate(self.subjects):
            texts = [(("subjects", at, "worker"), person.worker)]
            yield from placeholders([*texts, (("subjects", at, "unit"), person.unit)])
            numbers[person.worker.casefold()].append(at)
            if person.worker == RESERVED:
                yield Fault(
                    ("subjects", at, "worker"),
                    "reserved_code",
                    "代码是保留字",
                    expected=f"不是 {RESERVED}",
                    found=person.worker,
                    remedy="换一个工号",
                )
            yield from reversed_waves([(("subjects", at), person.since, person.until)])
        for where in numbers.values():
            units = list(dict.fromkeys(self.subjects[at].unit for at in where))
            if len(units) > 1:
                yield self._in_two_units(where, units)
            else:
                worker = self.subjects[where[0]].worker
                yield from duplicates(
                    "工号（不分大小写）", [(("subjects", at, "worker"), worker) for at in where]
                )
        yield from self._collisions()

    def _in_two_units(self, where: list[int], units: list[str]) -> Fault:
        return Fault(
            ("subjects", where[-1], "unit"),
            "worker_in_two_units",
            "同一个人写在两个居民区：同事互评和名额都只能算在一处",
            expected="每个工号一行，一个居民区",
            found=f"{self.subjects[where[0]].worker}：{'、'.join(units)}",
            remedy="只留主要工作的居民区；中途调动的按批次写 since、until，用两个工号",
            involved=tuple(("subjects", at, "worker") for at in where),
        )

    def _collisions(self) -> Iterator[Fault]:
        owners: dict[str, list[tuple[int, Steps]]] = defaultdict(list)
        for at, person in enumerate(self.subjects):
            named: list[tuple[Steps, str]] = (
                [] if person.name is None else [(("subjects", at, "name"), person.name)]
            )
            named += [
                (("subjects", at, "aliases", place), alias)
                for place, alias in enumerate(person.aliases)
            ]
            for steps, name in named:
                owners[committee_key(name)].append((at, steps))
        for key, found in owners.items():
            numbers = dict.fromkeys(self.subjects[at].worker.casefold() for at, _ in found)
            if len(numbers) > 1:
                yield Fault(
                    found[-1][1],
                    "colliding_names",
                    "几个人同名，答卷里认不出是谁",
                    expected="每个姓名和别名只属于一个人",
                    found=f"{personal.masked(key)}（{'、'.join(numbers)}）",
                    remedy="在名册和问卷选项里加上居民区，如“王某（甲居民区）”，或在答卷里用工号",
                    involved=tuple(steps for _, steps in found),
                )
