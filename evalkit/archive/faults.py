"""From what DuckDB and the file system say to problems of the database file."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import duckdb

from evalkit.errors import Problem, Problems
from evalkit.problems import archive


class Unusable(Exception):
    """The database cannot be read or written; its problem gets the file before anyone sees it."""

    def __init__(self, problem: Problem) -> None:
        super().__init__(problem.message)
        self.problem = problem


@contextmanager
def collected(path: Path, problems: Problems) -> Iterator[None]:
    """Collect whatever goes wrong with the file inside the block as one problem."""
    try:
        yield
    except Unusable as fault:
        problems.collect(replace(fault.problem, file=path.name))
    except (duckdb.Error, OSError) as error:
        problems.collect(replace(explained(error), file=path.name))


def explained(error: Exception) -> Problem:
    """Return what an error of DuckDB or the file system means."""
    text = str(error).splitlines()[0][:200] if str(error) else type(error).__name__
    if isinstance(error, duckdb.Error) and "lock" in text and "Could not" in text:
        return archive.in_use(text)
    if isinstance(error, OSError):
        return archive.not_accessible(text)
    return archive.damaged(text)


def unwritable(error: Exception) -> Unusable:
    """Return what an error means that came up while a new file was being written."""
    fault = explained(error)
    in_use = fault.code == "archive_in_use"
    return Unusable(fault if in_use else archive.not_writable(fault.found))
