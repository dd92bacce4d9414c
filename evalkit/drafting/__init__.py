"""Drafts of crosswalks for layouts nobody has approved yet: only `check` needs this room."""
