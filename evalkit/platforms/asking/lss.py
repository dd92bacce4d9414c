"""The survey structure of LimeSurvey (``.lss``): tables as XML, texts beside them in newer versions."""

from __future__ import annotations

from collections import defaultdict

from lxml import etree

from evalkit.platforms.asking.asked import Asked, AskedForm, Kind, plain

_SINGLE = "L!OI"
_MULTIPLE = "MP"
_NUMBER, _TEXT, _RANKING = "NK", "STUQ", "R"
_ROWS = "FHABCE1"
_GIVEN: dict[str, tuple[tuple[str, str], ...]] = {
    "5": tuple((str(n), str(n)) for n in range(1, 6)),
    "A": tuple((str(n), str(n)) for n in range(1, 6)),
    "B": tuple((str(n), str(n)) for n in range(1, 11)),
    "Y": (("Y", "是"), ("N", "否")),
    "C": (("Y", "是"), ("U", "不确定"), ("N", "否")),
    "E": (("I", "增加"), ("S", "不变"), ("D", "减少")),
    "G": (("M", "男"), ("F", "女")),
}
"""Options that the platform has for types of its own."""

_ONE = {
    "answers": ("qid", "code", "scale_id"),
    "answer_l10ns": ("aid",),
    "groups": ("gid",),
    "question_l10ns": ("qid",),
    "questions": ("qid",),
    "subquestions": ("qid",),
}
"""What makes two rows one thing in two languages."""

Row = dict[str, str]


def is_lss(text: str) -> bool:
    """Tell the structure of a survey by its first lines."""
    return "<LimeSurveyDocType>" in text[:2000]


def form(text: str, title: str) -> AskedForm:
    """Return what the survey asks, in the order of its groups.

    Raises
    ------
    ValueError
        If it is no well-formed XML.
    """
    parser = etree.XMLParser(resolve_entities=False, no_network=True, huge_tree=False)
    try:
        tree = etree.fromstring(text.encode(), parser)
    except etree.XMLSyntaxError as error:
        raise ValueError(str(error)) from error
    said = _base_language(tree)
    texts = {
        row.get("qid", ""): row.get("question", "") for row in _rows(tree, said, "question_l10ns")
    }
    labels = {
        row.get("aid", ""): row.get("answer", "") for row in _rows(tree, said, "answer_l10ns")
    }
    order = {
        row.get("gid", ""): int(row.get("group_order") or 0) for row in _rows(tree, said, "groups")
    }
    answers: defaultdict[str, list[tuple[int, str, str]]] = defaultdict(list)
    for row in _rows(tree, said, "answers"):
        label = row.get("answer") or labels.get(row.get("aid", ""), "")
        place = int(row.get("sortorder") or 0)
        answers[row.get("qid", "")].append((place, row.get("code", ""), plain(label)))
    below: defaultdict[str, list[Row]] = defaultdict(list)
    for row in _rows(tree, said, "subquestions"):
        below[row.get("parent_qid", "")].append(row)
    asked: list[Asked] = []
    left_out: list[str] = []
    questions = [r for r in _rows(tree, said, "questions") if r.get("parent_qid", "0") in ("0", "")]
    questions.sort(
        key=lambda r: (order.get(r.get("gid", ""), 0), int(r.get("question_order") or 0))
    )
    for row in questions:
        wording = plain(row.get("question") or texts.get(row.get("qid", ""), ""))
        own = sorted(answers[row.get("qid", "")])
        options = _GIVEN.get(row.get("type", ""), tuple((code, label) for _, code, label in own))
        parts = sorted(below[row.get("qid", "")], key=lambda r: int(r.get("question_order") or 0))
        named = [
            (r.get("title", ""), plain(r.get("question") or texts.get(r.get("qid", ""), "")))
            for r in parts
        ]
        found = _asked(row, wording, options, named)
        asked += found
        if not found and row.get("type") not in ("X", "*"):
            left_out.append(wording)
    settings = _rows(tree, said, "surveys_languagesettings")
    shown = next((row["surveyls_title"] for row in settings if row.get("surveyls_title")), title)
    return AskedForm(plain(shown), tuple(asked), tuple(left_out))


def _asked(
    row: Row, wording: str, options: tuple[tuple[str, str], ...], parts: list[tuple[str, str]]
) -> list[Asked]:
    kind, name = row.get("type", ""), row.get("title", "")
    if kind in _MULTIPLE:
        return [Asked(name, wording, "multiple", tuple(parts))]
    if kind in _ROWS and kind:
        return [Asked(f"{name}[{code}]", text, "single", options, wording) for code, text in parts]
    plain_kinds: tuple[tuple[str, Kind], ...] = (
        (_SINGLE + "5YG", "single"),
        (_NUMBER, "number"),
        (_TEXT, "text"),
        (_RANKING, "ranking"),
    )
    for letters, meant in plain_kinds:
        if kind and kind in letters:
            given = options if meant in ("single", "ranking") else ()
            return [Asked(name, wording, meant, given)]
    return []


def _base_language(tree: etree._Element) -> str:
    """Return the language that the survey was written in; the first one where it does not say."""
    tables = ("surveys", "question_l10ns", "questions")
    return next(
        (row["language"] for name in tables for row in _told(tree, name) if row.get("language")), ""
    )


def _rows(tree: etree._Element, language: str, table: str) -> list[Row]:
    """Return a table's rows in a language; what it does not have in it stands in the first it has."""
    key = "surveyls_language" if table == "surveys_languagesettings" else "language"
    found: dict[tuple[str, ...], Row] = {}
    for row in _told(tree, table):
        of = tuple(row.get(name, "") for name in _ONE.get(table, ()))
        own, stands = (one.get(key, language) == language for one in (row, found.get(of, row)))
        if of not in found or (own and not stands):
            found[of] = row
    return list(found.values())


def _told(tree: etree._Element, table: str) -> list[Row]:
    """Return all rows of a table; a translation stands as a row of its own."""
    return [
        {str(cell.tag): (cell.text or "").strip() for cell in row if isinstance(cell.tag, str)}
        for row in tree.findall(f"./{table}/rows/row")
    ]
