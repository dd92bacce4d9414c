"""Data files of statistics programs, SPSS, Stata and Parquet, as grids with a dictionary beside them.

`read` is called by `cage.call`: these readers are compiled and believe what a file says of itself.
Seen in real files: value labels that are the only place where missing answers are named (0 IAP, 9
NA); user-missing values and ranges; multiple-response sets, dichotomous with a counted value or
categorical; labels of text values cut at 8 bytes; old files in GBK without saying so.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, get_args

from evalkit import numerals
from evalkit.errors import Problems
from evalkit.files import guard, limits
from evalkit.files.grid import Dictionary, Grid, ResponseSet, Variable, column_of
from evalkit.files.workbook import Value, as_text

_CUT = 8
"""Bytes that older files keep of a text that has a label."""


def read(
    path: Path, name: str, problems: Problems, kind: guard.Kind, encoding: str | None
) -> Grid | None:
    """Read a data file, its first row the names of the variables.

    Parameters
    ----------
    path : Path
        Where the file is.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects what stops the reading.
    kind : str
        ``"sav"``, ``"dta"`` or ``"parquet"``.
    encoding : str or None
        Of its texts, where an analyst declared it.
    """
    try:
        return (
            _parquet(path, name, problems)
            if kind == "parquet"
            else _labelled(path, name, problems, kind, encoding)
        )
    except MemoryError:
        raise
    except Exception as error:  # whatever a reader stumbles over is damage of the file
        if "convert string" in str(error) or "codec" in str(error):
            _undecodable(name, encoding, problems)
        else:
            guard.damaged(name, error, problems)
        return None


def _labelled(
    path: Path, name: str, problems: Problems, kind: guard.Kind, encoding: str | None
) -> Grid | None:
    import pyreadstat  # only files of this kind need it

    reader = pyreadstat.read_sav if kind == "sav" else pyreadstat.read_dta
    options: dict[str, Any] = {"encoding": encoding, "output_format": "dict"}
    _, meta = reader(str(path), metadataonly=True, **options)
    if not _fits(name, meta.number_rows or 0, len(meta.column_names), problems):
        return None
    data, meta = reader(str(path), user_missing=True, **options)
    columns = {title: _texts(data[title]) for title in meta.column_names}
    labels = meta.column_names_to_labels
    variables = tuple(
        _variable(title, labels.get(title), columns[title], meta) for title in meta.column_names
    )
    sets = tuple(
        ResponseSet(
            one["label"] or title.lstrip("$"),
            tuple(one["variable_list"]),
            _text(one["counted_value"]) if one["is_dichotomy"] else None,
        )
        for title, one in sorted((getattr(meta, "mr_sets", None) or {}).items())
    )
    return _grid(columns, Dictionary(variables, sets))


def _variable(title: str, label: str | None, cells: Sequence[str], meta: Any) -> Variable:
    labels = {
        _text(value): str(text)
        for value, text in (meta.variable_value_labels.get(title) or {}).items()
    }
    ranges = meta.missing_ranges.get(title) or []
    stata = {_text(value) for value in (meta.missing_user_values or {}).get(title, ())}
    held = set(cells) | set(labels)
    missing = {text for text in held if text and any(_within(text, one) for one in ranges)}
    present = set(cells)
    cut = tuple(
        key
        for key in sorted(labels)
        if len(key.encode()) == _CUT
        and numerals.number(key) is None
        and key not in present
        and any(cell.startswith(key) for cell in present)
    )
    return Variable(title, label or "", labels, frozenset(missing | stata), cut)


def _within(text: str, one: Mapping[str, Any]) -> bool:
    low, high = one["lo"], one["hi"]
    if isinstance(low, str) or isinstance(high, str):
        return text == str(low).rstrip()
    number = numerals.number(text)
    return number is not None and float(low) <= number <= float(high)


def _texts(values: Sequence[Any]) -> list[str]:
    """Return values as texts; every different one is written once."""
    known: dict[Any, str] = {}
    texts = []
    for value in values.tolist() if hasattr(values, "tolist") else values:
        key = value if value.__hash__ is not None else repr(value)
        text = known.get(key)
        if text is None:
            text = known[key] = _text(value)
        texts.append(text)
    return texts


def _text(value: Any) -> str:
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if not isinstance(value, get_args(Value)):
        return str(value)
    return as_text(value).rstrip() if not isinstance(value, str) else value.rstrip()


def _parquet(path: Path, name: str, problems: Problems) -> Grid | None:
    import duckdb  # only files of this kind need it

    settings: dict[str, Any] = {"threads": 1, "memory_limit": "256MB"}
    with duckdb.connect(config=settings) as connection:
        table = connection.read_parquet(str(path))
        titles = list(table.columns)
        ((count,),) = table.count("*").fetchall()
        if not _fits(name, int(count), len(titles), problems):
            return None
        rows = table.fetchall()
    columns = {title: _texts([row[at] for row in rows]) for at, title in enumerate(titles)}
    variables = tuple(Variable(title, "", {}, frozenset(), ()) for title in titles)
    return _grid(columns, Dictionary(variables, ()))


def _grid(columns: Mapping[str, Sequence[str]], dictionary: Dictionary) -> Grid:
    height = 1 + max(map(len, columns.values()), default=0)
    own = tuple(column_of([title, *cells]) for title, cells in columns.items())
    return Grid(None, own, height, dictionary=dictionary)


def _fits(name: str, rows: int, columns: int, problems: Problems) -> bool:
    if rows * columns <= limits.held() and columns <= limits.MAX_COLUMNS:
        return True
    problems.add(
        "too_many_cells",
        "数据文件太大",
        file=name,
        expected=f"不超过 {limits.held()} 格、{limits.MAX_COLUMNS} 列",
        found=f"{rows} 行 {columns} 列",
        remedy="只留下要用的变量和个案，另存",
    )
    return False


def _undecodable(name: str, encoding: str | None, problems: Problems) -> None:
    problems.add(
        "undecodable_texts",
        "数据文件里的文字不是它自称的编码",
        file=name,
        key="encoding",
        expected="gb18030、utf-8 等，与保存时相同",
        found=encoding or "文件自称的编码",
        remedy="在 evaluation.yaml 的该文件下写明 encoding: gb18030；不行就在 SPSS 中另存为 UTF-8",
    )
