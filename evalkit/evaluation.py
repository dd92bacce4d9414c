"""The first story: a street's files in, an `Evaluation` out. Read `evaluate` from top to bottom."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from itertools import pairwise
from typing import Any

from threadpoolctl import threadpool_limits

from evalkit.answers.importing import Source, claims, import_wave
from evalkit.answers.listening import listen
from evalkit.answers.margins import Margins
from evalkit.answers.measuring import definitions, measure
from evalkit.answers.weighting import Weighed, weigh
from evalkit.assurance import Seen, assure
from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Themes
from evalkit.engines.base import Engine
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.errors import Note, Problems
from evalkit.findings import (
    comparing,
    diagnosing,
    peer_groups,
    ranking,
    scoring,
    street_means,
)
from evalkit.tables import Answers, Cells, Evaluation, FileReport, Heard

Progress = Callable[[str], None]

ONE_THREAD = partial(threadpool_limits, limits=1, user_api="blas")
"""Linear algebra on one thread: matrices are small, and sums do not depend on the machine."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """Everything an evaluation is a function of: documents, files, the seed. No paths.

    Attributes
    ----------
    sources : dict of wave id to sources
        Earliest wave first.
    archived : dict of wave id to Cells
        Past waves whose files are no longer there.
    margins : Margins or None
        Known distributions that answers are weighted to.
    digests : dict of file name to SHA-256
        Of every document and file.
    themes : Themes or None
        What open answers are counted by.
    actions : ActionLibrary or None
        What can be done about an indicator.
    boundaries : dict or None
        GeoJSON of the subjects' areas, checked.
    """

    order: EvaluationOrder
    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]
    roster: Roster
    sources: Mapping[str, Sequence[Source]]
    archived: Mapping[str, Cells] = field(default_factory=dict)
    margins: Margins | None = None
    digests: Mapping[str, str] = field(default_factory=dict)
    themes: Themes | None = None
    actions: ActionLibrary | None = None
    boundaries: Mapping[str, Any] | None = None


def evaluate(
    inputs: Inputs,
    *,
    wave: str | None = None,
    engine: Engine | None = None,
    progress: Progress = lambda message: None,
) -> Evaluation:
    """Evaluate a street: every wave under today's scheme, the last one in full.

    Parameters
    ----------
    inputs : Inputs
        Validated documents and raw sheets.
    wave : str or None
        The wave to report on; the latest one if None. Later waves are left aside.
    engine : Engine or None
        Where rows live; DuckDB if None.

    Raises
    ------
    InputErrors
        With every problem of every file.
    """
    order, scheme, roster, settings = (
        inputs.order, inputs.scheme, inputs.roster, inputs.order.settings
    )  # fmt: skip
    waves = waves_up_to(inputs, wave)

    engine = engine or DuckDBEngine()

    progress("读取答卷")
    imported, reports = import_answers(inputs, waves)
    weighed = weigh_answers(inputs, imported)

    progress("计算单元均值与协方差")
    cells = {
        w: measure(
            weighed[w].answers,
            scheme,
            inputs.questionnaires,
            roster,
            engine,
            sweeps=weighed[w].raked,
        )
        if w in weighed
        else recall(inputs, w)
        for w in waves
    }

    progress("计算得分与名次区间")
    scores = {w: scoring.score(cells[w], scheme, roster) for w in waves}
    ranks = {
        w: ranking.rank(
            scores[w],
            roster,
            confidence=scheme.confidence,
            draws=settings.draws,
            seed=settings.seed,
        )
        for w in waves
    }

    progress("比较批次")
    changes = {
        later: comparing.compare(
            scores[earlier],
            scores[later],
            scheme,
            roster,
            draws=settings.draws,
            seed=settings.seed,
        )
        for earlier, later in pairwise(waves)
    }

    progress("诊断")
    current = waves[-1]
    previous = scores[waves[-2]] if len(waves) > 1 else None
    diagnoses = diagnosing.diagnose(scores[current], scheme, previous)

    progress("检验这张表能信到什么程度")
    seen = Seen(
        answers=weighed[current].answers if current in weighed else None,
        before=weighed[waves[-2]].answers if len(waves) > 1 and waves[-2] in weighed else None,
        cells=cells[current],
        scores=scores[current],
        ranking=ranks[current],
        sweeps=weighed[current].raked if current in weighed else {},
    )
    assurance, doubts = assure(
        seen,
        scheme,
        inputs.questionnaires,
        roster,
        engine,
        issued=order.issued(current),
        seed=settings.seed,
    )

    progress("汇总诉求与意见")
    heard, unheard = Heard.nothing(), tuple[Note, ...]()
    if current in weighed:
        heard, unheard = listen(
            weighed[current].answers, scheme, inputs.questionnaires, roster, inputs.themes
        )

    notes: list[Note] = [*order.notes(), *(note for report in reports for note in report.notes)]
    notes += [note for w in waves if w in weighed for note in weighed[w].notes]
    for w in waves:
        notes += [*scoring.notes(cells[w], scores[w]), *ranking.notes(ranks[w])]
    for earlier, later in pairwise(waves):
        notes += comparing.notes(cells[earlier], cells[later], changes[later])
    notes += [*doubts, *unheard]

    return Evaluation(
        order=order,
        scheme=scheme,
        roster=roster,
        wave=current,
        waves=waves,
        reports=reports,
        cells=cells,
        scores_by_wave=scores,
        ranking_by_wave=ranks,
        changes_by_wave=changes,
        diagnoses=diagnoses,
        assurance=assurance,
        notes=tuple(notes),
        fingerprint=fingerprint(inputs, waves),
        inputs=dict(inputs.digests),
        questionnaires=dict(inputs.questionnaires),
        heard=heard,
        actions=inputs.actions,
        boundaries=inputs.boundaries,
        peer_groups=peer_groups.compare(scores[current], scheme, roster),
        street_means=street_means.means(
            street_means.Seen(cells[current], scores[current]),
            street_means.Seen(cells[waves[-2]], scores[waves[-2]]) if len(waves) > 1 else None,
            scheme,
        ),
    )


def waves_up_to(inputs: Inputs, wave: str | None) -> tuple[str, ...]:
    """Return the waves to evaluate, earliest first, ending with the one asked for.

    Raises
    ------
    InputErrors
        If that wave is unknown, or has neither files nor archived cells.
    """
    known = sorted({*inputs.sources, *inputs.archived})
    problems = Problems()
    if not known or (wave is not None and wave not in known):
        problems.add(
            "unknown_wave",
            "没有这个批次的答卷",
            key="waves",
            expected="、".join(known) or "至少一个批次",
            found=wave,
            remedy="在 evaluation.yaml 中写上该批次和它的文件",
        )
    problems.raise_if_any()
    return tuple(w for w in known if wave is None or w <= wave)


def import_answers(
    inputs: Inputs, waves: Sequence[str]
) -> tuple[dict[str, Answers], tuple[FileReport, ...]]:
    """Import the files of all these waves; raise `InputErrors` with the problems of all."""
    problems = Problems()
    answers: dict[str, Answers] = {}
    reports: list[FileReport] = []
    present = {w: inputs.sources[w] for w in waves if inputs.sources.get(w)}
    claims(present, problems)
    for w, sources in present.items():
        answers[w], found = import_wave(
            inputs.order.wave(w), sources, inputs.scheme, inputs.roster, problems
        )
        reports += found
    problems.raise_if_any()
    return answers, tuple(reports)


def weigh_answers(inputs: Inputs, answers: Mapping[str, Answers]) -> dict[str, Weighed]:
    """Weight the answers of every wave to the margins; raise `InputErrors` where that fails."""
    if inputs.margins is None:
        return {w: Weighed(given, {}, ()) for w, given in answers.items()}
    problems = Problems()
    weighed = {
        w: weigh(given, inputs.margins, inputs.scheme, inputs.questionnaires, problems)
        for w, given in answers.items()
    }
    problems.raise_if_any()
    return weighed


def recall(inputs: Inputs, wave: str) -> Cells:
    """Return a past wave's archived cells, arranged for today's scheme and roster.

    Raises
    ------
    InputErrors
        If the archive lacks an indicator or a rater group that today's scheme weighs.
    """
    archived = inputs.archived[wave]
    needed_measures = tuple(definitions(inputs.scheme, inputs.questionnaires))
    problems = Problems()
    for kind, needed, found in (
        ("指标", needed_measures, archived.measures),
        ("评价主体", tuple(g.code for g in inputs.scheme.groups), tuple(archived.groups)),
    ):
        lacking = [code for code in needed if code not in found]
        if lacking:
            problems.add(
                "archive_lacks",
                f"数据库中批次 {wave} 没有今年方案用到的{kind}",
                file="evaluation.duckdb",
                key=wave,
                expected="、".join(needed),
                found=f"缺 {'、'.join(lacking)}",
                remedy="把该批次的原始文件放回 evaluation.yaml，或从方案中去掉",
            )
    unknown = [s for s in archived.subjects if s not in {x.id for x in inputs.roster.subjects}]
    if unknown:
        problems.add(
            "archive_unknown_subject",
            f"数据库中批次 {wave} 有名册里没有的居民区",
            file="evaluation.duckdb",
            key=wave,
            found="、".join(unknown),
            remedy="在名册中保留已撤并的居民区，并注明 until",
        )
    problems.raise_if_any()
    return archived.arranged(needed_measures, tuple(g.code for g in inputs.scheme.groups))


def fingerprint(inputs: Inputs, waves: Sequence[str]) -> str:
    """Return the SHA-256 of everything the evaluation is a function of."""
    content = {
        "waves": list(waves),
        "order": inputs.order.model_dump(mode="json"),
        "scheme": inputs.scheme.model_dump(mode="json"),
        "roster": inputs.roster.model_dump(mode="json"),
        "questionnaires": {
            name: q.model_dump(mode="json") for name, q in sorted(inputs.questionnaires.items())
        },
        "files": [
            [
                w,
                source.sheet.file,
                source.sheet.sha256,
                source.crosswalk.model_dump(mode="json") if source.crosswalk else None,
                repr(source.codebook.questions) if source.codebook else None,
            ]
            for w in waves
            for source in inputs.sources.get(w, ())
        ],
        "margins": [
            [m.wave, m.group, m.item, [sorted(c) for c in m.categories], m.shares.tolist()]
            for m in (inputs.margins.margins if inputs.margins else ())
        ],
        "themes": inputs.themes.model_dump(mode="json") if inputs.themes else None,
        "actions": inputs.actions.model_dump(mode="json") if inputs.actions else None,
        "boundaries": inputs.boundaries,
        "archived": {w: inputs.archived[w].fingerprint for w in waves if w in inputs.archived},
    }
    text = json.dumps(content, ensure_ascii=False, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()
