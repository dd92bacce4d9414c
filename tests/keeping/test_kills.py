"""Killed at any operation on a file, a run leaves a complete state, old or new; so do two at once.

The campaign (`make attack`) does the same with more of both; the ordinary tests take a few.
"""

from __future__ import annotations

import os

import pytest

from tests.attack import keeping

pytestmark = pytest.mark.skipif(not hasattr(os, "fork"), reason="kills forked processes")


def test_a_run_killed_at_any_operation_leaves_the_old_state_or_the_new_one() -> None:
    found = keeping.kills(8, seed=11)
    assert found.failures == []
    assert found.tried == 8
    assert set(found.outcomes) == {"old", "new"}


def test_of_two_runs_at_once_one_is_told_or_both_come_one_after_the_other() -> None:
    found = keeping.pairs(1, seed=1)
    assert found.failures == []
    assert found.tried == 1
