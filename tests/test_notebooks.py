"""The notebooks run from top to bottom, warn of nothing, and are stored without outputs."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
each = pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)


@pytest.fixture(scope="module")
def desk(tmp_path_factory: pytest.TempPathFactory, demo_folder: Path) -> Path:
    """A copy of the folder beside a demo, where nothing a notebook writes does harm."""
    root = tmp_path_factory.mktemp("project")
    results = shutil.ignore_patterns("out", "*.duckdb", "history.jsonl")
    shutil.copytree(demo_folder, root / "demo", ignore=results)
    document = root / "demo/evaluation.yaml"
    text = document.read_text(encoding="utf-8")
    assert "settings:" not in text
    document.write_text(text + "\nsettings:\n  draws: 1000\n", encoding="utf-8")
    shutil.copytree(FOLDER, root / "notebooks")
    return root / "notebooks"


def test_there_are_three() -> None:
    assert [path.stem[:2] for path in NOTEBOOKS] == ["01", "02", "03"]


SHORTER = {"(50, 60, 70, 80, 90)": "(90,)", "(88, 89, 90, 91, 92)": "(90,)"}
"""What is tried five times in a notebook is tried once here: each is a whole evaluation."""


def shortened(book: nbformat.NotebookNode) -> None:
    for cell in book.cells:
        for long, short in SHORTER.items():
            cell.source = cell.source.replace(f"in {long}:", f"in {short}:")


def test_what_is_tried_less_often_here_is_in_a_notebook() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in NOTEBOOKS)
    assert all(f"in {long}:" in text for long in SHORTER)


KEPT = """
import pickle, pathlib
import evalkit.workspace
def patched(kept, whole):
    def evaluate(self):
        if not kept.exists():
            kept.write_bytes(pickle.dumps(whole(self)))
        return pickle.loads(kept.read_bytes())
    evaluate.whole = whole
    return evaluate
whole = evalkit.workspace.Workspace.evaluate
evalkit.workspace.Workspace.evaluate = patched(
    pathlib.Path("../evaluation.pickle").resolve(), getattr(whole, "whole", whole))
del patched, whole
"""
"""The first notebook evaluates the demo, the others take what it found: the same files, the same."""


@pytest.fixture(scope="module")
def run(desk: Path) -> dict[str, list[nbformat.NotebookNode]]:
    """The cells of every notebook with their outputs, by the notebook's name.

    All run in one kernel, one after the other, since starting one and importing takes as long as half
    of them; each finds nothing of what those before it named.
    """
    whole, parts = nbformat.v4.new_notebook(), {}
    for path in NOTEBOOKS:
        book = nbformat.read(desk / path.name, as_version=4)
        shortened(book)
        parts[path.name] = [
            nbformat.v4.new_code_cell(f"import warnings; warnings.simplefilter('error'){KEPT}"),
            *book.cells,
            nbformat.v4.new_code_cell("import warnings; warnings.simplefilter('default')"),
        ]
        whole.cells += [nbformat.v4.new_code_cell("%reset -f"), *parts[path.name]]
    NotebookClient(
        whole, timeout=300, kernel_name="python3", resources={"metadata": {"path": str(desk)}}
    ).execute()
    return parts


@pytest.mark.notebooks
@each
def test_it_runs_from_top_to_bottom_without_a_warning(
    path: Path, desk: Path, run: dict[str, list[nbformat.NotebookNode]]
) -> None:
    cells = run[path.name]
    assert all(cell.execution_count for cell in cells if cell.cell_type == "code")
    for cell in cells:
        assert [o.text for o in cell.get("outputs", []) if o.get("name") == "stderr"] == []
        if cell.cell_type == "code" and re.search(r"^ek\.figures", cell.source, re.M):
            assert _is_drawn(cell), cell.source
    assert sum(_is_drawn(cell) for cell in cells) >= 3
    assert not (desk.parent / "demo" / "out").exists()


def _is_drawn(cell: nbformat.NotebookNode) -> bool:
    return any("image/svg+xml" in o.get("data", {}) for o in cell.get("outputs", []))


@each
def test_it_is_stored_without_outputs(path: Path) -> None:
    book = nbformat.read(path, as_version=4)
    nbformat.validate(book)
    for cell in book.cells:
        assert not cell.get("outputs")
        assert cell.get("execution_count") is None
    assert set(book.metadata) == {"kernelspec", "language_info"}


@each
def test_it_uses_nothing_private_and_its_links_lead_somewhere(path: Path) -> None:
    for cell in nbformat.read(path, as_version=4).cells:
        if cell.cell_type == "code":
            assert not re.search(r"\._[a-z]|import _", cell.source)
        for target in re.findall(
            r"\]\(([^)#]+)\)", cell.source if cell.cell_type != "code" else ""
        ):
            assert (FOLDER / target).exists(), target
