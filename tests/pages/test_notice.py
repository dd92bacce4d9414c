"""The notice for a committee's board: its numbers against the files, one sheet, nothing of others."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from datetime import date
from html import unescape

import pytest

from evalkit import publication
from evalkit.definitions.checklist import Task
from evalkit.definitions.evaluation import Wave
from evalkit.pages import notice
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Paper
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import tasks
from evalkit.pages.telling.facts import Facts
from evalkit.tables import Evaluation
from tests.deciding import with_decided
from tests.pages import first_things, published, shares
from tests.pages.reading import Files, Page, Part, Row, percent, read
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up
from tests.pages.test_tasks import NEEDS, ticked

WHO = "CS001"
STATISTICAL = (
    "显著", "区间", "置信", "标准误", "校正", "p值", "p 值", "名次", "排名", "得分", "分数", "信度", "等第",
    "检验", "±", "抽样", "样本", "加权", "平均", "维度", "指标",
)  # fmt: skip
"""What a neighbour need not know to read it; 误差范围 alone is said."""
HOSTILE = ("=1+1", "<script>alert(1)</script>", "{{7*7}}", "A&B", "'\"引号")


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def papers(files: Files) -> Mapping[str, Paper]:
    return {paper.path[7:-4]: paper for paper in notice.plan_all(files.evaluation)}


@pytest.fixture(scope="module")
def pages(papers: Mapping[str, Paper]) -> Mapping[str, Page]:
    return {subject: read(paper) for subject, paper in papers.items()}


def short(text: str, most: int) -> str:
    return text if len(text) <= most else text[: most - 1] + "…"


def told(row: Row) -> str:
    return f"{short(row['name'].rstrip('？?。！!'), 40)}（{shares.share(row)}）"


def text_of(page: Page) -> str:
    """All that is read, without marks."""
    return unescape(re.sub(r"<[^>]+>", "", page.html))


# --- a real evaluation ----------------------------------------------------------------------


def test_there_is_one_for_everybody_whose_satisfaction_is_told(
    files: Files, papers: Mapping[str, Paper]
) -> None:
    subjects = [row["subject"] for row in files.table("scores")]
    assert list(papers) == [s for s in subjects if shares.overall(files, s)]
    assert len(papers) > 12


def test_satisfaction_is_the_files_with_its_margin_and_how_it_moved(
    files: Files, pages: Mapping[str, Page]
) -> None:
    for subject, page in pages.items():
        row = shares.overall(files, subject)
        assert row is not None
        said = page.part("总体满意率").texts[0]
        low, high = shares.share(row, "low"), shares.share(row, "high")
        wanted = (
            f"{shares.share(row)} 的居民满意（选{shares.SATISFIED}的；误差范围 {low} 到 {high}）"
        )
        if row["change"] is not None:
            word = shares.DOWN.get(row["change_verdict"], "升降尚看不出")
            wanted += f"。上次为 {shares.share(row, 'previous')}，{word}"
        assert said == f"{wanted}。"
        assert f"对总体工作表了态的有 {int(row['n'])} 人" in page.parts[0].texts[1]


def test_the_questions_at_both_ends_are_the_files(files: Files, pages: Mapping[str, Page]) -> None:
    for subject, page in pages.items():
        rows = [r for r in shares.rows_of_all(files, subject) if r["role"] == "scored"]
        rows.sort(key=lambda r: -r["share"])
        count = min(3, len(rows) // 2)
        parts = [p for p in page.parts if p.title == "居民评价最高的和最低的"]
        assert len(parts) == bool(count)
        if count:
            assert parts[0].texts[:2] == [
                f"选满意或同样好的回答的最多：{'；'.join(told(r) for r in rows[:count])}。",
                f"选满意或同样好的回答的最少：{'；'.join(told(r) for r in rows[: -count - 1 : -1])}。",
            ]


def test_wishes_are_the_files(files: Files, pages: Mapping[str, Page]) -> None:
    for subject, page in pages.items():
        rows = first_things.wishes(files, subject)
        parts = [p for p in page.parts if p.title == "居民最盼解决的事"]
        assert len(parts) == bool(rows)
        if rows:
            said = "；".join(f"{short(r['name'], 30)}（{percent(r['share'])}）" for r in rows)
            assert parts[0].texts[0] == f"{said}。"


def deadline(files: Files, task: Task) -> str:
    """The first and the last day of an answer to several needs, where the library has one for each."""
    library = files.evaluation.decided.actions
    assert library is not None
    known_to = {one.need: one.days for one in library.street}
    days = [known_to.get(need) for need in task.problem.split("；")]
    if not task.evidence.startswith("居民最盼：") or None in days or len(set(days)) < 2:
        return task.by
    return f"{min(day for day in days if day)} 至 {max(day for day in days if day)} 天内"


def test_what_is_planned_is_the_list_of_what_is_to_be_done(
    files: Files, pages: Mapping[str, Page]
) -> None:
    everything = list(tasks.everything(files.evaluation))
    seen = ranges = 0
    for subject, page in pages.items():
        own = [t for t in everything if t.subject == subject and t.kind != "核实"]
        own = own if len(own) < 5 else [*own[:3], own[-1]]
        rows = [row for part in page.parts for table in part.tables for row in table.rows]
        wanted = []
        for t in own:
            nothing = t.what.startswith("措施库没有")
            what = "办法由居民区与街道商定" if nothing else short(t.what, 84)
            # Who answers what is wished together with the street: by whom, stands in what is done.
            answer = t.evidence.startswith("居民最盼：") and "会同" in t.who
            who = "居民区，会同街道牵头部门" if answer else t.who
            wanted.append([short(t.problem, 45), what, who, deadline(files, t)])
        assert rows == wanted
        seen += len(rows)
        ranges += sum(" 至 " in row[-1] for row in wanted)
    assert seen > 20
    assert ranges > 0


def test_nothing_of_other_committees_no_rank_no_score_and_no_word_of_statistics(
    files: Files, pages: Mapping[str, Page]
) -> None:
    names = {s.id: s.name for s in files.evaluation.roster.subjects}
    for subject, page in pages.items():
        text = text_of(page)
        assert names[subject] in text
        assert not [name for other, name in names.items() if other != subject and name in text]
        assert not [word for word in STATISTICAL if word in text]
        assert "误差范围" in text
        # Shares are the only numbers with a sign behind them; no score has none.
        score = files.one("scores", subject=subject)["score"]
        assert score is None or f"{score:.1f}" not in text


def test_no_number_rests_on_fewer_than_may_be_told(files: Files, pages: Mapping[str, Page]) -> None:
    for subject in pages:
        for row in shares.rows_of_all(files, subject):
            assert row["n"] >= 10
        for row in first_things.wishes(files, subject):
            assert 10 <= row["n"] <= row["of"] - 10


def test_each_is_one_sheet(papers: Mapping[str, Paper]) -> None:
    for paper in papers.values():
        assert paper.most == 1
        assert len(printing.lay_out(paper, printing.fill(paper)).pages) == 1


# --- by hand --------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(count=5, waves=("2016",), mean=80.0))


def about(made: Evaluation) -> Facts:
    return known.gather(known.common(made), WHO)


def planned(made: Evaluation, subject: str = WHO) -> Paper:
    return next(p for p in notice.plan_all(made) if p.path == f"notice/{subject}.pdf")


def ordered(made: Evaluation, **changed: object) -> Evaluation:
    return with_decided(made, order=made.order.model_copy(update=changed))


def asked(monkeypatch: pytest.MonkeyPatch, *own: tuple[str, str, str]) -> None:
    """Let the committee have these tasks: kind, what it is about, what is done."""
    found = [
        Task("", WHO, "", kind, problem, "", what, "" if kind == "诉求" else "书记", "", "")
        for kind, problem, what in own
    ]
    monkeypatch.setattr(tasks, "of_committee", lambda facts: found)


def test_no_more_than_fits_is_planned_and_wishes_are_answered_in_any_case(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    facts = about(street)
    low = [("整改", f"第{n}项", "办") for n in range(1, 6)]
    asked(monkeypatch, *low[:3], ("核实", "未必", "看"), ("诉求", "停车", "答"))
    assert [t["problem"] for t in notice.planned(facts)] == ["第1项", "第2项", "第3项", "停车"]
    asked(monkeypatch, *low, ("诉求", "停车", "答"))
    assert [t["problem"] for t in notice.planned(facts)] == ["第1项", "第2项", "第3项", "停车"]
    asked(monkeypatch, ("核实", "未必", "看"))
    assert notice.planned(facts) == []


def test_where_nothing_is_planned_there_is_no_table(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch)
    assert not [part for part in read(planned(street)).parts if part.title == "准备做的事"]


def test_a_missing_action_is_told_without_the_library(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = ordered(street, subject_word="村", street_word="镇")
    bare = Task("", WHO, "", "整改", "卫生", "", "措施库没有“卫生”的措施。", "", "", "")
    monkeypatch.setattr(tasks, "of_committee", lambda facts: [bare])
    assert [t["what"] for t in notice.planned(about(made))] == ["办法由村与镇商定"]


@pytest.mark.parametrize(
    ("verdict", "said"),
    [
        ("上升", "上次为 60%，明显提高"),
        ("下降", "上次为 60%，明显下降"),
        ("无显著变化", "上次为 60%，升降尚看不出"),
    ],
)
def test_a_change_is_told_in_plain_words(street: Evaluation, verdict: str, said: str) -> None:
    row = {
        "n": 60, "share": 0.8, "low": 0.684, "high": 0.876,
        "previous": 0.6, "change": 0.2, "change_verdict": verdict,
    }  # fmt: skip
    found = notice.satisfied(row, about(street))
    assert found == {"share": "80%", "margin": "68% 到 88%", "moved": said}
    unknown = {**row, "previous": float("nan"), "change": float("nan"), "change_verdict": "未比较"}
    assert notice.satisfied(unknown, about(street))["moved"] == ""


def test_from_two_hundred_answers_on_shares_have_a_decimal(street: Evaluation) -> None:
    row = {"n": 200, "share": 0.8155, "low": 0.7, "high": 0.9, "change": float("nan")}
    found = notice.satisfied(row, about(street))
    assert (found["share"], found["margin"]) == ("81.5%", "70.0% 到 90.0%")


def test_none_is_made_where_the_order_wants_none(street: Evaluation) -> None:
    def made(evaluation: Evaluation) -> list[str]:
        return [p.path for p in publication.plan(evaluation) if p.path.startswith("notice/")]

    assert made(street) == [f"notice/CS00{n}.pdf" for n in range(1, 6)]
    assert made(ordered(street, notice=False)) == []


def test_none_is_made_where_satisfaction_may_not_be_told(street: Evaluation) -> None:
    table = street.satisfaction
    gone = (table["subject"] == WHO) & (table["role"] == "overall")
    left = notice.plan_all(replace(street, satisfaction=table[~gone]))
    assert [p.path for p in left] == [f"notice/CS00{n}.pdf" for n in range(2, 6)]
    assert notice.plan_all(replace(street, satisfaction=table[:0])) == []


def test_an_incomplete_committees_residents_are_told_but_nothing_is_planned() -> None:
    made = made_up(Street(count=5, waves=("2016",), incomplete={2: ("department",)}))
    page = read(planned(made, "CS003"))
    assert "总体满意率" in [part.title for part in page.parts]
    assert "准备做的事" not in [part.title for part in page.parts]


def test_whom_to_call_is_printed_or_left_to_be_written(street: Evaluation) -> None:
    def last(evaluation: Evaluation) -> Part:
        return read(planned(evaluation)).parts[-1]

    assert "联系方式：＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿＿" in last(street).texts
    called = ordered(street, contact="自治办，021-62980000")
    assert "联系方式：自治办，021-62980000" in last(called).texts


def test_when_it_was_is_the_orders_or_the_waves_name(street: Evaluation) -> None:
    def first(evaluation: Evaluation) -> str:
        return read(planned(evaluation)).parts[0].texts[1]

    assert first(street).startswith("示例街道于2016年9月1日至2016年10月31日请居民不记名填写问卷")
    open_ended = [Wave(id="2016", start=date(2016, 9, 1)), Wave(id="2017", title="下一年")]
    assert first(ordered(street, waves=open_ended)).startswith("示例街道于2016年度请居民")


def test_subject_and_street_are_called_what_the_order_calls_them(street: Evaluation) -> None:
    made = ordered(
        with_decided(ticked(street, NEEDS), actions=None),
        subject_word="村", street_word="镇", street="沙田镇", title="村级评估",
    )  # fmt: skip
    for paper in notice.plan_all(made):
        assert not re.search("居民区|街道", text_of(read(paper)))


@pytest.mark.parametrize("name", HOSTILE)
def test_a_name_is_never_markup_and_still_one_sheet(name: str) -> None:
    made = made_up(Street(count=3, waves=("2016",), mean=80.0, names=[name, "普雄", "西康"]))
    rows = [*NEEDS[:6], (WHO, name, 30, "高于"), ("all", name, 10, None)]
    paper = planned(ordered(ticked(made, rows), contact=name))
    page = printing.fill(paper)
    assert "<script>" not in page.text
    assert f"联系方式：{name}" in unescape(page.text)
    assert len(printing.lay_out(paper, page).pages) == 1


def test_it_is_one_sheet_with_the_longest_texts_that_documents_may_have(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "把所有常办的事项都印成一次告知单并且放在接待台"
    asked(monkeypatch, *[("整改", long * 3, long * 20) for _ in range(4)])
    table = street.satisfaction.copy()
    table["name"] = [f"{n}{long * 10}" for n in range(len(table))]
    subjects = [
        s.model_copy(update={"name": f"{n}{long * 2}"[:40]})
        for n, s in enumerate(street.roster.subjects)
    ]
    wishes = [(f"{n}{long * 5}", 60 - n) for n in range(12)]
    rows = [
        *(("all", name, 20, None) for name, _ in wishes),
        *((WHO, name, n, "高于") for name, n in wishes),
    ]
    order = street.order.model_copy(
        update={"street": (long * 5)[:100], "contact": (long * 5)[:100], "title": "评估"}
    )
    roster = street.roster.model_copy(update={"subjects": subjects})
    made = with_decided(ticked(street, rows), order=order, roster=roster)
    paper = planned(replace(made, satisfaction=table))
    assert len(paper.context["wishes"]) == 7
    assert paper.context["wishes"][-1] == "等 12 项"
    page = printing.fill(paper)
    assert len(printing._set(paper, page, page.text).pages) > 1
    assert len(printing.lay_out(paper, page).pages) == 1
