"""What residents ask for and write about, counted by committee. Rows stop here too.

Needs are options that residents ticked, themes are words of a document found in what they wrote.
Only counts leave, and none of fewer residents than the minimum: neither one that is printed, nor
one that is the street's count less the committees' that are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.answers.residents import MINIMUM_N, Residents, by_committee
from evalkit.codes import WROTE_NAME, Comparison, NoteCode
from evalkit.definitions import vocabulary
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.text import simplified
from evalkit.definitions.themes import Themes
from evalkit.errors import Note
from evalkit.methods.multiplicity import benjamini_hochberg
from evalkit.methods.proportions import difference_from_all, share_interval
from evalkit.methods.small_counts import Flags, counted, publishable
from evalkit.tables import ALL_GROUPS, ANYTHING, Answers, Floats, Integers, Needs, frame, no_rows

STREET = ALL_GROUPS
_CERTAIN = 1e-12
"""A variance that is 0 but for rounding."""
SAYS_NOTHING = frozenset(map(simplified, vocabulary.SAYS_NOTHING))

_NO_WORD = re.compile(r"[\W_]+")
_NEVER = "(?!)"
"""A pattern that nothing matches."""


def listen(answers: Answers | None, decided: Decided) -> tuple[Needs, tuple[Note, ...]]:
    """Count what the residents of a wave ask for and write about.

    Parameters
    ----------
    answers : Answers or None
        Of one wave, without problems, weighted; None where only cells are left. Only the scheme's residents are listened to, and
        of these only rater groups that have enough answers in their committee: the number of the
        others is published, and what is left would be theirs. Items of the same id count as one
        question.
    decided : Decided
        Its themes are words by theme; without them what was written is not counted.

    Returns
    -------
    needs : Needs
        A share of needs is the weighted share of the residents who answered, with the standard
        error of a design whose strata are the committees. The difference from the street's share
        is tested under the assumption that there is none, so that few answers that happen to agree
        are not taken for certainty.
    notes : tuple of Note
    """
    if answers is None:
        return Needs.nothing(), ()
    themes = decided.themes
    minimum = MINIMUM_N if themes is None else themes.minimum_n
    rows = Residents.of(answers, decided, minimum)
    notes = []
    if themes is None and rows.items("open"):
        notes.append(Note(NoteCode.NO_THEMES, answers.wave))
    needs = Needs(
        table=_needs(rows, decided.scheme, minimum),
        themes=no_rows("themes") if themes is None else _themes(rows, themes, minimum),
        minimum_n=minimum,
        assumptions=() if themes is None else tuple(themes.assumptions),
    )
    return needs, tuple(notes)


# --- needs ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ticks:
    """One question of needs: counts and shares by committee (K) and option (O)."""

    item: str
    codes: tuple[str, ...]
    names: tuple[str, ...]
    at: NDArray[np.intp]
    n: Integers
    of: Integers
    share: Floats
    se: Floats
    df: Floats
    street: Floats
    street_se: Floats
    street_df: Floats
    p: Floats


def _needs(rows: Residents, scheme: Scheme, minimum: int) -> pd.DataFrame:
    asked = [
        ticks
        for questionnaire, item in rows.items("need").values()
        if (ticks := _ticks(rows, questionnaire, item, minimum)) is not None
    ]
    if not asked:
        return no_rows("needs")
    adjusted = benjamini_hochberg(np.concatenate([ticks.p.ravel() for ticks in asked]))
    lines: list[tuple[object, ...]] = []
    for ticks in asked:
        own, adjusted = adjusted[: ticks.p.size], adjusted[ticks.p.size :]
        lines += _need_lines(rows, ticks, own.reshape(ticks.p.shape), scheme, minimum)
    if not lines:
        return no_rows("needs")
    names = (
        "subject", "item", "option", "name", "n", "of", "share", "se", "df", "street",
        "p_adjusted", "verdict",
    )  # fmt: skip
    columns = dict(zip(names, map(list, zip(*lines, strict=True)), strict=True))
    df = columns.pop("df")
    low, high = share_interval(columns["share"], columns["se"], scheme.confidence, df=df)
    return frame("needs", {"wave": rows.wave, **columns, "low": low, "high": high})


def _ticks(
    rows: Residents, questionnaire: Questionnaire, item: Item, minimum: int
) -> _Ticks | None:
    options = questionnaire.options_of(item)
    if not options:
        return None
    who, given = rows.given(item.id)
    codes = [option.code for option in options]
    ticked = np.array(
        [[code in chosen for code in codes] for chosen in (text.split(";") for text in given)],
        dtype=np.float64,
    ).reshape(len(given), len(codes))
    place = rows.place[who]
    of = np.bincount(place, minlength=len(rows.subjects))
    at = np.flatnonzero(counted(of, minimum) & (of > 0))
    if not len(at):
        return None
    parts = by_committee(place, at)
    found = rows.shares([(who[own], ticked[own]) for own in parts])
    share, effective = found.share, found.effective
    mass = np.array([rows.weight[who[own]].sum() for own in parts])
    part = mass / mass.sum()
    street = part @ np.nan_to_num(share)
    usual = street * (1.0 - street) / effective[:, None]
    # Few clusters that tick alike, though not all of them tick, do not make a share certain.
    split = (share > 0) & (share < 1)
    told = ~np.isnan(found.variance) & ~(split & (found.variance < _CERTAIN))
    variance = np.where(told, found.variance, usual)
    df = np.where(told, found.df[:, None], np.inf)
    p = np.full(share.shape, np.nan)
    tested = of[at] >= minimum
    p[tested] = difference_from_all(share, effective, part)[tested]
    return _Ticks(
        item.id,
        tuple(codes),
        tuple(option.label for option in options),
        at,
        np.stack([ticked[own].sum(axis=0) for own in parts]).astype(np.int64),
        of[at],
        share,
        np.sqrt(variance),
        df,
        street,
        np.sqrt(part**2 @ variance),
        df.sum(axis=0),
        p,
    )


def _need_lines(
    rows: Residents, ticks: _Ticks, adjusted: Floats, scheme: Scheme, minimum: int
) -> Iterator[tuple[object, ...]]:
    rest = ticks.of[:, None] - ticks.n
    shown = [publishable(ticks.n[:, o], rest[:, o], minimum) for o in range(len(ticks.codes))]
    for o, (_, everywhere) in enumerate(shown):
        if everywhere:
            yield (
                STREET, ticks.item, ticks.codes[o], ticks.names[o],
                int(ticks.n[:, o].sum()), int(ticks.of.sum()),
                float(ticks.street[o]), float(ticks.street_se[o]),
                float(ticks.street_df[o]), float(ticks.street[o]), np.nan, None,
            )  # fmt: skip
    for k, at in enumerate(ticks.at):
        for o, (committees, _) in enumerate(shown):
            if committees[k]:
                share, street = float(ticks.share[k, o]), float(ticks.street[o])
                yield (
                    rows.subjects[at], ticks.item, ticks.codes[o], ticks.names[o],
                    int(ticks.n[k, o]), int(ticks.of[k]),
                    share, float(ticks.se[k, o]), float(ticks.df[k, o]), street,
                    float(adjusted[k, o]),
                    Comparison.of(
                        adjusted[k, o], share - street, scheme.false_discovery_rate
                    ).value,
                )  # fmt: skip


# --- themes ---------------------------------------------------------------------------------


def _themes(rows: Residents, themes: Themes, minimum: int) -> pd.DataFrame:
    lines: list[tuple[object, ...]] = []
    for item in rows.items("open"):
        lines += _theme_lines(rows, item, themes, minimum)
    if not lines:
        return no_rows("themes")
    names = ("subject", "item", "code", "name", "n", "of")
    columns = dict(zip(names, map(list, zip(*lines, strict=True)), strict=True))
    shares = np.array(columns["n"]) / np.array(columns["of"])
    return frame("themes", {"wave": rows.wave, **columns, "share": shares})


def _theme_lines(
    rows: Residents, item: str, themes: Themes, minimum: int
) -> Iterator[tuple[object, ...]]:
    who, given = rows.given(item)
    texts = [simplified(text) for text in given]
    wrote = np.array([says_something(text) for text in texts], dtype=bool)
    place = rows.place[who][wrote]
    spoken = _spoken([text for text, said in zip(texts, wrote, strict=True) if said], themes)
    of = np.bincount(place, minlength=len(rows.subjects))
    at = np.flatnonzero(counted(of, minimum) & (of > 0))
    if of[at].sum() < minimum:
        return
    n = np.stack([spoken[own].sum(axis=0) for own in by_committee(place, at)])
    shown = [
        publishable(n[:, t], np.full(len(at), minimum), minimum, of[at])
        for t in range(len(themes.themes))
    ]
    total = int(of[at].sum())
    yield STREET, item, ANYTHING, WROTE_NAME, total, total
    for theme, counts, (_, street) in zip(themes.themes, n.T, shown, strict=True):
        if street:
            yield STREET, item, theme.code, theme.name, int(counts.sum()), total
    for k, subject in enumerate(at):
        if of[subject] < minimum:
            continue
        name, own = rows.subjects[subject], int(of[subject])
        yield name, item, ANYTHING, WROTE_NAME, own, own
        for theme, counts, (committees, _) in zip(themes.themes, n.T, shown, strict=True):
            if committees[k]:
                yield name, item, theme.code, theme.name, int(counts[k]), own


def says_something(text: str) -> bool:
    """Tell whether a simplified text has a word that is not a way of leaving the field empty."""
    bare = _NO_WORD.sub("", text)
    return bool(bare) and bare not in SAYS_NOTHING


def _spoken(texts: Sequence[str], themes: Themes) -> Flags:
    """Tell which text speaks of which theme, shape (texts, themes)."""
    words = [[w for w in map(simplified, theme.words) if w] for theme in themes.themes]
    patterns = [re.compile("|".join(map(re.escape, own)) or _NEVER) for own in words]
    known: dict[str, list[bool]] = {}
    for text in texts:
        if text not in known:
            known[text] = [pattern.search(text) is not None for pattern in patterns]
    found = [known[text] for text in texts]
    return np.array(found, dtype=bool).reshape(len(texts), len(patterns))
