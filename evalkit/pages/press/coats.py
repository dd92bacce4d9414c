"""One planned paper in every coat that is asked for: PDF, and Word from the same filled page."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass

from evalkit.pages.press.deck import Deck
from evalkit.pages.press.planned import Paper, fill

PDF, WORD, SLIDES = "pdf", "docx", "pptx"

TAILORS = tuple(f"{__package__}.{name}" for name in ("editable", "printing", "slides"))
"""Modules that make papers: imported when there are any to make, for they take a second."""


def warm_up() -> None:
    """Read what every paper shares."""
    from evalkit.pages.press import printing

    printing.warm_up()


@dataclass(frozen=True, slots=True)
class Dressed:
    """What was made of one paper.

    Attributes
    ----------
    path : str
        Of the paper.
    files : dict of path to bytes
    pages : int
        Sheets of the PDF; 0 without one.
    seconds : dict of step to processor time
    """

    path: str
    files: Mapping[str, bytes]
    pages: int
    seconds: Mapping[str, float]


def dress(paper: Paper | Deck) -> Dressed:
    """Make a paper in its coats. Its template is filled, and its charts are drawn, once.

    Raises
    ------
    RenderError
        See `printing.press`, `editable.write` and `slides.write`.
    """
    from evalkit.pages.press import editable, printing, slides

    if isinstance(paper, Deck):
        return Dressed(paper.path, {paper.path: slides.write(paper)}, 0, {})
    files: dict[str, bytes] = {}
    seconds: dict[str, float] = {}
    start = time.process_time()
    page = fill(paper) if WORD in paper.coats else None
    filled = time.process_time() - start
    pages = 0
    if PDF in paper.coats:
        pressed = printing.press(paper) if page is None else printing.press(paper, page)
        files[paper.path], pages = pressed.pdf, pressed.pages
        seconds.update(pressed.seconds)
    if page is not None:
        start = time.process_time()
        path = in_word(paper.path)
        files[path] = editable.write(paper, page, path, in_word(paper.mark))
        seconds["charts and html"] = seconds.get("charts and html", 0.0) + filled
        seconds["word"] = time.process_time() - start
    return Dressed(paper.path, files, pages, seconds)


def in_word(path: str) -> str:
    """Return what a paper, or its mark, is called as a Word document."""
    return f"{path.removesuffix(f'.{PDF}')}.{WORD}" if path else ""
