"""What may be said about what residents ask for and write, and what must never leave."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from evalkit.answers.listening import listen, says_something
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.text import simplified
from evalkit.definitions.themes import Theme, Themes
from evalkit.tables import ALL_GROUPS, ANYTHING, Answers, Needs, State, check
from tests.answers.street import SMALL_FORM, SMALL_SCHEME
from tests.deciding import decided

MINIMUM = 10
FORM = (
    SMALL_FORM
    + """
  - id: n
    text: 急难愁盼
    kind: multiple
    role: need
    options:
      - {code: "1", label: 停车难}
      - {code: "2", label: 看病配药}
      - {code: "11", label: 目前没有}
  - {id: w, text: 您最希望改进什么, kind: text, role: open}
"""
)
THEMES = Themes(
    id="t",
    title="主题",
    themes=[
        Theme(code="parking", name="停车", words=["停车", "车位"]),
        Theme(code="leaks", name="漏水", words=["漏水"]),
    ],
)
SCHEME = SMALL_SCHEME.replace("residents_weight: 100", "residents_weight: 90").replace(
    "weight: 40, questionnaire: resident, residents: true}",
    "weight: 30, questionnaire: resident, residents: true}\n"
    "  - {code: office, name: 科室, weight: 10, questionnaire: resident, minimum_n: 3}",
)


def scheme() -> Scheme:
    return Scheme.model_validate(yaml.safe_load(SCHEME))


def forms() -> dict[str, Questionnaire]:
    form = Questionnaire.model_validate(yaml.safe_load(FORM))
    return {form.id: form}


def roster(count: int) -> Roster:
    return Roster(subjects=[Subject(id=f"s{k}", name=f"第{k}居民区") for k in range(count)])


def made(rows: list[tuple[int, str, str, str]], weight: list[float] | None = None) -> Answers:
    """Answers from (committee, group, ticked codes, written text); ``""`` is no answer."""
    index = pd.Index([f"a#{at:05d}" for at in range(len(rows))], name="respondent")
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    respondents = pd.DataFrame(
        {
            "respondent": index,
            "file": "a",
            "row": np.arange(len(rows)),
            "questionnaire": "resident",
            "group": list(columns[1]),
            "subject": [f"s{k}" for k in columns[0]],
            "rater": "",
            "cluster": "",
            "weight": 1.0 if weight is None else weight,
            "submitted": None,
            "seconds": np.nan,
            "device": None,
        },
        index=index,
    )
    codes = pd.DataFrame(
        {"n": [c or None for c in columns[2]], "w": [c or None for c in columns[3]]},
        index=index,
        dtype=object,
    )
    states = codes.isna().replace({True: State.EMPTY.value, False: State.ANSWERED.value})
    return Answers("2016", respondents, {"resident": codes}, {"resident": states})


def needs_of(answers: Answers, count: int, themes: Themes | None = THEMES) -> Needs:
    found, _ = listen(answers, decided(scheme(), forms(), roster(count), themes=themes))
    check(found.table, "needs")
    check(found.themes, "themes")
    return found


def line(frame: pd.DataFrame, subject: str, code: str) -> pd.Series:
    key = "option" if "option" in frame else "code"
    (found,) = [row for _, row in frame.iterrows() if (row["subject"], row[key]) == (subject, code)]
    return found


# --- what is said ---


def test_a_share_is_the_weighted_share_of_those_who_answered() -> None:
    rows = [(0, "key", "1;2", "")] * 12 + [(0, "key", "11", "")] * 20 + [(0, "key", "", "")] * 7
    weight = [2.0] * 12 + [1.0] * 20 + [5.0] * 7
    needs = needs_of(made(rows, weight), 1).table
    own = line(needs, "s0", "1")
    assert (own["n"], own["of"]) == (12, 32)
    w = np.array(weight[:32])
    ticked = np.array([1.0] * 12 + [0.0] * 20)
    share = w @ ticked / w.sum()
    assert own["share"] == pytest.approx(share)
    assert own["se"] ** 2 == pytest.approx(32 / 31 * ((w / w.sum() * (ticked - share)) ** 2).sum())
    assert own["low"] < share < own["high"]
    assert "1" not in set(needs[needs["n"] == 20]["option"])


def test_an_option_code_inside_another_is_not_taken_for_it() -> None:
    rows = [(0, "key", "11", "")] * 15 + [(0, "key", "1", "")] * 25
    needs = needs_of(made(rows), 1).table
    assert line(needs, "s0", "1")["n"] == 25


def test_the_street_is_everybody_and_stands_first() -> None:
    rows = [(k, "key", "1" if at % 2 else "2", "") for k in range(3) for at in range(40)]
    needs = needs_of(made(rows), 3).table
    assert list(dict.fromkeys(needs["subject"])) == [ALL_GROUPS, "s0", "s1", "s2"]
    street = line(needs, ALL_GROUPS, "1")
    assert (street["n"], street["of"], street["share"]) == (60, 120, 0.5)
    parts = [line(needs, f"s{k}", "1")["se"] ** 2 for k in range(3)]
    assert street["se"] ** 2 == pytest.approx(sum(parts) / 9)
    assert pd.isna(street["verdict"])
    assert pd.isna(street["p_adjusted"])


def test_only_residents_are_listened_to() -> None:
    residents = [(0, "key", "1", "停车")] * 20 + [(0, "key", "2", "漏水")] * 20
    offices = [(0, "office", "1", "停车")] * 50
    alone, both = needs_of(made(residents), 1), needs_of(made(residents + offices), 1)
    pd.testing.assert_frame_equal(alone.table, both.table)
    pd.testing.assert_frame_equal(alone.themes, both.themes)


def test_a_rater_group_too_small_to_be_counted_leaves_its_answers_aside() -> None:
    """The number of key residents is published: with the others' it would give away the rest."""
    key = [(0, "key", "1", "停车")] * 20 + [(0, "key", "2", "漏水")] * 20
    few = [(0, "random", "1", "停车")] * 9
    pd.testing.assert_frame_equal(needs_of(made(key), 1).table, needs_of(made(key + few), 1).table)
    enough = [*few, (0, "random", "1", "停车")]
    assert line(needs_of(made(key + enough), 1).table, "s0", "1")["n"] == 30


def test_a_committee_that_stands_out_is_told_and_the_others_are_not() -> None:
    rows = [(0, "key", "1" if at < 30 else "2", "") for at in range(50)]
    rows += [(k, "key", "1" if at % 5 == 0 else "2", "") for k in range(1, 12) for at in range(60)]
    needs = needs_of(made(rows), 12).table
    verdicts = needs[needs["option"] == "1"].set_index("subject")["verdict"]
    assert verdicts["s0"] == "高于"
    assert set(verdicts.drop([ALL_GROUPS, "s0"])) == {"无显著差异"}
    assert line(needs, "s0", "2")["verdict"] == "低于"


def test_a_street_without_differences_is_seldom_accused() -> None:
    rng = np.random.Generator(np.random.PCG64(3))
    accused = 0
    for _ in range(40):
        ticks = rng.random((15 * 45, 2)) < [0.35, 0.3]
        rows = [
            (at // 45, "key", ";".join(c for c, t in zip("12", row, strict=True) if t) or "11", "")
            for at, row in enumerate(ticks)
        ]
        verdicts = needs_of(made(rows), 15).table["verdict"]
        accused += bool(verdicts.isin(["高于", "低于"]).any())
    assert accused <= 6


# --- what is written ---


@pytest.mark.parametrize("text", ["停車太亂", "停 车 太 乱", "没有车位，停车难", "ＡＢ停车"])
def test_words_are_found_however_they_are_written(text: str) -> None:
    rows = [(0, "key", "", text)] * 12 + [(0, "key", "", "漏水")] * 3
    themes = needs_of(made(rows), 1).themes
    assert line(themes, "s0", "parking")["n"] == 12
    assert line(themes, "s0", ANYTHING)["n"] == 15


def test_a_resident_speaks_of_every_theme_in_the_answer() -> None:
    themes = needs_of(made([(0, "key", "", "楼上漏水，楼下停车乱")] * 11), 1).themes
    assert line(themes, "s0", "parking")["n"] == line(themes, "s0", "leaks")["n"] == 11
    assert line(themes, "s0", "leaks")["share"] == 1.0


@pytest.mark.parametrize("text", ["无", "没有。", " / ", "……", "暫無", "-"])
def test_an_answer_that_says_nothing_is_no_answer(text: str) -> None:
    assert not says_something(simplified(text))
    themes = needs_of(made([(0, "key", "", "停车")] * 12 + [(0, "key", "", text)] * 9), 1).themes
    assert line(themes, "s0", ANYTHING)["n"] == 12


def test_without_themes_nothing_is_counted_and_a_note_says_so() -> None:
    answers = made([(0, "key", "1", "停车")] * 30)
    found, notes = listen(answers, decided(scheme(), forms(), roster(1), themes=None))
    assert not len(found.themes)
    assert [note.code for note in notes] == ["no_themes"]
    assert listen(answers, decided(scheme(), forms(), roster(1), themes=THEMES))[1] == ()


def test_a_document_may_ask_for_more_residents() -> None:
    rows = [(0, "key", "1", "停车")] * 15 + [(0, "key", "2", "漏水")] * 25
    stricter = THEMES.model_copy(update={"minimum_n": 20})
    found = needs_of(made(rows), 1, stricter)
    assert found.minimum_n == 20
    assert set(found.themes["code"]) == {ANYTHING, "leaks"}
    assert found.table.empty


def test_nobody_answering_is_no_error() -> None:
    for rows in ([], [(0, "key", "", "")] * 20):
        found = needs_of(made(rows), 2)
        assert found.table.empty
        assert found.themes.empty


# --- what must never leave ---

ANSWERS = st.lists(
    st.tuples(
        st.integers(0, 3),
        st.sampled_from(["key", "random", "office"]),
        st.sampled_from(["", "1", "2", "1;2", "11"]),
        st.sampled_from(["", "停车", "漏水", "停车又漏水", "别的事", "无"]),
        st.integers(1, 14),
    ),
    max_size=14,
)


def several(drawn: list[tuple[int, str, str, str, int]]) -> list[tuple[int, str, str, str]]:
    return [row[:4] for row in drawn for _ in range(row[4])]


@settings(max_examples=60, deadline=None)
@given(ANSWERS)
def test_no_count_below_the_minimum_ever_leaves(
    drawn: list[tuple[int, str, str, str, int]],
) -> None:
    found = needs_of(made(several(drawn)), 4)
    for frame, key in ((found.table, "option"), (found.themes, "code")):
        assert (frame["n"] >= MINIMUM).all()
        assert (frame["of"] >= MINIMUM).all()
        for (_, code), part in frame.groupby(["item", key]):
            street = part[part["subject"] == ALL_GROUPS]
            assert len(street) == 1
            rest = int(street["n"].iloc[0]) - int(part["n"][part["subject"] != ALL_GROUPS].sum())
            assert rest == 0 or rest >= MINIMUM, code
        for _, part in frame.groupby("item"):
            answered = part.groupby("subject")["of"].first()
            rest = int(answered[ALL_GROUPS] - answered.drop(ALL_GROUPS).sum())
            assert rest == 0 or rest >= MINIMUM
    needs = found.table
    assert (needs["of"] - needs["n"] >= MINIMUM).all()


@settings(max_examples=25, deadline=None)
@given(ANSWERS, st.randoms(use_true_random=False))
def test_the_order_of_the_rows_does_not_matter(drawn, random) -> None:  # type: ignore[no-untyped-def]
    answers = made(several(drawn))
    order = list(range(len(answers.respondents)))
    random.shuffle(order)
    shuffled = Answers(
        answers.wave,
        answers.respondents.iloc[order],
        {"resident": answers.codes["resident"].iloc[order]},
        {"resident": answers.states["resident"].iloc[order]},
    )
    one, other = needs_of(answers, 4), needs_of(shuffled, 4)
    pd.testing.assert_frame_equal(one.table, other.table, check_exact=True)
    pd.testing.assert_frame_equal(one.themes, other.themes, check_exact=True)


def test_nothing_that_was_written_leaves() -> None:
    secret = "停车的事请找三号楼的老王"
    found = needs_of(made([(0, "key", "1", secret)] * 30), 1)
    text = found.themes.to_csv() + found.table.to_csv()
    assert "老王" not in text
    assert line(found.themes, "s0", "parking")["n"] == 30
