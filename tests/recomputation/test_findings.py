"""`findings.json` of every workspace: every field of every finding, and their order."""

from __future__ import annotations

import json

import numpy as np
import pytest

from tests.recomputation import against, evaluations, findings

NUMBERS = ("estimate", "street", "difference", "se")


@pytest.mark.parametrize("name", evaluations.ALL)
def test_strengths_weaknesses_and_tendencies(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    file = json.loads((own.out / "findings.json").read_text(encoding="utf-8"))
    table = findings.of_wave(own.now, own.scheme, own.names)
    assert len(table) == len(file) > 0
    shown = against.published(own.out / "indicators.csv")
    shown = shown[(shown["group"] == "all") & shown["estimate"].notna()]
    for ours, theirs in zip(table, file, strict=True):
        assert ours | {"findings": None} == theirs | {"findings": None}
        told = set(shown.loc[shown["subject"] == theirs["subject"], "code"])
        recomputed = {f["code"]: f for f in ours["findings"] if f["code"] in told}
        assert len(theirs["findings"]) == len(recomputed)
        for finding in theirs["findings"]:
            mine = recomputed[finding["code"]]
            assert set(mine) == set(finding)
            for key in ("kind", "subject", "code", "name"):
                assert mine[key] == finding[key]
            for key in NUMBERS:
                assert mine[key] == pytest.approx(finding[key], abs=1e-10)
            assert mine["p_adjusted"] == pytest.approx(finding["p_adjusted"], rel=1e-7)
        listed = [finding["code"] for finding in theirs["findings"]]
        assert listed == [f["code"] for f in findings.surest_first(theirs["findings"])]


@pytest.mark.parametrize(
    "name", ["wide_spread", pytest.param("demo", marks=pytest.mark.whole_demo)]
)
def test_findings_of_every_kind_occur(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    file = json.loads((own.out / "findings.json").read_text(encoding="utf-8"))
    kinds = {finding["kind"] for subject in file for finding in subject["findings"]}
    assert kinds == {"strength", "weakness", "tendency_high", "tendency_low"}


def test_the_false_discovery_rate_adjusts_over_the_whole_family() -> None:
    # .01 x 4/1, .02 x 4/2, .03 x 4/3, .5 x 4/4; from the largest down: .04, .04, .04, .5.
    adjusted = findings.benjamini_hochberg(np.array([[0.03, 0.5], [0.01, 0.02]]))
    assert adjusted == pytest.approx(np.array([[0.04, 0.5], [0.04, 0.04]]))
