"""Where a folder's documents lie, and the record of what was taken from there."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Protocol, TypeVar

from evalkit.codes import NoteCode
from evalkit.definitions.consistency import Origin
from evalkit.definitions.places import Places
from evalkit.errors import Note, Problems

D_co = TypeVar("D_co", covariant=True)
D = TypeVar("D")


class Load(Protocol[D_co]):
    """How a document is loaded: one of `definitions.loading`."""

    def __call__(
        self,
        path: Path,
        name: str,
        problems: Problems,
        places: Places | None = None,
        *,
        even_if_faulty: bool = False,
    ) -> D_co | None:
        """Load it, also where it has faults; None if it cannot be read."""


@dataclass(frozen=True, slots=True)
class Lying:
    """A file that may be there, and its name as the analyst knows it."""

    path: Path
    name: str


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder being read: whatever is taken from it leaves its digest and its problems here.

    Attributes
    ----------
    digests : dict of file name to SHA-256
        Of every document and file that was there.
    track : str or None
        The track whose folder it is; None for a street's.
    """

    root: Path
    problems: Problems
    digests: dict[str, str] = field(default_factory=dict)
    track: str | None = None

    def at(self, name: str) -> Lying:
        """Say where a file of the folder lies; of a track, also one of the street's above it."""
        return Lying(Path(os.path.normpath(self.root / name)), name)

    def within(self, folder: str) -> list[Lying]:
        """List the documents in a folder of the folder, by name."""
        return documents_in(self.root / folder, f"{folder}/")

    def take(self, lying: Lying, load: Load[D]) -> tuple[D | None, Origin]:
        """Load a document, also where it has faults, with where everything in it stands."""
        places = Places()
        document = load(lying.path, lying.name, self.problems, places, even_if_faulty=True)
        self.record(lying)
        return document, Origin(lying.name, places)

    def unused(self, aside: Collection[str] = ()) -> tuple[Note, ...]:
        """Return every document and table in the folder that nothing was taken from.

        Parameters
        ----------
        aside : collection of str
            Folders in it that are somebody else's.
        """
        return tuple(
            Note(NoteCode.FILE_NOT_USED, name, facts={"kind": _kind_of(name)})
            for name in sorted(_lying(self.root))
            if name not in self.digests
            and not any(name.startswith(f"{folder}/") for folder in aside)
        )

    def record(self, lying: Lying) -> None:
        """Keep the digest of a file, if it is one."""
        if lying.path.is_file():
            self.digests[lying.name] = hashlib.sha256(lying.path.read_bytes()).hexdigest()


KINDS = (
    *("scheme", "roster", "counts", "lineage", "actions", "themes", "boundaries", "margins"),
    *("claims", "evaluation"),
)
_FOLDERS = ("responses", "questionnaires", "crosswalks", "ledgers", "follow-up")
FILLED = ("responses", "follow-up")
"""Folders with what people filled in, as opposed to documents."""
_TABLES = frozenset(
    {".yaml", ".yml", ".xlsx", ".xls", ".xlsm", ".csv", ".tsv", ".geojson", ".json", ".sav"}
)
_OURS = frozenset({"out", "simulation"})
"""Folders of results, and of what is true of a simulated street: nothing in them is an input."""


def _lying(root: Path) -> Iterator[str]:
    """Yield the names of all documents and tables in a folder, results aside."""
    for folder, names, files in os.walk(root):
        here = Path(folder)
        names[:] = [n for n in names if not n.startswith(".") and not (here == root and n in _OURS)]
        for file in files:
            if Path(file).suffix.lower() in _TABLES and not file.startswith(("~$", ".")):
                yield (here / file).relative_to(root).as_posix()


def _kind_of(name: str) -> str:
    """Say what a file that lies there seems to be: by its folder, else by its name."""
    path = PurePosixPath(name)
    if path.parts[0] in _FOLDERS and len(path.parts) > 1:
        return path.parts[0]
    words = {
        "方案": "scheme",
        "名册": "roster",
        "措施": "actions",
        "主题": "themes",
        "公布": "claims",
        "边界": "boundaries",
        "户数": "counts",
        "沿革": "lineage",
    }
    stem = path.stem.lower()
    return next(
        (kind for key, kind in {**{k: k for k in KINDS}, **words}.items() if key in stem), "other"
    )


def documents_in(folder: Path, prefix: str = "") -> list[Lying]:
    """List the documents in a folder, by name; none if there is no such folder."""
    if not folder.is_dir():
        return []
    return [
        Lying(path, f"{prefix}{path.name}")
        for path in sorted(folder.iterdir())
        if path.suffix.lower() in (".yaml", ".yml", ".xlsx")
        and not path.name.startswith(("~$", "."))
    ]
