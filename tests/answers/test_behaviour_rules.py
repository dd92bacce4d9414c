"""Every limit of the flags, one answer to either side of it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest
from scipy import stats

from evalkit.answers import behaviour
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, State
from tests.answers import street
from tests.deciding import decided

ITEMS = [f"i{at}" for at in range(10)]


def documents() -> tuple[Scheme, dict[str, Questionnaire]]:
    """One group of residents, one indicator of ten items, five options each."""
    options = [{"code": str(at), "label": f"第{at}档", "score": 100 - 25 * at} for at in range(5)]
    form = Questionnaire.model_validate(
        {
            "id": "resident",
            "title": "问卷",
            "scales": {"s": options},
            "items": [
                {"id": "where", "text": "居民区", "role": "subject"},
                *({"id": item, "text": f"第{item}问", "scale": "s"} for item in ITEMS),
            ],
        }
    )
    plain = street.small()[0].model_dump()
    group = plain["groups"][0] | {"weight": 100.0}
    indicator = {"code": "A1", "name": "甲", "weight": 100.0, "items": {"resident": ITEMS}}
    dimension = {"code": "A", "name": "甲", "weight": 100.0, "indicators": [indicator]}
    scheme = Scheme.model_validate(plain | {"groups": [group], "dimensions": [dimension]})
    return scheme, {"resident": form}


def answers(lines: Sequence[str], **columns: Sequence[object]) -> Answers:
    """One respondent a line, one option a character, ``_`` for an empty cell."""
    codes = {
        item: ["" if line[at] == "_" else line[at] for line in lines]
        for at, item in enumerate(ITEMS)
    }
    subject = columns.pop("subject", ["甲"] * len(lines))
    group = columns.pop("group", ["key"] * len(lines))
    return street.answers(
        "2016",
        documents()[1]["resident"],
        codes,
        group=group,
        subject=subject,
        **columns,  # type: ignore[arg-type]
    )


def flags(lines: Sequence[str], **columns: Sequence[object]) -> behaviour.Flags:
    return behaviour.flag(answers(lines, **columns), decided(*documents()), seed=0)


def varied(n: int, seed: int = 1) -> list[str]:
    """Lines in which no option has more than four of ten places."""
    rng = np.random.Generator(np.random.PCG64(seed))
    return ["".join(rng.permutation(list("0011223344"))) for _ in range(n)]


def test_nine_of_ten_in_a_row_are_a_line_and_eight_are_not() -> None:
    found = flags(["0000000001", "0000000011", "1000000001", "4444444440", "0000_00001"])
    # the last one answered nine, and its longest run is of four
    assert found.evidence["longstring"].tolist() == [9, 8, 8, 9, 4]
    assert found.table["straight_line"].tolist() == [True, False, False, True, False]


def test_eight_of_nine_answered_are_no_line() -> None:
    """8 / 9 = .89 is below nine tenths."""
    found = flags(["00000000_1", "_000000001"])
    assert found.evidence["longstring"].tolist() == [8, 8]
    assert not found.table["straight_line"].any()


def test_nine_of_nine_answered_are_a_line_and_one_answer_is_none() -> None:
    found = flags(["000000000_", "0_________", "00________"])
    assert found.table["straight_line"].tolist() == [True, False, False]
    # one answer does not vary, and cannot
    assert found.table["uniform"].tolist() == [True, False, False]


def test_six_answers_are_a_line_and_five_are_none() -> None:
    found = flags(["000000____", "00000_____", *varied(4)])
    assert found.table["straight_line"].tolist() == [True, False, *[False] * 4]
    assert found.table["uniform"].tolist() == [True, False, *[False] * 4]
    note = next(note for note in found.notes if note.code == "lines_of_few_items")
    assert (note.count, "1 份" in said(note)) == (1, True)


def test_copies_of_a_few_answers_are_chance_and_of_many_are_none() -> None:
    """Ten different contents and one copy, every option with a fifth of each question.

    Chance makes 10 x 0.2**5 = 0.0032 equals of five answers, 10 x 0.2**6 = 0.00064 of six.
    """
    lines = [
        "".join(str((at + (2 if at >= 5 else 1) * i) % 5) for i in range(10)) for at in range(10)
    ]
    for asked, copied in ((5, False), (6, True)):
        short = [line[:asked] + "_" * (10 - asked) for line in lines]
        found = flags([*short, short[3]])
        assert found.evidence["copies"].tolist() == [1, 1, 1, 2, *[1] * 6, 2]
        assert found.table["duplicate"].tolist() == [at in (3, 10) and copied for at in range(11)]
        assert found.evidence["by_chance"].any() != copied


def test_what_four_fifths_share_can_still_be_copied() -> None:
    """Eight of ten alike: two of them are copies. Nine of ten: contented people."""
    found = flags(["0000000012"] * 2 + ["3333333334"] * 2 + varied(6))
    assert found.evidence["copies"].tolist()[:4] == [2, 2, 2, 2]
    assert found.table["duplicate"].tolist()[:4] == [True, True, False, False]
    assert found.table["duplicate"].sum() == 2
    assert found.any[:4].tolist() == [True, True, False, False]


def test_copies_are_found_in_other_committees_too() -> None:
    lines = varied(8)
    found = flags([*lines, lines[0]], subject=["甲"] * 8 + ["乙"])
    assert found.table["duplicate"].tolist() == [True, *[False] * 7, True]


def test_almost_copies_are_found_within_the_committee_alone() -> None:
    """Nine of ten items alike, where shuffled answers of the committee share six or so."""
    lines = varied(30)
    close = lines[0][:-1] + str((int(lines[0][-1]) + 1) % 5)
    same = flags([*lines, close])
    assert same.table["near_duplicate"].tolist() == [True, *[False] * 29, True]
    assert same.evidence["match_share"].iloc[30] == pytest.approx(0.9)
    # the least of 100 shuffled tables and itself: 1 / 101
    assert same.evidence["match_p"].iloc[30] == pytest.approx(1 / 101)
    assert not same.table["duplicate"].any()
    apart = flags([*lines, close], subject=["甲"] * 30 + ["乙"])
    assert not apart.table["near_duplicate"].any()


def test_two_seconds_an_item_are_enough() -> None:
    """Ten items were asked: 20 seconds are enough, 19.9 are not. Half of the median 100 is 50."""
    seconds = [20.0, 19.9, 50.0, 49.9, 100.0, 100.0, 100.0, 400.0, 400.0]
    found = flags(varied(9), seconds=seconds)
    assert found.table["too_fast"].tolist() == [False, True, *[False] * 7]
    assert found.table["hurried"].tolist() == [True, True, False, True, *[False] * 5]
    assert found.evidence["seconds_per_item"].tolist() == pytest.approx([s / 10 for s in seconds])
    assert found.any.tolist() == [False, True, *[False] * 7], "haste alone accuses nobody"


def test_items_that_nobody_was_asked_take_no_time() -> None:
    """Five of ten items are not in the file: 10 seconds for the others are enough."""
    given = answers(["01234_____", "43210_____", "02413_____"], seconds=[10.0, 9.9, 400.0])
    states = given.states["resident"].copy()
    states[ITEMS[5:]] = State.NOT_ASKED.value
    asked = Answers(given.wave, given.respondents, given.codes, {"resident": states})
    found = behaviour.flag(asked, decided(*documents()), seed=0)
    assert found.table["too_fast"].tolist() == [False, True, False]


def test_three_in_a_minute_or_from_one_address_are_a_batch_and_two_are_not() -> None:
    times = ["10:00:00", "10:00:30", "10:01:00", "11:00:00", "11:00:31", "12:00:00", "12:00:10"]
    found = flags(
        varied(7),
        submitted=[f"2016-06-01 {time}" for time in times],
        device=["p", "p", "p", "q", "q", "", ""],
        subject=["甲"] * 6 + ["乙"],
    )
    # the second of the three sees both others within half a minute, they see but one
    assert found.evidence["in_minute"].tolist() == [2, 3, 2, 1, 1, 1, 1]
    assert found.table["burst"].tolist() == [False, True, *[False] * 5]
    assert found.evidence["on_device"].tolist() == [3, 3, 3, 2, 2, 0, 0]
    assert found.table["shared_device"].tolist() == [True] * 3 + [False] * 4


def test_an_address_counts_by_committee() -> None:
    found = flags(varied(4), device=["p"] * 4, subject=["甲", "甲", "甲", "乙"])
    assert found.evidence["on_device"].tolist() == [3, 3, 3, 1]


def test_one_in_twenty_is_called_odd() -> None:
    """39 answers that agree in everything but one item at a time, and two that agree in nothing."""
    lines = ["".join("1" if at == place % 10 else "0" for at in range(10)) for place in range(38)]
    found = flags([*lines, "0404040404", "4040404040"])
    assert found.table["odd"].tolist() == [False] * 38 + [True, True]


def test_only_residents_are_looked_at() -> None:
    found = flags(varied(4), group=["key", "other", "key", "other"])
    assert found.table.index.tolist() == ["a.xlsx#2", "a.xlsx#4"]


COMMITTEES = [f"s{at:02}" for at in range(20)]
CONTENTED = "0" * 10


def test_rates_of_committees_are_set_against_the_streets() -> None:
    """Twenty committees of twenty; eight answers of the first took no time, one of every other.

    The others scatter less than chance, so that the tail is binomial around 27 in 400. Twenty
    committees were looked at: the least p counts twenty times.
    """
    subjects = [name for name in COMMITTEES for _ in range(20)]
    fast = [at < 8 or (at >= 20 and at % 20 == 0) for at in range(400)]
    given = answers(
        [CONTENTED] * 400, subject=subjects, seconds=[5.0 if f else 200.0 for f in fast]
    )
    found = behaviour.flag(given, decided(*documents()), seed=0)
    assert found.any.tolist() == fast
    table = behaviour.excess(found, given).set_index("subject")
    assert table.index.tolist() == COMMITTEES
    assert (table["n"] == 20).all()
    assert table["flagged"].tolist() == [8, *[1] * 19]
    assert table["rate"].tolist() == pytest.approx([0.4, *[0.05] * 19])
    np.testing.assert_allclose(table["street_rate"], 27 / 400, rtol=1e-12)
    assert table.loc["s00", "p"] == pytest.approx(stats.binom.sf(7, 20, 27 / 400), rel=1e-9)
    assert table.loc["s01", "p"] == pytest.approx(1.0 - (1.0 - 27 / 400) ** 20, rel=1e-9)
    assert table["excess"].tolist() == [True, *[False] * 19]


def test_copies_come_in_twos_and_count_for_less() -> None:
    """Eight copies of the first committee's twenty are four pairs: 8 of 400 in the street.

    What comes in pairs scatters twice as much: a correlation of 1 / 19 within the committee, which
    is a beta-binomial distribution with 1 / (1 / 19) - 1 = 18 answers' worth of spread.
    """
    pairs = [line for line in varied(4, seed=3) for _ in range(2)]
    subjects = [name for name in COMMITTEES for _ in range(20)]
    lines = [*pairs, *[CONTENTED] * 392]
    given = answers(lines, subject=subjects)
    found = behaviour.flag(given, decided(*documents()), seed=0)
    assert found.table["duplicate"].sum() == found.any.sum() == 8
    table = behaviour.excess(found, given).set_index("subject")
    by_hand = stats.betabinom.sf(7, 20, 0.02 * 18, 0.98 * 18)
    assert table.loc["s00", "p"] == pytest.approx(by_hand, rel=1e-9)
    assert by_hand > 100 * stats.binom.sf(7, 20, 0.02)


def test_no_flags_no_excess() -> None:
    given = answers([CONTENTED] * 40, subject=[name for name in COMMITTEES for _ in range(2)])
    table = behaviour.excess(behaviour.flag(given, decided(*documents()), seed=0), given)
    assert table["flagged"].sum() == 0
    assert (table["p"] == 1.0).all()
    assert not table["excess"].any()


def test_who_told_no_time_is_in_no_hurry_and_takes_nobody_elses_median_away() -> None:
    """The median of 40, 100 and 400 is 100: 49.9 would be below half of it, 50 would not."""
    nobody = flags(varied(2), seconds=[np.nan, np.nan])
    assert not nobody.table[["hurried", "too_fast"]].any(axis=None)
    some = flags(varied(4), seconds=[np.nan, 40.0, 100.0, 400.0])
    assert some.table["hurried"].tolist() == [False, True, False, False]
    assert not some.table["too_fast"].any()


PLACES = {"1": None, "2": None, "3": None, "dont_know": "_", "refused": "_", "not_applicable": "_"}


@pytest.mark.parametrize("other", PLACES)
@pytest.mark.parametrize("one", PLACES)
def test_every_option_and_every_way_of_not_answering_is_a_place_of_its_own(
    one: str, other: str
) -> None:
    """Five of the one, then five of the other: a line of ten only where both are the same."""
    line = "".join(PLACES[place] or place for place in [one] * 5 + [other] * 5)
    given = answers([line, *varied(1)])
    states = given.states["resident"].copy()
    for items, place in ((ITEMS[:5], one), (ITEMS[5:], other)):
        if PLACES[place]:
            states.loc[states.index[0], items] = place
    made = Answers(given.wave, given.respondents, given.codes, {"resident": states})
    found = behaviour.flag(made, decided(*documents()), seed=0)
    assert found.evidence["longstring"].iloc[0] == (10 if one == other else 5)


def test_where_nothing_can_be_looked_at_nobody_is_flagged_and_no_sign_is_missed() -> None:
    found = flags(["_" * 10] * 3, device=["", "p", "q"])
    assert not found.table.any(axis=None)
    assert [(str(note.code), note.count) for note in found.notes] == [
        ("unknown_duration", 3), ("unknown_device", 1),
    ]  # fmt: skip
