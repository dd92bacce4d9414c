"""What the report tells in words alone, against the frames that bear it out; and actual weights."""

from __future__ import annotations

import re
from dataclasses import replace

import pytest

from evalkit.pages import street
from evalkit.pages.press.meanings import ORDER_RULE, meaning
from evalkit.pages.press.sentences import Words
from evalkit.pages.street import closing, matters
from evalkit.pages.technical import reproducing, trust, weights
from evalkit.pages.telling import grades, tasks
from evalkit.pages.telling import weights as telling
from evalkit.pages.workbook import dictionary
from evalkit.tables import MOSTLY, RELIABLE, Evaluation, no_rows
from tests.deciding import with_wave
from tests.definitions.test_weights_by_hand import scheme
from tests.pages.looking_back import looked_back
from tests.pages.streets_planned import planned
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="module")
def evaluation() -> Evaluation:
    return made_up(Street(count=12, noise=0.4))


def lines(section: matters.Matters | None) -> str:
    return "" if section is None else "\n".join(section.lines)


def judged(evaluation: Evaluation, verdict: str) -> list[str]:
    rows = [(d.subject, d.profile) for d in evaluation.diagnoses.values() if d.complete]
    return [
        evaluation.roster.subject(subject).name
        for subject, profile in rows
        if profile.loc[profile["code"] == "composite", "verdict"].item() == verdict
    ]


def named(text: str, start: str) -> list[str]:
    (line,) = (each for each in text.split("\n") if each.startswith(start))
    return re.sub(r"（[^（）]*）", "", line.split("：", 1)[1]).rstrip("。").split("、")


def test_who_is_high_and_who_is_low_are_those_that_were_tested(evaluation: Evaluation) -> None:
    good, bad = (lines(matters.achievements(evaluation)), lines(matters.problems(evaluation)))
    high, low = judged(evaluation, "高于"), judged(evaluation, "低于")
    assert high
    assert low
    assert sorted(named(good, "得分明显高于街道平均的有")) == sorted(high)
    assert sorted(named(bad, "得分明显低于街道平均的有")) == sorted(low)
    assert f"低于街道平均的有 {len(low)} 个" in bad


def test_what_rose_and_what_fell_stand_apart(evaluation: Evaluation) -> None:
    changes = evaluation.current.changes
    assert changes is not None
    names = list(changes.table["name"])
    verdicts = ["上升", "下降", *["无显著变化"] * (len(names) - 2)]
    table = changes.table.assign(change_verdict=verdicts)
    made = with_wave(evaluation, changes=replace(changes, table=table))
    good, bad = lines(matters.achievements(made)), lines(matters.problems(made))
    assert named(good, "得分比上次上升明显的有") == [names[0]]
    assert named(bad, "得分比上次下降明显的有") == [names[1]]
    means = evaluation.street_means
    own = means[(means["group"] == "all") & (means["level"] == "indicator")]
    for verdict, text in (("上升", good), ("下降", bad)):
        count = int((own["verdict"] == verdict).sum())
        found = re.search(rf"街道平均{verdict}明显的有 (\d+) 项指标", text)
        assert (0 if found is None else int(found[1])) == count


def test_a_street_of_which_nothing_is_sure_has_nothing_to_praise() -> None:
    alike = made_up(Street(count=4, waves=("2016",), constant=90.0))
    assert matters.achievements(replace(alike, street_means=no_rows("street_means"))) is None


def test_proposals_count_the_tasks_of_the_list(evaluation: Evaluation) -> None:
    text = lines(matters.proposals(evaluation))
    own = [t for t in tasks.everything(evaluation) if t.subject != "all"]
    assert f"各居民区共 {len(own)} 件" in text
    for kind in {t.kind for t in own}:
        assert f"{kind} {sum(t.kind == kind for t in own)} 件" in text
    street = list(tasks.of_street(evaluation))
    assert f"街道统筹 {len(street)} 件" in text
    assert all(t.problem in text for t in street)


def test_actual_weights_are_those_of_the_scores(evaluation: Evaluation) -> None:
    section = weights.section(evaluation)
    assert section is not None
    share = 100 * evaluation.current.scores.cell_weights.sum(axis=1)
    own = [row for row in section.rows if not row["whole"]]
    for at, (row, indicator) in enumerate(zip(own, evaluation.scheme.indicators, strict=True)):
        assert row["name"] == indicator.name
        assert float(str(row["mean"])) == pytest.approx(share[:, at].mean(), abs=0.0051)
    whole = [float(str(row["mean"])) for row in section.rows if row["whole"]]
    assert sum(whole) == pytest.approx(100, abs=0.03)


def test_the_note_says_what_it_takes_to_compute_it_again(evaluation: Evaluation) -> None:
    section = reproducing.section(evaluation)
    facts = dict(section.facts)
    assert facts["随机种子"] == str(evaluation.order.settings.seed)
    assert evaluation.fingerprint in facts.values()
    assert dict(section.inputs) == dict(evaluation.decided.digests)


def test_groups_that_take_the_place_of_others_are_told_as_they_weigh() -> None:
    """The second group's 30 are 24 in fact where the others take what it does not judge."""
    plain = scheme()
    assert telling.head_of_groups(plain) == "权重"
    moved = scheme(uncovered="to_covering_groups")
    written = {g.code: f"{g.weight:g}" for g in moved.groups}
    joint = 100 * moved.weights().sum(axis=1)
    assert telling.of_groups(plain) == written
    assert telling.head_of_groups(moved) == "实际权重"
    assert telling.of_groups(moved) == {
        g.code: f"{w:.2f}" for g, w in zip(moved.groups, joint, strict=True)
    }
    assert telling.of_groups(moved) != written


def test_one_rule_says_in_all_papers_whether_a_table_may_be_read_as_an_order(
    evaluation: Evaluation,
) -> None:
    rule = meaning("order", Words.of(evaluation.order))
    assert f"不低于 {RELIABLE:g}，" in rule
    assert f"比例不到 {MOSTLY:.0%}，" in rule
    assert rule in closing.remarks(evaluation).lines
    figures = trust.section(evaluation)
    assert figures is not None
    assert figures.figures[0]["meaning"].endswith(rule)
    assert ORDER_RULE in dictionary.TERMS["reliability"].meaning


def test_the_line_of_a_grade_that_is_less_likely_than_not_is_told(evaluation: Evaluation) -> None:
    row = {"score": 84.6, "grade": "中等", "grade_probability": 0.28}
    line = next(g for g in evaluation.scheme.grades if g.cutoff == 85)
    assert grades.told(evaluation, row) == (
        f"在{line.name}线（85 分）附近，按得分划为中等，等第不作定论"
    )
    assert grades.told(evaluation, {**row, "grade_probability": 0.5}) == "等第为中等"
    assert grades.near(evaluation, {**row, "grade_probability": 0.5}) == ""


@pytest.mark.parametrize("name", ["ordinary", "sharp", "alike", "first wave", "three"])
def test_what_is_proposed_names_only_kinds_of_tasks_that_there_are(name: str) -> None:
    made, _ = planned(name)
    kinds = {task.kind for task in tasks.everything(made)}
    told = lines(matters.proposals(made))
    for kind in (tasks.AT_ONCE, tasks.MEND, tasks.LOOK):
        assert (re.search(rf"{kind} \d+ 件", told) is not None) == (kind in kinds), kind
    assert ("先办同步办的" in told) == ({tasks.AT_ONCE, tasks.MEND} <= kinds)
    assert ("核实的先走访" in told) == (tasks.LOOK in kinds)
    assert "无从列出" not in told or told.count("\n") == 0


def test_the_list_of_last_time_that_did_not_come_back_is_missed_and_gives_no_chapter() -> None:
    made, _ = planned("ordinary")
    assert not len(made.follow_up)
    chapters = [*street.planned(made)[1].values()]
    assert "四、主要成效" in chapters
    assert matters.proposals(made).remark.endswith(
        "没有收到上次的清单，本次不能报告上次整改的落实情况。"
    )
    back = looked_back(made)
    assert "四、主要成效及上次整改落实情况" in [*street.planned(back)[1].values()]
    assert "没有收到" not in matters.proposals(back).remark
    first, _ = planned("first wave")
    assert "没有收到" not in matters.proposals(first).remark
