"""What could meet open needs, as tables that a person approves line by line."""

from __future__ import annotations

import pandas as pd

from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Roster
from evalkit.files.writing import inert
from evalkit.tables.records import Proposal

UNAPPROVED = "否"
_NEAR = {"unit": "同一个{word}", "zone": "同一片区", "elsewhere": "别的{word}"}
_WHY = {
    "no_kind": "没有写类别，不知道配哪一类资源",
    "no_resource": "没有同类的资源",
    "no_room": "同类的资源容量已满",
}


def matches(proposal: Proposal, roster: Roster, ledger: Ledger, word: str) -> bytes:
    """Return proposed matches, none approved: the ledger of matches reads the file back."""
    names = {s.id: s.name for s in roster.subjects}
    rows = proposal.matches.to_dict("records")
    return _csv(
        {
            ledger.column("need").headers[0]: [row["need"] for row in rows],
            ledger.column("resource").headers[0]: [row["resource"] for row in rows],
            ledger.unit.headers[0]: [names[row["subject"]] for row in rows],
            ledger.column("state").headers[0]: ["意向"] * len(rows),
            ledger.column("approved").headers[0]: [UNAPPROVED] * len(rows),
            "理由": [
                f"同类（{row['kind']}），{_NEAR[row['near']].format(word=word)}；容量 {row['capacity']:g}，"
                f"已对接 {row['taken']}，本建议共对接 {row['proposed']}"
                for row in rows
            ],
        }
    )


def unmet(proposal: Proposal, roster: Roster, word: str) -> bytes:
    """Return the needs for which there is nothing, with the reason."""
    names = {s.id: s.name for s in roster.subjects}
    rows = proposal.unmet.to_dict("records")
    return _csv(
        {
            "需求编号": [row["need"] for row in rows],
            word: [names[row["subject"]] for row in rows],
            "需求类别": [row["kind"] for row in rows],
            "原因": [_WHY[row["why"]] for row in rows],
        }
    )


def by_hand(proposal: Proposal) -> tuple[str, ...]:
    """Say what is proposed, what is not, and what a person does with it."""
    found: tuple[str, ...] = (
        f"这 {len(proposal.matches)} 条都还没有批准：同意的把“批准”改成“是”，放进对接清单；没有批准的不算",
    )
    if len(proposal.unmet):
        found += (f"还有 {len(proposal.unmet)} 条需求没有资源可配，见 needs-unmet.csv",)
        found += _most_wanted(proposal)
    if proposal.unsized:
        found += (f"有 {proposal.unsized} 项资源没有写类别或容量，没有拿来建议",)
    return found


def _most_wanted(proposal: Proposal) -> tuple[str, ...]:
    """Name the kind of which one more place helps most.

    Resources of a kind serve needs of that kind wherever they are, so that the dual price of a
    place is 1 where needs of its kind are unmet, and 0 elsewhere; of the former the most are told.
    """
    counts = proposal.unmet.loc[proposal.unmet["kind"] != "", "kind"].value_counts()
    if counts.empty:
        return ()
    kind = min(counts.index, key=lambda one: (-int(counts[one]), str(one)))
    return (f"没有配上的最多的是“{kind}”（{counts[kind]} 条）：每添这一类的一个名额，就多配上一条",)


def _csv(columns: dict[str, list[str]]) -> bytes:
    table = pd.DataFrame({name: [inert(text) for text in texts] for name, texts in columns.items()})
    return ("\N{BYTE ORDER MARK}" + table.to_csv(index=False, lineterminator="\r\n")).encode()
