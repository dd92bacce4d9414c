"""SurveyMonkey: two header rows, the question and its options; condensed one; SPSS-style names.

An option's column holds its label where it was chosen and nothing where not; below a question of
one column stands ``Response``. In SPSS style columns are ``q0004_0001``, with ``Not selected``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import ClassVar

from evalkit.files.grid import bare
from evalkit.platforms.base import Metadata, RawColumn, Recognition
from evalkit.platforms.online import CERTAIN, OnlineForm, numbered, without_remark

_OTHER = re.compile(r"\s*(?:其他|其它|other)", re.IGNORECASE)


class SurveyMonkey(OnlineForm):
    """SurveyMonkey."""

    name = "surveymonkey"
    title = "SurveyMonkey"
    own: ClassVar[Mapping[str, Metadata]] = {
        "respondent id": "id",
        "respondentid": "id",
        "respondent_id": "id",
        "collector id": "own",
        "collectorid": "own",
        "collector_id": "own",
        "start date": "started",
        "startdate": "started",
        "end date": "submitted",
        "enddate": "submitted",
        "date_created": "started",
        "date_modified": "submitted",
        "ip address": "ip",
        "ip_address": "ip",
        "email address": "contact",
        "email_address": "contact",
        "first name": "nickname",
        "first_name": "nickname",
        "last name": "nickname",
        "last_name": "nickname",
        "custom data 1": "own",
        "custom data": "own",
        "custom_1": "own",
    }
    telling = frozenset({
        "respondent id", "respondentid", "respondent_id", "collector id", "collectorid", "collector_id",
    })  # fmt: skip

    def header_rows(self, rows: Sequence[Sequence[str]]) -> int:
        """Take two where the second is blank below the platform's own columns and not elsewhere."""
        if len(rows) < 2:
            return 1
        own = [at for at, text in enumerate(rows[0]) if self.metadata_of(text) is not None]
        above = any(bare(rows[1][at]) for at in own)
        return 1 if above or not any(map(bare, rows[1])) else 2

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Look for its own names in the first row."""
        found = self._found([header.split("\n")[0] for header in headers])
        telling = tuple(text for key, text in found.items() if key in self.telling)
        return Recognition(CERTAIN, telling) if len(found) > 1 and telling else None

    def column(self, position: int, header: str) -> RawColumn:
        """Take the first row for the question, the second for an option or a row."""
        upper, *below = [bare(part) for part in header.split("\n")] if header else [""]
        metadata = self.metadata_of(upper)
        if metadata is not None:
            return RawColumn(position, header, None, upper, metadata=metadata)
        number, question = numbered(without_remark(upper))
        if not below:
            return RawColumn(position, header, number, question)
        return RawColumn(position, header, number, " ".join(below), stem=question)

    def text_chooses(self, option: str) -> bool:
        """Take a text in the column of "other" for a choice of it."""
        return _OTHER.match(option) is not None
