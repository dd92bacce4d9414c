"""What can be wrong with claims that their types alone do not show."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING

from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.printed import Printed, read_printed

if TYPE_CHECKING:
    from evalkit.definitions.claims import Claim, Claims, Term

EXAMPLES = "阿拉伯数字，如 9,742、86.76 万元、94.69%、约 500、500 余人、30 人以上、5 至 8 个"
KEYS = {
    "printed": "写出的数",
    "claim": "另一公布数",
    "ledger": "台账",
    "roster": "名册",
    "since": "起止日期",
}
LEAST_TIMES = 1e-6
_OF_LEDGERS = ("column", "where", "measure")
_OF_WAYS: Mapping[str, tuple[str, ...]] = {
    "per": ("ratio",),
    "complete": ("sum",),
    "reason": ("none",),
}
"""What counts in some ways of working a number out only."""
_WITH_SIDES = ("share", "ratio")


def faults_of(claims: Claims) -> Iterator[Fault]:
    """Yield doubled ids, numbers that cannot be read, and ways that lack what they are made of."""
    ids = [(("claims", at, "id"), claim.id) for at, claim in enumerate(claims.claims)]
    yield from duplicates("公布数的代码", ids)
    for at, claim in enumerate(claims.claims):
        steps: Steps = ("claims", at)
        yield from _unread((*steps, "printed"), claim.printed)
        yield from _way(steps, claim)
        for place, term in enumerate(claim.terms):
            yield from _term((*steps, "terms", place), term, claim, claims)
        yield from _units(steps, claim, claims)
        yield from _part_above_whole(steps, claim)


def _unread(steps: Steps, text: str) -> Iterator[Fault]:
    if read_printed(text) is None:
        formula = text.strip().startswith("=")
        yield Fault(
            steps,
            "printed_number_unread",
            "这里是公式，不是印出来的数" if formula else "读不出印出来的数",
            expected=EXAMPLES,
            found=text,
            remedy="照原文写成数" if formula else "改写成阿拉伯数字；一格只写一个数",
        )


def _way(steps: Steps, claim: Claim) -> Iterator[Fault]:
    """Yield what a way of working it out lacks, or has and does not use."""
    sides = {term.side for term in claim.terms}
    terms, used = len(claim.terms), True
    lacking = None
    match claim.way:
        case "sum":
            lacking = None if terms else "至少一项（terms）"
        case "share" | "ratio":
            whole = {"over", "both"} & sides and {"under", "both"} & sides
            lacking = None if whole else "分子和分母：各项的位置（side）写 over、under 或 both"
        case "growth":
            lacking = None if terms == 2 else "两项（terms）：先写现在的，再写原来的"
        case "listed":
            lacking, used = (None if claim.listed else "列出的（listed）"), not terms
        case _:
            lacking, used = (None if claim.reason else "理由（reason）"), not terms
    if lacking is not None:
        yield incomplete(steps, claim.id, lacking, "没有")
    if not used:
        yield incomplete((*steps, "terms"), claim.id, "没有各项（这种算法用不到）", f"{terms} 项")
    if claim.listed and claim.way != "listed":
        yield incomplete((*steps, "listed"), claim.id, "算法（way）写 listed", claim.way)
    for field, ways in _OF_WAYS.items():
        found = getattr(claim, field)
        if claim.way not in ways and found != type(claim).model_fields[field].default:
            yield incomplete((*steps, field), claim.id, _unused(f"算法 {claim.way} "), str(found))
    own = read_printed(claim.printed)
    if claim.way in ("share", "growth") and own is not None and not own.is_share:
        yield Fault(
            (*steps, "printed"),
            "share_without_percent",
            "占比和增幅要写成百分数",
            expected="如 84%、0.5‰、1.5 个百分点",
            found=claim.printed,
            remedy="补上百分号；不是占比的，算法改为 ratio",
        )


def _unused(by: str) -> str:
    return f"不写（{by}用不到）"


def _term(steps: Steps, term: Term, claim: Claim, claims: Claims) -> Iterator[Fault]:
    sources = term.sources
    if len(sources) > 1:
        yield Fault(
            steps,
            "term_of_several_sources",
            f"“{term.name}”写了几个来源，不知道用哪个",
            expected="一个",
            found="、".join(KEYS[key] for key in sources),
            remedy="只留一个",
        )
    if term.is_named_only and claim.way != "sum":
        yield incomplete(steps, term.name, "写出的数、台账等来源，写一个", "没有")
    if term.printed is not None:
        yield from _unread((*steps, "printed"), term.printed)
    if term.ledger is None:
        for field in _OF_LEDGERS:
            if getattr(term, field):
                yield incomplete((*steps, field), term.name, "写明台账（ledger）", "没有")
    if term.side != "over" and claim.way not in _WITH_SIDES:
        yield incomplete((*steps, "side"), term.name, _unused(f"算法 {claim.way} "), term.side)
    if term.workdays and term.since is None:
        yield incomplete((*steps, "workdays"), term.name, "起（since）和止（until）", "没有")
    if term.wave is not None and term.ledger is None and term.roster is None:
        yield incomplete((*steps, "wave"), term.name, _unused("不出自台账或名册的数"), term.wave)
    if abs(term.times) < LEAST_TIMES:
        yield incomplete((*steps, "times"), term.name, "不是零的系数", f"{term.times:g}")
    if term.measure is not None and (term.column is not None or term.where):
        yield incomplete(steps, term.name, "度量，或求和列和条件", "两样都写了")
    others = [other.id for other in claims.claims if other.id != claim.id]
    if term.claim is not None and term.claim not in others:
        yield Fault(
            (*steps, "claim"),
            "unknown_reference",
            "引用了自己" if term.claim == claim.id else "没有这个公布数",
            expected="、".join(others)[:200] or "（没有别的公布数）",
            found=term.claim,
            remedy="改正代码，或补上它所指的公布数",
            needs=(("claims", "*", "id"),),
        )
    if (term.since is None) != (term.until is None):
        yield incomplete(steps, term.name, "起（since）和止（until）", "只写了一样")
    elif term.since is not None and term.until is not None and term.until < term.since:
        yield Fault(
            (*steps, "until"),
            "period_reversed",
            "止在起之前",
            expected=f"不早于 {term.since}",
            found=str(term.until),
            remedy="改正日期",
        )


def _printed_of(term: Term, claims: Claims) -> Printed | None:
    text = term.printed
    if term.claim is not None:
        other = claims.claim(term.claim)
        text = None if other is None else other.printed
    return None if text is None else read_printed(text)


def _units(steps: Steps, claim: Claim, claims: Claims) -> Iterator[Fault]:
    """Yield sums of different things: 户 and 人, 户籍人口 and 常住人口."""
    if claim.way != "sum":
        return
    own = read_printed(claim.printed)
    nouns = {"": 0, **({own.noun: 0} if own is not None else {})}
    for place, term in enumerate(claim.terms):
        found = _printed_of(term, claims)
        if found is not None:
            nouns.setdefault(found.noun, place)
    several = [noun for noun in nouns if noun]
    if len(several) > 1:
        yield Fault(
            (*steps, "terms", nouns[several[1]], "printed"),
            "units_mixed",
            "相加的数单位不同",
            expected=f"都是“{several[0]}”",
            found="、".join(several),
            remedy="核对是不是同一种数；是的，写成同一个单位；不是的，不能相加",
        )


def _part_above_whole(steps: Steps, claim: Claim) -> Iterator[Fault]:
    """Yield a share of which the part is printed greater than the whole."""
    if claim.way != "share" or any(t.side == "both" or t.times != 1 for t in claim.terms):
        return
    found = [(t.side, read_printed(t.printed or "")) for t in claim.terms]
    over = [number.value for side, number in found if number is not None and side == "over"]
    under = [number.value for side, number in found if number is not None and side == "under"]
    if len(over) + len(under) == len(found) and sum(over) > sum(under):
        yield Fault(
            (*steps, "terms"),
            "share_above_whole",
            "占比的分子大于分母",
            expected="不大于分母",
            found=f"{float(sum(over)):,g} 比 {float(sum(under)):,g}",
            remedy="分子分母写反的，把 side 对调；不是占比的，算法改为 ratio",
        )


def incomplete(steps: Steps, name: str, expected: str, found: str) -> Fault:
    """Return that what a claim or a term needs is not there, or that there is what it cannot use."""
    return Fault(
        steps,
        "claim_incomplete",
        f"“{name}”缺少核对它所需的内容，或写了用不到的",
        expected=expected,
        found=found,
        remedy="补上或改正",
        needs=(steps,),
    )
