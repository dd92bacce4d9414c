"""What is to be done, item by item: by hand, and against the files of a real evaluation."""

from __future__ import annotations

import datetime as dt
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest
from scipy import stats

from evalkit.definitions.actions import Action, ActionLibrary, StreetTask
from evalkit.definitions.checklist import Task
from evalkit.pages.telling import deadlines, tasks
from evalkit.pages.telling import facts as known
from evalkit.pages.telling.facts import Facts
from evalkit.pages.telling.priorities import Priorities, Priority
from evalkit.tables import Evaluation, Needs, frame, no_rows
from tests.deciding import with_decided
from tests.pages import first_things, published
from tests.pages.reading import Files, Page, Row, percent
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up
from tests.pages.test_diagnosis_numbers import profile
from tests.pages.test_prescription_numbers import evidence, unseen, visible

WHO, LACKING = "CS001", "CS003"
BY_ITSELF = ("由居民区定", "由居民区定", "逐项答复的记录，居民认可的人数")
UNSEEN = "办成的件数；回访的人数、认可的人数"
OF = 100


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(count=5, waves=("2016",), incomplete={2: ("random",)}))


def ticked(made: Evaluation, rows: Sequence[tuple[str, str, int, str | None]]) -> Evaluation:
    """The same evaluation with these needs: subject, name, how many of a hundred, verdict."""
    names = sorted({name for _, name, _, _ in rows})
    everywhere = {name: n for subject, name, n, _ in rows if subject == "all"}
    table = pd.DataFrame(
        [
            (subject, str(names.index(name)), name, n, verdict, everywhere[name] / OF)
            for subject, name, n, verdict in rows
        ],
        columns=["subject", "option", "name", "n", "verdict", "street"],
    ).assign(wave="2016", item="n", of=OF, se=0.04, low=0.0, high=1.0, p_adjusted=0.5)
    table["share"] = table["n"] / OF
    return replace(made, needs=Needs(frame("needs", table), no_rows("themes")))


NEEDS = (
    ("all", "停车", 20, None),
    ("all", "电梯", 30, None),
    ("all", "食堂", 25, None),
    ("all", "看病", 12, None),
    ("all", "目前没有", 60, None),
    ("all", "其他", 40, None),
    (WHO, "停车", 40, "高于"),
    (WHO, "食堂", 21, "无显著差异"),
    (WHO, "电梯", 30, "无显著差异"),
    (WHO, "看病", 11, "无显著差异"),
    (WHO, "目前没有", 50, "无显著差异"),
)


def about(made: Evaluation, subject: str = WHO) -> Facts:
    return known.gather(known.common(made), subject)


def act(code: str, what: str = "", days: int = 30) -> Action:
    what = what or f"办{code}"
    return Action(indicator=code, what=what, who=f"{code}专干", days=days, shown_by=f"{code}的得分")


def low(facts: Facts, kind: Any, code: str, by: float, *actions: Action) -> Priority:
    """A priority that lies so many points below the street."""
    (row,) = (r for r in facts.rows if r["code"] == code)
    row = {**row, "difference": -by}
    (inside,) = (r for r in facts.rows if r["code"] == (code if len(code) > 1 else f"{code}1"))
    return Priority(kind, row, inside, actions, by)


def reach(made: Evaluation, code: str) -> str:
    """Half the interval of a difference, to a decimal."""
    scores = made.current.scores
    m = next(m for m, measure in enumerate(scores.measures) if measure.code == code)
    at = scores.subjects.index(WHO)
    t = float(stats.t.ppf(0.975, scores.df[m, at]))
    return f"{t * math.sqrt(scores.difference_variance[m, at]):.1f}"


def found(monkeypatch: pytest.MonkeyPatch, at_once: Any = (), ordered: Any = ()) -> None:
    monkeypatch.setattr(
        tasks, "priorities", lambda facts: Priorities(tuple(at_once), tuple(ordered))
    )


# --- by hand --------------------------------------------------------------------------------


def test_tasks_stand_in_the_order_of_the_prescription_each_with_its_first_action(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ticked(street, NEEDS)
    facts = about(made)
    found(
        monkeypatch,
        at_once=[low(facts, "weakness", "A3", 9.04, act("A3", days=20))],
        ordered=[
            low(facts, "weakness", "A1", 7.06, act("A1"), act("A1", "再办", 90)),
            low(facts, "dimension", "B", 4.0),
            low(facts, "tendency", "C1", 3.0, act("C1", days=60)),
            low(facts, "weakness", "D1", 2.0, act("D1")),
        ],
    )
    name = facts.name

    def shown(code: str) -> str:
        """The library's, unless not even full marks would show."""
        (row,) = (r for r in facts.rows if r["code"] == code)
        hidden = unseen(SimpleNamespace(evaluation=made), WHO, row)  # type: ignore[arg-type]
        return UNSEEN if hidden else f"{code}的得分"

    assert [tuple(task)[:10] for task in tasks.of_committee(facts)] == [
        ("2016-CS001-01", WHO, name, "同步办", "重点人群关怀",
         f"明显低于街道平均 9.0 ± {reach(made, 'A3')} 分", "办A3", "A3专干",
         "立即动手，20 天内办完", shown("A3")),
        ("2016-CS001-02", WHO, name, "整改", "便民办事",
         f"明显低于街道平均 7.1 ± {reach(made, 'A1')} 分", "办A1", "A1专干", "30 天内", shown("A1")),
        ("2016-CS001-03", WHO, name, "整改", "工作者队伍建设",
         f"整个维度明显低于街道平均 4.0 ± {reach(made, 'B')} 分",
         "措施库没有“服务态度”的措施，由居民区与街道商定。", "", "", ""),
        ("2016-CS001-04", WHO, name, "核实", "反映渠道",
         f"比街道平均低 3.0 ± {reach(made, 'C1')} 分，尚不足以断定",
         "翻台账、走访居民，核实是否属实；属实则办C1", "C1专干", "60 天内", shown("C1")),
        ("2016-CS001-05", WHO, name, "诉求", "停车", "40% 的居民勾选，明显高于全街道的 20%",
         "逐户登记、逐项答复；居民区办不了的，报街道牵头部门", *BY_ITSELF),
        ("2016-CS001-06", WHO, name, "诉求", "电梯；食堂", "居民最盼：电梯 30%、食堂 21%",
         "逐项答复居民：能办的定下办法和时间，居民区办不了的报街道牵头部门", *BY_ITSELF),
    ]  # fmt: skip


def test_what_leans_low_without_an_action_is_looked_into_and_nothing_more(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = about(replace(street, needs=Needs.nothing()))
    found(monkeypatch, ordered=[low(facts, "tendency", "C1", 3.0)])
    (task,) = tasks.of_committee(facts)
    assert (task.kind, task.what) == ("核实", "翻台账、走访居民，核实是否属实")
    assert (task.who, task.by, task.shown_by) == ("", "", "")


def test_without_a_library_committee_and_street_agree_on_what_is_done(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    order = street.order.model_copy(update={"subject_word": "村", "street_word": "镇"})
    facts = about(with_decided(ticked(street, NEEDS), actions=None, order=order))
    found(monkeypatch, ordered=[low(facts, "weakness", "A1", 3.0)])
    told = tasks.of_committee(facts)
    assert told[0].what == "具体措施由村与镇商定。"
    assert told[1].evidence.endswith("明显高于全镇的 20%")
    assert not re.search("居民区|街道", " ".join(task.what + task.evidence for task in told))


def test_the_lowest_score_alone_is_no_task_and_wishes_are_answered_all_the_same(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = about(ticked(street, NEEDS))
    found(monkeypatch, ordered=[low(facts, "lowest", "A1", 0.1, act("A1"))])
    assert [(t.id[-2:], t.kind, t.problem) for t in tasks.of_committee(facts)] == [
        ("01", "诉求", "停车"),
        ("02", "诉求", "电梯；食堂"),
    ]
    unasked = about(replace(street, needs=Needs.nothing()))
    assert tasks.of_committee(unasked) == []


def test_wishes_that_are_all_urgent_are_not_answered_twice(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch)
    rows = [*NEEDS[:6], (WHO, "停车", 40, "高于")]
    assert [t.problem for t in tasks.of_committee(about(ticked(street, rows)))] == ["停车"]


def test_an_incomplete_committee_has_no_task(street: Evaluation) -> None:
    rows = [(LACKING if subject == WHO else subject, *rest) for subject, *rest in NEEDS]
    made = ticked(street, rows)  # type: ignore[arg-type]
    assert tasks.of_committee(about(made, LACKING)) == []
    assert LACKING not in {task.subject for task in tasks.everything(made)}


def test_a_wish_that_the_street_has_a_task_for_has_its_department_and_its_days(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch)

    def told(*needs: str) -> list[tuple[str, str]]:
        library = ActionLibrary(id="l", title="库", street=[street_task(n) for n in needs])
        made = with_decided(ticked(street, NEEDS), actions=library)
        return [(t.who, t.by) for t in tasks.of_committee(about(made))]

    nobody = ("由居民区定", "由居民区定")
    assert told() == [nobody, nobody]
    assert told("停车") == [("居民区，会同停车办", "45 天内"), nobody]
    assert told("停车", "食堂") == [
        ("居民区，会同停车办", "45 天内"),
        ("居民区，会同牵头部门", "45 天内"),
    ]
    assert told("食堂", "电梯") == [nobody, ("居民区，会同牵头部门", "45 天内")]


def test_one_answer_has_one_day_and_tells_who_leads_for_what(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    found(monkeypatch)
    start = "逐项答复居民：能办的定下办法和时间，居民区办不了的报街道牵头部门"

    def told(**days: int) -> tuple[str, str]:
        library = ActionLibrary(
            id="l", title="库", street=[street_task(n, d) for n, d in days.items()]
        )
        facts = about(with_decided(ticked(street, NEEDS), actions=library))
        (*_, answer) = tasks.of_committee(facts)
        assert answer.what.startswith(start)
        return answer.what.removeprefix(start), answer.by

    assert told(食堂=90, 电梯=60) == ("（电梯，电梯办 60 天内；食堂，食堂办 90 天内）", "60 天内")
    assert told(食堂=60) == ("（食堂，食堂办 60 天内）", "60 天内")
    assert told() == ("", "由居民区定")


def test_a_third_thing_within_ninety_days_is_another_posts(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = about(replace(street, needs=Needs.nothing()))

    def by(who: str, code: str, days: int = 60) -> Action:
        return act(code, f"{who}办{code}", days).model_copy(update={"who": who})

    def whom(*third: Action, at_once: bool = False) -> list[str]:
        rest = [
            low(facts, "weakness", "A1", 3.0, by("书记", "A1")),
            low(facts, "weakness", "C1", 2.0, by("书记会同物业经理", "C1")),
            low(facts, "weakness", "D1", 1.0, *third),
        ]
        found(monkeypatch, at_once=rest[2:] if at_once else [], ordered=rest[: 2 if at_once else 3])
        return [task.who for task in tasks.of_committee(facts)]

    first = ["书记", "书记会同物业经理"]
    assert whom(by("书记", "D1"), by("主任", "D1", 30)) == [*first, "主任"]
    assert whom(by("书记", "D1", 120), by("主任", "D1")) == [*first, "书记"]
    assert whom(by("书记", "D1")) == [*first, "书记"], "nobody else is named for it"
    assert whom(by("书记", "D1"), by("主任", "D1"), at_once=True)[0] == "书记"


def street_task(need: str, days: int = 45) -> StreetTask:
    return StreetTask(need=need, what=f"办{need}", who=f"{need}办", days=days, shown_by="比例")


def test_the_streets_tasks_are_the_three_most_ticked_that_the_library_knows(
    street: Evaluation,
) -> None:
    library = ActionLibrary(id="l", title="库", street=[street_task(n) for n in ("看病", "停车")])
    made = with_decided(ticked(street, NEEDS), actions=library)
    town = "示例街道"
    assert [tuple(task)[:3] + tuple(task)[4:10] for task in tasks.of_street(made)] == [
        ("2016-all-01", "all", town, "停车", "20% 的居民勾选（20 人）",
         "办停车", "停车办", "45 天内", "比例"),
        ("2016-all-02", "all", town, "看病", "12% 的居民勾选（12 人）",
         "办看病", "看病办", "45 天内", "比例"),
    ]  # fmt: skip


def test_where_the_library_has_nothing_for_the_street_the_needs_alone_are_listed(
    street: Evaluation,
) -> None:
    for library in (None, ActionLibrary(id="l", title="库")):
        made = with_decided(ticked(street, NEEDS), actions=library)
        own = tasks.of_street(made)
        assert [task.problem for task in own] == ["电梯", "食堂", "停车"]
        assert {(t.what, t.who, t.by, t.shown_by) for t in own} == {("", "", "", "")}
    assert tasks.of_street(replace(street, needs=Needs.nothing())) == []


def test_the_street_is_called_what_the_order_calls_it(street: Evaluation) -> None:
    order = street.order.model_copy(update={"street_word": "镇"})
    made = with_decided(ticked(street, NEEDS), order=order, actions=None)
    assert {task.kind for task in tasks.of_street(made)} == {"镇统筹"}


def test_ids_are_unique_and_depend_on_nobody_else(street: Evaluation) -> None:
    """What the others are asked to do moves no number."""
    made = ticked(street, NEEDS)
    whole = list(tasks.everything(made))
    assert whole == list(tasks.everything(made))
    ids = [task.id for task in whole]
    assert len(set(ids)) == len(ids)
    for task in whole:
        assert re.fullmatch(rf"2016-{task.subject}-\d\d", task.id)
    for subject in {task.subject for task in whole}:
        own = [task.id[-2:] for task in whole if task.subject == subject]
        assert own == [f"{number:02d}" for number in range(1, len(own) + 1)]
    alone = [task for task in whole if task.subject == WHO]
    assert tasks.of_committee(about(made)) == alone


# --- a real evaluation ----------------------------------------------------------------------


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def everything(files: Files) -> list[Task]:
    return list(tasks.everything(files.evaluation))


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    return published.diagnoses(files)


def expected(files: Files, subject: str) -> list[tuple[str, ...]]:
    """Kind, problem, evidence, what, who, by and shown_by, from the files and the library."""
    none = {"what": "", "who": "", "shown_by": ""}
    rows = []
    parts = first_things.parts(files, subject)
    for (kind, f), given in zip(parts, first_things.chosen(files, parts), strict=True):
        deed = given or none
        what, by = deed["what"], f"{deed['days']} 天内" if "days" in deed else ""
        if kind == "核实":
            what = f"翻台账、走访居民，核实是否属实{f'；属实则{what}' if what else ''}"
        elif not what:
            (name,) = (i.name for i in files.evaluation.scheme.indicators if i.code == f["of"])
            what = f"措施库没有“{name}”的措施，由居民区与街道商定。"
        if kind == "同步办" and by:
            by = f"立即动手，{by}办完"
        name = f["row"]["name"]
        told = evidence(files, subject, f)
        shown = deed["shown_by"]
        if shown and unseen(files, subject, f["row"]):
            shown = UNSEEN
        rows.append((kind, name, told, what, deed["who"], by, shown))
    wishes = first_things.wishes(files, subject)
    for r in wishes:
        if r["verdict"] == "高于":
            told = f"{percent(r['share'])} 的居民勾选，明显高于全街道的 {percent(r['street'])}"
            what = f"逐户登记、逐项答复；居民区办不了的，报{lead(files, r)}"
            rows.append(("诉求", r["name"], told, what, *charged(files, r)))
    others = [r for r in wishes if r["verdict"] != "高于"]
    if others:
        said = "、".join(f"{r['name']} {percent(r['share'])}" for r in others)
        what = "逐项答复居民：能办的定下办法和时间，居民区办不了的报街道牵头部门"
        names = "；".join(r["name"] for r in others)
        rows.append(("诉求", names, f"居民最盼：{said}", *answered(files, others, what)))
    return rows


def street_tasks(files: Files) -> dict[str, StreetTask]:
    library = files.evaluation.decided.actions
    assert library is not None
    return {task.need: task for task in library.street}


def answered(files: Files, wishes: list[Row], what: str) -> tuple[str, str, str, str]:
    """One who answers, one day; beside what is done, which department leads for which and when."""
    known_to = street_tasks(files)
    own = [(r["name"], known_to[r["name"]]) for r in wishes if r["name"] in known_to]
    if not own:
        return what, *BY_ITSELF
    leads: dict[str, list[str]] = {}
    for name, task in own:
        leads.setdefault(f"{task.who} {task.days} 天内", []).append(name)
    told = "；".join(f"{'、'.join(names)}，{who}" for who, names in leads.items())
    soonest = min(task.days for _, task in own)
    return f"{what}（{told}）", "居民区，会同牵头部门", f"{soonest} 天内", BY_ITSELF[2]


def charged(files: Files, wish: Row) -> tuple[str, str, str]:
    """The library's department and days for a wish; what it says nothing of, they decide."""
    task = street_tasks(files).get(wish["name"])
    if task is None:
        return BY_ITSELF
    return f"居民区，会同{task.who}", f"{task.days} 天内", BY_ITSELF[2]


def lead(files: Files, wish: Row) -> str:
    task = street_tasks(files).get(wish["name"])
    return "街道牵头部门" + (f"（{task.who}）" if task else "")


def test_every_committees_tasks_follow_from_the_files(files: Files, everything: list[Task]) -> None:
    ranked = {row["subject"] for row in files.table("ranking")}
    for row in files.table("scores"):
        subject = row["subject"]
        own = [task for task in everything if task.subject == subject]
        if subject not in ranked:
            assert own == []
            continue
        told = [tuple(task)[3:10] for task in own]
        wanted = expected(files, subject)
        assert [t[:2] for t in told] == [w[:2] for w in wanted]
        for (_, _, said, *rest), (_, _, evidence_of, *other) in zip(told, wanted, strict=True):
            # Of bad answers the expected evidence ends before the options are named.
            assert said.startswith(evidence_of)
            assert rest == other


def test_a_score_that_cannot_show_a_rise_is_no_test_of_the_work(
    files: Files, everything: list[Task], pages: Mapping[str, Page]
) -> None:
    seen = Counter[bool]()
    for task in everything:
        if not task.about or not task.who:
            continue
        levels = ("dimension", "indicator")
        rows = (r for level in levels for r in profile(files, task.subject, level))
        row = next(r for r in rows if r["code"] == task.about)
        hidden = unseen(files, task.subject, row)
        assert (task.shown_by == UNSEEN) == hidden
        seen[hidden] += 1
        told = pages[task.subject].part("处方：先做什么")
        if "下次就看得出" in (goal := visible(files, task.subject, row)):
            assert goal in told.text
        # Once, and not in every row, is it said that a score shows little.
        assert "看不出" not in task.shown_by
        assert told.text.count("成效以办成的件数和回访认可为准") == 1
    # Few answers about each of the demo's committees, and high scores; more about the town's.
    assert seen[files.evaluation.scheme.id == "changshou"]


def test_tasks_come_street_first_then_in_roster_order(files: Files, everything: list[Task]) -> None:
    order = list(dict.fromkeys(task.subject for task in everything))
    listed = ["all", *(subject.id for subject in files.evaluation.roster.subjects)]
    assert order == [subject for subject in listed if subject in order]
    assert len(order) > 12
    assert Counter(task.id for task in everything).most_common(1)[0][1] == 1
    kinds = {task.kind for task in everything}
    assert {"整改", "诉求", "街道统筹"} <= kinds


def test_the_streets_tasks_follow_from_its_needs(files: Files, everything: list[Task]) -> None:
    library = files.evaluation.decided.actions
    assert library is not None
    known_to = {task.need: task for task in library.street}
    rows = sorted(files.where("needs", subject="all"), key=lambda r: -r["share"])
    rows = [r for r in rows if not r["name"].startswith(("目前没有", "其他", "其它"))]
    if known_to:
        rows = [r for r in rows if r["name"] in known_to]
    own = [task for task in everything if task.subject == "all"]
    assert len(own) == min(3, len(rows))
    for task, row in zip(own, rows, strict=False):
        assert task.problem == row["name"]
        assert task.evidence == f"{percent(row['share'])} 的居民勾选（{int(row['n'])} 人）"
        if known_to:
            deed = known_to[row["name"]]
            assert (task.what, task.who, task.by) == (deed.what, deed.who, f"{deed.days} 天内")


def test_page_one_prescription_and_slip_have_the_same_tasks_with_the_same_who_and_when(
    everything: list[Task], pages: Mapping[str, Page]
) -> None:
    """One list: what somebody is charged with in one place stands in the others, in its order."""
    first_pages = Counter[str]()
    for subject, page in pages.items():
        own = [task for task in everything if task.subject == subject]
        prescription = page.part("处方：先做什么")
        rows = [row for table in prescription.tables for row in table.rows if len(row) == 4]
        if not own:
            continue
        charged = [[task.what, task.who, task.by, task.shown_by] for task in own if task.who]
        assert rows == charged
        (table,) = (t for p in page.parts if p.title == "整改清单及反馈回执" for t in p.tables)
        slip = [row[2:4] for row in table.rows if "自列" not in row[1]]
        assert slip == [[task.who, task.by] for task in own]
        at = 0
        for task in own:
            answer = task.evidence.startswith("居民最盼：")  # the evidence names the needs
            at = prescription.text.index("居民最盼" if answer else task.problem, at)
            at = prescription.text.index(task.evidence.removeprefix("居民最盼："), at)
        told = page.part("总评").texts
        steps = told[told.index("先做的几件事详见“处方”一节") + 1 :]
        beside = ("清单共", "其余", "还有偏低苗头")
        steps = [text for text in steps if not text.startswith(beside)]
        assert len(steps) <= 3
        for text, task in zip(steps, own, strict=False):
            answer = task.evidence.startswith("居民最盼：")
            names = "、".join(f"“{name}”" for name in task.problem.split("；"))
            assert text.startswith(f"答复居民最盼的{names}") if answer else task.evidence in text
            whom = f"{task.who}负责，{task.by}。" if task.who != task.by else f"{task.who}。"
            assert not task.who or text.endswith(whom)
            assert answer or task.what in text or text.startswith(("优先改进", "立即核查"))
        for text in steps[len(own) :]:
            assert not re.search(r"负责|天内", text)
            first_pages["no task"] += 1
        first_pages["task"] += min(len(own), 3)
    assert first_pages["task"] > 20
    assert first_pages["no task"]


def test_the_slip_lists_every_task_once(everything: list[Task], pages: Mapping[str, Page]) -> None:
    for subject, page in pages.items():
        own = [task for task in everything if task.subject == subject]
        slips = [p for p in page.parts if p.title == "整改清单及反馈回执"]
        assert len(slips) == bool(own)
        if own:
            (table,) = slips[0].tables
            told = [row for row in table.rows if "自列" not in row[1]]
            assert [row[0] for row in told] == [str(n) for n in range(1, len(own) + 1)]
            for row, task in zip(told, own, strict=True):
                what = task.what
                if task.evidence.startswith(
                    "居民最盼："
                ):  # which department, stands in the prescription
                    what = what.partition("（")[0]
                cut = (
                    what
                    if len(what) <= (most := 90 if len(own) <= 5 else 72)
                    else what[: most - 1] + "…"
                )
                assert row[1:4] == [f"{task.problem}{task.kind}{cut}", task.who, task.by]
                assert row[4:] == ["", ""]
            assert len(table.rows) == max(5, len(own))


def test_a_deadline_is_a_working_day_where_the_day_of_issue_is_known(street: Evaluation) -> None:
    order = street.order
    assert deadlines.within(order, 30) == "30 天内"
    signed = order.model_copy(update={"signed": dt.date(2016, 12, 30)})
    # 29 January 2017 was the second day of 春节
    assert deadlines.within(signed, 30) == "30 天内（2017-02-03 前）"
    assert deadlines.within(signed, 6) == "6 天内（2017-01-05 前）"
