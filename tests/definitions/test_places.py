"""How places of a file are found and written for people, and how texts are compared."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.definitions.boundaries import read_boundaries
from evalkit.definitions.evaluation import EvaluationOrder, Wave
from evalkit.definitions.places import (
    Place,
    Places,
    column_letters,
    column_text,
    key_path,
    printable,
    rows_text,
)
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.text import (
    COMMITTEE_SUFFIXES,
    committee_key,
    comparable,
    on_one_line,
    option_key,
    question_key,
    simplified,
)
from evalkit.errors import Problems
from tests.definitions.small import fresh

# --- places ---


def test_the_nearest_piece_around_a_path_tells_its_place() -> None:
    places = Places()
    places.put(("groups", 1), Place("评价主体", 3))
    places.put(("groups",), Place("评价主体", 1))
    places.put(("groups", 1), Place("别处", 9))  # the first note counts
    assert places.find(("groups", 1, "weight")) == Place("评价主体", 3)
    assert places.find(("groups", 2, "weight")) == Place("评价主体", 1)
    assert places.find(("grades", 0)) == Place()
    places.put((), Place(None, 1))
    assert places.find(("grades", 0)) == Place(None, 1)


def test_a_value_of_a_table_has_its_elements_row_and_its_keys_column() -> None:
    places = Places()
    places.put(("groups", 1), Place("评价主体", 3))
    places.put(("groups", "weight"), Place("评价主体", None, "C（权重）"))
    assert places.find(("groups", 1, "weight")) == Place("评价主体", 3, "C（权重）")
    assert places.find(("groups", 1, "name")) == Place("评价主体", 3)
    assert places.find(("groups", 0, "weight")) == Place()


def test_absent_columns_and_torn_pieces_are_remembered() -> None:
    places = Places()
    places.put_absent(("groups", "weight"))
    assert places.is_absent(("groups", 4, "weight"))
    assert not places.is_absent(("groups", 4, "name"))
    places.tear(("grades",))
    torn = places.torn()
    assert torn == {("grades",)}
    torn.clear()
    assert places.torn() == {("grades",)}


def test_paths_are_written_with_what_elements_are_called() -> None:
    data = {
        "dimensions": [{"code": "A", "indicators": [{"name": " 走访 ", "x": 1}, {"code": 7}, 3]}]
    }
    at = ("dimensions", 0, "indicators")
    assert key_path((*at, 0, "x"), data) == "dimensions[0](A).indicators[0](走访).x"
    assert key_path((*at, 1), data) == "dimensions[0](A).indicators[1](7)"
    assert key_path((*at, 2), data) == "dimensions[0](A).indicators[2]"
    assert key_path((*at, 9, "code"), data) == "dimensions[0](A).indicators[9].code"
    assert key_path(("a" * 61,), {}) == "a" * 60
    assert key_path((), data) == "（整个文档）"


def test_labels_are_taken_in_order_and_cut() -> None:
    labelled = [{"name": "n", "code": "c", "label": "l", "id": "i"}, {"name": "n", "code": "c"}]
    assert key_path((0,), labelled) == "[0](i)"
    assert key_path((1,), labelled) == "[1](c)"
    assert key_path((0,), [{"id": "x" * 31}]) == f"[0]({'x' * 30})"
    assert key_path((0,), [{"id": "  ", "name": "n"}]) == "[0](n)"


def test_what_cannot_be_shown_is_replaced() -> None:
    assert printable("a\x00b\n  c") == "a\ufffdb c"


@pytest.mark.parametrize(
    ("rows", "text"),
    [
        ([3], "第 3 行"),
        ([5, 3, 4, 9, 3], "第 3-5、9 行"),
        ([1, 3, 5], "第 1、3、5 行"),
        ([1, 2, 4, 5], "第 1-2、4-5 行"),
    ],
)
def test_rows_are_written_in_runs(rows: list[int], text: str) -> None:
    assert rows_text(rows) == text


@pytest.mark.parametrize(
    ("position", "letters"),
    [(0, "A"), (25, "Z"), (26, "AA"), (51, "AZ"), (52, "BA"), (701, "ZZ"), (702, "AAA")],
)
def test_columns_have_excels_letters(position: int, letters: str) -> None:
    assert column_letters(position) == letters
    assert column_text(position, "权重") == f"{letters}（权重）"
    assert column_text(position, "") == letters


def test_a_wrong_byte_of_a_boundary_file_has_its_line(tmp_path: Path) -> None:
    (tmp_path / "b.geojson").write_bytes(b'{\n"a":\n"\xff"}')
    problems = Problems()
    roster = Roster(subjects=[Subject(id="a", name="甲村")])
    assert read_boundaries(tmp_path / "b.geojson", "b", roster, ["2016"], problems) is None
    assert [(p.code, p.row) for p in problems] == [("wrong_encoding", 3)]


# --- texts ---


@pytest.mark.parametrize(
    ("text", "compared"),
    [
        ("Ａ、Ｂ。", "a,b."),
        ("３～５—６–７", "3~5-6-7"),
        ("满\u00ad意\u200d\u2060 ", "满意"),
        ("ＭＡＸ", "max"),
    ],
)
def test_texts_are_compared_normalised(text: str, compared: str) -> None:
    assert comparable(text) == compared


@pytest.mark.parametrize("suffix", COMMITTEE_SUFFIXES)
def test_every_declared_suffix_is_left_out_once_and_alone(suffix: str) -> None:
    assert committee_key(f"玉佛{suffix}") == "玉佛"
    assert committee_key(f"{suffix}玉佛") == f"{simplified(suffix)}玉佛"
    assert committee_key("玉佛") == "玉佛"


def test_the_longest_suffix_is_left_out() -> None:
    assert committee_key("玉佛社区居民委员会") == "玉佛"
    assert committee_key("玉佛小区居委会") == "玉佛小区"
    assert [committee_key(name) for name in ("小区", "社区", "居委会")] == [
        "小区",
        "社区",
        "居委会",
    ]


def test_questions_and_options_are_compared_without_remarks_at_the_end() -> None:
    assert question_key("哪些？（多选）（选答）") == "哪些?"
    assert question_key("（选填）哪些？（必答）") == "(选填)哪些?(必答)"
    for label in ("其他【请注明】", "其他（请说明）", "其他[ ]", "其他 请填写", "其他()"):
        assert option_key(label) == "其他"
    assert option_key("请注明其他") == "请注明其他"


def test_lines_are_joined_as_chinese_wants_it() -> None:
    assert on_one_line("您 满\n意吗？ Yes or\n no 吧") == "您满意吗？ Yes or no 吧"
    assert simplified("停車 場") == "停车场"


# --- waves of an order ---


def test_waves_have_names_and_what_was_issued() -> None:
    data = fresh("evaluation")
    data["waves"][0]["title"] = "首次评估"
    order = EvaluationOrder.model_validate(data)
    assert order.wave("2016").issued == {"key": 100}
    with pytest.raises(KeyError, match="2014"):
        order.wave("2014")
    assert order.wave_name("2015") == "首次评估"
    assert order.wave_name("2016") == "2016年度"
    assert order.wave_name("2014") == "2014年度"
    assert Wave(id="pilot").name == "pilot"
    assert order.issued("2016") == {"key": 100}
    assert order.issued("2015") == order.issued("2014") == {}


def periods(start: str, end: str) -> list[str]:
    data = fresh("evaluation")
    data["waves"][1].update(start=start, end=end)
    return [fault.code for fault in EvaluationOrder.model_validate(data).faults()]


def test_a_period_may_be_a_single_day_and_not_less() -> None:
    assert periods("2016-11-14", "2016-11-14") == []
    assert periods("2016-11-15", "2016-11-14") == ["period_reversed"]


@pytest.mark.parametrize(
    ("ids", "found"),
    [
        (["2015", "2016"], []),
        (["2016", "2015"], ["waves_out_of_order"]),
        (["2016", "2016"], ["waves_out_of_order"]),
        (["10", "9"], []),  # as text
    ],
)
def test_waves_stand_in_the_order_of_their_ids(ids: list[str], found: list[str]) -> None:
    data = fresh("evaluation")
    for wave, own in zip(data["waves"], ids, strict=True):
        wave["id"] = own
    assert [f.code for f in EvaluationOrder.model_validate(data).faults()] == found


def test_a_file_is_the_same_however_its_path_is_written() -> None:
    data = fresh("evaluation")
    data["waves"][0]["files"][0]["file"] = "x/../b.xlsx"
    assert [f.code for f in EvaluationOrder.model_validate(data).faults()] == ["file_claimed_twice"]
    data["waves"][0]["files"][0]["file"] = ".\\b.xlsx"
    assert [f.code for f in EvaluationOrder.model_validate(data).faults()] == ["file_claimed_twice"]
    data["waves"][0]["files"][0]["file"] = "x/b.xlsx"
    assert [f.code for f in EvaluationOrder.model_validate(data).faults()] == []
