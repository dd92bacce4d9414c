"""The documents of a folder: its own, else those beside the scheme it shares, or of its preset."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any

from evalkit import assets
from evalkit.codes import NoteCode
from evalkit.definitions import consistency, loading
from evalkit.definitions.actions import ActionLibrary, unknown_deadlines
from evalkit.definitions.boundaries import BOUNDARIES, read_boundaries
from evalkit.definitions.claim_consistency import check_claims
from evalkit.definitions.claims import Claims
from evalkit.definitions.consistency import Origin
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.lineage import Lineage
from evalkit.definitions.lineage_consistency import check_lineage, disagreeing
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.roster_file import read_counts, read_lineage
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.stated import unknown_numbers
from evalkit.definitions.territory import Territory
from evalkit.definitions.themes import Themes
from evalkit.definitions.tracks import OfTrack
from evalkit.definitions.unit_consistency import check_units
from evalkit.errors import Note, Problems
from evalkit.folder.ledgers import SHIPPED, read_ledgers
from evalkit.folder.shelf import D, Load, Lying, Shelf, documents_in
from evalkit.folder.tracks import Ordered, check_track, of_track, ordered, persons_of
from evalkit.problems.ledgers import coverage_without_boundaries

COUNTS = "counts.csv"
LINEAGE = "lineage.csv"
NOT_QUESTIONNAIRES = ("scheme", "evaluation", "actions", "themes", "claims")
"""Documents that lie beside the questionnaires in a preset."""

BESIDE = ("actions", "themes", "claims")
"""Optional documents, read where they lie in the folder."""

_PRESET = "预设 "


@dataclass(frozen=True, slots=True)
class ReadDocuments:
    """Every document that could be read, and whether they contradict one another (`torn`)."""

    order: EvaluationOrder
    scheme: Scheme | None
    roster: Roster | None
    questionnaires: Mapping[str, Questionnaire]
    crosswalks: Mapping[str, Crosswalk]
    torn: Problems
    ledgers: Mapping[str, Ledger] = field(default_factory=dict)
    notes: tuple[Note, ...] = ()
    complete: bool = True
    """False if some questionnaire or ledger could not be read."""
    track: OfTrack | None = None
    """What is decided of persons, in a track's folder."""

    @property
    def evidence(self) -> bool:
        """Whether there is anything that answers or records could be read by."""
        return bool(self.questionnaires or self.ledgers)


def read_documents(shelf: Shelf) -> ReadDocuments | None:
    """Read all documents an evaluation needs, also where they have faults; None without an order."""
    found = ordered(shelf)
    if found is None:
        return None
    order = found.order
    lying = _scheme(shelf, order)
    scheme, scheme_origin = shelf.take(lying, loading.load_scheme)
    roster, roster_origin, track = _roster(shelf, found, scheme, scheme_origin)
    ledgers, of_ledgers, all_read = read_ledgers(shelf, order, scheme)
    questionnaires, origins, complete = _questionnaires(shelf, order, bool(ledgers))
    torn = Problems()
    places = (order, found.origin), (roster, roster_origin)
    territory = _territory(shelf, *places, ledgers, torn)
    crosswalks = _crosswalks(shelf, order)
    for name, crosswalk in crosswalks.items():
        consistency.check_crosswalk(
            crosswalk,
            questionnaires,
            territory,
            shelf.problems,
            Origin(name),
            ledgers if all_read else None,
        )
    consistency.check(
        order,
        scheme,
        questionnaires,
        roster,
        torn,
        origins=consistency.Origins(
            order=found.origin,
            scheme=scheme_origin,
            roster=roster_origin,
            questionnaires=origins,
            ledgers=of_ledgers,
            complete=complete and all_read,
        ),
        ledgers=ledgers,
    )
    torn = Problems(list(found.named(torn)))
    shelf.problems.extend(torn)
    scheme, forms, notes = _today(lying.name, scheme, questionnaires, origins)
    if track is not None and scheme is not None:
        track = replace(track, scheme=scheme)
    return ReadDocuments(
        order,
        scheme,
        territory,
        forms,
        crosswalks,
        torn,
        ledgers,
        notes,
        complete and all_read,
        track,
    )


def _roster(
    shelf: Shelf, found: Ordered, scheme: Scheme | None, scheme_origin: Origin
) -> tuple[Roster | None, Origin, OfTrack | None]:
    """Read who is evaluated; of a track the persons, and what it decides of them."""
    if found.track is None:
        return (*shelf.take(shelf.at(found.order.roster), loading.load_roster), None)
    roster, origin, units, names = persons_of(shelf, found)
    if scheme is None:
        return roster, origin, None
    check_track(found, scheme, scheme_origin, shelf.problems)
    return roster, origin, of_track(found, scheme, units, names)


def _territory(
    shelf: Shelf,
    order: tuple[EvaluationOrder, Origin],
    roster: tuple[Roster | None, Origin],
    ledgers: Mapping[str, Ledger],
    torn: Problems,
) -> Roster | None:
    """Take the roster apart by levels, with the counts that lie beside it; `torn` takes the faults."""
    counts, origin = None, Origin(COUNTS)
    lying = shelf.at(COUNTS)
    before = len(shelf.problems)
    if lying.path.is_file():
        counts, origin = shelf.take(lying, read_counts)
    told, where = roster
    if told is None:
        return None
    if len(shelf.problems) == before:
        check_units(told, order[0], counts, ledgers, torn, (where, order[1], origin))
    return Territory.of(told, order[0], counts)


def shared_documents(
    root: Path, scheme: str, problems: Problems
) -> tuple[Scheme | None, Mapping[str, Questionnaire]]:
    """Read a scheme and its questionnaires from the folder that many streets share, as they do."""
    shelf = Shelf(root, problems)
    order = EvaluationOrder(title="-", street="-", scheme=scheme, waves=[Wave(id="0")])
    lying = _scheme(shelf, order)
    found, _ = shelf.take(lying, loading.load_scheme)
    questionnaires, origins, _ = _questionnaires(shelf, order, other_evidence=False)
    found, forms, _ = _today(lying.name, found, questionnaires, origins)
    return found, forms


def boundaries_of(shelf: Shelf, read: ReadDocuments) -> dict[str, Any] | None:
    """Read the boundaries of the roster's subjects, if there are any."""
    lying = shelf.at(BOUNDARIES)
    if not lying.path.exists():
        for name, ledger in read.ledgers.items():
            for measure in ledger.measures:
                if measure.covers_area:
                    shelf.problems.collect(coverage_without_boundaries(name, measure.name))
        return None
    if read.roster is None:
        return None
    shelf.record(lying)
    waves = [wave.id for wave in read.order.waves]
    return read_boundaries(lying.path, lying.name, read.roster, waves, shelf.problems)


def actions_of(shelf: Shelf, read: ReadDocuments) -> ActionLibrary | None:
    """Read the workspace's own library of actions, else the preset's, if there is one.

    A preset's library may speak of needs that this folder's questionnaires do not ask for: nobody
    can change it, and such a task is left out.
    """
    library, origin = _beside_the_scheme(shelf, read.order, "actions", loading.load_actions)
    if library is not None and read.scheme is not None:
        own = read.complete and not origin.name.startswith(_PRESET)
        consistency.check_actions(
            library, read.scheme, read.questionnaires if own else None, shelf.problems, origin
        )
    if library is not None:
        shelf.problems.extend(unknown_deadlines(library, read.order))
    return library


def themes_of(shelf: Shelf, read: ReadDocuments) -> Themes | None:
    """Read the workspace's own themes of open answers, else the preset's, if there are any."""
    return _beside_the_scheme(shelf, read.order, "themes", loading.load_themes)[0]


def claims_of(shelf: Shelf, read: ReadDocuments) -> Claims | None:
    """Read the numbers that were published, if the folder has any."""
    claims, origin = _beside_the_scheme(shelf, read.order, "claims", loading.load_claims)
    if claims is not None:
        ledgers = read.ledgers if read.complete else None
        check_claims(claims, read.order, ledgers, read.roster, shelf.problems, origin)
    return claims


def lineage_of(shelf: Shelf, read: ReadDocuments) -> tuple[Lineage | None, tuple[Note, ...]]:
    """Read what became of the subjects from wave to wave, if anybody tells, and what is odd of it."""
    lying = shelf.at(LINEAGE)
    if not lying.path.is_file():
        return None, ()
    lineage, origin = shelf.take(lying, read_lineage)
    if lineage is not None:
        check_lineage(lineage, read.order, read.roster, shelf.problems, origin)
    if lineage is None or read.roster is None:
        return lineage, ()
    return lineage, tuple(disagreeing(lineage, read.order, read.roster))


def located(root: Path, name: str) -> Path | None:
    """Say where a file lies that was recorded under this name; None if its preset is gone."""
    if name.startswith(SHIPPED):
        ledger = name.removeprefix(SHIPPED).removesuffix(".yaml")
        return assets.ledger(ledger) if ledger in assets.ledgers() else None
    if not name.startswith(_PRESET):
        return Path(os.path.normpath(root / name))
    preset, _, file = name.removeprefix(_PRESET).partition("/")
    return assets.preset(preset) / file if preset in assets.presets() else None


def readable(root: Path) -> list[str]:
    """List the files of a folder that an evaluation would read, or that look like answers."""
    answers = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "responses").rglob("*"))
        if path.suffix.lower() in (".csv", ".xls", ".xlsx") and path.is_file()
    ]
    documents = [
        lying
        for folder in ("questionnaires", "crosswalks", "ledgers")
        for lying in documents_in(root / folder, f"{folder}/")
        if folder != "questionnaires" or lying.path.stem not in NOT_QUESTIONNAIRES
    ]
    documents += [lying for lying in documents_in(root) if lying.path.stem in BESIDE]
    names = (BOUNDARIES, COUNTS, LINEAGE, "margins.csv")
    beside = [name for name in names if (root / name).is_file()]
    listed = [lying.name for lying in documents]
    back = [
        path.relative_to(root).as_posix()
        for path in sorted((root / "follow-up").rglob("*.xlsx"))
        if path.is_file()
    ]
    return [name for name in (*listed, *beside, *back, *answers) if not _hidden(name)]


def _hidden(name: str) -> bool:
    return any(part.startswith((".", "~$")) for part in name.split("/"))


def _scheme(shelf: Shelf, order: EvaluationOrder) -> Lying:
    """Say where the scheme lies: a preset's name means the folder's own, if it has one."""
    preset = _of_preset(order, "scheme.yaml")
    if preset is None:
        own = None if PurePosixPath(order.scheme).suffix else _own(shelf, order.scheme)
        return own or shelf.at(order.scheme)
    return _own(shelf, "scheme") or preset


def _today(
    file: str,
    scheme: Scheme | None,
    questionnaires: Mapping[str, Questionnaire],
    origins: Mapping[str, Origin],
) -> tuple[Scheme | None, Mapping[str, Questionnaire], tuple[Note, ...]]:
    """Leave out sentences of earlier presets: they state numbers that the documents now state."""
    old, notes = assets.superseded(), []

    def told(name: str, *texts: list[str]) -> None:
        count = sum(text.strip() in old for list_ in texts for text in list_)
        if count:
            notes.append(Note(NoteCode.SUPERSEDED_SENTENCES, name, count))

    def rest(texts: list[str]) -> list[str]:
        return [text for text in texts if text.strip() not in old]

    if scheme is not None:
        told(file, scheme.published, scheme.assumptions)
        scheme = scheme.model_copy(
            update={"published": rest(scheme.published), "assumptions": rest(scheme.assumptions)}
        )
    for code, form in questionnaires.items():
        told(origins[code].name, form.assumptions)
    questionnaires = {
        code: form.model_copy(update={"assumptions": rest(form.assumptions)})
        for code, form in questionnaires.items()
    }
    stating = {origins[code].name: form.assumptions for code, form in questionnaires.items()}
    if scheme is not None:
        stating = {file: scheme.assumptions, **stating}
    for name, texts in stating.items():
        strange = unknown_numbers(texts, scheme, questionnaires.values())
        if strange:
            facts = {"numbers": tuple(dict.fromkeys(n for numbers in strange for n in numbers))}
            notes.append(Note(NoteCode.NUMBERS_NOT_DECIDED, name, len(strange), facts))
    return scheme, questionnaires, tuple(notes)


def _of_preset(order: EvaluationOrder, file: str) -> Lying | None:
    """Say where a document of the preset lies, if the order uses one."""
    if order.scheme not in assets.presets():
        return None
    return Lying(assets.preset(order.scheme) / file, f"{_prefix(order)}{file}")


def _prefix(order: EvaluationOrder) -> str:
    return f"{_PRESET}{order.scheme}/"


def _questionnaires(
    shelf: Shelf, order: EvaluationOrder, other_evidence: bool
) -> tuple[dict[str, Questionnaire], dict[str, Origin], bool]:
    """Load the workspace's own questionnaires, or the preset's.

    Returns them with where they came from, and whether all could be read.
    """
    documents = shelf.within("questionnaires") or _shared(shelf, order, "questionnaires")
    if not documents and order.scheme in assets.presets():
        documents = documents_in(assets.preset(order.scheme), _prefix(order))
    found: dict[str, Questionnaire] = {}
    origins: dict[str, Origin] = {}
    complete = True
    for lying in documents:
        if lying.path.stem in NOT_QUESTIONNAIRES:
            continue
        questionnaire, origin = shelf.take(lying, loading.load_questionnaire)
        if questionnaire is None:
            complete = False
            continue
        if questionnaire.id in found:
            shelf.problems.add(
                "duplicate_id",
                "两份问卷的 id 相同",
                file=lying.name,
                key="id",
                expected="各不相同",
                found=f"{questionnaire.id}，另见 {origins[questionnaire.id].name}",
                remedy="改其中一份的 id，或删去一份",
            )
        found[questionnaire.id] = questionnaire
        origins[questionnaire.id] = origin
    if not documents and not other_evidence:
        shelf.problems.add(
            "missing_file",
            "没有任何问卷",
            file="questionnaires/",
            expected="至少一份问卷（yaml 或 xlsx）",
            remedy="放入问卷，或在 evaluation.yaml 使用预设方案",
        )
    return found, origins, complete


def _shared(shelf: Shelf, order: EvaluationOrder, folder: str) -> list[Lying]:
    """List documents that lie beside a scheme in another folder, which many streets share."""
    home = _home(order)
    return [] if home is None else documents_in(shelf.root / home / folder, f"{home}/{folder}/")


def _home(order: EvaluationOrder) -> str | None:
    """Return the folder of a scheme that lies outside the evaluation's own; None of any other."""
    home = PurePosixPath(order.scheme.replace("\\", "/")).parent
    return home.as_posix() if home.parts[:1] == ("..",) or home.is_absolute() else None


def _crosswalks(shelf: Shelf, order: EvaluationOrder) -> dict[str, Crosswalk]:
    """Load all crosswalks, own ones first, by their path relative to the workspace."""
    found = {}
    for lying in (*shelf.within("crosswalks"), *_shared(shelf, order, "crosswalks")):
        crosswalk, _ = shelf.take(lying, loading.load_crosswalk)
        if crosswalk is not None:
            found[lying.name] = crosswalk
    return found


def _beside_the_scheme(
    shelf: Shelf, order: EvaluationOrder, stem: str, load: Load[D]
) -> tuple[D | None, Origin]:
    """Read an optional document: the workspace's own, else the shared one, else the preset's."""
    own = _own(shelf, stem)
    if own is None and (home := _home(order)) is not None:
        beside = documents_in(shelf.root / home, f"{home}/")
        own = next((lying for lying in beside if lying.path.stem == stem), None)
    if own is not None:
        return shelf.take(own, load)
    preset = _of_preset(order, f"{stem}.yaml")
    if preset is not None and preset.path.is_file():
        return shelf.take(preset, load)
    return None, Origin(stem)


def _own(shelf: Shelf, stem: str) -> Lying | None:
    """Return the folder's own document of that name, whatever its suffix."""
    own = [lying for lying in documents_in(shelf.root) if lying.path.stem == stem]
    if len(own) > 1:
        shelf.problems.add(
            "two_documents",
            "同一份文档有两个文件，不知道用哪个",
            file=own[0].name,
            expected="只有一个",
            found="、".join(lying.name for lying in own),
            remedy="留下一个，移走其余",
        )
    return own[0] if own else None
