"""How hard the tests bite: one line of the program is changed, and a test must fail.

``python -m scripts.mutants --help``; what came of it stands in ``docs/assurance.md``.
"""
