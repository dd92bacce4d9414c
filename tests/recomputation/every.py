"""What the tests run over: every kind of street, the demo, and Kansas City where it is present."""

from __future__ import annotations

import pytest

from tests.recomputation.kinds import KINDS

every_street = pytest.mark.parametrize(
    "name",
    [
        *KINDS,
        pytest.param("demo", marks=pytest.mark.whole_demo),
        pytest.param("kansas_city", marks=pytest.mark.shared),
    ],
)
