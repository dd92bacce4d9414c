"""The demo: a made-up street of 35 committees, two years, every file a real one would have.

Its truth lies in ``questionnaires/changshou/demo``. It was calibrated so that the *evaluated*
result shows the figures published about Changshou Road (see ``benchmarks/calibrate_demo.py``);
every committee, answer and score is synthetic.
"""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from evalkit import assets
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile, Wave
from evalkit.definitions.loading import (
    load_actions,
    load_questionnaire,
    load_roster,
    load_scheme,
)
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Problems
from evalkit.simulation.demo_ledgers import write_ledgers
from evalkit.simulation.exports import Dirt, Export, WrittenExport, write_exports
from evalkit.simulation.ground import geojson_text, invented_boundaries
from evalkit.simulation.respondents import Sample, simulate
from evalkit.simulation.returned import returned_list
from evalkit.simulation.truth import Truth, patterns_of

PRESET = "changshou"
SEED = 20161218
"""Seed of the demo's answers; the truth was calibrated for it and for no other."""

STREET = "长寿路街道（模拟）"
TITLE = "居民区服务群众能效评估（模拟数据）"

_FEW = Dirt(duplicates=2, screened_out=3, tests=1, blanks=1, footers=1)
EXPORTS: tuple[Export, ...] = (
    Export(
        "2015",
        ("key",),
        6403187,
        "2015年居民区工作满意度调查（重点居民）",
        dt.date(2015, 11, 16),
        dt.date(2015, 12, 13),
        style="old",
    ),
    Export(
        "2015",
        ("random",),
        6403204,
        "2015年居民区工作满意度调查（随机居民）",
        dt.date(2015, 11, 16),
        dt.date(2015, 12, 13),
        style="old",
        variant="number",
        dirt=_FEW,
    ),
    Export(
        "2015",
        ("department", "partner", "peer"),
        6411950,
        "2015年居民区工作评价（单位）",
        dt.date(2015, 11, 16),
        dt.date(2015, 12, 13),
        style="old",
        typed_names=True,
        dirt=_FEW,
    ),
    Export(
        "2016",
        ("key",),
        11286401,
        "2016年居民区工作满意度调查（重点居民）",
        dt.date(2016, 11, 14),
        dt.date(2016, 12, 18),
    ),
    Export(
        "2016",
        ("random",),
        11286433,
        "2016年居民区工作满意度调查（随机居民）",
        dt.date(2016, 11, 14),
        dt.date(2016, 12, 18),
        dirt=_FEW,
    ),
    Export(
        "2016",
        ("department", "partner", "peer"),
        11290067,
        "2016年居民区工作评价（单位）",
        dt.date(2016, 11, 14),
        dt.date(2016, 12, 18),
        dirt=_FEW,
    ),
)


@dataclass(frozen=True, slots=True)
class Demo:
    """What `write_demo` wrote.

    Attributes
    ----------
    folder : Path
        The workspace.
    sample : Sample
        The answers, and the truth behind them.
    files : tuple of WrittenExport
        Response files with the dirt that was put into them.
    """

    folder: Path
    sample: Sample
    files: tuple[WrittenExport, ...]


def demo_data() -> Path:
    """Return the folder of the demo street."""
    return assets.preset(PRESET) / "demo"


def demo_documents() -> tuple[Scheme, dict[str, Questionnaire]]:
    """Return the preset's scheme and questionnaires, by id.

    Raises
    ------
    InputErrors
        If the shipped preset is damaged.
    """
    problems = Problems()
    folder = assets.preset(PRESET)
    scheme = load_scheme(folder / "scheme.yaml", "scheme.yaml", problems)
    questionnaires = [
        load_questionnaire(folder / name, name, problems)
        for name in ("resident.yaml", "organisation.yaml")
    ]
    problems.raise_if_any()
    assert scheme is not None
    return scheme, {q.id: q for q in questionnaires if q is not None}


def demo_roster() -> tuple[Subject, ...]:
    """Return the demo's committees."""
    problems = Problems()
    roster = load_roster(demo_data() / "roster.csv", "roster.csv", problems)
    problems.raise_if_any()
    assert roster is not None
    return tuple(roster.subjects)


def demo_truth() -> Truth:
    """Return the demo street."""
    scheme, _ = demo_documents()
    table = pd.read_csv(demo_data() / "truth.csv", dtype={"wave": str})
    return truth_from(table, demo_roster(), scheme)


def truth_from(table: pd.DataFrame, subjects: tuple[Subject, ...], scheme: Scheme) -> Truth:
    """Read a truth from its table; the inverse of `truth_table`."""
    waves = tuple(sorted(table["wave"].unique()))
    groups = tuple(group.code for group in scheme.groups)
    indicators = tuple(indicator.code for indicator in scheme.indicators)
    index = pd.MultiIndex.from_product([waves, [subject.id for subject in subjects], groups])
    rows = table.set_index(["wave", "subject", "group"]).loc[index]
    shape = (len(waves), len(subjects), len(groups))
    returned = rows["returned"].to_numpy(dtype=np.float64).reshape(shape)
    return Truth(
        subjects,
        waves,
        groups,
        indicators,
        rows[list(indicators)].to_numpy(dtype=np.float64).reshape(*shape, len(indicators)),
        rows["issued"].to_numpy(dtype=np.int64).reshape(shape),
        returned[:, 0, :],
        patterns_of(scheme),
    )


def truth_table(truth: Truth) -> pd.DataFrame:
    """Return a truth as a table.

    Returns
    -------
    DataFrame of shape (W * K * G, 5 + I)
        wave, subject, group, issued (questionnaires), returned (share, 0 to 1), then the true
        mean of every indicator, 0 to 100, empty where the group does not judge it.
    """
    w, k, g, i = truth.mean.shape
    keys = pd.MultiIndex.from_product(
        [truth.waves, [subject.id for subject in truth.subjects], truth.groups],
        names=["wave", "subject", "group"],
    )
    means = pd.DataFrame(
        truth.mean.reshape(w * k * g, i), columns=pd.Index(truth.indicators), index=keys
    )
    returned = np.broadcast_to(truth.returned[:, None, :], (w, k, g))
    means.insert(0, "issued", truth.issued.reshape(-1))
    means.insert(1, "returned", returned.reshape(-1))
    return means.reset_index()


def demo_sample(truth: Truth | None = None) -> Sample:
    """Return the demo's answers."""
    scheme, questionnaires = demo_documents()
    return simulate(truth or demo_truth(), scheme, questionnaires, seed=SEED)


def write_demo(folder: Path) -> Demo:
    """Write the demo as a workspace, ready to be evaluated.

    Raises
    ------
    FileExistsError
        If the folder already holds something.
    """
    folder = Path(folder)
    if folder.exists() and any(folder.iterdir()):
        raise FileExistsError(f"{folder}: 文件夹不是空的")
    folder.mkdir(parents=True, exist_ok=True)
    sample = demo_sample()
    shutil.copyfile(demo_data() / "roster.csv", folder / "roster.csv")
    files = write_exports(sample, folder / "responses", EXPORTS)
    boundaries = invented_boundaries(sample.truth.subjects)
    order = _order(sample, files, folder)
    wave = order.waves[-1]
    assert wave.end is not None
    ledgers = write_ledgers(
        sample.truth, sample.scheme, boundaries, demo_data(), folder, wave.end, SEED
    )
    since = wave.end.replace(month=1, day=1)
    order.waves[-1] = wave.model_copy(
        update={"records_since": since, "files": [*wave.files, *ledgers]}
    )
    (folder / "evaluation.yaml").write_text(_HEAD + dump_yaml(order), encoding="utf-8")
    (folder / "boundaries.geojson").write_text(geojson_text(boundaries), encoding="utf-8")
    (folder / "follow-up").mkdir()
    (folder / f"follow-up/{sample.truth.waves[0]}.xlsx").write_bytes(demo_list(sample.truth))
    return Demo(folder, sample, files)


def demo_list(truth: Truth) -> bytes:
    """Return the made-up list of the first wave's tasks, as it came back."""
    problems, scheme = Problems(), demo_documents()[0]
    library = load_actions(assets.preset(PRESET) / "actions.yaml", "actions.yaml", problems)
    problems.raise_if_any()
    assert library is not None
    wave = truth.waves[0]
    return returned_list(truth, scheme, library, f"{STREET}整改清单（{wave}年度）", SEED)


_HEAD = """\
# 演示：模拟街道、模拟居民区、模拟答卷。名称和数字都是编造的，不代表任何真实的居民区。

"""


def _order(sample: Sample, files: tuple[WrittenExport, ...], folder: Path) -> EvaluationOrder:
    issued = _issued(sample.truth)
    waves = []
    for wave in sample.truth.waves:
        own = [file for file in files if file.export.wave == wave]
        waves.append(
            Wave(
                id=wave,
                start=min(file.export.start for file in own),
                end=max(file.export.end for file in own),
                issued=issued[wave],
                files=[
                    ResponseFile(
                        file=file.path.relative_to(folder).as_posix(),
                        questionnaire=file.questionnaire,
                        group=file.export.groups[0] if len(file.export.groups) == 1 else None,
                    )
                    for file in own
                ],
            )
        )
    return EvaluationOrder(title=TITLE, street=STREET, synthetic=True, scheme=PRESET, waves=waves)


def _issued(truth: Truth) -> Mapping[str, dict[str, int]]:
    totals = truth.issued.sum(axis=1)
    return {
        wave: {group: int(totals[w, g]) for g, group in enumerate(truth.groups)}
        for w, wave in enumerate(truth.waves)
    }
