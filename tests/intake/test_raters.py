"""Who rates: numbered and never named, one rater under all names, nobody rating themselves."""

from __future__ import annotations

import re

import pytest

from tests.intake import exported as files


def peers(
    *rows: tuple[str, str], group: str = "peer", file: str = "a.csv", **more: object
) -> files.Source:
    """A file of (rater, committee rated)."""
    cells = [
        files.answer("peer", at, 您的单位=rater, 评价的居民区=subject)
        for at, (rater, subject) in enumerate(rows, start=1)
    ]
    return files.source("peer", cells, group=group, file=file, **more)


def test_raters_are_numbered_in_the_order_in_which_they_come() -> None:
    found = files.imported(
        peers(("服务办", "甲"), ("党建办", "甲"), ("服务办", "乙"), group="office")
    )
    assert found.column("rater") == ["r1", "r2", "r1"]
    assert "unit" not in found.answers.codes["peer"]
    assert "unit" not in found.answers.states["peer"]
    assert "服务办" not in found.answers.respondents.to_csv()


def test_one_rater_in_two_files_is_one() -> None:
    found = files.imported(
        peers(("服务办", "甲"), ("党建办", "乙"), group="office"),
        peers(("党建办", "甲"), ("平安办", "甲"), group="office", file="b.csv"),
    )
    assert found.column("rater") == ["r1", "r2", "r2", "r3"]


@pytest.mark.parametrize("alias", ["老甲", "甲社区", "甲居委会", "JIA", " 甲 "])
def test_a_committee_that_rates_under_two_names_is_one_rater(alias: str) -> None:
    found = files.imported(peers(("甲居民区", "乙居民区"), (alias, "乙居民区")))
    assert found.column("rater") == ["r1", "r1"]


@pytest.mark.parametrize("name", ["甲居民区", "老甲", "甲社区", "jia"])
def test_a_committee_does_not_rate_itself_under_any_name(name: str) -> None:
    found = files.imported(peers((name, "甲居委会"), (name, "乙居民区"), ("乙", "甲")))
    assert found.reasons == {2: "self_rating"}
    assert found.column("subject") == ["yi", "jia"]


def test_a_group_that_may_rate_itself_does() -> None:
    found = files.imported(peers(("甲居民区", "甲居民区"), ("乙", "甲"), group="office"))
    assert found.reasons == {}
    assert found.column("rater") == ["r1", "r2"]


def test_an_office_that_is_no_committee_rates_them_all() -> None:
    found = files.imported(peers(("服务办", "甲"), ("服务办", "乙")))
    assert found.reasons == {}
    assert found.column("rater") == ["r1", "r1"]


def test_a_name_that_an_analyst_explained_is_the_same_rater() -> None:
    by = files.crosswalk(
        "peer", [None, None, "unit", "where", "p1"], subjects={"东头": "jia", "别处": None}
    )
    found = files.imported(
        peers(("东头", "甲"), ("东头", "乙"), ("甲", "乙"), ("别处", "乙"), crosswalk=by)
    )
    assert found.reasons == {2: "self_rating"}
    assert found.column("rater") == ["r1", "r1", "r2"]


@pytest.mark.parametrize("other", ["服务办(综合)", "服务办 （综合）", "服務办（综合）"])
def test_spellings_that_compare_equal_are_one_rater(other: str) -> None:
    found = files.imported(peers(("服务办（综合）", "甲"), (other, "甲"), group="office"))
    assert found.column("rater") == ["r1", "r1"]


def test_who_rates_must_be_told() -> None:
    found = files.imported(peers(("", "甲"), ("(空)", "乙"), ("服务办", "乙"), group="office"))
    assert found.reasons == {2: "no_rater", 3: "no_rater"}


def test_a_form_that_does_not_ask_who_rates_has_no_rater() -> None:
    rows = [files.answer("resident", 1), files.answer("resident", 2)]
    found = files.imported(files.source("resident", rows, group="office"))
    assert found.reasons == {2: "no_rater", 3: "no_rater"}
    assert found.codes == ["no_usable_row"]


def test_a_resident_is_a_rater_of_her_own() -> None:
    found = files.imported(files.source("resident", [files.answer("resident", 1)]))
    assert found.column("rater") == [""]
    rows = [
        files.answer("mixed", 1, 您是="居民", 您的单位="甲"),
        files.answer("mixed", 2, 您是="干部", 您的单位="乙"),
        files.answer("mixed", 3, 您是="居民", 您的单位=""),
        files.answer("mixed", 4, 您是="干部", 您的单位=""),
    ]
    found = files.imported(files.source("mixed", rows, group=None))
    assert found.column("rater") == ["", "r1", ""]
    assert found.reasons == {5: "no_rater"}


def test_a_rater_chosen_from_a_list_goes_by_the_label() -> None:
    options = '[{code: "1", label: 甲居民区}, {code: "2", label: 服务办}]'
    document = files.questionnaire(
        files.PEER.replace("kind: text, role: rater", f"role: rater, options: {options}")
    )
    found = files.imported(peers(("甲居民区", "甲"), ("服务办", "甲"), document=document))
    assert found.reasons == {2: "self_rating"}
    assert found.column("rater") == ["r1"]


def test_organisations_leave_a_fingerprint_and_people_none() -> None:
    """An organisation is known again in the next wave; whoever has a list of names finds nobody."""
    marks = files.imported(
        peers(("服务办", "甲"), ("张三", "甲"), ("服务办", "乙"), group="office")
    ).answers.who
    known = list(marks.values())
    assert len(known) == 2
    assert known[0] == known[1] != ""
    assert re.fullmatch("[0-9a-f]{16}", known[0])
