"""What the child process of `cage` runs: one call of one function after another, under limits.

It is run by its path, not imported: evalkit's own front door, which opens every room, stays shut.
Every call gets a process of its own, forked from this one, which has read nothing and holds little:
what a file does to its reader ends with that reader. Where a system cannot fork, this process
answers once and ends.

A request is two pickles behind their length: where modules are and the limits; the call. An answer
is how the call's process ended (0, or the signal below 0), the length of what it said, and that.
"""

from __future__ import annotations

import contextlib
import gc
import importlib
import operator
import os
import pickle
import struct
import sys
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

LENGTH = struct.Struct("<Q")
ANSWER = struct.Struct("<qQ")

WARM = ("evalkit.files.workbook",)
"""Modules that are imported once and handed down to every call: small ones that nearly all use."""


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


def _settle(path: list[str]) -> None:
    sys.path[:] = path
    package = ModuleType("evalkit")
    package.__path__ = [str(Path(__file__).parents[1])]
    sys.modules.setdefault("evalkit", package)


def _answer(settings: dict[str, Any], call: bytes, answers: BinaryIO) -> None:
    """Call the function; write problems and result."""
    module, name, (file, shown, more, named) = pickle.loads(call)
    limits = importlib.import_module("evalkit.files.limits")
    for setting, value in settings.items():
        setattr(limits, setting, value)
    problems = importlib.import_module("evalkit.errors").Problems()
    function = operator.attrgetter(name)(importlib.import_module(module))
    result = function(file, shown, problems, *more, **named)
    pickle.dump((list(problems), result), answers, pickle.HIGHEST_PROTOCOL)
    answers.flush()


def _forked(request: tuple[list[str], int, int, dict[str, Any]], call: bytes) -> tuple[int, bytes]:
    """Answer in a new process; return how it ended and what it said."""
    path, memory, seconds, settings = request
    ours, theirs = os.pipe()
    child = os.fork()
    if not child:
        with contextlib.suppress(BaseException):
            os.close(ours)
            nowhere = os.open(os.devnull, os.O_RDWR)
            os.dup2(nowhere, 0)
            os.dup2(theirs, 1)  # what the function itself prints spoils its own answer only
            _confine(memory, seconds)
            sys.path[:] = path
            gc.disable()  # what is read holds no cycles, and the process ends with it
            with os.fdopen(theirs, "wb") as answers:
                _answer(settings, call, answers)
            os._exit(0)
        os._exit(1)
    os.close(theirs)
    with os.fdopen(ours, "rb") as pipe:
        said = pipe.read()
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), said


def main() -> None:
    """Answer requests from standard input until there are no more."""
    asked, answers = sys.stdin.buffer, sys.stdout.buffer
    while head := asked.read(LENGTH.size):
        request = pickle.loads(asked.read(LENGTH.unpack(head)[0]))
        call = asked.read(LENGTH.unpack(asked.read(LENGTH.size))[0])
        _settle(request[0])
        if not hasattr(os, "fork"):
            _confine(request[1], request[2])
            _answer(request[3], call, answers)
            return
        for module in WARM:
            importlib.import_module(module)
        ended, said = _forked(request, call)
        answers.write(ANSWER.pack(ended, len(said)) + said)
        answers.flush()


if __name__ == "__main__":
    main()
