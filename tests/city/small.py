"""A city of three tiny streets, and cheap pages and sensitivity, so that streets cost next to nothing."""

from __future__ import annotations

import atexit
import hashlib
import json
import pickle
import shutil
import tempfile
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest

from evalkit import city, evaluation, publication
from evalkit.city.town import Town
from evalkit.definitions.scheme import Scheme
from evalkit.publication import Published
from evalkit.tables import Assurance, Evaluation, no_rows
from evalkit.workspace import Workspace
from tests import tiny
from tests.archive.small import make_evaluation

STREETS = ("s001", "s002", "s003")
COLUMN = "所属街道"
CITY = f"""\
title: 小评估
city: 测试市
synthetic: true
scheme: scheme.yaml
roster: roster.csv
peers: [housing]
seed: 7
draws: 1000
waves:
  - id: '2016'
    start: 2016-01-01
    end: 2016-12-31
    files:
      - {{file: intake/2016/resident.csv, questionnaire: resident, group: resident, street: {COLUMN}}}
      - {{file: intake/2016/office.csv, questionnaire: organisation, group: office, street: {COLUMN}}}
"""
LIST = "代码,名称,所属区,来源\ns001,东街道,东区,1号\ns002,西街道,东区,2号\ns003,北街道,西区,3号\n"
HOUSING = ("商品房", "商品房", "老公房", "商品房")


def write(root: Path) -> Path:
    """Write a city as one that was never split: every test then spoils what it is about."""
    (root / "questionnaires").mkdir(parents=True)
    texts = {
        "scheme.yaml": tiny.SCHEME,
        "questionnaires/resident.yaml": tiny.RESIDENT,
        "questionnaires/organisation.yaml": tiny.ORGANISATION,
        "city.yaml": CITY,
        "streets.csv": LIST,
        "roster.csv": "街道,代码,名称,住房类型\n"
        + "".join(
            f"{at}号,{street}-{place},{name},{kind}\n"
            for at, street in enumerate(STREETS, start=1)
            for place, (name, kind) in enumerate(zip(tiny.SUBJECTS, HOUSING, strict=True), start=1)
        ),
    }
    for name, text in texts.items():
        (root / name).write_text(text, encoding="utf-8")
    residents = [
        [*row, f"{at}号"]
        for at in range(1, 4)
        for row in tiny.residents(2016, per_subject=10 + 2 * at)
    ]
    offices = [[*row, f"{at}号"] for at in range(1, 4) for row in tiny.offices(2016)]
    intake = root / "intake/2016"
    tiny.write_csv(intake / "resident.csv", [*tiny.RESIDENT_HEADER, COLUMN], residents)
    tiny.write_csv(intake / "office.csv", [*tiny.OFFICE_HEADER, COLUMN], offices)
    return root


def pages(made: Evaluation, folder: Path, **options: object) -> Published:
    """Write the frames of scores alone, as `publication.publish` would write everything."""
    del options
    files = {
        "scores.csv": publication.csv(made.current.scores.table),
        "indicators.csv": publication.csv(made.current.scores.indicators),
    }
    for name, content in files.items():
        (folder / name).write_bytes(content)
    told = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
    sizes = {name: len(content) for name, content in files.items()}
    manifest = {"fingerprint": made.fingerprint, "outputs": told, "sizes": sizes}
    (folder / publication.MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    return Published(folder, told, {})


@cache
def _assurance() -> Assurance:
    return replace(make_evaluation(("2016",)).assurance, bands=no_rows("bands"))


def cheap(patch: pytest.MonkeyPatch) -> None:
    """Leave out what no number of a city rests on: pages, and how far a table can be trusted."""
    patch.setattr(publication, "publish", pages)
    patch.setattr(evaluation, "assure", lambda *a, **b: (_assurance(), ()))


def town(root: Path) -> Town:
    return city.open_town(root)


@cache
def _ran() -> Path:
    root = Path(tempfile.mkdtemp(prefix="city-")) / "city"
    made: list[Evaluation] = []
    with pytest.MonkeyPatch.context() as patch:
        cheap(patch)
        patch.setattr(publication, "publish", lambda e, *a, **b: made.append(e) or pages(e, *a))
        city.split(town(write(root)))
        ran = city.run(town(root))
    assert not ran.faulty, [str(p) for receipt in ran.faulty for p in receipt.told]
    (root.parent / PICKLE).write_bytes(pickle.dumps(made[0]))
    atexit.register(shutil.rmtree, root.parent, ignore_errors=True)
    return root


def ran(root: Path) -> Path:
    """A city whose streets were all evaluated: made once a process, and copied."""
    return copied(_ran(), root)


def made() -> Path:
    """The city that was made once; copy it, do not change it."""
    return _ran()


def unmade(root: Path, *streets: str) -> None:
    """Take away what runs have left of these streets, or of all."""
    for street in streets or STREETS:
        (root / f"receipts/{street}.json").unlink()
        for name in ("evaluation.duckdb", "history.jsonl"):
            (root / f"streets/{street}/{name}").unlink()
        shutil.rmtree(root / f"streets/{street}/out")


def copied(source: Path, root: Path) -> Path:
    shutil.copytree(source, root)
    return root


@pytest.fixture
def cheaply(monkeypatch: pytest.MonkeyPatch) -> None:
    cheap(monkeypatch)


def state(root: Path) -> dict[str, tuple[bytes, int]]:
    """Every file with its bytes and its time; locks aside."""
    return {
        path.relative_to(root).as_posix(): (path.read_bytes(), path.stat().st_mtime_ns)
        for path in sorted(root.rglob("*"))
        if path.is_file() and ".evalkit" not in path.parts
    }


PICKLE = "s001.pickle"
"""The evaluation of the first street, beside the city that was made once."""


def pickled() -> Path:
    """Where the first street's evaluation lies, for another process to take."""
    return _ran().parent / PICKLE


def as_pickled(path: Path, patch: pytest.MonkeyPatch, scheme: Scheme | None = None) -> None:
    """Let every street's evaluation be the one that lies there, perhaps as of another scheme."""
    made = pickle.loads(path.read_bytes())
    if scheme is not None:
        made = replace(made, decided=made.decided.under(scheme))
    patch.setattr(publication, "publish", pages)
    patch.setattr(Workspace, "evaluate", lambda self, wave, **more: made)
