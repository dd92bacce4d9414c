"""The first page: how satisfied residents are, who stands out, what the street does about it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.street import league, promises, tasks
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage, overall, satisfaction
from evalkit.pages.telling.facts import Row, records
from evalkit.tables import COMPOSITE, Evaluation

NAMED = 10
"""Committees named in a box; of more only the first ones and the number are told."""
FEWEST, LETTERS = 3, 120
"""Fewer are named where their names are long: so many letters a box, but never fewer names than that."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary(Section):
    """The first page: figures, who stands out, what is to be done, what became of the last list.

    Attributes
    ----------
    lines : sequence of str
        How to read the rest, two; a third where changes rest on a rule, or are of committees taken together.
    """

    template = "street/summary.html.j2"
    headlines: Sequence[Mapping[str, str]]
    boxes: Sequence[Mapping[str, object]]
    tasks: tasks.Tasks
    looked_back: Sequence[str]
    lines: Sequence[str]


def section(evaluation: Evaluation) -> Summary:
    """Plan the first page."""
    return Summary(
        title="摘要",
        takeaway=takeaway(evaluation),
        headlines=headlines(evaluation),
        boxes=boxes(evaluation),
        tasks=tasks.first_page(evaluation),
        looked_back=looked_back(evaluation),
        lines=advice(evaluation),
    )


def takeaway(evaluation: Evaluation) -> str:
    """Say how many residents are satisfied, and how many committees stand out."""
    row = satisfaction.overall(evaluation)
    first = ""
    if row is not None:
        moved = satisfaction.changed(row)
        first = f"居民总体满意率 {satisfaction.share(row)}"
        first += f"，{moved}。" if moved else "。"
    return first + (league.against_street(evaluation) or _scored(evaluation))


def _scored(evaluation: Evaluation) -> str:
    """Say how many committees have a score where they cannot be told apart."""
    scores = evaluation.current.scores
    word, complete, lacking = (
        evaluation.order.subject_word, len(scores.subjects), len(scores.incomplete)
    )  # fmt: skip
    left = f"，{lacking} 个不完整，只列出、不排名" if lacking else ""
    left += overall.set_up(evaluation)
    if not complete:
        return f"没有一个{word}有完整得分{left}。"
    if complete == 1:
        return f"1 个{word}有完整得分：{say.fixed(known.street_mean(evaluation))} 分{left}。"
    return (
        f"{complete} 个{word}有完整得分{left}；平均 {say.fixed(known.street_mean(evaluation))} 分，"
        f"最高 {say.fixed(float(scores.composite.max()))} 分，"
        f"最低 {say.fixed(float(scores.composite.min()))} 分。"
    )


# --- figures --------------------------------------------------------------------------------


def headlines(evaluation: Evaluation) -> list[dict[str, str]]:
    """Return the boxes at the head: a label, a number, its unit and what stands behind it."""
    found = []
    row = satisfaction.overall(evaluation)
    if row is not None:
        found.append(_satisfied(evaluation, row))
    mean = overall.of_street(evaluation)
    for own in records(mean[mean["code"] == COMPOSITE]):
        ends = f"误差范围 {say.interval(own['low'], own['high'])}"
        if not say.missing(own["change"]):
            wide = (float(own["change_high"]) - float(own["change_low"])) / 2
            ends += (
                f"；可比的{evaluation.order.subject_word}比上次"
                f" {say.signed(own['change'])} ± {say.fixed(wide)}"
            )
        found.append(_box("综合得分平均", say.fixed(own["mean"]), "分", ends))
    label = overall.good_label(evaluation)
    counts = overall.good_counts(evaluation)
    if label and counts[-1][2] and any(count for _, count, _ in counts):
        _, now, total = counts[-1]
        last = f"，上次 {counts[0][1]} 个" if len(counts) > 1 and counts[0][2] else ""
        found.append(
            _box(label, str(now), "个", f"占 {total} 个的 {say.percent(now / total)}{last}")
        )
    if len(evaluation.current.ranking.table) > 1:
        tiers = league.against_mean(evaluation)
        high, low, rest = (len(tiers[t]) for t in (league.ABOVE, league.BELOW, league.LEVEL))
        found.append(
            _box(
                f"与{evaluation.order.street_word}平均明显不同",
                str(high + low),
                "个",
                f"高于 {high} 个，低于 {low} 个" + (f"，其余 {rest} 个分不出" if rest else ""),
            )
        )
    return found


def _satisfied(evaluation: Evaluation, row: Row) -> dict[str, str]:
    ends = f"误差范围 {satisfaction.reach(row)}"
    if not say.missing(row["change"]):
        ends += f"；比上次 {satisfaction.points(row)} ± {satisfaction.margin(row)} 个百分点"
    acceptable = satisfaction.share(row, float(row["acceptable"]))
    if acceptable != satisfaction.share(row):
        ends += f"；基本满意及以上 {acceptable}"
    return _box("居民总体满意率", satisfaction.share(row), "", ends)


def _box(label: str, value: str, unit: str, detail: str) -> dict[str, str]:
    return {"label": label, "value": value, "unit": unit, "detail": detail}


# --- who stands out -------------------------------------------------------------------------


def boxes(evaluation: Evaluation) -> list[dict[str, object]]:
    """Name the committees that stand out: high, low with what is lowest, and changed."""
    mean = f"{evaluation.order.street_word}平均"
    tiers = league.against_mean(evaluation)
    if sum(len(names) for names in tiers.values()) < 2:
        return []
    found = [
        _named(f"明显高于{mean}", tiers[league.ABOVE]),
        _named(f"明显低于{mean}", [league.with_lowest(evaluation, n) for n in tiers[league.BELOW]]),
    ]
    changes = known.changes_of(evaluation)
    if changes is not None and len(changes.table):
        moved = [
            f"{row['name']} {say.signed(row['relative_change'])} 分"
            for row in records(changes.table)
            if row["verdict"] != overall.SAME
        ]
        found.append(_named(f"相对{mean}变化明显", moved, "变化"))
    return found


def _named(title: str, names: Sequence[str], where: str = "得分分组") -> dict[str, object]:
    shown = list(names[:NAMED])
    while len(shown) > FEWEST and sum(map(len, shown)) > LETTERS:
        shown.pop()
    more = f"等 {len(names)} 个，见“{where}”" if len(names) > len(shown) else ""
    return {"title": title, "n": len(names), "names": shown, "more": more}


# --- how to read the rest -------------------------------------------------------------------


def looked_back(evaluation: Evaluation) -> list[str]:
    """Say what became of the last list, and what of it is to be checked; nothing without one."""
    told = (promises.short(evaluation), promises.checked_first(evaluation))
    return [line for line in told if line]


def advice(evaluation: Evaluation) -> list[str]:
    """Say what praise or reproach may rest on, and how far the table can be trusted."""
    told = (
        _beyond(evaluation) or _changed(evaluation),
        *overall.read_as(evaluation),
        _assumed(evaluation),
    )
    return [line for line in told if line]


def _assumed(evaluation: Evaluation) -> str:
    """Say what named changes rest on beside the answers; nothing where they rest on these alone."""
    changes = known.changes_of(evaluation)
    if changes is None or not len(changes.table):
        return ""
    return f"{overall.assumed(evaluation)}{lineage.joined_in(evaluation, changes)}"


def _beyond(evaluation: Evaluation) -> str:
    """Say which committees are beyond the usual spread: what praise or reproach could rest on."""
    tiers = league.against_mean(evaluation)
    if sum(len(names) for names in tiers.values()) < 2:
        return ""
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    if not tiers[league.ABOVE] and not tiers[league.BELOW]:
        return f"没有一个{word}与{mean}有明显差异：本次不宜按得分点名表扬或批评。"
    if not tiers[league.LEVEL]:
        return ""
    return f"要说谁高谁低，只说上面点名的；其余的与{mean}分不出高低，不宜凭得分表扬或批评。"


def _changed(evaluation: Evaluation) -> str:
    """Say how a lone committee moved, whom nobody can be told from."""
    told = overall.change_sentences(evaluation)
    return told[-1] if told and not boxes(evaluation) else ""
