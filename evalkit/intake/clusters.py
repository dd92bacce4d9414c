"""Which answers come from one building, one household or one interviewer."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit import personal
from evalkit.codes import NoteCode
from evalkit.definitions.text import simplified
from evalkit.errors import Note
from evalkit.files.alike import each
from evalkit.intake.sieves import File


def clusters_of(file: File, rows: pd.Index[int]) -> NDArray[np.object_]:
    """Return the clusters that rows tell, simplified, shape (n,); ``""`` where they tell none.

    Who rates several committees is a cluster already, and needs no other.
    """
    groups = file.decided.scheme.groups
    alone = [group.code for group in groups if group.raters == "respondent"]
    told = each(file.names("cluster").loc[rows], simplified)
    told[~file.groups.loc[rows].isin(alone).to_numpy(dtype=np.bool_)] = ""
    return told


def in_several(file: File, rows: pd.Index[int]) -> Iterator[Note]:
    """Note clusters of one name in several committees: they count as different ones.

    Buildings of two committees may well have the same number; one interviewer in two committees,
    or an answer under the wrong committee, is something else, and only who knows the file can tell.
    """
    if not file.source.questionnaire.of_role("cluster"):
        return
    where: dict[str, set[str]] = defaultdict(set)
    seen: dict[str, int] = defaultdict(int)
    for name, subject in zip(clusters_of(file, rows), file.subjects.loc[rows], strict=True):
        if name:
            where[name].add(subject)
            seen[name] += 1
    several = sorted(name for name, subjects in where.items() if len(subjects) > 1)
    if several:
        roster = file.decided.roster
        shown = tuple(personal.shown(name, seen[name], place=True) for name in several)
        first = tuple(roster.subject(s).name for s in sorted(where[several[0]]))
        facts = {"clusters": shown, "first": shown[0], "subjects": first}
        yield Note(NoteCode.CLUSTER_IN_SEVERAL_SUBJECTS, file.sheet.file, len(several), facts)
