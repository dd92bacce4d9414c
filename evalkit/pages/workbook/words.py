"""What the codes in files are called in a workbook's cells: the one catalogue of them."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.definitions import tracks
from evalkit.definitions.words import WORDS
from evalkit.pages.press import wording as say
from evalkit.pages.press.claim_sentences import REASONS
from evalkit.pages.telling import lineage, overall
from evalkit.pages.telling.loops import UNITS
from evalkit.platforms import PLATFORMS
from evalkit.tables import ALL_GROUPS, OVERALL, Evaluation

LEVELS = {"composite": "总分", "dimension": "维度", "indicator": "指标"}
KINDS = {
    "strength": "优势",
    "weakness": "短板",
    "tendency_high": "倾向偏高",
    "tendency_low": "倾向偏低",
}
WEIGHTS = {"group": "评价主体", "dimension": "维度"}
ROLES = {OVERALL: "总体满意度", "scored": "计分的题"}
FAMILIES = {"scores": "得分", "dimensions": "维度", "subject": "各评估对象的维度"}
BASES = {"recorded": "答卷中记录", "declared": "方案写明", "assumed": "假定为 1"}
VARIANTS = {"text": "按文字", "number": "按序号", "score": "按分值"}
EVERY = "全部"

UNSEEN = frozenset(
    {
        ("sensitivity", "scenario"),
        ("objective", "measure"),
        ("clocks", "clock"),
        ("claims", "claim"),
        ("themes", "code"),
    }
)
"""(frame, column) of codes that nobody reads: the column beside says it in words, the file has both."""


def of_frame(evaluation: Evaluation, frame: str) -> Mapping[str, Mapping[str, str]]:
    """Return what the codes of a frame are called, by column; what is not in it is written as it is."""
    order, decided, named = (
        evaluation.order, evaluation.decided, overall.groupings(evaluation)
    )  # fmt: skip
    track = decided.track
    scheme = evaluation.scheme if track is None else track.scheme
    measures = {m.code: m.name for m in evaluation.current.scores.measures}
    asked = {item.id: item.text for q in evaluation.questionnaires.values() for item in q.items}
    books = decided.ledgers.values()
    found: dict[str, Mapping[str, str]] = {
        "scope": {"unit": f"本{order.unit_word}内", "street": f"全{order.street_word}"},
        "committee": {} if track is None else {**track.names, ALL_GROUPS: EVERY},
        "subject": {ALL_GROUPS: EVERY},
        "code": {"composite": LEVELS["composite"]},
        "group": {ALL_GROUPS: EVERY, **{group.code: group.name for group in scheme.groups}},
        "level": LEVELS,
        "by": {**asked, **named, ALL_GROUPS: EVERY},
        "value": {ALL_GROUPS: EVERY},
        "grouping": named,
        "way": WORDS["way"],
        "unit": {code: text.removeprefix("个") for code, text in UNITS.items()},
        "reason": lineage.COMPARED
        if frame == "lineage"
        else {reason.value: text for reason, text in REASONS.items()},
        "kind": {
            "weight_influence": WEIGHTS, "lineage": lineage.KINSHIP, "tracks": tracks.WORDS,
        }.get(frame, {}),
        "weights": lineage.WEIGHED,
        "role": ROLES,
        "family": FAMILIES,
        "basis": BASES,
        "indicator": measures,
        "ledger": {code: ledger.title for code, ledger in decided.ledgers.items()},
        "measure": {m.code: m.name for ledger in books for m in ledger.measures},
        "link": {c.code: c.headers[0] for ledger in books for c in ledger.columns},
        "other": {} if decided.claims is None else {c.id: c.text for c in decided.claims.claims},
        **dict.fromkeys(("verdict", "change_verdict", "band"), say.PLAIN),
    }  # fmt: skip
    if frame == "follow_up":
        found["code"] = measures
    if frame in ("needs", "themes"):
        found["item"] = asked
    if frame == "weight_influence":
        found["code"] = {**{g.code: g.name for g in scheme.groups}, **measures}
    return found


def of_files(evaluation: Evaluation) -> Mapping[str, Mapping[str, str]]:
    """Return what the codes of the import report are called, by column."""
    return {
        "questionnaire": {name: q.title for name, q in evaluation.questionnaires.items()},
        "platform": {platform.name: platform.title for platform in PLATFORMS},
        "variant": VARIANTS,
    }
