"""What leaves the dashboard, or is kept of it: addresses, tables, pictures, paper. A real browser."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from pypdf import PdfReader

from evalkit.pages import dashboard
from evalkit.tables import Evaluation
from tests.pages import boards
from tests.pages.synthetic import NAMES, Street
from tests.pages.synthetic import evaluation as made_up
from tests.test_dashboard_browser import (
    CHROMIUM,
    DESKTOP,
    HOSTILE,
    PHONE,
    Visit,
    arrive,
    overflow,
    ranked,
    sync_api,
    written,
)

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Download

pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt install chromium"),
]

FORMULA = "=1+1"
TABLET = (834, 1112)
COUNT = 14


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    names = [*NAMES[:7], HOSTILE, FORMULA, *NAMES[9:COUNT]]
    waves = ("2014", "2015", "2016")
    return made_up(Street(count=COUNT, names=names, mean=88.0, waves=waves, new=(5,)))


@pytest.fixture(scope="module")
def file(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(evaluation, tmp_path_factory.mktemp("shared") / "dashboard.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=["--no-sandbox", "--disable-gpu"]
        )
        yield launched
        launched.close()


@pytest.fixture(scope="module")
def window(browser: Browser, file: Path) -> Iterator[Visit]:
    """One window for all: every test says in the address where it begins."""
    visitor = Visit(browser, file, DESKTOP)
    yield visitor
    visitor.context.close()
    assert visitor.wrong == []


@pytest.fixture
def visit(window: Visit, file: Path) -> Iterator[Visit]:
    window.page.set_viewport_size({"width": DESKTOP[0], "height": DESKTOP[1]})
    arrive(window.page, f"{file.as_uri()}#")
    yield window
    assert window.wrong == []


def rows_of(download: Download) -> list[list[str]]:
    text = Path(download.path()).read_bytes().decode("utf-8")
    assert text.startswith("\ufeff")
    assert text.endswith("\r\n")
    return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))


# --- the address ----------------------------------------------------------------------------


def test_what_is_shown_stands_in_the_address_and_is_there_again_when_loaded(visit: Visit) -> None:
    page = visit.page
    page.locator("#wave-choices input").nth(1).check()
    page.locator("#by-order").select_option("score-")
    page.locator("#search").fill(NAMES[1][:2])
    page.locator("#league [data-keep^='pick-']").first.check()
    address, shown = page.url, page.locator("#league").inner_text()
    page.goto("about:blank")
    arrive(page, address)
    page.wait_for_selector("#league tbody tr")
    assert page.locator("#league").inner_text() == shown
    assert page.locator("#search").input_value() == NAMES[1][:2]
    assert page.locator("#league-title").inner_text() == "名次表（2015年度）"
    assert page.locator("#picked").is_visible()
    page.locator("#league a.open").first.click()
    page.wait_for_selector("#committee:not([hidden]) h2")
    page.go_back()
    page.wait_for_selector("#overview:not([hidden])")
    assert page.url == address
    page.locator("#by-order").select_option("name")
    page.go_back()
    assert page.locator("#by-order").input_value() == "score-"
    assert page.locator("#league").inner_text() == shown


@pytest.mark.parametrize(
    "address", ["#?wave=1999&sort=x&map=Z&pick=no+body", "#?%E0%A4%A", "#CS001?"]
)
def test_a_state_that_leads_nowhere_is_no_error(visit: Visit, address: str) -> None:
    arrive(visit.page, visit.file.as_uri() + address)
    visit.page.reload()
    visit.page.wait_for_selector("main > section:not([hidden]) h2", state="attached")
    assert visit.page.locator("main > section:not([hidden])").count() == 1


# --- waves, groups, search --------------------------------------------------------------------


def test_an_earlier_wave_shows_its_own_table(visit: Visit, evaluation: Evaluation) -> None:
    page = visit.page
    page.locator("#wave-choices input").nth(2).check()
    table = evaluation.waves["2014"].ranking.table
    assert visit.names() == [str(name) for name in table["name"]]
    first = page.locator("#league tbody tr").first.inner_text()
    assert f"{table['score'].iloc[0]:.1f}" in first
    assert page.locator("#earlier").is_visible()
    assert not page.locator("#legend").is_visible()
    page.locator("#wave-choices input").first.check()
    assert visit.names() == ranked(evaluation)


def test_groups_have_a_legend_with_numbers_and_can_be_shown_alone(
    visit: Visit, evaluation: Evaluation
) -> None:
    page = visit.page
    words = {"高于": "明显高于平均", "无显著差异": "尚看不出差别", "低于": "明显低于平均"}
    of = {name: [] for name in words.values()}  # type: dict[str, list[str]]
    for subject, name in evaluation.current.ranking.table[["subject", "name"]].itertuples(
        index=False
    ):
        profile = evaluation.diagnosis(subject).profile
        verdict = profile.loc[profile["level"] == "composite", "verdict"].iloc[0]
        of[words[verdict]].append(name)
    signs = dict(zip(of, "▲●▼", strict=True))
    told = page.locator("#legend li").all_inner_texts()
    assert [t.replace("\n", "") for t in told] == [
        f"{signs[name]}{name} {len(own)} 个" for name, own in of.items()
    ]
    for name, own in of.items():
        page.locator("#by-group").select_option(name)
        assert visit.names() == own


def test_a_name_is_found_by_its_initials(visit: Visit) -> None:
    data = boards.of_page(visit.file.read_text(encoding="utf-8"))
    member = next(c for c in data["committees"] if c["name"] == NAMES[2])
    for text in (member["spelt"][0], member["spelt"][1].upper()):
        visit.page.locator("#search").fill(text)
        assert NAMES[2] in visit.names()
        assert len(visit.names()) < COUNT


# --- several compared -------------------------------------------------------------------------


def test_several_are_compared_pair_by_pair_as_all_pairs_were_tested(
    visit: Visit, evaluation: Evaluation
) -> None:
    page = visit.page
    table, pairs = evaluation.current.ranking.table, dashboard.pairs(evaluation)
    assert pairs is not None
    chosen = [0, 4, COUNT - 1]
    for place in chosen:
        page.locator(f"[data-keep='pick-{table['subject'].iloc[place]}']").check()
    page.locator("#picked-go").click()
    page.wait_for_selector("#verdict")
    names = [str(table["name"].iloc[place]) for place in chosen]
    couples = [(0, 1), (0, 2), (1, 2)]
    found = [pairs[chosen[a]][chosen[b] - chosen[a] - 1] for a, b in couples]
    sure = [
        f"{names[a]}高于{names[b]}"
        for (a, b), (verdict, _, _) in zip(couples, found, strict=True)
        if verdict == "sure"
    ]
    assert sure
    text = page.locator("#verdict").inner_text()
    assert f"能断定先后的有 {len(sure)} 对：{'、'.join(sure)}" in text
    cells = page.locator(".matrix td").all_inner_texts()
    told = [cells[0], cells[1], cells[3]]
    for cell, (verdict, difference, ends) in zip(told, found, strict=True):
        assert cell.startswith("▲ 能断定更高" if verdict == "sure" else "分不出先后")
        assert f"高 {difference} 分（{ends}）" in cell
    assert page.locator(".versus thead a").all_inner_texts() == names


# --- tables and pictures ----------------------------------------------------------------------


def test_the_table_is_saved_as_it_is_shown_with_no_live_formula(
    visit: Visit, evaluation: Evaluation
) -> None:
    page = visit.page
    page.locator("#by-order").select_option("score-")
    with page.expect_download() as waiting:
        page.locator("#export").click()
    rows = rows_of(waiting.value)
    assert waiting.value.suggested_filename == "模拟数据-名次表-2016年度.csv"
    names = [row[4] for row in rows[1:]]
    assert [name.removeprefix("'") for name in names] == visit.names()
    assert f"'{FORMULA}" in names
    table = evaluation.current.ranking.table.set_index("name")
    moves = evaluation.waves["2016"].changes.table.set_index("name")["relative_change"]
    for row in rows[1:]:
        name = row[4].removeprefix("'")
        assert row[1:4] == [
            str(table.loc[name, key]) for key in ("rank", "rank_low_joint", "rank_high_joint")
        ]
        assert float(row[7]) == pytest.approx(table.loc[name, "score"], abs=0.05)
        if name in moves:
            assert float(row[15]) == round(moves[name], 1)
    visit.open(FORMULA)
    with page.expect_download() as waiting:
        page.locator("#committee .csv").click()
    told = [row[0] for row in rows_of(waiting.value) if row]
    assert {"处方：先做什么", "维度与指标", "历次结果"} & set(told)


def test_charts_are_saved_as_pictures(visit: Visit) -> None:
    page = visit.page
    page.wait_for_selector("#map svg")
    with page.expect_download() as waiting:
        page.locator("#map-box .picture").click()
    assert waiting.value.suggested_filename == "模拟数据-地图-综合得分-2016年度.png"
    content = Path(waiting.value.path()).read_bytes()
    assert content.startswith(b"\x89PNG")
    assert int.from_bytes(content[16:20], "big") > 600
    assert len(content) > 20_000


# --- sizes and paper --------------------------------------------------------------------------


@pytest.mark.parametrize("size", [DESKTOP, TABLET, PHONE], ids=["desk", "tablet", "phone"])
def test_no_view_is_wider_than_its_window(visit: Visit, size: tuple[int, int]) -> None:
    page = visit.page
    page.set_viewport_size({"width": size[0], "height": size[1]})
    for address in ("#", "#?wave=2015", "#CS003", "#CS001+CS002+CS008+CS009"):
        arrive(page, visit.file.as_uri() + address)
        page.wait_for_timeout(150)
        assert overflow(page) <= 0, address


def printed(visit: Visit) -> tuple[str, PdfReader]:
    content = visit.page.pdf(prefer_css_page_size=True, print_background=True)
    paper = PdfReader(io.BytesIO(content))
    text = "".join(page.extract_text() for page in paper.pages)
    return unicodedata.normalize("NFKC", text).replace("\N{FIGURE DASH}", "\N{EN DASH}"), paper


def test_the_printed_page_has_every_interval_and_no_controls(
    visit: Visit, evaluation: Evaluation
) -> None:
    text, paper = printed(visit)
    assert paper.pages[0].mediabox.width > paper.pages[0].mediabox.height
    for row in evaluation.current.scores.table.itertuples():
        assert f"{row.low:.1f}–{row.high:.1f}" in text
    assert "明显高于平均" in text
    assert "清除条件" not in text
    assert "导出" not in text
    arrive(visit.page, f"{visit.file.as_uri()}#CS002")
    visit.page.wait_for_selector("#committee .chart svg")
    text, _ = printed(visit)
    profile = evaluation.diagnosis("CS002").profile
    for row in profile[profile["level"] == "indicator"].itertuples():
        assert f"{row.low:.1f}–{row.high:.1f}" in text
