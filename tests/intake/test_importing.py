"""A wave's files as answers, row by row: groups, committees, devices, notes, equal files."""

from __future__ import annotations

from dataclasses import replace

import pandas as pd
import pytest

from evalkit.codes import NoteCode
from evalkit.definitions.roster import Subject
from evalkit.errors import Note, Problem, Problems
from evalkit.files import alike
from evalkit.files.texts import Texts
from evalkit.intake.importing import Source, in_two_files
from evalkit.pages.press.sentences import said
from evalkit.tables import check
from tests.intake import exported as files
from tests.intake.exported import answer, imported, source


def one(**changes: str) -> Source:
    return source("resident", [answer("resident", 1), answer("resident", 2, **changes)])


# --- groups -------------------------------------------------------------------------------------


def test_the_group_is_told_by_the_file_or_by_the_answer() -> None:
    rows = [answer("mixed", 1), answer("mixed", 2, 您是="干部")]
    assert imported(source("mixed", rows, group=None)).column("group") == ["key", "office"]
    assert imported(source("mixed", rows, group="key")).column("group") == ["key", "key"]
    assert imported(one()).column("group") == ["key", "key"]


def test_a_group_without_an_answer_is_a_problem_once_all_files_are_there() -> None:
    resident = one()
    peer = source("peer", [answer("peer", 1)], group="office", file="b.csv")
    assert imported(resident, peer, at=files.wave(3)).codes == []
    (problem,) = imported(resident, peer, at=files.wave(2)).problems
    assert (problem.code, problem.file, problem.key) == (
        "empty_group", "evaluation.yaml", "waves(2016).files",
    )  # fmt: skip
    assert problem.message == "批次 2016 没有一份“互评”的有效答卷"
    assert problem.expected == "至少一份 peer 答卷"


def test_many_answers_are_called_and_timed_as_few_are(monkeypatch: pytest.MonkeyPatch) -> None:
    times = ("2016/6/1 9:05:07", "2016-06-30 23:59", "2016/6/2", "", "昨天")
    rows = [answer("resident", n, 提交答卷时间=time) for n, time in enumerate(times, 1)]
    few = imported(source("resident", rows, file="答卷/甲.csv"))
    monkeypatch.setattr(alike, "FEW", 5)
    many = imported(source("resident", rows, file="答卷/甲.csv"))
    own = many.answers.respondents
    kept = [own["respondent"].array, own["submitted"].array, own.index.array]
    assert all(isinstance(one, Texts) for one in kept)
    assert list(own.index) == [f"答卷/甲.csv#{row}" for row in range(2, 7)]
    told = ["2016-06-01 09:05:07", "2016-06-30 23:59", "2016-06-02"]
    assert own["submitted"].dropna().tolist() == told
    assert (many.reports, many.problems) == (few.reports, few.problems)
    known = few.answers.respondents
    assert known["submitted"].dtype == object
    pd.testing.assert_frame_equal(own, known, check_dtype=False, check_index_type=False)
    assert [table.index.equals(own.index) for table in many.answers.codes.values()] == [True]


# --- committees ---------------------------------------------------------------------------------


def test_a_committee_that_nobody_knows_is_a_problem_with_its_rows_and_what_is_near() -> None:
    rows = [answer("resident", n) for n in range(1, 3)]
    rows += [
        answer("resident", n, 所在居民区=name) for n, name in ((3, "丁"), (4, "老乙"), (5, "丁"))
    ]
    found = imported(source("resident", rows))
    assert found.reasons == dict.fromkeys((4, 5, 6), "unmatched_subject")
    assert [(p.code, p.found, p.row) for p in found.problems] == [
        ("unmatched_subject", "丁", 4),
        ("unmatched_subject", "老乙", 5),
    ]
    first, second = found.problems
    assert first.message == "名册中没有这个评估对象（2 行）"
    assert first.column == "F 所在居民区"
    assert first.expected == "名册中的名称或别名"
    assert second.expected == "名册中的名称或别名；相近的有：乙居民区、甲居民区"
    assert found.report.unmatched == (("丁", 2, ()), ("老乙", 1, ("乙居民区", "甲居民区")))


def test_a_committee_left_out_on_purpose_is_no_problem() -> None:
    by = files.crosswalk(
        "resident",
        [None, None, None, None, "live", "where", "r1", "r2"],
        subjects={"丁": None, "东头": "yi"},
    )
    rows = [answer("resident", n, 所在居民区=s) for n, s in enumerate(("丁", "东头", "甲"), 1)]
    found = imported(source("resident", rows, crosswalk=by))
    assert found.codes == []
    assert found.reasons == {2: "unmatched_subject"}
    assert found.column("subject") == ["yi", "jia"]
    assert found.report.unmatched == ()


def test_a_file_without_the_committees_column_is_one_problem_and_no_row_of_it_counts() -> None:
    rows = [answer("resident", 1), answer("resident", 2)]
    headers = [header for header in files.HEADERS["resident"] if header != "所在居民区"]
    at = files.HEADERS["resident"].index("所在居民区")
    found = imported(
        source("resident", [row[:at] + row[at + 1 :] for row in rows], headers=headers)
    )
    assert found.codes == ["missing_column"]
    assert found.reasons == dict.fromkeys((2, 3), "no_subject")
    assert found.report.unmatched == ()


@pytest.mark.parametrize(
    ("life", "there"),
    [
        ({"since": "2016"}, True),
        ({"since": "2017"}, False),
        ({"until": "2016"}, True),
        ({"until": "2015"}, False),
        ({"since": "2015", "until": "2017"}, True),
    ],
)
def test_a_committee_is_rated_only_in_the_waves_in_which_it_exists(
    life: dict[str, str], there: bool
) -> None:
    roster = files.roster(Subject.model_validate({"id": "bing", "name": "丙"} | life))
    rows = [answer("resident", n, 所在居民区=s) for n, s in enumerate(("甲", "丙", "丙"), 1)]
    found = imported(source("resident", rows), among=roster)
    assert found.codes == ([] if there else ["subject_not_in_wave"])
    if not there:
        (problem,) = found.problems
        assert (problem.row, problem.found, problem.column) == (3, "丙", "F 所在居民区")


def test_a_committee_chosen_from_a_list_goes_by_its_label() -> None:
    options = '[{code: "1", label: 乙居民区}, {code: "2", label: 甲居民区}]'
    document = files.questionnaire(
        files.RESIDENT.replace("role: subject}", f"role: subject, options: {options}}}")
    )
    rows = [answer("resident", 1, 所在居民区="1"), answer("resident", 2, 所在居民区="2")]
    for row in rows:
        row[4], row[6], row[7] = "1", "2", "3"
    found = imported(source("resident", rows, document=document, variant="number"))
    assert found.column("subject") == ["yi", "jia"]
    assert found.answers.codes["resident"]["r1"].tolist() == ["2", "2"]


# --- rows ---------------------------------------------------------------------------------------


def test_a_respondent_is_a_file_and_a_row() -> None:
    rows = [answer("resident", 1), [""] * 8, answer("resident", 2, 所用时间="2小时", 来自IP="")]
    found = imported(source("resident", rows))
    check(found.answers.respondents, "respondents")
    own = found.answers.respondents
    assert list(own.index) == list(own["respondent"]) == ["a.csv#2", "a.csv#4"]
    assert own["row"].tolist() == [2, 4]
    assert own["file"].tolist() == ["a.csv"] * 2
    assert own["questionnaire"].tolist() == ["resident"] * 2
    assert own["weight"].tolist() == [1.0, 1.0]
    assert own["seconds"].tolist() == [90.0, 7200.0]
    assert own["submitted"].tolist() == ["2016-06-01 10:00:01", "2016-06-01 10:00:02"]
    assert own["device"].tolist() == ["d1", ""]
    codes = found.answers.codes["resident"]
    assert list(codes) == list(found.answers.states["resident"]) == ["live", "r1", "r2"]
    assert list(codes.index) == list(own.index)
    assert codes["r1"].tolist() == ["1", "1"]


def test_devices_are_numbered_over_all_files_and_blank_ones_are_nobodys() -> None:
    places = ("10.0.0.7", "", "10.0.0.8", "", "10.0.0.7")
    rows = [answer("resident", n, 来自IP=place) for n, place in enumerate(places, start=1)]
    other = [answer("resident", 9, 来自IP="10.0.0.8")]
    found = imported(source("resident", rows), source("resident", other, file="b.csv"))
    assert found.column("device") == ["d1", "", "d2", "", "d1", "d2"]
    assert list(found.answers.codes["resident"].index) == list(found.answers.respondents.index)


def test_without_platform_columns_nothing_is_invented() -> None:
    rows = [answer("resident", n)[4:] for n in (1, 2)]
    found = imported(source("resident", rows, headers=files.HEADERS["resident"][4:]))
    own = found.answers.respondents
    assert own["submitted"].isna().all()
    assert own["seconds"].isna().all()
    assert own["device"].tolist() == ["", ""]


def test_questionnaires_are_kept_apart_and_files_of_one_are_joined() -> None:
    found = imported(
        source("resident", [answer("resident", 1)]),
        source("peer", [answer("peer", 1)], group="office", file="b.csv"),
        source("resident", [answer("resident", 2)], file="c.csv"),
    )
    assert {name: list(codes.index) for name, codes in found.answers.codes.items()} == {
        "resident": ["a.csv#2", "c.csv#2"],
        "peer": ["b.csv#2"],
    }
    assert [report.file for report in found.reports] == ["a.csv", "b.csv", "c.csv"]
    assert found.answers.wave == "2016"


def test_no_files_give_no_answers() -> None:
    found = imported()
    check(found.answers.respondents, "respondents")
    assert found.answers.respondents.empty
    assert found.reports == ()


# --- the report ---------------------------------------------------------------------------------


def test_a_file_without_one_usable_row_says_why() -> None:
    rows = [answer("resident", n, 是否住满半年="否") for n in (1, 2)] + [[""] * 8]
    found = imported(source("resident", rows))
    (problem,) = found.problems
    assert (problem.code, problem.found) == ("no_usable_row", "空行 1 行；不符合筛选条件 2 行")
    assert [p.found for p in imported(source("resident", [])).problems] == ["0 行"]


def test_a_file_that_cannot_be_read_is_reported_with_every_row() -> None:
    unclear = source("resident", [answer("resident", 1, 办事方便="好", 环境整洁="好"), [""] * 8], variant=None)  # fmt: skip
    found = imported(unclear, source("resident", [answer("resident", 2)], file="b.csv"))
    assert found.codes == ["unclear_variant"]
    first, second = found.reports
    assert (first.rows_read, first.rows_kept, first.variant) == (2, 0, "")
    assert [r.reason for r in first.rejections] == ["unread", "blank"]
    assert (second.rows_read, second.rows_kept, second.variant) == (1, 1, "text")
    assert found.column("file") == ["b.csv"]


def test_a_report_says_where_everything_came_from() -> None:
    made = source(
        "resident",
        [[*answer("resident", 1), "", "x"]],
        headers=(*files.HEADERS["resident"], "备注", "昵称"),
        sha256="abc",
    )
    seen = Note(NoteCode.MERGED_CELLS, "a.csv")
    made = replace(made, sheet=replace(made.sheet, notes=(seen,), encoding="gb18030"))
    report = imported(made).report
    assert (report.file, report.wave, report.questionnaire) == ("a.csv", "2016", "resident")
    assert (report.platform, report.encoding, report.sha256) == ("wenjuanxing", "gb18030", "abc")
    assert report.unmapped_columns == ("I: 备注",)
    assert report.dropped_columns == ("D: 来自IP", "J: 昵称")
    assert report.notes == (seen,)


def test_invalid_values_and_questions_that_were_not_asked_are_noted() -> None:
    document = files.questionnaire(
        files.RESIDENT
        + "  - {id: all, text: 总体, role: overall, scale: s}\n"
        + "  - {id: more, text: 建议, kind: text, role: open}\n"
    )
    by = files.crosswalk(
        "resident",
        [None, None, None, None, "live", "where", "r1", "r2"],
        values={"r1": {"都行": None}, "r2": {"都行": None}},
    )
    rows = [
        answer("resident", 1, 办事方便="都行"),
        answer("resident", 2, 环境整洁="都行"),
        answer("resident", 3),
    ]
    found = imported(source("resident", rows, crosswalk=by, document=document))
    assert found.codes == []
    first, second = found.report.notes
    assert (first.code, first.count, first.where) == ("invalid_values", 2, "a.csv")
    assert (second.code, second.count, second.where) == ("not_asked", 2, "a.csv")
    assert first.facts == {"items": (("r1", 1), ("r2", 1))}
    assert said(first) == "对照表注明无效的取值，不计分：r1（1 个回答）、r2（1 个回答）"
    assert said(second) == "文件中没有这些题目，按未询问处理：all、more（3 份答卷没有这些题的回答）"
    assert found.report.unknown_values == ()


def test_unknown_values_are_in_the_report() -> None:
    found = imported(one(办事方便="很好"))
    assert found.report.unknown_values == (("r1", "很好", 1),)
    assert found.codes == ["unknown_option"]


def test_rejections_stand_in_the_order_of_the_rows() -> None:
    rows = [
        answer("resident", 1, 所在居民区=""),
        [""] * 8,
        answer("resident", 3),
        answer("resident", 4, 是否住满半年="否"),
    ]
    found = imported(source("resident", rows))
    assert [r.row for r in found.report.rejections] == [2, 3, 5]


# --- equal files --------------------------------------------------------------------------------


def claimed(*sources: Source, waves: int = 1) -> list[Problem]:
    problems = Problems()
    in_two_files({str(2016 + at): sources[at::waves] for at in range(waves)}, problems)
    return list(problems)


def shared(rows: int, *, renumbered: bool = False) -> tuple[Source, Source]:
    """Two files of nine rows, that many of which stand in both."""
    first = [answer("resident", n) for n in range(1, 10)]
    second = [answer("resident", n) for n in range(10 - rows, 19 - rows)]
    if renumbered:
        second = [[str(40 + at), *row[1:]] for at, row in enumerate(second)]
    return source("resident", first), source("resident", second, file="b.csv")


@pytest.mark.parametrize("waves", [1, 2])
def test_five_answers_in_two_files_are_no_chance(waves: int) -> None:
    assert claimed(*shared(4), waves=waves) == []
    (problem,) = claimed(*shared(5), waves=waves)
    assert (problem.code, problem.file) == ("same_answers", "b.csv")
    assert problem.found == "与 a.csv 5 份答卷相同（含提交时间等）"


def test_another_running_number_makes_no_other_answer() -> None:
    assert [p.code for p in claimed(*shared(5, renumbered=True))] == ["same_answers"]


def test_files_of_the_same_bytes_are_one_file() -> None:
    first, second = shared(0)
    second = replace(second, sheet=replace(second.sheet, sha256=first.sheet.sha256))
    third = replace(second, sheet=replace(second.sheet, file="c.csv"))
    found = claimed(first, second, third)
    assert [(p.file, p.found) for p in found] == [
        ("b.csv", "与 a.csv 内容完全相同"),
        ("c.csv", "与 a.csv 内容完全相同"),
    ]


def test_answers_are_counted_with_the_file_that_had_them_first() -> None:
    first, _ = shared(0)
    copies = [replace(first, sheet=replace(first.sheet, file=name, sha256=name)) for name in "bc"]
    assert [(p.file, p.found) for p in claimed(first, *copies)] == [
        ("b", "与 a.csv 9 份答卷相同（含提交时间等）"),
        ("c", "与 a.csv 9 份答卷相同（含提交时间等）"),
    ]


def test_equal_ticks_without_a_time_are_no_evidence() -> None:
    rows = [answer("resident", n, 提交答卷时间="", 来自IP="") for n in range(9)]
    assert claimed(source("resident", rows), source("resident", rows, file="b.csv")) == []
    rows = [row[4:] for row in rows]
    plain = [source("resident", rows, headers=files.HEADERS["resident"][4:], file=f) for f in "ab"]
    assert claimed(*plain) == []


def test_rows_that_stand_twice_in_a_file_and_repeated_headers_count_once_or_never() -> None:
    # four answers in both files, three times in the second, and the headers in the middle of both
    headers = list(files.HEADERS["resident"])
    first = [*(answer("resident", n) for n in range(1, 10)), headers]
    second = [*(answer("resident", n) for n in range(6, 10)), headers] * 3
    alike = [source("resident", first), source("resident", second, file="b.csv")]
    assert claimed(*alike) == []


def noted(*sources: Source) -> dict[str, Note]:
    problems = Problems()
    notes = in_two_files({"2016": list(sources)}, problems)
    assert list(problems) == []
    return {file: note for (_, file), (note,) in notes.items()}


TABLE = ("提交时间", "所在居民区", "办事方便")


def typed(name: str, times: list[str], header: str = "提交时间") -> Source:
    """A table of three columns in which everybody is content."""
    rows = [[time, "甲居民区", "满意"] for time in times]
    return source("resident", rows, headers=(header, *TABLE[1:]), file=name)


@pytest.mark.parametrize(
    "times",
    [["2016-06-01"] * 9, ["2016-06-01 10:05"] * 9, ["2016-06-01 10:05:00"] * 9, [""] * 9],
)
def test_two_files_of_one_day_may_agree_and_a_note_says_in_how_many_rows(
    times: list[str],
) -> None:
    found = noted(typed("a.csv", times), typed("b.csv", times))
    assert list(found) == ["b.csv"]
    note = found["b.csv"]
    assert (note.code, note.count) == ("look_alikes_elsewhere", 9)
    assert said(note).startswith("有 9 行与 a.csv 中的某一行完全相同，但没有什么能证明")


def test_few_exact_times_in_two_files_are_noted_too() -> None:
    assert noted(*shared(4))["b.csv"].count == 4
    assert noted(*shared(0)) == {}


def test_an_export_saved_by_another_program_is_still_the_same_export() -> None:
    moments = [f"2016/6/1 10:00:0{n}" for n in range(1, 8)]
    other = [f"2016-06-01T10:00:0{n}+08:00" for n in range(1, 8)]
    (problem,) = claimed(typed("a.csv", moments), typed("b.csv", other))
    assert (problem.code, problem.found) == (
        "same_answers",
        "与 a.csv 7 份答卷相同（含提交时间等）",
    )


@pytest.mark.parametrize("ids", [range(1, 9), [f"A{n:03d}" for n in range(1, 9)]])
def test_ids_that_every_file_counts_from_one_prove_nothing_between_files(ids: list[str]) -> None:
    files_of_two = [typed(name, [str(n) for n in ids], "编号") for name in ("a.csv", "b.csv")]
    assert noted(*files_of_two)["b.csv"].count == 8


def test_unique_ids_in_two_files_are_the_same_answers() -> None:
    ids = [str(104_000_000 + 7919 * n) for n in range(8)]
    pair = [typed(name, ids, "答卷编号") for name in ("a.csv", "b.csv")]
    assert [p.code for p in claimed(*pair)] == ["same_answers"]


def test_equal_rows_under_other_questions_are_other_answers() -> None:
    rows = [["2016-06-01", "甲居民区", "满意"]] * 6
    one = source("resident", rows, headers=TABLE, file="a.csv")
    other = source("resident", rows, headers=(*TABLE[:2], "环境整洁"), file="b.csv")
    assert noted(one, other) == {}


def test_equal_rows_of_two_waves_need_no_word_unless_something_identifies_them() -> None:
    one, other = typed("a.csv", ["2016-06-01"] * 9), typed("b.csv", ["2016-06-01"] * 9)
    problems = Problems()
    assert in_two_files({"2015": [one], "2016": [other]}, problems) == {}
    assert list(problems) == []


def test_a_group_whose_file_has_a_problem_of_its_own_is_not_reported_as_empty() -> None:
    broken = source("peer", [answer("peer", 1)], group="office", file="b.csv", headers=["x"] * 5)
    found = imported(one(), broken, at=files.wave(2))
    assert "office" not in {str(p.expected) for p in found.problems if p.code == "empty_group"}
    assert [p.expected for p in found.problems if p.code == "empty_group"] == ["至少一份 peer 答卷"]


def test_the_answers_of_the_street_are_the_same_frame_whatever_was_rejected() -> None:
    clean = imported(source("resident", [answer("resident", 1), answer("resident", 2)]))
    spoiled = imported(
        source("resident", [answer("resident", 1), answer("resident", 2), ["合计", *[""] * 7]])
    )
    pd.testing.assert_frame_equal(clean.answers.respondents, spoiled.answers.respondents)
