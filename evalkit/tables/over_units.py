"""Frames of units of other levels than the one that is evaluated."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.tables.columns import Column, columns

OVER_UNITS: Mapping[str, tuple[Column, ...]] = {
    "rollup": columns(
        ("wave", "text", "wave id"),
        ("grouping", "text", "level code; zone | housing | kind or a partition; all: the street"),
        ("unit", "text", "unit id, or the partition's value; all for the street"),
        ("name", "text", "its name"),
        ("code", "text", "composite, or a dimension's or indicator's code"),
        ("level", "text", "composite | dimension | indicator"),
        ("group", "text", "all; of units inside committees the residents' rater group"),
        ("members", "integer?", "committees that it is summed up from; empty inside committees"),
        ("n", "integer?", "answers, of units inside committees; empty where not published"),
        ("mean", "number?", "0 to 100, by the order's weights; empty where not published"),
        ("se", "number?", "its standard error, points: A C A'"),
        ("low", "number?", "lower end of its interval, points"),
        ("high", "number?", "upper end of its interval, points"),
        ("rank", "integer?", "rank of the composite among the grouping's units"),
        ("rank_low", "integer?", "best rank of the joint confidence set"),
        ("rank_high", "integer?", "worst rank of the joint confidence set"),
        ("suppressed", "flag", "too few stand behind it, or it would give away what is not told"),
    ),
}
