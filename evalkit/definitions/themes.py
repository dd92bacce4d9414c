"""Themes of open answers: which words speak of what.

An answer speaks of every theme that has one of its words in it. Nothing is learned or guessed, so
that whoever reads a count can say what was counted.
"""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from evalkit.definitions.documents import Document, Identifier, Name, Part, Text, Title
from evalkit.definitions.faults import Fault, duplicates


class Theme(Part):
    """One theme and the words that tell it."""

    code: Identifier = Field(title="代码", description="主题的代码")
    name: Title = Field(title="名称", description="页面上的叫法，如“停车”")
    words: list[Name] = Field(
        min_length=1, title="词语", description="答案里出现其中任何一个，就算提到这个主题"
    )


class Themes(Document):
    """The themes that open answers are counted by."""

    id: Identifier = Field(title="代码", description="主题词表的代码")
    title: Text = Field(title="标题", description="主题词表的名称")
    assumptions: list[Text] = Field(
        default_factory=list, title="假定", description="须在报告中注明的假定，每条一项"
    )
    minimum_n: int = Field(
        default=10, ge=10, title="最少人数", description="提到的居民少于此数的主题不公布"
    )
    themes: list[Theme] = Field(default_factory=list, title="主题", description="按编者的顺序")

    def faults(self) -> Iterator[Fault]:
        """Yield codes that stand twice."""
        yield from duplicates(
            "主题代码",
            [(("themes", at, "code"), theme.code) for at, theme in enumerate(self.themes)],
        )
