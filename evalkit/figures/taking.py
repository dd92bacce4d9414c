"""What figures take as it is: an evaluation's own frames, under the names that its columns have.

A frame that has what a figure asks for is left alone; only what is missing is made of what is there.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

_REACH = 1.959964
"""Standard errors to either side of an estimate: 95%."""

_Taking = Callable[[pd.DataFrame], pd.DataFrame]


def _newest(frame: pd.DataFrame) -> pd.DataFrame:
    """Keep the last wave of a frame that has several: a figure of committees shows one."""
    for wave in ("wave", "to_wave"):
        if wave in frame and len(frame):
            newest: pd.DataFrame = frame[frame[wave] == frame[wave].max()]
            return newest
    return frame


def _with(frame: pd.DataFrame, **made: Callable[[pd.DataFrame], Any]) -> pd.DataFrame:
    """Add the columns that are missing and can be made."""
    for name, make in made.items():
        if name not in frame:
            try:
                frame = frame.assign(**{name: make(frame)})
            except KeyError:
                continue
    return frame


def _ranked(frame: pd.DataFrame) -> pd.DataFrame:
    """Take frame ``scores``, which has no ranks."""
    if "wave" not in frame:
        return frame
    return _with(
        _newest(frame),
        rank=lambda f: f["score"].rank(method="min", ascending=False).astype("Int64"),
    )


def _rank_sets(frame: pd.DataFrame) -> pd.DataFrame:
    return _with(_newest(frame), low=lambda f: f["rank_low"], high=lambda f: f["rank_high"])


def _moved(frame: pd.DataFrame) -> pd.DataFrame:
    """Take frame ``changes``: what is drawn is the change against the street, as the verdict is."""
    if "relative_change" not in frame or "low" in frame:
        return frame
    newest = _newest(frame)
    change, reach = newest["relative_change"], _REACH * newest["se"]
    return newest.assign(change=change, low=change - reach, high=change + reach)


def _from_to(frame: pd.DataFrame) -> pd.DataFrame:
    return _with(
        _newest(frame), from_value=lambda f: f["rank_from"], to_value=lambda f: f["rank_to"]
    )


def _over_waves(frame: pd.DataFrame) -> pd.DataFrame:
    return _with(frame, street=lambda f: f["score"] * float("nan"))


def _parts(frame: pd.DataFrame) -> pd.DataFrame:
    """Take frame ``contributions`` of one committee: points by indicator, over all groups."""
    if "name" in frame or "code" not in frame:
        return frame
    return (
        _newest(frame).groupby("code", sort=False)["points"].sum().rename_axis("name").reset_index()
    )


def _counted(frame: pd.DataFrame) -> pd.DataFrame:
    """Take frame ``scores``: committees by wave and grade."""
    if "count" in frame or not {"wave", "grade"} <= set(frame):
        return frame
    return frame.groupby(["wave", "grade"], as_index=False).size().rename(columns={"size": "count"})


def _groups(frame: pd.DataFrame) -> pd.DataFrame:
    """Take rows of frame ``indicators``: one committee's, one measure's, by rater group."""
    return _with(
        frame[frame["group"] != "all"] if "level" in frame else frame,
        low=lambda f: (f["estimate"] - _REACH * f["se"]).clip(lower=0),
        high=lambda f: (f["estimate"] + _REACH * f["se"]).clip(upper=100),
        street=lambda f: f["estimate"] * float("nan"),
    )


def _drivers(frame: pd.DataFrame) -> pd.DataFrame:
    """Take frame ``drivers``: shares become per cent."""
    if "performance_se" not in frame or "importance_low" in frame:
        return frame
    reach = _REACH * frame["performance_se"]
    return frame.assign(
        importance=100 * frame["importance"],
        importance_low=100 * frame["low"],
        importance_high=100 * frame["high"],
        performance_low=frame["performance"] - reach,
        performance_high=frame["performance"] + reach,
    )


def _areas(frame: pd.DataFrame) -> pd.DataFrame:
    return _with(_newest(frame), id=lambda f: f["subject"], value=lambda f: f["score"])


_TAKING: dict[str, _Taking] = {
    "caterpillar": _ranked,
    "strip": _newest,
    "rank_intervals": _rank_sets,
    "movers": _moved,
    "slope": _from_to,
    "trend": _over_waves,
    "contributions": _parts,
    "grade_counts": _counted,
    "groups": _groups,
    "importance_performance": _drivers,
    "choropleth": _areas,
    "tile_grid": _areas,
}


def taken(name: str, frame: pd.DataFrame) -> pd.DataFrame:
    """Return a frame as the figure of that name asks for it."""
    take = _TAKING.get(name)
    return frame if take is None else take(frame)
