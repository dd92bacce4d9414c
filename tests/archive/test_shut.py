"""A database file cannot reach outside itself, and only its plain tables are read."""

from __future__ import annotations

import shutil
from collections import OrderedDict
from pathlib import Path

import duckdb
import pandas as pd
import pytest

from evalkit.archive import fingerprint_of, opening, published, read_cells, store, without
from evalkit.archive.opening import connected
from evalkit.engines.duckdb import SHUT, DuckDBEngine
from evalkit.errors import InputErrors, Problems
from tests.archive.small import make_evaluation, only_problem, refusal, stored


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return stored(tmp_path / "evaluation.duckdb")


@pytest.fixture
def secret(tmp_path: Path) -> Path:
    made = tmp_path / "secret.csv"
    made.write_text("subject,score\nmine,1\n", encoding="utf-8")
    return made


@pytest.mark.parametrize(
    "statements",
    [
        [
            "ALTER TABLE scores RENAME TO old_scores",
            "CREATE VIEW scores AS FROM read_csv('{secret}')",
        ],
        ["CREATE MACRO scores() AS TABLE SELECT * FROM read_csv('{secret}')"],
        ["CREATE MACRO notes(x) AS x + 1"],
        ["CREATE SCHEMA other", "CREATE TABLE other.scores (a INTEGER)"],
        [
            "ALTER TABLE plan RENAME TO old_plan",
            "CREATE TABLE plan (a INTEGER, b INTEGER GENERATED ALWAYS AS (a + 1))",
        ],
    ],
)
def test_what_only_bears_the_name_of_a_table_is_refused(
    path: Path, secret: Path, statements: list[str]
) -> None:
    with duckdb.connect(str(path)) as connection:
        for statement in statements:
            connection.execute(statement.format(secret=secret))
    before = path.read_bytes()
    for verb in (read_cells, published, fingerprint_of):
        problems = Problems()
        assert not verb(path, problems)
        assert only_problem(problems).code == "archive_impostor"
    assert refusal(path, make_evaluation(seed=9)).code == "archive_impostor"
    assert path.read_bytes() == before


@pytest.mark.parametrize("kind", ["reading", "writing", "engine"])
def test_no_connection_reads_files_or_can_be_opened_up(
    path: Path, secret: Path, tmp_path: Path, kind: str
) -> None:
    connection = {
        "reading": lambda: duckdb.connect(str(path), read_only=True, config=SHUT),
        "writing": lambda: connected(tmp_path / "fresh.duckdb", {"old": path}),
        "engine": lambda: duckdb.connect(":memory:", config=SHUT),
    }[kind]()
    with connection:
        for statement in (
            f"SELECT * FROM read_csv('{secret}')",
            f"SELECT * FROM '{secret}'",
            f"SELECT * FROM read_text('{secret}')",
            f"COPY (SELECT 1) TO '{tmp_path / 'out.csv'}'",
            f"ATTACH '{tmp_path / 'more.duckdb'}' AS more",
            "SET enable_external_access = true",
            "SET autoinstall_known_extensions = true",
            "INSTALL httpfs",
            "LOAD httpfs",
        ):
            with pytest.raises(duckdb.Error):
                connection.execute(statement)
    assert not (tmp_path / "out.csv").exists()


def test_a_view_of_one_s_own_over_a_file_reads_nothing_when_it_is_copied(
    path: Path, secret: Path
) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"CREATE VIEW mine AS FROM read_csv('{secret}')")
    secret.unlink()
    assert store(path, make_evaluation(seed=9))
    problems = Problems()
    assert list(read_cells(path, problems)) == ["2015", "2016"]


def test_rows_that_cannot_be_sorted_are_a_problem(monkeypatch: pytest.MonkeyPatch) -> None:
    frame = pd.DataFrame({"key": ["a"], "order": [1]})

    def refuse(*_: object, **__: object) -> None:
        raise duckdb.OutOfMemoryException("Out of Memory Error: could not allocate block")

    monkeypatch.setattr(duckdb, "connect", refuse)
    with pytest.raises(InputErrors) as caught:
        list(DuckDBEngine(few=0).cells(frame, ["key"], "order"))
    assert [problem.code for problem in caught.value.problems] == ["out_of_room"]


def test_a_wave_that_is_taken_out_is_not_in_the_file_at_all(tmp_path: Path) -> None:
    path, fresh = tmp_path / "evaluation.duckdb", tmp_path / "fresh.duckdb"
    stored(path, ("2015",), seed=3)
    store(path, make_evaluation(("2016",), seed=4))
    assert without(path, fresh, "2015")
    problems = Problems()
    assert list(read_cells(fresh, problems)) == ["2016"]
    assert list(published(fresh, problems)) == ["2016"]
    assert not problems
    alone = tmp_path / "alone.duckdb"
    store(alone, make_evaluation(("2016",), seed=4))
    assert fingerprint_of(fresh, problems) == fingerprint_of(alone, problems)
    assert b"fp-3" not in fresh.read_bytes()
    assert not without(fresh, tmp_path / "no.duckdb", "2015")
    assert not (tmp_path / "no.duckdb").exists()


def test_the_same_content_has_the_same_fingerprint(tmp_path: Path) -> None:
    one, other = tmp_path / "one.duckdb", tmp_path / "other.duckdb"
    for path in (one, other):
        store(path, make_evaluation())
    problems = Problems()
    assert fingerprint_of(one, problems) == fingerprint_of(other, problems)
    store(other, make_evaluation(seed=2))
    assert fingerprint_of(one, problems) != fingerprint_of(other, problems)
    assert fingerprint_of(tmp_path / "none.duckdb", problems) is None
    assert not problems


def test_bytes_that_were_found_sound_are_not_looked_at_again_while_they_are_remembered(
    path: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Three files of one content, each with a table of somebody's own; two are remembered."""
    looked: list[int] = []
    check = opening.check_seals

    def counted(connection: duckdb.DuckDBPyConnection, number: int) -> None:
        looked.append(number)
        check(connection, number)

    monkeypatch.setattr(opening, "check_seals", counted)
    monkeypatch.setattr(opening, "_SOUND", OrderedDict())
    monkeypatch.setattr(opening, "_REMEMBERED", 2)
    files = [tmp_path / f"{at}.duckdb" for at in range(3)]
    for at, file in enumerate(files):
        shutil.copyfile(path, file)
        with duckdb.connect(str(file)) as connection:
            connection.execute(f"CREATE TABLE mine{at} (a INTEGER)")
    problems = Problems()
    for at, times in ((0, 1), (0, 1), (1, 2), (0, 2), (2, 3), (1, 3), (2, 3), (0, 4), (1, 5)):
        assert fingerprint_of(files[at], problems) is not None
        assert len(looked) == times
    with duckdb.connect(str(files[2])) as connection:
        connection.execute("DELETE FROM notes")
    assert fingerprint_of(files[2], problems) is None
    assert only_problem(problems).code == "archive_damaged"
