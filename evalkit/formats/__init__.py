"""A platform's file as a raw sheet: what `read` reads, in what `base` declares."""

from evalkit.formats import wenjuanxing
from evalkit.formats.base import PERSONAL, Metadata, RawColumn, RawSheet, Variant
from evalkit.formats.spreadsheet import fingerprint, read

__all__ = [
    "PERSONAL",
    "Metadata",
    "RawColumn",
    "RawSheet",
    "Variant",
    "fingerprint",
    "read",
    "wenjuanxing",
]
