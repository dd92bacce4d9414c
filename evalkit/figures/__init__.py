"""Charts for print, page and notebook: plain pandas frames in, Altair charts or SVG out."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
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
    from .standing_dots import standings

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

_FROM = {
    "Drawing": "render",
    "Figure": "render",
    "Problem": "maps",
    "caterpillar": "charts",
    "check_boundaries": "maps",
    "choropleth": "maps",
    "contributions": "charts",
    "distribution": "evidence",
    "examples": "examples",
    "grade_counts": "charts",
    "groups": "evidence",
    "importance_performance": "evidence",
    "movers": "charts",
    "point_map": "points",
    "profile": "charts",
    "rank_intervals": "charts",
    "sensitivity_bars": "evidence",
    "slope": "charts",
    "standings": "standing_dots",
    "strip": "charts",
    "tile_grid": "maps",
    "to_svg": "render",
    "trend": "charts",
}
"""Where each name is; it is imported when it is asked for: drawing needs Altair, which takes its time."""


def __getattr__(name: str) -> Any:
    if name not in _FROM:
        raise AttributeError(
            f"no figure {name!r}; known: {', '.join(n for n in __all__ if n[0].islower())}"
        )
    module = import_module(f"{__name__}.{_FROM[name]}")
    found = module if name == "examples" else getattr(module, name)
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
