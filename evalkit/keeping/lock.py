"""One run at a time: a lock that says who is at work, since when and on which machine.

The system's own lock on the file tells whether its owner lives: it ends with the process, however
that ends. What stands in the file is for people, and for other machines on a network share, of
which nothing is known here but what they wrote.
"""

from __future__ import annotations

import errno
import getpass
import json
import os
import platform
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from evalkit.errors import InputErrors
from evalkit.problems import keeping

try:
    import fcntl
except ImportError:  # no POSIX: what stands in the file must do
    fcntl = None  # type: ignore[assignment]

HOME = ".evalkit"
"""Folder for what is there only while somebody is at work."""

LOCK = "lock"
_TRIES = 50
_WAIT = 0.01


@dataclass(frozen=True, slots=True)
class Owner:
    """Who is, or was, at work."""

    user: str
    process: int
    born: str
    machine: str
    since: str
    doing: str

    @classmethod
    def me(cls, doing: str) -> Owner:
        """Return this process."""
        now = datetime.now().astimezone().isoformat(timespec="seconds")
        return cls(_user(), os.getpid(), _born(os.getpid()), platform.node(), now, doing)

    @classmethod
    def read(cls, text: str) -> Owner | None:
        """Return the owner a file names; None if it names none."""
        try:
            found = json.loads(text)
            return cls(**{name: kind(found[name]) for name, kind in _FIELDS.items()})
        except (ValueError, KeyError, TypeError, RecursionError):
            return None

    def text(self) -> str:
        """Return what a file says of it."""
        return json.dumps(asdict(self), ensure_ascii=False) + "\n"

    def here(self) -> bool:
        """Tell whether it is, or was, on this machine."""
        return self.machine == platform.node()

    def lives(self) -> bool:
        """Tell whether it may still be at work; of other machines nothing is known, so it may."""
        if not self.here():
            return True
        try:
            os.kill(self.process, 0)
        except ProcessLookupError:
            return False
        except (OSError, OverflowError):
            return True
        return _born(self.process) == self.born

    def __str__(self) -> str:
        return (
            f"用户 {self.user}，机器 {self.machine}，进程 {self.process}，"
            f"自 {self.since} 起执行 {self.doing}"
        )


_FIELDS = {"user": str, "process": int, "born": str, "machine": str, "since": str, "doing": str}


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):
        return str(os.getuid()) if hasattr(os, "getuid") else "?"


def _born(process: int) -> str:
    """Return when a process began, where the system tells: numbers of processes are used again."""
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text(encoding="ascii").strip()
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return ""
    return f"{boot}/{stat.rpartition(')')[2].split()[19]}"


@dataclass(frozen=True, slots=True)
class Lock:
    """A lock that is held; `before` is the owner that died with it, if one did."""

    path: Path
    handle: int
    owner: Owner
    before: Owner | None

    def held(self) -> bool:
        """Tell whether it is still the lock: nobody has removed its file."""
        return _same(self.handle, self.path)


@contextmanager
def locked(root: Path, doing: str) -> Iterator[Lock]:
    """Hold a folder's lock inside the block.

    Raises
    ------
    InputErrors
        If another run is at work, or may be, on another machine.
    OSError
        If the folder cannot be written.
    """
    home = root / HOME
    path = home / LOCK
    for kind, place in (("文件夹", home), ("普通文件", path)):
        if place.is_symlink() or (place.exists() and place.is_dir() != (place == home)):
            raise InputErrors([keeping.in_the_way(_shown(place, root), kind, "链接或别的东西")])
    handle, sure = _opened(home, path)
    try:
        lock = _claimed(path, handle, Owner.me(doing), sure=sure)
        try:
            yield lock
        finally:
            if lock.held():
                path.unlink(missing_ok=True)
    finally:
        os.close(handle)
        _leave(home)


def _shown(place: Path, root: Path) -> str:
    return place.relative_to(root).as_posix()


def _leave(home: Path) -> None:
    with suppress(OSError):  # somebody else is at work in it, or something waits to be finished
        home.rmdir()


def _opened(home: Path, path: Path) -> tuple[int, bool]:
    """Open the lock's file and take the system's lock on it; say whether there is such a thing."""
    for _ in range(_TRIES):
        home.mkdir(exist_ok=True)
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | getattr(os, "O_NOFOLLOW", 0), 0o666)
        except FileNotFoundError:
            continue  # whoever left just now took the folder along
        taken = _taken(handle)
        if taken is False:
            owner = _named(handle)
            os.close(handle)
            raise InputErrors([keeping.another_run(_who(owner), elsewhere=_away(owner))])
        if _same(handle, path):
            return handle, taken is True
        os.close(handle)
    raise OSError(errno.EAGAIN, os.strerror(errno.EAGAIN), str(path))


def _claimed(path: Path, handle: int, me: Owner, *, sure: bool) -> Lock:
    before = Owner.read(_read(handle))
    if before is not None and (_away(before) or (not sure and before.lives())):
        raise InputErrors([keeping.another_run(str(before), elsewhere=_away(before))])
    os.ftruncate(handle, 0)
    os.lseek(handle, 0, os.SEEK_SET)
    os.write(handle, me.text().encode())
    os.fsync(handle)
    return Lock(path, handle, me, before)


def _taken(handle: int) -> bool | None:
    """Take the system's lock; None where system or disk have none, and what is written must do."""
    if fcntl is None:
        return None
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True


def _same(handle: int, path: Path) -> bool:
    try:
        one, other = os.fstat(handle), os.lstat(path)
    except OSError:
        return False
    return (one.st_dev, one.st_ino) == (other.st_dev, other.st_ino)


def _read(handle: int) -> str:
    os.lseek(handle, 0, os.SEEK_SET)
    return os.read(handle, 10_000).decode(errors="replace")


def _named(handle: int) -> Owner | None:
    """Read who holds the lock; it may be writing that just now."""
    for _ in range(_TRIES):
        if owner := Owner.read(_read(handle)):
            return owner
        time.sleep(_WAIT)
    return None


def _who(owner: Owner | None) -> str:
    return "锁文件里没有写明是谁" if owner is None else str(owner)


def _away(owner: Owner | None) -> bool:
    return owner is not None and not owner.here()
