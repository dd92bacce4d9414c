"""Files that are not what they should be are refused, and left alone."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import duckdb
import pytest

from evalkit.archive import published, read_cells, read_schemes, store
from evalkit.errors import Problem, Problems
from tests.archive.small import (
    assert_same_cells,
    make_evaluation,
    only_problem,
    refusal,
    stored,
)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evaluation.duckdb"


def refused(path: Path) -> Problem:
    """Every verb reports the same single problem and leaves the file alone."""
    before = path.read_bytes() if path.is_file() else None
    found = []
    for verb in (read_cells, read_schemes, published):
        problems = Problems()
        assert verb(path, problems) == {}
        found.append(only_problem(problems))
    found.append(refusal(path, make_evaluation()))
    assert len(set(found)) == 1
    assert found[0].file == path.name
    assert found[0].remedy
    assert before is None or path.read_bytes() == before
    return found[0]


@pytest.mark.parametrize(
    "content", [b"", b"ab", b"PK\x03\x04" + b"z" * 9000, b"SQLite format 3\0" + b"\0" * 9000]
)
def test_a_file_of_another_kind(path: Path, content: bytes) -> None:
    path.write_bytes(content)
    assert refused(path).code == "archive_foreign"


def test_a_database_of_someone_else(path: Path) -> None:
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE TABLE scores (a INTEGER)")
    assert refused(path).code == "archive_foreign"


def test_a_folder_in_its_place(path: Path) -> None:
    path.mkdir()
    assert refused(path).code == "archive_not_accessible"


def test_a_database_of_a_later_version(path: Path) -> None:
    stored(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE archive_info SET value = '99' WHERE key = 'format'")
    problem = refused(path)
    assert problem.code == "archive_other_format"
    assert "99" in str(problem.found)


def test_a_database_with_other_columns(path: Path) -> None:
    stored(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute("ALTER TABLE scores ADD COLUMN more DOUBLE")
    assert refused(path).code == "archive_other_format"


@pytest.mark.parametrize(
    "statement",
    [
        "DROP TABLE notes",
        "DELETE FROM cell_arrays WHERE name = 'mean'",
        "UPDATE cell_arrays SET data = data[1:40]::BLOB WHERE name = 'mean'",
        "UPDATE distributions SET share = nextafter(share, 2)",
        "UPDATE waves SET layout = '{'",
    ],
)
def test_contents_that_were_tampered_with(path: Path, statement: str) -> None:
    stored(path)
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    problems = Problems()
    assert read_cells(path, problems) == {}
    assert only_problem(problems).code == "archive_damaged"
    assert refusal(path, make_evaluation()) == only_problem(problems)


def test_a_truncated_or_damaged_file_is_refused_or_whole(path: Path) -> None:
    evaluation = make_evaluation()
    stored(path)
    whole = path.read_bytes()
    outcomes = set()
    for step in range(24):
        if step % 2:
            content = whole[: len(whole) * (step + 1) // 25]
        else:
            place = len(whole) * step // 24 + 100
            content = whole[:place] + b"\xff\x00\xa5" * 8 + whole[place + 24 :]
        path.write_bytes(content)
        problems = Problems()
        found = read_cells(path, problems)
        if problems:
            assert found == {}
            outcomes.add(only_problem(problems).code)
            assert refusal(path, evaluation).remedy
            assert path.read_bytes() == content
        else:
            for wave, result in evaluation.waves.items():
                assert_same_cells(found[wave], result.cells)
    assert outcomes <= {"archive_damaged", "archive_not_accessible", "archive_foreign"}
    assert "archive_damaged" in outcomes


def test_a_file_that_another_program_holds(path: Path) -> None:
    stored(path, ("2015",))
    holder = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import duckdb, sys; c = duckdb.connect(sys.argv[1]); print('held', flush=True); "
            "sys.stdin.read()",
            str(path),
        ],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    try:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"held\n"
        assert refused(path).code == "archive_in_use"
    finally:
        holder.communicate()
    assert store(path, make_evaluation())


def test_changes_that_are_still_in_a_log(path: Path) -> None:
    stored(path, ("2015",))
    subprocess.run(
        [
            sys.executable,
            "-c",
            "import duckdb, os, sys; c = duckdb.connect(sys.argv[1]); "
            "c.execute('CREATE TABLE mine (a INTEGER)'); os._exit(0)",
            str(path),
        ],
        check=True,
    )
    assert path.with_name(path.name + ".wal").exists()
    assert refusal(path, make_evaluation()).code == "archive_in_use"
    duckdb.connect(str(path)).close()
    assert store(path, make_evaluation())


def test_a_place_that_cannot_be_written(tmp_path: Path) -> None:
    problem = refusal(tmp_path / "absent" / "evaluation.duckdb", make_evaluation())
    assert problem.code == "archive_not_accessible"
