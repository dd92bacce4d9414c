"""Which answers come from one building: numbered and never named, of every committee its own."""

from __future__ import annotations

from evalkit.pages.press.sentences import said
from evalkit.personal import RARE
from tests.intake import exported as files

ASKED = files.RESIDENT.replace(
    "  - {id: r1,", "  - {id: house, text: 楼组, kind: text, role: cluster}\n  - {id: r1,"
)
HEADERS = (*files.HEADERS["resident"], "楼组")


def housed(*rows: tuple[str, str]) -> files.Source:
    """A file of (committee, building)."""
    cells = [
        [*files.answer("resident", at, 所在居民区=subject), house]
        for at, (subject, house) in enumerate(rows, start=1)
    ]
    document = files.questionnaire(ASKED)
    return files.source("resident", cells, document=document, headers=HEADERS)


def test_buildings_are_numbered_and_their_names_stay_behind() -> None:
    found = files.imported(housed(("甲", "3号楼"), ("甲", "５号楼"), ("甲", " 3号楼 "), ("甲", "")))
    assert found.problems == []
    assert found.column("cluster") == ["c1", "c2", "c1", ""]
    assert "house" not in found.answers.codes["resident"]
    assert "号楼" not in found.answers.respondents.to_csv()
    assert not [n for n in found.report.notes if "cluster" in n.code]


def test_a_building_of_the_same_name_in_another_committee_is_another_one_and_named() -> None:
    rows = (("甲", "3号楼"), ("乙", "3号楼"), ("乙", "3号楼"), ("乙", "4号楼"))
    found = files.imported(housed(*rows))
    assert found.column("cluster") == ["c1", "c2", "c2", "c3"]
    (note,) = [n for n in found.report.notes if n.code == "cluster_in_several_subjects"]
    assert note.count == 1
    assert note.facts["clusters"] == ("3号楼",)
    assert note.facts["subjects"] == ("甲居民区", "乙居民区")
    assert "“3号楼”：甲居民区、乙居民区" in said(note)


def test_an_interviewer_in_two_committees_is_told_without_the_name() -> None:
    found = files.imported(housed(("甲", "张建国"), ("乙", "张建国")))
    (note,) = [n for n in found.report.notes if n.code == "cluster_in_several_subjects"]
    assert note.facts["first"] == "张**"
    assert "张建国" not in said(note)


def test_a_file_that_does_not_ask_has_no_clusters() -> None:
    found = files.imported(files.source("resident", [files.answer("resident", 1)]))
    assert found.column("cluster") == [""]


def test_who_rates_several_committees_needs_no_cluster() -> None:
    document = files.questionnaire(
        files.PEER.replace(
            "items:", "items:\n  - {id: house, text: 楼组, kind: text, role: cluster}"
        )
    )
    row = [*files.answer("peer", 1), "3号楼"]
    headers = (*files.HEADERS["peer"], "楼组")
    found = files.imported(
        files.source("peer", [row], group="office", document=document, headers=headers)
    )
    assert found.column("cluster") == [""]


def test_a_name_of_two_letters_is_a_persons_while_few_rows_have_it() -> None:
    """More rows than a person's own words would stand in, and it is called by its name."""
    for often, shown in ((RARE, "李*"), (RARE + 1, "李梅")):
        rows = [("甲", "李梅"), *[("乙", "李梅")] * (often - 1), *[("乙", "5号楼")] * 9]
        (note,) = [
            n
            for n in files.imported(housed(*rows)).report.notes
            if n.code == "cluster_in_several_subjects"
        ]
        assert note.facts["clusters"] == (shown,)
