"""How often a drafted crosswalk proposes the right item, by how certain it says it is.

Real headers (two 问卷星 surveys, the Kansas City resident survey, the shipped questionnaires) are
renumbered, reworded and cut down to codes, in a file whose columns are shuffled, against a
questionnaire from which a third of the items is taken out. Then the shipped resident survey as each
platform exports it (`benchmarks/exports.py`), its questions and options typed otherwise and asked in
another order. `python -m benchmarks.drafting` prints the tables; the real headers need ../shared.
"""

from __future__ import annotations

import csv
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from benchmarks.exports import PLATFORMS, Question, Truth
from evalkit.definitions.crosswalk import UNDECIDED
from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.drafting import likeness
from evalkit.drafting.drafting import draft
from evalkit.errors import Problems
from evalkit.platforms import RawColumn, RawSheet, fingerprint, read, wenjuanxing

HERE = Path(__file__).resolve().parent.parent
SAMPLES = HERE.parent / "shared" / "samples"
REPETITIONS = 2
FILLER = "请问您认为的和与对在近一年里有关情况方面总体感受如何呢社区工作服务居民"


@dataclass(frozen=True)
class Survey:
    """A file whose columns are known: the item each of them belongs to."""

    name: str
    sheet: RawSheet
    questionnaire: Questionnaire
    truth: dict[int, str]


def surveys() -> Iterator[Survey]:
    """Yield every survey there is something real to say about."""
    for name in ("800_800", "357_357"):
        folder = SAMPLES / "wenjuanxing"
        problems = Problems()
        files = [
            read(folder / f"reportgen_{name}_{v}.xls", name=f"{name}_{v}.xls", problems=problems)
            for v in (0, 2)
        ]
        text, number = (file for file in files if file is not None)
        book = wenjuanxing.codebook(text, number)
        items = [
            Item(
                id=f"q{q.number}",
                number=q.number,
                text=q.text,
                role="profile",
                kind="multiple" if q.kind == "multiple" else "single",
                options=[Option(code=str(o.code), label=o.label) for o in q.options],
            )
            for q in book.questions
        ]
        survey = Questionnaire(id="wjx", title=name, items=items)
        for sheet, at in ((text, "text_columns"), (number, "number_columns")):
            truth = {c: f"q{q.number}" for q in book.questions for c in getattr(q, at)}
            yield Survey(f"{name} {sheet.variant}", sheet, survey, truth)
    yield from _kansas_city()
    for name in ("resident", "organisation"):
        path = HERE / "questionnaires" / "changshou" / f"{name}.yaml"
        yield _simulated(Questionnaire.model_validate(yaml.safe_load(path.read_text("utf-8"))))


def _kansas_city() -> Iterator[Survey]:
    folder = SAMPLES / "community"
    with (folder / "kcmo-codebook.csv").open(encoding="utf-8") as file:
        meanings = {row["column"]: row for row in csv.DictReader(file)}
    for name in ("kcmo_FY2022_RS_Cleaned_safe.csv", "kcmo_mar_2022_safe.csv"):
        sheet = read(folder / name, name=name, problems=Problems())
        assert sheet is not None
        asked = [
            c for c in sheet.columns if meanings.get(c.header, {}).get("scale", "")[:4] == "1..5"
        ]
        options = [Option(code=str(code), label=f"level {code}") for code in (1, 2, 3, 4, 5, 9)]
        items = [
            Item(id=c.header, text=meanings[c.header]["meaning"], role="profile", options=options)
            for c in asked
        ]
        named = tuple(
            replace(c, header=meanings[c.header]["meaning"], text=meanings[c.header]["meaning"])
            for c in asked
        )
        cells = sheet.cells[[c.position for c in asked]]
        yield Survey(
            name[:13],
            _sheet(sheet, named, cells),
            Questionnaire(id="kc", title="kc", items=items),
            {place: c.header for place, c in enumerate(asked)},
        )


def _simulated(questionnaire: Questionnaire) -> Survey:
    """Make a by-text file with one column an item, answered at random."""
    rng = np.random.Generator(np.random.PCG64(1))
    columns, cells = [], {}
    for at, item in enumerate(questionnaire.items):
        columns.append(
            RawColumn(at, f"{item.number}、{item.text}", item.number, item.text, item.stem)
        )
        labels = [option.label for option in questionnaire.options_of(item)] or ["随便"]
        cells[at] = rng.choice(labels, size=100)
    sheet = RawSheet(
        questionnaire.id, None, "wenjuanxing", "text", tuple(columns),
        pd.DataFrame(cells, index=range(2, 102)), None, "",
    )  # fmt: skip
    truth = {at: item.id for at, item in enumerate(questionnaire.items)}
    return Survey(f"changshou {questionnaire.id}", sheet, questionnaire, truth)


def _sheet(sheet: RawSheet, columns: tuple[RawColumn, ...], cells: pd.DataFrame) -> RawSheet:
    """Return a sheet with these columns, numbered anew."""
    places = range(len(columns))
    moved = tuple(replace(c, position=at) for at, c in zip(places, columns, strict=True))
    return replace(sheet, columns=moved, cells=cells.set_axis(list(places), axis=1))


Change = Callable[[RawColumn, np.random.Generator], RawColumn]


def _as_is(column: RawColumn, _: np.random.Generator) -> RawColumn:
    return column


def _shifted(column: RawColumn, _: np.random.Generator) -> RawColumn:
    return replace(column, number=None if column.number is None else column.number + 1)


def _without_number(column: RawColumn, _: np.random.Generator) -> RawColumn:
    return replace(column, number=None)


def _reworded(share: float) -> Change:
    def change(column: RawColumn, rng: np.random.Generator) -> RawColumn:
        return replace(
            _shifted(column, rng),
            text=_edited(column.text, share, rng),
            stem=_edited(column.stem, share, rng) if column.stem else column.stem,
        )

    return change


def _edited(text: str, share: float, rng: np.random.Generator) -> str:
    """Delete, replace and insert characters, `share` of them in all, at random places."""
    characters = list(text)
    for _ in range(max(1, round(share * len(characters))) if characters else 0):
        at = int(rng.integers(len(characters) + 1))
        what = int(rng.integers(3))
        new = FILLER[int(rng.integers(len(FILLER)))]
        if what == 0 and at < len(characters) and len(characters) > 1:
            del characters[at]
        elif what == 1 and at < len(characters):
            characters[at] = new
        else:
            characters.insert(at, new)
    return "".join(characters)


def _code_only(column: RawColumn, _: np.random.Generator) -> RawColumn:
    return replace(column, text="" if column.option else f"Q{column.number or ''}", stem=None)


CHANGES: dict[str, Change] = {
    "as is": _as_is,
    "no number": _without_number,
    "renumbered": _shifted,
    "reworded 10%": _reworded(0.1),
    "reworded 25%": _reworded(0.25),
    "reworded 50%": _reworded(0.5),
    "only a number": _code_only,
}
BINS = (0.0, 0.3, 0.5, 0.6, 0.7, 0.8, 0.9, 1.01)


def trial(survey: Survey, change: Change, rng: np.random.Generator) -> list[tuple[str, float]]:
    """Draft once; return the outcome of every column with the certainty of its proposal."""
    groups: dict[object, list[RawColumn]] = {}
    for column in survey.sheet.columns:
        key = column.position if column.option is None else ("options", column.number)
        groups.setdefault(key, []).append(column)
    order = [list(groups)[at] for at in rng.permutation(len(groups))]
    columns = [column for key in order for column in groups[key]]
    changed: list[RawColumn] = []
    for key in order:
        seed = int(rng.integers(2**32))
        changed += [change(c, np.random.Generator(np.random.PCG64(seed))) for c in groups[key]]
    same = change is _as_is
    named = tuple(
        c if same or c.metadata else replace(c, header=f"{c.number or ''}{c.stem or ''}{c.text}")
        for c in changed
    )
    sheet = _sheet(survey.sheet, named, survey.sheet.cells[[c.position for c in columns]])
    items = list(survey.questionnaire.items)
    out = set(rng.permutation(len(items))[: len(items) // 3].tolist())
    kept = [item for at, item in enumerate(items) if at not in out]
    questionnaire = survey.questionnaire.model_copy(update={"items": kept})
    crosswalk = draft(sheet, questionnaire, crosswalk_id="x", layout="x")
    present = {item.id for item in kept}
    outcomes = []
    for column, mapping in zip(columns, crosswalk.columns, strict=True):
        truth = survey.truth.get(column.position)
        truth = truth if truth in present else None
        if mapping.item is None:
            outcomes.append(("absent" if truth is None else "missed", 0.0))
        else:
            right = mapping.item == truth
            outcomes.append(("right" if right else "wrong", mapping.certainty or 0.0))
    return outcomes


TYPED = {
    "as it was": (0.0, False),
    "another order": (0.0, True),
    "reworded 10%": (0.1, True),
    "reworded 25%": (0.25, True),
}
"""How much of the wording somebody typed otherwise, and whether questions stand in another order."""


def exported(
    platform: str, change: str, form: Questionnaire, rng: np.random.Generator, folder: Path
) -> list[tuple[str, float]]:
    """Draft for one platform's export of a survey; a third of its questions is in no questionnaire."""
    share, moved = TYPED[change]
    asked = []
    places = rng.permutation(len(form.items)) if moved else np.arange(len(form.items))
    stems = [None, *dict.fromkeys(item.stem for item in form.items if item.stem)]
    order = sorted(places.tolist(), key=lambda at: stems.index(form.items[at].stem))
    for at in order:
        item = form.items[at]
        options = {o.code: _typed(o.label, share, rng) for o in form.options_of(item)}
        number = len({(q.number, q.stem) for q in asked} | {0})
        if item.stem and asked and asked[-1].stem and item.stem == form_stem(asked[-1], form):
            number = asked[-1].number
        stem = asked[-1].stem if number == (asked[-1].number if asked else None) else None
        asked.append(
            Question(
                item.id,
                number,
                _typed(item.text, share, rng),
                stem or (_typed(item.stem, share, rng) if item.stem else None),
                options,
                item.kind == "multiple",
            )
        )
    given = [_person(asked, rng) for _ in range(50)]
    made = PLATFORMS[platform](asked, given)
    path = folder / "export.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        csv.writer(file).writerows(made.rows)
    sheet = read(path, name=path.name, problems=Problems())
    assert sheet is not None, platform
    out = set(rng.permutation(len(form.items))[: len(form.items) // 3].tolist())
    kept = [item for at, item in enumerate(form.items) if at not in out]
    known = form.model_copy(update={"items": kept})
    crosswalk = draft(
        sheet, known, crosswalk_id="x", layout=fingerprint(sheet), codebook=sheet.codebook
    )
    present = {item.id for item in kept}
    outcomes = []
    for mapping in crosswalk.columns:
        truth: Truth = made.truth[mapping.column - 1]
        truth = truth if truth and truth[0] in present else None
        if mapping.item in (None, UNDECIDED):
            outcomes.append(("absent" if truth is None else "missed", 0.0))
        else:
            right = truth == (mapping.item, mapping.option)
            outcomes.append(("right" if right else "wrong", mapping.certainty or 0.0))
    return outcomes


def form_stem(question: Question, form: Questionnaire) -> str | None:
    """Return the stem of the item that a question is, as the questionnaire words it."""
    return next(item.stem for item in form.items if item.id == question.item)


def _typed(text: str, share: float, rng: np.random.Generator) -> str:
    return _edited(text, share, rng) if share and len(text) > 3 else text


def _person(asked: list[Question], rng: np.random.Generator) -> dict[str, list[str]]:
    """Answer everything at random; texts are one of three."""
    found = {}
    for own in asked:
        codes = list(own.options) or ["东苑", "西苑", "南苑"]
        several = min(2, len(codes)) if own.multiple else 1
        found[own.item] = sorted(rng.choice(codes, size=several, replace=False).tolist())
    return found


def platforms() -> Iterator[tuple[str, str, list[tuple[str, float]]]]:
    """Yield by platform and change what became of the columns."""
    path = HERE / "questionnaires" / "changshou" / "resident.yaml"
    form = Questionnaire.model_validate(yaml.safe_load(path.read_text("utf-8")))
    with tempfile.TemporaryDirectory() as folder:
        for platform in PLATFORMS:
            for change in TYPED:
                rng = np.random.Generator(np.random.PCG64(11))
                found = [
                    outcome
                    for _ in range(REPETITIONS)
                    for outcome in exported(platform, change, form, rng, Path(folder))
                ]
                yield platform, change, found


def main() -> None:
    """Print, by survey and change, what became of the columns; then by certainty."""
    print(f"minimum {likeness.MINIMUM}")
    if SAMPLES.exists():
        _real()
    everything: list[tuple[str, float]] = []
    print(f"\n{'platform':24}{'typed':16}  right  wrong missed absent")
    for platform, change, found in platforms():
        counts = Counter(outcome for outcome, _ in found)
        cells = "".join(f"{counts[o]:7}" for o in ("right", "wrong", "missed", "absent"))
        print(f"{platform:24}{change:16}{cells}")
        everything += found
    _by_certainty(everything)


def _real() -> None:
    everything: list[tuple[str, float]] = []
    print(f"{'survey':24}{'change':16}  right  wrong missed absent")
    for survey in surveys():
        for name, change in CHANGES.items():
            rng = np.random.Generator(np.random.PCG64(7))
            found = [o for _ in range(REPETITIONS) for o in trial(survey, change, rng)]
            counts = Counter(outcome for outcome, _ in found)
            cells = "".join(f"{counts[o]:7}" for o in ("right", "wrong", "missed", "absent"))
            print(f"{survey.name:24}{name:16}{cells}")
            everything += found
    _by_certainty(everything)


def _by_certainty(everything: list[tuple[str, float]]) -> None:
    there = Counter(outcome for outcome, _ in everything)
    asked = there["right"] + there["missed"]
    print(f"\nof {asked} columns that are there {there['right'] / asked:.1%} are proposed")
    print("certainty     right  wrong  share right")
    for low, high in pairwise(BINS):
        counts = Counter(o for o, c in everything if low <= c < high and o in ("right", "wrong"))
        if total := counts.total():
            share = counts["right"] / total
            print(f"{low:.1f}-{high:.1f}    {counts['right']:7}{counts['wrong']:7}  {share:.3f}")


if __name__ == "__main__":
    main()
