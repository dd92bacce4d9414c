"""Charts for print, page and notebook: plain pandas frames in, Altair charts or SVG out."""

from . import examples
from .charts import (
    caterpillar,
    contributions,
    grade_counts,
    movers,
    profile,
    rank_intervals,
    slope,
    strip,
    trend,
)
from .evidence import distribution, groups, importance_performance, sensitivity_bars
from .maps import Problem, check_boundaries, choropleth, tile_grid
from .points import point_map
from .render import Drawing, Figure, to_svg
from .standings import standings

__all__ = [
    "Drawing",
    "Figure",
    "Problem",
    "caterpillar",
    "check_boundaries",
    "choropleth",
    "contributions",
    "distribution",
    "examples",
    "grade_counts",
    "groups",
    "importance_performance",
    "movers",
    "point_map",
    "profile",
    "rank_intervals",
    "sensitivity_bars",
    "slope",
    "standings",
    "strip",
    "tile_grid",
    "to_svg",
    "trend",
]


def __getattr__(name: str) -> None:
    raise AttributeError(
        f"no figure {name!r}; known: {', '.join(n for n in __all__ if n[0].islower())}"
    )
