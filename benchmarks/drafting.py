"""How often a drafted crosswalk proposes the right item, by how certain it says it is.

Real headers (two 问卷星 surveys, the Kansas City resident survey, the shipped questionnaires) are
renumbered, reworded and cut down to codes, in a file whose columns are shuffled, against a
questionnaire from which a third of the items is taken out. `python benchmarks/drafting.py` prints
the tables; it needs the samples in ../shared.
"""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import yaml

from evalkit.definitions.questionnaire import Item, Option, Questionnaire
from evalkit.drafting import likeness
from evalkit.drafting.drafting import draft
from evalkit.errors import Problems
from evalkit.platforms import RawColumn, RawSheet, read, wenjuanxing

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


def main() -> None:
    """Print, by survey and change, what became of the columns; then by certainty."""
    everything: list[tuple[str, float]] = []
    print(f"minimum {likeness.MINIMUM}")
    print(f"{'survey':24}{'change':16}  right  wrong missed absent")
    for survey in surveys():
        for name, change in CHANGES.items():
            rng = np.random.Generator(np.random.PCG64(7))
            found = [o for _ in range(REPETITIONS) for o in trial(survey, change, rng)]
            counts = Counter(outcome for outcome, _ in found)
            cells = "".join(f"{counts[o]:7}" for o in ("right", "wrong", "missed", "absent"))
            print(f"{survey.name:24}{name:16}{cells}")
            everything += found
    print("\ncertainty     right  wrong  share right")
    for low, high in pairwise(BINS):
        counts = Counter(o for o, c in everything if low <= c < high and o in ("right", "wrong"))
        if total := counts.total():
            share = counts["right"] / total
            print(f"{low:.1f}-{high:.1f}    {counts['right']:7}{counts['wrong']:7}  {share:.3f}")


if __name__ == "__main__":
    main()
