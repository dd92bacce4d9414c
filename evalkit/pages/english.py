"""summary.en.md: one page in English for researchers, every number from the frames.

Names of committees, groups and questions stay as they are: nobody translated them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from evalkit.codes import ChangeVerdict, Comparison, OwnChange
from evalkit.pages.press import wording as say
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs, satisfaction, tasks, weights
from evalkit.pages.telling.facts import Row
from evalkit.tables import ALL_GROUPS, COMPOSITE, Evaluation
from evalkit.version import __version__

PATH = "summary.en.md"

NAMED = 12
"""Committees named in one list; of more, these and how many others."""

ENDS = 3
"""Indicators and needs named."""

FILES = (
    ("scores.csv, ranking.csv", "scores with standard errors, grades, ranks with confidence sets"),
    (
        "profiles.csv",
        "every committee against the street's mean, tested, by dimension and indicator",
    ),
    ("indicators.csv", "scores by rater group; cells with too few answers are empty"),
    ("satisfaction.csv", "shares of satisfied residents: street, kinds of residents, committees"),
    ("changes.csv, contributions.csv", "changes since the wave before and what they are made of"),
    ("needs.csv, themes.csv", "what residents tick and write about, as counts"),
    ("composition.csv", "who answered, beside known margins"),
    ("reliability.json, sensitivity.csv, weight_influence.csv", "how far the table can be trusted"),
    ("import-report.json", "what became of every row of every file"),
    ("manifest.json", "hashes of all inputs and outputs, version, seed"),
)
"""Where a researcher looks first; docs/tables.md of evalkit declares every column."""


def summary(evaluation: Evaluation) -> bytes:
    """Return the summary as Markdown."""
    order = evaluation.order
    parts = [
        f"# {order.street} {order.title}, {order.wave_name(evaluation.wave)}: summary in English",
        *(["**Simulated data. This is no real evaluation.**"] if order.synthetic else []),
        *_section("What was measured", _measured(evaluation)),
        *_section("Satisfaction", _satisfied(evaluation)),
        *_section("Scores and what stands out", _standing(evaluation)),
        *_section("Change", _changed(evaluation)),
        *_section("How far to trust it", _trust(evaluation)),
        *_section("Where the files are", _files(evaluation)),
        f"evalkit {__version__}, seed {order.settings.seed}, {order.settings.draws:,} draws; "
        f"fingerprint of all inputs (SHA-256): `{evaluation.fingerprint}`.",
    ]
    return ("\n\n".join(parts) + "\n").encode()


def _section(title: str, lines: Iterable[str]) -> list[str]:
    return [f"## {title}", "\n".join(f"- {line}" for line in lines)]


def _measured(evaluation: Evaluation) -> Iterator[str]:
    scheme, scores, order = evaluation.scheme, evaluation.current.scores, evaluation.order
    own, groups = weights.of_scheme(scheme), weights.of_groups(scheme)
    apart = len(scores.incomplete)
    set_up = len(scores.provisional.subjects) if scores.provisional is not None else 0
    yield (
        f"{len(scores.subjects)} residents' committees with complete scores (0 to 100)"
        + (f"; incomplete, listed and not ranked: {apart}" if apart else "")
        + (f"; provisional, scored and not ranked: {set_up}." if set_up else ".")
    )
    yield (
        f"{len(scheme.dimensions)} dimensions and {len(scheme.indicators)} indicators: "
        + "; ".join(
            f"{one.code} {one.name} (nominal weight {one.weight:g}, effective {own[one.code].mean})"
            for one in scheme.dimensions
        )
        + "."
    )
    sent = order.issued(evaluation.wave)
    for group in scheme.groups:
        n = sum(int(x) for x in evaluation.current.cells.groups[group.code].n)
        rate = f", of {sent[group.code]:,} issued" if sent.get(group.code) else ""
        kind = "residents" if group.residents else "organisations"
        if group.ledger is not None:
            ledger = evaluation.decided.ledgers[group.ledger]
            kind, rate = f"ledger {ledger.title}", ""
        what = "valid questionnaires" if group.questionnaire else "records"
        yield (
            f"Rater group `{group.code}` {group.name} ({kind}, weight {groups[group.code]}): "
            f"{say.count(n, group.minimum_n)} {what}{rate}."
        )
    if not sent and scheme.asked:
        yield "How many questionnaires were issued is not recorded, so there are no response rates."


def _satisfied(evaluation: Evaluation) -> Iterator[str]:
    row = satisfaction.overall(evaluation)
    if row is None:
        yield (
            "No share: there is no overall question with scored options, or too few answered it."
        )
        return
    yield (
        f"{satisfaction.share(row)} of residents with an opinion are satisfied overall "
        f"({known.confidence(evaluation)} interval {_shares(row)}; n = {int(row['n']):,})."
    )
    if say.missing(row["change"]):
        yield "There is no wave to compare it with."
        return
    verdict = {OwnChange.RISEN: "a rise", OwnChange.FALLEN: "a fall"}
    told = verdict.get(OwnChange(str(row["change_verdict"])), "not distinguishable from no change")
    low, high = (say.signed(100 * float(row[f"change_{end}"])) for end in ("low", "high"))
    yield (
        f"Change since the wave before: {say.signed(100 * float(row['change']))} percentage points "
        f"({low} to {high}), {told}."
    )


def _shares(row: Row) -> str:
    places = satisfaction.places(row)
    low, high = (say.fixed(100 * float(row[end]), places) for end in ("low", "high"))
    return f"{low} to {high}%"


def _standing(evaluation: Evaluation) -> Iterator[str]:
    scores = evaluation.current.scores
    whole = _of_street(evaluation, COMPOSITE)
    if whole:
        mean = whole[0]
        ends = _reach(mean["low"], mean["high"])
        yield f"Mean composite of the committees: {say.fixed(mean['mean'])}{ends}."
    if scores.subjects:
        low, high = (
            say.fixed(float(end)) for end in (scores.composite.min(), scores.composite.max())
        )
        yield f"Committees range from {low} to {high}."
    names = {str(s): str(n) for s, n in known.pairs(scores.table, "subject", "name")}
    for verdict, words in ((Comparison.ABOVE, "above"), (Comparison.BELOW, "below")):
        found = [
            names[subject]
            for subject in map(str, evaluation.current.ranking.table["subject"])
            if _verdict(evaluation, subject) == verdict
        ]
        yield f"Significantly {words} the street's mean: {len(found)}{_listed(found)}."
    indicators = sorted(_of_street(evaluation, level="indicator"), key=lambda r: float(r["mean"]))
    if indicators:
        lowest = ", ".join(f"{r['name']} ({say.fixed(r['mean'])})" for r in indicators[:ENDS])
        yield f"Lowest indicators by the street's mean (not tested pairwise): {lowest}."
    wishes = [row for row in tasks.wished(evaluation) if needs.is_need(row)][:ENDS]
    if wishes:
        told = ", ".join(f"{row['name']} ({say.percent(row['share'])})" for row in wishes)
        yield f"Needs that most residents tick: {told}."
    else:
        yield "No needs are told: residents were not asked, or too few answered."


def _verdict(evaluation: Evaluation, subject: str) -> str:
    profile = evaluation.diagnosis(subject).profile
    own = profile.loc[profile["code"] == COMPOSITE, "verdict"]
    return str(own.iloc[0]) if len(own) else ""


def _of_street(evaluation: Evaluation, code: str = "", level: str = "") -> list[Row]:
    table = evaluation.street_means
    own = table[table["group"] == ALL_GROUPS]
    return known.records(own[own["code"] == code] if code else own[own["level"] == level])


def _reach(low: object, high: object) -> str:
    if say.missing(low) or say.missing(high):
        return " (no interval: errors are not known)"
    return f" ({say.fixed(low)} to {say.fixed(high)})"


def _listed(names: list[str]) -> str:
    if not names:
        return ""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return f" ({', '.join(names[:NAMED])}{more})"


def _changed(evaluation: Evaluation) -> Iterator[str]:
    changes = evaluation.current.changes
    if changes is None or not len(changes.table):
        yield "There is no earlier wave that could be compared."
        return
    rows = known.records(changes.table)
    yield (
        f"{len(rows)} committees have complete scores in {rows[0]['from_wave']} and "
        f"{rows[0]['to_wave']}, both under today's scheme."
    )
    joined = [str(row["name"]) for row in rows if say.missing(row["rank_from"])]
    if joined:
        yield (
            f"{len(joined)} of them merged, were split or exchanged households{_listed(joined)}: both "
            "waves are rolled up to their union, whose change it is; their ranks do not compare."
        )
    for verdict, words in ((ChangeVerdict.RISEN, "up"), (ChangeVerdict.FALLEN, "down")):
        found = [str(row["name"]) for row in rows if row["verdict"] == verdict]
        yield f"Significantly {words}, relative to the street: {len(found)}{_listed(found)}."


def _trust(evaluation: Evaluation) -> Iterator[str]:
    ranking, confidence = evaluation.current.ranking, known.confidence(evaluation)
    if not evaluation.current.scores.errors_known:
        yield "Standard errors are not known: nobody is ranked, nothing is compared."
    elif len(ranking.table) > 1:
        yield (
            f"Reliability of the composite: {say.fixed(ranking.reliability, 2)}, the share of the "
            "variance between committees that is not sampling error."
        )
        yield (
            f"{say.percent(ranking.distinguishable_pairs)} of all pairs of committees can be told "
            f"apart; joint rank sets hold for the whole table at {confidence}. Ranks within a set "
            "mean nothing."
        )
    level = say.percent(evaluation.scheme.false_discovery_rate)
    yield (
        f"Deviations from the mean are tested at a false-discovery rate of {level}; intervals are "
        f"{confidence}. Weights, option scores and cut-offs of the scheme are partly assumptions: "
        "see technical-note.pdf."
    )
    yield (
        f"{len(evaluation.notes)} notes travel with the results (sheet 提示 of results.xlsx); "
        "numbers that too few stand behind are left empty."
    )


def _files(evaluation: Evaluation) -> Iterator[str]:
    for names, what in FILES:
        yield f"`{names}`: {what}."
    if len(evaluation.history.lineage):
        yield "`lineage.csv`: what became of committees between waves, and as what they compare."
    yield "Papers in Chinese: street-report, technical-note, diagnosis/, notice/, slides, dashboard."
    yield "Rows of single answers, without names: `evalkit.open(folder).answers(wave)` in Python."
