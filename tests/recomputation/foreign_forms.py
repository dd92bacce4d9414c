"""Files that do not look like the questionnaire: crosswalks for them, and exports by number."""

from __future__ import annotations

import hashlib
from pathlib import Path

from tests.recomputation.streets import (
    LABELS,
    NEEDS,
    PLATFORM,
    RESIDENT,
    SATISFACTION,
    write_yaml,
)

SEXES = ("男", "女")
AGES = ("青年", "中年", "老年")


def crosswalk(
    root: Path,
    questionnaire: str,
    header: list[str],
    items: list[str | None],
    variant: str,
    *,
    platform: str = "wenjuanxing",
    reversed_items: tuple[str, ...] = (),
    values: dict[str, dict[str, str | None]] | None = None,
    subjects: dict[str, str | None] | None = None,
) -> None:
    """Write an approved crosswalk; it is found by the fingerprint of the header it was made for."""
    if len(items) < len(header):
        items = [*[None] * (len(header) - len(items)), *items]
    layout = hashlib.sha256("\x1f".join((platform, *header)).encode()).hexdigest()[:16]
    write_yaml(
        root / f"crosswalks/{questionnaire}.yaml",
        {
            "id": questionnaire,
            "questionnaire": questionnaire,
            "layout": layout,
            "variant": variant,
            "approved": True,
            "columns": [
                {"column": at, "header": text, "item": item}
                | ({"reversed": True} if item in reversed_items else {})
                for at, (text, item) in enumerate(zip(header, items, strict=True), start=1)
            ],
            "values": values or {},
            "subjects": subjects or {},
        },
    )


def numbered() -> dict[str, object]:
    items = [
        {**item, "number": at}
        | ({"stem": "办事怎么样", "number": 3} if item["id"] in ("r1", "r2", "r3") else {})
        for at, item in enumerate(RESIDENT["items"], start=1)
    ]
    return {**RESIDENT, "scales": {"satisfaction": SATISFACTION}, "items": items}


def number_headers(style: str) -> list[str]:
    first = {"old": "3、办事怎么样—办事方便", "new": "3、办事怎么样—办事方便 (矩阵单选题 *必答)"}
    second = {"old": ["办事耐心", "办事公道"], "new": ["3、办事耐心", "3、办事公道"]}
    needs = {
        "old": [f"第9题({need})" for need in NEEDS],
        "new": [f"9. 最盼的事（可多选）({NEEDS[0]})", *(f"9 ({need})" for need in NEEDS[1:])],
    }
    return [
        *PLATFORM,
        "1、是否住满半年 (单选题 *必答)" if style == "new" else "1、是否住满半年",
        "2、所在居民区 ",
        first[style],
        *second[style],
        "6、经常走访 ",
        "7、环境整洁 ",
        "8、总体满意 ",
        *needs[style],
        "10、希望改进什么",
        "11、性别",
        "12、年龄",
    ]


def by_number(row: list[str]) -> list[str]:
    numbers = {label: str(at) for at, label in enumerate(LABELS, start=1)}
    numbers |= {"是": "1", "(空)": "-2", "(跳过)": "-3"}
    numbers |= {word: str(at) for at, word in enumerate(SEXES, 1)}
    numbers |= {word: str(at) for at, word in enumerate(AGES, 1)}
    chosen = row[12]
    needs = ["-3" if chosen == "(跳过)" else str(int(need in chosen)) for need in NEEDS]
    scale = [numbers[cell] for cell in row[6:10]]
    wish = row[13] if row[13] != "(空)" else "-2"
    return [
        *row[:4], numbers[row[4]], row[5], *scale, row[10], numbers[row[11]], *needs, wish,
        numbers[row[14]], numbers[row[15]],
    ]  # fmt: skip
