"""What the papers say of records, compared with the frame of the same evaluation."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

import evalkit as ek
from evalkit.codes import Comparison, NoteCode
from evalkit.pages.diagnosis import objective as of_a_committee
from evalkit.pages.press.sentences import said
from evalkit.pages.street import objective as of_the_street
from evalkit.pages.telling import facts as known
from tests.ledgers.test_a_hotline_group import evaluation, folder

__all__ = ["evaluation", "folder"]


def section_of(evaluation: ek.Evaluation, subject: str) -> of_a_committee.Objective:
    found = of_a_committee.section(known.gather(known.common(evaluation), subject))
    assert found is not None
    return found


def test_a_diagnosis_prints_the_numbers_of_the_frame(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective
    for subject in ("s1", "s4"):
        own = table[table["subject"] == subject].to_dict("records")
        for row, line in zip(own, section_of(evaluation, subject).rows, strict=True):
            unit = "" if row["measure"] == "satisfied" else "%"
            assert line["number"] == f"{row['estimate']:.1f}{unit}"
            assert line["interval"] == f"{row['low']:.1f}–{row['high']:.1f}{unit}"
            assert line["records"] == f"{row['denominator']:.0f}"


def test_the_street_names_who_stands_out(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.copy()
    at = table.index[(table["subject"] == "s2") & (table["measure"] == "resolved")][0]
    table.loc[at, "band"] = Comparison.BELOW.value
    told = of_the_street.section(replace(evaluation, objective=table))
    assert told is not None
    assert [row["below"] for row in told.rows] == ["没有", "乙居民区", "没有"]
    assert told.takeaway.startswith("3 项由记录算出的指标中，1 项")
    assert any("读入 80 行，计入 80" in remark for remark in told.remarks)
    own = section_of(replace(evaluation, objective=table), "s2")
    assert own.takeaway == "解决率明显低于街道平均；其余 2 项看不出差别。"


def test_bounds_and_what_is_not_said_stand_beside_a_rating(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.set_index(["subject", "measure"])
    row = table.loc[("s1", "satisfied")]
    remarks = "".join(section_of(evaluation, "s1").remarks)
    assert f"{row['bound_low']:.1f}–{row['bound_high']:.1f} 之间" in remarks
    assert "在总分中占 20%" in remarks
    assert "到期没有办结的算不按时" in remarks


def test_no_record_and_too_few_are_told_as_such(evaluation: ek.Evaluation) -> None:
    table = evaluation.objective.copy()
    numbers = ["numerator", "denominator", "estimate", "low", "high", "bound_low", "bound_high"]
    mine = table["subject"] == "s3"
    table.loc[mine, numbers] = np.nan
    table.loc[mine & (table["measure"] == "on_time"), "filled"] = True
    told = section_of(replace(evaluation, objective=table), "s3")
    assert [row["records"] for row in told.rows] == ["没有记录", "—", "—"]
    assert told.takeaway == "本居民区的记录太少或没有记录，各项都不公布。"
    assert any("不是 0 分，也不是满分" in remark for remark in told.remarks)


def test_without_a_ledger_there_is_no_such_section(evaluation: ek.Evaluation) -> None:
    none = replace(evaluation, objective=evaluation.objective.iloc[:0])
    assert of_the_street.section(none) is None
    assert of_a_committee.section(known.gather(known.common(none), "s1")) is None


@pytest.mark.parametrize(
    ("code", "facts"),
    [
        ("ledger_unattributed", {"rows": 20}),
        ("ledger_days_only", {"column": "E"}),
        ("ledger_bulk_closings", {"column": "E", "times": 2}),
        ("ledger_one_rating", {"measure": "满意度", "value": "满意"}),
        ("ledger_street_mean", {"ledger": "热线"}),
        ("ledger_at_ceiling", {"ledger": "热线", "measure": "解决率"}),
    ],
)
def test_a_note_on_a_ledger_says_its_number(code: str, facts: dict[str, object]) -> None:
    text = said(ek.errors.Note(NoteCode(code), "w", 7, facts))
    assert "7" in text
    assert "{" not in text
