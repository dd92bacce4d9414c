"""What comes first: priorities, steps and prescription against findings and the action library."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import replace

import pytest
from scipy import stats

from evalkit.pages.telling import tasks
from tests.deciding import with_decided
from tests.pages import first_things, published
from tests.pages.first_things import library, priorities, share, urgent, wishes
from tests.pages.reading import Files, Page, Part, Row, fixed, percent, signed
from tests.pages.test_diagnosis_numbers import profile, ranked, verdicts

TITLE = "处方：先做什么"


EAGER = 0.05
"""Of a demo whose scheme calls it urgent where so few answers are bad; nothing else depends on it."""


@pytest.fixture(
    scope="module", params=[*published.BOTH, pytest.param("eager", marks=pytest.mark.whole_demo)]
)
def files(request: pytest.FixtureRequest) -> Files:
    found = published.street("demo" if request.param == "eager" else request.param, request)
    if request.param != "eager":
        return found
    scheme = found.evaluation.scheme.model_copy(update={"urgent_share": EAGER})
    return replace(found, evaluation=with_decided(found.evaluation, scheme=scheme))


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    return published.diagnoses(files)


def evidence(files: Files, subject: str, first: Row) -> str:
    row = first["row"]
    gap = f"{fixed(-row['difference'])} ± {fixed(row['reach'])} 分"
    if first["kind"] == "answers":
        text, n, words, _ = first["bad"]
        return f"{n} 名居民回答“{text}”，{words}"
    if first["kind"] == "lowest":
        stands = verdicts(files, subject)[row["code"]]
        how = "与街道平均尚看不出差别" if stands == "无显著差异" else f"明显{stands}街道平均"
        return f"得 {fixed(row['estimate'])} 分，{how}，但在本居民区各项中最低"
    return {
        "weakness": f"明显低于街道平均 {gap}",
        "dimension": f"整个维度明显低于街道平均 {gap}",
        "tendency": f"比街道平均低 {gap}，尚不足以断定",
    }[first["kind"]]


def rise_of(files: Files, subject: str, row: Row) -> float:
    """How far a score must rise: (t at the level + t at 80%) times sqrt(2) standard errors.

    The level is that of Holm's first step over three lines of every committee's list.
    """
    ev = files.evaluation
    scores = ev.current.scores
    at = scores.subjects.index(subject)
    m = next(m for m, measure in enumerate(scores.measures) if measure.code == row["code"])
    df = 2 * float(scores.df[m, at])
    multiple = stats.t.isf(0.025 / (3 * len(scores.subjects)), df) + stats.t.ppf(0.8, df)
    return float(multiple) * math.sqrt(2.0) * float(row["se"])


def unseen(files: Files, subject: str, row: Row) -> bool:
    """Whether not even full marks would show."""
    return bool(row["estimate"] + rise_of(files, subject, row) > 100)


def visible(files: Files, subject: str, row: Row) -> str:
    """What reaching the mean gains; how far it must rise only where the mean is that far."""
    least = rise_of(files, subject, row)
    now, gap = f"本次 {fixed(row['estimate'])} 分", -row["difference"]
    seen = not unseen(files, subject, row)
    rise = f"升 {fixed(least)} 分以上，下次就看得出。"
    if gap <= 0:
        return f"{now}，{rise}" if seen else ""
    goal = f"{now}，补到平均升 {fixed(gap)} 分，总分约加 {fixed(gap * share(files, row['code']), 2)} 分"
    return f"{goal}；{rise}" if seen and gap >= least else f"{goal}。"


def names(first: list[Row]) -> str:
    return "、".join(f"“{f['row']['name']}”" for f in first)


def takeaway(files: Files, subject: str, found: list[Row], apart: list[Row]) -> str:
    at_once = names(apart)
    if not found:
        return f"{at_once}事关安全或困难群体，立即核查、同步办理；其余没有哪一项需要优先处理。"
    if not apart:
        return order(files, subject, found, "有", "没有")
    first = f"{at_once}事关安全或困难群体，同步办，不得等；"
    return first + order(files, subject, found, "另有", "此外没有")


def order(files: Files, subject: str, found: list[Row], has: str, none: str) -> str:
    kinds = Counter(f["kind"] for f in found)
    first, more = names(found[:3]), len(found) > 3
    if kinds["weakness"]:
        low = f"、{kinds['dimension']} 个整体偏低的维度" if kinds["dimension"] else ""
        which = "先办其中 3 项：" if more else "先办"
        return f"{has} {kinds['weakness']} 项短板{low}，{which}{first}。"
    if kinds["dimension"]:
        return f"{none}单项短板，但{first}整体明显偏低，从其中偏低最多的一项入手。"
    if kinds["tendency"]:
        which = "其中下列 3 项" if more else "是否属实"
        return f"{none}能断定的短板，{len(found)} 项有偏低的苗头：先翻台账、走访居民，核实{which}，属实再办。"
    strong = files.findings(subject, "strength")
    start = "守住长处为先" if strong else "没有哪一项需要优先处理"
    above = [f"“{r['name']}”" for r in wishes(files, subject) if r["verdict"] == "高于"]
    if above:
        start = f"先把居民急盼的{'、'.join(above)}办好"
    return f"没有能断定的短板，{start}；如有余力，从得分最低的{first}找改进余地。"


def test_the_prescription_draws_the_librarys_actions_for_what_is_low(
    files: Files, pages: Mapping[str, Page]
) -> None:
    deeds, kinds, reached = library(files), Counter[str](), Counter[str]()
    for row in ranked(files):
        subject = row["subject"]
        found, apart = priorities(files, subject), urgent(files, subject)
        part = pages[subject].part(TITLE)
        assert part.takeaway == takeaway(files, subject, found, apart)
        kinds.update(f["kind"] for f in found[:3])
        kinds.update(f"urgent {f['kind']}" for f in apart)
        given = first_things.parts(files, subject)
        listed = list(zip(given, first_things.chosen(files, given), strict=True))
        listed += [(("", f), None) for f in found[:3] if f["kind"] == "lowest"]
        tables, headed = iter(part.tables), False
        for number, ((kind, f), deed) in enumerate(listed, start=1):
            tag = {"tendency": "苗头，先核实", "lowest": "得分最低", "answers": "差评较多"}.get(
                f["kind"], ""
            )
            if kind == "同步办":
                tag = "，".join(filter(None, ("同步办", tag)))
            arrow = "▼ " if f["kind"] in ("weakness", "dimension") else ""
            hint = f["kind"] == "lowest"
            head = (
                f"{'有余力' if hint else number} {f['row']['name']}{tag}{arrow}"
                f"{evidence(files, subject, f)}"
            )
            assert any(text.startswith(head) for text in part.texts)
            goal = visible(files, subject, f["row"])
            crowded = len(apart) + len(found[:3]) > 3
            shown = bool(goal) and (not crowded or "下次就看得出" in goal)
            assert (f"得分 {goal}" in part.texts) == shown
            reached["seen" if "下次就看得出" in goal else "not said"] += 1
            own = deeds.get(f["of"], [])
            if not own:
                assert "措施库没有" in part.text
                continue
            depth = (2 if arrow else 1) if len(found[:3]) > 1 else 2 if hint else 3
            depth = 1 if kind == "同步办" or crowded else depth
            left = [a["what"] for a in own if deed is None or a["what"] != deed["what"]]
            more = "；".join(left[: depth if hint else depth - 1])
            begins = "如有余力，可看：" if hint else "办完接着可做："
            assert not more or f"{begins}{more}。" in part.text
            kinds["hint"] += hint
            if deed is None:
                continue  # nobody is charged with it, and it has no day
            kinds["another post"] += deed != own[0] and kind != "同步办"
            table = next(tables)
            assert table.head[:1] == ([] if headed else ["做什么"])
            headed = True
            look = "翻台账、走访居民，核实是否属实；属实则" if f["kind"] == "tendency" else ""
            assert [row[:3] for row in table.rows] == [
                [look + deed["what"], deed["who"], days(deed, kind)]
            ]
        kinds["wishes"] += sum(1 for _ in tables)
        for r in wishes(files, subject):
            head = (
                f"{r['name']}居民急盼{percent(r['share'])} 的居民勾选，"
                f"明显高于全街道的 {percent(r['street'])}"
            )
            told = any(re.fullmatch(rf"\d+ {re.escape(head)}", t) for t in part.texts)
            assert told == (r["verdict"] == "高于")
            kinds["urgent wish"] += r["verdict"] == "高于"
        further(files, subject, found, part)
    assert kinds["weakness"] > 10
    if files.evaluation.scheme.id == "changshou":
        assert kinds["urgent weakness"]
        eager = files.evaluation.scheme.urgent_share == EAGER
        assert kinds["urgent answers"] > (3 if eager else 0)
    assert kinds["urgent wish"]
    assert kinds["wishes"] >= kinds["urgent wish"]
    assert kinds["hint"]
    assert len({"weakness", "dimension", "tendency", "lowest"} & {*kinds}) > 2
    assert reached["not said"]
    # With 35 committees' lines tested together no rise to the mean is sure to be seen.
    assert bool(reached["seen"]) == (files.evaluation.scheme.id != "changshou")
    # Its library has several posts for an indicator, the town's has not.
    assert bool(kinds["another post"]) == (files.evaluation.scheme.id == "changshou")


def days(action: Row, number: str) -> str:
    """The library's time; what must not wait begins at once."""
    return f"{'立即动手，' if number == '同步办' else ''}{action['days']} 天内{'办完' if number == '同步办' else ''}"


def waiting(found: list[Row]) -> list[str]:
    """What is low and is not on the list, by name."""
    rest = [
        f["row"]["name"] + ("（维度）" if f["kind"] == "dimension" else "")
        for f in found[3:]
        if f["kind"] in ("weakness", "dimension")
    ]
    leaning = [f["row"]["name"] for f in found[3:] if f["kind"] == "tendency"]
    expected = [f"其余 {len(rest)} 项按同一次序接着办：{'、'.join(rest)}。"] if rest else []
    later = [f"还有偏低苗头、清单办完再核实的：{'、'.join(leaning)}。"] if leaning else []
    return expected + later


def further(files: Files, subject: str, found: list[Row], part: Part) -> None:
    expected = waiting(found)
    expected += [f"{what}：{why}" for what, why in lacking(files, subject)]
    strong = [f["name"] for f in files.findings(subject, "strength")]
    if strong:
        counted = f"等 {len(strong)} 项" if len(strong) > 5 else ""
        expected.append(
            f"守住长处：{'、'.join(strong[:5])}{counted}明显高于街道平均，总结做法，继续保持。"
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
    """Three steps of page 1 behind the tasks: missing answers, what to keep, what is merely lowest."""
    found = priorities(files, subject)[:3]
    reach = {d["code"]: d["reach"] for d in profile(files, subject, "indicator")}
    hints = [
        (
            f"如有余力，从得分最低的“{f['row']['name']}”找改进余地",
            f"{evidence(files, subject, f)}。",
        )
        for f in found
        if f["kind"] == "lowest"
    ]
    strong = [
        (
            f"总结并保持“{f['name']}”的做法",
            f"明显高于街道平均 {fixed(f['difference'])} ± {fixed(reach[f['code']])} 分。",
        )
        for f in sorted(files.findings(subject, "strength"), key=lambda f: -f["difference"])
    ]
    return [*lacking(files, subject), *strong[:2], *hints, *strong[2:]]


def test_the_first_page_tells_three_steps_with_their_evidence(
    files: Files, pages: Mapping[str, Page]
) -> None:
    seen, listed = Counter[str](), list(tasks.everything(files.evaluation))
    for row in ranked(files):
        told = pages[row["subject"]].part("总评").texts
        start = told.index("先做的几件事详见“处方”一节") + 1
        # The tasks themselves: tests.pages.test_tasks.
        own = [r for r in listed if r.subject == row["subject"]]
        count = len(own)
        expected = [f"{what}{why}" for what, why in steps(files, row["subject"])]
        shown = expected[: max(3 - count, 0)]
        names = [
            "答复居民最盼的事" if r.evidence.startswith("居民最盼：") else f"“{r.problem}”"
            for r in own[3:]
        ]
        more = [f"清单共 {count} 件，另有{'、'.join(names)}。"] if names else []
        more += waiting(priorities(files, row["subject"]))
        assert told[start + min(count, 3) :] == [*shown, *(["".join(more)] if more else [])]
        seen.update(w for w in ("总结并保持", "另有", "下次收足") if w in "".join(told[start:]))
        assert "继续做好" not in "".join(told[start:]), "what the data do not bear out is no step"
    assert seen["总结并保持"]


def lines(files: Files, subject: str, way: str) -> list[str]:
    """Findings of page 1: by points of the total, low ones as they are done, with where or why not."""
    reach = {d["code"]: d["reach"] for d in profile(files, subject, "indicator")}
    sure, leaning = ("strength", "tendency_high") if way == "高" else ("weakness", "tendency_low")
    given = first_things.parts(files, subject) if way == "低" else []
    order = [*urgent(files, subject), *priorities(files, subject)] if way == "低" else []
    order = [f["row"]["code"] for f in order]
    numbers: dict[str, int] = {}
    for number, (_, f) in enumerate(given, start=1):
        numbers[f["row"]["code"]] = number
        numbers.setdefault(f["of"], number)

    def place(f: Row) -> tuple[int, float]:
        at = order.index(f["code"]) if f["code"] in order else len(order)
        return at, -abs(f["difference"]) * share(files, f["code"])

    def told(f: Row, otherwise: str) -> str:
        where = f"清单第 {numbers[f['code']]} 件" if f["code"] in numbers else otherwise
        numbers_of = f"{fixed(f['estimate'])}，街道 {fixed(f['street'])}"
        gap = f"{signed(f['difference'])} ± {fixed(reach[f['code']])} 分"
        return f"{f['name']} {gap}{where or numbers_of}"

    certain = sorted(files.findings(subject, sure), key=place)
    weak = [f for f in files.findings(subject, leaning) if abs(f["difference"]) > 1.645 * f["se"]]
    low = any(f["kind"] in ("weakness", "dimension") for _, f in given)
    wait = "" if way == "高" else "先办短板，再核实" if low else "清单办完再核实"
    found = [told(f, "清单办完接着办" if way == "低" else "") for f in certain[:3]]
    found = found or [f"没有一项指标明显{way}于街道平均。"]
    if len(certain) > 3:
        found.append(f"另有 {len(certain) - 3} 项，见“画像”一节。")
    room = max(3 - len(certain), 0)
    return found + [f"偏{way}苗头{told(f, wait)}" for f in sorted(weak, key=place)[:room]]


def test_what_page_one_calls_low_names_its_task_in_the_order_of_the_list(
    files: Files, pages: Mapping[str, Page]
) -> None:
    seen = Counter[str]()
    for row in ranked(files):
        told = pages[row["subject"]].part("总评").texts
        strong, weak = (lines(files, row["subject"], way) for way in "高低")
        at = told.index("优势")
        shown = [
            text.replace("\u00a0", " ") for text in told[at : at + 2 + len(strong) + len(weak)]
        ]
        assert shown == ["优势", *strong, "短板", *weak]
        words = ("苗头", "另有", "清单第", "清单办完接着办", "先办短板", "清单办完再核实")
        seen.update(word for text in (*strong, *weak) for word in words if word in text)
        for own in ([t for t in weak if "苗头" not in t], [t for t in weak if "苗头" in t]):
            numbers = [int(n) for text in own for n in re.findall(r"清单第 (\d+) 件", text)]
            assert numbers == sorted(numbers), "one order on one page"
    assert seen["苗头"] > 2
    assert seen["清单第"] > 5
    assert seen["另有"] or len(files.table("ranking")) < 20


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
