"""A questionnaire, or answers to one, from whatever file holds it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from evalkit.errors import Problems
from evalkit.files import guard
from evalkit.files.reading import read_sheets
from evalkit.platforms.asking import answers, lss, qsf, text_form, xlsform
from evalkit.platforms.asking.asked import AskedForm
from evalkit.platforms.reading import of, read
from evalkit.problems import exports as faults

MOST_BYTES = 32 * 2**20
"""Of a questionnaire; the largest with pictures inside have a few megabytes."""

_BY_TEXT: tuple[tuple[Callable[[str], bool], Callable[[str, str], AskedForm]], ...] = (
    (lss.is_lss, lss.form),
    (qsf.is_qsf, qsf.form),
    (text_form.is_text_form, text_form.form),
)


def read_form(path: Path, name: str, problems: Problems) -> AskedForm | None:
    """Read what is asked: from a form, the structure of a survey, or a file of answers.

    Returns
    -------
    AskedForm or None
        None when at least one problem was added.
    """
    found = _form(path, name, problems)
    if found is not None and not found.questions:
        problems.collect(faults.nothing_asked(name))
        return None
    return found


def _form(path: Path, name: str, problems: Problems) -> AskedForm | None:
    title = path.stem
    text = _text(path)
    for fits, form in _BY_TEXT:
        if text is not None and fits(text):
            try:
                return form(text, title)
            except (ValueError, RecursionError) as error:
                problems.collect(faults.damaged_form(name, str(error)))
                return None
    aside = Problems()
    if guard.kind(path, name, aside) == "xlsx":
        sheets = read_sheets(path, name, aside)
        if sheets is not None and xlsform.is_xlsform(sheets):
            return xlsform.form(sheets, title)
    sheet = read(path, name=name, problems=problems)
    return None if sheet is None else answers.form(sheet, of(sheet), title)


def _text(path: Path) -> str | None:
    """Return a file as text, if it is one, in UTF-8 or GB18030."""
    if not path.is_file() or path.stat().st_size > MOST_BYTES:
        return None
    content = path.read_bytes()
    for codec in ("utf-8-sig", "gb18030"):
        try:
            return content.decode(codec)
        except UnicodeDecodeError:
            continue
    return None
