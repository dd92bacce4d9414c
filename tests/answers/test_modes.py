"""How residents answered: counted without small cells, compared within committees, and noted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import stats

from evalkit.answers.modes import by_mode, notes
from evalkit.definitions.decided import Decided
from evalkit.definitions.roster import Roster, Subject
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers
from tests.answers import cells as small
from tests.deciding import decided

COMMITTEES = [f"s{place}" for place in range(8)]
OPTION = {100: "1", 50: "2", 0: "3"}


def known() -> Decided:
    form = small.form()
    roster = Roster(subjects=[Subject(id=s, name=f"{s}居民区") for s in COMMITTEES])
    return decided(small.scheme(), {form.id: form}, roster)


def asked(
    paper: int, online: int, telephone: int = 0, unsaid: int = 0, *, wave: str = "2016"
) -> Answers:
    """So many of each mode in every committee; who is online is more content."""
    rng = np.random.default_rng(paper + online)
    rows, modes = [], []
    for place, subject in enumerate(COMMITTEES):
        for mode, n in (
            ("paper", paper), ("online", online), ("telephone", telephone if not place else 0),
            ("", unsaid if not place else 0),
        ):  # fmt: skip
            for _ in range(n):
                better = 0.3 * (mode == "online")
                x = int(rng.choice([100, 50, 0], p=[0.4 + better, 0.4 - better, 0.2]))
                codes = {**dict.fromkeys("abc", OPTION[x]), "t": str(5 + x // 10), "all": "1"}
                rows.append((subject, "", codes))
                modes.append(mode)
    made = small.answers(*rows, wave=wave)
    told = {name: mode for name, mode in zip(made.respondents.index, modes, strict=True) if mode}
    return replace(made, modes=told)


def test_modes_are_counted_and_compared_within_committees() -> None:
    answers = asked(6, 9)
    table = by_mode(answers, known()).set_index("mode")
    assert table["n"].to_dict() == {"paper": 48, "online": 72}
    assert table["of"].tolist() == [120, 120]
    assert table["share"].tolist() == [0.4, 0.6]
    scores = answers.codes["q"]["a"].map({"1": 100.0, "2": 50.0, "3": 0.0}).to_numpy()
    mode = np.array(list(answers.modes.values()))
    apart = [
        scores[own & (mode == "paper")].mean() - scores[own & (mode == "online")].mean()
        for own in (answers.respondents["subject"] == s for s in COMMITTEES)
    ]
    row = table.loc["paper"]
    assert (row["against"], row["committees"]) == ("online", 8)
    assert row["difference"] == pytest.approx(np.mean(apart))
    se = np.std(apart, ddof=1) / np.sqrt(8)
    assert row["se"] == pytest.approx(se)
    assert row["high"] - row["low"] == pytest.approx(2 * stats.t.ppf(0.975, 7) * se)
    assert np.isnan(table.loc["online", "difference"])


def test_few_answers_of_a_mode_are_told_of_nobody_and_not_to_be_had_by_subtraction() -> None:
    table = by_mode(asked(6, 9, telephone=4), known()).set_index("mode")
    assert table["n"].isna().to_dict() == {"paper": True, "online": False, "telephone": True}
    assert table["difference"].isna().all()
    both = by_mode(asked(6, 9, telephone=9, unsaid=11), known()).set_index("mode")
    assert list(both.index) == ["paper", "online", "telephone", "unsaid"]
    assert np.isnan(both.loc["telephone", "share"])


def test_where_few_committees_have_both_modes_nothing_is_compared() -> None:
    answers = asked(6, 9)
    paper = answers.respondents["subject"].isin(COMMITTEES[:3])
    modes = {n: m if not paper[n] else "paper" for n, m in answers.modes.items()}
    table = by_mode(replace(answers, modes=modes), known())
    assert table["n"].notna().all()
    assert table["difference"].isna().all()


def test_only_residents_are_asked_how_they_answered() -> None:
    """Twenty online of one group of residents; twelve offices on paper are in no number."""
    codes = {**dict.fromkeys("abc", "1"), "t": "15", "all": "1"}
    rows = [("s0", "key", codes)] * 20 + [("s0", "office", codes)] * 12
    made = small.answers(*rows, raters=[""] * 20 + [f"r{at}" for at in range(12)])
    modes = {
        str(n): "online" if at < 20 else "paper" for at, n in enumerate(made.respondents.index)
    }
    (row,) = by_mode(replace(made, modes=modes), known()).to_dict("records")
    assert (row["group"], row["mode"], row["n"], row["of"], row["share"]) == (
        "key", "online", 20, 20, 1.0,
    )  # fmt: skip


def test_without_modes_there_is_nothing() -> None:
    assert by_mode(replace(asked(6, 9), modes={}), known()).empty
    assert by_mode(None, known()).empty


def test_a_mix_that_changed_between_waves_is_noted_with_both_shares() -> None:
    before, after = asked(12, 6, wave="2015"), asked(6, 12)
    (note,) = notes({"2015": before, "2016": after}, known())
    assert (note.code, note.where) == ("modes_shifted", "2015-2016")
    assert (note.facts["mode"], note.facts["before"]) == ("paper", pytest.approx(2 / 3))
    assert "纸质填答的比例由 67% 变为 33%" in said(note)
    assert not list(notes({"2015": asked(12, 11, wave="2015"), "2016": asked(11, 12)}, known()))
    assert not list(notes({"2016": after}, known()))
    (whole,) = notes({"2015": asked(12, 0, wave="2015"), "2016": asked(0, 12)}, known())
    assert (whole.facts["before"], whole.facts["after"]) == (1.0, 0.0)


def test_a_mix_of_which_a_part_is_too_small_to_tell_is_not_told_by_the_note() -> None:
    few = asked(6, 9, telephone=4, wave="2015")
    (note,) = notes({"2015": few, "2016": asked(12, 3)}, known())
    assert note.facts["mode"] == "online"
    unsaid = asked(6, 9, unsaid=3, wave="2015")
    assert not list(notes({"2015": unsaid, "2016": asked(12, 3)}, known()))
