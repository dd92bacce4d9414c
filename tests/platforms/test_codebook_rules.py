"""The codebook of a pair of exports: who agrees, what is counted, which label has which number."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from evalkit.pages.press.sentences import said
from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import RawSheet
from evalkit.platforms.wenjuanxing import codes as coding
from tests.files.building import META, codes, meta, read_well, xlsx


def export(path: Path, headers: tuple[str, ...], answers: list[tuple[str, ...]]) -> RawSheet:
    rows = [(*META, *headers), *((*meta(at), *row) for at, row in enumerate(answers, start=1))]
    return read_well(xlsx(path, rows))


# --- the codebook of a pair -------------------------------------------------------------------


def test_a_spelling_matters_but_for_width_and_white_space() -> None:
    assert coding.plain(" 其他（请 注明）Ａ1 ") == "其他(请注明)A1"
    assert coding.plain("甲") != coding.plain("乙")


def pair(
    tmp_path: Path,
    headers: tuple[tuple[str, ...], tuple[str, ...]],
    rows: list[tuple[tuple[str, ...], tuple[str, ...]]],
) -> wenjuanxing.Codebook:
    text = export(tmp_path / "1_按文本.xlsx", headers[0], [left for left, _ in rows])
    number = export(tmp_path / "1_按序号.xlsx", headers[1], [right for _, right in rows])
    return wenjuanxing.codebook(text, number)


def test_a_question_with_columns_that_do_not_match_is_noted_and_left_alone(
    tmp_path: Path,
) -> None:
    """Three rows of a matrix by text, two of them by number."""
    rows = [
        (("满意", "满意", "不满意", "满意"), ("1", "1", "1")),
        (("不满意", "满意", "满意", "满意"), ("2", "1", "1")),
    ] * 3
    headers = (
        ("1、总体", "7、满意度—环境", "平安", "停车"),
        ("1、总体", "7、满意度—环境", "平安"),
    )
    book = pair(tmp_path, headers, rows)
    assert [(note.code, said(note)) for note in book.notes] == [
        ("columns_unmatched", "第 7 题 按文本有 3 列，按序号有 2 列，没有对照")
    ]
    assert book.problems == ()
    question = book.question(7)
    assert (question.kind, question.options, question.answered) == ("text", (), 6)
    assert [(o.code, o.label, o.count) for o in book.question(1).options] == [
        (1, "满意", 3), (2, "不满意", 3),
    ]  # fmt: skip


@pytest.mark.parametrize(("wrong", "sound"), [(1, True), (2, False)])
def test_nine_of_ten_rows_must_say_the_same(tmp_path: Path, wrong: int, sound: bool) -> None:
    """Ten rows; a wrong one has the number of another label."""
    rows = [
        ((("满意", "不满意")[at % 2],), (("1", "2")[(at + (at < wrong)) % 2],)) for at in range(10)
    ]
    book = pair(tmp_path, (("1、总体",), ("1、总体",)), rows)
    assert book.agreeing == 10 - wrong
    assert [problem.code for problem in book.problems] == ([] if sound else ["pair_differs"])
    if sound:
        (note,) = book.notes
        assert (note.code, note.count) == ("label_with_two_codes", 1)
        assert said(note) == "第 1 题 的选项“满意”有几个编号：1（4 行）、2（1 行）"
    else:
        assert book.questions == ()
        assert book.problems[0].found == "10 行中 8 行一致"


def test_a_row_skipped_in_one_file_only_does_not_agree(tmp_path: Path) -> None:
    rows = [(("满意", "x"), ("1", "x"))] * 20
    rows += [
        (("(跳过)", "x"), ("-3", "x")),
        (("(跳过)", "x"), ("-2", "x")),
        (("(空)", "x"), ("1", "x")),
    ]
    book = pair(tmp_path, (("1、总体", "2、建议"), ("1、总体", "2、建议")), rows)
    assert (book.joined, book.agreeing) == (23, 21)
    assert book.question(1).answered == 20
    assert book.question(1).agreeing == 21


def test_choices_are_counted_by_option_and_other_spellings_are_remembered(
    tmp_path: Path,
) -> None:
    rows = [
        (("甲┋丙（其他）〖x〗", "一"), ("1", "0", "1", "1")),
        (("乙", "一"), ("0", "1", "0", "1")),
        (("甲", "二"), ("1", "0", "0", "2")),
    ] * 4
    headers = (("3、爱好", "4、总体"), ("第3题(甲)", "第3题(乙)", "第3题(丙(其他))", "4、总体"))
    book = pair(tmp_path, headers, rows)
    assert book.notes == ()
    assert [(o.label, o.code, o.count, o.aliases) for o in book.question(3).options] == [
        ("甲", 1, 8, ()),
        ("乙", 2, 4, ()),
        ("丙(其他)", 3, 4, ("丙（其他）",)),
    ]
    assert book.agreeing == 12


def test_rows_joined_by_position_need_the_same_number(tmp_path: Path) -> None:
    headers = ("提交答卷时间", "所用时间", "1、总体", "2、建议")
    rows = [("2016/1/1 10:00:00", "136秒", "满意", "好")] * 6
    text = read_well(xlsx(tmp_path / "按文本.xlsx", [headers, *rows]))
    numbers = [(*row[:2], "1", row[3]) for row in rows]
    number = read_well(xlsx(tmp_path / "按序号.xlsx", [headers, *numbers]))
    book = wenjuanxing.codebook(text, number)
    assert (book.joined_by, book.joined, book.agreeing) == ("position", 6, 6)
    fewer = read_well(xlsx(tmp_path / "按序号2.xlsx", [headers, *numbers[:5]]))
    book = wenjuanxing.codebook(text, fewer)
    (problem,) = book.problems
    assert (problem.code, problem.found) == ("pair_not_joined", "6 行与 5 行")


def test_labels_belong_to_the_column_of_their_question_only(tmp_path: Path) -> None:
    rows = [(("满意", "a", "甲"), ("1", "a", "1")), (("不满意", "b", "乙"), ("2", "b", "2"))] * 5
    headers = ("1、总体", "2、建议", "没有编号")
    book = pair(tmp_path, (headers, headers), rows)
    number = read_well(tmp_path / "1_按序号.xlsx")
    labels = [book.labels(column) for column in number.columns[len(META) :]]
    assert labels == [{"1": "满意", "2": "不满意"}, {}, {"1": "甲", "2": "乙"}]
    assert book.labels(number.columns[0]) == {}
    assert book.question(1).code("不满意") == 2
    assert book.question(1).code("没有") is None


def test_every_row_joins_its_own_sequence_even_where_it_restarts(tmp_path: Path) -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    labels = ("满意", "一般", "不满意")
    given = rng.integers(0, 3, 12).tolist()
    sequence = [*range(1, 7), *range(1, 7)]
    headers = (*META, "1、总体", "2、建议")
    text = [
        (*meta(s), labels[g], f"t{at}")
        for at, (s, g) in enumerate(zip(sequence, given, strict=True))
    ]
    number = [
        (*meta(s), str(g + 1), f"t{at}")
        for at, (s, g) in enumerate(zip(sequence, given, strict=True))
    ]
    left = read_well(xlsx(tmp_path / "按文本.xlsx", [headers, *text]))
    right = read_well(xlsx(tmp_path / "按序号.xlsx", [headers, *number]))
    book = wenjuanxing.codebook(left, right)
    assert (book.joined_by, book.joined, book.agreeing) == ("sequence", 12, 12)
    assert {o.label: o.code for o in book.question(1).options} == {
        labels[g]: g + 1 for g in sorted(set(given))
    }
    assert codes(left) == codes(right) == set()


def test_unnumbered_questions_of_one_wording_are_told_apart_by_their_order(
    tmp_path: Path,
) -> None:
    rows = [(("满意", "甲", "丙"), ("1", "1", "2")), (("不满意", "乙", "丁"), ("2", "2", "1"))] * 5
    headers = ("1、总体", "再问一次", "再问一次")
    book = pair(tmp_path, (headers, headers), rows)
    assert book.notes == ()
    told = [
        (q.kind, [(option.code, option.label) for option in q.options]) for q in book.questions[1:]
    ]
    assert told == [
        ("single", [(1, "甲"), (2, "乙")]),
        ("single", [(1, "丁"), (2, "丙")]),
    ]
