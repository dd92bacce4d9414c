"""What is planned before it is rendered: papers and their charts, the filled page, what it must show.

A `Paper` is plain data and knows everything that will stand on its pages. Nothing here renders:
what does (`printing`, `editable`, `slides`) is imported where papers are made, and takes a second.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from typing import Any

import jinja2
import pandas as pd

from evalkit import assets, figures
from evalkit.errors import RenderError
from evalkit.figures.render import Drawing, spec_of, svg_of
from evalkit.pages.press import wording

DECIMALS = 1
"""Of points, on every page and in what is drawn."""
SHARES: Mapping[str, int] = {"distribution": 2}
"""More decimals of figures that draw shares, which are printed as percentages."""
MEASURED = frozenset({"mean", "domain", "reference"})
"""Options of figures that are measured, not chosen."""


# --- what is planned ------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Chart:
    """A chart before it is drawn.

    Attributes
    ----------
    figure : str
        Name in `evalkit.figures`.
    frame : DataFrame
        What that figure asks for.
    words : str
        What the chart shows, for readers who do not see it.
    options : dict
        The figure's keyword arguments.
    """

    figure: str
    frame: pd.DataFrame
    words: str
    options: Mapping[str, Any] = field(default_factory=dict)

    def svg(self) -> str:
        """Draw the chart."""
        return svg_of(self.drawing())

    def spec(self) -> dict[str, Any]:
        """Return the chart as a Vega-Lite dictionary, for a web page."""
        return spec_of(self.drawing())

    def drawing(self) -> Drawing:
        """Plan the chart; its marks are no more exact than the numbers that are printed."""
        decimals = int(self.options.get("decimals", DECIMALS))
        decimals += SHARES.get(self.figure, 0)
        options = {
            name: _coarse(value, DECIMALS) if name in MEASURED else value
            for name, value in self.options.items()
        }
        drawing: Drawing = getattr(figures, self.figure).plan(frame=self.frame, **options)
        return replace(drawing, rows=_coarse(drawing.rows, decimals))


def _coarse(value: Any, decimals: int) -> Any:
    """Round every number in plain data."""
    if isinstance(value, float):
        return round(value, decimals)
    if isinstance(value, Mapping):
        return {name: _coarse(entry, decimals) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return type(value)(_coarse(entry, decimals) for entry in value)
    return value


@dataclass(frozen=True, slots=True)
class Paper:
    """A document before it is rendered.

    Attributes
    ----------
    path : str
        Where it belongs inside the output folder; made of ids only.
    template : str
        File name in the templates folder.
    title, subject, created : str
        Metadata; `created` is a date of the data (YYYY-MM-DD) or empty.
    context : dict
        Every number, sentence and `Chart` of its pages.
    proof : dict of str to str
        Text that every element marked ``data-proof="<key>"`` must show, and at least one must.
    mark : str
        Which run made it, for the file's metadata; empty for none.
    most : int or None
        Sheets it may have, where there is a limit; it is set more densely before it has more.
    editable : bool
        Whether it is offered as a Word document, too.
    coats : tuple of str
        What it is made as.
    """

    path: str
    template: str
    title: str
    subject: str
    created: str
    context: Mapping[str, Any]
    proof: Mapping[str, str]
    mark: str = ""
    most: int | None = None
    editable: bool = False
    coats: tuple[str, ...] = ("pdf",)


# --- templates ------------------------------------------------------------------------------


@cache
def environment() -> jinja2.Environment:
    """Return the template environment: everything escaped, undefined names are errors."""
    found = jinja2.Environment(
        loader=jinja2.FileSystemLoader(assets.templates()),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    found.filters.update(wording.FILTERS)
    found.globals["missing"] = wording.missing
    return found


@dataclass(frozen=True, slots=True)
class Page:
    """A filled template and the charts it shows, by the address that stands in the page.

    Attributes
    ----------
    charts : dict of address to SVG
    planned : dict of address to Chart
        The same before they were drawn.
    """

    text: str
    charts: Mapping[str, str]
    planned: Mapping[str, Chart] = field(default_factory=dict)


def fill(paper: Paper) -> Page:
    """Fill the paper's template, drawing its charts on the way.

    Raises
    ------
    RenderError
        If the template is wrong, or asks for something that the plan does not have.
    """
    drawn: dict[str, str] = {}
    planned: dict[str, Chart] = {}

    def draw(chart: Chart) -> str:
        address = f"chart:{len(drawn) + 1}"
        drawn[address], planned[address] = chart.svg(), chart
        return address

    try:
        template = environment().get_template(paper.template)
        text = template.render(paper=paper, draw=draw, **paper.context)
    except jinja2.TemplateError as error:
        raise RenderError(f"{paper.path}：模板 {paper.template}：{error}") from error
    return Page(text, drawn, planned)


# --- what is shown -------------------------------------------------------------------------


def prove(paper: Paper, marked: Iterable[tuple[str, str]]) -> None:
    """Check what is shown, by key, against the paper's own identity.

    Raises
    ------
    RenderError
        Where something else, nothing, or what was not planned is shown.
    """
    shown: dict[str, list[str]] = {}
    for key, text in marked:
        shown.setdefault(key, []).append(text)
    for key, expected in paper.proof.items():
        texts = shown.pop(key, [])
        if not texts or any(_bare(text) != _bare(expected) for text in texts):
            found = "、".join(dict.fromkeys(texts)) or "没有"
            raise RenderError(f"{paper.path}：{key} 应为 {expected}，页面上是 {found}")
    if shown:
        raise RenderError(f"{paper.path}：页面上有未经核对的标识：{'、'.join(shown)}")


def _bare(text: str) -> str:
    """Return a text without white space: where its lines break is no matter of identity."""
    return "".join(text.split())
