from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.answers import behaviour
from evalkit.answers.behaviour import FLAGS, combined, excess, flag, without
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, State
from tests.answers import street
from tests.deciding import decided

HALF_MINUTE = 25.0


def flags_of(answers: Answers, seed: int = 1) -> behaviour.Flags:
    scheme, questionnaires = street.documents()
    return flag(answers, decided(scheme, questionnaires), seed=seed)


def scored(form: str = "resident") -> list[str]:
    _, questionnaires = street.documents()
    return [item.id for item in questionnaires[form].of_role("scored")]


def varied_rows(answers: Answers, subject: str) -> list[str]:
    """Respondents of a committee whose answers differ enough to be told from one another."""
    codes = answers.codes["resident"]
    own = answers.respondents.index[answers.respondents["subject"] == subject]
    different = codes.loc[own, scored()].apply(
        lambda row: row.value_counts(normalize=True).max(), 1
    )
    return [str(name) for name in different.index[different < 0.6]]


def stuffed(answers: Answers, subject: str, share: float, *, changed: int, seed: int) -> tuple:
    """Replace a share of a committee's answers by copies of one of them, a few items changed."""
    rng = np.random.Generator(np.random.PCG64(seed))
    own = answers.respondents.index[answers.respondents["subject"] == subject]
    template = varied_rows(answers, subject)[0]
    others = [name for name in own if name != template]
    copies = list(rng.choice(others, int(share * len(own)), replace=False))
    codes, states = answers.codes["resident"].copy(), answers.states["resident"].copy()
    for name in copies:
        codes.loc[name] = codes.loc[template]
        states.loc[name] = states.loc[template]
        for item in rng.choice(scored(), changed, replace=False):
            codes.loc[name, item], states.loc[name, item] = "1", State.ANSWERED.value
    return replace(answers, codes={"resident": codes}, states={"resident": states}), copies


@pytest.mark.parametrize("seed", [11, 13])
def test_an_honest_street_is_not_accused(seed: int) -> None:
    answers = street.honest(seed)
    flags = flags_of(answers)
    # honest haste (2% of people) meets honest straight lines (25%); chance copies come on top
    assert flags.any.mean() < 0.02
    assert flags.table["near_duplicate"].mean() < 0.01
    assert not flags.table["duplicate"].any()
    assert flags.table["uniform"].mean() > 0.1
    assert not excess(flags, answers)["excess"].any()


@pytest.mark.parametrize("changed", [0, 3])
def test_stuffed_copies_are_found_and_their_committee_stands_out(changed: int) -> None:
    found, accused = [], []
    for seed in (11, 12):
        answers, copies = stuffed(street.honest(seed), "cs11", 0.15, changed=changed, seed=seed)
        flags = flags_of(answers)
        found.append(flags.any[copies].mean())
        table = excess(flags, answers).set_index("subject")
        accused.append(bool(table.loc["cs11", "excess"]))
        assert not table.drop("cs11")["excess"].any()
    assert np.mean(found) > 0.8
    assert all(accused)


def test_a_batch_clicked_through_on_one_telephone_is_found() -> None:
    honest = street.honest(11)
    own = honest.respondents.index[honest.respondents["subject"] == "cs20"][:8]
    respondents = honest.respondents.copy()
    respondents.loc[own, "seconds"] = HALF_MINUTE * 4
    respondents.loc[own, "device"] = "d-one"
    times = pd.Timestamp("2016-12-01 10:00") + pd.to_timedelta(np.arange(8) * 7, unit="s")
    respondents.loc[own, "submitted"] = [str(time) for time in times]
    answers = replace(honest, respondents=respondents)
    flags = flags_of(answers)
    assert flags.table.loc[own, ["hurried", "burst", "shared_device"]].all(axis=None)
    assert not flags.table.loc[own, "too_fast"].any()
    assert flags.any[own].all()
    table = excess(flags, answers).set_index("subject")
    assert table.index[table["excess"]].tolist() == ["cs20"]


def test_a_meeting_on_one_network_is_recorded_and_not_counted() -> None:
    honest = street.honest(11)
    own = honest.respondents.index[honest.respondents["subject"] == "cs20"]
    respondents = honest.respondents.copy()
    respondents.loc[own, "seconds"] = street.USUAL_SECONDS
    respondents.loc[own, "device"] = "d-office"
    respondents.loc[own, "submitted"] = "2016-12-01 10:00:00"
    before = flags_of(honest)
    flags = flags_of(replace(honest, respondents=respondents))
    assert flags.table.loc[own, ["burst", "shared_device"]].all(axis=None)
    assert flags.any[own].sum() <= before.any[own].sum()


def test_the_rule() -> None:
    def flagged(*names: str) -> bool:
        return bool(combined(pd.DataFrame([{name: name in names for name in FLAGS}])).item())

    for alone in ("straight_line", "uniform", "odd", "hurried", "burst", "shared_device"):
        assert not flagged(alone)
    assert not flagged("straight_line", "uniform", "odd", "burst", "shared_device")
    assert not flagged("hurried", "burst")
    assert not flagged("hurried", "shared_device")
    for alone in ("duplicate", "near_duplicate", "too_fast"):
        assert flagged(alone)
    for other in ("straight_line", "uniform", "odd"):
        assert flagged("hurried", other)
    assert flagged("hurried", "burst", "shared_device")


def small(codes: list[tuple[str, str, str]], **columns: object) -> behaviour.Flags:
    scheme, questionnaires = street.small()
    n = len(codes)
    r1, r2, r3 = (list(column) for column in zip(*codes, strict=True))
    answers = street.answers(
        "2016",
        questionnaires["resident"],
        {"r1": r1, "r2": r2, "r3": r3},
        group=["key"] * n,
        subject=["甲"] * n,
        **columns,  # type: ignore[arg-type]
    )
    return flag(answers, decided(scheme, questionnaires), seed=0)


def test_small_answers_by_hand() -> None:
    flags = small(
        [("1", "1", "1"), ("1", "2", "3"), ("1", "2", "3"), ("4", "4", "4"), ("3", "1", "")],
        seconds=[12, 5.9, 40, 20, 19],
        submitted=["2016-11-14 08:00:00", "2016-11-14 08:00:20", "2016-11-14 08:00:29", "", "x"],
        device=["d1", "d1", "d1", "", ""],
    )
    table, evidence = flags.table, flags.evidence
    # 不了解 three times over is a run on the form, though it has no score; a line of three is none
    assert evidence["longstring"].tolist() == [3, 1, 1, 3, 1]
    assert not table[["straight_line", "uniform", "odd"]].any(axis=None)
    assert evidence["irv"].fillna(-1).tolist() == pytest.approx([0, 50, 50, -1, np.sqrt(5000)])
    assert evidence["copies"].tolist() == [1, 2, 2, 1, 1]
    assert not table["duplicate"].any(), "of three answers, chance makes copies"
    assert evidence["by_chance"].tolist() == [False, True, True, False, False]
    # three items were asked: two seconds an item are 6; the median of 19 halves to 9.5
    assert table["too_fast"].tolist() == [False, True, False, False, False]
    assert table["hurried"].tolist() == [False, True, False, False, False]
    assert evidence["in_minute"].tolist() == [3, 3, 3, 0, 0]
    assert evidence["on_device"].tolist() == [3, 3, 3, 0, 0]
    assert flags.any.tolist() == [False, True, False, False, False]
    assert {note.code: note.count for note in flags.notes} == {
        "flagged_answers": 1,
        "unknown_device": 2,
        "lines_of_few_items": 5,
        "copies_by_chance": 2,
    }


def test_days_without_hours_are_no_bursts() -> None:
    flags = small([("1", "2", "3")] * 2 + [("3", "2", "1")] * 2, submitted=["2016/11/14"] * 4)
    assert flags.evidence["in_minute"].tolist() == [0, 0, 0, 0]
    # of two files, one with days and one with seconds, the days are no batch at midnight either
    times = ["2016-11-14"] * 3 + ["2016-11-14 08:00:01"]
    flags = small([("1", "2", "3")] * 2 + [("3", "2", "1")] * 2, submitted=times)
    assert flags.evidence["in_minute"].tolist() == [0, 0, 0, 1]


def test_unknown_times_flag_nobody_and_are_noted() -> None:
    flags = small([("1", "2", "3"), ("2", "2", "3")])
    assert not flags.table[["too_fast", "hurried", "burst"]].any(axis=None)
    assert {note.code for note in flags.notes} == {"unknown_duration", "lines_of_few_items"}
    assert all("2 份" in said(note) for note in flags.notes)


def test_identical_answers_of_everybody_are_no_crash() -> None:
    flags = small([("1", "1", "1")] * 6)
    assert flags.evidence["distance_p"].isna().all()
    assert not flags.any.any()


def test_nobody_to_look_at() -> None:
    scheme, questionnaires = street.small()
    answers = street.answers(
        "2016", questionnaires["resident"], {"r1": ["1"]}, group=["other"], subject=["甲"]
    )
    flags = flag(answers, decided(scheme, questionnaires), seed=0)
    assert flags.table.empty
    assert excess(flags, answers).empty
    assert flags.notes == ()
    assert len(without(answers, flags).respondents) == 1


def test_without_leaves_out_exactly_the_flagged() -> None:
    answers = street.honest(11)
    flags = flags_of(answers)
    rest = without(answers, flags)
    gone = set(answers.respondents.index) - set(rest.respondents.index)
    assert gone == set(flags.any.index[flags.any])
    assert gone
    assert len(answers.respondents) == len(flags.table)
    pd.testing.assert_index_equal(rest.codes["resident"].index, rest.respondents.index)
    pd.testing.assert_index_equal(rest.states["resident"].index, rest.respondents.index)


def test_rates_add_up_and_rows_may_come_in_any_order() -> None:
    answers = street.honest(11)
    flags = flags_of(answers)
    table = excess(flags, answers)
    assert table["flagged"].sum() == flags.any.sum()
    assert table["n"].sum() == len(flags.table)
    assert table["street_rate"].unique().item() == pytest.approx(flags.any.mean())
    shuffled = answers.respondents.sample(frac=1.0, random_state=3)
    other = replace(
        answers,
        respondents=shuffled,
        codes={"resident": answers.codes["resident"].loc[shuffled.index]},
        states={"resident": answers.states["resident"].loc[shuffled.index]},
    )
    columns = [name for name in FLAGS if name != "near_duplicate"]  # its reference is drawn anew
    pd.testing.assert_frame_equal(
        flags_of(other).table.loc[flags.table.index, columns], flags.table[columns]
    )


def test_the_same_seed_gives_the_same_flags() -> None:
    answers = street.honest(13)
    pd.testing.assert_frame_equal(flags_of(answers, 5).evidence, flags_of(answers, 5).evidence)
