"""A street whose truth is known: for the demo, the docs, the tests and the coverage studies."""

from evalkit.simulation.city import CityTruth, invent, write_city
from evalkit.simulation.demo import Demo, demo_sample, demo_truth, write_demo
from evalkit.simulation.exports import (
    NO_DIRT,
    SOME_DIRT,
    Dirt,
    Export,
    WrittenExport,
    write_exports,
)
from evalkit.simulation.people import frame
from evalkit.simulation.respondents import GroupAnswers, Sample, simulate
from evalkit.simulation.truth import Truth, street

__all__ = [
    "NO_DIRT",
    "SOME_DIRT",
    "CityTruth",
    "Demo",
    "Dirt",
    "Export",
    "GroupAnswers",
    "Sample",
    "Truth",
    "WrittenExport",
    "demo_sample",
    "demo_truth",
    "frame",
    "invent",
    "simulate",
    "street",
    "write_city",
    "write_demo",
    "write_exports",
]
