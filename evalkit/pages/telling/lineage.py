"""What became of committees between two waves, in words, and what that does to comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from evalkit.codes import ComparedAs, Kinship, WeighedBy
from evalkit.definitions.lineage import Succession, components
from evalkit.definitions.units import Units
from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Facts, Row, records
from evalkit.tables import Changes, Evaluation

KINSHIP: Mapping[str, str] = {
    Kinship.UNCHANGED: "没有变动",
    Kinship.RENAMED: "更名",
    Kinship.MERGED: "合并",
    Kinship.SPLIT: "拆分",
    Kinship.MIXED: "划转重组",
    Kinship.NEW: "新设",
    Kinship.CLOSED: "撤销",
}

COMPARED: Mapping[str, str] = {
    ComparedAs.ITSELF: "照常比较",
    ComparedAs.UNION: "合起来比较，名次不可比",
    ComparedAs.INCOMPLETE: "不可比：有的评分不齐",
    ComparedAs.PROVISIONAL: "不可比：筹备的不参加比较",
    ComparedAs.UNSURE: "不可比：得分误差无从估计",
    ComparedAs.NO_WAVE_BEFORE: "上次还没有",
    ComparedAs.NO_WAVE_AFTER: "本次已经没有",
}

WEIGHED: Mapping[str, str] = {
    WeighedBy.HOUSEHOLDS: "按户数加权",
    WeighedBy.POPULATION: "按人口加权",
    WeighedBy.ANSWERS: "按居民答卷数加权（户数、人口不全）",
    WeighedBy.EQUAL: "各算一个",
}

NOT_COMPARABLE = "不可比"
MARK = "※"
"""Beside a change that is a union's."""

SEVERAL = (Kinship.MERGED, Kinship.SPLIT, Kinship.MIXED)


def row_of(evaluation: Evaluation, subject: str) -> Row | None:
    """Return the row of frame ``lineage`` of a committee's last two waves; None where none tells."""
    table = evaluation.history.lineage
    own = [
        row
        for row in records(table[table["to_wave"] == evaluation.wave])
        if subject in codes(row, "after")
    ]
    return own[0] if own else None


def codes(row: Row, side: str) -> list[str]:
    """Return the committees before or after."""
    return str(row[side]).split(";") if row[side] else []


def is_union(evaluation: Evaluation, subject: str) -> bool:
    """Tell whether only a union's change is known of a committee."""
    row = row_of(evaluation, subject)
    return row is not None and row["reason"] == ComparedAs.UNION


def names(evaluation: Evaluation, ids: Iterable[str]) -> list[str]:
    """Return how committees are called."""
    return [evaluation.roster.subject(one).name for one in ids]


def happened(facts: Facts) -> str:
    """Say what became of a committee since the last wave; nothing where it is what it was."""
    row = row_of(facts.evaluation, facts.subject.id)
    if row is None or row["kind"] == Kinship.UNCHANGED:
        return ""
    return f"{_story(facts.evaluation, row, facts.subject.id)}{_consequence(facts, row)}"


def earlier(facts: Facts) -> str:
    """Say what its line of scores passes through before the last wave; nothing where nothing."""
    evaluation, code, told = facts.evaluation, facts.subject.id, []
    table = evaluation.history.lineage
    for row in reversed(records(table)):
        if code not in codes(row, "after"):
            continue
        if row["to_wave"] != evaluation.wave and row["kind"] != Kinship.UNCHANGED:
            story = _story(evaluation, row, code)
            told.append(f"{story}在此之前的得分是合起来算的。" if row["kind"] in SEVERAL else story)
        if len(codes(row, "before")) != 1:
            break
        code = codes(row, "before")[0]
    return "".join(reversed(told))


def unranked(facts: Facts) -> str:
    """Say why its rank cannot be compared with the last one."""
    row = row_of(facts.evaluation, facts.subject.id)
    assert row is not None
    return f"名次{NOT_COMPARABLE}：{KINSHIP[str(row['kind'])]}过，上次不是同一个{facts.word}。"


def of_street(evaluation: Evaluation) -> list[str]:
    """Say of everything that happened since the last wave what it was, and what is compared."""
    table = evaluation.history.lineage
    own = table[(table["to_wave"] == evaluation.wave) & (table["kind"] != Kinship.UNCHANGED)]
    return [
        f"{_story(evaluation, row, codes(row, 'after')[0] if row['after'] else '')}"
        f"{_compared(row)}。"
        for row in records(own)
    ]


def joined_in(evaluation: Evaluation, changes: Changes) -> str:
    """Name the committees whose change is that of a union; nothing where there are none."""
    own = [
        str(row["name"])
        for row in records(changes.table)
        if is_union(evaluation, str(row["subject"]))
    ]
    if not own:
        return ""
    return (
        f"其中{say.joined(own)}合并、拆分或划转过，是变动所及的几个合起来比的，"
        f"名次{NOT_COMPARABLE}。"
    )


def same_before(evaluation: Evaluation) -> dict[str, str]:
    """Return, of every committee that is itself in the last two waves, what it was listed under."""
    earlier = evaluation.previous
    if earlier is None:
        return {}
    table = evaluation.history.lineage
    own = records(table[table["to_wave"] == evaluation.wave])
    if not own:
        known = set(earlier.cells.subjects)
        return {
            subject: subject for subject in evaluation.current.cells.subjects if subject in known
        }
    return {str(row["after"]): str(row["before"]) for row in own if row["comparable"]}


def other_ground(evaluation: Evaluation, subject: str, wave: str) -> bool:
    """Tell whether a committee's code meant other ground in an earlier wave."""
    lineage = evaluation.decided.lineage
    if lineage is None or wave == evaluation.wave:
        return False
    parts = components(Units.of(evaluation.roster), lineage, wave, evaluation.wave)
    return any(part.several and subject in (*part.before, *part.after) for part in parts)


def _story(evaluation: Evaluation, row: Row, subject: str) -> str:
    """Say what happened, from when on, and by which document."""
    before, after = codes(row, "before"), codes(row, "after")
    old, new = names(evaluation, before), names(evaluation, after)
    since, papers = _when(evaluation, row), _papers(row)
    own = evaluation.roster.subject(subject).name if subject else ""
    kind = Kinship(row["kind"])
    if kind is Kinship.RENAMED:
        return f"{since}由{old[0]}更名为{new[0]}{papers}。"
    if kind is Kinship.NEW:
        return f"{since}新设{say.joined(new)}{papers}。"
    if kind is Kinship.CLOSED:
        return f"{since}撤销{say.joined(old)}{papers}。"
    moved = _transfers(evaluation, row)
    if kind is Kinship.MERGED:
        others = [name for code, name in zip(before, old, strict=True) if code != subject]
        if subject in before:
            return f"{since}{say.joined(others)}并入{own}{papers}{moved}。"
        return f"{since}{say.joined(old)}合并为{new[0]}{papers}{moved}。"
    if kind is Kinship.SPLIT:
        return f"{since}{old[0]}拆分为{say.joined(new)}{papers}{moved}。"
    if before == after:
        return f"{since}{say.joined(old)}之间有住户划转{papers}{moved}。"
    return f"{since}{say.joined(old)}重组为{say.joined(new)}{papers}{moved}。"


def _consequence(facts: Facts, row: Row) -> str:
    """Say what that does to the comparison with the last wave."""
    reason = ComparedAs(row["reason"])
    if reason is ComparedAs.ITSELF:
        return f"仍是同一个{facts.word}，照常比较。"
    if reason is not ComparedAs.UNION:
        return f"{COMPARED[reason]}，没有变化可说。"
    evaluation = facts.evaluation
    before, after = (names(evaluation, codes(row, side)) for side in ("before", "after"))
    whole = f"{say.joined(after)}合起来" if len(after) > 1 else say.joined(after)
    then = f"上次的{say.joined(before)}合起来" if len(before) > 1 else f"上次的{say.joined(before)}"
    by = "" if say.missing(row["weights"]) else f"（{WEIGHED[str(row['weights'])]}）"
    return f"下面的变化是本次的{whole}与{then}相比{by}；名次{NOT_COMPARABLE}。"


def _compared(row: Row) -> str:
    by = "" if say.missing(row["weights"]) else f"（{WEIGHED[str(row['weights'])]}）"
    return f"{COMPARED[str(row['reason'])]}{by}"


def _events(evaluation: Evaluation, row: Row) -> Sequence[Succession]:
    lineage = evaluation.decided.lineage
    assert lineage is not None
    own = {*codes(row, "before"), *codes(row, "after")}
    told = lineage.between(str(row["from_wave"]), str(row["to_wave"]))
    return [event for event in told if {event.origin, event.target} & own]


def _when(evaluation: Evaluation, row: Row) -> str:
    waves = sorted({event.wave for event in _events(evaluation, row)}) or [str(row["to_wave"])]
    return f"{evaluation.order.wave_name(waves[0])}起，"


def _papers(row: Row) -> str:
    return (
        "" if say.missing(row["documents"]) else f"（{str(row['documents']).replace(';', '、')}）"
    )


def _transfers(evaluation: Evaluation, row: Row) -> str:
    told = [
        f"{_end(evaluation, event.origin)}划给{_end(evaluation, event.target)} {event.households} 户"
        if event.event == "transfer"
        else f"{_end(evaluation, event.origin)}到{_end(evaluation, event.target)} {event.households} 户"
        for event in _events(evaluation, row)
        if event.households is not None
    ]
    return f"，{'，'.join(told)}" if told else ""


def _end(evaluation: Evaluation, code: str | None) -> str:
    return evaluation.roster.subject(code or "").name
