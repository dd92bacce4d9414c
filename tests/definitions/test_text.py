"""What counts as the same text, and what does not."""

from __future__ import annotations

import pytest

from evalkit.definitions.text import committee_key, comparable


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("１８～３０ 岁", "18~30岁"),
        ("很 满 意\u3000", "很满意"),
        ("满意\u200b", "满意"),
        ("\ufeff满意", "满意"),
        ("是—否", "是-否"),
        ("Ａpp", "APP"),
    ],
)
def test_writing_habits_do_not_matter(one: str, other: str) -> None:
    assert comparable(one) == comparable(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("玉佛城居民区", "玉佛城"),
        ("玉佛城社区居民委员会", "玉佛城居委会"),
        ("長壽新村", "长寿新村"),
        ("玉 佛 城", "玉佛城小区"),
    ],
)
def test_a_committee_has_one_key(one: str, other: str) -> None:
    assert committee_key(one) == committee_key(other)


@pytest.mark.parametrize(
    ("one", "other"), [("普陀一村", "普陀二村"), ("杏梅园", "杏杨园"), ("小区", "社区")]
)
def test_likeness_is_not_sameness(one: str, other: str) -> None:
    assert committee_key(one) != committee_key(other)
