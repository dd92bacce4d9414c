"""What these numbers are, and what they are not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.pages.city.facts import CityFacts
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits(Section):
    """A list of sentences."""

    template = "city/limits.html.j2"
    lines: Sequence[str]


def section(facts: CityFacts) -> Limits:
    """Plan what must be known."""
    word, street = facts.word, facts.street_word
    sure = say.percent(facts.confidence)
    return Limits(
        title="怎样读这些数",
        takeaway=f"跨{street}只比居民评分；{word}的名次只在本{street}之内有意义。",
        lines=[
            f"综合得分里有科室等单位的打分，各{street}的单位不同、宽严不同，所以综合得分不跨{street}比较，"
            f"只在各{street}自己的报告里排。居民在各{street}答的是同一份问卷。",
            f"全市不给{word}排名次：几千个{word}放在一起，绝大多数分不出先后。只说它与全市同类"
            f"（{facts.like}相同）的平均相比明显高、明显低，还是分不出。",
            f"{street}的分是它各{word}居民评分的平均，每个{word}算一份；“名次范围”是在 {sure} 的把握下"
            f"这条{street}可能的名次。{street}之间的住房构成不同，这里没有折算，高低不等于工作好坏。",
            f"“明显”都已防误报：{street}按全部{street}一起校正；{word}按全市一起校正，"
            f"说有差别的里面，误报的比例预期不超过 {say.percent(facts.rate)}。",
            f"每个数都只由各{street}已经公布的数算出。{street}因人数太少没有公布的{word}不在任何一个平均里，"
            f"所以由全市的数也推不出它们。",
            f"这些数不写进任何一份诊断书：诊断书只看本{street}，别的{street}变了，它不变。",
        ],
    )
