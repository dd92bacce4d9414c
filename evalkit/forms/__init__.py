"""Questionnaires out: what survey platforms import, and sheets for typing paper forms."""

from enum import StrEnum


class Target(StrEnum):
    """What a questionnaire can be exported to."""

    PDF = "pdf"
    WENJUANXING = "wjx"
    XLSFORM = "xlsform"
    WORKBOOK = "xlsx"
