"""Whether an order simulates often enough for the confidence that its scheme asks for."""

from __future__ import annotations

import math
from collections.abc import Iterator

from evalkit.definitions.faults import Fault
from evalkit.methods.rank_sets import BEYOND


def draws_faults(draws: int, confidence: float) -> Iterator[Fault]:
    """Find too few draws: sets of rank changes are cut at half of what may miss."""
    level = 1.0 - (1.0 - confidence) / 2.0
    if draws * (1.0 - level) < BEYOND:
        yield Fault(
            ("settings", "draws"),
            "too_few_draws",
            f"置信水平 {confidence:g} 下，这么少的模拟次数算不出名次区间",
            expected=f"不少于 {math.ceil(round(BEYOND / (1.0 - level), 6))}",
            found=str(draws),
            remedy="增加 draws，或在方案中降低置信水平",
        )
