"""Every doubt is asked of the right wave, scheme and answers, and what cannot be asked is told."""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

import evalkit as ek
from evalkit import assurance
from evalkit.answers import behaviour
from evalkit.definitions.scheme import Alternative, Scheme
from evalkit.engines.duckdb import DuckDBEngine
from evalkit.errors import Note
from evalkit.evaluation import import_answers
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import said
from evalkit.tables import Answers, Assurance, Evaluation
from tests import tiny
from tests.deciding import decided, with_decided

EVERYTHING_IS_GOOD = Alternative(
    id="good", name="都算满分", option_scores={"80": 100, "60": 100, "30": 100, "0": 100}
)
OFFICES_ALONE = Alternative(
    id="offices", name="只看科室", group_weights={"resident": 0, "office": 100}
)


@dataclass(frozen=True)
class Street:
    """The tiny street; in 2016 everybody of the first committee took ten seconds."""

    evaluation: Evaluation
    answers: Answers
    before: Answers

    @property
    def ranks(self) -> pd.Series:
        return self.evaluation.waves["2016"].ranking.table.set_index("subject")["rank"]

    def asked(
        self, scheme: Scheme, *, rows: bool = True, before: Answers | None = None
    ) -> tuple[Assurance, tuple[Note, ...]]:
        ev = self.evaluation
        documents = with_decided(ev, scheme=scheme).decided
        settings = documents.order.settings.model_copy(update={"seed": 7})
        order = documents.order.model_copy(update={"settings": settings})
        return assurance.assure(
            replace(ev.waves["2016"], answers=self.answers if rows else None),
            None if before is None else replace(ev.waves["2015"], answers=before),
            replace(documents, order=order),
            DuckDBEngine(),
            sweeps={},
        )


def hurried(root: Path) -> list[list[str]]:
    rows = tiny.residents(2016)
    for row in rows:
        if row[5] == tiny.SUBJECTS[0]:
            row[2] = "10秒"
    tiny.write(root)
    tiny.write_csv(root / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, rows)
    return rows


@pytest.fixture(scope="module")
def street(tmp_path_factory: pytest.TempPathFactory) -> Street:
    root = tmp_path_factory.mktemp("assurance") / "ws"
    hurried(root)
    space = ek.open(root)
    answers, _ = import_answers(space.inputs(), ("2015", "2016"))
    return Street(space.evaluate(), answers["2016"], answers["2015"])


@pytest.fixture(scope="module")
def found(street: Street) -> Assurance:
    return street.evaluation.assurance


def with_alternatives(street: Street, *alternatives: Alternative) -> Scheme:
    return street.evaluation.scheme.model_copy(update={"alternatives": list(alternatives)})


def test_other_option_scores_are_measured_again_from_the_answers(street: Street) -> None:
    """Whatever anybody answers is worth 100: every committee scores 100 and shares the first rank."""
    asked, _ = street.asked(with_alternatives(street, EVERYTHING_IS_GOOD))
    own = asked.sensitivity[asked.sensitivity["scenario"] == "good"]
    assert own["subject"].tolist() == ["s1", "s2", "s3", "s4"]
    np.testing.assert_allclose(own["score"], 100.0, atol=1e-9)
    assert own["rank"].tolist() == [1, 1, 1, 1]
    assert own["grade"].tolist() == ["优秀"] * 4
    published = street.ranks
    assert own["rank_change"].tolist() == (1 - published.loc[own["subject"]]).tolist()


def test_other_weights_are_the_same_cells_weighed_otherwise(street: Street) -> None:
    asked, _ = street.asked(with_alternatives(street, OFFICES_ALONE))
    own = asked.sensitivity[asked.sensitivity["scenario"] == "offices"].set_index("subject")
    offices = street.evaluation.waves["2016"].scores.indicators
    offices = offices[(offices["group"] == "office") & (offices["code"] == "composite")]
    expected = offices.set_index("subject")["estimate"]
    np.testing.assert_allclose(own["score"], expected.loc[own.index], atol=1e-9)


def test_without_rows_only_what_cells_can_tell_is_asked(street: Street) -> None:
    scheme = with_alternatives(street, EVERYTHING_IS_GOOD, OFFICES_ALONE)
    asked, notes = street.asked(scheme, rows=False)
    told = {note.code: note for note in notes}
    assert told["no_rows"].where == "2016"
    assert "都算满分" in said(told["alternative_needs_rows"])
    assert set(asked.sensitivity["scenario"]) == {"offices", "random"}
    assert asked.drivers.empty
    assert asked.quality.empty
    assert "agreement" not in asked.reliability
    assert asked.bands[["adjusted", "adjusted_se"]].isna().all(axis=None)
    with_rows, others = street.asked(scheme)
    assert {note.code for note in others}.isdisjoint({"no_rows", "alternative_needs_rows"})
    assert set(with_rows.sensitivity["scenario"]) == {"good", "offices", "random"}
    assert with_rows.reliability["agreement"]["n"] > 0
    for frame in ("plan", "weight_influence"):
        pd.testing.assert_frame_equal(getattr(asked, frame), getattr(with_rows, frame))


def test_the_last_waves_scale_is_compared_where_it_is_known(street: Street) -> None:
    """Of two respondents nothing can be told; without the last wave nothing is asked."""
    two = street.before.respondents.index[:2]
    few = replace(
        street.before,
        respondents=street.before.respondents.loc[two],
        codes={"resident": street.before.codes["resident"].loc[two]},
        states={"resident": street.before.states["resident"].loc[two]},
    )
    _, notes = street.asked(street.evaluation.scheme, before=few)
    told = [note for note in notes if note.code.startswith("scale")]
    assert [(note.code, note.where) for note in told] == [("scale_not_compared", "2015–2016")]
    _, without = street.asked(street.evaluation.scheme)
    assert not [note for note in without if note.code.startswith("scale")]


def test_the_seed_reaches_the_random_weights(street: Street) -> None:
    """Residents 70, offices 30: shares of Beta(10.5, 4.5), drawn by the seed, and the indicators'
    by the next one, of 40, 20 and 40."""
    asked, _ = street.asked(street.evaluation.scheme)
    random = asked.sensitivity[asked.sensitivity["scenario"] == "random"]
    groups = np.random.Generator(np.random.PCG64(7)).dirichlet([10.5, 4.5], 10_000)
    items = np.random.Generator(np.random.PCG64(8)).dirichlet([12.4, 6.2, 12.4], 10_000)
    means = street.evaluation.waves["2016"].scores.cell_means
    drawn = groups[:, :1] * (items @ means[:, 0].T)
    both = items[:, [0, 2]] / items[:, [0, 2]].sum(axis=1, keepdims=True)
    drawn += groups[:, 1:] * (both @ means[:, 1][:, [0, 2]].T)
    place = 1 + (drawn[:, None, :] > drawn[:, :, None]).sum(axis=2)
    published = street.ranks.loc[["s1", "s2", "s3", "s4"]]
    np.testing.assert_allclose(
        random["same_place"], (place == published.to_numpy()).mean(axis=0), atol=1e-12
    )


def test_a_committee_of_hasty_answers_is_unranked_without_them(
    found: Assurance, street: Street, tmp_path: Path
) -> None:
    """All of s1's residents took ten seconds for seven questions: without them it is incomplete,

    and the others score as if no flagged row had ever come in.
    """
    quality = found.quality.set_index("subject")
    assert quality.index.tolist() == ["s1", "s2", "s3", "s4"]
    assert quality.loc["s1", "flagged"] == quality.loc["s1", "n"] == 24
    assert np.isnan(quality.loc["s1", "score_without"])
    assert pd.isna(quality.loc["s1", "rank_without"])
    ev = street.evaluation
    flags = behaviour.flag(
        street.answers, decided(ev.scheme, ev.questionnaires), seed=ev.order.settings.seed
    )
    gone = {int(name.rsplit("#")[1]) - 2 for name in flags.any.index[flags.any]}
    assert 24 <= len(gone) == quality["flagged"].sum() < 90
    rest = tmp_path / "rest"
    kept = [row for at, row in enumerate(hurried(rest)) if at not in gone]
    tiny.write_csv(rest / "responses/2016/resident.csv", tiny.RESIDENT_HEADER, kept)
    other = ek.open(rest).evaluate()
    scores = other.waves["2016"].scores.table.set_index("subject")["score"]
    ranks = other.waves["2016"].ranking.table.set_index("subject")["rank"]
    subjects = ["s2", "s3", "s4"]
    np.testing.assert_allclose(
        quality.loc[subjects, "score_without"].to_numpy(dtype=float),
        scores.loc[subjects],
        atol=1e-9,
    )
    assert quality.loc[subjects, "rank_without"].tolist() == ranks.loc[subjects].tolist()
    assert quality["rank"].tolist() == street.ranks.loc[quality.index].tolist()
    assert quality["name"].tolist() == list(tiny.SUBJECTS)
    told = {note.code: note.count for note in ev.notes}
    assert told["flagged_answers"] == len(gone)
    # one group of residents: there is no gap between two
    assert quality[["gap", "gap_statistic"]].isna().all(axis=None)
    assert not quality["gap_outlier"].any()
    assert found.gap == {}


def test_questionnaires_issued_reach_the_plan(found: Assurance) -> None:
    """96 of 100 came back."""
    present = found.plan[found.plan["target"] == "present"].set_index("group")
    assert present.loc["resident", "n_total"] == 96
    assert present.loc["resident", "issued_total"] == 100
    extra = found.plan[found.plan["target"] == "extra 500"].set_index("group")
    assert extra.loc["resident", "n_total"] == 596
    assert extra.loc["resident", "issued_total"] == 621  # 596 / .96 = 620.8


def test_every_figure_has_its_meaning() -> None:
    meaning = meanings.MEANINGS
    assert all(text.strip() for text in meaning.values())
    named = {
        "reliability",
        "tau",
        "same_form",
        "distinguishable_pairs",
        "validity",
        "bands",
        "shrunken",
    }
    named |= {"adjusted", "gap", "same_grade", "same_third", "total", "agreement", "drivers"}
    named |= {"quality", "excess", "grade_probability", "luck", "plan", "by_group"}
    assert named <= set(meaning)
