"""The city's coded rows: written with a street's results, sealed by its receipt, and added up."""

from __future__ import annotations

import csv
import io
import shutil
from pathlib import Path

import duckdb
import pytest
from typer.testing import CliRunner

from evalkit import city
from evalkit.city import coding, summing
from evalkit.city.status import states
from evalkit.cli import app
from evalkit.codes import StreetState
from evalkit.engines.local import LocalEngine
from evalkit.errors import InputErrors
from tests.city import small
from tests.city.small import cheaply
from tests.city.test_folders import change, codes

__all__ = ["cheaply"]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small.ran(tmp_path / "city")


def test_the_rows_cells_are_those_that_the_streets_measured(root: Path) -> None:
    town = small.town(root)
    city.roll_up(town)
    made = summing.add_up(town, LocalEngine())
    assert (made.missing, made.other) == ((), 0)
    with duckdb.connect(str(root / "city.duckdb"), read_only=True) as connection:
        known = connection.execute(
            "SELECT street, subject, rater_group, measure, n, mean FROM cells WHERE n > 0"
        ).fetchall()
    table = csv.DictReader(io.StringIO((made.folder / "cells.csv").read_text()))
    found = {
        (r["street"], r["subject"], r["group"], r["measure"]): (int(r["n"]), float(r["mean"]))
        for r in table
    }
    assert len(known) == len(found) > 50
    for *key, n, mean in known:
        assert found[tuple(key)] == (n, pytest.approx(mean, rel=1e-14))
    assert (made.folder / "cells.sums").read_bytes() == b"".join(made.sums.content())


def test_rows_say_nothing_of_order_or_number(root: Path) -> None:
    folder = coding.folder_of(root, "2016", "s001")
    assert sorted(path.name for path in folder.iterdir()) == [
        "organisation.parquet",
        "resident.parquet",
    ]
    with duckdb.connect() as connection:
        rows = connection.execute(f"SELECT * FROM '{folder}/resident.parquet'").fetchall()
        names = [column[0] for column in connection.description or ()]
    assert names == ["street", "subject", "group", "r1", "r2", "r3", "r4", "overall"]
    assert rows == sorted(rows)
    assert {row[0] for row in rows} == {"s001"}
    assert {value for row in rows for value in row[3:]} <= set(range(-1, 6))


def test_rows_that_were_changed_make_their_street_run_again(root: Path, cheaply: None) -> None:
    town = small.town(root)
    before = {s: coding.fingerprint(root, "2016", s) for s in small.STREETS}
    path = coding.folder_of(root, "2016", "s002") / "resident.parquet"
    shutil.copyfile(coding.folder_of(root, "2016", "s001") / "resident.parquet", path)
    assert states(town)["s002"] is StreetState.CHANGED
    made = summing.add_up(town, LocalEngine())
    assert made.missing == ("s002",)
    assert not city.run(town).faulty
    assert {s: coding.fingerprint(root, "2016", s) for s in small.STREETS} == before
    assert summing.add_up(town, LocalEngine()).missing == ()


def test_rows_of_strangers_are_refused(root: Path, tmp_path: Path) -> None:
    town = small.town(root)
    own = coding.folder_of(root, "2016", "s001") / "resident.parquet"
    path = tmp_path / "resident.parquet"
    with duckdb.connect() as connection:
        connection.execute(
            f"COPY (SELECT * REPLACE ('东街' AS street, '' AS subject, 'x' AS \"group\") "
            f"FROM '{own}') TO '{path}' (FORMAT parquet)"
        )
    with pytest.raises(InputErrors) as caught:
        summing.add_up(town, LocalEngine(), {"resident": [str(path)]})
    assert [(p.code, p.column, p.found) for p in caught.value.problems] == [
        ("unknown_row_key", "street", "东街"),
        ("unknown_row_key", "subject", "（空）"),
        ("unknown_row_key", "group", "x"),
    ]
    with pytest.raises(InputErrors) as caught:
        summing.add_up(town, LocalEngine(), {"z": [], "a": [], "resident": [str(path)]})
    told = [p for p in caught.value.problems if p.code == "unknown_questionnaire_of_rows"]
    assert len(told) == 2
    assert str(told[0]) < str(told[1])
    assert not (root / "sums").exists()
    with duckdb.connect() as connection:  # what streets.csv calls it is another matter
        connection.execute(
            f"COPY (SELECT * REPLACE ('东街道' AS street) FROM '{own}') TO '{path}' (FORMAT parquet)"
        )
    made = summing.add_up(town, LocalEngine(), {"resident": [str(path)]})
    assert {key[0] for key in made.sums.keys} == {"s001"}
    assert made.missing == ("s002", "s003")


def test_what_lacks_is_said(root: Path) -> None:
    town = small.town(root)
    with pytest.raises(InputErrors) as caught:
        summing.add_up(town, LocalEngine(), {"nobody": ["x.parquet"]})
    assert codes(caught.value.problems) == ["unknown_questionnaire_of_rows"]
    with pytest.raises(InputErrors) as caught:
        summing.addresses(["resident", "resident=/nowhere/*.parquet"])
    assert codes(caught.value.problems) == ["no_such_rows", "no_such_rows"]
    assert summing.addresses(["resident=hdfs://h/*"]) == {"resident": ["hdfs://h/*"]}
    for name, master in (("flink", None), ("local", "spark://h:7077")):
        with pytest.raises(InputErrors) as caught:
            city.engine(name, master)
        assert codes(caught.value.problems) == ["unknown_engine"]
    small.unmade(root)
    with pytest.raises(InputErrors) as caught:
        summing.add_up(town, LocalEngine())
    assert codes(caught.value.problems) == ["no_coded_rows", "no_coded_rows"][:1]


def test_a_questionnaire_that_no_byte_holds_is_refused_and_its_street_is_not(
    root: Path, cheaply: None
) -> None:
    change(root / "questionnaires/resident.yaml", "score: 80", "score: 80.0001")
    town = small.town(root)
    with pytest.raises(InputErrors) as caught:
        summing.add_up(town, LocalEngine())
    assert "questionnaire_not_codable" in codes(caught.value.problems)


def test_the_command_says_what_was_added_up(root: Path) -> None:
    run = CliRunner().invoke(app, ["city", "sums", str(root), "--jobs", "1"])
    assert run.exit_code == 0, run.output
    digest = summing.add_up(small.town(root), LocalEngine()).digest
    assert digest in run.output.replace("\n", "")
    assert "个单元" in run.output
