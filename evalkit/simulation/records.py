"""Records of any ledger, made from its document alone: what its columns hold, around a known truth.

Expected shares, scores, points and levels of a unit are its true ones. Whether a person rates,
where something lies and what it is about depend on none of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from evalkit.definitions.ledger import Ledger, LedgerColumn, LedgerMeasure
from evalkit.methods.coordinates import bd09_of_gcj02, gcj02_of_wgs84
from evalkit.simulation import counted, naming, registers
from evalkit.simulation.book import BLOTTED, Book, Setting, texts
from evalkit.simulation.respondents import option_probabilities
from evalkit.simulation.timelines import Moments, happened, stamped
from evalkit.simulation.truth import Floats, Integers

SILENT = 0.18
"""Share of records whose outcome nobody rates, where a ledger knows such records."""
WITHDRAWN = 0.02
NEARBY = 0.7
"""Share of records that are about what a measure asks for, where it asks for some only."""
PEOPLE = 12
"""Different persons that the records of one unit name."""
KIND = "kind"
_CAPACITY = (8, 60)
_DEGREES = ("经度", "纬度")


def records(ledger: Ledger, setting: Setting) -> Book:
    """Make up a ledger's file of one wave.

    Parameters
    ----------
    setting : Setting
        `setting.written` holds the ledgers that this one's columns point to, if they are there.
    """
    if ledger.rows == "counts":
        return counted.counts(ledger, setting)
    if ledger.case is not None:
        return _events(ledger, setting)
    return _Maker(ledger, setting).book()


class _Maker:
    """Fills the columns of one ledger, those that others depend on first."""

    def __init__(self, ledger: Ledger, setting: Setting) -> None:
        self.ledger, self.setting, self.rng = ledger, setting, setting.rng
        self.columns: dict[str, list[str]] = {}
        self.times: dict[str, Moments] = {}
        self.at: Integers = np.zeros(0, dtype=np.int64)

    def book(self) -> Book:
        """Return the whole table."""
        points = [m for m in self.ledger.measures if m.how == "points"]
        if points:
            self._points(points[0])
        else:
            counts = np.maximum(self.rng.poisson(self.setting.volume), 1)
            self.at = np.repeat(np.arange(len(counts)), counts)
        self._links()
        self.times = happened(self.ledger, self.setting, self.at)
        for measure in self.ledger.measures:
            self._measured(measure)
        self._whereabouts()
        self._state()
        self._ratings()
        for column in self.ledger.columns:
            if column.code not in self.columns:
                self.columns[column.code] = self._filled(column)
        return Book(self.ledger, self.columns, self.at)

    @property
    def n(self) -> int:
        return len(self.at)

    # --- what depends on other ledgers ----------------------------------------------------------

    def _links(self) -> None:
        """Point to records of the unit's own where there are any, of one kind, none beyond its capacity."""
        kinds = [""] * self.n
        for column in self.ledger.columns:
            books = [b for t in column.points_to if (b := self.setting.written.get(t)) is not None]
            if not books:
                continue
            targets = _Targets(books[0], once=column.code in self.ledger.key, rng=self.rng)
            found = [
                targets.take(int(unit), kind) for unit, kind in zip(self.at, kinds, strict=True)
            ]
            kept = [row for row, target in enumerate(found) if target is not None]
            chosen = [target for target in found if target is not None]
            self.at = self.at[kept]
            self.columns = {c: [cells[row] for row in kept] for c, cells in self.columns.items()}
            self.columns[column.code] = [targets.keys[target] for target in chosen]
            kinds = [targets.kinds[target] for target in chosen]
        if any(kinds) and any(c.code == KIND for c in self.ledger.columns):
            self.columns[KIND] = kinds

    # --- what is measured -----------------------------------------------------------------------

    def _points(self, measure: LedgerMeasure) -> None:
        """Give every unit services that are worth its true points: most categories full, the last in part."""
        full = float(measure.full or 0.0)
        caps: dict[str, float] = dict(measure.caps) or {"": full}
        rows: list[tuple[int, str, str]] = []
        for unit, true in enumerate(self.setting.truth[measure.code].tolist()):
            left = total = min(full, sum(caps.values())) * true / 100.0
            for place in self.rng.permutation(len(caps)).tolist():
                category, cap = list(caps.items())[place]
                amount = min(cap, left)
                pieces = max(1, round(self.setting.volume[unit] * amount / total))
                each = round(amount / pieces, 1)
                amounts = [each] * (pieces - 1) + [round(amount - each * (pieces - 1), 1)]
                beyond = [each] if left > cap else []
                rows += [(unit, category, f"{own:g}") for own in (*amounts, *beyond) if own > 0]
                left -= amount
        self.at = np.array([unit for unit, _, _ in rows], dtype=np.int64)
        self.columns[str(measure.column)] = [amount for _, _, amount in rows]
        if measure.category is not None and measure.caps:
            self.columns[measure.category] = [category for _, category, _ in rows]

    def _measured(self, measure: LedgerMeasure) -> None:
        """Fill in the column that a measure is made of, unless another one has done so."""
        column, true = measure.column, self.setting.truth.get(measure.code)
        if measure.how == "coverage":
            self._places(str(measure.longitude), str(measure.latitude), str(measure.system))
        if measure.where is not None and measure.where not in self.columns:
            self._conditions(measure)
        if column is None or column in self.columns or true is None:
            return
        if measure.how == "level":
            self._level(measure, true)
        elif measure.how in ("share", "score"):
            self.columns[column] = self._outcomes(measure, true)

    def _level(self, measure: LedgerMeasure, true: Floats) -> None:
        low, high = float(measure.worst or 0.0), float(measure.best or 0.0)
        value = low + true[self.at] / 100.0 * (high - low)
        scores = self.ledger.values.get(str(measure.column), {})
        if scores:
            known = [(text, score) for text, score in scores.items() if score is not None]
            self.columns[str(measure.column)] = [
                min(known, key=lambda one: abs(one[1] - own))[0] for own in value.tolist()
            ]
        else:
            self.columns[str(measure.column)] = [f"{own:.2f}" for own in value.tolist()]

    def _outcomes(self, measure: LedgerMeasure, true: Floats) -> list[str]:
        """Draw an option for every record whose expected points are the unit's true ones."""
        column = str(measure.column)
        scores = self.ledger.values.get(column, {})
        as_scores = [m for m in self.ledger.measures if m.how == "score" and m.column == column]
        points: dict[str, float] = {}
        if as_scores:
            points = {text: score for text, score in scores.items() if score is not None}
            true = self.setting.truth.get(as_scores[0].code, true)
        else:
            given = [t for t in scores if scores[t] is not None] if scores else []
            others = [text for text in given if text not in measure.hits]
            points = dict.fromkeys(measure.hits, 100.0)
            points |= dict.fromkeys(others or [_not(measure.hits[0])], 0.0)
        options = list(points)
        chances = option_probabilities(list(points.values()), np.clip(true, 1.0, 99.0))
        lots = self.rng.random(self.n)
        drawn = (lots[:, None] > np.cumsum(chances, axis=1)[self.at, :-1]).sum(axis=1)
        silent = [text for text, score in scores.items() if score is None]
        quiet = self.rng.random(self.n) < SILENT if measure.bounds else np.zeros(self.n, bool)
        nothing = silent[0] if silent else ""
        return [
            nothing if none else options[int(place)]
            for place, none in zip(drawn, quiet, strict=True)
        ]

    def _conditions(self, measure: LedgerMeasure) -> None:
        """Make most records such as a measure asks for."""
        asked = [*measure.among, *measure.reached]
        declared = list(self.ledger.values.get(str(measure.where), {}))
        others = [m for m in self.ledger.measures if m.where == measure.where and m is not measure]
        more = [text for m in others for text in (*m.among, *m.reached) if text not in asked]
        rest = [text for text in (*more, *declared, *self.setting.kinds) if text not in asked]
        share = NEARBY / (1 + len(others))
        lots, which = self.rng.random((2, self.n))
        self.columns[str(measure.where)] = [
            _at(asked, place) if lot < share or not rest else _at(rest, place)
            for lot, place in zip(lots, which, strict=True)
        ]

    def _whereabouts(self) -> None:
        """Place records also where no measure asks for it."""
        found = {
            word: c.code
            for c in self.ledger.holding("number")
            for word in _DEGREES
            if any(word in header for header in c.headers)
        }
        if len(found) == len(_DEGREES):
            longitude, latitude = (found[word] for word in _DEGREES)
            self._places(longitude, latitude, "gcj02")

    def _places(self, longitude: str, latitude: str, system: str) -> None:
        """Put every record somewhere in its unit, in degrees of a system."""
        if longitude in self.columns:
            return
        rings = [self.setting.rings[subject.id] for subject in self.setting.subjects]
        inside = np.array(
            [self.rng.dirichlet(np.full(len(rings[u]), 1.2)) @ rings[u] for u in self.at.tolist()]
        ).reshape(-1, 2)
        if system in ("gcj02", "bd09"):
            inside = gcj02_of_wgs84(inside)
        if system == "bd09":
            inside = bd09_of_gcj02(inside)
        self.columns[longitude] = [f"{x:.6f}" for x in inside[:, 0].tolist()]
        self.columns[latitude] = [f"{y:.6f}" for y in inside[:, 1].tolist()]

    # --- how far it has come --------------------------------------------------------------------

    def _state(self) -> None:
        """Say where every record is now, and take some back."""
        ledger, column = self.ledger, self.ledger.state
        if column is None:
            return
        if column in self.columns:
            self._not_begun(column)
            return
        values = list(ledger.values.get(column, {}))
        going = [v for v in values if v not in {*ledger.finished, *ledger.withdrawn}]
        told = [going[0] if going else "进行中"] * self.n
        for state in ledger.states:
            if state.values and state.column in (None, column) and state.at in self.times:
                there = ~np.isnat(self.times[str(state.at)])
                told = [state.values[0] if r else t for r, t in zip(there, told, strict=True)]
        closed = self.times.get(str(ledger.closed))
        if closed is None and not ledger.states and ledger.finished:
            done = self.rng.random(self.n) < 0.6
            told = [ledger.finished[0] if d else t for d, t in zip(done, told, strict=True)]
        elif closed is not None and ledger.finished:
            told = [
                t if t in ledger.finished else ledger.finished[0] if not np.isnat(c) else t
                for c, t in zip(closed, told, strict=True)
            ]
        back = self.rng.random(self.n) < (WITHDRAWN if ledger.withdrawn else 0.0)
        for place, moment in enumerate(list(self.times)[1:]):
            keep = place == 0 and moment != ledger.closed
            self.times[moment][back & (not keep)] = np.datetime64("NaT", "s")
        self.columns[column] = [
            ledger.withdrawn[0] if b else t for b, t in zip(back, told, strict=True)
        ]

    def _not_begun(self, column: str) -> None:
        """Leave out the times of what has not begun, and the end of what has not ended."""
        first, states = next(iter(self.ledger.values.get(column, {}))), self.columns[column]
        finished = {*self.ledger.finished} or {
            s for s in self.ledger.values.get(column, {}) if s not in self.ledger.running
        }
        if self.ledger.closed is not None:
            return
        for place, code in enumerate(self.times):
            if self.ledger.column(code).required:
                continue
            gone = [s == first or (place > 0 and s not in finished) for s in states]
            self.times[code][np.array(gone, dtype=bool)] = np.datetime64("NaT", "s")

    def _ratings(self) -> None:
        """Leave out what is known only of what has ended, and when nobody rated."""
        ledger = self.ledger
        outcomes = {str(m.column) for m in ledger.measures if m.how in ("share", "score")}
        closed = self.times.get(str(ledger.closed))
        if closed is not None:
            for code in (outcomes & {*self.columns}) - {ledger.state}:
                cells = zip(self.columns[code], np.isnat(closed), strict=True)
                self.columns[code] = ["" if none else cell for cell, none in cells]
        for state in ledger.states:
            code, when = str(state.column), str(state.at)
            if code not in self.columns or when not in self.times or code == ledger.state:
                continue
            rated = np.array([cell in state.values for cell in self.columns[code]], dtype=bool)
            known = ~np.isnat(self.times[when]) & rated
            self.times[when][~known] = np.datetime64("NaT", "s")
            cells = zip(self.columns[code], known, strict=True)
            self.columns[code] = [cell if own else "" for cell, own in cells]

    # --- everything else ------------------------------------------------------------------------

    def _filled(self, column: LedgerColumn) -> list[str]:
        if column.code in self.times:
            return stamped(self.times[column.code])
        subjects = self.setting.subjects
        match column.holds:
            case "unit":
                forms = [naming.written(subject) for subject in subjects]
                lots = self.rng.random(self.n)
                own = zip(self.at.tolist(), lots.tolist(), strict=True)
                return [_at(forms[unit], lot) for unit, lot in own]
            case "code":
                head = self.ledger.id[:2].upper() + self.setting.wave[2:]
                return [
                    "" if column.points_to else f"{head}{at:05d}" for at in range(1, self.n + 1)
                ]
            case "person":
                who = self.rng.integers(1, PEOPLE + 1, size=self.n).tolist()
                own = zip(self.at.tolist(), who, strict=True)
                return [f"{subjects[unit].id}-{number:02d}" for unit, number in own]
            case "option":
                return self._options(column)
            case "number":
                return self._numbers(column)
            case "title":
                return self._titles()
            case "time":
                return [""] * self.n
        return [BLOTTED] * self.n

    def _options(self, column: LedgerColumn) -> list[str]:
        out = {v for rule in self.ledger.exclude if rule.column == column.code for v in rule.values}
        declared = [v for v in self.ledger.values.get(column.code, {}) if v not in out]
        choices: Sequence[str] = declared or self.setting.kinds
        return [_at(choices, lot) for lot in self.rng.random(self.n)]

    def _numbers(self, column: LedgerColumn) -> list[str]:
        rates = [m for m in self.ledger.measures if m.how == "rate"]
        if any(column.code == m.exposure for m in rates):
            people = [subject.population or 1000 for subject in self.setting.subjects]
            return texts([people[unit] for unit in self.at.tolist()])
        if any(column.code == m.column for m in rates):
            amounts = np.exp(7.0 + 0.7 * self.rng.standard_normal(self.n))
            return [f"{amount:.2f}" for amount in amounts.tolist()]
        low, high = _CAPACITY if column.code == self.ledger.capacity else (12, 160)
        return texts(self.rng.integers(low, high + 1, size=self.n).tolist())

    def _titles(self) -> list[str]:
        kinds = self.columns.get(KIND, [""] * self.n)
        lots = self.rng.random(self.n).tolist()
        return [
            _at(registers.WORDS.get(kind, (f"{kind}项目",)), lot)
            for kind, lot in zip(kinds, lots, strict=True)
        ]


class _Targets:
    """Records that may be pointed to, those that are free."""

    def __init__(self, book: Book, *, once: bool, rng: np.random.Generator) -> None:
        ledger = book.ledger
        self.keys = book.columns[ledger.key[0]] if ledger.key else []
        capacity = book.columns.get(str(ledger.capacity))
        most = 1 if once and capacity is None else None
        self._room: list[float] = [
            float(capacity[at]) if capacity is not None else most or np.inf
            for at in range(len(self.keys))
        ]
        self.kinds = book.columns.get(KIND, [""] * len(self.keys))
        self._lists: dict[tuple[int, str], list[int]] = {}
        for at in rng.permutation(len(self.keys)).tolist():
            for unit in (int(book.at[at]), -1):
                for kind in dict.fromkeys((self.kinds[at], "")):
                    self._lists.setdefault((unit, kind), []).append(at)
        self._rng = rng

    def take(self, unit: int, kind: str) -> int | None:
        """Return a free record of the unit and kind, else of the kind; None where there is none."""
        for key in ((unit, kind), (-1, kind)):
            own = self._lists.get(key, [])
            while own:
                place = int(self._rng.integers(len(own)))
                if self._room[own[place]] >= 1:
                    self._room[own[place]] -= 1
                    return own[place]
                own.pop(place)
        return None


def _events(ledger: Ledger, setting: Setting) -> Book:
    """Make up a table with a row for every step of every record."""
    rng, at, rows = setting.rng, [], []
    for unit, count in enumerate(np.maximum(rng.poisson(setting.volume), 1).tolist()):
        for _ in range(count):
            rows.append(list(_steps(ledger, setting)))
            at.append(unit)
    numbered = [
        (unit, f"{ledger.id[:2].upper()}{setting.wave[2:]}{number:05d}", state, when)
        for number, (unit, path) in enumerate(zip(at, rows, strict=True), start=1)
        for state, when in path
    ]
    maker = _Maker(ledger, setting)
    maker.at = np.array([unit for unit, *_ in numbered], dtype=np.int64)
    maker.columns[str(ledger.case)] = [case for _, case, _, _ in numbered]
    maker.columns[str(ledger.state)] = [state for _, _, state, _ in numbered]
    moments = np.array([when for *_, when in numbered], dtype="datetime64[s]")
    maker.columns[str(ledger.happened)] = stamped(moments)
    for column in ledger.columns:
        if column.code not in maker.columns:
            maker.columns[column.code] = maker._filled(column)
    return Book(ledger, maker.columns, maker.at)


def _steps(ledger: Ledger, setting: Setting) -> Iterator[tuple[str, np.datetime64]]:
    """Yield the states that one record reached by the end of the wave."""
    rng = setting.rng
    day = int(rng.integers((setting.end - setting.start).days))
    when = np.datetime64(setting.start, "s") + np.timedelta64(day * 86400 + 30600, "s")
    for state in ledger.states:
        if state.optional and rng.random() > 0.25:
            continue
        if when > np.datetime64(setting.end, "s"):
            return
        yield (state.values[0] if state.values else state.name), when
        when = when + np.timedelta64(int(3600 * (1 + 30 * rng.exponential())), "s")


def _not(hit: str) -> str:
    return "否" if hit == "是" else f"未{hit.removeprefix('已')}"


def _at(choices: Sequence[str], lot: float) -> str:
    return choices[min(int(lot * len(choices)), len(choices) - 1)]
