"""Rows of a matrix and choices under other header styles of each platform."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.platforms.exporting import export, lines, survey, told

MATRIX = """
id: q
title: 小调查
scales:
  s: [{满意: 100}, {一般: 50}, {不满意: 0}]
items:
  - {id: where, text: 所在居民区, role: subject, number: 1}
  - {id: b1, text: 卫生, stem: 对环境满意吗, scale: s, number: 2}
  - {id: b2, text: 绿化, stem: 对环境满意吗, scale: s, number: 2}
  - {id: n, text: 需求, kind: multiple, role: need, number: 3, options: [停车, 电梯]}
"""
TOLD = [("东苑", "1", "3", "1;2"), ("西苑", "2", "1", "2")]


BY_TEXT = (("东苑", "满意", "不满意"), ("西苑", "一般", "满意"))
EXPORTS = {
    "google_forms": lines(
        ("Timestamp", "所在居民区", "对环境满意吗 [卫生]", "对环境满意吗 [绿化]", "需求"),
        ("9/15/2026 10:01:00", *BY_TEXT[0], "停车, 电梯"),
        ("9/15/2026 10:02:00", *BY_TEXT[1], "电梯"),
    ),
    "limesurvey": lines(
        ("Response ID", "Date submitted", "Last page", "Start language", "所在居民区",
         "对环境满意吗 [卫生]", "对环境满意吗 [绿化]", "需求 [停车]", "需求 [电梯]"),
        ("1", "2026-09-05 10:01:00", "1", "zh", *BY_TEXT[0], "Yes", "Yes"),
        ("2", "2026-09-05 10:02:00", "1", "zh", *BY_TEXT[1], "No", "Yes"),
    ),
    "qualtrics": lines(
        ("StartDate", "RecordedDate", "ResponseId", "Q1", "Q2_1", "Q2_2", "Q3_1", "Q3_2"),
        ("Start Date", "Recorded Date", "Response ID", "所在居民区",
         "对环境满意吗 - 卫生", "对环境满意吗 - 绿化", "需求 - 停车", "需求 - 电梯"),
        ("2026-09-05 10:00:00", "2026-09-05 10:01:00", "R_1", *BY_TEXT[0], "停车", "电梯"),
        ("2026-09-05 10:00:00", "2026-09-05 10:02:00", "R_2", *BY_TEXT[1], "", "电梯"),
    ),
    "surveymonkey": lines(
        ("Respondent ID", "Collector ID", "所在居民区", "对环境满意吗", "", "需求", ""),
        ("", "", "Open-Ended Response", "卫生", "绿化", "停车", "电梯"),
        ("1", "7", *BY_TEXT[0], "停车", "电梯"),
        ("2", "7", *BY_TEXT[1], "", "电梯"),
    ),
    "kobo": lines(
        ("end", "组一/所在居民区", "组一/卫生", "组一/绿化", "组一/需求", "组一/需求/停车", "组一/需求/电梯", "_id", "_uuid"),
        ("2026-09-05T10:01:00.000+08:00", *BY_TEXT[0], "停车 电梯", "True", "True", "1", "u1"),
        ("2026-09-05T10:02:00.000+08:00", *BY_TEXT[1], "电梯", "False", "True", "2", "u2"),
    ),
    "tencent_survey": lines(
        ("编号", "开始答题时间", "结束答题时间", "1.所在居民区", "2.对环境满意吗:卫生", "2.对环境满意吗:绿化", "3.需求"),
        ("1", "2026-09-05 10:00:00", "2026-09-05 10:01:00", *BY_TEXT[0], "A.停车\nB.电梯"),
        ("2", "2026-09-05 10:00:00", "2026-09-05 10:02:00", *BY_TEXT[1], "B.电梯"),
    ),
    "office_form": lines(
        ("提交人", "提交时间", "所在居民区", "对环境满意吗-卫生", "对环境满意吗-绿化", "需求（多选）（必填）"),
        ("甲", "2026年9月5日 10:01:05", *BY_TEXT[0], "停车；电梯"),
        ("乙", "2026年9月5日 10:02:05", *BY_TEXT[1], "电梯"),
    ),
    "ms_forms": lines(
        ("Id", "Start time", "Completion time", "Email", "Name", "所在居民区", "对环境满意吗.卫生", "对环境满意吗.绿化", "需求"),
        ("1", "9/15/26 10:00:00", "9/15/26 10:01:00", "anonymous", "", *BY_TEXT[0], "停车;电梯;"),
        ("2", "9/15/26 10:00:00", "9/15/26 10:02:00", "anonymous", "", *BY_TEXT[1], "电梯;"),
    ),
}  # fmt: skip


@pytest.mark.parametrize("which", EXPORTS)
def test_rows_of_a_matrix_are_read_from_every_platform(which: str, tmp_path: Path) -> None:
    sheet = export(tmp_path, EXPORTS[which])
    assert sheet.platform == which
    assert told(sheet, survey(MATRIX)) == TOLD
