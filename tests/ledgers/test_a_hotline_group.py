"""A scheme with a group that speaks through a ledger, from the folder to the frames."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from numpy.typing import NDArray

import evalkit as ek
from evalkit.answers.comparability import definitions
from evalkit.definitions.scheme import Scheme
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import evaluate
from evalkit.findings import scoring, withholding
from evalkit.findings.objective import CellsTold, cells_told
from evalkit.folder import Folder
from evalkit.illustration import illustrate
from evalkit.inputs import Inputs
from evalkit.supposing import varied
from evalkit.tables import REGISTRY, Cells
from tests import tiny
from tests.ledgers import hotline, published
from tests.ledgers.test_numbers import of_shares

FEW = "settings: {draws: 800}"


def quick(root: Path) -> Path:
    order = root / "evaluation.yaml"
    order.write_text(order.read_text("utf-8").replace("settings: {draws: 1000}", FEW), "utf-8")
    return root


@pytest.fixture(scope="module")
def folder(once: Callable[..., Path]) -> Path:
    return once("hotline", lambda path: quick(published.write(hotline.write(path))))


def inputs_of(folder: Path) -> Inputs:
    problems = Problems()
    loaded = Folder(folder).load(problems)
    assert not problems, [str(p) for p in problems]
    assert loaded.inputs is not None
    return loaded.inputs


@cache
def evaluated(folder: Path) -> ek.Evaluation:
    """What is evaluated once for all modules that ask; nobody changes it."""
    return evaluate(inputs_of(folder))


@pytest.fixture(scope="module")
def evaluation(folder: Path) -> ek.Evaluation:
    return evaluated(folder)


def test_it_ranks_compares_diagnoses_varies_and_plans(evaluation: ek.Evaluation) -> None:
    assert len(evaluation.current.ranking.table) == 4
    assert set(evaluation.changes["subject"]) == {"s1", "s2", "s3", "s4"}
    assert set(evaluation.diagnoses) == {"s1", "s2", "s3", "s4"}
    assert "各半" in set(evaluation.assurance.sensitivity["scenario_name"])
    assert len(evaluation.assurance.plan)
    own = evaluation.indicator("A1")
    line = own[(own["group"] == "line") & (own["wave"] == "2016")]
    told = evaluation.objective.set_index(["measure", "subject"])["denominator"]
    assert line["n"].tolist() == told["satisfied"].tolist()[:4], "not all were rated"
    assert told["resolved"].tolist() == [20.0] * 4 + [80.0]
    assert (line["se"] > 0).all()


def test_a_ledger_without_states_has_no_events_to_export(folder: Path) -> None:
    with pytest.raises(InputErrors) as raised:
        ek.open(folder).export_ledger("hotline", events="2016")
    assert [problem.code for problem in raised.value.problems] == ["no_states"]
    assert not (folder / "out").exists()


def test_the_group_counts_with_its_weight(evaluation: ek.Evaluation) -> None:
    """By hand: the composite is the groups' own means in their weights."""
    table = evaluation.indicators
    own = table[(table["wave"] == "2016") & (table["code"] == "composite")]
    by_group = own.pivot_table(index="subject", columns="group", values="estimate")
    expected = 0.5 * by_group["resident"] + 0.3 * by_group["office"] + 0.2 * by_group["line"]
    assert by_group["all"].to_numpy() == pytest.approx(expected.to_numpy(), abs=1e-9)


def test_an_indicator_of_a_ledger_is_the_mean_of_its_measures(evaluation: ek.Evaluation) -> None:
    objective = evaluation.objective.set_index(["subject", "measure"])["score"]
    table = evaluation.indicators.set_index(["wave", "subject", "code", "group"])["estimate"]
    for subject in ("s1", "s2", "s3", "s4"):
        expected = (objective[subject, "resolved"] + objective[subject, "satisfied"]) / 2
        assert table["2016", subject, "A1", "line"] == pytest.approx(expected)


def test_every_row_of_every_file_is_accounted_for(evaluation: ek.Evaluation) -> None:
    books = evaluation.ledgers
    parts = books[["kept", "excluded", "duplicates", "rejected"]].sum(axis=1)
    assert (books["read"] == parts).all()
    assert books["read"].tolist() == [80, 80]
    received = books["carried_in"] + books["received"]
    assert (received == books["closed"] + books["withdrawn"] + books["open"]).all()


def test_without_weight_every_old_number_keeps_its_bits(
    folder: Path, evaluation: ek.Evaluation, tmp_path: Path
) -> None:
    """A ledger through which no group speaks is context; a group of weight 0 changes nothing."""
    plain = evaluate(inputs_of(quick(tiny.write(tmp_path / "plain"))))
    context = evaluate(inputs_of(quick(hotline.write(tmp_path / "context", scheme=tiny.SCHEME))))
    for registered in REGISTRY:
        if registered.name not in ("ledgers", "objective", "clocks", "claims"):
            pd.testing.assert_frame_equal(
                registered.archived(plain), registered.archived(context), check_exact=True
            )
    assert len(context.objective) == len(evaluation.objective) == 15
    zero = next(a for a in evaluation.scheme.alternatives if a.id == "even")
    under = evaluation.scheme.under(zero)
    with_it = scoring.score(evaluation.current.cells, under, evaluation.roster)
    halves = plain.scheme.under(next(a for a in plain.scheme.alternatives if a.id == "even"))
    without = scoring.score(plain.current.cells, halves, plain.roster)
    assert np.array_equal(with_it.composite, without.composite)
    assert np.array_equal(with_it.covariance, without.covariance)


def test_a_changed_score_of_an_option_is_another_measure(evaluation: ek.Evaluation) -> None:
    ledger = evaluation.decided.ledgers["hotline"]
    values = {**ledger.values, "satisfied": {**ledger.values["satisfied"], "一般": 50.0}}
    other = replace(
        evaluation.decided, ledgers={"hotline": ledger.model_copy(update={"values": values})}
    )
    now, then = definitions(evaluation.decided), definitions(other)
    assert now["A1"] != then["A1"]
    assert {k: v for k, v in now.items() if k != "A1"} == {
        k: v for k, v in then.items() if k != "A1"
    }


Told = set[tuple[str, str]]
Flags = NDArray[np.bool_]
NOWHERE: Flags = np.zeros((4, 3), dtype=bool)


def told_of(
    evaluation: ek.Evaluation,
    cells: Cells,
    subject: str,
    public: Flags = NOWHERE,
    hidden: Flags = NOWHERE,
) -> Told:
    """Measures by group that frame ``indicators`` tells of a committee."""
    records = CellsTold(cells.subjects, public, hidden)
    plain = scoring.score(cells, evaluation.scheme, evaluation.roster)
    scores, _ = withholding.told(plain, cells, evaluation.scheme, {"line": records})
    own = scores.indicators[(scores.indicators["subject"] == subject)]
    known = own[own["estimate"].notna()]
    return set(zip(known["code"], known["group"], strict=True))


def test_what_the_records_leave_out_the_scores_leave_out(evaluation: ek.Evaluation) -> None:
    """s2's records are hidden for another's sake: its indicator, and its only one, would tell them."""
    cells = evaluation.current.cells
    hidden = np.zeros((4, 3), dtype=bool)
    hidden[1, 0] = True
    before, after = (
        told_of(evaluation, cells, "s2"),
        told_of(evaluation, cells, "s2", hidden=hidden),
    )
    gone = before - after
    assert {("A1", "line"), ("A", "line"), ("composite", "line")} <= gone
    assert {("A1", "all"), ("A1", "resident"), ("A1", "office")} & gone, "or a difference tells"
    assert told_of(evaluation, cells, "s1", hidden=hidden) == told_of(evaluation, cells, "s1")


def test_what_the_records_tell_hides_no_small_number(evaluation: ek.Evaluation) -> None:
    """Three residents answered; the hotline's part is public, so another part must go."""
    cells = evaluation.current.cells
    groups = dict(cells.groups)
    for code, n in (("resident", 3), ("office", 400)):
        counts = groups[code].n_measure.copy()
        counts[0, 0] = n
        groups[code] = replace(groups[code], n_measure=counts)
    cells = replace(cells, groups=groups)
    assert ("A1", "line") not in told_of(evaluation, cells, "s1"), "the cheapest to leave out"
    after = told_of(evaluation, cells, "s1", public=np.ones((4, 3), dtype=bool))
    assert {("A1", "line"), ("A", "line"), ("composite", "line")} <= after
    assert ("A1", "resident") not in after
    assert not {("A1", "all"), ("A1", "office")} <= after


def test_the_frame_of_records_says_which_cells_it_tells() -> None:
    """By hand: 20 of 22 and 14 records are told, 3 are not and take 6 with them."""
    found = of_shares((2, 3), (3, 6), (10, 20), (11, 22), when_none="incomplete")
    scheme = hotline_scheme_of("one", "s")
    own = cells_told({"one": found}, scheme)["line"]
    assert own.hidden[:, 0].tolist() == [True, True, True, False]
    assert own.public[:, 0].tolist() == [False, False, False, True]
    assert not own.public[:, 1:].any(), "the group judges one indicator"


def hotline_scheme_of(ledger: str, measure: str) -> Scheme:
    text = hotline.SCHEME.replace("ledger: hotline", f"ledger: {ledger}")
    return Scheme.model_validate(
        yaml.safe_load(text.replace("hotline: [resolved, satisfied]", f"{ledger}: [{measure}]"))
    )


def test_another_scheme_keeps_what_the_records_say(evaluation: ek.Evaluation) -> None:
    other = ek.what_if(evaluation, varied(evaluation.scheme, groups={"line": 40}))
    pd.testing.assert_frame_equal(other.claims, evaluation.claims)
    codes = [
        [n.code for n in one.notes].count("claims_contradicted") for one in (other, evaluation)
    ]
    assert codes == [1, 1]
    pd.testing.assert_frame_equal(other.objective, evaluation.objective)
    pd.testing.assert_frame_equal(other.ledgers, evaluation.ledgers)


def test_ledgers_alone_reach_a_score(tmp_path: Path) -> None:
    """A street with nothing but a monthly table of counts."""
    root = quick(tiny.write(tmp_path / "ws"))
    for path in (root / "questionnaires").iterdir():
        path.unlink()
    (root / "ledgers").mkdir()
    (root / "ledgers/month.yaml").write_text(MONTH, "utf-8")
    (root / "scheme.yaml").write_text(ALONE, "utf-8")
    rows = [[name, "40", str(30 + 2 * at), "35"] for at, name in enumerate(tiny.SUBJECTS)]
    tiny.write_csv(root / "responses/month.csv", ("单位", "总数", "按时", "解决"), rows)
    order = (root / "evaluation.yaml").read_text("utf-8").split("waves:")[0]
    order += "waves:\n  - {id: '2016', files: [{file: responses/month.csv, ledger: month}]}\n"
    (root / "evaluation.yaml").write_text(order, "utf-8")
    found = evaluate(inputs_of(root))
    table = found.current.scores.table
    assert table["score"].to_numpy() == pytest.approx(
        [(2.5 * (30 + 2 * at) + 87.5) / 2 for at in range(4)]
    )
    assert (table["se"] > 0).all()
    assert table["grade"].notna().all()


MONTH = """\
id: month
title: 月报
rows: counts
columns:
  - {code: unit, headers: [单位], holds: unit}
  - {code: all, headers: [总数], holds: number}
  - {code: good, headers: [按时], holds: number}
  - {code: solved, headers: [解决], holds: number}
measures:
  - {code: on_time, name: 按时率, how: share, numerator: good, denominator: all}
  - {code: resolved, name: 解决率, how: share, numerator: solved, denominator: all}
"""
ALONE = """\
id: alone
title: 只有台账
groups: [{code: line, name: 热线, weight: 100, ledger: month}]
dimensions:
  - code: A
    name: 办理
    weight: 100
    indicators: [{code: A1, name: 办理, weight: 100, items: {month: [on_time, resolved]}}]
grades: [{name: 好, cutoff: 60}, {name: 差, cutoff: 0}]
"""


def test_a_measure_that_no_file_holds_is_a_problem(tmp_path: Path) -> None:
    """An indicator would lose it without a word, and its weight go to the others."""
    root = quick(hotline.write(tmp_path / "ws"))
    ledger = root / "ledgers/hotline.yaml"
    text = ledger.read_text("utf-8").replace(
        "headers: [满意度], holds: option}", "headers: [满意], holds: option, required: false}"
    )
    ledger.write_text(text, "utf-8")
    with pytest.raises(ek.InputErrors) as errors:
        evaluate(inputs_of(root))
    assert {problem.code for problem in errors.value.problems} == {"measure_without_records"}


def test_the_manuals_example_has_what_the_ledger_says(evaluation: ek.Evaluation) -> None:
    example = illustrate(evaluation.decided)
    assert example.scores.subjects
    assert list(example.cells.groups) == ["resident", "office", "line"]
    assert example.group == "resident", "answers are followed by hand, records are not"
    line = evaluation.scheme.group("line").model_copy(update={"weight": 100.0})
    scheme = evaluation.scheme.model_copy(update={"groups": [line]})
    alone = illustrate(evaluation.decided.under(scheme))
    assert not alone.scores.subjects
