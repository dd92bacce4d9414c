"""Statistics: arrays in, arrays out, one reference each. Knows nothing of evalkit."""

from evalkit.methods import (
    agreement,
    banding,
    casemix,
    decomposition,
    drivers,
    irregularities,
    moderation,
    moments,
    multiplicity,
    planning,
    quality,
    raking,
    rank_changes,
    rank_sets,
    sensitivity,
    shrinkage,
)

__all__ = [
    "agreement",
    "banding",
    "casemix",
    "decomposition",
    "drivers",
    "irregularities",
    "moderation",
    "moments",
    "multiplicity",
    "planning",
    "quality",
    "raking",
    "rank_changes",
    "rank_sets",
    "sensitivity",
    "shrinkage",
]
