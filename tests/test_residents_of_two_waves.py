"""The first story of a street whose residents say who they are and how they answered."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from evalkit import bookkeeping
from evalkit.answers.modes import by_mode
from evalkit.answers.weighting import Weighed
from evalkit.definitions.roster import Roster, Subject
from evalkit.evaluation import foresee, measure_waves, notes_of, rank_waves
from evalkit.findings.panel import Between
from evalkit.inputs import Inputs
from evalkit.tables import COMPOSITE, Answers
from tests.answers import cells as small
from tests.answers.street import InMemory
from tests.deciding import decided, order

SUBJECTS = ("jia", "yi", "bing")
WAVES = ("2015", "2016")


def rows(wave: str, kept: np.ndarray) -> Answers:
    """Thirty residents a committee, of whom twenty answer in both waves and think much as before."""
    rng = np.random.default_rng(int(wave))
    given, who = [], []
    for at, subject in enumerate(SUBJECTS):
        for person in range(30):
            old = person < 20
            mood = kept[at, person] if old else rng.standard_normal()
            told = 0.9 * mood + 0.44 * rng.standard_normal() + 0.2 * at
            code = "1" if told > 0.3 else "2" if told > -0.6 else "3"
            given.append((subject, "", {**dict.fromkeys(("a", "b", "c", "all"), code), "t": "9"}))
            who.append(f"{subject}{person if old else wave + str(person)}")
    made = small.answers(*given, wave=wave)
    mode = "paper" if wave == "2015" else "online"
    names = made.respondents.index
    return replace(
        made, who=dict(zip(names, who, strict=True)), modes=dict.fromkeys(map(str, names), mode)
    )


@pytest.fixture(scope="module")
def inputs() -> Inputs:
    groups = [g.model_copy(update={"weight": 100.0}) for g in small.scheme().groups[:1]]
    scheme = small.scheme().model_copy(update={"groups": groups, "residents_weight": 100.0})
    roster = Roster(subjects=[Subject(id=s, name=f"{s}居民区") for s in SUBJECTS])
    form = small.form()
    return Inputs(decided(scheme, {form.id: form}, roster, order=order(WAVES, draws=1000)), {})


def test_who_answers_twice_makes_changes_surer_and_modes_are_told(inputs: Inputs) -> None:
    kept = np.random.default_rng(1).standard_normal((3, 20))
    answers = {wave: rows(wave, kept) for wave in WAVES}
    weighed = {wave: Weighed(own, {}, ()) for wave, own in answers.items()}
    by, books = inputs.decided, bookkeeping.keep(inputs.decided, {}, WAVES)
    cells = measure_waves(inputs, WAVES, weighed, InMemory(), books)
    results = rank_waves(cells, answers, by, books).results
    changes = results["2016"].changes
    assert changes is not None
    common = Between(cells["2015"], cells["2016"], by.scheme).common(COMPOSITE, SUBJECTS)
    assert (np.diag(common.covariance) > 0).all()
    apart = [results[wave].scores.covariance.diagonal() for wave in WAVES]
    expected = apart[0] + apart[1] - 2 * np.diag(common.covariance)
    np.testing.assert_allclose(changes.table["change_se"] ** 2, expected, rtol=1e-9)
    assert (expected < 0.8 * (apart[0] + apart[1])).all()
    codes = {note.code: note for note in notes_of(by, (), weighed, results)}
    assert codes["residents_matched"].count == 60
    assert codes["modes_shifted"].facts["mode"] == "paper"
    assert by_mode(answers["2016"], by)["share"].tolist() == [1.0]


def test_a_check_tells_what_is_odd_before_anything_is_ranked(inputs: Inputs) -> None:
    kept = np.zeros((3, 20))
    answers = {wave: rows(wave, kept) for wave in WAVES}
    first, second, *rest = answers["2016"].who.items()
    twice = {first[0]: first[1], second[0]: first[1], **dict(rest[1:])}
    odd = {**answers, "2016": replace(answers["2016"], who=twice)}
    found = foresee(inputs, odd)
    assert found is not None
    codes = [note.code for note in found.notes]
    assert {"panel_twice", "panel_missing", "modes_shifted"} <= set(codes)
