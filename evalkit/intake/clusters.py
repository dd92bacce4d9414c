"""Which answers come from one building, one household or one interviewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

from evalkit import personal
from evalkit.codes import NoteCode
from evalkit.definitions.text import simplified
from evalkit.errors import Note
from evalkit.intake.sieves import File


def cluster_of(file: File, row: int) -> str:
    """Return the cluster that a row tells, simplified; ``""`` where it tells none.

    Who rates several committees is a cluster already, and needs no other.
    """
    if file.decided.scheme.group(file.groups[row]).raters != "respondent":
        return ""
    return simplified(file.named("cluster", row))


def in_several(file: File, rows: Sequence[int]) -> Iterator[Note]:
    """Note clusters of one name in several committees: they count as different ones.

    Buildings of two committees may well have the same number; one interviewer in two committees,
    or an answer under the wrong committee, is something else, and only who knows the file can tell.
    """
    if not file.source.questionnaire.of_role("cluster"):
        return
    where: dict[str, set[str]] = defaultdict(set)
    seen: dict[str, int] = defaultdict(int)
    for row in rows:
        name = cluster_of(file, row)
        if name:
            where[name].add(file.subjects[row])
            seen[name] += 1
    several = sorted(name for name, subjects in where.items() if len(subjects) > 1)
    if several:
        roster = file.decided.roster
        shown = tuple(personal.shown(name, seen[name], place=True) for name in several)
        first = tuple(roster.subject(s).name for s in sorted(where[several[0]]))
        facts = {"clusters": shown, "first": shown[0], "subjects": first}
        yield Note(NoteCode.CLUSTER_IN_SEVERAL_SUBJECTS, file.sheet.file, len(several), facts)
