"""Where the shipped files are: presets (`questionnaires/`), ledgers (`ledgers/`), templates (`reports/`).

In a checkout and an editable install they lie beside the package; in a wheel, inside it.
"""

from __future__ import annotations

from pathlib import Path

START = "START.md"
"""In a preset: what a new folder's README says."""

SUPERSEDED = "superseded.txt"
"""In a preset: sentences of earlier editions, one a line."""

NOT_COPIED = ("README.md", SUPERSEDED)
"""In a preset: about the preset, not for a new folder."""

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: str) -> Path:
    """Return the path of a shipped top-level folder.

    Parameters
    ----------
    folder : str
        ``"questionnaires"``, ``"ledgers"`` or ``"reports"``.

    Raises
    ------
    FileNotFoundError
        If the installation is incomplete.
    """
    for candidate in (_PACKAGE / "shipped" / folder, _PACKAGE.parent / folder):
        if candidate.is_dir():
            return candidate
    raise FileNotFoundError(f"evalkit was installed without its {folder!r} folder")


def presets() -> tuple[str, ...]:
    """Return the names of the shipped presets, sorted."""
    return tuple(sorted(p.parent.name for p in shipped("questionnaires").glob("*/scheme.yaml")))


def preset(name: str) -> Path:
    """Return the folder of a shipped preset; raise `KeyError` if there is none of that name."""
    if name not in presets():
        raise KeyError(name)
    return shipped("questionnaires") / name


def track_presets() -> tuple[str, ...]:
    """Return the names of the shipped evaluations of persons, sorted."""
    return tuple(
        sorted(p.parent.name for p in shipped("questionnaires").glob("tracks/*/scheme.yaml"))
    )


def track_preset(name: str) -> Path:
    """Return the folder of a shipped evaluation of persons; `KeyError` if there is none of that name."""
    if name not in track_presets():
        raise KeyError(name)
    return shipped("questionnaires") / "tracks" / name


def ledgers() -> tuple[str, ...]:
    """Return the ids of the shipped ledgers, sorted."""
    return tuple(sorted(path.stem for path in shipped("ledgers").glob("*.yaml")))


def ledger(name: str) -> Path:
    """Return the document of a shipped ledger; raise `KeyError` if there is none of that id."""
    if name not in ledgers():
        raise KeyError(name)
    return shipped("ledgers") / f"{name}.yaml"


def superseded() -> frozenset[str]:
    """Return sentences that presets once held and that are now written from the documents.

    They speak of numbers and of one street's published figures; a copy of them in a folder would
    contradict whatever was changed there.
    """
    found: set[str] = set()
    for path in shipped("questionnaires").glob(f"*/{SUPERSEDED}"):
        found.update(line.strip() for line in path.read_text(encoding="utf-8").splitlines())
    return frozenset(found - {""})


def templates() -> Path:
    """Return the folder of the page templates."""
    return shipped("reports") / "templates"
