"""What residents say by units inside committees, as the roll-up tells it: by hand."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.levels import Level
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.territory import Territory
from evalkit.definitions.units import Units
from evalkit.findings.rollup import _inside, roll_up_wave
from evalkit.findings.scoring import score
from evalkit.findings.withholding import told
from evalkit.tables import Atoms, Cells, Finer, WaveResult
from tests.deciding import decided
from tests.definitions.test_levels import order
from tests.findings.small_street import cells_of, group_of, scheme_of

GAP = np.nan
SCHEME = scheme_of({"r": 70, "o": 30}, {"A": {"A1": 25}, "B": {"B1": 75}}, minimum_n=10)
OFFICES_FIRST = SCHEME.model_copy(update={"groups": SCHEME.groups[::-1]})
NAMES = {"p": "东院", "q": "西院", "s": "南院", "t": "北院"}
UNITS = Units(
    (Subject(id="k", name="甲居"),),
    tuple(Subject(id=u, name=n, parent="k", level="compound") for u, n in NAMES.items()),
    (Level(code="committee", name="居"), Level(code="compound", name="院")),
    "committee",
)
N = [12, 13, 0, 12]
MEANS = [[80.0, 60.0], [40.0, 80.0], [GAP, GAP], [50.0, 50.0]]


def street(scheme: Any) -> tuple[Finer, Cells]:
    """Of p 0.25·80 + 0.75·60 = 65 by twelve, of q 70 by thirteen, nobody of s, of t 50 by twelve."""
    said = group_of(
        MEANS, [[v, v] for v in (4.0, 4.0, GAP, 4.0)], N, df=[11, 12, 0, 11],
        n_measure=[[12, 4], [13, 13], [0, 0], [12, 12]],
    )  # fmt: skip
    nobody = group_of([[GAP, GAP]] * 4, [[GAP, GAP]] * 4, [0] * 4, df=[0] * 4)
    of_units = cells_of(scheme, {"r": said, "o": nobody}, subjects=tuple(NAMES))
    there = (0, 1, 3)
    atoms = Atoms(
        tuple("pqt"), ("k",) * 3, np.array([N[t] for t in there]),
        np.array([[N[t]] * 2 for t in there], dtype=float), np.array([MEANS[t] for t in there]),
    )  # fmt: skip
    own = atoms.n @ atoms.mean / atoms.n.sum()
    of_k = group_of([own], [[1.0, 1.0]], [37])
    whole = cells_of(scheme, {"r": of_k, "o": group_of([own], [[1.0] * 2], [20])}, subjects=["k"])
    return Finer({"compound": of_units}, {"r": atoms}), whole


def rows(scheme: Any) -> list[dict[str, Any]]:
    finer, whole = street(scheme)
    own = whole.groups["r"].mean[0, :2]
    known = pd.DataFrame(
        [("k", "r", code, "indicator", value) for code, value in zip(("A1", "B1"), own, strict=True)],
        columns=["subject", "group", "code", "level", "estimate"],
    )  # fmt: skip
    result: Any = SimpleNamespace(cells=whole, scores=SimpleNamespace(indicators=known))
    return list(_inside(finer, result, scheme, UNITS))


@pytest.mark.parametrize(
    "scheme", [SCHEME, OFFICES_FIRST], ids=["residents first", "offices first"]
)
def test_every_unit_of_enough_answers_has_its_residents_composite(scheme: Any) -> None:
    """Variances are (0.25² + 0.75²)·4 = 2.5. Four of p's twelve answered B1: 3 + 3 = 6 on average.

    One answer's variance is 15, 32.5 and 30; five, twelve and eleven degrees pool their mean.
    """
    found = rows(scheme)
    about = [(row["grouping"], row["unit"], row["name"], row["group"]) for row in found]
    assert about == [("compound", u, NAMES[u], "r") for u in "pqt"]
    assert {(row["code"], row["level"]) for row in found} == {("composite", "composite")}
    assert [row["n"] for row in found] == N[:2] + N[3:]
    assert [row["mean"] for row in found] == pytest.approx([65.0, 70.0, 50.0])
    assert not any("suppressed" in row for row in found)
    for row, answers in zip(found, (6, 13, 12), strict=True):
        se = ((15 + 32.5 + 30) / 3 / answers) ** 0.5
        assert row["se"] == pytest.approx(se)
        reach = se * stats.t.ppf(0.975, 5 + 12 + 11)
        assert (row["low"], row["high"]) == pytest.approx(
            (row["mean"] - reach, row["mean"] + reach)
        )


def test_a_unit_of_few_answers_has_a_row_without_a_number() -> None:
    """With a minimum of 13 the two of twelve are left out: 24 people together, who need no third."""
    groups = [g.model_copy(update={"minimum_n": 13}) for g in SCHEME.groups]
    found = rows(SCHEME.model_copy(update={"groups": groups}))
    assert {row["unit"]: row.get("suppressed", False) for row in found} == {
        "p": True, "q": False, "t": True,
    }  # fmt: skip
    assert ["mean" in row or "n" in row for row in found] == [False, True, False]


def test_units_stand_below_what_committees_are_summed_up_to() -> None:
    said = order()
    named = [Subject(id=u, name=n, parent="k", level="compound") for u, n in NAMES.items()]
    roster = Territory.of(Roster(subjects=[Subject(id="k", name="甲居"), *named]), said, None)
    finer, cells = street(SCHEME)
    scores = told(score(cells, SCHEME, roster), cells, SCHEME)[0]
    result = WaveResult(None, cells, scores, None, None)  # type: ignore[arg-type]
    documents = decided(SCHEME, {}, roster, order=said)
    table, _ = roll_up_wave(result, documents, finer)
    assert [*zip(table["grouping"], table["unit"], strict=True)] == [
        *[("all", "all")] * 5, *(("compound", u) for u in "pqt"),
    ]  # fmt: skip
    assert table["n"].fillna(0).tolist() == [0] * 5 + [12, 13, 12]
    assert table["members"].fillna(0).tolist() == [1] * 5 + [0] * 3
    assert {str(table[name].dtype) for name in ("n", "members")} == {"Int64"}
    assert set(table["wave"]) == {"2016"}
    assert not table["suppressed"].any()
    assert list(table["mean"][5:]) == pytest.approx([65.0, 70.0, 50.0])
    without, _ = roll_up_wave(result, documents, None)
    pd.testing.assert_frame_equal(without, table[:5], check_dtype=False)
