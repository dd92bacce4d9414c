"""Where the shipped files are: presets (`questionnaires/`) and templates (`reports/`).

In a checkout and an editable install they lie beside the package; in a wheel, inside it.
"""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def shipped(folder: str) -> Path:
    """Return the path of a shipped top-level folder.

    Parameters
    ----------
    folder : str
        ``"questionnaires"`` or ``"reports"``.

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


def templates() -> Path:
    """Return the folder of the page templates."""
    return shipped("reports") / "templates"
