"""Questionnaires out: what survey platforms import, and sheets for typing paper forms."""
