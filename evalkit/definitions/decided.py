"""Everything that was decided before anybody was asked, as one value."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.checklist import Returned
from evalkit.definitions.claims import Claims
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.lineage import Lineage
from evalkit.definitions.margins import Margins
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Themes
from evalkit.definitions.tracks import OfTrack
from evalkit.errors import Note


@dataclass(frozen=True, slots=True)
class Decided:
    """All documents of an evaluation: it flows from the folder to the last page.

    Attributes
    ----------
    order : EvaluationOrder
        What is evaluated, when, and from which files.
    scheme : Scheme
        How answers become scores.
    questionnaires : dict of id to Questionnaire
        What is asked.
    roster : Roster
        Who is evaluated.
    ledgers : dict of id to Ledger
        What records say of the subjects, beside what people are asked.
    lineage : Lineage or None
        What became of subjects from wave to wave; None where nobody tells.
    margins : Margins or None
        Known distributions that answers are weighted to.
    themes : Themes or None
        What open answers are counted by.
    actions : ActionLibrary or None
        What can be done about an indicator.
    claims : Claims or None
        What the street has published, to be worked out again.
    boundaries : dict or None
        GeoJSON of the subjects' areas, checked; None where none are known.
    returned : dict of wave id to Returned
        What became of the tasks of earlier waves, where their lists came back.
    digests : dict of file name to SHA-256
        Of every document and every file that was read.
    notes : tuple of Note
        What whoever read the folder has to say of it.
    track : OfTrack or None
        What is decided of persons, where these are evaluated and not committees.
    """

    order: EvaluationOrder
    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]
    roster: Roster
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    lineage: Lineage | None = None
    margins: Margins | None = None
    themes: Themes | None = None
    actions: ActionLibrary | None = None
    claims: Claims | None = None
    boundaries: Mapping[str, Any] | None = None
    returned: Mapping[str, Returned] = field(default_factory=dict)
    digests: Mapping[str, str] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    track: OfTrack | None = None

    @property
    def comparable(self) -> Decided:
        """The same documents once answers are read: all subjects compare, and none has a name.

        Of a track the scheme without colleagues, and the roster without what answers call persons.
        """
        if self.track is None:
            return self
        subjects = [s.model_copy(update={"aliases": []}) for s in self.roster.subjects]
        roster = self.roster.model_copy(update={"subjects": subjects})
        return replace(self, scheme=self.track.comparable, roster=roster)

    def under(self, scheme: Scheme) -> Decided:
        """Return the same documents with another scheme."""
        return replace(self, scheme=scheme)
