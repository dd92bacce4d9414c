"""Forms of office suites, 飞书, 钉钉 and WPS: who handed in, when, and one column a question.

They differ in what they call these two columns, and in how choices are joined: ";", ",", 、 or a
line break.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import ClassVar

from evalkit.platforms.base import Metadata, Recognition
from evalkit.platforms.online import LIKELY, PERHAPS, OnlineForm


class OfficeForm(OnlineForm):
    """飞书表单, 钉钉表单, WPS 表单."""

    name = "office_form"
    title = "飞书、钉钉或 WPS 表单"
    own: ClassVar[Mapping[str, Metadata]] = {
        "序号": "sequence",
        "记录编号": "id",
        "提交人": "nickname",
        "提交者": "nickname",
        "填写人": "nickname",
        "填写者": "nickname",
        "填写人id": "nickname",
        "创建人": "nickname",
        "提交时间": "submitted",
        "填写时间": "submitted",
        "答题时间": "submitted",
        "创建时间": "submitted",
        "修改时间": "own",
        "最后更新时间": "own",
        "填写时长": "seconds",
        "提交来源": "own",
        "提交ip": "ip",
    }
    telling = frozenset({"提交人", "提交者", "填写人", "填写者", "创建人"})

    def heads(self, texts: Sequence[str]) -> bool:
        """Claim no row beyond doubt: anybody's table may have such columns."""
        return False

    def recognises(self, headers: Sequence[str], rows: int) -> Recognition | None:
        """Ask for somebody who handed in and for a time, side by side."""
        found = self._found(headers)
        telling = [text for key, text in found.items() if key in self.telling]
        timed = [text for key, text in found.items() if self.own[key] == "submitted"]
        if rows != 1 or not telling or not timed:
            return None
        certainty = LIKELY if len(found) > 2 else PERHAPS
        return Recognition(certainty, (*telling, *timed))
