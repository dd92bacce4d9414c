"""Faults between lineage.csv, the roster, the waves, and how many households there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field

from evalkit.definitions.consistency import Origin
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.faults import Fault
from evalkit.definitions.lineage import BEGINS_IT, BOTH_ENDS, ENDS_IT, Lineage, Succession
from evalkit.definitions.places import Steps
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.validating import locate
from evalkit.errors import Problems

Households = Mapping[str, Mapping[str, int]]
"""By wave and committee."""


def check_lineage(
    lineage: Lineage,
    order: EvaluationOrder,
    roster: Roster | None,
    problems: Problems,
    origin: Origin,
    households: Households | None = None,
) -> None:
    """Collect what lineage.csv says and the roster, the order or the known households do not.

    Parameters
    ----------
    roster : Roster or None
        Nothing is said of committees where it could not be read.
    households : dict of wave to dict of committee to int, optional
        Where they are known.
    """
    known = _Known(
        [wave.id for wave in order.waves],
        {} if roster is None else {subject.id: subject for subject in roster.subjects},
        households or {},
    )
    faults = list(known.waves_of(lineage))
    if roster is not None:
        faults += known.faults(lineage)
    data = lineage.model_dump(mode="json") if faults else None
    for fault in faults:
        locate(fault, origin.name, data, origin.places, problems)


@dataclass(frozen=True, slots=True)
class _Known:
    waves: list[str]
    subjects: Mapping[str, Subject]
    households: Households = field(default_factory=dict)

    def waves_of(self, lineage: Lineage) -> Iterator[Fault]:
        for at, event in enumerate(lineage.events):
            if event.wave not in self.waves:
                yield Fault(
                    ("events", at, "wave"),
                    "unknown_wave",
                    "没有这个批次",
                    expected="、".join(self.waves),
                    found=event.wave,
                    remedy="改成 evaluation.yaml 里的批次：变动后的第一个批次",
                )

    def faults(self, lineage: Lineage) -> Iterator[Fault]:
        for at, event in enumerate(lineage.events):
            here: Steps = ("events", at)
            unknown = list(self._unknown(here, event))
            yield from unknown
            if not unknown and event.wave in self.waves:
                yield from self._before(here, event)
                yield from self._after(here, event)
                yield from self._too_many(here, event)
        yield from self._alone(lineage)

    def _unknown(self, here: Steps, event: Succession) -> Iterator[Fault]:
        for key, code in (("origin", event.origin), ("target", event.target)):
            if code is not None and code not in self.subjects:
                yield Fault(
                    (*here, key),
                    "unknown_subject",
                    "名册里没有这个代码",
                    expected="名册里的代码；撤并了的也留在名册里，写明最后批次",
                    found=code,
                    remedy="改正代码，或在名册补上这一行（首个批次、最后批次）",
                )

    def existed_before(self, code: str, wave: str) -> bool:
        """Tell whether a committee existed just before a wave."""
        earlier = [known for known in self.waves if known < wave]
        if earlier:
            return self.subjects[code].exists_in(earlier[-1])
        since = self.subjects[code].since
        return since is None or since < wave

    def _before(self, here: Steps, event: Succession) -> Iterator[Fault]:
        origin, target = event.origin, event.target
        if origin is not None and not self.existed_before(origin, event.wave):
            yield _not_there((*here, "origin"), origin, f"在 {event.wave} 之前", "首个批次")
        begun_before = target is not None and any(
            self.subjects[target].exists_in(wave) for wave in self.waves if wave < event.wave
        )
        if target is not None and event.event in BEGINS_IT and begun_before:
            yield Fault(
                (*here, "target"),
                "lineage_existed_before",
                "说是新的代码，这之前却已经在参评",
                expected=f"{target} 的首个批次是 {event.wave}",
                found=f"{target} 的首个批次是 {self.subjects[target].since or '空（一直参评）'}",
                remedy={
                    "rename": "更名用没用过的代码；并入已有的居民区写 merge（合并）",
                    "split": "拆给已有的居民区写 transfer（划转）；否则改名册的首个批次",
                    "new": "改名册的首个批次；早就有的删去这一行",
                }[event.event],
            )
        elif target is not None and event.event == "transfer" and not begun_before:
            yield _not_there((*here, "target"), target, f"在 {event.wave} 之前", "首个批次")

    def _after(self, here: Steps, event: Succession) -> Iterator[Fault]:
        origin, target, wave = event.origin, event.target, event.wave
        if target is not None and not self.subjects[target].exists_in(wave):
            yield _not_there((*here, "target"), target, f"在 {wave}", "首个批次、最后批次")
        if origin is None:
            return
        remains = self.subjects[origin].exists_in(wave)
        if event.event in ENDS_IT and remains:
            earlier = [known for known in self.waves if known < wave]
            yield Fault(
                (*here, "origin"),
                "lineage_still_there",
                "说是已经撤并、更名，名册上这一批次还要参评",
                expected=f"{origin} 的最后批次早于 {wave}"
                + (f"：{earlier[-1]}" if earlier else ""),
                found=f"{origin} 的最后批次是 {self.subjects[origin].until or '空（至今）'}",
                remedy="在名册填上最后批次；还在参评的删去这一行",
            )
        elif event.event == "transfer" and not remains:
            yield _not_there((*here, "origin"), origin, f"在 {wave}", "最后批次")

    def _too_many(self, here: Steps, event: Succession) -> Iterator[Fault]:
        """Yield more households than there were to go over, or than there are where they went."""
        if event.households is None or event.event not in BOTH_ENDS:
            return
        earlier = [known for known in self.waves if known < event.wave]
        ends = [(event.target, event.wave, "变动后")]
        ends += [(event.origin, earlier[-1], "变动前")] if earlier else []
        for code, wave, when in ends:
            known = self.households.get(wave, {}).get(code or "")
            if known is not None and event.households > known:
                yield Fault(
                    (*here, "households"),
                    "lineage_households",
                    "变动的户数比居民区的总户数还多",
                    expected=f"不超过 {code} {when}（{wave}）的 {known} 户",
                    found=f"{event.households}",
                    remedy="核对户数和 counts.csv，改正其中一处",
                )

    def _alone(self, lineage: Lineage) -> Iterator[Fault]:
        """Yield merges of a single committee, and splits into a single one."""
        sides: dict[tuple[str, str, str], list[int]] = {}
        for at, event in enumerate(lineage.events):
            code = {"merge": event.target, "split": event.origin}.get(event.event)
            if code in self.subjects and event.wave in self.waves:
                sides.setdefault((event.event, event.wave, str(code)), []).append(at)
        for (kind, wave, code), places in sides.items():
            stays = self.existed_before(code, wave) and self.subjects[code].exists_in(wave)
            if len(places) > 1 or stays:
                continue
            merged = kind == "merge"
            yield Fault(
                ("events", places[0], "event"),
                "lineage_of_one",
                "合并只有一方" if merged else "拆分只有一个去向",
                expected="合并至少两行（各来源一行），或并入已有的居民区"
                if merged
                else "拆分至少两行（各去向一行），或原来的居民区还在",
                found=f"{code} 只有 1 行",
                remedy="补上其余各行；只是换了代码的写 rename（更名）",
            )


def _not_there(steps: Steps, code: str, when: str, columns: str) -> Fault:
    return Fault(
        steps,
        "lineage_not_there",
        "名册上，这个居民区当时并不存在",
        expected=f"{code} {when}存在",
        found="不存在",
        remedy=f"改正批次或代码，或改名册的{columns}",
    )
