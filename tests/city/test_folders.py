"""A city's folder: what is cut up, what is found wrong, each in a clear word."""

from __future__ import annotations

import csv
from collections.abc import Iterable
from pathlib import Path

import pytest
import yaml
from typer.testing import CliRunner

from evalkit import city
from evalkit.city import founding
from evalkit.cli import app
from evalkit.errors import InputErrors, Problem
from tests import tiny
from tests.city import small


@pytest.fixture(scope="module")
def cut(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that was split and never run; copy it before spoiling it."""
    root = small.write(tmp_path_factory.mktemp("cut") / "city")
    city.split(small.town(root))
    return root


@pytest.fixture
def root(cut: Path, tmp_path: Path) -> Path:
    return small.copied(cut, tmp_path / "city")


def rows_of(path: Path) -> list[list[str]]:
    with path.open(encoding="utf-8-sig", newline="") as file:
        return list(csv.reader(file))


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


def codes(problems: Iterable[Problem]) -> list[str]:
    return [problem.code for problem in problems]


def test_a_table_is_cut_by_street_and_every_row_is_accounted_for(tmp_path: Path) -> None:
    root = small.write(tmp_path / "city")
    table = root / "intake/2016/resident.csv"
    header, *rows = rows_of(table)
    total = ["合计", "168", *[""] * (len(header) - 2)]
    tiny.write_csv(table, header, [*rows[:5], [""] * len(header), *rows[5:], total])
    done = city.split(small.town(root))
    first, second = done.cuts
    assert dict(first.by_street) == {"s001": 48, "s002": 56, "s003": 64}
    assert (first.read, first.unassigned, first.blank) == (170, (171,), 1)
    assert dict(second.by_street) == dict.fromkeys(small.STREETS, 16)
    assert done.written == small.STREETS
    for at, street in enumerate(small.STREETS, start=1):
        found = rows_of(root / f"streets/{street}/responses/2016/resident.csv")
        assert found == [header, *(row for row in rows if row[-1] == f"{at}号")]
    order = yaml.safe_load((root / "streets/s002/evaluation.yaml").read_text(encoding="utf-8"))
    assert order["street"] == "西街道"
    assert order["scheme"] == "../../scheme.yaml"
    assert order["settings"] == {"seed": small.town(root).city.seed_of("s002"), "draws": 1000}
    roster = rows_of(root / "streets/s003/roster.csv")
    assert [row[0] for row in roster] == ["id", "s003-1", "s003-2", "s003-3", "s003-4"]


def test_to_split_again_touches_nothing_and_keeps_what_a_street_wrote_itself(root: Path) -> None:
    order = root / "streets/s001/evaluation.yaml"
    text = order.read_text(encoding="utf-8") + "contact: 东街道自治办\n"
    order.write_text(text, encoding="utf-8")
    before = small.state(root)
    assert city.split(small.town(root)).written == ()
    assert small.state(root) == before
    table = root / "intake/2016/resident.csv"
    header, *rows = rows_of(table)
    tiny.write_csv(table, header, rows[1:])
    assert city.split(small.town(root)).written == ("s001",)
    assert order.read_text(encoding="utf-8") == text
    changed = {name for name, found in small.state(root).items() if before[name] != found}
    assert changed == {"intake/2016/resident.csv", "streets/s001/responses/2016/resident.csv"}


def test_files_that_no_table_gave_and_that_count_all_the_same_are_told(root: Path) -> None:
    """A table under a new name, or a street whose rows are gone, leaves the older file in its place."""
    assert city.split(small.town(root)).beside == {}
    header, *rows = rows_of(root / "intake/2016/resident.csv")
    others = [row for row in rows if row[-1] != "2号"]
    tiny.write_csv(root / "intake/2016/resident.csv", header, others)
    (root / "intake/2016/office.csv").rename(root / "intake/2016/later.csv")
    text = (root / "city.yaml").read_text(encoding="utf-8")
    (root / "city.yaml").write_text(text.replace("office.csv", "later.csv"), encoding="utf-8")
    old = "responses/2016/office.csv"
    assert city.split(small.town(root)).beside == {
        "s001": (old,),
        "s002": ("responses/2016/resident.csv", old),
        "s003": (old,),
    }
    told = CliRunner().invoke(app, ["city", "split", str(root)])
    assert told.exit_code == 0
    assert "3 条街道的 evaluation.yaml 写着这次没有分到的文件，照旧计入" in told.output
    assert f"  s002：responses/2016/resident.csv、{old}\n" in told.output


def test_every_street_has_a_seed_of_its_own_that_the_citys_tells(root: Path) -> None:
    town = small.town(root)
    seeds = [town.city.seed_of(street) for street in small.STREETS]
    assert len(set(seeds)) == 3
    # the first eight bytes of sha256("7/s001"), below 2^31
    assert seeds[0] == int("9caa860d24b30cbd", 16) % 2**31 == 615713981
    other = town.city.model_copy(update={"seed": 8})
    assert [other.seed_of(street) for street in small.STREETS] != seeds


def test_a_city_without_fault_has_no_problems(root: Path) -> None:
    assert city.check(small.town(root), files=False) == city.checking.Checked(())


def test_a_table_with_a_street_that_is_not_listed_is_refused_and_nothing_written(
    tmp_path: Path,
) -> None:
    root = small.write(tmp_path / "city")
    change(root / "streets.csv", "s003,北街道,西区,3号\n", "")
    with pytest.raises(InputErrors) as caught:
        city.split(small.town(root))
    assert codes(caught.value.problems) == ["street_not_listed"] * 6  # two tables, four committees
    first = caught.value.problems[0]
    assert (first.file, first.column) == ("intake/2016/resident.csv", small.COLUMN)
    assert first.found == "3号（第 106-169 行）"
    assert not (root / "streets").exists()


def test_a_table_without_the_column_of_streets_is_refused(root: Path) -> None:
    change(root / "city.yaml", f"street: {small.COLUMN}", "street: 街道")
    with pytest.raises(InputErrors) as caught:
        city.split(small.town(root))
    assert codes(caught.value.problems) == ["no_street_column"] * 2


def test_a_committee_in_two_streets_is_told_wherever_it_stands(root: Path) -> None:
    with (root / "roster.csv").open("a", encoding="utf-8") as file:
        file.write("2号,S001-1,戊居民区,商品房\n")
    with pytest.raises(InputErrors) as caught:
        city.open_town(root)
    (problem,) = caught.value.problems
    assert (problem.code, problem.row) == ("subject_in_two_streets", 14)
    change(root / "roster.csv", "2号,S001-1,戊居民区,商品房\n", "")
    change(root / "streets/s002/roster.csv", "s002-1", "s001-1")
    (problem,) = city.check(small.town(root), files=False).problems
    assert problem.code == "subject_in_two_streets"
    assert problem.found == "甲居民区：s001、s002"


def test_what_a_street_must_share_is_checked(root: Path) -> None:
    streets = root / "streets"
    change(streets / "s001/evaluation.yaml", "seed: ", "seed: 1")
    change(streets / "s002/evaluation.yaml", "scheme: ../../scheme.yaml", "scheme: scheme.yaml")
    (streets / "s002/scheme.yaml").write_text(
        tiny.SCHEME.replace("cutoff: 90", "cutoff: 91"), encoding="utf-8"
    )
    (streets / "s002/questionnaires").mkdir()
    for name in ("resident", "organisation"):
        text = (root / f"questionnaires/{name}.yaml").read_text(encoding="utf-8")
        (streets / f"s002/questionnaires/{name}.yaml").write_text(text, encoding="utf-8")
    change(streets / "s003/evaluation.yaml", "id: '2016'", "id: '2017'")
    (streets / "s009").mkdir()
    found = city.check(small.town(root), files=False)
    assert codes(found.problems) == ["street_not_listed"]
    assert {one: codes(own) for one, own in found.by_street.items()} == {
        "s001": ["another_seed"],
        "s002": ["another_scheme"],
        "s003": ["street_without_wave"],
    }


def test_another_questionnaire_under_the_same_scheme_is_another_scheme(root: Path) -> None:
    own = root / "streets/s001/questionnaires"
    own.mkdir()
    for name in ("resident", "organisation"):
        text = (root / f"questionnaires/{name}.yaml").read_text(encoding="utf-8")
        (own / f"{name}.yaml").write_text(text, encoding="utf-8")
    assert city.check(small.town(root), files=False).by_street == {}
    change(own / "resident.yaml", "label: 满意, score: 80", "label: 满意, score: 85")
    found = city.check(small.town(root), files=False).by_street
    assert {one: codes(told) for one, told in found.items()} == {"s001": ["another_scheme"]}


def test_a_street_without_folder_and_one_with_faults_are_told_beside_the_others(root: Path) -> None:
    (root / "streets/s001/evaluation.yaml").unlink()
    change(root / "streets/s002/responses/2016/resident.csv", "非常满意", "特别满意")
    found = city.check(small.town(root))
    assert codes(found.by_street["s001"]) == ["street_without_folder"]
    problems = found.by_street["s002"]
    assert set(codes(problems)) == {"unknown_option"}
    assert problems[0].file == "streets/s002/responses/2016/resident.csv"
    assert "s003" not in found.by_street


def test_only_a_city_is_opened_and_only_listed_streets_are_chosen(root: Path) -> None:
    with pytest.raises(InputErrors) as caught:
        city.open_town(root / "streets/s001")
    assert codes(caught.value.problems) == ["not_a_city"]
    with pytest.raises(InputErrors) as caught:
        small.town(root).chosen(["s001", "s007"])
    assert codes(caught.value.problems) == ["unknown_street"]
    assert [s.id for s in small.town(root).chosen([])] == list(small.STREETS)


def test_two_streets_of_one_name_cannot_be_told_apart(root: Path) -> None:
    change(root / "streets.csv", "s002,西街道,东区,2号", "s002,西街道,东区,东街道")
    with pytest.raises(InputErrors) as caught:
        city.open_town(root)
    assert codes(caught.value.problems) == ["colliding_streets"]


def test_a_new_city_is_what_the_templates_say_and_asks_for_names(tmp_path: Path) -> None:
    founding.found(tmp_path / "new", "changshou")
    names = {path.name for path in (tmp_path / "new").iterdir()}
    assert {"city.yaml", "streets.csv", "scheme.yaml", "questionnaires", "streets"} <= names
    assert not {"evaluation.yaml", "roster.csv", "responses"} & names
    with pytest.raises(InputErrors) as caught:
        city.open_town(tmp_path / "new")
    assert codes(caught.value.problems) == ["placeholder"]
