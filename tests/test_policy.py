"""A missing tool is a failure in CI and a skip with a reason elsewhere; `../shared` may always lack."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
TESTS = """\
import pytest

@pytest.mark.skipif(True, reason="no chromium here")
def test_by_mark(): ...

def test_inside():
    pytest.importorskip("no_such_library")

@pytest.mark.xfail(strict=True, reason="known")
def test_known_fault():
    assert False

@pytest.mark.shared
def test_shared():
    pytest.skip("needs ../shared, which is not part of the project")

def test_plain(): ...
"""
MODULE = 'import pytest\npytest.importorskip("no_such_library")\ndef test_never(): ...\n'


@pytest.mark.parametrize(
    ("ci", "expected", "code"),
    [
        ("", {"passed": 1, "skipped": 4, "xfailed": 1}, 0),
        ("true", {"passed": 1, "skipped": 1, "xfailed": 1, "failed": 1, "errors": 2}, 1),
    ],
)
def test_a_missing_tool_fails_in_ci_only(
    tmp_path: Path, ci: str, expected: dict[str, int], code: int
) -> None:
    (tmp_path / "test_tools.py").write_text(TESTS, encoding="utf-8")
    (tmp_path / "test_whole_file.py").write_text(MODULE, encoding="utf-8")
    (tmp_path / "pytest.ini").write_text("[pytest]\nmarkers = shared: x\n", encoding="utf-8")
    options = ["-p", "tests.policy", "-p", "no:cacheprovider", "-p", "no:xdist", "-rs", "-q"]
    run = subprocess.run(
        [sys.executable, "-m", "pytest", *options, "--continue-on-collection-errors", "."],
        cwd=tmp_path,
        env={**os.environ, "CI": ci, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    told = {w: int(n) for n, w in re.findall(r"(\d+) ([a-z]+)", run.stdout.splitlines()[-1])}
    assert {word: told.get(word, 0) for word in expected} == expected, run.stdout
    assert run.returncode == code
    assert ("in CI nothing may be missing. Skipped: no chromium here" in run.stdout) == bool(ci)
