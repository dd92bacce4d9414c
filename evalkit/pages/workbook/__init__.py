"""results.xlsx and import-report.xlsx: every table under Chinese headings, for people.

Every frame that is published becomes a sheet; what it and its columns are called and mean
stands in `dictionary`.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd

from evalkit.codes import ChangeVerdict, Comparison, OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.sentences import Words, written
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method, overall
from evalkit.pages.workbook import imports, overview
from evalkit.pages.workbook import words as words_of
from evalkit.pages.workbook.dictionary import Term, term
from evalkit.pages.workbook.excel import ReadMe, Sheet, sheet_title, workbook
from evalkit.pages.workbook.titles import SHEETS
from evalkit.tables import ALL_GROUPS, FRAMES, Evaluation, published
from evalkit.version import __version__

FINDINGS = ("kind", "code", "name", "estimate", "street", "difference", "se", "p_adjusted")


def results(evaluation: Evaluation) -> bytes:
    """Return results.xlsx: every table of the evaluation, for people."""
    framed = [
        _framed(evaluation, frame.name, table)
        for frame in published(evaluation)
        if len(table := frame.of(evaluation))
    ]
    if evaluation.decided.track is not None:
        beside = [
            *imports.sheets(evaluation.reports, evaluation.order, words_of.of_files(evaluation)),
            _notes(evaluation),
        ]
        return workbook(_about_persons(evaluation), [*framed, *beside])
    sheets = [
        overview.sheet(evaluation),
        *framed[:2],
        overview.matrix(evaluation),
        *framed[2:],
        _findings(evaluation),
        *imports.sheets(evaluation.reports, evaluation.order, words_of.of_files(evaluation)),
        _notes(evaluation),
    ]
    return workbook(_read_me(evaluation, "评估结果"), sheets)


def import_report(evaluation: Evaluation) -> bytes:
    """Return import-report.xlsx: what became of every row of every file."""
    sheets = imports.sheets(evaluation.reports, evaluation.order, words_of.of_files(evaluation))
    return workbook(_about_imports(evaluation), sheets)


# --- sheets ---------------------------------------------------------------------------------


def _framed(evaluation: Evaluation, frame: str, table: pd.DataFrame) -> Sheet:
    """Lay out a declared frame, with names beside the codes that people cannot read."""
    order, names = evaluation.order, [column.name for column in FRAMES[frame]]
    flags = [column.name for column in FRAMES[frame] if column.kind == "flag"]
    words = words_of.of_frame(evaluation, frame)
    subjects = {subject.id: subject.name for subject in evaluation.roster.subjects}
    measures = {m.code: m.name for m in evaluation.current.scores.measures}
    rows = [dict(row) for row in known.records(table)]
    for row in rows:
        row["subject_name"] = subjects.get(str(row.get("subject")), "")
        row["code_name"] = measures.get(str(row.get("code")), "")
        if row.get("subject") == ALL_GROUPS:
            row["subject_name"] = evaluation.order.street
        for column, own in words.items():
            if column in row:
                row[column] = own.get(str(row[column]), row[column])
        if "target" in row:
            row["target"] = overall.target_name(str(row["target"]))
        for flag in flags:
            row[flag] = "是" if row[flag] else "否"
    columns: dict[str, Term] = {}
    for column in names:
        if (frame, column) not in words_of.UNSEEN:
            columns[column] = term(frame, column, order)
        of_subjects = "subject" in names and frame in NAMELESS
        persons = evaluation.decided.track is not None
        if column == "subject" and not persons and ("name" not in names or of_subjects):
            columns["subject_name"] = term(frame, "subject_name", order)
        if column == "code" and ("name" not in names or frame == "rollup"):
            columns["code_name"] = term(frame, "code_name", order)
    picture = overview.PICTURES.get(frame)
    title, note = SHEETS[frame]
    if picture is not None:
        columns = picture.into(columns, order)
        rows = picture.drawn(rows)
    return Sheet(
        sheet_title(written(title, Words.of(order), {})),
        columns,
        rows,
        written(note, Words.of(order), {}),
        f"{frame}.csv",
        overview.exact(evaluation, rows),
    )


NAMELESS = frozenset(
    {
        "satisfaction",
        "needs",
        "themes",
        "objective",
        "clocks",
        "profiles",
        "series",
        "trends",
        "dimension_changes",
    }
)
"""Frames whose ``name`` is not the subject's."""


def _findings(evaluation: Evaluation) -> Sheet:
    names = {subject.id: subject.name for subject in evaluation.roster.subjects}
    rows: list[dict[str, Any]] = [
        {
            **{column: getattr(finding, column) for column in ("subject", *FINDINGS)},
            "subject_name": names.get(finding.subject, ""),
            "kind": words_of.KINDS[finding.kind],
        }
        for diagnosis in evaluation.diagnoses.values()
        for finding in diagnosis.findings
    ]
    columns = {
        c: term("findings", c, evaluation.order) for c in ("subject", "subject_name", *FINDINGS)
    }
    note = "优势与短板是显著的；“倾向”是数据尚不足以断定的。"
    return Sheet("发现", columns, rows, note, "findings.json")


def _notes(evaluation: Evaluation) -> Sheet:
    rows = [
        {
            "where": note.where,
            "message": method.noted(note, evaluation.order),
            "count": note.count,
        }
        for note in evaluation.notes
    ]
    columns = {c: term("notes", c, evaluation.order) for c in ("where", "message", "count")}
    return Sheet("提示", columns, rows, "随结果走到每一页的提示。")


# --- the first sheet ------------------------------------------------------------------------


def _read_me(evaluation: Evaluation, title: str) -> ReadMe:
    order, wave = evaluation.order, evaluation.wave
    word, sure = order.subject_word, known.confidence(evaluation)
    ranking = evaluation.waves[wave].ranking
    scores = evaluation.waves[wave].scores
    about = [
        ("组织单位", order.street),
        ("批次", order.wave_name(wave)),
        (
            word,
            f"{len(scores.table)} 个，其中完整、参加排名的 {len(ranking.table)} 个"
            f"{overall.set_up(evaluation)}；{order.street_word}平均 {say.fixed(known.street_mean(evaluation))} 分",
        ),
        (
            "得分的可靠程度",
            f"{say.fixed(ranking.reliability, 2)}（得分差异中真实差别所占的比例"
            f"{overall.ends(ranking.reliability_low, ranking.reliability_high)}）",
        ),
        *([("答卷", imports.counted(evaluation.reports))] if evaluation.scheme.asked else []),
        *([("台账", imports.booked(evaluation.ledgers))] if len(evaluation.ledgers) else []),
        ("评估方案", evaluation.scheme.title),
        ("数据指纹", evaluation.fingerprint),
        ("程序版本", f"evalkit {__version__}"),
    ]
    reading = [
        (
            "表头",
            "第一行是中文名称，第二行灰色小字是数据文件（CSV、JSON）中的列名；含义见“列说明”。",
        ),
        (
            "得分误差范围",
            f"用同样办法反复抽样，约 {sure} 的误差范围会包住真实得分。两个{word}的误差范围大半重叠时，得分的高低可能只是偶然。",
        ),
        (
            "名次范围",
            f"数据不能排除的所有名次，把握 {sure}。例如名次 7、范围 3–15：说它第 7 名，"
            "不如说它大致在第 3 到第 15 名之间。"
            f"“全表名次范围”对整张表同时有 {sure} 的把握，比较许多{word}时用它。",
        ),
        ("等第", "按未四舍五入的得分划定；等第可能性低的，说明得分靠近分数线。"),
        (
            "判断",
            "写着高于、低于、上升、下降的是统计上能断定的；其余的差别可能只是偶然"
            f"（数据文件里写作“{Comparison.LEVEL}”“{ChangeVerdict.SAME}”“{OwnChange.SAME}”）。",
        ),
        ("空格", "没有数字的单元格：不完整、不公布（少于最低份数）或不适用。"),
    ]
    sources = [
        *(("公开资料", text) for text in evaluation.scheme.published),
        *(("假定", text) for text in method.assumptions(evaluation)),
    ]
    return ReadMe(
        f"{order.title} {order.wave_name(wave)}{title}",
        "模拟数据：本工作簿的全部数字来自模拟，不是真实评估结果" if order.synthetic else "",
        about,
        reading,
        sources,
    )


def _about_persons(evaluation: Evaluation) -> ReadMe:
    """Return the first sheet of a track's workbook: nothing that puts all persons in one order."""
    whole = _read_me(evaluation, "个人评价结果")
    about = [
        line
        for line in whole.about
        if line[0] not in (evaluation.order.subject_word, "得分的可靠程度")
    ]
    unit, own = evaluation.order.unit_word, evaluation.decided.track
    apart = f"同事互评宽严不一，只在本{unit}内比较；不同{unit}的人之间只看可比得分。"
    together = f"没有同事互评：同一个{unit}的人、不同{unit}的人，都按得分比较。"
    reading = [
        whole.reading[0],
        ("谁能看", f"个人的结果只给本人、所在{unit}的书记和主管科室；不公示，不排名上墙。"),
        ("和谁比", apart if own is not None and own.track.colleagues else together),
        ("名额", "给的是可能性。分不出的人不要按小数点后的分数取舍。"),
        ("空格", "没有数字的单元格：评价人少于最低份数，或数据说明不了。"),
    ]
    return replace(whole, about=about, reading=reading)


def _about_imports(evaluation: Evaluation) -> ReadMe:
    """Return the first sheet of the import report: nothing about scores."""
    whole = _read_me(evaluation, "导入报告")
    about = [
        line
        for line in whole.about
        if line[0] in ("组织单位", "批次", "答卷", "台账", "数据指纹", "程序版本")
    ]
    reading = [
        whole.reading[0],
        ("行", "行号与原文件在 Excel 中看到的一致；读入的每一行都有去处：有效，或因一个原因剔除。"),
        (
            "去处",
            "剔除和不认识的内容不会悄悄消失，逐项列在后面的表里；核对后可改正原文件或对照表再运行。",
        ),
    ]
    return replace(whole, about=about, reading=reading, sources=())
