"""Records: what ledgers hold of one wave, and what became of every row that was read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Literal

import numpy as np
import pandas as pd

from evalkit.codes import Reason
from evalkit.definitions.ledger import Ledger
from evalkit.errors import Note
from evalkit.tables.cells import Floats
from evalkit.tables.frames import frame

How = Literal["excluded", "duplicates", "rejected"]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Rows that were not kept for one reason: a `Reason`, or the words of the ledger's document."""

    how: How
    reason: Reason | str
    count: int


@dataclass(frozen=True, slots=True)
class Records:
    """The records of one ledger in one wave. They stop at `answers.reducing`.

    Attributes
    ----------
    table : DataFrame
        A row a record: ``subject``; ``cluster``, the running number of the person it is about;
        ``belongs``, whether it is of the wave (others are kept for what falls due or begins in it); then the
        ledger's columns, typed: times, numbers, and the words of options.
    until : Timestamp or None
        The moment up to which is known what happened: the wave's end, else the latest of the times.
    start : Timestamp or None
        The wave's first moment, where it has one.
    origin : DataFrame or None
        ``file`` and ``row`` in which each record of `table` stands, in its order.
    """

    wave: str
    ledger: str
    table: pd.DataFrame
    start: pd.Timestamp | None = None
    until: pd.Timestamp | None = None
    origin: pd.DataFrame | None = None


@dataclass(frozen=True, slots=True)
class LedgerReport:
    """What became of one file: ``read == kept + excluded + duplicates + rejected``, always.

    Attributes
    ----------
    balance : dict of str to int
        ``carried_in + received = closed + withdrawn + open``, where the ledger tells when records
        began and ended.
    unused, dropped : tuple of str
        Headers of columns that nobody declared, and of those that are left out on purpose.
    """

    file: str
    wave: str
    ledger: str
    sha256: str
    read: int
    kept: int
    left_out: tuple[LeftOut, ...]
    balance: dict[str, int] = field(default_factory=dict)
    unused: tuple[str, ...] = ()
    dropped: tuple[str, ...] = ()
    notes: tuple[Note, ...] = ()

    def counted(self, how: How) -> int:
        """Return how many rows were left out in one way."""
        return sum(entry.count for entry in self.left_out if entry.how == how)

    def because(self, reason: Reason) -> int:
        """Return how many rows were left out for one reason."""
        return sum(entry.count for entry in self.left_out if entry.reason == reason)


@dataclass(frozen=True, slots=True)
class Reduced:
    """What the records of one ledger say of K committees by M measures: no rows any more.

    Attributes
    ----------
    n, asked : ndarray of shape (K, M)
        Records behind a number (of a rate at least 1: no event is known, too), and those that could
        have been (of a rating: also the unrated).
    hits : ndarray of shape (K, M)
        Of shares the records that count as 100; of scores the points over 100; of rates the count,
        or the sum of amounts; of coverage what is reached: square metres, or places.
    exposure : ndarray of shape (K, M)
        Of rates; of coverage all there is to reach; NaN elsewhere.
    raw : ndarray of shape (K, M)
        The number in its own unit; of shares and scores the same as `mean`.
    mean : ndarray of shape (K, M)
        0 to 100; NaN without a record, and of context that is not scored.
    covariance : ndarray of shape (K, M, M)
        From the committee's own records; NaN where fewer than two tell it.
    df : ndarray of shape (K, M)
        Records, or persons, less one; infinite of declared widths and of coverage.
    beside : tuple of str
        Committees that are being set up: they are in no mean of the street.
    """

    wave: str
    ledger: Ledger
    subjects: tuple[str, ...]
    n: Floats
    asked: Floats
    hits: Floats
    exposure: Floats
    raw: Floats
    mean: Floats
    covariance: Floats
    df: Floats
    beside: tuple[str, ...] = ()

    def at(self, code: str) -> int:
        """Return the place of a measure."""
        return [measure.code for measure in self.ledger.measures].index(code)

    def adds_amounts(self, place: int) -> bool:
        """Tell whether a measure is a rate of amounts, of which no sum is a count."""
        return self.ledger.adds_amounts(self.ledger.measures[place])

    def behind(self, place: int) -> Floats:
        """Return the records behind a measure of K committees; 0 of rates without an event."""
        if self.ledger.measures[place].how != "rate":
            return self.n[:, place]
        return self.asked[:, place] if self.adds_amounts(place) else self.hits[:, place]


@dataclass(frozen=True, slots=True)
class Counted:
    """What one term of a claim comes to in the records of a ledger.

    Attributes
    ----------
    value : Fraction or None
        Exact; None where some of what would be added up is blank.
    is_told : bool
        Whether enough records are behind it.
    least : int
        A number of fewer records is not told, either.
    is_count : bool
        Whether it is a number of records.
    lower, upper : Fraction or None
        What it could be if the rows that name no unit, or one that is not counted, were as low, or
        as high, as they can be; None where there is no end.
    """

    value: Fraction | None
    is_told: bool
    least: int
    is_count: bool
    lower: Fraction | None = None
    upper: Fraction | None = None

    @property
    def is_sure(self) -> bool:
        """Whether every row that was read is in it."""
        return self.lower == self.value == self.upper


@dataclass(frozen=True, slots=True)
class Proposal:
    """What could meet open needs, and what nothing meets; none of it is assigned.

    Attributes
    ----------
    matches : DataFrame
        ``need, resource, subject, kind, near, capacity, taken, proposed``: the last three are of the
        resource, records tied already and by this proposal.
    unmet : DataFrame
        ``need, subject, kind, why``: ``no_kind, no_resource, no_room``.
    unsized : int
        Resources whose capacity nobody told: they are not proposed.
    """

    matches: pd.DataFrame
    unmet: pd.DataFrame
    unsized: int


TermKey = tuple[str, int]
"""A term of a claim: the claim's id, and the term's place in it."""

BALANCE = ("carried_in", "received", "closed", "withdrawn", "open")


def accounts(reports: Sequence[LedgerReport]) -> pd.DataFrame:
    """Return frame ``ledgers``: what became of the rows of every file."""
    columns: dict[str, list[object]] = {
        "wave": [r.wave for r in reports],
        "ledger": [r.ledger for r in reports],
        "file": [r.file for r in reports],
        "read": [r.read for r in reports],
        "kept": [r.kept for r in reports],
        "excluded": [r.counted("excluded") for r in reports],
        "duplicates": [r.counted("duplicates") for r in reports],
        "rejected": [r.counted("rejected") for r in reports],
        "unmatched": [r.because(Reason.UNMATCHED_SUBJECT) for r in reports],
        "unattributed": [r.because(Reason.NO_SUBJECT) for r in reports],
    }
    table = pd.DataFrame(columns)
    for name in BALANCE:
        table[name] = pd.array([r.balance.get(name) for r in reports], dtype="Int64")
    whole = [n for n in columns if n not in ("wave", "ledger", "file")]
    return frame("ledgers", table.astype(dict.fromkeys(whole, np.int64)))
