"""问卷星 (Wenjuanxing) exports: headers, cells, variants, and the codebook of a file pair."""

from evalkit.formats.wenjuanxing.cells import (
    answer_rows,
    missing_state,
    seconds,
    settle,
    split_address,
    split_multiple,
    split_other,
    split_ranking,
)
from evalkit.formats.wenjuanxing.codebook import Codebook, CodedQuestion, codebook
from evalkit.formats.wenjuanxing.codes import Option
from evalkit.formats.wenjuanxing.headers import (
    DISTINCTIVE,
    looks_like_wenjuanxing,
    metadata_of,
    parse,
)
from evalkit.formats.wenjuanxing.variants import detect, hint

__all__ = [
    "DISTINCTIVE",
    "Codebook",
    "CodedQuestion",
    "Option",
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
