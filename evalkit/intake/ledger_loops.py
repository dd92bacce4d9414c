"""Through which states records went, in which order, and what of it is not as declared."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pandas as pd

from evalkit.codes import NoteCode
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.text import comparable
from evalkit.errors import Note

SHOWN = 5
"""Rows that one note names."""


def paths(table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    """Return every state that every record reached, in the order in which it did.

    Where two times cannot be told apart, since one of a record's has only a day, the declared order
    tells; what has no time comes last.

    Returns
    -------
    DataFrame
        ``record``, a running number; ``row``, the label of its first row; ``state``; ``place`` in
        the declared order, -1 of what is not declared; ``at``, NaT where no time is told.
    """
    found = _of_events(table, ledger) if ledger.case is not None else _of_columns(table, ledger)
    if found.empty:
        return found
    days = _only_day(found["at"]).groupby(found["record"]).transform("any")
    moment = found["at"].where(~days, found["at"].dt.normalize())
    found = found.assign(moment=moment, given=np.arange(len(found)))
    order = ["record", "moment", "given" if ledger.case is not None else "place"]
    found = found.sort_values(order, kind="stable", na_position="last", ignore_index=True)
    return found.drop(columns=["moment", "given"])


_COLUMNS = ("record", "row", "state", "place", "at")


def _of_columns(table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    parts = []
    for place, state in enumerate(ledger.states):
        at = table[state.at] if state.at in table else _never(table)
        column = state.column or ledger.state
        there = at.notna().to_numpy(dtype=bool)
        if column in table and state.values:
            there = there | table[column].isin(state.values).to_numpy(dtype=bool)
        own = np.flatnonzero(there)
        rows = {"record": own, "row": table.index[own], "state": state.name, "place": place}
        parts.append(pd.DataFrame({**rows, "at": at.to_numpy()[own]}))
    return pd.concat(parts, ignore_index=True)


def _of_events(table: pd.DataFrame, ledger: Ledger) -> pd.DataFrame:
    needed = (str(ledger.case), str(ledger.state), str(ledger.happened))
    if not set(needed) <= set(table):
        return pd.DataFrame({name: [] for name in _COLUMNS})
    case, state, happened = (table[name] for name in needed)
    own = ((case != "") & (state != "") & happened.notna()).to_numpy(dtype=bool)
    named = {
        comparable(value): (place, one.name)
        for place, one in enumerate(ledger.states)
        for value in (one.values or [one.name])
    }
    texts = [str(text) for text in state[own]]
    meant = [named.get(comparable(text), (-1, text)) for text in texts]
    numbers, _ = pd.factorize(case[own], sort=False)
    rows = pd.Series(table.index[own])
    return pd.DataFrame(
        {
            "record": numbers,
            "row": rows.groupby(numbers).transform("first").to_numpy(),
            "state": [name for _, name in meant],
            "place": [place for place, _ in meant],
            "at": happened[own].to_numpy(),
        }
    )


def _never(table: pd.DataFrame) -> pd.Series[pd.Timestamp]:
    return pd.Series(pd.NaT, index=table.index, dtype="datetime64[s]")


def _only_day(at: pd.Series[pd.Timestamp]) -> pd.Series[bool]:
    return at.notna() & (at == at.dt.normalize())


def steps(path: pd.DataFrame) -> pd.DataFrame:
    """Return what followed what: the rows of paths with ``to``, ``to_place`` and ``took``.

    ``to`` is empty where a record stays; ``took`` is in hours, whole days where one of the two
    moments has only a day.
    """
    after = path.groupby("record", sort=False)[["state", "place", "at"]].shift(-1)
    exact = after["at"] - path["at"]
    days = after["at"].dt.normalize() - path["at"].dt.normalize()
    took = exact.where(~(_only_day(path["at"]) | _only_day(after["at"])), days)
    return path.assign(
        to=after["state"].fillna(""),
        to_place=after["place"].fillna(-1).astype(np.int64),
        took=took.dt.total_seconds() / 3600.0,
    )


def observed(table: pd.DataFrame, ledger: Ledger) -> set[int]:
    """Return the places of the states that this table would show if they had been reached."""
    if ledger.case is not None:
        return set(paths(table, ledger)["place"]) - {-1}
    return {
        place
        for place, state in enumerate(ledger.states)
        if state.at in table and bool(table[state.at].notna().any())
    }


def foreseen(ledger: Ledger, seen: set[int]) -> set[tuple[int, int]]:
    """Return which state may follow which: the next ones up to one that must not be left out."""
    places = {state.name: place for place, state in enumerate(ledger.states)}
    found = {(places[step.before], places[step.after]) for step in ledger.transitions}
    for before in range(len(ledger.states)):
        for after in range(before + 1, len(ledger.states)):
            found.add((before, after))
            if after in seen and not ledger.states[after].optional:
                break
    return found


def notes(table: pd.DataFrame, ledger: Ledger, where: str) -> Iterator[Note]:
    """Yield which records went back where that is not foreseen, and which lack a state."""
    if not ledger.states or table.empty:
        return
    path = paths(table, ledger)
    if path.empty:
        return
    went = steps(path)
    allowed = {(step.before, step.after) for step in ledger.transitions}
    back = went[(went["to_place"] >= 0) & (went["to_place"] < went["place"])]
    kinds = zip(back["state"], back["to"], strict=True)
    back = back[np.array([kind not in allowed for kind in kinds], dtype=bool)]
    if len(back):
        arrows = back["state"] + "→" + back["to"]
        facts: dict[str, object] = {"step": str(arrows.mode()[0]), "rows": _rows(back["row"])}
        yield Note(NoteCode.LEDGER_WENT_BACK, where, back["record"].nunique(), facts)
    seen = observed(table, ledger)
    furthest = path.groupby("record")["place"].max()
    first = path.groupby("record")["row"].first()
    lacking: dict[str, pd.Series[bool]] = {}
    for place, state in enumerate(ledger.states):
        if place in seen and not state.optional:
            there = furthest.index.isin(path.loc[path["place"] == place, "record"])
            lacking[state.name] = pd.Series((furthest > place) & ~there, index=furthest.index)
    if lacking:
        table_of = pd.DataFrame(lacking)
        some = table_of.any(axis=1)
        if some.any():
            facts = {"step": str(table_of.sum().idxmax()), "rows": _rows(first[some])}
            yield Note(NoteCode.LEDGER_STEP_LACKING, where, int(some.sum()), facts)


def _rows(rows: pd.Series[int]) -> str:
    return ", ".join(str(int(row)) for row in sorted(set(rows))[:SHOWN])
