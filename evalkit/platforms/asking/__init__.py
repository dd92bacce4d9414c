"""Questionnaires as other programs keep them: what is asked, with which options, and nothing else."""

from evalkit.platforms.asking.asked import Asked, AskedForm, Kind
from evalkit.platforms.asking.reading import read_form

__all__ = ["Asked", "AskedForm", "Kind", "read_form"]
