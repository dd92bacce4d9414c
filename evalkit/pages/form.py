"""A questionnaire on paper: large type, boxes to tick, codes for whoever types the answers.

Codes stand small beside the boxes: typed as they stand, they are what 问卷星 exports by number.
"""

from __future__ import annotations

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.text import on_one_line
from evalkit.pages.press import printing, sheets
from evalkit.pages.press.planned import Paper, fill
from evalkit.pages.press.printing import Pressed

WIDTH = 184.0
"""Millimetres between the margins."""
CHARACTER = 5.3
"""Millimetres a Chinese character of an option is wide, at 15 points."""
BOX = 17.0
"""Millimetres that a box, its code and the gap to the next option take."""
MOST_COLUMNS = 4
NARROW_SCALE, WIDE_SCALE = 15.4, 27.0
"""Millimetres of one option's column in a matrix: at least, and at most."""
SCALE_CHARACTER = 4.95
"""Millimetres a Chinese character in the head of a matrix is wide, at 14 points."""
ROWS_SHARE = 70.0
"""Millimetres of a matrix that its rows' wordings need."""
UNBROKEN_ROWS = 15
"""A page takes so many rows; a matrix with more breaks between two, and its head is repeated."""
LINES = 3
"""Ruled lines below an open question."""
LATIN = 0.48
"""Width of a letter or digit, in Chinese characters."""

AIRS = ("airy", "normal", "dense")
"""How much room there is between questions; letters and boxes are of one size."""

FIRST_SPARE = 0.12
"""Share of the first sheet that may stay empty before the first matrix is broken to fill it."""

_ASKS_FOR_TEXT = re.compile(r"[(（\[【]?请(?:注明|说明|填写)[)）\]】]?$")


@dataclass(frozen=True, slots=True)
class Choice:
    """One box: its code, its label, and whether something may be written beside it."""

    code: str
    label: str
    written: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """One question as it is laid out.

    Attributes
    ----------
    number, text, remark : str
        Number and remark (可多选) may be empty.
    rows : tuple of tuples of Choice
        Boxes by line; empty where something is written.
    share : float
        Per cent of the width that one box has.
    lines : int
        Ruled lines to write on.
    kind : str
        ``"boxes"``, ``"lines"``, ``"blank"`` or ``"subject"``.
    ending : tuple of str
        Options after which nothing more is asked.
    """

    number: str
    text: str
    remark: str
    kind: str
    rows: tuple[tuple[Choice, ...], ...] = ()
    share: float = 100.0
    lines: int = 0
    ending: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Matrix:
    """Questions with the same options as a table: a row each.

    Attributes
    ----------
    heads : tuple of tuples of str
        The options' labels, by line.
    rows : tuple of str
    column : float
        Per cent of the width that one option has.
    breaks : bool
        Whether the table is too long to stay on one page.
    """

    number: str
    text: str
    remark: str
    options: tuple[Choice, ...]
    heads: tuple[tuple[str, ...], ...]
    rows: tuple[str, ...]
    column: float
    breaks: bool
    kind: str = "matrix"


@dataclass(frozen=True, slots=True)
class Heading:
    """What several questions share, above the first of them."""

    number: str
    text: str
    kind: str = "heading"


Block = Question | Matrix | Heading


def press(
    questionnaire: Questionnaire, order: EvaluationOrder, subject: Subject | None = None
) -> Pressed:
    """Render the paper form on as few pages as it needs, and then with as much air as these have.

    Raises
    ------
    RenderError
        See `printing.press`.
    """
    laid_out = [_Laid.out(plan(questionnaire, order, subject, air)) for air in (AIRS[0], AIRS[-1])]
    if laid_out[0].pages > laid_out[1].pages:
        between = (_Laid.out(plan(questionnaire, order, subject, air)) for air in AIRS[1:-1])
        laid_out = [one for one in between if one.pages == laid_out[1].pages] + laid_out[1:]
    chosen = laid_out[0]
    if chosen.spare > FIRST_SPARE:
        least = AIRS.index(str(chosen.paper.context["air"]))
        for air in AIRS[least:]:
            broken = _Laid.out(plan(questionnaire, order, subject, air, broken=True))
            if broken.pages <= chosen.pages and broken.spare < chosen.spare:
                chosen = broken
            if chosen.spare <= FIRST_SPARE:
                break
    return printing.press(chosen.paper)


@dataclass(frozen=True, slots=True)
class _Laid:
    """A form in one setting: how many sheets it takes, and how empty the first of several is."""

    paper: Paper
    pages: int
    spare: float

    @classmethod
    def out(cls, paper: Paper) -> _Laid:
        document = printing.lay_out(paper, fill(paper))
        spare = sheets.spare(document)
        return cls(paper, len(spare), spare[0] if len(spare) > 1 else 0.0)


def plan(
    questionnaire: Questionnaire,
    order: EvaluationOrder,
    subject: Subject | None = None,
    air: str = AIRS[0],
    broken: bool = False,
) -> Paper:
    """Plan the paper form of a questionnaire.

    Parameters
    ----------
    questionnaire : Questionnaire
    order : EvaluationOrder
    subject : Subject or None
        Committee whose name is printed where the form asks for it; None leaves a line.
    air : str
        One of `AIRS`.
    broken : bool
        Whether the first matrix may go over two sheets, two rows at least on either.
    """
    suffix = f"-{subject.id}" if subject is not None else ""
    proof = {"title": questionnaire.title}
    asks = bool(questionnaire.of_role("subject"))
    if subject is not None and asks:
        proof |= {"id": subject.id, "name": subject.name}
    planned = blocks(questionnaire)
    return Paper(
        path=f"{questionnaire.id}{suffix}.pdf",
        template="form.html.j2",
        title=questionnaire.title,
        subject=f"{order.street}{order.title}",
        created="",
        context={
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": order.subject_word,
            "title": questionnaire.title,
            "air": air,
            "broken": _first_matrix(planned) if broken else 0,
            "privacy": order.privacy,
            "contact": order.contact or "",
            "introduction": on_one_line(questionnaire.introduction),
            "blocks": planned,
            "subject": subject if asks else None,
            "ticked": any(item.kind != "text" for item in questionnaire.items),
        },
        proof=proof,
    )


def _first_matrix(planned: Sequence[Block]) -> int:
    """Return the first matrix's place from 1; 0 where there is none."""
    return next((n for n, block in enumerate(planned, start=1) if isinstance(block, Matrix)), 0)


def blocks(questionnaire: Questionnaire) -> list[Block]:
    """Lay out the questions of a form, in its order and with its numbers.

    Where the form numbers none of its questions they are counted.
    """
    counted = not any(item.number for item in questionnaire.items)
    planned: list[Block] = []
    for place, block in enumerate(questionnaire.blocks(), start=1):
        number = str(place) if counted else str(block[0].number or "")
        planned += _block(questionnaire, block, number)
    return planned


def _block(questionnaire: Questionnaire, block: Sequence[Item], number: str) -> list[Block]:
    first = block[0]
    options = _choices(questionnaire, first)
    if first.stem is None:
        return [_question(questionnaire, item, number) for item in block]
    column = _column(options)
    if column is not None and first.kind in ("single", "multiple"):
        rows = tuple(item.text for item in block)
        breaks = len(rows) > UNBROKEN_ROWS
        heads = tuple(_lines(option.label, column) for option in options)
        remark, share = _remark(first, first.stem), 100 * column / WIDTH
        return [Matrix(number, first.stem, remark, options, heads, rows, share, breaks)]
    return [
        Heading(number, first.stem),
        *(
            _question(questionnaire, item, f"{number}（{place}）" if number else "")
            for place, item in enumerate(block, start=1)
        ),
    ]


def _question(questionnaire: Questionnaire, item: Item, number: str) -> Question:
    choices = _choices(questionnaire, item)
    remark = _remark(item, item.text)
    if not choices or item.kind in ("number", "text"):
        kind = {"open": "lines", "subject": "subject"}.get(item.role, "blank")
        return Question(number, item.text, remark, kind, lines=LINES)
    columns = _columns(choices)
    ending = tuple(o.label for o in questionnaire.options_of(item) if o.screen_out)
    rows = tuple(choices[at : at + columns] for at in range(0, len(choices), columns))
    return Question(number, item.text, remark, "boxes", rows, 100 / columns, ending=ending)


def _choices(questionnaire: Questionnaire, item: Item) -> tuple[Choice, ...]:
    return tuple(
        Choice(
            option.code,
            _ASKS_FOR_TEXT.sub("", option.label) or option.label,
            _ASKS_FOR_TEXT.search(option.label) is not None,
        )
        for option in questionnaire.options_of(item)
    )


def _remark(item: Item, text: str) -> str:
    if item.kind == "number" and item.minimum is not None and item.maximum is not None:
        return f"填 {item.minimum:g} 到 {item.maximum:g} 的数字"
    if item.kind == "multiple" and "多选" not in text:
        return "可多选"
    if item.kind == "ranking" and "排序" not in text:
        return "按先后在方框里写 1、2、3……"
    return ""


def _columns(choices: Sequence[Choice]) -> int:
    """Return how many options stand side by side, so that none wraps if that can be had."""
    needed = max(BOX + CHARACTER * (span(c.label) + (6 if c.written else 0)) for c in choices)
    return max(1, min(MOST_COLUMNS, len(choices), int(WIDTH // needed)))


def _column(options: Sequence[Choice]) -> float | None:
    """Return how wide an option is in a matrix, in mm; None where the options do not fit."""
    if not options or any(option.written for option in options):
        return None
    longest = max(
        span(word) for option in options for word in re.findall(r"[!-~]+|\S", option.label)
    )
    lines = max(span(option.label) for option in options) * SCALE_CHARACTER / 3
    column = max(NARROW_SCALE, longest * SCALE_CHARACTER + 2, lines + 2)
    if column > WIDE_SCALE or column * len(options) > WIDTH - ROWS_SHARE:
        return None
    return column


def _lines(label: str, column: float) -> tuple[str, ...]:
    """Break a Chinese label into lines of even length; others break at their blanks."""
    room = (column - 0.5) / SCALE_CHARACTER
    if span(label) <= room or " " in label:
        return (label,)
    size = math.ceil(len(label) / math.ceil(span(label) / room))
    return tuple(label[at : at + size] for at in range(0, len(label), size))


def span(text: str) -> float:
    """Return the width of a text in Chinese characters."""
    return sum(1.0 if ord(c) > 0x2E7F else LATIN for c in text)
