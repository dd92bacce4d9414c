"""What flows between the rooms: the schemas of the frames and the frozen result types.

In the order of the flow: `frames` (as files have them), `rows` (answers, import report), `cells`,
`results` (scores, ranking, changes, diagnosis, assurance), `evaluated`. `beforehand` holds what
there is without answers. `check` compares a frame with its declaration.

Symbols in shapes: K subjects, G rater groups, I indicators, M measures (composite, dimensions,
indicators), W waves.
"""

from evalkit.tables.beforehand import Illustration, InventedAnswer, InventedPerson
from evalkit.tables.cells import (
    OVERALL,
    Atoms,
    Cells,
    Finer,
    Floats,
    GroupCells,
    Integers,
    Overlap,
)
from evalkit.tables.city import CITY_FRAMES, city_frame
from evalkit.tables.city import city_markdown as _of_cities
from evalkit.tables.columns import Column
from evalkit.tables.evaluated import Evaluation, WaveResult
from evalkit.tables.frames import (
    ALL_GROUPS,
    ANYTHING,
    COMPOSITE,
    FRAMES,
    check,
    frame,
    no_rows,
)
from evalkit.tables.frames import markdown as _of_evaluations
from evalkit.tables.persons import Appraisal, TrackSummary
from evalkit.tables.registry import REGISTRY, Registered, published
from evalkit.tables.results import (
    MOSTLY,
    RELIABLE,
    Assurance,
    Changes,
    Diagnosis,
    Finding,
    History,
    Incomplete,
    Measure,
    Needs,
    NotCompared,
    Opinions,
    Provisional,
    Ranking,
    ResidentsOfAKind,
    Scores,
)
from evalkit.tables.rows import Answers, FileReport, Rejection, State

__all__ = [
    "ALL_GROUPS",
    "ANYTHING",
    "CITY_FRAMES",
    "COMPOSITE",
    "FRAMES",
    "MOSTLY",
    "OVERALL",
    "REGISTRY",
    "RELIABLE",
    "Answers",
    "Appraisal",
    "Assurance",
    "Atoms",
    "Cells",
    "Changes",
    "Column",
    "Diagnosis",
    "Evaluation",
    "FileReport",
    "Finding",
    "Finer",
    "Floats",
    "GroupCells",
    "History",
    "Illustration",
    "Incomplete",
    "Integers",
    "InventedAnswer",
    "InventedPerson",
    "Measure",
    "Needs",
    "NotCompared",
    "Opinions",
    "Overlap",
    "Provisional",
    "Ranking",
    "Registered",
    "Rejection",
    "ResidentsOfAKind",
    "Scores",
    "State",
    "TrackSummary",
    "WaveResult",
    "check",
    "city_frame",
    "frame",
    "markdown",
    "no_rows",
    "published",
]


def markdown() -> str:
    """Return all declared frames as a Markdown page: ``docs/tables.md``."""
    return _of_evaluations() + _of_cities()
