"""The demo street's ledgers, written as its offices would hand them in, and what it published of them."""

from __future__ import annotations

import csv
import datetime as dt
import io
import shutil
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.scheme import Scheme
from evalkit.simulation import orders, registers
from evalkit.simulation.ledger_truth import ledger_truth
from evalkit.simulation.truth import Truth
from evalkit.simulation.workbook import write_workbook

FIRST = (1, 4)
"""Month and day of the first working day that ledgers tell of."""


def write_ledgers(
    truth: Truth, scheme: Scheme, boundaries: Mapping[str, Any], documents: Path, folder: Path,
    end: dt.date, seed: int,
) -> list[ResponseFile]:  # fmt: skip
    """Write the ledgers of the last wave into a workspace, with their documents.

    Parameters
    ----------
    documents : Path
        Holds ``ledgers``, ``crosswalks`` and ``claims.yaml``.
    end : date
        The last day of which is known what happened.

    Returns
    -------
    list of ResponseFile
        Entries of the wave.
    """
    for name in ("ledgers", "crosswalks"):
        shutil.copytree(documents / name, folder / name)
    shutil.copyfile(documents / "claims.yaml", folder / "claims.yaml")
    subjects, start = truth.subjects, dt.date(end.year, *FIRST)
    own = ledger_truth(truth, scheme, seed)
    place = folder / "responses" / truth.waves[-1]
    place.mkdir(parents=True, exist_ok=True)
    write_workbook(
        place / "hotline.xlsx",
        [
            [orders.HOTLINE_TITLE],
            orders.HOTLINE,
            *orders.hotline(subjects, own, start, end, seed),
        ],
        sheet="工单明细",
        at=dt.datetime.combine(end, dt.time(18)),
    )
    lists = registers.Lists(subjects, own, end.year, seed)
    tables: dict[str, tuple[Sequence[str], Iterable[Sequence[str]]]] = {
        "orders": (orders.ORDER, orders.orders(subjects, own, start, end, seed)),
        "needs": (registers.NEED, lists.needs),
        "resources": (registers.RESOURCE, lists.resources),
        "projects": (registers.PROJECT, lists.projects),
        "matches": (registers.MATCH, lists.matches),
        "sites": (registers.SITE, registers.sites(subjects, boundaries, seed)),
        "events": (registers.EVENT, registers.events(subjects, end.year, seed)),
        "funds": (registers.FUND, registers.funds(subjects, end.year, seed)),
        "organisations": (registers.ORGANISATION, registers.organisations(subjects, seed)),
    }
    for name, (header, rows) in tables.items():
        text = io.StringIO(newline="")
        csv.writer(text, lineterminator="\r\n").writerows([header, *rows])
        (place / f"{name}.csv").write_bytes(b"\xef\xbb\xbf" + text.getvalue().encode())
    files = ["hotline.xlsx", *(f"{name}.csv" for name in tables)]
    return [
        ResponseFile(
            file=(place / name).relative_to(folder).as_posix(), ledger=name.partition(".")[0]
        )
        for name in files
    ]
