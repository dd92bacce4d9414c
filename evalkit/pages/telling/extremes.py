"""Who is how likely to be truly among the first, or the last: of one committee and of them all."""

from __future__ import annotations

import pandas as pd

from evalkit.pages.press import wording as say
from evalkit.pages.telling.facts import Facts, Row, records
from evalkit.tables import Evaluation

SURE = 0.8
"""From this probability on a place among the first or the last is named as fairly sure."""
NAMED = 12
"""Committees named in a sentence at the most."""


def first_by_score(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell who is ranked among the first: of frame ``extremes``."""
    return table["rank"] <= table["first_of"]


def last_by_score(table: pd.DataFrame) -> pd.Series[bool]:
    """Tell who is ranked among the last: fewer than that many have a lower score."""
    ranks = table["rank"].to_numpy()
    lower = (ranks[None, :] > ranks[:, None]).sum(axis=1)
    return pd.Series(lower, index=table.index) < table["last_of"]


def own_line(facts: Facts) -> str:
    """Say how likely a committee ranked among the first, or the last, truly is; else nothing.

    Nothing, either, where that would read against the set of ranks on the same paper: the set
    holds for the whole table at once, and is wide; this asks one thing of one committee.
    """
    table = facts.evaluation.assurance.extremes
    here = table["subject"] == facts.subject.id
    for among, words, column, size in (
        (first_by_score, "前", "among_first", "first_of"),
        (last_by_score, "后", "among_last", "last_of"),
    ):
        own = records(table[here & among(table)])
        if own and _agrees(facts, words, own[0], column, int(own[0][size])):
            end = _name(words, int(own[0][size]))
            inside = f"{end}之内" if int(own[0][size]) > 1 else end
            return (
                f"得分排在{inside}。名次范围要全表一起比都不出错，所以宽；"
                f"只问它真实水平是否也在{inside}：可能性{say.probable(own[0][column])}。"
            )
    return ""


def _agrees(facts: Facts, words: str, own: Row, column: str, size: int) -> bool:
    """Tell whether "almost certainly" and "perhaps elsewhere" are not said of the same end."""
    if facts.place is None:
        return False
    low, high = (int(facts.place[end]) for end in ("rank_low_joint", "rank_high_joint"))
    inside = high <= size if words == "前" else low > facts.total - size
    return inside == (float(own[column]) >= facts.evaluation.scheme.confidence)


def lines(evaluation: Evaluation) -> list[str]:
    """Say how sure the first and the last of the table are; nothing where nobody can say."""
    table = evaluation.assurance.extremes
    if not len(table):
        return []
    first = _end(table[first_by_score(table)], "前", "among_first", "first_of", evaluation)
    last = _end(table[last_by_score(table)], "后", "among_last", "last_of", evaluation)
    return [
        f"{first}{last}这是逐个推算的可能性；名次范围要全表同时不出错，所以更宽。"
        "表扬或督促，先看可能性大的。"
    ]


def _end(own: pd.DataFrame, words: str, column: str, size: str, evaluation: Evaluation) -> str:
    """Say of one end of the table who is surely there and who least."""
    end = _name(words, int(own[size].iloc[0]))
    ordered = own.sort_values(column, ascending=False, kind="stable")
    sure = [str(row["name"]) for row in records(ordered) if row[column] >= SURE]
    least = records(ordered.tail(1))[0]
    number = f"有 {len(sure)} 个（{say.joined(sure, NAMED)}）" if sure else "一个也没有"
    told = (
        f"得分排在{end}的 {len(own)} 个{evaluation.order.subject_word}中，"
        f"真实水平也在{end}的可能性达到 {say.percent(SURE)} 的{number}"
    )
    return told + (f"，最小的是{_named(least, column)}。" if least[column] < SURE else "。")


def _name(words: str, size: int) -> str:
    """Name an end of the table: ``前 12 名``; of one committee 首位 or 末位."""
    return f"{words} {size} 名" if size > 1 else {"前": "首位", "后": "末位"}[words]


def _named(row: Row, column: str) -> str:
    return f"{row['name']}（{say.likely(row[column])}）"
