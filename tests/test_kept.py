"""What is kept in the user's cache is what would be made, whatever became of the cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit import kept


def test_a_text_is_made_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(kept.PLACE, str(tmp_path / "deep" / "cache"))
    made: list[str] = []

    def make() -> str:
        made.append("x")
        return "甲\r\n乙\n"

    assert [kept.kept("a.js", "1", make) for _ in range(3)] == ["甲\r\n乙\n"] * 3
    assert len(made) == 1
    assert kept.kept("a.js", "2", make) == "甲\r\n乙\n"  # of another version: made anew
    assert len(made) == 2


@pytest.mark.parametrize("spoilt", [b"", b"no digest", b"\xff\xfe\n\xff", b"0" * 64 + b"\nother"])
def test_a_spoilt_file_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, spoilt: bytes
) -> None:
    monkeypatch.setenv(kept.PLACE, str(tmp_path))
    assert kept.kept("a.js", "1", lambda: "right") == "right"
    (file,) = tmp_path.iterdir()
    file.write_bytes(spoilt)
    assert kept.kept("a.js", "1", lambda: "right") == "right"
    assert kept.kept("a.js", "1", lambda: "wrong") == "right"
    assert [path.name for path in tmp_path.iterdir()] == [file.name]


def test_nothing_is_kept_where_nothing_can_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(kept.PLACE, "")
    assert kept.kept("a.js", "1", lambda: "right") == "right"
    (tmp_path / "file").touch()
    monkeypatch.setenv(kept.PLACE, str(tmp_path / "file"))
    assert kept.kept("a.js", "1", lambda: "right") == "right"


def test_the_cache_lies_where_the_user_has_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv(kept.PLACE, raising=False)
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr("platform.system", lambda: "Linux")
    assert kept.folder() == tmp_path / "evalkit"
    monkeypatch.setenv("LOCALAPPDATA", str(tmp_path / "local"))
    monkeypatch.setattr("platform.system", lambda: "Windows")
    assert kept.folder() == tmp_path / "local" / "evalkit"
