"""Every file of results and every table of the database of small streets, by a digest of its numbers.

The recomputation says what the numbers are; here stands that no other file, row, column or text moved.
"""

from __future__ import annotations

import pytest

from tests.approved import approving, results
from tests.pages import published
from tests.recomputation import evaluations

DATABASE = "evaluation.duckdb"


@pytest.mark.parametrize("name", evaluations.SMALL)
def test_the_results_are_as_approved(request: pytest.FixtureRequest, name: str) -> None:
    own = evaluations.recomputed(request, name)
    told = results.told(own.out, own.folder / DATABASE, shown=name == "tiny")
    approving.compare(f"files/{name}", told)


def test_the_results_of_the_town_are_as_approved(request: pytest.FixtureRequest) -> None:
    own = published.street("town", request)
    told = results.told(own.folder, own.folder.parent.parent / DATABASE, shown=True)
    approving.compare("files/town", told)
