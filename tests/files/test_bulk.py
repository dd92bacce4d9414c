"""Files cut in bulk: cell by cell what the reader says that goes record by record."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.errors import Problems
from evalkit.files import bulk, delimited, growing, limits
from evalkit.files.grid import Rows
from evalkit.files.texts import Texts

PARTS = st.sampled_from(
    [
        "",
        "a",
        "满意",
        "非常不满意",
        "x" * 7,
        "y" * 8,
        "z" * 9,
        "长" * 30,
        ",",
        ";",
        '"',
        '""',
        "\n",
        "\r",
        "\r\n",
        ",,",
        '"一,二"',
        '"上\n下"',
        '"上\r\n下",',
        " ",
    ]
)


def by_record(path: Path, codec: str, separator: str) -> list[list[str]] | None:
    """Return the records one after the other; None where that fails, or a quote stays open."""
    rows = []
    try:
        for record in delimited._records(path, codec, separator):
            if record == [delimited._SENTINEL]:
                return rows
            rows.append(record)
    except csv.Error:
        return None
    return None


def in_bulk(path: Path, codec: str, separator: str) -> list[list[str]] | None:
    try:
        found = bulk.cut(path, codec, separator)
    except bulk.Odd:
        return None
    assert all(len(column.cells(0, found.height)) == found.height for column in found.columns)
    rows = list(Rows(found.columns, found.height))
    lengths = [len(found.columns)] * len(rows) if found.lengths is None else found.lengths
    assert all(not any(row[n:]) for row, n in zip(rows, lengths, strict=True))
    return [row[:n] for row, n in zip(rows, lengths, strict=True)]


@settings(
    max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(PARTS, max_size=40),
    st.sampled_from(["utf-8", "utf-8-sig", "gb18030", "big5", "utf-16"]),
    st.sampled_from([",", ";"]),
    st.sampled_from([3, 17, 2**20]),
)
def test_cells_are_those_of_the_reader_that_goes_record_by_record(
    tmp_path: Path, parts: list[str], codec: str, separator: str, piece: int
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("".join((*parts, "\n")).encode(codec, "replace"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "_PIECE", piece)
        assert in_bulk(path, codec, separator) == by_record(path, codec, separator)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(
        st.lists(st.text(st.sampled_from('满a,;"\n\r '), max_size=5), min_size=2, max_size=3),
        min_size=1,
        max_size=12,
    ),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from([7, 2**20]),
)
def test_whatever_a_writer_quotes_comes_back(
    tmp_path: Path, rows: list[list[str]], quoting: int, piece: int
) -> None:
    path = tmp_path / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, quoting=quoting).writerows(rows)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(bulk, "_PIECE", piece)
        assert in_bulk(path, "utf-8", ",") == rows


def test_columns_in_which_nothing_repeats_are_texts_and_others_are_codes(tmp_path: Path) -> None:
    rows = 3 * growing._MANY
    lines = [f"{at},{'满意' if at % 3 else '一般'},意见{at}" for at in range(rows)]
    lines[5] = '5,"满意","有,逗号"'
    path = tmp_path / "a.csv"
    path.write_bytes(("\r\n".join(lines) + "\r\n").encode("gb18030"))
    found = bulk.cut(path, "gb18030", ",")
    number, said, text = found.columns
    assert number.codes is None
    assert list(number.texts) == [str(at) for at in range(rows)]
    assert said.texts[:2] == ["一般", "满意"]
    assert np.bincount(said.codes).tolist() == [rows // 3, rows - rows // 3]
    assert text.texts[4:7] == ["意见4", "有,逗号", "意见6"]


@pytest.mark.parametrize(
    ("odd", "as_bytes"),
    [({}, True), ({3000: "意见"}, True), ({900: "意" * 22}, False), ({900: "a" * 65}, False)],
)
def test_numbers_below_a_chinese_header_are_kept_as_bytes_where_none_is_long(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, odd: dict[int, str], as_bytes: bool
) -> None:
    cells = [odd.get(at, str(at)) for at in range(6 * growing._MANY)]
    path = tmp_path / "a.csv"
    path.write_bytes("".join(f"{cell},满意\n" for cell in ["序号", *cells]).encode("gb18030"))
    monkeypatch.setattr(bulk, "_PIECE", 2**13)
    column = bulk.cut(path, "gb18030", ",").columns[0]
    assert column.codes is None
    assert column.cells(0, len(cells) + 1) == ["序号", *cells]
    assert isinstance(column.texts, Texts) == as_bytes


@pytest.mark.parametrize("content", [b"a,b\n1,\xff\n", "a,b\n1,满".encode()[:-1] + b"\n"])
def test_what_is_not_of_the_encoding_is_told(tmp_path: Path, content: bytes) -> None:
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(UnicodeDecodeError):
        bulk.cut(tmp_path / "a.csv", "utf-8", ",")


@pytest.mark.parametrize(
    ("content", "limit", "most"),
    [
        (b"a,b\n1\x00,2\n", "MAX_ROWS", 9),
        (b"1,2\n" * 4, "MAX_ROWS", 3),
        (b"1,2\n" * 4, "MAX_CELLS", 7),
        (b"1,2,3\n", "MAX_COLUMNS", 2),
        (b"1,2\n" + b"1," * 20 + b"\n", "MAX_LINE_BYTES", 30),
        (b'1,"2\n' * 4 + b"3", "MAX_ROWS", 99),
        (b'1,"2\n' + b"x" * 40 + b'"\n3,4\n', "MAX_LINE_BYTES", 30),
    ],
)
def test_what_is_odd_is_left_to_the_other_reader(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes, limit: str, most: int
) -> None:
    monkeypatch.setattr(limits, limit, most)
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(bulk.Odd):
        bulk.cut(tmp_path / "a.csv", "utf-8", ",")


def test_a_million_rows_of_46_columns_are_within_the_limits() -> None:
    assert limits.MAX_ROWS >= 1_000_001
    assert limits.MAX_CELLS >= 46 * 1_000_001
    assert limits.MAX_FILE_BYTES >= 1_000_001 * 46 * 16


def test_a_table_too_large_to_keep_is_refused_with_what_else_is_wrong(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_CELLS", 5)
    (tmp_path / "a.csv").write_bytes(b"a,b\n1,2\n3,4\n")
    problems = Problems()
    assert delimited.read(tmp_path / "a.csv", "a.csv", None, problems) is None
    assert [problem.code for problem in problems] == ["too_many_cells"]
