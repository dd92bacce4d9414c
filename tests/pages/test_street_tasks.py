"""What the street does itself: chosen by what residents tick, from what the library says."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.definitions.actions import ActionLibrary, StreetTask
from evalkit.pages.street import matters, tasks
from evalkit.pages.telling import needs
from evalkit.tables import Evaluation, Needs, frame, no_rows
from tests.deciding import with_decided
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up

OF = 400


def ticked(made: Evaluation, counts: dict[str, int], above: dict[str, tuple[int, ...]]) -> Needs:
    """The street's needs with these numbers, and who ticks one surely more often."""
    rows = []
    for option, (name, n) in enumerate(counts.items()):
        for subject in ("all", *(made.roster.subjects[at].id for at in above.get(name, ()))):
            rows.append((subject, str(option), name, n, None if subject == "all" else "高于"))
    table = pd.DataFrame(rows, columns=["subject", "option", "name", "n", "verdict"]).assign(
        wave=made.wave, item="n", of=OF, se=0.02, low=0.0, high=1.0, p_adjusted=float("nan")
    )
    table["share"] = table["street"] = table["n"] / OF
    return Needs(frame("needs", table), no_rows("themes"))


def task(need: str, who: str = "管理办", days: int = 30) -> StreetTask:
    return StreetTask(need=need, what=f"办{need}", who=who, days=days, shown_by="比例")


@pytest.fixture(scope="module")
def street() -> Evaluation:
    return made_up(Street(count=5, waves=("2016",)))


def planned(
    street: Evaluation,
    counts: dict[str, int],
    library: list[StreetTask] | None,
    **above: tuple[int, ...],
) -> tasks.Tasks:
    own = None if library is None else ActionLibrary(id="l", title="库", street=library)
    made = with_decided(street, actions=own)
    return tasks.plan(replace(made, needs=ticked(made, counts, above)))


NEEDS = {"甲": 60, "乙": 200, "丙": 120, "丁": 90, "目前没有": 300, "其他": 250}


def test_the_three_that_most_residents_tick_are_done_by_whom_the_library_says(
    street: Evaluation,
) -> None:
    library = [
        task(n, f"{n}办", days) for n, days in (("甲", 10), ("乙", 20), ("丙", 40), ("丁", 5))
    ]
    found = planned(street, NEEDS, library)
    assert [(r["need"], r["who"], r["by"]) for r in found.rows] == [
        ("乙", "乙办", "20 天内"),
        ("丙", "丙办", "40 天内"),
        ("丁", "丁办", "5 天内"),
    ]
    assert found.title == "要办的 3 件事"
    assert found.rows[0]["evidence"] == "50% 的居民勾选（200 人）"
    assert found.remark == (
        "按勾选的居民多少排；期限从报告印发之日算起，措施和牵头部门取自措施库，是编者的建议。"
    )


def test_a_need_that_the_library_says_nothing_of_is_named_beside_the_tasks(
    street: Evaluation,
) -> None:
    found = planned(street, NEEDS, [task("甲"), task("丙")])
    assert [r["need"] for r in found.rows] == ["丙", "甲"]
    assert found.title == "要办的 2 件事"
    assert found.left == "措施库没有写、因而未列的：乙（50%）、丁（22%）。"
    assert found.remark.endswith(found.left)
    library = ActionLibrary(id="l", title="库", street=[task("甲"), task("丙")])
    made = replace(with_decided(street, actions=library), needs=ticked(street, NEEDS, {}))
    (line,) = (text for text in matters.proposals(made).lines if "统筹 2 件" in text)
    assert line.endswith(found.left), "beside the tasks, not only in small print"
    found = planned(street, NEEDS, [task("乙"), task("丙"), task("丁")])
    assert "未列" not in found.remark, "fewer tick what stands behind the third"


def test_without_a_library_the_needs_themselves_are_listed_and_nobody_is_named(
    street: Evaluation,
) -> None:
    for library in (None, []):
        found = planned(street, NEEDS, library)
        assert [(r["need"], r["what"], r["who"], r["by"]) for r in found.rows] == [
            ("乙", "", "—", "—"),
            ("丙", "", "—", "—"),
            ("丁", "", "—", "—"),
        ]
        assert found.remark == "按勾选的居民多少排；由谁牵头、何时办成，由街道定。"


def test_a_library_of_other_needs_gives_no_task_and_says_so(street: Evaluation) -> None:
    found = planned(street, NEEDS, [task("戊")])
    assert (found.rows, found.title) == ([], "要办的事")
    assert found.remark == "措施库没有写居民所盼的事由谁牵头。"


def test_fewer_needs_than_three_are_fewer_tasks(street: Evaluation) -> None:
    found = planned(street, {"甲": 60, "目前没有": 300}, [task("甲"), task("乙")])
    assert [r["need"] for r in found.rows] == ["甲"]
    assert found.title == "要办的 1 件事"


def test_needs_of_fewer_residents_than_may_be_told_are_no_tasks(street: Evaluation) -> None:
    found = planned(street, {"甲": 60, "乙": 9}, None)
    assert [r["need"] for r in found.rows] == ["甲"]


def test_committees_that_surely_tick_it_more_often_stand_beside_it(street: Evaluation) -> None:
    names = [s.name for s in street.roster.subjects]
    found = planned(street, NEEDS, None, 乙=(1,), 丙=(0, 2, 3, 4))
    first, second, _ = found.rows
    assert first["evidence"].endswith(f"，{names[1]}明显更高")
    shown = "、".join(names[at] for at in (0, 2, 3))
    assert second["evidence"].endswith(f"，{shown}等 4 个明显更高")


def test_needs_that_were_not_asked_and_needs_that_may_not_be_told_are_two_things(
    street: Evaluation,
) -> None:
    found = planned(street, {"目前没有": 300}, None)
    assert (found.rows, found.remark) == ([], "可公布的诉求不足，无从列出。")
    sheet = street.questionnaires["resident"]
    items = [item for item in sheet.items if item.role != "need"]
    bare = with_decided(
        street, questionnaires={"resident": sheet.model_copy(update={"items": items})}
    )
    found = tasks.plan(replace(bare, needs=Needs.nothing()))
    assert (found.rows, found.remark) == ([], "问卷没有问居民急难愁盼的事，无从列出。")


@pytest.mark.parametrize(
    ("label", "need", "none"),
    [
        ("无障碍设施改造", True, False),
        ("没有电梯", True, False),
        ("其他便民网点", True, False),
        ("停车难", True, False),
        ("没有", False, True),
        ("目前没有", False, True),
        ("无", False, True),
        ("都没有", False, True),
        ("暂无需求（可不选）", False, True),
        ("以上都没有", False, True),
        ("其他【请注明】", False, False),
        ("其他", False, False),
        ("其它，请写明", False, False),
        ("其他请注明", False, False),
    ],
)
def test_whole_words_say_that_there_is_no_need_or_another(
    label: str, need: bool, none: bool
) -> None:
    assert (needs.is_need({"name": label}), needs.is_none({"name": label})) == (need, none)
