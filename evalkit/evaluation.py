"""The first story: a street's files in, an `Evaluation` out. Read `evaluate` from top to bottom."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from itertools import pairwise

import pandas as pd
from threadpoolctl import threadpool_limits

from evalkit import bookkeeping
from evalkit.answers import clustering, comparability, modes, repeating, sizes
from evalkit.answers.composing import compose
from evalkit.answers.finer import measure_finer
from evalkit.answers.listening import listen
from evalkit.answers.measuring import measure
from evalkit.answers.once import asked_once
from evalkit.answers.satisfaction import by_kind
from evalkit.answers.weighting import GroupRaking, Weighed, weigh
from evalkit.assurance import assure
from evalkit.definitions.checklist import Returned
from evalkit.definitions.decided import Decided
from evalkit.engines.base import Engine
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.errors import Note, Problems
from evalkit.findings import (
    appraising,
    comparing,
    diagnosing,
    expecting,
    following_up,
    lineage,
    moving,
    objective,
    panel,
    peer_groups,
    ranking,
    republishing,
    satisfying,
    scoring,
    street_means,
    trending,
    withholding,
)
from evalkit.findings.once import combined_once
from evalkit.findings.rollup import roll_up_wave
from evalkit.inputs import Inputs, fingerprint, waves_up_to
from evalkit.intake.importing import import_wave, in_two_files
from evalkit.problems import archive
from evalkit.tables import (
    Answers,
    Appraisal,
    Assurance,
    Cells,
    Evaluation,
    FileReport,
    History,
    Scores,
    WaveResult,
)

Progress = Callable[[str], None]

ONE_THREAD = partial(threadpool_limits, limits=1, user_api="blas")
"""Linear algebra on one thread: matrices are small, and sums do not depend on the machine."""


@asked_once()
@combined_once()
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
    wave : str or None
        The wave to report on; the latest one if None. Later waves are left aside.
    engine : Engine or None
        Where rows live; DuckDB if None.

    Raises
    ------
    InputErrors
        With every problem of every file.
    """
    waves, engine = waves_up_to(inputs, wave), engine or DuckDBEngine()
    made_of = fingerprint(inputs, waves)

    progress("读取答卷")
    weighed, reports, books = read_files(inputs, waves)
    progress("计算单元均值与协方差")
    whole, inputs, weighed = persons_apart(inputs, waves[-1], weighed, engine, books)
    decided, scheme = inputs.decided, inputs.decided.scheme
    cells = measure_waves(inputs, waves, weighed, engine, books)

    progress("计算得分与名次范围，比较批次")
    years = rank_waves(cells, {w: weighed[w].answers for w in weighed}, decided, books)
    results, (raw, current) = years.results, last_two(years.results)
    before = None if raw is None else lineage.seen_from(raw, current, decided)

    progress("诊断")
    diagnoses = diagnosing.diagnose(current.scores, scheme, before.scores if before else None)

    progress("检验这张表能信到什么程度")
    assurance, doubts = assure(current, before, decided, engine, sweeps=raked(weighed, waves))

    progress("汇总诉求与意见")
    needs, on_needs = listen(current.answers, decided)
    finer = measure_finer(current.answers, decided, engine, raked(weighed, waves))
    rollup, on_levels = roll_up_wave(current, decided, finer)
    again = (*on_levels, *books.notes, *republishing.notes(inputs.made_known, cells, decided))
    appraisal = Appraisal() if whole is None else appraising.appraise(whole, current, decided)
    told = (*decided.notes, *notes_of(decided, reports, weighed, results))
    last = (*satisfying.notes(decided), *appraisal.notes)
    return Evaluation(
        decided=decided,
        wave=waves[-1],
        waves=results,
        reports=reports,
        diagnoses=diagnoses,
        assurance=assurance,
        notes=(*told, *years.notes, *again, *doubts, *on_needs, *last),
        fingerprint=made_of,
        needs=needs,
        **frames_of(before, results, decided),
        rollup=rollup,
        **bookkeeping.frames_of(books, current.scores, scheme),
        history=history(years, before, assurance, decided),
        tracks=inputs.tracks.of(waves[-1]),
        appraisal=appraisal,
    )


def frames_of(
    before: WaveResult | None, results: Mapping[str, WaveResult], decided: Decided
) -> dict[str, pd.DataFrame]:
    """Return frames of the last wave: who answered and how, how satisfied, and what sums of committees say."""
    raw, current = last_two(results)
    returned = lineage.inherited(list_of(decided, raw), raw, current, decided)
    scheme, roster = decided.scheme, decided.roster
    return {
        "satisfaction": satisfaction(before, raw, current, decided),
        "composition": compose(current.answers, decided),
        "modes": modes.by_mode(current.answers, decided),
        "earlier_satisfaction": satisfying.overall_before(results, decided),
        "peer_groups": peer_groups.compare(current.scores, scheme, roster),
        "peers": peer_groups.beside(current.scores, scheme, roster),
        "street_means": street_means.means(current, before, scheme),
        "follow_up": following_up.follow_up(returned, current, before, scheme),
    }


def read_files(
    inputs: Inputs, waves: Sequence[str]
) -> tuple[dict[str, Weighed], tuple[FileReport, ...], bookkeeping.Books]:
    """Import the answers of these waves, weighted, and their records, reduced."""
    imported, reports = import_answers(inputs, waves)
    weighed = weigh_answers(inputs, imported)
    return weighed, reports, bookkeeping.keep(inputs.decided, inputs.records, waves)


def persons_apart(
    inputs: Inputs,
    wave: str,
    weighed: Mapping[str, Weighed],
    engine: Engine,
    books: bookkeeping.Books,
) -> tuple[Cells | None, Inputs, dict[str, Weighed]]:
    """Measure a track's last wave with colleagues, and go on without them: `comparable`.

    Nothing is measured of a street's evaluation, and of a wave of which only archived cells are
    left: these are without colleagues.
    """
    if inputs.decided.track is None or (wave in inputs.archived and wave not in weighed):
        return (None, *comparable(inputs, weighed))
    whole = measure_waves(inputs, [wave], weighed, engine, books)[wave]
    return (whole, *comparable(inputs, weighed))


def comparable(inputs: Inputs, weighed: Mapping[str, Weighed]) -> tuple[Inputs, dict[str, Weighed]]:
    """Return what compares all subjects: of a track, everything but colleagues; else what is given."""
    if inputs.decided.track is None:
        return inputs, dict(weighed)
    decided = inputs.decided.comparable
    codes = {group.code for group in decided.scheme.groups}
    rest = {w: replace(own, answers=own.answers.of_groups(codes)) for w, own in weighed.items()}
    return replace(inputs, decided=decided), rest


def history(
    years: trending.OverYears, before: WaveResult | None, assurance: Assurance, decided: Decided
) -> History:
    """Return what is told of the last wave beside those before it, and of the one to come."""
    scheme, (_, current) = decided.scheme, last_two(years.results)
    return replace(
        years.history,
        lineage=lineage.lineage(years.results, decided),
        dimension_changes=moving.by_dimension(current, before, scheme),
        forecasts=expecting.expect(assurance.bands, current.scores, scheme),
    )


def raked(weighed: Mapping[str, Weighed], waves: Sequence[str]) -> Mapping[str, GroupRaking]:
    """Return how the last wave's groups were raked; nothing where only its cells are left."""
    return weighed[waves[-1]].raked if waves[-1] in weighed else {}


def list_of(decided: Decided, before: WaveResult | None) -> Returned | None:
    """Return the list of the tasks of the wave before, if it came back."""
    return None if before is None else decided.returned.get(before.scores.wave)


def measure_waves(
    inputs: Inputs,
    waves: Sequence[str],
    weighed: Mapping[str, Weighed],
    engine: Engine,
    books: bookkeeping.Books,
) -> dict[str, Cells]:
    """Measure the cells of every wave that has answers, or records and no cells; recall the others."""
    scheme, found = inputs.decided.scheme, {}
    for w in waves:
        if w in weighed or w not in inputs.archived:
            answers = weighed[w].answers if w in weighed else Answers.none(w)
            sweeps = weighed[w].raked if w in weighed else {}
            found[w] = measure(
                answers, inputs.decided, engine, sweeps=sweeps, spoken=books.spoken(w, scheme)
            )
        else:
            found[w] = recall(inputs, w)
    if inputs.decided.track is not None:
        found = {w: appraising.enough(cells, scheme) for w, cells in found.items()}
    return repeating.remember(found, {w: weighed[w].answers for w in weighed}, inputs.decided)


def satisfaction(
    before: WaveResult | None, raw: WaveResult | None, current: WaveResult, decided: Decided
) -> pd.DataFrame:
    """Return frame ``satisfaction``: residents' answers to every question as shares, compared.

    With the wave before as this wave's committees would have been in it, and as it was (`raw`).
    """
    kinds = by_kind(current.answers, decided)
    if before is not None and raw is not None:
        before = lineage.told_in_full(before, raw, current, decided)
    earlier = by_kind(before.answers, decided) if before else ()
    return satisfying.satisfied(current, before, decided, kinds, earlier)


def last_two(results: Mapping[str, WaveResult]) -> tuple[WaveResult | None, WaveResult]:
    """Return the wave to report on and, first, the one before it; None where there is none."""
    before, current = [None, *results.values()][-2:]
    assert current is not None
    return before, current


@dataclass(frozen=True, slots=True)
class Foreseen:
    """The last wave as it would be scored, without ranks: who would be incomplete, and why."""

    cells: Cells
    scores: Scores
    notes: tuple[Note, ...]


def foresee(inputs: Inputs, imported: Mapping[str, Answers]) -> Foreseen | None:
    """Score the last wave that was imported, as far as it takes to say who is incomplete.

    Raises
    ------
    InputErrors
        Where answers cannot be weighted to the margins.
    """
    with asked_once():
        return _foreseen(inputs, imported)


def _foreseen(inputs: Inputs, imported: Mapping[str, Answers]) -> Foreseen | None:
    decided = inputs.decided
    known = {*imported, *inputs.recorded}
    if not known:
        return None
    last = max(known)
    answers = imported[last] if last in imported else Answers.none(last)
    weighed = weigh_answers(inputs, {last: answers})[last]
    books = bookkeeping.keep(decided, inputs.records, [last])
    spoken = books.spoken(last, decided.scheme)
    cells = measure(weighed.answers, decided, DuckDBEngine(), sweeps=weighed.raked, spoken=spoken)
    if decided.track is not None:
        cells = appraising.enough(cells, decided.scheme)
    scores = scoring.score(cells, decided.scheme, decided.roster)
    told = (*books.notes, *scoring.notes(cells, scores, decided.scheme, decided.roster))
    odd = (*clustering.notes(weighed.answers, decided), *repeating.notes(weighed.answers, decided))
    return Foreseen(cells, scores, (*weighed.notes, *odd, *modes.notes(imported, decided), *told))


def rank_waves(
    cells: Mapping[str, Cells],
    answers: Mapping[str, Answers],
    decided: Decided,
    books: bookkeeping.Books,
) -> trending.OverYears:
    """Score and rank every wave under today's scheme, and compare it with the one before.

    Returns
    -------
    OverYears
        All waves, with verdicts on changes that hold over the years together, and notes on what
        could not be kept from being known and on waves that stand in no line.
    """
    scheme, roster, settings = decided.scheme, decided.roster, decided.order.settings
    found: dict[str, WaveResult] = {}
    notes: list[Note] = []
    before: WaveResult | None = None
    for wave, own in cells.items():
        records = objective.cells_told(books.of(wave), scheme)
        scores, beyond = withholding.told(scoring.score(own, scheme, roster), own, scheme, records)
        notes += beyond
        ranks = ranking.rank(
            scores,
            roster,
            confidence=scheme.confidence,
            draws=settings.draws,
            seed=settings.seed,
        )
        alone = WaveResult(answers.get(wave), own, scores, ranks, None)
        changes = None if before is None else lineage.compare(before, alone, decided)
        before = found[wave] = replace(alone, changes=changes)
    years = trending.over_years(found, scheme, lineage.lined_up(found, decided))
    return replace(years, notes=(*notes, *years.notes))


def notes_of(
    decided: Decided,
    reports: Sequence[FileReport],
    weighed: Mapping[str, Weighed],
    results: Mapping[str, WaveResult],
) -> Iterator[Note]:
    """Yield what a reader must know of settings, files, weights, scores, ranks and changes."""
    order, scheme, roster = decided.order, decided.scheme, decided.roster
    yield from order.notes()
    back = list_of(decided, last_two(results)[0])
    yield from () if back is None else back.notes()
    for report in reports:
        yield from report.notes
    rows = {wave: weighed[wave].answers for wave in results if wave in weighed}
    for wave, own in rows.items():
        yield from weighed[wave].notes
        yield from clustering.notes(own, decided)
        yield from repeating.notes(own, decided)
    yield from modes.notes(rows, decided)
    for result in results.values():
        yield from scoring.notes(result.cells, result.scores, scheme, roster)
        yield from ranking.notes(result.ranking)
    for earlier, later in pairwise(results.values()):
        if later.changes is not None:
            yield from comparing.notes(earlier.cells, later.cells, later.changes, scheme)
            if earlier.answers is not None and later.answers is not None:
                yield from comparability.by_links(earlier.answers, later.answers, decided)
            yield from panel.notes(earlier.cells, later.cells, scheme)
            yield from repeating.known_again(earlier.cells, later.cells, rows, decided)


def import_answers(
    inputs: Inputs, waves: Sequence[str]
) -> tuple[dict[str, Answers], tuple[FileReport, ...]]:
    """Import the files of all these waves; raise `InputErrors` with the problems of all."""
    problems = Problems()
    answers: dict[str, Answers] = {}
    reports: list[FileReport] = []
    present = {w: inputs.sources[w] for w in waves if inputs.sources.get(w)}
    shared = in_two_files(present, problems)
    for w, sources in present.items():
        answers[w], found = import_wave(
            inputs.decided.order.wave(w), sources, inputs.decided, problems
        )
        reports += [r.noting(shared.get((w, r.file), ())) for r in found]
    problems.raise_if_any()
    return answers, tuple(reports)


def weigh_answers(inputs: Inputs, answers: Mapping[str, Answers]) -> dict[str, Weighed]:
    """Weight the answers of every wave to the margins; raise `InputErrors` where that fails.

    Also where more people answered than the roster or the scheme says there are.
    """
    problems = Problems()
    for given in answers.values():
        sizes.check(given, inputs.decided, problems)
    weighed = {w: weigh(given, inputs.decided, problems) for w, given in answers.items()}
    problems.raise_if_any()
    return weighed


def recall(inputs: Inputs, wave: str) -> Cells:
    """Return a past wave's archived cells, arranged for today's scheme and roster.

    Raises
    ------
    InputErrors
        If the archive lacks an indicator or a rater group that today's scheme weighs.
    """
    archived, decided = inputs.archived[wave], inputs.decided
    needed_measures = tuple(indicator.code for indicator in decided.scheme.indicators)
    groups = tuple(g.code for g in decided.scheme.groups)
    problems = Problems()
    for fault, needed, found in (
        (archive.lacks_indicators, needed_measures, archived.measures),
        (archive.lacks_groups, groups, tuple(archived.groups)),
    ):
        lacking = [code for code in needed if code not in found]
        if lacking:
            problems.collect(fault(wave, needed, lacking))
    known = {subject.id: subject for subject in decided.roster.subjects}
    unknown = [s for s in archived.subjects if s not in known]
    if unknown:
        problems.collect(archive.unknown_subjects(wave, unknown))
    absent = [s for s in archived.subjects if s in known and not known[s].exists_in(wave)]
    if absent and decided.lineage is not None:
        problems.collect(archive.absent_subjects(wave, absent))
    problems.raise_if_any()
    return archived.arranged(needed_measures, groups)
