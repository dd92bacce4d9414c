"""Of which committee and rater group every answer is, worked out once for all who count by them."""

from __future__ import annotations

import pandas as pd

from evalkit.answers.once import remembered
from evalkit.definitions.decided import Decided
from evalkit.tables import Answers


@remembered
def whereabouts(answers: Answers, decided: Decided) -> pd.DataFrame:
    """Return the subject and the rater group of every answer.

    Returns
    -------
    DataFrame of shape (n, 2)
        In the order of ``answers.respondents``; columns ``subject`` and ``group`` are categorical, their
        categories ascending and each with an answer.
    """
    rows = answers.respondents
    return pd.DataFrame({name: _placed(rows[name]) for name in ("subject", "group")}, copy=False)


def _placed(texts: pd.Series[str]) -> pd.Categorical:
    codes, different = pd.factorize(texts.to_numpy(dtype=object), sort=True)
    return pd.Categorical.from_codes(codes, pd.Index(different, dtype=object))
