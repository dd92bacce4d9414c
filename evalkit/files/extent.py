"""What a look into a workbook finds: how far its cells reach, or why it is refused."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

from evalkit.errors import Problems
from evalkit.files import limits

RESAVE = "用 Excel 或 WPS 打开后另存为 .xlsx，再放回原处"
TIDY = "在 Excel 中把有内容的区域复制到新工作簿，只保留有内容的行和列"

PERCENT_FORMATS = frozenset({"9", "10"})
"""Numbers of the formats that show per cent in every workbook."""

ZEROS = re.compile("0{2,}")
"""A number format that writes leading zeros."""

Spot = tuple[int, int]
"""Row and column of a cell, both from 1."""


class Refused(Exception):
    """Why a workbook is not opened; caught where the inspection began."""

    def __init__(self, code: str, message: str, found: str, expected: str, remedy: str) -> None:
        super().__init__(message)
        self.code, self.message, self.found = code, message, found
        self.expected, self.remedy = expected, remedy

    def report(self, name: str, problems: Problems) -> None:
        """Add it to the problems of a file."""
        problems.add(
            self.code,
            self.message,
            file=name,
            expected=self.expected,
            found=self.found,
            remedy=self.remedy,
        )


def encrypted(found: str) -> Refused:
    """Refuse a workbook with a password."""
    return Refused(
        "encrypted", "工作簿有密码", found, "没有密码的文件", "在 Excel 中去掉密码后另存"
    )


def check_texts(texts: Iterable[str]) -> None:
    """Refuse a text that no cell of Excel holds."""
    longest = max(map(len, texts), default=0)
    if longest > limits.MAX_TEXT:
        raise Refused(
            "cell_too_long",
            "有一格文字长得不像答卷",
            f"{longest} 个字",
            f"每格不超过 {limits.MAX_TEXT} 个字",
            "检查引号和换行，或从平台重新导出",
        )


@dataclass(slots=True)
class Extent:
    """What the filled cells of one sheet hold that a reader will not tell, and how far they reach.

    Attributes
    ----------
    rows, columns, filled : int
        Last row, last column, how many cells hold something.
    errors : list of Spot
        Cells holding an error such as ``#N/A``, which readers leave empty.
    uncomputed : list of Spot
        Formulas without a value, as programs write them: empty until Excel has saved the file.
    padded : set of int
        Columns whose number format writes leading zeros that the stored numbers do not have.
    percent : set of int
        Columns whose number format shows 0.85 as 85%.
    hidden_rows, hidden_columns : int
        Which are read as the others are, though whoever looks at the sheet does not see them.
    texts : int
        How long the table of texts must be for its cells; of xlsx only.
    unmerged : str
        The part of the archive, where the sheet is large and is known to merge nothing; of xlsx only.
    by_row : dict of row to count
        Cells of a row (from 1) that say something; of old workbooks only, to hold a reader's rows
        against.
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    errors: list[Spot] = field(default_factory=list)
    uncomputed: list[Spot] = field(default_factory=list)
    padded: set[int] = field(default_factory=set)
    percent: set[int] = field(default_factory=set)
    hidden_rows: int = 0
    hidden_columns: int = 0
    texts: int = 0
    unmerged: str = ""
    by_row: dict[int, int] = field(default_factory=dict)

    @property
    def area(self) -> int:
        """Cells that a reader reserves."""
        return self.rows * self.columns

    def see(self, row: int, column: int) -> None:
        """Take in a filled cell, or the corner of an area."""
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column)

    def check_size(self, title: str) -> None:
        """Refuse what no street's answers need."""
        if self.columns > limits.MAX_COLUMNS:
            raise Refused(
                "too_many_columns",
                "工作表的列太多",
                f"工作表“{title}”用到第 {self.columns} 列",
                f"不超过 {limits.MAX_COLUMNS} 列",
                TIDY,
            )
        if self.rows > limits.MAX_ROWS or self.area > limits.held():
            raise Refused(
                "too_many_cells",
                "工作表太大",
                f"工作表“{title}”有 {self.rows} 行 x {self.columns} 列",
                f"不超过 {limits.MAX_ROWS} 行、{limits.held()} 格",
                TIDY,
            )

    def check_density(self, title: str) -> None:
        """Refuse an area that a reader would reserve for almost nothing."""
        if self.area > limits.SMALL_AREA and self.area > limits.MAX_SPARSITY * self.filled:
            raise Refused(
                "too_sparse",
                "工作表几乎全空，却有单元格写在很远的行或列",
                f"工作表“{title}”用到第 {self.rows} 行第 {self.columns} 列，"
                f"只有 {self.filled} 格有内容",
                "内容连在一起，从左上角开始",
                TIDY,
            )


def column_number(letters: str) -> int:
    """Return 1 for ``"A"``, 27 for ``"AA"``, 16384 for ``"XFD"``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
