"""Documents of published numbers: there and back, and everything that can be wrong with one."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
import yaml

from evalkit.codes import ClaimVerdict
from evalkit.definitions import loading
from evalkit.definitions.claim_consistency import check_claims
from evalkit.definitions.claims import Claims
from evalkit.definitions.consistency import Origin
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.places import Places
from evalkit.definitions.roster import Roster
from evalkit.definitions.words import WORDS
from evalkit.definitions.workbook import write_workbook
from evalkit.definitions.yaml_text import dump_yaml
from evalkit.errors import Problem, Problems
from evalkit.findings.reconciling import reconcile
from evalkit.folder import Folder
from tests.ledgers import door, hotline, published

HEAD = "id: d\ntitle: 数\nclaims:\n"
ONE = """\
  - id: a
    text: 原文
    source: 总结
    printed: {number}
    way: {way}
"""


def document(number: str = "'10'", way: str = "sum", *lines: str) -> str:
    return HEAD + ONE.format(number=number, way=way) + "".join(f"    {line}\n" for line in lines)


def terms(*lines: str) -> tuple[str, ...]:
    return ("terms:", *(f"  - {{name: 项 {at}, {line}}}" for at, line in enumerate(lines, 1)))


def load(text: str, folder: Path) -> tuple[Claims | None, list[Problem]]:
    path = folder / "claims.yaml"
    path.write_text(text, encoding="utf-8")
    problems = Problems()
    return loading.load_claims(path, path.name, problems), list(problems)


def test_yaml_and_workbook_give_the_document_back(tmp_path: Path) -> None:
    claims, problems = load(published.CLAIMS, tmp_path)
    assert problems == []
    assert claims is not None
    assert loading.load_claims(_kept(claims, tmp_path, "b.yaml"), "b", Problems()) == claims
    assert loading.load_claims(_kept(claims, tmp_path, "b.xlsx"), "b", Problems()) == claims


def _kept(claims: Claims, folder: Path, name: str) -> Path:
    path = folder / name
    if path.suffix == ".xlsx":
        write_workbook(claims, path)
    else:
        path.write_text(dump_yaml(claims), encoding="utf-8")
    return path


TWO = terms("printed: '4'", "printed: '6'")
CASES = {
    "words": (document("三百"), "printed_number_unread", 7),
    "formula": (document("'=SUM(B2:B5)'", "sum", *TWO), "printed_number_unread", 7),
    "two numbers": (document("'12 人 3 户'", "sum", *TWO), "printed_number_unread", 7),
    "a term": (document("'10'", "sum", *terms("printed: 若干")), "printed_number_unread", 10),
    "no terms": (document(), "claim_incomplete", 4),
    "no divisor": (document("'10'", "ratio", *TWO), "claim_incomplete", 4),
    "one growth": (document("5%", "growth", *terms("printed: '4'")), "claim_incomplete", 4),
    "nothing listed": (document("'3'", "listed"), "claim_incomplete", 4),
    "no reason": (document("'3'", "none"), "claim_incomplete", 4),
    "terms unused": (document("'3'", "none", "reason: 无", *TWO), "claim_incomplete", 10),
    "list unused": (document("'10'", "sum", "listed: [a]", *TWO), "claim_incomplete", 9),
    "a factor of a sum": (document("'10'", "sum", "per: 1000", *TWO), "claim_incomplete", 9),
    "a part of a ratio": (
        document("'2'", "ratio", "complete: false", *terms("printed: '4'", "printed: '2', side: under")),
        "claim_incomplete",
        9,
    ),
    "a reason of a sum": (document("'10'", "sum", "reason: 无", *TWO), "claim_incomplete", 9),
    "a side of a sum": (
        document("'10'", "sum", *terms("printed: '10', side: under")), "claim_incomplete", 10,
    ),
    "workdays of nothing": (
        document("'10'", "sum", *terms("printed: '10', workdays: true")), "claim_incomplete", 10,
    ),
    "a wave of what is printed": (
        document("'10'", "sum", *terms("printed: '10', wave: '2015'")), "claim_incomplete", 10,
    ),
    "nowhere": (document("'10'", "ratio", *terms("side: over", "printed: '2', side: under")),
                "claim_incomplete", 10),
    "no ledger": (document("'10'", "sum", *terms("printed: '4', column: n")), "claim_incomplete", 10),
    "half a period": (document("'10'", "sum", *terms("since: 2021-06-02")), "claim_incomplete", 10),
    "reversed": (
        document("'10'", "sum", *terms("since: 2021-06-02, until: 2021-06-01")),
        "period_reversed",
        10,
    ),
    "times 0": (document("'10'", "sum", *terms("printed: '4', times: 0")), "claim_incomplete", 10),
    "a code": (document("'1234567890123456'", "sum", *TWO), "printed_number_unread", 7),
    "two sources": (
        document("'10'", "sum", *terms("printed: '4', roster: subjects")),
        "term_of_several_sources",
        10,
    ),
    "itself": (document("'10'", "sum", *terms("claim: a")), "unknown_reference", 10),
    "unknown": (document("'10'", "sum", *terms("claim: z")), "unknown_reference", 10),
    "no percent": (
        document("'40'", "share", *terms("printed: '4'", "printed: '10', side: under")),
        "share_without_percent",
        7,
    ),
    "mixed": (
        document("10 人", "sum", *terms("printed: 4 人", "printed: 6 户")), "units_mixed", 11
    ),
    "registered and resident": (
        document("'10'", "sum", *terms("printed: 4 户籍人口", "printed: 6 常住人口")),
        "units_mixed",
        11,
    ),
    "exchanged": (
        document("40%", "share", *terms("printed: '10'", "printed: '4', side: under")),
        "share_above_whole",
        9,
    ),
    "twice": (document("'10'", "sum", *TWO) + ONE.format(number="'1'", way="none")
              + "    reason: 无\n", "duplicate_id", 12),
}  # fmt: skip


@pytest.mark.parametrize(("text", "code", "row"), CASES.values(), ids=CASES)
def test_what_is_wrong_with_one_is_told_with_its_line(
    tmp_path: Path, text: str, code: str, row: int
) -> None:
    claims, problems = load(text, tmp_path)
    assert claims is None
    first = next(problem for problem in problems if problem.code == code)
    assert (first.file, first.row) == ("claims.yaml", row)
    assert first.remedy
    assert {problem.code for problem in problems} <= {code, "claim_incomplete"}


def test_all_faults_are_told_at_once_with_sheet_row_and_column(tmp_path: Path) -> None:
    """As typed in Excel: a formula, a part in words, and a number of two sources."""
    other = ONE.replace("id: a", "id: b").format(number="3 人", way="none") + "    reason: 无\n"
    claims, _ = load(document("10 人", "sum", *TWO) + other, tmp_path)
    assert claims is not None
    path = _kept(claims, tmp_path, "claims.xlsx")
    book = openpyxl.load_workbook(path)
    numbers, parts = book["公布的数"], book["各项"]
    at = {cell.value: cell.column for cell in numbers[1]}
    numbers.cell(3, at["公布的数"]).value = "=SUM(A1:A2)"
    own = {cell.value: cell.column for cell in parts[1]}
    parts.cell(2, own["写出的数"]).value = "几百"
    parts.cell(3, own["另一公布数"]).value = "b"
    book.save(path)
    problems = Problems()
    assert loading.load_claims(path, path.name, problems) is None
    told = {(p.code, p.sheet, p.row) for p in problems}
    assert ("printed_number_unread", "各项", 2) in told
    assert ("term_of_several_sources", "各项", 3) in told
    assert ("formula_without_value", "公布的数", 3) in told
    assert {(p.row, p.sheet) for p in problems} == {(3, "公布的数"), (2, "各项"), (3, "各项")}


# --- against the other documents ---


HOTLINE = {"hotline": door.ledger()}


def checked(
    *lines: str,
    number: str = "'10'",
    way: str = "sum",
    ledgers: Mapping[str, Ledger] | None = HOTLINE,
    roster: Roster | None = None,
) -> list[Problem]:
    problems = Problems()
    claims = Claims.model_validate(
        {"id": "d", "title": "数", "claims": [_claim(number.strip("'"), way, lines)]}
    )
    order = door.decided(door.ledger()).order
    files = [*order.waves[-1].files, {"file": "r.csv", "ledger": "hotline"}]
    data = order.model_dump(mode="json")
    data["waves"][-1]["files"] = [
        f if isinstance(f, dict) else f.model_dump(mode="json") for f in files
    ]
    order = EvaluationOrder.model_validate(data)
    origin = Origin("claims.yaml", Places())
    check_claims(claims, order, ledgers, roster or door.roster(), problems, origin)
    return list(problems)


def _claim(number: str, way: str, lines: tuple[str, ...]) -> dict[str, object]:
    told = [{"name": "项"} | yaml.safe_load(f"{{{line}}}") for line in lines]
    return {"id": "a", "text": "x", "source": "s", "printed": number, "way": way, "terms": told}


@pytest.mark.parametrize(
    ("line", "code", "key"),
    [
        ("ledger: nowhere", "unknown_ledger", "ledger"),
        ("ledger: hotline, column: nothing", "unknown_in_claim", "column"),
        ("ledger: hotline, measure: nothing", "unknown_in_claim", "measure"),
        ("ledger: hotline, where: {nothing: [x]}", "unknown_in_claim", "where.nothing"),
        ("ledger: hotline, where: {resolved: [解决了]}", "unknown_in_claim", "where.resolved[0]"),
        ("ledger: hotline, where: {opened: ['2016-01-01']}", "unknown_in_claim", "where.opened"),
        ("ledger: hotline, wave: '1999'", "unknown_wave", "wave"),
        ("ledger: hotline, wave: '2015'", "claim_without_records", "ledger"),
    ],
)
def test_what_other_documents_do_not_have_is_a_problem(line: str, code: str, key: str) -> None:
    (problem,) = checked(line)
    assert (problem.code, problem.file) == (code, "claims.yaml")
    assert str(problem.key).endswith(key)
    assert problem.remedy


def test_a_table_of_counts_needs_a_column() -> None:
    one = door.ledger(rows="counts", measures=[])
    (problem,) = checked("ledger: hotline", ledgers={"hotline": one})
    assert problem.code == "claim_incomplete"
    assert "求和列" in str(problem.expected)


def test_people_who_are_not_counted_cannot_be_added_up() -> None:
    roster = door.roster()
    nobody = [s.model_copy(update={"population": None}) for s in roster.subjects[:2]]
    lacking = roster.model_copy(update={"subjects": [*nobody, *roster.subjects[2:]]})
    (problem,) = checked("roster: population", roster=lacking)
    assert problem.code == "claim_without_population"
    assert "甲居民区、乙居民区" in str(problem.found)
    assert checked("roster: population") == []


def test_working_days_of_a_year_that_nobody_told_are_a_problem() -> None:
    told = checked("since: 2098-12-01, until: 2099-01-05, workdays: true")
    assert [problem.code for problem in told] == ["year_without_calendar"] * 2
    assert all("公布数的工作日" in str(problem) for problem in told)


def test_nothing_is_said_of_ledgers_that_could_not_be_read() -> None:
    assert checked("ledger: nowhere", ledgers=None) == []


def test_a_folder_reads_them_and_tells_what_is_wrong(tmp_path: Path) -> None:
    root = published.write(hotline.write(tmp_path / "ws"))
    problems = Problems()
    loaded = Folder(root).load(problems)
    assert [str(p) for p in problems] == []
    assert loaded.inputs is not None
    assert loaded.inputs.decided.claims is not None
    assert "claims.yaml" in loaded.inputs.decided.digests
    published.write(root, published.CLAIMS.replace("ledger: hotline}", "ledger: nowhere}"))
    problems = Problems()
    Folder(root).load(problems)
    (problem,) = problems
    assert (problem.code, problem.file) == ("unknown_ledger", "claims.yaml")
    row = published.CLAIMS.split("\n").index("      - {name: 工单, ledger: hotline}") + 1
    assert problem.row == row


def test_the_page_for_newcomers_shows_what_the_program_reads(tmp_path: Path) -> None:
    page = (Path(__file__).parents[2] / "docs/howto/claims.md").read_text(encoding="utf-8")
    (block,) = re.findall(r"```yaml\n(.*?)```", page, flags=re.S)
    claims, problems = load(block, tmp_path)
    assert problems == []
    assert claims is not None
    told = reconcile(replace(door.decided(door.ledger()), claims=claims), {}, "2016")
    assert dict(zip(told["claim"], told["verdict"], strict=True)) == {
        "people": "不符",
        "residents": "相符",
        "per_day": "不符",
        "lines": "只列出部分",
        "committees": "相符",
        "organisations": "无法核对",
    }
    ways = set(re.findall(r"^\| `(\w+)` \|", page, flags=re.M)) - {"way"}
    assert ways == set(WORDS["way"])
    assert {verdict for verdict in ClaimVerdict if f"| {verdict} |" in page} == set(ClaimVerdict)
