"""What was done: issued, returned, valid, rejected and why, and how many speak for a committee."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.scheme import RaterGroup
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method
from evalkit.tables import Cells, Evaluation, FileReport

NAMED = 2
"""Committees named beside the smallest and the largest number of answers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Fieldwork(Section):
    """What became of every questionnaire, by rater group and by file."""

    template = "street/fieldwork.html.j2"
    groups: Sequence[Mapping[str, str]]
    files: Sequence[Mapping[str, str]]
    rejected: Sequence[tuple[str, str]]
    notes: Sequence[str]


def section(evaluation: Evaluation) -> Fieldwork:
    """Plan the account of the fieldwork."""
    reports = current(evaluation)
    rejected: dict[str, int] = {}
    for report in reports:
        for reason, number in report.rejected_by_reason.items():
            rejected[reason] = rejected.get(reason, 0) + number
    return Fieldwork(
        title="做了什么",
        takeaway=done(evaluation),
        groups=_groups(evaluation),
        files=[
            {
                "file": r.file,
                "read": say.count(r.rows_read),
                "kept": say.count(r.rows_kept),
                "rejected": say.count(r.rows_read - r.rows_kept),
            }
            for r in reports
        ],
        rejected=[
            (code, say.count(number))
            for code, number in sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
        ],
        notes=notes(evaluation),
    )


def current(evaluation: Evaluation) -> list[FileReport]:
    """Return what became of the files of the current wave."""
    return [report for report in evaluation.reports if report.wave == evaluation.wave]


def done(evaluation: Evaluation) -> str:
    """Account for every row that was read, in one sentence."""
    reports = current(evaluation)
    if not reports:
        return "本批次的答卷来自评估数据库，原始文件不在本次输入之中。"
    read, kept = sum(r.rows_read for r in reports), sum(r.rows_kept for r in reports)
    out = f"剔除 {read - kept:,} 行" if read > kept else "没有剔除"
    return f"共读入 {len(reports)} 个文件 {read:,} 行，有效 {kept:,} 行，{out}。"


def notes(evaluation: Evaluation) -> list[str]:
    """Write out the notes that concern the street or any of its committees in this wave.

    What is to be said of several files in the same words is said once, with their number.
    """
    files = {report.file for report in current(evaluation)}
    subjects = {subject.id for subject in evaluation.roster.subjects}
    here = known.places_of_notes(evaluation) | files | subjects
    told = Counter(
        method.notes(
            tuple(note for note in evaluation.notes if note.where in here), evaluation.order
        )
    )
    return [text if n == 1 else f"{text}（{n} 处如此）" for text, n in told.items()]


def _groups(evaluation: Evaluation) -> list[dict[str, str]]:
    cells = evaluation.current.cells
    sent = evaluation.order.issued(evaluation.wave)
    names = [evaluation.roster.subject(subject).name for subject in cells.subjects]
    return [_group(group, cells, sent.get(group.code), names) for group in evaluation.scheme.groups]


def _group(
    group: RaterGroup, cells: Cells, sent: int | None, names: Sequence[str]
) -> dict[str, str]:
    n = [int(x) for x in cells.groups[group.code].n]
    total, below = sum(n), sum(x < group.minimum_n for x in n)
    return {
        "name": group.name,
        "weight": f"{group.weight:g}",
        "issued": say.count(sent),
        "n": say.count(total, group.minimum_n),
        "rate": say.percent(total / sent) if sent else say.MISSING,
        "least": _extreme(min(n, default=0), n, names, group.minimum_n),
        "most": _extreme(max(n, default=0), n, names, group.minimum_n),
        "below": f"{below} 个" if below else "没有",
    }


def _extreme(number: int, n: Sequence[int], names: Sequence[str], minimum: int) -> str:
    """Write a number of answers and whose it is; nobody is named below what may be published."""
    text = f"{say.count(number, minimum)} 份"
    holders = [name for name, own in zip(names, n, strict=True) if own == number]
    if number < minimum or not holders:
        return text
    if len(holders) == len(names):
        return f"{text}（都一样）" if len(names) > 1 else text
    return f"{text}（{say.joined(holders) if len(holders) <= NAMED else f'{len(holders)} 个'}）"
