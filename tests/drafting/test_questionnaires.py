"""Questionnaires drafted from what others have: wordings and options as they stand, no score guessed."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyreadstat
import pytest
import yaml

from evalkit import workspace
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Subject
from evalkit.definitions.scheme import Scheme
from evalkit.drafting.questionnaires import DraftedForm, draft_form
from evalkit.errors import Problem, Problems
from evalkit.forms import wenjuanxing, xlsform
from evalkit.platforms import AskedForm, read_form
from tests.intake.exported import questionnaire

SCALE = "[{满意: 100}, {一般: 50}, {不满意: 0}, {不了解: 不计分}]"
SOURCE = f"""
id: source
title: 社区服务调查
scales: {{s: {SCALE}}}
items:
  - {{id: where, text: 您所在的居民区, role: subject, number: 1}}
  - {{id: a, text: 办事是否方便, scale: s, number: 2}}
  - {{id: b1, text: 卫生, stem: 对环境满意吗, scale: s, number: 3}}
  - {{id: b2, text: 绿化, stem: 对环境满意吗, scale: s, number: 3}}
  - {{id: n, text: 最希望改进的, kind: multiple, role: need, number: 4, options: [停车, 电梯, 绿化养护]}}
  - {{id: sex, text: 性别, role: profile, number: 5, options: [男, 女]}}
  - {{id: say, text: 其他意见, kind: text, role: open, number: 6}}
"""
PLACES = [Subject(id="jia", name="甲居民区"), Subject(id="yi", name="乙居民区")]
LSS = """<?xml version="1.0" encoding="UTF-8"?><document><LimeSurveyDocType>Survey</LimeSurveyDocType>
<groups><rows><row><gid>1</gid><group_order>1</group_order></row></rows></groups>
<questions><rows>
<row><qid>10</qid><parent_qid>0</parent_qid><gid>1</gid><type>T</type><title>where</title><question_order>1</question_order></row>
<row><qid>11</qid><parent_qid>0</parent_qid><gid>1</gid><type>L</type><title>a</title><question_order>2</question_order></row>
<row><qid>12</qid><parent_qid>0</parent_qid><gid>1</gid><type>F</type><title>b</title><question_order>3</question_order></row>
<row><qid>13</qid><parent_qid>0</parent_qid><gid>1</gid><type>M</type><title>n</title><question_order>4</question_order></row>
<row><qid>14</qid><parent_qid>0</parent_qid><gid>1</gid><type>|</type><title>f</title><question_order>5</question_order></row>
</rows></questions>
<subquestions><rows>
<row><qid>20</qid><parent_qid>12</parent_qid><title>SQ001</title><question_order>1</question_order></row>
<row><qid>21</qid><parent_qid>12</parent_qid><title>SQ002</title><question_order>2</question_order></row>
<row><qid>22</qid><parent_qid>13</parent_qid><title>SQ001</title><question_order>1</question_order></row>
<row><qid>23</qid><parent_qid>13</parent_qid><title>SQ002</title><question_order>2</question_order></row>
</rows></subquestions>
<question_l10ns><rows>
<row><qid>10</qid><question><![CDATA[<p>您所在的居民区</p>]]></question></row>
<row><qid>11</qid><question><![CDATA[办事是否<b>方便</b>]]></question></row>
<row><qid>12</qid><question>对环境满意吗</question></row><row><qid>13</qid><question>最希望改进的</question></row>
<row><qid>14</qid><question>上传照片</question></row>
<row><qid>20</qid><question>卫生</question></row><row><qid>21</qid><question>绿化</question></row>
<row><qid>22</qid><question>停车</question></row><row><qid>23</qid><question>电梯</question></row>
</rows></question_l10ns>
<answers><rows>ANSWERS</rows></answers>
<surveys_languagesettings><rows><row><surveyls_title>社区服务调查</surveyls_title></row></rows></surveys_languagesettings>
</document>""".replace(
    "ANSWERS",
    "".join(
        f"<row><qid>{qid}</qid><code>A{at}</code><answer>{label}</answer><sortorder>{at}</sortorder></row>"
        for qid in (11, 12)
        for at, label in enumerate(("满意", "一般", "不满意", "不了解"), start=1)
    ),
)
_CHOICES = {
    str(at): {"Display": label}
    for at, label in enumerate(("满意", "一般", "不满意", "不了解"), start=1)
}
QSF = json.dumps(
    {
        "SurveyEntry": {"SurveyName": "社区服务调查"},
        "SurveyElements": [
            {"Element": "BL", "Payload": [
                {"Type": "Default", "BlockElements": [{"Type": "Question", "QuestionID": q} for q in ("Q1", "Q2", "Q3", "Q4")]},
                {"Type": "Trash", "BlockElements": [{"Type": "Question", "QuestionID": "Q9"}]},
            ]},
            *({"Element": "SQ", "PrimaryAttribute": key, "Payload": payload} for key, payload in {
                "Q2": {"QuestionText": "办事是否<br>方便", "DataExportTag": "a", "QuestionType": "MC", "Selector": "SAVR",
                       "Choices": _CHOICES, "ChoiceOrder": [1, 2, 3, 4]},
                "Q1": {"QuestionText": "您所在的居民区", "DataExportTag": "where", "QuestionType": "TE"},
                "Q3": {"QuestionText": "对环境满意吗", "DataExportTag": "b", "QuestionType": "Matrix",
                       "SubSelector": "SingleAnswer",
                       "Choices": {"1": {"Display": "卫生"}, "2": {"Display": "绿化"}}, "Answers": _CHOICES},
                "Q4": {"QuestionText": "最希望改进的", "DataExportTag": "n", "QuestionType": "MC", "Selector": "MAVR",
                       "Choices": {"1": {"Display": "停车"}, "2": {"Display": "电梯"}}},
                "Q9": {"QuestionText": "删掉的题", "QuestionType": "TE"},
            }.items()),
        ],
    },
    ensure_ascii=False,
)  # fmt: skip
ANSWERS = "所在居民区,2、办事是否方便,3、最希望改进的,手机号\n" + "\n".join(
    f"{'甲乙丙丁'[at % 4]}苑,{('满意', '一般', '不满意')[at % 3]},{('停车', '停车、电梯', '电梯')[at % 3]},138{at:08d}"
    for at in range(24)
)


def form_of(folder: Path, name: str, content: str | bytes) -> AskedForm:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems = Problems()
    form = read_form(path, name, problems)
    assert list(problems) == []
    assert form is not None
    return form


def refused(folder: Path, name: str, content: str) -> list[Problem]:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    problems = Problems()
    assert read_form(path, name, problems) is None
    return list(problems)


def made(form: AskedForm) -> tuple[DraftedForm, Questionnaire, Scheme]:
    drafted = draft_form(form)
    document = Questionnaire.model_validate(yaml.safe_load(drafted.questionnaire))
    return drafted, document, Scheme.model_validate(yaml.safe_load(drafted.scheme))


SOURCES: dict[str, tuple[str, Callable[[], Any]]] = {
    "text": ("a.txt", lambda: wenjuanxing.text(questionnaire(SOURCE), PLACES)),
    "xlsform": ("a.xlsx", lambda: xlsform.workbook(questionnaire(SOURCE), PLACES)),
    "lss": ("a.lss", lambda: LSS),
    "qsf": ("a.qsf", lambda: QSF),
    "answers": ("a.csv", lambda: ANSWERS),
}


@pytest.mark.parametrize("which", SOURCES)
def test_a_draft_takes_wordings_and_options_over_and_leaves_scores_open(
    which: str, tmp_path: Path
) -> None:
    name, content = SOURCES[which]
    drafted, document, scheme = made(form_of(tmp_path, name, content()))
    (where,) = document.of_role("subject")
    assert "居民区" in where.text
    assert drafted.subject == where.text
    scored = document.of_role("scored")
    assert scored[0].text == "办事是否方便"
    labels = {option.label for option in document.options_of(scored[0])}
    assert labels >= {"满意", "一般", "不满意"}
    assert all(o.score is None for items in document.scales.values() for o in items)
    (need,) = document.of_role("need")
    assert (need.text, need.kind) == ("最希望改进的", "multiple")
    assert {option.label for option in need.options} >= {"停车", "电梯"}
    assert {fault.code for fault in document.faults()} == {"option_without_score"}
    assert len(list(document.faults())) == drafted.open
    assert list(scheme.faults()) == []
    (indicator,) = scheme.dimensions[0].indicators
    assert indicator.items["survey"] == [item.id for item in scored]


@pytest.mark.parametrize("which", ["text", "xlsform", "lss", "qsf"])
def test_rows_of_a_matrix_share_a_scale_with_other_questions(which: str, tmp_path: Path) -> None:
    name, content = SOURCES[which]
    _, document, _ = made(form_of(tmp_path, name, content()))
    scored = document.of_role("scored")
    assert [item.text for item in scored] == ["办事是否方便", "卫生", "绿化"]
    assert len({item.scale for item in scored}) == 1
    (missing,) = [o.label for o in document.scales["量表1"] if o.missing == "dont_know"]
    assert missing == "不了解"


def test_options_keep_the_order_of_their_letters_and_one_column_each_is_one_question(
    tmp_path: Path,
) -> None:
    head = "编号,开始答题时间,结束答题时间,1.所在居民区,1.所在居民区,2.办事是否方便,3.需求:停车,3.需求:电梯"
    text = (
        head
        + "\n"
        + "\n".join(
            f"{at},2026-09-05 10:00:00,2026-09-05 10:01:{at:02d},东片,甲苑,"
            f"{('C.不满意', 'A.满意', 'B.一般')[at % 3]},{('A.停车', '')[at % 2]},B.电梯"
            for at in range(12)
        )
    )
    form = form_of(tmp_path, "a.csv", text)
    assert [(asked.text, asked.kind) for asked in form.questions] == [
        ("所在居民区", "single"),
        ("办事是否方便", "single"),
        ("需求", "multiple"),
    ]
    assert form.questions[1].options == (("1", "满意"), ("2", "一般"), ("3", "不满意"))
    assert form.questions[2].options == (("1", "停车"), ("2", "电梯"))


def test_columns_of_one_stem_and_the_same_answers_are_rows_of_a_matrix(tmp_path: Path) -> None:
    text = "所在居民区,对环境满意吗 [卫生],对环境满意吗 [绿化]\n" + "\n".join(
        f"甲苑,{('满意', '不满意')[at % 2]},{('不满意', '满意')[at % 3 == 0]}" for at in range(12)
    )
    form = form_of(tmp_path, "a.csv", text)
    assert [(one.stem, one.text) for one in form.questions[1:]] == [
        ("对环境满意吗", "卫生"),
        ("对环境满意吗", "绿化"),
    ]
    assert form.questions[1].options == form.questions[2].options


def test_translations_of_a_survey_are_no_questions_of_its_own(tmp_path: Path) -> None:
    """The newer structure has texts of every language beside the questions, the older one questions."""
    surveys = "<surveys><rows><row><sid>1</sid><language>zh-Hans</language></row></rows></surveys>"
    one = "<row><qid>11</qid><language>zh-Hans</language><question>办事是否方便</question></row>"
    lss = LSS.replace("<groups>", f"{surveys}<groups>").replace(
        "<row><qid>11</qid><question><![CDATA[办事是否<b>方便</b>]]></question></row>",
        f"{one}<row><qid>11</qid><language>en</language><question>Easy?</question></row>",
    )
    of_questions = "<row><qid>11</qid><parent_qid>0</parent_qid>"
    english = f"{of_questions}<language>en</language><type>L</type><question>Easy?</question></row>"
    both = f"{english}{of_questions}<language>zh-Hans</language>"
    title = "<row><surveyls_title>"
    translated = f"<row><surveyls_language>en</surveyls_language><surveyls_title>S</surveyls_title></row>{title}"
    twice = lss.replace(of_questions, both).replace(title, translated)
    own = form_of(tmp_path, "a.lss", LSS)
    assert form_of(tmp_path, "b.lss", lss) == own
    older = form_of(tmp_path, "c.lss", twice)
    assert older == own
    unsaid = form_of(tmp_path, "d.lss", twice.replace(surveys, ""))
    assert [asked.text for asked in unsaid.questions] == [asked.text for asked in own.questions]


def test_what_is_not_translated_into_a_surveys_language_keeps_the_words_it_has(
    tmp_path: Path,
) -> None:
    surveys = "<surveys><rows><row><sid>1</sid><language>en</language></row></rows></surveys>"
    chinese = LSS.replace("</qid><question>", "</qid><language>zh</language><question>")
    lss = chinese.replace("<groups>", f"{surveys}<groups>").replace(
        "</rows></question_l10ns>",
        "<row><qid>11</qid><language>en</language><question>Easy?</question></row></rows></question_l10ns>",
    )
    texts = [asked.text for asked in form_of(tmp_path, "a.lss", lss).questions]
    assert texts[:3] == ["您所在的居民区", "Easy?", "卫生"]


def test_what_cannot_be_counted_is_named(tmp_path: Path) -> None:
    assert form_of(tmp_path, "a.lss", LSS).left_out == ("上传照片",)
    assert "手机号" in form_of(tmp_path, "a.csv", ANSWERS).left_out
    assert "删掉的题" not in str(form_of(tmp_path, "a.qsf", QSF))


def test_personal_answers_and_remarks_never_become_options(tmp_path: Path) -> None:
    text = "所在居民区,您的意见\n" + "\n".join(f"甲苑,意见第{at}条" for at in range(9))
    drafted, document, _ = made(form_of(tmp_path, "a.csv", text))
    assert document.items[1].kind == "text"
    assert "意见第3条" not in drafted.questionnaire


def test_without_a_question_about_the_committee_the_draft_says_so(tmp_path: Path) -> None:
    text = "办事是否方便\n" + "满意\n不满意\n" * 6
    drafted, _, _ = made(form_of(tmp_path, "a.csv", text))
    assert drafted.subject is None
    assert "还缺一道题" in drafted.questionnaire


@pytest.mark.parametrize(
    ("name", "content", "code"),
    [
        ("a.lss", "<?xml version='1.0'?><document><LimeSurveyDocType>Survey</LimeSurveyDocType><groups>", "damaged_form"),
        ("a.qsf", '{"SurveyEntry": {"SurveyName": "x"}', "damaged_form"),
        ("a.qsf", '{"SurveyEntry": 3, "SurveyElements": []}', "damaged_form"),
        ("a.csv", "序号,提交答卷时间,来自IP\n1,2026/9/5 10:00:00,10.0.0.1\n", "nothing_asked"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_a_problem(
    name: str, content: str, code: str, tmp_path: Path
) -> None:
    (problem,) = refused(tmp_path, name, content)
    assert problem.code == code
    assert problem.remedy


def test_an_own_survey_is_evaluated_from_its_data_file_alone(tmp_path: Path) -> None:
    """From a file of SPSS to scores: a folder, two scores, a roster, the file."""
    rng = np.random.default_rng(1)
    places, answers = np.repeat([1.0, 2.0, 3.0], 20), rng.choice([1.0, 2.0], 60)
    data = tmp_path / "own.sav"
    pyreadstat.write_sav(
        pd.DataFrame({"where": places, "q2": answers}),
        str(data),
        column_labels=["所在居民区", "Q2. 办事是否方便"],
        variable_value_labels={
            "where": {1: "甲苑", 2: "乙苑", 3: "丙苑"},
            "q2": {1: "很好", 2: "不好"},
        },
    )
    folder = tmp_path / "own"
    drafted = workspace.create_from(folder, data)
    assert (drafted.scored, drafted.open, drafted.subject) == (1, 2, "所在居民区")
    form = folder / "questionnaires" / "survey.yaml"
    text = form.read_text(encoding="utf-8")
    for label, score in (("很好", 100), ("不好", 0)):
        text = text.replace(f'label: "{label}"}}', f'label: "{label}", score: {score}}}')
    form.write_text(text, encoding="utf-8")
    names = "\n".join(f"{at},{name}苑" for at, name in enumerate("甲乙丙", start=1))
    (folder / "roster.csv").write_text(f"id,name\n{names}\n", encoding="utf-8")
    order = folder / "evaluation.yaml"
    said = (
        order.read_text(encoding="utf-8")
        .replace("某某街道", "测试街道")
        .replace("答卷.xlsx", "own.sav")
    )
    order.write_text(said + "\nsettings: {draws: 800}\n", encoding="utf-8")
    (folder / "responses" / "2026").mkdir(parents=True)
    (folder / "responses" / "2026" / "own.sav").write_bytes(data.read_bytes())
    evaluation = workspace.open(folder).evaluate()
    scores = evaluation.scores.set_index("subject")["score"]
    expected = [100 * float((answers[places == place] == 1).mean()) for place in (1, 2, 3)]
    assert scores.loc[["1", "2", "3"]].tolist() == pytest.approx(expected)


def test_an_entity_of_a_structure_reaches_no_file(tmp_path: Path) -> None:
    secret = tmp_path / "secret.txt"
    secret.write_text("秘密")
    text = LSS.replace(
        "<document>", f'<!DOCTYPE d [<!ENTITY e SYSTEM "{secret.as_uri()}">]><document>'
    )
    text = text.replace("社区服务调查", "&e;")
    assert "秘密" not in str(form_of(tmp_path, "a.lss", text))


def test_every_bar_of_a_slider_is_a_number(tmp_path: Path) -> None:
    slider = {
        "QuestionText": "打几分", "DataExportTag": "s", "QuestionType": "Slider",
        "Choices": {"1": {"Display": "卫生"}, "2": {"Display": "绿化"}},
    }  # fmt: skip
    survey = json.loads(QSF)
    survey["SurveyElements"][0]["Payload"][0]["BlockElements"] = [
        {"Type": "Question", "QuestionID": "Q7"}
    ]
    survey["SurveyElements"] += [{"Element": "SQ", "PrimaryAttribute": "Q7", "Payload": slider}]
    form = form_of(tmp_path, "a.qsf", json.dumps(survey, ensure_ascii=False))
    assert [(q.name, q.text, q.kind, q.stem) for q in form.questions[:2]] == [
        ("s_1", "卫生", "number", "打几分"),
        ("s_2", "绿化", "number", "打几分"),
    ]
