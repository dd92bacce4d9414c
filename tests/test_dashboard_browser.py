"""Clicks through the dashboard as a person would: a real browser, a file on disk, no network."""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

from evalkit import publication
from evalkit.pages import dashboard
from evalkit.tables import Evaluation
from tests.deciding import with_wave
from tests.pages.synthetic import NAMES, Street
from tests.pages.synthetic import evaluation as made_up

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")
sync_api = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(CHROMIUM is None, reason="no chromium here: apt install chromium"),
]

ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def arrive(page: Page, address: str) -> None:
    """Open an address and wait until its script has shown it."""
    page.goto(address)
    page.wait_for_selector("html[data-ready]", state="attached")


HOSTILE = "</script><img src=x onerror=a()>"
LONG = "东新路第二联合居民区筹备工作小组临时办公"
DESKTOP, PHONE = (1280, 900), (360, 760)


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    names = [*NAMES[:7], HOSTILE, LONG, "㛃龘里", *NAMES[10:14]]
    return made_up(
        Street(
            count=14,
            names=names,
            mean=88.0,
            waves=("2014", "2015", "2016"),
            incomplete={4: ("random",)},
            new=(5,),
        )
    )


@pytest.fixture(scope="module")
def file(evaluation: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return written(evaluation, tmp_path_factory.mktemp("dashboard") / "dashboard.html")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    with sync_api.sync_playwright() as playwright:
        launched = playwright.chromium.launch(
            executable_path=CHROMIUM, headless=True, args=ARGUMENTS
        )
        yield launched
        launched.close()


class Visit:
    """One visitor's window, and everything that went wrong or out of it."""

    def __init__(self, browser: Browser, file: Path, size: tuple[int, int]) -> None:
        width, height = size
        self.context = browser.new_context(
            viewport={"width": width, "height": height}, offline=True, reduced_motion="reduce"
        )
        self.page: Page = self.context.new_page()
        self.page.set_default_timeout(15_000)
        self.file, self.wrong, self.requested = file, list[str](), set[str]()
        self.page.on("console", lambda message: self.wrong.append(message.text))
        self.page.on("pageerror", lambda error: self.wrong.append(str(error)))
        self.page.on("dialog", lambda dialog: self.wrong.append(dialog.message))
        self.page.on("request", lambda request: self.requested.add(request.url))
        self.begin()

    def begin(self) -> None:
        """Open the file."""
        arrive(self.page, self.file.as_uri())
        self.page.wait_for_selector("#map svg")

    def again(self, size: tuple[int, int]) -> None:
        """Begin anew in the same window, as one that knows nothing of what was done before."""
        self.page.set_viewport_size({"width": size[0], "height": size[1]})
        self.page.goto("about:blank")
        self.wrong.clear()
        self.requested.clear()
        self.begin()

    def names(self) -> list[str]:
        return self.page.locator("#league a.open").all_inner_texts()

    def open(self, name: str) -> None:
        self.page.locator("#league a.open", has_text=name).click()
        self.page.wait_for_selector("#committee:not([hidden]) h2")

    def heading(self) -> str:
        return self.page.locator("main > section:not([hidden]) h2").inner_text()

    def focused(self) -> str:
        return str(self.page.evaluate("document.activeElement.textContent"))


def written(evaluation: Evaluation, path: Path) -> Path:
    path.write_bytes(dashboard.press(dashboard.plan(evaluation, papers=True)))
    return path


Windows = dict[tuple[int, int], Visit]


@pytest.fixture(scope="module")
def windows(browser: Browser) -> Iterator[Windows]:
    """A window for each size: to open one takes as long as most tests."""
    opened: Windows = {}
    yield opened
    for visitor in opened.values():
        visitor.context.close()


def visiting(
    windows: Windows, browser: Browser, file: Path, size: tuple[int, int]
) -> Iterator[Visit]:
    if size in windows:
        windows[size].again(size)
    else:
        windows[size] = Visit(browser, file, size)
    visitor = windows[size]
    yield visitor
    assert visitor.wrong == []
    assert {url.split("#")[0] for url in visitor.requested} == {file.as_uri()}


@pytest.fixture
def visit(windows: Windows, browser: Browser, file: Path) -> Iterator[Visit]:
    yield from visiting(windows, browser, file, DESKTOP)


@pytest.fixture
def phone(windows: Windows, browser: Browser, file: Path) -> Iterator[Visit]:
    yield from visiting(windows, browser, file, PHONE)


def ranked(evaluation: Evaluation) -> list[str]:
    return [str(name) for name in evaluation.current.ranking.table["name"]]


# --- overview -------------------------------------------------------------------------------


def test_the_overview_shows_the_verdict_the_map_and_everybody(
    visit: Visit, evaluation: Evaluation
) -> None:
    page = visit.page
    assert page.locator("#trust").inner_text() == publication.reliability(evaluation)["verdict"]
    assert page.locator(".mark").inner_text() == "模拟数据，非真实评估结果"
    assert visit.names() == [*ranked(evaluation), NAMES[4]]
    last = page.locator("#league tbody tr").last
    assert "不完整" in last.inner_text()
    assert "不排名" in last.inner_text()
    shown = "".join(page.locator("#map svg text").all_text_contents())
    for name in ranked(evaluation)[:3]:
        assert name.replace(" ", "") in shown.replace(" ", "")


def test_another_dimension_changes_the_map(visit: Visit, evaluation: Evaluation) -> None:
    page = visit.page
    before = page.locator("#map svg").inner_html()
    page.get_by_label("小区环境与平安").check()
    page.locator("#map[data-drawn='2']").wait_for()
    assert page.locator("#map svg").inner_html() != before
    assert "小区环境与平安" in str(page.locator("#map").get_attribute("aria-label"))


def test_a_click_on_the_map_opens_the_committee(visit: Visit) -> None:
    tile = visit.page.locator("#map svg text", has_text=re.compile(f"^{NAMES[0]}$"))
    tile.click()
    visit.page.wait_for_selector("#committee:not([hidden]) h2")
    assert visit.heading() == NAMES[0]


def test_search_finds_names_and_ids_and_says_how_many(visit: Visit) -> None:
    page = visit.page
    page.locator("#search").fill(NAMES[1][:2])
    assert visit.names() == [NAMES[1]]
    assert page.locator("#status").inner_text() == "显示 1 个居民区，共 14 个"
    page.locator("#search").fill("ｃｓ００３")
    assert visit.names() == [NAMES[2]]
    page.locator("#search").fill("没有这个名字")
    assert visit.names() == []
    assert "没有符合条件" in page.locator("#status").inner_text()
    page.locator("#search").press("Escape")
    assert len(visit.names()) == 14


def test_filters_narrow_the_table_together(visit: Visit, evaluation: Evaluation) -> None:
    page = visit.page
    zone, housing = "第一片区", "商品房"
    page.locator("#by-zone").select_option(zone)
    inside = [s.name for s in evaluation.roster.subjects if s.zone == zone]
    assert set(visit.names()) == set(inside)
    page.locator("#by-housing").select_option(housing)
    inside = [s.name for s in evaluation.roster.subjects if (s.zone, s.housing) == (zone, housing)]
    assert set(visit.names()) == set(inside)
    page.locator("#clear").click()
    page.locator("#by-grade").select_option(label="不排名")
    assert visit.names() == [NAMES[4]]
    scores = evaluation.current.scores.table
    grade = str(scores["grade"].dropna().iloc[0])
    page.locator("#by-grade").select_option(grade)
    assert set(visit.names()) == set(scores.loc[scores["grade"] == grade, "name"])


def test_a_heading_sorts_and_turns_and_incomplete_ones_stay_last(
    visit: Visit, evaluation: Evaluation
) -> None:
    page = visit.page
    changes = evaluation.waves[evaluation.wave].changes.table
    by_change = changes.sort_values("relative_change", ascending=False)["name"].tolist()
    head = page.locator("#league thead th.change")
    head.locator("button").click()
    assert head.get_attribute("aria-sort") == "descending"
    assert visit.names()[: len(by_change)] == by_change
    page.locator("#league thead th.change button").click()
    assert head.get_attribute("aria-sort") == "ascending"
    assert visit.names()[-1] == NAMES[4]
    assert visit.names()[-2] == by_change[0]
    page.locator("#by-order").select_option("rank")
    assert visit.names()[:-1] == ranked(evaluation)


# --- a committee, two committees --------------------------------------------------------------


def test_a_committee_shows_its_profile_and_all_waves(visit: Visit, evaluation: Evaluation) -> None:
    name = NAMES[0]
    visit.open(name)
    page = visit.page
    page.locator("#committee .chart svg").nth(1).wait_for()
    assert page.url.endswith("#CS001")
    assert page.title().startswith(name)
    waves = page.locator("#committee .history tbody th").all_inner_texts()
    assert waves == ["2016年度", "2015年度", "2014年度"]
    profile = evaluation.diagnosis("CS001").profile
    assert page.locator("#committee .profile tbody tr").count() == len(profile) - 1
    link = page.locator("#committee a.main")
    assert link.get_attribute("href") == "diagnosis/CS001.pdf"
    assert page.locator("a", has_text="街道工作报告").get_attribute("href") == "street-report.pdf"


def test_charts_are_about_the_chosen_committee(visit: Visit, evaluation: Evaluation) -> None:
    drawn = []
    for subject in ("CS001", "CS002"):
        arrive(visit.page, f"{visit.file.as_uri()}#{subject}")
        visit.page.locator("#committee .chart svg").nth(1).wait_for()
        texts = visit.page.locator("#committee .chart").first.locator("text").all_text_contents()
        profile = evaluation.diagnosis(subject).profile
        own = profile[profile["level"] == "dimension"]["estimate"]
        drawn.append([f"{value:.1f}" for value in own])
        assert [text for text in texts if text in drawn[-1]] == drawn[-1]
    assert drawn[0] != drawn[1]


def test_an_incomplete_committee_has_no_score_and_says_what_it_lacks(visit: Visit) -> None:
    visit.open(NAMES[4])
    text = visit.page.locator("#committee").inner_text()
    assert "缺少随机居民的评分" in text
    assert "综合得分\n" not in text
    assert visit.page.locator("#committee .headlines").count() == 0


def test_the_back_button_goes_back_and_the_row_has_the_focus(visit: Visit) -> None:
    visit.open(NAMES[2])
    visit.page.go_back()
    visit.page.wait_for_selector("#overview:not([hidden])")
    assert visit.focused() == NAMES[2]
    visit.page.go_forward()
    visit.page.wait_for_selector("#committee:not([hidden]) h2")
    assert visit.heading() == NAMES[2]


@pytest.mark.parametrize("address", ["#nobody", "#%E0%A4%A", "#CS001+nobody", "#+", "#main"])
def test_an_address_that_leads_nowhere_is_no_error(visit: Visit, address: str) -> None:
    arrive(visit.page, visit.file.as_uri() + address)
    visit.page.reload()
    visit.page.wait_for_selector("main > section:not([hidden]) h2", state="attached")
    assert visit.page.locator("main > section:not([hidden])").count() == 1


def test_two_committees_are_compared_as_far_as_the_data_go(
    visit: Visit, evaluation: Evaluation
) -> None:
    page = visit.page
    names, pairs = ranked(evaluation), dashboard.pairs(evaluation)
    assert pairs is not None
    words = {"sure": "确定高于", "alone": "总会有几对碰巧差得多", "": "分不出先后"}
    page.locator("#to-comparison").click()
    page.wait_for_selector("#comparison:not([hidden]) h2")
    table = evaluation.current.ranking.table
    ids = dict(zip(names, table["subject"], strict=True))
    for kind, sentence in words.items():
        found = next(
            (
                (i, i + 1 + j)
                for i, row in enumerate(pairs)
                for j, (verdict, _, _) in enumerate(row)
                if verdict == kind
            ),
            None,
        )
        assert found is not None, kind
        upper, lower = names[found[0]], names[found[1]]
        page.locator("[data-pick='0']").select_option(ids[lower])
        page.locator("[data-pick='1']").select_option(ids[upper])
        page.wait_for_selector("#verdict")
        text = page.locator("#verdict").inner_text()
        _, difference, interval = pairs[found[0]][found[1] - found[0] - 1]
        assert f"{upper}的得分比{lower}高 {difference} 分" in text
        assert interval in text
        assert sentence in text
    assert page.url.endswith(f"#{ids[lower]}+{ids[upper]}")
    page.locator(".versus a", has_text=upper).click()
    page.wait_for_selector("#committee:not([hidden]) h2")
    assert visit.heading() == upper


def test_where_pairs_are_too_many_the_joint_sets_decide(
    browser: Browser, evaluation: Evaluation, tmp_path: Path
) -> None:
    ranking = replace(evaluation.current.ranking, ahead=None)
    file = written(with_wave(evaluation, ranking=ranking), tmp_path / "dashboard.html")
    table = ranking.table
    best, last = table.iloc[0], table.iloc[-1]
    assert best["rank_high_joint"] < last["rank_low_joint"]
    close = table.iloc[1]
    assert best["rank_high_joint"] >= close["rank_low_joint"]
    visitor = Visit(browser, file, DESKTOP)
    for other, sentence in ((last, "确定高于"), (close, "分不出先后")):
        arrive(visitor.page, f"{file.as_uri()}#{other['subject']}+{best['subject']}")
        visitor.page.wait_for_selector("#verdict", timeout=5_000)
        visitor.page.get_by_text(sentence).first.wait_for()
    visitor.context.close()
    assert visitor.wrong == []


def test_a_hostile_name_is_harmless_wherever_it_stands(visit: Visit) -> None:
    visit.open(HOSTILE)
    assert visit.heading() == HOSTILE
    visit.page.locator("#compare-with").select_option("CS001")
    visit.page.locator("#compare-go").click()
    visit.page.wait_for_selector("#verdict")
    assert HOSTILE in visit.page.locator("#verdict").inner_text()
    assert visit.page.locator("img").count() == 0


# --- keyboard and sizes -----------------------------------------------------------------------


def test_everything_works_from_the_keyboard(visit: Visit, evaluation: Evaluation) -> None:
    page, names = visit.page, ranked(evaluation)
    page.keyboard.press("Tab")
    assert visit.focused() == "跳到主要内容"
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "main"
    page.locator("#search").focus()
    page.keyboard.press("Enter")
    assert visit.focused() == names[0]
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    assert visit.focused() == names[2]
    page.keyboard.press("End")
    assert visit.focused() == NAMES[4]
    page.keyboard.press("Home")
    page.keyboard.press("ArrowDown")
    assert visit.focused() == names[1]
    assert page.locator("#league a.open[tabindex='0']").count() == 1
    outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
    assert outline == "solid"
    page.keyboard.press("Enter")
    page.wait_for_selector("#committee:not([hidden]) h2")
    assert visit.focused() == names[1]
    assert page.evaluate("document.activeElement.id") == "committee-title"
    page.keyboard.press("Escape")
    page.wait_for_selector("#overview:not([hidden])")
    assert visit.focused() == names[1]


def overflow(page: Page) -> Any:
    return page.evaluate("document.documentElement.scrollWidth - window.innerWidth")


def test_two_are_compared_from_the_keyboard(visit: Visit, evaluation: Evaluation) -> None:
    page, names = visit.page, ranked(evaluation)
    page.locator("#league a.open").first.press("Enter")
    page.wait_for_selector("#compare-with")
    page.locator("#compare-with").focus()
    for _ in range(3):
        page.keyboard.press("ArrowDown")
    assert page.evaluate("document.activeElement.id") == "compare-with"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.wait_for_selector("#comparison:not([hidden]) h2")
    heads = page.locator(".versus thead a")
    assert heads.all_inner_texts() == [names[0], names[3]]
    page.locator("[data-pick='1']").focus()
    for _ in range(2):
        page.keyboard.press("ArrowDown")
        page.wait_for_timeout(150)
    assert page.evaluate("document.activeElement.dataset.pick") == "1"
    assert heads.all_inner_texts() == [names[0], names[5]]


@pytest.mark.parametrize("width", [360, PHONE[0]])
@pytest.mark.parametrize("address", ["", "#CS009", "#CS008+CS009", "#CS005"])
def test_a_phone_never_scrolls_sideways(phone: Visit, address: str, width: int) -> None:
    phone.page.set_viewport_size({"width": width, "height": PHONE[1]})
    arrive(phone.page, phone.file.as_uri() + address)
    phone.page.wait_for_timeout(300)
    assert overflow(phone.page) <= 0
    for table in phone.page.locator("main > section:not([hidden]) .scroll").all():
        assert table.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
    for svg in phone.page.locator("main > section:not([hidden]) svg").all():
        box = svg.bounding_box()
        assert box is not None
        assert box["width"] <= PHONE[0]


def test_a_phone_has_cards_with_everything_on_them(phone: Visit, evaluation: Evaluation) -> None:
    card = phone.page.locator("#league tbody tr").first
    text = card.inner_text()
    row = evaluation.current.ranking.table.iloc[0]
    assert str(row["name"]) in text
    assert f"{row['score']:.1f}" in text
    box = card.bounding_box()
    assert box is not None
    assert box["width"] <= PHONE[0]
    card.locator("a.open").click()
    phone.page.wait_for_selector("#committee:not([hidden]) h2")
    assert phone.heading() == row["name"]


def test_charts_are_drawn_anew_when_the_window_becomes_narrow(visit: Visit) -> None:
    page = visit.page
    wide = page.locator("#map svg").bounding_box()
    page.set_viewport_size({"width": PHONE[0], "height": PHONE[1]})
    page.locator("#map[data-drawn='2']").wait_for()
    narrow = page.locator("#map svg").bounding_box()
    assert wide is not None
    assert narrow is not None
    assert narrow["width"] < wide["width"] / 1.8
    assert overflow(page) <= 0
