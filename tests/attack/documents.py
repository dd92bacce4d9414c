"""Documents that somebody has worked on: problems with their places, or a valid evaluation.

One document of a healthy folder is changed: as a tree (keys gone, twice, misspelt; values of other
types, huge, odd), as text, as the bytes of a workbook made of it, or as the cells of a table. What
`check` accepts must evaluate.
"""

from __future__ import annotations

import datetime as dt
import io
import random
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import openpyxl
import yaml

import evalkit as ek
from evalkit.definitions import conversion
from evalkit.definitions.kinds import Kind
from evalkit.errors import InputErrors, Problem
from tests.attack import street
from tests.attack.tally import Progress, Tally, Wrong, quiet

Steps = tuple[str | int, ...]

ODD: tuple[Any, ...] = (
    None, "", " ", "x", "是", True, False, 0, -1, 1, 2, 7, 50, 100, 101, 0.1, 99.999999, -0.0, 1e308,
    float("nan"), float("inf"), 10**40, "0x10", "1_000", "010", "1e3", "１００", "NaN", "null", "~",
    [], {}, [[]], [None], {"a": 1}, {"": ""}, ["x", "x"], dt.date(2016, 2, 29), dt.datetime(1, 1, 1),
    "2016-13-01", "9999-12-31", "../../etc/passwd", "/etc/passwd", "a/b", "a\x07b", "\u202eabc", "甲" * 5000,
    "=1+1", "{{7*7}}", "<b>", "\ud800".encode("utf-8", "surrogatepass").decode("utf-8", "replace"), "🏠",
    "composite", "all", "resident", "r1", "A1", "s1", "office", "2015", "2016", b"\x00\xff",
)  # fmt: skip

KINDS = {
    "scheme.yaml": Kind.SCHEME,
    "questionnaires/resident.yaml": Kind.QUESTIONNAIRE,
    "questionnaires/organisation.yaml": Kind.QUESTIONNAIRE,
    "actions.yaml": Kind.ACTIONS,
    "themes.yaml": Kind.THEMES,
}


# --- trees ----------------------------------------------------------------------------------------


def places(tree: Any, at: Steps = ()) -> Iterator[Steps]:
    """Yield the way to every value of a document."""
    if at:
        yield at
    if isinstance(tree, dict):
        for key, value in tree.items():
            yield from places(value, (*at, key))
    elif isinstance(tree, list):
        for number, value in enumerate(tree):
            yield from places(value, (*at, number))


def _holder(tree: Any, at: Steps) -> Any:
    for step in at[:-1]:
        tree = tree[step]
    return tree


def change_tree(tree: Any, rng: random.Random) -> str:
    """Change one place of a document; say how."""
    found = list(places(tree))
    at = rng.choice(found)
    holder, last = _holder(tree, at), at[-1]
    where = ".".join(map(str, at))
    match rng.randrange(7):
        case 0:
            del holder[last]
            return f"{where} gone"
        case 1:
            value = rng.choice(ODD)
            holder[last] = value
            return f"{where} is {str(value)[:30]!r}"
        case 2:
            other = rng.choice(found)
            try:
                value = _holder(tree, other)[other[-1]]
                holder[last] = yaml.safe_load(street.dumped(value))
            except (KeyError, IndexError, TypeError):
                return "nothing"
            return f"{where} as {'.'.join(map(str, other))}"
        case 3 if isinstance(holder, list):
            holder.insert(
                rng.randrange(len(holder) + 1), yaml.safe_load(street.dumped(holder[last]))
            )
            return f"{where} twice"
        case 3 | 4 if isinstance(holder, dict):
            key = rng.choice(
                (f"{last}x", str(last)[:-1], str(last).upper(), " ", "名称", 1, None, True)
            )
            holder[key] = holder[last] if rng.random() < 0.3 else holder.pop(last)
            return f"{where} is called {key!r}"
        case 5 if isinstance(holder, list):
            rng.shuffle(holder)
            return f"{where} in another order"
        case 6:
            holder[last] = rng.choice(([holder[last]], {"x": holder[last]}, str(holder[last])))
            return f"{where} wrapped"
        case _:
            value = holder[last]
            if isinstance(value, int | float) and not isinstance(value, bool):
                holder[last] = value * rng.choice((-1, 0, 0.5, 10, 1e9)) + rng.choice((0, 1e-7, 1))
                return f"{where} is {holder[last]}"
            holder[last] = f"{value}{rng.choice(('x', ' ', chr(0x200B)))}"
            return f"{where} longer"


# --- text and tables ------------------------------------------------------------------------------


def change_text(text: str, rng: random.Random) -> tuple[bytes, str]:
    """Change the lines or signs of a file; say how."""
    lines = text.split("\n")
    at = rng.randrange(len(lines))
    how = rng.choice(
        ("gone", "twice", "indented", "outdented", "swapped", "sign", "cut", "tag", "anchor", "tab",
         "encoding", "bytes", "second", "laughs", "deep")
    )  # fmt: skip
    match how:
        case "gone":
            del lines[at]
        case "twice":
            lines.insert(at, lines[at])
        case "indented":
            lines[at] = " " + lines[at]
        case "outdented":
            lines[at] = lines[at].lstrip()
        case "swapped":
            other = rng.randrange(len(lines))
            lines[at], lines[other] = lines[other], lines[at]
        case "sign":
            column = rng.randrange(len(lines[at]) + 1)
            sign = rng.choice(":#-[]{},&*!|>'\"%@`\\\x00\x85\ufeff：，")
            lines[at] = lines[at][:column] + sign + lines[at][column + rng.randrange(2) :]
        case "cut":
            lines[at:] = [lines[at][: rng.randrange(len(lines[at]) + 1)]]
        case "tag":
            lines[at] += rng.choice(
                (" !!python/object/apply:os.system [id]", " !!binary x", " !x y")
            )
        case "anchor":
            lines[at] = lines[at].replace(": ", ": &a ", 1) + rng.choice((" *a", ""))
        case "tab":
            lines[at] = "\t" + lines[at]
        case "second":
            lines.insert(at, "---")
        case "laughs":
            lines = ["a: &a [x, x]", *(f"a{n}: &a{n} [*a, *a]" for n in range(5)), *lines]
        case "deep":
            lines[at] = "[" * 3000
        case "encoding":
            return "\n".join(lines).encode(rng.choice(("gb18030", "utf-16", "utf-8-sig"))), how
        case "bytes":
            data = bytearray("\n".join(lines).encode())
            data[rng.randrange(len(data))] = rng.randrange(256)
            return bytes(data), how
    return "\n".join(lines).encode(), f"line {at + 1} {how}"


def change_table(rows: list[list[Any]], rng: random.Random) -> str:
    """Change cells, rows or columns of a table; say how."""
    row = rng.randrange(len(rows))
    if not rows[row]:
        return "nothing"
    column = rng.randrange(len(rows[row]))
    match rng.randrange(6):
        case 0:
            del rows[row]
        case 1:
            rows.insert(row, list(rows[row]))
        case 2:
            for one in rows:
                del one[column : column + 1]
        case 3:
            other = rng.choice(rows)
            rows[row][column] = rng.choice(other) if other else ""
        case 4:
            rng.shuffle(rows)
        case _:
            value = rng.choice(ODD)
            plain = value if isinstance(value, str | int | float | bool) else str(value)
            rows[row][column] = plain
    return f"row {row + 1} column {column + 1}"


def change_book(data: bytes, rng: random.Random) -> tuple[bytes, str]:
    """Change one sheet of a document's workbook; say how."""
    book = openpyxl.load_workbook(io.BytesIO(data))
    sheet = rng.choice(book.worksheets)
    if rng.random() < 0.15:
        if rng.random() < 0.5 and len(book.worksheets) > 1:
            book.remove(sheet)
        else:
            sheet.title = "别的"
        done = f"sheet {sheet.title}"
    else:
        rows = [list(row) for row in sheet.iter_rows(values_only=True)]
        done = f"{sheet.title} {change_table(rows, rng) if rows else ''}"
        sheet.delete_rows(1, sheet.max_row)
        for at, row in enumerate(rows, start=1):
            for column, value in enumerate(row, start=1):
                if value not in (None, ""):
                    try:
                        sheet.cell(at, column, value)
                    except (ValueError, TypeError, openpyxl.utils.exceptions.IllegalCharacterError):
                        continue
    out = io.BytesIO()
    book.save(out)
    return out.getvalue(), done


MARGINS = [["group", "item", "option", "share"], ["resident", "sex", "男", "0.5"],
           ["resident", "sex", "女", "0.5"]]  # fmt: skip


# --- what comes of it -----------------------------------------------------------------------------


def attack(size: int, seed: int, progress: Progress = quiet, only: int | None = None) -> Tally:
    """Change and check so many folders, and evaluate those that are accepted."""
    tally = Tally()
    for number in range(size) if only is None else [only]:
        tally.attempt(number, lambda number=number: one(number, seed))
        progress(number + 1)
    return tally


def spoilt(root: Path, rng: random.Random) -> str:
    """Write a healthy folder and change one document of it; say which, and how."""
    found = street.documents()
    name = rng.choice(list(found))
    how = rng.choice(("tree", "tree", "text", "book"))
    if name == "roster.csv":
        done = change_table(found[name], rng) if how == "tree" else ""
    else:
        done = (
            ", ".join(change_tree(found[name], rng) for _ in range(rng.choice((1, 1, 2))))
            if how == "tree"
            else ""
        )
    street.write(root, found)
    path = root / name
    if how == "text":
        data, done = change_text(path.read_text(encoding="utf-8"), rng)
        path.write_bytes(data)
    elif how == "book" and name in KINDS:
        conversion.convert(KINDS[name], path, path.with_suffix(".xlsx"))
        path.unlink()
        path = path.with_suffix(".xlsx")
        data, done = change_book(path.read_bytes(), rng)
        path.write_bytes(data)
        if name == "scheme.yaml":
            order = root / "evaluation.yaml"
            text = order.read_text(encoding="utf-8")
            order.write_text(text.replace("scheme.yaml", "scheme.xlsx"), encoding="utf-8")
    elif how == "book":
        rows = [list(row) for row in MARGINS]
        done = change_table(rows, rng)
        name = "margins.csv"
        (root / name).write_text(street.text_of(rows), encoding="utf-8")
    return f"{name} ({how}): {done}"


def one(number: int, seed: int) -> str:
    """Try one folder; say whether it was refused or evaluated."""
    rng = random.Random(f"documents {seed} {number}")
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder) / "ws"
        done = spoilt(root, rng)
        try:
            return outcome(root, rng.random() < 0.1)
        except Wrong as wrong:
            raise Wrong(f"{done}: {wrong}") from None
        except Exception as error:
            error.args = (f"{done}: {error}",)
            raise


def outcome(root: Path, publish: bool) -> str:
    """Check a folder; evaluate what is accepted."""
    space = ek.open(root)
    checked = space.check()
    for problem in checked.problems:
        placed(problem)
    try:
        evaluation = space.evaluate()
    except InputErrors as errors:
        for problem in errors.problems:
            placed(problem)
        if not checked.problems:
            raise Wrong(f"check found nothing, run {next(iter(errors.problems))}") from None
        return "told"
    if checked.problems:
        raise Wrong(f"run went through in spite of {checked.problems[0]}")
    scores = evaluation.scores["score"].dropna()
    if not scores.between(0, 100).all():
        raise Wrong("a score outside 0 to 100")
    if publish:
        space.publish(evaluation, pdf=False)
    return "evaluated"


def placed(problem: Problem) -> None:
    """Hold a problem against what every problem says: where, what, and what to do."""
    if not problem.file:
        raise Wrong(f"a problem without a place: {problem}")
    if not any("\u4e00" <= letter <= "\u9fff" for letter in problem.message):
        raise Wrong(f"a problem nobody can read: {problem}")
    if not problem.remedy:
        raise Wrong(f"a problem without a remedy: {problem}")
