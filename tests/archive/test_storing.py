"""What is stored comes back, once, and stays what it was."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from evalkit.archive import published, read_cells, read_schemes, store
from evalkit.codes import NoteCode
from evalkit.errors import Note, Problems
from evalkit.tables import Overlap
from tests.archive.small import (
    GROUPS,
    assert_same_cells,
    make_evaluation,
    make_scheme,
    sha256,
    stored,
)
from tests.deciding import with_decided, with_wave


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "evaluation.duckdb"


def test_absent_file_holds_nothing(path: Path) -> None:
    problems = Problems()
    assert read_cells(path, problems) == {}
    assert read_schemes(path, problems) == {}
    assert published(path, problems) == {}
    assert not problems
    assert not path.exists()


def test_cells_come_back_bit_by_bit(path: Path) -> None:
    evaluation = make_evaluation()
    assert store(path, evaluation)
    problems = Problems()
    found = read_cells(path, problems)
    assert not problems
    assert list(found) == ["2015", "2016"]
    for wave, result in evaluation.waves.items():
        assert_same_cells(found[wave], result.cells)


def test_fortran_order_and_empty_distributions_come_back(path: Path) -> None:
    evaluation = make_evaluation(("2016",))
    cells = evaluation.waves["2016"].cells
    group = cells.groups["peer"]
    cells = replace(
        cells,
        groups={"peer": replace(group, mean=np.asfortranarray(group.mean))},
        distributions=cells.distributions.iloc[:0],
    )
    store(path, with_wave(evaluation, "2016", cells=cells))
    assert not store(path, with_wave(evaluation, "2016", cells=cells))
    found = read_cells(path, Problems())["2016"]
    np.testing.assert_array_equal(found.groups["peer"].mean, group.mean)
    pd.testing.assert_frame_equal(found.distributions, cells.distributions)


def test_same_evaluation_again_leaves_the_bytes_alone(path: Path) -> None:
    stored(path)
    before, written = sha256(path), path.stat().st_mtime_ns
    assert not store(path, make_evaluation())
    assert (sha256(path), path.stat().st_mtime_ns) == (before, written)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("part", ["cells", "scores", "scheme", "notes", "fingerprint"])
def test_any_difference_is_store(path: Path, part: str) -> None:
    evaluation = make_evaluation(("2016",))
    stored(path, ("2016",))
    cells = evaluation.waves["2016"].cells
    group = cells.groups["peer"]
    scores = evaluation.waves["2016"].scores
    table = scores.table.copy()
    table["score"] = np.nextafter(table["score"].to_numpy(dtype=np.float64), 100.0)
    changed = {
        "cells": with_wave(
            evaluation,
            "2016",
            cells=replace(cells, groups={**cells.groups, "peer": replace(group, df=group.df + 1)}),
        ),
        "scores": with_wave(evaluation, "2016", scores=replace(scores, table=table)),
        "scheme": with_decided(evaluation, scheme=make_scheme(61.0)),
        "notes": replace(evaluation, notes=(*evaluation.notes, Note(NoteCode.NO_PLAN))),
        "fingerprint": replace(evaluation, fingerprint="other"),
    }[part]
    assert store(path, changed)
    assert not store(path, changed)


def test_the_old_file_is_replaced_and_never_written_to(path: Path) -> None:
    stored(path, ("2015",))
    last_good = path.read_bytes()
    old = path.with_name("old.duckdb")
    os.link(path, old)
    store(path, make_evaluation())
    assert old.read_bytes() == last_good
    assert path.read_bytes() != last_good


def test_an_analyst_can_ask_in_sql(path: Path) -> None:
    evaluation = make_evaluation()
    stored(path)
    with duckdb.connect(str(path), read_only=True) as connection:
        row = connection.execute(
            "SELECT n, mean, se FROM cells WHERE wave = '2016' AND subject = 'yufocheng' "
            "AND rater_group = 'peer' AND measure = 'A2'"
        ).fetchone()
        rejected = connection.execute(
            "SELECT rows_read - rows_kept, rows_rejected FROM files"
        ).fetchone()
        weak = connection.execute("SELECT subject FROM findings WHERE difference < 0").fetchall()
        missing = connection.execute("SELECT count(*) FROM cells WHERE mean IS NULL").fetchone()
        band = connection.execute("SELECT rank, z FROM bands").fetchone()
        trust = connection.execute("SELECT reliability->>'meaning' FROM evaluations").fetchone()
    group = evaluation.waves["2016"].cells.groups["peer"]
    assert row == (group.n_measure[1, 1], group.mean[1, 1], group.covariance[1, 1, 1] ** 0.5)
    assert rejected == (2, 2)
    assert weak == [("yufocheng",)]
    assert missing == (len(GROUPS) * 2,)
    assert band == (1, 1 / 7)
    assert trust == ("看不出差别",)


def test_what_was_published_stays_when_a_later_wave_rescored_it(path: Path) -> None:
    stored(path, ("2015",), seed=1)
    revised = make_evaluation(("2015",), seed=2, scheme=make_scheme(61.0))
    store(path, revised)
    later = make_evaluation(("2015", "2016"), seed=3, scheme=make_scheme(62.0))
    store(path, later)
    rerun = make_evaluation(("2015",), seed=4, scheme=make_scheme(63.0))
    assert store(path, rerun)
    assert not store(path, rerun)

    problems = Problems()
    records = published(path, problems)
    assert not problems
    assert list(records) == ["2015", "2016"]
    assert [records[w].scheme.grades[0].cutoff for w in records] == [61.0, 62.0]
    assert read_schemes(path, problems) == {w: r.scheme for w, r in records.items()}
    assert records["2016"].waves == ("2015", "2016")
    for wave, evaluation in (("2015", revised), ("2016", later)):
        scores, ranking = evaluation.waves[wave].scores, evaluation.waves[wave].ranking
        pd.testing.assert_frame_equal(records[wave].scores, scores.table, check_exact=True)
        pd.testing.assert_frame_equal(records[wave].ranking, ranking.table, check_exact=True)
    rescored = later.waves["2015"].scores.table["score"][0]
    assert records["2015"].scores["score"][0] != rescored
    assert_same_cells(read_cells(path, problems)["2015"], rerun.waves["2015"].cells)
    assert_same_cells(read_cells(path, problems)["2016"], later.waves["2016"].cells)


def test_past_waves_enter_again_from_the_archive(path: Path) -> None:
    stored(path, ("2015",))
    later = make_evaluation(("2015", "2016"))
    archived = read_cells(path, Problems())
    again = with_wave(later, "2015", cells=archived["2015"])
    store(path, again)
    assert not store(path, later)


def test_a_narrower_scheme_does_not_lose_what_was_measured(path: Path) -> None:
    stored(path, ("2015",))
    whole = read_cells(path, Problems())["2015"]
    later = make_evaluation(("2015", "2016"))
    part = whole.arranged(("A2",), ("peer",))
    assert store(path, with_wave(later, "2015", cells=part))
    assert_same_cells(read_cells(path, Problems())["2015"], whole)
    group = part.groups["peer"]
    other = replace(part, groups={"peer": replace(group, mean=group.mean + 1)})
    assert store(path, with_wave(later, "2015", cells=other))
    assert_same_cells(read_cells(path, Problems())["2015"], other)


def test_tables_of_an_analyst_stay(path: Path) -> None:
    stored(path, ("2015",))
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE VIEW mine AS SELECT subject, score FROM scores")
    store(path, make_evaluation())
    with duckdb.connect(str(path), read_only=True) as connection:
        count = connection.execute("SELECT count(*) FROM mine").fetchone()
    assert count == (9,)


def test_raters_are_known_again_from_the_archive(tmp_path: Path) -> None:
    evaluation = make_evaluation(("2015",))
    cells = evaluation.waves["2015"].cells
    peer = cells.groups["peer"]
    assert peer.influence is not None
    marks = np.array([f"{place:016x}" for place in range(len(peer.influence))])
    named = replace(cells, groups={**cells.groups, "peer": replace(peer, who=marks)})
    waves = {"2015": replace(evaluation.waves["2015"], cells=named)}
    path = tmp_path / "evaluation.duckdb"
    assert store(path, replace(evaluation, waves=waves))
    problems = Problems()
    found = read_cells(path, problems)["2015"]
    assert not problems
    kept = found.groups["peer"].who
    assert kept is not None
    assert kept.tolist() == marks.tolist()
    assert found.groups["residents"].who is None
    assert found.fingerprint == named.fingerprint != cells.fingerprint
    assert not store(path, replace(evaluation, waves=waves))


def test_residents_who_answered_twice_are_remembered_in_sums_and_without_marks(
    tmp_path: Path,
) -> None:
    evaluation = make_evaluation(("2015",))
    cells = evaluation.waves["2015"].cells
    own = cells.groups["residents"]
    k, m = own.mean.shape
    rng = np.random.default_rng(2)
    again = {
        wave: Overlap(f"mark-{wave}", rng.integers(0, 9, k), rng.random(k), rng.random((k, m, m)))
        for wave in ("2016", "2017")
    }
    kept = replace(cells, groups={**cells.groups, "residents": replace(own, again=again)})
    waves = {"2015": replace(evaluation.waves["2015"], cells=kept)}
    path = tmp_path / "evaluation.duckdb"
    assert store(path, replace(evaluation, waves=waves))
    problems = Problems()
    found = read_cells(path, problems)["2015"]
    assert not problems
    assert found.fingerprint == kept.fingerprint != cells.fingerprint
    assert list(found.groups["residents"].again) == ["2016", "2017"]
    assert found.groups["residents"].again["2017"].mark == "mark-2017"
    part = found.arranged(("A2",), ("residents",)).groups["residents"].again["2016"]
    np.testing.assert_array_equal(part.covariance[:, 0, 1], again["2016"].covariance[:, 1, 2])
    assert not store(path, replace(evaluation, waves=waves))


def test_the_disk_has_the_new_file_before_it_takes_the_old_one_s_place(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    done: list[tuple[str, int]] = []
    flush, move = os.fsync, os.replace

    def flushed(handle: int) -> None:
        flush(handle)
        done.append(("flushed", os.fstat(handle).st_ino))

    def replaced(source: Path, target: Path) -> None:
        done.append(("moved", source.stat().st_ino))
        move(source, target)

    monkeypatch.setattr(os, "fsync", flushed)
    monkeypatch.setattr(os, "replace", replaced)
    assert store(path, make_evaluation(("2016",)))
    assert done[-3:] == [
        ("flushed", path.stat().st_ino),
        ("moved", path.stat().st_ino),
        ("flushed", path.parent.stat().st_ino),
    ]
