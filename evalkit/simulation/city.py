"""A city whose truth is known: streets of committees, asked with one form, tables of the whole city.

Streets differ, committees within them differ, and kinds of housing differ; all of it is drawn from
the seed and can be held against what an evaluation finds.
"""

from __future__ import annotations

import csv
import datetime as dt
import hashlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit.definitions.city import City, CityFile, CityWave, Street
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.simulation.demo import PRESET, demo_documents
from evalkit.simulation.exports import NO_DIRT, Export, exported
from evalkit.simulation.ground import geojson_text, invented_boundaries
from evalkit.simulation.naming import ENDS, places
from evalkit.simulation.respondents import simulate
from evalkit.simulation.truth import Truth, combine, shift, street

SEED = 20170101
WAVE = "2016"
COMMITTEES = 36
"""Committees of a street where nothing else is asked for."""

BETWEEN_STREETS, BETWEEN_COMMITTEES = 2.0, 3.0
"""Standard deviations of true means, points."""

HOUSING: Mapping[str, tuple[float, float]] = {
    "商品房": (0.35, 1.5),
    "售后公房": (0.35, 0.0),
    "老公房": (0.20, -1.0),
    "老式里弄": (0.10, -2.0),
}
"""By kind of housing: its share of committees, and its points above or below the others."""

COLUMN = "所属街道"
"""Header of the column that tells streets apart."""

STREETS_A_DISTRICT = 12
_DISTRICTS = "东西南北中江河湖海山川林田园城"

_START, _END = dt.date(2016, 11, 14), dt.date(2016, 12, 18)
_EXPORTS: Mapping[str, Export] = {
    "重点居民": Export(WAVE, ("key",), 1, "重点居民", _START, _END, dirt=NO_DIRT),
    "随机居民": Export(WAVE, ("random",), 2, "随机居民", _START, _END, dirt=NO_DIRT),
    "单位评价": Export(
        WAVE, ("department", "partner", "peer"), 3, "单位评价", _START, _END, dirt=NO_DIRT
    ),
}


@dataclass(frozen=True, slots=True)
class CityTruth:
    """What is true of a city.

    Attributes
    ----------
    streets : sequence of (Street, Truth)
        In the city's order.
    seed : int
    """

    streets: Sequence[tuple[Street, Truth]]
    seed: int

    def residents(self, scheme: Scheme) -> pd.DataFrame:
        """Return what an endless survey of residents would find: street, subject, housing, score."""
        weights = scheme.weights().copy()
        codes = [group.code for group in scheme.residents]
        for at, group in enumerate(scheme.groups):
            weights[at] *= group.code in codes
        weights /= weights.sum()
        return pd.DataFrame(
            [
                (home.id, subject.id, subject.housing, score)
                for home, truth in self.streets
                for subject, score in zip(
                    truth.subjects, combine(truth.mean, weights)[0], strict=True
                )
            ],
            columns=["street", "subject", "housing", "score"],
        )


def invent(
    streets: int,
    *,
    committees: int = COMMITTEES,
    issued: Mapping[str, int] | None = None,
    seed: int = SEED,
) -> CityTruth:
    """Invent a city of so many streets.

    Parameters
    ----------
    committees : int
        Of every street.
    issued : dict of group code to int
        As in `truth.street`.
    """
    scheme, _ = demo_documents()
    rng = np.random.Generator(np.random.PCG64(seed))
    levels = 85.0 + BETWEEN_STREETS * rng.standard_normal(streets)
    kinds, shares = list(HOUSING), np.array([share for share, _ in HOUSING.values()])
    width = max(3, len(str(streets)))
    found = []
    for number, level in enumerate(levels, start=1):
        home = _street(number, width)
        housing = [kinds[at] for at in rng.choice(len(kinds), committees, p=shares)]
        subjects = _subjects(home.id, housing, rng)
        truth = street(
            scheme,
            subjects,
            mean=float(level),
            between_sd=BETWEEN_COMMITTEES,
            waves=(WAVE,),
            issued=issued,
            seed=seed_of(seed, home.id),
        )
        points = np.array([[HOUSING[kind][1] for kind in housing]])
        found.append((home, _moved(truth, points)))
    return CityTruth(found, seed)


def _moved(truth: Truth, points: np.ndarray) -> Truth:
    return Truth(
        truth.subjects,
        truth.waves,
        truth.groups,
        truth.indicators,
        shift(truth.mean, points),
        truth.issued,
        truth.returned,
        truth.patterns,
    )


def seed_of(seed: int, street_id: str) -> int:
    """Return the seed of a street's invention; not that of its evaluation."""
    return int.from_bytes(hashlib.sha256(f"{seed}:{street_id}".encode()).digest()[:4], "big")


def _street(number: int, width: int) -> Street:
    district = (number - 1) // STREETS_A_DISTRICT
    turn, place = divmod(district, len(_DISTRICTS))
    name = _DISTRICTS[place] + (str(turn + 1) if turn else "")
    code = f"s{number:0{width}d}"
    return Street(
        id=code,
        name=f"模拟第{number}街道",
        district=f"{name}区（模拟）",
        source=f"{number:0{width}d}号街道",
    )


def _subjects(home: str, housing: Sequence[str], rng: np.random.Generator) -> tuple[Subject, ...]:
    names = places(ENDS)
    chosen = rng.choice(len(names), len(housing), replace=False)
    return tuple(
        Subject(id=f"{home}-{at:02d}", name=names[int(name)], housing=kind)
        for at, (name, kind) in enumerate(zip(chosen, housing, strict=True), start=1)
    )


def write_city(folder: Path, truth: CityTruth, *, draws: int | None = None) -> None:
    """Write a city's folder as one that was never split: documents, list, roster, tables.

    Raises
    ------
    FileExistsError
        If the folder already holds something.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder}: 文件夹不是空的")
    (folder / "streets").mkdir(parents=True)
    homes = [home for home, _ in truth.streets]
    _write_csv(
        folder / "streets.csv",
        ["id", "name", "district", "source"],
        ([s.id, s.name, s.district, s.source] for s in homes),
    )
    _write_csv(
        folder / "roster.csv",
        ["street", "id", "name", "housing"],
        (
            [home.source, s.id, s.name, s.housing]
            for home, own in truth.streets
            for s in own.subjects
        ),
    )
    files = list(_tables(folder, truth))
    city = City(
        title="居民区服务群众能效评估（模拟数据）",
        city="模拟市",
        synthetic=True,
        scheme=PRESET,
        roster="roster.csv",
        peers=["housing", "kind"],
        waves=[CityWave(id=WAVE, start=_START, end=_END, files=files)],
        **({} if draws is None else {"draws": draws}),
    )
    head = "# 演示：模拟的城市。名称和数字都是编造的，不代表任何真实的地方。\n\n"
    (folder / "city.yaml").write_text(head + dump_yaml(city), encoding="utf-8")
    areas = invented_boundaries([Subject(id=s.id, name=s.name) for s in homes])
    (folder / "boundaries.geojson").write_text(geojson_text(areas), encoding="utf-8")


def _tables(folder: Path, truth: CityTruth) -> Iterator[CityFile]:
    """Write a table for every district and form, and yield its entry."""
    scheme, questionnaires = demo_documents()
    districts: dict[str, list[tuple[Street, Truth]]] = {}
    for home, own in truth.streets:
        districts.setdefault(home.district or "", []).append((home, own))
    for number, members in enumerate(districts.values(), start=1):
        samples = [
            (home, simulate(own, scheme, questionnaires, seed=seed_of(truth.seed, home.id)))
            for home, own in members
        ]
        for title, export in _EXPORTS.items():
            made = [(home, exported(sample, export)) for home, sample in samples]
            rows = [[*row, home.source] for home, one in made for row in one.rows[1:]]
            header = [*made[0][1].rows[0], COLUMN]
            total = ["合计", str(len(rows)), *[""] * (len(header) - 2)]
            name = f"intake/{WAVE}/{title}{number:02d}.csv"
            _write_csv(folder / name, header, [*rows, total])
            group = export.groups[0] if len(export.groups) == 1 else None
            yield CityFile(
                file=name, questionnaire=made[0][1].questionnaire, group=group, street=COLUMN
            )


def _write_csv(path: Path, header: Sequence[object], rows: Iterable[Sequence[object]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        writer.writerows(rows)
