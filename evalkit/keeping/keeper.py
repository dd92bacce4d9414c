"""Keeps what was made of a folder: results, database and log of runs change together."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from evalkit import archive
from evalkit.codes import NoteCode
from evalkit.definitions import loading
from evalkit.definitions.decided import Decided
from evalkit.errors import InputErrors, Note, Problems
from evalkit.folder import DATABASE, ORDER
from evalkit.keeping import disk
from evalkit.keeping.committing import Desk, Step, commit, desk, recover, settle
from evalkit.keeping.history import FORGET, HISTORY, RUN, History
from evalkit.keeping.lock import Lock, locked
from evalkit.keeping.obstacles import OUT, obstacles
from evalkit.problems import keeping
from evalkit.tables import Evaluation


class Keeper:
    """Whoever writes into a folder does it through its keeper.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        self._lock: Lock | None = None

    @contextmanager
    def working(self, doing: str) -> Iterator[tuple[Note, ...]]:
        """Hold the folder's lock inside the block; see `Workspace.working`."""
        if self._lock is not None:
            yield ()
            return
        with disk.told(), locked(self.root, doing) as lock:
            recover(self.root)
            problems = Problems()
            order = loading.load_order(self.root / ORDER, ORDER, Problems())
            waves = () if order is None else [wave.id for wave in order.waves]
            obstacles(self.root, waves, problems)
            problems.raise_if_any()
            self._lock = lock
            try:
                yield () if lock.before is None else (_taken_over(lock),)
            finally:
                self._lock = None

    def settle(self) -> None:
        """Finish what a dead run had decided, for somebody who only reads."""
        if self._lock is None:
            with disk.told():
                settle(self.root)

    def keep_results(
        self, evaluation: Evaluation, make: Callable[[Path], Mapping[str, str]]
    ) -> Path:
        """Keep a run's results, and the evaluation in the database.

        Parameters
        ----------
        evaluation : Evaluation
        make : callable
            Makes the results in a folder, and returns the SHA-256 of every file but the manifest.

        Returns
        -------
        Path
            Where the results lie; what lies there is what was written.
        """
        from evalkit import publication

        wave = evaluation.wave
        final = self.root / OUT / wave
        with self._desk(RUN) as work:
            fresh = work / OUT
            fresh.mkdir()
            made = make(fresh)
            outputs = disk.tree(fresh)
            manifest = disk.digest(fresh / publication.MANIFEST)
            disk.check_kept({**made, publication.MANIFEST: manifest}, outputs)
            steps = [work.step(OUT, f"{OUT}/{wave}")]
            if archive.renew(self.root / DATABASE, work / DATABASE, evaluation):
                steps.append(work.step(DATABASE, DATABASE))
            self._commit(
                work,
                steps,
                RUN,
                wave=wave,
                waves=tuple(evaluation.waves),
                identity=publication.identity(evaluation.fingerprint),
                fingerprint=evaluation.fingerprint,
                manifest=manifest,
                inputs=dict(sorted(evaluation.decided.digests.items())),
                outputs={f"{wave}/{name}": value for name, value in outputs.items()},
            )
            disk.check_kept(outputs, disk.tree(final))
        return final

    def keep(self, files: Mapping[str, bytes], doing: str, within: str, decided: Decided) -> None:
        """Keep single files: all of them take their places, with a line in the log.

        Parameters
        ----------
        files : dict of name to content
        doing : str
            The command that made them.
        within : str
            Folder in `OUT`, with a slash at its end; empty for `OUT` itself.
        decided : Decided
            The documents they were made of.
        """
        from evalkit import publication

        with self._desk(doing) as work:
            steps = []
            for number, (name, content) in enumerate(files.items()):
                disk.write(work / f"file-{number}", content)
                steps.append(work.step(f"file-{number}", f"{OUT}/{within}{name}"))
            outputs = {step.target.removeprefix(f"{OUT}/"): str(step.content) for step in steps}
            fingerprint = publication.fingerprint_of(decided)
            self._commit(
                work,
                steps,
                doing,
                identity=publication.identity(fingerprint),
                fingerprint=fingerprint,
                inputs=dict(sorted(decided.digests.items())),
                outputs=outputs,
            )

    def forget(self, wave: str) -> None:
        """Remove a wave from the database and from the results, with a line in the log."""
        with self._desk(FORGET) as work:
            steps = []
            if archive.without(self.root / DATABASE, work / DATABASE, wave):
                steps.append(work.step(DATABASE, DATABASE))
            if wave in self.kept():
                steps.append(Step(OUT, f"{OUT}/{wave}", None))
            if not steps:
                raise InputErrors([keeping.nothing_to_forget(wave, self.kept())])
            self._commit(work, steps, FORGET, wave=wave)

    def kept(self) -> tuple[str, ...]:
        """Return the waves whose results lie in `OUT`, earliest first."""
        out = self.root / OUT
        if out.is_symlink() or not out.is_dir():
            return ()
        from evalkit import publication

        manifest = publication.MANIFEST
        return tuple(sorted(path.name for path in out.iterdir() if (path / manifest).is_file()))

    @contextmanager
    def _desk(self, doing: str) -> Iterator[Desk]:
        with disk.told(), self.working(doing):
            assert self._lock is not None
            with desk(self.root, self._lock) as work:
                yield work

    def _commit(self, work: Desk, steps: list[Step], doing: str, **said: Any) -> None:
        """Let everything take its place, the log last, with what the database holds then."""
        fresh = work / DATABASE
        database = fresh if fresh.exists() else self.root / DATABASE
        problems = Problems()
        fingerprint = archive.fingerprint_of(database, problems)
        problems.raise_if_any()
        if database.exists():
            value = disk.digest(database)
            said["database"] = {"sha256": value, "fingerprint": fingerprint or ""}
        history = History.of(self.root)
        entry = history.following(doing, **said)
        disk.write(work / HISTORY, history.with_entry(entry))
        commit(work, [*steps, work.step(HISTORY, HISTORY)])


def _taken_over(lock: Lock) -> Note:
    return Note(NoteCode.TAKEN_OVER, facts={"who": str(lock.before)})
