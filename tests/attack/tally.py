"""What came of a part of the campaign: how many tries, how each ended, and which failed."""

from __future__ import annotations

import traceback
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

Progress = Callable[[int], None]
HERE = Path(__file__).parents[2]


def quiet(done: int) -> None:
    del done


class Wrong(Exception):
    """A try that did not end as it should."""


@dataclass
class Tally:
    """Tries, counted by how they ended.

    Attributes
    ----------
    outcomes : Counter of str
        Of the tries that ended as they should.
    apart : Counter of str
        Of the tries that neither survived nor failed.
    failures : list of (try, what happened)
        The try is a number that, with the part's seed, gives the same try again.
    """

    outcomes: Counter[str] = field(default_factory=Counter)
    apart: Counter[str] = field(default_factory=Counter)
    failures: list[tuple[str, str]] = field(default_factory=list)

    @property
    def tried(self) -> int:
        return self.survived + self.failed + self.apart.total()

    @property
    def survived(self) -> int:
        return self.outcomes.total()

    @property
    def failed(self) -> int:
        return len(self.failures)

    def attempt(self, label: object, act: Callable[[], str]) -> None:
        """Count how a try ends; whatever it raises is a failure."""
        try:
            outcome = act()
        except Wrong as wrong:
            self.failures.append((str(label), str(wrong)))
        except Exception as error:
            self.failures.append((str(label), told(error)))
        else:
            self.outcomes[outcome] += 1


def told(error: BaseException) -> str:
    """Say in one line what was raised, and where."""
    frames = traceback.extract_tb(error.__traceback__)
    own = [f for f in frames if "/evalkit/" in f.filename] or frames
    where = f"{Path(own[-1].filename).name}:{own[-1].lineno}" if own else "nowhere"
    return f"{type(error).__name__} at {where}: {str(error)[:200]}"
