from __future__ import annotations

import functools
import io

import pypdf
import pytest

from evalkit.pages import diagnosis, street
from evalkit.pages.press import printing
from evalkit.pages.press.printing import Pressed
from evalkit.tables import Evaluation
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up


@pytest.fixture(scope="session")
def evaluation() -> Evaluation:
    return made_up(Street(mean=89.0, incomplete={4: ("random",)}, new=(5,)))


@pytest.fixture(scope="session")
def diagnosed(evaluation: Evaluation) -> Pressed:
    return printing.press(diagnosis.plan(evaluation, "CS002"))


@pytest.fixture(scope="session")
def reported(evaluation: Evaluation) -> Pressed:
    return printing.press(street.plan(evaluation))


def read(pressed: Pressed) -> pypdf.PdfReader:
    return pypdf.PdfReader(io.BytesIO(pressed.pdf))


def words(text: str) -> str:
    """A text without any white space: where a line breaks is no matter of content."""
    return "".join(text.split())


def pages_of(pressed: Pressed) -> tuple[str, ...]:
    """The text of every page; reading it takes longer than making it, so it is read once."""
    return _texts(pressed.pdf)


@functools.lru_cache(maxsize=64)
def _texts(pdf: bytes) -> tuple[str, ...]:
    return tuple(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf)).pages)


def text_of(pressed: Pressed) -> str:
    return words("".join(pages_of(pressed)))
