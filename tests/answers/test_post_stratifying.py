"""Residents' scores for the people who live there: by hand-made matrices, and what has no row."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from evalkit.answers.post_stratifying import post_stratified
from evalkit.definitions.margins import Margins
from evalkit.definitions.roster import Roster
from evalkit.errors import Problems
from evalkit.intake.margins import read_margins
from evalkit.methods.multilevel import fit
from evalkit.tables import Answers, Scores, frame, no_rows
from tests.answers import street
from tests.deciding import decided
from tests.findings.small_street import roster_of, scores_of

SUBJECTS = list("abcdefgh")
N = 30


@pytest.fixture(scope="module")
def answers() -> Answers:
    """Eight committees of 30; women are content, and a, b, c asked mostly women."""
    rng = np.random.Generator(np.random.PCG64(6))
    subject = np.repeat(SUBJECTS, N)
    woman = rng.random(subject.size) < np.where(np.isin(subject, ["a", "b", "c"]), 0.8, 0.4)
    good = rng.random(subject.size) < np.where(woman, 0.8, 0.4)
    given = np.where(good, "1", "3")
    codes = {item: list(given) for item in ("r1", "r2", "r3", "overall")}
    sex = list(np.where(woman, "2", "1"))
    sex[5] = sex[77] = ""
    return street.answers(
        "2016",
        street.small()[1]["resident"],
        codes | {"sex": sex, "age": list(rng.integers(1, 4, subject.size).astype(str))},
        group=["random"] * subject.size,
        subject=list(subject),
    )


def margins_of(lines: str, roster: Roster, folder: Path) -> Margins:
    path, problems = folder / "margins.csv", Problems()
    path.write_text(f"group,subject,item,option,share\n{lines}", encoding="utf-8")
    found = read_margins(path, "margins.csv", *street.small(), problems, roster)
    assert found is not None, list(problems)
    return found


def scores(answers: Answers, hidden: str = "") -> Scores:
    """Raw composites a point above the means of residents' scores, with error 4."""
    own = answers.codes["resident"]["r1"].map({"1": 100.0, "3": 0.0})
    mean = own.groupby(answers.respondents["subject"]).mean()
    rows = [
        (
            "2016",
            s,
            "composite",
            "composite",
            "random",
            np.nan if s == hidden else mean[s] + 1.0,
            4.0,
            N,
        )
        for s in mean.index
    ]
    columns = ["wave", "subject", "code", "level", "group", "estimate", "se", "n"]
    told = frame("indicators", pd.DataFrame(rows, columns=columns))
    return scores_of(mean.tolist(), 16.0, subjects=list(mean.index), indicators=told)


def half(*subjects: str) -> str:
    return "".join(f"random,{s},sex,{o},0.5\n" for s in subjects for o in ("男", "女"))


def found(
    answers: Answers, lines: str, folder: Path, hidden: str = "", **more: Any
) -> pd.DataFrame:
    roster = more.pop("roster", roster_of(SUBJECTS))
    margins = margins_of(lines, roster, folder) if lines else None
    effects = more.pop("effects", no_rows("design_effects"))
    given = decided(*street.small(), roster, margins=margins, **more)
    return post_stratified(answers, given, scores(answers, hidden), effects)


def test_it_is_the_mixed_model_of_residents_scores_predicted_for_the_margins(
    answers: Answers, tmp_path: Path
) -> None:
    table = found(answers, half(*SUBJECTS), tmp_path)
    y = answers.codes["resident"]["r1"].map({"1": 100.0, "3": 0.0}).to_numpy(dtype=float)
    sex = (
        answers.codes["resident"]["sex"].map({"1": 0.0, "2": 1.0}).to_numpy(dtype=float, copy=True)
    )
    for at in (5, 77):  # who did not say counts as the committee's mix
        sex[at] = np.nanmean(sex[at // N * N : (at // N + 1) * N])
    model = fit(y, np.repeat(np.arange(8), N), [np.column_stack([1 - sex, sex])])
    own = model.predict(np.ones((8, 1)), [np.full((8, 2), 0.5)])
    assert table["multilevel"].tolist() == pytest.approx((own.estimate + 1.0).tolist())
    assert table["multilevel_se"].tolist() == pytest.approx(np.sqrt(own.mse).tolist())
    reach = np.sqrt(own.mse) * stats.t.ppf(0.975, 7)
    assert table["multilevel_low"].tolist() == pytest.approx((own.estimate + 1 - reach).tolist())
    raw = y.reshape(8, N).mean(axis=1) + 1.0
    assert table["raw"].tolist() == pytest.approx(raw.tolist())
    wide = 4.0 * stats.t.ppf(0.975, N - 1)
    assert table["raw_high"].tolist() == pytest.approx(np.minimum(raw + wide, 100.0).tolist())
    shift = table["multilevel"].to_numpy() - raw
    assert table["shift"].tolist() == pytest.approx(shift.tolist())
    assert table["beyond"].tolist() == (abs(shift) > wide).tolist()
    assert table["shift"][:3].mean() < 0 < table["shift"][3:].mean()
    assert set(table["known_by"]) == {"sex"}
    assert table["subject"].tolist() == SUBJECTS


def test_only_committees_whose_people_are_known_and_whose_score_is_told_have_a_row(
    answers: Answers, tmp_path: Path
) -> None:
    assert len(found(answers, "", tmp_path)) == 0
    whole = half(*SUBJECTS) + "".join(
        f"random,a,age,{o},{s}\n" for o, s in (("1;2", 0.6), ("3", 0.4))
    )
    assert found(answers, whole, tmp_path)["subject"].tolist() == ["a"]
    assert found(answers, half("b", "c", "g"), tmp_path, "c")["subject"].tolist() == ["b", "g"]
    of_the_street = "random,,sex,男,0.5\nrandom,,sex,女,0.5\n"
    assert len(found(answers, of_the_street, tmp_path)) == 0
    few = replace(answers, respondents=answers.respondents[answers.respondents["subject"] < "c"])
    few = replace(few, codes={"resident": few.codes["resident"].loc[few.respondents.index]})
    assert len(found(few, half("a", "b"), tmp_path)) == 0


def test_where_nobody_disagrees_nothing_is_predicted(answers: Answers, tmp_path: Path) -> None:
    same = answers.codes["resident"].assign(r1="1", r2="1", r3="1")
    assert len(found(replace(answers, codes={"resident": same}), half("a"), tmp_path)) == 0


def test_housing_of_the_roster_and_clusters_count(answers: Answers, tmp_path: Path) -> None:
    """Four committees of one kind have a mean of their own; a design effect makes less sure."""
    plain = found(answers, half(*SUBJECTS), tmp_path)
    kinds = ["商品房"] * 4 + ["老公房"] * 4
    housed = found(answers, half(*SUBJECTS), tmp_path, roster=roster_of(SUBJECTS, housing=kinds))
    assert set(housed["known_by"]) == {"sex;housing"}
    apart = [t["multilevel"][:4].mean() - t["multilevel"][4:].mean() for t in (housed, plain)]
    assert abs(apart[0]) > abs(apart[1])
    kinds = ["商品房"] * 5 + ["老公房"] * 2 + [None]  # three others are too few to set against them
    few = found(answers, half(*SUBJECTS), tmp_path, roster=roster_of(SUBJECTS, housing=kinds))
    assert set(few["known_by"]) == {"sex"}
    effects = frame(
        "design_effects",
        {
            "wave": ["2016"], "group": ["random"], "basis": ["declared"], "n": [240],
            "clusters": [240], "design_effect": [2.0], "icc": [np.nan],
        },
    )  # fmt: skip
    unsure = found(answers, half(*SUBJECTS), tmp_path, effects=effects)
    assert unsure["multilevel_se"].mean() > plain["multilevel_se"].mean()
