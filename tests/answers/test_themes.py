"""The document of themes: where it is found, what it changes, how its faults are told."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

import evalkit as ek
from evalkit import assets, workspace
from evalkit.definitions import loading
from evalkit.definitions.conversion import Kind, convert
from evalkit.definitions.text import simplified
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import fingerprint
from evalkit.folder import Folder
from evalkit.simulation import remarks

THEMES = """\
id: own
title: 自己的主题
themes:
  - {code: parking, name: 停车, words: [停车]}
"""


def shipped() -> loading.Themes:
    problems = Problems()
    found = loading.load_themes(assets.preset("changshou") / "themes.yaml", "themes", problems)
    assert found is not None
    assert not problems
    return found


def test_the_workspaces_own_themes_are_part_of_its_inputs(workspace: Path) -> None:
    def load() -> tuple[loading.Themes | None, dict[str, str], str]:
        inputs = Folder(workspace).load(Problems()).inputs
        assert inputs is not None
        return inputs.decided.themes, dict(inputs.decided.digests), fingerprint(inputs, ["2016"])

    without, digests, print_without = load()
    assert without is None
    assert "themes.yaml" not in digests
    (workspace / "themes.yaml").write_text(THEMES, encoding="utf-8")
    themes, digests, print_with = load()
    assert themes is not None
    assert themes.id == "own"
    assert "themes.yaml" in digests
    assert print_with != print_without


def test_themes_may_be_a_workbook(workspace: Path) -> None:
    source = workspace / "draft.yaml"
    source.write_text(THEMES, encoding="utf-8")
    convert(Kind.THEMES, source, workspace / "themes.xlsx")
    source.unlink()
    inputs = Folder(workspace).load(Problems()).inputs
    assert inputs is not None
    assert inputs.decided.themes is not None
    assert inputs.decided.themes.themes[0].words == ["停车"]


def test_faults_of_themes_are_told_with_all_others(workspace: Path) -> None:
    (workspace / "themes.yaml").write_text(THEMES.replace("title", "titel"), encoding="utf-8")
    roster = workspace / "roster.csv"
    roster.write_text(roster.read_text(encoding="utf-8") + "s1,重复,\n", encoding="utf-8")
    with pytest.raises(InputErrors) as raised:
        ek.open(workspace).evaluate()
    assert {"themes.yaml", "roster.csv"} <= {p.file for p in raised.value.problems}


def test_two_documents_of_themes_are_one_too_many(workspace: Path) -> None:
    (workspace / "themes.yaml").write_text(THEMES, encoding="utf-8")
    (workspace / "themes.yml").write_text(THEMES, encoding="utf-8")
    problems = Problems()
    Folder(workspace).load(problems)
    assert "two_documents" in {problem.code for problem in problems}


def test_a_new_workspace_gets_a_copy_of_the_presets(tmp_path: Path) -> None:
    made = workspace.create(tmp_path / "new", "changshou")
    copied = (made.root / "themes.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(copied)["id"] == shipped().id
    assert not (made.root / "questionnaires" / "themes.yaml").exists()


def test_the_shipped_words_are_unambiguous_and_an_assumption() -> None:
    themes = shipped()
    assert 12 <= len(themes.themes) <= 18
    assert themes.assumptions
    words = [simplified(word) for theme in themes.themes for word in theme.words]
    assert len(words) == len(set(words))
    assert min(map(len, words)) >= 2


def test_most_of_what_the_made_up_street_wishes_has_a_theme() -> None:
    words = [simplified(word) for theme in shipped().themes for word in theme.words]
    said = [t for topics in remarks.REMARKS.values() for texts in topics.values() for t in texts]
    assert len(said) >= 40
    assert len(said) == len(set(said))
    found = [any(word in simplified(text) for word in words) for text in said]
    assert sum(found) / len(found) > 0.8
