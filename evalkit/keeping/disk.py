"""Files and folders as a disk holds them: digests, flushing, taking one another's place."""

from __future__ import annotations

import ctypes
import hashlib
import os
import shutil
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from evalkit.errors import InputErrors
from evalkit.problems import keeping

LINK = "link"
"""Stands for the digest of whatever is neither file nor folder: its content is not here."""

_HERE = -100  # AT_FDCWD
_SWAP = 2  # RENAME_EXCHANGE of Linux and RENAME_SWAP of macOS


@contextmanager
def told() -> Iterator[None]:
    """Turn whatever a disk refuses inside the block into a problem an analyst can read."""
    try:
        yield
    except OSError as error:
        raise InputErrors([keeping.disk_failed(error)]) from error


def there(path: Path) -> bool:
    """Tell whether anything has this name, also a link that leads nowhere."""
    return os.path.lexists(path)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file; `LINK` for a link, whatever it leads to."""
    if path.is_symlink() or not path.is_file():
        return LINK
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def tree(folder: Path) -> dict[str, str]:
    """Return the digest of everything in a folder, by path in it; links are not followed."""
    found = {}
    for place, folders, files in os.walk(folder, onerror=_raise):
        here = Path(place)
        for name in (*files, *(name for name in folders if (here / name).is_symlink())):
            path = here / name
            found[path.relative_to(folder).as_posix()] = digest(path)
    return dict(sorted(found.items()))


def _raise(error: OSError) -> None:
    raise error


def content(path: Path) -> str | None:
    """Return one SHA-256 for a file or a folder with all that is in it; None for nothing."""
    if not there(path):
        return None
    if path.is_dir() and not path.is_symlink():
        lines = "".join(f"{name}\0{value}\0" for name, value in tree(path).items())
        return hashlib.sha256(lines.encode(errors="surrogateescape")).hexdigest()
    return digest(path)


def write(path: Path, data: bytes) -> None:
    """Write a file and wait until the disk has it."""
    with path.open("wb") as file:
        file.write(data)
        file.flush()
        os.fsync(file.fileno())


def flush(path: Path) -> None:
    """Wait until the disk has a file, a folder, or everything in a folder."""
    if not path.is_dir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
        return
    for place, _, files in os.walk(path):
        for name in files:
            flush(Path(place) / name)
        flush_names(Path(place))


def flush_names(folder: Path) -> None:
    """Wait until the disk has the names in a folder, where a system can."""
    if os.name != "posix":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    except OSError:
        pass  # some network file systems do not know how, and lose nothing by it
    finally:
        os.close(handle)


def exchange(one: Path, other: Path) -> bool:
    """Let two names change places in one step; False where the system cannot."""
    sys.audit("evalkit.exchange", str(one), str(other))
    libc = ctypes.CDLL(None, use_errno=True) if os.name == "posix" else None
    names = os.fsencode(one), os.fsencode(other)
    if swap := getattr(libc, "renameat2", None):
        return bool(swap(_HERE, names[0], _HERE, names[1], _SWAP) == 0)
    if swap := getattr(libc, "renamex_np", None):
        return bool(swap(*names, _SWAP) == 0)
    return False


def remove(path: Path) -> None:
    """Remove a file, a link or a folder, as far as it can be removed."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def differing(expected: Mapping[str, str], found: Mapping[str, str]) -> list[str]:
    """List the names that are missing, changed or too many."""
    return sorted(n for n in {*expected, *found} if expected.get(n) != found.get(n))


def check_kept(expected: Mapping[str, str], found: Mapping[str, str]) -> None:
    """Raise `InputErrors` unless a folder holds what was written, whole and nothing else."""
    if wrong := differing(expected, found):
        raise InputErrors([keeping.not_kept(wrong)])


def place(files: Mapping[str, bytes], folder: Path) -> None:
    """Put files into a folder: all are complete before the first takes its place."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {name: folder / f".{name}.new" for name in files}
    try:
        for name, content in files.items():
            write(fresh[name], content)
        for name, path in fresh.items():
            os.replace(path, folder / name)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)
