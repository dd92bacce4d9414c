"""What papers and files are made of, rule by rule: one failing paper, formulas, missing numbers."""

from __future__ import annotations

import errno
import hashlib
import io
import json
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from csv import reader
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from evalkit import publication, worker
from evalkit.codes import TableVerdict
from evalkit.errors import RenderError
from evalkit.files.writing import as_it_was
from evalkit.pages import checklist, dashboard, english, manual, workbook
from evalkit.pages.press import planned, printing
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.printing import Pressed
from evalkit.pages.telling import maps
from evalkit.tables import FRAMES, REGISTRY, Evaluation, frame
from tests.deciding import with_decided
from tests.pages.looking_back import looked_back
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

PAPERS = ("street-report.pdf", "diagnosis/a.pdf", "diagnosis/b.pdf", "diagnosis/c.pdf")
Press = Callable[[Paper], Pressed]


@pytest.fixture(scope="module")
def small() -> Evaluation:
    made = looked_back(made_up(Street(count=4, mean=89.0, incomplete={2: ("random",)})))
    kinds = {"text": "A1", "integer": 3, "number": 0.5}
    peers = {column.name: [kinds[column.kind]] for column in FRAMES["peers"]}
    return replace(made, peers=pd.DataFrame(peers))  # of so few no committee has its like


@pytest.fixture
def papers_only(monkeypatch: pytest.MonkeyPatch) -> None:
    """Four papers, and one small file beside them."""
    papers = [Paper(path, "", "", "", "", {}, {}) for path in PAPERS]
    monkeypatch.setattr(publication, "plan", lambda evaluation: papers)
    monkeypatch.setattr(publication, "decks", lambda *_: [])
    monkeypatch.setattr(publication, "data_files", lambda evaluation: {"scores.csv": b"scores"})
    monkeypatch.setattr(maps, "files", lambda evaluation: {})
    monkeypatch.setattr(workbook, "results", lambda *_: b"results")
    monkeypatch.setattr(workbook, "import_report", lambda *_: b"report")
    monkeypatch.setattr(checklist, "workbook", lambda _: b"tasks")
    monkeypatch.setattr(dashboard, "plan", lambda *_, **__: None)
    monkeypatch.setattr(dashboard, "press", lambda _: b"page")
    monkeypatch.setattr(english, "summary", lambda _: b"summary")


def pressing(failing: Mapping[str, Exception]) -> Press:
    def press(paper: Paper) -> Pressed:
        if paper.path in failing:
            raise failing[paper.path]
        return Pressed(paper.path, f"pdf of {paper.path}".encode(), 3, {"layout": 0.5})

    return press


def written(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.usefixtures("papers_only")
@pytest.mark.parametrize("path", PAPERS)
def test_one_failing_paper_among_four_stops_everything(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, path: str
) -> None:
    monkeypatch.setattr(printing, "press", pressing({path: RenderError(f"{path}：缺字 玉")}))
    told: list[tuple[int, int, str]] = []
    with pytest.raises(RenderError) as caught:
        publication.publish(small, tmp_path, progress=lambda *step: told.append(step))
    assert str(caught.value) == f"{path}：缺字 玉"
    assert told == [(number, 4, name) for number, name in enumerate(PAPERS, start=1)]
    assert set(PAPERS) - written(tmp_path) == {path}
    assert "manifest.json" not in written(tmp_path)


@pytest.mark.usefixtures("papers_only")
def test_all_failing_papers_are_told_in_order_whatever_went_wrong(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = {
        "street-report.pdf": RenderError("street-report.pdf：缺字"),
        "diagnosis/b.pdf": ValueError("nan"),
    }
    monkeypatch.setattr(printing, "press", pressing(faults))
    with pytest.raises(RenderError) as caught:
        publication.publish(small, tmp_path)
    assert str(caught.value).splitlines() == [
        "diagnosis/b.pdf：ValueError：nan",
        "street-report.pdf：缺字",
    ]


@pytest.mark.usefixtures("papers_only")
def test_what_was_written_is_what_is_told(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(printing, "press", pressing({}))
    published = publication.publish(small, tmp_path)
    expected = {path: f"pdf of {path}".encode() for path in PAPERS} | {
        "scores.csv": b"scores",
        "results.xlsx": b"results",
        "import-report.xlsx": b"report",
        "actions.xlsx": b"tasks",
        "dashboard.html": b"page",
        "summary.en.md": b"summary",
    }
    assert {p: (tmp_path / p).read_bytes() for p in expected} == expected
    assert list(published.outputs.items()) == [
        (path, hashlib.sha256(content).hexdigest()) for path, content in sorted(expected.items())
    ]
    assert dict(published.papers) == {path: (3, {"layout": 0.5}) for path in PAPERS}
    manifest = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["outputs"] == dict(published.outputs)


class Pool:
    """A pool of workers of which one dies over a paper, or all at once."""

    def __init__(self, dies_over: str | None) -> None:
        self.dies_over = dies_over

    def __call__(self, jobs: int, **options: object) -> Pool:
        return self

    def submit(self, function: Callable[..., Any], *arguments: Any) -> Future[Any]:
        if arguments and self.dies_over is None:
            raise BrokenProcessPool("gone")
        future: Future[Any] = Future()
        if arguments and arguments[0].path == self.dies_over:
            future.set_exception(BrokenProcessPool("killed"))
        elif arguments:
            future.set_result(function(*arguments))
        return future

    def shutdown(self, **options: object) -> None:
        assert options == {"cancel_futures": True}


@pytest.mark.usefixtures("papers_only")
@pytest.mark.parametrize(
    ("dies_over", "named"), [("diagnosis/b.pdf", ["diagnosis/b.pdf"]), (None, sorted(PAPERS))]
)
def test_a_worker_that_dies_names_the_papers_it_had(
    small: Evaluation,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    dies_over: str | None,
    named: list[str],
) -> None:
    monkeypatch.setattr(printing, "press", pressing({}))
    monkeypatch.setattr(publication, "ProcessPoolExecutor", Pool(dies_over))
    with pytest.raises(RenderError) as caught:
        publication.publish(small, tmp_path, jobs=2)
    lines = str(caught.value).splitlines()
    assert [line.split("：")[0] for line in lines] == named
    assert all("进程意外中断" in line for line in lines)


@pytest.mark.usefixtures("papers_only")
def test_no_more_processes_are_started_than_there_can_be_papers(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Thousands that somebody asked for were started, one after the other, each with all libraries."""
    asked: list[int] = []
    pool = Pool("nothing")
    monkeypatch.setattr(Pool, "__call__", lambda _, jobs, **options: asked.append(jobs) or pool)
    monkeypatch.setattr(printing, "press", pressing({}))
    monkeypatch.setattr(publication, "ProcessPoolExecutor", pool)
    publication.publish(small, tmp_path, jobs=10**9)
    assert asked == [3 + 2 * len(small.decided.roster.subjects)]
    monkeypatch.setattr(
        worker.multiprocessing, "current_process", lambda: SimpleNamespace(daemon=True)
    )
    (tmp_path / "pooled").mkdir()
    publication.publish(small, tmp_path / "pooled", jobs=2)  # in a process that may start none
    assert len(asked) == 1


@pytest.mark.usefixtures("papers_only")
def test_a_disk_that_has_no_room_for_temporary_files_is_told_with_their_place(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    full = OSError(errno.ENOSPC, "No space left on device")
    monkeypatch.setattr(printing, "press", pressing({"street-report.pdf": full}))
    monkeypatch.setattr(publication.tempfile, "gettempdir", lambda: "/small")
    with pytest.raises(RenderError) as caught:
        publication.publish(small, tmp_path)
    assert str(caught.value) == (
        "street-report.pdf：磁盘已满（[Errno 28] No space left on device；临时文件在 /small）"
    )


# --- CSV and JSON -----------------------------------------------------------------------------


@pytest.mark.parametrize("sign", list("=+-@＝＋－＠﹢﹣﹦﹫\u2212"))
@pytest.mark.parametrize(
    "before", ["", " ", "\t", "\n", "\u3000", "\xa0", "\u200b", "\ufeff", " \u202e"]
)
def test_no_text_of_a_csv_is_a_formula(before: str, sign: str) -> None:
    text = f"{before}{sign}1+1"
    table = pd.DataFrame({"name": [text, f"a{text}"], "score": [-1.5, 2.0]})
    made = publication.csv(table).decode("utf-8-sig")
    (held, score), (other, _) = list(reader(io.StringIO(made, newline="")))[1:]
    assert (held, score) == (f"'{text}", "-1.5")
    assert other == f"a{text}"


@pytest.mark.parametrize(
    "text", ["=1", "'", "'=1", "''x", " ＝1", "\t", "甲", "", "a'b", "1-2", "　'x", "\nx"]
)
def test_a_cell_of_a_csv_gives_its_text_back(text: str) -> None:
    """One apostrophe is taken away, no more: no two texts are one cell."""
    (cell,) = list(reader(io.StringIO(publication.csv(pd.DataFrame({"x": [text]})).decode())))[1]
    assert as_it_was(cell) == text


def test_a_csv_has_a_mark_line_ends_of_windows_and_every_digit() -> None:
    table = pd.DataFrame({"名": ["甲", None], "n": [1 / 3, np.nan], "k": [3, -4]})
    made = publication.csv(table)
    assert made == "\ufeff名,n,k\r\n甲,0.3333333333333333,3\r\n,,-4\r\n".encode()


def test_json_has_null_for_what_is_no_number_however_deep() -> None:
    found = json.loads(
        publication.as_json(
            {"a": (1.5, float("nan"), {"b": [float("-inf"), "文", None, True]}), 3: 2}
        )
    )
    assert found == {"a": [1.5, None, {"b": [None, "文", None, True]}], "3": 2}
    assert "文" in publication.as_json({"a": "文"}).decode()
    assert publication.as_json({}).endswith(b"\n")


def one_row(name: str) -> pd.DataFrame:
    kinds = {"text": "甲", "integer": 3, "number": 1 / 3, "flag": True}
    return frame(name, {column.name: [kinds[column.kind]] for column in FRAMES[name]})


BESIDES = (
    *(
        "design_effects",
        "profiles",
        "composition",
        "modes",
        "reliability",
        "samples",
        "extremes",
        "multilevel",
        "ledgers",
        "objective",
        "clocks",
        "flows",
        "demand",
        "listed",
        "integrity",
        "points",
        "validity",
        "claims",
    ),
    *("dimension_changes", "forecasts", "series", "trends", "rollup", "lineage"),
)


def test_every_data_file_holds_the_table_of_its_name(small: Evaluation) -> None:
    assurance = replace(small.assurance, weight_influence=one_row("weight_influence"))
    small = replace(small, assurance=assurance)
    files = publication.data_files(small)
    needs = small.needs
    tables = {
        "scores": small.waves["2016"].scores.table,
        "indicators": small.waves["2016"].scores.indicators,
        "ranking": small.waves["2016"].ranking.table,
        "changes": small.waves["2016"].changes.table,
        "contributions": small.waves["2016"].changes.contributions,
        **{
            name: getattr(assurance, name)
            for name in ("bands", "sensitivity", "weight_influence", "drivers", "quality", "plan")
        },
        "needs": needs.table,
        "themes": needs.themes,
        "satisfaction": small.satisfaction,
        "peer_groups": small.peer_groups,
        "peers": small.peers,
        "follow_up": small.follow_up,
        "street_means": small.street_means,
    }
    (effects,) = (frame for frame in REGISTRY if frame.name == "design_effects")
    assert files["design_effects.csv"] == publication.csv(effects.of(small))
    assert files["reliability.csv"] == publication.csv(small.assurance.by_group)
    assert files["samples.csv"] == publication.csv(small.assurance.samples)
    assert set(files) == {f"{name}.csv" for name in (*tables, *BESIDES)} | {
        "reliability.json", "findings.json", "import-report.json",
    }  # fmt: skip
    for name, table in tables.items():
        assert len(table), f"{name} has no rows to tell it by"
        lines = files[f"{name}.csv"].decode("utf-8-sig").split("\r\n")
        assert lines[0] == ",".join(column.name for column in FRAMES[name])
        assert files[f"{name}.csv"] == publication.csv(table)


def test_a_table_with_other_columns_is_not_written(small: Evaluation) -> None:
    lacking = replace(small.assurance, plan=small.assurance.plan.drop(columns="reachable"))
    with pytest.raises(ValueError, match="plan"):
        publication.data_files(replace(small, assurance=lacking))


def test_the_reliability_speaks_of_subjects_and_street_as_the_order_does(small: Evaluation) -> None:
    said = {
        "reliability": 0.5,
        "reliability_low": 0.4,
        "reliability_high": 0.6,
        "verdict": TableVerdict.NO_ORDER,
        "agreement": {"alpha": 0.8},
    }
    order = small.order.model_copy(update={"subject_word": "村", "street_word": "镇"})
    gap = {"mean": 1.25, "tau": float("nan")}
    assurance = replace(small.assurance, reliability=said, gap=gap)
    found = publication.reliability(replace(with_decided(small, order=order), assurance=assurance))
    assert found["reliability"] == 0.5
    assert list(found) == [
        *("reliability", "reliability_low", "reliability_high"),
        *("verdict", "meaning", "agreement", "gap"),
    ]
    assert found["verdict"].startswith(
        "得分差异中约 50%（40% 至 60%）是村之间的真实差别，其余是偶然"
    )
    assert found["meaning"]["tau"].startswith("真实差别：去掉抽样偶然之后，村之间得分的标准差")
    assert "和诊断书上的高低判断是同一个检验" in found["meaning"]["bands"]
    assert found["agreement"] == {"alpha": 0.8}
    assert found["gap"]["mean"] == 1.25


def test_the_manifest_says_what_the_results_were_made_of(small: Evaluation) -> None:
    inputs = {"roster.csv": "cd", "evaluation.yaml": "ab"}
    written = {"scores.csv": publication.Written(7, "ef")}
    found = json.loads(publication.manifest(with_decided(small, digests=inputs), written))
    assert found["sizes"] == {"scores.csv": 7}
    assert found["identity"] == publication.identity(small.fingerprint)
    assert list(found["inputs"].items()) == [("evaluation.yaml", "ab"), ("roster.csv", "cd")]
    assert found["outputs"] == {"scores.csv": "ef"}
    assert found["wave"] == "2016"
    assert found["waves"] == ["2015", "2016"]
    assert found["fingerprint"] == small.fingerprint
    assert found["draws"] == small.order.settings.draws
    assert found["seed"] == small.order.settings.seed
    assert found["synthetic"] is small.order.synthetic


def test_findings_are_told_by_subject_with_their_evidence(small: Evaluation) -> None:
    told = {entry["subject"]: entry for entry in publication.findings(small)}
    names = {subject.id: subject.name for subject in small.roster.subjects}
    assert {subject: entry["name"] for subject, entry in told.items()} == names
    assert any(entry["findings"] for entry in told.values())
    for subject, entry in told.items():
        assert entry["wave"] == "2016"
        assert entry["complete"] is small.diagnosis(subject).complete
        assert [(f["code"], f["difference"]) for f in entry["findings"]] == [
            (f.code, f.difference) for f in small.diagnosis(subject).findings
        ]


def test_the_manual_is_made_of_an_example_of_its_own_documents(
    small: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    documents = replace(small.decided, questionnaires={"q": "form"})  # type: ignore[dict-item]
    seen: list[object] = []
    monkeypatch.setattr(publication, "illustrate", lambda *given: ("example", *given))
    paper = planned.Paper("manual.pdf", "manual.html.j2", "", "", "", {}, {})
    monkeypatch.setattr(manual, "plan", lambda *given: seen.extend(given) or paper)
    monkeypatch.setattr(printing, "press", lambda paper: ("pressed", paper))
    made = publication.identity(publication.fingerprint_of(documents))
    marked = replace(paper, mark=f"evalkit:{made}:manual.pdf")
    assert publication.operations_manual(documents) == ("pressed", marked)  # type: ignore[comparison-overlap]
    assert seen == [documents, ("example", documents)]
