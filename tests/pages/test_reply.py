"""The slip at the end of a diagnosis: every task once, room to write, one sheet, the order's words."""

from __future__ import annotations

from dataclasses import replace

import pytest

from evalkit.definitions.checklist import Task
from evalkit.pages import diagnosis
from evalkit.pages.diagnosis import reply
from evalkit.pages.press import printing
from evalkit.pages.press.planned import Paper
from evalkit.pages.telling import facts as known
from evalkit.pages.telling import tasks
from evalkit.pages.telling.facts import Facts
from evalkit.tables import Evaluation
from tests.deciding import with_decided
from tests.pages.reading import read
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

WHO, LACKING = "CS001", "CS003"


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(count=5, waves=("2016",), incomplete={2: ("random",)}))


def about(made: Evaluation, subject: str = WHO) -> Facts:
    return known.gather(known.common(made), subject)


def asked(monkeypatch: pytest.MonkeyPatch, count: int, what: str = "清一次楼道") -> list[Task]:
    """Let every committee have so many things to do."""
    own = [
        Task(
            f"2016-{WHO}-{n:02d}", WHO, "某", "整改", f"第{n}项", "", what, "书记", f"{n} 天内", ""
        )
        for n in range(1, count + 1)
    ]
    monkeypatch.setattr(tasks, "of_committee", lambda facts: own)
    return own


def slip(made: Evaluation) -> Paper:
    """The slip alone, on a paper of its own behind the masthead."""
    paper = diagnosis.plan(made, WHO)
    (own,) = (s for s in paper.context["sections"] if isinstance(s, reply.Reply))
    context = {**paper.context, "sections": [own]}
    proof = {name: paper.proof[name] for name in ("id", "name")}
    return replace(paper, context=context, proof=proof, most=None)


@pytest.mark.parametrize(("count", "blank"), [(1, 4), (4, 1), (5, 0), (7, 0)])
def test_every_task_stands_once_and_there_are_five_lines_at_least(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch, count: int, blank: int
) -> None:
    asked(monkeypatch, count)
    part = read(slip(street)).part("整改清单及反馈回执")
    (table,) = part.tables
    assert table.head == ["序号", "事项和措施", "责任人", "期限", "办理情况、佐证材料", "完成日期"]
    assert table.rows == [
        *(
            [str(n), f"第{n}项整改清一次楼道", "书记", f"{n} 天内", "", ""]
            for n in range(1, count + 1)
        ),
        *([str(n), "（居民区自列）", "", "", "", ""] for n in range(count + 1, count + blank + 1)),
    ]
    assert part.takeaway == f"共 {count} 件。填好办理情况，签字盖章后交回街道。"
    (receipt,) = (text for text in part.texts if text.startswith("我居民区已收到"))
    assert f"《2016年度诊断书》，于＿＿月＿＿日经＿＿＿＿＿＿会议研究，所列 {count} 件：" in receipt
    assert "□全部认领 □部分认领（说明：" in receipt


def test_who_signs_is_called_what_the_order_calls_it(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked(monkeypatch, 2)
    order = street.order.model_copy(update={"subject_word": "村", "street_word": "镇"})
    part = read(slip(with_decided(street, order=order))).part("整改清单及反馈回执")
    for text in ("村负责人（签字）：", "村（公章）：", "镇核查意见：", "分管领导（签字）："):
        assert text in part.texts
    told = part.text + str(part.tables)
    assert "（村自列）" in told
    assert "交回镇。" in told
    assert "居民区" not in told
    assert "街道" not in told


def test_there_is_none_where_there_is_nothing_to_do(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert reply.section(about(street, LACKING)) is None
    assert reply.section(about(street)) is not None
    asked(monkeypatch, 0)
    assert reply.section(about(street)) is None


@pytest.mark.parametrize("count", [1, 5, 6, 7, 8, 9, 20])
def test_it_is_one_sheet_however_many_and_however_long(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    asked(monkeypatch, count, "把常办事项的材料清单印成一次告知单放在接待台" * 20)
    paper = slip(street)
    page = printing.fill(paper)
    # The first sheet is the masthead's.
    assert len(printing._set(paper, page, page.text).pages) == 2


@pytest.mark.parametrize(("count", "kept"), [(1, 90), (5, 90), (6, 72), (8, 72), (9, 72)])
def test_a_long_text_ends_where_the_sheet_does_and_the_slip_says_where_the_rest_is(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch, count: int, kept: int
) -> None:
    for length in (kept, kept + 1):
        own = asked(monkeypatch, count, "甲" * length)[: min(count, 8)]
        found = reply.section(about(street))
        assert found is not None
        shown = list(found.tasks) if count < 9 else [*found.tasks[:-1], own[-1]]
        if length == kept:
            assert shown == own
            assert "…" not in found.takeaway
        else:
            assert {task.what for task in shown[:7]} == {"甲" * (kept - 1) + "…"}
            assert found.takeaway.endswith("措施写到“…”为止的，全文见“处方”。")


def test_more_tasks_than_lines_are_counted_and_named_in_the_last(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = asked(monkeypatch, 11)
    found = reply.section(about(street))
    assert found is not None
    assert list(found.tasks[:-1]) == own[:7]
    last = found.tasks[-1]
    assert last.problem == "其余 4 件"
    assert last.what == (
        "第8项、第9项、第10项、第11项。措施见“处方”，办理情况填在 actions.xlsx（整改清单）"
    )
    assert found.takeaway.startswith("共 11 件。")
    assert "所列 11 件：" in found.receipt
    asked(monkeypatch, 60)
    found = reply.section(about(street))
    assert found is not None
    assert found.tasks[-1].problem == "其余 53 件"
    assert len(found.tasks[-1].what) <= reply.LONGER


def test_the_presets_texts_are_never_cut() -> None:
    library = made_up(Street(count=3, waves=("2016",))).decided.actions
    assert library is not None
    longest = max(len(action.what) for action in library.actions)
    assert longest + len("翻台账、走访居民，核实是否属实；属实则") <= reply.LONGER


def test_the_lines_get_lower_the_more_there_are(
    street: Evaluation, monkeypatch: pytest.MonkeyPatch
) -> None:
    lines = []
    for count in (1, 5, 6, 8, 9, 25):
        asked(monkeypatch, count)
        found = reply.section(about(street))
        assert found is not None
        lines.append(found.lines)
    assert lines == [5, 5, 6, 8, 8, 8]
