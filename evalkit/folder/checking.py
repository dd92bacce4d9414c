"""What would stop an evaluation of a folder, what it would say, and drafts of what is missing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.definitions.checklist import Returned
from evalkit.definitions.decided import Decided
from evalkit.definitions.tracks import FOLDER
from evalkit.errors import InputErrors, Note, Problem, Problems
from evalkit.evaluation import ONE_THREAD, Foreseen, foresee
from evalkit.folder.crosswalks import layout_changes_of
from evalkit.folder.inputs import Folder
from evalkit.folder.loaded import Loaded
from evalkit.folder.tracks import seen_from_the_street
from evalkit.tables import FileReport
from evalkit.tables.records import LedgerReport


@dataclass(frozen=True, slots=True)
class Checked:
    """What `Workspace.check` found and drafted.

    Attributes
    ----------
    problems : tuple of Problem
        Empty if `evalkit run` would go through.
    reports : tuple of FileReport
        Rows read, kept and rejected; empty where the documents themselves have problems.
    drafts : tuple of str
        Crosswalks written for the analyst to read and approve, relative to the workspace.
    changes : dict of file to notes
        What changed in a file's layout against the last wave's, and what it does to comparisons.
    notes : tuple of Note
        What the documents themselves give to think about; it stops nothing.
    decided : Decided or None
        The documents; None where they have problems.
    foreseen : Foreseen or None
        The last wave as it would be scored: who would be incomplete. None where there are problems.
    books : tuple of LedgerReport
        What became of the rows of every file of records.
    tracks : dict of track id to Checked
        The same of every track; their problems are among `problems`, too.
    """

    problems: tuple[Problem, ...]
    reports: tuple[FileReport, ...]
    drafts: tuple[str, ...]
    changes: Mapping[str, tuple[Note, ...]]
    notes: tuple[Note, ...] = ()
    decided: Decided | None = None
    foreseen: Foreseen | None = None
    books: tuple[LedgerReport, ...] = ()
    tracks: Mapping[str, Checked] = field(default_factory=dict)


def check(folder: Folder, *, files: bool = True) -> Checked:
    """Read and import everything, foresee who would be incomplete, draft missing crosswalks.

    Parameters
    ----------
    files : bool
        Whether files are read, too; without them documents are checked and nothing is written.
    """
    problems = Problems()
    loaded = folder.load(problems, files=files)
    reports = folder.import_too(loaded, problems) if files else ()
    drafts = folder.draft(loaded, problems) if files else ()
    decided = None if loaded.inputs is None else loaded.inputs.decided
    foreseen = None if problems or not files else _foreseen(loaded, problems)
    notes = (
        *loaded.notes,
        *(() if decided is None else decided.order.notes()),
        *(note for back in _returned(decided) for note in back.notes()),
        *(() if foreseen is None else foreseen.notes),
    )
    changes = layout_changes_of(loaded)
    tracks = {name: check(own, files=files) for name, own in tracks_in(folder, loaded).items()}
    beside = [p for n, own in tracks.items() for p in seen_from_the_street(n, own.problems)]
    every = tuple(dict.fromkeys([*problems, *beside]))
    return Checked(every, reports, drafts, changes, notes, decided, foreseen, loaded.books, tracks)


def tracks_in(folder: Folder, loaded: Loaded) -> dict[str, Folder]:
    """Return the folders of a street's tracks, by id; a track has none."""
    order = loaded.order
    return {
        track.id: Folder(folder.root / FOLDER / track.id, track.id)
        for track in (order.tracks if order else ())
    }


def _returned(decided: Decided | None) -> list[Returned]:
    return [] if decided is None else list(decided.returned.values())


def _foreseen(loaded: Loaded, problems: Problems) -> Foreseen | None:
    if loaded.inputs is None:
        return None
    try:
        with ONE_THREAD():
            return foresee(loaded.inputs, loaded.answers)
    except InputErrors as errors:
        problems.extend(errors.problems)
        return None
