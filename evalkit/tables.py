"""What flows between the rooms: the schemas of the frames and the frozen result types.

In the order of the flow: answers, import report, cells, scores, ranking, changes, diagnosis,
evaluation. Frames are pandas with the columns declared here; `check` compares a frame with its
declaration where it enters a verb or leaves for a file.

Symbols in shapes: K subjects, G rater groups, I indicators, M measures (composite, dimensions,
indicators), W waves.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from enum import StrEnum
from typing import Any, Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]

ALL_GROUPS = "all"
COMPOSITE = "composite"
ANYTHING = "*"
"""The pseudo-theme of all residents who wrote anything."""
OVERALL = "overall"
"""The pseudo-indicator that carries the overall-satisfaction item beside the indicators."""


# --- frames ---------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a frame: name, kind of values, unit and meaning."""

    name: str
    kind: Literal["text", "integer", "number", "flag"]
    meaning: str
    nullable: bool = False


def _columns(*rows: tuple[str, str, str]) -> tuple[Column, ...]:
    return tuple(
        Column(name, kind.rstrip("?"), meaning, kind.endswith("?"))  # type: ignore[arg-type]
        for name, kind, meaning in rows
    )


FRAMES: Mapping[str, tuple[Column, ...]] = {
    "respondents": _columns(
        ("respondent", "text", "file and row, unique within the wave"),
        ("file", "text", "file as the analyst knows it"),
        ("row", "integer", "row in the file, as Excel numbers it"),
        ("questionnaire", "text", "questionnaire id"),
        ("group", "text", "rater group code"),
        ("subject", "text", "subject id that is rated"),
        (
            "rater",
            "text",
            "running number of the rater; empty where every answer is a rater of its own",
        ),
        ("weight", "number", "survey weight, 1 unless weighted"),
        ("submitted", "text?", "time of submission as in the file"),
        ("seconds", "number?", "time taken, seconds"),
        ("device", "text?", "running number of the address the answer came from"),
    ),
    "scores": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number?", "composite, 0 to 100; empty where incomplete"),
        ("se", "number?", "standard error of the score, points"),
        ("low", "number?", "lower end of the score's interval, points"),
        ("high", "number?", "upper end of the score's interval, points"),
        ("grade", "text?", "grade of the unrounded score"),
        ("grade_probability", "number?", "probability that the true score lies in that grade, 0-1"),
        ("complete", "flag", "has answers in every cell that the scheme weighs"),
    ),
    "indicators": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("code", "text", "composite, or a dimension's or indicator's code"),
        ("level", "text", "composite | dimension | indicator"),
        ("group", "text", "all, or a rater group's code"),
        ("estimate", "number?", "mean, 0 to 100; empty where not published"),
        ("se", "number?", "standard error, points"),
        ("n", "integer?", "valid answers; empty below the minimum that may be published"),
    ),
    "ranking": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number", "composite, 0 to 100"),
        ("rank", "integer", "competition rank (1224) of the unrounded score, 1 = best"),
        ("rank_low", "integer", "best rank of the marginal confidence set"),
        ("rank_high", "integer", "worst rank of the marginal confidence set"),
        ("rank_low_joint", "integer", "best rank of the joint confidence set"),
        ("rank_high_joint", "integer", "worst rank of the joint confidence set"),
        ("reliability", "number", "share of the score's variance that is real differences, 0-1"),
    ),
    "changes": _columns(
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("from_wave", "text", "earlier wave"),
        ("to_wave", "text", "later wave"),
        ("score_from", "number", "earlier score under today's scheme, 0 to 100"),
        ("score_to", "number", "later score, 0 to 100"),
        ("change", "number", "score_to - score_from, points"),
        ("relative_change", "number", "change less the street's mean change, points"),
        ("se", "number", "standard error of the relative change, points"),
        ("p_adjusted", "number", "Holm-adjusted p-value of the relative change"),
        ("verdict", "text", "明显上升 | 无明显变化 | 明显下降"),
        ("rank_from", "integer", "rank in the earlier wave"),
        ("rank_to", "integer", "rank in the later wave"),
        ("rank_change", "integer", "rank_to - rank_from; negative = moved up"),
        ("rank_change_low", "integer", "lower end of the rank change's confidence set"),
        ("rank_change_high", "integer", "upper end of the rank change's confidence set"),
    ),
    "contributions": _columns(
        ("subject", "text", "subject id"),
        ("from_wave", "text", "earlier wave"),
        ("to_wave", "text", "later wave"),
        ("code", "text", "indicator code"),
        ("points", "number", "points of the change in score; a subject's points add up to it"),
        ("group", "text", "rater group code"),
    ),
    "bands": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number", "raw composite, 0 to 100: the one that is ranked"),
        ("rank", "integer", "rank of the raw composite"),
        ("band", "text", "远高于预期 | 高于预期 | 符合预期 | 低于预期 | 远低于预期"),
        ("z", "number", "distance from the street's mean in expected-range units"),
        ("adjusted", "number?", "composite adjusted for who answered, 0 to 100"),
        ("adjusted_se", "number?", "its standard error, points"),
        ("shrunken", "number", "composite shrunken towards the street's mean, 0 to 100"),
        ("shrunken_se", "number", "root of its mean squared error, points"),
    ),
    "sensitivity": _columns(
        ("wave", "text", "wave id"),
        ("scenario", "text", "alternative's id, or random: many random weightings at once"),
        ("scenario_name", "text", "what is different"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number?", "composite under the alternative, 0 to 100"),
        ("rank", "integer?", "rank under the alternative"),
        ("rank_change", "integer?", "that rank less the published one; negative = better"),
        ("grade", "text?", "grade under the alternative"),
        ("same_grade", "number?", "share of random weightings that keep the grade, 0-1"),
        ("same_third", "number?", "share that keep the third of the table, 0-1"),
        ("same_place", "number?", "share that keep the rank, 0-1"),
        ("rank_low", "integer?", "5% quantile of the rank under random weightings"),
        ("rank_high", "integer?", "95% quantile of the rank under random weightings"),
    ),
    "weight_influence": _columns(
        ("wave", "text", "wave id"),
        ("kind", "text", "group | dimension: whose weight is varied"),
        ("code", "text", "rater group's or dimension's code"),
        ("name", "text", "its name"),
        ("first", "number", "first-order Sobol index of the mean absolute rank shift, 0-1"),
        ("first_low", "number", "lower end of its bootstrap interval"),
        ("first_high", "number", "upper end of its bootstrap interval"),
        ("total", "number", "total Sobol index"),
        ("total_low", "number", "lower end of its bootstrap interval"),
        ("total_high", "number", "upper end of its bootstrap interval"),
    ),
    "drivers": _columns(
        ("wave", "text", "wave id"),
        ("code", "text", "indicator or dimension code"),
        ("name", "text", "its name"),
        ("importance", "number", "share of the variance of overall satisfaction, 0-1"),
        ("low", "number", "lower end of its bootstrap interval"),
        ("high", "number", "upper end of its bootstrap interval"),
        ("performance", "number", "the street's mean, 0 to 100"),
        ("performance_se", "number", "its standard error, points"),
        ("r_squared", "number", "what all of them explain together, 0-1"),
        ("n", "integer", "residents with complete answers"),
    ),
    "quality": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("n", "integer", "residents' answers"),
        ("flagged", "integer", "of them, flagged for the way they were answered"),
        ("rate", "number", "flagged / n, 0-1"),
        ("street_rate", "number", "the street's, 0-1"),
        ("p", "number?", "probability of so many by chance and natural spread"),
        ("excess", "flag", "more than the street's rate and its spread explain"),
        ("gap", "number?", "key residents' score less random residents', points"),
        ("gap_statistic", "number?", "its distance from the street's gap in standard units"),
        ("gap_outlier", "flag", "distance above 3"),
        ("rank", "integer?", "published rank"),
        ("score_without", "number?", "composite without the flagged answers, 0 to 100"),
        ("rank_without", "integer?", "rank without the flagged answers"),
    ),
    "plan": _columns(
        ("target", "text", "what is to be reached, or present, or extra"),
        ("group", "text", "rater group code; all for their sum"),
        ("n_per_subject", "number", "valid questionnaires per committee, mean over committees"),
        ("n_total", "integer", "valid questionnaires of the street"),
        ("issued_total", "integer?", "questionnaires to issue at this wave's return rate"),
        ("reliability", "number", "mean reliability reached, 0-1"),
        ("half_width", "number", "mean half-width of a score's interval, points"),
        ("reachable", "flag", "whether the target can be reached at all"),
    ),
    "peer_groups": _columns(
        ("wave", "text", "wave id"),
        ("by", "text", "zone | housing | kind: the roster's column"),
        ("value", "text", "its value; empty where the roster has none"),
        ("n", "integer", "complete committees"),
        ("mean", "number", "mean of their composites, 0 to 100"),
        ("se", "number", "its standard error, points: of the answers about these committees"),
        ("low", "number", "lower end of its interval, points"),
        ("high", "number", "upper end of its interval, points"),
        ("lowest", "number", "lowest composite of the group, points"),
        ("highest", "number", "highest composite of the group, points"),
        ("difference", "number?", "mean less the mean of the rest of the street, points"),
        ("difference_se", "number?", "its standard error, points"),
        ("difference_low", "number?", "lower end of its interval (not adjusted), points"),
        ("difference_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the groups of one classification"),
        ("verdict", "text", "高于 | 低于 | 无显著差异 | 未检验 (fewer than three committees)"),
    ),
    "street_means": _columns(
        ("wave", "text", "wave id"),
        ("code", "text", "composite, or a dimension's or indicator's code"),
        ("level", "text", "composite | dimension | indicator"),
        ("name", "text", "its name"),
        ("group", "text", "all, or a rater group's code"),
        ("n", "integer", "committees it is the mean of, each counting once"),
        ("mean", "number", "mean over them, 0 to 100"),
        ("se", "number", "its standard error, points"),
        ("low", "number", "lower end of its interval, points"),
        ("high", "number", "upper end of its interval, points"),
        ("previous", "number?", "last wave's mean of the committees compared, 0 to 100"),
        ("change", "number?", "change of the mean of the committees compared, points"),
        ("change_se", "number?", "its standard error, points"),
        ("change_low", "number?", "lower end of its interval (not adjusted), points"),
        ("change_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the measures of one level"),
        ("verdict", "text", "上升 | 下降 | 无显著变化 | 未比较"),
    ),
    "needs": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id; all for the street"),
        ("item", "text", "item id of a multi-select of needs"),
        ("option", "text", "option code"),
        ("name", "text", "option label"),
        ("n", "integer", "residents who ticked it"),
        ("of", "integer", "residents who answered the question"),
        ("share", "number", "weighted share of them, 0-1"),
        ("se", "number", "its standard error"),
        ("low", "number", "lower end of the share's interval, 0-1"),
        ("high", "number", "upper end of the share's interval, 0-1"),
        ("street", "number", "the street's share, 0-1"),
        ("p_adjusted", "number?", "Benjamini-Hochberg over subjects and options; empty for all"),
        ("verdict", "text?", "高于 | 低于 | 无显著差异, against the street; empty for all"),
    ),
    "themes": _columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id; all for the street"),
        ("item", "text", "item id of an open question"),
        ("code", "text", "theme code; * for whoever wrote anything"),
        ("name", "text", "theme name"),
        (
            "n",
            "integer",
            "residents who speak of it; themes of fewer than the minimum are left out",
        ),
        ("of", "integer", "residents who wrote anything"),
        ("share", "number", "n / of, 0-1"),
    ),
    "distributions": _columns(
        ("subject", "text", "subject id"),
        ("group", "text", "rater group code"),
        ("item", "text", "item id"),
        ("option", "text", "option code"),
        ("n", "integer", "answers"),
        ("share", "number", "weighted share of the answers that count, 0-1"),
    ),
}


def check(frame: pd.DataFrame, name: str) -> pd.DataFrame:
    """Return the frame if it has exactly the columns declared under `name`, in order.

    Raises
    ------
    ValueError
        Naming the first difference: a missing, extra or misplaced column, text where numbers
        belong, or an empty value in a column that has none.
    """
    declared = FRAMES[name]
    names = [column.name for column in declared]
    if list(frame.columns) != names:
        raise ValueError(f"{name}: expected columns {names}, got {list(frame.columns)}")
    for column in declared:
        values = frame[column.name]
        numeric = pd.api.types.is_numeric_dtype(values)
        if len(values) and column.kind in ("integer", "number", "flag") and not numeric:
            raise ValueError(f"{name}.{column.name}: expected {column.kind}, got {values.dtype}")
        if not column.nullable and bool(values.isna().any()):
            raise ValueError(f"{name}.{column.name}: has empty values")
    return frame


def frame(name: str, columns: Mapping[str, Any]) -> pd.DataFrame:
    """Build the frame declared under `name` from its columns, and check it."""
    return check(pd.DataFrame({c.name: columns[c.name] for c in FRAMES[name]}), name)


def markdown() -> str:
    """Return all declared frames as a Markdown page: ``docs/tables.md``."""
    lines = [
        "# Tables",
        "",
        "Every frame, as declared in `evalkit/tables.py`; files under `out/<wave>/` have these columns",
        "in this order. `?` marks a column that may be empty. Remake: `make tables`.",
    ]
    for name, columns in FRAMES.items():
        lines += ["", f"## {name}", "", "| column | kind | meaning |", "| --- | --- | --- |"]
        lines += [
            f"| {c.name} | {c.kind}{'?' if c.nullable else ''} | {c.meaning.replace('|', '/')} |"
            for c in columns
        ]
    return "\n".join(lines) + "\n"


# --- documents ------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Documents:
    """What was decided before anybody was asked: all that an operations manual rests on.

    Attributes
    ----------
    digests : dict of file name to SHA-256
        Of every document.
    """

    order: EvaluationOrder
    scheme: Scheme
    questionnaires: Mapping[str, Questionnaire]
    roster: Roster
    digests: Mapping[str, str]


# --- answers --------------------------------------------------------------------------------


class State(StrEnum):
    """Why a cell of an answer sheet holds a value or none. Only `ANSWERED` scores."""

    ANSWERED = "answered"
    SKIPPED = "skipped"
    EMPTY = "empty"
    NOT_ASKED = "not_asked"
    DONT_KNOW = "dont_know"
    REFUSED = "refused"
    NOT_APPLICABLE = "not_applicable"
    INVALID = "invalid"


@dataclass(frozen=True, slots=True)
class Answers:
    """What people said in one wave. The only type with rows; it stops at `measure`.

    Attributes
    ----------
    respondents : DataFrame
        Frame ``respondents``, indexed by ``respondent``.
    codes : dict of questionnaire id to DataFrame
        Option code (or number, or text) of every respondent (index) and item (columns); missing
        where the state is not ``answered``. Multi-select codes are joined by ``;``.
    states : dict of questionnaire id to DataFrame
        `State` of the same cells.
    """

    wave: str
    respondents: pd.DataFrame
    codes: Mapping[str, pd.DataFrame]
    states: Mapping[str, pd.DataFrame]


@dataclass(frozen=True, slots=True)
class Rejection:
    """A row that was read and not kept."""

    row: int
    reason: str
    detail: str = ""


@dataclass(frozen=True, slots=True)
class FileReport:
    """What became of one file: ``rows_read == rows_kept + len(rejections)``, always."""

    file: str
    wave: str
    questionnaire: str
    platform: str
    variant: str
    encoding: str | None
    sha256: str
    rows_read: int
    rows_kept: int
    rejections: tuple[Rejection, ...]
    unmapped_columns: tuple[str, ...] = ()
    dropped_columns: tuple[str, ...] = ()
    unknown_values: tuple[tuple[str, str, int], ...] = ()
    unmatched: tuple[tuple[str, int, tuple[str, ...]], ...] = ()
    notes: tuple[Note, ...] = ()

    @property
    def rejected_by_reason(self) -> dict[str, int]:
        """Number of rejected rows by reason, sorted by reason."""
        counts: dict[str, int] = {}
        for rejection in self.rejections:
            counts[rejection.reason] = counts.get(rejection.reason, 0) + 1
        return dict(sorted(counts.items()))


# --- cells ----------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class GroupCells:
    """The cells of one rater group: every subject's means and their covariance.

    Attributes
    ----------
    n : ndarray of shape (K,)
        Answers with at least one valid measure.
    n_effective : ndarray of shape (K,)
        Kish's effective number.
    n_measure : ndarray of shape (K, I + 1)
        Answers with a valid value, by measure.
    mean : ndarray of shape (K, I + 1)
        0 to 100; NaN where nobody answered or the group does not judge the indicator.
    covariance : ndarray of shape (K, I + 1, I + 1)
        Of each subject's own means.
    joint : ndarray of shape (K, I + 1, K, I + 1) or None
        Covariance of all subjects' means, where raters rate several subjects; None where
        subjects are independent. Its diagonal blocks are `covariance`.
    df : ndarray of shape (K,)
        Degrees of freedom of the covariance: sampling units less one.
    """

    n: Integers
    n_effective: Floats
    n_measure: Integers
    mean: Floats
    covariance: Floats
    joint: Floats | None
    df: Floats

    def at(self, measures: NDArray[np.intp]) -> GroupCells:
        """Return the same cells with only these measures, in this order."""
        joint = None if self.joint is None else self.joint[:, measures][:, :, :, measures]
        return GroupCells(
            self.n,
            self.n_effective,
            self.n_measure[:, measures],
            self.mean[:, measures],
            self.covariance[:, measures][:, :, measures],
            joint,
            self.df,
        )


@dataclass(frozen=True, slots=True)
class Cells:
    """All cells of one wave: what is known once rows are gone.

    Attributes
    ----------
    subjects : tuple of str
        K subject ids, in roster order, of the committees that existed in the wave.
    measures : tuple of str
        I indicator codes in the scheme's order, then ``overall``.
    groups : dict of group code to GroupCells
        In the scheme's order.
    distributions : DataFrame
        Frame ``distributions``.
    definitions : dict of indicator code to str
        Fingerprint of the items and option scores each indicator was measured with.
    """

    wave: str
    subjects: tuple[str, ...]
    measures: tuple[str, ...]
    groups: Mapping[str, GroupCells]
    distributions: pd.DataFrame
    definitions: Mapping[str, str]

    @property
    def fingerprint(self) -> str:
        """SHA-256 of the numbers, for telling two sets of cells apart."""
        digest = hashlib.sha256(repr((self.wave, self.subjects, self.measures)).encode())
        for code, group in self.groups.items():
            digest.update(code.encode())
            for array in (group.n, group.mean, group.covariance, group.joint):
                digest.update(b"" if array is None else np.ascontiguousarray(array).tobytes())
        return digest.hexdigest()

    def arranged(self, indicators: tuple[str, ...], groups: tuple[str, ...]) -> Cells:
        """Return the same cells with these indicators and groups, in this order.

        Raises
        ------
        ValueError
            If one of them is not there.
        """
        measures = (*indicators, OVERALL)
        at = np.array([self.measures.index(code) for code in measures])
        return replace(
            self,
            measures=measures,
            groups={code: self.groups[code].at(at) for code in groups},
            definitions={code: self.definitions[code] for code in indicators},
        )


# --- findings -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Measure:
    """Something that has an estimate for every subject."""

    code: str
    level: Literal["composite", "dimension", "indicator"]
    name: str
    weight: float


@dataclass(frozen=True, slots=True)
class Incomplete:
    """A subject that is listed and not ranked, and what it lacks."""

    subject: str
    missing: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scores:
    """Scores of one wave with everything needed to compare them.

    Attributes
    ----------
    subjects : tuple of str
        K complete subjects, in roster order.
    incomplete : tuple of Incomplete
        The others.
    measures : tuple of Measure
        M: composite first, then dimensions, then indicators.
    estimate, variance, df : ndarray of shape (M, K)
        Rater groups combined by the scheme's weights.
    covariance : ndarray of shape (K, K)
        Joint covariance of the composites.
    difference_variance : ndarray of shape (M, K)
        Variance of a subject's estimate less the street's mean.
    cell_weights : ndarray of shape (G, I)
        Weight of every (group, indicator) in the composite; adds up to 1.
    cell_means : ndarray of shape (K, G, I)
        The means behind it; NaN where the weight is 0.
    table : DataFrame
        Frame ``scores``: complete and incomplete subjects, in roster order.
    indicators : DataFrame
        Frame ``indicators``.
    """

    wave: str
    subjects: tuple[str, ...]
    incomplete: tuple[Incomplete, ...]
    measures: tuple[Measure, ...]
    estimate: Floats
    variance: Floats
    df: Floats
    covariance: Floats
    difference_variance: Floats
    cell_weights: Floats
    cell_means: Floats
    table: pd.DataFrame
    indicators: pd.DataFrame

    @property
    def composite(self) -> Floats:
        """Composite scores, shape (K,)."""
        return np.asarray(self.estimate[0], dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Ranking:
    """The league table of one wave.

    Attributes
    ----------
    table : DataFrame
        Frame ``ranking``, best first.
    reliability : float
        Mean share of the scores' variance that is real differences between subjects, 0 to 1.
    tau : float
        Standard deviation of the true scores between subjects, points.
    distinguishable_pairs : float
        Share of pairs of subjects whose order is certain (joint confidence), 0 to 1.
    unstable : tuple of str
        Subjects with a bound that another seed might move by one.
    ahead : ndarray of shape (K, K) or None
        Whether the row's subject is known to be better than the column's, all pairs tested
        together, as the joint sets are; in the order of `Scores.subjects`. None where there are
        too many subjects, or fewer than two.
    """

    wave: str
    table: pd.DataFrame
    reliability: float
    tau: float
    distinguishable_pairs: float
    unstable: tuple[str, ...]
    ahead: NDArray[np.bool_] | None = None


@dataclass(frozen=True, slots=True)
class Changes:
    """What changed between two waves, under one scheme.

    Attributes
    ----------
    table : DataFrame
        Frame ``changes``, in roster order; subjects complete in both waves.
    contributions : DataFrame
        Frame ``contributions``.
    street_change : float
        Change of the mean score of these subjects, points.
    luck_own, luck_any : Series
        By subject: probability that pure chance moves this subject, or any subject, at least as
        many places in the same direction although nothing had changed.
    not_compared : dict of subject to reason
    rank_own, rank_field : Series
        By subject: places of its rank change that its own change in score makes, and those that
        the others' changes make; negative = moved up. They add up to ``rank_change``.
    """

    from_wave: str
    to_wave: str
    table: pd.DataFrame
    contributions: pd.DataFrame
    street_change: float
    luck_own: pd.Series[float]
    luck_any: pd.Series[float]
    not_compared: Mapping[str, str]
    rank_own: pd.Series[float]
    rank_field: pd.Series[float]


@dataclass(frozen=True, slots=True)
class Finding:
    """A strength, a weakness, or a tendency that the data cannot tell from the mean.

    Attributes
    ----------
    kind : {"strength", "weakness", "tendency_high", "tendency_low"}
    difference : float
        Estimate less the street's mean, points; its sign agrees with the kind.
    p_adjusted : float
        Benjamini-Hochberg over all subjects and indicators of the wave.
    """

    kind: Literal["strength", "weakness", "tendency_high", "tendency_low"]
    subject: str
    code: str
    name: str
    estimate: float
    street: float
    difference: float
    se: float
    p_adjusted: float


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """All findings of one subject, and what they rest on.

    Attributes
    ----------
    profile : DataFrame
        One row a measure: code, level, name, estimate, se, low, high, street, difference,
        p_adjusted, verdict (高于 | 低于 | 无显著差异), previous (last wave, may be empty).
    """

    subject: str
    complete: bool
    findings: tuple[Finding, ...]
    profile: pd.DataFrame

    def of_kind(self, *kinds: str) -> tuple[Finding, ...]:
        """Return the findings of these kinds, strongest first."""
        return tuple(finding for finding in self.findings if finding.kind in kinds)


@dataclass(frozen=True, slots=True)
class Assurance:
    """How far the current wave's table can be trusted, and what would make it surer.

    Attributes
    ----------
    bands, sensitivity, weight_influence, drivers, quality, plan : DataFrame
        The frames of these names; empty where the data do not allow them (a note says why).
    reliability : dict
        Written to ``reliability.json``: reliability, tau, icc, distinguishable_pairs,
        validity (correlation of the composite with overall satisfaction, with its interval),
        and ``verdict`` and ``meaning`` sentences in plain Chinese.
    gap : dict
        Key residents against random ones over the street: mean, se, tau; empty without both.
    """

    bands: pd.DataFrame
    sensitivity: pd.DataFrame
    weight_influence: pd.DataFrame
    drivers: pd.DataFrame
    quality: pd.DataFrame
    plan: pd.DataFrame
    reliability: Mapping[str, Any]
    gap: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Heard:
    """What residents ask for and write about: counted, never quoted.

    Attributes
    ----------
    needs, themes : DataFrame
        The frames of these names, the street first, then the subjects in roster order; empty
        where nothing was asked or only cells are left. What fewer than the minimum said is left
        out, and so is what would give it away by subtraction.
    minimum_n : int
        Residents below which a theme, or a need, is not published.
    assumptions : tuple of str
        Of the themes that were counted by; they stand in the method note.
    """

    needs: pd.DataFrame
    themes: pd.DataFrame
    minimum_n: int = 10
    assumptions: tuple[str, ...] = ()

    @classmethod
    def nothing(cls) -> Heard:
        """Return what is heard where nothing was asked, or no rows are left."""
        return cls(no_rows("needs"), no_rows("themes"))


@dataclass(frozen=True, slots=True)
class InventedAnswer:
    """One ticked answer of an example: its words, and its score, None where it has none."""

    item: str
    label: str
    score: float | None


@dataclass(frozen=True, slots=True)
class InventedPerson:
    """One respondent of an example: answers to an indicator's items and what they make of it.

    Attributes
    ----------
    score : float or None
        The indicator, 0 to 100; None where too few items were answered.
    """

    answers: tuple[InventedAnswer, ...]
    score: float | None


@dataclass(frozen=True, slots=True)
class Illustration:
    """An invented committee, scored by the functions that score the real ones.

    Attributes
    ----------
    indicator, group : str
        The cell that is followed from its respondents upwards.
    people : tuple of InventedPerson
        Of that cell: where possible one who answered all, one with a gap, and one without a score.
    spread : tuple of (score, number of respondents)
        The cell's indicator scores, highest first.
    unscored : int
        Respondents of the cell without a score.
    cells : Cells
        Of one subject.
    scores : Scores
        Likewise; without a subject if the scheme cannot be illustrated.
    """

    indicator: str
    group: str
    people: tuple[InventedPerson, ...]
    spread: tuple[tuple[float, int], ...]
    unscored: int
    cells: Cells
    scores: Scores


def no_rows(name: str) -> pd.DataFrame:
    """Return the frame declared under `name` without rows."""
    return pd.DataFrame({column.name: [] for column in FRAMES[name]})


# --- evaluation -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Evaluation:
    """Everything that is known before the first page is written.

    Attributes
    ----------
    wave : str
        The wave this evaluation is about: the last one of `waves`.
    waves : tuple of str
        All waves up to it, earliest first, scored under one scheme.
    reports : tuple of FileReport
        One for every file read, of every wave.
    cells, scores_by_wave, ranking_by_wave : dict of wave to result
    changes_by_wave : dict of later wave to Changes
    diagnoses : dict of subject id to Diagnosis
        For the current wave.
    assurance : Assurance
        How far the current wave's table can be trusted.
    notes : tuple of Note
        Warnings that reach the reader.
    fingerprint : str
        SHA-256 over all inputs, the scheme and the seed.
    questionnaires : dict of questionnaire id to Questionnaire
        What was asked.
    heard : Heard
        What residents of the current wave ask for and write about.
    actions : ActionLibrary or None
        What can be done about an indicator.
    boundaries : dict or None
        GeoJSON of the subjects' areas, checked; None where none are known.
    peer_groups, street_means : DataFrame
        The frames of these names, of the current wave.
    """

    order: EvaluationOrder
    scheme: Scheme
    roster: Roster
    wave: str
    waves: tuple[str, ...]
    reports: tuple[FileReport, ...]
    cells: Mapping[str, Cells]
    scores_by_wave: Mapping[str, Scores]
    ranking_by_wave: Mapping[str, Ranking]
    changes_by_wave: Mapping[str, Changes]
    diagnoses: Mapping[str, Diagnosis]
    assurance: Assurance
    notes: tuple[Note, ...]
    fingerprint: str
    inputs: Mapping[str, str] = field(default_factory=dict)
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    heard: Heard = field(default_factory=Heard.nothing)
    actions: ActionLibrary | None = None
    boundaries: Mapping[str, Any] | None = None
    peer_groups: pd.DataFrame = field(default_factory=lambda: no_rows("peer_groups"))
    street_means: pd.DataFrame = field(default_factory=lambda: no_rows("street_means"))

    @property
    def scores(self) -> pd.DataFrame:
        """Frame ``scores`` of all waves, earliest first."""
        return pd.concat(
            [self.scores_by_wave[wave].table for wave in self.waves], ignore_index=True
        )

    @property
    def indicators(self) -> pd.DataFrame:
        """Frame ``indicators`` of all waves, earliest first."""
        return pd.concat(
            [self.scores_by_wave[wave].indicators for wave in self.waves], ignore_index=True
        )

    @property
    def ranking(self) -> pd.DataFrame:
        """Frame ``ranking`` of all waves, earliest first."""
        return pd.concat(
            [self.ranking_by_wave[wave].table for wave in self.waves], ignore_index=True
        )

    @property
    def changes(self) -> pd.DataFrame:
        """Frame ``changes`` of all pairs of neighbouring waves; empty with a single wave."""
        return _stacked("changes", [c.table for c in self.changes_by_wave.values()])

    @property
    def contributions(self) -> pd.DataFrame:
        """Frame ``contributions`` of all pairs of neighbouring waves."""
        return _stacked("contributions", [c.contributions for c in self.changes_by_wave.values()])

    def diagnosis(self, subject: str) -> Diagnosis:
        """Return one subject's diagnosis; raise `KeyError` if there is no such subject."""
        return self.diagnoses[subject]


def _stacked(name: str, parts: list[pd.DataFrame]) -> pd.DataFrame:
    if parts:
        return pd.concat(parts, ignore_index=True)
    return no_rows(name)


if __name__ == "__main__":
    print(markdown(), end="")
