"""The kinds of documents that exist as YAML and as a workbook."""

from __future__ import annotations

from enum import StrEnum


class Kind(StrEnum):
    """Documents that exist in both forms."""

    SCHEME = "scheme"
    QUESTIONNAIRE = "questionnaire"
    ROSTER = "roster"
    CROSSWALK = "crosswalk"
    ACTIONS = "actions"
    THEMES = "themes"
    CLAIMS = "claims"
