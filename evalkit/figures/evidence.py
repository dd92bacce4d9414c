"""What stands behind a score: rater groups, answers, what matters most, how firm a result is.

Every name here is a `Figure`, as in `charts`.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from . import dots, layout, scatter, stacks, style
from .charts import street_key
from .layout import SCORE_LIMITS, Line
from .render import Drawing, figure


@figure
def groups(
    frame: pd.DataFrame,
    *,
    subject: str = "本居民区",
    street: str = "街道平均",
    unpublished: str = "人数不足，不公布",
    title: str = "得分",
    unit: str = "份",
    decimals: int = 1,
    domain: tuple[float, float] | None = None,
    step: float = 30.0,
    width: int = style.WIDTH,
) -> Drawing:
    """Rater groups of one subject side by side, each against the street.

    Parameters
    ----------
    frame
        One row a rater group, in the order to print: group, estimate, low, high (points,
        nullable: a group too small to publish), n (whole number, or text such as "<10"),
        street (points, nullable).
    subject, street
        Words of the key.
    unpublished
        What is printed where the estimate is missing.
    title, domain
        Axis title, least axis ends.
    unit, decimals
        What ``n`` counts; decimals of the numbers beside the rows.
    step, width
        Height of one row and width of the whole chart in pixels.
    """
    data = layout.required(frame, ("group", "estimate", "low", "high", "n", "street"))
    columns = ("group", "estimate", "low", "high", "n", "street")
    rows = []
    for i, r in enumerate(layout.records(data, columns)):
        estimate = layout.value(r["estimate"])
        n = r["n"] if isinstance(r["n"], str) else f"{r['n']:.0f}"
        row = dots.dot(
            i,
            f"{style.clean(r['group'])}（{style.clean(n)}{style.clean(unit)}）",
            estimate,
            r["low"],
            r["high"],
            shape="diamond",
            ink=style.ACCENT,
            street=r["street"],
            aside=unpublished if estimate is None else style.number(estimate, decimals),
        )
        rows.append({**row, "size": dots.HIGHLIGHT_SIZE})
    return dots.drawing(
        rows,
        title=title,
        ticks=layout.enclosing(
            [*data["estimate"], *data["street"]],
            [*data["low"], *data["high"]],
            domain=domain,
            limits=SCORE_LIMITS,
        ),
        width=width,
        step=step,
        key=street_key(subject, street, None),
    )


@figure
def sensitivity_bars(
    frame: pd.DataFrame,
    *,
    title: str,
    reference: float | None = None,
    reference_label: str = "",
    decimals: int = 1,
    domain: tuple[float, float] | None = None,
    step: float | None = None,
    width: int = style.WIDTH,
) -> Drawing:
    """Dots with intervals for drivers, sensitivity runs and anything else with a name and a value.

    Parameters
    ----------
    frame
        One row an entry, in the order to print: name, value, low, high (one unit; low and high
        nullable); optional highlight (bool) and aside (text printed instead of the value).
    title
        Title of the value axis, with its unit.
    reference, reference_label
        A solid reference line and its label.
    decimals
        Decimals of the printed values.
    domain, step, width
        Least axis ends; height of a row, by their number unless given; width in pixels.
    """
    data = layout.highlighted(layout.required(frame, ("name", "value", "low", "high")))
    if "aside" not in data:
        data["aside"] = [
            "" if (v := layout.value(given)) is None else style.number(v, decimals)
            for given in data["value"]
        ]
    rows = []
    columns = ("name", "value", "low", "high", "highlight", "aside")
    for i, r in enumerate(layout.records(data, columns)):
        middle = layout.value(r["value"])
        strong = bool(r["highlight"])
        rows.append(
            dots.dot(
                i,
                style.clean(r["name"]),
                middle,
                r["low"],
                r["high"],
                strong=strong,
                shape="diamond" if strong else "circle",
                ink=style.ACCENT,
                aside=style.clean(r["aside"]),
            )
        )
    seen = [v for c in ("value", "low", "high") for v in data[c]]
    lines = []
    if reference is not None:
        seen.append(reference)
        lines.append(Line(float(reference), style.clean(reference_label), dashed=False))
    ticks = layout.enclosing(seen, domain=domain)
    return dots.drawing(rows, title=title, ticks=ticks, width=width, step=step, lines=lines)


@figure
def importance_performance(
    frame: pd.DataFrame,
    *,
    importance_line: float,
    performance_line: float,
    importance_title: str = "重要性",
    performance_title: str = "得分",
    quadrants: tuple[str, str, str, str] = ("优先改进", "继续保持", "次要改进", "维持现状"),
    width: int = style.WIDTH,
    height: int = 430,
) -> Drawing:
    """One map of indicators by importance and performance, in four by two cross-hairs.

    A point whose interval reaches a cross-hair belongs to no quadrant for certain, and is drawn
    hollow and grey.

    Parameters
    ----------
    frame
        One row an indicator: name, importance, importance_low, importance_high, performance,
        performance_low, performance_high (the lows and highs nullable: then the point counts as
        uncertain); optional label (what stands beside the point in place of its name, such as a
        number).
    importance_line, performance_line
        Where the cross-hairs stand.
    importance_title, performance_title
        Axis titles.
    quadrants
        Words for: important and poor, important and good, unimportant and poor, unimportant and
        good.
    width, height
        Size of the whole chart in pixels.
    """
    data = layout.required(
        frame,
        ("name", *(f"{a}{e}" for a in scatter.AXES for e in ("", "_low", "_high"))),
    )
    data = data.dropna(subset=list(scatter.AXES), ignore_index=True)
    return scatter.plan(
        layout.required(data, ()),
        (float(performance_line), float(importance_line)),
        (performance_title, importance_title),
        quadrants,
        SCORE_LIMITS,
        width,
        height,
    )


@figure
def distribution(
    frame: pd.DataFrame,
    *,
    apart: Sequence[str] = ("不了解",),
    decimals: int = 1,
    step: float = 54.0,
    width: int = style.WIDTH,
) -> Drawing:
    """How people answered: one bar of shares an item, options labelled in the bar.

    Options that have no room in their bar are named in a key where all items have the same ones
    in the same colours, below the bar where not.

    Parameters
    ----------
    frame
        One row an item and option: item (its wording, items in the order to print), option,
        share (0 to 1; at most 1 over an item's options), order (number: best option first), n
        (respondents of the item, nullable). Items may have different options. Optional: aside
        (text of the item in place of the number of its respondents), tone (0 best to 1 worst: the
        option's colour; without it options are coloured evenly).
    apart
        Options outside the scale, drawn white.
    decimals
        Decimals of the printed percentages.
    step, width
        Height of one item and width of the whole chart in pixels.
    """
    data = layout.required(frame, ("item", "option", "share", "order", "n"))
    return stacks.shares(data, frozenset(apart), decimals, step, width)
