"""margins.csv at its limits: what adds up, what is one margin, what is told of a fault."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest
import yaml

from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problem, Problems
from evalkit.intake.margin_figures import notes
from evalkit.intake.margins import Margins, read_margins
from evalkit.pages.press.sentences import said
from tests.answers import street

FORM = (
    street.SMALL_FORM
    + """
  - id: hobby
    text: 爱好
    role: profile
    kind: multiple
    options: [{code: "1", label: 男}, {code: "2", label: 女}]
"""
)
SCHEME = street.SMALL_SCHEME.replace("residents_weight: 100", "residents_weight: 90").replace(
    "weight: 40, questionnaire: resident, residents: true}",
    "weight: 30, questionnaire: resident, residents: true}\n"
    "  - {code: office, name: 科室, weight: 10, questionnaire: resident, raters: rater}",
)


def read(text: str, folder: Path) -> tuple[Margins | None, list[Problem]]:
    (folder / "m.csv").write_text(text, encoding="utf-8")
    problems = Problems()
    scheme = Scheme.model_validate(yaml.safe_load(SCHEME))
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    found = read_margins(folder / "m.csv", "m.csv", scheme, {form.id: form}, problems)
    assert (found is None) == bool(problems)
    return found, list(problems)


def sexes(*values: object, unit: str = "share") -> str:
    lines = [f"random,sex,{at},{value}\n" for at, value in enumerate(values, start=1)]
    return f"group,item,option,{unit}\n" + "".join(lines)


def shares(text: str, folder: Path) -> Sequence[float]:
    found, problems = read(text, folder)
    assert problems == []
    assert found is not None
    (margin,) = found.margins
    return list(margin.shares)


@pytest.mark.parametrize(
    ("values", "good"),
    [
        ((0.5049, 0.5), True),
        ((0.5051, 0.5), False),
        ((0.4951, 0.5), True),
        ((0.4949, 0.5), False),
        ((50, 50.49), True),
        ((50, 50.51), False),
        ((50, 49.51), True),
        ((50, 49.49), False),
        ((1.0, 1.0), False),  # 2 is no percentage
        ((1.1, 1.0), False),  # and 2.1 is one, of 2.1%
        (("60%", "40％"), True),
        ((0, 1), True),
    ],
)
def test_rounded_shares_may_miss_one_by_half_a_percent(
    values: tuple[object, object], good: bool, tmp_path: Path
) -> None:
    found, problems = read(sexes(*values), tmp_path)
    assert [p.code for p in problems] == ([] if good else ["shares_do_not_add_up"])
    if found is not None:
        assert found.margins[0].shares.sum() == pytest.approx(1.0, rel=1e-12)


def test_what_adds_up_is_scaled_to_add_up_exactly(tmp_path: Path) -> None:
    np.testing.assert_allclose(shares(sexes(0.6, 0.405), tmp_path), [0.6 / 1.005, 0.405 / 1.005])
    np.testing.assert_allclose(shares(sexes(60, 40), tmp_path), [0.6, 0.4])
    np.testing.assert_allclose(shares(sexes('"3,000"', 1000, unit="total"), tmp_path), [0.75, 0.25])


def test_totals_of_nobody_are_no_margin(tmp_path: Path) -> None:
    _, (problem,) = read(sexes(0, 0, unit="total"), tmp_path)
    assert (problem.code, problem.row, problem.column) == ("no_people", 2, "D total")
    assert (problem.expected, problem.found) == ("大于 0", "0（0 + 0）")
    assert problem.message == "random、sex（性别） 的各选项之和不对"


@pytest.mark.parametrize(
    ("other", "good"), [(950, True), (949, False), (1052, True), (1053, False)]
)
def test_counts_of_the_same_people_may_differ_by_one_in_twenty(
    other: int, good: bool, tmp_path: Path
) -> None:
    # 1000 and 950: 50 is 5% of 1000; 1000 and 1052: 52 is less than 5% of 1052
    text = sexes(400, 600, unit="total") + f"random,age,1;2,{other - 100}\nrandom,age,3,100\n"
    _, problems = read(text, tmp_path)
    assert [p.code for p in problems] == ([] if good else ["totals_disagree"])
    if problems:
        assert (problems[0].row, problems[0].expected) == (4, "与 sex 的总人数 1000 相近")
        assert problems[0].found == f"age 合计 {other}"


def test_counts_of_another_group_or_wave_are_other_people(tmp_path: Path) -> None:
    text = "group,item,option,total,wave\n" + "".join(
        f"{group},sex,{option},{total},{wave}\n"
        for group, total, wave in (("random", 500, ""), ("key", 50, ""), ("random", 90, "2015"))
        for option in (1, 2)
    )
    found, problems = read(text, tmp_path)
    assert problems == []
    assert found is not None
    assert [(m.wave, m.group, m.row) for m in found.margins] == [
        ("", "random", 2), ("", "key", 4), ("2015", "random", 6),
    ]  # fmt: skip


def test_shares_of_other_people_need_not_agree(tmp_path: Path) -> None:
    _, problems = read(sexes(0.5, 0.5) + "random,age,1;2;3,100\n", tmp_path)
    assert problems == []


@pytest.mark.parametrize(
    ("line", "code", "column", "expected"),
    [
        ("office,sex,1,1", "group_not_weighted", "A group", "key、random"),
        ("staff,sex,1,1", "unknown_group", "A group", "key、random、office"),
        ("random,hobby,1,1", "unknown_item", "B item", "sex（性别）、age（年龄）"),
        ("random,where,1,1", "unknown_item", "B item", "sex（性别）、age（年龄）"),
        ("random,sex,3,1", "unknown_option", "C option", "1 男、2 女"),
        ("random,sex,1;3,1", "unknown_option", "C option", "1 男、2 女"),
        ("random,sex,,1", "unknown_option", "C option", "1 男、2 女"),
        ("random,sex,;,1", "unknown_option", "C option", "1 男、2 女"),
        ("random,sex,1,", "not_a_share", "D share", "如 0.48、48 或人数"),
        ("random,sex,1,inf", "not_a_share", "D share", "如 0.48、48 或人数"),
        ("random,sex,1,-1", "not_a_share", "D share", "如 0.48、48 或人数"),
    ],
)
def test_a_fault_is_told_with_its_cell_and_what_belongs_there(
    line: str, code: str, column: str, expected: str, tmp_path: Path
) -> None:
    _, problems = read(f"group,item,option,share\n\n{line}\n", tmp_path)
    (problem,) = problems
    assert (problem.code, problem.row, problem.column) == (code, 3, column)
    assert problem.expected == expected
    cell = dict(zip(("A", "B", "C", "D"), line.split(","), strict=True))[column[0]]
    assert problem.found == (cell or "（空）")


def test_columns_may_stand_in_any_order_and_among_others(tmp_path: Path) -> None:
    text = "占比,备注,选项,题目,评价主体,年度\n30,x,男,sex,random,2016\n70,y,女；,sex,random,2016\n"
    found, problems = read(text, tmp_path)
    assert problems == []
    assert found is not None
    (margin,) = found.of("2016", "random")
    np.testing.assert_allclose(margin.shares, [0.3, 0.7])
    assert (margin.title, margin.row, found.file) == ("性别", 2, "m.csv")
    assert found.of("2015", "random") == ()
    _, problems = read(text.replace("sex,random,2016\n70", "sez,random,2016\n70"), tmp_path)
    assert problems[0].column == "D item"


@pytest.mark.parametrize(
    "header",
    [
        "group,item,option",
        "group,item,share",
        "group,option,share",
        "item,option,share",
        "group,item,option,share,total",
        "group,item,option,share,share",
        "group,主体,item,option,share",
    ],
)
def test_every_column_stands_there_once(header: str, tmp_path: Path) -> None:
    _, (problem,) = read(header + "\nrandom" + ",1" * header.count(",") + "\n", tmp_path)
    assert (problem.code, problem.row) == ("wrong_columns", 1)
    assert problem.found == header.replace(",", "、")


def test_an_option_counts_once_in_its_wave_whatever_it_is_called(tmp_path: Path) -> None:
    _, problems = read(sexes(0.5, 0.5) + "random,sex,男;女,0.5\n", tmp_path)
    assert [(p.code, p.row, p.column, p.found) for p in problems] == [
        ("duplicate_row", 4, "C option", "男;女（另见第 2 行）"),
        ("duplicate_row", 4, "C option", "男;女（另见第 3 行）"),
    ]


def test_every_option_belongs_to_a_category(tmp_path: Path) -> None:
    text = "group,item,option,share\nrandom,age,2,100\n"
    _, (problem,) = read(text, tmp_path)
    assert (problem.code, problem.row, problem.found) == ("margin_incomplete", 2, "缺 青年、老年")


def test_of_a_wave_named_and_one_in_general_the_named_one_counts_item_by_item(
    tmp_path: Path,
) -> None:
    text = "group,item,option,share,wave\n" + "".join(
        f"random,{item},{options},{share},{wave}\n"
        for wave, item, options, share in (
            ("2016", "sex", "1;2", 1), ("", "sex", "1", 0.3), ("", "sex", "2", 0.7),
            ("", "age", "1;2;3", 1),
        )
    )  # fmt: skip
    found, _ = read(text, tmp_path)
    assert found is not None
    assert {m.item: len(m.categories) for m in found.of("2016", "random")} == {"sex": 1, "age": 1}
    assert {m.item: len(m.categories) for m in found.of("2015", "random")} == {"sex": 2, "age": 1}
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    assert found.of("2016", "random")[0].label(0, form) == "男、女"
    assert found.of("2015", "random")[0].label(1, form) == "女"


ROSTER = Roster(
    subjects=[
        Subject(id="s1", name="玉佛城", aliases=["玉佛"]), Subject(id="s2", name="苏河一村"),
    ]
)  # fmt: skip


def of_committees(lines: str, folder: Path) -> tuple[Margins | None, list[Problem]]:
    (folder / "m.csv").write_text(f"group,居民区,item,option,total\n{lines}", encoding="utf-8")
    problems = Problems()
    scheme = Scheme.model_validate(yaml.safe_load(SCHEME))
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    found = read_margins(folder / "m.csv", "m.csv", scheme, {form.id: form}, problems, ROSTER)
    return found, list(problems)


def test_margins_of_committees_stand_apart_from_the_streets(tmp_path: Path) -> None:
    """By id, name or alias; each committee's totals are its own people."""
    lines = "".join(
        f"random,{who},sex,{option},{n}\n"
        for who, numbers in (("", (270, 270)), ("s1", (30, 10)), ("苏河一村居委会", (200, 300)))
        for option, n in zip(("男", "女"), numbers, strict=True)
    )
    found, problems = of_committees(lines + "random,玉佛,age,1;2;3,40\n", tmp_path)
    assert problems == []
    assert found is not None
    assert [m.shares.tolist() for m in found.of("2016", "random")] == [[0.5, 0.5]]
    own = found.of_subjects("2016", "random")
    assert {s: list(of) for s, of in own.items()} == {"s1": ["sex", "age"], "s2": ["sex"]}
    assert own["s1"]["sex"].shares.tolist() == [0.75, 0.25]
    assert found.of_subjects("2016", "key") == {}
    none = "random,s1,age,1;2;3,0\n"
    _, (problem,) = of_committees(none, tmp_path)
    assert problem.message.startswith("random 玉佛城、age（年龄）")
    _, (problem,) = of_committees(lines + "random,玉佛,age,1;2;3,90\n", tmp_path)
    assert problem.code == "totals_disagree"


def test_a_committee_that_the_roster_lacks_is_told_with_names_like_it(tmp_path: Path) -> None:
    _, problems = of_committees("random,苏河二村,sex,1;2,9\n", tmp_path)
    (problem,) = problems
    assert (problem.code, problem.row, problem.column) == (
        "margin_of_unknown_subject",
        2,
        "B subject",
    )
    assert problem.expected == "名册里的代码、名称或别名，如 苏河一村"
    assert problem.found == "苏河二村"


def test_a_row_of_a_wave_that_the_evaluation_lacks_is_told(tmp_path: Path) -> None:
    """Nothing would be weighted by it, and nobody would know."""
    (tmp_path / "m.csv").write_text(
        "wave,group,item,option,total\n2016,random,sex,1;2,9\n2061,random,sex,1;2,9\n", "utf-8"
    )
    scheme = Scheme.model_validate(yaml.safe_load(SCHEME))
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    problems = Problems()
    args = (tmp_path / "m.csv", "m.csv", scheme, {form.id: form}, problems, None)
    read_margins(*args, ["2015", "2016"])
    (problem,) = problems
    assert (problem.code, problem.row, problem.column, problem.expected, problem.found) == (
        "margin_of_unknown_wave", 3, "A wave", "2015、2016", "2061",
    )  # fmt: skip


def test_committees_put_the_options_of_an_item_together_alike(tmp_path: Path) -> None:
    lines = "random,s1,age,1;2,9\nrandom,s1,age,3,9\nrandom,s2,age,1,9\nrandom,s2,age,2;3,9\n"
    _, (problem,) = of_committees(lines, tmp_path)
    assert (problem.code, problem.row) == ("margin_categories_differ", 4)
    assert (problem.expected, problem.found) == ("1+2、3", "1、2+3")
    assert problem.message == "random 苏河一村、age（年龄） 的选项合并得和别的评估对象不一样"
    street_too = "random,,age,1,9\nrandom,,age,2;3,9\nrandom,s1,age,1;2,9\nrandom,s1,age,3,9\n"
    assert of_committees(street_too, tmp_path)[1] == []


def by_sex(**numbers: tuple[float, float]) -> str:
    """Rows of the street (``street``) and of committees."""
    return "".join(
        f"random,{'' if who == 'street' else who},sex,{option},{n}\n"
        for who, both in numbers.items()
        for option, n in zip(("男", "女"), both, strict=True)
    )


def test_the_streets_share_lies_between_those_of_its_committees(tmp_path: Path) -> None:
    lines = by_sex(street=(600, 400), s1=(300, 300), s2=(200, 200))
    _, problems = of_committees(lines, tmp_path)
    assert [p.code for p in problems] == ["street_outside_committees"] * 2
    first = problems[0]
    assert (first.file, first.row, first.column, first.found) == ("m.csv", 2, "option", "60.0%")
    assert first.expected == "各评估对象之间；最接近的是玉佛城，50.0%"
    assert "random、sex（性别）" in first.message
    only_one = by_sex(street=(600, 400), s1=(300, 300))
    assert of_committees(only_one, tmp_path)[1] == []


def test_the_committees_people_are_the_streets(tmp_path: Path) -> None:
    lines = by_sex(street=(500, 500), s1=(300, 300), s2=(400, 400))
    _, (problem,) = of_committees(lines, tmp_path)
    assert (problem.code, problem.row, problem.column) == ("committees_do_not_add_up", 2, "total")
    assert (problem.expected, problem.found) == ("与各评估对象的合计 1,400 相近", "1,000")
    fits = by_sex(street=(500, 500), s1=(300, 300), s2=(220, 220))
    assert of_committees(fits, tmp_path)[1] == []


def peopled(**people: int) -> Roster:
    return Roster(
        subjects=[Subject(id=s, name=f"{s}居民区", population=n) for s, n in people.items()]
    )


def told(lines: str, roster: Roster, folder: Path) -> list[tuple[str, str]]:
    (folder / "m.csv").write_text(f"group,subject,item,option,total\n{lines}", encoding="utf-8")
    problems = Problems()
    scheme = Scheme.model_validate(yaml.safe_load(SCHEME))
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    found = read_margins(folder / "m.csv", "m.csv", scheme, {form.id: form}, problems, roster)
    assert not problems
    found_notes = list(notes(found, roster))
    assert all(note.where == "m.csv:random sex" for note in found_notes)
    return [(note.code, said(note)) for note in found_notes]


def test_a_committee_whose_people_are_not_those_of_the_roster_is_named_with_both(
    tmp_path: Path,
) -> None:
    roster = peopled(s1=1000, s2=2000, s3=500, s4=800)
    fits = by_sex(s1=(400, 450), s2=(800, 850), s3=(200, 220))
    assert told(fits, roster, tmp_path) == []
    ((code, note),) = told(fits + by_sex(s4=(1200, 1500)), roster, tmp_path)
    assert code == "margins_against_roster"
    assert "s4居民区（人口构成表 2,700，名册 800）" in note
    assert "s1" not in note
    households = peopled(s1=400, s2=800, s3=200, s4=1200)
    assert told(fits + by_sex(s4=(1200, 1300)), households, tmp_path) == []


def test_two_committees_are_held_against_the_roster_alone(tmp_path: Path) -> None:
    roster = peopled(s1=1000, s2=2000)
    ((_, note),) = told(by_sex(s1=(400, 450), s2=(1500, 1500)), roster, tmp_path)
    assert "s2居民区（人口构成表 3,000，名册 2,000）" in note
    assert "s1" not in note


def test_the_streets_people_are_held_against_all_of_the_roster(tmp_path: Path) -> None:
    roster = peopled(s1=1000, s2=2000)
    assert told(by_sex(street=(1200, 1300)), roster, tmp_path) == []
    ((code, note),) = told(by_sex(street=(3200, 3300)), roster, tmp_path)
    assert code == "margin_against_roster"
    assert "合计 6,500" in note
    assert "合计 3,000" in note
    unknown = Roster(subjects=[*roster.subjects, Subject(id="s3", name="丙")])
    assert told(by_sex(street=(3200, 3300)), unknown, tmp_path) == []
    assert not list(notes(None, roster))
