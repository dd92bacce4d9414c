"""KoBoToolbox and ODK: groups as paths, codes such as ``1___not_at_all``, times of Greenwich.

A multi-select is a summary, ``车位 电梯`` by names, and details, one column an option with 1 and 0
or True and False, which are blank, not 0, where nobody answered. Repeats stand on sheets of their
own, with several rows a person: no sheet of answers.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import ClassVar

from evalkit.errors import Problem
from evalkit.files.grid import legible
from evalkit.platforms.base import Metadata, RawColumn
from evalkit.platforms.online import OnlineForm
from evalkit.platforms.times import Stamp, stamp_of
from evalkit.problems import exports as faults

_CODED = re.compile(r"(?P<code>[^_\s]+)___\S*")
_REPEAT = frozenset({"_parent_index", "_parent_table_name", "_submission__id", "parent_key"})


class Kobo(OnlineForm):
    """KoBoToolbox, ODK Central and Collect."""

    name = "kobo"
    title = "KoBo / ODK"
    own: ClassVar[Mapping[str, Metadata]] = {
        "start": "started",
        "end": "submitted",
        "today": "own",
        "deviceid": "own",
        "username": "nickname",
        "phonenumber": "contact",
        "subscriberid": "contact",
        "simserial": "contact",
        "_id": "id",
        "_uuid": "own",
        "_submission_time": "submitted",
        "_validation_status": "own",
        "_notes": "own",
        "_status": "own",
        "_submitted_by": "nickname",
        "__version__": "own",
        "_version_": "own",
        "_tags": "own",
        "_index": "sequence",
        "_geolocation": "location",
        "meta/instanceid": "own",
        "meta/rootuuid": "own",
        "formhub/uuid": "own",
        "submissiondate": "submitted",
        "meta-instanceid": "own",
        "meta-instancename": "own",
        "instanceid": "own",
        "key": "id",
        "submitterid": "own",
        "submittername": "nickname",
        "attachmentspresent": "own",
        "attachmentsexpected": "own",
        "reviewstate": "own",
        "edits": "own",
        "formversion": "own",
        **dict.fromkeys(_REPEAT, "own"),
    }
    telling = frozenset({
        "_submission_time", "_uuid", "__version__", "_validation_status", "formhub/uuid", "submissiondate",
        "meta-instanceid", "meta/instanceid", "_parent_index", "_submission__id", "parent_key",
    })  # fmt: skip

    def columns(self, headers: Sequence[str]) -> tuple[RawColumn, ...]:
        """Name questions without their groups; an option below its question keeps that."""
        present = {legible(header) for header in headers}
        ended = {"end"} & {text.casefold() for text in present}
        by_dash = {"submissiondate"} & {text.casefold() for text in present}
        found = []
        for column in super().columns(headers):
            if column.metadata == "submitted" and ended and column.header.strip() != "end":
                column = replace(column, metadata="own")
            elif column.metadata is None:
                column = _without_groups(column, present, "-" if by_dash else "/")
            found.append(column)
        return tuple(found)

    def label(self, cell: str) -> str:
        """Leave out what follows the number in ``1___not_at_all``."""
        match = _CODED.fullmatch(cell.strip())
        return super().label(cell) if match is None else match["code"]

    def stamp(self, cell: str) -> Stamp | None:
        """Read a time without a zone as that of Greenwich, by which the server writes it."""
        stamp = stamp_of(cell)
        if stamp is None or stamp.clock is None or stamp.offset is not None:
            return stamp
        return replace(stamp, offset=timedelta())

    def refusal(self, columns: Sequence[RawColumn], file: str, sheet: str | None) -> Problem | None:
        """Refuse a sheet of repeats, which has several rows a person."""
        repeats = [c for c in columns if legible(c.header).casefold() in _REPEAT]
        return faults.sheet_of_repeats(file, sheet, repeats[0].letters) if repeats else None


def _without_groups(column: RawColumn, present: set[str], joint: str) -> RawColumn:
    parts = legible(column.header).split(joint)
    if len(parts) == 1 or not all(parts):
        return column
    is_option = joint.join(parts[:-1]) in present
    tails = [joint.join(parts[at:]) for at in range(1, len(parts) - is_option)]
    return replace(column, text=tails[-1] if tails else column.text, names=tuple(tails))
