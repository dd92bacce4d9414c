"""Who rates whom beyond residents, departments, partners and peers; what colleagues have in common."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit import assets
from evalkit.definitions.loading import load_questionnaire, load_scheme
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.errors import Problems
from evalkit.simulation import simulate, street
from evalkit.simulation.plan import StreetPlan
from evalkit.simulation.respondents import choices
from evalkit.simulation.standing import Asked, Documents, street_truth


@pytest.fixture(scope="module")
def workers() -> Documents:
    problems, folder = Problems(), assets.track_preset("workers")
    scheme = load_scheme(folder / "scheme.yaml", "scheme.yaml", problems)
    forms = [
        load_questionnaire(folder / f"{name}.yaml", name, problems)
        for name in ("worker_rating", "worker_resident")
    ]
    assert scheme is not None
    return Documents(scheme, {form.id: form for form in forms if form is not None}, {})


PERSONS = tuple(
    Subject(id=f"w{unit}{at}", name=f"w{unit}{at}", zone=f"第{unit}居民区")
    for unit, count in enumerate((3, 4, 5))
    for at in range(count)
)


def test_colleagues_rate_the_others_of_their_own_unit(workers: Documents) -> None:
    asked = Asked(StreetPlan(returned={"colleague": 1.0}), ("colleague",), persons=True)
    truth = street_truth(workers, PERSONS, ["2025"], asked)
    sheet = simulate(truth, workers.scheme, workers.questionnaires, seed=1).sheets[
        "2025", "colleague"
    ]
    zones = np.array([person.zone for person in PERSONS])
    assert (zones[sheet.subject] == zones[sheet.rater]).all()
    assert (sheet.subject != sheet.rater).all()
    assert len(sheet.subject) == 3 * 2 + 4 * 3 + 5 * 4
    assert (
        truth.issued[0, :, truth.groups.index("colleague")].tolist() == [2] * 3 + [3] * 4 + [4] * 5
    )


def test_the_colleagues_of_a_unit_are_all_as_lenient(workers: Documents) -> None:
    plan = StreetPlan(mean=70.0, leniency=4.0)
    lenient, strict = (
        street_truth(workers, PERSONS, ["2025"], Asked(own, ("colleague",), persons=True)).mean[0]
        for own in (plan, plan.model_copy(update={"leniency": 0.0}))
    )
    added = lenient - strict
    groups = [group.code for group in workers.scheme.groups]
    colleagues = groups.index("colleague")
    for first, last in ((0, 3), (3, 7), (7, 12)):
        own = added[first:last, colleagues]
        assert np.ptp(own) < 1e-9
        assert abs(own[0, 0]) > 0.1
    assert np.ptp([added[at, colleagues, 0] for at in (0, 3, 7)]) > 1.0
    others = [place for place, code in enumerate(groups) if code != "colleague"]
    assert np.abs(added[:, others]).max() < 1e-9


def test_raters_of_an_area_rate_all_of_it_and_nothing_else(workers: Documents) -> None:
    subjects = [
        Subject(id=f"s{at}", name=f"甲{at}", partitions={"网格站": f"第{at // 3}站"})
        for at in range(9)
    ]
    made = street(workers.scheme, subjects, waves=["2025"], issued={"department": 4}, seed=3)
    truth = replace(made, patterns={**made.patterns, "department": "near", "colleague": "each"})
    sheet = simulate(truth, workers.scheme, workers.questionnaires, seed=4).sheets[
        "2025", "department"
    ]
    pairs = set(zip(sheet.rater.tolist(), sheet.subject.tolist(), strict=True))
    assert pairs == {(4 * (at // 3) + rater, at) for at in range(9) for rater in range(4)}


def test_a_number_is_answered_in_steps_of_its_range() -> None:
    item = Item(
        id="q", text="几分", kind="number", minimum=1, maximum=10, options=[{"不知道": "不计分"}]
    )
    form = Questionnaire(id="f", title="问卷", items=[item])
    found = choices(form, item)
    assert [option.code for option in found[:-1]] == [str(n) for n in range(1, 11)]
    assert found[0].score == 0.0
    assert found[9].score == 100.0
    assert found[3].score == pytest.approx(100.0 * 3 / 9)
    assert found[-1].missing == "dont_know"
