"""What an evaluation is a function of: documents, files, the seed; which of its waves are told."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from evalkit import bookkeeping
from evalkit.definitions.decided import Decided
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problems
from evalkit.findings import republishing
from evalkit.intake.importing import Source
from evalkit.intake.ledgers import LedgerSource
from evalkit.problems.evaluation import unknown_wave
from evalkit.tables import Cells, TrackSummary


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything an evaluation is a function of: documents, files, the seed. No paths.

    Attributes
    ----------
    decided : Decided
    sources : dict of wave id to sources
        Earliest wave first.
    archived : dict of wave id to Cells
        Past waves whose files are no longer there.
    made_known : dict of wave id to MadeKnown
        What the last run made known of waves whose files are still there. It changes no number,
        only what is said of publishing them again.
    records : dict of wave id to sources
        Files of ledgers' records.
    tracks : TrackSummary
        What was found of persons, as far as it may be known here.
    """

    decided: Decided
    sources: Mapping[str, Sequence[Source]]
    archived: Mapping[str, Cells] = field(default_factory=dict)
    made_known: Mapping[str, republishing.MadeKnown] = field(default_factory=dict)
    records: Mapping[str, Sequence[LedgerSource]] = field(default_factory=dict)
    tracks: TrackSummary = field(default_factory=TrackSummary)

    @property
    def recorded(self) -> set[str]:
        """The waves with records of a ledger that a group speaks through; context says nothing."""
        speak = set(self.decided.scheme.ledgers)
        return {w for w, own in self.records.items() if speak & {s.ledger.id for s in own}}

    @property
    def known(self) -> set[str]:
        """The waves of which there is something to evaluate: answers, records or archived cells."""
        answered = {w for w, own in self.sources.items() if own}
        return {*answered, *self.recorded, *self.archived}

    def under(self, scheme: Scheme) -> Inputs:
        """Return the same files, to be evaluated under another scheme."""
        return replace(self, decided=self.decided.under(scheme))


def waves_up_to(inputs: Inputs, wave: str | None) -> tuple[str, ...]:
    """Return the waves to evaluate, earliest first, ending with the one asked for.

    Raises
    ------
    InputErrors
        If that wave is unknown, or has neither files nor archived cells.
    """
    known = sorted(inputs.known)
    problems = Problems()
    if not known or (wave is not None and wave not in known):
        problems.collect(unknown_wave(wave, known))
    problems.raise_if_any()
    return tuple(w for w in known if wave is None or w <= wave)


def fingerprint(inputs: Inputs, waves: Sequence[str]) -> str:
    """Return the SHA-256 of everything the evaluation is a function of."""
    decided = inputs.decided
    content = {
        "waves": list(waves),
        "order": decided.order.model_dump(mode="json", exclude={"tracks"}),
        "scheme": decided.scheme.model_dump(mode="json"),
        "roster": decided.roster.model_dump(mode="json"),
        "questionnaires": {
            name: q.model_dump(mode="json") for name, q in sorted(decided.questionnaires.items())
        },
        "files": [
            [
                w,
                source.sheet.file,
                source.sheet.sha256,
                source.crosswalk.model_dump(mode="json") if source.crosswalk else None,
                source.codebook.content if source.codebook else None,
            ]
            for w in waves
            for source in inputs.sources.get(w, ())
        ],
        **({} if decided.lineage is None else {"lineage": decided.lineage.model_dump(mode="json")}),
        **bookkeeping.content(decided, inputs.records, waves),
        "margins": [m.content for m in (decided.margins.margins if decided.margins else ())],
        "themes": decided.themes.model_dump(mode="json") if decided.themes else None,
        "actions": decided.actions.model_dump(mode="json") if decided.actions else None,
        "boundaries": decided.boundaries,
        "returned": {
            w: [str(r) for r in decided.returned[w].reports] for w in waves if w in decided.returned
        },
        "archived": {w: inputs.archived[w].fingerprint for w in waves if w in inputs.archived},
        **of_tracks(inputs),
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()


def of_tracks(inputs: Inputs) -> dict[str, object]:
    """Return what a track, or a street with tracks, is a function of besides; else nothing."""
    found: dict[str, object] = {}
    own = inputs.decided.track
    if own is not None:
        found["track"] = own.track.model_dump(mode="json")
        found["units"] = [dict(own.units), dict(own.names)]
    if inputs.tracks.fingerprints:
        found["tracks"] = dict(sorted(inputs.tracks.fingerprints.items()))
    return found
