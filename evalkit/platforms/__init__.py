"""Survey platforms: a file as a raw sheet, by the conventions of whoever wrote it.

`read` reads any file; `of` gives the conventions of the platform that a sheet follows. A new
platform is one module with a `base.Platform` and its place in `PLATFORMS`.
"""

from evalkit.platforms.asking import Asked, AskedForm, read_form
from evalkit.platforms.base import (
    PERSONAL,
    Codebook,
    Metadata,
    Platform,
    RawColumn,
    RawSheet,
    Recognition,
    Variant,
)
from evalkit.platforms.reading import PLATFORMS, fingerprint, fingerprints, of, read, recognised
from evalkit.platforms.said import EVERYTHING, Long, Said
from evalkit.platforms.times import HOME, ORDERS, Grain, Order, Stamp, stamp_of

__all__ = [
    "EVERYTHING",
    "HOME",
    "ORDERS",
    "PERSONAL",
    "PLATFORMS",
    "Asked",
    "AskedForm",
    "Codebook",
    "Grain",
    "Long",
    "Metadata",
    "Order",
    "Platform",
    "RawColumn",
    "RawSheet",
    "Recognition",
    "Said",
    "Stamp",
    "Variant",
    "fingerprint",
    "fingerprints",
    "of",
    "read",
    "read_form",
    "recognised",
    "stamp_of",
]
