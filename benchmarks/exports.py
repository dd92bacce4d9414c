"""One survey as every platform exports it: headings, own columns, ways to write choices.

Each writer takes what was asked, in order, and what was answered, and returns rows of cells, header
rows first, with what every column is: an item, or an item and its option.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

Row = list[str]
Truth = tuple[str, str | None] | None
"""Item and, of a column that is one option's, its code; None of the platform's own columns."""


@dataclass(frozen=True)
class Question:
    """One item as it stands in the platform: worded and numbered as somebody typed it there."""

    item: str
    number: int
    text: str
    stem: str | None
    options: Mapping[str, str]
    multiple: bool


@dataclass(frozen=True)
class Export:
    """Rows of cells, and what every column is."""

    rows: list[Row]
    truth: list[Truth]


Answers = Sequence[Mapping[str, Sequence[str]]]
"""By person and item the codes chosen; a text as its only member where there are no options."""
Front = Callable[[int], Row]
Heading = Callable[[Question], str]


def _joined(own: Question, codes: Sequence[str], joint: str) -> str:
    return joint.join(own.options.get(code, code) for code in codes)


def _one_column_each(
    asked: Sequence[Question],
    given: Answers,
    names: Row,
    front: Front,
    heading: Heading,
    joint: str,
) -> Export:
    """Write a column a question; several choices stand in one cell."""
    rows = [[*names, *map(heading, asked)]]
    for at, person in enumerate(given):
        cells = [_joined(own, person.get(own.item, ()), joint) for own in asked]
        rows.append([*front(at), *cells])
    return Export(rows, [*[None] * len(names), *[(own.item, None) for own in asked]])


def _with_options(
    asked: Sequence[Question],
    given: Answers,
    names: Row,
    front: Front,
    heading: Heading,
    of_option: Callable[[Question, str, str], str],
    marks: Callable[[str], tuple[str, str]],
    cell: Callable[[Question, str], str] | None = None,
) -> Export:
    """Write a column a question, and a column an option where several may be chosen."""
    header, truth = list(names), [None] * len(names)  # type: list[str], list[Truth]
    for own in asked:
        if own.multiple:
            header += [of_option(own, code, label) for code, label in own.options.items()]
            truth += [(own.item, code) for code in own.options]
        else:
            header.append(heading(own))
            truth.append((own.item, None))
    rows = [header]
    for at, person in enumerate(given):
        row = front(at)
        for own in asked:
            codes = person.get(own.item, ())
            if own.multiple:
                row += [marks(label)[code not in codes] for code, label in own.options.items()]
            else:
                shown = [
                    (
                        cell(own, code)
                        if cell and code in own.options
                        else own.options.get(code, code)
                    )
                    for code in codes
                ]
                row += ["".join(shown)]
        rows.append(row)
    return Export(rows, truth)


def _moment(at: int) -> str:
    return f"{10 + at // 60}:{at % 60:02}"


def wenjuanxing(asked: Sequence[Question], given: Answers) -> Export:
    """``2、题干``, rows of a matrix ``5、总题干—题干``, options ``19(停车)``, ticks 1 and 0."""
    names = ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    return _with_options(
        asked,
        given,
        names,
        lambda at: [str(at + 1), f"2026/9/5 {_moment(at)}:07", "90秒", "微信", "N/A", "1.1.1.1"],
        lambda q: f"{q.number}、{q.stem}—{q.text}" if q.stem else f"{q.number}、{q.text}",
        lambda q, _, label: f"{q.number}、{q.text}({label})",
        lambda _: ("1", "0"),
    )


def tencent_survey(asked: Sequence[Question], given: Answers) -> Export:
    """``2.题干``, ``5.总题干:题干``, letters before options, options in columns of their own."""
    names = ["编号", "开始答题时间", "结束答题时间", "答题时长", "用户标识", "昵称"]
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

    def lettered(own: Question, code: str) -> str:
        return f"{letters[list(own.options).index(code)]}.{own.options[code]}"

    def front(at: int) -> Row:
        return [
            str(at + 1), "2026-09-05 10:00:00", f"2026-09-05 {_moment(at)}:09", "90", f"u{at}", "",
        ]  # fmt: skip

    return _with_options(
        asked,
        given,
        names,
        front,
        lambda q: f"{q.number}.{q.stem}:{q.text}" if q.stem else f"{q.number}.{q.text}",
        lambda q, _, label: f"{q.number}.{q.text}:{label}",
        lambda label: (label, ""),
        lettered,
    )


def tencent_docs(asked: Sequence[Question], given: Answers) -> Export:
    """``题干（必填）``, several choices joined by a comma."""
    return _one_column_each(
        asked,
        given,
        ["提交时间（自动）", "提交者（自动）"],
        lambda at: [f"2026年9月5日 {_moment(at)}", f"用户{at}"],
        lambda q: f"{q.stem}-{q.text}（必填）" if q.stem else f"{q.text}（必填）",
        ", ",
    )


def office_form(asked: Sequence[Question], given: Answers) -> Export:
    """飞书、钉钉、WPS: kinds behind the question, choices on lines of their own."""
    return _one_column_each(
        asked,
        given,
        ["序号", "提交人", "提交时间"],
        lambda at: [str(at + 1), "甲", f"2026/9/5 {_moment(at)}"],
        lambda q: (
            (f"{q.stem}-{q.text}" if q.stem else q.text)
            + ("（多选）" if q.multiple else "（必填）（单选）")
        ),
        "\n",
    )


def jinshuju(asked: Sequence[Question], given: Answers) -> Export:
    """Questions as they are, between a serial number and the platform's own."""
    rows = _one_column_each(
        asked,
        given,
        ["序号", "提交时间"],
        lambda at: [str(at + 1), f"2026-09-05 {_moment(at)}:00"],
        lambda q: f"{q.stem} - {q.text}" if q.stem else q.text,
        ",",
    )
    more = [["填写设备", "填写地区"], *([["手机", "上海"]] * len(given))]
    return Export(
        [[*row, *end] for row, end in zip(rows.rows, more, strict=True)], [*rows.truth, None, None]
    )


def google_forms(asked: Sequence[Question], given: Answers) -> Export:
    """``总题干 [题干]``, choices joined by a comma and a blank."""
    return _one_column_each(
        asked,
        given,
        ["时间戳记"],
        lambda at: [f"2026/9/5 上午 {_moment(at)}:00 GMT+8"],
        lambda q: f"{q.stem} [{q.text}]" if q.stem else q.text,
        ", ",
    )


def ms_forms(asked: Sequence[Question], given: Answers) -> Export:
    """``总题干.题干``, a semicolon behind every choice."""
    found = _one_column_each(
        asked,
        given,
        ["ID", "开始时间", "完成时间", "电子邮件", "名称"],
        lambda at: [str(at + 1), "9/15/26 10:00:00", f"9/15/26 {_moment(at)}:00", "anonymous", ""],
        lambda q: f"{q.stem}.{q.text}" if q.stem else q.text,
        ";",
    )
    places = [at + 5 for at, own in enumerate(asked) if own.multiple]
    rows = [
        [f"{c};" if c and at in places else c for at, c in enumerate(row)] for row in found.rows[1:]
    ]
    return Export([found.rows[0], *rows], found.truth)


def kobo(asked: Sequence[Question], given: Answers) -> Export:
    """Group paths, labels as headings, a column an option beside the choices in one."""
    names = ["start", "end"]
    header, truth = list(names), [None, None]  # type: list[str], list[Truth]
    for own in asked:
        path = f"组/{own.stem}/{own.text}" if own.stem else f"组/{own.text}"
        header.append(path)
        truth.append((own.item, None) if not own.multiple else None)
        if own.multiple:
            header += [f"{path}/{label}" for label in own.options.values()]
            truth += [(own.item, code) for code in own.options]
    rows = [[*header, "_id", "_uuid", "_submission_time"]]
    for at, person in enumerate(given):
        row = ["2026-09-05T10:00:00.000+08:00", f"2026-09-05T{_moment(at)}:00.000+08:00"]
        for own in asked:
            codes = person.get(own.item, ())
            row.append(_joined(own, codes, " "))
            if own.multiple:
                row += ["1" if code in codes else "0" for code in own.options]
        rows.append([*row, str(at), f"u{at}", f"2026-09-05T{_moment(at)}:05"])
    return Export(rows, [*truth, None, None, None])


def limesurvey(asked: Sequence[Question], given: Answers) -> Export:
    """``总题干 [题干]`` and ``题干 [选项]``, full answers, 是 and 否."""
    names = ["Response ID", "Date submitted", "Last page", "Start language"]
    return _with_options(
        asked,
        given,
        names,
        lambda at: [str(at + 1), f"2026-09-05 {_moment(at)}:00", "2", "zh-Hans"],
        lambda q: f"{q.stem} [{q.text}]" if q.stem else q.text,
        lambda q, _, label: f"{q.text} [{label}]",
        lambda _: ("是", "否"),
    )


def qualtrics(asked: Sequence[Question], given: Answers) -> Export:
    """Three header rows; ``总题干 - 题干``, ``题干 - Selected Choice - 选项``."""
    names = ["StartDate", "EndDate", "Progress", "Finished", "RecordedDate", "ResponseId"]
    told = ["Start Date", "End Date", "Progress", "Finished", "Recorded Date", "Response ID"]

    def front(at: int) -> Row:
        ended = f"2026-09-05 {_moment(at)}:00"
        return ["2026-09-05 10:00:00", ended, "100", "TRUE", ended, f"R_{at}"]

    found = _with_options(
        asked,
        given,
        told,
        front,
        lambda q: f"{q.stem} - {q.text}" if q.stem else q.text,
        lambda q, _, label: f"{q.text} - Selected Choice - {label}",
        lambda label: (label, ""),
    )
    codes = [f"Q{at}" for at in range(1, len(found.truth) - len(names) + 1)]
    heads = [*names, *codes]
    imports = ['{"ImportId":"' + code + '"}' for code in heads]
    return Export([heads, found.rows[0], imports, *found.rows[1:]], found.truth)


def surveymonkey(asked: Sequence[Question], given: Answers) -> Export:
    """Two header rows: the question once over its rows or choices, these below it."""
    names = ["Respondent ID", "Collector ID", "Start Date", "End Date"]
    found = _with_options(
        asked,
        given,
        names,
        lambda at: [
            str(1000 + at),
            "7",
            "09/15/2026 10:00:00 AM",
            f"09/15/2026 {_moment(at)}:00 AM",
        ],
        lambda q: q.text,
        lambda q, _, label: label,
        lambda label: (label, ""),
    )
    top, below, last = [*names], [""] * len(names), ""
    for own in asked:
        if own.multiple:
            top += [own.text, *[""] * (len(own.options) - 1)]
            below += list(own.options.values())
        elif own.stem:
            top.append("" if own.stem == last else own.stem)
            below.append(own.text)
        else:
            top.append(own.text)
            below.append("Response" if own.options else "Open-Ended Response")
        last = own.stem or ""
    return Export([top, below, *found.rows[1:]], found.truth)


def table(asked: Sequence[Question], given: Answers) -> Export:
    """A table that somebody typed: headings are the questions."""
    return _one_column_each(
        asked,
        given,
        ["编号"],
        lambda at: [str(at + 1)],
        lambda q: f"{q.stem}：{q.text}" if q.stem else q.text,
        ";",
    )


PLATFORMS: Mapping[str, Callable[[Sequence[Question], Answers], Export]] = {
    writer.__name__: writer
    for writer in (
        wenjuanxing, tencent_survey, tencent_docs, office_form, jinshuju, google_forms, ms_forms,
        kobo, limesurvey, qualtrics, surveymonkey, table,
    )
}  # fmt: skip
