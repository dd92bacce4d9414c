"""Documentation that is true: generated pages are up to date, commands and links exist."""

from __future__ import annotations

import doctest
import importlib
import inspect
import re
import tempfile
import textwrap
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

import evalkit as ek
from evalkit import assets
from evalkit.cli import app
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.tables import markdown
from tests import tiny

ROOT = Path(__file__).resolve().parent.parent
PAGES = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")])


def test_tables_page_is_what_the_code_declares() -> None:
    """Remake it with ``python -m evalkit.tables > docs/tables.md``."""
    assert (ROOT / "docs" / "tables.md").read_text(encoding="utf-8") == markdown()


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#]+?)(?:#[^)]*)?\)", page.read_text(encoding="utf-8")):
        if not target.startswith("http"):
            assert (page.parent / target).exists(), f"{page.name} -> {target}"


def test_commands_of_the_readme_exist() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    code = "".join(re.findall(r"```\n(.*?)```", text, flags=re.S))
    commands = set(re.findall(r"^evalkit (\w+)", code, flags=re.M))
    assert {"new", "check", "run"} <= commands
    for command in commands:
        assert CliRunner().invoke(app, [command, "--help"]).exit_code == 0
    for target in re.findall(r"^make (\w+)", code, flags=re.M):
        assert re.search(rf"^{target}:", (ROOT / "Makefile").read_text(encoding="utf-8"), re.M)


def _yaml(page: str) -> list[str]:
    text = (ROOT / "docs/howto" / page).read_text(encoding="utf-8")
    return re.findall(r"```yaml\n(.*?)```", text, flags=re.S)


def test_the_yaml_of_the_page_on_own_questionnaires_is_what_the_program_reads() -> None:
    """Every item, scale and rater group that the page shows, put together, is a form and its groups."""
    read = [yaml.safe_load(textwrap.dedent(block)) for block in _yaml("own-questionnaire.md")]
    items = [
        i for block in read for i in (block if isinstance(block, list) else block.get("items", []))
    ]
    scales = {
        name: s
        for block in read
        if isinstance(block, dict)
        for name, s in block.get("scales", {}).items()
    }
    form = Questionnaire.model_validate(
        {"id": "survey", "title": "问卷", "scales": scales, "items": items}
    )
    assert list(form.faults()) == []
    assert {item.role for item in form.items} >= {
        "subject",
        "scored",
        "profile",
        "screening",
        "group",
    }
    assert [o.label for o in form.item("live").options if o.screen_out] == ["否"]
    assert [o.group for o in form.item("who").options] == ["key", "random"]
    assert form.options_of(form.item("q1"))[-1].missing == "dont_know"
    (groups,) = [block["groups"] for block in read if "groups" in block]
    assert sum(RaterGroup.model_validate(group).weight for group in groups) == 100


def test_a_drafted_crosswalk_has_the_line_that_the_pages_ask_to_change(tmp_path: Path) -> None:
    space = ek.open(tiny.write(tmp_path / "ws"))
    header = [*tiny.OFFICE_HEADER[:-1], "环境干净整洁吗"]
    tiny.write_csv(space.root / "responses/2016/office.csv", header, tiny.offices(2016))
    space.check()
    (draft,) = (space.root / "crosswalks").glob("*.yaml")
    text = draft.read_text(encoding="utf-8")
    assert not yaml.safe_load(text).get("approved", False)
    assert yaml.safe_load(text.replace("\n# approved: true\n", "\napproved: true\n"))["approved"]
    pages = [*ROOT.glob("docs/howto/*.md"), *ROOT.glob("questionnaires/*/START.md")]
    asked = [page.name for page in pages if "# approved: true" in page.read_text(encoding="utf-8")]
    assert sorted(asked) == [
        *["START.md"] * len(assets.presets()),
        "analyst.md",
        "ledgers.md",
        "own-questionnaire.md",
    ]


def test_both_readmes_show_the_same_notebook() -> None:
    blocks = [
        re.findall(r"```python\n(.*?)```", (ROOT / name).read_text(encoding="utf-8"), flags=re.S)
        for name in ("README.md", "README.zh-CN.md")
    ]
    code = [[re.sub(r"\s*#.*", "", line) for line in block[0].splitlines()] for block in blocks]
    assert code[0] == code[1]


WITH_EXAMPLES = sorted(
    ".".join(path.relative_to(ROOT).with_suffix("").parts)
    for path in (ROOT / "evalkit").rglob("*.py")
    if ">>> " in path.read_text(encoding="utf-8")
)


@pytest.mark.parametrize("name", WITH_EXAMPLES)
def test_examples_in_docstrings_run_and_are_true(
    name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    found = doctest.testmod(importlib.import_module(name))
    assert found.attempted > 0
    assert found.failed == 0


@pytest.mark.parametrize("room", ek.methods.__all__)
def test_every_method_shows_an_example(room: str) -> None:
    module = getattr(ek.methods, room)
    functions = {
        name: found
        for name, found in inspect.getmembers(module, inspect.isfunction)
        if not name.startswith("_")
        and (
            name in module.__all__
            if hasattr(module, "__all__")
            else found.__module__ == module.__name__
        )
    }
    assert functions
    without = [name for name, found in functions.items() if "\n>>> " not in inspect.getdoc(found)]
    assert without == []


def test_the_map_of_contributing_shows_every_room_and_no_other() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    drawn = re.search(r"```\n(.*?)```", text, flags=re.S)
    assert drawn is not None
    left = " ".join(line.split("  ")[0] for line in drawn[1].splitlines())
    shown = {re.sub(r"^evalkit/", "", name.rstrip(",")) for name in left.split()} - {"reports/"}
    rooms = {p.stem for p in (ROOT / "evalkit").iterdir() if p.stem.isidentifier()}
    assert shown == {room for room in rooms if not room.startswith("__")}
    assert len(drawn[1].splitlines()) <= 25


def test_contributing_names_files_that_exist() -> None:
    text = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
    named = [name for name in re.findall(r"`([\w/.]+\.(?:py|md))`", text) if name != "utils.py"]
    assert len(named) >= 10
    for name in named:
        assert any((place / name).is_file() for place in (ROOT, ROOT / "evalkit")), name
