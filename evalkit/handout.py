"""Questionnaires and ledgers to hand out: `Decided` in, files out, to print, import or type into."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from evalkit import assets, bookkeeping
from evalkit.answers import proposing
from evalkit.answers.event_log import (
    ACTIVITY,
    CASE,
    GROUP,
    MOMENT,
    TRANSITION,
    are_public,
    event_log,
)
from evalkit.definitions import workbook
from evalkit.definitions.decided import Decided
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.loading import load_ledger
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.units import Units
from evalkit.errors import Problems
from evalkit.files.writing import inert
from evalkit.forms import Target, entry, ledger_entry, proposal, wenjuanxing, xlsform
from evalkit.inputs import Inputs
from evalkit.pages import form
from evalkit.problems.evaluation import unknown_wave
from evalkit.problems.ledgers import list_incomplete, no_records, no_states

__all__ = [
    "Exported",
    "Handout",
    "Target",
    "hand_out",
    "hand_out_events",
    "hand_out_ledger",
    "hand_out_matches",
]


@dataclass(frozen=True, slots=True)
class Handout:
    """One file to hand out.

    Attributes
    ----------
    name : str
        Of the file, unique among those made together.
    by_hand : tuple of str
        What is left to do by hand where it is used.
    """

    name: str
    content: bytes
    by_hand: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Exported:
    """Questionnaires that were written, and what is left to do by hand, by file."""

    files: tuple[Path, ...]
    by_hand: Mapping[Path, tuple[str, ...]]


def hand_out(
    decided: Decided,
    to: Target,
    *,
    questionnaire: str | None = None,
    subject: str | None = None,
) -> tuple[Handout, ...]:
    """Make questionnaires into what is printed, imported elsewhere, or typed into.

    Parameters
    ----------
    decided : Decided
    to : Target
    questionnaire : str or None
        Id of one questionnaire; None for all.
    subject : str or None
        Id of the committee whose name a paper form (`Target.PDF`) shows.

    Raises
    ------
    InputErrors
        If there is no such questionnaire or subject, or two files would have one name.
    RenderError
        If a paper form could not be made as it should be.
    """
    problems = Problems()
    chosen = _chosen(decided, questionnaire, subject, problems)
    problems.raise_if_any()
    made: dict[str, Handout] = {}
    for one in chosen:
        for handout in _forms(decided, one, to, subject):
            if handout.name in made:
                problems.add(
                    "colliding_files",
                    "两份问卷会写成同一个文件",
                    file=handout.name,
                    key=one.id,
                    remedy="改其中一份问卷的 id，或用 --questionnaire 逐份导出",
                )
            made[handout.name] = handout
    problems.raise_if_any()
    return tuple(made.values())


def hand_out_ledger(decided: Decided, ledger_id: str) -> tuple[Handout, ...]:
    """Make a ledger into its document as a workbook and an empty sheet for typing its records.

    Parameters
    ----------
    decided : Decided
    ledger_id : str
        One of the folder's own ledgers, or a shipped one.

    Raises
    ------
    InputErrors
        If there is no such ledger.
    """
    problems = Problems()
    ledger = decided.ledgers.get(ledger_id)
    if ledger is None and ledger_id in assets.ledgers():
        ledger = _shipped(ledger_id)
    if ledger is None:
        problems.add(
            "unknown_ledger",
            "没有这份台账",
            key="ID",
            expected="、".join(dict.fromkeys((*decided.ledgers, *assets.ledgers()))),
            found=ledger_id,
            remedy="改用已有的台账代码，或把台账放进 ledgers/",
        )
    problems.raise_if_any()
    assert ledger is not None
    return (
        Handout(f"{ledger.id}.xlsx", workbook.as_workbook(ledger)),
        Handout(f"{ledger.id}-entry.xlsx", ledger_entry.workbook(ledger, _present(decided))),
    )


def hand_out_matches(inputs: Inputs, wave: str | None = None) -> tuple[Handout, ...]:
    """Make what could meet the open needs of a wave, and what nothing meets, for a person to approve.

    Parameters
    ----------
    inputs : Inputs
    wave : str or None
        The latest one that has records, if None.

    Raises
    ------
    InputErrors
        With every problem of the records, and where a list is missing.
    """
    decided, problems = inputs.decided, Problems()
    known = sorted(inputs.records)
    if not known or (wave is not None and wave not in known):
        problems.collect(unknown_wave(wave, known))
    problems.raise_if_any()
    wave = wave or known[-1]
    found = bookkeeping.read(decided, inputs.records, [wave], problems)[0][wave]
    for name, columns in proposing.NEEDED.items():
        if name not in found:
            problems.collect(list_incomplete(wave, name, "文件"))
        for column in (c for c in columns if name in found and c not in found[name].table):
            problems.collect(list_incomplete(wave, name, f"这一列：{column}"))
    problems.raise_if_any()
    ledger = decided.ledgers.get(proposing.MATCHES) or _shipped(proposing.MATCHES)
    made = proposing.propose(found, decided.ledgers, decided.roster)
    word = decided.order.subject_word
    return (
        Handout(
            "matches-proposal.csv",
            proposal.matches(made, decided.roster, ledger, word),
            proposal.by_hand(made),
        ),
        Handout("needs-unmet.csv", proposal.unmet(made, decided.roster, word)),
    )


def _shipped(ledger_id: str) -> Ledger:
    found = load_ledger(assets.ledger(ledger_id), f"{ledger_id}.yaml", Problems())
    assert found is not None
    return found


def hand_out_events(
    decided: Decided, records: bookkeeping.Sources, ledger_id: str, wave: str
) -> tuple[Handout, ...]:
    """Make the records of a wave into events for process mining, and say what the file is not for.

    Parameters
    ----------
    decided : Decided
    records : dict of wave id to LedgerSource
        Files of ledgers' records.
    ledger_id, wave : str
        A ledger with states, and a wave for which it has files.

    Raises
    ------
    InputErrors
        If there is no such ledger or wave, or the ledger has no states; with all problems of the
        files.
    """
    problems = Problems()
    ledger = decided.ledgers.get(ledger_id)
    waves = [w for w, own in records.items() if any(s.ledger.id == ledger_id for s in own)]
    if ledger is None or wave not in waves:
        problems.collect(no_records(ledger_id, wave, waves))
    elif not ledger.loops:
        problems.collect(no_states(ledger_id))
    problems.raise_if_any()
    assert ledger is not None
    found, _ = bookkeeping.read(decided, {wave: records[wave]}, [wave], problems)
    problems.raise_if_any()
    own = found[wave][ledger_id]
    events, untimed = event_log(own, ledger, decided)
    safe = events.map(inert)
    name = f"{ledger_id}-{wave}-events"
    public = are_public(own.table, ledger)
    said = _of_events(ledger, len(events), untimed, events[CASE].nunique(), public)
    return (
        Handout(
            f"{name}.csv", safe.to_csv(index=False, lineterminator="\r\n").encode(), (said[0],)
        ),
        Handout(f"{name}.txt", "\r\n".join((*said, "")).encode("utf-8-sig")),
    )


def _of_events(
    ledger: Ledger, events: int, untimed: int, cases: int, public: bool
) -> tuple[str, ...]:
    """Say what a file of events is, and what must not be done with it."""
    keys = "台账写明编号不涉及个人，照原样给出" if public else "换成流水号"
    if ledger.keys_public and not public:
        keys = "台账写明编号不涉及个人，但有的像证件号、电话，一律换成流水号"
    return (
        "内部研究用，不得转交，不得公布：一行是一件事走到一个环节的时间，知情的人可能认出是谁的事。",
        f"《{ledger.title}》：{cases:,} 件、{events:,} 次流转；没有时间的 {untimed:,} 次不在其中。",
        f"列名按 XES（IEEE 1849）的约定：{CASE} 是哪一件（{keys}），{ACTIVITY} 是到了哪个环节，"
        f"{MOMENT} 是什么时候（北京时间），{TRANSITION} 一律为 complete，{GROUP} 是由谁办理。",
        f"办理的记录不足 {ledger.minimum_n} 件的，{GROUP} 空着；为免由相减推出，可能多空几个。",
        "没有人名、电话、地址，也没有评价的内容。钟点是 00:00:00 的，可能只登记了日期。",
        "引用结果时只报汇总数，少于最少条数的不报。",
    )


def _chosen(
    decided: Decided, questionnaire: str | None, subject: str | None, problems: Problems
) -> list[Questionnaire]:
    """Return the questionnaires that are meant; collect what is not there."""
    known = decided.questionnaires
    if questionnaire is not None and questionnaire not in known:
        problems.add(
            "unknown_questionnaire",
            "没有这份问卷",
            key="--questionnaire",
            expected="、".join(known),
            found=questionnaire,
            remedy="改用已有的问卷 id",
        )
    subjects = [one.id for one in _present(decided)]
    if subject is not None and subject not in subjects:
        problems.add(
            "unknown_subject",
            f"最近批次没有这个{decided.order.subject_word}",
            file=decided.order.roster,
            key="--subject",
            expected="、".join(subjects)[:200],
            found=subject,
            remedy="改用名册中的 id",
        )
    return [one for one in known.values() if questionnaire in (None, one.id)]


def _present(decided: Decided) -> list[Subject]:
    """Return the subjects of the latest wave, in roster order."""
    wave = decided.order.waves[-1].id
    return list(Units.of(decided.roster).present(wave))


def _forms(
    decided: Decided, questionnaire: Questionnaire, to: Target, subject: str | None
) -> Iterator[Handout]:
    """Yield what a questionnaire becomes."""
    subjects, name = _present(decided), questionnaire.id
    if to is Target.PDF:
        named = next((one for one in subjects if one.id == subject), None)
        pressed = form.press(questionnaire, decided.order, named)
        yield Handout(pressed.path, pressed.pdf)
    elif to is Target.WENJUANXING:
        text = wenjuanxing.text(questionnaire, subjects)
        yield Handout(f"{name}.txt", text.encode(), wenjuanxing.by_hand(questionnaire))
    elif to is Target.XLSFORM:
        content = xlsform.workbook(questionnaire, subjects)
        yield Handout(f"{name}-xlsform.xlsx", content, xlsform.by_hand(questionnaire))
    else:
        yield Handout(f"{name}.xlsx", workbook.as_workbook(questionnaire))
        yield Handout(f"{name}-entry.xlsx", entry.workbook(questionnaire, subjects))
