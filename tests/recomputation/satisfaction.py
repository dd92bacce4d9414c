"""How many residents are satisfied: `satisfaction.csv`, from the rows.

Satisfied is who chose an option of at least `satisfied_from` points, of those who chose one with a
score. A committee pools its resident groups, the street its committees, each by its number of
opinions; within a group answers are weighted. Left out are groups below their minimum, committees
with an indicator that is not told, and committees of too few opinions (which count for the street
if they are enough together). Wilson's intervals with effective numbers, Newcombe's for changes, the
pooled z for a change's p; committees against the street as in `listening` (Korn & Graubard 1998).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import (
    confint_proportions_2indep,
    proportion_confint,
    proportions_ztest,
)

from tests.recomputation import listening, withheld
from tests.recomputation import weights as weighing
from tests.recomputation.changes import holm
from tests.recomputation.documents import Plain, Street
from tests.recomputation.rows import Rows
from tests.recomputation.scores import Wave, combined, complete

COLUMNS = (
    "wave", "subject", "item", "name", "role", "by", "value", "label", "n", "share", "low", "high",
    "acceptable", "street", "p_adjusted", "verdict", "previous", "change", "change_low",
    "change_high", "change_p_adjusted", "change_verdict",
)  # fmt: skip


@dataclass(frozen=True)
class Seen:
    """A wave: its rows, its cells, and what of its table of indicators is not told."""

    street: Street
    rows: Rows
    wave: Wave
    left_out: set[withheld.Key]

    @cached_property
    def judged(self) -> dict[str, np.ndarray]:
        """Means of every measure of the scheme, of all committees."""
        measures = weighing.measures(self.street.scheme)
        return {m.code: combined(self.wave, m, self.wave.subjects).mean for m in measures}

    @cached_property
    def complete(self) -> set[str]:
        """Committees that every group judged."""
        return set(complete(self.wave, self.street.scheme))


@dataclass(frozen=True)
class Say:
    """What some residents say: number with an opinion, its worth, satisfied and content."""

    n: float
    worth: float
    share: float
    acceptable: float


def table(
    street: Street, now: Seen, before: Seen | None, *, past_rows: bool = True
) -> pd.DataFrame:
    """As `satisfaction.csv`; without `past_rows` only the cells of the wave before are known."""
    lines: list[Plain] = []
    for question in _questions(street):
        small, large = _committees(street, now, question)
        if not large:
            continue
        past = _committees(street, before, question)[1] if before else {}
        both = [c for c in large if c in past]
        whole = _together([*large.values(), *small.values()])
        row = _row(street, question, "all", whole, whole.share, family="street")
        if both:
            mix = np.array([large[c].n for c in both])
            once = _together([past[c] for c in both], mix)
            _moves(street, row, _together([large[c] for c in both]), once)
        lines.append(row)
        p = _against_all([*large.values(), *small.values()])
        for committee in [c for c in now.wave.subjects if c in large]:
            row = _row(street, question, committee, large[committee], whole.share, "committees")
            row["p"] = p[list(large).index(committee)]
            if committee in past:
                _moves(street, row, large[committee], past[committee])
            lines.append(row)
        if question["role"] == "overall":
            earlier = _kinds(street, before.rows, question) if before and past_rows else {}
            lines += _of_kinds(street, question, _kinds(street, now.rows, question), earlier)
    _correct(street, lines)
    return pd.DataFrame([{"wave": now.wave.name} | line for line in lines], columns=list(COLUMNS))


# --- questions ---


def _questions(street: Street) -> list[Plain]:
    """The overall question as one, then the scored ones with options that count, by their id."""
    forms = list(dict.fromkeys(g["questionnaire"] for g in street.groups() if g["residents"]))
    asked = [(form, item) for form in forms for item in street.questionnaires[form]["items"]]
    found: dict[tuple[Any, ...], Plain] = {}
    for role in ("overall", "scored"):
        for form, item in asked:
            used = [
                i["code"] for i in street.indicators() if item["id"] in i["items"].get(form, [])
            ]
            if item["role"] != role or (role == "scored" and not used):
                continue
            points = list(_scores(item).values()) if item["kind"] == "single" else []
            if not points or not min(points) < street.scheme["satisfied_from"] <= max(points):
                continue
            alike = (item["id"], item["text"], item.get("stem"), str(_scores(item)))
            key = (role, "" if role == "overall" else alike)
            one = {"id": item["id"], "text": item["text"], "role": role, "forms": {}, "used": set()}
            one = found.setdefault(key, one)
            one["forms"][form] = item
            one["used"] |= set(used)
    return list(found.values())


def _scores(item: Plain) -> dict[str, float]:
    return {o["code"]: o["score"] for o in item["options"] if o["score"] is not None}


# --- committees ---


def _committees(street: Street, seen: Seen, question: Plain) -> tuple[dict, dict]:
    """Committees that count for the street: those too small to be told, and those told."""
    groups = [
        g
        for g in street.groups()
        if g["residents"] and g["questionnaire"] in question["forms"]
        if question["role"] == "overall" or question["used"] & set(street.covered(g["code"]))
    ]
    least = max(g["minimum_n"] for g in groups)
    gone = _not_told(street, seen, question, groups)
    found: dict[str, Say] = {}
    nobody = seen.rows.kept.iloc[:0]
    for place, committee in enumerate(seen.wave.subjects):
        parts = []
        for group in groups:
            own = seen.rows.by_cell.get((group["code"], committee), nobody)
            scores = _scores(question["forms"][group["questionnaire"]])
            item = question["forms"][group["questionnaire"]]["id"]
            said = own[item].tolist() if item in own else []
            points = np.array([scores.get(code, np.nan) for code in said], dtype=float)
            w = own["weight"].to_numpy(dtype=float)[: len(points)][~np.isnan(points)]
            points = points[~np.isnan(points)]
            answers = int(seen.wave.cells[group["code"]].n[place])
            if len(points) and answers >= group["minimum_n"]:
                parts.append(
                    (
                        len(points),
                        (w * (points >= street.scheme["satisfied_from"])).sum() / w.sum(),
                        (w * (points >= street.scheme["acceptable_from"])).sum() / w.sum(),
                        answers,
                        seen.wave.cells[group["code"]].n_effective[place],
                    )
                )
        if parts and committee not in gone:
            n, share, content, answers, effective = np.array(parts, dtype=float).T
            kept = min(effective.sum() / answers.sum(), 1.0)
            total = n.sum()
            found[committee] = Say(total, total * kept, n @ share / total, n @ content / total)
    large = {c: say for c, say in found.items() if say.n >= least}
    small = {c: say for c, say in found.items() if say.n < least}
    return (small if sum(say.n for say in small.values()) >= least else {}), large


def _not_told(street: Street, seen: Seen, question: Plain, groups: list[Plain]) -> set[str]:
    """Committees of which a number of an indicator with this question is not told."""
    if question["role"] == "overall":
        return set()
    codes = [i["code"] for i in street.indicators()]
    by_code = {g["code"]: g for g in groups}
    gone = set()
    for subject, code, group in seen.left_out:
        if code not in question["used"]:
            continue
        place = seen.wave.subjects.index(subject)
        if group == "all" and subject in seen.complete and np.isfinite(seen.judged[code][place]):
            gone.add(subject)
        if group in by_code:
            cell = seen.wave.cells[group]
            counted = cell.n[place] >= by_code[group]["minimum_n"]
            if counted and cell.n_measure[place, codes.index(code)] > 0:
                gone.add(subject)
    return gone


def _together(says: list[Say], mix: np.ndarray | None = None) -> Say:
    """By their own numbers; a wave before by those of the later one."""
    n = np.array([say.n for say in says])
    part = (n if mix is None else mix) / (n if mix is None else mix).sum()
    worth = 1 / np.sum(part**2 / [say.worth for say in says])
    shares = [part @ [getattr(say, name) for say in says] for name in ("share", "acceptable")]
    return Say(n.sum(), worth, *shares)


def _against_all(says: list[Say]) -> list[float]:
    part = np.array([say.n for say in says]) / sum(say.n for say in says)
    worth = np.array([say.worth for say in says])
    common = float(part @ [say.share for say in says])
    if not 0 < common < 1:
        return [np.nan] * len(says)
    spread = np.sum(part**2 / worth)
    return [
        listening._tails(say.share, common, w, (1 - 2 * w) / say.worth + spread)
        for say, w in zip(says, part, strict=True)
    ]


# --- kinds of residents ---


def _kinds(street: Street, rows: Rows, question: Plain) -> dict[str, list[tuple[Plain, Say, bool]]]:
    """Profile question -> option, what those who chose it say, and whether it may be told."""
    groups = {g["code"]: g for g in street.groups() if g["residents"]}
    minimum = max([listening.minimum(street), *(g["minimum_n"] for g in groups.values())])
    kept = rows.kept[rows.kept["group"].isin(list(groups))]
    size = kept.groupby(["subject", "group"])["row"].transform("size")
    kept = kept[size >= minimum]
    points = pd.Series(np.nan, index=kept.index)
    for form in sorted(street.questionnaires):
        for item in street.questionnaires[form]["items"]:
            own = kept["questionnaire"] == form
            if item["role"] == "overall" and item["kind"] == "single" and item["id"] in kept:
                points[own] = kept.loc[own, item["id"]].map(_scores(item)).astype(float)
    found: dict[str, list[tuple[Plain, Say, bool]]] = {}
    for item in listening._items(street, kept, "profile"):
        if item["kind"] != "single":
            continue
        said, yes, no = [], [], []
        together = alone = 0.0
        for option in item["options"]:
            own = (kept[item["id"]] == option["code"]) & points.notna()
            if not own.any():
                continue
            w, x = kept.loc[own, "weight"].astype(float), points[own]
            happy = x >= street.scheme["satisfied_from"]
            worth = w.sum() ** 2 / (w**2).sum()
            said.append((option, Say(len(x), worth, w[happy].sum() / w.sum(), np.nan)))
            yes.append(int(happy.sum()))
            no.append(int((~happy).sum()))
            z = (w * (happy - w[happy].sum() / w.sum()) / w.sum()).to_numpy()
            houses = enumerate(kept.loc[own, "cluster"])
            sums = pd.Series(z).groupby([name or f"#{at}" for at, name in houses]).sum().to_numpy()
            if len(sums) > 1:
                together += len(sums) / (len(sums) - 1) * (sums**2).sum()
                alone += len(z) / (len(z) - 1) * (z**2).sum()
        effect = max(together / alone, 1.0) if alone > 0 else 1.0
        said = [(option, replace(say, worth=max(say.worth / effect, 1))) for option, say in said]
        n, rest = np.array(yes), np.array(no)
        if said:
            told, _ = listening.published(n, rest, minimum, n + rest)
            found[item["id"]] = [(*one, bool(t)) for one, t in zip(said, told, strict=True)]
    return found


def _of_kinds(street: Street, question: Plain, now: dict, before: dict) -> list[Plain]:
    lines = []
    for by, kinds in now.items():
        says = [say for _, say, _ in kinds]
        p, whole = _against_all(says), _together(says).share
        past = {option["code"]: say for option, say, told in before.get(by, []) if told}
        for at, (option, say, told) in enumerate(kinds):
            if told:
                row = _row(street, question, "all", say, whole, family=f"kinds by {by}")
                row |= {"by": by, "value": option["code"], "label": option["label"], "p": p[at]}
                if option["code"] in past:
                    _moves(street, row, say, past[option["code"]])
                lines.append(row)
    return lines


# --- rows ---


def _row(
    street: Street, question: Plain, subject: str, say: Say, whole: float, family: str
) -> Plain:
    alpha = 1 - street.scheme["confidence"]
    low, high = proportion_confint(say.share * say.worth, say.worth, alpha, method="wilson")
    return {
        "subject": subject,
        "item": question["id"],
        "name": question["text"],
        "role": question["role"],
        "by": "all",
        "value": "all",
        "label": "",
        "n": say.n,
        "share": say.share,
        "low": low,
        "high": high,
        "acceptable": say.acceptable,
        "street": whole,
        "change_verdict": "未比较",
        "family": (family, question["role"]),
    }


def _moves(street: Street, row: Plain, later: Say, earlier: Say) -> None:
    counts = [say.share * say.worth for say in (later, earlier)]
    of = [later.worth, earlier.worth]
    low, high = confint_proportions_2indep(
        counts[0], of[0], counts[1], of[1],
        method="newcomb", compare="diff", alpha=1 - street.scheme["confidence"],
    )  # fmt: skip
    same = later.share == earlier.share
    row |= {
        "previous": earlier.share,
        "change": later.share - earlier.share,
        "change_low": low,
        "change_high": high,
        "change_p": 1.0 if same else proportions_ztest(counts, of)[1],
    }


def _correct(street: Street, lines: list[Plain]) -> None:
    alpha, rate = 1 - street.scheme["confidence"], street.scheme["false_discovery_rate"]
    for family in {line["family"] for line in lines}:
        own = [line for line in lines if line["family"] == family]
        for line in own:
            if "p" in line:
                line["verdict"] = "未检验"
        tested = [line for line in own if not np.isnan(line.get("p", np.nan))]
        p = [line["p"] for line in tested]
        among = family[0] == "committees"
        adjusted: Any = stats.false_discovery_control(p) if among and p else holm(p)
        for line, q in zip(tested, adjusted, strict=True):
            line["p_adjusted"], apart = q, line["share"] > line["street"]
            line["verdict"] = (
                "无显著差异" if q >= (rate if among else alpha) else "高于" if apart else "低于"
            )
        moved = [line for line in own if "change_p" in line]
        for line, q in zip(moved, holm([line["change_p"] for line in moved]), strict=True):
            line["change_p_adjusted"] = q
            risen = "上升" if line["change"] > 0 else "下降"
            line["change_verdict"] = risen if q < alpha else "无显著变化"
