"""A small evaluation to store: arrays at random, frames of a row or two."""

from __future__ import annotations

import hashlib
import tempfile
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.archive import store
from evalkit.archive.content import arrays_of
from evalkit.codes import NoteCode, Reason
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Dimension, Grade, Indicator, Scheme
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
from tests.deciding import decided, results
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
        rejections=(Rejection(3, Reason.DUPLICATE, {"first": 2}), Rejection(9, Reason.BLANK)),
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
        notes=(Note(NoteCode.NOT_ASKED, "2016", 3, {"items": ("甲",)}), Note(NoteCode.NO_THEMES)),
        fingerprint=f"fp-{seed}",
    )


@cache
def _stored(waves: tuple[str, ...], seed: int) -> bytes:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "evaluation.duckdb"
        store(path, make_evaluation(waves, seed=seed))
        return path.read_bytes()


def stored(path: Path, waves: tuple[str, ...] = ("2015", "2016"), *, seed: int = 1) -> Path:
    """The database of a small evaluation at this place: stored once in a process, and copied."""
    path.write_bytes(_stored(waves, seed))
    return path


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
        arrays = arrays_of(found.groups[code])
        for name, theirs in arrays_of(group).items():
            ours = arrays[name]
            if theirs is None:
                assert ours is None
            else:
                assert ours is not None
                assert (ours.dtype, ours.shape) == (theirs.dtype, theirs.shape)
                assert ours.tobytes() == theirs.tobytes()
    pd.testing.assert_frame_equal(found.distributions, expected.distributions, check_exact=True)
    share = found.distributions["share"].to_numpy()
    assert share.tobytes() == expected.distributions["share"].to_numpy().tobytes()
