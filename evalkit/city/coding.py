"""Coded rows of a street: a file a questionnaire, made of the answers that were evaluated.

They lie in the city's folder, ``rows/<wave>/<street>/<questionnaire>.parquet``, and a street's
receipt knows them to the bit. They are persons' answers, without numbers, times or order; like the
files that were read they are never handed on.
"""

from __future__ import annotations

from pathlib import Path

from evalkit.answers.coded import coded
from evalkit.definitions.scheme import Scheme
from evalkit.engines import parquet
from evalkit.keeping import disk
from evalkit.tables import Evaluation

ROWS = "rows"


def questionnaires_of(scheme: Scheme) -> list[str]:
    """Return the questionnaires through which groups speak."""
    return sorted({g.questionnaire for g in scheme.groups if g.questionnaire is not None})


def folder_of(root: Path, wave: str, street: str) -> Path:
    """Return where a street's coded rows lie."""
    return root / ROWS / wave / street


def write(root: Path, street: str, evaluation: Evaluation) -> str:
    """Write a street's coded rows, and return their fingerprint.

    Of a questionnaire whose answers no bytes can hold there is no file; whoever wants sums is told.
    """
    wave, decided = evaluation.wave, evaluation.decided
    answers = evaluation.current.answers
    final = folder_of(root, wave, street)
    fresh = final.with_name(f".{street}.new")
    disk.remove(fresh)
    fresh.mkdir(parents=True)
    for name in questionnaires_of(decided.scheme):
        if answers is None:
            continue  # only the wave's cells are left
        rows = coded(answers, decided.scheme, decided.questionnaires[name], street)
        if rows is not None:
            parquet.write(rows, fresh / f"{name}.parquet")
    disk.flush(fresh)
    disk.remove(final)
    fresh.rename(final)
    disk.flush_names(final.parent)
    return fingerprint(root, wave, street)


def fingerprint(root: Path, wave: str, street: str) -> str:
    """Return the SHA-256 of a street's coded rows as they lie there."""
    return disk.content(folder_of(root, wave, street)) or ""
