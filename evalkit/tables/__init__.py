"""What flows between the rooms: the schemas of the frames and the frozen result types.

In the order of the flow: `frames` (as files have them), `rows` (answers, import report), `cells`,
`results` (scores, ranking, changes, diagnosis, assurance), `evaluated`. `beforehand` holds what
there is without answers. `check` compares a frame with its declaration.

Symbols in shapes: K subjects, G rater groups, I indicators, M measures (composite, dimensions,
indicators), W waves.
"""

from evalkit.tables.beforehand import Illustration, InventedAnswer, InventedPerson
from evalkit.tables.cells import OVERALL, Cells, Floats, GroupCells, Integers, Overlap
from evalkit.tables.columns import Column
from evalkit.tables.evaluated import Evaluation, WaveResult
from evalkit.tables.frames import (
    ALL_GROUPS,
    ANYTHING,
    COMPOSITE,
    FRAMES,
    check,
    frame,
    markdown,
    no_rows,
)
from evalkit.tables.persons import Appraisal, TrackSummary
from evalkit.tables.registry import REGISTRY, Registered, published
from evalkit.tables.results import (
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
    Ranking,
    ResidentsOfAKind,
    Scores,
)
from evalkit.tables.rows import Answers, FileReport, Rejection, State

__all__ = [
    "ALL_GROUPS",
    "ANYTHING",
    "COMPOSITE",
    "FRAMES",
    "OVERALL",
    "REGISTRY",
    "RELIABLE",
    "Answers",
    "Appraisal",
    "Assurance",
    "Cells",
    "Changes",
    "Column",
    "Diagnosis",
    "Evaluation",
    "FileReport",
    "Finding",
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
    "Ranking",
    "Registered",
    "Rejection",
    "ResidentsOfAKind",
    "Scores",
    "State",
    "TrackSummary",
    "WaveResult",
    "check",
    "frame",
    "markdown",
    "no_rows",
    "published",
]
