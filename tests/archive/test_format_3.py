"""A database of format 3 is read, verified and migrated.

It had seals, like those of today, but no table of satisfied residents, and of changes nothing about
the change itself.
"""

from __future__ import annotations

import shutil
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from evalkit.archive import fingerprint_of, published, read_cells, store
from evalkit.archive.content import SCHEMA, schema_of
from evalkit.archive.seals import PREFIX, seals
from evalkit.errors import Problems
from evalkit.tables import Evaluation
from tests.archive.small import assert_same_cells, make_evaluation, make_scheme, stored

TABLES = {
    "archive_info", "bands", "cell_arrays", "cells", "changes", "contributions", "definitions",
    "distributions", "drivers", "evaluations", "files", "findings", "indicators", "inputs", "needs",
    "notes", "peer_groups", "plan", "quality", "ranking", "scores", "sensitivity", "street_means",
    "themes", "waves", "weight_influence",
}  # fmt: skip
SEALS = {
    "seal:changes": "b17b89c23c619e3accf6ff18da39730645ea388eb2d4b4597bed59d21af40927",
    "seal:scores": "770eb637f287bcaa74113b27ba9196434b62fac1088a0b72b738e785e8ef4ddf",
}
"""What the version that wrote format 3 sealed two tables of this small evaluation with."""
OLD_CHANGES = [
    "evaluation", "edition", "position", "subject", "name", "from_wave", "to_wave", "score_from",
    "score_to", "change", "relative_change", "se", "p_adjusted", "verdict", "rank_from", "rank_to",
    "rank_change", "rank_change_low", "rank_change_high",
]  # fmt: skip
NEW_COLUMNS = [
    "change_se", "change_p_adjusted", "change_verdict",
    "change_rank", "change_rank_low", "change_rank_high",
]  # fmt: skip


def as_format_3(path: Path) -> None:
    """Turn a database into what the version before would have written, sealed as it sealed."""
    with duckdb.connect(str(path)) as connection:
        connection.execute("DROP TABLE satisfaction")
        connection.execute("DROP TABLE follow_up")
        connection.execute("DROP TABLE peers")
        for column in NEW_COLUMNS:
            connection.execute(f"ALTER TABLE changes DROP COLUMN {column}")
        for column in ("detectable", "power"):
            connection.execute(f"ALTER TABLE plan DROP COLUMN {column}")
        connection.execute("UPDATE archive_info SET value = '3' WHERE key = 'format'")
        connection.execute(f"DELETE FROM archive_info WHERE starts_with(key, '{PREFIX}')")
        for name, seal in seals(connection, 3).items():
            connection.execute("INSERT INTO archive_info VALUES (?, ?)", [PREFIX + name, seal])


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(question).fetchall()


LAST = {
    *("modes", "extremes", "multilevel", "clocks", "flows", "claims"),
    *("lineage", "rollup", "demand", "listed", "points", "validity"),
    *("tracks", "track_grades", "persons", "raters", "quotas"),
}
"""Tables that format 6 lacked."""


def codes(path: Path) -> list[str]:
    problems = Problems()
    assert read_cells(path, problems) == {}
    return [problem.code for problem in problems]


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return make_evaluation(("2015", "2016"))


@pytest.fixture(scope="module")
def of_format_3(tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = stored(tmp_path_factory.mktemp("format-3") / "evaluation.duckdb")
    as_format_3(found)
    return found


@pytest.fixture
def path(tmp_path: Path, of_format_3: Path) -> Path:
    return Path(shutil.copy(of_format_3, tmp_path))


def test_format_3_had_these_tables_and_columns() -> None:
    assert set(schema_of(3)) == TABLES
    assert set(schema_of(4)) == TABLES | {"satisfaction"}
    five = TABLES | {"satisfaction", "design_effects", "follow_up", "peers"}
    assert set(schema_of(5)) == five
    several = {"series", "trends", "dimension_changes", "forecasts"}
    six = {"profiles", "composition", "reliability", "samples", "ledgers", "objective"}
    assert set(schema_of(6)) == five | several | six
    assert set(schema_of(7)) == five | several | six | LAST
    assert set(schema_of(8)) == five | several | six | LAST | {"integrity"}
    assert list(schema_of(3)["changes"]) == OLD_CHANGES
    assert list(SCHEMA["changes"]) == [*OLD_CHANGES, *NEW_COLUMNS]


def test_its_seals_are_those_that_were_written_then(path: Path) -> None:
    names = ", ".join(f"'{name}'" for name in SEALS)
    found = asked(path, f"SELECT key, value FROM archive_info WHERE key IN ({names})")
    assert dict(found) == SEALS


def test_its_cells_and_results_are_read(path: Path, evaluation: Evaluation) -> None:
    before = path.read_bytes()
    problems = Problems()
    found = read_cells(path, problems)
    record = published(path, problems)["2016"]
    assert (fingerprint_of(path, problems) or "").isalnum()  # since this format there are seals
    assert not problems
    for wave, result in evaluation.waves.items():
        assert_same_cells(found[wave], result.cells)
    pd.testing.assert_frame_equal(record.scores, evaluation.current.scores.table)
    assert path.read_bytes() == before


def test_the_next_wave_makes_it_format_8_and_leaves_empty_what_nobody_computed(
    path: Path, evaluation: Evaluation
) -> None:
    old = asked(path, f"SELECT {', '.join(OLD_CHANGES)} FROM changes")
    assert old
    later = make_evaluation(("2017",), seed=5, scheme=make_scheme(61.0))
    assert store(path, later)
    assert asked(path, "SELECT value FROM archive_info WHERE key = 'format'") == [("8",)]
    assert asked(path, f"SELECT {', '.join(OLD_CHANGES)} FROM changes") == old
    assert asked(path, f"SELECT DISTINCT {', '.join(NEW_COLUMNS)} FROM changes") == [(None,) * 6]
    assert asked(path, "SELECT count(*) FROM satisfaction") == [(0,)]
    problems = Problems()
    found = read_cells(path, problems)
    assert not problems
    assert list(found) == ["2015", "2016", "2017"]
    assert_same_cells(found["2015"], evaluation.waves["2015"].cells)
    assert list(published(path, problems)) == ["2016", "2017"]
    assert not store(path, later)


def test_the_same_wave_again_fills_its_changes(path: Path, evaluation: Evaluation) -> None:
    assert store(path, evaluation)
    assert asked(path, f"SELECT {', '.join(NEW_COLUMNS)} FROM changes") == [
        (0.25, 0.25, "x", 1, 1, 1)
    ]
    assert codes_of_a_whole(path) == []
    assert not store(path, evaluation)


def codes_of_a_whole(path: Path) -> list[str]:
    problems = Problems()
    assert set(read_cells(path, problems)) == {"2015", "2016"}
    return [problem.code for problem in problems]


@pytest.mark.parametrize(
    "edit",
    [
        "UPDATE changes SET change = change + 1",
        "DELETE FROM changes",
        "UPDATE cells SET n = n + 1",
        f"DELETE FROM archive_info WHERE key = '{PREFIX}changes'",
        f"INSERT INTO archive_info VALUES ('{PREFIX}satisfaction', 'x')",
    ],
)
def test_an_edited_row_is_refused(path: Path, edit: str) -> None:
    assert codes_of_a_whole(path) == []
    with duckdb.connect(str(path)) as connection:
        connection.execute(edit)
    assert codes(path) == ["archive_damaged"]


def test_new_columns_in_a_table_of_format_3_are_no_format_3(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE changes ADD COLUMN change_se DOUBLE")
    assert codes(path) == ["archive_other_format"]


def test_a_database_of_format_4_gets_the_tables_of_this_one(
    tmp_path: Path, evaluation: Evaluation
) -> None:
    path = stored(tmp_path / "four.duckdb")
    with duckdb.connect(str(path)) as connection:
        for column in ("detectable", "power"):
            connection.execute(f"ALTER TABLE plan DROP COLUMN {column}")
        connection.execute("DROP TABLE follow_up")
        connection.execute("DROP TABLE peers")
        for column in NEW_COLUMNS[3:]:
            connection.execute(f"ALTER TABLE changes DROP COLUMN {column}")
        connection.execute("UPDATE archive_info SET value = '4' WHERE key = 'format'")
        connection.execute(f"DELETE FROM archive_info WHERE starts_with(key, '{PREFIX}')")
        for name, seal in seals(connection, 4).items():
            connection.execute("INSERT INTO archive_info VALUES (?, ?)", [PREFIX + name, seal])
    assert codes_of_a_whole(path) == []
    assert store(path, evaluation)
    assert asked(path, "SELECT value FROM archive_info WHERE key = 'format'") == [("8",)]
    assert asked(path, "SELECT count(*) FROM follow_up") == [(0,)]
    assert not store(path, evaluation)


def test_a_database_of_format_6_is_read_and_gets_the_tables_of_this_one(
    tmp_path: Path, evaluation: Evaluation
) -> None:
    path = stored(tmp_path / "six.duckdb")
    with duckdb.connect(str(path)) as connection:
        for name in LAST | {"integrity"}:
            connection.execute(f"DROP TABLE {name}")
        connection.execute("UPDATE archive_info SET value = '6' WHERE key = 'format'")
        connection.execute(f"DELETE FROM archive_info WHERE starts_with(key, '{PREFIX}')")
        for name, seal in seals(connection, 6).items():
            connection.execute("INSERT INTO archive_info VALUES (?, ?)", [PREFIX + name, seal])
    assert codes_of_a_whole(path) == []
    assert store(path, evaluation)
    assert asked(path, "SELECT value FROM archive_info WHERE key = 'format'") == [("8",)]
    assert {asked(path, f"SELECT count(*) FROM {name}")[0][0] for name in LAST} == {0}
    assert not store(path, evaluation)


def test_a_database_of_this_format_has_the_table_and_the_columns(
    tmp_path: Path,
) -> None:
    path = stored(tmp_path / "whole.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE changes DROP COLUMN change_se")
    assert codes(path) == ["archive_other_format"]
    other = stored(tmp_path / "other.duckdb")
    with duckdb.connect(str(other)) as connection:
        connection.execute("DROP TABLE satisfaction")
    assert codes(other) == ["archive_damaged"]
