"""How notebooks show an evaluation, a diagnosis, rows and a workspace; everything is escaped."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import jinja2

from evalkit.answers.handing_on import Rows
from evalkit.definitions import loading
from evalkit.errors import Problems
from evalkit.pages.press import planned
from evalkit.pages.press.sentences import Words, said
from evalkit.tables import Diagnosis, Evaluation
from evalkit.tables.showing import VIEWS

SHOWN = 12
"""Rows of a view; the frame itself has all."""

ORDER = "evaluation.yaml"


@cache
def _template() -> jinja2.Template:
    return planned.environment().get_template("notebook.html.j2")


def _view(title: str, lines: list[str], head: list[str], rows: list[list[str]], more: int) -> str:
    return _template().render(title=title, lines=lines, head=head, rows=rows, more=more)


def _number(value: object, decimals: int = 1) -> str:
    return "" if value is None or value != value else f"{float(str(value)):.{decimals}f}"


def evaluation(value: Evaluation) -> str:
    """Show what was evaluated, its notes, and the head of the league table."""
    words = Words.of(value.order)
    ranking = value.current.ranking.table.sort_values("rank", kind="stable")
    scores = value.current.scores.table
    unranked = len(scores) - len(ranking)
    grades = scores.set_index("subject")["grade"]
    lines = [
        f"{value.order.street}，{value.order.wave_name(value.wave)}："
        f"{len(scores)} 个{words.subject}，{len(value.waves)} 个批次，{len(value.reports)} 个文件",
        *([f"{unranked} 个没有名次"] if unranked else []),
        *(said(note, words) for note in value.notes),
    ]
    rows = [
        [
            str(row.subject),
            str(row.name),
            _number(row.score, 2),
            str(row.rank),
            f"{row.rank_low} 至 {row.rank_high}",
            str(grades.get(row.subject) or ""),
        ]
        for row in ranking.head(SHOWN).itertuples(index=False)
    ]
    head = ["id", words.subject, "得分", "名次", "名次范围", "等第"]
    return _view(value.order.title, lines, head, rows, max(len(ranking) - SHOWN, 0))


def diagnosis(value: Diagnosis) -> str:
    """Show a committee's dimensions and indicators beside the street's."""
    profile = value.profile
    lines = [
        f"优势 {len(value.of_kind('strength'))} 项，短板 {len(value.of_kind('weakness'))} 项",
        *([] if value.complete else ["答卷不完整，没有得分"]),
    ]
    rows = [
        [
            str(row.code),
            str(row.name),
            _number(row.estimate),
            f"{_number(row.low)} 至 {_number(row.high)}" if _number(row.low) else "",
            _number(row.street),
            str(row.verdict or ""),
        ]
        for row in profile.itertuples(index=False)
    ]
    head = ["code", "指标", "得分", "区间", "全部平均", "与平均相比"]
    return _view(value.subject, lines, head, rows, 0)


def rows(value: Rows) -> str:
    """Show how many answers there are and what must not be done with them, but none of them."""
    counts = value.people.groupby(["questionnaire", "group"]).size().reset_index()
    body = [[str(cell) for cell in row] for row in counts.itertuples(index=False)]
    return _view("people, given", [said(value.note)], ["questionnaire", "group", "n"], body, 0)


def workspace(root: Path) -> str:
    """Show what a folder's order says, without reading its answers."""
    problems = Problems()
    order = loading.load_order(root / ORDER, ORDER, problems)
    if order is None:
        return _view(root.name, [str(problem) for problem in problems], [], [], 0)
    body = [
        [wave.id, order.wave_name(wave.id), str(file.file), str(file.questionnaire)]
        for wave in order.waves
        for file in wave.files
    ]
    lines = [order.street, *(["数据是模拟的"] if order.synthetic else [])]
    head = ["wave", "批次", "文件", "问卷"]
    return _view(order.title, lines, head, body[:SHOWN], max(len(body) - SHOWN, 0))


VIEWS[Evaluation] = evaluation
VIEWS[Diagnosis] = diagnosis
VIEWS[Rows] = rows
