"""Files from outside are read in a child process that may starve or die without harm.

A compiled reader believes what a file says of itself: a sheet that claims four thousand million
rows ends the process that reads it, and nothing inside that process can catch it. So a workbook is
read by a child under limits of memory and time, which returns plain values; what becomes of the
child is a problem of the file, like any other. The child is forked from a bare interpreter that
imports the modules of this room and nothing else of evalkit, and that waits for the next file: it
costs some 0.07 s once, and every file 0.01 s.
"""

from __future__ import annotations

import atexit
import contextlib
import os
import pickle
import signal
import struct
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any, Concatenate, ParamSpec, TypeVar

from evalkit.errors import Problems
from evalkit.files import limits
from evalkit.files.caged import ANSWER, LENGTH
from evalkit.files.extent import TIDY

P = ParamSpec("P")
T = TypeVar("T")

_OUT_OF_TIME = {-number for name in ("SIGXCPU", "SIGKILL") if (number := getattr(signal, name, 0))}
_CHILD = Path(__file__).with_name("caged.py")

_ALLOCATION = {"MALLOC_MMAP_THRESHOLD_": str(2**22), "MALLOC_TRIM_THRESHOLD_": str(2**24)}
"""To glibc: memory that the guard gives back, run after run, is kept for the next run."""


class _Warden:
    """The process that forks a reader for every file, started when the first is to be read."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._of = 0
        self._one_by_one = threading.Lock()

    def ask(self, request: bytes, seconds: int) -> tuple[int, bytes]:
        """Return how a reader ended (0, or its signal below 0) and what it said.

        A reader that takes too long by the clock is killed together with the process it was
        forked from; the next file gets a new one.
        """
        with self._one_by_one:
            process = self._running()
            assert process.stdin is not None
            assert process.stdout is not None
            late = threading.Event()
            clock = threading.Timer(seconds, self._out_of_time, (late,))
            clock.start()
            try:
                process.stdin.write(request)
                process.stdin.flush()
                if not hasattr(os, "fork"):
                    return self._only_once(process, late)
                ended, length = ANSWER.unpack(process.stdout.read(ANSWER.size))
                return ended, process.stdout.read(length)
            except (OSError, struct.error):
                self._end()
                return -signal.SIGKILL if late.is_set() else 1, b""
            except BaseException:
                self._end()
                raise
            finally:
                clock.cancel()

    def _only_once(
        self, process: subprocess.Popen[bytes], late: threading.Event
    ) -> tuple[int, bytes]:
        assert process.stdout is not None
        said = process.stdout.read()
        self._process = None
        return (-signal.SIGTERM if late.is_set() else process.wait()), said

    def _running(self) -> subprocess.Popen[bytes]:
        if self._process is None or self._of != os.getpid() or self._process.poll() is not None:
            self._process = subprocess.Popen(
                [sys.executable, "-I", "-S", str(_CHILD)],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                env={**os.environ, **_ALLOCATION},
            )
            self._of = os.getpid()
        return self._process

    def _out_of_time(self, late: threading.Event) -> None:
        late.set()
        self._kill()

    def _kill(self) -> None:
        if self._process is None:
            return
        if hasattr(os, "killpg"):
            with contextlib.suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _end(self) -> None:
        self._kill()
        self.close()

    def close(self) -> None:
        """End the process; another one is started when it is needed."""
        process, self._process = self._process, None
        if process is None or self._of != os.getpid():
            return
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


_WARDEN = _Warden()


def close() -> None:
    """End the process that readers are forked from, which adds what they used to this one's account."""
    _WARDEN.close()


atexit.register(close)


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
    settings = pickle.dumps((sys.path, memory, seconds, _limits()))
    asked = pickle.dumps((function.__module__, function.__qualname__, (path, name, more, named)))
    request = b"".join((LENGTH.pack(len(part)) + part) for part in (settings, asked))
    ended, said = _WARDEN.ask(request, _by_the_clock(seconds))
    try:
        found, result = pickle.loads(said)
    except (EOFError, pickle.UnpicklingError):
        _report(name, ended in _OUT_OF_TIME, memory, seconds, problems)
        return None
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


def _by_the_clock(seconds: int) -> int:
    """Seconds that pass until so many were spent computing, while others compute as well."""
    return 2 * seconds + 1


def _limits() -> dict[str, Any]:
    return {name: value for name, value in vars(limits).items() if name.isupper()}
