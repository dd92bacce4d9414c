"""What is kept on disk: one run at a time, old or new and nothing between, and provable afterwards.

A run holds the folder's lock, works in a private folder, writes down what is to take whose place
(the intent), and only then moves database, results and log of runs into place together. Whoever
comes after a run that died finishes what it had decided, or clears away what it had not.
"""

from evalkit.keeping.disk import place, told
from evalkit.keeping.history import HISTORY, Entry, History
from evalkit.keeping.keeper import Keeper
from evalkit.keeping.obstacles import OUT
from evalkit.keeping.verifying import Difference, Traced, compare, trace

__all__ = [
    "HISTORY",
    "OUT",
    "Difference",
    "Entry",
    "History",
    "Keeper",
    "Traced",
    "compare",
    "place",
    "told",
    "trace",
]
