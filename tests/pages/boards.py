"""The dashboard's data as they lie in its file, with texts where the file has their numbers."""

from __future__ import annotations

import base64
import json
import re
import zlib
from typing import Any


def of_page(page: str) -> dict[str, Any]:
    """What a whole page's data say."""
    found = re.search(r'id="data">([^<]*)</script>', page)
    assert found is not None
    return content(found[1])


def unzipped(text: str) -> str:
    """The JSON of a page's data, which are deflated and in base64."""
    return zlib.decompress(base64.b64decode(text)).decode()


def content(text: str) -> dict[str, Any]:
    """What the page's data say."""
    data: dict[str, Any] = json.loads(unzipped(text))
    texts = data.pop("texts")
    return {name: _whole(value, texts) for name, value in data.items()}


def _whole(value: Any, texts: list[str]) -> Any:
    if isinstance(value, list):
        return [_whole(entry, texts) for entry in value]
    if not isinstance(value, dict):
        return value
    if value.keys() != {"columns", "rows"}:
        return {name: _whole(entry, texts) for name, entry in value.items()}
    shared = [column.endswith("#") for column in value["columns"]]
    return {
        "columns": [column.rstrip("#") for column in value["columns"]],
        "rows": [
            [texts[v] if own else v for v, own in zip(row, shared, strict=True)]
            for row in value["rows"]
        ],
    }
