"""Where a subject stands, how it moved and what made it move: a plain frame in, a chart out.

Every name here is a `Figure`: call it for an Altair chart, ask its `svg` or `spec` for speed.
Scores are on whatever scale the frame has (0 to 100 in practice); ranks start at 1, the best.
Missing numbers may be None or NaN wherever a column is called nullable.
"""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from . import dots, layout, lines, stacks, style
from . import trend_lines as trends
from .layout import SCORE_LIMITS, Entry, Line
from .render import Drawing, figure


def cut_offs(bands: Sequence[tuple[str, float]]) -> list[Line]:
    """Return reference lines for cut-offs given as (label, value)."""
    return [Line(v, f"{style.clean(label)} ≥{v:g}") for label, v in bands]


def _mean_line(mean: float | None, street: str) -> list[Line]:
    if mean is None:
        return []
    return [Line(round(mean, 6), f"{style.clean(street)} {style.number(mean)}", dashed=False)]


def _interval(value: object, low: object, high: object, decimals: int = 1) -> str:
    middle, left, right = (layout.value(v) for v in (value, low, high))
    if middle is None:
        return ""
    text = style.number(middle, decimals)
    if left is None or right is None:
        return text
    return f"{text}（{style.number(left, decimals)}～{style.number(right, decimals)}）"


def _ranked(name: object, rank: object, ranks: pd.Series) -> str:
    """Return a name and its rank, digits of all ranks aligned."""
    digits = max(2, *(len(f"{r:.0f}") for r in layout.known(ranks)), 2)
    own = layout.value(rank)
    text = "—" if own is None else f"{own:.0f}"
    return f"{style.clean(name)}{style.GAP}{text:{style.GAP}>{digits}}"


@figure
def caterpillar(
    frame: pd.DataFrame,
    *,
    bands: Sequence[tuple[str, float]] = (),
    mean: float | None = None,
    street: str = "街道平均",
    domain: tuple[float, float] | None = None,
    title: str = "得分（横线为误差范围）",
    width: int = style.WIDTH,
    numbers: bool = True,
) -> Drawing:
    """All subjects from best to worst, with intervals; highlighted ones marked thrice over.

    Parameters
    ----------
    frame
        One row a subject: name, score, low, high (points; low and high nullable), rank
        (whole number, nullable); optional highlight (bool). Any order, any number of rows.
    bands
        Cut-offs as (label, value), drawn dashed where they fall inside the axis.
    mean
        The street's mean score, drawn solid.
    street
        Word of the mean's line.
    domain
        Ends that the score axis reaches at least; it always encloses the scores, in round
        numbers, and stays within 0 to 100 where the scores do.
    title
        Title of the score axis.
    width
        Width of the whole chart in pixels.
    numbers
        Whether highlighted subjects, or all of up to twelve, have their numbers beside them.
    """
    data = layout.highlighted(layout.required(frame, ("name", "score", "low", "high", "rank")))
    data = data.sort_values(["score", "name"], ascending=[False, True], ignore_index=True)
    told = data["highlight"].astype(bool) | (len(data) <= 12) if numbers else None
    rows = [
        dots.dot(
            i,
            _ranked(r["name"], r["rank"], data["rank"]),
            r["score"],
            r["low"],
            r["high"],
            strong=bool(r["highlight"]),
            shape="diamond" if r["highlight"] else "circle",
            aside=""
            if told is None or not told.iloc[i]
            else _interval(r["score"], r["low"], r["high"]),
        )
        for i, r in enumerate(
            layout.records(data, ("name", "score", "low", "high", "rank", "highlight"))
        )
    ]
    ticks = layout.enclosing(
        data["score"], [*data["low"], *data["high"]], domain=domain, limits=SCORE_LIMITS
    )
    drawn = [*cut_offs(bands), *_mean_line(mean, street)]
    return dots.drawing(rows, title=title, ticks=ticks, width=width, lines=drawn)


@figure
def rank_intervals(
    frame: pd.DataFrame,
    *,
    title: str = "名次（横线为名次范围）",
    width: int = style.WIDTH,
) -> Drawing:
    """All subjects by rank, with their rank sets; rank 1 at the left.

    Parameters
    ----------
    frame
        One row a subject: name, rank, low, high (whole numbers, low <= rank <= high); optional
        highlight (bool).
    title
        Title of the rank axis.
    width
        Width of the whole chart in pixels.
    """
    data = layout.highlighted(layout.required(frame, ("name", "rank", "low", "high")))
    data = data.sort_values(["rank", "low", "high", "name"], ignore_index=True)
    few = len(data) <= 12
    rows = [
        dots.dot(
            i,
            _ranked(r["name"], r["rank"], data["rank"]),
            r["rank"],
            r["low"],
            r["high"],
            strong=bool(r["highlight"]),
            shape="diamond" if r["highlight"] else "circle",
            aside=f"第{r['low']:.0f}～{r['high']:.0f}名" if few or r["highlight"] else "",
        )
        for i, r in enumerate(layout.records(data, ("name", "rank", "low", "high", "highlight")))
    ]
    last = int(max(data["high"].max(), data["rank"].max(), 2))
    return dots.drawing(rows, title=title, ticks=lines.rank_ticks(last), width=width, pad=0.5)


@figure
def movers(
    frame: pd.DataFrame,
    *,
    up: str = "明显上升",
    down: str = "明显下降",
    title: str = "相对街道平均的变化（分，横线为误差范围）",
    domain: tuple[float, float] | None = None,
    width: int = style.WIDTH,
) -> Drawing:
    """Gains and losses with intervals around zero, largest gain first.

    Parameters
    ----------
    frame
        One row a subject: name, change, low, high (points), verdict (text); optional
        highlight (bool). The caller chooses the subjects.
    up, down
        The verdicts drawn as filled triangles up and down; any other is a hollow circle.
    title, domain, width
        Axis title, least axis ends, width in pixels.
    """
    data = layout.required(frame, ("name", "change", "low", "high", "verdict"))
    data = data.sort_values(["change", "name"], ascending=[False, True], ignore_index=True)
    strong = layout.highlighted(data)["highlight"]
    looks = {
        up: ("triangle-up", style.BETTER, False),
        down: ("triangle-down", style.WORSE, False),
    }
    rows = []
    for i, r in enumerate(layout.records(data, ("name", "change", "low", "high", "verdict"))):
        shape, ink, hollow = looks.get(str(r["verdict"]), ("circle", style.GREY, True))
        row = dots.dot(
            i,
            style.clean(r["name"]),
            r["change"],
            r["low"],
            r["high"],
            strong=bool(strong.iloc[i]),
            shape=shape,
            ink=ink,
            hollow=hollow,
            aside=f"{style.signed(r['change'])}{style.GAP}{style.clean(r['verdict'])}",
        )
        rows.append({**row, "size": 70.0})
    ticks = layout.enclosing([0.0, *data["change"], *data["low"], *data["high"]], domain=domain)
    return dots.drawing(
        rows, title=title, ticks=ticks, width=width, lines=[Line(0.0, "无变化", dashed=False)]
    )


@figure
def profile(
    frame: pd.DataFrame,
    *,
    subject: str = "本居民区",
    street: str = "街道平均",
    previous: str = "上次",
    title: str = "得分",
    domain: tuple[float, float] | None = None,
    width: int = style.WIDTH,
) -> Drawing:
    """Dimensions of one subject against the street, with intervals and the last wave.

    Parameters
    ----------
    frame
        One row a dimension, in the order to print: name, estimate, low, high, street (points,
        nullable), previous (points, nullable; may be missing altogether).
    subject, street, previous
        Words of the key; the subject's own stands for its dot and its interval.
    title, domain, width
        Axis title, least axis ends (give the same for every subject to make pages comparable),
        width in pixels.
    """
    data = layout.required(frame, ("name", "estimate", "low", "high", "street"))
    if "previous" not in data:
        data["previous"] = float("nan")
    rows = [
        {
            **dots.dot(
                i,
                style.clean(r["name"]),
                r["estimate"],
                r["low"],
                r["high"],
                shape="diamond",
                ink=style.ACCENT,
                street=r["street"],
                previous=r["previous"],
                aside=_interval(r["estimate"], None, None),
            ),
            "size": dots.HIGHLIGHT_SIZE,
        }
        for i, r in enumerate(
            layout.records(data, ("name", "estimate", "low", "high", "street", "previous"))
        )
    ]
    points = pd.concat([data[c] for c in ("estimate", "street", "previous")])
    return dots.drawing(
        rows,
        title=title,
        ticks=layout.enclosing(
            points, [*data["low"], *data["high"]], domain=domain, limits=SCORE_LIMITS
        ),
        width=width,
        step=30.0,
        key=street_key(subject, street, previous if layout.known(data["previous"]) else None),
    )


def street_key(subject: str, street: str, previous: str | None) -> list[Entry]:
    """Return the key of a chart that sets one subject against the street."""
    entries = [
        Entry(
            f"{style.clean(subject)}及误差范围",
            "diamond",
            style.ACCENT,
            style.ACCENT,
        ),
        Entry(style.clean(street), layout.STREET_MARK, style.INK, style.INK, 160),
    ]
    if previous is not None:
        entries.append(Entry(style.clean(previous), "circle", style.MUTED, style.WHITE, 44))
    return entries


@figure
def strip(
    frame: pd.DataFrame,
    *,
    bands: Sequence[tuple[str, float]] = (),
    mean: float | None = None,
    street: str = "街道平均",
    domain: tuple[float, float] | None = None,
    width: int = style.WIDTH,
) -> Drawing:
    """One thin strip of all subjects' scores, the highlighted one marked and named.

    Parameters
    ----------
    frame
        One row a subject: name, score (points); optional highlight (bool), and low, high
        (points), drawn for highlighted subjects.
    bands, mean, street, domain, width
        As for `caterpillar`.
    """
    data = layout.highlighted(layout.required(frame, ("name", "score")))
    drawn = [*cut_offs(bands), *_mean_line(mean, street)]
    return lines.strip(data, drawn, domain, SCORE_LIMITS, width)


@figure
def slope(
    frame: pd.DataFrame,
    *,
    from_label: str,
    to_label: str,
    kind: str = "rank",
    width: int = 420,
    height: int = 340,
) -> Drawing:
    """Every subject's line from the last wave to this one, highlighted ones named.

    Parameters
    ----------
    frame
        One row a subject: name, from_value, to_value (points or ranks); optional highlight (bool).
        Subjects without a value in either wave are left out.
    from_label, to_label
        The two waves, printed above the axes.
    kind
        "rank" (whole numbers, 1 at the top) or "score" (largest at the top, 1 decimal).
    width, height
        Size of the whole chart in pixels.
    """
    if kind not in {"rank", "score"}:
        raise ValueError(f"kind 只能是 rank 或 score，不能是 {kind}")
    data = layout.highlighted(layout.required(frame, ("name", "from_value", "to_value")))
    data = data.dropna(subset=["from_value", "to_value"], ignore_index=True)
    data = layout.required(data, ())
    ends = (style.clean(from_label), style.clean(to_label))
    return lines.slope(data, ends, ranks=kind == "rank", width=width, height=height)


@figure
def trend(
    frame: pd.DataFrame,
    *,
    bands: Sequence[tuple[str, float]] = (),
    subject: str = "本居民区",
    street: str = "街道平均",
    domain: tuple[float, float] | None = None,
    width: int = style.WIDTH,
) -> Drawing:
    """One subject's score in every wave, with intervals, beside the street's mean.

    Parameters
    ----------
    frame
        One row a wave, earliest first: wave (text), score, low, high (points, nullable), street
        (points, nullable); optional label (text printed beside the score).
    bands
        Cut-offs as (label, value), drawn dashed where they fall inside the axis.
    subject, street
        Words of the key.
    domain, width
        Least axis ends (give the same for every subject), width in pixels.
    """
    data = layout.required(frame, ("wave", "score", "low", "high", "street"))
    if "label" not in data:
        data["label"] = ""
    key = [
        Entry(
            f"{style.clean(subject)}及误差范围",
            "diamond",
            style.ACCENT,
            style.ACCENT,
        )
    ]
    if data["street"].notna().any():
        key.append(Entry(style.clean(street), trends.ACROSS, style.INK, style.INK, 160))
    return trends.trend(data, cut_offs(bands), key, domain, SCORE_LIMITS, width)


@figure
def contributions(
    frame: pd.DataFrame,
    *,
    total: str = "合计",
    largest: int | None = 10,
    decimals: int = 1,
    width: int = style.WIDTH,
) -> Drawing:
    """Signed bars, each starting where the one before it ended, and their total.

    Parameters
    ----------
    frame
        One row a part: name, points (signed; they add up to the total drawn).
    total
        Label of the total.
    largest
        How many of the largest parts (by absolute points) to show on their own; the rest are
        summed into one bar. None shows all.
    decimals
        Decimals of the printed numbers.
    width
        Width of the whole chart in pixels.
    """
    data = layout.required(frame, ("name", "points"))
    return stacks.waterfall(data, style.clean(total), largest, decimals, width)


@figure
def grade_counts(
    frame: pd.DataFrame,
    *,
    order: Sequence[str],
    width: int = style.WIDTH,
) -> Drawing:
    """Stacked bars of how many subjects hold each grade, one bar a wave, numbers inside.

    Parameters
    ----------
    frame
        One row a wave and grade: wave (text, in the order to print), grade (one of `order`),
        count (whole number). Absent combinations count as 0.
    order
        Grades from best to worst.
    width
        Width of the whole chart in pixels.
    """
    data = layout.required(frame, ("wave", "grade", "count"))
    return stacks.counts(data, list(order), width)
