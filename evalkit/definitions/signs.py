"""Signs of a Chinese keyboard where a document needs the plain ones, and which they should be."""

from __future__ import annotations

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import NamedTuple

from evalkit import numerals

SIGNS = {
    "：": ("全角冒号", ":"),
    "，": ("全角逗号", ","),
    "“": ("中文引号", '"'),
    "”": ("中文引号", '"'),
    "‘": ("中文引号", "'"),
    "’": ("中文引号", "'"),
    "｛": ("全角括号", "{"),
    "｝": ("全角括号", "}"),
    "［": ("全角括号", "["),
    "］": ("全角括号", "]"),
    "【": ("中文括号", "["),
    "】": ("中文括号", "]"),
    "＃": ("全角井号", "#"),
    "－": ("全角减号", "-"),
    ":": ("冒号后面缺空格", ":"),
    "　": ("全角空格", " "),
    "\t": ("制表符（Tab）", " "),
}
"""Sign -> what it is called, and the plain one that YAML knows."""

_WIDE = re.compile("[！-～]")
_QUOTED = re.compile(r"""(?<![^\s\[{,:，：])("(?:\\.|[^"\\])*"|'(?:''|[^'])*')""")
_COMMENT = re.compile(r"(?:^|\s)#.*$")
_KEY = r"[A-Za-z_][A-Za-z0-9_-]*"
_INDENT = re.compile(r"^[ ]*([\t　])")
_DASH = re.compile(r"^\s*([－])")
_COLON = re.compile(rf"(?:^\s*(?:-\s+)?|[{{,，｛]\s*){_KEY}\s*(：)")
_CLOSE = re.compile(rf"^\s*(?:-\s+)?{_KEY}(:)(?=[^\s:/])")
_COMMA = re.compile(rf"(，)\s*(?:{_KEY}\s*[:：])")
_QUOTES = re.compile(r"[:：\-\[,，]\s*([“‘][^“”‘’]*[”’])\s*(?:$|[,，}\]｝］])")
_BRACKETS = re.compile(r"(?:[:：]\s*|-\s+|^\s*)([｛［【])")
_BLOCK = re.compile(r"(?:^|[:\s])[|>][+-]?\d?\s*$")


class Slip(NamedTuple):
    """A sign that should be another one.

    Attributes
    ----------
    called : str
        What it is called.
    row : int
        Line of the file, 1 for the first.
    expected, found : str
        The plain sign, and the line as it stands.
    """

    called: str
    row: int
    expected: str
    found: str

    @property
    def remedy(self) -> str:
        """What to do: change the input method, not only the sign."""
        if self.expected == "空格":
            return "改为空格；缩进只用空格"
        blank = "，后面空一格" if self.expected == ":" else ""
        return f"用英文输入法改为 {self.expected}{blank}"


def slips(text: str) -> Iterator[Slip]:
    r"""Yield the signs of a YAML text that stand where only a plain one works, line by line.

    What is quoted, a remark, or part of a running text (``|``, ``>``) is left alone.

    Examples
    --------
    >>> [(slip.row, slip.called) for slip in slips("title: 一\nstreet：沙田")]
    [(2, '全角冒号')]
    """
    block: int | None = None
    for row, line in enumerate(text.splitlines(), start=1):
        indent = len(line) - len(line.lstrip())
        if block is not None and (not line.strip() or indent > block):
            continue
        block = None
        bare = _QUOTED.sub(lambda found: "q" * len(found[0]), line)
        bare = _COMMENT.sub("", bare)
        found = dict.fromkeys(
            match[1][0]
            for pattern in (_INDENT, _DASH, _COLON, _CLOSE, _COMMA, _QUOTES, _BRACKETS)
            for match in pattern.finditer(bare)
        )
        for sign in found:
            called, plain = SIGNS[sign]
            plain = plain.strip() or "空格"
            yield Slip(called, row, plain, line.strip())
        if _BLOCK.search(bare):
            block = indent


def astray(value: object) -> str | None:
    """Say which sign of a wrong value is not a plain one, and which it should be.

    Examples
    --------
    >>> astray("A1，B1")
    '， 是全角逗号，用英文输入法改为 ,'
    >>> astray("ａ１")
    '“ａ１”是全角字符，改为半角的 a1'
    """
    if not isinstance(value, str):
        return None
    for sign, (called, plain) in SIGNS.items():
        if sign in value and sign.strip(" \t:　"):
            return f"{sign} 是{called}，用英文输入法改为 {plain}"
    wide = "".join(_WIDE.findall(value))
    if wide:
        plain = "".join(chr(ord(sign) - 0xFEE0) for sign in wide)
        return f"“{wide}”是全角字符，改为半角的 {plain}"
    return None


def plain_number(text: str, *, fraction: bool) -> str:
    """Return a number from a cell as a document needs it; other texts as they are.

    Full-width digits become plain ones, thousands marks and the per cent sign go.

    Parameters
    ----------
    text : str
    fraction : bool
        Whether the document wants shares of 1 (``0.95``) where people write ``95%``; weights are
        written as they are said (``40%`` is 40).

    Examples
    --------
    >>> plain_number("１，７９０", fraction=False), plain_number("40%", fraction=False)
    ('1790', '40')
    >>> plain_number("95％", fraction=True), plain_number("1,79", fraction=False)
    ('0.95', '1,79')
    """
    digits = numerals.unmarked(text)
    if digits is None:
        return text
    share = numerals.mark(text) == "percent"
    return str(Decimal(digits) / 100) if share and fraction else digits
