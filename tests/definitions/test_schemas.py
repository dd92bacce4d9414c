"""The JSON Schemas in docs/schemas: up to date, Chinese, and true of the documents."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jsonschema  # type: ignore[import-untyped]
import pytest
import yaml

from evalkit.definitions.schemas import DOCUMENTS, json_schema, main, schema_text
from tests.definitions.small import fresh

FOLDER = Path(__file__).parents[2] / "docs" / "schemas"
PRESET = Path(__file__).parents[2] / "questionnaires" / "changshou"

EXAMPLES = [
    ("questionnaire", "resident"),
    ("questionnaire", "organisation"),
    ("scheme", "scheme"),
    ("roster", "roster"),
    ("crosswalk", "crosswalk"),
    ("evaluation", "evaluation"),
]


class _Core(yaml.SafeLoader):
    """YAML as editors read it: days stay texts."""


_Core.yaml_implicit_resolvers = {
    first: [(tag, pattern) for tag, pattern in found if not tag.endswith(":timestamp")]
    for first, found in yaml.SafeLoader.yaml_implicit_resolvers.items()
}


@pytest.mark.parametrize("name", DOCUMENTS)
def test_the_schema_in_docs_is_up_to_date(name: str) -> None:
    path = FOLDER / f"{name}.schema.json"
    assert path.read_text(encoding="utf-8") == schema_text(name), (
        "运行 python -m evalkit.definitions.schemas docs/schemas"
    )


def test_there_is_no_other_schema_in_docs() -> None:
    assert {p.name for p in FOLDER.iterdir()} == {f"{name}.schema.json" for name in DOCUMENTS}


def _properties(schema: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    for part in (schema, *schema.get("$defs", {}).values()):
        yield from part["properties"].items()


@pytest.mark.parametrize("name", DOCUMENTS)
def test_every_property_is_explained_in_chinese(name: str) -> None:
    schema = json_schema(name)
    jsonschema.Draft202012Validator.check_schema(schema)
    assert any("\u4e00" <= letter <= "\u9fff" for letter in schema["description"])
    for key, value in _properties(schema):
        for text in (value.get("title", ""), value.get("description", "")):
            assert any("\u4e00" <= letter <= "\u9fff" for letter in text), key


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_a_valid_document_satisfies_its_schema(name: str, example: str) -> None:
    jsonschema.validate(fresh(example), json_schema(name))


@pytest.mark.parametrize(("name", "example"), EXAMPLES)
def test_an_unknown_key_and_a_missing_key_do_not(name: str, example: str) -> None:
    schema = json_schema(name)
    unknown = fresh(example) | {"unknown": 1}
    required = schema["required"][0]
    missing = {key: value for key, value in fresh(example).items() if key != required}
    for broken in (unknown, missing):
        with pytest.raises(jsonschema.ValidationError):
            jsonschema.validate(broken, schema)


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("scheme", "scheme.yaml"),
        ("questionnaire", "resident.yaml"),
        ("questionnaire", "organisation.yaml"),
        ("actions", "actions.yaml"),
        ("evaluation", "evaluation.yaml"),
    ],
)
def test_the_shipped_preset_satisfies_its_schema(name: str, file: str) -> None:
    data = yaml.load((PRESET / file).read_text(encoding="utf-8"), _Core)
    jsonschema.validate(data, json_schema(name))


def test_the_command_writes_all_schemas(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path / "schemas")]) == 0
    written = sorted((tmp_path / "schemas").iterdir())
    assert capsys.readouterr().out.splitlines() == [
        str(tmp_path / "schemas" / f"{name}.schema.json") for name in DOCUMENTS
    ]
    assert [json.loads(p.read_text(encoding="utf-8"))["title"] for p in written] == sorted(
        DOCUMENTS
    )
    assert main([]) == 2
