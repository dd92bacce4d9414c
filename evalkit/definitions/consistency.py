"""Faults between documents: what each of them says rightly, but not together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from evalkit.definitions import action_consistency, ledger_consistency
from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.crosswalk_consistency import against
from evalkit.definitions.documents import Document
from evalkit.definitions.draws import draws_faults
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
from evalkit.definitions.faults import Fault
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.places import Places, Steps
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.validating import locate
from evalkit.errors import Problems


@dataclass(frozen=True, slots=True)
class Origin:
    """Where a document came from: its file as the analyst knows it, and its places in it."""

    name: str
    places: Places = field(default_factory=Places)


@dataclass(frozen=True, slots=True)
class Origins:
    """Where all documents of one evaluation came from.

    Attributes
    ----------
    questionnaires : dict of questionnaire id to Origin
        A questionnaire that is not named is called ``questionnaires/<id>.yaml``.
    complete : bool
        False if some questionnaire could not be loaded: what seems not to exist may then stand in
        it, and is not reported.
    """

    order: Origin = field(default_factory=lambda: Origin("evaluation.yaml"))
    scheme: Origin = field(default_factory=lambda: Origin("scheme.yaml"))
    roster: Origin = field(default_factory=lambda: Origin("roster.csv"))
    questionnaires: Mapping[str, Origin] = field(default_factory=dict)
    ledgers: Mapping[str, Origin] = field(default_factory=dict)
    complete: bool = True

    def questionnaire(self, questionnaire_id: str) -> Origin:
        """Return where a questionnaire came from."""
        default = Origin(f"questionnaires/{questionnaire_id}.yaml")
        return self.questionnaires.get(questionnaire_id, default)


def check(
    order: EvaluationOrder,
    scheme: Scheme | None,
    questionnaires: Mapping[str, Questionnaire],
    roster: Roster | None,
    problems: Problems | None = None,
    origins: Origins | None = None,
    ledgers: Mapping[str, Ledger] | None = None,
) -> Problems:
    """Collect every fault between the documents of one evaluation.

    Parameters
    ----------
    order : EvaluationOrder
    scheme : Scheme or None
        None where it could not be loaded; what needs it is then not checked.
    questionnaires, ledgers : dict of id to Questionnaire, of id to Ledger
    roster : Roster or None
    problems : Problems, optional
        Collector to add to; a new one if it is not given.
    origins : Origins, optional
        File names and places of the documents, so that faults name sheet, row and column.

    Returns
    -------
    Problems
        `problems`, or the new collector.
    """
    problems = Problems() if problems is None else problems
    origins = Origins() if origins is None else origins
    known = _Known(scheme, questionnaires, origins.complete, ledgers or {})
    collected(_order_faults(order, known), order, origins.order, problems)
    if scheme is not None:
        collected(_scheme_faults(scheme, known), scheme, origins.scheme, problems)
    for questionnaire_id, questionnaire in questionnaires.items():
        faults = _questionnaire_faults(questionnaire, known)
        collected(faults, questionnaire, origins.questionnaire(questionnaire_id), problems)
    for name, ledger in known.ledgers.items():
        origin = origins.ledgers.get(name, Origin(f"ledgers/{name}.yaml"))
        collected(ledger_consistency.id_faults(ledger, questionnaires), ledger, origin, problems)
        collected(ledger_consistency.target_faults(ledger, known.ledgers), ledger, origin, problems)
        if scheme is not None:
            own = ledger_consistency.beside_faults(ledger, scheme)
            collected(own, ledger, origin, problems)
    if roster is not None:
        collected(_roster_faults(roster, order), roster, origins.roster, problems)
    return problems


def check_crosswalk(
    crosswalk: Crosswalk,
    questionnaires: Mapping[str, Questionnaire],
    roster: Roster | None,
    problems: Problems,
    origin: Origin | None = None,
    ledgers: Mapping[str, Ledger] | None = None,
) -> None:
    """Collect what a crosswalk refers to that its questionnaire, ledger or roster does not have."""
    origin = Origin(f"crosswalks/{crosswalk.id}.yaml") if origin is None else origin
    if crosswalk.questionnaire is not None:
        known = _Known(None, questionnaires, True)
        unknown = known.unknown_questionnaire(("questionnaire",), crosswalk.source)
        collected(unknown, crosswalk, origin, problems)
    elif ledgers is not None:
        own = ledger_consistency.crosswalk_faults(crosswalk, ledgers)
        collected(own, crosswalk, origin, problems)
    collected(against(crosswalk, questionnaires, roster), crosswalk, origin, problems)


def check_actions(
    library: ActionLibrary,
    scheme: Scheme,
    questionnaires: Mapping[str, Questionnaire] | None,
    problems: Problems,
    origin: Origin,
) -> None:
    """Collect actions for indicators, and tasks for needs, that the evaluation does not have.

    Without questionnaires nothing is said of needs: not all could be read, or others were meant.
    """
    collected(action_consistency.action_faults(library, scheme), library, origin, problems)
    if questionnaires is not None:
        collected(
            action_consistency.task_faults(library, questionnaires), library, origin, problems
        )


@dataclass(frozen=True, slots=True)
class _Known:
    scheme: Scheme | None
    questionnaires: Mapping[str, Questionnaire]
    complete: bool
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)

    def groups(self) -> dict[str, RaterGroup]:
        return {} if self.scheme is None else {group.code: group for group in self.scheme.groups}

    def unknown_questionnaire(self, steps: Steps, questionnaire: str) -> Iterator[Fault]:
        if questionnaire not in self.questionnaires and self.complete:
            yield Fault(
                steps,
                "unknown_questionnaire",
                "没有这份问卷",
                expected="、".join(self.questionnaires) or "（没有任何问卷）",
                found=questionnaire,
                remedy="改正问卷代码，或把问卷放进 questionnaires/",
            )

    def unknown_group(self, steps: Steps, group: str) -> Iterator[Fault]:
        if self.scheme is not None and group not in self.groups():
            yield Fault(
                steps,
                "unknown_group",
                "方案里没有这个评价主体",
                expected="、".join(self.groups()),
                found=group,
                remedy="改正主体代码，或在方案中补上",
            )


def collected(
    faults: Iterator[Fault], document: Document, origin: Origin, problems: Problems
) -> None:
    """Collect the faults of a document as problems of its file."""
    found = list(faults)
    data: Any = document.model_dump(mode="json") if found else None
    for fault in found:
        locate(fault, origin.name, data, origin.places, problems)


def _order_faults(order: EvaluationOrder, known: _Known) -> Iterator[Fault]:
    if known.scheme is not None:
        yield from draws_faults(order.settings.draws, known.scheme.confidence)
    for at, wave in enumerate(order.waves):
        for code in wave.issued:
            yield from known.unknown_group(("waves", at, "issued", code), code)
        for place, entry in enumerate(wave.files):
            yield from _file_faults(("waves", at, "files", place), entry, known)
    if known.scheme is not None:
        yield from ledger_consistency.order_faults(order, known.scheme, known.ledgers)


def _file_faults(steps: Steps, entry: ResponseFile, known: _Known) -> Iterator[Fault]:
    if entry.questionnaire is None:
        yield from ledger_consistency.file_faults(steps, entry, known.ledgers)
        return
    yield from known.unknown_questionnaire((*steps, "questionnaire"), entry.questionnaire)
    questionnaire = known.questionnaires.get(entry.questionnaire)
    if entry.group is None:
        if questionnaire is not None and not questionnaire.of_role("group"):
            yield Fault(
                steps,
                "file_without_group",
                "不知道答卷属于哪个评价主体",
                expected="写明 group，因为问卷里没有主体题",
                found=entry.file,
                remedy="给这个文件加上 group: 主体代码",
            )
        return
    yield from known.unknown_group((*steps, "group"), entry.group)
    group = known.groups().get(entry.group)
    if group is not None and group.questionnaire != entry.questionnaire:
        yield Fault(
            (*steps, "group"),
            "group_uses_other_questionnaire",
            "这个评价主体用的是另一份问卷",
            expected=f"主体 {group.code} 用问卷 {group.questionnaire}",
            found=f"文件用问卷 {entry.questionnaire}",
            remedy="改正 group 或 questionnaire",
        )


def _scheme_faults(scheme: Scheme, known: _Known) -> Iterator[Fault]:
    for at, group in enumerate(scheme.groups):
        steps: Steps = ("groups", at)
        if group.questionnaire is None:
            yield from ledger_consistency.group_faults(steps, group, known.ledgers)
        else:
            yield from known.unknown_questionnaire((*steps, "questionnaire"), group.questionnaire)
        questionnaire = known.questionnaires.get(group.source)
        if questionnaire is not None and group.raters == "rater":
            yield from _rater_faults((*steps, "raters"), group, questionnaire)
        if group.raters == "rater" and group.design_effect > 1:
            yield Fault(
                (*steps, "design_effect"),
                "design_effect_of_raters",
                f"主体 {group.code} 一人评多个对象，评价人本身就是一组，不能再写设计效应",
                expected="不写，或 1",
                found=f"{group.design_effect:g}",
                remedy="删去这一项，或把 raters 改为 respondent",
            )
        judged = {i.code for i in scheme.indicators if i.items.get(group.source)}
        indicators = {indicator.code for indicator in scheme.indicators}
        for place, code in enumerate(group.covers or ()):
            if code in indicators - judged:
                yield Fault(
                    (*steps, "covers", place),
                    "covers_without_items",
                    f"主体 {group.code} 的{'台账没有这个指标的度量' if group.ledger else '问卷没有这个指标的题目'}",
                    expected=f"指标 {code} 在{group.source_named}",
                    found=code,
                    remedy="从可评指标中删去，或在指标中补上",
                )
    yield from _item_faults(scheme, known)
    yield from _alternative_faults(scheme, known)


def _rater_faults(steps: Steps, group: RaterGroup, questionnaire: Questionnaire) -> Iterator[Fault]:
    if not questionnaire.of_role("rater"):
        yield Fault(
            steps,
            "questionnaire_without_rater",
            f"主体 {group.code} 一人评多个对象，但问卷没有问是谁评的",
            expected=f"问卷 {questionnaire.id} 有一道 role: rater 的题目",
            found="没有",
            remedy="在问卷中补上，或把 raters 改为 respondent",
        )


def _item_faults(scheme: Scheme, known: _Known) -> Iterator[Fault]:
    used: dict[tuple[str, str], list[Steps]] = defaultdict(list)
    for at, dimension in enumerate(scheme.dimensions):
        for place, indicator in enumerate(dimension.indicators):
            steps: Steps = ("dimensions", at, "indicators", place, "items")
            for questionnaire_id, items in indicator.items.items():
                path: Steps = (*steps, questionnaire_id)
                if questionnaire_id not in known.ledgers:
                    yield from known.unknown_questionnaire(path, questionnaire_id)
                for position, item_id in enumerate(items):
                    used[questionnaire_id, item_id].append((*path, position))
    for (questionnaire_id, item_id), where in used.items():
        questionnaire = known.questionnaires.get(questionnaire_id)
        if questionnaire is not None:
            yield from _reference_faults(where[0], item_id, questionnaire)
        if questionnaire_id in known.ledgers:
            ledger = known.ledgers[questionnaire_id]
            yield from ledger_consistency.measure_faults(where[0], item_id, ledger)
        if len(where) > 1:
            yield Fault(
                where[-1],
                "item_in_two_indicators",
                "一道题归入了几个指标，或在一个指标里写了几次",
                expected="每道题只归一个指标，写一次",
                found=f"{questionnaire_id} 的 {item_id}（{len(where)} 次）",
                remedy="只保留一处",
                involved=tuple(where),
            )


def _reference_faults(steps: Steps, item_id: str, questionnaire: Questionnaire) -> Iterator[Fault]:
    roles = {item.id: item.role for item in questionnaire.items}
    if item_id not in roles:
        scored = "、".join(item.id for item in questionnaire.of_role("scored"))
        yield Fault(
            steps,
            "unknown_item",
            f"问卷 {questionnaire.id} 没有这道题",
            expected=scored or "（问卷没有计分题）",
            found=item_id,
            remedy="改正题目代码，或在问卷中补上",
        )
    elif roles[item_id] != "scored":
        yield Fault(
            steps,
            "item_not_scored",
            f"问卷 {questionnaire.id} 的这道题不计分",
            expected="role: scored",
            found=f"{item_id}（role: {roles[item_id]}）",
            remedy="从指标中删去，或把题目的 role 改为 scored",
        )


def _alternative_faults(scheme: Scheme, known: _Known) -> Iterator[Fault]:
    if not known.complete or not known.questionnaires:
        return
    scores = {
        option.score
        for questionnaire in known.questionnaires.values()
        for item in questionnaire.of_role("scored")
        for option in questionnaire.options_of(item)
        if option.score is not None
    }
    for at, alternative in enumerate(scheme.alternatives):
        for score in alternative.option_scores:
            if float(score) not in scores:
                yield Fault(
                    ("alternatives", at, "option_scores", score),
                    "unknown_score",
                    "没有选项是这个分值，替换不起作用",
                    expected="、".join(f"{known_score:g}" for known_score in sorted(scores)),
                    found=score,
                    remedy="改正原分值，或删去",
                )


def _questionnaire_faults(questionnaire: Questionnaire, known: _Known) -> Iterator[Fault]:
    if not questionnaire.of_role("subject"):
        yield Fault(
            ("items",),
            "questionnaire_without_subject",
            "问卷没有问评的是哪个评估对象",
            expected="一道 role: subject 的题目",
            found="没有",
            remedy="补上",
        )
    for at, item in enumerate(questionnaire.items):
        if item.role == "group":
            options: Steps = (
                ("items", at, "options") if item.options else ("scales", item.scale or "")
            )
            for place, option in enumerate(questionnaire.options_of(item)):
                if option.group is not None:
                    yield from _option_group_faults(
                        (*options, place, "group"), option.group, questionnaire, known
                    )
    scheme = known.scheme
    if scheme is None or all(g.questionnaire != questionnaire.id for g in scheme.groups):
        return
    counted = {
        i for indicator in scheme.indicators for i in indicator.items.get(questionnaire.id, ())
    }
    for at, item in enumerate(questionnaire.items):
        if item.role == "scored" and item.id not in counted:
            yield Fault(
                ("items", at),
                "item_without_indicator",
                "计分题没有归入任何指标",
                expected="方案的一个指标引用这道题",
                found=item.id,
                remedy="在方案的指标中补上，或把 role 改为 profile",
            )


def _option_group_faults(
    steps: Steps, code: str, questionnaire: Questionnaire, known: _Known
) -> Iterator[Fault]:
    yield from known.unknown_group(steps, code)
    group = known.groups().get(code)
    if group is not None and group.questionnaire != questionnaire.id:
        yield Fault(
            steps,
            "group_uses_other_questionnaire",
            "这个评价主体用的是另一份问卷",
            expected=f"主体 {code} 用问卷 {group.questionnaire}",
            found=f"写在问卷 {questionnaire.id} 里",
            remedy="改正选项的 group，或方案中该主体的问卷",
        )


def _roster_faults(roster: Roster, order: EvaluationOrder) -> Iterator[Fault]:
    waves = [wave.id for wave in order.waves]
    for at, subject in enumerate(roster.subjects):
        for key, wave in (("since", subject.since), ("until", subject.until)):
            if wave is not None and wave not in waves:
                yield Fault(
                    ("subjects", at, key),
                    "unknown_wave",
                    "没有这个批次",
                    expected="、".join(waves),
                    found=wave,
                    remedy="改成 evaluation.yaml 里的批次；一直参评的留空",
                )
