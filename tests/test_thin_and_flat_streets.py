"""Streets whose answers are few or all alike: scored, told, never a traceback; and their papers."""

from __future__ import annotations

import re
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

from evalkit.cli import app
from evalkit.pages import dashboard, diagnosis, street, technical
from evalkit.pages.press.planned import fill
from evalkit.pages.press.sentences import said
from evalkit.tables import Evaluation
from evalkit.workspace import Workspace

Answer = int | None | tuple[int | None, int | None]
LABELS = {100: "满意", 50: "一般", 0: "不满意"}
NAMES = {"e": "东苑", "w": "西苑", "n": "北苑", "s": "南苑"}
MIXED: list[int] = [100] * 5 + [50] * 8 + [0] * 3
"""Mean 56.25."""


def write(root: Path, *waves: Mapping[str, Sequence[Answer]]) -> Path:
    """One group of residents, asked one question, or two where answers are pairs."""
    several = any(isinstance(one, tuple) for wave in waves for own in wave.values() for one in own)
    asked = ["a", "b"] if several else ["a"]
    weight = 100 / len(asked)
    options = [
        {"code": str(at), "label": label, "score": score}
        for at, (score, label) in enumerate(LABELS.items(), start=1)
    ]
    questionnaire = {
        "id": "q",
        "title": "问卷",
        "items": [
            {"id": "s", "role": "subject", "text": "小区", "number": 1},
            *(
                {"id": one, "text": f"{one}满意吗", "number": at, "options": options}
                for at, one in enumerate(asked, start=2)
            ),
        ],
    }
    group = {
        "code": "g", "name": "居民", "weight": 100, "questionnaire": "q", "residents": True, "minimum_n": 2
    }  # fmt: skip
    scheme = {
        "id": "s",
        "title": "方案",
        "residents_weight": 100,
        "groups": [group],
        "dimensions": [
            {
                "code": one.upper(),
                "name": f"维度{one}",
                "weight": weight,
                "indicators": [
                    {
                        "code": f"{one}1",
                        "name": f"指标{one}",
                        "weight": weight,
                        "items": {"q": [one]},
                    }
                ],
            }
            for one in asked
        ],
        "grades": [{"name": "优", "cutoff": 80, "good": True}, {"name": "差", "cutoff": 0}],
    }
    order = {
        "title": "评估",
        "street": "梧桐镇",
        "scheme": "scheme.yaml",
        "roster": "roster.csv",
        "waves": [
            {
                "id": f"w{number}",
                "title": f"第{number}批",
                "files": [{"file": f"w{number}.csv", "questionnaire": "q", "group": "g"}],
            }
            for number in range(1, len(waves) + 1)
        ],
        "settings": {"draws": 1000},
    }
    (root / "questionnaires").mkdir(parents=True)
    _dump(root / "questionnaires/q.yaml", questionnaire)
    _dump(root / "scheme.yaml", scheme)
    _dump(root / "evaluation.yaml", order)
    here = sorted({subject for wave in waves for subject in wave})
    lines = ["id,name,aliases,zone,kind,housing,population,since,until"]
    lines += [f"{subject},{NAMES[subject]},,,,,,," for subject in here]
    (root / "roster.csv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    for number, wave in enumerate(waves, start=1):
        rows = [",".join(["小区", *(f"{one}满意吗" for one in asked)])]
        for subject, own in wave.items():
            for one in own:
                told = one if isinstance(one, tuple) else (one,)
                rows.append(",".join([NAMES[subject], *(LABELS.get(x, "") for x in told)]))  # type: ignore[call-overload]
        (root / f"w{number}.csv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return root


def _dump(path: Path, document: object) -> None:
    class Plain(yaml.SafeDumper):
        def ignore_aliases(self, data: object) -> bool:
            del data
            return True

    path.write_text(yaml.dump(document, Dumper=Plain, allow_unicode=True), encoding="utf-8")


def evaluated(root: Path, *waves: Mapping[str, Sequence[Answer]]) -> Evaluation:
    return Workspace(write(root / "ws", *waves)).evaluate()


def codes(evaluation: Evaluation) -> set[str]:
    return {str(note.code) for note in evaluation.notes}


def papers(evaluation: Evaluation) -> str:
    """Every paper as text, and the dashboard."""
    planned = [street.plan(evaluation), technical.plan(evaluation)]
    planned += [diagnosis.plan(evaluation, subject) for subject in evaluation.diagnoses]
    page = dashboard.press(dashboard.plan(evaluation, papers=True)).decode()
    return "".join(fill(paper).text for paper in planned) + page


def test_the_only_committee_that_varies_lends_its_variance(tmp_path: Path) -> None:
    """Fourteen answers of a and six of c in twenty: 0.7·100 of north; east and west all content."""
    north = [100] * 7 + [50] * 7 + [0] * 6
    found = evaluated(tmp_path, {"e": [100] * 20, "w": [100] * 20, "n": north})
    table = found.current.scores.table.set_index("subject")
    assert table["score"].to_dict() == {"e": 100.0, "w": 100.0, "n": pytest.approx(52.5)}
    own = np.array(north, dtype=float).std(ddof=1) / 20**0.5
    assert table["se"].tolist() == pytest.approx([own] * 3)
    assert found.current.ranking.table.set_index("subject")["rank"].to_dict() == {
        "e": 1, "w": 1, "n": 3
    }  # fmt: skip
    assert "identical_answers" in codes(found)


FLAT = {"e": [100] * 9, "w": [50] * 9, "n": [100] * 9}
ONE_EACH = {"e": [100], "w": [50], "n": [100]}
ALIVE = {"e": MIXED, "w": MIXED[1:], "n": MIXED[2:]}


@pytest.mark.parametrize("last", [FLAT, ONE_EACH])
def test_where_nothing_tells_errors_scores_are_published_and_nobody_is_ranked(
    tmp_path: Path, last: dict[str, list[Answer]]
) -> None:
    found = evaluated(tmp_path, last)
    table = found.current.scores.table.set_index("subject")
    assert table["score"].to_dict() == {"e": 100.0, "w": 50.0, "n": 100.0}
    assert table["grade"].to_dict() == {"e": "优", "w": "差", "n": "优"}
    assert table["complete"].all()
    assert table[["se", "low", "high", "grade_probability"]].isna().all(axis=None)
    assert found.current.ranking.table.empty
    assert found.assurance.bands.empty
    assert found.assurance.sensitivity.empty
    assert found.assurance.reliability["reliability"] is None
    assert found.assurance.reliability["verdict"] is None
    assert "not_ranked" in codes(found)
    text = papers(found)
    assert "得分的误差无从估计" in text
    assert "不排名次" in text
    assert "评估不完整" not in text
    assert "均尚看不出差别" not in text
    assert "个尚看不出差别" not in text
    printed = fill(street.plan(found)).text + fill(diagnosis.plan(found, "e")).text
    assert not re.search(r"\bnan\b", printed)


@pytest.mark.parametrize("waves", [(FLAT, ALIVE), (ALIVE, FLAT)])
def test_a_wave_without_errors_is_not_compared(
    tmp_path: Path, waves: tuple[Mapping[str, Sequence[Answer]], ...]
) -> None:
    found = evaluated(tmp_path, *waves)
    changes = found.current.changes
    assert changes is not None
    assert changes.table.empty
    flat = "w1" if waves[0] is FLAT else "w2"
    assert {(own.wave, str(own.lack)) for own in changes.not_compared.values()} == {
        (flat, "unsure")
    }
    assert "得分误差无从估计" in papers(found)


@pytest.mark.parametrize(
    "wave",
    [
        {"e": MIXED},
        {"e": [100] * 5},
        {"e": [100]},
        {"e": MIXED, "w": MIXED[2:]},
        {"e": MIXED, "w": [100] * 9},
        {"e": MIXED, "w": [50]},
        {"e": MIXED, "w": MIXED, "n": MIXED, "s": MIXED},
        {"e": [(x, 100 - x) for x in MIXED], "w": [(x, None) for x in MIXED], "n": [(x, x) for x in MIXED]},
        {"e": [(x, None) for x in MIXED], "w": [(x, None) for x in MIXED[1:]], "n": [(x, 100) for x in MIXED]},
        {"e": [(x, 100) for x in MIXED], "w": [(x, 100) for x in MIXED[1:]], "n": [(x, 100) for x in MIXED[2:]]},
    ],
    ids=["one", "one flat", "one answer", "two", "two, one flat", "two, one answer", "all equal",
         "an empty cell", "an indicator of one committee", "an indicator that never varies"],
)  # fmt: skip
def test_small_streets_have_scores_and_papers(
    tmp_path: Path, wave: dict[str, Sequence[Answer]]
) -> None:
    with np.errstate(all="raise", under="ignore"):
        found = evaluated(tmp_path, wave)
    assert found.current.scores.table["score"].notna().all()
    assert papers(found)


def test_what_no_committee_was_judged_in_has_no_number(tmp_path: Path) -> None:
    """Nobody answers b: the scores are those of a, and a note by committee says so."""
    wave = {key: [(x, None) for x in own] for key, own in ALIVE.items()}
    found = evaluated(tmp_path, wave)
    assert found.current.scores.table["score"].iloc[0] == pytest.approx(56.25)
    table = found.street_means
    assert set(table["code"]) == {"composite", "A", "a1"}
    told = [note for note in found.notes if note.code == "no_answer_in_cell"]
    assert len(told) == 3
    assert papers(found)


def test_check_and_run_say_the_same_of_cells(tmp_path: Path) -> None:
    wave: dict[str, list[Answer]] = {
        "e": [(x, 100 - x) for x in MIXED],
        "w": [(x, None) for x in MIXED],
        "n": [(x, None) for x in MIXED] + [(100, 0)],
    }
    root = write(tmp_path / "ws", wave)
    none = "西苑：居民（16 份答卷）对“指标b”没有有效评价（0 份）"
    one = "北苑：居民（17 份答卷）对“指标b”只有 1 份有效评价"
    checked = Workspace(root).check()
    assert not checked.problems
    text = [said(note) for note in checked.notes]
    assert any(line.startswith(none) for line in text)
    assert any(line.startswith(one) for line in text)
    runner = CliRunner()
    for command in (["check", str(root)], ["run", "--no-pdf", str(root)]):
        result = runner.invoke(app, command)
        assert result.exit_code == 0
        assert none in result.output
        assert one in result.output
    own = diagnosis.plan(Workspace(root).evaluate(), "w")
    text_of_west = fill(own).text
    assert none in text_of_west
    assert one not in text_of_west


@pytest.mark.shared
def test_the_case_of_most_committees_that_agree(shared: Path, tmp_path: Path) -> None:
    found = _copied(shared, "import-17-most-committees-agree", tmp_path).evaluate()
    table = found.current.scores.table.set_index("subject")
    assert table["score"].to_dict() == {"e": 100.0, "w": 100.0, "n": 52.5}
    assert table["se"].nunique() == 1
    assert "identical_answers" in codes(found)


@pytest.mark.shared
def test_the_case_of_partners_who_do_not_know(shared: Path, tmp_path: Path) -> None:
    checked = _copied(shared, "user-dont-know-makes-incomplete", tmp_path).check()
    assert not checked.problems
    told = {str(note.code) for note in checked.notes}
    assert {"no_answer_in_cell", "one_answer_in_cell"} <= told
    assert "incomplete" not in told
    none = [said(note) for note in checked.notes if note.code == "no_answer_in_cell"]
    assert none[0].startswith("沙田二村：共建单位（4 份答卷）对“环境卫生”没有有效评价（0 份）")


def _copied(shared: Path, case: str, tmp_path: Path) -> Workspace:
    folder = shared / "cases" / case
    if not folder.is_dir():
        pytest.skip("the case is not here")
    shutil.copytree(folder, tmp_path / case)
    return Workspace(tmp_path / case)
