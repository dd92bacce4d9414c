"""A fault of a document, at a path inside it, and the faults that every document may have."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from math import fsum

from evalkit.definitions.places import Steps

PLACEHOLDER = re.compile(r"某某|请替换|请填写|^示例|^example-?\d*$", re.IGNORECASE)
"""What the templates of the presets write where a street writes its own."""

WEIGHT_TOLERANCE = 1e-6
"""Weights are typed by people in hundredths; anything further from 100 is a mistake."""


@dataclass(frozen=True, slots=True)
class Fault:
    """Something wrong with a document, at a path inside it.

    Attributes
    ----------
    path : Steps
        What is wrong: keys and positions, e.g. ``("groups", 2, "weight")``. A path without
        position, such as ``("groups", "weight")``, means the whole column.
    code, message, expected, found, remedy : str
        As in `Problem`.
    involved : tuple of Steps
        Everything else that has to do with it; its rows are named beside `found`.
    needs : tuple of Steps
        What has to be read completely for the fault to be real (the terms of a sum, the list in
        which something is missing), with ``"*"`` for any position. While some of it could not be
        read, the fault is not reported.
    """

    path: Steps
    code: str
    message: str
    expected: str | None = None
    found: str | None = None
    remedy: str | None = None
    involved: tuple[Steps, ...] = ()
    needs: tuple[Steps, ...] = ()


def duplicates(what: str, values: Iterable[tuple[Steps, str]]) -> Iterator[Fault]:
    """Yield a fault for every value that stands at more than one path."""
    by_value: dict[str, list[Steps]] = defaultdict(list)
    for steps, value in values:
        by_value[value].append(steps)
    for value, where in by_value.items():
        if len(where) > 1:
            yield Fault(
                where[-1],
                "duplicate_id",
                f"{what}重复",
                expected="各不相同",
                found=f"{value}（{len(where)} 次）",
                remedy="改成不同的值，或删去多余的",
                involved=tuple(where),
            )


def reversed_waves(
    where: Iterable[tuple[Steps, str | None, str | None]],
) -> Iterator[Fault]:
    """Yield a fault for every row, (path, since, until), whose first wave is after its last one."""
    for steps, since, until in where:
        if since and until and since > until:
            yield Fault(
                (*steps, "since"),
                "period_reversed",
                "首个批次在最后批次之后",
                expected=f"不晚于 {until}",
                found=since,
                remedy="改正批次",
            )


def placeholders(values: Iterable[tuple[Steps, str]]) -> Iterator[Fault]:
    """Yield a fault for every text that still is the template's."""
    for steps, value in values:
        if PLACEHOLDER.search(value):
            yield Fault(
                steps,
                "placeholder",
                "这是模板里的示例，还没有换掉",
                expected="实际的名称或代码",
                found=value,
                remedy="改成自己的；多余的示例行整行删去",
            )


def sum_fault(
    steps: Steps,
    what: str,
    expected: float,
    weights: Sequence[tuple[Steps, float]],
    needs: tuple[Steps, ...],
    remedy: str | None = None,
) -> Iterator[Fault]:
    """Yield a fault if weights, each with its place, do not add up to what they should."""
    values = [weight for _, weight in weights]
    total = fsum(values)
    if abs(total - expected) > WEIGHT_TOLERANCE:
        if abs(100 * total - expected) <= 100 * WEIGHT_TOLERANCE:
            remedy = f"权重写成了小数或百分数格式：{values[0]:g} 改写为 {100 * values[0]:g}，余类推"
        terms = f"（{' + '.join(f'{value:g}' for value in values)}）" if len(values) > 1 else ""
        yield Fault(
            steps,
            "weights_do_not_add_up",
            f"{what}不等于 {expected:g}",
            expected=f"{expected:g}",
            found=f"{total:g}{terms}",
            remedy=remedy or f"调整权重，使其和为 {expected:g}",
            involved=tuple(place for place, _ in weights),
            needs=needs,
        )
