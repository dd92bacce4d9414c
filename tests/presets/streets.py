"""Presets as tests need them: a copy to spoil, and what a README says of the notes of its demo."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from evalkit import assets, workspace

SHIPPED = tuple(assets.presets())
SIZE = 0.1
"""Share of a preset's units that tests make."""
_CODE = re.compile(r"`([a-z_]+)`")


def thinned(once: Callable[..., Path], preset: str) -> Path:
    """A preset's street with a tenth of its units: made once in a run, not to be touched."""
    return once(
        f"thinned-{preset}",
        lambda root: workspace.simulate(root, preset, size=SIZE, draws=800),
    )


def copied(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, preset: str = "blank", name: str = "copy"
) -> Path:
    """Copy a shipped preset to where a test may change it; it goes by another name."""
    folder = tmp_path / "presets" / name
    shutil.copytree(assets.preset(preset), folder)
    known, where = assets.presets(), assets.preset
    monkeypatch.setattr(assets, "presets", lambda: (*known, name))
    monkeypatch.setattr(assets, "preset", lambda own: folder if own == name else where(own))
    return folder


def foretold(preset: str) -> set[str]:
    """Return the codes of notes that a preset's README says its demo gives."""
    text = (assets.preset(preset) / "README.md").read_text(encoding="utf-8")
    section = text.partition("## 演示街道")[2].partition("\n## ")[0]
    return set(_CODE.findall(section))
