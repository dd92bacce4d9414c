"""How an answer was given: on paper, online, by telephone or face to face."""

from __future__ import annotations

from evalkit.intake.sieves import File


def mode_of(file: File, row: int) -> str:
    """Return the mode of a row: what its own question says, else what is said of the file.

    ``""`` where neither tells.
    """
    items = file.source.questionnaire.of_role("mode")
    if file.coded is not None and items:
        code = file.coded.codes.at[row, items[0].id]
        options = file.source.questionnaire.options_of(items[0])
        if isinstance(code, str):
            told = next((option.mode for option in options if option.code == code), None)
            return told or file.source.entry.mode or ""
    return file.source.entry.mode or ""
