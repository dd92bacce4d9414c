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
    """Say how likely a committee ranked among the first, or the last, truly is; else nothing."""
    table = facts.evaluation.assurance.extremes
    here = table["subject"] == facts.subject.id
    for among, words, column, size in (
        (first_by_score, "前", "among_first", "first_of"),
        (last_by_score, "后", "among_last", "last_of"),
    ):
        own = records(table[here & among(table)])
        if own:
            end = _name(words, int(own[0][size]))
            inside = f"{end}之内" if int(own[0][size]) > 1 else end
            return (
                f"得分排在{inside}；先除去运气的成分再推算，"
                f"真实水平也在{inside}的可能性{say.probable(own[0][column])}。"
            )
    return ""


def lines(evaluation: Evaluation) -> list[str]:
    """Say how sure the first and the last of the table are; nothing where nobody can say."""
    table = evaluation.assurance.extremes
    if not len(table):
        return []
    first = _end(table[first_by_score(table)], "前", "among_first", "first_of", evaluation)
    last = _end(table[last_by_score(table)], "后", "among_last", "last_of", evaluation)
    return [f"{first}{last}表扬或督促，先看可能性大的。"]


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
