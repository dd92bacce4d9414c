"""Evaluations made of random numbers, with every table as the contracts want it."""

from __future__ import annotations

import functools
import hashlib
import os
import pickle
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import cast

import numpy as np
import pandas as pd
from scipy import stats

from evalkit import assets, tables
from evalkit.codes import Lack, NoteCode, Reason, TableVerdict
from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.evaluation import EvaluationOrder, Settings, Wave
from evalkit.definitions.loading import load_actions
from evalkit.definitions.raters import RaterGroup
from evalkit.definitions.roster import Roster, Subject
from evalkit.definitions.scheme import Dimension, Grade, Indicator, Scheme
from evalkit.errors import Note, Problems
from evalkit.findings import peer_groups, satisfying, street_means
from evalkit.methods.decomposition import rank_move
from evalkit.tables import (
    Assurance,
    Cells,
    Changes,
    Diagnosis,
    Evaluation,
    FileReport,
    Finding,
    GroupCells,
    Incomplete,
    Measure,
    Needs,
    NotCompared,
    Ranking,
    Rejection,
    Scores,
    frame,
)
from tests.deciding import decided, results
from tests.pages import made_up_voices

DIMENSIONS: Mapping[tuple[str, str, float], tuple[tuple[str, str, float], ...]] = {
    ("A", "服务群众能效", 30): (
        ("A1", "便民办事", 8),
        ("A2", "走访联系", 7),
        ("A3", "重点人群关怀", 8),
        ("A4", "文体公益活动", 7),
    ),
    ("B", "工作者队伍建设", 20): (
        ("B1", "服务态度", 6),
        ("B2", "业务能力", 5),
        ("B3", "责任担当", 5),
        ("B4", "公道正派", 4),
    ),
    ("C", "诉求回应与矛盾化解", 20): (
        ("C1", "反映渠道", 4),
        ("C2", "响应速度", 5),
        ("C3", "解决实效", 7),
        ("C4", "结果反馈", 4),
    ),
    ("D", "自治共治与党建引领", 15): (
        ("D1", "居务公开与协商", 5),
        ("D2", "居民参与", 4),
        ("D3", "党组织党员作用", 3),
        ("D4", "资源对接", 3),
    ),
    ("E", "小区环境与平安", 15): (
        ("E1", "环境卫生", 5),
        ("E2", "平安有序", 4),
        ("E3", "物业业委会协调", 4),
        ("E4", "归属感", 2),
    ),
}
GROUPS = (
    ("key", "重点居民", 40, "resident", True, 51, 10, 18.0),
    ("random", "随机居民", 30, "resident", True, 15, 10, 20.0),
    ("department", "街道职能部门", 15, "organisation", False, 9, 3, 8.0),
    ("partner", "共建单位", 10, "organisation", False, 6, 3, 10.0),
    ("peer", "居民区互评", 5, "organisation", False, 30, 3, 9.0),
)


def scheme() -> Scheme:
    return Scheme(
        id="changshou",
        title="居民区服务群众能效评估方案",
        published=["自 2014 年起每年评估一次，居民评价占总分的 70%。"],
        assumptions=[
            "五类评价主体的具体权重（40/30/15/10/5）为本方案假定，公开资料只说明居民占 70%。",
            "维度、指标和题目为本方案假定，公开资料只给出五张指数地图的存在。",
            "等第分数线 90/85/75/60 为本方案假定。",
        ],
        groups=[
            RaterGroup(
                code=code,
                name=name,
                weight=weight,
                questionnaire=questionnaire,
                residents=residents,
                minimum_n=minimum,
                raters="respondent" if residents else "rater",
            )
            for code, name, weight, questionnaire, residents, _, minimum, _ in GROUPS
        ],
        dimensions=[
            Dimension(
                code=code,
                name=name,
                weight=weight,
                indicators=[
                    Indicator(
                        code=c,
                        name=n,
                        weight=w,
                        items={"resident": [f"r{c}"], "organisation": [f"o{c}"]},
                    )
                    for c, n, w in indicators
                ],
            )
            for (code, name, weight), indicators in DIMENSIONS.items()
        ],
        grades=[
            Grade(name="优秀", cutoff=90, good=True),
            Grade(name="良好", cutoff=85, good=True),
            Grade(name="中等", cutoff=75),
            Grade(name="合格", cutoff=60),
            Grade(name="待改进", cutoff=0),
        ],
    )


@dataclass(frozen=True)
class Street:
    """What a made-up street is like; every field can be turned for a hard case."""

    count: int = 35
    waves: tuple[str, ...] = ("2015", "2016")
    seed: int = 7
    names: Sequence[str] | None = None
    between: float = 4.0
    noise: float = 1.0
    mean: float = 85.5
    incomplete: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    new: tuple[int, ...] = ()
    constant: float | None = None
    few: Mapping[int, str] = field(default_factory=dict)
    synthetic: bool = True
    assured: bool = True
    library: bool = True
    needs: bool = True
    overall: bool = True
    kinds: bool = True


NAMES = [
    "玉佛城",
    "长寿新村",
    "普雄",
    "大自鸣钟",
    "叶家宅",
    "武宁",
    "锦绣里",
    "西康",
    "胶州",
    "昌化",
    "澳门路",
    "梅芳里",
    "常德",
    "江宁",
    "新会",
    "亚新",
    "安远",
    "宜昌",
    "苏堤春晓",
    "半岛",
    "水月星辰",
    "秋月枫舍",
    "上青佳园",
    "东方魅力",
    "芝川",
    "合德里",
    "药水弄",
    "沙洲里",
    "裕华",
    "金岛",
    "大洋",
    "同德里",
    "光复西",
    "长风",
    "九茂里",
]


def evaluation(street: Street | None = None) -> Evaluation:
    """The evaluation of a made-up street, the caller's own; the same street is worked out once a run."""
    street = street or Street()
    key = repr(street)
    if key not in _MADE:
        _MADE[key] = _made_by_anybody(street)
    return cast(Evaluation, pickle.loads(_MADE[key]))


_MADE: dict[str, bytes] = {}
SHELF = "EVALKIT_TESTS_SHELF"
"""Environment variable with the folder that all workers of a run share; see `tests.conftest`."""


def _made_by_anybody(street: Street) -> bytes:
    """Take what another worker of this run worked out, or work it out and lay it there."""
    shelf = os.environ.get(SHELF)
    if shelf is None:
        return pickle.dumps(_evaluation(street))
    place = Path(shelf) / hashlib.sha256(repr(street).encode()).hexdigest()
    if not place.exists():
        fresh = place.with_suffix(f".{os.getpid()}")
        fresh.write_bytes(pickle.dumps(_evaluation(street)))
        fresh.replace(place)
    return place.read_bytes()


def _evaluation(street: Street) -> Evaluation:
    rng = np.random.default_rng(street.seed)
    plan = scheme()
    roster = _roster(street)
    ids = tuple(s.id for s in roster.subjects)
    indicators = plan.indicators
    k, i, g = len(ids), len(indicators), len(plan.groups)
    quality = rng.normal(0, street.between, k)
    leaning = rng.normal(0, 2.5, (k, i))
    scores: dict[str, Scores] = {}
    rankings: dict[str, Ranking] = {}
    cells: dict[str, Cells] = {}
    for position, wave in enumerate(street.waves):
        first = position < len(street.waves) - 1
        absent = set(street.new) if first else set()
        here = [j for j in range(k) if j not in absent]
        gaps = {} if first else dict(street.incomplete)
        drift = rng.normal(0, 1.5, k) - (3.0 if first else 0.0)
        truth = np.clip(
            street.mean + quality[:, None] + drift[:, None] + leaning + rng.normal(0, 1.0, (k, i)),
            20,
            98,
        )
        n = np.zeros((k, g), dtype=np.int64)
        mean = np.full((k, g, i), np.nan)
        variance = np.full((k, g, i), np.nan)
        for m, (code, *_, size, _, sd) in enumerate(GROUPS):
            n[:, m] = np.maximum(3, rng.poisson(size, k))
            for j, short in street.few.items():
                if short == code:
                    n[j, m] = 2
            for j, missing in gaps.items():
                if code in missing:
                    n[j, m] = 0
            se = sd * street.noise / np.sqrt(np.maximum(n[:, m], 1))
            mean[:, m] = np.clip(truth + rng.normal(0, 1, (k, i)) * se[:, None], 0, 100)
            variance[:, m] = (se**2)[:, None]
            mean[n[:, m] == 0, m] = np.nan
        if street.constant is not None:
            mean = np.where(np.isnan(mean), np.nan, street.constant)
            variance = np.zeros_like(variance)
        scores[wave] = _scores(plan, roster, wave, here, gaps, mean, variance, n)
        rankings[wave] = _ranking(roster, scores[wave])
        cells[wave] = _cells(plan, roster, wave, here, mean, variance, n, street)
    changes = {
        later: _changes(plan, roster, scores[earlier], scores[later], rankings)
        for earlier, later in zip(street.waves, street.waves[1:], strict=False)
    }
    wave = street.waves[-1]
    waves = results(cells, scores, rankings, changes)
    order = EvaluationOrder(
        title="居民区服务群众能效评估",
        street="示例街道",
        synthetic=street.synthetic,
        waves=[
            Wave(
                id=w,
                start=date(int(w), 9, 1),
                end=date(int(w), 10, 31),
                issued={"key": 1790, "random": 511},
            )
            for w in street.waves
        ],
        settings=Settings(),
    )
    documents = decided(
        plan,
        made_up_voices.questionnaires(plan, overall=street.overall),
        roster,
        order=order,
        actions=_library() if street.library else None,
        digests={"responses/2016/key.xlsx": "0" * 64, "scheme.yaml": "1" * 64},
    )
    before = waves[street.waves[-2]] if len(street.waves) > 1 else None
    return Evaluation(
        decided=documents,
        wave=wave,
        waves=waves,
        reports=tuple(_report(w, name) for w in street.waves for name in ("重点居民", "随机居民")),
        diagnoses=_diagnoses(plan, roster, scores, wave, street.waves),
        assurance=_assurance(plan, scores[wave], rankings[wave], street.assured),
        notes=(
            Note(NoteCode.IDENTICAL_ANSWERS, wave, 4),
            Note(NoteCode.SCALE_NOT_COMPARED, ids[0], 1),
        ),
        fingerprint="9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822cd15d6c15b0f00a08",
        needs=_needs(plan, cells[wave]) if street.needs else Needs.nothing(),
        satisfaction=satisfying.satisfied(
            waves[wave],
            before,
            documents,
            *(
                made_up_voices.kinds(cells[w]) if street.kinds and w in cells else ()
                for w in (wave, "" if before is None else before.scores.wave)
            ),
        ),
        peer_groups=peer_groups.compare(scores[wave], plan, roster),
        street_means=street_means.means(waves[wave], before, plan),
    )


def _needs(plan: Scheme, cells: Cells) -> Needs:
    own = [cells.groups[group.code].n for group in plan.groups if group.residents]
    total = sum(own[1:], own[0])
    answered = dict(zip(cells.subjects, total.tolist(), strict=True))
    answered[tables.ALL_GROUPS] = int(total.sum())
    return made_up_voices.needs(cells.wave, cells.subjects, answered)


@functools.cache
def _library() -> ActionLibrary | None:
    return load_actions(assets.preset("changshou") / "actions.yaml", "actions.yaml", Problems())


def _roster(street: Street) -> Roster:
    names = list(street.names or NAMES)
    while len(names) < street.count:
        names.append(f"{NAMES[len(names) % len(NAMES)]}第{len(names) // len(NAMES) + 1}")
    return Roster(
        subjects=[
            Subject(
                id=f"CS{j + 1:03d}",
                name=names[j],
                zone=f"第{'一二三四'[j % 4]}片区",
                housing=("商品房", "售后公房", "里弄")[j % 3],
                since=street.waves[-1] if j in street.new else None,
            )
            for j in range(street.count)
        ]
    )


def _measures(plan: Scheme) -> tuple[tuple[Measure, ...], np.ndarray]:
    """Return the measures and, for each, which indicators it is made of."""
    codes = [x.code for x in plan.indicators]
    parts = [(Measure("composite", "composite", "综合得分", 100.0), codes)]
    parts += [
        (Measure(d.code, "dimension", d.name, d.weight), [x.code for x in d.indicators])
        for d in plan.dimensions
    ]
    parts += [(Measure(x.code, "indicator", x.name, x.weight), [x.code]) for x in plan.indicators]
    member = np.array([[c in part for c in codes] for _, part in parts], dtype=float)
    return tuple(m for m, _ in parts), member


def _scores(plan, roster, wave, here, gaps, mean, variance, n):  # type: ignore[no-untyped-def]
    weights = plan.weights()
    measures, member = _measures(plan)
    complete = [j for j in here if j not in gaps]
    w = member[:, None, :] * weights[None]
    w = w / w.sum(axis=(1, 2), keepdims=True)
    estimate = np.einsum("mgi,kgi->mk", w, mean[complete])
    spread = np.einsum("mgi,kgi->mk", w**2, variance[complete]) * 4
    se = np.sqrt(spread)
    rows = []
    for j in here:
        subject = roster.subjects[j]
        row = {"wave": wave, "subject": subject.id, "name": subject.name, "complete": j not in gaps}
        if j in gaps:
            row |= dict.fromkeys(("score", "se", "low", "high", "grade_probability"), np.nan)
            row |= {"grade": None}
        else:
            at = complete.index(j)
            s, e = float(estimate[0, at]), float(se[0, at])
            cuts = [100.0001, *[x.cutoff for x in plan.grades]]
            band = [x.name for x in plan.grades].index(plan.grade_of(s))
            chance = 1.0
            if e > 0:
                chance = float(
                    stats.norm.cdf((cuts[band] - s) / e) - stats.norm.cdf((cuts[band + 1] - s) / e)
                )
            row |= {
                "score": s,
                "se": e,
                "low": max(0.0, s - 1.96 * e),
                "high": min(100.0, s + 1.96 * e),
                "grade": plan.grade_of(s),
                "grade_probability": chance,
            }
        rows.append(row)
    table = pd.DataFrame(rows)
    listed, ids = [], [subject.id for subject in roster.subjects]
    for j in here:
        for at_m, measure in enumerate(measures):
            if j in complete:
                at = complete.index(j)
                numbers = (estimate[at_m, at], se[at_m, at], int(n[j].sum()))
                listed.append((wave, ids[j], measure.code, measure.level, "all", *numbers))
            for m, group in enumerate(plan.groups):
                shares = w[at_m, m] / max(w[at_m, m].sum(), 1e-12)
                numbers = (np.nan, np.nan, pd.NA)
                if n[j, m] >= group.minimum_n:
                    own = float(np.sqrt(shares**2 @ variance[j, m]))
                    numbers = (float(shares @ mean[j, m]), own, int(n[j, m]))
                listed.append((wave, ids[j], measure.code, measure.level, group.code, *numbers))
    columns = [c.name for c in tables.FRAMES["indicators"]]
    indicators = pd.DataFrame(listed, columns=columns)
    indicators["n"] = indicators["n"].astype("Int64")
    return Scores(
        wave=wave,
        subjects=tuple(roster.subjects[j].id for j in complete),
        incomplete=tuple(Incomplete(roster.subjects[j].id, gaps[j]) for j in here if j in gaps),
        measures=measures,
        estimate=estimate,
        variance=spread,
        df=np.full_like(estimate, 60.0),
        covariance=np.diag(spread[0]),
        pair_df=np.full((len(complete), len(complete)), np.inf),
        difference_variance=spread * (1 - 2 / max(len(complete), 1))
        + spread.mean(axis=1, keepdims=True) / max(len(complete), 1),
        cell_weights=np.repeat(weights[None], len(complete), axis=0),
        cell_means=mean[complete],
        table=frame("scores", table),
        indicators=frame("indicators", indicators),
    )


def _ranking(roster, scores):  # type: ignore[no-untyped-def]
    s, v = scores.composite, scores.variance[0]
    k = len(s)
    difference = s[:, None] - s[None, :]
    error = np.sqrt(v[:, None] + v[None, :]) + 1e-12

    def sets(z):  # type: ignore[no-untyped-def]
        better = difference > z * error
        worse = difference < -z * error
        return 1 + worse.sum(1), k - better.sum(1)

    low, high = sets(3.0)
    low_joint, high_joint = sets(3.6)
    tau2 = max(float(s.var() - v.mean()), 0.0)
    table = pd.DataFrame(
        {
            "wave": scores.wave,
            "subject": scores.subjects,
            "name": [roster.subject(x).name for x in scores.subjects],
            "score": s,
            "rank": [int((s > x).sum()) + 1 for x in s],
            "rank_low": low,
            "rank_high": high,
            "rank_low_joint": low_joint,
            "rank_high_joint": high_joint,
            "reliability": tau2 / (tau2 + v + 1e-12),
        }
    ).sort_values(["rank", "subject"], ignore_index=True)
    certain = (np.abs(difference) > 3.6 * error)[np.triu_indices(k, 1)]
    return Ranking(
        wave=scores.wave,
        table=frame("ranking", table),
        reliability=float(table["reliability"].mean()),
        tau=float(np.sqrt(tau2)),
        distinguishable_pairs=float(certain.mean()) if len(certain) else 0.0,
        unstable=(),
        ahead=difference > 3.6 * error,
        reliability_low=max(float(table["reliability"].mean()) - 0.1, 0.0),
        reliability_high=min(float(table["reliability"].mean()) + 0.1, 1.0),
    )


def _cells(plan, roster, wave, here, mean, variance, n, street):  # type: ignore[no-untyped-def]
    measures = (*[x.code for x in plan.indicators], "overall")
    groups = {}
    for m, group in enumerate(plan.groups):
        means = np.column_stack([mean[here, m], mean[here, m].mean(axis=1)])
        variances = np.column_stack([variance[here, m], variance[here, m].mean(axis=1)])
        groups[group.code] = GroupCells(
            n=n[here, m],
            n_effective=n[here, m] * 0.97,
            n_measure=np.repeat(n[here, m][:, None], len(measures), axis=1),
            mean=means,
            covariance=np.stack([np.diag(x) for x in variances]),
            influence=None,
            df=np.maximum(n[here, m] - 1, 0),
        )
    return Cells(
        wave=wave,
        subjects=tuple(roster.subjects[j].id for j in here),
        measures=measures,
        groups=groups,
        distributions=made_up_voices.distributions(
            plan,
            [roster.subjects[j].id for j in here],
            {group.code: mean[here, m] for m, group in enumerate(plan.groups)},
            {group.code: n[here, m] for m, group in enumerate(plan.groups)},
            overall=street.overall,
            spread=made_up_voices.SPREAD if street.constant is None else 0.1,
        ),
        definitions=dict.fromkeys(measures, "same"),
    )


def _changes(plan, roster, before, after, rankings):  # type: ignore[no-untyped-def]
    both = [x for x in after.subjects if x in before.subjects]
    b = [before.subjects.index(x) for x in both]
    a = [after.subjects.index(x) for x in both]
    change = after.composite[a] - before.composite[b]
    relative = change - change.mean()
    se = np.sqrt(after.variance[0][a] + before.variance[0][b])
    adjusted, plain = _adjusted(relative, se), _adjusted(change, se)
    was = rankings[before.wave].table.set_index("subject")
    now = rankings[after.wave].table.set_index("subject")
    table = pd.DataFrame(
        {
            "subject": both,
            "name": [roster.subject(x).name for x in both],
            "from_wave": before.wave,
            "to_wave": after.wave,
            "score_from": before.composite[b],
            "score_to": after.composite[a],
            "change": change,
            "relative_change": relative,
            "se": se,
            "p_adjusted": adjusted,
            "verdict": [
                "无明显变化" if q >= 0.05 else "明显上升" if r > 0 else "明显下降"
                for q, r in zip(adjusted, relative, strict=True)
            ],
            "rank_from": was.loc[both, "rank"].to_numpy(),
            "rank_to": now.loc[both, "rank"].to_numpy(),
            "rank_change": (now.loc[both, "rank"] - was.loc[both, "rank"]).to_numpy(),
            "rank_change_low": (now.loc[both, "rank_low"] - was.loc[both, "rank_high"]).to_numpy(),
            "rank_change_high": (now.loc[both, "rank_high"] - was.loc[both, "rank_low"]).to_numpy(),
            "change_se": se,
            "change_p_adjusted": plain,
            "change_verdict": [
                "无显著变化" if q >= 0.05 else "上升" if r > 0 else "下降"
                for q, r in zip(plain, change, strict=True)
            ],
            "change_rank": [int((change > x).sum()) + 1 for x in change],
            "change_rank_low": [int((change - x > 3 * se).sum()) + 1 for x in change],
            "change_rank_high": [len(both) - int((x - change > 3 * se).sum()) for x in change],
        }
    )
    parts = []
    for at_b, at_a, subject in zip(b, a, both, strict=True):
        points = after.cell_weights[at_a] * (after.cell_means[at_a] - before.cell_means[at_b])
        for m, group in enumerate(plan.groups):
            for q, indicator in enumerate(plan.indicators):
                parts.append(
                    (subject, before.wave, after.wave, indicator.code, points[m, q], group.code)
                )
    contributions = pd.DataFrame(parts, columns=[c.name for c in tables.FRAMES["contributions"]])
    steps = table["rank_change"].abs().to_numpy()
    own = pd.Series(np.exp(-steps / 6.0), index=both)
    move = rank_move(before.composite[b], after.composite[a])
    return Changes(
        from_wave=before.wave,
        to_wave=after.wave,
        table=frame("changes", table),
        contributions=frame("contributions", contributions),
        street_change=float(change.mean()),
        luck_own=own,
        luck_any=np.minimum(1.0, own * 8),
        not_compared={
            x: NotCompared(before.wave, Lack.ABSENT)
            for x in after.subjects
            if x not in before.subjects
        },
        margin=pd.Series(1.96 * table["se"].to_numpy(), index=both),
        rank_own=pd.Series(move.own, index=both),
        rank_field=pd.Series(move.field, index=both),
    )


def _adjusted(moved, se):  # type: ignore[no-untyped-def]
    """P-values of "nothing moved", by Holm."""
    p = np.minimum(1, 2 * stats.norm.sf(np.abs(moved) / np.maximum(se, 1e-12)))
    order = np.argsort(p)
    adjusted = np.empty_like(p)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(p[order] * (len(p) - np.arange(len(p)))))
    return adjusted


def _diagnoses(plan, roster, scores, wave, waves):  # type: ignore[no-untyped-def]
    current = scores[wave]
    previous = scores[waves[-2]] if len(waves) > 1 else None
    street = current.estimate.mean(axis=1)
    difference = current.estimate - street[:, None]
    se = np.sqrt(current.difference_variance)
    p = np.minimum(1, 2 * stats.norm.sf(np.abs(difference) / np.maximum(se, 1e-12)))
    levels = np.array([m.level == "indicator" for m in current.measures])
    adjusted = np.array(p)
    flat = p[levels].ravel()
    order = np.argsort(flat)[::-1]
    ranks = len(flat) - np.arange(len(flat))
    q = np.empty_like(flat)
    q[order] = np.minimum.accumulate(np.minimum(1, flat[order] * len(flat) / ranks))
    adjusted[levels] = q.reshape(p[levels].shape)
    result: dict[str, Diagnosis] = {}
    for at, subject in enumerate(current.subjects):
        rows, findings = [], []
        for m, measure in enumerate(current.measures):
            d, e = float(difference[m, at]), float(se[m, at])
            own = float(np.sqrt(current.variance[m, at]))
            value = float(current.estimate[m, at])
            sure = adjusted[m, at] < 0.05
            last = np.nan
            if previous is not None and subject in previous.subjects:
                last = float(previous.estimate[m, previous.subjects.index(subject)])
            rows.append(
                {
                    "code": measure.code,
                    "level": measure.level,
                    "name": measure.name,
                    "estimate": value,
                    "se": own,
                    "low": max(0.0, value - 1.96 * own),
                    "high": min(100.0, value + 1.96 * own),
                    "street": float(street[m]),
                    "difference": d,
                    "difference_se": e,
                    "p_adjusted": float(adjusted[m, at]),
                    "verdict": ("高于" if d > 0 else "低于") if sure else "无显著差异",
                    "previous": last,
                }
            )
            if measure.level == "indicator" and (sure or abs(d) > e):
                kind = (
                    ("strength" if d > 0 else "weakness")
                    if sure
                    else ("tendency_high" if d > 0 else "tendency_low")
                )
                findings.append(
                    Finding(
                        kind,
                        subject,
                        measure.code,
                        measure.name,
                        value,
                        float(street[m]),
                        d,
                        e,
                        float(adjusted[m, at]),
                    )
                )
        findings.sort(key=lambda x: -abs(x.difference))
        result[subject] = Diagnosis(subject, True, tuple(findings), pd.DataFrame(rows))
    columns = [
        "code",
        "level",
        "name",
        "estimate",
        "se",
        "low",
        "high",
        "street",
        "difference",
        "difference_se",
        "p_adjusted",
        "verdict",
        "previous",
    ]
    for gap in current.incomplete:
        result[gap.subject] = Diagnosis(gap.subject, False, (), pd.DataFrame(columns=columns))
    return result


def _assurance(plan, scores, ranking, assured):  # type: ignore[no-untyped-def]
    names = ("bands", "sensitivity", "weight_influence", "drivers", "quality", "plan")
    frames = {name: tables.no_rows(name) for name in names}
    if not assured:
        return Assurance(**frames, reliability={}, gap={})
    table = ranking.table
    k = len(table)
    frames["bands"] = frame(
        "bands",
        {
            **{c: table[c] for c in ("wave", "subject", "name", "score", "rank")},
            "band": ["高于平均" if r == 1 and k > 5 else "与平均分不出" for r in table["rank"]],
            "z": 0.0,
            "adjusted": table["score"] - 0.1,
            "adjusted_se": 1.0,
            "shrunken": table["score"],
            "shrunken_se": 1.0,
        },
    )
    frames["drivers"] = made_up_voices.drivers(plan, scores)
    frames["quality"] = made_up_voices.quality(scores, ranking)
    swapped = np.arange(k) ^ 1
    swapped = np.where(swapped < k, swapped, np.arange(k))
    alternative = pd.DataFrame(
        {
            "wave": scores.wave,
            "scenario": "equal",
            "scenario_name": "重点与随机居民各 35",
            "subject": table["subject"],
            "name": table["name"],
            "score": table["score"].to_numpy()[swapped],
            "rank": pd.array(table["rank"].to_numpy()[swapped], dtype="Int64"),
            "grade": [plan.grade_of(x) for x in table["score"].to_numpy()[swapped]],
            "same_grade": np.nan,
            "same_third": np.nan,
            "same_place": np.nan,
            "rank_low": pd.array([pd.NA] * k, dtype="Int64"),
            "rank_high": pd.array([pd.NA] * k, dtype="Int64"),
        }
    )
    alternative["rank_change"] = alternative["rank"] - table["rank"].to_numpy()
    shaken = alternative.assign(
        scenario="random",
        scenario_name="各项权重随机改动 10,000 次",
        same_grade=0.9,
        same_third=0.8,
        same_place=0.5,
        rank_change=pd.array([pd.NA] * k, dtype="Int64"),
    )
    both = pd.concat([alternative, shaken], ignore_index=True)
    frames["sensitivity"] = frame("sensitivity", both)
    frames["plan"] = frame(
        "plan",
        {
            "target": ["present", "present", "reliability 0.9", "reliability 0.9"],
            "group": ["key", "all", "key", "all"],
            "n_per_subject": [51.0, 66.0, 200.0, 260.0],
            "n_total": [1790, 2301, 7000, 9100],
            "issued_total": pd.array([1790, 2301, 7200, 9400], dtype="Int64"),
            "reliability": [0.7, 0.7, 0.9, 0.9],
            "half_width": [3.8, 3.8, 2.0, 2.0],
            "reachable": [True, True, False, False],
            "detectable": [8.1, 8.1, 6.2, 6.2],
            "power": [0.21, 0.21, 0.55, 0.55],
        },
    )
    reliability = {
        "reliability": ranking.reliability,
        "reliability_low": ranking.reliability_low,
        "reliability_high": ranking.reliability_high,
        "tau": ranking.tau,
        "distinguishable_pairs": ranking.distinguishable_pairs,
        "verdict": TableVerdict.ROUGH_ORDER,
    }
    return Assurance(**frames, reliability=reliability, gap={"mean": 1.7, "se": 0.6, "tau": 0.0})


def _report(wave: str, name: str) -> FileReport:
    return FileReport(
        file=f"responses/{wave}/{name}.xlsx",
        wave=wave,
        questionnaire="resident",
        platform="wenjuanxing",
        variant="text",
        encoding=None,
        sha256="a" * 64,
        rows_read=1203,
        rows_kept=1189,
        rejections=(
            *(Rejection(r, Reason.DUPLICATE, {"first": 4}) for r in range(5, 13)),
            *(
                Rejection(r, Reason.SCREENED_OUT, {"item": "live", "label": "否"})
                for r in range(50, 56)
            ),
        ),
        unmapped_columns=("备注",),
        unknown_values=(("小区", "=HYPERLINK(1)", 2),),
        unmatched=(("玉佛诚", 3, ("玉佛城",)),),
    )
