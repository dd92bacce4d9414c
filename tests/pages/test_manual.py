"""The operations manual: what it says against the documents and against sums made here."""

from __future__ import annotations

import re
import statistics
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

import numpy as np
import pandas as pd
import pypdf
import pytest
from scipy import stats

from evalkit.answers import behaviour
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire, Role
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problems
from evalkit.folder import Folder
from evalkit.illustration import _answers, illustrate
from evalkit.pages import manual
from evalkit.pages.manual import fieldwork, questions, sampling
from evalkit.pages.press import meanings, printing
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.printing import Pressed
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.platforms.base import PERSONAL
from evalkit.tables import State
from tests.deciding import decided
from tests.pages.conftest import pages_of, read, text_of, words
from tests.pages.reading import read as filled
from tests.preset import from_preset

KANSAS_CITY = Path(__file__).parents[1] / "kansas_city"
Z = statistics.NormalDist().inv_cdf(0.975)


def of(root: Path) -> Decided:
    problems = Problems()
    documents = Folder(root).documents(problems)
    assert documents is not None, list(problems)
    return documents


def planned(documents: Decided) -> Paper:
    example = illustrate(decided(documents.scheme, documents.questionnaires))
    return manual.plan(documents, example)


def content(paper: Paper, template: str) -> Any:
    sections: list[Section] = paper.context["sections"]
    return next(s for s in sections if s.template == f"manual/{template}.html.j2")


@pytest.fixture(scope="module")
def preset(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    root = tmp_path_factory.mktemp("new") / "ws"
    from_preset(root)
    order = root / "evaluation.yaml"
    text = order.read_text(encoding="utf-8")
    known = re.sub(r"(?m)^    # (start:|end:|issued:|  key:|  random:)", r"    \1", text)
    assert known.count("#") == text.count("#") - 5
    order.write_text(f"{known}\ncalendar: [2027-01-01]\n", encoding="utf-8")
    return of(root)


@pytest.fixture(scope="module")
def paper(preset: Decided) -> Paper:
    return planned(preset)


@pytest.fixture(scope="module")
def pressed(paper: Paper) -> Pressed:
    return printing.press(paper)


@pytest.fixture(scope="module")
def kansas_city() -> Decided:
    return of(KANSAS_CITY)


def odd(**changes: Any) -> Decided:
    """A village street without residents: eight offices, a number, one-item indicators."""
    groups = [
        {"code": f"g{at}", "name": f"第{at}类科室", "weight": 12.5, "questionnaire": "form",
         "raters": "rater", "minimum_n": 2 + at, "population": 3}
        for at in range(8)
    ]  # fmt: skip
    groups[0]["covers"] = ["A1"]
    scheme = {
        "id": "odd", "title": "奇怪的方案", "residents_weight": 0, "groups": groups,
        "uncovered": "to_covering_groups", "minimum_answered": 1.0, "confidence": 0.9,
        "dimensions": [
            {"code": "A", "name": "温度", "weight": 60,
             "indicators": [{"code": "A1", "name": "冷暖㛃龘", "weight": 60, "items": {"form": ["t"]}}]},
            {"code": "B", "name": "速度", "weight": 40,
             "indicators": [{"code": "B1", "name": "快慢", "weight": 40, "items": {"form": ["s"]}}]},
        ],
        "grades": [{"name": "都好", "cutoff": 0}],
    }  # fmt: skip
    form = {
        "id": "form", "title": "科室问卷",
        "items": [
            {"id": "who", "text": "您是谁", "kind": "text", "role": "rater"},
            {"id": "where", "text": "评哪个村", "role": "subject"},
            {"id": "t", "text": "暖不暖", "kind": "number", "minimum": -10, "maximum": 40},
            {"id": "s", "text": "快不快", "options": [
                {"code": "1", "label": "快", "score": 100}, {"code": "2", "label": "慢", "score": 0},
                {"code": "3", "label": "不愿说", "missing": "refused"}]},
        ],
    }  # fmt: skip
    order = {"title": "二十个字的题目一二三四五六七八九十甲乙", "street": "龘㛃镇",
             "subject_word": "村", "street_word": "镇", "waves": [{"id": "w1"}]}  # fmt: skip
    questionnaire = Questionnaire.model_validate(form | changes)
    return Decided(
        EvaluationOrder.model_validate(order),
        Scheme.model_validate(scheme),
        {"form": questionnaire},
        Roster.model_validate({"subjects": [{"id": "v1", "name": "只有一个村"}]}),
    )


@pytest.fixture(scope="module")
def village() -> Pressed:
    return printing.press(planned(odd()))


# --- what it is made of ---------------------------------------------------------------------


@pytest.fixture(scope="module", params=["preset", "kansas_city", "odd"])
def whole(request: pytest.FixtureRequest) -> tuple[Decided, str]:
    if request.param == "preset":
        made: Pressed = request.getfixturevalue("pressed")
        return request.getfixturevalue("preset"), text_of(made)
    if request.param == "odd":
        return odd(), text_of(request.getfixturevalue("village"))
    documents: Decided = request.getfixturevalue("kansas_city")
    return documents, text_of(printing.press(planned(documents)))


def test_every_item_option_score_indicator_and_group_is_there(whole: tuple[Decided, str]) -> None:
    documents, text = whole
    for form in fieldwork.forms(documents):
        for item in form.items:
            assert words(item.text) in text
            for option in form.options_of(item):
                score = "" if option.score is None else f"{option.score:g}"
                assert words(option.label) + score in text
    for indicator in documents.scheme.indicators:
        assert words(indicator.code + indicator.name) in text
    for entry in (*documents.scheme.groups, *documents.scheme.grades):
        assert entry.name in text
    for told in (*documents.scheme.published, *documents.scheme.assumptions):
        assert words(told) in text
    for form in documents.questionnaires.values():
        assert all(words(told) in text for told in form.assumptions)


def test_nothing_undefined_reaches_the_page(whole: tuple[Decided, str]) -> None:
    documents, text = whole
    accidents = r"(?<![A-Za-z])(None|nan|[Uu]ndefined|built-in|object)(?![a-z])|\{\{|\}\}"
    assert not re.search(accidents, text)
    if documents.order.subject_word != "居民区":
        bare = text.replace("“居民区”", "")
        assert "居民区" not in bare
    if documents.order.street_word != "街道":
        assert "街道" not in text


# --- contents, metadata, marks --------------------------------------------------------------


def test_the_contents_name_the_page_of_every_section(paper: Paper, pressed: Pressed) -> None:
    reader = read(pressed)
    titles = [section.title for section in paper.context["sections"]]
    marks = _bookmarks(reader)
    first = words(reader.pages[0].extract_text())
    for number, title in enumerate(titles, start=1):
        page = marks[words(f"{number}{title}")]
        assert words(f"{title}") in first
        line = first[first.index(words(title)) + len(words(title)) :].lstrip("·")
        assert line.startswith(str(page + 1))


def _bookmarks(reader: pypdf.PdfReader) -> dict[str, int]:
    found: dict[str, int] = {}

    def walk(entries: list[Any]) -> None:
        for entry in entries:
            if isinstance(entry, list):
                walk(entry)
            else:
                page = reader.get_destination_page_number(entry)
                assert page is not None
                found[words(str(entry.title))] = page

    walk(reader.outline)
    return found


def test_length_and_metadata(preset: Decided, pressed: Pressed) -> None:
    reader = read(pressed)
    assert 10 <= pressed.pages <= 17
    assert reader.metadata is not None
    assert reader.metadata.title == f"{preset.order.street}{preset.order.title}操作手册"
    assert "pdfuaid" in reader.xmp_metadata.stream.get_data().decode()  # type: ignore[union-attr]
    assert "模拟数据，非真实" not in text_of(pressed)


def test_twice_the_same_page() -> None:
    """And the same page gives the same bytes: see `test_rendering`."""
    once, again = (printing.fill(planned(odd())) for _ in range(2))
    assert (once.text, once.charts) == (again.text, again.charts)


# --- timetable and sampling -----------------------------------------------------------------


def test_dates_are_weeks_from_the_order(preset: Decided, paper: Paper) -> None:
    wave = preset.order.waves[-1]
    assert wave.start is not None
    assert wave.end is not None
    timetable = filled(paper).part("1 组织与分工、时间表").tables[-1]
    steps = {when: date for when, date, *_ in timetable.rows}
    assert steps["调查开始当天"] == wave.start.isoformat()
    assert steps["调查结束当天"] == wave.end.isoformat()
    weeks = pd.Timedelta(weeks=8)
    assert steps["开始前 8 周"] == (pd.Timestamp(wave.start) - weeks).date().isoformat()


def test_without_dates_there_is_no_column_of_dates(kansas_city: Decided) -> None:
    paper = planned(kansas_city)
    timetable = filled(paper).part("1 组织与分工、时间表").tables[-1]
    assert timetable.head == ["何时", "做什么", "由谁"]
    assert {len(row) for row in timetable.rows} == {3}
    calendar = content(paper, "organisation").timetable
    assert {calendar.date(anchor, 0) for anchor in ("start", "end")} == {"—"}


@pytest.mark.parametrize("wanted", [1, 7, 20, 600])
def test_every_household_has_the_same_chance(wanted: int) -> None:
    households, drawn = 1263, Counter[int]()
    interval = sampling.draw(wanted, households)["interval"]
    for first in range(1, households + 1):
        numbers = [(first - 1 + step * interval) % households + 1 for step in range(wanted)]
        assert len(set(numbers)) == wanted
        shown = sampling.draw(wanted, households, first)["numbers"]
        assert shown.rstrip("…") == "、".join(str(n) for n in numbers[:9])
        drawn.update(numbers)
    assert set(drawn.values()) == {wanted}


def test_precision_is_the_formula_on_the_page(preset: Decided, paper: Paper) -> None:
    table = content(paper, "sampling").precision
    shares = [g.weight / 100 for g in preset.scheme.groups if g.residents]
    sd = sampling.SPREAD
    for row, n in zip(table["rows"], sampling.SIZES, strict=False):
        half = Z * sum(w**2 * sd**2 / n for w in shares) ** 0.5
        assert row["n"] == f"各 {n} 份"
        assert row["half"] == f"±{half:.1f}"
        assert row["own"] == f"±{Z * sd / n**0.5:.1f}"
        assert row["apart"] == f"{half * 2**0.5:.1f}"
    issued = preset.order.waves[-1].issued
    counts = [round(issued[code] / len(preset.roster.subjects)) for code in ("key", "random")]
    half = Z * sum(w**2 * sd**2 / n for w, n in zip(shares, counts, strict=True)) ** 0.5
    assert table["rows"][-1]["half"] == f"±{half:.1f}"
    assert table["rows"][-1]["n"].startswith(f"{counts[0]} + {counts[1]} 份")


# --- what the program does ------------------------------------------------------------------


def test_signs_count_as_the_program_counts_them() -> None:
    signs, flags = fieldwork.SIGNS, list(behaviour.FLAGS)
    assert set(signs) == set(flags)

    def flagged(*shown: str) -> bool:
        return bool(behaviour.combined(pd.DataFrame([{f: f in shown for f in flags}])).iloc[0])

    for flag, counts in signs.items():
        assert flagged(flag) == (counts == fieldwork.ALONE)
        if flag != "hurried":
            expected = counts in (fieldwork.ALONE, fieldwork.TOGETHER)
            assert flagged(flag, "hurried") == expected
    pair = [flag for flag, counts in signs.items() if counts == fieldwork.BOTH]
    assert flagged(*pair, "hurried")
    assert not flagged(*pair)
    assert signs["hurried"] == fieldwork.HASTE


def test_all_states_roles_and_personal_columns_are_told() -> None:
    assert set(questions.STATES) == set(State)
    assert set(questions.PURPOSES) == set(get_args(Role)) - {"scored"}
    assert set(manual.PERSONAL_COLUMNS) == PERSONAL


def test_reasons_are_listed_in_the_order_they_are_tried(paper: Paper) -> None:
    assert content(paper, "fieldwork").rejected == list(meanings.reasons(Words()).values())


# --- weights and the worked example ---------------------------------------------------------


def effective(scheme: Scheme) -> dict[tuple[str, str], float]:
    """Points of each (group, indicator), by the definition of `within_group`."""
    assert scheme.uncovered == "within_group"
    points = {}
    for group in scheme.groups:
        own = [i for i in scheme.indicators if i.code in scheme.covered(group)]
        total = sum(i.weight for i in own)
        points |= {(group.code, i.code): group.weight * i.weight / total for i in own}
    return points


def test_weights_add_up_and_follow_from_the_scheme(preset: Decided, paper: Paper) -> None:
    (table,) = content(paper, "scores").tables
    points, scheme = effective(preset.scheme), preset.scheme
    rows = {row["name"].split("\N{IDEOGRAPHIC SPACE}")[0]: row for row in table["rows"]}
    for indicator in scheme.indicators:
        row = rows[indicator.code]
        own = [points.get((g.code, indicator.code), 0.0) for g in scheme.groups]
        assert row["groups"] == [f"{p:.2f}" if p else "" for p in own]
        assert row["effective"] == f"{sum(own):.2f}"
        assert row["nominal"] == f"{indicator.weight:g}"
    for dimension in scheme.dimensions:
        inside = sum(
            points.get((g.code, i.code), 0.0) for g in scheme.groups for i in dimension.indicators
        )
        assert rows[dimension.code]["effective"] == f"{inside:.2f}"
    assert rows["合计"]["groups"] == [f"{g.weight:.2f}" for g in scheme.groups]
    assert rows["合计"]["effective"] == "100.00"


def test_many_groups_stand_in_several_tables() -> None:
    tables = content(planned(odd()), "scores").tables
    shown = [name for table in tables for name in table["groups"]]
    assert shown == [group.name for group in odd().scheme.groups]
    totals = [float(x) for table in tables for x in table["rows"][-1]["groups"]]
    assert sum(totals) == pytest.approx(100.0, abs=0.05)


@pytest.mark.parametrize("name", ["preset", "kansas_city"])
def test_the_example_can_be_computed_by_hand(name: str, request: pytest.FixtureRequest) -> None:
    """Every step again with plain sums over the invented answers."""
    documents: Decided = request.getfixturevalue(name)
    scheme = documents.scheme
    told = content(planned(documents), "scores").example
    answers = _answers(scheme, documents.questionnaires)
    points = effective(scheme)
    score, variance, counted = 0.0, 0.0, 0
    for group, row in zip(scheme.groups, told["composite"]["rows"], strict=True):
        form = documents.questionnaires[group.questionnaire]
        people = answers.respondents.index[answers.respondents["group"] == group.code]
        estimate, influence = 0.0, np.zeros(len(people))
        for code in scheme.covered(group):
            x = np.array([by_hand(documents, form, answers, person, code) for person in people])
            known = ~np.isnan(x)
            n, mean = known.sum(), x[known].mean()
            weight = points[group.code, code] / group.weight
            estimate += weight * mean
            own = weight * (x[known] - mean) / n
            influence[known] += own * (n / (n - 1)) ** 0.5
            if group.name == told["group"] and told["indicator"].startswith(code):
                cell = told["cell"]
                assert cell["mean"] == f"{mean:.2f}"
                assert cell["sd"] == f"{x[known].std(ddof=1):.2f}"
                assert cell["se"] == f"{x[known].std(ddof=1) / n**0.5:.2f}"
                assert Counter({s["score"]: s["n"] for s in cell["spread"]}) == Counter(
                    f"{round(v, 2):g}" for v in x[known]
                )
        se = float(np.sqrt((influence**2).sum()))
        assert row["estimate"] == f"{estimate:.2f}"
        assert row["se"] == f"{se:.2f}"
        assert row["n"] == str(len(people))
        score += group.weight / 100 * estimate
        variance += (group.weight / 100) ** 2 * se**2
        counted += len(people)
    told = told["composite"]
    assert (told["exact"], told["n"]) == (f"{score:.2f}", str(counted))
    assert told["se"] == f"{variance**0.5:.2f}"
    assert told["grade"] == next(g.name for g in scheme.grades if score >= g.cutoff)
    reach = float(told["t"]) * variance**0.5
    assert float(told["t"]) == pytest.approx(stats.t.ppf(0.975, float(told["df"])), abs=2e-3)
    low, high = (float(end) for end in told["interval"].split("–"))
    assert (low, high) == (
        pytest.approx(score - reach, abs=0.02),
        pytest.approx(score + reach, abs=0.02),
    )


def by_hand(documents: Decided, form: Questionnaire, answers: Any, person: str, code: str) -> float:
    indicator = next(i for i in documents.scheme.indicators if i.code == code)
    items = [form.item(i) for i in indicator.items[form.id]]
    found = []
    for item in items:
        ticked = answers.codes[form.id].at[person, item.id]
        found += [o.score for o in form.options_of(item) if o.code == ticked]
    scores = [value for value in found if value is not None]
    enough = scores and len(scores) >= documents.scheme.minimum_answered * len(items)
    return sum(scores) / len(scores) if enough else float("nan")


def test_people_of_the_example_show_a_gap(paper: Paper) -> None:
    first, second = content(paper, "scores").example["people"]
    assert all(answer["score"] != "不计分" for answer in first["answers"])
    assert [answer["score"] for answer in second["answers"]].count("不计分") == 1
    values = [float(answer["score"]) for answer in first["answers"]]
    assert first["how"].endswith(f"= {sum(values) / len(values):g}")
    assert len(set(values)) > 1


@pytest.mark.filterwarnings("error::RuntimeWarning")
def test_a_scheme_that_cannot_be_illustrated_is_told_without_an_example_and_simulated_data_are_marked() -> (
    None
):
    nothing = [
        {"id": "who", "text": "您是谁", "kind": "text", "role": "rater"},
        {"id": "where", "text": "评哪个村", "role": "subject"},
        {"id": "t", "text": "暖不暖", "options": [{"code": "1", "label": "不知道", "missing": "dont_know"}]},
        {"id": "s", "text": "快不快", "options": [{"code": "1", "label": "快", "score": 100}]},
    ]  # fmt: skip
    made = odd(items=nothing)
    paper = planned(replace(made, order=made.order.model_copy(update={"synthetic": True})))
    assert content(paper, "scores").example is None
    pressed = printing.press(paper)
    assert "无法举例" in text_of(pressed)
    # and, as the data are simulated, every page says so
    for page in pages_of(pressed):
        assert "模拟数据，非真实评估结果" in words(page)
