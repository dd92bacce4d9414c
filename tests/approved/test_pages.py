"""Every kind of page of the town, as it was read and approved."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from python_calamine import CalamineWorkbook

import evalkit as ek
from evalkit import publication
from evalkit.illustration import illustrate
from evalkit.pages import checklist, dashboard, form, manual, workbook
from evalkit.pages.press.planned import Paper
from evalkit.tables import Evaluation
from tests import tiny
from tests.approved import approving
from tests.pages import boards, published, town

CHOSEN = ("s03", town.FEW_OFFICES, town.NEW, town.WITHOUT_OFFICES)
"""A committee that had fallen, one that too few departments judged, a new one, one not ranked."""
ROWS = 3
"""Rows of each sheet of a workbook: the same code writes the others."""


@pytest.fixture(scope="module")
def evaluation(request: pytest.FixtureRequest) -> Evaluation:
    return published.street("town", request).evaluation


@pytest.fixture(scope="module")
def papers(evaluation: Evaluation) -> dict[str, Paper]:
    return {paper.path: paper for paper in publication.plan(evaluation)}


def test_the_street_report_is_as_approved(papers: dict[str, Paper]) -> None:
    approving.compare("pages/street-report", approving.page(papers["street-report.pdf"]))


def test_the_technical_note_is_as_approved(papers: dict[str, Paper]) -> None:
    approving.compare("pages/technical-note", approving.page(papers["technical-note.pdf"]))


@pytest.mark.parametrize("subject", CHOSEN)
def test_a_diagnosis_is_as_approved(subject: str, papers: dict[str, Paper]) -> None:
    page = approving.page(papers[f"diagnosis/{subject}.pdf"])
    approving.compare(f"pages/diagnosis-{subject}", page)


def test_the_papers_that_nobody_would_read_are_as_approved(papers: dict[str, Paper]) -> None:
    told = {path: approving.digest(approving.page(paper)) for path, paper in papers.items()}
    assert len(told) == 2 + 2 * len(town.COMMITTEES)
    approving.compare("pages/all-papers", approving.as_lines(told))


def first_wave(folder: Path) -> Evaluation:
    tiny.write(folder)
    order = (folder / "evaluation.yaml").read_text(encoding="utf-8")
    first, second = order.index("  - id: '2015'"), order.index("  - id: '2016'")
    (folder / "evaluation.yaml").write_text(order[:first] + order[second:], encoding="utf-8")
    return ek.open(folder).evaluate()


@pytest.mark.parametrize("waves", ["two-waves", "first-wave"])
def test_the_papers_of_four_committees_are_as_approved(
    waves: str, tiny_evaluation: Evaluation, tmp_path: Path
) -> None:
    found = first_wave(tmp_path / "tiny") if waves == "first-wave" else tiny_evaluation
    planned = {paper.path: paper for paper in publication.plan(found)}
    for path in ("street-report.pdf", "diagnosis/s4.pdf", "notice/s4.pdf"):
        name = path.removesuffix(".pdf").replace("/", "-")
        approving.compare(f"pages/{waves}/{name}", approving.page(planned[path]))
    told = dashboard.plan(found, papers=False).data["committees"]
    approving.compare(f"pages/{waves}/dashboard", approving.as_lines(told[:1]))
    book = cells(workbook.results(found), ROWS)
    approving.compare(f"pages/{waves}/results", book)


@pytest.mark.parametrize("subject", CHOSEN[:2])
def test_a_notice_is_as_approved(subject: str, papers: dict[str, Paper]) -> None:
    approving.compare(f"pages/notice-{subject}", approving.page(papers[f"notice/{subject}.pdf"]))


def test_the_manual_is_as_approved(evaluation: Evaluation) -> None:
    decided = evaluation.decided
    page = approving.page(manual.plan(decided, illustrate(decided)))
    approving.compare("pages/manual", page)


@pytest.mark.parametrize("name", ["resident", "organisation"])
def test_a_paper_form_is_as_approved(name: str, evaluation: Evaluation) -> None:
    questionnaire = evaluation.decided.questionnaires[name]
    approving.compare(
        f"pages/form-{name}", approving.page(form.plan(questionnaire, evaluation.order))
    )


def test_the_dashboard_is_as_approved(evaluation: Evaluation) -> None:
    planned = dashboard.plan(evaluation, papers=True)
    data = boards.content(dashboard.packed(planned.data))
    data["layouts"] = sorted(map(str, data["layouts"]))
    data["shapes"] = len(data["shapes"])
    data["committees"] = [one for one in data["committees"] if one["id"] in CHOSEN[:2]]
    for wave in data["earlier"]:
        wave["committees"] = [one for one in wave["committees"] if one["id"] in CHOSEN[:2]]
    told = {"context": {**planned.context}, "data": data}
    approving.compare("pages/dashboard", approving.as_lines(told))


def cells(content: bytes, rows: int) -> str:
    """The first rows of every sheet, texts and numbers."""
    book = CalamineWorkbook.from_filelike(io.BytesIO(content))
    told: list[str] = []
    for name in book.sheet_names:
        told.append(f"== {name}")
        told += map(
            str, (approving.plain(row) for row in book.get_sheet_by_name(name).to_python()[:rows])
        )
    return "\n".join(told)


def test_the_workbooks_are_as_approved(evaluation: Evaluation) -> None:
    approving.compare("pages/results", cells(workbook.results(evaluation), 2 * ROWS))
    approving.compare("pages/import-report", cells(workbook.import_report(evaluation), 20 * ROWS))
    approving.compare("pages/actions", cells(checklist.workbook(evaluation), 10 * ROWS))
