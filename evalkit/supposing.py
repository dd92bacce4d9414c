"""The same answers under another scheme: for questions that begin with "what if".

Nothing is imported again. An `Evaluation` keeps its cells, and scores, rank sets, changes and
diagnoses follow from cells, so another scheme takes half a second.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from math import fsum

from evalkit.answers.comparability import declared, definitions
from evalkit.codes import NoteCode
from evalkit.definitions import consistency
from evalkit.definitions.scheme import Alternative, Dimension, Scheme
from evalkit.definitions.validating import validate
from evalkit.errors import Note, Problems
from evalkit.evaluation import ONE_THREAD, evaluate
from evalkit.inputs import Inputs
from evalkit.problems import evaluation as faults
from evalkit.tables import Evaluation

SCHEME = "scheme.yaml"
NEEDS_ROWS = frozenset({NoteCode.NO_ROWS, NoteCode.ALTERNATIVE_NEEDS_ROWS})
"""Notes that speak of rows lost, which a what-if has set aside on purpose."""
OF_RECORDS = frozenset({NoteCode.CLAIMS_CONTRADICTED})
"""Notes on what was worked out from records: no scheme changes it."""


def varied(
    scheme: Scheme,
    *,
    groups: Mapping[str, float] | None = None,
    dimensions: Mapping[str, float] | None = None,
    indicators: Mapping[str, float] | None = None,
    grades: Mapping[str, float] | None = None,
) -> Scheme:
    """Return a scheme with some weights or grade cut-offs changed, everything else as it was.

    Weights are percentages of the score. Those that are not named share what is left of 100, in
    their present proportions. The residents' share becomes whatever their groups add up to, and
    alternatives keep the weights they meant.

    Parameters
    ----------
    scheme : Scheme
    groups : dict of rater group code to weight
        0 leaves the group out altogether.
    dimensions : dict of dimension code to weight
        Indicators keep their proportions inside a dimension.
    indicators : dict of indicator code to weight
        Instead of `dimensions`, which become what their indicators add up to.
    grades : dict of grade name to cut-off
        Points, 0 to 100.

    Raises
    ------
    InputErrors
        For a code that the scheme does not have, weights that leave nothing or less for the
        others, cut-offs out of order, or both `dimensions` and `indicators`.

    Examples
    --------
    >>> import tempfile
    >>> import evalkit as ek
    >>> from evalkit.definitions.loading import load_scheme
    >>> folder = ek.create(tempfile.mkdtemp(), "changshou").root
    >>> scheme = load_scheme(folder / "scheme.yaml", "scheme.yaml", Problems())
    >>> {group.code: round(group.weight, 2) for group in scheme.groups}
    {'key': 40.0, 'random': 30.0, 'department': 15.0, 'partner': 10.0, 'peer': 5.0}
    >>> other = varied(scheme, groups={"key": 50})  # the others share what is left of 100
    >>> {group.code: round(group.weight, 2) for group in other.groups}
    {'key': 50.0, 'random': 25.0, 'department': 12.5, 'partner': 8.33, 'peer': 4.17}
    """
    problems = Problems()
    if dimensions and indicators:
        problems.collect(faults.both_levels())
    present = {group.code: group.weight for group in scheme.groups}
    group_weights = _shared("groups", present, groups, problems)
    by_dimension = {dimension.code: dimension.weight for dimension in scheme.dimensions}
    dimension_weights = _shared("dimensions", by_dimension, dimensions, problems)
    by_indicator = {indicator.code: indicator.weight for indicator in scheme.indicators}
    indicator_weights = _shared("indicators", by_indicator, indicators, problems)
    cutoffs = {grade.name: grade.cutoff for grade in scheme.grades}
    _unknown("grades", cutoffs, grades or {}, problems)
    problems.raise_if_any()

    levels = {**cutoffs, **{name: float(cutoff) for name, cutoff in (grades or {}).items()}}
    return _rewritten(scheme, group_weights, dimension_weights, indicator_weights, levels)


def _rewritten(
    scheme: Scheme,
    groups: Mapping[str, float],
    dimensions: Mapping[str, float],
    indicators: Mapping[str, float],
    cutoffs: Mapping[str, float],
) -> Scheme:
    """Return the scheme with these weights and cut-offs; a group of weight 0 goes."""
    kept = [
        group.model_copy(update={"weight": groups[group.code]})
        for group in scheme.groups
        if groups[group.code] > 0
    ]
    changed = {
        "groups": kept,
        "residents_weight": fsum(group.weight for group in kept if group.residents),
        "dimensions": [
            _dimension(dimension, dimensions[dimension.code], indicators)
            for dimension in scheme.dimensions
        ],
        "grades": [
            grade.model_copy(update={"cutoff": float(cutoffs[grade.name])})
            for grade in scheme.grades
        ],
        "alternatives": _meant(scheme, {group.code for group in kept}),
    }
    return checked(scheme.model_copy(update=changed))


def what_if(evaluation: Evaluation, scheme: Scheme) -> Evaluation:
    """Return the same evaluation under another scheme: all waves, from the cells it keeps.

    What needs single answers (drivers, case-mix adjustment, the way answers were given,
    alternatives with other option scores) is left empty, and a note says so. For a scheme that
    measures differently (other items or option scores) evaluate `Workspace.inputs` again.

    Parameters
    ----------
    evaluation : Evaluation
    scheme : Scheme
        Other weights, groups, cut-offs or confidence; see `varied`.

    Raises
    ------
    InputErrors
        If the scheme has a fault, or measures an indicator otherwise than the cells did.
    """
    checked(scheme)
    problems = Problems()
    for indicator, meant in definitions(evaluation.decided.under(scheme)).items():
        cells = evaluation.current.cells
        if declared(cells.definitions.get(indicator, meant)) != meant:
            problems.collect(faults.measured_differently(indicator))
    problems.extend(
        problem
        for problem in consistency.check(
            evaluation.order,
            scheme,
            evaluation.questionnaires,
            evaluation.roster,
            ledgers=evaluation.decided.ledgers,
        )
        if problem.file == SCHEME
    )
    problems.raise_if_any()
    measured = {wave: result.cells for wave, result in evaluation.waves.items()}
    with ONE_THREAD():
        found = evaluate(
            Inputs(evaluation.decided.under(scheme), sources={}, archived=measured),
            wave=evaluation.wave,
        )
    notes = [note for note in found.notes if note.code not in {*NEEDS_ROWS, *OF_RECORDS}]
    kept = [note for note in evaluation.notes if note.code in OF_RECORDS]
    notes = [Note(NoteCode.WHAT_IF), *notes, *kept]
    return replace(
        found,
        reports=evaluation.reports,
        needs=evaluation.needs,
        modes=evaluation.modes,
        claims=evaluation.claims,
        notes=tuple(notes),
        ledgers=evaluation.ledgers,
        objective=evaluation.objective,
        clocks=evaluation.clocks,
        flows=evaluation.flows,
        demand=evaluation.demand,
        listed=evaluation.listed,
        integrity=evaluation.integrity,
        points=evaluation.points,
        validity=evaluation.validity,
    )


def checked(scheme: Scheme) -> Scheme:
    """Return the scheme; raise `InputErrors` with its faults if it has any."""
    problems = Problems()
    validate(Scheme, scheme.model_dump(mode="json"), SCHEME, problems)
    problems.raise_if_any()
    return scheme


def _shared(
    what: str,
    present: Mapping[str, float],
    wanted: Mapping[str, float] | None,
    problems: Problems,
) -> dict[str, float]:
    """Return all weights: those wanted, and the others' shares of what is left of 100."""
    if not wanted:
        return dict(present)
    if _unknown(what, present, wanted, problems):
        return dict(present)
    rest = {code: weight for code, weight in present.items() if code not in wanted}
    left = 100.0 - fsum(wanted.values())
    if min(wanted.values()) < 0 or (left <= 0 if rest else abs(left) > 1e-6):
        weights = list(wanted.values())
        problems.collect(
            faults.weights_do_not_add_up(what, list(wanted), weights, others=bool(rest))
        )
        return dict(present)
    share = left / fsum(rest.values()) if rest else 0.0
    return {code: float(wanted.get(code, weight * share)) for code, weight in present.items()}


def _unknown(
    what: str, known: Mapping[str, float], wanted: Mapping[str, float], problems: Problems
) -> bool:
    unknown = [code for code in wanted if code not in known]
    if unknown:
        problems.collect(faults.unknown_reference(what, unknown, list(known)))
    return bool(unknown)


def _dimension(
    dimension: Dimension, weight: float, indicator_weights: Mapping[str, float]
) -> Dimension:
    scale = weight / dimension.weight
    indicators = [
        indicator.model_copy(update={"weight": indicator_weights[indicator.code] * scale})
        for indicator in dimension.indicators
    ]
    total = fsum(indicator.weight for indicator in indicators)
    return dimension.model_copy(update={"weight": total, "indicators": indicators})


def _meant(scheme: Scheme, kept: set[str]) -> list[Alternative]:
    """Return the alternatives with all their weights written out; those of lost groups go."""
    found = []
    for alternative in scheme.alternatives:
        weights = {g.code: alternative.group_weights.get(g.code, g.weight) for g in scheme.groups}
        if not alternative.group_weights:
            found.append(alternative)
        elif set(weights) == kept:
            found.append(alternative.model_copy(update={"group_weights": weights}))
    return found
