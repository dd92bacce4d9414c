"""The second story: what lies in the folder afterwards, and that it is the same every time."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import re
from dataclasses import replace
from pathlib import Path

import pypdf
import pytest

from evalkit import publication
from evalkit.errors import RenderError
from evalkit.keeping.verifying import marks
from evalkit.pages.press import planned, printing
from evalkit.tables import FRAMES, Evaluation
from evalkit.version import __version__
from tests.deciding import with_decided
from tests.pages import boards
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

DATA = {
    "actions.xlsx",
    "bands.csv",
    "changes.csv",
    "claims.csv",
    "clocks.csv",
    "flows.csv",
    "demand.csv",
    "integrity.csv",
    "listed.csv",
    "points.csv",
    "validity.csv",
    "composition.csv",
    "modes.csv",
    "contributions.csv",
    "dashboard.html",
    "design_effects.csv",
    "dimension_changes.csv",
    "drivers.csv",
    "extremes.csv",
    "multilevel.csv",
    "findings.json",
    "follow_up.csv",
    "forecasts.csv",
    "import-report.json",
    "import-report.xlsx",
    "indicators.csv",
    "ledgers.csv",
    "lineage.csv",
    "rollup.csv",
    "manifest.json",
    "objective.csv",
    "series.csv",
    "trends.csv",
    "maps/A.svg",
    "maps/B.svg",
    "maps/C.svg",
    "maps/D.svg",
    "maps/E.svg",
    "maps/composite.svg",
    "maps/wishes.svg",
    "needs.csv",
    "peer_groups.csv",
    "peers.csv",
    "reliability.csv",
    "samples.csv",
    "profiles.csv",
    "plan.csv",
    "quality.csv",
    "ranking.csv",
    "reliability.json",
    "results.xlsx",
    "satisfaction.csv",
    "scores.csv",
    "sensitivity.csv",
    "themes.csv",
    "summary.en.md",
    "street_means.csv",
    "weight_influence.csv",
}


@pytest.fixture(scope="module")
def small() -> Evaluation:
    return made_up(Street(count=3, mean=89.0, incomplete={2: ("random",)}))


@pytest.fixture(scope="module")
def serial(small: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> publication.Published:
    return publication.publish(small, tmp_path_factory.mktemp("serial"), jobs=1)


@pytest.fixture(scope="module")
def bare(small: Evaluation, tmp_path_factory: pytest.TempPathFactory) -> publication.Published:
    """The same without papers."""
    return publication.publish(small, tmp_path_factory.mktemp("bare"), pdf=False)


def files(folder: Path) -> set[str]:
    return {p.relative_to(folder).as_posix() for p in folder.rglob("*") if p.is_file()}


def rows(path: Path) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(path.read_text(encoding="utf-8-sig"))))


def test_everything_is_there(serial: publication.Published) -> None:
    papers = {f"{kind}/CS00{n}.pdf" for kind in ("diagnosis", "notice") for n in (1, 2, 3)}
    papers |= {"street-report.pdf", "technical-note.pdf"}
    words = {f"diagnosis/CS00{n}.docx" for n in (1, 2, 3)} | {
        "street-report.docx",
        "slides.pptx",
    }
    assert files(serial.folder) == DATA | papers | words
    assert set(serial.papers) == papers
    assert all(pages >= 1 for pages, _ in serial.papers.values())


def test_parallel_gives_the_same_bytes_as_serial(
    small: Evaluation, serial: publication.Published, tmp_path: Path
) -> None:
    told: list[tuple[int, int, str]] = []
    parallel = publication.publish(
        small, tmp_path, jobs=2, progress=lambda *step: told.append(step)
    )
    assert parallel.outputs == serial.outputs
    assert [done for done, _, _ in told] == list(range(1, 10))
    assert {total for _, total, _ in told} == {9}
    assert {what for _, _, what in told} == {*serial.papers, "slides.pptx"}


def test_without_pdf_the_other_files_are_the_same(
    serial: publication.Published, bare: publication.Published
) -> None:
    assert files(bare.folder) == DATA
    assert bare.papers == {}
    linking = {"dashboard.html"}
    assert {path: d for path, d in bare.outputs.items() if path not in linking} == {
        path: digest
        for path, digest in serial.outputs.items()
        if not path.endswith((".pdf", ".docx", ".pptx")) and path not in linking
    }


def test_the_order_says_which_coats_are_made(small: Evaluation, tmp_path: Path) -> None:
    order = small.order.model_copy(update={"papers": ["pptx"]})
    made = publication.publish(with_decided(small, order=order), tmp_path)
    assert files(tmp_path) == DATA | {"slides.pptx"}
    assert made.papers == {}
    assert "street-report.pdf" not in (tmp_path / "dashboard.html").read_text(encoding="utf-8")
    order = small.order.model_copy(update={"papers": ["pdf", "docx"]})
    planned = publication.plan(with_decided(small, order=order))
    assert {p.coats for p in planned if not p.editable} == {("pdf",)}
    assert {p.coats for p in planned if p.editable} == {("pdf", "docx")}
    assert publication.decks(with_decided(small, order=order), planned) == []


def test_every_paper_that_is_no_pdf_bears_its_own_mark(serial: publication.Published) -> None:
    made = json.loads((serial.folder / "manifest.json").read_text(encoding="utf-8"))
    for path in ("street-report.docx", "diagnosis/CS001.docx", "slides.pptx"):
        assert marks((serial.folder / path).read_bytes()) == [(made["identity"], f"2016/{path}")]
        assert made["outputs"][path] == serial.outputs[path]


def test_the_dashboard_links_to_the_papers_that_are_there(
    serial: publication.Published, bare: publication.Published
) -> None:
    for folder in (serial.folder, bare.folder):
        page = (folder / "dashboard.html").read_text(encoding="utf-8")
        told = json.dumps(boards.of_page(page), separators=(",", ":"))
        linked = set(re.findall(r'"pdf":"([^"]+)"|href="([^"#]+)"', page + told))
        for path in filter(None, (link for pair in linked for link in pair)):
            assert (folder / path).is_file(), path
    whole = (serial.folder / "dashboard.html").read_text(encoding="utf-8")
    assert "diagnosis/CS001.pdf" in {c["pdf"] for c in boards.of_page(whole)["committees"]}


def test_each_pdf_is_about_its_own_committee(
    small: Evaluation, serial: publication.Published
) -> None:
    ids = {s.id for s in small.roster.subjects}
    for subject in ids:
        reader = pypdf.PdfReader(serial.folder / f"diagnosis/{subject}.pdf")
        text = "".join(page.extract_text() for page in reader.pages)
        assert {i for i in ids if i in text} == {subject}


def test_csv_columns_and_numbers_are_exact(
    small: Evaluation, serial: publication.Published
) -> None:
    for name, table in (
        ("scores", small.waves["2016"].scores.table),
        ("indicators", small.waves["2016"].scores.indicators),
        ("ranking", small.waves["2016"].ranking.table),
        ("changes", small.waves["2016"].changes.table),
        ("contributions", small.waves["2016"].changes.contributions),
    ):
        path = serial.folder / f"{name}.csv"
        assert path.read_bytes().startswith(b"\xef\xbb\xbf")
        found = rows(path)
        assert list(found[0]) == [column.name for column in FRAMES[name]]
        assert len(found) == len(table)
        for column in FRAMES[name]:
            written = [row[column.name] for row in found]
            if column.kind == "number":
                expected = ["" if v != v else repr(float(v)) for v in table[column.name]]
                assert written == expected
            assert column.nullable or "" not in written


def test_only_the_current_wave_is_in_the_tables(serial: publication.Published) -> None:
    for name in ("scores", "indicators", "ranking"):
        assert {row["wave"] for row in rows(serial.folder / f"{name}.csv")} == {"2016"}
    pairs = {(r["from_wave"], r["to_wave"]) for r in rows(serial.folder / "changes.csv")}
    assert pairs == {("2015", "2016")}


def test_contributions_add_up_to_the_change_after_writing(serial: publication.Published) -> None:
    change = {r["subject"]: float(r["change"]) for r in rows(serial.folder / "changes.csv")}
    total = dict.fromkeys(change, 0.0)
    for row in rows(serial.folder / "contributions.csv"):
        total[row["subject"]] += float(row["points"])
    assert total == pytest.approx(change, abs=1e-9)


def test_a_first_wave_has_empty_tables_of_change(tmp_path: Path) -> None:
    publication.publish(made_up(Street(count=3, waves=("2016",))), tmp_path, pdf=False)
    for name in ("changes", "contributions"):
        header = (tmp_path / f"{name}.csv").read_text(encoding="utf-8-sig").strip()
        assert header == ",".join(column.name for column in FRAMES[name])


def test_findings_and_reports_are_json_without_nan(
    small: Evaluation, serial: publication.Published
) -> None:
    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    for name in ("findings.json", "import-report.json", "reliability.json", "manifest.json"):
        json.loads((serial.folder / name).read_text(encoding="utf-8"), parse_constant=refuse)
    found = json.loads((serial.folder / "findings.json").read_text(encoding="utf-8"))
    assert [entry["subject"] for entry in found] == list(
        small.waves["2016"].scores.table["subject"]
    )
    assert {entry["complete"] for entry in found} == {True, False}
    for entry in found:
        assert len(entry["findings"]) == len(small.diagnosis(entry["subject"]).findings)
    reports = json.loads((serial.folder / "import-report.json").read_text(encoding="utf-8"))
    for report in reports:
        rejected = sum(report["rejected_by_reason"].values())
        assert report["rows_read"] == report["rows_kept"] + rejected


def test_the_manifest_knows_every_input_and_output(
    small: Evaluation, serial: publication.Published
) -> None:
    manifest = json.loads((serial.folder / "manifest.json").read_text(encoding="utf-8"))
    assert manifest["evalkit"] == __version__
    assert manifest["seed"] == small.order.settings.seed
    assert manifest["inputs"] == dict(small.decided.digests)
    assert set(manifest["outputs"]) == files(serial.folder) - {"manifest.json"}
    for path, digest in manifest["outputs"].items():
        assert hashlib.sha256((serial.folder / path).read_bytes()).hexdigest() == digest


@pytest.mark.parametrize("jobs", [2])
def test_every_failing_page_is_named_and_there_is_no_manifest(tmp_path: Path, jobs: int) -> None:
    lone = "\U000f0000"
    names = [f"玉{lone}佛城", "普雄"]
    street = made_up(Street(count=2, waves=("2016",), assured=False, needs=False, names=names))
    street = with_decided(street, order=street.order.model_copy(update={"papers": ["pdf"]}))
    with pytest.raises(RenderError) as caught:
        publication.publish(street, tmp_path, jobs=jobs)
    for path in ("diagnosis/CS001.pdf", "notice/CS001.pdf", "street-report.pdf"):
        assert path in str(caught.value)
    assert str(caught.value).count("U+F0000") == 3
    assert "CS002" not in str(caught.value)
    written = {path for path in files(tmp_path) if path.endswith(".pdf")}
    assert written <= {"diagnosis/CS002.pdf", "notice/CS002.pdf", "technical-note.pdf"}
    assert "manifest.json" not in files(tmp_path)


def test_a_page_that_crashes_is_named(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def crash(paper: planned.Paper, page: object = None) -> printing.Pressed:
        raise ZeroDivisionError("sum")

    monkeypatch.setattr(printing, "press", crash)
    with pytest.raises(RenderError, match=r"diagnosis/CS001\.pdf：ZeroDivisionError：sum"):
        publication.publish(small, tmp_path, jobs=1)


def test_pages_are_planned_before_anything_is_rendered(
    small: Evaluation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lacking = {s: d for s, d in small.diagnoses.items() if s != "CS003"}
    monkeypatch.setattr(
        printing, "press", lambda paper: pytest.fail("rendered before all was planned")
    )
    with pytest.raises(KeyError, match="CS003"):
        publication.publish(replace(small, diagnoses=lacking), tmp_path)
    assert files(tmp_path) == set()
