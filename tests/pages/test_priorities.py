"""What comes first: one order for the whole diagnosis, and what must not wait beside it."""

from __future__ import annotations

import itertools
from dataclasses import replace

import pandas as pd
import pytest

from evalkit.definitions.scheme import Scheme
from evalkit.pages.diagnosis import prescription
from evalkit.pages.telling import answers, priorities
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.priorities import Priority
from evalkit.pages.telling.steps import STEPS, first_steps
from evalkit.tables import Evaluation, no_rows
from tests.deciding import with_decided, with_wave
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

WHO = "CS002"
"""Of the street below: 60 residents or more, nothing significantly low."""


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(mean=89.0, between=0.5, noise=1.0))


def about(evaluation: Evaluation) -> Facts:
    return known.gather(known.common(evaluation), WHO)


def marked(evaluation: Evaluation, *codes: str, urgent_share: float = 0.15) -> Evaluation:
    """Declare indicators that must not wait."""
    plain = evaluation.scheme.model_dump()
    for dimension in plain["dimensions"]:
        for indicator in dimension["indicators"]:
            indicator["must_not_wait"] = indicator["code"] in codes
    scheme = Scheme.model_validate({**plain, "urgent_share": urgent_share})
    return with_decided(evaluation, scheme=scheme)


def answered(evaluation: Evaluation, code: str, counts: dict[str, int]) -> Evaluation:
    """Let the key residents of one committee have answered so, and no other resident."""
    cells = evaluation.current.cells
    table = cells.distributions
    other = table[~((table["subject"] == WHO) & (table["item"] == f"r{code}"))]
    total = sum(counts.values())
    own = [(WHO, "key", f"r{code}", option, n, n / total) for option, n in counts.items()]
    rows = pd.concat([other, pd.DataFrame(own, columns=list(table.columns))])
    return with_wave(evaluation, cells=replace(cells, distributions=rows))


ONE_IN_FOUR_BAD = {"1": 20, "2": 20, "4": 5, "5": 10}
"""15 of 55 answers are bad, 27%: neither they nor the others are fewer than ten."""


def test_bad_answers_are_told_where_a_part_that_is_told_ends_with_them(street: Evaluation) -> None:
    def ill(counts: dict[str, int]) -> str:
        told = answers.answered(about(answered(street, "A1", counts)))
        return next(t for t in told if t.item == "rA1").ill

    both = "选“不满意”“非常不满意”的"
    assert ill({"1": 40, "4": 6, "5": 9}) == f"{both}占 27%"
    assert ill({"1": 40, "4": 12, "5": 13}) == f"{both}占 38%"
    assert ill({"1": 40, "3": 10, "4": 6, "5": 9}) == f"{both}占 23%"
    # Nine are so so: with the share of the satisfied, which is told, 15 bad ones would tell them.
    assert ill({"1": 40, "3": 9, "4": 6, "5": 9}) == both
    # Ten say the worst and are a part of their own: with the 5 above them the page would tell these.
    assert ill({**ONE_IN_FOUR_BAD, "3": 10}) == both
    assert ill({"1": 40, "3": 10, "5": 9}) == both


def test_many_bad_answers_about_what_must_not_wait_are_urgent_whatever_the_mean(
    street: Evaluation,
) -> None:
    ill = answered(street, "A1", {"1": 40, "4": 6, "5": 9})
    assert priorities.priorities(about(ill)).at_once == ()
    (found,) = priorities.priorities(about(marked(ill, "A1"))).at_once
    assert (found.kind, found.row["code"], found.sure) == ("answers", "A1", False)
    said = priorities.evidence(about(ill), found)
    assert said == "55 名居民回答“对便民办事的看法”，选“不满意”“非常不满意”的占 27%"
    assert priorities.priorities(about(marked(ill, "A1", urgent_share=0.28))).at_once == ()
    assert priorities.priorities(about(marked(ill, "B1"))).at_once == ()
    # What must not wait does not wait because a number may not be told.
    hidden = marked(answered(street, "A1", {"1": 40, "3": 9, "4": 6, "5": 9}), "A1")
    (found,) = priorities.priorities(about(hidden)).at_once
    assert priorities.evidence(about(hidden), found) == (
        "64 名居民回答“对便民办事的看法”，选“不满意”“非常不满意”的达到 15% 以上"
    )


def test_fewer_than_thirty_answers_are_not_urgent_of_themselves(street: Evaluation) -> None:
    def at_once(good: int) -> tuple[Priority, ...]:
        few = marked(answered(street, "A1", {"1": good, "4": 4, "5": 6}), "A1")
        return priorities.priorities(about(few)).at_once

    assert at_once(19) == ()
    assert len(at_once(20)) == 1


def test_what_must_not_wait_stands_before_the_order_and_not_in_it(street: Evaluation) -> None:
    urgent = marked(answered(street, "A1", {"1": 40, "4": 6, "5": 9}), "A1")
    facts = about(urgent)
    found = priorities.priorities(facts)
    assert "A1" not in [str(p.row["code"]) for p in found.ordered]
    steps = first_steps(facts)
    assert steps[0]["why"].startswith("同步办，不得等：“便民办事”55 名居民回答")
    assert len(steps) <= STEPS
    told = prescription.section(facts)
    (first,) = told.at_once
    assert (first["number"], first["name"], first["tag"]) == ("1", "便民办事", "同步办，差评较多")
    assert len(first["actions"]) == 1  # type: ignore[arg-type]
    assert told.takeaway.startswith("“便民办事”事关安全或困难群体，")
    assert "有 15% 以上的居民选差的选项（不到 50 分的）就列入同步办" in told.reading


# --- the order ------------------------------------------------------------------------------


def priority(facts: Facts, code: str, gain: float, days: int) -> Priority:
    row = next(r for r in facts.profile("indicator") if r["code"] == code)
    library = facts.evaluation.decided.actions
    assert library is not None
    action = library.of(code)[0].model_copy(update={"days": days})
    return Priority("weakness", row, row, (action,), gain)


def with_influence(evaluation: Evaluation, low: dict[str, float]) -> Evaluation:
    drivers = evaluation.assurance.drivers.copy()
    assert drivers["importance"].mean() < 0.2
    drivers["low"] = drivers["code"].map(low).fillna(0.0)
    return replace(evaluation, assurance=replace(evaluation.assurance, drivers=drivers))


def test_what_gains_most_comes_first_and_ties_go_to_influence_then_to_the_sooner(
    street: Evaluation,
) -> None:
    facts = about(with_influence(street, {"B1": 0.9}))
    found = [
        priority(facts, "A1", 0.50, 90),
        priority(facts, "A2", 0.95, 60),
        priority(facts, "A3", 0.91, 30),
        priority(facts, "B1", 0.86, 120),
        priority(facts, "B2", 0.84, 10),
    ]
    order = [str(p.row["code"]) for p in priorities._in_order(facts, found)]
    # 0.95, 0.91 and 0.86 are alike to within 0.1; 0.84 is not, and does not join them by 0.86.
    assert order == ["B1", "A3", "A2", "B2", "A1"]


def test_without_drivers_nothing_is_influential(street: Evaluation) -> None:
    assert priorities._influential(about(with_influence(street, {"B1": 0.9}))) == {"B1"}
    none = replace(street, assurance=replace(street.assurance, drivers=no_rows("drivers")))
    assert priorities._influential(about(none)) == set()


def test_the_gain_is_the_gap_times_the_weight_that_it_has_in_fact() -> None:
    sharp = made_up(Street(between=8.0, noise=0.2, mean=80.0))
    shared = known.common(sharp)
    seen = 0
    for subject in shared.places:
        facts = known.gather(shared, subject)
        for found in priorities.priorities(facts).ordered:
            if found.kind == "weakness":
                at = [i.code for i in sharp.scheme.indicators].index(str(found.row["code"]))
                weight = float(sharp.scheme.weights()[:, at].sum())
                assert found.gain == pytest.approx(-float(found.row["difference"]) * weight)
                seen += 1
        gains = [p.gain for p in priorities.priorities(facts).ordered]
        assert all(later < earlier + priorities.TIE for earlier, later in itertools.pairwise(gains))
    assert seen > 10
