"""Values of the wrong type, unknown and missing keys, texts that cannot be shown."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.definitions.faults import Case, assert_reported, drop, name_of, put

IDENTIFIER = "只含英文字母、数字、_ 和 -，以字母或数字开头，不超过 64 个字符"
MAPPING = "一组键和值（键: 值）"
LIST = "列表（每项一行，以 - 开头）"
YESNO = "true 或 false（工作簿中为 是 或 否）"


def wrong(
    document: str,
    change: Any,
    key: str,
    at: tuple[str, int],
    expected: str,
    found: str,
    remedy: str = "改正",
) -> Case:
    return Case(document, change, "wrong_value", "值不合要求", key, at, expected, found, remedy)


TYPES = [
    Case(
        "scheme",
        put("wieghts", 3),
        "unknown_key",
        "不认识的键",
        "wieghts",
        ("wieghts", 1),
        "id、title、published、assumptions、residents_weight、groups、dimensions、grades、uncovered、"
        "minimum_answered、confidence、false_discovery_rate、urgent_share、satisfied_from、acceptable_from、alternatives",
        "3",
        "删去，或改正拼写",
    ),
    Case(
        "resident",
        put("scales", "satisfaction", 0, "scor", 100),
        "unknown_key",
        "不认识的键",
        "scales.satisfaction[0](满意).scor",
        ("scor:", 1),
        "code、label、score、missing、screen_out、group、mode",
        "100",
        "改为 score",
    ),
    Case(
        "scheme",
        drop("title"),
        "missing_key",
        "缺少必填的键",
        "title",
        ("id: small", 1),
        None,
        None,
        "补上",
    ),
    Case(
        "resident",
        drop("items", 2, "text"),
        "missing_key",
        "缺少必填的键",
        "items[2](q1).text",
        ("id: q1", 1),
        None,
        None,
        "补上",
    ),
    wrong("scheme", put("id", "长寿"), "id", ("id: 长寿", 1), IDENTIFIER, "长寿"),
    wrong("scheme", put("title", "  "), "title", ("title", 1), "不能为空", " "),
    wrong("scheme", put("title", ["x"]), "title", ("title", 1), "文字", "['x']"),
    wrong(
        "scheme",
        put("groups", 0, "weight", "四十"),
        "groups[0](key).weight",
        ("四十", 1),
        "数",
        "四十",
    ),
    wrong(
        "scheme",
        put("groups", 0, "weight", 0),
        "groups[0](key).weight",
        ("weight: 0", 1),
        "大于 0",
        "0",
    ),
    wrong(
        "scheme",
        put("groups", 0, "weight", ".nan"),
        "groups[0](key).weight",
        ("nan", 1),
        "数",
        ".nan",
    ),
    wrong(
        "scheme",
        put("grades", 0, "cutoff", 101),
        "grades[0](优秀).cutoff",
        ("101", 1),
        "不大于 100",
        "101",
    ),
    wrong("scheme", put("confidence", 1), "confidence", ("confidence", 1), "小于 1", "1"),
    wrong(
        "scheme",
        put("groups", 0, "minimum_n", 1),
        "groups[0](key).minimum_n",
        ("minimum_n: 1", 1),
        "不小于 2",
        "1",
    ),
    wrong(
        "scheme",
        put("groups", 0, "minimum_n", 2.5),
        "groups[0](key).minimum_n",
        ("minimum_n: 2.5", 1),
        "整数",
        "2.5",
    ),
    wrong(
        "scheme",
        put("groups", 0, "residents", "也许"),
        "groups[0](key).residents",
        ("也许", 1),
        YESNO,
        "也许",
    ),
    wrong(
        "scheme",
        put("uncovered", "nowhere"),
        "uncovered",
        ("nowhere", 1),
        "within_group（由该主体能评的指标分担）、to_covering_groups（由能评的主体分担）",
        "nowhere",
    ),
    wrong("scheme", put("groups", "无"), "groups", ("groups", 1), LIST, "无"),
    wrong("scheme", put("grades", []), "grades", ("grades", 1), "至少 1 项", "[]"),
    wrong(
        "scheme",
        put("alternatives", "+", "另一套"),
        "alternatives[2]",
        ("另一套", 1),
        MAPPING,
        "另一套",
        "冒号后面空一格；下一层的键另起一行，多缩进两格",
    ),
    wrong(
        "scheme",
        put("alternatives", 1, "option_scores", {"八十": 75}),
        "alternatives[1](even-scores).option_scores.八十",
        ("八十", 1),
        "原分值，0-100 的数",
        "八十",
    ),
    wrong(
        "roster",
        put("subjects", 0, "name", "长" * 41),
        "subjects[0](yufo).name",
        ("长长", 1),
        "不超过 40 个字",
        "长" * 41,
    ),
    wrong(
        "roster",
        put("subjects", 0, "aliases", 0, "玉佛;玉佛城"),
        "subjects[0](yufo).aliases[0]",
        ("玉佛;", 1),
        "一个别名，不含分号和竖线",
        "玉佛;玉佛城",
    ),
    wrong(
        "evaluation",
        put("waves", 1, "start", "20161114"),
        "waves[1](2016).start",
        ("20161114", 1),
        "日期，如 2016-03-01",
        "20161114",
    ),
    wrong(
        "evaluation",
        put("waves", 1, "start", "2016-02-30"),
        "waves[1](2016).start",
        ("2016-02-30", 1),
        "日期，如 2016-03-01",
        "2016-02-30",
    ),
    wrong(
        "evaluation",
        put("copy_number", "第一份"),
        "copy_number",
        ("copy_number", 1),
        "份数的顺序号，一至六位数字，如 000001",
        "第一份",
    ),
    wrong(
        "evaluation",
        put("signed", "2016年12月"),
        "signed",
        ("signed", 1),
        "日期，如 2016-03-01",
        "2016年12月",
    ),
    wrong(
        "evaluation",
        put("papers", ["pdf", "odt"]),
        "papers[1]",
        ("odt", 1),
        "pdf、docx、pptx",
        "odt",
    ),
    Case(
        "resident",
        put("title", "问卷\x07"),
        "unprintable_character",
        "文字里有看不见的字符",
        "title",
        ("title", 1),
        "可显示的文字",
        "U+0007，在第 3 个字",
        "删去后重新输入",
    ),
    Case(
        "resident",
        put("introduction", "长" * 30_001),
        "text_too_long",
        "文字太长",
        "introduction",
        ("introduction", 1),
        "不超过 30000 个字",
        "30001 个字：" + "长" * 40 + "……",
        "缩短",
    ),
]


@pytest.mark.parametrize("case", TYPES, ids=name_of)
def test_a_fault_is_reported_with_place_and_remedy(case: Case, tmp_path: Path) -> None:
    assert_reported(case, tmp_path)
