"""Published numbers worked out again: what they come to, and whether that is what was printed.

Every number is a range, known from how it was printed; the verdict says whether the range of what
was printed and that of what it comes to share a number. A number as it stands that gives what was
printed agrees; one that does so only within the rounding of what it is made of is explained by it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction

import numpy as np
import pandas as pd

from evalkit.codes import ClaimReason, ClaimVerdict, NoteCode
from evalkit.definitions.calendar import working_days
from evalkit.definitions.claims import Claim, Term
from evalkit.definitions.decided import Decided
from evalkit.definitions.printed import Printed, read_printed
from evalkit.definitions.units import Units
from evalkit.errors import Note
from evalkit.methods.ranges import Range, quotient, total
from evalkit.tables import FRAMES, frame, no_rows
from evalkit.tables.records import Counted, TermKey

ANY = Range(Fraction(0), None)
"""What is known of a part that is only named."""


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of one term.

    Attributes
    ----------
    range : Range
    value : Fraction or None
        As it stands; None where only bounds are known.
    lacks : ClaimReason or None
        Why nothing is known.
    is_open : bool
        Whether it is a part of which only the name is known.
    is_sure : bool
        False of records beside which there are rows of no unit.
    """

    range: Range
    value: Fraction | None
    lacks: ClaimReason | None = None
    is_open: bool = False
    is_sure: bool = True


@dataclass(frozen=True, slots=True)
class Found:
    """What a claim comes to; `stated` is what would be printed like it, as it was judged."""

    verdict: ClaimVerdict
    reason: ClaimReason | None = None
    range: Range | None = None
    value: Fraction | None = None
    needed: Fraction | None = None
    other: str = ""
    stated: Range | None = None


def reconcile(decided: Decided, counted: Mapping[TermKey, Counted], wave: str) -> pd.DataFrame:
    """Return frame ``claims``: every published number, in the order of their document.

    Parameters
    ----------
    decided : Decided
    counted : dict of TermKey to Counted
        What terms come to in the records.
    wave : str
        The wave of terms that name none.
    """
    if decided.claims is None:
        return no_rows("claims")
    desk = _Desk(decided, counted, wave)
    claims = decided.claims.claims
    found = _exchanged(claims, [desk.found(claim) for claim in claims])
    rows = [_row(claim, one, wave) for claim, one in zip(claims, found, strict=True)]
    return frame("claims", pd.DataFrame(rows, columns=[c.name for c in FRAMES["claims"]]))


def notes(claims: pd.DataFrame) -> Iterator[Note]:
    """Yield that published numbers are contradicted by what they are made of."""
    against = claims[claims["verdict"] == ClaimVerdict.CONTRADICTED]
    if len(against):
        facts = {"numbers": tuple(against["printed"])}
        yield Note(NoteCode.CLAIMS_CONTRADICTED, "", len(against), facts)


@dataclass(frozen=True, slots=True)
class _Desk:
    """Everything that claims are worked out from."""

    decided: Decided
    counted: Mapping[TermKey, Counted]
    wave: str

    def found(self, claim: Claim) -> Found:
        """Work out one claim."""
        if claim.way == "none":
            return Found(ClaimVerdict.UNVERIFIABLE, ClaimReason.NOT_AT_HAND)
        stated = printed_range(claim)
        if claim.way == "listed":
            number = Fraction(len(claim.listed))
            return _judged(stated, Range.point(number), number, is_open=True)
        known = [self.known(claim, place, term) for place, term in enumerate(claim.terms)]
        lacks = next((one.lacks for one in known if one.lacks is not None), None)
        if lacks is not None:
            return Found(ClaimVerdict.UNVERIFIABLE, lacks)
        over, under = _weights(claim)
        over, under, known = _once(claim, over, under, known)
        ranges, values = [one.range for one in known], [one.value for one in known]
        bounded = any(one.value is None and not one.is_open for one in known)
        value: Fraction | None = None
        if claim.way == "sum":
            reach: Range | None = total(over, ranges)
            value = _sum(over, values)
        else:
            reach = quotient(over, under, ranges)
            per = Fraction(repr(claim.per))
            reach = None if reach is None else reach.times(per)
            if reach is not None and not bounded:
                value = per * _sum(over, values) / _sum(under, values)
        if reach is None:
            return Found(ClaimVerdict.UNVERIFIABLE, ClaimReason.NO_QUOTIENT)
        is_open = claim.way == "sum" and (not claim.complete or any(one.is_open for one in known))
        if claim.whole is None and value is not None and value.denominator > 1:
            # No whole number counts what is none: it was rounded.
            stated = _read(claim.printed).reach(counted=False)
        found = _judged(stated, reach, None if bounded else value, is_open=is_open)
        if found.verdict is ClaimVerdict.ROUNDING and not all(one.is_sure for one in known):
            found = replace(
                found, verdict=ClaimVerdict.UNVERIFIABLE, reason=ClaimReason.UNATTRIBUTED
            )
        if self._few(claim, found):
            return Found(ClaimVerdict.UNVERIFIABLE, ClaimReason.FEW)
        return replace(found, needed=_needed(claim, found, over, under, values))

    def _few(self, claim: Claim, found: Found) -> bool:
        """Tell whether the result is itself a count of too few: all but a few are not told."""
        own = [self.counted.get((claim.id, at)) for at in range(len(claim.terms))]
        counts = [one for one in own if one is not None and one.is_count]
        value = found.value
        if claim.way != "sum" or not counts or value is None:
            return False
        return 0 < abs(value) < max(one.least for one in counts)

    def known(self, claim: Claim, place: int, term: Term) -> Known:
        """Return what is known of a term."""
        if term.printed is not None:
            return _as_printed(claim, _read(term.printed), own=False)
        if term.claim is not None:
            other = None if self.decided.claims is None else self.decided.claims.claim(term.claim)
            assert other is not None, "claims name one another"
            return _as_printed(other, _read(other.printed), own=True)
        if term.ledger is not None:
            counted = self.counted.get((claim.id, place))
            if counted is None:
                return Known(ANY, None, ClaimReason.NO_RECORDS)
            if not counted.is_told:
                return Known(ANY, None, ClaimReason.FEW)
            if counted.value is None:
                return Known(ANY, None, ClaimReason.BLANKS)
            reach = Range(counted.lower, counted.upper)
            return Known(reach, counted.value, is_sure=counted.is_sure)
        if term.roster is not None:
            return self._of_roster(term)
        if term.since is not None and term.until is not None:
            if term.workdays:
                worked = working_days(self.decided.order.calendar)
                days = worked.between(term.since, term.until)
            else:
                days = (term.until - term.since).days + 1
            return _exactly(Fraction(days))
        return Known(ANY, None, is_open=True)

    def _of_roster(self, term: Term) -> Known:
        units, wave = Units.of(self.decided.roster), term.wave or self.wave
        present, people = units.present(wave), units.populations(wave)
        if term.roster == "subjects":
            return _exactly(Fraction(len(present)))
        if len(people) < len(present):
            return Known(ANY, None, ClaimReason.NO_POPULATION)
        return _exactly(Fraction(sum(people.values())))


def printed_range(claim: Claim) -> Range:
    """Return the numbers that would be printed as the claim is."""
    return claim.range_of(_read(claim.printed), own=True)


def _read(text: str) -> Printed:
    found = read_printed(text)
    assert found is not None, "the document's faults told"
    return found


def _as_printed(claim: Claim, found: Printed, *, own: bool) -> Known:
    return Known(claim.range_of(found, own=own), None if found.is_bound else found.value)


def _exactly(value: Fraction) -> Known:
    return Known(Range.point(value), value)


def _weights(claim: Claim) -> tuple[list[Fraction], list[Fraction]]:
    """Return what every term weighs above and below the line."""
    times = [Fraction(repr(term.times)) for term in claim.terms]
    if claim.way == "growth":
        now, before = times
        return [now, -before], [Fraction(0), before]
    sides = [term.side if claim.divides else "over" for term in claim.terms]
    over = [t if side != "under" else Fraction(0) for t, side in zip(times, sides, strict=True)]
    under = [t if side != "over" else Fraction(0) for t, side in zip(times, sides, strict=True)]
    return over, under


def _once(
    claim: Claim, over: list[Fraction], under: list[Fraction], known: list[Known]
) -> tuple[list[Fraction], list[Fraction], list[Known]]:
    """Take terms that are the same other claim together: it is one number, however rounded."""
    places: dict[object, int] = {}
    told: tuple[list[Fraction], list[Fraction], list[Known]] = ([], [], [])
    for at, term in enumerate(claim.terms):
        key: object = at if term.claim is None else term.claim
        if key in places:
            told[0][places[key]] += over[at]
            told[1][places[key]] += under[at]
            continue
        places[key] = len(told[0])
        told[0].append(over[at])
        told[1].append(under[at])
        told[2].append(known[at])
    return told


def _sum(weights: list[Fraction], values: list[Fraction | None]) -> Fraction:
    return sum((w * v for w, v in zip(weights, values, strict=True) if v is not None), Fraction(0))


def _judged(stated: Range, reach: Range, value: Fraction | None, *, is_open: bool) -> Found:
    """Hold what a claim comes to against what was printed; `is_open` where parts may be missing."""
    if value is not None and stated.holds(value):
        verdict, reason = ClaimVerdict.AGREES, None
    elif is_open:
        partial = Range(reach.low, None, reach.holds_low).meets(stated)
        verdict = ClaimVerdict.PARTIAL if partial else ClaimVerdict.CONTRADICTED
        reason = None
    elif not reach.meets(stated):
        verdict, reason = ClaimVerdict.CONTRADICTED, None
    elif value is not None:
        verdict, reason = ClaimVerdict.ROUNDING, None
    elif reach.within(stated):
        verdict, reason = ClaimVerdict.AGREES, None
    else:
        verdict, reason = ClaimVerdict.UNVERIFIABLE, ClaimReason.ONLY_BOUNDS
    return Found(verdict, reason, reach, value, stated=stated)


def _needed(
    claim: Claim,
    found: Found,
    over: list[Fraction],
    under: list[Fraction],
    values: list[Fraction | None],
) -> Fraction | None:
    """Return the only divisor that would give what was printed, of a ratio that is contradicted."""
    divisors = [at for at, weight in enumerate(under) if weight]
    contradicted = claim.way == "ratio" and found.verdict is ClaimVerdict.CONTRADICTED
    if not contradicted or len(divisors) != 1 or over[divisors[0]] != 0:
        return None
    divisor, printed = values[divisors[0]], _read(claim.printed)
    if found.value is None or divisor is None or printed.is_bound or not printed.value:
        return None
    needed = divisor * found.value / printed.value
    return needed if needed > 0 else None


def _exchanged(claims: list[Claim], found: list[Found]) -> list[Found]:
    """Mark contradicted numbers of one source of which each comes to what the other says."""
    told = list(found)
    against = [at for at, one in enumerate(found) if one.verdict is ClaimVerdict.CONTRADICTED]
    for a in against:
        for b in against:
            mine, theirs = found[a].value, found[b].value
            if a == b or claims[a].source != claims[b].source or mine is None or theirs is None:
                continue
            if printed_range(claims[b]).holds(mine) and printed_range(claims[a]).holds(theirs):
                told[a] = replace(found[a], reason=ClaimReason.EXCHANGED, other=claims[b].id)
    return told


def _row(claim: Claim, found: Found, wave: str) -> dict[str, object]:
    printed = _read(claim.printed)
    stated = found.stated or printed_range(claim)

    def shown(value: Fraction | None) -> float:
        return np.nan if value is None else float(value / printed.scale)

    reach, told = found.range, found.value is not None and not printed.is_bound
    return {
        "wave": wave,
        "claim": claim.id,
        "text": claim.text,
        "source": claim.published_in,
        "way": claim.way,
        "printed": claim.printed,
        "printed_low": shown(stated.low),
        "printed_high": shown(stated.high),
        "computed": shown(found.value),
        "low": np.nan if reach is None else shown(reach.low),
        "high": np.nan if reach is None else shown(reach.high),
        "difference": shown(found.value - printed.value)
        if told and found.value is not None
        else np.nan,
        "needed": np.nan if found.needed is None else float(found.needed),
        "verdict": found.verdict.value,
        "reason": "" if found.reason is None else found.reason.value,
        "other": found.other,
    }
