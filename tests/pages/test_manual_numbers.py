"""The manual of the town: every weight, sample size and step of the example, computed by hand here."""

from __future__ import annotations

import math
import re

import pytest
from scipy import stats

from evalkit.definitions.decided import Decided
from evalkit.errors import Problems
from evalkit.folder import Folder
from evalkit.illustration import illustrate
from evalkit.pages import manual
from evalkit.pages.manual import fieldwork
from evalkit.pages.manual.scoring import scores
from evalkit.pages.press.meanings import meaning
from evalkit.pages.press.sentences import DEFAULT
from evalkit.pages.telling import assumed
from evalkit.tables import Illustration
from tests.deciding import decided
from tests.pages import town
from tests.pages.reading import Page, fixed, interval, read

Z = 1.959963984540054
NOMINAL = {"A1": 18, "A2": 12, "B1": 16, "B2": 10, "B3": 14, "C1": 19, "C2": 11}
JUDGED = ("A1", "B1", "B2", "C1")
"""What departments can judge: 63 of the 100 points."""


@pytest.fixture(scope="module")
def documents(tmp_path_factory: pytest.TempPathFactory) -> Decided:
    root = town.write(tmp_path_factory.mktemp("manual") / "town")
    found = Folder(root).documents(problems := Problems())
    assert found is not None, list(problems)
    return found


@pytest.fixture(scope="module")
def example(documents: Decided) -> Illustration:
    return illustrate(decided(documents.scheme, documents.questionnaires))


@pytest.fixture(scope="module")
def page(documents: Decided, example: Illustration) -> Page:
    return read(manual.plan(documents, example))


def effective(codes: list[str]) -> list[float]:
    """Points of the composite by group: 40, 30, and 30 shared out over what departments judge."""
    return [
        sum(0.4 * NOMINAL[c] for c in codes),
        sum(0.3 * NOMINAL[c] for c in codes),
        sum(30 * NOMINAL[c] / 63 for c in codes if c in JUDGED),
    ]


def test_nominal_and_effective_weights_stand_side_by_side(page: Page) -> None:
    rows = []
    for name, nominal, codes in (
        ("A 服务", 30, ["A1", "A2"]),
        ("A1 办事", 18, ["A1"]),
        ("A2 走访", 12, ["A2"]),
        ("B 环境", 40, ["B1", "B2", "B3"]),
        ("B1 卫生", 16, ["B1"]),
        ("B2 绿化", 10, ["B2"]),
        ("B3 平安", 14, ["B3"]),
        ("C 自治", 30, ["C1", "C2"]),
        ("C1 公开", 19, ["C1"]),
        ("C2 协商", 11, ["C2"]),
        ("合计", 100, list(NOMINAL)),
    ):
        own = effective(codes)
        told = [fixed(x, 2) if x else "" for x in own]
        rows.append([name, str(nominal), fixed(sum(own), 2), *told])
    part = page.part("6 得分怎样得来")
    assert part.tables[0].rows == rows
    assert part.tables[0].head[3:] == ["重点居民", "随机居民", "科室"]


def test_whom_to_ask_and_how_many_of_them(page: Page) -> None:
    part = page.part("2 抽样：问谁，问多少人")
    assert part.tables[0].rows == [
        ["重点居民", "40", "—", "一份答卷一人", "820", fixed(820 / 15), "10", "假定"],
        ["随机居民", "30", "—", "一份答卷一人", "637", fixed(637 / 15), "10", "假定"],
        ["科室", "30", "—", "一人评多个", "90", "6.0", "3", "假定"],
    ]
    assert part.takeaway.startswith("居民合计占 70%（重点居民 40、随机居民 30、科室 30）；")
    # 637 / 15 = 42.5 households to draw of 1,263: every 30th from number 845, in a circle
    drawn = [(845 - 1 + 30 * k) % 1263 + 1 for k in range(9)]
    told = "、".join(map(str, drawn))
    assert (
        f"清单 1,263 户，要抽 42 户，间隔 30，抽到的起点是 845，则依次抽中：{told}……"
    ) in part.text


def test_what_a_number_of_answers_is_worth(page: Page) -> None:
    # half = z sqrt(0.4^2 18^2 / n1 + 0.3^2 18^2 / n2): the two groups of residents alone
    def half(first: float, second: float) -> float:
        return Z * 18 * math.sqrt(0.16 / first + 0.09 / second)

    rows = [
        [
            f"各 {n} 份",
            f"±{fixed(Z * 18 / math.sqrt(n))}",
            f"±{fixed(half(n, n))}",
            fixed(half(n, n) * math.sqrt(2)),
        ]
        for n in (10, 15, 20, 30, 50, 100)
    ]
    own = half(55, 42)
    told = "55 + 42 份（本次平均发放数，全部收回时）"
    rows.append([told, "—", f"±{fixed(own)}", fixed(own * math.sqrt(2))])
    part = page.part("2 抽样：问谁，问多少人")
    assert part.tables[1].rows == rows
    assert "1.96 × √(0.40² × 18² / n₁ + 0.30² × 18² / n₂)，把握 95%；" in part.text


def test_the_cell_of_the_example_is_the_mean_and_error_of_the_people_it_lists(page: Page) -> None:
    part = page.part("6 得分怎样得来")
    (line,) = (t for t in part.texts if t.startswith("第三步"))
    people = [(float(score), int(n)) for score, n in re.findall(r"([\d.]+) 分 (\d+) 人", line)]
    values = [score for score, n in people for _ in range(n)]
    n = len(values)
    assert f"{n} 人" in line
    mean = math.fsum(values) / n
    sd = math.sqrt(math.fsum((v - mean) ** 2 for v in values) / (n - 1))
    told = " + ".join(f"{s:g}×{k}" if k > 1 else f"{s:g}" for s, k in people)
    assert (
        f"平均 = ({told}) ÷ {n} = {fixed(mean, 2)} 标准差 = {fixed(sd, 2)}"
        f"（离差平方和除以人数减一，再开方），标准误 = {fixed(sd, 2)} ÷ √{n} = "
        f"{fixed(sd / math.sqrt(n), 2)}"
    ) in part.texts
    persons = part.tables[1].rows
    assert len(persons) > 1
    scores = {"非常满意": 100, "满意": 80, "基本满意": 60, "不满意": 30, "非常不满意": 0}
    for person in persons:
        labels = [cell.partition("（")[0] for cell in person[1:-1]]
        given = [scores[label] for label in labels if label in scores]
        for cell, label in zip(person[1:-1], labels, strict=True):
            assert cell == f"{label}（{scores.get(label, '不计分')}）"
        mean = sum(given) / len(given)
        many = f"({' + '.join(map(str, given))}) ÷ {len(given)} = {mean:g}"
        assert person[-1] == (many if len(given) > 1 else f"{given[0]}")


def test_the_score_of_the_example_is_the_weighted_sum_of_its_groups(
    page: Page, example: Illustration
) -> None:
    part = page.part("6 得分怎样得来")
    cells = example.cells
    rows, score, variance, answers = [], 0.0, 0.0, 0
    for g, (code, name) in enumerate(
        (("key", "重点居民"), ("random", "随机居民"), ("office", "科室"))
    ):
        own = cells.groups[code]
        share = (0.4, 0.3, 0.3)[g]
        weights = [
            (cells.measures.index(c), effective([c])[g] / 100 / share)
            for c in NOMINAL
            if effective([c])[g]
        ]
        mean = math.fsum(w * float(own.mean[0, at]) for at, w in weights)
        square = math.fsum(
            w * v * float(own.covariance[0, a, b]) for a, w in weights for b, v in weights
        )
        n = int(own.n[0])
        score += share * mean
        variance += share**2 * square
        answers += n
        rows.append(
            [
                name,
                fixed(share, 3),
                str(n),
                fixed(mean, 2),
                fixed(math.sqrt(square), 2),
                fixed(share * mean, 2),
                fixed(share**2 * square, 3),
            ]
        )
    rows.append(["合计", "", str(answers), "", "", fixed(score, 2), fixed(variance, 3)])
    assert part.tables[2].rows == rows
    df = float(example.scores.df[0, 0])
    t = float(stats.t.ppf(0.975, df))
    se = math.sqrt(variance)
    low, high = score - t * se, score + t * se
    assert (
        f"得分 = {fixed(score, 2)}，标准误 = √{fixed(variance, 3)} = {fixed(se, 2)} "
        f"95% 误差范围 = {fixed(score, 2)} ± {fixed(t, 3)} × {fixed(se, 2)}（{fixed(t, 3)} 是 {fixed(df)} "
        f"个自由度的 t 分布的界限）= {interval(low, high, 2)}"
    ) in part.texts
    assert score >= 85
    # Of one committee nobody can say how likely its grade is: that takes the street's scores.
    fifth = f"第五步：等第。{fixed(score, 2)} 不低于 85，等第是优秀。等第的可能性要和全"
    assert any(text.startswith(fifth) for text in part.texts)
    reading = page.part("7 等第、名次、名次范围和变化怎样读")
    assert "先向" in reading.text
    assert "第 6 节的例子得" not in reading.text


def test_grades_stand_between_their_cut_offs_and_places_out_of_fifteen(page: Page) -> None:
    part = page.part("7 等第、名次、名次范围和变化怎样读")
    assert part.tables[0].rows == [
        ["优秀", "不低于 85", "是", "假定"],
        ["良好", "不低于 75、低于 85", "是", "公开资料"],
        ["合格", "不低于 60、低于 75", "", "假定"],
        ["待改进", "低于 60", "", "假定"],
    ]
    # 15 committees: places 2 to 7, the fourth in the middle, nine others left out
    assert "例如排第 4 名、名次范围第 2–7 名，" in part.text
    assert "能排除的只有其余 9 名。" in part.text
    assert meaning("order", DEFAULT) in part.text


def test_what_residents_read_is_what_the_notice_holds(page: Page) -> None:
    (part,) = (part for part in page.parts if part.title.endswith(" 公布规则与个人信息"))
    rows = {row[0]: row for row in part.tables[0].rows}
    told, kept = rows["居民"][1:]
    for heading in (
        "总体满意率",
        "评价最高、最低的题目",
        "最盼解决的事",
        "准备做的事",
        "上次要做的事",
    ):
        assert heading in told
    assert "等第" not in told
    assert kept.startswith("得分、等第和名次")


def test_the_timetable_counts_weeks_from_the_waves_own_days(page: Page) -> None:
    rows = page.part("1 组织与分工、时间表").tables[-1].rows
    dates = {row[0]: row[1] for row in rows}
    # from 2016-03-01 to 2016-11-30
    assert dates["开始前 8 周"] == "2016-01-05"
    assert dates["开始前 1 周"] == "2016-02-23"
    assert dates["调查开始当天"] == "2016-03-01"
    assert dates["开始后 1 周"] == "2016-03-08"
    assert dates["调查结束当天"] == "2016-11-30"
    assert dates["结束后 12 周"] == "2017-02-22"
    # objections end, then 5 + 15 + 5 working days as section 12 promises; no holiday is 5 weeks
    assert dates["结束后 6 周"] == "2017-01-11"
    assert dates["结束后 26 周"] == "2017-05-31"
    leads = [re.fullmatch("(开始前|结束后) ([0-9]+) 周", row[0]) for row in rows]
    weeks = [-int(m[2]) if m[1] == "开始前" else int(m[2]) for m in leads if m]
    assert (min(weeks), max(weeks)) == (fieldwork.EARLIEST, fieldwork.LATEST)
    assert "2016-03-01 至 2016-11-30，共 275 天。" in page.part("1 组织与分工、时间表").text


def test_every_scored_item_tells_its_indicator(documents: Decided, page: Page) -> None:
    tables = page.part("4 问卷：每道题、每个选项、每个分值").tables
    told = {row[1]: row[-1] for table in tables for row in table.rows if len(row) > 2}
    seen = 0
    for d in documents.scheme.dimensions:
        for indicator in d.indicators:
            for form, items in indicator.items.items():
                for item in items:
                    text = documents.questionnaires[form].item(item).text
                    if text != "环境整洁":
                        assert told[text] == f"{indicator.code} {indicator.name}", text
                    seen += 1
    assert seen == 12


def test_the_manual_says_from_how_many_on_a_group_is_published(
    page: Page, documents: Decided
) -> None:
    (part,) = (p for p in page.parts if "公布规则" in p.title)
    least = "，".join(f"{g.name} {g.minimum_n} 份" for g in documents.scheme.groups)
    assert f"{least}。有效答卷少于此数的单元，报告里只写“<10”“<3”这样的界限" in part.text
    basis = page.parts[-1]
    decided = len(assumed.sentences(documents))
    assert decided > 8
    assert f"1 条有公开出处，{decided + 3} 条是方案的规定和假定" in basis.takeaway


def test_it_is_told_that_populations_are_finite_where_one_group_says_how_many_there_are(
    documents: Decided, example: Illustration
) -> None:
    def corrected(*populations: int | None) -> bool:
        groups = [
            group.model_copy(update={"population": count})
            for group, count in zip(documents.scheme.groups, populations, strict=True)
        ]
        under = documents.under(documents.scheme.model_copy(update={"groups": groups}))
        found = scores(under, example).example
        assert found is not None
        return bool(found["populations"])

    assert [corrected(None, None, None), corrected(None, 9, None), corrected(9, 9, 9)] == [
        False, True, True,
    ]  # fmt: skip
