"""Sentences of a diagnosis."""

from __future__ import annotations

import re
from collections.abc import Iterator

from tests.statements.files import Folder, fixed, percent, present, signed
from tests.statements.patterns import SURE, Pair, listed, moved, says

# --- a committee ------------------------------------------------------------------------------


def _seen_by(f: Folder, name: str) -> list[float]:
    """The composite as a group of raters sees it; as each does, where nobody names the groups."""
    codes = {r["name"]: r["code"] for r in f.rows("weight_influence", kind="group")}
    rows = f.rows("indicators", subject=str(f.who), code="composite")
    return [
        r["estimate"]
        for r in rows
        if r["group"] != "all" and (name not in codes or r["group"] == codes[name])
    ]


@says(
    r"^(\S+?)综合得分 (\S+) 分，等第为(\S+?)，(\S+?)街道平均；(\d+) 个居民区中，名次可能在第 (\d+)(?:–(\d+))? 名"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row, rank = f.own("scores"), f.own("ranking")
    profile = f.own("profiles", code="composite")
    yield (m[1], m[3]), (row["name"], row["grade"])
    yield float(m[2].replace("−", "-")), round(row["score"], len(m[2].partition(".")[2]))
    if m[4] in ("明显高于", "明显低于"):
        yield m[4], SURE[profile["verdict"]]
    else:
        yield profile["verdict"], "无显著差异"
    yield int(m[5]), len(f.rows("ranking"))
    ends = (int(m[6]), int(m[7] or m[6]))
    yield ends, (rank["rank_low_joint"], rank["rank_high_joint"])


@says(r"得分比(\S+?)年度 (\S+) 分（(\S+?)），相对街道平均(\S+?)(?:；|$)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.own("changes")
    yield m[1], str(row["from_wave"])
    yield m[2], signed(row["change"])
    yield moved(m[3]), moved(row["change_verdict"])
    yield moved(m[4]), moved(row["verdict"])


@says(r"(\d+) (?:个维度|项指标)(?:都|均)(?:与街道平均尚看不出差别|明显(高于|低于)街道平均)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    level = "dimension" if "维度" in m[0] else "indicator"
    rows = f.rows("profiles", subject=str(f.who), level=level)
    yield int(m[1]), len(rows)
    yield {r["verdict"] for r in rows}, {m[2] or "无显著差异"}


@says(r"(\d+) (?:个维度|项指标)中 ((?:\d+ [个项]明显(?:高于|低于)(?:街道平均)?[，、]?)+)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    level = "dimension" if "维度" in m[0] else "indicator"
    rows = f.rows("profiles", subject=str(f.who), level=level)
    yield int(m[1]), len(rows)
    for n, word in re.findall(r"(\d+) [个项]明显(高于|低于)", m[2]):
        yield int(n), sum(r["verdict"] == word for r in rows)


@says(r"^按得分排在第 (\d+) 名；在 95% 的把握下，(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rank, n = f.own("ranking"), len(f.rows("ranking"))
    above, below = rank["rank_low_joint"] - 1, n - rank["rank_high_joint"]
    yield int(m[1]), rank["rank"]
    for word, expected in (("高", above), ("低", below)):
        found = re.search(rf"(\d+) 个(?:居民区)?确定比它{word}", m[2])
        yield int(found[1]) if found else 0, expected


@says(
    r"^得分变化 (\S+) 分，街道平均变化 (\S+) 分，扣除街道平均后(\S+?)；在可比的 (\d+) 个居民区中，"
    r"变化(?:从高到低排在第 (\d+)(?:–(\d+))? 名|排第几分不出来)$"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row, rows = f.own("changes"), f.rows("changes")
    yield m[1], signed(row["change"])
    yield m[2], signed(sum(r["change"] for r in rows) / len(rows))
    yield moved(m[3]), moved(row["verdict"])
    yield int(m[4]), len(rows)
    low, high = row["change_rank_low"], row["change_rank_high"]
    told = (int(m[5]), int(m[6] or m[5])) if m[5] else (1, len(rows))
    yield told, (low, high)


@says(r"^下次可能\s*假定实际水平不变、问卷份数相当，下次得分大致在 (\S+?)–(\S+?) 分")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.own("forecasts")
    yield (m[1], m[2]), (fixed(row["expected_low"]), fixed(row["expected_high"]))


@says(r"^各维度\s*比上次，(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("dimension_changes", subject=str(f.who))
    for verdict in ("上升", "下降"):
        told = re.search(rf"(?:^|，)([^，]+?)明显{verdict}", m[1])
        expected = [r["name"] for r in rows if r["verdict"] == verdict]
        yield listed(told[1]) if told else [], expected


@says(r"^名次由第 (\d+) 名到第 (\d+) 名（(?:名次不变|(上升|下降) (\d+) 名)）")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.own("changes")
    yield (int(m[1]), int(m[2])), (row["rank_from"], row["rank_to"])
    yield int(m[4] or 0) * (-1 if m[3] == "上升" else 1), row["rank_change"]


@says(r"得分变化由 (\d+) 项指标相加而成：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    points: dict[str, float] = {}
    for row in f.rows("contributions", subject=str(f.who)):
        points[row["code"]] = points.get(row["code"], 0.0) + row["points"]
    names = {r["code"]: r["name"] for r in f.rows("street_means", level="indicator", group="all")}
    told = re.findall(r"(?:是|、)([^、；，是]+?) ([+−][\d.]+)", m[2])
    by_name = {names.get(code, code): signed(p) for code, p in points.items()}
    yield int(m[1]), len(points)
    yield told, [(name, by_name.get(name)) for name, _ in told]


@says(
    r"同(?:片区|住房类型|类别)（(\S+?)）其余 (\d+) 个居民区平均 (\S+) 分，相差 (\S+) ± (\S+) 分，(\S+?)(?:。|$)"
)
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.own("peers", value=m[1])
    yield int(m[2]), row["n"]
    yield (m[3], m[4]), (fixed(row["mean"]), signed(row["difference"]))
    yield m[5], fixed((row["difference_high"] - row["difference_low"]) / 2)
    yield "明显" in m[6], row["verdict"] in ("高于", "低于")


@says(r"^(\S+?)评 (\S+) 分，(\S+?)评 (\S+) 分，相差 (\S+) 分")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    a, b = (_seen_by(f, m[k]) for k in (1, 3))
    if len(a) == len(b) == 1:
        yield m[5], signed(a[0] - b[0])
    yield m[2] in map(fixed, a), True
    yield m[4] in map(fixed, b), True


@says(r"^居民勾选最多的诉求是“(.+?)”（(\d+%)），(\S+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.needs(str(f.who))[0]
    yield (m[1], m[2]), (row["name"], percent(row["share"]))
    yield "明显" in m[3], row["verdict"] in ("高于", "低于")


@says(r"^以上结论依据关于(\S+?)的 ([\d,]+) 份有效答卷，其中居民 ([\d,]+) 份")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield m[1], f.own("scores")["name"]
    yield int(m[2].replace(",", "")), f.own("indicators", code="composite", group="all")["n"]
    yield int(m[3].replace(",", "")) <= int(m[2].replace(",", "")), True


@says(r"^综合得分的抽样误差为 (\S+) 分")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield m[1], fixed(f.own("scores")["se"], 2)


@says(r"^就本居民区的得分精度而言，与其他居民区的差异中约 (\d+%) 是真实差别")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield m[1], percent(f.own("ranking")["reliability"])


@says(r"“([^“”]+)”明显(高于|低于)街道平均 (\S+) ± \S+ 分")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = next(r for r in f.rows("profiles", subject=str(f.who)) if r["name"] == m[1])
    yield m[2], row["verdict"]
    yield m[3], fixed(abs(row["difference"]))


@says(r"^本次 (\S+) 分，|看得出的进步 本次 (\S+) 分，升")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    at = {fixed(r["estimate"]) for r in f.rows("profiles", subject=str(f.who))}
    yield (m[1] or m[2]) in at, True


@says(r"^(\d+) 个维度中，(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("profiles", subject=str(f.who), level="dimension")
    yield int(m[1]), len(rows)
    for verdict in ("高于", "低于"):
        found = re.search(rf"(?:^|，|；)([^，；]+?)明显{verdict}街道平均", m[2])
        told = listed(found[1]) if found else []
        yield told, [r["name"] for r in rows if r["verdict"] == verdict]


@says(r"^(\S+?) ([+−][\d.]+) ± \S+ 分([\d.]+)，(?:街道|镇|市) ([\d.]+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    name = re.sub("^偏[高低]苗头", "", m[1])
    row = next(r for r in f.rows("profiles", subject=str(f.who)) if r["name"] == name)
    told = (signed(row["difference"]), fixed(row["estimate"]), fixed(row["street"]))
    yield (m[2], m[3], m[4]), told


@says(r"^\d+ (\S+?)▼ (?:整个维度)?明显低于街道平均 (\S+) ± ")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = next(r for r in f.rows("profiles", subject=str(f.who)) if r["name"] == m[1])
    yield (row["verdict"], m[2]), ("低于", fixed(-row["difference"]))


@says(r"“([^“”]+?)”是否偏低比街道平均低 (\S+) ±|\d+ (\S+?)苗头，先核实比街道平均低 (\S+) ±")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    name, told = (m[1], m[2]) if m[1] else (m[3], m[4])
    row = next(r for r in f.rows("profiles", subject=str(f.who)) if r["name"] == name)
    yield (row["verdict"], told), ("无显著差异", fixed(-row["difference"]))


@says(r"各题的满意率及误差范围，与全街道对照，从低得最多的排起：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("satisfaction", subject=str(f.who), by="all")
    at = {r["name"].rstrip("？"): (percent(r["share"]), percent(r["street"])) for r in rows}
    for name, own, all_ in re.findall(r"(?:^|；)(.+?) (\d+%)，全街道 (\d+%)", m[1]):
        yield (own, all_), at.get(name.rstrip("？"))


@says(r"的评分及误差范围，与全街道平均对照：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    for name, told in re.findall(r"(?:^|，)([^，]+?) (\d[\d.]*)(?=，|$)", m[1]):
        yield told in map(fixed, _seen_by(f, name)), True


@says(r"^居民最盼[：:]? ?((?:\S+? \d+%、?)+)")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    shares = {r["name"]: percent(r["share"]) for r in f.needs(str(f.who))}
    told = re.findall(r"(?:^|、)(\S+?) (\d+%)", m[1])
    yield told, [(name, shares.get(name)) for name, _ in told]


@says(r"^居民勾选最多的诉求是(“.+?”)（并列 (\d+%)）")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    names = re.findall("“(.+?)”", m[1])
    rows = f.needs(str(f.who))[: len(names)]
    yield (set(names), {m[2]}), ({r["name"] for r in rows}, {percent(r["share"]) for r in rows})


@says(r"^全街道最多：(.+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    told = re.findall(r"(?:^|，)(.+?) ([\d,]+) 人", m[1])
    yield any(told == [(name, n.get(name)) for name, _ in told] for n in f.themes()), True


@says(r"^(\d+) 人回答，可多选(?:，(\d+%) 表示\S+?没有)?；")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("needs", subject=str(f.who))
    yield {int(m[1])}, {int(r["of"]) for r in rows}
    if m[2]:
        yield m[2], next(percent(r["share"]) for r in rows if "没有" in r["name"])


@says(r"^全部 (\d+) 个居民区的得分，(\S+) (\S+) 分已标出$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.own("scores")
    yield int(m[1]), len(f.rows("ranking"))
    yield m[2], row["name"]
    yield float(m[3]), round(row["score"], len(m[3].partition(".")[2]))


@says(r"^误差范围 ([\d.]+)–([\d.]+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    if f.who is not None:
        row = f.own("scores")
        yield (m[1], m[2]), (fixed(row["low"]), fixed(row["high"]))


@says(r"^名次 (\d+) → (\d+)（可比的 (\d+) 个中）$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    row = f.own("changes")
    told = (row["rank_from"], row["rank_to"], len(f.rows("changes")))
    yield (int(m[1]), int(m[2]), int(m[3])), told


@says(r"得分最低的“(.+?)”找改进余地得 (\S+) 分，与街道平均尚看不出差别，但在本居民区各项中最低")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("profiles", subject=str(f.who), level="indicator")
    row = min((r for r in rows if present(r["estimate"])), key=lambda r: r["estimate"])
    yield (m[1], m[2], "无显著差异"), (row["name"], fixed(row["estimate"]), row["verdict"])


@says(r"(\S+?) ([\d.]+)(%?)（([\d.]+)–([\d.]+)%?，街道 ([\d.]+)%?）")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    name = m[1].rsplit("，", 1)[-1]
    own = f.rows("objective", subject=str(f.who), name=name)
    if f.who is None or len(own) != 1:
        return
    street = f.one("objective", subject="all", name=name)
    told = (fixed(own[0]["estimate"]), fixed(own[0]["low"]), fixed(own[0]["high"]))
    yield (m[2], m[4], m[5], m[6]), (*told, fixed(street["estimate"]))


@says(r"^没有一项指标明显(高于|低于)街道平均$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    rows = f.rows("profiles", subject=str(f.who), level="indicator")
    yield [r["name"] for r in rows if r["verdict"] == m[1]], []


@says(r"居民最盼：((?:[^、]+ \d+%、?)+)$")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    shares = {r["name"]: percent(r["share"]) for r in f.rows("needs", subject=str(f.who))}
    for name, share in re.findall(r"(.+?) (\d+%)(?:、|$)", m[1]):
        yield share, shares[name]


@says(r"^相对街道 ([+−][\d.]+) ± ")
def _(f: Folder, m: re.Match[str]) -> Iterator[Pair]:
    yield m[1], signed(f.own("changes")["relative_change"])
