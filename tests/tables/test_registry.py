"""Every frame of the registry is a CSV file, a table of the database and a sheet."""

from __future__ import annotations

import io
from dataclasses import replace

import openpyxl
import pandas as pd
import pytest

from evalkit import publication
from evalkit.archive.content import PER_EVALUATION, evaluation_tables
from evalkit.findings import peer_groups
from evalkit.pages import workbook
from evalkit.pages.workbook import titles
from evalkit.tables import FRAMES, REGISTRY, Evaluation, History, Registered, frame
from tests.pages.looking_back import looked_back
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

KEPT_FOR_EVERY_WAVE = {"ranking", "scores", "indicators", "changes", "contributions"}
NAMES = [registered.name for registered in REGISTRY]
OF_TRACKS = {registered.name for registered in REGISTRY if registered.whose != "all"}
"""Frames that only a street with tracks has, or only a track: see tests/tracks."""
EVERYBODYS = [registered for registered in REGISTRY if registered.whose == "all"]
FILES = [registered.name for registered in EVERYBODYS]
KEPT_BESIDES = {"evaluations", "findings", "files", "notes", "inputs"}
"""Tables of the database that are no frames."""


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    """A made-up street in which no frame of the registry is empty."""
    made = looked_back(made_up(Street()))
    beside = peer_groups.beside(made.current.scores, made.scheme, made.roster)
    made = replace(made, peers=beside)
    kinds = {"text": "A1", "integer": 1, "number": 0.5, "flag": True}
    filled = {
        name: frame(name, {c.name: [kinds[c.kind]] for c in FRAMES[name]} | {"wave": [made.wave]})
        for name in (
            "weight_influence",
            "design_effects",
            "extremes",
            "multilevel",
            "composition",
            "modes",
            "series",
            "trends",
            "dimension_changes",
            "forecasts",
            "lineage",
        )
    }
    books = {
        name: frame(name, {c.name: [kinds[c.kind]] for c in FRAMES[name]} | {"wave": [made.wave]})
        for name in (
            *("ledgers", "objective", "clocks", "flows"),
            *("demand", "listed", "integrity", "points", "validity", "claims", "rollup"),
        )
    }
    made = replace(made, **books)
    history = History(
        **{
            name: filled.pop(name)
            for name in ("series", "trends", "dimension_changes", "forecasts", "lineage")
        }
    )
    made = replace(made, composition=filled.pop("composition"), modes=filled.pop("modes"))
    shares, beside = (
        frame(name, {c.name: [kinds[c.kind]] for c in FRAMES[name]})
        for name in ("reliability", "samples")
    )
    own = replace(made.assurance, by_group=shares, samples=beside, **filled)
    return replace(made, assurance=own, history=history)


@pytest.fixture(scope="module")
def files(evaluation: Evaluation) -> dict[str, bytes]:
    return publication.data_files(evaluation)


@pytest.fixture(scope="module")
def tables(evaluation: Evaluation) -> dict[str, pd.DataFrame]:
    return evaluation_tables(evaluation)


@pytest.fixture(scope="module")
def book(evaluation: Evaluation) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(workbook.results(evaluation)))


def test_a_frame_is_registered_once_and_declared() -> None:
    assert len(set(NAMES)) == len(NAMES) == 47
    # Rows of people are nowhere kept; distributions are, with a wave's cells.
    assert set(FRAMES) - set(NAMES) == {"respondents", "distributions", "people", "given"}


@pytest.mark.parametrize("registered", EVERYBODYS, ids=FILES)
def test_it_is_a_csv_file(
    registered: Registered, evaluation: Evaluation, files: dict[str, bytes]
) -> None:
    written = pd.read_csv(
        io.BytesIO(files[f"{registered.name}.csv"]), dtype=str, keep_default_na=False
    )
    assert list(written) == [column.name for column in FRAMES[registered.name]]
    assert len(written) == len(registered.of(evaluation)) > 0


def test_no_other_csv_file_is_written(files: dict[str, bytes]) -> None:
    written = [name.removesuffix(".csv") for name in files if name.endswith(".csv")]
    assert written == FILES


@pytest.mark.parametrize("registered", EVERYBODYS, ids=FILES)
def test_it_is_a_table_of_the_database(
    registered: Registered, evaluation: Evaluation, tables: dict[str, pd.DataFrame]
) -> None:
    kept = tables[registered.name]
    names = [
        "rater_group" if column.name == "group" else column.name
        for column in FRAMES[registered.name]
    ]
    assert list(kept) == names
    assert list(PER_EVALUATION[registered.name])[-len(names) :] == names
    assert len(kept) == len(registered.archived(evaluation)) > 0


def test_the_database_keeps_no_other_frames(tables: dict[str, pd.DataFrame]) -> None:
    assert set(tables) == set(PER_EVALUATION) == {*NAMES, *KEPT_BESIDES}


SAID_BESIDE = {
    "sensitivity": "scenario",
    "objective": "measure",
    "clocks": "clock",
    "claims": "claim",
    "themes": "code",
}
"""The column of codes that a sheet leaves out, because the next one says it in words."""


@pytest.mark.parametrize("registered", EVERYBODYS, ids=FILES)
def test_it_is_a_sheet_under_its_title(
    registered: Registered, evaluation: Evaluation, book: openpyxl.Workbook
) -> None:
    words = {"street": evaluation.order.street_word, "subject": evaluation.order.subject_word}
    sheet = book[titles.SHEETS[registered.name][0].format(**words)]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    declared = [column.name for column in FRAMES[registered.name]]
    told = [name for name in declared if name != SAID_BESIDE.get(registered.name)]
    assert [key for key in rows[0] if key in declared] == told
    assert len(rows) - 1 == len(registered.of(evaluation)) > 0


@pytest.mark.parametrize("registered", REGISTRY, ids=NAMES)
def test_files_are_of_the_current_wave_and_the_database_has_all(
    registered: Registered, evaluation: Evaluation
) -> None:
    """Changes are between two waves: with two waves there is one table of them."""
    current, kept = registered.of(evaluation), registered.archived(evaluation)
    assert list(evaluation.waves) == ["2015", "2016"]
    if registered.name in ("ranking", "scores", "indicators"):
        assert set(current["wave"]) == {"2016"}
        assert set(kept["wave"]) == {"2015", "2016"}
    else:
        pd.testing.assert_frame_equal(current, kept)
    assert (registered.all_waves is not None) == (registered.name in KEPT_FOR_EVERY_WAVE)


def test_a_first_wave_has_no_changes_and_says_so_with_an_empty_frame() -> None:
    made = looked_back(made_up(Street()))
    beside = peer_groups.beside(made.current.scores, made.scheme, made.roster)
    made = replace(made, peers=beside)
    first = replace(made, wave="2015", waves={"2015": made.waves["2015"]})
    assert first.current.changes is None
    for name in ("changes", "contributions"):
        (registered,) = (each for each in REGISTRY if each.name == name)
        for found in (registered.of(first), registered.archived(first)):
            assert list(found) == [column.name for column in FRAMES[name]]
            assert len(found) == 0


def test_a_frame_that_is_not_as_declared_is_refused(evaluation: Evaluation) -> None:
    spoilt = Registered("plan", lambda e: e.assurance.plan.iloc[:, 1:])
    for ask in (spoilt.of, spoilt.archived):
        with pytest.raises(ValueError, match=r"^plan: expected columns"):
            ask(evaluation)


def test_what_is_of_tracks_or_of_persons_is_nobody_elses() -> None:
    whose = {r.name: r.whose for r in REGISTRY if r.whose != "all"}
    assert whose == {
        "tracks": "tracks",
        "track_grades": "tracks",
        "persons": "persons",
        "raters": "persons",
        "quotas": "persons",
    }
