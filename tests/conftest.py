from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import settings

from tests import tiny

settings.register_profile("same examples in every run", derandomize=True)
settings.load_profile("same examples in every run")

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    """A small workspace without a fault, for a test to spoil."""
    return tiny.write(tmp_path / "ws")


@pytest.fixture(scope="session")
def shared() -> Path:
    """Real exports and real survey data, which are not part of the project."""
    path = ROOT.parent / "shared"
    if not (path / "samples").is_dir():
        pytest.skip("needs ../shared, which is not part of the project")
    return path
