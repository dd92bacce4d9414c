"""Members: what residents say of them beside their service points, capped by category and year."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest
import yaml
from typer.testing import CliRunner

import evalkit as ek
from evalkit import bookkeeping, publication
from evalkit.cli import app
from evalkit.console.telling import print_tracks
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.tracks import WORDS
from evalkit.findings.colleagues import STREET
from evalkit.pages.press import printing
from tests import tiny
from tests.tracks import street

ORDER = """\
tracks:
  - id: members
    title: 成员评价
    kind: members
    quotas: [{grade: 优, share: 15, within: unit}]
    waves:
      - id: '2016'
        files:
          - {file: responses/review.csv, questionnaire: resident, group: resident}
          - {file: responses/points.csv, ledger: member_points}
"""
SCHEME = """\
id: members
title: 成员评价方案
groups:
  - {code: resident, name: 居民, weight: 60, questionnaire: resident, residents: true, minimum_n: 10}
  - {code: points, name: 服务积分, weight: 40, ledger: points}
dimensions:
  - code: M
    name: 作用
    weight: 100
    indicators:
      - {code: M1, name: 评议, weight: 60, items: {resident: [attitude, skill, duty]}}
      - {code: M2, name: 积分, weight: 40, items: {points: [points]}}
grades: [{name: 好, cutoff: 60, good: true}, {name: 其余, cutoff: 0}]
"""
CAPPED = """\
id: points
title: 服务积分
when_none: incomplete
minimum_n: 1
wave_by: served
values: {kind: {志愿服务: null, 认领项目: null, 参加活动: null}}
columns:
  - {code: who, headers: [编号], holds: unit}
  - {code: served, headers: [时间], holds: time}
  - {code: kind, headers: [类别], holds: option}
  - {code: points, headers: [积分], holds: number}
measures:
  - {code: points, name: 服务积分, how: points, column: points, category: kind, caps: {志愿服务: 12}, full: 40}
"""
MEMBERS = [(f"m{k}", f"s{1 + k // 3}", f"{street.FAMILY[k]}{street.GIVEN[k]}") for k in range(6)]
POINTS = {"志愿服务": 2, "认领项目": 4, "参加活动": 4}
SERVED = {
    "m0": {"志愿服务": 15, "认领项目": 1, "参加活动": 1},  # 15 x 2 capped at 12, + 4 + 4
    "m1": {"志愿服务": 3},
    "m2": {"认领项目": 12},  # 48 points of 40: full
    "m3": {"志愿服务": 6, "参加活动": 2},
    "m4": {"参加活动": 5},
}
"""How often everybody served; the last one not at all."""


def write(root: Path) -> Path:
    street.write(root, ORDER.replace("member_points", "points"))
    own = root / "tracks/members"
    for name, text in {
        "scheme.yaml": SCHEME,
        "questionnaires/resident.yaml": street.form("resident", "", ""),
        "ledgers/points.yaml": CAPPED,
        "roster.csv": "编号,姓名,居民区,岗位\n"
        + "".join(f"{m},{name},{unit},兼职委员\n" for m, unit, name in MEMBERS),
    }.items():
        (own / name).parent.mkdir(parents=True, exist_ok=True)
        (own / name).write_text(text, encoding="utf-8")
    rng = np.random.Generator(np.random.PCG64(5))
    marks = list(street.MARKS.values())
    review = [
        [str(n), f"2016/6/{1 + n % 28} 10:00:{n % 60:02d}", f"{n}秒", f"10.9.0.{n}(上海-上海)", name,
         *(marks[int(at)] for at in rng.integers(0, 5, 3))]
        for n, name in enumerate((name for _, _, name in MEMBERS for _ in range(10)), start=1)
    ]  # fmt: skip
    header = (*street.META, "评价的人", *street.TEXTS)
    tiny.write_csv(own / "responses/review.csv", header, review)
    served = [
        [member, f"2016-0{1 + n % 9}-{10 + n}", kind, str(POINTS[kind])]
        for member, kinds in SERVED.items()
        for kind, times in kinds.items()
        for n in range(times)
    ]
    # what was done in another year is of that year, and under its own cap
    served += [["m1", "2015-05-06", "志愿服务", "2"]]
    tiny.write_csv(own / "responses/points.csv", ("编号", "时间", "类别", "积分"), served)
    return root


@pytest.fixture(scope="module")
def root(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("members") / "ws")


def test_points_are_capped_by_category_and_year(root: Path) -> None:
    inputs = ek.open(root).track("members").inputs()
    books = bookkeeping.keep(inputs.decided, inputs.records, ["2016"])
    reduced = books.of("2016")["points"]
    raw = dict(zip(reduced.subjects, reduced.raw[:, 0], strict=True))
    assert raw["m0"] == 12 + 4 + 4 == 20
    assert (raw["m1"], raw["m2"], raw["m3"], raw["m4"]) == (6, 48, 20, 20)
    assert np.isnan(raw["m5"])  # no record is not 0
    mean = dict(zip(reduced.subjects, reduced.mean[:, 0], strict=True))
    assert (mean["m0"], mean["m2"]) == (50.0, 100.0)


def test_a_scheme_mixes_residents_and_points(
    root: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    evaluation = ek.evaluate(ek.open(root).track("members").inputs())
    persons = evaluation.appraisal.persons.set_index("subject")
    raters = evaluation.appraisal.raters.set_index(["group", "subject"])["estimate"].to_dict()
    for member in ("m0", "m2", "m4"):
        said = raters["resident", member]
        points = {"m0": 50.0, "m2": 100.0, "m4": 50.0}[member]
        assert raters["points", member] == pytest.approx(points)
        assert persons.loc[member, "score"] == pytest.approx(0.6 * said + 0.4 * points)
        # nobody is a colleague: the score compares everybody
        assert persons.loc[member, "comparable"] == pytest.approx(persons.loc[member, "score"])
    assert np.isnan(persons.loc["m5", "score"])
    assert set(evaluation.appraisal.raters["scope"]) == {STREET, "unit"}
    points = evaluation.appraisal.raters.query("group == 'points'")
    assert len(points) == 6 + 1  # and all of them
    assert points["raters"].isna().all()
    assert evaluation.order.subject_word == WORDS["members"] == "党员"
    # 15% of three are no place
    (placeless,) = [n for n in evaluation.notes if n.code == "quota_without_place"]
    assert (placeless.count, dict(placeless.facts)) == (2, {"grade": "优", "share": 15.0})
    assert len(evaluation.appraisal.quotas) == 0
    for paper in publication.plan(evaluation):
        assert "同事" not in printing.fill(paper).text
    print_tracks({"members": (evaluation, root)}, everything=False)
    assert "成员评价：6 名党员，5 人有得分" in capsys.readouterr().out


@pytest.mark.parametrize("preset", ["workers", "members"])
def test_a_shipped_track_has_no_fault_but_its_placeholders(preset: str, folder: Path) -> None:
    order = folder / "evaluation.yaml"
    order.write_text(order.read_text(encoding="utf-8").replace(street.ORDER, ""), encoding="utf-8")
    entry = ek.open(folder).tracks
    assert entry == {}
    (folder / "tracks/workers").rename(folder / "elsewhere")
    said = CliRunner().invoke(app, ["track", preset, str(folder)])
    assert said.exit_code == 0
    text = said.output[said.output.index("tracks:\n  - id: ") :].partition("  - 运行")[0]
    assert f"tracks/{preset}/roster.csv" in said.output
    order.write_text(order.read_text(encoding="utf-8") + text, encoding="utf-8")
    (own,) = ek.open(folder).tracks.values()
    codes = {problem.code for problem in own.check().problems}
    assert codes == {"placeholder", "unknown_unit", "file_missing"}
    with pytest.raises(ek.InputErrors):
        ek.open(folder).add_track(preset)
    with pytest.raises(ek.InputErrors):
        ek.open(folder).add_track("nobody")


def test_the_yaml_of_the_how_to_is_what_the_program_reads() -> None:
    page = Path(__file__).parents[2] / "docs/howto/tracks.md"
    (block,) = re.findall(r"```yaml\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.S)
    waves = [{"id": "2026"}]
    order = EvaluationOrder.model_validate(
        {"title": "评估", "street": "街道", "waves": waves, **yaml.safe_load(block)}
    )
    assert list(order.faults()) == []
    (track,) = order.tracks
    assert [(q.grade, q.within) for q in track.quotas] == [("优", "street"), ("先进", "unit")]
