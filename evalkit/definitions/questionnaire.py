"""A questionnaire: what was asked, of whom, with which options, each with its explicit score."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from operator import not_
from typing import Annotated, Literal

from pydantic import BeforeValidator, Field

from evalkit import numerals
from evalkit.definitions.documents import (
    Basis,
    Document,
    Identifier,
    MaybeIdentifier,
    MaybeName,
    MaybeText,
    Name,
    Part,
    Prose,
    Text,
)
from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.places import Steps
from evalkit.definitions.plain_options import MissingReason, spelled_out
from evalkit.definitions.text import comparable
from evalkit.definitions.words import WORDS
from evalkit.errors import UnknownId

Kind = Literal["single", "multiple", "ranking", "number", "text"]
"""How an item is answered. A matrix is a run of single items that share a `stem`."""

Role = Literal[
    "scored",  # counts towards an indicator
    "overall",  # overall satisfaction: validates the composite, never part of it
    "screening",  # decides whether the answer counts at all
    "subject",  # names the committee that is rated
    "rater",  # names the organisation that rates (hashed at import)
    "cluster",  # tells whose answers are alike: building, household, interviewer (hashed, too)
    "panel",  # tells who answers, so that a resident is known again in another wave (hashed, too)
    "mode",  # tells how it was filled in: on paper, online, by telephone, face to face
    "group",  # tells the rater group
    "need",  # a multi-select of needs
    "profile",  # who answers: sex, age band, housing
    "open",  # free text, never shown verbatim
]

Mode = Literal["paper", "online", "telephone", "face_to_face"]
"""How a questionnaire was filled in."""


class Option(Part):
    """One possible answer. A scored item's option has a score or says why it is missing."""

    code: Name = Field(title="序号", description="选项序号，即问卷平台按序号导出时的数字")
    label: Text = Field(title="选项文字", description="与问卷上的文字相同")
    score: float | None = Field(
        default=None, ge=0, le=100, title="分值", description="0-100；不计分的选项留空"
    )
    missing: MissingReason | None = Field(
        default=None, title="不计分原因", description="如“不了解”；有分值的选项留空"
    )
    screen_out: bool = Field(
        default=False, title="不计入", description="筛选题、主体题中，选此项的答卷不计入"
    )
    group: MaybeIdentifier = Field(
        default=None, title="评价主体", description="主体题中，此选项对应的评价主体代码"
    )
    mode: Mode | None = Field(
        default=None, title="填答方式", description="填答方式题中，此选项是哪一种方式"
    )


Options = Annotated[
    list[Option],
    BeforeValidator(
        lambda value: spelled_out(value, Option.model_fields),
        json_schema_input_type=list[Option | str | dict[str, float | str | None]],
    ),
]
"""Options written out, or as plain words with their scores."""


class Item(Part):
    """One question, or one row of a matrix.

    The options stand in the item itself, or in the questionnaire's named `scales`.
    """

    id: Identifier = Field(title="题目", description="题目代码，方案的指标用它引用题目")
    text: Text = Field(title="题干", description="矩阵题为该行的文字")
    short: MaybeText = Field(
        default=None,
        exclude_if=not_,
        title="短说法",
        description="题干是问句时，答得满意就成立的一句话，如“没有遇到冷淡推诿”；页面写满意率时用",
    )
    kind: Kind = Field(default="single", title="题型", description="矩阵题按行拆成单选题")
    role: Role = Field(default="scored", title="用途", description="计分题须归入一个指标")
    number: int | None = Field(default=None, ge=1, title="题号", description="问卷上的题号")
    stem: MaybeText = Field(default=None, title="总题干", description="矩阵题的总题干")
    scale: MaybeName = Field(
        default=None, title="量表", description="引用量表的名称；与题目自己的选项只能写一处"
    )
    options: Options = Field(default_factory=list, title="选项", description="题目自己的选项")
    minimum: float | None = Field(
        default=None, title="最低值", description="数值题的最低值，计 0 分"
    )
    maximum: float | None = Field(
        default=None, title="最高值", description="数值题的最高值，计 100 分"
    )
    header: MaybeText = Field(
        default=None, title="列名", description="导出文件中的列名，如与题干不同"
    )
    basis: Basis = Field(default="assumption", title="依据", description="有公开资料，还是假定")

    def has(self, value: float | None) -> bool:
        """Tell whether a number lies between the lowest and the highest of a number item."""
        return (
            value is not None
            and (self.minimum is None or value >= self.minimum)
            and (self.maximum is None or value <= self.maximum)
        )

    @property
    def range_in_words(self) -> str:
        """What a number item may hold: 0 到 10 的数."""
        low, high = (None if v is None else f"{v:g}" for v in (self.minimum, self.maximum))
        if low is not None and high is not None:
            return f"{low} 到 {high} 的数"
        return f"不小于 {low} 的数" if low else f"不大于 {high} 的数" if high else "数"


class Questionnaire(Document):
    """What is asked of one audience.

    Attributes
    ----------
    id : str
        Referred to by the scheme's rater groups and indicators.
    scales : dict of str to list of Option
        Option sets shared by several items.
    items : list of Item
        In the order of the form.
    """

    id: Identifier = Field(title="代码", description="方案用它引用这份问卷")
    title: Text = Field(title="标题", description="问卷的标题")
    introduction: Prose = Field(default="", title="卷首语", description="问卷开头的说明")
    assumptions: list[Text] = Field(
        default_factory=list, title="假定", description="未见于公开资料的假定，每条一项"
    )
    scales: dict[Name, Annotated[Options, Field(min_length=1)]] = Field(
        default_factory=dict, title="量表", description="几道题共用的选项：量表名 -> 选项"
    )
    items: list[Item] = Field(min_length=1, title="题目", description="按问卷上的顺序")

    def item(self, item_id: str) -> Item:
        """Return the item of that id; `UnknownId` if there is none."""
        for item in self.items:
            if item.id == item_id:
                return item
        raise UnknownId("item", item_id, [item.id for item in self.items])

    def options_of(self, item: Item) -> list[Option]:
        """Return an item's options, wherever they are written."""
        return item.options or self.scales.get(item.scale or "", [])

    def rescored(self, scores: Mapping[str, float]) -> Questionnaire:
        """Return the same questionnaire with other option scores.

        Parameters
        ----------
        scores : dict of present score, as text, to the one that takes its place
            Scores that are not named stay; ``80`` and ``80.0`` are one.
        """
        replaced = {float(present): score for present, score in scores.items()}

        def changed(option: Option) -> Option:
            if option.score is None or option.score not in replaced:
                return option
            return option.model_copy(update={"score": replaced[option.score]})

        scales = {name: [changed(o) for o in options] for name, options in self.scales.items()}
        items = [
            item.model_copy(update={"options": [changed(o) for o in item.options]})
            for item in self.items
        ]
        return self.model_copy(update={"scales": scales, "items": items})

    def of_role(self, *roles: Role) -> list[Item]:
        """Return the items with one of these roles, in the order of the form."""
        return [item for item in self.items if item.role in roles]

    def blocks(self) -> list[list[Item]]:
        """Return the items as they stand on the form: rows of one matrix together, others alone.

        Rows of one matrix follow one another and agree in stem, number, kind and options.
        """
        blocks: list[list[Item]] = []
        for item in self.items:
            last = blocks[-1][-1] if blocks else None
            if last is not None and item.stem is not None and self._is_next_row(item, last):
                blocks[-1].append(item)
            else:
                blocks.append([item])
        return blocks

    def _is_next_row(self, item: Item, last: Item) -> bool:
        return (item.stem, item.number, item.kind) == (
            last.stem,
            last.number,
            last.kind,
        ) and self.options_of(item) == self.options_of(last)

    def faults(self) -> Iterator[Fault]:
        """Yield everything wrong with this document that its types alone do not show."""
        yield from duplicates(
            "题目代码", [(("items", place, "id"), item.id) for place, item in enumerate(self.items)]
        )
        for name, options in self.scales.items():
            yield from _option_faults(("scales", name), options)
            users = [item.id for item in self.items if _is_scored_by(item, name)]
            if users:
                yield from _unscored_options(("scales", name), options, users)
        for place, item in enumerate(self.items):
            yield from self._item_faults(("items", place), item)
        unique: tuple[Role, ...] = (
            "subject",
            "group",
            "rater",
            "cluster",
            "panel",
            "mode",
            "overall",
        )
        for role in unique:
            found = [place for place, item in enumerate(self.items) if item.role == role]
            if len(found) > 1:
                yield Fault(
                    ("items", found[-1], "role"),
                    "duplicate_role",
                    f"用途为“{WORDS['role'][role]}”（{role}）的题目只能有一道",
                    expected="1",
                    found="、".join(self.items[place].id for place in found),
                    remedy="保留一道，其余改为 profile",
                    involved=tuple(("items", place, "role") for place in found),
                )

    def _item_faults(self, steps: Steps, item: Item) -> Iterator[Fault]:
        yield from self._scale_faults(steps, item)
        yield from _option_faults((*steps, "options"), item.options)
        yield from self._faults_of_lacking_options(steps, item)
        if item.kind == "number":
            yield from self._number_option_faults(steps, item)
        if item.role == "need" and item.kind != "multiple":
            yield Fault(
                (*steps, "kind"),
                "need_not_multiple",
                "诉求题只能是多选题",
                expected="multiple",
                found=item.kind,
                remedy="改题型，或把 role 改为 profile",
            )
        if item.role in ("scored", "overall"):
            yield from self._score_faults(steps, item)

    def _scale_faults(self, steps: Steps, item: Item) -> Iterator[Fault]:
        if item.scale is not None and item.scale not in self.scales:
            yield Fault(
                (*steps, "scale"),
                "unknown_scale",
                "引用了不存在的量表",
                expected="、".join(self.scales) or "（未定义任何量表）",
                found=item.scale,
                remedy="改正量表名，或在 scales 中补上",
                needs=(("scales",),),
            )
        if item.scale is not None and item.options:
            yield Fault(
                (*steps, "scale"),
                "scale_and_options",
                "量表与选项只能写一处",
                expected="量表或选项",
                found=f"量表 {item.scale} 和 {len(item.options)} 个选项",
                remedy="删去其中之一",
            )

    def _faults_of_lacking_options(self, steps: Steps, item: Item) -> Iterator[Fault]:
        """Yield what the options lack that an item of its kind and role must have."""
        options = self.options_of(item)
        if item.kind in ("single", "multiple", "ranking") and not options:
            named = item.role in ("subject", "rater", "cluster", "panel")
            known_elsewhere = named or item.scale is not None
            if not known_elsewhere:
                yield Fault(
                    (*steps, "options"),
                    "no_options",
                    "选择题没有选项",
                    expected="选项，或量表名",
                    found="（空）",
                    remedy="补上选项",
                    needs=((*steps, "options"), (*steps, "scale")),
                )
        if item.role == "screening" and not any(option.screen_out for option in options):
            yield Fault(
                (*steps, "options"),
                "screening_without_exit",
                "筛选题没有标出不计入的选项",
                expected="至少一个选项 screen_out: true",
                found="0",
                remedy="给不符合条件的选项加上 screen_out: true",
                needs=((*steps, "options"), (*steps, "scale"), ("scales",)),
            )
        if item.role == "group" and not all(o.group or o.screen_out for o in options):
            lacking = [o.label for o in options if not (o.group or o.screen_out)]
            yield Fault(
                (*steps, "options"),
                "group_item_without_group",
                "主体题的每个选项都要注明对应的评价主体，或注明不计入",
                expected="每个选项都有 group，不计入的有 screen_out: true",
                found="、".join(lacking) + " 没有",
                remedy="给每个选项加上 group；不属于任何主体的写 screen_out: true",
                needs=((*steps, "options"), (*steps, "scale"), ("scales",)),
            )
        if item.role == "mode" and not (options and all(o.mode or o.missing for o in options)):
            lacking = [o.label for o in options if not (o.mode or o.missing)]
            yield Fault(
                (*steps, "options"),
                "mode_item_without_mode",
                "填答方式题的每个选项都要注明是哪一种方式，或注明不计分",
                expected="每个选项都有 mode：" + "、".join(WORDS["mode"]),
                found="、".join(lacking) + " 没有" if lacking else "没有选项",
                remedy="给每个选项加上 mode（如 mode: paper）；说不清的写 missing: dont_know",
                needs=((*steps, "options"), (*steps, "scale"), ("scales",)),
            )

    def _number_option_faults(self, steps: Steps, item: Item) -> Iterator[Fault]:
        """Yield options beside a number that are read as scores, or could be."""
        options = self.options_of(item)
        if not all(option.missing for option in options):
            yield Fault(
                (*steps, "options"),
                "scored_option_of_a_number",
                "数值题的选项只能是不计分的回答（如 99=不知道）",
                expected="每个选项都有 missing",
                found="、".join(o.label for o in options if not o.missing) + " 没有",
                remedy="写明 missing: dont_know 等；或改题型为 single",
                needs=((*steps, "options"), (*steps, "scale"), ("scales",)),
            )
        within = [o.code for o in options if item.has(numerals.number(o.code))]
        if within:
            yield Fault(
                (*steps, "options"),
                "option_within_range",
                "数值题的选项序号落在最低值和最高值之间，分不清是分数还是选项",
                expected=f"不是{item.range_in_words}，如 99",
                found="、".join(within),
                remedy="改用范围之外的序号",
                needs=((*steps, "options"), (*steps, "scale"), ("scales",)),
            )

    def _score_faults(self, steps: Steps, item: Item) -> Iterator[Fault]:
        if item.kind == "number":
            if item.minimum is None or item.maximum is None or item.minimum >= item.maximum:
                yield Fault(
                    (*steps, "minimum"),
                    "number_without_range",
                    "计分的数值题要写明最低值和最高值",
                    expected="minimum < maximum",
                    found=f"minimum: {_number(item.minimum)}, maximum: {_number(item.maximum)}",
                    remedy="补上 minimum 和 maximum",
                    needs=((*steps, "minimum"), (*steps, "maximum")),
                )
            return
        if item.kind != "single":
            yield Fault(
                (*steps, "kind"),
                "unscorable_kind",
                "计分题只能是单选题或数值题",
                expected="single 或 number",
                found=item.kind,
                remedy="改题型，或把 role 改为 profile",
            )
            return
        yield from _unscored_options((*steps, "options"), item.options, [item.id])


def _number(value: float | None) -> str:
    return "（空）" if value is None else f"{value:g}"


def _is_scored_by(item: Item, scale: str) -> bool:
    return (
        item.role in ("scored", "overall")
        and item.kind == "single"
        and item.scale == scale
        and not item.options
    )


def _unscored_options(steps: Steps, options: list[Option], items: list[str]) -> Iterator[Fault]:
    users = "、".join(items[:3]) + (f" 等 {len(items)} 题" if len(items) > 3 else "")
    for place, option in enumerate(options):
        if option.score is None and option.missing is None:
            yield Fault(
                (*steps, place, "score"),
                "option_without_score",
                f"计分题的选项“{option.label}”没有分值（{users}）",
                expected="score: 0-100，或 missing: dont_know 等",
                found="（空）",
                remedy=(
                    "补上分值，或注明为何不计分；选项只写文字时写成"
                    f"“{option.label}: 分值”或“{option.label}: 不计分”"
                ),
                needs=((*steps, place),),
            )


def _option_faults(steps: Steps, options: list[Option]) -> Iterator[Fault]:
    places = list(enumerate(options))
    yield from duplicates("选项序号", [((*steps, at, "code"), o.code) for at, o in places])
    yield from duplicates(
        "选项文字", [((*steps, at, "label"), comparable(o.label)) for at, o in places]
    )
    for at, option in places:
        if option.score is not None and option.missing is not None:
            yield Fault(
                (*steps, at, "missing"),
                "score_and_missing",
                "选项既有分值又注明不计分",
                expected="分值或不计分原因",
                found=f"{option.score:g}，{option.missing}",
                remedy="删去其中之一",
            )
