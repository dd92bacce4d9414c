"""What residents say by the units inside the committee: compounds, buildings."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from evalkit.definitions.units import Units
from evalkit.pages.press import wording as say
from evalkit.pages.press.section import Section
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import levels, overall
from evalkit.pages.telling.facts import Facts


@dataclass(frozen=True, slots=True, kw_only=True)
class Inside(Section):
    """Units inside the committee, as every group of residents rates them."""

    template = "diagnosis/inside.html.j2"
    heading: str
    rows: Sequence[Mapping[str, str]]
    beside: str


def section(facts: Facts) -> Inside | None:
    """Plan the units inside the committee; None where residents name none, or none may be told."""
    table = levels.inside(facts.evaluation)
    homes = Units.of(facts.evaluation.roster).homes()
    own = table[table["unit"].map(homes) == facts.subject.id] if len(table) else table
    told = own[~own["suppressed"].astype(bool)] if len(own) else own
    if not len(told):
        return None
    named, scheme = overall.groupings(facts.evaluation), facts.evaluation.scheme
    words = list(dict.fromkeys(named[str(by)] for by in told["grouping"]))
    left = own["unit"].nunique() - told["unit"].nunique()
    unsaid = f"另有 {left} 个不公布：人太少，或公布了就能推算出人太少的数。" if left else ""
    return Inside(
        title=f"{facts.word}内各{say.joined(words)}",
        takeaway=(
            f"{facts.name}内 {told['unit'].nunique()} 个{say.joined(words)}有足够的居民答卷，"
            "各自的评分如下；只作了解，不排名次。"
        ),
        heading=say.joined(words),
        rows=[
            {
                "name": str(row["name"]),
                "group": scheme.group(str(row["group"])).name,
                "n": say.count(row["n"]),
                "mean": levels.score(row),
                "interval": levels.interval(row),
            }
            for row in known.records(told)
        ],
        beside=f"{unsaid}只含写明住在哪里的居民；误差范围重叠的不分高低。",
    )
