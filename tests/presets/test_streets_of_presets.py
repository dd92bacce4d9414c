"""Every preset from nothing to a checked street of known truth; one whole, held against its truth."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import scipy

import evalkit as ek
from evalkit import workspace
from evalkit.errors import InputErrors
from evalkit.simulation.plan import FEWEST, StreetPlan, UnitPlan
from tests.presets.streets import SHIPPED, SIZE, copied, foretold, thinned


def _digests(root: Path) -> dict[str, str]:
    return {
        path.relative_to(root).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(root.rglob("*"))
        if path.is_file()
    }


# --- every preset ---------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", SHIPPED)
def test_a_thinned_street_of_every_preset_is_checked_without_a_word(
    preset: str, once: Callable[..., Path], tmp_path: Path
) -> None:
    space = ek.open(shutil.copytree(thinned(once, preset), tmp_path / "street"))
    assert space.synthetic
    checked = space.check()
    assert checked.problems == ()
    assert checked.decided is not None
    assert checked.foreseen is not None
    assert not checked.foreseen.scores.incomplete
    own = [*checked.notes, *(n for track in checked.tracks.values() for n in track.notes)]
    own += [note for report in checked.books for note in report.notes]
    told = {note.code.value for note in own} - {"few_draws"}
    assert told <= foretold(preset)
    assert all(report.rows_kept > 0 for report in checked.reports)
    truth = pd.read_csv(tmp_path / "street/simulation/truth.csv", dtype={"wave": str})
    assert set(truth["subject"]) == {s.id for s in checked.decided.roster.subjects}


def test_the_same_preset_gives_the_same_files(tmp_path: Path) -> None:
    one, same = (workspace.simulate(tmp_path / name, "blank", size=SIZE).root for name in "ab")
    assert _digests(one) == _digests(same)


def test_a_thinned_street_keeps_its_levels(tmp_path: Path) -> None:
    plan = StreetPlan(units=[UnitPlan(count=40), UnitPlan(count=3, kind="村")])
    assert [unit.count for unit in plan.thinned(0.5).units] == [20, 3]
    assert [unit.count for unit in plan.thinned(0.01).units] == [FEWEST, 3]
    two = StreetPlan(waves=["2024", "2025"])
    assert (two.thinned(1.0).waves, two.thinned(0.9).waves) == (["2024", "2025"], ["2025"])
    space = workspace.simulate(tmp_path / "street", "caoyang", size=SIZE)
    roster = pd.read_csv(tmp_path / "street/roster.csv", dtype=str).fillna("")
    committees = roster[roster["层级"] == ""]
    compounds = roster[roster["层级"] == "compound"]
    assert len(committees) == FEWEST
    assert set(compounds["上级"]) == set(committees["代码"])
    persons = pd.read_csv(space.root / "tracks/members/roster.csv", dtype=str)
    assert set(persons["居民区"]) == set(committees["名称"])


# --- the truth is found again ---------------------------------------------------------------------


@pytest.fixture(scope="module")
def blank(tmp_path_factory: pytest.TempPathFactory) -> ek.Workspace:
    """The whole street of the smallest preset."""
    return workspace.simulate(tmp_path_factory.mktemp("blank") / "street", "blank", draws=8000)


@pytest.fixture(scope="module")
def evaluated(blank: ek.Workspace) -> ek.Evaluation:
    return blank.evaluate()


@pytest.mark.whole_demo
def test_the_smallest_runs_whole(blank: ek.Workspace, evaluated: ek.Evaluation) -> None:
    out = blank.publish(evaluated, pdf=False)
    assert out == blank.root / "out/2025"
    assert "模拟数据" in (out / "dashboard.html").read_text(encoding="utf-8")
    log, differences = blank.verify()
    assert differences == ()
    # the truth is no input: nothing that was read or made knows of it
    assert not [name for name in log.entries[-1].inputs if name.startswith("simulation/")]


def test_an_evaluation_of_the_smallest_finds_its_truth(
    blank: ek.Workspace, evaluated: ek.Evaluation
) -> None:
    table = pd.read_csv(blank.root / "simulation/truth.csv", dtype={"wave": str})
    weights = {i.code: i.weight / 100.0 for i in evaluated.scheme.indicators}
    true = sum(table[code] * weight for code, weight in weights.items())
    scores = evaluated.scores.set_index("subject").loc[table["subject"]]
    assert len(scores) == 12
    covered = (scores["low"].to_numpy() <= true) & (true <= scores["high"].to_numpy())
    assert covered.sum() >= 10
    z = (scores["score"].to_numpy() - true) / scores["se"].to_numpy()
    assert abs(z.mean()) < 4.0 / np.sqrt(12)
    assert 0.4 < z.std(ddof=1) < 1.8
    ranks = evaluated.ranking.set_index("subject").loc[table["subject"]]
    assert scipy.stats.spearmanr(ranks["rank"], -true).statistic > 0.7
    place = scipy.stats.rankdata(-true)
    inside = (ranks["rank_low"].to_numpy() <= place) & (place <= ranks["rank_high"].to_numpy())
    assert inside.sum() >= 10
    told = {note.code.value for note in evaluated.notes} - {"few_draws"}
    assert told <= foretold("blank")


# --- what is refused ------------------------------------------------------------------------------


def _refused(root: Path, preset: str) -> list[tuple[str, str | None]]:
    with pytest.raises(InputErrors) as refused:
        workspace.simulate(root, preset)
    return [(problem.code, problem.file) for problem in refused.value.problems]


def test_an_unknown_preset_and_a_full_folder_are_refused_together(tmp_path: Path) -> None:
    root = tmp_path / "full"
    root.mkdir()
    (root / "mine.txt").write_text("mine", encoding="utf-8")
    found = _refused(root, "nowhere")
    assert found == [("unknown_preset", None), ("folder_not_empty", str(root))]
    assert [path.name for path in root.iterdir()] == ["mine.txt"]


def test_a_broken_preset_is_told_of_and_nothing_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = copied(monkeypatch, tmp_path)
    scheme, form = own / "scheme.yaml", own / "survey.yaml"
    scheme.write_text(
        scheme.read_text(encoding="utf-8").replace("weight: 40", "weight: 41"), encoding="utf-8"
    )
    form.write_text(
        form.read_text(encoding="utf-8").replace("id: q3, text", "id: q4, text"), encoding="utf-8"
    )
    found = _refused(tmp_path / "street", "copy")
    assert found
    assert {file for _, file in found} <= {"预设 copy/scheme.yaml", "预设 copy/survey.yaml"}
    assert ("weights_do_not_add_up", "预设 copy/scheme.yaml") in found
    assert not (tmp_path / "street").exists()


def test_a_preset_whose_documents_contradict_one_another_is_told_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = copied(monkeypatch, tmp_path)
    form = own / "survey.yaml"
    form.write_text(
        form.read_text(encoding="utf-8").replace("id: q3, text", "id: q4, text"), encoding="utf-8"
    )
    assert _refused(tmp_path / "street", "copy")[0][1] == "预设 copy/scheme.yaml"
    assert not (tmp_path / "street").exists()


@pytest.mark.parametrize(
    ("plan", "code"),
    [
        ("units: [{level: zone, count: 5}]", "unknown_level"),
        ("asked: {nobody: 5}", "unknown_group"),
        ("patterns: {nobody: some}", "unknown_group"),
        ("records: {hotline: 5}", "unknown_reference"),
        ("persons: {workers: 5}", "unknown_reference"),
        ("rooms: 5", "unknown_key"),
    ],
)
def test_a_plan_that_names_what_the_preset_lacks_is_told_of(
    plan: str, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = copied(monkeypatch, tmp_path)
    (own / "demo/street.yaml").write_text(plan + "\n", encoding="utf-8")
    assert _refused(tmp_path / "street", "copy") == [(code, "预设 copy/demo/street.yaml")]
    assert not (tmp_path / "street").exists()
