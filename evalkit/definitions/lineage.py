"""lineage.csv: what became of committees from one wave to the next, and what is still the same.

Codes are never used twice, so a code is one piece of ground for as long as it lives. What happened
joins codes; what hangs together between two waves is a component, and its ground is the same in both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from pydantic import BeforeValidator, Field

from evalkit.codes import Kinship
from evalkit.definitions.documents import (
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeTitle,
    Part,
    Text,
)
from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.text import comparable
from evalkit.definitions.units import Units
from evalkit.definitions.words import WORDS, both

KINDS = ("rename", "merge", "split", "transfer", "new", "closed")


def _code(value: object) -> object:
    """Return the code of a Chinese word; what is neither is a fault, and hides no other."""
    codes = {comparable(word): code for code, word in WORDS["event"].items()}
    return codes.get(comparable(value), value.strip()) if isinstance(value, str) else value


Happening = Annotated[Text, BeforeValidator(_code)]

BOTH_ENDS = frozenset({"rename", "merge", "split", "transfer"})
"""What happens from one code to another."""

ENDS_IT = frozenset({"rename", "merge", "closed"})
"""What its origin does not outlive."""

BEGINS_IT = frozenset({"rename", "split", "new"})
"""What its target did not exist before."""

SUCCEEDS = frozenset({"rename", "merge", "split"})
"""By what one code comes out of another."""


class Succession(Part):
    """One thing that happened to committees.

    Attributes
    ----------
    wave : str
        The first wave in which it holds.
    origin, target : str or None
        Codes before and after.
    households : int or None
        Households that went over.
    """

    wave: Identifier = Field(title="批次", description="从哪个批次起生效，如 2016")
    event: Happening = Field(
        title="变动", description="更名、合并、拆分、划转、新设、撤销；一行一个来源和一个去向"
    )
    origin: MaybeIdentifier = Field(
        default=None, title="原代码", description="变动前的代码；新设留空"
    )
    target: MaybeIdentifier = Field(
        default=None, title="新代码", description="变动后的代码；撤销留空"
    )
    households: int | None = Field(
        default=None, ge=1, title="户数", description="随这一行变动的户数；不知道留空"
    )
    document: MaybeTitle = Field(
        default=None, title="文号", description="批准变动的文件编号，印在诊断书上"
    )


class Lineage(Document):
    """Everything that happened, in the order in which the street lists it."""

    events: list[Succession] = Field(min_length=1, title="沿革", description="全部变动，一行一件")

    def between(self, before: str, after: str) -> tuple[Succession, ...]:
        """Return what happened after a wave, up to another (waves compare as text)."""
        return tuple(event for event in self.events if before < event.wave <= after)

    def faults(self) -> Iterator[Fault]:
        """Yield unknown kinds, missing and superfluous ends, rows listed twice, codes used again, and cycles."""
        for at, event in enumerate(self.events):
            yield from _ends(("events", at), event)
        yield from duplicates(
            "同一变动",
            [
                (("events", at), "、".join((e.wave, e.event, e.origin or "", e.target or "")))
                for at, e in enumerate(self.events)
            ],
        )
        yield from self._contradictions()
        cycle = self._cycle()
        yield from self._used_again(cycle)
        if cycle:
            places = [at for at, e in enumerate(self.events) if {e.origin, e.target} <= cycle]
            yield Fault(
                ("events", places[-1], "target"),
                "lineage_cycle",
                "变动绕成了圈：一个代码成了自己的前身",
                expected="从前身到后继，不回头",
                found="、".join(sorted(cycle)),
                remedy="核对原代码和新代码有没有写反；重新设立的用新代码，不用撤销过的",
                involved=tuple(("events", at) for at in places),
            )

    def _contradictions(self) -> Iterator[Fault]:
        """Yield codes that end twice in one wave, in ways that exclude one another."""
        ended: dict[tuple[str, str], list[int]] = {}
        for at, event in enumerate(self.events):
            if event.origin is not None and event.event in (*ENDS_IT, "split"):
                ended.setdefault((event.wave, event.origin), []).append(at)
        for (_, code), places in ended.items():
            kinds = {self.events[at].event for at in places}
            alone = kinds & {"rename", "closed"} and len(places) > 1
            if alone or len(kinds) > 1:
                yield Fault(
                    ("events", places[-1], "event"),
                    "lineage_contradiction",
                    "同一批次里，一个居民区有了互相排斥的几种去向",
                    expected=f"{code} 只有一种去向",
                    found="、".join(self.events[at].event for at in places),
                    remedy="留下实际发生的一种；部分住户去了别处的写 transfer（划转）",
                    involved=tuple(("events", at) for at in places),
                )

    def _used_again(self, cycle: set[str]) -> Iterator[Fault]:
        """Yield codes that begin after they have ended, or begin twice."""
        for at, event in enumerate(self.events):
            code = event.target
            if code is None or code in cycle:
                continue
            others = [
                place
                for place, other in enumerate(self.events)
                if (other.origin == code and other.event in ENDS_IT and other.wave <= event.wave)
                or (
                    place < at
                    and other.target == code
                    and {event.event, other.event} <= BEGINS_IT
                    and (other.wave, other.event) != (event.wave, event.event)
                )
            ]
            if others:
                yield Fault(
                    ("events", at, "target"),
                    "lineage_code_reused",
                    "这个代码用过了",
                    expected="每个代码只用一次，撤销、并入别处以后不再用",
                    found=code,
                    remedy="给新的居民区一个没用过的代码，名册里照改",
                    involved=tuple(("events", place) for place in (*others, at)),
                )

    def _cycle(self) -> set[str]:
        """Return the codes that come out of themselves."""
        after: dict[str, set[str]] = {}
        for event in self.events:
            ends = event.origin, event.target
            if event.event in SUCCEEDS and all(ends) and event.origin != event.target:
                after.setdefault(str(event.origin), set()).add(str(event.target))
        found = set()
        for start in after:
            seen, todo = set(), list(after[start])
            while todo:
                code = todo.pop()
                if code not in seen:
                    seen.add(code)
                    todo += after.get(code, ())
            if start in seen:
                found.add(start)
        return found


@dataclass(frozen=True, slots=True)
class Component:
    """What hangs together between two waves: its ground is the same in both.

    Attributes
    ----------
    before, after : tuple of str
        Committees of either wave, in the roster's order.
    kind : Kinship
    events : tuple of Succession
        What happened to it, in the order of the file.
    """

    before: tuple[str, ...]
    after: tuple[str, ...]
    kind: Kinship
    events: tuple[Succession, ...] = ()

    @property
    def one_to_one(self) -> bool:
        """Whether it is one committee in both waves, whatever it is called."""
        return self.kind in (Kinship.UNCHANGED, Kinship.RENAMED)

    @property
    def several(self) -> bool:
        """Whether its ground was divided otherwise in one of the waves: only the union compares."""
        return self.kind in (Kinship.MERGED, Kinship.SPLIT, Kinship.MIXED)

    @property
    def code(self) -> str:
        """The committee that it is listed under: its first one of the later wave, else the earlier."""
        return (self.after or self.before)[0]


def components(
    units: Units, lineage: Lineage | None, before: str, after: str
) -> tuple[Component, ...]:
    """Return what hangs together between two waves; every committee of either is in one of them.

    Parameters
    ----------
    units : Units
    lineage : Lineage or None
        A committee whose code lives in both waves is itself, where nothing is told of it.
    before, after : str
        Waves, the earlier one first.

    Returns
    -------
    tuple of Component
        In the roster's order of the later wave's committees, then of those that are gone.
    """
    events = () if lineage is None else lineage.between(before, after)
    there = [subject.id for subject in units.present(before)]
    here = [subject.id for subject in units.present(after)]
    joined = _Joined(dict.fromkeys((*there, *here)))
    for event in events:
        if event.origin is not None and event.target is not None:
            joined.join(event.origin, event.target)
    found = []
    for members in joined.sets((*here, *there)):
        old = tuple(code for code in there if code in members)
        new = tuple(code for code in here if code in members)
        own = tuple(e for e in events if {e.origin, e.target} & members)
        found.append(Component(old, new, _kind(old, new), own))
    return tuple(found)


def _kind(before: Sequence[str], after: Sequence[str]) -> Kinship:
    if not before or not after:
        return Kinship.CLOSED if before else Kinship.NEW
    if len(before) == len(after) == 1:
        return Kinship.UNCHANGED if before == after else Kinship.RENAMED
    if len(after) == 1:
        return Kinship.MERGED
    return Kinship.SPLIT if len(before) == 1 else Kinship.MIXED


class _Joined:
    """Codes that hang together."""

    def __init__(self, codes: Iterable[str]) -> None:
        self._of = {code: {code} for code in codes}

    def join(self, one: str, other: str) -> None:
        both = self._of.setdefault(one, {one}) | self._of.setdefault(other, {other})
        for code in both:
            self._of[code] = both

    def sets(self, order: Iterable[str]) -> Iterator[set[str]]:
        """Yield every set once, in the order of its first code."""
        told: set[str] = set()
        for code in order:
            if code not in told:
                told |= self._of[code]
                yield self._of[code]


def _ends(here: Steps, event: Succession) -> Iterator[Fault]:
    if event.event not in KINDS:
        yield Fault(
            (*here, "event"),
            "lineage_kind",
            "没有这种变动",
            expected=both("event", list(KINDS)),
            found=event.event,
            remedy="改成其中一种；划出一部分住户写 transfer（划转）",
        )
        return
    wanted = {"new": (False, True), "closed": (True, False)}.get(event.event, (True, True))
    given = (event.origin is not None, event.target is not None)
    for key, wants, has in zip(("origin", "target"), wanted, given, strict=True):
        if wants != has:
            yield Fault(
                (*here, key),
                "lineage_ends",
                "这种变动的来源和去向写得不对",
                expected="更名、合并、拆分、划转写原代码和新代码；新设只写新代码，撤销只写原代码",
                found=f"{event.event}：{event.origin or '空'} → {event.target or '空'}",
                remedy="补上缺的代码，或删去多写的",
                needs=((*here, "origin"), (*here, "target")),
            )
            return
    if event.origin is not None and event.origin == event.target:
        yield Fault(
            (*here, "target"),
            "lineage_same",
            "原代码和新代码相同",
            expected="两个不同的代码",
            found=event.origin,
            remedy="代码不变的不用写：只改名称的，改名册并把旧名写进别名；沿用代码的合并只写并入的一方",
        )
