"""The ledgers of a folder: its own, else the shipped ones that it names."""

from __future__ import annotations

from evalkit import assets
from evalkit.definitions import loading
from evalkit.definitions.consistency import Origin
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.scheme import Scheme
from evalkit.folder.shelf import Lying, Shelf

SHIPPED = "预设台账 "
"""How a shipped ledger is called where its file is named."""


def read_ledgers(
    shelf: Shelf, order: EvaluationOrder, scheme: Scheme | None
) -> tuple[dict[str, Ledger], dict[str, Origin], bool]:
    """Load the folder's own ledgers, and the shipped ones that files or groups name.

    Returns them with where they came from, and whether all could be read.
    """
    documents = shelf.within("ledgers")
    named = {entry.ledger for wave in order.waves for entry in wave.files}
    named |= set(scheme.ledgers if scheme else ())
    own = {lying.path.stem for lying in documents}
    shipped = set(assets.ledgers()) if named - {None} else set()
    documents += [
        Lying(assets.ledger(name), f"{SHIPPED}{name}.yaml")
        for name in sorted(name for name in named if name in shipped and name not in own)
        if name is not None
    ]
    found: dict[str, Ledger] = {}
    origins: dict[str, Origin] = {}
    complete = True
    for lying in documents:
        ledger, origin = shelf.take(lying, loading.load_ledger)
        if ledger is None:
            complete = False
        elif ledger.id in found:
            shelf.problems.add(
                "duplicate_id",
                "两份台账的 id 相同",
                file=lying.name,
                key="id",
                expected="各不相同",
                found=f"{ledger.id}，另见 {origins[ledger.id].name}",
                remedy="改其中一份的 id，或删去一份",
            )
        else:
            found[ledger.id], origins[ledger.id] = ledger, origin
    return found, origins, complete
