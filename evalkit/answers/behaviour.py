"""How residents answered: flags for a person to look at, and the same answers without them.

Nothing is deleted here and no single sign convicts anybody. On a satisfaction scale the same top
answer throughout is a legitimate opinion, and where people are content such lines are common
(Simmons et al. 2016), so a straight line alone never counts. What counts (`Flags.any`) is

* content that people cannot share by chance: a varied questionnaire that repeats another one
  exactly, or more closely than shuffled answers of the same committee ever do (Kuriakose & Robbins
  2016, with a permutation reference in place of their fixed 85%, as Simmons et al. ask);
* a time in which the form cannot be read: below two seconds an item (Huang et al. 2012);
* haste together with one sign more. Half the median time is a liberal limit that honest quick
  readers cross (Greszki, Meyer & Schoen 2015), but haste that comes with a straight line (Zhang &
  Conrad 2014), with the street's most improbable combinations of answers (Meade & Craig 2012), or
  with a batch sent from one address in one minute is two hurdles missed at once (Curran 2016).

Signs that need many questions are not raised over few. Of three answers everybody's are equal to
somebody's and in one line with every fifth's: a copy counts where chance would make fewer than
`COPY_CHANCE` of it, a line and an improbable combination from `LEAST_ITEMS` answers on. A note says
where that is so.

Many answers from one address in a minute, without haste, may be a meeting of residents on the
committee's wireless network: recorded, not counted.

References
----------
Curran, P. G. (2016). Methods for the detection of carelessly invalid responses in survey data.
Journal of Experimental Social Psychology 66, 4-19.
Greszki, R., Meyer, M. & Schoen, H. (2015). Exploring the effects of removing "too fast" responses
and respondents from web surveys. Public Opinion Quarterly 79, 471-503.
Huang, J. L. et al. (2012). Detecting and deterring insufficient effort responding to surveys.
Journal of Business and Psychology 27, 99-114.
Kuriakose, N. & Robbins, M. (2016). Don't get duped: fraud through duplication in public opinion
surveys. Statistical Journal of the IAOS 32, 283-291.
Meade, A. W. & Craig, S. B. (2012). Identifying careless responses in survey data. Psychological
Methods 17, 437-455.
Simmons, K. et al. (2016). Evaluating a new proposal for detecting data falsification in surveys.
Statistical Journal of the IAOS 32, 327-338.
Zhang, C. & Conrad, F. G. (2014). Speeding in web surveys: the tendency to answer very fast and its
association with straightlining. Survey Research Methods 8, 127-135.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from evalkit.codes import Flag, NoteCode
from evalkit.definitions.decided import Decided
from evalkit.definitions.questionnaire import Item, Questionnaire
from evalkit.errors import Note
from evalkit.methods import quality
from evalkit.tables import Answers, Floats, State

FLAGS = tuple(flag.value for flag in Flag)
"""The columns of `Flags.table`."""

LEAST_ITEMS = 6
"""A line, or an improbable combination, of fewer answers is none. Where three in five tick the same
answer to every question, by chance alone a line of five has 8% of them and a line of six 5%
(0.6**6), no more than `ODD_SHARE`."""
COPY_CHANCE = 0.001
"""Copies that chance would make more often say nothing (`quality.expected_equals`). Answers of one
person are alike, so chance makes more than that: of simulated honest answers (3 to 20 questions of
five points, 30 to 3,000 people, correlations of .3 and .5, spread evenly or contented) up to 0.9%
of all have such a copy, where there are 300 people or fewer; 2.5% at the most. Of forms with twenty
questions 95% and more of the answers can be told as copies, of three none, of eight 0 to 98%."""
LONGEST_RUN = 0.9
"""Share of the answered items in one run of the same place on the form."""
ODD_SHARE = 0.05
"""The most improbable answers of the street: a share, since skewed answers have no exact tail."""
VARIED = 0.8
"""Up to this share of one and the same score an answer has content that can be copied. The
likeness of answers beyond it is that of contented people, and would hide copies in the reference:
in the demo street, of copies of nine items in ten, 10 to 25% were found among all answers that are
no straight lines, and 67 to 100% among these. Copies of a contented answer cannot be told from
contented people by content; only time and address can give them away."""
NEAR_LEVEL = 0.02
"""Of the closest likeness among shuffled answers of the same committee."""
_NEAR_PERMUTATIONS = 100
_NEAR_BANDS = 2
"""With three bands copies hide in their own reference: of those that make up a fifth of a
committee, 23 to 72% were found in the demo street, with two bands 67 to 80%; of its honest answers
1 in 300 were flagged with three and 1 in 200 with two."""
BATCH = 3
"""Answers to one committee in one minute, or from one address: two may be a couple."""

_MISSING: Mapping[str, float] = {
    State.DONT_KNOW.value: -1.0,
    State.REFUSED.value: -2.0,
    State.NOT_APPLICABLE.value: -3.0,
}


@dataclass(frozen=True, slots=True)
class Flags:
    """Signs of how the residents of one wave answered.

    Attributes
    ----------
    table : DataFrame of shape (n, 9)
        Indexed by respondent; the columns of `codes.Flag`, True or False. Respondents of the scheme's
        resident groups only.
    evidence : DataFrame of shape (n, 11)
        The figures behind them: ``longstring`` (items), ``irv`` (points), ``distance_p``,
        ``copies`` (answers with this content, itself included), ``few_items`` and ``by_chance``
        (what is no sign in this answer, as there are too few questions), ``match_share`` (0 to 1),
        ``match_p``, ``seconds_per_item``, ``in_minute`` and ``on_device`` (answers to the
        committee, itself included).
    notes : tuple of Note
        What could not be looked at, and how many are flagged.
    """

    wave: str
    table: pd.DataFrame
    evidence: pd.DataFrame
    notes: tuple[Note, ...]

    @property
    def any(self) -> pd.Series[bool]:
        """Whether a respondent counts as flagged for the way it was answered: `combined`."""
        return combined(self.table)


def combined(table: pd.DataFrame) -> pd.Series[bool]:
    """Return the rule of this module: one strong sign, or haste with one sign more.

    Parameters
    ----------
    table : DataFrame
        With the columns of `codes.Flag`.
    """
    strong = table["duplicate"] | table["near_duplicate"] | table["too_fast"]
    batch = table["burst"] & table["shared_device"]
    second = table["straight_line"] | table["uniform"] | table["odd"] | batch
    return (strong | (table["hurried"] & second)).rename("flagged")


def flag(answers: Answers, decided: Decided, *, seed: int) -> Flags:
    """Look at how each resident answered the scored single-choice items.

    Respondents of one questionnaire are compared with one another; copies and batches are looked
    for within the committee.

    Parameters
    ----------
    seed : int
        Of the shuffled reference for near-duplicates.

    Returns
    -------
    Flags
        Without rows where the scheme has no residents or nobody answered.
    """
    residents = {group.code for group in decided.scheme.residents}
    respondents = answers.respondents[answers.respondents["group"].isin(residents)]
    parts = [
        _signs(answers, decided.questionnaires[str(name)], own, seed)
        for name, own in respondents.groupby("questionnaire", sort=True)
    ]
    evidence = pd.concat([part for part in parts if len(part)] or [_nothing()])
    evidence = evidence.reindex(respondents.index)
    table = pd.DataFrame(
        {name: evidence.pop(name).eq(True) for name in FLAGS},
        index=respondents.index,
    )
    notes = _notes(answers.wave, respondents, table, evidence)
    return Flags(answers.wave, table, evidence, notes)


def excess(flags: Flags, answers: Answers) -> pd.DataFrame:
    """Compare each committee's rate of flagged answers with the street's.

    Returns
    -------
    DataFrame
        Columns subject, n, flagged, rate, street_rate (0 to 1), p and excess as in frame
        ``quality``; one row a committee with residents' answers, sorted by subject.
    """
    names = ["subject", "n", "flagged", "rate", "street_rate", "p", "excess"]
    if flags.table.empty:
        return pd.DataFrame({name: [] for name in names})
    subjects = answers.respondents.loc[flags.table.index, "subject"].to_numpy(dtype=str)
    copied = flags.table["duplicate"] | flags.table["near_duplicate"]
    found = quality.excess_rates(
        flags.any.to_numpy(dtype=bool), subjects, together=np.where(copied, 2.0, 1.0)
    )
    columns = (
        found.subjects, found.n, found.flags, found.rate,
        np.full(found.n.size, found.street), found.p, found.flagged,
    )  # fmt: skip
    return pd.DataFrame(dict(zip(names, columns, strict=True)))


def without(answers: Answers, flags: Flags) -> Answers:
    """Return the same answers less the flagged ones, to be measured, scored and ranked again."""
    out = flags.table.index[flags.any.to_numpy(dtype=bool)]

    def rest(frame: pd.DataFrame) -> pd.DataFrame:
        return frame[~frame.index.isin(out)]

    return Answers(
        answers.wave,
        rest(answers.respondents),
        {name: rest(codes) for name, codes in answers.codes.items()},
        {name: rest(states) for name, states in answers.states.items()},
        answers.who,
    )


def _nothing() -> pd.DataFrame:
    evidence = ("seconds_per_item", "few_items", "by_chance")
    return pd.DataFrame({name: [] for name in (*FLAGS, *evidence)})


def _signs(
    answers: Answers, questionnaire: Questionnaire, own: pd.DataFrame, seed: int
) -> pd.DataFrame:
    """Return the flags of one questionnaire's respondents and the figures behind them."""
    codes = answers.codes[questionnaire.id].loc[own.index]
    states = answers.states[questionnaire.id].loc[own.index]
    items = [
        item
        for item in questionnaire.of_role("scored")
        if item.kind == "single" and item.id in codes and bool(codes[item.id].notna().any())
    ]
    if not items:
        return _nothing()
    scores, places = _tables(codes, states, items, questionnaire)
    subjects = own["subject"].to_numpy(dtype=str)
    found = pd.DataFrame(index=own.index)

    answered = (~np.isnan(places)).sum(axis=1)
    enough = answered >= LEAST_ITEMS
    found["few_items"] = ~enough
    found["longstring"] = quality.longstring(places)
    found["straight_line"] = (found["longstring"] >= LONGEST_RUN * answered) & enough
    found["irv"] = quality.irv(scores)
    found["uniform"] = (found["irv"] == 0.0) & enough
    try:
        found["distance_p"] = quality.mahalanobis(scores).p
    except ValueError:
        found["distance_p"] = np.nan
    found["odd"] = (found["distance_p"].rank(method="min") <= ODD_SHARE * len(found)) & enough

    varied = _modal_share(scores) <= VARIED
    found["copies"] = quality.duplicates(places)
    copied, found["by_chance"] = (found["copies"] > 1) & varied, False
    if varied.any():
        found.loc[varied, "by_chance"] = quality.expected_equals(places[varied]) > COPY_CHANCE
    found["duplicate"] = copied & ~found["by_chance"]
    found["by_chance"] &= copied
    found["match_share"], found["match_p"] = np.nan, np.nan
    if varied.any():
        near = quality.near_duplicates(
            scores[varied],
            subjects[varied],
            permutations=_NEAR_PERMUTATIONS,
            bands=_NEAR_BANDS,
            seed=seed,
        )
        found.loc[varied, "match_share"] = near.share
        found.loc[varied, "match_p"] = near.p_subject
    found["near_duplicate"] = found["match_p"] <= NEAR_LEVEL

    seconds = own["seconds"].to_numpy(dtype=np.float64)
    asked = (states != State.NOT_ASKED.value).any(axis=0).sum()
    found["seconds_per_item"] = seconds / asked
    found["too_fast"] = quality.seconds_per_item(seconds, int(asked))
    found["hurried"] = False if np.isnan(seconds).all() else quality.speeding(seconds)
    found["in_minute"] = quality.bursts(_submitted(own), subjects)
    found["burst"] = found["in_minute"] >= BATCH
    found["on_device"] = quality.shared_device(_addresses(own, subjects))
    found["shared_device"] = found["on_device"] >= BATCH
    return found


def _tables(
    codes: pd.DataFrame, states: pd.DataFrame, items: list[Item], questionnaire: Questionnaire
) -> tuple[Floats, Floats]:
    """Scores (n, I), NaN where there is none; and places on the form (n, I), NaN where empty."""
    scores, places = [], []
    for item in items:
        options = questionnaire.options_of(item)
        score = {o.code: o.score for o in options if o.score is not None}
        place = {o.code: float(at) for at, o in enumerate(options)}
        ticked = codes[item.id].map(place).to_numpy(dtype=np.float64, na_value=np.nan)
        unscored = states[item.id].map(dict(_MISSING)).to_numpy(dtype=np.float64, na_value=np.nan)
        scores.append(codes[item.id].map(score).to_numpy(dtype=np.float64, na_value=np.nan))
        places.append(np.where(np.isnan(ticked), unscored, ticked))
    return np.column_stack(scores), np.column_stack(places)


def _modal_share(scores: Floats) -> Floats:
    """Share (n,) of a respondent's scored answers that have the most frequent score."""
    most = np.zeros(len(scores))
    for value in np.unique(scores[~np.isnan(scores)]):
        most = np.maximum(most, (scores == value).sum(axis=1))
    answered = (~np.isnan(scores)).sum(axis=1)
    return np.asarray(np.where(answered > 0, most / np.maximum(answered, 1), 1.0))


def _submitted(own: pd.DataFrame) -> Floats:
    """Return times of submission in seconds; NaN where unknown or only the day was recorded."""
    times = pd.to_datetime(own["submitted"], errors="coerce", format="mixed")
    seconds = (times - pd.Timestamp(0)).dt.total_seconds()
    return np.asarray(seconds.mask(times == times.dt.normalize()), dtype=np.float64)


def _addresses(own: pd.DataFrame, subjects: np.ndarray) -> np.ndarray:
    """Return a label (n,) for each address and committee; empty where the address is unknown."""
    given = own["device"].fillna("").to_numpy(dtype=str)
    together = np.char.add(np.char.add(given, "\n"), subjects)
    return np.asarray(np.where(given == "", "", together))


def _notes(
    wave: str, respondents: pd.DataFrame, table: pd.DataFrame, evidence: pd.DataFrame
) -> tuple[Note, ...]:
    notes = []
    n = len(respondents)
    flagged = int(combined(table).sum())
    if flagged:
        notes.append(Note(NoteCode.FLAGGED_ANSWERS, wave, flagged, {"n": n}))
    few = evidence["few_items"].eq(True)
    looked_at: tuple[tuple[NoteCode, pd.Series[bool]], ...] = (
        (NoteCode.LINES_OF_FEW_ITEMS, few),
        (NoteCode.COPIES_BY_CHANCE, evidence["by_chance"].eq(True)),
        (NoteCode.UNKNOWN_DURATION, evidence["seconds_per_item"].isna()),
        (NoteCode.UNKNOWN_DEVICE, respondents["device"].fillna("") == ""),
    )
    for code, unknown in looked_at:
        if count := int(unknown.sum()):
            notes.append(Note(code, wave, count, {"n": n}))
    return tuple(notes)
