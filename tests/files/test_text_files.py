"""CSV: encodings, separators, quotes."""

from __future__ import annotations

import codecs
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from evalkit.errors import Problems
from evalkit.files import delimited, encodings, limits
from tests.files.building import codes, csv, read_well, refusal, rows_of

ROWS = [["姓名", "居民区", "评价"], ["张三", "玉佛城", "满意"], ["李四", "普陀一村", "不满意"]]


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("gbk", "gb18030"),
        ("gb18030", "gb18030"),
        ("utf-16", "utf-16"),
        ("utf-32", "utf-32"),
    ],
)
@pytest.mark.parametrize("separator", [",", ";", "\t"])
def test_encodings_are_told_from_the_bytes(
    tmp_path: Path, written: str, read: str, separator: str
) -> None:
    sheet = read_well(csv(tmp_path / "a.csv", ROWS, written, separator))
    assert sheet.encoding == read
    assert sheet.columns[0].header == "姓名"
    assert rows_of(sheet) == ROWS[1:]


def test_mostly_numeric_gb18030_is_not_mistaken(tmp_path: Path) -> None:
    rows = [["编号", "q1"], *([str(at), str(at % 5)] for at in range(500)), ["备注", "啊"]]
    sheet = read_well(csv(tmp_path / "a.csv", rows, "gb18030"))
    assert sheet.encoding == "gb18030"
    assert rows_of(sheet) == rows[1:]


@pytest.mark.parametrize(
    ("written", "declared", "alike"),
    [
        ("gb18030", "utf-8", "gb18030"),
        ("utf-8", "gb18030", "utf-8"),
        ("utf-8", "gbk", "utf-8"),
        ("utf-8", "big5", "utf-8"),
        ("utf-8-sig", "gb18030", "utf-8-sig"),
        ("utf-16", "utf-8", "utf-16"),
        ("gb18030", "ascii", "gb18030"),
    ],
)
def test_a_declared_encoding_that_is_wrong(
    tmp_path: Path, written: str, declared: str, alike: str
) -> None:
    problem = refusal(csv(tmp_path / "a.csv", ROWS, written), encoding=declared)
    assert problem.code == "encoding_mismatch"
    assert problem.expected == declared
    assert alike in (problem.remedy or "")
    assert (problem.found or "").startswith("看起来是")


@pytest.mark.parametrize(
    ("written", "declared"),
    [
        ("big5", "big5"),
        ("gb18030", "gbk"),
        ("gb18030", "GB2312"),
        ("utf-8", "UTF-8"),
        ("utf-8-sig", "utf-8"),
        ("utf-16", "utf-16"),
        ("utf-16", "utf-16-le"),
        ("utf-16-le", "utf-16-le"),
    ],
)
def test_a_declared_encoding_that_is_right(tmp_path: Path, written: str, declared: str) -> None:
    rows = [["姓名", "評價"], ["張三", "滿意"]]
    sheet = read_well(csv(tmp_path / "a.csv", rows, written), encoding=declared)
    assert [column.header for column in sheet.columns] == rows[0]
    assert rows_of(sheet) == rows[1:]


def test_big5_is_not_guessed(tmp_path: Path) -> None:
    rows = [["姓名", "評價"], ["張三豐", "滿意"], ["歐陽鋒", "不滿意"]]
    path = csv(tmp_path / "a.csv", rows, "big5")
    sheet = read_well(path)
    assert sheet.encoding == "gb18030"
    assert sheet.columns[0].header != "姓名"


def test_what_looks_like_big5_is_noted_and_gb18030_is_not(tmp_path: Path) -> None:
    rows = [["所在居民區", "辦事是否方便"], ["東苑", "滿意"], ["西苑", "不滿意"], ["北苑", "一般"]]
    assert codes(read_well(csv(tmp_path / "a.csv", rows, "big5"))) == {"encoding_doubtful"}
    assert codes(read_well(csv(tmp_path / "b.csv", rows, "gb18030"))) == set()
    plain = [["所在居民区", "办事是否方便"], ["东苑", "满意"], ["西苑", "不满意"], ["北苑", "一般"]]
    assert codes(read_well(csv(tmp_path / "c.csv", plain, "gb18030"))) == set()


def test_private_use_characters_are_noted(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("姓名,评价\n张".encode("gb18030") + b"\xaa\xa1,5\n")
    assert codes(read_well(path)) == {"encoding_doubtful"}


@pytest.mark.parametrize("declared", ["klingon", "hex", "idna", "undefined"])
def test_an_encoding_nobody_knows(tmp_path: Path, declared: str) -> None:
    problem = refusal(csv(tmp_path / "a.csv", ROWS), encoding=declared)
    assert problem.code in ("encoding_unknown", "encoding_mismatch")


def test_bytes_that_are_no_text(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"a,b\n\xff\xfe\xfd,1\n")
    assert refusal(tmp_path / "a.csv").code == "encoding_unknown"


def test_a_sheet_name_for_a_csv(tmp_path: Path) -> None:
    assert refusal(csv(tmp_path / "a.csv", ROWS), sheet="Sheet1").code == "sheet_in_csv"


def test_commas_in_quoted_text_do_not_mislead(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(
        '姓名;建议\n甲;"停车,绿化,卫生"\n乙;"一,二,三,四"\n丙;无\n', encoding="utf-8"
    )
    sheet = read_well(tmp_path / "a.csv")
    assert rows_of(sheet) == [["甲", "停车,绿化,卫生"], ["乙", "一,二,三,四"], ["丙", "无"]]


def test_one_column_only(tmp_path: Path) -> None:
    assert rows_of(read_well(csv(tmp_path / "a.csv", [["姓名"], ["甲"], ["乙"]]))) == [
        ["甲"],
        ["乙"],
    ]


def test_a_line_that_names_the_separator(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("sep=;\n姓名;分\n甲;1,5\n", encoding="utf-8")
    sheet = read_well(tmp_path / "a.csv")
    assert rows_of(sheet) == [["甲", "1,5"]]
    assert list(sheet.cells.index) == [2]


def test_line_breaks_in_quotes_and_old_line_ends(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes('姓名,建议\r\n甲,"一\r\n二"\r\n乙,三\r\n'.encode())
    sheet = read_well(tmp_path / "a.csv")
    assert rows_of(sheet) == [["甲", "一\r\n二"], ["乙", "三"]]
    assert list(sheet.cells.index) == [2, 3]
    (tmp_path / "b.csv").write_bytes("姓名,分\r甲,1\r乙,2".encode())
    assert rows_of(read_well(tmp_path / "b.csv")) == [["甲", "1"], ["乙", "2"]]


def test_blank_lines_count_as_rows(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,分\n甲,1\n\n乙,2\n", encoding="utf-8")
    sheet = read_well(tmp_path / "a.csv")
    assert rows_of(sheet) == [["甲", "1"], ["", ""], ["乙", "2"]]


def test_rows_longer_or_shorter_than_the_header_are_noted(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,分\n甲,1,多\n乙\n丙,3\n", encoding="utf-8")
    sheet = read_well(tmp_path / "a.csv")
    assert rows_of(sheet) == [["甲", "1", "多"], ["乙", "", ""], ["丙", "3", ""]]
    assert {n.code: n.count for n in sheet.notes} == {
        "rows_too_long": 1, "rows_too_short": 1, "empty_headers": 1,
    }  # fmt: skip


def test_a_quote_that_never_closes_is_found_at_its_row(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text('姓名,建议\n甲,好\n乙,"停车\n丙,无\n丁,无\n', encoding="utf-8")
    problem = refusal(tmp_path / "a.csv")
    assert (problem.code, problem.row) == ("csv_broken", 3)


def test_only_a_header_or_nothing(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("姓名,分\n", encoding="utf-8")
    assert refusal(tmp_path / "a.csv").code == "no_answers"
    (tmp_path / "b.csv").write_text("\n \n,,\n", encoding="utf-8")
    assert refusal(tmp_path / "b.csv").code == "no_content"
    (tmp_path / "c.csv").write_bytes(b"")
    assert refusal(tmp_path / "c.csv").code == "file_empty"
    (tmp_path / "d.csv").write_bytes(b"\xef\xbb\xbf")
    assert refusal(tmp_path / "d.csv").code == "no_content"


cell = st.text(st.characters(exclude_categories=("Cc", "Cs", "Cn", "Co", "Cf")), max_size=8)


@settings(
    max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    st.lists(st.lists(cell, min_size=3, max_size=3), min_size=1, max_size=6),
    st.sampled_from(["utf-8-sig", "gb18030", "utf-16"]),
    st.sampled_from([",", ";", "\t"]),
)
def test_tables_come_back_as_they_were_written(
    tmp_path: Path, rows: list[list[str]], encoding: str, separator: str
) -> None:
    import csv as writer

    with (tmp_path / "a.csv").open("w", encoding=encoding, newline="") as handle:
        target = writer.writer(handle, delimiter=separator, quoting=writer.QUOTE_ALL)
        target.writerows([["姓名", "建议", "备注"], *rows, ["末", "末", "末"]])
    sheet = read_well(tmp_path / "a.csv")
    expected = [[text.strip() for text in row] for row in [*rows, ["末"] * 3]]
    assert rows_of(sheet) == expected


# --- damage -----------------------------------------------------------------------------------


def test_one_damaged_byte_does_not_make_utf_8_another_encoding(tmp_path: Path) -> None:
    """Read as GB18030 instead, every Chinese word of the file would be nonsense."""
    path = csv(tmp_path / "a.csv", [ROWS[0], *ROWS[1:] * 20])
    data = bytearray(path.read_bytes())
    at = data.index("玉".encode())
    data[at] ^= 0x40
    path.write_bytes(bytes(data))
    problem = refusal(path)
    assert problem.code == "encoding_broken"
    assert problem.found == f"第 {at + 1} 字节起不合规则"


@pytest.mark.parametrize(
    ("codec", "mark", "title", "damage"),
    [
        ("utf-8", codecs.BOM_UTF8, "带 BOM 的 UTF-8", b"\xff\x8e\x89"),
        ("utf-16-le", codecs.BOM_UTF16_LE, "UTF-16", b"\x00\xdc"),
        ("utf-16-be", codecs.BOM_UTF16_BE, "UTF-16", b"\xdc\x00"),
    ],
)
def test_a_file_that_says_its_encoding_is_damaged_and_not_of_an_unknown_one(
    tmp_path: Path, codec: str, mark: bytes, title: str, damage: bytes
) -> None:
    data = mark + "序号,姓名\n1,玉\n".encode(codec)
    at = data.index("玉".encode(codec))
    (tmp_path / "a.csv").write_bytes(data.replace("玉".encode(codec), damage))
    problem = refusal(tmp_path / "a.csv")
    assert problem.code == "encoding_broken"
    assert problem.message == f"文件是 {title} 编码，但有个别字节损坏"
    assert problem.found == f"第 {at + 1} 字节起不合规则"


@pytest.mark.parametrize(
    "lost", ['甲,2,"很好\n乙,3,无\n丙,4,"a,b"\n', '甲,2,"a,b\n乙,3,无\n丙,4,"a,b"\n丁,5,无\n']
)
def test_a_quote_that_is_lost_does_not_swallow_the_rows_below(tmp_path: Path, lost: str) -> None:
    """The quote that opens the next quoted cell would end it, with the right number of cells."""
    path = tmp_path / "a.csv"
    path.write_text("姓名,分,意见\n" + lost, encoding="utf-8")
    problem = refusal(path)
    assert problem.code == "csv_broken"
    assert problem.row == 2


def test_sloppy_quotes_within_a_line_and_lines_within_quotes_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('姓名,意见\n甲,"好"的\n乙,"两\n行""和""引号"\n', encoding="utf-8")
    assert rows_of(read_well(path)) == [["甲", "好的"], ["乙", '两\n行"和"引号']]


@pytest.mark.parametrize(
    ("chinese", "damaged", "nearly"), [(5, 1, False), (6, 1, True), (1, 0, True), (0, 0, False)]
)
def test_a_text_is_nearly_utf8_where_more_than_five_letters_stand_for_one_that_is_damaged(
    chinese: int, damaged: int, nearly: bool, tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(("满" * chinese).encode() + b" \xff" * damaged)
    assert encodings._is_nearly_utf8(path) is nearly


def test_a_letter_that_big5_does_not_have_is_no_big5() -> None:
    """What Big5 holds, read as GB18030, looks like Big5; one letter that it lacks, and it does not."""
    told = "居民委員會對社區服務的滿意度調查".encode("big5").decode("gb18030")
    assert encodings.seem_big5([told, "a", told]) == 2
    assert encodings.seem_big5([told, told + "\u3400"]) == 0
    assert encodings.seem_big5(["满意度调查问卷统计资料" * 3]) == 0
    assert encodings.seem_big5([told[:3]]) == 0, "too few to tell"


def test_records_are_counted_up_to_the_limit_and_one_more(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 3)
    path = tmp_path / "a.csv"
    for records, crowded in ((3, False), (4, True), (9, True), (0, False)):
        path.write_text('a,"b\nc"\n' * records, encoding="utf-8")
        assert delimited._has_too_many(path, "utf-8", ",") is crowded


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (["a,b", "1,2"], set()),
        (["a,b", "1,2,3"], {("rows_too_long", 1)}),
        (["a,b", "1", "2", "1,2"], {("rows_too_short", 2)}),
        (["a,b", "1", "1,2,3", ",,,", ""], {("rows_too_short", 1), ("rows_too_long", 1)}),
        ([",,,,", "a,b", "1,2"], set()),
    ],
)
def test_rows_are_held_against_the_first_that_holds_anything(
    lines: list[str], told: set[tuple[str, int]], tmp_path: Path
) -> None:
    path = tmp_path / "a.csv"
    path.write_text("\n".join([*lines, ""]), encoding="utf-8")
    notes = {(str(note.code), note.count) for note in read_well(path).notes}
    assert {one for one in notes if one[0].startswith("rows_too")} == told
    path.write_text("\n".join(["sep=,", *lines, ""]), encoding="utf-8")
    notes = {(str(note.code), note.count) for note in read_well(path).notes}
    assert {one for one in notes if one[0].startswith("rows_too")} == told


def test_of_two_separators_the_first_two_hundred_records_decide(tmp_path: Path) -> None:
    """100 of 200 in two cells by semicolons, or 101 of 200 in three by commas; blanks count for none."""
    path = tmp_path / "a.csv"
    for semicolons, found in ((100, ";"), (99, ",")):
        lines = ["", *["a;b"] * semicolons, " ", *["a,b,c"] * (250 - semicolons)]
        path.write_text("\n".join(lines), encoding="utf-8")
        assert delimited._separator(path, "utf-8") == (found, False)


def test_a_separator_is_looked_for_behind_blank_lines_as_far_as_is_said(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(delimited, "_SEARCHED_RECORDS", 3)
    path = tmp_path / "a.csv"
    for blank, found in ((2, ";"), (3, ",")):
        path.write_text("\n" * blank + "a;b\n", encoding="utf-8")
        assert delimited._separator(path, "utf-8") == (found, False)


@pytest.mark.parametrize(
    ("content", "code"),
    [(b"a,b\n\x00,2\n", "nul_bytes"), (b"a,b\n123456,2\n", "line_too_long"),
     (b"a,b\n1,2,3\n", "too_many_cells")],
)  # fmt: skip
def test_what_is_no_table_is_told_once_and_not_read(
    content: bytes, code: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_LINE_BYTES", 7)
    monkeypatch.setattr(delimited, "_is_crowd", lambda cells, rows: cells >= 3)
    path, problems = tmp_path / "a.csv", Problems()
    path.write_bytes(content)
    assert delimited._with_care(path, "a.csv", None, problems) is None
    assert [problem.code for problem in problems] == [code]
