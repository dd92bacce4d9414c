"""evalkit: from a year's questionnaires to an honest league table and a diagnosis for each.

``ek.create`` makes a folder to fill, ``ek.open`` opens it, ``.evaluate()`` and ``.publish(...)`` are
the two stories, and ``ek.what_if`` asks them again under another scheme.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from evalkit.garbage import left_alone
from evalkit.version import __version__

if TYPE_CHECKING:
    from evalkit import figures, methods
    from evalkit.answers.handing_on import Rows
    from evalkit.errors import InputErrors, Note, Problem, RenderError, UnknownId
    from evalkit.evaluation import evaluate
    from evalkit.inputs import Inputs
    from evalkit.pages.press.sentences import said
    from evalkit.supposing import varied, what_if
    from evalkit.tables import Evaluation
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

_FROM = {
    "Evaluation": "evalkit.tables",
    "InputErrors": "evalkit.errors",
    "Inputs": "evalkit.inputs",
    "Note": "evalkit.errors",
    "Problem": "evalkit.errors",
    "RenderError": "evalkit.errors",
    "Rows": "evalkit.answers.handing_on",
    "UnknownId": "evalkit.errors",
    "Workspace": "evalkit.workspace",
    "create": "evalkit.workspace",
    "evaluate": "evalkit.evaluation",
    "open": "evalkit.workspace",
    "said": "evalkit.pages.press.sentences",
    "varied": "evalkit.supposing",
    "what_if": "evalkit.supposing",
}
"""Where each name is; it is imported when it is asked for, so that ``--help`` waits for nothing."""


def __getattr__(name: str) -> Any:
    if name in ("figures", "methods"):
        return import_module(f"evalkit.{name}")
    if name not in _FROM:
        raise AttributeError(f"module 'evalkit' has no attribute {name!r}")
    with left_alone():
        found = getattr(import_module(_FROM[name]), name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
