"""Every number of the street report's table, grades, changes and means against the files."""

from __future__ import annotations

import math
from collections import Counter
from itertools import combinations

import numpy as np
import pytest

from evalkit.pages import street
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import Words
from tests.pages import published
from tests.pages.reading import (
    Files,
    Page,
    Row,
    chance,
    exact_score,
    fixed,
    interval,
    likely,
    percent,
    read,
    rows_of,
    signed,
)


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return read(street.plan(files.evaluation))


def verdict_of(files: Files, subject: str, code: str) -> str:
    """Against the street's mean, from the profile's p-value and the scheme's level."""
    profile = files.evaluation.diagnosis(subject).profile.set_index("code")
    difference, p = profile.loc[code, "difference"], profile.loc[code, "p_adjusted"]
    if p > files.evaluation.scheme.false_discovery_rate:
        return "无显著差异"
    return "高于" if difference > 0 else "低于"


def tiers(files: Files) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {"高于": [], "无显著差异": [], "低于": []}
    for row in files.table("ranking"):
        found[verdict_of(files, row["subject"], "composite")].append(row["name"])
    return found


def street_row(files: Files, code: str = "composite") -> Row:
    return files.one("street_means", code=code, group="all")


# --- 要点 -----------------------------------------------------------------------------------


def test_the_first_page_counts_scores_grades_tiers_and_pairs(files: Files, page: Page) -> None:
    ranking, scores = files.table("ranking"), files.table("scores")
    total = len(ranking)
    left = len(scores) - total
    mean = street_row(files)
    values = [r["score"] for r in ranking]
    assert mean["mean"] == pytest.approx(math.fsum(values) / total, abs=1e-9)
    part = page.part("要点")
    gone = f"，{left} 个不完整，只列出、不排名" if left else ""
    assert part.takeaway == (
        f"{total} 个居民区有完整得分{gone}；平均 {fixed(mean['mean'])} 分，"
        f"最高 {fixed(max(values))} 分，最低 {fixed(min(values))} 分。"
    )
    good = [g.name for g in files.evaluation.scheme.grades if g.good]
    n = sum(r["grade"] in good for r in scores)
    before = files.evaluation.waves["2015"].scores.table["grade"].isin(good).sum()
    by_tier = {k: len(v) for k, v in tiers(files).items()}
    rest = f"，其余 {by_tier['无显著差异']} 个分不出" if by_tier["无显著差异"] else ""
    reliability = files.json("reliability")
    reach = (mean["change_high"] - mean["change_low"]) / 2
    assert part.texts[1:13] == [
        "平均得分",
        f"{fixed(mean['mean'])}分",
        f"95% 区间 {interval(mean['low'], mean['high'])}；可比的居民区比上次 "
        f"{signed(mean['change'])} ± {fixed(reach)}",
        "和".join(good),
        f"{n}个",
        f"占 {total} 个的 {percent(n / total)}，上次 {before} 个",
        "与街道平均显著不同",
        f"{by_tier['高于'] + by_tier['低于']}个",
        f"高于 {by_tier['高于']} 个，低于 {by_tier['低于']} 个{rest}",
        "能确定先后的",
        percent(reliability["distinguishable_pairs"]),
        f"任取两个居民区；信度 {fixed(reliability['reliability'], 2)}",
    ]
    assert reliability["reliability"] == pytest.approx(np.mean([r["reliability"] for r in ranking]))
    chart = part.chart("strip")
    assert rows_of(chart, ("name", "score")) == [(r["name"], r["score"]) for r in ranking]
    assert chart.options["mean"] == pytest.approx(mean["mean"], abs=1e-9)


def test_what_was_issued_and_what_counted_stands_by_group(files: Files, page: Page) -> None:
    ev = files.evaluation
    issued = ev.order.waves[-1].issued
    parts = []
    for g in ev.scheme.groups:
        n = int(ev.waves[ev.wave].cells.groups[g.code].n.sum())
        out = f"发放 {issued[g.code]:,} 份，" if g.code in issued else ""
        parts.append(f"{g.name}{out}有效 {n:,} 份")
    assert f"{'；'.join(parts)}。" in page.part("要点").texts


def told_apart(files: Files) -> list[str]:
    ranking = files.table("ranking")
    total, half = len(ranking), len(ranking) // 2
    upper = sum(r["rank_high_joint"] <= half for r in ranking)
    lower = sum(r["rank_low_joint"] > total - half for r in ranking)
    first = [r["name"] for r in ranking if r["rank_low_joint"] == 1]
    pairs = files.json("reliability")["distinguishable_pairs"]
    real = files.json("reliability")["reliability"]
    ends = [
        f"确定排在{w} {half} 名的有 {n} 个" if n else f"没有一个居民区能确定排在{w} {half} 名"
        for w, n in (("前", upper), ("后", lower))
    ]
    if not upper and not lower:
        ends = [f"没有一个居民区能确定排在前 {half} 名或后 {half} 名"]
    top = f"可能是第一名的有 {len(first)} 个" if len(first) > 1 else f"第一名可以确定是{first[0]}"
    return [
        f"任取两个居民区，能确定先后的占 {chance(pairs)}；得分差异中约 {likely(real)} 来自真实差别，"
        "其余是抽样的偶然。",
        f"同看全表，在 95% 的把握下，{'，'.join(ends)}，{top}。",
    ]


def against(files: Files) -> str:
    n = {k: len(v) for k, v in tiers(files).items()}
    parts = [f"{n[w]} 个显著{w}" for w in ("高于", "低于") if n[w]]
    rest = f"，其余 {n['无显著差异']} 个与平均无显著差异" if n["无显著差异"] else ""
    assert parts
    return f"与街道平均相比，{'，'.join(parts)}{rest}。"


def test_the_verdict_on_the_table_rests_on_joint_sets_and_on_reliability(
    files: Files, page: Page
) -> None:
    one, both = told_apart(files)
    summary, league = page.part("要点").texts, page.part("得分与名次")
    verdict = files.json("reliability")["verdict"]
    assert isinstance(verdict, str)
    assert verdict in summary
    assert summary[summary.index(verdict) : summary.index(verdict) + 3] == [
        verdict,
        against(files),
        both,
    ]
    assert league.texts[:3] == [against(files), one, both]
    assert page.part("这张表有多可信").takeaway == verdict


def test_certain_pairs_are_those_whose_order_the_joint_test_tells(files: Files) -> None:
    ev = files.evaluation
    ahead = ev.current.ranking.ahead
    assert ahead is not None
    k = len(ahead)
    sure = sum(bool(ahead[i, j] or ahead[j, i]) for i, j in combinations(range(k), 2))
    share = sure / (k * (k - 1) / 2)
    assert files.json("reliability")["distinguishable_pairs"] == pytest.approx(share, abs=1e-12)


def test_advice_names_only_those_that_the_tests_name(files: Files, page: Page) -> None:
    told, own = page.part("要点").texts, tiers(files)
    parts = [
        f"{w}的 {len(own[w])} 个" + (f"（{'、'.join(own[w])}）" if len(own[w]) <= 6 else "")
        for w in ("高于", "低于")
        if own[w]
    ]
    outside = [(r["name"], r["band"]) for r in files.table("bands") if r["band"] != "符合预期"]
    beyond = "这些差别不是抽样的偶然，但居民区之间本来有高有低，没有一个高到或低到反常，不宜单凭得分奖惩。"
    if outside:
        names = [f"{name}（{band}）" for name, band in outside]
        more = f"等 {len(names)} 个" if len(names) > 6 else ""
        beyond = f"超出居民区之间正常起伏的是{'、'.join(names[:6])}{more}。"
    assert f"要说谁高谁低，只说与街道平均有显著差异的：{'，'.join(parts)}。{beyond}" in told
    ranking = files.table("ranking")
    wide = np.mean([r["rank_high_joint"] - r["rank_low_joint"] + 1 for r in ranking])
    assert f"名次相近的不分高低：同看全表，名次区间平均有 {fixed(wide, 0)} 名宽。" in told
    held = [r for r in files.table("scores") if r["complete"]]
    doubt = sum(r["grade_probability"] < 0.8 for r in held)
    regraded = [(s["regraded"], s["name"]) for s in scenarios(files)]
    worst = max(n for n, _ in regraded)
    name = next(name for n, name in regraded if n == worst)
    moved = f"；换成“{name}”，有 {worst} 个会变" if worst else ""
    assert f"等第只作大致分组：{len(held)} 个等第中有 {doubt} 个的可能性不到 80%{moved}。" in told


# --- 做了什么 -------------------------------------------------------------------------------


def test_the_account_of_files_and_rows_is_the_import_reports(files: Files, page: Page) -> None:
    part = page.part("做了什么")
    own = [r for r in files.json("import-report") if r["wave"] == "2016"]
    assert len(own) > 2
    n_read, kept = sum(r["rows_read"] for r in own), sum(r["rows_kept"] for r in own)
    assert part.takeaway == (
        f"共读入 {len(own)} 个文件 {n_read:,} 行，有效 {kept:,} 行，剔除 {n_read - kept:,} 行。"
    )
    assert part.tables[1].rows == [
        [
            r["file"],
            f"{r['rows_read']:,}",
            f"{r['rows_kept']:,}",
            f"{r['rows_read'] - r['rows_kept']:,}",
        ]
        for r in own
    ]
    reasons: Counter[str] = Counter(x["reason"] for r in own for x in r["rejections"])
    assert sum(reasons.values()) == n_read - kept
    ordered = sorted(reasons.items(), key=lambda item: (-item[1], item[0]))
    told = "，".join(f"{meanings.reasons(Words())[code]} {n:,} 行" for code, n in ordered)
    assert f"剔除的原因：{told}。" in part.texts


def test_every_group_tells_its_return_rate_and_the_ends(files: Files, page: Page) -> None:
    ev = files.evaluation
    cells = ev.waves[ev.wave].cells
    names = [ev.roster.subject(s).name for s in cells.subjects]
    issued = ev.order.waves[-1].issued

    def extreme(number: int, n: list[int], minimum: int) -> str:
        if number < minimum:
            return f"<{minimum} 份" if number else "0 份"
        who = [name for name, x in zip(names, n, strict=True) if x == number]
        if len(who) == len(names):
            return f"{number:,} 份（都一样）"
        return f"{number:,} 份（{'、'.join(who) if len(who) <= 2 else f'{len(who)} 个'}）"

    expected = []
    for g in ev.scheme.groups:
        n = [int(x) for x in cells.groups[g.code].n]
        below = sum(x < g.minimum_n for x in n)
        sent = issued.get(g.code)
        expected.append(
            [
                g.name,
                f"{g.weight:g}",
                f"{sent:,}" if sent else "—",
                f"{sum(n):,}",
                percent(sum(n) / sent) if sent else "—",
                extreme(min(n), n, g.minimum_n),
                extreme(max(n), n, g.minimum_n),
                f"{below} 个" if below else "没有",
            ]
        )
    assert page.part("做了什么").tables[0].rows == expected


# --- 得分与名次 -----------------------------------------------------------------------------


def test_the_league_table_is_the_ranking_file_with_scores_and_changes(
    files: Files, page: Page
) -> None:
    scores, changes = files.by_subject("scores"), files.by_subject("changes")
    ranking = files.table("ranking")
    assert [r["rank"] for r in ranking] == sorted(r["rank"] for r in ranking)
    part = page.part("得分与名次")
    assert part.tables[1].rows == [
        [
            f"{r['rank']:.0f}",
            r["name"],
            exact_score(r["score"], files.cutoffs),
            interval(scores[r["subject"]]["low"], scores[r["subject"]]["high"]),
            f"{r['rank_low']:.0f}–{r['rank_high']:.0f}",
            f"{r['rank_low_joint']:.0f}–{r['rank_high_joint']:.0f}",
            scores[r["subject"]]["grade"],
            chance(scores[r["subject"]]["grade_probability"]),
            changes[r["subject"]]["verdict"] if r["subject"] in changes else "—",
        ]
        for r in ranking
    ]
    total = len(ranking)
    rows = list(tiers(files).items())
    first = [r["name"] for r in ranking if r["rank_low_joint"] == 1]
    last = [r["name"] for r in ranking if r["rank_high_joint"] == total]
    labels = {
        "高于": "显著高于街道平均",
        "低于": "显著低于街道平均",
        "无显著差异": "与街道平均无显著差异",
    }
    listed = [(labels[k], v) for k, v in rows] + [("可能是第一名", first), ("可能是最后一名", last)]
    assert part.tables[0].rows == [
        [what, f"{len(names)} 个" if names else "没有", "、".join(names)] for what, names in listed
    ]
    chart = part.chart("caterpillar")
    assert rows_of(chart, ("name", "score", "low", "high", "rank", "highlight")) == [
        (
            r["name"],
            r["score"],
            scores[r["subject"]]["low"],
            scores[r["subject"]]["high"],
            r["rank"],
            False,
        )
        for r in ranking
    ]


# --- 等第 -----------------------------------------------------------------------------------


def test_grades_are_counted_in_both_waves_with_every_move_between_them(
    files: Files, page: Page
) -> None:
    ev = files.evaluation
    names = [g.name for g in ev.scheme.grades]
    now = {r["subject"]: r["grade"] for r in files.table("scores") if r["complete"]}
    table = ev.waves["2015"].scores.table
    last = {
        s: g
        for s, g, c in zip(table["subject"], table["grade"], table["complete"], strict=True)
        if c
    }
    part = page.part("等第")
    counts = [[sum(g == n for g in held.values()) for held in (last, now)] for n in names]
    assert part.tables[0].rows == [
        [
            g.name,
            f"{g.cutoff:g} 分及以上" if g.cutoff else "其余",
            *map(str, own),
            "假定" if g.basis == "assumption" else "公开资料",
        ]
        for g, own in zip(ev.scheme.grades, counts, strict=True)
    ]
    drawn = rows_of(part.chart("grade_counts"), ("wave", "grade", "count"))
    waves = ("2015年度", "2016年度")
    assert drawn == [(w, n, counts[i][k]) for k, w in enumerate(waves) for i, n in enumerate(names)]
    moves = Counter((last[s], now[s]) for s in now if s in last)
    expected = []
    for a in names:
        row = [moves[a, b] for b in names]
        if sum(row):
            expected.append([a, *(str(x) if x else "" for x in row), str(sum(row))])
    assert part.tables[1].rows == expected
    both = sum(moves.values())
    place = {n: i for i, n in enumerate(names)}
    up = sum(n for (a, b), n in moves.items() if place[b] < place[a])
    down = sum(n for (a, b), n in moves.items() if place[b] > place[a])
    same = both - up - down
    parts = [f"{n} 个{w}" for n, w in ((up, "升等"), (down, "降等"), (same, "不变")) if n]
    assert f"两次都有等第的 {both} 个中，{'，'.join(parts)}。" in part.text
    held = [r for r in files.table("scores") if r["complete"]]
    doubt = sum(r["grade_probability"] < 0.8 for r in held)
    assert (
        f"{len(held)} 个等第中，有 {doubt} 个（{percent(doubt / len(held))}）的可能性不到 80%："
    ) in part.text
    good = [g.name for g in ev.scheme.grades if g.good]
    a, b = (sum(g in good for g in held.values()) for held in (last, now))
    share_a, share_b = a / len(last), b / len(now)
    assert part.takeaway == (
        f"{'和'.join(good)}由 {a} 个到 {b} 个（增幅 {signed(100 * (b - a) / a, 2)}%），"
        f"占比由 {percent(share_a, 2)} 到 {percent(share_b, 2)}"
        f"（{signed(100 * (share_b - share_a), 2)} 个百分点）。"
    )
    assert part.takeaway in page.part("要点").texts


def scenarios(files: Files) -> list[Row]:
    """Every other choice: places moved at most and on average, grades changed."""
    grades = {r["subject"]: r["grade"] for r in files.table("scores")}
    found = []
    names = dict.fromkeys(
        (r["scenario"], r["scenario_name"])
        for r in files.table("sensitivity")
        if r["scenario"] != "random"
    )
    for scenario, name in names:
        rows = files.where("sensitivity", scenario=scenario)
        moved = [abs(r["rank_change"]) for r in rows if r["rank_change"] is not None]
        found.append(
            {
                "name": name,
                "largest": max(moved),
                "mean": math.fsum(moved) / len(moved),
                "regraded": sum(r["grade"] != grades[r["subject"]] for r in rows),
            }
        )
    assert found
    return found
