"""How many people stand behind a number of a person, and whose numbers rest on too few: by hand."""

from __future__ import annotations

import numpy as np

from evalkit.findings.appraising import enough, raters_of
from tests.findings.small_street import cells_of, group_of, scheme_of

SCHEME = scheme_of({"r": 40, "o": 30, "l": 30}, {"A": {"A1": 100}}, minimum_n=3)
JOINT = np.diag([4.0, 4.0, 4.0, np.nan])
RESIDENTS = group_of([[80]] * 3 + [[np.nan]], [[4]] * 3 + [[np.nan]], [3, 2, 9, 0])
OFFICES = group_of(
    [[80]] * 3 + [[np.nan]], [[4]] * 3 + [[np.nan]], [5, 4, 1, 0], df=[2, 1, 0, 0], joint=JOINT
)


def test_raters_are_one_more_than_their_degrees_of_freedom_however_often_they_answer() -> None:
    """Three offices answered five times about the first, two four times, one once, and nobody."""
    assert raters_of(OFFICES).tolist() == [3, 2, 1, 0]
    assert raters_of(RESIDENTS).tolist() == [3, 2, 9, 0]


def test_a_number_of_as_many_raters_as_the_minimum_stays_and_one_of_fewer_goes() -> None:
    """The third group speaks through records, which have rules of their own."""
    groups = [SCHEME.groups[2].model_copy(update={"ledger": "hotline"}), *SCHEME.groups[:2]]
    scheme = SCHEME.model_copy(update={"groups": groups})
    found = enough(cells_of(scheme, {"r": RESIDENTS, "o": OFFICES, "l": RESIDENTS}), scheme).groups
    assert np.isfinite(found["r"].mean[:, 0]).tolist() == [True, False, True, False]
    assert np.isfinite(found["r"].covariance[:, 0, 0]).tolist() == [True, False, True, False]
    assert found["r"].influence is None
    assert found["o"].influence is not None
    assert np.isfinite(found["o"].mean[:, 0]).tolist() == [True, False, False, False]
    assert np.isfinite(found["o"].covariance[:, 0, 0]).tolist() == [True, False, False, False]
    kept = np.isfinite(found["o"].influence[:, :, 0]).all(axis=0)
    assert kept.tolist() == [True, False, False, False]
    assert found["l"] is RESIDENTS
    assert found["r"].n.tolist() == [3, 2, 9, 0]
    assert np.isfinite(RESIDENTS.mean[1, 0])
