"""Frames about how far scores can be trusted: by rater group, by kind of sample, by kind of people."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.tables.columns import Column, columns

OF_TRUST: Mapping[str, tuple[Column, ...]] = {
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
}
