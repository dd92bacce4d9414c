"""What the child process of `cage` runs: one call of one function under limits.

It is run by its path, not imported: evalkit's own front door, which opens every room, stays shut.
"""

from __future__ import annotations

import importlib
import operator
import pickle
import sys
from pathlib import Path
from types import ModuleType


def _confine(memory: int, seconds: int) -> None:
    """Set the limits that this system has."""
    try:
        import resource
    except ImportError:
        return
    for kind, soft, hard in (
        (resource.RLIMIT_AS, memory, memory),
        (resource.RLIMIT_CPU, seconds, seconds + 1),
        (resource.RLIMIT_CORE, 0, 0),
    ):
        try:
            resource.setrlimit(kind, (soft, hard))
        except (OSError, ValueError):  # macOS has no limit of the address space
            continue


def main() -> None:
    """Read a request from standard input, write problems and result to standard output."""
    answers = sys.stdout.buffer
    path, memory, seconds, settings = pickle.load(sys.stdin.buffer)
    _confine(memory, seconds)
    sys.path[:] = path
    package = ModuleType("evalkit")
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules["evalkit"] = package
    module, name, arguments = pickle.load(sys.stdin.buffer)
    limits = importlib.import_module("evalkit.files.limits")
    for setting, value in settings.items():
        setattr(limits, setting, value)
    problems = importlib.import_module("evalkit.errors").Problems()
    function = operator.attrgetter(name)(importlib.import_module(module))
    file, shown, more, named = arguments
    result = function(file, shown, problems, *more, **named)
    pickle.dump((list(problems), result), answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


if __name__ == "__main__":
    main()
