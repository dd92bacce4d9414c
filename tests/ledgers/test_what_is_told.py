"""What frame ``objective`` and the cells of ledgers may tell: small counts, sums, known exposures."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from evalkit.answers import speaking
from evalkit.definitions.roster import Roster
from evalkit.findings.objective import objective
from evalkit.tables.records import Reduced
from tests.ledgers import door
from tests.ledgers.test_numbers import SHARE, of_kind, of_shares, reduced

NUMBERS = ["numerator", "denominator", "estimate", "low", "high", "z", "score"]
RATE = {"code": "r", "name": "每千人", "how": "rate", "per": 1000, "scored": False}
SPENT = {**RATE, "name": "支出", "column": "value"}


def told(found: Reduced, measure: str) -> dict[str, dict[str, float]]:
    table = objective({"one": found}, door.decided(found.ledger).scheme)
    own = table[table["measure"] == measure].set_index("subject")[NUMBERS]
    return {str(s): row.to_dict() for s, row in own.iterrows()}


def shown(found: Reduced, measure: str = "s") -> list[str]:
    return [s for s, row in told(found, measure).items() if not np.isnan(row["estimate"])]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ((2, 20, 18, 22), ["s4", "all"]),  # who has 18 would know the 2, had 20 not gone as well
        ((1, 1, 30, 40), ["all"]),  # two of them are 2 records: 72 - 70
        ((2, 3, 30, 40), ["s3", "s4", "all"]),  # 5 together are the minimum
        ((4, 4, 4, 40), ["s4", "all"]),  # 12 together
        ((0, 20, 18, 22), ["s2", "s3", "s4", "all"]),  # nothing is not too few
        ((3, 0, 0, 0), []),  # the street's number would be theirs
        ((4, 30, 0, 0), []),  # who has 30 would know the 4 by the street's number
        ((1, 1, 1, 1), []),
    ],
)
def test_too_few_records_are_not_had_by_subtraction(
    counts: tuple[int, ...], expected: list[str]
) -> None:
    found = of_shares(*((n - n // 3, n) for n in counts))
    assert shown(found) == expected
    rows = told(found, "s")
    for subject in {"s1", "s2", "s3", "s4", "all"} - set(expected):
        assert all(np.isnan(rows[subject][name]) for name in ("numerator", "low", "high", "score"))
    gone = sum(n for at, n in enumerate(counts, 1) if f"s{at}" not in expected)
    assert "all" not in expected or gone == 0 or gone >= 5


def test_an_indicator_has_the_records_of_its_least_measure() -> None:
    """30 rated, 3 of them rung back: 2 x A1 less one measure would be the other one's three."""
    solved = {**SHARE, "code": "resolved", "column": "kind", "hits": ["是"]}
    pleased = {**SHARE, "code": "satisfied"}
    plain = of_kind([solved, pleased], id="hotline")
    values = {**plain.values, "kind": {"是": 100.0, "否": 0.0, "未回访": None}}
    one = plain.model_copy(update={"values": values})
    table: dict[str, list[object]] = {"subject": [], "mark": [], "kind": []}
    for subject, rung in (("s1", 3), ("s2", 30), ("s3", 30), ("s4", 0)):
        table["subject"] += [subject] * 30
        table["mark"] += ["满意"] * 20 + ["不满意"] * 10
        table["kind"] += (
            ["是"] * (rung - rung // 3) + ["否"] * (rung // 3) + ["未回访"] * (30 - rung)
        )
    found = reduced(one, table)
    scheme = door.decided(one).scheme
    cells = speaking.cells_of(found, scheme.group("line"), scheme)
    assert cells.n_measure[:, 0].tolist() == [3, 30, 30, 0]
    assert cells.n.tolist() == [30, 30, 30, 30]


# --- rates ----------------------------------------------------------------------------------


def test_a_payment_is_one_record_whatever_it_is() -> None:
    """One of 50,000 and six of 1,000 yuan, 1,000 people each: 50 and 6 a head."""
    table: dict[str, list[object]] = {
        "subject": ["s1"] + ["s2"] * 6,
        "value": [50_000.0] + [1000.0] * 6,
    }
    found = reduced(of_kind([{**SPENT, "per": 1}], minimum_n=1), table)
    rows = told(found, "r")
    assert [rows[s]["estimate"] for s in ("s1", "s2", "s3")] == [50.0, 6.0, 0.0]
    assert [rows[s]["denominator"] for s in ("s1", "s2", "s3", "all")] == [1.0, 6.0, 0.0, 7.0]
    assert [rows[s]["numerator"] for s in ("s1", "s2", "all")] == [50_000.0, 6000.0, 56_000.0]
    assert rows["all"]["estimate"] == 14.0
    for row in rows.values():
        assert np.isnan([row["low"], row["high"], row["z"]]).all(), "a sum of yuan is no count"
    few = reduced(of_kind([{**SPENT, "per": 1}]), table)
    assert shown(few, "r") == ["s3", "s4"], "one payment is no five"


def test_a_scored_amount_varies_as_its_payments_do() -> None:
    """By hand: payments of 300 and 400 yuan, half a usual one; 1,000 people, 10 yuan a point."""
    scored = {**SPENT, "per": 1000, "scored": True, "worst": 0, "best": 1000, "reason": "试"}
    found = reduced(of_kind([scored]), {"subject": ["s1"] * 2, "value": [300.0, 400.0]})
    assert found.mean[0, 0] == pytest.approx(70.0)
    assert found.covariance[0, 0, 0] == pytest.approx(0.01 * (300**2 + 400**2 + 0.5 * 125_000))
    assert found.n[0, 0] == 2.0


def test_counts_of_a_table_are_events() -> None:
    counted = reduced(
        of_kind([SPENT], rows="counts"), {"subject": ["s1", "s1", "s2"], "value": [6.0, 4.0, 30.0]}
    )
    rows = told(counted, "r")
    assert rows["s1"]["denominator"] == 10.0
    # Garwood's exact interval of a count of 10, per 1,000 people.
    assert (round(rows["s1"]["low"], 3), round(rows["s1"]["high"], 3)) == (4.795, 18.39)


def test_what_has_no_known_exposure_is_not_in_the_streets_rate(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """10 of 1,000 people, and 60 of nobody knows how many: 10.0, not 70 of 1,000."""
    people = {"s1": 1000, "s2": None, "s3": None, "s4": None}
    half = Roster.model_validate(
        {"subjects": [{"id": s, "name": s, "population": n} for s, n in people.items()]}
    )
    monkeypatch.setattr(door, "roster", lambda names: half)
    found = reduced(of_kind([RATE]), {"subject": ["s1"] * 10 + ["s2"] * 60})
    row = told(found, "r")["all"]
    assert row["estimate"] == 10.0
    assert (row["numerator"], row["denominator"]) == (10.0, 10.0)
    low, high = stats.chi2.ppf(0.025, 20) / 2, stats.chi2.ppf(0.975, 22) / 2
    assert (row["low"], row["high"]) == (pytest.approx(low), pytest.approx(high))
