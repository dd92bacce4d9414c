"""The cover of the street report: only where something is said that belongs on it."""

from __future__ import annotations

from typing import Any

import pytest

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.pages.press.planned import environment
from evalkit.pages.street import cover

ORDER = {"title": "评估", "street": "某街道", "waves": [{"id": "2016"}]}


def planned(**said: Any) -> cover.Cover | None:
    return cover.plan(EvaluationOrder.model_validate(ORDER | said))


def shown(found: cover.Cover | None, *, synthetic: bool = True) -> str:
    template = environment().get_template("street/cover.html.j2")
    return template.render(
        cover=found, street="某街道", evaluation_title="评估", wave="2016年度", synthetic=synthetic
    )


def test_a_report_has_no_cover_where_nothing_is_said() -> None:
    assert planned() is None
    assert planned(seal=False) is None


@pytest.mark.parametrize(
    ("key", "value", "printed"),
    [
        ("commissioned_by", "甲<b>乙", "委托单位：甲&lt;b&gt;乙"),
        ("issued_by", "丙公司", "评估机构：丙公司（盖章处）"),
        ("signed", "2016-12-03", "2016年12月3日"),
        ("classification", "内部资料", "内部资料"),
        ("copy_number", 7, "000007"),
    ],
)
def test_one_thing_said_is_enough_for_a_cover_and_stands_on_it(
    key: str, value: object, printed: str
) -> None:
    found = planned(**{key: value})
    page = shown(found)
    assert printed in page
    assert "模拟数据" in page
    assert "模拟数据" not in shown(found, synthetic=False)
    others = {"委托单位", "评估机构", "盖章处"} - {
        w for w in ("委托单位", "评估机构", "盖章处") if w in printed
    }
    assert not any(word in page for word in others)
    assert (cover.BLANK_DAY in page) == (key != "signed")


def test_who_does_not_seal_has_no_place_for_a_seal() -> None:
    assert "盖章" not in shown(planned(issued_by="丙公司", seal=False))
