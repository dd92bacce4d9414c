"""What could meet open needs: resources of the same kind with room left, the nearest first.

It proposes; nothing is assigned. What a person approves comes back as records of matches.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd

from evalkit.definitions.ledger import Ledger
from evalkit.definitions.roster import Roster
from evalkit.intake.ledger_links import standing
from evalkit.methods.allocating import allocate
from evalkit.tables.records import Proposal, Records

NEEDS, RESOURCES, MATCHES = "needs", "resources", "matches"
KIND = "kind"
"""The column of needs and resources that must be the same."""

NEEDED = {NEEDS: (KIND,), RESOURCES: (KIND, "capacity")}
"""Columns without which nothing can be proposed, by list."""

NEAR = ("elsewhere", "zone", "unit")
"""How near a resource is to a need, the better the later."""


def propose(
    found: Mapping[str, Records], ledgers: Mapping[str, Ledger], roster: Roster
) -> Proposal:
    """Return what could meet the open needs of a wave."""
    tied = standing(found[MATCHES].table, ledgers[MATCHES]) if MATCHES in found else None
    taken = pd.Series(dtype=np.int64) if tied is None else tied["resource"].value_counts()
    needs = _open(found[NEEDS].table, ledgers[NEEDS], tied)
    resources, unsized = _sized(found[RESOURCES].table, ledgers[RESOURCES], taken)
    zones = {s.id: s.zone for s in roster.subjects}
    matches: list[dict[str, object]] = []
    unmet: list[dict[str, object]] = []
    for kind, own in needs.groupby(KIND):
        offered = resources[resources[KIND] == kind].reset_index(drop=True)
        by_subject = [(str(s), list(one["key"])) for s, one in own.groupby("subject")]
        near = _nearness([s for s, _ in by_subject], offered["subject"].tolist(), zones)
        flow = allocate(
            near,
            np.array([len(keys) for _, keys in by_subject], dtype=np.int64),
            offered["room"].to_numpy(dtype=np.int64),
        )
        for row, (subject, keys) in enumerate(by_subject):
            given = np.repeat(np.arange(len(offered)), flow[row])
            about: dict[str, object] = {"subject": subject, "kind": kind}
            for key, place in zip(keys, given, strict=False):
                one = offered.iloc[place]
                told = {"capacity": one["capacity"], "taken": one["taken"]}
                matches.append(
                    {"need": key, "resource": one["key"], **about, **told}
                    | {"near": NEAR[int(near[row, place])], "proposed": int(flow[:, place].sum())}
                )
            why = "no_kind" if kind == "" else "no_room" if len(offered) else "no_resource"
            unmet += [{"need": key, **about, "why": why} for key in keys[len(given) :]]
    return Proposal(
        pd.DataFrame(
            matches,
            columns=[
                *("need", "resource", "subject", "kind", "near"),
                *("capacity", "taken", "proposed"),
            ],
        ).sort_values("need", ignore_index=True),
        pd.DataFrame(unmet, columns=["need", "subject", "kind", "why"]).sort_values(
            "need", ignore_index=True
        ),
        unsized,
    )


def _open(table: pd.DataFrame, ledger: Ledger, tied: pd.DataFrame | None) -> pd.DataFrame:
    """Return the needs that nothing meets yet, by key."""
    own = table[table["belongs"].astype(bool)].sort_values("key")
    if ledger.state in own:
        own = own[~own[ledger.state].isin([*ledger.finished, *ledger.withdrawn])]
    return own if tied is None else own[~own["key"].isin(tied["need"])]


def _sized(table: pd.DataFrame, ledger: Ledger, taken: pd.Series[int]) -> tuple[pd.DataFrame, int]:
    """Return resources of a kind with the room that is left, by key; and how many tell none."""
    own = table[table["belongs"].astype(bool)].sort_values("key")
    own = own.assign(capacity=own[str(ledger.capacity)])
    sized = own[own["capacity"].notna() & (own[KIND] != "")]
    used = sized["key"].map(taken).fillna(0).astype(np.int64)
    room = np.maximum(np.floor(sized["capacity"]) - used, 0).astype(np.int64)
    return sized.assign(taken=used, room=room), len(own) - len(sized)


def _nearness(
    needing: list[str], offering: list[str], zones: Mapping[str, str | None]
) -> np.ndarray:
    """Return 2 for one's own committee, 1 for one's zone, 0 for elsewhere; shape (D, S)."""
    found = np.zeros((len(needing), len(offering)))
    for row, one in enumerate(needing):
        for column, other in enumerate(offering):
            in_zone = zones.get(one) is not None and zones.get(one) == zones.get(other)
            found[row, column] = 2.0 if one == other else float(in_zone)
    return found
