"""The commands. No logic: parse, call, tell.

Exit codes: 0 done; 1 the input has errors (all of them listed, nothing written); 2 usage.
"""

from __future__ import annotations

import shlex
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TaskID,
    TextColumn,
    TimeElapsedColumn,
)

from evalkit.codes import NoteCode
from evalkit.console import inventing, proving, starting, towns, tracking
from evalkit.console.options import (
    CORES,
    HERE,
    All,
    Documents,
    Folder,
    Jobs,
    LedgersOut,
    Pdf,
    Preset,
    Streets,
)
from evalkit.console.telling import (
    console,
    fail,
    incomplete,
    print_checked,
    print_exported,
    print_notes,
    print_tracks,
    set_up,
)
from evalkit.console.usage import Command, Group
from evalkit.definitions.kinds import Kind
from evalkit.forms import Target
from evalkit.garbage import seldom_collected
from evalkit.version import __version__

if TYPE_CHECKING:
    from evalkit.tables import Evaluation
    from evalkit.workspace import Workspace

app = typer.Typer(
    cls=Group,
    help="居民区服务群众能效评估：问卷进，诚实的排名与诊断书出。",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)


def _version(asked: bool) -> None:
    if asked:
        console.print(f"evalkit {__version__}", markup=False)
        raise typer.Exit


@app.callback()
def start(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="显示版本后退出。")
    ] = False,
) -> None:
    """居民区服务群众能效评估：问卷进，诚实的排名与诊断书出。"""


@app.command(cls=Command)
def demo(
    folder: Folder = HERE,
    pdf: Pdf = True,
    jobs: Jobs = CORES,
    city: Streets = 0,
    preset: inventing.Preset = None,
) -> None:
    """生成模拟街道的原始导出文件，并跑完整条流水线。"""
    if city and preset is not None:
        raise typer.BadParameter("不与 --city 一起写", param_hint="--preset")
    if city:
        return towns.demo(folder, city, jobs, pdf)
    inventing.lay_out(folder, preset)
    _run(folder, None, jobs, pdf)
    if pdf:
        _manual(folder)


@app.command(cls=Command)
def new(folder: Folder = HERE, preset: Preset = "changshou") -> None:
    """按预设新建一个评估文件夹。"""
    from evalkit import workspace

    workspace.create(folder, preset)
    console.print(f"已新建 {folder}。下一步（详见其中的 README.md）：", markup=False)
    if preset == "blank":
        console.print("  - 在 questionnaires/survey.yaml 改题目，在 scheme.yaml 改权重和分数线")
    console.print("  - 在 roster.csv 填写名册，在 evaluation.yaml 填写名称、批次和文件")
    console.print("  - 把平台导出的文件放进 responses/<批次>/")
    console.print(
        f"  - 随时运行 evalkit check {shlex.quote(str(folder))}，看还差什么", markup=False
    )


@app.command(cls=Command)
def check(folder: Folder = HERE, everything: All = False, documents: Documents = False) -> None:
    """检查全部文档和文件；为不认识的文件起草对照表。除草稿外不写任何东西。"""
    from evalkit import workspace

    with console.status("检查中……"):
        checked = workspace.open(folder).check(files=not documents)
    print_checked(checked, everything=everything)
    if checked.problems:
        fail(checked.problems)
    done = (
        "文档没有发现问题，可以运行 evalkit manual"
        if documents
        else "没有发现问题，可以运行 evalkit run"
    )
    console.print(done)


@app.command(cls=Command)
def run(
    folder: Folder = HERE,
    wave: Annotated[str | None, typer.Option("--wave", help="批次；默认为最近的一个")] = None,
    jobs: Jobs = CORES,
    pdf: Pdf = True,
    everything: All = False,
) -> None:
    """评估并生成全部结果：得分、名次范围、变化、诊断书、街道报告。"""
    _run(folder, wave, jobs, pdf, everything)


@app.command(cls=Command)
def convert(
    kind: Annotated[Kind, typer.Argument(metavar="种类", help="文档种类")],
    source: Annotated[
        Path, typer.Argument(metavar="原文件", help="原文件（yaml、xlsx；名册也可用 csv）")
    ],
    target: Annotated[
        Path, typer.Argument(metavar="新文件", help="新文件（yaml 或 xlsx）；不覆盖已有文件")
    ],
) -> None:
    """在 YAML 与 Excel 工作簿之间转换文档，内容不变。"""
    from evalkit.definitions import conversion

    conversion.convert(kind, source, target)
    console.print(f"已写入 {target}", markup=False)


@app.command(cls=Command)
def plan(
    folder: Folder = HERE,
    wave: Annotated[str | None, typer.Option("--wave", help="批次；默认为最近的一个")] = None,
) -> None:
    """按今年测得的差别和波动，推算明年需要多少份居民问卷；结果写入 out/<批次>/plan.csv。"""
    from evalkit import workspace
    from evalkit.pages.press import meanings
    from evalkit.pages.press.sentences import Words
    from evalkit.pages.telling.method import noted

    space = workspace.open(folder)
    with _working(space, "plan"):
        with console.status("评估中……") as status:
            evaluation = space.evaluate(wave, progress=lambda step: status.update(f"{step}……"))
        path = space.keep_plan(evaluation)
    order = evaluation.order
    words = Words.of(order)
    console.print(meanings.meaning("plan", words))
    for line in meanings.plan(evaluation.assurance.plan, evaluation.scheme, words):
        console.print(f"  {line}", markup=False)
    for note in evaluation.notes:
        if note.code in (NoteCode.NO_PLAN, NoteCode.UNREACHABLE_TARGET):
            console.print(f"提示：{noted(note, order)}", markup=False)
    console.print(f"已写入 {path}", markup=False)


@app.command(cls=Command)
def manual(folder: Folder = HERE) -> None:
    """由方案、问卷和名册生成操作手册 out/manual.pdf；不需要答卷文件。"""
    _manual(folder)


def _manual(folder: Path) -> None:
    from evalkit import workspace

    space = workspace.open(folder)
    with console.status("生成操作手册……"):
        path = space.manual()
    console.print(f"  {path}  操作手册", markup=False)


questionnaires = typer.Typer(
    cls=Group, help="问卷的输出：打印、发布、录入。", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(questionnaires, name="questionnaire")


@questionnaires.command("export", cls=Command)
def export_questionnaire(
    *,
    folder: Folder = HERE,
    to: Annotated[
        Target,
        typer.Option(
            "--to",
            help="pdf 纸质问卷；wjx 问卷星文本；xlsform ODK、KoBo 等的表单；xlsx 工作簿和录入表",
        ),
    ],
    only: Annotated[
        str | None, typer.Option("--questionnaire", "-q", help="问卷 id；默认全部问卷")
    ] = None,
    subject: Annotated[
        str | None, typer.Option("--subject", help="印在纸质问卷上的评估对象的 id（仅用于 pdf）")
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", help="输出文件夹；默认 DIR/out/questionnaires")
    ] = None,
) -> None:
    """导出问卷；还没有答卷时也可以用。"""
    from evalkit import workspace

    if subject is not None and to is not Target.PDF:
        raise typer.BadParameter("只用于 --to pdf", param_hint="--subject")
    exported = workspace.open(folder).export_questionnaires(
        to, questionnaire=only, subject=subject, out=out
    )
    print_exported(exported, "请手工核对：")


@questionnaires.command("draft", cls=Command)
def draft_questionnaire(
    file: Annotated[
        Path,
        typer.Argument(
            metavar="FILE",
            help="XLSForm、问卷星文本、.lss、.qsf、.sav/.dta，或一份答卷（csv、xlsx）",
        ),
    ],
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="新文件夹，或空文件夹", show_default=False)
    ],
) -> None:
    """由现成的问卷或答卷起草问卷和方案，新建评估文件夹；分值一个也不猜。"""
    from evalkit import workspace

    drafted = workspace.create_from(folder, file)
    console.print(
        f"已新建 {folder}：{drafted.questions} 道题，其中计分题 {drafted.scored} 道", markup=False
    )
    if drafted.left_out:
        console.print(f"  没有收入：{'、'.join(drafted.left_out[:8])}", markup=False)
    console.print("下一步：")
    if drafted.scored:
        console.print(f"  - 在 questionnaires/survey.yaml 给 {drafted.open} 个选项写分值")
    else:
        console.print(
            "  - 没有认出计分题：在 questionnaires/survey.yaml 删去计分题的 role，写上分值"
        )
    if drafted.subject is None:
        console.print("  - 指明哪一道题写的是居民区（role: subject）")
    else:
        console.print(f"  - 核对写居民区的题：{drafted.subject}", markup=False)
    console.print("  - 在 roster.csv 填写名册，在 evaluation.yaml 填写名称、批次和文件")
    console.print(
        f"  - 随时运行 evalkit check {shlex.quote(str(folder))}，看还差什么", markup=False
    )


ledgers = typer.Typer(
    cls=Group,
    help="台账的输出：录入表、供需对接建议。",
    no_args_is_help=True,
    rich_markup_mode=None,
)
app.add_typer(ledgers, name="ledger")


@ledgers.command("export", cls=Command)
def export_ledger(
    ledger: Annotated[str, typer.Argument(metavar="ID", help="台账代码，自己的或预设的")],
    folder: Folder = HERE,
    *,
    out: LedgersOut = None,
    events: Annotated[
        str | None, typer.Option(metavar="批次", help="改为导出该批次的流转记录，内部研究用")
    ] = None,
) -> None:
    """导出一份台账：文档工作簿，和一张空的录入表；或它的流转记录。"""
    from evalkit import workspace

    print_exported(workspace.open(folder).export_ledger(ledger, out=out, events=events))


@ledgers.command("match", cls=Command)
def match_ledgers(
    folder: Folder = HERE,
    *,
    wave: Annotated[str | None, typer.Option("--wave", help="批次；默认为最近的一个")] = None,
    out: LedgersOut = None,
) -> None:
    """为没有对接的需求建议资源，列成表；批准一条算一条，不批准的不算。"""
    from evalkit import workspace

    print_exported(workspace.open(folder).propose_matches(wave, out=out))


def _run(folder: Path, wave: str | None, jobs: int, pdf: bool, everything: bool = False) -> None:
    from evalkit import workspace

    space = workspace.open(folder)
    with _working(space, "run"):
        evaluation, tracks = _evaluated(space, wave)
        own = {
            name: (found, _publish(space.track(name), found, jobs, pdf))
            for name, found in tracks.items()
        }
        out = _publish(space, evaluation, jobs, pdf)
    if evaluation.decided.track is None:
        _summarise(evaluation, out, pdf, everything)
    else:
        own = {evaluation.decided.track.track.id: (evaluation, out)}
    print_tracks(own, everything=everything)


def _evaluated(space: Workspace, wave: str | None) -> tuple[Evaluation, dict[str, Evaluation]]:
    with console.status("评估中……") as status:

        def tell(step: str) -> None:
            status.update(f"{step}……")

        if space.tracks:
            return space.evaluate_with_tracks(wave, progress=tell)
        return space.evaluate(wave, progress=tell), {}


def _publish(space: Workspace, evaluation: Evaluation, jobs: int, pdf: bool) -> Path:
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bar:
        task: list[TaskID] = []

        def advance(done: int, total: int, what: str) -> None:
            if not task:
                task.append(bar.add_task("生成页面", total=total))
            bar.update(task[0], completed=done, total=total, description=what)

        return space.publish(evaluation, jobs=jobs, pdf=pdf, progress=advance)


@contextmanager
def _working(space: Workspace, doing: str) -> Iterator[None]:
    """Hold the folder, and tell of a dead run that held it before."""
    from evalkit.pages.press.sentences import said

    with space.working(doing) as notes:
        for note in notes:
            console.print(f"提示：{said(note)}", markup=False)
        yield


def _summarise(evaluation: Evaluation, out: Path, pdf: bool, everything: bool) -> None:
    scores = evaluation.current.scores
    ranking = evaluation.current.ranking
    good = [grade.name for grade in evaluation.scheme.grades if grade.good]
    kept = sum(r.rows_kept for r in evaluation.reports if r.wave == evaluation.wave)
    books = evaluation.ledgers[evaluation.ledgers["wave"] == evaluation.wave]
    told = [f"有效答卷 {kept} 份"] if evaluation.scheme.asked else []
    told += [f"台账记录 {int(books['kept'].sum())} 行"] if len(books) else []
    counts = [
        int(evaluation.waves[wave].scores.table["grade"].isin(good).sum())
        for wave in evaluation.waves
    ]
    word, report = evaluation.order.subject_word, f"{evaluation.order.street_word}报告"
    console.print(
        f"{evaluation.order.wave_name(evaluation.wave)}：{len(scores.subjects)} 个{word}有完整得分，"
        f"{len(scores.incomplete)} 个不完整{set_up(scores)}{'；' * bool(told)}{'，'.join(told)}",
        markup=False,
    )
    if good:
        best = f"{'、'.join(good)}：{' -> '.join(str(count) for count in counts)} 个"
        console.print(best, markup=False)
    if len(ranking.table) or not scores.subjects:
        console.print(
            f"得分的可靠程度 {ranking.reliability:.2f}；"
            f"能确定先后的成对比较占 {ranking.distinguishable_pairs:.0%}"
        )
    for line in incomplete(scores, evaluation.current.cells, evaluation.decided):
        console.print(line, markup=False)
    where = "技术说明与 results.xlsx" if pdf and evaluation.order.papers else "results.xlsx"
    print_notes(
        evaluation.notes,
        evaluation.decided,
        everything=everything,
        elsewhere=f"全部写在{where}的“提示”中，或加 --all 逐条列出",
    )
    if evaluation.order.synthetic:
        console.print("以上全部为模拟数据")
    console.print("结果在：")
    places = [
        ("dashboard.html", "交互看板：双击打开，不需要网络"),
        ("actions.xlsx", "整改清单，填好状态后交回"),
        ("results.xlsx", "全部表格"),
    ]
    if pdf:
        papers = [
            ("street-report.pdf", report),
            ("street-report.docx", f"{report}，可编辑稿"),
            ("slides.pptx", "汇报用的幻灯片"),
            ("technical-note.pdf", "技术说明：方法、可靠程度、数据质量"),
            ("diagnosis/", f"每个{word}一份诊断书"),
            ("notice/", f"每个{word}一页公示"),
        ]
        places = [*((name, what) for name, what in papers if (out / name).exists()), *places]
    for name, what in places:
        console.print(f"  {out / name}  {what}", markup=False)


app.command(cls=Command)(tracking.track)
app.add_typer(towns.app, name="city")
app.command(cls=Command)(proving.verify)
app.command(cls=Command)(proving.history)
app.command(cls=Command)(proving.forget)


def main() -> None:
    """Run the command line."""
    starting.in_utf8()
    seldom_collected()
    app()
