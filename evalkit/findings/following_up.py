"""What became of last wave's tasks, and how what they are about changed since.

That something was done and that residents judge better stands side by side: neither proves that
the one made the other. Tasks are about what was low, and what was low by chance rises by chance.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.definitions.checklist import Report, Returned
from evalkit.definitions.scheme import Scheme
from evalkit.findings.moving import Moved, between, verdict
from evalkit.findings.moving import moved as compared
from evalkit.findings.street_means import asked_alike
from evalkit.methods.multiplicity import holm
from evalkit.tables import FRAMES, WaveResult, frame, no_rows


def follow_up(
    returned: Returned | None, now: WaveResult, before: WaveResult | None, scheme: Scheme
) -> pd.DataFrame:
    """Lay last wave's tasks beside what changed.

    A change is that of the committee's own indicator or dimension, where it may be told in both
    waves and was asked alike; its test is adjusted over all that the list is about (Holm).

    Parameters
    ----------
    returned : Returned or None
        The list of the wave before; None where none came back.
    now, before : WaveResult, WaveResult or None
        This wave and the last one, scored under `scheme`; their samples are independent but
        for raters who judge in both.

    Returns
    -------
    DataFrame
        Frame ``follow_up``, in the order of the list; empty without a list.
    """
    if returned is None or before is None or not returned.reports:
        return no_rows("follow_up")
    alike = asked_alike(now.cells, before.cells, scheme)
    about = dict.fromkeys((r.task.subject, r.task.about) for r in returned.reports)
    shared, sure = between(now, before, scheme), scheme.confidence
    moved = {
        (subject, code): found
        for subject, code in about
        if code in alike and (found := compared(now, before, subject, code, sure, shared))
    }
    adjusted = dict(zip(moved, holm([found.p for found in moved.values()]), strict=True))
    rows = [
        _row(report, now.scores.wave, before.scores.wave, moved, adjusted, scheme)
        for report in returned.reports
    ]
    return frame("follow_up", pd.DataFrame(rows, columns=[c.name for c in FRAMES["follow_up"]]))


def _row(
    report: Report,
    wave: str,
    from_wave: str,
    moved: dict[tuple[str, str], Moved],
    adjusted: dict[tuple[str, str], float],
    scheme: Scheme,
) -> dict[str, object]:
    task = report.task
    key = (task.subject, task.about)
    found = moved.get(key, Moved(np.nan, np.nan, np.nan, np.nan, np.nan))
    p = adjusted.get(key, np.nan)
    return {
        "wave": wave,
        "from_wave": from_wave,
        "subject": task.subject,
        "name": task.name,
        "task": task.id,
        "kind": task.kind,
        "problem": task.problem,
        "code": task.about,
        "due": task.by,
        "state": report.state.value,
        "done": None if report.done is None else report.done.isoformat(),
        "evidence": report.evidence,
        "checked": report.checked,
        "until": None if report.until is None else report.until.isoformat(),
        "previous": found.previous,
        "estimate": found.estimate,
        "change": found.change,
        "change_se": found.se,
        "change_low": found.change - found.reach,
        "change_high": found.change + found.reach,
        "p_adjusted": float(p),
        "verdict": verdict(float(p), found.change, scheme).value,
    }
