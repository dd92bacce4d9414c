"""What 问卷星 writes into cells, and which of its variants a sheet is."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from evalkit.platforms import wenjuanxing
from tests.files.building import META, codes, csv, meta, read_well, xlsx


@pytest.mark.parametrize(
    ("cell", "variant", "state"),
    [
        ("(跳过)", "text", "skipped"),
        ("（跳过）", "text", "skipped"),
        ("(空)", "text", "empty"),
        ("（空）", None, "empty"),
        ("", "text", "empty"),
        ("", "number", "empty"),
        ("-3", "number", "skipped"),
        ("-2", "number", "empty"),
        ("-3", "score", "skipped"),
        ("-2", "score", "empty"),
        ("(跳过)", "number", "skipped"),
        ("-3", "text", None),
        ("-2", None, None),
        ("0", "number", None),
        ("跳过", "text", None),
        ("满意", "text", None),
    ],
)
def test_missing_marks(cell: str, variant: str | None, state: str | None) -> None:
    assert wenjuanxing.missing_state(cell, variant) == state


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("运动", [("运动", None)]),
        ("运动┋阅读┋其他【请注明】〖军事国防〗", [("运动", None), ("阅读", None), ("其他【请注明】", "军事国防")]),
        ("其他【请注明】〖电影，餐饮〗", [("其他【请注明】", "电影，餐饮")]),
        ("其他〖a┋b〗┋阅读", [("其他", "a┋b"), ("阅读", None)]),
        ("其他〖没写完┋阅读", [("其他〖没写完", None), ("阅读", None)]),
        ("其他〖〗", [("其他", "")]),
        (" 运动 ┋ 阅读 ", [("运动", None), ("阅读", None)]),
        ("", []),
    ],
)  # fmt: skip
def test_several_choices(cell: str, parts: list[tuple[str, str | None]]) -> None:
    assert wenjuanxing.split_multiple(cell) == parts


@pytest.mark.parametrize(
    ("cell", "parts"),
    [
        ("其他【请注明】〖柜台〗", ("其他【请注明】", "柜台")),
        ("10〖柜台〗", ("10", "柜台")),
        ("其他〖两\n行〗", ("其他", "两\n行")),
        ("满意", ("满意", None)),
        ("〖〗", ("", "")),
    ],
)
def test_other_please_specify(cell: str, parts: tuple[str, str | None]) -> None:
    assert wenjuanxing.split_other(cell) == parts


def test_rankings() -> None:
    assert wenjuanxing.split_ranking("A→B→C") == ["A", "B", "C"]
    assert wenjuanxing.split_ranking("环境卫生 → 平安有序") == ["环境卫生", "平安有序"]
    assert wenjuanxing.split_ranking("其他〖停车〗→环境") == ["其他", "环境"]


label = st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="┋→〖〗"),
    min_size=1,
    max_size=10,
)
written = st.none() | st.text(
    st.characters(exclude_categories=("C", "Z"), exclude_characters="〖〗"), max_size=10
)


@given(st.lists(st.tuples(label, written), min_size=1, max_size=8))
def test_choices_come_back_as_they_were_joined(parts: list[tuple[str, str | None]]) -> None:
    cell = "┋".join(name if text is None else f"{name}〖{text}〗" for name, text in parts)
    assert wenjuanxing.split_multiple(cell) == parts


@given(st.lists(label, min_size=1, max_size=8))
def test_rankings_come_back_as_they_were_joined(labels: list[str]) -> None:
    assert wenjuanxing.split_ranking("→".join(labels)) == labels


@pytest.mark.parametrize(
    ("cell", "seconds"),
    [
        ("136秒", 136),
        ("136", 136),
        ("2分16秒", 136),
        ("1小时2分", 3720),
        ("1小时0分1秒", 3601),
        ("12.5秒", 12.5),
        ("", None),
        ("NULL", None),
        ("秒", None),
    ],
)
def test_durations(cell: str, seconds: float | None) -> None:
    assert wenjuanxing.seconds(cell) == seconds


@given(st.integers(0, 10**6))
def test_any_number_of_seconds(count: int) -> None:
    assert wenjuanxing.seconds(f"{count}秒") == count


@pytest.mark.parametrize(
    ("cell", "address"),
    [
        ("101.80.1.2(上海-上海)", ("101.80.1.2", "上海-上海")),
        ("101.80.1.2", ("101.80.1.2", None)),
        ("2408:8456::1（上海-上海）", ("2408:8456::1", "上海-上海")),
        ("NULL", None),
        ("", None),
    ],
)
def test_addresses(cell: str, address: tuple[str, str | None] | None) -> None:
    assert wenjuanxing.split_address(cell) == address


SATISFACTION = ("非常满意", "满意", "基本满意", "不满意")


def export(path: Path, headers: tuple[str, ...], answers: list[tuple[str, ...]]) -> Path:
    rows = [(*META, *headers), *((*meta(at), *row) for at, row in enumerate(answers, start=1))]
    return xlsx(path, rows)


def by_text(count: int = 12) -> list[tuple[str, ...]]:
    return [(SATISFACTION[at % 4], "甲┋乙" if at % 2 else "丙") for at in range(count)]


HEADERS = ("1、总体评价", "2、爱好")


def test_joined_labels_are_by_text(tmp_path: Path) -> None:
    assert read_well(export(tmp_path / "a.xlsx", HEADERS, by_text())).variant == "text"


@pytest.mark.parametrize("count", [1, 2, 30])
def test_words_only_are_by_text_however_few(tmp_path: Path, count: int) -> None:
    answers = [(SATISFACTION[at % 4], "很好") for at in range(count)]
    assert read_well(export(tmp_path / "a.xlsx", HEADERS, answers)).variant == "text"


def test_option_columns_are_by_number(tmp_path: Path) -> None:
    headers = ("1、总体评价", "第2题(甲)", "第2题(乙)", "3、建议")
    answers = [(str(at % 4 + 1), "1", "0", "没有") for at in range(12)]
    assert read_well(export(tmp_path / "a.xlsx", headers, answers)).variant == "number"


def test_missing_marks_of_codes_are_by_number(tmp_path: Path) -> None:
    answers = [(str(at % 4 + 1), "-3" if at % 3 else "2") for at in range(12)]
    assert read_well(export(tmp_path / "a.xlsx", HEADERS, answers)).variant == "number"


def test_scales_from_minus_three_to_three_are_no_missing_marks(tmp_path: Path) -> None:
    answers = [(str(at % 7 - 3), str(at % 5 - 2)) for at in range(35)]
    assert read_well(export(tmp_path / "a.xlsx", HEADERS, answers)).variant is None


def test_scores_add_up_to_the_total(tmp_path: Path) -> None:
    headers = ("总分", "1、总体评价", "2、环境")
    answers = [
        (str(20 * (at % 6) + 7 * (at % 3)), str(20 * (at % 6)), str(7 * (at % 3)))
        for at in range(12)
    ]
    assert read_well(export(tmp_path / "a.xlsx", headers, answers)).variant == "score"
    wrong = [(str(at), *row[1:]) for at, row in enumerate(answers)]
    assert read_well(export(tmp_path / "b.xlsx", headers, wrong)).variant is None


def test_small_numbers_alone_claim_nothing_without_a_name(tmp_path: Path) -> None:
    answers = [(str(at % 4 + 1), str(at % 2 + 1)) for at in range(12)]
    for name, variant in (
        ("导出.xlsx", None),
        ("12345_按序号_居民满意度_12_12.xlsx", "number"),
        ("12345_按文本_居民满意度_12_12.xlsx", "text"),
        ("12345_按分数_居民满意度_12_12.xlsx", "score"),
        ("357_357_2.xlsx", "number"),
        ("357_357_0.xlsx", "text"),
    ):
        assert read_well(export(tmp_path / name, HEADERS, answers)).variant == variant


def test_a_name_that_contradicts_the_cells_is_noted_and_not_believed(tmp_path: Path) -> None:
    sheet = read_well(export(tmp_path / "1_按序号_x_12_12.xlsx", HEADERS, by_text()))
    assert sheet.variant == "text"
    assert codes(sheet) == {"variant_contradicts_name"}


def test_dirt_does_not_hide_the_variant(tmp_path: Path) -> None:
    headers = (*META, "1、总体评价", "第2题(甲)", "第2题(乙)")
    rows: list[tuple[str, ...]] = [
        (*meta(at), str(at % 4 + 1), str(at % 2), "1") for at in range(1, 61)
    ]
    pasted = [headers, *rows, headers, *rows, ("合计", *[""] * 5, "", "60", "120")]
    sheet = read_well(csv(tmp_path / "a.csv", pasted))
    assert sheet.variant == "number"
    assert len(sheet.cells) == 122
    assert sheet.cells.loc[62].tolist() == list(headers)
    assert sheet.cells.loc[123, 0] == "合计"
