"""The Kansas City resident survey through the ordinary line, against numbers computed from the
raw file with nothing but the standard library."""

from __future__ import annotations

import csv
import statistics
from pathlib import Path

import pandas as pd
import pytest
import yaml

import evalkit as ek
from tests.conftest import KANSAS_CITY

SCORES = {"1": 0.0, "2": 25.0, "3": 50.0, "4": 75.0, "5": 100.0}


@pytest.fixture(scope="module")
def kansas_city(kansas_city_folder: Path) -> Path:
    return kansas_city_folder


@pytest.fixture(scope="module")
def evaluation(kansas_city_evaluation: ek.Evaluation) -> ek.Evaluation:
    return kansas_city_evaluation


def raw_rows(root: Path, wave: str) -> list[dict[str, str]]:
    with (root / "responses" / wave / KANSAS_CITY[wave]).open(encoding="utf-8") as file:
        return list(csv.DictReader(file))


def composite(rows: list[dict[str, str]], scheme: dict[str, object]) -> float:
    """Weighted mean over indicators of the mean over people of the mean of their items."""
    total = 0.0
    for dimension in scheme["dimensions"]:  # type: ignore[attr-defined]
        for indicator in dimension["indicators"]:
            items = indicator["items"]["resident"]
            people = []
            for row in rows:
                answered = [SCORES[row[item]] for item in items if row[item] in SCORES]
                if len(answered) >= len(items) / 2 and answered:
                    people.append(statistics.fmean(answered))
            total += indicator["weight"] / 100 * statistics.fmean(people)
    return total


@pytest.mark.parametrize("wave", ["2021", "2022"])
@pytest.mark.parametrize("district", range(1, 7))
def test_scores_match_the_raw_file(
    kansas_city: Path, evaluation: ek.Evaluation, wave: str, district: int
) -> None:
    scheme = yaml.safe_load((kansas_city / "scheme.yaml").read_text(encoding="utf-8"))
    rows = [row for row in raw_rows(kansas_city, wave) if row["counci"] == str(district)]
    scores = evaluation.scores.set_index(["wave", "subject"])
    found = scores.loc[(wave, f"D{district}"), "score"]
    assert found == pytest.approx(composite(rows, scheme), abs=1e-9)


def test_a_single_item_indicator_has_the_textbook_standard_error(
    kansas_city: Path, evaluation: ek.Evaluation
) -> None:
    """D5 is one item: its cell is a plain mean, and its SE the sample SD over root n.

    The published standard error is steadied by the other districts' (`combining.steadied`), so the
    textbook one is asked of the cells.
    """
    rows = [row for row in raw_rows(kansas_city, "2022") if row["counci"] == "3"]
    values = [SCORES[row["q9_10"]] for row in rows if row["q9_10"] in SCORES]
    table = evaluation.indicators
    row = table[
        (table["wave"] == "2022")
        & (table["subject"] == "D3")
        & (table["code"] == "D5")
        & (table["group"] == "resident")
    ].iloc[0]
    assert row["n"] == len(values)
    assert row["estimate"] == pytest.approx(statistics.fmean(values), abs=1e-9)
    cells = evaluation.waves["2022"].cells
    subject, measure = cells.subjects.index("D3"), cells.measures.index("D5")
    variance = cells.groups["resident"].covariance[subject, measure, measure]
    assert variance**0.5 == pytest.approx(statistics.stdev(values) / len(values) ** 0.5, rel=1e-12)


def test_every_row_is_accounted_for(kansas_city: Path, evaluation: ek.Evaluation) -> None:
    for report in evaluation.reports:
        rows = raw_rows(kansas_city, report.wave)
        assert report.rows_read == len(rows)
        assert report.rows_read == report.rows_kept + len(report.rejections)


def test_the_command_gives_six_diagnoses_and_a_street_report(kansas_city: Path) -> None:
    out = kansas_city / "out" / "2022"
    assert sorted(p.name for p in (out / "diagnosis").iterdir()) == [
        f"D{district}.{suffix}" for district in range(1, 7) for suffix in ("docx", "pdf")
    ]
    assert (out / "street-report.pdf").read_bytes().startswith(b"%PDF")
    ranking = pd.read_csv(out / "ranking.csv", encoding="utf-8-sig")
    assert sorted(ranking["rank"]) == [1, 2, 3, 4, 5, 6]
