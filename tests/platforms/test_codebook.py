"""The codebook of a pair whose truth is known."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evalkit.pages.press.sentences import said
from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import RawSheet
from tests.files.building import META, meta, read_well, xlsx

LEVELS = ("非常满意", "满意", "基本满意", "不满意")
HOBBIES = ("运动", "阅读", "其他【请注明】")
WISHES = ("环境", "平安", "停车")

TEXT_HEADERS = (
    *META, "1、总体评价", "3、爱好", "5、请排序", "7、满意度—环境", "平安", "8、建议", "9、年龄",
)  # fmt: skip
NUMBER_HEADERS = (
    *META, "1、总体评价", *(f"第3题({label})" for label in HOBBIES),
    *(f"第5题({label})" for label in WISHES), "7、满意度—环境", "平安", "8、建议", "9、年龄",
)  # fmt: skip


def rows(count: int, seed: int = 1) -> tuple[list[list[str]], list[list[str]]]:
    """The same random answers by text and by number."""
    rng = np.random.Generator(np.random.PCG64(seed))
    by_text, by_number = [], []
    for at in range(1, count + 1):
        level = [int(value) for value in rng.integers(0, 4, size=3)]
        chosen = [bool(value) for value in rng.integers(0, 2, size=3)]
        order = [int(value) for value in rng.permutation(3)][: int(rng.integers(0, 4))]
        age = str(rng.integers(18, 90))
        wish = "希望 改善停车" if at % 3 else "(空)"
        labels = [
            f"{label}〖养鱼〗" if label.startswith("其他") else label
            for label, taken in zip(HOBBIES, chosen, strict=True)
            if taken
        ]
        skipped = at % 10 == 0
        by_text.append(
            [
                *meta(at),
                "(跳过)" if skipped else LEVELS[level[0]],
                "(跳过)" if skipped else "┋".join(labels) or "(空)",
                "→".join(WISHES[option] for option in order) or "(跳过)",
                LEVELS[level[1]],
                LEVELS[level[2]],
                wish,
                age,
            ]
        )
        by_number.append(
            [
                *meta(at),
                "-3" if skipped else str(level[0] + 1),
                *(["-3"] * 3 if skipped else [str(int(taken)) for taken in chosen]),
                *(str(order.index(option) + 1) if option in order else "-2" for option in range(3)),
                str(level[1] + 1),
                str(level[2] + 1),
                "-2" if wish == "(空)" else wish,
                age,
            ]
        )
    return by_text, by_number


def pair(
    tmp_path: Path, by_text: list[list[str]], by_number: list[list[str]]
) -> tuple[RawSheet, RawSheet]:
    return (
        read_well(xlsx(tmp_path / "1_按文本_x.xlsx", [TEXT_HEADERS, *by_text])),
        read_well(xlsx(tmp_path / "1_按序号_x.xlsx", [NUMBER_HEADERS, *by_number])),
    )


def test_the_known_truth_comes_back(tmp_path: Path) -> None:
    book = wenjuanxing.codebook(*pair(tmp_path, *rows(60)))
    assert book.problems == ()
    assert book.notes == ()
    assert book.joined_by == "sequence"
    assert book.joined == book.agreeing == 60
    assert [(q.number, q.kind, q.text) for q in book.questions] == [
        (1, "single", "总体评价"),
        (3, "multiple", "爱好"),
        (5, "ranking", "请排序"),
        (7, "matrix", "满意度"),
        (8, "text", "建议"),
        (9, "text", "年龄"),
    ]
    for number in (1, 7):
        options = book.question(number).options
        assert [(option.code, option.label) for option in options] == list(enumerate(LEVELS, 1))
    assert book.question(7).rows == ("环境", "平安")
    assert [option.label for option in book.question(3).options] == list(HOBBIES)
    assert [option.label for option in book.question(5).options] == list(WISHES)
    assert book.question(1).answered == 54
    assert book.question(9).options == ()
    with pytest.raises(KeyError):
        book.question(2)


def test_labels_of_a_column_by_number(tmp_path: Path) -> None:
    text, number = pair(tmp_path, *rows(60))
    book = wenjuanxing.codebook(text, number)
    labels = {column.header: book.labels(column) for column in number.columns}
    expected = {str(code): label for code, label in enumerate(LEVELS, 1)}
    assert labels["1、总体评价"] == labels["7、满意度—环境"] == labels["平安"] == expected
    assert labels["第3题(运动)"] == labels["8、建议"] == labels["序号"] == {}


def test_rows_in_another_order_are_joined_by_sequence(tmp_path: Path) -> None:
    by_text, by_number = rows(40)
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number[::-1]))
    assert book.joined == book.agreeing == 40


def test_rows_in_one_file_only_are_counted(tmp_path: Path) -> None:
    by_text, by_number = rows(40)
    book = wenjuanxing.codebook(*pair(tmp_path, by_text[5:], by_number[:-2]))
    assert (book.text_rows, book.number_rows, book.joined, book.agreeing) == (35, 38, 33, 33)
    assert [(note.code, note.count) for note in book.notes] == [("rows_in_one_file", 7)]
    assert book.problems == ()


def test_two_exports_pasted_together_and_footers(tmp_path: Path) -> None:
    first, second = rows(20, seed=1), rows(20, seed=2)
    by_text = [*first[0], list(TEXT_HEADERS), *second[0], ["合计"] + [""] * 12]
    by_number = [*first[1], *second[1]]
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert (book.text_rows, book.number_rows) == (40, 40)
    assert book.joined == book.agreeing == 40
    assert book.notes == ()


def test_a_label_with_two_codes_is_a_contradiction(tmp_path: Path) -> None:
    by_text, by_number = rows(60)
    at = next(i for i, row in enumerate(by_text) if row[6] == "满意")
    by_number[at][6] = "4"
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert [(note.code, note.count) for note in book.notes] == [("label_with_two_codes", 1)]
    assert "第 1 题" in said(book.notes[0])
    assert "满意" in said(book.notes[0])
    assert (book.joined, book.agreeing) == (60, 59)
    assert book.question(1).agreeing == 59
    assert book.question(1).code("满意") == 2


def test_two_labels_of_one_code(tmp_path: Path) -> None:
    by_text, by_number = rows(60)
    satisfied = [i for i, row in enumerate(by_text) if row[6] == "满意"]
    by_text[satisfied[0]][6] = "满 意"
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert book.notes == ()
    assert book.question(1).code("满 意") == book.question(1).code("满意") == 2
    by_text[satisfied[0]][6] = "比较满意"
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert [(note.code, note.count) for note in book.notes] == [("code_with_two_labels", 1)]
    assert book.question(1).options[1].aliases == ("比较满意",)
    assert book.agreeing == 60


def test_a_wrong_choice_is_seen(tmp_path: Path) -> None:
    by_text, by_number = rows(60)
    at = next(i for i, row in enumerate(by_number) if row[7] == "1")
    by_number[at][7] = "0"
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert book.question(3).agreeing == 59
    assert book.agreeing == 59


def test_a_wrong_rank_is_seen(tmp_path: Path) -> None:
    by_text, by_number = rows(60)
    at = next(i for i, row in enumerate(by_number) if sorted(row[10:13]) == ["1", "2", "3"])
    by_number[at][10:13] = [str(4 - int(rank)) for rank in by_number[at][10:13]]
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert book.question(5).agreeing == 59


def test_a_label_without_a_column_is_noted(tmp_path: Path) -> None:
    by_text, by_number = rows(60)
    at = next(i for i, row in enumerate(by_text) if row[7] == "运动")
    by_text[at][7] = "运动┋钓鱼"
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert [(note.code, note.count) for note in book.notes] == [("label_without_code", 1)]
    assert "钓鱼" in said(book.notes[0])
    assert book.question(3).agreeing == 59


def test_other_submission_times_are_not_the_same_answers(tmp_path: Path) -> None:
    by_text, by_number = rows(60)
    by_number[7][1] = "2017/01/01 00:00:00"
    book = wenjuanxing.codebook(*pair(tmp_path, by_text, by_number))
    assert [(note.code, note.count) for note in book.notes] == [("metadata_differs", 1)]
    assert book.agreeing == 59


def test_answers_of_other_people_are_refused(tmp_path: Path) -> None:
    book = wenjuanxing.codebook(*pair(tmp_path, rows(60, seed=1)[0], rows(60, seed=2)[1]))
    assert [problem.code for problem in book.problems] == ["pair_differs"]
    assert book.questions == ()


def test_swapped_variants_are_refused(tmp_path: Path) -> None:
    text, number = pair(tmp_path, *rows(60))
    book = wenjuanxing.codebook(number, text)
    assert [problem.code for problem in book.problems] == ["pair_variants"]


def test_without_sequence_numbers_rows_are_joined_by_position(tmp_path: Path) -> None:
    by_text, by_number = rows(30)
    text = xlsx(tmp_path / "按文本.xlsx", [TEXT_HEADERS[1:], *(row[1:] for row in by_text)])
    number = xlsx(tmp_path / "按序号.xlsx", [NUMBER_HEADERS[1:], *(row[1:] for row in by_number)])
    book = wenjuanxing.codebook(read_well(text), read_well(number))
    assert (book.joined_by, book.joined, book.agreeing) == ("position", 30, 30)
    short = xlsx(tmp_path / "按序号.xlsx", [NUMBER_HEADERS[1:], *(r[1:] for r in by_number[1:])])
    book = wenjuanxing.codebook(read_well(text), read_well(short))
    assert [problem.code for problem in book.problems] == ["pair_not_joined"]


def test_a_question_missing_by_number_is_noted(tmp_path: Path) -> None:
    by_text, by_number = rows(30)
    keep = [at for at, header in enumerate(NUMBER_HEADERS) if header != "9、年龄"]
    number = xlsx(
        tmp_path / "按序号.xlsx",
        [[row[at] for at in keep] for row in (list(NUMBER_HEADERS), *by_number)],
    )
    text = xlsx(tmp_path / "按文本.xlsx", [TEXT_HEADERS, *by_text])
    book = wenjuanxing.codebook(read_well(text), read_well(number))
    assert [note.code for note in book.notes] == ["question_in_one_file"]
    assert "第 9 题" in said(book.notes[0])
