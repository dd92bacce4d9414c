"""``python -m evalkit.tables > docs/tables.md``."""

from evalkit.tables import markdown

print(markdown(), end="")
