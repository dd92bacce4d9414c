"""Everything that can be wrong with rosters, crosswalks and orders whose types are right."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.definitions.faults import Case, Data, assert_reported, name_of, put
from tests.definitions.small import DOCUMENTS, fresh, load


def one_option_twice(data: Data) -> None:
    """Two columns for one option of one item."""
    for at in (1, 2):
        data["columns"][at] |= {"item": "where", "option": "1"}


ROSTERS = [
    Case(
        "roster",
        put("subjects", 1, "id", "YUFO"),
        "duplicate_id",
        "评估对象代码（不分大小写）重复",
        "subjects[1](YUFO).id",
        ("id: YUFO", 1),
        "各不相同",
        "yufo（2 次）",
        "改成不同的值，或删去多余的",
        rows=(("id: yufo", 1), ("id: YUFO", 1)),
    ),
    Case(
        "roster",
        put("subjects", 1, "id", "all"),
        "reserved_code",
        "代码是保留字",
        "subjects[1](all).id",
        ("id: all", 1),
        "不是 all",
        "all",
        "换一个代码",
    ),
    Case(
        "roster",
        put("subjects", 1, "name", "玉佛 社区"),
        "colliding_names",
        "去掉后缀、空格和繁简差别后，几个评估对象同名",
        "subjects[1](changde).name",
        ("玉佛 社区", 1),
        "每个名称只属于一个评估对象",
        "玉佛: 玉佛（yufo）、玉佛 社区（changde）",
        "改名称或别名，使其能够区分",
        rows=(("- 玉佛\n", 1), ("玉佛 社区", 1)),
    ),
    Case(
        "roster",
        put("subjects", 2, "since", "2017"),
        "period_reversed",
        "首个批次在最后批次之后",
        "subjects[2](new).since",
        ("2017", 1),
        "不晚于 2016",
        "2017",
        "改正批次",
    ),
]

CROSSWALKS = [
    Case(
        "crosswalk",
        put("columns", 1, "column", 1),
        "duplicate_id",
        "列号重复",
        "columns[1](居民区).column",
        ("column: 1", 2),
        "各不相同",
        "1（2 次）",
        "改成不同的值，或删去多余的",
        rows=(("column: 1", 1), ("column: 1", 2)),
    ),
    Case(
        "crosswalk",
        put("ledger", "hotline"),
        "crosswalk_source",
        "对照表要么对应一份问卷，要么对应一份台账",
        "questionnaire",
        ("questionnaire: ", 1),
        "questionnaire 或 ledger，写一样",
        "两样都写了",
        "写明其中一样，删去另一样",
    ),
    Case(
        "evaluation",
        put("waves", 1, "files", 0, "ledger", "hotline"),
        "file_source",
        "文件要么是一份问卷的答卷，要么是一份台账的记录",
        "waves[1](2016).files[0](b.xlsx)",
        ("file: b.xlsx", 1),
        "questionnaire 或 ledger，写一样",
        "两样都写了",
        "写明其中一样，删去另一样",
    ),
    Case(
        "crosswalk",
        one_option_twice,
        "item_mapped_twice",
        "几列映射到同一个选项",
        "columns[2](办事).item",
        ("item: where", 2),
        "每个选项一列",
        "where 的选项 1",
        "只保留一列，其余的 item 留空",
        rows=(("item: where", 1), ("item: where", 2)),
    ),
    Case(
        "crosswalk",
        put("values", "q1", "还 行", "3"),
        "contradictory_mapping",
        "只有空格、全半角或后缀之差的写法，对应了不同的内容",
        "values.q1.还 行",
        ("还 行", 1),
        "对应同一个内容",
        "还行 -> 2、还 行 -> 3",
        "只保留一种",
        rows=(("还行", 1), ("还 行", 1)),
    ),
    Case(
        "crosswalk",
        put("subjects", "玉佛二期居委会", None),
        "contradictory_mapping",
        "只有空格、全半角或后缀之差的写法，对应了不同的内容",
        "subjects.玉佛二期居委会",
        ("玉佛二期居委会", 1),
        "对应同一个内容",
        "玉佛二期 -> yufo、玉佛二期居委会 -> （空）",
        "只保留一种",
        rows=(("玉佛二期: yufo", 1), ("玉佛二期居委会", 1)),
    ),
]

ORDERS = [
    Case(
        "evaluation",
        put("street", "某某街道"),
        "placeholder",
        "这是模板里的示例，还没有换掉",
        "street",
        ("street:", 1),
        "实际的名称或代码",
        "某某街道",
        "改成自己的；多余的示例行整行删去",
    ),
    Case(
        "evaluation",
        put("waves", 0, "id", "2017"),
        "waves_out_of_order",
        "批次要按先后排列，各不相同（id 按文字比较，如 2015、2016）",
        "waves",
        ("waves:", 1),
        "2016、2017",
        "2017、2016",
        "调整顺序或改 id",
        rows=(("id: '2017'", 1), ("id: '2016'", 1)),
    ),
    Case(
        "evaluation",
        put("waves", 1, "end", "2016-11-01"),
        "period_reversed",
        "起止日期颠倒",
        "waves[1](2016).start",
        ("2016-11-14", 1),
        "不晚于 2016-11-01",
        "2016-11-14",
        "改正日期",
    ),
    Case(
        "evaluation",
        put("waves", 1, "files", 0, "file", "./a.xlsx"),
        "file_claimed_twice",
        "同一个文件被引用了几次",
        "waves[1](2016).files[0](./a.xlsx).file",
        ("./a.xlsx", 1),
        "每个文件只属于一个批次、一份问卷",
        "a.xlsx（2 次）",
        "删去多余的引用",
        rows=(("file: a.xlsx", 1), ("./a.xlsx", 1)),
    ),
]

CASES = [*ROSTERS, *CROSSWALKS, *ORDERS]


@pytest.mark.parametrize("case", CASES, ids=name_of)
def test_a_fault_is_reported_with_place_and_remedy(case: Case, tmp_path: Path) -> None:
    assert_reported(case, tmp_path)


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_unbroken_documents_have_no_fault(name: str, tmp_path: Path) -> None:
    document, problems, _ = load(name, fresh(name), tmp_path)
    assert problems == []
    assert document is not None
