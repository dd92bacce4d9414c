"""What can be wrong with the waves of an order, or of one of its tracks."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Sequence
from posixpath import normpath
from typing import TYPE_CHECKING

from evalkit.definitions.faults import Fault
from evalkit.definitions.places import Steps

if TYPE_CHECKING:
    from evalkit.definitions.evaluation import Wave


def wave_faults(steps: Steps, waves: Sequence[Wave]) -> Iterator[Fault]:
    """Yield waves out of order, periods reversed, and files claimed twice, below a path."""
    ids = [wave.id for wave in waves]
    if sorted(set(ids)) != ids:
        yield Fault(
            steps,
            "waves_out_of_order",
            "批次要按先后排列，各不相同（id 按文字比较，如 2015、2016）",
            expected="、".join(sorted(set(ids))),
            found="、".join(ids),
            remedy="调整顺序或改 id",
            involved=tuple((*steps, at, "id") for at in range(len(ids))),
        )
    for at, wave in enumerate(waves):
        if wave.start and wave.end and wave.start > wave.end:
            yield _reversed((*steps, at, "start"), "起止日期颠倒", wave.start, wave.end)
        since, until = wave.recorded
        own = wave.records_since or wave.records_until
        if own and since and until and since > until:
            key = "records_since" if wave.records_since else "records_until"
            yield _reversed((*steps, at, key), "台账的起止日期颠倒", since, until)
    claimed: dict[str, list[tuple[Steps, str]]] = defaultdict(list)
    for at, wave in enumerate(waves):
        for place, entry in enumerate(wave.files):
            yield from entry.faults((*steps, at, "files", place))
            file = normpath(entry.file.replace("\\", "/"))
            key = file + (repr(sorted(entry.where.items())) if entry.where else "")
            claimed[key].append(((*steps, at, "files", place, "file"), file))
    for where in claimed.values():
        if len(where) > 1:
            yield Fault(
                where[-1][0],
                "file_claimed_twice",
                "同一个文件被引用了几次",
                expected="每个文件只属于一个批次、一份问卷",
                found=f"{where[0][1]}（{len(where)} 次）",
                remedy="删去多余的引用",
                involved=tuple(place for place, _ in where),
            )


def _reversed(steps: Steps, what: str, start: dt.date, end: dt.date) -> Fault:
    return Fault(
        steps,
        "period_reversed",
        what,
        expected=f"不晚于 {end}",
        found=f"{start}",
        remedy="改正日期",
    )
