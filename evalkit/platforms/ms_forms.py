"""Microsoft Forms: ID, start and completion, e-mail and name; choices joined by ";"."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from evalkit.files.grid import legible
from evalkit.platforms.base import Metadata
from evalkit.platforms.online import OnlineForm

_OF_A_QUIZ = ("points - ", "feedback - ", "分数 - ", "反馈 - ", "得分 - ")


class MicrosoftForms(OnlineForm):
    """Microsoft Forms."""

    name = "ms_forms"
    title = "Microsoft Forms"
    own: ClassVar[Mapping[str, Metadata]] = {
        "id": "sequence",
        "start time": "started",
        "completion time": "submitted",
        "email": "contact",
        "name": "nickname",
        "total points": "total",
        "quiz feedback": "own",
        "grade posted time": "own",
        "last modified time": "own",
        "language": "own",
        "开始时间": "started",
        "完成时间": "submitted",
        "电子邮件": "contact",
        "名称": "nickname",
        "姓名": "nickname",
        "总分": "total",
        "测验反馈": "own",
        "上次修改时间": "own",
        "语言": "own",
    }
    telling = frozenset({"completion time", "完成时间"})

    def metadata_of(self, header: str) -> Metadata | None:
        """Return also what a quiz has beside every question as the platform's own."""
        shown = legible(header).casefold()
        return "own" if shown.startswith(_OF_A_QUIZ) else super().metadata_of(header)
