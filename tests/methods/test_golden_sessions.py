"""Every golden says with which R and which packages it was made."""

from __future__ import annotations

import re

import pytest

from tests.goldens import FOLDER

SCRIPTS = sorted(path.stem for path in FOLDER.glob("*.R") if path.stem != "session")


def test_no_session_is_left_of_a_script_that_is_gone() -> None:
    assert sorted(path.stem for path in (FOLDER / "sessions").iterdir()) == SCRIPTS


@pytest.mark.parametrize("name", SCRIPTS)
def test_a_golden_keeps_the_session_that_made_it(name: str) -> None:
    script = (FOLDER / f"{name}.R").read_text()
    session = (FOLDER / "sessions" / f"{name}.txt").read_text()
    assert f'keep_session("{name}")' in script
    assert re.search(r"^R version \d+\.\d+\.\d+", session, re.MULTILINE)
    for package in re.findall(r"library\((\w+)\)", script):
        assert re.search(rf"\b{package}_\d", session), package
