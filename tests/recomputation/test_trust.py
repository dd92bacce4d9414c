"""Bands, shrunken and adjusted scores and the table's reliability: recomputed and published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest

from tests.recomputation import kinds, residents, trust

Published = Callable[[str], Path]
every_kind = pytest.mark.parametrize("kind", kinds.KINDS)


def check_bands(wave: trust.Wave) -> None:
    scored, published = wave.scored, wave.published("bands")
    if len(scored.subjects) < 3:
        assert published.empty
        return
    z, bands = trust.expected_range(scored.composite, scored.variance)
    shrunken, error = trust.shrunken(scored.composite, scored.variance)
    adjusted, adjusted_se = residents.adjusted(wave.street, wave.rows, scored, wave.subjects)
    found = pd.DataFrame(
        {
            "wave": wave.id,
            "subject": scored.subjects,
            "name": [wave.names[subject] for subject in scored.subjects],
            "score": scored.composite,
            "rank": trust.ranks(scored.composite),
            "band": bands,
            "z": z,
            "adjusted": adjusted,
            "adjusted_se": adjusted_se,
            "shrunken": shrunken,
            "shrunken_se": error,
        }
    )
    assert list(found) == list(published)
    trust.assert_same(found, published)


def check_reliability(wave: trust.Wave) -> dict[str, Any]:
    scored, scheme = wave.scored, wave.street.scheme
    published = json.loads((wave.out / "reliability.json").read_text(encoding="utf-8"))
    assert set(published) == {
        "wave", "subjects", "reliability", "tau", "icc", "distinguishable_pairs", "validity",
        "verdict", "meaning", "gap",
    } | ({"agreement"} & set(published))  # fmt: skip
    assert published["wave"] == wave.id
    assert published["subjects"] == len(scored.subjects)
    k = len(scored.subjects)
    assert k >= 2, "every kind of street can be ranked"
    close = {"rel": 1e-9, "abs": 1e-9}
    share = wave.tau2 / (wave.tau2 + scored.variance)
    assert published["reliability"] == pytest.approx(share.mean(), **close)
    assert published["tau"] == pytest.approx(wave.tau2**0.5, **close)
    assert published["icc"] == pytest.approx(
        trust.icc(scheme, wave.cells, scored, wave.tau2), **close
    )
    # which pairs are certain is recomputed with the rank sets; here, that they are counted right
    ahead = (wave.published("ranking")["rank_low_joint"] - 1).sum()
    assert published["distinguishable_pairs"] == pytest.approx(ahead / (k * (k - 1) / 2), **close)
    validity = trust.validity(scheme, wave.cells, scored)
    if validity is None:
        assert published["validity"] is None
    else:
        assert published["validity"] == pytest.approx(validity, **close)
    _, street = trust.gaps(scheme, wave.cells, scored)
    assert published["gap"] == pytest.approx(street, **close)
    agreement = residents.agreement(wave.street, wave.rows)
    weakest = agreement.pop("weakest", "")
    told = dict(published.get("agreement", {}))
    assert told.pop("weakest", "") == weakest
    # omega is an optimum, found by another road
    assert told == pytest.approx(agreement, rel=1e-7, abs=1e-7)
    return published


@every_kind
def test_bands_of_small_streets(published: Published, kind: str) -> None:
    check_bands(trust.last_wave(published(kind)))


@every_kind
def test_reliability_of_small_streets(published: Published, kind: str) -> None:
    check_reliability(trust.last_wave(published(kind)))


def test_bands_of_the_demo(demo_folder: Path) -> None:
    wave = trust.last_wave(demo_folder)
    check_bands(wave)
    assert len(wave.scored.subjects) == 35
    assert wave.published("bands")["adjusted"].notna().all()


def test_reliability_of_the_demo(demo_folder: Path) -> None:
    published = check_reliability(trust.last_wave(demo_folder))
    assert published["gap"]["se"] > 0
    assert published["validity"]["subjects"] == 35
    assert published["agreement"]["indicators"] == 20
