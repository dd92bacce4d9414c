"""Known cells are found, and no other cell is taken for one of them."""

from __future__ import annotations

import numpy as np
import pytest

from evalkit.files import growing
from evalkit.files.growing import Spots, with_room, words_of
from evalkit.files.seats import MOST, Seats


def words(cells: list[bytes], count: int) -> np.ndarray:
    padded = b"".join(cell.ljust(8 * count, b"\0") for cell in cells)
    return np.frombuffer(padded, dtype="<u8").reshape(-1, count)


@pytest.mark.parametrize("count", [1, 2, 5])
def test_known_cells_have_their_code_and_others_none(count: int) -> None:
    size = 8 * count
    labels = ["非常满意", "满意", "不满意", "", "a" * size, "a" * (size - 1) + "b"]
    fitting = [cell for cell in (label.encode() for label in labels) if len(cell) <= size]
    known = {cell: 3 * at for at, cell in enumerate(fitting)}
    seats = Seats.of({**known, b"x" * (size + 1): 99}, count)
    assert seats is not None
    others = [b"a" * (size - 1) + b"c", b"b" * size, b"q"]
    found = seats.find(words([*known, *others], count))
    assert found.tolist() == [*known.values(), -1, -1, -1]


def test_as_many_cells_as_a_column_of_committees_has_find_places_of_their_own() -> None:
    known = {f"第{at}居民区".encode(): at for at in range(120)}
    seats = Seats.of(known, 2)
    assert seats is not None
    assert seats.find(words(list(known), 2)).tolist() == list(range(120))


def test_no_cells_and_too_many_have_no_table() -> None:
    assert Seats.of({}, 1) is None
    assert Seats.of({str(at).encode(): at for at in range(MOST + 1)}, 1) is None


def test_words_hold_the_bytes_of_every_cell_and_nothing_behind_it() -> None:
    """Cells of every width, the last one empty, at the very end of what was read."""
    longest = growing._WORD * growing._WORDS
    widths = [*range(1, longest + 1), 0]
    piece = bytes(33 + at % 90 for at in range(sum(widths)))
    begins = np.cumsum([0, *widths[:-1]])
    spots = Spots(begins.astype(np.int32), np.array(widths, dtype=np.int32))
    for most in (longest, growing._WORD):
        few = Spots(spots.begins[-1:], spots.widths[-1:]) if most < longest else spots
        words = words_of(with_room(piece), few, most)
        assert words.shape == (len(few.begins), most // growing._WORD)
        cells = [piece[at : at + width] for at, width in zip(few.begins, few.widths, strict=True)]
        assert [row.tobytes() for row in words] == [cell.ljust(most, b"\0") for cell in cells]
