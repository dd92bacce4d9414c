"""What the columns of the frame ``lineage`` are called and mean: heading, meaning."""

from __future__ import annotations

from collections.abc import Mapping

LINEAGE_COLUMNS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("lineage", "component"): ("归在", "这一组变动列在哪个评估对象名下（编号）"),
    ("lineage", "before"): ("变动前", "较早的批次里是哪些评估对象（编号，分号隔开）"),
    ("lineage", "after"): ("变动后", "较晚的批次里是哪些评估对象（编号，分号隔开）"),
    ("lineage", "kind"): ("变动", "两次之间发生了什么"),
    ("lineage", "comparable"): (
        "名次可比",
        "两次是不是同一个评估对象；不是的只比合起来的得分，名次不可比",
    ),
    ("lineage", "reason"): ("怎样比较", "照常比较、合起来比较，或为什么不可比"),
    ("lineage", "weights"): ("合起来怎么计", "合并计算时各评估对象的权数；空格为不用合并计算"),
    ("lineage", "documents"): ("文号", "批准变动的文件，分号隔开"),
}
"""By table and column."""
