"""From a planned paper to the bytes of a PDF: layout, checks, painting.

`press` turns a `planned.Paper` into a PDF and refuses whatever would come out wrong: an undefined
variable, a reference to a file, a renderer's warning, a missing glyph, a mark of identity that is
not the paper's own.
"""

from __future__ import annotations

import hashlib
import logging
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import cast

import weasyprint
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import FatalURLFetchingError, URLFetcher, URLFetcherResponse

from evalkit import assets
from evalkit.errors import RenderError
from evalkit.garbage import left_alone
from evalkit.pages.press import drawn, sheets, typefaces
from evalkit.pages.press.planned import Page, Paper, fill, prove

VARIANT = "pdf/ua-1"


@dataclass(frozen=True, slots=True)
class Pressed:
    """A rendered paper: its bytes, its length in pages and where the processor time went (seconds)."""

    path: str
    pdf: bytes
    pages: int
    seconds: Mapping[str, float]


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
