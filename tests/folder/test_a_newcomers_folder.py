"""A folder somebody fills for the first time: what lies in it counts, or is told; nothing is a template's."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
import yaml

import evalkit as ek
from evalkit import assets
from evalkit.codes import NoteCode
from evalkit.definitions.questionnaire import Item
from evalkit.errors import Note, Problems
from evalkit.folder import Folder, shelf
from tests import tiny

PRESETS = assets.presets()
SHAPED = ("caoyang", "nanhu-worker", "zhuanqiao")
"""Presets whose roster has the shape of a place: numbers to be replaced, and no three examples."""


def codes(root: Path) -> list[tuple[str, str | None]]:
    return [(p.code, p.file) for p in ek.open(root).check().problems]


def notes(root: Path, code: NoteCode) -> list[Note]:
    return [note for note in ek.open(root).check().notes if note.code is code]


def replace(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new), encoding="utf-8")


# --- the scheme that lies there -----------------------------------------------------------------


def test_a_scheme_in_the_folder_is_used_though_the_order_names_a_preset(tmp_path: Path) -> None:
    root = ek.create(tmp_path / "ws", "changshou").root
    replace(root / "evaluation.yaml", "scheme: scheme.yaml", "scheme: changshou")
    replace(root / "scheme.yaml", "{name: 优秀, cutoff: 90", "{name: 优秀, cutoff: 88")
    problems = Problems()
    decided = Folder(root).load(problems)
    del decided
    replace(root / "evaluation.yaml", "某某街道", "沙田街道")
    (root / "roster.csv").write_text("id,name\ns1,甲\n", encoding="utf-8")
    problems = Problems()
    documents = Folder(root).documents(problems)
    assert not problems
    assert documents is not None
    assert documents.scheme.grades[0].cutoff == 88
    assert "scheme.yaml" in documents.digests
    shutil.copy(root / "scheme.yaml", root / "scheme.yml")
    assert ("two_documents", "scheme.yaml") in codes(root)


NOT_USED = {
    "scheme-2.yaml": "scheme",
    "名册新.xlsx": "roster",
    "roster2.csv": "roster",
    "措施库.yaml": "actions",
    "themes.csv": "themes",
    "边界.geojson": "boundaries",
    "margins.xlsx": "margins",
    "questionnaires/third.csv": "questionnaires",
    "responses/2016/补录.xlsx": "responses",
    "resident-2.yaml": "other",
}


def test_what_lies_there_and_is_not_used_is_told(workspace: Path) -> None:
    assert notes(workspace, NoteCode.FILE_NOT_USED) == []
    for name in NOT_USED:
        (workspace / name).parent.mkdir(exist_ok=True)
        (workspace / name).write_bytes(b"x")
    found = notes(workspace, NoteCode.FILE_NOT_USED)
    assert {note.where: note.facts["kind"] for note in found} == NOT_USED
    assert len(found) == len(NOT_USED)
    evaluation = ek.open(workspace).evaluate()
    for note in found:
        assert note.code == "file_not_used"
        assert ek.said(note).startswith("文件夹里有这个文件，没有用到")
        assert note in evaluation.notes


def test_results_and_hidden_files_are_nobodys_business(workspace: Path) -> None:
    for name in ("out/2016/scores.csv", ".git/x.yaml", "~$roster.xlsx", "备忘.docx"):
        (workspace / name).parent.mkdir(parents=True, exist_ok=True)
        (workspace / name).write_bytes(b"x")
    assert notes(workspace, NoteCode.FILE_NOT_USED) == []


# --- templates ---------------------------------------------------------------------------------


@pytest.mark.parametrize("preset", PRESETS)
def test_every_placeholder_of_a_preset_is_refused_until_it_is_replaced(
    preset: str, tmp_path: Path
) -> None:
    root = ek.create(tmp_path / "ws", preset).root
    found = codes(root)
    assert found.count(("placeholder", "evaluation.yaml")) == 1
    examples = found.count(("placeholder", "roster.csv"))
    assert examples == (0 if preset in SHAPED else 3)
    assert {code for code, _ in found} == {"placeholder", "file_missing"}
    replace(root / "evaluation.yaml", "某某", "沙田")
    if examples:
        (root / "roster.csv").write_text("代码,名称\ns1,甲\ns2,乙\n", encoding="utf-8")
    assert {code for code, _ in codes(root)} == {"file_missing"}


@pytest.mark.parametrize("preset", PRESETS)
def test_a_new_folder_says_what_to_do_and_knows_nothing_of_another_street(
    preset: str, tmp_path: Path
) -> None:
    root = ek.create(tmp_path / "ws", preset).root
    text = "\n".join(p.read_text(encoding="utf-8-sig") for p in root.rglob("*") if p.is_file())
    for fact in ("长寿路", "玉佛城", "1,790", "1790", "511", "11,000", "55.56", "54.5"):
        assert fact not in text, fact
    first = (root / "README.md").read_text(encoding="utf-8")
    for word in ("1. **", "evalkit check", "evalkit run", "roster.csv", "evaluation.yaml"):
        assert word in first
    assert not (root / assets.START).exists()
    assert not (root / assets.SUPERSEDED).exists()


def test_a_blank_folder_works_once_it_is_filled(tmp_path: Path) -> None:
    """Three committees, three questions: 12 × 满意 (80) in each question give exactly 80."""
    root = ek.create(tmp_path / "ws", "blank").root
    replace(root / "evaluation.yaml", "某某街道", "沙田街道")
    replace(root / "evaluation.yaml", "答卷.xlsx", "答卷.csv")
    (root / "roster.csv").write_text(
        "代码,名称,别名\na,甲里,甲里居委；一村\nb,乙里,\nc,丙里,\n", encoding="utf-8-sig"
    )
    form = yaml.safe_load((root / "questionnaires/survey.yaml").read_text(encoding="utf-8"))
    header = [item["text"] for item in form["items"]]
    rows = [
        [name, first, "满意", "满意"]
        for name, answers in (
            ("甲里", ["满意"] * 12),
            ("一村", ["满意"] * 12),
            ("乙里", ["非常满意", "一般"] * 8),
            ("丙里", ["非常满意"] * 10 + ["不了解"] * 5 + ["不满意"] * 2),
        )
        for first in answers
    ]
    tiny.write_csv(root / "responses/2026/答卷.csv", header, rows)
    checked = ek.open(root).check()
    assert checked.problems == ()
    assert [(r.rows_read, r.rows_kept) for r in checked.reports] == [(57, 57)]
    replace(root / "evaluation.yaml", "waves:", "settings: {draws: 800}\nwaves:")
    scores = ek.open(root).evaluate().scores.set_index("subject")["score"]
    assert scores["a"] == pytest.approx(80)
    assert scores["b"] == pytest.approx(80)
    # 丙: (10 × 100 + 2 × 30) / 12 = 88.33 in the first question, of weight 40
    assert scores["c"] == pytest.approx(0.4 * 1060 / 12 + 0.6 * 80)


# --- sentences of earlier presets ----------------------------------------------------------------


def test_sentences_of_earlier_presets_are_left_out_and_told(workspace: Path) -> None:
    old = sorted(assets.superseded())
    assert len(old) > 15
    scheme = yaml.safe_load((workspace / "scheme.yaml").read_text(encoding="utf-8"))
    scheme["published"] = old[:2]
    scheme["assumptions"] = ["权重由街道会议定", old[3]]
    (workspace / "scheme.yaml").write_text(yaml.safe_dump(scheme, allow_unicode=True), "utf-8")
    (note,) = notes(workspace, NoteCode.SUPERSEDED_SENTENCES)
    assert (note.code, note.where, note.count) == ("superseded_sentences", "scheme.yaml", 3)
    decided = ek.open(workspace).inputs().decided
    assert decided.scheme.published == []
    assert decided.scheme.assumptions == ["权重由街道会议定"]


# --- advice that leads to success ------------------------------------------------------------------

ADVICE = [
    # what is wrong, in which file, the code it gives, and what its advice says literally
    ("scheme.yaml", "residents: true, ", "", "weights_do_not_add_up", ("residents_weight: 70\n", "")),
    (
        "scheme.yaml",
        "residents_weight: 70",
        "residents_weight: 100",
        "weights_do_not_add_up",
        ("residents_weight: 100", "residents_weight: 70"),
    ),
    (
        "scheme.yaml",
        "weight: 30, questionnaire: org",
        "weight: 20, questionnaire: org",
        "weights_do_not_add_up",
        ("weight: 20, questionnaire: org", "weight: 30, questionnaire: org"),
    ),
    (
        "scheme.yaml",
        "  - {name: 待改进, cutoff: 0}\n",
        "",
        "no_lowest_grade",
        ("alternatives:", "  - {name: 待改进, cutoff: 0}\nalternatives:"),
    ),
    ("scheme.yaml", "items: {resident: [r3]}", "items: {resident: [r9]}", "unknown_item", ("r9", "r3")),
    (
        "questionnaires/resident.yaml",
        "{code: 2, label: 满意, score: 80}",
        "{code: 2, label: 满意}",
        "option_without_score",
        ("{code: 2, label: 满意}", "满意: 80"),
    ),
    (
        "questionnaires/resident.yaml",
        "{code: 6, label: 不了解, missing: dont_know}",
        "不了解",
        "option_without_score",
        ("- 不了解", "- 不了解: 不计分"),
    ),
    ("questionnaires/resident.yaml", ", screen_out: true", "", "screening_without_exit",
     ("label: 否", "label: 否, screen_out: true")),
    ("questionnaires/resident.yaml", "id: r1, ", "id: r1, role: profile, ", "item_not_scored",
     ("role: profile, ", "role: scored, ")),
    ("evaluation.yaml", "group: resident}", "group: residents}", "unknown_group",
     ("group: residents}", "group: resident}")),
    ("evaluation.yaml", ", group: resident}", "}", "file_without_group",
     ("questionnaire: resident}", "questionnaire: resident, group: resident}")),
    ("evaluation.yaml", "street: ", "street：", "malformed_yaml", ("street：", "street: ")),
    ("evaluation.yaml", "street: 测试街道", "street: 某某街道", "placeholder",
     ("某某街道", "沙田街道")),
    ("roster.csv", "甲社区", "甲社区、一村", "wrong_value", ("甲社区、一村", "甲社区；一村")),
    ("roster.csv", "s2,", "s1,", "duplicate_id", ("s1,乙", "s2,乙")),
]  # fmt: skip


@pytest.mark.parametrize(("file", "good", "bad", "code", "advice"), ADVICE)
def test_whoever_follows_the_advice_is_done(
    file: str, good: str, bad: str, code: str, advice: tuple[str, str], workspace: Path
) -> None:
    replace(workspace / file, good, bad)
    problems = ek.open(workspace).check().problems
    assert code in {problem.code for problem in problems}
    assert all(problem.remedy for problem in problems)
    replace(workspace / file, *advice)
    assert ek.open(workspace).check().problems == ()


def test_one_group_of_a_hundred_needs_no_word_on_residents(tmp_path: Path) -> None:
    """Alone with 100, whether it is residents or not, and whatever was declared before."""
    root = ek.create(tmp_path / "ws", "blank").root
    for change in (
        ("residents: true", "residents: false"),
        ("residents: false", "residents: true"),
    ):
        replace(root / "scheme.yaml", *change)
        assert {code for code, _ in codes(root)} == {"placeholder", "file_missing"}
    replace(root / "scheme.yaml", "groups:", "residents_weight: 70\ngroups:")
    (problem,) = [p for p in ek.open(root).check().problems if p.code == "weights_do_not_add_up"]
    assert problem.remedy is not None
    assert "把 residents_weight 改为 100" in problem.remedy
    replace(root / "scheme.yaml", "residents_weight: 70", "residents_weight: 100")
    assert "weights_do_not_add_up" not in {code for code, _ in codes(root)}


def test_weights_written_as_shares_of_one_are_recognised(tmp_path: Path) -> None:
    root = ek.create(tmp_path / "ws", "blank").root
    replace(root / "scheme.yaml", "weight: 100", "weight: 1")
    (problem,) = [p for p in ek.open(root).check().problems if p.code == "weights_do_not_add_up"]
    assert problem.remedy == "权重写成了小数或百分数格式：1 改写为 100，余类推"


# --- options as plain words ------------------------------------------------------------------------


def test_options_as_plain_words_are_options(tmp_path: Path) -> None:
    root = ek.create(tmp_path / "ws", "blank").root
    problems = Problems()
    loaded = Folder(root).load(problems)
    form = loaded.questionnaires["survey"]
    assert [(o.code, o.label, o.score, o.missing) for o in form.scales["满意度"]] == [
        ("1", "非常满意", 100, None),
        ("2", "满意", 80, None),
        ("3", "一般", 60, None),
        ("4", "不满意", 30, None),
        ("5", "非常不满意", 0, None),
        ("6", "不了解", None, "dont_know"),
    ]


@pytest.mark.parametrize(
    ("written", "why"),
    [("说不清", "dont_know"), ("不愿回答", "refused"), ("没有办过", "not_applicable")],
)
def test_an_option_that_does_not_count_says_why(written: str, why: str) -> None:
    item = Item.model_validate({"id": "q", "text": "题", "options": ["是", {written: "不计分"}]})
    assert [(o.code, o.label, o.score, o.missing) for o in item.options] == [
        ("1", "是", None, None),
        ("2", written, None, why),
    ]


def test_numbers_in_own_assumptions_that_nobody_decided_are_told(tmp_path: Path) -> None:
    """The scheme weighs 70 and 30, grades from 90, 85 and 60, and publishes from 10 and 3 answers."""
    root = tiny.write(tmp_path / "ws")
    said = "[居民 70%、科室30％，良好 85 分, '优秀线 95 分，居民权重 80%', 满 10 份公布, 每处 47 份, 2016 年起 3 年]"
    replace(root / "scheme.yaml", "[权重为测试自定]", said)
    (note,) = notes(root, NoteCode.NUMBERS_NOT_DECIDED)
    assert (note.code, note.where, note.count) == ("numbers_not_decided", "scheme.yaml", 2)
    assert note.facts["numbers"] == ("95分", "80%", "47份")


def test_presets_and_templates_state_no_number_that_nobody_decided(tmp_path: Path) -> None:
    for preset in PRESETS:
        root = ek.create(tmp_path / preset, preset).root
        assert notes(root, NoteCode.NUMBERS_NOT_DECIDED) == []


@pytest.mark.parametrize("kind", [*shelf.KINDS, *shelf._FOLDERS, "other"])
def test_a_file_of_every_kind_that_is_not_used_has_its_sentence(kind: str, tmp_path: Path) -> None:
    """What is called 户数.xlsx or 沿革.xlsx lay there without one, and nothing else was told."""
    name = f"{kind}/a.csv" if kind in shelf._FOLDERS else f"{kind}.xls"
    (tmp_path / name).parent.mkdir(exist_ok=True)
    (tmp_path / name).write_bytes(b"x")
    (note,) = shelf.Shelf(tmp_path, Problems()).unused()
    assert note.facts["kind"] == kind
    assert ek.said(note).startswith("文件夹里有这个文件，没有用到")
