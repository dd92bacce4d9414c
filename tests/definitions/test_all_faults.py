"""An analyst sees every fault of every document at once, not one after the other."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import yaml

from evalkit.definitions import loading
from evalkit.errors import InputErrors, Problems
from tests.definitions.faults import Case
from tests.definitions.small import DOCUMENTS, Data, fresh, load
from tests.definitions.test_faults_of_questionnaires import QUESTIONNAIRES
from tests.definitions.test_faults_of_schemes import SCHEMES
from tests.definitions.test_faults_of_the_others import CASES
from tests.definitions.test_faults_of_types import TYPES


def break_scheme(data: Data) -> None:
    data["wieght"] = 1
    data["title"] = " "
    data["groups"][0]["weight"] = 45
    data["groups"][1]["raters"] = "有时"
    data["groups"][2]["covers"] = ["B1", "B9"]
    data["dimensions"][0]["indicators"][0]["weight"] = 30
    data["dimensions"][1]["indicators"][0]["items"] = {"elsewhere": ["q4"]}
    data["grades"][1]["cutoff"] = 95
    data["alternatives"][0]["group_weights"] = {}
    data["alternatives"][1]["option_scores"] = {"80": 175}


def break_resident(data: Data) -> None:
    data["introduction"] = "您好\x1b"
    data["scales"]["satisfaction"][1]["code"] = "1"
    data["scales"]["satisfaction"][2]["missing"] = "refused"
    del data["scales"]["satisfaction"][0]["score"]
    data["items"][0]["options"][1]["screen_out"] = False
    del data["items"][1]["text"]
    data["items"][2]["scale"] = "agreement"
    data["items"][3]["kind"] = "slider"
    del data["items"][4]["maximum"]
    data["items"][7]["options"] = []


def break_organisation(data: Data) -> None:
    del data["items"][0]["options"][0]["group"]
    data["items"][1]["role"] = "subject"
    data["items"][3]["kind"] = "multiple"


def break_roster(data: Data) -> None:
    data["subjects"][0]["population"] = "三千"
    data["subjects"][1]["id"] = "YUFO"
    data["subjects"][1]["name"] = "玉佛城社区"
    data["subjects"][2]["since"] = "2017"


def break_crosswalk(data: Data) -> None:
    data["columns"][0]["column"] = 0
    data["columns"][1].update(option="1")
    data["columns"][2].update(column=2, item="where", option="1")
    data["values"]["q1"]["还 行"] = "3"
    data["variant"] = "words"


def break_order(data: Data) -> None:
    data["settings"] = {"draws": 199}
    data["waves"][0]["id"] = "2017"
    data["waves"][1]["start"] = "2016-12-31"
    data["waves"][1]["files"][0]["file"] = "a.xlsx"
    data["waves"][1]["files"][1]["questionaire"] = "organisation"


BROKEN: dict[str, tuple[Callable[[Data], None], list[tuple[str, str]]]] = {
    "scheme": (
        break_scheme,
        [
            ("cutoffs_out_of_order", "grades.cutoff"),
            ("empty_alternative", "alternatives[0](even)"),
            ("group_covers_nothing", "groups[2](department)"),
            ("indicator_without_group", "dimensions[1](B).indicators[0](B1)"),
            ("unknown_key", "wieght"),
            ("unknown_reference", "groups[2](department).covers[1]"),
            ("weights_do_not_add_up", "dimensions[0](A).indicators.weight"),
            ("weights_do_not_add_up", "groups.weight"),
            ("weights_do_not_add_up", "groups.weight"),
            ("wrong_value", "alternatives[1](even-scores).option_scores.80"),
            ("wrong_value", "groups[1](random).raters"),
            ("wrong_value", "title"),
        ],
    ),
    "resident": (
        break_resident,
        [
            ("duplicate_id", "scales.satisfaction[1](基本满意).code"),
            ("missing_key", "items[1](where).text"),
            ("no_options", "items[7](needs).options"),
            ("number_without_range", "items[4](q3).minimum"),
            ("option_without_score", "scales.satisfaction[0](满意).score"),
            ("score_and_missing", "scales.satisfaction[2](不满意).missing"),
            ("screening_without_exit", "items[0](home).options"),
            ("unknown_scale", "items[2](q1).scale"),
            ("unprintable_character", "introduction"),
            ("wrong_value", "items[3](q2).kind"),
        ],
    ),
    "organisation": (
        break_organisation,
        [
            ("duplicate_role", "items[2](which).role"),
            ("group_item_without_group", "items[0](side).options"),
            ("unscorable_kind", "items[3](o1).kind"),
        ],
    ),
    "roster": (
        break_roster,
        [
            ("colliding_names", "subjects[1](YUFO).name"),
            ("duplicate_id", "subjects[1](YUFO).id"),
            ("period_reversed", "subjects[2](new).since"),
            ("wrong_value", "subjects[0](yufo).population"),
        ],
    ),
    "crosswalk": (
        break_crosswalk,
        [
            ("contradictory_mapping", "values.q1.还 行"),
            ("duplicate_id", "columns[2](办事).column"),
            ("item_mapped_twice", "columns[2](办事).item"),
            ("wrong_value", "columns[0](序号).column"),
            ("wrong_value", "variant"),
        ],
    ),
    "evaluation": (
        break_order,
        [
            ("file_claimed_twice", "waves[1](2016).files[0](a.xlsx).file"),
            ("period_reversed", "waves[1](2016).start"),
            ("unknown_key", "waves[1](2016).files[1](c.xlsx).questionaire"),
            ("waves_out_of_order", "waves"),
            ("wrong_value", "settings.draws"),
        ],
    ),
}


@pytest.mark.parametrize("name", BROKEN)
def test_every_fault_of_a_document_is_reported_in_one_go(name: str, tmp_path: Path) -> None:
    change, expected = BROKEN[name]
    data = fresh(name)
    change(data)
    document, problems, text = load(name, data, tmp_path)
    assert document is None
    assert sorted((p.code, p.key) for p in problems) == expected
    assert all(p.file == f"{name}.yaml" and p.message and p.remedy for p in problems)
    assert all(1 <= (p.row or 0) <= len(text.splitlines()) for p in problems)


def test_every_fault_of_every_document_is_raised_at_once(tmp_path: Path) -> None:
    problems = Problems()
    for name, (change, _) in BROKEN.items():
        data = fresh(name)
        change(data)
        path = tmp_path / f"{name}.yaml"
        path.write_text(yaml.safe_dump(data, allow_unicode=True, sort_keys=False), encoding="utf-8")
        assert DOCUMENTS[name][1](path, path.name, problems) is None
    with pytest.raises(InputErrors) as raised:
        problems.raise_if_any()
    assert sorted((p.file, p.code, p.key) for p in raised.value.problems) == sorted(
        (f"{name}.yaml", code, key) for name, (_, found) in BROKEN.items() for code, key in found
    )


def test_what_could_not_be_read_is_no_reason_for_further_faults(tmp_path: Path) -> None:
    """A weight that is no number leaves its sum open; the sums of the others are still checked."""
    data = fresh("scheme")
    data["groups"][0]["weight"] = "四十"
    data["dimensions"][0]["indicators"][0]["weight"] = "多"
    data["dimensions"][1]["indicators"][0]["weight"] = 39
    _, problems, _ = load("scheme", data, tmp_path)
    assert [(p.code, p.key) for p in problems] == [
        ("wrong_value", "groups[0](key).weight"),
        ("wrong_value", "dimensions[0](A).indicators[0](A1).weight"),
        ("weights_do_not_add_up", "dimensions[1](B).indicators.weight"),
    ]


def test_positions_are_those_of_the_file_even_behind_a_broken_element(tmp_path: Path) -> None:
    data = fresh("resident")
    data["items"][0] = "home"
    data["items"][3]["scale"] = "agreement"
    _, problems, text = load("resident", data, tmp_path)
    row = next(at for at, line in enumerate(text.splitlines(), 1) if "agreement" in line)
    assert [(p.code, p.key, p.row) for p in problems] == [
        ("wrong_value", "items[0]", problems[0].row),
        ("unknown_scale", "items[3](q2).scale", row),
    ]


def test_the_cases_cover_every_code_that_documents_can_report() -> None:
    """A new kind of fault comes with a test of its own."""
    folder = Path(loading.__file__).parent
    models = (
        "faults",
        "validating",
        "questionnaire",
        "scheme",
        "roster",
        "crosswalk",
        "evaluation",
        "wave_faults",
        "messages",
    )
    written = "".join((folder / f"{name}.py").read_text(encoding="utf-8") for name in models)
    cases: list[Case] = [*TYPES, *SCHEMES, *QUESTIONNAIRES, *CASES]
    codes = {case.code for case in cases}
    quoted = set(_quoted_codes(written))
    assert quoted == codes


def _quoted_codes(source: str) -> list[Any]:
    """Return the second argument of every `Fault` and the first of every `Wording`."""
    found = []
    for node in ast.walk(ast.parse(source.replace("from __future__ import annotations", ""))):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            place = {"Fault": 1, "Wording": 0}.get(node.func.id)
            if place is not None and len(node.args) > place:
                argument: Any = node.args[place]
                if isinstance(argument, ast.Constant):
                    found.append(argument.value)
    return found
