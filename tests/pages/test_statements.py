"""Statements drawn at random from the pages of several streets, recomputed from the published files.

`tests.statements` reads the files and knows the sentences; it imports nothing of evalkit.
"""

from __future__ import annotations

import importlib
import random
import re
from pathlib import Path

import pytest

from evalkit import publication
from evalkit.pages import diagnosis, street
from evalkit.tables import Evaluation
from tests.pages import published
from tests.pages.reading import read
from tests.pages.synthetic import Street
from tests.pages.synthetic import evaluation as made_up
from tests.statements.files import Folder
from tests.statements.patterns import PATTERNS

for papers in ("of_the_street", "of_a_committee"):
    importlib.import_module(f"tests.statements.{papers}")  # adds its sentences to `PATTERNS`

DRAWN = 40
ENOUGH = 20
"""Of the drawn ones, how many at least must be sentences that the reader knows."""

DIAGNOSES = 5
STREETS = ("town", "many", "first wave", pytest.param("demo", marks=pytest.mark.whole_demo))
_used: dict[str, set[int]] = {}


RULES = re.compile(
    "得分与误差范围 0|误差范围：|等第 按未|名次范围 |名次范围对|不公布的数字|“看得出”|先后按|假定 |数据指纹|核对码"
    "|± 后为|每段至少|我居民区已收到|得分由答卷推算|▲|明显与苗头|“其他”|按主题词计数|组内或其余|得分与误差"
)
"""Beginnings of sentences that tell rules, the same on every paper, and nothing of a street."""


def is_statement(sentence: str) -> bool:
    """Whether a sentence says a number of this street; boxes of a word or two are none."""
    return (
        len(sentence) >= 12
        and bool(re.search(r"\d|明显[高低]于", sentence))
        and not RULES.match(sentence)
    )


def written(made: Evaluation, folder: Path) -> Path:
    for name, content in publication.data_files(made).items():
        (folder / name).write_bytes(content)
    return folder


@pytest.fixture(scope="module", params=STREETS)
def told(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> tuple[str, Folder, list[tuple[str | None, str]]]:
    """A street: its name, its files, and every sentence with a number, with whose paper it is of."""
    name: str = request.param
    if name in ("town", "demo"):
        files = published.street(name, request)
        folder, made = files.folder, files.evaluation
    else:
        many: Evaluation = request.getfixturevalue("evaluation")
        made = many if name == "many" else made_up(Street(count=9, waves=("2016",)))
        folder = written(made, tmp_path_factory.mktemp("street"))
    complete = [s for s in made.diagnoses if made.diagnosis(s).complete]
    drawn = random.Random(f"papers of {name}").sample(complete, min(DIAGNOSES, len(complete)))
    papers = [(None, street.plan(made)), *((s, diagnosis.plan(made, s)) for s in drawn)]
    sentences = [
        (who, sentence)
        for who, paper in papers
        for part in read(paper).parts
        for text in part.texts
        for sentence in re.split("。", text)
        if is_statement(sentence.strip())
    ]
    return name, Folder(folder), list(dict.fromkeys((w, s.strip()) for w, s in sentences))


def check(folder: Folder, who: str | None, sentence: str) -> tuple[set[int], list[str]]:
    """Which patterns a sentence has, and what it says wrongly."""
    known, wrong = set(), []
    for at, (pattern, recompute) in enumerate(PATTERNS):
        for match in pattern.finditer(sentence):
            pairs = list(recompute(folder.of(who), match))
            known |= {at} if pairs else set()
            wrong += [f"{who}：{sentence}：写的是 {a}，算得 {b}" for a, b in pairs if a != b]
    return known, wrong


def test_statements_drawn_from_the_pages_come_out_of_the_files(
    told: tuple[str, Folder, list[tuple[str | None, str]]],
) -> None:
    name, folder, sentences = told
    results = {told: check(folder, *told) for told in sentences}
    _used[name] = {at for known, _ in results.values() for at in known}
    assert [text for _, wrong in results.values() for text in wrong] == []
    drawn = random.Random(f"statements of {name}").sample(sentences, DRAWN)
    unknown = [sentence for sentence in drawn if not results[sentence][0]]
    parsed, everywhere = DRAWN - len(unknown), sum(bool(known) for known, _ in results.values())
    print(
        f"{name}: {parsed} of {DRAWN} drawn, {everywhere} of {len(sentences)} sentences recomputed"
    )
    assert parsed >= ENOUGH, unknown


def test_no_pattern_waits_for_a_sentence_that_no_page_says() -> None:
    if not {"town", "many", "first wave"} <= _used.keys():
        pytest.skip("the streets were read by another worker")
    used = set().union(*_used.values())
    assert [p.pattern for at, (p, _) in enumerate(PATTERNS) if at not in used] == []
