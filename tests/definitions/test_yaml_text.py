"""YAML is read as the text that stands in it, and refused where it could mean something else."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from evalkit.definitions.places import Place, Places
from evalkit.definitions.yaml_text import MAXIMUM_BYTES, MAXIMUM_NODES, read_yaml
from evalkit.errors import Problem, Problems


def read(content: str | bytes, folder: Path) -> tuple[Any, list[Problem], Places]:
    path = folder / "x.yaml"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    problems, places = Problems(), Places()
    return read_yaml(path, "x.yaml", problems, places), list(problems), places


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("01", "01"),
        ("6:30", "6:30"),
        ("1_000", "1_000"),
        ("0x10", "0x10"),
        ("no", "no"),
        ("TRUE", "TRUE"),
        ("2016-03-01", "2016-03-01"),
        ("1.50", "1.50"),
        ("'null'", "null"),
        ("!!str 7", "7"),
        ("null", None),
        ("~", None),
        ("", None),
        ("''", ""),
    ],
)
def test_a_scalar_stays_as_typed(text: str, meant: str | None, tmp_path: Path) -> None:
    assert read(f"a: {text}\n", tmp_path)[:2] == ({"a": meant}, [])


def test_a_byte_order_mark_is_no_part_of_the_first_key(tmp_path: Path) -> None:
    assert read(b"\xef\xbb\xbfa: 1\n", tmp_path)[0] == {"a": "1"}


def test_every_key_and_element_has_its_line(tmp_path: Path) -> None:
    data, _, places = read("a:\n  - b: 1\n    c: 2\n  - {b: 3,\n     c: 4}\nd: |\n  x\n", tmp_path)
    assert data == {"a": [{"b": "1", "c": "2"}, {"b": "3", "c": "4"}], "d": "x\n"}
    expected = {
        ("a",): 1,
        ("a", 0): 2,
        ("a", 0, "b"): 2,
        ("a", 0, "c"): 3,
        ("a", 1): 4,
        ("a", 1, "c"): 5,
        ("d",): 6,
    }
    assert {steps: places.find(steps) for steps in expected} == {
        steps: Place(row=row) for steps, row in expected.items()
    }
    assert places.find(("a", 0, "missing")) == Place(row=2)


MALFORMED = "不是合法的 YAML"
LOOK = "检查该行及其上一行的缩进、冒号和引号"


@pytest.mark.parametrize(
    ("text", "message", "row", "found", "remedy"),
    [
        ("a: 1\nb: c: d\n", MALFORMED, 2, "b: c: d", LOOK),
        ("a: 1\nb: \x07\n", MALFORMED, 2, "控制字符 U+0007", LOOK),
        ("a: &x 1\nb: *x\n", "不支持 YAML 别名（*）", 2, "*x", "把内容写出来"),
        ("a: 1\nb: !!binary aGk=\n", "不支持 YAML 标签", 2, "tag:yaml.org,2002:binary", "删去标签"),
        ("a: !!map {}\n", "不支持 YAML 标签", 1, "tag:yaml.org,2002:map", "删去标签"),
        ("a: 1\n? [b]\n: 2\n", "键只能是文字", 2, "列表或一组键", "改成文字"),
        ("a: 1\n---\nb: 2\n", "一个文件只能有一份文档", 2, "---", "删去 --- 及其后的内容"),
        ("a:\n  " + "[" * 30 + "]" * 30, "嵌套太深", 2, "24 层", "检查缩进和括号"),
    ],
)
def test_what_is_no_plain_yaml_is_refused(
    text: str, message: str, row: int, found: str, remedy: str, tmp_path: Path
) -> None:
    data, problems, _ = read(text, tmp_path)
    assert data is None
    assert problems == [
        Problem("malformed_yaml", message, file="x.yaml", row=row, found=found, remedy=remedy)
    ]


def test_every_repeated_key_is_reported_and_the_first_counts(tmp_path: Path) -> None:
    data, problems, places = read("a: 1\nb:\n  c: 2\n  c: 3\na: 4\n", tmp_path)
    assert data == {"a": "1", "b": {"c": "2"}}
    assert [(p.code, p.row, p.key, p.found) for p in problems] == [
        ("repeated_key", 4, "b.c", "c"),
        ("repeated_key", 5, "a", "a"),
    ]
    assert {(p.message, p.expected, p.remedy) for p in problems} == {
        ("同一个键写了两次", "每个键只写一次", "删去其中之一")
    }
    assert places.find(("a",)).row == 1


def test_a_swelling_document_is_refused_before_it_swells(tmp_path: Path) -> None:
    laughs = ["a: &a [x,x,x,x,x,x,x,x,x]"]
    for here, before in zip("bcdefghij", "abcdefghi", strict=True):
        laughs.append(f"{here}: &{here} [{','.join(['*' + before] * 9)}]")
    data, problems, _ = read("\n".join(laughs), tmp_path)
    assert data is None
    assert [(p.code, p.row, p.found) for p in problems] == [("malformed_yaml", 2, "*a")]


def test_an_encoding_other_than_utf8_is_named_with_its_line(tmp_path: Path) -> None:
    data, problems, _ = read(b"a: 1\nb: " + "居民".encode("gb18030"), tmp_path)
    assert data is None
    assert problems == [
        Problem(
            "wrong_encoding",
            "文档不是 UTF-8 编码",
            file="x.yaml",
            row=2,
            expected="UTF-8",
            remedy="用 UTF-8 编码另存",
        )
    ]


@pytest.mark.parametrize("content", ["", "# 只有说明\n", "~\n", "---\n"])
def test_an_empty_document_is_reported(content: str, tmp_path: Path) -> None:
    data, problems, _ = read(content, tmp_path)
    assert data is None
    assert problems == [Problem("empty_document", "文档是空的", file="x.yaml", remedy="补上内容")]


def test_a_missing_file_a_folder_and_an_impossible_name_are_reported(tmp_path: Path) -> None:
    problems = Problems()
    for path in (tmp_path / "none.yaml", tmp_path, Path("a\0b.yaml")):
        assert read_yaml(path, "x.yaml", problems) is None
    assert [p.code for p in problems] == ["missing_file"] * 3
    assert {p.file for p in problems} == {"x.yaml"}
    assert all(p.remedy for p in problems)


def test_a_file_that_is_too_large_is_not_read(tmp_path: Path) -> None:
    data, problems, _ = read(b"#" * (MAXIMUM_BYTES + 1), tmp_path)
    assert data is None
    assert problems == [
        Problem(
            "document_too_large",
            "文档过大",
            file="x.yaml",
            expected="不超过 4 MB",
            found="4.0 MB",
            remedy="确认文件是否放错",
        )
    ]


def test_a_file_of_too_many_pieces_is_not_kept(tmp_path: Path) -> None:
    data, problems, _ = read("- 1\n" * (MAXIMUM_NODES + 1), tmp_path)
    assert data is None
    assert [(p.code, p.found) for p in problems] == [("malformed_yaml", f"超过 {MAXIMUM_NODES} 项")]
