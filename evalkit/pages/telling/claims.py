"""Published numbers held against what they come to, as street report and technical note tell it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import ROUND_HALF_UP, Decimal

from evalkit.codes import ClaimReason, ClaimVerdict
from evalkit.definitions.claims import Claim, Term
from evalkit.definitions.printed import Printed, read_printed
from evalkit.pages.press import wording as say
from evalkit.pages.press.claim_sentences import REASONS
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation

SHOWN = 8
"""Claims that the street report tells one by one; of more only those that do not simply agree."""

UNSAID = (
    "数出来的整数按确数算，其余的数按末位四舍五入理解：真数在末位的半个单位上下；把各项的上下都算进去仍然对不上的，才算“不符”。"
    "“约”按最后一位不是零的数字四舍五入理解，“余”“多”按不到再多一个这样的单位理解，“近”按不超过理解。"
    "“不符”只说明这几个数不能同时成立，不说明哪一个错。"
)


def rows(evaluation: Evaluation) -> list[Row]:
    """Return the claims, those that are contradicted first, else in their document's order."""
    order = list(ClaimVerdict)
    told = known.records(evaluation.claims)
    return sorted(told, key=lambda row: order.index(verdict(row)))


def shown(evaluation: Evaluation) -> list[Row]:
    """Return the claims that the street report tells one by one."""
    told = rows(evaluation)
    if len(told) <= SHOWN:
        return told
    return [row for row in told if verdict(row) is not ClaimVerdict.AGREES][:SHOWN]


def verdict(row: Row) -> ClaimVerdict:
    """Return a claim's verdict."""
    return ClaimVerdict(str(row["verdict"]))


def tally(told: Sequence[Row]) -> str:
    """Count claims by verdict: ``不符 2 个，相符 5 个``."""
    counts = {one: sum(verdict(row) is one for row in told) for one in ClaimVerdict}
    return "，".join(f"{one.value} {n} 个" for one, n in counts.items() if n)


def printed(row: Row) -> Printed:
    """Return a claim's number as it was printed."""
    found = read_printed(str(row["printed"]))
    assert found is not None, "the document's faults told"
    return found


def number(row: Row, column: str) -> str:
    """Write a number of a claim in the unit and with the decimals in which it was printed.

    Halves are rounded away from zero, as the verdict takes them (`Range.rounded`).
    One more decimal where it would else be written like the number that it contradicts, or is no
    whole number beside one that is; no more than that, which would be more exact than what was printed.
    """
    value = row[column]
    if say.missing(value):
        return say.MISSING
    own = printed(row)
    exact = float(value)
    decimals = own.decimals
    whole = decimals == 0 and exact != round(exact)
    if verdict(row) is not ClaimVerdict.AGREES and (whole or _alike(row, column, decimals)):
        decimals += 1
    mark = own.noun if own.is_share else ""
    told = Decimal(repr(exact)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_UP)
    return f"{told:,}{mark}".replace("-", say.MINUS)


def _alike(row: Row, column: str, decimals: int) -> bool:
    """Tell whether a number, so rounded, reads like another one that it is not."""
    if column == "difference":
        return round(float(row[column]), decimals) == 0 != float(row[column])
    others = (row.get(c) for c in ("computed", "low", "high", "printed_low", "printed_high"))
    values = {float(v) for v in others if v is not None and not say.missing(v)}
    exact = float(row[column])
    return any(v != exact and round(v, decimals) == round(exact, decimals) for v in values)


def computed(row: Row) -> str:
    """Write what a claim comes to: the number, and how far rounding lets it vary."""
    low, high = row["low"], row["high"]
    open_ended = say.missing(high) and not say.missing(low)
    if say.missing(row["computed"]):
        if open_ended:
            return f"不少于 {number(row, 'low')}"
        return say.MISSING if say.missing(low) else _between(row)
    own = number(row, "computed")
    if open_ended or say.missing(low) or float(low) == float(high):
        return own
    return f"{own}（{_between(row)}）"


def _bounds(row: Row) -> str:
    low, high = number(row, "printed_low"), number(row, "printed_high")
    if say.missing(row["printed_high"]):
        return f"不少于 {low} "
    return f"不超过 {high} " if float(str(row["printed_low"])) == 0 else f" {low} 至 {high} "


def _between(row: Row) -> str:
    low, high = number(row, "low"), number(row, "high")
    return low if low == high else f"{low} 至 {high}"


def meant(row: Row) -> str:
    """Write what stands beside a verdict: how far it is off, what it would take, why not."""
    told = []
    own = printed(row)
    if verdict(row) is ClaimVerdict.PARTIAL:
        told.append(f"公布的文字里只点名了 {number(row, 'computed')}{own.noun and f' {own.noun}'}")
    if verdict(row) is ClaimVerdict.CONTRADICTED and not say.missing(row["difference"]):
        gap = number(row, "difference").removeprefix(say.MINUS)
        gap = f"{gap.removesuffix(own.noun)} 个百分点" if own.is_share else gap
        told.append(f"{'多' if float(str(row['difference'])) > 0 else '少'} {gap}")
    elif verdict(row) is ClaimVerdict.CONTRADICTED and own.is_bound:
        told.append(f"“{own.text}”按{_bounds(row)}理解")
    if not say.missing(row["needed"]):
        told.append(f"分母要是 {float(str(row['needed'])):,.1f} 才对得上")
    if row["reason"]:
        told.append(REASONS[ClaimReason(str(row["reason"]))])
    return "；".join(told)


def line(evaluation: Evaluation, row: Row) -> Mapping[str, str]:
    """Return a claim as a row of a table."""
    claim = _claim(evaluation, row)
    beside = claim.reason if claim.way == "none" else meant(row)
    return {
        "text": str(row["text"]),
        "source": str(row["source"]),
        "printed": str(row["printed"]),
        "computed": computed(row),
        "verdict": verdict(row).value,
        "beside": beside,
        "made": made(evaluation, claim),
    }


def _claim(evaluation: Evaluation, row: Row) -> Claim:
    claims = evaluation.decided.claims
    claim = None if claims is None else claims.claim(str(row["claim"]))
    assert claim is not None, "a frame's claims are the document's"
    return claim


def made(evaluation: Evaluation, claim: Claim) -> str:
    """Write what a claim is worked out from: ``户籍 26,476 + 来沪 5,058``."""
    if claim.way == "none":
        return claim.reason
    if claim.way == "listed":
        return f"点名的有：{say.joined(claim.listed)}"
    if claim.way == "growth":
        now, before = (_term(evaluation, term) for term in claim.terms)
        return f"{now} 比 {before} 的增幅"
    over = _joined(evaluation, [t for t in claim.terms if claim.way == "sum" or t.side != "under"])
    if claim.way == "sum":
        return over
    under = _joined(evaluation, [t for t in claim.terms if t.side != "over"])
    times = "" if claim.per == 1 else f" × {claim.per:,g}"
    parts = (f"（{part}）" if len(part.split(" + ")) > 1 else part for part in (over, under))
    return f"{' ÷ '.join(parts)}{times}".replace(" （", "（").replace("） ", "）")


def _joined(evaluation: Evaluation, terms: Sequence[Term]) -> str:
    text = ""
    for term in terms:
        sign = say.MINUS if term.times < 0 else "+"
        factor = "" if abs(term.times) == 1 else f" × {abs(term.times):g}"
        first = "" if sign == "+" and not text else f" {sign} "
        text += f"{first}{_term(evaluation, term)}{factor}"
    return text.strip()


def _term(evaluation: Evaluation, term: Term) -> str:
    if term.printed is not None:
        return f"{term.name} {term.printed}"
    if term.claim is not None:
        claims = evaluation.decided.claims
        other = None if claims is None else claims.claim(term.claim)
        return term.name if other is None else f"{term.name} {other.printed}"
    if term.ledger is not None:
        return f"{term.name}（《{evaluation.decided.ledgers[term.ledger].title}》的记录）"
    if term.roster is not None:
        return f"{term.name}（名册）"
    if term.since is not None:
        days = "的工作日" if term.workdays else ""
        return f"{term.name}（{term.since} 至 {term.until} {days}）".replace(" ）", "）")
    return f"{term.name}（没有写出）"
