"""Faults between lineage.csv, the roster, the waves, and how many households there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import combinations

from evalkit.codes import NoteCode
from evalkit.definitions.consistency import Origin
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.faults import Fault
from evalkit.definitions.lineage import (
    BEGINS_IT,
    BOTH_ENDS,
    ENDS_IT,
    Lineage,
    Succession,
    components,
)
from evalkit.definitions.places import Steps
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.units import Units
from evalkit.definitions.validating import locate
from evalkit.errors import Note, Problems


def check_lineage(
    lineage: Lineage,
    order: EvaluationOrder,
    roster: Roster | None,
    problems: Problems,
    origin: Origin,
) -> None:
    """Collect what lineage.csv says and the roster, the order or the known households do not.

    Parameters
    ----------
    roster : Roster or None
        With its counts, where there are any. Nothing is said of committees where it could not be
        read.
    """
    known = _Known.of(order, roster)
    faults = list(known.waves_of(lineage))
    if roster is not None:
        own = list(known.faults(lineage))
        sound = not faults and not own and not any(True for _ in lineage.faults())
        faults += own
        faults += _uncounted(lineage, order, Units.of(roster)) if sound else ()
    data = lineage.model_dump(mode="json") if faults else None
    for fault in faults:
        locate(fault, origin.name, data, origin.places, problems)


def _uncounted(lineage: Lineage, order: EvaluationOrder, units: Units) -> Iterator[Fault]:
    """Yield the first event of every union of which a number is declared to count, and missing."""
    if order.unions not in ("households", "population"):
        return
    known = units.households if order.unions == "households" else units.populations
    waves = [wave.id for wave in order.waves]
    told: set[tuple[str, str]] = set()
    for before, after in combinations(waves, 2):
        for part in components(units, lineage, before, after):
            for wave, codes in ((before, part.before), (after, part.after)):
                lacking = [c for c in codes if c not in known(wave) and (wave, c) not in told]
                if not part.several or len(codes) < 2 or not lacking:
                    continue
                told |= {(wave, code) for code in lacking}
                yield Fault(
                    ("events", lineage.events.index(part.events[0]), "wave"),
                    "lineage_without_counts",
                    "要合起来比较的居民区，有的不知道户数或人口",
                    expected=f"{wave} 的{'户数' if order.unions == 'households' else '人口'}",
                    found=f"没有：{'、'.join(lacking)}",
                    remedy="在 counts.csv 补上，或把 evaluation.yaml 的 unions 改为 answers 或 equal",
                )


def disagreeing(lineage: Lineage, order: EvaluationOrder, roster: Roster) -> Iterator[Note]:
    """Yield a note for every committee whose counted households do not follow from what went over.

    Only where both waves are counted, and all that happened to it says how many households.
    """
    known = _Known.of(order, roster)
    for wave in dict.fromkeys(event.wave for event in lineage.events):
        earlier = known.earlier(wave)
        if not earlier or wave not in known.waves:
            continue
        own = [event for event in lineage.events if event.wave == wave]
        for code in dict.fromkeys(c for e in own for c in (e.origin, e.target) if c is not None):
            events = [e for e in own if code in (e.origin, e.target) and e.event in BOTH_ENDS]
            subject = known.subjects.get(code)
            counted = known.households.get(wave, {}).get(code)
            if subject is None or counted is None or any(e.households is None for e in events):
                continue
            there = subject.exists_in(earlier[-1])
            before = known.households.get(earlier[-1], {}).get(code) if there else 0
            came = sum(e.households or 0 for e in events if e.target == code)
            went = sum(e.households or 0 for e in events if e.origin == code)
            if events and before is not None and before + came - went != counted:
                facts = {
                    "subject": code, "name": subject.name, "before": before, "came": came,
                    "went": went, "expected": before + came - went, "counted": counted,
                }  # fmt: skip
                yield Note(NoteCode.HOUSEHOLDS_DISAGREE, wave, facts=facts)


@dataclass(frozen=True, slots=True)
class _Known:
    waves: list[str]
    subjects: Mapping[str, Subject]
    households: Mapping[str, Mapping[str, int]] = field(default_factory=dict)

    @classmethod
    def of(cls, order: EvaluationOrder, roster: Roster | None) -> _Known:
        waves = [wave.id for wave in order.waves]
        if roster is None:
            return cls(waves, {})
        units = Units.of(roster)
        return cls(
            waves, {s.id: s for s in units.subjects}, {w: units.households(w) for w in waves}
        )

    def earlier(self, wave: str) -> list[str]:
        """Return the waves before one."""
        return [known for known in self.waves if known < wave]

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
        earlier = self.earlier(wave)
        if earlier:
            return self.subjects[code].exists_in(earlier[-1])
        since = self.subjects[code].since
        return since is None or since < wave

    def _before(self, here: Steps, event: Succession) -> Iterator[Fault]:
        origin, target = event.origin, event.target
        if origin is not None and not self.existed_before(origin, event.wave):
            yield _not_there((*here, "origin"), origin, f"在 {event.wave} 之前", "首个批次")
        begun_before = target is not None and any(
            self.subjects[target].exists_in(wave) for wave in self.earlier(event.wave)
        )
        if target is not None and event.event in BEGINS_IT and begun_before:
            yield Fault(
                (*here, "target"),
                "lineage_existed_before",
                "说是新的代码，这之前却已经在参评",
                expected=f"{target} 的首个批次是 {event.wave}",
                found=f"{target} 的首个批次是 {self.subjects[target].since or '空（一直参评）'}",
                remedy="改名册的首个批次；更名用没用过的代码，并入已有的居民区写 merge（合并），"
                "划给已有的居民区写 transfer（划转），早就有的删去这一行",
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
            earlier = self.earlier(wave)
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
        earlier = self.earlier(event.wave)
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
