"""A track: persons, evaluated beside the committees they work in, and apart from them.

A track's order is that of the evaluation with its own title, waves, scheme and roster, so that it
is read, evaluated and kept like any other (`order_of`). Its roster of persons becomes a roster of
subjects who go by their numbers: names serve to recognise answers and stand in no result.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.wave_faults import wave_faults

if TYPE_CHECKING:
    from evalkit.definitions.evaluation import EvaluationOrder, Track

FOLDER = "tracks"
"""The folder of an evaluation in which its tracks have theirs."""

WORDS: Mapping[str, str] = {"workers": "社工", "members": "党员"}
"""What pages call the persons of a track where its order does not say."""

COLLEAGUES = 3
"""Fewer colleagues than this give nobody a number: with two, each knows what the other said."""

RESIDENTS = 10
"""Fewer residents than this give nobody a number."""

_GROUP_CODES: Steps = ("groups", "*", "code")


@dataclass(frozen=True, slots=True)
class OfTrack:
    """What is decided of a track beyond its order: what makes its subjects persons.

    Attributes
    ----------
    track : Track
    scheme : Scheme
        The whole one, colleagues included.
    units : dict of person to unit id
    names : dict of unit id to name
        Of the committees that have persons, in the order of the street's roster.
    """

    track: Track
    scheme: Scheme
    units: Mapping[str, str]
    names: Mapping[str, str]

    @property
    def comparable(self) -> Scheme:
        """The scheme without colleagues: what compares persons of different committees."""
        return without(self.scheme, self.track.colleagues)

    def of_unit(self, unit: str, persons: Sequence[str]) -> list[int]:
        """Return the places of a committee's persons among these."""
        return [place for place, person in enumerate(persons) if self.units[person] == unit]


def order_of(order: EvaluationOrder, track: Track) -> EvaluationOrder:
    """Return the order that a track is evaluated by: the street's, with what is the track's own.

    A wave is called and dated as the street's of the same id, unless the track says otherwise.
    """
    known = {wave.id: wave for wave in order.waves}
    waves = [
        wave.model_copy(
            update={
                field: getattr(known[wave.id], field)
                for field in ("title", "start", "end", "records_since", "records_until")
                if getattr(wave, field) is None
            }
        )
        if wave.id in known
        else wave
        for wave in track.waves
    ]
    own = {"title": track.title, "scheme": track.scheme, "roster": track.roster, "waves": waves}
    words = {"subject_word": track.called, "notice": False, "tracks": [], "units": None}
    made = order.model_copy(update={**own, **words})
    made._unit_word = order.subject_word
    return made


def without(scheme: Scheme, groups: Sequence[str]) -> Scheme:
    """Return a scheme without some rater groups: what is left keeps its proportions, out of 100.

    Indicators that nobody is left to judge go, too.
    """
    if not groups:
        return scheme
    kept = [group for group in scheme.groups if group.code not in groups]
    judged = {code for group in kept for code in scheme.covered(group)}
    left = [i for dimension in scheme.dimensions for i in dimension.indicators if i.code in judged]
    per_group = 100.0 / (sum(group.weight for group in kept) or 1.0)
    per_indicator = 100.0 / (sum(indicator.weight for indicator in left) or 1.0)
    dimensions = []
    for dimension in scheme.dimensions:
        own = [
            indicator.model_copy(update={"weight": indicator.weight * per_indicator})
            for indicator in dimension.indicators
            if indicator.code in judged
        ]
        if own:
            update = {"indicators": own, "weight": sum(i.weight for i in own)}
            dimensions.append(dimension.model_copy(update=update))
    return scheme.model_copy(
        update={
            "groups": [g.model_copy(update={"weight": g.weight * per_group}) for g in kept],
            "dimensions": dimensions,
            "residents_weight": None,
            "alternatives": [a for a in scheme.alternatives if not a.group_weights],
        }
    )


def track_faults(order: EvaluationOrder) -> Iterator[Fault]:
    """Yield what is wrong with the tracks of an order that their types alone do not show."""
    tracks = order.tracks
    folders = [(("tracks", at, "id"), track.id.casefold()) for at, track in enumerate(tracks)]
    yield from duplicates("个人评价的代码（不分大小写）", folders)
    known = [wave.id for wave in order.waves]
    for at, track in enumerate(tracks):
        steps: Steps = ("tracks", at)
        yield from wave_faults((*steps, "waves"), track.waves)
        for place, wave in enumerate(track.waves):
            if wave.id not in known:
                yield Fault(
                    (*steps, "waves", place, "id"),
                    "unknown_wave",
                    "没有这个批次",
                    expected="、".join(known),
                    found=wave.id,
                    remedy="个人评价的批次与评估的批次同名：改正，或在 waves 中补上这个批次",
                    needs=(("waves", "*", "id"),),
                )
        yield from duplicates(
            "有名额的等第",
            [
                ((*steps, "quotas", place, "grade"), f"{quota.grade}（{quota.within}）")
                for place, quota in enumerate(track.quotas)
            ],
        )


def colleague_faults(steps: Steps, track: Track, scheme: Scheme) -> Iterator[Fault]:
    """Yield colleagues that the scheme does not have, and a track that compares nobody.

    Parameters
    ----------
    steps : Steps
        Where the track stands in the order.
    """
    codes = [group.code for group in scheme.groups]
    for place, code in enumerate(track.colleagues):
        if code not in codes:
            yield Fault(
                (*steps, "colleagues", place),
                "unknown_group",
                "方案里没有这个评价主体",
                expected="、".join(codes),
                found=code,
                remedy="改正主体代码，或在方案中补上",
            )
    if codes and set(codes) <= set(track.colleagues):
        yield Fault(
            (*steps, "colleagues"),
            "track_compares_nobody",
            "全部主体都是同事互评，不同居民区的人之间没有可比的依据",
            expected="至少一个主体是居民、部门或台账",
            found="、".join(codes),
            remedy="在方案中加上居民、部门或台账，或从 colleagues 中去掉不是同事的主体",
        )


def group_faults(track: Track, scheme: Scheme) -> Iterator[Fault]:
    """Yield groups of a track's scheme that would compare, or tell, what they must not."""
    for at, group in enumerate(scheme.groups):
        steps: Steps = ("groups", at)
        colleagues = group.code in track.colleagues
        if colleagues:
            yield from _of_colleagues(steps, group)
        if group.questionnaire is None:
            continue
        least = COLLEAGUES if colleagues else RESIDENTS if group.residents else 2
        if group.minimum_n < least:
            yield Fault(
                (*steps, "minimum_n"),
                "track_minimum_too_low",
                f"评价个人，“{group.name}”的最少份数太低：几个人的评价等于指名道姓，也说明不了什么",
                expected=f"不少于 {least}",
                found=str(group.minimum_n),
                remedy=f"把 minimum_n 改为 {least} 或更大",
            )


def _of_colleagues(steps: Steps, group: RaterGroup) -> Iterator[Fault]:
    if group.questionnaire is None:
        yield Fault(
            (*steps, "ledger"),
            "colleagues_without_names",
            f"“{group.name}”是同事互评，不能由台账说话",
            expected="questionnaire",
            found=f"台账 {group.ledger}",
            remedy="改用问卷，或从 evaluation.yaml 的 colleagues 中去掉",
        )
    elif group.raters != "rater":
        yield Fault(
            (*steps, "raters"),
            "colleagues_without_names",
            f"“{group.name}”是同事互评，要知道谁评的谁，才能去掉自评",
            expected="raters: rater，问卷有一道 role: rater 的题",
            found=group.raters,
            remedy="改为 raters: rater；只用来去掉自评，任何结果都不出现谁评的",
        )
    if group.rates_itself:
        yield Fault(
            (*steps, "rates_itself"),
            "colleagues_rate_themselves",
            f"“{group.name}”是同事互评，不计自评",
            expected="rates_itself: false",
            found="true",
            remedy="改为 rates_itself: false",
            needs=((*steps, "rates_itself"),),
        )
