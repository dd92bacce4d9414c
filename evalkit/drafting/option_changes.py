"""Options of one question in two files: the same whatever stands around them, merged or split."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import groupby
from typing import Literal

from evalkit.definitions.text import bare_option
from evalkit.platforms import RawColumn, RawSheet

_LETTERED = re.compile(r"\s*([A-Za-z])\s*[.．、:：)）]\s*(\S.*)")

AS_MUCH = 0.05
"""Shares of the answers that differ by less may be the same people under another option."""


def with_option_columns(sheet: RawSheet) -> RawSheet:
    """Return a sheet in which columns ``3.需求:停车``, ``3.需求:电梯`` are one question's options.

    Only of a numbered question that has several of them side by side: without a questionnaire
    nothing else tells that what follows the colon is an option.
    """

    def question(column: RawColumn) -> tuple[int, str] | None:
        stem, colon, option = (column.text or "").replace("：", ":").rpartition(":")
        plain = column.option is None and column.metadata is None
        whole = colon and stem.strip() and option.strip() and column.number is not None
        return (column.number or 0, stem.strip()) if plain and whole else None

    columns: list[RawColumn] = []
    for key, group in groupby(sheet.columns, question):
        own = list(group)
        if key is not None and len(own) > 1:
            own = [
                replace(
                    column,
                    stem=key[1],
                    text=key[1],
                    option=column.text.replace("：", ":").rpartition(":")[2].strip(),
                    kind="multiple",
                    occurrence=0,
                )
                for column in own
            ]
        columns += own
    return replace(sheet, columns=tuple(columns))


def lettered(labels: Iterable[str]) -> dict[str, tuple[str, str]]:
    """Return by option how it is written and its letter; nothing where any label has none."""
    found = {}
    for label in labels:
        match = _LETTERED.fullmatch(label)
        if match is None:
            return {}
        found[bare_option(label)] = (match[2], match[1].upper())
    return found


def regrouped(
    gone: Mapping[str, str],
    come: Mapping[str, str],
    before: Mapping[str, float],
    after: Mapping[str, float],
) -> Literal["merged", "split"] | None:
    """Tell whether options that went look merged into one that came, or one that went split.

    Either the one names the several, or as large a share of the answers has it as had them.

    Parameters
    ----------
    gone, come : dict of option to label
        Options of one file alone.
    before, after : dict of option to share
        Of the answers of either file; empty where several may be chosen.
    """
    if len(gone) > 1 and len(come) == 1:
        return "merged" if _holds(next(iter(come)), gone, after, before) else None
    if len(come) > 1 and len(gone) == 1:
        return "split" if _holds(next(iter(gone)), come, before, after) else None
    return None


def _holds(
    one: str,
    several: Mapping[str, str],
    of_one: Mapping[str, float],
    of_several: Mapping[str, float],
) -> bool:
    if all(part in one for part in several):
        return True
    if one not in of_one or not all(part in of_several for part in several):
        return False
    return abs(of_one[one] - sum(of_several[part] for part in several)) < AS_MUCH
