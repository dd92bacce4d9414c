"""The street report: what was done, the league table as it can honestly be read, what changed."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.pages import facts as known
from evalkit.pages import maps, method, results, trust
from evalkit.pages import wording as say
from evalkit.pages.base import Paper
from evalkit.pages.facts import Section
from evalkit.tables import Evaluation


def plan(evaluation: Evaluation, reasons: Mapping[str, str]) -> Paper:
    """Plan the street report.

    Parameters
    ----------
    evaluation : Evaluation
    reasons : dict of code to words
        Why rows are rejected, in Chinese.
    """
    order = evaluation.order
    wave = order.wave_name(evaluation.wave)
    sections = [
        _summary(evaluation),
        _fieldwork(evaluation, reasons),
        results.league(evaluation),
        results.grades(evaluation),
        results.movers(evaluation),
        results.dimensions(evaluation),
        maps.section(evaluation),
        trust.trust(evaluation),
        trust.sampling(evaluation),
        _incomplete(evaluation),
        _method(evaluation),
    ]
    return Paper(
        path="street-report.pdf",
        template="street.html.j2",
        title=f"{order.street}{order.title}工作报告（{wave}）",
        subject=f"{order.street}{order.title}",
        created=known.wave_date(evaluation),
        context={
            "wave": wave,
            "street": order.street,
            "evaluation_title": order.title,
            "synthetic": order.synthetic,
            "word": order.subject_word,
            "sections": [section for section in sections if section is not None],
        },
        proof={"wave": wave},
    )


# --- summary --------------------------------------------------------------------------------


def _summary(evaluation: Evaluation) -> Section:
    scores = evaluation.scores_by_wave[evaluation.wave]
    word = evaluation.order.subject_word
    lines = [
        f"{len(scores.subjects)} 个{word}有完整得分"
        + (f"，{len(scores.incomplete)} 个不完整，只列出、不排名" if scores.incomplete else "")
        + "。"
    ]
    if len(scores.subjects):
        lines.append(
            f"平均得分 {say.fixed(known.street_mean(evaluation))} 分，"
            f"最高 {say.fixed(float(scores.composite.max()))} 分，"
            f"最低 {say.fixed(float(scores.composite.min()))} 分。"
        )
    lines += [
        *results.told_apart(evaluation),
        *results.grade_sentences(evaluation),
        *results.change_sentences(evaluation),
    ]
    return Section(
        "street-summary.html.j2",
        "要点",
        lines[0],
        {"lines": lines[1:]},
    )


# --- fieldwork ------------------------------------------------------------------------------


def _fieldwork(evaluation: Evaluation, reasons: Mapping[str, str]) -> Section:
    reports = [r for r in evaluation.reports if r.wave == evaluation.wave]
    read, kept = sum(r.rows_read for r in reports), sum(r.rows_kept for r in reports)
    rejected: dict[str, int] = {}
    for report in reports:
        for reason, number in report.rejected_by_reason.items():
            rejected[reason] = rejected.get(reason, 0) + number
    takeaway = (
        f"共读入 {len(reports)} 个文件 {read:,} 行，有效 {kept:,} 行，剔除 {read - kept:,} 行。"
        if reports
        else "本批次的答卷来自评估数据库，原始文件不在本次输入之中。"
    )
    return Section(
        "street-fieldwork.html.j2",
        "做了什么",
        takeaway,
        {
            "groups": _group_rows(evaluation),
            "files": [
                {
                    "file": r.file,
                    "read": say.count(r.rows_read),
                    "kept": say.count(r.rows_kept),
                    "rejected": say.count(r.rows_read - r.rows_kept),
                }
                for r in reports
            ],
            "reasons": [
                {"what": reasons.get(code, code), "n": say.count(number)}
                for code, number in sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
            ],
        },
    )


def _group_rows(evaluation: Evaluation) -> list[dict[str, str]]:
    cells = evaluation.cells[evaluation.wave]
    issued = next(
        (w.issued for w in evaluation.order.waves if w.id == evaluation.wave), dict[str, int]()
    )
    rows = []
    for group in evaluation.scheme.groups:
        n = cells.groups[group.code].n
        sent = issued.get(group.code)
        rows.append(
            {
                "name": group.name,
                "weight": f"{group.weight:g}",
                "issued": say.count(sent),
                "n": say.count(int(n.sum())),
                "rate": say.percent(int(n.sum()) / sent) if sent else say.MISSING,
                "per": (
                    f"{say.count(int(n.min()), group.minimum_n)} 至 "
                    f"{say.count(int(n.max()), group.minimum_n)}"
                    if len(n)
                    else say.MISSING
                ),
                "below": say.count(int((n < group.minimum_n).sum())),
            }
        )
    return rows


# --- incomplete, method ---------------------------------------------------------------------


def _incomplete(evaluation: Evaluation) -> Section | None:
    listed = evaluation.scores_by_wave[evaluation.wave].incomplete
    if not listed:
        return None
    return Section(
        "street-incomplete.html.j2",
        "不完整的" + evaluation.order.subject_word,
        f"{len(listed)} 个{evaluation.order.subject_word}缺少某类评价，只列出，不计分，不排名。",
        {
            "rows": [
                {
                    "name": evaluation.roster.subject(gap.subject).name,
                    "missing": say.joined(known.lacking(evaluation, gap)),
                }
                for gap in listed
            ]
        },
    )


def _method(evaluation: Evaluation) -> Section:
    files = {r.file for r in evaluation.reports if r.wave == evaluation.wave}
    here = known.places_of_notes(evaluation) | files | {s.id for s in evaluation.roster.subjects}
    found = tuple(note for note in evaluation.notes if note.where in here)
    return Section(
        "street-method.html.j2",
        "提示、方法与假定",
        f"得分由 {len(evaluation.scheme.groups)} 类评价主体、"
        f"{len(evaluation.scheme.dimensions)} 个维度、{len(evaluation.scheme.indicators)} 项指标"
        "按权重相加而成。",
        {"notes": method.notes(found), **method.shared(evaluation)},
    )
