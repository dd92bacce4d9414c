"""What a process does first that works for another one.

A process of a pool waits for work at a pipe of which it holds both ends: it never learns by itself
that nobody will write to it any more, and would wait for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import threading

from evalkit.garbage import seldom_collected


def begin() -> None:
    """Let this process end when whoever started it is gone: nobody would take what it makes."""
    seldom_collected()
    parent = multiprocessing.parent_process()
    if parent is None:
        return

    def watch() -> None:
        parent.join()
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()
