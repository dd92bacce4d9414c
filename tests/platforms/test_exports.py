"""Every platform's export of the same four answers: recognised, drafted, and read to the same codes."""

from __future__ import annotations

from pathlib import Path

import pytest

from evalkit.intake import cleaning
from evalkit.pages.press.sentences import said as sentence
from evalkit.platforms import Said, fingerprint, fingerprints
from tests.platforms.exporting import (
    SURVEY,
    TOLD,
    coded,
    export,
    lines,
    metadata,
    problems_of,
    survey,
    times,
    told,
    told_by_draft,
)

CN = "中国"
TENCENT = lines(
    ("编号", "开始答题时间", "结束答题时间", "答题时长", "地理位置国家和地区", "用户标识", "昵称",
     "1.所在居民区:请选择", "1.所在居民区:请选择", "2.办事是否方便", "3.需求:停车", "3.需求:电梯", "3.需求:绿化"),
    ("1", "2026-09-05 10:00:00", "2026-09-05 10:01:31", "91", CN, "u1", "甲", "东片", "东苑", "A.满意", "A.停车", "B.电梯", ""),
    ("2", "2026-09-05 10:00:00", "2026-09-05 10:02:00", "120", CN, "u2", "乙", "西片", "西苑", "C.不满意", "", "", "C.绿化"),
    ("3", "2026-09-05 10:00:00", "2026-09-05 10:03:00", "180", CN, "u3", "丙", "东片", "东苑", "B.一般", "", "B.电梯", "C.绿化"),
    ("4", "2026-09-05 10:00:00", "2026-09-05 10:04:00", "240", CN, "u4", "丁", "西片", "西苑", "D.不了解", "", "", ""),
)  # fmt: skip
DOCS = lines(
    ("提交时间（自动）", "提交者（自动）", "所在居民区（必填）", "办事是否方便（必填）", "需求"),
    ("2026年9月5日 10:01", "甲", "东苑", "满意", "停车, 电梯"),
    ("2026年9月5日 10:02", "乙", "西苑", "不满意", "绿化"),
    ("2026年9月5日 10:03", "丙", "东苑", "一般", "电梯, 绿化"),
    ("2026年9月5日 10:04", "丁", "西苑", "不了解", ""),
)
JINSHUJU = lines(
    (
        "serial_number",
        "field_1",
        "field_2",
        "field_3",
        "created_at",
        "info_filling_duration",
        "info_remote_ip",
    ),
    ("1", "东苑", "满意", "停车,电梯", "2026-09-05T02:01:00.000Z", "91", "10.0.0.1"),
    ("2", "西苑", "不满意", "绿化", "2026-09-05T02:02:00.000Z", "91", "10.0.0.2"),
    ("3", "东苑", "一般", "电梯,绿化", "2026-09-05T02:03:00.000Z", "91", "10.0.0.3"),
    ("4", "西苑", "不了解", "", "2026-09-05T02:04:00.000Z", "91", "10.0.0.4"),
)
FIELDS = survey().model_copy(
    update={
        "items": [
            i.model_copy(update={"header": f"field_{n}"}) for n, i in enumerate(survey().items, 1)
        ]
    }
)


def office(who: str, when: str, joint: str) -> str:
    return lines(
        ("序号", who, when, "所在居民区（必填）", "办事是否方便（必填）（单选）", "需求（多选）"),
        ("1", "甲", "2026/9/5 上午10:01", "东苑", "满意", f"停车{joint}电梯"),
        ("2", "乙", "2026/9/5 上午10:02", "西苑", "不满意", "绿化"),
        ("3", "丙", "2026/9/5 上午10:03", "东苑", "一般", f"电梯{joint}绿化"),
        ("4", "丁", "2026/9/5 上午10:04", "西苑", "不了解", ""),
    )


GOOGLE = lines(
    ("时间戳记", "所在居民区", "办事是否方便", "需求"),
    (
        "2026/9/5 上午 10:01:00 [GMT+8]".replace("[", "").replace("]", ""),
        "东苑",
        "满意",
        "停车, 电梯",
    ),
    ("2026/9/5 上午 10:02:00 GMT+8", "西苑", "不满意", "绿化"),
    ("2026/9/5 上午 10:03:00 GMT+8", "东苑", "一般", "电梯, 绿化"),
    ("2026/9/5 上午 10:04:00 GMT+8", "西苑", "不了解", ""),
)
MICROSOFT = lines(
    ("ID", "开始时间", "完成时间", "电子邮件", "名称", "所在居民区", "办事是否方便", "需求"),
    ("1", "9/5/26 10:00:00", "9/5/26 10:01:00", "anonymous", "", "东苑", "满意", "停车;电梯;"),
    ("2", "9/5/26 10:00:00", "9/5/26 10:02:00", "anonymous", "", "西苑", "不满意", "绿化;"),
    ("3", "9/5/26 10:00:00", "9/5/26 10:03:00", "anonymous", "", "东苑", "一般", "电梯;绿化;"),
    ("4", "9/13/26 10:00:00", "9/13/26 10:04:00", "anonymous", "", "西苑", "不了解", ""),
)
BEGUN = "2026-09-05T10:00:00.000+08:00"
KOBO = lines(
    ("start", "end", "grp/where", "grp/a", "grp/n", "grp/n/1", "grp/n/2", "grp/n/3",
     "_id", "_uuid", "_submission_time", "__version__", "_index"),
    (BEGUN, "2026-09-05T10:01:00.000+08:00", "东苑", "1", "1 2", "1", "1", "0", "11", "u1", "2026-09-05T02:01:05", "v1", "1"),
    (BEGUN, "2026-09-05T10:02:00.000+08:00", "西苑", "3", "3", "0", "0", "1", "12", "u2", "2026-09-05T02:02:05", "v1", "2"),
    (BEGUN, "2026-09-05T10:03:00.000+08:00", "东苑", "2", "2 3", "0", "1", "1", "13", "u3", "2026-09-05T02:03:05", "v1", "3"),
    (BEGUN, "2026-09-05T10:04:00.000+08:00", "西苑", "9", "", "", "", "", "14", "u4", "2026-09-05T02:04:05", "v2", "4"),
)  # fmt: skip
LIME = lines(
    ("id", "submitdate", "lastpage", "startlanguage", "seed", "where", "a", "n[1]", "n[2]", "n[3]"),
    ("1", "2026-09-05 10:01:00", "2", "zh-Hans", "5", "东苑", "1", "Y", "Y", ""),
    ("2", "2026-09-05 10:02:00", "2", "zh-Hans", "6", "西苑", "3", "", "", "Y"),
    ("3", "2026-09-05 10:03:00", "2", "zh-Hans", "7", "东苑", "2", "", "Y", "Y"),
    ("4", "", "1", "zh-Hans", "8", "西苑", "9", "N/A", "N/A", "N/A"),
)
LIME_FULL = lines(
    ("id. Response ID", "submitdate. Date submitted", "lastpage. Last page", "where. 所在居民区", "a. 办事是否方便",
     "n[1]. 需求 [停车]", "n[2]. 需求 [电梯]", "n[3]. 需求 [绿化]"),
    ("1", "2026-09-05 10:01:00", "2", "东苑", "满意", "是", "是", "否"),
    ("2", "2026-09-05 10:02:00", "2", "西苑", "不满意", "否", "否", "是"),
    ("3", "2026-09-05 10:03:00", "2", "东苑", "一般", "否", "是", "是"),
    ("4", "2026-09-05 10:04:00", "2", "西苑", "不了解", "", "", ""),
)  # fmt: skip
_NAMES = (
    "StartDate",
    "EndDate",
    "Progress",
    "Finished",
    "RecordedDate",
    "ResponseId",
    "Q1",
    "Q2",
    "Q3",
)
_TEXTS = ("Start Date", "End Date", "Progress", "Finished", "Recorded Date", "Response ID",
          "所在居民区", "办事是否方便 - Selected Choice", "需求")  # fmt: skip
_IMPORTS = tuple('{""ImportId"":""' + name + '""}' for name in _NAMES)
_QUALTRICS = (
    (
        "2026-09-05 10:00:00",
        "2026-09-05 10:01:00",
        "100",
        "TRUE",
        "2026-09-05 10:01:00",
        "R_1",
        "东苑",
        "满意",
        "停车,电梯",
    ),
    (
        "2026-09-05 10:00:00",
        "2026-09-05 10:02:00",
        "100",
        "TRUE",
        "2026-09-05 10:02:00",
        "R_2",
        "西苑",
        "不满意",
        "绿化",
    ),
    (
        "2026-09-05 10:00:00",
        "2026-09-05 10:03:00",
        "100",
        "TRUE",
        "2026-09-05 10:03:00",
        "R_3",
        "东苑",
        "一般",
        "电梯,绿化",
    ),
    (
        "2026-09-05 10:00:00",
        "2026-09-05 10:04:00",
        "60",
        "FALSE",
        "2026-09-05 10:04:00",
        "R_4",
        "西苑",
        "不了解",
        "-99",
    ),
)
QUALTRICS = (
    lines(_NAMES, _TEXTS)
    + "\r\n"
    + ",".join(f'"{text}"' for text in _IMPORTS)
    + "\r\n"
    + lines(*_QUALTRICS)
)
QUALTRICS_OLD = lines(
    ("V1", "V2", "V3", "V8", "V9", "V10", "Q1", "Q2", "Q3_1", "Q3_2", "Q3_3"),
    ("ResponseID", "ResponseSet", "Name", "StartDate", "EndDate", "Finished",
     "所在居民区", "办事是否方便", "需求-停车", "需求-电梯", "需求-绿化"),
    ("R_1", "Default", "匿名", "2026-09-05 10:00:00", "2026-09-05 10:01:00", "1", "东苑", "满意", "1", "1", ""),
    ("R_2", "Default", "匿名", "2026-09-05 10:00:00", "2026-09-05 10:02:00", "1", "西苑", "不满意", "", "", "1"),
    ("R_3", "Default", "匿名", "2026-09-05 10:00:00", "2026-09-05 10:03:00", "1", "东苑", "一般", "", "1", "1"),
    ("R_4", "Default", "匿名", "2026-09-05 10:00:00", "2026-09-05 10:04:00", "1", "西苑", "不了解", "", "", ""),
)  # fmt: skip
MONKEY = lines(
    ("Respondent ID", "Collector ID", "Start Date", "End Date", "IP Address", "所在居民区", "办事是否方便", "需求", "", ""),
    ("", "", "", "", "", "Open-Ended Response", "Response", "停车", "电梯", "绿化"),
    ("1001", "7", "09/05/2026 10:00:00 AM", "09/15/2026 10:01:00 AM", "10.0.0.1", "东苑", "满意", "停车", "电梯", ""),
    ("1002", "7", "09/05/2026 10:00:00 AM", "09/05/2026 10:02:00 AM", "10.0.0.2", "西苑", "不满意", "", "", "绿化"),
    ("1003", "7", "09/05/2026 10:00:00 AM", "09/05/2026 10:03:00 AM", "10.0.0.3", "东苑", "一般", "", "电梯", "绿化"),
    ("1004", "7", "09/05/2026 10:00:00 AM", "09/05/2026 10:04:00 AM", "10.0.0.4", "西苑", "不了解", "", "", ""),
)  # fmt: skip
MONKEY_CODES = lines(
    (
        "RespondentID",
        "CollectorID",
        "StartDate",
        "EndDate",
        "where",
        "a",
        "n_0001",
        "n_0002",
        "n_0003",
    ),
    (
        "1001",
        "7",
        "2026-09-05 10:00:00",
        "2026-09-05 10:01:00",
        "东苑",
        "满意",
        "停车",
        "电梯",
        "Not selected",
    ),
    (
        "1002",
        "7",
        "2026-09-05 10:00:00",
        "2026-09-05 10:02:00",
        "西苑",
        "不满意",
        "Not selected",
        "Not selected",
        "绿化",
    ),
    (
        "1003",
        "7",
        "2026-09-05 10:00:00",
        "2026-09-05 10:03:00",
        "东苑",
        "一般",
        "Not selected",
        "电梯",
        "绿化",
    ),
    ("1004", "7", "2026-09-05 10:00:00", "2026-09-05 10:04:00", "西苑", "不了解", "", "", ""),
)
SAMPLES = {
    "tencent_survey": TENCENT,
    "tencent_docs": DOCS,
    "office_form:飞书": office("提交人", "提交时间", "\n"),
    "office_form:钉钉": office("填写人", "填写时间", ","),
    "office_form:WPS": office("填写者", "提交时间", "、"),
    "office_form:semicolon": office("提交者", "创建时间", ";"),
    "google_forms": GOOGLE,
    "ms_forms": MICROSOFT,
    "kobo": KOBO,
    "limesurvey": LIME,
    "limesurvey:full": LIME_FULL,
    "qualtrics": QUALTRICS,
    "qualtrics:old": QUALTRICS_OLD,
    "surveymonkey": MONKEY,
    "surveymonkey:codes": MONKEY_CODES,
}


@pytest.mark.parametrize("which", SAMPLES)
def test_a_platforms_export_says_what_the_four_people_said(which: str, tmp_path: Path) -> None:
    sheet = export(tmp_path, SAMPLES[which])
    assert sheet.platform == which.split(":")[0]
    assert told(sheet) == TOLD


@pytest.mark.parametrize("which", SAMPLES)
def test_the_drafted_crosswalk_of_an_export_says_the_same(which: str, tmp_path: Path) -> None:
    assert told_by_draft(export(tmp_path, SAMPLES[which])) == TOLD


@pytest.mark.parametrize("which", sorted({name.split(":")[0] for name in SAMPLES}))
def test_a_reader_is_told_which_platform_was_recognised_by_what(which: str, tmp_path: Path) -> None:
    sheet = export(tmp_path, SAMPLES.get(which) or SAMPLES[f"{which}:飞书"])
    (note,) = [note for note in sheet.notes if note.code == "platform_recognised"]
    assert 0 < note.facts["certainty"] < 1
    assert set(note.facts["because"]) <= {
        part for c in sheet.columns for part in c.header.split("\n")
    } | {"V1"}
    assert note.facts["platform"] in sentence(note)


@pytest.mark.parametrize(
    "which",
    [name for name in SAMPLES if name not in ("kobo", "qualtrics:old", "surveymonkey", "ms_forms")],
)
def test_the_second_answer_was_handed_in_two_minutes_past_ten(which: str, tmp_path: Path) -> None:
    found = times(export(tmp_path, SAMPLES[which]))[1]
    assert found is not None
    assert found.startswith("2026-09-05 10:02")


def test_field_numbers_are_named_by_the_items_header(tmp_path: Path) -> None:
    sheet = export(tmp_path, JINSHUJU)
    assert sheet.platform == "jinshuju"
    assert told(sheet, FIELDS) == TOLD
    assert times(sheet)[1] == "2026-09-05 10:02:00"
    assert metadata(sheet)["info_remote_ip"] == "ip"


def test_the_last_level_of_a_cascade_is_the_answer_and_is_told(tmp_path: Path) -> None:
    sheet = export(tmp_path, TENCENT)
    (note,) = [note for note in sheet.notes if note.code == "cascade_last_level"]
    assert note.facts["columns"] == ("H", "I")
    assert note.facts["last"] == "I"


def test_a_server_that_writes_greenwich_time_is_read_by_ours(tmp_path: Path) -> None:
    without_end = KOBO.replace("start,end,", "start,finish,")
    assert times(export(tmp_path, without_end))[1] == "2026-09-05 10:02:05"
    assert times(export(tmp_path, KOBO))[1] == "2026-09-05 10:02:00"


@pytest.mark.parametrize(
    ("zone", "here"),
    [
        ("Asia/Shanghai", "10:02"),
        ("Z", "18:02"),
        ("America/Denver", "00:02"),
        ("Nowhere/Else", "10:02"),
    ],
)
def test_times_are_read_in_the_zone_that_the_header_names(
    zone: str, here: str, tmp_path: Path
) -> None:
    text = QUALTRICS.replace(
        '""recordedDate""', f'""recordedDate"",""timeZone"":""{zone}""'
    ).replace('""RecordedDate""', f'""recordedDate"",""timeZone"":""{zone}""')
    found = times(export(tmp_path, text))[1]
    assert found is not None
    assert here in found


def test_a_sheet_of_repeats_is_refused_with_a_word(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("name,age,_index,_parent_index,_uuid\n甲,5,1,1,u\n", encoding="utf-8")
    _, problems = problems_of(path)
    assert [problem.code for problem in problems] == ["sheet_of_repeats"]
    assert "sheet" in str(problems[0].remedy)


def test_answers_that_were_broken_off_are_counted(tmp_path: Path) -> None:
    for text in (LIME, QUALTRICS):
        (note,) = [n for n in export(tmp_path, text).notes if n.code == "not_handed_in"]
        assert note.count == 1


def test_dates_that_were_not_kept_are_no_times(tmp_path: Path) -> None:
    anonymous = LIME.replace("2026-09-05 10:01:00", "1980-01-01 00:00:00")
    for minute in (2, 3):
        anonymous = anonymous.replace(f"2026-09-05 10:0{minute}:00", "1980-01-01 00:00:00")
    assert metadata(export(tmp_path, anonymous))["submitdate"] == "own"


def test_a_text_beside_other_is_a_choice_of_it(tmp_path: Path) -> None:
    from tests.platforms.exporting import SURVEY

    document = survey(SURVEY.replace("label: 绿化}", 'label: 绿化}, {code: "4", label: 其他}'))
    text = lines(
        ("Respondent ID", "Collector ID", "所在居民区", "办事是否方便", "需求", "", "", ""),
        ("", "", "Response", "Response", "停车", "电梯", "绿化", "其他"),
        ("1", "7", "东苑", "满意", "停车", "", "", "多种树"),
        ("2", "7", "东苑", "满意", "", "电梯", "", ""),
    )
    assert [row[2] for row in told(export(tmp_path, text), document)] == ["1;4", "2"]


def test_old_names_of_codes_are_read_by_their_number(tmp_path: Path) -> None:
    text = KOBO.replace(",东苑,1,", ",东苑,1___not_at_all,")
    assert told(export(tmp_path, text), variant="number") == TOLD


def test_a_condensed_export_has_one_header_row(tmp_path: Path) -> None:
    text = lines(
        ("Respondent ID", "Collector ID", "所在居民区", "办事是否方便", "需求"),
        ("1", "7", "东苑", "满意", "停车, 电梯"),
        ("2", "7", "西苑", "不满意", "绿化"),
    )
    assert told(export(tmp_path, text)) == TOLD[:2]


def test_a_key_says_otherwise(tmp_path: Path) -> None:
    text = office("填写人", "填写时间", ",")
    as_table = export(tmp_path, text, Said(platform="table"))
    assert as_table.platform == "table"
    assert [note for note in as_table.notes if note.code == "platform_recognised"] == []
    path = tmp_path / "a.csv"
    sheet, problems = problems_of(path, Said(platform="wjx"))
    assert sheet is None
    assert [problem.code for problem in problems] == ["unknown_platform"]
    assert "qualtrics" in str(problems[0].expected)


def test_header_rows_that_are_counted_wrong_name_the_row_that_was_taken(tmp_path: Path) -> None:
    sheet = export(tmp_path, QUALTRICS, Said(header_rows=1))
    _, problems = coded(sheet)
    assert {problem.code for problem in problems} >= {"missing_column"}
    assert "以第 1 行为表头" in str(problems[0])


def test_choices_whose_labels_hold_the_separator_are_told_not_split(tmp_path: Path) -> None:
    from tests.platforms.exporting import SURVEY

    document = survey(SURVEY.replace("label: 绿化}", 'label: "绿化, 电梯"}'))
    text = DOCS.replace("停车, 电梯", "停车, 绿化, 电梯").replace("绿化\r", "电梯\r")
    _, problems = coded(export(tmp_path, text.replace('电梯, 绿化"', '电梯"')), document)
    assert [p.code for p in problems] == []
    sheet = export(tmp_path, text.replace('电梯, 绿化"', '电梯"'))
    _, problems = coded(sheet, document, separator=", ")
    assert {problem.code for problem in problems} == {"unknown_option"}


def test_options_in_another_language_are_told(tmp_path: Path) -> None:
    text = DOCS.replace("不满意", "dissatisfied").replace("满意", "satisfied")
    _, problems = coded(export(tmp_path, text))
    assert {problem.code for problem in problems} == {"unknown_option"}


def test_a_declared_platform_counts_its_header_rows_with_few_of_its_columns_left(
    tmp_path: Path,
) -> None:
    text = lines(("所在居民区", "办事是否方便", "需求", "", ""), ("Response", "Response", "停车", "电梯", "绿化"),
                 ("东苑", "满意", "停车", "电梯", ""))  # fmt: skip
    sheet = export(tmp_path, text, Said(platform="surveymonkey"))
    assert told(sheet) == TOLD[:1]


def test_a_crosswalk_of_a_time_when_the_platform_was_not_known_still_fits(tmp_path: Path) -> None:
    now = fingerprints(export(tmp_path, QUALTRICS))
    then = fingerprint(export(tmp_path, QUALTRICS, Said(platform="table", header_rows=3)))
    assert then in now
    assert len(now) == 2
    assert fingerprints(export(tmp_path, "甲,乙\n1,2\n")) == (
        fingerprint(export(tmp_path, "甲,乙\n1,2\n")),
    )


def test_the_time_of_submission_is_known_in_an_export_cut_down_to_a_table(tmp_path: Path) -> None:
    text = "RecordedDate,所在居民区\n2026-09-05 10:02:00,东苑\n"
    sheet = export(tmp_path, text)
    assert sheet.platform == "table"
    assert times(sheet) == ["2026-09-05 10:02:00"]


@pytest.mark.parametrize("which", [TENCENT, KOBO, GOOGLE], ids=["tencent", "kobo", "google"])
def test_two_exports_pasted_together_have_their_second_header_named(
    which: str, tmp_path: Path
) -> None:
    sheet = export(tmp_path, which + "\r\n" + which.replace("2026", "2025"))
    rows, rejections = cleaning.sift(sheet)
    assert {row: found.reason for row, found in rejections.items()} == {6: "header_row"}
    assert list(rows) == [2, 3, 4, 5, 7, 8, 9, 10]


def test_a_remark_in_brackets_before_the_option_is_part_of_the_question(tmp_path: Path) -> None:
    """As LimeSurvey writes ``需求（可多选） [停车]``: the last bracket holds the option."""
    text = lines(
        ("Response ID", "Date submitted", "Last page", "Start language", "所在居民区", "办事是否方便",
         "需求（可多选） [停车]", "需求（可多选） [电梯]", "需求（可多选） [绿化]"),
        ("1", "2026-09-05 10:01:00", "2", "zh", "东苑", "满意", "是", "是", "否"),
        ("2", "2026-09-05 10:02:00", "2", "zh", "西苑", "不满意", "否", "否", "是"),
    )  # fmt: skip
    document = survey(SURVEY.replace("text: 需求", "text: 需求（可多选）"))
    assert told(export(tmp_path, text), document) == TOLD[:2]


def test_a_platforms_own_numbering_is_no_name_of_an_item(tmp_path: Path) -> None:
    """Q2 of the export asks for needs; the questionnaire's q2 is the service, and Q9 is what it says."""
    renamed = (
        ("where", "q1"),
        ("a", "q3"),
        ("n", "q2"),
    )
    document = survey()
    ids = dict(renamed)
    items = [item.model_copy(update={"id": ids[item.id]}) for item in document.items]
    own = document.model_copy(update={"items": items})
    text = QUALTRICS.replace("办事是否方便", "办事方便不方便")
    found, problems = coded(export(tmp_path, text), own)
    assert [problem.code for problem in problems] == ["missing_column"], "q3 is not Q3, the needs"
    assert found.codes["q2"].tolist()[:3] == ["1;2", "3", "2;3"]
    items[1] = items[1].model_copy(update={"header": "Q2"})
    declared = document.model_copy(update={"items": items})
    assert told(export(tmp_path, text), declared) == TOLD


def test_a_letter_before_one_character_is_no_part_of_the_option(tmp_path: Path) -> None:
    document = survey(SURVEY.replace("满意, score: 100", "男, score: 100"))
    text = TENCENT.replace("A.满意", "A.男")
    assert told(export(tmp_path, text), document) == TOLD
