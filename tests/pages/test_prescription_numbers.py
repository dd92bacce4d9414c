"""What comes first: priorities, steps and prescription against findings and the action library."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

import pytest
from scipy import stats

from evalkit.pages import diagnosis
from tests.pages import published
from tests.pages.reading import Files, Page, Part, Row, fixed, interval, read
from tests.pages.test_diagnosis_numbers import profile, ranked, verdicts

TITLE = "处方：先做什么"


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    return {p.path[10:-4]: read(p) for p in diagnosis.plan_all(files.evaluation)}


def library(files: Files) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    assert files.evaluation.decided.actions is not None
    for action in files.evaluation.decided.actions.actions:
        found.setdefault(action.indicator, []).append(action.model_dump())
    return found


def priorities(files: Files, subject: str) -> list[Row]:
    """Weaknesses by size, then dimensions low as a whole; without any, tendencies; else the lowest."""
    indicators = {d["code"]: d for d in profile(files, subject, "indicator")}
    weak = sorted(files.findings(subject, "weakness"), key=lambda f: f["difference"])
    found = [{"kind": "weakness", "row": indicators[f["code"]], "of": f["code"]} for f in weak]
    codes = {f["code"] for f in weak}
    said = verdicts(files, subject)
    p_of = files.evaluation.diagnosis(subject).profile.set_index("code")["p_adjusted"]
    low = []
    for d, row in zip(
        files.evaluation.scheme.dimensions, profile(files, subject, "dimension"), strict=True
    ):
        inside = [i.code for i in d.indicators]
        if said[d.code] == "低于" and not codes & set(inside):
            lowest = min(inside, key=lambda c: indicators[c]["difference"])
            low.append((p_of[d.code], row["difference"], lowest, row))
    found += [
        {"kind": "dimension", "row": row, "of": lowest}
        for _, _, lowest, row in sorted(low, key=lambda entry: entry[:2])
    ]
    if not found:
        found = [
            {"kind": "tendency", "row": indicators[f["code"]], "of": f["code"]}
            for f in files.findings(subject, "tendency_low")
            if abs(f["difference"]) > 1.645 * f["se"]
        ]
    if not found:
        least = min(indicators.values(), key=lambda d: d["estimate"])
        found = [{"kind": "lowest", "row": least, "of": least["code"]}]
    return found


def evidence(files: Files, subject: str, first: Row) -> str:
    row = first["row"]
    gap = f"{fixed(-row['difference'])} ± {fixed(row['reach'])} 分"
    if first["kind"] == "lowest":
        stands = verdicts(files, subject)[row["code"]]
        how = "与街道平均无显著差异" if stands == "无显著差异" else f"显著{stands}街道平均"
        return f"得 {fixed(row['estimate'])} 分，{how}，但在本居民区各项中最低"
    return {
        "weakness": f"显著低于街道平均 {gap}",
        "dimension": f"整个维度显著低于街道平均 {gap}",
        "tendency": f"比街道平均低 {gap}，尚不足以断定",
    }[first["kind"]]


def visible(files: Files, subject: str, row: Row) -> str:
    """How far a score must rise: (t at the level + t at 80%) times sqrt(2) standard errors."""
    ev = files.evaluation
    scores = ev.current.scores
    at = scores.subjects.index(subject)
    m = next(m for m, measure in enumerate(scores.measures) if measure.code == row["code"])
    df = 2 * float(scores.df[m, at])
    multiple = stats.t.ppf(0.975, df) + stats.t.ppf(0.8, df)
    least = float(multiple) * math.sqrt(2.0) * row["se"]
    now = f"本次 {fixed(row['estimate'])} 分（{interval(row['low'], row['high'])}）"
    if row["estimate"] + least > 100:
        return f"{now}，升到满分也不足看得出的 {fixed(least)} 分：单看得分看不出进步，以措施是否落实为准。"
    gap = -row["difference"]
    goal = f"{now}，升 {fixed(least)} 分以上才看得出"
    if gap <= 0:
        return f"{goal}。"
    members = {d.code: [i.code for i in d.indicators] for d in ev.scheme.dimensions}
    codes = members.get(row["code"], [row["code"]])
    weights = ev.scheme.weights()
    share = sum(
        weights[:, i].sum() for i, own in enumerate(ev.scheme.indicators) if own.code in codes
    )
    return (
        f"{goal}；补到街道平均（升 {fixed(gap)} 分，综合得分约加 {fixed(gap * share, 2)} 分）"
        f"{'看得出' if gap >= least else '还看不出'}。"
    )


def names(first: list[Row]) -> str:
    return "、".join(f"“{f['row']['name']}”" for f in first)


def takeaway(files: Files, subject: str, found: list[Row]) -> str:
    kinds = Counter(f["kind"] for f in found)
    first, more = names(found[:3]), len(found) > 3
    if found[0]["kind"] == "weakness":
        low = f"、{kinds['dimension']} 个整体偏低的维度" if kinds["dimension"] else ""
        return (
            f"有 {kinds['weakness']} 项短板{low}，{'先办其中 3 项：' if more else '先办'}{first}。"
        )
    if found[0]["kind"] == "dimension":
        return f"没有单项短板，但{first}整体显著偏低，从其中偏低最多的一项入手。"
    if found[0]["kind"] == "tendency":
        which = "其中下列 3 项" if more else "是否属实"
        return f"没有能断定的短板，{len(found)} 项有偏低的倾向：先翻台账、走访居民，核实{which}，属实再办。"
    strong = files.findings(subject, "strength")
    start = "守住长处为先" if strong else "没有哪一项需要优先处理"
    return f"没有能断定的短板，{start}；如有余力，从得分最低的{first}找改进余地。"


def test_the_prescription_draws_the_librarys_actions_for_what_is_low(
    files: Files, pages: Mapping[str, Page]
) -> None:
    deeds, kinds, reached = library(files), Counter[str](), Counter[str]()
    for row in ranked(files):
        subject = row["subject"]
        found = priorities(files, subject)
        part = pages[subject].part(TITLE)
        assert part.takeaway == takeaway(files, subject, found)
        kinds.update(f["kind"] for f in found[:3])
        tables = iter(part.tables)
        for number, f in enumerate(found[:3], start=1):
            tag = {"tendency": "倾向，先核实", "lowest": "得分最低"}.get(f["kind"], "")
            arrow = "▼ " if f["kind"] in ("weakness", "dimension") else ""
            head = f"{number} {f['row']['name']}{tag}{arrow}{evidence(files, subject, f)}"
            assert head in part.texts
            goal = visible(files, subject, f["row"])
            assert f"多大的进步看得出 {goal}" in part.texts
            reached.update(w for w in ("还看不出。", "）看得出。", "满分") if w in goal)
            own = deeds.get(f["of"], [])
            if not own:
                assert "措施库没有" in part.text
                continue
            depth = (2 if arrow else 1) if len(found[:3]) > 1 else 2 if f["kind"] == "lowest" else 3
            table = next(tables)
            assert table.head[0] == ("属实则做什么" if f["kind"] == "tendency" else "做什么")
            assert table.rows == [
                [a["what"], a["who"], f"{a['days']} 天内", a["shown_by"]] for a in own[:depth]
            ]
        assert next(tables, None) is None
        further(files, subject, found, part)
    assert kinds["weakness"] > 10
    assert len(kinds) > 2
    assert reached["还看不出。"]
    assert reached["）看得出。"]


def further(files: Files, subject: str, found: list[Row], part: Part) -> None:
    rest = [f["row"]["name"] for f in found[3:] if f["kind"] in ("weakness", "dimension")]
    leaning = sum(f["kind"] == "tendency" for f in found[3:])
    expected = [f"其余：{'、'.join(rest)}，待以上各项办妥后再办。"] if rest else []
    expected += [f"另有 {leaning} 项倾向偏低，见“画像”一节。"] if leaning else []
    expected += [f"{what}：{why}" for what, why in lacking(files, subject)]
    strong = [f["name"] for f in files.findings(subject, "strength")]
    if strong:
        counted = f"等 {len(strong)} 项" if len(strong) > 5 else ""
        expected.append(
            f"守住长处：{'、'.join(strong[:5])}{counted}显著高于街道平均，总结做法，继续保持。"
        )
    at = len(part.texts) - 1
    assert part.texts[at - len(expected) : at] == expected


def lacking(files: Files, subject: str) -> list[tuple[str, str]]:
    cells = files.evaluation.waves[files.evaluation.wave].cells
    at = cells.subjects.index(subject)
    return [
        (
            f"下次收足“{g.name}”的答卷",
            f"本次有效答卷少于 {g.minimum_n} 份，该主体的评分未予公布。",
        )
        for g in files.evaluation.scheme.groups
        if int(cells.groups[g.code].n[at]) < g.minimum_n
    ]


def steps(files: Files, subject: str) -> list[tuple[str, str]]:
    """Three steps of page 1: first actions, missing answers, further actions, what to keep."""
    deeds, found = library(files), priorities(files, subject)[:3]
    reach = {d["code"]: d["reach"] for d in profile(files, subject, "indicator")}

    def act(start: str, a: Row) -> tuple[str, str]:
        return a["what"], f"{start}{a['who']}负责，诊断书下发后 {a['days']} 天内。"

    first = []
    for f in found:
        name, why = f"“{f['row']['name']}”", evidence(files, subject, f)
        own = deeds.get(f["of"], [])
        if f["kind"] in ("weakness", "dimension") and own:
            inner = next(
                d["name"] for d in profile(files, subject, "indicator") if d["code"] == f["of"]
            )
            more = f"，从其中偏低最多的“{inner}”做起" if f["kind"] == "dimension" else ""
            first.append(act(f"{name}{why}{more}。", own[0]))
        elif f["kind"] in ("weakness", "dimension"):
            lack = f"措施库没有{name}的措施，由居民区与街道商定。"
            first.append((f"优先改进{name}", f"{why}。{lack}"))
        elif f["kind"] == "tendency":
            first.append((f"先核实{name}是否偏低", f"{why}。翻台账、走访居民，属实再按处方办理。"))
        else:
            first.append((f"如有余力，从得分最低的{name}找改进余地", f"{why}。"))
    depth = max((len(deeds.get(f["of"], [])) for f in found), default=0)
    later = [
        act(f"同为改进“{f['row']['name']}”。", deeds[f["of"]][at])
        for at in range(1, depth)
        for f in found
        if f["kind"] in ("weakness", "dimension") and at < len(deeds.get(f["of"], []))
    ]
    strong = [
        (
            f"总结并保持“{f['name']}”的做法",
            f"显著高于街道平均 {fixed(f['difference'])} ± {fixed(reach[f['code']])} 分。",
        )
        for f in sorted(files.findings(subject, "strength"), key=lambda f: -f["difference"])
    ]
    good = [
        (
            f"继续做好“{f['name']}”",
            f"有偏高的倾向（高 {fixed(f['difference'])} ± {fixed(reach[f['code']])} 分），"
            "但数据尚不足以断定。",
        )
        for f in files.findings(subject, "tendency_high")
        if abs(f["difference"]) > 1.645 * f["se"]
    ]
    lack = lacking(files, subject)
    if found[0]["kind"] == "lowest":
        return [*lack, *strong[:2], *first, *strong[2:], *good][:3]
    return [*first, *lack, *later, *strong, *good][:3]


def test_the_first_page_tells_three_steps_with_their_evidence(
    files: Files, pages: Mapping[str, Page]
) -> None:
    seen = Counter[str]()
    for row in ranked(files):
        told = pages[row["subject"]].part("总评").texts
        expected = [f"{what}{why}" for what, why in steps(files, row["subject"])]
        start = told.index("先做的几件事详见“处方”一节") + 1
        assert told[start:] == expected
        seen.update(
            w for w in ("总结并保持", "同为改进", "继续做好", "下次收足") if w in "".join(expected)
        )
    assert seen["总结并保持"]
    assert seen["同为改进"]


def test_who_is_incomplete_is_told_what_lacks_and_nothing_else(
    files: Files, pages: Mapping[str, Page]
) -> None:
    ev = files.evaluation
    gaps = ev.current.scores.incomplete
    assert {g.subject for g in gaps} == {
        r["subject"] for r in files.table("scores") if not r["complete"]
    }
    cells = ev.waves[ev.wave].cells
    for gap in gaps:
        at = cells.subjects.index(gap.subject)
        (table,) = pages[gap.subject].part(TITLE).tables
        for told, code in zip(table.rows, gap.missing, strict=True):
            group = ev.scheme.group(code)
            n = int(cells.groups[group.code].n[at])
            shown = f"<{group.minimum_n}" if 0 < n < group.minimum_n else f"{n}"
            assert told[0] == f"{group.name}的评分"
            assert told[1:3] == [shown, f"{group.minimum_n} 份"]
