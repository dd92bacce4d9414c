"""Through which crosswalk a file is read, and drafts of those that are missing."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from evalkit.definitions.crosswalk import UNDECIDED, Crosswalk
from evalkit.definitions.evaluation import ResponseFile
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.drafting import drafting, layout_changes, ledgers
from evalkit.errors import Note, Problems
from evalkit.folder.documents import ReadDocuments
from evalkit.folder.loaded import Loaded, ReadFile
from evalkit.intake.importing import Source
from evalkit.intake.ledgers import LedgerSource
from evalkit.platforms import fingerprint as layout_of
from evalkit.platforms import fingerprints as layouts_of
from evalkit.problems.keeping import disk_failed

DRAFTABLE = frozenset(
    {
        "missing_column",
        "ambiguous_column",
        "unknown_option",
        "no_number",
        "unknown_mark",
        "unknown_option_column",
        "label_without_option",
        "unclear_variant",
        "unmatched_subject",
        "record_column_missing",
        "record_column_twice",
        "value_unknown",
    }
)
"""Problems of a file that a crosswalk can settle."""

TO_APPROVE = "# 逐列核对，把每个 ? 改成决定之后，去掉下一行开头的 #，就是批准：\n# approved: true\n"
"""How a draft begins: the line that somebody is asked to make count."""


def sources_of(loaded: Loaded, read: ReadDocuments, problems: Problems) -> dict[str, list[Source]]:
    """Pair every file with its questionnaire and its crosswalk, by wave; note them in `loaded`."""
    sources: dict[str, list[Source]] = {wave.id: [] for wave in read.order.waves if wave.answers}
    for file in loaded.files:
        questionnaire = loaded.questionnaires.get(file.entry.questionnaire or "")
        if questionnaire is None:
            continue
        crosswalk = _crosswalk_for(file, read.crosswalks, loaded.drafts, problems)
        if crosswalk is not None:
            loaded.crosswalks[file.entry.file] = crosswalk
        sources[file.wave].append(
            Source(file.entry, file.sheet, questionnaire, crosswalk, file.codebook)
        )
    return sources


def ledger_sources(
    loaded: Loaded, read: ReadDocuments, problems: Problems
) -> dict[str, list[LedgerSource]]:
    """Pair every file of records with its ledger and its crosswalk, by wave."""
    sources: dict[str, list[LedgerSource]] = {}
    for file in loaded.files:
        ledger = read.ledgers.get(file.entry.ledger or "")
        if ledger is None:
            continue
        crosswalk = _crosswalk_for(file, read.crosswalks, loaded.drafts, problems)
        if crosswalk is not None:
            loaded.crosswalks[file.entry.file] = crosswalk
        sources.setdefault(file.wave, []).append(
            LedgerSource(file.entry, file.sheet, ledger, crosswalk)
        )
    return sources


def _crosswalk_for(
    file: ReadFile, crosswalks: Mapping[str, Crosswalk], drafts: dict[str, str], problems: Problems
) -> Crosswalk | None:
    """Find the crosswalk of a file: the one it names, else an approved one for its layout.

    A draft that nobody has approved settles nothing, and stands in nobody's way: it is noted in
    `drafts` and recalled if the file cannot be read without it.
    """
    layouts = layouts_of(file.sheet)
    name = file.entry.crosswalk
    if name is None:
        fitting = {
            key: crosswalk
            for key, crosswalk in crosswalks.items()
            if crosswalk.layout in layouts and crosswalk.source == file.entry.source
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
    if crosswalk.layout not in layouts or crosswalk.source != file.entry.source:
        problems.add(
            "crosswalk_of_another_layout",
            "对照表不是为这个文件的列布局制作的",
            file=file.entry.file,
            expected=f"布局 {crosswalk.layout}，{_meant(crosswalk)}（{name}）",
            found=f"布局 {layouts[0]}，{_meant(file.entry)}",
            remedy="删去该引用，运行 evalkit check 重新起草",
        )
        return None
    if not crosswalk.approved:
        _not_approved(name, problems)
    return crosswalk


def _meant(mapped: Crosswalk | ResponseFile) -> str:
    return f"{'台账' if mapped.ledger else '问卷'} {mapped.source}"


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
        found="没有这一行，或写的是 false",
        remedy="逐列核对，把每个 ? 改成决定，再去掉文件开头 # approved: true 的 #；没有这一行就写上 approved: true",
    )


def write_drafts(root: Path, loaded: Loaded, problems: Problems) -> tuple[str, ...]:
    """Write a crosswalk draft for every file whose problems a crosswalk can settle.

    Where none can be written, that is one more problem, and stands in no other's way.
    """
    written = []
    for name, drafted in _drafted(root, loaded, problems):
        path = root / name
        try:
            path.parent.mkdir(exist_ok=True)
            path.write_text(TO_APPROVE + dump_yaml(drafted), encoding="utf-8")
        except OSError as error:
            with suppress(OSError):  # what is half written would be taken for somebody's own
                path.unlink(missing_ok=True)
            problems.collect(disk_failed(error))
            break
        written.append(name)
    return tuple(written)


def _drafted(root: Path, loaded: Loaded, problems: Problems) -> Iterator[tuple[str, Crosswalk]]:
    """Yield the drafts that lack, each with its path."""
    troubled = {p.file for p in problems if p.code in DRAFTABLE}
    for file in loaded.files:
        questionnaire = loaded.questionnaires.get(file.entry.questionnaire or "")
        name = f"crosswalks/{_draft_id(file)}.yaml"
        ledger = loaded.ledgers.get(file.entry.ledger or "")
        if file.entry.file not in troubled or (root / name).exists():
            continue
        if ledger is not None:
            own = [problem for problem in problems if problem.file == file.entry.file]
            layout, code = layout_of(file.sheet), _draft_id(file)
            yield (
                name,
                ledgers.draft(file.sheet, ledger, crosswalk_id=code, layout=layout, problems=own),
            )
            continue
        if questionnaire is None:
            continue
        previous = loaded.previous(file)
        drafted = drafting.draft(
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
        named = drafted.subjects | dict.fromkeys(unmatched, UNDECIDED)
        yield name, drafted.model_copy(update={"subjects": named})


def _draft_id(file: ReadFile) -> str:
    parts = [file.wave, file.entry.source, file.entry.group or ""]
    return "-".join(part for part in parts if part)


def layout_changes_of(loaded: Loaded) -> dict[str, tuple[Note, ...]]:
    """Note, by file, what changed in it against the last wave's, on whatever platforms.

    What one of several files of the last wave had as it is now did not change. Of records the door
    itself tells every column and every value that the ledger does not declare.
    """
    found = {}
    for file in loaded.files:
        if file.entry.ledger is not None:
            continue
        told: dict[tuple[str, str | None, str | None], Note] = {}
        for at, previous in enumerate(loaded.all_previous(file)):
            changes = layout_changes.compare(
                previous.sheet,
                file.sheet,
                previous_codebook=previous.codebook,
                codebook=file.codebook,
            )
            own = {
                (change.kind, change.old, change.new): change.noted(
                    file.entry.file, previous.entry.file
                )
                for change in changes
            }
            told = {key: note for key, note in own.items() if at == 0 or key in told}
        if told:
            found[file.entry.file] = tuple(told.values())
    return found
