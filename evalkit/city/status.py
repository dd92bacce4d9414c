"""How far every street is."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.city import receipts
from evalkit.city.town import Town
from evalkit.codes import StreetState


def states(town: Town) -> Mapping[str, StreetState]:
    """Return how far every street is, in the city's order."""
    return {street.id: receipts.state_of(town, street.id)[0] for street in town.streets}
