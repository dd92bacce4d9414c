"""A new folder of a preset with a simulated street in it, whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from evalkit import assets
from evalkit.definitions import loading
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.tracks import FOLDER
from evalkit.definitions.validating import validate
from evalkit.definitions.yaml_text import read_yaml
from evalkit.errors import InputErrors, Problem, Problems
from evalkit.folder.documents import shared_documents
from evalkit.folder.founding import lay_out, refuse
from evalkit.folder.inputs import Folder
from evalkit.folder.ledgers import read_ledgers
from evalkit.folder.shelf import D, Load, Shelf
from evalkit.folder.tracks import ORDER, seen_from_the_street
from evalkit.simulation.plan import StreetPlan
from evalkit.simulation.preset import TRUTH, PresetDocuments, write_street
from evalkit.simulation.standing import Documents

PLAN = "demo/street.yaml"
"""In a preset: what its simulated street is like."""
FORMS = "questionnaires/"
"""Where questionnaires lie in a new folder; in a preset they lie beside the scheme."""
LEFT_OPEN = frozenset({"placeholder", "wave_without_dates", "count_missing"})
"""Codes of problems of a template that filling it in mends."""
MARK = f"{TRUTH}/preset.txt"
"""In a simulated street: the preset that it was made of."""


def lay_out_simulated(
    root: Path, preset: str, *, size: float = 1.0, draws: int | None = None
) -> None:
    """Lay out a preset and fill it with a simulated street: rosters, answers, records, persons.

    Everything is made and its documents are checked elsewhere first.

    Parameters
    ----------
    size : float
        Share of the street's units that are made, below 1 for its last wave only: to try things out.
    draws : int or None
        Simulations of rank sets; those of the template if None.

    Raises
    ------
    InputErrors
        If the preset is unknown or damaged, or the folder is not empty; nothing is written then.
    """
    refuse(root, preset)
    with tempfile.TemporaryDirectory() as away:
        folder = Path(away) / "street"
        lay_out(folder, preset)
        problems = Problems()
        _check(
            folder,
            loading.load_order(folder / ORDER, ORDER, problems, even_if_faulty=True),
            problems,
        )
        _stop(preset, problems, LEFT_OPEN)
        problems = Problems()
        documents = _documents(folder, preset, problems)
        plan = _plan(preset, documents, problems)
        _stop(preset, problems, LEFT_OPEN)
        assert documents is not None
        assert plan is not None
        write_street(folder, documents, plan, size=size, draws=draws)
        (folder / MARK).write_text(f"{preset}\n", encoding="utf-8")
        made = Problems()
        _check(folder, documents.order, made)
        _stop(preset, made)
        shutil.copytree(folder, root, dirs_exist_ok=True)


def _check(folder: Path, order: EvaluationOrder | None, problems: Problems) -> None:
    """Collect whatever is wrong with the documents of a folder and of its tracks."""
    Folder(folder).documents(problems)
    for track in order.tracks if order else ():
        own = Problems()
        Folder(folder / FOLDER / track.id, track.id).documents(own)
        problems.extend(seen_from_the_street(track.id, own))


def preset_of(root: Path) -> str | None:
    """Return the preset that a simulated street was made of; None of any other folder."""
    path = root / MARK
    return path.read_text(encoding="utf-8").strip() if path.is_file() else None


def _stop(preset: str, problems: Iterable[Problem], aside: Collection[str] = ()) -> None:
    """Raise what is wrong with a preset's documents, problems of some codes aside."""
    found = [
        replace(problem, file=problem.file and f"预设 {preset}/{problem.file.replace(FORMS, '')}")
        for problem in problems
        if problem.code not in aside
    ]
    if found:
        raise InputErrors(list(dict.fromkeys(found)))


def _documents(folder: Path, preset: str, problems: Problems) -> PresetDocuments | None:
    order = loading.load_order(folder / ORDER, ORDER, problems, even_if_faulty=True)
    if order is None:
        return None
    own = _asking(folder, order.scheme, order.waves, problems)
    tracks = {
        track.id: _asking(folder / FOLDER / track.id, track.scheme, track.waves, problems)
        for track in order.tracks
    }
    actions = folder / "actions.yaml"
    library = loading.load_actions(actions, actions.name, problems) if actions.is_file() else None
    if own is None:
        return None
    sound = {name: track for name, track in tracks.items() if track is not None}
    roster = _filled_in(loading.load_roster, folder / order.roster, problems)
    persons = {
        track.id: found.subjects
        for track in order.tracks
        if (
            found := _filled_in(
                loading.load_persons, folder / FOLDER / track.id / track.roster, problems
            )
        )
    }
    return PresetDocuments(
        preset, order, own, library, roster.subjects if roster else (), sound, persons
    )


def _filled_in(load: Load[D], path: Path, problems: Problems) -> D | None:
    """Load a list of the preset's; None where it holds examples to be replaced."""
    found = Problems()
    document = load(path, path.name, found, even_if_faulty=True)
    problems.extend(found)
    return None if found else document


def _asking(folder: Path, scheme: str, waves: list[Wave], problems: Problems) -> Documents | None:
    found, forms = shared_documents(folder, scheme, problems)
    order = EvaluationOrder(title="-", street="-", scheme=scheme, waves=waves)
    ledgers, _, _ = read_ledgers(Shelf(folder, problems), order, found)
    return None if found is None else Documents(found, forms, ledgers)


def _plan(preset: str, documents: PresetDocuments | None, problems: Problems) -> StreetPlan | None:
    path = assets.preset(preset) / PLAN
    if not path.is_file():
        return StreetPlan()
    data = read_yaml(path, PLAN, problems)
    plan = None if data is None else validate(StreetPlan, data, PLAN, problems)
    if plan is not None and documents is not None:
        problems.extend(_unknown(plan, documents))
    return plan


def _unknown(plan: StreetPlan, documents: PresetDocuments) -> Iterator[Problem]:
    """Yield what a plan names and the preset's documents do not have."""
    order, own = documents.order, documents.own
    levels = [level.code for level in order.units.levels] if order.units else []
    ledgers = {
        *own.ledgers,
        *(name for track in documents.tracks.values() for name in track.ledgers),
    }
    named = (
        ("units", "unknown_level", [u.level for u in plan.units if u.level], levels),
        ("asked", "unknown_group", list(plan.asked), [g.code for g in own.scheme.groups]),
        ("returned", "unknown_group", list(plan.returned), [g.code for g in own.scheme.groups]),
        ("patterns", "unknown_group", list(plan.patterns), [g.code for g in own.scheme.groups]),
        ("records", "unknown_reference", list(plan.records), sorted(ledgers)),
        ("persons", "unknown_reference", list(plan.persons), [t.id for t in order.tracks]),
    )
    for key, code, names, known in named:
        for name in names:
            if name not in known:
                yield Problem(
                    code,
                    "模拟街道提到了预设里没有的代码",
                    file=PLAN,
                    key=key,
                    expected="、".join(known) or "（没有）",
                    found=name,
                    remedy="改正代码，或从 demo/street.yaml 中删去",
                )
