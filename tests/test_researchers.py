"""What a researcher does in a notebook: rows, views, figures of the frames as they are, typos."""

from __future__ import annotations

import copy
import pickle
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

import evalkit as ek
from evalkit.errors import Known
from evalkit.tables import Evaluation
from tests import tiny


@pytest.fixture(scope="module")
def ws(tmp_path_factory: pytest.TempPathFactory) -> ek.Workspace:
    return ek.open(tiny.write(tmp_path_factory.mktemp("research") / "ws"))


@pytest.fixture(scope="module")
def ev(tiny_evaluation: Evaluation) -> Evaluation:
    return tiny_evaluation


@pytest.fixture(scope="module")
def rows(ws: ek.Workspace) -> ek.Rows:
    return ws.answers()


# --- rows -------------------------------------------------------------------------------------


def test_rows_are_as_many_as_were_kept(rows: ek.Rows, ev: Evaluation) -> None:
    kept = sum(report.rows_kept for report in ev.reports if report.wave == ev.wave)
    assert len(rows.people) == kept == rows.note.count
    assert list(rows.people["person"]) == list(range(1, kept + 1))
    sheets = rows.given.groupby("questionnaire")["item"].nunique().to_dict()
    assert sheets == {"resident": 6, "organisation": 2}  # live, r1 to r4, overall; o1, o2
    assert len(rows.given) == sum(
        sheets[name] * n for name, n in rows.people["questionnaire"].value_counts().items()
    )


def test_rows_hold_codes_labels_states_and_scores_that_agree(rows: ek.Rows) -> None:
    told = rows.given[(rows.given["item"] == "r1") & (rows.given["state"] == "answered")]
    found = set(zip(told["code"], told["label"], told["score"], strict=True))
    assert found <= {
        ("1", "非常满意", 100.0), ("2", "满意", 80.0), ("3", "基本满意", 60.0), ("4", "不满意", 30.0),
        ("5", "非常不满意", 0.0),
    }  # fmt: skip
    untold = rows.given[rows.given["state"] != "answered"]
    assert untold[["code", "label", "score"]].isna().all(axis=None)


def test_rows_give_the_mean_that_was_published(rows: ek.Rows, ev: Evaluation) -> None:
    """A2 is r3 alone, so the mean of its scores is the residents' estimate."""
    told = rows.given[(rows.given["item"] == "r3") & rows.given["score"].notna()]
    own = told.merge(rows.people[rows.people["subject"] == "s1"], on=["person", "questionnaire"])
    published = ev.indicators.query("wave == @ev.wave and subject == 's1' and code == 'A2'")
    estimate = published.set_index("group")["estimate"]["resident"]
    assert own["score"].mean() == pytest.approx(estimate, abs=1e-9)


def test_rows_name_nobody(rows: ek.Rows, ws: ek.Workspace) -> None:
    assert {"file", "row", "submitted", "device", "respondent"}.isdisjoint(rows.people)
    assert set(rows.given["item"]).isdisjoint({"where", "who"})
    text = rows.people.to_csv() + rows.given.to_csv()
    assert not any(name in text for name in tiny.SUBJECTS)
    assert ".csv" not in text


def test_an_open_answer_is_counted_and_not_quoted(ws: ek.Workspace) -> None:
    from evalkit.answers.handing_on import hand_on
    from evalkit.tables import Answers

    inputs = ws.inputs()
    item = (
        inputs.decided.questionnaires["resident"]
        .items[2]
        .model_copy(update={"id": "say", "kind": "text", "role": "open", "scale": None})
    )
    resident = inputs.decided.questionnaires["resident"].model_copy(update={"items": [item]})
    decided = replace(inputs.decided, questionnaires={"resident": resident})
    people = pd.DataFrame(
        {
            "file": "a.csv", "row": [2, 3], "questionnaire": "resident", "group": "resident",
            "subject": "s1", "rater": "", "weight": 1.0, "submitted": None, "seconds": float("nan"),
            "device": None,
        },
        index=["a:2", "a:3"],
    )  # fmt: skip
    codes = pd.DataFrame({"say": ["张三 13800000000", None]}, index=people.index)
    states = pd.DataFrame({"say": ["answered", "empty"]}, index=people.index)
    rows = hand_on(Answers("2016", people, {"resident": codes}, {"resident": states}), decided)
    assert list(rows.given["state"]) == ["answered", "empty"]
    assert rows.given["code"].isna().all()
    assert "138" not in rows.given.to_csv()
    assert (rows.note.count, rows.note.facts["small"]) == (2, 1)


def test_the_note_goes_with_the_rows(rows: ek.Rows) -> None:
    assert "每一行仍是一个人的回答" in ek.said(rows.note)
    text = str(rows._repr_html_())
    assert "每一行仍是一个人的回答" in text
    for (form, group), n in rows.people.groupby(["questionnaire", "group"]).size().items():
        assert f"<td>{form}</td><td>{group}</td><td>{n}</td>" in text.replace("\n", "")
    assert rows.note.code == "rows_handed_on"


def test_a_questionnaire_as_a_wide_frame(rows: ek.Rows, tmp_path: Path) -> None:
    wide = rows.wide("organisation", "label")
    assert list(wide.columns)[-2:] == ["o1", "o2"]
    assert len(wide) == (rows.people["questionnaire"] == "organisation").sum()
    wide.to_stata(tmp_path / "a.dta", version=118)
    assert list(pd.read_stata(tmp_path / "a.dta")["o1"]) == list(wide["o1"].fillna(""))


def test_rows_of_a_wave_that_is_not_there(ws: ek.Workspace) -> None:
    with pytest.raises(ek.UnknownId, match="no wave with files '1999'"):
        ws.answers("1999")
    assert len(ws.answers(next(iter(ws.inputs().sources))).people) > 0


# --- views ------------------------------------------------------------------------------------


def test_an_evaluation_shows_its_table(ev: Evaluation) -> None:
    text = str(ev._repr_html_())
    first = ev.ranking[ev.ranking["wave"] == ev.wave].sort_values("rank").iloc[0]
    assert f"<td>{first['score']:.2f}</td>" in text
    assert "名次范围" in text
    assert all(ek.said(note).split("；")[0][:12] in text for note in ev.notes[:1])


def test_a_diagnosis_and_a_workspace_show_themselves(ev: Evaluation, ws: ek.Workspace) -> None:
    text = str(ev.diagnosis("s1")._repr_html_())
    assert "<td>A1</td>" in text
    assert "优势" in text
    assert "测试街道" in ws._repr_html_()
    assert "另有" not in ws._repr_html_()
    assert "evaluation.yaml" in ek.Workspace(Path("nowhere"))._repr_html_()


def test_whatever_is_shown_is_escaped(ev: Evaluation) -> None:
    order = ev.order.model_copy(update={"title": "<script>alert(1)</script>", "street": "a&b"})
    bad = replace(ev, decided=replace(ev.decided, order=order))
    text = str(bad._repr_html_())
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert "a&amp;b" in text


# --- figures ----------------------------------------------------------------------------------


def test_figures_take_the_frames_as_they_are(ev: Evaluation) -> None:
    figures = ek.figures
    grades = [grade.name for grade in ev.scheme.grades]
    one = ev.contributions[ev.contributions["subject"] == "s1"]
    by_group = ev.indicators.query("subject == 's1' and code == 'composite' and wave == @ev.wave")
    for svg in (
        figures.caterpillar.svg(ev.scores),
        figures.strip.svg(ev.scores),
        figures.rank_intervals.svg(ev.ranking),
        figures.movers.svg(ev.changes),
        figures.slope.svg(ev.changes, from_label="前", to_label="后"),
        figures.trend.svg(ev.scores[ev.scores["subject"] == "s1"]),
        figures.contributions.svg(one),
        figures.grade_counts.svg(ev.scores, order=grades),
        figures.groups.svg(by_group),
        figures.tile_grid.svg(ev.scores),
        figures.profile.svg(ev.diagnosis("s1").profile),
    ):
        assert svg.startswith("<svg")


def test_a_frame_of_several_waves_is_drawn_for_the_last(ev: Evaluation) -> None:
    drawn = ek.figures.caterpillar.spec(ev.scores)["datasets"]["rows"]
    now = ev.scores[ev.scores["wave"] == ev.wave]
    assert ek.figures.caterpillar.spec(now)["datasets"]["rows"] == drawn


def test_movers_draw_the_change_against_the_street(ev: Evaluation) -> None:
    own = pd.DataFrame(
        {
            "name": ev.changes["name"],
            "change": ev.changes["relative_change"],
            "low": ev.changes["relative_change"] - 1.959964 * ev.changes["se"],
            "high": ev.changes["relative_change"] + 1.959964 * ev.changes["se"],
            "verdict": ev.changes["verdict"],
        }
    )
    assert ek.figures.movers.svg(ev.changes) == ek.figures.movers.svg(own)


def test_drivers_are_drawn_in_per_cent() -> None:
    drivers = pd.DataFrame(
        {
            "code": ["A", "B"], "name": ["服务", "环境"], "importance": [0.4, 0.1], "low": [0.3, 0.05],
            "high": [0.5, 0.2], "performance": [80.0, 90.0], "performance_se": [1.0, 1.0],
        }
    )  # fmt: skip
    rows = ek.figures.importance_performance.spec(
        drivers, importance_line=25.0, performance_line=85.0
    )["datasets"]["rows"]
    assert {40.0, 10.0} <= {value for row in rows for value in row.values() if value is not None}


# --- typos ------------------------------------------------------------------------------------


def test_an_unknown_id_is_told_with_the_known_ones(ev: Evaluation) -> None:
    for ask, words in (
        (lambda: ev.diagnosis("s9"), "no subject 's9'; known: 's1', 's2', 's3', 's4'"),
        (lambda: ev.waves["1999"], "no wave '1999'"),
        (lambda: ev.roster.subject("x"), "no subject 'x'; known: 's1', 's2', 's3', 's4'"),
        (lambda: ev.scheme.group("offices"), "no rater group 'offices', but perhaps 'office'"),
        (lambda: ev.order.wave("x"), "no wave 'x'"),
        (lambda: ev.questionnaires["resident"].item("r9"), "no item 'r9'"),
        (lambda: ev.indicator("A9"), "no indicator 'A9'"),
    ):
        with pytest.raises(KeyError) as caught:
            ask()
        assert str(caught.value).startswith(words)
    with pytest.raises(AttributeError, match="no figure 'catterpillar'; known: caterpillar"):
        ek.figures.catterpillar  # noqa: B018
    assert set(ev.indicator("A1")["code"]) == {"A1"}


def test_what_is_known_survives_copies_and_processes() -> None:
    known = Known("wave", {"2016": 1})
    for again in (pickle.loads(pickle.dumps(known)), copy.deepcopy(known), copy.copy(known)):
        assert again == {"2016": 1}
        with pytest.raises(ek.UnknownId, match="no wave '2017'"):
            again["2017"]
    error = pickle.loads(pickle.dumps(ek.UnknownId("wave", "x", ["y"])))
    assert str(error) == "no wave 'x'; known: 'y'"


def test_the_lines_of_the_readme_run(ws: ek.Workspace) -> None:
    """All but the last, which publishes; on a small workspace, whose committees are s1 to s4."""
    text = (Path(__file__).parents[1] / "README.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```python\n(.*?)```", text, flags=re.S)
    code = block.replace('"demo"', repr(str(ws.root))).replace('"cs01"', '"s1"')
    *lines, last = code.splitlines()
    assert last.startswith("ws.publish(")
    names: dict[str, object] = {}
    exec("\n".join(lines), names)
    assert isinstance(names["rows"], ek.Rows)
