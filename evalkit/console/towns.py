"""The commands of a city: many streets, each a workspace, and what may be told of all of them."""

from __future__ import annotations

import shlex
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from evalkit.console.options import CORES, Pdf
from evalkit.console.telling import collapsed, console, fail, grouped
from evalkit.console.usage import Command, Group
from evalkit.errors import Problem

if TYPE_CHECKING:
    from evalkit.city.receipts import Receipt
    from evalkit.city.town import Town

app = typer.Typer(
    cls=Group,
    help="一个城市：许多街道各自评估，全市只比居民评分。",
    no_args_is_help=True,
    rich_markup_mode=None,
)

Here = Annotated[
    Path, typer.Argument(metavar="DIR", help="城市文件夹；不写就是当前文件夹", show_default=False)
]
HERE = Path()
Some = Annotated[
    str, typer.Option("--streets", metavar="ID,..", help="只做这几条街道，代码用逗号隔开；默认全部")
]
Jobs = Annotated[
    int,
    typer.Option("--jobs", min=1, help="同时评估几条街道；默认为处理器个数", show_default=False),
]
MOST = 20
"""Streets of which a command says what is wrong; of the others it says how many they are."""


@app.command(cls=Command)
def new(
    folder: Here = HERE,
    preset: Annotated[
        str, typer.Option("--preset", help="全市共用的方案和问卷取自哪个预设")
    ] = "changshou",
) -> None:
    """新建一个城市文件夹：全市共用的方案和问卷，待填的街道名单。"""
    from evalkit import city

    city.found(folder, preset)
    where = shlex.quote(str(folder))
    console.print(f"已新建 {folder}。下一步：", markup=False)
    console.print("  - 在 streets.csv 列出全部街道，在 city.yaml 填写名称和批次")
    console.print("  - 全市合在一起的答卷放进 intake/，在 city.yaml 写明哪一列是街道")
    console.print(
        f"  - 运行 evalkit city split {where}，分到各街道；再 check、run、rollup、publish",
        markup=False,
    )


@app.command(cls=Command)
def split(folder: Here = HERE) -> None:
    """把全市的表和名册分到各街道的文件夹；没有文件夹的街道新建一个。"""
    from evalkit import city

    town = city.open_town(folder)
    done = city.split(town)
    for cut in done.cuts:
        given = sum(cut.by_street.values())
        console.print(cut.file, markup=False)
        console.print(
            f"  读入 {cut.read} 行 = 分到 {len(cut.by_street)} 条街道 {given}"
            f" + 没有写街道 {len(cut.unassigned)} + 空行 {cut.blank}",
            markup=False,
        )
        if cut.unassigned:
            rows = "、".join(map(str, cut.unassigned[:MOST]))
            more = " 等" if len(cut.unassigned) > MOST else ""
            console.print(f"  没有写街道的行哪里也没有分到：第 {rows} 行{more}", markup=False)
    console.print(f"写了 {len(done.written)} 条街道的文件，其他的没有变")
    if done.beside:
        console.print(
            f"另有 {len(done.beside)} 条街道的 evaluation.yaml 写着这次没有分到的文件，照旧计入；"
            "是以前分下来、不该再计入的，从中删去：",
            markup=False,
        )
    for street, files in list(done.beside.items())[:MOST]:
        console.print(f"  {street}：{'、'.join(files)}", markup=False)
    if len(done.beside) > MOST:
        console.print(f"  （还有 {len(done.beside) - MOST} 条）", markup=False)


@app.command(cls=Command)
def check(
    folder: Here = HERE,
    streets: Some = "",
    documents: Annotated[
        bool, typer.Option("--documents", help="只查文档，不读答卷，快得多")
    ] = False,
) -> None:
    """检查全市和每条街道；除对照表草稿外不写任何东西。"""
    from evalkit import city

    town = city.open_town(folder)
    with console.status("检查中……") as status:
        found = city.check(
            town,
            _ids(streets),
            files=not documents,
            progress=lambda n, of, name: status.update(f"检查 {n}/{of} {name}……"),
        )
    _tell(town, found.by_street)
    if found.problems:
        fail(found.problems)
    if found.by_street:
        raise typer.Exit(1)
    console.print("没有发现问题，可以运行 evalkit city run")


@app.command(cls=Command)
def run(folder: Here = HERE, streets: Some = "", jobs: Jobs = CORES, pdf: Pdf = True) -> None:
    """评估输入变了的街道；没有变的一个字节也不动，中断之后可以接着运行。"""
    from evalkit import city

    town = city.open_town(folder)
    with console.status("比对各街道的输入……") as status:

        def tell(n: int, of: int, receipt: Receipt) -> None:
            status.update(f"已评估 {n}/{of}……")
            if receipt.problems:
                console.print(f"{receipt.street}：有问题，没有结果", markup=False)

        ran = city.run(town, _ids(streets), jobs=jobs, pdf=pdf, progress=tell)
    good = len(ran.done) - len(ran.faulty)
    console.print(f"评估了 {good} 条街道；没有变、不必再做的 {len(ran.untouched)} 条", markup=False)
    if ran.missing:
        console.print(f"还没有文件夹的 {len(ran.missing)} 条：{_listed(ran.missing)}", markup=False)
    if ran.refused:
        console.print(
            f"方案或问卷与全市不同、不能计入全市的 {len(ran.refused)} 条：{_listed(ran.refused)}",
            markup=False,
        )
    if ran.faulty:
        _tell(town, {r.street: r.told for r in ran.faulty})
        console.print("其他街道不受影响；改好之后再运行一次，只做这几条")
        raise typer.Exit(1)


@app.command(cls=Command)
def rollup(folder: Here = HERE) -> None:
    """由各街道的数据库重做全市的 city.duckdb；说明缺哪些街道。"""
    from evalkit import city

    town = city.open_town(folder)
    with console.status("合并……"):
        rolled = city.roll_up(town)
    there = sum(state.value == "已计入" for state in rolled.states.values())
    what = "已重做" if rolled.changed else "没有变"
    console.print(f"{what} city.duckdb：{len(rolled.states)} 条街道中的 {there} 条", markup=False)
    if rolled.problems:
        fail(rolled.problems)
    _states({s: state.value for s, state in rolled.states.items() if state.value != "已计入"})


@app.command(cls=Command)
def publish(folder: Here = HERE, pdf: Pdf = True) -> None:
    """由 city.duckdb 生成全市的表、地图、看板目录和报告。"""
    from evalkit import city

    town = city.open_town(folder)
    with console.status("生成全市的页面……"):
        told = city.publish(town, pdf=pdf)
    if told.facts.partial:
        console.print(
            f"{told.facts.partial}。缺：{_listed(told.facts.missing['name'])}", markup=False
        )
    console.print("结果在：" if told.changed else "没有变，结果在：")
    places = {
        "index.html": "看板目录，从这里打开各街道的看板",
        "city-report.pdf": "全市报告",
        "city_streets.csv": "各街道",
        "city_peers.csv": "各居民区与全市同类",
    }
    for name, what in places.items():
        if (told.folder / name).exists():
            console.print(f"  {told.folder / name}  {what}", markup=False)


@app.command(cls=Command)
def status(folder: Here = HERE) -> None:
    """每条街道做到哪一步，全市的结果是不是最新的；什么也不写。"""
    from evalkit import city
    from evalkit.city.rolling import is_current
    from evalkit.city.status import states

    town = city.open_town(folder)
    found = {street: state.value for street, state in states(town).items()}
    for state, count in Counter(found.values()).items():
        console.print(f"  {state}：{count} 条", markup=False)
    _states({street: state for street, state in found.items() if state != "已计入"})
    fresh = "是最新的" if is_current(town) else "还没有，或各街道又变了：运行 evalkit city rollup"
    console.print(f"全市的数据库：{fresh}", markup=False)


@app.command(cls=Command)
def sums(
    folder: Here = HERE,
    engine: Annotated[
        str, typer.Option("--engine", metavar="local|spark", help="在本机，还是在 Spark 上相加")
    ] = "local",
    master: Annotated[
        str | None,
        typer.Option(
            "--master", metavar="URL", help="Spark 的主节点，如 spark://主机:7077、local[2]"
        ),
    ] = None,
    rows: Annotated[
        list[str] | None,
        typer.Option(
            "--rows", metavar="QUESTIONNAIRE=PATH", help="数仓导出的编码答卷；可写多次，路径可含 *"
        ),
    ] = None,
    jobs: Jobs = CORES,
) -> None:
    """把编码答卷加成单元合计：整数，顺序、线程、引擎不同，结果一个字节也不变。"""
    from evalkit import city
    from evalkit.city.summing import add_up, addresses

    town = city.open_town(folder)
    chosen = city.engine(engine, master, jobs)
    with console.status("相加……"):
        made = add_up(town, chosen, addresses(rows) if rows else None)
    console.print(
        f"{len(made.sums.keys)} 个单元，{int(made.sums.n.sum())} 份答卷，指纹 {made.digest}",
        markup=False,
        soft_wrap=True,
    )
    if made.missing:
        console.print(
            f"没有答卷的 {len(made.missing)} 条街道：{_listed(made.missing)}", markup=False
        )
    if made.other is not None:
        said = f"有 {made.other} 处人数不同" if made.other else "人数逐格相同"
        console.print(f"与 city.duckdb 相比：{said}", markup=False)
    console.print(
        f"结果在 {made.folder}：cells.csv（各单元）、cells.sums（合计本身）", markup=False
    )


@app.command(cls=Command)
def select(
    folder: Here = HERE,
    dialect: Annotated[
        str, typer.Option("--dialect", metavar="NAME", help="数据库：postgres、hive、clickhouse 等")
    ] = "",
    numbers: Annotated[
        bool, typer.Option("--numbers", help="表里的选项是整数列；默认是文字")
    ] = False,
    null: Annotated[
        bool, typer.Option("--null-is-missing", help="表里的 NULL 就是没有作答；默认是错误")
    ] = False,
) -> None:
    """打印从数仓选出编码答卷的语句，和找出不认识的值的检查语句；不连接任何数据库。"""
    from evalkit import city
    from evalkit.city.warehouse import statements

    for text in statements(city.open_town(folder), dialect, numbers=numbers, null=null):
        typer.echo(text)


@app.command(cls=Command)
def export(
    what: Annotated[str, typer.Argument(metavar="postgres", help="给哪种数据库")],
    file: Annotated[Path, typer.Argument(metavar="FILE.sql", help="写到哪个文件")],
    folder: Here = HERE,
) -> None:
    """由 city.duckdb 写出给 BI 用的 SQL 文件：只有已公布的表，没有全精度的单元。"""
    from evalkit import city
    from evalkit.city.exporting import export as write

    counts = write(city.open_town(folder), what, file)
    told = "、".join(f"{name} {count}" for name, count in counts.items())
    console.print(f"已写 {file}：{told} 行", markup=False)


def demo(folder: Path, count: int, jobs: int, pdf: bool) -> None:
    """Invent a city of so many streets, and do everything with it."""
    from evalkit import simulation
    from evalkit.city.town import CITY

    if not (folder / CITY).is_file():
        if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            fail([occupied(folder, "演示城市")])
        console.print(f"生成模拟城市，{count} 条街道：{folder}", markup=False)
        simulation.write_city(folder, simulation.invent(count))
    split(folder)
    run(folder, "", jobs, pdf)
    rollup(folder)
    publish(folder, pdf)


def occupied(folder: Path, what: str) -> Problem:
    """Say that a folder holds something that is not what a demo would make."""
    return Problem(
        "folder_not_empty",
        f"目标文件夹已存在且不是{what}",
        file=str(folder),
        expected=f"不存在、空文件夹，或之前生成的{what}",
        remedy="换一个路径",
    )


def _states(found: dict[str, str]) -> None:
    for state in dict.fromkeys(found.values()):
        ids = [street for street, own in found.items() if own == state]
        console.print(f"没有计入（{state}）：{_listed(ids)}", markup=False)


def _ids(streets: str) -> list[str]:
    return [one.strip() for one in streets.replace("，", ",").split(",") if one.strip()]


def _listed(names: Iterable[str]) -> str:
    several = list(names)
    rest = f" 等 {len(several)} 条" if len(several) > MOST else ""
    return "、".join(several[:MOST]) + rest


def _tell(town: Town, listed: Mapping[str, Sequence[Problem]]) -> None:
    names = {street.id: street.name for street in town.streets}
    if not listed:
        return
    console.print(f"有问题的街道 {len(listed)} 条：", markup=False)
    for street, problems in list(listed.items())[:MOST]:
        console.print(f"{street} {names.get(street, '')}", markup=False)
        for group in grouped(list(problems)):
            console.print(f"  - {collapsed(group)}", markup=False)
    if len(listed) > MOST:
        console.print(f"（还有 {len(listed) - MOST} 条，用 --streets 逐条查看）", markup=False)
