"""Files of a street small enough to compute in the head, as the platforms room hands them out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

import pandas as pd
import yaml

from evalkit.definitions.crosswalk import ColumnMapping, Crosswalk
from evalkit.definitions.evaluation import ResponseFile, Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Problem, Problems
from evalkit.intake.cleaning import repeats
from evalkit.intake.identity import identify
from evalkit.intake.importing import Source, import_wave
from evalkit.intake.reading import CodedSheet, code_sheet
from evalkit.intake.times import read_times
from evalkit.platforms import RawColumn, RawSheet, wenjuanxing
from evalkit.tables import Answers, FileReport
from tests.deciding import decided

SCALE = """
scales:
  s:
    - {code: "1", label: 满意, score: 100}
    - {code: "2", label: 一般, score: 50}
    - {code: "3", label: 不满意, score: 0}
    - {code: "4", label: 不了解, missing: dont_know}
"""
RESIDENT = f"""
id: resident
title: 居民问卷
{SCALE}
items:
  - id: live
    text: 是否住满半年
    role: screening
    options: [{{code: "1", label: 是}}, {{code: "2", label: 否, screen_out: true}}]
  - {{id: where, text: 所在居民区, role: subject}}
  - {{id: r1, text: 办事方便, scale: s}}
  - {{id: r2, text: 环境整洁, scale: s}}
"""
MIXED = f"""
id: mixed
title: 两类人同填
{SCALE}
items:
  - id: who
    text: 您是
    role: group
    options: [{{code: "1", label: 居民, group: key}}, {{code: "2", label: 干部, group: office}}]
  - {{id: where, text: 所在居民区, role: subject}}
  - {{id: unit, text: 您的单位, kind: text, role: rater}}
  - {{id: m1, text: 办事方便, scale: s}}
"""
PEER = f"""
id: peer
title: 互评问卷
{SCALE}
items:
  - {{id: unit, text: 您的单位, kind: text, role: rater}}
  - {{id: where, text: 评价的居民区, role: subject}}
  - {{id: p1, text: 办事规范, scale: s}}
"""
SCHEME = """
id: hand
title: 手算方案
residents_weight: 70
groups:
  - {code: key, name: 居民, weight: 70, questionnaire: resident, residents: true}
  - {code: office, name: 科室, weight: 20, questionnaire: peer, raters: rater}
  - {code: peer, name: 互评, weight: 10, questionnaire: peer, raters: rater, rates_itself: false}
dimensions:
  - code: A
    name: 服务
    weight: 60
    indicators:
      - {code: A1, name: 办事, weight: 60, items: {resident: [r1], peer: [p1], mixed: [m1]}}
  - code: B
    name: 环境
    weight: 40
    indicators:
      - {code: B1, name: 卫生, weight: 40, items: {resident: [r2]}}
grades: [{name: 优秀, cutoff: 90}, {name: 待改进, cutoff: 0}]
"""
HEADERS = {
    "resident": (
        "序号", "提交答卷时间", "所用时间", "来自IP",
        "是否住满半年", "所在居民区", "办事方便", "环境整洁",
    ),
    "mixed": ("序号", "提交答卷时间", "您是", "所在居民区", "您的单位", "办事方便"),
    "peer": ("序号", "提交答卷时间", "您的单位", "评价的居民区", "办事规范"),
}  # fmt: skip


@cache
def form(name: str) -> Questionnaire:
    return questionnaire({"resident": RESIDENT, "mixed": MIXED, "peer": PEER}[name])


def questionnaire(text: str) -> Questionnaire:
    document = Questionnaire.model_validate(yaml.safe_load(text))
    assert list(document.faults()) == []
    return document


@cache
def scheme(text: str = SCHEME) -> Scheme:
    return Scheme.model_validate(yaml.safe_load(text))


def roster(*more: Subject) -> Roster:
    return Roster(
        subjects=[
            Subject(id="jia", name="甲居民区", aliases=["老甲"]),
            Subject(id="yi", name="乙居民区"),
            *more,
        ]
    )


def wave(files: int = 0, **more: object) -> Wave:
    entries = [{"file": f"{at}.csv", "questionnaire": "resident"} for at in range(files)]
    return Wave.model_validate({"id": "2016", "files": entries} | more)


def answer(kind: str, number: int, **changes: str) -> list[str]:
    """One good row; every number gives another time and address."""
    row = dict.fromkeys(HEADERS[kind], "满意") | {
        "序号": str(number),
        "提交答卷时间": f"2016/6/1 10:{number // 60:02d}:{number % 60:02d}",
        "所用时间": "1分30秒",
        "来自IP": f"10.0.0.{number}(上海-上海)",
        "是否住满半年": "是",
        "您是": "居民",
        "您的单位": "服务办",
        "所在居民区": "甲居民区",
        "评价的居民区": "甲居民区",
    }
    return [(row | changes)[header] for header in HEADERS[kind]]


def sheet(
    headers: Sequence[str],
    rows: Sequence[Sequence[str]],
    *,
    file: str = "a.csv",
    variant: str | None = "text",
    columns: Sequence[RawColumn] | None = None,
    sha256: str | None = None,
) -> RawSheet:
    """A sheet whose first answer stands in row 2."""
    cells = pd.DataFrame(
        [list(row) for row in rows],
        index=range(2, len(rows) + 2),
        columns=range(len(headers)),
        dtype="str",
    )
    return RawSheet(
        file=file,
        sheet=None,
        platform="wenjuanxing",
        variant=variant,
        columns=tuple(columns or wenjuanxing.parse(headers)),
        cells=cells,
        encoding=None,
        sha256=file if sha256 is None else sha256,
    )


def source(
    kind: str,
    rows: Sequence[Sequence[str]],
    *,
    group: str | None = "key",
    crosswalk: Crosswalk | None = None,
    document: Questionnaire | None = None,
    headers: Sequence[str] | None = None,
    **more: object,
) -> Source:
    raw = sheet(HEADERS[kind] if headers is None else headers, rows, **more)  # type: ignore[arg-type]
    entry = ResponseFile(file=raw.file, questionnaire=kind, group=group)
    return Source(entry, raw, document or form(kind), crosswalk)


@dataclass(frozen=True)
class Imported:
    answers: Answers
    reports: tuple[FileReport, ...]
    problems: list[Problem]

    @property
    def report(self) -> FileReport:
        (report,) = self.reports
        return report

    @property
    def reasons(self) -> dict[int, str]:
        return {r.row: r.reason for r in self.report.rejections}

    @property
    def codes(self) -> list[str]:
        return [problem.code for problem in self.problems]

    def column(self, name: str) -> list[object]:
        return list(self.answers.respondents[name])


def imported(
    *sources: Source,
    at: Wave | None = None,
    by: Scheme | None = None,
    among: Roster | None = None,
) -> Imported:
    problems = Problems()
    answers, reports = import_wave(
        at or wave(), sources, decided(by or scheme(), {}, among or roster()), problems
    )
    for report in reports:
        assert report.rows_read == report.rows_kept + len(report.rejections)
    return Imported(answers, reports, list(problems))


def repeated(raw: RawSheet, rows: pd.Index[int] | None = None) -> dict[int, tuple[str, int]]:
    """Rows of a sheet that are another row again: the reason, and the first of them."""
    rows = raw.cells.index if rows is None else rows
    times, _ = read_times(raw, rows, (None, None), Problems())
    identity = identify(raw, rows, times)
    return {
        row: (reason, facts["first"])
        for reason, pasted in (("pasted_twice", True), ("duplicate", False))
        for row, facts in repeats(identity, rows, pasted).items()
    }


def coded(
    raw: RawSheet,
    document: Questionnaire,
    *,
    group: str | None = "key",
    variant: str | None = None,
    crosswalk: Crosswalk | None = None,
    codebook: wenjuanxing.Codebook | None = None,
) -> tuple[CodedSheet | None, list[Problem]]:
    problems = Problems()
    entry = ResponseFile.model_validate(
        {"file": raw.file, "questionnaire": document.id, "group": group, "variant": variant}
    )
    found = code_sheet(raw, document, entry, crosswalk, codebook, raw.cells.index, problems)
    return found, list(problems)


def crosswalk(
    document: str, items: Sequence[str | tuple[str, str] | None], **more: object
) -> Crosswalk:
    """An approved crosswalk: the item, or item and option, of every column in turn."""
    columns = [
        ColumnMapping(
            column=at,
            item=target[0] if isinstance(target, tuple) else target,
            option=target[1] if isinstance(target, tuple) else None,
        )
        for at, target in enumerate(items, start=1)
    ]
    data = {
        "id": "x", "questionnaire": document, "layout": "l", "variant": "text", "approved": True,
        "columns": columns,
    }  # fmt: skip
    return Crosswalk.model_validate(data | more)
