"""问卷星 header rows: which columns are the platform's, and which question a column belongs to.

Seen in real exports, old and new:

- ``13、题干`` and ``4. 题干``; numbers have gaps, some questions have none, a number is no position;
- a required mark and a type, at the end or before the first item: ``题干 (矩阵单选题 *必答)``;
- a matrix: ``13、题干—首项`` and then bare ``次项`` (old) or ``7、题干—首项`` and ``7、次项`` (new);
- by number a multi-select or a ranking: ``第6题(运动)`` for every option (old), or ``4. 题干(首项)``
  and then ``4 (次项)`` (new); option labels may have brackets of their own:
  ``第8题(ACG文化(动漫、游戏等))``;
- older versions head the rows of a matrix ``第6题(项)`` as well, so that only the cells tell whether
  such columns are options (see `wenjuanxing.cells`);
- item texts that repeat from question to question, and headers that repeat as a whole;
- platform columns in any order, some deleted, trailing spaces everywhere.

Whether a bare header after a matrix is its next row or an unnumbered question, the header alone
cannot say: it is taken as the next row.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit.files.grid import legible
from evalkit.platforms.base import Metadata, RawColumn

_METADATA: dict[str, Metadata] = {
    "序号": "sequence",
    "答卷编号": "sequence",
    "提交答卷时间": "submitted",
    "提交时间": "submitted",
    "所用时间": "seconds",
    "答题时间": "seconds",
    "答题时长": "seconds",
    "来源": "source",
    "来源详情": "source_detail",
    "来自IP": "ip",
    "IP": "ip",
    "IP地址": "ip",
    "总分": "total",
    "昵称": "nickname",
    "微信昵称": "nickname",
    "用户昵称": "nickname",
    "联系方式": "contact",
    "联系电话": "contact",
    "手机号": "contact",
    "手机号码": "contact",
}
DISTINCTIVE = frozenset({"提交答卷时间", "所用时间", "来源详情", "来自IP"})
"""Headers that no hand-made table has by chance."""

_TYPES = {
    "单选题": "single",
    "单项选择题": "single",
    "下拉题": "single",
    "下拉框": "single",
    "判断题": "single",
    "量表题": "single",
    "评分题": "single",
    "评分单选题": "single",
    "NPS量表": "single",
    "多选题": "multiple",
    "多项选择题": "multiple",
    "评分多选题": "multiple",
    "排序题": "ranking",
    "填空题": "text",
    "单项填空题": "text",
    "多项填空题": "text",
    "问答题": "text",
    "简答题": "text",
    "文本题": "text",
    "矩阵单选题": "matrix",
    "矩阵多选题": "matrix",
    "矩阵量表题": "matrix",
    "矩阵填空题": "matrix",
    "矩阵文本题": "matrix",
    "矩阵题": "matrix",
}
_OPEN, _CLOSE = r"[(（\[【]", r"[)）\]】]"
_SUFFIX = re.compile(
    rf"\s*{_OPEN}\s*(?:(?P<type>{'|'.join(_TYPES)})\s*(?:\*?\s*必答|选答)?|\*?\s*必答|选答)\s*{_CLOSE}"
)
_NUMBERED = re.compile(r"(?P<number>\d{1,4})\s*(?:、|[.．:：](?!\d))\s*(?P<rest>.*)", re.DOTALL)
_OPTION_OLD = re.compile(r"第\s*(?P<number>\d{1,4})\s*题\s*[(（](?P<option>.*)[)）]", re.DOTALL)
_OPTION_NEXT = re.compile(r"(?P<number>\d{1,4})\s*[(（](?P<option>.*)[)）]", re.DOTALL)
_DASH = re.compile(r"(?<!—)—(?!—)")
_UNIT = re.compile(r"[(（].{0,8}[)）]$")


@dataclass(frozen=True, slots=True)
class _Header:
    """One header taken apart, before its neighbours are looked at."""

    text: str
    number: int | None
    type: str | None
    option: str | None
    form: str  # "empty", "metadata", "numbered", "option_old", "option_next" or "bare"
    metadata: Metadata | None = None
    typed: str = ""  # the text with its type and required mark


def metadata_of(header: str) -> Metadata | None:
    """Return what a platform header stands for, or None for a question."""
    text = legible(header)
    return _METADATA.get(text) or _METADATA.get(_UNIT.sub("", text).strip())


def looks_like_wenjuanxing(headers: Sequence[str]) -> bool:
    """Tell a 问卷星 header row: two platform columns, one of them distinctive, or its numbering.

    Numbering means that at least two headers, and half of those not empty, begin with a question
    number in one of the platform's forms.
    """
    texts = {legible(header) for header in headers}
    platform = {text for text in texts if text in _METADATA}
    if len(platform) >= 2 and platform & DISTINCTIVE:
        return True
    parsed = [_take_apart(header) for header in headers]
    filled = [item for item in parsed if item.form not in ("empty", "metadata")]
    numbered = sum(item.number is not None for item in filled)
    return numbered >= 2 and 2 * numbered >= len(filled)


def parse(headers: Sequence[str]) -> tuple[RawColumn, ...]:
    """Take a header row apart, continuing matrices and multi-selects over their bare columns.

    Parameters
    ----------
    headers : sequence of str
        In file order.

    Returns
    -------
    tuple of RawColumn
        As many as headers. Columns headed ``第N题(...)`` have ``kind`` None: `cells.settle` tells
        from the cells whether they are options, ranks or rows of a matrix.
    """
    parsed = [_take_apart(header) for header in headers]
    seen: Counter[str] = Counter()
    columns: list[RawColumn] = []
    group: RawColumn | None = None
    for position, (header, item) in enumerate(zip(headers, parsed, strict=True)):
        following = parsed[position + 1] if position + 1 < len(parsed) else None
        column = _column(position, header, item, following, group)
        key = " ".join(header.split())
        column = _replace(column, occurrence=seen[key])
        seen[key] += 1
        columns.append(column)
        group = column if column.stem is not None or column.option is not None else None
    return tuple(columns)


def _take_apart(header: str) -> _Header:
    metadata = metadata_of(header)
    if metadata is not None:
        return _Header(legible(header), None, None, None, "metadata", metadata)
    whole = legible(header).strip("*").strip()
    if match := _OPTION_OLD.fullmatch(whole):
        return _Header("", int(match["number"]), None, match["option"].strip(), "option_old")
    if match := _OPTION_NEXT.fullmatch(whole):
        return _Header("", int(match["number"]), None, match["option"].strip(), "option_next")
    found = _SUFFIX.search(whole)
    kind = _TYPES.get(found["type"] or "") if found else None
    text = _SUFFIX.sub("", whole).strip().strip("*").strip()
    if not text:
        return _Header("", None, kind, None, "empty")
    if match := _NUMBERED.fullmatch(text):
        rest = match["rest"].strip().strip("*").strip()
        typed = _NUMBERED.fullmatch(whole)
        return _Header(
            rest,
            int(match["number"]),
            kind,
            None,
            "numbered",
            typed=typed["rest"].strip() if typed else rest,
        )
    return _Header(text, None, kind, None, "bare")


def _column(
    position: int,
    header: str,
    item: _Header,
    following: _Header | None,
    group: RawColumn | None,
) -> RawColumn:
    def column(
        text: str, number: int | None, kind: str | None, stem: str | None, option: str | None = None
    ) -> RawColumn:
        return RawColumn(position, header, number, text, stem, option, kind)

    if item.form == "metadata":
        return RawColumn(position, header, None, item.text, metadata=item.metadata)
    if item.form == "option_old":
        return column("", item.number, item.type, None, item.option)
    if item.form == "option_next":
        if group is not None and group.option is not None and group.number == item.number:
            return column(group.text, item.number, group.kind, group.stem, item.option)
        return column("", item.number, item.type or "multiple", None, item.option)
    if _continues(item, group):
        assert group is not None
        return column(item.text, group.number, "matrix", group.stem)
    if following is not None and following.form == "option_next":
        stem, option = _first_option(item.typed)
        if option is not None and item.number == following.number:
            return column(stem, item.number, item.type or "multiple", stem, option)
    if item.number is not None or item.type == "matrix":
        stem, row = split_dash(item.text)
        more = following is not None and (
            following.form == "bare"
            or (following.form == "numbered" and following.number == item.number)
        )
        if row is not None and item.type in (None, "matrix") and (more or item.type == "matrix"):
            return column(row, item.number, "matrix", stem)
    return column(item.text, item.number, item.type, None)


def _continues(item: _Header, group: RawColumn | None) -> bool:
    if group is None or group.kind != "matrix" or item.type not in (None, "matrix"):
        return False
    if item.form == "bare":
        return item.type is None or split_dash(item.text)[1] is None
    return item.form == "numbered" and item.number == group.number


def split_dash(text: str) -> tuple[str, str | None]:
    """Split ``题干—首项`` at its last single dash; a double dash (破折号) is part of the text."""
    places = list(_DASH.finditer(text))
    if not places:
        return text, None
    at = places[-1]
    stem, row = text[: at.start()].strip(), text[at.end() :].strip()
    return (stem, row) if stem and row else (text, None)


def split_bracket(text: str) -> tuple[str, str | None]:
    """Split ``题干(首项)`` at the bracket that matches the last one."""
    if not text.endswith((")", "）")):
        return text, None
    closing = text[-1]
    opening = "(" if closing == ")" else "（"
    depth = 0
    for at in range(len(text) - 1, -1, -1):
        if text[at] == closing:
            depth += 1
        elif text[at] == opening:
            depth -= 1
            if depth == 0:
                return text[:at].strip(), text[at + 1 : -1].strip()
    return text, None


def _first_option(typed: str) -> tuple[str, str | None]:
    """Split ``题干(首项)``, with the type before or after the option: an option may be a type."""
    stem, option = split_bracket(typed)
    inner, earlier = split_bracket(stem)
    if earlier is not None and _SUFFIX.fullmatch(f"({option})"):
        stem, option = inner, earlier
    return _SUFFIX.sub("", stem).strip().strip("*").strip(), option


def _replace(column: RawColumn, occurrence: int) -> RawColumn:
    return RawColumn(
        column.position,
        column.header,
        column.number,
        column.text,
        column.stem,
        column.option,
        column.kind,
        column.metadata,
        occurrence,
    )
