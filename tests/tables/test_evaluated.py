"""What an evaluation of three waves answers when asked for one of them, or for all."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.codes import Reason
from evalkit.console.telling import incomplete
from evalkit.errors import UnknownId
from evalkit.tables import Answers, Evaluation
from evalkit.tables.records import BALANCE, LedgerReport, LeftOut, accounts
from evalkit.tables.registry import REGISTRY, published
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def two() -> Evaluation:
    return made_up(Street(count=8, assured=False, needs=False))


@pytest.fixture(scope="module")
def three(two: Evaluation) -> Evaluation:
    before = two.waves["2015"]
    scores = replace(before.scores, table=before.scores.table.assign(wave="2014"))
    changes = two.waves["2016"].changes
    assert changes is not None
    middle = replace(before, changes=replace(changes, table=changes.table.assign(to_wave="2015")))
    first = replace(before, scores=scores, changes=None)
    return replace(two, waves={"2014": first, "2015": middle, "2016": two.waves["2016"]})


def test_the_wave_before_is_the_one_next_to_the_current(two: Evaluation, three: Evaluation) -> None:
    assert three.previous is three.waves["2015"]
    assert three.current is three.waves["2016"]
    assert two.previous is two.waves["2015"]
    alone = replace(two, wave="2015", waves={"2015": two.waves["2015"]})
    assert alone.previous is None


def test_frames_of_all_waves_stand_earliest_first_and_are_numbered_through(
    two: Evaluation, three: Evaluation
) -> None:
    k = len(two.current.scores.table)
    assert three.scores["wave"].tolist() == ["2014"] * k + ["2015"] * k + ["2016"] * k
    assert three.scores.index.tolist() == list(range(3 * k))
    n = len(two.changes)
    assert three.changes["to_wave"].tolist() == ["2015"] * n + ["2016"] * n
    alone = replace(two, wave="2015", waves={"2015": two.waves["2015"]})
    assert list(alone.changes) == list(two.changes)
    assert len(alone.changes) == 0 < n


def test_what_nobody_knows_by_that_name_is_told(two: Evaluation) -> None:
    code = two.scheme.indicators[0].code
    lines = two.indicator(code)
    assert set(lines["code"]) == {code}
    assert list(lines) == list(two.indicators)
    assert set(lines["wave"]) == {"2015", "2016"}
    assert lines.index.tolist() == list(range(len(lines)))
    for ask in (
        lambda: two.indicator("no such"),
        lambda: two.diagnosis("no such"),
        lambda: two.waves["1999"],
    ):
        with pytest.raises(UnknownId):
            ask()


def test_where_every_committee_has_a_score_none_is_told_to_lack_one(two: Evaluation) -> None:
    current = two.current
    assert current.scores.incomplete == ()
    assert list(incomplete(current.scores, current.cells, two.decided)) == []


def test_profiles_of_all_committees_are_one_frame(two: Evaluation) -> None:
    (profiles,) = (each for each in REGISTRY if each.name == "profiles")
    found = profiles.of(two)
    with_lines = [s for s, diagnosis in two.diagnoses.items() if len(diagnosis.profile)]
    assert list(dict.fromkeys(found["subject"])) == with_lines
    assert found.index.tolist() == list(range(len(found)))
    assert set(found["wave"]) == {two.wave}
    nobody = {s: replace(d, profile=d.profile[:0]) for s, d in two.diagnoses.items()}
    assert len(profiles.of(replace(two, diagnoses=nobody))) == 0


def test_a_street_publishes_what_is_everybody_s(two: Evaluation) -> None:
    names = [each.name for each in published(two)]
    assert names == [each.name for each in REGISTRY if each.whose == "all"]
    assert {each.name: each.whose for each in REGISTRY if each.whose != "all"} == {
        "tracks": "tracks", "track_grades": "tracks",
        "persons": "persons", "raters": "persons", "quotas": "persons",
    }  # fmt: skip


def test_every_row_of_a_ledger_is_accounted_for() -> None:
    left = (
        LeftOut("rejected", Reason.UNMATCHED_SUBJECT, 2),
        LeftOut("rejected", Reason.NO_SUBJECT, 3),
        LeftOut("excluded", "测试单", 5),
        LeftOut("duplicates", Reason.DUPLICATE, 7),
    )
    balance = dict(zip(BALANCE, (11, 13, 17, 19, 23), strict=True))
    told = LedgerReport("f.csv", "2016", "hotline", "0", 117, 100, left, balance)
    bare = LedgerReport("g.csv", "2016", "visits", "1", 4, 4, ())
    table = accounts([told, bare])
    assert table.iloc[0].to_dict() == {
        "wave": "2016", "ledger": "hotline", "file": "f.csv", "read": 117, "kept": 100,
        "excluded": 5, "duplicates": 7, "rejected": 5, "unmatched": 2, "unattributed": 3, **balance,
    }  # fmt: skip
    assert table.loc[1, ["excluded", "duplicates", "rejected", "unmatched"]].tolist() == [0] * 4
    assert table.loc[1, list(BALANCE)].isna().all()
    assert str(table["read"].dtype) == "int64"
    assert pd.api.types.is_integer_dtype(table["open"])


def test_answers_of_some_groups_have_the_questionnaires_that_these_were_asked() -> None:
    """Two residents and an office: of the residents alone the office's questionnaire is gone."""
    people = pd.DataFrame(
        {"group": ["key", "office", "key"]}, index=pd.Index(["a", "b", "c"], name="respondent")
    )
    codes = {
        "resident": pd.DataFrame({"r1": ["1", "2"]}, index=["a", "c"]),
        "office": pd.DataFrame({"o1": ["3"]}, index=["b"]),
    }
    told = Answers("2016", people, codes, codes, {"a": "x", "b": "y"}, {"c": "paper", "b": "web"})
    own = told.of_groups({"key"})
    assert list(own.respondents.index) == ["a", "c"]
    assert list(own.codes) == list(own.states) == ["resident"]
    assert own.codes["resident"]["r1"].tolist() == ["1", "2"]
    assert (own.who, own.modes) == ({"a": "x"}, {"c": "paper"})
    assert list(told.of_groups({"office"}).codes) == ["office"]
    assert told.of_groups({"nobody"}).codes == {}
