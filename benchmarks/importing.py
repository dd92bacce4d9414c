"""Import of one large file of answers against the bare reader: CPU seconds of one run, and memory.

``python -m benchmarks.importing [ROWS]``: a CSV with Chinese labels, 30 columns, through `import_wave`
as `evalkit check` calls it, beside ``pandas.read_csv(dtype=str)`` of the same file.
"""

from __future__ import annotations

import csv
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROWS = 200_000
COMMITTEES = 120
LABELS = ("非常满意", "满意", "一般", "不满意", "非常不满意", "不了解", "")
SCORED = 26

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


def write(folder: Path, rows: int) -> Path:
    """Write a workspace with one file of so many answers."""
    (folder / "questionnaires").mkdir(parents=True)
    (folder / "responses" / "2026").mkdir(parents=True)
    questions = [f"您对第{at}项服务满意吗？" for at in range(SCORED)]
    items = "".join(
        f"  - {{id: q{at}, text: {text}, scale: 满意度}}\n" for at, text in enumerate(questions)
    )
    (folder / "questionnaires" / "survey.yaml").write_text(QUESTIONNAIRE + items, "utf-8")
    weights = [f"{100 / 25:g}"] * 24 + ["2", "2"]
    indicators = "".join(
        f"      - {{code: A{at + 1}, name: 第{at}项, weight: {weights[at]}, items: {{survey: [q{at}]}}}}\n"
        for at in range(SCORED)
    )
    grades = "grades: [{name: 好, cutoff: 80, good: true}, {name: 差, cutoff: 0}]\n"
    (folder / "scheme.yaml").write_text(SCHEME + indicators + grades, "utf-8")
    (folder / "evaluation.yaml").write_text(ORDER, "utf-8")
    names = [f"第{at}居民区" for at in range(COMMITTEES)]
    listed = [f"c{at},{name}" for at, name in enumerate(names)]
    (folder / "roster.csv").write_text("代码,名称\n" + "\n".join(listed) + "\n", "utf-8")
    rng = np.random.default_rng(1)
    answers = np.array(LABELS, dtype=object)[
        rng.choice(len(LABELS), size=(rows, SCORED), p=[0.3, 0.35, 0.15, 0.07, 0.03, 0.05, 0.05])
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


MEASURED = """
import resource, sys, time
from pathlib import Path
what, folder = sys.argv[1], Path(sys.argv[2])
if what == "bare":
    import pandas as pd
    begun = time.process_time()
    pd.read_csv(folder / "responses/2026/a.csv", dtype=str, keep_default_na=False)
else:
    from evalkit import workspace
    import evalkit.evaluation, evalkit.folder
    from evalkit.errors import Problems
    from evalkit.folder import Folder
    begun = time.process_time()
    problems = Problems()
    loaded = Folder(folder).load(problems)
    problems.raise_if_any()
    answers, reports = evalkit.evaluation.import_answers(loaded.inputs, ["2026"])
    assert reports[0].rows_kept > 0, reports
used = time.process_time() - begun
most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
print(used, most)
"""


def measured(what: str, folder: Path) -> tuple[float, float]:
    """Return CPU seconds and megabytes of one way to read the file, in a process of its own."""
    command = [sys.executable, "-c", MEASURED, what, str(folder)]
    said = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    used, most = map(float, said.split())
    return used, most


def main() -> None:
    rows = int(sys.argv[1]) if len(sys.argv) > 1 else ROWS
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "street"
        path = write(folder, rows)
        print(f"{rows:,} rows x 30 columns, {path.stat().st_size / 2**20:,.0f} MB")
        bare, evalkit = measured("bare", folder), measured("evalkit", folder)
        print(f"pandas.read_csv(dtype=str)  {bare[0]:7.1f} CPU s  {bare[1]:7,.0f} MB")
        print(f"evalkit                     {evalkit[0]:7.1f} CPU s  {evalkit[1]:7,.0f} MB")
        print(f"ratio                       {evalkit[0] / bare[0]:7.1f}")


if __name__ == "__main__":
    main()
