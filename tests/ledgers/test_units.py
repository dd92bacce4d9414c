"""Records of a street of several levels: named by compound, counted per household of their wave."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from evalkit.answers.reducing import reduce_records
from evalkit.answers.speaking import definition, steady
from evalkit.definitions.counts import Counts
from evalkit.definitions.levels import Count, Level, UnitsOrder
from evalkit.definitions.roster import Roster
from evalkit.definitions.territory import Territory
from evalkit.tables.records import Records
from tests.ledgers import door, hotline
from tests.ledgers.test_numbers import of_kind

RATE = {"code": "m", "name": "每千户工单", "how": "rate", "per": 1000, "scored": False}


def territory(people: dict[tuple[str, str], int]) -> Roster:
    """甲居民区 with a compound, and households by unit and wave."""
    rows = [
        {"id": "s1", "name": "甲居民区", "population": 5000},
        {"id": "s2", "name": "乙居民区", "population": 5000},
        {"id": "u", "name": "甲园小区", "level": "compound", "parent": "s1"},
    ]
    levels = [Level(code="committee", name="居民区"), Level(code="compound", name="小区")]
    order = door.decided(door.ledger()).order.model_copy(
        update={"units": UnitsOrder(levels=levels, evaluated="committee")}
    )
    counts = [Count(unit=u, wave=w, households=n) for (u, w), n in people.items()]
    return Territory.of(
        Roster.model_validate({"subjects": rows}), order, Counts(counts=counts) if counts else None
    )


def test_a_rate_is_per_households_of_its_wave() -> None:
    """Twelve of 786 households are 15.27 in 1,000; last year's 1,974 would make 6.08 of it."""
    one = of_kind([{**RATE, "per_unit": "households"}])
    roster = territory({("s1", "2015"): 1974, ("s1", "2016"): 786, ("s2", "2015"): 100})
    records = pd.DataFrame({"subject": ["s1"] * 12 + ["s2"], "belongs": True, "cluster": ""})
    found = reduce_records(
        Records("2016", one.id, records, pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01")),
        one,
        replace(door.decided(one), roster=roster),
    )
    assert found.raw[0, 0] == pytest.approx(1000 * 12 / 786)
    assert found.exposure[0, 0] == 786
    assert np.isnan(found.raw[1, 0]), "nobody counted households of 2016"


def test_per_household_is_another_measure_and_per_head_is_what_it_was() -> None:
    plain, houses = of_kind([dict(RATE)]), of_kind([{**RATE, "per_unit": "households"}])
    assert definition(plain, "m") != definition(houses, "m")
    assert "per_unit" not in str(definition(plain, "m"))


@pytest.mark.parametrize(
    "changed", [{"exposure": "all"}, {"how": "score", "column": "mark", "per": 1000}]
)
def test_households_are_for_rates_without_a_column_of_their_own(changed: dict[str, object]) -> None:
    one = of_kind([{**RATE, "per_unit": "households", **changed}])
    assert [fault.code for fault in one.faults()] == ["ledger_incomplete"]


def test_who_is_being_set_up_lends_nothing_to_the_mean_that_stands_in() -> None:
    """100 and 50 of those that count make 75 for who has no record; with the third's 0 it were 50."""
    one = of_kind(
        [{"code": "m", "name": "解决率", "how": "share", "column": "mark", "hits": ["满意"]}]
    )
    rows = [{"id": f"s{at}", "name": f"{at}居"} for at in range(1, 5)]
    rows[2]["status"] = "provisional"
    records = pd.DataFrame(
        {
            "subject": ["s1"] * 4 + ["s2"] * 4 + ["s3"] * 4,
            "mark": ["满意"] * 4 + ["满意", "不满意"] * 2 + ["不满意"] * 4,
            "belongs": True,
            "cluster": "",
        }
    )
    order = door.decided(one).order
    for roster, mean in (
        (Territory.of(Roster.model_validate({"subjects": rows}), order, None), 75.0),
        (Roster.model_validate({"subjects": [{**row, "status": "formal"} for row in rows]}), 50.0),
    ):
        found = reduce_records(
            Records(
                "2016", one.id, records, pd.Timestamp("2016-01-01"), pd.Timestamp("2017-01-01")
            ),
            one,
            replace(door.decided(one), roster=roster),
        )
        ready = steady(found)
        assert ready.filled[:, 0].tolist() == [False, False, False, True]
        assert ready.mean[3, 0] == pytest.approx(mean)


def test_a_record_of_a_compound_is_its_committees(tmp_path: Path) -> None:
    row = (
        *("W1", "甲園小區", "2016-01-04 09:00:00", "2016-01-06 17:00:00", "2016-01-05 10:00:00"),
        *("办结", "已解决", "满意", "张建国"),
    )
    roster = territory({})
    let = _let(tmp_path, [row], roster)
    assert let.table["subject"].tolist() == ["s1"]
    gone = roster.model_copy(
        update={"around": [u.model_copy(update={"until": "2015"}) for u in roster.around]}  # type: ignore[attr-defined]
    )
    assert _let(tmp_path, [row], gone).codes == ["subject_not_in_wave"]


def _let(folder: Path, rows: list[tuple[str, ...]], roster: Roster) -> door.Let:
    """Let rows in where the roster is this one."""

    class There(door.Let):
        pass

    own = door.decided

    def decided(*args: object, **more: object) -> object:
        return replace(own(*args, **more), roster=roster)  # type: ignore[arg-type]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(door, "decided", decided)
        return There(folder, hotline.HEADER, rows)
