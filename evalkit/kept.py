"""Texts that are dear to make and the same for everybody: made once a machine, in the user's cache.

Nothing of a street lies there. A cache that is missing, torn or not writable costs time and nothing
else: the text is made again. ``EVALKIT_CACHE`` names another folder; empty, it keeps nothing.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import platform
import tempfile
from collections.abc import Callable
from pathlib import Path

PLACE = "EVALKIT_CACHE"
"""Environment variable with the folder."""


def folder() -> Path | None:
    """Return the folder of the cache, which need not exist; None where nothing is to be kept."""
    told = os.environ.get(PLACE)
    if told is not None:
        return Path(told) if told else None
    try:
        home = Path.home()
    except RuntimeError:
        return None
    if platform.system() == "Windows":
        return Path(os.environ.get("LOCALAPPDATA") or home / "AppData/Local") / "evalkit"
    if platform.system() == "Darwin":
        return home / "Library/Caches/evalkit"
    return Path(os.environ.get("XDG_CACHE_HOME") or home / ".cache") / "evalkit"


def kept(name: str, of: str, make: Callable[[], str]) -> str:
    """Return a text that was made before from the same, or make it and keep it.

    Parameters
    ----------
    name : str
        What it is, as a file's name.
    of : str
        Everything that the text depends on: versions, arguments.
    make : callable
        Makes it.
    """
    place = folder()
    if place is None:
        return make()
    path = place / f"{name}-{_digest(of)[:16]}"
    with contextlib.suppress(OSError, UnicodeDecodeError, ValueError):
        digest, text = path.read_bytes().decode().split("\n", 1)
        if digest == _digest(of + text):
            return text
    text = make()
    with contextlib.suppress(OSError):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        handle, fresh = tempfile.mkstemp(dir=place)
        try:
            with os.fdopen(handle, "w", encoding="utf-8", newline="") as file:
                file.write(f"{_digest(of + text)}\n{text}")
            os.replace(fresh, path)
        except BaseException:
            with contextlib.suppress(OSError):
                os.unlink(fresh)
            raise
    return text


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()
