"""What became of every row that was read, and what must be known before numbers are read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import pandas as pd

from evalkit.codes import NoteCode
from evalkit.errors import Note
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method
from evalkit.tables import Evaluation, FileReport


def current(evaluation: Evaluation) -> list[FileReport]:
    """Return what became of the files of the current wave."""
    return [report for report in evaluation.reports if report.wave == evaluation.wave]


def done(evaluation: Evaluation) -> str:
    """Account for every row that was read, in one sentence."""
    reports = current(evaluation)
    if not reports and not evaluation.scheme.asked:
        return f"本次没有发问卷，结果全由台账算出：共读入 {_booked(evaluation)}。"
    if not reports:
        return "本批次的答卷来自评估数据库，原始文件不在本次输入之中。"
    read, kept = sum(r.rows_read for r in reports), sum(r.rows_kept for r in reports)
    out = f"剔除 {read - kept:,} 行" if read > kept else "没有剔除"
    more = f"；另有台账 {_booked(evaluation)}" if len(_books(evaluation)) else ""
    return f"共读入 {len(reports)} 个文件 {read:,} 行，有效 {kept:,} 行，{out}{more}。"


def _books(evaluation: Evaluation) -> pd.DataFrame:
    return evaluation.ledgers[evaluation.ledgers["wave"] == evaluation.wave]


def _booked(evaluation: Evaluation) -> str:
    own = _books(evaluation)
    read, kept = int(own["read"].sum()), int(own["kept"].sum())
    return f"{len(own)} 个文件 {read:,} 行，计入 {kept:,} 行"


OF_READING = frozenset(
    {
        *list(NoteCode)[
            list(NoteCode).index(NoteCode.ENCODING_DOUBTFUL) : list(NoteCode).index(
                NoteCode.EXPORTED_OTHERWISE
            )
        ],
        NoteCode.LOOK_ALIKES,
        NoteCode.LOOK_ALIKES_ELSEWHERE,
        NoteCode.TIMES_READ_AS,
        NoteCode.TIMES_MISSING,
        NoteCode.TIME_ZONES,
        NoteCode.OUTSIDE_WAVE,
        NoteCode.MONTE_CARLO,
    }
)
"""Notes on how files were read and on simulation: for whoever works it out again, not for leaders."""


def for_leaders(evaluation: Evaluation) -> list[str]:
    """Write out the notes but those `OF_READING`, of which only the number is told, and where they stand."""
    here = _here(evaluation)
    told = _once(evaluation, [note for note in here if note.code not in OF_READING])
    more = len({note.code for note in here if note.code in OF_READING})
    if more:
        told.append(f"读文件和模拟方面的提示有 {more} 种，见技术说明“数据质量”和 results.xlsx。")
    return told


def notes(evaluation: Evaluation) -> list[str]:
    """Write out the notes that concern the street or any of its committees in this wave.

    What is to be said of several files in the same words is said once, with their number.
    """
    return _once(evaluation, _here(evaluation))


def _here(evaluation: Evaluation) -> list[Note]:
    files = {report.file for report in current(evaluation)}
    books = evaluation.ledgers
    files |= set(books.loc[books["wave"] == evaluation.wave, "file"])
    subjects = {subject.id for subject in evaluation.roster.subjects}
    here = known.places_of_notes(evaluation) | files | subjects
    return [note for note in evaluation.notes if note.where in here]


def _once(evaluation: Evaluation, found: Sequence[Note]) -> list[str]:
    told = Counter(method.notes(tuple(found), evaluation.order))
    return [text if n == 1 else f"{text}（这样的有 {n} 处）" for text, n in told.items()]


def rejected(evaluation: Evaluation) -> list[tuple[str, str]]:
    """Return why rows were rejected, the most frequent reason first, with their number."""
    found: dict[str, int] = {}
    for report in current(evaluation):
        for reason, number in report.rejected_by_reason.items():
            found[reason] = found.get(reason, 0) + number
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [(code, say.count(number)) for code, number in ordered]
