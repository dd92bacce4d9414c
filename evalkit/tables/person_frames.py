"""Frames of tracks: what is told of persons in their own folder, and what elsewhere."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import Place
from evalkit.tables.columns import Column, columns

PERSON_FRAMES: Mapping[str, tuple[Column, ...]] = {
    "persons": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "the person's number"),
        ("committee", "text", "id of the committee"),
        ("post", "text", "post"),
        (
            "score",
            "number?",
            "all groups by the scheme, 0 to 100: compares within the committee only",
        ),
        ("se", "number?", "standard error of the score, points"),
        ("low", "number?", "lower end of the score's interval, points"),
        ("high", "number?", "upper end of the score's interval, points"),
        ("of", "integer", "persons of the committee with a score"),
        ("rank_low", "integer?", "best rank within the committee, marginal confidence set"),
        ("rank_high", "integer?", "worst rank within the committee"),
        (
            "ahead_of",
            "text?",
            "whom of the committee the person is surely ahead of, all pairs together, joined by ;",
        ),
        ("reliability", "number?", "share of the score's variance within committees that is real"),
        ("comparable", "number?", "without colleagues, 0 to 100: compares across committees"),
        ("comparable_se", "number?", "standard error of it, points"),
        ("street_of", "integer", "persons of the street with a comparable score"),
        ("street_rank_low", "integer?", "best rank of the street, marginal confidence set"),
        ("street_rank_high", "integer?", "worst rank of the street"),
        ("street_reliability", "number?", "share of the comparable score's variance that is real"),
    ),
    "raters": columns(
        ("wave", "text", "wave id"),
        ("group", "text", "rater group's code"),
        ("scope", "text", "unit: compares within a committee only; street: compares everybody"),
        ("subject", "text", "the person's number; all for the group as a whole"),
        (
            "raters",
            "integer?",
            "of a person: whose ratings count; empty below the minimum, and of ledgers",
        ),
        ("estimate", "number?", "of a person: what the group says, 0 to 100"),
        ("se", "number?", "standard error of it, points"),
        ("single", "number?", "of the group: reliability of a single rater, 0 to 1"),
        (
            "reliability",
            "number?",
            "of so many raters (Spearman-Brown), or records; of the group their mean",
        ),
        ("low", "number?", "of the group: lower end of the mean reliability's interval"),
        ("high", "number?", "of the group: upper end"),
    ),
    "quotas": columns(
        ("wave", "text", "wave id"),
        ("grade", "text", "grade that only so many may hold"),
        ("scope", "text", "unit | street: among whom places are counted"),
        ("committee", "text", "id of the committee; all for the street"),
        ("subject", "text", "the person's number"),
        ("persons", "integer", "with a score, in this scope"),
        ("places", "integer", "places: the share of these persons, rounded down"),
        ("probability", "number?", "that the true score is among so many best, 0-1"),
        ("verdict", "text", " | ".join(Place) + ", by the person's own confidence set of ranks"),
        ("best_inside", "number?", "that the truly best holds a place, at this reliability, 0-1"),
    ),
    "tracks": columns(
        ("wave", "text", "wave id"),
        ("track", "text", "track id"),
        ("title", "text", "what the track is called"),
        ("kind", "text", "workers | members"),
        ("persons", "integer", "persons on the roster in this wave"),
        ("scored", "integer", "of them with enough raters for a score"),
        ("group", "text", "all for the score, or a rater group's name"),
        ("scope", "text", "unit: compares within a committee only; street: compares everybody"),
        ("single", "number?", "reliability of a single rater, 0 to 1"),
        ("reliability", "number?", "mean reliability of the persons' numbers, 0 to 1"),
        ("low", "number?", "lower end of its interval"),
        ("high", "number?", "upper end of its interval"),
    ),
    "track_grades": columns(
        ("wave", "text", "wave id"),
        ("track", "text", "track id"),
        ("grade", "text", "grades of the comparable score, small ones together"),
        ("persons", "integer", "persons, never fewer than the least that is told"),
    ),
}
