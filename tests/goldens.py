"""Numbers that R made (`tests/golden`), each file beside the script that writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

FOLDER = Path(__file__).parent / "golden"


def golden(name: str) -> Any:
    """Return what ``tests/golden/NAME.R`` wrote."""
    return json.loads((FOLDER / f"{name}.json").read_text())
