"""Sentences by code: every code has one, and facts and words stand where they belong."""

from __future__ import annotations

import pytest

from evalkit.codes import Band, Flag, Lack, NoteCode, Reason, TableVerdict
from evalkit.errors import Note
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import DEFAULT, NOTES, Words, said, written
from evalkit.problems.rejections import REASONS
from evalkit.tables import NotCompared, Rejection

VILLAGE = Words("村", "镇")


def test_every_code_has_its_sentence_and_its_remedy() -> None:
    assert list(NOTES) == list(NoteCode)
    assert list(REASONS) == list(Reason)
    assert list(meanings.FLAGS) == list(Flag)
    assert list(meanings.TABLES) == list(TableVerdict)
    assert set(meanings.LACKS) == set(Lack)
    assert all(sentence.text and sentence.remedy for sentence in NOTES.values())


@pytest.mark.parametrize(
    ("text", "facts", "expected"),
    [
        ("{n:,} 份", {"n": 1234}, "1,234 份"),
        ("{share:.0%}", {"share": 0.416}, "42%"),
        ("{names}", {"names": ("甲", "乙")}, "甲、乙"),
        ("按{names:“”}", {"names": ("甲", "乙")}, "按“甲”、“乙”"),
        ("{names:few}", {"names": tuple("ABCDEFGH")}, "A、B、C、D、E、F、G、H"),
        ("{names:few}", {"names": tuple("ABCDEFGHI")}, "A、B、C、D、E、F、G、H 等 9 个"),
        ("{seen:rows}", {"seen": (("1", 4), ("2", 1))}, "1（4 行）、2（1 行）"),
        ("{up:变强|变弱}", {"up": True}, "变强"),
        ("{up:变强|变弱}", {"up": False}, "变弱"),
        ("好{up:，另有|}。", {"up": False}, "好。"),
        ("{why:few=太少|none=没有}", {"why": "none"}, "没有"),
        ("全{street}各{subject}", {}, "全镇各村"),
        ("“{name}”与{subject}", {"name": "居民区{subject}街道"}, "“居民区{subject}街道”与村"),
    ],
)
def test_facts_are_written_as_the_sentence_says(
    text: str, facts: dict[str, object], expected: str
) -> None:
    assert written(text, VILLAGE, facts) == expected


def test_a_note_is_said_with_its_count_its_facts_and_the_words() -> None:
    note = Note(NoteCode.FLAGGED_ANSWERS, "2016", 1200, {"n": 34567})
    assert said(note, VILLAGE).startswith("全镇 34,567 份居民答卷中有 1,200 份的答法可疑")
    assert said(note).startswith("全街道 34,567 份")


@pytest.mark.parametrize(
    ("reason", "facts", "expected"),
    [
        (Reason.BLANK, {}, ""),
        (Reason.MALFORMED, {"found": ""}, "序号应为整数，实为 （空）"),
        (Reason.DUPLICATE, {"first": 3}, "与第 3 行相同"),
        (
            Reason.OUTSIDE_PERIOD,
            {"date": "2015-06-01", "start": "2016-01-01", "end": None},
            "2015-06-01，应在 2016-01-01 至 ……",
        ),
        (Reason.SCREENED_OUT, {"item": "live", "label": "否"}, "live: 否"),
    ],
)
def test_a_rejected_row_is_told_with_what_it_held(
    reason: Reason, facts: dict[str, object], expected: str
) -> None:
    assert meanings.detail(Rejection(3, reason, facts)) == expected


def test_reasons_and_what_a_committee_lacks_are_said_in_words() -> None:
    assert meanings.reasons(VILLAGE)[Reason.NO_SUBJECT] == "没有填村"
    assert meanings.reasons()[Reason.NO_SUBJECT] == "没有填居民区"
    assert meanings.lacking(NotCompared("2015", Lack.ABSENT)) == "2015 不存在"
    assert meanings.lacking(NotCompared("2016", Lack.INCOMPLETE)) == "2016 不完整"


def test_a_table_is_read_by_its_verdict() -> None:
    found = {"verdict": TableVerdict.THIRDS, "reliability": 0.81, "distinguishable_pairs": 0.366}
    found |= {"reliability_low": 0.72, "reliability_high": 0.89}
    assert meanings.read_from(found, VILLAGE) == (
        "得分差异中约 81%（72% 至 89%）是村之间的真实差别，但任取两个村，只有 37% 能有把握地分出先后："
        "这张表宜分出高、中、低，不宜逐名排序。"
    )
    assert meanings.read_from({"reliability": 0.9}, DEFAULT) == ""


@pytest.mark.parametrize("step", range(-2, 3))
def test_bands_rise_with_their_step(step: int) -> None:
    rising = [Band.FAR_BELOW, Band.BELOW, Band.LEVEL, Band.ABOVE, Band.FAR_ABOVE]
    assert Band.of(step) is rising[step + 2]
