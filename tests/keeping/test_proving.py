"""What `verify`, `history` and `forget` say; and that no byte changes unseen."""

from __future__ import annotations

import io
import re
import shutil
import zipfile
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import duckdb
import pytest
from typer.testing import CliRunner

from evalkit import assets
from evalkit.archive import published, read_cells
from evalkit.cli import app
from evalkit.errors import InputErrors, Problems
from evalkit.folder import located
from evalkit.keeping import History, verifying
from evalkit.keeping.history import Entry
from evalkit.keeping.verifying import marks
from evalkit.publication import identity, mark
from evalkit.workspace import Workspace
from tests.attack import keeping
from tests.keeping import small


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the results of two waves; not to be touched."""
    root = tmp_path_factory.mktemp("kept") / "ws"
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "good")
        space = small.street(root)
        small.run(space, wave="2015")
        small.run(space, seed=2)
    return root


@pytest.fixture
def root(kept: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(kept, tmp_path / "ws"))


def told(root: Path) -> list[str]:
    return [f"{d.kind} {d.file}" for d in Workspace(root).verify()[1]]


def command(*arguments: object, given: str | None = None, code: int = 0) -> str:
    outcome = CliRunner().invoke(app, [str(argument) for argument in arguments], input=given)
    assert outcome.exit_code == code, outcome.output
    return outcome.output


def code_in(output: str) -> str:
    """The code of the only problem that was told."""
    (found,) = re.findall(r"\[([a-z_]+)\]", output)
    return str(found)


# --- verify -----------------------------------------------------------------------------------


def test_what_was_written_is_found_whole(kept: Path) -> None:
    before = small.state(kept)
    output = command("verify", kept)
    last = Workspace(kept).history().entries[-1]
    assert "核对无误" in output
    assert "8 个结果文件" in output
    assert last.hash in output
    assert small.state(kept) == before


def test_a_file_that_the_run_left_aside_with_a_note_is_no_difference(root: Path) -> None:
    stray = root / "responses/2016/stray.csv"
    stray.write_text("x", encoding="utf-8")
    assert told(root) == ["多出 responses/2016/stray.csv"]
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "good")
        small.run(Workspace(root), seed=2)
    assert told(root) == []
    (root / "responses/2016/later.csv").write_text("x", encoding="utf-8")
    assert told(root) == ["多出 responses/2016/later.csv"]


def test_every_difference_is_listed(root: Path) -> None:
    (root / "roster.csv").write_text("changed", encoding="utf-8")
    (root / "responses/2016/office.csv").unlink()
    (root / "responses/2016/late.csv").write_text("x", encoding="utf-8")
    (root / "crosswalks").mkdir()
    (root / "crosswalks/new.yaml").write_text("x", encoding="utf-8")
    (root / "out/2015/manifest.json").write_text("{}", encoding="utf-8")
    (root / "out/2016/ranking.csv").unlink()
    (root / "out/2016/note.txt").write_text("x", encoding="utf-8")
    scores = root / "out/2016/scores.csv"
    shutil.copyfile(scores, root / "elsewhere.csv")
    scores.unlink()
    scores.symlink_to(root / "elsewhere.csv")
    assert told(root) == [
        "缺少 responses/2016/office.csv",
        "已改变 roster.csv",
        "多出 crosswalks/new.yaml",
        "多出 responses/2016/late.csv",
        "已改变 out/2015/manifest.json",
        "多出 out/2016/note.txt",
        "缺少 out/2016/ranking.csv",
        "已改变 out/2016/scores.csv",
    ]
    output = command("verify", root, code=1)
    assert "核对发现 8 处不一致" in output


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        ("UPDATE scores SET score = score + 1", "scores"),
        ("DELETE FROM notes", "notes"),
        ("UPDATE archive_info SET value = '0' WHERE key = 'seal:scores'", "scores"),
        ("DELETE FROM archive_info WHERE key = 'seal:scores'", "scores"),
        ("INSERT INTO archive_info VALUES ('seal:more', '0')", "archive_info"),
    ],
)
def test_rows_edited_with_sql_are_told_and_not_used(
    root: Path, statement: str, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    small.pages(monkeypatch, "newer")
    with duckdb.connect(str(root / "evaluation.duckdb")) as connection:
        connection.execute(statement)
    (difference,) = Workspace(root).verify()[1]
    assert str(difference).startswith("已改变：evaluation.duckdb（评估数据库已损坏")
    assert what in difference.what
    problems = Problems()
    assert published(root / "evaluation.duckdb", problems) == {}
    assert [problem.code for problem in problems] == ["archive_damaged"]
    with pytest.raises(InputErrors, match="archive_damaged"):
        small.run(Workspace(root), seed=3)


def test_a_database_of_another_run_and_a_view_of_one_s_own_are_told_apart(root: Path) -> None:
    database = root / "evaluation.duckdb"
    with duckdb.connect(str(database)) as connection:
        connection.execute("CREATE VIEW mine AS SELECT subject FROM scores")
    (difference,) = Workspace(root).verify()[1]
    assert "各表内容与记录一致" in difference.what
    database.unlink()
    assert told(root) == ["缺少 evaluation.duckdb"]
    other = small.street(root.parent / "other")
    with pytest.MonkeyPatch.context() as patch:
        small.pages(patch, "other")
        small.run(other, seed=9)
    shutil.copyfile(other.root / "evaluation.duckdb", database)
    (difference,) = Workspace(root).verify()[1]
    assert "各表内容与日志记录的不同" in difference.what


def test_results_without_a_log_cannot_be_vouched_for(root: Path) -> None:
    (root / "history.jsonl").unlink()
    found = told(root)
    assert found[0] == "缺少 history.jsonl"
    assert "多出 out/2016/ranking.csv" in found
    assert "多出 evaluation.duckdb" in found


def test_no_flipped_bit_goes_unseen() -> None:
    """Over inputs, documents, database, results and log."""
    found = keeping.flips(60, seed=5)
    assert found.failures == []
    assert dict(found.outcomes) == {"seen": 60}


# --- the log ----------------------------------------------------------------------------------


def lines(root: Path) -> list[bytes]:
    return (root / "history.jsonl").read_bytes().splitlines(keepends=True)


def test_the_log_is_a_chain_that_only_grows(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = lines(root)
    small.pages(monkeypatch, "good")
    small.run(Workspace(root), seed=2)
    assert lines(root)[:2] == before
    entries = Workspace(root).history().entries
    assert [entry.number for entry in entries] == [1, 2, 3]
    assert [entry.previous for entry in entries] == ["0" * 64, entries[0].hash, entries[1].hash]
    assert entries[2].outputs == entries[1].outputs
    assert entries[2].database == entries[1].database
    output = command("history", root)
    assert "   1. " in output
    assert output.count("运行 2016") == 2
    assert entries[2].identity in output
    assert entries[2].hash in output


@pytest.mark.parametrize("how", ["drop", "swap", "add", "cut", "type", "edit"])
def test_a_broken_chain_is_told_and_stops_the_next_run(root: Path, how: str) -> None:
    first, second = lines(root)
    forged = History.read(first + second).entries[0]
    made = replace(forged, time="2020-01-01T00:00:00+00:00")
    content = {
        "drop": [second],
        "swap": [second, first],
        "add": [first, first, second],
        "cut": [first, second[:-1]],
        "type": [first, b'{"waves": []}\n', second],
        "edit": [replace(made, hash=made.proof()).line(), second],
    }[how]
    (root / "history.jsonl").write_bytes(b"".join(content))
    assert any(line.startswith("不符 history.jsonl") for line in told(root))
    assert "[history_broken]" in command("history", root, code=1)
    with pytest.raises(InputErrors, match="history_broken"), Workspace(root).working("run"):
        pytest.fail("worked")


def test_a_log_that_lost_its_last_line_does_not_fit_the_folder(root: Path) -> None:
    (root / "history.jsonl").write_bytes(lines(root)[0])
    found = told(root)
    assert "已改变 evaluation.duckdb" in found
    assert "多出 out/2016/manifest.json" in found


def test_an_entry_is_its_line_byte_for_byte() -> None:
    entry = History.read(b"").following(
        "run", wave="2016", waves=("2015", "2016"), inputs={"甲": "1"}
    )
    assert entry.number == 1
    again = History.read(entry.line())
    assert (again.entries, again.faults) == ((entry,), ())
    assert isinstance(again.entries[0], Entry)
    spaced = entry.line().replace(b'"number":1', b'"number": 1')
    assert [fault.line for fault in History.read(spaced).faults] == [1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"number": "1"}, {"number": 1.0}, {"time": 5}, {"evalkit": None}, {"doing": 1},
        {"identity": 0}, {"fingerprint": []}, {"manifest": None}, {"wave": 2016}, {"waves": (2016,)},
        {"inputs": {"a": 1}}, {"outputs": {"a": None}}, {"database": {"sha256": 0}},
    ],
)  # fmt: skip
def test_an_entry_of_another_kind_of_value_is_none(wrong: dict[str, object]) -> None:
    """Its hash fits, and it is written as the log is written: only what it says is of no such kind."""
    of_no_wave = History.read(b"").following("plan", inputs={"a": "1"})
    assert History.read(of_no_wave.line()).entries == (of_no_wave,)
    sound = History.read(b"").following("run", wave="2016", waves=("2016",), inputs={"a": "1"})
    made = replace(sound, **wrong)  # type: ignore[arg-type]
    found = History.read(replace(made, hash=made.proof()).line() + b"x\n")
    assert found.entries == ()
    assert [fault.line for fault in found.faults] == [1, 2]


def test_a_folder_without_runs_has_an_empty_log(tmp_path: Path) -> None:
    space = small.street(tmp_path / "ws")
    assert "还没有运行日志" in command("history", space.root)
    assert told(space.root) == ["缺少 history.jsonl"]


# --- papers -----------------------------------------------------------------------------------


def test_a_paper_is_traced_to_the_run_that_made_it(root: Path, tmp_path: Path) -> None:
    paper = root / "out/2016/diagnosis/s1.pdf"
    output = command("verify", paper)
    assert "   2. " in output
    assert "逐字节一致" in output
    assert "responses/2016/office.csv" in output
    away = Path(shutil.copyfile(paper, tmp_path / "mail.pdf"))
    assert "当时的文件：out/2016/diagnosis/s1.pdf" in command("verify", away, "--dir", root)
    entry = Workspace(root).history().entries[1]
    away.write_text(mark(entry.identity, "2016/diagnosis/s1.pdf") + " altered", encoding="utf-8")
    assert "内容与当时写出的不同" in command("verify", away, "--dir", root, code=1)
    away.write_bytes(b"%PDF-1.7 of somebody else")
    assert code_in(command("verify", away, "--dir", root, code=1)) == "unknown_paper"
    assert code_in(command("verify", tmp_path / "nowhere", code=1)) == "not_a_paper"


def test_a_mark_survives_compression_and_names_of_any_kind() -> None:
    import zlib

    made = identity("fingerprint")
    assert len(made) == 32
    text = mark(made, "2016/诊断 (1).pdf").encode()
    assert text.isascii()
    packed = b"%PDF-1.7\nstream\r\n" + zlib.compress(b"/evalkit (" + text + b")") + b"\nendstream"
    assert marks(packed) == [(made, "2016/诊断 (1).pdf")]
    assert marks(b"stream\n not compressed " + text) == [(made, "2016/诊断 (1).pdf")]
    assert marks(b"") == []


def test_a_mark_is_found_in_a_word_document_that_was_saved_again() -> None:
    made = identity("fingerprint")
    text = f"<a>{mark(made, '2016/diagnosis/s1.docx')}</a>"
    for how in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w", how) as package:
            package.writestr("docProps/core.xml", text * 9)
        assert marks(buffer.getvalue()) == [(made, "2016/diagnosis/s1.docx")]
    assert marks(buffer.getvalue()[:-30]) == []
    with zipfile.ZipFile(buffer := io.BytesIO(), "w") as package:
        package.writestr("other.xml", "nothing")
    assert marks(buffer.getvalue()) == []


def test_files_of_a_preset_are_looked_for_where_they_are(tmp_path: Path) -> None:
    preset = assets.presets()[0]
    assert located(tmp_path, f"预设 {preset}/scheme.yaml") == assets.preset(preset) / "scheme.yaml"
    assert located(tmp_path, "预设 gone/scheme.yaml") is None
    assert located(tmp_path, "scheme.yaml") == tmp_path / "scheme.yaml"


# --- forget -----------------------------------------------------------------------------------


def test_a_wave_is_forgotten_by_database_and_results_together(root: Path) -> None:
    database = root / "evaluation.duckdb"
    before = lines(root)
    for said in ("n\n", "", "\n", "删\n"):
        output = command("forget", root, "--wave", "2015", given=said, code=1)
        assert output.endswith("没有确认，什么都没有删除\n")
    assert (root / "out/2015").is_dir()
    output = command("forget", root, "--wave", "2015", given="是\n")
    assert "已删除批次 2015" in output
    problems = Problems()
    assert list(read_cells(database, problems)) == ["2016"]
    assert list(published(database, problems)) == ["2016"]
    assert not problems
    with duckdb.connect(str(database), read_only=True) as connection:
        for table, column in (("cells", "wave"), ("scores", "evaluation"), ("files", "evaluation")):
            query = f"SELECT count(*) FROM {table} WHERE {column} = '2015'"
            assert connection.execute(query).fetchone() == (0,)
    assert sorted(path.name for path in (root / "out").iterdir()) == ["2016"]
    assert lines(root)[:2] == before
    assert told(root) == []
    assert "删除批次 2015" in command("history", root)
    again = command("forget", root, "--wave", "2015", "--yes", code=1)
    assert code_in(again) == "nothing_to_forget"
    assert "2016" in again
    assert (
        code_in(command("forget", root, "--wave", "../..", "--yes", code=1)) == "nothing_to_forget"
    )


def test_a_run_that_ends_meanwhile_is_looked_at_again_three_times_at_most(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """What differs is believed once the log stood still; a log that never does ends it, too."""

    def looks(ends: int, differing: int) -> tuple[int, int]:
        """How often was looked, and how many differences are told; the log grows `ends` times."""
        reads, looked = 0, 0

        def of(cls: object, root: Path) -> SimpleNamespace:
            nonlocal reads
            reads += 1
            return SimpleNamespace(data=b"x" * min(reads // 2, ends))

        def differences(root: Path, history: object) -> list[str]:
            nonlocal looked
            looked += 1
            return ["anders"] if looked <= differing else []

        with monkeypatch.context() as patch:
            patch.setattr(History, "of", classmethod(of))
            patch.setattr(verifying, "_differences", differences)
            found = verifying.compare(tmp_path)[1]
        return looked, len(found)

    assert looks(ends=0, differing=9) == (1, 1)
    assert looks(ends=1, differing=0) == (1, 0)
    assert looks(ends=1, differing=1) == (2, 0)
    assert looks(ends=1, differing=9) == (2, 1)
    assert looks(ends=9, differing=9) == (3, 1)
