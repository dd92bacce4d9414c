"""The sentences of every note: one catalogue by code, with what a reader can do about it.

A sentence is a format string over the note's facts, its count, and the evaluation's words for a subject,
for all of them and for where persons work: ``{subject}``, ``{street}``, ``{committee}``. What stands behind
the colon: a number as Python writes it, ``{count:,}``; a code or a flag by its words,
``{why:few=答卷太少|none=没有问到}``, ``{stronger:变强|变弱}``; names one after the other, ``{items}``, in quotation
marks, ``{items:“”}``, the first few, ``{columns:few}``, with rows or answers each, ``{seen:rows}``,
``{seen:answers}``, with a figure from either of two places, ``{figures:pairs=here|there}``.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from evalkit.codes import NoteCode
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.errors import Note
from evalkit.pages.press.claim_sentences import CLAIM_NOTES
from evalkit.pages.press.filling import Facts
from evalkit.pages.press.ledger_sentences import LEDGER_NOTES
from evalkit.pages.press.sentence import Sentence
from evalkit.pages.press.sentences_of_drift import OF_DRIFT
from evalkit.pages.press.sentences_of_files import OF_FILES
from evalkit.pages.press.sentences_of_tracks import OF_TRACKS
from evalkit.pages.press.sentences_of_waves import OF_WAVES


class Words(NamedTuple):
    """What an evaluation calls a subject, all of them together, where persons work; how subjects are counted."""

    subject: str = "居民区"
    street: str = "街道"
    committee: str = "居民区"
    each: str = "个"

    @classmethod
    def of(cls, order: EvaluationOrder) -> Words:
        """Return the words of this evaluation."""
        persons = order.unit_word != order.subject_word
        return cls(
            order.subject_word, order.street_word, order.unit_word, "名" if persons else "个"
        )


DEFAULT = Words()
"""The words where there is no evaluation yet, or none without faults."""


def written(text: str, words: Words, facts: Mapping[str, Any]) -> str:
    """Write a sentence of the catalogue with these facts, in these words; persons are counted as such."""
    text = text.replace("个{subject}", "{each}{subject}")
    return Facts().vformat(text, (), {**words._asdict(), **facts})


def said(note: Note, words: Words = DEFAULT) -> str:
    """Write a note for its reader."""
    return written(NOTES[note.code].text, words, {"count": note.count, **note.facts})


NO_ORDER = (
    "得分差异中约 {reliability:.0%}（{reliability_low:.0%} 至 {reliability_high:.0%}）是{subject}之间的真实差别，"
    "其余是偶然：这张表不足以逐名排序，须连误差范围一起看。"
)

UNDECIDED = (
    "得分差异中约 {reliability:.0%} 是{subject}之间的真实差别，但这个比例本身还说不准"
    "（{reliability_low:.0%} 至 {reliability_high:.0%} 都有可能）："
    "这张表能不能排出先后，凭这次的数据定不下来，须连误差范围一起看。"
)

NOTES: Mapping[NoteCode, Sentence] = {
    NoteCode.FEW_DRAWS: Sentence(
        "模拟次数少于{enough:,}，名次范围的边界不稳，只宜试算",
        "正式结果前删去 evaluation.yaml 中的 draws，或改回默认值",
    ),
    NoteCode.FILE_NOT_USED: Sentence(
        "文件夹里有这个文件，没有用到，不影响结果"
        "{kind:scheme=；用的方案是 evaluation.yaml 的 scheme 写的那一份"
        "|roster=；用的名册是 evaluation.yaml 的 roster 写的那一份"
        "|responses=；其中的答卷不计入：evaluation.yaml 的 files 没有写它"
        "|questionnaires=；问卷须是 yaml 或 xlsx"
        "|crosswalks=；对照表须是 yaml 或 xlsx"
        "|ledgers=；台账须是 yaml 或 xlsx"
        "|actions=；措施库须叫 actions.yaml 或 actions.xlsx，放在文件夹最外层"
        "|themes=；主题词表须叫 themes.yaml 或 themes.xlsx，放在文件夹最外层"
        "|claims=；公布的数须叫 claims.yaml 或 claims.xlsx，放在文件夹最外层"
        "|counts=；人口与户数须叫 counts.csv，放在文件夹最外层"
        "|lineage=；沿革须叫 lineage.csv，放在文件夹最外层"
        "|boundaries=；边界须叫 boundaries.geojson，放在文件夹最外层"
        "|follow-up=；回收的整改清单须是 xlsx，叫 follow-up/<批次>.xlsx，批次须早于最后一次"
        "|margins=；人口构成须叫 margins.csv，放在文件夹最外层"
        "|evaluation=；任务书须叫 evaluation.yaml"
        "|other=；问卷放进 questionnaires/，答卷写进 evaluation.yaml 的 files}",
        "要用它，照说明改名、移动或写进 evaluation.yaml；不用的移走",
    ),
    NoteCode.SUPERSEDED_SENTENCES: Sentence(
        "有 {count} 条说明出自旧版预设，其中的数字不一定与现在的方案相同，已不采用；"
        "报告里的说明由程序按方案写出",
        "从该文件的 published 和 assumptions 中删去这几条",
    ),
    NoteCode.NUMBERS_NOT_DECIDED: Sentence(
        "assumptions 中有 {count} 条写了方案和问卷里没有的数（{numbers}）：报告照印这些话，程序不照它们计算",
        "核对是否还是现在的规定；权重、分数线等由程序写出，不必自己写",
    ),
    NoteCode.MARGIN_AGAINST_ROSTER: Sentence(
        "人口构成表各选项合计 {margin:,.0f}，名册各{subject}的常住人口合计 {roster:,}："
        "{street}的构成照用（只用比例），两处说的可能不是同一批人",
        "口径不同（如一处只算成年人、一处是户数）不要紧；否则核对年份和单位，改正其中一处",
    ),
    NoteCode.MARGINS_AGAINST_ROSTER: Sentence(
        "人口构成表与名册的人口对不上：{figures:pairs=人口构成表|名册}",
        "与别的{subject}口径不一，多半是有一处写错或年份不同；核对后改正其中一处",
    ),
    NoteCode.TASKS_NOT_REPORTED: Sentence(
        "上次清单有 {count} 项未报办理情况：{names:few}", "催报，补填后重新运行"
    ),
    NoteCode.REPORTS_INCOMPLETE: Sentence(
        "上次清单有 {count} 处没有填全：已完成而缺日期、佐证或核查的 {claimed} 项（算“自报完成”），"
        "推进中没写新时限的 {undated} 项，不再适用没写原因的 {unreasoned} 项，没选状态的 {stateless} 项",
        "请责任单位或核查人补填；不补也可以照常运行",
    ),
    **OF_FILES,
    **OF_DRIFT,
    NoteCode.LOOK_ALIKES: Sentence(
        "有 {count} 行（行 {rows:few}）与前面的某一行完全相同，但没有到秒的提交时间、编号、"
        "或地址加用时能证明是同一份答卷：都按不同的人计入",
        "若是重复录入，在文件中删去；下次导出时保留到秒的提交时间或编号",
    ),
    NoteCode.LOOK_ALIKES_ELSEWHERE: Sentence(
        "有 {count} 行与 {files:few} 中的某一行完全相同，但没有什么能证明是同一份答卷，"
        "或相同的太少、可能是巧合：两边都计入",
        "核对这些文件是否有一部分是同一批答卷；若是，只留一份",
    ),
    NoteCode.NUMBERS_REPEATED: Sentence(
        "序号或编号有重复：{count} 行（行 {rows:few}）的号码在前面出现过，而答案不同，都计入",
        "常见原因是几次导出拼在一起，序号重新开始；核对有没有拼进同一批答卷",
    ),
    NoteCode.TIMES_READ_AS: Sentence(
        "列 {column} 的日期有几种读法，整列按"
        "“{order:ymd=年/月/日|mdy=月/日/年|dmy=日/月/年}”读（如第 {row} 行读作 {day}）"
        "{by_wave:，因为只有这样全部答卷才在本批次内|}",
        "若读反了，把这一列改成 2026-09-05 这样的写法",
    ),
    NoteCode.TIMES_MAYBE_SWAPPED: Sentence(
        "列 {column} 的 {count} 个日期可能被表格软件对调了月和日（如第 {row} 行 {cell}）："
        "是日期的都不过 12 日，仍是文本的都过 12 日；不影响哪些行计入",
        "从平台重新导出，或导入 CSV 时把这一列设为文本",
    ),
    NoteCode.TIME_ZONES: Sentence(
        "列 {column} 的时间带有时区：{count} 个换算成北京时间"
        "，另有 {without} 个没有写时区，按北京时间读",
        "无须处理；若没有写时区的不是北京时间，请改正",
    ),
    NoteCode.TIMES_UNREAD: Sentence(
        "列 {column} 有 {count} 个提交时间读不出（行 {rows:few}），"
        "不能核对是否在本批次之内，按在本批次之内计入",
        "把这些单元格改成 2026-09-05 10:00:00 这样的写法",
    ),
    NoteCode.TIMES_MISSING: Sentence(
        "列 {column} 有 {count} 行没有提交时间，不能核对是否在本批次之内，按在本批次之内计入",
        "从平台重新导出，或确认这些行属于本批次",
    ),
    NoteCode.OUTSIDE_WAVE: Sentence(
        "有 {count} 行不在本批次之内提交，没有计入：{years:rows}",
        "若一个文件里有几个批次，按年份拆成几个文件，各放在自己的批次；"
        "若都属于本批次，改正 evaluation.yaml 中的 start 和 end",
    ),
    NoteCode.ASKED_IN_BRANCHES: Sentence(
        "题目 {item} 在文件中有几列（{columns}），每行最多填了一列，合并为一题："
        "{count} 行的回答取自后面的列",
        "无须处理；若这几列是不同的题目，改列名使其各不相同",
    ),
    NoteCode.SCALE_LINKED: Sentence(
        "题目 {item} 的选项与问卷不是同一把尺子，按对照表 values 折算计分：{links}。"
        "这是假设，不是居民的原话：与其他批次比较时各页会注明，不列走势，不比较满意率",
        "核对每一项折算是否有依据；没有依据的，不要与其他批次比较",
    ),
    NoteCode.INVALID_VALUES: Sentence(
        "对照表注明无效的取值，不计分：{items:answers}", "核对对照表 values 中写 null 的取值"
    ),
    NoteCode.NOT_ASKED: Sentence(
        "文件中没有这些题目，按未询问处理：{items}（{rows:,} 份答卷没有这些题的回答）",
        "若问过，改正列名或运行 evalkit check 起草对照表",
    ),
    NoteCode.SCORED_NOT_ASKED: Sentence(
        "计分题没有对应的列，这个文件的 {rows:,} 份答卷都没有这些题的得分："
        "{items}（少 {count:,} 个回答）",
        "若问过，在对照表 columns 中写明是哪一列；没有问过的无须处理",
    ),
    NoteCode.NOT_SCREENED: Sentence(
        "筛选题 {items} 没有对应的列：{count:,} 份答卷未经筛选，全部计入",
        "若问过，在对照表 columns 中写明是哪一列；没有问过的，核对发放范围",
    ),
    NoteCode.DOUBTFUL_COLUMNS: Sentence(
        "批准的对照表里，这些列起草时的把握不足一半，照样采用：{columns}",
        "逐列核对 because；确认无误的删去 certainty 一行，不对的改正 item",
    ),
    NoteCode.OPTIONS_WITHOUT_COLUMN: Sentence(
        "题目 {item} 按选项分列，这些选项没有对应的列，不会有人选中：{options}",
        "若文件里有，改正列名，或在对照表 columns 中写明是哪一列",
    ),
    NoteCode.ONE_AND_TWO: Sentence(
        "题目 {item} 按选项分列，格中只有 1 和 2：1 读作选中，2 读作未选",
        "核对平台的说明；若相反，在对照表 values 的 {item} 下写明 1 和 2 各是什么（选中写 1，未选写 0）",
    ),
    NoteCode.PERSONAL_COLUMN: Sentence(
        "列 {columns:few} 看来是个人信息（{count:,} 格），没有导入；文件里仍然留有",
        "分析用不着的，从文件中删去这些列",
    ),
    NoteCode.CLUSTER_IN_SEVERAL_SUBJECTS: Sentence(
        "“同组”一题有 {count} 个名称出现在几个{subject}的答卷里（{clusters:few}）；"
        "如“{first}”：{subjects:few}。各按不同的组计算",
        "各处的楼号相同不要紧；若是填错了{subject}，改正后重新评估；若是同一个访问员走了几处，"
        "各处的误差便不是互不相关的，在方案中给这个主体写明设计效应",
    ),
    **{code: Sentence(*said) for code, said in {**LEDGER_NOTES, **CLAIM_NOTES}.items()},
    NoteCode.CLUSTER_PER_RESPONDENT: Sentence(
        "“{group}”的“同组”一题每份答卷各不相同（{count:,} 份），等于没有登记：按每份答卷互不相关计算",
        "应填楼组、户或访问员，不是门牌号、序号；改正后重新评估，或在方案中写明设计效应",
    ),
    NoteCode.ONE_CLUSTER: Sentence(
        "“{group}”在 {count} 个{subject}的答卷都出自同一组（{subjects:few}），算不出误差："
        "只当一份答卷，误差取这一主体在全{street}的通常水平",
        "核对“同组”一题；下一次多选几个楼组",
    ),
    NoteCode.CLUSTER_MISSING: Sentence(
        "“{group}”有 {count:,} 份答卷没有写明同组，各算一组，误差因此可能偏小",
        "补上后重新评估",
    ),
    NoteCode.PANEL_TWICE: Sentence(
        "“{group}”有 {count} 份答卷的追踪编号与这一批次的另一份相同（文件#行：{places:few}）："
        "分不清是同一人填了两次，还是编号填错，都照常计分，但不与另一批次的答卷对应",
        "核对这几行：同一人填了两次的删去一行，编号填错的改正",
    ),
    NoteCode.PANEL_MISSING: Sentence(
        "“{group}”有 {count:,} 份答卷没有填追踪编号（文件#行：{places:few}）："
        "照常计分，但认不出是否两次都答过",
        "下一次请填编号；能补的补上",
    ),
    NoteCode.RAKED: Sentence(
        "“{group}”按{items:“”}加权到{street}的人口构成：{count} 份答卷，等效份数 "
        "{effective:.0f}（设计效应 {design:.2f}）",
        "无须处理；不要加权时删去 margins.csv",
    ),
    NoteCode.RAKED_WITHOUT_PROFILE: Sentence(
        "“{group}”有 {count} 份没有答全个人情况，不调整，按平均权重计",
        "下一次把个人情况题设为必答",
    ),
    NoteCode.NOT_ADJUSTED: Sentence(
        "“{group}”{why:no_profile=没有可用的个人情况题|too_few=答卷太少}，不按答卷人构成调整",
        "下一次在问卷中加上个人情况题（role: profile），或多收答卷",
    ),
    NoteCode.FLAGGED_ANSWERS: Sentence(
        "全{street} {n:,} 份居民答卷中有 {count:,} 份的答法可疑，照常计分；"
        "另算一遍不含这些答卷的名次，供对照",
        "核查可疑偏多的单位的问卷是怎样发放和回收的",
    ),
    NoteCode.UNKNOWN_DURATION: Sentence(
        "{count:,} 份居民答卷没有用时记录，无法判断是否答得过快", "从平台导出时保留“所用时间”一列"
    ),
    NoteCode.UNKNOWN_DEVICE: Sentence(
        "{count:,} 份居民答卷没有提交地址，无法判断是否成批提交", "从平台导出时保留“来自IP”一列"
    ),
    NoteCode.LINES_OF_FEW_ITEMS: Sentence(
        "{count:,} 份居民答卷回答的单选计分题不足 6 道：选项全都相同在这样少的题里很平常，不算可疑",
        "不必处理；题目多时才能从答法看出敷衍",
    ),
    NoteCode.COPIES_BY_CHANCE: Sentence(
        "{count:,} 份居民答卷与别人的完全相同，但题目少、人数多，巧合也会这样，不算可疑",
        "不必处理；题目多时才能从内容看出复制",
    ),
    NoteCode.TOO_FEW_VALUES: Sentence(
        "“{name}”作出评价的居民太少，不列入分析", "下一次多收答卷，或让更多居民能评这一项"
    ),
    NoteCode.DRIVER_NEVER_VARIES: Sentence(
        "“{name}”同一{subject}的居民评价毫无差别，不列入分析", "核查答卷；无须改动方案"
    ),
    NoteCode.INDICATOR_NEVER_VARIES: Sentence(
        "“{name}”同一{subject}的居民评价毫无差别，不列入分析", "核查答卷；无须改动方案"
    ),
    NoteCode.DRIVERS_BY_DIMENSION: Sentence(
        "对全部指标都作了评价的居民太少，影响力只按维度估计", "下一次多收答卷"
    ),
    NoteCode.NO_DRIVERS: Sentence(
        "答全的居民太少，或总体满意度的回答没有差别，不作影响力分析", "下一次多收答卷"
    ),
    NoteCode.NO_AGREEMENT: Sentence(
        "居民的答卷太少或指标太少，内部一致性无法估计", "下一次多收答卷"
    ),
    NoteCode.SCALE_CHANGED: Sentence(
        "测量的尺子变了，变化须谨慎解读：各指标与总体印象的联系和上一批次不同，"
        "居民对题目的理解可能变了，得分的升降不全是工作的升降。"
        "变动最大的是“{name}”（与总体印象的联系{stronger:变强|变弱}）"
        "{otherwise:，整体结构也已不同|}",
        "核对两个批次的题目、次序和发放方式",
    ),
    NoteCode.SCALE_NOT_COMPARED: Sentence(
        "两个批次共有的指标或答卷太少，无法判断测量的尺子是否变了", "各批次沿用同样的指标"
    ),
    NoteCode.NO_THEMES: Sentence(
        "没有主题词表（themes.yaml），居民写下的意见没有按主题计数", "写一份 themes.yaml"
    ),
    NoteCode.NO_SATISFACTION: Sentence(
        "总体满意度题算不出满意率：须由居民回答、是单选题，有的选项不低于 {least} 分、有的低于（方案的 satisfied_from）；"
        "各页不写总体满意率，也没有公示",
        "把总体满意度题改成居民问卷里的单选题，或调整 satisfied_from",
    ),
    NoteCode.NO_ANSWER_IN_CELL: Sentence(
        "{name}：{group}（{answers} 份答卷）对{indicators:“”}没有有效评价（{n} 份），"
        "其权重由该主体能评的其他指标分担",
        "核查该主体为何不评这些指标；下一次多请了解情况的人来评",
    ),
    NoteCode.ONE_ANSWER_IN_CELL: Sentence(
        "{name}：{group}（{answers} 份答卷）对{indicators:“”}只有 {n} 份有效评价，照常计分；"
        "一份看不出误差，按全{street}同类评价的通常水平估计",
        "核查该主体为何少评这些指标；下一次多请了解情况的人来评",
    ),
    NoteCode.IDENTICAL_ANSWERS: Sentence(
        "有的主体对某{subject}的评分完全一致；评分一致不等于没有误差，"
        "其误差按全{street}同类主体的平均水平估计",
        "核查这些评分是否各自填写",
    ),
    NoteCode.GROUP_NEVER_VARIES: Sentence(
        "“{group}”对每个{subject}的评分都完全一致，其误差无从估计，没有计入得分的误差",
        "核查这些评分是否各自填写",
    ),
    NoteCode.INCOMPLETE: Sentence(
        "有 {count} 个{subject}缺少某类主体的评价，只列出、不排名", "补齐这些主体的评价"
    ),
    NoteCode.PROVISIONAL: Sentence(
        "{count} 个{subject}尚在筹备（{names}）：照常计分、诊断，不排名次，不定等第，"
        "不计入{street}和各片区的平均；居民的满意率和诉求是{street}全体受访居民的，含这些{subject}",
        "正式成立后，把名册的状态改为“正式”",
    ),
    NoteCode.ROLLUP_WITHOUT_COUNTS: Sentence(
        "批次 {wave} 有 {count} 个{subject}没有当批次的人口或户数，这一批次不往上汇总",
        "在 counts.csv 补上该批次的数",
    ),
    NoteCode.NOT_RANKED: Sentence(
        "{count} 个{subject}的得分误差无从估计（各处的评分都完全一致，或都只有一份）："
        "只列出得分，不排名次，不比较高低和变化",
        "核查答卷是否各自填写；补收答卷后重新运行",
    ),
    NoteCode.LOW_RELIABILITY: Sentence(NO_ORDER, "不要逐名排序；下一次按抽样方案多收答卷"),
    NoteCode.UNDECIDED_RELIABILITY: Sentence(
        UNDECIDED, "不要逐名排序；下一次按抽样方案多收答卷，这个比例就更说得准"
    ),
    NoteCode.MONTE_CARLO: Sentence(
        "有 {count} 个{subject}的名次范围端点处在模拟误差之内，重新模拟一次可能差一名",
        "无须处理；要更稳可加大 evaluation.yaml 中的 draws",
    ),
    **OF_WAVES,
    **OF_TRACKS,
    NoteCode.NO_BANDS: Sentence(
        "完整的{subject}少于三个，或得分的误差无从估计，无法判断通常的波动范围", "补收缺少的答卷"
    ),
    NoteCode.GAP_OUTLIER: Sentence(
        "有 {count} 个{subject}的重点居民与随机居民评分之差明显大于通常水平，应核查重点问卷的发放",
        "核查重点问卷是怎样发放和回收的",
    ),
    NoteCode.NO_WEIGHT_MATTERS: Sentence(
        "没有哪一项权重的改动会移动名次，或{subject}太少、没有排名", "无须处理"
    ),
    NoteCode.NO_PLAN: Sentence(
        "完整的{subject}少于两个，没有居民类主体，或居民的评分没有差别，无法推算抽样方案",
        "补收缺少的答卷",
    ),
    NoteCode.UNREACHABLE_TARGET: Sentence(
        "下一次抽样的目标中，有 {count} 个，部分{subject}只增加居民问卷达不到："
        "单位类主体的评分波动已经超出目标；这些{subject}按本次的份数计入合计；"
        "所有{subject}都达不到的目标不列",
        "增加单位类主体的评价人，或放宽目标",
    ),
    NoteCode.GIVEN_AWAY_BY_SCORES: Sentence(
        "有 {count} 个因份数太少而不公布的数字，仅凭综合得分和{street}平均就能推算到 5 分以内："
        "得分接近满分或零分，或几乎全由这几份答卷决定；它们的误差范围已经尽可能放宽",
        "这些{subject}的得分本身就透露了少数人的评分，外传前请斟酌；下一次收足答卷",
    ),
    NoteCode.REPUBLISHED_FOR_FEW: Sentence(
        "与上一次运行的结果相比，{cells:few}的答卷只变动了几份，少于可公布的最低份数："
        "把新旧两版结果对照，就能算出这几份答卷的评分",
        "等答卷增加到最低份数再重新公布，或收回旧版，新旧两版不要同时外传",
    ),
    NoteCode.NO_ROWS: Sentence(
        "该批次只有数据库中的单元数据，没有原始答卷：不做影响力、答法和结构调整分析",
        "把该批次的原始文件放回 evaluation.yaml",
    ),
    NoteCode.ROWS_HANDED_ON: Sentence(
        "{count} 份答卷的逐行数据：没有姓名、电话、地址、提交时间和开放题原文，但每一行仍是一个人的回答，"
        "认识他的人可能认得出来；有 {small} 组（某{subject}的某评价主体）不足 {least} 份",
        "只供研究，不要公开或转交；要发布的表请合并到每格不少于 10 份",
    ),
    NoteCode.ALTERNATIVE_NEEDS_ROWS: Sentence(
        "没有原始答卷，无法按“{name}”重算", "把该批次的原始文件放回 evaluation.yaml"
    ),
    NoteCode.WHAT_IF: Sentence(
        "按另一套方案重算的结果，不是正式结果；需要逐份答卷的分析未做",
        "要正式结果，改 scheme.yaml 后运行 evalkit run",
    ),
    NoteCode.TAKEN_OVER: Sentence(
        "上一次命令没有正常结束（{who}），其锁已接手，文件夹已恢复到完整的状态", "无需处理"
    ),
}
"""By code, in the order of the flow."""
