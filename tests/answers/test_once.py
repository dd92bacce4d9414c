"""What is remembered of answers is worked out once, and nobody can change it."""

from __future__ import annotations

from typing import Any, cast

import pandas as pd

from evalkit.answers.once import LAST, asked_once, remembered

ASKED: list[object] = []


@remembered
def lengths(answers: Any, decided: Any) -> pd.DataFrame:
    ASKED.append(answers)
    return pd.DataFrame({"n": [len(answers), len(decided)]})


def ask(answers: object, decided: object) -> pd.DataFrame:
    return lengths(cast(Any, answers), cast(Any, decided))


def test_the_same_answers_under_the_same_documents_are_asked_once_inside() -> None:
    ASKED.clear()
    one, other, documents = ["a"], ["a"], ["d", "e"]
    with asked_once():
        first = ask(one, documents)
        first.loc[0, "n"] = 99
        assert ask(one, documents)["n"].tolist() == [1, 2]
        assert len(ASKED) == 1
        ask(other, documents)  # equal, and not the same
        ask(one, ["d", "e"])
        assert len(ASKED) == 3
        ask(["x"], documents)
        assert len(ASKED) == LAST + 1
        ask(one, documents)  # pushed out by the last three
        assert len(ASKED) == LAST + 2
    ask(one, documents)
    ask(one, documents)
    assert len(ASKED) == LAST + 4
