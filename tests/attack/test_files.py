"""A small campaign of damaged files: no cell is lost or moved without a word."""

from __future__ import annotations

import io
import random
import zipfile
from pathlib import Path

import pytest

from tests.attack.files import Result, campaign, flip, own_files
from tests.files.building import SAMPLES

SEED = 11


@pytest.fixture(scope="module")
def results() -> dict[str, Result]:
    return campaign(150, SEED)


@pytest.mark.parametrize("name", list(own_files()))
def test_a_flipped_bit_never_loses_an_answer_without_a_word(
    name: str, results: dict[str, Result]
) -> None:
    result = results[name]
    assert result.tried == 150
    assert result.failed == 0, result.lost


def test_a_flipped_bit_of_an_xlsx_file_changes_nothing_or_refuses_it(
    results: dict[str, Result],
) -> None:
    assert set(results["own.xlsx"].counts) == {"same", "refused"}


def test_a_flipped_bit_in_what_an_archive_says_of_itself_changes_no_answer() -> None:
    data = own_files()["own.xlsx"]
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        heads = [
            at
            for entry in archive.infolist()
            for at in range(entry.header_offset, entry.header_offset + 30 + len(entry.filename))
        ]
        heads += range(archive.start_dir, len(data))
    bits = random.Random(SEED).sample([at * 8 + bit for at in heads for bit in range(8)], 150)
    result = flip(data, ".xlsx", bits)
    assert set(result.counts) == {"same", "refused"}, result


@pytest.mark.shared
@pytest.mark.parametrize("name", ["reportgen_357_357_0.xls", "reportgen_357_357_2.xls"])
def test_real_exports_lose_no_answer_either(name: str) -> None:
    path = SAMPLES / "wenjuanxing" / name
    if not path.exists():
        pytest.skip("needs ../shared/samples")
    data = path.read_bytes()
    bits = random.Random(SEED).sample(range(len(data) * 8), 200)
    result = flip(data, ".xls", bits)
    assert result.failed == 0, result.lost


def test_the_campaign_would_notice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without the guard the reader loses answers to a wrong length, and the count says so."""
    from evalkit.files import guard, workbook
    from evalkit.files.extent import Extent

    monkeypatch.setattr(guard, "look", lambda *_: {"1": Extent()})
    monkeypatch.setattr(workbook, "_compare", lambda *_: None)
    data = own_files()["own.xls"]
    at = data.index(b"\xfd\x00\x0a\x00", len(data) // 2)
    result = flip(data, ".xls", [8 * (at + 2) + bit for bit in range(8)])
    assert result.tried == 8
    assert result.failed > 0
