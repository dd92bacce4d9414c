"""The city's database as SQL: what was published, escaped, the same every time."""

from __future__ import annotations

from pathlib import Path

import duckdb
import pytest
import sqlglot

from evalkit import city
from evalkit.city import exporting
from evalkit.errors import InputErrors
from tests.city import small
from tests.city.test_folders import change, codes


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = small.ran(tmp_path_factory.mktemp("city") / "city")
    city.roll_up(small.town(root))
    return root


def test_the_file_holds_what_the_database_has_published(root: Path, tmp_path: Path) -> None:
    file, again = tmp_path / "city.sql", tmp_path / "again.sql"
    counts = exporting.export(small.town(root), "postgres", file)
    (root / "city.duckdb").unlink()  # made anew, it differs in its bytes
    city.roll_up(small.town(root))
    assert exporting.export(small.town(root), "postgres", again) == counts
    assert file.read_bytes() == again.read_bytes()
    names = ["city_info", "streets", "committees", "scores", "indicators", "ranking"]
    assert list(counts) == names
    text = file.read_text().replace("evalkit.", "")
    for line in ("SET client_encoding = 'UTF8';", "SET standard_conforming_strings = on;"):
        text = text.replace(line, "")
    with duckdb.connect() as there, duckdb.connect(str(root / "city.duckdb")) as here:
        there.execute(text.replace("CREATE SCHEMA IF NOT EXISTS evalkit;", ""))
        for name in names:
            where = "WHERE key <> 'seal'" if name == "city_info" else ""
            query = f'SELECT * FROM "{name}" {where} ORDER BY ALL'
            assert repr(there.execute(query).fetchall()) == repr(here.execute(query).fetchall())
            assert counts[name] == len(here.execute(query).fetchall()) > 0
    assert not any(word in text for word in ('"cells"', '"freedom"', '"waves"'))


def test_texts_and_numbers_come_through() -> None:
    nan, infinite = float("nan"), float("-inf")
    row = ("O'Neil \\ ; -- \n甲", None, True, 3, 0.1, nan, infinite)
    told = exporting._row(row)
    assert told == ("('O''Neil \\ ; -- \n甲', NULL, TRUE, 3, 0.1, 'nan', '-inf')")


def test_postgres_can_read_it(root: Path, tmp_path: Path) -> None:
    exporting.export(small.town(root), "postgres", tmp_path / "city.sql")
    read = sqlglot.parse((tmp_path / "city.sql").read_text(), read="postgres")
    kinds = [type(one).__name__ for one in read if one is not None]
    assert kinds.count("Create") == 7
    assert kinds.count("Drop") == 6
    assert "Command" not in kinds


def test_what_cannot_be_exported_is_said(
    root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    town = small.town(small.copied(root, tmp_path / "city"))
    file = tmp_path / "x.sql"
    with pytest.raises(InputErrors) as caught:
        exporting.export(town, "oracle", file)
    assert codes(caught.value.problems) == ["unknown_export"]
    with monkeypatch.context() as patch:
        table = {"streets": ({"name": "VARCHAR"}, [("a\0b",)])}
        patch.setattr(exporting.archive, "read_published", lambda path: table)
        with pytest.raises(InputErrors) as caught:
            exporting.export(town, "postgres", file)
    assert codes(caught.value.problems) == ["not_exportable"]
    change(town.root / "streets/s001/roster.csv", "s001-1", "s001-9")
    with pytest.raises(InputErrors) as caught:
        exporting.export(town, "postgres", file)
    assert codes(caught.value.problems) == ["rolled_up_before"]
    (town.root / "city.duckdb").unlink()
    with pytest.raises(InputErrors) as caught:
        exporting.export(town, "postgres", file)
    assert codes(caught.value.problems) == ["nothing_rolled_up"]
    assert not file.exists()
