"""Place, movement and basis of every diagnosis, and whose names may stand in it, to the file."""

from __future__ import annotations

import math
from collections.abc import Mapping

import numpy as np
import pytest

from evalkit.pages.press.sentences import said
from tests.pages import published, town
from tests.pages.reading import (
    Files,
    Page,
    Row,
    fixed,
    lack_of,
    percent,
    places,
    plain,
    plainly,
    rows_of,
    signed,
    steps,
)
from tests.pages.test_diagnosis_numbers import ranked


@pytest.fixture(scope="module", params=published.BOTH)
def files(request: pytest.FixtureRequest) -> Files:
    return published.street(request.param, request)


@pytest.fixture(scope="module")
def pages(files: Files) -> Mapping[str, Page]:
    found = published.diagnoses(files)
    assert [*found] == [row["subject"] for row in files.table("scores")]
    return found


# --- 位置与变化 -----------------------------------------------------------------------------


def test_the_place_counts_who_is_certainly_better_and_worse(
    files: Files, pages: Mapping[str, Page]
) -> None:
    total = len(ranked(files))
    for row in ranked(files):
        better, worse = int(row["rank_low_joint"]) - 1, total - int(row["rank_high_joint"])
        level = total - 1 - better - worse
        parts = []
        if better:
            parts.append(f"有 {better} 个居民区确定比它高")
        if worse:
            parts.append(f"有 {worse} 个确定比它低")
        if level:
            rest = "其余" if better or worse else ""
            parts.append(f"与{rest} {level} 个分不出先后")
        tied = sum(r["rank"] == row["rank"] for r in ranked(files)) > 1
        place = f"{'并列' if tied else ''}第 {int(row['rank'])} 名"
        assert pages[row["subject"]].part("位置与变化").takeaway == plain(
            f"按得分排在{place}；在 95% 的把握下，{'，'.join(parts)}。"
        )


def test_the_caterpillar_has_everybodys_numbers_and_only_its_own_name(
    files: Files, pages: Mapping[str, Page]
) -> None:
    scores, changes = files.by_subject("scores"), files.by_subject("changes")
    new = [row for row in ranked(files) if row["subject"] not in changes]
    assert len(new) == (1 if town.NEW in scores else 0)
    for row in new:
        chart = pages[row["subject"]].part("位置与变化").chart("caterpillar")
        assert rows_of(chart, ("name", "score", "low", "high", "rank", "highlight")) == [
            (
                r["name"] if r["subject"] == row["subject"] else "",
                r["score"],
                scores[r["subject"]]["low"],
                scores[r["subject"]]["high"],
                r["rank"],
                r["subject"] == row["subject"],
            )
            for r in ranked(files)
        ]


def among(change: Row, total: int) -> str:
    low, high = int(change["change_rank_low"]), int(change["change_rank_high"])
    if (low, high) == (1, total):
        return f"在可比的 {total} 个居民区中，变化排第几分不出来"
    return f"在可比的 {total} 个居民区中，变化从高到低排在{places(low, high)}"


def test_movement_in_words_and_parts_come_from_changes_and_contributions(
    files: Files, pages: Mapping[str, Page]
) -> None:
    changes, ev = files.by_subject("changes"), files.evaluation
    moves = ev.waves[ev.wave].changes
    street = float(np.mean([c["change"] for c in changes.values()]))
    names = {i.code: i.name for i in ev.scheme.indicators}
    common = still = 0
    for row in ranked(files):
        part = pages[row["subject"]].part("位置与变化")
        if row["subject"] not in changes:
            assert f"{lack_of(moves.not_compared[row['subject']])}。" in part.texts
            assert [c.figure for c in part.charts] == ["caterpillar"]
            continue
        change = changes[row["subject"]]
        step = int(change["rank_change"])
        told = (
            f"得分变化 {signed(change['change'])} 分，街道平均变化 {signed(street)} 分，"
            f"扣除街道平均后{plainly(change['verdict'])}；{among(change, len(changes))}。"
        )
        if step:
            told += f"名次由第 {int(change['rank_from'])} 名到第 {int(change['rank_to'])} 名（{steps(step)}）。"
        else:
            told += f"名次不变，仍是第 {int(change['rank_to'])} 名。"
        own, anyone = (float(s[row["subject"]]) for s in (moves.luck_own, moves.luck_any))
        if step:
            told += "即使各居民区实际毫无变化，碰巧"
            if own > 0.3:
                common += 1
                told += (
                    f"{steps(step)}或更多的可能性也有 {likely_text(own)}，是常见的变动"
                    "（上次名次靠前的，下次本来就容易回落；靠后的，容易回升）。"
                )
            else:
                told += (
                    f"{steps(step)}或更多的可能性{is_text(own)}，"
                    f"全街道至少有一个{steps(step)}或更多的可能性{is_text(anyone)}。"
                )
        else:
            still += 1
        assert plain(told) in part.texts
        assert [c.figure for c in part.charts] == ["contributions"]
        sums = {
            name: math.fsum(
                c["points"] for c in files.where("contributions", subject=row["subject"], code=code)
            )
            for code, name in names.items()
        }
        assert part.chart("contributions").options["largest"] == 5
        drawn = dict(rows_of(part.chart("contributions"), ("name", "points")))
        assert drawn == pytest.approx(sums, abs=1e-9)
        assert math.fsum(sums.values()) == pytest.approx(change["change"], abs=1e-9)
        assert parts_sentence(sums) in part.texts
    assert common > 0
    assert still > 0


def likely_text(p: float) -> str:
    return "99% 以上" if p > 0.99 else "不到 1%" if p < 0.01 else percent(p)


def is_text(p: float) -> str:
    return likely_text(p) if p < 0.01 else f"为 {likely_text(p)}"


def parts_sentence(sums: Mapping[str, float]) -> str:
    up = sorted((v, n) for n, v in sums.items() if v >= 0.05)[::-1][:2]
    down = sorted((v, n) for n, v in sums.items() if v <= -0.05)[:2]
    said = [
        word + "、".join(f"{n} {signed(v)}" for v, n in part)
        for part, word in ((up, "拉高得分最多的是"), (down, "拉低得分最多的是"))
        if part
    ]
    body = "，".join(said) + "；" if said else "各项变化都不到 0.1 分；"
    return f"得分变化由 {len(sums)} 项指标相加而成：{body}这是算术分解，单项未作检验。"


# --- 数据与方法 -----------------------------------------------------------------------------


def test_the_basis_tells_answers_scores_and_errors_of_every_group(
    files: Files, pages: Mapping[str, Page]
) -> None:
    scheme = files.evaluation.scheme
    cells = files.evaluation.waves[files.evaluation.wave].cells
    hidden = 0
    for row in ranked(files):
        subject = row["subject"]
        part = pages[subject].part("数据与方法")
        at = cells.subjects.index(subject)
        n = {g.code: int(cells.groups[g.code].n[at]) for g in scheme.groups}
        (table,) = part.tables
        expected = []
        for g in scheme.groups:
            own = files.one("indicators", subject=subject, code="composite", group=g.code)
            few = n[g.code] < g.minimum_n
            hidden += few
            shown = f"<{g.minimum_n}" if few and n[g.code] else f"{n[g.code]:,}"
            expected.append(
                [
                    g.name,
                    f"{g.weight:g}",
                    shown,
                    fixed(None if few else own["estimate"]),
                    fixed(None if few else own["se"]),
                ]
            )
        assert table.rows == expected
        if any(n[g.code] < g.minimum_n for g in scheme.groups):
            told = f"以上结论依据关于{row['name']}的有效答卷，各类评价主体的份数见表。"
        else:
            residents = sum(n[g.code] for g in scheme.groups if g.residents)
            total = sum(n.values())
            told = (
                f"以上结论依据关于{row['name']}的 {total:,} 份有效答卷，其中居民 {residents:,} 份。"
            )
        assert part.takeaway == told
        se = files.by_subject("scores")[subject]["se"]
        assert f"综合得分的抽样误差为 {fixed(se, 2)} 分：" in part.text
        assert f"差异中约 {percent(row['reliability'])} 是真实差别" in part.text
        unstable = subject in files.evaluation.current.ranking.unstable
        assert ("名次范围的一端处在临界" in part.text) == unstable
    assert hidden > 0 or len(files.table("ranking")) > 20


OF_THE_STREET = {
    "monte_carlo", "not_compared", "incomplete", "unreachable_target", "gap_outlier",
    "claims_contradicted", "flagged_answers", "raters_matched",
}  # fmt: skip


def test_notes_of_everybody_reach_a_paper_and_those_that_count_others_do_not(
    files: Files, pages: Mapping[str, Page]
) -> None:
    told = left = 0
    for subject, page in pages.items():
        texts = page.part("数据与方法").texts
        for note in files.evaluation.notes:
            if note.where in ("", "2016", "2015-2016"):
                shown = any(t.startswith(said(note)) for t in texts)
                assert shown == (note.code not in OF_THE_STREET), (subject, note)
                told, left = told + shown, left + (not shown)
    assert told or files.folder.parent.parent.name == "demo", (
        "the demo's notes are the street's own"
    )
    assert left


# --- what must not be there -----------------------------------------------------------------


def test_nothing_in_a_committees_paper_names_another(
    files: Files, pages: Mapping[str, Page]
) -> None:
    names = {r["subject"]: r["name"] for r in files.table("scores")}
    assert set(pages) == set(names)
    for subject, page in pages.items():
        whole = page.whole
        assert names[subject] in whole
        others = [
            name
            for other, name in names.items()
            if other != subject and name not in names[subject] and name in whole
        ]
        assert others == []
        assert not [i for i in names if i != subject and f">{i}<" in page.html]


def test_what_is_incomplete_gets_its_groups_and_no_number_of_its_own(
    files: Files, pages: Mapping[str, Page]
) -> None:
    ev = files.evaluation
    ranked_ids = {r["subject"] for r in ranked(files)}
    left = [r for r in files.table("scores") if r["subject"] not in ranked_ids]
    assert bool(left) == (not all(r["complete"] for r in files.table("scores")))
    cells = ev.waves[ev.wave].cells
    for row in left:
        part = pages[row["subject"]].part("总评")
        (table,) = part.tables
        at = cells.subjects.index(row["subject"])
        for told, g in zip(table.rows, ev.scheme.groups, strict=True):
            n = int(cells.groups[g.code].n[at])
            shown = f"<{g.minimum_n}" if 0 < n < g.minimum_n else f"{n:,}"
            assert told[:2] == [g.name, shown]
            for text, d in zip(told[2:], ev.scheme.dimensions, strict=True):
                own = files.where("indicators", subject=row["subject"], code=d.code, group=g.code)
                assert text == fixed(own[0]["estimate"] if own else None)
        assert "评估不完整：只列出，不计综合得分，不定等第，不排名次。" in part.takeaway
        assert [p.title for p in pages[row["subject"]].parts][1:] == [
            "总评",
            *(["谁怎么说"] if "谁怎么说" in [p.title for p in pages[row["subject"]].parts] else []),
            "居民盼什么",
            "处方：先做什么",
            "数据与方法",
        ]
