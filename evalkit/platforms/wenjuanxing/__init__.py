"""问卷星 (Wenjuanxing) exports: headers, cells, variants, and the codebook of a file pair."""

from evalkit.platforms.wenjuanxing.codebook import Codebook, CodedQuestion, codebook
from evalkit.platforms.wenjuanxing.codes import Option
from evalkit.platforms.wenjuanxing.headers import metadata_of
from evalkit.platforms.wenjuanxing.platform import Cells, Wenjuanxing
from evalkit.platforms.wenjuanxing.variants import hint

__all__ = [
    "Cells",
    "Codebook",
    "CodedQuestion",
    "Option",
    "Wenjuanxing",
    "codebook",
    "hint",
    "metadata_of",
]
