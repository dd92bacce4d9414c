"""Rules of a ledger about single records and rows: which do not count, and which counts add up."""

from __future__ import annotations

from pydantic import Field

from evalkit.definitions.documents import Identifier, Part, Text, Title


class Exclusion(Part):
    """Which records are not counted, and why."""

    column: Identifier = Field(title="列", description="看哪一列")
    values: list[Text] = Field(min_length=1, title="取值", description="这些取值的记录不计")
    reason: Title = Field(title="理由", description="为什么不计，如 作废")


class Balance(Part):
    """Columns of counts that must add up to another."""

    total: Identifier = Field(title="总数列", description="应等于各部分之和的列")
    parts: list[Identifier] = Field(min_length=2, title="部分列", description="各部分")
