"""`evalkit demo --preset`: which street is made, which one is used, and which folder is refused."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from evalkit import cli, simulation, workspace
from evalkit.console import inventing


def _told(*arguments: object) -> tuple[int, str]:
    found = CliRunner().invoke(cli.app, ["demo", *map(str, arguments)])
    return found.exit_code, found.output


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """Folders that would have been evaluated."""
    folders: list[Path] = []
    monkeypatch.setattr(cli, "_run", lambda folder, *_: folders.append(folder))
    return folders


@pytest.fixture
def made(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, Any]]:
    """Streets that were made, small."""
    streets: list[tuple[str, Any]] = []
    simulate = workspace.simulate

    def small(folder: Path, preset: str) -> None:
        streets.append((preset, folder))
        simulate(folder, preset, size=0.1, draws=800)

    monkeypatch.setattr(workspace, "simulate", small)
    monkeypatch.setattr(simulation, "write_demo", lambda folder: streets.append(("-", folder)))
    return streets


def test_a_street_is_made_once_and_used_again(
    tmp_path: Path, run: list[Path], made: list[tuple[str, Any]]
) -> None:
    root = tmp_path / "street"
    code, output = _told(root, "--preset", "blank", "--no-pdf")
    assert (code, made, run) == (0, [("blank", root)], [root])
    assert "按预设 blank 生成模拟街道" in output
    for more in (["--preset", "blank"], []):
        code, output = _told(root, "--no-pdf", *more)
        assert (code, len(made)) == (0, 1)
        assert "演示街道已在" in output
    assert run == [root] * 3


def test_a_street_of_another_preset_is_no_street_of_this_one(
    tmp_path: Path, run: list[Path], made: list[tuple[str, Any]]
) -> None:
    root = tmp_path / "street"
    _told(root, "--preset", "blank", "--no-pdf")
    for other in ("changshou", "wuxin"):
        code, output = _told(root, "--preset", other, "--no-pdf")
        assert code == 1
        assert f"目标文件夹已存在且不是预设 {other} 的演示街道" in output
    assert len(made) == len(run) == 1


def test_the_published_street_is_that_of_its_preset(
    tmp_path: Path, run: list[Path], made: list[tuple[str, Any]]
) -> None:
    for name, more in (("a", []), ("b", ["--preset", inventing.PUBLISHED])):
        assert _told(tmp_path / name, "--no-pdf", *more)[0] == 0
    assert made == [("-", tmp_path / "a"), ("-", tmp_path / "b")]
    assert len(run) == 2


def test_an_unknown_preset_is_told_with_those_there_are(tmp_path: Path, run: list[Path]) -> None:
    code, output = _told(tmp_path / "street", "--preset", "nowhere")
    assert code == 1
    assert "没有这个预设" in output
    assert "blank" in output
    assert run == []
    assert not (tmp_path / "street").exists()


def test_a_city_has_no_preset(tmp_path: Path, run: list[Path]) -> None:
    code, output = _told(tmp_path / "city", "--city", "2", "--preset", "blank")
    assert code == 2
    assert "不与 --city 一起写" in output
    assert run == []
