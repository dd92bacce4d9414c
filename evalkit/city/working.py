"""One street, evaluated and published in a process of its own; its receipt comes last."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace
from pathlib import Path

from evalkit import publication, workspace
from evalkit.city import coding, receipts
from evalkit.city.receipts import Receipt
from evalkit.city.town import FOLDERS, OUT, shared_fingerprint
from evalkit.definitions import loading
from evalkit.errors import InputErrors, Problem, Problems, RenderError
from evalkit.folder import DATABASE, ORDER
from evalkit.keeping.disk import digest
from evalkit.problems import city as problems_of

_PATIENCE = 20
"""Times that a street is tried which a dying process still holds, a second apart."""


@dataclass(frozen=True, slots=True)
class Task:
    """A street to be evaluated: where the city lies, and the receipt as far as it is known."""

    root: Path
    begun: Receipt


def work(task: Task) -> Receipt:
    """Evaluate and publish a street, write its receipt, and return it.

    Whatever is wrong with the street stands in the receipt: other streets go on.
    """
    receipt = _worked(task)
    receipts.write(task.root, receipt)
    return receipt


def _worked(task: Task) -> Receipt:
    for left in reversed(range(_PATIENCE)):
        try:
            return _evaluated(task)
        except InputErrors as errors:
            if left and {p.code for p in errors.problems} == {"another_run"}:
                time.sleep(1.0)
                continue
            return _without(task, *errors.problems)
        except RenderError as error:
            return _without(task, problems_of.street_failed(task.begun.street, str(error)))
        except Exception as error:  # one street must not end the others
            said = f"{type(error).__name__}: {error}"
            return _without(task, problems_of.street_failed(task.begun.street, said))
    raise AssertionError("the last try returns")


def _without(task: Task, *problems: Problem) -> Receipt:
    return replace(task.begun, problems=[problem.as_dict() for problem in problems])


def _evaluated(task: Task) -> Receipt:
    begun = task.begun
    folder = task.root / FOLDERS / begun.street
    space = workspace.open(folder)
    order = loading.load_order(folder / ORDER, ORDER, Problems())
    if order is not None and order.settings.seed != begun.seed:
        found = order.settings.seed
        raise InputErrors([problems_of.another_seed(begun.street, begun.seed, found)])
    with space.working("run"):
        evaluation = space.evaluate(begun.wave)
        space.publish(evaluation, jobs=1, pdf=begun.pdf)
    decided = evaluation.decided
    return replace(
        begun,
        shared=shared_fingerprint(decided.scheme, decided.questionnaires),
        fingerprint=evaluation.fingerprint,
        manifest=digest(folder / OUT / begun.wave / publication.MANIFEST),
        database=digest(folder / DATABASE),
        rows=coding.write(task.root, begun.street, evaluation),
    )
