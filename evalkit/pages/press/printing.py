"""From a planned paper to the bytes of a PDF: charts, template, layout, checks, painting.

A `Paper` is plain data and knows everything that will stand on its pages; `press` turns one into
a PDF and refuses whatever would come out wrong: an undefined variable, a reference to a file, a
renderer's warning, a missing glyph, a mark of identity that is not the paper's own.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Any, cast

import jinja2
import pandas as pd
import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from evalkit import assets, figures
from evalkit.errors import RenderError
from evalkit.figures.render import Drawing, spec_of, svg_of
from evalkit.garbage import left_alone
from evalkit.pages.press import drawn, sheets, typefaces, wording

LANGUAGE = "zh-CN"
VARIANT = "pdf/ua-1"

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


@dataclass(frozen=True, slots=True)
class Pressed:
    """A rendered paper: its bytes, its length in pages and where the processor time went (seconds)."""

    path: str
    pdf: bytes
    pages: int
    seconds: Mapping[str, float]


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


# --- rendering ------------------------------------------------------------------------------


class Own(URLFetcher):  # type: ignore[misc]
    """Hands out what is in memory, a page's charts or fonts, and refuses every file and address."""

    def __init__(self, content: Mapping[str, bytes], kind: str = "image/svg+xml") -> None:
        super().__init__(allowed_protocols=())
        self._content = content
        self._kind = kind

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Return one of the page's charts; stop the rendering for anything else."""
        if url not in self._content:
            raise FatalURLFetchingError(f"页面不得引用外部资源：{url}")
        return URLFetcherResponse(url, self._content[url], {"Content-Type": self._kind})


class Shipped(URLFetcher):  # type: ignore[misc]
    """Fetches files of one folder and nothing else, for style sheets and fonts."""

    def __init__(self, folder: Path) -> None:
        super().__init__(allowed_protocols=("file",))
        self._folder = folder.resolve()

    def fetch(self, url: str, headers: Mapping[str, str] | None = None) -> URLFetcherResponse:
        """Open a file of the folder; stop the rendering for any other address."""
        if not any(url == path.as_uri() for path in self._folder.rglob("*") if path.is_file()):
            raise FatalURLFetchingError(f"样式表只能引用模板目录内的文件：{url}")
        return super().fetch(url, headers)


@dataclass(frozen=True, slots=True)
class _Machine:
    fonts: FontConfiguration
    style: weasyprint.CSS


@cache
def _machine() -> _Machine:
    folder = assets.templates()
    fonts = FontConfiguration()
    small = typefaces.small()
    content = {address: font for address, (_, _, font) in small.items()}
    text = (folder / "style.css").read_text(encoding="utf-8")
    with _listening("style.css"):
        weasyprint.CSS(
            string=typefaces.faces(small), url_fetcher=Own(content, "font/otf"), font_config=fonts
        )
        style = weasyprint.CSS(
            string=typefaces.in_css(text, small),
            base_url=folder.as_uri() + "/",
            url_fetcher=Shipped(folder),
            font_config=fonts,
        )
    return _Machine(fonts, style)


def warm_up() -> None:
    """Read fonts and style sheet, which every paper shares."""
    _machine()


class _Ear(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.heard: list[str] = []
        self.glyphs: dict[str, None] = {}

    def emit(self, record: logging.LogRecord) -> None:
        if str(record.msg).startswith(".notdef glyph") and isinstance(record.args, tuple):
            self.glyphs[str(record.args[0])] = None
        else:
            self.heard.append(record.getMessage())


@contextmanager
def _listening(path: str) -> Iterator[None]:
    """Turn whatever the renderer warns of into an error that names the document."""
    ear, logger = _Ear(), logging.getLogger("weasyprint")
    level, propagates = logger.level, logger.propagate
    logger.addHandler(ear)
    logger.setLevel(logging.WARNING)
    logger.propagate = False
    try:
        yield
    except FatalURLFetchingError as error:
        raise RenderError(f"{path}：{error}") from error
    finally:
        logger.removeHandler(ear)
        logger.setLevel(level)
        logger.propagate = propagates
    faults = []
    if ear.glyphs:
        names = "、".join(f"{c}（U+{ord(c):04X}）" for c in ear.glyphs)
        faults.append(f"字体缺字：{names}；请安装含这些字的字体（如 fonts-noto-cjk）")
    faults += list(dict.fromkeys(ear.heard))
    if faults:
        raise RenderError(f"{path}：{'；'.join(faults)}")


def lay_out(paper: Paper, page: Page) -> weasyprint.Document:
    """Lay a filled page out on paper and check what it shows.

    Where a sheet would stay mostly empty, or where it has more sheets than it may, other settings
    are tried: denser, roomier, larger blocks broken; where there are too many sheets only denser
    ones. The first that has neither fault is taken, or else the one with the fewest sheets too many,
    and of these the one that fills them best. A long paper stays as it is: among so many sheets one
    that is half empty does no harm.

    Raises
    ------
    RenderError
        See `press`.
    """
    document = _set(paper, page, page.text)
    faults = sheets.faults(document, paper.most)
    tried = sheets.settings(page.text, bool(faults[0]))
    for text in tried if len(document.pages) <= sheets.LONG else ():
        if faults <= (0, 0):
            break
        other = _set(paper, page, text)
        if (found := sheets.faults(other, paper.most)) < faults:
            document, faults = other, found
    _prove(paper, document)
    return document


def _set(paper: Paper, page: Page, text: str) -> weasyprint.Document:
    machine = _machine()
    with left_alone(), _listening(paper.path):
        charts = {address: drawn.lighter(svg).encode() for address, svg in page.charts.items()}
        source = weasyprint.HTML(string=text, url_fetcher=Own(charts))
        return source.render(
            stylesheets=[machine.style], font_config=machine.fonts, pdf_variant=VARIANT
        )


def press(paper: Paper, page: Page | None = None) -> Pressed:
    """Render one paper. The same paper gives the same bytes in every process.

    Parameters
    ----------
    paper : Paper
    page : Page or None
        The paper's template where it is filled already.

    Raises
    ------
    RenderError
        Naming the paper: undefined variable, missing glyph, renderer warning, reference to a
        resource, or a proof that the pages do not bear out.
    """
    start = time.process_time()
    page = page or fill(paper)
    drawn = time.process_time()
    document = lay_out(paper, page)
    laid_out = time.process_time()
    with left_alone(), _listening(paper.path):
        identifier = hashlib.md5(page.text.encode(), usedforsecurity=False).digest()
        document.metadata.custom = {"evalkit": paper.mark} if paper.mark else {}
        pdf = cast(
            bytes,
            document.write_pdf(
                pdf_identifier=identifier, pdf_variant=VARIANT, custom_metadata=True
            ),
        )
    return Pressed(
        paper.path,
        pdf,
        len(document.pages),
        {
            "charts and html": drawn - start,
            "layout": laid_out - drawn,
            "painting": time.process_time() - laid_out,
        },
    )


def _prove(paper: Paper, document: weasyprint.Document) -> None:
    """Check that the laid-out pages show the paper's own identity wherever they show one."""
    marked: dict[tuple[str, int], str] = {}
    for page in document.pages:
        for box in page._page_box.descendants():
            element = getattr(box, "element", None)
            key = element.get("data-proof") if element is not None else None
            if key is not None and hasattr(box, "text"):
                marked[key, id(element)] = marked.get((key, id(element)), "") + box.text
    prove(paper, [(key, text) for (key, _), text in marked.items()])


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
