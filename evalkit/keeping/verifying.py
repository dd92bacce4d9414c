"""What lies in the folder against what the log of runs says of it; and papers traced to runs."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from urllib.parse import unquote

from evalkit import archive
from evalkit.codes import NoteCode
from evalkit.errors import Problems
from evalkit.folder import DATABASE, located, readable
from evalkit.keeping import disk
from evalkit.keeping.history import HISTORY, RUN, Entry, History
from evalkit.keeping.obstacles import OUT

MARK = "evalkit:"
"""What a paper's mark begins with: ``evalkit:<identity>:<wave>/<path>``, quoted as in an address."""

_MARKED = re.compile(rb"evalkit:([0-9a-f]{32}):([A-Za-z0-9_.~/%-]+)")
_STREAM = re.compile(rb"stream\r?\n")
_LARGEST = 2**24
_ABOUT = "docProps/core.xml"
_AGAIN = 3


class Kind(StrEnum):
    """How something differs."""

    MISSING = "缺少"
    CHANGED = "已改变"
    EXTRA = "多出"
    BROKEN = "不符"


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that is not as the log says: which file, how, and what that means."""

    file: str
    kind: Kind
    what: str

    def __str__(self) -> str:
        return f"{self.kind}：{self.file}（{self.what}）"


def compare(root: Path) -> tuple[History, tuple[Difference, ...]]:
    """Compare inputs, documents, database, results and the log itself; list every difference."""
    for _ in range(_AGAIN):
        history = History.of(root)
        found = tuple(_differences(root, history))
        if not found or History.of(root).data == history.data:
            break  # otherwise a run has ended meanwhile
    return history, found


def _differences(root: Path, history: History) -> Iterator[Difference]:
    if not history.data:
        what = "还没有运行过，或结果由没有运行日志的旧版本生成，无从核对：重新运行一次"
        yield Difference(HISTORY, Kind.MISSING, what)
    for fault in history.faults:
        yield Difference(HISTORY, Kind.BROKEN, f"第 {fault.line} 行：{fault.why}")
    last = history.last(RUN)
    if last is not None:
        yield from _of_inputs(root, last)
    recorded = [entry.database for entry in history.entries if entry.database]
    yield from _of_database(root, recorded[-1] if recorded else {})
    yield from _of_results(root, history)


def _of_inputs(root: Path, last: Entry) -> Iterator[Difference]:
    for name, value in last.inputs.items():
        path = located(root, name)
        if path is None or not path.is_file():
            yield Difference(name, Kind.MISSING, f"第 {last.number} 次记录读过它")
        elif disk.digest(path.resolve()) != value:
            yield Difference(name, Kind.CHANGED, f"与第 {last.number} 次记录读入时不同")
    aside = _left_aside(root, last)
    for name in readable(root):
        if name not in last.inputs and name not in aside:
            yield Difference(name, Kind.EXTRA, f"第 {last.number} 次记录没有读过它")


def _left_aside(root: Path, last: Entry) -> set[str]:
    """Return the files that the run found lying there, and noted that it takes nothing from."""
    path = root / DATABASE
    if last.wave is None or not path.is_file() or disk.digest(path) == disk.LINK:
        return set()
    noted = archive.read_notes(path, Problems()).get(last.wave, ())
    return {note.where for note in noted if note.code is NoteCode.FILE_NOT_USED}


def _of_database(root: Path, recorded: Mapping[str, str]) -> Iterator[Difference]:
    path = root / DATABASE
    if not disk.there(path):
        if recorded:
            yield Difference(DATABASE, Kind.MISSING, "日志记有数据库")
        return
    value = disk.digest(path)
    if value == recorded.get("sha256"):
        return
    if not recorded:
        yield Difference(DATABASE, Kind.EXTRA, "日志没有提到数据库")
        return
    problems = Problems()
    fingerprint = archive.fingerprint_of(path, problems) if value != disk.LINK else None
    if problems:
        problem = next(iter(problems))
        yield Difference(DATABASE, Kind.CHANGED, f"{problem.message}：{problem.found or ''}")
    elif fingerprint == recorded.get("fingerprint"):
        what = "文件被别的程序写过，但各表内容与记录一致，例如加了自建的视图"
        yield Difference(DATABASE, Kind.CHANGED, what)
    else:
        yield Difference(DATABASE, Kind.CHANGED, "各表内容与日志记录的不同")


def _of_results(root: Path, history: History) -> Iterator[Difference]:
    out = root / OUT
    expected = history.results()
    if out.is_symlink():
        yield Difference(OUT, Kind.CHANGED, "是链接，不是文件夹")
        return
    found = disk.tree(out) if out.is_dir() else {}
    for name in disk.differing(expected, found):
        shown = f"{OUT}/{name}"
        if name not in found:
            yield Difference(shown, Kind.MISSING, "日志记有这个文件")
        elif name not in expected:
            yield Difference(shown, Kind.EXTRA, "不是日志中任何一次运行写下的")
        elif found[name] == disk.LINK:
            yield Difference(shown, Kind.CHANGED, "是链接，不是文件")
        else:
            yield Difference(shown, Kind.CHANGED, "内容与写入时不同")


@dataclass(frozen=True, slots=True)
class Traced:
    """Where a paper comes from.

    Attributes
    ----------
    entry : Entry
        The run that made it; of several that made the very same, the first.
    path : str
        What it was called in ``out``.
    whole : bool
        Whether it is, byte for byte, what was written.
    """

    entry: Entry
    path: str
    whole: bool


def trace(paper: Path, history: History) -> Traced | None:
    """Find the run that made a paper: by its bytes or, where they are changed, by its mark."""
    value = disk.digest(paper.resolve())
    for entry in history.entries:
        for path, written in entry.outputs.items():
            if written == value:
                return Traced(entry, path, whole=True)
    for identity, path in marks(paper.read_bytes()):
        for entry in history.entries:
            if entry.identity == identity and path in entry.outputs:
                return Traced(entry, path, whole=False)
    return None


def marks(data: bytes) -> list[tuple[str, str]]:
    """Return the marks in a paper: identity and path; also in parts of it that are compressed."""
    found = (
        (match[1].decode(), unquote(match[2].decode()))
        for part in _parts(data)
        for match in _MARKED.finditer(part)
    )
    return list(dict.fromkeys(found))


def _parts(data: bytes) -> Iterator[bytes]:
    yield data
    yield from _properties(data)
    for match in _STREAM.finditer(data):
        try:
            yield zlib.decompressobj().decompress(data[match.end() :], _LARGEST)
        except zlib.error:
            continue


def _properties(data: bytes) -> Iterator[bytes]:
    """Yield what a Word document or slides say of themselves; nothing of any other file."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as package, package.open(_ABOUT) as part:
            yield part.read(_LARGEST)
    except (zipfile.BadZipFile, zlib.error, KeyError, ValueError, RuntimeError, OSError):
        return  # what is no such file, or a broken one, has no mark to be found by
