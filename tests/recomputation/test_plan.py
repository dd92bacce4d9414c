"""The sampling plan: recomputed and published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from tests.recomputation import kinds, plan, scores, trust
from tests.recomputation import weights as weighing

Published = Callable[[str], Path]


def check(wave: trust.Wave) -> list[str]:
    published = wave.published("plan")
    issued = wave.street.order["waves"][-1].get("issued") or {}
    own, scheme = scores.Wave(wave.id, wave.subjects, wave.cells), wave.street.scheme
    composite = scores.combined(own, weighing.measures(scheme)[0], scores.complete(own, scheme))
    found = plan.plan(scheme, wave.cells, wave.scored, wave.tau2, issued, composite.df)
    assert list(found) == list(published)
    trust.assert_same(found, published, tolerance=1e-7)
    return list(found["target"].unique())


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_plans_of_small_streets(published: Published, kind: str) -> None:
    assert {"present", "half-width 2", "extra 500"} & set(check(trust.last_wave(published(kind))))


def test_plan_of_the_demo(demo_folder: Path) -> None:
    assert check(trust.last_wave(demo_folder)) == [
        "present",
        "reliability 0.7",
        "reliability 0.8",
        "reliability 0.9",
        "half-width 2",
        "extra 500",
    ]
