"""results.xlsx and import-report.xlsx: every table under Chinese headings, for people.

A table that `tables` declares becomes a sheet by one line in `SHEETS`; what its columns are
called and mean stands in `dictionary`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import pandas as pd

from evalkit.pages import facts as known
from evalkit.pages import import_sheets, method, overview
from evalkit.pages import wording as say
from evalkit.pages.dictionary import Term, term
from evalkit.pages.excel import ReadMe, Sheet, sheet_title, workbook
from evalkit.pages.street.peers import BY
from evalkit.pages.street.sampling import target_name
from evalkit.tables import ALL_GROUPS, FRAMES, Changes, Evaluation
from evalkit.version import __version__


@dataclass(frozen=True, slots=True)
class Framed:
    """A declared frame as a sheet.

    Attributes
    ----------
    title : str
        Of the sheet.
    frame : str
        Name in `tables.FRAMES`, and of the CSV file.
    table : callable
        Finds the frame in an evaluation; a frame without rows makes no sheet.
    note : str
        What the read-me sheet says of it.
    """

    title: str
    frame: str
    table: Callable[[Evaluation], pd.DataFrame]
    note: str


def _changes(name: str) -> Callable[[Evaluation], pd.DataFrame]:
    def find(evaluation: Evaluation) -> pd.DataFrame:
        changes: Changes | None = known.changes_of(evaluation)
        return pd.DataFrame() if changes is None else getattr(changes, name)

    return find


SHEETS: tuple[Framed, ...] = (
    Framed(
        "名次",
        "ranking",
        lambda e: e.current.ranking.table,
        "按得分从高到低，附名次区间。",
    ),
    Framed(
        "得分",
        "scores",
        lambda e: e.current.scores.table,
        "综合得分、标准误、区间与等第；不完整的只列出。",
    ),
    Framed(
        "分主体得分",
        "indicators",
        lambda e: e.current.scores.indicators,
        "每一层级、每类评价主体的得分；少于最低份数的不给数字。",
    ),
    Framed("变化", "changes", _changes("table"), "与上次相比；上次按本次方案重新计分。"),
    Framed(
        "变化构成",
        "contributions",
        _changes("contributions"),
        "得分变化按指标与评价主体分解，相加等于得分变化。",
    ),
    Framed(
        "街道平均",
        "street_means",
        lambda e: e.street_means,
        "街道各维度、指标的平均分及变化；分评价主体的只有总分和维度。",
    ),
    Framed(
        "同类比较",
        "peer_groups",
        lambda e: e.peer_groups,
        "按片区、住房类型、类别分组，各组与其余的比较。",
    ),
    Framed(
        "预期范围",
        "bands",
        lambda e: e.assurance.bands,
        "原始得分、结构调整后得分与收缩后得分并列；名次按原始得分。",
    ),
    Framed(
        "敏感性",
        "sensitivity",
        lambda e: e.assurance.sensitivity,
        "换一种权重或分值，以及随机改动权重时，名次与等第的变动。",
    ),
    Framed(
        "权重影响",
        "weight_influence",
        lambda e: e.assurance.weight_influence,
        "哪一项权重对名次影响最大（Sobol 指数及区间）。",
    ),
    Framed(
        "影响力",
        "drivers",
        lambda e: e.assurance.drivers,
        "各指标解释居民总体满意度的比例及区间。",
    ),
    Framed(
        "答卷质量",
        "quality",
        lambda e: e.assurance.quality,
        "答法可疑的答卷，以及不计这些答卷时的名次；重点与随机居民的差距。",
    ),
    Framed(
        "抽样计划",
        "plan",
        lambda e: e.assurance.plan,
        "下一次要收多少份，能达到怎样的信度。",
    ),
    Framed("居民诉求", "needs", lambda e: e.heard.needs, "居民勾选的诉求，与全街道的比例相比。"),
    Framed(
        "意见主题",
        "themes",
        lambda e: e.heard.themes,
        "居民写的意见说到哪些主题；只计数，不引原话。",
    ),
)
"""The frames that become sheets, in order."""

LEVELS = {"composite": "总分", "dimension": "维度", "indicator": "指标"}
KINDS = {
    "strength": "优势",
    "weakness": "短板",
    "tendency_high": "倾向偏高",
    "tendency_low": "倾向偏低",
}
WEIGHTS = {"group": "评价主体", "dimension": "维度"}
PROFILE = (
    *("level", "code", "name", "estimate", "se", "low", "high"),
    *("street", "difference", "p_adjusted", "verdict"),
)
FINDINGS = ("kind", "code", "name", "estimate", "street", "difference", "se", "p_adjusted")


def results(evaluation: Evaluation, reasons: Mapping[str, str]) -> bytes:
    """Return results.xlsx: every table of the evaluation, for people."""
    framed = [
        _framed(evaluation, sheet, table)
        for sheet in SHEETS
        if len(table := sheet.table(evaluation))
    ]
    sheets = [
        overview.sheet(evaluation),
        *framed[:2],
        overview.matrix(evaluation),
        _profile(evaluation),
        *framed[2:],
        _findings(evaluation),
        *import_sheets.sheets(evaluation.reports, reasons, evaluation.order),
        _notes(evaluation),
    ]
    return workbook(_read_me(evaluation, "评估结果"), sheets)


def import_report(evaluation: Evaluation, reasons: Mapping[str, str]) -> bytes:
    """Return import-report.xlsx: what became of every row of every file."""
    sheets = import_sheets.sheets(evaluation.reports, reasons, evaluation.order)
    return workbook(_about_imports(evaluation), sheets)


# --- sheets ---------------------------------------------------------------------------------


def _framed(evaluation: Evaluation, sheet: Framed, table: pd.DataFrame) -> Sheet:
    """Lay out a declared frame, with names beside the codes that people cannot read."""
    order, names = evaluation.order, [column.name for column in FRAMES[sheet.frame]]
    flags = [column.name for column in FRAMES[sheet.frame] if column.kind == "flag"]
    words = _words(evaluation, sheet.frame)
    rows = [dict(row) for row in known.records(table)]
    for row in rows:
        row["subject_name"] = words["subject"].get(str(row.get("subject")), "")
        row["code_name"] = words["code"].get(str(row.get("code")), "")
        for column in ("group", "level", "kind", "by"):
            if column in row:
                row[column] = words[column].get(str(row[column]), row[column])
        if "target" in row:
            row["target"] = target_name(str(row["target"]))
        if row.get("subject") == ALL_GROUPS:
            row["subject_name"] = evaluation.order.street
        for flag in flags:
            row[flag] = "是" if row[flag] else "否"
    columns: dict[str, Term] = {}
    for column in names:
        columns[column] = term(sheet.frame, column, order)
        of_subjects = "subject" in names and sheet.frame in NAMELESS
        if column == "subject" and ("name" not in names or of_subjects):
            columns["subject_name"] = term(sheet.frame, "subject_name", order)
        if column == "code" and "name" not in names:
            columns["code_name"] = term(sheet.frame, "code_name", order)
    picture = overview.PICTURES.get(sheet.frame)
    if picture is not None:
        columns = picture.into(columns, order)
        rows = picture.drawn(rows)
    return Sheet(
        sheet_title(say.reworded(sheet.title, order)),
        columns,
        rows,
        say.reworded(sheet.note, order),
        f"{sheet.frame}.csv",
        overview.exact(evaluation, rows),
    )


NAMELESS = frozenset({"needs", "themes"})
"""Frames whose ``name`` is not the subject's."""


def _words(evaluation: Evaluation, frame: str) -> Mapping[str, Mapping[str, str]]:
    """Return what codes are called, by column."""
    scheme = evaluation.scheme
    return {
        "subject": {subject.id: subject.name for subject in evaluation.roster.subjects},
        "code": {m.code: m.name for m in evaluation.current.scores.measures},
        "group": {ALL_GROUPS: "全部", **{group.code: group.name for group in scheme.groups}},
        "level": LEVELS,
        "by": BY,
        "kind": WEIGHTS if frame == "weight_influence" else {},
    }


def _profile(evaluation: Evaluation) -> Sheet:
    scores = evaluation.current.scores.table
    rows = [
        {
            **row,
            "subject": subject,
            "subject_name": name,
            "level": LEVELS[str(row["level"])],
        }
        for subject, name in known.pairs(scores, "subject", "name")
        for row in known.records(evaluation.diagnosis(str(subject)).profile)
    ]
    order = evaluation.order
    columns = {c: term("profile", c, order) for c in ("subject", "subject_name", *PROFILE)}
    return Sheet("维度与指标", columns, rows, f"每个维度与指标同{order.street_word}平均的比较。")


def _findings(evaluation: Evaluation) -> Sheet:
    names = {subject.id: subject.name for subject in evaluation.roster.subjects}
    rows: list[dict[str, Any]] = [
        {
            **{column: getattr(finding, column) for column in ("subject", *FINDINGS)},
            "subject_name": names.get(finding.subject, ""),
            "kind": KINDS[finding.kind],
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
            "code": note.code,
        }
        for note in evaluation.notes
    ]
    columns = {c: term("notes", c, evaluation.order) for c in ("where", "message", "count", "code")}
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
            f"；{order.street_word}平均 {say.fixed(known.street_mean(evaluation))} 分",
        ),
        ("信度", f"{say.fixed(ranking.reliability, 2)}（得分差异中真实差别所占的比例）"),
        ("答卷", import_sheets.counted(evaluation.reports)),
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
            "得分区间",
            f"用同样办法反复抽样，约 {sure} 的区间会包含真实得分。两个{word}的区间大半重叠时，得分的高低可能只是偶然。",
        ),
        (
            "名次区间",
            f"数据不能排除的所有名次，把握 {sure}。例如名次 7、区间 3–15：说它第 7 名，"
            "不如说它大致在第 3 到第 15 名之间。"
            f"“全表名次区间”对整张表同时有 {sure} 的把握，比较许多{word}时用它。",
        ),
        ("等第", "按未四舍五入的得分划定；等第可能性低的，说明得分靠近分数线。"),
        ("判断", "写着高于、低于、上升、下降的是统计上能断定的；其余的差别可能只是偶然。"),
        ("空格", "没有数字的单元格：不完整、不公布（少于最低份数）或不适用。"),
    ]
    sources = [
        *(("公开资料", text) for text in evaluation.scheme.published),
        *(("假定", text) for text in evaluation.scheme.assumptions),
    ]
    return ReadMe(
        f"{order.title} {order.wave_name(wave)}{title}",
        "模拟数据：本工作簿的全部数字来自模拟，不是真实评估结果" if order.synthetic else "",
        about,
        reading,
        sources,
    )


def _about_imports(evaluation: Evaluation) -> ReadMe:
    """Return the first sheet of the import report: nothing about scores."""
    whole = _read_me(evaluation, "导入报告")
    about = [
        line
        for line in whole.about
        if line[0] in ("组织单位", "批次", "答卷", "数据指纹", "程序版本")
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
