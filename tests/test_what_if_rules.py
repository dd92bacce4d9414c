"""Varied schemes by hand, and what of an evaluation a what-if keeps."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml

import evalkit as ek
from evalkit.codes import NoteCode
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note
from tests import tiny
from tests.deciding import with_decided

BOUNDARIES = {"type": "FeatureCollection", "features": []}


def scheme(**changes: Any) -> Scheme:
    return Scheme.model_validate(yaml.safe_load(tiny.SCHEME) | changes)


def three_groups() -> Scheme:
    groups = yaml.safe_load(tiny.SCHEME)["groups"]
    groups[0]["weight"] = 50
    groups.append({**groups[0], "code": "key", "weight": 20})
    return scheme(
        groups=groups,
        alternatives=[
            {"id": "all", "name": "一", "group_weights": {"resident": 40, "office": 40}},
            {"id": "score", "name": "二", "option_scores": {"80": 75}},
        ],
    )


def groups_of(made: Scheme) -> dict[str, float]:
    return {group.code: group.weight for group in made.groups}


def problems(**changes: Any) -> list[tuple[str, str | None, str | None]]:
    with pytest.raises(ek.InputErrors) as refused:
        ek.varied(scheme(), **changes)
    return [(p.code, p.key, p.found) for p in refused.value.problems]


def test_nothing_named_is_nothing_changed() -> None:
    assert ek.varied(scheme()).model_dump(exclude={"alternatives"}) == scheme().model_dump(
        exclude={"alternatives"}
    )


def test_groups_that_are_not_named_keep_their_proportions() -> None:
    """20 for offices leaves 80, which were 50 : 20."""
    made = ek.varied(three_groups(), groups={"office": 20})
    assert groups_of(made) == pytest.approx({"resident": 400 / 7, "office": 20, "key": 160 / 7})
    assert made.residents_weight == pytest.approx(80)
    made = ek.varied(three_groups(), groups={"office": 20, "resident": 70})
    assert groups_of(made) == pytest.approx({"resident": 70, "office": 20, "key": 10})


def test_all_groups_may_be_named_if_they_add_up() -> None:
    made = ek.varied(scheme(), groups={"resident": 45, "office": 55})
    assert groups_of(made) == {"resident": 45, "office": 55}
    assert made.residents_weight == 45
    assert problems(groups={"resident": 45, "office": 54}) == [
        ("weights_do_not_add_up", "resident、office", "45 + 54")
    ]


def test_something_must_be_left_for_those_not_named() -> None:
    assert problems(groups={"resident": 100}) == [("weights_do_not_add_up", "resident", "100")]
    made = ek.varied(three_groups(), groups={"office": 99.5})
    assert sum(groups_of(made).values()) == pytest.approx(100)
    assert problems(dimensions={"A": -1}) == [("weights_do_not_add_up", "A", "-1")]


def test_indicators_keep_their_proportions_inside_a_dimension() -> None:
    """A had 40 + 20 of 60 and gets 45: 30 + 15; B gets the other 55."""
    made = ek.varied(scheme(), dimensions={"A": 45})
    assert {i.code: i.weight for i in made.indicators} == pytest.approx(
        {"A1": 30, "A2": 15, "B1": 55}
    )
    assert {d.code: d.weight for d in made.dimensions} == pytest.approx({"A": 45, "B": 55})


def test_dimensions_become_what_their_indicators_add_up_to() -> None:
    """A2 gets 50; A1 and B1, 40 : 40, share the other 50."""
    made = ek.varied(scheme(), indicators={"A2": 50})
    assert {i.code: i.weight for i in made.indicators} == pytest.approx(
        {"A1": 25, "A2": 50, "B1": 25}
    )
    assert {d.code: d.weight for d in made.dimensions} == pytest.approx({"A": 75, "B": 25})


def test_cut_offs_are_changed_by_name() -> None:
    made = ek.varied(scheme(), grades={"良好": 80, "合格": 61.5})
    assert [(g.name, g.cutoff) for g in made.grades] == [
        ("优秀", 90),
        ("良好", 80),
        ("合格", 61.5),
        ("待改进", 0),
    ]
    assert problems(grades={"很好": 80}) == [("unknown_reference", None, "很好")]


def test_everything_that_cannot_be_is_told_at_once() -> None:
    found = problems(groups={"nobody": 1}, indicators={"Z": 1}, grades={"很好": 80})
    assert found == [
        ("unknown_reference", None, "nobody"),
        ("unknown_reference", None, "Z"),
        ("unknown_reference", None, "很好"),
    ]


def test_alternatives_have_their_weights_written_out() -> None:
    made = ek.varied(three_groups(), groups={"office": 20})
    one, two = made.alternatives
    assert one.group_weights == {"resident": 40, "office": 40, "key": 20}
    assert two == three_groups().alternatives[1]


def test_an_alternative_of_a_group_that_is_left_out_goes_with_it() -> None:
    made = ek.varied(three_groups(), groups={"key": 0})
    assert groups_of(made) == pytest.approx({"resident": 62.5, "office": 37.5})
    assert [alternative.id for alternative in made.alternatives] == ["score"]


# --- what of an evaluation stays ---


@pytest.fixture(scope="module")
def ev(tmp_path_factory: pytest.TempPathFactory) -> ek.Evaluation:
    folder: Path = tiny.write(tmp_path_factory.mktemp("stays") / "ws")
    found = ek.open(folder).evaluate()
    return replace(
        with_decided(found, boundaries=BOUNDARIES), notes=(*found.notes, Note(NoteCode.NO_THEMES))
    )


def test_files_needs_and_maps_stay_and_what_needs_rows_is_empty(ev: ek.Evaluation) -> None:
    found = ek.what_if(ev, ek.varied(ev.scheme, groups={"resident": 60}))
    assert found.reports == ev.reports
    assert found.needs is ev.needs
    assert found.decided.boundaries == BOUNDARIES
    assert found.decided.digests == ev.decided.digests
    assert list(found.waves) == list(ev.waves)
    assert len(found.assurance.drivers) == 0
    assert len(found.assurance.bands) == 4
    codes = [note.code for note in found.notes]
    assert codes.count("what_if") == 1
    assert not {"no_rows", "alternative_needs_rows", "no_themes"} & set(codes)


def test_another_way_of_counting_is_refused_by_the_indicators_it_changes(
    ev: ek.Evaluation,
) -> None:
    dimensions = ev.scheme.model_dump(mode="json")["dimensions"]
    dimensions[0]["indicators"][0]["items"]["resident"] = ["r1"]
    other = Scheme.model_validate(ev.scheme.model_dump(mode="json") | {"dimensions": dimensions})
    with pytest.raises(ek.InputErrors) as refused:
        ek.what_if(ev, other)
    told = [(p.code, p.key) for p in refused.value.problems]
    assert ("measured_differently", "A1") in told
    assert ("measured_differently", "A2") not in told
    assert ("item_without_indicator", "items[3](r2)") not in told  # not the scheme's file
