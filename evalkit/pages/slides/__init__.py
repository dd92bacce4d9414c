"""Slides for the street's meeting: the report's own sentences, one thing to look at on each.

Nothing is found out or worded anew: titles are the takeaways of the report's sections, numbers are
read back from what these print. A section that the report does not have makes no slide.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from evalkit.pages.press import wording as say
from evalkit.pages.press.deck import (
    Bars,
    Deck,
    Floats,
    Grid,
    Image,
    Lines,
    Reach,
    Series,
    Slide,
)
from evalkit.pages.press.planned import Paper
from evalkit.pages.press.section import Section
from evalkit.pages.slides import intervals
from evalkit.pages.slides.numbers import form_of, number
from evalkit.pages.street.league import Groups
from evalkit.pages.street.maps import Maps
from evalkit.pages.street.means import Means
from evalkit.pages.street.needs import Needs
from evalkit.pages.street.objective import Objective
from evalkit.pages.street.satisfied import Questions, Satisfied
from evalkit.pages.street.summary import Summary
from evalkit.pages.street.supply import Supply
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import maps, satisfaction, tasks
from evalkit.tables import Evaluation

PATH = "slides.pptx"
NOW, BEFORE, PALE = "155A8A", "BCC4CC", "6FA3C7"
"""Colours of this wave, of the last one, and of what is beside the point."""
ENDS = 5
"""Questions shown at either end."""
MOST_NEEDS = 10
MOST_LINES = 6
MOST_MEASURES = 9
MAP_HEIGHT = 380
"""CSS pixels: a slide is lower than a sheet."""
LONGEST = 90
"""Signs of a title; of a longer takeaway the speaker tells."""

S = TypeVar("S", bound=Section)


@dataclass(frozen=True, slots=True)
class Told:
    """What slides are made of: the evaluation, and the sections of the planned report."""

    evaluation: Evaluation
    sections: Sequence[Section]

    def section(self, kind: type[S]) -> S | None:
        """Return the report's section of a kind; None where it has none."""
        return next((one for one in self.sections if isinstance(one, kind)), None)


def plan(evaluation: Evaluation, report: Paper) -> Deck:
    """Plan the slides of an evaluation from its planned report."""
    order, told = evaluation.order, Told(evaluation, report.context["sections"])
    wave = order.wave_name(evaluation.wave)
    mark = "模拟数据，非真实评估结果" if order.synthetic else ""
    day = order.signed and f"{order.signed.year}年{order.signed.month}月{order.signed.day}日"
    return Deck(
        path=PATH,
        title=f"{order.street}{order.title}汇报（{wave}）",
        subject=f"{order.street}{order.title}（{wave}）",
        author=order.street,
        created=known.wave_date(evaluation),
        synthetic=mark,
        cover=[line for line in (order.title, order.street, f"{wave}结果汇报", order.issued_by, day)
               if line],
        slides=[slide for make in SLIDES for slide in make(told)],
        notes=[
            "这份幻灯片由评估结果生成，数字与街道报告一致；图可以改样式，数字改了就与报告不符。",
            f"讲的时候先说满意率，再说谁明显高、谁明显低，最后落到{order.street_word}要办的事。",
        ],
    )  # fmt: skip


def _first(text: str) -> str:
    """Return the first sentence of a takeaway."""
    return f"{text.partition('。')[0]}。"


def _source(told: Told, section: Section) -> str:
    return f"来源：{told.evaluation.order.street_word}报告“{section.title}”"


def _satisfied(told: Told) -> Iterator[Slide]:
    """Show how satisfied residents are: all, and each kind."""
    section, summary = told.section(Satisfied), told.section(Summary)
    row = satisfaction.overall(told.evaluation)
    if section is None or summary is None or row is None:
        return
    everybody = next(one for one in section.rows if one["overall"])
    rows = [everybody, *(one for _, own in section.kinds for one in own)]
    names = ["全体居民", *(str(one["name"]) for one in rows[1:])]
    yield Slide(
        title=_first(summary.takeaway),
        body=_between(names, rows),
        below=_source(told, section),
        notes=[
            section.meaning,
            "深色短线为满意率，色条为误差范围；色条重叠的不分高低。"
            "各类居民之间的差别，只有报告里标明的才算数。",
        ],
    )


def _between(names: Sequence[str], rows: Sequence[Mapping[str, object]]) -> Floats:
    """Plan shares of residents between the ends that the report prints beside them."""
    reaches: list[Reach] = []
    for name, row in zip(names, rows, strict=True):
        value = number(str(row["share"])) or 0.0
        low, _, high = str(row["reach"]).partition(say.DASH)
        least, most = (number(text) if number(text) is not None else value for text in (low, high))
        shown, colour = f"{name}　{row['share']}", PALE if reaches else NOW
        reaches.append(Reach(shown, least or 0.0, value, most or 0.0, colour))
    return Floats(
        reaches,
        (("全体居民", NOW), ("各类居民", PALE)),
        intervals.axis(reaches, 5),
    )


def _headlines(told: Told) -> Iterator[Slide]:
    """Show the first page's figures, and name who stands out."""
    summary = told.section(Summary)
    if summary is None or not (summary.headlines or summary.boxes):
        return
    rows = [
        (b["label"], f"{b['value']} {b['unit']}".strip(), b["detail"]) for b in summary.headlines
    ]
    for box in summary.boxes:
        names = box["names"]
        listed = say.joined(map(str, names)) if isinstance(names, Sequence) else ""
        rows.append((str(box["title"]), f"{box['n']} 个", f"{listed}{box['more']}" or "没有"))
    figures = f"{len(summary.headlines)} 个数看本次结果"
    named = any(box["n"] for box in summary.boxes)
    word = told.evaluation.order.subject_word
    naming = f"点名表扬或帮扶只说这几个{word}" if named else f"没有可以点名表扬或帮扶的{word}"
    told_of = [figures] if summary.headlines else []
    told_of += [naming] if summary.boxes else []
    yield Slide(
        title=f"{'，'.join(told_of)}。",
        body=Grid(("项目", "结果", "说明"), rows, (24, 13, 63)),
        below=_source(told, summary),
        notes=[
            summary.takeaway,
            "说明栏里的误差范围：换一批人来答，结果大致落在这里。",
            *(["同一组里不分先后。", *summary.lines[:2]] if summary.boxes else []),
        ],
    )


def _dimensions(told: Told) -> Iterator[Slide]:
    """Show the street's means by dimension."""
    section = told.section(Means)
    if section is None:
        return
    rows = [row for row in section.rows if row["kind"] == "dimension"]
    series, texts = _waves(told, rows, "mean", section.last if section.compared else "")
    own = [value for row in rows if (value := number(str(row["mean"]))) is not None]
    street = told.evaluation.order.street_word
    ends = f"{say.fixed(min(own))} 到 {say.fixed(max(own))} 分之间" if own else ""
    yield Slide(
        title=f"{len(own)} 个维度的{street}平均在 {ends}。" if own else section.takeaway,
        body=_bars(_texts(rows, "name"), series, texts, unit=""),
        below=_source(told, section),
        notes=[section.takeaway, section.moved or "各项之间的高低没有逐对检验。"],
    )


def _questions(told: Told) -> Iterator[Slide]:
    """Show the questions with the largest and the smallest shares."""
    section = told.section(Questions)
    if section is None:
        return
    high, low = satisfaction.ends(told.evaluation, ENDS)
    if not high:
        return
    shown, ends = [*high, *reversed(low)], len(high)
    texts = [satisfaction.share(row) for row in shown]
    names = [say.unpunctuated(str(row["name"])) for row in shown]
    wave = told.evaluation.order.wave_name(told.evaluation.wave)
    yield Slide(
        title=section.takeaway if len(section.takeaway) <= LONGEST else
        f"满意率最高的和最低的各 {ends} 题。",
        body=_bars(names, [Series(wave, [number(text) for text in texts], NOW)], texts),
        below=f"满意率最高和最低的各 {ends} 题；{_source(told, section)}",
        notes=[section.takeaway, "题与题之间没有逐对检验，相差不多的不必分先后。"],
    )  # fmt: skip


def _needs(told: Told) -> Iterator[Slide]:
    """Show what residents tick most."""
    section = told.section(Needs)
    if section is None or not section.blocks:
        return
    block = section.blocks[0]
    listed = block["rows"]
    rows = list(listed)[:MOST_NEEDS] if isinstance(listed, Sequence) else []
    texts = [row["share"] for row in rows]
    most = max(filter(None, map(number, texts)), default=100.0)
    bars = _bars(
        [row["name"] for row in rows],
        [Series("勾选的居民占比", [number(text) for text in texts], NOW)],
        texts,
        longest=min(100.0, 10.0 * (int(most / 10) + 1)),
    )
    yield Slide(
        title=section.takeaway,
        body=bars,
        below=f"{block['of']} 位居民回答，可选多项；{_source(told, section)}",
        notes=[section.takeaway, "比例相近的不必分先后；人数太少的没有列出。"],
    )


def _records(told: Told) -> Iterator[Slide]:
    """Show what records say; what is needed, and what there is for it, the speaker tells."""
    section, supply = told.section(Objective), told.section(Supply)
    if section is None:
        return
    rows = [
        (row["name"], row["number"], row["interval"], row["above"], row["below"])
        for row in section.rows[:MOST_MEASURES]
    ]
    beside = [] if supply is None else [supply.takeaway, *supply.remarks[:2]]
    yield Slide(
        title=section.takeaway,
        body=Grid(("指标", "结果", "误差范围", "明显高于", "明显低于"), rows, (34, 10, 16, 20, 20)),
        below=_source(told, section),
        notes=["这些数由台账的记录算出，不是问出来的。", *section.remarks[-1:], *beside],
    )


def _map(told: Told) -> Iterator[Slide]:
    """Show the map of scores."""
    section = told.section(Maps)
    if section is None:
        return
    every = maps.codes(told.evaluation)
    named = (c for c in every if say.quoted(maps.title(told.evaluation, c)) in section.takeaway)
    planned = maps.chart(told.evaluation, next(named, every[0]))
    high = {"max_height": MAP_HEIGHT} if planned.figure == "choropleth" else {}
    chart = replace(planned, options={**planned.options, **high, "subtitle": ""})
    yield Slide(
        title=section.takeaway,
        body=Image(chart.svg(), chart.words),
        below=_source(told, section),
        notes=[section.reading],
    )


def _tasks(told: Told) -> Iterator[Slide]:
    """List what the street does."""
    summary = told.section(Summary)
    if summary is None or not summary.tasks.rows:
        return
    rows = [
        (
            f"{row['need']}（{row['kind']}）" if row["kind"] else row["need"],
            row["what"] or "由牵头部门提出办法",
            row["who"],
            row["by"],
        )
        for row in summary.tasks.rows
    ]
    yield Slide(
        title=f"{summary.tasks.title}。",
        body=Grid(("什么事", "做什么", "谁办", "期限"), rows, (26, 42, 17, 15)),
        below=_source(told, summary),
        notes=[*(f"{row['need']}：{row['evidence']}" for row in summary.tasks.rows),
               summary.tasks.remark],
    )  # fmt: skip


def _reading(told: Told) -> Iterator[Slide]:
    """Say how far the results can be trusted."""
    summary, groups = told.section(Summary), told.section(Groups)
    if summary is None or not summary.lines:
        return
    lines = [*summary.lines, *(groups.lines if groups else []), *summary.looked_back]
    yield Slide(
        title="这些结果能用到什么程度"
        + ("，上次的整改办得怎样。" if summary.looked_back else "。"),
        body=Lines(lines[:MOST_LINES]),
        below=_source(told, summary),
        notes=[
            *lines[MOST_LINES:],
            *(
                ["诊断书的最后一页是整改清单和反馈回执，请填好、签字、盖章后交回。"]
                if any(True for _ in tasks.everything(told.evaluation))
                else []
            ),
        ],
    )


SLIDES: tuple[Callable[[Told], Iterator[Slide]], ...] = (
    _satisfied,
    _headlines,
    lambda told: intervals.standings(told.evaluation, told.sections),
    _dimensions,
    _questions,
    lambda told: intervals.movers(told.evaluation, told.sections),
    _needs,
    _records,
    _map,
    _tasks,
    _reading,
)
"""In the order in which they are shown; each makes one slide, or none."""


def _texts(rows: Sequence[Mapping[str, object]], key: str) -> list[str]:
    return [str(row[key]) for row in rows]


def _waves(
    told: Told, rows: Sequence[Mapping[str, object]], now: str, last: str
) -> tuple[list[Series], list[str]]:
    """Return this wave's numbers, behind those of the last one where it is named, as printed."""
    wave = told.evaluation.order.wave_name(told.evaluation.wave)
    shown = [(last, "previous", BEFORE)] if last else []
    shown += [(wave, now, NOW)]
    texts = [_texts(rows, key) for _, key, _ in shown]
    series = [
        Series(name, [number(text) for text in own], colour)
        for (name, _, colour), own in zip(shown, texts, strict=True)
    ]
    return series, [text for own in texts for text in own]


def _bars(
    names: Sequence[str],
    series: Sequence[Series],
    texts: Sequence[str],
    *,
    longest: float = 100.0,
    unit: str = "%",
) -> Bars:
    """Plan bars with their numbers as they are printed: beside the bar, or behind the name.

    Parameters
    ----------
    texts : sequence of str
        What the report prints, series by series.
    """
    form = form_of(texts, unit)
    if not form:
        now = texts[-len(names) :]
        names = [f"{name}　{text}" for name, text in zip(names, now, strict=True)]
    return Bars(names, series, form, (0.0, longest))
