"""What became of last wave's tasks over the whole street, and who reported nothing."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.codes import OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import follow_up
from evalkit.pages.telling.facts import Row
from evalkit.tables import Evaluation

NAMED = 12
"""Who reported nothing, by name; of more only the number is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Promises(Section):
    """Tasks by state, and how what they are about changed."""

    template = "street/promises.html.j2"
    rows: Sequence[Mapping[str, str]]
    silent: str
    settled: str
    remark: str


def section(evaluation: Evaluation) -> Promises | None:
    """Plan the look back; None where no list came back."""
    own = follow_up.rows(evaluation)
    if not own:
        return None
    states = [state for state, _ in follow_up.counts(own)]
    parts = [(state.value, [row for row in own if row["state"] == state]) for state in states]
    if len(parts) > 1:
        parts.append(("合计", own))
    return Promises(
        title="上次整改落实情况",
        takeaway=line(evaluation),
        rows=[_row(name, part) for name, part in parts],
        silent=_silent(evaluation),
        settled=settled(evaluation),
        remark=f"{follow_up.NOT_ALONE}。升降的判断已把误差和比较多项的偶然因素算在内。"
        "“已完成”须有完成日期、佐证材料和核查意见，缺一项的为“自报完成”；没有填的为“未报”。",
    )


def line(evaluation: Evaluation) -> str:
    """Say in a sentence how many tasks are in which state; nothing where no list came back."""
    own = follow_up.rows(evaluation)
    if not own:
        return ""
    return f"{follow_up.last_wave(evaluation)}整改清单 {follow_up.counted(own)}。"


def short(evaluation: Evaluation) -> str:
    """Say so on the first page, with who reported nothing."""
    own = line(evaluation)
    return own + _silent(evaluation) if own else ""


def settled(evaluation: Evaluation) -> str:
    """Name what was reported as settled and is surely low all the same; nothing without one."""
    return follow_up.settled(follow_up.still_low(evaluation), named=True)


def checked_first(evaluation: Evaluation) -> str:
    """Count it by committee for the first page; nothing without one."""
    return follow_up.settled_where(follow_up.still_low(evaluation))


def _silent(evaluation: Evaluation) -> str:
    names = follow_up.silent(evaluation)
    return f"一件也没有报的：{say.joined(names, NAMED)}。" if names else ""


def _row(name: str, part: Sequence[Row]) -> dict[str, str]:
    def n(*verdicts: OwnChange) -> str:
        return str(sum(row["verdict"] in verdicts for row in part))

    return {
        "state": name,
        "n": str(len(part)),
        "compared": n(OwnChange.RISEN, OwnChange.SAME, OwnChange.FALLEN),
        "risen": n(OwnChange.RISEN),
        "same": n(OwnChange.SAME),
        "fallen": n(OwnChange.FALLEN),
    }
