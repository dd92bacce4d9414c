"""What was loaded from a folder, response files and all."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.errors import Note
from evalkit.inputs import Inputs
from evalkit.platforms import Codebook, RawSheet
from evalkit.tables import Answers
from evalkit.tables.records import LedgerReport


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file entry, of answers or of records, read."""

    wave: str
    entry: ResponseFile
    sheet: RawSheet
    codebook: Codebook | None


@dataclass(slots=True)
class Loaded:
    """Whatever could be loaded, for running or for drafting."""

    inputs: Inputs | None = None
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    files: list[ReadFile] = field(default_factory=list)
    drafts: dict[str, str] = field(default_factory=dict)
    """Unapproved crosswalks that would fit a file, by that file."""
    crosswalks: dict[str, Crosswalk] = field(default_factory=dict)
    """The crosswalk through which a file is read, by that file."""
    books: tuple[LedgerReport, ...] = ()
    """What became of the rows of every file of records."""
    answers: Mapping[str, Answers] = field(default_factory=dict)
    """What the files hold, by wave, once they have been imported."""
    notes: tuple[Note, ...] = ()
    """What lies in the folder and is not used, or is used otherwise than it says."""
    order: EvaluationOrder | None = None
    """What is evaluated, also where it has faults."""

    def previous(self, file: ReadFile) -> ReadFile | None:
        """Return the last of the last wave's files of the same questionnaire and rater group."""
        return next(reversed(self.all_previous(file)), None)

    def all_previous(self, file: ReadFile) -> tuple[ReadFile, ...]:
        """Return the last wave's files of the same questionnaire and rater group."""
        earlier = [
            other
            for other in self.files
            if other.wave < file.wave
            and other.entry.source == file.entry.source
            and other.entry.group == file.entry.group
        ]
        last = max((other.wave for other in earlier), default=None)
        return tuple(other for other in earlier if other.wave == last)
