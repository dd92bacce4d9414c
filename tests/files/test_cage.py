"""Nothing that reading a file does can end or starve the program that wants it read."""

from __future__ import annotations

import io
import resource
import struct
import threading
import time
import zipfile
from collections.abc import Callable
from functools import cache
from pathlib import Path

import pytest

from evalkit import platforms
from evalkit.definitions import loading
from evalkit.errors import Problem, Problems
from evalkit.files import cage, limits
from evalkit.files.reading import read_table
from tests.files import greedy
from tests.files.building import SHEET, archive, biff, compound, joined, parts, records, xlsx

SECONDS, MEGABYTES = 60.0, 500
"""By the clock, of a busy machine: what is not stopped sleeps so long, or never ends."""


def only(problems: Problems) -> Problem:
    (problem,) = problems
    return problem


# --- the cage ---------------------------------------------------------------------------------


def test_a_reader_s_answer_and_its_problems_come_back(tmp_path: Path) -> None:
    problems = Problems()
    answer = cage.call(greedy.told, tmp_path / "甲.xlsx", "答卷/甲.xlsx", problems, extra=7)
    assert answer == ("甲.xlsx", 2**20, 7)
    assert (only(problems).code, only(problems).file) == ("told", "答卷/甲.xlsx")


def test_limits_are_those_of_the_program_that_asks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(limits, "MAX_ROWS", 5)
    assert cage.call(greedy.told, tmp_path, "x", Problems()) == (tmp_path.name, 5, 0)


@pytest.mark.parametrize(
    ("reader", "found"),
    [
        (greedy.aborts, "读取用尽了内存，或者中断了"),
        (greedy.hoards, "读取用尽了内存，或者中断了"),
        (greedy.recurses, "读取用尽了内存，或者中断了"),
        (greedy.says_too_little, "读取用尽了内存，或者中断了"),
        (greedy.loops, "读取花的时间太长"),
        (greedy.sleeps, "读取花的时间太长"),
    ],
)
def test_a_reader_that_dies_or_starves_is_a_problem_of_its_file(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    reader: Callable[[Path, str, Problems], str],
    found: str,
) -> None:
    monkeypatch.setattr(limits, "READING_SECONDS", 1)
    problems = Problems()
    start = time.monotonic()
    assert cage.call(reader, tmp_path / "a.xlsx", "答卷/a.xlsx", problems) is None
    assert time.monotonic() - start < SECONDS
    problem = only(problems)
    assert (problem.code, problem.message) == ("unsafe_file", "文件无法安全读取")
    assert (problem.file, problem.found) == ("答卷/a.xlsx", found)
    assert problem.expected == "3 秒、500 MB 内存之内可以读完的工作簿"
    assert problem.remedy
    assert threading.active_count() < 20


def test_a_reader_that_died_does_not_harm_the_next(tmp_path: Path) -> None:
    assert cage.call(greedy.aborts, tmp_path, "x", Problems()) is None
    assert cage.call(greedy.told, tmp_path, "x", Problems()) is not None


def test_every_reader_is_a_process_of_its_own(tmp_path: Path) -> None:
    """What one does to its process is gone with it; the one they are forked from stays."""
    one, its = cage.call(greedy.spoils, tmp_path, "x", Problems()) or (0, 0)
    other, whose = cage.call(greedy.spoils, tmp_path, "x", Problems()) or (0, 0)
    assert one != other
    assert its == whose
    cage.close()
    assert (cage.call(greedy.spoils, tmp_path, "x", Problems()) or (0, 0))[1] != its


def test_readers_are_asked_for_one_by_one(tmp_path: Path) -> None:
    answers: list[object] = []

    def ask(at: int) -> None:
        answers.append(cage.call(greedy.told, tmp_path, "x", Problems(), extra=at))

    threads = [threading.Thread(target=ask, args=(at,)) for at in range(5)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(answers) == [(tmp_path.name, 2**20, at) for at in range(5)]


def test_a_reader_imports_nothing_heavy(tmp_path: Path) -> None:
    """pandas, numpy and evalkit's front door would cost seconds for every file."""
    loaded = cage.call(greedy.modules, xlsx(tmp_path / "a.xlsx", [["a"], ["b"]]), "a", Problems())
    assert loaded is not None
    assert "python_calamine" in loaded
    assert not {"numpy", "pandas", "openpyxl", "evalkit.evaluation", "pydantic"} & set(loaded)


@pytest.mark.parametrize(
    ("megabytes", "memory", "seconds"),
    [(0, 500, 4), (2, 500, 4), (3, 500, 6), (6, 500, 12), (10, 800, 20), (500, 3072, 300)],
)
def test_larger_files_may_take_more(megabytes: int, memory: int, seconds: int) -> None:
    assert limits.allowance(megabytes * 2**20) == (memory * 2**20, seconds)


# --- real readers on files made to hurt ---------------------------------------------------------


def backwards() -> bytes:
    """An xls whose declared rows run backwards: the reader takes the difference for a size."""
    declared = struct.pack("<2I3H", 2**31, 1, 0, 255, 0)
    found = records(biff([["姓名", "分"], ["甲", 5]]))
    return compound(joined((r, declared if r == 0x0200 else body) for r, body in found))


def twenty_thousand_sheets() -> bytes:
    found = parts()
    entry = '<sheet name="s{at}" sheetId="{at}" r:id="rId1"/>'
    sheets = "".join(entry.format(at=at) for at in range(1, 20_001))
    book = found["xl/workbook.xml"].decode()
    start, end = book.index("<sheets>"), book.index("</sheets>")
    found["xl/workbook.xml"] = (book[:start] + "<sheets>" + sheets + book[end:]).encode()
    row = '<row r="{0}"><c r="A{0}"><v>1</v></c></row>'
    rows = "".join(row.format(at) for at in range(1, 20_000))
    data = found[SHEET].decode()
    start, end = data.index("<sheetData>"), data.index("</sheetData>")
    found[SHEET] = (data[:start] + "<sheetData>" + rows + data[end:]).encode()
    return archive(found)


@cache
def strings_without_end() -> bytes:
    """Half a megabyte that inflates to 400 MB of shared texts, all different in nothing."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for name, data in parts().items():
            if name != "xl/sharedStrings.xml":
                target.writestr(name, data)
        with target.open("xl/sharedStrings.xml", "w") as part:
            part.write(b"<sst>")
            for _ in range(400):
                part.write(b"<si><t>a</t></si>" * 61_681)
            part.write(b"</sst>")
    return out.getvalue()


@pytest.mark.parametrize(
    ("make", "document"),
    [
        (twenty_thousand_sheets, False),
        (strings_without_end, False),
        (strings_without_end, True),
    ],
)
def test_a_file_that_starves_its_reader_is_refused_in_time(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, make: Callable[[], bytes], document: bool
) -> None:
    monkeypatch.setattr(limits, "READING_SECONDS", 1)
    path = tmp_path / "a.xlsx"
    path.write_bytes(make())
    problems = Problems()
    start = time.monotonic()
    if document:
        assert loading.load_scheme(path, "方案.xlsx", problems) is None
    else:
        assert platforms.read(path, name="方案.xlsx", problems=problems) is None
    assert time.monotonic() - start < SECONDS
    assert (only(problems).code, only(problems).file) == ("unsafe_file", "方案.xlsx")


def test_a_sheet_that_runs_backwards_is_damage(tmp_path: Path) -> None:
    path = tmp_path / "a.xls"
    path.write_bytes(backwards())
    problems = Problems()
    assert read_table(path, "a.xls", problems) is None
    assert only(problems).code == "damaged"


def test_children_stay_small(tmp_path: Path) -> None:
    """The most that any child of this test process held at once; children begin at its size."""
    problems = Problems()
    cage.call(greedy.hoards, tmp_path, "x", problems)
    assert only(problems).code == "unsafe_file"
    cage.close()
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    own = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    assert most < max(MEGABYTES, own) + 1
