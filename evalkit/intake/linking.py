"""Scales that are not the questionnaire's, scored by what a crosswalk declares: which, and how."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

import pandas as pd

from evalkit import numerals
from evalkit.definitions.questionnaire import Item, Option
from evalkit.definitions.text import bare_option, comparable
from evalkit.platforms import Platform

Link = tuple[tuple[str, str], ...]
"""What a file says, and the option (or number) that its crosswalk scores it as."""


def link(
    item: Item,
    options: list[Option],
    said: Mapping[str, str | None],
    answers: tuple[pd.Series[str], pd.Series[str]],
    platform: Platform,
) -> Link:
    """Return how a file's other scale is turned into the questionnaire's; empty where it is none.

    A label that was merely written otherwise is no other scale. It is one where the crosswalk makes
    one scored option of several answers, or all its answers some of the scored options only, or
    other numbers of numbers.

    Parameters
    ----------
    said : dict of text to option code
        What the crosswalk says of this item.
    answers : tuple of Series
        Cells of the column, and the codes that they became.
    """
    declared = {comparable(text) for text, code in said.items() if code is not None}
    if not declared:
        return ()
    pairs = pd.DataFrame({"cell": answers[0], "code": answers[1]}).dropna().drop_duplicates()
    found = [(str(cell), str(code)) for cell, code in pairs.itertuples(index=False, name=None)]
    if item.kind == "number":
        moved = [(cell, code) for cell, code in found if comparable(cell) in declared]
        other = [(c, code) for c, code in moved if numerals.number(c) != numerals.number(code)]
        return tuple(sorted(other)) if len(other) > 1 else ()
    scored = {option.code: option for option in options if option.score is not None}
    sources: dict[str, dict[str, str]] = defaultdict(dict)
    for cell, code in found:
        if code in scored:
            sources[code].setdefault(bare_option(platform.label(cell)), cell)
    links = {
        (cell, scored[code].label)
        for code, texts in sources.items()
        for key, cell in texts.items()
        if comparable(cell) in declared
        and key not in (bare_option(scored[code].label), comparable(code))
    }
    linked = {label for _, label in links}
    merged = any(len(texts) > 1 and scored[c].label in linked for c, texts in sources.items())
    whole = len(links) == sum(map(len, sources.values()))
    coarser = len(linked) > 1 and whole and len(sources) < len(scored)
    return tuple(sorted(links)) if merged or coarser else ()
