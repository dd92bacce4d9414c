"""What the columns of the frame ``rollup`` are called and mean: heading, meaning, number format."""

from __future__ import annotations

from collections.abc import Mapping

WHOLE, SCORE, FINE = "#,##0", "0.0", "0.00"

UNITS_TERMS: Mapping[str, tuple[str, str] | tuple[str, str, str]] = {
    "grouping": ("分法", "哪一级，或名册里的哪种分法；all 为{street}"),
    "members": ("个数", "汇总自多少个{subject}；{subject}以下的单位为空格", WHOLE),
    "suppressed": ("不公布", "人太少，或公布了就能推算出不公布的数"),
}
"""By column, where it means the same in every table."""

UNITS_COLUMNS: Mapping[tuple[str, str], tuple[str, str] | tuple[str, str, str]] = {
    ("rollup", "unit"): ("单位", "名册中的代码，或该分法的取值；all 为{street}"),
    ("rollup", "name"): ("名称", "单位的名称"),
    ("rollup", "n"): ("份数", "{subject}以下的单位：有效答卷；空格为不公布或不适用", WHOLE),
    ("rollup", "mean"): ("得分", "按规定的权数汇总，分；空格为不公布", SCORE),
    ("rollup", "se"): ("标准误", "得分的标准误，分；同一评价人造成的牵连已计入", FINE),
    ("rollup", "rank"): ("名次", "总分在同一级单位里的名次", WHOLE),
    ("rollup", "rank_low"): ("名次范围上端", "整级单位同时成立的名次范围，最好到第几", WHOLE),
    ("rollup", "rank_high"): ("名次范围下端", "整级单位同时成立的名次范围，最差到第几", WHOLE),
}
"""By table and column."""
