"""Documents from files: the suffix tells how to read one, every fault is collected.

Whatever the bytes are, the outcome is a document or None with problems, never an exception.
"""

from __future__ import annotations

from pathlib import Path
from typing import TypeVar

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.city import City
from evalkit.definitions.claims import Claims
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.documents import Document
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.persons import Persons
from evalkit.definitions.places import Places
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.roster_file import PERSONS, read_list, read_roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Themes
from evalkit.definitions.validating import validate
from evalkit.definitions.workbook import read_workbook
from evalkit.definitions.yaml_text import read_yaml
from evalkit.errors import Problems

YAML = (".yaml", ".yml")
WORKBOOK = (".xlsx",)
TABLES = (".csv", ".xlsx")

D = TypeVar("D", bound=Document)


def load_questionnaire(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Questionnaire | None:
    """Load a questionnaire from YAML or xlsx; None, with problems, if it has any fault.

    Parameters
    ----------
    path : Path
    name : str
        Path as the analyst knows it.
    problems : Problems
        Collects every fault.
    places : Places, optional
        Takes where everything stands, for faults between documents.
    even_if_faulty : bool
        Return a document that could be read completely although it has faults: to look for faults
        elsewhere with it, never to evaluate. Its problems are collected all the same.
    """
    return _load(Questionnaire, path, name, problems, places, even_if_faulty)


def load_scheme(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Scheme | None:
    """Load a scheme from YAML or xlsx; as `load_questionnaire`."""
    return _load(Scheme, path, name, problems, places, even_if_faulty)


def load_crosswalk(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Crosswalk | None:
    """Load a crosswalk from YAML or xlsx; as `load_questionnaire`."""
    return _load(Crosswalk, path, name, problems, places, even_if_faulty)


def load_actions(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> ActionLibrary | None:
    """Load a library of actions from YAML or xlsx; as `load_questionnaire`."""
    return _load(ActionLibrary, path, name, problems, places, even_if_faulty)


def load_ledger(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Ledger | None:
    """Load a ledger from YAML or xlsx; as `load_questionnaire`."""
    return _load(Ledger, path, name, problems, places, even_if_faulty)


def load_themes(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Themes | None:
    """Load the themes of open answers from YAML or xlsx; as `load_questionnaire`."""
    return _load(Themes, path, name, problems, places, even_if_faulty)


def load_claims(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Claims | None:
    """Load published numbers from YAML or xlsx; as `load_questionnaire`."""
    return _load(Claims, path, name, problems, places, even_if_faulty)


def load_roster(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Roster | None:
    """Load a roster from CSV, xlsx or YAML; as `load_questionnaire`."""
    if path.suffix.lower() in TABLES:
        return read_roster(path, name, problems, places, even_if_faulty=even_if_faulty)
    return _load(Roster, path, name, problems, places, even_if_faulty, (*TABLES, *YAML))


def load_persons(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> Persons | None:
    """Load a track's roster of persons from CSV, xlsx or YAML; as `load_questionnaire`."""
    if path.suffix.lower() in TABLES:
        return read_list(PERSONS, path, name, problems, places, even_if_faulty=even_if_faulty)
    return _load(Persons, path, name, problems, places, even_if_faulty, (*TABLES, *YAML))


def load_order(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> EvaluationOrder | None:
    """Load an evaluation.yaml; as `load_questionnaire`."""
    return _load(EvaluationOrder, path, name, problems, places, even_if_faulty, YAML)


def load_city(
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None = None,
    *,
    even_if_faulty: bool = False,
) -> City | None:
    """Load a city.yaml; as `load_questionnaire`."""
    return _load(City, path, name, problems, places, even_if_faulty, YAML)


def _load(
    model: type[D],
    path: Path,
    name: str,
    problems: Problems,
    places: Places | None,
    even_if_faulty: bool,
    suffixes: tuple[str, ...] = (*YAML, *WORKBOOK),
) -> D | None:
    before = len(problems)
    places = Places() if places is None else places
    suffix = path.suffix.lower()
    if suffix not in suffixes:
        problems.add(
            "unsupported_suffix",
            "不支持这种文件",
            file=name,
            expected="、".join(suffixes),
            found=path.suffix or "（没有后缀）",
            remedy="另存为支持的格式，或改正引用它的文档",
        )
        return None
    data = (
        read_yaml(path, name, problems, places)
        if suffix in YAML
        else read_workbook(model, path, name, problems, places)
    )
    if data is None:
        return None
    document = validate(model, data, name, problems, places, even_if_faulty=even_if_faulty)
    return document if len(problems) == before or even_if_faulty else None
