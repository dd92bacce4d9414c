"""evalkit: from a year's questionnaires to an honest league table and a diagnosis for each.

>>> import evalkit as ek
>>> ws = ek.open("changshou")  # doctest: +SKIP
>>> ev = ws.evaluate()  # doctest: +SKIP
>>> ev.ranking  # doctest: +SKIP
"""

from evalkit.errors import InputErrors, Note, Problem, RenderError
from evalkit.tables import Evaluation
from evalkit.version import __version__
from evalkit.workspace import Workspace, create, open

__all__ = [
    "Evaluation",
    "InputErrors",
    "Note",
    "Problem",
    "RenderError",
    "Workspace",
    "__version__",
    "create",
    "open",
]
