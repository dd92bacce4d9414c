"""The collector of garbage, which goes through everything that lives again and again.

Modules and documents stay for as long as a process does, and an evaluation makes little that hangs
together in circles: a street's run spent an eighth of its time on looking for it.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager

SELDOM = (50_000, 10, 20)
"""New objects before the youngest are looked at; how many times that before the older ones are."""


def seldom_collected() -> None:
    """Have this process look for garbage seldom, and never again among what lives by now."""
    gc.freeze()
    gc.set_threshold(*SELDOM)


@contextmanager
def left_alone() -> Iterator[None]:
    """Look for no garbage inside the block: what it makes stays, or is gone when it ends."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
