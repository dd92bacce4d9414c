"""What several pages ask for is looked up once: of an evaluation while it is published, of a committee ever."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, Protocol, TypeVar

from evalkit.tables import Evaluation


class Remembering(Protocol):
    """Facts with room for what was worked out of them."""

    @property
    def memory(self) -> dict[Any, Any]:
        """What was worked out, by what works it out."""
        ...


Known = TypeVar("Known", bound=Remembering)
Found = TypeVar("Found")

_SHARED: ContextVar[dict[tuple[Any, int], tuple[Evaluation, Any]] | None] = ContextVar(
    "shared", default=None
)


@contextmanager
def looked_up_once() -> Iterator[None]:
    """Look up what pages share once for everything inside, and forget it afterwards."""
    if _SHARED.get() is not None:
        yield
        return
    token = _SHARED.set({})
    try:
        yield
    finally:
        _SHARED.reset(token)


def shared(work_out: Callable[[Evaluation], Found]) -> Callable[[Evaluation], Found]:
    """Work something out of an evaluation once inside `looked_up_once`."""

    @wraps(work_out)
    def found(evaluation: Evaluation) -> Found:
        kept = _SHARED.get()
        if kept is None:
            return work_out(evaluation)
        key = (work_out, id(evaluation))
        if key not in kept:
            kept[key] = (evaluation, work_out(evaluation))  # kept, so that its id stays its own
        known: Found = kept[key][1]
        return known

    return found


def once(work_out: Callable[[Known], Found]) -> Callable[[Known], Found]:
    """Work something out once for the facts of a committee; it must be nothing that changes."""

    @wraps(work_out)
    def remembered(facts: Known) -> Found:
        if work_out not in facts.memory:
            facts.memory[work_out] = work_out(facts)
        found: Found = facts.memory[work_out]
        return found

    return remembered
