"""What notes on several waves say; part of the catalogue in `sentences`."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.codes import NoteCode
from evalkit.pages.press.sentence import Sentence

OF_WAVES: Mapping[NoteCode, Sentence] = {
    NoteCode.MEASURED_DIFFERENTLY: Sentence(
        "两个批次测量这些指标的题目或分值不同，变化须谨慎解读：{indicators}",
        "只比较题目和分值相同的指标",
    ),
    NoteCode.COMPARED_BY_LINK: Sentence(
        "假设：“{question}”两个批次的选项不同，{wave} 的回答按对照表声明的规则折算后才比较（{links}）；"
        "变化有一部分可能只是折算造成的，不列走势，不比较满意率",
        "下次沿用同样的选项",
    ),
    NoteCode.NOT_COMPARED: Sentence(
        "有 {count} 个{subject}不是两个批次都有完整得分和得分的误差，不参与变化比较", "无须处理"
    ),
    NoteCode.HOUSEHOLDS_DISAGREE: Sentence(
        "{name}：上次 {before} 户，变动划入 {came} 户、划出 {went} 户，应为 {expected} 户，counts.csv 是 {counted} 户",
        "核对 lineage.csv 的户数和 counts.csv；期间新建、拆迁造成的差别无须处理",
    ),
    NoteCode.NOT_IN_TREND: Sentence(
        "历年走势只用最近五次中题目和分值与本次相同、得分误差可知的批次（{compared} 个），未列入：{waves}；不足三个的不列走势",
        "沿用同样的题目和分值",
    ),
    NoteCode.RATERS_MATCHED: Sentence(
        "{group}：上次 {before} 个、本次 {after} 个评价单位中，两次能对上的 {count} 个（名称改了的对不上）；"
        "比较两次时，只有对得上的按同一单位计算误差",
        "同一单位两次用同样的名称",
    ),
    NoteCode.RATERS_RENAMED: Sentence(
        "{group}：有的评价单位只在上次出现（文件#行：{before:few}），有的只在本次出现（{after:few}）；"
        "若是改了名称，就没有当作同一单位",
        "核对这几行的单位名称；是同一单位的，两次改成一样的写法后重新评估",
    ),
    NoteCode.RATERS_NOT_KNOWN_AGAIN: Sentence(
        "{group}：早先的数据库没有留下可对上评价单位的标识，两次按互不相关计算误差，变化的误差范围可能偏宽",
        "保留上次的答卷文件，或等下一次",
    ),
    NoteCode.MODES_SHIFTED: Sentence(
        "{group}：{mode:paper=纸质|online=网上|telephone=电话|face_to_face=面访}填答的比例由 {before:.0%} "
        "变为 {after:.0%}；填答方式变了，愿意填的人和答法都可能跟着变，"
        "{street}平均的变化有一部分可能只是方式变了",
        "下次沿用同样的方式；两种方式相差多少，见技术说明",
    ),
    NoteCode.RESIDENTS_MATCHED: Sentence(
        "{group}：上次 {before} 份、本次 {after} 份写有追踪编号的答卷中，同一人在同一{subject}两次都答的 {count} 人，"
        "其中 {used} 人用来计算变化的误差（一个{subject}不足 {least} 人的不用，按互不相关算，误差范围只会偏宽）",
        "两次沿用同样的编号；编号只用来对上同一人，不保存",
    ),
    NoteCode.RESIDENTS_NOT_KNOWN_AGAIN: Sentence(
        "{group}：{wave} {archived:只有数据库里的结果，没有答卷|没有追踪编号}，对不上两次都答的居民；"
        "两次按互不相关计算，变化的误差范围可能偏宽",
        "保留上次的答卷文件，两次都请填追踪编号",
    ),
}
"""By code, in the order of the flow."""
