"""What the database holds of an evaluation: every table, every value, and fingerprints of both."""

from __future__ import annotations

import hashlib
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pandas as pd
import pytest

from evalkit.archive import published, read_cells, read_notes, read_schemes, store
from evalkit.archive.content import LATER, digest_of_arrays
from evalkit.archive.writing import _covers, _edition, _newest
from evalkit.codes import NoteCode, Reason
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Note, Problems
from evalkit.tables import FRAMES, Column, Evaluation, FileReport, Rejection, frame
from evalkit.version import __version__
from tests.archive.small import make_evaluation, make_scheme, stored
from tests.deciding import with_decided, with_wave

ASSURED = ("bands", "sensitivity", "weight_influence", "drivers", "quality", "plan")
RESULTS = ("scores", "indicators", "ranking", "changes", "contributions")


def values(column: Column, place: int) -> list[Any]:
    """Three values that differ from column to column; the second missing where it may be."""
    kinds: dict[str, list[Any]] = {
        "text": [f"{column.name}一", f"“{place}”", ""],
        "integer": [place, 7, -place],
        "number": [place / 7, 0.1, -0.0],
        "flag": [True, False, place % 2 == 0],
    }
    found = kinds[column.kind]
    if column.nullable:
        found[1] = None
    return found


def filled(name: str, **given: list[Any]) -> pd.DataFrame:
    """Three rows of a declared frame."""
    columns = {}
    for place, column in enumerate(FRAMES[name], start=1):
        dtype = {"text": "object", "integer": "Int64", "number": "float64", "flag": "bool"}
        columns[column.name] = pd.Series(
            given.get(column.name, values(column, place)), dtype=dtype[column.kind]
        )
    return frame(name, columns)


REPORT = FileReport(
    file="responses/2016/居民.xlsx",
    wave="2016",
    questionnaire="resident",
    platform="wenjuanxing",
    variant="text",
    encoding=None,
    sha256="ab",
    rows_read=12,
    rows_kept=7,
    rejections=(
        Rejection(3, Reason.DUPLICATE, {"first": 2}),
        Rejection(9, Reason.BLANK),
        Rejection(10, Reason.DUPLICATE, {"first": 2}),
        Rejection(11, Reason.BLANK),
        Rejection(12, Reason.DUPLICATE, {"first": 4}),
    ),
)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    made = make_evaluation(("2015", "2016"))
    frames = {name: filled(name, wave=["2016"] * 3) for name in ASSURED}
    frames["plan"] = filled("plan")
    scores = {
        wave: replace(
            made.waves[wave].scores,
            table=filled("scores", wave=[wave] * 3),
            indicators=filled("indicators", wave=[wave] * 3),
        )
        for wave in made.waves
    }
    ranking = {
        wave: replace(made.waves[wave].ranking, table=filled("ranking", wave=[wave] * 3))
        for wave in made.waves
    }
    changes = replace(
        made.waves["2016"].changes,
        table=filled("changes"),
        contributions=filled("contributions"),
    )
    made = with_decided(made, digests={"scheme.yaml": "ef", "roster.csv": "cd"})
    for wave in made.waves:
        made = with_wave(made, wave, scores=scores[wave], ranking=ranking[wave])
    return replace(
        with_wave(made, "2016", changes=changes),
        assurance=replace(made.assurance, **frames, gap={"tau": 0.25}),
        reports=(REPORT,),
    )


@pytest.fixture(scope="module")
def path(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    found = tmp_path_factory.mktemp("archive") / "evaluation.duckdb"
    assert store(found, evaluation)
    return found


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """The database of a single wave, for a test to spoil."""
    return stored(tmp_path / "evaluation.duckdb", ("2016",))


def asked(path: Path, question: str) -> list[tuple[Any, ...]]:
    with duckdb.connect(str(path), read_only=True) as connection:
        return connection.execute(question).fetchall()


@pytest.mark.parametrize("name", [*RESULTS, *ASSURED])
def test_every_published_table_is_there_row_by_row_in_order(
    path: Path, evaluation: Evaluation, name: str
) -> None:
    source: Any = evaluation if name in RESULTS else evaluation.assurance
    expected = [
        tuple(None if pd.isna(value) else value for value in row)
        for row in getattr(source, name).itertuples(index=False)
    ]
    assert len(expected) == (6 if name in ("scores", "indicators", "ranking") else 3)
    columns = ", ".join("rater_group" if c.name == "group" else c.name for c in FRAMES[name])
    rows = asked(path, f"SELECT position, {columns} FROM {name} ORDER BY position")
    assert [row[0] for row in rows] == list(range(len(expected)))
    assert [row[1:] for row in rows] == expected
    for (_, *row), theirs in zip(rows, expected, strict=True):
        for value, other in zip(row, theirs, strict=True):
            if isinstance(value, float):
                assert np.float64(value).tobytes() == np.float64(other).tobytes()
    assert asked(path, f"SELECT DISTINCT evaluation, edition FROM {name}") == [
        ("2016", "published")
    ]


def test_what_an_evaluation_is_stands_in_one_row(path: Path, evaluation: Evaluation) -> None:
    (row,) = asked(
        path,
        "SELECT title, street, waves, scheme_id, scheme_fingerprint, scheme, evaluation_order, "
        "roster, gap, fingerprint, evalkit_version, seed, evaluation, edition, position "
        "FROM evaluations",
    )
    scheme = dump_yaml(evaluation.scheme)
    assert row == (
        "小评估",
        "测试街道",
        '["2015","2016"]',
        "test",
        hashlib.sha256(scheme.encode()).hexdigest(),
        scheme,
        dump_yaml(evaluation.order),
        dump_yaml(evaluation.roster),
        '{"tau":0.25}',
        "fp-1",
        __version__,
        1,
        "2016",
        "published",
        0,
    )


def test_rejected_rows_are_counted_not_their_reasons(path: Path) -> None:
    (row,) = asked(
        path,
        "SELECT file, wave, questionnaire, platform, variant, encoding, sha256, rows_read, "
        "rows_kept, rows_rejected, rejected_by_reason, details FROM files",
    )
    assert row[:10] == (
        "responses/2016/居民.xlsx", "2016", "resident", "wenjuanxing", "text", None, "ab", 12, 7, 5,
    )  # fmt: skip
    assert json.loads(row[10]) == {"duplicate": 3, "blank": 2}
    assert json.loads(row[11])["rejected_rows"] == [
        [3, "duplicate"], [9, "blank"], [10, "duplicate"], [11, "blank"], [12, "duplicate"],
    ]  # fmt: skip


def test_details_of_a_file_are_kept(tmp_path: Path, evaluation: Evaluation) -> None:
    report = replace(
        REPORT,
        unmapped_columns=("Z",),
        dropped_columns=("来自IP",),
        notes=(Note(NoteCode.ROWS_TOO_LONG, "a.xlsx", 2, {"columns": ("A", "C")}),),
    )
    path = tmp_path / "evaluation.duckdb"
    store(path, replace(evaluation, reports=(report,)))
    details = json.loads(asked(path, "SELECT details FROM files")[0][0])
    assert details["unmapped_columns"] == ["Z"]
    assert details["dropped_columns"] == ["来自IP"]
    assert details["notes"] == [["rows_too_long", "a.xlsx", 2, {"columns": ["A", "C"]}]]


def test_findings_notes_and_inputs_are_kept_as_they_were(path: Path) -> None:
    assert asked(
        path,
        "SELECT kind, subject, code, name, estimate, street, difference, se, p_adjusted FROM findings",
    ) == [("weakness", "yufocheng", "A1", "办事", 60.0, 80.0, -20.0, 3.0, 0.001)]
    notes = asked(path, "SELECT code, place, count, facts FROM notes ORDER BY position")
    assert notes == [
        ("not_asked", "2016", 3, '{"items":["甲"]}'),
        ("no_themes", "", None, "{}"),
    ]
    inputs = asked(path, "SELECT file, sha256 FROM inputs ORDER BY position")
    assert inputs == [("roster.csv", "cd"), ("scheme.yaml", "ef")]


def test_cells_can_be_asked_for_in_sql_with_their_standard_errors(
    path: Path, evaluation: Evaluation
) -> None:
    rows = asked(
        path,
        "SELECT subject, rater_group, measure, answers, n_effective, n, mean, se FROM cells "
        "WHERE wave = '2015'",
    )
    cells = evaluation.waves["2015"].cells
    assert len(rows) == len(cells.subjects) * len(cells.measures) * len(cells.groups) == 18
    for subject, group, measure, answers, effective, n, mean, se in rows:
        k, i = cells.subjects.index(subject), cells.measures.index(measure)
        expected = cells.groups[group]
        assert answers == expected.n[k]
        assert effective == expected.n_effective[k]
        assert n == expected.n_measure[k, i]
        assert se == pytest.approx(expected.covariance[k, i, i] ** 0.5, rel=1e-15)
        assert mean == (None if np.isnan(expected.mean[k, i]) else expected.mean[k, i])


def test_a_negative_variance_has_no_standard_error(tmp_path: Path) -> None:
    evaluation = make_evaluation(("2016",))
    cells = evaluation.waves["2016"].cells
    covariance = cells.groups["peer"].covariance.copy()
    covariance[0, 0, 0], covariance[0, 1, 1] = -1.0, 0.0
    group = replace(cells.groups["peer"], covariance=covariance)
    cells = replace(cells, groups={**cells.groups, "peer": group})
    path = tmp_path / "evaluation.duckdb"
    store(path, with_wave(evaluation, "2016", cells=cells))
    found = asked(
        path,
        "SELECT measure, se FROM cells WHERE rater_group = 'peer' AND subject = 'jing-an' "
        "AND measure IN ('A1', 'A2') ORDER BY measure",
    )
    assert found == [("A1", None), ("A2", 0.0)]


def test_definitions_and_distributions_keep_their_order_and_values(
    path: Path, evaluation: Evaluation
) -> None:
    assert asked(
        path, "SELECT indicator, fingerprint FROM definitions WHERE wave = '2015' ORDER BY position"
    ) == [("A2", "sha-2015"), ("A1", "sha-1")]
    shares = evaluation.waves["2015"].cells.distributions["share"].tolist()
    rows = asked(
        path,
        "SELECT subject, rater_group, item, option, n, share FROM distributions "
        "WHERE wave = '2015' ORDER BY position",
    )
    assert rows == [
        ("jing-an", "residents", "q1", "1", 3, shares[0]),
        ("jing-an", "peer", "q1", "02", 0, shares[1]),
        ("杏梅园", "peer", "q2", "其他", 7, shares[2]),
    ]


@pytest.mark.parametrize(
    "name", ["n", "n_effective", "n_measure", "mean", "covariance", "influence", "df"]
)
def test_every_array_of_a_cell_is_part_of_its_fingerprint(copied: Path, name: str) -> None:
    path, evaluation = copied, make_evaluation(("2016",))
    cells = evaluation.waves["2016"].cells
    group = cells.groups["peer"]
    array = getattr(group, name).copy()
    array[(-1,) * array.ndim] += 1
    changed = replace(cells, groups={**cells.groups, "peer": replace(group, **{name: array})})
    assert store(path, with_wave(evaluation, "2016", cells=changed))
    found = read_cells(path, Problems())["2016"]
    np.testing.assert_array_equal(getattr(found.groups["peer"], name), array)

    buffer = io.BytesIO()
    np.save(buffer, getattr(group, name), allow_pickle=False)
    with duckdb.connect(str(path)) as connection:
        connection.execute(
            "UPDATE cell_arrays SET data = ? WHERE rater_group = 'peer' AND name = ?",
            [buffer.getvalue(), name],
        )
    problems = Problems()
    assert read_cells(path, problems) == {}
    assert [problem.code for problem in problems] == ["archive_damaged"]


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE definitions SET fingerprint = 'x' WHERE indicator = 'A1'",
        "UPDATE definitions SET position = 1 - position",
        "UPDATE distributions SET n = n + 1",
        "UPDATE distributions SET option = '2' WHERE option = '02'",
        "UPDATE waves SET layout = replace(layout, 'jing-an', 'jing-an2')",
        'UPDATE waves SET layout = replace(layout, \'"A1","A2"\', \'"A2","A1"\')',
        "UPDATE waves SET content = 'x'",
    ],
)
def test_cells_that_are_not_what_was_stored_are_refused(copied: Path, statement: str) -> None:
    with duckdb.connect(str(copied)) as connection:
        connection.execute(statement)
    problems = Problems()
    assert read_cells(copied, problems) == {}
    (problem,) = problems
    assert problem.code == "archive_damaged"


# --- schemas that are not this version's ------------------------------------------------------


@pytest.mark.parametrize(
    ("statement", "code"),
    [
        ("ALTER TABLE ranking RENAME COLUMN rank TO place", "archive_other_format"),
        ("ALTER TABLE scores ALTER score TYPE VARCHAR", "archive_other_format"),
        ("ALTER TABLE cells DROP COLUMN se", "archive_other_format"),
        ("DELETE FROM archive_info", "archive_other_format"),
        ("UPDATE archive_info SET value = '0'", "archive_other_format"),
        ("DROP TABLE plan", "archive_damaged"),
        ("DROP TABLE archive_info", "archive_foreign"),
    ],
)
def test_another_schema_is_refused_by_every_verb(copied: Path, statement: str, code: str) -> None:
    path = copied
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    verbs: tuple[Any, ...] = (read_cells, read_schemes, published)
    for verb in verbs:
        problems = Problems()
        assert verb(path, problems) == {}
        assert [(problem.code, problem.file) for problem in problems] == [(code, path.name)]


def test_the_format_that_is_found_and_the_one_that_is_known_are_told(copied: Path) -> None:
    path = copied
    with duckdb.connect(str(path)) as connection:
        connection.execute("DELETE FROM archive_info WHERE key = 'format'")
    problems = Problems()
    read_cells(path, problems)
    assert [problem.found for problem in problems] == ["格式 未知，本版本能读格式 1 至 8"]


# --- editions ---------------------------------------------------------------------------------


def editions(path: Path) -> set[tuple[str, str, str]]:
    return {
        (wave, edition, fingerprint)
        for wave, edition, fingerprint in asked(
            path, "SELECT evaluation, edition, fingerprint FROM evaluations"
        )
    }


def test_a_wave_is_settled_by_the_first_run_of_a_later_one(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.duckdb"
    stored(path, ("2015",), seed=1)
    store(path, make_evaluation(("2015",), seed=2))
    assert editions(path) == {("2015", "published", "fp-2")}
    store(path, make_evaluation(("2015", "2016"), seed=3))
    store(path, make_evaluation(("2015",), seed=4))
    store(path, make_evaluation(("2015",), seed=5))
    assert editions(path) == {
        ("2015", "published", "fp-2"),
        ("2015", "latest", "fp-5"),
        ("2016", "published", "fp-3"),
    }
    assert asked(path, "SELECT count(*) FROM scores WHERE evaluation = '2015'") == [(6,)]
    records = published(path, Problems())
    assert {wave: record.fingerprint for wave, record in records.items()} == {
        "2015": "fp-2", "2016": "fp-3",
    }  # fmt: skip


def test_the_latest_wave_is_published_anew_whatever_came_before_it(tmp_path: Path) -> None:
    path = stored(tmp_path / "evaluation.duckdb", ("2015",), seed=1)
    for seed, waves in enumerate((("2016",), ("2016",)), start=2):
        store(path, make_evaluation(waves, seed=seed))
    assert editions(path) == {("2015", "published", "fp-1"), ("2016", "published", "fp-3")}
    assert asked(path, "SELECT key, value FROM archive_info WHERE key = 'format'") == [
        ("format", "8")
    ]


def test_an_earlier_wave_that_comes_late_is_published_all_the_same(tmp_path: Path) -> None:
    path = stored(tmp_path / "evaluation.duckdb", ("2016",), seed=1)
    store(path, make_evaluation(("2014",), seed=2))
    assert editions(path) == {("2016", "published", "fp-1"), ("2014", "published", "fp-2")}
    assert list(published(path, Problems())) == ["2014", "2016"]


def test_what_was_published_is_read_back_with_the_scheme_of_its_time(tmp_path: Path) -> None:
    path = tmp_path / "evaluation.duckdb"
    evaluation = make_evaluation(seed=3, scheme=make_scheme(61.0))
    store(path, evaluation)
    problems = Problems()
    record = published(path, problems)["2016"]
    assert not problems
    assert (record.wave, record.waves) == ("2016", ("2015", "2016"))
    assert record.scheme == evaluation.scheme
    assert (
        record.scheme_fingerprint == hashlib.sha256(dump_yaml(record.scheme).encode()).hexdigest()
    )
    assert (record.fingerprint, record.version) == ("fp-3", __version__)
    assert set(record.scores["wave"]) == set(record.ranking["wave"]) == {"2016"}
    assert (
        record.scores["subject"].tolist()
        == evaluation.waves["2016"].scores.table["subject"].tolist()
    )


def test_the_last_runs_notes_of_every_wave_are_read_back_in_their_order(path: Path) -> None:
    problems = Problems()
    assert read_notes(path, problems) == {
        "2016": (
            Note(NoteCode.NOT_ASKED, "2016", 3, {"items": ("甲",)}),
            Note(NoteCode.NO_THEMES),
        )
    }
    assert not problems


def test_an_array_that_lacks_is_told_apart_from_one_that_no_format_had_then() -> None:
    cells = make_evaluation(("2016",)).waves["2016"].cells
    given = {code: {"n": np.arange(3.0)} for code in cells.groups}

    def of(*names: str, **more: object) -> str:
        return digest_of_arrays(cells, {code: own | more for code, own in given.items()}, names)  # type: ignore[operator]

    assert of("n", "who") == of("n") == of("n", *LATER)
    assert of("n", "mean") != of("n"), "what lacks is a sign of its own"
    assert of("n", "mean") == of("n", "df"), "wherever it lacks"
    assert of("n", "mean", mean=np.zeros(0)) not in (of("n"), of("n", "mean"))
    assert of("n", "who", who=np.zeros(1)) != of("n", "who")
    one, two = {"a": np.zeros(1)}, {"b": np.ones(1)}
    assert of("a", "b", **one, **two) != of("b", "a", **one, **two)


def test_cells_are_covered_by_those_that_they_are_a_part_of_in_any_order() -> None:
    whole = make_evaluation(("2016",)).waves["2016"].cells
    indicators, groups = whole.measures[:-1], tuple(whole.groups)
    assert len(indicators) > 1
    assert len(groups) > 1
    turned = whole.arranged(indicators[::-1], groups[::-1])
    part = whole.arranged(indicators[1:], groups[:1])
    assert _covers(whole, whole)
    assert _covers(whole, turned)
    assert _covers(whole, part)
    assert not _covers(part, whole), "more indicators, and more groups"
    assert not _covers(whole.arranged(indicators, groups[:1]), whole.arranged(indicators, groups))
    assert not _covers(whole.arranged(indicators[1:], groups), whole)
    assert not _covers(whole, replace(part, subjects=part.subjects[::-1]))
    last = (*part.measures[1:], part.measures[0])
    assert not _covers(whole, replace(part, measures=last))


def test_an_edition_is_the_first_or_what_was_published_of_a_wave_that_others_follow() -> None:
    """Published until a later wave settles it; from then on a later run is the latest."""
    first = ("2015", "published")
    assert _edition({}, "2015") == "published"
    assert _edition({first: "x"}, "2015") == "published"
    assert _edition({("2016", "published"): "x"}, "2015") == "published"
    assert _edition({first: "x", ("2014", "published"): "x"}, "2015") == "published"
    assert _edition({first: "x", ("2016", "published"): "x"}, "2015") == "latest"
    assert _newest({first: "a", ("2015", "latest"): "b"}, "2015") == "b"
    assert _newest({first: "a", ("2016", "latest"): "b"}, "2015") == "a"
    assert _newest({first: "a"}, "2016") is None
