"""What the columns of the ledgers' frames are called and mean: heading, meaning, number format."""

from __future__ import annotations

from collections.abc import Mapping

WHOLE, SCORE, FINE = "#,##0", "0.0", "0.00"

LEDGER_TERMS: Mapping[str, tuple[str, str] | tuple[str, str, str]] = {
    "ledger": ("台账", "哪份台账的记录"),
    "measure": ("度量", "台账里度量的代码"),
    "read": ("读入", "文件里的行数 = 保留 + 不计 + 重复 + 剔除", WHOLE),
    "kept": ("保留", "计入本批次的，以及在本批次到期或开始的记录", WHOLE),
    "excluded": ("不计", "台账写明不计的，以及不在本批次内的", WHOLE),
    "duplicates": ("重复", "与另一行完全相同，或在另一个文件里已经办结的", WHOLE),
    "carried_in": ("上期结转", "本批次开始时还没有办结的", WHOLE),
    "received": ("本期收到", "本批次内发生的", WHOLE),
    "closed": ("办结", "本批次内办结的", WHOLE),
    "withdrawn": ("撤销", "本批次内撤销的", WHOLE),
    "open": ("未结", "批次结束时还没有办结的；结转 + 收到 = 办结 + 撤销 + 未结", WHOLE),
    "unmatched": ("单位不计", "剔除的记录中，单位不在名册、对照表已注明不计的", WHOLE),
    "unattributed": ("没写单位", "剔除的记录中，没有写明单位的", WHOLE),
    "numerator": (
        "分子",
        "算是的记录数；比率为件数，按金额算的为金额合计；空格为记录太少、不公布",
        WHOLE,
    ),
    "denominator": ("记录数", "这个数背后的记录数；空格为记录太少、不公布", WHOLE),
    "exposure": ("基数", "比率的基数，如人口", WHOLE),
    "bound_low": ("未评下界", "没有评价的若全是最差，结果是多少", SCORE),
    "bound_high": ("未评上界", "没有评价的若全是最好，结果是多少", SCORE),
    "clock": ("时限", "台账里时限的代码"),
    "unit": ("单位", "时限和用时的单位：小时、天，或工作日"),
    "limit": ("限期", "规定多久之内；空格为每条记录各有截止时间", FINE),
    "due_n": ("到期", "本批次内到期的记录数；空格为记录太少、不公布", WHOLE),
    "on_time": ("按时率", "到期的记录中按时办结的百分比；到期没有办结的算不按时", SCORE),
    "censored": ("其中未结", "本批次开始的记录中，批次结束时还没有办结的", WHOLE),
    "done_low": ("做到下限", "限期内做到百分比的区间下端", SCORE),
    "done_high": ("做到上限", "限期内做到百分比的区间上端", SCORE),
    "median": ("一半做到", "一半的记录多久之内做到；空格为还没有一半做到", FINE),
    "median_low": ("一半下限", "一半做到所需时间的区间下端", FINE),
    "median_high": ("一半上限", "一半做到所需时间的区间上端；空格为还看不出", FINE),
    "p90": ("九成做到", "九成的记录多久之内做到；空格为还没有九成做到", FINE),
    "from_state": ("从", "记录原来在哪个环节"),
    "to_state": ("到", "接着到了哪个环节；空格为停在原处"),
    "q1_hours": ("四分之一", "走到下一环节的记录中，四分之一在多少小时之内", SCORE),
    "median_hours": ("一半", "走到下一环节的记录中，一半在多少小时之内", SCORE),
    "q3_hours": ("四分之三", "走到下一环节的记录中，四分之三在多少小时之内", SCORE),
    "foreseen": ("是否规定", "台账写明允许这样流转"),
    "filled": ("按平均计", "没有记录，计分时按{street}平均水平计、误差放宽"),
}
"""By column, where it means the same in every table."""

LEDGER_COLUMNS: Mapping[tuple[str, str], tuple[str, str] | tuple[str, str, str]] = {
    ("ledgers", "rejected"): ("剔除", "空行、合计行、重复的表头、没有写明单位或单位不计的", WHOLE),
    ("ledgers", "file"): ("文件", "台账的记录文件"),
    ("objective", "expected_low"): ("通常下限", "普通{subject}有这么多记录时，通常不低于", SCORE),
    ("objective", "expected_high"): ("通常上限", "普通{subject}有这么多记录时，通常不高于", SCORE),
    ("objective", "name"): ("度量名称", "度量在台账中的名称"),
    ("objective", "estimate"): (
        "结果",
        "占比、得分和覆盖为 0～100；比率、水平、积分按各自的单位",
        FINE,
    ),
    ("objective", "se"): ("标准误", "按自己的记录算的标准误，分", FINE),
    ("objective", "low"): ("区间下限", "结果的区间下端", FINE),
    ("objective", "high"): ("区间上限", "结果的区间上端", FINE),
    ("objective", "band"): (
        "与平均的判断",
        "高于、低于、无显著差异或未检验，已为同时检验许多项作校正",
    ),
    ("clocks", "name"): ("时限名称", "时限在台账中的名称"),
    ("clocks", "done"): (
        "限期内做到",
        "本批次开始的记录中限期内做到（如办结、接单）的百分比，未结的按已等的时间计入",
        SCORE,
    ),
    ("clocks", "low"): ("按时下限", "按时率的区间下端", SCORE),
    ("clocks", "high"): ("按时上限", "按时率的区间上端", SCORE),
    ("clocks", "n"): ("本期开始", "本批次内开始的记录数；空格为记录太少、不公布", WHOLE),
    ("flows", "n"): ("条数", "这样流转了多少次；空格为太少、不公布", WHOLE),
    ("flows", "share"): ("占比", "占这一环节全部记录的比例", "0.0%"),
    ("claims", "claim"): ("公布数", "claims.yaml 里的代码"),
    ("claims", "text"): ("原文", "公布时怎样说的"),
    ("claims", "source"): ("出处", "哪一份材料、日期、页码"),
    ("claims", "way"): ("算法", "怎样重新算出来"),
    ("claims", "printed"): ("公布为", "照原文的写法"),
    ("claims", "printed_low"): ("公布下限", "印成这样的数最小是多少，按公布的单位", FINE),
    ("claims", "printed_high"): ("公布上限", "印成这样的数最大是多少；空格为没有上限", FINE),
    ("claims", "computed"): (
        "算得",
        "照写出的数和记录算出，按公布的单位；空格为无法算或不公布",
        FINE,
    ),
    ("claims", "low"): ("算得下限", "把各项的四舍五入都算进去，最小是多少", FINE),
    ("claims", "high"): ("算得上限", "把各项的四舍五入都算进去，最大是多少；空格为没有上限", FINE),
    ("claims", "difference"): ("相差", "算得减公布", "+#,##0.00;-#,##0.00;0"),
    ("claims", "needed"): ("要对上须", "不符的比值：分母要是多少才对得上", FINE),
    ("claims", "verdict"): ("结果", "不符、只列出部分、可由四舍五入解释、相符或无法核对"),
    ("claims", "reason"): ("说明", "无法核对或不符的原因"),
    ("claims", "other"): ("互换的数", "与它正好互换的另一个公布数的代码"),
    ("objective", "score"): ("计分", "折成的 0～100 分；只作参考的为空", SCORE),
}
"""By table and column."""
