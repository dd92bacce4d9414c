"""How far the two groups of residents are apart: two estimands, each with a name of its own.

The mean gap counts every committee once: it is the difference of the two printed means. The usual
gap weighs committees by how exactly theirs is known: the yardstick by which one stands out.
"""

from __future__ import annotations

from dataclasses import dataclass

from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.tables import COMPOSITE, Evaluation

USUAL = "通常差距"
WEIGHTED = "按精度加权：误差小的算得重"
"""How committees enter the usual gap, said wherever it is told."""


@dataclass(frozen=True, slots=True)
class Gap:
    """One rater group's mean over the street less another's, and the half-width of its interval."""

    first: str
    second: str
    value: float
    reach: float

    @property
    def clear(self) -> bool:
        """Whether the interval leaves out 0."""
        return abs(self.value) > self.reach


def residents_gap(evaluation: Evaluation, code: str = COMPOSITE) -> Gap | None:
    """Return the first resident group's mean less the second's, over the same committees.

    None unless the scheme has exactly two resident groups and both have a mean of the measure
    over as many committees. Different residents answer in the two, so their errors add up as squares:
    each mean's own interval says how far it reaches (MOVER, Zou and Donner 2008).
    """
    residents = evaluation.scheme.residents
    table = evaluation.street_means[evaluation.street_means["code"] == code]
    rows = {str(row["group"]): row for row in known.records(table)}
    if len(residents) != 2 or any(group.code not in rows for group in residents):
        return None
    first, second = (rows[group.code] for group in residents)
    if int(first["n"]) != int(second["n"]):
        return None
    reach = sum((float(r["high"]) - float(r["low"])) ** 2 / 4.0 for r in (first, second)) ** 0.5
    value = float(first["mean"]) - float(second["mean"])
    return Gap(residents[0].name, residents[1].name, value, reach)


def usual(evaluation: Evaluation) -> str:
    """Write the usual gap with how it is made up: of a street where it and its reach are known."""
    gap = evaluation.assurance.gap
    reach = (float(gap["high"]) - float(gap["low"])) / 2.0
    return f"{USUAL}（{WEIGHTED}）为 {say.signed(gap['mean'])} ± {say.fixed(reach)} 分"


def both(evaluation: Evaluation) -> str:
    """Tell both gaps, and why their numbers are not the same; empty where the usual is not known."""
    if "low" not in evaluation.assurance.gap:
        return ""
    plain, word = residents_gap(evaluation), evaluation.order.subject_word
    if plain is None:
        return f"{usual(evaluation)}。"
    return (
        f"{plain.first}的评分减{plain.second}的评分：每个{word}算一份，平均相差 {say.signed(plain.value)} ± "
        f"{say.fixed(plain.reach)} 分；{usual(evaluation)}。前一个数说全{evaluation.order.street_word}的平均，"
        f"后一个数只用来看哪个{word}的差距反常；算法不同，数不必相同。"
    )
