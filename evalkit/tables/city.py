"""Frames of a city: its streets, and committees against their like in other streets."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from evalkit.codes import Band, Comparison, StreetState
from evalkit.tables.columns import Column, columns
from evalkit.tables.frames import build, described

CITY_FRAMES: Mapping[str, tuple[Column, ...]] = {
    "city_streets": columns(
        ("wave", "text", "wave id"),
        ("street", "text", "street id"),
        ("name", "text", "street name"),
        ("district", "text?", "district it lies in"),
        ("state", "text", " | ".join(StreetState)),
        ("committees", "integer?", "committees of the wave; empty where the street has no results"),
        ("n", "integer", "of them, those whose residents' score the street publishes"),
        ("mean", "number?", "mean of their residents' scores, each counting once, 0 to 100"),
        ("se", "number?", "its standard error, points"),
        ("low", "number?", "lower end of its interval, points"),
        ("high", "number?", "upper end of its interval, points"),
        ("rank", "integer?", "competition rank (1224) of the unrounded mean, 1 = best"),
        ("rank_low", "integer?", "best rank of the marginal confidence set"),
        ("rank_high", "integer?", "worst rank of the marginal confidence set"),
        ("difference", "number?", "mean less the mean of the other streets, points"),
        ("difference_se", "number?", "its standard error, points"),
        ("p_adjusted", "number?", "Holm-adjusted over the streets"),
        ("verdict", "text", " | ".join(Comparison)),
    ),
    "city_peers": columns(
        ("wave", "text", "wave id"),
        ("street", "text", "street id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("peers", "text", "values of the roster's columns that make its like; empty where unknown"),
        ("n", "integer", "others of its like in the city"),
        ("score", "number", "its residents' score, 0 to 100"),
        ("se", "number", "its standard error, points"),
        ("mean", "number?", "mean of the others of its like, each counting once, 0 to 100"),
        ("difference", "number?", "score less that mean, points"),
        ("difference_se", "number?", "its standard error, points"),
        ("p_adjusted", "number?", "Benjamini-Hochberg-adjusted over all committees of the city"),
        ("verdict", "text", " | ".join(Comparison)),
        ("band", "text?", f"{' | '.join(Band)}, of the others of its like; empty where untested"),
        ("shrunken", "number?", "score drawn towards its like as far as its error asks, 0 to 100"),
        ("shrunken_se", "number?", "its standard error, points"),
    ),
    "city_groups": columns(
        ("wave", "text", "wave id"),
        ("by", "text", "peers | district"),
        ("value", "text", "value, or values joined, that the group has in common"),
        ("streets", "integer", "streets with committees in it"),
        ("n", "integer", "committees with a residents' score, three at least"),
        ("mean", "number", "mean of their residents' scores, each counting once, 0 to 100"),
        ("se", "number?", "its standard error, points: of the answers about these committees"),
        ("low", "number?", "lower end of its interval, points"),
        ("high", "number?", "upper end of its interval, points"),
    ),
}
"""Declared as the frames of an evaluation are, and no part of one."""


def city_frame(name: str, rows: Mapping[str, object] | pd.DataFrame) -> pd.DataFrame:
    """Build the frame declared under `name` from its columns, and check it."""
    return build(name, CITY_FRAMES[name], rows)


def city_markdown() -> str:
    """Return the frames of a city as the end of ``docs/tables.md``."""
    head = ["", "# Tables of a city", "", "In `out/<wave>/` of a city's folder."]
    return "\n".join([*head, *described(CITY_FRAMES)]) + "\n"
