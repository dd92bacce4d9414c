"""What is told of the street as a whole: in its report, on the dashboard, in the workbook."""

from __future__ import annotations

import pandas as pd

from evalkit.codes import ChangeVerdict, NoteCode, OwnChange
from evalkit.definitions.units import Units
from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import read_from
from evalkit.pages.press.sentences import Words
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import lineage
from evalkit.tables import ALL_GROUPS, Changes, Evaluation

BY = {"zone": "片区", "housing": "住房类型", "kind": "类别"}
"""How committees are told apart in frame ``peer_groups``."""

NO_SHARE = 0.005
"""A reliability that rounds to nothing."""

NAMED = 5
"""Committees named beside the number that clearly moved; of more only the number is told."""
UP, SAME, DOWN = ChangeVerdict


def groupings(evaluation: Evaluation) -> dict[str, str]:
    """Return what pages call every way of putting committees, or what lies in them, together.

    Where committees lie in units of a level, zones are called as that level is.
    """
    units, order = Units.of(evaluation.roster), evaluation.order
    named = {level.code: level.name for level in units.levels}
    above = [grouping for grouping in units.groupings() if grouping.code in named]
    parts = {g.code: g.name for g in units.groupings() if g.name}
    zone = {"zone": above[-1].name} if above else {}
    return {**BY, **parts, **named, **zone, ALL_GROUPS: order.street}


# --- what the table can tell ---


def trust(evaluation: Evaluation) -> list[str]:
    """Return the verdict on the table as a whole."""
    scores = evaluation.current.scores
    if not scores.errors_known:
        return [f"{known.UNSURE}：只列出得分，不排名次，不比较高低和变化。"]
    said = read_from(evaluation.assurance.reliability, Words.of(evaluation.order))
    return [said] if said else []


def read_as(evaluation: Evaluation) -> list[str]:
    """Return what the table may be read for, without the numbers behind it."""
    told = trust(evaluation)
    known_errors = evaluation.current.scores.errors_known
    return [line.rpartition("：")[2] for line in told] if known_errors else told


def told_apart(evaluation: Evaluation) -> list[str]:
    """Say what the table can and cannot tell, from the joint rank sets."""
    ranking = evaluation.current.ranking
    total = len(ranking.table)
    if total < 2:
        return []
    word = evaluation.order.subject_word
    half = total // 2
    upper = int((ranking.table["rank_high_joint"] <= half).sum())
    lower = int((ranking.table["rank_low_joint"] > total - half).sum())
    first = list(ranking.table.loc[ranking.table["rank_low_joint"] == 1, "name"])
    ends = [_certain(f"前 {half} 名", upper, word), _certain(f"后 {half} 名", lower, word)]
    if not upper and not lower:
        ends = [f"没有一个{word}能确定排在前 {half} 名或后 {half} 名"]
    top = f"可能是第一名的有 {len(first)} 个" if len(first) > 1 else f"第一名可以确定是{first[0]}"
    return [
        f"{_pairs(ranking.distinguishable_pairs, word)}；{_real(ranking.reliability)}。",
        f"同看全表，在 {known.confidence(evaluation)} 的把握下，{'，'.join(ends)}，{top}。",
    ]


def _certain(where: str, number: int, word: str) -> str:
    return f"确定排在{where}的有 {number} 个" if number else f"没有一个{word}能确定排在{where}"


def _pairs(share: float, word: str) -> str:
    if share <= 0:
        return f"没有哪两个{word}能确定先后"
    if share >= 1:
        return f"任何两个{word}都能确定先后"
    return f"任取两个{word}，能确定先后的占 {say.chance(share)}"


def _real(reliability: float) -> str:
    if reliability < NO_SHARE:
        return "得分差异都在偶然之内"
    return f"得分差异中约 {say.likely(reliability)} 来自真实差别，其余是偶然"


def ends(low: float, high: float) -> str:
    """Write between which ends a reliability lies, behind what it is; empty where not known."""
    told = say.interval(low, high, 2)
    return "" if told == say.MISSING else f"，误差范围 {told}"


# --- grades, changes and means ---


def good_counts(evaluation: Evaluation) -> list[tuple[str, int, int]]:
    """Return (wave name, committees with a good grade, complete committees), earliest first."""
    good = {grade.name for grade in evaluation.scheme.grades if grade.good}
    return [
        (
            evaluation.order.wave_name(wave),
            int(evaluation.waves[wave].scores.table["grade"].isin(sorted(good)).sum()),
            len(evaluation.waves[wave].scores.subjects),
        )
        for wave in list(evaluation.waves)[-2:]
    ]


def good_label(evaluation: Evaluation) -> str:
    """Return the names of the good grades, e.g. 优秀和良好; empty if the scheme names none."""
    return "和".join(grade.name for grade in evaluation.scheme.grades if grade.good)


def grade_sentences(evaluation: Evaluation) -> list[str]:
    """Say how many hold a good grade, and how that grew, in percentage points.

    Of so few a growth in percent would be more exact than it is.
    """
    label = good_label(evaluation)
    if not label:
        return []
    counts = good_counts(evaluation)
    _, now, total = counts[-1]
    if not total:
        return []
    share = now / total
    places = 1 if 0 < share < 1 else 0
    if len(counts) == 1 or not counts[0][2]:
        return [f"{label} {now} 个，占 {say.percent(share, places)}。"]
    _, before, total_before = counts[0]
    if not before and not now:
        return [f"两次都没有等第为{label}的{evaluation.order.subject_word}。"]
    if (before, total_before) == (now, total):
        return [f"{label}两次都是 {now} 个，占 {say.percent(share, places)}。"]
    points = 100 * (share - before / total_before)
    return [
        f"{label}由 {before} 个到 {now} 个，占比由 {say.percent(before / total_before, 1)} "
        f"到 {say.percent(share, 1)}（{say.signed(points)} 个百分点）。"
    ]


def change_sentences(evaluation: Evaluation) -> list[str]:
    """Say how many committees certainly moved against the street."""
    changes = known.changes_of(evaluation)
    if changes is None or not len(changes.table):
        return []
    up, down = (_named(changes, verdict) for verdict in (UP, DOWN))
    total = len(changes.table)
    moved = int((changes.table["verdict"] != SAME).sum())
    clear = "没有一个明显上升或下降"
    if moved:
        rest = f"其余 {total - moved} 个尚看不出变化" if moved < total else ""
        clear = "，".join(part for part in (up, down, rest) if part)
    last, word = evaluation.order.wave_name(changes.from_wave), evaluation.order.subject_word
    joined = lineage.joined_in(evaluation, changes)
    return [
        f"与{last}相比，{total} 个可比的{word}平均变化 {say.signed(changes.street_change)} 分；"
        f"扣除{evaluation.order.street_word}平均后，{clear}。{assumed(evaluation)}{joined}",
        f"只看自己的得分，{_own(changes, total)}。",
    ]


def assumed(evaluation: Evaluation) -> str:
    """Say in a sentence which questions are compared by a declared rule alone; empty without any."""
    here = known.places_of_notes(evaluation)
    questions = dict.fromkeys(
        str(note.facts["question"])
        for note in evaluation.notes
        if note.code == NoteCode.COMPARED_BY_LINK and note.where in here
    )
    if not questions:
        return ""
    named = say.joined([f"“{question}”" for question in questions])
    which = named if len(questions) <= NAMED else f"{len(questions)} 道题"
    return f"{which}两次的选项不同，按声明的规则折算后才比较，这是假设。"


def _own(changes: Changes, total: int) -> str:
    """Count the committees whose own score certainly rose or fell, whatever the street did."""
    told = []
    for verdict in (OwnChange.RISEN, OwnChange.FALLEN):
        own = changes.table["change_verdict"] == verdict.value
        names = [str(name) for name in changes.table.loc[own, "name"]]
        who = f"（{say.joined(names)}）" if names and len(names) <= NAMED else ""
        if names:
            told.append(f"能断定比上次{verdict.value}的有 {len(names)} 个{who}")
    moved = int(changes.table["change_verdict"].isin([OwnChange.RISEN, OwnChange.FALLEN]).sum())
    if not told:
        return f"{total} 个都不能断定比上次升了还是降了"
    rest = f"，其余 {total - moved} 个升降尚看不出" if moved < total else ""
    return "，".join(told) + rest


def _named(changes: Changes, verdict: str) -> str:
    names = [str(n) for n in changes.table.loc[changes.table["verdict"] == verdict, "name"]]
    if not names:
        return ""
    who = f"（{say.joined(names)}）" if len(names) <= NAMED else ""
    return f"{verdict} {len(names)} 个{who}"


def set_up(evaluation: Evaluation) -> str:
    """Say how many committees are being set up, after a comma; nothing where there are none."""
    beside = evaluation.current.scores.provisional
    return f"，另有 {len(beside.subjects)} 个筹备中，不排名" if beside is not None else ""


def of_street(evaluation: Evaluation) -> pd.DataFrame:
    """Return the rows of frame ``street_means`` over all rater groups."""
    return evaluation.street_means[evaluation.street_means["group"] == ALL_GROUPS]


def target_name(target: str) -> str:
    """Write a target of frame ``plan`` in Chinese."""
    kind, _, number = target.partition(" ")
    return {
        "present": "本次的份数",
        "reliability": f"可靠程度 {number}",
        "half-width": f"得分误差范围 ± {number} 分",
        "extra": f"另加 {number} 份",
    }.get(kind, target)
