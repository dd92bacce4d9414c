"""What every column of a workbook is called, means and looks like: `tables.FRAMES` in Chinese.

A column means the same in every table unless `SPECIAL` says otherwise for one of them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.pages.press.meanings import ORDER_RULE
from evalkit.pages.press.sentences import Words, written
from evalkit.pages.workbook.ledger_terms import LEDGER_TERMS
from evalkit.pages.workbook.more_terms import MORE_COLUMNS, MORE_TERMS

SCORE = "0.0"
SIGNED = "+0.0;-0.0;0.0"
FINE = "0.00"
WHOLE = "#,##0"
PLACES = "+0;-0;0"
SHARE = "0%"
FINE_SHARE = "0.0%"
SIGNED_SHARE = "+0.0%;-0.0%;0.0%"
CHANCE = '[>0.99]">99%";[<0.01]"<1%";0%'
P_VALUE = '[<0.001]"<0.001";0.000'
TEXT = "General"
WIDEST = 60.0
"""Width in characters beyond which a column's text breaks into lines."""


@dataclass(frozen=True, slots=True)
class Term:
    """A column's Chinese heading, what it means, its number format and its greatest width."""

    heading: str
    meaning: str
    form: str = TEXT
    widest: float = WIDEST


TERMS: Mapping[str, Term] = {
    # who, when, what
    "wave": Term("批次", "哪一次评估，一般是年份"),
    "subject": Term("编号", "评估对象在名册中的编号；用它与其他表对应"),
    "name": Term("名称", "名册中的名称"),
    "subject_name": Term("名称", "评估对象在名册中的名称"),
    "code": Term("代码", "总分、维度或指标的代码"),
    "code_name": Term("指标名称", "该代码在评估方案中的名称"),
    "level": Term("层级", "总分、维度或指标"),
    "group": Term("评价主体", "谁评的；“全部”为各主体按权重合计"),
    "kind": Term("类别", "属于哪一类"),
    # scores
    "score": Term("得分", "综合得分，0～100 分，未四舍五入；名次和等第按它确定", SCORE),
    "se": Term("标准误", "得分的标准误，分；重新抽一次样，得分大约会变动这么多", FINE),
    "low": Term("误差范围下限", "得分误差范围的下端，分", SCORE),
    "high": Term("误差范围上限", "得分误差范围的上端，分", SCORE),
    "score_picture": Term(
        "得分误差范围示意", "方括号为得分误差范围两端，o 为得分；两个误差范围大半重叠时难分高下"
    ),
    "grade": Term("等第", "按未四舍五入的得分划定"),
    "grade_probability": Term(
        "等第可能性", "真实水平确实落在该等第的可能性（按收缩后得分）", CHANCE
    ),
    "complete": Term("完整", "方案要求的各类评分是否齐全；不完整的只列出，不计分、不排名"),
    "estimate": Term("得分", "该项得分，0～100 分；空格为低于最少份数、不公布", SCORE),
    "n": Term("有效数", "有效答卷份数，台账为记录条数；空格为低于最少份数、不公布", WHOLE),
    # ranks
    "rank": Term("名次", "得分从高到低的名次，1 为最高；得分相同名次相同", WHOLE),
    "rank_low": Term("名次范围最好", "单看这一个评估对象，真实名次最好可能到第几", WHOLE),
    "rank_high": Term("名次范围最差", "单看这一个评估对象，真实名次最差可能到第几", WHOLE),
    "rank_picture": Term(
        "名次范围示意", "左端为第 1 名；方括号为名次范围两端，o 为名次；括号越宽，名次越不可靠"
    ),
    "rank_low_joint": Term("全表名次范围最好", "整张表同时成立的名次范围，最好的一端", WHOLE),
    "rank_high_joint": Term("全表名次范围最差", "整张表同时成立的名次范围，最差的一端", WHOLE),
    "reliability": Term(
        "可靠程度",
        f"得分差异中真实差别所占的比例，0～1；其余是偶然。{ORDER_RULE}",
        FINE,
    ),
    # changes
    "from_wave": Term("上次", "较早的批次"),
    "to_wave": Term("本次", "较晚的批次"),
    "score_from": Term("上次得分", "上次答卷按本次方案重新计算的得分", SCORE),
    "score_to": Term("本次得分", "本次综合得分", SCORE),
    "change": Term("得分变化", "本次得分减上次得分，分", SIGNED),
    "relative_change": Term("相对{street}的变化", "得分变化减去全{street}平均变化，分", SIGNED),
    "p_adjusted": Term(
        "校正 p", "差别纯属偶然时出现这么大差别的概率，已为同时检验许多项作校正", P_VALUE
    ),
    "verdict": Term("判断", "统计上能否断定；“尚看不出变化”“尚看不出差别”不等于证明没有差别"),
    "rank_from": Term("上次名次", "在两次都完整的评估对象中的名次", WHOLE),
    "rank_to": Term("本次名次", "在两次都完整的评估对象中的名次", WHOLE),
    "rank_change": Term("名次变化（负为上升）", "本次名次减上次名次；负数为上升", PLACES),
    "rank_change_low": Term(
        "名次变化最好", "真实名次变化最好可能是多少；负数为上升；偏宽，看“变化的名次”为宜", PLACES
    ),
    "rank_change_high": Term("名次变化最差", "真实名次变化最差可能是多少；偏宽", PLACES),
    "change_rank": Term("变化的名次", "得分变化从高到低排第几，1 为上升最多", WHOLE),
    "change_rank_low": Term("变化的名次最好", "得分变化真实名次最好可能到第几", WHOLE),
    "change_rank_high": Term("变化的名次最差", "得分变化真实名次最差可能到第几", WHOLE),
    "slope": Term("每次平均变化", "各次得分拟合成一条直线，平均每次变化多少，分", SIGNED),
    "slope_se": Term("标准误", "每次平均变化的标准误，分", FINE),
    "slope_low": Term("误差范围下限", "每次平均变化的误差范围的下端（未作多重校正），分", SIGNED),
    "slope_high": Term("误差范围上限", "每次平均变化的误差范围的上端（未作多重校正），分", SIGNED),
    "family": Term(
        "同批检验",
        "和哪些检验一起防误报：scores 为各次得分的走势与历次变化；dimensions 为各维度的走势；"
        "subject 为同一评估对象的各维度",
    ),
    "tests": Term("检验个数", "一起防误报的检验有多少个", WHOLE),
    "points": Term(
        "对得分变化的贡献",
        "得分变化中来自该指标、该主体的分数，相加等于得分变化",
        "+0.000;-0.000;0.000",
    ),
    # profile and findings
    "street": Term("{street}平均", "全{street}完整评估对象的平均得分", SCORE),
    "difference": Term("与{street}平均之差", "得分减{street}平均，分", SIGNED),
    # the street and its groups
    "mean": Term("平均分", "各评估对象得分的平均，每个算一份", SCORE),
    "previous": Term("上次平均分", "可比的评估对象上次的平均分", SCORE),
    "change_se": Term("变化的标准误", "变化的标准误，分", FINE),
    "change_low": Term("变化的误差下限", "变化的误差范围的下端（未作多重校正），分", SIGNED),
    "change_high": Term("变化的误差上限", "变化的误差范围的上端（未作多重校正），分", SIGNED),
    "by": Term("分法", "按名册的哪一列分组"),
    "lowest": Term("最低得分", "组内最低的得分", SCORE),
    "highest": Term("最高得分", "组内最高的得分", SCORE),
    "difference_se": Term("差的标准误", "该差的标准误，分", FINE),
    "difference_low": Term("差的误差下限", "差的误差范围的下端（未作多重校正），分", SIGNED),
    "difference_high": Term("差的误差上限", "差的误差范围的上端（未作多重校正），分", SIGNED),
    # assurance
    "band": Term("与平均相比", "与诊断书同一个检验的判断；“远”为校正后概率低于 0.2%"),
    "z": Term("与平均的距离", "与{street}平均的距离，以其标准误为单位", FINE),
    "tau": Term("真实差别", "去掉抽样误差之后，得分的标准差，分", FINE),
    "tau_low": Term("真实差别下限", "真实差别误差范围（Q-profile）的下端，分", FINE),
    "tau_high": Term("真实差别上限", "真实差别误差范围的上端，分", FINE),
    "reliability_low": Term("可靠程度下限", "可靠程度误差范围的下端", FINE),
    "reliability_high": Term("可靠程度上限", "可靠程度误差范围的上端", FINE),
    "listed": Term("名单得分", "只看按名单约请的居民的得分；误差是“同一份名单再请一批人”的", SCORE),
    "listed_se": Term("名单得分标准误", "其标准误，分", FINE),
    "listed_rank": Term("名单名次", "只按名单得分排的名次", WHOLE),
    "drawn": Term("随机得分", "只看随机抽取的居民的得分；误差是“再抽一批居民”的", SCORE),
    "drawn_se": Term("随机得分标准误", "其标准误，分", FINE),
    "drawn_rank": Term("随机名次", "只按随机得分排的名次", WHOLE),
    "gap_se": Term("差距标准误", "名单减随机之差的标准误，分", FINE),
    "gap_low": Term("差距的误差下限", "该差的误差范围的下端（未作多重校正），分", SIGNED),
    "gap_high": Term("差距的误差上限", "该差的误差范围的上端（未作多重校正），分", SIGNED),
    "blended": Term(
        "合并估计", "名单先减去全{street}的平均差距，再与随机得分按各自的误差合并；只供对照", SCORE
    ),
    "blended_se": Term("合并估计误差", "其均方误差的平方根，分", FINE),
    "blended_rank": Term("合并名次", "按合并估计排的名次；正式名次按得分", WHOLE),
    "list_share": Term("名单所占", "合并估计中名单所占的份额", SHARE),
    "single": Term(
        "单份可靠程度", "只看一份答卷时的可靠程度；一人评几处的主体和台账没有这个数", "0.000"
    ),
    "adjusted": Term(
        "结构调整后得分", "假如各处受访者年龄、住房等构成相同时的得分；只供参考", SCORE
    ),
    "adjusted_se": Term("调整后标准误", "结构调整后得分的标准误，分", FINE),
    "shrunken": Term(
        "收缩后得分", "样本少的向{street}平均靠拢后的得分，对真实水平更稳妥的估计", SCORE
    ),
    "raw": Term("原始得分", "该类居民的综合得分，计分用的就是它", SCORE),
    "raw_se": Term("原始标准误", "原始得分的标准误，分", FINE),
    "raw_low": Term("原始下限", "原始得分误差范围的下端，分", SCORE),
    "raw_high": Term("原始上限", "原始得分误差范围的上端，分", SCORE),
    "multilevel": Term(
        "推算得分", "按当地居民的构成推算、答卷少的向平均靠拢之后的得分，只供对照", SCORE
    ),
    "multilevel_se": Term("推算误差", "推算得分的均方误差的平方根，分", FINE),
    "multilevel_low": Term("推算下限", "推算得分误差范围的下端，分", SCORE),
    "multilevel_high": Term("推算上限", "推算得分误差范围的上端，分", SCORE),
    "shift": Term("相差", "推算得分减原始得分，分", SIGNED),
    "beyond": Term("超出误差", "推算得分落在原始得分的误差范围之外"),
    "known_by": Term("按什么推算", "用到的背景题代码；housing 为名册里的住房类型"),
    "first_of": Term("前几名", "最前几名算“前列”：最高等第现有的个数；超过半数时取三分之一", WHOLE),
    "among_first": Term("真在前列", "真实水平在最前几名之内的可能性，按收缩后得分推算", CHANCE),
    "last_of": Term("后几名", "最后几名算“末位”：最低等第现有的个数；超过半数时取三分之一", WHOLE),
    "among_last": Term("真在末位", "真实水平在最后几名之内的可能性，按收缩后得分推算", CHANCE),
    "expected_rank": Term("期望名次", "真实水平名次的平均；不是正式名次", SCORE),
    "shrunken_se": Term("收缩后误差", "收缩后得分的均方误差的平方根，分", FINE),
    "expected": Term("下次可能", "假定什么都没变，下次得分的预计值（收缩后得分）", SCORE),
    "expected_se": Term("标准误", "下次得分预计值的标准误，含下次的抽样误差，分", FINE),
    "expected_low": Term("误差范围下限", "下次得分误差范围的下端，分", SCORE),
    "expected_high": Term("误差范围上限", "下次得分误差范围的上端，分", SCORE),
    "scenario": Term("方案代码", "备选方案的代码；random 为随机改动各项权重"),
    "scenario_name": Term("换成", "与现行方案有什么不同", widest=34.0),
    "same_grade": Term("等第不变的比例", "随机改动权重时，等第保持不变的比例", SHARE),
    "same_third": Term(
        "三分之一不变的比例", "随机改动权重时，仍在上、中、下原来那一段的比例", SHARE
    ),
    "same_place": Term("名次不变的比例", "随机改动权重时，名次保持不变的比例", SHARE),
    "first": Term("一阶指数", "名次变动中单独由这一项权重引起的比例（Sobol 一阶指数）", FINE),
    "first_low": Term("一阶指数下限", "一阶指数的自助法误差范围的下端", FINE),
    "first_high": Term("一阶指数上限", "一阶指数的自助法误差范围的上端", FINE),
    "total": Term("总指数", "名次变动中与这一项权重有关的比例（Sobol 总指数）", FINE),
    "total_low": Term("总指数下限", "总指数的自助法误差范围的下端", FINE),
    "total_high": Term("总指数上限", "总指数的自助法误差范围的上端", FINE),
    "importance": Term("影响力", "居民总体满意度的差别中，由该指标解释的比例", FINE_SHARE),
    "performance": Term("{street}平均得分", "该指标全{street}的平均得分", SCORE),
    "performance_se": Term("平均得分标准误", "该平均得分的标准误，分", FINE),
    "r_squared": Term("合计解释比例", "所有指标合起来解释的比例", SHARE),
    "flagged": Term("可疑答卷", "答法可疑（如作答过快、全选同一项）的份数", WHOLE),
    "rate": Term("可疑比例", "可疑答卷占有效答卷的比例", FINE_SHARE),
    "street_rate": Term("{street}可疑比例", "全{street}的可疑比例", FINE_SHARE),
    "p": Term("偶然的概率", "纯属偶然和通常波动时，可疑答卷不少于这么多的概率", P_VALUE),
    "excess": Term("多于偶然", "可疑答卷是否多到不能用偶然和通常波动解释"),
    "gap": Term("重点减随机", "重点居民评分减随机居民评分，分", SIGNED),
    "gap_statistic": Term(
        "差距的标准化值", "该差距与全{street}通常差距的距离，以标准误为单位", FINE
    ),
    "gap_outlier": Term("差距异常", "标准化值是否超过 3；是的应核查重点问卷的发放"),
    "score_without": Term("不计可疑答卷的得分", "去掉可疑答卷后的综合得分", SCORE),
    "rank_without": Term("不计可疑答卷的名次", "去掉可疑答卷后的名次", WHOLE),
    "target": Term("想达到", "下一次想达到的目标"),
    "n_per_subject": Term(
        "每个评估对象的有效份数",
        "平均每个评估对象要收回的有效问卷，含达不到目标的（按本次份数）",
        SCORE,
    ),
    "n_total": Term(
        "全{street}有效份数",
        "全部评估对象要收回的有效问卷之和，含达不到目标的（按本次份数）",
        WHOLE,
    ),
    "issued_total": Term("需发放份数", "按本次回收率推算需要发放的问卷", WHOLE),
    "half_width": Term("得分误差（±）", "得分误差范围的平均半宽，分", SCORE),
    "reachable": Term(
        "都能达到", "只靠增加居民问卷，是否每个评估对象都能达到该目标；达不到的按本次份数计入"
    ),
    "detectable": Term(
        "看得出的变化", "下一次，一个评估对象相对平均真的变了这么多分，有 80% 的把握判为明显", SCORE
    ),
    "power": Term("变 5 分被认出", "相对平均真的变 5 分时，判为明显升降的概率（已防误报）", SHARE),
    # answers of one building
    "basis": Term(
        "依据", "recorded 按登记的同组计算；declared 由方案写明；assumed 没有登记，按互不相关计算"
    ),
    "clusters": Term("组数", "答卷出自多少个楼组（户、访问员）；没有登记的，每份算一组", WHOLE),
    "design_effect": Term("设计效应", "同一组的答卷相近，使误差方差放大到互不相关时的多少倍", FINE),
    "icc": Term("组内相关", "同一组答卷的相近程度，0 为互不相关", FINE),
    **{name: Term(*said) for name, said in MORE_TERMS.items()},
    # what was said
    "item": Term("题目", "问卷中的题目代码"),
    "option": Term("选项", "选项代码"),
    "of": Term("回答人数", "回答了这道题的居民", WHOLE),
    "share": Term("比例", "占回答人数的比例", SHARE),
    # satisfaction
    "role": Term("类别", "overall 为总体满意度，scored 为计分题"),
    "label": Term("哪些居民", "居民自己填的情况；全体居民为空"),
    "acceptable": Term("基本满意及以上", "至少基本满意的，占表态居民的加权比例", FINE_SHARE),
    "change_p_adjusted": Term(
        "变化的校正 p", "没有变化时出现这么大变化的概率，已为同时检验许多项作校正", P_VALUE
    ),
    "change_verdict": Term("变化的判断", "上升、下降、尚看不出变化或未比较，按校正 p 判断"),
    # follow_up
    "task": Term("编号", "上次整改清单上的编号"),
    "problem": Term("存在问题", "上次清单上写的"),
    "due": Term("完成时限", "上次清单上写的"),
    "state": Term("状态", "照交回的清单；已完成而缺日期、佐证或核查的为自报完成，没有填的为未报"),
    "done": Term("完成日期", "清单上填的"),
    "evidence": Term("有佐证", "清单上是否写了佐证材料"),
    "checked": Term("已核查", "清单上是否写了核查意见"),
    "until": Term("新时限", "清单上填的"),
    **{name: Term(*said) for name, said in LEDGER_TERMS.items()},
    # imports
    "file": Term("文件", "答卷文件", widest=40.0),
    "questionnaire": Term("问卷", "按哪份问卷读取"),
    "platform": Term("平台", "文件来自哪个平台"),
    "variant": Term("导出方式", "按选项文本或按选项序号导出"),
    "encoding": Term("编码", "文本文件的字符编码；Excel 文件为空"),
    "rows_read": Term("读入行", "读到的答卷行数，等于有效行加剔除行", WHOLE),
    "rows_kept": Term("有效行", "计入评估的答卷", WHOLE),
    "rejected": Term("剔除行", "没有计入的答卷，逐行列在“剔除的行”", WHOLE),
    "why": Term("剔除原因", "各种原因及行数"),
    "sha256": Term("SHA-256", "文件的数字指纹，可核对是否同一个文件", widest=68.0),
    "row": Term("行", "在原文件中的行号，与 Excel 中看到的一致"),
    "reason": Term("原因", "为什么没有计入"),
    "detail": Term("说明", "具体情况"),
    "what": Term("处理", "未对应：问卷里没有；已丢弃：涉及个人信息，不读入"),
    "column": Term("列", "原文件中的表头"),
    "value": Term("值", "原文件中的内容"),
    "candidates": Term("相近的名称", "名册中与它最像的名称"),
    "message": Term("提示", "读者应当知道的情况"),
    "count": Term("数量", "涉及多少", WHOLE),
    "where": Term("涉及", "涉及的批次、评估对象或文件；空格为整个评估"),
}
"""By column: of the frames that `tables` declares and of the sheets made for people."""

SPECIAL: Mapping[tuple[str, str], Term] = {
    ("indicators", "se"): Term("标准误", "该项得分的标准误，分", FINE),
    ("profiles", "se"): Term("标准误", "该项得分的标准误，分", FINE),
    ("profiles", "low"): Term("误差范围下限", "该项得分误差范围的下端，分", SCORE),
    ("profiles", "high"): Term("误差范围上限", "该项得分误差范围的上端，分", SCORE),
    ("profiles", "name"): Term("指标名称", "维度或指标的名称"),
    ("profiles", "verdict"): Term("判断", "与{street}平均相比：高于、低于或尚看不出差别"),
    ("findings", "name"): Term("指标名称", "指标的名称"),
    ("findings", "kind"): Term("类别", "优势、短板是显著的；倾向是尚不足以断定的"),
    ("findings", "se"): Term("差的标准误", "与{street}平均之差的标准误，分", FINE),
    ("changes", "se"): Term("标准误", "相对{street}的变化的标准误，分", FINE),
    ("changes", "verdict"): Term(
        "相对{street}的判断", "相对{street}明显上升、尚看不出变化或明显下降，按校正 p 判断"
    ),
    ("satisfaction", "subject"): Term("编号", "评估对象在名册中的编号；all 为全{street}"),
    ("satisfaction", "name"): Term("题目", "题目的文字"),
    ("satisfaction", "item"): Term("题号", "问卷中的题目代码"),
    ("satisfaction", "by"): Term("分法", "按哪一道题区分居民；all 为全体居民"),
    ("satisfaction", "value"): Term("选项", "这些居民所选的选项代码；all 为全体居民"),
    ("satisfaction", "n"): Term("表态人数", "选了有分值的选项的居民", WHOLE),
    ("satisfaction", "share"): Term("满意率", "满意的占表态居民的加权比例", FINE_SHARE),
    ("satisfaction", "low"): Term("误差范围下限", "满意率误差范围的下端", FINE_SHARE),
    ("satisfaction", "high"): Term("误差范围上限", "满意率误差范围的上端", FINE_SHARE),
    ("satisfaction", "street"): Term("{street}满意率", "全{street}的满意率", FINE_SHARE),
    ("satisfaction", "verdict"): Term("判断", "与全{street}相比：高于、低于、尚看不出差别或未检验"),
    ("satisfaction", "previous"): Term("上次满意率", "可比的居民上次的满意率", FINE_SHARE),
    ("satisfaction", "change"): Term("变化", "可比的居民满意率的变化", SIGNED_SHARE),
    ("satisfaction", "change_low"): Term(
        "变化的误差下限", "变化的误差范围的下端（未作多重校正）", SIGNED_SHARE
    ),
    ("satisfaction", "change_high"): Term(
        "变化的误差上限", "变化的误差范围的上端（未作多重校正）", SIGNED_SHARE
    ),
    ("street_means", "name"): Term("指标名称", "总分、维度或指标的名称"),
    ("street_means", "n"): Term("个数", "计入平均的评估对象", WHOLE),
    ("street_means", "se"): Term("标准误", "平均分的标准误，分", FINE),
    ("street_means", "low"): Term("误差范围下限", "平均分误差范围的下端，分", SCORE),
    ("street_means", "high"): Term("误差范围上限", "平均分误差范围的上端，分", SCORE),
    ("street_means", "change"): Term("变化", "可比的评估对象平均分的变化，分", SIGNED),
    ("street_means", "verdict"): Term("判断", "上升、下降、尚看不出变化或未比较，按校正 p 判断"),
    **{column: Term(*said) for column, said in MORE_COLUMNS.items()},
    ("follow_up", "wave"): Term("批次", "本次评估"),
    ("follow_up", "subject"): Term("对象", "评估对象在名册中的编号；all 为{street}"),
    ("follow_up", "name"): Term("名称", "上次清单上的单位"),
    ("follow_up", "code"): Term("指标", "该事项针对的指标或维度；诉求为空"),
    ("follow_up", "estimate"): Term("本次", "该指标本次的得分", SCORE),
    ("follow_up", "previous"): Term("上次", "该指标上次的得分，按本次方案计", SCORE),
    ("follow_up", "change"): Term("变化", "本次减上次，分；不等于整改的效果", SIGNED),
    ("follow_up", "verdict"): Term("变化的判断", "上升、下降、尚看不出变化或未比较，按校正 p 判断"),
    ("dimension_changes", "name"): Term("维度", "维度的名称"),
    ("dimension_changes", "previous"): Term("上次得分", "上次得分，按本次方案计", SCORE),
    ("dimension_changes", "estimate"): Term("本次得分", "本次得分", SCORE),
    ("dimension_changes", "change"): Term("变化", "本次减上次，分", SIGNED),
    ("dimension_changes", "verdict"): Term(
        "判断", "上升、下降、尚看不出变化或未比较，按校正 p 判断"
    ),
    ("series", "subject"): Term("编号", "评估对象在名册中的编号；all 为{street}平均"),
    ("series", "name"): Term("指标名称", "总分或维度的名称"),
    ("series", "estimate"): Term("得分", "该次得分，按本次方案计，0～100 分", SCORE),
    ("series", "se"): Term("标准误", "该次得分的标准误，分", FINE),
    ("series", "low"): Term("误差范围下限", "该次得分误差范围的下端，分", SCORE),
    ("series", "high"): Term("误差范围上限", "该次得分误差范围的上端，分", SCORE),
    ("trends", "subject"): Term("编号", "评估对象在名册中的编号；all 为{street}平均"),
    ("trends", "name"): Term("指标名称", "总分或维度的名称"),
    ("trends", "from_wave"): Term("自", "走势的第一个批次"),
    ("trends", "to_wave"): Term("至", "走势的最后一个批次"),
    ("trends", "n"): Term("次数", "走势用了几次评估", WHOLE),
    ("trends", "verdict"): Term("判断", "逐次上升、下降或尚看不出，按校正 p 判断"),
    ("peer_groups", "value"): Term("分组", "组的名称；空格为名册未注明"),
    ("peer_groups", "n"): Term("个数", "组内完整的评估对象", WHOLE),
    ("peer_groups", "se"): Term("标准误", "平均分的标准误，分；只含抽样误差", FINE),
    ("peer_groups", "low"): Term("误差范围下限", "平均分误差范围的下端，分", SCORE),
    ("peer_groups", "high"): Term("误差范围上限", "平均分误差范围的上端，分", SCORE),
    ("peer_groups", "difference"): Term("与其余之差", "组平均减其余评估对象的平均，分", SIGNED),
    ("peer_groups", "difference_se"): Term(
        "差的标准误", "该差的标准误，分；以评估对象为单位，含它们之间的真实差别", FINE
    ),
    ("peer_groups", "verdict"): Term("判断", "高于、低于、尚看不出差别；组太小的未检验"),
    ("composition", "item"): Term("题号", "问卷中的题目代码"),
    ("composition", "name"): Term("题目", "问卷里的背景题"),
    ("composition", "label"): Term("选项内容", "选项的文字；人口构成合在一起的，合在一起"),
    ("composition", "n"): Term("份数", "选这一项的有效答卷，未加权；空格为太少、不公布", WHOLE),
    ("composition", "of"): Term(
        "答题份数", "该主体答了这一题的有效答卷；空格为太少、不公布", WHOLE
    ),
    ("composition", "share"): Term("占答卷比例", "份数除以答题份数", SHARE),
    ("composition", "known"): Term("已知比例", "margins.csv 写的人口构成；空格为没有资料", SHARE),
    ("peers", "value"): Term("分组", "它所在的组"),
    ("peers", "n"): Term("其余个数", "同组其余完整的评估对象", WHOLE),
    ("peers", "mean"): Term("其余平均", "同组其余对象综合得分的平均", SCORE),
    ("peers", "difference"): Term("相差", "它的综合得分减其余平均，分", SIGNED),
    ("peers", "verdict"): Term("判断", "高于、低于、尚看不出差别或未检验"),
    ("bands", "score"): Term("得分", "原始综合得分，名次按它排", SCORE),
    ("reliability", "group"): Term("评价主体", "“全部”为综合得分；其余为只看这一类主体的得分"),
    ("reliability", "n"): Term("个数", "完整的评估对象", WHOLE),
    ("samples", "gap"): Term("名单减随机", "名单得分减随机得分，分", SIGNED),
    ("forecasts", "score"): Term("本次得分", "本次综合得分", SCORE),
    ("sensitivity", "score"): Term("得分", "换成该方案后的综合得分", SCORE),
    ("sensitivity", "rank"): Term("名次", "换成该方案后的名次", WHOLE),
    ("sensitivity", "rank_change"): Term(
        "名次变化（负为更好）", "该名次减正式名次；负数为更好", PLACES
    ),
    ("sensitivity", "grade"): Term("等第", "换成该方案后的等第"),
    ("sensitivity", "rank_low"): Term("名次（5% 分位）", "随机改动权重时较好的一端", WHOLE),
    ("sensitivity", "rank_high"): Term("名次（95% 分位）", "随机改动权重时较差的一端", WHOLE),
    ("weight_influence", "kind"): Term("类别", "评价主体的权重，或维度的权重"),
    ("weight_influence", "code"): Term("代码", "评价主体或维度的代码"),
    ("weight_influence", "name"): Term("名称", "评价主体或维度的名称"),
    ("drivers", "name"): Term("指标名称", "指标的名称"),
    ("drivers", "low"): Term("影响力下限", "影响力的自助法误差范围的下端", FINE_SHARE),
    ("drivers", "high"): Term("影响力上限", "影响力的自助法误差范围的上端", FINE_SHARE),
    ("drivers", "n"): Term("有效答卷", "各指标都作答的居民", WHOLE),
    ("quality", "n"): Term("有效答卷", "居民的有效答卷", WHOLE),
    ("quality", "rank"): Term("名次", "正式名次", WHOLE),
    ("design_effects", "group"): Term("评价主体", "每份答卷各算一人的主体"),
    ("design_effects", "n"): Term("有效答卷", "该主体的有效答卷", WHOLE),
    ("plan", "group"): Term("评价主体", "哪一类居民问卷；“全部”为合计"),
    ("plan", "reliability"): Term("可靠程度", "能达到的平均可靠程度，0～1", FINE),
    ("needs", "name"): Term("诉求", "选项的文字"),
    ("needs", "n"): Term("选择人数", "选了这一项的居民", WHOLE),
    ("needs", "share"): Term("比例", "占回答人数的加权比例", SHARE),
    ("needs", "se"): Term("标准误", "该比例的标准误", FINE_SHARE),
    ("needs", "low"): Term("误差范围下限", "比例误差范围的下端", FINE_SHARE),
    ("needs", "high"): Term("误差范围上限", "比例误差范围的上端", FINE_SHARE),
    ("needs", "street"): Term("{street}比例", "全{street}的比例", SHARE),
    ("needs", "verdict"): Term("判断", "与全{street}的比例相比：高于、低于或尚看不出差别"),
    ("themes", "code"): Term("代码", "主题的代码；* 为写了任何内容的居民"),
    ("themes", "name"): Term("主题", "主题的名称"),
    ("themes", "n"): Term("提到人数", "提到这一主题的居民；过少的主题不列出", WHOLE),
    ("themes", "of"): Term("写了意见的人数", "在这道题写了内容的居民", WHOLE),
    ("notes", "code"): Term("代码", "提示的代码"),
    ("unmatched", "value"): Term("原名称", "文件中写的、名册和别名里都没有的名称"),
    ("unmatched", "n"): Term("次数", "出现次数", WHOLE),
    ("unknown_values", "n"): Term("次数", "出现次数", WHOLE),
    ("overview", "strengths"): Term("优势", "显著高于{street}平均的指标", widest=30.0),
    ("overview", "weaknesses"): Term("短板", "显著低于{street}平均的指标", widest=30.0),
    ("overview", "verdict"): Term("相对{street}的变化", "相对{street}平均的变化，按校正 p 判断"),
    ("overview", "n"): Term("有效数", "各类主体合计的有效答卷和台账记录", WHOLE),
}
"""By table and column, where a column means something of its own."""


def term(table: str, column: str, order: EvaluationOrder) -> Term:
    """Return what a column of a table is called and means, in this evaluation's words.

    Raises
    ------
    KeyError
        If nobody said.
    """
    own, words = SPECIAL.get((table, column)) or TERMS[column], Words.of(order)
    return replace(
        own,
        heading=written(own.heading, words, {}),
        meaning=written(own.meaning, words, {}),
    )
