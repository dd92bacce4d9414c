"""Frames of rows: who answered, and what is handed on for research."""

from __future__ import annotations

from collections.abc import Mapping

from evalkit.tables.columns import Column, columns

ROW_FRAMES: Mapping[str, tuple[Column, ...]] = {
    "respondents": columns(
        ("respondent", "text", "file and row, unique within the wave"),
        ("file", "text", "file as the analyst knows it"),
        ("row", "integer", "row in the file, as Excel numbers it"),
        ("questionnaire", "text", "questionnaire id"),
        ("group", "text", "rater group code"),
        ("subject", "text", "subject id that is rated"),
        (
            "rater",
            "text",
            "running number of the rater; empty where every answer is a rater of its own",
        ),
        ("cluster", "text", "running number of the building or the like; empty where not told"),
        ("weight", "number", "survey weight, 1 unless weighted"),
        ("submitted", "text?", "time of submission, ISO 8601, as exact as the file has it"),
        ("seconds", "number?", "time taken, seconds"),
        ("device", "text?", "running number of the address the answer came from"),
    ),
    "people": columns(
        ("wave", "text", "wave id"),
        ("person", "integer", "running number of the answer sheet within the wave"),
        ("questionnaire", "text", "questionnaire id"),
        ("group", "text", "rater group code"),
        ("subject", "text", "subject id that is rated"),
        ("rater", "text", "running number of the rater, where several sheets are one rater's"),
        ("weight", "number", "survey weight, 1 unless weighted"),
        ("seconds", "number?", "time taken, seconds"),
    ),
    "given": columns(
        ("person", "integer", "running number, as in `people`"),
        ("questionnaire", "text", "questionnaire id"),
        ("item", "text", "item id"),
        ("state", "text", "answered, or why there is no answer"),
        ("code", "text?", "option code or number; of several, joined by ;; none of open answers"),
        ("label", "text?", "option label; of several, joined by ;"),
        ("score", "number?", "the option's score, 0 to 100, of single choices"),
    ),
}
