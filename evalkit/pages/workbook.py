"""results.xlsx and import-report.xlsx: every table under Chinese headings, for people."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import pandas as pd

from evalkit.pages import facts as known
from evalkit.pages.excel import Sheet, workbook
from evalkit.pages.trust import target_name
from evalkit.tables import ALL_GROUPS, FRAMES, Evaluation, FileReport

HEADINGS: Mapping[str, str] = {
    "wave": "批次",
    "subject": "编号",
    "name": "名称",
    "score": "得分",
    "se": "标准误",
    "low": "区间下限",
    "high": "区间上限",
    "grade": "等第",
    "grade_probability": "等第可能性",
    "complete": "完整",
    "code": "代码",
    "level": "层级",
    "group": "评价主体",
    "estimate": "得分",
    "n": "有效答卷",
    "rank": "名次",
    "rank_low": "名次区间（最好）",
    "rank_high": "名次区间（最差）",
    "rank_low_joint": "全表名次区间（最好）",
    "rank_high_joint": "全表名次区间（最差）",
    "reliability": "可靠性",
    "from_wave": "上次",
    "to_wave": "本次",
    "score_from": "上次得分",
    "score_to": "本次得分",
    "change": "得分变化",
    "relative_change": "相对街道的变化",
    "p_adjusted": "校正 p",
    "verdict": "判断",
    "rank_from": "上次名次",
    "rank_to": "本次名次",
    "rank_change": "名次变化（负为上升）",
    "rank_change_low": "名次变化区间（最好）",
    "rank_change_high": "名次变化区间（最差）",
    "points": "对得分变化的贡献",
    "band": "预期范围",
    "z": "与平均的距离（标准单位）",
    "adjusted": "结构调整后得分",
    "adjusted_se": "调整后标准误",
    "shrunken": "收缩后得分",
    "shrunken_se": "收缩后误差",
    "scenario": "方案代码",
    "scenario_name": "换成",
    "same_grade": "等第不变的比例",
    "same_third": "三分之一不变的比例",
    "same_place": "名次不变的比例",
    "kind": "类别",
    "first": "一阶指数",
    "first_low": "一阶指数下限",
    "first_high": "一阶指数上限",
    "total": "总指数",
    "total_low": "总指数下限",
    "total_high": "总指数上限",
    "importance": "影响力",
    "performance": "街道平均得分",
    "performance_se": "平均得分标准误",
    "r_squared": "合计解释比例",
    "flagged": "可疑答卷",
    "rate": "可疑比例",
    "street_rate": "街道可疑比例",
    "p": "偶然的概率",
    "excess": "多于偶然",
    "gap": "重点减随机",
    "gap_statistic": "差距的标准化值",
    "gap_outlier": "差距异常",
    "score_without": "不计可疑答卷的得分",
    "rank_without": "不计可疑答卷的名次",
    "target": "想达到",
    "n_per_subject": "每个评估对象的有效份数",
    "n_total": "全街道有效份数",
    "issued_total": "需发放份数",
    "half_width": "得分区间半宽",
    "reachable": "能否达到",
}
WEIGHTS = {"group": "评价主体", "dimension": "维度"}
FLAGS = frozenset({"complete", "excess", "gap_outlier", "reachable"})
ASSURANCE: Mapping[str, tuple[str, str]] = {
    "bands": ("预期范围", "原始得分、结构调整后得分与收缩后得分并列；名次按原始得分。"),
    "sensitivity": ("敏感性", "换一种权重或分值，以及随机改动权重时，名次与等第的变动。"),
    "weight_influence": ("权重影响", "哪一项权重对名次影响最大（Sobol 指数及区间）。"),
    "drivers": ("影响力", "各指标解释居民总体满意度的比例及区间。"),
    "quality": ("答卷质量", "答法可疑的答卷，以及不计这些答卷时的名次；重点与随机居民的差距。"),
    "plan": ("抽样计划", "下一次要收多少份，能达到怎样的可靠性。"),
}
"""Sheets made of the frames of `Assurance`, with what the read-me sheet says of them."""
LEVELS = {"composite": "总分", "dimension": "维度", "indicator": "指标"}
KINDS = {
    "strength": "优势",
    "weakness": "短板",
    "tendency_high": "倾向偏高",
    "tendency_low": "倾向偏低",
}


def results(evaluation: Evaluation, reasons: Mapping[str, str]) -> bytes:
    """Return results.xlsx: every table of the evaluation, for people."""
    wave = evaluation.wave
    changes = known.changes_of(evaluation)
    sheets = [
        _framed(
            evaluation,
            "名次",
            "ranking",
            evaluation.ranking_by_wave[wave].table,
            "按得分从高到低；名次区间见“说明”。",
        ),
        _framed(
            evaluation,
            "得分",
            "scores",
            evaluation.scores_by_wave[wave].table,
            "综合得分、标准误、区间与等第；不完整的只列出。",
        ),
        _profile(evaluation),
        _framed(
            evaluation,
            "分主体得分",
            "indicators",
            evaluation.scores_by_wave[wave].indicators,
            "每一层级、每类评价主体的得分；少于最低份数的不给数字。",
        ),
    ]
    if changes is not None:
        sheets += [
            _framed(
                evaluation, "变化", "changes", changes.table, "与上次相比；上次按本次方案重新计分。"
            ),
            _framed(
                evaluation,
                "变化构成",
                "contributions",
                changes.contributions,
                "得分变化按指标与评价主体分解，相加等于得分变化。",
            ),
        ]
    sheets += [
        _framed(evaluation, title, name, getattr(evaluation.assurance, name), note)
        for name, (title, note) in ASSURANCE.items()
        if len(getattr(evaluation.assurance, name))
    ]
    sheets += [_findings(evaluation), *_imports(evaluation.reports, reasons), _notes(evaluation)]
    return _workbook(evaluation, "评估结果", sheets)


def import_report(evaluation: Evaluation, reasons: Mapping[str, str]) -> bytes:
    """Return import-report.xlsx: what became of every row of every file."""
    return _workbook(evaluation, "导入报告", _imports(evaluation.reports, reasons))


# --- sheets ---------------------------------------------------------------------------------


def _framed(evaluation: Evaluation, title: str, name: str, table: pd.DataFrame, note: str) -> Sheet:
    """Lay out a declared frame, with names beside the codes that people cannot read."""
    columns = [column.name for column in FRAMES[name]]
    headings = {column: HEADINGS[column] for column in columns}
    rows = [dict(row) for row in known.records(table)]
    subjects = {subject.id: subject.name for subject in evaluation.roster.subjects}
    groups = {ALL_GROUPS: "全部", **{g.code: g.name for g in evaluation.scheme.groups}}
    measures = _measure_names(evaluation)
    for row in rows:
        if "subject" in columns and "name" not in columns:
            row["subject_name"] = subjects.get(str(row["subject"]), "")
        if "code" in columns and "name" not in columns:
            row["code_name"] = measures.get(str(row["code"]), "")
        if "group" in row:
            row["group"] = groups.get(str(row["group"]), row["group"])
        if "level" in row:
            row["level"] = LEVELS.get(str(row["level"]), row["level"])
        if name == "weight_influence":
            row["kind"] = WEIGHTS.get(str(row["kind"]), row["kind"])
        if "target" in row:
            row["target"] = target_name(str(row["target"]))
        for flag in FLAGS & set(columns):
            row[flag] = "是" if row[flag] else "否"
    ordered: dict[str, str] = {}
    for column, heading in headings.items():
        ordered[column] = heading
        if column == "subject" and "name" not in columns:
            ordered["subject_name"] = HEADINGS["name"]
        if column == "code" and "name" not in columns:
            ordered["code_name"] = "指标名称"
    return Sheet(title, ordered, rows, f"{note}对应 {name}.csv。")


def _measure_names(evaluation: Evaluation) -> dict[str, str]:
    return {m.code: m.name for m in evaluation.scores_by_wave[evaluation.wave].measures}


def _profile(evaluation: Evaluation) -> Sheet:
    scores = evaluation.scores_by_wave[evaluation.wave].table
    rows = []
    for subject, name in zip(scores["subject"], scores["name"], strict=True):
        for row in known.records(evaluation.diagnosis(str(subject)).profile):
            rows.append({**row, "subject": subject, "subject_name": name})
            rows[-1]["level"] = LEVELS[str(row["level"])]
    headings = {
        "subject": "编号",
        "subject_name": "名称",
        "level": "层级",
        "code": "代码",
        "name": "指标名称",
        "estimate": "得分",
        "se": "标准误",
        "low": "区间下限",
        "high": "区间上限",
        "street": "街道平均",
        "difference": "与街道平均之差",
        "p_adjusted": "校正 p",
        "verdict": "判断",
    }
    return Sheet("维度与指标", headings, rows, "每个维度与指标同街道平均的比较。")


def _findings(evaluation: Evaluation) -> Sheet:
    names = {subject.id: subject.name for subject in evaluation.roster.subjects}
    rows = [
        {
            "subject": finding.subject,
            "subject_name": names.get(finding.subject, ""),
            "kind": KINDS[finding.kind],
            "code": finding.code,
            "name": finding.name,
            "estimate": finding.estimate,
            "street": finding.street,
            "difference": finding.difference,
            "se": finding.se,
            "p_adjusted": finding.p_adjusted,
        }
        for diagnosis in evaluation.diagnoses.values()
        for finding in diagnosis.findings
    ]
    headings = {
        "subject": "编号",
        "subject_name": "名称",
        "kind": "类别",
        "code": "代码",
        "name": "指标名称",
        "estimate": "得分",
        "street": "街道平均",
        "difference": "与街道平均之差",
        "se": "差的标准误",
        "p_adjusted": "校正 p",
    }
    note = "优势与短板是显著的；“倾向”是数据尚不足以断定的。对应 findings.json。"
    return Sheet("发现", headings, rows, note)


def _imports(reports: Iterable[FileReport], reasons: Mapping[str, str]) -> list[Sheet]:
    files, rejected, columns, values, unmatched, notes = [], [], [], [], [], []
    for report in reports:
        where = {"wave": report.wave, "file": report.file}
        files.append(
            {
                **where,
                "questionnaire": report.questionnaire,
                "platform": report.platform,
                "variant": report.variant,
                "encoding": report.encoding,
                "rows_read": report.rows_read,
                "rows_kept": report.rows_kept,
                "rejected": len(report.rejections),
                "why": "；".join(
                    f"{reasons.get(code, code)} {n}"
                    for code, n in report.rejected_by_reason.items()
                ),
                "sha256": report.sha256,
            }
        )
        rejected += [
            {**where, "row": r.row, "reason": reasons.get(r.reason, r.reason), "detail": r.detail}
            for r in report.rejections
        ]
        columns += [{**where, "what": "未对应", "column": c} for c in report.unmapped_columns]
        columns += [{**where, "what": "已丢弃", "column": c} for c in report.dropped_columns]
        values += [
            {**where, "column": column, "value": value, "n": n}
            for column, value, n in report.unknown_values
        ]
        unmatched += [
            {**where, "value": value, "n": n, "candidates": "、".join(candidates)}
            for value, n, candidates in report.unmatched
        ]
        notes += [{**where, "message": note.message, "count": note.count} for note in report.notes]
    place = {"wave": "批次", "file": "文件"}
    return [
        Sheet(
            "导入文件",
            {
                **place,
                "questionnaire": "问卷",
                "platform": "平台",
                "variant": "导出方式",
                "encoding": "编码",
                "rows_read": "读入行",
                "rows_kept": "有效行",
                "rejected": "剔除行",
                "why": "剔除原因",
                "sha256": "SHA-256",
            },
            files,
            "每个文件：读入行 = 有效行 + 剔除行。",
        ),
        Sheet(
            "剔除的行",
            {**place, "row": "行", "reason": "原因", "detail": "说明"},
            rejected,
            "行号与 Excel 中看到的一致。",
        ),
        Sheet(
            "未用的列", {**place, "what": "处理", "column": "列"}, columns, "未对应或已丢弃的列。"
        ),
        Sheet(
            "不认识的值",
            {**place, "column": "列", "value": "值", "n": "次数"},
            values,
            "问卷选项中没有的值，按缺失处理。",
        ),
        Sheet(
            "未匹配的名称",
            {**place, "value": "原名称", "n": "次数", "candidates": "相近的名称"},
            unmatched,
            "名册与别名中都没有的名称。",
        ),
        Sheet("文件提示", {**place, "message": "提示", "count": "数量"}, notes, "读文件时的提示。"),
    ]


def _notes(evaluation: Evaluation) -> Sheet:
    rows = [
        {"where": note.where, "message": note.message, "count": note.count, "code": note.code}
        for note in evaluation.notes
    ]
    headings = {"where": "涉及", "message": "提示", "count": "数量", "code": "代码"}
    return Sheet("提示", headings, rows, "随结果走到每一页的提示。")


# --- workbooks ------------------------------------------------------------------------------


def _workbook(evaluation: Evaluation, title: str, sheets: Sequence[Sheet]) -> bytes:
    order = evaluation.order
    sure = known.confidence(evaluation)
    mark = ("模拟数据", "本工作簿的全部数字来自模拟，不是真实评估结果。")
    lines = [
        (f"{order.street}{order.title}", f"{order.wave_name(evaluation.wave)}{title}"),
        *([mark] if order.synthetic else []),
        ("数据指纹", evaluation.fingerprint),
        ("表头", "第一行是中文名称，第二行灰色小字是数据文件（CSV）中的列名。"),
        (
            "区间",
            f"得分区间与名次区间的把握均为 {sure}；“全表名次区间”对整张表同时有 {sure} 的把握。",
        ),
        ("等第", "按未四舍五入的得分划定。"),
        ("空格", "没有数字的单元格：不完整、不公布（少于最低份数）或不适用。"),
        *(("公开资料", text) for text in evaluation.scheme.published),
        *(("假定", text) for text in evaluation.scheme.assumptions),
    ]
    return workbook(f"{order.street}{order.title}{title}", lines, sheets)
