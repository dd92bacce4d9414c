"""``python -m evalkit.tables > docs/tables.md``."""

from evalkit.tables.frames import markdown

print(markdown(), end="")
