"""What is put together and told of a city: only what streets published, and of how many of them."""

from __future__ import annotations

import base64
import re
from dataclasses import replace
from pathlib import Path

import duckdb
import pandas as pd
import pytest
import typer
from typer.testing import CliRunner

from evalkit import city, simulation
from evalkit.archive import city as archive
from evalkit.city import publishing, receipts
from evalkit.city.rolling import is_current
from evalkit.cli import app
from evalkit.codes import StreetState
from evalkit.console import towns
from evalkit.definitions.roster import Subject
from evalkit.errors import InputErrors
from evalkit.pages import city as pages
from evalkit.pages.city import index
from evalkit.pages.city.facts import why
from evalkit.pages.press import printing
from evalkit.simulation.ground import geojson_text, invented_boundaries
from evalkit.tables import CITY_FRAMES
from tests.approved import approving, results
from tests.city import small
from tests.city.test_folders import change, codes


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A city that was run, put together and told; copy it before changing anything."""
    root = small.ran(tmp_path_factory.mktemp("told") / "city")
    city.roll_up(small.town(root))
    city.publish(small.town(root), pdf=False)
    return root


@pytest.fixture
def root(whole: Path, tmp_path: Path) -> Path:
    return small.copied(whole, tmp_path / "city")


def without(root: Path, street: str, state: StreetState) -> None:
    """Take a street out: no folder, never run, or run under another scheme."""
    path = root / f"receipts/{street}.json"
    if state is StreetState.NOT_RUN:
        path.unlink()
    elif state is StreetState.REFUSED:
        receipt = receipts.read(small.town(root), street)
        assert receipt is not None
        change(path, receipt.shared, "0" * 64)
    else:
        (root / f"streets/{street}/evaluation.yaml").unlink()


def test_the_citys_database_has_the_rows_of_every_street(whole: Path) -> None:
    with duckdb.connect(str(whole / "city.duckdb"), read_only=True) as town:
        for street in small.STREETS:
            path = whole / f"streets/{street}/evaluation.duckdb"
            with duckdb.connect(str(path), read_only=True) as own:
                for name in ("scores", "indicators", "ranking"):
                    columns = ", ".join(c for c in archive.SCHEMA[name] if c != "street")
                    one = f"SELECT {columns} FROM {name} WHERE wave = '2016'"
                    expected = own.execute(f"{one} ORDER BY position").df()
                    found = town.execute(f"{one} AND street = ? ORDER BY position", [street]).df()
                    pd.testing.assert_frame_equal(found, expected)
                count = "SELECT count(*), sum(mean) FROM cells"
                assert (
                    town.execute(f"{count} WHERE street = ?", [street]).fetchall()
                    == own.execute(count).fetchall()
                )
        housing = town.execute("SELECT subject, kind, housing FROM committees LIMIT 3").fetchall()
        assert housing[2] == ("s001-3", "居民区", "老公房")
        df = town.execute(
            "SELECT df FROM freedom WHERE subject = 's003-1' AND rater_group = 'resident'"
        ).fetchall()
        assert df == [(15.0,)]  # sixteen residents


def test_where_no_street_changed_neither_database_nor_pages_are_written(root: Path) -> None:
    before = small.state(root)
    assert not city.roll_up(small.town(root)).changed
    assert not city.publish(small.town(root), pdf=False).changed
    assert small.state(root) == before
    assert is_current(small.town(root))


@pytest.mark.parametrize(
    "state",
    [StreetState.REFUSED, StreetState.NO_FOLDER],
)
def test_a_street_that_lacks_is_in_no_number_and_every_page_says_so(
    root: Path, state: StreetState
) -> None:
    without(root, "s002", state)
    town = small.town(root)
    with pytest.raises(InputErrors) as caught:
        city.publish(town, pdf=False)
    assert codes(caught.value.problems) == ["rolled_up_before"]
    assert caught.value.problems[0].found == "s002"
    rolled = city.roll_up(town)
    assert rolled.states["s002"] is state
    refused = ["another_scheme"] if state is StreetState.REFUSED else []
    assert codes(rolled.problems) == refused
    told = city.publish(town, pdf=False)
    assert list(told.facts.missing["street"]) == ["s002"]
    assert told.facts.streets["mean"].notna().tolist() == [True, False, True]
    assert set(told.facts.peers["street"]) == {"s001", "s003"}
    saying = "名单上 3 条街道，只计入 2 条：以下不是全市的数"
    assert saying in (told.folder / "index.html").read_text(encoding="utf-8")
    own = index._street(told.facts, told.facts.streets.to_dict("records")[1], {})
    assert [own[key] for key in ("id", "n", "mean", "interval", "places", "committees")] == [
        "s002", "", "—", "", "", [],
    ]  # fmt: skip
    assert own["verdict"] == why(state.value, "街道")
    text = report(told.facts)
    assert saying in text
    assert why(state.value, "街道") in text
    listed = pd.read_csv(told.folder / "city_streets.csv")
    assert listed["state"].tolist() == [StreetState.DONE, state, StreetState.DONE]


def test_a_city_of_nothing_is_refused(root: Path) -> None:
    for street in small.STREETS:
        without(root, street, StreetState.NOT_RUN)
    with pytest.raises(InputErrors) as caught:
        city.roll_up(small.town(root))
    assert codes(caught.value.problems) == ["nothing_to_roll_up"]
    with duckdb.connect(str(root / "city.duckdb")) as connection:
        connection.execute("UPDATE indicators SET estimate = 100")
    for _ in range(2):
        with pytest.raises(InputErrors) as caught:
            city.publish(small.town(root))
        assert codes(caught.value.problems) == ["nothing_rolled_up"]
        (root / "city.duckdb").write_bytes(b"something else")


def test_a_database_that_is_not_what_a_run_wrote_is_not_taken(root: Path) -> None:
    path = root / "streets/s001/evaluation.duckdb"
    with duckdb.connect(str(path)) as connection:
        connection.execute("UPDATE indicators SET estimate = 100")
    assert city.roll_up(small.town(root)).states["s001"] is StreetState.CHANGED


def test_the_tables_are_as_declared_and_the_index_runs_nothing(whole: Path) -> None:
    out = whole / "out/2016"
    for name, declared in CITY_FRAMES.items():
        assert list(pd.read_csv(out / f"{name}.csv")) == [column.name for column in declared]
    page = (out / "index.html").read_text(encoding="utf-8")
    assert "<script" not in page
    assert "default-src 'none'" in page
    links = re.findall(r'href="([^"]+)"', page)
    assert links == [f"../../streets/{s}/out/2016/dashboard.html" for s in small.STREETS]
    assert page.count("<details>") == 3
    for name in ("东街道", "丁居民区", "模拟数据"):
        assert name in page
    drawn = (out / "map.svg").read_bytes()
    assert f'src="data:image/svg+xml;base64,{base64.b64encode(drawn).decode()}"' in page
    assert "示意，不是地图" in "".join(drawn.decode().split())


def test_the_files_of_a_city_are_as_approved(whole: Path) -> None:
    (database,) = whole.glob("*.duckdb")
    approving.compare("files/city", results.told(whole / "out/2016", database, shown=True))


def test_the_report_of_a_city_is_as_approved(whole: Path) -> None:
    paper = pages.plan(publishing.facts_of(small.town(whole), rolled_up(whole)))
    approving.compare("pages/city", approving.page(paper))


def test_the_report_tells_every_street_and_no_place_of_a_committee(whole: Path) -> None:
    facts = publishing.facts_of(small.town(whole), rolled_up(whole))
    text = report(facts)
    assert "名单上 3 条街道全部计入，共 12 个居民区。" in plain(text)
    assert "没有一条街道的居民评分与其余街道的平均有明显差异。" in plain(text)
    assert "没有各街道的边界" in text
    for row in facts.streets.itertuples():
        cells = f"<td>{row.n}/{row.committees}</td><td>{row.mean:.1f}</td>"
        assert f'<th scope="row">{row.name}</th>' in text
        assert cells in text
    (kind,) = facts.groups[facts.groups["by"] == "peers"][:1].itertuples()
    assert f"<td>3</td><td>9</td><td>{kind.mean:.1f}</td>" in text


def report(facts: pages.CityFacts) -> str:
    return printing.fill(pages.plan(facts)).text


def plain(text: str) -> str:
    return re.sub("<[^>]+>", "", text)


def rolled_up(root: Path) -> archive.RolledUp:
    found = archive.read(root / "city.duckdb")
    assert found is not None
    return found


def test_a_committee_that_surely_differs_is_named_under_its_street(whole: Path) -> None:
    facts = publishing.facts_of(small.town(whole), rolled_up(whole))
    peers = facts.peers.copy()
    peers.loc[3, ["verdict", "band"]] = ["高于", "远高于平均"]
    peers.loc[4, ["verdict", "band"]] = ["低于", "低于平均"]
    text = report(replace(facts, peers=peers))
    assert "明显高于全市同类平均的 1 个，明显低于的 1 个，其他的分不出" in plain(text)
    assert "<b>东街道</b> 丁居民区（远高于同类）" in text
    assert "<b>西街道</b> 甲居民区（低于同类）" in text
    many = pd.concat([peers.iloc[[3]]] * 61, ignore_index=True)
    text = report(replace(facts, peers=many))
    assert "<b>各街道</b> 东街道 61 个" in text
    assert "丁居民区（远高于同类）" not in text


def test_where_boundaries_are_known_there_is_a_map(root: Path) -> None:
    town = small.town(root)
    subjects = [Subject(id=s.id, name=s.name) for s in town.streets]
    areas = invented_boundaries(subjects)
    (root / "boundaries.geojson").write_text(geojson_text(areas), encoding="utf-8")
    facts = publishing.facts_of(town, rolled_up(root))
    assert pages.map.chart(facts).figure == "choropleth"
    assert "边界为示意" in report(facts)
    areas["features"].pop()
    (root / "boundaries.geojson").write_text(geojson_text(areas), encoding="utf-8")
    with pytest.raises(InputErrors) as caught:
        publishing.facts_of(town, rolled_up(root))
    assert codes(caught.value.problems) == ["boundary_missing_id"]


def run(*arguments: str) -> tuple[int, str]:
    done = CliRunner().invoke(app, ["city", *arguments])
    return done.exit_code, done.output


def test_the_commands_say_how_far_a_city_is(root: Path) -> None:
    assert run("status", str(root)) == (0, "  已计入：3 条\n全市的数据库：是最新的\n")
    without(root, "s002", StreetState.NOT_RUN)
    code, said = run("status", str(root))
    assert code == 0
    assert "没有计入（未运行）：s002" in said
    assert "运行 evalkit city rollup" in said
    code, said = run("rollup", str(root))
    assert (code, said.splitlines()[-1]) == (0, "没有计入（未运行）：s002")
    code, said = run("publish", str(root), "--no-pdf")
    assert code == 0
    assert "名单上 3 条街道，只计入 2 条：以下不是全市的数。缺：西街道" in said
    code, said = run("check", str(root), "--documents")
    assert (code, said.splitlines()[-1]) == (0, "没有发现问题，可以运行 evalkit city run")
    code, said = run("run", str(root), "--streets", "s001,s003", "--jobs", "1")
    assert (code, said) == (0, "评估了 0 条街道；没有变、不必再做的 2 条\n")
    change(root / "streets/s003/evaluation.yaml", "seed: ", "seed: 1")
    code, said = run("run", str(root), "--streets", "s003", "--jobs", "1")
    assert code == 1
    assert "another_seed" in said
    code, said = run("check", str(root), "--documents", "--streets", "s003")
    assert code == 1
    assert "s003 北街道" in said


def test_a_demo_that_is_there_is_taken_up_and_nothing_else_is_written_over(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = small.state(root)
    towns.demo(root, 3, 1, False)
    assert small.state(root) == before
    assert "没有变，结果在：" in capsys.readouterr().out
    (tmp_path / "other").mkdir()
    (tmp_path / "other/mine.txt").touch()
    with pytest.raises(typer.Exit):
        towns.demo(tmp_path / "other", 3, 1, False)
    assert "folder_not_empty" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "other").iterdir()] == ["mine.txt"]


def test_a_new_city_and_a_split_say_what_comes_next(tmp_path: Path) -> None:
    code, said = run("new", str(tmp_path / "new"))
    assert code == 0
    assert "streets.csv" in said
    code, said = run("split", str(small.write(tmp_path / "city")))
    assert code == 0
    assert "读入 168 行 = 分到 3 条街道 168 + 没有写街道 0 + 空行 0" in said
    assert "写了 3 条街道的文件" in said


def test_a_simulated_city_is_one_that_can_be_split(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    few = {"key": 4, "random": 4, "department": 2, "partner": 2, "peer": 1}
    monkeypatch.setattr(simulation.city, "STREETS_A_DISTRICT", 2)
    truth = simulation.invent(3, committees=2, issued=few)
    simulation.write_city(tmp_path / "city", truth)
    town = small.town(tmp_path / "city")
    done = city.split(town)
    assert [cut.unassigned for cut in done.cuts] == [(cut.read + 1,) for cut in done.cuts]
    assert sum(sum(cut.by_street.values()) for cut in done.cuts[::3]) == 3 * 2 * 4
    assert {len(cut.by_street) for cut in done.cuts} == {2, 1}  # a table for every district
    assert city.check(town, files=False).by_street == {}
    called: list[tuple[object, ...]] = []
    monkeypatch.setattr("evalkit.console.towns.demo", lambda *given: called.append(given))
    assert CliRunner().invoke(app, ["demo", str(tmp_path), "--city", "6"]).exit_code == 0
    assert called[0][1] == 6


def test_boundaries_are_invented_where_they_say_so_and_in_no_other_case(whole: Path) -> None:
    facts = publishing.facts_of(small.town(whole), rolled_up(whole))
    assert facts.boundaries is None
    marks: list[tuple[object, bool]] = [
        ({}, False), ({"evalkit": "invented"}, False), ({"evalkit": {"invented": "true"}}, False),
        ({"evalkit": {}}, False), ({"evalkit": {"invented": True}}, True), (None, False),
    ]  # fmt: skip
    for mark, expected in marks:
        assert pages.map.invented(replace(facts, boundaries=mark)) is expected
