"""Frames of what ledgers hold: what became of their rows, and their measures."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import ClaimReason, ClaimVerdict, Comparison
from evalkit.tables.columns import Column, columns

LEDGER_FRAMES: Mapping[str, tuple[Column, ...]] = {
    "ledgers": columns(
        ("wave", "text", "wave id"),
        ("ledger", "text", "ledger id"),
        ("file", "text", "file as the analyst knows it"),
        ("read", "integer", "rows read = kept + excluded + duplicates + rejected"),
        ("kept", "integer", "rows that are records of the wave, or fall due in it"),
        ("excluded", "integer", "rows that the ledger's document excludes, or of another wave"),
        (
            "duplicates",
            "integer",
            "rows that repeat another, or were open in it and closed in another file",
        ),
        ("rejected", "integer", "blank rows, totals, repeated headers, rows of no known unit"),
        ("carried_in", "integer?", "records that had begun before the wave and were open"),
        ("received", "integer?", "records that began in the wave"),
        ("closed", "integer?", "records that ended in the wave"),
        ("withdrawn", "integer?", "records that were withdrawn"),
        ("open", "integer?", "open at the end: carried_in + received - closed - withdrawn"),
        ("unmatched", "integer", "of the rejected: units that are deliberately not counted"),
        ("unattributed", "integer", "of the rejected: rows that name no unit"),
    ),
    "objective": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id; all for the street"),
        ("ledger", "text", "ledger id"),
        ("measure", "text", "measure code"),
        ("name", "text", "measure name"),
        ("numerator", "number?", "of shares the records that count; of rates their number or sum"),
        ("denominator", "number?", "records behind it; empty below the minimum"),
        ("exposure", "number?", "of rates what they are per"),
        ("estimate", "number?", "the measure in its own unit; shares, scores, coverage 0 to 100"),
        ("se", "number?", "standard error from the committee's own records, points"),
        (
            "low",
            "number?",
            "lower end: Wilson of shares, Poisson of counts, width of levels, coverage",
        ),
        ("high", "number?", "upper end of the same interval"),
        ("bound_low", "number?", "of ratings: were all who did not rate at the worst"),
        ("bound_high", "number?", "of ratings: were all who did not rate at the best"),
        ("expected_low", "number?", "lower end of what is expected of an ordinary committee"),
        ("expected_high", "number?", "upper end of it"),
        ("z", "number?", "distance from the street in standard errors, over-dispersion included"),
        ("band", "text", f"{' | '.join(Comparison)}, Benjamini-Hochberg over all tests"),
        ("score", "number?", "0 to 100 as it enters indicators; empty of context"),
        ("filled", "flag", "no record: the street's mean stands in"),
    ),
    "claims": columns(
        ("wave", "text", "wave id"),
        ("claim", "text", "claim id"),
        ("text", "text", "how it was said where it was published"),
        ("source", "text", "where it was published"),
        ("way", "text", "sum | share | ratio | growth | listed | none"),
        ("printed", "text", "the number as printed"),
        ("printed_low", "number?", "least number that is printed like this, in the unit printed"),
        ("printed_high", "number?", "greatest number that is; empty where there is no end"),
        ("computed", "number?", "worked out from the numbers as they stand, in the unit printed"),
        ("low", "number?", "least it can come to by the rounding of all its terms"),
        ("high", "number?", "greatest it can come to; empty where there is no end"),
        ("difference", "number?", "computed - printed"),
        (
            "needed",
            "number?",
            "of contradicted ratios: the divisor that would give what is printed",
        ),
        ("verdict", "text", " | ".join(ClaimVerdict)),
        ("reason", "text", f"{' | '.join(ClaimReason)}; mostly empty"),
        ("other", "text", "of exchanged numbers: the other claim"),
    ),
}
