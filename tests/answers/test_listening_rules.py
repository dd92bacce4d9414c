"""What may be said of needs and themes: every limit one below, at it and one above."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import beta, norm

from evalkit.answers.listening import listen, says_something
from evalkit.codes import WROTE_NAME
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Theme, Themes
from evalkit.tables import ALL_GROUPS, ANYTHING, Answers, Needs, check
from tests.answers import cells
from tests.deciding import decided

TEN = 10
OPTIONS = "options: [{code: x, label: 停车}, {code: y, label: 就医}"
FORM = cells.FORM.replace(OPTIONS, OPTIONS + ", {code: xy, label: 养老}")
THEMES = Themes(
    id="t",
    title="主题",
    themes=[
        Theme(code="park", name="停车", words=["停车", "車位", "P+R"]),
        Theme(code="leak", name="漏水", words=["漏水"]),
    ],
    assumptions=["词表是编者拟的"],
)
Said = tuple[str, str, str]
"""Committee, ticked options, written text."""


def needs_of(
    rows: Sequence[tuple[str, str, str]],
    *,
    weight: Sequence[float] | None = None,
    themes: Themes | None = THEMES,
    scheme: Scheme | None = None,
    roster: Roster | None = None,
    groups: Sequence[str] | None = None,
    form: str = FORM,
) -> Needs:
    groups = groups or ["key"] * len(rows)
    made = cells.answers(
        *[(s, g, {"n": n, "w": w}) for (s, n, w), g in zip(rows, groups, strict=True)],
        weight=weight,
    )
    document = Questionnaire.model_validate(yaml.safe_load(form))
    found, _ = listen(
        made,
        decided(scheme or cells.scheme(), {"q": document}, roster or cells.roster(), themes=themes),
    )
    check(found.table, "needs")
    check(found.themes, "themes")
    return found


def rows_of(subject: str, counts: Mapping[str, int], text: str = "") -> list[Said]:
    return [(subject, ticked, text) for ticked, n in counts.items() for _ in range(n)]


def options(found: Needs, subject: str) -> dict[str, tuple[int, int]]:
    own = found.table[found.table["subject"] == subject]
    return {
        str(o): (int(n), int(of))
        for o, n, of in zip(own["option"], own["n"], own["of"], strict=True)
    }


def spoken(found: Needs, subject: str) -> dict[str, tuple[int, int]]:
    own = found.themes[found.themes["subject"] == subject]
    return {
        str(c): (int(n), int(of)) for c, n, of in zip(own["code"], own["n"], own["of"], strict=True)
    }


def line(found: Needs, subject: str, option: str) -> pd.Series:
    own = found.table
    (at,) = np.flatnonzero((own["subject"] == subject) & (own["option"] == option))
    return own.iloc[at]


# --- who is listened to -------------------------------------------------------------------------


@pytest.mark.parametrize(("minimum", "there"), [(10, True), (20, True), (21, False)])
def test_a_group_is_heard_if_it_is_as_many_as_the_scheme_asks(minimum: int, there: bool) -> None:
    rows = rows_of("jia", {"x": 10, "y": 10})
    found = needs_of(rows, scheme=cells.scheme(key={"minimum_n": minimum}))
    assert options(found, "jia") == ({"x": (10, 20), "y": (10, 20)} if there else {})


@pytest.mark.parametrize(("minimum", "there"), [(10, True), (20, True), (21, False)])
def test_a_group_is_heard_if_it_is_as_many_as_the_themes_ask(minimum: int, there: bool) -> None:
    rows = rows_of("jia", {"x": 20}, "停车")
    found = needs_of(rows, themes=THEMES.model_copy(update={"minimum_n": minimum}))
    assert found.minimum_n == minimum
    assert spoken(found, "jia") == ({"*": (20, 20), "park": (20, 20)} if there else {})


def test_the_size_of_a_group_is_that_in_its_own_committee() -> None:
    rows = [*rows_of("jia", {"x": 10, "y": 10}), *rows_of("yi", {"x": 19})]
    found = needs_of(rows, scheme=cells.scheme(key={"minimum_n": 20}))
    assert options(found, ALL_GROUPS) == {"x": (10, 20), "y": (10, 20)}


def test_a_committee_outside_its_time_is_not_heard() -> None:
    roster = cells.roster(Subject(id="jia", name="甲"), Subject(id="yi", name="乙", until="2015"))
    rows = [*rows_of("yi", {"x": 30}), *rows_of("jia", {"x": 12, "y": 14})]
    assert options(needs_of(rows, roster=roster), ALL_GROUPS) == {"x": (12, 26), "y": (14, 26)}


def test_only_groups_of_residents_are_heard() -> None:
    rows = rows_of("jia", {"x": 20, "y": 20})
    alone, offices = needs_of(rows), needs_of(rows * 2, groups=["key"] * 40 + ["office"] * 40)
    pd.testing.assert_frame_equal(alone.table, offices.table)


# --- needs --------------------------------------------------------------------------------------


def test_a_share_its_error_and_its_interval_by_hand() -> None:
    rows = rows_of("jia", {"x": 10, "y": 15}) + [("jia", "", "")] * 3
    found = needs_of(rows, weight=[2.0] * 10 + [1.0] * 15 + [9.0] * 3)
    own = line(found, "jia", "x")
    share = 20 / 35
    assert (own["n"], own["of"], own["name"], own["item"]) == (10, 25, "停车", "n")
    assert own["share"] == pytest.approx(share, rel=1e-12)
    spread = 10 * (2 / 35 * (1 - share)) ** 2 + 15 * (1 / 35 * share) ** 2
    se = np.sqrt(25 / 24 * spread)
    assert own["se"] == pytest.approx(se, rel=1e-12)
    reach = norm.ppf(0.975) * se / (share * (1 - share))
    for end, sign in (("low", -1), ("high", 1)):
        odds = share / (1 - share) * np.exp(sign * reach)
        assert own[end] == pytest.approx(odds / (1 + odds), rel=1e-12)
    assert found.table["wave"].unique().tolist() == ["2016"]


def test_the_scheme_says_how_sure_an_interval_is() -> None:
    rows = rows_of("jia", {"x": 20, "y": 20})
    wide, narrow = needs_of(rows), needs_of(rows, scheme=cells.scheme(confidence=0.8))
    se = np.sqrt(40 / 39 * 40 * (0.5 / 40) ** 2)
    reach = norm.ppf(0.9) * se / 0.25
    assert line(narrow, "jia", "x")["high"] == pytest.approx(1 / (1 + np.exp(-reach)), rel=1e-12)
    assert line(wide, "jia", "x")["high"] > line(narrow, "jia", "x")["high"]


def test_the_street_is_the_sum_of_its_strata() -> None:
    rows = [*rows_of("jia", {"x": 20, "y": 20}), *rows_of("yi", {"x": 30, "y": 10})]
    found = needs_of(rows, weight=[1.0] * 40 + [1.5] * 40)
    street = line(found, ALL_GROUPS, "x")
    # parts 40/100 and 60/100, shares 1/2 and 3/4
    assert (street["n"], street["of"]) == (50, 80)
    assert street["share"] == street["street"] == pytest.approx(0.4 * 0.5 + 0.6 * 0.75, rel=1e-12)
    one, other = 0.25 / 39, 0.75 * 0.25 / 39
    assert street["se"] == pytest.approx(np.sqrt(0.16 * one + 0.36 * other), rel=1e-12)
    assert line(found, "yi", "x")["street"] == street["share"]
    assert pd.isna(street["verdict"])


def test_few_answers_of_many_count_for_the_street_with_its_variance() -> None:
    # of ten residents of each small committee one answered the question of needs
    more = [f"z{at}" for at in range(10)]
    roster = cells.roster(*(Subject(id=s, name=s) for s in ("jia", *more)))
    rows = rows_of("jia", {"x": 12, "y": 18})
    for subject in more:
        rows += [(subject, "x", ""), *[(subject, "", "")] * 9]
    street = line(needs_of(rows, roster=roster), ALL_GROUPS, "x")
    assert (street["n"], street["of"]) == (22, 40)
    p = 22 / 40
    variance = (30 / 40) ** 2 * 0.4 * 0.6 / 29 + 10 * (1 / 40) ** 2 * p * (1 - p)
    assert street["se"] == pytest.approx(np.sqrt(variance), rel=1e-12)


def p_of(hits: float, trials: float, common: float) -> float:
    """Twice the smaller binomial tail, continued to fractions: from the beta distribution."""
    above = beta.cdf(common, hits, trials - hits + 1)
    below = beta.sf(common, hits + 1, trials - hits)
    return float(min(2 * min(above, below), 1.0))


def test_a_difference_from_the_street_is_tested_with_all_others() -> None:
    rows = [*rows_of("jia", {"x": 30, "y": 10}), *rows_of("yi", {"x": 15, "y": 25})]
    found = needs_of(rows)
    # common 45/80; each is half: 1 - w = 1/2, f = (1/4 + 1/4) / 40, n* = (1/4) / f = 20
    p = p_of((0.5625 + (0.75 - 0.5625) / 0.5) * 20, 20, 0.5625)
    q = p_of((0.5625 + (0.375 - 0.5625) / 0.5) * 20, 20, 0.5625)
    assert p < q < 0.05
    # of four tests (who ticked x left out y) the two of p count twice, the two of q once
    for subject, option, expected, verdict in (
        ("jia", "x", 2 * p, "高于"),
        ("jia", "y", 2 * p, "低于"),
        ("yi", "x", q, "低于"),
        ("yi", "y", q, "高于"),
    ):
        own = line(found, subject, option)
        assert own["p_adjusted"] == pytest.approx(min(expected, q), rel=1e-9)
        assert own["verdict"] == verdict


def test_the_scheme_says_how_rare_a_false_verdict_is() -> None:
    rows = [*rows_of("jia", {"x": 30, "y": 10}), *rows_of("yi", {"x": 15, "y": 25})]
    p = float(line(needs_of(rows), "jia", "x")["p_adjusted"])
    for rate, verdict in ((p, "无显著差异"), (np.nextafter(p, 1), "高于")):
        found = needs_of(rows, scheme=cells.scheme(false_discovery_rate=rate))
        assert line(found, "jia", "x")["verdict"] == verdict


def test_all_questions_committees_and_options_are_one_family() -> None:
    more = "  - {id: m, text: 更多诉求, kind: multiple, role: need, " + OPTIONS + "]}\n"
    form = Questionnaire.model_validate(yaml.safe_load(FORM + more))
    rows = [*rows_of("jia", {"x": 30, "y": 10}), *rows_of("yi", {"x": 15, "y": 25})]
    made = cells.answers(*[(s, "key", {"n": n}) for s, n, _ in rows])
    flat = (["x"] * 20 + ["y"] * 20) * 2  # nobody differs in the second question
    codes = made.codes["q"].assign(m=flat)
    both = Answers("2016", made.respondents, {"q": codes}, made.states)
    found, _ = listen(both, decided(cells.scheme(), {"q": form}, cells.roster(), themes=None))
    once = line(needs_of(rows), "jia", "x")["p_adjusted"]
    own = found.table[(found.table["item"] == "n") & (found.table["subject"] == "jia")]
    # four of eight tests have the small p: it counts eight quarters
    assert own["p_adjusted"].tolist() == pytest.approx([2 * once] * 2, rel=1e-9)
    flat_p = found.table[(found.table["item"] == "m") & (found.table["subject"] == "jia")]
    assert flat_p["p_adjusted"].tolist() == [1.0, 1.0]
    assert set(flat_p["verdict"]) == {"无显著差异"}


def test_committees_of_fewer_than_ten_answers_are_not_tested_and_do_not_widen_the_family() -> None:
    names = ("bing", "ding", "wu")
    roster = cells.roster(*(Subject(id=s, name=s) for s in ("jia", "yi", *names)))
    rows = [*rows_of("jia", {"x": 30, "y": 10}), *rows_of("yi", {"x": 15, "y": 25})]
    for subject in names:
        rows += rows_of(subject, {"x": 4, "y": 4, "": 2})
    found = needs_of(rows, roster=roster)
    assert options(found, ALL_GROUPS) == {"x": (57, 104), "y": (47, 104)}
    assert set(found.table["subject"]) == {ALL_GROUPS, "jia", "yi"}
    # with three small committees of 8: f = (1 - 2w)/40 + sum w^2/n
    w, common = 40 / 104, 57 / 104
    f = (1 - 2 * w) / 40 + 2 * w**2 / 40 + 3 * (8 / 104) ** 2 / 8
    trials = (1 - w) ** 2 / f
    p = p_of((common + (0.75 - common) / (1 - w)) * trials, trials, common)
    q = p_of((common + (0.375 - common) / (1 - w)) * trials, trials, common)
    # four tests and not ten: the smaller p counts twice, the larger once
    expected = {min(p, q): min(2 * min(p, q), max(p, q)), max(p, q): max(p, q)}
    assert line(found, "jia", "x")["p_adjusted"] == pytest.approx(expected[p], rel=1e-9)
    assert line(found, "yi", "x")["p_adjusted"] == pytest.approx(expected[q], rel=1e-9)


def test_options_stand_in_the_order_of_the_form_street_first() -> None:
    rows = [*rows_of("yi", {"xy": 20, "x": 20}), *rows_of("jia", {"y": 20, "x": 20})]
    found = needs_of(rows).table
    assert list(zip(found["subject"], found["option"], strict=True)) == [
        (ALL_GROUPS, "x"), (ALL_GROUPS, "y"), (ALL_GROUPS, "xy"), ("jia", "x"), ("yi", "x"),
    ]  # fmt: skip


def test_nobody_asked_is_nobody_heard() -> None:
    made = cells.answers(*[("jia", "key", {"c": "1"})] * 20)
    without = Answers("2016", made.respondents, {"q": made.codes["q"].drop(columns=["n", "w"])}, made.states)  # fmt: skip
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    found, notes = listen(
        without, decided(cells.scheme(), {"q": form}, cells.roster(), themes=None)
    )
    assert found.table.empty
    assert found.themes.empty
    assert notes == ()


def test_questions_of_one_name_on_two_forms_are_one() -> None:
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    other = form.model_copy(update={"id": "p"})
    one = cells.answers(*[("jia", "key", {"n": "x", "w": "停车"})] * 12)
    two = cells.answers(*[("jia", "key", {"n": "y", "w": "漏水"})] * 14)
    named = pd.Index([f"b#{at}" for at in range(14)], name="respondent")
    made = Answers(
        "2016",
        pd.concat([one.respondents, two.respondents.set_axis(named).assign(respondent=named)]),
        {"q": one.codes["q"], "p": two.codes["q"].set_axis(named)},
        {"q": one.states["q"], "p": two.states["q"].set_axis(named)},
    )
    found, _ = listen(
        made, decided(cells.scheme(), {"q": form, "p": other}, cells.roster(), themes=THEMES)
    )
    assert options(found, "jia") == {"x": (12, 26), "y": (14, 26)}
    assert spoken(found, "jia") == {"*": (26, 26), "park": (12, 26), "leak": (14, 26)}


# --- themes -------------------------------------------------------------------------------------


def written(*texts: tuple[str, int], subject: str = "jia") -> list[Said]:
    return [(subject, "", text) for text, n in texts for _ in range(n)]


@pytest.mark.parametrize("text", ["要停車", "没有车位", "p＋r", "停 车"])
def test_words_are_words_however_written_and_no_patterns(text: str) -> None:
    found = needs_of(written((text, 10), ("PPR", 3)))
    assert spoken(found, "jia") == {"*": (13, 13), "park": (10, 13)}


@pytest.mark.parametrize(
    "text",
    ["无", "没", "没有", "暂无", "都好", "同上", "不知道", "不清楚", "没意见", "无！", "", "_"],
)
def test_what_says_nothing(text: str) -> None:
    assert not says_something(text)


@pytest.mark.parametrize("text", ["无人管", "没有电梯", "好", "a"])
def test_what_says_something(text: str) -> None:
    assert says_something(text)


@pytest.mark.parametrize(("n", "there"), [(9, False), (10, True), (11, True)])
def test_whoever_wrote_is_told_from_ten_on(n: int, there: bool) -> None:
    found = needs_of([*written(("修路", n)), *written(("无", 9))])
    assert spoken(found, "jia") == ({"*": (n, n)} if there else {})
    assert spoken(found, ALL_GROUPS) == ({"*": (n, n)} if there else {})


@pytest.mark.parametrize(("n", "there"), [(9, False), (10, True)])
def test_a_theme_is_told_from_ten_on(n: int, there: bool) -> None:
    found = needs_of(written(("停车", n), ("修路", 20)))
    expected = {"*": (n + 20, n + 20)} | ({"park": (n, n + 20)} if there else {})
    assert spoken(found, "jia") == expected
    assert spoken(found, ALL_GROUPS) == expected
    assert found.themes["share"].tolist() == [1.0, *([n / (n + 20)] if there else [])] * 2


def test_a_theme_of_nine_elsewhere_hides_the_smallest_that_would_give_it_away() -> None:
    rows = [*written(("停车", 30)), *written(("停车", 9), ("修路", 20), subject="yi")]
    found = needs_of(rows)
    assert spoken(found, ALL_GROUPS) == {"*": (59, 59), "park": (39, 59)}
    assert spoken(found, "jia") == {"*": (30, 30)}
    assert spoken(found, "yi") == {"*": (29, 29)}


def test_committees_of_few_writers_count_for_the_street_only_together() -> None:
    rows = [*written(("停车", 20)), *written(("停车", 9), ("无", 9), subject="yi")]
    found = needs_of(rows)
    assert spoken(found, ALL_GROUPS) == {"*": (20, 20), "park": (20, 20)}
    assert spoken(found, "yi") == {}
    roster = cells.roster(*(Subject(id=s, name=s) for s in ("jia", "yi", "bing")))
    rows += written(("停车", 1), ("无", 9), subject="bing")
    found = needs_of(rows, roster=roster)
    assert spoken(found, ALL_GROUPS) == {"*": (30, 30), "park": (30, 30)}
    assert spoken(found, "jia") == {"*": (20, 20), "park": (20, 20)}
    assert spoken(found, "yi") == spoken(found, "bing") == {}


def test_committees_after_one_of_few_writers_are_told() -> None:
    """Nine of the first and one of the second count, together, and tell nothing of themselves."""
    roster = cells.roster(*(Subject(id=s, name=s) for s in ("jia", "yi", "bing")))
    rows = [*written(("停车", 9), ("无", 9)), *written(("停车", 1), ("无", 9), subject="yi")]
    rows += written(("停车", 12), ("修路", 3), subject="bing")
    found = needs_of(rows, roster=roster)
    assert spoken(found, "jia") == spoken(found, "yi") == {}
    assert spoken(found, "bing") == {"*": (15, 15), "park": (12, 15)}
    assert spoken(found, ALL_GROUPS) == {"*": (25, 25), "park": (22, 25)}


def test_names_of_themes_and_what_was_assumed_travel_along() -> None:
    found = needs_of(written(("停车", 12)))
    own = found.themes[found.themes["subject"] == "jia"].set_index("code")["name"]
    assert dict(own) == {ANYTHING: WROTE_NAME, "park": "停车"}
    assert found.assumptions == ("词表是编者拟的",)
    assert needs_of(written(("停车", 12)), themes=None).assumptions == ()
    assert needs_of(written(("停车", 12)), themes=None).minimum_n == TEN
