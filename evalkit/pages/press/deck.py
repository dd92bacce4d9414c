"""Slides before they are written: a sentence, one thing to look at, and what to say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Series:
    """A row of numbers as exact as they are printed; None where there is none."""

    name: str
    values: Sequence[float | None]
    colour: str


@dataclass(frozen=True, slots=True)
class Bars:
    """Bars beside each other, longest scale shared.

    Attributes
    ----------
    form : str
        How Office writes the numbers; empty to write none beside the bars.
    axis : tuple of float
        Ends of the scale.
    """

    names: Sequence[str]
    series: Sequence[Series]
    form: str
    axis: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Reach:
    """A number between its ends, and the colour of its group."""

    name: str
    low: float
    value: float
    high: float
    colour: str


@dataclass(frozen=True, slots=True)
class Floats:
    """Bars from one end of an interval to the other, the number a dark mark between them.

    Attributes
    ----------
    legend : sequence of (words, colour)
        What the colours mean.
    """

    reaches: Sequence[Reach]
    legend: Sequence[tuple[str, str]]
    axis: tuple[float, float]


@dataclass(frozen=True, slots=True)
class Grid:
    """A table: headings, rows of text, and shares of the width."""

    headings: Sequence[str]
    rows: Sequence[Sequence[str]]
    shares: Sequence[float]


@dataclass(frozen=True, slots=True)
class Image:
    """A drawing, and what it shows."""

    svg: str
    words: str


@dataclass(frozen=True, slots=True)
class Lines:
    """A few sentences below each other."""

    lines: Sequence[str]


Body = Bars | Floats | Grid | Image | Lines


@dataclass(frozen=True, slots=True)
class Slide:
    """One slide: its sentence, what is seen, a line below it, and what is said."""

    title: str
    body: Body
    below: str
    notes: Sequence[str]


@dataclass(frozen=True, slots=True)
class Deck:
    """Slides for a meeting.

    Attributes
    ----------
    cover : sequence of str
        Lines of the first slide, the title first.
    synthetic : str
        What every slide says of simulated data; empty for real ones.
    """

    path: str
    title: str
    subject: str
    author: str
    created: str
    synthetic: str
    cover: Sequence[str]
    slides: Sequence[Slide]
    mark: str = ""
    notes: Sequence[str] = field(default=())
