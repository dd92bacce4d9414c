"""What lies in an evaluation's folder: its documents and files, read into `Inputs` or problems.

Everything that can be understood is loaded, also where it has faults, so that one fault does not
hide the next; where there is any, nothing may be concluded from what was loaded.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from evalkit import archive, assets
from evalkit.answers import drafting, layout_changes
from evalkit.answers.importing import Source
from evalkit.answers.margins import read_margins
from evalkit.definitions import consistency, loading
from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.boundaries import BOUNDARIES, read_boundaries
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.documents import dump_yaml
from evalkit.definitions.evaluation import EvaluationOrder, ResponseFile
from evalkit.definitions.places import Places
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Themes
from evalkit.errors import InputErrors, Problems
from evalkit.evaluation import Inputs, import_answers
from evalkit.formats import fingerprint as layout_of
from evalkit.formats import read, wenjuanxing
from evalkit.formats.base import RawSheet
from evalkit.tables import Documents, FileReport

ORDER = "evaluation.yaml"
DATABASE = "evaluation.duckdb"
MARGINS = "margins.csv"
NOT_QUESTIONNAIRES = ("scheme", "evaluation", "actions", "themes")
"""Documents that lie beside the questionnaires in a preset."""
DRAFTABLE = frozenset(
    {"missing_column", "ambiguous_column", "unknown_option", "unclear_variant", "unmatched_subject"}
)
"""Problems of a file that a crosswalk can settle."""


@dataclass(frozen=True, slots=True)
class ReadFile:
    """One file entry, read."""

    wave: str
    entry: ResponseFile
    sheet: RawSheet
    codebook: wenjuanxing.Codebook | None


@dataclass(slots=True)
class Loaded:
    """Whatever could be loaded, for running or for drafting."""

    inputs: Inputs | None = None
    questionnaires: Mapping[str, Questionnaire] = field(default_factory=dict)
    files: list[ReadFile] = field(default_factory=list)
    drafts: dict[str, str] = field(default_factory=dict)
    """Unapproved crosswalks that would fit a file, by that file."""
    crosswalks: dict[str, Crosswalk] = field(default_factory=dict)
    """The crosswalk through which a file is read, by that file."""


@dataclass(frozen=True, slots=True)
class _Read:
    """Every document that could be read, and whether they contradict one another (`torn`)."""

    order: EvaluationOrder
    scheme: Scheme | None
    roster: Roster | None
    questionnaires: Mapping[str, Questionnaire]
    crosswalks: Mapping[str, Crosswalk]
    torn: Problems
    digests: dict[str, str]


class Folder:
    """The documents and files of one evaluation, on disk.

    Parameters
    ----------
    root : Path
    """

    def __init__(self, root: Path) -> None:
        self.root = root

    def documents(self, problems: Problems) -> Documents | None:
        """Load the documents alone, before there are any answers; None if they have problems."""
        read = self._read(problems)
        if problems or read is None or read.scheme is None or read.roster is None:
            return None
        return Documents(
            read.order, read.scheme, dict(read.questionnaires), read.roster, dict(read.digests)
        )

    def _read(self, problems: Problems) -> _Read | None:
        """Read all documents, also where they have faults; None without an order."""
        digests: dict[str, str] = {}
        places = {name: Places() for name in ("order", "scheme", "roster")}
        order = loading.load_order(
            self.root / ORDER, ORDER, problems, places["order"], even_if_faulty=True
        )
        if order is None:
            return None
        self._digest(digests, ORDER, self.root / ORDER)
        scheme_path, scheme_name = self._locate_scheme(order)
        scheme = loading.load_scheme(
            scheme_path, scheme_name, problems, places["scheme"], even_if_faulty=True
        )
        self._digest(digests, scheme_name, scheme_path)
        roster_path = self.root / order.roster
        roster = loading.load_roster(
            roster_path, order.roster, problems, places["roster"], even_if_faulty=True
        )
        self._digest(digests, order.roster, roster_path)
        questionnaires, origins, complete = self._questionnaires(order, digests, problems)
        crosswalks = self._crosswalks(digests, problems)
        for name, crosswalk in crosswalks.items():
            consistency.check_crosswalk(
                crosswalk, questionnaires, roster, problems, consistency.Origin(name)
            )
        torn = consistency.check(
            order,
            scheme,
            questionnaires,
            roster,
            origins=consistency.Origins(
                order=consistency.Origin(ORDER, places["order"]),
                scheme=consistency.Origin(scheme_name, places["scheme"]),
                roster=consistency.Origin(order.roster, places["roster"]),
                questionnaires=origins,
                complete=complete,
            ),
        )
        problems.extend(torn)
        return _Read(order, scheme, roster, questionnaires, crosswalks, torn, digests)

    def load(self, problems: Problems) -> Loaded:
        """Load everything that can be understood, also where it has faults: `problems` tell."""
        loaded = Loaded()
        read = self._read(problems)
        if read is None:
            return loaded
        order, scheme, roster = read.order, read.scheme, read.roster
        digests, crosswalks, torn = read.digests, read.crosswalks, read.torn
        loaded.questionnaires = read.questionnaires
        boundaries = self._boundaries(order, roster, digests, problems)
        actions = self._actions(order, scheme, digests, problems)
        themes = self._themes(order, digests, problems)
        loaded.files = list(self._files(order, digests, problems))
        if scheme is None or roster is None or not loaded.questionnaires:
            return loaded
        margins = None
        if (self.root / MARGINS).is_file():
            margins = read_margins(
                self.root / MARGINS, MARGINS, scheme, loaded.questionnaires, problems
            )
            self._digest(digests, MARGINS, self.root / MARGINS)
        sources = self._sources(order, loaded, crosswalks, problems)
        past = archive.read_cells(self.root / DATABASE, problems)
        archived = {
            wave: cells
            for wave, cells in past.items()
            if wave not in sources and wave < order.waves[-1].id
        }
        if not torn:
            loaded.inputs = Inputs(
                order,
                scheme,
                loaded.questionnaires,
                roster,
                sources,
                archived,
                margins,
                digests,
                boundaries=boundaries,
                actions=actions,
                themes=themes,
            )
        return loaded

    def import_too(self, loaded: Loaded, problems: Problems) -> tuple[FileReport, ...]:
        """Import what can be imported, so that problems of the rows are listed with the rest."""
        if loaded.inputs is None:
            return ()
        try:
            _, reports = import_answers(loaded.inputs, list(loaded.inputs.sources))
        except InputErrors as errors:
            problems.extend(errors.problems)
            remind_of_drafts(loaded, problems)
            return ()
        return reports

    def _boundaries(
        self,
        order: EvaluationOrder,
        roster: Roster | None,
        digests: dict[str, str],
        problems: Problems,
    ) -> dict[str, Any] | None:
        path = self.root / BOUNDARIES
        if roster is None or not path.exists():
            return None
        self._digest(digests, BOUNDARIES, path)
        return read_boundaries(path, BOUNDARIES, roster, [w.id for w in order.waves], problems)

    def _locate_scheme(self, order: EvaluationOrder) -> tuple[Path, str]:
        if order.scheme in assets.presets():
            return assets.preset(order.scheme) / "scheme.yaml", f"预设 {order.scheme}/scheme.yaml"
        return self.root / order.scheme, order.scheme

    def _questionnaires(
        self, order: EvaluationOrder, digests: dict[str, str], problems: Problems
    ) -> tuple[dict[str, Questionnaire], dict[str, consistency.Origin], bool]:
        """Load the workspace's own questionnaires, or the preset's.

        Returns them with where they came from, and whether all could be read.
        """
        own = self.root / "questionnaires"
        folder, prefix = own, "questionnaires/"
        if not _documents(own) and order.scheme in assets.presets():
            folder, prefix = assets.preset(order.scheme), f"预设 {order.scheme}/"
        found: dict[str, Questionnaire] = {}
        origins: dict[str, consistency.Origin] = {}
        complete = True
        for path in _documents(folder):
            if path.stem in NOT_QUESTIONNAIRES:
                continue
            name = f"{prefix}{path.name}"
            places = Places()
            questionnaire = loading.load_questionnaire(
                path, name, problems, places, even_if_faulty=True
            )
            self._digest(digests, name, path)
            if questionnaire is None:
                complete = False
                continue
            if questionnaire.id in found:
                problems.add(
                    "duplicate_id",
                    "两份问卷的 id 相同",
                    file=name,
                    key="id",
                    expected="各不相同",
                    found=f"{questionnaire.id}，另见 {origins[questionnaire.id].name}",
                    remedy="改其中一份的 id，或删去一份",
                )
            found[questionnaire.id] = questionnaire
            origins[questionnaire.id] = consistency.Origin(name, places)
        if not _documents(folder):
            problems.add(
                "missing_file",
                "没有任何问卷",
                file="questionnaires/",
                expected="至少一份问卷（yaml 或 xlsx）",
                remedy="放入问卷，或在 evaluation.yaml 使用预设方案",
            )
        return found, origins, complete

    def _actions(
        self,
        order: EvaluationOrder,
        scheme: Scheme | None,
        digests: dict[str, str],
        problems: Problems,
    ) -> ActionLibrary | None:
        """Load the workspace's own library of actions, else the preset's, if there is one."""
        found = self._beside_the_scheme("actions", order, problems)
        if found is None:
            return None
        path, name = found
        places = Places()
        library = loading.load_actions(path, name, problems, places, even_if_faulty=True)
        self._digest(digests, name, path)
        if library is not None and scheme is not None:
            consistency.check_actions(library, scheme, problems, consistency.Origin(name, places))
        return library

    def _themes(
        self, order: EvaluationOrder, digests: dict[str, str], problems: Problems
    ) -> Themes | None:
        """Load the workspace's own themes of open answers, or the preset's, or none."""
        found = self._beside_the_scheme("themes", order, problems)
        if found is None:
            return None
        path, name = found
        self._digest(digests, name, path)
        return loading.load_themes(path, name, problems, even_if_faulty=True)

    def _beside_the_scheme(
        self, stem: str, order: EvaluationOrder, problems: Problems
    ) -> tuple[Path, str] | None:
        """Find an optional document: the workspace's own, else the one of the preset it uses."""
        own = [path for path in _documents(self.root) if path.stem == stem]
        if len(own) > 1:
            problems.add(
                "two_documents",
                "同一份文档有两个文件，不知道用哪个",
                file=own[0].name,
                expected="只有一个",
                found="、".join(path.name for path in own),
                remedy="留下一个，移走其余",
            )
        if own:
            return own[0], own[0].name
        if order.scheme in assets.presets():
            path = assets.preset(order.scheme) / f"{stem}.yaml"
            return (path, f"预设 {order.scheme}/{path.name}") if path.is_file() else None
        return None

    def _crosswalks(self, digests: dict[str, str], problems: Problems) -> dict[str, Crosswalk]:
        """Load all crosswalks, by their path relative to the workspace."""
        found = {}
        for path in _documents(self.root / "crosswalks"):
            name = f"crosswalks/{path.name}"
            crosswalk = loading.load_crosswalk(path, name, problems, even_if_faulty=True)
            if crosswalk is not None:
                found[name] = crosswalk
                self._digest(digests, name, path)
        return found

    def _files(
        self, order: EvaluationOrder, digests: dict[str, str], problems: Problems
    ) -> Iterator[ReadFile]:
        for wave in order.waves:
            for entry in wave.files:
                sheet = self._sheet(entry.file, entry, problems)
                if sheet is None:
                    continue
                digests[entry.file] = sheet.sha256
                codebook = None
                if entry.codebook is not None:
                    twin = self._sheet(entry.codebook, entry, problems)
                    if twin is not None:
                        digests[entry.codebook] = twin.sha256
                        text, number = (twin, sheet) if twin.variant == "text" else (sheet, twin)
                        codebook = wenjuanxing.codebook(text, number)
                        problems.extend(codebook.problems)
                        sheet = replace(sheet, notes=(*sheet.notes, *codebook.notes))
                yield ReadFile(wave.id, entry, sheet, codebook)

    def _sheet(self, file: str, entry: ResponseFile, problems: Problems) -> RawSheet | None:
        return read(
            self.root / file,
            name=file,
            sheet=entry.sheet,
            encoding=entry.encoding,
            problems=problems,
        )

    def _sources(
        self,
        order: EvaluationOrder,
        loaded: Loaded,
        crosswalks: Mapping[str, Crosswalk],
        problems: Problems,
    ) -> dict[str, list[Source]]:
        sources: dict[str, list[Source]] = {wave.id: [] for wave in order.waves if wave.files}
        for file in loaded.files:
            questionnaire = loaded.questionnaires.get(file.entry.questionnaire)
            if questionnaire is None:
                continue
            crosswalk = _crosswalk_for(file, crosswalks, loaded.drafts, problems)
            if crosswalk is not None:
                loaded.crosswalks[file.entry.file] = crosswalk
            sources[file.wave].append(
                Source(file.entry, file.sheet, questionnaire, crosswalk, file.codebook)
            )
        return sources

    def draft(self, loaded: Loaded, problems: Problems) -> tuple[str, ...]:
        """Write a crosswalk draft for every file whose problems a crosswalk can settle."""
        troubled = {p.file for p in problems if p.code in DRAFTABLE}
        written = []
        for file in loaded.files:
            questionnaire = loaded.questionnaires.get(file.entry.questionnaire)
            name = f"crosswalks/{_draft_id(file)}.yaml"
            path = self.root / name
            if file.entry.file not in troubled or questionnaire is None or path.exists():
                continue
            previous = _previous(loaded, file)
            draft = drafting.draft(
                file.sheet,
                questionnaire,
                crosswalk_id=_draft_id(file),
                layout=layout_of(file.sheet),
                codebook=file.codebook,
                previous=previous.sheet if previous else None,
                previous_crosswalk=loaded.crosswalks.get(previous.entry.file) if previous else None,
            )
            unmatched = [
                str(p.found)
                for p in problems
                if p.code == "unmatched_subject" and p.file == file.entry.file
            ]
            draft = draft.model_copy(
                update={"subjects": draft.subjects | dict.fromkeys(unmatched, None)}
            )
            path.parent.mkdir(exist_ok=True)
            path.write_text(dump_yaml(draft), encoding="utf-8")
            written.append(name)
        return tuple(written)

    @staticmethod
    def _digest(digests: dict[str, str], name: str, path: Path) -> None:
        if path.is_file():
            digests[name] = hashlib.sha256(path.read_bytes()).hexdigest()


def _documents(folder: Path) -> list[Path]:
    if not folder.is_dir():
        return []
    return sorted(
        path
        for path in folder.iterdir()
        if path.suffix in (".yaml", ".yml", ".xlsx") and not path.name.startswith(("~$", "."))
    )


def _crosswalk_for(
    file: ReadFile, crosswalks: Mapping[str, Crosswalk], drafts: dict[str, str], problems: Problems
) -> Crosswalk | None:
    """Find the crosswalk of a file: the one it names, else an approved one for its layout.

    A draft that nobody has approved settles nothing, and stands in nobody's way: it is noted in
    `drafts` and recalled if the file cannot be read without it.
    """
    layout = layout_of(file.sheet)
    name = file.entry.crosswalk
    if name is None:
        fitting = {
            key: crosswalk
            for key, crosswalk in crosswalks.items()
            if crosswalk.layout == layout and crosswalk.questionnaire == file.entry.questionnaire
        }
        approved = [key for key, crosswalk in fitting.items() if crosswalk.approved]
        if not approved:
            for key in fitting:
                drafts[file.entry.file] = key
            return None
        name = approved[0]
    crosswalk = crosswalks.get(name)
    if crosswalk is None:
        problems.add(
            "missing_file",
            "找不到对照表，或对照表本身有误",
            file=name,
            expected=f"{file.entry.file} 的对照表",
            remedy="放入 crosswalks 文件夹，或从 evaluation.yaml 删去引用",
        )
        return None
    if crosswalk.layout != layout or crosswalk.questionnaire != file.entry.questionnaire:
        problems.add(
            "crosswalk_of_another_layout",
            "对照表不是为这个文件的列布局制作的",
            file=file.entry.file,
            expected=f"布局 {crosswalk.layout}，问卷 {crosswalk.questionnaire}（{name}）",
            found=f"布局 {layout}，问卷 {file.entry.questionnaire}",
            remedy="删去该引用，运行 evalkit check 重新起草",
        )
        return None
    if not crosswalk.approved:
        _not_approved(name, problems)
    return crosswalk


def remind_of_drafts(loaded: Loaded, problems: Problems) -> None:
    """Recall the unapproved drafts that would settle some file's problems."""
    troubled = {p.file for p in problems if p.code in DRAFTABLE}
    for name in sorted({name for file, name in loaded.drafts.items() if file in troubled}):
        _not_approved(name, problems)


def _not_approved(name: str, problems: Problems) -> None:
    problems.add(
        "crosswalk_not_approved",
        "对照表还没有批准，不能据此计分",
        file=name,
        key="approved",
        expected="true",
        found="false",
        remedy="逐列核对后改为 approved: true",
    )


def _draft_id(file: ReadFile) -> str:
    parts = [file.wave, file.entry.questionnaire, file.entry.group or ""]
    return "-".join(part for part in parts if part)


def _previous(loaded: Loaded, file: ReadFile) -> ReadFile | None:
    """Return the last wave's file of the same questionnaire and rater group."""
    earlier = [
        other
        for other in loaded.files
        if other.wave < file.wave
        and other.entry.questionnaire == file.entry.questionnaire
        and other.entry.group == file.entry.group
    ]
    return earlier[-1] if earlier else None


def layout_changes_of(loaded: Loaded) -> dict[str, tuple[str, ...]]:
    """Say, by file, what changed in its layout against the last wave's."""
    found = {}
    for file in loaded.files:
        previous = _previous(loaded, file)
        if previous is not None:
            changes = layout_changes.compare(
                previous.sheet,
                file.sheet,
                previous_codebook=previous.codebook,
                codebook=file.codebook,
            )
            if changes:
                found[file.entry.file] = tuple(change.detail for change in changes)
    return found
