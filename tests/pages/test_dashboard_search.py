"""Names as they are typed."""

from __future__ import annotations

import pytest

from evalkit.pages.dashboard.spelling import spellings


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("长寿", {"changshou", "cs"}),
        ("宜昌坊", {"yichangfang", "ycf"}),
        ("长风", {"zf", "cf"}),
        ("曹杨一村", {"caoyangyicun", "cyyc"}),
        ("3弄", {"3nong", "3n"}),
    ],
)
def test_a_name_is_found_by_its_pinyin_and_by_its_initials(name: str, expected: set[str]) -> None:
    assert expected <= set(spellings([name]))


def test_every_alias_has_its_spellings_and_none_twice() -> None:
    found = spellings(["宜昌坊", "宜昌里", "宜昌坊"])
    assert {"ycf", "ycl"} <= set(found)
    assert len(found) == len(set(found))


def test_only_letters_and_digits_are_kept() -> None:
    assert all(text.isalnum() for text in spellings(["<b>甲&乙</b>", "㛃龘里", "——"]))
