"""A database that an earlier version wrote is read, and becomes one of today when written to.

Format 1 had no tables for needs, themes, groups of like committees, means of the street and
satisfied residents, nothing of a change itself, and kept the joint covariance of a rater group's
means where format 2 keeps every rater's influence.
"""

from __future__ import annotations

import io
import shutil
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from evalkit.archive import fingerprint_of, published, read_cells, read_schemes, store
from evalkit.archive.content import ARRAYS_OF_FORMAT_1, digest_of_arrays, npy
from evalkit.errors import Problems
from evalkit.tables import Cells, Evaluation, GroupCells
from tests.archive.small import assert_same_cells, make_evaluation, make_scheme, stored

NEWER = (
    *("needs", "themes", "peer_groups", "street_means", "satisfaction", "follow_up", "peers"),
    *("series", "trends", "dimension_changes", "forecasts"),
)
NEWER_COLUMNS = (
    *("change_se", "change_p_adjusted", "change_verdict"),
    *("change_rank", "change_rank_low", "change_rank_high"),
)


def joint_of(group: GroupCells) -> np.ndarray | None:
    """The covariance (K, I, K, I) of all means, added up rater by rater."""
    if group.influence is None:
        return None
    return sum(np.multiply.outer(rater, rater) for rater in group.influence)


def as_format_1(path: Path, evaluation: Evaluation) -> None:
    """Turn the database of this evaluation into what version 1.0 would have written."""
    with duckdb.connect(str(path)) as connection:
        for name in NEWER:
            connection.execute(f"DROP TABLE {name}")
        for name in NEWER_COLUMNS:
            connection.execute(f"ALTER TABLE changes DROP COLUMN {name}")
        for name in ("detectable", "power"):
            connection.execute(f"ALTER TABLE plan DROP COLUMN {name}")
        connection.execute("ALTER TABLE notes ADD COLUMN message VARCHAR")
        connection.execute("UPDATE notes SET message = '“' || code || '”在名册里有 3 处'")
        connection.execute("ALTER TABLE notes DROP COLUMN facts")
        for wave, result in evaluation.waves.items():
            kept = {}
            for code, group in result.cells.groups.items():
                arrays = {name: getattr(group, name, None) for name in ARRAYS_OF_FORMAT_1}
                kept[code] = {**arrays, "joint": joint_of(group)}
                if kept[code]["joint"] is not None:
                    connection.execute(
                        "UPDATE cell_arrays SET name = 'joint', data = ? "
                        "WHERE wave = ? AND rater_group = ? AND name = 'influence'",
                        [npy(kept[code]["joint"]), wave, code],
                    )
            content = digest_of_arrays(result.cells, kept, ARRAYS_OF_FORMAT_1)
            connection.execute("UPDATE waves SET content = ? WHERE wave = ?", [content, wave])
        connection.execute("UPDATE archive_info SET value = '1' WHERE key = 'format'")


def assert_equal_cells(found: Cells, expected: Cells) -> None:
    """The same to the last bit, the raters' influence apart: of it only the covariance."""
    assert (found.wave, found.subjects, found.measures, dict(found.definitions)) == (
        expected.wave, expected.subjects, expected.measures, dict(expected.definitions),
    )  # fmt: skip
    assert list(found.groups) == list(expected.groups)
    pd.testing.assert_frame_equal(found.distributions, expected.distributions, check_exact=True)
    for code, group in expected.groups.items():
        ours = found.groups[code]
        for name in ("n", "n_effective", "n_measure", "mean", "covariance", "df"):
            assert getattr(ours, name).tobytes() == getattr(group, name).tobytes()
        assert (ours.influence is None) == (group.influence is None) == (code != "peer")
    np.testing.assert_allclose(
        joint_of(found.groups["peer"]), joint_of(expected.groups["peer"]), rtol=0, atol=1e-12
    )


def asked(path: Path, question: str) -> list[tuple[object, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(question).fetchall()


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return make_evaluation(("2015", "2016"))


@pytest.fixture(scope="module")
def of_format_1(tmp_path_factory: pytest.TempPathFactory, evaluation: Evaluation) -> Path:
    found = stored(tmp_path_factory.mktemp("format-1") / "evaluation.duckdb")
    as_format_1(found, evaluation)
    return found


@pytest.fixture
def path(tmp_path: Path, of_format_1: Path) -> Path:
    """A database of format 1 with two waves."""
    return Path(shutil.copy(of_format_1, tmp_path))


def test_cells_and_results_of_format_1_are_read(path: Path, evaluation: Evaluation) -> None:
    before = path.read_bytes()
    problems = Problems()
    found = read_cells(path, problems)
    record = published(path, problems)["2016"]
    assert read_schemes(path, problems) == {"2016": evaluation.scheme}
    assert fingerprint_of(path, problems) is None
    assert not problems
    assert list(found) == ["2015", "2016"]
    for wave, result in evaluation.waves.items():
        assert_equal_cells(found[wave], result.cells)
    pd.testing.assert_frame_equal(record.scores, evaluation.current.scores.table)
    assert path.read_bytes() == before


def test_the_next_store_makes_it_format_8_with_older_waves(
    path: Path, evaluation: Evaluation
) -> None:
    later = make_evaluation(("2017",), seed=5, scheme=make_scheme(61.0))
    assert store(path, later)
    assert asked(path, "SELECT key, value FROM archive_info WHERE key = 'format'") == [
        ("format", "8")
    ]
    assert asked(path, "SELECT DISTINCT wave FROM cell_arrays WHERE name = 'joint'") == []
    told = "SELECT code, count, facts FROM notes WHERE evaluation = '2016' ORDER BY position"
    assert asked(path, told) == [
        (code, count, f'{{"said":"“{code}”在名册里有 3 处"}}')
        for code, count in (("not_asked", 3), ("no_themes", None))
    ]
    influences = "SELECT wave, rater_group FROM cell_arrays WHERE name = 'influence' ORDER BY wave"
    assert asked(path, influences) == [("2015", "peer"), ("2016", "peer"), ("2017", "peer")]
    for name in NEWER:
        assert asked(path, f"SELECT count(*) FROM {name}") == [(0,)]
    problems = Problems()
    found = read_cells(path, problems)
    assert not problems
    assert list(found) == ["2015", "2016", "2017"]
    for wave, result in evaluation.waves.items():
        assert_equal_cells(found[wave], result.cells)
    assert_same_cells(found["2017"], later.current.cells)
    assert list(published(path, problems)) == ["2016", "2017"]
    assert not store(path, later)


def test_the_same_evaluation_again_makes_it_format_8(path: Path, evaluation: Evaluation) -> None:
    assert store(path, evaluation)
    assert asked(path, "SELECT value FROM archive_info WHERE key = 'format'") == [("8",)]
    found = read_cells(path, Problems())
    for wave, result in evaluation.waves.items():
        assert_same_cells(found[wave], result.cells)
    assert not store(path, evaluation)


def test_a_joint_covariance_that_was_tampered_with_is_refused(
    path: Path, evaluation: Evaluation
) -> None:
    ((data,),) = asked(path, "SELECT data FROM cell_arrays WHERE wave = '2015' AND name = 'joint'")
    joint = np.load(io.BytesIO(bytes(data)), allow_pickle=False)
    joint[0, 0, 0, 0] = np.nextafter(joint[0, 0, 0, 0], np.inf)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE cell_arrays SET data = ? WHERE wave = '2015' AND name = 'joint'", [npy(joint)]
        )
    problems = Problems()
    assert read_cells(path, problems) == {}
    assert [problem.code for problem in problems] == ["archive_damaged"]


@pytest.mark.parametrize("missing", NEWER)
def test_a_database_of_today_has_the_newer_tables(tmp_path: Path, missing: str) -> None:
    path = stored(tmp_path / "whole.duckdb")
    with duckdb.connect(str(path)) as connection:
        connection.execute(f"DROP TABLE {missing}")
    problems = Problems()
    assert read_cells(path, problems) == {}
    assert [problem.code for problem in problems] == ["archive_damaged"]
