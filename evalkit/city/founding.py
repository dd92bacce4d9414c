"""A new city's folder, and the folder of a street as the city's documents make it."""

from __future__ import annotations

import csv
import io
import shutil
from collections.abc import Mapping, Sequence
from pathlib import Path

from evalkit.city.town import CITY, FOLDERS, Town
from evalkit.definitions.city import CityFile, CitySubject, Street
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile, Settings, Wave
from evalkit.definitions.roster import Subject
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.folder.founding import lay_out

TEMPLATE = """\
# 城市：许多街道，一套方案。改好后运行 `evalkit city check`，有问题会一次列全。

title: 居民区服务群众能效评估
city: 某某市                       # 改成市、区的名称
# street_word: 镇                  # 不叫“街道”时写明
scheme: scheme.yaml                # 全市共用，各街道不得另立；问卷在 questionnaires/
streets: streets.csv               # 街道名单：代码、名称、所属区、市表里的叫法
# roster: roster.csv               # 全市名册（多一列“街道”），由 city split 分到各街道；各街道自备名册则不写
peers: [housing, kind]             # 同类：住房类型和类别都相同的居民区
comparable: residents              # 跨街道只比居民评分

waves:
  - id: "2026"
    # start: 2026-11-16
    # end: 2026-12-20
    files: []                      # 全市合在一起的答卷，例如：
    # - file: intake/2026/重点居民.xlsx
    #   questionnaire: resident
    #   group: key
    #   street: 所属街道           # 写明街道的那一列的表头
"""
LIST = "代码,名称,所属区,来源\n"


def found(root: Path, preset: str) -> None:
    """Lay out a new city's folder: documents of a preset that all streets share, and a list to fill.

    Raises
    ------
    InputErrors
        If the preset is unknown or the folder is not empty.
    """
    lay_out(root, preset)
    for name in ("evaluation.yaml", "roster.csv", "README.md"):
        (root / name).unlink(missing_ok=True)
    shutil.rmtree(root / "responses")
    for folder in ("intake", FOLDERS):
        (root / folder).mkdir()
    (root / CITY).write_text(TEMPLATE, encoding="utf-8")
    (root / "streets.csv").write_text("\N{BYTE ORDER MARK}" + LIST, encoding="utf-8")


def order_of(
    town: Town,
    street: Street,
    files: Mapping[str, Sequence[ResponseFile]],
    known: EvaluationOrder | None,
) -> EvaluationOrder:
    """Return a street's evaluation.yaml: what it says already, with the city's waves and seed.

    Parameters
    ----------
    files : dict of wave id to files
        Those that were cut out of the city's tables.
    known : EvaluationOrder or None
        What lies in the street's folder: its own words and its own files stay.
    """
    city = town.city
    order = known or EvaluationOrder(
        title=city.title,
        street=street.name,
        subject_word=city.subject_word,
        street_word=city.street_word,
        synthetic=city.synthetic,
        scheme=town.scheme_of_streets,
        papers=city.papers,
        notice=city.notice,
        waves=[Wave(id=city.last.id)],
    )
    own = {wave.id: wave for wave in order.waves}
    for wave in city.waves:
        cut = list(files.get(wave.id, ()))
        before = own.get(wave.id, Wave(id=wave.id))
        names = {one.file for one in cut}
        kept = [one for one in before.files if one.file not in names]
        dates = {"title": wave.title, "start": wave.start, "end": wave.end}
        own[wave.id] = before.model_copy(update={**dates, "files": [*cut, *kept]})
    waves = [wave for _, wave in sorted(own.items()) if wave.files or wave.id == city.last.id]
    settings = Settings(seed=city.seed_of(street.id), draws=city.draws)
    return order.model_copy(update={"waves": waves, "settings": settings})


def order_text(order: EvaluationOrder) -> str:
    """Return the text of a street's evaluation.yaml."""
    return f"# 由 evalkit city split 写成；除批次、文件和种子外，可以自己改。\n\n{dump_yaml(order)}"


def response_file(entry: CityFile, name: str) -> ResponseFile:
    """Return how a street's evaluation.yaml names what was cut out of a table of the city."""
    same = ("questionnaire", "group", "mode", "variant", "platform")
    return ResponseFile(file=name, **{field: getattr(entry, field) for field in same})


def roster_text(subjects: Sequence[CitySubject]) -> str:
    """Return the committees of one street as its roster.csv; a column of levels only where it is used."""
    used = {field for subject in subjects for field in subject.model_dump()}
    fields = [field for field in Subject.model_fields if field in used and field != "partitions"]
    parts = list(dict.fromkeys(part for subject in subjects for part in subject.partitions))
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow([*fields, *(f"partitions:{part}" for part in parts)])
    for subject in subjects:
        values = [getattr(subject, field) for field in fields]
        values += [subject.partitions.get(part) for part in parts]
        rows.writerow(
            ";".join(v) if isinstance(v, list) else "" if v is None else str(v) for v in values
        )
    return "\N{BYTE ORDER MARK}" + text.getvalue()
