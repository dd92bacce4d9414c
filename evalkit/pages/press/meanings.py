"""What every figure, flag, reason and verdict means: one sentence by code, in the page's words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd

from evalkit.codes import Flag, Lack, Reason, TableVerdict
from evalkit.definitions.scheme import Scheme
from evalkit.pages.press.sentences import DEFAULT, NO_ORDER, UNDECIDED, Words, written
from evalkit.problems.rejections import OF_RECORDS, REASONS
from evalkit.tables import ALL_GROUPS, MOSTLY, RELIABLE, NotCompared, Rejection

RELIABLE_RULE = (
    f"可靠程度的误差范围整个不低于 {RELIABLE:g}，才谈得上排先后；整个低于 {RELIABLE:g}，不能逐名排序；"
    f"跨着 {RELIABLE:g}，定不下来。"
)
"""How reliable a score has to be to be read as an order, in all papers the same, those of persons, too."""
ORDER_RULE = f"{RELIABLE_RULE}谈得上的，任取两个{{subject}}能分先后的比例不到 {MOSTLY:.0%}，也只宜分出高、中、低。"
"""Whether a table may be read as an order: `findings.ranking.verdict` in words, in all papers the same."""

MEANINGS: Mapping[str, str] = {
    "reliability": (
        "可靠程度：各{subject}得分的差异里，有多大比例是真实差别，其余是偶然；括号里是它自己的误差范围。"
        + ORDER_RULE
    ),
    "order": ORDER_RULE,
    "tau": "真实差别：去掉抽样偶然之后，{subject}之间得分的标准差大约是多少分。",
    "distinguishable_pairs": (
        "能分先后的比例：任取两个{subject}，有多大比例能有把握地说谁高谁低。"
    ),
    "same_form": (
        "同卷一致：综合得分与同一批居民在同一张卷上答的“总体满意度”在{subject}之间的相关；"
        "同一个人的心情两处都在，所以总是偏高，不能单独证明得分有效。"
    ),
    "validity": (
        "两批人互证：一批居民的得分，与另一批居民各自答的“总体满意度”在{subject}之间的相关；"
        "越接近 1，两批互不相干的人说的越是同一回事。"
    ),
    "by_group": (
        "单看一类：假如只凭这一类评价主体给{subject}打分，得分的差异里有多大比例是真实差别。"
    ),
    "bands": (
        "与平均相比：和诊断书上的高低判断是同一个检验；“与平均分不出”的，不宜单凭得分表扬或批评，"
        "也不等于证明它与别处一样。"
    ),
    "shrunken": (
        "稳妥得分：样本少的{subject}向{street}平均靠拢后的得分，是对真实水平更稳妥的估计；"
        "排名仍按原始得分。"
    ),
    "adjusted": (
        "结构调整得分：假如各{subject}的受访者年龄、性别、住房等构成相同，得分会是多少；"
        "只供参考，不用于排名。"
    ),
    "gap": (
        "重点与随机之差：重点居民评分减随机居民评分；"
        "某{subject}的差明显大于全{street}的通常水平时，应核查重点问卷的发放。"
    ),
    "same_grade": ("随机权重等第不变：把各项权重随机改动一万次，这个{subject}仍留在原等第的比例。"),
    "same_third": (
        "仍在同一个三分之一：把各项权重随机改动一万次，仍在上、中、下三分之一原来那一段的比例。"
    ),
    "total": (
        "名次变动中与某项权重有关的份额：在所有权重都可能改变时，名次的变动有多大比例与它有关。"
    ),
    "agreement": (
        "“内部一致性”说明各项指标是不是在量同一件事：达到 0.7 以上，把它们加成一个总分才说得通；"
        "它高，不等于题目问得对。"
    ),
    "drivers": (
        "“影响力”是居民总体满意度的高低差别中，能由这项工作的评价说明的比例；"
        "各项相加就是全部工作合起来能说明的比例。"
        "它是在同一{subject}的居民之间比出来的，只表示两者同高同低，"
        "不证明改了这一项总体满意度就一定上升；误差范围重叠的两项，分不出谁的影响更大。"
    ),
    "quality": (
        "“答法可疑”指答卷的作答方式不像认真填写：内容与别的答卷雷同，或快得来不及读题，"
        "或者匆忙之中又全选一样、前后矛盾、成批提交。只打满分不算可疑。"
        "可疑不等于作假，这些答卷照常计分，只供核查。"
        "回答不足 6 道单选计分题的不看是否全选一样；题少人多、巧合也会相同的不算雷同。"
    ),
    "excess": (
        "“可疑偏多”指该{subject}可疑答卷的比例高于全{street}，而且高出的部分很难用巧合解释："
        "一个没有问题的{street}，出现哪怕一个这样的{subject}的可能也不到二十分之一；"
        "应先查问卷是怎样发放和回收的，再下结论。"
    ),
    "modes": (
        "填答方式的差别：同一{subject}之内，用这种方式的居民比用最常用方式的居民平均高（低）多少分。"
        "用哪种方式多是居民自己选的，差别里既有怎么问的影响，也有谁愿意这样填的影响，分不开：不能据此认定换一种方式得分"
        "就会升降这么多；计分没有按它调整。"
    ),
    "grade_probability": (
        "等第的可能性：这个{subject}的真实水平确实落在该等第之内的可能性。得分特别高或特别低的，多半也沾了运气，"
        "所以先向{street}平均靠拢再算：写着 80% 的等第，一百个里大约八十个是对的。"
    ),
    "extremes": (
        "“真在前几名”“真在后几名”：真实水平排在其中的可能性，和等第的可能性用同一个办法推算；"
        "几名，按最高、最低等第现有的个数，一个等第超过半数时取三分之一。"
    ),
    "luck": (
        "偶然：即使各{subject}实际毫无变化，名次同方向变动这么多或更多的可能性；"
        "它越大，越不该为名次的变动下结论。"
    ),
    "plan": (
        "抽样方案：按今年测得的差别和波动推算，明年每个{subject}要收回多少份有效问卷，"
        "名次才有相应的把握；"
        "假定{subject}之间的差别和居民意见的分散程度与今年相同。"
    ),
}
"""By figure: what it means for a street leader."""

TABLES: Mapping[TableVerdict, str] = {
    TableVerdict.NO_ORDER: NO_ORDER,
    TableVerdict.UNDECIDED: UNDECIDED,
    TableVerdict.THIRDS: (
        "得分差异中约 {reliability:.0%}（{reliability_low:.0%} 至 {reliability_high:.0%}）是{subject}之间的真实差别，"
        "但任取两个{subject}，"
        "只有 {distinguishable_pairs:.0%} 能有把握地分出先后："
        "这张表宜分出高、中、低，不宜逐名排序。"
    ),
    TableVerdict.ROUGH_ORDER: (
        "得分差异中约 {reliability:.0%}（{reliability_low:.0%} 至 {reliability_high:.0%}）是{subject}之间的真实差别："
        "这张表能大致分出先后，但相邻名次仍可能只是偶然。"
    ),
}
"""What a street leader may read from a table."""

DETAILS: Mapping[Reason, str] = {
    Reason.FOOTER: "{text}",
    Reason.MALFORMED: "序号应为整数，实为 {found}",
    Reason.PASTED_TWICE: "与第 {first} 行相同",
    Reason.DUPLICATE: "与第 {first} 行相同",
    Reason.OUTSIDE_PERIOD: "{date}，应在 {start} 至 {end}",
    Reason.SCREENED_OUT: "{item}: {label}",
    Reason.UNMATCHED_SUBJECT: "{name}",
}
"""What is known of a rejected row, where there is more to say."""

FLAGS: Mapping[Flag, str] = {
    Flag.STRAIGHT_LINE: "几乎每题都选同一位置的选项",
    Flag.UNIFORM: "每题的分值都相同",
    Flag.ODD: "各题答案的组合在全{street}最为少见",
    Flag.DUPLICATE: "答案与另一份答卷完全相同",
    Flag.NEAR_DUPLICATE: "答案与本{subject}另一份答卷几乎相同",
    Flag.TOO_FAST: "平均每题不到两秒",
    Flag.HURRIED: "用时不到一般人的一半",
    Flag.BURST: "同一分钟内有一批答卷评同一{subject}",
    Flag.SHARED_DEVICE: "同一地址对同一{subject}交了一批答卷",
}
"""What each sign says of an answer sheet."""

TARGETS: Mapping[str, str] = {
    "present": "今年的方案",
    "reliability": "可靠程度达到 {value}",
    "half-width": "误差范围不超过 ±{value} 分",
    "extra": "再加 {value} 份",
}
"""What the command line calls a target of the frame ``plan``."""


LACKS: Mapping[Lack, str] = {
    Lack.INCOMPLETE: "{wave} 不完整",
    Lack.ABSENT: "{wave} 不存在",
    Lack.UNSURE: "{wave} 的得分误差无从估计",
}
"""Why a committee is not compared."""


def lacking(found: NotCompared) -> str:
    """Say why a committee is not compared."""
    return LACKS[found.lack].format(wave=found.wave)


def meaning(key: str, words: Words) -> str:
    """Return what a figure means."""
    return written(MEANINGS[key], words, {})


def read_from(reliability: Mapping[str, Any], words: Words = DEFAULT) -> str:
    """Return what may be read from a table of that reliability; empty without a verdict."""
    verdict = reliability.get("verdict")
    return written(TABLES[verdict], words, reliability) if verdict else ""


def reasons(words: Words = DEFAULT) -> dict[Reason, str]:
    """Return all reasons in the evaluation's words."""
    return {reason: written(text, words, {}) for reason, text in REASONS.items()}


def of_records(words: Words) -> dict[Reason, str]:
    """Return the same of rows of a ledger."""
    return {reason: written(text, words, {}) for reason, text in OF_RECORDS.items()}


def detail(rejection: Rejection) -> str:
    """Write what is known of a rejected row."""
    missing = {"found": "（空）", "start": "……", "end": "……"}
    facts = {name: value or missing.get(name, "") for name, value in rejection.facts.items()}
    return written(DETAILS[rejection.reason], DEFAULT, facts) if facts else ""


def shown(row: pd.Series[Any]) -> str:
    """Say what changes the next wave's verdicts would find; empty where that is not known."""
    if pd.isna(row["detectable"]):
        return ""
    return (
        f"；下次真的升降 5 分（扣除平均）有 {row['power']:.0%} 的把握认得出，"
        f"要有 80% 的把握须升降 {row['detectable']:.1f} 分"
    )


def plan(table: pd.DataFrame, scheme: Scheme, words: Words) -> Iterator[str]:
    """Yield the frame ``plan`` in words, one sentence a target."""
    names = {group.code: group.name for group in scheme.groups}
    for target, rows in table.groupby("target", sort=False):
        parts = rows[rows["group"] != ALL_GROUPS]
        total = rows[rows["group"] == ALL_GROUPS].iloc[0]
        split = "、".join(
            f"{names[str(code)]} {n:.1f} 份"
            for code, n in zip(parts["group"], parts["n_per_subject"], strict=True)
        )
        kind, _, value = str(target).partition(" ")
        issue = total["issued_total"]
        yield (
            f"{TARGETS[kind].format(value=value)}：平均每个{words.subject}有效 {split}，"
            f"全{words.street} {total['n_total']:,} 份"
            + ("" if pd.isna(issue) else f"（按今年回收率需发放 {issue:,} 份）")
            + f"；可靠程度 {total['reliability']:.2f}，误差范围约 ±{total['half_width']:.1f} 分"
            + shown(total)
            + ("" if total["reachable"] else f"；有的{words.subject}达不到，按本次的份数计入")
        )
