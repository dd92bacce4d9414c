"""Qualtrics: three header rows (name, text, ImportId), two in old files, -99 for what was seen only.

The name of a question is its variable, the text what was asked; of an option or the row of a matrix
the text is ``题干 - 选项``, of a single choice with "other" ``题干 - Selected Choice``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from evalkit.files.grid import bare, legible
from evalkit.platforms.base import Metadata, MissingState, RawColumn, Recognition
from evalkit.platforms.heading_rows import is_import_row
from evalkit.platforms.online import CERTAIN, OnlineForm, numbered, without_remark

_CHOICE = re.compile(
    r"\s*-\s*(?:Selected Choice|所选选项|选定的选项|已选选项|选择的选项)\s*$", re.IGNORECASE
)
_OLD = re.compile(r"V(?:[1-9]|10)")
_LEAST = 3
"""Own names in one row from which it is beyond doubt."""


class Qualtrics(OnlineForm):
    """Qualtrics."""

    name = "qualtrics"
    title = "Qualtrics"
    own: ClassVar[Mapping[str, Metadata]] = {
        "startdate": "started",
        "enddate": "own",
        "status": "own",
        "ipaddress": "ip",
        "progress": "own",
        "duration (in seconds)": "seconds",
        "finished": "finished",
        "recordeddate": "submitted",
        "responseid": "id",
        "responseset": "own",
        "name": "nickname",
        "email": "contact",
        "externaldatareference": "contact",
        "recipientlastname": "contact",
        "recipientfirstname": "contact",
        "recipientemail": "contact",
        "externalreference": "contact",
        "locationlatitude": "location",
        "locationlongitude": "location",
        "locationaccuracy": "own",
        "distributionchannel": "own",
        "userlanguage": "own",
        "q_recaptchascore": "own",
    }
    telling = frozenset(
        {"recordeddate", "distributionchannel", "responseset", "responseid", "userlanguage"}
    )

    def heads(self, texts: Sequence[str]) -> bool:
        """Look for the names of its own columns, or V1, V2 and so on of old files."""
        found = self._found(texts)
        old = sum(_OLD.fullmatch(legible(text)) is not None for text in texts)
        return (len(found) >= _LEAST and bool(self.telling & found.keys())) or old >= _LEAST

    def header_rows(self, rows: Sequence[Sequence[str]]) -> int:
        """Take all rows down to the one of ImportIds; without it two, where the second has texts."""
        imports = [at for at, row in enumerate(rows) if is_import_row(row)]
        if imports:
            return imports[0] + 1
        old = any(_OLD.fullmatch(legible(text)) for text in rows[0])
        again = len(rows) > 1 and self._names_own(rows[1])
        return 2 if old or again else 1

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Look for its own names in the first row."""
        upper = [header.split("\n")[0] for header in headers]
        if not self.heads(upper):
            return None
        shown = tuple(self._found(upper).values()) or ("V1", "V2", "V3")
        return Recognition(CERTAIN, shown[:_LEAST])

    def column(self, position: int, header: str) -> RawColumn:
        """Take the first row for the variable and the second for what was asked."""
        name, *below = [bare(part) for part in header.split("\n")] if header else [""]
        metadata = self.own.get(legible(name).casefold())
        if metadata is None and _OLD.fullmatch(name) and below:
            metadata = self.own.get(legible(below[0]).casefold(), "own")
        if metadata is not None:
            return RawColumn(position, header, None, name, metadata=metadata)
        number, text = numbered(without_remark(_CHOICE.sub("", " ".join(below) or name)))
        return RawColumn(position, header, number, text, names=(name, text))

    def missing_state(self, cell: str, variant: str | None) -> MissingState | None:
        """Read -99 as seen and not answered."""
        return "empty" if cell == "-99" else super().missing_state(cell, variant)

    def _names_own(self, row: Sequence[str]) -> bool:
        squeezed = {"".join(text.split()).casefold() for text in row}
        return len(squeezed & {"".join(key.split()) for key in self.own}) >= _LEAST
