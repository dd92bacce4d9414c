"""The terms of all kinds of frames that have a list of their own, put together."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.pages.workbook.ledger_terms import LEDGER_COLUMNS
from evalkit.pages.workbook.lineage_terms import LINEAGE_COLUMNS
from evalkit.pages.workbook.modes_terms import MODES_COLUMNS, MODES_TERMS
from evalkit.pages.workbook.person_terms import PERSON_COLUMNS, PERSON_TERMS
from evalkit.pages.workbook.units_terms import UNITS_COLUMNS, UNITS_TERMS

Said = tuple[str, str] | tuple[str, str, str]

MORE_TERMS: Mapping[str, Said] = {**MODES_TERMS, **UNITS_TERMS, **PERSON_TERMS}
MORE_COLUMNS: Mapping[tuple[str, str], Said] = {
    **LEDGER_COLUMNS,
    **MODES_COLUMNS,
    **UNITS_COLUMNS,
    **LINEAGE_COLUMNS,
    **PERSON_COLUMNS,
}
