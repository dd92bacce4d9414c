"""Tracks beside a street's evaluation: loaded with it, evaluated before it, told to it summed up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from evalkit.errors import InputErrors, Problem, Problems
from evalkit.evaluation import ONE_THREAD, Progress, evaluate
from evalkit.findings import summing_up
from evalkit.folder import Folder, remind_of_drafts, seen_from_the_street
from evalkit.inputs import Inputs, waves_up_to
from evalkit.tables import Evaluation, TrackSummary


@dataclass(frozen=True, slots=True)
class Evaluated:
    """What became of the tracks.

    Attributes
    ----------
    evaluations : dict of track id to Evaluation
    problems : tuple of Problem
        Of all of them, with files as they lie in the street's folder.
    """

    evaluations: Mapping[str, Evaluation] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()

    @property
    def summary(self) -> TrackSummary:
        """What the street's own results may know."""
        return summing_up.summary(self.evaluations)


def load_tracks(folders: Mapping[str, Folder], problems: Problems) -> dict[str, Inputs]:
    """Load the folders of all tracks; collect the problems of all."""
    found: dict[str, Inputs] = {}
    for name, folder in folders.items():
        own = Problems()
        loaded = folder.load(own)
        if own or loaded.inputs is None:
            folder.import_too(loaded, own)
            remind_of_drafts(loaded, own)
        else:
            found[name] = loaded.inputs
        problems.extend(seen_from_the_street(name, own))
    return found


def evaluate_tracks(
    tracks: Mapping[str, Inputs], street: Inputs, wave: str | None, progress: Progress
) -> Evaluated:
    """Evaluate the tracks for the street's wave, those that have something of it."""
    if not tracks:
        return Evaluated()
    chosen = waves_up_to(street, wave)[-1]
    evaluations: dict[str, Evaluation] = {}
    problems: list[Problem] = []
    for name, inputs in tracks.items():
        if chosen not in inputs.known:
            continue
        progress(f"个人评价“{inputs.decided.order.title}”")
        try:
            with ONE_THREAD():
                evaluations[name] = evaluate(inputs, wave=chosen)
        except InputErrors as errors:
            problems += seen_from_the_street(name, errors.problems)
    return Evaluated(evaluations, tuple(dict.fromkeys(problems)))
