"""Simulated streets of records: 3 to 80 orders a committee, of which some are rated.

Who reports readily has many; who rates is, or is not, happier than who does not. The truth is what a
committee's practice would show of endlessly many orders, and what all would say if all were asked.
"""

from __future__ import annotations

from functools import cache

import numpy as np
import pandas as pd

from evalkit import assets
from evalkit.answers import speaking
from evalkit.answers.measuring import measure
from evalkit.answers.reducing import reduce_records
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.loading import load_ledger
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.errors import Problems
from evalkit.findings import objective, scoring
from evalkit.methods.attenuation import likeness
from evalkit.simulation.truth import Floats
from evalkit.tables import Answers
from evalkit.tables.records import Records
from tests.coverage.studies import Tally
from tests.deciding import decided

COMMITTEES, WAVE = 35, "2016"
EXACT = 1e-9
"""Where all rated, both bounds are the mean, but for the machine's last digits."""
MARKS = {"满意": 100.0, "基本满意": 60.0, "不满意": 0.0}
SCHEME = {
    "id": "records",
    "title": "记录",
    "groups": [
        {"code": "line", "name": "热线", "weight": 100, "ledger": "hotline", "minimum_n": 2}
    ],
    "dimensions": [
        {
            "code": "A",
            "name": "办理",
            "weight": 100,
            "indicators": [
                {"code": "A1", "name": "解决", "weight": 50, "items": {"hotline": ["resolved"]}},
                {"code": "A2", "name": "满意", "weight": 50, "items": {"hotline": ["satisfied"]}},
            ],
        }
    ],
    "grades": [{"name": "好", "cutoff": 80, "good": True}, {"name": "差", "cutoff": 0}],
}


@cache
def documents() -> Decided:
    """A street that nobody is asked in: one ledger, two measures."""
    problems = Problems()
    ledger = load_ledger(assets.ledger("hotline"), "hotline.yaml", problems)
    problems.raise_if_any()
    assert isinstance(ledger, Ledger)
    subjects = [Subject(id=f"s{at:02d}", name=f"模拟{at:02d}") for at in range(COMMITTEES)]
    own = decided(Scheme.model_validate(SCHEME), {}, Roster(subjects=subjects))
    own.ledgers["hotline"] = ledger.model_copy(update={"minimum_n": 1})
    return own


def of_records(fewest: float, most: float, bias: float, seed: int) -> Tally:
    """Tell how often intervals hold what is true, where so many are reported.

    Parameters
    ----------
    bias : float
        How much likelier the unhappy are to stay silent, in logits; 0: silence says nothing.
    """
    rng = np.random.default_rng([seed, 17])
    own = documents()
    n = np.round(np.exp(rng.uniform(np.log(fewest), np.log(most), COMMITTEES))).astype(np.int64)
    solved = _chance(1.2 + 0.6 * rng.standard_normal(COMMITTEES))
    pleased = _chance(1.0 + 0.6 * rng.standard_normal(COMMITTEES))
    chances = np.column_stack([pleased, 0.5 * (1.0 - pleased), 0.5 * (1.0 - pleased)])
    table = _table(n, solved, chances, bias, rng)
    reduced = reduce_records(Records(WAVE, "hotline", table), own.ledgers["hotline"], own)
    cells = measure(
        Answers.none(WAVE), own, DuckDBEngine(),
        spoken=speaking.spoken({"hotline": reduced}, own.scheme),
    )  # fmt: skip
    scores = scoring.score(cells, own.scheme, own.roster).table
    marks = chances @ np.array(list(MARKS.values()))
    truth = 0.5 * 100.0 * solved + 0.5 * marks
    told = objective.objective({"hotline": reduced}, own.scheme)
    told = told[told["subject"] != objective.STREET]
    share, rated = (told[told["measure"] == code] for code in ("resolved", "satisfied"))
    found = {
        "records_score": _held(scores["low"], truth, scores["high"]),
        "records_share": _held(share["low"], 100.0 * solved, share["high"]),
        "records_width": float((scores["high"] - scores["low"]).mean() / 2.0),
        "records_rated": float(reduced.n[:, 2].sum() / reduced.asked[:, 2].sum()),
    }
    observed = (
        np.bincount(
            table["subject"].str[1:].astype(int),
            weights=table["said"].map(MARKS),
            minlength=COMMITTEES,
        )
        / n
    )
    found["records_bounds"] = _held(rated["bound_low"], observed, rated["bound_high"])
    return found


def of_likeness(rho: float, reliability: float, seed: int) -> Tally:
    """Tell how often the interval of a corrected correlation holds the true one."""
    rng = np.random.default_rng([seed, 18])
    true = rng.multivariate_normal([0.0, 0.0], [[1.0, rho], [rho, 1.0]], COMMITTEES)
    variance = (1.0 - reliability) / reliability * rng.gamma(4.0, 0.25, (COMMITTEES, 2))
    seen = true + np.sqrt(variance) * rng.standard_normal((COMMITTEES, 2))
    found = likeness(seen[:, 0], variance[:, 0], seen[:, 1], variance[:, 1])
    return {"likeness": float(found.low <= rho <= found.high)}


def _table(
    n: np.ndarray, solved: Floats, chances: Floats, bias: float, rng: np.random.Generator
) -> pd.DataFrame:
    at = np.repeat(np.arange(COMMITTEES), n)
    lot = rng.random(len(at))
    said = np.array(list(MARKS))[(lot[:, None] > np.cumsum(chances, axis=1)[at]).sum(axis=1)]
    silent = _chance(-0.8 + bias * (said == "不满意") + 0.6 * rng.standard_normal(COMMITTEES)[at])
    quiet = rng.random(len(at)) < silent
    return pd.DataFrame(
        {
            "subject": [f"s{place:02d}" for place in at],
            "cluster": "",
            "belongs": True,
            "key": [str(number) for number in range(len(at))],
            "resolved": np.where(rng.random(len(at)) < solved[at], "已解决", "未解决"),
            "satisfied": np.where(quiet, "未评价", said),
            "said": said,
        }
    )


def _chance(logit: Floats) -> Floats:
    return np.asarray(1.0 / (1.0 + np.exp(-logit)))


def _held(low: pd.Series[float], truth: Floats, high: pd.Series[float]) -> float:
    """Return the share of committees that have an interval whose interval holds the truth."""
    known = low.notna().to_numpy()
    inside = (low.to_numpy() <= truth + EXACT) & (truth <= high.to_numpy() + EXACT)
    return float(inside[known].mean())
