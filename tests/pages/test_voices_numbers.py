"""Who says what: rater groups, answers, needs, remarks and what matters, against the files."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

import pytest
from scipy import stats

from evalkit.pages.press.planned import Chart
from tests.pages import published
from tests.pages.first_things import priorities, urgent, with_ties
from tests.pages.reading import (
    Files,
    Page,
    Part,
    Row,
    fixed,
    interval,
    percent,
    plainly,
    rows_of,
    signed,
)

LEAST = 10


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    return published.diagnoses(files)


def complete(files: Files) -> list[Row]:
    rows = [r for r in files.table("scores") if r["complete"]]
    assert len(rows) > 12
    return rows


def answers(files: Files, subject: str) -> dict[str, int]:
    cells = files.evaluation.waves[files.evaluation.wave].cells
    at = cells.subjects.index(subject)
    return {code: int(group.n[at]) for code, group in cells.groups.items()}


def t_of(files: Files, df: float) -> float:
    return float(stats.t.ppf(0.5 + files.evaluation.scheme.confidence / 2, df))


def views(files: Files, subject: str) -> list[Row]:
    """Every rater group's own score with its interval, missing below the group's minimum."""
    cells = files.evaluation.waves[files.evaluation.wave].cells
    at = cells.subjects.index(subject)
    found = []
    for g in files.evaluation.scheme.groups:
        n = answers(files, subject)[g.code]
        row = files.one("indicators", subject=subject, code="composite", group=g.code)
        known = n >= g.minimum_n and row["estimate"] is not None
        df = max(float(cells.groups[g.code].df[at]), 1.0)
        told = [
            r["estimate"]
            for r in files.where("indicators", code="composite", group=g.code)
            if r["estimate"] is not None
        ]
        reach = t_of(files, df) * row["se"] if known else math.nan
        found.append(
            {
                "code": g.code,
                "name": g.name,
                "n": f"<{g.minimum_n}" if 0 < n < g.minimum_n else f"{n:,}",
                "estimate": row["estimate"] if known else None,
                "se": row["se"],
                "df": df,
                "low": max(row["estimate"] - reach, 0.0) if known else None,
                "high": min(row["estimate"] + reach, 100.0) if known else None,
                "street": math.fsum(told) / len(told),
            }
        )
    return found


@dataclass
class Gap:
    first: str
    second: str
    scores: tuple[float, float]
    value: float
    low: float
    high: float


def gap_of(files: Files, subject: str) -> Gap | None:
    residents = [g.code for g in files.evaluation.scheme.groups if g.residents]
    assert len(residents) == 2
    a, b = (r for r in views(files, subject) if r["code"] in residents)
    if a["estimate"] is None or b["estimate"] is None:
        return None
    va, vb = a["se"] ** 2, b["se"] ** 2
    df = (va + vb) ** 2 / (va**2 / a["df"] + vb**2 / b["df"])
    value = a["estimate"] - b["estimate"]
    reach = t_of(files, df) * math.sqrt(va + vb)
    scores = (a["estimate"], b["estimate"])
    beside = [r for r in files.table("samples") if r["subject"] == subject]
    if beside:  # the list less the random sample; one number has one interval
        own = beside[0]
        assert own["gap"] == pytest.approx(value, abs=1e-9)
        return Gap(a["name"], b["name"], scores, own["gap"], own["gap_low"], own["gap_high"])
    return Gap(a["name"], b["name"], scores, value, value - reach, value + reach)


def by_group(part: Part) -> list[Chart]:
    """The chart of rater groups, if there is one; questions are drawn alike, in percent."""
    drawn = [c for c in part.charts if c.figure == "groups"]
    return [c for c in drawn if c.options["title"] != "满意率（%）"]


def test_the_groups_stand_side_by_side_with_the_streets_mean_of_each(
    files: Files, pages: Mapping[str, Page]
) -> None:
    drawn = 0
    for row in complete(files):
        part = pages[row["subject"]].part("谁怎么说")
        known = [v for v in views(files, row["subject"]) if v["estimate"] is not None]
        if len(known) < 2:
            assert not by_group(part)
            continue
        drawn += 1
        (chart,) = by_group(part)
        told = rows_of(chart, ("group", "n", "estimate", "low", "high", "street"))
        for found, own in zip(told, views(files, row["subject"]), strict=True):
            assert found[:2] == (own["name"], own["n"])
            expected = [own["estimate"], own["low"], own["high"], own["street"]]
            assert found[2:] == pytest.approx(expected, abs=1e-9)
    assert drawn > 1


def test_the_gap_between_residents_is_told_with_its_interval_and_what_is_usual(
    files: Files, pages: Mapping[str, Page]
) -> None:
    usual = f"全街道的通常差距（按精度加权：误差小的算得重）为 {signed(files.json('reliability')['gap']['mean'])} 分"
    ways, untold = set(), 0
    for row in complete(files):
        part, gap = pages[row["subject"]].part("谁怎么说"), gap_of(files, row["subject"])
        quality = files.one("quality", subject=row["subject"])
        if gap is None:
            untold += 1
            assert "相差" not in part.text
            items = items_of(files, row["subject"])
            if len(items) < 4:  # questions of indicators that are not told are not shown
                continue
            best, *_, worst = items
            among = "" if all(i["whole"] for i in items) else f"能公布的 {len(items)} 道题中，"
            assert part.takeaway == (
                f"{among}居民评得最高的是“{best['text']}”（{fixed(best['mean'], 0)} 分），"
                f"最低的是“{worst['text']}”（{fixed(worst['mean'], 0)} 分）。"
            )
            continue
        unsure = gap.low <= 0 <= gap.high
        start = (
            f"{gap.first}评 {fixed(gap.scores[0])} 分，{gap.second}评 {fixed(gap.scores[1])} 分，"
            f"相差 {signed(gap.value)} 分（误差范围 {interval(gap.low, gap.high)}"
            f"{'，含 0，分不出谁高谁低' if unsure else ''}）"
        )
        head = (
            f"{gap.first}与{gap.second}的评分分不出高低"
            if unsure
            else f"{gap.first}比{gap.second}评得{'高' if gap.value > 0 else '低'}"
            f" {fixed(abs(gap.value))} 分"
        )
        if quality["gap_outlier"]:
            away = fixed(abs(quality["gap_statistic"]))
            tail = (
                f"；{usual}，本居民区与之相差 {away} 倍抽样误差，超过 3 个即属异常，"
                f"应核查{gap.first}问卷的发放与填答。"
            )
            head += "，与全街道的通常差距明显不同。"
        else:
            tail = f"；{usual}，本居民区与之相比在通常的波动之内。"
            head += "，与全街道的通常差距没有明显不同。"
        assert start + tail in part.text
        assert part.takeaway == head
        ways.add(unsure)
    assert True in ways
    if len(complete(files)) < 20:
        assert False in ways
        assert untold > 0


# --- answers --------------------------------------------------------------------------------


def item_parts(labels: list[str], scores: list[float], counts: list[int]) -> list[Row]:
    """Join options from the worst up until ten people stand behind each part.

    Nothing is joined across the border of the satisfied (80 points, whose share is told beside)
    unless a whole side has less than ten.
    """
    sides: list[list[list[int]]] = []
    for side in (
        [i for i, s in enumerate(scores) if s >= 80],
        [i for i, s in enumerate(scores) if s < 80],
    ):
        runs: list[list[int]] = []
        waiting: list[int] = []
        for at in reversed(side):
            waiting.insert(0, at)
            if sum(counts[i] for i in waiting) >= LEAST:
                runs.insert(0, waiting)
                waiting = []
        if runs:
            runs[0] = waiting + runs[0]
        sides.append(runs)
    good, bad = sides
    runs = [*good, *bad]
    if runs and not bad:
        runs[-1] = list(range(runs[-1][0], len(counts)))
    if runs and not good:
        runs[0] = list(range(runs[0][-1] + 1))
    total, last, found = sum(counts), len(counts) - 1, []
    for run in runs:
        n = sum(counts[i] for i in run)
        if len(run) == 1:
            label = labels[run[0]]
        elif run[-1] == last or run[0] == 0:
            ends = f"{labels[run[0]]}及以下" if run[-1] == last else f"{labels[run[-1]]}及以上"
            label = ends if len(run) > 2 else f"{labels[run[0]]}、{labels[run[1]]}"
        else:
            label = f"{labels[run[0]]}至{labels[run[-1]]}"
        mean = sum(scores[i] * counts[i] for i in run) / n
        found.append({"option": label, "share": n / total, "tone": 1 - mean / 100})
    return found


def items_of(files: Files, subject: str) -> list[Row]:
    """Residents' scored single items, highest mean first, counted from the distributions."""
    ev = files.evaluation
    cells = ev.waves[ev.wave].cells
    n_of = answers(files, subject)
    enough = [g for g in ev.scheme.groups if g.residents and n_of[g.code] >= g.minimum_n]
    at = cells.subjects.index(subject)
    assert all(
        cells.groups[g.code].n_effective[at] == pytest.approx(n_of[g.code], rel=1e-9)
        for g in enough
    ), "unweighted, so that counts are shares"
    table = cells.distributions
    own = table[(table["subject"] == subject) & table["group"].isin([g.code for g in enough])]
    counted = own.groupby(["item", "option"])["n"].sum()
    form = ev.questionnaires["resident"]
    told = ev.current.scores.indicators
    told = told[(told["subject"] == subject) & told["group"].isin([g.code for g in enough])]
    empty = set(told.loc[told["estimate"].isna() & (told["level"] == "indicator"), "code"])
    untold = {
        item
        for i in ev.scheme.indicators
        if i.code in empty
        for item in i.items.get("resident", ())
    }
    found: list[Row] = []
    left_out = False
    for item in form.items:
        if item.role != "scored" or item.kind != "single" or item.id in untold:
            continue
        options = [o for o in form.options_of(item) if o.score is not None]
        options.sort(key=lambda o: o.score, reverse=True)
        counts = [int(counted.get((item.id, o.code), 0)) for o in options]
        n = sum(counts)
        scores = [float(o.score) for o in options]
        if n < LEAST:
            continue
        parts = item_parts([o.label for o in options], scores, counts)
        if len(parts) < 2:
            left_out = True
            continue
        mean = sum(s * c for s, c in zip(scores, counts, strict=True)) / n
        square = sum(c * (s - mean) ** 2 for s, c in zip(scores, counts, strict=True)) / n
        reach = t_of(files, n - 1) * math.sqrt(square / (n - 1))
        aside = f"{fixed(mean, 0)} 分（{interval(max(mean - reach, 0), min(mean + reach, 100), 0)}），{n} 人"
        found.append({"text": item.text, "mean": mean, "n": n, "aside": aside, "parts": parts})
    found.sort(key=lambda i: -round(i["mean"], 9))
    for i in found:
        i["whole"] = not left_out
    return found


def test_the_worst_items_show_how_residents_answered(
    files: Files, pages: Mapping[str, Page]
) -> None:
    joined = seen = 0
    for row in complete(files):
        items = items_of(files, row["subject"])
        if len(items) <= 2:  # questions of indicators that are not told are not shown
            continue
        part = pages[row["subject"]].part("谁怎么说")
        found = priorities(files, row["subject"])[:3]
        if len(urgent(files, row["subject"])) + len(found) > 3:  # there is more to be done
            assert "distribution" not in [c.figure for c in part.charts]
            continue
        seen += 1
        chart, shown = part.chart("distribution"), items[-2:]
        told = rows_of(chart, ("item", "option", "order", "n", "aside"))
        assert told == [
            (i["text"], p["option"], place, i["n"], i["aside"])
            for i in shown
            for place, p in enumerate(i["parts"])
        ]
        shares = [s for (s,) in rows_of(chart, ("share",))]
        assert shares == pytest.approx([p["share"] for i in shown for p in i["parts"]])
        tones = [tone for (tone,) in rows_of(chart, ("tone",))]
        expected = [p["tone"] for i in shown for p in i["parts"]]
        assert tones == pytest.approx(expected, abs=0.05 + 1e-9)
        joined += sum(len(i["parts"]) < 5 for i in shown)
        assert "居民怎样回答：得分最低的 2 道题" in part.texts
    assert joined > 10
    assert seen > 1


# --- what matters ---------------------------------------------------------------------------


def is_need(row: Row) -> bool:
    return not row["name"].startswith(("目前没有", "没有", "暂无", "以上都没有", "其他", "其它"))


def test_needs_are_listed_with_share_interval_street_and_verdict(
    files: Files, pages: Mapping[str, Page]
) -> None:
    verdicts, short, ties = set(), 0, 0
    for row in files.table("scores"):
        part = pages[row["subject"]].part("居民盼什么")
        own = files.where("needs", subject=row["subject"])
        own = sorted(own, key=lambda r: -r["share"])
        needs = [r for r in own if is_need(r)]
        if not needs:
            assert "没有一项诉求的人数够得上公布" in part.text
            continue
        expected = []
        for r in with_ties(needs, 4):
            mark = {"高于": "▲ 高于街道", "低于": "▼ 低于街道"}.get(
                r["verdict"], plainly(r["verdict"])
            )
            ends = f"{interval(100 * r['low'], 100 * r['high'], 0)}%"
            expected.append(
                [r["name"], f"{r['n']:.0f}", percent(r["share"]), ends, percent(r["street"]), mark]
            )
            assert (
                r["street"]
                == files.one("needs", subject="all", item=r["item"], option=r["option"])["share"]
                or abs(
                    r["street"]
                    - files.one("needs", subject="all", item=r["item"], option=r["option"])["share"]
                )
                < 1e-9
            )
            assert (r["verdict"] != "无显著差异") == (
                r["p_adjusted"] <= files.evaluation.scheme.false_discovery_rate
            )
            verdicts.add(r["verdict"])
        assert part.tables[0].rows == expected
        none = [r for r in own if r["name"].startswith("目前没有")]
        nothing = f"，{percent(none[0]['share'])} 表示目前没有" if none else ""
        shorter = f"只列前 {len(expected)} 项，" if len(needs) > len(expected) else ""
        short += bool(shorter)
        assert (
            f"{needs[0]['of']:.0f} 人回答，可多选{nothing}；{shorter}不足 10 人的和能推算出的不列；"
            "判断已防误报，误报的比例预期不超过 5%。"
        ) in part.texts
        first = with_ties(needs, 1)
        top, tied = needs[0], len(first) > 1
        ties += tied
        named = "和".join(f"“{r['name']}”" for r in first)
        said = f"居民勾选最多的诉求是{named}（{'并列 ' if tied else ''}{percent(top['share'])}）"
        sure = top["verdict"] in ("高于", "低于")
        if not tied:
            said += f"，明显{top['verdict']}全街道" if sure else "，与全街道尚看不出差别"
        others = [f"“{r['name']}”" for r in needs[not tied :] if r["verdict"] == "高于"]
        if others:
            also = "同样的还有" if not tied and top["verdict"] == "高于" else "明显高于全街道的是"
            tail = f"等 {len(others)} 项" if len(others) > 3 else ""
            said += f"，{also}{'、'.join(others[:3])}{tail}"
        assert part.takeaway == f"{said}。"
    assert "高于" in verdicts
    assert ties or files.evaluation.scheme.id != "changshou"


def test_remarks_are_counted_here_and_in_the_street_most_first(
    files: Files, pages: Mapping[str, Page]
) -> None:
    texts = {i.id: i.text for q in files.evaluation.questionnaires.values() for i in q.items}
    asked = list(dict.fromkeys(r["item"] for r in files.where("themes", subject="all")))
    assert asked
    told_themes = 0
    for row in files.table("scores"):
        part = pages[row["subject"]].part("居民盼什么")
        for item in asked:
            street = files.where("themes", subject="all", item=item)
            own = files.where("themes", subject=row["subject"], item=item)
            wrote = [r for r in own if r["code"] == "*"]

            def most(rows: list[Row], limit: int) -> str:
                themes = sorted((r for r in rows if r["code"] != "*"), key=lambda r: -r["n"])
                return "，".join(f"{r['name']} {int(r['n']):,} 人" for r in themes[:limit])

            if not wrote:
                here = "写了内容的居民不足 10 人，不公布。"
            elif most(own, 4):
                here = f"{int(wrote[0]['n'])} 人写了内容，提到最多的：{most(own, 4)}。"
                told_themes += 1
            else:
                here = f"{int(wrote[0]['n'])} 人写了内容，没有一个主题达到 10 人，不公布。"
            all_ = most(street, 3)
            tail = f"全街道最多：{all_}。" if all_ else ""
            assert f"{texts[item]} {here}{tail}" in part.texts
    assert told_themes > 5
