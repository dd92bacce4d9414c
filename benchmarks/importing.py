"""Import of one large file of answers against the bare reader: CPU seconds of one run, and memory.

``python -m benchmarks.importing [ROWS [WORKBOOK_ROWS]]``: a CSV with Chinese labels, 30 columns, through the
whole of `evalkit check` beside ``pandas.read_csv`` of the same file; one of 46 columns made into coded
Parquet beside ``read_csv`` of texts; and a workbook of 60 columns read into a raw sheet, its child
process counted, beside python-calamine. Each in a process of its own, whose imports are not counted.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path

import numpy as np
import xlsxwriter

ROWS, WORKBOOK_ROWS = 1_000_000, 50_000
WORKBOOK_COLUMNS = 60
COMMITTEES = 120
LABELS = ("非常满意", "满意", "一般", "不满意", "非常不满意", "不了解", "")
SCORED, SCORED_OF_A_CITY = 26, 42

QUESTIONNAIRE = """id: survey
title: 大规模问卷
scales:
  满意度: [非常满意: 100, 满意: 80, 一般: 60, 不满意: 30, 非常不满意: 0, 不了解: 不计分]
items:
  - {id: where, role: subject, text: 您住在哪个居民区？}
"""

SCHEME = """id: own
title: 大规模方案
groups:
  - {code: resident, name: 居民, description: 居民, weight: 100, questionnaire: survey, residents: true, minimum_n: 10}
dimensions:
  - code: A
    name: 服务
    weight: 100
    indicators:
"""

ORDER = """title: 大规模
street: 某街道
scheme: scheme.yaml
roster: roster.csv
waves:
  - id: "2026"
    files: [{file: responses/2026/a.csv, questionnaire: survey, group: resident}]
"""


def write(folder: Path, rows: int, scored: int = SCORED) -> Path:
    """Write a workspace with one file of so many answers to so many scored questions and four others."""
    (folder / "questionnaires").mkdir(parents=True)
    (folder / "responses" / "2026").mkdir(parents=True)
    questions = [f"您对第{at}项服务满意吗？" for at in range(scored)]
    items = "".join(
        f"  - {{id: q{at}, text: {text}, scale: 满意度}}\n" for at, text in enumerate(questions)
    )
    (folder / "questionnaires" / "survey.yaml").write_text(QUESTIONNAIRE + items, "utf-8")
    weights = ["2"] * (scored - 1) + [f"{100 - 2 * (scored - 1)}"]
    indicators = "".join(
        f"      - {{code: A{at + 1}, name: 第{at}项, weight: {weights[at]}, items: {{survey: [q{at}]}}}}\n"
        for at in range(scored)
    )
    grades = "grades: [{name: 好, cutoff: 80, good: true}, {name: 差, cutoff: 0}]\n"
    (folder / "scheme.yaml").write_text(SCHEME + indicators + grades, "utf-8")
    (folder / "evaluation.yaml").write_text(ORDER, "utf-8")
    names = [f"第{at}居民区" for at in range(COMMITTEES)]
    listed = [f"c{at},{name}" for at, name in enumerate(names)]
    (folder / "roster.csv").write_text("代码,名称\n" + "\n".join(listed) + "\n", "utf-8")
    rng = np.random.default_rng(1)
    answers = np.array(LABELS, dtype=object)[
        rng.choice(len(LABELS), size=(rows, scored), p=[0.3, 0.35, 0.15, 0.07, 0.03, 0.05, 0.05])
    ]
    places = rng.integers(0, COMMITTEES, rows)
    seconds = rng.integers(40, 900, rows)
    path = folder / "responses" / "2026" / "a.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        out = csv.writer(file)
        out.writerow(["序号", "提交答卷时间", "所用时间", "您住在哪个居民区？", *questions])
        for at in range(rows):
            day, rest = divmod(at * 13 % (86_400 * 27), 86_400)
            hour, rest = divmod(rest, 3_600)
            minute, second = divmod(rest, 60)
            when = f"2026/11/{day + 1} {hour}:{minute:02}:{second:02}"
            out.writerow([at + 1, when, f"{seconds[at]}秒", names[places[at]], *answers[at]])
    return path


def write_workbook(path: Path, rows: int) -> None:
    """Write a workbook of so many answers, as a platform exports them."""
    rng = np.random.default_rng(2)
    book = xlsxwriter.Workbook(path)
    sheet = book.add_worksheet()
    asked = [f"您对第{at}项服务满意吗？" for at in range(WORKBOOK_COLUMNS - 4)]
    sheet.write_row(0, 0, ["序号", "提交答卷时间", "所用时间", "您住在哪个居民区？", *asked])
    given = np.array(LABELS[:-1], dtype=object)[rng.integers(0, 6, (rows, len(asked)))]
    for at in range(rows):
        when = f"2026/11/{at % 27 + 1} {at % 24}:{at % 60:02}:{at * 7 % 60:02}"
        front = [at + 1, when, f"{40 + at % 800}秒", f"第{at % COMMITTEES}居民区"]
        sheet.write_row(at + 1, 0, [*front, *given[at]])
    book.close()


MEASURED = """
import resource, sys, time
from pathlib import Path
what, place = sys.argv[1], Path(sys.argv[2])
def used():
    spent = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    return sum(one.ru_utime + one.ru_stime for one in spent)
if what == "read_csv":
    import pandas as pd
    begun = used()
    pd.read_csv(place / "responses/2026/a.csv")
elif what == "read_csv of texts":
    import pandas as pd
    begun = used()
    pd.read_csv(place / "responses/2026/a.csv", dtype=str)
elif what == "coded":
    from evalkit import workspace
    from evalkit.answers.coded import coded
    from evalkit.engines import parquet
    from evalkit.evaluation import read_files
    from evalkit.inputs import waves_up_to
    import evalkit.folder.checking
    begun = used()
    inputs = workspace.open(place).inputs()
    (read,) = read_files(inputs, waves_up_to(inputs, None))[0].values()
    decided = inputs.decided
    rows = coded(read.answers, decided.scheme, decided.questionnaires["survey"], "s1")
    parquet.write(rows, place / "rows.parquet")
    assert len(rows) > 0
elif what == "check":
    from evalkit import workspace
    import evalkit.evaluation, evalkit.folder.checking
    begun = used()
    checked = workspace.open(place).check()
    assert not checked.problems, checked.problems
    assert checked.reports[0].rows_kept > 0, checked.reports
elif what == "calamine":
    import python_calamine
    begun = used()
    with python_calamine.load_workbook(str(place)) as book:
        book.get_sheet_by_index(0).to_python()
else:
    from evalkit import platforms
    from evalkit.errors import Problems
    from evalkit.files import cage
    begun, problems = used(), Problems()
    assert platforms.read(place, name=place.name, problems=problems) is not None, list(problems)
    cage.close()
spent = used() - begun
most = max(resource.getrusage(who).ru_maxrss for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print(spent, most / 1024)
"""


def measured(what: str, place: Path) -> tuple[float, float]:
    """Return CPU seconds and megabytes of one way to read, in a process of its own."""
    command = [sys.executable, "-c", MEASURED, what, str(place)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used, most = map(float, said.split())
    return used, most


def compared(title: str, bare: str, own: str, place: Path) -> None:
    """Print both ways to read, twice in turn, and the ratio of the better runs."""
    runs = [(measured(bare, place), measured(own, place)) for _ in range(2)]
    print(title)
    for at, name in enumerate((bare, own)):
        used, most = min(run[at][0] for run in runs), max(run[at][1] for run in runs)
        print(f"  {name:17} {used:7.2f} CPU s  {most:7,.0f} MB")
    ratio = min(run[1][0] for run in runs) / min(run[0][0] for run in runs)
    print(f"  ratio             {ratio:7.2f}")


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    workbook_rows = int(sys.argv[2]) if len(sys.argv) > 2 else WORKBOOK_ROWS
    apart = ProcessPoolExecutor(1, get_context("spawn"))  # a child begins with its parent's peak
    with tempfile.TemporaryDirectory() as place, apart:
        folder = Path(place) / "street"
        path = apart.submit(write, folder, rows).result()
        size = path.stat().st_size / 2**20
        compared(f"CSV of {rows:,} x 30, {size:,.0f} MB", "read_csv", "check", folder)
        city = Path(place) / "city"
        path = apart.submit(write, city, rows, SCORED_OF_A_CITY).result()
        size = path.stat().st_size / 2**20
        compared(f"CSV of {rows:,} x 46, {size:,.0f} MB", "read_csv of texts", "coded", city)
        book = Path(place) / "a.xlsx"
        apart.submit(write_workbook, book, workbook_rows).result()
        compared(f"workbook of {workbook_rows:,} x {WORKBOOK_COLUMNS}", "calamine", "read", book)


if __name__ == "__main__":
    main()
