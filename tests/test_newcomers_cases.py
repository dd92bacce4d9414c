"""Folders of people who tried it: what went wrong in each, and what is right."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

import evalkit as ek
from evalkit.codes import NoteCode
from evalkit.pages.telling import method
from tests.policy import SHARED

pytestmark = pytest.mark.shared


@pytest.fixture
def case(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    return Path(shutil.copytree(SHARED / "cases" / request.param, tmp_path / "ws"))


@pytest.mark.parametrize("case", ["user-yaml-fullwidth-colon"], indirect=True)
def test_the_full_width_colon_is_named_in_its_line(case: Path) -> None:
    (problem,) = ek.open(case).check().problems
    assert (problem.file, problem.row) == ("evaluation.yaml", 4)
    assert "全角冒号" in problem.message
    assert problem.found is not None
    assert problem.found.startswith("street：沙田街道")


@pytest.mark.parametrize("case", ["user-alias-dunhao"], indirect=True)
def test_joined_aliases_are_asked_about(case: Path) -> None:
    problems = ek.open(case).check().problems
    (problem,) = [p for p in problems if p.file == "roster.xlsx"]
    assert (problem.row, problem.found) == (2, "沙田村一居、一村")
    assert problem.expected is not None
    assert "用分号（；）隔开" in problem.expected


@pytest.mark.parametrize("case", ["user-placeholder-street"], indirect=True)
def test_the_templates_street_is_refused(case: Path) -> None:
    (problem,) = ek.open(case).check().problems
    assert (problem.code, problem.key, problem.found) == ("placeholder", "street", "某某街道")


@pytest.mark.parametrize("case", ["user-scheme-edited-ignored"], indirect=True)
def test_the_edited_scheme_is_used(case: Path) -> None:
    """Its weights are 45, 30, 15, 10 and 5, its best grade begins at 80: both are told as faults."""
    problems = ek.open(case).check().problems
    assert {problem.file for problem in problems} == {"scheme.yaml"}
    found = [problem.found or "" for problem in problems]
    assert any("105（45 + 30 + 15 + 10 + 5）" in text for text in found)
    assert any("优秀 80、良好 85" in text for text in found)
    text = (case / "scheme.yaml").read_text(encoding="utf-8")
    text = text.replace("weight: 45", "weight: 40").replace("cutoff: 80,", "cutoff: 89,")
    (case / "scheme.yaml").write_text(text, encoding="utf-8")
    decided = ek.open(case).inputs().decided
    assert decided.scheme.grades[0].cutoff == 89
    assert "scheme.yaml" in decided.digests


@pytest.mark.parametrize("case", ["user-stale-assumptions"], indirect=True)
def test_papers_print_this_schemes_numbers_and_no_others(case: Path) -> None:
    inputs = ek.open(case).inputs()
    noted = [n for n in inputs.decided.notes if n.code is NoteCode.SUPERSEDED_SENTENCES]
    assert {note.where for note in noted} >= {"scheme.yaml"}
    order = inputs.decided.order
    settings = order.settings.model_copy(update={"draws": 800})
    decided = replace(inputs.decided, order=order.model_copy(update={"settings": settings}))
    evaluation = ek.evaluate(replace(inputs, decided=decided))
    text = "\n".join(method.basis(evaluation).published) + "\n".join(method.assumptions(evaluation))
    for said in ("合计占 60%", "优秀 88 分", "良好 80 分", "中等 70 分"):
        assert said in text
    for stale in ("70%", "优秀 90", "良好 85", "中等 75", "互评", "玉佛城", "1,790", "长寿路"):
        assert stale not in text
