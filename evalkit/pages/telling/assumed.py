"""What a scheme decides, in sentences: every number in them is read from the documents.

A sentence that somebody typed stays as it was when a weight is changed; these do not.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from evalkit.definitions.decided import Decided
from evalkit.definitions.evaluation import PRIVACY
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.scheme import Alternative, Scheme
from evalkit.pages.press import wording as say
from evalkit.pages.telling import weights
from evalkit.pages.telling.behind import ANSWERS, minimums

MANY = 12
"""Different option scores that are listed one by one."""


def sentences(decided: Decided) -> list[str]:
    """Return everything that scheme and questionnaires decide: weights, scores, cut-offs, limits."""
    said = [*_weights(decided), *_scores(decided), *_records(decided), *_rules(decided)]
    said += _limits(decided)
    if decided.order.privacy == PRIVACY and decided.scheme.asked:
        said.append(
            "纸质问卷首页的隐私声明用的是程序的默认文字，须由委托单位核定（任务书的 privacy）。"
        )
    return said


def described(alternative: Alternative, scheme: Scheme) -> str:
    """Return an alternative's name and what it changes."""
    names = {group.code: group.name for group in scheme.groups}
    parts = [
        f"{names[code]} {weight:g}"
        for code, weight in alternative.group_weights.items()
        if code in names
    ]
    parts += [
        f"{float(present):g} 分改计 {score:g} 分"
        for present, score in alternative.option_scores.items()
    ]
    return f"{alternative.name}（{'、'.join(parts)}）"


def _named(apart: bool) -> str:
    """Name the weights of the scheme, and those in fact behind them where these are others."""
    if apart:
        return f"{weights.NOMINAL}（合计 100，括号内为{weights.EFFECTIVE}）"
    return f"{weights.ALIKE}（合计 100）"


def _weights(decided: Decided) -> Iterator[str]:
    scheme = decided.scheme
    in_fact = weights.of_groups(scheme)
    apart = weights.head_of_groups(scheme) != weights.ALIKE
    groups = "、".join(
        f"{group.name} {group.weight:g}{f'（{in_fact[group.code]}）' if apart else ''}"
        for group in scheme.groups
    )
    share = scheme.residents_share()
    residents = f"；其中居民类主体合计占 {share:g}%" if share else "；其中没有居民类主体"
    yield f"评价主体及其{_named(apart)}：{groups}{residents}。"
    for group in scheme.groups:
        if group.description:
            yield f"{group.name}：{group.description.rstrip('。')}。"
    weighing = weights.of_scheme(scheme)
    apart = weights.differ(weighing)
    dimensions = "、".join(
        f"{one.name} {one.weight:g}{f'（{weighing[one.code].mean}）' if apart else ''}"
        for one in scheme.dimensions
    )
    yield (
        f"维度及其{_named(apart)}：{dimensions}；下分 {len(scheme.indicators)} 项指标，"
        "各维度内指标的权重合计为该维度的权重。"
    )
    if scheme.alternatives:
        others = "；".join(described(one, scheme) for one in scheme.alternatives)
        yield f"技术说明同时列出换用下列备选方案时名次的变化：{others}。"


def _scores(decided: Decided) -> Iterator[str]:
    used = {group.questionnaire for group in decided.scheme.groups}
    for code, form in decided.questionnaires.items():
        if code in used:
            yield from _scores_of(form)


def _records(decided: Decided) -> Iterator[str]:
    """Say of every ledger that counts what of it nobody published."""
    for name in decided.scheme.ledgers:
        ledger = decided.ledgers[name]
        own = [say.quoted(m.name) for m in ledger.scored if m.basis == "assumption"]
        what = [
            "列、取值和不计的记录" if ledger.basis == "assumption" else "",
            f"{'、'.join(own)}的算法" if own else "",
        ]
        if any(what):
            yield f"《{ledger.title}》：{'，'.join(filter(None, what))}没有公开出处，是假定。"


def _scores_of(form: Questionnaire) -> Iterator[str]:
    options = [o for item in form.of_role("scored") for o in form.options_of(item)]
    scores = sorted({o.score for o in options if o.score is not None}, reverse=True)
    if scores:
        listed = "、".join(f"{score:g}" for score in scores)
        said = listed if len(scores) <= MANY else f"{scores[-1]:g} 至 {scores[0]:g}"
        yield f"《{form.title}》计分题的选项逐项写明分值，用到的分值为 {said}。"
    for item in form.of_role("scored"):
        if item.kind == "number" and item.minimum is not None and item.maximum is not None:
            yield (
                f"《{form.title}》{say.quoted(item.text)}从 {item.minimum:g} 到 {item.maximum:g}，"
                "按比例折成 0 至 100 分。"
            )


def _rules(decided: Decided) -> Iterator[str]:
    scheme, word = decided.scheme, decided.order.subject_word
    if scheme.asked:
        yield (
            "注明不计分的选项（如“不了解”“不适用”）以及漏答，都不计分，也不当作零分；"
            f"一份答卷在一项指标内至少答了 {say.percent(scheme.minimum_answered)} 的题目，"
            "才有该项指标的得分，取所答题目的平均数。"
        )
    if not np.all(scheme.coverage()):
        yield {
            "within_group": (
                "各类主体只计入其能够判断的指标；不能判断的，权重按比例分给同一主体能够判断的指标，"
                "各主体的总权重不变，各项指标在总分中的实际权重因此不同于名义权重，操作手册逐项列出。"
            ),
            "to_covering_groups": (
                "各类主体只计入其能够判断的指标；不能判断的，权重由能够判断的主体分担，"
                "各项指标的权重不变，各主体在总分中的实际权重因此不同于名义权重，操作手册逐项列出。"
            ),
        }[scheme.uncovered]
    apart = [group.name for group in scheme.groups if not group.rates_itself]
    if apart:
        yield f"{'、'.join(apart)}不评价自己。"
    several = [group for group in scheme.groups if group.raters == "rater"]
    if several:
        unknown = [group.name for group in several if group.population is None]
        yield f"{'、'.join(g.name for g in several)}：同一评价者评几个{word}，仍算一个评价者" + (
            f"；{'、'.join(unknown)}的总数没有写明，不作有限总体修正，误差因此偏大而不偏小。"
            if unknown
            else "。"
        )
    yield from _independence(decided)
    urgent = [say.quoted(one.name) for one in scheme.indicators if one.must_not_wait]
    if urgent:
        yield (
            f"{'、'.join(urgent)}事关人身安全或困难群体，不得等：明显低于平均，或有 "
            f"{say.percent(scheme.urgent_share)} 以上的居民选差的选项（不到 50 分），"
            "就不参加先后排序，与其他事项同步办。"
        )
    yield "综合得分是各主体、各项指标平均分按实际权重相加，满分 100 分；名次和等第都按未四舍五入的得分确定。"


def _independence(decided: Decided) -> Iterator[str]:
    """Say of which groups answers count as independent, and of which they do not."""
    single = [group for group in decided.scheme.asked if group.raters == "respondent"]
    told = {g.code for g in single if decided.questionnaires[g.source].of_role("cluster")}
    apart = [g.name for g in single if g.code not in told and g.design_effect <= 1]
    if apart:
        yield (
            f"{'、'.join(apart)}：没有登记哪些答卷出自同一楼组、同一户或同一访问员，"
            "按每份答卷互不相关计算（设计效应取 1）；若同一处的人看法相近，实际误差比印出的大。"
        )
    again = {g.code for g in single if decided.questionnaires[g.source].of_role("panel")}
    if named := [g.name for g in single if g.code in again]:
        yield (
            f"{'、'.join(named)}：写有追踪编号、两次都答的居民，算变化的误差时按同一人计；"
            "编号不保存，也不进数据库。"
        )
    for group in single:
        if group.code in told:
            yield f"{group.name}：同一楼组（户、访问员）的答卷合为一组计算误差。"
        elif group.design_effect > 1:
            yield (
                f"{group.name}：同一楼组（户、访问员）的答卷看法相近，按设计效应 "
                f"{group.design_effect:g} 放大误差方差。"
            )


def _limits(decided: Decided) -> Iterator[str]:
    scheme, word = decided.scheme, decided.order.subject_word
    *upper, lowest = scheme.grades
    if upper:
        cutoffs = "、".join(f"{grade.name} {grade.cutoff:g} 分" for grade in upper)
        yield f"等第分数线：{cutoffs}，{upper[-1].cutoff:g} 分以下为{lowest.name}。"
    else:
        yield f"只有一个等第：{lowest.name}。"
    for names, own, least in minimums(decided):
        yield (
            f"{'、'.join(names)}的{own.noun}不足 {least} {own.unit}时，不公布该主体在该项指标上的得分，"
            f"以免辨认出个人；这些{'答卷' if own.noun == ANSWERS else own.noun}仍计入综合得分。"
        )
    for name in scheme.ledgers:
        ledger = decided.ledgers[name]
        if ledger.when_none == "street_mean":
            street = decided.order.street_word
            yield f"《{ledger.title}》一条记录也没有的{word}，按{street}平均计、误差放宽。"
    if len(scheme.groups) > 1 and scheme.asked:
        who = "填问卷的任一主体" if scheme.ledgers else "任一主体"
        yield f"{who}没有有效答卷的{word}列为“不完整”，不参加排名，也不把权重改分给其他主体。"
