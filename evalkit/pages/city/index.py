"""The index: every street with a link to its dashboard, and its committees among their like."""

from __future__ import annotations

import base64
from typing import Any

from evalkit.pages.city.facts import BANDS, UNTESTED, CityFacts, interval, peers_name, why
from evalkit.pages.press import wording as say
from evalkit.pages.press.planned import environment
from evalkit.pages.telling.facts import records

PATH = "index.html"


def press(facts: CityFacts, picture: str, words: str) -> bytes:
    """Return the index as a page that runs nothing and asks nothing of a network.

    Parameters
    ----------
    picture, words : str
        The map as SVG, and what it shows.
    """
    address = f"data:image/svg+xml;base64,{base64.b64encode(picture.encode()).decode()}"
    committees = {
        str(street): [_committee(row) for row in records(rows)]
        for street, rows in facts.peers.groupby("street", sort=False)
    }
    page = environment().get_template("city/index.html.j2")
    text = page.render(
        facts=facts,
        picture=address,
        words=words,
        partial=facts.partial,
        streets=[_street(facts, row, committees) for row in records(facts.streets)],
    )
    return text.encode()


def _street(facts: CityFacts, row: Any, committees: dict[str, list[dict[str, str]]]) -> Any:
    told = not say.missing(row["mean"])
    return {
        "id": str(row["street"]),
        "name": str(row["name"]),
        "district": str(row["district"] or ""),
        "link": facts.links.get(str(row["street"]), ""),
        "n": f"{int(row['n'])}/{int(row['committees'])}" if told else "",
        "mean": say.fixed(row["mean"]) if told else say.MISSING,
        "interval": interval(row) if told else "",
        "places": say.places(row["rank_low"], row["rank_high"])
        if told and not say.missing(row["rank_low"])
        else "",
        "verdict": say.plainly(row["verdict"]) if told else why(row["state"], facts.street_word),
        "committees": committees.get(str(row["street"]), []),
    }


def _committee(row: Any) -> dict[str, str]:
    return {
        "name": str(row["name"]),
        "peers": peers_name(row["peers"]),
        "score": say.fixed(row["score"]),
        "mean": say.fixed(row["mean"]) if not say.missing(row["mean"]) else say.MISSING,
        "band": BANDS.get(str(row["band"]), UNTESTED),
    }
