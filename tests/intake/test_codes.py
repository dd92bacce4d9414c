"""Every code of a note or a problem of the rooms of answers is raised here by an input of its own.

The codes are collected from the source: a new one without an example fails the last test.
"""

from __future__ import annotations

import ast
from collections.abc import Callable, Iterable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import yaml

import evalkit.answers
import evalkit.drafting
import evalkit.intake
from evalkit.answers.adjusting import adjusted
from evalkit.answers.behaviour import flag
from evalkit.answers.explaining import agreement, drivers, scale_changes
from evalkit.answers.handing_on import hand_on
from evalkit.answers.listening import listen
from evalkit.answers.weighting import weigh
from evalkit.codes import NoteCode
from evalkit.definitions.evaluation import Wave
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.errors import Note, Problem, Problems
from evalkit.intake.columns import plan_columns
from evalkit.intake.importing import in_two_files
from evalkit.intake.margins import Margin, Margins, read_margins
from evalkit.pages.press.sentences import said
from evalkit.platforms import wenjuanxing
from evalkit.platforms.wenjuanxing import Codebook, CodedQuestion
from evalkit.tables import Answers
from tests.answers import street
from tests.deciding import decided
from tests.intake import exported as files
from tests.intake.exported import answer, crosswalk, imported, source

Found = Iterable[Note | Problem]
PLATFORM = [None] * 4


# --- importing ----------------------------------------------------------------------------------


def rows(**changes: str) -> list[list[str]]:
    return [answer("resident", 1), answer("resident", 2, **changes)]


def resident(**changes: str) -> list[Problem]:
    return imported(source("resident", rows(**changes))).problems


def ambiguous() -> Found:
    headers = (*files.HEADERS["resident"], "办事方便")
    return imported(source("resident", [[*r, "满意"] for r in rows()], headers=headers)).problems


def out_of_place() -> Found:
    problems = Problems()
    sheet = files.sheet(["甲"], [["1"]])
    plan_columns(sheet, files.form("resident"), crosswalk("resident", ["nobody"]), True, problems)
    return list(problems)


def missing() -> Found:
    headers = [h.replace("环境整洁", "备注") for h in files.HEADERS["resident"]]
    return imported(source("resident", rows(), headers=headers)).problems


def unclear() -> Found:
    # 2 of the first item is a number, 满意 of the second a text: one each
    return imported(
        source("resident", [answer("resident", 1, 办事方便="2")], variant=None)
    ).problems


def wrong_wave() -> Found:
    made = [answer("resident", n, 提交答卷时间=f"2014/6/1 10:00:0{n}") for n in (1, 2)]
    return imported(source("resident", made)).problems


def unusable() -> Found:
    return imported(source("resident", [answer("resident", 1, 是否住满半年="否")])).problems


def outside_its_time() -> Found:
    among = files.roster(Subject(id="bing", name="丙", until="2015"))
    return imported(source("resident", rows(所在居民区="丙")), among=among).problems


def nobody_of_a_group() -> Found:
    return imported(source("resident", rows()), at=files.wave(1)).problems


def same_answers() -> Found:
    problems = Problems()
    one = source("resident", rows(), sha256="s")
    in_two_files({"2016": [one, source("resident", rows(), file="b", sha256="s")]}, problems)
    return list(problems)


PHONE = "13800138000"
FORM_OF_MARKS = (
    files.RESIDENT
    + """
  - id: need
    text: 需求
    kind: multiple
    role: need
    options: [{code: "1", label: 停车}, {code: "2", label: 电梯}, {code: "3", label: 绿化}]
"""
)


def marked(
    *marks: str,
    heads: tuple[str, ...] = ("需求/停车", "需求/电梯"),
    values: dict[str, str] | None = None,
) -> Found:
    """One column an option: the problems and notes of these marks."""
    headers = [*files.HEADERS["resident"], *heads]
    document = files.questionnaire(FORM_OF_MARKS)
    told = [[*answer("resident", at), *marks] for at in (1, 2)]
    options = [("need", str(at)) for at in range(1, len(heads) + 1)]
    by = None
    if values is not None:
        by = crosswalk(
            "resident", [*PLATFORM, "live", "where", "r1", "r2", *options], values={"need": values}
        )
    found = imported(source("resident", told, headers=headers, document=document, crosswalk=by))
    return [*found.problems, *found.report.notes]


def number(cell: str) -> Found:
    document = files.questionnaire(
        "id: q\ntitle: 问卷\nitems: [{id: t, text: 打几分, kind: number, minimum: 0, maximum: 10}]\n"
    )
    return files.coded(files.sheet(["打几分"], [[cell]]), document)[1]


def optionless() -> Found:
    headers = ["第6题(停车)", "第6题(读书)"]
    document = files.questionnaire(
        "id: q\ntitle: 问卷\nitems:\n  - id: need\n    number: 6\n    text: 需求\n    kind: multiple\n"
        '    role: need\n    options: [{code: "1", label: 停车}]\n'
    )
    columns = [replace(c, kind="multiple") for c in files.sheet(headers, [["1", "0"]]).columns]
    raw = files.sheet(headers, [["1", "0"]], variant="number", columns=columns)
    return files.coded(raw, document)[1]


def mislabelled() -> Found:
    options = (wenjuanxing.Option("很好", 1, 9), wenjuanxing.Option("满意", 2, 9))
    question = CodedQuestion(1, "single", "", (), options, (0,), (0,), 9, 9)
    twin = Codebook((question,), "sequence", 9, 9, 9, 9, ())
    raw = files.sheet(["1、办事方便"], [["1"], ["2"]], variant="number")
    return files.coded(raw, files.form("resident"), codebook=twin)[1]


def mapped(*items: str | None, certainty: float | None = None, **more: object) -> Found:
    """What an approved crosswalk gives: its columns after the platform's, and what else it says."""
    by = crosswalk("resident", [*PLATFORM, *items], **more)
    columns = [m.model_copy(update={"certainty": certainty}) for m in by.columns]
    by = by.model_copy(update={"columns": columns})
    found = imported(source("resident", rows(所在居民区="丁", 办事方便="很好"), crosswalk=by))
    return [*found.problems, *found.report.notes]


def named_column() -> Found:
    headers = [*files.HEADERS["resident"], "您的姓名"]
    return imported(
        source("resident", [[*answer("resident", 1), "王小明"]], headers=headers)
    ).report.notes


def file_notes() -> Found:
    by = crosswalk(
        "resident", [*PLATFORM, "live", "where", "r1", None], values={"r1": {"都行": None}}
    )
    return imported(source("resident", rows(办事方便="都行"), crosswalk=by)).report.notes


def timed(*times: str, wave: Wave | None = None) -> Found:
    made = [answer("resident", n, 提交答卷时间=t) for n, t in enumerate(times, 1)]
    found = imported(source("resident", made), at=wave or files.wave())
    return [*found.problems, *found.report.notes]


def equal_rows(numbers: str) -> Found:
    made = [answer("resident", 1, 提交答卷时间="", 来自IP="") for _ in numbers]
    made = [[number, *row[1:]] for number, row in zip(numbers, made, strict=True)]
    made[-1][-1] = "一般"
    return imported(source("resident", made)).report.notes


def equal_files() -> Found:
    made = [answer("resident", 1, 提交答卷时间="", 来自IP="") for _ in range(2)]
    pair = [source("resident", made, file=name) for name in "ab"]
    return [n for notes in in_two_files({"2016": pair}, Problems()).values() for n in notes]


def branched() -> Found:
    headers = (*files.HEADERS["resident"], "办事方便")
    made = [[*answer("resident", 1), ""], [*answer("resident", 2, 办事方便=""), "满意"]]
    return imported(source("resident", made, headers=headers)).report.notes


NOVEMBER = files.wave(start="2016-11-01", end="2016-11-11")


# --- margins and weighting ----------------------------------------------------------------------

HEADER = "group,item,option,share\n"
BOTH = "random,sex,1,0.5\nrandom,sex,2,0.5\n"


def margin_file(text: str, folder: Path) -> Found:
    document = yaml.safe_load(street.SMALL_SCHEME) | {"residents_weight": 60}
    document["groups"][0] |= {"residents": False, "raters": "rater"}
    (folder / "m.csv").write_text(text, encoding="utf-8")
    problems = Problems()
    scheme = Scheme.model_validate(document)
    read_margins(folder / "m.csv", "m.csv", scheme, street.small()[1], problems)
    return list(problems)


def raked(sexes: str, ages: str, shares: tuple[float, float], young: float = 0.5) -> Found:
    n = len(sexes)
    codes = {"sex": [c.strip() for c in sexes], "age": list(ages)}
    codes |= {item: ["1"] * n for item in ("r1", "r2", "r3", "overall")}
    form = street.small()[1]["resident"]
    made = street.answers("2016", form, codes, group=["random"] * n, subject=["s"] * n)
    one, two = frozenset("1"), frozenset("2")
    margins = Margins(
        "m.csv",
        (
            Margin("", "random", "sex", "性别", (one, two), np.array(shares), 2),
            Margin("", "random", "age", "年龄", (one, two), np.array([young, 1 - young]), 4),
        ),
    )
    problems = Problems()
    found = weigh(made, decided(*street.small(), margins=margins), problems)
    return [*problems, *found.notes]


# --- residents ----------------------------------------------------------------------------------


def residents(n: int, seed: int = 1, wave: str = "2016", **columns: list[str]) -> Answers:
    draws = np.random.Generator(np.random.PCG64(seed))
    items = ("r1", "r2", "r3", "overall")
    codes = {item: [str(c) for c in draws.integers(1, 4, n)] for item in items} | columns
    form = street.small()[1]["resident"]
    return street.answers(wave, form, codes, group=["key"] * n, subject=["s"] * n)


def driven(answers: Answers) -> Found:
    return drivers(answers, decided(*street.small()), bootstrap=1, seed=1).notes


def moved() -> Found:
    """Three items that half of the residents answer alike; the next year the third is by chance."""

    def wave(seed: int, name: str) -> Answers:
        draws = np.random.Generator(np.random.PCG64(seed))
        opinion = draws.integers(1, 4, 300)
        chance = draws.integers(1, 4, (300, 3))
        ticks = np.where(draws.random((300, 3)) < 0.7, opinion[:, None], chance)
        if name == "2016":
            ticks[:, 2] = chance[:, 2]
        return residents(300, seed, name, **{f"r{at + 1}": [str(c) for c in ticks[:, at]] for at in range(3)})  # fmt: skip

    return scale_changes(wave(2, "2015"), wave(3, "2016"), decided(*street.small()), seed=1)


def unthemed() -> Found:
    form = Questionnaire.model_validate(
        yaml.safe_load(street.SMALL_FORM + "  - {id: w, text: 建议, kind: text, role: open}\n")
    )
    made = street.answers(
        "2016", form, {"w": ["修路"] * 10}, group=["key"] * 10, subject=["s"] * 10
    )
    roster = files.roster(Subject(id="s", name="丙"))
    return listen(made, decided(street.small()[0], {"resident": form}, roster, themes=None))[1]


def looked_at() -> Found:
    """Twenty residents, of whom one took a second; two agree in every one of their few answers."""
    made = residents(20, 5)
    codes = made.codes["resident"].copy()
    codes.iloc[0] = codes.iloc[1] = ["1", "2", "3", "1"]
    own = made.respondents.assign(device=["", *made.respondents["device"][1:]])
    own["seconds"] = [*own["seconds"][:-1], 1.0]
    answers = replace(made, respondents=own, codes={"resident": codes})
    return flag(answers, decided(*street.small()), seed=1).notes


EXAMPLES: dict[str, Callable[[Path], Found]] = {
    "rows_handed_on": lambda _: [hand_on(residents(20), decided(*street.small())).note],
    "ambiguous_column": lambda _: ambiguous(),
    "crosswalk_out_of_place": lambda _: out_of_place(),
    "missing_column": lambda _: missing(),
    "unclear_variant": lambda _: unclear(),
    "unknown_option": lambda _: resident(办事方便="很好"),
    "wrong_wave": lambda _: wrong_wave(),
    "outside_wave": lambda _: timed("2015-01-01", "2016-06-01", "2016-06-02"),
    "times_contradict": lambda _: timed("11/13/2016", "13/11/2016"),
    "times_swapped": lambda _: timed("2016-03-11", "13/11/2016", wave=NOVEMBER),
    "times_maybe_swapped": lambda _: timed("2016-03-11", "13/11/2016"),
    "times_ambiguous": lambda _: timed("11/02/2016", "02/12/2016", wave=NOVEMBER),
    "times_unreadable": lambda _: timed("2016-06-01", "x", "y"),
    "times_unread": lambda _: timed("2016-06-01", "x"),
    "times_missing": lambda _: timed("2016-06-01", ""),
    "times_read_as": lambda _: timed("02/11/2016", "03/11/2016", wave=NOVEMBER),
    "time_zones": lambda _: timed("2016-06-01T10:00:00Z", "2016-06-01T10:00:01Z"),
    "look_alikes": lambda _: equal_rows("123"),
    "look_alikes_elsewhere": lambda _: equal_files(),
    "numbers_repeated": lambda _: equal_rows("11"),
    "asked_in_branches": lambda _: branched(),
    "no_usable_row": lambda _: unusable(),
    "unmatched_subject": lambda _: resident(所在居民区="丁"),
    "subject_not_in_wave": lambda _: outside_its_time(),
    "empty_group": lambda _: nobody_of_a_group(),
    "same_answers": lambda _: same_answers(),
    "invalid_values": lambda _: file_notes(),
    "not_asked": lambda _: marked("1", "0", heads=("甲", "乙")),
    "scored_not_asked": lambda _: file_notes(),
    "not_screened": lambda _: mapped(None, "where", "r1", "r2"),
    "doubtful_columns": lambda _: mapped("live", "where", "r1", "r2", certainty=0.4),
    "options_without_column": lambda _: marked("1", "0"),
    "one_and_two": lambda _: marked("1", "2", "2", heads=("需求/停车", "需求/电梯", "需求/绿化")),
    "personal_column": lambda _: named_column(),
    "no_number": lambda _: number("七"),
    "unknown_mark": lambda _: marked("●", ""),
    "undecided_value": lambda _: marked("●", "", values={"●": "?"}),
    "label_without_option": lambda _: mislabelled(),
    "unknown_option_column": lambda _: optionless(),
    "undecided_column": lambda _: mapped("?", "where", "r1", "r2"),
    "undecided_subject": lambda _: mapped("live", "where", "r1", "r2", subjects={"丁": "?"}),
    "personal_answer": lambda _: resident(办事方便=PHONE),
    "personal_subject": lambda _: resident(所在居民区=PHONE),
    "wrong_columns": lambda folder: margin_file("a,b\n", folder),
    "empty_document": lambda folder: margin_file(HEADER, folder),
    "unknown_group": lambda folder: margin_file(HEADER + "nobody,sex,1,1\n", folder),
    "group_not_weighted": lambda folder: margin_file(HEADER + "key,sex,1,1\n", folder),
    "unknown_item": lambda folder: margin_file(HEADER + "random,r1,1,1\n", folder),
    "duplicate_row": lambda folder: margin_file(HEADER + BOTH + "random,sex,1,0\n", folder),
    "not_a_share": lambda folder: margin_file(HEADER + "random,sex,1,x\n", folder),
    "shares_do_not_add_up": lambda f: margin_file(HEADER + BOTH.replace("0.5", "0.4"), f),
    "no_people": lambda folder: margin_file(
        HEADER.replace("share", "total") + BOTH.replace("0.5", "0"), folder
    ),
    "margin_incomplete": lambda folder: margin_file(HEADER + "random,sex,1,1\n", folder),
    "totals_disagree": lambda folder: margin_file(
        HEADER.replace("share", "total") + "random,sex,1;2,100\nrandom,age,1;2;3,90\n", folder
    ),
    "margin_without_respondents": lambda _: raked("1111", "1122", (0.5, 0.5)),
    "margin_without_share": lambda _: raked("1222", "1122", (0.0, 1.0)),
    "raking_failed": lambda _: raked("1122", "1122", (0.5, 0.5), young=0.9),
    "raked": lambda _: raked("1122", "1212", (0.5, 0.5)),
    "raked_without_profile": lambda _: raked("1122 ", "12121", (0.5, 0.5)),
    "too_few_values": lambda _: driven(residents(90, r2=["4"] * 61 + ["1", "2"] * 14 + ["3"])),
    "driver_never_varies": lambda _: driven(residents(90, r2=["1"] * 90)),
    "drivers_by_dimension": lambda _: driven(residents(70)),
    "no_drivers": lambda _: driven(residents(40)),
    "indicator_never_varies": lambda _: (
        agreement(residents(90, r2=["1"] * 90), decided(*street.small())).notes
    ),
    "no_agreement": lambda _: agreement(residents(9), decided(*street.small())).notes,
    "scale_changed": lambda _: moved(),
    "scale_not_compared": lambda _: scale_changes(
        residents(9, wave="2015"), residents(9), decided(*street.small()), seed=1
    ),
    "no_themes": lambda _: unthemed(),
    "not_adjusted": lambda _: adjusted(residents(90), decided(*street.small())).notes,
    "flagged_answers": lambda _: looked_at(),
    "unknown_duration": lambda _: looked_at(),
    "unknown_device": lambda _: looked_at(),
    "lines_of_few_items": lambda _: looked_at(),
    "copies_by_chance": lambda _: looked_at(),
}
"""By code: an input that raises it."""
ELSEWHERE = {
    "drafting/test_drift.py": (
        "exported_otherwise", "options_changed", "options_merged", "options_recoded",
        "options_reversed", "options_split", "question_added", "question_dropped",
        "question_moved", "question_reworded",
    ),
    "intake/test_linking.py": ("compared_by_link", "scale_linked"),
    "ledgers/test_at_the_door.py": ("count_blank",),
    "ledgers/test_bad_records.py": (
        "closed_without_time", "column_undecided", "counts_do_not_add_up", "deadline_before_start",
        "end_before_start", "key_incomplete", "key_twice", "no_usable_record", "number_unread",
        "open_with_time", "part_above_whole", "personal_column_refused", "record_column_missing",
        "record_column_twice", "several_units", "stated_otherwise", "time_order_unclear",
        "time_unread", "time_zones_mixed", "value_unknown",
    ),
    "ledgers/test_documents.py": ("key_in_two_waves",),
    "ledgers/test_loops.py": ("ledger_step_lacking", "ledger_went_back"),
    "ledgers/test_links.py": (
        "ledger_beyond_capacity", "ledger_link_unchecked", "link_to_nothing",
    ),
    "ledgers/test_sites.py": ("point_blank", "point_nowhere", "point_outside", "point_turned"),
    "ledgers/test_pages_numbers.py": (
        "ledger_at_ceiling", "ledger_bulk_closings", "ledger_days_only", "ledger_one_rating",
        "ledger_street_mean", "ledger_unattributed",
    ),
    "answers/test_clustering.py": ("cluster_missing", "cluster_per_respondent", "one_cluster"),
    "answers/test_modes.py": ("modes_shifted",),
    "answers/test_repeating.py": (
        "panel_missing", "panel_twice", "raters_renamed", "residents_matched",
        "residents_not_known_again",
    ),
    "intake/test_clusters.py": ("cluster_in_several_subjects",),
    "tracks/test_bad_tracks.py": ("colleagues_all_alike", "colleagues_not_known"),
    "intake/test_margins.py": (
        "committees_do_not_add_up", "margin_against_roster", "margin_categories_differ",
        "margin_of_unknown_subject", "margin_of_unknown_wave", "margins_against_roster",
        "street_outside_committees",
    ),
    "intake/test_returned.py": (
        "impossible_date", "list_columns", "list_of_another_wave", "not_a_list", "task_changed",
        "task_twice", "unknown_state", "unknown_task",
    ),
}  # fmt: skip
"""By file of tests: what is raised there, with whatever stands beside it."""


@pytest.mark.parametrize("code", EXAMPLES)
def test_every_code_is_raised_by_its_example(code: str, tmp_path: Path) -> None:
    found = [each for each in EXAMPLES[code](tmp_path) if each.code == code]
    assert found
    assert all(said(e) if isinstance(e, Note) else e.message for e in found)
    problems = [each for each in found if isinstance(each, Problem)]
    assert all(p.remedy and (p.file or p.key) for p in problems)


def codes_of(source: str) -> set[str]:
    """Codes of notes, and of problems by the names of what makes them."""
    named = [
        (node.value.id, node.attr)
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name)
    ]
    notes = {NoteCode[name].value for room, name in named if room == "NoteCode"}
    return notes | {
        name for room, name in named if room in ("faults", "cell_faults") and name.islower()
    }


def test_no_code_is_without_an_example() -> None:
    sources = [
        path.read_text(encoding="utf-8")
        for room in (evalkit.answers, evalkit.drafting, evalkit.intake)
        for path in sorted(Path(room.__path__[0]).glob("*.py"))
    ]
    assert len(sources) > 12
    raised = set().union(*map(codes_of, sources))
    assert raised == set(EXAMPLES) | {code for codes in ELSEWHERE.values() for code in codes}
    for path, codes in ELSEWHERE.items():
        text = (Path(__file__).parents[1] / path).read_text(encoding="utf-8")
        assert [
            code for code in codes if f'"{code}"' not in text and code.upper() not in text
        ] == []
