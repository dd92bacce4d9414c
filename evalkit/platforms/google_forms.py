"""Google Forms: a timestamp first, then one column a question; a matrix as ``题干 [行]``."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from evalkit.platforms.base import Metadata
from evalkit.platforms.online import OnlineForm


class GoogleForms(OnlineForm):
    """Google Forms, and the sheet that it fills."""

    name = "google_forms"
    title = "Google 表单"
    own: ClassVar[Mapping[str, Metadata]] = {
        "timestamp": "submitted",
        "时间戳记": "submitted",
        "时间戳": "submitted",
        "時間戳記": "submitted",
        "email address": "contact",
        "username": "nickname",
        "电子邮件地址": "contact",
        "score": "total",
        "得分": "total",
    }
    telling = frozenset({"timestamp", "时间戳记", "时间戳", "時間戳記"})
