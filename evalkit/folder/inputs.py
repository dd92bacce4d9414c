"""A folder as a whole: its documents alone, or everything that lies in it as `Inputs`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from evalkit import archive, bookkeeping
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.margins import Margins
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.tracks import FOLDER
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import import_answers
from evalkit.findings.republishing import MadeKnown
from evalkit.folder.crosswalks import ledger_sources, remind_of_drafts, sources_of, write_drafts
from evalkit.folder.documents import (
    ReadDocuments,
    actions_of,
    boundaries_of,
    claims_of,
    lineage_of,
    read_documents,
    themes_of,
)
from evalkit.folder.loaded import Loaded
from evalkit.folder.responses import read_files
from evalkit.folder.returned import returned_of
from evalkit.folder.shelf import FILLED, Shelf
from evalkit.inputs import Inputs
from evalkit.intake import margin_figures
from evalkit.intake.margins import read_margins
from evalkit.problems.evaluation import wave_without_answers
from evalkit.tables import Cells, FileReport

DATABASE = "evaluation.duckdb"
MARGINS = "margins.csv"


class Folder:
    """The documents and files of one evaluation, on disk.

    Parameters
    ----------
    root : Path
    track : str or None
        The track whose folder it is; None for a street's.
    """

    def __init__(self, root: Path, track: str | None = None) -> None:
        self.root = root
        self.track = track

    def documents(self, problems: Problems) -> Decided | None:
        """Load the documents alone, before there are any answers; None if they have problems."""
        shelf = Shelf(self.root, problems, track=self.track)
        read = read_documents(shelf)
        if problems or read is None or read.scheme is None or read.roster is None:
            return None
        return Decided(
            read.order,
            read.scheme,
            dict(read.questionnaires),
            read.roster,
            ledgers=read.ledgers,
            digests=shelf.digests,
            notes=read.notes,
            track=read.track,
        )

    def load(self, problems: Problems, *, files: bool = True) -> Loaded:
        """Load everything that can be understood, also where it has faults: `problems` tell.

        Parameters
        ----------
        files : bool
            Whether files of answers, records and returned lists are read, too; without them the
            documents alone are, as before anybody has been asked.
        """
        loaded = Loaded()
        shelf = Shelf(self.root, problems, track=self.track)
        read = read_documents(shelf)
        if read is None:
            return loaded
        loaded.questionnaires, loaded.ledgers = read.questionnaires, read.ledgers
        loaded.order = read.order
        boundaries = boundaries_of(shelf, read)
        actions = actions_of(shelf, read)
        themes = themes_of(shelf, read)
        claims = claims_of(shelf, read)
        lineage, on_lineage = lineage_of(shelf, read)
        loaded.files = list(read_files(shelf, read.order)) if files else []
        margins = _margins(shelf, read)
        returned = returned_of(shelf, read.order) if files else {}
        against = () if read.roster is None else margin_figures.notes(margins, read.roster)
        aside = [f"{FOLDER}/{track.id}" for track in read.order.tracks]
        aside += [] if files else list(FILLED)
        loaded.notes = (*read.notes, *shelf.unused(aside), *against, *on_lineage)
        if read.scheme is None or read.roster is None or not read.evidence:
            return loaded
        sources = sources_of(loaded, read, problems)
        records = ledger_sources(loaded, read, problems)
        past = archive.read_cells(shelf.root / DATABASE, shelf.problems)
        anew = _measured_anew(read.order, read.scheme)
        archived = _archived(past, read, anew)
        _say_something(read, archived, problems)
        if not read.torn:
            decided = Decided(
                read.order,
                read.scheme,
                read.questionnaires,
                read.roster,
                ledgers=read.ledgers,
                lineage=lineage,
                margins=margins,
                themes=themes,
                actions=actions,
                claims=claims,
                boundaries=boundaries,
                returned=returned,
                digests=shelf.digests,
                notes=loaded.notes,
                track=read.track,
            )
            made_known = _made_known(shelf, past, anew)
            loaded.inputs = Inputs(decided, sources, archived, made_known, records)
        return loaded

    def import_too(self, loaded: Loaded, problems: Problems) -> tuple[FileReport, ...]:
        """Import what can be imported, so that problems of the rows are listed with the rest."""
        if loaded.inputs is None:
            return ()
        inputs = loaded.inputs
        waves = sorted({*inputs.sources, *inputs.records})
        _, loaded.books = bookkeeping.read(inputs.decided, inputs.records, waves, problems)
        try:
            loaded.answers, reports = import_answers(inputs, list(inputs.sources))
        except InputErrors as errors:
            problems.extend(errors.problems)
            reports = ()
        remind_of_drafts(loaded, problems)
        return reports

    def draft(self, loaded: Loaded, problems: Problems) -> tuple[str, ...]:
        """Write a crosswalk draft for every file whose problems a crosswalk can settle."""
        return write_drafts(self.root, loaded, problems)


def _margins(shelf: Shelf, read: ReadDocuments) -> Margins | None:
    lying = shelf.at(MARGINS)
    if read.scheme is None or not lying.path.is_file():
        return None
    shelf.record(lying)
    sound = read.roster is not None and not any(True for _ in read.roster.faults())
    return read_margins(
        lying.path,
        lying.name,
        read.scheme,
        read.questionnaires,
        shelf.problems,
        read.roster if sound else None,
        [wave.id for wave in read.order.waves],
    )


def _measured_anew(order: EvaluationOrder, scheme: Scheme) -> set[str]:
    """Return the waves that are measured from their files, whatever the database remembers.

    Those with answers; where nobody is asked, those with records of a ledger that speaks. A ledger
    that is context takes no wave's place in the database.
    """
    if scheme.asked:
        return {wave.id for wave in order.waves if wave.answers}
    return {wave.id for wave in order.waves if wave.speaking(scheme.ledgers)}


def _say_something(read: ReadDocuments, archived: Mapping[str, Cells], problems: Problems) -> None:
    """Collect the waves whose files are context only, and of which there are no cells either."""
    speak = read.scheme.ledgers if read.scheme else ()
    for at, wave in enumerate(read.order.waves):
        known = {entry.ledger for entry in wave.files} <= set(read.ledgers)
        if wave.files and known and not wave.speaking(speak) and wave.id not in archived:
            titles = [read.ledgers[str(entry.ledger)].title for entry in wave.files]
            problems.collect(wave_without_answers(wave.id, at, titles))


def _made_known(
    shelf: Shelf, past: Mapping[str, Cells], with_files: set[str]
) -> dict[str, MadeKnown]:
    """Recall what the last run made known of the waves that are evaluated again."""
    again = {wave: cells for wave, cells in past.items() if wave in with_files}
    if not again:
        return {}
    notes = archive.read_notes(shelf.root / DATABASE, shelf.problems)
    return {
        wave: MadeKnown(
            cells,
            tuple(
                note
                for note in notes.get(wave, ())
                if note.code is NoteCode.REPUBLISHED_FOR_FEW and note.where == wave
            ),
        )
        for wave, cells in again.items()
    }


def _archived(
    past: Mapping[str, Cells], read: ReadDocuments, with_files: set[str]
) -> dict[str, Cells]:
    """Recall the cells of past waves whose files are gone."""
    return {
        wave: cells
        for wave, cells in past.items()
        if wave not in with_files and wave < read.order.waves[-1].id
    }
