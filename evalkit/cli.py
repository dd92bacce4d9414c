"""The commands. No logic: parse, call, tell.

Exit codes: 0 done; 1 the input has errors (all of them listed, nothing written); 2 usage.
"""

from __future__ import annotations

import os
import shlex
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, NoReturn

import typer
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from typer.core import TyperGroup

from evalkit import simulation, workspace
from evalkit.codes import NoteCode
from evalkit.definitions import conversion
from evalkit.errors import InputErrors, Problem, RenderError
from evalkit.folder import ORDER
from evalkit.handout import Target
from evalkit.pages.press import meanings
from evalkit.pages.press.sentences import Words, said
from evalkit.pages.telling.method import noted
from evalkit.tables import Evaluation, FileReport


class _Telling(TyperGroup):
    """Turns input errors and page errors into messages and exit code 1."""

    def invoke(self, ctx: typer.Context) -> object:  # type: ignore[override]
        try:
            return super().invoke(ctx)
        except InputErrors as errors:
            _fail(errors.problems)
        except RenderError as error:
            err = Console(stderr=True, highlight=False, soft_wrap=True)
            err.print(f"页面未能生成，未写入任何结果：{error}", markup=False)
            raise typer.Exit(1) from None


app = typer.Typer(
    cls=_Telling,
    help="居民区服务群众能效评估：问卷进，诚实的排名与诊断书出。",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
)
console = Console(highlight=False, soft_wrap=True)

CORES = os.cpu_count() or 1
Folder = Annotated[Path, typer.Argument(metavar="DIR", help="评估文件夹")]
Jobs = Annotated[int, typer.Option("--jobs", min=1, help="同时生成几份 PDF；默认为处理器个数")]
Pdf = Annotated[bool, typer.Option("--pdf/--no-pdf", help="是否生成 PDF")]


TOLD = frozenset(
    {
        NoteCode.NO_ANSWER_IN_CELL,
        NoteCode.ONE_ANSWER_IN_CELL,
        NoteCode.GROUP_NEVER_VARIES,
        NoteCode.INCOMPLETE,
        NoteCode.NOT_RANKED,
    }
)
"""Notes of cells and scores that a run says at once, besides writing them."""


@app.command()
def demo(folder: Folder, pdf: Pdf = True, jobs: Jobs = CORES) -> None:
    """生成模拟街道（35 个居民区，两个年度）的原始导出文件，并跑完整条流水线。"""
    if folder.is_dir() and (folder / ORDER).is_file() and workspace.open(folder).synthetic:
        console.print(f"演示街道已在 {folder}，直接使用其中的原始导出文件")
    elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
        _fail([_occupied(folder)])
    else:
        console.print(f"生成模拟街道的问卷星导出文件：{folder}")
        simulation.write_demo(folder)
    _run(folder, None, jobs, pdf)
    if pdf:
        _manual(folder)


@app.command()
def new(
    folder: Folder,
    preset: Annotated[str, typer.Option("--preset", help="预设方案名")] = "changshou",
) -> None:
    """按预设新建一个评估文件夹。"""
    workspace.create(folder, preset)
    console.print(f"已新建 {folder}。下一步：")
    console.print("  1. 在 roster.csv 填写名册，在 evaluation.yaml 填写街道、批次和文件")
    console.print("  2. 把问卷星导出的文件放进 responses/<批次>/")
    console.print(f"  3. 运行 evalkit check {shlex.quote(str(folder))}")


@app.command()
def check(folder: Folder) -> None:
    """检查全部文档和文件；为不认识的文件起草对照表。除草稿外不写任何东西。"""
    with console.status("检查中……"):
        checked = workspace.open(folder).check()
    for file, lines in checked.changes.items():
        console.print(f"与上一批次相比，{file}：", markup=False)
        for line in lines:
            console.print(f"  - {line}", markup=False)
    if checked.reports:
        _print_reports(checked.reports)
    for draft in checked.drafts:
        console.print(
            f"已起草对照表 {draft}：请逐列核对，改为 approved: true 后再运行", markup=False
        )
    for note in checked.notes:
        console.print(f"提示：{said(note)}", markup=False)
    if checked.problems:
        _fail(checked.problems)
    console.print("没有发现问题，可以运行 evalkit run")


@app.command()
def run(
    folder: Folder,
    wave: Annotated[str | None, typer.Option("--wave", help="批次；默认为最近的一个")] = None,
    jobs: Jobs = CORES,
    pdf: Pdf = True,
) -> None:
    """评估并生成全部结果：得分、名次区间、变化、诊断书、街道报告。"""
    _run(folder, wave, jobs, pdf)


@app.command()
def convert(
    kind: Annotated[conversion.Kind, typer.Argument(help="文档种类")],
    source: Annotated[Path, typer.Argument(help="原文件（yaml、xlsx；名册也可用 csv）")],
    target: Annotated[Path, typer.Argument(help="新文件（yaml 或 xlsx）；不覆盖已有文件")],
) -> None:
    """在 YAML 与 Excel 工作簿之间转换文档，内容不变。"""
    conversion.convert(kind, source, target)
    console.print(f"已写入 {target}", markup=False)


@app.command()
def plan(
    folder: Folder,
    wave: Annotated[str | None, typer.Option("--wave", help="批次；默认为最近的一个")] = None,
) -> None:
    """按今年测得的差别和波动，推算明年需要多少份居民问卷；结果写入 out/<批次>/plan.csv。"""
    space = workspace.open(folder)
    with console.status("评估中……") as status:
        evaluation = space.evaluate(wave, progress=lambda message: status.update(f"{message}……"))
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


@app.command()
def manual(folder: Folder) -> None:
    """由方案、问卷和名册生成操作手册 out/manual.pdf；不需要答卷文件。"""
    _manual(folder)


def _manual(folder: Path) -> None:
    space = workspace.open(folder)
    with console.status("生成操作手册……"):
        path = space.manual()
    console.print(f"  {path}  操作手册", markup=False)


questionnaires = typer.Typer(
    help="问卷的输出：打印、发布、录入。", no_args_is_help=True, rich_markup_mode=None
)
app.add_typer(questionnaires, name="questionnaire")


@questionnaires.command("export")
def export_questionnaire(
    folder: Folder,
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
    if subject is not None and to is not Target.PDF:
        raise typer.BadParameter("只用于 --to pdf", param_hint="--subject")
    exported = workspace.open(folder).export_questionnaires(
        to, questionnaire=only, subject=subject, out=out
    )
    for path in exported.files:
        console.print(f"已写入 {path}", markup=False)
        for line in exported.by_hand.get(path, ()):
            console.print(f"  请手工核对：{line}", markup=False)


def _run(folder: Path, wave: str | None, jobs: int, pdf: bool) -> None:
    space = workspace.open(folder)
    with console.status("评估中……") as status:
        evaluation = space.evaluate(wave, progress=lambda message: status.update(f"{message}……"))
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
        console=console,
    ) as bar:
        task = bar.add_task("生成页面", total=None)

        def advance(done: int, total: int, what: str) -> None:
            bar.update(task, completed=done, total=total, description=what)

        out = space.publish(evaluation, jobs=jobs, pdf=pdf, progress=advance)
    _summarise(evaluation, out, pdf)


def _summarise(evaluation: Evaluation, out: Path, pdf: bool) -> None:
    scores = evaluation.current.scores
    ranking = evaluation.current.ranking
    good = [grade.name for grade in evaluation.scheme.grades if grade.good]
    kept = sum(r.rows_kept for r in evaluation.reports if r.wave == evaluation.wave)
    counts = [
        int(evaluation.waves[wave].scores.table["grade"].isin(good).sum())
        for wave in evaluation.waves
    ]
    word, report = evaluation.order.subject_word, f"{evaluation.order.street_word}报告"
    console.print(
        f"{evaluation.order.wave_name(evaluation.wave)}：{len(scores.subjects)} 个{word}有完整得分，"
        f"{len(scores.incomplete)} 个不完整；有效答卷 {kept} 份"
    )
    if good:
        console.print(f"{'、'.join(good)}：{' -> '.join(str(count) for count in counts)} 个")
    if len(ranking.table) or not scores.subjects:
        console.print(
            f"得分的信度 {ranking.reliability:.2f}；"
            f"能确定先后的成对比较占 {ranking.distinguishable_pairs:.0%}"
        )
    codes = Counter(note.code for note in evaluation.notes)
    for note in evaluation.order.notes():
        console.print(f"提示：{noted(note, evaluation.order)}", markup=False)
    for note in evaluation.notes:
        if note.where == evaluation.wave and note.code in TOLD:
            console.print(f"提示：{noted(note, evaluation.order)}", markup=False)
    if codes:
        console.print(f"提示 {sum(codes.values())} 条，已写入{report}与 results.xlsx")
    if evaluation.order.synthetic:
        console.print("以上全部为模拟数据")
    console.print("结果在：")
    places = [("dashboard.html", "交互看板：双击打开，不需要网络"), ("results.xlsx", "全部表格")]
    if pdf:
        places = [
            ("street-report.pdf", report),
            ("diagnosis/", f"每个{word}一份诊断书"),
            *places,
        ]
    for name, what in places:
        console.print(f"  {out / name}  {what}", markup=False)


def _print_reports(reports: Iterable[FileReport]) -> None:
    reasons = meanings.reasons()
    for report in reports:
        why = "；".join(f"{reasons[r]} {n}" for r, n in report.rejected_by_reason.items())
        console.print(report.file, markup=False)
        console.print(
            f"  读入 {report.rows_read} 行 = 有效 {report.rows_kept} + 剔除 {len(report.rejections)}"
            + (f"（{why}）" if why else "")
        )
        if report.unmapped_columns:
            console.print(f"  未使用的列：{'、'.join(report.unmapped_columns)}", markup=False)


def _occupied(folder: Path) -> Problem:
    return Problem(
        "folder_not_empty",
        "目标文件夹已存在且不是演示街道",
        file=str(folder),
        expected="不存在、空文件夹，或之前生成的演示街道",
        remedy="换一个路径",
    )


def _fail(problems: Iterable[Problem]) -> NoReturn:
    listed = list(problems)
    err = Console(stderr=True, highlight=False, soft_wrap=True)
    err.print(f"发现 {len(listed)} 个问题，未写入任何结果：")
    for number, problem in enumerate(listed, start=1):
        err.print(f"{number:3d}. {problem}", markup=False)
    raise typer.Exit(1)


def main() -> None:
    """Run the command line."""
    app()
