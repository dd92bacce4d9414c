"""What hangs loose in lists, which records may be named, and how many are at a place: by hand."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
import yaml

from evalkit.answers.demanding import demand
from evalkit.answers.listing import listed, points
from evalkit.answers.tying import integrity
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Roster, Subject
from evalkit.tables.records import Records
from tests.deciding import decided
from tests.findings.small_street import one_group
from tests.ledgers.test_sites import sites

SHIPPED = Path(__file__).parents[2] / "ledgers"


def ledger(name: str, **changes: Any) -> Ledger:
    told = yaml.safe_load((SHIPPED / f"{name}.yaml").read_text(encoding="utf-8"))
    return Ledger.model_validate(told | changes)


def known(*ledgers: Ledger) -> Decided:
    roster = Roster(subjects=[Subject(id=one, name=one) for one in ("s1", "s2")])
    return decided(one_group(), {}, roster, ledgers={one.id: one for one in ledgers})


def records(
    name: str, rows: list[tuple[Any, ...]], columns: str, until: str | None = "2016-07-01"
) -> Records:
    table = pd.DataFrame(rows, columns=columns.split())
    if "ended" in table:
        table["ended"] = pd.to_datetime(table["ended"])
    return Records("2016", name, table, until=None if until is None else pd.Timestamp(until))


PROJECTS = records(
    "projects",
    [
        ("P2\x1fa", "s1", True, "送 餐", "助餐", "实施中", "", "", "2016-06-30"),
        ("P1", "s1", True, "送餐", "助餐", "实施中", "N0", "R1", "2016-12-31"),
        ("P3", "s2", True, "送餐", "", "已完成", "N9", "R1", "2016-01-01"),
        ("P4", "s1", True, "", "停车", "实施中", "N0", "R1", None),
        ("P5", "s1", True, "送餐", "停车", "已终止", "", "", "2016-01-01"),
        ("P6", "s1", False, "送餐", "停车", "实施中", "", "", "2016-01-01"),
        ("P7", "s2", True, "修路", "停车", "实施中", "", "", "2016-06-29"),
        ("P0", "s1", True, "送餐", "停车", "未启动", "N0", "R1", "2016-01-01"),
        ("P8", "s1", True, "", "停车", "未启动", "N0", "R1", None),
    ],
    "key subject belongs title kind state need resource ended",
)
NEEDS = records(
    "needs",
    [(f"N{at}", "s1", True, "助餐", "未对接") for at in range(4)],
    "key subject belongs kind state",
)
WITHDRAWN = {"withdrawn": ["已终止"]}


def test_what_hangs_loose_is_told_of_each_record_that_stands() -> None:
    """P5 was withdrawn and P6 is of another wave; resources have no file, and visits no key.

    Needs point to nobody, projects to N0 and N9: of N0 to N3 three are left. P2 is P1's twin and
    both are P0's; P3 is of another committee, P4 and P8 have no title. P2 ends with the last day known.
    """
    keyless = ledger("visits", key=[], wave_by=None)
    found = {
        "visits": Records("2016", "visits", pd.DataFrame({"subject": ["s1"]})),
        "needs": NEEDS, "projects": PROJECTS,
    }  # fmt: skip
    documents = known(keyless, ledger("needs"), ledger("projects", **WITHDRAWN))
    table = integrity(found, documents)
    assert set(table["wave"]) == {"2016"}
    assert [tuple(row) for row in table.drop(columns="wave").itertuples(index=False)] == [
        ("needs", "", "没有被对应", "", "", 3, 4),
        ("projects", "need", "没有写对应编号", "P2 a", "", 1, 7),
        ("projects", "need", "没有写对应编号", "P7", "", 1, 7),
        ("projects", "title", "疑似重复", "P1", "P0", 1, 7),
        ("projects", "title", "疑似重复", "P2 a", "P0", 1, 7),
        ("projects", "ended", "到期仍在进行", "P7", "2016-06-29", 1, 7),
    ]


@pytest.mark.parametrize("lacking", ["title", "state", "ended", "until", "need"])
def test_of_what_a_list_does_not_tell_nothing_hangs_loose(lacking: str) -> None:
    own = PROJECTS
    if lacking == "until":
        own = Records("2016", "projects", PROJECTS.table)
    else:
        own = Records(
            "2016", "projects", PROJECTS.table.drop(columns=lacking), until=PROJECTS.until
        )
    found = integrity({"needs": NEEDS, "projects": own}, known(ledger("needs"), ledger("projects")))
    gone = {"title": {"疑似重复"}, "need": {"没有被对应", "没有写对应编号"}}.get(
        lacking, {"到期仍在进行"}
    )
    assert (
        set(found["problem"]) == {"没有被对应", "没有写对应编号", "疑似重复", "到期仍在进行"} - gone
    )


def test_what_does_not_hang_loose_keeps_nothing_else_from_being_told() -> None:
    """The only need is met, by two of one title."""
    need = Records("2016", "needs", NEEDS.table[:1])
    own = Records("2016", "projects", PROJECTS.table.loc[[1, 7]])
    documents = known(ledger("needs"), ledger("projects"))
    table = integrity({"needs": need, "projects": own}, documents)
    assert [*zip(table["problem"], table["record"], strict=True)] == [("疑似重复", "P1")]
    both = integrity({"needs": NEEDS, "projects": PROJECTS}, documents)
    assert both.index.tolist() == list(range(len(both)))


def test_where_nothing_points_anywhere_nobody_is_missed() -> None:
    alone = integrity({"needs": NEEDS}, known(ledger("needs")))
    assert alone.empty
    used = {"needs": NEEDS, "projects": records("projects", [], "key subject belongs need")}
    (row,) = integrity(used, known(ledger("needs"), ledger("projects"))).to_dict("records")
    assert (row["problem"], row["n"], row["of"]) == ("没有被对应", 4, 4)


def test_what_goes_on_in_public_lists_is_named_by_committee_and_key() -> None:
    documents = known(ledger("needs"), ledger("projects", **WITHDRAWN))
    table = listed({"needs": NEEDS, "projects": PROJECTS}, documents)
    assert [tuple(row) for row in table.itertuples(index=False)] == [
        ("2016", "projects", "P1", "送餐", "助餐", "s1", "实施中"),
        ("2016", "projects", "P2 a", "送 餐", "助餐", "s1", "实施中"),
        ("2016", "projects", "P4", "", "停车", "s1", "实施中"),
        ("2016", "projects", "P7", "修路", "停车", "s2", "实施中"),
    ]
    every = listed({"projects": PROJECTS}, known(ledger("projects", running=[], **WITHDRAWN)))
    assert every["record"].tolist() == ["P0", "P1", "P2 a", "P4", "P8", "P3", "P7"]
    bare = Records("2016", "projects", PROJECTS.table[["key", "subject", "belongs"]])
    plain = listed({"projects": bare}, known(ledger("projects")))
    assert plain["record"].tolist() == ["P0", "P1", "P2 a", "P4", "P5", "P8", "P3", "P7"]
    assert set(plain[["title", "category", "state"]].to_numpy().ravel()) == {""}
    keyless = ledger("visits", key=[], wave_by=None, public=True)
    visits = Records("2016", "visits", pd.DataFrame({"subject": ["s1"], "belongs": True}))
    several = known(keyless, ledger("needs", public=True), ledger("projects"))
    both = listed({"visits": visits, "needs": NEEDS, "projects": PROJECTS}, several)
    assert both["ledger"].tolist() == ["needs"] * 4 + ["projects"] * 4
    assert both.index.tolist() == list(range(8))
    assert listed({"needs": NEEDS}, known(ledger("needs"))).empty
    assert listed({"projects": PROJECTS}, known(ledger("projects", public=False))).empty


def test_places_are_told_with_as_many_records_of_a_kind_as_the_minimum() -> None:
    """Two of a kind at one place, to ten metres or so; of another kind one; one is 200 m away.

    One is of another wave, and of two nobody knows where they lie.
    """
    document = sites().model_dump(exclude_unset=True)
    score = {"code": "kinds", "name": "类别", "how": "score", "column": "kind", "scored": False}
    document |= {"minimum_n": 2, "measures": [score, *document["measures"]]}
    own = Ledger.model_validate(document)
    spots = [
        (121.40001, 31.20001, "站点", True), (121.40004, 31.19999, "站点", True),
        (121.40001, 31.20001, "楼栋", True), (121.4021, 31.2, "站点", True),
        (121.4021, 31.2, "站点", False), (121.6, np.nan, "站点", True), (121.6, np.nan, "站点", True),
    ]  # fmt: skip
    table = pd.DataFrame(spots, columns=["lon", "lat", "kind", "belongs"]).assign(subject="s1")
    found = {"needs": NEEDS, "sites": Records("2016", "sites", table)}
    (row,) = points(found, known(ledger("needs"), own)).to_dict("records")
    assert row == {
        "wave": "2016", "ledger": "sites", "category": "站点", "subject": "s1",
        "longitude": 121.4, "latitude": 31.2, "n": 2,
    }  # fmt: skip
    plain = Records("2016", "sites", table.drop(columns="kind"))
    assert points({"sites": plain}, known(own))[["category", "n"]].to_numpy().tolist() == [["", 3]]
    few = own.model_copy(update={"minimum_n": 4})
    assert points({"sites": plain}, known(few)).empty
    other = own.model_copy(update={"id": "more", "minimum_n": 1})
    both = points(
        {**found, "more": Records("2016", "more", table)}, known(ledger("needs"), own, other)
    )
    assert both.index.tolist() == [0, 1, 2, 3]
    assert both["ledger"].tolist() == ["sites", "more", "more", "more"]
    assert both["category"].tolist() == ["站点", "楼栋", "站点", "站点"]
    assert both["longitude"].tolist() == [121.4, 121.4, 121.4, 121.4021]


def test_needs_stand_beside_what_there_is_for_them_and_how_many_people_there_are() -> None:
    """The kind that more ask for comes first, of equal ones by name. What was withdrawn, is of another
    wave or committee or of no kind counts nowhere; of a list that may not be named nothing is said.
    """
    kinds = (
        [("s1", "助餐")] * 6 + [("s1", "停车")] * 4 + [("s2", "停车")] * 4 + [("s2", "助餐")] * 2
    )
    kinds += [("s1", "文体")] * 3 + [("s2", "文体")] * 5
    rows = [(f"N{at}", s, True, kind, "未对接") for at, (s, kind) in enumerate(kinds)]
    rows += [
        ("X1", "s1", True, "助餐", "已撤销"), ("X2", "s1", False, "助餐", "未对接"),
        ("X3", "gone", True, "助餐", "未对接"), ("X4", "s1", True, "", "未对接"),
    ]  # fmt: skip
    needs = records("needs", rows, "key subject belongs kind state")
    roster = Roster(
        subjects=[
            Subject(id="s1", name="s1", population=2000), Subject(id="s2", name="s2", population=500),
            Subject(id="gone", name="旧", until="2015", population=9),
        ]
    )  # fmt: skip
    ledgers = {
        "needs": ledger("needs", minimum_n=1, withdrawn=["已撤销"]),
        "projects": ledger("projects", **WITHDRAWN), "resources": ledger("resources"),
    }  # fmt: skip
    documents = decided(one_group(), {}, roster, ledgers=ledgers)
    resources = records("resources", [("R1", "s1", True, "助餐")], "key subject belongs kind")
    found = {"needs": needs, "projects": PROJECTS, "resources": resources}
    table = demand(found, documents)
    assert set(table["wave"]) == {"2016"}
    assert table["subject"].tolist() == [s for s in ("s1", "s2", "all") for _ in range(3)]
    assert table["category"].tolist() == ["停车", "助餐", "文体"] * 3
    assert table["n"].tolist() == [4, 6, 3, 4, 2, 5, 8, 8, 8]
    assert table["per_1000"].tolist() == pytest.approx([2, 3, 1.5, 8, 4, 10, 3.2, 3.2, 3.2])
    assert table["projects"].tolist() == [3, 2, 0, 1, 0, 0, 4, 2, 0]
    assert table["running"].tolist() == [1, 2, 0, 1, 0, 0, 2, 2, 0]
    assert table["resources"].isna().all()
    open_list = {**ledgers, "resources": ledger("resources", public=True)}
    more = demand(found, decided(one_group(), {}, roster, ledgers=open_list))
    assert more["resources"].tolist() == [0, 1, 0, 0, 0, 0, 0, 1, 0]
    alone = demand({"needs": needs}, documents)
    assert alone[["projects", "running", "resources"]].isna().all(axis=None)
    assert demand({"projects": PROJECTS}, documents).empty
    nothing = records("needs", [("N1", "s1", True, "", "未对接")], "key subject belongs kind state")
    assert demand({"needs": nothing}, documents).empty
    bare = Records("2016", "needs", needs.table.drop(columns="kind"))
    assert demand({"needs": bare}, documents).empty
