"""问卷星 (Wenjuanxing) exports: headers, cells, variants, and the codebook of a file pair."""

from evalkit.platforms.wenjuanxing.cells import (
    answer_rows,
    missing_state,
    seconds,
    settle,
    split_address,
    split_multiple,
    split_other,
    split_ranking,
)
from evalkit.platforms.wenjuanxing.codebook import Codebook, CodedQuestion, codebook
from evalkit.platforms.wenjuanxing.codes import Option
from evalkit.platforms.wenjuanxing.headers import (
    DISTINCTIVE,
    looks_like_wenjuanxing,
    metadata_of,
    parse,
)
from evalkit.platforms.wenjuanxing.platform import CellMarks, Wenjuanxing
from evalkit.platforms.wenjuanxing.variants import detect, hint

__all__ = [
    "DISTINCTIVE",
    "CellMarks",
    "Codebook",
    "CodedQuestion",
    "Option",
    "Wenjuanxing",
    "answer_rows",
    "codebook",
    "detect",
    "hint",
    "looks_like_wenjuanxing",
    "metadata_of",
    "missing_state",
    "parse",
    "seconds",
    "settle",
    "split_address",
    "split_multiple",
    "split_other",
    "split_ranking",
]
