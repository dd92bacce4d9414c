"""What a committee's next score may be if nothing changes: no promise, and no aim."""

from __future__ import annotations

import numpy as np
import pandas as pd

from evalkit.definitions.scheme import Scheme
from evalkit.methods import tails
from evalkit.tables import FRAMES, Scores, frame, no_rows


def expect(bands: pd.DataFrame, scores: Scores, scheme: Scheme) -> pd.DataFrame:
    """Foresee the next wave's scores under the assumption that nothing changes.

    The true score stays what the shrunken one says, with its error; the next wave adds an error of
    its own, as large as this wave's. High scores are therefore expected to fall a little, and low
    ones to rise, though nobody became worse or better.

    Parameters
    ----------
    bands : DataFrame
        Frame ``bands``: shrunken scores and their errors.
    scores : Scores
        Of the same wave.

    Returns
    -------
    DataFrame
        Frame ``forecasts``, in the order of `bands`; empty where there are none.
    """
    if not len(bands):
        return no_rows("forecasts")
    at = np.array([scores.subjects.index(subject) for subject in bands["subject"]])
    expected = bands["shrunken"].to_numpy(dtype=np.float64)
    error = np.sqrt(bands["shrunken_se"].to_numpy(dtype=np.float64) ** 2 + scores.variance[0, at])
    df = np.minimum(scores.df[0, at], 1e9)
    reach = error * tails.t_quantile(0.5 + scheme.confidence / 2.0, df)
    columns = {
        "wave": scores.wave,
        "subject": bands["subject"],
        "name": bands["name"],
        "score": bands["score"],
        "expected": expected,
        "expected_se": error,
        "expected_low": np.maximum(expected - reach, 0.0),
        "expected_high": np.minimum(expected + reach, 100.0),
    }
    names = [column.name for column in FRAMES["forecasts"]]
    return frame("forecasts", pd.DataFrame(columns, columns=names).reset_index(drop=True))
