"""The log of runs: one line a run, each with the hash of the line before it.

A line that is changed, dropped, added or moved breaks the chain; what the last lines say must fit
what lies in the folder. There is no secret in it: whoever rewrites the whole chain, and everything
it speaks of, is found out only by the last hash that somebody noted elsewhere.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any

from evalkit.version import __version__

HISTORY = "history.jsonl"
FIRST = "0" * 64
"""Stands for the hash before the first entry."""

RUN, FORGET = "run", "forget"


@dataclass(frozen=True, slots=True)
class Entry:
    """What one command wrote.

    Attributes
    ----------
    number : int
        From 1.
    time, evalkit : str
        When, and by which version.
    doing : str
        The command: ``run``, ``forget``, ``manual``, ``plan``, ``questionnaire``.
    wave : str or None
        The wave it was about.
    waves : tuple of str
        All waves it evaluated.
    identity, fingerprint : str
        Of inputs and version together, as stamped on the papers; and of the inputs alone.
    manifest : str
        SHA-256 of the run's ``manifest.json``.
    inputs, outputs : dict of file to SHA-256
        What it read, relative to the folder; what it wrote, relative to ``out``.
    database : dict
        ``sha256`` of the database file, ``fingerprint`` of its content; empty where there is none.
    previous, hash : str
        Hash of the entry before, and of this one.
    """

    number: int
    time: str
    evalkit: str
    doing: str
    wave: str | None = None
    waves: tuple[str, ...] = ()
    identity: str = ""
    fingerprint: str = ""
    manifest: str = ""
    inputs: Mapping[str, str] = field(default_factory=dict)
    outputs: Mapping[str, str] = field(default_factory=dict)
    database: Mapping[str, str] = field(default_factory=dict)
    previous: str = FIRST
    hash: str = ""

    def proof(self) -> str:
        """Return the hash that belongs to everything else it says."""
        said = {**asdict(self), "hash": ""}
        return hashlib.sha256(_text(said).encode(errors="surrogateescape")).hexdigest()

    def line(self) -> bytes:
        """Return its line in the file."""
        return (_text(asdict(self)) + "\n").encode(errors="surrogateescape")


def _text(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, sort_keys=True, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Flaw:
    """Where the chain is broken: a line of the file, and how."""

    line: int
    why: str


@dataclass(frozen=True, slots=True)
class History:
    """The log as it lies there: what could be read of it, and what is wrong with it."""

    data: bytes
    entries: tuple[Entry, ...]
    faults: tuple[Flaw, ...]

    @classmethod
    def of(cls, root: Path) -> History:
        """Read the log of a folder; a folder without one has an empty one."""
        path = root / HISTORY
        return cls.read(path.read_bytes() if path.exists() else b"")

    @classmethod
    def read(cls, data: bytes) -> History:
        """Read a log, and check its chain."""
        entries: list[Entry] = []
        faults: list[Flaw] = []
        previous = FIRST
        for number, line in enumerate(data.splitlines(keepends=True), start=1):
            entry = _parsed(line)
            if entry is None:
                faults.append(Flaw(number, "这一行不是 evalkit 写入的样子"))
                previous = ""
                continue
            entries.append(entry)
            if entry.hash != entry.proof():
                faults.append(Flaw(number, "这一行的内容与它的哈希不符"))
            elif entry.number != number or (previous and entry.previous != previous):
                faults.append(Flaw(number, "与前一行接不上：中间有行被删去、插入或调换"))
            previous = entry.hash
        return cls(data, tuple(entries), tuple(faults))

    def following(self, doing: str, **said: Any) -> Entry:
        """Return the entry that comes next."""
        last = self.entries[-1] if self.entries else None
        entry = Entry(
            number=1 if last is None else last.number + 1,
            time=datetime.now().astimezone().isoformat(timespec="seconds"),
            evalkit=__version__,
            doing=doing,
            previous=FIRST if last is None else last.hash,
            **said,
        )
        return Entry(**{**_fields(entry), "hash": entry.proof()})

    def with_entry(self, entry: Entry) -> bytes:
        """Return the log with one entry more."""
        return self.data + entry.line()

    def last(self, doing: str | None = None) -> Entry | None:
        """Return the last entry, or the last of a command."""
        found = [e for e in self.entries if doing is None or e.doing == doing]
        return found[-1] if found else None

    def results(self) -> dict[str, str]:
        """Return what should lie in ``out`` after all of it: path and SHA-256."""
        lying: dict[str, str] = {}
        for entry in self.entries:
            if entry.doing in (RUN, FORGET):
                within = f"{entry.wave}/"
                lying = {n: value for n, value in lying.items() if not n.startswith(within)}
            lying.update(entry.outputs)
        return dict(sorted(lying.items()))


def _fields(entry: Entry) -> dict[str, Any]:
    return {name: getattr(entry, name) for name in Entry.__dataclass_fields__}


def _parsed(line: bytes) -> Entry | None:
    """Return an entry, if the line is, byte for byte, what would be written of it."""
    try:
        found = json.loads(line.decode(errors="surrogateescape"))
        entry = Entry(**{**found, "waves": tuple(found["waves"])})
        sound = entry.line() == line and _typed(entry)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return None
    return entry if sound else None


def _typed(entry: Entry) -> bool:
    texts = [entry.time, entry.evalkit, entry.doing, entry.identity, entry.fingerprint]
    texts += [entry.manifest, entry.previous, entry.hash, entry.wave or "", *entry.waves]
    tables: Sequence[Any] = (entry.inputs, entry.outputs, entry.database)
    for table in tables:
        texts += [*table, *table.values()]
    return all(isinstance(text, str) for text in texts) and isinstance(entry.number, int)
