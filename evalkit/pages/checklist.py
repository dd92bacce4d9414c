"""actions.xlsx: what everybody is to do, to be filled in and returned."""

from __future__ import annotations

from evalkit.definitions.checklist import TITLE, as_workbook
from evalkit.pages.telling import tasks
from evalkit.tables import Evaluation

PATH = "actions.xlsx"


def workbook(evaluation: Evaluation) -> bytes:
    """Return the workbook; with a line that says so where nobody has anything to do."""
    order = evaluation.order
    return as_workbook(
        evaluation.wave,
        list(tasks.everything(evaluation)),
        title=f"{order.street}{order.title}{TITLE}（{order.wave_name(evaluation.wave)}）",
        synthetic=order.synthetic,
    )
