"""What a track's papers look up, once: persons, groups, quotas, and the words for them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evalkit.codes import Place
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.tracks import OfTrack
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation

UNIT = "unit"

PLACES: Mapping[str, str] = {
    Place.INSIDE: "可以定在名额内",
    Place.OUTSIDE: "可以定在名额外",
    Place.UNDECIDED: "分不出在内还是在外",
}


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a track's persons.

    Attributes
    ----------
    persons : dict of person to row
        Of frame ``persons``, in the roster's order.
    raters : dict of (group, person) to row
    quotas : dict of person to rows
    """

    evaluation: Evaluation
    track: OfTrack
    persons: Mapping[str, Row]
    raters: Mapping[tuple[str, str], Row]
    quotas: Mapping[str, Sequence[Row]]

    @classmethod
    def of(cls, evaluation: Evaluation) -> Known:
        """Look up what the papers need."""
        track, found = evaluation.decided.track, evaluation.appraisal
        assert track is not None
        quotas: dict[str, list[Row]] = {}
        for row in facts.records(found.quotas):
            quotas.setdefault(str(row["subject"]), []).append(row)
        return cls(
            evaluation,
            track,
            {str(row["subject"]): row for row in facts.records(found.persons)},
            {(str(r["group"]), str(r["subject"])): r for r in facts.records(found.raters)},
            quotas,
        )

    @property
    def units(self) -> list[str]:
        """The committees that have persons in this wave, in the street's order."""
        present = {str(row["committee"]) for row in self.persons.values()}
        return [unit for unit in self.track.names if unit in present]

    @property
    def word(self) -> str:
        """What persons are called."""
        return self.evaluation.order.subject_word

    def of_unit(self, unit: str) -> list[str]:
        """Return a committee's persons, in the roster's order."""
        return [person for person, row in self.persons.items() if row["committee"] == unit]

    def masthead(self) -> dict[str, Any]:
        """Return what every paper of the track begins with."""
        order = self.evaluation.order
        return {
            "wave": order.wave_name(self.evaluation.wave),
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": self.word,
            "unit_word": order.unit_word,
            "street_word": order.street_word,
            "confidence": facts.confidence(self.evaluation),
        }

    def lacking(self, person: str) -> list[str]:
        """Say, by rater group, what keeps a person from having a score."""
        return [
            f"“{group.name}”没有够 {group.minimum_n} 份"
            if group.questionnaire
            else f"“{group.name}”没有记录"
            for group in self.track.scheme.groups
            if (row := self.raters.get((group.code, person))) is None
            or say.missing(row["estimate"])
        ]

    def compares(self, group: RaterGroup) -> str:
        """Say with whom a rater group compares."""
        inside = group.code in self.track.track.colleagues
        order = self.evaluation.order
        return f"本{order.unit_word}内" if inside else f"全{order.street_word}"


def score_of(row: Row) -> str:
    """Write a score with its interval."""
    if say.missing(row["score"]):
        return say.MISSING
    return f"{say.fixed(row['score'])}（{say.interval(row['low'], row['high'])}）"


def rank_of(row: Row) -> str:
    """Write the places within the committee that the data do not exclude."""
    if say.missing(row["rank_low"]):
        return say.MISSING
    return say.places(row["rank_low"], row["rank_high"])


def quota_of(row: Row, order: EvaluationOrder) -> dict[str, str]:
    """Say what is known of a person and a quota."""
    where = f"本{order.unit_word}" if row["scope"] == UNIT else f"全{order.street_word}"
    return {
        "name": f"{row['grade']}（{where} {row['persons']} 人中 {row['places']} 个名额）",
        "chance": say.chance(row["probability"]),
        "verdict": PLACES[str(row["verdict"])],
        "best": say.likely(row["best_inside"]),
    }
