"""Bands, shrunken and adjusted scores and the table's reliability: recomputed and published."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from tests.recomputation import findings, kinds, residents, scores, shrinking, trust
from tests.recomputation import weights as weighing

Published = Callable[[str], Path]
every_kind = pytest.mark.parametrize("kind", kinds.KINDS)


def against_mean(wave: trust.Wave) -> pd.DataFrame:
    """Every composite's difference from the street's mean, its error and its adjusted p-value."""
    own, scheme = scores.Wave(wave.id, wave.subjects, wave.cells), wave.street.scheme
    found = scores.combined(own, weighing.measures(scheme)[0], scores.complete(own, scheme))
    difference, se = findings.against_street(found)
    p = 2 * stats.t.sf(abs(difference) / se, found.df)
    adjusted = findings.benjamini_hochberg(p)
    return pd.DataFrame({"difference": difference, "difference_se": se, "p_adjusted": adjusted})


def check_bands(wave: trust.Wave) -> None:
    scored, published = wave.scored, wave.published("bands")
    if len(scored.subjects) < 3:
        assert published.empty
        return
    verdicts = against_mean(wave)
    shrunken, error = shrinking.shrunken(scored.composite, scored.covariance)
    adjusted, adjusted_se = residents.adjusted(wave.street, wave.rows, scored, wave.subjects)
    found = pd.DataFrame(
        {
            "wave": wave.id,
            "subject": scored.subjects,
            "name": [wave.names[subject] for subject in scored.subjects],
            "score": scored.composite,
            "rank": trust.ranks(scored.composite),
            "band": trust.bands(verdicts, wave.street.scheme["false_discovery_rate"]),
            "z": verdicts["difference"].to_numpy() / verdicts["difference_se"].to_numpy(),
            "adjusted": adjusted,
            "adjusted_se": adjusted_se,
            "shrunken": shrunken,
            "shrunken_se": error,
        }
    )
    assert list(found) == list(published)
    trust.assert_same(found, published)


def check_extremes(wave: trust.Wave) -> None:
    """Ends of the table by other draws: as near as both numbers of draws let them be."""
    scored, published, scheme = wave.scored, wave.published("extremes"), wave.street.scheme
    k = len(scored.subjects)
    if k < 3:
        assert published.empty
        return
    own = scores.Wave(wave.id, wave.subjects, wave.cells)
    df = scores.combined(own, weighing.measures(scheme)[0], scores.complete(own, scheme)).df
    cutoffs = [grade["cutoff"] for grade in scheme["grades"]]
    held = [next(c for c in cutoffs if x >= c) for x in scored.composite]
    sizes = [held.count(max(held)), held.count(min(held))]
    first, last = (size if size <= k / 2 else max(1, k // 3) for size in sizes)
    assert published["subject"].tolist() == scored.subjects
    assert published["rank"].tolist() == list(trust.ranks(scored.composite))
    assert set(published["first_of"]) == {first}
    assert set(published["last_of"]) == {last}
    draws = int(wave.street.order["settings"]["draws"])
    near = 4.5 * (0.25 / draws + 0.25 / 20_000) ** 0.5
    ours = shrinking.ends(scored.composite, scored.covariance, df, first, last)
    for column, found in zip(("among_first", "among_last"), ours, strict=False):
        assert abs(published[column] - found).max() < near
    assert abs(published["expected_rank"] - ours[2]).max() < k * near


def check_reliability(wave: trust.Wave) -> dict[str, Any]:
    scored, scheme = wave.scored, wave.street.scheme
    published = json.loads((wave.out / "reliability.json").read_text(encoding="utf-8"))
    assert set(published) == {
        "wave", "subjects", "reliability", "reliability_low", "reliability_high", "tau", "tau_low",
        "tau_high", "distinguishable_pairs", "same_form", "validity", "verdict", "meaning", "gap",
    } | ({"agreement", "levels"} & set(published))  # fmt: skip
    assert published["wave"] == wave.id
    assert published["subjects"] == len(scored.subjects)
    k = len(scored.subjects)
    assert k >= 2, "every kind of street can be ranked"
    close = {"rel": 1e-9, "abs": 1e-9}
    assert published["reliability"] == pytest.approx(
        shrinking.share(wave.tau2, scored.covariance), **close
    )
    assert published["tau"] == pytest.approx(wave.tau2**0.5, **close)
    ends = shrinking.q_profile(scored.composite, scored.covariance, scheme["confidence"])
    for end, tau2 in zip(("low", "high"), ends, strict=True):
        told = published[f"reliability_{end}"]
        assert told == pytest.approx(shrinking.share(tau2, scored.covariance), rel=1e-7, abs=1e-7)
    table = trust.reliability(scheme, wave.cells, scored, wave.id)
    file = wave.published("reliability")
    if table.empty:
        assert file.empty
    else:
        assert list(table) == list(file)
        # tau is the root of a root: near 0 half of the digits are left
        trust.assert_same(table, file, tolerance=1e-5)
        assert published["tau_high"] == file["tau_high"].iloc[0]
    # which pairs are certain is recomputed with the rank sets; here, that they are counted right
    ahead = (wave.published("ranking")["rank_low_joint"] - 1).sum()
    assert published["distinguishable_pairs"] == pytest.approx(ahead / (k * (k - 1) / 2), **close)
    same = trust.same_form(scheme, wave.cells, scored)
    if same is None:
        assert published["same_form"] is None
    else:
        assert published["same_form"] == pytest.approx(same, **close)
    others = trust.across(scheme, wave.cells, scored)
    assert len(published["validity"]) == len(others)
    for theirs, ours in zip(published["validity"], others, strict=True):
        assert {k: v for k, v in theirs.items() if isinstance(v, str | None)} == {
            k: v for k, v in ours.items() if isinstance(v, str | None)
        }
        numbers = {k: v for k, v in ours.items() if isinstance(v, float)}
        assert {k: theirs[k] for k in numbers} == pytest.approx(numbers, rel=1e-6, abs=1e-6)
    _, street = trust.gaps(scheme, wave.cells, scored)
    if street:
        reach = stats.t.ppf(0.5 + scheme["confidence"] / 2, k - 1) * street["se"]
        street |= {"low": street["mean"] - reach, "high": street["mean"] + reach}
    assert published["gap"] == pytest.approx(street, **close)
    agreement = residents.agreement(wave.street, wave.rows)
    weakest = agreement.pop("weakest", "")
    told = dict(published.get("agreement", {}))
    assert told.pop("weakest", "") == weakest
    # omega is an optimum, found by another road
    assert told == pytest.approx(agreement, rel=1e-7, abs=1e-7)
    return published


@every_kind
def test_bands_and_ends_of_small_streets(published: Published, kind: str) -> None:
    check_bands(trust.last_wave(published(kind)))
    check_extremes(trust.last_wave(published(kind)))


@every_kind
def test_reliability_of_small_streets(published: Published, kind: str) -> None:
    check_reliability(trust.last_wave(published(kind)))


def test_bands_and_ends_of_the_demo(demo_folder: Path) -> None:
    wave = trust.last_wave(demo_folder)
    check_bands(wave)
    check_extremes(wave)
    assert len(wave.scored.subjects) == 35
    assert wave.published("bands")["adjusted"].notna().all()


def test_reliability_of_the_demo(demo_folder: Path) -> None:
    published = check_reliability(trust.last_wave(demo_folder))
    assert published["gap"]["se"] > 0
    assert published["same_form"]["subjects"] == 35
    assert {(v["group"], v["overall"]) for v in published["validity"]} >= {
        ("key", "random"),
        ("random", "key"),
    }
    assert published["agreement"]["indicators"] == 20
