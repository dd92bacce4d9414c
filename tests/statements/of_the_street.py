"""Sentences of the street report."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from itertools import combinations
from typing import Any

from tests.statements.files import Folder, fixed, percent, signed
from tests.statements.patterns import Pair, bracketed, listed, says

# --- the street: satisfaction -----------------------------------------------------------------


def runs(grades: list[str]) -> list[set[str]]:
    """Every set of grades that could be called good."""
    names = sorted(set(grades))
    return [set(own) for k in range(1, len(names) + 1) for own in combinations(names, k)]


def _overall(f: Folder) -> dict[str, Any]:
    return f.one("satisfaction", subject="all", role="overall", by="all")


@says(
    r"居民总体满意率 (\S+%)，(?:误差范围 \S+；)?(?:比上次(高|低) (\S+) 个百分点|与上次持平)，(明显提高|明显下降|升降尚看不出)"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = _overall(f)
    yield m[1], percent(row["share"], 1)
    yield ({"高": "+", "低": "−"}[m[2]] + m[3] if m[2] else "0.0"), signed(100 * row["change"])
    yield m[4], {"上升": "明显提高", "下降": "明显下降"}.get(row["change_verdict"], "升降尚看不出")


@says(r"^误差范围 (\S+)–(\S+%)；比上次 (\S+) ± (\S+) 个百分点；基本满意及以上 (\S+%)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = _overall(f)
    yield m[1], fixed(100 * row["low"])
    yield m[2], percent(row["high"], 1)
    yield m[3], signed(100 * row["change"])
    yield m[4], fixed(50 * (row["change_high"] - row["change_low"]))
    yield m[5], percent(row["acceptable"], 1)


@says(r"满意率最高的是(.+)；最低的是(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = [r for r in f.rows("satisfaction", subject="all", by="all") if r["role"] != "overall"]
    best = sorted(rows, key=lambda r: -r["share"])
    for text, expected in ((m[1], best), (m[2], best[::-1])):
        told = bracketed(text)
        yield (
            told,
            [(r["name"].rstrip("。？！?!"), percent(r["share"], 1)) for r in expected[: len(told)]],
        )


# --- the street: scores and who stands out ----------------------------------------------------


@says(r"^(?:(\d+) 个|没有一个)居民区明显高于街道平均，(?:(\d+) 个|没有一个)居民区明显低于街道平均"
      r"(?:，其余 (\d+) 个尚看不出差别)?")  # fmt: skip
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    found = f.standing()
    for at, verdict in enumerate(("高于", "低于", "无显著差异"), start=1):
        yield int(m[at] or 0), len(found[verdict])


@says(r"^误差范围 (\S+)–(\S+)；可比的居民区比上次 (\S+) ± (\S+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.one("street_means", code="composite", group="all")
    yield (m[1], m[2]), (fixed(row["low"]), fixed(row["high"]))
    yield m[3], signed(row["change"])
    yield m[4], fixed((row["change_high"] - row["change_low"]) / 2)


@says(r"^得分明显高于街道平均的有 (\d+) 个居民区：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.standing()["高于"]
    yield int(m[1]), len(rows)
    told = listed(re.sub(r"等$", "", m[2]))
    yield told, [f.names[r["subject"]] for r in rows][: len(told)]


@says(
    r"^(?:得分明显低于街道平均的有 (\d+) 个居民区（括号内为差得最多的维度及其得分）：)?"
    r"((?:[^、（）：]+（[^（）、]+ [\d.]+）、?)+)$"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    low = {f.names[r["subject"]]: r["subject"] for r in f.standing()["低于"]}
    if m[1]:
        yield int(m[1]), len(low)
    for name, worst in bracketed(m[2]):
        rows = f.rows("profiles", subject=low[name], level="dimension")
        told = [r for r in rows if r["difference"] == r["difference"]]
        row = min(told, key=lambda r: r["difference"])
        yield worst, f"{row['name']} {fixed(row['estimate'])}"


@says(r"(\d+) 个维度得分中，(\d+) 个明显高于街道平均，(\d+) 个明显低于街道平均(?:，其余 (\d+) 个)?")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    found = f.standing("dimension")
    n = [len(found[v]) for v in ("高于", "低于", "无显著差异")]
    yield [int(m[k] or 0) for k in (1, 2, 3, 4)], [sum(n), *n]


@says(
    r"居民区之间差别最大的维度是“(.+?)”：最低 (\S+) 分，最高 (\S+) 分，(\d+) 个中 (\d+) 个能与街道平均"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("profiles", level="dimension", name=m[1])
    at = [r["estimate"] for r in rows if r["estimate"] == r["estimate"]]
    yield (m[2], m[3]), (fixed(min(at)), fixed(max(at)))
    yield int(m[4]), len(at)
    yield int(m[5]), sum(r["verdict"] in ("高于", "低于") for r in rows)
    widths = {}
    for row in f.rows("profiles", level="dimension"):
        if row["estimate"] == row["estimate"]:
            widths.setdefault(row["name"], []).append(row["estimate"])
    yield m[1], max(widths, key=lambda name: max(widths[name]) - min(widths[name]))


@says(r"按街道平均，最高的 (\d+) 项指标是(.+)，最低的 \d+ 项是(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("street_means", level="indicator", group="all")
    best = sorted(rows, key=lambda r: -r["mean"])
    for text, expected in ((m[2], best), (m[3], best[::-1])):
        pairs = [(r["name"], fixed(r["mean"])) for r in expected[: int(m[1])]]
        yield bracketed(text), pairs


@says(
    r"(\d+) 项可比的指标中，街道平均有 (\d+) 项明显(上升|下降)(?:，(\d+) 项明显下降)?(?:，其余 (\d+) 项)?"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = [
        r for r in f.rows("street_means", level="indicator", group="all")
        if r["change"] == r["change"]
    ]  # fmt: skip
    yield int(m[1]), len(rows)
    yield int(m[2]), sum(r["verdict"] == m[3] for r in rows)
    if m[4]:
        yield int(m[4]), sum(r["verdict"] == "下降" for r in rows)
    yield int(m[5] or 0), sum(r["verdict"] not in ("上升", "下降") for r in rows)


@says(r"^街道平均(上升|下降)明显的有 (\d+) 项指标：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("street_means", level="indicator", group="all")
    moved = [r for r in rows if r["verdict"] == m[1]]
    yield int(m[2]), len(moved)
    change = {r["name"]: signed(r["change"]) for r in moved}
    told = bracketed(m[3])
    yield told, [(name, change.get(name)) for name, _ in told]


# --- the street: how far to trust -------------------------------------------------------------


@says(r"得分差异中约 (\d+%) (?:是居民区之间的真实差别|来自真实差别)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield m[1], percent(f.reliability["reliability"])


@says(r"任取两个居民区，能确定先后的占 (\d+%)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield m[1], percent(f.reliability["distinguishable_pairs"])


@says(
    r"确定排在前 (\d+) 名的有 (\d+) 个，确定排在后 \d+ 名的有 (\d+) 个，可能是第一名的有 (\d+) 个"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows, top = f.rows("ranking"), int(m[1])
    yield int(m[2]), sum(r["rank_high_joint"] <= top for r in rows)
    yield int(m[3]), sum(r["rank_low_joint"] > len(rows) - top for r in rows)
    yield int(m[4]), sum(r["rank_low_joint"] == 1 for r in rows)


@says(r"照本次的份数，平均可靠程度为 (\S+)，得分的误差范围平均为 ± (\S+) 分")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.rows("plan", target="present")[0]
    own = [r for r in f.rows("scores") if r["complete"]]
    wide = sum((r["high"] - r["low"]) / 2 for r in own) / len(own)
    yield (m[1], m[2]), (fixed(row["reliability"], 2), fixed(wide))


@says(r"^\S+?的评分平均比\S+?(高|低) (\S+) ± (\S+) 分$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = [r for r in f.rows("street_means", code="composite") if r["group"] != "all"]
    found = [
        (
            signed(a["mean"] - b["mean"]),
            fixed(math.hypot(*((r["high"] - r["low"]) / 2 for r in (a, b)))),
        )
        for a in rows
        for b in rows
        if a is not b
    ]
    yield ({"高": "+", "低": "−"}[m[1]] + m[2], m[3]) in found, True


@says(r"^综合得分平均 (\S+) 分，可比的居民区比上次(上升|下降) (\S+) 分，(上升|下降)明显$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.one("street_means", code="composite", group="all")
    yield m[1], fixed(row["mean"])
    yield (m[2], m[3], m[4]), (row["verdict"], fixed(abs(row["change"])), row["verdict"])


@says(r"^不得等、须立即核查和办理的是(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    for n, names in re.findall(r"（(\d+) 个居民区：([^（）]+)）", m[1]):
        yield int(n), len(names.split("、"))
        yield set(names.split("、")) - set(f.names.values()), set()


@says(r"^各居民区共 (\d+) 件：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield int(m[1]), sum(map(int, re.findall(r" (\d+) 件", m[2])))


@says(r"^占 (\d+) 个的 (\d+%)，上次 \d+ 个$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    grades = [r["grade"] for r in f.rows("scores") if r["complete"]]
    shares = {percent(sum(g in good for g in grades) / len(grades)) for good in runs(grades)}
    yield int(m[1]), len(grades)
    yield m[2] in shares, True


@says(r"^居民总体满意率 \S+，误差范围 (\S+)–(\S+%)；")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = _overall(f)
    yield (m[1], m[2]), (fixed(100 * row["low"]), percent(row["high"], 1))


@says(r"共读入 (\d+) 个文件 (\S+) 行，有效 (\S+) 行，(?:剔除 (\S+) 行|没有剔除)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    read, kept = (sum(r[k] for r in f.imported) for k in ("rows_read", "rows_kept"))
    yield int(m[1]), len(f.imported)
    yield [m[2], m[3], m[4] or "0"], [f"{n:,}" for n in (read, kept, read - kept)]


@says(r"^剔除的原因：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    told = [int(n.replace(",", "")) for n in re.findall(r"([\d,]+) 行", m[1])]
    counts: dict[str, int] = {}
    for report in f.imported:
        for reason, n in report["rejected_by_reason"].items():
            counts[reason] = counts.get(reason, 0) + n
    yield told, sorted(counts.values(), reverse=True)[: len(told)]


# --- the street: change -----------------------------------------------------------------------


@says(r"与(\S+?)年度相比，(\d+) 个可比的居民区平均变化 (\S+) 分；扣除街道平均后，(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("changes")
    yield m[1], str(rows[0]["from_wave"])
    yield int(m[2]), len(rows)
    yield m[3], signed(sum(r["change"] for r in rows) / len(rows))
    for word in ("上升", "下降"):
        found = re.search(rf"明显{word} (\d+) 个（(.+?)）", m[4])
        told = set(listed(found[2])) if found else set()
        moved = {r["name"] for r in rows if r["verdict"] == f"明显{word}"}
        yield (int(found[1]) if found else 0), len(moved)
        yield told - moved, set()


@says(r"^得分比上次(上升|下降)明显的有 (\d+) 个居民区：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    moved = {
        r["name"]: signed(r["change"]) for r in f.rows("changes") if r["change_verdict"] == m[1]
    }
    yield int(m[2]), len(moved)
    told = bracketed(m[3])
    yield told, [(name, moved.get(name)) for name, _ in told]


# --- the street: what residents say -----------------------------------------------------------


@says(r"^居民勾选最多的是(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    told = bracketed(m[1])
    yield told, [(r["name"], percent(r["share"])) for r in f.needs()[: len(told)]]


@says(r"^居民最盼解决的：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    told = re.findall(r"([^；]+)，(\d+%) 的居民勾选（([\d,]+) 人）", m[1])
    rows = f.needs()[: len(told)]
    yield told, [(r["name"], percent(r["share"]), f"{int(r['n']):,}") for r in rows]


@says(r"^\S+ ([\d,]+) 人写了内容，提到(?:最多)?的：([^。；]+?)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    told = re.findall(r"([^，：]+?) ([\d,]+) 人", m[2])
    of_items = [n for n in f.themes(f.who or "all") if n.get("*") == m[1]]
    yield bool(of_items), True
    yield any(told == [(name, n.get(name)) for name, _ in told] for n in of_items), True


# --- the street once more: short ones ---------------------------------------------------------


@says(r"^(\d+) 个居民区分三组的得分及误差范围：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    found = f.standing()
    yield int(m[1]), sum(map(len, found.values()))
    for verdict in ("高于", "低于"):
        told = re.search(rf"明显{verdict}街道平均的有(.+?)(?:；|$)", m[2])
        names = [f.names[r["subject"]] for r in found[verdict]]
        yield listed(told[1]) if told else [], names


@says(r"^(\d+) 个等第中，有 (\d+) 个（(\d+%)）的可能性不到 80%")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    sure = [r["grade_probability"] for r in f.rows("scores") if r["complete"]]
    doubtful = sum(p < 0.8 for p in sure)
    yield (int(m[1]), int(m[2]), m[3]), (len(sure), doubtful, percent(doubtful / len(sure)))


@says(r"^(\S+?)由 \d+ 个到 (\d+) 个，占比由 \S+% 到 (\S+%)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    grades = [r["grade"] for r in f.rows("scores") if r["complete"]]
    good = sum(grade in re.split("[和、]", m[1]) for grade in grades)
    yield (int(m[2]), m[3]), (good, percent(good / len(grades), 1))


@says(r"^(?:\S+ [+−][\d.]+ 分、?)+$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = {r["name"]: signed(r["relative_change"]) for r in f.rows("changes")}
    told = re.findall(r"(?:^|、)(\S+?) ([+−][\d.]+) 分", m[0])
    yield told, [(name, rows.get(name)) for name, _ in told]


@says(r"^全街道 ([\d,]+) 份居民答卷中有 ([\d,]+) 份的答法可疑")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("quality")
    yield int(m[1].replace(",", "")), sum(r["n"] for r in rows)
    yield int(m[2].replace(",", "")), sum(r["flagged"] for r in rows)


@says(r"^(?:有 )?(\d+) 个居民区缺少某类(?:主体的答卷|评价)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield int(m[1]), sum(not r["complete"] for r in f.rows("scores"))


@says(r"^高于 (\d+) 个，低于 (\d+) 个，其余 (\d+) 个分不出$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    found = f.standing()
    told = [len(found[verdict]) for verdict in ("高于", "低于", "无显著差异")]
    yield [int(m[k]) for k in (1, 2, 3)], told


# --- records and published numbers --------------------------------------------------------------


@says(
    r"^(\d+) 份台账共读入 (\S+) 行，计入 ([\d,]+)(?:，不计 ([\d,]+))?(?:，重复 ([\d,]+))?(?:，剔除 ([\d,]+))?；"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("ledgers", wave=f.wave)
    yield int(m[1]), len({row["ledger"] for row in rows})
    for told, name in enumerate(("read", "kept", "excluded", "duplicates", "rejected"), 2):
        yield m[told] or "0", f"{int(sum(row[name] for row in rows)):,}"


@says(r"^核对了公布过的 (\d+) 个数：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    verdicts = [row["verdict"] for row in f.rows("claims")]
    yield int(m[1]), len(verdicts)
    told = {part.split(" ")[0]: int(part.split(" ")[1]) for part in m[2].split("，")}
    yield told, {verdict: verdicts.count(verdict) for verdict in set(verdicts)}


@says(r"^占 (\d+) 个的 (\S+%)，上次 (\d+) 个$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    grades = f.table("scores")["grade"].dropna()
    best = grades[grades.isin(["优秀", "良好"])]
    yield (int(m[1]), m[2]), (len(grades), percent(len(best) / len(grades)))
