"""Drafts for an analyst to decide about: crosswalks for unknown layouts, questionnaires from what others have."""
