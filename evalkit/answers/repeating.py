"""Who answers twice: what two waves' means of residents have in common, and what is odd about it.

Who answers is known again by a fingerprint (`intake.acquaintance`). It ends here: what goes on is
counted and added up by committee, and nothing of a committee in which fewer than `LEAST` answered
twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import cache
from itertools import combinations

import numpy as np
import pandas as pd

from evalkit.answers.measuring import units
from evalkit.answers.scores import score_respondents
from evalkit.codes import NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.units import Units
from evalkit.errors import Note
from evalkit.methods.two_waves import Drawn, repeated_means
from evalkit.tables import Answers, Cells, Floats, Overlap

LEAST = 5
"""Residents of a committee who answer twice, below which they count as nobody.

The covariance of one or two people is nearly their answers, and it stays with the cells in the
database.
"""


def remember(
    cells: Mapping[str, Cells], answers: Mapping[str, Answers], decided: Decided
) -> dict[str, Cells]:
    """Return the cells, each with what its residents' means have in common with later waves'.

    Parameters
    ----------
    cells : dict of wave id to Cells
        Earliest wave first.
    answers : dict of wave id to Answers
        Of the waves whose rows are there, weighed; of the others what their cells remember stays.
    """
    found = dict(cells)
    groups = [group for group in decided.scheme.asked if group.raters == "respondent"]
    scored = cache(lambda wave: score_respondents(answers[wave], decided))
    for first, second in combinations([w for w in cells if w in answers], 2):
        for group in groups:
            pairs = _pairs(answers[first], answers[second], group)
            if pairs.empty:
                continue
            own = found[first].groups[group.code]
            rows = tuple(_of_group(answers[wave], group) for wave in (first, second))
            values = scored(first), scored(second)
            common = _overlap(pairs, (found[first], found[second]), rows, values, group, decided)
            kept = replace(own, again={**own.again, second: common})
            found[first] = replace(found[first], groups={**found[first].groups, group.code: kept})
    return found


def _pairs(first: Answers, second: Answers, group: RaterGroup) -> pd.DataFrame:
    """Return who answered of one committee in both waves: ``subject``, ``first``, ``second``."""
    told = [_told(answers, group) for answers in (first, second)]
    once = [own[~own["who"].duplicated(keep=False)] for own in told]
    return (
        once[0]
        .merge(once[1], on=["who", "subject"], suffixes=("_first", "_second"))
        .rename(columns={"respondent_first": "first", "respondent_second": "second"})
    )


def _told(answers: Answers, group: RaterGroup) -> pd.DataFrame:
    """Return the answers of a group that tell who gave them."""
    rows = answers.respondents if answers.who else answers.respondents.iloc[:0]
    own = rows.loc[rows["group"] == group.code, ["respondent", "subject"]].reset_index(drop=True)
    who = own["respondent"].map(lambda name: answers.who.get(name, ""))
    return own.assign(who=who)[(who != "").to_numpy()]


def _of_group(answers: Answers, group: RaterGroup) -> pd.DataFrame:
    rows = answers.respondents
    own = rows[(rows["group"] == group.code).to_numpy()]
    return own.set_index("respondent", drop=False)


def _overlap(
    pairs: pd.DataFrame,
    cells: tuple[Cells, Cells],
    rows: tuple[pd.DataFrame, ...],
    values: tuple[pd.DataFrame, ...],
    group: RaterGroup,
    decided: Decided,
) -> Overlap:
    """Measure what the two waves' means of a group have in common, from its rows and their scores."""
    before, after = cells
    k, m = len(before.subjects), len(before.measures)
    number, share, covariance = np.zeros(k, dtype=np.int64), np.zeros(k), np.zeros((k, m, m))
    for subject, same in pairs.groupby("subject", sort=True):
        if len(same) < LEAST:
            continue
        drawn, places = [], []
        for own, scores, column in zip(rows, values, ("first", "second"), strict=True):
            cell = own[own["subject"] == subject]
            at = pd.Series(np.arange(len(cell)), index=cell.index)
            drawn.append(_drawn(cell, scores, recorded=bool((own["cluster"] != "").any())))
            places.append(at.loc[same[column]].to_numpy(dtype=np.intp))
        at_k = before.subjects.index(str(subject))
        listed = _listed(str(subject), cells, group, decided)
        found = repeated_means(drawn[0], drawn[1], (places[0], places[1]), listed)
        number[at_k], share[at_k], covariance[at_k] = len(same), found.share, found.covariance
    return Overlap(after.groups[group.code].mark, number, share, covariance)


def _drawn(cell: pd.DataFrame, values: pd.DataFrame, *, recorded: bool) -> Drawn:
    own: Floats = values.loc[cell.index].to_numpy(dtype=np.float64)
    return Drawn(own, cell["weight"].to_numpy(np.float64), units(cell) if recorded else None)


def _listed(subject: str, cells: tuple[Cells, Cells], group: RaterGroup, decided: Decided) -> float:
    """Return how many people there are for a committee's group; infinite where nobody says."""
    known: list[float] = [] if group.population is None else [float(group.population)]
    if group.sample == "list":
        lists = [Units.of(decided.roster).listed(one.wave).get(subject) for one in cells]
        known += [float(max(n for n in lists if n is not None))] if any(lists) else []
    return min(known, default=np.inf)


def notes(answers: Answers, decided: Decided) -> Iterator[Note]:
    """Yield what is odd about the numbers that residents of a wave go by; never the numbers."""
    for group in decided.scheme.asked:
        told = _told(answers, group)
        if group.raters != "respondent" or told.empty:
            continue
        where = f"{answers.wave}:{group.code}"
        twice = told.loc[told["who"].duplicated(keep=False), "respondent"]
        if len(twice):
            facts = {"group": group.name, "places": tuple(twice)}
            yield Note(NoteCode.PANEL_TWICE, where, len(twice), facts)
        rows = answers.respondents
        own = rows.loc[rows["group"] == group.code, "respondent"]
        lacking = own[~own.isin(told["respondent"])]
        if len(lacking):
            facts = {"group": group.name, "places": tuple(lacking)}
            yield Note(NoteCode.PANEL_MISSING, where, len(lacking), facts)


def known_again(
    before: Cells, after: Cells, answers: Mapping[str, Answers], decided: Decided
) -> Iterator[Note]:
    """Yield how many residents of two waves are known again, or why nobody is; and odd raters.

    Parameters
    ----------
    answers : dict of wave id to Answers
        Of the waves whose rows are there.
    """
    where = f"{before.wave}-{after.wave}"
    if {before.wave, after.wave} <= answers.keys():
        yield from renamed(answers[before.wave], answers[after.wave], decided)
    for group in decided.scheme.asked:
        if group.raters != "respondent":
            continue
        told = {w: len(_told(answers[w], group)) for w in (before.wave, after.wave) if w in answers}
        a, b = before.groups[group.code], after.groups[group.code]
        if len(told) == 2 and all(told.values()):
            found = len(_pairs(answers[before.wave], answers[after.wave], group))
            used = int(a.again[after.wave].pairs.sum()) if found else 0
            facts: dict[str, object] = {
                "group": group.name, "before": told[before.wave], "after": told[after.wave],
                "used": used, "least": LEAST,
            }  # fmt: skip
            yield Note(NoteCode.RESIDENTS_MATCHED, where, found, facts)
        elif any(told.values()) and a.common(b, after.wave) is None:
            lacking = after.wave if told.get(before.wave) else before.wave
            facts = {"group": group.name, "wave": lacking, "archived": lacking not in answers}
            yield Note(NoteCode.RESIDENTS_NOT_KNOWN_AGAIN, where, facts=facts)


def renamed(before: Answers, after: Answers, decided: Decided) -> Iterator[Note]:
    """Yield where raters of both waves are not known again: maybe the same under another name.

    They are told by a row in which each of them judges, since their names are not kept; only in
    groups of which most are known again, as others are asked anew every time.
    """
    for group in decided.scheme.asked:
        if group.raters == "respondent":
            continue
        first, second = (_first_rows(answers, group) for answers in (before, after))
        lost = tuple(place for mark, place in first.items() if mark not in second)
        new = tuple(place for mark, place in second.items() if mark not in first)
        known = len(first.keys() & second.keys())
        if lost and new and 2 * known >= min(len(first), len(second)):
            facts = {"group": group.name, "before": lost, "after": new}
            where = f"{before.wave}-{after.wave}"
            yield Note(NoteCode.RATERS_RENAMED, where, min(len(lost), len(new)), facts)


def _first_rows(answers: Answers, group: RaterGroup) -> dict[str, str]:
    """Return the first answer of every rater of a group, by fingerprint."""
    told = _told(answers, group).drop_duplicates("who")
    return dict(zip(told["who"], told["respondent"], strict=True))
