"""Problems and notes on the console: grouped, counted, each with its places.

Nothing is left out: what a group does not list is counted, and said where all of it stands.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, NoReturn

import typer
from rich.console import Console

from evalkit.codes import NoteCode
from evalkit.errors import Note, Problem

if TYPE_CHECKING:
    from pathlib import Path

    from evalkit.definitions.decided import Decided
    from evalkit.folder import Checked
    from evalkit.handout import Exported
    from evalkit.tables import Cells, Evaluation, FileReport, Incomplete, Scores
    from evalkit.tables.records import LedgerReport

console = Console(highlight=False, soft_wrap=True)

FEW = 3
"""Equal problems, and notes of one kind, that are listed one by one."""

SOME = 12
"""Places that one line lists."""


# --- problems ---------------------------------------------------------------------------------


def fail(problems: Iterable[Problem]) -> NoReturn:
    """Print every problem, equal ones as one with their places, and exit with code 1."""
    listed = list(problems)
    groups = grouped(listed)
    err = Console(stderr=True, highlight=False, soft_wrap=True)
    kinds = f"（{len(groups)} 种）" if len(groups) < len(listed) else ""
    err.print(f"发现 {len(listed)} 个问题{kinds}，未写入任何结果：")
    for number, group in enumerate(groups, start=1):
        err.print(f"{number:3d}. {collapsed(group)}", markup=False)
    raise typer.Exit(1)


def grouped(problems: Sequence[Problem]) -> list[list[Problem]]:
    """Put problems together that differ only in where they are and what stands there.

    Up to `FEW` of a kind stay apart: they are read faster one by one.
    """
    by_kind: dict[tuple[object, ...], list[Problem]] = {}
    for problem in problems:
        by_kind.setdefault(_kind(problem), []).append(problem)
    found: list[list[Problem]] = []
    for problem in problems:
        group = by_kind[_kind(problem)]
        if len(group) <= FEW:
            found.append([problem])
        elif problem is group[0]:
            found.append(group)
    return found


def _kind(problem: Problem) -> tuple[object, ...]:
    def bare(text: str | None) -> str:
        return re.sub(r"“[^”]*”|\d+", "…", text or "")

    return (problem.code, bare(problem.message), problem.file, problem.sheet, bare(problem.remedy))


def collapsed(group: Sequence[Problem]) -> str:
    """Write equal problems as one: how many, where, and what is found there."""
    first = group[0]
    if len(group) == 1:
        return str(first)
    where = _first_few([_place(problem) for problem in group])
    parts = [
        f"[{first.code}] 文件 {first.file}: {first.message}（同类共 {len(group)} 处）"
        if first.file
        else f"[{first.code}] {first.message}（同类共 {len(group)} 处）",
        f"在: {where}",
    ]
    expected = list(dict.fromkeys(p.expected for p in group if p.expected))
    found = list(dict.fromkeys(p.found for p in group if p.found))
    if expected:
        parts.append(f"应为: {_first_few(expected, FEW)}")
    if found:
        parts.append(f"实为: {_first_few(found)}")
    remedies = list(dict.fromkeys(p.remedy for p in group if p.remedy))
    if remedies:
        parts.append(f"请: {_first_few(remedies, 1)}")
    return "; ".join(parts)


def _place(problem: Problem) -> str:
    parts = [
        f"{problem.sheet}" if problem.sheet else "",
        f"第 {problem.row} 行" if problem.row is not None else "",
        f"{problem.column} 列" if problem.column else "",
    ]
    return " ".join(part for part in parts if part) or problem.key or "（整个文件）"


def _first_few(texts: Sequence[str], most: int = SOME) -> str:
    several = list(dict.fromkeys(texts))
    if len(several) <= most:
        return "、".join(several)
    return f"{'、'.join(several[:most])} 等 {len(several)} 种"


# --- notes ------------------------------------------------------------------------------------


def print_notes(
    notes: Iterable[Note], decided: Decided | None, *, everything: bool, elsewhere: str
) -> None:
    """Print notes by kind: how many, the first few word for word, where the rest is.

    Parameters
    ----------
    decided : Decided or None
        Has the words for subjects, and their names; None where documents could not be read.
    everything : bool
        List all of them.
    elsewhere : str
        Where the full list is.
    """
    listed = list(dict.fromkeys(notes))
    if not listed:
        return
    left = 0
    lines: list[str] = []
    for told in _by_kind(listed, decided).values():
        few = told if everything else told[:FEW]
        lines += [f"  - {line}" for line in few]
        if len(told) > len(few):
            left += len(told) - len(few)
            lines.append(f"    （同类的还有 {len(told) - len(few)} 条）")
    console.print(
        f"提示 {len(listed)} 条" + (f"（没有列出的 {left} 条：{elsewhere}）" if left else "") + "："
    )
    for line in lines:
        console.print(line, markup=False)


def print_changes(changes: Mapping[str, Sequence[Note]], decided: Decided | None) -> None:
    """Print, by file, what changed against the last wave's file and what it does to comparisons."""
    from evalkit.pages.press.sentences import DEFAULT, Words, said

    words = DEFAULT if decided is None else Words.of(decided.order)
    for file, notes in changes.items():
        console.print(f"与上一批次相比，{file}：", markup=False)
        for note in notes:
            console.print(f"  - {said(note, words)}", markup=False)


def _by_kind(notes: Sequence[Note], decided: Decided | None) -> Mapping[NoteCode, list[str]]:
    from evalkit.pages.press.sentences import DEFAULT, Words
    from evalkit.pages.telling.method import counted

    words = DEFAULT if decided is None else Words.of(decided.order)
    names = {} if decided is None else _names(decided)
    found: dict[NoteCode, list[str]] = {}
    for note in sorted(notes, key=lambda note: list(NoteCode).index(note.code)):
        where = " ".join(names.get(part, part) for part in note.where.split(":"))
        said = counted(note, words)
        found.setdefault(note.code, []).append(f"{where}：{said}" if where else said)
    return found


def _names(decided: Decided) -> Mapping[str, str]:
    waves = {wave.id: wave.name for wave in decided.order.waves}
    groups = {group.code: group.name for group in decided.scheme.groups}
    return waves | groups | {subject.id: subject.name for subject in decided.roster.subjects}


# --- files and committees ---------------------------------------------------------------------


def print_checked(checked: Checked, *, everything: bool) -> None:
    """Print what a check found of a folder, and then of its tracks; problems are told elsewhere."""
    print_changes(checked.changes, checked.decided)
    if checked.reports:
        print_reports(checked.reports, checked.decided)
    print_books(checked.books, checked.decided)
    for draft in checked.drafts:
        console.print(
            f"已起草对照表 {draft}：请逐列核对，改为 approved: true 后再运行", markup=False
        )
    print_notes(
        (*checked.notes, *(note for report in checked.reports for note in report.notes)),
        checked.decided,
        everything=everything,
        elsewhere="加 --all 逐条列出",
    )
    if checked.foreseen is not None and checked.decided is not None:
        found = checked.foreseen
        for line in incomplete(found.scores, found.cells, checked.decided):
            console.print(line, markup=False)
    for name, own in checked.tracks.items():
        console.print(f"个人评价 {name}（tracks/{name}/）：", markup=False)
        print_checked(own, everything=everything)


def print_tracks(tracks: Mapping[str, tuple[Evaluation, Path]], *, everything: bool) -> None:
    """Print of every track how many persons have a score, how reliably, and where results lie."""
    for evaluation, out in tracks.values():
        persons, order = evaluation.appraisal.persons, evaluation.order
        scored = int(persons["score"].notna().sum())
        raters = evaluation.appraisal.raters
        within = raters[(raters["group"] == "all") & (raters["scope"] == "unit")]["reliability"]
        sure = f"；{order.unit_word}之内得分的可靠程度 {within.iloc[0]:.2f}" if len(within) else ""
        console.print(
            f"{order.title}：{len(persons)} 名{order.subject_word}，{scored} 人有得分{sure}",
            markup=False,
        )
        print_notes(
            evaluation.notes,
            evaluation.decided,
            everything=everything,
            elsewhere="全部写在 results.xlsx 的“提示”中，或加 --all 逐条列出",
        )
        console.print(f"  {out}  个人的结果，只给本人、书记和主管科室", markup=False)


def print_reports(reports: Iterable[FileReport], decided: Decided | None) -> None:
    """Print what became of the rows of every file."""
    from evalkit.pages.press import meanings
    from evalkit.pages.press.sentences import DEFAULT, Words

    reasons = meanings.reasons(DEFAULT if decided is None else Words.of(decided.order))
    for report in reports:
        why = "；".join(f"{reasons[r]} {n}" for r, n in report.rejected_by_reason.items())
        console.print(report.file, markup=False)
        console.print(
            f"  读入 {report.rows_read} 行 = 有效 {report.rows_kept} + 剔除 {len(report.rejections)}"
            + (f"（{why}）" if why else ""),
            markup=False,
        )
        if report.unmapped_columns:
            console.print(f"  未使用的列：{'、'.join(report.unmapped_columns)}", markup=False)


def print_books(books: Iterable[LedgerReport], decided: Decided | None) -> None:
    """Print what became of the rows of every file of records, and what is in and out."""
    from evalkit.pages.press import meanings
    from evalkit.pages.press.sentences import DEFAULT, Words

    words = DEFAULT if decided is None else Words.of(decided.order)
    reasons = {str(reason): text for reason, text in meanings.of_records(words).items()}
    for book in books:
        why = "；".join(
            f"{reasons.get(str(e.reason), str(e.reason))} {e.count}" for e in book.left_out
        )
        counts = [book.counted(how) for how in ("excluded", "duplicates", "rejected")]
        console.print(f"{book.file}（台账 {book.ledger}）", markup=False)
        console.print(
            f"  读入 {book.read} 行 = 保留 {book.kept} + 不计 {counts[0]} + 重复 {counts[1]}"
            f" + 剔除 {counts[2]}" + (f"（{why}）" if why else ""),
            markup=False,
        )
        if book.balance:
            b = book.balance
            console.print(
                f"  上期结转 {b['carried_in']} + 本期收到 {b['received']} = 办结 {b['closed']}"
                f" + 撤销 {b['withdrawn']} + 未结 {b['open']}",
                markup=False,
            )
        if book.unused:
            console.print(f"  未使用的列：{'、'.join(book.unused)}", markup=False)


def set_up(scores: Scores) -> str:
    """Say how many committees are being set up; nothing where there are none."""
    beside = scores.provisional
    return f"，{len(beside.subjects)} 个筹备中" if beside is not None else ""


def incomplete(scores: Scores, cells: Cells, decided: Decided) -> Iterator[str]:
    """Yield a line for each committee without a score: group, indicator, number of answers."""
    missing = scores.incomplete
    names = {subject.id: subject.name for subject in decided.roster.subjects}
    if missing:
        yield f"不完整、只列出不排名的 {len(missing)} 个{decided.order.subject_word}："
    for entry in missing:
        place = cells.subjects.index(entry.subject)
        yield f"  - {names[entry.subject]}：缺{'；'.join(_lacks(entry, place, cells, decided))}"


def _lacks(entry: Incomplete, place: int, cells: Cells, decided: Decided) -> Iterator[str]:
    """Yield the rater groups that a committee lacks, with their answers or records that count."""
    from evalkit.pages.telling.behind import behind

    for code in entry.missing:
        n = int(cells.groups[code].n[place])
        group = decided.scheme.group(code)
        own = behind(group, decided)
        yield f"“{group.name}”（{own.noun} {n} {own.unit}）"


def print_exported(exported: Exported, before: str = "") -> None:
    """Print what was written, and what is to be known of every file."""
    for path in exported.files:
        console.print(f"已写入 {path}", markup=False)
        for line in exported.by_hand.get(path, ()):
            console.print(f"  {before}{line}", markup=False)
