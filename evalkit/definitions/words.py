"""The Chinese words of the codes that documents are written in, for workbooks and messages."""

from __future__ import annotations

WORDS: dict[str, dict[str, str]] = {
    "basis": {"published": "公开资料", "assumption": "假定"},
    "kind": {
        "single": "单选",
        "multiple": "多选",
        "ranking": "排序",
        "number": "数值",
        "text": "文字",
    },
    "role": {
        "scored": "计分",
        "overall": "总体满意度",
        "screening": "筛选",
        "subject": "评估对象",
        "rater": "评价人",
        "cluster": "同组",
        "panel": "追踪编号",
        "mode": "填答方式",
        "group": "评价主体",
        "need": "需求",
        "profile": "背景",
        "open": "开放题",
    },
    "holds": {
        "code": "编号",
        "unit": "评估对象",
        "option": "选项",
        "time": "时间",
        "number": "数",
        "person": "人",
        "title": "名称",
        "words": "文字",
    },
    "how": {
        "share": "占比",
        "score": "得分",
        "rate": "比率",
        "level": "水平",
        "points": "积分",
        "coverage": "覆盖",
        "curve": "分段",
    },
    "event": {
        "rename": "更名",
        "merge": "合并",
        "split": "拆分",
        "transfer": "划转",
        "new": "新设",
        "closed": "撤销",
    },
    "way": {
        "sum": "合计",
        "share": "占比",
        "ratio": "比值",
        "growth": "增幅",
        "listed": "列举",
        "none": "无从算起",
    },
    "system": {"wgs84": "WGS-84", "gcj02": "GCJ-02", "bd09": "BD-09"},
    "whole": {"exact": "确数", "rounded": "四舍五入"},
    "side": {"over": "分子", "under": "分母", "both": "分子和分母"},
    "roster": {"subjects": "个数", "population": "人口"},
    "rows": {"records": "一行一条记录", "counts": "一行一个汇总数"},
    "unit": {"hours": "小时", "days": "天", "workdays": "工作日"},
    "when_none": {"street_mean": "按平均水平、误差放宽", "incomplete": "不完整"},
    "mode": {"paper": "纸质", "online": "网上", "telephone": "电话", "face_to_face": "面访"},
    "missing": {"dont_know": "不了解", "refused": "拒答", "not_applicable": "不适用"},
    "uncovered": {
        "within_group": "由该主体能评的指标分担",
        "to_covering_groups": "由能评的主体分担",
    },
    "sample": {"unsaid": "没有说明", "random": "随机抽取", "list": "按名单约请"},
    "raters": {"respondent": "一份答卷一人", "rater": "一人评多个对象"},
    "per_unit": {"population": "按人口", "households": "按户数"},
    "status": {"formal": "正式", "provisional": "筹备"},
    "variant": {"text": "按文本", "number": "按序号", "score": "按分数"},
}
"""By field name: code -> word. Codes and words are both accepted in workbooks."""

YES, NO = "是", "否"


def both(field: str, codes: list[str]) -> str:
    """Write codes with their words: ``single（单选）、multiple（多选）``."""
    words = WORDS.get(field, {})
    return "、".join(f"{code}（{words[code]}）" if code in words else code for code in codes)
