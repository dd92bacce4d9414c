"""The table under other weights: recomputed and published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from tests.recomputation import cells as cells_of
from tests.recomputation import kinds, sensitivity, trust

Published = Callable[[str], Path]
every_kind = pytest.mark.parametrize("kind", kinds.KINDS)


def check_alternatives(wave: trust.Wave) -> int:
    table = wave.published("sensitivity")
    published = table[table["scenario"] != "random"].reset_index(drop=True)
    found = sensitivity.alternatives(
        wave.street, wave.rows, wave.cells, wave.scored, wave.subjects, cells_of.cells
    )
    if found.empty:
        assert published.empty
        return 0
    found = found.assign(wave=wave.id, name=found["subject"].map(wave.names))
    trust.assert_same(found, published)
    assert published[["same_grade", "same_third", "rank_low"]].isna().all(axis=None)
    return int(found["scenario"].nunique())


def check_random(wave: trust.Wave) -> None:
    table = wave.published("sensitivity")
    published = table[table["scenario"] == "random"].reset_index(drop=True)
    found = sensitivity.random_weightings(wave.street.scheme, wave.scored, wave.seed)
    trust.assert_same(found.assign(wave=wave.id, name=found["subject"].map(wave.names)), published)
    assert published[["score", "rank", "rank_change", "grade"]].isna().all(axis=None)


def check_influence(wave: trust.Wave) -> int:
    published = wave.published("weight_influence")
    found = sensitivity.weight_influence(wave.street.scheme, wave.scored, wave.seed)
    if found.empty:
        assert published.empty
        return 0
    trust.assert_same(found.assign(wave=wave.id), published)
    return len(found)


@every_kind
def test_alternatives_of_small_streets(published: Published, kind: str) -> None:
    wave = trust.last_wave(published(kind))
    assert check_alternatives(wave) == len(wave.street.scheme["alternatives"])


@every_kind
def test_random_weightings_of_small_streets(published: Published, kind: str) -> None:
    check_random(trust.last_wave(published(kind)))


@every_kind
def test_influence_of_weights_in_small_streets(published: Published, kind: str) -> None:
    check_influence(trust.last_wave(published(kind)))


def test_some_small_street_has_weights_that_matter(published: Published) -> None:
    assert check_influence(trust.last_wave(published("all_kinds"))) == 5  # 3 groups, 2 dimensions


def test_alternatives_of_the_demo(demo_folder: Path) -> None:
    wave = trust.last_wave(demo_folder)
    named = wave.street.scheme["alternatives"]
    assert check_alternatives(wave) == len(named) >= 4
    assert any(one.get("option_scores") for one in named)


def test_random_weightings_of_the_demo(demo_folder: Path) -> None:
    check_random(trust.last_wave(demo_folder))


def test_influence_of_weights_in_the_demo(demo_folder: Path) -> None:
    assert check_influence(trust.last_wave(demo_folder)) == 10  # 5 groups, 5 dimensions


def test_the_random_weights_vary_as_promised() -> None:
    """Shares of .5, .3, .2: a third would have a standard deviation of a quarter of a third."""
    drawn = pd.DataFrame(sensitivity.around(pd.Series([50.0, 30.0, 20.0]).to_numpy(), 1)) / 100
    c = 2 / 0.25**2 - 1
    for column, share in zip(drawn, (0.5, 0.3, 0.2), strict=True):
        expected = (share * (1 - share) / (c + 1)) ** 0.5
        assert drawn[column].mean() == pytest.approx(share, abs=4 * expected / 100)
        assert drawn[column].std() == pytest.approx(expected, rel=0.03)
