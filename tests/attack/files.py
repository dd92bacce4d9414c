"""Damaged files of answers: what is read is what was there, or the file is refused.

`flip` damages a file at so many places, each by itself, and says what became of each. `campaign`
does it to one file of every kind. As a program: ``python -m tests.attack.files [TRIES] [FILE...]``.

A flipped bit may also hit what is said only once, a letter or a digit of an answer (``altered``):
as many cells are filled as before, one or a few of them with something else. In an xls file and in
a CSV file nothing can tell that; in an xlsx file the check sums do. What must never happen is that
cells are lost or moved without a word (``lost``).
"""

from __future__ import annotations

import multiprocessing
import random
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from multiprocessing.connection import Connection
from pathlib import Path

from evalkit.errors import Problems
from evalkit.files import delimited, guard, workbook
from evalkit.files.grid import Grid
from tests.files.building import archive, biff, compound, parts

PATIENCE = 20.0
MEMORY = 2**30


@dataclass(frozen=True, slots=True)
class Result:
    """What became of damaged files: ``same``, ``refused``, ``told``, ``altered``, ``lost``.

    Attributes
    ----------
    counts : Counter of outcome
    lost : tuple of int
        Bits (byte * 8 + bit) whose flip lost or moved a cell without a word.
    """

    counts: Counter[str]
    lost: tuple[int, ...]

    @property
    def tried(self) -> int:
        """How many files were read."""
        return self.counts.total()

    @property
    def survived(self) -> int:
        """How many gave the right text, or a word."""
        return self.tried - self.failed

    @property
    def failed(self) -> int:
        """How many lost answers without a word."""
        return self.counts["lost"]


def read(path: Path) -> Grid | None:
    """Read a file in this process; the cage is built anew around each campaign."""
    problems = Problems()
    match guard.kind(path, path.name, problems):
        case None:
            return None
        case "csv":
            return delimited.read(path, path.name, None, problems)
        case _:
            return workbook.read(path, path.name, problems)


def outcome(whole: Grid, found: Grid | None) -> str:
    """Say what a damaged file gave beside what the whole one gives."""
    if found is None:
        return "refused"
    if list(found.rows) == list(whole.rows) and found.first_row == whole.first_row:
        return "same"
    if {note.code for note in found.notes} - {note.code for note in whole.notes}:
        return "told"
    rows_lost = found.first_row != whole.first_row or len(found.rows) != len(whole.rows)
    return "lost" if rows_lost or filled(whole) - filled(found) else "altered"


def filled(grid: Grid) -> set[tuple[int, int]]:
    """Return where a grid has content."""
    return {
        (row, column)
        for row, cells in enumerate(grid.rows)
        for column, cell in enumerate(cells)
        if cell.strip()
    }


def flip(data: bytes, suffix: str, bits: list[int]) -> Result:
    """Flip these bits of a file, one at a time; a reader that dies has refused."""
    counts: Counter[str] = Counter()
    lost = []
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / f"damaged{suffix}"
        path.write_bytes(data)
        whole = read(path)
        assert whole is not None, "the file is damaged before it is damaged"
        done = 0
        while done < len(bits):
            for bit, said in _in_a_child(whole, data, path, bits[done:]):
                counts[said] += 1
                lost += [bit] if said == "lost" else []
                done += 1
    return Result(counts, tuple(lost))


def _in_a_child(whole: Grid, data: bytes, path: Path, bits: list[int]) -> Iterator[tuple[int, str]]:
    """Yield outcomes until all are known, or the child dies over one, which counts as refused."""
    context = multiprocessing.get_context("fork")
    here, there = context.Pipe(duplex=False)
    child = context.Process(target=_read_all, args=(there, whole, data, path, bits))
    child.start()
    there.close()
    try:
        for bit in bits:
            try:
                said = here.recv() if here.poll(PATIENCE) else ""
            except EOFError:
                said = ""
            yield bit, said or "refused"
            if not said:
                return
    finally:
        child.kill()
        child.join()
        here.close()


def _read_all(pipe: Connection, whole: Grid, data: bytes, path: Path, bits: list[int]) -> None:
    import resource

    resource.setrlimit(resource.RLIMIT_AS, (MEMORY * 3, MEMORY * 3))
    for bit in bits:
        broken = bytearray(data)
        broken[bit // 8] ^= 1 << bit % 8
        path.write_bytes(broken)
        try:
            said = outcome(whole, read(path))
        except MemoryError:
            said = "refused"
        pipe.send(said)


def table(rows: int = 96) -> list[list[str | float]]:
    """A small wave: texts, ticks as numbers, gaps, a remark now and then."""
    rng = random.Random(20161217)
    head: list[str | float] = ["序号", "居民区", "1、办事是否方便", "2、环境", "3、您的建议"]
    return [
        head,
        *(
            [
                float(at),
                rng.choice(("玉佛城", "长寿新村", "九茂")),
                float(rng.randint(1, 5)),
                rng.choice(("满意", "一般", "不满意")),
                rng.choice(("", "", f"第{at}号楼,漏水")),
            ]
            for at in range(1, rows + 1)
        ),
    ]


def own_files() -> dict[str, bytes]:
    """One file of every kind, by its name."""
    rows = table()
    quoted = (
        ",".join(f'"{cell}"' if "," in str(cell) else f"{cell}" for cell in row) for row in rows
    )
    text = "\r\n".join(quoted) + "\r\n"
    return {
        "own.xls": compound(biff([[c if c != "" else None for c in row] for row in rows])),
        "own.xlsx": archive(parts(rows)),
        "utf-8.csv": text.encode(),
        "with-bom.csv": text.encode("utf-8-sig"),
        "gb18030.csv": text.encode("gb18030"),
    }


def campaign(tries: int, seed: int, more: Mapping[str, bytes] | None = None) -> dict[str, Result]:
    """Flip so many bits of one file of every kind, and of others that are given."""
    results = {}
    for name, data in (own_files() | dict(more or {})).items():
        rng = random.Random(f"{seed} {name}")
        bits = rng.sample(range(len(data) * 8), min(tries, len(data) * 8))
        results[name] = flip(data, Path(name).suffix, bits)
    return results


if __name__ == "__main__":
    paths = [Path(argument) for argument in sys.argv[2:]]
    files = {path.name: path.read_bytes() for path in paths}
    for name, result in campaign(int(sys.argv[1]), 20261128, files).items():
        print(name, f"tried {result.tried}, failed {result.failed}", dict(result.counts))
        print(*result.lost[:10])
