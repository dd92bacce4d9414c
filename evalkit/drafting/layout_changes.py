"""What changed in a later wave's file against the last one, for the analyst: sentences and notes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Literal

from evalkit.codes import NoteCode
from evalkit.definitions.text import bare_option, question_key
from evalkit.drafting.likeness import Pairing, pair
from evalkit.drafting.option_changes import lettered, regrouped, with_option_columns
from evalkit.drafting.questions import Meaning, Question, questions, tally
from evalkit.errors import Note
from evalkit.personal import heading_shown
from evalkit.platforms import Codebook, RawSheet

ChangeKind = Literal[
    "added",
    "removed",
    "renumbered",
    "reworded",
    "recoded",
    "reversed",
    "merged",
    "split",
    "options_changed",
    "exported_otherwise",
]
_CODES: Mapping[ChangeKind, NoteCode] = {
    "added": NoteCode.QUESTION_ADDED,
    "removed": NoteCode.QUESTION_DROPPED,
    "renumbered": NoteCode.QUESTION_MOVED,
    "reworded": NoteCode.QUESTION_REWORDED,
    "recoded": NoteCode.OPTIONS_RECODED,
    "reversed": NoteCode.OPTIONS_REVERSED,
    "merged": NoteCode.OPTIONS_MERGED,
    "split": NoteCode.OPTIONS_SPLIT,
    "options_changed": NoteCode.OPTIONS_CHANGED,
    "exported_otherwise": NoteCode.EXPORTED_OTHERWISE,
}

EXPECTED_ROWS = 7.0
"""An option counts as new or gone only if, at its share in the other wave, at least this many
rows had it: by chance alone none has it in exp(-7) < 0.1% of such cases. Rarer ones are left to
the import, which reports every value that no option explains."""

CLOSED_ANSWERS = 20
"""Questions with more different answers than this are open: their answers are not options."""

REVERSED_APART, REVERSED_NEAR = 0.25, 0.20
"""Numbers are suspected to run backwards where the answers' distribution moved by more than the
first (total variation), and is nearer than the second to its mirror image. Between the two waves
of the Kansas City survey no scale moved by more than 0.16; with one wave turned round, 64 of its
145 scales are suspected, the others being nearly symmetric."""

LEAST_ROWS = 30
"""Fewer answers than this say nothing about the shape of a distribution."""

MOST_NAMED = 6
"""More options than this are counted, not named."""


@dataclass(frozen=True, slots=True)
class Change:
    """One difference between two waves' files.

    Attributes
    ----------
    old, new : str or None
        The question in the last and in this wave's file; None where it has none.
    detail : str
        The sentence an analyst reads in a crosswalk, in Chinese.
    facts : dict
        What its note speaks of: the question, and what stands before and after where that is
        neither `old` nor `new`.
    """

    kind: ChangeKind
    old: str | None
    new: str | None
    detail: str
    facts: Mapping[str, object] = field(default_factory=dict, compare=False)

    def noted(self, file: str, previous: str) -> Note:
        """Return the change as a note on this wave's file, beside the last wave's."""
        facts = {"previous": previous, "before": self.old, "after": self.new, **self.facts}
        return Note(_CODES[self.kind], file, facts=facts)


def compare(
    previous: RawSheet,
    sheet: RawSheet,
    *,
    previous_codebook: Codebook | None = None,
    codebook: Codebook | None = None,
) -> tuple[Change, ...]:
    """Tell what was added, removed, renumbered, reworded, re-coded or reversed between waves.

    Parameters
    ----------
    previous, sheet : RawSheet
        The last wave's file and this wave's.
    previous_codebook, codebook : Codebook or None
        Labels of the numbers in either file; without them, numbers are compared as such.

    Returns
    -------
    tuple of Change
        In the order of this wave's file; what was removed comes last.
    """
    previous, sheet = with_option_columns(previous), with_option_columns(sheet)
    old_cells, new_cells = tally(previous), tally(sheet)
    before = questions(previous, old_cells, meaning_of(previous), previous_codebook)
    after = questions(sheet, new_cells, meaning_of(sheet), codebook)
    pairs = paired(before, after)
    olds = {p.right: before[p.left] for p in pairs}
    changes = list(_variant_change(previous, sheet))
    stems_told: set[tuple[str, str]] = set()
    for at, new in enumerate(after):
        old = olds.get(at)
        if old is None:
            detail = f"新增{new.name}（{new.first.letters} 列）"
            changes.append(Change("added", None, new.name, detail))
            continue
        changes += _reworded(old, new, stems_told)
        changes += _recoded(old, new)
        changes += _options_changed(old, new)
    both = [(olds[at], new) for at, new in enumerate(after) if at in olds]
    changes += _renumbered(both)
    changes += _moved([pair for pair in both if None in [q.profile.number for q in pair]])
    kept = {p.left for p in pairs}
    changes += [
        Change("removed", old.name, None, f"取消{old.name}（原 {old.first.letters} 列）")
        for at, old in enumerate(before)
        if at not in kept
    ]
    return tuple(changes)


def paired(before: Sequence[Question], after: Sequence[Question]) -> tuple[Pairing, ...]:
    """Return which question of one file is which of the other."""
    pairings, _ = pair([old.profile for old in before], [new.profile for new in after])
    return pairings


def meaning_of(sheet: RawSheet) -> Meaning:
    """Return what a sheet's cells say; where it is not known they are taken at their word."""
    meanings: dict[str | None, Meaning] = {"number": "number", "score": "score"}
    return meanings.get(sheet.variant, "text")


def _variant_change(previous: RawSheet, sheet: RawSheet) -> Iterator[Change]:
    names = {"text": "按文本", "number": "按序号", "score": "按分数"}
    old, new = previous.variant, sheet.variant
    if old is not None and new is not None and old != new:
        detail = f"上一批次{names[old]}导出，本次{names[new]}导出；选项没有对照时不作比较"
        yield Change("exported_otherwise", names[old], names[new], detail)


def _reworded(old: Question, new: Question, stems_told: set[tuple[str, str]]) -> Iterator[Change]:
    stems = (question_key(old.profile.stem), question_key(new.profile.stem))
    if all(stems) and stems[0] != stems[1] and stems not in stems_told:
        stems_told.add(stems)
        yield Change(
            "reworded",
            old.first.stem,
            new.first.stem,
            f"{_numbered(new)}的总题干由“{old.first.stem}”改为“{new.first.stem}”",
            {"question": _numbered(new)},
        )
    texts = (old.profile.texts[:1], new.profile.texts[:1])
    if all(texts) and question_key(texts[0][0]) != question_key(texts[1][0]):
        before, after = old.text, new.text
        detail = f"{_numbered(new)}的题干由“{before}”改为“{after}”"
        yield Change("reworded", before, after, detail, {"question": _numbered(new)})


def _numbered(question: Question) -> str:
    number = question.profile.number
    return f"{question.first.letters} 列" if number is None else f"第 {number} 题"


def _renumbered(pairs: Sequence[tuple[Question, Question]]) -> Iterator[Change]:
    """Tell new question numbers; questions that moved together are told together."""
    moved: dict[tuple[int, int], Question] = {}
    for old, new in pairs:
        numbers = (old.profile.number, new.profile.number)
        if numbers[0] is not None and numbers[1] is not None and numbers[0] != numbers[1]:
            moved.setdefault((numbers[0], numbers[1]), new)
    runs: list[list[tuple[int, int]]] = []
    for numbers in sorted(moved):
        last = runs[-1][-1] if runs else None
        together = last is not None and numbers[0] - last[0] == numbers[1] - last[1] == 1
        if together:
            runs[-1].append(numbers)
        else:
            runs.append([numbers])
    for run in runs:
        (old_first, new_first), (old_last, new_last) = run[0], run[-1]
        if len(run) == 1:
            text = moved[run[0]].text
            detail = f"原第 {old_first} 题改为第 {new_first} 题：“{text}”"
            places = [f"第 {number} 题" for number in run[0]]
            facts = {"question": f"“{text}”", "before": places[0], "after": places[1]}
            yield Change("renumbered", str(old_first), str(new_first), detail, facts)
        else:
            was, is_now = f"{old_first}-{old_last}", f"{new_first}-{new_last}"
            detail = f"原第 {was} 题依次改为第 {is_now} 题"
            facts = {
                "question": f"{len(run)} 道题", "before": f"第 {was} 题", "after": f"第 {is_now} 题",
            }  # fmt: skip
            yield Change("renumbered", was, is_now, detail, facts)


def _moved(pairs: Sequence[tuple[Question, Question]]) -> Iterator[Change]:
    """Tell questions without numbers that stand elsewhere among the others: as few as explain it."""
    kept: list[list[tuple[Question, Question]]] = []
    for old, new in pairs:
        before = [run for run in kept if run[-1][0].first.position < old.first.position]
        kept.append([*max(before, key=len, default=[]), (old, new)])
    stay = {new.first.position for _, new in max(kept, key=len, default=[])}
    for old, new in pairs:
        if new.first.position not in stay:
            was, is_now = (f"{question.first.letters} 列" for question in (old, new))
            detail = f"“{new.text}”由 {was}移到 {is_now}"
            yield Change("renumbered", was, is_now, detail, {"question": f"“{new.text}”"})


def _recoded(old: Question, new: Question) -> Iterator[Change]:
    before, after = (_numbers(question) for question in (old, new))
    if before and after:
        common = [label for label in before if label in after]
        codes = [(label, *before[label], *after[label]) for label in common]
        moved = [(was, is_now) for _, _, was, _, is_now in codes]
        if all(was == is_now for was, is_now in moved):
            return
        listed = "、".join(f"{shown} {was}→{is_now}" for _, _, was, shown, is_now in codes)
        backwards = runs_backwards(moved)
        facts = {
            "question": new.name,
            "before": "、".join(f"{shown} {was}" for _, _, was, shown, _ in codes),
            "after": "、".join(f"{shown} {is_now}" for _, _, _, shown, is_now in codes),
            "suspected": False,
        }
        how = "与上一批次方向相反" if backwards else "与上一批次不同"
        detail = f"{new.name}的选项序号{how}：{listed}"
        yield Change("reversed" if backwards else "recoded", old.name, new.name, detail, facts)
    elif old.meaning == new.meaning and _seems_reversed(old.profile.values, new.profile.values):
        detail = (
            f"{new.name}的答案分布与上一批次几乎互为镜像，疑似选项序号方向相反；"
            "请对照问卷，或加上按文本导出的文件作 codebook"
        )
        facts = {
            "question": new.name,
            "before": _distribution(old.profile.values),
            "after": _distribution(new.profile.values),
            "suspected": True,
        }
        yield Change("reversed", old.name, new.name, detail, facts)


def _numbers(question: Question) -> dict[str, tuple[str, str]]:
    """Return by label how it is written and its number or letter, where the file tells."""
    if question.labels:
        return {bare_option(label): (label, code) for code, label in question.labels.items()}
    return lettered(question.counts)


def _distribution(values: Mapping[str, int]) -> str:
    total = sum(values.values())
    return "、".join(f"{value} 占 {n / total:.0%}" for value, n in sorted(values.items()))


def runs_backwards(codes: Sequence[tuple[str, str]]) -> bool:
    """Tell whether two numberings of the same labels run in opposite directions."""
    if len(codes) < 2:
        return False
    if all(a.isdecimal() and b.isdecimal() for a, b in codes):
        places = [(int(a), int(b)) for a, b in codes]
    elif all(len(a) == len(b) == 1 and a.isalpha() and b.isalpha() for a, b in codes):
        places = [(ord(a), ord(b)) for a, b in codes]
    else:
        return False
    ordered = [after for _, after in sorted(places)]
    return all(low > high for low, high in pairwise(ordered))


def _seems_reversed(old: Mapping[str, int], new: Mapping[str, int]) -> bool:
    shares = _shares(old), _shares(new)
    scale = _scale({*old, *new})
    if len(scale) < 3 or min(sum(old.values()), sum(new.values())) < LEAST_ROWS:
        return False
    mirror = dict(zip(scale, reversed(scale), strict=True))
    mirrored = {mirror.get(value, value): share for value, share in shares[1].items()}
    apart, near = total_variation(shares[0], shares[1]), total_variation(shares[0], mirrored)
    return apart > REVERSED_APART and near < REVERSED_NEAR


def _scale(values: set[str]) -> list[str]:
    """Return the numbers that follow one another from the smallest on, e.g. 1 to 5 beside 9."""
    numbers = sorted(int(value) for value in values if value.isdecimal())
    scale = numbers[:1]
    for number in numbers[1:]:
        if number != scale[-1] + 1:
            break
        scale.append(number)
    return [str(number) for number in scale]


def _shares(values: Mapping[str, int]) -> dict[str, float]:
    total = sum(values.values())
    return {value: count / total for value, count in values.items()}


def total_variation(one: Mapping[str, float], other: Mapping[str, float]) -> float:
    """Return half the summed difference of two distributions, 0 to 1."""
    return sum(abs(one.get(v, 0.0) - other.get(v, 0.0)) for v in {*one, *other}) / 2


def _options_changed(old: Question, new: Question) -> Iterator[Change]:
    shares: tuple[dict[str, float], dict[str, float]] = ({}, {})
    if old.spread and new.spread:
        before = {bare_option(c.option or ""): c.option or "" for c in old.columns}
        after = {bare_option(c.option or ""): c.option or "" for c in new.columns}
    elif old.meaning != new.meaning:
        return
    else:
        kinds = {old.profile.kind, new.profile.kind}
        if new.profile.kind == "text" or ((old.spread or new.spread) and kinds != {"multiple"}):
            return
        values = _by_option(old), _by_option(new)
        if not all(0 < len(v) <= CLOSED_ANSWERS and sum(v.values()) for v in values):
            return
        if "multiple" not in kinds:
            shares = _shares(values[0]), _shares(values[1])
        before, after = _shown(old), _shown(new)
        gone, come = _expected_elsewhere(*values), _expected_elsewhere(*reversed(values))
        before = {key: text for key, text in before.items() if key in after or key in gone}
        after = {key: text for key, text in after.items() if key in before or key in come}
    removed = {key: text for key, text in before.items() if key not in after}
    added = {key: text for key, text in after.items() if key not in before}
    if removed or added:
        listed = (_listed([*removed.values()]), _listed([*added.values()]))
        parts = [
            f"{verb}{texts}"
            for verb, texts in zip(("不再出现 ", "新出现 "), listed, strict=True)
            if texts
        ]
        detail = f"{new.name}的选项：{'；'.join(parts)}"
        kind = regrouped(removed, added, *shares) or "options_changed"
        facts = {
            "question": new.name, "changes": "；".join(parts),
        }  # fmt: skip
        yield Change(kind, *listed, detail, facts)


def _by_option(question: Question) -> dict[str, int]:
    """Return how many rows have each option, whatever letters or points stand around it."""
    counts: dict[str, int] = {}
    seen = question.counts if question.spread else question.profile.values
    for value, count in seen.items():
        key = bare_option(value)
        counts[key] = counts.get(key, 0) + count
    return counts


def _shown(question: Question) -> dict[str, str]:
    return {
        bare_option(question.labels.get(value, value)): question.labels.get(value, value)
        for value in question.counts
    }


def _expected_elsewhere(here: Mapping[str, int], there: Mapping[str, int]) -> set[str]:
    """Return the answers of one wave that the other should have had too, at the same share."""
    ratio = sum(there.values()) / sum(here.values())
    return {value for value, count in here.items() if count * ratio >= EXPECTED_ROWS}


def _listed(texts: Sequence[str]) -> str | None:
    if not texts:
        return None
    more = f" 等 {len(texts)} 个" if len(texts) > MOST_NAMED else ""
    return "、".join(f"“{heading_shown(text)}”" for text in texts[:MOST_NAMED]) + more
