"""What comes first for a committee, recomputed from the files of an evaluation and its documents."""

from __future__ import annotations

from collections import Counter

from tests.pages.reading import Files, Row, percent
from tests.pages.test_diagnosis_numbers import profile, verdicts
from tests.pages.weighed import share


def library(files: Files) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = {}
    assert files.evaluation.decided.actions is not None
    for action in files.evaluation.decided.actions.actions:
        found.setdefault(action.indicator, []).append(action.model_dump())
    return found


def gain(files: Files, first: Row) -> float:
    return max(0.0, -float(first["row"]["difference"])) * share(files, first["row"]["code"])


def bad_answers(files: Files, subject: str, code: str) -> tuple[str, int, str, str] | None:
    """See `_bad_answers`: worked out once for each share that counts as urgent."""
    known = files.remembered.setdefault("bad answers", {})
    key = (subject, code, files.evaluation.scheme.urgent_share)
    if key not in known:
        known[key] = _bad_answers(files, subject, code)
    found: tuple[str, int, str, str] | None = known[key]
    return found


def _bad_answers(files: Files, subject: str, code: str) -> tuple[str, int, str, str] | None:
    """The question of an indicator with most bad answers of residents: its text, n, words and id.

    Only where at least 30 answered and the scheme's share chose options below 50 points. Where the bad options do
    not end where a part of at least ten ends that the page may show, it tells only that they are so many.
    """
    ev = files.evaluation
    cells = ev.waves[ev.wave].cells
    at = cells.subjects.index(subject)
    groups = [
        g.code
        for g in ev.scheme.groups
        if g.residents and int(cells.groups[g.code].n[at]) >= g.minimum_n
    ]
    told = ev.current.scores.indicators
    own = told[(told["subject"] == subject) & told["group"].isin(groups) & (told["code"] == code)]
    if own["estimate"].isna().any():  # answers would tell what is not told of a group
        return None
    table = cells.distributions
    table = table[(table["subject"] == subject) & table["group"].isin(groups)]
    form = ev.questionnaires["resident"]
    found = []
    indicator = next(i for i in ev.scheme.indicators if i.code == code)
    for name in indicator.items["resident"]:
        item = next(i for i in form.items if i.id == name)
        score = {o.code: o.score for o in form.options_of(item) if o.score is not None}
        own = table[(table["item"] == name) & table["option"].isin(list(score))]
        answered = own.groupby("group")["n"].sum()
        mass = (own["share"] * own["group"].map(answered)).groupby(own["option"]).sum()
        n = own.groupby("option")["n"].sum()
        poor = sorted((o for o in score if score[o] < 80), key=lambda o: (score[o], o))
        if n.sum() < 10:
            continue
        ends, held = set(), 0
        for option in poor:
            held += int(n.get(option, 0))
            if held >= 10:
                ends.add(score[option])
                held = 0
        bad = [o for o in score if score[o] < 50]
        part = float(mass.reindex(bad).sum() / mass.sum())
        last = max(score[o] for o in bad)
        low = int(n.reindex(poor).sum())
        between = low - int(n.reindex(bad).sum())
        alone = between == 0 and int(n.sum()) - low >= 10
        tellable = low >= 10 and (alone or (between >= 10 and last in ends))
        if n.sum() >= 30 and part >= ev.scheme.urgent_share:
            labels = {o.code: o.label for o in form.options_of(item)}
            names = [labels[o] for o in sorted(bad, key=lambda o: -score[o])]
            amount = (
                f"占 {percent(part)}"
                if tellable
                else f"达到 {percent(ev.scheme.urgent_share)} 以上"
            )
            words = f"选{''.join(f'“{name}”' for name in names)}的{amount}"
            found.append((part, item.text.rstrip("。？！?!"), int(n.sum()), words, name))
    if not found:
        return None
    _, text, count, words, item_id = max(found, key=lambda f: round(f[0], 9))
    return text, count, words, item_id


def chosen(files: Files, parts: list[tuple[str, Row]]) -> list[Row | None]:
    """What each is given to do: its first action, or the first whose post has not two already.

    Two things within 90 days are enough for one post; what must not wait has its first, and where
    one question's answers are bad that is the action for this question.
    """
    deeds, busy, found = library(files), Counter[str](), list[Row | None]()
    for kind, f in parts:
        own = deeds.get(f["of"], [])
        if "bad" in f:
            own = sorted(own, key=lambda a: f["bad"][3] not in a.get("items", ()))
        free = [
            a
            for a in own
            if kind == "同步办" or a["days"] > 90 or busy[a["who"].split("会同")[0]] < 2
        ]
        deed = (free or own or [None])[0]
        if deed is not None and deed["days"] <= 90:
            busy[deed["who"].split("会同")[0]] += 1
        found.append(deed)
    return found


def parts(files: Files, subject: str) -> list[tuple[str, Row]]:
    """What is on the list because it is low, with its kind."""
    told = [("同步办", f) for f in urgent(files, subject)]
    first = [f for f in priorities(files, subject)[:3] if f["kind"] != "lowest"]
    return told + [("核实" if f["kind"] == "tendency" else "整改", f) for f in first]


def urgent(files: Files, subject: str) -> list[Row]:
    """What must not wait (care for people in need, safety): low, or with many bad answers."""
    indicators = {d["code"]: d for d in profile(files, subject, "indicator")}
    weak = {f["code"] for f in files.findings(subject, "weakness")}
    found = []
    must_not_wait = [i.code for i in files.evaluation.scheme.indicators if i.must_not_wait]
    for code in must_not_wait:
        bad = bad_answers(files, subject, code)
        if code in weak:
            found.append({"kind": "weakness", "row": indicators[code], "of": code})
        elif bad:
            found.append({"kind": "answers", "row": indicators[code], "of": code, "bad": bad})
    return found


def in_order(files: Files, found: list[Row]) -> list[Row]:
    """What gains most first; within 0.1 points what surely weighs more with residents, is sooner."""
    drivers = files.table("drivers")
    mean = sum(d["importance"] for d in drivers) / len(drivers)
    heavy = {d["code"] for d in drivers if d["low"] > mean}
    deeds = library(files)
    left, ordered = sorted(found, key=lambda f: -gain(files, f)), []
    while left:
        top = gain(files, left[0])
        alike = [f for f in left if gain(files, f) > top - 0.1]
        days = {f["of"]: deeds[f["of"]][0]["days"] if f["of"] in deeds else 999 for f in alike}
        alike.sort(
            key=lambda f: (
                f["row"]["code"] not in heavy,
                f["kind"] == "dimension",
                days[f["of"]],
                -gain(files, f),
            )
        )
        ordered += alike
        left = left[len(alike) :]
    return ordered


def priorities(files: Files, subject: str) -> list[Row]:
    """Weaknesses and dimensions low as a whole; without any, tendencies; else the lowest.

    Without what must not wait, which stands apart.
    """
    indicators = {d["code"]: d for d in profile(files, subject, "indicator")}
    apart = {f["of"] for f in urgent(files, subject)}
    weak = sorted(files.findings(subject, "weakness"), key=lambda f: f["difference"])
    found = [
        {"kind": "weakness", "row": indicators[f["code"]], "of": f["code"]}
        for f in weak
        if f["code"] not in apart
    ]
    codes = {f["code"] for f in weak}
    said = verdicts(files, subject)
    for d, row in zip(
        files.evaluation.scheme.dimensions, profile(files, subject, "dimension"), strict=True
    ):
        inside = [i.code for i in d.indicators]
        if said[d.code] == "低于" and not codes & set(inside):
            lowest = min(inside, key=lambda c: indicators[c]["difference"])
            found.append({"kind": "dimension", "row": row, "of": lowest})
    if not found and not weak:
        found = [
            {"kind": "tendency", "row": indicators[f["code"]], "of": f["code"]}
            for f in files.findings(subject, "tendency_low")
            if abs(f["difference"]) > 1.645 * f["se"] and f["code"] not in apart
        ]
    if not found and not apart:
        least = min(indicators.values(), key=lambda d: d["estimate"])
        found = [{"kind": "lowest", "row": least, "of": least["code"]}]
    return in_order(files, found)


def wishes(files: Files, subject: str) -> list[Row]:
    """Needs that more tick than in the street, then the most ticked ones: three, and their ties."""
    own = sorted(files.where("needs", subject=subject), key=lambda r: -r["share"])
    own = [r for r in own if not r["name"].startswith(("目前没有", "其他", "其它"))]
    above = [r for r in own if r["verdict"] == "高于"]
    others = [r for r in with_ties(own, 3) if r not in above]
    return [*above, *with_ties(others, 3 - len(above))]


def with_ties(rows: list[Row], most: int) -> list[Row]:
    """The first so many, and those behind that as many tick as the last of them."""
    if most < 1 or len(rows) <= most:
        return rows[: max(most, 0)]
    return [
        r
        for at, r in enumerate(rows)
        if at < most or abs(r["share"] - rows[most - 1]["share"]) < 1e-9
    ]
