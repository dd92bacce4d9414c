"""What lies in ``out/<wave>/``, read with pandas and json alone, and numbers as people write them.

Nothing of evalkit is imported here: whoever has the published files can do what this does.
"""

from __future__ import annotations

import json
import math
import re
from decimal import ROUND_HALF_EVEN, Decimal
from functools import cached_property
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

Z = 1.959963984540054
PRESET = Path(__file__).parents[2] / "questionnaires/changshou"
"""What the demo street asks, which its folder need not repeat."""


def fixed(value: float, decimals: int = 1) -> str:
    if not present(value):
        return "—"
    exact = Decimal(float(value)).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
    text = f"{abs(exact):f}"
    return f"−{text}" if exact < 0 else text


def signed(value: float, decimals: int = 1) -> str:
    text = fixed(value, decimals)
    return text if text.startswith("−") or not text.strip("0.") else f"+{text}"


def percent(share: float, decimals: int = 0) -> str:
    return f"{fixed(100 * share, decimals)}%"


class Folder:
    """The published files of one wave.

    Attributes
    ----------
    who : str or None
        The committee whose paper is read; None for the street's.
    """

    def __init__(self, path: Path, who: str | None = None) -> None:
        self.path, self.who = path, who
        self._tables: dict[str, pd.DataFrame] = {}

    def of(self, who: str | None) -> Folder:
        found = Folder(self.path, who)
        found._tables = self._tables
        return found

    def table(self, name: str) -> pd.DataFrame:
        if name not in self._tables:
            texts = {"subject": str, "code": str, "group": str, "wave": str, "option": str}
            read = pd.read_csv(self.path / f"{name}.csv", dtype=texts, encoding="utf-8-sig")
            self._tables[name] = read
        return self._tables[name]

    def rows(self, name: str, /, **wanted: str) -> list[dict[str, Any]]:
        table = self.table(name)
        for column, value in wanted.items():
            table = table[table[column] == value]
        return [{str(k): v for k, v in row.items()} for row in table.to_dict("records")]

    def one(self, name: str, /, **wanted: str) -> dict[str, Any]:
        (row,) = self.rows(name, **wanted)
        return row

    def own(self, name: str, /, **wanted: str) -> dict[str, Any]:
        """The row of the committee whose paper is read."""
        return self.one(name, subject=str(self.who), **wanted)

    @cached_property
    def reliability(self) -> dict[str, Any]:
        found: dict[str, Any] = json.loads((self.path / "reliability.json").read_text("utf-8"))
        return found

    @cached_property
    def imported(self) -> list[dict[str, Any]]:
        """What became of the files of this wave."""
        found = json.loads((self.path / "import-report.json").read_text("utf-8"))
        return [report for report in found if report["wave"] == self.wave]

    @property
    def wave(self) -> str:
        return str(self.table("scores")["wave"].iloc[0])

    @cached_property
    def sayings(self) -> dict[tuple[str, str], str]:
        """What questionnaires call a question where its share is told: the folder's, else the demo's."""
        found = [*self.path.parents[1].glob("*.yaml")]
        found += PRESET.glob("*.yaml")
        read = [yaml.safe_load(p.read_text("utf-8")) for p in found]
        items = [i for one in read if isinstance(one, dict) for i in one.get("items", ())]
        return {(i["id"], i["text"]): i["short"] for i in items if "short" in i}

    def question(self, row: dict[str, Any]) -> str:
        """A row of satisfaction.csv as pages name it, without its last mark."""
        return self.sayings.get((row["item"], row["name"]), row["name"]).rstrip("。？！?!")

    @property
    def names(self) -> dict[str, str]:
        return {row["subject"]: row["name"] for row in self.rows("scores")}

    def standing(self, level: str = "composite") -> dict[str, list[dict[str, Any]]]:
        """Rows of the profiles of a level by verdict against the street, best first."""
        rows = sorted(self.rows("profiles", level=level), key=lambda row: -row["estimate"])
        return {v: [r for r in rows if r["verdict"] == v] for v in ("高于", "低于", "无显著差异")}

    def themes(self, who: str = "all") -> list[dict[str, str]]:
        """Of every open question: how many speak of each theme, by its name, and of anything (*)."""
        items: dict[str, dict[str, str]] = {}
        for row in self.rows("themes", subject=who):
            name = "*" if row["code"] == "*" else row["name"]
            items.setdefault(row["item"], {})[name] = f"{int(row['n']):,}"
        return [*items.values()]

    def needs(self, who: str = "all") -> list[dict[str, Any]]:
        """The needs that may be told, most ticked first."""
        rows = [r for r in self.rows("needs", subject=who) if not re.search("其他|没有", r["name"])]
        return sorted(rows, key=lambda row: -row["share"])


def present(value: Any) -> bool:
    return not (value is None or (isinstance(value, float) and math.isnan(value)))
