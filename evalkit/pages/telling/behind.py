"""What stands behind a group's numbers, in words: answers of people, or the records of a ledger."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import PLAIN, Ledger
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Scheme
from evalkit.pages.press import wording as say

ANSWERS, RECORDS = "有效答卷", "记录"


@dataclass(frozen=True, slots=True)
class Behind:
    """In what the evidence of a group is counted.

    Attributes
    ----------
    unit : str
        The measure word: 份 of answers, 条 of records, 件 of what a table counts.
    noun : str
        What they are.
    """

    unit: str
    noun: str

    def counted(self, number: str) -> str:
        """Write a number of them: ``80 份有效答卷``, ``80 条工单记录``."""
        return f"{number} {self.unit}{self.noun}"

    def fewer(self, minimum: int) -> str:
        """Say that there are fewer than so many: ``有效答卷少于 10 份``."""
        return f"{self.noun}少于 {minimum} {self.unit}"


def behind(group: RaterGroup, decided: Decided) -> Behind:
    """Return what stands behind a group's numbers."""
    if group.ledger is None:
        return Behind("份", ANSWERS)
    return of_ledger(decided.ledgers[group.ledger])


def of_ledger(ledger: Ledger) -> Behind:
    """Return what a ledger's numbers count: its records, or what its rows count."""
    if ledger.rows == "counts":
        return Behind("件", ledger.noun)
    return Behind("条", ledger.noun if ledger.noun == PLAIN else f"{ledger.noun}{RECORDS}")


def number(group: RaterGroup, decided: Decided, n: int) -> str:
    """Write a group's number in a table of all groups; of records with their measure word."""
    unit = "" if group.ledger is None else f" {behind(group, decided).unit}"
    return f"{say.count(n, group.minimum_n)}{unit}"


def heading(scheme: Scheme) -> str:
    """Return the head of a column with the numbers of all groups."""
    kinds = (ANSWERS if scheme.asked else "", RECORDS if scheme.ledgers else "")
    return "、".join(kind for kind in kinds if kind)


def amount(scheme: Scheme) -> str:
    """Name how many there are of it: ``份数`` of answers; of records, or of both, ``数目``."""
    return "数目" if scheme.ledgers else "份数"


def minimums(decided: Decided) -> Iterator[tuple[list[str], Behind, int]]:
    """Yield which groups are published from how many of what, the largest number first."""
    found: dict[tuple[int, Behind], list[str]] = {}
    for group in decided.scheme.groups:
        found.setdefault((group.minimum_n, behind(group, decided)), []).append(group.name)
    for (least, own), names in sorted(found.items(), key=lambda item: -item[0][0]):
        yield names, own, least


def together(decided: Decided, counts: dict[str, int]) -> list[str]:
    """Write how many answers and how many records of each ledger there are, by group's numbers."""
    found: dict[Behind, int] = {}
    for group in decided.scheme.groups:
        own = behind(group, decided)
        found[own] = found.get(own, 0) + counts.get(group.code, 0)
    return [own.counted(f"{n:,}") for own, n in found.items()]
