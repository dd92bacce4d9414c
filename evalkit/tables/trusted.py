"""Frames about how far scores can be trusted: by rater group, by kind of sample, by kind of people."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import Band
from evalkit.tables.columns import Column, columns

OF_TRUST: Mapping[str, tuple[Column, ...]] = {
    "bands": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number", "raw composite, 0 to 100: the one that is ranked"),
        ("rank", "integer", "rank of the raw composite"),
        ("band", "text", " | ".join(Band)),
        ("z", "number", "distance from the street's mean in its standard errors"),
        ("adjusted", "number?", "composite adjusted for who answered, 0 to 100"),
        ("adjusted_se", "number?", "its standard error, points"),
        ("shrunken", "number", "composite shrunken towards the street's mean, 0 to 100"),
        ("shrunken_se", "number", "root of its mean squared error, points"),
    ),
    "extremes": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("rank", "integer", "rank of the raw composite"),
        ("first_of", "integer", "how many count as the first: size of the highest grade held"),
        ("among_first", "number", "probability that the true score is among so many best, 0-1"),
        ("last_of", "integer", "how many count as the last: size of the lowest grade held"),
        ("among_last", "number", "probability that the true score is among so many worst, 0-1"),
        ("expected_rank", "number", "mean rank of the true score; not the published rank"),
    ),
    "reliability": columns(
        ("wave", "text", "wave id"),
        ("group", "text", "all (the table), or a rater group's code: its composite alone"),
        ("n", "integer", "complete committees"),
        ("tau", "number", "standard deviation of the true scores between committees, points"),
        ("tau_low", "number", "lower end of its interval (Q-profile), points"),
        ("tau_high", "number", "upper end of its interval, points"),
        ("reliability", "number", "mean share of the variance that is real differences, 0-1"),
        ("reliability_low", "number", "lower end of its interval, 0-1"),
        ("reliability_high", "number", "upper end of its interval, 0-1"),
        (
            "single",
            "number?",
            "reliability of one answer, 0-1; of groups in which every answer is a rater of its own",
        ),
    ),
    "samples": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id, of those of whom both groups' numbers are told"),
        ("name", "text", "subject name"),
        ("listed", "number", "composite of the residents on the list alone, 0 to 100"),
        ("listed_se", "number", "its standard error, points: of asking again people of that list"),
        ("listed_rank", "integer", "rank by it among these subjects"),
        ("drawn", "number", "composite of the residents drawn at random alone, 0 to 100"),
        ("drawn_se", "number", "its standard error, points: of drawing residents again"),
        ("drawn_rank", "integer", "rank by it among these subjects"),
        ("gap", "number", "listed - drawn, points"),
        ("gap_se", "number", "its standard error, points"),
        ("gap_low", "number", "lower end of its interval (not adjusted), points"),
        ("gap_high", "number", "upper end of its interval (not adjusted), points"),
        ("blended", "number", "both joined by their errors, the list less the street's gap"),
        ("blended_se", "number", "root of its mean squared error, points"),
        ("blended_rank", "integer", "rank by it; the published rank is on the score"),
        ("list_share", "number", "what the list weighs in it, 0-1"),
    ),
    "design_effects": columns(
        ("wave", "text", "wave id"),
        (
            "group",
            "text",
            "rater group code, of groups in which every answer is a rater of its own",
        ),
        ("basis", "text", "recorded (role cluster) | declared (in the scheme) | assumed (1)"),
        ("n", "integer", "answers"),
        ("clusters", "integer", "clusters they come from; answers where none are recorded"),
        (
            "design_effect",
            "number",
            "variance of the group's composite over that of as many independent answers",
        ),
        ("icc", "number?", "intraclass correlation of the group's composite within clusters"),
    ),
}
