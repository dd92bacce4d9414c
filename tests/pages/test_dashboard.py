"""The dashboard as data and as bytes; `tests/test_dashboard_browser.py` clicks through it."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any

import numpy as np
import pytest

from evalkit import assets
from evalkit.errors import RenderError
from evalkit.pages import dashboard
from evalkit.pages.dashboard import dossier, waves
from evalkit.pages.dashboard.charting import Charts
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import maps, profile
from evalkit.tables import Evaluation
from tests.deciding import with_decided, with_wave
from tests.pages import boards
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

HOSTILE = "</script><img src=x onerror=a()>\u2028<!--"


class Tags(HTMLParser):
    """Every start tag of a page with its attributes, and the text of every script and style."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, Mapping[str, str | None]]] = []
        self.inside: dict[str, list[str]] = {"script": [], "style": []}
        self._open = ""
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag in self.inside:
            self._open = tag
            self.inside[tag].append("")

    def handle_endtag(self, tag: str) -> None:
        self._open = "" if tag == self._open else self._open

    def handle_data(self, data: str) -> None:
        if self._open:
            self.inside[self._open][-1] += data

    @property
    def data(self) -> dict[str, Any]:
        return boards.content(self.inside["script"][0])


def written(evaluation: Evaluation, *, papers: bool = True) -> str:
    return dashboard.press(dashboard.plan(evaluation, papers=papers)).decode()


def told(evaluation: Evaluation) -> list[dict[str, Any]]:
    shared = known.common(evaluation)
    return dossier.all_of(shared, waves.past(shared), Charts(), papers=False)


SEVEN = Street(count=7, mean=89.0, incomplete={4: ("random",)}, new=(5,))
"""For what hangs on no number of committees."""


@pytest.fixture(scope="module")
def seven() -> Evaluation:
    return made_up(SEVEN)


@pytest.fixture(scope="module")
def text(evaluation: Evaluation) -> str:
    return written(evaluation)


@pytest.fixture(scope="module")
def page(text: str) -> Tags:
    return Tags(text)


@pytest.fixture(scope="module")
def committees(page: Tags) -> dict[str, dict[str, Any]]:
    return {entry["id"]: entry for entry in page.data["committees"]}


# --- what it says ---------------------------------------------------------------------------


def test_ranked_committees_come_best_first_and_incomplete_ones_last(
    evaluation: Evaluation, page: Tags
) -> None:
    ranking = evaluation.current.ranking.table
    listed = page.data["committees"]
    gaps = [gap.subject for gap in evaluation.current.scores.incomplete]
    assert gaps
    assert [entry["id"] for entry in listed] == [*ranking["subject"], *gaps]
    for entry in listed[len(ranking) :]:
        assert not entry["complete"]
        assert entry["why"]
        assert not {"score", "rank", "grade", "profile", "headlines"} & set(entry)


def test_numbers_are_those_of_the_tables(
    evaluation: Evaluation, committees: dict[str, dict[str, Any]]
) -> None:
    shared = known.common(evaluation)
    for subject, place in shared.places.items():
        entry, score = committees[subject], shared.scores[subject]
        assert (entry["score"], entry["low"], entry["high"]) == (
            round(score["score"], 1),
            round(score["low"], 1),
            round(score["high"], 1),
        )
        assert entry["interval_text"] == say.interval(score["low"], score["high"])
        assert entry["grade"] == score["grade"]
        assert entry["chance"] == say.chance(score["grade_probability"])
        assert entry["rank"] == place["rank"]
        assert entry["set_text"] == say.places(place["rank_low_joint"], place["rank_high_joint"])
        for found in (entry["strengths"], entry["weaknesses"]):
            assert set(found) == {"certain", "leaning", "more"}, "dashboard/views.js shows these"
        change = shared.moves.get(subject)
        assert (entry["change"] is None) == (change is None)
        if change is not None:
            assert entry["change"]["value"] == round(change["relative_change"], 1)
            said = {"无明显变化": "尚看不出变化"}.get(change["verdict"], change["verdict"])
            assert entry["change"]["verdict"] == said


def decimals(text: str) -> int:
    """Decimals of a number as it is written; one in scientific notation has too many."""
    return 99 if "e" in text.lower() else len(text.partition(".")[2])


def numbers(data: Any) -> list[str]:
    """Every number in plain data, as JSON writes it, also those that stand in a text."""
    if isinstance(data, Mapping):
        return [n for value in data.values() for n in numbers(value)]
    if isinstance(data, list | tuple):
        return [n for value in data for n in numbers(value)]
    if isinstance(data, str):
        return re.findall(r"\d+\.\d+", data)
    return [json.dumps(data)] if isinstance(data, float) else []


def test_no_number_is_more_exact_than_the_papers_print_it(
    evaluation: Evaluation, page: Tags
) -> None:
    """One decimal; more where a score would be rounded across a grade's cut-off, two in a weight.

    A layout's own constants, such as an opacity, have up to three.
    """
    told = {key: value for key, value in page.data.items() if key != "layouts"}
    found = numbers(told)
    assert len(found) > 500
    scheme = evaluation.scheme
    weights = {f"{entry.weight:.2f}" for entry in (*scheme.dimensions, *scheme.indicators)}
    assert {
        n for n in found if decimals(n) > 1 and round(float(n), 1) not in known.cutoffs(evaluation)
    } <= weights
    drawn = numbers(page.data["layouts"])
    assert {n for n in drawn if decimals(n) > 3} == set()


def test_the_text_around_the_data_is_no_more_exact(evaluation: Evaluation) -> None:
    planned = dashboard.plan(evaluation, papers=False)
    said = {key: value for key, value in planned.context.items() if key != "fingerprint"}
    assert {
        n for n in numbers(json.loads(json.dumps(said, default=str))) if decimals(n) > 2
    } == set()


def test_a_chart_is_drawn_from_what_is_printed(evaluation: Evaluation) -> None:
    """On paper, too: a score of 81.2345 points would be read off its coordinates."""
    chart = profile.chart(known.gather(known.common(evaluation), "CS001"))
    columns = ["estimate", "low", "high", "street", "previous"]
    exact = replace(chart, frame=chart.frame.assign(**chart.frame[columns].round(1)))
    assert chart.spec()["datasets"] == exact.spec()["datasets"]
    assert not re.search(r'aria-label="[^"]*\d\.\d\d', chart.svg())


def test_the_verdicts_of_the_profile_are_the_diagnosis(
    evaluation: Evaluation, committees: dict[str, dict[str, Any]]
) -> None:
    words = {"▲ 明显高于": "高于", "▼ 明显低于": "低于", "尚看不出差别": "无显著差异"}
    words |= dict.fromkeys(("偏高苗头", "偏低苗头"), "无显著差异")
    for entry in committees.values():
        if not entry["complete"]:
            continue
        profile = evaluation.diagnosis(entry["id"]).profile.set_index("code")
        for table in entry["profile"]["rows"]:
            for values in table["rows"]:
                line = dict(zip(table["columns"], values, strict=True))
                own = profile.loc[line["code"]]
                assert line["estimate"] == say.fixed(own["estimate"])
                assert line["interval"] == say.interval(own["low"], own["high"])
                assert words[line["verdict"]] == own["verdict"]


def test_the_history_holds_every_wave_under_todays_scheme() -> None:
    evaluation = made_up(Street(mean=89.0, waves=("2014", "2015", "2016"), new=(5,), count=8))
    entries = told(evaluation)
    for entry in entries:
        assert [line["wave"] for line in entry["history"]] == ["2016年度", "2015年度", "2014年度"]
        for line, wave in zip(entry["history"], reversed(evaluation.waves), strict=True):
            table = evaluation.waves[wave].scores.table.set_index("subject")
            ranks = evaluation.waves[wave].ranking.table.set_index("subject")
            if entry["id"] not in table.index:
                assert line["state"] == "未参评"
                continue
            own, place = table.loc[entry["id"]], ranks.loc[entry["id"]]
            assert line["score"] == say.score(own["score"], known.cutoffs(evaluation))
            assert line["interval"] == say.interval(own["low"], own["high"])
            assert line["set"] == say.places(place["rank_low_joint"], place["rank_high_joint"])
    assert any(line["state"] for entry in entries for line in entry["history"])


def test_a_score_below_a_cut_off_is_never_printed_as_if_it_reached_it() -> None:
    evaluation = made_up(Street(count=3, constant=89.97))
    for entry in told(evaluation):
        assert entry["score_text"] == "89.97"
        assert entry["grade"] == "良好"
        labels = [
            dict(zip(table["columns"], row, strict=True))["text"]
            for table in entry["trend"]["wide"]["rows"]
            for row in table["rows"]
        ]
        assert labels == ["89.97", "89.97"]


def test_cells_below_the_minimum_have_no_number() -> None:
    evaluation = made_up(Street(count=8, few={6: "department", 2: "key"}))
    entries = {entry["id"]: entry for entry in told(evaluation)}
    for subject, name, bound in (("CS007", "街道职能部门", "<3"), ("CS003", "重点居民", "<10")):
        group = next(g for g in entries[subject]["groups"] if g["name"] == name)
        assert group == {**group, "n": bound, "estimate": say.MISSING, "interval": say.MISSING}
        other = next(g for g in entries["CS001"]["groups"] if g["name"] == name)
        assert other["estimate"] != say.MISSING
        low, high = (float(end) for end in other["interval"].split(say.DASH))
        assert 0.0 <= low < float(other["estimate"]) < high <= 100.0


def test_pairs_are_told_apart_as_the_joint_sets_tell_them(evaluation: Evaluation) -> None:
    ranking = evaluation.current.ranking
    pairs = dashboard.pairs(evaluation)
    assert pairs is not None
    verdicts = [verdict for row in pairs for verdict, _, _ in row]
    k = len(ranking.table)
    assert len(verdicts) == k * (k - 1) // 2
    assert verdicts.count("sure") / len(verdicts) == pytest.approx(ranking.distinguishable_pairs)
    assert {"sure", "alone", ""} == set(verdicts)


def test_the_interval_of_a_pair_uses_the_joint_covariance(evaluation: Evaluation) -> None:
    scores = evaluation.current.scores
    order = [scores.subjects.index(s) for s in evaluation.current.ranking.table["subject"]]
    first, last = order[0], order[-1]
    shared = 0.4 * float(np.sqrt(scores.variance[0, first] * scores.variance[0, last]))
    covariance = scores.covariance.copy()
    covariance[first, last] = covariance[last, first] = shared
    dependent = with_wave(evaluation, scores=replace(scores, covariance=covariance))
    difference = scores.composite[first] - scores.composite[last]
    variance = scores.variance[0, first] + scores.variance[0, last] - 2 * shared
    half = say.normal_quantile(evaluation.scheme.confidence) * variance**0.5
    pairs, plain = dashboard.pairs(dependent), dashboard.pairs(evaluation)
    assert pairs is not None
    assert plain is not None
    found = pairs[0][-1]
    assert found[1:] == (
        say.fixed(difference),
        say.interval(difference - half, difference + half),
    )
    assert found != plain[0][-1]


def test_too_many_pairs_are_left_to_the_joint_sets(evaluation: Evaluation) -> None:
    ranking = replace(evaluation.current.ranking, ahead=None)
    many = with_wave(evaluation, ranking=ranking)
    assert dashboard.pairs(many) is None


def test_rows_of_a_chart_come_back_as_the_figure_made_them(evaluation: Evaluation) -> None:
    charts, chart = Charts(), maps.chart(evaluation, "composite")
    part = charts.add(chart)["wide"]
    rows = [
        {
            name: charts.shapes[value] if name == "geometry" else value
            for name, value in zip(table["columns"], values, strict=True)
        }
        for table in part["rows"]
        for values in table["rows"]
    ]
    spec = chart.spec()
    expected = spec["datasets"].pop("rows")
    key = lambda row: json.dumps(row, sort_keys=True)  # noqa: E731
    assert sorted(rows, key=key) == sorted(json.loads(json.dumps(expected)), key=key)
    assert charts.layouts[part["layout"]] == spec
    assert {row["id"] for row in rows if row["part"] == "area"} == {
        s.id for s in evaluation.roster.subjects
    }


@pytest.mark.parametrize(
    "street",
    [
        Street(count=3, waves=("2016",)),
        Street(count=1, waves=("2016",)),
        Street(constant=100.0, count=5),
        Street(count=4, assured=False),
    ],
    ids=["three", "one", "all at 100", "nothing assured"],
)
def test_hard_streets_have_a_dashboard(street: Street) -> None:
    page = Tags(written(made_up(street)))
    assert len(page.data["committees"]) == street.count
    if len(street.waves) == 1:
        assert all("trend" not in entry for entry in page.data["committees"])
        assert all(entry["change"] is None for entry in page.data["committees"])


def test_pdfs_are_linked_only_where_they_are_made(seven: Evaluation, page: Tags) -> None:
    links = {attributes["href"] for tag, attributes in page.tags if tag == "a"}
    assert "street-report.pdf" in links
    assert [entry["pdf"] for entry in page.data["committees"]] == [
        f"diagnosis/{entry['id']}.pdf" for entry in page.data["committees"]
    ]
    without = Tags(written(seven, papers=False))
    assert not [a for tag, a in without.tags if tag == "a" and str(a["href"]).endswith(".pdf")]
    assert {entry["pdf"] for entry in without.data["committees"]} == {""}


def test_simulated_data_say_so(seven: Evaluation, text: str) -> None:
    real = with_decided(seven, order=seven.order.model_copy(update={"synthetic": False}))
    assert "模拟数据，非真实评估结果" in text
    assert "模拟数据" not in written(real)


def test_the_word_for_a_subject_is_the_streets_own() -> None:
    template = (assets.templates() / "dashboard.html.j2").read_text(encoding="utf-8")
    assert "居民区" not in template + dashboard.program()


# --- what it is made of ---------------------------------------------------------------------


def test_a_hostile_name_stays_a_name() -> None:
    evaluation = made_up(Street(count=3, names=[HOSTILE, "㛃龘里", "西康"]))
    page = Tags(written(evaluation))
    kinds = [tag for tag, _ in page.tags]
    assert kinds.count("script") == 3
    assert "img" not in kinds
    assert {entry["id"]: entry["name"] for entry in page.data["committees"]}["CS001"] == HOSTILE
    assert re.fullmatch("[A-Za-z0-9+/=]+", page.inside["script"][0])


def test_scripts_never_set_markup_and_never_evaluate_text() -> None:
    program = dashboard.program()
    for forbidden in ("innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval("):
        assert forbidden not in program
    assert program.startswith('"use strict";')


def test_the_policy_allows_the_pages_own_scripts_and_nothing_else(page: Tags) -> None:
    policy = next(
        str(attributes["content"])
        for tag, attributes in page.tags
        if tag == "meta" and attributes.get("http-equiv") == "Content-Security-Policy"
    )
    rules = dict(rule.strip().split(" ", 1) for rule in policy.split(";"))
    assert rules["default-src"] == "'none'"
    digests = [
        base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()
        for text in page.inside["script"][1:]
    ]
    assert rules["script-src"].split() == [f"'sha256-{digest}'" for digest in digests]
    assert len(digests) == 2


def test_nothing_is_loaded_from_anywhere(text: str, page: Tags) -> None:
    assert not {tag for tag, _ in page.tags} & {"link", "iframe", "object", "embed", "base", "img"}
    assert not [attributes for _, attributes in page.tags if "src" in attributes]
    assert not re.search(r"@import|url\(", page.inside["style"][0])
    own = text.replace(dashboard.vega(), "")
    own += boards.unzipped(page.inside["script"][0])
    addresses = set(re.findall(r"https?://[\w./-]+", own))
    assert addresses == {charts_schema(page)}


def charts_schema(page: Tags) -> str:
    """The one address in the data: the name of the charts' language, which nothing fetches."""
    (name,) = {layout["$schema"] for layout in page.data["layouts"]}
    assert re.fullmatch(r"https://vega\.github\.io/schema/vega-lite/v[\d.]+json", name)
    return str(name)


def test_the_same_evaluation_gives_the_same_bytes(seven: Evaluation) -> None:
    assert written(seven) == written(made_up(SEVEN))


def test_the_file_is_small_enough_to_be_mailed(evaluation: Evaluation, text: str) -> None:
    size = len(text.encode())
    vega = len(dashboard.vega().encode())
    assert vega < 1_000_000
    assert (size - vega) / len(evaluation.roster.subjects) < 8_000


def test_a_part_that_would_end_its_element_is_refused(
    seven: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(dashboard, "vega", lambda: 'x = "</script>"')
    with pytest.raises(RenderError, match="vega"):
        written(seven)


def test_a_number_that_is_not_one_is_refused() -> None:
    with pytest.raises(ValueError, match="JSON"):
        dashboard.packed({"score": float("nan")})
