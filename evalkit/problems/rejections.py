"""Why rows are no answers, in short words: for problems here, and for the pages."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import Reason

REASONS: Mapping[Reason, str] = {
    Reason.BLANK: "空行",
    Reason.HEADER_ROW: "重复的表头行",
    Reason.FOOTER: "合计等表尾行",
    Reason.MALFORMED: "残缺或错位的行",
    Reason.PASTED_TWICE: "整段重复粘贴的答卷",
    Reason.DUPLICATE: "完全相同的重复答卷",
    Reason.OUTSIDE_PERIOD: "提交时间不在本批次内",
    Reason.UNREAD: "看不出单元格的内容是什么，整份文件没有读入",
    Reason.SCREENED_OUT: "不符合筛选条件",
    Reason.NO_ANSWER: "没有任何有效的计分题答案",
    Reason.NO_GROUP: "没有填评价主体",
    Reason.NO_SUBJECT: "没有填{subject}",
    Reason.UNMATCHED_SUBJECT: "{subject}不在名册中（对照表已注明不计）",
    Reason.NO_RATER: "没有填评价单位",
    Reason.SELF_RATING: "自己评价自己",
}
"""By reason; ``{subject}`` is what the evaluation calls a subject."""

OF_RECORDS: Mapping[Reason, str] = {
    **REASONS,
    Reason.DUPLICATE: "同一条记录另有一行，内容相同或已经办结",
    Reason.OUTSIDE_PERIOD: "不属于本批次，也不在本批次到期",
}
"""The same of rows of a ledger."""
