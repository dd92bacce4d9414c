"""Several things change together: the intent is written down, then each takes its place.

Until the intent stands, nothing outside the private folder has changed, and what a dead run left
is thrown away. Once it stands, it is carried out, by whoever comes next if need be: every step is
recognised by the content it should bring about, so that it can be taken up anywhere.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import time
import uuid
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path, PurePosixPath

from evalkit.errors import InputErrors
from evalkit.keeping import disk
from evalkit.keeping.lock import HOME, Lock, Owner, locked
from evalkit.problems import keeping

INTENT = "intent.json"
_OWNER = "owner.json"
_DESK = re.compile(r"desk-[0-9a-f]{32}")
_LEGACY = re.compile(r"\.(?P<wave>.+)\.(?P<state>new|old)")
_A_DAY = 24 * 3600.0
_PATIENCE = 2.0


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that takes its place, or (`content` None) goes.

    Attributes
    ----------
    name : str
        What lies on the desk; also the name under which the old one is put aside there.
    target : str
        Where it goes, relative to the root.
    content : str or None
        What `disk.content` says of it.
    """

    name: str
    target: str
    content: str | None


@dataclass(frozen=True, slots=True)
class Desk:
    """A run's private folder."""

    root: Path
    folder: Path
    lock: Lock

    def __truediv__(self, name: str) -> Path:
        """Return where something of this name lies on the desk."""
        return self.folder / name

    def step(self, name: str, target: str) -> Step:
        """Return the step that puts what lies on the desk into its place."""
        return Step(name, target, disk.content(self / name))


@contextmanager
def desk(root: Path, lock: Lock) -> Iterator[Desk]:
    """Give a private folder with a name of its own; it goes with the block."""
    folder = root / HOME / f"desk-{uuid.uuid4().hex}"
    folder.mkdir()
    try:
        (folder / _OWNER).write_text(lock.owner.text(), encoding="utf-8")
        yield Desk(root, folder, lock)
    finally:
        if not (root / HOME / INTENT).exists():
            shutil.rmtree(folder, ignore_errors=True)


def commit(work: Desk, steps: Sequence[Step]) -> None:
    """Let everything on the desk take its place: all of it or, where the disk refuses, none.

    Raises
    ------
    InputErrors
        If somebody removed the lock; nothing has changed then.
    OSError
        If the disk refuses; nothing has changed then, or whoever comes next finishes it.
    """
    root = work.root
    disk.flush(work.folder)
    for step in steps:
        (root / step.target).parent.mkdir(parents=True, exist_ok=True)
    if not work.lock.held():
        raise InputErrors([keeping.lock_lost()])
    intent = root / HOME / INTENT
    written = work / INTENT
    text = {"desk": work.folder.name, "steps": [asdict(step) for step in steps]}
    disk.write(written, json.dumps(text, ensure_ascii=False).encode())
    os.replace(written, intent)
    disk.flush_names(intent.parent)
    done: list[Step] = []
    try:
        for step in steps:
            done.append(step)
            _carry_out(root, work.folder, step)
    except (OSError, InputErrors):
        _undo(root, work.folder, done)
        intent.unlink()
        raise
    _concluded(root, steps)


def _concluded(root: Path, steps: Sequence[Step]) -> None:
    for parent in {(root / step.target).parent for step in steps}:
        if parent.is_dir():
            disk.flush_names(parent)
    (root / HOME / INTENT).unlink()


def _aside(folder: Path, step: Step) -> Path:
    return folder / f"{step.name}.old"


def _carry_out(root: Path, folder: Path, step: Step) -> None:
    """Do a step, or the rest of it; what has its content already is done."""
    new, target, old = folder / step.name, root / step.target, _aside(folder, step)
    for parent in target.relative_to(root).parents:
        if (root / parent).is_symlink() and (root / parent) != root:
            raise InputErrors([keeping.in_the_way(parent.as_posix(), "文件夹", "链接")])
    if disk.content(target) == step.content:
        return
    if step.content is None:
        os.replace(target, old)
        return
    if disk.content(new) != step.content:
        return  # somebody was at it: `evalkit verify` tells, and the next run makes it anew
    if not disk.there(target):
        os.replace(new, target)
    elif new.is_dir():
        if not disk.exchange(new, target):
            os.replace(target, old)
            os.replace(new, target)
    else:
        _remember(target, old)
        os.replace(new, target)


def _remember(target: Path, old: Path) -> None:
    """Keep a file that is about to be replaced in one step."""
    if disk.there(old):
        return
    try:
        os.link(target, old)
    except OSError:
        shutil.copyfile(target, old)


def _undo(root: Path, folder: Path, steps: Sequence[Step]) -> None:
    """Put back what was there before, last step first."""
    for step in reversed(steps):
        new, target, old = folder / step.name, root / step.target, _aside(folder, step)
        ours = step.content is not None and disk.content(target) == step.content
        if disk.there(old):
            if ours and target.is_dir():
                os.replace(target, folder / f"{step.name}.undone")
            os.replace(old, target)
        elif ours and disk.there(new):
            disk.exchange(new, target)
        elif ours:
            os.replace(target, new)


def settle(root: Path) -> None:
    """Finish what a dead run had decided, for somebody who only wants to read.

    Raises
    ------
    OSError
        If there is something to finish and the folder cannot be written.
    """
    patience = time.monotonic() + _PATIENCE
    while (root / HOME / INTENT).is_file():
        try:
            with locked(root, "恢复"):
                recover(root)
        except InputErrors:  # somebody is at it just now
            if time.monotonic() > patience:
                return
            time.sleep(0.02)


def recover(root: Path) -> None:
    """Finish what a dead run had decided and clear away what it had not; the lock is held."""
    intent = root / HOME / INTENT
    if intent.is_file() and not intent.is_symlink():
        name, steps = _read(intent)
        for step in steps:
            (root / step.target).parent.mkdir(parents=True, exist_ok=True)
            _carry_out(root, root / HOME / name, step)
        _concluded(root, steps)
    for left in sorted((root / HOME).glob("desk-*")):
        if _DESK.fullmatch(left.name) and not left.is_symlink() and _abandoned(left):
            shutil.rmtree(left, ignore_errors=True)
    _recover_earlier(root / "out")


def _read(intent: Path) -> tuple[str, list[Step]]:
    """Return desk and steps; none of a file that is not an intent of this program."""
    try:
        found = json.loads(intent.read_text(encoding="utf-8"))
        steps = [Step(**step) for step in found["steps"]]
        sound = bool(_DESK.fullmatch(found["desk"])) and all(map(_inside, steps))
        return (found["desk"], steps) if sound else ("", [])
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return "", []


def _inside(step: Step) -> bool:
    """Tell whether a step stays in the folder: its intent may come from anywhere."""
    target, name = PurePosixPath(step.target), PurePosixPath(step.name)
    plain = not target.is_absolute() and ".." not in target.parts and name.name == step.name
    return plain and target.parts[:1] in (("out",), ("evaluation.duckdb",), ("history.jsonl",))


def _abandoned(left: Path) -> bool:
    """Tell whether whoever worked there is dead, as far as one can know."""
    owner = None
    with suppress(OSError):
        owner = Owner.read((left / _OWNER).read_text(encoding="utf-8", errors="replace"))
    if owner is None or not owner.lives():
        return True
    with suppress(OSError):
        return not owner.here() and time.time() - left.stat().st_mtime > _A_DAY
    return False


def _recover_earlier(out: Path) -> None:
    """Bring back or clear away what a dead run of an earlier version left among the results."""
    if out.is_symlink() or not out.is_dir():
        return
    for left in sorted(out.glob(".*")):
        match = _LEGACY.fullmatch(left.name)
        if match is None or left.is_symlink() or not left.is_dir():
            continue
        final = out / match["wave"]
        if match["state"] == "old" and not disk.there(final):
            os.replace(left, final)
        else:
            shutil.rmtree(left, ignore_errors=True)
