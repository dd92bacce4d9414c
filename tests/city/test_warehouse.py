"""Statements for a warehouse: run in one that is here, read back by sqlglot in all others."""

from __future__ import annotations

import sys
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import sqlglot

from evalkit.city import coding, summing, warehouse
from evalkit.engines.local import LocalEngine
from evalkit.errors import InputErrors
from tests.city import small


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small.ran(tmp_path_factory.mktemp("city") / "city")


def statements(root: Path, dialect: str, **options: bool) -> list[str]:
    return list(warehouse.statements(small.town(root), dialect, **options))


def raw(root: Path) -> pd.DataFrame:
    """The residents' answers as a warehouse has them: options' codes as text."""
    folder = root / "rows/2016"
    with duckdb.connect() as connection:
        coded = connection.execute(f"SELECT * FROM '{folder}/*/resident.parquet'").df()
    for column in coded.columns[3:]:
        coded[column] = coded[column].map(lambda place: "" if place < 0 else str(place + 1))
    return coded


def test_what_is_selected_adds_up_to_what_was_imported(root: Path, tmp_path: Path) -> None:
    select, check = statements(root, "duckdb")[5::2]
    path = tmp_path / "resident.parquet"
    with duckdb.connect() as connection:
        connection.register("answers_resident", raw(root))
        assert connection.execute(check.rstrip(";")).fetchall() == []
        connection.execute(f"COPY ({select.rstrip(';')}) TO '{path}' (FORMAT parquet)")
    town = small.town(root)
    own = summing.add_up(town, LocalEngine()).sums
    theirs = summing.add_up(town, LocalEngine(), {"resident": [str(path)]}).sums
    groups = set(theirs.keys)
    kept = [at for at, key in enumerate(own.keys) if key in groups]
    assert [own.keys[at] for at in kept] == list(theirs.keys)
    assert (own.products[kept] == theirs.products).all()
    assert (own.n[kept] == theirs.n).all()


def test_unknown_values_and_null_are_found_in_the_warehouse_and_at_the_door(
    root: Path, tmp_path: Path
) -> None:
    table = raw(root)
    table.loc[[0, 1], "r2"], table.loc[2, "r1"] = "9", None
    path = tmp_path / "resident.parquet"
    for null, found in (
        (False, [("r1", None, 1), ("r2", "9", 2)]),
        (True, [("r2", "9", 2)]),
    ):
        select, check = statements(root, "duckdb", null=null)[5::2]
        with duckdb.connect() as connection:
            connection.register("answers_resident", table)
            assert sorted(connection.execute(check.rstrip(";")).fetchall()) == found
            connection.execute(f"COPY ({select.rstrip(';')}) TO '{path}' (FORMAT parquet)")
        with pytest.raises(InputErrors) as caught:
            summing.add_up(small.town(root), LocalEngine(), {"resident": [str(path)]})
        told = [(p.column, p.found) for p in caught.value.problems]
        assert told == [(column, f"NULL（{rows} 行）") for column, _, rows in found]


@pytest.mark.parametrize("dialect", warehouse.DIALECTS)
def test_every_dialect_can_read_its_statements(root: Path, dialect: str) -> None:
    for numbers in (False, True):
        made = statements(root, dialect, numbers=numbers, null=True)
        assert len(made) == 8
        for text in made[1::2]:
            assert sqlglot.parse_one(text.rstrip(";"), read=dialect) is not None
        assert "WHEN" in made[1]
        assert ("= '1'" in made[1]) is not numbers


def test_where_an_empty_text_is_null_no_empty_text_is_looked_for(root: Path) -> None:
    for dialect, there in (("oracle", False), ("postgres", True)):
        assert ("= ''" in statements(root, dialect, null=True)[1]) == there


def test_mysql_and_hive_quote_as_they_do(root: Path) -> None:
    for dialect, quote in (("mysql", "`"), ("hive", "`"), ("postgres", '"')):
        assert f"{quote}group{quote}" in statements(root, dialect)[1]


def test_a_dialect_that_cannot_is_refused(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for dialect, code in (("access", "unknown_dialect"), ("oracle", "dialect_cannot")):
        with pytest.raises(InputErrors) as caught:
            statements(root, dialect)
        assert [p.code for p in caught.value.problems] == [code]
    # sqlglot leaves UNPIVOT out for some dialects with no more than a line in its log
    monkeypatch.setattr(
        warehouse, "_select", lambda *a: "SELECT street, subject FROM t UNPIVOT (v FOR q IN (r1))"
    )
    for dialect in ("mysql", "hive"):
        with pytest.raises(InputErrors) as caught:
            statements(root, dialect)
        assert [p.code for p in caught.value.problems] == ["dialect_cannot"]


def test_questionnaires_of_groups_are_selected(root: Path) -> None:
    told = [text for text in statements(root, "spark") if text.startswith("--")]
    names = coding.questionnaires_of(small.town(root).scheme)
    assert [text.split(":")[0] for text in told[::2]] == [f"-- {name}" for name in names]


def test_without_sqlglot_it_is_said(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "sqlglot", None)
    with pytest.raises(InputErrors) as caught:
        statements(root, "hive")
    assert [p.code for p in caught.value.problems] == ["sqlglot_not_installed"]


@pytest.mark.parametrize("dialect", ["postgres", "oracle"])
def test_only_where_an_empty_text_is_null_must_somebody_say_what_null_means(
    root: Path, dialect: str
) -> None:
    for numbers in (False, True):
        for null in (False, True):
            if dialect == "oracle" and not (numbers or null):
                with pytest.raises(InputErrors) as caught:
                    statements(root, dialect, numbers=numbers, null=null)
                assert [p.code for p in caught.value.problems] == ["dialect_cannot"]
                continue
            select, odd = statements(root, dialect, numbers=numbers, null=null)[1:4:2]
            assert ("IS NULL THEN -1" in " ".join(select.split())) is null
            assert ("NOT" in odd.split("IS NULL")[0]) is null
