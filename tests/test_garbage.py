"""Garbage is looked for seldom, and not at all while modules are imported."""

from __future__ import annotations

import gc
import subprocess
import sys

from evalkit.garbage import SELDOM, left_alone


def test_nothing_is_looked_for_inside_and_as_before_afterwards() -> None:
    assert gc.isenabled()
    with left_alone():
        assert not gc.isenabled()
        with left_alone():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_the_command_line_looks_for_garbage_seldom_and_the_library_leaves_that_to_its_user() -> (
    None
):
    told = "print(*gc.get_threshold(), gc.get_freeze_count() > 0)"
    begin = "import gc; {0}; import evalkit.cli as c; {0}; c.app = lambda: None; c.main(); {0}"
    words = [sys.executable, "-c", begin.format(told)]
    said = subprocess.run(words, check=True, capture_output=True, text=True).stdout.splitlines()
    assert said[0] == said[1]
    assert said[2] == " ".join([*map(str, SELDOM), "True"])
