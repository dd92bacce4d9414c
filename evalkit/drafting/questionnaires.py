"""A questionnaire and a scheme drafted from what was asked elsewhere: what nobody said stays open.

Wordings, options and their codes are taken over; what an option is worth is never guessed, so that
`check` asks for every score. Which question names the committee and which are scored is proposed by
simple signs, with the reason beside it.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from evalkit import numerals
from evalkit.platforms import Asked, AskedForm

_SUBJECT = re.compile(r"居民区|居委|社区|小区|村居|哪个村|您所在的?村|楼盘")
_NAMING = re.compile(r"哪|所在|名称|所属|居住|住在|评价的|选择")
_GROUP_OF_MANY = 15
"""Choices from which a question about a place is a list of committees."""
_RATING = re.compile(
    r"满意|不好|较好|很好|方便|同意|赞成|认可|及时|经常|从不|优秀|良好|合格|了解|公平|公正|干净|整洁|安全|信任|非常|比较|一般"
    r"|satisf|agree|good|poor|excellent|often|never",
    re.IGNORECASE,
)
_OVERALL = re.compile(r"总体|总的来说|整体|综合")
_NEED = re.compile(r"困难|需求|诉求|急|愁|盼|希望|改进|问题|不足|建议")
_UNSURE = re.compile(r"不了解|不清楚|不知道|说不清|记不清|没接触|不适用|拒答|不愿")
_IDENTIFIER = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
LEAST_SHARED = 3
"""Questions with the same numbers as options from which these are a scale."""
LEAST_RATING = 2
"""Options that must speak of a judgement before a question is taken for a scored one."""

QUESTIONNAIRE, GROUP = "survey", "resident"
"""Names under which the blank preset's order finds them."""


@dataclass(frozen=True, slots=True)
class DraftedForm:
    """What was drafted.

    Attributes
    ----------
    questionnaire, scheme : str
        YAML, with what to decide beside it.
    questions, scored : int
    open : int
        Options that need a score.
    subject : str or None
        Wording of the question that names the committee; None where none was found.
    left_out : tuple of str
        Questions that were not taken over.
    """

    questionnaire: str
    scheme: str
    questions: int
    scored: int
    open: int
    subject: str | None
    left_out: tuple[str, ...]


def draft_form(form: AskedForm) -> DraftedForm:
    """Draft a questionnaire, and a scheme of one dimension with all that is scored in it."""
    names = _names(form.questions)
    subject = _subject(form.questions)
    scales = _scales(form.questions, subject)
    lines = [
        "# 由程序起草。题干、选项照原样；分值、用途请逐项决定，改好后运行 evalkit check。",
        f"id: {QUESTIONNAIRE}",
        f"title: {_quoted(form.title)}",
        "",
    ]
    open_scores = 0
    if scales:
        lines += [
            "# 量表：每个选项请写分值 score（0 至 100），不计分的写 missing: dont_know（不了解）、",
            "# refused（拒答）或 not_applicable（不适用）。没有写的，check 会逐个指出。",
            "scales:",
        ]
        for options, name in scales.items():
            lines.append(f"  {name}:")
            lines += [_option(code, label, "    ") for code, label in options]
            open_scores += sum(not _UNSURE.search(label) for _, label in options)
    lines += ["", "items:"]
    scored = []
    overall = False
    for at, (asked, name) in enumerate(zip(form.questions, names, strict=True)):
        role, why = _role(asked, at == subject, asked.options in scales, overall)
        overall |= role == "overall"
        if role == "scored":
            scored.append(name)
        lines += _item(asked, name, role, why, scales)
    if subject is None:
        lines += [
            "  # 还缺一道题：评的是哪一个居民区。上面若有，把它的 role 改成 subject，删去 options；",
            "  # 若文件里没有，在答卷里补一列，再写成下面这样：",
            "  # - {id: where, role: subject, text: 所在居民区}",
        ]
    return DraftedForm(
        "\n".join(lines) + "\n",
        _scheme(form.title, scored),
        len(form.questions),
        len(scored),
        open_scores,
        None if subject is None else form.questions[subject].text,
        form.left_out,
    )


def _names(questions: Sequence[Asked]) -> list[str]:
    """Return an id for every question: its own name where that is one, else counted."""
    found: list[str] = []
    for place, asked in enumerate(questions, start=1):
        name = re.sub(r"[^A-Za-z0-9_-]+", "_", asked.name).strip("_-")
        if not _IDENTIFIER.fullmatch(name) or not re.search("[A-Za-z]", name):
            name = f"q{asked.number or place}"
        while name in found:
            name = f"{name}_{place}"
        found.append(name)
    return found


def _subject(questions: Sequence[Asked]) -> int | None:
    """Return the question that names the committee: a choice or text about a place, or a long list."""
    likely = [
        at
        for at, asked in enumerate(questions)
        if asked.kind in ("single", "text")
        and _SUBJECT.search(asked.text)
        and not _rates(asked)
        and (
            _NAMING.search(asked.text)
            or len(asked.text) <= 8
            or len(asked.options) >= _GROUP_OF_MANY
        )
    ]
    return likely[0] if likely else None


def _rates(asked: Asked) -> bool:
    said = sum(_RATING.search(label) is not None for _, label in asked.options)
    return asked.kind == "single" and said >= min(LEAST_RATING, max(len(asked.options), 1))


def _is_scale_of_figures(asked: Asked) -> bool:
    return len(asked.options) > 2 and all(
        numerals.whole(label) is not None for _, label in asked.options
    )


def _scales(
    questions: Sequence[Asked], subject: int | None
) -> dict[tuple[tuple[str, str], ...], str]:
    """Return the option sets that are scored, by name: those of judgements, or shared by several rows."""
    single = [asked for asked in questions if asked.kind == "single"]
    rows = Counter(asked.options for asked in single if asked.stem)
    figures = Counter(asked.options for asked in single if _is_scale_of_figures(asked))
    found: dict[tuple[tuple[str, str], ...], str] = {}
    for at, asked in enumerate(questions):
        scored = _rates(asked) or rows[asked.options] > 1 or figures[asked.options] >= LEAST_SHARED
        if at != subject and asked.kind == "single" and asked.options and scored:
            found.setdefault(asked.options, f"量表{len(found) + 1}")
    return found


def _role(asked: Asked, is_subject: bool, is_scored: bool, had_overall: bool) -> tuple[str, str]:
    if is_subject:
        return "subject", "像是居民区的名称；不是的话改掉"
    if asked.kind == "single" and is_scored:
        if _OVERALL.search(asked.text) and not had_overall:
            return "overall", "像是总体满意度：用来算满意率、检验得分，不计分；要计分就删去 role"
        return "scored", ""
    if asked.kind == "multiple":
        need = _NEED.search(asked.text)
        return ("need", "像是急难愁盼") if need else ("profile", "多选题，不计分")
    if asked.kind == "text":
        return "open", "开放题，只数主题"
    return "profile", "看不出是评价，不计分；要计分就改 role，并写明分值"


def _item(
    asked: Asked,
    name: str,
    role: str,
    why: str,
    scales: dict[tuple[tuple[str, str], ...], str],
) -> list[str]:
    lines = [f"  - id: {name}", f"    text: {_quoted(asked.text)}"]
    if asked.number is not None:
        lines.append(f"    number: {asked.number}")
    if asked.stem:
        lines.append(f"    stem: {_quoted(asked.stem)}")
    if role == "subject":
        return [*lines, f"    role: subject   # {why}"]
    if asked.name not in (name, asked.text) and asked.name:
        lines.append(f"    header: {_quoted(asked.name)}")
    if asked.kind != "single":
        lines.append(f"    kind: {asked.kind}")
    if role != "scored":
        lines.append(f"    role: {role}" + (f"   # {why}" if why else ""))
    if role == "scored" and asked.text.endswith(("？", "?", "吗")):
        lines.append(
            "    # short: 没有遇到冷淡推诿   # 题干是问句：换成答得满意时成立的话，页面写满意率时用"
        )
    if role in ("scored", "overall"):
        lines.append(f"    scale: {scales[asked.options]}")
    elif asked.options:
        lines.append("    options:")
        lines += [
            f"      - {{code: {_quoted(code)}, label: {_quoted(label)}}}"
            for code, label in asked.options
        ]
    elif asked.kind in ("single", "multiple", "ranking"):
        lines.append("    options: []   # 请补上选项")
    return lines


def _option(code: str, label: str, indent: str) -> str:
    shown = f"{indent}- {{code: {_quoted(code)}, label: {_quoted(label)}"
    if _UNSURE.search(label):
        return f"{shown}, missing: dont_know}}   # 像是不计分的回答，请核对"
    return f"{shown}}}   # 请写分值 score"


def _scheme(title: str, scored: Sequence[str]) -> str:
    items = ", ".join(scored)
    return f"""\
# 由程序起草：一个维度、一个指标，全部计分题权重相同。要分开算，照 docs/howto/own-questionnaire.md 第 5 节改。
id: own
title: {_quoted(title)}
groups:
  - {{code: {GROUP}, name: 居民, weight: 100, questionnaire: {QUESTIONNAIRE}, residents: true, minimum_n: 10}}
dimensions:
  - code: A
    name: 总评
    weight: 100
    indicators:
      - {{code: A1, name: 总评, weight: 100, items: {{{QUESTIONNAIRE}: [{items}]}}}}
grades:
  - {{name: 优秀, cutoff: 90, good: true}}
  - {{name: 良好, cutoff: 80, good: true}}
  - {{name: 合格, cutoff: 60}}
  - {{name: 待改进, cutoff: 0}}
"""


def _quoted(text: str) -> str:
    """Return a text as YAML reads it back: quoted wherever it could be anything else."""
    return json.dumps(" ".join(text.split()), ensure_ascii=False)
