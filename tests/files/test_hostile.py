"""Hostile and broken files are refused: clearly, quickly, in little memory, without a crash."""

from __future__ import annotations

import random
import struct
from pathlib import Path

import pytest

from evalkit.files import limits
from tests.files.building import (
    SHEET,
    archive,
    biff,
    changed,
    compound,
    parts,
    read_well,
    refusal,
    rows_of,
    sheet_xml,
    with_sheet,
    xls,
    xlsx,
)
from tests.files.caging import MOST_MEGABYTES, MOST_SECONDS, Outcome, caged
from tests.files.hostile import CASES


@pytest.fixture(scope="module")
def outcomes(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Outcome]:
    folder = tmp_path_factory.mktemp("hostile")
    paths = []
    for name, make, _ in CASES.values():
        paths.append(folder / name)
        paths[-1].write_bytes(make())
    return caged(paths)


@pytest.mark.parametrize("name", CASES)
def test_hostile_files_are_refused_clearly_and_cheaply(
    name: str, outcomes: dict[str, Outcome]
) -> None:
    file, _, codes = CASES[name]
    outcome = outcomes[name]
    assert outcome["seconds"] < MOST_SECONDS
    assert outcome["peak"] < MOST_MEGABYTES
    if not codes:
        assert outcome["read"]
        assert outcome["problems"] == []
        return
    assert not outcome["read"]
    assert len(outcome["problems"]) == 1
    problem = outcome["problems"][0]
    assert problem["code"] in codes, problem
    assert problem["file"] == file
    assert problem["remedy"]
    assert any("\u4e00" <= letter <= "\u9fff" for letter in problem["message"])


def test_a_bomb_is_small_until_it_is_opened() -> None:
    assert len(CASES["one_cell_in_the_last_corner"][1]()) < 6 * 1024
    assert len(CASES["a_sheet_that_inflates_to_196_mb"][1]()) < 2**20


def flipped(data: bytes, rng: random.Random) -> bytes:
    broken = bytearray(data)
    for _ in range(rng.choice((1, 2, 4, 16))):
        at = rng.randrange(len(broken))
        match rng.randrange(4):
            case 0:
                broken[at] = rng.randrange(256)
            case 1:
                broken[at : at + 4] = rng.choice((b"\xff" * 4, bytes(4), b"\xff\xff\xff\x7f"))
            case 2:
                del broken[at : at + rng.randrange(1, 64)]
                broken = broken or bytearray(b"\x00")
            case _:
                broken[at:at] = rng.randbytes(rng.randrange(1, 9))
    return bytes(broken)


def test_files_broken_at_random_are_read_or_refused(tmp_path: Path) -> None:
    rng = random.Random(20161217)
    table = [["姓名", "分"], *([f"名{at}", at % 5] for at in range(60))]
    old = compound(biff(table))
    fresh = parts(table)
    paths = []
    for at in range(90):
        if at % 3 == 0:
            data = flipped(old, rng)
        elif at % 3 == 1:
            data = flipped(archive(fresh), rng)
        else:
            victim = rng.choice(sorted(fresh))
            data = archive({**fresh, victim: flipped(fresh[victim], rng)})
        paths.append(tmp_path / f"{at}.bin")
        paths[-1].write_bytes(data)
    results = caged(paths)
    assert len(results) == len(paths)
    assert all(result["read"] == (not result["problems"]) for result in results.values())
    assert any(result["read"] for result in results.values())


def test_every_truncation_is_refused(tmp_path: Path) -> None:
    table = [["姓名", "分"], *([f"名{at}", at % 5] for at in range(60))]
    for whole in (archive(parts(table)), compound(biff(table))):
        for length in range(1, len(whole) - 1, len(whole) // 12):
            path = tmp_path / "a.xlsx"
            path.write_bytes(whole[:length])
            assert refusal(path).code in ("damaged", "encoding_unknown", "nul_bytes", "no_answers")


def test_limits_are_sized_for_real_life() -> None:
    assert limits.MAX_CELLS >= 100_001 * 300
    assert limits.MAX_ROWS >= 100_001
    assert limits.MAX_COLUMNS >= 300


def test_a_wide_number_export_passes(tmp_path: Path) -> None:
    table = [[f"第{at // 20 + 1}题({at % 20})" for at in range(1500)], ["1"] * 1500]
    assert read_well(xlsx(tmp_path / "a.xlsx", table)).cells.shape == (1, 1500)


def test_one_value_in_every_cell_is_no_bomb(tmp_path: Path) -> None:
    body = "".join(
        f'<row r="{row}">'
        + "".join(f'<c r="{column}{row}" t="n"><v>5</v></c>' for column in "ABCDEFGHIJKLMNOP")
        + "</row>"
        for row in range(1, 40_001)
    )
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_sheet(body, "A1:P40000"))
    assert len(sheet_xml(body)) > 16 * 2**20
    assert read_well(path).cells.shape == (39_999, 16)


def test_unusual_but_honest_markup_is_read(tmp_path: Path) -> None:
    rows = "<row><c t='str'><v>姓名</v></c><c t='str'><v>分</v></c></row>"
    rows += "<row><c t='str'><v>甲</v></c><c\n t='n'><v>5</v></c></row>"
    path = tmp_path / "a.xlsx"
    path.write_bytes(with_sheet(rows))
    assert rows_of(read_well(path)) == [["甲", "5"]]


def test_a_sheet_with_much_besides_cells_is_read(tmp_path: Path) -> None:
    links = "".join(f'<hyperlink ref="A{at}" display="{at:060}"/>' for at in range(1, 60_000))
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        changed(
            SHEET,
            lambda xml: xml.replace(
                b"</sheetData>", f"</sheetData><hyperlinks>{links}</hyperlinks>".encode()
            ),
        )
    )
    assert len(links) > 4 * 2**20
    assert rows_of(read_well(path)) == [["甲", "5"]]


def test_pictures_in_a_workbook_are_not_looked_into(tmp_path: Path) -> None:
    drawing = b'<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" ""><svg/>'
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        archive(
            {
                **parts(),
                "xl/media/image1.svg": drawing,
                "xl/media/image2.bmp": bytes(40 * 2**20),
                "xl/embeddings/oleObject1.bin": archive({"x": bytes(2**20)}),
            }
        )
    )
    assert rows_of(read_well(path)) == [["甲", "5"]]


def wide_ended(data: bytes) -> bytes:
    """Add the ZIP64 records that Java writers put before the end of any archive."""
    end = data.rfind(b"PK\x05\x06")
    count, size, offset = struct.unpack_from("<H2L", data, end + 10)
    wide = struct.pack("<4sQ2H2L4Q", b"PK\x06\x06", 44, 45, 45, 0, 0, count, count, size, offset)
    locator = struct.pack("<4sLQL", b"PK\x06\x07", 0, end, 1)
    return data[:end] + wide + locator + data[end:]


def test_java_archives_with_both_kinds_of_directory_end(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(wide_ended(archive(parts())))
    assert rows_of(read_well(path)) == [["甲", "5"]]


def test_sparse_but_small_sheets_pass(tmp_path: Path) -> None:
    path = tmp_path / "a.xlsx"
    path.write_bytes(
        with_sheet(
            '<row r="1"><c r="A1" t="str"><v>姓名</v></c></row>'
            '<row r="2"><c r="A2" t="str"><v>甲</v></c></row>'
            '<row r="3000"><c r="CV3000" t="str"><v>备注</v></c></row>'
        )
    )
    assert read_well(path).cells.shape == (2999, 100)


def test_too_large_a_file_is_not_opened(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    with path.open("wb") as handle:
        handle.truncate(limits.MAX_FILE_BYTES + 1)
    assert refusal(path).code == "file_too_large"
    path = xls(tmp_path / "a.xls", [["姓名"], ["甲"]])
    with path.open("r+b") as handle:
        handle.truncate(limits.MAX_XLS_BYTES + 512)
    assert refusal(path).code == "file_too_large"


def test_what_is_no_file(tmp_path: Path) -> None:
    assert refusal(tmp_path / "没有.xlsx").code == "file_missing"
    (tmp_path / "文件夹.xlsx").mkdir()
    assert refusal(tmp_path / "文件夹.xlsx").code == "not_a_file"
    (tmp_path / "~$答卷.xlsx").write_bytes(b"\x05Admin" + b" " * 159)
    assert refusal(tmp_path / "~$答卷.xlsx").code == "lock_file"
