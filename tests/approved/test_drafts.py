"""What is drafted from the export of one street by the questionnaire of another, as it was read."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import pytest

from evalkit import assets, workspace
from evalkit.definitions.loading import load_questionnaire
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.drafting.drafting import draft
from evalkit.errors import Problems
from evalkit.platforms import RawSheet, read
from tests.approved import approving

ASKED = ("changshou", "zhuanqiao", "wuxin")
SIZE = 0.1


def export(preset: str, folder: Path) -> RawSheet:
    """The first of the residents' simulated exports of a thinned street."""
    root = workspace.simulate(folder / preset, preset, size=SIZE, draws=800).root
    path = min(path for path in root.rglob("responses/*/*.xlsx") if "居民" in path.name)
    sheet = read(path, name=path.name, problems=Problems())
    assert sheet is not None
    return sheet


def resident(preset: str) -> Questionnaire:
    """The residents' questionnaire of a preset."""
    problems = Problems()
    path = assets.preset(preset) / "resident.yaml"
    found = load_questionnaire(path, path.name, problems)
    problems.raise_if_any()
    assert found is not None
    return found


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> dict[str, RawSheet]:
    folder = tmp_path_factory.mktemp("exports")
    return {preset: export(preset, folder) for preset in ASKED}


@pytest.mark.parametrize(("answered", "asked"), [*pairwise((*ASKED, ASKED[0]))])
def test_a_draft_is_as_approved(asked: str, answered: str, exports: dict[str, RawSheet]) -> None:
    drafted = draft(
        exports[answered],
        resident(asked),
        crosswalk_id="a",
        layout="b",
        previous=exports[asked],
    )
    approving.compare(f"drafts/{answered}-by-{asked}", dump_yaml(drafted))
