"""What pages share is looked up once while a street's papers are planned, and forgotten afterwards."""

from __future__ import annotations

from evalkit.pages.telling import facts as known
from evalkit.pages.telling import needs
from evalkit.pages.telling.once import looked_up_once
from evalkit.pages.telling.priorities import priorities
from evalkit.tables import Evaluation


def test_inside_everybody_is_handed_the_same_facts(evaluation: Evaluation) -> None:
    assert known.common(evaluation) is not known.common(evaluation)
    with looked_up_once():
        shared = known.common(evaluation)
        with looked_up_once():
            assert known.common(evaluation) is shared
        assert known.common(evaluation) is shared
        subject = next(iter(shared.scores))
        facts = known.gather(shared, subject)
        assert known.gather(known.common(evaluation), subject) is facts
        assert priorities(facts) is priorities(facts)
        assert needs.needs_of(facts) is needs.needs_of(facts)
    assert known.common(evaluation) is not shared


def test_facts_of_another_evaluation_are_worked_out_anew(evaluation: Evaluation) -> None:
    shared = known.common(evaluation)
    one, other = (known.gather(shared, subject) for subject in list(shared.scores)[:2])
    assert (priorities(one), needs.needs_of(one)) == (priorities(one), needs.needs_of(one))
    again = known.gather(known.common(evaluation), one.subject.id)
    assert again is not one
    assert priorities(again) is not priorities(one)
    assert priorities(other) is not priorities(one)
