from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from evalkit.answers.measuring import measure
from evalkit.answers.weighting import Weighed, weigh
from evalkit.definitions.roster import Roster, Subject
from evalkit.errors import Problem, Problems
from evalkit.intake.margins import Margins, read_margins
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers
from tests.answers import street
from tests.deciding import decided

GOOD = """\
group,item,option,share
random,sex,男,0.5
random,sex,2,0.5
random,age,青年,0.25
random,age,中年;老年,0.75
"""


def read(text: str | bytes, folder: Path) -> tuple[Margins | None, list[Problem]]:
    path = folder / "margins.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    problems = Problems()
    return read_margins(path, "margins.csv", *street.small(), problems), list(problems)


def people(n: int = 200, seed: int = 1, *, missing: int = 0, wave: str = "2016") -> Answers:
    """Random residents of two committees, two thirds women; men are content."""
    _, questionnaires = street.small()
    draws = np.random.Generator(np.random.PCG64(seed))
    man = draws.random(n) < 1 / 3
    good = draws.random(n) < np.where(man, 0.9, 0.3)
    codes = {item: list(np.where(good, "1", "3")) for item in ("r1", "r2", "r3", "overall")}
    codes["sex"] = list(np.where(man, "1", "2"))
    codes["age"] = list(draws.integers(1, 4, n).astype(str))
    codes["sex"][:missing] = [""] * missing
    return street.answers(
        wave,
        questionnaires["resident"],
        codes,
        group=["random"] * n,
        subject=["jia" if at % 4 else "yi" for at in range(n)],
    )


def weighed(answers: Answers, text: str, folder: Path) -> tuple[Weighed, list[Problem]]:
    margins, found = read(text, folder)
    assert margins is not None, found
    problems = Problems()
    return weigh(answers, decided(*street.small(), margins=margins), problems), list(problems)


def cells_of(answers: Answers, result: Weighed | None = None):  # type: ignore[no-untyped-def]
    scheme, questionnaires = street.small()
    roster = Roster(subjects=[Subject(id=s, name=s) for s in ("jia", "yi")])
    sweeps = None if result is None else result.raked
    cells = measure(
        answers, decided(scheme, questionnaires, roster), street.InMemory(), sweeps=sweeps
    )
    return cells.groups["random"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_reads_labels_codes_and_merged_options(encoding: str, tmp_path: Path) -> None:
    margins, problems = read(GOOD.encode(encoding), tmp_path)
    assert problems == []
    assert margins is not None
    sex, age = margins.of("2016", "random")
    assert (sex.item, sex.categories) == ("sex", (frozenset("1"), frozenset("2")))
    assert age.categories == (frozenset("1"), frozenset({"2", "3"}))
    np.testing.assert_allclose(age.shares, [0.25, 0.75])
    assert margins.of("2016", "key") == ()


def test_totals_percent_and_chinese_titles(tmp_path: Path) -> None:
    for text in (
        '主体,题目,选项,人数\nrandom,sex,男,"3,000"\nrandom,sex,女,1000\n',
        "group,item,option,share\nrandom,sex,男,75%\nrandom,sex,女,25%\n",
    ):
        margins, problems = read(text, tmp_path)
        assert problems == []
        assert margins is not None
        np.testing.assert_allclose(margins.of("", "random")[0].shares, [0.75, 0.25])


def test_a_margin_of_one_wave_replaces_the_general_one(tmp_path: Path) -> None:
    text = "group,item,option,share,wave\n" + "".join(
        f"random,sex,{o},{s},{w}\n"
        for w, shares in (("", (0.5, 0.5)), ("2015", (0.4, 0.6)))
        for o, s in zip("12", shares, strict=True)
    )
    margins, problems = read(text, tmp_path)
    assert problems == []
    assert margins is not None
    assert [m.shares[0] for m in margins.of("2015", "random")] == [0.4]
    assert [m.shares[0] for m in margins.of("2016", "random")] == [0.5]


@pytest.mark.parametrize(
    ("old", "new", "code", "row", "column", "found"),
    [
        ("random,sex,男", "nobody,sex,男", "unknown_group", 2, "A", "nobody"),
        ("random,sex,男", "random,r1,满意", "unknown_item", 2, "B", "r1"),
        ("random,sex,男", "random,sex,其他", "unknown_option", 2, "C", "其他"),
        ("男,0.5", "男,一半", "not_a_share", 2, "D", "一半"),
        ("男,0.5", "男,-0.5", "not_a_share", 2, "D", "-0.5"),
        ("男,0.5", "男,nan", "not_a_share", 2, "D", "nan"),
        ("男,0.5", "男,0.4", "shares_do_not_add_up", 2, "D", "0.9（0.4 + 0.5）"),
        ("random,sex,2,0.5", "random,sex,1,0.5", "duplicate_row", 3, "C", "1（另见第 2 行）"),
        ("random,age,青年,0.25\n", "", "margin_incomplete", 4, "C", "缺 青年"),
        ("item,option", "item,选择", "wrong_columns", 1, None, "group、item、选择、share"),
        ("option,share", "option,share,total", "wrong_columns", 1, None, None),
    ],
)
def test_bad_margins(
    old: str, new: str, code: str, row: int, column: str | None, found: str | None, tmp_path: Path
) -> None:
    assert GOOD.count(old) == 1
    margins, problems = read(GOOD.replace(old, new), tmp_path)
    assert margins is None
    problem = next(p for p in problems if p.code == code)
    assert problem.row == row
    assert problem.file == "margins.csv"
    assert column is None or (problem.column or "").startswith(column)
    assert found is None or problem.found == found
    assert problem.expected
    assert problem.remedy


def test_one_fault_does_not_hide_the_next(tmp_path: Path) -> None:
    text = GOOD.replace("random,sex,男", "nobody,sex,男").replace("中年;老年,0.75", "中年;老头,x")
    _, problems = read(text, tmp_path)
    assert [p.code for p in problems] == ["unknown_group", "unknown_option", "not_a_share"]


def test_totals_of_different_people(tmp_path: Path) -> None:
    text = "group,item,option,total\n" + "".join(
        f"random,{item},{option},{total}\n"
        for item, option, total in (
            ("sex", 1, 500), ("sex", 2, 500), ("age", 1, 300), ("age", 2, 300), ("age", 3, 300)
        )
    )  # fmt: skip
    margins, problems = read(text, tmp_path)
    assert margins is None
    assert [p.code for p in problems] == ["totals_disagree"]


def test_an_empty_file_and_one_without_rows(tmp_path: Path) -> None:
    for text, code in (("", "wrong_columns"), (GOOD.split("\n")[0] + "\n", "empty_document")):
        margins, problems = read(text, tmp_path)
        assert margins is None
        assert [p.code for p in problems] == [code]


def test_weights_by_hand(tmp_path: Path) -> None:
    _, questionnaires = street.small()
    codes = {item: ["1", "1", "3", "3", "3"] for item in ("r1", "r2", "r3", "overall")}
    codes |= {"sex": ["1", "2", "2", "2", ""], "age": ["1"] * 5}
    answers = street.answers(
        "2016", questionnaires["resident"], codes, group=["random"] * 5, subject=["甲"] * 5
    )
    text = "group,item,option,share\nrandom,sex,1,50\nrandom,sex,2,50\n"
    result, problems = weighed(answers, text, tmp_path)
    assert problems == []
    # four with a sex: the man stands for two, each woman for two thirds; who did not say keeps 1
    weights = result.answers.respondents["weight"].to_numpy()
    np.testing.assert_allclose(weights, [2, 2 / 3, 2 / 3, 2 / 3, 1])
    raked = result.raked["random"]
    assert raked.n_effective == pytest.approx(25 / (4 + 4 / 3 + 1))
    assert raked.design_effect == pytest.approx(5 / raked.n_effective)
    assert [(note.code, note.count) for note in result.notes] == [
        ("raked", 5),
        ("raked_without_profile", 1),
    ]
    assert "等效份数 4（设计效应 1.27）" in said(result.notes[0])
    assert answers.respondents["weight"].tolist() == [1.0] * 5


def test_weighted_shares_meet_every_margin(tmp_path: Path) -> None:
    result, problems = weighed(people(missing=7), GOOD, tmp_path)
    assert problems == []
    own = result.answers.respondents["weight"].to_numpy()
    codes = result.answers.codes["resident"]
    placed = codes["sex"].notna().to_numpy()
    assert own[placed].sum() == pytest.approx(193)
    for item, code, share in (("sex", "1", 0.5), ("age", "1", 0.25)):
        inside = placed & (codes[item] == code).to_numpy()
        assert own[inside].sum() / own[placed].sum() == pytest.approx(share)


def test_a_category_without_respondents_names_the_margin(tmp_path: Path) -> None:
    answers = people()
    codes = answers.codes["resident"].assign(age="2")
    result, problems = weighed(replace(answers, codes={"resident": codes}), GOOD, tmp_path)
    (problem,) = problems
    assert problem.code == "margin_without_respondents"
    assert problem.message == "“年龄”的“青年”在人口中有，答卷里没有"
    assert (problem.row, problem.expected) == (4, "占 25.00%")
    assert result.raked == {}
    text = GOOD.replace("青年,0.25", "青年,0").replace("0.75", "1")
    _, problems = weighed(people(), text, tmp_path)
    assert [p.code for p in problems] == ["margin_without_share"]


def test_margins_that_cannot_be_met_together_name_one(tmp_path: Path) -> None:
    answers = people()
    man = (answers.codes["resident"]["sex"] == "1").to_numpy()
    codes = answers.codes["resident"].assign(age=np.where(man, "1", "2"))  # age follows from sex
    result, problems = weighed(replace(answers, codes={"resident": codes}), GOOD, tmp_path)
    (problem,) = problems
    assert problem.code == "raking_failed"
    assert problem.row in (2, 4)
    assert result.raked == {}


def test_nothing_changes_where_nothing_is_raked(tmp_path: Path) -> None:
    text = GOOD.replace("random", "key")
    answers = people()
    result, problems = weighed(answers, text, tmp_path)
    assert problems == []
    assert (dict(result.raked), result.notes) == ({}, ())
    before, after = cells_of(answers), cells_of(result.answers, result)
    np.testing.assert_array_equal(after.covariance, before.covariance)


def test_covariance_is_that_of_residuals_from_the_margins(tmp_path: Path) -> None:
    result, _ = weighed(people(120, missing=9), GOOD, tmp_path)
    own = result.answers.respondents
    codes = result.answers.codes["resident"]
    inside = (own["subject"] == "jia").to_numpy()
    weight = own["weight"].to_numpy()
    x = np.where(codes["r1"] == "1", 100.0, 0.0)
    mean = np.average(x[inside], weights=weight[inside])
    influence = np.where(inside, weight * (x - mean) / weight[inside].sum(), 0.0)
    placed = codes["sex"].notna().to_numpy()
    dummies = np.column_stack(
        [codes["sex"] == "1", codes["sex"] == "2", codes["age"] == "1"]
    ).astype(float)[placed]
    scaled = influence[placed] / weight[placed]
    fitted = dummies @ np.linalg.lstsq(dummies, scaled, rcond=None)[0]
    residual = weight[placed] * (scaled - fitted)
    n = int(inside.sum())
    expected = n / (n - 1) * (residual @ residual + (influence[~placed] ** 2).sum())
    cells = cells_of(result.answers, result)
    assert cells.mean[0, 0] == pytest.approx(mean)
    assert cells.covariance[0, 0, 0] == pytest.approx(expected, rel=1e-8)
    np.testing.assert_allclose(cells.covariance[0], cells.covariance[0].T)


def test_standard_errors_of_raked_means_hold_in_repeated_samples(tmp_path: Path) -> None:
    # jia has three quarters of the answers: the margins pin down much of its mean, and only the
    # swept error knows
    means, swept, naive = [], [], []
    margins, _ = read(GOOD, tmp_path)
    assert margins is not None
    for seed in range(200):
        result = weigh(
            people(120, seed=seed), decided(*street.small(), margins=margins), Problems()
        )
        cells = cells_of(result.answers, result)
        means.append(cells.mean[0, 0])
        swept.append(cells.covariance[0, 0, 0])
        if seed < 30:  # the naive error hardly varies
            naive.append(cells_of(result.answers).covariance[0, 0, 0])
    truth = np.var(means, ddof=1)
    # a variance from 200 samples has a relative error of sqrt(2 / 199), 10%; three of them
    assert np.mean(swept) / truth == pytest.approx(1.0, abs=0.3)
    assert np.mean(naive) / truth > 1.3
