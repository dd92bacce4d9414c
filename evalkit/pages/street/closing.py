"""What must be known beside the numbers, and what is listed without a score."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.press.meanings import meaning
from evalkit.pages.press.section import Section
from evalkit.pages.press.sentences import Words
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import method, overall
from evalkit.pages.telling.behind import amount
from evalkit.pages.telling.fieldwork import for_leaders
from evalkit.tables import Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Unranked(Section):
    """Incomplete committees and what they lack."""

    template = "street/unranked.html.j2"
    rows: Sequence[Mapping[str, str]]


def incomplete(evaluation: Evaluation) -> Unranked | None:
    """Plan the list of incomplete committees; None where all are complete."""
    listed = evaluation.current.scores.incomplete
    if not listed:
        return None
    word = evaluation.order.subject_word
    return Unranked(
        title=f"不完整的{word}",
        takeaway=f"{len(listed)} 个{word}缺少某类评价，只列出，不计分，不排名。",
        rows=[
            {
                "name": evaluation.roster.subject(gap.subject).name,
                "missing": say.joined(known.lacking(evaluation, gap)),
            }
            for gap in listed
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SetUp(Section):
    """Committees that are being set up, with their scores."""

    template = "street/provisional.html.j2"
    rows: Sequence[Mapping[str, str]]


def provisional(evaluation: Evaluation) -> SetUp | None:
    """Plan the list of committees that are being set up; None where there are none."""
    beside = evaluation.current.scores.provisional
    if beside is None:
        return None
    word, mean = evaluation.order.subject_word, f"{evaluation.order.street_word}平均"
    shared = known.common(evaluation)
    rows = []
    for subject in beside.subjects:
        facts = known.gather(shared, subject)
        own = facts.composite
        rows.append(
            {
                "name": facts.name,
                "score": say.score(facts.score["score"], known.cutoffs(evaluation)),
                "interval": say.interval(facts.score["low"], facts.score["high"]),
                "standing": "" if own is None else facts.standing(str(own["verdict"])),
            }
        )
    return SetUp(
        title=f"筹备中的{word}",
        takeaway=(
            f"{len(rows)} 个{word}尚在筹备：照常计分、出诊断书，不排名次，不定等第，不计入{mean}。"
        ),
        rows=rows,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Remarks(Section):
    """How far the numbers may be read, and every note that bears on them."""

    template = "street/remarks.html.j2"
    lines: Sequence[str]
    notes: Sequence[str]


def remarks(evaluation: Evaluation) -> Remarks:
    """Plan what must be known before the numbers are used."""
    said, scheme = overall.trust(evaluation), evaluation.scheme
    told = "答卷和记录" if scheme.asked and scheme.ledgers else "答卷" if scheme.asked else "记录"
    confidence, word = known.confidence(evaluation), evaluation.order.subject_word
    return Remarks(
        title="怎样看待这些数字",
        takeaway=said[0] if said else f"得分由{told}推算，都有误差，须与误差范围一并看。",
        lines=[
            f"得分由{told}推算，误差范围的意思是：同样的办法查一百次，约 {confidence.rstrip('%')} 次会包住真实水平。",
            "写“明显”“能断定”的，已把误差和比较多项的偶然因素考虑在内；写“分不出”“尚看不出”的，"
            f"是{amount(scheme)}不足以判断，不等于没有差别。",
            f"人数太少的数字不公布，以免认出填写人；居民写的原话一律不引。等第和名次只作大致参考，同组的{word}不分先后。",
            meaning("order", Words.of(evaluation.order)),
            method.weights(evaluation),
            "计分、抽样、可靠程度、敏感性、数据质量、规定和假定的全文，以及数据指纹，见技术说明（technical-note.pdf）。",
        ],
        notes=for_leaders(evaluation),
    )
