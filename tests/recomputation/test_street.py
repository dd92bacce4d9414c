"""`street_means.csv` and `peer_groups.csv` of every workspace."""

from __future__ import annotations

import pytest

from tests.recomputation import against, evaluations, street


@pytest.mark.parametrize("name", evaluations.ALL)
def test_the_means_of_the_street_and_their_changes(
    request: pytest.FixtureRequest, name: str
) -> None:
    own = evaluations.recomputed(request, name)
    told = against.published(own.out / "indicators.csv")
    told_before = None
    if own.before is not None and name in evaluations.TWO_WAVES:
        database = own.folder / "evaluation.duckdb"
        told_before = against.of_past_wave(database, "indicators", own.before.name)
    table = street.street_means(own.now, own.before, own.scheme, told, told_before)
    against.assert_same(table, against.published(own.out / "street_means.csv"))
    assert len(table)


@pytest.mark.parametrize("name", evaluations.ALL)
def test_groups_of_like_committees(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    table = street.peer_groups(own.now, own.scheme, own.street.roster)
    against.assert_same(table, against.published(own.out / "peer_groups.csv"))


def test_groups_of_every_kind_occur(request: pytest.FixtureRequest) -> None:
    """Three zones and three committees without one; two housings, one test; two villages, untested."""
    own = evaluations.recomputed(request, "wide")
    file = against.published(own.out / "peer_groups.csv").set_index(["by", "value"])
    assert file.loc["zone", "n"].to_dict() == {"东片": 3, "西片": 3, "北片": 2, "": 3}
    untested = file["verdict"] == "未检验"
    assert set(file.index[untested]) == {
        ("zone", "北片"),
        ("zone", ""),
        ("kind", "居民区"),
        ("kind", "村"),
    }
    first, second = (file.loc[("housing", value), "p_adjusted"] for value in ("商品房", "售后公房"))
    assert first == pytest.approx(second, rel=1e-9)
