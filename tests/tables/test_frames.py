"""Frames are what was declared, or are refused; cells are arranged without mixing anything up."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from evalkit.codes import Reason
from evalkit.tables import FRAMES, GroupCells, Rejection, check, frame, markdown, no_rows
from evalkit.tables.frames import Column
from tests.findings.small_street import cells_of, group_of, scheme_of


def themes(**columns: object) -> pd.DataFrame:
    given: dict[str, object] = {
        "wave": ["2016"], "subject": ["a"], "item": ["q"], "code": ["t"], "name": ["主题"],
        "n": [12], "of": [30], "share": [0.4],
    }  # fmt: skip
    return pd.DataFrame(given | columns)


def test_a_frame_as_declared_is_returned_itself() -> None:
    made = themes()
    assert check(made, "themes") is made
    assert list(frame("themes", made[made.columns[::-1]]).columns) == list(made.columns)


@pytest.mark.parametrize(
    "spoilt",
    [
        themes().drop(columns="share"),
        themes(extra=[1]),
        themes()[["subject", "wave", "item", "code", "name", "n", "of", "share"]],
    ],
    ids=["missing", "extra", "misplaced"],
)
def test_columns_are_exactly_those_declared(spoilt: pd.DataFrame) -> None:
    with pytest.raises(ValueError, match=r"^themes: expected columns \['wave', 'subject'"):
        check(spoilt, "themes")


def test_text_is_no_number() -> None:
    with pytest.raises(ValueError, match=r"themes\.n: expected integer, got"):
        check(themes(n=["12"]), "themes")
    with pytest.raises(ValueError, match=r"themes\.share: expected number, got"):
        check(themes(share=["0.4"]), "themes")
    table = no_rows("scores")
    assert check(table, "scores") is table  # without rows there is nothing to be of a kind
    with pytest.raises(ValueError, match=r"scores\.complete: expected flag, got"):
        check(pd.DataFrame({c.name: ["x"] for c in FRAMES["scores"]}).assign(
            score=1.0, se=1.0, low=1.0, high=1.0, grade_probability=1.0
        ), "scores")  # fmt: skip


def test_only_what_may_be_empty_is() -> None:
    with pytest.raises(ValueError, match=r"themes\.name: has empty values"):
        check(themes(name=[None]), "themes")
    with pytest.raises(ValueError, match=r"themes\.share: has empty values"):
        check(themes(share=[np.nan]), "themes")
    table = pd.DataFrame({c.name: [1.0] for c in FRAMES["indicators"]})
    assert len(check(table.assign(estimate=np.nan, se=np.nan, n=np.nan), "indicators"))


def test_numbers_of_which_none_is_known_are_numbers() -> None:
    row = {c.name: ["x"] for c in FRAMES["composition"]}
    unknown = frame("composition", row | {key: [None] for key in ("n", "of", "share", "known")})
    assert [str(unknown[c].dtype) for c in ("n", "of", "share", "known")] == ["float64"] * 4
    with pytest.raises(ValueError, match=r"composition\.n: expected integer"):
        frame("composition", row)


def test_a_question_mark_declares_what_may_be_empty() -> None:
    columns = {column.name: column for column in FRAMES["scores"]}
    assert columns["score"] == Column(
        "score", "number", "composite, 0 to 100; empty where incomplete", True
    )
    assert not columns["subject"].nullable
    assert columns["complete"].kind == "flag"


def test_no_rows_has_the_columns_of_every_frame() -> None:
    for name, columns in FRAMES.items():
        assert list(check(no_rows(name), name).columns) == [column.name for column in columns]


def test_the_page_of_tables_has_every_column() -> None:
    lines = markdown().splitlines()
    for name, columns in FRAMES.items():
        at = lines.index(f"## {name}")
        shown = lines[at + 4 : at + 4 + len(columns)]
        assert [line.split(" | ")[0] for line in shown] == [f"| {c.name}" for c in columns]
        assert [line.split(" | ")[1] for line in shown] == [
            c.kind + ("?" if c.nullable else "") for c in columns
        ]
        assert all(line.count("|") == 4 for line in shown)


# --- cells ---

SCHEME = scheme_of({"r": 70, "o": 30}, {"A": {"A1": 40, "A2": 60}})


def numbered() -> GroupCells:
    """Every number another one: 11 and 12 are the means of a's indicators."""
    return group_of(
        [[11, 12], [21, 22]],
        [[[1.0, 0.5], [0.5, 2.0]], [[3.0, 0.25], [0.25, 4.0]]],
        [8, 9],
        n_measure=[[7, 6], [5, 4]],
        joint=[[0.0, 0.1], [0.1, 0.0]],
    )


def test_measures_are_put_in_order_in_every_array() -> None:
    made = numbered()
    turned = made.at(np.array([1, 0]))
    assert turned.mean.tolist() == [[12, 11], [22, 21]]
    assert turned.n_measure.tolist() == [[6, 7], [4, 5]]
    assert turned.covariance[0].tolist() == [[2.0, 0.5], [0.5, 1.0]]
    assert turned.influence is not None
    assert made.influence is not None
    np.testing.assert_array_equal(turned.influence, made.influence[:, :, [1, 0]])
    assert turned.n.tolist() == [8, 9]
    assert turned.df.tolist() == [7, 8]
    one = made.at(np.array([1]))
    assert one.covariance.tolist() == [[[2.0]], [[4.0]]]
    assert replace(made, influence=None).at(np.array([0])).influence is None


def test_cells_are_arranged_by_name() -> None:
    cells = cells_of(SCHEME, {"r": numbered(), "o": numbered()}, definitions={"A1": "x", "A2": "y"})
    found = cells.arranged(("A2",), ("o",))
    assert found.measures == ("A2", "overall")
    assert list(found.groups) == ["o"]
    assert found.definitions == {"A2": "y"}
    assert found.groups["o"].mean[:, 0].tolist() == [12, 22]
    turned = cells.arranged(("A2", "A1"), ("o", "r"))
    assert list(turned.groups) == ["o", "r"]
    assert turned.groups["r"].mean[:, :2].tolist() == [[12, 11], [22, 21]]
    assert turned.subjects == cells.subjects
    with pytest.raises(ValueError, match="not in tuple"):
        cells.arranged(("A3",), ("r",))


def test_rejections_are_counted_by_reason() -> None:
    from evalkit.tables import FileReport

    rejections = tuple(
        Rejection(row, reason)
        for row, reason in ((2, Reason.FOOTER), (3, Reason.BLANK), (4, Reason.FOOTER))
    )
    report = FileReport("f", "2016", "q", "table", "text", None, "0", 5, 2, rejections)
    assert list(report.rejected_by_reason.items()) == [("blank", 1), ("footer", 2)]
