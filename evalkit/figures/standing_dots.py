"""All subjects in three groups: beyond doubt above the mean, not told apart from it, below it."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from . import dots, layout, style
from .layout import SCORE_LIMITS, Entry, Line
from .render import Drawing, Row, figure

TALLEST = 740.0
"""Height of the rows of a chart that fills a page, pixels."""
AIRY, READABLE = 21.0, 11.0
"""Height of one row where there is room, and from which on numbers stand beside it."""

MARKS = {
    1: ("triangle-up", style.BETTER),
    0: ("circle", style.GREY),
    -1: ("triangle-down", style.WORSE),
}


@figure
def standings(
    frame: pd.DataFrame,
    *,
    words: tuple[str, str, str] = ("高于平均", "分不出", "低于平均"),
    counts: tuple[int, int, int] | None = None,
    mean: float | None = None,
    street: str = "街道平均",
    previous: str = "上次",
    ranked: bool = True,
    domain: tuple[float, float] | None = None,
    title: str = "得分",
    width: int = style.WIDTH,
) -> Drawing:
    """All subjects in three groups; what they had last time beside.

    Parameters
    ----------
    frame
        One row a subject: name, score, low, high (points; low and high nullable), standing (1, 0
        or -1: above, not told apart from, below the mean); optional previous (points, nullable).
    words
        Headings of the groups, best first; how many are in each is added.
    counts
        How many are in each group, where the frame holds only some of them.
    mean, street
        The street's mean score, drawn solid, and what it is called.
    previous
        What the marks of the last time are called.
    ranked
        Whether each group goes from high to low; else as the rows come.
    domain, title, width
        Least axis ends, axis title, width of the whole chart in pixels.
    """
    data = layout.required(frame, ("name", "score", "low", "high", "standing"))
    if "previous" not in data:
        data = data.assign(previous=float("nan"))
    if ranked:
        data = data.sort_values(["standing", "score", "name"], ascending=[False, False, True])
    groups = [(s, data[data["standing"] == s]) for s in MARKS]
    filled = [(s, own) for s, own in groups if len(own)]
    step = min(AIRY, TALLEST / (len(data) + len(filled)))
    rows: list[Row] = []
    for standing, own in filled:
        number = len(own) if counts is None else counts[1 - standing]
        heading = f"{style.clean(words[1 - standing])} {number} 个"
        rows.append(dots.dot(len(rows), heading, None, None, None, strong=True))
        for one in layout.records(own, ("name", "score", "low", "high", "previous")):
            rows.append(_row(len(rows), one, standing, step))
    drawn = (
        []
        if mean is None
        else [Line(round(mean, 6), f"{style.clean(street)} {style.number(mean)}", dashed=False)]
    )
    ticks = layout.enclosing(
        [*data["score"], *data["previous"]],
        [*data["low"], *data["high"]],
        domain=domain,
        limits=SCORE_LIMITS,
    )
    return dots.drawing(
        rows,
        title=title,
        ticks=ticks,
        width=width,
        lines=drawn,
        key=_key(previous if layout.known(data["previous"]) else None),
        step=step,
    )


def _row(at: int, one: Row, standing: int, step: float) -> Row:
    shape, ink = MARKS[standing]
    score, low, high = (layout.value(one[c]) for c in ("score", "low", "high"))
    aside = ""
    if step >= READABLE and score is not None:
        aside = style.number(score)
        if low is not None and high is not None:
            aside += f"（{style.number(low)}～{style.number(high)}）"
    return dots.dot(
        at,
        style.clean(one["name"]),
        score,
        low,
        high,
        shape=shape,
        ink=ink,
        aside=aside,
        previous=one["previous"],
    )


def _key(previous: str | None) -> Sequence[Entry]:
    entries = [Entry("得分及误差范围", "circle", style.GREY, style.GREY)]
    if previous is not None:
        entries.append(Entry(style.clean(previous), "circle", style.MUTED, style.WHITE, 44))
    return entries
