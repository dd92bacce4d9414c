"""One evaluation's folder: finds and loads what lies in it, runs both stories, keeps the results.

Nothing is written before everything is known. Results, database and log of runs are made in a
private folder and take the place of the old ones together (`evalkit.keeping`), so that a run that
is killed leaves the last good state, or one that the next command completes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit import beside, keeping
from evalkit.answers.handing_on import Rows, hand_on
from evalkit.definitions import loading
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.tracks import FOLDER
from evalkit.drafting.questionnaires import DraftedForm
from evalkit.errors import InputErrors, Known, Note, Problems, UnknownId
from evalkit.evaluation import (
    ONE_THREAD,
    Progress,
    comparable,
    evaluate,
    import_answers,
    weigh_answers,
)
from evalkit.folder import (
    ORDER,
    UP,
    Checked,
    Loaded,
    check,
    lay_out,
    lay_out_drafted,
    lay_out_simulated,
    lay_out_track,
    remind_of_drafts,
    street_of,
    tracks_in,
)
from evalkit.inputs import Inputs
from evalkit.outlets import Outlets
from evalkit.problems.keeping import not_a_workspace, unwritable_name
from evalkit.problems.tracks import persons_elsewhere
from evalkit.tables import Evaluation

if TYPE_CHECKING:  # what makes pages is imported when there are pages to make
    from evalkit import publication


def _quiet(message: str) -> None:
    del message


class Workspace(Outlets):
    """A folder with an `evaluation.yaml` in it, or that of one of its tracks.

    Parameters
    ----------
    root : Path
    track : str or None
        The track whose folder it is; None for a street's.
    """

    def __init__(self, root: Path, track: str | None = None) -> None:
        super().__init__(root, track)
        self._tracks: dict[str, Workspace] = {}

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
        with ExitStack() as held:
            notes = [*held.enter_context(self._keeper.working(doing))]
            for track in self.tracks.values():
                if track.root.is_dir():
                    notes += held.enter_context(track.working(doing))
            yield tuple(notes)

    @property
    def synthetic(self) -> bool:
        """Whether its own evaluation.yaml says that the data are simulated."""
        order = self._order()
        return order is not None and order.synthetic

    @property
    def tracks(self) -> Mapping[str, Workspace]:
        """The folders of its tracks, by id; one and the same as long as this workspace lives."""
        order = None if self._folder.track is not None else self._order()
        for track in () if order is None else order.tracks:
            if track.id not in self._tracks:
                self._tracks[track.id] = Workspace(self.root / FOLDER / track.id, track.id)
        return Known("track", self._tracks)

    def track(self, track: str) -> Workspace:
        """Return the folder of a track; `UnknownId` if there is none of that id."""
        return self.tracks[track]

    def add_track(self, preset: str) -> str:
        """Copy the documents of a shipped evaluation of persons to where a track's belong.

        Returns
        -------
        str
            What is to be written into evaluation.yaml, which is not touched.

        Raises
        ------
        InputErrors
            If the preset is unknown, or there is something in the folder.
        """
        return lay_out_track(self.root, preset)

    def _order(self) -> EvaluationOrder | None:
        street = self.root if self._folder.track is None else self.root / UP
        return loading.load_order(street / ORDER, ORDER, Problems(), even_if_faulty=True)

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
        return self.evaluate_with_tracks(wave, progress=progress)[0]

    def evaluate_with_tracks(
        self, wave: str | None = None, *, progress: Progress = _quiet
    ) -> tuple[Evaluation, dict[str, Evaluation]]:
        """Evaluate the waves of this folder, and its tracks for the same wave.

        Parameters
        ----------
        wave : str or None
            The wave to report on; None for the latest.

        Returns
        -------
        evaluation, tracks : Evaluation, dict of track id to Evaluation
            Of tracks those that have answers or records of the wave.

        Raises
        ------
        InputErrors
            With every problem of every document and file, of all tracks, too.
        """
        progress("读取文档与文件")
        loaded, inputs, tracks = self._load()
        found = beside.evaluate_tracks(tracks, inputs, wave, progress)
        problems = Problems(list(found.problems))
        try:
            if problems:
                self._folder.import_too(loaded, problems)
                raise InputErrors(problems)
            inputs = replace(inputs, tracks=found.summary)
            with ONE_THREAD():
                return evaluate(inputs, wave=wave, progress=progress), dict(found.evaluations)
        except InputErrors as errors:
            every = Problems(list(dict.fromkeys(errors.problems)))
            remind_of_drafts(loaded, every)
            raise InputErrors(every) from None

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
            inputs, weighed = comparable(inputs, weigh_answers(inputs, imported))
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
        _, inputs, tracks = self._load()
        found = beside.evaluate_tracks(tracks, inputs, None, _quiet)
        if found.problems:
            raise InputErrors(found.problems)
        return replace(inputs, tracks=found.summary)

    def _load(self) -> tuple[Loaded, Inputs, dict[str, Inputs]]:
        self._keeper.settle()
        problems = Problems()
        loaded = self._folder.load(problems)
        for track in self.tracks.values():
            track._keeper.settle()
        tracks = beside.load_tracks(tracks_in(self._folder, loaded), problems)
        if problems or loaded.inputs is None:
            self._folder.import_too(loaded, problems)
            raise InputErrors(list(dict.fromkeys(problems)))
        return loaded, loaded.inputs, tracks

    def check(self, *, files: bool = True) -> Checked:
        """Check everything, import everything, write nothing but crosswalk drafts.

        Parameters
        ----------
        files : bool
            Whether files of answers and records are read, too; without them the documents alone
            are checked, as before anybody has been asked.
        """
        self._keeper.settle()
        return check(self._folder, files=files)

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
            If another run is at work, or the disk refuses; the last results stay as they were. And
            where results of persons would come to lie among those of committees, or the other way.
        """
        from evalkit import publication

        whose = None if evaluation.decided.track is None else evaluation.decided.track.track.id
        if whose != self._folder.track:
            raise InputErrors([persons_elsewhere(str(self.root))])

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
    if not (root / ORDER).is_file() and street_of(root) is not None:
        return Workspace(root, root.absolute().name)
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


def simulate(
    path: str | Path, preset: str, *, size: float = 1.0, draws: int | None = None
) -> Workspace:
    """Make a workspace from a preset, with a simulated street of known truth in it.

    What is true stands in its folder ``simulation``. The same preset gives the same files.

    Parameters
    ----------
    size : float
        Share of the street's units that are made, below 1 for its last wave only: to try things out.
    draws : int or None
        Simulations of rank sets; those of the preset if None.

    Raises
    ------
    InputErrors
        If the preset is unknown or damaged, or the folder is not empty; nothing is written then.
    """
    root = Path(path)
    lay_out_simulated(root, preset, size=size, draws=draws)
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
