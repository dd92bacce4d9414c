"""What an inspection of a workbook finds: how far its cells reach, or why it is refused."""

from __future__ import annotations

from dataclasses import dataclass, field

from evalkit.errors import Problems
from evalkit.files import limits

RESAVE = "用 Excel 或 WPS 打开后另存为 .xlsx，再放回原处"
TIDY = "在 Excel 中把答卷区域复制到新工作簿，只保留有内容的行和列"


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


@dataclass(slots=True)
class Extent:
    """Where the filled cells of one sheet lie: last row, last column, how many; what they are.

    ``errors`` and ``uncomputed`` count formulas whose value is an error or was never computed;
    ``padded`` has the letters of the columns whose leading zeros are only formatting.
    """

    rows: int = 0
    columns: int = 0
    filled: int = 0
    errors: int = 0
    uncomputed: int = 0
    padded: set[bytes] = field(default_factory=set)

    def see(self, letters: bytes, row: int) -> None:
        """Take in a filled cell, or the corner of an area."""
        self.rows = max(self.rows, row)
        self.columns = max(self.columns, column_number(letters.decode("ascii")))

    def check_size(self, part: str) -> None:
        """Refuse what no street's answers need."""
        if self.columns > limits.MAX_COLUMNS:
            raise Refused(
                "too_many_columns",
                "工作表的列太多",
                f"{part} 用到第 {self.columns} 列",
                f"不超过 {limits.MAX_COLUMNS} 列",
                TIDY,
            )
        if self.rows > limits.MAX_ROWS or self.rows * self.columns > limits.MAX_CELLS:
            raise _too_large(part, self.rows, self.columns)

    def check_density(self, part: str) -> None:
        """Refuse an area that a reader would reserve for almost nothing."""
        area = self.rows * self.columns
        if area > limits.SMALL_AREA and area > limits.MAX_SPARSITY * self.filled:
            raise Refused(
                "too_sparse",
                "工作表几乎全空，却有单元格写在很远的行或列",
                f"{part} 用到第 {self.rows} 行第 {self.columns} 列，只有 {self.filled} 格有内容",
                "答卷连在一起，从左上角开始",
                TIDY,
            )


@dataclass(frozen=True, slots=True)
class Contents:
    """What an inspection saw that a reader will not tell.

    Attributes
    ----------
    zero_padded : tuple of str
        Excel letters of the columns whose number format writes leading zeros that the stored
        numbers do not have.
    errors : int
        Cells holding an error such as ``#N/A``, which readers leave empty.
    uncomputed : int
        Formulas without a value, as programs write them: empty until Excel has saved the file.
    """

    zero_padded: tuple[str, ...] = ()
    errors: int = 0
    uncomputed: int = 0


def _too_large(part: str, rows: int, columns: int) -> Refused:
    return Refused(
        "too_many_cells",
        "工作表太大",
        f"{part} 有 {rows} 行 x {columns} 列",
        f"不超过 {limits.MAX_ROWS} 行、{limits.MAX_CELLS} 格",
        TIDY,
    )


def column_number(letters: str) -> int:
    """Return 1 for ``"A"``, 27 for ``"AA"``, 16384 for ``"XFD"``."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + ord(letter) - 64
    return number
