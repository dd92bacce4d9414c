"""Nothing of a person is anywhere but in the track's own folder, and no name is even there."""

from __future__ import annotations

import io
import pickle
import re
import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
from pypdf import PdfReader

import evalkit as ek
from evalkit import publication
from evalkit.errors import InputErrors
from evalkit.keeping import History
from evalkit.pages.press import planned, printing
from tests.tracks import street
from tests.tracks.conftest import Made

IDS = [worker for worker, _, _ in street.WORKERS]
NAMES = [name for _, _, name in street.WORKERS]


def texts(path: Path) -> Iterator[str]:
    """Everything that can be read in a file: packages and databases are opened."""
    content = path.read_bytes()
    yield content.decode("utf-8", "replace")
    if path.suffix == ".pdf":
        reader = PdfReader(io.BytesIO(content))
        yield "\n".join(page.extract_text() for page in reader.pages)
        yield str(reader.metadata)
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as package:
            yield from (
                package.read(name).decode("utf-8", "replace") for name in package.namelist()
            )
    elif path.suffix == ".duckdb":
        with duckdb.connect(str(path), read_only=True) as database:
            for (table,) in database.execute("SELECT table_name FROM duckdb_tables()").fetchall():
                yield str(database.execute(f'SELECT * FROM "{table}"').fetchall())


def found_in(folder: Path, words: list[str]) -> set[tuple[str, str]]:
    """Return which of these words stand in which file, tracks aside."""
    files = [
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and "tracks" not in path.relative_to(folder).parts
    ]
    assert files
    return {
        (path.relative_to(folder).as_posix(), word)
        for path in files
        for text in texts(path)
        for word in words
        if word in text
    }


@pytest.fixture(scope="module")
def published(made: Made, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The small street published, and its track; of the many papers the street report and one person's."""
    root = street.write(tmp_path_factory.mktemp("published") / "ws")
    space = ek.open(root)
    planned = publication.plan

    def few(evaluation: ek.Evaluation) -> list[planned.Paper]:
        whole = evaluation.decided.track is None
        return planned(evaluation)[:1] if whole else planned(evaluation)[4:5]

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(publication, "plan", few)
        space.track("workers").publish(made.workers)
        space.publish(made.main)
    for place, names in (
        (root, ("evaluation.duckdb", "history.jsonl")),
        (root / "tracks/workers", ("evaluation.duckdb",)),
    ):
        (place / "only").mkdir()
        for name in names:
            shutil.copy(place / name, place / "only" / name)
    return root


def test_no_number_or_name_of_a_worker_is_in_the_streets_results(published: Path) -> None:
    assert (published / "out/2016/street-report.pdf").is_file()
    assert found_in(published / "out", [*IDS, *NAMES]) == set()
    assert found_in(published / "only", [*IDS, *NAMES]) == set()
    # the same search finds what is there
    own = published / "tracks/workers"
    assert {word for _, word in found_in(own / "out", IDS)} == set(IDS)
    assert {word for _, word in found_in(own / "only", IDS)} == set(IDS)


def test_no_name_is_in_the_tracks_results_either(published: Path) -> None:
    own = published / "tracks/workers"
    assert found_in(own / "out", NAMES) == set()
    assert found_in(own / "only", NAMES) == set()


def test_what_is_planned_of_the_street_knows_no_worker(made: Made) -> None:
    """Every paper of the street, before it is drawn: its words, its numbers, its charts' frames."""
    papers = publication.plan(made.main)
    assert len(papers) > 5
    for paper in papers:
        content = pickle.dumps(dict(paper.context))
        assert not [word for word in (*IDS, *NAMES) if word.encode() in content], paper.path
    evaluation = pickle.dumps(made.main)
    assert not [word for word in (*IDS, *NAMES) if word.encode() in evaluation]


def test_the_street_report_tells_counts_reliability_and_distribution(published: Path) -> None:
    reader = PdfReader(published / "out/2016/street-report.pdf")
    text = "".join(page.extract_text() for page in reader.pages).replace("\n", "")
    assert "社工评价有 20 名社工参评，20 人有得分" in text
    assert "个人的结果另行送达" in text
    assert "按分数线（不计同事互评；不是有名额的等第）" in text
    for line in ("track_grades.csv", "tracks.csv"):
        assert (published / "out/2016" / line).is_file()
    for name in ("persons.csv", "raters.csv", "quotas.csv"):
        assert not (published / "out/2016" / name).exists()
        assert (published / "tracks/workers/out/2016" / name).is_file()
    # no table of the track puts everybody in one order
    for name in ("ranking.csv", "scores.csv", "extremes.csv", "dashboard.html", "maps"):
        assert not (published / "tracks/workers/out/2016" / name).exists()


def test_results_of_persons_are_kept_in_their_own_folder_only(published: Path, made: Made) -> None:
    space = ek.open(published)
    for wrong, evaluation in ((space, made.workers), (space.track("workers"), made.main)):
        before = len(History.of(wrong.root).entries)
        with pytest.raises(InputErrors) as raised:
            wrong.publish(evaluation, pdf=False)
        assert [p.code for p in raised.value.problems] == ["persons_elsewhere"]
        assert len(History.of(wrong.root).entries) == before


def test_a_tracks_folder_is_opened_and_proved_like_any_other(published: Path) -> None:
    own = ek.open(published / "tracks/workers")
    log, differences = own.verify()
    assert differences == ()
    assert "../../evaluation.yaml" in log.entries[-1].inputs
    assert own.synthetic
    assert own.tracks == {}
    with pytest.raises(ek.UnknownId, match="no track 'worker'"):
        ek.open(published).track("worker")


def paper(made: Made, path: str) -> str:
    """What stands on a paper, without its tags."""
    (found,) = (p for p in publication.plan(made.workers) if p.path == path)
    text = re.sub(r"<[^>]+>", "", printing.fill(found).text)
    return text.replace("\n", "").replace("\N{NO-BREAK SPACE}", " ")


def test_a_person_reads_of_nobody_else(made: Made) -> None:
    persons = made.workers.appraisal.persons.set_index("subject")
    text = paper(made, "person/gh12.pdf")
    own = persons.loc["gh12"]
    assert f"{own['score']:.1f}" in text
    assert f"第 {own['rank_low']}\N{EN DASH}{own['rank_high']} 名" in text
    assert not [one for one in IDS if one != "gh12" and one in text]
    assert "只在本居民区内比较；自己评自己的不计" in text


def test_a_secretary_reads_of_the_committees_own_workers_in_the_rosters_order(made: Made) -> None:
    text = paper(made, "committee/s2.pdf")
    own = [worker for worker, unit, _ in street.WORKERS if unit == "s2"]
    assert {one for one in IDS if one in text} == set(own)
    table = text[text.index("工号") :]
    assert sorted(own, key=table.index) == own
    paths = [p.path for p in publication.plan(made.workers)]
    assert paths == [
        *(f"committee/{unit}.pdf" for unit in street.UNITS),
        *(f"person/{worker}.pdf" for worker in IDS),
    ]
