"""Frames that look at more than one wave: changes, series, trends, what to expect."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import ChangeVerdict, OwnChange
from evalkit.tables.columns import Column, columns

OVER_WAVES: Mapping[str, tuple[Column, ...]] = {
    "changes": columns(
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("from_wave", "text", "earlier wave"),
        ("to_wave", "text", "later wave"),
        ("score_from", "number", "earlier score under today's scheme, 0 to 100"),
        ("score_to", "number", "later score, 0 to 100"),
        ("change", "number", "score_to - score_from, points"),
        ("relative_change", "number", "change less the street's mean change, points"),
        ("se", "number", "standard error of the relative change, points"),
        ("p_adjusted", "number", "Holm-adjusted p-value of the relative change"),
        ("verdict", "text", " | ".join(ChangeVerdict)),
        ("rank_from", "integer", "rank in the earlier wave"),
        ("rank_to", "integer", "rank in the later wave"),
        ("rank_change", "integer", "rank_to - rank_from; negative = moved up"),
        ("rank_change_low", "integer", "lower end of the rank change's confidence set; wide"),
        ("rank_change_high", "integer", "upper end of the rank change's confidence set; wide"),
        ("change_se", "number", "standard error of the change itself, points"),
        ("change_p_adjusted", "number", "Holm-adjusted p-value of the change itself"),
        ("change_verdict", "text", " | ".join(list(OwnChange)[:3])),
        ("change_rank", "integer", "rank of the change among all changes, 1 = rose most"),
        ("change_rank_low", "integer", "best rank of its marginal confidence set"),
        ("change_rank_high", "integer", "worst rank of its marginal confidence set"),
    ),
    "contributions": columns(
        ("subject", "text", "subject id"),
        ("from_wave", "text", "earlier wave"),
        ("to_wave", "text", "later wave"),
        ("code", "text", "indicator code"),
        ("points", "number", "points of the change in score; a subject's points add up to it"),
        ("group", "text", "rater group code"),
    ),
    "series": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id; all for the street"),
        ("code", "text", "composite, or a dimension's code"),
        ("level", "text", "composite | dimension"),
        ("name", "text", "its name"),
        ("estimate", "number", "score under today's scheme, 0 to 100"),
        ("se", "number", "its standard error, points"),
        ("low", "number", "lower end of its interval, points"),
        ("high", "number", "upper end of its interval, points"),
    ),
    "trends": columns(
        ("subject", "text", "subject id; all for the street"),
        ("code", "text", "composite, or a dimension's code"),
        ("level", "text", "composite | dimension"),
        ("name", "text", "its name"),
        ("from_wave", "text", "first wave of the line"),
        ("to_wave", "text", "last wave of the line"),
        ("n", "integer", "waves that it goes through"),
        ("slope", "number", "change from wave to wave by a straight line, points"),
        ("slope_se", "number", "its standard error, points"),
        ("slope_low", "number", "lower end of its interval (not adjusted), points"),
        ("slope_high", "number", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the family"),
        (
            "family",
            "text",
            "scores (all lines of composites and all committees' own changes from wave to wave) | "
            "dimensions (all lines of dimensions)",
        ),
        ("tests", "integer", "tests in the family"),
        ("verdict", "text", " | ".join(OwnChange)),
    ),
    "dimension_changes": columns(
        ("wave", "text", "wave id"),
        ("from_wave", "text", "the wave before"),
        ("subject", "text", "subject id"),
        ("code", "text", "dimension's code"),
        ("name", "text", "its name"),
        ("previous", "number", "the last wave's estimate under today's scheme, 0 to 100"),
        ("estimate", "number", "this wave's, 0 to 100"),
        ("change", "number", "this wave's less the last one's, points"),
        ("change_se", "number?", "its standard error, points"),
        ("change_low", "number?", "lower end of its interval (not adjusted), points"),
        ("change_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the family"),
        ("family", "text", "subject: the dimensions of one committee"),
        ("tests", "integer", "tests in the family"),
        ("verdict", "text", " | ".join(OwnChange)),
    ),
    "forecasts": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number", "this wave's score, 0 to 100"),
        ("expected", "number", "the next wave's score if nothing changes: the shrunken score"),
        ("expected_se", "number", "its standard error, the next wave's own error included, points"),
        ("expected_low", "number", "lower end of the interval of the next score, points"),
        ("expected_high", "number", "upper end of the interval of the next score, points"),
    ),
}
"""By name; part of `frames.FRAMES`."""
