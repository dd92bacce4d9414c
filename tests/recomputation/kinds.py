"""One small workspace of every kind. `KINDS` has them all by name.

`archive_alone` is evaluated in two steps: publish it, call `forget_first_wave`, publish again; the
fixture `published` in `conftest.py` does.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import yaml

from tests.recomputation.foreign_forms import by_number as as_numbers
from tests.recomputation.foreign_forms import crosswalk, number_headers, numbered
from tests.recomputation.streets import (
    LABELS,
    NAMES,
    NEEDS,
    ORGANISATION,
    RESIDENT,
    THEMES,
    THREE_GROUPS,
    Rows,
    group,
    headers,
    organisations,
    residents,
    scheme,
    wave,
    write_csv,
    write_documents,
    write_xls,
    write_xlsx,
    write_yaml,
)

RESIDENT_HEADER = headers(RESIDENT)
ORGANISATION_HEADER = headers(ORGANISATION)
HOUSE = {"id": "house", "text": "所在楼组", "kind": "text", "role": "cluster"}


def all_kinds(root: Path) -> Path:
    """Two waves, three groups, needs and open answers; every reason to reject a row occurs."""
    write_documents(
        root,
        THREE_GROUPS,
        [
            wave(2015, "resident.xlsx", "organisation.csv", issued={"resident": 260}),
            wave(2016, "resident.csv", "organisation.csv", issued={"resident": 250}),
        ],
        committees=5,
    )
    write_yaml(root / "themes.yaml", THEMES)
    write_xlsx(
        root / "responses/2015/resident.xlsx",
        RESIDENT_HEADER,
        dirtied(residents(2015, (30, 44, 26, 60, 11)), 2015),
    )
    write_csv(
        root / "responses/2016/resident.csv",
        RESIDENT_HEADER,
        dirtied(residents(2016, (50, 38, 61, 12, 7)), 2016),
        encoding="gb18030",
    )
    for year in (2015, 2016):
        rows = organisations(year, 5)
        more = [[*row] for row in rows[:4]]
        for at, row in enumerate(more):
            row[0], row[1] = str(len(rows) + at + 1), f"{year}/8/{at + 1} 9:00:00"
        more[0][4], more[1][5], more[2][6], more[3][6] = "(空)", "(空)", "(空)", "外街道居民区"
        for row in rows:  # one rater, now spelled so, now so
            if row[5] == "城管中队" and row[6].startswith("乙"):
                row[5] = "城　管中队"
            if row[5].startswith("甲") and row[6][0] in "甲丙":
                row[5] = "老甲站"
        for row in rows[4:7]:  # an office that knows nothing of a committee is no answer
            row[7:] = ["不了解"] * 3
        write_csv(root / f"responses/{year}/organisation.csv", ORGANISATION_HEADER, rows + more)
    mapped = [item["id"] for item in ORGANISATION["items"]]
    names = {"外街道居民区": None, "老甲站": "s1"}
    crosswalk(root, "organisation", ORGANISATION_HEADER, mapped, "text", subjects=names)
    return root


def dirtied(rows: Rows, year: int) -> Rows:
    """Put among good rows one or more of whatever cleaning has to find."""
    first, second = rows[0], rows[1]
    width = len(first)
    number = len(rows)

    def like(place: int, **changed: str) -> list[str]:
        row = list(rows[place])
        row[0] = str(number + 100 + place)
        row[1] = f"{year}/6/2 23:{place:02d}:59"
        for at, cell in changed.items():
            row[int(at[1:])] = cell
        return row

    empty = {f"c{at}": "(空)" for at in range(6, 12)}
    return [
        *rows[:5],
        [""] * width,
        *rows[5:9],
        [*RESIDENT_HEADER[:9], *["（续表）"] * (width - 9)],  # more than half a header
        *rows[9:],
        list(second),  # pasted twice
        [str(number + 1), *first[1:]],  # submitted twice
        like(1, c1=f"{year + 1}/3/31 23:59:59"),  # the last day of a year's wave
        like(2, c1=f"{year + 1}/4/1 0:00:00"),
        like(2, c1=f"{year + 1}/4/1 0:00:00"),  # too late and pasted twice
        like(3, c4="否"),
        like(4, c5="(空)"),
        like(6, **empty),
        like(7, **(empty | {"c11": "满意"})),  # overall satisfaction alone is no scored answer
        like(9, **(empty | {"c5": "(空)"})),  # neither answers nor a committee
        like(8, c0="第九份"),
        [*RESIDENT_HEADER[:8], *["（续表）"] * (width - 8)],  # half a header is no header
        ["合计", *["9"] * (width // 2 - 1), *[""] * (width // 2)],  # half a row is no footer
        ["合计", *["9"] * (width // 2 - 2), *[""] * (width // 2 + 1)],
    ]


def one_wave(root: Path) -> Path:
    """One wave, residents alone; no change can be told."""
    write_documents(
        root,
        scheme(group("resident", "居民", 100), residents_weight=100),
        [wave(2016, "resident.csv")],
        questionnaires=[RESIDENT],
    )
    write_csv(
        root / "responses/2016/resident.csv", RESIDENT_HEADER, residents(2016, (15, 24, 18, 30))
    )
    return root


def known_departments(root: Path) -> Path:
    """All departments are known, so that they have a finite population; most of them answer.

    Residents tell their building, some not; buildings of two committees have the same numbers.
    """
    write_documents(
        root,
        scheme(
            group("resident", "居民", 70, population=400),
            group("office", "科室", 20, minimum_n=3, population=8),
            group("peer", "互评", 10, minimum_n=3, rates_itself=False),
            alternatives=[],
        ),
        [wave(year, "resident.csv", "organisation.csv") for year in (2015, 2016)],
        questionnaires=[{**RESIDENT, "items": [*RESIDENT["items"], HOUSE]}, ORGANISATION],
    )
    for year in (2015, 2016):
        rows = organisations(year, 4, offices=[f"第{n}科" for n in range(1, 7)], missing=0.2)
        # Two offices rate some committees only: the joint covariance has unequal parts.
        rows = [row for at, row in enumerate(rows) if at not in (1, 4, 5, 9, 14)]
        write_csv(root / f"responses/{year}/organisation.csv", ORGANISATION_HEADER, rows)
        write_csv(
            root / f"responses/{year}/resident.csv",
            [*RESIDENT_HEADER, HOUSE["text"]],
            [
                [*row, "" if at % 17 == 3 else f"{1 + at % 9 // 2}号楼"]
                for at, row in enumerate(residents(year, (20, 24, 30, 28), missing=0.3))
            ],
        )
    return root


def weighted(root: Path) -> Path:
    """Residents raked to sex and age; some have left their profile out; 2016 has its own sexes.

    They are drawn from 600 a committee; one indicator has two answers, one committee two judges.
    """
    write_documents(
        root,
        scheme(
            group("resident", "居民", 70, population=600),
            group("office", "科室", 30, minimum_n=3),
            alternatives=[],
        ),
        [wave(year, "resident.csv", "office.csv") for year in (2015, 2016)],
        questionnaires=[RESIDENT, ORGANISATION],
    )
    (root / "margins.csv").write_text(
        "group,item,option,share,wave\n"
        "resident,sex,男,0.35,\nresident,sex,女,0.65,\n"
        "resident,sex,1,40,2016\nresident,sex,女,60,2016\n"
        "resident,age,青年;2,0.3,\nresident,age,老年,0.7,\n",
        encoding="utf-8",
    )
    for year in (2015, 2016):
        rows = residents(year, (30, 25, 40, 35))
        for row in rows[::9]:
            row[-1] = "(空)"
        for row in [row for row in rows if row[5].startswith("丙")][2:]:
            row[9] = "不了解"  # two answers are left of forty
        write_csv(root / f"responses/{year}/resident.csv", RESIDENT_HEADER, rows)
        offices = [row for row in organisations(year, 4) if row[4] == "科室"]
        few = ("党建办", "服务办")  # two offices judge one committee, five the others
        offices = [row for row in offices if row[5] in few or not row[6].startswith("丁")]
        write_csv(root / f"responses/{year}/office.csv", ORGANISATION_HEADER, offices)
    write_yaml(root / "themes.yaml", THEMES)
    return root


def lacking(root: Path) -> Path:
    """One committee nobody of one group rates, and one that only one resident rates: incomplete."""
    write_documents(
        root,
        THREE_GROUPS,
        [wave(year, "resident.csv", "organisation.csv") for year in (2015, 2016)],
        committees=5,
    )
    for year in (2015, 2016):
        counts = (25, 30, 22, 20, 28) if year == 2015 else (25, 30, 22, 20, 1)
        write_csv(root / f"responses/{year}/resident.csv", RESIDENT_HEADER, residents(year, counts))
        rows = [
            row
            for row in organisations(year, 5)
            if not (row[4] == "科室" and row[6].startswith("乙"))
        ]
        write_csv(root / f"responses/{year}/organisation.csv", ORGANISATION_HEADER, rows)
    return root


def changing_roster(root: Path) -> Path:
    """A committee that came, one that went, and a group that may judge but two indicators.

    What the groups cannot judge goes to those that can (`to_covering_groups`).
    """
    roster = (
        "id,name,aliases,zone,kind,housing,population,since,until\n"
        "s3,丙,,东片,居民区,商品房,900,,\ns1,甲,甲村;老甲,东片,居民区,售后公房,1200,,2015\n"
        "s2,乙,,西片,居民区,售后公房,800,2016,\ns4,丁,,西片,村,商品房,700,,\n"
        "s5,戊,,西片,村,商品房,650,,\n"
    )
    write_documents(
        root,
        scheme(
            group("resident", "居民", 60, covers=["A1", "A2"]),
            group("office", "科室", 25, minimum_n=3),
            group("peer", "互评", 15, minimum_n=3, covers=["B1"]),
            residents_weight=60,
            uncovered="to_covering_groups",
            minimum_answered=0.6,
            confidence=0.9,
            false_discovery_rate=0.1,
            alternatives=[],
        ),
        [
            wave(2015, "resident.csv", "organisation.csv"),
            wave(2016, "resident.csv", "organisation.csv", start="2016-03-01", end="2016-09-30"),
        ],
        roster=roster,
    )
    for year, absent in ((2015, "乙"), (2016, "甲")):
        counts = [0 if name == absent else 20 + 3 * at for at, name in enumerate(NAMES[:5])]
        write_csv(
            root / f"responses/{year}/resident.csv",
            RESIDENT_HEADER,
            residents(year, counts, missing=0.2),
        )
        rows = [row for row in organisations(year, 5) if absent not in (row[6][0], row[5][0])]
        write_csv(root / f"responses/{year}/organisation.csv", ORGANISATION_HEADER, rows)
    return root


def crosswalked(root: Path) -> Path:
    """The second wave comes from another form: other headers, labels, names and a reversed scale."""
    write_documents(
        root,
        scheme(group("resident", "居民", 100), residents_weight=100),
        [wave(2015, "resident.csv"), wave(2016, "resident.csv")],
        questionnaires=[RESIDENT],
    )
    write_csv(
        root / "responses/2015/resident.csv", RESIDENT_HEADER, residents(2015, (20, 22, 24, 26))
    )
    header = ["编号", "居民区", "甲题", "乙题", "丙题", "丁题", "戊题", "总评", "备注", "住满半年"]
    items = [None, "where", "r1", "r2", "r3", "r4", "r5", "overall", None, "live"]
    numbers = {label: str(at) for at, label in enumerate(LABELS, start=1)}
    backwards = {label: str(6 - at) for at, label in enumerate(LABELS[:5], start=1)}
    rows: Rows = []
    for at, row in enumerate(residents(2016, (22, 18, 25, 20)), start=1):
        name = {"甲": "甲字号", "乙": "s2"}.get(row[5][0], row[5][0])
        own = [numbers.get(cell, "-2") for cell in row[6:10]]
        own[1] = backwards.get(row[7], own[1])
        own[2] = {"6": "99"}.get(own[2], own[2])
        own[3] = {"5": "8", "1": "7"}.get(own[3], own[3])
        overall = numbers.get(row[11], "-2")
        rows.append([str(at), name, *own, row[10], overall, "无", "1"])
    rows.append(["400", "别的街道", "1", "1", "1", "7", "5", "1", "", "1"])
    write_csv(root / "responses/2016/resident.csv", header, rows)
    crosswalk(
        root,
        "resident",
        header,
        items,
        "number",
        platform="table",
        reversed_items=("r2",),
        values={"r3": {"99": "6"}, "r4": {"8": None, "7": "1"}},
        subjects={"甲字号": "s1", "别的街道": None},
    )
    return root


def by_number(root: Path) -> Path:
    """Residents exported by number, once as an old workbook; one column an option, old and new."""
    write_documents(
        root,
        scheme(group("resident", "居民", 100), residents_weight=100),
        [wave(2015, "resident.xls"), wave(2016, "resident.xlsx")],
        questionnaires=[numbered()],
        committees=4,
    )
    write_yaml(root / "themes.yaml", THEMES)
    for year, counts in ((2015, (32, 30, 26, 35)), (2016, (40, 36, 28, 31))):
        rows = [as_numbers(row) for row in residents(year, counts)]
        if year == 2015:
            write_xls(root / "responses/2015/resident.xls", number_headers("old"), rows)
        else:
            write_xlsx(root / "responses/2016/resident.xlsx", number_headers("new"), rows)
    return root


def needing(root: Path) -> Path:
    """What residents ask for differs much; some committees, groups and counts are too small."""
    write_documents(
        root,
        scheme(
            group("key", "重点居民", 40, minimum_n=15),
            group("resident", "随机居民", 60),
            residents_weight=100,
            false_discovery_rate=0.2,
            confidence=0.8,
        ),
        [wave(2016, "key.csv", "resident.csv")],
        committees=6,
        questionnaires=[RESIDENT],
    )
    write_yaml(root / "themes.yaml", {**THEMES, "minimum_n": 11})
    for name, counts, first in (
        ("key", (30, 14, 40, 15, 11, 3), 1),
        ("resident", (55, 30, 48, 11, 10, 13), 4),
    ):
        rows = residents(2016, counts, month=first)
        for at, row in enumerate(rows):
            place = NAMES.index(row[5][0])
            chosen = [need for o, need in enumerate(NEEDS) if (at * (o + 3)) % 11 < 4 + 2 * o]
            if place == 0:
                chosen = [NEEDS[at % 2], NEEDS[3]]
            if place == 2:
                chosen = [NEEDS[2], NEEDS[1]] if at % 4 == 0 else [NEEDS[2], NEEDS[3]][: 1 + at % 2]
            row[12] = "┋".join(dict.fromkeys(chosen)) or "(空)"
            if place == 3:
                row[13] = "停车难，电梯也坏" if at % 3 else "送 餐"
        write_csv(root / f"responses/2016/{name}.csv", RESIDENT_HEADER, rows)
    return root


def alike(root: Path) -> Path:
    """Cells of identical answers, and two committees whose scores tie exactly."""
    write_documents(
        root,
        scheme(
            group("resident", "居民", 80),
            group("office", "科室", 20, minimum_n=3),
            residents_weight=80,
            alternatives=[],
        ),
        [wave(year, "resident.csv", "office.csv") for year in (2015, 2016)],
        committees=5,
    )
    for year in (2015, 2016):
        rows = residents(year, (24, 24, 20, 24, 21))
        twin = [row for row in rows if row[5].startswith("甲")]
        for row in rows:
            if row[5].startswith("丙"):
                row[6:12] = ["满意", "满意", "满意", "满意", "4", "满意"]
        for own, other in zip(twin, (r for r in rows if r[5].startswith("乙")), strict=True):
            other[6:] = own[6:]
        write_csv(root / f"responses/{year}/resident.csv", RESIDENT_HEADER, rows)
        offices = [row for row in organisations(year, 5) if row[4] == "科室"]
        for at in range(0, len(offices), 5):
            offices[at + 1][7:] = offices[at][7:]
            offices[at + 3][7:] = ["满意"] * 3
        write_csv(root / f"responses/{year}/office.csv", ORGANISATION_HEADER, offices)
    return root


def archive_alone(root: Path) -> Path:
    """Three groups, two waves; `forget_first_wave` then leaves the first to the database."""
    write_documents(
        root,
        THREE_GROUPS,
        [wave(year, "resident.csv", "organisation.csv") for year in (2015, 2016)],
    )
    for year in (2015, 2016):
        write_csv(
            root / f"responses/{year}/resident.csv",
            RESIDENT_HEADER,
            residents(year, (26, 31, 24, 29)),
        )
        write_csv(
            root / f"responses/{year}/organisation.csv", ORGANISATION_HEADER, organisations(year, 4)
        )
    return root


def forget_first_wave(root: Path) -> Path:
    """Take the first wave's files away, from the disk and from the order; return a copy of all.

    The copy, beside the workspace, still has them: from it the first wave can be recomputed.
    """
    copy = root.with_name(f"{root.name}-with-files")
    shutil.copytree(root, copy)
    path = root / "evaluation.yaml"
    order = yaml.safe_load(path.read_text(encoding="utf-8"))
    first = order["waves"].pop(0)
    write_yaml(path, order)
    shutil.rmtree(root / "responses" / first["id"])
    return copy


KINDS: dict[str, Callable[[Path], Path]] = {
    kind.__name__: kind
    for kind in (
        all_kinds,
        one_wave,
        known_departments,
        weighted,
        lacking,
        changing_roster,
        crosswalked,
        by_number,
        needing,
        alike,
        archive_alone,
    )
}
