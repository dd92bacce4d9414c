"""Needs beside projects and resources; what may be named; where things are; context moves no number."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

import evalkit as ek
from evalkit.answers import demanding
from evalkit.definitions.evaluation import Wave
from evalkit.intake.ledger_cohorts import bounds_of
from evalkit.methods.small_counts import cross_counts
from evalkit.pages import street as street_report
from evalkit.pages.street.supply import Supply
from evalkit.pages.telling import resources
from evalkit.tables.ledger_frames import LEDGER_FRAMES
from evalkit.tables.registry import REGISTRY
from tests import tiny
from tests.findings.small_street import one_group
from tests.ledgers import door, lists


@pytest.fixture(scope="module")
def found(tmp_path_factory: pytest.TempPathFactory) -> ek.Evaluation:
    return ek.open(lists.write(tmp_path_factory.mktemp("lists") / "ws")).evaluate()


@pytest.fixture(scope="module")
def plain(tmp_path_factory: pytest.TempPathFactory) -> ek.Evaluation:
    root = tiny.write(tmp_path_factory.mktemp("plain") / "ws")
    (root / "actions.yaml").write_text(lists.ACTIONS, encoding="utf-8")
    (root / "boundaries.geojson").write_text(lists.squares(), encoding="utf-8")
    return ek.open(root).evaluate()


def test_ledgers_that_count_for_nothing_leave_every_other_number_its_bits(
    found: ek.Evaluation, plain: ek.Evaluation
) -> None:
    others = [one for one in REGISTRY if one.name not in LEDGER_FRAMES]
    assert len(others) >= 30
    for one in others:
        pd.testing.assert_frame_equal(one.of(found), one.of(plain), check_exact=True)
    assert len(found.demand)
    assert not len(plain.demand)


# --- demand ---------------------------------------------------------------------------------------


def test_needs_are_counted_by_committee_and_kind_and_what_would_tell_the_small_one_goes(
    found: ek.Evaluation,
) -> None:
    table = found.demand.set_index(["subject", "category"])["n"]
    # 乙 has 2 of 助餐; another of its row and of 助餐's column go with it, and what closes the square.
    assert pd.isna(table["s2", "助餐"])
    street = table.loc["all"]
    assert (street["停车"], street["文体"]) == (50, 47)
    hidden = table[table.isna()]
    for subject in {subject for subject, _ in hidden.index}:
        assert len(hidden.loc[subject]) >= 2
    assert table["s1", "文体"] == 0 or pd.isna(table["s1", "文体"])
    shares = found.demand.set_index(["subject", "category"])["share"].dropna()
    assert shares["all", "停车"] == pytest.approx(50 / 129)


def test_projects_and_resources_are_counted_where_their_list_is_public(
    found: ek.Evaluation,
) -> None:
    street = found.demand[found.demand["subject"] == "all"].set_index("category")
    assert street["projects"].to_dict() == {"停车": 1, "文体": 0, "助餐": 3}
    assert street["running"].to_dict() == {"停车": 1, "文体": 0, "助餐": 2}
    assert street["resources"].isna().all(), "the shipped list of resources is not public"


def test_what_hangs_loose_is_listed_of_public_lists_and_counted_of_others(
    found: ek.Evaluation,
) -> None:
    table = found.integrity.drop(columns=["wave"])
    assert [tuple(row) for row in table.itertuples(index=False)] == [
        # Needs: 129, of which projects answer N0, N1 and N3; resources: nobody uses R2.
        ("needs", "", "没有被对应", "", "", 126, 129),
        ("resources", "", "没有被对应", "", "", 1, 2),
        ("projects", "need", "没有写对应编号", "P2", "", 1, 4),
        ("projects", "resource", "没有写对应编号", "P2", "", 1, 4),
        ("projects", "resource", "没有写对应编号", "P4", "", 1, 4),
        ("projects", "title", "疑似重复", "P4", "P1", 1, 4),
        ("projects", "ended", "到期仍在进行", "P2", "2016-06-30", 1, 4),
    ]
    section = street_report.supply.section(found)
    assert isinstance(section, Supply)
    assert (
        "清单里要核对的：项目清单没有写需求编号 1 条、没有写资源编号 2 条、疑似重复 1 条、"
        "到期仍在进行 1 条（共 4 条），见 results.xlsx 的“清单核对”表。"
    ) in section.remarks


@settings(max_examples=40)
@given(
    st.lists(st.lists(st.integers(0, 30), min_size=3, max_size=3), min_size=2, max_size=5),
    st.integers(2, 6),
)
def test_no_count_that_is_left_out_follows_from_those_that_are_told(
    rows: list[list[int]], minimum: int
) -> None:
    n = np.array(rows)
    whole = np.vstack([n, n.sum(axis=0)])
    shown = cross_counts(n, minimum)
    assert not shown[(whole > 0) & (whole < minimum)].any()
    hidden = np.argwhere(~shown)
    equations = []
    for row in range(len(whole)):
        equations.append([float(at[0] == row) for at in hidden])
    for column in range(whole.shape[1]):
        sign = [(-1.0 if at[0] == len(n) else 1.0) * (at[1] == column) for at in hidden]
        equations.append(sign)
    matrix = np.array(equations)
    if not len(hidden) or not shown[whole > 0].any():
        return
    rank = np.linalg.matrix_rank(matrix)
    for place in range(len(hidden)):
        unit = np.eye(len(hidden))[place]
        assert np.linalg.matrix_rank(np.vstack([matrix, unit])) == rank + 1


# --- what may be named ----------------------------------------------------------------------------


def test_only_what_goes_on_in_a_public_list_is_named_and_never_by_a_persons_name(
    found: ek.Evaluation,
) -> None:
    named = found.listed.set_index("record")
    assert set(named.index) == {"P1", "P2", "P3"}
    assert named["title"].to_dict() == {"P1": "送餐到家", "P2": "错时停车", "P3": ""}
    assert "needs" not in set(found.listed["ledger"])


def test_a_weakness_is_offered_the_committees_projects_of_its_kinds(found: ek.Evaluation) -> None:
    assert resources.projects(found, "s1", "A1") == ["送餐到家（P1）"]
    assert resources.projects(found, "s3", "A1") == ["助餐项目（P3）"]
    assert resources.projects(found, "s4", "B1") == [], "it has none"
    assert resources.projects(found, "s1", "A2") == [], "no kind is about it"


def test_a_kinds_share_stands_beside_what_residents_say_of_its_indicator(
    found: ek.Evaluation,
) -> None:
    section = street_report.supply.section(found)
    assert isinstance(section, Supply)
    row = next(row for row in section.rows if row["name"] == "停车")
    own = found.satisfaction
    own = own[(own["subject"] == "all") & (own["by"] == "all") & (own["item"] == "r4")]
    assert row["dissatisfied"] == f"{100 * (1 - float(own['share'].iloc[0])):.0f}%"
    assert (row["indicators"], row["n"]) == ("卫生", "50")


# --- where things are -----------------------------------------------------------------------------


def test_places_with_few_records_are_on_no_map(found: ek.Evaluation) -> None:
    assert found.points[["category", "n"]].values.tolist() == [["助餐点", 2]]


def test_there_is_a_map_for_every_committee_and_the_street(found: ek.Evaluation) -> None:
    files = resources.files(found)
    assert sorted(files) == [
        *(f"maps/resources/s{at}.svg" for at in (1, 2, 3, 4)),
        "maps/resources/street.svg",
    ]
    assert "助餐点" in files["maps/resources/s1.svg"].decode()
    planned = resources.chart(found, "s3")
    assert planned is not None
    assert list(planned.frame["id"]) == ["s2", "s3", "s4"], "itself and its neighbours"
    assert planned.frame["here"].tolist() == [False, True, False]


def test_without_boundaries_there_is_no_map(found: ek.Evaluation) -> None:
    nowhere = replace(found, decided=replace(found.decided, boundaries=None))
    assert resources.files(nowhere) == {}


def test_a_wave_may_say_which_days_its_records_are_of(tmp_path: Path) -> None:
    wave = Wave.model_validate(
        {"id": "2016", "start": "2016-11-14", "end": "2016-12-18", "records_since": "2016-01-01"}
    )
    assert bounds_of(wave) == (pd.Timestamp("2016-01-01"), pd.Timestamp("2016-12-19"))
    assert "records_until" not in wave.model_dump(), "what is not said changes no fingerprint"
    problems = tiny_faults(tmp_path, "    records_until: 2015-12-31\n")
    assert [p.code for p in problems] == ["period_reversed"]


def tiny_faults(root: Path, more: str) -> list[ek.Problem]:
    ws = tiny.write(root / "ws")
    text = tiny.ORDER.replace("    end: 2016-12-31\n", f"    end: 2016-12-31\n{more}")
    (ws / "evaluation.yaml").write_text(text, encoding="utf-8")
    with pytest.raises(ek.InputErrors) as raised:
        ek.open(ws).evaluate()
    return list(raised.value.problems)


def test_where_all_ask_for_one_kind_no_committee_asks_for_more_of_it() -> None:
    own, scheme = door.ledger(), one_group()
    table = demanding._told(np.array([[30], [40]]), ["a", "b"], ["助餐"], own, scheme)
    assert table["n"].tolist() == [30, 40, 70]
    assert table["share"].tolist() == [1, 1, 1]
    assert set(table["band"]) == {"未检验"}


def test_shares_of_a_committee_are_held_against_those_of_all_others() -> None:
    """Of a 40 of 50 ask for the first kind, of b 20 of 50, of c 5 of 10, of d nobody for anything."""
    own = door.ledger(minimum_n=5)
    n = np.array([[40, 10], [20, 30], [5, 5], [0, 0]])
    table = demanding._told(n, list("abcd"), ["助餐", "停车"], own, one_group())
    assert table["subject"].tolist() == [one for one in (*"abcd", "all") for _ in range(2)]
    assert table["category"].tolist() == ["助餐", "停车"] * 5
    assert table["n"].tolist() == [40, 10, 20, 30, 5, 5, 0, 0, 65, 45]
    shares = [0.8, 0.2, 0.4, 0.6, 0.5, 0.5, np.nan, np.nan, 65 / 110, 45 / 110]
    assert table["share"].tolist() == pytest.approx(shares, nan_ok=True)
    assert table["street_share"].tolist() == pytest.approx([65 / 110, 45 / 110] * 5)
    assert table.loc[6:7, ["low", "high"]].isna().all(axis=None)
    of = [50] * 4 + [10] * 2 + [110] * 2
    z = stats.norm.ppf(0.975)
    for row, whole in zip(table.drop([6, 7]).itertuples(), of, strict=True):
        middle = (row.share + z**2 / (2 * whole)) / (1 + z**2 / whole)
        reach = z * (row.share * (1 - row.share) / whole + z**2 / (4 * whole**2)) ** 0.5
        assert (row.low + row.high) / 2 == pytest.approx(middle)
        assert (row.high - row.low) / 2 == pytest.approx(reach / (1 + z**2 / whole))
    verdicts = ["高于", "低于", "低于", "高于", "无显著差异", "无显著差异"]
    assert table["band"].tolist() == [*verdicts, *["未检验"] * 4]


def test_the_rate_of_false_discoveries_is_the_schemes_and_all_kinds_are_one_family() -> None:
    """17 of 20 and 60 of 100 differ with p = .061 (Yates); two kinds and two committees say it four times."""
    n = np.array([[17, 3], [60, 40]])
    p = stats.chi2_contingency(n).pvalue
    assert 0.05 < p < 0.07
    for rate, sure in ((0.05, False), (0.07, True)):
        scheme = one_group(false_discovery_rate=rate)
        table = demanding._told(n, list("ab"), ["助餐", "停车"], door.ledger(minimum_n=2), scheme)
        assert (table["band"].tolist()[:2] == ["高于", "低于"]) is sure
