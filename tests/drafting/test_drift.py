"""What a note says of this wave's file beside the last one's, of one platform or of two."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import count
from pathlib import Path

import pytest

from evalkit.definitions.evaluation import ResponseFile
from evalkit.drafting.layout_changes import compare
from evalkit.drafting.option_changes import regrouped
from evalkit.errors import Note
from evalkit.folder.crosswalks import layout_changes_of
from evalkit.folder.loaded import Loaded, ReadFile
from evalkit.pages.press.sentences import said
from evalkit.platforms import RawSheet
from tests.intake import exported as files
from tests.platforms.exporting import export, lines

ASKED = ("所在居民区", "办事是否方便", "楼道是否整洁")
ANSWERS = {"满意": 40, "一般": 30, "不满意": 30}

Column = Mapping[str, int]


def _rows(columns: Sequence[Column]) -> list[list[str]]:
    cells = [[text for text, n in column.items() for _ in range(n)] for column in columns]
    return [list(row) for row in zip(*cells, strict=True)]


def wenjuanxing(
    folder: Path, columns: Sequence[Column], asked: Sequence[str] = ASKED, name: str = "2025.csv"
) -> RawSheet:
    """A file as 问卷星 writes it: ``1、`` before a question, options bare."""
    head = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    head += [f"{at}、{text}" for at, text in enumerate(asked, 1)]
    rows = [
        [
            str(at),
            f"2025/6/1 {at // 60:02}:{at % 60:02}:07",
            "90秒",
            "微信",
            "无",
            "1.1.1.1(上海)",
            *row,
        ]
        for at, row in zip(count(1), _rows(columns), strict=False)
    ]
    return export(folder, lines(head, *rows), name=name)


def tencent(
    folder: Path, columns: Sequence[Column], asked: Sequence[str] = ASKED, name: str = "2026.csv"
) -> RawSheet:
    """A file as 腾讯问卷 writes it: ``1.`` before a question, a letter before an option."""
    head = ["编号", "开始答题时间", "结束答题时间", "答题时长", "用户标识", "昵称"]
    head += [f"{at}.{text}" for at, text in enumerate(asked, 1)]
    rows = [
        [
            str(at),
            "2026-06-01 09:00:00",
            f"2026-06-01 1{at // 60}:{at % 60:02}:07",
            "90",
            f"u{at}",
            "",
            *row,
        ]
        for at, row in zip(count(1), _rows(columns), strict=False)
    ]
    return export(folder, lines(head, *rows), name=name)


def where() -> Column:
    return {"东苑": 50, "西苑": 50}


def letters(given: Column) -> Column:
    return {
        f"{letter}.{text}": n for letter, (text, n) in zip("ABCDEFG", given.items(), strict=False)
    }


def told(before: RawSheet, after: RawSheet) -> dict[str, Note]:
    notes = [change.noted(after.file, before.file) for change in compare(before, after)]
    assert len({note.code for note in notes}) == len(notes)
    assert all(note.where == after.file and before.file in said(note) for note in notes)
    assert all("影响：" in said(note) for note in notes)
    return {note.code: note for note in notes}


def test_two_platforms_that_ask_the_same_differ_in_nothing(tmp_path: Path) -> None:
    old = wenjuanxing(tmp_path, [where(), ANSWERS, ANSWERS])
    new = tencent(tmp_path, [where(), letters(ANSWERS), letters(ANSWERS)])
    assert (old.platform, new.platform) == ("wenjuanxing", "tencent_survey")
    assert told(old, new) == {}


def test_a_question_that_was_reworded_is_told_with_both_wordings(tmp_path: Path) -> None:
    old = wenjuanxing(tmp_path, [where(), ANSWERS, ANSWERS])
    new = tencent(
        tmp_path,
        [where(), letters(ANSWERS), letters(ANSWERS)],
        (ASKED[0], "您觉得办事是否方便", ASKED[2]),
    )
    (note,) = told(old, new).values()
    assert note.code == "question_reworded"
    assert "第 2 题的题干由“办事是否方便”改为“您觉得办事是否方便”" in said(note)


def test_questions_that_moved_came_or_went_are_told(tmp_path: Path) -> None:
    old = wenjuanxing(tmp_path, [where(), ANSWERS, ANSWERS])
    asked = (ASKED[0], "夜间照明亮不亮", ASKED[1])
    lit = {"亮": 50, "暗": 50}
    found = told(old, tencent(tmp_path, [where(), lit, letters(ANSWERS)], asked))
    assert set(found) == {
        "question_moved", "question_added", "question_dropped",
    }  # fmt: skip
    assert "“办事是否方便”由第 2 题移到第 3 题" in said(found["question_moved"])
    assert "“夜间照明亮不亮”是本次新增的" in said(found["question_added"])
    assert "“楼道是否整洁”本次没有了" in said(found["question_dropped"])


def loaded(*files: tuple[str, RawSheet, str | None, str | None]) -> Loaded:
    """A folder's files, each with its wave, its questionnaire or its ledger."""
    return Loaded(
        files=[
            ReadFile(
                wave, ResponseFile(file=sheet.file, questionnaire=of, ledger=ledger), sheet, None
            )
            for wave, sheet, of, ledger in files
        ]
    )


def test_what_one_of_last_years_files_had_did_not_change(tmp_path: Path) -> None:
    """Two files of the last wave, one without the second question; this one has both."""
    short = wenjuanxing(tmp_path, [where(), ANSWERS], ASKED[:2], "a.csv")
    long = wenjuanxing(tmp_path, [where(), ANSWERS, ANSWERS], ASKED, "b.csv")
    older = wenjuanxing(tmp_path, [where(), ANSWERS], ("所在居民区", "别的"), "0.csv")
    new = wenjuanxing(tmp_path, [where(), ANSWERS, ANSWERS], ASKED, "c.csv")
    found = loaded(
        ("2024", older, "q", None), ("2025", long, "q", None), ("2025", short, "q", None),
        ("2026", new, "q", None),
    )  # fmt: skip
    assert list(layout_changes_of(found)) == ["b.csv", "a.csv"], "against 2024"
    without = loaded(
        ("2025", short, "q", None), ("2025", short, "q", None), ("2026", new, "q", None)
    )
    assert [note.code for note in layout_changes_of(without)["c.csv"]] == ["question_added"]


def test_records_are_told_of_by_their_door_and_not_as_questions(tmp_path: Path) -> None:
    old = wenjuanxing(tmp_path, [where(), ANSWERS], ASKED[:2], "a.csv")
    new = wenjuanxing(tmp_path, [where(), ANSWERS, ANSWERS], ASKED, "b.csv")
    assert layout_changes_of(loaded(("2025", old, None, "l"), ("2026", new, None, "l"))) == {}


@pytest.mark.parametrize(
    ("order", "code"),
    [
        (("不满意", "一般", "满意"), "options_reversed"),
        (("一般", "满意", "不满意"), "options_recoded"),
    ],
)
def test_letters_of_the_same_options_in_another_order_are_told(
    order: Sequence[str], code: str, tmp_path: Path
) -> None:
    old = tencent(tmp_path, [where(), letters(ANSWERS), letters(ANSWERS)], name="2025.csv")
    turned = letters({text: ANSWERS[text] for text in order})
    (note,) = told(old, tencent(tmp_path, [where(), turned, letters(ANSWERS)])).values()
    assert note.code == code
    assert note.facts["before"] == "满意 A、一般 B、不满意 C"
    assert f"满意 {'ABC'[order.index('满意')]}" in str(note.facts["after"])
    assert "按选项文字计分的照常比较" in said(note)


def test_numbers_that_seem_turned_round_are_a_suspicion(tmp_path: Path) -> None:
    asked = ("办事", "楼道")
    text = lines(asked, *_rows([{"1": 60, "2": 30, "3": 10}, {"1": 50, "2": 50}]))
    other = lines(asked, *_rows([{"1": 10, "2": 30, "3": 60}, {"1": 50, "2": 50}]))
    old, new = export(tmp_path, text, name="2025.csv"), export(tmp_path, other, name="2026.csv")
    (note,) = told(old, new).values()
    assert note.code == "options_reversed"
    assert "疑似与上一批次（2025.csv）相反：上一批次 1 占 60%、2 占 30%、3 占 10%" in said(note)


@pytest.mark.parametrize(
    ("fine", "coarse"),
    [
        ({"很满意": 20, "满意": 20, "一般": 60}, {"满意或很满意": 40, "一般": 60}),  # by its name
        ({"很好": 20, "较好": 23, "一般": 57}, {"满意": 40, "一般": 60}),  # by its share
    ],
)
def test_options_merged_or_split_are_told_and_never_linked(
    fine: Column, coarse: Column, tmp_path: Path
) -> None:
    old = wenjuanxing(tmp_path, [where(), fine, ANSWERS])
    new = tencent(tmp_path, [where(), letters(coarse), letters(ANSWERS)])
    (note,) = told(old, new).values()
    assert note.code == "options_merged"
    assert "不会自动折算" in said(note)
    old = wenjuanxing(tmp_path, [where(), coarse, ANSWERS])
    new = tencent(tmp_path, [where(), letters(fine), letters(ANSWERS)])
    (note,) = told(old, new).values()
    assert note.code == "options_split"
    assert all(text in str(note.facts["after"]) for text in fine if text != "一般")


def choices(folder: Path, last: str = "绿化") -> tuple[RawSheet, RawSheet]:
    """A multi-select in one cell with ``┋``, and with a column an option and its letter in it."""
    chosen = [(True, False, True), (False, True, False), (True, True, True)] * 20
    wishes = ("停车", "电梯", "绿化")
    asked = ("所在居民区", "需求(多选题)")
    joined = ["┋".join(w for w, c in zip(wishes, row, strict=True) if c) for row in chosen]
    head = [
        "序号",
        "提交答卷时间",
        "所用时间",
        "来源",
        *(f"{n}、{t}" for n, t in enumerate(asked, 1)),
    ]
    rows = [
        [str(at), f"2025/6/1 10:{at:02}:07", "90秒", "微信", "东苑" if at % 2 else "西苑", text]
        for at, text in zip(range(60), joined, strict=True)
    ]
    old = export(folder, lines(head, *rows), name="2025.csv")
    wishes = (*wishes[:2], last)
    head = ["编号", "开始答题时间", "结束答题时间", "用户标识", "1.所在居民区"]
    head += [f"2.需求:{wish}" for wish in wishes]
    rows = [
        [
            str(at),
            "2026-06-01 09:00:00",
            f"2026-06-01 10:{at:02}:07",
            "u",
            "东苑" if at % 2 else "西苑",
        ]
        + [f"{letter}.{w}" if c else "" for letter, w, c in zip("ABC", wishes, row, strict=True)]
        for at, row in zip(range(60), chosen, strict=True)
    ]
    return old, export(folder, lines(head, *rows), name="2026.csv")


def test_choices_in_one_cell_and_in_a_column_each_are_compared(tmp_path: Path) -> None:
    assert told(*choices(tmp_path)) == {}
    (note,) = told(*choices(tmp_path, last="养老")).values()
    assert note.code == "options_changed"
    assert note.facts["changes"] == "不再出现 “绿化”；新出现 “养老”"


def test_other_options_are_told_as_they_are(tmp_path: Path) -> None:
    old = wenjuanxing(tmp_path, [where(), ANSWERS | {"一般": 15, "说不清": 15}, ANSWERS])
    new = tencent(tmp_path, [where(), letters(ANSWERS), letters(ANSWERS)])
    (note,) = told(old, new).values()
    assert note.code == "options_changed"
    assert "不再出现 “说不清”" in said(note)


def test_options_are_regrouped_only_if_name_or_share_says_so() -> None:
    gone, come = {"a": "a", "b": "b"}, {"c": "c"}
    assert regrouped(gone, come, {"a": 0.2, "b": 0.2}, {"c": 0.44}) == "merged"
    assert regrouped(gone, come, {"a": 0.2, "b": 0.2}, {"c": 0.46}) is None
    assert regrouped(gone, come, {}, {}) is None
    assert regrouped(come, gone, {"c": 0.4}, {"a": 0.2, "b": 0.2}) == "split"
    assert regrouped(gone, {"c": "c", "d": "d"}, {}, {}) is None


def test_a_file_by_number_beside_one_by_text_says_what_cannot_be_compared() -> None:
    old = files.sheet([ASKED[1]], [["满意"]] * 30, file="2025.csv", variant="text")
    new = files.sheet([ASKED[1]], [["1"]] * 30, file="2026.csv", variant="number")
    (note,) = told(old, new).values()
    assert note.code == "exported_otherwise"
    assert "按文本导出，本次按序号导出" in said(note)


def test_a_question_without_a_number_that_moved_is_told_alone(tmp_path: Path) -> None:
    asked = ("办事是否方便", "楼道是否整洁", "夜间照明如何", "停车管理如何")
    order = (0, 3, 1, 2)
    text = lines(asked, *[["好", "中", "差", "无"]] * 30)
    moved = lines(
        [asked[at] for at in order], *[[("好", "中", "差", "无")[at] for at in order]] * 30
    )
    old, new = export(tmp_path, text, name="2025.csv"), export(tmp_path, moved, name="2026.csv")
    (note,) = told(old, new).values()
    assert note.code == "question_moved"
    assert said(note).startswith("“停车管理如何”由D 列移到B 列（上一批次 2025.csv）")
