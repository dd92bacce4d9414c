"""What each chart says, read back from its SVG."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pandas as pd
import pytest

from evalkit import figures
from evalkit.figures import stacks, style, taking

from . import gallery, reading


def rows(figure: figures.Figure[...], *arguments: object, **options: object) -> list[dict]:
    return figure.spec(*arguments, **options)["datasets"]["rows"]


@pytest.mark.parametrize("count", [3, 6, 35, 120])
def test_caterpillar_dots_stand_at_their_scores_best_on_top(count: int) -> None:
    frame = gallery.street(count, seed=8)
    svg = figures.caterpillar.svg(frame)
    slope, start = reading.axis_scale(svg)
    dots = reading.marks(svg, "symbol")
    best_first = sorted(frame["score"], reverse=True)
    assert [slope * d.x + start for d in dots] == pytest.approx(best_first, abs=0.01)
    assert [d.y for d in dots] == sorted(d.y for d in dots)


def test_caterpillar_intervals_end_where_they_should_and_stop_at_100() -> None:
    frame = gallery.street(35)
    assert frame["high"].max() > 100
    drawn = rows(figures.caterpillar, frame)
    best_first = frame.sort_values("score", ascending=False)
    assert [r["low"] for r in drawn] == pytest.approx(list(best_first["low"]), abs=1e-6)
    assert [r["high"] for r in drawn] == pytest.approx(
        list(best_first["high"].clip(upper=100)), abs=1e-6
    )


def test_caterpillar_marks_the_highlighted_by_shape_colour_and_bold_name() -> None:
    svg = figures.caterpillar.svg(gallery.street(35))
    bold = [t.text for t in reading.texts(svg) if t.bold]
    own = gallery.street(35).iloc[6]
    assert any(t.startswith(own["name"]) for t in bold)
    assert any(t.startswith(f"{own['score']:.1f}（") for t in bold)
    dots = reading.marks(svg, "symbol")
    special = [d for d in dots if d.attributes["fill"] == style.ACCENT]
    assert len(special) == 1
    others = {d.attributes["d"] for d in dots if d is not special[0]}
    assert special[0].attributes["d"] not in others


def test_caterpillar_of_120_names_some_without_collisions_and_the_highlighted_always() -> None:
    svg = figures.caterpillar.svg(gallery.street(120))
    labels = sorted((t for t in reading.texts(svg) if t.right < 200), key=lambda t: t.y)
    labels = [t for t in labels if any("一" <= c <= "龥" for c in t.text)]
    assert 30 <= len(labels) < 120
    gaps = [b.y - a.y for a, b in pairwise(labels)]
    assert min(gaps) >= style.SMALL_SIZE
    assert any(t.bold and t.text.startswith("陆家宅") for t in labels)


def test_caterpillar_shows_an_unranked_subject_without_a_rank() -> None:
    frame = gallery.street(6).astype({"rank": "Int64"})
    frame.loc[2, "rank"] = pd.NA
    shown = [t.text for t in reading.texts(figures.caterpillar.svg(frame))]
    assert any(t.startswith("普陀二村") and t.endswith("—") for t in shown)


def test_cut_offs_outside_the_axis_are_not_drawn_and_labels_do_not_overlap() -> None:
    svg = figures.caterpillar.svg(gallery.street(35), bands=gallery.BANDS, mean=86.0)
    slope, start = reading.axis_scale(svg)
    labels = [t for t in reading.texts(svg) if "≥" in t.text or "街道平均" in t.text]
    assert {t.text for t in labels} == {"优秀 ≥90", "良好 ≥85", "中等 ≥75", "街道平均 86.0"}
    for t in labels:
        assert slope * (t.left + t.right) / 2 + start == pytest.approx(
            float(t.text[-4:].strip(" ≥")), abs=0.05
        )
    for a in labels:
        for b in labels:
            assert a is b or a.y != b.y or a.right < b.left or b.right < a.left


def test_a_common_domain_gives_committees_one_axis_and_never_loses_a_dot() -> None:
    frame = gallery.profile_frame()
    svg = figures.profile.svg(frame, domain=(60, 100))
    weak = figures.profile.svg(frame.assign(estimate=[55.0, 84, 79, 86, 81]), domain=(60, 100))
    assert {"60", "100"} <= {t.text for t in reading.texts(svg)}
    slope, start = reading.axis_scale(weak)
    dots = [m for m in reading.marks(weak, "symbol") if m.attributes.get("fill") == style.ACCENT]
    drawn = [slope * m.x + start for m in dots if m.y > 30]
    assert drawn == pytest.approx([55.0, 84, 79, 86, 81], abs=0.01)


@pytest.mark.parametrize("count", [6, 35, 120])
def test_standings_put_everybody_under_the_heading_that_counts_the_group(count: int) -> None:
    frame = gallery.standing_frame(count)
    drawn = rows(figures.standings, frame, words=("高", "平", "低"))
    expected: list[tuple[str, float | None]] = []
    for standing, word in ((1, "高"), (0, "平"), (-1, "低")):
        own = frame[frame["standing"] == standing].sort_values("score", ascending=False)
        if len(own):
            expected += [(f"{word} {len(own)} 个", None), *((word, s) for s in own["score"])]
    assert len(drawn) == len(expected)
    look = {"高": "triangle-up", "平": "circle", "低": "triangle-down"}
    for row, (word, score) in zip(drawn, expected, strict=True):
        if score is None:
            assert (row["label"], row["strong"], row["x"]) == (word, True, None)
        else:
            assert row["x"] == pytest.approx(score, abs=1e-6)
            assert (row["shape"], row["strong"]) == (look[word], False)
    assert {r["ink"] for r in drawn if r["shape"] == "triangle-down"} == {style.WORSE}


def test_standings_leave_out_a_group_that_nobody_is_in() -> None:
    frame = gallery.standing_frame(6).assign(standing=[0, 0, 1, 0, 0, 0])
    drawn = rows(figures.standings, frame, words=("高", "平", "低"))
    headings = [r["label"] for r in drawn if r["strong"]]
    assert headings == ["高 1 个", "平 5 个"]


def test_standings_show_last_time_only_where_it_is_known() -> None:
    frame = gallery.standing_frame(6)
    drawn = rows(figures.standings, frame, previous="2015年度")
    before = dict(zip(frame["score"].round(6), frame["previous"], strict=True))
    for r in drawn:
        if r["x"] is not None:
            known = before[round(r["x"], 6)]
            assert (r["previous"] is None) == bool(np.isnan(known))
            assert r["previous"] is None or r["previous"] == pytest.approx(known, abs=1e-6)
    assert sum(r["x"] is not None and r["previous"] is None for r in drawn) == 1
    shown = [t.text for t in reading.texts(figures.standings.svg(frame, previous="2015年度"))]
    assert "2015年度" in shown
    first = figures.standings.svg(frame.drop(columns="previous"), previous="2015年度")
    assert "2015年度" not in [t.text for t in reading.texts(first)]


def test_standings_write_numbers_only_where_a_row_has_room_for_them() -> None:
    few = rows(figures.standings, gallery.standing_frame(35))
    best = gallery.standing_frame(35).sort_values(["standing", "score"], ascending=False).iloc[0]
    shown = "～".join(f"{best[end]:.1f}" for end in ("low", "high"))
    assert few[1]["aside"] == f"{best['score']:.1f}（{shown}）"
    assert all(r["aside"] for r in few if not r["strong"])
    many = rows(figures.standings, gallery.standing_frame(120))
    assert not any(r["aside"] for r in many)
    svg = figures.standings.svg(gallery.standing_frame(120))
    assert reading.size(svg)[1] < 830, "the largest chart fits a page"
    labels = sorted((t for t in reading.texts(svg) if t.right < 220), key=lambda t: t.y)
    labels = [t for t in labels if any("一" <= c <= "龥" for c in t.text)]
    assert 30 <= len(labels) < 120
    assert min(b.y - a.y for a, b in pairwise(labels)) >= style.SMALL_SIZE


def test_strip_names_the_highlighted_below_its_diamond() -> None:
    frame = gallery.street(35)
    svg = figures.strip.svg(frame)
    own = frame.iloc[6]
    (text,) = [
        t for t in reading.texts(svg) if t.text == f"{own['name']}{style.GAP}{own['score']:.1f}"
    ]
    (diamond,) = reading.marks(svg, "symbol")
    assert (text.left + text.right) / 2 == pytest.approx(diamond.x, abs=0.2)
    slope, start = reading.axis_scale(svg)
    assert slope * diamond.x + start == pytest.approx(own["score"], abs=0.01)


def test_slope_puts_rank_one_on_top_and_a_high_score_on_top() -> None:
    options = {"from_label": "2015年", "to_label": "2016年"}
    frame = gallery.two_waves((), "rank")
    top, bottom = frame["to_value"].idxmin(), frame["to_value"].idxmax()
    for kind, first, last in (("rank", top, bottom), ("score", bottom, top)):
        svg = figures.slope.svg(
            frame.assign(highlight=[i in (first, last) for i in range(35)]), kind=kind, **options
        )
        at = {t.text.split()[0]: t.y for t in reading.texts(svg) if t.bold and t.x > 250}
        assert at[frame["name"][first]] < at[frame["name"][last]]


def test_slope_labels_of_close_neighbours_keep_apart() -> None:
    frame = gallery.two_waves((), "score").head(6).assign(highlight=True)
    frame[["from_value", "to_value"]] = [[80.0, 90.0 + 0.01 * i] for i in range(6)]
    svg = figures.slope.svg(frame, from_label="甲", to_label="乙", kind="score", width=680)
    for side in (0, 1):
        ys = sorted(
            t.y for t in reading.texts(svg) if t.bold and len(t.text) > 2 and (t.x > 340) == side
        )
        assert len(ys) == 6
        assert np.diff(ys).min() >= style.LABEL_SIZE


def test_slope_refuses_an_unknown_kind() -> None:
    with pytest.raises(ValueError, match="rank 或 score"):
        figures.slope(gallery.two_waves((), "rank"), from_label="甲", to_label="乙", kind="名次")


def test_contributions_chain_up_to_the_total_and_sum_the_rest() -> None:
    points = [1.5, -0.7, 0.02, 0.03, -0.01]
    frame = pd.DataFrame({"name": list("甲乙丙丁戊"), "points": points})
    bars = rows(figures.contributions, frame, largest=2)
    assert [b["name"] for b in bars] == ["甲", "乙", "其余3项", "合计"]
    for before, after in pairwise(bars[:-1]):
        assert after["start"] == before["end"]
    assert bars[-2]["end"] == bars[-1]["end"] == pytest.approx(sum(points))
    assert bars[-1]["start"] == 0
    assert [b["text"] for b in bars] == ["+1.5", "−0.7", "0.0", "+0.8"]


def test_contributions_refuse_a_missing_part() -> None:
    with pytest.raises(ValueError, match="缺失"):
        figures.contributions(pd.DataFrame({"name": ["甲"], "points": [np.nan]}))


def test_grade_counts_are_printed_and_as_wide_as_they_count() -> None:
    frame = gallery.grade_frame(((3, 12, 16, 3, 1), (12, 16, 6, 1, 0)))
    drawn = rows(figures.grade_counts, frame, order=gallery.GRADES)
    parts = [r for r in drawn if r["start"] is not None]
    assert [r["text"] for r in parts] == ["3", "12", "16", "3", "1", "12", "16", "6", "1"]
    assert [r["end"] - r["start"] for r in parts] == [float(r["text"]) for r in parts]
    assert [r["aside"] for r in drawn if r["start"] is None] == ["共35个", "共35个"]


def test_grade_counts_refuse_a_grade_without_a_place() -> None:
    with pytest.raises(ValueError, match="待改进"):
        figures.grade_counts(gallery.grade_frame(((1, 1, 1, 1, 1),)), order=gallery.GRADES[:4])


def test_movers_show_the_verdict_by_shape_and_word() -> None:
    drawn = rows(figures.movers, gallery.mover_frame())
    look = {"明显上升": "triangle-up", "明显下降": "triangle-down", "无明显变化": "circle"}
    for r in drawn:
        verdict = r["aside"].split()[-1]
        assert r["shape"] == look[verdict]
        assert (r["fill"] == style.WHITE) == (verdict == "无明显变化")
    assert [r["x"] for r in drawn] == sorted((r["x"] for r in drawn), reverse=True)


def test_rank_intervals_start_with_rank_one_on_the_left() -> None:
    svg = figures.rank_intervals.svg(gallery.rank_frame(35))
    slope, start = reading.axis_scale(svg)
    dots = reading.marks(svg, "symbol")
    assert [slope * d.x + start for d in dots] == pytest.approx(range(1, 36), abs=0.01)
    assert dots[0].x < dots[-1].x


def test_groups_say_so_where_there_are_too_few_and_draw_no_dot() -> None:
    svg = figures.groups.svg(gallery.group_frame())
    shown = [t.text for t in reading.texts(svg)]
    assert "人数不足，不公布" in shown
    assert "共建单位（<10份）" in shown
    in_plot = [
        m
        for m in reading.marks(svg, "symbol")
        if m.y > 30 and m.attributes.get("fill") == style.ACCENT
    ]
    assert len(in_plot) == 4


def test_groups_may_count_people_and_write_whole_numbers() -> None:
    frame = gallery.group_frame().assign(n=60, estimate=98.36)
    drawn = rows(figures.groups, frame, unit="人", decimals=0)
    assert {r["aside"] for r in drawn} == {"98"}
    assert all(r["label"].endswith("（60人）") for r in drawn)
    assert {r["x"] for r in drawn} == {98.36}


def test_importance_points_that_touch_a_cross_hair_are_hollow() -> None:
    frame = gallery.importance_frame()
    drawn = rows(figures.importance_performance, frame, importance_line=5.0, performance_line=84.0)
    sure = ~(
        frame["importance_low"].le(5) & frame["importance_high"].ge(5)
        | frame["performance_low"].le(84) & frame["performance_high"].ge(84)
    )
    assert 0 < sure.sum() < len(frame)
    filled = {r["name"] for r in drawn if r["fill"] != style.WHITE}
    assert filled == set(frame["name"][sure])


def test_importance_point_without_an_interval_counts_as_uncertain() -> None:
    frame = gallery.importance_frame().assign(importance=9.0, performance=70.0)
    frame = frame.assign(importance_low=np.nan, importance_high=np.nan)
    drawn = rows(figures.importance_performance, frame, importance_line=5, performance_line=84)
    assert {r["fill"] for r in drawn} == {style.WHITE}


def test_distribution_labels_name_the_option_where_there_is_room() -> None:
    drawn = rows(figures.distribution, gallery.answer_frame())
    first = [r["text"] for r in drawn if r["row"] == 0 and r["start"] is not None]
    assert first == ["非常满意 45.2%", "满意 31.0%", "基本满意 15.0%", "5.0%", "", ""]
    for r in drawn:
        if r["text"]:
            room = (r["end"] - r["start"]) * style.WIDTH
            assert style.text_width(r["text"], style.SMALL_SIZE) <= room


def test_distribution_colours_follow_the_order_not_the_file() -> None:
    frame = gallery.answer_frame()
    upright = rows(figures.distribution, frame)
    shuffled = frame.sample(frac=1, random_state=1).sort_values(
        "item", ascending=False, kind="stable"
    )
    again = rows(figures.distribution, shuffled)
    by_item = [r for r in again if r["start"] is not None]
    assert sorted((r["text"], r["fill"]) for r in by_item) == sorted(
        (r["text"], r["fill"]) for r in upright if r["start"] is not None
    )


@pytest.mark.parametrize("shares", [[0.7, 0.5], [0.5, -0.1], [0.5, np.nan], [0.0, 0.0]])
def test_distribution_refuses_impossible_shares(shares: list[float]) -> None:
    frame = pd.DataFrame(
        {"item": "甲", "option": ["是", "否"], "share": shares, "order": [0, 1], "n": 30}
    )
    with pytest.raises(ValueError, match="占比"):
        figures.distribution(frame)


def test_distribution_colours_follow_the_tone_where_one_is_given() -> None:
    frame = pd.DataFrame(
        {"item": ["甲", "甲", "乙", "乙"], "option": ["好", "其余", "好", "其余"], "n": 40}
    ).assign(share=[0.7, 0.3] * 2, order=[0, 1] * 2, tone=[0.0, 0.3, 0.0, 0.9])
    drawn = rows(figures.distribution, frame)
    first, mild, again, poor = [r["fill"] for r in drawn if r["start"] is not None]
    assert first == again == style.DIVERGING[0]
    assert mild != poor


def test_distribution_names_below_the_bar_what_has_no_room_in_it() -> None:
    frame = pd.DataFrame(
        {
            "item": ["甲", "甲", "乙", "乙"],
            "option": ["好", "不满意和非常不满意", "行", "不行"],
            "share": [0.93, 0.07, 0.5, 0.5],
            "order": [0, 1] * 2,
            "n": 150,
        }
    )
    drawn = rows(figures.distribution, frame)
    (under,) = [r for r in drawn if r.get("under")]
    assert under["under"] == "不满意和非常不满意"
    half = style.text_width(under["under"], 9) / 2
    assert (1 - under["middle"]) * style.WIDTH >= half - 1


def test_importance_points_may_carry_a_number_for_a_name() -> None:
    frame = gallery.importance_frame()
    frame["label"] = [str(at + 1) for at in range(len(frame))]
    drawn = rows(figures.importance_performance, frame, importance_line=5.0, performance_line=84.0)
    assert {r["name"] for r in drawn} == set(frame["label"])


def test_sensitivity_reference_is_part_of_the_axis() -> None:
    frame = pd.DataFrame({"name": ["甲"], "value": [3.0], "low": [2.0], "high": [4.0]})
    svg = figures.sensitivity_bars.svg(frame, title="名次", reference=20, reference_label="现行")
    slope, start = reading.axis_scale(svg)
    (label,) = [t for t in reading.texts(svg) if t.text == "现行"]
    assert slope * (label.left + label.right) / 2 + start == pytest.approx(20, abs=0.05)


def test_slope_of_long_names_keeps_room_for_its_lines() -> None:
    frame = gallery.two_waves((), "score")
    frame["name"] = [gallery.LONG] * 35
    svg = figures.slope.svg(
        frame.assign(highlight=frame.index < 3),
        from_label="甲",
        to_label="乙",
        kind="score",
        width=680,
    )
    lines = [m for m in reading.marks(svg, "rule") if "x2" in m.attributes]
    assert max(abs(float(m.attributes["x2"])) for m in lines) >= 0.4 * 680
    assert sum(gallery.LONG in t.text for t in reading.texts(svg)) == 3


def test_an_option_is_named_where_its_name_just_fits(monkeypatch: pytest.MonkeyPatch) -> None:
    """A bar of half of 300 pixels, 8 of them kept beside and 4 inside, has 142 for its words."""
    frame = gallery.answer_frame().iloc[:2].assign(share=0.5, item="一问", order=[1, 2])

    def named(width: float, both: float) -> list[str]:
        monkeypatch.setattr(style, "text_width", lambda t, size: width if " " in t else both)
        drawing = stacks.shares(frame, (), 1, 30.0, 300)
        return [r["text"] for r in drawing.rows if r["row"] == 0 and r["start"] is not None]

    assert named(142.0, 30.0) == ["非常满意 50.0%", "满意 50.0%"]
    assert named(142.1, 142.0) == ["50.0%", "50.0%"]
    assert named(142.1, 142.1) == ["", ""]


def test_drivers_become_per_cent_and_performance_gets_the_ends_of_its_interval() -> None:
    """1.959964 standard errors of 2 are 3.919928 points."""
    frame = pd.DataFrame(
        {
            "importance": [0.25],
            "low": [0.1],
            "high": [0.4],
            "performance": [80.0],
            "performance_se": [2.0],
        }
    )
    (row,) = taking._drivers(frame).to_dict("records")
    assert [row[f"importance{end}"] for end in ("_low", "", "_high")] == [10.0, 25.0, 40.0]
    assert row["performance_low"] == pytest.approx(76.080072, abs=1e-9)
    assert row["performance_high"] == pytest.approx(83.919928, abs=1e-9)
