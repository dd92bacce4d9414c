"""A street whose truth is known: exact on average, reproducible, and true to real exports."""

from __future__ import annotations

import datetime as dt
import importlib.util
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import ModuleType

import numpy as np
import openpyxl
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from python_calamine import CalamineWorkbook

from evalkit.codes import TaskState
from evalkit.definitions.loading import load_order, load_roster
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.text import committee_key
from evalkit.errors import Problems
from evalkit.intake.returned import Given, read_returned
from evalkit.simulation import (
    NO_DIRT,
    Demo,
    Dirt,
    Export,
    Sample,
    Truth,
    demo_sample,
    demo_truth,
    frame,
    simulate,
    street,
    write_demo,
    write_exports,
)
from evalkit.simulation.demo import EXPORTS, demo_data, demo_documents, demo_roster
from evalkit.simulation.respondents import option_probabilities
from evalkit.simulation.truth import HIGHEST, LOWEST, shift
from tests.approved import approving
from tests.approved.folders import told
from tests.deciding import decided

DAY = dt.date(2016, 11, 14)


@pytest.fixture(scope="module")
def documents() -> tuple[Scheme, dict[str, Questionnaire]]:
    return demo_documents()


@pytest.fixture(scope="module")
def truth() -> Truth:
    return demo_truth()


@pytest.fixture(scope="module")
def sample(truth: Truth) -> Sample:
    return demo_sample(truth)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Demo:
    return write_demo(tmp_path_factory.mktemp("workspace") / "demo")


# --- the answers have the expectation they are said to have ----------------------------------


@given(
    scores=st.lists(st.sampled_from(range(0, 101, 5)), min_size=2, max_size=7, unique=True),
    share=st.floats(0.02, 0.98),
)
def test_option_probabilities_average_to_the_mean(scores: list[int], share: float) -> None:
    mean = min(scores) + share * (max(scores) - min(scores))
    found = option_probabilities(scores, np.array([mean]))
    assert (found > 0).all()
    assert found.sum() == pytest.approx(1.0)
    assert found[0] @ scores == pytest.approx(mean, abs=1e-7)


def test_a_mean_beyond_the_options_is_refused() -> None:
    with pytest.raises(ValueError, match="cannot average"):
        option_probabilities([30.0, 60.0], np.array([61.0]))


def test_means_of_many_answers_are_the_truth(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, questionnaires = documents
    many = {"key": 4000, "random": 4000, "partner": 4000, "department": 2, "peer": 2}
    truth = street(scheme, 4, waves=("1",), issued=many, profile_sd=4.0, seed=5)
    found = simulate(truth, scheme, questionnaires, seed=6)
    misses = []
    for group in ("key", "random", "partner"):
        judged = list(scheme.covered(scheme.group(group)))
        columns = [truth.indicators.index(code) for code in judged]
        scores = found.indicator_scores("1", group)[:, columns]
        for k in range(4):
            own = scores[found.sheets["1", group].subject == k]
            n = (~np.isnan(own)).sum(axis=0)
            mean = truth.mean[0, k, truth.groups.index(group), columns]
            misses.append((np.nanmean(own, axis=0) - mean) / (np.nanstd(own, axis=0) / np.sqrt(n)))
    # 208 comparisons; the largest of so many independent normal deviates exceeds 4.5 once in 700.
    assert np.abs(np.concatenate(misses)).max() < 4.5


def test_severe_raters_are_severe_everywhere(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, questionnaires = documents
    truth = street(scheme, 20, waves=("1",), issued={"department": 60}, seed=1)
    found = simulate(truth, scheme, questionnaires, seed=2)
    sheet = found.sheets["1", "department"]
    scores = np.nanmean(found.indicator_scores("1", "department"), axis=1)
    table = pd.DataFrame({"rater": sheet.rater, "subject": sheet.subject, "score": scores})
    wide = table.pivot_table(index="rater", columns="subject", values="score").to_numpy()
    correlations = np.corrcoef(wide.T)[np.triu_indices(20, 1)]
    assert 0.1 < correlations.mean() < 0.5


# --- the invented street ---------------------------------------------------------------------


def test_street_has_the_spread_it_is_asked_for(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, _ = documents
    truth = street(scheme, 4000, between_sd=3.0, mean=75.0, waves=("1",), seed=3)
    true = truth.composites(scheme)[0]
    assert true.std(ddof=1) == pytest.approx(3.0, rel=0.05)
    assert true.mean() == pytest.approx(75.0, abs=0.2)


def test_without_change_every_wave_has_the_same_truth(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, _ = documents
    still = street(scheme, 10, waves=("1", "2", "3"), seed=3)
    assert np.array_equal(still.mean[0], still.mean[2], equal_nan=True)
    moving = street(scheme, 10, waves=("1", "2", "3"), street_change=2.0, change_sd=1.0, seed=3)
    change = np.diff(moving.composites(scheme), axis=0)
    assert change.mean() == pytest.approx(2.0, abs=0.8)
    assert change.std() == pytest.approx(1.0, abs=0.5)


@settings(deadline=None, max_examples=20)
@given(seed=st.integers(0, 10_000), points=st.floats(0.0, 10.0))
def test_a_better_truth_never_gives_a_worse_answer(seed: int, points: float) -> None:
    scheme, questionnaires = demo_documents()
    truth = street(scheme, 8, waves=("1",), seed=seed)
    better = replace(truth, mean=shift(truth.mean, np.full((1, 8), points)))
    before = simulate(truth, scheme, questionnaires, seed=seed)
    after = simulate(better, scheme, questionnaires, seed=seed)
    for key, sheet in before.sheets.items():
        old, new = sheet.scores(), after.sheets[key].scores()
        assert np.array_equal(np.isnan(old), np.isnan(new))
        assert (new[~np.isnan(new)] >= old[~np.isnan(old)]).all()


def test_true_means_stay_on_the_scale() -> None:
    mean = np.array([[[[50.0, 97.0, np.nan]]]])
    assert shift(mean, np.array([[30.0]]))[0, 0, 0, :2].tolist() == [80.0, HIGHEST]
    assert shift(mean, np.array([[-60.0]]))[0, 0, 0, 0] == LOWEST


def test_the_same_seed_gives_the_same_answers_and_another_gives_others(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, questionnaires = documents
    truth = street(scheme, 6, seed=1)
    one, same, other = (simulate(truth, scheme, questionnaires, seed=s) for s in (1, 1, 2))
    for key, sheet in one.sheets.items():
        assert np.array_equal(sheet.choice, same.sheets[key].choice)
    assert any(
        sheet.choice.shape != other.sheets[key].choice.shape
        or not np.array_equal(sheet.choice, other.sheets[key].choice)
        for key, sheet in one.sheets.items()
    )


def test_a_wave_left_out_does_not_change_the_others(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, questionnaires = documents
    truth = street(scheme, 6, seed=1)
    both = simulate(truth, scheme, questionnaires, seed=1)
    last = simulate(truth, scheme, questionnaires, seed=1, waves=["2016"])
    assert {wave for wave, _ in last.sheets} == {"2016"}
    for key, sheet in last.sheets.items():
        assert np.array_equal(sheet.choice, both.sheets[key].choice)


def test_more_peers_than_other_committees_are_refused(
    documents: tuple[Scheme, dict[str, Questionnaire]],
) -> None:
    scheme, questionnaires = documents
    truth = street(scheme, 5, issued={"peer": 5}, seed=1)
    with pytest.raises(ValueError, match="at most 4 peers"):
        simulate(truth, scheme, questionnaires, seed=1)


# --- who rates whom --------------------------------------------------------------------------


@pytest.mark.parametrize("wave", ["2015", "2016"])
def test_raters_rate_whom_they_should(sample: Sample, wave: str) -> None:
    peers = sample.sheets[wave, "peer"]
    assert (peers.rater != peers.subject).all()
    departments = sample.sheets[wave, "department"]
    pairs = set(zip(departments.rater.tolist(), departments.subject.tolist(), strict=True))
    assert len(pairs) == len(departments.rater)
    assert len(set(departments.rater.tolist())) == 12
    partners = sample.sheets[wave, "partner"]
    rated = pd.Series(partners.subject).groupby(partners.rater)
    assert rated.nunique().equals(rated.size())
    assert set(rated.size()) == {1, 2, 3}
    for group in ("key", "random"):
        assert (sample.sheets[wave, group].rater == -1).all()


@pytest.mark.parametrize("wave", ["2015", "2016"])
def test_every_cell_may_be_published(sample: Sample, wave: str) -> None:
    for group in sample.scheme.groups:
        n = np.bincount(sample.sheets[wave, group.code].subject, minlength=35)
        assert n.min() >= group.minimum_n
    assert not np.isnan(sample.composites(wave)).any()


@pytest.mark.parametrize("wave", ["2015", "2016"])
@pytest.mark.parametrize(("group", "returned"), [("key", 0.96), ("random", 0.88)])
def test_some_do_not_answer(sample: Sample, wave: str, group: str, returned: float) -> None:
    w, g = sample.truth.waves.index(wave), sample.truth.groups.index(group)
    issued = sample.truth.issued[w, :, g]
    answered = np.bincount(sample.sheets[wave, group].subject, minlength=35)
    assert (answered <= issued).all()
    assert answered.sum() / issued.sum() == pytest.approx(returned, abs=0.01)
    assert issued.max() > issued.min()


# --- answers look like satisfaction answers --------------------------------------------------


def test_residents_of_one_committee_differ_by_about_eighteen_points(sample: Sample) -> None:
    squares, skew, degrees = 0.0, [], 0
    for wave in sample.truth.waves:
        for g, group in enumerate(("key", "random")):
            weights = sample.scheme.weights()[g]
            scores = sample.indicator_scores(wave, group)
            known = ~np.isnan(scores)
            total = np.where(known, scores * weights, 0.0).sum(axis=1)
            composite = total / (known * weights).sum(axis=1)
            subject = sample.sheets[wave, group].subject
            within = composite - (np.bincount(subject, composite) / np.bincount(subject))[subject]
            squares += float((within**2).sum())
            degrees += len(within) - 35
            skew.append(np.mean(within**3) / np.mean(within**2) ** 1.5)
    assert np.sqrt(squares / degrees) == pytest.approx(18.0, abs=1.0)
    assert max(skew) < -0.5


def test_every_kind_of_answer_occurs(sample: Sample) -> None:
    codes = sample.sheets["2016", "random"].codes()
    resident = sample.questionnaires["resident"]
    for item in resident.of_role("scored"):
        share = (codes[item.id] == "").mean()
        assert share < 0.03
        for option in resident.options_of(item):
            assert (codes[item.id] == option.code).any(), (item.id, option.label)
    both = codes[(codes["q9"] != "") & (codes["q10"] != "")]
    assert both["q9"].eq("6").equals(both["q10"].eq("6"))


def test_frame_is_complete_and_in_the_order_of_the_form(sample: Sample) -> None:
    table = frame(sample, "2015", "random")
    resident = sample.questionnaires["resident"]
    items = [column for column in table if column in {item.id for item in resident.items}]
    assert items == [item.id for item in resident.items]
    assert len(table) == len(sample.sheets["2015", "random"].subject)
    pd.testing.assert_frame_equal(table, frame(sample, "2015", "random"))
    assert table["q1"].eq("1").all()
    assert 0 < (table["q20"] != "").mean() < 0.4
    nothing = table["q19"].str.split(";").map(lambda chosen: "14" in chosen)
    assert table.loc[nothing, "q19"].eq("14").all()


# --- the demo shows the published figures ----------------------------------------------------


def _calibration() -> ModuleType:
    path = Path(__file__).parents[2] / "benchmarks" / "calibrate_demo.py"
    spec = importlib.util.spec_from_file_location("calibrate_demo", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_shipped_truth_is_what_the_calibration_makes() -> None:
    calibration = _calibration()
    made = calibration.as_csv(calibration.calibrated())
    assert made == (demo_data() / "truth.csv").read_text(encoding="utf-8")


@pytest.mark.parametrize(("wave", "good", "rank"), [("2015", 18, 20), ("2016", 28, 7)])
def test_the_evaluated_demo_shows_the_published_figures(
    sample: Sample, wave: str, good: int, rank: int
) -> None:
    composite = sample.composites(wave)
    cutoff = min(grade.cutoff for grade in sample.scheme.grades if grade.good)
    assert (composite >= cutoff).sum() == good > 35 / 2
    assert np.abs(composite - cutoff).min() >= 0.15
    placed = [s.name for s in sample.truth.subjects].index("玉佛城")
    assert 1 + (composite > composite[placed]).sum() == rank
    assert np.abs(np.delete(composite, placed) - composite[placed]).min() >= 0.15


def test_the_demo_street_is_plausible(truth: Truth, sample: Sample) -> None:
    true = truth.composites(sample.scheme)
    spread = true.std(axis=1, ddof=1)
    assert spread.min() > 2.5
    assert spread.max() < 4.5  # real streets: about 3 to 4 points
    judged = ~np.isnan(truth.mean)
    assert truth.mean[judged].min() > LOWEST
    assert truth.mean[judged].max() <= HIGHEST
    issued = dict(zip(truth.groups, truth.issued[1].sum(axis=0).tolist(), strict=True))
    assert (issued["key"], issued["random"]) == (1790, 511)
    assert (truth.issued[0].sum(axis=0)[:2] < truth.issued[1].sum(axis=0)[:2]).all()


def test_the_demo_roster_tries_the_matching_of_names() -> None:
    subjects = demo_roster()
    assert len(subjects) == 35
    names = [name for s in subjects for name in (s.name, *s.aliases)]
    keys = {committee_key(name) for name in names}
    assert {"苏河一村", "苏河二村", "杏梅园", "杏杨园", "苏河1村"} <= keys
    assert sum(bool(s.aliases) for s in subjects) > 10
    assert {s.housing for s in subjects} == {"商品房", "售后公房", "老公房", "老式里弄"}


# --- exports ---------------------------------------------------------------------------------


@cache
def _rows(path: Path) -> tuple[list[str], list[list[object]]]:
    """Return the header and the rows below it; None where a cell is empty."""
    sheet = CalamineWorkbook.from_path(path).get_sheet_by_name("Sheet1")
    table = sheet.to_python(skip_empty_area=False)
    rows: list[list[object]] = [[None if cell == "" else cell for cell in row] for row in table]
    return [str(cell) for cell in rows[0]], rows[1:]


def test_the_workspace_is_complete(demo: Demo) -> None:
    problems = Problems()
    order = load_order(demo.folder / "evaluation.yaml", "evaluation.yaml", problems)
    roster = load_roster(demo.folder / "roster.csv", "roster.csv", problems)
    assert not problems
    assert order is not None
    assert roster is not None
    assert order.synthetic
    assert "模拟" in order.street
    assert "模拟" in order.title
    assert order.scheme == "changshou"
    assert [wave.id for wave in order.waves] == ["2015", "2016"]
    assert order.wave("2016").issued["key"] == 1790
    claimed = {entry.file for wave in order.waves for entry in wave.files}
    tables = [p for p in demo.folder.rglob("*") if p.suffix in (".xlsx", ".csv")]
    lying = {p.relative_to(demo.folder).as_posix() for p in tables}
    assert claimed | {"follow-up/2015.xlsx", "roster.csv"} == lying
    list_ = Given(demo.folder / "follow-up/2015.xlsx", "follow-up/2015.xlsx")
    returned = read_returned("2015", [list_], order, problems)
    assert not problems
    assert returned is not None
    assert {r.state for r in returned.reports} == set(TaskState)
    silent, _ = returned.notes()
    assert len(silent.facts["names"]) == 2
    for wave in order.waves:
        assert wave.start is not None
        assert wave.end is not None


def test_the_files_of_the_demo_are_as_approved(demo: Demo) -> None:
    approving.compare("simulation/demo", "\n".join(told(demo.folder)))


def test_the_demo_is_the_same_to_the_byte(demo: Demo, demo_folder: Path) -> None:
    """Two were written in this run, and one of them was evaluated since."""
    for file in demo.files:
        again = demo_folder / file.path.relative_to(demo.folder)
        assert file.path.read_bytes() == again.read_bytes()
    for name in ("evaluation.yaml", "roster.csv"):
        assert (demo.folder / name).read_bytes() == (demo_folder / name).read_bytes()


def test_the_demo_does_not_overwrite(demo: Demo) -> None:
    with pytest.raises(FileExistsError):
        write_demo(demo.folder)


def test_openpyxl_reads_the_same_and_finds_the_wave_s_date(demo: Demo) -> None:
    for file in demo.files[1:3]:
        book = openpyxl.load_workbook(file.path)
        assert book.properties.modified == book.properties.created
        assert str(book.properties.modified.year) == file.export.wave
        header, *rows = [list(row) for row in book["Sheet1"].iter_rows(values_only=True)]
        assert (header, rows) == _rows(file.path)


@pytest.mark.parametrize("place", range(len(EXPORTS)))
def test_dirt_is_there_as_declared(demo: Demo, place: int) -> None:
    file = demo.files[place]
    header, rows = _rows(file.path)
    assert len(rows) == file.rows
    blank = [row for row in rows if not any(cell is not None for cell in row)]
    footers = [row for row in rows if row[0] == "合计"]
    answers = [row for row in rows if row not in blank and row not in footers]
    repeated = len(answers) - len({tuple(row[1:]) for row in answers})
    time = header.index("提交答卷时间")
    dates = [dt.datetime.strptime(str(row[time]), "%Y/%m/%d %H:%M:%S").date() for row in answers]
    outside = sum(not file.export.start <= date <= file.export.end for date in dates)
    skipped = sum("(跳过)" in row or -3 in row for row in answers)
    assert Dirt(repeated, skipped, outside, len(blank), len(footers)) == file.dirt
    assert rows[-1][0] == "合计"
    assert [float(str(row[0])) for row in answers] == list(range(1, len(answers) + 1))
    total, valid = map(int, file.path.stem.split("_")[-2:])
    assert (total, total - valid) == (len(answers), skipped)
    assert dates == sorted(dates)


def test_headers_follow_the_style_of_their_year(demo: Demo) -> None:
    old, number, _, new, *_ = (_rows(file.path)[0] for file in demo.files)
    assert old[:6] == ["序号", "提交答卷时间", "所用时间", "来自IP", "来源", "来源详情"]
    assert new[:6] == ["序号", "提交答卷时间", "所用时间", "来源", "来源详情", "来自IP"]
    at = old.index("7、您对居民区干部和社工的下列方面满意吗？—接待居民热情、有耐心")
    assert old[at + 1] == "熟悉政策，会办事"
    at = new.index(
        "7、您对居民区干部和社工的下列方面满意吗？—接待居民热情、有耐心 (矩阵单选题 *必答)"
    )
    assert new[at + 1] == "7、熟悉政策，会办事"
    assert any(name.startswith("19、") and name.endswith("(多选题 *必答)") for name in new)
    assert [name for name in number if name.startswith("第19题(")][2] == "第19题(停车难)"
    assert len({len(old), len(new)}) == 1


def test_cells_are_written_as_the_platform_writes_them(demo: Demo) -> None:
    for file in demo.files:
        header, rows = _rows(file.path)
        cells = pd.DataFrame(rows, columns=header).dropna(how="all")
        cells = cells[cells["序号"] != "合计"]
        if file.export.variant == "text":
            assert cells.map(lambda cell: isinstance(cell, str)).all(axis=None)
        else:
            asked = [name for name in header if name[0].isdigit() or name.startswith("第")]
            words = {n for n in asked if cells[n].map(lambda cell: isinstance(cell, str)).any()}
            assert {name.split("、")[0] for name in words} == {"2", "20", "21"}
        assert cells["来自IP"].str.fullmatch(r"198\.1[89]\.\d+\.\d+\(上海-上海\)").all()
        assert cells["所用时间"].str.fullmatch(r"\d+秒").all()


def test_several_choices_and_other_texts_share_a_cell(demo: Demo) -> None:
    header, rows = _rows(demo.files[3].path)
    at = next(place for place, name in enumerate(header) if name.startswith("19、"))
    cells = [str(row[at]) for row in rows if row[at] is not None]
    assert any("┋" in cell for cell in cells)
    assert any("其他【请注明】〖" in cell and cell.endswith("〗") for cell in cells)


def test_new_headers_of_a_multi_select_by_number(sample: Sample, tmp_path: Path) -> None:
    export = Export("2016", ("random",), 7, "按序号", DAY, DAY, variant="number", dirt=NO_DIRT)
    (file,) = write_exports(sample, tmp_path, [export])
    header, rows = _rows(file.path)
    at = next(place for place, name in enumerate(header) if name.startswith("19. "))
    assert header[at].endswith("(房屋漏水、墙面脱落等维修)")
    assert header[at + 1] == "19 (上下楼不便，盼加装电梯)"
    assert len(rows) == file.answers == len(sample.sheets["2016", "random"].subject)
    assert {cell for row in rows for cell in row[at : at + 14]} == {0, 1}


def test_one_file_holds_one_questionnaire(sample: Sample, tmp_path: Path) -> None:
    export = Export("2016", ("key", "peer"), 7, "混合", DAY, DAY)
    with pytest.raises(ValueError, match="one questionnaire a file"):
        write_exports(sample, tmp_path, [export])


# --- and the engine finds in the files what the simulation put there -------------------------


def test_reading_the_files_gives_back_the_answers(
    demo: Demo, documents: tuple[Scheme, dict[str, Questionnaire]]
) -> None:
    from evalkit.answers.measuring import measure
    from evalkit.engines.duckdb import DuckDBEngine
    from evalkit.intake.importing import Source, import_wave
    from evalkit.platforms import read
    from evalkit.simulation.truth import combine

    scheme, questionnaires = documents
    problems = Problems()
    order = load_order(demo.folder / "evaluation.yaml", "evaluation.yaml", problems)
    assert order is not None
    roster = Roster(subjects=list(demo_roster()))
    written = {file.path.relative_to(demo.folder).as_posix(): file for file in demo.files}
    for wave in order.waves:
        sources = []
        for entry in wave.answers:
            sheet = read(demo.folder / entry.file, name=entry.file, problems=problems)
            assert sheet is not None, list(map(str, problems))
            sources.append(Source(entry, sheet, questionnaires[entry.questionnaire]))
        answers, reports = import_wave(wave, sources, decided(scheme, {}, roster), problems)
        assert not problems, list(map(str, problems))
        for report in reports:
            file = written[report.file]
            assert (report.rows_read, report.rows_kept) == (file.rows, file.answers)
            found = report.rejected_by_reason
            dirt = Dirt(*(
                found.pop(reason, 0)
                for reason in ("duplicate", "screened_out", "outside_period", "blank", "footer")
            ))  # fmt: skip
            assert dirt == file.dirt
            assert not found
            assert not report.unmapped_columns
        cells = measure(answers, decided(scheme, questionnaires, roster), DuckDBEngine())
        means = np.stack([cells.groups[group].mean[:, :-1] for group in cells.groups], axis=1)
        np.testing.assert_allclose(means, demo.sample.cell_means(wave.id), atol=1e-9)
        np.testing.assert_allclose(
            combine(means, scheme.weights()), demo.sample.composites(wave.id), atol=1e-9
        )
