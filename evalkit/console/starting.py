"""Before anything is read: names of files are text, whatever language the terminal is set to."""

from __future__ import annotations

import os
import sys

_CHINESE = "街道"


def in_utf8() -> None:
    """Begin again in UTF-8 where the system's encoding has no Chinese; output never fails for it.

    Under ``LC_ALL=C`` and the like a path with Chinese characters is no text, and libraries that
    ask for text refuse it.
    """
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")
    try:
        _CHINESE.encode(sys.getfilesystemencoding())
    except UnicodeEncodeError:
        if not sys.flags.utf8_mode:
            arguments = [sys.executable, "-X", "utf8", *sys.orig_argv[1:]]
            os.execve(sys.executable, arguments, {**os.environ, "PYTHONUTF8": "1"})
