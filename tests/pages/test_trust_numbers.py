"""The rest of the street report: groups, needs, drivers, trust, sample and appendix, to the file."""

from __future__ import annotations

import math

import pandas as pd
import pytest

from tests.pages import published
from tests.pages.reading import (
    NONE,
    Files,
    Page,
    Row,
    fixed,
    interval,
    likely,
    percent,
    plainly,
    rows_of,
    signed,
)

Z = 1.959963984540054


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return published.report(files)


@pytest.fixture(scope="module")
def note(files: Files) -> Page:
    return published.note(files)


# --- 同类比较 -------------------------------------------------------------------------------

BY = {"zone": "片区", "housing": "住房类型", "kind": "类别"}


def test_like_committees_are_compared_as_the_file_says(files: Files, page: Page) -> None:
    table = files.table("peer_groups")
    level = 1 - files.evaluation.scheme.confidence
    roster = {s.id: s for s in files.evaluation.roster.subjects}
    scores = {r["subject"]: r["score"] for r in files.table("scores") if r["complete"]}
    part, rows, block = page.part("同类比较"), [], ""
    for r in table:
        if r["by"] != block:
            block = r["by"]
            rows.append([f"按{BY[block]}"])
        own = [x for s, x in scores.items() if getattr(roster[s], r["by"]) == r["value"]]
        rest = [x for s, x in scores.items() if getattr(roster[s], r["by"]) != r["value"]]
        assert (r["n"], r["lowest"], r["highest"]) == (len(own), min(own), max(own))
        assert r["mean"] == pytest.approx(math.fsum(own) / len(own), abs=1e-9)
        ends = NONE
        if r["difference"] is None:
            assert r["verdict"] == "未检验"
        else:
            gap = math.fsum(own) / len(own) - math.fsum(rest) / len(rest)
            assert r["difference"] == pytest.approx(gap, abs=1e-9)
            ends = f"{signed(r['difference_low'])} 至 {signed(r['difference_high'])}"
            way = "高于" if gap > 0 else "低于"
            assert r["verdict"] == (way if r["p_adjusted"] <= level else "无显著差异")
        span = f"{fixed(r['lowest'])} 至 {fixed(r['highest'])}"
        rows.append(
            [
                r["value"],
                f"{r['n']:.0f}",
                fixed(r["mean"]),
                interval(r["low"], r["high"]),
                span if r["n"] > 1 else fixed(r["lowest"]),
                signed(r["difference"]),
                ends,
                plainly(r["verdict"]),
            ]
        )
    assert part.tables[0].rows == rows
    assert ["sure" in c for c in part.tables[0].classes] == [
        row[-1] in ("高于", "低于") for row in rows
    ]
    by = "、".join(BY[b] for b in dict.fromkeys(r["by"] for r in table))
    parts = []
    for way in ("高于", "低于"):
        names = [r["value"] for r in table if r["verdict"] == way]
        more = f"等 {len(names)} 个" if len(names) > 4 else ""
        if names:
            parts.append(f"{'、'.join(names[:4])}{more}明显{way}其余居民区")
    if parts:
        unsure = any(r["verdict"] == "无显著差异" for r in table)
        told = f"，{'，'.join(parts)}{'，其他各组分不出' if unsure else ''}。"
    else:
        told = "，没有一组的平均分与其余居民区有明显差异。"
    assert part.takeaway == f"按{by}分组{told}"
    tested = [r for r in table if r["difference"] is not None]
    columns = ("name", "value", "low", "high", "highlight", "aside")
    assert rows_of(part.chart("sensitivity_bars"), columns) == [
        (
            f"{BY[r['by']]}：{r['value']}（{r['n']:.0f} 个）",
            r["difference"],
            r["difference_low"],
            r["difference_high"],
            r["verdict"] in ("高于", "低于"),
            signed(r["difference"]),
        )
        for r in tested
    ]
    assert ("组内或其余不足 3 个居民区的只列出" in part.text) == (len(tested) < len(table))


# --- 谁怎么看 -------------------------------------------------------------------------------


def test_every_groups_mean_of_every_dimension_is_the_files(files: Files, page: Page) -> None:
    scheme = files.evaluation.scheme
    (part,) = (p for p in page.parts if any("各类评价主体眼中的" in t.caption for t in p.tables))
    rows = []
    for code, name in [("composite", "综合"), *((d.code, d.name) for d in scheme.dimensions)]:
        cells = []
        for g in scheme.groups:
            own = files.where("street_means", code=code, group=g.code)
            told = [
                r["estimate"]
                for r in files.where("indicators", code=code, group=g.code)
                if r["estimate"] is not None
            ]
            if not own:
                cells.append(NONE)
                continue
            (r,) = own
            assert r["n"] <= len(told)
            cells.append(f"{fixed(r['mean'])} {interval(r['low'], r['high'])}")
        rows.append([name, *cells])
    assert part.tables[0].rows == rows
    assert part.tables[0].head[1:] == [f"{g.name}（{g.weight:g}）" for g in scheme.groups]


def gap(files: Files, code: str) -> tuple[float, float] | None:
    residents = [g for g in files.evaluation.scheme.groups if g.residents]
    rows = [files.where("street_means", code=code, group=g.code) for g in residents]
    if len(rows) != 2 or not all(rows) or rows[0][0]["n"] != rows[1][0]["n"]:
        return None
    a, b = rows[0][0], rows[1][0]
    return a["mean"] - b["mean"], math.hypot(a["high"] - a["mean"], b["high"] - b["mean"])


def test_the_note_tells_both_gaps_by_their_own_names(files: Files, note: Page) -> None:
    """Every committee once, and weighed by how exactly its gap is known: two numbers, two names."""
    usual, whole = files.json("reliability")["gap"], gap(files, "composite")
    weighed = (
        "通常差距（按精度加权：误差小的算得重）为 "
        f"{signed(usual['mean'])} ± {fixed(usual['high'] - usual['mean'])} 分"
    )
    text = note.part("这张表有多可信").text
    if not files.table("samples"):
        assert "通常差距" not in text
        return
    assert weighed in text
    if whole is not None:
        assert (
            f"每个居民区算一份，平均相差 {signed(whole[0])} ± {fixed(whole[1])} 分；{weighed}"
            in text
        )


def test_the_two_kinds_of_residents_are_set_against_each_other(files: Files, page: Page) -> None:
    scheme = files.evaluation.scheme
    first, second = (g.name for g in scheme.groups if g.residents)
    (part,) = (p for p in page.parts if any("各类评价主体眼中的" in t.caption for t in p.tables))
    outside = [r["name"] for r in files.table("quality") if r["gap_outlier"]]
    how = "（怎样算反常，见技术说明）"
    if outside:
        more = f"等 {len(outside)} 个" if len(outside) > 5 else ""
        told = (
            f"两类居民评分的差距反常的有{'、'.join(outside[:5])}{more}{how}，宜核查重点问卷的发放；"
            "反常不等于作假。"
        )
    else:
        told = f"没有一个居民区两类居民评分的差距反常{how}。"
    assert told in part.texts
    assert "通常差距" not in part.text, "one gap in one paper; the other is the technical note's"
    for r in files.table("quality"):
        if r["gap_statistic"] is not None:
            assert r["gap_outlier"] == (abs(r["gap_statistic"]) > 3)
    whole = gap(files, "composite")
    if whole is None:
        assert part.title == "谁怎么看"
        return
    value, reach = whole
    assert part.title == f"{first}与{second}"
    if abs(value) > reach:
        way = "高" if value > 0 else "低"
        head = f"{first}的评分平均比{second}{way} {fixed(abs(value))} ± {fixed(reach)} 分。"
    else:
        head = (
            f"{first}与{second}的评分尚看不出差别：平均相差 {signed(value)} ± {fixed(reach)} 分。"
        )
    assert part.takeaway == head
    gaps = [(d.name, g) for d in scheme.dimensions if (g := gap(files, d.code))]
    more_ = [n for n, (v, r) in gaps if v > r]
    less = [n for n, (v, r) in gaps if v < -r]
    assert more_ or less
    parts = [
        f"{first}{'都' if len(names) == len(gaps) else ''}{way}于{second}的有 {len(names)} 个维度"
        for names, way in ((more_, "高"), (less, "低"))
        if names
    ]
    name, (v, r) = max(gaps, key=lambda g: abs(g[1][0]))
    assert (
        f"分维度看（逐个比较，未防误报），{'，'.join(parts)}；差得最多的是“{name}”"
        f"（{signed(v)} ± {fixed(r)} 分）。"
    ) in part.texts
    drawn = rows_of(part.chart("sensitivity_bars"), ("name", "value", "low", "high"))
    expected = []
    for code, label in [("composite", "综合"), *((d.code, d.name) for d in scheme.dimensions)]:
        for g in scheme.groups:
            if g.residents:
                row = files.one("street_means", code=code, group=g.code)
                expected.append((f"{label}　{g.name}", row["mean"], row["low"], row["high"]))
    assert drawn == expected


# --- 居民盼什么, 什么与总体满意度最有关 -------------------------------------------------------


def test_the_streets_needs_and_remarks_are_listed_most_first(files: Files, page: Page) -> None:
    part = page.part("居民盼什么")
    street = sorted(files.where("needs", subject="all"), key=lambda r: -r["share"])
    none = [r for r in street if r["name"].startswith(("目前没有", "没有", "暂无"))]
    needs = [r for r in street if r not in none and not r["name"].startswith(("其他", "其它"))]
    needs = [r for r in needs if r["n"] >= 10]
    assert len({r["item"] for r in needs}) == 1
    assert part.tables[0].rows == [
        [
            r["name"],
            f"{int(r['n']):,}",
            percent(r["share"]),
            f"{interval(100 * r['low'], 100 * r['high'], 0)}%",
        ]
        for r in needs
    ]
    nothing = f"；{percent(none[0]['share'])} 表示目前没有" if none else ""
    assert part.tables[0].caption == f"{int(needs[0]['of']):,} 位居民回答，可选多项{nothing}"
    top = "、".join(f"{r['name']}（{percent(r['share'])}）" for r in needs[:3])
    assert part.takeaway == f"居民勾选最多的是{top}。"
    texts = {i.id: i.text for q in files.evaluation.questionnaires.values() for i in q.items}
    asked = dict.fromkeys(r["item"] for r in files.where("themes", subject="all"))
    assert asked
    for item in asked:
        rows = files.where("themes", subject="all", item=item)
        wrote = next(r for r in rows if r["code"] == "*")
        themes = sorted((r for r in rows if r["code"] != "*"), key=lambda r: -r["n"])
        told = "，".join(f"{r['name']} {int(r['n']):,} 人" for r in themes)
        line = f"{texts[item]} {int(wrote['n']):,} 人写了内容，提到的：{told}。"
        assert line in part.texts


def test_drivers_stand_with_their_intervals_and_what_can_be_told(files: Files, note: Page) -> None:
    part = note.part("什么与总体满意度最有关")
    table = files.table("drivers")
    x = math.fsum(r["importance"] for r in table) / len(table)
    y = math.fsum(r["performance"] for r in table) / len(table)
    first = [
        r["name"] for r in table if r["low"] > x and r["performance"] + Z * r["performance_se"] < y
    ]
    if first:
        more = f"等 {len(first)} 项" if len(first) > 4 else ""
        told = f"与总体满意度更有关、得分又更低的是{'、'.join(first[:4])}{more}，宜优先改进。"
    else:
        told = "没有一项指标能确定是“与总体满意度更有关而得分更低”的：先抓哪一项，数据分不出。"
    assert part.takeaway == told
    ordered = sorted(table, key=lambda r: -r["importance"])
    top = ordered[0]
    level = sum(r["high"] >= top["low"] for r in table) - 1
    tail = (
        f"，但有 {level} 项的误差范围与它重叠，分不出先后"
        if level
        else "，其余各项的误差范围都在它之下"
    )
    assert part.texts[1:3] == [
        f"各项都有得分的 {int(top['n']):,} 位居民，总体满意度的高低差别中，{percent(top['r_squared'])} "
        f"可由这 {len(table)} 项指标合起来说明。这是同高同低的联系，不证明改了哪一项总体满意度就会上升。",
        f"占比最大的是“{top['name']}”（{percent(top['importance'], 1)}，"
        f"{percent(top['low'], 1)}–{percent(top['high'], 1)}）{tail}。",
    ]
    assert top["r_squared"] == pytest.approx(math.fsum(r["importance"] for r in table), abs=1e-9)
    chart = part.chart("sensitivity_bars")
    told_rows = rows_of(chart, ("name", "highlight", "value", "low", "high"))
    residents = [g.code for g in files.evaluation.scheme.groups if g.residents]
    cells = files.evaluation.current.scores.indicators
    empty = cells["group"].isin(residents) & cells["estimate"].isna()
    hidden = set(cells.loc[empty & (cells["level"] == "indicator"), "code"])  # for one committee
    for found, r in zip(told_rows, ordered, strict=True):
        score = "" if r["code"] in hidden else f"（{fixed(r['performance'])} 分）"
        assert found[:2] == (f"{r['name']}{score}", r["low"] > x)
        expected = [100 * r["importance"], 100 * r["low"], 100 * r["high"]]
        assert found[2:] == pytest.approx(expected, abs=1e-9)
    assert chart.options["reference"] == pytest.approx(100 * x, abs=1e-9)


# --- 这张表有多可信 -------------------------------------------------------------------------


def test_figures_of_trust_are_those_of_the_reliability_file(files: Files, note: Page) -> None:
    found = files.json("reliability")
    same, meaning = found["same_form"], found["meaning"]
    ends = interval(found["reliability_low"], found["reliability_high"], 2)
    shown = {
        "reliability": f"{fixed(found['reliability'], 2)}（{ends}）",
        "tau": f"{fixed(found['tau'])} 分（{interval(found['tau_low'], found['tau_high'])}）",
        "distinguishable_pairs": percent(found["distinguishable_pairs"]),
        "same_form": f"{fixed(same['correlation'], 2)}（{interval(same['low'], same['high'], 2)}）",
        "agreement": fixed(found["agreement"]["alpha"], 2),
    }
    rows = note.part("这张表有多可信").tables[0].rows
    assert rows == [[value, meaning[key]] for key, value in shown.items()]


def test_each_group_alone_and_two_groups_together_are_told_from_the_files(
    files: Files, note: Page
) -> None:
    text = note.part("这张表有多可信").texts
    names = {g.code: g.name for g in files.evaluation.scheme.groups}
    rows = [r for r in files.table("reliability") if r["group"] != "all"]
    told = "，".join(
        f"{names[r['group']]} {fixed(r['reliability'], 2)}"
        f"（{interval(r['reliability_low'], r['reliability_high'], 2)}）"
        for r in rows
    )
    alone = [names[r["group"]] for r in rows if r["reliability_low"] >= 0.7]
    said = f"能单独排出先后的是{'、'.join(alone)}" if alone else "哪一类都不能单独给居民区排先后"
    assert f"只看一类评价主体的可靠程度：{told}；{said}。" in text
    residents = {g.code for g in files.evaluation.scheme.groups if g.residents}
    pairs = []
    for v in files.json("reliability")["validity"]:
        if v["group"] in residents:
            more = (
                "" if v["corrected"] is None else f"，扣除抽样误差后约 {fixed(v['corrected'], 2)}"
            )
            pairs.append(
                f"{names[v['group']]}的得分与{names[v['overall']]}答的总体满意度相关 "
                f"{fixed(v['correlation'], 2)}（{interval(v['low'], v['high'], 2)}）{more}"
            )
    assert f"两批人互证：{'；'.join(pairs)}。" in text


def test_whether_the_indicators_rose_together_is_told_from_the_reliability_file(
    files: Files, note: Page
) -> None:
    found, text = files.json("reliability")["levels"], note.part("这张表有多可信").texts
    apart = found["apart"]
    for one in apart:
        assert one["p_adjusted"] < 0.05
    (line,) = (t for t in text if "共同变化平均" in t)
    assert f"居民评的 {found['indicators']} 项共同变化平均 {signed(found['common'])} 分" in line
    told = "、".join(f"{one['name']} {signed(one['shift'])} 分" for one in apart[:5])
    other = "但指不出是哪一项。" if found["p"] < 0.05 else "没有迹象表明量的尺子变了。"
    assert told in line if apart else line.endswith(other)


def test_bands_shrinking_and_adjusting_are_told_from_the_bands_file(
    files: Files, note: Page
) -> None:
    text = note.part("这张表有多可信").texts
    table = files.table("bands")
    counted: dict[str, int] = {}
    for r in table:
        counted[r["band"]] = counted.get(r["band"], 0) + 1
    inside = counted.pop("与平均分不出", 0)
    if counted:
        (line,) = (t for t in text if t.startswith("按综合得分检验，"))
        assert all(f"{band} {n} 个" in line for band, n in counted.items())
        assert line.endswith(f"，其余 {inside} 个与平均分不出。")
    else:
        assert "没有一个居民区与平均分得出高低。" in text
    own = [r for r in table if r["adjusted"] is not None]
    if own:
        moved = [(abs(r["adjusted"] - r["score"]), r["name"]) for r in own]
        most = max(moved, key=lambda m: m[0])
        average = math.fsum(m for m, _ in moved) / len(moved)
        assert (
            f"假如各居民区的受访者构成相同，得分平均变动 {fixed(average)} 分，"
            f"最多 {fixed(most[0])} 分（{most[1]}）；只供参考，不用于排名。"
        ) in text
    pulled = [abs(r["shrunken"] - r["score"]) for r in table]
    assert (
        f"把不确定的得分向街道平均收缩之后，平均变动 {fixed(math.fsum(pulled) / len(pulled))} 分，"
        f"最多 {fixed(max(pulled))} 分；各居民区的得分见附表。"
    ) in text


def diagnosed(files: Files, row: Row) -> str:
    """Everything that a committee's diagnosis says."""
    return "".join(part.text for part in published.diagnoses(files)[row["subject"]].parts)


def test_the_first_and_the_last_are_told_from_the_extremes_file(files: Files, note: Page) -> None:
    """Names from 80% on, the least probable below; the diagnosis says it of its own committee."""
    table, ends = files.table("extremes"), []
    for way, column, size in (("前", "among_first", "first_of"), ("后", "among_last", "last_of")):
        k = int(table[0][size])
        scores = sorted((r["rank"] for r in table), reverse=way == "后")
        edge = scores[k - 1]
        own = [r for r in table if (r["rank"] <= edge if way == "前" else r["rank"] >= edge)]
        own.sort(key=lambda r: -r[column])
        sure = [r["name"] for r in own if r[column] >= 0.8]
        more = f"等 {len(sure)} 个" if len(sure) > 12 else ""
        who = f"有 {len(sure)} 个（{'、'.join(sure[:12])}{more}）" if sure else "一个也没有"
        least = own[-1]
        tail = (
            f"，最小的是{least['name']}（{likely(least[column])}）" if least[column] < 0.8 else ""
        )
        ends.append(
            f"得分排在{way} {k} 名的 {len(own)} 个居民区中，真实水平也在{way} {k} 名的可能性达到 80% 的{who}{tail}。"
        )
        page = diagnosed(files, least)
        said = likely(least[column])
        assert (
            f"真实水平也在{way} {k} 名之内的可能性{said if '不到' in said else f'为 {said}'}。"
        ) in page
    text = note.part("这张表有多可信").texts
    assert f"{''.join(ends)}表扬或督促，先看可能性大的。" in text
    middle = [r for r in table if r["first_of"] < r["rank"] <= len(table) - r["last_of"]]
    assert all("先除去运气的成分" not in diagnosed(files, r) for r in middle)


def test_suspicious_answers_are_counted_from_the_quality_file(files: Files, note: Page) -> None:
    table = files.table("quality")
    n, flagged = sum(r["n"] for r in table), sum(r["flagged"] for r in table)
    excess = [r["name"] for r in table if r["excess"]]
    shifts = [abs(r["rank_without"] - r["rank"]) for r in table if r["rank_without"] is not None]
    assert flagged >= 10
    if excess:
        more = f"等 {len(excess)} 个" if len(excess) > 5 else ""
        who = f"{'、'.join(excess[:5])}{more}的可疑答卷多于偶然所能解释"
    else:
        who = "没有一个居民区的可疑答卷多于偶然所能解释"
    most = int(max(shifts))
    moved = f"名次最多变动 {most} 名" if most else "名次没有变动"
    assert (
        f"{int(n):,} 份居民答卷中有 {int(flagged):,} 份的答法可疑，照常计分；{who}。不计这些答卷，{moved}。"
    ) in note.part("这张表有多可信").texts


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


def test_other_choices_and_random_weights_come_from_the_sensitivity_file(
    files: Files, note: Page
) -> None:
    part = note.part("这张表有多可信")
    assert part.tables[1].rows == [
        [
            s["name"],
            f"{s['largest']:.0f} 名",
            f"{fixed(s['mean'])} 名",
            f"{s['regraded']} 个",
        ]
        for s in scenarios(files)
    ]
    own = files.where("sensitivity", scenario="random")

    def mean(column: str) -> str:
        return likely(float(pd.Series([r[column] for r in own]).mean()))

    least = min(own, key=lambda r: r["same_grade"])
    assert least["same_grade"] < 0.95
    assert (
        f"{own[0]['scenario_name']}：平均而言，等第不变的占 {mean('same_grade')}，"
        f"仍在同一个三分之一的占 {mean('same_third')}，名次不变的占 {mean('same_place')}"
        f"；等第最不牢靠的是{least['name']}（{likely(least['same_grade'])}）。"
    ) in part.texts
    infirm = sorted((r for r in own if r["same_grade"] < 0.95), key=lambda r: r["same_grade"])[:12]
    first, second = (c for c in part.charts if c.figure == "sensitivity_bars")
    drawn = rows_of(first, ("name", "value", "low", "high"))
    for found, r in zip(drawn, infirm, strict=True):
        assert found == (r["name"], pytest.approx(100 * r["same_grade"]), None, None)
    influence = sorted(files.table("weight_influence"), key=lambda r: -r["total"])
    assert rows_of(second, ("name", "value", "low", "high")) == [
        (r["name"], r["total"], r["total_low"], r["total_high"])
        for r in influence
        if r["total"] > 0
    ]
    top = influence[0]
    level = [
        r["name"] for r in files.table("weight_influence") if r["total_high"] >= top["total_low"]
    ]
    tail, whose = ("", "") if len(level) == 1 else ("，彼此分不出先后", f"{top['name']}的")
    assert (
        f"各项权重中，{'、'.join(level)}的权重对名次影响最大{tail}（{whose}名次变动中与它有关的份额 "
        f"{fixed(top['total'], 2)}，误差范围 {interval(top['total_low'], top['total_high'], 2)}）。"
    ) in part.texts
