"""Next sample, appendix, the incomplete and the method of the street report, to the file."""

from __future__ import annotations

import math

import pytest

from tests.pages import published
from tests.pages.reading import (
    NONE,
    Files,
    Page,
    Row,
    chance,
    exact_score,
    fixed,
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


# --- 下一次抽多少, 附表 ---------------------------------------------------------------------


def test_next_waves_sample_is_the_plan_file(files: Files, note: Page) -> None:
    part = note.part("下一次抽多少")
    plan = files.table("plan")
    groups = [g for g in dict.fromkeys(r["group"] for r in plan) if g != "all"]
    names = {
        "reliability": "可靠程度 {}",
        "half-width": "得分误差范围 ± {} 分",
        "extra": "另加 {} 份",
    }
    rows = []
    for target in dict.fromkeys(r["target"] for r in plan):
        own = {r["group"]: r for r in plan if r["target"] == target}
        kind, _, number = target.partition(" ")
        whole = own["all"]
        total = math.fsum(own[g]["n_total"] for g in groups)
        assert whole["n_total"] == pytest.approx(total)
        issued = whole["issued_total"]
        rows.append(
            [
                ("本次的份数" if kind == "present" else names[kind].format(number))
                + ("" if whole["reachable"] else " 达不到"),
                *(fixed(own[g]["n_per_subject"], 0) for g in groups),
                f"{whole['n_total']:,.0f}",
                NONE if issued is None else f"{issued:,.0f}",
                fixed(whole["reliability"], 2),
                f"± {fixed(whole['half_width'])}",
                fixed(whole["detectable"]),
                chance(whole["power"]),
                "是" if whole["reachable"] else "否",
            ]
        )
    assert part.tables[0].rows == rows
    assert {r[-1] for r in rows} == {"是", "否"}
    missed = [r[0].removesuffix(" 达不到") for r in rows if r[-1] == "否"]
    assert [c == ("missed",) or "missed" in c for c in part.tables[0].classes] == [
        r[-1] == "否" for r in rows
    ]
    told = "、".join(f"“{name}”" for name in missed)
    assert f"表中 {len(rows)} 行，有 {len(missed)} 行达不到目标：{told}。" in part.texts
    reach = [(r["high"] - r["low"]) / 2 for r in files.table("scores") if r["complete"]]
    wide = fixed(math.fsum(reach) / len(reach))
    assert f"各表的误差范围按 t 分布，本次平均 ± {wide} 分" in part.text
    present = next(r for r in plan if r["target"] == "present" and r["group"] == "all")
    as_good = [
        r
        for r in plan
        if r["group"] == "all"
        and r["reachable"]
        and r["reliability"] >= present["reliability"]
        and r["half_width"] <= present["half_width"]
        and r["n_total"] < present["n_total"]
    ]
    cheaper = ""
    if as_good:
        best = min(as_good, key=lambda r: r["n_total"])
        kind, _, number = best["target"].partition(" ")
        cheaper = (
            f"各类居民换一种配比（见“{names[kind].format(number)}”一行），"
            f"{best['n_total']:,.0f} 份有效答卷就能做到；"
        )
    assert part.takeaway == (
        f"照本次的份数，平均可靠程度为 {fixed(present['reliability'], 2)}，"
        f"得分的误差范围平均为 ± {wide} 分；{cheaper}想分得更清，要收的份数见下表。"
    )


def span(low: float, high: float) -> str:
    return f"{low:.0f}" if low == high else f"{low:.0f}–{high:.0f}"


def test_the_appendix_sets_every_other_score_and_rank_beside_the_published(
    files: Files, note: Page
) -> None:
    part = note.part("附表：各居民区的名次牢不牢靠")
    bands, quality = files.by_subject("bands"), files.by_subject("quality")
    ends = files.by_subject("extremes")
    adjusted = any(r["adjusted"] is not None for r in bands.values())
    rows, moved = [], []
    for r in files.table("ranking"):
        subject = r["subject"]
        others = [
            s
            for s in files.where("sensitivity", subject=subject)
            if s["scenario"] != "random" and s["rank"] is not None
        ]
        (shaken,) = files.where("sensitivity", subject=subject, scenario="random")
        ranks = [r["rank"], *(s["rank"] for s in others)]
        moved.append(max(ranks) - min(ranks))
        for s in others:
            assert s["rank_change"] == s["rank"] - r["rank"]
        q = quality[subject]
        flagged = f"<{10}" if 0 < q["flagged"] < 10 else f"{q['flagged']:,.0f}"
        b: Row = bands[subject]
        rows.append(
            [
                f"{r['rank']:.0f}",
                r["name"],
                exact_score(r["score"], files.cutoffs),
                *([fixed(b["adjusted"])] if adjusted else []),
                fixed(b["shrunken"]),
                b["band"],
                f"{r['rank_low_joint']:.0f}–{r['rank_high_joint']:.0f}",
                max(
                    (
                        ends[subject][f"among_{end}"],
                        f"{word} {chance(ends[subject][f'among_{end}'])}",
                    )
                    for end, word in (("last", "后"), ("first", "前"))
                )[1],
                span(min(ranks), max(ranks)),
                span(shaken["rank_low"], shaken["rank_high"]),
                chance(shaken["same_grade"]),
                flagged + ("＊" if q["excess"] else ""),
                NONE if q["rank_without"] is None else f"{q['rank_without']:.0f}",
            ]
        )
    assert part.tables[0].rows == rows
    still = sum(m == 0 for m in moved)
    kept = f"{still} 个居民区的名次在各种换法下都不变" if still else "没有一个居民区的名次完全不变"
    assert part.takeaway == (
        f"换权重、换分值之后，{kept}，变动最大的前后相差 {max(moved):.0f} 名；名次只按原始得分。"
    )


def test_who_is_incomplete_is_listed_with_what_lacks(files: Files, page: Page) -> None:
    left = [r["name"] for r in files.table("scores") if not r["complete"]]
    if left:
        part = page.part("不完整的居民区")
        assert [row[0] for row in part.tables[0].rows] == left
        assert part.takeaway == f"{len(left)} 个居民区缺少某类评价，只列出，不计分，不排名。"
    else:
        assert all(p.title != "不完整的居民区" for p in page.parts)


def test_the_method_counts_the_scheme_and_carries_every_assumption(
    files: Files, note: Page
) -> None:
    scheme, part = files.evaluation.scheme, note.part("方法与假定")
    assert part.takeaway == (
        f"得分由 {len(scheme.groups)} 类评价主体、{len(scheme.dimensions)} 个维度、"
        f"{len(scheme.indicators)} 项指标按实际权重相加而成。"
    )
    for said in (*scheme.assumptions, *scheme.published):
        assert said in part.texts
    weights = "，".join(
        f"{g.name} {g.weight:g}{'（假定）' if g.basis == 'assumption' else ''}"
        for g in scheme.groups
    )
    assert f"评价主体权重：{weights}。" in part.texts
    assert files.evaluation.fingerprint in note.html
