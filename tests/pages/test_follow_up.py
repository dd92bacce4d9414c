"""Looking back on the pages: every state and number as in `follow-up.csv`, and nothing beyond it."""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

import pytest

from evalkit.codes import OwnChange, TaskState
from evalkit.pages import diagnosis, notice, street
from evalkit.pages.diagnosis import promises as own
from evalkit.pages.press import printing
from evalkit.pages.street import promises as whole
from evalkit.pages.telling import facts as known
from evalkit.tables import Evaluation
from tests.pages.looking_back import looked_back
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

WHO = "CS003"


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return looked_back(made_up(Street(count=9, noise=0.3, new=(5,))), silent=2)


def planned(evaluation: Evaluation, subject: str) -> own.Promises:
    found = own.section(known.gather(known.common(evaluation), subject))
    assert found is not None
    return found


def test_a_diagnosis_has_every_task_with_its_state_and_its_change(evaluation: Evaluation) -> None:
    words_of = {"上升": "▲上升", "下降": "▼下降", "无显著变化": "升降尚看不出"}
    for subject in evaluation.follow_up["subject"].unique():
        if subject == "all":
            continue
        table = evaluation.follow_up[evaluation.follow_up["subject"] == subject]
        section = planned(evaluation, subject)
        for told, row in zip(section.rows, table.to_dict("records"), strict=True):
            assert told["state"] == row["state"]
            assert told["problem"] == row["problem"]
            first, last, change, wide = map(
                float, re.findall(r"-?[\d.]+", told["change"].replace("−", "-"))
            )
            assert first == pytest.approx(row["previous"], abs=0.051)
            assert last == pytest.approx(row["estimate"], abs=0.051)
            assert change == pytest.approx(row["change"], abs=0.051)
            assert wide == pytest.approx(row["change_high"] - row["change"], abs=0.051)
            assert told["arrow"] + told["verdict"] == words_of[row["verdict"]]
        for state, n in Counter(table["state"]).items():
            assert f"{state} {n} 件" in section.takeaway
        assert "偶然" in section.remark


def test_what_stands_behind_a_state_is_told_as_given_or_not(evaluation: Evaluation) -> None:
    details = {
        row["state"]: row["detail"]
        for subject in evaluation.current.scores.subjects
        if subject in set(evaluation.follow_up["subject"])
        for row in planned(evaluation, subject).rows
    }
    assert re.fullmatch(r"2016年3月\d日完成，有佐证，已核查", details[TaskState.DONE])
    assert re.fullmatch(r"2016年3月\d日完成，有佐证，未核查", details[TaskState.SAID_DONE])
    assert details[TaskState.GOING_ON] == "新时限2017年3月31日"
    assert details[TaskState.UNREPORTED] == ""


def test_a_committee_without_a_list_and_a_street_without_one_have_no_section(
    evaluation: Evaluation,
) -> None:
    assert own.section(known.gather(known.common(evaluation), "CS006")) is None  # a new one
    plain = made_up(Street(count=9, noise=0.3, new=(5,)))
    assert own.section(known.gather(known.common(plain), WHO)) is None
    assert whole.section(plain) is None
    assert whole.short(plain) == ""


def test_the_street_report_counts_states_and_names_who_reported_nothing(
    evaluation: Evaluation,
) -> None:
    section = whole.section(evaluation)
    assert section is not None
    table = evaluation.follow_up
    *rows, total = section.rows
    assert {row["state"]: int(row["n"]) for row in rows} == Counter(table["state"])
    assert (total["state"], int(total["n"])) == ("合计", len(table))
    for row in rows:
        part = table[table["state"] == row["state"]]["verdict"]
        assert int(row["risen"]) == (part == OwnChange.RISEN).sum()
        assert int(row["same"]) == (part == OwnChange.SAME).sum()
        assert int(row["fallen"]) == (part == OwnChange.FALLEN).sum()
        assert int(row["compared"]) == (part != OwnChange.UNTESTED).sum()
    silent = [
        name
        for name, part in table.groupby("name", sort=False)
        if set(part["state"]) == {TaskState.UNREPORTED}
    ]
    assert len(silent) == 3  # two committees, and the street itself
    assert section.silent == f"一件也没有报的：{'、'.join(silent)}。"
    assert section.silent in "".join(street.summary.looked_back(evaluation))


SETTLED = ("已完成", "自报完成", "不再适用")


def with_low(evaluation: Evaluation, *low: tuple[str, str]) -> Evaluation:
    """The same street where these indicators of these committees, and no other, are surely low."""
    diagnoses = {}
    for subject, found in evaluation.diagnoses.items():
        profile = found.profile.copy()
        profile["verdict"] = [
            "低于" if (subject, code) in low else "无显著差异" for code in profile["code"]
        ]
        diagnoses[subject] = replace(found, profile=profile)
    return replace(evaluation, diagnoses=diagnoses)


def test_what_was_reported_as_settled_and_is_low_all_the_same_is_to_be_checked_first(
    evaluation: Evaluation,
) -> None:
    table = evaluation.follow_up[evaluation.follow_up["subject"] != "all"]
    rows = table.to_dict("records")
    open_one = next(r for r in rows if r["state"] not in SETTLED)
    done = next(r for r in rows if r["state"] == "已完成")
    dropped = next(r for r in rows if r["state"] == "不再适用" and r["name"] != done["name"])
    made = with_low(evaluation, *((r["subject"], r["code"]) for r in (open_one, done, dropped)))
    first, last = sorted((done, dropped), key=rows.index)
    said = (
        f"上次清单上写已完成、不再适用而本次仍明显偏低的 2 件：{first['name']}（{first['problem']}，"
        f"{first['state']}）；{last['name']}（{last['problem']}，{last['state']}）。先核查，再办。"
    )
    section = whole.section(made)
    assert section is not None
    assert section.settled == said
    assert (
        f"上次清单上写已完成、不再适用而本次仍明显偏低的 2 件，先核查，再办：{first['name']}、{last['name']}。"
    ) in street.summary.looked_back(made)
    assert planned(made, done["subject"]).settled == (
        f"上次清单上写已完成而本次仍明显偏低的 1 件：{done['problem']}，已完成。先核查，再办。"
    )
    assert open_one["state"] not in planned(made, open_one["subject"]).settled


def test_nothing_is_said_where_what_was_settled_is_not_low(evaluation: Evaluation) -> None:
    made = with_low(evaluation)
    section = whole.section(made)
    assert section is not None
    assert section.settled == ""
    assert not [line for line in street.summary.looked_back(made) if "先核查" in line]
    assert {planned(made, s).settled for s in set(made.follow_up["subject"]) - {"all"}} == {""}


def test_a_notice_says_what_became_of_what_was_to_be_done(evaluation: Evaluation) -> None:
    facts = known.gather(known.common(evaluation), WHO)
    table = evaluation.follow_up[evaluation.follow_up["subject"] == WHO]
    told = notice.promised(facts)
    assert told.startswith(f"2015年度要做的 {len(table)} 件事：")
    for state, n in Counter(table["state"]).items():
        assert f"{notice.PUBLIC[TaskState(state)]} {n} 件" in told
    plain = made_up(Street(count=9, noise=0.3, new=(5,)))
    assert notice.promised(known.gather(known.common(plain), WHO)) == ""


def test_no_page_says_that_the_work_made_the_change(evaluation: Evaluation) -> None:
    text = re.sub("<[^>]+>", "", printing.fill(diagnosis.plan(evaluation, WHO)).text)
    assert "上次事项办得怎样" in text
    assert "整改见效" not in text
    assert planned(evaluation, WHO).takeaway in text
