"""What came of the mutants: a table by room, the survivors with a reason, and how far that holds."""

from __future__ import annotations

import json
import subprocess
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from scripts.mutants import rooms
from scripts.mutants.reach import KEPT, Reach

PAGE = rooms.ROOT / "docs" / "assurance.md"
JUDGED = Path(__file__).with_name("judged.yaml")
BEGIN, END = "<!-- mutants: written by `make mutants` -->", "<!-- mutants: end -->"
NO_TEST = "no test"

Result = Mapping[str, Any]


def judged() -> dict[tuple[str, str, str], Mapping[str, Any]]:
    """Return the survivors somebody has looked at, by file, line text and change."""
    entries = yaml.safe_load(JUDGED.read_text(encoding="utf-8")) or []
    return {(e["file"], e["text"], e["change"]): e for e in entries}


def reasoned(results: Iterable[Result]) -> list[dict[str, Any]]:
    """Give every survivor its reason; one that changes nothing is set aside as equivalent."""
    known = judged()
    found = []
    for result in results:
        entry = known.get((result["file"], result["text"], result["change"]), {})
        told = NO_TEST if result["fate"] == "survived" else _HOW.get(result["fate"], "")
        killed = result["fate"] in ("killed", "loops")
        found.append(
            {
                **result,
                "room": rooms.room_of(result["file"]),
                "killed": killed,
                "equivalent": not killed and bool(entry.get("equivalent", False)),
                "reason": entry.get("reason", told),
            }
        )
    return found


_HOW = {"unreached": "no test runs this line", "stopped": "its tests took too long to tell"}


def table(results: Sequence[Mapping[str, Any]]) -> list[list[str]]:
    """Return a row for every room, and one for all of them."""
    rows = []
    for room in [*dict.fromkeys(r["room"] for r in results), "all"]:
        own = [r for r in results if room in (r["room"], "all")]
        fates = Counter(r["fate"] for r in own)
        killed, equivalent = (sum(r[key] for r in own) for key in ("killed", "equivalent"))
        left = len(own) - equivalent
        promised = "" if room == "all" else f"{rooms.PROMISED.get(room, rooms.ELSEWHERE)}%"
        rows.append(
            [
                room,
                *(str(n) for n in (len(own), killed, equivalent, len(own) - killed - equivalent)),
                str(fates["unreached"]),
                str(fates["loops"]),
                str(fates["stopped"]),
                f"{killed / left:.0%}" if left else "",
                promised,
            ]
        )
    return rows


HEADINGS = (
    "room", "tried", "killed", "equivalent", "survived", "of these unreached", "of the killed: loops",
    "of the survived: out of time", "killed of those that differ", "promised",
)  # fmt: skip


def markdown(headings: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table as Markdown."""
    lines = [headings, ["---"] * len(headings), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def show(results: Iterable[Result]) -> None:
    """Print the table and the survivors."""
    found = reasoned(results)
    for row in [["room", "tried", "killed", "equiv.", "surv.", "unreach.", "loops", "stopped",
                 "rate", "promised"], *table(found)]:  # fmt: skip
        print("".join(f"{cell:>12}" for cell in row))
    for r in found:
        if not r["killed"]:
            print(f"{r['file']}:{r['line']}: {r['change']}  [{r['operator']}; {r['reason']}]")


def save(results: Iterable[Result], name: str, **about: Any) -> Path:
    """Keep results in ``.mutants``."""
    KEPT.mkdir(exist_ok=True)
    path = KEPT / f"{name}.json"
    content = {**about, "results": [*results]}
    path.write_text(json.dumps(content, ensure_ascii=False, indent=1), encoding="utf-8")
    return path


def killed_before(name: str, state: object) -> dict[tuple[str, int, str], Any]:
    """Return what was killed of the same program, by file, line and change."""
    path = KEPT / f"{name}.json"
    content = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    if content.get("state") != state:
        return {}
    killed = (r for r in content["results"] if r["fate"] in ("killed", "loops"))
    return {(r["file"], r["line"], r["change"]): r for r in killed}


def commit() -> str:
    """Return the commit that the tests were of."""
    command = ["git", "rev-parse", "--short", "HEAD"]
    done = subprocess.run(command, cwd=rooms.ROOT, capture_output=True, text=True, check=False)
    return done.stdout.strip() or "unknown"


def covered(reach: Reach) -> list[list[str]]:
    """Return lines and branches run by the tests, by room."""
    total = tuple(sum(values) for values in zip(*reach.covered.values(), strict=True))
    return [
        [room, f"{a:,} of {b:,}", f"{a / b:.1%}", f"{c:,} of {d:,}", f"{c / d:.1%}" if d else ""]
        for room, (a, b, c, d) in [*sorted(reach.covered.items()), ("all", total)]
    ]


COVERED = ("room", "lines run", "", "branches run", "")


def write_page(state: str, reach: Reach) -> None:
    """Write the section of the page anew, from every whole sample of the program as it is."""
    samples = []
    for path in sorted(KEPT.glob("seed-*.json")):
        content = json.loads(path.read_text(encoding="utf-8"))
        if content["state"] == state:
            head = f"Seed {content['seed']}, commit {content['commit']}"
            samples.append((head, reasoned(content["results"])))
    parts = ["Lines and branches that the tests run:", markdown(COVERED, covered(reach))]
    for head, results in samples:
        parts += [f"{head}, {len(results)} mutants:", markdown(HEADINGS, table(results))]
    survivors = {
        (r["file"], r["line"], r["change"]): r
        for _, results in samples
        for r in results
        if not r["killed"]
    }
    parts.append("Survivors of these samples, and why:")
    parts.append(
        markdown(
            ("where", "change", "why it lives"),
            (
                [f"{file}:{line}", f"`{change}`".replace("|", "\\|"), r["reason"]]
                for (file, line, change), r in sorted(survivors.items())
            ),
        )
    )
    page = PAGE.read_text(encoding="utf-8")
    head, rest = page.split(BEGIN)
    tail = rest.split(END)[1]
    text = "\n\n".join([head.rstrip(), BEGIN, *parts, END])
    PAGE.write_text(text + tail, encoding="utf-8")
