"""One evaluation's folder: finds and loads what lies in it, runs both stories, keeps the results.

Nothing is written before everything is known. Results, database and log of runs are made in a
private folder and take the place of the old ones together (`evalkit.keeping`), so that a run that
is killed leaves the last good state, or one that the next command completes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit import keeping
from evalkit.answers.handing_on import Rows, hand_on
from evalkit.definitions import loading
from evalkit.definitions.decided import Decided
from evalkit.drafting.questionnaires import DraftedForm
from evalkit.errors import InputErrors, Note, Problems, UnknownId
from evalkit.evaluation import ONE_THREAD, Progress, evaluate, import_answers, weigh_answers
from evalkit.folder import (
    ORDER,
    Checked,
    Folder,
    Loaded,
    check,
    lay_out,
    lay_out_drafted,
    remind_of_drafts,
)
from evalkit.inputs import Inputs
from evalkit.keeping import OUT, Keeper
from evalkit.problems.keeping import not_a_workspace, unwritable_name
from evalkit.tables import Evaluation

if TYPE_CHECKING:  # what makes pages is imported when there are pages to make
    from evalkit import publication
    from evalkit.handout import Exported, Handout, Target

FORMS = "questionnaires"
LEDGERS = "ledgers"
"""Folder in `OUT` for questionnaires to hand out, print or import elsewhere."""


def _quiet(message: str) -> None:
    del message


class Workspace:
    """A folder with an `evaluation.yaml` in it.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._folder = Folder(root)
        self._keeper = Keeper(root)

    @contextmanager
    def working(self, doing: str) -> Iterator[tuple[Note, ...]]:
        """Hold the folder's lock inside the block, which may compute and then keep what it found.

        What a dead run left is finished or cleared away first, and whatever would keep results
        from being written is told now. Methods that write do this themselves; use it around
        evaluation and publication, so that nobody computes for nothing.

        Yields
        ------
        tuple of Note
            That a dead run's lock was taken over, if it was.

        Raises
        ------
        InputErrors
            If another run is at work, or results could not be written; and, at any time, if the
            disk refuses.
        """
        with self._keeper.working(doing) as notes:
            yield notes

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

    def answers(self, wave: str | None = None) -> Rows:
        """Return a wave's rows for research: codes, labels and states, no names.

        Parameters
        ----------
        wave : str or None
            The latest one that has files, if None.

        Returns
        -------
        Rows
            Frames ``people`` and ``given``, and a note on what must not be done with them.

        Raises
        ------
        InputErrors
            With every problem of every document and file.
        UnknownId
            If no files of that wave are there.

        Examples
        --------
        >>> import evalkit as ek
        >>> rows = ek.open("street").answers()  # doctest: +SKIP
        >>> rows.given.groupby(["item", "label"]).size()  # doctest: +SKIP
        >>> rows.wide("resident", "label").to_parquet("resident.parquet")  # doctest: +SKIP
        """
        inputs = self.inputs()
        present = sorted(w for w, sources in inputs.sources.items() if sources)
        chosen = wave if wave is not None else next(reversed(present), "")
        if chosen not in present:
            raise UnknownId("wave with files", chosen, present)
        with ONE_THREAD():
            imported, _ = import_answers(inputs, [chosen])
            weighed = weigh_answers(inputs, imported)
        return hand_on(weighed[chosen].answers, inputs.decided)

    def _repr_html_(self) -> str:
        """Return what notebooks show."""
        from evalkit import views

        return views.workspace(self.root)

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
        self._keeper.settle()
        problems = Problems()
        loaded = self._folder.load(problems)
        if problems or loaded.inputs is None:
            self._folder.import_too(loaded, problems)
            raise InputErrors(problems)
        return loaded, loaded.inputs

    def check(self) -> Checked:
        """Check everything, import everything, write nothing but crosswalk drafts."""
        self._keeper.settle()
        return check(self._folder)

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
        InputErrors
            If another run is at work, or the disk refuses; the last results stay as they were.
        """
        from evalkit import publication

        def make(folder: Path) -> Mapping[str, str]:
            found = publication.publish(evaluation, folder, jobs=jobs, pdf=pdf, progress=progress)
            return found.outputs

        return self._keeper.keep_results(evaluation, make)

    def forget(self, wave: str) -> None:
        """Remove a wave: its rows and frames from the database, and ``out/<wave>``, in one step.

        What other waves' results say of it stays. The log of runs keeps that it was there.

        Raises
        ------
        InputErrors
            If there is no such wave, another run is at work, or the disk refuses.
        """
        self._keeper.forget(wave)

    def kept(self) -> tuple[str, ...]:
        """Return the waves whose results lie in ``out``, earliest first."""
        return self._keeper.kept()

    def history(self) -> keeping.History:
        """Return the log of everything that was written into this folder."""
        self._keeper.settle()
        with keeping.told():
            return keeping.History.of(self.root)

    def verify(self) -> tuple[keeping.History, tuple[keeping.Difference, ...]]:
        """Compare inputs, documents, database and results with the log of runs.

        Returns
        -------
        history, differences
            The log, and everything that is not as it says; none if all is as it was written.
        """
        self._keeper.settle()
        with keeping.told():
            return keeping.compare(self.root)

    def trace(self, paper: Path) -> keeping.Traced | None:
        """Find the run that made a paper; None if no run of this folder did."""
        self._keeper.settle()
        with keeping.told():
            return keeping.trace(paper, keeping.History.of(self.root))

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
        from evalkit import publication

        decided = self._documents()
        with ONE_THREAD():
            pressed = publication.operations_manual(decided)
        self._keeper.keep({pressed.path: pressed.pdf}, "manual", "", decided)
        return self.root / OUT / pressed.path

    def keep_plan(self, evaluation: Evaluation) -> Path:
        """Write ``out/<wave>/plan.csv`` alone, for whoever plans the next wave.

        Returns
        -------
        Path
            The file, replaced in one step.
        """
        from evalkit import publication

        plan = {"plan.csv": publication.csv(evaluation.assurance.plan)}
        self._keeper.keep(plan, "plan", f"{evaluation.wave}/", evaluation.decided)
        return self.root / OUT / evaluation.wave / "plan.csv"

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
        from evalkit import handout

        decided = self._documents()
        made = handout.hand_out(decided, to, questionnaire=questionnaire, subject=subject)
        return self._handed_out(made, "questionnaire", FORMS, out, decided)

    def export_ledger(
        self, ledger: str, *, out: Path | None = None, events: str | None = None
    ) -> Exported:
        """Write a ledger as a workbook, and an empty sheet into which its records are typed.

        Parameters
        ----------
        ledger : str
            Id of one of the folder's ledgers, or of a shipped one.
        out : Path or None
            Folder; None for ``out/ledgers``. Other files in it stay.
        events : str or None
            A wave whose records are written as events for research instead; not to be handed on.

        Raises
        ------
        InputErrors
            With every problem of the documents; nothing is written then.
        """
        from evalkit import handout

        if events is not None:
            inputs = self.inputs()
            made = handout.hand_out_events(inputs.decided, inputs.records, ledger, events)
            return self._handed_out(made, "ledger", LEDGERS, out, inputs.decided)
        decided = self._documents()
        made = handout.hand_out_ledger(decided, ledger)
        return self._handed_out(made, "ledger", LEDGERS, out, decided)

    def propose_matches(self, wave: str | None = None, *, out: Path | None = None) -> Exported:
        """Write what could meet a wave's open needs, for a person to approve: `handout.hand_out_matches`."""
        from evalkit import handout

        _, inputs = self._load()
        made = handout.hand_out_matches(inputs, wave)
        return self._handed_out(made, "matches", LEDGERS, out, inputs.decided)

    def _handed_out(
        self, made: Sequence[Handout], doing: str, within: str, out: Path | None, decided: Decided
    ) -> Exported:
        folder = self.root / OUT / within if out is None else out
        files = {one.name: one.content for one in made}
        if out is None:
            self._keeper.keep(files, doing, f"{within}/", decided)
        else:
            with keeping.told():
                keeping.place(files, folder)
        from evalkit.handout import Exported

        return Exported(
            tuple(folder / one.name for one in made),
            {folder / one.name: one.by_hand for one in made if one.by_hand},
        )

    def _documents(self) -> Decided:
        self._keeper.settle()
        problems = Problems()
        decided = self._folder.documents(problems)
        if decided is None:
            raise InputErrors(problems)
        return decided


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
    >>> [problem.code for problem in open(root).check().problems][:1]  # the template's name
    ['placeholder']
    """
    root = Path(path)
    try:
        str(root.absolute()).encode()
    except UnicodeEncodeError:
        raise InputErrors([unwritable_name(str(root))]) from None
    if not (root / ORDER).is_file():
        raise InputErrors([not_a_workspace(str(root))])
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
    lay_out(root, preset)
    return Workspace(root)


def create_from(path: str | Path, file: str | Path) -> DraftedForm:
    """Make a workspace whose questionnaire and scheme are drafted from a form, or from answers.

    Parameters
    ----------
    path : str or Path
        New, or empty.
    file : str or Path
        An XLSForm, 问卷星's text, the structure of a survey (.lss, .qsf), a file of SPSS or Stata, or
        any file of answers.

    Raises
    ------
    InputErrors
        If there is nothing to draft from, or the folder is not empty.
    """
    return lay_out_drafted(Path(path), Path(file))
