"""The first story's own rules: which waves, what the database must have, what a fingerprint is of."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import replace
from itertools import combinations
from typing import Any

import numpy as np
import pytest

import evalkit as ek
from evalkit.answers.comparability import definitions
from evalkit.definitions.actions import Action, ActionLibrary
from evalkit.definitions.claims import Claim, Claims
from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.questionnaire import Item
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.themes import Themes
from evalkit.evaluation import recall
from evalkit.inputs import Inputs, fingerprint, waves_up_to
from evalkit.intake.importing import Source
from evalkit.intake.margins import Margin, Margins
from evalkit.platforms.wenjuanxing import Codebook
from evalkit.platforms.wenjuanxing.codebook import CodedQuestion
from evalkit.tables import OVERALL, Cells, Changes, Evaluation
from tests import tiny
from tests.deciding import decided
from tests.definitions.test_lineage import lineage
from tests.findings.small_street import cells_of, group_of
from tests.test_illustration import documents

SUBJECTS = ("s1", "s2", "s3", "s4")


def other_documents(inputs: Inputs, **changed: Any) -> Inputs:
    return replace(inputs, decided=replace(inputs.decided, **changed))


def test_the_overall_question_is_marked_in_the_order_of_the_questionnaires_names() -> None:
    """Two audiences are asked: what was archived is compared with it, so its order stays."""
    scheme, own = documents()
    offices = own["organisation"]
    asked = Item(id="all", text="总的来说？", role="overall", kind="number", minimum=0, maximum=10)
    both = {**own, "organisation": offices.model_copy(update={"items": [*offices.items, asked]})}
    words = ("非常满意", "满意", "基本满意", "不满意", "非常不满意")
    labels = [
        [one, score, None] for one, score in zip(words, (100.0, 80.0, 60.0, 30.0, 0.0), strict=True)
    ]
    labels += [["不了解", None, "dont_know"]]
    content = [
        ["organisation", "all", 0.0, 10.0, []],
        ["resident", "overall", None, None, labels],
    ]
    text = json.dumps(content, ensure_ascii=False)
    expected = hashlib.sha256(text.encode()).hexdigest()[:16]
    for these in (both, dict(sorted(both.items(), reverse=True))):
        assert definitions(decided(scheme, these))[OVERALL] == expected


@pytest.fixture(scope="module")
def inputs(tmp_path_factory: pytest.TempPathFactory) -> Inputs:
    return ek.open(tiny.write(tmp_path_factory.mktemp("rules") / "ws")).inputs()


def archived(inputs: Inputs, wave: str, level: float, **changes: Any) -> Cells:
    """Cells of four committees, two points apart, around a level."""
    gap = np.nan
    x = [level, level - 2, level - 4, level - 6]
    made = cells_of(
        inputs.decided.scheme,
        {
            "resident": group_of([[v, v, v] for v in x], [[4.0, 4.0, 4.0]] * 4, [20] * 4),
            "office": group_of([[v, gap, v] for v in x], [[9.0, gap, 9.0]] * 4, [5] * 4),
        },
        wave=wave,
        subjects=SUBJECTS,
        definitions=definitions(inputs.decided),
    )
    return replace(made, **changes)


@pytest.fixture(scope="module")
def three(inputs: Inputs) -> Inputs:
    """Three waves that only the database remembers: 70, 75 and 82."""
    waves = {
        "2016": archived(inputs, "2016", 82.0),
        "2014": archived(inputs, "2014", 70.0),
        "2015": archived(inputs, "2015", 75.0),
    }
    return replace(inputs, sources={}, archived=waves)


@pytest.fixture(scope="module")
def evaluation(three: Inputs) -> Evaluation:
    return ek.evaluate(three)


def changes_of(evaluation: Evaluation) -> dict[str, Changes]:
    found = {wave: result.changes for wave, result in evaluation.waves.items()}
    return {wave: changes for wave, changes in found.items() if changes is not None}


# --- which waves ---


def test_waves_come_from_files_and_database_in_their_own_order(inputs: Inputs) -> None:
    both = replace(inputs, archived={"2017": None, "2013": None, "2015": None})  # type: ignore[dict-item]
    assert waves_up_to(both, None) == ("2013", "2015", "2016", "2017")
    assert waves_up_to(both, "2015") == ("2013", "2015")
    assert waves_up_to(both, "2013") == ("2013",)


@pytest.mark.parametrize("wave", ["2014", "20150"])
def test_an_unknown_wave_is_refused_with_those_there_are(inputs: Inputs, wave: str) -> None:
    with pytest.raises(ek.InputErrors) as refused:
        waves_up_to(inputs, wave)
    (problem,) = refused.value.problems
    assert (problem.code, problem.found) == ("unknown_wave", wave)
    assert problem.expected == "2015、2016"


def test_without_any_answers_there_is_no_evaluation(inputs: Inputs) -> None:
    with pytest.raises(ek.InputErrors) as refused:
        waves_up_to(replace(inputs, sources={}), None)
    (problem,) = refused.value.problems
    assert (problem.code, problem.expected) == ("unknown_wave", "至少一个批次")


# --- neighbouring waves ---


def test_every_wave_is_scored_and_compared_with_the_one_before(evaluation: Evaluation) -> None:
    assert list(evaluation.waves) == ["2014", "2015", "2016"]
    assert evaluation.wave == "2016"
    scores = evaluation.scores.set_index(["wave", "subject"])["score"]
    assert scores["2014", "s1"] == pytest.approx(70.0)
    assert scores["2016", "s4"] == pytest.approx(76.0)
    changes = changes_of(evaluation)
    assert list(changes) == ["2015", "2016"]
    assert [(c.from_wave, c.to_wave) for c in changes.values()] == [
        ("2014", "2015"),
        ("2015", "2016"),
    ]
    assert [c.street_change for c in changes.values()] == pytest.approx([5.0, 7.0])


def test_the_last_wave_is_diagnosed_beside_the_one_before_it(evaluation: Evaluation) -> None:
    profile = evaluation.diagnoses["s2"].profile.set_index("code")
    assert profile.loc["composite", "estimate"] == pytest.approx(80.0)
    assert profile.loc["composite", "previous"] == pytest.approx(73.0)
    street = evaluation.street_means.set_index(["group", "code"]).loc[("all", "composite")]
    assert street["mean"] == pytest.approx(79.0)
    assert street["previous"] == pytest.approx(72.0)
    assert street["change"] == pytest.approx(7.0)
    assert set(evaluation.assurance.bands["wave"]) == {"2016"}


def test_an_earlier_wave_knows_nothing_of_later_ones(three: Inputs) -> None:
    found = ek.evaluate(three, wave="2015")
    assert list(found.waves) == ["2014", "2015"]
    assert list(changes_of(found)) == ["2015"]
    profile = found.diagnoses["s2"].profile.set_index("code")
    assert profile.loc["composite", "previous"] == pytest.approx(68.0)
    assert found.fingerprint == fingerprint(three, ("2014", "2015"))


def test_a_first_wave_has_no_neighbour(three: Inputs) -> None:
    found = ek.evaluate(three, wave="2014")
    assert changes_of(found) == {}
    assert found.diagnoses["s1"].profile["previous"].isna().all()
    assert set(found.street_means["verdict"]) == {"未比较"}


def test_notes_speak_of_every_wave_and_every_pair(three: Inputs) -> None:
    """2014 was asked otherwise, 2015 lacks offices of s4, and no wave has rows."""
    waves = dict(three.archived)
    first = waves["2014"]
    waves["2014"] = replace(first, definitions={**first.definitions, "A2": "other"})
    short = archived(three, "2015", 75.0)
    mean = short.groups["office"].mean.copy()
    mean[3] = np.nan
    office = replace(short.groups["office"], mean=mean)
    waves["2015"] = replace(short, groups={**short.groups, "office": office})
    notes = ek.evaluate(replace(three, archived=waves)).notes
    told = [(n.code, n.where) for n in notes]
    for expected in [
        ("incomplete", "2015"),
        ("measured_differently", "2014-2015"),
        ("not_compared", "2014-2015"),
        ("not_compared", "2015-2016"),
    ]:
        assert told.count(expected) == 1
    assert ("measured_differently", "2015-2016") not in told


# --- what the database must have ---


def test_archived_cells_are_arranged_for_todays_scheme(inputs: Inputs) -> None:
    plain = archived(inputs, "2014", 70.0)
    at = np.array([2, 0, 1, 3])
    mixed = replace(
        plain,
        measures=("B1", "A1", "A2", "overall"),
        groups={code: plain.groups[code].at(at) for code in ("office", "resident")},
    )
    found = recall(replace(inputs, archived={"2014": mixed}), "2014")
    assert found.measures == ("A1", "A2", "B1", "overall")
    assert list(found.groups) == ["resident", "office"]
    np.testing.assert_array_equal(
        found.groups["office"].covariance, plain.groups["office"].covariance
    )


def test_all_that_the_database_lacks_is_told_at_once(inputs: Inputs) -> None:
    plain = archived(inputs, "2014", 70.0)
    lacking = replace(
        plain,
        measures=("A1", "overall"),
        groups={"office": plain.groups["office"]},
        subjects=("s1", "s2", "s8", "s9"),
    )
    with pytest.raises(ek.InputErrors) as refused:
        recall(replace(inputs, archived={"2014": lacking}), "2014")
    problems = refused.value.problems
    assert [(p.code, p.key, p.found) for p in problems] == [
        ("archive_lacks", "2014", "缺 A2、B1"),
        ("archive_lacks", "2014", "缺 resident"),
        ("archive_unknown_subject", "2014", "s8、s9"),
    ]
    assert [p.expected for p in problems] == ["A1、A2、B1", "resident、office", None]
    assert all(p.file == "evaluation.duckdb" and p.remedy for p in problems)


def test_a_committee_that_has_gone_is_known_as_long_as_the_roster_keeps_it(inputs: Inputs) -> None:
    gone = inputs.decided.roster.subjects[0].model_copy(update={"until": "2014"})
    roster = inputs.decided.roster.model_copy(
        update={"subjects": [gone, *inputs.decided.roster.subjects[1:]]}
    )
    cells = archived(inputs, "2014", 70.0)
    found = recall(
        replace(other_documents(inputs, roster=roster), archived={"2014": cells}), "2014"
    )
    assert found.subjects == SUBJECTS


# --- the fingerprint ---


def with_source(change: Callable[[Source], Source]) -> Callable[[Inputs], Inputs]:
    """Change the first file of 2016."""

    def changed(inputs: Inputs) -> Inputs:
        first, *others = inputs.sources["2016"]
        return replace(inputs, sources={**inputs.sources, "2016": [change(first), *others]})

    return changed


def crosswalk(column: int = 1) -> Crosswalk:
    return Crosswalk(
        id="c",
        questionnaire="resident",
        layout="x",
        variant="text",
        approved=True,
        columns=[ColumnMapping(column=column, item="r1")],
    )


def codebook(code: int = 1) -> Codebook:
    question = CodedQuestion(1, "single", "问", ("",), (), (code,), (1,), 5, 5)
    return Codebook((question,), "sequence", 5, 5, 5, 5, ())


def margins(**changes: Any) -> Margins:
    given: dict[str, Any] = {
        "wave": "",
        "group": "resident",
        "item": "sex",
        "title": "性别",
        "categories": (frozenset({"1", "2", "3"}), frozenset({"4"})),
        "shares": np.array([0.25, 0.75]),
        "row": 2,
    }
    return Margins("margins.csv", (Margin(**(given | changes)),))


def library(what: str) -> ActionLibrary:
    action = Action(indicator="A1", what=what, who="书记", days=30, shown_by="见效")
    return ActionLibrary(id="x", title="x", actions=[action])


def published(number: str) -> Claims:
    one = Claim(id="a", text="x", source="s", printed=number, way="none", reason="无")
    return Claims(id="c", title="数", claims=[one])


def order_with(**settings: int) -> Callable[[Inputs], Inputs]:
    def changed(inputs: Inputs) -> Inputs:
        other = inputs.decided.order.settings.model_copy(update=settings)
        return other_documents(
            inputs, order=inputs.decided.order.model_copy(update={"settings": other})
        )

    return changed


def other_option(inputs: Inputs) -> Inputs:
    data = inputs.decided.questionnaires["organisation"].model_dump(mode="json")
    data["scales"]["satisfaction"][1]["score"] = 79
    other = type(inputs.decided.questionnaires["organisation"]).model_validate(data)
    return other_documents(
        inputs, questionnaires={**inputs.decided.questionnaires, "organisation": other}
    )


def other_archive(**changes: Any) -> Callable[[Inputs], Inputs]:
    return lambda inputs: replace(
        inputs, archived={"2014": replace(inputs.archived["2014"], **changes)}
    )


def other_group(**changes: Any) -> Callable[[Inputs], Inputs]:
    def changed(inputs: Inputs) -> Inputs:
        cells = inputs.archived["2014"]
        own = replace(cells.groups["office"], **changes)
        return replace(
            inputs, archived={"2014": replace(cells, groups={**cells.groups, "office": own})}
        )

    return changed


CHANGES: dict[str, Callable[[Inputs], Inputs]] = {
    "the seed": order_with(seed=5),
    "the draws": order_with(draws=30_000),
    "the title": lambda i: other_documents(
        i, order=i.decided.order.model_copy(update={"title": "别的"})
    ),
    "a weight": lambda i: other_documents(
        i, scheme=ek.varied(i.decided.scheme, groups={"resident": 60})
    ),
    "an option's score": other_option,
    "an alias": lambda i: other_documents(
        i,
        roster=Roster(
            subjects=[*i.decided.roster.subjects[:3], Subject(id="s4", name="丁", aliases=["x"])]
        ),
    ),
    "a file's bytes": with_source(lambda s: replace(s, sheet=replace(s.sheet, sha256="0" * 64))),
    "a file's name": with_source(lambda s: replace(s, sheet=replace(s.sheet, file="b.csv"))),
    "one file fewer": lambda i: replace(
        i, sources={**i.sources, "2016": list(i.sources["2016"])[:1]}
    ),
    "a crosswalk": with_source(lambda s: replace(s, crosswalk=crosswalk())),
    "another crosswalk": with_source(lambda s: replace(s, crosswalk=crosswalk(2))),
    "the other file's crosswalk": lambda i: replace(
        i,
        sources={
            **i.sources,
            "2016": [i.sources["2016"][0], replace(i.sources["2016"][1], crosswalk=crosswalk())],
        },
    ),
    "a codebook": with_source(lambda s: replace(s, codebook=codebook())),
    "another codebook": with_source(lambda s: replace(s, codebook=codebook(2))),
    "margins": lambda i: other_documents(i, margins=margins()),
    "a margin's tenth digit": lambda i: other_documents(
        i, margins=margins(shares=np.array([0.25 + 1e-10, 0.75 - 1e-10]))
    ),
    "a margin's wave": lambda i: other_documents(i, margins=margins(wave="2016")),
    "a margin's group": lambda i: other_documents(i, margins=margins(group="office")),
    "a margin's item": lambda i: other_documents(i, margins=margins(item="age")),
    "a margin's categories": lambda i: other_documents(
        i, margins=margins(categories=(frozenset({"1", "2"}), frozenset({"3", "4"})))
    ),
    "a lineage": lambda i: other_documents(i, lineage=lineage("2016 merge s1 s2")),
    "another lineage": lambda i: other_documents(i, lineage=lineage("2016 transfer s1 s2 124")),
    "claims": lambda i: other_documents(i, claims=published("3")),
    "another claim": lambda i: other_documents(i, claims=published("4")),
    "themes": lambda i: other_documents(i, themes=Themes(id="t", title="t")),
    "other themes": lambda i: other_documents(i, themes=Themes(id="t", title="t", minimum_n=12)),
    "actions": lambda i: other_documents(i, actions=library("走访")),
    "other actions": lambda i: other_documents(i, actions=library("公示")),
    "boundaries": lambda i: other_documents(
        i, boundaries={"type": "FeatureCollection", "features": []}
    ),
    "archived means": other_group(mean=np.full((4, 4), 50.0)),
    "archived answers": other_group(n=np.array([5, 5, 5, 6])),
    "archived effective answers": other_group(n_effective=np.array([5.0, 5, 5, 4])),
    "archived answers by measure": other_group(n_measure=np.full((4, 4), 3)),
    "archived covariances": other_group(covariance=np.zeros((4, 4, 4))),
    "archived degrees of freedom": other_group(df=np.array([4.0, 4, 4, 2])),
    "archived influence": other_group(influence=np.zeros((4, 4, 4))),
    "archived definitions": other_archive(definitions={"A1": "x", "A2": "y", "B1": "z"}),
    "archived committees": other_archive(subjects=("s1", "s2", "s4", "s3")),
    "the archive": lambda i: replace(i, archived={}),
}


@pytest.fixture(scope="module")
def complete(inputs: Inputs) -> Inputs:
    return replace(inputs, archived={"2014": archived(inputs, "2014", 70.0)})


WAVES = ("2014", "2015", "2016")


def test_no_two_inputs_have_one_fingerprint(complete: Inputs) -> None:
    found = {"as it was": fingerprint(complete, WAVES)}
    found |= {name: fingerprint(change(complete), WAVES) for name, change in CHANGES.items()}
    owners: dict[str, list[str]] = {}
    for name, digest in found.items():
        owners.setdefault(digest, []).append(name)
    assert [names for names in owners.values() if len(names) > 1] == []


def test_a_fingerprint_is_of_the_waves_it_is_about(complete: Inputs) -> None:
    assert fingerprint(complete, WAVES[:2]) != fingerprint(complete, WAVES)
    later = with_source(lambda s: replace(s, sheet=replace(s.sheet, sha256="0" * 64)))(complete)
    assert fingerprint(later, WAVES[:2]) == fingerprint(complete, WAVES[:2])


def test_the_order_in_which_things_were_named_is_no_input(complete: Inputs) -> None:
    turned = replace(
        other_documents(
            complete, questionnaires=dict(reversed(complete.decided.questionnaires.items()))
        ),
        sources=dict(reversed(complete.sources.items())),
    )
    assert fingerprint(turned, WAVES) == fingerprint(complete, WAVES)


def test_sets_of_options_have_no_order(complete: Inputs) -> None:
    """Sets of texts come in another order in every process; here of two that share a hash slot."""
    codes = [str(code) for code in range(100)]
    one, two = next(
        (frozenset(pair), frozenset(pair[::-1]))
        for pair in combinations(codes, 2)
        if list(frozenset(pair)) != list(frozenset(pair[::-1]))
    )
    assert one == two
    found = {
        fingerprint(
            other_documents(complete, margins=margins(categories=(own, frozenset()))), WAVES
        )
        for own in (one, two)
    }
    assert len(found) == 1
