"""One evaluation's folder: finds and loads what lies in it, runs both stories, keeps the results.

Nothing is written before everything is known. Results are made in a folder of their own and take
the place of the old ones in one step, so a killed run leaves the last good state behind.
"""

from __future__ import annotations

import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit import archive, assets, publication
from evalkit.definitions import loading
from evalkit.definitions.decided import Decided
from evalkit.errors import InputErrors, Note, Problem, Problems
from evalkit.evaluation import ONE_THREAD, Inputs, Progress, evaluate, look_ahead
from evalkit.folder import (
    DATABASE,
    NOT_QUESTIONNAIRES,
    ORDER,
    Folder,
    Loaded,
    layout_changes_of,
    remind_of_drafts,
)
from evalkit.handout import Target, hand_out
from evalkit.tables import Evaluation, FileReport

OUT = "out"
FORMS = "questionnaires"
"""Folder in `OUT` for questionnaires to hand out, print or import elsewhere."""


def _quiet(message: str) -> None:
    del message


@dataclass(frozen=True, slots=True)
class Checked:
    """What `Workspace.check` found and drafted.

    Attributes
    ----------
    problems : tuple of Problem
        Empty if `evalkit run` would go through.
    reports : tuple of FileReport
        Rows read, kept and rejected; empty where the documents themselves have problems.
    drafts : tuple of str
        Crosswalks written for the analyst to read and approve, relative to the workspace.
    changes : dict of file to lines
        What changed in a file's layout against the last wave's.
    notes : tuple of Note
        What the documents, weights, cells and scores give to think about; it stops nothing.
    """

    problems: tuple[Problem, ...]
    reports: tuple[FileReport, ...]
    drafts: tuple[str, ...]
    changes: Mapping[str, tuple[str, ...]]
    notes: tuple[Note, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """Questionnaires that were written, and what is left to do by hand, by file."""

    files: tuple[Path, ...]
    by_hand: Mapping[Path, tuple[str, ...]]


class Workspace:
    """A folder with an `evaluation.yaml` in it.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folder = Folder(root)

    @property
    def synthetic(self) -> bool:
        """Whether its own evaluation.yaml says that the data are simulated."""
        order = loading.load_order(self.root / ORDER, ORDER, Problems())
        return order is not None and order.synthetic

    def evaluate(self, wave: str | None = None, *, progress: Progress = _quiet) -> Evaluation:
        """Evaluate the waves of this folder.

        Parameters
        ----------
        wave : str or None
            The wave to report on; None for the latest.

        Raises
        ------
        InputErrors
            With every problem of every document and file.
        """
        progress("读取文档与文件")
        loaded, inputs = self._load()
        try:
            with ONE_THREAD():
                return evaluate(inputs, wave=wave, progress=progress)
        except InputErrors as errors:
            problems = Problems()
            problems.extend(errors.problems)
            remind_of_drafts(loaded, problems)
            raise InputErrors(problems) from None

    def inputs(self) -> Inputs:
        """Return everything an evaluation of this folder is a function of.

        ``ek.evaluate(ws.inputs())`` is ``ws.evaluate()``; replace the scheme or a questionnaire
        in between to see what the same answers say under another one.

        Raises
        ------
        InputErrors
            With every problem of every document and file.
        """
        return self._load()[1]

    def _load(self) -> tuple[Loaded, Inputs]:
        problems = Problems()
        loaded = self._folder.load(problems)
        if problems or loaded.inputs is None:
            self._folder.import_too(loaded, problems)
            raise InputErrors(problems)
        return loaded, loaded.inputs

    def check(self) -> Checked:
        """Check everything, import everything, write nothing but crosswalk drafts."""
        problems = Problems()
        loaded = self._folder.load(problems)
        reports = self._folder.import_too(loaded, problems)
        drafts = self._folder.draft(loaded, problems)
        notes = loaded.inputs.decided.order.notes() if loaded.inputs is not None else ()
        if loaded.inputs is not None and not problems:
            try:
                with ONE_THREAD():
                    notes = (*notes, *look_ahead(loaded.inputs, loaded.answers))
            except InputErrors as errors:
                problems.extend(errors.problems)
        return Checked(tuple(problems), reports, drafts, layout_changes_of(loaded), notes)

    def publish(
        self,
        evaluation: Evaluation,
        *,
        jobs: int = 1,
        pdf: bool = True,
        progress: publication.Progress | None = None,
    ) -> Path:
        """Write every page and file of an evaluation, then keep it in the database.

        Returns
        -------
        Path
            ``out/<wave>``, complete: it appears in one step, or not at all.

        Raises
        ------
        RenderError
            If a page could not be made as it should be; the last results stay as they were.
        """
        out = self.root / OUT
        final = out / evaluation.wave
        fresh = out / f".{evaluation.wave}.new"
        old = out / f".{evaluation.wave}.old"
        _recover(final, fresh, old)
        fresh.mkdir(parents=True)
        try:
            publication.publish(evaluation, fresh, jobs=jobs, pdf=pdf, progress=progress)
            archive.store(self.root / DATABASE, evaluation)
        except BaseException:
            shutil.rmtree(fresh, ignore_errors=True)
            raise
        if final.exists():
            os.replace(final, old)
        os.replace(fresh, final)
        shutil.rmtree(old, ignore_errors=True)
        return final

    def manual(self) -> Path:
        """Write ``out/manual.pdf``, the operations manual: it needs the documents, not the answers.

        Returns
        -------
        Path
            The file, replaced in one step.

        Raises
        ------
        InputErrors
            With every problem of the documents; nothing is written.
        RenderError
            If a page could not be made as it should be; nothing is written.
        """
        decided = self._documents()
        with ONE_THREAD():
            pressed = publication.operations_manual(decided)
        _place({pressed.path: pressed.pdf}, self.root / OUT)
        return self.root / OUT / pressed.path

    def keep_plan(self, evaluation: Evaluation) -> Path:
        """Write ``out/<wave>/plan.csv`` alone, for whoever plans the next wave.

        Returns
        -------
        Path
            The file, replaced in one step.
        """
        folder = self.root / OUT / evaluation.wave
        _place({"plan.csv": publication.csv(evaluation.assurance.plan)}, folder)
        return folder / "plan.csv"

    def export_questionnaires(
        self,
        to: Target,
        *,
        questionnaire: str | None = None,
        subject: str | None = None,
        out: Path | None = None,
    ) -> Exported:
        """Write questionnaires as something to print, to import elsewhere, or to type into.

        Parameters
        ----------
        to : Target
        questionnaire : str or None
            Id of one questionnaire; None for all.
        subject : str or None
            Id of the committee whose name a paper form (`Target.PDF`) shows.
        out : Path or None
            Folder; None for ``out/questionnaires``. Other files in it stay.

        Raises
        ------
        InputErrors
            With every problem of the documents; nothing is written then.
        RenderError
            If a paper form could not be made as it should be.
        """
        made = hand_out(self._documents(), to, questionnaire=questionnaire, subject=subject)
        folder = self.root / OUT / FORMS if out is None else out
        _place({one.name: one.content for one in made}, folder)
        return Exported(
            tuple(folder / one.name for one in made),
            {folder / one.name: one.by_hand for one in made if one.by_hand},
        )

    def _documents(self) -> Decided:
        problems = Problems()
        decided = self._folder.documents(problems)
        if decided is None:
            raise InputErrors(problems)
        return decided


def _place(files: Mapping[str, bytes], folder: Path) -> None:
    """Put files into a folder: all are complete before the first takes its place."""
    folder.mkdir(parents=True, exist_ok=True)
    fresh = {name: folder / f".{name}.new" for name in files}
    try:
        for name, content in files.items():
            fresh[name].write_bytes(content)
        for name, path in fresh.items():
            os.replace(path, folder / name)
    finally:
        for path in fresh.values():
            path.unlink(missing_ok=True)


def _recover(final: Path, fresh: Path, old: Path) -> None:
    """Bring back the last good results if a run was killed between two renames."""
    shutil.rmtree(fresh, ignore_errors=True)
    if old.exists():
        if final.exists():
            shutil.rmtree(old)
        else:
            os.replace(old, final)


def open(path: str | Path) -> Workspace:
    """Open an evaluation's folder.

    Raises
    ------
    InputErrors
        If it is not one.

    Examples
    --------
    >>> import tempfile
    >>> root = create(tempfile.mkdtemp(), "changshou").root
    >>> [problem.code for problem in open(root).check().problems][:1]  # nobody answered yet
    ['file_missing']
    """
    root = Path(path)
    problems = Problems()
    if not (root / ORDER).is_file():
        problems.add(
            "not_a_workspace",
            "这里没有 evaluation.yaml",
            file=str(root),
            expected="一个评估文件夹",
            remedy="检查路径，或用 evalkit new / evalkit demo 新建",
        )
    problems.raise_if_any()
    return Workspace(root)


def create(path: str | Path, preset: str) -> Workspace:
    """Make a workspace from a preset; never into a folder that has something in it.

    Raises
    ------
    InputErrors
        If the preset is unknown or the folder is not empty.

    Examples
    --------
    >>> import tempfile
    >>> street = create(Path(tempfile.mkdtemp()) / "street", "changshou")
    >>> sorted(path.name for path in street.root.glob("*.yaml"))
    ['actions.yaml', 'evaluation.yaml', 'scheme.yaml', 'themes.yaml']
    """
    root = Path(path)
    problems = Problems()
    if preset not in assets.presets():
        problems.add(
            "unknown_preset",
            "没有这个预设",
            expected="、".join(assets.presets()),
            found=preset,
            remedy="改用已有的预设名",
        )
    if root.exists() and (not root.is_dir() or any(root.iterdir())):
        problems.add(
            "folder_not_empty",
            "目标文件夹已存在且不是空的",
            file=str(root),
            expected="不存在，或空文件夹",
            remedy="换一个路径",
        )
    problems.raise_if_any()
    source = assets.preset(preset)
    for folder in ("questionnaires", "crosswalks", "responses"):
        (root / folder).mkdir(parents=True, exist_ok=True)
    for file in sorted(source.iterdir()):
        if not file.is_file():
            continue
        questionnaire = file.suffix == ".yaml" and file.stem not in NOT_QUESTIONNAIRES
        shutil.copyfile(file, (root / "questionnaires" if questionnaire else root) / file.name)
    return Workspace(root)
