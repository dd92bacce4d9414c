"""A section of a paper: a kind of its own, whose fields are what its template shows."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """What every section has; each kind names its template and adds the fields that it reads.

    Attributes
    ----------
    template : str
        Of the kind: its file in the templates folder.
    title, takeaway : str
        Heading, and the one sentence under it.
    """

    template: ClassVar[str]
    title: str
    takeaway: str
