"""Valid documents of every kind, with awkward texts and numbers, for round trips."""

from __future__ import annotations

from typing import Any

from hypothesis import strategies as st

from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import ALIAS_SEPARATORS, JOINING, Roster
from evalkit.definitions.scheme import RESERVED, Scheme
from evalkit.definitions.text import committee_key, comparable

AWKWARD = (
    "=1+1", "+86", "-x", "@a", "'q", "#N/A", "_x0041_", "_x000D_", "01", "1e5", "1.50", "6:30",
    "no", "null", "~", "TRUE", "是", "备注", "2016-03-01", " 空 格 ", "两\n行", "a: b", "- a", "# a",
    "{}", "[", "*a", "&a", "!a", "%", "|", ">", "\ta", "a\u00a0", "😀", "_x", "：",
)  # fmt: skip

printable = st.characters(
    exclude_categories=("Cc", "Cs", "Cf", "Zl", "Zp"),
    exclude_characters="\u115f\u1160\u3164\uffa0\ufffc\ufffe\uffff",
    include_characters="\n\t",
)


def _says_something(text: str) -> bool:
    return bool(text.strip())


texts = st.one_of(st.sampled_from(AWKWARD), st.text(printable, min_size=1, max_size=12)).filter(
    _says_something
)
prose = st.one_of(st.just(""), texts)
names = texts.map(str.strip)
identifiers = st.from_regex(r"\A[A-Za-z0-9][A-Za-z0-9_-]{0,8}\Z")
maybe_text = st.none() | texts
maybe_identifier = st.none() | identifiers
basis = st.sampled_from(["published", "assumption"])
finite = st.floats(allow_nan=False, allow_infinity=False)


def _shares(draw: st.DrawFn, count: int, total: float) -> list[float]:
    """Draw positive numbers that add up to a total."""
    parts = draw(st.lists(st.floats(0.05, 1), min_size=count, max_size=count))
    return [part / sum(parts) * total for part in parts]


def _coded(draw: st.DrawFn, low: int, high: int) -> list[str]:
    codes = identifiers.filter(lambda code: code not in RESERVED)
    return draw(st.lists(codes, min_size=low, max_size=high, unique=True))


@st.composite
def schemes(draw: st.DrawFn) -> Scheme:
    questionnaires = draw(st.lists(identifiers, min_size=1, max_size=3, unique=True))
    codes = _coded(draw, 1, 5)
    sizes = draw(st.integers(1, len(codes)))
    bounds = sorted({0, len(codes), *draw(st.lists(st.integers(1, len(codes)), max_size=sizes))})
    dimension_codes = _coded(draw, len(bounds) - 1, len(bounds) - 1)
    dimensions = []
    for code, low, high, weight in zip(
        dimension_codes, bounds, bounds[1:], _shares(draw, len(bounds) - 1, 100), strict=False
    ):
        indicators = [
            {
                "code": indicator,
                "name": draw(texts),
                "weight": share,
                "items": {
                    q: draw(st.lists(identifiers, min_size=1, max_size=2)) for q in questionnaires
                },
                "basis": draw(basis),
            }
            for indicator, share in zip(
                codes[low:high], _shares(draw, high - low, weight), strict=True
            )
        ]
        dimensions.append(
            {"code": code, "name": draw(texts), "weight": weight, "indicators": indicators}
        )
    groups: list[dict[str, Any]] = []
    group_codes = _coded(draw, 1, 4)
    for place, (code, weight) in enumerate(
        zip(group_codes, _shares(draw, len(group_codes), 100), strict=True)
    ):
        subset = st.none() | st.lists(st.sampled_from(codes), min_size=1, unique=True)
        groups.append(
            {
                "code": code,
                "name": draw(texts),
                "description": draw(prose),
                "weight": weight,
                "questionnaire": draw(st.sampled_from(questionnaires)),
                "residents": draw(st.booleans()),
                "raters": draw(st.sampled_from(["respondent", "rater"])),
                "covers": draw(subset) if place else None,
                "minimum_n": draw(st.integers(2, 10**20)),
                "population": draw(st.none() | st.integers(1, 10**20)),
                "rates_itself": draw(st.booleans()),
                "basis": draw(basis),
            }
        )
    cutoffs = draw(st.lists(st.floats(0.5, 100), max_size=4, unique=True))
    grades = draw(
        st.lists(texts, min_size=len(cutoffs) + 1, max_size=len(cutoffs) + 1, unique=True)
    )
    alternatives = []
    for alternative in draw(st.lists(identifiers, max_size=2, unique=True)):
        shares = _shares(draw, len(group_codes), 100)
        scores = st.dictionaries(
            st.integers(0, 100).map(str), st.floats(0, 100), min_size=1, max_size=3
        )
        alternatives.append(
            {
                "id": alternative,
                "name": draw(texts),
                "group_weights": dict(zip(group_codes, shares, strict=True)),
                "option_scores": draw(st.just({}) | scores),
            }
        )
    return Scheme.model_validate(
        {
            "id": draw(identifiers),
            "title": draw(texts),
            "published": draw(st.lists(texts, max_size=3)),
            "assumptions": draw(st.lists(texts, max_size=3)),
            "residents_weight": min(100, sum(g["weight"] for g in groups if g["residents"])),
            "groups": groups,
            "dimensions": dimensions,
            "grades": [
                {"name": name, "cutoff": cutoff, "good": draw(st.booleans())}
                for name, cutoff in zip(grades, [*sorted(cutoffs, reverse=True), 0], strict=True)
            ],
            "uncovered": draw(st.sampled_from(["within_group", "to_covering_groups"])),
            "minimum_answered": draw(st.floats(0.01, 1)),
            "confidence": draw(st.floats(0.51, 0.99)),
            "false_discovery_rate": draw(st.floats(0.001, 0.49)),
            "alternatives": alternatives,
        }
    )


@st.composite
def options(draw: st.DrawFn, minimum: int = 0) -> list[dict[str, Any]]:
    codes = draw(st.lists(names, min_size=minimum, max_size=4, unique=True))
    labels = draw(st.lists(texts, min_size=len(codes), max_size=len(codes), unique_by=comparable))
    made = []
    for code, label in zip(codes, labels, strict=True):
        missing = draw(st.none() | st.sampled_from(["dont_know", "refused", "not_applicable"]))
        made.append(
            {
                "code": code,
                "label": label,
                "score": None if missing else draw(st.floats(0, 100)),
                "missing": missing,
                "screen_out": draw(st.booleans()),
                "group": draw(maybe_identifier),
            }
        )
    return made


KINDS = {"scored": ("single", "number"), "overall": ("single", "number"), "need": ("multiple",)}
"""What an item of a role may be; of any other role it may be anything."""


@st.composite
def questionnaires(draw: st.DrawFn) -> Questionnaire:
    scales = draw(st.dictionaries(names, options(minimum=1), max_size=2))
    once = ["subject", "rater", "overall"]
    items = []
    for item in draw(st.lists(identifiers, min_size=1, max_size=4, unique=True)):
        role = draw(st.sampled_from(["scored", "need", "profile", "open", *once]))
        once = [other for other in once if other != role]
        low, high = sorted(draw(st.tuples(finite, finite).filter(lambda pair: pair[0] != pair[1])))
        kind = draw(st.sampled_from(KINDS.get(role, ("text", "ranking"))))
        scale = draw(st.none() | st.sampled_from(sorted(scales))) if scales else None
        scale = None if kind == "number" else scale
        items.append(
            {
                "id": item,
                "text": draw(texts),
                "kind": kind,
                "role": role,
                "number": draw(st.none() | st.integers(1, 10**17)),
                "stem": draw(maybe_text),
                "scale": scale,
                "options": draw(options(minimum=1)) if scale is None and kind != "number" else [],
                "minimum": low,
                "maximum": high,
                "header": draw(maybe_text),
                "basis": draw(basis),
            }
        )
    return Questionnaire.model_validate(
        {
            "id": draw(identifiers),
            "title": draw(texts),
            "introduction": draw(prose),
            "assumptions": draw(st.lists(texts, max_size=2)),
            "scales": scales,
            "items": items,
        }
    )


@st.composite
def rosters(draw: st.DrawFn) -> Roster:
    calls = draw(
        st.lists(
            texts.filter(lambda text: not set(text) & set(ALIAS_SEPARATORS + JOINING)),
            min_size=1,
            max_size=8,
            unique_by=committee_key,
        )
    )
    ids = draw(st.lists(identifiers, min_size=1, max_size=len(calls), unique_by=str.casefold))
    subjects = [
        {
            "id": subject,
            "name": calls[place],
            "aliases": [a for at, a in enumerate(calls[len(ids) :]) if at % len(ids) == place],
            "zone": draw(maybe_text),
            "kind": draw(texts),
            "housing": draw(maybe_text),
            "population": draw(st.none() | st.integers(1, 10**20)),
            "since": draw(maybe_identifier),
            "until": None,
        }
        for place, subject in enumerate(ids)
    ]
    return Roster.model_validate({"subjects": subjects})


@st.composite
def crosswalks(draw: st.DrawFn) -> Crosswalk:
    numbers = draw(st.lists(st.integers(1, 10**17), min_size=1, max_size=4, unique=True))
    pairs = st.tuples(maybe_identifier, st.none() | names)
    targets = draw(
        st.lists(
            pairs,
            min_size=len(numbers),
            max_size=len(numbers),
            unique_by=lambda pair: pair if pair[0] is not None else (object(), None),
        )
    )
    columns = [
        {
            "column": number,
            "header": draw(prose),
            "item": item,
            "option": option,
            "certainty": draw(st.none() | st.floats(0, 1)),
            "because": draw(prose),
            "reversed": draw(st.booleans()),
        }
        for number, (item, option) in zip(numbers, targets, strict=True)
    ]

    def mapping(key_of: Any, values: st.SearchStrategy[Any]) -> dict[str, Any]:
        keys = draw(st.lists(texts, max_size=3, unique_by=key_of))
        return {key: draw(values) for key in keys}

    items = draw(st.lists(identifiers, max_size=2, unique=True))
    return Crosswalk.model_validate(
        {
            "id": draw(identifiers),
            "questionnaire": draw(identifiers),
            "layout": draw(names),
            "variant": draw(st.sampled_from(["text", "number", "score"])),
            "approved": draw(st.booleans()),
            "drafted_from": draw(prose),
            "changes": draw(st.lists(texts, max_size=2)),
            "columns": columns,
            "values": {item: mapping(comparable, st.none() | names) for item in items},
            "subjects": mapping(committee_key, maybe_identifier),
        }
    )
