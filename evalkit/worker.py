"""Processes that work for another one: whether there may be any, and what each does first.

A process of a pool waits for work at a pipe of which it holds both ends: it never learns by itself
that nobody will write to it any more, and would wait for ever.
"""

from __future__ import annotations

import multiprocessing
import os
import threading

from evalkit.garbage import seldom_collected


def startable(jobs: int) -> int:
    """Return how many of so many processes may be started here: a process of a `Pool` may start none."""
    return 1 if multiprocessing.current_process().daemon else jobs


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
