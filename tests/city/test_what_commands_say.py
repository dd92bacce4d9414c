"""What the commands of a city print: how much was cut, added up and run, and what is missing."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

from evalkit import city
from evalkit.cli import app
from evalkit.console import towns
from tests import tiny
from tests.city import small
from tests.city.small import cheaply
from tests.city.test_folders import change

__all__ = ["cheaply"]


def run(*arguments: str) -> tuple[int, list[str]]:
    done = CliRunner().invoke(app, ["city", *arguments])
    return done.exit_code, done.output.splitlines()


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return small.ran(tmp_path / "city")


@pytest.fixture
def two(monkeypatch: pytest.MonkeyPatch) -> None:
    """Of more than two, a command counts the rest."""
    monkeypatch.setattr(towns, "MOST", 2)


@pytest.mark.parametrize(
    ("names", "told"),
    [([], ""), (["a"], "a"), (["a", "b"], "a、b"), (["a", "b", "c"], "a、b 等 3 条")],
)
def test_names_beyond_the_most_are_counted(two: None, names: list[str], told: str) -> None:
    assert towns._listed(iter(names)) == told


@pytest.mark.parametrize(("unsaid", "told"), [(2, "第 2、3 行"), (3, "第 2、3 行 等")])
def test_rows_that_name_no_street_are_told_by_their_numbers(
    tmp_path: Path, two: None, unsaid: int, told: str
) -> None:
    root = small.write(tmp_path / "city")
    path = root / "intake/2016/office.csv"
    head, *rows = path.read_text(encoding="utf-8").splitlines()
    rows = [row.rpartition(",")[0] + "," if at < unsaid else row for at, row in enumerate(rows)]
    path.write_text("\n".join([head, *rows, ",," * 3, ""]), encoding="utf-8")
    given = len(rows) - unsaid
    code, said = run("split", str(root))
    assert code == 0
    at = said.index(next(line for line in said if line.endswith("office.csv")))
    assert said[at + 1 : at + 3] == [
        f"  读入 {len(rows) + 1} 行 = 分到 3 条街道 {given} + 没有写街道 {unsaid} + 空行 1",
        f"  没有写街道的行哪里也没有分到：{told}",
    ]


def test_sums_are_compared_with_the_city_and_streets_without_answers_named(root: Path) -> None:
    assert len(run("sums", str(root), "--jobs", "1")[1]) == 2  # there is no city.duckdb yet
    city.roll_up(small.town(root))
    code, said = run("sums", str(root), "--jobs", "1")
    answers = sum(len(tiny.residents(2016, per_subject=10 + 2 * at)) for at in (1, 2, 3))
    answers += 3 * len(tiny.offices(2016))
    assert code == 0
    assert said[0].startswith(f"24 个单元，{answers} 份答卷，指纹 ")
    assert said[1] == "与 city.duckdb 相比：人数逐格相同"
    assert len(said) == 3
    small.unmade(root, "s002")
    code, said = run("sums", str(root), "--jobs", "1")
    assert said[1] == "没有答卷的 1 条街道：s002"


def test_a_run_counts_what_it_did_and_names_what_it_could_not(
    root: Path, cheaply: None, two: None
) -> None:
    change(root / "streets/s001/responses/2016/resident.csv", "非常满意", "特别满意")
    (root / "streets/s003/evaluation.yaml").unlink()
    code, said = run("run", str(root), "--jobs", "1", "--no-pdf")
    assert code == 1
    assert said[:3] == [
        "s001：有问题，没有结果",
        "评估了 0 条街道；没有变、不必再做的 1 条",
        "还没有文件夹的 1 条：s003",
    ]
    assert said[3:5] == ["有问题的街道 1 条：", "s001 东街道"]
    assert said[-1] == "其他街道不受影响；改好之后再运行一次，只做这几条"


@pytest.mark.parametrize(("streets", "rest"), [(2, 0), (3, 1)])
def test_problems_of_so_many_streets_are_listed_and_the_others_counted(
    root: Path, two: None, streets: int, rest: int
) -> None:
    for street in small.STREETS[:streets]:
        change(root / f"streets/{street}/evaluation.yaml", "seed: ", "sead: ")
    code, said = run("check", str(root), "--documents")
    assert code == 1
    assert said[0] == f"有问题的街道 {streets} 条："
    listed = [line for line in said if line.startswith("s00")]
    assert listed == ["s001 东街道", "s002 西街道"]
    more = [f"（还有 {rest} 条，用 --streets 逐条查看）"] if rest else []
    assert [line for line in said if line.startswith("（还有")] == more


def test_the_states_of_a_city_are_counted_by_kind(root: Path) -> None:
    small.unmade(root, "s002", "s003")
    code, said = run("status", str(root))
    assert code == 0
    assert said == [
        "  已计入：1 条",
        "  未运行：2 条",
        "没有计入（未运行）：s002、s003",
        "全市的数据库：还没有，或各街道又变了：运行 evalkit city rollup",
    ]


def test_streets_may_be_named_with_either_comma_and_blanks() -> None:
    assert towns._ids(" s001, s002，s003 ,,") == ["s001", "s002", "s003"]
    assert towns._ids("") == []


def test_a_city_that_is_published_again_says_whether_anything_changed(root: Path) -> None:
    city.roll_up(small.town(root))
    first, again = (run("publish", str(root), "--no-pdf")[1] for _ in range(2))
    assert first[0] == "结果在："
    assert again[0] == "没有变，结果在："
    assert first[1:] == again[1:]
    assert [line.rpartition("  ")[2] for line in first[1:]] == [
        "看板目录，从这里打开各街道的看板",
        "各街道",
        "各居民区与全市同类",
    ]
