"""What the columns of the tracks' frames are called and mean: heading, meaning, number format."""

from __future__ import annotations

from collections.abc import Mapping

WHOLE, SCORE, FINE, CHANCE = "#,##0", "0.0", "0.00", '[>0.99]">99%";[<0.01]"<1%";0%'

PERSON_TERMS: Mapping[str, tuple[str, str] | tuple[str, str, str]] = {
    "committee": ("{committee}", "所在的{committee}；“全{street}”为不分{committee}"),
    "post": ("岗位", "人员名册中的岗位"),
    "ahead_of": (
        "可以定为高于",
        "本{committee}内，数据能定得分低于本人的人；对{committee}的全部两两比较同时有把握",
    ),
    "comparable": ("可比得分", "不计同事互评的得分，0～100；不同{committee}的人之间只比它", SCORE),
    "comparable_se": ("可比得分标准误", "可比得分的标准误，分", FINE),
    "street_of": ("全{street}人数", "有可比得分的人数", WHOLE),
    "street_rank_low": ("全{street}名次上限", "按可比得分，数据不能排除的最好名次", WHOLE),
    "street_rank_high": ("全{street}名次下限", "按可比得分，数据不能排除的最差名次", WHOLE),
    "street_reliability": ("可比得分的可靠程度", "真实差别所占的比例，0～1", FINE),
    "scope": ("比较范围", "本{committee}内，或全{street}"),
    "raters": ("评价人数", "计入的评价人；少于最低份数的为空", WHOLE),
    "persons": ("人数", "参评的人数", WHOLE),
    "scored": ("有分数的人数", "各主体都达到最低份数的人数", WHOLE),
    "places": ("名额", "人数乘比例，舍去小数", WHOLE),
    "probability": ("在名额内的可能性", "真实水平在名额之内的概率", CHANCE),
    "best_inside": (
        "最好的人进名额的可能性",
        "照现在的可靠程度，真正最好的人得分在名额内的概率",
        CHANCE,
    ),
    "track": ("代码", "个人评价的代码"),
    "title": ("名称", "个人评价的名称"),
}
"""By column."""

PERSON_COLUMNS: Mapping[tuple[str, str], tuple[str, str] | tuple[str, str, str]] = {
    ("persons", "subject"): ("工号", "人员名册中的工号；姓名不出现在结果里"),
    ("raters", "subject"): ("工号", "人员名册中的工号；all 为这一主体的总体"),
    ("quotas", "subject"): ("工号", "人员名册中的工号"),
    ("persons", "score"): ("得分", "各主体按权重合计，0～100；只在本{committee}内比较", SCORE),
    ("persons", "of"): ("本{committee}人数", "本{committee}有得分的人数", WHOLE),
    ("persons", "rank_low"): ("名次上限", "本{committee}内，数据不能排除的最好名次", WHOLE),
    ("persons", "rank_high"): ("名次下限", "本{committee}内，数据不能排除的最差名次", WHOLE),
    ("persons", "reliability"): (
        "得分的可靠程度",
        "{committee}内的差异中真实差别的比例，0～1",
        FINE,
    ),
    ("raters", "single"): (
        "一个人的可靠程度",
        "只有一个评价人时，评分差异中真实差别的比例，0～1",
        FINE,
    ),
    ("tracks", "single"): (
        "一个人的可靠程度",
        "只有一个评价人时，评分差异中真实差别的比例，0～1",
        FINE,
    ),
    ("raters", "group"): ("评价主体", "谁评的；“全部”为合计的得分"),
    ("raters", "estimate"): ("评分", "这一主体的评分，0～100", SCORE),
    ("raters", "se"): ("标准误", "评分的标准误，分", FINE),
    ("raters", "reliability"): (
        "可靠程度",
        "这么多评价人的平均，真实差别所占的比例（斯皮尔曼—布朗）",
        FINE,
    ),
    ("raters", "low"): ("可靠程度下限", "总体可靠程度误差范围的下端", FINE),
    ("raters", "high"): ("可靠程度上限", "总体可靠程度误差范围的上端", FINE),
    ("quotas", "grade"): ("等第", "有名额的等第"),
    ("quotas", "verdict"): ("判断", "数据能不能定在名额内、名额外；分不出的不排先后"),
    ("tracks", "kind"): ("对象", "社工或成员"),
    ("tracks", "group"): ("评价主体", "谁评的；“全部”为合计的得分"),
    ("tracks", "reliability"): ("可靠程度", "差异中真实差别的比例，各人的平均，0～1", FINE),
    ("tracks", "low"): ("可靠程度下限", "误差范围的下端", FINE),
    ("tracks", "high"): ("可靠程度上限", "误差范围的上端", FINE),
    ("track_grades", "grade"): ("等第", "按可比得分；人数太少的等第合并"),
}
"""By table and column, where a column means something of its own."""
