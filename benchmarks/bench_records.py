"""CPU seconds from 1,000,000 records to cells of committees, beside DuckDB's scan with the same sums.

    python benchmarks/bench_records.py             # 1,000,000 records, 350 committees, about a minute

Both start from typed rows in memory. DuckDB adds up, by committee, what the means are made of: how many
fell due and were done in time, are solved, are rated and how. evalkit reduces the same records to means,
joint covariances and degrees of freedom of every measure. The sums must agree.
"""

from __future__ import annotations

import sys
import time
from dataclasses import replace

import duckdb
import numpy as np
import pandas as pd

from evalkit import assets
from evalkit.answers.reducing import reduce_records
from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.loading import load_ledger
from evalkit.definitions.roster import Roster, Subject
from evalkit.errors import Problems
from evalkit.simulation.demo import demo_documents
from evalkit.tables.records import Records

RECORDS, COMMITTEES, TIMES = 1_000_000, 350, 5
START, END = pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01")
MARKS = {"满意": 100.0, "基本满意": 60.0, "不满意": 0.0, "未评价": np.nan}

SUMS = """
    SELECT subject,
           count(*) FILTER (WHERE resolved <> '') AS told,
           count(*) FILTER (WHERE resolved = '已解决') AS solved,
           count(*) FILTER (WHERE satisfied <> '未评价') AS rated,
           sum(CASE satisfied WHEN '满意' THEN 100 WHEN '基本满意' THEN 60 ELSE 0 END) AS marks,
           sum(CASE satisfied WHEN '满意' THEN 10000 WHEN '基本满意' THEN 3600 ELSE 0 END) AS squares,
           sum(CASE WHEN resolved = '已解决' AND satisfied = '满意' THEN 10000
                    WHEN resolved = '已解决' AND satisfied = '基本满意' THEN 6000 ELSE 0 END) AS both_,
           count(*) FILTER (WHERE due >= $start AND due < $until) AS due_,
           count(*) FILTER (WHERE due >= $start AND due < $until AND closed <= due) AS in_time
    FROM records WHERE belongs GROUP BY subject ORDER BY subject
"""


def invented() -> pd.DataFrame:
    """Return typed records as the door leaves them."""
    rng = np.random.default_rng(1)
    opened = START + pd.to_timedelta(rng.integers(0, 350 * 86_400, RECORDS), unit="s")
    took = pd.to_timedelta((5 * 86_400 * rng.gamma(2.0, 0.35, RECORDS)).astype(np.int64), unit="s")
    names = np.array([f"s{at:03d}" for at in range(COMMITTEES)], dtype=object)
    return pd.DataFrame(
        {
            "subject": names[rng.integers(0, COMMITTEES, RECORDS)],
            "cluster": "",
            "belongs": True,
            "opened": opened.astype("datetime64[s]"),
            "due": (opened + pd.Timedelta(days=5)).astype("datetime64[s]"),
            "closed": (opened + took).astype("datetime64[s]"),
            "resolved": np.array(["已解决", "未解决"], dtype=object)[
                (rng.random(RECORDS) > 0.8).astype(int)
            ],
            "satisfied": np.array(list(MARKS), dtype=object)[rng.integers(0, 4, RECORDS)],
        }
    )


def documents() -> Decided:
    """Return as many documents as it takes: the shipped hotline, invented committees."""
    problems = Problems()
    ledger = load_ledger(assets.ledger("hotline"), "hotline.yaml", problems)
    problems.raise_if_any()
    assert ledger is not None
    scheme, forms = demo_documents()
    subjects = [
        Subject(id=f"s{at:03d}", name=f"第{at}居民区", population=3_000) for at in range(COMMITTEES)
    ]
    order = EvaluationOrder.model_validate(
        {"title": "测量", "street": "测量", "waves": [{"id": "2016"}]}
    )
    own = Decided(
        scheme=scheme, questionnaires=forms, roster=Roster(subjects=subjects), order=order
    )
    return replace(own, ledgers={"hotline": ledger})


def main() -> None:
    table, decided = invented(), documents()
    records = Records("2016", "hotline", table, START, END)
    ledger = decided.ledgers["hotline"]
    database = duckdb.connect(config={"threads": 1})
    database.register("typed", table)
    database.execute("CREATE TABLE records AS SELECT * FROM typed")
    bounds = {"start": START.to_pydatetime(), "until": END.to_pydatetime()}
    ours, theirs = [], []
    for _ in range(TIMES):
        begun = time.process_time()
        reduced = reduce_records(records, ledger, decided)
        ours.append(time.process_time() - begun)
        begun = time.process_time()
        sums = database.execute(SUMS, bounds).df()
        theirs.append(time.process_time() - begun)
    for code, n, hits in (
        ("resolved", "told", sums["solved"]),
        ("satisfied", "rated", sums["marks"] / 100.0),
        ("on_time", "due_", sums["in_time"]),
    ):
        at = reduced.at(code)
        np.testing.assert_array_equal(reduced.n[:, at], sums[n])
        np.testing.assert_allclose(reduced.hits[:, at], hits, rtol=1e-9)
    own, other = float(np.median(ours)), float(np.median(theirs))
    print(
        f"{RECORDS:,} records, {COMMITTEES} committees, median of {TIMES}: evalkit {own:.2f} s, "
        f"DuckDB {other:.3f} s of processor time, {own / other:.1f} times; sums agree"
    )


if __name__ == "__main__":
    sys.exit(main())
