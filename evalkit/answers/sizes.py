"""Answers against the number of people that the documents say there are."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.answers.whereabouts import whereabouts
from evalkit.definitions.decided import Decided
from evalkit.definitions.units import Units
from evalkit.errors import Problems
from evalkit.problems.evaluation import more_answers_than_people
from evalkit.tables import Answers


def check(answers: Answers, decided: Decided, problems: Problems) -> None:
    """Collect every committee where more people answered than are said to exist.

    Either the number in the roster or the scheme is wrong, or answers of other people are among
    them; a correction for a finite population would be negative.
    """
    units = Units.of(decided.roster)
    listed, people = units.listed(answers.wave), units.populations(answers.wave)
    rows = answers.respondents
    places = whereabouts(answers, decided)
    of, by = places["subject"].array, places["group"].array
    assert isinstance(of, pd.Categorical)
    for group in decided.scheme.groups:
        inside = np.asarray(by == group.code)
        if group.raters == "rater":
            own = rows[inside]
            raters = own["rater"].where(own["rater"] != "", own["respondent"])
            found = {"": int(raters.nunique())}
        else:
            sizes = np.bincount(of.codes[inside], minlength=len(of.categories)).tolist()
            found = {str(s): n for s, n in zip(of.categories, sizes, strict=True) if n}
        for subject, n in found.items():
            limits = (
                (listed.get(subject) if group.sample == "list" else None, "listed"),
                (people.get(subject) if group.residents else None, "people"),
                (group.population, "population"),
            )
            for most, where in limits:
                if most is not None and n > most:
                    named = decided.roster.subject(subject).name if subject else ""
                    problems.collect(
                        more_answers_than_people(answers.wave, group.name, named, n, most, where)
                    )
