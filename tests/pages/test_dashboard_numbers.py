"""The dashboard's data, as they lie in the published file, against the CSV files beside it."""

from __future__ import annotations

import html
import json
import math
import re
from html.parser import HTMLParser
from itertools import combinations
from typing import Any

import pytest
from scipy import stats

from tests.pages import boards, published, shares
from tests.pages.reading import (
    Files,
    Row,
    chance,
    exact_score,
    fixed,
    interval,
    percent,
    place_range,
    plain,
    signed,
)
from tests.pages.test_diagnosis_numbers import SIGN, profile, verdicts
from tests.pages.test_street_numbers import told_apart, verdict_of
from tests.pages.test_voices_numbers import views

SAID = {"无明显变化": "尚看不出变化"}
"""What the files call otherwise than the pages."""

HEADLINE = re.compile(r'<dt>(.*?)</dt><dd class="value">(.*?)</dd><dd class="detail">(.*?)</dd>')


class _Page(HTMLParser):
    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.text = text
        self.data = ""
        self.words: list[str] = []
        self._tag = ""
        self._json = False
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._tag = tag
        self._json = dict(attrs).get("type") == "text/plain"

    def handle_endtag(self, tag: str) -> None:
        self._tag = ""

    def handle_data(self, data: str) -> None:
        if self._tag == "script":
            self.data += data if self._json else ""
        elif self._tag != "style":
            self.words.append(data)


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> _Page:
    return _Page((files.folder / "dashboard.html").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def data(page: _Page) -> dict[str, Any]:
    return boards.content(page.data)


def printed(value: float) -> float:
    """The number as a paper prints it: the dashboard holds no more of it."""
    return round(value, 1)


def ranked(files: Files) -> list[Row]:
    return files.table("ranking")


def unpacked(tables: list[dict[str, Any]]) -> list[Row]:
    return [dict(zip(t["columns"], row, strict=True)) for t in tables for row in t["rows"]]


def rows_of(data: dict[str, Any], chart: dict[str, Any], part: str = "wide") -> list[Row]:
    """The rows a chart is drawn from; a narrow chart without rows has those of the wide one."""
    return unpacked(chart[part].get("rows", chart["wide"]["rows"]))


def test_committees_stand_best_first_with_the_numbers_of_the_files(
    files: Files, data: dict[str, Any]
) -> None:
    scores, changes = files.by_subject("scores"), files.by_subject("changes")
    ev = files.evaluation
    margin = ev.waves[ev.wave].changes.margin
    ranks = [r["rank"] for r in ranked(files)]
    ids = [r["subject"] for r in ranked(files)]
    ids += [s for s in scores if s not in ids]
    assert [c["id"] for c in data["committees"]] == ids
    assert data["total"] == len(ranked(files))
    for c, r in zip(data["committees"], ranked(files), strict=False):
        own = scores[c["id"]]
        member = ev.roster.subject(c["id"])
        assert (c["name"], c["zone"], c["housing"]) == (
            own["name"],
            member.zone or "",
            member.housing or "",
        )
        assert (c["rank"], c["joint"]) == (r["rank"], [r["rank_low_joint"], r["rank_high_joint"]])
        tied = "并列" if ranks.count(r["rank"]) > 1 else ""
        assert plain(c["rank_text"]) == f"{tied}第 {r['rank']:.0f} 名"
        assert plain(c["set_text"]) == place_range(
            int(r["rank_low_joint"]), int(r["rank_high_joint"])
        )
        numbers = tuple(printed(own[key]) for key in ("score", "low", "high"))
        assert (c["score"], c["low"], c["high"]) == numbers
        assert c["score_text"] == exact_score(own["score"], files.cutoffs)
        assert c["interval_text"] == interval(own["low"], own["high"])
        assert (c["grade"], c["chance"]) == (own["grade"], chance(own["grade_probability"]))
        move = changes.get(c["id"])
        if move is None:
            assert c["change"] is None
            continue
        at = move["relative_change"]
        mark = {"明显上升": "▲", "明显下降": "▼"}.get(move["verdict"], "")
        assert c["change"] == {
            "value": printed(at),
            "verdict": SAID.get(move["verdict"], move["verdict"]),
            "mark": mark,
            "text": f"{signed(at)} ± {fixed(float(margin[c['id']]))} 分",
        }
    for c in data["committees"][len(ranked(files)) :]:
        assert not c["complete"]
        assert "score" not in c
        assert c["lacking"]


def test_zones_housing_and_grades_to_filter_by_are_the_rosters(
    files: Files, data: dict[str, Any]
) -> None:
    for key in ("zone", "housing"):
        listed = [c[key] for c in data["committees"] if c[key]]
        assert data[f"{key}s" if key == "zone" else key] == list(dict.fromkeys(listed))
        assert len(set(listed)) > 1
    assert data["grades"] == [g.name for g in files.evaluation.scheme.grades]


def test_the_axis_holds_every_interval_and_the_cut_offs_inside_it(
    files: Files, data: dict[str, Any]
) -> None:
    complete = [r for r in files.table("scores") if r["complete"]]
    low = 5 * math.floor(min(r["low"] for r in complete) / 5)
    high = 5 * math.ceil(max(r["high"] for r in complete) / 5)
    axis = data["wave"]["axis"]
    assert (axis["low"], axis["high"]) == (max(low, 0), min(high, 100))
    mean = files.one("street_means", code="composite", group="all")["mean"]
    assert axis["mean"] == printed(mean)
    inside = [g for g in files.evaluation.scheme.grades if low < g.cutoff < min(high, 100)]
    assert [c["at"] for c in axis["cutoffs"]] == [g.cutoff for g in inside]
    last = math.inf
    for grade, told in zip(inside, axis["cutoffs"], strict=True):
        roomy = last - grade.cutoff >= 0.12 * (axis["high"] - axis["low"])
        assert told["name"] == (grade.name if roomy else "")
        last = grade.cutoff if roomy else last


def test_every_pair_is_told_with_its_difference_and_how_sure_its_order_is(
    files: Files, data: dict[str, Any]
) -> None:
    ev = files.evaluation
    scores, ranking = ev.current.scores, ev.current.ranking
    assert ranking.ahead is not None
    ids = [r["subject"] for r in ranked(files)]
    value = {r["subject"]: r["score"] for r in files.table("scores")}
    se = {r["subject"]: r["se"] for r in files.table("scores")}
    place = {s: i for i, s in enumerate(scores.subjects)}
    said = set()
    assert [len(row) for row in data["pairs"]] == list(range(len(ids)))[::-1]
    for i, k in combinations(range(len(ids)), 2):
        a, b = ids[i], ids[k]
        verdict, difference, ends = data["pairs"][i][k - i - 1]
        shared = scores.covariance[place[a], place[b]]
        half = stats.t.ppf(0.975, scores.pair_df[place[a], place[b]]) * math.sqrt(
            se[a] ** 2 + se[b] ** 2 - 2 * shared
        )
        gap = value[a] - value[b]
        sure = bool(ranking.ahead[place[a], place[b]])
        assert verdict == ("sure" if sure else "alone" if gap > half else "")
        assert (difference, ends) == (fixed(gap), interval(gap - half, gap + half))
        said.add(verdict)
    assert said == {"sure", "alone", ""}
    share = sum(p[0] == "sure" for row in data["pairs"] for p in row) / math.comb(len(ids), 2)
    assert share == pytest.approx(files.json("reliability")["distinguishable_pairs"], abs=1e-12)


def test_profiles_groups_and_findings_are_those_of_the_papers(
    files: Files, data: dict[str, Any]
) -> None:
    scheme = files.evaluation.scheme
    order = [c for d in scheme.dimensions for c in (d.code, *(i.code for i in d.indicators))]
    for c in data["committees"][: len(ranked(files))]:
        said = verdicts(files, c["id"])
        own = {
            r["code"]: r
            for level in ("dimension", "indicator")
            for r in profile(files, c["id"], level)
        }
        rows = unpacked(c["profile"]["rows"])
        assert [r["code"] for r in rows] == order
        for r in rows:
            p = own[r["code"]]
            assert r["name"] == p["name"]
            assert r["estimate"] == fixed(p["estimate"])
            assert r["interval"] == interval(p["low"], p["high"])
            assert r["street"] == fixed(p["street"])
            assert r["difference"] == signed(p["difference"])
            assert r["verdict"] == SIGN[said[r["code"]]]
        told = [(g["name"], g["n"], g["weight"], g["estimate"], g["interval"]) for g in c["groups"]]
        assert told == [
            (
                v["name"],
                v["n"],
                f"{g.weight:g}",
                fixed(v["estimate"]),
                interval(v["low"], v["high"]),
            )
            for v, g in zip(views(files, c["id"]), scheme.groups, strict=True)
        ]
        for key, kind in (("strengths", "strength"), ("weaknesses", "weakness")):
            found = sorted(files.findings(c["id"], kind), key=lambda f: -abs(f["difference"]))
            assert [f["name"] for f in c[key]["certain"]] == [f["name"] for f in found[:3]]
            assert c[key]["more"] == max(len(found) - 3, 0)
        drawn = rows_of(data, c["profile"]["chart"])
        for d in profile(files, c["id"], "dimension"):
            text = json.dumps(drawn, ensure_ascii=False)
            assert fixed(d["estimate"]) in text


def test_history_has_every_wave_latest_first_under_todays_scheme(
    files: Files, data: dict[str, Any]
) -> None:
    ev = files.evaluation
    changes = files.by_subject("changes")
    absent = 0
    for c in data["committees"]:
        assert [h["wave"] for h in c["history"]] == [f"{w}年度" for w in reversed(ev.waves)]
        for wave, told in zip(reversed(ev.waves), c["history"], strict=True):
            table = ev.waves[wave].scores.table.set_index("subject")
            if c["id"] not in table.index or not table.loc[c["id"], "complete"]:
                assert told["state"] == ("不完整" if c["id"] in table.index else "未参评")
                absent += 1
                continue
            row = table.loc[c["id"]]
            ranks = ev.waves[wave].ranking.table.set_index("subject")
            place = ranks.loc[c["id"]]
            assert told["score"] == exact_score(float(row["score"]), files.cutoffs)
            assert told["interval"] == interval(row["low"], row["high"])
            assert (told["grade"], told["chance"]) == (
                row["grade"],
                chance(row["grade_probability"]),
            )
            assert plain(told["rank"]) == f"第 {place['rank']} 名"
            assert plain(told["set"]) == place_range(
                place["rank_low_joint"], place["rank_high_joint"]
            )
            assert told["of"] == str(len(ranks))
            verdict = changes[c["id"]]["verdict"] if wave == ev.wave and c["id"] in changes else ""
            arrow = {"明显上升": "▲", "明显下降": "▼"}.get(verdict, "")
            first, *_, last = ev.waves
            if wave in (first, last):
                assert told["change"] == arrow + SAID.get(verdict, verdict)
    assert absent > 0 or len(ranked(files)) > 20


def test_maps_show_everybody_in_the_class_of_its_verdict(
    files: Files, data: dict[str, Any]
) -> None:
    scheme = files.evaluation.scheme
    codes = ["composite", *(d.code for d in scheme.dimensions)]
    assert [m["code"] for m in data["maps"]] == [*codes, "wishes"]
    complete = [r["subject"] for r in files.table("scores") if r["complete"]]
    fills = {"高于": "#6aa5d0", "无显著差异": "#e1e6ea", "低于": "#9a3f10"}
    for m in data["maps"][:-1]:
        areas = {r["id"]: r["fill"] for r in rows_of(data, m) if r["part"] == "area"}
        for subject in complete:
            assert areas[subject] == fills[verdict_of(files, subject, m["code"])]
        assert files.table("scores")[0]["name"] in json.dumps(rows_of(data, m), ensure_ascii=False)


def test_the_head_of_the_page_tells_the_streets_numbers(files: Files, page: _Page) -> None:
    words = plain("".join(page.words))
    scores, mean = files.table("scores"), files.one("street_means", code="composite", group="all")
    complete = [r for r in scores if r["complete"]]
    good = [g.name for g in files.evaluation.scheme.grades if g.good]
    n = sum(r["grade"] in good for r in complete)
    reliability = files.json("reliability")
    left = len(scores) - len(complete)
    satisfied = shares.overall(files)
    assert satisfied is not None
    first, *others = [tuple(html.unescape(x) for x in f) for f in HEADLINE.findall(page.text)]
    assert first[:2] == ("总体满意率", shares.share(satisfied))
    assert first[2].startswith(f"误差范围 {shares.reach(satisfied)}")
    assert shares.than_before(satisfied) in first[2]
    assert others == [
        (
            "有完整得分的居民区",
            f"{len(complete)} 个",
            f"另有 {left} 个不完整，只列出" if left else "没有不完整的",
        ),
        (
            "平均得分",
            f"{fixed(mean['mean'])} 分",
            f"误差范围 {interval(mean['low'], mean['high'])}",
        ),
        ("和".join(good), f"{n} 个", f"占 {percent(n / len(complete))}"),
        (
            "可靠程度",
            fixed(reliability["reliability"], 2),
            "得分差异中真实差别的比例，误差范围 "
            + interval(reliability["reliability_low"], reliability["reliability_high"], 2),
        ),
        (
            "能分先后的比例",
            percent(reliability["distinguishable_pairs"]),
            "任取两个居民区能分出高低",
        ),
    ]
    for text in told_apart(files):
        assert text in words
