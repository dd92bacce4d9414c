"""A street around a preset's own documents: rosters, answers, records and persons of known truth.

Whoever answers, rates or reports, and how good everything really is, is drawn from the documents and
a `StreetPlan`. The truth stands in ``simulation/`` of the folder, and in that of every track.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile, Track, Wave
from evalkit.definitions.persons import Person
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.tracks import FOLDER
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.simulation import invention
from evalkit.simulation.demo import truth_table
from evalkit.simulation.exports import Dirt, Export, write_exports
from evalkit.simulation.ground import geojson_text, invented_boundaries
from evalkit.simulation.naming import spoken
from evalkit.simulation.plan import StreetPlan
from evalkit.simulation.preset_ledgers import Field, entries_of, write_ledgers
from evalkit.simulation.respondents import Sample, simulate
from evalkit.simulation.returned import returned_list
from evalkit.simulation.standing import Asked, Documents, street_truth
from evalkit.simulation.truth import Truth

TRUTH = "simulation"
"""Folder with what is true: nothing reads it."""
SURVEY = 31000000
"""Number of the first survey on the platform that nobody made."""
PERSONS = {"workers": 4, "members": 2}
"""Persons of a unit where a plan does not say."""

_DIRT = Dirt(duplicates=1, screened_out=2, tests=1, blanks=1, footers=1)
_PLAIN = Dirt(duplicates=1)
_FIRST, _LAST = (11, 10), (12, 14)
"""Month and day on which people begin and cease to be asked."""

HEAD = """\
# 演示：按预设编造的街道、单位、答卷和台账。名称和数字都是编造的，不代表任何真实的地方。

"""
README = """\
# 演示：模拟街道

这个文件夹由 `evalkit demo` 按预设 {preset} 编造：名册、答卷、台账里的名称和数字都不是真的，不代表任何真实的地方；
每一页都注明“模拟数据”。方案、问卷、台账说明等文档是预设原样的。

`simulation/` 里是编造时定下的“真实情况”：`truth.csv` 每个批次、单位、评价主体一行，`issued` 是发放份数，`returned` 是回收的比例，
其余各列是该主体对各指标的真实平均分；`measures.csv` 是台账各度量的真实值。程序从不读它，
只供对照：评估出来的结果离真实情况有多远。
换一个文件夹再运行一次，得到同样的文件。
"""


@dataclass(frozen=True, slots=True)
class PresetDocuments:
    """A preset's documents, sound, as they lie in the new folder.

    Attributes
    ----------
    order : EvaluationOrder
        The template's: which files there are, by its last wave; levels and tracks.
    roster : sequence of Subject
        The template's rows, where it is filled in.
    tracks : dict of track id to Documents
    persons : dict of track id to sequence of Person
        Of tracks whose roster is filled in.
    """

    preset: str
    order: EvaluationOrder
    own: Documents
    actions: ActionLibrary | None = None
    roster: Sequence[Subject] = ()
    tracks: Mapping[str, Documents] = field(default_factory=dict)
    persons: Mapping[str, Sequence[Person]] = field(default_factory=dict)


def write_street(
    folder: Path,
    documents: PresetDocuments,
    plan: StreetPlan,
    *,
    size: float = 1.0,
    draws: int | None = None,
) -> Truth:
    """Write a simulated street into a folder that holds a preset's documents; return its truth.

    Roster, counts, boundaries, files, the list that came back and ``evaluation.yaml`` are new or take
    the template's place. The same plan gives the same bytes.

    Parameters
    ----------
    size : float
        Share of the units that are made, below 1 for the last wave only.
    draws : int or None
        Simulations of rank sets; those of the template if None.
    """
    rng = np.random.Generator(np.random.PCG64([plan.seed, 1]))
    order, plan = documents.order, plan.thinned(size)
    units = invention.units_of(plan, order, documents.roster, rng, size)
    boundaries = invented_boundaries(units.subjects)
    (folder / "roster.csv").write_bytes(invention.roster_csv(units.rows, bool(units.counts)))
    if units.counts:
        (folder / "counts.csv").write_bytes(invention.counts_csv(units.counts))
    (folder / "boundaries.geojson").write_text(geojson_text(boundaries), encoding="utf-8")
    rings = {
        str(f["properties"]["id"]): np.array(f["geometry"]["coordinates"][0])[:-1]
        for f in boundaries["features"]
    }
    names = {s.id: units.inside.get(s.id) or (spoken(s),) for s in units.subjects}
    kinds = tuple(m.kind for m in documents.actions.matters) if documents.actions else ()
    where = _Where(folder, plan, units.subjects, names, rings, kinds, order.calendar)
    truth, waves = where.write(documents.own, order.waves[-1], plan.waves, Asked(plan))
    if documents.actions is not None and len(truth.waves) > 1:
        _follow_up(folder, truth, documents)
    tracks = [_track(folder, track, documents, where) for track in order.tracks]
    settings = (
        order.settings if draws is None else order.settings.model_copy(update={"draws": draws})
    )
    told = order.model_copy(
        update={
            "title": f"{order.title}（模拟数据）",
            "street": plan.street or f"演示{order.street_word}（模拟）",
            "synthetic": True,
            "roster": "roster.csv",
            "waves": waves,
            "tracks": tracks,
            "settings": settings,
        }
    )
    (folder / "evaluation.yaml").write_text(HEAD + dump_yaml(told), encoding="utf-8")
    (folder / "README.md").write_text(README.format(preset=documents.preset), encoding="utf-8")
    return truth


@dataclass(frozen=True, slots=True)
class _Where:
    """A folder to write into, and the subjects that files are about."""

    folder: Path
    plan: StreetPlan
    subjects: tuple[Subject, ...]
    names: Mapping[str, Sequence[str]] | None
    rings: Mapping[str, np.ndarray]
    kinds: Sequence[str]
    calendar: Sequence[dt.date]

    def write(
        self, documents: Documents, template: Wave, years: Sequence[str], asked: Asked
    ) -> tuple[Truth, list[Wave]]:
        """Write answers and records of some waves; return the truth and the waves of the order."""
        truth = street_truth(documents, self.subjects, years, asked)
        sample = simulate(
            truth, documents.scheme, documents.questionnaires, seed=self.plan.seed + 1
        )
        entries = entries_of(template, documents.scheme)
        waves = []
        for year in years:
            start, end = (dt.date(int(year), *day) for day in (_FIRST, _LAST))
            files = self._answers(sample, entries, year, start, end)
            since = dt.date(int(year), 1, 1)
            told = Field(
                self.folder, self.subjects, truth, year, since, end, self.rings, self.kinds,
                self.calendar, asked, last=year == years[-1],
            )  # fmt: skip
            books = write_ledgers(documents.scheme, documents.ledgers, entries, told)
            waves.append(
                Wave(
                    id=year,
                    start=start,
                    end=end,
                    records_since=since if books else None,
                    issued=_issued(truth, documents.scheme, year),
                    files=[*files, *books],
                )
            )
        place = self.folder / TRUTH
        place.mkdir(parents=True, exist_ok=True)
        (place / "truth.csv").write_text(
            truth_table(truth).to_csv(index=False, float_format="%.3f", lineterminator="\n"),
            encoding="utf-8",
        )
        return truth, waves

    def _answers(
        self,
        sample: Sample,
        entries: Sequence[ResponseFile],
        year: str,
        start: dt.date,
        end: dt.date,
    ) -> list[ResponseFile]:
        """Write an export for every file of answers; whose answers stand in one, stand in no other."""
        found, told = [], set[str]()
        for number, entry in enumerate(entries):
            if entry.questionnaire is None:
                continue
            form = sample.questionnaires[entry.questionnaire]
            asks = {o.group for item in form.of_role("group") for o in form.options_of(item)}
            groups = tuple(
                g.code
                for g in sample.scheme.asked
                if g.questionnaire == form.id
                and (g.code == entry.group if entry.group else g.code in asks or not asks)
                and g.code not in told
            )
            if not groups:
                continue
            told.update(groups)
            residents = sample.truth.patterns[groups[0]] == "each"
            export = Export(
                year,
                groups,
                SURVEY + 100 * int(year[2:]) + number,
                f"{year}年{Path(entry.file).stem}",
                start,
                end,
                dirt=_DIRT if residents else _PLAIN,
                names=self.names if residents else None,
            )
            (made,) = write_exports(sample, self.folder / "responses", [export])
            file = made.path.relative_to(self.folder).as_posix()
            found.append(entry.model_copy(update={"file": file, "crosswalk": None}))
        return found


def _track(folder: Path, track: Track, documents: PresetDocuments, street: _Where) -> Track:
    """Write the files of a track into its folder; return its entry in the order."""
    plan = street.plan
    rng = np.random.Generator(np.random.PCG64([plan.seed, 7]))
    persons = invention.persons_of(
        documents.persons.get(track.id, ()) if track.id not in plan.persons else (),
        street.subjects,
    ) or invention.invent_persons(
        track, plan.persons.get(track.id, PERSONS[track.kind]), street.subjects, rng
    )
    root = folder / FOLDER / track.id
    root.mkdir(parents=True, exist_ok=True)
    (root / "roster.csv").write_bytes(invention.persons_csv(persons))
    subjects = tuple(
        Subject(id=one.worker, name=one.worker, zone=one.unit, kind=one.post or "")
        for one in persons
    )
    own = replace(street, folder=root, subjects=subjects, names=None, rings={})
    asked = Asked(plan, tuple(track.colleagues), persons=True)
    _, waves = own.write(documents.tracks[track.id], track.waves[-1], plan.waves[-1:], asked)
    bare = [w.model_copy(update={"start": None, "end": None}) for w in waves]
    return track.model_copy(update={"roster": "roster.csv", "waves": bare})


def _issued(truth: Truth, scheme: Scheme, year: str) -> dict[str, int]:
    totals = truth.issued[truth.waves.index(year)].sum(axis=0)
    asked = {group.code for group in scheme.asked}
    return {
        group: int(total)
        for group, total in zip(truth.groups, totals, strict=True)
        if group in asked
    }


def _follow_up(folder: Path, truth: Truth, documents: PresetDocuments) -> None:
    """Write the list of the first wave's tasks as it came back, where there are actions for all."""
    library, scheme = documents.actions, documents.own.scheme
    if library is None or any(not library.of(i.code) for i in scheme.indicators):
        return
    (folder / "follow-up").mkdir(exist_ok=True)
    title = f"整改清单（{truth.waves[0]}年度）"
    back = returned_list(truth, scheme, library, title, documents.order.settings.seed)
    (folder / f"follow-up/{truth.waves[0]}.xlsx").write_bytes(back)
