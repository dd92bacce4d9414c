"""Copies: questionnaires whose content repeats, exactly or almost.

References
----------
Kuriakose, N. & Robbins, M. (2016). Don't get duped: fraud through duplication in public opinion
surveys. Statistical Journal of the IAOS 32, 283-291 (best match of each row).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

Float = NDArray[np.float64]
Int = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NearDuplicates:
    """Best match (n,) of each respondent within the subject.

    Attributes
    ----------
    share
        Share of items answered alike with the most similar other respondent (0 to 1).
    match
        Row of that respondent, -1 where the subject has only one.
    expected
        Mean best share in the permuted tables of the subject.
    p
        How often a best share in the permuted tables reaches this one.
    p_subject
        How often the highest best share of a permuted table reaches this one: allows for having
        looked at everybody in the subject.
    """

    share: Float
    match: Int
    expected: Float
    p: Float
    p_subject: Float


def duplicates(content: ArrayLike) -> Int:
    """How many rows (n,) hold exactly this row's content, itself included: 1 is unique.

    `content` (n, C) is everything a respondent gave, as numbers (texts and categories as codes),
    NaN equal to NaN. Leave out what differs by nature (serial number, time). Two all-top straight
    lines are no copies of one another: pass items that vary, or more than the scale items.

    Examples
    --------
    >>> duplicates([[1, 2], [1, 2], [3, 4]]).tolist()
    [2, 2, 1]
    """
    data = answer_table(content) + 0.0
    data[np.isnan(data)] = np.nan
    keys = np.ascontiguousarray(data).view(np.dtype((np.void, data.dtype.itemsize * data.shape[1])))
    _, which, counts = np.unique(keys.ravel(), return_inverse=True, return_counts=True)
    return counts[which].astype(np.int64)


def expected_equals(content: ArrayLike) -> Float:
    """How many other rows (n,) would hold this row's content by chance alone.

    As many as if every column were answered for itself, with the shares that its answers have among
    the different contents (each counted once, so that a content handed in a hundred times makes
    itself no more likely). What a row left empty (NaN) is no content: of a row that broke off after
    three answers only these count.

    Examples
    --------
    >>> expected_equals([[1, 1], [1, 2], [2, 1], [2, 2], [2, 2]]).tolist()
    [1.0, 1.0, 1.0, 1.0, 1.0]
    """
    data = answer_table(content)
    different = np.unique(data, axis=0)
    chance = np.ones(data.shape[0])
    for column, values in zip(data.T, different.T, strict=True):
        found, counts = np.unique(values[~np.isnan(values)], return_counts=True)
        given = ~np.isnan(column)
        at = np.searchsorted(found, column[given])
        chance[given] *= counts[at] / different.shape[0]
    expected: Float = (data.shape[0] - 1) * chance
    return expected


MOST_AT_ONCE = 500
"""Rows that are compared with one another: more of a subject are looked at in parts of like level.

All pairs of 60,000 rows, a hundred times over, take days; a copy has nearly its original's level.
"""


def near_duplicates(
    X: ArrayLike,
    subjects: ArrayLike,
    *,
    permutations: int = 200,
    bands: int = 3,
    seed: int = 0,
) -> NearDuplicates:
    """Rows that match another row of the same subject in suspiciously many items.

    More than `MOST_AT_ONCE` rows of a subject are compared in parts of like level only.

    Parameters
    ----------
    X
        (n, I) answers; a missing answer is an answer like any other (copies copy it too).
    subjects
        (n,) labels.
    permutations
        Reference tables: in each, every item's answers are shuffled among the respondents of the
        subject, which keeps the items' margins.
    bands
        Shuffle only among respondents of a similar level: the subject's respondents are cut into
        this many bands by the mean of their answers, so that generally satisfied people are not
        taken for copies of one another. With 1 band many are (about 10% of honest rows at
        `p_subject` < 0.02 in a simulated street of 66 respondents per subject); with 3 about 2%,
        and 85% of copies of nine items in ten are found; with 10 half of the copies hide in their
        own reference.
    seed
        Of the permutations.

    Raises
    ------
    ValueError
        On malformed input or fewer than one permutation or band.

    Examples
    --------
    >>> answers = [[1, 1, 1, 1], [1, 1, 1, 2], [3, 3, 3, 3]]
    >>> near_duplicates(answers, ["A", "A", "A"], permutations=20).share.tolist()
    [0.75, 0.75, 0.0]
    """
    data = answer_table(X)
    labels = subject_labels(subjects, data.shape[0])
    if permutations < 1 or bands < 1:
        raise ValueError("permutations and bands must be at least 1")
    _, codes = np.unique(data, return_inverse=True, equal_nan=True)
    codes = codes.reshape(data.shape)
    answered = ~np.isnan(data)
    level = np.where(answered, data, 0.0).sum(1) / np.maximum(answered.sum(1), 1)
    rng = np.random.Generator(np.random.PCG64(seed))
    n = data.shape[0]
    share, expected, p, p_subject = (np.full(n, np.nan) for _ in range(4))
    match = np.full(n, -1, dtype=np.int64)
    for label in np.unique(labels):
        rows = np.flatnonzero(labels == label)
        if rows.size < 2:
            continue
        rows = rows[np.argsort(level[rows], kind="stable")]
        best, reference = np.empty(rows.size), np.empty((permutations, rows.size))
        for block in np.array_split(np.arange(rows.size), -(-rows.size // MOST_AT_ONCE)):
            own = codes[rows[block]]
            best[block], partner, reference[:, block] = _compared(own, permutations, bands, rng)
            match[rows[block]] = rows[block[partner]]
        share[rows] = best
        expected[rows] = reference.mean()
        p[rows] = _tail(best, reference.ravel())
        p_subject[rows] = _tail(best, reference.max(axis=1))
    return NearDuplicates(share, match, expected, p, p_subject)


def _compared(
    codes: NDArray[np.intp], permutations: int, bands: int, rng: np.random.Generator
) -> tuple[Float, NDArray[np.intp], Float]:
    """Best matches (n,) of rows in order of their level, partners, and those of shuffled tables."""
    values = np.unique(codes)
    best, partner = _best_matches(codes, values)
    parts = np.array_split(np.arange(len(codes)), min(bands, len(codes)))
    reference = np.empty((permutations, len(codes)))
    for b in range(permutations):
        shuffled = np.concatenate([rng.permuted(codes[part], axis=0) for part in parts])
        reference[b] = _best_matches(shuffled, values)[0]
    return best, partner, reference


def answer_table(X: ArrayLike) -> Float:
    """Check a table (n, I) of answers, NaN for missing."""
    data = np.asarray(X, dtype=np.float64)
    if data.ndim != 2 or 0 in data.shape:
        raise ValueError(f"a table (n, I) with n, I >= 1 is needed, got shape {data.shape}")
    if np.isinf(data).any():
        raise ValueError("answers must not be infinite")
    return data


def subject_labels(subjects: ArrayLike, n: int) -> NDArray[Any]:
    """Check one label for each of n rows."""
    labels = np.asarray(subjects)
    if labels.shape != (n,):
        raise ValueError(f"subjects must have shape ({n},), got {labels.shape}")
    return labels


def _best_matches(
    codes: NDArray[np.intp], values: NDArray[np.intp]
) -> tuple[Float, NDArray[np.intp]]:
    """Highest share of equal columns with another row, and that row; `values` are all there are."""
    rows, items = codes.shape
    given = (codes[:, :, None] == values).reshape(rows, -1).astype(np.float32)
    same = given @ given.T
    np.fill_diagonal(same, -1)
    partner = same.argmax(axis=1)
    return same[np.arange(rows), partner].astype(np.float64) / items, partner


def _tail(observed: Float, reference: Float) -> Float:
    """Permutation p: share of reference values at least as large, the observed one included."""
    ordered = np.sort(reference)
    reached = ordered.size - np.searchsorted(ordered, observed - 1e-9)
    result: Float = (1 + reached) / (1 + ordered.size)
    return result
