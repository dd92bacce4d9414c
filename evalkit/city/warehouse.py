"""What a warehouse is asked for: coded rows, in its own language. It selects; it works nothing out.

The statement is written once, in words that every dialect has (CASE, a list of constants, no casts,
no functions), turned into a dialect by sqlglot and read back by it. Whatever sqlglot cannot put into
a dialect is refused.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from evalkit.answers.coded import MISSING, options_of, scored
from evalkit.city.coding import questionnaires_of
from evalkit.city.town import Town
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.engines.sums import KEYS
from evalkit.errors import InputErrors
from evalkit.problems import coded as problems_of

DIALECTS = (
    "postgres",
    "mysql",
    "hive",
    "spark",
    "clickhouse",
    "duckdb",
    "oracle",
    "snowflake",
    "bigquery",
    "starrocks",
    "doris",
)
EMPTY_IS_NULL = ("oracle",)
"""Databases in which an empty text is NULL: they cannot tell the one from the other."""
TABLE = "answers_"


def statements(
    town: Town, dialect: str, *, numbers: bool = False, null: bool = False
) -> Iterator[str]:
    """Yield, for every questionnaire, what selects coded rows and what finds values nobody knows.

    Parameters
    ----------
    dialect : str
        One of `DIALECTS`.
    numbers : bool
        Whether the columns hold codes of options as whole numbers; else as text.
    null : bool
        Whether NULL means that nobody answered. Otherwise it stays NULL, which is a problem where
        the rows are read; what means no answer is an empty text.

    Raises
    ------
    InputErrors
        For an unknown dialect, one that cannot say what is meant, and without sqlglot.
    """
    if dialect not in DIALECTS:
        raise InputErrors([problems_of.unknown_dialect(dialect, DIALECTS)])
    if dialect in EMPTY_IS_NULL and not (null or numbers):
        said = "空文字就是 NULL，分不出没有作答和没有数据；加 --null-is-missing 才说得清"
        raise InputErrors([problems_of.dialect_cannot(dialect, said)])
    for name in questionnaires_of(town.scheme):
        own = town.questionnaires[name]
        items = scored(town.scheme, own)
        known = {item.id: _known(own, item, numbers, dialect) for item in items}
        table = f"{TABLE}{name}"
        yield f"-- {name}: coded rows, a row an answer sheet; export the result as Parquet"
        yield _in(dialect, _select(table, known, null), [*KEYS, *known]) + ";"
        yield f"-- {name}: values that no option has; must return no row"
        yield _in(dialect, _odd(table, known, null), ["question", "answer", "sheets"]) + ";"


def _known(own: Questionnaire, item: Item, numbers: bool, dialect: str) -> dict[str, int]:
    """Return the place of every option by the constant that means it; -1 where it is no answer."""
    missing = {o.code for o in own.options_of(item) if o.missing is not None}
    options = options_of(own, item)
    codes = {code: (MISSING if code in missing else at) for at, code in enumerate(options)}
    if numbers:
        if odd := [code for code in codes if str(_integer(code)) != code]:
            said = f"题目 {item.id} 的选项序号不是整数：{'、'.join(odd)}；去掉 --numbers"
            raise InputErrors([problems_of.dialect_cannot(dialect, said)])
        return codes
    found = {_text(code): place for code, place in codes.items()}
    return found if dialect in EMPTY_IS_NULL else {**found, "''": MISSING}


def _integer(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None


def _text(value: str) -> str:
    return "'" + value.replace("'", "''") + "'"


def _name(value: str) -> str:
    return '"' + value.replace('"', '""') + '"'


def _select(table: str, known: dict[str, dict[str, int]], null: bool) -> str:
    columns = [_name(key) for key in KEYS]
    for column, places in known.items():
        own = _name(column)
        cases = [f"WHEN {own} = {constant} THEN {place}" for constant, place in places.items()]
        if null:
            cases.append(f"WHEN {own} IS NULL THEN {MISSING}")
        columns.append(f"CASE {' '.join(cases)} ELSE NULL END AS {own}")
    return f"SELECT {', '.join(columns)} FROM {_name(table)}"


def _odd(table: str, known: dict[str, dict[str, int]], null: bool) -> str:
    parts = []
    for column, places in known.items():
        own = _name(column)
        strange = f"NOT {own} IN ({', '.join(places)})"
        strange = f"NOT {own} IS NULL AND {strange}" if null else f"{own} IS NULL OR {strange}"
        parts.append(
            f"SELECT {_text(column)} AS {_name('question')}, {own} AS {_name('answer')}, "
            f"COUNT(*) AS {_name('sheets')} FROM {_name(table)} WHERE {strange} GROUP BY {own}"
        )
    return " UNION ALL ".join(parts)


def _in(dialect: str, text: str, columns: list[str]) -> str:
    """Return a statement in a dialect, after sqlglot has read back what it wrote."""
    glot = _sqlglot()
    try:
        meant = glot.parse_one(text, read="postgres")
        told = meant.sql(
            dialect=dialect, identify=True, pretty=True, unsupported_level=glot.ErrorLevel.RAISE
        )
        back = glot.parse_one(told, read=dialect)
    except glot.errors.SqlglotError as error:
        raise InputErrors([problems_of.dialect_cannot(dialect, str(error))]) from error
    if back.named_selects != columns or _bare(glot, back) != _bare(glot, meant):
        raise InputErrors([problems_of.dialect_cannot(dialect, told)])
    return str(told)


def _bare(glot: Any, tree: Any) -> str:
    """Return what a statement says, whatever stands in brackets."""
    paren = glot.exp.Paren
    said = tree.transform(lambda node: node.this if isinstance(node, paren) else node)
    return str(said.sql(identify=True))


def _sqlglot() -> Any:
    try:
        import sqlglot
        import sqlglot.errors
    except ImportError as error:
        raise InputErrors([problems_of.no_sqlglot()]) from error
    return sqlglot
