"""Frames: pandas with the columns declared here, checked where they enter a verb or leave for a file.

In the order of the flow, as everything in this package.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

import pandas as pd

from evalkit.codes import Comparison, OwnChange, TaskState
from evalkit.tables.answering import ANSWERING
from evalkit.tables.columns import Column, columns
from evalkit.tables.ledger_frames import LEDGER_FRAMES
from evalkit.tables.over_units import OVER_UNITS
from evalkit.tables.over_waves import OVER_WAVES
from evalkit.tables.person_frames import PERSON_FRAMES
from evalkit.tables.row_frames import ROW_FRAMES
from evalkit.tables.trusted import OF_TRUST

ALL_GROUPS = "all"
COMPOSITE = "composite"
ANYTHING = "*"
"""The pseudo-theme of all residents who wrote anything."""


FRAMES: Mapping[str, tuple[Column, ...]] = {
    **ROW_FRAMES,
    "scores": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("name", "text", "subject name"),
        ("score", "number?", "composite, 0 to 100; empty where incomplete"),
        ("se", "number?", "standard error of the score, points"),
        ("low", "number?", "lower end of the score's interval, points"),
        ("high", "number?", "upper end of the score's interval, points"),
        ("grade", "text?", "grade of the unrounded score"),
        ("grade_probability", "number?", "probability that the true score lies in that grade, 0-1"),
        (
            "complete",
            "flag",
            "was judged by every rater group that the scheme weighs, and is not provisional",
        ),
    ),
    "indicators": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("code", "text", "composite, or a dimension's or indicator's code"),
        ("level", "text", "composite | dimension | indicator"),
        ("group", "text", "all, or a rater group's code"),
        ("estimate", "number?", "mean, 0 to 100; empty where not published"),
        ("se", "number?", "standard error, points"),
        ("n", "integer?", "valid answers, or records; empty below the minimum that is published"),
    ),
    "ranking": columns(
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
    **OVER_WAVES,
    **OF_TRUST,
    "sensitivity": columns(
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
    "weight_influence": columns(
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
    "drivers": columns(
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
    "quality": columns(
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
    "plan": columns(
        ("target", "text", "what is to be reached, or present, or extra"),
        ("group", "text", "rater group code; all for their sum"),
        ("n_per_subject", "number", "valid questionnaires per committee, mean over all of them"),
        ("n_total", "integer", "valid questionnaires of all committees, see reachable"),
        ("issued_total", "integer?", "questionnaires to issue at this wave's return rate"),
        ("reliability", "number", "mean reliability of all committees, 0-1"),
        ("half_width", "number", "mean half-width of all committees' intervals, points"),
        (
            "reachable",
            "flag",
            "whether all can reach it; those that cannot stay at this wave's number",
        ),
        (
            "detectable",
            "number?",
            "change of one committee against the street that its verdict finds with 80%, points, mean",
        ),
        ("power", "number?", "probability that a true one of 5 points is found (Holm), mean, 0-1"),
    ),
    "peer_groups": columns(
        ("wave", "text", "wave id"),
        ("by", "text", "zone | housing | kind: the roster's column"),
        ("value", "text", "its value; empty where the roster has none"),
        ("n", "integer", "complete committees"),
        ("mean", "number", "mean of their composites, 0 to 100"),
        ("se", "number?", "its standard error, points: of the answers about these committees"),
        ("low", "number?", "lower end of its interval, points"),
        ("high", "number?", "upper end of its interval, points"),
        ("lowest", "number", "lowest composite of the group, points"),
        ("highest", "number", "highest composite of the group, points"),
        ("difference", "number?", "mean less the mean of the rest of the street, points"),
        ("difference_se", "number?", "its standard error, points"),
        ("difference_low", "number?", "lower end of its interval (not adjusted), points"),
        ("difference_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the groups of one classification"),
        ("verdict", "text", f"{' | '.join(Comparison)} (fewer than three committees)"),
    ),
    "peers": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("by", "text", "zone | housing | kind: the roster's column"),
        ("value", "text", "its value"),
        ("n", "integer", "other complete committees of that value, three at least"),
        ("mean", "number", "mean of their composites, 0 to 100"),
        ("difference", "number?", "the subject's composite less that mean, points"),
        ("difference_se", "number?", "its standard error, points"),
        ("difference_low", "number?", "lower end of its interval (not adjusted), points"),
        ("difference_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the subjects of one classification"),
        ("verdict", "text", " | ".join(Comparison)),
    ),
    **OVER_UNITS,
    "profiles": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id"),
        ("code", "text", "composite, or a dimension's or indicator's code"),
        ("level", "text", "composite | dimension | indicator"),
        ("name", "text", "its name"),
        ("estimate", "number?", "the subject's score; empty where it is not told"),
        ("se", "number?", "its standard error, points"),
        ("low", "number?", "lower end of its interval, points"),
        ("high", "number?", "upper end of its interval, points"),
        ("street", "number?", "mean of the complete committees, each counting once"),
        ("difference", "number?", "the subject's score less that mean, points"),
        ("difference_se", "number?", "its standard error, points"),
        ("p_adjusted", "number?", "adjusted over all tests of one level (Benjamini-Hochberg)"),
        ("verdict", "text", " | ".join(Comparison)),
        ("previous", "number?", "the subject's score of the wave before, by today's scheme"),
    ),
    "street_means": columns(
        ("wave", "text", "wave id"),
        ("code", "text", "composite, or a dimension's or indicator's code"),
        ("level", "text", "composite | dimension | indicator"),
        ("name", "text", "its name"),
        ("group", "text", "all, or a rater group's code"),
        ("n", "integer", "committees it is the mean of, each counting once"),
        ("mean", "number", "mean over them, 0 to 100"),
        ("se", "number?", "its standard error, points"),
        ("low", "number?", "lower end of its interval, points"),
        ("high", "number?", "upper end of its interval, points"),
        ("previous", "number?", "last wave's mean of the committees compared, 0 to 100"),
        ("change", "number?", "change of the mean of the committees compared, points"),
        ("change_se", "number?", "its standard error, points"),
        ("change_low", "number?", "lower end of its interval (not adjusted), points"),
        ("change_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over the measures of one level"),
        ("verdict", "text", " | ".join(OwnChange)),
    ),
    "satisfaction": columns(
        ("wave", "text", "wave id"),
        ("subject", "text", "subject id; all for the street"),
        ("item", "text", "item id of the overall question, or of a scored one with options"),
        ("name", "text", "its text"),
        ("role", "text", "overall | scored"),
        ("by", "text", "all, or the item id of the question that tells residents apart"),
        ("value", "text", "all, or the option code of these residents"),
        ("label", "text", "their option's label; empty for all"),
        ("n", "integer", "residents with an opinion: whoever chose an option that has a score"),
        ("share", "number", "weighted share of them that is satisfied, 0-1"),
        ("low", "number", "lower end of its interval, 0-1"),
        ("high", "number", "upper end of its interval, 0-1"),
        ("acceptable", "number?", "weighted share that is at least content, 0-1; empty of kinds"),
        (
            "street",
            "number",
            "the street's share; beside kinds of residents that of all of them, 0-1",
        ),
        ("p_adjusted", "number?", "of the difference from the street; empty for the street"),
        ("verdict", "text?", f"{' | '.join(Comparison)}, against the street; empty for it"),
        (
            "previous",
            "number?",
            "last wave's share of the committees compared, at this wave's n, 0-1",
        ),
        ("change", "number?", "this wave's share of these committees less that, 0-1"),
        ("change_low", "number?", "lower end of its interval (not adjusted)"),
        ("change_high", "number?", "upper end of its interval (not adjusted)"),
        ("change_p_adjusted", "number?", "Holm-adjusted over the rows of its family"),
        ("change_verdict", "text", " | ".join(OwnChange)),
    ),
    "needs": columns(
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
        (
            "verdict",
            "text?",
            f"{' | '.join(list(Comparison)[:3])}, against the street; empty for all",
        ),
    ),
    "themes": columns(
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
    "follow_up": columns(
        ("wave", "text", "wave id"),
        ("from_wave", "text", "the wave before, whose tasks these are"),
        ("subject", "text", "subject id; all for the street"),
        ("name", "text", "its name, as on the list"),
        ("task", "text", "id of the task"),
        ("kind", "text", "kind of task, as on the list"),
        ("problem", "text", "what it is about, as on the list"),
        ("code", "text", "code of the indicator or dimension; empty for what residents wish"),
        ("due", "text", "by when, as on the list"),
        ("state", "text", " | ".join(TaskState)),
        ("done", "text?", "day on which it was done, ISO 8601, as reported"),
        ("evidence", "flag", "whether evidence is named"),
        ("checked", "flag", "whether the street has looked at it"),
        ("until", "text?", "new date of what goes on, ISO 8601, as reported"),
        ("previous", "number?", "the committee's estimate of the last wave, 0 to 100"),
        ("estimate", "number?", "this wave's, 0 to 100"),
        ("change", "number?", "this wave's less the last one's, points"),
        ("change_se", "number?", "its standard error, points"),
        ("change_low", "number?", "lower end of its interval (not adjusted), points"),
        ("change_high", "number?", "upper end of its interval (not adjusted), points"),
        ("p_adjusted", "number?", "Holm-adjusted over all committees' measures on the list"),
        ("verdict", "text", f"{' | '.join(OwnChange)}; no proof that the work made the change"),
    ),
    **ANSWERING,
    **LEDGER_FRAMES,
    **PERSON_FRAMES,
    "distributions": columns(
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
    return checked(frame, name, FRAMES[name])


def checked(frame: pd.DataFrame, name: str, declared: Sequence[Column]) -> pd.DataFrame:
    """Return the frame if it has exactly these columns, in order; see `check`."""
    names = [column.name for column in declared]
    if list(frame.columns) != names:
        raise ValueError(f"{name}: expected columns {names}, got {list(frame.columns)}")
    for column in declared if len(frame) else ():  # most frames of a small evaluation have no rows
        values = frame[column.name]
        numeric = pd.api.types.is_numeric_dtype(values)
        if column.kind in ("integer", "number", "flag") and not numeric:
            raise ValueError(f"{name}.{column.name}: expected {column.kind}, got {values.dtype}")
        if not column.nullable and bool(values.isna().any()):
            raise ValueError(f"{name}.{column.name}: has empty values")
    return frame


def frame(name: str, columns: Mapping[str, Any] | pd.DataFrame) -> pd.DataFrame:
    """Build the frame declared under `name` from its columns, and check it.

    A column of numbers in which nothing is known (None throughout) is one of numbers all the same.
    """
    return build(name, FRAMES[name], columns)


def build(
    name: str, declared: Sequence[Column], columns: Mapping[str, Any] | pd.DataFrame
) -> pd.DataFrame:
    """Build a frame of these columns, and check it; see `frame`."""
    table = pd.DataFrame({c.name: columns[c.name] for c in declared})
    for column in declared if len(table) else ():
        values = table[column.name]
        if column.kind in ("integer", "number") and bool(values.isna().all()):
            table[column.name] = values.astype("float64")
    return checked(table, name, declared)


def no_rows(name: str) -> pd.DataFrame:
    """Return the frame declared under `name` without rows."""
    return _empty(name).copy()


@cache
def _empty(name: str) -> pd.DataFrame:
    return pd.DataFrame({column.name: [] for column in FRAMES[name]})


def markdown() -> str:
    """Return all declared frames as a Markdown page: ``docs/tables.md``."""
    lines = [
        "# Tables",
        "",
        "Every frame, as declared in `evalkit/tables/`; files under `out/<wave>/` have these columns",
        "in this order. `?` marks a column that may be empty. Remake: `make tables`.",
    ]
    return "\n".join([*lines, *described(FRAMES)]) + "\n"


def described(frames: Mapping[str, Sequence[Column]]) -> list[str]:
    """Return the lines that describe these frames, a section each."""
    lines = []
    for name, declared in frames.items():
        lines += ["", f"## {name}", "", "| column | kind | meaning |", "| --- | --- | --- |"]
        lines += [
            f"| {c.name} | {c.kind}{'?' if c.nullable else ''} | {c.meaning.replace('|', '/')} |"
            for c in declared
        ]
    return lines
