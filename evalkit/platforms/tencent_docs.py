"""腾讯文档收集表: ``题目（必填）``, times such as 2026年9月22日 10:13, choices joined by ", "."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from evalkit.platforms.base import Metadata
from evalkit.platforms.online import OnlineForm


class TencentDocs(OnlineForm):
    """腾讯文档收集表."""

    name = "tencent_docs"
    title = "腾讯文档收集表"
    own: ClassVar[Mapping[str, Metadata]] = {
        "提交时间（自动）": "submitted",
        "提交者（自动）": "nickname",
        "修改时间（自动）": "own",
        "提交位置（自动）": "location",
        "序号（自动）": "sequence",
    }
    telling = frozenset({"提交时间（自动）", "提交者（自动）"})
