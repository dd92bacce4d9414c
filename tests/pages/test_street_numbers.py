"""The street report's first pages, table of scores and grades against the files."""

from __future__ import annotations

import math
import re
from collections import Counter
from itertools import combinations

import numpy as np
import pytest
import yaml

from evalkit import assets
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import Words
from tests.pages import first_things, published, shares
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
    rows_of,
    signed,
)


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return published.report(files)


@pytest.fixture(scope="module")
def note(files: Files) -> Page:
    return published.note(files)


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


# --- 摘要 -----------------------------------------------------------------------------------


def against(files: Files) -> str:
    n = {k: len(v) for k, v in tiers(files).items()}
    assert n["高于"] + n["低于"]
    parts = [
        f"{n[w]} 个居民区明显{w}街道平均" if n[w] else f"没有一个居民区明显{w}街道平均"
        for w in ("高于", "低于")
    ]
    rest = f"，其余 {n['无显著差异']} 个尚看不出差别" if n["无显著差异"] else ""
    return f"{'，'.join(parts)}{rest}。"


def head(files: Files) -> list[str]:
    """Sentence and boxes: residents' satisfaction, the mean score, good grades, who stands out."""
    whole, mean, ranking = shares.overall(files), street_row(files), files.table("ranking")
    assert whole is not None
    moved = shares.changed(whole, files)
    sure = shares.DOWN.get(moved, "升降尚看不出")
    first = f"居民总体满意率 {shares.share(whole)}，{shares.than_before(whole)}，{sure}。"
    assert mean["mean"] == pytest.approx(math.fsum(r["score"] for r in ranking) / len(ranking))
    reach = (mean["change_high"] - mean["change_low"]) / 2
    good = [g.name for g in files.evaluation.scheme.grades if g.good]
    n = sum(r["grade"] in good for r in files.table("scores"))
    before = files.evaluation.waves["2015"].scores.table["grade"].isin(good).sum()
    by_tier = {k: len(v) for k, v in tiers(files).items()}
    rest = f"，其余 {by_tier['无显著差异']} 个分不出" if by_tier["无显著差异"] else ""
    return [
        first + against(files),
        "居民总体满意率",
        shares.share(whole),
        f"误差范围 {shares.reach(whole)}；比上次 {shares.points(whole)} ± {shares.margin(whole)} "
        f"个百分点；基本满意及以上 {shares.share(whole, 'acceptable')}",
        "综合得分平均",
        f"{fixed(mean['mean'])}分",
        f"误差范围 {interval(mean['low'], mean['high'])}；可比的居民区比上次 "
        f"{signed(mean['change'])} ± {fixed(reach)}",
        "和".join(good),
        f"{n}个",
        f"占 {len(ranking)} 个的 {percent(n / len(ranking))}，上次 {before} 个",
        "与街道平均明显不同",
        f"{by_tier['高于'] + by_tier['低于']}个",
        f"高于 {by_tier['高于']} 个，低于 {by_tier['低于']} 个{rest}",
    ]


def lowest(files: Files, subject: str) -> str:
    """The dimension that is farthest below the street's, of those surely below it, with its score."""
    found = []
    for d in files.evaluation.scheme.dimensions:
        own = files.one("indicators", subject=subject, code=d.code, group="all")["estimate"]
        if verdict_of(files, subject, d.code) == "低于":
            found.append((own - street_row(files, d.code)["mean"], d.name, own))
    if not found:
        return ""
    _, name, own = min(found)
    return f"（{name} {fixed(own)}）"


def boxes(files: Files) -> list[str]:
    """Who stands out: above the mean, below it with what is lowest, and moved against the street."""
    own, ids = tiers(files), {r["name"]: r["subject"] for r in files.table("ranking")}
    moved = [r for r in files.table("changes") if r["verdict"] != "无明显变化"]
    listed = (
        ("明显高于街道平均", own["高于"], "得分分组"),
        ("明显低于街道平均", [n + lowest(files, ids[n]) for n in own["低于"]], "得分分组"),
        (
            "相对街道平均变化明显",
            [f"{r['name']} {signed(r['relative_change'])} 分" for r in moved],
            "变化",
        ),
    )
    texts = []
    for title, names, where in listed:
        more = f"等 {len(names)} 个，见“{where}”" if len(names) > 16 else ""
        texts += [f"{title}{len(names)} 个", "、".join(names[:16]) + more if names else "没有"]
    return texts


def is_need(row: Row) -> bool:
    return not row["name"].startswith(("目前没有", "其他"))


def street_tasks(files: Files) -> dict[str, Row]:
    """What the library of actions gives to the street, by need, as its file has it."""
    own = files.folder.parent.parent / "actions.yaml"
    library = own if own.exists() else assets.preset("changshou") / "actions.yaml"
    found = yaml.safe_load(library.read_text(encoding="utf-8"))["street"]
    return {task["need"]: task for task in found}


def test_the_first_page_holds_these_numbers_names_tasks_and_sentences_and_no_others(
    files: Files, page: Page
) -> None:
    part, deeds = page.part("摘要"), street_tasks(files)
    wished = [r for r in files.where("needs", subject="all") if is_need(r)]
    wished.sort(key=lambda r: -r["share"])
    chosen = [r for r in wished if r["name"] in deeds][:3]
    assert len(chosen) == 3
    rows = at_once(files)
    urgent = len(rows)
    for r in chosen:
        more = [
            files.evaluation.roster.subject(own["subject"]).name
            for own in files.where("needs", item=r["item"], option=r["option"])
            if own["verdict"] == "高于"
        ]
        tail = f"等 {len(more)} 个" if len(more) > 3 else ""
        where = f"，{'、'.join(more[:3])}{tail}明显更高" if more else ""
        task = deeds[r["name"]]
        rows.append(
            [
                f"{r['name']}{percent(r['share'])} 的居民勾选（{r['n']:,.0f} 人）{where}",
                task["what"],
                task["who"],
                f"{task['days']} 天内",
            ]
        )
    assert part.tables[0].rows == rows
    skipped = [r for r in wished[: wished.index(chosen[-1])] if r not in chosen]
    named = "、".join(f"{r['name']}（{percent(r['share'])}）" for r in skipped)
    assert len(skipped) < 4
    first = "标“同步办”的不参加排序、不得等，由所列居民区的责任人立即办。其余的" if urgent else ""
    remark = (
        f"{first}按勾选的居民多少排；期限从报告印发之日算起，措施和牵头部门取自措施库，是编者的建议。"
        + (f"措施库没有写、因而未列的：{named}。" if named else "")
    )
    back = [*looked_back(files), *still_low_where(files)]
    assert part.texts == [
        *head(files),
        *boxes(files),
        f"要办的 {3 + urgent} 件事",
        remark,
        *(["上次整改", "".join(back)] if back else []),
        "怎么看本次结果",
        *advice(files, page),
    ]


def advice(files: Files, page: Page) -> list[str]:
    """How to read the rest, in two lines: who may be named, and what the table may be read for."""
    bands = {r["band"] for r in files.table("bands")}
    assert len(bands) > 1
    beyond = "要说谁高谁低，只说上面点名的；其余的与街道平均分不出高低，不宜凭得分表扬或批评。"
    return [beyond, files.json("reliability")["verdict"].rpartition("：")[2]]


def at_once(files: Files) -> list[list[str]]:
    """The rows of what must not wait: what and where, what is done, by whom, by when."""
    ranked = {r["subject"] for r in files.table("ranking")}
    found: dict[str, list[str]] = {}
    codes: dict[str, str] = {}
    for r in files.table("scores"):
        if r["subject"] in ranked:
            for f in first_things.urgent(files, r["subject"]):
                found.setdefault(f["row"]["name"], []).append(r["name"])
                codes[f["row"]["name"]] = f["of"]
    deeds = {what: first_things.library(files)[code][0] for what, code in codes.items()}
    assert all(sum(map(len, names)) <= 18 for names in found.values())
    return [
        [
            f"{what}同步办{'、'.join(names)}",
            deeds[what]["what"],
            deeds[what]["who"],
            f"立即动手，{deeds[what]['days']} 天内办完",
        ]
        for what, names in found.items()
    ]


def looked_back(files: Files) -> list[str]:
    """How many tasks of the last list are in which state, and who reported none of its own."""
    table = files.table("follow_up")
    if not table:
        return []
    held = Counter(r["state"] for r in table)
    order = ("已完成", "自报完成", "推进中", "未启动", "不再适用", "未报")
    told = "，".join(f"{state} {held[state]} 件" for state in order if held[state])
    spoken = {r["name"] for r in table if r["state"] != "未报"}
    silent = [n for n in dict.fromkeys(r["name"] for r in table) if n not in spoken]
    assert len(silent) <= 12
    more = f"一件也没有报的：{'、'.join(silent)}。" if silent else ""
    return [f"2015年度整改清单 {len(table)} 件中，{told}。{more}"]


def still_low(files: Files) -> list[str]:
    """What was reported as settled and is below the others for certain all the same."""
    settled = ("已完成", "自报完成", "不再适用")
    low = {(r["subject"], r["code"]) for r in files.table("profiles") if r["verdict"] == "低于"}
    rows = [
        r
        for r in files.table("follow_up")
        if r["state"] in settled and (r["subject"], r["code"]) in low
    ]
    if not rows:
        return []
    by_name: dict[str, list[str]] = {}
    for r in rows:
        by_name.setdefault(r["name"], []).append(f"{r['problem']}，{r['state']}")
    where = "；".join(f"{name}（{'；'.join(each)}）" for name, each in by_name.items())
    held = {r["state"] for r in rows}
    states = "、".join(s for s in settled if s in held)
    return [f"上次清单上写{states}而本次仍明显偏低的 {len(rows)} 件：{where}。先核查，再办。"]


def still_low_where(files: Files) -> list[str]:
    """The same on the first page: how many, and of whom."""
    if not (told := still_low(files)):
        return []
    head, _, where = told[0].removesuffix("。先核查，再办。").partition("：")
    who = [
        f"{name}（{n} 件）" if (n := what.count("；") + 1) > 1 else name
        for name, what in re.findall(r"([^；（）]+)（([^）]*)）", where)
    ]
    return [f"{head}，先核查，再办：{'、'.join(who)}。"]


def moves(files: Files) -> list[str]:
    """Who moved against the street, and whose own score moved."""
    table = files.table("changes")
    mean = math.fsum(r["change"] for r in table) / len(table)

    def named(column: str, verdict: str) -> tuple[int, str]:
        names = [r["name"] for r in table if r[column] == verdict]
        return len(names), f"（{'、'.join(names)}）" if 0 < len(names) <= 5 else ""

    against = [(w, *named("verdict", w)) for w in ("明显上升", "明显下降")]
    rest = len(table) - sum(n for _, n, _ in against)
    parts = [f"{w} {n} 个{who}" for w, n, who in against if n]
    clear = (
        "，".join([*parts, f"其余 {rest} 个尚看不出变化"]) if parts else "没有一个明显上升或下降"
    )
    own = [(w, *named("change_verdict", w)) for w in ("上升", "下降")]
    rest = len(table) - sum(n for _, n, _ in own)
    sure = [f"能断定比上次{w}的有 {n} 个{who}" for w, n, who in own if n]
    told = f"{len(table)} 个都不能断定比上次升了还是降了"
    if sure:
        told = "，".join([*sure, *([f"其余 {rest} 个升降尚看不出"] if rest else [])])
    return [
        f"与2015年度相比，{len(table)} 个可比的居民区平均变化 {signed(mean)} 分；"
        f"扣除街道平均后，{clear}。",
        f"只看自己的得分，{told}。",
    ]


def test_changes_of_scores_are_judged_by_their_own_adjusted_p(files: Files) -> None:
    level = 1 - files.evaluation.scheme.confidence
    seen = set()
    for r in files.table("changes"):
        sure = r["change_p_adjusted"] <= level
        way = "上升" if r["change"] > 0 else "下降"
        assert r["change_verdict"] == (way if sure else "无显著变化")
        seen.add(r["change_verdict"])
    assert len(seen) > 1


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
        "其余是偶然。",
        f"同看全表，在 95% 的把握下，{'，'.join(ends)}，{top}。",
    ]


def test_the_verdict_on_the_table_rests_on_reliability(
    files: Files, page: Page, note: Page
) -> None:
    verdict = files.json("reliability")["verdict"]
    assert isinstance(verdict, str)
    assert note.part("这张表有多可信").takeaway == verdict
    assert page.part("怎样看待这些数字").takeaway == verdict
    ranking = files.table("ranking")
    reliability = np.mean([r["reliability"] for r in ranking])
    assert files.json("reliability")["reliability"] == pytest.approx(reliability)


def test_certain_pairs_are_those_whose_order_the_joint_test_tells(files: Files) -> None:
    ev = files.evaluation
    ahead = ev.current.ranking.ahead
    assert ahead is not None
    k = len(ahead)
    sure = sum(bool(ahead[i, j] or ahead[j, i]) for i, j in combinations(range(k), 2))
    share = sure / (k * (k - 1) / 2)
    assert files.json("reliability")["distinguishable_pairs"] == pytest.approx(share, abs=1e-12)


# --- 得分分组 -------------------------------------------------------------------------------


def test_everybody_stands_in_one_of_three_groups_with_the_score_of_last_time(
    files: Files, page: Page
) -> None:
    part, scores = page.part("得分分组"), files.by_subject("scores")
    changes, mean = files.by_subject("changes"), street_row(files)["mean"]
    assert part.takeaway == against(files)
    assert part.texts[1:3] == told_apart(files)
    assert part.texts[-1] == "同组的居民区不分先后；组内按名册的顺序排列。"
    level = {"高于": 1, "无显著差异": 0, "低于": -1}
    chart = part.chart("standings")
    ranked = {r["subject"] for r in files.table("ranking")}
    assert rows_of(chart, ("name", "score", "low", "high", "standing", "previous")) == [
        (
            r["name"],
            r["score"],
            scores[r["subject"]]["low"],
            scores[r["subject"]]["high"],
            level[verdict_of(files, r["subject"], "composite")],
            changes[r["subject"]]["score_from"] if r["subject"] in changes else None,
        )
        for r in files.table("scores")
        if r["subject"] in ranked
    ]
    assert chart.options["ranked"] is False, "a group is no ranking"
    assert chart.options["mean"] == pytest.approx(mean, abs=1e-9)
    assert chart.options["words"] == ("高于街道平均", "与街道平均分不出", "低于街道平均")
    assert (chart.options["street"], chart.options["previous"]) == ("街道平均", "2015年度")
    own = tiers(files)
    named = "；".join(f"明显{w}街道平均的有{'、'.join(own[w])}" for w in ("高于", "低于") if own[w])
    assert f"{len(files.table('ranking'))} 个居民区分三组的得分及误差范围：{named}" in part.texts


# --- 做了什么 -------------------------------------------------------------------------------


def test_the_account_of_files_and_rows_is_the_import_reports(
    files: Files, page: Page, note: Page
) -> None:
    part, technically = page.part("做了什么"), note.part("数据质量")
    own = [r for r in files.json("import-report") if r["wave"] == "2016"]
    assert len(own) > 2
    n_read, kept = sum(r["rows_read"] for r in own), sum(r["rows_kept"] for r in own)
    books = files.where("ledgers", wave="2016")
    records, counted = (int(sum(r[name] for r in books)) for name in ("read", "kept"))
    more = f"；另有台账 {len(books)} 个文件 {records:,} 行，计入 {counted:,} 行" if books else ""
    assert part.takeaway == (
        f"共读入 {len(own)} 个文件 {n_read:,} 行，有效 {kept:,} 行，剔除 {n_read - kept:,} 行{more}。"
    )
    assert technically.takeaway == part.takeaway
    assert technically.tables[0].rows == [
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
    assert f"剔除的原因：{told}。" in technically.texts


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


# --- 附表：得分与名次 -------------------------------------------------------------------------


def test_the_table_of_scores_is_the_ranking_file_with_shares_and_changes(
    files: Files, page: Page
) -> None:
    scores, changes = files.by_subject("scores"), files.by_subject("changes")
    ranking = files.table("ranking")
    assert [r["rank"] for r in ranking] == sorted(r["rank"] for r in ranking)
    part = page.part("附表：各居民区的得分与名次")
    assert part.takeaway == "名次容易变动，须与名次范围并看；名次范围重叠的居民区不分先后。"
    assert part.tables[0].head == [
        *("名次", "居民区", "满意率", "得分", "误差范围", "名次范围", "等第", "可能性"),
        *("得分变化", "扣除街道 平均后"),
    ]
    rows = []
    for r in ranking:
        own, moved = shares.overall(files, r["subject"]), changes.get(r["subject"])
        told = ["—", "—"]
        if moved is not None:
            mark = shares.UP.get(moved["change_verdict"], "")
            clear = "" if moved["verdict"] == "无明显变化" else moved["verdict"]
            told = [f"{signed(moved['change'])}{mark}", clear]
        rows.append(
            [
                f"{r['rank']:.0f}",
                r["name"],
                "—" if own is None else shares.share(own),
                exact_score(r["score"], files.cutoffs),
                interval(scores[r["subject"]]["low"], scores[r["subject"]]["high"]),
                f"{r['rank_low_joint']:.0f}–{r['rank_high_joint']:.0f}",
                scores[r["subject"]]["grade"]
                + ("＊" if scores[r["subject"]]["grade_probability"] < 0.5 else ""),
                chance(scores[r["subject"]]["grade_probability"]),
                *told,
            ]
        )
    assert part.tables[0].rows == rows
    assert any("▲" in row[-2] for row in rows)


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
    assert part.takeaway == grades_moved(files)


def grades_moved(files: Files) -> str:
    """How many hold a good grade, in percentage points: of so few, percent would be too exact."""
    ev = files.evaluation
    good = [g.name for g in ev.scheme.grades if g.good]
    now = [r["grade"] for r in files.table("scores") if r["complete"]]
    table = ev.waves["2015"].scores.table
    last = table.loc[table["complete"].astype(bool), "grade"].tolist()
    a, b = (sum(g in good for g in held) for held in (last, now))
    assert (a, len(last)) != (b, len(now))
    share_a, share_b = a / len(last), b / len(now)
    return (
        f"{'和'.join(good)}由 {a} 个到 {b} 个，占比由 {percent(share_a, 1)} 到 {percent(share_b, 1)}"
        f"（{signed(100 * (share_b - share_a))} 个百分点）。"
    )
