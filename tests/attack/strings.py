# ruff: noqa: E501
"""Hostile strings at every place that reaches a page: nothing runs, nothing is fetched, nothing leaks.

Each string is put into one place of a healthy folder and checked. What `check` accepts is evaluated
and published, several strings at a time, each at a place of its own; where that goes wrong they are
tried again in halves until the string is found. Results are looked at as files (tables, workbooks,
pages, maps), the dashboard in a real browser where there is one, every tenth folder with PDFs.
"""

from __future__ import annotations

import csv
import html.parser
import random
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl
import pypdf

import evalkit as ek
from evalkit.errors import InputErrors, RenderError
from tests.attack import street
from tests.attack.documents import placed
from tests.attack.tally import Progress, Tally, Wrong, quiet

TOGETHER = 12
WITH_PDF = 10
CANARY = "http://192.0.2.1/"
"""An address that belongs to nobody (RFC 5737)."""

MARKUP = (
    "<script>window.hit=1</script>", "</script><script>window.hit=1</script>", "<img src=x onerror=window.hit=1>",
    "<svg onload=window.hit=1>", "\"><img src=http://192.0.2.1/a>", "' onmouseover='window.hit=1", "<!--", "-->",
    "]]>", "<![CDATA[<x>]]>", "<iframe src=file:///etc/passwd>", "<link rel=stylesheet href=http://192.0.2.1/a.css>",
    "<base href=http://192.0.2.1/>", "<a href=javascript:window.hit=1>x</a>", "&lt;script&gt;", "&#x3c;b&#x3e;", "&amp",
    "<embed src=http://192.0.2.1/>", "<meta http-equiv=refresh content='0;url=http://192.0.2.1/'>", "</style><b>",
    "<style>@import 'http://192.0.2.1/a.css'</style>", "<b>粗", "<title>x", "</textarea>", "<noscript><p title=\"</noscript><img src=x onerror=window.hit=1>\">",
)  # fmt: skip
CODE = (
    "';window.hit=1;//", "\";window.hit=1;//", "`${window.hit=1}`", "\\u003cscript\\u003e", "__proto__", "constructor", "toString",
    "hasOwnProperty", "{\"a\":1}", "datum.x", "signal('x')", "expr:window.hit=1", "${window.hit=1}", "{{7*7}}", "{% raw %}",
    "{{ ''.__class__.__mro__ }}", "{#", "#{7*7}", "<%= 7*7 %>", "{0}", "{count}", "{subject.__class__}", "{", "}", "%s%s%n", "%(x)s", "%",
    "\\input{/etc/passwd}", "\\write18{id}", "$\\alpha$", "\\\\", "\\n", "$(id)", "`id`", "; rm -rf .", "| cat", "[bold]", "[/red]", "[link=http://192.0.2.1/]x[/link]",
    "'; DROP TABLE scores; --", "1' OR '1'='1", "\"; ATTACH 'x.db'; --", "read_csv('/etc/passwd')", "*/", "/*", "--", "NULL", "nan", "None", "inf", "true",
)  # fmt: skip
STYLE = (
    "url(http://192.0.2.1/a.png)", "url(file:///etc/passwd)", "expression(1)", "}body{display:none}", "@import url(http://192.0.2.1/)",
    "file:///etc/passwd", "javascript:window.hit=1", "data:text/html,<script>window.hit=1</script>", "http://192.0.2.1/x", "//192.0.2.1/x",
    "\\\\192.0.2.1\\share", "chart:1", "../../../etc/passwd", "C:\\Windows", "CON", "a/b", ".", "..", "#x", "?x=1", "mailto:x@example.org",
)  # fmt: skip
FORMULAS = (
    "=1+1", "=HYPERLINK(\"http://192.0.2.1/\")", "+1+1", "-1+1", "@SUM(A1)", "=cmd|' /C calc'!A0", "\t=1+1", " =1+1", "＝1+1", "'=1",
    "=WEBSERVICE(\"http://192.0.2.1/\")", "\"=1+1", "=1+1\n=2", ";=1", ",=1", "-2", "+86", "0012", "1e5", "2016/1/1", "TRUE", "#N/A",
)  # fmt: skip
SIGNS = (
    "\u202e甲乙", "甲\u200b乙", "\u2066x\u2069", "\ufeff甲", "a\u0301" * 50, "Z̸̢͎a̷l̵g̶o̷", "🏠👨‍👩‍👧", "\ufffd", "\u2028x", "\u0085x", "\x07x", "\x00x", "\x1b[31m红",
    "\x7f", "\ue000", "𠀀𪚥", "㛃龘里", "ﷺ", "א ב ג", "العربية", "ไทย", "\u3000", "\u00a0", "甲" * 60, "甲" * 400, "x" * 3000, "W" * 90, " 甲 ", "甲\n乙", "甲\r\n乙", "甲\t乙", "'", "\"", "“", "，", "。", "…", "—",
)  # fmt: skip
BASE = (*MARKUP, *CODE, *STYLE, *FORMULAS, *SIGNS)


def strings(size: int, seed: int) -> list[str]:
    """Return so many strings: each base string first, then two joined, or one in words."""
    rng = random.Random(f"strings {seed}")
    found = rng.sample(BASE, len(BASE))
    while len(found) < size:
        one, other = rng.choice(BASE), rng.choice(BASE)
        found.append(rng.choice((one + other, f"玉佛{one}城", f"{one}居民区", one[::-1])))
    return found[:size]


# --- where they are put ---------------------------------------------------------------------------

Put = Callable[[street.Documents, str], None]


def _at(name: str, *steps: str | int) -> Put:
    def put(found: street.Documents, text: str) -> None:
        holder: Any = found[name]
        for step in steps[:-1]:
            holder = holder[step]
        holder[steps[-1]] = text

    return put


RESIDENT = "questionnaires/resident.yaml"
PLACES: dict[str, Put] = {
    "committee": _at("roster.csv", 1, 1),
    "alias": _at("roster.csv", 2, 2),
    "zone": _at("roster.csv", 3, 3),
    "kind": _at("roster.csv", 4, 4),
    "housing": _at("roster.csv", 1, 5),
    "title": _at("evaluation.yaml", "title"),
    "street": _at("evaluation.yaml", "street"),
    "wave": _at("evaluation.yaml", "waves", 1, "title"),
    "scheme": _at("scheme.yaml", "title"),
    "assumption": _at("scheme.yaml", "assumptions", 0),
    "group": _at("scheme.yaml", "groups", 0, "name"),
    "description": _at("scheme.yaml", "groups", 0, "description"),
    "dimension": _at("scheme.yaml", "dimensions", 0, "name"),
    "indicator": _at("scheme.yaml", "dimensions", 1, "indicators", 0, "name"),
    "grade": _at("scheme.yaml", "grades", 3, "name"),
    "alternative": _at("scheme.yaml", "alternatives", 0, "name"),
    "questionnaire": _at(RESIDENT, "title"),
    "question": _at(RESIDENT, "items", 5, "text"),
    "label": _at(RESIDENT, "scales", "satisfaction", 2, "label"),
    "need": _at(RESIDENT, "items", 7, "options", 0, "label"),
    "action": _at("actions.yaml", "actions", 2, "what"),
    "who": _at("actions.yaml", "actions", 0, "who"),
    "shown by": _at("actions.yaml", "actions", 1, "shown_by"),
    "theme": _at("themes.yaml", "themes", 0, "name"),
    "word": _at("themes.yaml", "themes", 1, "words", 0),
    "rater": lambda found, text: None,
    "answer": lambda found, text: None,
}


@dataclass(frozen=True, slots=True)
class Hostile:
    """One string at one place."""

    number: int
    text: str
    place: str


def write(root: Path, several: Sequence[Hostile]) -> Path:
    """Write a folder with these strings; the files of answers say the same new words."""
    found = street.documents()
    before = street.documents()
    for one in several:
        PLACES[one.place](found, one.text)
    street.write(root, found)
    at = {one.place: one.text for one in several}
    everywhere = {before["roster.csv"][1][1]: at.get("committee"), "党建办": at.get("rater")}
    residents = {
        street.LABELS[2]: at.get("label"),
        street.NEEDS[0]: at.get("need"),
        "希望多开助餐点,方便老人": at.get("answer"),
        "6、环境是否整洁": f"6、{at['question']}" if "question" in at else None,
    }
    for path in (root / "responses").rglob("*.csv"):
        cells = everywhere | (residents if path.stem == "resident" else {})
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.reader(file))
        made = [[_said(cell, cells) for cell in row] for row in rows]
        path.write_text(street.text_of(made), encoding="utf-8-sig", newline="")
    return root


def _said(cell: str, cells: dict[str, str | None]) -> str:
    parts = [cells.get(part) or part for part in cell.split("┋")]
    return "┋".join(parts)


# --- what comes of it -----------------------------------------------------------------------------


def attack(size: int, seed: int, progress: Progress = quiet) -> Tally:
    """Check so many strings, and publish what is accepted."""
    tally, accepted = Tally(), list[Hostile]()
    places = list(PLACES)
    for number, text in enumerate(strings(size, seed)):
        one = Hostile(number, text, places[number % len(places)])
        before = tally.tried
        tally.attempt(label(one), lambda one=one: checked(one))
        if tally.tried > before and tally.outcomes.pop("accepted", 0):
            accepted.append(one)
        progress(number + 1)
    with browsing() as visit:
        for number, several in enumerate(batches(accepted)):
            published(several, number % WITH_PDF == 0, visit, tally)
            progress(size)
    return tally


def label(one: Hostile) -> str:
    return f"{one.number} {one.place} {one.text[:60]!a}"


def checked(one: Hostile) -> str:
    """Say whether `check` accepts a string where it stands."""
    with tempfile.TemporaryDirectory() as folder:
        found = ek.open(write(Path(folder) / "ws", [one])).check()
        for problem in found.problems:
            placed(problem)
        return "refused by check" if found.problems else "accepted"


def batches(accepted: Sequence[Hostile]) -> Iterator[list[Hostile]]:
    """Put strings together that stand at different places."""
    left = list(accepted)
    while left:
        batch: dict[str, Hostile] = {}
        for one in left:
            if len(batch) < TOGETHER:
                batch.setdefault(one.place, one)
        yield list(batch.values())
        left = [one for one in left if one not in batch.values()]


Visit = Callable[[Path], None]


def published(several: Sequence[Hostile], pdf: bool, visit: Visit | None, tally: Tally) -> None:
    """Evaluate and publish these strings; in halves where something goes wrong."""
    trial = Tally()
    trial.attempt("", lambda: looked_at(several, pdf, visit))
    if trial.outcomes:
        tally.outcomes.update({next(iter(trial.outcomes)): len(several)})
    elif len(several) == 1:
        tally.failures.append((label(several[0]), trial.failures[0][1]))
    else:
        half = len(several) // 2
        for part in (several[:half], several[half:]):
            published(part, pdf, visit, tally)


def looked_at(several: Sequence[Hostile], pdf: bool, visit: Visit | None) -> str:
    """Publish and look at everything that was written."""
    with tempfile.TemporaryDirectory() as folder:
        root = write(Path(folder) / "ws", several)
        space = ek.open(root)
        before = {path for path in Path(folder).rglob("*") if "out" not in path.parts}
        try:
            evaluation = space.evaluate()
        except InputErrors as errors:
            if len(several) == 1:
                raise Wrong(f"check found nothing, run {next(iter(errors.problems))}") from None
            raise
        try:
            out = space.publish(evaluation, pdf=pdf)
        except RenderError as error:
            if len(several) > 1 or not pdf:
                raise Wrong(f"the papers: {error}") from None
            return "refused by a paper, and said"
        look(out)
        strays = {p for p in Path(folder).rglob("*") if "out" not in p.parts} - before
        if {p.name for p in strays} - {"evaluation.duckdb", "history.jsonl"}:
            raise Wrong(f"files outside the results: {sorted(p.name for p in strays)}")
        if visit is not None:
            visit(out / "dashboard.html")
    seen = "published" if visit is not None else "published, no browser"
    return f"{seen}, with PDFs" if pdf else seen


# --- looking at files -----------------------------------------------------------------------------


class Markup(html.parser.HTMLParser):
    """What a page could run or fetch."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts = 0
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.scripts += tag == "script"
        if tag in ("iframe", "embed", "object", "base", "link", "foreignobject"):
            self.wrong.append(f"<{tag}>")
        for name, value in attrs:
            if name.startswith("on") and name != "on":
                self.wrong.append(f"{tag} {name}")
            reaches = re.match(r"\s*(?:[a-z][a-z0-9+.-]*:|//|\\\\)", value or "", re.IGNORECASE)
            if name in ("src", "href", "xlink:href", "action", "srcset") and reaches:
                self.wrong.append(f"{tag} {name}={value}")


def look(out: Path) -> None:
    """Look at every file of the results."""
    for path in sorted(out.rglob("*")):
        match path.suffix:
            case ".csv":
                _table(path)
            case ".xlsx":
                _workbook(path)
            case ".html" | ".svg":
                _page(path)
            case ".pdf":
                _paper(path)


def _table(path: Path) -> None:
    with path.open(encoding="utf-8-sig", newline="") as file:
        for row in csv.reader(file):
            for cell in row:
                number = re.fullmatch(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?|-?inf", cell)
                if cell.startswith(("=", "+", "-", "@", "\t", "\r")) and not number:
                    raise Wrong(f"{path.name} has a formula: {cell[:60]!a}")


def _workbook(path: Path) -> None:
    for sheet in openpyxl.load_workbook(path).worksheets:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    raise Wrong(
                        f"{path.name} {sheet.title} has a formula: {str(cell.value)[:60]!a}"
                    )
                if cell.hyperlink is not None and cell.hyperlink.target:
                    raise Wrong(f"{path.name} {sheet.title} links to {cell.hyperlink.target!a}")


def _page(path: Path) -> None:
    parser = Markup()
    parser.feed(path.read_text(encoding="utf-8"))
    if path.suffix == ".svg" and parser.scripts:
        raise Wrong(f"{path.name} has a script")
    if parser.wrong:
        raise Wrong(f"{path.name} has {parser.wrong[:3]}")


def _paper(path: Path) -> None:
    reader = pypdf.PdfReader(path)
    text = "".join(page.extract_text() for page in reader.pages)
    if "root:x:0" in text:
        raise Wrong(f"{path.name} shows a file of this machine")
    for key in ("/JavaScript", "/JS", "/Launch", "/EmbeddedFiles", "/OpenAction", "/AA"):
        if key in reader.root_object or key in str(reader.root_object.get("/Names", "")):
            raise Wrong(f"{path.name} has {key}")
    for page in reader.pages:
        for annotation in page.get("/Annots", []):
            action = annotation.get_object().get("/A", pypdf.generic.NullObject()).get_object()
            if isinstance(action, dict) and action.get("/S") not in (None, "/GoTo"):
                raise Wrong(f"{path.name} has an action {action.get('/S')} {action.get('/URI')}")


# --- a real browser -------------------------------------------------------------------------------

ARGUMENTS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip


@contextmanager
def browsing() -> Iterator[Visit | None]:
    """Give what opens a dashboard in a browser; None where there is none."""
    program = shutil.which("chromium") or shutil.which("chromium-browser")
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        program = None
    if program is None:
        yield None
        return
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, headless=True, args=ARGUMENTS)
        yield lambda file: _visited(browser, file)
        browser.close()


def _visited(browser: Any, file: Path) -> None:
    """Open a dashboard and every committee on it: no script but its own, no request."""
    context = browser.new_context(offline=True, reduced_motion="reduce")
    wrong, requested = list[str](), set[str]()
    try:
        page = context.new_page()
        page.set_default_timeout(15_000)
        page.on("console", lambda message: wrong.append(message.text))
        page.on("pageerror", lambda error: wrong.append(str(error)))
        page.on("dialog", lambda dialog: wrong.append(dialog.message))
        page.on("request", lambda request: requested.add(request.url.split("#")[0]))
        page.goto(file.as_uri())
        page.wait_for_selector("#map svg")
        for number in range(page.locator("#league a.open").count()):
            page.goto(file.as_uri())
            page.locator("#league a.open").nth(number).click()
            page.wait_for_selector("#committee:not([hidden]) h2")
        if page.evaluate("window.hit"):
            wrong.append("a string ran")
    finally:
        context.close()
    if wrong or requested != {file.as_uri()}:
        raise Wrong(f"the dashboard: {[*wrong, *sorted(requested - {file.as_uri()})][:3]}")
