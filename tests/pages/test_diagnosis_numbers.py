"""Every number of the diagnoses of a real evaluation, against the files of the same evaluation."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from tests.pages import grading, published
from tests.pages.reading import (
    Files,
    Page,
    Row,
    chance,
    exact_score,
    fixed,
    interval,
    lack_of,
    place_range,
    plainly,
    rows_of,
    signed,
)
from tests.pages.weighed import calculated, weight

OWN = {"上升": "明显上升", "下降": "明显下降", "无显著变化": "升降尚看不出"}
SIGN = {"高于": "▲ 明显高于", "低于": "▼ 明显低于", "无显著差异": "尚看不出差别"}


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    found = published.diagnoses(files)
    assert [*found] == [row["subject"] for row in files.table("scores")]
    return found


def ranked(files: Files) -> list[Row]:
    rows = files.table("ranking")
    assert len(rows) > 12
    return rows


def profile(files: Files, subject: str, level: str) -> list[Row]:
    """The measures of one level with the street's mean, from the files and the arrays behind them."""
    scores = files.evaluation.current.scores
    at = scores.subjects.index(subject)
    z = 0.5 + files.evaluation.scheme.confidence / 2
    found = []
    for m, measure in enumerate(scores.measures):
        if measure.level != level:
            continue
        row = files.one("indicators", subject=subject, code=measure.code, group="all")
        mean = files.one("street_means", code=measure.code, group="all")["mean"]
        t = float(stats.t.ppf(z, min(scores.df[m, at], 1e9)))
        own = row["estimate"]
        found.append(
            {
                "code": measure.code,
                "name": measure.name,
                "estimate": own,
                "se": row["se"],
                "low": max(own - t * row["se"], 0.0),
                "high": min(own + t * row["se"], 100.0),
                "street": mean,
                "difference": own - mean,
                "reach": t * math.sqrt(scores.difference_variance[m, at]),
                "dse": math.sqrt(scores.difference_variance[m, at]),
            }
        )
    return found


def verdicts(files: Files, subject: str) -> dict[str, str]:
    """Verdicts by code: of indicators from the findings, of the others from the profile sheet."""
    own = files.evaluation.diagnosis(subject).profile
    alpha = files.evaluation.scheme.false_discovery_rate
    found = {}
    for row in own.to_dict("records"):
        sure = row["p_adjusted"] <= alpha and row["difference"] != 0
        found[str(row["code"])] = (
            ("高于" if row["difference"] > 0 else "低于") if sure else "无显著差异"
        )
    assert found == dict(zip(own["code"], own["verdict"], strict=True))
    weak = {f["code"] for f in files.findings(subject, "weakness")}
    strong = {f["code"] for f in files.findings(subject, "strength")}
    indicators = set(own.loc[own["level"] == "indicator", "code"])
    assert {c for c in indicators if found[c] == "低于"} == weak
    assert {c for c in indicators if found[c] == "高于"} == strong
    return found


# --- 总评 -----------------------------------------------------------------------------------


def counted(own: list[Row], said: Mapping[str, str], what: str, mean: str) -> str:
    high = sum(said[r["code"]] == "高于" for r in own)
    low = sum(said[r["code"]] == "低于" for r in own)
    if not high and not low:
        return f"{len(own)} {what}均与{mean}尚看不出差别"
    if len(own) in (high, low):
        return f"{len(own)} {what}都明显{'高于' if high else '低于'}{mean}"
    parts = [f"{n} {what[0]}明显{w}" for n, w in ((high, "高于"), (low, "低于")) if n]
    return f"{len(own)} {what}中 {'，'.join(parts)}{mean}"


def graded_as(files: Files, own: Row) -> str:
    pair = grading.between(files, own)
    if not pair:
        return f"等第为{own['grade']}"
    between = "与".join(name for name, _ in pair)
    return f"等第在{between}之间（{grading.both(pair)}），按得分划为{own['grade']}"


def stands_as(files: Files, subject: str) -> str:
    """The verdict; where the difference's own interval leaves out 0 and the verdict not, both."""
    verdict = verdicts(files, subject)["composite"]
    (own,) = profile(files, subject, "composite")
    if verdict != "无显著差异":
        return f"明显{verdict}街道平均"
    if abs(own["difference"]) > own["reach"]:
        side = "高于" if own["difference"] > 0 else "低于"
        return f"单看{side}街道平均，一并比较还断不定"
    return "与街道平均尚看不出差别"


def test_the_sentence_at_the_head_tells_score_grade_set_change_and_counts(
    files: Files, pages: Mapping[str, Page]
) -> None:
    changes, scores = files.by_subject("changes"), files.by_subject("scores")
    seen = set()
    for row in ranked(files):
        subject, said = row["subject"], verdicts(files, row["subject"])
        stands, against = said["composite"], stands_as(files, subject)
        moved = before = ""
        if subject in changes:
            change = changes[subject]
            last = graded(files, change["score_from"])
            before = f"（2015年度为{last}）" if last != scores[subject]["grade"] else ""
            by_itself, street = "", ""
            if change["change_verdict"] == "无显著变化" and change["verdict"] != "无明显变化":
                mean = files.evaluation.waves["2016"].changes.street_change
                by_itself, street = "单看自己，", f"同期街道平均 {signed(mean)} 分，"
            moved = (
                f"；得分比2015年度 {signed(change['change'])} 分"
                f"（{by_itself}{OWN[change['change_verdict']]}），{street}"
                f"相对街道平均{plainly(change['verdict'])}"
            )
        dimensions = counted(profile(files, subject, "dimension"), said, "个维度", "街道平均")
        indicators = counted(profile(files, subject, "indicator"), said, "项指标", "街道平均")
        assert pages[subject].part("总评").takeaway == (
            f"{row['name']}综合得分 {exact_score(row['score'], files.cutoffs)} 分，"
            f"{graded_as(files, scores[subject])}{before}，{against}；{len(ranked(files))} 个居民区中，"
            f"名次可能在{place_range(int(row['rank_low_joint']), int(row['rank_high_joint']))}{moved}。"
            f"{dimensions}；{indicators}。"
        )
        seen.add((stands, moved[-4:]))
    assert len(seen) > 3


def graded(files: Files, value: float) -> str:
    grades = files.evaluation.scheme.grades
    return next((g.name for g in grades if value >= g.cutoff), grades[-1].name)


def span(low: int, high: int) -> str:
    return f"{low}" if low == high else f"{low}–{high}"


def test_the_boxes_hold_score_grade_with_the_last_one_rank_and_change(
    files: Files, pages: Mapping[str, Page]
) -> None:
    changes, scores = files.by_subject("changes"), files.by_subject("scores")
    street = files.one("street_means", code="composite", group="all")["mean"]
    ev = files.evaluation
    moves = ev.waves[ev.wave].changes
    ranks = [r["rank"] for r in ranked(files)]
    for row in ranked(files):
        subject, own = row["subject"], scores[row["subject"]]
        pair = grading.between(files, own)
        texts = pages[subject].part("总评").texts
        head = texts[texts.index("综合得分") :]
        within = (graded(files, own["low"]), graded(files, own["high"]))
        tied = "并列" if ranks.count(row["rank"]) > 1 else ""
        expected = [
            "综合得分",
            f"{exact_score(own['score'], files.cutoffs)}分",
            f"误差范围 {interval(own['low'], own['high'])}",
            f"街道平均 {fixed(street)}",
            stands_as(files, subject),
            "等第",
            "或".join(name for name, _ in pair) or own["grade"],
            *([f"按得分划为{own['grade']}"] if pair else []),
            *(
                [f"2015年度为{graded(files, changes[subject]['score_from'])}"]
                if subject in changes
                else []
            ),
            f"可能性 {grading.both(pair) or chance(own['grade_probability'])}",
            *([] if pair else [f"误差范围内为{'至'.join(dict.fromkeys(within))}"]),
            "名次范围",
            span(int(row["rank_low_joint"]), int(row["rank_high_joint"])) + "名",
            f"共 {len(ranks)} 个居民区",
            "95% 的把握",
            f"按得分排在{tied}第 {int(row['rank'])} 名",
        ]
        if subject in changes:
            change = changes[subject]
            reach = float(moves.margin[subject])
            expected += [
                "得分比2015年度",
                f"{signed(change['change'])}分",
                OWN[change["change_verdict"]],
                f"相对街道 {signed(change['relative_change'])} ± {fixed(reach)}",
                f"（{plainly(change['verdict'])}）",
            ]
        else:
            expected += ["与上次相比", "不作比较", lack_of(moves.not_compared[subject])]
        assert head[: len(expected)] == expected


def test_the_strip_shows_every_complete_committee_and_marks_its_own(
    files: Files, pages: Mapping[str, Page]
) -> None:
    table = [r for r in files.table("scores") if r["complete"]]
    low = math.floor(min(r["low"] for r in table) / 5) * 5
    high = min(math.ceil(max(r["high"] for r in table) / 5) * 5, 100)
    street = files.one("street_means", code="composite", group="all")["mean"]
    for row in ranked(files):
        chart = pages[row["subject"]].part("总评").chart("strip")
        assert rows_of(chart, ("score", "low", "high", "highlight")) == [
            (r["score"], r["low"], r["high"], r["subject"] == row["subject"]) for r in table
        ]
        assert chart.options["mean"] == pytest.approx(street, abs=1e-9)
        assert chart.options["domain"] == (max(low, 0), high)
        assert chart.options["bands"] == tuple(
            (g.name, g.cutoff) for g in files.evaluation.scheme.grades if g.cutoff > 0
        )


# --- 画像 -----------------------------------------------------------------------------------


def leanings(files: Files, subject: str) -> dict[str, str]:
    """What page 1 calls a tendency is called so in the table, too."""
    return {
        f["code"]: tag
        for kind, tag in (("tendency_high", "偏高苗头"), ("tendency_low", "偏低苗头"))
        for f in files.findings(subject, kind)
        if abs(f["difference"]) > 1.645 * f["se"]
    }


def test_the_profile_table_holds_every_measure_in_the_schemes_order(
    files: Files, pages: Mapping[str, Page]
) -> None:
    scheme = files.evaluation.scheme
    last = {
        (r["subject"], r["code"]): r["estimate"]
        for r in files.evaluation.waves["2015"].scores.indicators.to_dict("records")
        if r["group"] == "all"
    }
    complete = set(files.evaluation.waves["2015"].scores.subjects)
    order = [c for d in scheme.dimensions for c in (d.code, *(i.code for i in d.indicators))]
    for row in ranked(files):
        subject, said = row["subject"], verdicts(files, row["subject"])
        own = {
            r["code"]: r
            for level in ("dimension", "indicator")
            for r in profile(files, subject, level)
        }
        (table,) = pages[subject].part("画像：与街道平均相比").tables
        for members in (scheme.dimensions, scheme.indicators):
            shown = [r for r in table.rows if r[0] in {one.name for one in members}]
            assert calculated((r[1], r[2]) for r in shown) == pytest.approx(row["score"], abs=0.06)
        before = subject in complete
        assert table.head[7:] == (["2015年度"] if before else [])
        assert table.rows == [
            [
                own[c]["name"],
                weight(files, c),
                fixed(own[c]["estimate"]),
                interval(own[c]["low"], own[c]["high"]),
                fixed(own[c]["street"]),
                signed(own[c]["difference"]),
                leanings(files, subject).get(c, SIGN[said[c]]),
                *([fixed(last[subject, c])] if before else []),
            ]
            for c in order
        ]
        sure = ["sure" in name for name in table.classes]
        assert sure == [said[c] != "无显著差异" for c in order]


def test_the_profile_chart_and_its_sentence_tell_the_same(
    files: Files, pages: Mapping[str, Page]
) -> None:
    kinds = set()
    every = [d for row in ranked(files) for d in profile(files, row["subject"], "dimension")]
    # an axis for all pages, in steps of 5, that all but a twentieth of the intervals lie on
    low = 5 * math.floor(float(np.quantile([d["low"] for d in every], 0.05)) / 5)
    high = 5 * math.ceil(float(np.quantile([d["high"] for d in every], 0.95)) / 5)
    axis = (max(low, 0), min(high, 100))
    for row in ranked(files):
        subject, said = row["subject"], verdicts(files, row["subject"])
        own = profile(files, subject, "dimension")
        part = pages[subject].part("画像：与街道平均相比")
        found = rows_of(part.chart("profile"), ("name", "estimate", "low", "high", "street"))
        for told, d in zip(found, own, strict=True):
            assert told[0] == d["name"]
            expected = [d["estimate"], d["low"], d["high"], d["street"]]
            assert told[1:] == pytest.approx(expected, abs=1e-9)
        assert part.chart("profile").options["domain"] == axis
        high = [d["name"] for d in own if said[d["code"]] == "高于"]
        low = [d["name"] for d in own if said[d["code"]] == "低于"]
        if not high and not low:
            expected_sentence = f"{len(own)} 个维度均与街道平均尚看不出差别。"
        elif len(own) in (len(high), len(low)):
            way = "高于" if high else "低于"
            expected_sentence = f"{len(own)} 个维度都明显{way}街道平均。"
        else:
            parts = [
                f"{'、'.join(names)}明显{way}街道平均"
                for names, way in ((high, "高于"), (low, "低于"))
                if names
            ]
            rest = len(own) - len(high) - len(low)
            tail = f"；其余 {rest} 个尚看不出差别" if rest else ""
            expected_sentence = f"{len(own)} 个维度中，{'；'.join(parts)}{tail}。"
        assert part.takeaway == expected_sentence
        kinds.add((bool(high), bool(low)))
    assert len(kinds) > 2
