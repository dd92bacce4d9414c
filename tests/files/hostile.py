"""Files that are meant to hurt, one function each; `CASES` says how each is to be refused."""

from __future__ import annotations

import io
import struct
import zipfile
import zlib
from collections.abc import Callable

from tests.files.building import (
    NAMESPACE,
    SHEET,
    archive,
    biff,
    changed,
    compound,
    joined,
    parts,
    records,
    sheet_xml,
    with_cell,
    with_sheet,
)

ROWS = [["姓名", "分"], ["甲", 5]]
FIRST = '<row r="1"><c r="A1"><v>1</v></c></row>'
LAUGHS = (
    b'<!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">'
    b'<!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>'
)

CASES: dict[str, tuple[str, Callable[[], bytes], tuple[str, ...]]] = {}
"""File name, maker, and the codes any of which is the right answer; none for what does no harm."""


def case(suffix: str, *codes: str) -> Callable[[Callable[[], bytes]], Callable[[], bytes]]:
    def register(make: Callable[[], bytes]) -> Callable[[], bytes]:
        CASES[make.__name__] = (f"{make.__name__}.{suffix}", make, codes)
        return make

    return register


@case("xlsx", "too_many_columns")
def one_cell_in_the_last_corner() -> bytes:
    return with_sheet(FIRST + '<row r="1048576"><c r="XFD1048576"><v>1</v></c></row>')


@case("xlsx", "too_many_cells")
def one_cell_far_below_and_right() -> bytes:
    return with_sheet(FIRST + '<row r="1048576"><c r="EVN1048576"><v>1</v></c></row>')


@case("xlsx", "too_sparse")
def one_cell_within_the_allowed_area() -> bytes:
    return with_sheet(FIRST + '<row r="100000"><c r="KN100000"><v>1</v></c></row>')


@case("xlsx", "too_many_columns")
def far_cell_with_a_prefix() -> bytes:
    far = sheet_xml(FIRST + '<row r="9"><c r="XFD9"><v>1</v></c></row>')
    far = far.replace(b"<", b"<x:").replace(b"<x:/", b"</x:").replace(b"xmlns=", b"xmlns:x=")
    return changed(SHEET, lambda _: far)


@case("xlsx", "too_many_columns")
def far_cell_in_single_quotes() -> bytes:
    return with_sheet(FIRST + "<row r='9'><c t='n' r='XFD9'><v>1</v></c></row>")


@case("xlsx", "too_many_columns")
def far_cell_behind_a_bracket_in_an_attribute() -> bytes:
    return with_sheet(FIRST + '<row r="9"><c s=">" r="XFD9"><v>1</v></c></row>')


@case("xlsx", "too_many_columns")
def far_cell_on_two_lines() -> bytes:
    return with_sheet(FIRST + '<row r="9"><c\n r="XFD9"><v>1</v></c></row>')


@case("xlsx", "too_many_columns")
def five_thousand_cells_without_references() -> bytes:
    return with_sheet("<row>" + "<c><v>1</v></c>" * 5_000 + "</row>")


@case("xlsx", "too_many_cells", "too_sparse")
def far_row_without_cell_references() -> bytes:
    return with_sheet(
        '<row r="1"><c><v>1</v></c></row><row r="1048576">' + "<c><v>1</v></c>" * 900 + "</row>"
    )


@case("xlsx", "no_answers")
def absurd_declared_dimension() -> bytes:
    return with_sheet(FIRST, dimension="A1:XFD1048576")


@case("xlsx", "no_answers")
def absurd_declared_rows() -> bytes:
    return with_sheet(FIRST, dimension="A1:AZ99999999999")


@case("xlsx", "damaged")
def references_that_are_none() -> bytes:
    return with_sheet(FIRST + '<row r="2"><c r="??"><v>1</v></c></row>')


@case("xlsx", "unsafe_file")
def a_sheet_that_inflates_to_196_mb() -> bytes:
    filling = b'<row r="1">' + b'<c r="A1"><v>1</v></c>' * 26_000 + b"</row>"
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts().items():
            if name != SHEET:
                target.writestr(name, data)
        with target.open(SHEET, "w") as part:
            part.write(f"<worksheet {NAMESPACE}><sheetData>".encode())
            for _ in range(196 * 2**20 // len(filling)):
                part.write(filling)
            part.write(b"</sheetData></worksheet>")
    return out.getvalue()


@case("xlsx", "unsafe_file", "damaged")
def shared_strings_that_inflate() -> bytes:
    return archive({**parts(), "xl/sharedStrings.xml": b"<sst>" + b"<si/>" * 8_000_000})


@case("xlsx", "damaged")
def a_directory_that_lies_about_sizes() -> bytes:
    honest = with_sheet(FIRST * 100_000)
    data = bytearray(honest)
    at = data.find(b"PK\x01\x02")
    while data[at + 46 : at + 46 + len(SHEET)] != SHEET.encode():
        at = data.find(b"PK\x01\x02", at + 4)
    with zipfile.ZipFile(io.BytesIO(honest)) as source:
        start = source.read(SHEET)[:1000]
    struct.pack_into("<I", data, at + 16, zlib.crc32(start))
    struct.pack_into("<I", data, at + 24, 1000)
    return bytes(data)


@case("xlsx", "damaged")
def parts_that_overlap() -> bytes:
    data = bytearray(archive(parts()))
    first = data.find(b"PK\x01\x02")
    second = data.find(b"PK\x01\x02", first + 4)
    struct.pack_into("<I", data, second + 42, struct.unpack_from("<I", data, first + 42)[0])
    return bytes(data)


@case("xlsx", "damaged")
def one_part_twice() -> bytes:
    return archive([*parts().items(), (SHEET.upper(), sheet_xml(FIRST))])


@case("xlsx", "damaged")
def a_second_directory_after_the_first() -> bytes:
    return archive(parts()) + archive({"xl/workbook.xml": b"<workbook/>"})


@case("xlsx")
def rubbish_before_the_archive() -> bytes:
    return b"PK\x03\x04" + b"x" * 500 + archive(parts())


@case("xlsx")
def a_name_that_climbs_out() -> bytes:
    return archive({**parts(), "xl/../../../etc/passwd": b"x"})


@case("xlsx")
def a_name_that_climbs_out_the_windows_way() -> bytes:
    return archive({**parts(), "xl\\..\\..\\x.xml": b"x"})


@case("xlsx")
def an_absolute_name() -> bytes:
    return archive({**parts(), "/etc/passwd": b"x"})


@case("xlsx")
def a_name_with_a_drive() -> bytes:
    return archive({**parts(), "C:/x.xml": b"x"})


@case("xlsx")
def twenty_thousand_parts() -> bytes:
    return archive({**parts(), **{f"xl/media/{at}": b"" for at in range(20_000)}})


@case("xlsx", "encrypted")
def a_zip_with_a_password() -> bytes:
    data = bytearray(archive(parts()))
    at = -1
    while (at := data.find(b"PK\x01\x02", at + 1)) >= 0:
        data[at + 8] |= 1
    return bytes(data)


@case("xlsx", "wrong_type")
def a_zip_in_a_zip() -> bytes:
    inner = archive({"0.bin": bytes(10 * 2**20)})
    return archive({f"{at}.zip": inner for at in range(16)})


@case("xlsx", "dtd_refused")
def billion_laughs_in_the_sheet() -> bytes:
    return changed(SHEET, lambda xml: LAUGHS + xml)


@case("xlsx", "dtd_refused")
def billion_laughs_in_the_workbook() -> bytes:
    return changed("xl/workbook.xml", lambda xml: LAUGHS + xml)


@case("xlsx", "dtd_refused")
def billion_laughs_in_the_strings() -> bytes:
    return archive({**parts(), "xl/sharedStrings.xml": LAUGHS + b"<sst><si><t>&c;</t></si></sst>"})


@case("xlsx", "dtd_refused")
def a_dtd_behind_a_long_comment() -> bytes:
    padding = b"<!-- " + b"x " * 500_000 + b"-->"
    return changed(SHEET, lambda xml: padding * 3 + LAUGHS + xml)


@case("xlsx", "dtd_refused")
def a_dtd_in_a_sheet_that_calls_itself_a_picture() -> bytes:
    entries = parts()
    entries["xl/media/sheet1.png"] = LAUGHS + entries.pop(SHEET)
    relations = "xl/_rels/workbook.xml.rels"
    entries[relations] = entries[relations].replace(b"worksheets/sheet1.xml", b"media/sheet1.png")
    assert b"media/sheet1.png" in entries[relations]
    return archive(entries)


@case("xlsx", "damaged", "no_content")
def a_dtd_hidden_in_utf_16() -> bytes:
    return changed(
        SHEET, lambda xml: (LAUGHS + xml[xml.index(b"<worksheet") :]).decode().encode("utf-16")
    )


@case("xlsx")
def a_part_in_another_encoding() -> bytes:
    return changed(SHEET, lambda xml: b'<?xml version="1.0" encoding="UTF-7"?>' + xml)


@case("xlsx", "damaged")
def five_megabytes_of_text_in_one_cell() -> bytes:
    noise = bytes(33 + (at * at // 7 + at) % 27 for at in range(5 * 2**20)).decode("ascii")
    return with_sheet(f'<row r="1"><c r="A1" t="str"><v>{noise}</v></c></row>')


@case("xlsx", "damaged")
def half_a_workbook() -> bytes:
    return archive(parts())[:-2_000]


@case("xlsx", "damaged")
def a_workbook_with_a_hole() -> bytes:
    data = bytearray(archive(parts()))
    with zipfile.ZipFile(io.BytesIO(bytes(data))) as source:
        at = source.getinfo(SHEET).header_offset + 60
    data[at : at + 40] = bytes(40)
    return bytes(data)


@case("xlsx", "damaged")
def only_the_first_bytes() -> bytes:
    return b"PK\x03\x04"


@case("xlsx", "damaged")
def a_workbook_without_sheets_in_it() -> bytes:
    entries = parts()
    del entries[SHEET]
    return archive(entries)


def renamed(old: str, new: str) -> bytes:
    """An xls file whose stream has another name."""
    data = bytearray(compound(biff(ROWS)))
    at = data.find(old.encode("utf-16-le"))
    encoded = new.encode("utf-16-le") + b"\x00\x00"
    data[at : at + 64] = encoded.ljust(64, b"\x00")
    struct.pack_into("<H", data, at + 64, len(encoded))
    return bytes(data)


@case("xlsx", "encrypted")
def an_encrypted_xlsx() -> bytes:
    return renamed("Workbook", "EncryptedPackage")


@case("xls", "wrong_type")
def a_word_document() -> bytes:
    return renamed("Workbook", "WordDocument")


def with_records(change: Callable[[list[tuple[int, bytes]]], list[tuple[int, bytes]]]) -> bytes:
    return compound(joined(change(records(biff(ROWS)))))


@case("xls", "encrypted")
def an_encrypted_xls() -> bytes:
    return with_records(lambda found: [found[0], (0x002F, bytes(54)), *found[1:]])


@case("xls", "damaged")
def two_thousand_million_strings() -> bytes:
    return with_records(
        lambda found: [
            (record, struct.pack("<2I", 2**31, 2**31 - 1) + body[8:] if record == 0x00FC else body)
            for record, body in found
        ]
    )


@case("xls", "damaged")
def four_thousand_million_rows() -> bytes:
    return with_records(
        lambda found: [
            (record, struct.pack("<2I3H", 0, 2**32 - 1, 0, 65535, 0) if record == 0x0200 else body)
            for record, body in found
        ]
    )


@case("xls", "too_sparse")
def an_xls_with_one_cell_in_the_last_corner() -> bytes:
    def moved(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        far = struct.pack("<3Hd", 65535, 255, 15, 1.0)
        return with_cell(found, 0x0203, far)

    return with_records(moved)


@case("xls", "damaged")
def a_chain_that_bites_its_tail() -> bytes:
    data = bytearray(compound(biff(ROWS)))
    table = (struct.unpack_from("<I", data, 76)[0] + 1) * 512
    struct.pack_into("<I", data, table + 4 * 3, 2)
    return bytes(data)


@case("xls", "damaged")
def half_an_xls() -> bytes:
    return compound(biff(ROWS))[:2_500]


@case("xls", "damaged")
def only_an_ole_header() -> bytes:
    return bytes.fromhex("d0cf11e0a1b11ae1") + b"\xff" * 504


@case("xls", "wrong_type")
def a_web_page() -> bytes:
    return "<html><body><table><tr><td>姓名</td></tr></table></body></html>".encode("gb18030")


@case("xls", "wrong_type")
def an_xml_spreadsheet() -> bytes:
    return b'<?xml version="1.0"?><Workbook xmlns="urn:schemas-microsoft-com:office:spreadsheet"/>'


@case("xlsx", "wrong_type")
def a_pdf() -> bytes:
    return b"%PDF-1.7\n" + bytes(2_000)


@case("xlsx", "wrong_type")
def a_picture() -> bytes:
    return b"\x89PNG\r\n\x1a\n" + bytes(2_000)


@case("xlsx", "wrong_type")
def a_word_file() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "word/document.xml": b"<w/>"})


@case("xlsx", "wrong_type")
def a_binary_workbook() -> bytes:
    return archive({"[Content_Types].xml": b"<Types/>", "xl/workbook.bin": b"\x83\x01"})


@case("xlsx", "dtd_refused")
def entities_that_grow_quadratically() -> bytes:
    bomb = b'<!DOCTYPE x [<!ENTITY a "' + b"ha" * 50_000 + b'">]>'
    return archive({**parts(), "docProps/core.xml": bomb + b"<x>" + b"&a;" * 20_000 + b"</x>"})


@case("xlsx")
def links_to_other_files() -> bytes:
    link = b'<externalLink><externalBook r:id="rId1"/></externalLink>'
    target = (
        b'<Relationships><Relationship Id="rId1" Target="http://192.0.2.1/x.xlsx"/></Relationships>'
    )
    return archive(
        {
            **parts(),
            "xl/externalLinks/externalLink1.xml": link,
            "xl/externalLinks/_rels/externalLink1.xml.rels": target,
        }
    )


@case("xlsx", "cell_too_long")
def a_header_cell_of_three_million_signs() -> bytes:
    return with_sheet(f'<row r="1"><c r="A1" t="str"><v>{"x" * 3_000_000}</v></c></row>')


@case("xlsx", "damaged", "unsafe_file", "no_answers")
def a_hundred_thousand_elements_within_one_another() -> bytes:
    return with_sheet(FIRST + "<x>" * 100_000 + "</x>" * 100_000)


@case("xlsx", "unsafe_file")
def styles_that_never_end() -> bytes:
    return changed("xl/styles.xml", lambda _: b"<numFmt numFmtId='1'>" + b"<cellXfs " * 4_000_000)


@case("xlsx", "unsafe_file", "several_sheets")
def a_hundred_thousand_names() -> bytes:
    names = b"<definedName name='a'>Sheet!$A$1</definedName>" * 3_000_000
    return changed(
        "xl/workbook.xml",
        lambda xml: xml.replace(
            b"</sheets>", b"</sheets><definedNames>" + names + b"</definedNames>"
        ),
    )


@case("xls", "damaged")
def sheets_within_sheets() -> bytes:
    inner = [(0x0809, struct.pack("<2H3I", 0x0600, 0x0010, 0, 0, 0))] * 100_000
    return with_records(lambda found: [*found[:-1], *inner, found[-1]])


@case("xls", "damaged")
def sixty_thousand_names_of_one_sheet() -> bytes:
    def more(found: list[tuple[int, bytes]]) -> list[tuple[int, bytes]]:
        at = next(place for place, (record, _) in enumerate(found) if record == 0x0085)
        return [*found[:at], *[found[at]] * 60_000, *found[at:]]

    return with_records(more)


@case("csv", "line_too_long", "too_many_columns")
def a_million_columns() -> bytes:
    return b"," * 1_000_000 + b"\n" + b"1," * 500_000 + b"\n"


@case("csv", "csv_broken")
def a_cell_of_two_hundred_thousand_lines() -> bytes:
    return b'a,b\n1,"' + b"x\n" * 200_000 + b'"\n'


@case("csv", "cell_too_long")
def a_header_cell_longer_than_excel_has() -> bytes:
    return b"x" * 32_768 + b",b\n1,2\n"


@case("csv", "nul_bytes")
def zero_bytes() -> bytes:
    return "姓名,分\n甲\x00,5\n".encode()


@case("csv", "nul_bytes")
def utf_16_without_a_mark() -> bytes:
    return "name,score\na,5\n".encode("utf-16-le")


@case("csv", "line_too_long")
def one_endless_line() -> bytes:
    return b"a,b\n" + b"x" * (5 * 2**20)


@case("csv", "too_many_columns")
def five_thousand_columns() -> bytes:
    return b",".join(b"c%d" % at for at in range(5_000)) + b"\n" + b"1," * 4_999 + b"1\n"


@case("csv", "too_many_cells")
def forty_million_empty_cells() -> bytes:
    return b"a\n" + (b"," * 3_999 + b"\n") * 10_000


@case("csv", "too_many_cells")
def more_rows_than_excel_has() -> bytes:
    return b"a,b\n" + b"1\n" * (2**20 + 1)


@case("csv", "csv_broken")
def a_quote_that_swallows_the_file() -> bytes:
    return b'a,b\n1,"x\n' + b"1,2\n" * 200_000


@case("csv", "too_many_cells")
def forty_megabytes_of_line_feeds() -> bytes:
    return b"a,b\n1,2\n" + b"\n" * (40 * 2**20)


@case("csv", "line_too_long")
def a_header_of_three_million_signs() -> bytes:
    return b"x" * 3_000_000 + b"\n1\n"
