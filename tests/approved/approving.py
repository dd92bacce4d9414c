"""Texts that somebody has read and approved, and how a new one is compared with them.

Whatever a change of the code changes in them shows as a difference of text files, to be read before
it is approved with ``make approve``. Rules stand in other tests, with the values worked out by
hand; here stands that nothing else moved.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
from collections.abc import Iterable, Mapping
from dataclasses import fields, is_dataclass
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pandas as pd

from evalkit.pages.press import planned
from evalkit.pages.press.planned import Chart, Paper

FOLDER = Path(__file__).parent / "texts"
APPROVE = "EVALKIT_APPROVE"
"""Set by ``make approve``: texts are written instead of compared."""
SHOWN = 40
"""Lines of difference that a failing test prints."""
DIGITS = 6
"""Significant digits of numbers in what is drawn; more may differ between processors."""


def compare(name: str, text: str) -> None:
    """Compare a text with the approved one of that name, or approve it."""
    path = FOLDER / f"{name}.txt"
    text = text.rstrip() + "\n"
    if os.environ.get(APPROVE):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        return
    assert path.exists(), f"{path.name} was never approved: read it, then `make approve`"
    approved = path.read_text(encoding="utf-8")
    if text != approved:
        lines = difflib.unified_diff(
            approved.splitlines(), text.splitlines(), "approved", "now", lineterm="", n=1
        )
        shown = "\n".join([*lines][:SHOWN])
        raise AssertionError(f"{name} is not as approved (`make approve` after reading):\n{shown}")


# --- what is compared ------------------------------------------------------------------------


def plain(value: Any) -> Any:
    """Return plain data, its numbers with the digits that every machine agrees on."""
    if isinstance(value, float):
        return float(f"{value:.{DIGITS}g}") + 0.0
    if is_dataclass(value) and not isinstance(value, type):
        return {field.name: plain(getattr(value, field.name)) for field in fields(value)}
    if isinstance(value, Mapping):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [plain(item) for item in value]
    return value


def as_lines(content: object) -> str:
    """Return plain data as JSON, a line for each thing that is short enough for one."""
    return "\n".join(_lines(plain(content), ""))


def digest(content: object) -> str:
    """Return what tells a text, or plain data, from any other, where nobody would read it."""
    text = content if isinstance(content, str) else as_lines(content)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def _lines(value: Any, indent: str) -> Iterable[str]:
    whole = json.dumps(value, ensure_ascii=False)
    if len(whole) <= 110 or not isinstance(value, dict | list) or not value:
        yield indent + whole
        return
    pairs = value.items() if isinstance(value, dict) else ((None, item) for item in value)
    yield indent + ("{" if isinstance(value, dict) else "[")
    for key, item in pairs:
        head = "" if key is None else f"{json.dumps(key, ensure_ascii=False)}: "
        first, *rest = _lines(item, indent + " ")
        yield indent + " " + head + first.lstrip()
        yield from rest
    yield indent + ("}" if isinstance(value, dict) else "]")


class _Written(HTMLParser):
    """A page as lines: what stands in each element, behind its name and its attributes."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.lines: list[str] = []
        self._quiet = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._quiet += tag in ("style", "svg")
        if not self._quiet:
            told = "".join(f" {name}={value}" for name, value in attrs if name != "lang")
            self.lines.append(f"<{tag}{told}> ")

    def handle_endtag(self, tag: str) -> None:
        self._quiet -= tag in ("style", "svg")

    def handle_data(self, data: str) -> None:
        text = " ".join(data.split())
        if text and not self._quiet and self.lines:
            self.lines[-1] += text


def page(paper: Paper) -> str:
    """Return a planned paper as lines: its metadata, its elements, and what its charts are drawn from."""
    charts: list[Chart] = []

    def draw(chart: Chart) -> str:
        charts.append(chart)
        return f"chart:{len(charts)}"

    template = planned.environment().get_template(paper.template)
    written = _Written()
    written.feed(template.render(paper=paper, draw=draw, **paper.context))
    head = [paper.path, paper.title, paper.subject, paper.created, str(paper.most)]
    head += [f"{key}: {value}" for key, value in paper.proof.items()]
    drawn = [line for chart in charts for line in _chart(chart)]
    return "\n".join(line.rstrip() for line in [*head, *written.lines, *drawn])


def _chart(chart: Chart) -> Iterable[str]:
    yield f"== {chart.figure}: {chart.words}"
    yield as_lines(dict(chart.options))
    yield frame(chart.frame)


def frame(table: pd.DataFrame) -> str:
    """Return a frame as CSV with the digits that every machine agrees on."""
    return table.to_csv(index=False, float_format=f"%.{DIGITS}g", lineterminator="\n").rstrip()
