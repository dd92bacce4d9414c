"""The second story: an `Evaluation` in, papers out. Read `publish` from top to bottom.

Every page is planned, with every number on it, before the first byte is written.
"""

from __future__ import annotations

import hashlib
import json
import math
import multiprocessing
import tempfile
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

import pandas as pd
from pandas.api.types import is_numeric_dtype

from evalkit.definitions.decided import Decided
from evalkit.errors import InputErrors, RenderError
from evalkit.files.writing import inert
from evalkit.illustration import illustrate
from evalkit.pages import (
    checklist,
    dashboard,
    diagnosis,
    english,
    manual,
    notice,
    persons,
    slides,
    street,
    technical,
    workbook,
)
from evalkit.pages.manual.fieldwork import unknown_days
from evalkit.pages.press import coats, meanings
from evalkit.pages.press.coats import Dressed
from evalkit.pages.press.deck import Deck
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.sentences import Words, said
from evalkit.pages.telling import level_maps, maps, resources
from evalkit.pages.telling.once import looked_up_once
from evalkit.problems.keeping import disk_failed
from evalkit.tables import Evaluation, FileReport, published
from evalkit.version import __version__
from evalkit.worker import begin, startable

if TYPE_CHECKING:  # what renders is imported where papers are made
    from evalkit.pages.press.printing import Pressed

Progress = Callable[[int, int, str], None]
"""Called with how many papers are done, how many there are, and which one was last."""

MANIFEST = "manifest.json"
BROKEN = "生成页面的进程意外中断；从脚本调用时须放在 if __name__ == '__main__' 之下，或用 jobs=1"
BOM = "\N{BYTE ORDER MARK}"
"""What a text begins with that a spreadsheet runs."""


@dataclass(frozen=True, slots=True)
class Written:
    """A file that was written: its bytes, and their SHA-256."""

    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Published:
    """What was written.

    Attributes
    ----------
    outputs : dict of relative path to SHA-256
        Every file but the manifest itself.
    papers : dict of relative path to (pages, seconds by step)
        Of every PDF; empty without PDFs.
    """

    folder: Path
    outputs: Mapping[str, str]
    papers: Mapping[str, tuple[int, Mapping[str, float]]]


def publish(
    evaluation: Evaluation,
    folder: Path,
    *,
    jobs: int = 1,
    pdf: bool = True,
    progress: Progress | None = None,
) -> Published:
    """Write every file and page of an evaluation into a folder of its own.

    The same evaluation gives the same bytes, whatever `jobs` is.

    Parameters
    ----------
    evaluation : Evaluation
    folder : Path
        Exists and is empty; the caller puts it in its place when this returns, or throws it away
        when this raises.
    jobs : int
        Processes that render PDFs; 1 renders in this one.
    pdf : bool
        Whether to render papers at all: the PDFs, Word documents and slides that the order names.
    progress : callable or None
        See `Progress`.

    Raises
    ------
    RenderError
        Naming every paper that could not be made as it should be.
    """
    lengths: dict[str, tuple[int, Mapping[str, float]]] = {}
    most = 3 + 2 * len(evaluation.decided.roster.subjects)  # papers: more processes would have none
    with looked_up_once(), _pressing(startable(min(jobs, most)) if pdf else 1) as press:
        papers = plan(evaluation) if pdf else []
        linked = any(coats.PDF in paper.coats for paper in papers)
        shown = decks(evaluation, papers) if pdf else []
        outcomes = press([*papers, *shown])
        files = {
            **data_files(evaluation),
            "results.xlsx": workbook.results(evaluation),
            "import-report.xlsx": workbook.import_report(evaluation),
        }
        if evaluation.decided.track is None:
            files |= {
                **maps.files(evaluation),
                **level_maps.files(evaluation),
                **resources.files(evaluation),
                checklist.PATH: checklist.workbook(evaluation),
                english.PATH: english.summary(evaluation),
                dashboard.PATH: dashboard.press(dashboard.plan(evaluation, papers=linked)),
            }
        written = {path: _write(folder / path, content) for path, content in files.items()}
        for made in _sound(outcomes, len(papers) + len(shown), progress or _quiet):
            written |= {path: _write(folder / path, made.files[path]) for path in made.files}
            if made.pages:
                lengths[made.path] = (made.pages, made.seconds)
    _write(folder / MANIFEST, manifest(evaluation, written))
    outputs = {path: file.sha256 for path, file in sorted(written.items())}
    return Published(folder, outputs, dict(sorted(lengths.items())))


@looked_up_once()
def plan(evaluation: Evaluation) -> list[Paper]:
    """Plan every paper in the coats that the order names.

    The street report comes first (it takes longest), then its technical note, diagnoses and notices.
    A track has papers for its persons and their committees alone.
    """
    papers = (
        [
            street.plan(evaluation),
            technical.plan(evaluation),
            *diagnosis.plan_all(evaluation),
            *notice.plan_all(evaluation),
        ]
        if evaluation.decided.track is None
        else persons.plan_all(evaluation)
    )
    made = identity(evaluation.fingerprint)
    dressed = [
        replace(
            paper,
            mark=mark(made, f"{evaluation.wave}/{paper.path}"),
            coats=_coats(paper, evaluation.order.papers),
        )
        for paper in papers
    ]
    return [paper for paper in dressed if paper.coats]


def decks(evaluation: Evaluation, papers: Sequence[Paper]) -> list[Deck]:
    """Plan the slides from the street report, where the order names them."""
    if coats.SLIDES not in evaluation.order.papers or evaluation.decided.track is not None:
        return []
    report = next((paper for paper in papers if paper.path == street.PATH), None)
    deck = slides.plan(evaluation, report or street.plan(evaluation))
    made = identity(evaluation.fingerprint)
    return [replace(deck, mark=mark(made, f"{evaluation.wave}/{deck.path}"))]


def _coats(paper: Paper, wanted: Sequence[str]) -> tuple[str, ...]:
    offered = (coats.PDF, coats.WORD) if paper.editable else (coats.PDF,)
    return tuple(coat for coat in offered if coat in wanted)


def identity(fingerprint: str) -> str:
    """Return what says which inputs and which version of evalkit made a result, in 32 digits."""
    return hashlib.sha256(f"{__version__}\0{fingerprint}".encode()).hexdigest()[:32]


def mark(made: str, path: str) -> str:
    """Return what a paper bears in its metadata: the identity, and its path in the results."""
    return f"evalkit:{made}:{quote(path)}"


def operations_manual(decided: Decided) -> Pressed:
    """Make the operations manual of an evaluation from its documents, before there are answers.

    Raises
    ------
    InputErrors
        If its timetable reaches into a year whose working days nobody told.
    RenderError
        If it could not be made as it should be.
    """
    from evalkit.pages.press import printing

    if unknown := unknown_days(decided):
        raise InputErrors(unknown)
    paper = manual.plan(decided, illustrate(decided))
    made = identity(fingerprint_of(decided))
    return printing.press(replace(paper, mark=mark(made, paper.path)))


def fingerprint_of(decided: Decided) -> str:
    """Return the SHA-256 of the documents alone, where there are no answers."""
    return hashlib.sha256(as_json(dict(sorted(decided.digests.items())))).hexdigest()


def _sound(
    outcomes: Iterator[Dressed | _Fault], total: int, progress: Progress
) -> Iterator[Dressed]:
    """Yield papers as they come; at the end raise a `RenderError` with the faults of all."""
    faults: list[str] = []
    for number, outcome in enumerate(outcomes, start=1):
        if isinstance(outcome, Dressed):
            yield outcome
        else:
            faults.append(outcome.message)
        progress(number, total, outcome.path)
    if faults:
        raise RenderError("\n".join(sorted(faults)))


@dataclass(frozen=True, slots=True)
class _Fault:
    path: str
    message: str


def _attempt(paper: Paper | Deck) -> Dressed | _Fault:
    try:
        return coats.dress(paper)
    except RenderError as error:
        return _Fault(paper.path, str(error))
    except OSError as error:
        said = f"{disk_failed(error).message}（{error}；临时文件在 {tempfile.gettempdir()}）"
        return _Fault(paper.path, f"{paper.path}：{said}")
    except Exception as error:
        return _Fault(paper.path, f"{paper.path}：{type(error).__name__}：{error}")


@contextmanager
def _pressing(
    jobs: int,
) -> Iterator[Callable[[Sequence[Paper | Deck]], Iterator[Dressed | _Fault]]]:
    """Give a function that starts rendering papers and hands out outcomes as they come.

    With several jobs, workers start from a process that has everything imported; they warm up
    while this process plans, and render while it makes tables, maps and dashboard.
    """
    if jobs < 2:
        yield lambda papers: map(_attempt, papers)
        return
    server = "forkserver" in multiprocessing.get_all_start_methods()
    context = multiprocessing.get_context("forkserver" if server else "spawn")
    if server:
        context.set_forkserver_preload([__name__, *coats.TAILORS])
    pool = ProcessPoolExecutor(jobs, mp_context=context, initializer=begin)
    try:
        for _ in range(jobs):
            pool.submit(coats.warm_up)
        yield lambda papers: _submitted(pool, papers)
    finally:
        pool.shutdown(cancel_futures=True)


def _submitted(
    pool: ProcessPoolExecutor, papers: Sequence[Paper | Deck]
) -> Iterator[Dressed | _Fault]:
    """Start rendering now; outcomes come as they are finished."""
    try:
        waiting = {pool.submit(_attempt, paper): paper.path for paper in papers}
    except BrokenProcessPool as error:
        return iter([_broken(paper.path, error) for paper in papers])
    return _finished(waiting)


def _finished(waiting: Mapping[Future[Dressed | _Fault], str]) -> Iterator[Dressed | _Fault]:
    for future in as_completed(waiting):
        try:
            yield future.result()
        except BrokenProcessPool as error:
            yield _broken(waiting[future], error)


def _broken(path: str, error: BrokenProcessPool) -> _Fault:
    return _Fault(path, f"{path}：{BROKEN}（{error}）")


def data_files(evaluation: Evaluation) -> dict[str, bytes]:
    """Return the CSV and JSON files: what other tools read."""
    own = evaluation.decided.track is None
    return {
        **{f"{frame.name}.csv": csv(frame.of(evaluation)) for frame in published(evaluation)},
        **({"reliability.json": as_json(reliability(evaluation))} if own else {}),
        **({"findings.json": as_json(findings(evaluation))} if own else {}),
        "import-report.json": as_json(
            [_report(r, Words.of(evaluation.order)) for r in evaluation.reports]
        ),
    }


def reliability(evaluation: Evaluation) -> dict[str, Any]:
    """Return what is known of the table's reliability, its sentences in the workspace's words."""
    found, words = dict(evaluation.assurance.reliability), Words.of(evaluation.order)
    more: dict[str, Any] = {key: found.pop(key) for key in ("agreement", "levels") if key in found}
    return {
        **found,
        "verdict": meanings.read_from(found, words),
        "meaning": {key: meanings.meaning(key, words) for key in meanings.MEANINGS},
        **more,
        "gap": dict(evaluation.assurance.gap),
    }


def csv(table: pd.DataFrame) -> bytes:
    """Return a frame as CSV that Excel opens right; numbers in full precision.

    A text that Excel might take for a formula gets an apostrophe before it (`files.writing.inert`).
    """
    texts = [str(name) for name in table if not is_numeric_dtype(table[name])]
    safe = table.assign(**{name: table[name].map(_inert) for name in texts})
    text = safe.to_csv(index=False, lineterminator="\r\n")
    return (BOM + text).encode()


def _inert(value: object) -> object:
    return inert(value) if isinstance(value, str) else value


def as_json(content: object) -> bytes:
    """Return plain data as readable JSON; missing numbers become null."""
    plain = _plain(content)
    return (json.dumps(plain, ensure_ascii=False, indent=1, allow_nan=False) + "\n").encode()


def findings(evaluation: Evaluation) -> list[dict[str, Any]]:
    """Return every subject's findings with their evidence, in roster order."""
    names = evaluation.current.scores.table.set_index("subject")["name"]
    return [
        {
            "subject": subject,
            "name": names[subject],
            "wave": evaluation.wave,
            "complete": evaluation.diagnosis(str(subject)).complete,
            "findings": [asdict(f) for f in evaluation.diagnosis(str(subject)).findings],
        }
        for subject in names.index
    ]


def _report(report: FileReport, words: Words) -> dict[str, Any]:
    notes = [
        {"code": n.code, "message": said(n, words), "where": n.where, "count": n.count}
        for n in report.notes
    ]
    return {
        **{field.name: getattr(report, field.name) for field in fields(report)},
        "rejections": [
            {"row": r.row, "reason": r.reason, "detail": meanings.detail(r)}
            for r in report.rejections
        ],
        "notes": notes,
        "rejected_by_reason": report.rejected_by_reason,
    }


def manifest(evaluation: Evaluation, written: Mapping[str, Written]) -> bytes:
    """Return what the results were made of and what they are."""
    files = sorted(written.items())
    return as_json(
        {
            "evalkit": __version__,
            "wave": evaluation.wave,
            "waves": list(evaluation.waves),
            "seed": evaluation.order.settings.seed,
            "draws": evaluation.order.settings.draws,
            "identity": identity(evaluation.fingerprint),
            "fingerprint": evaluation.fingerprint,
            "synthetic": evaluation.order.synthetic,
            "inputs": dict(sorted(evaluation.decided.digests.items())),
            "outputs": {path: file.sha256 for path, file in files},
            "sizes": {path: file.size for path, file in files},
        }
    )


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, float):
        return float(value) if math.isfinite(value) else None
    return value


def _write(path: Path, content: bytes) -> Written:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return Written(len(content), hashlib.sha256(content).hexdigest())


def _quiet(done: int, total: int, what: str) -> None:
    del done, total, what
