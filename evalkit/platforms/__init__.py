"""A platform's file as a raw sheet: what `read` reads, in what `base` declares."""

from evalkit.platforms import wenjuanxing
from evalkit.platforms.base import PERSONAL, Metadata, RawColumn, RawSheet, Variant
from evalkit.platforms.reading import fingerprint, read

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
