from __future__ import annotations

import hashlib
import os
import signal
import subprocess
import sys
import textwrap
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from evalkit.archive import published, read_cells, read_schemes, store
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Dimension, Grade, Indicator, RaterGroup, Scheme
from evalkit.errors import InputErrors, Note, Problem, Problems
from evalkit.tables import (
    FRAMES,
    Assurance,
    Cells,
    Changes,
    Diagnosis,
    Evaluation,
    FileReport,
    Finding,
    Floats,
    GroupCells,
    Ranking,
    Rejection,
    Scores,
    frame,
    no_rows,
)
from tests.deciding import decided, results, with_decided, with_wave
from tests.deciding import order as shortest_order

SUBJECTS = ("jing-an", "yufocheng", "杏梅园")
MEASURES = ("A1", "A2", "overall")
GROUPS = ("residents", "peer")


def make_scheme(cutoff: float = 60.0) -> Scheme:
    return Scheme(
        id="test",
        title="测试方案",
        groups=[
            RaterGroup(
                code="residents",
                name="居民",
                weight=70,
                questionnaire="resident",
                residents=True,
            ),
            RaterGroup(code="peer", name="互评", weight=30, questionnaire="resident"),
        ],
        dimensions=[
            Dimension(
                code="A",
                name="服务",
                weight=100,
                indicators=[
                    Indicator(code="A1", name="办事", weight=50, items={"resident": ["q1"]}),
                    Indicator(code="A2", name="走访", weight=50, items={"resident": ["q2"]}),
                ],
            )
        ],
        grades=[
            Grade(name="合格", cutoff=cutoff, good=True),
            Grade(name="待改进", cutoff=0),
        ],
    )


def make_cells(wave: str, seed: int) -> Cells:
    rng = np.random.Generator(np.random.PCG64(seed))
    k, i = len(SUBJECTS), len(MEASURES)
    groups = {}
    for code in GROUPS:
        mean = rng.uniform(0, 100, (k, i))
        mean[1, 2] = np.nan
        mean[0, 0] = -0.0
        mean[0, 1] = np.nextafter(50.0, 51.0)
        roots = rng.normal(size=(k, i, i))
        joint = rng.normal(size=(k * i, k * i))
        groups[code] = GroupCells(
            n=rng.integers(0, 99, k),
            n_effective=rng.uniform(0, 99, k),
            n_measure=rng.integers(0, 99, (k, i)),
            mean=mean,
            covariance=roots @ roots.transpose(0, 2, 1),
            influence=joint.reshape(k, i, -1).transpose(2, 0, 1) if code == "peer" else None,
            df=np.array([np.inf, 0.0, 12.5]),
        )
    shares = frame(
        "distributions",
        {
            "subject": ["jing-an", "jing-an", "杏梅园"],
            "group": ["residents", "peer", "peer"],
            "item": ["q1", "q1", "q2"],
            "option": ["1", "02", "其他"],
            "n": [3, 0, 7],
            "share": rng.uniform(size=3),
        },
    )
    definitions = {"A2": f"sha-{wave}", "A1": "sha-1"}
    return Cells(wave, SUBJECTS, MEASURES, groups, shares, definitions)


def scores_table(wave: str, values: Floats) -> pd.DataFrame:
    count = len(SUBJECTS)
    return frame(
        "scores",
        {
            "wave": [wave] * count,
            "subject": list(SUBJECTS),
            "name": ["静安", "玉佛城", "杏梅园"],
            "score": values,
            "se": [1.5, 2.5, np.nan],
            "low": values - 3,
            "high": values + 3,
            "grade": ["合格", "合格", None],
            "grade_probability": [0.9, 0.8, np.nan],
            "complete": [True, True, False],
        },
    )


def make_assurance(wave: str, seed: int) -> Assurance:
    band: dict[str, list[object]] = {
        c.name: [wave] if c.kind == "text" else [seed] if c.kind == "integer" else [seed / 7]
        for c in FRAMES["bands"]
    }
    return Assurance(
        bands=frame("bands", band),
        **{
            name: no_rows(name)
            for name in ("sensitivity", "weight_influence", "drivers", "quality", "plan")
        },
        reliability={"reliability": np.float64(0.5), "meaning": "看不出差别"},
        gap={},
    )


def make_evaluation(
    waves: tuple[str, ...] = ("2015", "2016"), *, seed: int = 1, scheme: Scheme | None = None
) -> Evaluation:
    scheme = scheme or make_scheme()
    rng = np.random.Generator(np.random.PCG64(seed))
    scores, ranking, changes = {}, {}, {}
    empty = np.zeros((1, 1))
    for wave in waves:
        values = rng.uniform(60, 95, 3)
        values[2] = np.nan
        indicators = frame(
            "indicators",
            {
                "wave": [wave] * 2,
                "subject": ["jing-an", "yufocheng"],
                "code": ["composite", "A1"],
                "level": ["composite", "indicator"],
                "group": ["all", "peer"],
                "estimate": [values[0], np.nan],
                "se": [1.5, np.nan],
                "n": pd.array([20, None], dtype="Int64"),
            },
        )
        scores[wave] = Scores(
            wave,
            SUBJECTS[:2],
            (),
            (),
            empty,
            empty,
            empty,
            empty,
            empty,
            empty,
            empty,
            scores_table(wave, values),
            indicators,
        )
        order = np.argsort(-values[:2])
        table = frame(
            "ranking",
            {
                "wave": [wave] * 2,
                "subject": [SUBJECTS[j] for j in order],
                "name": [SUBJECTS[j] for j in order],
                "score": values[order],
                "rank": [1, 2],
                "rank_low": [1, 1],
                "rank_high": [2, 2],
                "rank_low_joint": [1, 1],
                "rank_high_joint": [2, 2],
                "reliability": [0.4, 0.5],
            },
        )
        ranking[wave] = Ranking(wave, table, 0.45, 3.0, 0.0, ())
    if len(waves) > 1:
        row: dict[str, list[object]] = {
            c.name: ["x"] if c.kind == "text" else [1] if c.kind == "integer" else [0.25]
            for c in FRAMES["changes"]
        }
        parts: dict[str, list[object]] = {
            c.name: ["x"] if c.kind == "text" else [0.125] for c in FRAMES["contributions"]
        }
        luck = pd.Series([0.5])
        changes[waves[-1]] = Changes(
            waves[-2],
            waves[-1],
            frame("changes", row),
            frame("contributions", parts),
            0.5,
            luck,
            luck,
            {},
            luck,
            luck,
            luck,
        )
    finding = Finding("weakness", "yufocheng", "A1", "办事", 60.0, 80.0, -20.0, 3.0, 0.001)
    report = FileReport(
        file="responses/2016/居民.xlsx",
        wave=waves[-1],
        questionnaire="resident",
        platform="wenjuanxing",
        variant="text",
        encoding=None,
        sha256="ab",
        rows_read=10,
        rows_kept=8,
        rejections=(Rejection(3, "duplicate", "与第 2 行"), Rejection(9, "blank")),
    )
    roster = Roster(subjects=[Subject(id=f"s{n}", name=f"居民区{n}") for n in range(3)])
    cells = {wave: make_cells(wave, seed + place) for place, wave in enumerate(waves)}
    return Evaluation(
        decided=decided(
            scheme, {}, roster, order=shortest_order(waves, seed=seed), digests={"roster.csv": "cd"}
        ),
        wave=waves[-1],
        waves=results(cells, scores, ranking, changes),
        reports=(report,),
        diagnoses={"yufocheng": Diagnosis("yufocheng", True, (finding,), pd.DataFrame())},
        assurance=make_assurance(waves[-1], seed),
        notes=(Note("small", "样本少", "2016", 3), Note("plain", "无计数")),
        fingerprint=f"fp-{seed}",
    )


def refusal(path: Path, evaluation: Evaluation) -> Problem:
    with pytest.raises(InputErrors) as raised:
        store(path, evaluation)
    (problem,) = raised.value.problems
    return problem


def only_problem(problems: Problems) -> Problem:
    assert len(problems) == 1, list(problems)
    return problems.found[0]


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def assert_same_cells(found: Cells, expected: Cells) -> None:
    assert found.wave == expected.wave
    assert found.subjects == expected.subjects
    assert found.measures == expected.measures
    assert list(found.groups) == list(expected.groups)
    assert list(found.definitions.items()) == list(expected.definitions.items())
    for code, group in expected.groups.items():
        for name in GroupCells.__slots__:
            ours, theirs = getattr(found.groups[code], name), getattr(group, name)
            if theirs is None:
                assert ours is None
            else:
                assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
                assert ours.tobytes() == theirs.tobytes()
    pd.testing.assert_frame_equal(found.distributions, expected.distributions, check_exact=True)
    share = found.distributions["share"].to_numpy()
    assert share.tobytes() == expected.distributions["share"].to_numpy().tobytes()


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
    for wave, cells in evaluation.cells.items():
        assert_same_cells(found[wave], cells)


def test_fortran_order_and_empty_distributions_come_back(path: Path) -> None:
    evaluation = make_evaluation(("2016",))
    cells = evaluation.waves["2016"].cells
    group = cells.groups["peer"]
    cells = replace(
        cells,
        groups={"peer": replace(group, mean=np.asfortranarray(group.mean))},
        distributions=cells.distributions.iloc[:0],
    )
    store(path, replace(evaluation, cells={"2016": cells}))
    assert not store(path, replace(evaluation, cells={"2016": cells}))
    found = read_cells(path, Problems())["2016"]
    np.testing.assert_array_equal(found.groups["peer"].mean, group.mean)
    pd.testing.assert_frame_equal(found.distributions, cells.distributions)


def test_same_evaluation_again_leaves_the_bytes_alone(path: Path) -> None:
    store(path, make_evaluation())
    before, written = sha256(path), path.stat().st_mtime_ns
    assert not store(path, make_evaluation())
    assert (sha256(path), path.stat().st_mtime_ns) == (before, written)
    assert [p.name for p in path.parent.iterdir()] == [path.name]


@pytest.mark.parametrize("part", ["cells", "scores", "scheme", "notes", "fingerprint"])
def test_any_difference_is_store(path: Path, part: str) -> None:
    evaluation = make_evaluation(("2016",))
    store(path, evaluation)
    cells = evaluation.waves["2016"].cells
    group = cells.groups["peer"]
    scores = evaluation.waves["2016"].scores
    table = scores.table.copy()
    table["score"] = np.nextafter(table["score"].to_numpy(dtype=np.float64), 100.0)
    changed = {
        "cells": replace(
            evaluation,
            cells={
                "2016": replace(
                    cells,
                    groups={**cells.groups, "peer": replace(group, df=group.df + 1)},
                )
            },
        ),
        "scores": with_wave(evaluation, "2016", scores=replace(scores, table=table)),
        "scheme": with_decided(evaluation, scheme=make_scheme(61.0)),
        "notes": replace(evaluation, notes=(*evaluation.notes, Note("new", "又一条"))),
        "fingerprint": replace(evaluation, fingerprint="other"),
    }[part]
    assert store(path, changed)
    assert not store(path, changed)


def test_the_old_file_is_replaced_and_never_written_to(path: Path) -> None:
    store(path, make_evaluation(("2015",)))
    last_good = path.read_bytes()
    old = path.with_name("old.duckdb")
    os.link(path, old)
    store(path, make_evaluation())
    assert old.read_bytes() == last_good
    assert path.read_bytes() != last_good


def test_an_analyst_can_ask_in_sql(path: Path) -> None:
    evaluation = make_evaluation()
    store(path, evaluation)
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
    first = make_evaluation(("2015",), seed=1)
    store(path, first)
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
    assert_same_cells(read_cells(path, problems)["2015"], rerun.cells["2015"])
    assert_same_cells(read_cells(path, problems)["2016"], later.cells["2016"])


def test_past_waves_enter_again_from_the_archive(path: Path) -> None:
    store(path, make_evaluation(("2015",)))
    later = make_evaluation(("2015", "2016"))
    archived = read_cells(path, Problems())
    again = replace(later, cells={"2015": archived["2015"], "2016": later.cells["2016"]})
    store(path, again)
    assert not store(path, later)


def test_a_narrower_scheme_does_not_lose_what_was_measured(path: Path) -> None:
    store(path, make_evaluation(("2015",)))
    whole = read_cells(path, Problems())["2015"]
    later = make_evaluation(("2015", "2016"))
    part = whole.arranged(("A2",), ("peer",))
    assert store(path, replace(later, cells={"2015": part, "2016": later.cells["2016"]}))
    assert_same_cells(read_cells(path, Problems())["2015"], whole)
    group = part.groups["peer"]
    other = replace(part, groups={"peer": replace(group, mean=group.mean + 1)})
    assert store(path, replace(later, cells={"2015": other, "2016": later.cells["2016"]}))
    assert_same_cells(read_cells(path, Problems())["2015"], other)


def test_tables_of_an_analyst_stay(path: Path) -> None:
    store(path, make_evaluation(("2015",)))
    with duckdb.connect(str(path)) as connection:
        connection.execute("CREATE VIEW mine AS SELECT subject, score FROM scores")
    store(path, make_evaluation())
    with duckdb.connect(str(path), read_only=True) as connection:
        count = connection.execute("SELECT count(*) FROM mine").fetchone()
    assert count == (9,)


# --- files that are not what they should be ---------------------------------------------------


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
    store(path, make_evaluation())
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE archive_info SET value = '99' WHERE key = 'format'")
    problem = refused(path)
    assert problem.code == "archive_other_format"
    assert "99" in str(problem.found)


def test_a_database_with_other_columns(path: Path) -> None:
    store(path, make_evaluation())
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
    store(path, make_evaluation())
    with duckdb.connect(str(path)) as connection:
        connection.execute(statement)
    problems = Problems()
    assert read_cells(path, problems) == {}
    assert only_problem(problems).code == "archive_damaged"
    assert refusal(path, make_evaluation()) == only_problem(problems)


def test_a_truncated_or_damaged_file_is_refused_or_whole(path: Path) -> None:
    evaluation = make_evaluation()
    store(path, evaluation)
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
            for wave, cells in evaluation.cells.items():
                assert_same_cells(found[wave], cells)
    assert outcomes <= {"archive_damaged", "archive_not_accessible", "archive_foreign"}
    assert "archive_damaged" in outcomes


def test_a_file_that_another_program_holds(path: Path) -> None:
    store(path, make_evaluation(("2015",)))
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
    store(path, make_evaluation(("2015",)))
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


# --- a killed run -----------------------------------------------------------------------------

KILLED = textwrap.dedent(
    """
    import os, signal, sys
    from pathlib import Path
    sys.path.insert(0, sys.argv[1])
    from test_archive import make_evaluation
    from evalkit.archive import store

    evaluation = make_evaluation()

    def tracer(limit):
        count = 0
        def step(frame, event, arg):
            nonlocal count
            if os.sep + "archive" + os.sep not in frame.f_code.co_filename:
                return None
            if event == "line":
                count += 1
                if count == limit:
                    os.kill(os.getpid(), signal.SIGKILL)
            return step
        return step, lambda: count

    for path, limit in zip(sys.argv[2::2], sys.argv[3::2]):
        if os.fork() == 0:
            step, count = tracer(int(limit))
            sys.settrace(step)
            assert store(Path(path), evaluation)
            sys.settrace(None)
            print(count(), flush=True)
            os._exit(0)
        print(os.waitstatus_to_exitcode(os.wait()[1]), flush=True)
    """
)


def store_and_die(*paths_and_limits: tuple[Path, int]) -> list[int]:
    """Store in processes that kill themselves at the given line; return what they print."""
    arguments = [str(value) for pair in paths_and_limits for value in pair]
    here = str(Path(__file__).parent)
    run = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", KILLED, here, *arguments],
        stdout=subprocess.PIPE,
        check=True,
        timeout=120,
    )
    return [int(word) for word in run.stdout.split()]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")
def test_a_run_killed_anywhere_leaves_the_last_good_state(tmp_path: Path) -> None:
    old, new = make_evaluation(("2015",), seed=7), make_evaluation()
    origin = tmp_path / "evaluation.duckdb"
    store(origin, old)
    last_good = origin.read_bytes()
    rehearsal = tmp_path / "rehearsal.duckdb"
    rehearsal.write_bytes(last_good)
    lines, code = store_and_die((rehearsal, 0))
    assert code == 0
    # The last lines of all, where the new file takes the old one's place, and places before.
    limits = [lines - back for back in range(4)] + [lines * part // 5 for part in range(1, 5)]
    paths = [tmp_path / str(limit) / origin.name for limit in limits]
    for path in paths:
        path.parent.mkdir()
        path.write_bytes(last_good)
    assert store_and_die(*zip(paths, limits, strict=True)) == [-signal.SIGKILL] * len(limits)
    states = set()
    for path in paths:
        problems = Problems()
        found = read_cells(path, problems)
        assert not problems
        kept = path.read_bytes() == last_good
        expected = old.cells if kept else new.cells
        assert list(found) == list(expected)
        for wave, cells in expected.items():
            assert_same_cells(found[wave], cells)
        assert store(path, new) == kept
        assert [p.name for p in path.parent.iterdir()] == [path.name]
        assert list(read_cells(path, problems)) == ["2015", "2016"]
        states.add(kept)
    assert states == {True, False}
