"""How an answer was given: on paper, online, by telephone or face to face."""

from __future__ import annotations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.files.alike import each, taken
from evalkit.intake.sieves import File


def modes_of(file: File, rows: pd.Index[int]) -> NDArray[np.object_]:
    """Return the mode of rows, shape (n,): what its own question says, else what is said of the file.

    ``""`` where neither tells.
    """
    items, said = file.source.questionnaire.of_role("mode"), file.source.entry.mode or ""
    if file.coded is None or not items:
        return np.full(len(rows), said, dtype=object)
    options = file.source.questionnaire.options_of(items[0])
    modes = {option.code: option.mode for option in reversed(options)}
    codes = taken(file.coded.codes, rows)[items[0].id]
    return each(codes, lambda code: modes.get(code) or said, nothing=said)
