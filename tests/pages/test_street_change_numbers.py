"""Changes, the street's means and everybody's dimensions in the street report, to the file."""

from __future__ import annotations

import math
import re
from collections import Counter

import pytest

from tests.pages import published
from tests.pages.reading import (
    Files,
    Page,
    Row,
    chance,
    fixed,
    interval,
    lack_of,
    likely,
    places,
    plainly,
    rows_of,
    signed,
)
from tests.pages.test_street_numbers import street_row, verdict_of
from tests.pages.weighed import calculated, weight


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def page(files: Files) -> Page:
    return published.report(files)


# --- 变化 -----------------------------------------------------------------------------------


def test_changes_are_judged_by_their_adjusted_p_alone(files: Files) -> None:
    level = 1 - files.evaluation.scheme.confidence
    seen = set()
    for row in files.table("changes"):
        clear = row["p_adjusted"] <= level
        way = "明显上升" if row["relative_change"] > 0 else "明显下降"
        assert row["verdict"] == (way if clear else "无明显变化")
        seen.add(row["verdict"])
    assert len(seen) > 1


def test_the_movers_table_holds_whoever_clearly_moved_in_order(files: Files, page: Page) -> None:
    ev = files.evaluation
    moves = ev.waves[ev.wave].changes
    table = files.table("changes")
    clear = [r for r in table if r["verdict"] != "无明显变化"]
    rows = [r for r in table if r in clear or r["change_verdict"] in ("上升", "下降")]
    rows.sort(key=lambda r: -r["relative_change"])
    arrow = {"上升": " ▲", "下降": " ▼"}
    part = page.part("变化")
    assert not re.search(r"偶然：|\d 名|\d → \d+$", part.text), "ranks and luck are the note's"
    assert part.tables[0].rows == [
        [
            r["name"],
            f"{fixed(r['score_from'])} → {fixed(r['score_to'])}",
            f"{signed(r['change'])}{arrow.get(r['change_verdict'], '')}",
            f"{signed(r['relative_change'])} ± {fixed(float(moves.margin[r['subject']]))}",
            plainly(r["verdict"]),
        ]
        for r in rows
    ]
    assert [name == "sure" for name in part.tables[0].classes] == [
        r["verdict"] != "无明显变化" for r in rows
    ]
    for r in table:
        assert r["change"] == pytest.approx(r["score_to"] - r["score_from"], abs=1e-9)
        assert r["rank_change"] == r["rank_to"] - r["rank_from"]
    mean = math.fsum(r["change"] for r in table) / len(table)
    up = [r["name"] for r in table if r["verdict"] == "明显上升"]
    down = [r["name"] for r in table if r["verdict"] == "明显下降"]
    parts = [
        f"{w} {len(names)} 个" + (f"（{'、'.join(names)}）" if len(names) <= 5 else "")
        for w, names in (("明显上升", up), ("明显下降", down))
        if names
    ] + [f"其余 {len(table) - len(up) - len(down)} 个尚看不出变化"]
    assert part.takeaway == (
        f"与2015年度相比，{len(table)} 个可比的居民区平均变化 {signed(mean)} 分；"
        f"扣除街道平均后，{'，'.join(parts)}。"
    )
    first = page.part("摘要").texts
    named = [f"{r['name']} {signed(r['relative_change'])} 分" for r in table if r in clear]
    assert not clear or any(all(name in text for name in named) for text in first)
    left = [
        f"{ev.roster.subject(s).name}（{lack_of(why)}）" for s, why in moves.not_compared.items()
    ]
    if left:
        assert f"不作比较：{'、'.join(left)}。" in part.texts


def test_the_movers_chart_puts_the_clear_first_and_then_the_largest(
    files: Files, page: Page
) -> None:
    ev, table = files.evaluation, files.table("changes")
    margin = ev.waves[ev.wave].changes.margin
    largest = sorted(table, key=lambda r: -abs(r["relative_change"]))
    clear = [r for r in largest if r["verdict"] != "无明显变化"]
    rest = [r for r in largest if r["verdict"] == "无明显变化"]
    shown = [*clear, *rest][: max(12, len(clear))]
    part = page.part("变化")
    told = rows_of(part.chart("movers"), ("name", "verdict", "change", "low", "high"))
    for found, r in zip(told, shown, strict=True):
        assert found[:2] == (r["name"], plainly(r["verdict"]))
        reach, at = float(margin[r["subject"]]), r["relative_change"]
        assert found[2:] == pytest.approx([at, at - reach, at + reach], abs=1e-9)
    assert f"{len(table)} 个中相对变化最大的 {len(shown)} 个" in part.texts


def test_the_largest_moves_in_rank_are_set_beside_luck_in_the_technical_note(files: Files) -> None:
    ev = files.evaluation
    moves = ev.waves[ev.wave].changes
    part = published.note(files).part("名次变动与偶然")
    table = files.table("changes")
    biggest = sorted((r for r in table if r["rank_change"]), key=lambda r: -abs(r["rank_change"]))
    rows = biggest[:10]
    rows.sort(key=lambda r: (r["rank_change"], -r["relative_change"]))
    assert part.tables[0].rows == [
        [
            r["name"],
            f"{r['rank_from']:.0f} → {r['rank_to']:.0f}",
            places(r["change_rank_low"], r["change_rank_high"]),
            chance(float(moves.luck_own[r["subject"]])),
            chance(float(moves.luck_any[r["subject"]])),
        ]
        for r in rows
    ]
    rise = min(files.table("changes"), key=lambda r: r["rank_change"])
    step = -int(rise["rank_change"])
    assert step >= 3

    def is_(p: float) -> str:
        return likely(p) if p < 0.01 else f"为 {likely(p)}"

    assert part.takeaway == (
        f"名次上升最多的是{rise['name']}：第 {rise['rank_from']:.0f} 名到第 {rise['rank_to']:.0f} 名，"
        f"扣除街道平均后{plainly(rise['verdict'])}。假如谁也没有实际变化，仅因偶然，它自己上升 {step} 名或更多的"
        f"可能性{is_(float(moves.luck_own[rise['subject']]))}，全街道至少有一个这样上升的"
        f"可能性{is_(float(moves.luck_any[rise['subject']]))}。"
    )


# --- 街道总体, 维度 -------------------------------------------------------------------------


def test_a_reader_with_a_calculator_gets_the_printed_composite(page: Page) -> None:
    """Weights in fact, as printed, times the scores, as printed; the scheme's own beside them."""
    table = page.part("街道总体：维度与指标").tables[0]
    assert table.head[1:3] == ["名义 权重", "实际 权重"]
    whole, *rows = table.rows
    for kind in ("dimension", "indicator"):
        own = [r for r, c in zip(rows, table.classes[1:], strict=True) if kind in c]
        assert own
        assert calculated((r[2], r[3]) for r in own) == pytest.approx(float(whole[3]), abs=0.11)
    part = page.part("各居民区的维度得分").tables[0]
    weights = [re.findall(r"（([\d.]+)）", head)[0] for head in part.head[1:]]
    scores = {r[1]: float(r[3]) for r in page.part("附表：各居民区的得分与名次").tables[0].rows}
    assert scores
    for name, *cells in part.rows[1:]:
        told = [cell.lstrip("▲▼ ") for cell in cells]
        assert calculated(zip(weights, told, strict=True)) == pytest.approx(scores[name], abs=0.11)


def test_the_streets_means_and_changes_are_the_files(files: Files, page: Page) -> None:
    ev = files.evaluation
    level = 1 - ev.scheme.confidence
    order = [("composite", "", "")]
    for d in ev.scheme.dimensions:
        for own in (d, *d.indicators):
            order.append((own.code, f"{own.weight:g}", weight(files, own.code)))
    expected = []
    for code, *weights in order:
        r = street_row(files, code)
        told = [r["name"], *weights, fixed(r["mean"]), interval(r["low"], r["high"])]
        ends = "—"
        if r["change"] is not None:
            ends = f"{signed(r['change_low'])} 至 {signed(r['change_high'])}"
            sure = r["p_adjusted"] <= level
            way = "上升" if r["change"] > 0 else "下降"
            assert r["verdict"] == (way if sure else "无显著变化")
        else:
            assert r["verdict"] == "未比较"
        told += [fixed(r["previous"]), signed(r["change"]), ends, plainly(r["verdict"])]
        expected.append(told)
    part = page.part("街道总体：维度与指标")
    assert part.tables[0].rows == expected
    assert ["sure" in c for c in part.tables[0].classes] == [
        row[-1] in ("上升", "下降") for row in expected
    ]
    own = [street_row(files, i.code) for i in ev.scheme.indicators]
    ordered = sorted(own, key=lambda r: -r["mean"])

    def told_means(rows: list[Row]) -> str:
        return "、".join(f"{r['name']}（{fixed(r['mean'])}）" for r in rows)

    assert part.takeaway == (
        f"按街道平均，最高的 3 项指标是{told_means(ordered[:3])}，"
        f"最低的 3 项是{told_means(ordered[::-1][:3])}。"
    )
    judged = [r for r in own if r["verdict"] != "未比较"]
    up = sum(r["verdict"] == "上升" for r in judged)
    down = sum(r["verdict"] == "下降" for r in judged)
    parts = [f"{n} 项明显{w}" for n, w in ((up, "上升"), (down, "下降")) if n]
    rest = len(judged) - up - down
    tail = f"，其余 {rest} 项尚看不出变化" if rest else ""
    if parts and rest:
        assert (
            f"{len(judged)} 项可比的指标中，街道平均有 {'，'.join(parts)}{tail}（已防误报）。"
        ) in part.texts
    elif parts:
        assert f"街道平均都明显{'上升' if up else '下降'}" in part.text


def test_everybodys_dimensions_stand_in_ranking_order_with_their_marks(
    files: Files, page: Page
) -> None:
    ev = files.evaluation
    mark = {"高于": "▲ ", "低于": "▼ ", "无显著差异": ""}
    rows, count = [], Counter[str]()
    for r in files.table("ranking"):
        cells = []
        for d in ev.scheme.dimensions:
            value = files.one("indicators", subject=r["subject"], code=d.code, group="all")
            verdict = verdict_of(files, r["subject"], d.code)
            count[verdict] += 1
            cells.append(f"{mark[verdict]}{fixed(value['estimate'])}")
        rows.append([r["name"], *cells])
    part = page.part("各居民区的维度得分")
    means = [fixed(street_row(files, d.code)["mean"]) for d in ev.scheme.dimensions]
    assert part.tables[0].rows == [["街道平均", *means], *rows]
    assert part.tables[0].head == [
        "居民区",
        *(f"{d.name} （{weight(files, d.code)}）" for d in ev.scheme.dimensions),
    ]
    total = sum(count.values())
    parts = [f"{count[w]} 个明显{w}街道平均" for w in ("高于", "低于") if count[w]]
    rest = count["无显著差异"]
    assert part.takeaway == (
        f"{total} 个维度得分中，{'，'.join(parts)}，其余 {rest} 个与街道平均尚看不出差别。"
    )
