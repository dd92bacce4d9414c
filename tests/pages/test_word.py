"""The editable coats: what stands in a Word document is what stands on the page, and in the files."""

from __future__ import annotations

import base64
import io
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any

import docx
import lxml.html
import pytest
from docx.oxml.ns import qn
from lxml import etree

from evalkit.errors import RenderError
from evalkit.pages import diagnosis, street
from evalkit.pages.press import editable, packaging, planned, printing
from evalkit.pages.press.columns import A_WORD, LEAST_WORDS, ems, shared, widths
from evalkit.pages.press.pictures import Picture
from evalkit.pages.press.planned import Chart, Page, Paper
from evalkit.tables import Evaluation
from tests.deciding import with_decided
from tests.pages.conftest import words
from tests.pages.reading import fixed
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

MARK = "evalkit:b57e432c1608a5aad426db2a7cd80dee:2016/paper.docx"
HOSTILE = ("<w:p/>", '=HYPERLINK("x")', "]]>", "&amp;", "{{7*7}}", "\x07响")


def written(paper: Paper, page: Page | None = None) -> bytes:
    return editable.write(paper, page or printing.fill(paper), "paper.docx", MARK)


DOT = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


@contextmanager
def without_drawing() -> Iterator[None]:
    """Every chart as a dot: what is written beside it does not depend on how it is drawn."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Chart, "svg", lambda chart: "<svg/>")
        patch.setattr(editable, "picture", lambda svg: Picture(DOT, 680, 200))
        yield


@pytest.fixture(scope="module")
def report(evaluation: Evaluation) -> tuple[Paper, Page, bytes]:
    paper = street.plan(evaluation)
    with without_drawing():
        page = printing.fill(paper)
        return paper, page, written(paper, page)


@pytest.fixture(scope="module")
def diagnosed_in_word(evaluation: Evaluation) -> tuple[Paper, Page, bytes]:
    paper = diagnosis.plan(evaluation, "CS002")
    page = printing.fill(paper)
    return paper, page, written(paper, page)


@pytest.fixture(params=["report", "diagnosed_in_word"])
def made(request: pytest.FixtureRequest) -> tuple[Paper, Page, bytes]:
    found: tuple[Paper, Page, bytes] = request.getfixturevalue(request.param)
    return found


def opened(data: bytes) -> Any:
    return docx.Document(io.BytesIO(data))


def body_of(data: bytes) -> Any:
    """The body as plain XML, read without the library that wrote it."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        return etree.fromstring(archive.read("word/document.xml"))[0]


def text_in(data: bytes) -> str:
    return words("".join(body_of(data).itertext()))


def tables_in(data: bytes) -> list[list[list[str]]]:
    return [rows_of(table) for table in body_of(data).iter(qn("w:tbl"))]


def said(page: Page) -> Iterator[str]:
    """What stands in every block of a page, in its order; the list of contents is for paper only."""
    body = lxml.html.document_fromstring(page.text).body
    for element in body.iter("h1", "h2", "h3", "p", "li", "td", "th", "caption", "figcaption"):
        text = words(element.text_content())
        if text and not any(parent.tag == "nav" for parent in element.iterancestors()):
            yield text


def rows_of(table: Any) -> list[list[str]]:
    """The cells of a table, one text each, however many columns they reach over."""
    return [
        [words("".join(cell.itertext())) for cell in row.iterchildren(qn("w:tc"))]
        for row in table.iterchildren(qn("w:tr"))
    ]


def test_everything_on_the_page_stands_in_the_document_in_its_order(
    made: tuple[Paper, Page, bytes],
) -> None:
    _, page, data = made
    rest = text_in(data)
    for text in said(page):
        before, found, rest = rest.partition(text)
        assert found == text, f"{text} after {before[-80:]}"


def test_every_table_has_the_cells_of_the_page(made: tuple[Paper, Page, bytes]) -> None:
    _, page, data = made
    found = tables_in(data)
    for table in lxml.html.document_fromstring(page.text).iter("table"):
        expected = [
            [words(cell.text_content()) for cell in row if cell.tag in ("td", "th")]
            for row in table.iter("tr")
        ]
        assert expected in found


def test_the_league_table_of_the_document_holds_the_scores_of_the_evaluation(
    evaluation: Evaluation, report: tuple[Paper, Page, bytes]
) -> None:
    league = next(
        rows for rows in tables_in(report[2]) if rows[0][:1] == ["名次"] and "得分" in rows[0]
    )
    at = league[0].index("得分")
    table = evaluation.current.scores.table
    scores = dict(zip(map(words, table["name"]), table["score"], strict=True))
    printed = {row[1]: row[at] for row in league[1:]}
    assert set(printed) == {name for name, score in scores.items() if score == score}
    for name, text in printed.items():
        assert text == fixed(scores[name], len(text.partition(".")[2]))


def test_numbers_behind_a_chart_are_those_of_the_evaluation(
    evaluation: Evaluation, diagnosed_in_word: tuple[Paper, Page, bytes]
) -> None:
    own = evaluation.satisfaction
    own = own[own["subject"] == "CS002"]
    heading = ["项目", "本居民区", "误差范围", "全街道"]
    asked = next(rows for rows in tables_in(diagnosed_in_word[2]) if rows[0] == heading)
    printed = [row[1] for row in asked[1:]]
    shares = {fixed(100 * share, 0) for share in own["share"]}
    assert printed
    assert set(printed) <= shares


def test_widths_are_said_three_times_and_agree(made: tuple[Paper, Page, bytes]) -> None:
    for table in opened(made[2]).element.body.iter(qn("w:tbl")):
        assert not list(table.iterancestors(qn("w:tbl")))
        grid = [int(column.get(qn("w:w"))) for column in table.iter(qn("w:gridCol"))]
        about = table.tblPr
        assert about.find(qn("w:tblLayout")).get(qn("w:type")) == "fixed"
        assert int(about.find(qn("w:tblW")).get(qn("w:w"))) == sum(grid) <= 9298
        for row in table.iterchildren(qn("w:tr")):
            cells = list(row.iterchildren(qn("w:tc")))
            widths = [int(cell.tcPr.find(qn("w:tcW")).get(qn("w:w"))) for cell in cells]
            assert sum(widths) == sum(grid)
            assert all(cell[-1].tag == qn("w:p") for cell in cells)


def test_headings_are_headings_and_heads_of_tables_are_repeated(
    made: tuple[Paper, Page, bytes],
) -> None:
    _, page, data = made
    found = opened(data)
    body = lxml.html.document_fromstring(page.text).body
    titles = [words(h.text_content()) for h in body.iter("h2")]
    styled = [p.text for p in found.paragraphs if p.style.name.lower() == "heading 1"]
    assert [words(text) for text in styled] == titles
    heads = len(list(body.iter("thead")))
    repeated = sum(1 for _ in found.element.body.iter(qn("w:tblHeader")))
    assert repeated >= heads
    for style in ("Normal", "Heading 1", "表格文字"):
        assert found.styles[style].element.get(qn("w:type")) == "paragraph"
    fonts = found.styles["Heading 1"].element.rPr.rFonts
    assert fonts.get(qn("w:eastAsia")) == "黑体"


def test_every_picture_says_what_it_shows(made: tuple[Paper, Page, bytes]) -> None:
    _, page, data = made
    shown = {e.get("descr") for e in opened(data).element.body.iter(qn("wp:docPr"))}
    planned = {chart.words for chart in page.planned.values()}
    assert shown
    assert shown <= planned
    media = [n for n in zipfile.ZipFile(io.BytesIO(data)).namelist() if n.endswith(".png")]
    assert len(media) <= len(planned)


def test_every_sheet_says_that_it_is_a_copy_whose_it_is_and_that_data_are_simulated(
    report: tuple[Paper, Page, bytes], evaluation: Evaluation
) -> None:
    found = opened(report[2]).sections[0]
    footer = "".join(p.text for p in found.footer.paragraphs)
    assert editable.COPY in footer
    assert MARK.split(":")[1] in footer
    fields = [e.text.strip() for e in found.footer._element.iter(qn("w:instrText"))]
    assert fields == ["PAGE"]
    assert "模拟数据" in found.header.paragraphs[0].text
    assert opened(report[2]).core_properties.identifier == MARK
    real = with_decided(evaluation, order=evaluation.order.model_copy(update={"synthetic": False}))
    paper = street.plan(real)
    bare = Page(planned.environment().get_template("layout.html.j2").render(
        paper=paper, running="r", **paper.context), {})  # fmt: skip
    plain = written(replace(paper, proof={}), bare)
    assert "模拟" not in opened(plain).sections[0].header.paragraphs[0].text


def test_the_same_paper_gives_the_same_bytes(report: tuple[Paper, Page, bytes]) -> None:
    paper, page, data = report
    with without_drawing():
        assert written(paper, page) == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert {entry.date_time for entry in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert archive.namelist()[0] == "[Content_Types].xml"
        assert archive.namelist()[1:] == sorted(archive.namelist()[1:])
        core = archive.read("docProps/core.xml").decode()
    assert core.count(f"{paper.created}T00:00:00Z") == 2


@pytest.mark.parametrize("text", HOSTILE)
def test_hostile_text_stays_text(text: str) -> None:
    template = planned.environment().from_string(
        "<body><h1>{{ t }}</h1><p>{{ t }}</p><table><tr><td>{{ t }}</td></tr></table>"
    )
    paper = Paper("paper.pdf", "", text, text, "", {"street": text}, {})
    data = written(paper, Page(template.render(t=text), {}))
    shown = words(text.replace("\x07", "\N{REPLACEMENT CHARACTER}"))
    assert text_in(data) == 3 * shown
    assert words(opened(data).core_properties.title) == shown


def test_a_page_that_shows_another_committee_is_refused(
    diagnosed_in_word: tuple[Paper, Page, bytes],
) -> None:
    paper, page, _ = diagnosed_in_word
    name = paper.proof["name"]
    other = replace(page, text=page.text.replace(f">{name}</span>", ">别处</span>"))
    with pytest.raises(RenderError, match="别处"):
        written(paper, other)


def test_a_street_of_which_little_is_known_has_a_document_too() -> None:
    bare = made_up(Street(count=4, waves=("2016",), needs=False, overall=False, library=False))
    for paper in (street.plan(bare), diagnosis.plan(bare, "CS001")):
        with without_drawing():
            data = written(paper)
        assert words(paper.context["sections"][0].takeaway) in text_in(data)


# --- the gate -------------------------------------------------------------------------------


def with_part(data: bytes, name: str, content: bytes) -> bytes:
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        parts = {n: archive.read(n) for n in archive.namelist()}
    return packaging.zipped(parts | {name: content})


W = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
RELS = 'xmlns="http://schemas.openxmlformats.org/package/2006/relationships"'


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("word/vbaProject.bin", b"x", "vbaProject.bin（不在允许之列）"),
        ("docProps/thumbnail.jpeg", b"x", "thumbnail.jpeg（不在允许之列）"),
        ("customXml/item1.xml", b"<a/>", "customXml/item1.xml（不在允许之列）"),
        ("word/media/image9.png", b"GIF89a", "image9.png（不是 PNG）"),
        ("word/settings.xml", b"<a>", "word/settings.xml"),
        (
            "word/_rels/document.xml.rels",
            f'<Relationships {RELS}><Relationship Id="r" Type="t" TargetMode="External" '
            'Target="http://x/"/></Relationships>'.encode(),
            "引用文件之外的 http://x/",
        ),
        (
            "word/footer1.xml",
            f'<w:ftr {W}><w:p><w:r><w:instrText>INCLUDETEXT "c:\\x"</w:instrText></w:r></w:p></w:ftr>'.encode(),
            "域 INCLUDETEXT",
        ),
        (
            "word/settings.xml",
            f"<w:settings {W}><w:attachedTemplate/></w:settings>".encode(),
            "attachedTemplate",
        ),
        (
            "word/document.xml",
            f"<w:document {W}><w:body><w:sdt/></w:body></w:document>".encode(),
            "sdt",
        ),
    ],
)
def test_a_package_that_holds_what_it_may_not_is_refused(
    report: tuple[Paper, Page, bytes], name: str, content: bytes, told: str
) -> None:
    spoilt = with_part(report[2], name, content)
    with pytest.raises(RenderError) as caught:
        packaging.sealed("paper.docx", spoilt, "2016-10-31")
    assert told in str(caught.value)
    assert str(caught.value).startswith("paper.docx：")


def test_a_cover_stands_on_a_sheet_of_its_own_before_the_report(evaluation: Evaluation) -> None:
    said = {"issued_by": "某某评估机构", "classification": "内部资料", "copy_number": "000012"}
    order = evaluation.order.model_copy(update=said)
    paper = street.plan(with_decided(evaluation, order=order))
    with without_drawing():
        found = opened(written(paper))
    told = [p.text for p in found.paragraphs if p.text.strip()]
    assert told[:2] == ["000012", "内部资料"]
    assert "评估机构：某某评估机构（盖章处）" in told[:9]
    broken = [
        p.text for p in found.paragraphs if p._p.pPr.find(qn("w:pageBreakBefore")) is not None
    ]
    assert broken[0] == evaluation.order.street


# --- the widths of columns --------------------------------------------------------------------


def test_room_to_sign_stands_above_the_date_and_nothing_blank_below(
    diagnosed_in_word: tuple[Paper, Page, bytes],
) -> None:
    """Blank lines at the end of a full sheet make a sheet of their own."""
    for cell in opened(diagnosed_in_word[2]).tables[-1].rows[0].cells:
        texts = [paragraph.text for paragraph in cell.paragraphs]
        assert "月" in texts[-1]
        assert texts.count("") == 4


def test_numbers_keep_their_line_and_prose_takes_what_is_left() -> None:
    prose, number = (["一句话" * 20], True), (["86.7–89.5%"], False)
    found, fits = widths([[prose], [number], [number]], 9000, 10.5, 120)
    assert fits
    assert sum(found) == 9000
    needed = 120 + 10.5 * 20 * ems("86.7–89.5%")
    assert min(found[1:]) >= needed
    assert found[0] > found[1]


def test_a_verdict_stays_on_its_line_where_there_is_room() -> None:
    verdict = (["尚看不出差别"], True)
    columns = [[(["一段很长的话" * 9], True)], [verdict], [(["12.5"], False)]]
    for word, kept in ((A_WORD, True), (LEAST_WORDS, False)):
        found, fits = widths(columns, 3300, 10.5, 120, word)
        assert fits
        assert (found[1] >= 120 + 6 * 10.5 * 20) == kept


def test_a_table_that_cannot_fit_says_so_and_fills_the_room_all_the_same() -> None:
    found, fits = widths([[(["12345678901234567890"], False)]] * 12, 9000, 10.5, 120)
    assert not fits
    assert sum(found) == 9000
    assert max(found) - min(found) <= 12


def test_shares_are_kept_to_the_last_twip() -> None:
    assert shared((1, 1, 1), 100) == [33, 33, 34]
    assert sum(shared((7, 33, 14, 13, 22, 11), 9298)) == 9298
