"""What an evaluation's folder hands out beside its results: manual, plan, questionnaires, ledgers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from evalkit import keeping
from evalkit.definitions.decided import Decided
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import ONE_THREAD
from evalkit.folder import Folder
from evalkit.inputs import Inputs
from evalkit.keeping import OUT, Keeper
from evalkit.tables import Evaluation

if TYPE_CHECKING:  # what makes pages is imported when there are pages to make
    from evalkit.handout import Exported, Handout, Target

FORMS = "questionnaires"
LEDGERS = "ledgers"
"""Folders in `OUT` for what is handed out to print, to import elsewhere, or to type into."""


class Outlets(ABC):
    """A folder with its keeper, and what it hands out.

    Parameters
    ----------
    root : Path
    track : str or None
        The track whose folder it is; None for a street's.
    """

    def __init__(self, root: Path, track: str | None = None) -> None:
        self.root = root
        self._folder = Folder(root, track)
        self._keeper = Keeper(root)

    @abstractmethod
    def inputs(self) -> Inputs:
        """Return everything an evaluation of this folder is a function of."""

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

        inputs = self.inputs()
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
