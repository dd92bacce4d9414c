"""What an analyst declares of a file: which rows, in which shape, and how choices are joined."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.crosswalk_consistency import against
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
from evalkit.definitions.text import comparable, uncircled, undecorated
from evalkit.errors import Problems
from evalkit.intake.importing import Source, in_two_files
from evalkit.platforms import Long, Said
from tests.intake.exported import crosswalk
from tests.platforms.exporting import (
    TOLD,
    coded,
    export,
    lines,
    problems_of,
    survey,
    told,
)

WAVES = lines(
    ("年份", "所在居民区", "办事是否方便", "需求"),
    ("2025", "东苑", "满意", "停车、电梯"),
    ("2026", "西苑", "不满意", "绿化"),
    ("2025", "东苑", "一般", "电梯、绿化"),
    ("2026", "西苑", "不了解", ""),
)
LONG = lines(
    ("答卷", "所在居民区", "题", "答"),
    ("p1", "东苑", "办事是否方便", "满意"),
    ("p1", "东苑", "需求", "停车"),
    ("p2", "西苑", "办事是否方便", "不满意"),
    ("p1", "东苑", "需求", "电梯"),
    ("p2", "西苑", "需求", "绿化"),
)
AS_LONG = Said(long=Long("答卷", "题", "答"))


def refusals(folder: Path, text: str, said: Said) -> list[str]:
    path = folder / "a.csv"
    path.write_text(text, encoding="utf-8")
    sheet, problems = problems_of(path, said)
    assert sheet is None
    assert all(p.remedy and p.expected for p in problems)
    return [problem.code for problem in problems]


def test_several_waves_in_one_file_are_told_apart_by_a_column(tmp_path: Path) -> None:
    early = export(tmp_path, WAVES, Said(where={"年份": ("2025",)}))
    late = export(tmp_path, WAVES, Said(where={"年份": ("2026",)}))
    assert list(early.cells.index) == [2, 4]
    assert told(early) == [TOLD[0], TOLD[2]]
    assert told(late) == [TOLD[1], TOLD[3]]
    (note,) = [note for note in early.notes if note.code == "rows_of_other_parts"]
    assert (note.count, note.facts["kept"]) == (2, 2)


def test_two_parts_of_one_file_are_not_the_same_answers(tmp_path: Path) -> None:
    entry = ResponseFile(file="a.csv", questionnaire="q", group="key")
    parts = [export(tmp_path, WAVES, Said(where={"年份": (y,)})) for y in ("2025", "2026")]
    waves = {part.part: [Source(entry, part, survey())] for part in parts}
    problems = Problems()
    in_two_files(waves, problems)
    assert list(problems) == []


def test_a_file_may_be_claimed_twice_for_different_rows_only() -> None:
    def codes(*values: object) -> list[str]:
        entries = [
            {"file": "a.csv", "questionnaire": "q", **({"where": {"年份": v}} if v else {})}
            for v in values
        ]
        order = EvaluationOrder.model_validate(
            {
                "title": "t",
                "street": "测试街道",
                "waves": [{"id": f"w{n}", "files": [e]} for n, e in enumerate(entries)],
            }
        )
        return [fault.code for fault in order.faults()]

    assert codes(2025, "2026") == []
    assert codes(["2025", "2026"], ["2026"]) == []
    assert codes("2025", "2025") == ["file_claimed_twice"]
    assert codes(None, None) == ["file_claimed_twice"]


@pytest.mark.parametrize(
    ("where", "codes"),
    [
        ({"年度": ("2025",)}, ["declared_column_missing"]),
        ({"年份": ("2024",)}, ["where_without_rows"]),
        ({"年份": ("2025",), "所在居民区": ("西苑",)}, ["where_without_rows"]),
        ({"年度": ("1",), "年份": ("2024",)}, ["declared_column_missing", "where_without_rows"]),
    ],
)
def test_rows_that_are_not_there_are_a_problem(
    where: dict[str, tuple[str, ...]], codes: list[str], tmp_path: Path
) -> None:
    assert refusals(tmp_path, WAVES, Said(where=where)) == codes


def test_a_long_table_is_laid_side_by_side(tmp_path: Path) -> None:
    sheet = export(tmp_path, LONG, AS_LONG)
    assert [column.header for column in sheet.columns] == [
        "答卷",
        "所在居民区",
        "办事是否方便",
        "需求",
    ]
    assert list(sheet.cells.index) == [2, 4]
    assert told(sheet) == TOLD[:2]


def test_a_single_choice_with_two_answers_in_a_long_table_is_told(tmp_path: Path) -> None:
    text = LONG + "\r\np1,东苑,办事是否方便,一般"
    _, problems = coded(export(tmp_path, text, AS_LONG))
    assert [problem.code for problem in problems] == ["unknown_option"]
    assert problems[0].row == 2


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("题,答", "题目,答", "declared_column_missing"),
        ("p1,东苑,需求,停车", ",东苑,需求,停车", "long_row_without"),
        ("p1,东苑,需求,停车", "p1,西苑,需求,停车", "long_column_differs"),
    ],
)
def test_what_a_long_table_lacks_is_named(old: str, new: str, code: str, tmp_path: Path) -> None:
    assert refusals(tmp_path, LONG.replace(old, new), AS_LONG) == [code]


@pytest.mark.parametrize(
    ("spelled", "joint"), [("换行", "\n"), ("空格", " "), ("##", "##"), ("；", "；")]
)
def test_a_declared_separator_parts_the_choices(spelled: str, joint: str, tmp_path: Path) -> None:
    sheet = export(
        tmp_path,
        WAVES.replace("、", joint)
        .replace(f"停车{joint}电梯", f'"停车{joint}电梯"')
        .replace(f"电梯{joint}绿化", f'"电梯{joint}绿化"'),
    )
    assert told(sheet, separator=spelled) == [TOLD[0], TOLD[1], TOLD[2], TOLD[3]]


def test_one_cell_may_be_several_codes_in_a_crosswalk(tmp_path: Path) -> None:
    sheet = export(tmp_path, WAVES.replace("停车、电梯", "车和梯"))
    by = crosswalk("q", [None, "where", "a", "n"], values={"n": {"车和梯": "1;2"}})
    found, problems = coded(sheet, by=by)
    assert problems == []
    assert found.codes["n"].iloc[0] == "1;2"
    assert list(against(by, {"q": survey()}, None)) == []
    wrong = Crosswalk.model_validate(
        by.model_dump() | {"values": {"n": {"车和梯": "1;8"}, "a": {"好": "1;2"}}}
    )
    assert [fault.found for fault in against(wrong, {"q": survey()}, None)] == ["8", "1;2"]


@pytest.mark.parametrize(
    "label",
    [
        "A.满意",
        "a、满意",
        "1、满意",
        "(1)满意",
        "①满意",
        "⑴ 满意",
        "满意（5分）",
        "满意5分",
        "满意(100%)",
        "B.满意（80分）",
    ],
)
def test_letters_numbers_and_points_around_a_label_do_not_matter(
    label: str, tmp_path: Path
) -> None:
    sheet = export(tmp_path, WAVES.replace(",满意,", f",{label},"))
    assert told(sheet)[0] == TOLD[0]


@pytest.mark.parametrize(
    "label", ["1、2年", "5分", "100%", "2.5", "1,000元", "B", "3年以内", "30%以下"]
)
def test_digits_that_are_the_option_itself_stay(label: str) -> None:
    assert undecorated(comparable(label)) == comparable(label)
    assert uncircled(label) == label
