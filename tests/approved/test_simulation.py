"""Every file of the simulated streets: how many lines, the first of them, and a digest of all.

The same seed gives the same answers, so whatever the inventing of streets does otherwise shows here.
The demo's are in `tests/simulation`, where it is written.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit import simulation
from tests.approved import approving
from tests.approved.folders import told
from tests.presets.streets import SHIPPED, thinned


@pytest.mark.parametrize("preset", SHIPPED)
def test_the_files_of_a_thinned_street_are_as_approved(
    preset: str, once: Callable[..., Path]
) -> None:
    approving.compare(f"simulation/{preset}", "\n".join(told(thinned(once, preset))))


def test_the_files_of_a_small_city_are_as_approved(tmp_path: Path) -> None:
    truth = simulation.invent(3, committees=7)
    simulation.write_city(tmp_path / "city", truth)
    approving.compare("simulation/city", "\n".join(told(tmp_path / "city")))
