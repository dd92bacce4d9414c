"""Names of units that do not exist, and what people write for them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evalkit.definitions.roster import Subject
from evalkit.definitions.text import COMMITTEE_SUFFIXES

PLACES = "春和瑞晨同新康百友长永安宁福泰华清明德仁"
ENDS = ("苑", "新村", "里", "坊", "公寓", "花园")
DIRECTIONS = ("东", "南", "西", "北", "中", "东南", "东北", "西南", "西北")
_DIGITS = "一二三四五六七八九"
PLAIN = "居民区"
"""The kind of unit whose name people write with its kind behind it, or with another word for it."""


def places(ends: Sequence[str]) -> list[str]:
    """Return every name of a place, two signs and an ending."""
    return [f"{a}{b}{end}" for a in PLACES for b in PLACES if a != b for end in ends]


def drawn(count: int, ends: Sequence[str], taken: set[str], rng: np.random.Generator) -> list[str]:
    """Return so many names whose first two signs nobody has yet; they are added to `taken`."""
    stems = [f"{a}{b}" for a in PLACES for b in PLACES if a != b and f"{a}{b}" not in taken]
    chosen = [stems[int(at)] for at in rng.permutation(len(stems))[:count]]
    taken.update(chosen)
    return [f"{stem}{ends[at % len(ends)]}" for at, stem in enumerate(chosen)]


def directions(count: int, end: str) -> list[str]:
    """Return names of areas: 东片, 南片 ...; numbered where there are more than directions."""
    if count <= len(DIRECTIONS):
        return [f"{direction}{end}" for direction in DIRECTIONS[:count]]
    return list(numbered(count, end))


def numbered(count: int, what: str) -> Iterator[str]:
    """Yield 第一…, 第二… and so on."""
    for number in range(1, count + 1):
        tens, ones = divmod(number, 10)
        head = "" if not tens else "十" if tens == 1 else f"{_DIGITS[tens - 1]}十"
        yield f"第{head}{_DIGITS[ones - 1] if ones else ''}{what}"


def spoken(subject: Subject) -> str:
    """Return a unit's name as forms list it."""
    return f"{subject.name}居民区" if _bare(subject) else subject.name


def written(subject: Subject) -> tuple[str, ...]:
    """Return what offices write for a unit."""
    if not _bare(subject):
        return (subject.name, *subject.aliases)
    return (f"{subject.name}居民区", f"{subject.name}居委会", subject.name)


def _bare(subject: Subject) -> bool:
    return subject.kind == PLAIN and not subject.name.endswith(COMMITTEE_SUFFIXES)
