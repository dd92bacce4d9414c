"""Receipts: what a street's results were made of, so that nothing is made twice.

A receipt is written after the results are in their place, in one step. It holds no time: the same
inputs leave the same receipt. Whoever wants to know whether a street has to be evaluated compares
the receipt with what lies in its folder now.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, fields
from pathlib import Path
from typing import Any

from evalkit import keeping, publication
from evalkit.city import coding
from evalkit.city.town import OUT, RECEIPTS, Town
from evalkit.codes import StreetState
from evalkit.errors import Problem
from evalkit.folder import DATABASE
from evalkit.keeping.disk import digest
from evalkit.keeping.history import HISTORY
from evalkit.version import __version__

_OURS = frozenset({OUT, DATABASE, HISTORY})
"""What a run writes into a street's folder: it is no input."""


@dataclass(frozen=True, slots=True)
class Receipt:
    """What became of one street.

    Attributes
    ----------
    street, wave : str
    inputs : str
        See `inputs_of`.
    version : str
    seed : int
    pdf : bool
        Whether papers were made.
    shared : str
        Fingerprint of the scheme and questionnaires that it was evaluated under.
    fingerprint : str
        Of the evaluation; empty where there is none.
    manifest, database : str
        SHA-256 of both as they were written.
    rows : str
        Fingerprint of its coded rows.
    problems : list of dict
        Why there are no results; empty where there are.
    """

    street: str
    wave: str
    inputs: str
    version: str
    seed: int
    pdf: bool
    shared: str = ""
    fingerprint: str = ""
    manifest: str = ""
    database: str = ""
    rows: str = ""
    problems: list[dict[str, Any]] = field(default_factory=list)

    @property
    def told(self) -> list[Problem]:
        """Its problems as problems."""
        return [Problem(**one) for one in self.problems]

    def text(self) -> str:
        """Return what its file holds."""
        return json.dumps(asdict(self), ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def write(root: Path, receipt: Receipt) -> None:
    """Put a receipt in its place, in one step."""
    keeping.place({f"{receipt.street}.json": receipt.text().encode()}, root / RECEIPTS)


def read(town: Town, street: str) -> Receipt | None:
    """Return a street's receipt; None where there is none that this version can read."""
    path = town.root / RECEIPTS / f"{street}.json"
    try:
        receipt = Receipt(**json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError, TypeError, RecursionError):
        return None
    return receipt if receipt.street == street and _sound(receipt) else None


def _sound(receipt: Receipt) -> bool:
    """Tell whether everything in a receipt is of the kind that is written."""
    kinds = {"seed": int, "pdf": bool, "problems": list}
    fields_are = all(
        isinstance(getattr(receipt, one.name), kinds.get(one.name, str)) for one in fields(Receipt)
    )
    known = {one.name for one in fields(Problem)}
    return fields_are and all(
        isinstance(one, dict) and {"code", "message"} <= set(one) <= known
        for one in receipt.problems
    )


def inputs_of(town: Town, street: str) -> str:
    """Return the SHA-256 of all that a street's results are made of.

    Every file of its folder but those that a run writes, the files it shares with other streets,
    the wave, its seed and the version.
    """
    shared = {f"shared/{name}": path for name, path in town.shared_files.items()}
    own = {path.relative_to(town.folder(street)).as_posix(): path for path in _inputs(town, street)}
    lines = [
        f"{name}\0{digest(path.resolve())}" for name, path in sorted({**shared, **own}.items())
    ]
    lines += [__version__, town.wave, str(town.city.seed_of(street))]
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


def _inputs(town: Town, street: str) -> Iterator[Path]:
    root = town.folder(street)
    for place, folders, files in os.walk(root):
        here = Path(place)
        top = here == root
        folders[:] = sorted(
            name for name in folders if not name.startswith(".") and not (top and name in _OURS)
        )
        for name in sorted(files):
            ours = top and (name in _OURS or name.startswith(f"{DATABASE}."))
            if not ours and not name.startswith((".", "~$")):
                yield here / name


def whole(town: Town, receipt: Receipt) -> bool:
    """Tell whether a street's results are all there, as far as sizes tell; database and rows to the bit."""
    folder = town.folder(receipt.street)
    out = folder / OUT / receipt.wave
    manifest = out / publication.MANIFEST
    if digest(manifest) != receipt.manifest or digest(folder / DATABASE) != receipt.database:
        return False
    if coding.fingerprint(town.root, receipt.wave, receipt.street) != receipt.rows:
        return False
    sizes: Mapping[str, int] = json.loads(manifest.read_text(encoding="utf-8"))["sizes"]
    return all((out / n).is_file() and (out / n).stat().st_size == s for n, s in sizes.items())


def state_of(town: Town, street: str, *, pdf: bool = False) -> tuple[StreetState, Receipt | None]:
    """Say how far a street is, from its receipt and what lies in its folder now.

    Parameters
    ----------
    pdf : bool
        Whether results without papers are too few.
    """
    if not town.has(street):
        return StreetState.NO_FOLDER, None
    receipt = read(town, street)
    if receipt is None:
        return StreetState.NOT_RUN, None
    now = (inputs_of(town, street), __version__, town.wave, town.city.seed_of(street))
    if (receipt.inputs, receipt.version, receipt.wave, receipt.seed) != now:
        return StreetState.CHANGED, receipt
    if receipt.problems:
        return StreetState.FAULTY, receipt
    if receipt.shared != town.shared:
        return StreetState.REFUSED, receipt
    if (pdf and not receipt.pdf) or not whole(town, receipt):
        return StreetState.CHANGED, receipt
    return StreetState.DONE, receipt
