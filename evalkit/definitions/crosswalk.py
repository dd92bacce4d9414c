"""A crosswalk: the approved mapping of one file layout to a questionnaire or a ledger."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator
from typing import Annotated, Any, ClassVar, Literal

from pydantic import BeforeValidator, Field, StringConstraints, field_validator

from evalkit.definitions.documents import (
    IDENTIFIER,
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeName,
    Name,
    Part,
    Prose,
    Text,
)
from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.text import committee_key, comparable

UNDECIDED = "?"
"""What a draft writes where an analyst has to decide; a question mark of either width."""


def _one_question_mark(value: Any) -> Any:
    return UNDECIDED if isinstance(value, str) and value.strip() == "？" else value


def _none_or_one_question_mark(value: Any) -> Any:
    blank = isinstance(value, str) and not value.strip()
    return None if blank else _one_question_mark(value)


Target = Annotated[MaybeName, BeforeValidator(_one_question_mark)]
"""An option code, `UNDECIDED`, or None."""

_Decidable = Annotated[str, StringConstraints(pattern=rf"{IDENTIFIER}|^\?$", strip_whitespace=True)]
ItemTarget = Annotated[_Decidable | None, BeforeValidator(_none_or_one_question_mark)]
"""An item, `UNDECIDED`, or None."""


class ColumnMapping(Part):
    """What one column of the file is.

    Attributes
    ----------
    column : int
        1-based position in the file.
    item : str or None
        The questionnaire's item; None leaves the column out, `UNDECIDED` stops an evaluation.
    option : str or None
        Option code, where the column holds one option of a multi-select or ranking.
    certainty : float or None
        0 to 1; how sure the draft was. For the analyst to read.
    because : str
        Why the draft chose this item.
    reversed : bool
        The file's numbers run against the questionnaire's option codes.
    """

    column: int = Field(ge=1, title="列号", description="在文件中是第几列，从 1 数起")
    header: Prose = Field(default="", title="列名", description="文件中的列名；没有列名的留空")
    item: ItemTarget = Field(
        default=None,
        title="题目",
        description="对应的题目代码；留空则不导入这一列；? 表示尚未决定，批准前须改",
    )
    option: MaybeName = Field(
        default=None, title="选项序号", description="多选题、排序题按选项分列时，对应的选项序号"
    )
    certainty: float | None = Field(
        default=None, ge=0, le=1, title="把握", description="起草时的把握，0-1，供核对时参考"
    )
    because: Prose = Field(default="", title="理由", description="起草时为何这样对应")
    reversed: bool = Field(
        default=False, title="反向", description="文件中的序号与问卷的选项序号相反"
    )


class Crosswalk(Document):
    """One layout's mapping. Nothing is scored through it unless `approved`.

    Attributes
    ----------
    layout : str
        Fingerprint of the file's header rows: another layout needs another crosswalk.
    variant : {"text", "number", "score"}
        What the cells hold.
    values : dict of item to (text in the file to option code or None)
        Labels that the questionnaire does not have. None makes the answer invalid; `UNDECIDED`
        stops an evaluation as long as the file holds the value. Of an item with one column an
        option, ``"1"`` is a tick and ``"0"`` is none; of a multi-select in one cell ``"1;3"`` is
        two choices.
    subjects : dict of name in the file to subject id or None
        Names the roster does not have. None leaves the rows out, counted as unmatched;
        `UNDECIDED` stops an evaluation as long as the file holds the name.
    """

    is_shown: ClassVar[bool] = False

    id: Identifier = Field(title="代码", description="对照表的代码")
    questionnaire: MaybeIdentifier = Field(
        default=None, title="问卷", description="对应的问卷代码；台账的对照表不写"
    )
    ledger: MaybeIdentifier = Field(
        default=None, title="台账", description="对应的台账代码；答卷的对照表不写"
    )
    layout: Name = Field(title="版式", description="文件表头的指纹，由程序填写，不要改动")
    variant: Literal["text", "number", "score"] = Field(
        title="内容", description="单元格里是选项文字、序号还是分值"
    )
    approved: bool = Field(default=False, title="已批准", description="核对无误后改为是")
    drafted_from: Prose = Field(default="", title="起草依据", description="由哪个文件起草")
    changes: list[Text] = Field(
        default_factory=list, title="变化", description="与上一批次相比的变化，每条一项"
    )
    columns: list[ColumnMapping] = Field(
        min_length=1, title="列", description="文件的每一列对应哪道题"
    )
    values: dict[Identifier, dict[Text, Target]] = Field(
        default_factory=dict,
        title="取值",
        description="题目代码 -> 文件中的文字 -> 选项序号（多选题一格几项时写 1;3）；? 表示尚未决定；留空则该回答无效",
    )
    subjects: dict[Text, ItemTarget] = Field(
        default_factory=dict,
        title="居民区",
        description="文件中的名称 -> 居民区代码；? 表示尚未决定；留空则不计入",
    )

    @field_validator("values")
    @classmethod
    def _only_items_with_values(
        cls, values: dict[str, dict[str, str | None]]
    ) -> dict[str, dict[str, str | None]]:
        return {item: found for item, found in values.items() if found}

    @property
    def source(self) -> str:
        """The questionnaire or the ledger that it maps to."""
        return self.questionnaire or self.ledger or ""

    def is_undecided(self, item: str, value: str) -> bool:
        """Tell whether nobody has decided yet what a value of an item means.

        Older drafts wrote None for it, beside a reason that asks to look (请核对): as long as the
        reason stands beside it, nobody has looked.
        """
        code = self.values[item][value]
        asked = re.compile(rf"“{re.escape(value)}”（\d+ 行）[^；]*请核对")
        return code == UNDECIDED or (
            code is None and any(m.item == item and asked.search(m.because) for m in self.columns)
        )

    def faults(self) -> Iterator[Fault]:
        """Yield columns, items, values and names that are mapped twice."""
        if (self.questionnaire is None) == (self.ledger is None):
            yield Fault(
                ("questionnaire",),
                "crosswalk_source",
                "对照表要么对应一份问卷，要么对应一份台账",
                expected="questionnaire 或 ledger，写一样",
                found="两样都没有" if self.ledger is None else "两样都写了",
                remedy="写明其中一样，删去另一样",
            )
        yield from duplicates(
            "列号",
            [(("columns", at, "column"), str(m.column)) for at, m in enumerate(self.columns)],
        )
        targets: dict[tuple[str, str | None], list[Steps]] = defaultdict(list)
        for at, mapping in enumerate(self.columns):
            if mapping.item not in (None, UNDECIDED):
                assert mapping.item is not None
                targets[mapping.item, mapping.option].append(("columns", at, "item"))
        for (item, option), where in targets.items():
            # Several columns may be one question, asked in several branches: the file tells.
            if len(where) > 1 and option is not None:
                yield Fault(
                    where[-1],
                    "item_mapped_twice",
                    "几列映射到同一个选项",
                    expected="每个选项一列",
                    found=f"{item} 的选项 {option}",
                    remedy="只保留一列，其余的 item 留空",
                    involved=tuple(where),
                )
        for item, values in self.values.items():
            yield from _contradictions(("values", item), values, comparable)
        yield from _contradictions(("subjects",), self.subjects, committee_key)


def _contradictions(
    steps: Steps, mapping: dict[str, str | None], key_of: Callable[[str], str]
) -> Iterator[Fault]:
    alike: dict[str, list[str]] = defaultdict(list)
    for text in mapping:
        alike[key_of(text)].append(text)
    for texts in alike.values():
        if len({mapping[text] for text in texts}) > 1:
            yield Fault(
                (*steps, texts[-1]),
                "contradictory_mapping",
                "只有空格、全半角或后缀之差的写法，对应了不同的内容",
                expected="对应同一个内容",
                found="、".join(f"{text} -> {mapping[text] or '（空）'}" for text in texts),
                remedy="只保留一种",
                involved=tuple((*steps, text) for text in texts),
            )
