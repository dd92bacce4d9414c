"""What several rooms ask of the same answers is worked out once while a street is evaluated."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from functools import wraps

import pandas as pd

from evalkit.definitions.decided import Decided
from evalkit.tables import Answers

WorkOut = Callable[[Answers, Decided], pd.DataFrame]

LAST = 3
"""Sets of answers of which a thing is remembered: two waves, and the last one without its flagged answers."""

_KNOWN: ContextVar[list[tuple[WorkOut, Answers, Decided, pd.DataFrame]] | None] = ContextVar(
    "known", default=None
)


@contextmanager
def asked_once() -> Iterator[None]:
    """Remember, for everything inside, what was worked out of the last few sets of answers."""
    token = _KNOWN.set([])
    try:
        yield
    finally:
        _KNOWN.reset(token)


def remembered(work_out: WorkOut) -> WorkOut:
    """Work a frame out once for the same answers under the same documents, inside `asked_once`.

    Nobody can change what is remembered: everybody gets a frame that is copied when it is written to.
    """

    @wraps(work_out)
    def found(answers: Answers, decided: Decided) -> pd.DataFrame:
        known = _KNOWN.get()
        for what, of, under, frame in known or ():
            if what is work_out and of is answers and under is decided:
                return frame.copy(deep=False)
        frame = work_out(answers, decided)
        if known is not None:
            own = [one for one in known if one[0] is work_out][1 - LAST :]
            others = [one for one in known if one[0] is not work_out]
            known[:] = [*others, *own, (work_out, answers, decided, frame)]
        return frame.copy(deep=False)

    return found
