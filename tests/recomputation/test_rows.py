"""Every row of every file, once more: kept, or rejected by the same reason."""

from __future__ import annotations

import ast
import json
from collections.abc import Iterator
from pathlib import Path

import pandas as pd
import pytest

from tests.recomputation import documents, kinds, rows
from tests.recomputation.cases import Case
from tests.recomputation.conftest import Cases
from tests.recomputation.every import every_street
from tests.recomputation.streets import LABELS, residents

HERE = Path(__file__).parent
PRODUCING = {"__init__", "conftest", "evaluations"}
"""Modules that let the package produce what is compared; nothing that recomputes imports them."""
MODULES = [
    *sorted(
        path
        for path in HERE.glob("*.py")
        if not path.name.startswith("test_") and path.stem not in PRODUCING
    ),
    HERE.parent / "tiny.py",
]


def test_the_recomputation_shares_no_code_with_the_package() -> None:
    allowed = {f"tests.recomputation.{path.stem}" for path in MODULES} | {"tests.tiny"}
    assert {"documents", "rows", "cells", "listening"} < {path.stem for path in MODULES}
    for path in MODULES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = set(_imported(tree))
        assert imported, path.name
        assert not [name for name in imported if name.split(".")[0] == "evalkit"], path.name
        assert {name for name in imported if name.startswith("tests")} <= allowed, path.name
        calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
        called = {node.func.id for node in calls if isinstance(node.func, ast.Name)}
        assert not called & {"__import__", "exec", "eval"}, path.name


def _imported(tree: ast.Module) -> Iterator[str]:
    """Names of the modules that are imported; ``from tests.recomputation import x`` is x."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0
            assert node.module
            if node.module in ("tests", "tests.recomputation"):
                yield from (f"{node.module}.{alias.name}" for alias in node.names)
            else:
                yield node.module


@every_street
def test_every_row_is_kept_or_rejected_by_the_same_reason(case: Cases, name: str) -> None:
    street = case(name)
    reports = {report["file"]: report for report in street.json("import-report")}
    listed = [file["file"] for wave in _with_files(street) for file in wave["files"]]
    assert list(reports) == listed
    for wave in _with_files(street):
        read = street.rows[wave["id"]]
        for file, count in read.read_rows.items():
            report = reports[file]
            assert report["wave"] == wave["id"]
            assert report["rows_read"] == count
            assert report["rows_kept"] == int((read.kept["file"] == file).sum())
            own = read.rejected[read.rejected["file"] == file].sort_values("row")
            found = [(one["row"], one["reason"]) for one in report["rejections"]]
            assert found == list(zip(own["row"], own["reason"], strict=True))
            assert report["rejected_by_reason"] == read.rejected_by_reason[file]


@every_street
def test_the_database_counts_the_same_rows(case: Cases, name: str) -> None:
    street = case(name)
    found = {
        (wave, file): (read, kept, rejected, json.loads(reasons))
        for wave, file, read, kept, rejected, reasons in street.query(
            "select wave, file, rows_read, rows_kept, rows_rejected, rejected_by_reason from files"
        )
    }
    expected = {
        (wave["id"], file): (
            count,
            int((street.rows[wave["id"]].kept["file"] == file).sum()),
            int((street.rows[wave["id"]].rejected["file"] == file).sum()),
            street.rows[wave["id"]].rejected_by_reason[file],
        )
        for wave in _with_files(street)
        for file, count in street.rows[wave["id"]].read_rows.items()
    }
    assert found == expected


@every_street
def test_every_residents_answer_is_counted_in_the_table_of_quality(case: Cases, name: str) -> None:
    street = case(name)
    kept = street.rows[street.wave].kept
    residents_groups = [g["code"] for g in street.street.groups() if g["residents"]]
    own = kept[kept["group"].isin(residents_groups)]
    expected = own.groupby("subject").size().to_dict()
    table = street.table("quality")
    found = {subject: int(n) for subject, n in zip(table["subject"], table["n"], strict=True)}
    assert {subject: n for subject, n in found.items() if n} == expected


def test_every_reason_occurs_where_it_was_put(case: Cases) -> None:
    """The header is row 1; `dirtied` puts a blank after five answers, a header after nine."""
    street = case("all_kinds")
    read = street.rows["2016"]
    last = 1 + 50 + 38 + 61 + 12 + 7 + 2  # the header, the good rows, and the two among them
    found = {
        (file.split("/")[-1], row): reason
        for file, row, reason in read.rejected.itertuples(index=False)
    }
    in_the_end = (
        "pasted_twice", "duplicate", None, "outside_period", "pasted_twice", "screened_out", "no_subject",
        "no_answer", "no_answer", "no_answer", "malformed", "malformed", "malformed", "footer",
    )  # fmt: skip
    expected = {("resident.csv", 7): "blank", ("resident.csv", 12): "header_row"}
    expected |= {("resident.csv", last + at): r for at, r in enumerate(in_the_end, start=1) if r}
    # Five offices and five committees rate five committees; the first office's fifth answer and
    # the second's first two know nothing; each committee has rated itself.
    offices = 25
    rating = {1 + offices + 5 * at + at + 1: "self_rating" for at in range(5)}
    silent = {6: "no_answer", 7: "no_answer", 8: "no_answer"}
    added = dict(enumerate(("no_group", "no_rater", "no_subject", "unmatched_subject"), 52))
    expected |= {("organisation.csv", row): r for row, r in (rating | silent | added).items()}
    assert found == expected


def test_a_foreign_form_says_what_the_known_one_would_have(case: Cases) -> None:
    """`crosswalked` turned labels into numbers, one item backwards, some into foreign codes."""
    read = case("crosswalked").rows["2016"]
    before = [row[6:10] for row in residents(2016, (22, 18, 25, 20))]
    after = read.kept[["r1", "r2", "r3", "r4"]].to_numpy().tolist()
    numbers = {label: str(at) for at, label in enumerate(LABELS[:5], start=1)}
    assert len(before) == len(after) == 85
    for said, read_as in zip(before, after, strict=True):
        expected = [numbers.get(label) for label in said]
        expected[3] = None if expected[3] == "5" else expected[3]  # left out on purpose
        assert [None if pd.isna(code) else code for code in read_as] == expected


@pytest.mark.parametrize("year", [2015, 2016])
def test_an_export_by_number_says_what_one_by_text_would_have(case: Cases, year: int) -> None:
    counts = {2015: (32, 30, 26, 35), 2016: (40, 36, 28, 31)}[year]
    read = case("by_number").rows[str(year)]
    before = residents(year, counts)
    assert len(before) == len(read.kept)
    numbers = {label: str(at) for at, label in enumerate(LABELS[:5], start=1)}
    needs = {"停车难": "1", "加装电梯": "2", "老人吃饭": "3", "其他【请注明】": "4"}
    for row, (_, kept) in zip(before, read.kept.iterrows(), strict=True):
        assert kept["overall"] == numbers.get(row[11]) or pd.isna(kept["overall"])
        chosen = [code for label, code in needs.items() if label in row[12]]
        assert kept["need"] == ";".join(chosen) or (not chosen and pd.isna(kept["need"]))
        assert kept["r5"] == float(row[10])


def test_documents_have_their_defaults(tmp_path: Path) -> None:
    street = documents.read(kinds.changing_roster(tmp_path / "street"))
    assert street.subjects("2015") == ["s3", "s1", "s4", "s5"]
    assert street.subjects("2016") == ["s3", "s2", "s4", "s5"]
    assert street.covered("resident") == ["A1", "A2"]
    assert street.covered("office") == ["A1", "B1"]
    assert street.group("office")["population"] is None
    assert rows.name_key("玉佛城居民区") == rows.name_key("玉 佛城") == "玉佛城"


def _with_files(street: Case) -> list[documents.Plain]:
    """Waves whose files are still in the folder that was evaluated."""
    return documents.read(street.folder).waves
