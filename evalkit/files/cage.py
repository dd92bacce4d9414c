"""Files from outside are read in a child process that may starve or die without harm.

A compiled reader believes what a file says of itself: a sheet that claims four thousand million
rows ends the process that reads it, and nothing inside that process can catch it. So a workbook is
read by a child under limits of memory and time, which returns plain values; what becomes of the
child is a problem of the file, like any other. The child is a bare interpreter that imports the
modules of this room and nothing else of evalkit: it costs some 0.1 s.
"""

from __future__ import annotations

import pickle
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from evalkit.errors import Problems
from evalkit.files import limits
from evalkit.files.extent import TIDY

P = ParamSpec("P")
T = TypeVar("T")

_OUT_OF_TIME = {-number for name in ("SIGXCPU", "SIGKILL") if (number := getattr(signal, name, 0))}
_CHILD = Path(__file__).with_name("caged.py")


def call(
    function: Callable[Concatenate[Path, str, Problems, P], T | None],
    path: Path,
    name: str,
    problems: Problems,
    *more: P.args,
    **named: P.kwargs,
) -> T | None:
    """Call a function of a light module on a file, in a child process under limits.

    Parameters
    ----------
    function : callable of (path, name, problems, ...)
        Of a module that imports nothing heavy; everything it takes and returns can be pickled.
    path : Path
        The file.
    name : str
        Path as shown to analysts.
    problems : Problems
        Collects what the function adds, or that the file cannot be read safely.

    Returns
    -------
    object or None
        What the function returned; None where its process died or took too much.
    """
    try:
        size = path.stat().st_size
    except OSError:
        size = 0
    memory, seconds = limits.allowance(size, function.__module__)
    arguments = (path, name, more, named)
    request = pickle.dumps((sys.path, memory, seconds, _limits()))
    request += pickle.dumps((function.__module__, function.__qualname__, arguments))
    with subprocess.Popen(
        [sys.executable, "-I", "-S", str(_CHILD)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    ) as child:
        clock = threading.Timer(_by_the_clock(seconds), child.kill)
        clock.start()
        try:
            found, result = _answer(child, request)
        except (EOFError, OSError, pickle.UnpicklingError):
            child.kill()
            _report(name, child.wait() in _OUT_OF_TIME, memory, seconds, problems)
            return None
        finally:
            clock.cancel()
    problems.extend(found)
    returned: T | None = result
    return returned


def _report(name: str, late: bool, memory: int, seconds: int, problems: Problems) -> None:
    problems.add(
        "unsafe_file",
        "文件无法安全读取",
        file=name,
        expected=f"{_by_the_clock(seconds)} 秒、{memory // 2**20} MB 内存之内可以读完的工作簿",
        found="读取花的时间太长" if late else "读取用尽了内存，或者中断了",
        remedy=TIDY,
    )


def _answer(child: subprocess.Popen[bytes], request: bytes) -> Any:
    assert child.stdin is not None
    assert child.stdout is not None
    with child.stdin as pipe:
        pipe.write(request)
    return pickle.load(child.stdout)


def _by_the_clock(seconds: int) -> int:
    """Seconds that pass until so many were spent computing, while others compute as well."""
    return 2 * seconds + 1


def _limits() -> dict[str, Any]:
    return {name: value for name, value in vars(limits).items() if name.isupper()}
