"""Every number of the diagnoses of a real evaluation, against the files of the same evaluation."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest
from scipy import stats

from evalkit.pages import diagnosis
from tests.pages import published
from tests.pages.reading import (
    Files,
    Page,
    Row,
    chance,
    exact_score,
    fixed,
    interval,
    percent,
    place_range,
    plain,
    read,
    rows_of,
    signed,
    step_range,
    steps,
)

SIGN = {"高于": "▲ 显著高于", "低于": "▼ 显著低于", "无显著差异": "无显著差异"}


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    papers = diagnosis.plan_all(files.evaluation)
    assert [p.path for p in papers] == [
        f"diagnosis/{row['subject']}.pdf" for row in files.table("scores")
    ]
    return {paper.path[10:-4]: read(paper) for paper in papers}


def ranked(files: Files) -> list[Row]:
    rows = files.table("ranking")
    assert len(rows) > 12
    return rows


def profile(files: Files, subject: str, level: str) -> list[Row]:
    """The measures of one level with the street's mean, from the files and the arrays behind them."""
    scores = files.evaluation.scores_by_wave[files.evaluation.wave]
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
        return f"{len(own)} {what}均与{mean}无显著差异"
    if len(own) in (high, low):
        return f"{len(own)} {what}都显著{'高于' if high else '低于'}{mean}"
    parts = [f"{n} 个显著{w}" for n, w in ((high, "高于"), (low, "低于")) if n]
    return f"{len(own)} {what}中 {'，'.join(parts)}{mean}"


def test_the_sentence_at_the_head_tells_score_grade_set_change_and_counts(
    files: Files, pages: Mapping[str, Page]
) -> None:
    changes, scores = files.by_subject("changes"), files.by_subject("scores")
    seen = set()
    for row in ranked(files):
        subject, said = row["subject"], verdicts(files, row["subject"])
        stands = said["composite"]
        against = "与街道平均无显著差异" if stands == "无显著差异" else f"显著{stands}街道平均"
        moved = (
            f"；与2015年度相比，相对街道平均{changes[subject]['verdict']}"
            if subject in changes
            else ""
        )
        dimensions = counted(profile(files, subject, "dimension"), said, "个维度", "街道平均")
        indicators = counted(profile(files, subject, "indicator"), said, "项指标", "街道平均")
        assert pages[subject].part("总评").takeaway == (
            f"{row['name']}综合得分 {exact_score(row['score'], files.cutoffs)} 分，"
            f"等第为{scores[subject]['grade']}，{against}；{len(ranked(files))} 个居民区中，"
            f"名次可能在{place_range(int(row['rank_low']), int(row['rank_high']))}{moved}。"
            f"{dimensions}；{indicators}。"
        )
        seen.add((stands, moved[-4:]))
    assert len(seen) > 3


def test_the_four_boxes_hold_score_grade_rank_and_change(
    files: Files, pages: Mapping[str, Page]
) -> None:
    changes, scores = files.by_subject("changes"), files.by_subject("scores")
    street = files.one("street_means", code="composite", group="all")["mean"]
    grades = files.evaluation.scheme.grades
    ev = files.evaluation
    moves = ev.changes_by_wave[ev.wave]
    ranks = [r["rank"] for r in ranked(files)]

    def graded(value: float) -> str:
        return next((g.name for g in grades if value >= g.cutoff), grades[-1].name)

    for row in ranked(files):
        subject, own = row["subject"], scores[row["subject"]]
        texts = pages[subject].part("总评").texts
        head = texts[1:]
        within = (graded(own["low"]), graded(own["high"]))
        stands = verdicts(files, subject)["composite"]
        tied = "并列" if ranks.count(row["rank"]) > 1 else ""
        expected = [
            "综合得分",
            f"{exact_score(own['score'], files.cutoffs)}分",
            f"95% 区间 {interval(own['low'], own['high'])}",
            f"街道平均 {fixed(street)}",
            "与街道平均无显著差异" if stands == "无显著差异" else f"显著{stands}街道平均",
            "等第",
            own["grade"],
            f"确属此等第的可能性 {chance(own['grade_probability'])}",
            f"按得分区间看：{within[0] if within[0] == within[1] else '至'.join(within)}",
            "名次",
            f"{tied}第 {int(row['rank'])} 名",
            f"共 {len(ranks)} 个居民区",
            "95% 名次区间",
            place_range(int(row["rank_low"]), int(row["rank_high"])),
        ]
        if subject in changes:
            change = changes[subject]
            reach = float(moves.margin[subject])
            compared = len(changes)
            among = "" if compared == len(ranks) else f"（可比的 {compared} 个中）"
            expected += [
                "与2015年度相比",
                change["verdict"],
                f"得分变化 {signed(change['change'])} 分",
                f"相对街道平均 {signed(change['relative_change'])} ± {fixed(reach)} 分",
                f"名次 {int(change['rank_from'])} → {int(change['rank_to'])}{among}",
            ]
        else:
            expected += ["与上次相比", "不作比较", moves.not_compared[subject]]
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


def test_every_dimension_stands_with_its_difference_and_how_sure_it_is(
    files: Files, pages: Mapping[str, Page]
) -> None:
    for row in ranked(files):
        said = verdicts(files, row["subject"])
        told = pages[row["subject"]].part("总评").texts
        start = told.index("各维度与街道平均相比") + 1
        expected = [
            text
            for d in profile(files, row["subject"], "dimension")
            for text in (
                d["name"],
                SIGN[said[d["code"]]],
                f"{signed(d['difference'])} ± {fixed(d['reach'])} 分",
            )
        ]
        assert told[start : start + len(expected)] == expected


def lines(files: Files, subject: str, sure: str, leaning: str, tag: str) -> list[str]:
    """Findings as page 1 lists them: three at most, the largest first, tendencies in what is left."""
    reach = {d["code"]: d["reach"] for d in profile(files, subject, "indicator")}
    certain = files.findings(subject, sure)
    certain = sorted(certain, key=lambda f: abs(f["difference"]), reverse=True)
    weak = [f for f in files.findings(subject, leaning) if abs(f["difference"]) > 1.645 * f["se"]]

    def told(f: Row) -> str:
        return (
            f"{f['name']} {signed(f['difference'])} ± {fixed(reach[f['code']])} 分"
            f"{fixed(f['estimate'])}，街道 {fixed(f['street'])}"
        )

    found = [told(f) for f in certain[:3]]
    found = found or [f"没有一项指标显著{'高于' if sure == 'strength' else '低于'}街道平均。"]
    if len(certain) > 3:
        found.append(f"另有 {len(certain) - 3} 项，见“画像”一节。")
    return found + [f"{tag}{told(f)}" for f in weak[: max(3 - len(certain), 0)]]


def test_strengths_and_weaknesses_of_the_first_page_are_the_files_own(
    files: Files, pages: Mapping[str, Page]
) -> None:
    tendencies = more = 0
    for row in ranked(files):
        told = pages[row["subject"]].part("总评").texts
        strong = lines(files, row["subject"], "strength", "tendency_high", "倾向偏高")
        weak = lines(files, row["subject"], "weakness", "tendency_low", "倾向偏低")
        at = told.index("优势")
        assert told[at : at + 2 + len(strong) + len(weak)] == ["优势", *strong, "短板", *weak]
        tendencies += sum("倾向" in text for text in [*strong, *weak])
        more += sum("另有" in text for text in [*strong, *weak])
    assert tendencies > 2
    assert more > 0 or len(files.table("ranking")) < 20


# --- 画像 -----------------------------------------------------------------------------------


def test_the_profile_table_holds_every_measure_in_the_schemes_order(
    files: Files, pages: Mapping[str, Page]
) -> None:
    scheme = files.evaluation.scheme
    last = {
        (r["subject"], r["code"]): r["estimate"]
        for r in files.evaluation.scores_by_wave["2015"].indicators.to_dict("records")
        if r["group"] == "all"
    }
    complete = set(files.evaluation.scores_by_wave["2015"].subjects)
    order = [c for d in scheme.dimensions for c in (d.code, *(i.code for i in d.indicators))]
    for row in ranked(files):
        subject, said = row["subject"], verdicts(files, row["subject"])
        own = {
            r["code"]: r
            for level in ("dimension", "indicator")
            for r in profile(files, subject, level)
        }
        (table,) = pages[subject].part("画像：与街道平均相比").tables
        before = subject in complete
        assert table.head[6:] == (["2015年度"] if before else [])
        assert table.rows == [
            [
                own[c]["name"],
                fixed(own[c]["estimate"]),
                interval(own[c]["low"], own[c]["high"]),
                fixed(own[c]["street"]),
                signed(own[c]["difference"]),
                SIGN[said[c]],
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
            expected_sentence = f"{len(own)} 个维度均与街道平均无显著差异。"
        elif len(own) in (len(high), len(low)):
            way = "高于" if high else "低于"
            expected_sentence = f"{len(own)} 个维度都显著{way}街道平均。"
        else:
            parts = [
                f"{'、'.join(names)}显著{way}街道平均"
                for names, way in ((high, "高于"), (low, "低于"))
                if names
            ]
            rest = len(own) - len(high) - len(low)
            tail = f"；其余 {rest} 个无显著差异" if rest else ""
            expected_sentence = f"{len(own)} 个维度中，{'；'.join(parts)}{tail}。"
        assert part.takeaway == expected_sentence
        kinds.add((bool(high), bool(low)))
    assert len(kinds) > 2


# --- 位置与变化 -----------------------------------------------------------------------------


def test_the_place_counts_who_is_certainly_better_and_worse(
    files: Files, pages: Mapping[str, Page]
) -> None:
    total = len(ranked(files))
    for row in ranked(files):
        better, worse = int(row["rank_low"]) - 1, total - int(row["rank_high"])
        level = total - 1 - better - worse
        parts = []
        if better:
            parts.append(f"有 {better} 个居民区确定比它高")
        if worse:
            parts.append(f"有 {worse} 个确定比它低")
        if level:
            rest = "其余" if better or worse else ""
            parts.append(f"与{rest} {level} 个分不出先后")
        tied = sum(r["rank"] == row["rank"] for r in ranked(files)) > 1
        place = f"{'并列' if tied else ''}第 {int(row['rank'])} 名"
        assert pages[row["subject"]].part("位置与变化").takeaway == plain(
            f"按得分排在{place}；在 95% 的把握下，{'，'.join(parts)}。"
        )


def test_the_caterpillar_has_everybodys_numbers_and_only_its_own_name(
    files: Files, pages: Mapping[str, Page]
) -> None:
    scores = files.by_subject("scores")
    for row in ranked(files):
        chart = pages[row["subject"]].part("位置与变化").chart("caterpillar")
        assert rows_of(chart, ("name", "score", "low", "high", "rank", "highlight")) == [
            (
                r["name"] if r["subject"] == row["subject"] else "",
                r["score"],
                scores[r["subject"]]["low"],
                scores[r["subject"]]["high"],
                r["rank"],
                r["subject"] == row["subject"],
            )
            for r in ranked(files)
        ]


def test_movement_in_words_slope_and_parts_come_from_changes_and_contributions(
    files: Files, pages: Mapping[str, Page]
) -> None:
    changes, ev = files.by_subject("changes"), files.evaluation
    moves = ev.changes_by_wave[ev.wave]
    street = float(np.mean([c["change"] for c in changes.values()]))
    names = {i.code: i.name for i in ev.scheme.indicators}
    common = still = 0
    for row in ranked(files):
        part = pages[row["subject"]].part("位置与变化")
        if row["subject"] not in changes:
            assert f"{moves.not_compared[row['subject']]}。" in part.texts
            assert [c.figure for c in part.charts] == ["caterpillar"]
            continue
        change = changes[row["subject"]]
        step = int(change["rank_change"])
        told = (
            f"得分变化 {signed(change['change'])} 分，街道平均变化 {signed(street)} 分，"
            f"相对街道{change['verdict']}。"
            f"名次由第 {int(change['rank_from'])} 名到第 {int(change['rank_to'])} 名（{steps(step)}），"
            "95% 的把握下真实名次的变化在"
            f"{step_range(int(change['rank_change_low']), int(change['rank_change_high']))}之间。"
        )
        own, anyone = (float(s[row["subject"]]) for s in (moves.luck_own, moves.luck_any))
        if step:
            told += "即使各居民区实际毫无变化，仅因抽样的偶然，"
            if own > 0.3:
                common += 1
                told += (
                    f"{steps(step)}或更多的可能性也有 {likely_text(own)}，是常见的变动"
                    "（上次名次靠前的，下次本来就容易回落；靠后的，容易回升）。"
                )
            else:
                told += (
                    f"{steps(step)}或更多的可能性{is_text(own)}，"
                    f"全街道至少有一个{steps(step)}或更多的可能性{is_text(anyone)}。"
                )
        else:
            still += 1
        assert plain(told) in part.texts
        assert rows_of(part.chart("slope"), ("name", "from_value", "to_value", "highlight")) == [
            (
                "",
                c["rank_from"],
                c["rank_to"],
                c["subject"] == row["subject"],
            )
            for c in files.table("changes")
        ]
        sums = {
            name: math.fsum(
                c["points"] for c in files.where("contributions", subject=row["subject"], code=code)
            )
            for code, name in names.items()
        }
        assert part.chart("contributions").options["largest"] == 7
        drawn = dict(rows_of(part.chart("contributions"), ("name", "points")))
        assert drawn == pytest.approx(sums, abs=1e-9)
        assert math.fsum(sums.values()) == pytest.approx(change["change"], abs=1e-9)
        assert parts_sentence(sums) in part.texts
    assert common > 0
    assert still > 0


def likely_text(p: float) -> str:
    return "99% 以上" if p > 0.99 else "不到 1%" if p < 0.01 else percent(p)


def is_text(p: float) -> str:
    return likely_text(p) if p < 0.01 else f"为 {likely_text(p)}"


def parts_sentence(sums: Mapping[str, float]) -> str:
    up = sorted((v, n) for n, v in sums.items() if v >= 0.05)[::-1][:2]
    down = sorted((v, n) for n, v in sums.items() if v <= -0.05)[:2]
    said = [
        word + "、".join(f"{n} {signed(v)}" for v, n in part)
        for part, word in ((up, "拉高得分最多的是"), (down, "拉低得分最多的是"))
        if part
    ]
    body = "，".join(said) + "；" if said else "各项变化都不到 0.1 分；"
    return f"得分变化由 {len(sums)} 项指标相加而成：{body}这是算术分解，单项未作显著性检验。"


# --- 数据与方法 -----------------------------------------------------------------------------


def test_the_basis_tells_answers_scores_and_errors_of_every_group(
    files: Files, pages: Mapping[str, Page]
) -> None:
    scheme = files.evaluation.scheme
    cells = files.evaluation.cells[files.evaluation.wave]
    hidden = 0
    for row in ranked(files):
        subject = row["subject"]
        part = pages[subject].part("数据与方法")
        at = cells.subjects.index(subject)
        n = {g.code: int(cells.groups[g.code].n[at]) for g in scheme.groups}
        (table,) = part.tables
        expected = []
        for g in scheme.groups:
            own = files.one("indicators", subject=subject, code="composite", group=g.code)
            few = n[g.code] < g.minimum_n
            hidden += few
            shown = f"<{g.minimum_n}" if few and n[g.code] else f"{n[g.code]:,}"
            expected.append(
                [
                    g.name,
                    f"{g.weight:g}",
                    shown,
                    fixed(None if few else own["estimate"]),
                    fixed(None if few else own["se"]),
                ]
            )
        assert table.rows == expected
        if any(n[g.code] < g.minimum_n for g in scheme.groups):
            told = f"以上结论依据关于{row['name']}的有效答卷，各类评价主体的份数见表。"
        else:
            residents = sum(n[g.code] for g in scheme.groups if g.residents)
            total = sum(n.values())
            told = (
                f"以上结论依据关于{row['name']}的 {total:,} 份有效答卷，其中居民 {residents:,} 份。"
            )
        assert part.takeaway == told
        se = files.by_subject("scores")[subject]["se"]
        assert f"综合得分的标准误为 {fixed(se, 2)} 分：" in part.text
        assert f"差异中约 {percent(row['reliability'])} 是真实差别" in part.text
        unstable = subject in files.evaluation.ranking_by_wave[files.evaluation.wave].unstable
        assert ("名次区间的一端处在临界" in part.text) == unstable
    assert hidden > 0 or len(files.table("ranking")) > 20


OF_THE_STREET = {
    "monte_carlo", "not_compared", "incomplete", "unreachable_target", "gap_outlier",
}  # fmt: skip


def test_notes_of_everybody_reach_a_paper_and_those_that_count_others_do_not(
    files: Files, pages: Mapping[str, Page]
) -> None:
    told = left = 0
    for subject, page in pages.items():
        texts = page.part("数据与方法").texts
        for note in files.evaluation.notes:
            if note.where in ("", "2016", "2015-2016"):
                shown = any(t.startswith(note.message) for t in texts)
                assert shown == (note.code not in OF_THE_STREET), (subject, note)
                told, left = told + shown, left + (not shown)
    assert told
    assert left


# --- what must not be there -----------------------------------------------------------------


def test_nothing_in_a_committees_paper_names_another(
    files: Files, pages: Mapping[str, Page]
) -> None:
    names = {r["subject"]: r["name"] for r in files.table("scores")}
    assert set(pages) == set(names)
    for subject, page in pages.items():
        whole = page.whole
        assert names[subject] in whole
        others = [
            name
            for other, name in names.items()
            if other != subject and name not in names[subject] and name in whole
        ]
        assert others == []
        assert not [i for i in names if i != subject and f">{i}<" in page.html]


def test_what_is_incomplete_gets_its_groups_and_no_number_of_its_own(
    files: Files, pages: Mapping[str, Page]
) -> None:
    ev = files.evaluation
    ranked_ids = {r["subject"] for r in ranked(files)}
    left = [r for r in files.table("scores") if r["subject"] not in ranked_ids]
    assert bool(left) == (not all(r["complete"] for r in files.table("scores")))
    cells = ev.cells[ev.wave]
    for row in left:
        part = pages[row["subject"]].part("总评")
        (table,) = part.tables
        at = cells.subjects.index(row["subject"])
        for told, g in zip(table.rows, ev.scheme.groups, strict=True):
            n = int(cells.groups[g.code].n[at])
            shown = f"<{g.minimum_n}" if 0 < n < g.minimum_n else f"{n:,}"
            assert told[:2] == [g.name, shown]
            for text, d in zip(told[2:], ev.scheme.dimensions, strict=True):
                own = files.where("indicators", subject=row["subject"], code=d.code, group=g.code)
                assert text == fixed(own[0]["estimate"] if own else None)
        assert "评估不完整：只列出，不计综合得分，不定等第，不排名次。" in part.takeaway
        assert [p.title for p in pages[row["subject"]].parts][1:] == [
            "总评",
            *(["谁怎么说"] if "谁怎么说" in [p.title for p in pages[row["subject"]].parts] else []),
            "什么最要紧",
            "处方：先做什么",
            "数据与方法",
        ]
