"""What looks personal is masked wherever it was typed; answers, dates and places are not."""

from __future__ import annotations

import pytest

from evalkit import personal


@pytest.mark.parametrize(
    "text",
    [
        "13800138000", "138-0013-8000", "138 0013 8000", "１３８００１３８０００", "021-62345678",
        "(021)62345678", "62345678", "31010719900101123X", "310107 19900101 1234",
        "有事打13800138000", "wang.li@mail.example.cn", "微信 wangli_88", "QQ：123456",
        "沪A12345", "一三八零零一三八零零零", "长寿路12弄3号501室", "5号楼301室",
    ],
)  # fmt: skip
def test_what_leads_to_a_person_identifies(text: str) -> None:
    assert personal.identifies(text)
    assert "*" in personal.shown(text, 99)


@pytest.mark.parametrize(
    "text",
    [
        "满意", "7分", "2016-06-01", "2016/6/1 10:00:00", "20160601", "1 4 7 8 9 10", "5000-10000元",
        "0.3333333333", "99", "三次或更多", "100", "1;2;3", "武宁路100弄",
    ],
)  # fmt: skip
def test_answers_dates_and_ranges_do_not(text: str) -> None:
    assert not personal.identifies(text)
    assert personal.shown(text, 99) == text


@pytest.mark.parametrize(
    "text",
    [
        "张建国",
        "李梅",
        "欧阳建国",
        "王阿姨",
        "老张",
        "小李",
        "我叫陈晓明",
        "姓名：周杰",
        "张建国主任",
    ],
)
def test_a_surname_and_a_given_name_is_a_name(text: str) -> None:
    assert personal.is_name(text)


@pytest.mark.parametrize(
    "text",
    [
        "很满意", "高兴", "方便", "一般", "不知道", "潘家湾", "曹家渡", "金城", "安静", "周到", "全部",
        "白天", "江苏", "老人", "小区", "严重", "许多", "成效", "居委会", "何时", "时常",
    ],
)  # fmt: skip
def test_words_of_answers_and_places_are_no_names(text: str) -> None:
    assert not personal.is_name(text)


def test_a_name_of_two_letters_in_many_rows_is_a_place_where_places_are_asked_for() -> None:
    assert personal.looks_personal("江宁", 2, place=True)
    assert not personal.looks_personal("江宁", 3, place=True)
    assert personal.looks_personal("江宁", 3)
    assert (personal.shown("江宁", 3), personal.shown("江宁", 3, place=True)) == ("江*", "江宁")
    assert personal.looks_personal("张建国", 3, place=True)


def test_a_long_text_of_few_is_somebodys_own_words() -> None:
    words = "我们楼的王师傅总是半夜装修，谁也不管，气死人了"
    assert personal.shown(words) == "我" + "*" * 19
    assert personal.shown(words, 3) == words


@pytest.mark.parametrize(
    "heading", ["姓名", "您的姓名：", "联系电话（选填）", "*手机号码", "家庭住址", "E-mail"]
)
def test_a_heading_says_that_a_column_is_personal(heading: str) -> None:
    assert personal.heading_is_personal(heading)


@pytest.mark.parametrize(
    "heading", ["居委会的电话打得通吗", "知道书记的姓名吗", "办事方便", "小区"]
)
def test_a_question_about_telephones_is_none(heading: str) -> None:
    assert not personal.heading_is_personal(heading)


def test_a_heading_that_names_somebody_is_masked_and_others_stand() -> None:
    assert personal.heading_shown("您住在哪个居民区？") == "您住在哪个居民区？"
    for telling in ("13800138000", "王小明"):
        assert personal.heading_shown(telling) == personal.masked(telling)
        assert telling not in personal.heading_shown(telling)
