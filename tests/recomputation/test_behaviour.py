"""How residents answered, and the table without the flagged answers: recomputed and published."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from tests.recomputation import behaviour, kinds, trust
from tests.recomputation import cells as cells_of

Published = Callable[[str], Path]


def check(wave: trust.Wave) -> pd.DataFrame:
    published = wave.published("quality")
    flags = behaviour.flags(wave.street, wave.rows, wave.seed)
    found = behaviour.excess(
        flags["flagged"].to_numpy(),
        wave.rows.kept.loc[flags.index, "subject"].to_numpy(),
        (flags["duplicate"] | flags["near_duplicate"]).to_numpy(),
    )
    gaps, _ = trust.gaps(wave.street.scheme, wave.cells, wave.scored)
    rest = cells_of.cells(wave.street, behaviour.without(wave.rows, flags))
    other = trust.table(wave.street.scheme, rest, wave.subjects)
    rank = dict(zip(wave.scored.subjects, trust.ranks(wave.scored.composite), strict=True))
    without = dict(zip(other.subjects, other.composite, strict=True))
    rank_without = dict(zip(other.subjects, trust.ranks(other.composite), strict=True))
    subjects = found["subject"]
    found = found.assign(
        wave=wave.id,
        name=subjects.map(wave.names),
        gap=[gaps["gap"].get(s, np.nan) for s in subjects],
        gap_statistic=[gaps["statistic"].get(s, np.nan) for s in subjects],
        gap_outlier=[bool(gaps["outlier"].get(s, False)) for s in subjects],
        rank=[rank.get(s, np.nan) for s in subjects],
        score_without=[without.get(s, np.nan) for s in subjects],
        rank_without=[rank_without.get(s, np.nan) for s in subjects],
    )
    assert set(found) == set(published)
    trust.assert_same(found[list(published)], published)
    return found


@pytest.mark.parametrize("kind", kinds.KINDS)
def test_quality_of_small_streets(published: Published, kind: str) -> None:
    check(trust.last_wave(published(kind)))


def test_quality_of_the_demo(demo_folder: Path) -> None:
    found = check(trust.last_wave(demo_folder))
    assert found["flagged"].sum() > 0
    assert found["score_without"].notna().all()
    assert found["gap"].notna().all()
