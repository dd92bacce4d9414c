"""The tiny workspace over three waves in which committees merge, are renamed, split and trade homes.

2014: 甲 乙 丙 丁. In 2015 甲 and 乙 become 戊. In 2016 丙 is called 己, and 丁 gives up 庚.
"""

from __future__ import annotations

from pathlib import Path

from tests import tiny

NOW_CALLED = {
    2014: {},
    2015: {"甲居民区": "戊居民区", "乙居民区": "戊居民区"},
    2016: {"甲居民区": "戊居民区", "乙居民区": "庚居民区", "丙居民区": "己居民区"},
}
"""By wave: whom the answers of tiny's four committees are given about."""

ROSTER = """\
id,name,since,until,population
s1,甲居民区,,2014,3000
s2,乙居民区,,2014,1000
s3,丙居民区,,2015,2000
s4,丁居民区,,,2000
s5,戊居民区,2015,,4000
s6,己居民区,2016,,2000
s7,庚居民区,2016,,500
"""

LINEAGE = """\
wave,kind,from,to,households,document
2015,merge,s1,s5,1200,测民〔2015〕3号
2015,merge,s2,s5,400,测民〔2015〕3号
2016,rename,s3,s6,,
2016,split,s4,s7,124,测民〔2016〕8号
"""

ORDER = tiny.ORDER.replace(
    "waves:\n",
    """\
waves:
  - id: '2014'
    files:
      - {file: responses/2014/resident.csv, questionnaire: resident, group: resident}
      - {file: responses/2014/office.csv, questionnaire: organisation, group: office}
""",
)


def write(root: Path) -> Path:
    """Write the workspace; every test then spoils what it is about."""
    tiny.write(root)
    (root / "evaluation.yaml").write_text(ORDER, encoding="utf-8")
    (root / "roster.csv").write_text(ROSTER, encoding="utf-8")
    (root / "lineage.csv").write_text(LINEAGE, encoding="utf-8")
    for year, called in NOW_CALLED.items():
        answers = [[called.get(cell, cell) for cell in row] for row in tiny.residents(year)]
        tiny.write_csv(root / f"responses/{year}/resident.csv", tiny.RESIDENT_HEADER, answers)
        judged: dict[tuple[str, str], list[str]] = {}
        for row in tiny.offices(year):
            row[5] = called.get(row[5], row[5])
            judged.setdefault((row[4], row[5]), row)
        rows = list(judged.values())
        tiny.write_csv(root / f"responses/{year}/office.csv", tiny.OFFICE_HEADER, rows)
    return root
