"""Every row of every file of a wave: kept with its answers, or rejected by one reason.

The first reason that applies counts, in the order in which `rejection` tries them. What stands in
a cell becomes an option's code or a state: answered, skipped, empty, dont_know, refused,
not_applicable, invalid (the crosswalk says so) or not_asked (no such column).
"""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from functools import cache, cached_property
from statistics import median
from typing import Any

import numpy as np
import opencc
import pandas as pd

from tests.recomputation.documents import Plain, Street
from tests.recomputation.exports import Columns, Grid, bare, columns, grid, same
from tests.recomputation.raking import Raking, raked

SUFFIXES = (
    "社区居民委员会", "居民委员会", "社区居委会", "居民区", "居委会", "社区", "小区",
)  # fmt: skip
FOOTERS = ("合计", "总计", "小计", "平均", "总数")
MARKS = {
    "(跳过)": "skipped",
    "（跳过）": "skipped",
    "": "empty",
    "(空)": "empty",
    "（空）": "empty",
}
NUMBER_MARKS = {"-3": "skipped", "-2": "empty"}

_SIMPLER = opencc.OpenCC("t2s")
_BESIDE = re.compile(r"〖[^〗]*〗")


@dataclass(frozen=True)
class Rows:
    """What became of a wave's rows (see the package's docstring)."""

    wave: str
    kept: pd.DataFrame
    states: pd.DataFrame
    rejected: pd.DataFrame
    read_rows: dict[str, int]
    raking: dict[str, Raking] = field(default_factory=dict)

    @cached_property
    def by_cell(self) -> dict[tuple[str, str], pd.DataFrame]:
        """Rater group and subject -> its kept rows."""
        return {(str(g), str(s)): own for (g, s), own in self.kept.groupby(["group", "subject"])}

    @property
    def rejected_by_reason(self) -> dict[str, dict[str, int]]:
        """File -> reason -> count."""
        counts: dict[str, dict[str, int]] = {file: {} for file in self.read_rows}
        for file, reason in zip(self.rejected["file"], self.rejected["reason"], strict=True):
            counts[file][reason] = counts[file].get(reason, 0) + 1
        return counts


def read(street: Street, wave: str) -> Rows:
    """Read all files of a wave, and weight the rows where the street has margins."""
    kept: list[Plain] = []
    states: list[Plain] = []
    rejected: list[tuple[str, int, str]] = []
    read_rows: dict[str, int] = {}
    for entry in street.wave(wave)["files"]:
        given = grid(street.folder / entry["file"])
        reader = _File(street, street.wave(wave), entry, given)
        read_rows[entry["file"]] = len(given.rows)
        for number in given.rows:
            reason = reader.rejection(number)
            if reason is not None:
                rejected.append((entry["file"], number, reason))
            else:
                kept.append(reader.person(number) | reader.codes(number))
                states.append(reader.states(number))
    frame = pd.DataFrame(kept)
    weights, raking = raked(street, wave, frame)
    frame["weight"] = weights
    return Rows(
        wave,
        frame,
        pd.DataFrame(states).fillna("not_asked"),
        pd.DataFrame(rejected, columns=["file", "row", "reason"]),
        read_rows,
        raking,
    )


@cache
def simpler(name: str) -> str:
    """A name as it is told from others: simplified characters, one spelling."""
    return same(_SIMPLER.convert(name))


def name_key(name: str) -> str:
    """A committee's name as it is compared: simplified characters, without 居民区 and the like."""
    key = same(_SIMPLER.convert(name))
    for suffix in SUFFIXES:
        if key.endswith(suffix) and key != suffix:
            return key.removesuffix(suffix)
    return key


def seconds(text: str) -> float | None:
    """Return 136 for ``136秒`` and for ``2分16秒``."""
    match = re.fullmatch(r"(?:(\d+)分)?(\d+)秒", text)
    return None if match is None else 60.0 * int(match[1] or 0) + float(match[2])


class _File:
    """One file with what is needed to understand its rows."""

    def __init__(self, street: Street, wave: Plain, entry: Plain, given: Grid) -> None:
        self.street, self.wave, self.entry, self.given = street, wave, entry, given
        self.questionnaire = street.questionnaires[entry["questionnaire"]]
        self.crosswalk = _crosswalk(street, entry, given)
        self.columns = columns(given, self.questionnaire, self.crosswalk)
        self.reading = (
            entry["variant"]
            or (self.crosswalk or {}).get("variant")
            or _reading(given, self.columns, self.questionnaire)
        )
        self.coders = {
            item["id"]: _lookup(item, self.reading, item["id"] in self.columns.reversed)
            | self._overrides(item["id"])
            for item in self.questionnaire["items"]
        }
        self.items = {item["id"]: item for item in self.questionnaire["items"]}
        names = {name_key(n): s["id"] for s in street.roster for n in [s["name"], *s["aliases"]]}
        ids = {s["id"].casefold(): s["id"] for s in street.roster}
        subjects = (self.crosswalk or {}).get("subjects") or {}
        self.subjects = ids | names | {name_key(str(n)): s for n, s in subjects.items()}
        self._known: dict[int, dict[str, tuple[Any, str]]] = {}
        self.repeats = _repeats(given, [n for n in given.rows if self._sifted(n) is None])

    # --- which rows count -----------------------------------------------------------------

    def rejection(self, number: int) -> str | None:
        """The first reason that applies, or None."""
        reason = self._sifted(number) or self.repeats.get(number)
        if reason is not None:
            return reason
        if not self._in_period(number):
            return "outside_period"
        codes, states = self.codes(number), self.states(number)
        for item in self._with_role("screening"):
            if codes[item["id"]] in {o["code"] for o in item["options"] if o["screen_out"]}:
                return "screened_out"
        if not any(states[item["id"]] == "answered" for item in self._with_role("scored")):
            return "no_answer"
        group = self._group(number)
        if group is None:
            return "no_group"
        name = self._named(number, "subject")
        if not name:
            return "no_subject"
        subject = self.subjects.get(name_key(name))
        if subject is None:
            return "unmatched_subject"
        of = self.street.group(group)
        if of["raters"] == "rater":
            rater = self._named(number, "rater")
            if not rater:
                return "no_rater"
            if not of["rates_itself"] and self.subjects.get(name_key(rater)) == subject:
                return "self_rating"
        return None

    def _sifted(self, number: int) -> str | None:
        row, header = self.given.rows[number], self.given.header
        filled = [cell for cell in row if cell]
        if not filled:
            return "blank"
        if sum(c == h and c != "" for c, h in zip(row, header, strict=True)) > len(filled) / 2:
            return "header_row"
        if filled[0].startswith(FOOTERS) and len(filled) < max(2.0, self._usual() / 2):
            return "footer"
        sequence = self.given.platform("sequence")
        # 序号 of a table that somebody typed may be anything; a platform counts its answers.
        if sequence is not None and self.given.is_platform and not row[sequence].isdigit():
            return "malformed"
        return None

    def _usual(self) -> float:
        """How many cells a row fills in this file, in the middle."""
        if not hasattr(self, "_usually"):
            counts = [sum(1 for cell in row if cell) for row in self.given.rows.values()]
            self._usually = median([count for count in counts if count])
        return self._usually

    def _in_period(self, number: int) -> bool:
        at = self.given.platform("submitted")
        start, end = self.wave["start"], self.wave["end"]
        if start is None and end is None and re.fullmatch(r"\d{4}", self.wave["id"]):
            # A year's wave may run into the first quarter of the next.
            year = int(self.wave["id"])
            start, end = dt.date(year, 1, 1), dt.date(year + 1, 3, 31)
        day = None if at is None else _day(self.given.rows[number][at])
        if day is None:
            return True
        return (start is None or start <= day) and (end is None or day <= end)

    # --- who ------------------------------------------------------------------------------

    def person(self, number: int) -> Plain:
        group = self._group(number)
        assert group is not None
        rater = ""
        if self.street.group(group)["raters"] == "rater":
            name = self._named(number, "rater")
            # One rater under every spelling, and under every name that a crosswalk explains.
            rater = self.subjects.get(name_key(name)) or simpler(name)
        # Buildings of one name in two committees, or two groups, are two.
        own = simpler(self._named(number, "cluster")) if not rater else ""
        subject = self.subjects[name_key(self._named(number, "subject"))]
        cluster = f"{group}|{subject}|{own}" if own else ""
        row = self.given.rows[number]
        cell = {
            what: None if at is None else row[at]
            for what in ("submitted", "seconds", "device")
            for at in [self.given.platform(what)]
        }
        return {
            "file": self.entry["file"],
            "row": number,
            "questionnaire": self.questionnaire["id"],
            "group": group,
            "subject": subject,
            "rater": rater,
            "cluster": cluster,
            "weight": 1.0,
            "submitted": cell["submitted"],
            "seconds": seconds(cell["seconds"] or ""),
            "device": cell["device"],
        }

    def _group(self, number: int) -> str | None:
        if self.entry["group"] is not None:
            return str(self.entry["group"])
        (item,) = self._with_role("group")
        groups = {option["code"]: option["group"] for option in item["options"]}
        return groups.get(self.codes(number)[item["id"]])

    def _named(self, number: int, role: str) -> str:
        found = self._with_role(role)
        if not found:
            return ""
        code = self.codes(number)[found[0]["id"]]
        labels = {option["code"]: option["label"] for option in found[0]["options"]}
        return "" if not isinstance(code, str) else labels.get(code, code)

    # --- what -----------------------------------------------------------------------------

    def codes(self, number: int) -> Plain:
        return {name: code for name, (code, _) in self._coded(number).items()}

    def states(self, number: int) -> Plain:
        return {name: state for name, (_, state) in self._coded(number).items()}

    def _coded(self, number: int) -> dict[str, tuple[Any, str]]:
        if number in self._known:
            return self._known[number]
        row = self.given.rows[number]
        found = self._known[number] = {}
        for name, item in self.items.items():
            if name in self.columns.single:
                found[name] = self._answer(item, row[self.columns.single[name]])
            elif name in self.columns.spread:
                found[name] = _chosen(self.columns.spread[name], row)
            else:
                found[name] = (np.nan, "not_asked")
        return found

    def _answer(self, item: Plain, cell: str) -> tuple[Any, str]:
        marks = MARKS if self.reading == "text" else MARKS | NUMBER_MARKS
        if cell in marks:
            return np.nan, marks[cell]
        if item["kind"] == "number":
            return float(cell), "answered"
        if item["kind"] == "text" or not item["options"]:
            return cell, "answered"
        known = self.coders[item["id"]]
        parts = cell.split("┋") if item["kind"] == "multiple" else [cell]
        keys = [_BESIDE.sub("", part).strip() for part in parts]
        codes = [known[same(key) if same(key) in known else bare(key)] for key in keys]
        codes = [code for code in codes if code is not None]
        if not codes:
            return np.nan, "invalid"
        if item["kind"] == "multiple":
            return ";".join(codes), "answered"
        missing = {option["code"]: option["missing"] for option in item["options"]}
        reason = missing.get(codes[0])
        return (np.nan, reason) if reason else (codes[0], "answered")

    def _overrides(self, item: str) -> dict[str, str | None]:
        values = ((self.crosswalk or {}).get("values") or {}).get(item) or {}
        return {same(text): None if code is None else str(code) for text, code in values.items()}

    def _with_role(self, role: str) -> list[Plain]:
        return [item for item in self.questionnaire["items"] if item["role"] == role]


def _crosswalk(street: Street, entry: Plain, given: Grid) -> Plain | None:
    """The approved crosswalk that the order names, or one that was made for this very header."""
    for crosswalk in street.crosswalks:
        if entry["crosswalk"] is not None:
            if crosswalk["file"] == entry["crosswalk"]:
                return crosswalk
            continue
        header = [str(column.get("header") or "") for column in crosswalk["columns"]]
        approved = (
            crosswalk.get("approved") and crosswalk.get("questionnaire") == entry["questionnaire"]
        )
        if approved and header == given.header:
            return crosswalk
    return None


def _reading(given: Grid, where: Columns, questionnaire: Plain) -> str:
    """Whether cells hold labels, numbers or scores: the reading under which most make sense."""
    explained = {"text": 0, "number": 0, "score": 0}
    for item in questionnaire["items"]:
        if item["role"] not in ("scored", "overall") or item["kind"] != "single":
            continue
        if item["id"] not in where.single:
            continue
        cells = [row[where.single[item["id"]]] for row in given.rows.values()]
        for reading in explained:
            known = _lookup(item, reading, False)
            explained[reading] += sum(same(cell) in known for cell in cells)
    return max(explained, key=lambda reading: explained[reading])


def _lookup(item: Plain, reading: str, backwards: bool) -> dict[str, str | None]:
    """What a cell may say, and the code it means."""
    options = item["options"]
    if reading == "text":
        return {bare(o["label"]): o["code"] for o in options} | {
            same(o["label"]): o["code"] for o in options
        }
    if reading == "score":
        return {f"{o['score']:g}": o["code"] for o in options if o["score"] is not None}
    codes = [o["code"] for o in options]
    scale = [o["code"] for o in options if o["missing"] is None]
    meant = dict(zip(scale, reversed(scale), strict=True)) if backwards else {}
    return {same(code): meant.get(code, code) for code in codes}


def _chosen(options: dict[int, str], row: list[str]) -> tuple[Any, str]:
    """A multi-select with one column an option: 1 where it was chosen."""
    codes = [code for at, code in options.items() if row[at].isdigit() and int(row[at]) >= 1]
    if codes:
        return ";".join(codes), "answered"
    skipped = any((MARKS | NUMBER_MARKS).get(row[at]) == "skipped" for at in options)
    return np.nan, "skipped" if skipped else "empty"


def _repeats(given: Grid, numbers: list[int]) -> dict[int, str]:
    """Rows that agree with an earlier one in all but 序号, and that something tells from all others.

    That is a time to the second, an id, or an address and a duration: where nine in ten different
    rows have a value of their own, and most rows are different ones (or repeat with their 序号).
    """
    sequence = given.platform("sequence")
    identity = next(
        (at for at, h in enumerate(given.header) if h.casefold() in ("id", "编号", "答卷编号")),
        None,
    )
    places = {what: given.platform(what) for what in ("submitted", "seconds", "device")}

    def cell(number: int, at: int | None) -> str:
        return "" if at is None else given.rows[number][at]

    keys = {
        number: tuple(c for at, c in enumerate(given.rows[number]) if at != sequence)
        for number in numbers
    }
    times = {n: cell(n, places["submitted"]) for n in numbers}
    seconds = {n: t for n, t in times.items() if re.search(r"\d:\d\d:\d\d$", t)}
    round_ones = {t for t in seconds.values() if t.endswith(":00")}
    if len(round_ones) > len(set(seconds.values())) / 10:
        seconds = {n: t for n, t in seconds.items() if t not in round_ones}
    told: set[int] = set()
    for values in (
        seconds,
        {n: cell(n, identity) for n in numbers if cell(n, identity)},
        {
            n: f"{cell(n, places['device'])} {cell(n, places['seconds'])}"
            for n in numbers
            if cell(n, places["device"]) and cell(n, places["seconds"])
        },
    ):
        frame = pd.DataFrame({"value": values, "key": {n: keys[n] for n in values}})
        frame["paper"] = [(keys[n], cell(n, sequence) or n) for n in frame.index]
        apart = frame.groupby("value")["key"].nunique() if len(frame) else pd.Series(dtype=int)
        different = frame["key"].nunique()
        if len(apart) >= 0.9 * different and 2 * different >= frame["paper"].nunique():
            told |= {n for n, value in values.items() if apart[value] == 1}
    first: dict[tuple[str, ...], int] = {}
    found: dict[int, str] = {}
    for number in numbers:
        original = first.setdefault(keys[number], number)
        if original == number or number not in told:
            continue
        again = sequence is not None and cell(number, sequence) == cell(original, sequence)
        found[number] = "pasted_twice" if again else "duplicate"
    return found


def _day(text: str) -> dt.date | None:
    match = re.match(r"(\d{4})[/-](\d{1,2})[/-](\d{1,2})", text)
    return None if match is None else dt.date(int(match[1]), int(match[2]), int(match[3]))
