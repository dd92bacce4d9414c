"""The lists of what was to be done that came back, in ``follow-up/``: by wave.

``follow-up/<wave>.xlsx`` is one list for all; in a folder ``follow-up/<wave>/`` there may be one
file a committee. Lists of waves that are not earlier than the last one are left alone.
"""

from __future__ import annotations

from evalkit.definitions.checklist import Returned
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.folder.shelf import Shelf
from evalkit.intake.returned import Given, read_returned

FOLLOW_UP = "follow-up"


def returned_of(shelf: Shelf, order: EvaluationOrder) -> dict[str, Returned]:
    """Read every list that came back, earliest wave first."""
    found = {}
    for wave, files in sorted(files_of(shelf).items()):
        if wave >= order.waves[-1].id:
            continue
        for file in files:
            shelf.record(shelf.at(file.name))
        read = read_returned(wave, files, order, shelf.problems)
        if read is not None:
            found[wave] = read
    return found


def files_of(shelf: Shelf) -> dict[str, list[Given]]:
    """Return the files that came back, by the wave they are named after."""
    root = shelf.root / FOLLOW_UP
    found: dict[str, list[Given]] = {}
    for path in sorted(root.rglob("*.xlsx")) if root.is_dir() else []:
        parts = path.relative_to(root).parts
        hidden = any(part.startswith((".", "~$")) for part in parts)
        if hidden or len(parts) > 2 or not path.is_file():
            continue
        wave = path.stem if len(parts) == 1 else parts[0]
        name = path.relative_to(shelf.root).as_posix()
        found.setdefault(wave, []).append(Given(path, name))
    return found
