"""A city's folder: its documents, its streets' folders, and what all streets share."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from evalkit import assets
from evalkit.definitions import loading
from evalkit.definitions.city import City, CityRoster, Street
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster_file import CITY_ROSTER, STREETS, read_list
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import InputErrors, Problems
from evalkit.folder import ORDER
from evalkit.folder.documents import shared_documents
from evalkit.problems import city as problems_of

CITY = "city.yaml"
FOLDERS = "streets"
"""Folder with a workspace for each street."""
RECEIPTS = "receipts"
DATABASE = "city.duckdb"
OUT = "out"
BOUNDARIES = "boundaries.geojson"
"""Areas of the streets, by their ids, where somebody has them."""


@dataclass(frozen=True)
class Town:
    """A city's folder that was opened.

    Attributes
    ----------
    root : Path
    city : City
    streets : tuple of Street
        In the city's order.
    roster : CityRoster or None
        All committees in one list, where the city keeps one.
    scheme, questionnaires
        What all streets share.
    """

    root: Path
    city: City
    streets: tuple[Street, ...]
    roster: CityRoster | None
    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]

    @property
    def wave(self) -> str:
        """The wave that is evaluated and told: the city's last one."""
        return self.city.last.id

    def folder(self, street: str) -> Path:
        """Return where a street's workspace lies."""
        return self.root / FOLDERS / street

    def has(self, street: str) -> bool:
        """Tell whether a street's workspace is there."""
        return (self.folder(street) / ORDER).is_file()

    def chosen(self, wanted: Sequence[str]) -> tuple[Street, ...]:
        """Return the streets of these ids, all of them for none; `InputErrors` for unknown ones."""
        ids = [street.id for street in self.streets]
        if unknown := [one for one in wanted if one not in ids]:
            raise InputErrors([problems_of.unknown_streets(unknown, ids)])
        return tuple(s for s in self.streets if not wanted or s.id in wanted)

    @cached_property
    def shared(self) -> str:
        """The fingerprint of what all streets share; see `shared_fingerprint`."""
        return shared_fingerprint(self.scheme, self.questionnaires)

    @property
    def scheme_of_streets(self) -> str:
        """What a street's evaluation.yaml names as its scheme."""
        return self.city.scheme if self._of_preset else f"../../{self.city.scheme}"

    @property
    def _of_preset(self) -> bool:
        own = (self.root / "scheme.yaml").is_file()
        return self.city.scheme in assets.presets() and not own

    @property
    def shared_files(self) -> dict[str, Path]:
        """The files that every street's results rest on, by name."""
        folders = [assets.preset(self.city.scheme)] if self._of_preset else []
        found = {p.name: p for f in folders for p in sorted(f.iterdir()) if p.is_file()}
        if not folders:
            found = {self.city.scheme: self.root / self.city.scheme}
            for pattern in (
                "questionnaires/*",
                "crosswalks/*",
                "actions.*",
                "themes.*",
                "claims.*",
            ):
                for path in sorted(self.root.glob(pattern)):
                    if path.is_file() and not path.name.startswith((".", "~$")):
                        found[path.relative_to(self.root).as_posix()] = path
        return found


def shared_fingerprint(scheme: Scheme, questionnaires: Mapping[str, Questionnaire]) -> str:
    """Return the SHA-256 of a scheme and of the questionnaires through which its groups speak."""
    used = sorted({g.questionnaire for g in scheme.groups if g.questionnaire is not None})
    texts = [dump_yaml(scheme), *(dump_yaml(questionnaires[code]) for code in used)]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()


def scheme_fingerprint(scheme: Scheme) -> str:
    """Return the SHA-256 of a scheme's YAML, as a street's database has it."""
    return hashlib.sha256(dump_yaml(scheme).encode()).hexdigest()


def open_town(path: str | Path) -> Town:
    """Open a city's folder.

    Raises
    ------
    InputErrors
        If it is not one, or with every problem of the city's own documents.
    """
    root = Path(path)
    if not (root / CITY).is_file():
        raise InputErrors([problems_of.not_a_city(str(root))])
    problems = Problems()
    city = loading.load_city(root / CITY, CITY, problems)
    problems.raise_if_any()
    assert city is not None
    streets = read_list(STREETS, root / city.streets, city.streets, problems)
    roster = None
    if city.roster is not None:
        roster = read_list(CITY_ROSTER, root / city.roster, city.roster, problems)
    scheme, questionnaires = shared_documents(root, city.scheme, problems)
    problems.raise_if_any()
    assert streets is not None
    assert scheme is not None
    return Town(root, city, tuple(streets.streets), roster, scheme, questionnaires)
