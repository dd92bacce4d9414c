"""JSON Schemas of all documents, for editors that complete and check YAML while it is typed.

``python -m evalkit.definitions.schemas docs/schemas`` writes them.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from pydantic.json_schema import GenerateJsonSchema, JsonSchemaValue
from pydantic_core import core_schema

from evalkit.definitions.actions import ActionLibrary
from evalkit.definitions.city import City, CityRoster, Streets
from evalkit.definitions.claims import Claims
from evalkit.definitions.crosswalk import Crosswalk
from evalkit.definitions.documents import Document
from evalkit.definitions.evaluation import EvaluationOrder
from evalkit.definitions.ledger import Ledger
from evalkit.definitions.persons import Persons
from evalkit.definitions.questionnaire import Questionnaire
from evalkit.definitions.roster import Roster
from evalkit.definitions.scheme import Scheme
from evalkit.definitions.themes import Themes
from evalkit.definitions.words import WORDS

DOCUMENTS: dict[str, tuple[type[Document], str]] = {
    "questionnaire": (Questionnaire, "问卷：问什么、有哪些选项、每个选项多少分"),
    "scheme": (Scheme, "评估方案：答卷怎样变成得分、名次和等第"),
    "roster": (Roster, "名册：全部评估对象及其名称"),
    "persons": (Persons, "人员名册：个人评价中的每个人，所在居民区和岗位"),
    "crosswalk": (
        Crosswalk,
        "对照表：一个文件的列和取值对应问卷的哪道题、哪个选项，或台账的哪一列",
    ),
    "ledger": (Ledger, "台账：一张表有哪些列，由记录算出哪些度量"),
    "actions": (ActionLibrary, "措施库：每个指标可以做什么、谁来做、多久做完、怎样看出见效"),
    "themes": (Themes, "主题词表：开放题的答案按哪些主题计数"),
    "claims": (Claims, "公布的数：街道公布过哪些数，各自怎样重新算出来"),
    "evaluation": (EvaluationOrder, "任务书 evaluation.yaml：批次、文件、方案和名册"),
    "city": (City, "城市 city.yaml：各街道共用什么，跨街道比什么"),
    "streets": (Streets, "街道名单：全市有哪些街道"),
    "committees": (CityRoster, "全市名册：名册多一列街道"),
}
"""By file name: the document and what it is."""

DIALECT = "https://json-schema.org/draft/2020-12/schema"


class _Generator(GenerateJsonSchema):
    """Texts may be typed without quotes even where they look like numbers."""

    def str_schema(self, schema: core_schema.StringSchema) -> JsonSchemaValue:
        return super().str_schema(schema) | {"type": ["string", "number"]}

    def float_schema(self, schema: core_schema.FloatSchema) -> JsonSchemaValue:
        return super().float_schema(schema) | {"type": "number"}


def json_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a document, with Chinese titles and descriptions.

    Parameters
    ----------
    name : str
        A key of `DOCUMENTS`.
    """
    model, description = DOCUMENTS[name]
    schema = model.model_json_schema(schema_generator=_Generator)
    for part in (schema, *schema.get("$defs", {}).values()):
        part.pop("title", None)
        part.pop("description", None)
        for key, value in part.get("properties", {}).items():
            _explain_codes(key, value)
    return {"$schema": DIALECT, "title": name, "description": description, **schema}


def schema_text(name: str) -> str:
    """Return the JSON Schema of a document as the text of its file."""
    return json.dumps(json_schema(name), ensure_ascii=False, indent=2) + "\n"


def write_schemas(folder: Path) -> tuple[Path, ...]:
    """Write every document's schema into a folder; return the files."""
    folder.mkdir(parents=True, exist_ok=True)
    written = []
    for name in DOCUMENTS:
        path = folder / f"{name}.schema.json"
        path.write_text(schema_text(name), encoding="utf-8")
        written.append(path)
    return tuple(written)


def _explain_codes(key: str, value: dict[str, Any]) -> None:
    """Add the Chinese words of the codes that a property allows."""
    choices = next((s["enum"] for s in (value, *value.get("anyOf", ())) if "enum" in s), None)
    if choices is not None and set(choices) <= set(WORDS.get(key, ())):
        words = "；".join(f"{code} {WORDS[key][code]}" for code in choices)
        value["description"] = f"{value.get('description', '')}（{words}）"


def main(arguments: list[str]) -> int:
    """Write the schemas into the folder that is named."""
    if len(arguments) != 1:
        print("用法: python -m evalkit.definitions.schemas 文件夹", file=sys.stderr)
        return 2
    for path in write_schemas(Path(arguments[0])):
        print(path)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
