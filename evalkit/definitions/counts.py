"""counts.csv: how many people and households every unit had in every wave."""

from __future__ import annotations

from collections.abc import Iterator

from pydantic import Field

from evalkit.definitions.documents import Document
from evalkit.definitions.faults import Fault, duplicates
from evalkit.definitions.levels import Count
from evalkit.definitions.text import committee_key


class Counts(Document):
    """All counts, a row for every unit and wave."""

    counts: list[Count] = Field(
        min_length=1, title="人口与户数", description="每个单位、每个批次一行"
    )

    def faults(self) -> Iterator[Fault]:
        """Yield rows without any number, and units that are counted twice in a wave."""
        for at, row in enumerate(self.counts):
            if row.population is None and row.households is None:
                yield Fault(
                    ("counts", at),
                    "count_empty",
                    "这一行没有数",
                    expected="人口或户数，至少一样",
                    found=f"{row.unit} {row.wave}",
                    remedy="填上，或删去这一行",
                    needs=(("counts", at, "population"), ("counts", at, "households")),
                )
        yield from duplicates(
            "单位和批次",
            [
                (("counts", at, "unit"), f"{committee_key(row.unit)} {row.wave}")
                for at, row in enumerate(self.counts)
            ],
        )
