"""The demo street's ledgers: published totals, lists that fit together, and truth behind them."""

from __future__ import annotations

import csv
import datetime as dt
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from evalkit import assets
from evalkit.definitions.loading import load_claims, load_ledger
from evalkit.errors import Problems
from evalkit.simulation import demo_truth, orders, registers
from evalkit.simulation.demo import SEED, demo_data, demo_documents
from evalkit.simulation.demo_ledgers import write_ledgers
from evalkit.simulation.ground import invented_boundaries
from evalkit.simulation.ledger_truth import LIKENESS, LedgerTruth, ledger_truth
from evalkit.simulation.truth import Truth

END = dt.date(2016, 12, 18)
START = dt.date(2016, 1, 4)


@pytest.fixture(scope="module")
def truth() -> Truth:
    return demo_truth()


@pytest.fixture(scope="module")
def own(truth: Truth) -> LedgerTruth:
    return ledger_truth(truth, demo_documents()[0], SEED)


@pytest.fixture(scope="module")
def lists(truth: Truth, own: LedgerTruth) -> registers.Lists:
    return registers.Lists(truth.subjects, own, 2016, SEED)


def test_totals_are_those_published(truth: Truth, lists: registers.Lists) -> None:
    assert len(lists.needs) == 9742
    assert len(lists.projects) == 689
    assert Counter(row[4] for row in lists.projects)["实施中"] == 217
    sites = registers.sites(truth.subjects, invented_boundaries(truth.subjects), SEED)
    assert Counter(row[2] for row in sites)["服务平台"] == 14
    events = registers.events(truth.subjects, 2016, SEED)
    assert Counter(row[2] for row in events) == registers.EVENTS
    assert 18 + 29 + 13 + 8 + 7 + 156 == len(events) == 231
    assert len(registers.organisations(truth.subjects, SEED)) == 98
    spent = [round(100 * float(row[4])) for row in registers.funds(truth.subjects, 2016, SEED)]
    assert sum(spent) == 86_760_000
    assert min(spent) > 0


def test_lists_fit_together(lists: registers.Lists) -> None:
    needs = {row[0]: row for row in lists.needs}
    rooms = {row[0]: row for row in lists.resources}
    for row in lists.projects:
        assert needs[row[5]][1:3] == [row[2], row[3]], "a need of its committee and kind"
        assert rooms[row[6]][2] == row[3], "a resource of its kind"
    taken = Counter(row[1] for row in lists.matches)
    assert all(n <= int(rooms[key][3]) for key, n in taken.items())
    assert all(needs[row[0]][3] in ("已对接", "已完成") for row in lists.matches)


def test_calls_have_the_truth_they_are_said_to_have(truth: Truth, own: LedgerTruth) -> None:
    rows = orders.hotline(truth.subjects, own, START, END, SEED)
    assert rows[-1][:2] == ["合计", str(len(rows) - 1)]
    calls = [row for row in rows[:-1] if row[2] and row[6] != "作废"]
    assert sum(not row[2] for row in rows[:-1]) - sum(row[0] == "合计" for row in rows) >= 20
    misses = []
    for place, subject in enumerate(truth.subjects):
        mine = [row for row in calls if row[2] == f"{subject.name}居民区" and row[5]]
        quick = np.mean([row[5] <= row[4] for row in mine])
        p = own.quick[place]
        misses.append((quick - p) / np.sqrt(p * (1 - p) / len(mine)))
    # 35 normal deviates: beyond 3.8 once in 200 streets.
    assert np.abs(misses).max() < 3.8
    rated = [row for row in calls if row[8]]
    assert 0.75 < np.mean([row[9] != "未评价" for row in rated]) < 0.95
    counts = Counter(row[2] for row in calls)
    assert max(counts.values()) > 2 * min(counts.values()), "some report far more readily"


def test_records_are_partly_like_what_residents_think(truth: Truth, own: LedgerTruth) -> None:
    asked = truth.mean[-1][:, :2, truth.indicators.index("C2")].mean(axis=1)
    r = np.corrcoef(asked, np.log(own.quick / (1 - own.quick)))[0, 1]
    assert LIKENESS - 0.35 < r < LIKENESS + 0.35
    assert own.reporting.max() / own.reporting.min() <= 3.01


def test_its_documents_are_the_shipped_ones_with_what_they_say_of_the_street() -> None:
    problems = Problems()
    for path in sorted((demo_data() / "ledgers").glob("*.yaml")):
        ledger = load_ledger(path, path.name, problems)
        shipped = load_ledger(assets.ledger(path.stem), path.name, problems)
        assert ledger is not None
        assert shipped is not None
        assert (ledger.columns, ledger.key) == (shipped.columns, shipped.key)
    claims = load_claims(demo_data() / "claims.yaml", "claims.yaml", problems)
    problems.raise_if_any()
    assert claims is not None
    assert len(claims.claims) >= 15


def test_the_same_bytes_every_time(truth: Truth, tmp_path: Path) -> None:
    scheme, boundaries = demo_documents()[0], invented_boundaries(truth.subjects)
    written = []
    for name in ("a", "b"):
        folder = tmp_path / name
        folder.mkdir()
        entries = write_ledgers(truth, scheme, boundaries, demo_data(), folder, END, SEED)
        written.append({e.file: (folder / e.file).read_bytes() for e in entries})
    assert written[0] == written[1]
    rows = list(
        csv.reader(written[0]["responses/2016/orders.csv"].decode("utf-8-sig").splitlines())
    )
    waiting = Counter(row[8] for row in rows[1:])
    assert min(waiting[state] for state in ("派单", "接单")) >= 5, "no flow of the demo is small"
