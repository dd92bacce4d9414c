"""Frames that look at more than one wave: series, trends, changes by dimension, what to expect."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import OwnChange
from evalkit.tables.columns import Column, columns

OVER_WAVES: Mapping[str, tuple[Column, ...]] = {
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
