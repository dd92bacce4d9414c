"""Another scheme on the same answers: the same table as if it had been the scheme all along."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import pytest

import evalkit as ek
from tests import tiny


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tiny.write(tmp_path_factory.mktemp("what-if") / "ws")


@pytest.fixture(scope="module")
def ev(tiny_evaluation: ek.Evaluation) -> ek.Evaluation:
    return tiny_evaluation


def same(one: ek.Evaluation, two: ek.Evaluation) -> None:
    for name in ("scores", "indicators", "ranking", "changes", "contributions"):
        pd.testing.assert_frame_equal(getattr(one, name), getattr(two, name))


def test_the_same_scheme_gives_the_same_tables(ev: ek.Evaluation) -> None:
    same(ek.what_if(ev, ev.scheme), ev)


@pytest.mark.parametrize(
    "changed",
    [
        {"groups": {"resident": 55}},
        {"dimensions": {"A": 30}},
        {"indicators": {"A1": 10}},
        {"grades": {"合格": 70}},
    ],
    ids=lambda changed: next(iter(changed)),
)
def test_it_is_what_reading_the_files_again_would_give(
    changed: dict[str, dict[str, float]], ev: ek.Evaluation, folder: Path
) -> None:
    scheme = ek.varied(ev.scheme, **changed)  # type: ignore[arg-type]
    quick = ek.what_if(ev, scheme)
    same(quick, ek.evaluate(ek.open(folder).inputs().under(scheme)))
    assert not quick.scores.equals(ev.scores)
    assert quick.fingerprint != ev.fingerprint


def test_it_says_that_it_is_no_result(ev: ek.Evaluation) -> None:
    codes = [note.code for note in ek.what_if(ev, ev.scheme).notes]
    assert codes[0] == "what_if"
    assert "no_rows" not in codes


def test_weights_not_named_share_the_rest_in_proportion(ev: ek.Evaluation) -> None:
    scheme = ek.varied(ev.scheme, indicators={"B1": 10})
    weights = {i.code: i.weight for i in scheme.indicators}
    assert weights == pytest.approx({"A1": 60, "A2": 30, "B1": 10})
    assert [d.weight for d in scheme.dimensions] == pytest.approx([90, 10])


def test_a_dimension_keeps_its_indicators_proportions(ev: ek.Evaluation) -> None:
    scheme = ek.varied(ev.scheme, dimensions={"A": 30})
    assert {i.code: i.weight for i in scheme.indicators} == pytest.approx(
        {"A1": 20, "A2": 10, "B1": 70}
    )


def test_a_group_of_weight_0_is_left_out(ev: ek.Evaluation) -> None:
    scheme = ek.varied(ev.scheme, groups={"office": 0})
    assert [(g.code, g.weight) for g in scheme.groups] == [("resident", 100)]
    assert scheme.residents_weight == pytest.approx(100)
    alone = ek.what_if(ev, scheme).scores.set_index(["wave", "subject"])["score"]
    seen = ev.indicators[
        (ev.indicators["code"] == "composite") & (ev.indicators["group"] == "resident")
    ]
    assert alone.to_numpy() == pytest.approx(
        seen.set_index(["wave", "subject"])["estimate"].loc[alone.index].to_numpy()
    )


def test_alternatives_keep_the_weights_they_meant(ev: ek.Evaluation) -> None:
    before = ev.scheme.under(ev.scheme.alternatives[0])
    scheme = ek.varied(ev.scheme, groups={"resident": 90})
    after = scheme.under(scheme.alternatives[0])
    assert [g.weight for g in after.groups] == [g.weight for g in before.groups]


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"groups": {"nobody": 10}}, "unknown_reference"),
        ({"dimensions": {"A": 100}}, "weights_do_not_add_up"),
        ({"groups": {"resident": 80, "office": 30}}, "weights_do_not_add_up"),
        ({"groups": {"resident": -5}}, "weights_do_not_add_up"),
        ({"grades": {"良好": 95}}, "cutoffs_out_of_order"),
        ({"dimensions": {"A": 30}, "indicators": {"A1": 10}}, "both_levels"),
    ],
)
def test_what_cannot_be_is_refused(
    changed: dict[str, dict[str, float]], code: str, ev: ek.Evaluation
) -> None:
    with pytest.raises(ek.InputErrors) as refused:
        ek.varied(ev.scheme, **changed)  # type: ignore[arg-type]
    assert code in {problem.code for problem in refused.value.problems}


def test_a_scheme_that_measures_otherwise_needs_the_files(ev: ek.Evaluation) -> None:
    other = ev.scheme.model_copy(update={"minimum_answered": 1.0})
    with pytest.raises(ek.InputErrors) as refused:
        ek.what_if(ev, other)
    assert {problem.code for problem in refused.value.problems} == {"measured_differently"}


def test_a_scheme_with_a_fault_is_refused(ev: ek.Evaluation) -> None:
    groups = [g.model_copy(update={"weight": 10.0}) for g in ev.scheme.groups]
    with pytest.raises(ek.InputErrors, match="weights_do_not_add_up"):
        ek.what_if(ev, ev.scheme.model_copy(update={"groups": groups}))
