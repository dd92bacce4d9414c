"""evalkit: from a year's questionnaires to an honest league table and a diagnosis for each.

``ek.create`` makes a folder to fill, ``ek.open`` opens it, ``.evaluate()`` and ``.publish(...)`` are
the two stories, and ``ek.what_if`` asks them again under another scheme.
"""

from evalkit import figures, methods
from evalkit.answers.handing_on import Rows
from evalkit.errors import InputErrors, Note, Problem, RenderError, UnknownId
from evalkit.evaluation import Inputs, evaluate
from evalkit.pages.press.sentences import said
from evalkit.tables import Evaluation
from evalkit.version import __version__
from evalkit.what_if import varied, what_if
from evalkit.workspace import Workspace, create, open

__all__ = [
    "Evaluation",
    "InputErrors",
    "Inputs",
    "Note",
    "Problem",
    "RenderError",
    "Rows",
    "UnknownId",
    "Workspace",
    "__version__",
    "create",
    "evaluate",
    "figures",
    "methods",
    "open",
    "said",
    "varied",
    "what_if",
]
